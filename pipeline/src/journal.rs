//! The record of what is done, which lets a killed run be continued.

use crate::error::RunError;
use efface_schema::{InstanceOutcome, Status, parse_json, sha256_hex, to_json_line};
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// Where the finished outcomes of a run are, in the order in which they were finished.
pub(crate) struct Journal {
    path: PathBuf,
    file: Mutex<File>,
}

impl Journal {
    /// Opens the journal of a run and tells which outcomes still hold: the result is there, byte for byte.
    ///
    /// # Errors
    /// When it cannot be read, or was written by a newer program.
    pub(crate) fn open(path: &Path, outputs: &Path, review: &Path) -> Result<(Self, Vec<usize>), RunError> {
        let mut done = Vec::new();
        let mut valid_bytes = 0_u64;
        if path.exists() {
            let mut reader = BufReader::new(File::open(path).map_err(RunError::io("open the journal"))?);
            let mut line = String::new();
            while reader.read_line(&mut line).map_err(RunError::io("read the journal"))? > 0 {
                // A line without its end was being written when the run was killed.
                if !line.ends_with('\n') {
                    break;
                }
                let outcome: InstanceOutcome = parse_json(&line)?;
                if still_holds(&outcome, outputs, review) {
                    done.push(usize::try_from(outcome.index).unwrap_or(usize::MAX));
                }
                valid_bytes += line.len() as u64;
                line.clear();
            }
        }
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path)
            .and_then(|mut file| {
                file.set_len(valid_bytes)?;
                file.seek(SeekFrom::End(0))?;
                Ok(file)
            })
            .map_err(RunError::io("open the journal"))?;
        Ok((Self { path: path.to_owned(), file: Mutex::new(file) }, done))
    }

    /// Adds an outcome.
    ///
    /// # Errors
    /// When the file system refuses.
    pub(crate) fn record(&self, outcome: &InstanceOutcome) -> Result<(), RunError> {
        let line = to_json_line(outcome);
        let mut file = self.file.lock().expect("nothing panics while the journal is locked");
        file.write_all(line.as_bytes()).map_err(RunError::io("write the journal"))
    }

    /// Writes the outcomes in order of index and ends the journal. Calls `each` with every outcome.
    ///
    /// # Errors
    /// When the file system refuses.
    pub(crate) fn finish(self, decisions: &Path, mut each: impl FnMut(&InstanceOutcome)) -> Result<(), RunError> {
        let positions = self.positions()?;
        let mut source = File::open(&self.path).map_err(RunError::io("open the journal"))?;
        let partial = decisions.with_extension("partial");
        let mut to = BufWriter::new(File::create(&partial).map_err(RunError::io("write the decisions"))?);
        for (offset, n_bytes) in positions.into_values() {
            let mut line = vec![0_u8; n_bytes];
            source.seek(SeekFrom::Start(offset)).map_err(RunError::io("read the journal"))?;
            source.read_exact(&mut line).map_err(RunError::io("read the journal"))?;
            to.write_all(&line).map_err(RunError::io("write the decisions"))?;
            let text = String::from_utf8(line).expect("JSON lines are UTF-8");
            each(&parse_json(&text)?);
        }
        to.into_inner().map_err(|error| RunError::io("write the decisions")(error.into_error()))?;
        fs::rename(&partial, decisions).map_err(RunError::io("write the decisions"))?;
        fs::remove_file(&self.path).map_err(RunError::io("end the journal"))
    }

    /// Where the last line about each input is.
    fn positions(&self) -> Result<BTreeMap<u64, (u64, usize)>, RunError> {
        #[derive(serde::Deserialize)]
        struct Index {
            index: u64,
        }
        let mut reader = BufReader::new(File::open(&self.path).map_err(RunError::io("open the journal"))?);
        let mut positions = BTreeMap::new();
        let mut offset = 0;
        let mut line = String::new();
        loop {
            let n_bytes = reader.read_line(&mut line).map_err(RunError::io("read the journal"))?;
            if n_bytes == 0 {
                return Ok(positions);
            }
            if let Ok(Index { index }) = serde_json::from_str(&line) {
                positions.insert(index, (offset, n_bytes));
            }
            offset += n_bytes as u64;
            line.clear();
        }
    }
}

fn still_holds(outcome: &InstanceOutcome, outputs: &Path, review: &Path) -> bool {
    let folder = match outcome.status {
        Status::Deidentified => outputs,
        Status::NeedsReview => review,
        Status::Quarantined => return true,
    };
    let (Some(output), Some(expected)) = (&outcome.output, &outcome.output_sha256) else { return false };
    fs::read(folder.join(output)).is_ok_and(|bytes| sha256_hex(&bytes) == *expected)
}

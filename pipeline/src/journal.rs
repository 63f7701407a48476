//! The record of what is done, which lets a killed run be continued.

use crate::error::RunError;
use efface_schema::{FormatError, InstanceOutcome, Status, Versioned, parse_json, sha256_hex};
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// Where the finished outcomes of a run are, in the order in which they were finished.
pub(crate) struct Journal {
    path: PathBuf,
    lines: Mutex<Lines>,
}

/// The journal's file, and where in it the last line about each input is.
struct Lines {
    file: File,
    end: u64,
    positions: BTreeMap<u64, (u64, usize)>,
}

/// What the summary of a run needs to know of an outcome.
#[derive(Deserialize)]
pub(crate) struct JournalEntry<'a> {
    /// How it ended.
    pub status: Status,
    /// Why it is not simply de-identified.
    #[serde(borrow)]
    pub reasons: Vec<Cow<'a, str>>,
    /// The result's name.
    #[serde(borrow, default)]
    pub output: Option<Cow<'a, str>>,
    /// Hash of the result's bytes.
    #[serde(borrow, default)]
    pub output_sha256: Option<Cow<'a, str>>,
}

impl<'a> JournalEntry<'a> {
    /// Reads the beginning of a line that this program wrote: the decisions, its long last part, are not looked at.
    fn parse(line: &str, head: &'a mut String) -> Result<Self, FormatError> {
        // Quotes inside a string are escaped, so that this is a key wherever it stands.
        const DECISIONS: &str = ",\"decisions\":[";
        head.clear();
        match line.split_once(DECISIONS) {
            Some((before, _)) => {
                head.push_str(before);
                head.push('}');
            }
            None => head.push_str(line),
        }
        serde_json::from_str(head).map_err(|error| FormatError::Malformed {
            name: InstanceOutcome::NAME,
            line: error.line(),
            column: error.column(),
        })
    }
}

impl Journal {
    /// Opens the journal of a run and tells which outcomes still hold: the result is there, byte for byte.
    ///
    /// An outcome whose result was not hashed cannot be checked, and does not hold: the instance is handled again.
    ///
    /// # Errors
    /// When it cannot be read, or was written by a newer program.
    pub(crate) fn open(path: &Path, outputs: &Path, review: &Path) -> Result<(Self, Vec<usize>), RunError> {
        let mut done = Vec::new();
        let mut end = 0_u64;
        let mut positions = BTreeMap::new();
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
                positions.insert(outcome.index, (end, line.len()));
                end += line.len() as u64;
                line.clear();
            }
        }
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(path)
            .and_then(|mut file| {
                file.set_len(end)?;
                file.seek(SeekFrom::End(0))?;
                Ok(file)
            })
            .map_err(RunError::io("open the journal"))?;
        Ok((Self { path: path.to_owned(), lines: Mutex::new(Lines { file, end, positions }) }, done))
    }

    /// Adds an outcome.
    ///
    /// # Errors
    /// When the file system refuses.
    pub(crate) fn record(&self, outcome: &InstanceOutcome) -> Result<(), RunError> {
        let line = outcome.to_line();
        let mut lines = self.lines.lock().expect("nothing panics while the journal is locked");
        lines.file.write_all(line.as_bytes()).map_err(RunError::io("write the journal"))?;
        let position = (lines.end, line.len());
        lines.positions.insert(outcome.index, position);
        lines.end += line.len() as u64;
        Ok(())
    }

    /// Writes the outcomes in order of index and ends the journal. Calls `each` with every outcome.
    ///
    /// # Errors
    /// When the file system refuses.
    pub(crate) fn finish(self, decisions: &Path, mut each: impl FnMut(&JournalEntry<'_>)) -> Result<(), RunError> {
        let Lines { mut file, positions, .. } =
            self.lines.into_inner().expect("nothing panics while the journal is locked");
        let partial = decisions.with_extension("partial");
        let to = File::create(&partial).map_err(RunError::io("write the decisions"))?;
        let mut to = BufWriter::with_capacity(64 * 1024, to);
        let (mut bytes, mut head) = (Vec::new(), String::new());
        for (offset, n_bytes) in positions.into_values() {
            bytes.resize(n_bytes, 0);
            file.seek(SeekFrom::Start(offset)).map_err(RunError::io("read the journal"))?;
            file.read_exact(&mut bytes).map_err(RunError::io("read the journal"))?;
            to.write_all(&bytes).map_err(RunError::io("write the decisions"))?;
            let line = std::str::from_utf8(&bytes).expect("JSON lines are UTF-8");
            each(&JournalEntry::parse(line, &mut head)?);
        }
        to.into_inner().map_err(|error| RunError::io("write the decisions")(error.into_error()))?;
        fs::rename(&partial, decisions).map_err(RunError::io("write the decisions"))?;
        fs::remove_file(&self.path).map_err(RunError::io("end the journal"))
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

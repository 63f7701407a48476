//! The way back from new identifiers to old ones, where the user asks for it.

use crate::apply::Replaced;
use crate::error::RunError;
use crate::key::{create_private, create_private_folder};
use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// Collects pairs of old and new identifiers in files that only their owner can read.
pub(crate) struct Crosswalk {
    folder: PathBuf,
    partial: Mutex<File>,
}

const KINDS: [&str; 3] = ["paths", "uids", "patients"];

/// Opens the pairs of a killed run without the row that was being written.
fn reopen(path: &Path) -> std::io::Result<File> {
    let bytes = fs::read(path)?;
    let n_whole = bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |end| end + 1);
    let mut file = OpenOptions::new().write(true).open(path)?;
    file.set_len(n_whole as u64)?;
    file.seek(SeekFrom::End(0))?;
    Ok(file)
}

impl Crosswalk {
    /// Opens the crosswalk of a run, new or to be continued.
    ///
    /// # Errors
    /// When the file system refuses.
    pub(crate) fn open(folder: &Path) -> Result<Self, RunError> {
        let refused = "open the crosswalk";
        create_private_folder(folder).map_err(RunError::io(refused))?;
        let path = folder.join("pairs.partial");
        let file = if path.exists() { reopen(&path) } else { create_private(&path) };
        Ok(Self { folder: folder.to_owned(), partial: Mutex::new(file.map_err(RunError::io(refused))?) })
    }

    /// Turns the mappings of a finished run back into pairs, so that the run can be opened again.
    ///
    /// # Errors
    /// When a mapping cannot be read or the file system refuses.
    pub(crate) fn reopen_finished(folder: &Path) -> Result<(), RunError> {
        let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
        for kind in KINDS {
            let mut reader = csv::Reader::from_path(folder.join(format!("{kind}.csv")))
                .map_err(|_| RunError::Resume("the crosswalk of the finished run cannot be read"))?;
            for pair in reader.deserialize::<(String, String)>() {
                let (old, new) = pair.map_err(|_| RunError::Resume("the crosswalk of the finished run is damaged"))?;
                writer.write_record([kind, &old, &new]).expect("writing to memory does not fail");
            }
        }
        let bytes = writer.into_inner().expect("writing to memory does not fail");
        let path = folder.join("pairs.partial");
        let _ = fs::remove_file(&path);
        let mut file = create_private(&path).map_err(RunError::io("open the crosswalk"))?;
        file.write_all(&bytes).map_err(RunError::io("write the crosswalk"))
    }

    /// Notes what an instance's identifiers became.
    ///
    /// # Errors
    /// When the file system refuses.
    pub(crate) fn note(&self, replaced: &Replaced, old_path: &str, new_path: &str) -> Result<(), RunError> {
        let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
        let mut row = |kind: &str, old: &str, new: &str| {
            writer.write_record([kind, old, new]).expect("writing to memory does not fail");
        };
        row("paths", old_path, new_path);
        replaced.uids.iter().for_each(|(old, new)| row("uids", old.expose(), new));
        replaced.identifiers.iter().for_each(|(old, new)| row("patients", old.expose(), new));
        let bytes = writer.into_inner().expect("writing to memory does not fail");
        let mut file = self.partial.lock().expect("nothing panics while the crosswalk is locked");
        file.write_all(&bytes).map_err(RunError::io("write the crosswalk"))
    }

    /// Writes the three mappings, sorted and without repetition.
    ///
    /// # Errors
    /// When the file system refuses.
    pub(crate) fn finish(self) -> Result<(), RunError> {
        let path = self.folder.join("pairs.partial");
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_path(&path)
            .map_err(|_| RunError::Resume("the crosswalk's pairs cannot be read"))?;
        let mut pairs: BTreeSet<(String, String, String)> = BTreeSet::new();
        for pair in reader.deserialize() {
            pairs.insert(pair.map_err(|_| RunError::Resume("the crosswalk's pairs are damaged"))?);
        }
        for kind in KINDS {
            self.write_mapping(kind, &pairs)?;
        }
        fs::remove_file(path).map_err(RunError::io("end the crosswalk"))
    }

    fn write_mapping(&self, kind: &str, pairs: &BTreeSet<(String, String, String)>) -> Result<(), RunError> {
        let path = self.folder.join(format!("{kind}.csv"));
        let _ = fs::remove_file(&path);
        let file = create_private(&path).map_err(RunError::io("write the crosswalk"))?;
        let mut writer = csv::Writer::from_writer(file);
        let failed = |error: csv::Error| RunError::io("write the crosswalk")(error.into());
        writer.write_record(["id_old", "id_new"]).map_err(failed)?;
        for (_, old, new) in pairs.iter().filter(|pair| pair.0 == kind) {
            writer.write_record([old, new]).map_err(failed)?;
        }
        writer.flush().map_err(RunError::io("write the crosswalk"))
    }
}

//! Listing folders.

use crate::error::EvaluationError as Error;
use std::path::{Path, PathBuf};

/// A file below a folder.
pub(crate) struct Listed {
    pub path: PathBuf,
    /// Relative to the folder, with `/`.
    pub name: String,
}

/// All files below a folder, hidden ones left out, in order of name.
pub(crate) fn list_files(folder: &Path, what: &'static str) -> Result<Vec<Listed>, Error> {
    let is_shown =
        |entry: &walkdir::DirEntry| entry.depth() == 0 || !entry.file_name().to_string_lossy().starts_with('.');
    let mut files = Vec::new();
    for entry in walkdir::WalkDir::new(folder).into_iter().filter_entry(is_shown) {
        let entry = entry.map_err(|error| Error::Read {
            what,
            source: error.into_io_error().unwrap_or_else(|| std::io::Error::other("a loop of links")),
        })?;
        if entry.file_type().is_file() {
            let relative = entry.path().strip_prefix(folder).unwrap_or(entry.path());
            let name = relative.to_string_lossy().replace('\\', "/");
            files.push(Listed { path: entry.into_path(), name });
        }
    }
    files.sort_by(|left, right| left.name.cmp(&right.name));
    Ok(files)
}

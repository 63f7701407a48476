//! The files of a folder that are one text each.

use super::TextError;
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

/// The files below a folder whose names end in an extension, in the order of their names; or one file.
#[derive(Debug)]
pub(super) struct Documents {
    root: PathBuf,
    extension: &'static str,
    walk: walkdir::IntoIter,
    n_found: u64,
}

impl Documents {
    /// Begins a walk.
    pub(super) fn open(path: &Path, extension: &'static str) -> Result<Self, TextError> {
        std::fs::metadata(path).map_err(|source| TextError::Open { path: path.to_owned(), source })?;
        let walk = WalkDir::new(path).sort_by_file_name().into_iter();
        Ok(Self { root: path.to_owned(), extension, walk, n_found: 0 })
    }

    /// What the walk began with.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    fn is_wanted(&self, entry: &walkdir::DirEntry) -> bool {
        let ends_so = entry.path().extension().is_some_and(|extension| extension.eq_ignore_ascii_case(self.extension));
        // A file that is named by itself is taken whatever it is called.
        entry.file_type().is_file() && (ends_so || entry.depth() == 0)
            || entry.path_is_symlink() && entry.depth() == 0 && entry.path().is_file()
    }
}

impl Iterator for Documents {
    type Item = Result<PathBuf, TextError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.walk.next() {
                Some(Ok(entry)) if self.is_wanted(&entry) => {
                    self.n_found += 1;
                    return Some(Ok(entry.into_path()));
                }
                Some(Ok(_)) => {}
                Some(Err(error)) => {
                    let path = error.path().unwrap_or(&self.root).to_owned();
                    return Some(Err(TextError::Read { path, line: 0, source: error.into() }));
                }
                None if self.n_found == 0 => {
                    self.n_found = 1;
                    return Some(Err(TextError::Empty { path: self.root.clone(), extension: self.extension }));
                }
                None => return None,
            }
        }
    }
}

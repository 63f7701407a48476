//! What can be wrong with labelled texts.

use std::path::{Path, PathBuf};

/// Labelled texts could not be read. Holds no word of a text.
#[derive(Debug, thiserror::Error)]
pub enum TextError {
    /// A file or folder could not be opened.
    #[error("open {}: check the path and its permissions", path.display())]
    Open {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A folder has no file of the format.
    #[error("find labelled texts in {}: there is no file whose name ends in .{extension}", path.display())]
    Empty {
        /// Which folder.
        path: PathBuf,
        /// What files of the format end in, without the dot.
        extension: &'static str,
    },
    /// Reading broke off.
    #[error("read {}, after line {line}", path.display())]
    Read {
        /// Which file or folder.
        path: PathBuf,
        /// The last line that could be read; 0 for none.
        line: u64,
        /// Why.
        source: std::io::Error,
    },
    /// A file is not of its format.
    #[error("read {}, line {line}: {fault}", path.display())]
    Malformed {
        /// Which file.
        path: PathBuf,
        /// Which line, counted from 1.
        line: u64,
        /// What is wrong, and what mends it.
        fault: String,
    },
}

impl TextError {
    pub(super) fn malformed(path: &Path, line: u64, fault: impl Into<String>) -> Self {
        Self::Malformed { path: path.to_owned(), line, fault: fault.into() }
    }
}

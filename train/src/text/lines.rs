//! Lines of a file, one at a time, with their numbers.

use super::{MAX_TEXT_BYTES, TextError};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// The lines of a file in UTF-8.
#[derive(Debug)]
pub(super) struct Lines {
    path: PathBuf,
    input: BufReader<File>,
    number: u64,
    bytes: Vec<u8>,
}

impl Lines {
    /// Opens a file.
    pub(super) fn open(path: &Path) -> Result<Self, TextError> {
        let refused = |source| TextError::Open { path: path.to_owned(), source };
        let file = File::open(path).map_err(refused)?;
        if file.metadata().map_err(refused)?.is_dir() {
            return Err(refused(std::io::ErrorKind::IsADirectory.into()));
        }
        Ok(Self { path: path.to_owned(), input: BufReader::new(file), number: 0, bytes: Vec::new() })
    }

    /// The file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The number of the line that was read last, counted from 1.
    pub(super) const fn number(&self) -> u64 {
        self.number
    }

    /// An error about the line that was read last.
    pub(super) fn fault(&self, fault: impl Into<String>) -> TextError {
        TextError::malformed(&self.path, self.number, fault)
    }

    /// The next line without its end, `\n` or `\r\n`.
    pub(super) fn next_line(&mut self) -> Result<Option<&str>, TextError> {
        self.bytes.clear();
        let n_read = self
            .input
            .by_ref()
            .take(MAX_TEXT_BYTES + 1)
            .read_until(b'\n', &mut self.bytes)
            .map_err(|source| TextError::Read { path: self.path.clone(), line: self.number, source })?;
        if n_read == 0 {
            return Ok(None);
        }
        self.number += 1;
        if n_read as u64 > MAX_TEXT_BYTES {
            return Err(self.fault("the line is longer than 16 MiB; cut its text into several"));
        }
        if std::str::from_utf8(&self.bytes).is_err() {
            return Err(self.fault("the line is not UTF-8; convert the file, for example with iconv"));
        }
        let line = std::str::from_utf8(&self.bytes).expect("it was checked");
        let line = line.strip_suffix('\n').unwrap_or(line);
        Ok(Some(line.strip_suffix('\r').unwrap_or(line)))
    }
}

/// Reads a file that is one text.
pub(super) fn read_document(path: &Path) -> Result<String, TextError> {
    let file = File::open(path).map_err(|source| TextError::Open { path: path.to_owned(), source })?;
    let mut bytes = Vec::new();
    file.take(MAX_TEXT_BYTES + 1).read_to_end(&mut bytes).map_err(|source| TextError::Read {
        path: path.to_owned(),
        line: 0,
        source,
    })?;
    if bytes.len() as u64 > MAX_TEXT_BYTES {
        return Err(TextError::malformed(path, 1, "the file is larger than 16 MiB; cut its text into several"));
    }
    String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let fault = "there is something that is not UTF-8; convert the file, for example with iconv";
        TextError::malformed(path, line_at(valid, valid.len()), fault)
    })
}

/// The number of the line that a byte stands in, counted from 1.
pub(super) fn line_at(bytes: &[u8], position: usize) -> u64 {
    1 + bytes[..position.min(bytes.len())].iter().filter(|byte| **byte == b'\n').count() as u64
}

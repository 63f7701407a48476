//! Writing files so that none is ever half there.

use crate::SynthError;
use sha2::{Digest, Sha256};
use std::fs;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// Makes sure that the folder is there and empty.
pub(crate) fn prepare(out: &Path) -> Result<(), SynthError> {
    let refused = |source| SynthError::OutputNotWritable { path: out.to_owned(), source };
    fs::create_dir_all(out).map_err(refused)?;
    // Permissions alone do not tell whether a file can be made here: a disk may be mounted to be read only.
    let probe = out.join(".probe");
    fs::write(&probe, []).and_then(|()| fs::remove_file(&probe)).map_err(refused)?;
    if fs::read_dir(out)?.next().is_some() {
        return Err(SynthError::OutputNotEmpty { path: out.to_owned() });
    }
    Ok(())
}

/// Writes a file under another name and renames it once it is whole.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), SynthError> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    let mut file = fs::File::create(&name)?;
    file.write_all(bytes)?;
    drop(file);
    fs::rename(&name, path)?;
    Ok(())
}

/// A file that is written bit by bit under another name and renamed once it is whole.
pub(crate) struct Stream {
    path: PathBuf,
    part: PathBuf,
    file: BufWriter<fs::File>,
    hasher: Sha256,
}

impl Stream {
    pub(crate) fn create(path: &Path) -> Result<Self, SynthError> {
        let mut part = path.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        let file = BufWriter::with_capacity(1 << 18, fs::File::create(&part)?);
        Ok(Self { path: path.to_owned(), part, file, hasher: Sha256::new() })
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), SynthError> {
        self.hasher.update(bytes);
        Ok(self.file.write_all(bytes)?)
    }

    /// Gives the file its name and returns the SHA-256 of what was written, in lower-case digits.
    pub(crate) fn finish(mut self) -> Result<String, SynthError> {
        self.file.flush()?;
        drop(self.file);
        fs::rename(&self.part, &self.path)?;
        Ok(self.hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

//! Writing files so that none is ever half there.

use crate::SynthError;
use efface_schema::{Sha256Hex, sha256_hex};
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// The checksums of all files but the manifest, in the form of `sha256sum`.
pub(crate) const CHECKSUMS: &str = "SHA256SUMS";

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

/// A file that is whole, with its hash.
pub(crate) struct Hashed {
    pub(crate) name: &'static str,
    pub(crate) sha256: Sha256Hex,
    pub(crate) n_bytes: u64,
}

impl Hashed {
    pub(crate) fn of(name: &'static str, bytes: &[u8]) -> Self {
        Self { name, sha256: sha256_hex(bytes), n_bytes: bytes.len() as u64 }
    }
}

/// A file under another name, hashed as it is written.
pub(crate) struct PartialFile {
    name: &'static str,
    partial: PathBuf,
    path: PathBuf,
    file: BufWriter<File>,
    hasher: Sha256,
    n_bytes: u64,
}

impl PartialFile {
    pub(crate) fn create(folder: &Path, name: &'static str) -> io::Result<Self> {
        let partial = folder.join(format!("{name}.part"));
        let file = BufWriter::with_capacity(256 * 1024, File::create(&partial)?);
        Ok(Self { name, partial, path: folder.join(name), file, hasher: Sha256::new(), n_bytes: 0 })
    }

    pub(crate) fn finish(self) -> io::Result<Hashed> {
        self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        fs::rename(&self.partial, &self.path)?;
        let sha256 = Sha256Hex::from_bytes(&self.hasher.finalize());
        Ok(Hashed { name: self.name, sha256, n_bytes: self.n_bytes })
    }
}

impl Write for PartialFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n_written = self.file.write(bytes)?;
        self.hasher.update(&bytes[..n_written]);
        self.n_bytes += n_written as u64;
        Ok(n_written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

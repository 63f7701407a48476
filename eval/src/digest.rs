//! Hashes of what is read and written, taken on the way.

use efface_schema::Sha256Hex;
use sha2::{Digest, Sha256};
use std::io::{self, Read, Write};

/// A reader or writer that knows the SHA-256 of all that went through it.
///
/// # Example
/// ```
/// use efface_eval::Digesting;
/// use std::io::{Read as _, Write as _};
/// let mut reader = Digesting::new(&b"rows"[..]);
/// reader.read_to_end(&mut Vec::new())?;
/// let mut writer = Digesting::new(Vec::new());
/// writer.write_all(b"rows")?;
/// assert_eq!(reader.sha256(), writer.sha256());
/// assert_eq!(reader.sha256(), efface_schema::sha256_hex(b"rows"));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Digesting<T> {
    inner: T,
    hasher: Sha256,
}

impl<T> Digesting<T> {
    /// Nothing went through it yet.
    pub fn new(inner: T) -> Self {
        Self { inner, hasher: Sha256::new() }
    }

    /// The hash of what went through it so far.
    pub fn sha256(&self) -> Sha256Hex {
        Sha256Hex::from_bytes(&self.hasher.clone().finalize())
    }
}

impl<T: Read> Read for Digesting<T> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n_read = self.inner.read(buffer)?;
        self.hasher.update(&buffer[..n_read]);
        Ok(n_read)
    }
}

impl<T: Write> Write for Digesting<T> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let n_written = self.inner.write(buffer)?;
        self.hasher.update(&buffer[..n_written]);
        Ok(n_written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

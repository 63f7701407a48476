//! Files that are there whole or not at all.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

/// Puts a file in place of another one, or of none: `write` fills a temporary file beside it, which is synchronized
/// with the disk and renamed. A reader sees the old content or the new one, and after a kill or a failure the old one
/// is still there. Two processes must not replace one file at the same time.
///
/// # Errors
/// Those of `write` and of the file system; the temporary file is removed then, if it can be.
///
/// # Example
/// ```
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("manifest.json");
/// efface_train::atomic::replace(&path, |file| std::io::Write::write_all(file, b"{}"))?;
/// assert_eq!(std::fs::read(&path)?, b"{}");
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn replace(path: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let mut temporary_name = OsString::from(".");
    temporary_name.push(name);
    temporary_name.push(".part");
    let temporary = path.with_file_name(temporary_name);
    let written = File::create(&temporary)
        .and_then(|mut file| {
            write(&mut file)?;
            file.flush()?;
            file.sync_all()
        })
        .and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        // The first failure is the one to be told.
        let _ = fs::remove_file(&temporary);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_leaves_the_old_content_and_nothing_beside_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.json");
        replace(&path, |file| file.write_all(b"old")).expect("it can be written");
        let failed = replace(&path, |file| {
            file.write_all(b"ne")?;
            Err(io::ErrorKind::StorageFull.into())
        });
        assert_eq!(failed.expect_err("it fails").kind(), io::ErrorKind::StorageFull);
        assert_eq!(fs::read(&path).expect("it is there"), b"old");
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }

    #[test]
    fn the_new_content_replaces_a_longer_old_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.json");
        fs::write(folder.path().join(".a.json.part"), "left by a kill").expect("a file");
        replace(&path, |file| file.write_all(b"a long content")).expect("it can be written");
        replace(&path, |file| file.write_all(b"short")).expect("it can be written");
        assert_eq!(fs::read(&path).expect("it is there"), b"short");
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }
}

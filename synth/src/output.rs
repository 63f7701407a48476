//! Writing files so that none is ever half there.

use crate::SynthError;
use std::fs;
use std::io::Write;
use std::path::Path;

/// Makes sure that the folder is there and empty.
pub(crate) fn prepare(out: &Path) -> Result<(), SynthError> {
    fs::create_dir_all(out)?;
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

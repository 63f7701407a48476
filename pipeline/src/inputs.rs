//! The list of inputs: every file below a folder, in an order that does not depend on the machine.

use crate::error::RunError;
use efface_schema::{Sha256Hex, sha256_hex};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

/// What stands at an input's path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputKind {
    /// A regular file.
    File,
    /// A folder that cannot be listed, a link, a socket: counted, never followed.
    Unreadable,
}

/// The inputs of a run. Folder names are stored once, so that millions of inputs fit into memory.
pub struct Inputs {
    root: PathBuf,
    folders: Vec<PathBuf>,
    files: Vec<Input>,
}

struct Input {
    folder_idx: u32,
    name: OsString,
    n_bytes: u64,
    kind: InputKind,
}

impl Inputs {
    /// Lists a folder, or a single file, in bytewise order of the relative paths.
    ///
    /// # Errors
    /// When the folder itself cannot be read.
    pub fn list(root: &Path) -> Result<Self, RunError> {
        if root.is_dir() {
            std::fs::read_dir(root).map_err(RunError::io("list the input folder"))?;
        } else if !root.is_file() {
            return Err(RunError::Folders("the input is neither a folder nor a file"));
        }
        let mut inputs = Self { root: root.to_owned(), folders: Vec::new(), files: Vec::new() };
        let mut folder_idxs: HashMap<PathBuf, u32> = HashMap::new();
        for entry in WalkDir::new(root).follow_links(false) {
            let (path, n_bytes, kind) = match entry {
                Ok(entry) if entry.file_type().is_dir() => continue,
                Ok(entry) if entry.file_type().is_file() => {
                    let n_bytes = entry.metadata().map_or(0, |metadata| metadata.len());
                    (entry.into_path(), n_bytes, InputKind::File)
                }
                Ok(entry) => (entry.into_path(), 0, InputKind::Unreadable),
                Err(error) => match error.path() {
                    Some(path) => (path.to_owned(), 0, InputKind::Unreadable),
                    None => return Err(RunError::io("list the input folder")(error.into())),
                },
            };
            let relative = path.strip_prefix(root).expect("a walk stays below its root");
            let folder = relative.parent().map(Path::to_owned).unwrap_or_default();
            let n_folders = u32::try_from(inputs.folders.len()).expect("fewer than 2^32 folders");
            let folder_idx = *folder_idxs.entry(folder).or_insert_with_key(|folder| {
                inputs.folders.push(folder.clone());
                n_folders
            });
            let name = relative.file_name().map(OsString::from).unwrap_or_default();
            inputs.files.push(Input { folder_idx, name, n_bytes, kind });
        }
        let folders = &inputs.folders;
        inputs.files.sort_by_cached_key(|file| {
            folders[file.folder_idx as usize].join(&file.name).as_os_str().as_bytes().to_vec()
        });
        Ok(inputs)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The path of an input.
    pub fn path(&self, index: usize) -> PathBuf {
        let relative = self.relative(index);
        if relative.as_os_str().is_empty() { self.root.clone() } else { self.root.join(relative) }
    }

    /// The path of an input below the folder.
    pub fn relative(&self, index: usize) -> PathBuf {
        let file = &self.files[index];
        self.folders[file.folder_idx as usize].join(&file.name)
    }

    /// What stands there.
    pub fn kind(&self, index: usize) -> InputKind {
        self.files[index].kind
    }

    /// Hash over names, sizes and order: a run is continued only over the same inputs.
    pub fn sha256(&self) -> Sha256Hex {
        let mut hasher = Sha256::new();
        for (index, file) in self.files.iter().enumerate() {
            // The hash of a name reveals no name, but a list of such hashes could be searched: only the whole is kept.
            hasher.update(sha256_hex(self.relative(index).as_os_str().as_bytes()).as_str());
            hasher.update(file.n_bytes.to_le_bytes());
        }
        Sha256Hex::from_bytes(&hasher.finalize())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn the_order_is_bytewise_over_the_whole_path() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["a/z", "a-b", "B", "a.dcm"] {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("below the folder")).expect("a folder");
            fs::write(path, b"x").expect("a file");
        }
        let inputs = Inputs::list(folder.path()).expect("a list");
        let names: Vec<String> = (0..inputs.len()).map(|idx| inputs.relative(idx).display().to_string()).collect();
        assert_eq!(names, ["B", "a-b", "a.dcm", "a/z"]);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_counted_and_not_followed() {
        let folder = tempfile::tempdir().expect("a folder");
        std::os::unix::fs::symlink("/etc/hostname", folder.path().join("link")).expect("a link");
        let inputs = Inputs::list(folder.path()).expect("a list");
        assert_eq!((inputs.len(), inputs.kind(0)), (1, InputKind::Unreadable));
    }
}

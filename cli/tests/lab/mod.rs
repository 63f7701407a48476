//! A folder in which the program is run as a shell runs it.

use std::path::PathBuf;
use std::process::{Command, Stdio};

/// A folder that goes when it is dropped. Each test file fills it in its own way.
pub(crate) struct Lab(tempfile::TempDir);

impl Lab {
    pub(crate) fn empty() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Exit code, standard output and standard error of the program in this folder; blanks part the arguments.
    pub(crate) fn efface(&self, arguments: &str) -> (i32, String, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_efface"))
            .args(arguments.split_whitespace())
            .current_dir(self.0.path())
            .stdin(Stdio::null())
            .output()
            .expect("the program starts");
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        (output.status.code().expect("no signal"), text(output.stdout), text(output.stderr))
    }
}

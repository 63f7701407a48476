//! What the process returns to the shell.

/// The exit codes of the `efface` command. They are part of its interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitCode {
    /// All was done, and nothing waits for a person.
    Success = 0,
    /// The command failed: nothing can be said about the instances it had not reached.
    Failure = 1,
    /// The command line, a settings file or a folder was refused before any work was done.
    Usage = 2,
    /// All instances were handled, and some wait for review or are in quarantine.
    Attention = 3,
    /// A gate was not passed: a score lies under its threshold or a case changed.
    Gate = 20,
    /// The user stopped the run; starting it again continues it.
    Interrupted = 130,
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code as u8)
    }
}

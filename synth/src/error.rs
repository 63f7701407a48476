//! What can go wrong.

use std::path::PathBuf;

/// A suite could not be made. Messages name the user's own settings file and folder, never a planted value.
#[derive(Debug, thiserror::Error)]
pub enum SynthError {
    /// The suite definition cannot be read.
    #[error("read the suite definition {}: {source}", path.display())]
    ReadOptions {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The suite definition has an unknown key, a missing one or a value of the wrong type.
    #[error("parse the suite definition {}, line {line}: {message}", path.display())]
    ParseOptions {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong, with the key.
        message: String,
    },
    /// A value of the suite definition makes no sense.
    #[error("use the suite definition: {key} must be {expected}")]
    InvalidOption {
        /// The key.
        key: String,
        /// What it must be.
        expected: &'static str,
    },
    /// The output folder holds something already.
    #[error("write the suite: the folder {} is not empty", path.display())]
    OutputNotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// The output folder cannot be made or written to.
    #[error("write to the folder {}: {source}", path.display())]
    OutputNotWritable {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The folder with the files to plant in cannot be listed.
    #[error("read the folder {}: {source}", path.display())]
    ReadInputs {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The output would stand among the inputs, or the other way round.
    #[error("write the suite: the folders of the files and of the suite lie inside each other")]
    FoldersOverlap,
    /// No file can be planted in.
    #[error("use the folder {}: identities can be planted in none of its {n_files} files", path.display())]
    NothingToInject {
        /// The folder.
        path: PathBuf,
        /// How many files it has.
        n_files: usize,
    },
    /// The mapping of patients has another form.
    #[error("read the mapping of patients {}, line {line}: expected {expected}", path.display())]
    PatientMapping {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What should stand there.
        expected: &'static str,
    },
    /// A file or folder of the suite cannot be written.
    #[error("write the suite: {source}")]
    Write {
        /// Why.
        #[from]
        source: std::io::Error,
    },
    /// An instance cannot be encoded.
    #[error("encode the instance {path} of the suite: {reason}")]
    Encode {
        /// The instance's path below the DICOM folder; all of a suite is invented.
        path: String,
        /// What the encoder says.
        reason: String,
    },
    /// The contact sheet cannot be drawn.
    #[error("draw the contact sheet: {reason}")]
    ContactSheet {
        /// What the decoder or the encoder says.
        reason: String,
    },
    /// The answer key cannot be written.
    #[error("write the answer key: {source}")]
    AnswerKey {
        /// Why.
        #[from]
        source: rusqlite::Error,
    },
    /// The worker threads cannot be started.
    #[error("start the worker threads: {source}")]
    Threads {
        /// Why.
        #[from]
        source: rayon::ThreadPoolBuildError,
    },
}

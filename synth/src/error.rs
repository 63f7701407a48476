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
        key: &'static str,
        /// What it must be.
        expected: &'static str,
    },
    /// The output folder holds something already.
    #[error("write the suite: the folder {} is not empty", path.display())]
    OutputNotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// A file or folder of the suite cannot be written.
    #[error("write the suite: {source}")]
    Write {
        /// Why.
        #[from]
        source: std::io::Error,
    },
    /// An instance cannot be encoded.
    #[error("encode instance {index} of the suite: {reason}")]
    Encode {
        /// The instance's place in the suite.
        index: usize,
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

//! What can go wrong between a folder with a model and its answers.

use std::path::PathBuf;
use thiserror::Error;

/// An error of this crate. No variant quotes a text that was read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum NetsError {
    /// A file cannot be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file cannot be written.
    #[error("cannot write {path}: {source}")]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file of a model does not say what it must.
    #[error("{path} is no valid {what}: {reason}")]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What it should be.
        what: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// A file of a model is not the one that was released.
    #[error(
        "{path} is not the file that the model was released with: its SHA-256 differs from {manifest}; fetch the model again"
    )]
    Changed {
        /// The file.
        path: PathBuf,
        /// The list of digests.
        manifest: PathBuf,
    },
    /// A text is longer than what the network reads at once.
    #[error("text {number}, counted from 0, has {tokens} tokens and the network reads {longest} at once: leave it out")]
    TooLong {
        /// Which text.
        number: usize,
        /// How many tokens it has, special ones included.
        tokens: usize,
        /// How many fit.
        longest: usize,
    },
    /// Passes with dropout are wanted of a network without dropout.
    #[error(
        "the model was trained without dropout (`hidden_dropout_prob` of its config.json is 0), so all passes would say the same: ask without passes, or train with `network.dropout` above 0"
    )]
    NoDropout,
    /// A frame has another number of pixels than its sides say.
    #[error("a frame of {width}x{height} has {n_pixels} pixels")]
    Frame {
        /// How many pixels it has.
        n_pixels: usize,
        /// Its columns.
        width: usize,
        /// Its rows.
        height: usize,
    },
    /// The device is not there.
    #[error("device {wanted} cannot be used: {reason}; `--device cpu` always works")]
    Device {
        /// What was asked for.
        wanted: String,
        /// Why not.
        reason: String,
    },
}

impl NetsError {
    /// What a failure to read a file is.
    pub fn reading(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Read { path: path.into(), source }
    }

    /// What a failure to write a file is.
    pub fn writing(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Write { path: path.into(), source }
    }

    pub(crate) fn invalid(path: impl Into<PathBuf>, what: &'static str, reason: impl ToString) -> Self {
        Self::Invalid { path: path.into(), what, reason: reason.to_string() }
    }
}

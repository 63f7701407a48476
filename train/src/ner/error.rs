//! What can go wrong while a network is trained.

use crate::text::TextError;
use efface_nets::NetsError;
use std::path::PathBuf;
use thiserror::Error;

/// An error of training. No variant quotes a text.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TrainError {
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
    /// A labelled text cannot be read.
    #[error(transparent)]
    Text(#[from] TextError),
    /// Texts that make no batches.
    #[error(transparent)]
    Batches(#[from] crate::batches::BatchError),
    /// A base, a vocabulary or a device.
    #[error(transparent)]
    Nets(#[from] NetsError),
    /// Settings that make no sense.
    #[error("{key}: {reason}")]
    Settings {
        /// The key.
        key: &'static str,
        /// What is wrong, and what would be right.
        reason: String,
    },
    /// A data set without texts.
    #[error("the {part} set holds no texts; give it a file that does")]
    Empty {
        /// Which set.
        part: &'static str,
    },
    /// A checkpoint that does not fit.
    #[error("{path} is no checkpoint of this training: {reason}; remove the folder to begin anew")]
    Checkpoint {
        /// The file.
        path: PathBuf,
        /// What does not fit.
        reason: String,
    },
    /// The loss is no number any more.
    #[error("the loss at step {step} is no number; the last good checkpoint is that of step {checkpoint}: lower the learning rate and start again to go on from it")]
    NotFinite {
        /// The step.
        step: u64,
        /// The step of the last checkpoint.
        checkpoint: u64,
    },
    /// The device failed in the middle of a step.
    #[error("the device failed at step {step} ({reason}); the last good checkpoint is that of step {checkpoint}: lower `batch_tokens` if memory ran out and start again to go on from it")]
    Device {
        /// The step.
        step: u64,
        /// The step of the last checkpoint.
        checkpoint: u64,
        /// What it said.
        reason: String,
    },
    /// The machine has too little memory for a batch.
    #[error("a step needs some {needed} MiB and {free} MiB are free: lower `batch_tokens`, or the number of threads")]
    Memory {
        /// What a step needs.
        needed: u64,
        /// What is free.
        free: u64,
    },
}

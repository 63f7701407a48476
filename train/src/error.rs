//! What can go wrong while a network is trained.

use crate::text::TextError;
use efface_nets::NetsError;
use std::path::PathBuf;
use thiserror::Error;

/// An error of training. No variant quotes a text.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TrainError {
    /// A labelled text cannot be read.
    #[error(transparent)]
    Text(#[from] TextError),
    /// Texts that make no batches.
    #[error(transparent)]
    Batches(#[from] crate::batches::BatchError),
    /// A file that cannot be read or written, a base, a vocabulary or a device.
    #[error(transparent)]
    Nets(#[from] NetsError),
    /// The journal.
    #[error(transparent)]
    Journal(#[from] crate::journal::JournalError),
    /// The configuration.
    #[error(transparent)]
    Config(#[from] crate::config::ConfigError),
    /// A fit of probabilities.
    #[error(transparent)]
    Fit(#[from] crate::calibration::FitError),
    /// A word that stands for no label.
    #[error("the words of a data set's labels are not known: {reason}")]
    Labels {
        /// Which.
        reason: String,
    },
    /// More layers than there are.
    #[error("`network.layers` wants {wanted} layers and the base has {has}")]
    Layers {
        /// What was asked for.
        wanted: usize,
        /// What there is.
        has: usize,
    },
    /// Longer examples than there are positions.
    #[error("`network.max-tokens` wants {wanted} tokens and the base has positions for {has}")]
    Positions {
        /// What was asked for.
        wanted: usize,
        /// What there is.
        has: usize,
    },
    /// A list of images that is not as COCO describes it.
    #[error("{path} is no list of images and boxes: {reason}")]
    Coco {
        /// The list.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// An image of a list cannot be read. It is named by its number, since names of files may identify a person.
    #[error("image {number} of {path} cannot be used: {reason}")]
    Image {
        /// The list.
        path: PathBuf,
        /// Which image of it, by its id.
        number: u64,
        /// What is wrong.
        reason: String,
    },
    /// A font that cannot be used.
    #[error("{path} is no TrueType or OpenType font")]
    Font {
        /// The file.
        path: PathBuf,
    },
    /// The manifest of the run.
    #[error(transparent)]
    Manifest(#[from] crate::run_manifest::ManifestError),
    /// A data set without texts or images.
    #[error("nothing is for `{part}`; name a data set for it under `datasets`, or raise its share")]
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
    #[error(
        "the loss at step {step} is no number; the last good checkpoint is that of step {checkpoint}: lower the learning rate and start again to go on from it"
    )]
    NotFinite {
        /// The step.
        step: u64,
        /// The step of the last checkpoint.
        checkpoint: u64,
    },
    /// The device failed in the middle of a step.
    #[error(
        "the device failed at step {step}; the last good checkpoint is that of step {checkpoint}: lower `{knob}` if memory ran out and start again to go on from it"
    )]
    Device {
        /// The step.
        step: u64,
        /// The step of the last checkpoint.
        checkpoint: u64,
        /// The setting that makes a step smaller.
        knob: &'static str,
    },
    /// The machine has too little memory for a batch.
    #[error("a step needs some {needed} MiB and {free} MiB are free: lower `{knob}`, or the number of threads")]
    Memory {
        /// The setting that makes a step smaller.
        knob: &'static str,
        /// What a step needs.
        needed: u64,
        /// What is free.
        free: u64,
    },
}

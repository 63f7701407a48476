//! Fine-tuning of the networks.

pub mod atomic;
pub mod batches;
pub mod calibration;
mod checkpoint;
pub mod config;
pub mod detector;
pub mod digests;
mod error;
pub mod journal;
mod memory;
pub mod ner;
pub mod optimizer;
pub mod random_base;
mod random_weights;
pub mod reader;
mod run;
pub mod run_manifest;
pub mod schedule;
pub mod streams;
pub mod text;

pub use error::TrainError;
pub use run::Ended;

pub use efface_nets::device::DeviceName;

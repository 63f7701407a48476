//! Fine-tuning of the networks.

pub mod atomic;
pub mod batches;
pub mod calibration;
pub mod config;
pub mod journal;
pub mod ner;
pub mod random_base;
pub mod run_manifest;
pub mod schedule;
pub mod streams;
pub mod text;

pub use efface_nets::device::DeviceName;

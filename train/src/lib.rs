//! Fine-tuning of the networks.

pub mod batches;
pub mod schedule;
pub mod streams;
pub mod text;

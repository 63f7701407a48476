//! Fine-tuning of the networks.

pub mod batches;
pub mod ner;
pub mod schedule;
pub mod streams;
pub mod text;

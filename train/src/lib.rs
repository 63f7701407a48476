//! Fine-tuning of the networks.

pub mod text;

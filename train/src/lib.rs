//! Fine-tuning of the networks.

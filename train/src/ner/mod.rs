//! Fine-tuning of a token classifier.

mod checkpoint;
mod data;
pub mod evaluate;
pub mod loss;
mod memory;
mod pass;
mod release;
pub mod store;
mod trainer;

pub use crate::error::TrainError;
pub use crate::run::Ended;
pub use pass::Pass;
pub use release::{list_digests, release};
pub use trainer::{Report, Trainer, Watch, classifier};

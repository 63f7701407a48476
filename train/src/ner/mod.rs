//! Fine-tuning of a token classifier.

mod augment;
mod checkpoint;
mod data;
pub mod evaluate;
pub mod loss;
mod memory;
mod pass;
mod release;
mod spans;
pub mod store;
mod trainer;

pub use crate::error::TrainError;
pub use crate::run::Ended;
pub use pass::Pass;
pub use release::release;
pub use spans::calibrate_spans;
pub use trainer::{Report, Trainer, Watch, classifier};

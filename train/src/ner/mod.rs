//! Fine-tuning of a token classifier.

mod checkpoint;
mod data;
mod error;
pub mod evaluate;
pub mod loss;
mod memory;
pub mod optimizer;
mod pass;
pub mod store;
mod trainer;

pub use error::TrainError;
pub use pass::Pass;
pub use trainer::{Ended, Report, Trainer, Watch, best_weights, classifier};

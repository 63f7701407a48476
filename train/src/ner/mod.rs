//! Fine-tuning of a token classifier.

mod checkpoint;
mod data;
mod error;
pub mod evaluate;
pub mod loss;
mod memory;
pub mod optimizer;
mod pass;
mod release;
pub mod store;
mod trainer;

pub use error::TrainError;
pub use pass::Pass;
pub use release::{list_digests, release};
pub use trainer::{Ended, Report, Trainer, Watch, classifier};

//! Fine-tuning of a token classifier.

mod checkpoint;
mod error;
pub mod evaluate;
pub mod loss;
pub mod optimizer;
mod pass;
mod settings;
pub mod store;
mod trainer;

pub use error::TrainError;
pub use pass::Pass;
pub use settings::{DataSet, Settings};
pub use trainer::{Ended, Report, Trainer, Watch};

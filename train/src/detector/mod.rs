//! Training of the text detector.
//!
//! [`store`] decodes the images that lists in COCO's format name ([`coco`]) once. [`draw`] says which squares a step
//! learns from, [`crops`] cuts them and [`retouch`] changes them. [`targets`] says what each anchor and each proposal
//! is to become, [`pass`] makes a step of it, [`score`] says how many words are found.

pub mod coco;
mod confidence;
pub mod config;
pub mod crops;
pub mod draw;
pub mod evaluate;
pub mod pass;
mod pictures;
mod predict;
mod release;
pub mod retouch;
pub mod score;
mod sheet;
pub mod store;
pub mod targets;
mod trainer;

pub use confidence::{Confidence, calibrate_text};
pub use config::{DetectorTraining, ImageSets};
pub use predict::{PredictedBox, Predictions, open_finder, predict};
pub use release::{CalibrationFigures, release};
pub use sheet::write_sheet;
pub use store::{Picture, PictureStore};
pub use trainer::{DetectorTrainer, StepReport, WatchDetector, detector};

//! Metrics for models: entity recognition, detection of words in images, calibration, and speed.
//!
//! Everything is computed from files that any model can write, and nothing here knows how a model works:
//!
//! | module | gold | predictions |
//! |---|---|---|
//! | [`ner`] | `ner.jsonl` as `efface synth` writes it, or lines with `id`, `text`, `spans` | lines with `id`, `spans` |
//! | [`detector`] | `coco.json` as `efface synth` writes it, or any COCO file of boxes | COCO results |
//! | [`calibration`] | | rows with `probability`, `correct`, `cluster` |
//! | [`throughput`] | | rows with `stage`, `modality`, `seconds`, `bytes`, or timed runs |
//!
//! What is undefined is absent. Intervals are across patients: values of one patient are not independent.
//! No error quotes what it read: errors name the file, the place in it and the key.

pub(crate) mod bootstrap;
pub mod calibration;
mod clusters;
pub mod detector;
mod error;
pub mod ner;
pub mod page;
pub mod plot;
mod rows;
pub mod throughput;

pub use bootstrap::Resamples;
pub use error::MeasureError;

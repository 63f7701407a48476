//! Training of the text reader.
//!
//! [`lines`] says what stands where in the pictures of a suite, [`sample`] cuts lines out and changes them as images of
//! many machines differ, [`typeset`] sets lines in other fonts, [`ctc`] is the loss, [`score`] says how many words are read right.

pub mod config;
pub mod ctc;
pub mod lines;
mod release;
pub mod sample;
pub mod score;
mod sheet;
mod trainer;
pub mod typeset;

pub use config::ReaderTraining;
pub use lines::{TextLine, TextLines};
pub use release::{ReaderFigures, release};
pub use sheet::write_sheet;
pub use trainer::{ReaderTrainer, StepReport, WatchReader};

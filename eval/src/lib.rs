//! Scores anyone's de-identified output.
//!
//! Everything is read from disk: a suite with its ground truth, a folder of results, a mapping of
//! identifiers. Neither the pipeline nor the synthesizer is linked, and the results are read by a reader of
//! this crate's own, so that shared code cannot grade itself.
//!
//! [`evaluate`] gives five views of one output, none of which replaces another:
//!
//! - **Recall**: each planted value, at its place and anywhere else in its instance; by HIPAA element, kind
//!   of place, label, modality and locale, and by element with each of place, modality and locale.
//! - **Precision**: of the decisions of the run that took something away, those about what identifies.
//! - **Residual scan**: the bytes of every output searched for every planted value of every patient.
//! - **Retention**: values that identify nobody and must survive, pixels that must stay as they are.
//! - **MIDI-B** ([`midi`]): the score of the public challenge, verdict by verdict.
//!
//! [`write_report`] puts them into a folder.

mod cases;
pub mod compare;
mod continuation;
mod decisions;
mod digest;
mod error;
mod evaluate;
mod evaluation_shard;
mod files;
mod fingerprint;
pub mod interval;
mod judge;
mod judged;
mod measure;
pub mod midi;
pub mod models;
mod overlays;
mod pixels;
mod reader;
mod release;
mod report;
mod residual;
mod run_outputs;
mod score;
mod submission;
mod suite_files;
mod tesseract;
mod verify;
mod view;

pub use cases::{Case, read_cases, write_cases};
pub use digest::Digesting;
pub use error::EvaluationError;
pub use evaluate::{Evaluation, EvaluationSettings, Progress, evaluate, evaluate_shard};
pub use evaluation_shard::{EvaluationShard, merge_evaluations, read_shard};
pub use fingerprint::{MIN_MARGIN, MIN_SIMILARITY, Matches, match_by_fingerprint};
pub use judged::{JudgedCounts, judge_decisions};
pub use release::{Bundled, Evidence, Release, bundle_release};
pub use report::{render_report, write_midi_report, write_report};
pub use residual::{MIN_DISTINCT, MIN_LENGTH};
pub use submission::{MidiScoring, merge_submission, score_submission};
pub use suite_files::SuiteFiles;
pub use tesseract::Tesseract;
pub use verify::{Verification, verify};

//! What became better and what worse between two evaluations of the same ground truth.
//!
//! The two are compared case by case: a planted value that leaks now and did not before is a new leak,
//! however many others stopped leaking. Rates are compared by pairs too, with McNemar's exact test over
//! discordant values and a bootstrap over patients, whose values are not independent.
//! A [`Gate`] turns that into pass or fail.

mod gate;
mod measured;
mod pairs;
mod render;
mod statistics;

pub use gate::{Gate, GateResult};
pub use measured::{ErrorChange, SpeedRatio};
pub use pairs::{Comparison, PairedRate, RateChange, compare};
pub use render::{junit, markdown};
pub use statistics::{N_RESAMPLES, PairedInterval, mcnemar, paired_bootstrap};

use crate::EvaluationError;
use crate::cases::{Case, read_cases};
use efface_schema::{CalibrationMetrics, FormatError, Metrics, ThroughputMetrics, Versioned, parse_json};
use std::path::Path;

/// An evaluation as its report folder holds it.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluated {
    /// `metrics.json`.
    pub metrics: Metrics,
    /// `cases.csv`.
    pub cases: Vec<Case>,
    /// `calibration.json`, where `efface measure calibration --report` wrote one into the folder.
    pub calibration: Option<CalibrationMetrics>,
    /// `throughput.json`, where `efface measure throughput --report` wrote one into the folder.
    pub throughput: Option<ThroughputMetrics>,
}

impl Evaluated {
    /// Reads a report folder.
    ///
    /// # Errors
    /// When `metrics.json` or `cases.csv` is missing, or any of the files is of another version.
    pub fn read(folder: &Path) -> Result<Self, EvaluationError> {
        let text = |name: &str, what| {
            std::fs::read_to_string(folder.join(name)).map_err(|source| EvaluationError::Read { what, source })
        };
        let metrics = parse_json(&text("metrics.json", "metrics.json of a report folder")?)
            .map_err(|source| EvaluationError::Record { what: "metrics.json of a report folder", line: 1, source })?;
        Ok(Self {
            metrics,
            cases: read_cases(&text("cases.csv", "cases.csv of a report folder")?)?,
            calibration: read_beside(folder, "calibration.json", "calibration.json of a report folder")?,
            throughput: read_beside(folder, "throughput.json", "throughput.json of a report folder")?,
        })
    }

    /// An evaluation beside which nothing was measured.
    pub const fn new(metrics: Metrics, cases: Vec<Case>) -> Self {
        Self { metrics, cases, calibration: None, throughput: None }
    }
}

/// A record that need not be there.
fn read_beside<T: Versioned>(folder: &Path, name: &str, what: &'static str) -> Result<Option<T>, EvaluationError> {
    let text = match std::fs::read_to_string(folder.join(name)) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(EvaluationError::Read { what, source }),
    };
    let of_form = |source: FormatError| EvaluationError::Record { what, line: 1, source };
    parse_json(&text).map(Some).map_err(of_form)
}

//! Rows to measure calibration on.

use super::super::MeasureError;
use super::super::rows::read_lines;
use std::io::BufRead;

pub(super) const ROWS: &str = "rows";
const KEYS: &[&str] = &["probability", "correct", "cluster", "kind", "phi"];

/// A decision that was judged: see [`efface_schema::JudgedDecision`] for the form on disk.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// How sure the model was, from 0 to 1.
    pub probability: f64,
    /// Whether it was right.
    pub is_correct: bool,
    /// Whose data it is about.
    pub cluster: String,
    /// What was decided about.
    pub kind: Option<String>,
    /// Whether it is about something that identifies; if no row says so, all are taken for it.
    pub is_phi: bool,
}

/// Reads decisions, one a line.
///
/// # Errors
/// When a line is not of the form, a probability is none, `phi` is on some lines only, or there is no line.
pub fn read(rows: impl BufRead) -> Result<Vec<Decision>, MeasureError> {
    let mut decisions: Vec<Decision> = Vec::new();
    let mut says_phi = None;
    read_lines(ROWS, rows, KEYS, |record| {
        let phi = record.truth("phi")?;
        if *says_phi.get_or_insert(phi.is_some()) != phi.is_some() {
            return Err(record.fault("phi", "some rows have it and others have not"));
        }
        decisions.push(Decision {
            probability: record.need("probability", record.probability("probability")?)?,
            is_correct: record.need("correct", record.truth("correct")?)?,
            cluster: record.need("cluster", record.name("cluster")?)?,
            kind: record.text("kind")?.map(str::to_owned),
            is_phi: phi.unwrap_or(true),
        });
        Ok(())
    })?;
    if decisions.is_empty() { Err(MeasureError::Empty { file: ROWS }) } else { Ok(decisions) }
}

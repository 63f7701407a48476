//! `cases.csv`: what failed, one row each, and how much passed, by instance. It holds no value and no identifier.
//!
//! Two of these tables of the same ground truth can be compared case by case ([`crate::compare`]).

use crate::EvaluationError;
use crate::pixels::Outcome;
use crate::score::InstanceScore;
use efface_schema::{Locus, PlantedValue, TruthRecord};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One row of `cases.csv`, and of what changed between two of them. It holds no value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Case {
    /// The instance's place in the ground truth, counted from 0.
    pub instance: usize,
    /// The patient's place among the patients of the ground truth, in the order in which they come.
    pub patient: usize,
    /// What kind of place, or `retained`; empty in a sum over places.
    pub place: String,
    /// The HIPAA element, where there is one.
    pub element: String,
    /// The label or the kind of retention; empty in a sum over labels.
    pub label: String,
    /// The attribute or other locus; empty in a sum over loci.
    pub locus: String,
    /// How it ended.
    pub verdict: String,
    /// How many.
    pub count: u64,
}

impl Outcome {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Removed => "removed",
            Self::Leaked => "leaked",
            Self::LeakedElsewhere => "leaked_elsewhere",
            Self::Withheld => "withheld",
            Self::Unjudged => "unjudged",
        }
    }
}

fn locus_name(locus: &Locus) -> String {
    match locus {
        Locus::Attribute { path } | Locus::TextSpan { path, .. } => path.to_string(),
        Locus::PixelRegion { frame_idx: Some(frame_idx), .. } => format!("frame {frame_idx}"),
        Locus::PixelRegion { frame_idx: None, .. } => "every frame".to_owned(),
        Locus::PixelData => "pixel data".to_owned(),
        Locus::Preamble => "preamble".to_owned(),
        Locus::TrailingData => "trailing data".to_owned(),
        Locus::FileName => "file name".to_owned(),
    }
}

/// Whether an outcome is listed by itself: what is as it should be, or was never released, is only counted.
fn is_listed(outcome: Outcome) -> bool {
    !matches!(outcome, Outcome::Removed | Outcome::Withheld)
}

/// An instance with how everything planted in it ended.
pub(crate) struct ScoredInstance<'t> {
    /// Its place in the ground truth.
    pub instance: usize,
    /// Its patient's.
    pub patient: usize,
    pub record: &'t TruthRecord,
    /// Whether it has a result.
    pub is_found: bool,
    pub score: InstanceScore,
}

/// Failures one by one, and sums of the rest by instance, sorted.
pub(crate) fn cases(scored: &[ScoredInstance<'_>]) -> Vec<Case> {
    let mut counted: BTreeMap<Case, u64> = BTreeMap::new();
    for ScoredInstance { instance, patient, record, score, .. } in scored {
        let of = Owner { instance: *instance, patient: *patient };
        for (planted, &outcome) in record.planted.iter().zip(&score.planted) {
            *counted.entry(of.planted(planted, outcome)).or_default() += 1;
        }
        for (retained, &kept) in record.retained.iter().zip(&score.retained) {
            let locus = if kept { String::new() } else { retained.path.to_string() };
            *counted.entry(of.retained(retained.retention.as_str(), locus, kept)).or_default() += 1;
        }
        if let Some(identical) = score.identical_pixels {
            *counted.entry(of.retained(IDENTICAL_PIXELS, String::new(), identical)).or_default() += 1;
        }
    }
    counted.into_iter().map(|(case, count)| Case { count, ..case }).collect()
}

/// Whose cases are made.
#[derive(Clone, Copy)]
struct Owner {
    instance: usize,
    patient: usize,
}

impl Owner {
    fn planted(self, planted: &PlantedValue, outcome: Outcome) -> Case {
        let listed = |text: String| if is_listed(outcome) { text } else { String::new() };
        Case {
            instance: self.instance,
            patient: self.patient,
            place: listed(planted.place.to_string()),
            element: planted.element.to_string(),
            label: listed(planted.label.to_string()),
            locus: listed(locus_name(&planted.locus)),
            verdict: outcome.as_str().to_owned(),
            count: 1,
        }
    }

    fn retained(self, label: &str, locus: String, kept: bool) -> Case {
        Case {
            instance: self.instance,
            patient: self.patient,
            place: RETAINED.to_owned(),
            element: String::new(),
            label: label.to_owned(),
            locus,
            verdict: if kept { KEPT } else { "lost" }.to_owned(),
            count: 1,
        }
    }
}

/// The place of what must stay.
pub(crate) const RETAINED: &str = "retained";
/// The kind of pixels that must stay as they are, bit by bit.
pub(crate) const IDENTICAL_PIXELS: &str = "identical_pixels";
/// The verdict on what must stay and did.
pub(crate) const KEPT: &str = "kept";

/// What messages call the table.
pub(crate) const CASES: &str = "cases (cases.csv of a report folder)";

/// The titles of the table.
const TITLES: [&str; 8] = ["instance", "patient", "place", "element", "label", "locus", "verdict", "count"];

/// Renders the table.
///
/// # Errors
/// When the writer fails.
pub fn write_cases(cases: &[Case], output: impl std::io::Write) -> Result<(), csv::Error> {
    let mut writer = csv::Writer::from_writer(output);
    writer.write_record(TITLES)?;
    for case in cases {
        let numbers = [case.instance as u64, case.patient as u64, case.count].map(|number| number.to_string());
        let [instance, patient, count] = &numbers;
        let texts = [&case.place, &case.element, &case.label, &case.locus, &case.verdict];
        writer.write_record([instance, patient].into_iter().chain(texts).chain([count]))?;
    }
    writer.flush()?;
    Ok(())
}

/// Reads a table that [`write_cases`] wrote.
///
/// # Errors
/// With the line that is not of its form.
pub fn read_cases(text: &str) -> Result<Vec<Case>, EvaluationError> {
    let refused = |line| {
        let problem = "it is not a row as this version writes it; score the output again";
        EvaluationError::Line { what: CASES, line, problem }
    };
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    if !reader.headers().is_ok_and(|titles| titles == TITLES.as_slice()) {
        return Err(refused(1));
    }
    let of_record = |(line, record): (usize, Result<csv::StringRecord, _>)| {
        record.ok().as_ref().and_then(case_of).ok_or_else(|| refused(line))
    };
    (2..).zip(reader.records()).map(of_record).collect()
}

fn case_of(record: &csv::StringRecord) -> Option<Case> {
    let text = |at: usize| record.get(at).map(str::to_owned);
    Some(Case {
        instance: record.get(0)?.parse().ok()?,
        patient: record.get(1)?.parse().ok()?,
        place: text(2)?,
        element: text(3)?,
        label: text(4)?,
        locus: text(5)?,
        verdict: text(6)?,
        count: record.get(7)?.parse().ok()?,
    })
}

//! `cases.csv`: what failed, one row each, and how much passed. It holds no value and no identifier.

use crate::pixels::Outcome;
use crate::score::InstanceScore;
use efface_schema::{Locus, PlantedValue, TruthRecord};
use std::collections::BTreeMap;

/// One row of `cases.csv`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Case {
    /// The instance's place in the ground truth, counted from 0; absent in a sum over instances.
    pub instance: Option<usize>,
    /// What kind of place, or `retained`, `pixels`, `residual`.
    pub place: String,
    /// The HIPAA element, where there is one.
    pub element: String,
    /// The label or the kind of retention.
    pub label: String,
    /// The attribute or other locus.
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

fn planted_case(instance: usize, planted: &PlantedValue, outcome: Outcome) -> Case {
    Case {
        instance: Some(instance),
        place: planted.place.to_string(),
        element: planted.element.to_string(),
        label: planted.label.to_string(),
        locus: locus_name(&planted.locus),
        verdict: outcome.as_str().to_owned(),
        count: 1,
    }
}

/// Failures by instance and sums of the rest, sorted.
pub(crate) fn cases(truth: &[TruthRecord], scores: &[InstanceScore]) -> Vec<Case> {
    let mut counted: BTreeMap<Case, u64> = BTreeMap::new();
    for (instance, (record, score)) in truth.iter().zip(scores).enumerate() {
        for (planted, &outcome) in record.planted.iter().zip(&score.planted) {
            let mut case = planted_case(instance, planted, outcome);
            if matches!(outcome, Outcome::Removed | Outcome::Withheld) {
                case = Case { instance: None, locus: String::new(), ..case };
            }
            *counted.entry(case).or_default() += 1;
        }
        for (retained, &kept) in record.retained.iter().zip(&score.retained) {
            let instance_of = (!kept).then_some(instance);
            let locus = if kept { String::new() } else { retained.path.to_string() };
            *counted.entry(retention_case(instance_of, retained.retention.as_str(), locus, kept)).or_default() += 1;
        }
        if let Some(identical) = score.identical_pixels {
            let instance_of = (!identical).then_some(instance);
            *counted.entry(retention_case(instance_of, "identical_pixels", String::new(), identical)).or_default() += 1;
        }
    }
    counted.into_iter().map(|(case, count)| Case { count, ..case }).collect()
}

fn retention_case(instance: Option<usize>, label: &str, locus: String, kept: bool) -> Case {
    Case {
        instance,
        place: "retained".to_owned(),
        element: String::new(),
        label: label.to_owned(),
        locus,
        verdict: if kept { "kept" } else { "lost" }.to_owned(),
        count: 1,
    }
}

/// Renders the table.
///
/// # Errors
/// When the writer fails.
pub fn write_cases(cases: &[Case], output: impl std::io::Write) -> Result<(), csv::Error> {
    let mut writer = csv::Writer::from_writer(output);
    writer.write_record(["instance", "place", "element", "label", "locus", "verdict", "count"])?;
    for case in cases {
        let instance = case.instance.map_or_else(|| "all".to_owned(), |instance| instance.to_string());
        let count = case.count.to_string();
        writer.write_record([
            &instance,
            &case.place,
            &case.element,
            &case.label,
            &case.locus,
            &case.verdict,
            &count,
        ])?;
    }
    writer.flush()?;
    Ok(())
}

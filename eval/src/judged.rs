//! Which decisions of a run were right: rows to measure the calibration of final decisions on.
//!
//! The probability of a decision is how sure its source is that a place identifies someone. The ground truth says
//! whether it does:
//!
//! | place of the decision | identifies | does not | not judged |
//! |---|---|---|---|
//! | attribute | something planted stands in it or below it | a text that must stay stands in it, and nothing planted | else |
//! | part of a text | it shares a character with something planted | the truth knows the text, and it does not | else |
//! | part of the image | it shares half of the smaller of both with a planted word | the truth knows all drawn words | else |
//! | all pixels, preamble, trailing bytes, file name | something is planted there | | else |
//!
//! A decision to keep is right where the place does not identify, with the probability that it does not. What leaked
//! without any decision has no probability and no row: it is counted apart, and a figure on the rows says nothing of it.
//!
//! The same table gives the precision of a run: of its decisions that took something away, the share about a place that
//! identifies. What is not judged is in no share and is counted beside it.

use crate::decisions::{each_outcome, paths_of};
use crate::evaluate::{TRUTH, read_truth};
use crate::measure::{PrecisionCounts, patients};
use crate::{EvaluationError, EvaluationError as Error};
use efface_schema::{
    Action, AttributePath, Decision, JudgedDecision, Locus, PixelRegion, PlantedValue, Retention, TruthRecord,
};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

/// How many decisions were judged.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct JudgedCounts {
    /// Rows by source of the decision.
    pub rows: BTreeMap<String, u64>,
    /// Decisions about places of which the ground truth says nothing.
    pub unknown: u64,
    /// Planted values that no decision is about, in instances that have a result.
    pub undecided: u64,
}

/// Writes a [`JudgedDecision`] for each decision of a run that the suite's ground truth can judge; its kind is the
/// decision's source, and its cluster the patient's place in the ground truth.
///
/// The words that were read in images are among them, as kind `ocr`, with the confidence of their reading: whether a word
/// was read rightly cannot be told, since decisions do not repeat words.
///
/// # Errors
/// When the ground truth, the decisions or the crosswalk of the run cannot be read, when the crosswalk's inputs are not
/// those of the suite, and when the rows cannot be written.
pub fn judge_decisions(suite: &Path, run: &Path, mut to: impl Write) -> Result<JudgedCounts, EvaluationError> {
    let truth = std::fs::read_to_string(suite.join("truth.jsonl"));
    let truth = read_truth(&truth.map_err(|source| Error::Read { what: TRUTH, source })?)?;
    let Some(paths) = paths_of(run)? else { return Err(Error::NoCrosswalk) };
    let patients = patients(&truth);
    let unwritable = |source| Error::Write { what: "judged decisions", source };
    let mut counts = JudgedCounts::default();
    let n_known = each_outcome(run, &paths, &truth, &mut |record, outcome| {
        judge_instance(&truth[record], &outcome.decisions, patients[record], &mut counts, &mut to).map_err(unwritable)
    })?;
    to.flush().map_err(unwritable)?;
    if n_known == 0 {
        let problem = "no result of the run is of an instance of the suite: was its input the suite's folder dicom?";
        return Err(Error::Line { what: TRUTH, line: 1, problem });
    }
    Ok(counts)
}

/// How many of a run's decisions that took something away are about what identifies, of patients that are `is_own`.
/// Nothing where the run kept no crosswalk, or no result of it is of an instance of the truth.
///
/// # Errors
/// When the decisions or the crosswalk of the run cannot be used.
pub(crate) fn precision(
    run: &Path,
    truth: &[TruthRecord],
    patients: &[usize],
    is_own: impl Fn(usize) -> bool,
) -> Result<Option<PrecisionCounts>, EvaluationError> {
    let Some(paths) = paths_of(run)? else { return Ok(None) };
    let mut counts = PrecisionCounts::default();
    let n_known = each_outcome(run, &paths, truth, &mut |record, outcome| {
        if is_own(record) {
            for decision in outcome.decisions.iter().filter(|decision| decision.action.takes_away()) {
                counts.add(decision, identifies(&truth[record], &decision.locus), patients[record]);
            }
        }
        Ok(())
    })?;
    Ok((n_known > 0).then_some(counts))
}

fn judge_instance(
    truth: &TruthRecord,
    decisions: &[Decision],
    patient: usize,
    counts: &mut JudgedCounts,
    to: &mut impl Write,
) -> std::io::Result<()> {
    for (at, decision) in decisions.iter().enumerate() {
        // A region that is painted over and waits for a person has a decision for each, which are one judgement.
        let is_painted = |other: &Decision| other.action == Action::Redact && other.rule == decision.rule;
        let mut of_place = decisions[..at].iter().rev().take_while(|other| other.locus == decision.locus);
        if decision.action == Action::Review && of_place.any(is_painted) {
            continue;
        }
        let Some(identifies) = identifies(truth, &decision.locus) else {
            counts.unknown += 1;
            continue;
        };
        let probability = decision.probability.get();
        let (probability, correct) = match decision.action {
            Action::Keep => (1.0 - probability, !identifies),
            _ => (probability, identifies),
        };
        let kind = decision.source.as_str().to_owned();
        *counts.rows.entry(kind.clone()).or_default() += 1;
        let row = JudgedDecision {
            probability,
            correct,
            cluster: patient.to_string(),
            kind: Some(kind),
            phi: Some(identifies),
        };
        writeln!(to, "{}", serde_json::to_string(&row)?)?;
    }
    let is_decided =
        |planted: &&PlantedValue| decisions.iter().any(|decision| touches(&decision.locus, &planted.locus));
    counts.undecided += (truth.planted.len() - truth.planted.iter().filter(is_decided).count()) as u64;
    Ok(())
}

/// Whether a place identifies someone, where the ground truth can tell.
fn identifies(truth: &TruthRecord, locus: &Locus) -> Option<bool> {
    if truth.planted.iter().any(|planted| touches(locus, &planted.locus)) {
        return Some(true);
    }
    let must_stay = |path: &AttributePath| {
        truth.retained.iter().any(|kept| kept.retention == Retention::Text && is_in(&kept.path, path))
    };
    let is_known = match locus {
        Locus::Attribute { path } => must_stay(path),
        Locus::TextSpan { path, .. } => {
            must_stay(path) || truth.planted.iter().any(|planted| planted.locus.path() == Some(path))
        }
        Locus::PixelRegion { .. } => truth.drawn.is_some(),
        Locus::PixelData | Locus::Preamble | Locus::TrailingData | Locus::FileName => false,
    };
    is_known.then_some(false)
}

/// Whether a decision about a place is one about a planted value.
fn touches(decided: &Locus, planted: &Locus) -> bool {
    match (decided, planted) {
        (Locus::Attribute { path }, Locus::Attribute { path: own } | Locus::TextSpan { path: own, .. }) => {
            is_in(own, path)
        }
        (Locus::TextSpan { path, .. }, Locus::Attribute { path: own }) => path == own,
        (
            Locus::TextSpan { path, value_idx, start, end },
            Locus::TextSpan { path: own, value_idx: own_idx, start: own_start, end: own_end },
        ) => path == own && value_idx == own_idx && start < own_end && own_start < end,
        (Locus::PixelRegion { frame_idx, region }, Locus::PixelRegion { frame_idx: own_frame, region: own }) => {
            (frame_idx.is_none() || own_frame.is_none() || frame_idx == own_frame) && covers_half(region, own)
        }
        (decided, planted) => decided == planted,
    }
}

/// Whether an attribute is the other one or stands below it.
fn is_in(path: &AttributePath, outer: &AttributePath) -> bool {
    path.steps().starts_with(outer.steps())
}

fn covers_half(left: &PixelRegion, right: &PixelRegion) -> bool {
    let smaller = left.area_px().min(right.area_px());
    left.intersection(right).is_some_and(|shared| 2 * shared.area_px() >= smaller)
}

#[cfg(test)]
mod tests {
    use super::*;
    use efface_schema::parse_json;

    fn truth() -> TruthRecord {
        let text = r#"{"format_version":3,"instance":{"path":"a.dcm","patient_id":"1","study_instance_uid":"1.1",
            "series_instance_uid":"1.2","sop_instance_uid":"1.3","sop_class_uid":"1.4","modality":"CT"},
            "planted":[
            {"locus":{"kind":"attribute","path":"(0010,0010)"},"place":"explicit_attribute","label":"NAME","element":"A","value":"Doe"},
            {"locus":{"kind":"attribute","path":"(0040,a730)[0](0010,0020)"},"place":"sequence","label":"MRN","element":"H","value":"12345"},
            {"locus":{"kind":"text_span","path":"(0008,1030)","value_idx":0,"start":4,"end":7},"place":"free_text","label":"NAME","element":"A","value":"Doe"},
            {"locus":{"kind":"pixel_region","frame_idx":null,"region":{"x0":0,"y0":0,"x1":20,"y1":10}},"place":"pixels","label":"NAME","element":"A","value":"Doe"}],
            "retained":[{"path":"(0008,1030)","retention":"text","text":"CT"},{"path":"(0018,1160)","retention":"text","text":"BODY"},
            {"path":"(0018,0050)","retention":"present"}]}"#;
        parse_json(text).expect("a record")
    }

    fn judged(locus: &str) -> Option<bool> {
        identifies(&truth(), &serde_json::from_str(locus).expect("a place"))
    }

    #[test]
    fn places_are_judged_by_the_truth() {
        let attribute = |path: &str| judged(&format!(r#"{{"kind":"attribute","path":"{path}"}}"#));
        assert_eq!(attribute("(0010,0010)"), Some(true));
        assert_eq!(attribute("(0040,a730)"), Some(true), "something stands below it");
        assert_eq!(attribute("(0008,1030)"), Some(true), "something stands in a part of it");
        assert_eq!(attribute("(0018,1160)"), Some(false), "its text must stay");
        assert_eq!((attribute("(0018,0050)"), attribute("(0008,0080)")), (None, None), "the truth says nothing");
        let span = |path: &str, start: u32, end: u32| {
            judged(&format!(r#"{{"kind":"text_span","path":"{path}","value_idx":0,"start":{start},"end":{end}}}"#))
        };
        assert_eq!((span("(0008,1030)", 6, 9), span("(0008,1030)", 7, 9)), (Some(true), Some(false)));
        assert_eq!((span("(0010,0010)", 0, 1), span("(0010,4000)", 0, 1)), (Some(true), None));
        assert_eq!(judged(r#"{"kind":"preamble"}"#), None);
    }

    #[test]
    fn regions_are_judged_where_all_drawn_words_are_known() {
        let region =
            |x0: u32, x1: u32| Locus::PixelRegion { frame_idx: Some(3), region: PixelRegion { x0, y0: 0, x1, y1: 10 } };
        let mut truth = truth();
        assert_eq!(identifies(&truth, &region(10, 40)), Some(true), "half of the planted word");
        assert_eq!(identifies(&truth, &region(12, 40)), None);
        truth.drawn = Some(
            serde_json::from_str(r#"{"columns":64,"rows":32,"n_frames":4,"lines":[]}"#)
                .expect("nothing but the planted word is drawn"),
        );
        assert_eq!(identifies(&truth, &region(12, 40)), Some(false));
    }

    #[test]
    fn a_decision_to_keep_is_right_where_nothing_identifies() {
        let decision = |path: &str, action: &str, probability: f64| -> Decision {
            let text = format!(
                r#"{{"locus":{{"kind":"attribute","path":"{path}"}},"action":"{action}","source":"ner","rule":"x","probability":{probability}}}"#
            );
            serde_json::from_str(&text).expect("a decision")
        };
        let decisions = [
            decision("(0010,0010)", "remove", 0.75),
            decision("(0018,1160)", "keep", 0.25),
            decision("(0018,1160)", "remove", 0.5),
            decision("(0008,0080)", "remove", 1.0),
        ];
        let (mut counts, mut rows) = (JudgedCounts::default(), Vec::new());
        judge_instance(&truth(), &decisions, 6, &mut counts, &mut rows).expect("written to memory");
        let rows = String::from_utf8(rows).expect("JSON");
        let row = |line: &str| -> JudgedDecision { serde_json::from_str(line).expect("a row") };
        let found: Vec<JudgedDecision> = rows.lines().map(row).collect();
        let short: Vec<_> = found.iter().map(|row| (row.probability, row.correct, row.phi)).collect();
        assert_eq!(short, [(0.75, true, Some(true)), (0.75, true, Some(false)), (0.5, false, Some(false))]);
        assert!(found.iter().all(|row| row.cluster == "6" && row.kind.as_deref() == Some("ner")));
        assert_eq!((counts.unknown, counts.undecided, counts.rows["ner"]), (1, 3, 3));
    }
}

//! Pairing two tables of cases.

use super::Evaluated;
use super::measured::{ErrorChange, SpeedRatio};
use super::statistics::{PairedInterval, mcnemar, paired_bootstrap};
use crate::EvaluationError;
use crate::cases::Case;
use crate::interval::ClusterCount;
use efface_schema::{Metrics, Rate};
use serde::Serialize;
use std::collections::BTreeMap;

/// The seed of every bootstrap of a comparison.
const SEED: u64 = 20_261_125;

/// Two evaluations of the same ground truth, side by side.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// Planted values gone, of those that were judged.
    pub removed: PairedRate,
    /// Harmless values and pixels kept.
    pub kept: PairedRate,
    /// By element of the HIPAA Privacy Rule, planted values gone.
    pub removed_by_element: BTreeMap<String, PairedRate>,
    /// Values that leak now and did not, or were not released.
    pub new_leaks: Vec<Case>,
    /// Values that leaked and do not any more.
    pub mended_leaks: Vec<Case>,
    /// Harmless values that are lost now and were not.
    pub new_losses: Vec<Case>,
    /// Harmless values that were lost and are kept now.
    pub mended_losses: Vec<Case>,
    /// Every score of `metrics.json` that both have.
    pub scores: BTreeMap<String, RateChange>,
    /// Scores that the base has and the new one lacks.
    pub not_measured: Vec<String>,
    /// The expected calibration error of `calibration.json`.
    pub calibration: ErrorChange,
    /// The speeds of `throughput.json`.
    pub throughput: SpeedRatio,
}

/// A share over the same cases, before and after.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PairedRate {
    /// The base.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<Rate>,
    /// The new one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<Rate>,
    /// Cases that became better.
    pub better: u64,
    /// Cases that became worse.
    pub worse: u64,
    /// McNemar's exact two-sided probability, which takes cases for independent.
    pub mcnemar: f64,
    /// The difference with its interval by patient.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by_patient: Option<PairedInterval>,
}

/// A score before and after.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RateChange {
    /// The base.
    pub base: Rate,
    /// The new one.
    pub new: Rate,
}

/// What identifies a case apart from how it ended.
type CaseKey<'c> = (usize, usize, &'c str, &'c str, &'c str, &'c str);

/// Cases that failed: the first of each, and how many there are.
type Failures<'c> = BTreeMap<CaseKey<'c>, (&'c Case, u64)>;

/// Compares two evaluations.
///
/// # Errors
/// When they are not of the same ground truth, or one does not say of which.
pub fn compare(base: &Evaluated, new: &Evaluated) -> Result<Comparison, EvaluationError> {
    match (&base.metrics.measured_on.truth_sha256, &new.metrics.measured_on.truth_sha256) {
        (Some(base), Some(new)) if base == new => {}
        (Some(_), Some(_)) => {
            return Err(EvaluationError::NotComparable { problem: "they were scored against different ground truths" });
        }
        _ => return Err(EvaluationError::NotComparable { problem: "one does not name its ground truth" }),
    }
    let leaks = Difference::of(&failures(&base.cases, is_leak), &failures(&new.cases, is_leak));
    let losses = Difference::of(&failures(&base.cases, is_loss), &failures(&new.cases, is_loss));
    let base_scores = scores(&base.metrics);
    let mut new_scores = scores(&new.metrics);
    let mut comparison = Comparison {
        removed: paired(&base.cases, &new.cases, &leaks, "removed", is_leak, |_| true),
        kept: paired(&base.cases, &new.cases, &losses, "kept", is_loss, |_| true),
        removed_by_element: BTreeMap::new(),
        scores: BTreeMap::new(),
        not_measured: Vec::new(),
        calibration: ErrorChange::of(base.calibration.as_ref(), new.calibration.as_ref()),
        throughput: SpeedRatio::of(base.throughput.as_ref(), new.throughput.as_ref()),
        new_leaks: leaks.worse.clone(),
        mended_leaks: leaks.better.clone(),
        new_losses: losses.worse,
        mended_losses: losses.better,
    };
    for (name, base) in base_scores {
        match new_scores.remove(&name) {
            Some(new) => drop(comparison.scores.insert(name, RateChange { base, new })),
            None => comparison.not_measured.push(name),
        }
    }
    let elements: std::collections::BTreeSet<&str> =
        base.cases.iter().map(|case| case.element.as_str()).filter(|element| !element.is_empty()).collect();
    for element in elements {
        let of_element =
            |changes: &[Case]| changes.iter().filter(|change| change.element == element).cloned().collect();
        let leaks = Difference { better: of_element(&leaks.better), worse: of_element(&leaks.worse) };
        let paired = paired(&base.cases, &new.cases, &leaks, "removed", is_leak, |case| case.element == element);
        comparison.removed_by_element.insert(element.to_owned(), paired);
    }
    Ok(comparison)
}

fn is_leak(verdict: &str) -> bool {
    matches!(verdict, "leaked" | "leaked_elsewhere")
}

fn is_loss(verdict: &str) -> bool {
    verdict == "lost"
}

fn failures(cases: &[Case], is_failure: fn(&str) -> bool) -> Failures<'_> {
    let mut failures = Failures::new();
    for case in cases.iter().filter(|case| is_failure(&case.verdict)) {
        let key = (case.instance, case.patient, &*case.place, &*case.element, &*case.label, &*case.locus);
        failures.entry(key).or_insert((case, 0)).1 += case.count;
    }
    failures
}

/// Failures of one side that the other has not.
struct Difference {
    better: Vec<Case>,
    worse: Vec<Case>,
}

impl Difference {
    fn of(base: &Failures<'_>, new: &Failures<'_>) -> Self {
        Self { better: missing(base, new), worse: missing(new, base) }
    }
}

/// What of the first the second has not, by count.
fn missing(of: &Failures<'_>, from: &Failures<'_>) -> Vec<Case> {
    let change = |(key, (case, count)): (&CaseKey<'_>, &(&Case, u64))| {
        let count = count.saturating_sub(from.get(key).map_or(0, |(_, count)| *count));
        (count > 0).then(|| Case { count, ..(*case).clone() })
    };
    of.iter().filter_map(change).collect()
}

fn paired(
    base: &[Case],
    new: &[Case],
    changes: &Difference,
    good: &str,
    is_bad: fn(&str) -> bool,
    is_counted: impl Fn(&Case) -> bool,
) -> PairedRate {
    let n_patients = base.iter().chain(new).map(|case| case.patient + 1).max().unwrap_or_default();
    let counts = |cases: &[Case]| {
        let mut counts = vec![ClusterCount { numerator: 0, denominator: 0 }; n_patients];
        for case in cases.iter().filter(|case| is_counted(case)) {
            let is_good = case.verdict == good;
            counts[case.patient].numerator += if is_good { case.count } else { 0 };
            counts[case.patient].denominator += if is_good || is_bad(&case.verdict) { case.count } else { 0 };
        }
        counts
    };
    let (base, new) = (counts(base), counts(new));
    let rate = |counts: &[ClusterCount]| {
        Rate::new(counts.iter().map(|count| count.numerator).sum(), counts.iter().map(|count| count.denominator).sum())
    };
    let sum = |changes: &[Case]| changes.iter().map(|change| change.count).sum();
    let (better, worse) = (sum(&changes.better), sum(&changes.worse));
    PairedRate {
        base: rate(&base),
        new: rate(&new),
        better,
        worse,
        mcnemar: mcnemar(better, worse),
        by_patient: paired_bootstrap(&base, &new, SEED),
    }
}

/// Every share of `metrics.json`, by a name that a person reads.
fn scores(metrics: &Metrics) -> BTreeMap<String, Rate> {
    let recall = &metrics.recall;
    let mut scores: Vec<(String, Option<Rate>)> = vec![("recall".to_owned(), recall.overall.removed)];
    scores.extend(recall.by_element.iter().map(|(element, cell)| (format!("recall of {element}"), cell.removed)));
    scores.extend(recall.by_place.iter().map(|(place, cell)| (format!("recall in {place}"), cell.removed)));
    scores.extend(recall.by_modality.iter().map(|(modality, cell)| (format!("recall in {modality}"), cell.removed)));
    let precision = metrics.precision.as_ref();
    scores.push(("precision of decisions".to_owned(), precision.and_then(|precision| precision.overall.right)));
    scores.push(("files without residue".to_owned(), metrics.residual.clean_files));
    scores.extend(metrics.retention.by_kind.iter().map(|(kind, rate)| (format!("kept {kind}"), Some(*rate))));
    scores.push(("pixels left alone".to_owned(), metrics.retention.identical_pixels));
    scores.push(("instances released".to_owned(), Rate::new(metrics.instances.found, metrics.instances.instances)));
    if let Some(midi) = &metrics.midi {
        let strict = midi.strict.as_ref().map(|strict| &strict.scores);
        for (name, of) in [("official", Some(&midi.official)), ("strict", strict)] {
            scores.push((format!("MIDI-B {name}"), of.and_then(|of| of.all.rate())));
            scores.push((format!("MIDI-B {name} removal"), of.and_then(|of| of.removal.rate())));
            scores.push((format!("MIDI-B {name} retention"), of.and_then(|of| of.retention.rate())));
        }
    }
    scores.into_iter().filter_map(|(name, rate)| Some((name, rate?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(instance: usize, verdict: &str, locus: &str, count: u64) -> Case {
        let listed = if locus.is_empty() { "" } else { "NAME" };
        Case {
            instance,
            patient: instance / 2,
            place: if verdict == "lost" || verdict == "kept" { "retained" } else { "" }.to_owned(),
            element: "A".to_owned(),
            label: listed.to_owned(),
            locus: locus.to_owned(),
            verdict: verdict.to_owned(),
            count,
        }
    }

    fn evaluated(cases: Vec<Case>) -> Evaluated {
        let mut metrics = Metrics::default();
        metrics.measured_on.truth_sha256 = Some(efface_schema::sha256_hex(b"truth"));
        Evaluated::new(metrics, cases)
    }

    #[test]
    fn leaks_are_paired_by_their_places() {
        let base = evaluated(vec![
            case(0, "leaked", "(0010,0010)", 1),
            case(0, "removed", "", 9),
            case(2, "leaked_elsewhere", "(0010,0020)", 2),
            case(2, "removed", "", 8),
        ]);
        let new = evaluated(vec![
            case(0, "removed", "", 10),
            case(2, "leaked", "(0010,0020)", 2),
            case(2, "leaked", "(0010,4000)", 1),
            case(2, "removed", "", 7),
        ]);
        let found = compare(&base, &new).expect("the same truth");
        assert_eq!((found.removed.better, found.removed.worse, found.removed.mcnemar), (1, 1, 1.0));
        assert_eq!(found.new_leaks.len(), 1);
        assert_eq!((found.new_leaks[0].locus.as_str(), found.new_leaks[0].patient), ("(0010,4000)", 1));
        assert_eq!(found.mended_leaks[0].locus, "(0010,0010)");
        let rates = (found.removed.base.expect("judged"), found.removed.new.expect("judged"));
        assert_eq!((rates.0.numerator, rates.0.denominator, rates.1.numerator), (17, 20, 17));
        let interval = found.removed.by_patient.expect("two patients");
        assert!(interval.difference == 0.0 && interval.low < 0.0 && interval.high > 0.0);
        assert_eq!(found.removed_by_element["A"].worse, 1);
    }

    #[test]
    fn other_truths_are_refused() {
        let base = evaluated(Vec::new());
        let mut other = base.clone();
        other.metrics.measured_on.truth_sha256 = Some(efface_schema::sha256_hex(b"another"));
        assert!(compare(&base, &other).is_err());
        other.metrics.measured_on.truth_sha256 = None;
        assert!(compare(&base, &other).is_err() && compare(&base, &base).is_ok());
    }
}

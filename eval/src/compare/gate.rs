//! Thresholds that a new evaluation must keep.

use super::Evaluated;
use super::measured::SpeedRatio;
use super::pairs::{Comparison, PairedRate, compare};
use crate::EvaluationError;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a new evaluation must keep, from a TOML file. A threshold that is absent is not asked for.
///
/// ```toml
/// [leaks]
/// max_new = 0                 # planted values that leak now and did not
///
/// [recall]
/// min = 0.99                  # of all planted values
/// max_drop = 0.0              # of any element, below the base
/// min_by_element = { A = 0.99, G = 1.0 }
///
/// [kept]
/// max_drop = 0.005            # of harmless values
///
/// [calibration]               # calibration.json of the report folders, expected error by bins of equal mass
/// max = 0.1
/// max_rise = 0.01             # above the base
///
/// [throughput]                # throughput.json: only if both are VALID, of one machine and over the same files
/// min_ratio = 0.9             # files a second, for any number of threads that both have
///
/// [scores."MIDI-B strict"]    # any score of the comparison by its name
/// min = 0.9
/// max_drop = 0.001
/// ```
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gate {
    /// Single leaks.
    #[serde(default)]
    leaks: LeakGate,
    /// Planted values gone.
    #[serde(default)]
    recall: RecallGate,
    /// Harmless values kept.
    #[serde(default)]
    kept: ShareGate,
    /// Errors of probabilities.
    #[serde(default)]
    calibration: CalibrationGate,
    /// Speed.
    #[serde(default)]
    throughput: ThroughputGate,
    /// Any other score.
    #[serde(default)]
    scores: BTreeMap<String, ShareGate>,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct LeakGate {
    max_new: Option<u64>,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct RecallGate {
    min: Option<f64>,
    max_drop: Option<f64>,
    #[serde(default)]
    min_by_element: BTreeMap<String, f64>,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct ShareGate {
    min: Option<f64>,
    max_drop: Option<f64>,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct CalibrationGate {
    max: Option<f64>,
    max_rise: Option<f64>,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct ThroughputGate {
    min_ratio: Option<f64>,
}

/// One threshold and how it was met.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GateResult {
    /// What was asked for.
    pub threshold: String,
    /// What was found, in words.
    pub found: String,
    /// Whether that keeps the threshold. What was not measured does not.
    pub passed: bool,
    /// The share that was asked for, where the threshold is the least value of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub least: Option<ShareAsked>,
}

/// A share and the least that it shall be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ShareAsked {
    /// The share, by its name in a comparison.
    pub score: String,
    /// The threshold, from 0 to 1.
    pub min: f64,
}

impl GateResult {
    /// A threshold of another kind than the least value of a share.
    pub fn new(threshold: impl Into<String>, found: impl Into<String>, passed: bool) -> Self {
        Self { threshold: threshold.into(), found: found.into(), passed, least: None }
    }
}

impl Gate {
    /// Reads a gate.
    ///
    /// # Errors
    /// With the line and the key of what is not understood, and of shares that are not between 0 and 1.
    ///
    /// # Example
    /// ```
    /// use efface_eval::compare::Gate;
    /// assert!(Gate::parse("[leaks]\nmax_new = 0").is_ok());
    /// assert!(Gate::parse("[leaks]\nmax = 0").is_err());
    /// assert!(Gate::parse("[recall]\nmin = 99").is_err());
    /// ```
    pub fn parse(text: &str) -> Result<Self, EvaluationError> {
        toml::from_str::<Self>(text).map_err(|error| EvaluationError::Gate { problem: error.to_string() })?.checked()
    }

    /// A gate that asks for the recall of all planted values, and for nothing else.
    ///
    /// # Errors
    /// When it is no share.
    pub fn of_recall(min: f64) -> Result<Self, EvaluationError> {
        Self { recall: RecallGate { min: Some(min), ..RecallGate::default() }, ..Self::default() }.checked()
    }

    fn checked(self) -> Result<Self, EvaluationError> {
        let gate = self;
        let thresholds = gate.thresholds();
        if thresholds.is_empty() {
            return Err(EvaluationError::Gate { problem: "it holds no threshold, so it cannot fail".to_owned() });
        }
        match thresholds.iter().find(|(_, share)| !(0.0..=1.0).contains(share)) {
            Some((name, _)) => Err(EvaluationError::Gate { problem: format!("{name} is not a share between 0 and 1") }),
            None => Ok(gate),
        }
    }

    /// Every threshold by its name; that of new leaks as 0, since it is a number of any size.
    fn thresholds(&self) -> Vec<(String, f64)> {
        let mut found: Vec<(String, Option<f64>)> = vec![
            ("leaks.max_new".to_owned(), self.leaks.max_new.map(|_| 0.0)),
            ("recall.min".to_owned(), self.recall.min),
            ("recall.max_drop".to_owned(), self.recall.max_drop),
            ("kept.min".to_owned(), self.kept.min),
            ("kept.max_drop".to_owned(), self.kept.max_drop),
            ("calibration.max".to_owned(), self.calibration.max),
            ("calibration.max_rise".to_owned(), self.calibration.max_rise),
            ("throughput.min_ratio".to_owned(), self.throughput.min_ratio),
        ];
        found.extend(
            self.recall.min_by_element.iter().map(|(at, min)| (format!("recall.min_by_element.{at}"), Some(*min))),
        );
        for (name, share) in &self.scores {
            found.push((format!("scores.{name}.min"), share.min));
            found.push((format!("scores.{name}.max_drop"), share.max_drop));
        }
        found.into_iter().filter_map(|(name, share)| Some((name, share?))).collect()
    }

    /// Reads a gate for a single evaluation.
    ///
    /// # Errors
    /// As [`Gate::parse`], and when it asks for a comparison (`max_new`, `max_drop`, `max_rise`, `min_ratio`), which one
    /// evaluation cannot answer.
    pub fn parse_alone(text: &str) -> Result<Self, EvaluationError> {
        let gate = Self::parse(text)?;
        let of_two = [".max_new", ".max_drop", ".max_rise", ".min_ratio"];
        let asks_for_two = |(name, _): &&(String, f64)| of_two.iter().any(|end| name.ends_with(end));
        match gate.thresholds().iter().find(asks_for_two) {
            Some((name, _)) => {
                let problem = format!("{name} compares two evaluations; efface compare does that");
                Err(EvaluationError::Gate { problem })
            }
            None => Ok(gate),
        }
    }

    /// Judges one evaluation by the thresholds that need no other.
    ///
    /// # Errors
    /// When the evaluation does not name its ground truth.
    pub fn judge_alone(&self, evaluated: &Evaluated) -> Result<Vec<GateResult>, EvaluationError> {
        Ok(self.judge(&compare(evaluated, evaluated)?))
    }

    /// Judges a comparison, threshold by threshold.
    pub fn judge(&self, comparison: &Comparison) -> Vec<GateResult> {
        let mut results = Vec::new();
        if let Some(max_new) = self.leaks.max_new {
            let found = comparison.removed.worse;
            let threshold = format!("at most {max_new} new leaks");
            results.push(GateResult::new(threshold, format!("{found} new leaks"), found <= max_new));
        }
        let removed = &comparison.removed;
        let recall = ShareGate { min: self.recall.min, max_drop: self.recall.max_drop };
        let shares = |base: Option<efface_schema::Rate>, new: Option<efface_schema::Rate>| {
            (base.map(|rate| rate.value()), new.map(|rate| rate.value()))
        };
        recall.judge("recall", shares(removed.base, removed.new), &mut results);
        // Of an element whose values were all withheld, before and now, there is nothing to compare.
        let measured = |paired: &&PairedRate| paired.base.is_some() || paired.new.is_some();
        for (element, paired) in comparison.removed_by_element.iter().filter(|(_, paired)| measured(paired)) {
            let gate = ShareGate { min: None, max_drop: self.recall.max_drop };
            gate.judge(&format!("recall of {element}"), shares(paired.base, paired.new), &mut results);
        }
        for (element, min) in &self.recall.min_by_element {
            let paired = comparison.removed_by_element.get(element);
            let gate = ShareGate { min: Some(*min), max_drop: None };
            let new = paired.and_then(|paired| paired.new);
            gate.judge(&format!("recall of {element}"), shares(None, new), &mut results);
        }
        self.kept.judge("kept", shares(comparison.kept.base, comparison.kept.new), &mut results);
        self.calibration.judge(comparison, &mut results);
        self.throughput.judge(comparison, &mut results);
        for (name, gate) in &self.scores {
            let change = comparison.scores.get(name);
            let found = shares(change.map(|change| change.base), change.map(|change| change.new));
            gate.judge(name, found, &mut results);
        }
        results
    }
}

/// A share in words.
fn said(share: Option<f64>) -> String {
    share.map_or_else(|| "not measured".to_owned(), |share| format!("{share:.6}"))
}

impl CalibrationGate {
    fn judge(&self, comparison: &Comparison, results: &mut Vec<GateResult>) {
        let (base, new) = (comparison.calibration.base, comparison.calibration.new);
        if let Some(max) = self.max {
            let threshold = format!("expected calibration error at most {max}");
            results.push(GateResult::new(threshold, said(new), new.is_some_and(|new| new <= max)));
        }
        if let Some(max_rise) = self.max_rise {
            results.push(GateResult::new(
                format!("expected calibration error at most {max_rise} above the base"),
                format!("{} before, {} now", said(base), said(new)),
                // Without a base nothing is shown.
                base.zip(new).is_some_and(|(base, new)| new - base <= max_rise + 1e-12),
            ));
        }
    }
}

impl ThroughputGate {
    fn judge(&self, comparison: &Comparison, results: &mut Vec<GateResult>) {
        let Some(min_ratio) = self.min_ratio else { return };
        let (found, passed) = match comparison.throughput {
            SpeedRatio::Ratio(ratio) => (format!("{ratio:.3} times"), ratio >= min_ratio),
            SpeedRatio::NotCompared(why) => (format!("not compared: {why}"), false),
        };
        results.push(GateResult::new(format!("files a second at least {min_ratio} times the base's"), found, passed));
    }
}

impl ShareGate {
    fn judge(&self, name: &str, (base, new): (Option<f64>, Option<f64>), results: &mut Vec<GateResult>) {
        if let Some(min) = self.min {
            results.push(GateResult {
                least: Some(ShareAsked { score: name.to_owned(), min }),
                ..GateResult::new(format!("{name} at least {min}"), said(new), new.is_some_and(|new| new >= min))
            });
        }
        if let Some(max_drop) = self.max_drop {
            results.push(GateResult::new(
                format!("{name} at most {max_drop} below the base"),
                format!("{} before, {} now", said(base), said(new)),
                // A share that is gone is a drop, and one that neither has, as under a name that is misspelt, says nothing.
                match (base, new) {
                    (Some(base), Some(new)) => base - new <= max_drop + 1e-12,
                    (None, Some(_)) => true,
                    (_, None) => false,
                },
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_measured_does_not_pass() {
        let mut results = Vec::new();
        let gate = ShareGate { min: Some(0.5), max_drop: Some(0.0) };
        gate.judge("x", (Some(0.9), None), &mut results);
        assert!(results.iter().all(|result| !result.passed));
        results.clear();
        ShareGate { min: None, max_drop: Some(0.0) }.judge("a name that is misspelt", (None, None), &mut results);
        assert!(results.iter().all(|result| !result.passed) && results.len() == 1);
        results.clear();
        gate.judge("x", (Some(0.9), Some(0.9)), &mut results);
        assert!(results.iter().all(|result| result.passed));
        results.clear();
        gate.judge("x", (Some(0.9), Some(0.899)), &mut results);
        assert_eq!(results.iter().map(|result| result.passed).collect::<Vec<_>>(), [true, false]);
    }

    fn compared(calibration: [Option<f64>; 2], throughput: SpeedRatio) -> Comparison {
        let mut metrics = efface_schema::Metrics::default();
        metrics.measured_on.truth_sha256 = Some(efface_schema::sha256_hex(b"truth"));
        let evaluated = Evaluated::new(metrics, Vec::new());
        let comparison = compare(&evaluated, &evaluated).expect("the same truth");
        let [base, new] = calibration;
        Comparison { calibration: super::super::ErrorChange { base, new }, throughput, ..comparison }
    }

    #[test]
    fn calibration_and_speed_fail_closed() {
        let gate =
            Gate::parse("[calibration]\nmax = 0.1\nmax_rise = 0.02\n[throughput]\nmin_ratio = 0.9").expect("a gate");
        let passed = |calibration, throughput| -> Vec<bool> {
            gate.judge(&compared(calibration, throughput)).iter().map(|result| result.passed).collect()
        };
        let unlike = SpeedRatio::NotCompared("not known to be of the same machine");
        assert_eq!(passed([Some(0.05), Some(0.07)], SpeedRatio::Ratio(0.9)), [true, true, true]);
        assert_eq!(passed([Some(0.05), Some(0.0701)], SpeedRatio::Ratio(0.89)), [true, false, false]);
        assert_eq!(passed([Some(0.2), Some(0.15)], unlike), [false, true, false]);
        assert_eq!(passed([Some(0.05), None], unlike), [false, false, false]);
        assert_eq!(passed([None, Some(0.05)], SpeedRatio::Ratio(2.0)), [true, false, true]);
        for word in ["calibration]\nmax_rise = 0.1", "throughput]\nmin_ratio = 0.5"] {
            assert!(Gate::parse_alone(&format!("[{word}")).is_err(), "{word} compares two");
        }
        assert!(Gate::parse_alone("[calibration]\nmax = 0.1").is_ok());
    }

    #[test]
    fn a_recall_that_is_no_share_is_refused() {
        assert!(Gate::of_recall(0.99).is_ok() && Gate::of_recall(99.0).is_err() && Gate::of_recall(f64::NAN).is_err());
    }

    #[test]
    fn senseless_gates_are_refused() {
        for (text, word) in [
            ("", "no threshold"),
            ("[recall]\nmin = 1.5", "recall.min"),
            ("[recall]\nmax_drops = 0.5", "max_drops"),
            ("[scores.\"MIDI-B strict\"]\nmin = -1", "MIDI-B strict"),
            ("[leaks]\nmax_new = -1", "max_new"),
        ] {
            let error = Gate::parse(text).expect_err(text).to_string();
            assert!(error.contains(word), "{error}");
        }
    }
}

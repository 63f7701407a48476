//! What an evaluation measured: `metrics.json` in its folder.

use crate::{Action, HipaaElement, PhiLabel, Place, Retention, Sha256Hex, Source, Versioned};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A share with its 95 % Wilson score interval. What was not counted has no rate at all.
///
/// With `p = numerator / denominator`, `n = denominator` and `z = 1.959964`:
/// centre `(p + z²/2n) / (1 + z²/n)`, half width `z/(1 + z²/n) · √(p(1-p)/n + z²/4n²)`.
/// Unlike the plain normal interval it stays inside 0 to 1 and is not empty at `p = 1`.
/// Source: E. B. Wilson, Journal of the American Statistical Association 22 (1927) 209-212.
///
/// # Example
/// ```
/// use efface_schema::Rate;
/// let rate = Rate::new(10, 10).unwrap();
/// assert_eq!(rate.value(), 1.0);
/// assert!((rate.low - 0.7225).abs() < 1e-4 && rate.high == 1.0);
/// assert!(Rate::new(0, 0).is_none());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// How many of them.
    pub numerator: u64,
    /// Out of how many.
    pub denominator: u64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
}

impl Rate {
    /// The rate of some out of all; nothing out of nothing is no rate.
    ///
    /// # Panics
    /// When there are more of them than there are.
    pub fn new(numerator: u64, denominator: u64) -> Option<Self> {
        assert!(numerator <= denominator, "a part is not larger than the whole");
        if denominator == 0 {
            return None;
        }
        let z = 1.959_963_984_540_054_f64;
        let (n, p) = (denominator as f64, numerator as f64 / denominator as f64);
        let scale = 1.0 + z * z / n;
        let centre = (p + z * z / (2.0 * n)) / scale;
        let half = z / scale * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
        let low = if numerator == 0 { 0.0 } else { (centre - half).max(0.0) };
        let high = if numerator == denominator { 1.0 } else { (centre + half).min(1.0) };
        Some(Self { numerator, denominator, low, high })
    }

    /// The share itself, from 0 to 1.
    pub fn value(&self) -> f64 {
        self.numerator as f64 / self.denominator as f64
    }
}

/// What was measured, and on what.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeasuredOn {
    /// Version of the program that measured.
    pub efface_version: String,
    /// Hash of the ground truth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub truth_sha256: Option<Sha256Hex>,
    /// Hash of the answer key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_sha256: Option<Sha256Hex>,
    /// Hash over the scored files' relative names and contents, in order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outputs_sha256: Option<Sha256Hex>,
    /// Hash of the suite's manifest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suite_manifest_sha256: Option<Sha256Hex>,
    /// Hash of the manifest of the run that wrote the outputs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_manifest_sha256: Option<Sha256Hex>,
    /// Hash of that run's resolved settings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_settings_sha256: Option<Sha256Hex>,
    /// Hash over the names and contents of that run's results as its decisions name them, from version 5 on: that of the
    /// scored files, if these are the run's results, all and unchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_outputs_sha256: Option<Sha256Hex>,
    /// Hash of the rows that say which decisions of that run were right, where they were written; from version 5 on.
    /// A measurement of calibration that names the same rows is of the same run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judged_sha256: Option<Sha256Hex>,
    /// Hash of the suite's card, where the suite's checksums vouch for it and for the ground truth; from version 5 on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card_sha256: Option<Sha256Hex>,
}

/// How the instances of the suite and the files of the output met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InstanceCounts {
    /// Instances of the suite.
    pub instances: u64,
    /// Instances whose result was found.
    pub found: u64,
    /// Instances without a result in the output.
    pub withheld: u64,
    /// Files in the output.
    pub output_files: u64,
    /// Files that are not DICOM.
    pub not_dicom: u64,
    /// Files whose data set could not be read to its end.
    pub damaged: u64,
    /// Files that belong to no instance, or are a second result of one.
    pub unmatched: u64,
}

/// How originals and results were paired where no mapping said so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PairCounts {
    /// Pairs with the same pixel data.
    pub by_pixels: u64,
    /// Pairs whose numbers and codes are more alike than anybody else's.
    pub by_similarity: u64,
    /// Originals without a pair: they count as withheld.
    pub originals_unmatched: u64,
    /// Files of the output without a pair.
    pub outputs_unmatched: u64,
}

/// How planted values ended.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecallCell {
    /// Values that are gone, out of those that were judged: removed and leaked ones. The interval takes values
    /// for independent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed: Option<Rate>,
    /// The same share with the interval that allows for many values of one patient ending alike; absent where
    /// fewer than two patients have any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed_by_patient: Option<Rate>,
    /// Patients with a judged value.
    pub patients: u64,
    /// The largest share of leaks that agrees with what was seen (exact, one-sided, 95 %): without any leak
    /// recall is not shown to be 1, but to be above 1 less this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leak_upper_bound: Option<f64>,
    /// The same bound where values of one patient end alike, from version 5 on; absent where fewer than two patients have
    /// any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leak_upper_bound_by_patient: Option<f64>,
    /// Values that are still there.
    pub leaked: u64,
    /// Values in instances that have no result in the output.
    pub withheld: u64,
    /// Values about which nothing can be said, as in pixels that cannot be decoded.
    pub unjudged: u64,
}

/// Recall: which planted values are gone.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecallMetrics {
    /// All values.
    pub overall: RecallCell,
    /// By element of 45 CFR 164.514(b)(2)(i).
    pub by_element: BTreeMap<HipaaElement, RecallCell>,
    /// By kind of place.
    pub by_place: BTreeMap<Place, RecallCell>,
    /// By label.
    pub by_label: BTreeMap<PhiLabel, RecallCell>,
    /// By modality.
    pub by_modality: BTreeMap<String, RecallCell>,
    /// By locale of the patient; empty where the ground truth does not say.
    pub by_locale: BTreeMap<String, RecallCell>,
    /// By element and kind of place.
    pub by_element_and_place: BTreeMap<HipaaElement, BTreeMap<Place, RecallCell>>,
    /// By element and modality, from version 5 on.
    #[serde(default)]
    pub by_element_and_modality: BTreeMap<HipaaElement, BTreeMap<String, RecallCell>>,
    /// By element and locale of the patient, from version 5 on; empty where the ground truth does not say.
    #[serde(default)]
    pub by_element_and_locale: BTreeMap<HipaaElement, BTreeMap<String, RecallCell>>,
}

/// How decisions that took something away agree with the ground truth.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrecisionCell {
    /// Decisions about a place that holds a planted value or a part of one, out of those that were judged. The interval
    /// takes decisions for independent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub right: Option<Rate>,
    /// The same share with the interval that allows for many decisions about one patient being right alike; absent
    /// where fewer than two patients have any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub right_by_patient: Option<Rate>,
    /// Patients with a judged decision.
    pub patients: u64,
    /// Decisions about places of which the ground truth says nothing: they are in no share.
    pub unjudged: u64,
}

/// Precision: of the decisions of the run that took something away, how many are about what identifies.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrecisionMetrics {
    /// All decisions.
    pub overall: PrecisionCell,
    /// By who proposed the decision.
    pub by_source: BTreeMap<Source, PrecisionCell>,
    /// By what was done.
    pub by_action: BTreeMap<Action, PrecisionCell>,
}

/// The search for every planted value in the bytes of every output.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResidualMetrics {
    /// Different values that were searched.
    pub values_searched: u64,
    /// Different values too short or too plain to be searched.
    pub values_skipped: u64,
    /// Bytes looked through, after inflating.
    pub bytes_scanned: u64,
    /// Times a value was found.
    pub hits: u64,
    /// Files without any hit, out of all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clean_files: Option<Rate>,
    /// Hits by attribute, or by `preamble`, `file name` and `between elements`.
    pub by_attribute: BTreeMap<String, u64>,
}

/// What should have been kept.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetentionMetrics {
    /// Values that are kept in the sense asked for.
    pub by_kind: BTreeMap<Retention, Rate>,
    /// Instances without planted pixels whose pixel data is the same to the byte.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identical_pixels: Option<Rate>,
    /// Pixels outside planted boxes that are unchanged, over all decodable frames.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unchanged_pixels: Option<Rate>,
    /// Drawn words that identify nobody and cannot be read any more in a frame that showed them, of all such words;
    /// from version 2 on. The fewer the better.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub harmless_words_hidden: Option<Rate>,
    /// The same shares with intervals that allow for many values of one patient ending alike, from version 3 on.
    #[serde(default)]
    pub by_patient: RetentionByPatient,
}

/// Shares of what should have been kept with intervals by patient: whole patients were drawn anew. A share is absent
/// where fewer than two patients have any of it, or where its draws do not vary.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetentionByPatient {
    /// As [`RetentionMetrics::by_kind`].
    pub by_kind: BTreeMap<Retention, Rate>,
    /// As [`RetentionMetrics::identical_pixels`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identical_pixels: Option<Rate>,
    /// As [`RetentionMetrics::unchanged_pixels`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unchanged_pixels: Option<Rate>,
    /// As [`RetentionMetrics::harmless_words_hidden`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub harmless_words_hidden: Option<Rate>,
}

/// How many checks of the answer key ended how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckCounts {
    /// Passed.
    pub pass: u64,
    /// Failed.
    pub fail: u64,
    /// Neither; counted in the total.
    pub blank: u64,
}

impl CheckCounts {
    /// All checks.
    pub const fn total(&self) -> u64 {
        self.pass + self.fail + self.blank
    }

    /// Passed checks out of all.
    pub fn rate(&self) -> Option<Rate> {
        Rate::new(self.pass, self.total())
    }
}

impl std::ops::Add for CheckCounts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { pass: self.pass + other.pass, fail: self.fail + other.fail, blank: self.blank + other.blank }
    }
}

/// Checks added up.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckScores {
    /// All checks: the pooled score, which retention dominates.
    pub all: CheckCounts,
    /// Checks that something is gone: what tells about privacy.
    pub removal: CheckCounts,
    /// Checks that something is kept.
    pub retention: CheckCounts,
    /// By action.
    pub by_action: BTreeMap<String, CheckCounts>,
    /// By family (`dicom`, `hipaa`, `tcia`) and code.
    pub by_category: BTreeMap<String, BTreeMap<String, CheckCounts>>,
}

/// What a submission reaches that took no tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BaselineScore {
    /// All checks.
    pub all: CheckCounts,
    /// Checks that something is gone.
    pub removal: CheckCounts,
    /// Checks that something is kept.
    pub retention: CheckCounts,
}

/// The score with what the official scorer passes although it leaks.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StrictMetrics {
    /// The totals; pixel checks that the official scorer drops count as blank here.
    pub scores: CheckScores,
    /// By strict rule, the checks of single instances that it objects to.
    pub objections: BTreeMap<String, u64>,
}

/// Shares of passed checks with intervals by patient, which allow for many checks of one patient ending alike: whole
/// patients were drawn anew. A share is absent where fewer than two patients have any, or where its draws do not vary.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChecksByPatient {
    /// All checks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub all: Option<Rate>,
    /// Checks that something is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removal: Option<Rate>,
    /// Checks that something is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention: Option<Rate>,
}

/// The score by the rules of the MIDI-B challenge.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MidiMetrics {
    /// `instance` or `series`.
    pub report: String,
    /// The official verdicts.
    pub official: CheckScores,
    /// The same shares by patient, from version 4 on.
    #[serde(default)]
    pub official_by_patient: ChecksByPatient,
    /// The strict ones, unless only parity was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strict: Option<StrictMetrics>,
    /// The same shares by patient, from version 4 on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strict_by_patient: Option<ChecksByPatient>,
    /// Instances of the key without a file.
    pub missing_files: u64,
    /// Files that neither mapping nor key knows.
    pub unknown_files: u64,
    /// What read the pixels; absent if nothing did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pixel_reader: Option<String>,
    /// Pixel checks that could not be made and are in no official count.
    pub unread_pixels: u64,
    /// Official verdicts on the originals as submission, without its pixel checks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub do_nothing: Option<BaselineScore>,
    /// Official verdicts on an empty submission.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub empty: Option<BaselineScore>,
}

impl MidiMetrics {
    /// The scores that count: the strict ones where there are any.
    pub fn leading(&self) -> &CheckScores {
        self.strict.as_ref().map_or(&self.official, |strict| &strict.scores)
    }
}

/// The results of an evaluation. It holds no planted value and no identifier.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metrics {
    /// Version of this form.
    pub format_version: u32,
    /// What was measured.
    pub measured_on: MeasuredOn,
    /// How suite and output met.
    pub instances: InstanceCounts,
    /// How they were paired, if by fingerprints.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paired: Option<PairCounts>,
    /// Recall.
    pub recall: RecallMetrics,
    /// Precision of the run's decisions, from version 5 on; absent where no run with decisions and a crosswalk about
    /// this suite is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precision: Option<PrecisionMetrics>,
    /// Residual scan.
    pub residual: ResidualMetrics,
    /// Utility: what should have been kept.
    pub retention: RetentionMetrics,
    /// The challenge's score, if there is an answer key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub midi: Option<MidiMetrics>,
}

impl Versioned for Metrics {
    const FORMAT_VERSION: u32 = 5;
    const NAME: &'static str = "metrics record";

    fn format_version(&self) -> u32 {
        self.format_version
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn intervals_agree_with_published_ones() {
        // Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3.
        for (numerator, denominator, low, high) in
            [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611)]
        {
            let rate = Rate::new(numerator, denominator).expect("not empty");
            assert!((rate.low - low).abs() < 5e-5 && (rate.high - high).abs() < 5e-5, "{rate:?}");
        }
    }

    proptest! {
        #[test]
        fn an_interval_holds_its_rate(denominator in 1_u64..1_000_000, share in 0.0..=1.0) {
            let numerator = (denominator as f64 * share) as u64;
            let rate = Rate::new(numerator, denominator).expect("not empty");
            prop_assert!(0.0 <= rate.low && rate.low <= rate.value() && rate.value() <= rate.high && rate.high <= 1.0);
        }

        // A reader that multiplies digits by a power of ten would read the neighbour of many a bound.
        #[test]
        fn a_rate_is_read_back_as_it_was_written(numerator in 0_u64..100_000, more in 1_u64..100_000) {
            let rate = Rate::new(numerator, numerator + more).expect("not empty");
            let text = serde_json::to_string(&rate).expect("finite numbers");
            prop_assert_eq!(serde_json::from_str::<Rate>(&text).expect("a rate"), rate);
        }
    }
}

//! What was measured about models: the records that `efface measure` writes.
//!
//! What is undefined, such as the precision of nothing, is absent; it is never 0 or 1.

use crate::{PhiLabel, RunWork, Sha256Hex, Versioned};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A figure with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Estimate {
    /// The figure on all data.
    pub value: f64,
    /// Lower end of the interval; absent where there is none, as with the data of a single patient.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<f64>,
    /// Upper end of the interval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<f64>,
}

/// Both ends of the 95 % interval of a figure, from drawing whole clusters anew.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// A share of cases that come in clusters, with its 95 % interval across clusters.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClusteredShare {
    /// How many of them.
    pub numerator: u64,
    /// Out of how many.
    pub denominator: u64,
    /// The share, from 0 to 1.
    pub value: f64,
    /// Lower end of the interval; absent with a single cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<f64>,
    /// Upper end of the interval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<f64>,
}

/// Which files were measured, so that a figure can be traced to them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeasuredFiles {
    /// Hash of the gold as it was read.
    pub gold_sha256: Sha256Hex,
    /// Hash of the predictions as they were read.
    pub predictions_sha256: Sha256Hex,
}

/// How intervals were resampled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resampling {
    /// Root of the random numbers.
    pub seed: u64,
    /// Name of the stream under that root.
    pub stream: String,
    /// How many times the clusters were drawn anew.
    pub n_resamples: u32,
}

/// Spans found and not found, as the task SemEval-2013 9.1 counts them.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MatchCounts {
    /// Predicted spans that match a gold one.
    pub correct: u64,
    /// Predicted spans that meet a gold one and do not match it.
    pub incorrect: u64,
    /// Predicted spans that share a part with a gold one, where that counts half.
    pub partial: u64,
    /// Gold spans that no predicted one was matched with.
    pub missed: u64,
    /// Predicted spans that meet no gold one.
    pub spurious: u64,
    /// Gold spans: correct, incorrect, partial and missed.
    pub possible: u64,
    /// Predicted spans: correct, incorrect, partial and spurious.
    pub actual: u64,
    /// `(correct + partial/2) / actual`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precision: Option<f64>,
    /// `(correct + partial/2) / possible`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recall: Option<f64>,
    /// Harmonic mean of both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub f1: Option<f64>,
    /// Its interval, from version 2 on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub f1_interval: Option<Interval>,
}

/// One of the four ways to match spans.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MatchMetrics {
    /// All labels against each other.
    pub overall: MatchCounts,
    /// Each label by itself.
    pub by_label: BTreeMap<PhiLabel, MatchCounts>,
}

/// The four ways of SemEval-2013 to match a predicted span with a gold one.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SchemeMetrics {
    /// Same ends and same label.
    pub strict: MatchMetrics,
    /// Same ends, whatever the label.
    pub exact: MatchMetrics,
    /// Some characters in common, whatever the label: one half, or one if the ends are the same.
    pub partial: MatchMetrics,
    /// Some characters in common and the same label.
    #[serde(rename = "type")]
    pub entity_type: MatchMetrics,
}

/// Precision, recall and F1 of one label or of an average over labels.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TagScores {
    /// Share of the found entities that are right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precision: Option<f64>,
    /// Share of the gold entities that are found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recall: Option<f64>,
    /// Harmonic mean of both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub f1: Option<f64>,
    /// Its interval, from version 2 on; of means over labels from version 3 on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub f1_interval: Option<Interval>,
    /// Gold entities.
    pub support: u64,
}

/// Entities read off BIO tags and compared as `seqeval` does.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TagMetrics {
    /// All entities together.
    pub micro: TagScores,
    /// Mean over labels; an undefined figure of a label counts as 0, as in `seqeval`.
    #[serde(rename = "macro")]
    pub macro_average: TagScores,
    /// Mean over labels, each as often as the gold has it; an undefined figure counts as 0, as in `seqeval`.
    pub weighted: TagScores,
    /// Each label by itself.
    pub by_label: BTreeMap<PhiLabel, TagScores>,
}

/// Units, such as tokens or characters, that are or are taken for PHI.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitScores {
    /// Are, and are taken for it.
    pub true_positives: u64,
    /// Are not, and are taken for it.
    pub false_positives: u64,
    /// Are, and are not taken for it.
    pub false_negatives: u64,
    /// Share of what is taken for it that is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precision: Option<ClusteredShare>,
    /// Share of what is that is taken for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recall: Option<ClusteredShare>,
    /// Harmonic mean of both: `2 TP / (2 TP + FP + FN)`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub f1: Option<f64>,
    /// Its interval, from version 2 on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub f1_interval: Option<Interval>,
}

/// Scores by tokens or by characters.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitMetrics {
    /// PHI or not, whatever the label: what matters for removal.
    pub any_label: UnitScores,
    /// Each label by itself.
    pub by_label: BTreeMap<PhiLabel, UnitScores>,
}

/// A part of the texts.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextGroup {
    /// Texts.
    pub n_texts: u64,
    /// Spans with the same ends and label.
    pub strict: MatchCounts,
    /// Characters, whatever the label.
    pub characters: UnitScores,
}

/// How well entities are recognized. It holds no text.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NerMetrics {
    /// Version of this form.
    pub format_version: u32,
    /// Hashes of gold and predictions; from version 4 on, absent where they were no files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measured_files: Option<MeasuredFiles>,
    /// Texts.
    pub n_texts: u64,
    /// Patients, or texts where the gold names no patients.
    pub n_clusters: u64,
    /// Spans of the gold.
    pub n_gold_spans: u64,
    /// Spans of the model.
    pub n_predicted_spans: u64,
    /// How intervals of F1 were made, from version 2 on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resampling: Option<Resampling>,
    /// Spans matched in the four ways.
    pub spans: SchemeMetrics,
    /// BIO tags as `seqeval` reads them by default, which forgives an entity that begins with `I-`.
    pub tags_default: TagMetrics,
    /// BIO tags as `seqeval` reads them with `mode="strict", scheme=IOB2`.
    pub tags_strict: TagMetrics,
    /// By tokens.
    pub tokens: UnitMetrics,
    /// By characters.
    pub characters: UnitMetrics,
    /// Texts without any PHI in which something was taken for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub touched_clean_texts: Option<ClusteredShare>,
    /// By modality, where the gold names it.
    pub by_modality: BTreeMap<String, TextGroup>,
    /// By locale, where the gold names it.
    pub by_locale: BTreeMap<String, TextGroup>,
    /// By the attribute that a text stands in, where the gold names it: its keyword, or its tag where it has none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub by_attribute: BTreeMap<String, TextGroup>,
}

/// Average precision and recall as COCO defines them; absent where no gold box is in question.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CocoScores {
    /// Mean over overlaps of 0.50 to 0.95 in steps of 0.05, at most 100 boxes an image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ap: Option<f64>,
    /// Its interval, from version 2 on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ap_interval: Option<Interval>,
    /// At an overlap of 0.50.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ap50: Option<f64>,
    /// Its interval, from version 2 on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ap50_interval: Option<Interval>,
    /// At an overlap of 0.75.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ap75: Option<f64>,
    /// Its interval, from version 2 on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ap75_interval: Option<Interval>,
    /// Of boxes up to 32² pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ap_small: Option<f64>,
    /// Its interval, from version 3 on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ap_small_interval: Option<Interval>,
    /// Of boxes of 32² to 96² pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ap_medium: Option<f64>,
    /// Its interval, from version 3 on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ap_medium_interval: Option<Interval>,
    /// Of boxes from 96² pixels on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ap_large: Option<f64>,
    /// Its interval, from version 3 on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ap_large_interval: Option<Interval>,
    /// Recall with at most one box an image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ar_1: Option<f64>,
    /// Its interval, from version 3 on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ar_1_interval: Option<Interval>,
    /// Recall with at most 10 boxes an image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ar_10: Option<f64>,
    /// Its interval, from version 3 on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ar_10_interval: Option<Interval>,
    /// Recall with at most 100 boxes an image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ar_100: Option<f64>,
    /// Its interval, from version 3 on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ar_100_interval: Option<Interval>,
    /// Recall of boxes up to 32² pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ar_small: Option<f64>,
    /// Its interval, from version 3 on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ar_small_interval: Option<Interval>,
    /// Recall of boxes of 32² to 96² pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ar_medium: Option<f64>,
    /// Its interval, from version 3 on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ar_medium_interval: Option<Interval>,
    /// Recall of boxes from 96² pixels on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ar_large: Option<f64>,
    /// Its interval, from version 3 on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ar_large_interval: Option<Interval>,
}

/// What painting over the boxes from one score on would hide and lose.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HidingScores {
    /// Boxes with this score or more are painted over.
    pub least_score: f64,
    /// How many these are.
    pub n_boxes: u64,
    /// Pixels of the glyphs of PHI words that are painted over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub glyph_pixels_covered: Option<ClusteredShare>,
    /// PHI words of whose box so much is painted over that they count as hidden.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words_hidden: Option<ClusteredShare>,
    /// Pixels outside the boxes of all PHI words that are painted over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clean_pixels_lost: Option<ClusteredShare>,
    /// Images without any PHI word in which something is painted over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub touched_clean_images: Option<ClusteredShare>,
}

/// How well words are found in images. It holds no word.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DetectorMetrics {
    /// Version of this form.
    pub format_version: u32,
    /// Hashes of gold and predictions; from version 4 on, absent where they were no files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measured_files: Option<MeasuredFiles>,
    /// Images.
    pub n_images: u64,
    /// Patients: the first folders of the images' paths.
    pub n_clusters: u64,
    /// Boxes of the gold.
    pub n_gold_boxes: u64,
    /// Boxes of the model.
    pub n_predicted_boxes: u64,
    /// How intervals of average precision were made, from version 2 on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resampling: Option<Resampling>,
    /// Mean over categories.
    pub coco: CocoScores,
    /// Each category by itself.
    pub by_category: BTreeMap<String, CocoScores>,
    /// Categories whose words are PHI, and whose boxes are painted over.
    pub phi_categories: Vec<String>,
    /// Whether the gold has masks of glyphs; without them their boxes count.
    pub has_masks: bool,
    /// Share of a word's box that must be covered for it to count as hidden.
    pub least_cover: f64,
    /// By the least score that is painted over, in rising order.
    pub hiding: Vec<HidingScores>,
}

/// Decisions of nearly the same probability.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReliabilityBin {
    /// Decisions with a probability over this (the first bin: from this on).
    pub low: f64,
    /// Decisions with a probability up to this.
    pub high: f64,
    /// How many.
    pub n: u64,
    /// Their mean probability.
    pub mean_probability: f64,
    /// The share of them that is right.
    pub share_correct: f64,
    /// Its interval across clusters (Wilson's), from version 2 on; absent with a single cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<Interval>,
}

/// The parts of the Brier score: `reliability - resolution + uncertainty + within-bin variance - within-bin covariance`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BrierParts {
    /// How far probabilities lie from what happens: lower is better.
    pub reliability: Estimate,
    /// How far what happens in the bins lies from what happens overall: higher is better.
    pub resolution: Estimate,
    /// What the data is like: nothing to do with the model.
    pub uncertainty: Estimate,
    /// Spread of the probabilities inside bins.
    pub within_bin_variance: Estimate,
    /// Twice the covariance of probabilities and outcomes inside bins.
    pub within_bin_covariance: Estimate,
}

/// Calibration errors by one way to make bins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BinnedCalibration {
    /// Mean distance of probability and outcome (ECE).
    pub expected_error: Estimate,
    /// The expected error without what chance adds to it, from version 2 on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub debiased_expected_error: Option<Estimate>,
    /// Largest distance of probability and outcome (MCE).
    pub maximum_error: Estimate,
    /// Root of the mean squared distance.
    pub root_mean_square_error: Estimate,
    /// The same without what chance adds to it in bins of few decisions.
    pub debiased_root_mean_square_error: Estimate,
    /// The Brier score's parts by these bins.
    pub brier_parts: BrierParts,
    /// The reliability diagram: bins that hold any decision.
    pub bins: Vec<ReliabilityBin>,
}

/// What a share of decisions kept means for the rest.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReviewPoint {
    /// Share of the decisions that a person looks at: the least sure ones.
    pub review_share: f64,
    /// Share of wrong decisions among those that nobody looks at; absent when all are looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_unreviewed: Option<Estimate>,
    /// Share of PHI that is decided wrongly and that nobody looks at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phi_missed: Option<Estimate>,
}

/// A point of the risk-coverage curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RiskPoint {
    /// Share of decisions that stand: the surest ones.
    pub coverage: f64,
    /// Share of wrong ones among them.
    pub risk: f64,
    /// Its interval, from version 2 on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<Interval>,
}

/// How far the probabilities of one kind of decision can be trusted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalibrationFigures {
    /// Decisions.
    pub n_decisions: u64,
    /// Clusters, such as patients.
    pub n_clusters: u64,
    /// Mean probability.
    pub mean_probability: Estimate,
    /// Share of right decisions.
    pub share_correct: Estimate,
    /// Mean squared distance of probability and outcome.
    pub brier_score: Estimate,
    /// Mean negative logarithm of the probability of what happened, in nats.
    pub log_loss: Estimate,
    /// Area under the risk-coverage curve: lower is better.
    pub area_under_risk_coverage: Estimate,
    /// By bins of equal width.
    pub equal_width: BinnedCalibration,
    /// By bins of about equally many decisions.
    pub equal_mass: BinnedCalibration,
    /// The risk-coverage curve, at a hundred shares.
    pub risk_coverage: Vec<RiskPoint>,
    /// What review buys, by share.
    pub review: Vec<ReviewPoint>,
}

/// How far probabilities can be trusted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalibrationMetrics {
    /// Version of this form.
    pub format_version: u32,
    /// Bins that were asked for.
    pub n_bins: u32,
    /// How intervals were made.
    pub resampling: Resampling,
    /// Hash of the rows as they were read; from version 3 on, absent where they were no file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows_sha256: Option<Sha256Hex>,
    /// All rows.
    pub overall: CalibrationFigures,
    /// By kind, where rows name it.
    pub by_kind: BTreeMap<String, CalibrationFigures>,
}

/// Latencies of one stage and modality.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageLatency {
    /// The stage.
    pub stage: String,
    /// The modality; absent for all modalities together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modality: Option<String>,
    /// Rows.
    pub n: u64,
    /// Bytes worked on.
    pub bytes: u64,
    /// Seconds in total.
    pub seconds: f64,
    /// Pieces of work for each second spent in the stage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_second: Option<f64>,
    /// Megabytes (10⁶ bytes) for each second spent in the stage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub megabytes_per_second: Option<f64>,
    /// Half take no longer than this, in milliseconds.
    pub p50_ms: f64,
    /// Nine of ten take no longer; absent with fewer than 10 rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p90_ms: Option<f64>,
    /// 99 of 100 take no longer; absent with fewer than 100 rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p99_ms: Option<f64>,
    /// The longest.
    pub max_ms: f64,
}

/// One run of a program over a set of files.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimedRun {
    /// Threads it was given.
    pub n_threads: u32,
    /// Which repeat, counted from 1.
    pub repeat: u32,
    /// Microseconds from start to end.
    pub wall_us: u64,
    /// Microseconds of all processors together.
    pub cpu_us: u64,
    /// Largest resident memory that was seen, in bytes; absent where the system does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_memory_bytes: Option<u64>,
    /// Hash over names and bytes of what came out; absent if nobody looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outputs_sha256: Option<Sha256Hex>,
    /// How the program ended.
    pub exit_code: i32,
}

/// The runs with one number of threads.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThreadScaling {
    /// Threads.
    pub n_threads: u32,
    /// Repeats.
    pub n_runs: u32,
    /// Median of the wall times, in seconds.
    pub wall_s: f64,
    /// Files for each second, by the median.
    pub files_per_second: f64,
    /// Megabytes (10⁶ bytes) for each second, by the median.
    pub megabytes_per_second: f64,
    /// Processor seconds for each file, by the median.
    pub cpu_seconds_per_file: f64,
    /// Standard deviation of the wall times over their mean; absent with a single run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variation: Option<f64>,
    /// Largest memory of all runs, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_memory_bytes: Option<u64>,
    /// How many times as fast as with the fewest threads.
    pub speedup: f64,
}

/// How fast something is. It is worth something only if [`Self::faults`] is empty.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThroughputMetrics {
    /// Version of this form.
    pub format_version: u32,
    /// Operating system and architecture.
    pub platform: String,
    /// Hash of what tells this machine from others: processor, number of processors, memory, operating system; from
    /// version 2 on, absent where the system does not tell. Speeds of different machines are not compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine_sha256: Option<Sha256Hex>,
    /// What the timed runs did; from version 3 on, absent where none was timed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub work: Option<RunWork>,
    /// Processors at hand.
    pub n_processors: u32,
    /// Files that were worked on in each run.
    pub n_files: u64,
    /// Their bytes.
    pub n_bytes: u64,
    /// Why the figures are INVALID; VALID if there is nothing.
    pub faults: Vec<String>,
    /// By threads.
    pub scaling: Vec<ThreadScaling>,
    /// Each run.
    pub runs: Vec<TimedRun>,
    /// By stage and modality.
    pub stages: Vec<StageLatency>,
}

macro_rules! versioned {
    ($($record:ty: $version:literal, $name:literal);+ $(;)?) => {$(
        impl Versioned for $record {
            const FORMAT_VERSION: u32 = $version;
            const NAME: &'static str = $name;

            fn format_version(&self) -> u32 {
                self.format_version
            }
        }
    )+};
}

versioned! {
    NerMetrics: 4, "record of entity metrics";
    DetectorMetrics: 4, "record of detector metrics";
    CalibrationMetrics: 3, "record of calibration metrics";
    ThroughputMetrics: 3, "record of throughput";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{parse_json, to_json_line};

    #[test]
    fn what_is_undefined_is_absent_and_comes_back_so() {
        let metrics = NerMetrics { format_version: NerMetrics::FORMAT_VERSION, ..NerMetrics::default() };
        let line = to_json_line(&metrics);
        assert!(!line.contains("precision") && !line.contains("null"), "{line}");
        assert_eq!(parse_json::<NerMetrics>(&line).expect("the same"), metrics);
        assert!(parse_json::<NerMetrics>(&line.replace("\"format_version\":4", "\"format_version\":5")).is_err());
        let older = line.replace("\"format_version\":4", "\"format_version\":1");
        assert_eq!(parse_json::<NerMetrics>(&older).expect("an older version").resampling, None);
    }
}

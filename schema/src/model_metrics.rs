//! What was measured about models: the records that `efface measure` writes.
//!
//! What is undefined, such as the precision of nothing, is absent; it is never 0 or 1.

use crate::{PhiLabel, Versioned};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Declares records as they stand on disk. A field `name?: T` is an `Option<T>`, and what is undefined is not written.
macro_rules! records {
    ($(
        $(#[$about:meta])*
        $name:ident { $($(#[$field_about:meta])* $field:ident $(?: $optional:ty)? $(: $plain:ty)?),+ $(,)? }
    )+) => {$(
        $(#[$about])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name {$(
            $(#[$field_about])*
            $(#[serde(default, skip_serializing_if = "Option::is_none")] pub $field: Option<$optional>,)?
            $(pub $field: $plain,)?
        )+}
    )+};
}

records! {
    /// A figure with its 95 % interval.
    #[derive(Copy)]
    Estimate {
        /// The figure on all data.
        value: f64,
        /// Lower end of the interval; absent where there is none, as with the data of a single patient.
        low?: f64,
        /// Upper end of the interval.
        high?: f64,
    }

    /// Both ends of the 95 % interval of a figure, from drawing whole clusters anew.
    #[derive(Copy)]
    Interval {
        /// The lower end.
        low: f64,
        /// The upper end.
        high: f64,
    }

    /// A share of cases that come in clusters, with its 95 % interval across clusters.
    #[derive(Copy)]
    ClusteredShare {
        /// How many of them.
        numerator: u64,
        /// Out of how many.
        denominator: u64,
        /// The share, from 0 to 1.
        value: f64,
        /// Lower end of the interval; absent with a single cluster.
        low?: f64,
        /// Upper end of the interval.
        high?: f64,
    }

    /// How intervals were resampled.
    #[derive(Eq)]
    Resampling {
        /// Root of the random numbers.
        seed: u64,
        /// Name of the stream under that root.
        stream: String,
        /// How many times the clusters were drawn anew.
        n_resamples: u32,
    }

    /// Spans found and not found, as the task SemEval-2013 9.1 counts them.
    #[derive(Copy, Default)]
    MatchCounts {
        /// Predicted spans that match a gold one.
        correct: u64,
        /// Predicted spans that meet a gold one and do not match it.
        incorrect: u64,
        /// Predicted spans that share a part with a gold one, where that counts half.
        partial: u64,
        /// Gold spans that no predicted one was matched with.
        missed: u64,
        /// Predicted spans that meet no gold one.
        spurious: u64,
        /// Gold spans: correct, incorrect, partial and missed.
        possible: u64,
        /// Predicted spans: correct, incorrect, partial and spurious.
        actual: u64,
        /// `(correct + partial/2) / actual`.
        precision?: f64,
        /// `(correct + partial/2) / possible`.
        recall?: f64,
        /// Harmonic mean of both.
        f1?: f64,
        /// Its interval, from version 2 on.
        f1_interval?: Interval,
    }

    /// One of the four ways to match spans.
    #[derive(Default)]
    MatchMetrics {
        /// All labels against each other.
        overall: MatchCounts,
        /// Each label by itself.
        by_label: BTreeMap<PhiLabel, MatchCounts>,
    }

    /// The four ways of SemEval-2013 to match a predicted span with a gold one.
    #[derive(Default)]
    SchemeMetrics {
        /// Same ends and same label.
        strict: MatchMetrics,
        /// Same ends, whatever the label.
        exact: MatchMetrics,
        /// Some characters in common, whatever the label: one half, or one if the ends are the same.
        partial: MatchMetrics,
        /// Some characters in common and the same label.
        #[serde(rename = "type")]
        entity_type: MatchMetrics,
    }

    /// Precision, recall and F1 of one label or of an average over labels.
    #[derive(Copy, Default)]
    TagScores {
        /// Share of the found entities that are right.
        precision?: f64,
        /// Share of the gold entities that are found.
        recall?: f64,
        /// Harmonic mean of both.
        f1?: f64,
        /// Its interval, from version 2 on; of means over labels from version 3 on.
        f1_interval?: Interval,
        /// Gold entities.
        support: u64,
    }

    /// Entities read off BIO tags and compared as `seqeval` does.
    #[derive(Default)]
    TagMetrics {
        /// All entities together.
        micro: TagScores,
        /// Mean over labels; an undefined figure of a label counts as 0, as in `seqeval`.
        #[serde(rename = "macro")]
        macro_average: TagScores,
        /// Mean over labels, each as often as the gold has it; an undefined figure counts as 0, as in `seqeval`.
        weighted: TagScores,
        /// Each label by itself.
        by_label: BTreeMap<PhiLabel, TagScores>,
    }

    /// Units, such as tokens or characters, that are or are taken for PHI.
    #[derive(Copy, Default)]
    UnitScores {
        /// Are, and are taken for it.
        true_positives: u64,
        /// Are not, and are taken for it.
        false_positives: u64,
        /// Are, and are not taken for it.
        false_negatives: u64,
        /// Share of what is taken for it that is.
        precision?: ClusteredShare,
        /// Share of what is that is taken for it.
        recall?: ClusteredShare,
        /// Harmonic mean of both: `2 TP / (2 TP + FP + FN)`.
        f1?: f64,
        /// Its interval, from version 2 on.
        f1_interval?: Interval,
    }

    /// Scores by tokens or by characters.
    #[derive(Default)]
    UnitMetrics {
        /// PHI or not, whatever the label: what matters for removal.
        any_label: UnitScores,
        /// Each label by itself.
        by_label: BTreeMap<PhiLabel, UnitScores>,
    }

    /// A part of the texts.
    #[derive(Default)]
    TextGroup {
        /// Texts.
        n_texts: u64,
        /// Spans with the same ends and label.
        strict: MatchCounts,
        /// Characters, whatever the label.
        characters: UnitScores,
    }

    /// How well entities are recognized. It holds no text.
    #[derive(Default)]
    NerMetrics {
        /// Version of this form.
        format_version: u32,
        /// Texts.
        n_texts: u64,
        /// Patients, or texts where the gold names no patients.
        n_clusters: u64,
        /// Spans of the gold.
        n_gold_spans: u64,
        /// Spans of the model.
        n_predicted_spans: u64,
        /// How intervals of F1 were made, from version 2 on.
        resampling?: Resampling,
        /// Spans matched in the four ways.
        spans: SchemeMetrics,
        /// BIO tags as `seqeval` reads them by default, which forgives an entity that begins with `I-`.
        tags_default: TagMetrics,
        /// BIO tags as `seqeval` reads them with `mode="strict", scheme=IOB2`.
        tags_strict: TagMetrics,
        /// By tokens.
        tokens: UnitMetrics,
        /// By characters.
        characters: UnitMetrics,
        /// Texts without any PHI in which something was taken for it.
        touched_clean_texts?: ClusteredShare,
        /// By modality, where the gold names it.
        by_modality: BTreeMap<String, TextGroup>,
        /// By locale, where the gold names it.
        by_locale: BTreeMap<String, TextGroup>,
        /// By the attribute that a text stands in, where the gold names it: its keyword, or its tag where it has none.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        by_attribute: BTreeMap<String, TextGroup>,
    }

    /// Average precision and recall as COCO defines them; absent where no gold box is in question.
    #[derive(Copy, Default)]
    CocoScores {
        /// Mean over overlaps of 0.50 to 0.95 in steps of 0.05, at most 100 boxes an image.
        ap?: f64,
        /// Its interval, from version 2 on.
        ap_interval?: Interval,
        /// At an overlap of 0.50.
        ap50?: f64,
        /// Its interval, from version 2 on.
        ap50_interval?: Interval,
        /// At an overlap of 0.75.
        ap75?: f64,
        /// Its interval, from version 2 on.
        ap75_interval?: Interval,
        /// Of boxes up to 32² pixels.
        ap_small?: f64,
        /// Its interval, from version 3 on.
        ap_small_interval?: Interval,
        /// Of boxes of 32² to 96² pixels.
        ap_medium?: f64,
        /// Its interval, from version 3 on.
        ap_medium_interval?: Interval,
        /// Of boxes from 96² pixels on.
        ap_large?: f64,
        /// Its interval, from version 3 on.
        ap_large_interval?: Interval,
        /// Recall with at most one box an image.
        ar_1?: f64,
        /// Its interval, from version 3 on.
        ar_1_interval?: Interval,
        /// Recall with at most 10 boxes an image.
        ar_10?: f64,
        /// Its interval, from version 3 on.
        ar_10_interval?: Interval,
        /// Recall with at most 100 boxes an image.
        ar_100?: f64,
        /// Its interval, from version 3 on.
        ar_100_interval?: Interval,
        /// Recall of boxes up to 32² pixels.
        ar_small?: f64,
        /// Its interval, from version 3 on.
        ar_small_interval?: Interval,
        /// Recall of boxes of 32² to 96² pixels.
        ar_medium?: f64,
        /// Its interval, from version 3 on.
        ar_medium_interval?: Interval,
        /// Recall of boxes from 96² pixels on.
        ar_large?: f64,
        /// Its interval, from version 3 on.
        ar_large_interval?: Interval,
    }

    /// What painting over the boxes from one score on would hide and lose.
    #[derive(Copy, Default)]
    HidingScores {
        /// Boxes with this score or more are painted over.
        least_score: f64,
        /// How many these are.
        n_boxes: u64,
        /// Pixels of the glyphs of PHI words that are painted over.
        glyph_pixels_covered?: ClusteredShare,
        /// PHI words of whose box so much is painted over that they count as hidden.
        words_hidden?: ClusteredShare,
        /// Pixels outside the boxes of all PHI words that are painted over.
        clean_pixels_lost?: ClusteredShare,
        /// Images without any PHI word in which something is painted over.
        touched_clean_images?: ClusteredShare,
    }

    /// How well words are found in images. It holds no word.
    #[derive(Default)]
    DetectorMetrics {
        /// Version of this form.
        format_version: u32,
        /// Images.
        n_images: u64,
        /// Patients: the first folders of the images' paths.
        n_clusters: u64,
        /// Boxes of the gold.
        n_gold_boxes: u64,
        /// Boxes of the model.
        n_predicted_boxes: u64,
        /// How intervals of average precision were made, from version 2 on.
        resampling?: Resampling,
        /// Mean over categories.
        coco: CocoScores,
        /// Each category by itself.
        by_category: BTreeMap<String, CocoScores>,
        /// Categories whose words are PHI, and whose boxes are painted over.
        phi_categories: Vec<String>,
        /// Whether the gold has masks of glyphs; without them their boxes count.
        has_masks: bool,
        /// Share of a word's box that must be covered for it to count as hidden.
        least_cover: f64,
        /// By the least score that is painted over, in rising order.
        hiding: Vec<HidingScores>,
    }

    /// Decisions of nearly the same probability.
    #[derive(Copy)]
    ReliabilityBin {
        /// Decisions with a probability over this (the first bin: from this on).
        low: f64,
        /// Decisions with a probability up to this.
        high: f64,
        /// How many.
        n: u64,
        /// Their mean probability.
        mean_probability: f64,
        /// The share of them that is right.
        share_correct: f64,
        /// Its interval across clusters (Wilson's), from version 2 on; absent with a single cluster.
        interval?: Interval,
    }

    /// The parts of the Brier score: `reliability - resolution + uncertainty + within-bin variance - within-bin covariance`.
    #[derive(Copy)]
    BrierParts {
        /// How far probabilities lie from what happens: lower is better.
        reliability: Estimate,
        /// How far what happens in the bins lies from what happens overall: higher is better.
        resolution: Estimate,
        /// What the data is like: nothing to do with the model.
        uncertainty: Estimate,
        /// Spread of the probabilities inside bins.
        within_bin_variance: Estimate,
        /// Twice the covariance of probabilities and outcomes inside bins.
        within_bin_covariance: Estimate,
    }

    /// Calibration errors by one way to make bins.
    BinnedCalibration {
        /// Mean distance of probability and outcome (ECE).
        expected_error: Estimate,
        /// The expected error without what chance adds to it, from version 2 on.
        debiased_expected_error?: Estimate,
        /// Largest distance of probability and outcome (MCE).
        maximum_error: Estimate,
        /// Root of the mean squared distance.
        root_mean_square_error: Estimate,
        /// The same without what chance adds to it in bins of few decisions.
        debiased_root_mean_square_error: Estimate,
        /// The Brier score's parts by these bins.
        brier_parts: BrierParts,
        /// The reliability diagram: bins that hold any decision.
        bins: Vec<ReliabilityBin>,
    }

    /// What a share of decisions kept means for the rest.
    #[derive(Copy)]
    ReviewPoint {
        /// Share of the decisions that a person looks at: the least sure ones.
        review_share: f64,
        /// Share of wrong decisions among those that nobody looks at; absent when all are looked at.
        error_unreviewed?: Estimate,
        /// Share of PHI that is decided wrongly and that nobody looks at.
        phi_missed?: Estimate,
    }

    /// A point of the risk-coverage curve.
    #[derive(Copy)]
    RiskPoint {
        /// Share of decisions that stand: the surest ones.
        coverage: f64,
        /// Share of wrong ones among them.
        risk: f64,
        /// Its interval, from version 2 on.
        interval?: Interval,
    }

    /// How far the probabilities of one kind of decision can be trusted.
    CalibrationFigures {
        /// Decisions.
        n_decisions: u64,
        /// Clusters, such as patients.
        n_clusters: u64,
        /// Mean probability.
        mean_probability: Estimate,
        /// Share of right decisions.
        share_correct: Estimate,
        /// Mean squared distance of probability and outcome.
        brier_score: Estimate,
        /// Mean negative logarithm of the probability of what happened, in nats.
        log_loss: Estimate,
        /// Area under the risk-coverage curve: lower is better.
        area_under_risk_coverage: Estimate,
        /// By bins of equal width.
        equal_width: BinnedCalibration,
        /// By bins of about equally many decisions.
        equal_mass: BinnedCalibration,
        /// The risk-coverage curve, at a hundred shares.
        risk_coverage: Vec<RiskPoint>,
        /// What review buys, by share.
        review: Vec<ReviewPoint>,
    }

    /// How far probabilities can be trusted.
    CalibrationMetrics {
        /// Version of this form.
        format_version: u32,
        /// Bins that were asked for.
        n_bins: u32,
        /// How intervals were made.
        resampling: Resampling,
        /// All rows.
        overall: CalibrationFigures,
        /// By kind, where rows name it.
        by_kind: BTreeMap<String, CalibrationFigures>,
    }

    /// Latencies of one stage and modality.
    StageLatency {
        /// The stage.
        stage: String,
        /// The modality; absent for all modalities together.
        modality?: String,
        /// Rows.
        n: u64,
        /// Bytes worked on.
        bytes: u64,
        /// Seconds in total.
        seconds: f64,
        /// Pieces of work for each second spent in the stage.
        per_second?: f64,
        /// Megabytes (10⁶ bytes) for each second spent in the stage.
        megabytes_per_second?: f64,
        /// Half take no longer than this, in milliseconds.
        p50_ms: f64,
        /// Nine of ten take no longer; absent with fewer than 10 rows.
        p90_ms?: f64,
        /// 99 of 100 take no longer; absent with fewer than 100 rows.
        p99_ms?: f64,
        /// The longest.
        max_ms: f64,
    }

    /// One run of a program over a set of files.
    #[derive(Eq, PartialOrd, Default)]
    TimedRun {
        /// Threads it was given.
        n_threads: u32,
        /// Which repeat, counted from 1.
        repeat: u32,
        /// Microseconds from start to end.
        wall_us: u64,
        /// Microseconds of all processors together.
        cpu_us: u64,
        /// Largest resident memory that was seen, in bytes; absent where the system does not tell.
        peak_memory_bytes?: u64,
        /// Hash over names and bytes of what came out; absent if nobody looked.
        outputs_sha256?: crate::Sha256Hex,
        /// How the program ended.
        exit_code: i32,
    }

    /// The runs with one number of threads.
    #[derive(Copy)]
    ThreadScaling {
        /// Threads.
        n_threads: u32,
        /// Repeats.
        n_runs: u32,
        /// Median of the wall times, in seconds.
        wall_s: f64,
        /// Files for each second, by the median.
        files_per_second: f64,
        /// Megabytes (10⁶ bytes) for each second, by the median.
        megabytes_per_second: f64,
        /// Processor seconds for each file, by the median.
        cpu_seconds_per_file: f64,
        /// Standard deviation of the wall times over their mean; absent with a single run.
        variation?: f64,
        /// Largest memory of all runs, in bytes.
        peak_memory_bytes?: u64,
        /// How many times as fast as with the fewest threads.
        speedup: f64,
    }

    /// How fast something is. It is worth something only if [`Self::faults`] is empty.
    #[derive(Default)]
    ThroughputMetrics {
        /// Version of this form.
        format_version: u32,
        /// Operating system and architecture.
        platform: String,
        /// Hash of what tells this machine from others: processor, number of processors, memory, operating system; from
        /// version 2 on, absent where the system does not tell. Speeds of different machines are not compared.
        machine_sha256?: crate::Sha256Hex,
        /// Processors at hand.
        n_processors: u32,
        /// Files that were worked on in each run.
        n_files: u64,
        /// Their bytes.
        n_bytes: u64,
        /// Why the figures are INVALID; VALID if there is nothing.
        faults: Vec<String>,
        /// By threads.
        scaling: Vec<ThreadScaling>,
        /// Each run.
        runs: Vec<TimedRun>,
        /// By stage and modality.
        stages: Vec<StageLatency>,
    }
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
    NerMetrics: 3, "record of entity metrics";
    DetectorMetrics: 3, "record of detector metrics";
    CalibrationMetrics: 2, "record of calibration metrics";
    ThroughputMetrics: 2, "record of throughput";
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
        assert!(parse_json::<NerMetrics>(&line.replace("\"format_version\":3", "\"format_version\":4")).is_err());
        let older = line.replace("\"format_version\":3", "\"format_version\":1");
        assert_eq!(parse_json::<NerMetrics>(&older).expect("an older version").resampling, None);
    }
}

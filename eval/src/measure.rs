//! Scores of instances added up.

use crate::evaluate::FileResult;
use crate::interval::{ClusterCount, Confidence, upper_bound, wilson_clustered};
use crate::midi::{MidiResults, ReportMode, Tally, Totals};
use crate::models::Resamples;
use crate::models::bootstrap::shares;
use crate::pixels::Outcome;
use crate::residual::Needles;
use crate::score::InstanceScore;
use efface_schema::midi::CheckAction;
use efface_schema::{
    BaselineScore, CheckCounts, CheckScores, MidiMetrics, Rate, RecallCell, RecallMetrics, ResidualMetrics, Retention,
    RetentionByPatient, RetentionMetrics, StrictMetrics, TruthRecord,
};
use std::collections::{BTreeMap, HashMap};

/// Counts of one group of planted values.
#[derive(Default)]
struct RecallCount {
    withheld: u64,
    unjudged: u64,
    /// Removed and judged values, by patient.
    by_patient: BTreeMap<usize, ClusterCount>,
}

impl RecallCount {
    fn add(&mut self, outcome: Outcome, patient: usize) {
        let removed = match outcome {
            Outcome::Removed => 1,
            Outcome::Leaked | Outcome::LeakedElsewhere => 0,
            Outcome::Withheld => return self.withheld += 1,
            Outcome::Unjudged => return self.unjudged += 1,
        };
        let count = self.by_patient.entry(patient).or_insert(ClusterCount { numerator: 0, denominator: 0 });
        count.numerator += removed;
        count.denominator += 1;
    }

    fn cell(&self) -> RecallCell {
        let clusters: Vec<ClusterCount> = self.by_patient.values().copied().collect();
        let removed = clusters.iter().map(|cluster| cluster.numerator).sum();
        let judged = clusters.iter().map(|cluster| cluster.denominator).sum();
        RecallCell {
            removed: Rate::new(removed, judged),
            removed_by_patient: wilson_clustered(&clusters, Confidence::PERCENT_95).map(|clustered| clustered.rate),
            patients: clusters.len() as u64,
            leak_upper_bound: upper_bound(judged - removed, judged, Confidence::PERCENT_95),
            leaked: judged - removed,
            withheld: self.withheld,
            unjudged: self.unjudged,
        }
    }
}

/// Counts by some property of a value.
type Counts<K> = BTreeMap<K, RecallCount>;

fn cells<K: Ord>(counts: Counts<K>) -> BTreeMap<K, RecallCell> {
    counts.into_iter().map(|(key, count)| (key, count.cell())).collect()
}

/// Recall over all instances.
pub(crate) fn recall(truth: &[TruthRecord], scores: &[InstanceScore]) -> RecallMetrics {
    let mut overall = RecallCount::default();
    let (mut by_element, mut by_place, mut by_label) = (Counts::new(), Counts::new(), Counts::new());
    let (mut by_modality, mut by_locale, mut by_both) = (Counts::new(), Counts::new(), BTreeMap::new());
    let patients = patients(truth);
    for ((record, score), &patient) in truth.iter().zip(scores).zip(&patients) {
        for (planted, &outcome) in record.planted.iter().zip(&score.planted) {
            let of_element: &mut Counts<_> = by_both.entry(planted.element).or_default();
            let locale = record.locale.as_ref().map(|locale| by_locale.entry(locale.clone()).or_default());
            let counts = [
                &mut overall,
                by_element.entry(planted.element).or_default(),
                by_place.entry(planted.place).or_default(),
                by_label.entry(planted.label).or_default(),
                by_modality.entry(record.instance.modality.clone()).or_default(),
                of_element.entry(planted.place).or_default(),
            ];
            counts.into_iter().chain(locale).for_each(|count| count.add(outcome, patient));
        }
    }
    RecallMetrics {
        overall: overall.cell(),
        by_element: cells(by_element),
        by_place: cells(by_place),
        by_label: cells(by_label),
        by_modality: cells(by_modality),
        by_locale: cells(by_locale),
        by_element_and_place: by_both.into_iter().map(|(element, counts)| (element, cells(counts))).collect(),
    }
}

/// For each record, the place of its patient in the order in which patients come.
pub(crate) fn patients(truth: &[TruthRecord]) -> Vec<usize> {
    let mut known: HashMap<&str, usize> = HashMap::new();
    let mut places = Vec::with_capacity(truth.len());
    for record in truth {
        let next = known.len();
        places.push(*known.entry(&record.instance.patient_id).or_insert(next));
    }
    places
}

/// The residual scan over all files.
pub(crate) fn residual(needles: &Needles, read: &[FileResult]) -> ResidualMetrics {
    let mut by_attribute = BTreeMap::new();
    for (place, count) in read.iter().flat_map(|file| &file.hits.by_place) {
        *by_attribute.entry(place.clone()).or_default() += count;
    }
    let n_clean = read.iter().filter(|file| file.hits.total() == 0).count() as u64;
    ResidualMetrics {
        values_searched: needles.n_searched,
        values_skipped: needles.n_skipped,
        bytes_scanned: read.iter().map(|file| file.n_bytes).sum(),
        hits: read.iter().map(|file| file.hits.total()).sum(),
        clean_files: Rate::new(n_clean, read.len() as u64),
        by_attribute,
    }
}

/// Name of the stream of random numbers for the intervals of what is kept.
const RETENTION_STREAM: &str = "retention by patient";

/// A share by patient.
#[derive(Clone)]
struct ByPatient(Vec<ClusterCount>);

impl ByPatient {
    fn new(n_patients: usize) -> Self {
        Self(vec![ClusterCount { numerator: 0, denominator: 0 }; n_patients])
    }

    fn add(&mut self, patient: usize, (numerator, denominator): (u64, u64)) {
        self.0[patient].numerator += numerator;
        self.0[patient].denominator += denominator;
    }

    fn rate(&self) -> Option<Rate> {
        let sum = |of: fn(&ClusterCount) -> u64| self.0.iter().map(of).sum();
        Rate::new(sum(|count| count.numerator), sum(|count| count.denominator))
    }
}

/// The precision side over all instances that have a result.
pub(crate) fn retention(truth: &[TruthRecord], scores: &[InstanceScore]) -> RetentionMetrics {
    let patients = patients(truth);
    let nothing = ByPatient::new(patients.iter().max().map_or(0, |last| last + 1));
    let mut kept: BTreeMap<Retention, ByPatient> = BTreeMap::new();
    let [mut identical, mut unchanged, mut hidden] = [(); 3].map(|()| nothing.clone());
    for ((record, score), &patient) in truth.iter().zip(scores).zip(&patients) {
        for (value, &is_kept) in record.retained.iter().zip(&score.retained) {
            kept.entry(value.retention).or_insert_with(|| nothing.clone()).add(patient, (u64::from(is_kept), 1));
        }
        if let Some(is_identical) = score.identical_pixels {
            identical.add(patient, (u64::from(is_identical), 1));
        }
        unchanged.add(patient, (score.unchanged_pixels, score.outside_pixels));
        hidden.add(patient, score.harmless_words);
    }
    RetentionMetrics {
        by_kind: kept.iter().filter_map(|(kind, counts)| Some((*kind, counts.rate()?))).collect(),
        identical_pixels: identical.rate(),
        unchanged_pixels: unchanged.rate(),
        harmless_words_hidden: hidden.rate(),
        by_patient: retention_by_patient(kept, identical, unchanged, hidden),
    }
}

fn retention_by_patient(
    kept: BTreeMap<Retention, ByPatient>,
    identical: ByPatient,
    unchanged: ByPatient,
    hidden: ByPatient,
) -> RetentionByPatient {
    let (kinds, of_kinds): (Vec<Retention>, Vec<ByPatient>) = kept.into_iter().unzip();
    let all = [identical, unchanged, hidden].into_iter().chain(of_kinds);
    let counts: Vec<Vec<ClusterCount>> = all.map(|ByPatient(counts)| counts).collect();
    let mut rates = shares(RETENTION_STREAM, Resamples::default(), &counts).into_iter();
    let [identical_pixels, unchanged_pixels, harmless_words_hidden] = [(); 3].map(|()| rates.next().flatten());
    let by_kind = kinds.into_iter().zip(rates).filter_map(|(kind, rate)| Some((kind, rate?)));
    RetentionByPatient { by_kind: by_kind.collect(), identical_pixels, unchanged_pixels, harmless_words_hidden }
}

fn counts(tally: &Tally) -> CheckCounts {
    CheckCounts { pass: tally.pass, fail: tally.fail, blank: tally.blank }
}

/// The challenge's score with its two baselines, and the strict one beside it.
pub(crate) fn midi_metrics(
    results: &MidiResults,
    do_nothing: Option<&MidiResults>,
    mode: ReportMode,
    pixel_reader: Option<&str>,
) -> MidiMetrics {
    MidiMetrics {
        report: mode.as_str().to_owned(),
        official: scores(&results.totals),
        strict: results.strict.as_ref().map(|strict| StrictMetrics {
            scores: scores(&strict.totals),
            objections: strict.objections.iter().map(|(rule, count)| (rule.code().to_owned(), *count)).collect(),
        }),
        missing_files: results.n_missing_files as u64,
        unknown_files: results.n_unknown_files as u64,
        pixel_reader: pixel_reader.map(str::to_owned),
        unread_pixels: results.n_unread_pixels as u64,
        do_nothing: do_nothing.map(|results| baseline(&results.totals)),
        empty: results.empty.as_ref().map(baseline),
    }
}

fn scores(totals: &Totals) -> CheckScores {
    let mut by_category: BTreeMap<String, BTreeMap<String, CheckCounts>> = BTreeMap::new();
    for ((family, code), tally) in totals.by_category.iter().flatten() {
        by_category.entry(family.clone()).or_default().insert(code.clone(), counts(tally));
    }
    let by_action: BTreeMap<String, CheckCounts> =
        totals.by_action.iter().map(|(action, tally)| ((*action).to_owned(), counts(tally))).collect();
    let sum = |is_wanted: fn(CheckAction) -> bool| {
        let wanted = by_action.iter().filter(|(action, _)| action.parse().is_ok_and(is_wanted));
        wanted.fold(CheckCounts::default(), |sum, (_, counts)| sum + *counts)
    };
    CheckScores {
        all: counts(&totals.all),
        removal: sum(CheckAction::is_removal),
        retention: sum(|action| !action.is_removal()),
        by_action,
        by_category,
    }
}

fn baseline(totals: &Totals) -> BaselineScore {
    let CheckScores { all, removal, retention, .. } = scores(totals);
    BaselineScore { all, removal, retention }
}

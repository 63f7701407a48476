//! Scores of instances added up.

use crate::interval::{ClusterCount, Confidence, upper_bound, wilson_clustered};
use crate::midi::{MidiResults, ReportMode, Tally, Totals};
use crate::models::Resamples;
use crate::models::bootstrap::shares;
use crate::pixels::Outcome;
use crate::residual::Hits;
use crate::score::InstanceScore;
use efface_schema::midi::CheckAction;
use efface_schema::{
    BaselineScore, CheckCounts, CheckScores, ChecksByPatient, HipaaElement, MidiMetrics, PhiLabel, Place, Rate,
    RecallCell, RecallMetrics, ResidualMetrics, Retention, RetentionByPatient, RetentionMetrics, StrictMetrics,
    TruthRecord,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// Counts of one group of planted values.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
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
        self.by_patient.entry(patient).or_default().add(removed, 1);
    }

    fn merge(&mut self, later: Self) {
        self.withheld += later.withheld;
        self.unjudged += later.unjudged;
        for (patient, count) in later.by_patient {
            self.by_patient.entry(patient).or_default().add(count.numerator, count.denominator);
        }
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

fn merge_counts<K: Ord>(counts: &mut Counts<K>, later: Counts<K>) {
    later.into_iter().for_each(|(key, count)| counts.entry(key).or_default().merge(count));
}

fn cells<K: Ord>(counts: Counts<K>) -> BTreeMap<K, RecallCell> {
    counts.into_iter().map(|(key, count)| (key, count.cell())).collect()
}

/// How planted values ended, in the making.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct RecallCounts {
    overall: RecallCount,
    by_element: Counts<HipaaElement>,
    by_place: Counts<Place>,
    by_label: Counts<PhiLabel>,
    by_modality: Counts<String>,
    by_locale: Counts<String>,
    by_both: BTreeMap<HipaaElement, Counts<Place>>,
}

impl RecallCounts {
    /// Counts an instance.
    pub(crate) fn add(&mut self, record: &TruthRecord, score: &InstanceScore, patient: usize) {
        for (planted, &outcome) in record.planted.iter().zip(&score.planted) {
            let of_element = self.by_both.entry(planted.element).or_default();
            let locale = record.locale.as_ref().map(|locale| self.by_locale.entry(locale.clone()).or_default());
            let counts = [
                &mut self.overall,
                self.by_element.entry(planted.element).or_default(),
                self.by_place.entry(planted.place).or_default(),
                self.by_label.entry(planted.label).or_default(),
                self.by_modality.entry(record.instance.modality.clone()).or_default(),
                of_element.entry(planted.place).or_default(),
            ];
            counts.into_iter().chain(locale).for_each(|count| count.add(outcome, patient));
        }
    }

    /// Adds what was counted of other instances.
    pub(crate) fn merge(&mut self, later: Self) {
        self.overall.merge(later.overall);
        merge_counts(&mut self.by_element, later.by_element);
        merge_counts(&mut self.by_place, later.by_place);
        merge_counts(&mut self.by_label, later.by_label);
        merge_counts(&mut self.by_modality, later.by_modality);
        merge_counts(&mut self.by_locale, later.by_locale);
        for (element, counts) in later.by_both {
            merge_counts(self.by_both.entry(element).or_default(), counts);
        }
    }

    pub(crate) fn finish(self) -> RecallMetrics {
        RecallMetrics {
            overall: self.overall.cell(),
            by_element: cells(self.by_element),
            by_place: cells(self.by_place),
            by_label: cells(self.by_label),
            by_modality: cells(self.by_modality),
            by_locale: cells(self.by_locale),
            by_element_and_place: self.by_both.into_iter().map(|(element, counts)| (element, cells(counts))).collect(),
        }
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

/// The residual scan, in the making.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct ResidualCounts {
    n_files: u64,
    n_clean: u64,
    n_bytes: u64,
    by_attribute: BTreeMap<String, u64>,
}

impl ResidualCounts {
    /// Counts a file.
    pub(crate) fn add(&mut self, hits: &Hits, n_bytes: u64) {
        self.n_files += 1;
        self.n_clean += u64::from(hits.total() == 0);
        self.n_bytes += n_bytes;
        self.add_hits(&hits.by_place);
    }

    /// Adds what was counted of other files.
    pub(crate) fn merge(&mut self, later: &Self) {
        self.n_files += later.n_files;
        self.n_clean += later.n_clean;
        self.n_bytes += later.n_bytes;
        self.add_hits(&later.by_attribute);
    }

    fn add_hits(&mut self, hits: &BTreeMap<String, u64>) {
        hits.iter().for_each(|(place, count)| *self.by_attribute.entry(place.clone()).or_default() += count);
    }

    /// The scan for so many different values, so many of which could not be searched.
    pub(crate) fn finish(self, values_searched: u64, values_skipped: u64) -> ResidualMetrics {
        ResidualMetrics {
            values_searched,
            values_skipped,
            bytes_scanned: self.n_bytes,
            hits: self.by_attribute.values().sum(),
            clean_files: Rate::new(self.n_clean, self.n_files),
            by_attribute: self.by_attribute,
        }
    }
}

/// Name of the stream of random numbers for the intervals of what is kept.
const RETENTION_STREAM: &str = "retention by patient";

/// A share by patient.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct ByPatient(Vec<ClusterCount>);

impl ByPatient {
    fn new(n_patients: usize) -> Self {
        Self(vec![ClusterCount::default(); n_patients])
    }

    fn add(&mut self, patient: usize, (numerator, denominator): (u64, u64)) {
        self.0[patient].add(numerator, denominator);
    }

    fn merge(&mut self, later: &Self) {
        let pairs = self.0.iter_mut().zip(&later.0);
        pairs.for_each(|(count, later)| count.add(later.numerator, later.denominator));
    }

    fn rate(&self) -> Option<Rate> {
        let sum = |of: fn(&ClusterCount) -> u64| self.0.iter().map(of).sum();
        Rate::new(sum(|count| count.numerator), sum(|count| count.denominator))
    }
}

/// The precision side, in the making.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct RetentionCounts {
    n_patients: usize,
    kept: BTreeMap<Retention, ByPatient>,
    identical: ByPatient,
    unchanged: ByPatient,
    hidden: ByPatient,
}

impl RetentionCounts {
    /// Nothing yet, of so many patients.
    pub(crate) fn new(n_patients: usize) -> Self {
        let [identical, unchanged, hidden] = [(); 3].map(|()| ByPatient::new(n_patients));
        Self { n_patients, kept: BTreeMap::new(), identical, unchanged, hidden }
    }

    fn kept(&mut self, kind: Retention) -> &mut ByPatient {
        self.kept.entry(kind).or_insert_with(|| ByPatient::new(self.n_patients))
    }

    /// Counts an instance.
    pub(crate) fn add(&mut self, record: &TruthRecord, score: &InstanceScore, patient: usize) {
        for (value, &is_kept) in record.retained.iter().zip(&score.retained) {
            self.kept(value.retention).add(patient, (u64::from(is_kept), 1));
        }
        if let Some(is_identical) = score.identical_pixels {
            self.identical.add(patient, (u64::from(is_identical), 1));
        }
        self.unchanged.add(patient, (score.unchanged_pixels, score.outside_pixels));
        self.hidden.add(patient, score.harmless_words);
    }

    /// Adds what was counted of other instances.
    pub(crate) fn merge(&mut self, later: &Self) {
        later.kept.iter().for_each(|(kind, counts)| self.kept(*kind).merge(counts));
        self.identical.merge(&later.identical);
        self.unchanged.merge(&later.unchanged);
        self.hidden.merge(&later.hidden);
    }

    pub(crate) fn finish(self) -> RetentionMetrics {
        RetentionMetrics {
            by_kind: self.kept.iter().filter_map(|(kind, counts)| Some((*kind, counts.rate()?))).collect(),
            identical_pixels: self.identical.rate(),
            unchanged_pixels: self.unchanged.rate(),
            harmless_words_hidden: self.hidden.rate(),
            by_patient: retention_by_patient(self.kept, self.identical, self.unchanged, self.hidden),
        }
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

/// Name of the stream of random numbers for the intervals of checks.
const CHECKS_STREAM: &str = "checks by patient";

/// Passed checks of all, of removal and of retention, with intervals by patient.
fn checks_by_patient(totals: &Totals) -> ChecksByPatient {
    let of = |wanted: &[usize]| -> Vec<ClusterCount> {
        let count = |tallies: &[Tally; 2]| ClusterCount {
            numerator: wanted.iter().map(|at| tallies[*at].pass).sum(),
            denominator: wanted.iter().map(|at| tallies[*at].total()).sum(),
        };
        totals.by_patient.iter().map(count).collect()
    };
    let counts = [of(&[0, 1]), of(&[1]), of(&[0])];
    let mut rates = shares(CHECKS_STREAM, Resamples::default(), &counts).into_iter();
    let [all, removal, retention] = [(); 3].map(|()| rates.next().flatten());
    ChecksByPatient { all, removal, retention }
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
        official_by_patient: checks_by_patient(&results.totals),
        strict: results.strict.as_ref().map(|strict| StrictMetrics {
            scores: scores(&strict.totals),
            objections: strict.objections.iter().map(|(rule, count)| (rule.code().to_owned(), *count)).collect(),
        }),
        strict_by_patient: results.strict.as_ref().map(|strict| checks_by_patient(&strict.totals)),
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

//! Scores of instances added up.

use crate::interval::{ClusterCount, Confidence, upper_bound, upper_bound_clustered, wilson_clustered};
use crate::midi::{MidiResults, ReportMode, Tally, Totals};
use crate::models::Resamples;
use crate::models::bootstrap::shares;
use crate::pixels::Outcome;
use crate::residual::Hits;
use crate::score::InstanceScore;
use efface_schema::midi::CheckAction;
use efface_schema::{
    Action, BaselineScore, CheckCounts, CheckScores, ChecksByPatient, Decision, HipaaElement, MidiMetrics, PhiLabel,
    Place, PrecisionCell, PrecisionMetrics, Rate, RecallCell, RecallMetrics, ResidualMetrics, Retention,
    RetentionByPatient, RetentionMetrics, Source, StrictMetrics, TruthRecord,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// Counts by patient, whose values and decisions are not independent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct PatientCounts(BTreeMap<usize, ClusterCount>);

impl PatientCounts {
    fn add(&mut self, patient: usize, is_counted: bool) {
        self.0.entry(patient).or_default().add(u64::from(is_counted), 1);
    }

    fn merge(&mut self, later: Self) {
        for (patient, count) in later.0 {
            self.0.entry(patient).or_default().add(count.numerator, count.denominator);
        }
    }

    /// By patient, those that are not counted in the share.
    fn failures(&self) -> Vec<ClusterCount> {
        let failures = |count: &ClusterCount| ClusterCount { numerator: count.denominator - count.numerator, ..*count };
        self.0.values().map(failures).collect()
    }

    /// The share, the share with its interval by patient, and the number of patients.
    fn rates(&self) -> (Option<Rate>, Option<Rate>, u64) {
        let clusters: Vec<ClusterCount> = self.0.values().copied().collect();
        let sum = |of: fn(&ClusterCount) -> u64| clusters.iter().map(of).sum();
        let rate = Rate::new(sum(|count| count.numerator), sum(|count| count.denominator));
        let clustered = wilson_clustered(&clusters, Confidence::PERCENT_95).map(|clustered| clustered.rate);
        (rate, clustered, clusters.len() as u64)
    }
}

/// A group of counts that can be added to one of other instances.
trait Group: Default {
    /// What is told of the group.
    type Cell;

    fn merge(&mut self, later: Self);

    fn cell(&self) -> Self::Cell;
}

/// Counts of one group of planted values.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct RecallCount {
    withheld: u64,
    unjudged: u64,
    /// Removed and judged values.
    removed: PatientCounts,
}

impl RecallCount {
    fn add(&mut self, outcome: Outcome, patient: usize) {
        match outcome {
            Outcome::Removed => self.removed.add(patient, true),
            Outcome::Leaked | Outcome::LeakedElsewhere => self.removed.add(patient, false),
            Outcome::Withheld => self.withheld += 1,
            Outcome::Unjudged => self.unjudged += 1,
        }
    }
}

impl Group for RecallCount {
    type Cell = RecallCell;

    fn merge(&mut self, later: Self) {
        self.withheld += later.withheld;
        self.unjudged += later.unjudged;
        self.removed.merge(later.removed);
    }

    fn cell(&self) -> RecallCell {
        let (removed, removed_by_patient, patients) = self.removed.rates();
        let leaked = removed.map_or(0, |rate| rate.denominator - rate.numerator);
        RecallCell {
            removed,
            removed_by_patient,
            patients,
            leak_upper_bound: removed.and_then(|rate| upper_bound(leaked, rate.denominator, Confidence::PERCENT_95)),
            leak_upper_bound_by_patient: upper_bound_clustered(&self.removed.failures(), Confidence::PERCENT_95),
            leaked,
            withheld: self.withheld,
            unjudged: self.unjudged,
        }
    }
}

/// Counts by some property of a value or decision.
type Counts<K, G = RecallCount> = BTreeMap<K, G>;

/// Counts by element and another property.
type Crossed<K> = BTreeMap<HipaaElement, Counts<K>>;

fn merge_counts<K: Ord, G: Group>(counts: &mut Counts<K, G>, later: Counts<K, G>) {
    later.into_iter().for_each(|(key, count)| counts.entry(key).or_default().merge(count));
}

fn merge_crossed<K: Ord>(counts: &mut Crossed<K>, later: Crossed<K>) {
    later.into_iter().for_each(|(element, later)| merge_counts(counts.entry(element).or_default(), later));
}

fn cells<K: Ord, G: Group>(counts: Counts<K, G>) -> BTreeMap<K, G::Cell> {
    counts.into_iter().map(|(key, count)| (key, count.cell())).collect()
}

fn crossed_cells<K: Ord>(counts: Crossed<K>) -> BTreeMap<HipaaElement, BTreeMap<K, RecallCell>> {
    counts.into_iter().map(|(element, counts)| (element, cells(counts))).collect()
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
    by_element_and_place: Crossed<Place>,
    by_element_and_modality: Crossed<String>,
    by_element_and_locale: Crossed<String>,
}

impl RecallCounts {
    /// Counts an instance.
    pub(crate) fn add(&mut self, record: &TruthRecord, score: &InstanceScore, patient: usize) {
        let modality = &record.instance.modality;
        for (planted, &outcome) in record.planted.iter().zip(&score.planted) {
            let element = planted.element;
            let counts = [
                &mut self.overall,
                self.by_element.entry(element).or_default(),
                self.by_place.entry(planted.place).or_default(),
                self.by_label.entry(planted.label).or_default(),
                self.by_modality.entry(modality.clone()).or_default(),
                self.by_element_and_place.entry(element).or_default().entry(planted.place).or_default(),
                self.by_element_and_modality.entry(element).or_default().entry(modality.clone()).or_default(),
            ];
            counts.into_iter().for_each(|count| count.add(outcome, patient));
            if let Some(locale) = &record.locale {
                let of_element = self.by_element_and_locale.entry(element).or_default();
                let counts = [&mut self.by_locale, of_element];
                counts.into_iter().for_each(|counts| counts.entry(locale.clone()).or_default().add(outcome, patient));
            }
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
        merge_crossed(&mut self.by_element_and_place, later.by_element_and_place);
        merge_crossed(&mut self.by_element_and_modality, later.by_element_and_modality);
        merge_crossed(&mut self.by_element_and_locale, later.by_element_and_locale);
    }

    pub(crate) fn finish(self) -> RecallMetrics {
        RecallMetrics {
            overall: self.overall.cell(),
            by_element: cells(self.by_element),
            by_place: cells(self.by_place),
            by_label: cells(self.by_label),
            by_modality: cells(self.by_modality),
            by_locale: cells(self.by_locale),
            by_element_and_place: crossed_cells(self.by_element_and_place),
            by_element_and_modality: crossed_cells(self.by_element_and_modality),
            by_element_and_locale: crossed_cells(self.by_element_and_locale),
        }
    }
}

/// Decisions of one group that took something away.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct PrecisionCount {
    unjudged: u64,
    right: PatientCounts,
}

impl PrecisionCount {
    fn add(&mut self, identifies: Option<bool>, patient: usize) {
        match identifies {
            Some(is_right) => self.right.add(patient, is_right),
            None => self.unjudged += 1,
        }
    }
}

impl Group for PrecisionCount {
    type Cell = PrecisionCell;

    fn merge(&mut self, later: Self) {
        self.unjudged += later.unjudged;
        self.right.merge(later.right);
    }

    fn cell(&self) -> PrecisionCell {
        let (right, right_by_patient, patients) = self.right.rates();
        PrecisionCell { right, right_by_patient, patients, unjudged: self.unjudged }
    }
}

/// Whether decisions took away what identifies, in the making.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct PrecisionCounts {
    overall: PrecisionCount,
    by_source: Counts<Source, PrecisionCount>,
    by_action: Counts<Action, PrecisionCount>,
}

impl PrecisionCounts {
    /// Counts a decision that took something away, by whether its place identifies someone.
    pub(crate) fn add(&mut self, decision: &Decision, identifies: Option<bool>, patient: usize) {
        let of_source = self.by_source.entry(decision.source).or_default();
        let of_action = self.by_action.entry(decision.action).or_default();
        [&mut self.overall, of_source, of_action].into_iter().for_each(|count| count.add(identifies, patient));
    }

    /// Adds what was counted of other instances.
    pub(crate) fn merge(&mut self, later: Self) {
        self.overall.merge(later.overall);
        merge_counts(&mut self.by_source, later.by_source);
        merge_counts(&mut self.by_action, later.by_action);
    }

    pub(crate) fn finish(self) -> PrecisionMetrics {
        PrecisionMetrics {
            overall: self.overall.cell(),
            by_source: cells(self.by_source),
            by_action: cells(self.by_action),
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

//! Scores of instances added up.

use crate::evaluate::FileResult;
use crate::midi::{MidiResults, ReportMode, Tally, totals};
use crate::pixels::Outcome;
use crate::residual::Needles;
use crate::score::InstanceScore;
use efface_schema::{
    CheckCounts, MidiMetrics, Rate, RecallCell, RecallMetrics, ResidualMetrics, Retention, RetentionMetrics,
    TruthRecord,
};
use std::collections::BTreeMap;

#[derive(Default)]
struct RecallCount {
    removed: u64,
    leaked: u64,
    withheld: u64,
    unjudged: u64,
}

impl RecallCount {
    fn add(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Removed => self.removed += 1,
            Outcome::Leaked | Outcome::LeakedElsewhere => self.leaked += 1,
            Outcome::Withheld => self.withheld += 1,
            Outcome::Unjudged => self.unjudged += 1,
        }
    }

    fn cell(&self) -> RecallCell {
        RecallCell {
            removed: Rate::new(self.removed, self.removed + self.leaked),
            leaked: self.leaked,
            withheld: self.withheld,
            unjudged: self.unjudged,
        }
    }
}

fn cells<K: Ord>(counts: BTreeMap<K, RecallCount>) -> BTreeMap<K, RecallCell> {
    counts.into_iter().map(|(key, count)| (key, count.cell())).collect()
}

/// Recall over all instances.
pub(crate) fn recall(truth: &[TruthRecord], scores: &[InstanceScore]) -> RecallMetrics {
    let mut overall = RecallCount::default();
    let (mut by_element, mut by_place, mut by_label, mut by_modality) =
        (BTreeMap::new(), BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for (record, score) in truth.iter().zip(scores) {
        for (planted, &outcome) in record.planted.iter().zip(&score.planted) {
            overall.add(outcome);
            by_element.entry(planted.element).or_insert_with(RecallCount::default).add(outcome);
            by_place.entry(planted.place).or_insert_with(RecallCount::default).add(outcome);
            by_label.entry(planted.label).or_insert_with(RecallCount::default).add(outcome);
            by_modality.entry(record.instance.modality.clone()).or_insert_with(RecallCount::default).add(outcome);
        }
    }
    RecallMetrics {
        overall: overall.cell(),
        by_element: cells(by_element),
        by_place: cells(by_place),
        by_label: cells(by_label),
        by_modality: cells(by_modality),
    }
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

/// The precision side over all instances that have a result.
pub(crate) fn retention(truth: &[TruthRecord], scores: &[InstanceScore]) -> RetentionMetrics {
    let mut kept: BTreeMap<Retention, (u64, u64)> = BTreeMap::new();
    for (record, score) in truth.iter().zip(scores) {
        for (value, &is_kept) in record.retained.iter().zip(&score.retained) {
            let (numerator, denominator) = kept.entry(value.retention).or_default();
            *numerator += u64::from(is_kept);
            *denominator += 1;
        }
    }
    let identical: Vec<bool> = scores.iter().filter_map(|score| score.identical_pixels).collect();
    let n_identical = identical.iter().filter(|identical| **identical).count() as u64;
    RetentionMetrics {
        by_kind: kept.into_iter().filter_map(|(kind, (kept, all))| Some((kind, Rate::new(kept, all)?))).collect(),
        identical_pixels: Rate::new(n_identical, identical.len() as u64),
        unchanged_pixels: Rate::new(
            scores.iter().map(|score| score.unchanged_pixels).sum(),
            scores.iter().map(|score| score.outside_pixels).sum(),
        ),
        harmless_words_hidden: Rate::new(
            scores.iter().map(|score| score.harmless_words.0).sum(),
            scores.iter().map(|score| score.harmless_words.1).sum(),
        ),
    }
}

fn counts(tally: &Tally) -> CheckCounts {
    CheckCounts { pass: tally.pass, fail: tally.fail, blank: tally.blank }
}

/// The challenge's score with its two baselines.
pub(crate) fn midi_metrics(
    results: &MidiResults,
    empty: &MidiResults,
    do_nothing: Option<&MidiResults>,
    mode: ReportMode,
    pixel_reader: Option<&str>,
) -> MidiMetrics {
    let added = totals(&results.rows, mode);
    let mut by_category: BTreeMap<String, BTreeMap<String, CheckCounts>> = BTreeMap::new();
    for ((family, code), tally) in added.by_category.iter().flatten() {
        by_category.entry(family.clone()).or_default().insert(code.clone(), counts(tally));
    }
    MidiMetrics {
        report: mode.as_str().to_owned(),
        all: counts(&added.all),
        by_action: added.by_action.iter().map(|(action, tally)| ((*action).to_owned(), counts(tally))).collect(),
        by_category,
        missing_files: results.n_missing_files as u64,
        unknown_files: results.n_unknown_files as u64,
        pixel_reader: pixel_reader.map(str::to_owned),
        unread_pixels: results.n_unread_pixels as u64,
        do_nothing: do_nothing.map(|results| counts(&totals(&results.rows, mode).all)),
        empty: Some(counts(&totals(&empty.rows, mode).all)),
    }
}

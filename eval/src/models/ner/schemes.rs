//! Predicted spans matched with gold ones, as the task SemEval-2013 9.1 and the package `nervaluate` do.
//!
//! Predicted spans are taken in order; each is matched with at most one gold span that is not matched yet. Two spans
//! meet when their common characters are at least a hundredth of the gold span, as in `nervaluate` 1.2.
//!
//! Source: I. Segura-Bedmar, P. Martínez, M. Herrero-Zazo, SemEval-2013 task 9, Proceedings of SemEval 2013, 341-350.

use super::Span;
use crate::models::bootstrap::Ratio;
use efface_schema::{Interval, MatchCounts, MatchMetrics, PhiLabel, SchemeMetrics};
use std::collections::BTreeMap;

/// A way to match spans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scheme {
    /// Same ends and same label.
    Strict,
    /// Same ends.
    Exact,
    /// Some characters in common count half.
    Partial,
    /// Some characters in common and the same label.
    Type,
}

/// How far a predicted span goes with its gold span.
enum Found {
    Correct(usize),
    Incorrect(usize),
    Partial(usize),
    Spurious,
}

/// Counts the matches of one text.
pub(super) fn count(scheme: Scheme, gold: &[Span], predicted: &[Span]) -> MatchCounts {
    let mut is_matched = vec![false; gold.len()];
    let mut counts = MatchCounts::default();
    for span in predicted {
        let (count, at) = match find(scheme, span, gold, &is_matched) {
            Found::Correct(at) => (&mut counts.correct, Some(at)),
            Found::Incorrect(at) => (&mut counts.incorrect, Some(at)),
            Found::Partial(at) => (&mut counts.partial, Some(at)),
            Found::Spurious => (&mut counts.spurious, None),
        };
        *count += 1;
        if let Some(at) = at {
            is_matched[at] = true;
        }
    }
    counts.missed = is_matched.iter().filter(|matched| !**matched).count() as u64;
    counts
}

fn find(scheme: Scheme, span: &Span, gold: &[Span], is_matched: &[bool]) -> Found {
    let free = || gold.iter().enumerate().filter(|(at, _)| !is_matched[*at]);
    let meeting = || free().filter(|(_, gold)| meets(span, gold));
    let same_ends = |gold: &Span| (gold.start, gold.end) == (span.start, span.end);
    let matching = match scheme {
        Scheme::Strict => free().find(|(_, gold)| *gold == span),
        Scheme::Exact | Scheme::Partial => free().find(|(_, gold)| same_ends(gold)),
        // The nearest ends; of equally near ones the first.
        Scheme::Type => meeting()
            .filter(|(_, gold)| gold.label == span.label)
            .min_by_key(|(_, gold)| gold.start.abs_diff(span.start) + gold.end.abs_diff(span.end)),
    };
    match (matching, meeting().next()) {
        (Some((at, _)), _) => Found::Correct(at),
        (None, Some((at, _))) if scheme == Scheme::Partial => Found::Partial(at),
        (None, Some((at, _))) => Found::Incorrect(at),
        (None, None) => Found::Spurious,
    }
}

fn meets(span: &Span, gold: &Span) -> bool {
    let common = span.end.min(gold.end).saturating_sub(span.start.max(gold.start));
    common as f64 / (gold.end - gold.start) as f64 * 100.0 >= 1.0
}

/// Adds the counts of another text.
fn add(total: &mut MatchCounts, more: &MatchCounts) {
    total.correct += more.correct;
    total.incorrect += more.incorrect;
    total.partial += more.partial;
    total.missed += more.missed;
    total.spurious += more.spurious;
}

/// Counts of matches by cluster.
#[derive(Debug, Clone, Default)]
pub(super) struct MatchTally(BTreeMap<usize, MatchCounts>);

impl MatchTally {
    pub(super) fn add(&mut self, cluster: usize, counts: &MatchCounts) {
        add(self.0.entry(cluster).or_default(), counts);
    }

    /// F1 as a ratio of sums: `(2 correct + partial) / (actual + possible)`.
    pub(super) fn f1(&self) -> Ratio {
        let parts = |counts: &MatchCounts| {
            let counts = finished(*counts, None);
            [(2 * counts.correct + counts.partial) as f64, (counts.actual + counts.possible) as f64]
        };
        self.0.iter().map(|(cluster, counts)| (*cluster, parts(counts))).collect()
    }

    /// The counts of all clusters and what follows from them.
    pub(super) fn counts(&self, f1_interval: Option<Interval>) -> MatchCounts {
        let mut total = MatchCounts::default();
        self.0.values().for_each(|counts| add(&mut total, counts));
        finished(total, f1_interval)
    }
}

/// Fills in what follows from the counts.
fn finished(counts: MatchCounts, f1_interval: Option<Interval>) -> MatchCounts {
    let actual = counts.correct + counts.incorrect + counts.partial + counts.spurious;
    let possible = counts.correct + counts.incorrect + counts.partial + counts.missed;
    let right = counts.correct as f64 + counts.partial as f64 / 2.0;
    let precision = (actual > 0).then(|| right / actual as f64);
    let recall = (possible > 0).then(|| right / possible as f64);
    MatchCounts {
        actual,
        possible,
        precision,
        recall,
        f1: super::harmonic_mean(precision, recall),
        f1_interval,
        ..counts
    }
}

/// One of the ways to match, overall and by label.
#[derive(Debug, Default)]
struct SchemeTally {
    overall: MatchTally,
    by_label: BTreeMap<PhiLabel, MatchTally>,
}

impl SchemeTally {
    fn add(&mut self, scheme: Scheme, cluster: usize, gold: &[Span], predicted: &[Span]) {
        self.overall.add(cluster, &count(scheme, gold, predicted));
        let mut labels: Vec<PhiLabel> = gold.iter().chain(predicted).map(|span| span.label).collect();
        labels.sort_unstable();
        labels.dedup();
        for label in labels {
            let of_label =
                |spans: &[Span]| -> Vec<Span> { spans.iter().filter(|span| span.label == label).copied().collect() };
            let counts = count(scheme, &of_label(gold), &of_label(predicted));
            self.by_label.entry(label).or_default().add(cluster, &counts);
        }
    }

    fn metrics(&self, intervals: &mut impl Iterator<Item = Option<Interval>>) -> MatchMetrics {
        let mut next = || intervals.next().flatten();
        MatchMetrics {
            overall: self.overall.counts(next()),
            by_label: self.by_label.iter().map(|(label, tally)| (*label, tally.counts(next()))).collect(),
        }
    }
}

/// All texts, by all four schemes.
#[derive(Debug, Default)]
pub(super) struct SchemeTallies([SchemeTally; 4]);

impl SchemeTallies {
    const SCHEMES: [Scheme; 4] = [Scheme::Strict, Scheme::Exact, Scheme::Partial, Scheme::Type];

    pub(super) fn add(&mut self, cluster: usize, gold: &[Span], predicted: &[Span]) {
        for (tally, scheme) in self.0.iter_mut().zip(Self::SCHEMES) {
            tally.add(scheme, cluster, gold, predicted);
        }
    }

    /// The F1 of each, in the order in which [`Self::metrics`] takes their intervals.
    pub(super) fn f1(&self) -> impl Iterator<Item = Ratio> {
        self.0.iter().flat_map(|tally| [&tally.overall].into_iter().chain(tally.by_label.values())).map(MatchTally::f1)
    }

    pub(super) fn metrics(&self, intervals: &mut impl Iterator<Item = Option<Interval>>) -> SchemeMetrics {
        let [strict, exact, partial, entity_type] = self.0.each_ref().map(|tally| tally.metrics(intervals));
        SchemeMetrics { strict, exact, partial, entity_type }
    }
}

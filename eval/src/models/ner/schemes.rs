//! Predicted spans matched with gold ones, as the task SemEval-2013 9.1 and the package `nervaluate` do.
//!
//! Predicted spans are taken in order; each is matched with at most one gold span that is not matched yet. Two spans
//! meet when their common characters are at least a hundredth of the gold span, as in `nervaluate` 1.2.
//!
//! Source: I. Segura-Bedmar, P. Martínez, M. Herrero-Zazo, SemEval-2013 task 9, Proceedings of SemEval 2013, 341-350.

use super::Span;
use efface_schema::{MatchCounts, MatchMetrics, PhiLabel, SchemeMetrics};
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
pub(super) fn add(total: &mut MatchCounts, more: &MatchCounts) {
    total.correct += more.correct;
    total.incorrect += more.incorrect;
    total.partial += more.partial;
    total.missed += more.missed;
    total.spurious += more.spurious;
}

/// Fills in what follows from the counts.
pub(super) fn finished(counts: MatchCounts) -> MatchCounts {
    let actual = counts.correct + counts.incorrect + counts.partial + counts.spurious;
    let possible = counts.correct + counts.incorrect + counts.partial + counts.missed;
    let right = counts.correct as f64 + counts.partial as f64 / 2.0;
    let precision = (actual > 0).then(|| right / actual as f64);
    let recall = (possible > 0).then(|| right / possible as f64);
    MatchCounts { actual, possible, precision, recall, f1: super::harmonic_mean(precision, recall), ..counts }
}

/// All texts, by all four schemes.
pub(super) fn measure<'a>(texts: impl Iterator<Item = (&'a [Span], &'a [Span])> + Clone) -> SchemeMetrics {
    let by = |scheme| match_metrics(scheme, texts.clone());
    SchemeMetrics {
        strict: by(Scheme::Strict),
        exact: by(Scheme::Exact),
        partial: by(Scheme::Partial),
        entity_type: by(Scheme::Type),
    }
}

fn match_metrics<'a>(scheme: Scheme, texts: impl Iterator<Item = (&'a [Span], &'a [Span])>) -> MatchMetrics {
    let mut overall = MatchCounts::default();
    let mut by_label: BTreeMap<PhiLabel, MatchCounts> = BTreeMap::new();
    for (gold, predicted) in texts {
        add(&mut overall, &count(scheme, gold, predicted));
        let mut labels: Vec<PhiLabel> = gold.iter().chain(predicted).map(|span| span.label).collect();
        labels.sort_unstable();
        labels.dedup();
        for label in labels {
            let of_label =
                |spans: &[Span]| -> Vec<Span> { spans.iter().filter(|span| span.label == label).copied().collect() };
            add(by_label.entry(label).or_default(), &count(scheme, &of_label(gold), &of_label(predicted)));
        }
    }
    let by_label = by_label.into_iter().map(|(label, counts)| (label, finished(counts))).collect();
    MatchMetrics { overall: finished(overall), by_label }
}

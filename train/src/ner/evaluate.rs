//! How much a network finds on texts that it does not learn from.

use crate::text::LabelledText;
use efface_nets::calibration::{EntityRule, Temperatures};
use efface_nets::recognizer::{Context, Reading, Scored, decide};
use efface_nets::{Recognizer, tags};
use serde::Serialize;

/// Recall of entities at a fixed precision, whatever the label.
///
/// An entity is found if every character of it lies in predicted spans; a predicted span is right if it touches an
/// entity.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Score {
    /// The threshold that gives the precision with the highest recall.
    pub threshold: f32,
    /// Entities found, and all.
    pub found: u64,
    /// All entities.
    pub entities: u64,
    /// Predicted spans that touch an entity.
    pub right: u64,
    /// All predicted spans.
    pub predicted: u64,
    /// Texts without an entity in which something was predicted.
    pub touched: u64,
    /// Texts without an entity.
    pub clean: u64,
}

impl Score {
    /// The share of entities that were found; none without entities.
    pub fn recall(&self) -> Option<f64> {
        (self.entities > 0).then(|| self.found as f64 / self.entities as f64)
    }

    /// The share of predicted spans that are right; none without any.
    pub fn precision(&self) -> Option<f64> {
        (self.predicted > 0).then(|| self.right as f64 / self.predicted as f64)
    }
}

/// Thresholds that are tried, from the most cautious.
const THRESHOLDS: [f32; 12] = [0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];

/// The score at the threshold with the highest recall among those of enough precision; of all if none has enough,
/// the one with the highest precision.
pub fn evaluate(recognizer: &Recognizer, texts: &[LabelledText], precision: f64) -> Score {
    let contexts: Vec<Context<'_>> = texts.iter().map(context).collect();
    let scored = recognizer.scores(&contexts);
    let scores = THRESHOLDS.map(|threshold| at(&scored, texts, threshold));
    let enough = |score: &&Score| score.precision().is_some_and(|value| value >= precision);
    let best = scores.iter().filter(enough).max_by_key(|score| score.found);
    let fallback = || {
        scores.iter().max_by(|one, other| one.precision().unwrap_or(0.0).total_cmp(&other.precision().unwrap_or(0.0)))
    };
    *best.or_else(fallback).expect("there are thresholds")
}

/// The score at one threshold.
pub fn at(scored: &[Scored], texts: &[LabelledText], threshold: f32) -> Score {
    let mut score = Score { threshold, found: 0, entities: 0, right: 0, predicted: 0, touched: 0, clean: 0 };
    for (scored, text) in scored.iter().zip(texts) {
        count(&mut score, &decide(scored, &Temperatures::none(), EntityRule::Minimum, threshold), text);
    }
    score
}

fn count(score: &mut Score, reading: &Reading, text: &LabelledText) {
    let touches = |found: &&efface_nets::Found| {
        text.spans.iter().any(|span| found.start < span.end as usize && (span.start as usize) < found.end)
    };
    score.predicted += reading.spans.len() as u64;
    score.right += reading.spans.iter().filter(touches).count() as u64;
    score.entities += text.spans.len() as u64;
    let characters: Vec<char> = text.text.chars().collect();
    let covered = |span: &&crate::text::Span| {
        (span.start as usize..span.end as usize)
            .filter(|place| characters.get(*place).is_some_and(|character| character.is_alphanumeric()))
            .all(|place| reading.spans.iter().any(|found| (found.start..found.end).contains(&place)))
    };
    score.found += text.spans.iter().filter(covered).count() as u64;
    if text.spans.is_empty() {
        score.clean += 1;
        score.touched += u64::from(!reading.spans.is_empty());
    }
}

/// A text as it is asked about: nothing of the patient is known.
pub fn context(text: &LabelledText) -> Context<'_> {
    Context { text: &text.text, keyword: &text.keyword, vr: &text.vr, known: &[] }
}

/// What each word of a scored text is.
pub fn gold(scored: &Scored, text: &LabelledText) -> Vec<usize> {
    let places: Vec<(u32, u32)> = scored.words.iter().map(|word| (word.start as u32, word.end as u32)).collect();
    let spans: Vec<_> = text.spans.iter().map(|span| (span.start, span.end, span.label)).collect();
    tags::of_tokens(&places, &spans)
}

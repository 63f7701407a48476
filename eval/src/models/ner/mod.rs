//! Entity recognition: how much of what identifies someone in a text is found, and what else is taken for it.
//!
//! Four views, none of which replaces another:
//!
//! - **Spans**, matched in the four ways of SemEval-2013 (`schemes.rs`); the same numbers as `nervaluate`.
//! - **Tags**: entities read off BIO tags (`tags.rs`); the same numbers as `seqeval`.
//! - **Tokens and characters**: by label, and whatever the label. Characters that stay are what leaks, so recall by
//!   characters, whatever the label, is the figure that matters for removal.
//! - **Texts without PHI** in which something is taken for it.

mod read;
mod schemes;
mod tags;
mod tokens;

pub use read::{ScoredText, Span, read};
pub use tags::{Reading, Tag, tag_metrics};

use super::clusters::{Numbering, ShareTally, UnitTally};
use efface_schema::{JudgedDecision, MatchCounts, NerMetrics, PhiLabel, TextGroup, UnitMetrics, Versioned};
use schemes::Scheme;
use std::collections::BTreeMap;

/// `2ab / (a + b)`; 0 if both are 0, absent if both are undefined.
///
/// With one of them undefined there is nothing right either, and the mean is 0.
fn harmonic_mean(precision: Option<f64>, recall: Option<f64>) -> Option<f64> {
    if precision.is_none() && recall.is_none() {
        return None;
    }
    let (precision, recall) = (precision.unwrap_or_default(), recall.unwrap_or_default());
    let sum = precision + recall;
    Some(if sum > 0.0 { 2.0 * precision * recall / sum } else { 0.0 })
}

#[derive(Default)]
struct Units {
    any_label: UnitTally,
    by_label: BTreeMap<PhiLabel, UnitTally>,
}

impl Units {
    /// Counts one token or character; more than one label may be predicted for a character.
    fn add(&mut self, cluster: usize, gold: Option<PhiLabel>, predicted: &[PhiLabel]) {
        self.any_label.add(cluster, gold.is_some(), !predicted.is_empty());
        for label in predicted {
            self.by_label.entry(*label).or_default().add(cluster, gold == Some(*label), true);
        }
        if let Some(label) = gold.filter(|label| !predicted.contains(label)) {
            self.by_label.entry(label).or_default().add(cluster, true, false);
        }
    }

    fn metrics(&self) -> UnitMetrics {
        UnitMetrics {
            any_label: self.any_label.scores(),
            by_label: self.by_label.iter().map(|(label, tally)| (*label, tally.scores())).collect(),
        }
    }
}

#[derive(Default)]
struct Group {
    n_texts: u64,
    strict: MatchCounts,
    characters: UnitTally,
}

impl Group {
    fn add(&mut self, text: &ScoredText, cluster: usize, characters: &[(Option<PhiLabel>, Vec<PhiLabel>)]) {
        self.n_texts += 1;
        schemes::add(&mut self.strict, &schemes::count(Scheme::Strict, &text.gold, &text.predicted));
        for (gold, predicted) in characters {
            self.characters.add(cluster, gold.is_some(), !predicted.is_empty());
        }
    }

    fn metrics(self) -> TextGroup {
        TextGroup {
            n_texts: self.n_texts,
            strict: schemes::finished(self.strict),
            characters: self.characters.scores(),
        }
    }
}

/// By character, what it is and what it is taken for.
fn by_character(text: &ScoredText) -> Vec<(Option<PhiLabel>, Vec<PhiLabel>)> {
    let mut characters = vec![(None, Vec::new()); text.n_characters];
    for span in &text.gold {
        characters[span.start..span.end].iter_mut().for_each(|(gold, _)| *gold = Some(span.label));
    }
    for span in &text.predicted {
        for (_, predicted) in &mut characters[span.start..span.end] {
            if !predicted.contains(&span.label) {
                predicted.push(span.label);
            }
        }
    }
    characters
}

/// Measures a model on texts.
///
/// Intervals are Wilson's across patients ([`crate::interval::wilson_clustered`]); where the gold names no patients,
/// across texts.
///
/// # Example
/// ```
/// use efface_eval::models::ner::{measure, read};
/// let gold = r#"{"id": 1, "text": "Seen by Roe.", "spans": [{"start": 8, "end": 11, "label": "NAME"}]}"#;
/// let found = r#"{"id": 1, "spans": [{"start": 5, "end": 11, "label": "NAME"}]}"#;
/// let metrics = measure(&read(gold.as_bytes(), found.as_bytes())?);
/// assert_eq!(metrics.spans.strict.overall.recall, Some(0.0));
/// assert_eq!(metrics.spans.partial.overall.recall, Some(0.5));
/// assert_eq!(metrics.characters.any_label.recall.unwrap().value, 1.0);
/// # Ok::<(), efface_eval::models::MeasureError>(())
/// ```
pub fn measure(texts: &[ScoredText]) -> NerMetrics {
    let (mut tokens, mut characters) = (Units::default(), Units::default());
    let mut touched = ShareTally::default();
    let mut by_modality: BTreeMap<String, Group> = BTreeMap::new();
    let mut by_locale: BTreeMap<String, Group> = BTreeMap::new();
    let mut clusters = Numbering::default();
    let tags: Vec<(Vec<Tag>, Vec<Tag>)> = texts.iter().map(tags_of).collect();
    for (text, (gold_tags, predicted_tags)) in texts.iter().zip(&tags) {
        let cluster = clusters.number(&text.cluster);
        for (gold, predicted) in gold_tags.iter().zip(predicted_tags) {
            tokens.add(cluster, gold.label(), predicted.label().as_slice());
        }
        let of_characters = by_character(text);
        of_characters.iter().for_each(|(gold, predicted)| characters.add(cluster, *gold, predicted));
        if text.gold.is_empty() {
            let is_touched = !text.predicted.is_empty() || predicted_tags.iter().any(|tag| *tag != Tag::Outside);
            touched.add(cluster, u64::from(is_touched), 1);
        }
        for (name, groups) in [(&text.modality, &mut by_modality), (&text.locale, &mut by_locale)] {
            if let Some(name) = name.as_ref().filter(|name| !name.is_empty()) {
                groups.entry(name.clone()).or_default().add(text, cluster, &of_characters);
            }
        }
    }
    let pairs = || tags.iter().map(|(gold, predicted)| (&gold[..], &predicted[..]));
    let finished =
        |groups: BTreeMap<String, Group>| groups.into_iter().map(|(name, group)| (name, group.metrics())).collect();
    NerMetrics {
        format_version: NerMetrics::FORMAT_VERSION,
        n_texts: texts.len() as u64,
        n_clusters: clusters.len() as u64,
        n_gold_spans: texts.iter().map(|text| text.gold.len() as u64).sum(),
        n_predicted_spans: texts.iter().map(|text| text.predicted.len() as u64).sum(),
        spans: schemes::measure(texts.iter().map(|text| (&text.gold[..], &text.predicted[..]))),
        tags_default: tag_metrics(pairs(), Reading::Default),
        tags_strict: tag_metrics(pairs(), Reading::StrictIob2),
        tokens: tokens.metrics(),
        characters: characters.metrics(),
        touched_clean_texts: touched.share(),
        by_modality: finished(by_modality),
        by_locale: finished(by_locale),
    }
}

fn tags_of(text: &ScoredText) -> (Vec<Tag>, Vec<Tag>) {
    let predicted = text.predicted_tags.clone();
    (
        tags::of_spans(&text.tokens, &text.gold),
        predicted.unwrap_or_else(|| tags::of_spans(&text.tokens, &text.predicted)),
    )
}

/// The predicted spans that have a probability, as rows to measure calibration on: right are those that the gold has
/// with the same ends and the same label. Patients become numbers: their names in the gold may identify them.
pub fn decisions(texts: &[ScoredText]) -> Vec<JudgedDecision> {
    let mut clusters = Numbering::default();
    let of_text = |text: &ScoredText| -> Vec<JudgedDecision> {
        let cluster = clusters.number(&text.cluster).to_string();
        let judged = |(span, probability): (&Span, &Option<f64>)| {
            Some(JudgedDecision {
                probability: (*probability)?,
                correct: text.gold.contains(span),
                cluster: cluster.clone(),
                kind: Some("entity".to_owned()),
                phi: None,
            })
        };
        text.predicted.iter().zip(&text.probabilities).filter_map(judged).collect()
    };
    texts.iter().flat_map(of_text).collect()
}

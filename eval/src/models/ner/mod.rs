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

pub use read::{JudgedToken, ScoredText, Span, read};
pub use tags::{Reading, Tag, tag_metrics};

use super::MeasureError;
use super::bootstrap::{Figure, Resamples, intervals};
use super::clusters::{Numbering, ShareTally, UnitTally};
use efface_schema::{Interval, JudgedDecision, NerMetrics, PhiLabel, TextGroup, UnitMetrics, Versioned};
use schemes::{MatchTally, Scheme, SchemeTallies};
use std::collections::BTreeMap;
use tags::TagTally;

/// Name of the stream of random numbers.
const STREAM: &str = "f1 by cluster";

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

    /// The F1 of each, in the order in which [`Self::metrics`] takes their intervals.
    fn f1(&self) -> impl Iterator<Item = Figure> {
        [&self.any_label].into_iter().chain(self.by_label.values()).map(UnitTally::f1).map(Figure::Ratio)
    }

    fn metrics(&self, intervals: &mut impl Iterator<Item = Option<Interval>>) -> UnitMetrics {
        let mut next = || intervals.next().flatten();
        UnitMetrics {
            any_label: self.any_label.scores(next()),
            by_label: self.by_label.iter().map(|(label, tally)| (*label, tally.scores(next()))).collect(),
        }
    }
}

#[derive(Default)]
struct Group {
    n_texts: u64,
    strict: MatchTally,
    characters: UnitTally,
}

type Groups = BTreeMap<String, Group>;

impl Group {
    fn add(&mut self, text: &ScoredText, cluster: usize, characters: &[(Option<PhiLabel>, Vec<PhiLabel>)]) {
        self.n_texts += 1;
        self.strict.add(cluster, &schemes::count(Scheme::Strict, &text.gold, &text.predicted));
        for (gold, predicted) in characters {
            self.characters.add(cluster, gold.is_some(), !predicted.is_empty());
        }
    }

    /// The F1 of each, in the order in which [`Self::metrics`] takes their intervals.
    fn f1(&self) -> [Figure; 2] {
        [self.strict.f1(), self.characters.f1()].map(Figure::Ratio)
    }

    fn metrics(&self, intervals: &mut impl Iterator<Item = Option<Interval>>) -> TextGroup {
        let mut next = || intervals.next().flatten();
        let strict = self.strict.counts(next());
        TextGroup { n_texts: self.n_texts, strict, characters: self.characters.scores(next()) }
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

/// Everything that is counted.
#[derive(Default)]
struct Tallies {
    schemes: SchemeTallies,
    tags_default: TagTally,
    tags_strict: TagTally,
    tokens: Units,
    characters: Units,
    touched: ShareTally,
    by_modality: Groups,
    by_locale: Groups,
    by_attribute: Groups,
}

impl Tallies {
    fn add(&mut self, text: &ScoredText, cluster: usize) {
        self.schemes.add(cluster, &text.gold, &text.predicted);
        let (gold_tags, predicted_tags) = tags_of(text);
        self.tags_default.add(cluster, &gold_tags, &predicted_tags, Reading::Default);
        self.tags_strict.add(cluster, &gold_tags, &predicted_tags, Reading::StrictIob2);
        for (gold, predicted) in gold_tags.iter().zip(&predicted_tags) {
            self.tokens.add(cluster, gold.label(), predicted.label().as_slice());
        }
        let of_characters = by_character(text);
        of_characters.iter().for_each(|(gold, predicted)| self.characters.add(cluster, *gold, predicted));
        if text.gold.is_empty() {
            let is_touched = !text.predicted.is_empty() || predicted_tags.iter().any(|tag| *tag != Tag::Outside);
            self.touched.add(cluster, u64::from(is_touched), 1);
        }
        let groups = [
            (&text.modality, &mut self.by_modality),
            (&text.locale, &mut self.by_locale),
            (&text.attribute, &mut self.by_attribute),
        ];
        for (name, groups) in groups {
            if let Some(name) = name.as_ref().filter(|name| !name.is_empty()) {
                groups.entry(name.clone()).or_default().add(text, cluster, &of_characters);
            }
        }
    }

    /// Every F1, in the order in which [`Self::metrics`] takes their intervals.
    fn f1(&self) -> Vec<Figure> {
        let tags = self.tags_default.f1().chain(self.tags_strict.f1());
        let units = self.tokens.f1().chain(self.characters.f1());
        let all = [&self.by_modality, &self.by_locale, &self.by_attribute];
        let groups = all.into_iter().flat_map(BTreeMap::values).flat_map(Group::f1);
        self.schemes.f1().map(Figure::Ratio).chain(tags).chain(units).chain(groups).collect()
    }

    fn metrics(&self, intervals: &mut impl Iterator<Item = Option<Interval>>) -> NerMetrics {
        let spans = self.schemes.metrics(intervals);
        let tags_default = self.tags_default.metrics(intervals);
        let tags_strict = self.tags_strict.metrics(intervals);
        let tokens = self.tokens.metrics(intervals);
        let characters = self.characters.metrics(intervals);
        let mut groups = |groups: &Groups| -> BTreeMap<String, TextGroup> {
            groups.iter().map(|(name, group)| (name.clone(), group.metrics(intervals))).collect()
        };
        NerMetrics {
            format_version: NerMetrics::FORMAT_VERSION,
            spans,
            tags_default,
            tags_strict,
            tokens,
            characters,
            touched_clean_texts: self.touched.share(),
            by_modality: groups(&self.by_modality),
            by_locale: groups(&self.by_locale),
            by_attribute: groups(&self.by_attribute),
            ..NerMetrics::default()
        }
    }
}

/// Measures a model on texts.
///
/// Intervals of shares are Wilson's across patients ([`crate::interval::wilson_clustered`]), those of F1 come from
/// drawing whole patients anew; where the gold names no patients, both are across texts.
///
/// # Errors
/// When there are too few resamples.
///
/// # Example
/// ```
/// use efface_eval::models::Resamples;
/// use efface_eval::models::ner::{measure, read};
/// let gold = r#"{"id": 1, "text": "Seen by Roe.", "spans": [{"start": 8, "end": 11, "label": "NAME"}]}"#;
/// let found = r#"{"id": 1, "spans": [{"start": 5, "end": 11, "label": "NAME"}]}"#;
/// let metrics = measure(&read(gold.as_bytes(), found.as_bytes())?, Resamples::default())?;
/// assert_eq!(metrics.spans.strict.overall.recall, Some(0.0));
/// assert_eq!(metrics.spans.partial.overall.recall, Some(0.5));
/// assert_eq!(metrics.characters.any_label.recall.unwrap().value, 1.0);
/// assert!(metrics.characters.any_label.f1_interval.is_none(), "a single patient does not vary");
/// # Ok::<(), efface_eval::models::MeasureError>(())
/// ```
pub fn measure(texts: &[ScoredText], resamples: Resamples) -> Result<NerMetrics, MeasureError> {
    resamples.check()?;
    let mut clusters = Numbering::default();
    let mut tallies = Tallies::default();
    for text in texts {
        let cluster = clusters.number(&text.cluster);
        tallies.add(text, cluster);
    }
    let mut drawn = intervals(STREAM, resamples, clusters.len(), &tallies.f1()).into_iter();
    Ok(NerMetrics {
        n_texts: texts.len() as u64,
        n_clusters: clusters.len() as u64,
        n_gold_spans: texts.iter().map(|text| text.gold.len() as u64).sum(),
        n_predicted_spans: texts.iter().map(|text| text.predicted.len() as u64).sum(),
        resampling: Some(resamples.record(STREAM)),
        ..tallies.metrics(&mut drawn)
    })
}

fn tags_of(text: &ScoredText) -> (Vec<Tag>, Vec<Tag>) {
    let predicted = text.predicted_tags.clone();
    (
        tags::of_spans(&text.tokens, &text.gold),
        predicted.unwrap_or_else(|| tags::of_spans(&text.tokens, &text.predicted)),
    )
}

/// The predicted spans that have a probability, and the tokens that the model says something about by themselves, as rows
/// to measure calibration on. A span is right if the gold has it with the same ends and the same label, and a token if
/// it has its label; both are about PHI where the gold is. Patients become numbers: their names in the gold may identify
/// them.
pub fn decisions(texts: &[ScoredText]) -> Vec<JudgedDecision> {
    let mut clusters = Numbering::default();
    let of_text = |text: &ScoredText| -> Vec<JudgedDecision> {
        let cluster = clusters.number(&text.cluster).to_string();
        let row = |kind: &str, probability, correct, is_phi| JudgedDecision {
            probability,
            correct,
            cluster: cluster.clone(),
            kind: Some(kind.to_owned()),
            phi: Some(is_phi),
        };
        let entity = |(span, probability): (&Span, &Option<f64>)| {
            let is_phi = text.gold.iter().any(|gold| gold.start < span.end && span.start < gold.end);
            Some(row("entity", (*probability)?, text.gold.contains(span), is_phi))
        };
        let entities = text.predicted.iter().zip(&text.probabilities).filter_map(entity);
        let tokens = text.predicted_tokens.iter();
        let tokens = tokens.map(|token| row("token", token.probability, token.is_right, token.is_phi));
        entities.chain(tokens).collect()
    };
    texts.iter().flat_map(of_text).collect()
}

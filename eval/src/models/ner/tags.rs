//! BIO tags, and the entities that `seqeval` reads off them.

use super::Span;
use efface_schema::{PhiLabel, TagMetrics, TagScores};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// The tag of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tag {
    /// No entity.
    Outside,
    /// The first token of an entity.
    Begin(PhiLabel),
    /// A further token of an entity.
    Inside(PhiLabel),
}

impl Tag {
    /// Reads `O`, `B-LABEL` or `I-LABEL`.
    pub fn parse(text: &str) -> Option<Self> {
        match (text, text.split_once('-')) {
            ("O", _) => Some(Self::Outside),
            (_, Some(("B", label))) => Some(Self::Begin(label.parse().ok()?)),
            (_, Some(("I", label))) => Some(Self::Inside(label.parse().ok()?)),
            _ => None,
        }
    }

    /// What the token is taken for.
    pub const fn label(self) -> Option<PhiLabel> {
        match self {
            Self::Outside => None,
            Self::Begin(label) | Self::Inside(label) => Some(label),
        }
    }
}

/// How tags are read that no span could have made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// As `seqeval` does by default and conlleval before it: an `I-` that continues nothing begins an entity.
    Default,
    /// As `seqeval` does with `mode="strict", scheme=IOB2`: only `B-` begins an entity.
    StrictIob2,
}

/// An entity: its text, its first token, the token after its last, its label.
type Entity = (usize, usize, usize, PhiLabel);

/// The tags of the spans of a text. A token belongs to the first span that shares a character with it.
pub(super) fn of_spans(tokens: &[Range<usize>], spans: &[Span]) -> Vec<Tag> {
    let mut begun = None;
    let tag = |token: &Range<usize>| {
        let touching = spans.iter().enumerate().find(|(_, span)| span.start < token.end && token.start < span.end);
        match touching {
            None => Tag::Outside,
            Some((at, span)) if begun == Some(at) => Tag::Inside(span.label),
            Some((at, span)) => {
                begun = Some(at);
                Tag::Begin(span.label)
            }
        }
    };
    tokens.iter().map(tag).collect()
}

/// The entities of a text.
fn entities(text: usize, tags: &[Tag], reading: Reading) -> Vec<Entity> {
    let mut entities: Vec<Entity> = Vec::new();
    let mut open: Option<PhiLabel> = None;
    for (at, tag) in tags.iter().enumerate() {
        let begins = match (*tag, open) {
            (Tag::Inside(label), Some(opened)) if label == opened => false,
            (Tag::Begin(_), _) => true,
            (Tag::Inside(_), _) => reading == Reading::Default,
            (Tag::Outside, _) => false,
        };
        match (*tag, tag.label()) {
            (_, Some(label)) if begins => {
                entities.push((text, at, at + 1, label));
                open = Some(label);
            }
            (Tag::Inside(label), _) if open == Some(label) => {
                entities.last_mut().expect("one is open").2 = at + 1;
            }
            _ => open = None,
        }
    }
    entities
}

/// Precision, recall and F1 of entities that have the same tokens and the same label.
///
/// `texts` are the tags of the gold and of the model, text by text.
/// Micro figures are of all entities together; macro figures are means over the labels that the gold or the model
/// has; weighted ones count each label as often as the gold has it. In means an undefined figure counts as 0.
///
/// Source: H. Nakayama, `seqeval` 1.2.2; L. A. Ramshaw, M. P. Marcus, "Text Chunking using Transformation-Based
/// Learning" (1995), for the tags.
///
/// # Example
/// ```
/// use efface_eval::models::ner::{Reading, Tag, tag_metrics};
/// let tags = |text: &str| text.split(' ').map(|tag| Tag::parse(tag).unwrap()).collect::<Vec<_>>();
/// let texts = [(tags("O B-DATE I-DATE"), tags("O I-DATE I-DATE"))];
/// let default = tag_metrics(texts.iter().map(|(gold, found)| (&gold[..], &found[..])), Reading::Default);
/// let strict = tag_metrics(texts.iter().map(|(gold, found)| (&gold[..], &found[..])), Reading::StrictIob2);
/// assert_eq!((default.micro.recall, strict.micro.recall), (Some(1.0), Some(0.0)));
/// ```
pub fn tag_metrics<'a>(texts: impl Iterator<Item = (&'a [Tag], &'a [Tag])>, reading: Reading) -> TagMetrics {
    let (mut gold, mut predicted) = (BTreeSet::new(), BTreeSet::new());
    for (at, (gold_tags, predicted_tags)) in texts.enumerate() {
        gold.extend(entities(at, gold_tags, reading));
        predicted.extend(entities(at, predicted_tags, reading));
    }
    // By label: right ones, found ones, gold ones.
    let mut counts: BTreeMap<PhiLabel, [u64; 3]> = BTreeMap::new();
    for entity in &predicted {
        let count = counts.entry(entity.3).or_default();
        count[0] += u64::from(gold.contains(entity));
        count[1] += 1;
    }
    for entity in &gold {
        counts.entry(entity.3).or_default()[2] += 1;
    }
    let total = counts.values().fold([0; 3], |sum, count| [sum[0] + count[0], sum[1] + count[1], sum[2] + count[2]]);
    let by_label: BTreeMap<PhiLabel, TagScores> =
        counts.into_iter().map(|(label, count)| (label, scores(count))).collect();
    TagMetrics {
        micro: scores(total),
        macro_average: average(&by_label, |_| 1),
        weighted: average(&by_label, |scores| scores.support),
        by_label,
    }
}

fn scores([right, found, support]: [u64; 3]) -> TagScores {
    let precision = (found > 0).then(|| right as f64 / found as f64);
    let recall = (support > 0).then(|| right as f64 / support as f64);
    TagScores { precision, recall, f1: super::harmonic_mean(precision, recall), support }
}

fn average(by_label: &BTreeMap<PhiLabel, TagScores>, weight: impl Fn(&TagScores) -> u64) -> TagScores {
    let weights: u64 = by_label.values().map(&weight).sum();
    let mean = |figure: fn(&TagScores) -> Option<f64>| {
        let sum: f64 = by_label.values().map(|scores| weight(scores) as f64 * figure(scores).unwrap_or_default()).sum();
        (weights > 0).then(|| sum / weights as f64)
    };
    TagScores {
        precision: mean(|scores| scores.precision),
        recall: mean(|scores| scores.recall),
        f1: mean(|scores| scores.f1),
        support: by_label.values().map(|scores| scores.support).sum(),
    }
}

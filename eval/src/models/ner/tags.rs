//! BIO tags, and the entities that `seqeval` reads off them.

use super::Span;
use crate::models::bootstrap::{Figure, Ratio};
use efface_schema::{Interval, PhiLabel, TagMetrics, TagScores};
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

/// An entity: its first token, the token after its last, its label.
type Entity = (usize, usize, PhiLabel);

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
fn entities(tags: &[Tag], reading: Reading) -> Vec<Entity> {
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
                entities.push((at, at + 1, label));
                open = Some(label);
            }
            (Tag::Inside(label), _) if open == Some(label) => {
                entities.last_mut().expect("one is open").1 = at + 1;
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
    let mut tally = TagTally::default();
    texts.for_each(|(gold, predicted)| tally.add(0, gold, predicted, reading));
    tally.metrics(&mut std::iter::empty())
}

/// Right entities, found ones and gold ones.
type Counts = [u64; 3];

fn sum(left: Counts, right: &Counts) -> Counts {
    std::array::from_fn(|at| left[at] + right[at])
}

/// Entities by label and by cluster.
#[derive(Debug, Default)]
pub(super) struct TagTally(BTreeMap<PhiLabel, BTreeMap<usize, Counts>>);

impl TagTally {
    /// Counts the entities of a text.
    pub(super) fn add(&mut self, cluster: usize, gold: &[Tag], predicted: &[Tag], reading: Reading) {
        let [gold, predicted] = [gold, predicted].map(|tags| BTreeSet::from_iter(entities(tags, reading)));
        for entity in &predicted {
            let count = self.of(entity, cluster);
            count[0] += u64::from(gold.contains(entity));
            count[1] += 1;
        }
        for entity in &gold {
            self.of(entity, cluster)[2] += 1;
        }
    }

    fn of(&mut self, entity: &Entity, cluster: usize) -> &mut Counts {
        self.0.entry(entity.2).or_default().entry(cluster).or_default()
    }

    /// The F1 of all labels together, its means over labels, and that of each, in the order in which [`Self::metrics`]
    /// takes their intervals.
    pub(super) fn f1(&self) -> impl Iterator<Item = Figure> {
        let parts = |[right, found, support]: &Counts| [2.0 * *right as f64, (found + support) as f64];
        let of_label = move |clusters: &BTreeMap<usize, Counts>| -> Ratio {
            clusters.iter().map(|(cluster, counts)| (*cluster, parts(counts))).collect()
        };
        let support = |clusters: &BTreeMap<usize, Counts>| {
            clusters.iter().map(|(cluster, [_, _, support])| (*cluster, *support as f64)).collect()
        };
        let mut all: BTreeMap<usize, Counts> = BTreeMap::new();
        for (cluster, counts) in self.0.values().flatten() {
            let total = all.entry(*cluster).or_default();
            *total = sum(*total, counts);
        }
        let means = [
            Figure::Ratio(of_label(&all)),
            Figure::Mean(self.0.values().map(of_label).collect()),
            Figure::Weighted(self.0.values().map(|clusters| (of_label(clusters), support(clusters))).collect()),
        ];
        means.into_iter().chain(self.0.values().map(move |clusters| Figure::Ratio(of_label(clusters))))
    }

    pub(super) fn metrics(&self, intervals: &mut impl Iterator<Item = Option<Interval>>) -> TagMetrics {
        let mut next = || intervals.next().flatten();
        let total = self.0.values().flat_map(BTreeMap::values).fold([0; 3], sum);
        let [micro, of_macro, of_weighted] = [next(), next(), next()];
        let of_label = |clusters: &BTreeMap<usize, Counts>| clusters.values().fold([0; 3], sum);
        let by_label: BTreeMap<PhiLabel, TagScores> =
            self.0.iter().map(|(label, clusters)| (*label, scores(of_label(clusters), next()))).collect();
        TagMetrics {
            micro: scores(total, micro),
            macro_average: average(&by_label, |_| 1, of_macro),
            weighted: average(&by_label, |scores| scores.support, of_weighted),
            by_label,
        }
    }
}

fn scores([right, found, support]: Counts, f1_interval: Option<Interval>) -> TagScores {
    let precision = (found > 0).then(|| right as f64 / found as f64);
    let recall = (support > 0).then(|| right as f64 / support as f64);
    TagScores { precision, recall, f1: super::harmonic_mean(precision, recall), f1_interval, support }
}

fn average(
    by_label: &BTreeMap<PhiLabel, TagScores>,
    weight: impl Fn(&TagScores) -> u64,
    f1_interval: Option<Interval>,
) -> TagScores {
    let weights: u64 = by_label.values().map(&weight).sum();
    let mean = |figure: fn(&TagScores) -> Option<f64>| {
        let sum: f64 = by_label.values().map(|scores| weight(scores) as f64 * figure(scores).unwrap_or_default()).sum();
        (weights > 0).then(|| sum / weights as f64)
    };
    TagScores {
        precision: mean(|scores| scores.precision),
        recall: mean(|scores| scores.recall),
        f1: mean(|scores| scores.f1),
        f1_interval,
        support: by_label.values().map(|scores| scores.support).sum(),
    }
}

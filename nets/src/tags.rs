//! Tags of tokens (BIO over the PHI labels), and how scores become spans.

use efface_schema::PhiLabel;

/// How many tags there are: outside, and beginning and inside of every label.
pub const TAGS: usize = 1 + 2 * PhiLabel::ALL.len();

/// The tag of what identifies nobody.
pub const OUTSIDE: usize = 0;

/// The tag of the first token of a span.
///
/// # Examples
/// ```
/// use efface_nets::tags;
/// use efface_schema::PhiLabel;
/// assert_eq!(tags::name(tags::begin(PhiLabel::Name)), "B-NAME");
/// assert_eq!(tags::name(tags::inside(PhiLabel::Date)), "I-DATE");
/// ```
pub fn begin(label: PhiLabel) -> usize {
    1 + 2 * place(label)
}

/// The tag of every further token of a span.
pub fn inside(label: PhiLabel) -> usize {
    2 + 2 * place(label)
}

fn place(label: PhiLabel) -> usize {
    label as usize
}

/// The label of a tag, none for [`OUTSIDE`].
pub fn label(tag: usize) -> Option<PhiLabel> {
    tag.checked_sub(1).map(|place| PhiLabel::ALL[place / 2])
}

/// Whether a tag begins a span.
pub fn begins(tag: usize) -> bool {
    tag % 2 == 1
}

/// The name of a tag, as `config.json` holds it.
pub fn name(tag: usize) -> String {
    match label(tag) {
        None => "O".to_owned(),
        Some(label) => format!("{}-{label}", if begins(tag) { "B" } else { "I" }),
    }
}

/// Whether `tag` may follow `before` (none at the start of a text): the inside of a label follows only that label.
pub fn may_follow(before: Option<usize>, tag: usize) -> bool {
    begins(tag) || tag == OUTSIDE || before.is_some_and(|before| before == tag || before + 1 == tag)
}

/// The tags of tokens, given as ranges of characters, under spans that are in order and do not overlap.
///
/// A token that is only partly inside of a span counts as inside: what identifies must not survive by its neighbour.
pub fn of_tokens(tokens: &[(u32, u32)], spans: &[(u32, u32, PhiLabel)]) -> Vec<usize> {
    let mut spans = spans.iter().peekable();
    let mut started = false;
    let mut tags = Vec::with_capacity(tokens.len());
    for (start, end) in tokens {
        while spans.next_if(|span| span.1 <= *start).is_some() {
            started = false;
        }
        tags.push(match spans.peek() {
            Some(span) if span.0 < *end => {
                let first = !std::mem::replace(&mut started, true);
                if first { begin(span.2) } else { inside(span.2) }
            }
            _ => OUTSIDE,
        });
    }
    tags
}

/// Logarithms of the probabilities of a row of scores.
pub fn log_softmax(scores: &[f32]) -> Vec<f32> {
    let highest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f32 = scores.iter().map(|score| (score - highest).exp()).sum();
    let shift = highest + sum.ln();
    scores.iter().map(|score| score - shift).collect()
}

/// The most probable valid sequence of tags (Viterbi), given the logarithms of probabilities, `[tokens][TAGS]`.
///
/// Linear in the number of tags: the inside of a label can only follow two tags, all others follow the best.
pub fn decode(scores: &[Vec<f32>]) -> Vec<usize> {
    let Some(first) = scores.first() else { return Vec::new() };
    let mut best: Vec<f32> =
        (0..first.len()).map(|tag| if may_follow(None, tag) { first[tag] } else { f32::NEG_INFINITY }).collect();
    let mut from = Vec::with_capacity(scores.len());
    for row in &scores[1..] {
        let top = highest(&best);
        let steps: Vec<usize> = (0..row.len())
            .map(|tag| match label(tag) {
                Some(_) if !begins(tag) => {
                    if best[tag - 1] > best[tag] {
                        tag - 1
                    } else {
                        tag
                    }
                }
                _ => top,
            })
            .collect();
        best = steps.iter().zip(row).map(|(before, score)| best[*before] + score).collect();
        from.push(steps);
    }
    let mut tag = highest(&best);
    let mut path = vec![tag];
    for steps in from.iter().rev() {
        tag = steps[tag];
        path.push(tag);
    }
    path.reverse();
    path
}

fn highest(values: &[f32]) -> usize {
    let mut best = 0;
    for (place, value) in values.iter().enumerate() {
        if *value > values[best] {
            best = place;
        }
    }
    best
}

/// A run of tokens with one label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// The first token.
    pub first: usize,
    /// The last token.
    pub last: usize,
    /// What it is.
    pub label: PhiLabel,
}

/// The spans of a valid sequence of tags.
pub fn runs(tags: &[usize]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for (place, tag) in tags.iter().enumerate() {
        let Some(label) = label(*tag) else { continue };
        match runs.last_mut() {
            Some(run) if !begins(*tag) && run.last + 1 == place && run.label == label => run.last = place,
            _ => runs.push(Run { first: place, last: place, label }),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn tags_have_names_and_labels() {
        assert_eq!(TAGS, 39);
        for tag in 0..TAGS {
            assert_eq!(label(tag).is_none(), name(tag) == "O");
        }
        for label in PhiLabel::ALL {
            assert!(
                may_follow(Some(begin(*label)), inside(*label)) && may_follow(Some(inside(*label)), inside(*label))
            );
            assert!(!may_follow(None, inside(*label)) && !may_follow(Some(OUTSIDE), inside(*label)));
        }
        assert!(!may_follow(Some(inside(PhiLabel::Name)), inside(PhiLabel::Location)));
        assert!(!may_follow(Some(begin(PhiLabel::Location)), inside(PhiLabel::Name)));
    }

    #[test]
    fn partly_covered_tokens_are_inside_and_neighbours_stay_apart() {
        let tokens = [(0, 4), (4, 7), (8, 9), (9, 12), (12, 14)];
        let spans = [(5, 9, PhiLabel::Name), (9, 12, PhiLabel::Date)];
        let tags = of_tokens(&tokens, &spans);
        assert_eq!(tags, [OUTSIDE, begin(PhiLabel::Name), inside(PhiLabel::Name), begin(PhiLabel::Date), OUTSIDE]);
    }

    /// The best sequence by trying all of a few tags.
    fn exhaustive(scores: &[Vec<f32>], tags: &[usize]) -> f32 {
        let mut sequences: Vec<(Option<usize>, f32)> = vec![(None, 0.0)];
        for row in scores {
            let mut longer = Vec::new();
            for (before, score) in sequences {
                for tag in tags.iter().filter(|tag| may_follow(before, **tag)) {
                    longer.push((Some(*tag), score + row[*tag]));
                }
            }
            sequences = longer;
        }
        sequences.iter().map(|sequence| sequence.1).fold(f32::NEG_INFINITY, f32::max)
    }

    proptest! {
        #[test]
        fn decoding_is_valid_and_best(rows in prop::collection::vec(prop::collection::vec(-5.0f32..0.0, 5), 1..6)) {
            let scores: Vec<Vec<f32>> = rows.iter().map(|row| {
                let mut all = vec![-100.0; TAGS];
                all[..5].copy_from_slice(row);
                all
            }).collect();
            let path = decode(&scores);
            let mut before = None;
            for tag in &path {
                prop_assert!(may_follow(before, *tag));
                before = Some(*tag);
            }
            let score: f32 = path.iter().zip(&scores).map(|(tag, row)| row[*tag]).sum();
            prop_assert!((score - exhaustive(&scores, &[0, 1, 2, 3, 4])).abs() < 1e-4);
        }

        #[test]
        fn runs_cover_what_is_tagged(tags in prop::collection::vec(0..TAGS, 0..12)) {
            let covered: usize = runs(&tags).iter().map(|run| run.last + 1 - run.first).sum();
            prop_assert_eq!(covered, tags.iter().filter(|tag| **tag != OUTSIDE).count());
        }
    }
}

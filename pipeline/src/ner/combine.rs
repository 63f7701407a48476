//! How the network's spans join those of the other tiers.
//!
//! The union goes. What tiers 1 and 2 found stays as they found it: their label decides what stands in its place. Of a
//! span of the network what lies outside of theirs is a span of its own.

use crate::rules::rule;
use crate::settled::is_label;
use crate::tier2::{FoundSpan, guard};
use efface_nets::Found;
use efface_schema::{Probability, Source};

/// A span about words that the guard knows as no names goes only if it is at least this probable to identify someone.
const SURE: f32 = 0.95;

/// The spans of tier 2, in order and apart, with what the network found beyond them and the guard lets go.
pub(super) fn combine(text: &str, found: &[FoundSpan], network: &[Found]) -> Vec<FoundSpan> {
    unite(text, found, network.iter().filter(|guess| !is_hard_negative(text, found, guess)))
}

/// Whether the guard keeps what a span covers: words that are no names, of which neither tier 2 nor the network is sure.
fn is_hard_negative(text: &str, found: &[FoundSpan], guess: &Found) -> bool {
    let is_confirmed = found.iter().any(|span| span.start < guess.end && guess.start < span.end);
    !is_confirmed && guess.identifies < SURE && guard::protects(text, guess.start, guess.end)
}

/// The spans of tier 2, in order and apart, with what lies beyond them of others.
pub(super) fn unite<'g>(text: &str, found: &[FoundSpan], network: impl Iterator<Item = &'g Found>) -> Vec<FoundSpan> {
    let characters: Vec<char> = text.chars().collect();
    let mut all = found.to_vec();
    for guess in network {
        for (start, end) in outside(guess.start, guess.end.min(characters.len()), found) {
            let Some((start, end)) = trimmed(&characters, start, end) else { continue };
            let span = FoundSpan {
                start,
                end,
                label: guess.label,
                source: Source::Ner,
                rule: rule!("ner"),
                probability: Probability::new(f64::from(guess.probability)).unwrap_or(Probability::ONE),
            };
            if !stands_for_another(&span, &characters, text) {
                all.push(span);
            }
        }
    }
    all.sort_by_key(|span| span.start);
    all
}

/// The parts of a range that no span covers.
fn outside(start: usize, end: usize, found: &[FoundSpan]) -> Vec<(usize, usize)> {
    let mut parts = Vec::new();
    let mut at = start;
    for span in found.iter().filter(|span| span.start < end && start < span.end) {
        if at < span.start {
            parts.push((at, span.start));
        }
        at = at.max(span.end);
    }
    if at < end {
        parts.push((at, end));
    }
    parts
}

/// A range without what is neither letter nor digit at its ends; `None` when nothing is left.
fn trimmed(characters: &[char], start: usize, end: usize) -> Option<(usize, usize)> {
    let first = (start..end).find(|at| characters[*at].is_alphanumeric())?;
    let last = (start..end).rev().find(|at| characters[*at].is_alphanumeric())?;
    Some((first, last + 1))
}

/// Whether a span is the word in a label such as `[NAME]`, which an earlier run put there.
fn stands_for_another(span: &FoundSpan, characters: &[char], text: &str) -> bool {
    let opens = span.start > 0 && characters[span.start - 1] == '[';
    let closes = characters.get(span.end) == Some(&']');
    opens && closes && is_label(&FoundSpan { start: span.start - 1, end: span.end + 1, ..span.clone() }, text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use efface_schema::PhiLabel;

    fn range(text: &str, part: &str) -> (usize, usize) {
        let byte = text.find(part).expect("it is there");
        let start = text[..byte].chars().count();
        (start, start + part.chars().count())
    }

    /// What goes, and who says so, of a text in which tier 2 and the network found parts.
    fn joined(text: &str, tier2: &[&str], network: &[(&str, f32)]) -> Vec<(String, Source)> {
        let found: Vec<FoundSpan> = tier2
            .iter()
            .map(|part| {
                let (start, end) = range(text, part);
                let (label, probability) = (PhiLabel::Mrn, Probability::ONE);
                FoundSpan { start, end, label, source: Source::Tier2, rule: "lexicon", probability }
            })
            .collect();
        let guesses: Vec<Found> = network
            .iter()
            .map(|(part, probability)| {
                let (start, end) = range(text, part);
                Found { start, end, label: PhiLabel::Name, probability: 0.3, identifies: *probability }
            })
            .collect();
        let spans = combine(text, &found, &guesses);
        assert!(spans.windows(2).all(|pair| pair[0].end <= pair[1].start), "{spans:?}");
        let part = |span: &FoundSpan| text.chars().take(span.end).skip(span.start).collect();
        spans.iter().map(|span| (part(span), span.source)).collect()
    }

    #[test]
    fn the_union_goes_and_tier_2_keeps_what_it_found() {
        let (tier2, ner) = (Source::Tier2, Source::Ner);
        for (text, found, guesses, expected) in [
            ("told Ottoline", vec![], vec![("Ottoline", 0.8)], vec![("Ottoline", ner)]),
            ("told Doe", vec!["Doe"], vec![("Doe", 0.8)], vec![("Doe", tier2)]),
            ("told Doe-Ravn of it", vec!["Doe"], vec![("Doe-Ravn", 0.8)], vec![("Doe", tier2), ("Ravn", ner)]),
            (
                "Ana Doe Ravn, 12",
                vec!["Doe", "12"],
                vec![("Ana Doe Ravn", 0.8)],
                vec![("Ana", ner), ("Doe", tier2), ("Ravn", ner), ("12", tier2)],
            ),
            ("(Doe).", vec!["Doe"], vec![("(Doe).", 0.8)], vec![("Doe", tier2)]),
            ("seen Müller ä", vec!["ä"], vec![("Müller", 0.6)], vec![("Müller", ner), ("ä", tier2)]),
            ("told [NAME] so", vec![], vec![("NAME", 0.99)], vec![]),
        ] {
            let expected: Vec<(String, Source)> =
                expected.into_iter().map(|(part, source)| (part.to_owned(), source)).collect();
            assert_eq!(joined(text, &found, &guesses), expected, "{text}");
        }
    }

    #[test]
    fn hard_negatives_stay_unless_the_network_is_sure() {
        assert!(joined("Baker cyst", &[], &[("Baker", 0.94)]).is_empty());
        assert_eq!(joined("Baker cyst", &[], &[("Baker", 0.96)]).len(), 1);
        assert_eq!(joined("seen by Mrs. Baker", &[], &[("Baker", 0.6)]).len(), 1);
    }
}

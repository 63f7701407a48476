//! People who are named in a text and nowhere else: found by their given names.
//!
//! Source of the list: the 1990 United States Census; see `data/given_names.txt`.

use super::FoundSpan;
use crate::rules::rule;
use efface_schema::{PhiLabel, Probability, Source};
use std::collections::HashMap;
use std::sync::LazyLock;

/// How often a given name in sentence case names a person, as a judgement until a calibration file says better.
const PROBABILITY: f64 = 0.85;
/// A name reaches at most this many words.
const MAX_WORDS: usize = 4;

/// Given names; `true` when the word needs another capitalized word behind it.
static GIVEN_NAMES: LazyLock<HashMap<&'static str, bool>> = LazyLock::new(|| {
    include_str!("../../data/given_names.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .flat_map(str::split_whitespace)
        .map(|name| name.strip_prefix('~').map_or((name, false), |name| (name, true)))
        .collect()
});

/// Words after a name that make it an eponym: it names a finding or a thing, and nobody.
const EPONYM_NOUNS: &[&str] = &[
    "angle",
    "arthritis",
    "catheter",
    "classification",
    "criteria",
    "cyst",
    "disease",
    "filter",
    "fracture",
    "grade",
    "index",
    "lesion",
    "line",
    "lymphoma",
    "method",
    "node",
    "palsy",
    "phenomenon",
    "position",
    "procedure",
    "ratio",
    "reaction",
    "score",
    "shunt",
    "sign",
    "stage",
    "stain",
    "stent",
    "syndrome",
    "technique",
    "test",
    "thyroiditis",
    "triad",
    "tube",
    "tumor",
    "tumour",
    "view",
    "water",
    "fat",
];

/// Whether a given name is an English word too.
pub(super) fn is_ambiguous(word: &str) -> bool {
    GIVEN_NAMES.get(word).copied().unwrap_or(false)
}

/// A word of the text: its characters, and where it is.
struct Word<'a> {
    text: &'a str,
    start_byte: usize,
    end_byte: usize,
}

/// Finds names that begin with a known given name, in text that is not all capitals.
///
/// Capitals are the cue: where everything is in capitals, or nothing, the cue is not there and nothing is found.
pub(super) fn find(text: &str, mut character: impl FnMut(usize) -> usize) -> Vec<FoundSpan> {
    if !text.contains(|letter: char| letter.is_lowercase()) {
        return Vec::new();
    }
    let words = words(text);
    let mut spans = Vec::new();
    let mut word_idx = 0;
    while word_idx < words.len() {
        match name_length(text, &words, word_idx) {
            Some(n_words) => {
                let last = &words[word_idx + n_words - 1];
                spans.push(FoundSpan {
                    start: character(words[word_idx].start_byte),
                    end: character(last.end_byte),
                    label: PhiLabel::Name,
                    source: Source::Recognizer,
                    rule: rule!("given-name"),
                    probability: Probability::new(PROBABILITY).expect("a committed probability"),
                });
                word_idx += n_words;
            }
            None => word_idx += 1,
        }
    }
    spans
}

/// How many words the name that begins here has; `None` when none begins here.
fn name_length(text: &str, words: &[Word<'_>], word_idx: usize) -> Option<usize> {
    let needs_surname = *GIVEN_NAMES.get(words[word_idx].text)?;
    let mut n_words = 1;
    while n_words < MAX_WORDS && continues(text, words, word_idx + n_words) {
        n_words += 1;
    }
    let next = words.get(word_idx + n_words).map(|word| word.text.to_lowercase());
    let eponym = next.is_some_and(|next| EPONYM_NOUNS.contains(&next.as_str()));
    (!eponym && (n_words > 1 || !needs_surname)).then_some(n_words)
}

/// Whether a word carries on the name before it: capitalized or an initial, parted by nothing but a blank or a dot.
fn continues(text: &str, words: &[Word<'_>], word_idx: usize) -> bool {
    let Some(word) = words.get(word_idx) else { return false };
    let gap = &text[words[word_idx - 1].end_byte..word.start_byte];
    let joined = matches!(gap, " " | "-") || (gap == ". " && words[word_idx - 1].text.chars().count() == 1);
    joined && is_capitalized(word.text) && !crate::pixels::vocabulary::is_harmless(word.text)
}

fn is_capitalized(word: &str) -> bool {
    let mut letters = word.chars();
    letters.next().is_some_and(char::is_uppercase)
        && letters.all(|letter| letter.is_lowercase() || "'’".contains(letter) || letter.is_uppercase())
}

fn words(text: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut start = None;
    for (byte, letter) in text.char_indices().chain([(text.len(), ' ')]) {
        let inside = letter.is_alphabetic() || (start.is_some() && "'’".contains(letter));
        match (inside, start) {
            (true, None) => start = Some(byte),
            (false, Some(start_byte)) => {
                words.push(Word { text: &text[start_byte..byte], start_byte, end_byte: byte });
                start = None;
            }
            _ => {}
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let characters: Vec<char> = text.chars().collect();
        find(text, |byte| text[..byte].chars().count())
            .iter()
            .map(|span| characters[span.start..span.end].iter().collect())
            .collect()
    }

    #[test]
    fn people_are_found_by_their_given_names() {
        for (text, expected) in [
            ("Diana Kovacs drove the pt in", vec!["Diana Kovacs"]),
            ("nodule, told Susan who will pass it on", vec!["Susan"]),
            ("spoke to Robert J. O'Neil-Smith today", vec!["Robert J. O'Neil-Smith"]),
            ("seen with Mark Brandt", vec!["Mark Brandt"]),
        ] {
            assert_eq!(found(text), expected, "{text}");
        }
    }

    #[test]
    fn words_eponyms_and_capitals_are_left_alone() {
        for text in [
            "Mark the lesion. Will repeat in May",
            "Known Crohn disease, Alzheimer disease, Baker cyst",
            "Carter syndrome, Douglas pouch line, Allen test",
            "CT ABDOMEN DIANA",
            "Axial Head Thin",
        ] {
            assert!(found(text).iter().all(|name| name == "Douglas"), "{text}: {:?}", found(text));
        }
    }
}

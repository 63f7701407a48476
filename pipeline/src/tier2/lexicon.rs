//! What the explicit attributes of one patient say, and where else it stands.

use super::folded::Folded;
use super::fuzzy::FuzzyIndex;
use super::needles::{Context, Edges, Gaps, MIN_FUZZY_WORD, Needle, Needles, search_form};
use super::{FoundSpan, guard};
use aho_corasick::{AhoCorasick, MatchKind};
use efface_schema::{PhiLabel, Probability, Source};
use std::collections::{BTreeMap, BTreeSet};

/// Needles of at least this many characters are searched in bytes.
const MIN_IN_BYTES: usize = 5;
/// How sure an exact find is of which a part is a guess: a nickname, another spelling, a typo.
const PROBABILITY_OF_GUESS: f64 = 0.9;

/// The identities of one patient, ready to be searched.
pub struct Lexicon {
    automaton: Option<AhoCorasick>,
    /// For each pattern of the automaton, the needles that it stands for.
    by_pattern: Vec<Vec<u32>>,
    needles: Vec<Needle>,
    typos: FuzzyIndex,
    raw: Option<AhoCorasick>,
    /// Whether all that is searched in bytes is ASCII.
    raw_is_ascii: bool,
}

/// Which finds are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// The patient's own words and numbers alone.
    Exact,
    /// Those that differ by one typo or confusion too.
    WithGuesses,
}

impl Lexicon {
    /// Makes needles searchable.
    pub(super) fn new(mut needles: Needles) -> Self {
        let spellings = std::mem::take(&mut needles.spellings);
        let needles = needles.into_sorted();
        let mut patterns: BTreeMap<Vec<u8>, Vec<u32>> = BTreeMap::new();
        for (needle_idx, needle) in (0_u32..).zip(&needles) {
            patterns.entry(search_form(&needle.exact)).or_default().push(needle_idx);
        }
        let raw = raw_forms(&needles, spellings.into_keys());
        Self {
            // What is searched there is folded, as the needles are.
            automaton: automaton(patterns.keys(), Case::Sensitive),
            by_pattern: patterns.into_values().collect(),
            typos: FuzzyIndex::new(words_with_typos(&needles)),
            raw: automaton(raw.iter(), Case::Insensitive),
            raw_is_ascii: raw.iter().all(|form| form.is_ascii() && !form.contains(&0)),
            needles,
        }
    }

    /// Finds the patient's identities in a text, those with one typo or confusion too.
    pub fn find(&self, text: &str) -> Vec<FoundSpan> {
        self.find_within(text, Reach::WithGuesses)
    }

    /// Finds the patient's identities in a text as they are: no typo, no confusion.
    pub fn find_exact(&self, text: &str) -> Vec<FoundSpan> {
        self.find_within(text, Reach::Exact)
    }

    /// Finds the patient's identities in a text.
    pub(super) fn find_within(&self, text: &str, reach: Reach) -> Vec<FoundSpan> {
        let mut spans = Vec::new();
        let Some(automaton) = &self.automaton else { return spans };
        let guesses = reach == Reach::WithGuesses;
        let folded = Folded::new(text);
        let mut push = |range: (usize, usize), label: PhiLabel, rule: &'static str| {
            let (mut start, end) = folded.original(range.0, range.1);
            // The bracket that an area code closes.
            let closes = |at: usize| folded.gap(at) > 0 && folded.separators_before(text, at).starts_with(')');
            if folded.separators_before(text, range.0).ends_with('(') && (range.0 + 1..range.1).any(closes) {
                start -= 1;
            }
            let probability = if is_guess(rule) { PROBABILITY_OF_GUESS } else { 1.0 };
            let probability = Probability::new(probability).expect("a committed probability");
            spans.push(FoundSpan { start, end, label, source: Source::Tier2, rule, probability });
        };
        for found in automaton.find_overlapping_iter(&folded.confused()) {
            let range = (found.start(), found.end());
            for needle_idx in &self.by_pattern[found.pattern().as_usize()] {
                let needle = &self.needles[*needle_idx as usize];
                if let Some(rule) = needle.accept(&folded, text, range, guesses) {
                    let start = if needle.has_digit() { leading_zeros(&folded, range.0) } else { range.0 };
                    push((start, range.1), needle.label, rule);
                }
            }
        }
        if guesses {
            for (start, end, label) in self.typos.find(&folded) {
                push((start, end), label, "lexicon-fuzzy");
            }
        }
        spans
    }

    /// Whether bytes that were not searched as text hold an identity of the patient, case folded.
    ///
    /// Only needles of five characters and more count, since shorter ones occur by chance. The bytes are taken for
    /// UTF-8.
    pub fn occurs_in_bytes(&self, bytes: &[u8]) -> bool {
        let Some(automaton) = &self.raw else { return false };
        automaton.find_overlapping_iter(bytes).any(|found| !is_inside_known_word(bytes, found.start(), found.end()))
    }

    /// Whether bytes may hold an identity of the patient: `false` says that [`Self::occurs_in_bytes`] is too. A search
    /// that ends at the first find is the quicker one.
    pub(crate) fn may_occur_in_bytes(&self, bytes: &[u8]) -> bool {
        self.raw.as_ref().is_some_and(|automaton| automaton.is_match(bytes))
    }

    /// Whether all that is searched in bytes is ASCII without zeros.
    pub(crate) const fn is_ascii_in_bytes(&self) -> bool {
        self.raw_is_ascii
    }

    /// How many needles there are.
    pub fn len(&self) -> usize {
        self.needles.len()
    }

    /// Whether nothing is known of the patient.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Where the zeros begin that touch an identifier from before.
fn leading_zeros(folded: &Folded, start: usize) -> usize {
    let bytes = folded.text.as_bytes();
    let mut first = start;
    while first > 0 && bytes[first - 1] == b'0' && folded.gap(first) == 0 {
        first -= 1;
    }
    first
}

fn is_guess(rule: &str) -> bool {
    matches!(rule, "lexicon-fuzzy" | "lexicon-variant")
}

/// The words that are searched with one typo: single, free of context, explicit or another spelling of what is.
fn words_with_typos(needles: &[Needle]) -> BTreeMap<String, PhiLabel> {
    let eligible = |needle: &&Needle| {
        needle.joints.is_empty()
            && needle.context == Context::Free
            && !needle.has_digit()
            && (needle.rule == "lexicon" || (needle.rule == "lexicon-variant" && needle.edges == Edges::Anything))
            && needle.gaps == Gaps::BetweenWords
            && needle.n_characters() >= MIN_FUZZY_WORD
            && !guard::is_known(&needle.exact)
            && matches!(needle.label, PhiLabel::Name | PhiLabel::Location | PhiLabel::Organization)
    };
    needles.iter().filter(eligible).map(|needle| (needle.exact.clone(), needle.label)).collect()
}

/// How needles that are found inside words are spelled in bytes.
fn raw_forms(needles: &[Needle], spellings: impl Iterator<Item = String>) -> BTreeSet<Vec<u8>> {
    const SEPARATORS: [&str; 8] = [" ", "^", ", ", ",", "", "_", ".", "-"];
    let in_bytes = |needle: &&Needle| {
        needle.edges == Edges::Anything
            && needle.context == Context::Free
            && is_long_enough_in_bytes(&needle.exact)
            && matches!(needle.rule, "lexicon" | "lexicon-identifier")
    };
    let mut forms: BTreeSet<String> = spellings.filter(|spelling| is_long_enough_in_bytes(spelling)).collect();
    for needle in needles.iter().filter(in_bytes) {
        let words: Vec<&str> = needle.words().collect();
        let n_separators = if words.len() == 1 { 1 } else { SEPARATORS.len() };
        forms.extend(SEPARATORS[..n_separators].iter().map(|separator| words.join(separator)));
    }
    forms.into_iter().map(String::into_bytes).collect()
}

/// Five characters, or three of a script of many characters.
fn is_long_enough_in_bytes(text: &str) -> bool {
    let n_characters = text.chars().count();
    n_characters >= MIN_IN_BYTES || (n_characters >= 3 && text.chars().all(|character| character >= '\u{e00}'))
}

/// Whether a find is a part of a longer word that is in the guard's list.
fn is_inside_known_word(bytes: &[u8], start: usize, end: usize) -> bool {
    const MAX_WORD: usize = 32;
    let letters = |byte: &&u8| byte.is_ascii_alphabetic();
    let n_before = bytes[start.saturating_sub(MAX_WORD)..start].iter().rev().take_while(letters).count();
    let n_after = bytes[end..(end + MAX_WORD).min(bytes.len())].iter().take_while(letters).count();
    if n_before + n_after == 0 {
        return false;
    }
    let word = bytes[start - n_before..end + n_after].to_ascii_lowercase();
    std::str::from_utf8(&word).is_ok_and(guard::is_known)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Case {
    Sensitive,
    Insensitive,
}

fn automaton<'a>(patterns: impl Iterator<Item = &'a Vec<u8>>, case: Case) -> Option<AhoCorasick> {
    let patterns: Vec<&Vec<u8>> = patterns.collect();
    if patterns.is_empty() {
        return None;
    }
    let case_insensitive = case == Case::Insensitive;
    AhoCorasick::builder().match_kind(MatchKind::Standard).ascii_case_insensitive(case_insensitive).build(patterns).ok()
}

#[cfg(test)]
mod tests;

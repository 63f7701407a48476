//! Words that differ from a needle by one typo: a letter too many, too few, another, or two that changed places.
//!
//! An index of deletions: two words are at most one such edit apart only if they, or what is left of them when one
//! letter is deleted, agree. Candidates of the index are then compared in full.
//!
//! Source: the idea of symmetric deletion is W. Garbe's (SymSpell, 2012); the distance is optimal string alignment.

use super::folded::Folded;
use super::guard;
use super::needles::MIN_FUZZY_WORD;
use efface_schema::PhiLabel;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Words longer than this are not searched.
const MAX_WORD: usize = 32;
/// So many words of a patient are indexed.
const MAX_WORDS: usize = 8192;

/// The deletion index of one patient's words.
#[derive(Default)]
pub(super) struct FuzzyIndex {
    words: Vec<(String, PhiLabel)>,
    /// Hash of a word without one letter, or with all, to the words it comes from.
    deletions: HashMap<u64, Vec<u32>, BuildHasherDefault<Prehashed>>,
    /// Which hashes are there, by their lowest bits: most words of a text are turned away here.
    present: Vec<u64>,
    /// Letters of the shortest and the longest word, one less and one more.
    lengths: (usize, usize),
}

/// The keys are hashes already.
#[derive(Default)]
struct Prehashed(u64);

impl Hasher for Prehashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

/// FNV-1a.
fn hash(parts: [&str; 2]) -> u64 {
    let bytes = parts.iter().flat_map(|part| part.bytes());
    let hash =
        bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    hash ^ (hash >> 29)
}

/// The hashes of a word and of what is left of it without each of its letters.
fn deletions(word: &str) -> impl Iterator<Item = u64> + '_ {
    let without = word.char_indices().map(|(at, letter)| hash([&word[..at], &word[at + letter.len_utf8()..]]));
    std::iter::once(hash([word, ""])).chain(without)
}

const PRESENT_BITS: u64 = 1 << 16;

impl FuzzyIndex {
    /// Indexes words: folded, each once.
    pub(super) fn new(words: impl IntoIterator<Item = (String, PhiLabel)>) -> Self {
        let mut index = Self { lengths: (usize::MAX, 0), ..Self::default() };
        for (word, label) in words {
            let n_letters = word.chars().count();
            if !(MIN_FUZZY_WORD..=MAX_WORD).contains(&n_letters) || index.words.len() >= MAX_WORDS {
                continue;
            }
            let word_idx = u32::try_from(index.words.len()).expect("the words are bounded");
            for hash in deletions(&word) {
                index.deletions.entry(hash).or_default().push(word_idx);
            }
            index.lengths = (index.lengths.0.min(n_letters - 1), index.lengths.1.max(n_letters + 1));
            index.words.push((word, label));
        }
        if !index.words.is_empty() {
            index.present = vec![0; usize::try_from(PRESENT_BITS / 64).expect("a small number")];
            for bit in index.deletions.keys().map(|hash| hash % PRESENT_BITS) {
                index.present[(bit / 64) as usize] |= 1 << (bit % 64);
            }
        }
        index
    }

    /// The label of a word at most one edit from a folded word.
    fn near(&self, word: &str) -> Option<PhiLabel> {
        if self.words.is_empty() || !(self.lengths.0..=self.lengths.1).contains(&word.chars().count()) {
            return None;
        }
        deletions(word)
            .filter(|hash| {
                let bit = hash % PRESENT_BITS;
                self.present[(bit / 64) as usize] >> (bit % 64) & 1 == 1
            })
            .filter_map(|hash| self.deletions.get(&hash))
            .flatten()
            .map(|word_idx| &self.words[*word_idx as usize])
            .find(|(known, _)| is_near(known, word))
            .map(|(_, label)| *label)
    }

    /// Finds words of a text that are at most one edit from a needle and not in the guard's list.
    pub(super) fn find(&self, folded: &Folded) -> Vec<(usize, usize, PhiLabel)> {
        let mut found = Vec::new();
        if self.words.is_empty() {
            return found;
        }
        for (start, end) in folded.tokens() {
            let mut look = |start: usize, end: usize| {
                let word = &folded.text[start..end];
                if end - start <= 4 * MAX_WORD
                    && !guard::is_known(word)
                    && let Some(label) = self.near(word)
                {
                    found.push((start, end, label));
                    return true;
                }
                false
            };
            if !look(start, end) {
                for (start, end) in letter_runs(folded, start, end) {
                    look(start, end);
                }
            }
        }
        found
    }
}

/// The runs of letters of a word that holds digits, or in which lower case turns to upper.
fn letter_runs(folded: &Folded, start: usize, end: usize) -> Vec<(usize, usize)> {
    let mut edges: Vec<usize> =
        (start + 1..end).filter(|at| folded.text.is_char_boundary(*at) && folded.is_word_edge(*at)).collect();
    if edges.is_empty() {
        return Vec::new();
    }
    edges.insert(0, start);
    edges.push(end);
    let letters = |run: &(usize, usize)| !folded.text.as_bytes()[run.0].is_ascii_digit();
    edges.windows(2).map(|pair| (pair[0], pair[1])).filter(letters).collect()
}

/// Whether two words are at most one edit apart: insertion, deletion, substitution, or transposition of neighbours.
pub(super) fn is_near(first: &str, second: &str) -> bool {
    let (first, second): (Vec<char>, Vec<char>) = (first.chars().collect(), second.chars().collect());
    let n_same = first.iter().zip(&second).take_while(|(a, b)| a == b).count();
    let (a, b) = (&first[n_same..], &second[n_same..]);
    let n_same_end = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[..a.len() - n_same_end], &b[..b.len() - n_same_end]);
    match (a, b) {
        ([] | [_], [] | [_]) => true,
        ([a1, a2], [b1, b2]) => a1 == b2 && a2 == b1,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn index(word: &str) -> FuzzyIndex {
        FuzzyIndex::new([(word.to_owned(), PhiLabel::Name)])
    }

    fn found(index: &FuzzyIndex, text: &str) -> Vec<String> {
        let folded = Folded::new(text);
        index.find(&folded).into_iter().map(|(start, end, _)| folded.text[start..end].to_owned()).collect()
    }

    #[test]
    fn one_edit_is_survived_and_two_are_not() {
        let index = index("kovacs");
        for near in ["Kovaks", "kovcs", "kovvacs", "okvacs", "KOVACS", "xkovacs", "kovacsx"] {
            assert_eq!(found(&index, &format!("seen by {near} today")).len(), 1, "{near}");
        }
        for far in ["kovak", "kacs", "vokacs1", "chest", "kvoasc"] {
            assert!(found(&index, far).is_empty(), "{far}");
        }
    }

    #[test]
    fn guarded_words_are_not_found() {
        assert!(found(&index("chesth"), "CT chest").is_empty());
        assert!(found(&index("abdomens"), "ABDOMEN").is_empty());
    }

    #[test]
    fn words_glued_to_numbers_are_found() {
        assert_eq!(found(&index("kovacs"), "Kovaks2014"), ["kovaks"]);
    }

    proptest! {
        #[test]
        fn every_single_edit_is_near(word in "[a-z]{5,12}", at in 0_usize..12, letter in "[a-z]", kind in 0..4) {
            let index = index(&word);
            let at = at % word.len();
            let mut edited: Vec<char> = word.chars().collect();
            let letter = letter.chars().next().expect("one letter");
            match kind {
                0 => edited.insert(at, letter),
                1 => { edited.remove(at); }
                2 => edited[at] = letter,
                _ => { let other = (at + 1).min(word.len() - 1); edited.swap(at, other); }
            }
            let edited: String = edited.into_iter().collect();
            prop_assert!(index.near(&edited).is_some(), "{} {}", word, edited);
        }

        #[test]
        fn what_is_found_is_near(first in "[ab]{5,8}", second in "[ab]{4,9}") {
            let near = strsim_distance(&first, &second) <= 1;
            prop_assert_eq!(index(&first).near(&second).is_some(), near);
        }
    }

    /// Optimal string alignment by its recurrence, as an independent check.
    fn strsim_distance(first: &str, second: &str) -> usize {
        let (a, b): (Vec<char>, Vec<char>) = (first.chars().collect(), second.chars().collect());
        let mut rows = vec![vec![0_usize; b.len() + 1]; a.len() + 1];
        for i in 0..=a.len() {
            for j in 0..=b.len() {
                rows[i][j] = if i == 0 || j == 0 {
                    i + j
                } else {
                    let cost = usize::from(a[i - 1] != b[j - 1]);
                    let mut least = (rows[i - 1][j] + 1).min(rows[i][j - 1] + 1).min(rows[i - 1][j - 1] + cost);
                    if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                        least = least.min(rows[i - 2][j - 2] + 1);
                    }
                    least
                };
            }
        }
        rows[a.len()][b.len()]
    }
}

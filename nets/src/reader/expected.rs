//! Words that stand in images again and again: what was read unsurely may be one of them.
//!
//! The likeliest path of signs knows no words. How probable a whole word is, however its signs are spread over the steps,
//! says the forward recursion of connectionist temporal classification (Graves et al. 2006, equations 5 to 8); so a word
//! that is expected can be compared with what was read.

use super::ReaderConfig;
use std::collections::BTreeMap;

/// No sign.
const BLANK: usize = 0;
/// Words with at least so many signs may differ from what was read by two edits, shorter ones by one.
const TWO_EDITS_FROM: usize = 6;

/// The words.
#[derive(Debug, Clone, Default)]
pub struct ExpectedWords {
    /// In capitals, by their number of signs, sorted.
    by_length: BTreeMap<usize, Vec<Vec<char>>>,
    /// The class of each sign of the alphabet.
    classes: BTreeMap<char, usize>,
}

impl ExpectedWords {
    /// Words of at least two signs, all in the reader's alphabet, in any spelling.
    pub fn new<'a>(words: impl IntoIterator<Item = &'a str>, config: &ReaderConfig) -> Self {
        let classes: BTreeMap<char, usize> = config.alphabet.chars().zip(1..).collect();
        let mut by_length: BTreeMap<usize, Vec<Vec<char>>> = BTreeMap::new();
        for word in words {
            let signs: Vec<char> = word.to_uppercase().chars().collect();
            if signs.len() >= 2 && signs.iter().all(|sign| classes.contains_key(sign)) {
                by_length.entry(signs.len()).or_default().push(signs);
            }
        }
        for words in by_length.values_mut() {
            words.sort_unstable();
            words.dedup();
        }
        Self { by_length, classes }
    }

    /// How much likelier steps make the likeliest expected word than what was read in them, as the logarithm of the ratio
    /// of the two probabilities; nothing if no expected word is nearly what was read. 0 if what was read is expected.
    pub(super) fn best(&self, read: &str, steps: &[Vec<f64>]) -> Option<f64> {
        let signs: Vec<char> = read.to_uppercase().chars().collect();
        let most = if signs.len() >= TWO_EDITS_FROM { 2 } else { 1 };
        let near =
            self.by_length.range(signs.len().saturating_sub(most)..=signs.len() + most).flat_map(|(_, words)| words);
        let near: Vec<&Vec<char>> = near.filter(|word| edits(&signs, word, most) <= most).collect();
        if near.iter().any(|word| **word == signs) {
            return Some(0.0);
        }
        let read = self.likelihood(read.chars(), steps);
        let likelihoods = near.into_iter().flat_map(|word| spellings(word)).map(|word| self.likelihood(word, steps));
        likelihoods.reduce(f64::max).map(|best| best - read).filter(|ratio| ratio.is_finite())
    }

    /// The logarithm of the probability of a word; that of 0 for a sign that the alphabet does not have.
    fn likelihood(&self, word: impl IntoIterator<Item = char>, steps: &[Vec<f64>]) -> f64 {
        let classes: Option<Vec<usize>> = word.into_iter().map(|sign| self.classes.get(&sign).copied()).collect();
        classes.map_or(f64::NEG_INFINITY, |classes| likelihood(&classes, steps))
    }
}

/// In capitals, in small letters, and with a capital at the beginning.
fn spellings(word: &[char]) -> [Vec<char>; 3] {
    let small: Vec<char> = word.iter().flat_map(|sign| sign.to_lowercase()).collect();
    let begun = word.iter().take(1).chain(small.iter().skip(1)).copied().collect();
    [word.to_vec(), small, begun]
}

/// The logarithm of the probability that steps say these classes.
fn likelihood(classes: &[usize], steps: &[Vec<f64>]) -> f64 {
    let states: Vec<usize> =
        (0..=2 * classes.len()).map(|at| if at % 2 == 0 { BLANK } else { classes[at / 2] }).collect();
    let mut before = vec![0.0; states.len()];
    let mut logarithm = 0.0;
    for (number, step) in steps.iter().enumerate() {
        let sum = |at: usize| {
            if number == 0 {
                return if at < 2 { 1.0 } else { 0.0 };
            }
            let jumps = at >= 2 && states[at] != BLANK && states[at] != states[at - 2];
            before[at] + if at >= 1 { before[at - 1] } else { 0.0 } + if jumps { before[at - 2] } else { 0.0 }
        };
        let mut now: Vec<f64> = (0..states.len()).map(|at| sum(at) * step[states[at]]).collect();
        // Kept near to 1, so that long words do not vanish.
        let all: f64 = now.iter().sum();
        logarithm += all.ln();
        now.iter_mut().for_each(|value| *value /= all);
        before = now;
    }
    let last = &before[before.len().saturating_sub(2)..];
    logarithm + last.iter().sum::<f64>().ln()
}

/// How many signs are changed, left out or added between two words (Levenshtein); one more than `most` if there are more.
fn edits(one: &[char], other: &[char], most: usize) -> usize {
    if one.len().abs_diff(other.len()) > most {
        return most + 1;
    }
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (number, sign) in one.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = number + 1;
        for (at, against) in other.iter().enumerate() {
            let above = row[at + 1];
            row[at + 1] = (diagonal + usize::from(sign != against)).min(above + 1).min(row[at] + 1);
            diagonal = above;
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn config() -> ReaderConfig {
        ReaderConfig { alphabet: " LIVERAa".to_owned(), ..ReaderConfig::compact() }
    }

    /// Steps that say signs of the alphabet with a probability, the others sharing the rest.
    fn steps(said: &[(char, f64)]) -> Vec<Vec<f64>> {
        let classes: Vec<char> = std::iter::once('·').chain(config().alphabet.chars()).collect();
        let step = |(sign, sure): &(char, f64)| {
            let rest = (1.0 - sure) / (classes.len() - 1) as f64;
            classes.iter().map(|class| if class == sign { *sure } else { rest }).collect()
        };
        said.iter().map(step).collect()
    }

    #[test]
    fn a_word_is_as_probable_as_all_of_its_paths() {
        // Two steps, two classes as likely as each other: three of four paths say the one sign.
        let even = vec![vec![0.5, 0.5]; 2];
        assert!((likelihood(&[1], &even) - 0.75_f64.ln()).abs() < 1e-12);
        assert!((likelihood(&[], &even) - 0.25_f64.ln()).abs() < 1e-12);
        assert_eq!(likelihood(&[1, 1], &even), f64::NEG_INFINITY);
    }

    #[test]
    fn an_expected_word_is_told_by_how_much_less_likely_it_is() {
        let expected = ExpectedWords::new(["liver", "aa", "x"], &config());
        let doubtful = steps(&[('L', 0.9), ('I', 0.9), ('V', 0.9), ('E', 0.9), ('A', 0.4)]);
        let ratio = expected.best("LIVEA", &doubtful).expect("a word is near");
        assert!((ratio - (0.6_f64 / 8.0 / 0.4).ln()).abs() < 0.1, "{ratio}");
        assert_eq!(expected.best("Liver", &doubtful), Some(0.0));
        assert_eq!(expected.best("LAVEA", &doubtful), None, "two edits from a word of five signs");
    }

    #[test]
    fn spellings_are_those_of_displays() {
        let words: Vec<String> = spellings(&['L', 'A']).into_iter().map(|word| word.into_iter().collect()).collect();
        assert_eq!(words, ["LA", "la", "La"]);
    }

    proptest! {
        #[test]
        fn probabilities_of_all_words_sum_to_one(odds in prop::collection::vec(prop::array::uniform3(0.05_f64..1.0), 1..5)) {
            let steps: Vec<Vec<f64>> =
                odds.iter().map(|odds| odds.iter().map(|one| one / odds.iter().sum::<f64>()).collect()).collect();
            let mut words: Vec<Vec<usize>> = vec![vec![]];
            let mut all = 0.0;
            for _ in 0..=steps.len() {
                all += words.iter().map(|word| likelihood(word, &steps).exp()).sum::<f64>();
                words = words.iter().flat_map(|word| [1, 2].map(|sign| [word.as_slice(), &[sign]].concat())).collect();
            }
            prop_assert!((all - 1.0).abs() < 1e-9, "{}", all);
        }

        #[test]
        fn edits_are_a_distance(one in "[ab]{0,5}", other in "[ab]{0,5}") {
            let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
            prop_assert_eq!(edits(&one, &other, 9), edits(&other, &one, 9));
            prop_assert_eq!(edits(&one, &one, 9), 0);
            prop_assert!(edits(&one, &other, 9) >= one.len().abs_diff(other.len()));
        }
    }
}

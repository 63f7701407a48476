//! What each anchor and each proposal is to become: matching with the words of a crop, and the choice of those that
//! the loss looks at.
//!
//! Source: S. Ren, K. He, R. Girshick, J. Sun, "Faster R-CNN", NeurIPS 2015, sections 3.1.2 and 3.1.3; compared with
//! torchvision's `Matcher` by a fixture.

use super::coco::Bounds;
use crate::streams::shuffle;
use efface_nets::detector::Corners;
use rand_chacha::ChaCha8Rng;

/// What a box stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Match {
    /// The word with this number.
    Word(usize),
    /// What is no word.
    Ground,
    /// Something between: the loss passes it over.
    Between,
}

/// From which overlap on a box stands for a word.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Matcher {
    /// Intersection over union from which on a box stands for a word.
    pub high: f32,
    /// Intersection over union below which it stands for none.
    pub low: f32,
    /// Whether the boxes that overlap a word most stand for one, however little that is: no word is left without.
    pub keeps_best: bool,
}

/// The area that two boxes share, over the area that they cover together; 0 if one of them has none.
///
/// # Example
/// ```
/// use efface_train::detector::targets::overlap;
/// assert_eq!(overlap([0.0, 0.0, 4.0, 2.0], [2.0, 0.0, 6.0, 2.0]), 1.0 / 3.0);
/// ```
pub fn overlap(one: Bounds, other: Bounds) -> f32 {
    Corners::from_sides(one).iou(&Corners::from_sides(other))
}

fn area(bounds: Bounds) -> f32 {
    Corners::from_sides(bounds).area()
}

fn shared_area(one: Bounds, other: Bounds) -> f32 {
    Corners::from_sides(one).intersection(&Corners::from_sides(other))
}

impl Matcher {
    /// Anchors: above 0.6, below 0.3, and every word has one.
    pub const ANCHORS: Self = Self { high: 0.6, low: 0.3, keeps_best: true };
    /// Proposals: from 0.5 on. Taking only those below 0.3 for ground was tried and found less of drawn words: what shows
    /// a part of a word is then told from nothing, and wins against the word.
    pub const PROPOSALS: Self = Self { high: 0.5, low: 0.5, keeps_best: false };

    /// What each box stands for. The word that overlaps most is taken, the first of several that overlap as much.
    ///
    /// As in torchvision a box that is kept because it is a word's best stands for the word that it overlaps most
    /// itself, which may be another one.
    ///
    /// # Example
    /// ```
    /// use efface_train::detector::targets::{Match, Matcher};
    /// let boxes = [[0.0, 0.0, 10.0, 10.0], [0.0, 0.0, 10.0, 5.0], [50.0, 0.0, 60.0, 5.0]];
    /// let matches = Matcher::ANCHORS.matches(&boxes, &[[0.0, 0.0, 10.0, 9.0]]);
    /// assert_eq!(matches, [Match::Word(0), Match::Between, Match::Ground]);
    /// ```
    pub fn matches(&self, boxes: &[Bounds], words: &[Bounds]) -> Vec<Match> {
        let mut best = vec![(0.0_f32, 0_usize); boxes.len()];
        let mut best_of_word = vec![0.0_f32; words.len()];
        for (number, word) in words.iter().enumerate() {
            for (bounds, best) in boxes.iter().zip(&mut best) {
                let overlap = overlap(*bounds, *word);
                if overlap > best.0 {
                    *best = (overlap, number);
                }
                best_of_word[number] = best_of_word[number].max(overlap);
            }
        }
        let mut matches: Vec<Match> = best.iter().map(|best| self.judge(*best, words.is_empty())).collect();
        if self.keeps_best {
            for (word, highest) in words.iter().zip(&best_of_word).filter(|(_, highest)| **highest > 0.0) {
                for ((bounds, found), (_, own)) in boxes.iter().zip(&mut matches).zip(&best) {
                    if *found != Match::Word(*own) && overlap(*bounds, *word) == *highest {
                        *found = Match::Word(*own);
                    }
                }
            }
        }
        matches
    }

    fn judge(&self, (overlap, number): (f32, usize), is_empty: bool) -> Match {
        match overlap {
            _ if is_empty => Match::Ground,
            high if high >= self.high => Match::Word(number),
            low if low < self.low => Match::Ground,
            _ => Match::Between,
        }
    }
}

/// Passes over the ground that lies half or more on text that is neither right nor wrong to find.
pub fn pass_over(matches: &mut [Match], boxes: &[Bounds], ignored: &[Bounds]) {
    for (found, bounds) in matches.iter_mut().zip(boxes).filter(|(found, _)| **found == Match::Ground) {
        let lies_on = |text: &Bounds| {
            let shared = shared_area(*bounds, *text);
            shared > 0.0 && shared >= 0.5 * area(*bounds).min(area(*text))
        };
        if ignored.iter().any(lies_on) {
            *found = Match::Between;
        }
    }
}

/// Boxes that a loss looks at, by their numbers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sample {
    /// Those that stand for words, rising.
    pub words: Vec<usize>,
    /// Those that stand for ground, rising.
    pub ground: Vec<usize>,
}

/// How many boxes a loss looks at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sampler {
    /// Most of them.
    pub n_boxes: usize,
    /// The share of them that stands for words, if there are as many.
    pub word_share: f64,
}

impl Sampler {
    /// Draws evenly from those that stand for words and from those that stand for ground, which fill what is left.
    ///
    /// # Example
    /// ```
    /// use efface_train::detector::targets::{Match, Sampler};
    /// let mut matches = vec![Match::Ground; 100];
    /// matches[7] = Match::Word(0);
    /// let mut random = efface_train::streams::stream(1, "anchors", &[]);
    /// let sample = Sampler { n_boxes: 8, word_share: 0.5 }.draw(&matches, &mut random);
    /// assert_eq!((sample.words, sample.ground.len()), (vec![7], 7));
    /// ```
    pub fn draw(&self, matches: &[Match], random: &mut ChaCha8Rng) -> Sample {
        let numbered = || matches.iter().enumerate();
        let words = numbered().filter(|(_, found)| matches!(found, Match::Word(_))).map(|(number, _)| number).collect();
        let ground = numbered().filter(|(_, found)| **found == Match::Ground).map(|(number, _)| number).collect();
        let words = some_of(words, (self.n_boxes as f64 * self.word_share) as usize, random);
        let ground = some_of(ground, self.n_boxes - words.len(), random);
        Sample { words, ground }
    }
}

/// So many of the numbers, or all, rising.
fn some_of(mut numbers: Vec<usize>, most: usize, random: &mut ChaCha8Rng) -> Vec<usize> {
    if numbers.len() > most {
        shuffle(&mut numbers, random);
        numbers.truncate(most);
        numbers.sort_unstable();
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::streams::stream;
    use proptest::prelude::*;
    use serde::Deserialize;

    /// `scripts/golden/detector-matching.py` writes it.
    #[derive(Deserialize)]
    struct Golden {
        boxes: Vec<Bounds>,
        words: Vec<Bounds>,
        overlaps: Vec<Vec<f32>>,
        anchors: Vec<i64>,
        proposals: Vec<i64>,
    }

    #[test]
    fn boxes_stand_for_what_they_do_in_torchvision() {
        let cases: Vec<Golden> =
            serde_json::from_str(include_str!("../../tests/detector/matching.json")).expect("the fixture is JSON");
        let number = |found: &Match| match found {
            Match::Word(number) => *number as i64,
            Match::Ground => -1,
            Match::Between => -2,
        };
        let mut seen = std::collections::BTreeSet::new();
        for case in cases {
            for (word, row) in case.words.iter().zip(&case.overlaps) {
                for (bounds, expected) in case.boxes.iter().zip(row) {
                    assert!((overlap(*bounds, *word) - expected).abs() < 1e-6);
                }
            }
            for (matcher, expected) in [(Matcher::ANCHORS, &case.anchors), (Matcher::PROPOSALS, &case.proposals)] {
                let found: Vec<i64> = matcher.matches(&case.boxes, &case.words).iter().map(number).collect();
                assert_eq!(&found, expected);
                seen.extend(found.into_iter().map(|number| number.min(0)));
            }
        }
        assert_eq!(seen.into_iter().collect::<Vec<_>>(), [-2, -1, 0], "the fixture has every kind");
    }

    #[test]
    fn ground_on_ignored_text_is_passed_over_and_words_are_not() {
        let boxes = [[0.0, 0.0, 10.0, 10.0], [0.0, 0.0, 10.0, 4.0], [40.0, 0.0, 50.0, 10.0], [0.0, 0.0, 90.0, 90.0]];
        let mut matches = vec![Match::Ground, Match::Word(0), Match::Ground, Match::Ground];
        pass_over(&mut matches, &boxes, &[[0.0, 0.0, 10.0, 5.0]]);
        assert_eq!(matches, [Match::Between, Match::Word(0), Match::Ground, Match::Between]);
    }

    proptest! {
        #[test]
        fn samples_are_as_large_and_as_mixed_as_they_can_be(
            kinds in prop::collection::vec(0_u8..3, 0..300),
            n_boxes in 1_usize..64,
            seed in 0_u64..9,
        ) {
            let kind = |kind: &u8| [Match::Ground, Match::Between, Match::Word(0)][usize::from(*kind)];
            let matches: Vec<Match> = kinds.iter().map(kind).collect();
            let sampler = Sampler { n_boxes, word_share: 0.25 };
            let sample = sampler.draw(&matches, &mut stream(seed, "test", &[]));
            let count = |wanted: u8| kinds.iter().filter(|kind| **kind == wanted).count();
            prop_assert_eq!(sample.words.len(), count(2).min(n_boxes / 4));
            prop_assert_eq!(sample.ground.len(), count(0).min(n_boxes - sample.words.len()));
            prop_assert!(sample.words.iter().all(|number| kinds[*number] == 2));
            prop_assert!(sample.ground.iter().all(|number| kinds[*number] == 0));
            prop_assert!(sample.words.windows(2).chain(sample.ground.windows(2)).all(|pair| pair[0] < pair[1]));
            prop_assert_eq!(&sample, &sampler.draw(&matches, &mut stream(seed, "test", &[])));
        }
    }
}

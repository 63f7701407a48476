//! How many words are found, at which precision.

use super::coco::Bounds;
use super::targets::overlap;
use efface_nets::detector::Corners;
use serde::Serialize;

/// Overlap from which on a box has found a word.
pub const FOUND_FROM: f32 = 0.5;

/// A box that a detector gives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Detection {
    /// The box.
    pub bounds: Bounds,
    /// How sure the detector is that it is text.
    pub probability: f32,
}

/// What a box turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is this word, by its number.
    Word(usize),
    /// It is no word, or one that a surer box has found.
    Wrong,
    /// It lies on text that is neither right nor wrong to find.
    Ignored,
}

/// What each box is, the surest first served: a box takes the word that it overlaps most, if nobody has taken it.
///
/// Source: M. Everingham et al., "The PASCAL Visual Object Classes Challenge", IJCV 2010, section 4.2.
pub fn verdicts(detections: &[Detection], words: &[Bounds], ignored: &[Bounds]) -> Vec<Verdict> {
    let mut order: Vec<usize> = (0..detections.len()).collect();
    order.sort_by(|one, other| detections[*other].probability.total_cmp(&detections[*one].probability));
    let mut is_taken = vec![false; words.len()];
    let mut verdicts = vec![Verdict::Wrong; detections.len()];
    for number in order {
        let bounds = detections[number].bounds;
        let free = words.iter().enumerate().filter(|(word, _)| !is_taken[*word]);
        let best =
            free.map(|(word, other)| (overlap(bounds, *other), word)).max_by(|one, other| one.0.total_cmp(&other.0));
        verdicts[number] = match best {
            Some((shared, word)) if shared >= FOUND_FROM => {
                is_taken[word] = true;
                Verdict::Word(word)
            }
            _ if ignored.iter().any(|text| lies_on(bounds, *text)) => Verdict::Ignored,
            _ => Verdict::Wrong,
        };
    }
    verdicts
}

/// Whether half of a box lies on another one.
fn lies_on(one: Bounds, other: Bounds) -> bool {
    let (one, other) = (Corners::from_sides(one), Corners::from_sides(other));
    one.area() > 0.0 && one.intersection(&other) >= 0.5 * one.area()
}

/// The share of the words that are found where enough of the boxes are right.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct WordScore {
    /// The probability from which on boxes count.
    pub threshold: f32,
    /// Words that are found.
    pub found: u64,
    /// All words.
    pub words: u64,
    /// Boxes that count, without those on ignored text.
    pub boxes: u64,
}

impl WordScore {
    /// The share of the words that are found; none without words.
    pub fn recall(&self) -> Option<f64> {
        (self.words > 0).then(|| self.found as f64 / self.words as f64)
    }

    /// The share of the boxes that are right; none without boxes.
    pub fn precision(&self) -> Option<f64> {
        (self.boxes > 0).then(|| self.found as f64 / self.boxes as f64)
    }

    /// The harmonic mean of recall and precision; 0 if there are no words or no boxes.
    pub fn balance(&self) -> f64 {
        let all = (self.words + self.boxes) as f64;
        if all > 0.0 { 2.0 * self.found as f64 / all } else { 0.0 }
    }

    /// The score at the threshold that finds most words with at least this precision; if none has it, at the one
    /// with the highest [balance](Self::balance). `judged` are all boxes of all pictures that do not lie on ignored text: how sure
    /// the detector was, and whether it was right.
    ///
    /// # Example
    /// ```
    /// use efface_train::detector::score::WordScore;
    /// let judged = vec![(0.9, true), (0.8, true), (0.7, false), (0.6, true), (0.1, false), (0.1, false)];
    /// let score = WordScore::at_precision(judged, 4, 0.7);
    /// assert_eq!((score.threshold, score.found, score.recall()), (0.6, 3, Some(0.75)));
    /// ```
    pub fn at_precision(mut judged: Vec<(f32, bool)>, words: u64, floor: f64) -> Self {
        judged.sort_by(|one, other| other.0.total_cmp(&one.0));
        let mut best: Option<(bool, Self)> = None;
        let (mut found, mut boxes) = (0, 0);
        for (place, (threshold, is_right)) in judged.iter().enumerate() {
            boxes += 1;
            found += u64::from(*is_right);
            // Boxes that are as sure come together or not at all.
            if judged.get(place + 1).is_some_and(|(next, _)| next == threshold) {
                continue;
            }
            let score = Self { threshold: *threshold, found, words, boxes };
            let has_enough = score.precision().unwrap_or(0.0) >= floor;
            let is_better = match &best {
                None => true,
                Some((true, other)) => has_enough && score.found > other.found,
                Some((false, other)) => has_enough || score.balance() > other.balance(),
            };
            if is_better {
                best = Some((has_enough, score));
            }
        }
        best.map_or(Self { threshold: 1.0, found: 0, words, boxes: 0 }, |(_, score)| score)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detection(bounds: Bounds, probability: f32) -> Detection {
        Detection { bounds, probability }
    }

    #[test]
    fn the_surest_box_takes_a_word_and_others_are_wrong() {
        let words = [[0.0, 0.0, 10.0, 10.0], [20.0, 0.0, 30.0, 10.0]];
        let detections = [
            detection([0.0, 0.0, 10.0, 9.0], 0.5),
            detection([0.0, 0.0, 10.0, 8.0], 0.9),
            detection([24.0, 0.0, 34.0, 10.0], 0.8),
            detection([40.0, 40.0, 50.0, 44.0], 0.3),
        ];
        let verdicts = verdicts(&detections, &words, &[[40.0, 40.0, 60.0, 50.0]]);
        assert_eq!(verdicts, [Verdict::Wrong, Verdict::Word(0), Verdict::Wrong, Verdict::Ignored]);
    }

    #[test]
    fn without_enough_precision_the_best_balance_counts() {
        let score = WordScore::at_precision(vec![(0.9, false), (0.8, true), (0.7, true), (0.6, false)], 2, 0.9);
        assert_eq!((score.threshold, score.found, score.boxes), (0.7, 2, 3));
        let none = WordScore::at_precision(Vec::new(), 2, 0.9);
        assert_eq!((none.recall(), none.precision()), (Some(0.0), None));
    }
}

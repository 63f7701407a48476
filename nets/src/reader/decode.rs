//! From scores of steps to words.
//!
//! The likeliest path is followed: signs are runs of steps that say the same, without those that say none. A word is
//! as probable as the least sure step of each pause in it and the surest one of each of its signs make it: a sign that
//! was swallowed shows in its pause.

use super::expected::ExpectedWords;
use super::{LineImage, ReaderConfig};
use crate::calibration::softmax;

/// A word of a line.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadText {
    /// Its signs.
    pub text: String,
    /// The probability of its signs.
    pub probability: f64,
    /// Columns of the line from the one that it begins in to the one behind it.
    pub columns: [f32; 2],
    /// Columns of the middles of its first and of its last sign.
    pub middles: [f32; 2],
    /// How much likelier the likeliest of the words that are expected is than this one, as [`ExpectedWords`] tells it;
    /// nothing if none is near, or none was asked for.
    pub expected: Option<f64>,
}

/// A line as it was read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReadLine {
    /// Its words, from left to right.
    pub words: Vec<ReadText>,
    /// For each step, how probable it is that a sign other than the space is seen in it.
    pub signs: Vec<f32>,
}

impl ReadLine {
    /// What scores `[steps, signs + 1]` say of a line, and which of its words may be expected ones; words end where its ink
    /// does.
    pub fn of(scores: &[f32], line: &LineImage, config: &ReaderConfig, expected: &ExpectedWords) -> Self {
        let space = config.alphabet.chars().position(|sign| sign == ' ').map_or(0, |place| place + 1);
        let steps = steps(scores, config);
        let sign = |probabilities: &Vec<f64>| {
            let none = probabilities[0] + if space == 0 { 0.0 } else { probabilities[space] };
            (1.0 - none).max(0.0) as f32
        };
        let signs = steps.iter().map(sign).collect();
        let mut words = words(&steps, config, expected);
        end_at_ink(&mut words, &line.inked());
        Self { words, signs }
    }
}

/// Moves the ends of words to the widest gaps in the ink between them, and before and behind all of them. `middles` of
/// first and last signs must lie inside of the words.
fn end_at_ink(words: &mut [ReadText], inked: &[bool]) {
    let places: Vec<[usize; 2]> =
        words.iter().map(|word| word.middles.map(|middle| (middle as usize).min(inked.len()))).collect();
    for (place, word) in words.iter_mut().enumerate() {
        let before = place.checked_sub(1).map_or(0, |before| places[before][1]);
        let after = places.get(place + 1).map_or(inked.len(), |after| after[0]);
        let [first, last] = places[place];
        if let Some((_, end)) = widest_gap(inked, before, first) {
            word.columns[0] = end as f32;
        }
        if let Some((start, _)) = widest_gap(inked, last, after) {
            word.columns[1] = start as f32;
        }
    }
}

/// The widest run without ink between two columns, the first of equals.
fn widest_gap(inked: &[bool], from: usize, to: usize) -> Option<(usize, usize)> {
    let mut widest: Option<(usize, usize)> = None;
    let mut start = None;
    // Ink behind the last column ends a gap there.
    for (column, is_inked) in (from..).zip(inked.get(from..to).unwrap_or_default().iter().chain([&true])) {
        let is_gap = !is_inked;
        match (is_gap, start) {
            (true, None) => start = Some(column),
            (false, Some(begin)) => {
                if widest.is_none_or(|(first, last)| column - begin > last - first) {
                    widest = Some((begin, column));
                }
                start = None;
            }
            _ => {}
        }
    }
    widest
}

/// A run of steps that say the same.
struct Run {
    /// The place in the alphabet, from 1; 0 is none.
    sign: usize,
    /// The first step, and the one behind the last.
    steps: [usize; 2],
    least: f64,
    most: f64,
}

impl Run {
    fn middle(&self) -> f32 {
        0.5 * (self.steps[0] + self.steps[1]) as f32
    }
}

/// The probability of every class, step after step.
fn steps(scores: &[f32], config: &ReaderConfig) -> Vec<Vec<f64>> {
    scores.chunks_exact(config.signs() + 1).map(|scores| softmax(scores, 1.0)).collect()
}

fn runs(steps: &[Vec<f64>]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for (step, classes) in steps.iter().enumerate() {
        let sign = (0..classes.len()).fold(0, |best, class| if classes[class] > classes[best] { class } else { best });
        let probability = classes[sign];
        match runs.last_mut().filter(|run| run.sign == sign) {
            Some(run) => {
                run.steps[1] = step + 1;
                run.least = run.least.min(probability);
                run.most = run.most.max(probability);
            }
            None => runs.push(Run { sign, steps: [step, step + 1], least: probability, most: probability }),
        }
    }
    runs
}

/// The words of a line, from left to right, of scores `[steps, signs + 1]`.
pub fn decode(scores: &[f32], config: &ReaderConfig) -> Vec<ReadText> {
    words(&steps(scores, config), config, &ExpectedWords::default())
}

fn words(steps: &[Vec<f64>], config: &ReaderConfig, expected: &ExpectedWords) -> Vec<ReadText> {
    let alphabet: Vec<char> = config.alphabet.chars().collect();
    let runs = runs(steps);
    let sign_of = |run: &Run| run.sign.checked_sub(1).map(|place| alphabet[place]);
    let mut words = Vec::new();
    let is_space = |run: &Run| sign_of(run) == Some(' ');
    for word in runs.split(is_space) {
        let signs: Vec<&Run> = word.iter().filter(|run| run.sign != 0).collect();
        let (Some(first), Some(last)) = (signs.first(), signs.last()) else { continue };
        let inner = word.iter().filter(|run| run.steps[0] >= first.steps[0] && run.steps[1] <= last.steps[1]);
        let probability = inner.map(|run| if run.sign == 0 { run.least } else { run.most }).product();
        // Steps say where the middle of a sign is; half a sign lies on either side of it.
        let half =
            if signs.len() > 1 { 0.5 * (last.middle() - first.middle()) / (signs.len() - 1) as f32 } else { 1.0 };
        let column = |step: f32| step.max(0.0) * config.step_columns() as f32;
        let text: String = signs.iter().filter_map(|run| sign_of(run)).collect();
        words.push(ReadText {
            expected: expected.best(&text, &steps[word[0].steps[0]..word[word.len() - 1].steps[1]]),
            text,
            probability,
            columns: [column(first.middle() - half), column(last.middle() + half)],
            middles: [column(first.middle()), column(last.middle())],
        });
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> ReaderConfig {
        ReaderConfig { alphabet: " ab".to_owned(), ..ReaderConfig::compact() }
    }

    /// Scores of steps that say a class with a probability, the others sharing the rest.
    fn scores(steps: &[(usize, f64)]) -> Vec<f32> {
        let score = |(class, sure): &(usize, f64)| {
            (0..4)
                .map(|other| (if other == *class { *sure } else { (1.0 - sure) / 3.0 }).ln() as f32)
                .collect::<Vec<_>>()
        };
        steps.iter().flat_map(score).collect()
    }

    #[test]
    fn runs_become_signs_and_spaces_part_words() {
        let steps = [(0, 0.9), (2, 0.8), (2, 0.9), (0, 0.99), (2, 0.9), (1, 0.9), (0, 0.9), (3, 0.7), (0, 0.9)];
        let words = decode(&scores(&steps), &config());
        let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
        assert_eq!(texts, ["aa", "b"]);
        assert!((words[0].probability - 0.9 * 0.99 * 0.9).abs() < 1e-4, "{}", words[0].probability);
        assert!((words[1].probability - 0.7).abs() < 1e-4);
        // Middles of the signs are the steps 2 and 4.5; a step is four columns.
        assert_eq!(words[0].columns, [3.0, 23.0]);
        assert_eq!(words[1].columns, [26.0, 34.0]);
    }

    #[test]
    fn words_end_where_their_ink_does() {
        let steps = [(0, 0.9), (2, 0.9), (0, 0.9), (1, 0.9), (0, 0.9), (3, 0.9), (0, 0.9)];
        let mut words = decode(&scores(&steps), &config());
        // Middles are the columns 6 and 22; ink lies from 3 to 12, with a small gap, and from 18 to 26.
        let inked: Vec<bool> =
            (0..28).map(|column| (3..12).contains(&column) && column != 8 || (18..26).contains(&column)).collect();
        end_at_ink(&mut words, &inked);
        assert_eq!([words[0].columns, words[1].columns], [[3.0, 12.0], [18.0, 26.0]]);
        // Where ink goes on without a gap, words end as far away as their signs are wide.
        let before = words.clone();
        end_at_ink(&mut words, &[true; 28]);
        assert_eq!(words, before);
        assert_eq!(widest_gap(&[false, true, false, false], 0, 4), Some((2, 4)));
        assert_eq!(widest_gap(&[true; 3], 0, 3), None);
    }

    #[test]
    fn a_swallowed_sign_makes_a_word_unsure() {
        let steps = [(2, 0.99), (0, 0.99), (0, 0.5), (0, 0.99), (3, 0.99)];
        let words = decode(&scores(&steps), &config());
        assert_eq!(words[0].text, "ab");
        assert!(words[0].probability < 0.5);
    }

    #[test]
    fn steps_say_whether_a_sign_is_seen() {
        let flat = LineImage::of(&[0; 24], 1, 24, &config()).expect("pixels");
        let line =
            ReadLine::of(&scores(&[(0, 0.97), (2, 0.7), (1, 0.97)]), &flat, &config(), &ExpectedWords::default());
        let expected = [0.02, 0.8, 0.02];
        assert!(line.signs.iter().zip(expected).all(|(one, other)| (one - other).abs() < 1e-4), "{:?}", line.signs);
    }

    #[test]
    fn nothing_says_nothing() {
        assert!(decode(&[], &config()).is_empty());
        assert!(decode(&scores(&[(0, 0.9), (1, 0.9), (0, 0.9)]), &config()).is_empty());
    }
}

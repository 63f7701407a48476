//! How much of lines is read right.

use super::lines::TextLine;
use super::sample::plain;
use crate::detector::PictureStore;
use crate::error::TrainError;
use crate::streams::stream;
use efface_nets::reader::{LineReader, ReadText};
use rayon::prelude::*;

/// What was read in a line, and which of it is right.
#[derive(Clone, PartialEq)]
pub struct JudgedLine<'a> {
    /// The line.
    pub line: &'a TextLine,
    /// Its words as they were read; `Debug` is left out, since they are what images say.
    pub read: Vec<ReadText>,
    /// Which of them stand there.
    pub is_right: Vec<bool>,
}

/// Words that were read right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReadingScore {
    /// Words that are there.
    pub words: u64,
    /// How many of them were read, sign by sign.
    pub right: u64,
    /// Words that were read.
    pub read: u64,
}

impl ReadingScore {
    /// The share of words that were read right; nothing without words.
    pub fn recall(&self) -> Option<f64> {
        (self.words > 0).then(|| self.right as f64 / self.words as f64)
    }
}

/// Which words of a reading are those of a line, in its order: as many as can be paired.
fn paired(read: &[&str], there: &[&str]) -> Vec<bool> {
    let width = there.len() + 1;
    let mut longest = vec![0_usize; (read.len() + 1) * width];
    for (at, word) in read.iter().enumerate().rev() {
        for (place, other) in there.iter().enumerate().rev() {
            longest[at * width + place] = if word == other {
                longest[(at + 1) * width + place + 1] + 1
            } else {
                longest[(at + 1) * width + place].max(longest[at * width + place + 1])
            };
        }
    }
    let (mut is_right, mut place) = (vec![false; read.len()], 0);
    for (at, word) in read.iter().enumerate() {
        while place < there.len() && longest[at * width + place] == longest[at * width + place + 1] {
            place += 1;
        }
        if place < there.len()
            && *word == there[place]
            && longest[at * width + place] > longest[(at + 1) * width + place]
        {
            is_right[at] = true;
            place += 1;
        }
    }
    is_right
}

/// Reads lines, each as a finder cuts it.
///
/// # Errors
/// [`TrainError::Nets`].
pub fn judge<'a>(
    reader: &LineReader,
    store: &PictureStore,
    lines: &[&'a TextLine],
    seed: u64,
) -> Result<Vec<JudgedLine<'a>>, TrainError> {
    let one = |(place, line): (usize, &&'a TextLine)| {
        let mut random = stream(seed, "look", &[place as u64]);
        let sample = plain(store, line, reader.config(), &mut random)?;
        let read = sample.map(|sample| reader.read(&sample.image).words).unwrap_or_default();
        let words: Vec<&str> = read.iter().map(|word| word.text.as_str()).collect();
        let there: Vec<&str> = line.words.iter().map(|word| word.text.as_str()).collect();
        let is_right = paired(&words, &there);
        Ok(JudgedLine { line, read, is_right })
    };
    lines.par_iter().enumerate().map(one).collect()
}

/// How many of their words are right.
pub fn score(judged: &[JudgedLine<'_>]) -> ReadingScore {
    let mut score = ReadingScore::default();
    for one in judged {
        score.words += one.line.words.len() as u64;
        score.read += one.read.len() as u64;
        score.right += one.is_right.iter().filter(|is_right| **is_right).count() as u64;
    }
    score
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_paired_in_order() {
        assert_eq!(paired(&["a", "b", "c"], &["a", "x", "c"]), [true, false, true]);
        assert_eq!(paired(&["b", "a"], &["a", "b"]).iter().filter(|is_right| **is_right).count(), 1);
        assert_eq!(paired(&["a", "a"], &["a"]).iter().filter(|is_right| **is_right).count(), 1);
        assert_eq!(paired(&["ab"], &["a", "b"]), [false]);
        assert!(paired(&[], &["a"]).is_empty());
    }
}

//! What is written in pictures, line by line.

use super::ReaderTraining;
use crate::config::Split;
use crate::detector::PictureStore;
use crate::detector::coco::Bounds;
use crate::error::TrainError;
use efface_nets::NetsError;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

/// A word and its box.
#[derive(Clone, PartialEq)]
pub struct LineWord {
    /// Its box in the picture.
    pub bounds: Bounds,
    /// What it says.
    pub text: String,
}

/// A line of a picture; `Debug` does not show what it says.
#[derive(Clone, PartialEq)]
pub struct TextLine {
    /// The place of its picture in the store.
    pub picture: usize,
    /// Its words from left to right.
    pub words: Vec<LineWord>,
}

impl std::fmt::Debug for TextLine {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let words = self.words.len();
        formatter.debug_struct("TextLine").field("picture", &self.picture).field("words", &words).finish()
    }
}

/// All lines of a run, and the signs that they are made of.
#[derive(Debug)]
pub struct TextLines {
    /// Lines whose signs are all known, in the order of the pictures.
    lines: Vec<TextLine>,
    /// For each line, what it is for.
    splits: Vec<Split>,
    /// The places of the lines to learn from.
    train: Vec<usize>,
    /// The places of their words of at most two signs: of the line, and in it.
    short_words: Vec<(usize, usize)>,
    /// The signs, in order; the space among them.
    alphabet: String,
}

/// The place at a share of a count above 0.
pub(super) fn at(share: f64, count: usize) -> usize {
    ((share * count as f64) as usize).min(count - 1)
}

#[derive(Deserialize)]
struct Annotation {
    image_id: u64,
    bbox: [f32; 4],
    #[serde(default)]
    iscrowd: u8,
    attributes: Option<Attributes>,
}

#[derive(Deserialize)]
struct Attributes {
    text: String,
    line_idx: usize,
    #[serde(default)]
    angle_degrees: i32,
    #[serde(default)]
    is_cut: bool,
}

#[derive(Deserialize)]
struct List {
    annotations: Vec<Annotation>,
}

/// The upright lines of every image of a list, by the image's number; lines with a word that the image's edge cuts, that
/// counts as nothing or that has no text are left out.
fn listed(path: &Path) -> Result<BTreeMap<u64, Vec<Vec<LineWord>>>, TrainError> {
    let file = File::open(path).map_err(NetsError::reading(path))?;
    let list: List = serde_json::from_reader(BufReader::new(file))
        .map_err(|error| TrainError::Coco { path: path.to_owned(), reason: error.to_string() })?;
    let mut lines: BTreeMap<(u64, usize), Vec<LineWord>> = BTreeMap::new();
    let mut spoilt: BTreeSet<(u64, usize)> = BTreeSet::new();
    for annotation in list.annotations {
        let Some(attributes) = annotation.attributes else { continue };
        let key = (annotation.image_id, attributes.line_idx);
        let [x, y, width, height] = annotation.bbox;
        let is_good = attributes.angle_degrees == 0 && !attributes.is_cut && annotation.iscrowd == 0;
        if !is_good || attributes.text.is_empty() || width < 1.0 || height < 1.0 {
            spoilt.insert(key);
        }
        let bounds = [x, y, x + width, y + height];
        lines.entry(key).or_default().push(LineWord { bounds, text: attributes.text });
    }
    let mut images: BTreeMap<u64, Vec<Vec<LineWord>>> = BTreeMap::new();
    for ((image, line), mut words) in lines {
        words.sort_by(|one, other| one.bounds[0].total_cmp(&other.bounds[0]));
        if !spoilt.contains(&(image, line)) {
            images.entry(image).or_default().push(words);
        }
    }
    Ok(images)
}

impl TextLines {
    /// The lines of all pictures of a store that was made of the same data sets. Words that cannot be seen in a picture
    /// make no line of it.
    ///
    /// # Errors
    /// [`TrainError::Coco`], and [`TrainError::Empty`] if there are no lines to learn from or to validate.
    pub fn of(config: &ReaderTraining, store: &PictureStore) -> Result<Self, TrainError> {
        let lists = config.datasets.iter().map(|set| listed(&set.list())).collect::<Result<Vec<_>, _>>()?;
        let mut lines = Vec::new();
        for (place, picture) in store.pictures().iter().enumerate() {
            for words in lists[picture.set].get(&picture.image).into_iter().flatten() {
                if words.iter().all(|word| picture.words.contains(&word.bounds)) {
                    lines.push(TextLine { picture: place, words: words.clone() });
                }
            }
        }
        let split_of = |line: &TextLine| store.pictures()[line.picture].split;
        let mut counts: BTreeMap<char, usize> = BTreeMap::new();
        for line in lines.iter().filter(|line| split_of(line) == Split::Train) {
            let signs: BTreeSet<char> = line.words.iter().flat_map(|word| word.text.chars()).collect();
            for sign in signs {
                *counts.entry(sign).or_default() += 1;
            }
        }
        counts.retain(|sign, count| *count >= config.sign_lines && *sign != ' ');
        let known: BTreeSet<char> = counts.into_keys().collect();
        lines.retain(|line| line.words.iter().all(|word| word.text.chars().all(|sign| known.contains(&sign))));
        let splits: Vec<Split> = lines.iter().map(split_of).collect();
        for (split, part) in [(Split::Train, "train"), (Split::Validation, "validation")] {
            if !splits.contains(&split) {
                return Err(TrainError::Empty { part });
            }
        }
        let alphabet = std::iter::once(' ').chain(known).collect();
        let train: Vec<usize> = (0..lines.len()).filter(|place| splits[*place] == Split::Train).collect();
        let short = |line: usize| {
            let words = lines[line].words.iter().enumerate();
            words
                .filter(|(_, word)| word.text.chars().count() <= 2)
                .map(move |(word, _)| (line, word))
                .collect::<Vec<_>>()
        };
        let short_words = train.iter().flat_map(|line| short(*line)).collect();
        Ok(Self { lines, splits, train, short_words, alphabet })
    }

    /// The signs of the alphabet.
    pub fn alphabet(&self) -> &str {
        &self.alphabet
    }

    /// The lines that are for something.
    pub fn for_split(&self, split: Split) -> Vec<&TextLine> {
        self.lines.iter().zip(&self.splits).filter(|(_, own)| **own == split).map(|(line, _)| line).collect()
    }

    /// The line to learn from that lies at a share of all of them, from 0 to below 1.
    pub fn line_at(&self, share: f64) -> &TextLine {
        &self.lines[self.train[at(share, self.train.len())]]
    }

    /// The word of at most two signs, of lines to learn from, that lies at a share of all of them: its line, and its place
    /// there. Nothing if there is none.
    pub fn short_word_at(&self, share: f64) -> Option<(&TextLine, usize)> {
        if self.short_words.is_empty() {
            return None;
        }
        let (line, word) = self.short_words[at(share, self.short_words.len())];
        Some((&self.lines[line], word))
    }

    /// At most so many of them, evenly from all.
    pub fn some_for(&self, split: Split, most: usize) -> Vec<&TextLine> {
        let all = self.for_split(split);
        let count = all.len().min(most);
        (0..count).map(|place| all[place * all.len() / count]).collect()
    }
}

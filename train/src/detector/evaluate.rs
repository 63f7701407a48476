//! What a network finds in pictures that it does not learn from.

use super::score::{Detection, Verdict, WordScore, verdicts};
use super::store::{Picture, PictureStore};
use crate::config::Split;
use crate::error::TrainError;
use efface_nets::detector::{FoundText, Frame, TextFinder};
use rayon::prelude::*;

/// What was found in a picture, with what it turned out to be.
#[derive(Debug, Clone)]
pub struct Judged<'a> {
    /// The picture.
    pub picture: &'a Picture,
    /// What was found, the surest first.
    pub found: Vec<FoundText>,
    /// What each of it is.
    pub verdicts: Vec<Verdict>,
}

/// At most so many of the pictures that are for something, evenly from all of them; of a frame only what a viewer
/// shows.
pub fn some_of(store: &PictureStore, split: Split, most: usize) -> Vec<&Picture> {
    let all: Vec<&Picture> =
        store.pictures().iter().filter(|picture| picture.split == split && picture.view == 0).collect();
    let count = all.len().min(most);
    (0..count).map(|place| all[place * all.len() / count]).collect()
}

/// Reads pictures and judges what is found.
///
/// # Errors
/// [`TrainError::Nets`].
pub fn judge<'a>(
    finder: &TextFinder,
    store: &PictureStore,
    pictures: &[&'a Picture],
) -> Result<Vec<Judged<'a>>, TrainError> {
    let one = |picture: &&'a Picture| {
        let pixels = store.whole(picture)?;
        let found = finder.find(&Frame::from_levels(&pixels, picture.columns as usize, picture.rows as usize)?);
        let detections: Vec<Detection> = found
            .iter()
            .map(|text| Detection { bounds: text.corners.sides(), probability: text.probability })
            .collect();
        let verdicts = verdicts(&detections, &picture.words, &picture.ignored);
        Ok(Judged { picture, found, verdicts })
    };
    pictures.par_iter().map(one).collect()
}

/// How many of the words are found with at least this precision.
pub fn score(judged: &[Judged<'_>], floor: f64) -> WordScore {
    let words = judged.iter().map(|one| one.picture.words.len() as u64).sum();
    let boxes = judged.iter().flat_map(|one| one.found.iter().zip(&one.verdicts)).filter_map(|(text, verdict)| {
        (*verdict != Verdict::Ignored).then_some((text.probability, matches!(verdict, Verdict::Word(_))))
    });
    WordScore::at_precision(boxes.collect(), words, floor)
}

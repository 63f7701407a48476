//! What a released detector finds in a list of images, in the form of COCO's results, for whoever measures it.

use super::coco::{self, ListedImage};
use super::config::ImagesConfig;
use super::pictures::{self, Fault};
use super::score::{Detection, Verdict, WordScore, verdicts};
use crate::error::TrainError;
use efface_nets::detector::nms::nms;
use efface_nets::detector::{Corners, DetectorFolder, FinderSettings, FoundText, Frame, TextFinder};
use efface_nets::device::DeviceName;
use rayon::prelude::*;
use serde::Serialize;
use std::path::Path;

/// Images that are read side by side before their results are kept.
const IMAGES_AT_A_TIME: usize = 32;
/// The category of all boxes: a detector finds text, and all text counts as PHI until it was read.
const CATEGORY: u32 = 1;
/// Of boxes that two views of a frame show, those with more than this overlap are one.
const SAME: f32 = 0.5;

/// A box in the form of COCO's results.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PredictedBox {
    /// The image.
    pub image_id: u64,
    /// The category, which is 1.
    pub category_id: u32,
    /// Left and upper edge, width and height in pixels.
    pub bbox: [f32; 4],
    /// The probability that it is text.
    pub score: f32,
}

/// Boxes of all images of a list, with the words that are found at a precision.
#[derive(Debug, Clone, PartialEq)]
pub struct Predictions {
    /// The boxes, image after image, the surest first.
    pub boxes: Vec<PredictedBox>,
    /// Images that were read.
    pub n_images: u64,
    /// Every box with its probability and whether it is a word, to score at any precision.
    judged: Vec<(f32, bool)>,
    n_words: u64,
}

impl Predictions {
    /// The share of the words that are found, at an overlap of 0.5, where so many of the boxes are right.
    pub fn score(&self, precision: f64) -> WordScore {
        WordScore::at_precision(self.judged.clone(), self.n_words, precision)
    }
}

/// A released detector that gives boxes with at least this probability.
///
/// # Errors
/// [`TrainError::Nets`] if the folder or the device cannot be used.
pub fn open_finder(model: &Path, device: DeviceName, threshold: f32) -> Result<TextFinder, TrainError> {
    let settings = FinderSettings { threshold, ..FinderSettings::default() };
    Ok(TextFinder::open(&DetectorFolder::open(model)?, device, settings)?)
}

/// Reads every image of a list: all pictures of a frame, as the pipeline does, each box once.
///
/// # Errors
/// [`TrainError`] for lists and images that cannot be read.
pub fn predict(
    finder: &TextFinder,
    set: &ImagesConfig,
    progress: &dyn Fn(usize, usize),
) -> Result<Predictions, TrainError> {
    let mut predictions = Predictions { boxes: Vec::new(), n_images: 0, judged: Vec::new(), n_words: 0 };
    each_image(finder, set, progress, |image, found, verdicts| predictions.add(image, found, verdicts))?;
    Ok(predictions)
}

/// Hands over what is found in each image of a list, in its order, with what each box turned out to be. The words of an
/// image are those that count, in the order of the list.
pub(super) fn each_image(
    finder: &TextFinder,
    set: &ImagesConfig,
    progress: &dyn Fn(usize, usize),
    mut take: impl FnMut(&ListedImage, &[Detection], &[Verdict]),
) -> Result<(), TrainError> {
    let (list, folder) = (set.list(), set.folder());
    let images = coco::read(&list)?;
    for (number, some) in images.chunks(IMAGES_AT_A_TIME).enumerate() {
        progress(number * IMAGES_AT_A_TIME, images.len());
        let found: Vec<_> = some.par_iter().map(|image| find(finder, &list, &folder, image)).collect();
        for (image, found) in some.iter().zip(found) {
            let found = found?;
            let of_kind = |is_ignored: bool| {
                let words = image.words.iter().filter(|word| word.is_ignored == is_ignored);
                words.map(|word| word.bounds).collect::<Vec<_>>()
            };
            take(image, &found, &verdicts(&found, &of_kind(false), &of_kind(true)));
        }
    }
    progress(images.len(), images.len());
    Ok(())
}

impl Predictions {
    fn add(&mut self, image: &ListedImage, found: &[Detection], verdicts: &[Verdict]) {
        self.n_images += 1;
        self.n_words += image.words.iter().filter(|word| !word.is_ignored).count() as u64;
        for (detection, verdict) in found.iter().zip(verdicts) {
            let [x0, y0, x1, y1] = detection.bounds;
            let bbox = [x0, y0, x1 - x0, y1 - y0];
            let score = detection.probability;
            self.boxes.push(PredictedBox { image_id: image.id, category_id: CATEGORY, bbox, score });
            if *verdict != Verdict::Ignored {
                self.judged.push((score, matches!(verdict, Verdict::Word(_))));
            }
        }
    }
}

/// The text of all pictures of an image, the surest first. None in an image that nothing decodes: its words are missed.
fn find(finder: &TextFinder, list: &Path, folder: &Path, image: &ListedImage) -> Result<Vec<Detection>, TrainError> {
    let views = match pictures::views(&folder.join(&image.file_name), &[image.frame_idx]) {
        Ok(views) => views,
        Err(Fault::NotDecoded) => return Ok(Vec::new()),
        Err(Fault::Wrong(reason)) => {
            return Err(TrainError::Image { path: list.to_owned(), number: image.id, reason });
        }
    };
    let mut found: Vec<FoundText> = Vec::new();
    for view in views.iter().flatten() {
        found.extend(finder.find(&Frame::from_levels(view.pixels(), view.columns() as usize, view.rows() as usize)?));
    }
    let corners: Vec<Corners> = found.iter().map(|text| text.corners).collect();
    let scores: Vec<f32> = found.iter().map(|text| text.probability).collect();
    let kept = nms(&corners, &scores, SAME);
    Ok(kept.into_iter().map(|place| Detection { bounds: corners[place].sides(), probability: scores[place] }).collect())
}

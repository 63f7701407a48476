//! What painting over the boxes hides and loses.
//!
//! A box paints every pixel that it touches: from the rounded-down left and upper edge to the rounded-up right and
//! lower one, inside the image. Boxes of PHI categories are painted, others are not.
//!
//! - **Glyph pixels covered**: painted pixels of the masks of PHI words (of their boxes, where there is no mask) out of
//!   all of them; a pixel of two words counts for both.
//! - **Words hidden**: PHI words of whose box at least [`Settings::least_cover`] is painted, out of all whose box has a
//!   pixel in the image.
//! - **Clean pixels lost**: painted pixels outside the boxes of all PHI words, out of all such pixels.
//! - **Clean images touched**: images without a PHI word in which anything is painted.
//!
//! Intervals are Wilson's across patients.

use super::super::clusters::{Numbering, ShareTally};
use super::{Annotation, DetectionSet, Image, PixelBox, Settings};
use efface_schema::{HidingScores, PixelRegion};
use rayon::prelude::*;
use std::collections::BTreeSet;

/// Counts of one image at one least score: hidden or lost ones, out of all.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    glyphs: [u64; 2],
    words: [u64; 2],
    clean: [u64; 2],
    images: [u64; 2],
}

/// Whether all PHI words have masks.
pub(super) fn has_masks(set: &DetectionSet, settings: &Settings) -> bool {
    let phi = phi_ids(set, settings);
    let mut words =
        set.images.values().flat_map(|image| &image.annotations).filter(|word| phi.contains(&word.category));
    words.all(|word| word.mask.is_some())
}

fn phi_ids(set: &DetectionSet, settings: &Settings) -> BTreeSet<u64> {
    let is_phi = |(id, name): (&u64, &String)| settings.phi_categories.contains(name).then_some(*id);
    set.categories.iter().filter_map(is_phi).collect()
}

/// One row for each least score, in rising order.
pub(super) fn measure(set: &DetectionSet, settings: &Settings, clusters: &mut Numbering) -> Vec<HidingScores> {
    let phi = phi_ids(set, settings);
    let mut least_scores = settings.least_scores.clone();
    least_scores.sort_unstable_by(f64::total_cmp);
    least_scores.dedup();
    let images: Vec<&Image> = set.images.values().collect();
    let counted: Vec<Vec<Counts>> = images
        .par_iter()
        .map(|image| Canvas::paint(image, &phi, &least_scores).counts(image, &phi, settings.least_cover))
        .collect();
    let row = |(at, least_score): (usize, &f64)| {
        let mut tallies: [ShareTally; 4] = Default::default();
        for (image, counts) in images.iter().zip(&counted) {
            let cluster = clusters.number(&image.cluster);
            let Counts { glyphs, words, clean, images } = counts[at];
            for (tally, [some, all]) in tallies.iter_mut().zip([glyphs, words, clean, images]) {
                tally.add(cluster, some, all);
            }
        }
        let is_painted = |image: &&Image| {
            image.detections.iter().filter(|found| phi.contains(&found.category) && found.score >= *least_score).count()
        };
        let [glyphs, words, clean, touched] = tallies;
        HidingScores {
            least_score: *least_score,
            n_boxes: images.iter().map(is_painted).sum::<usize>() as u64,
            glyph_pixels_covered: glyphs.share(),
            words_hidden: words.share(),
            clean_pixels_lost: clean.share(),
            touched_clean_images: touched.share(),
        }
    };
    least_scores.iter().enumerate().map(row).collect()
}

/// By pixel, at how many of the least scores it is painted.
struct Canvas {
    width_px: u32,
    levels: Vec<u8>,
    n_levels: usize,
}

/// By level, how many pixels.
type Histogram = Vec<u64>;

impl Canvas {
    fn paint(image: &Image, phi: &BTreeSet<u64>, least_scores: &[f64]) -> Self {
        let n_pixels = image.width_px as usize * image.height_px as usize;
        let mut canvas = Self { width_px: image.width_px, levels: vec![0; n_pixels], n_levels: least_scores.len() };
        for found in image.detections.iter().filter(|found| phi.contains(&found.category)) {
            let level = least_scores.partition_point(|least| *least <= found.score);
            let level = u8::try_from(level).unwrap_or(u8::MAX);
            for row in canvas.rows(touched(&found.bounds, image)) {
                canvas.levels[row].iter_mut().for_each(|own| *own = (*own).max(level));
            }
        }
        canvas
    }

    /// The pixels of a region, row by row.
    fn rows(&self, region: PixelRegion) -> impl Iterator<Item = std::ops::Range<usize>> + use<> {
        let width = self.width_px as usize;
        (region.y0 as usize..region.y1 as usize)
            .map(move |y| y * width + region.x0 as usize..y * width + region.x1 as usize)
    }

    fn counts(&self, image: &Image, phi: &BTreeSet<u64>, least_cover: f64) -> Vec<Counts> {
        let words: Vec<&Annotation> = image.annotations.iter().filter(|word| phi.contains(&word.category)).collect();
        let mut counts = vec![Counts::default(); self.n_levels];
        let mut is_clean = vec![true; self.levels.len()];
        for word in &words {
            let region = touched(&word.bounds, image);
            self.rows(region).for_each(|row| is_clean[row].fill(false));
            let in_box = self.histogram(self.rows(region).flatten());
            let glyphs = match &word.mask {
                None => in_box.clone(),
                Some(mask) => {
                    let whole = PixelRegion { x0: 0, y0: 0, x1: image.width_px, y1: image.height_px };
                    let pixels = mask.pixels(whole).expect("it was read when the gold was read");
                    self.histogram(pixels.into_iter().map(|(x, y)| y as usize * self.width_px as usize + x as usize))
                }
            };
            for (at, counts) in counts.iter_mut().enumerate() {
                add(&mut counts.glyphs, painted(&glyphs, at));
                let [covered, all] = painted(&in_box, at);
                let is_hidden = all > 0 && covered as f64 >= least_cover * all as f64;
                add(&mut counts.words, [u64::from(is_hidden), u64::from(all > 0)]);
            }
        }
        let clean = self.histogram((0..self.levels.len()).filter(|at| is_clean[*at]));
        for (at, counts) in counts.iter_mut().enumerate() {
            counts.clean = painted(&clean, at);
            if words.is_empty() {
                counts.images = [u64::from(counts.clean[0] > 0), 1];
            }
        }
        counts
    }

    fn histogram(&self, pixels: impl Iterator<Item = usize>) -> Histogram {
        let mut histogram = vec![0; self.n_levels + 1];
        pixels.for_each(|at| histogram[usize::from(self.levels[at])] += 1);
        histogram
    }
}

fn add(total: &mut [u64; 2], more: [u64; 2]) {
    total[0] += more[0];
    total[1] += more[1];
}

/// Painted pixels at the least score of this number, out of all.
fn painted(histogram: &Histogram, least_score: usize) -> [u64; 2] {
    [histogram[least_score + 1..].iter().sum(), histogram.iter().sum()]
}

/// The pixels of the image that a box touches.
fn touched(bounds: &PixelBox, image: &Image) -> PixelRegion {
    let clip = |edge: f64, most: u32| edge.clamp(0.0, f64::from(most)) as u32;
    PixelRegion {
        x0: clip(bounds.x.floor(), image.width_px),
        y0: clip(bounds.y.floor(), image.height_px),
        x1: clip((bounds.x + bounds.width).ceil(), image.width_px),
        y1: clip((bounds.y + bounds.height).ceil(), image.height_px),
    }
}

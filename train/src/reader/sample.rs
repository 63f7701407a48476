//! Lines to learn from: cut out of pictures as a finder cuts them, and changed as images of many machines differ.

use super::config::LinesConfig;
use super::lines::{LineWord, TextLine, TextLines, at};
use crate::detector::retouch::{Patch, Window, resampled};
use crate::detector::{Picture, PictureStore};
use crate::error::TrainError;
use crate::streams::unit;
use efface_nets::reader::{LineImage, ReaderConfig};
use rand_chacha::ChaCha8Rng;
use std::ops::Range;

/// Pixels that a finder's lines have above, below and beside their text.
const PADDING_PX: f64 = 2.0;
/// How far boxes of finders are off, as a share of the text's height.
const OFF_ABOVE_AND_BELOW: f64 = 0.08;
/// How far beyond the ends of its text a line may reach, as a share of its height.
const MOST_BEYOND: f64 = 0.4;
/// Lines are made lower than this.
const MOST_ROWS: f64 = 72.0;
/// Pixels around a line that its edges are interpolated with.
const MARGIN_PX: f64 = 4.0;
/// Heights of lines without text, and how many times wider they are.
const EMPTY_HEIGHTS_PX: [f64; 2] = [8.0, 40.0];
const EMPTY_RATIOS: [f64; 2] = [1.0, 8.0];
/// How often a place without text is looked for.
const TRIES: usize = 10;

/// A line and what it says.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// The line as the network reads it.
    pub image: LineImage,
    /// The classes of its signs.
    pub signs: Vec<usize>,
}

pub(super) fn between(random: &mut ChaCha8Rng, low: f64, high: f64) -> f64 {
    low + (high - low) * unit(random)
}

/// Left, upper, right and lower edge in pixels of a picture.
type Area = [f64; 4];

/// What is cut out for some words of a line: their boxes, a little more or less.
fn area_of(line: &TextLine, words: Range<usize>, random: &mut ChaCha8Rng) -> Area {
    let edge = |side: usize, pick: fn(f32, f32) -> f32| {
        f64::from(line.words[words.clone()].iter().map(|word| word.bounds[side]).reduce(pick).unwrap_or(0.0))
    };
    let tight = [edge(0, f32::min), edge(1, f32::min), edge(2, f32::max), edge(3, f32::max)];
    let [mut left, top, mut right, bottom] = loosened(tight, random);
    // Of a neighbour nothing is seen.
    if let Some(before) = words.start.checked_sub(1) {
        left = left.max(f64::from(line.words[before].bounds[2]));
    }
    if let Some(after) = line.words.get(words.end) {
        right = right.min(f64::from(after.bounds[0]));
    }
    [left, top, right, bottom]
}

/// Bounds of text, a little more or less.
fn loosened([left, top, right, bottom]: Area, random: &mut ChaCha8Rng) -> Area {
    let height = bottom - top;
    let mut off = || height * between(random, -OFF_ABOVE_AND_BELOW, OFF_ABOVE_AND_BELOW);
    let (top, bottom) = (top - PADDING_PX + off(), bottom + PADDING_PX + off());
    let mut beyond = || PADDING_PX + height * MOST_BEYOND * unit(random).powi(2);
    [left - beyond(), top, right + beyond(), bottom]
}

/// A place of a picture without any text.
pub(super) fn empty_area(picture: &Picture, random: &mut ChaCha8Rng) -> Option<Area> {
    let (columns, rows) = (f64::from(picture.columns), f64::from(picture.rows));
    (0..TRIES).find_map(|_| {
        let height = between(random, EMPTY_HEIGHTS_PX[0].ln(), EMPTY_HEIGHTS_PX[1].ln()).exp().min(rows);
        let width = (height * between(random, EMPTY_RATIOS[0], EMPTY_RATIOS[1])).min(columns);
        let (left, top) = (between(random, 0.0, columns - width), between(random, 0.0, rows - height));
        let area = [left, top, left + width, top + height];
        let is_apart = |text: &[f32; 4]| {
            let text = text.map(f64::from);
            text[0] >= area[2] || text[2] <= area[0] || text[1] >= area[3] || text[3] <= area[1]
        };
        picture.words.iter().chain(&picture.ignored).all(is_apart).then_some(area)
    })
}

/// An area of a picture with `scale` pixels for each of it, as far as it lies inside.
pub(super) fn patch(store: &PictureStore, picture: &Picture, area: Area, scale: f64) -> Result<Patch, TrainError> {
    let (columns, rows) = (f64::from(picture.columns), f64::from(picture.rows));
    let [left, top] = [area[0].clamp(0.0, columns - 1.0), area[1].clamp(0.0, rows - 1.0)];
    let [right, bottom] = [area[2].clamp(left + 1.0, columns), area[3].clamp(top + 1.0, rows)];
    let from = |edge: f64| (edge - MARGIN_PX).floor().max(0.0) as u32;
    let to = |edge: f64, most: u32| ((edge + MARGIN_PX).ceil() as u32).min(most);
    let (across, down) = (from(left)..to(right, picture.columns), from(top)..to(bottom, picture.rows));
    let pixels = store.part(picture, across.clone(), down.clone())?;
    let levels: Vec<f32> = pixels.into_iter().map(f32::from).collect();
    let window = Window { left: left - f64::from(across.start), top: top - f64::from(down.start), scale };
    let size = |length: f64| ((length * scale).round() as usize).max(1);
    Ok(resampled(&levels, (across.len(), down.len()), window, (size(right - left), size(bottom - top))))
}

/// Changes a line as chance has it. Every draw is made whether it is needed or not, so that one setting changes nothing
/// about another.
fn retouched(patch: Patch, config: &LinesConfig, random: &mut ChaCha8Rng) -> Patch {
    let happens: [f64; 4] = std::array::from_fn(|_| unit(random));
    let strength: [f64; 4] = std::array::from_fn(|_| unit(random));
    let along = |low: f64, high: f64, part: f64| (low + (high - low) * part) as f32;
    let mut patch = patch;
    if happens[0] < config.speckle {
        patch = patch.speckled(along(0.03, 0.2, strength[0]), random);
    }
    if happens[1] < config.noise {
        patch = patch.noisy(along(2.0, 16.0, strength[1] * strength[1]), random);
    }
    if happens[2] < config.blur {
        patch = patch.blurred(along(0.3, 0.8, strength[2]));
    }
    if happens[3] < config.jpeg {
        patch = patch.through_jpeg(along(35.0, 90.0, strength[3]) as u32);
    }
    patch
}

/// The line as the network reads it.
fn image(patch: &Patch, config: &ReaderConfig) -> Option<LineImage> {
    let pixels: Vec<u8> = patch.levels.iter().map(|level| level.clamp(0.0, 255.0).round() as u8).collect();
    LineImage::of(&pixels, patch.columns, patch.rows(), config)
}

/// The classes of the signs of words, with a space between two words.
pub fn signs(words: &[LineWord], alphabet: &str) -> Vec<usize> {
    let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    texts
        .join(" ")
        .chars()
        .filter_map(|sign| alphabet.chars().position(|known| known == sign))
        .map(|at| at + 1)
        .collect()
}

/// A sample of training, of a line or of none.
///
/// # Errors
/// [`TrainError::Nets`].
pub fn drawn(
    store: &PictureStore,
    lines: &TextLines,
    config: &LinesConfig,
    sizes: &ReaderConfig,
    random: &mut ChaCha8Rng,
) -> Result<Option<Sample>, TrainError> {
    let (is_empty, is_part) = (unit(random) < config.without_text, unit(random) < config.parts);
    let (line, words) = chosen(lines, unit(random) < config.short_words, is_part, random);
    let picture = &store.pictures()[line.picture];
    let is_scaled = unit(random) < config.scaled;
    let scale = between(random, config.least_scale.ln(), config.most_scale.ln()).exp();
    let empty = if is_empty { empty_area(picture, random) } else { None };
    let (area, words) = match empty {
        Some(area) => (area, 0..0),
        None => (area_of(line, words.clone(), random), words),
    };
    let scale = (if is_scaled { scale } else { 1.0 }).min(MOST_ROWS / (area[3] - area[1]));
    let signs = signs(&line.words[words], &sizes.alphabet);
    sample_of(Cut { patch: patch(store, picture, area, scale)?, signs }, config, sizes, random)
}

/// A line that was cut out, and the classes of its signs.
pub(super) struct Cut {
    pub(super) patch: Patch,
    pub(super) signs: Vec<usize>,
}

/// A line as the network reads it, changed as chance has it.
pub(super) fn sample_of(
    cut: Cut,
    config: &LinesConfig,
    sizes: &ReaderConfig,
    random: &mut ChaCha8Rng,
) -> Result<Option<Sample>, TrainError> {
    let patch = retouched(cut.patch, config, random);
    Ok(image(&patch, sizes).map(|image| Sample { image, signs: cut.signs }))
}

/// Text with these bounds, cut out of a patch around it as a finder cuts.
pub(super) fn cut_of(bounds: [f32; 4], around: &Patch, random: &mut ChaCha8Rng) -> Patch {
    let [left, top, right, bottom] = loosened(bounds.map(f64::from), random);
    let (columns, rows) = (around.columns as f64, around.rows() as f64);
    let place = |edge: f64, most: f64| edge.clamp(0.0, most) as usize;
    let (x0, x1) = (place(left.floor(), columns - 1.0), place(right.ceil(), columns));
    let (y0, y1) = (place(top.floor(), rows - 1.0), place(bottom.ceil(), rows));
    let lines = (y0..y1.max(y0 + 1)).flat_map(|y| &around.levels[y * around.columns..][x0..x1.max(x0 + 1)]);
    Patch { columns: x1.max(x0 + 1) - x0, levels: lines.copied().collect() }
}

/// A line and which of its words are cut out: a short one alone, some, or all.
fn chosen<'a>(
    lines: &'a TextLines,
    is_short: bool,
    is_part: bool,
    random: &mut ChaCha8Rng,
) -> (&'a TextLine, Range<usize>) {
    let (place, first, second) = (unit(random), unit(random), unit(random));
    if let Some((line, word)) = lines.short_word_at(place).filter(|_| is_short) {
        return (line, word..word + 1);
    }
    let line = lines.line_at(place);
    let (first, second) = (at(first, line.words.len()), at(second, line.words.len()));
    (line, if is_part { first.min(second)..first.max(second) + 1 } else { 0..line.words.len() })
}

/// A whole line as a finder cuts it, not changed.
///
/// # Errors
/// [`TrainError::Nets`].
pub fn plain(
    store: &PictureStore,
    line: &TextLine,
    sizes: &ReaderConfig,
    random: &mut ChaCha8Rng,
) -> Result<Option<Sample>, TrainError> {
    let area = area_of(line, 0..line.words.len(), random);
    let scale = (MOST_ROWS / (area[3] - area[1])).min(1.0);
    let patch = patch(store, &store.pictures()[line.picture], area, scale)?;
    let signs = signs(&line.words, &sizes.alphabet);
    Ok(image(&patch, sizes).map(|image| Sample { image, signs }))
}

//! Squares to learn from: cut out of pictures around words more often than not, and changed as pictures of many
//! machines differ.

use super::coco::Bounds;
use super::config::CropsConfig;
use super::retouch::{Patch, Window, resampled};
use super::store::{Picture, PictureStore};
use crate::error::TrainError;
use crate::streams::{below, unit};
use efface_nets::detector::Frame;
use rand_chacha::ChaCha8Rng;

/// A square with its words.
#[derive(Debug, Clone, PartialEq)]
pub struct Crop {
    /// Its side in pixels.
    pub side: u32,
    /// Its intensities as the network reads them, mostly from 0 to 1, row by row.
    pub pixels: Vec<f32>,
    /// The boxes of its words, inside of it.
    pub words: Vec<Bounds>,
    /// The boxes of what is neither right nor wrong to find.
    pub ignored: Vec<Bounds>,
}

/// How far beyond the edge of a picture a window may begin, as a share of its side.
const OVERHANG: f64 = 0.05;
/// The share of a square's side that pictures fill at least, unless they would have to be enlarged for it.
const SMALLEST_SHARE: f64 = 0.8;
/// Words whose intensities differ by less cannot be seen.
const LEAST_DIFFERENCE: f32 = 0.03;
/// The gray level of the intensity 1.
const WHITE: f32 = 255.0;

fn between(random: &mut ChaCha8Rng, low: f64, high: f64) -> f64 {
    low + (high - low) * unit(random)
}

/// Cuts a square out of a picture and changes it. The whole picture is prepared before, as a frame is that is read, so
/// that faint text beside bright text is as faint as there.
///
/// # Errors
/// [`TrainError::Nets`].
pub fn crop(
    store: &PictureStore,
    picture: &Picture,
    side: u32,
    config: &CropsConfig,
    random: &mut ChaCha8Rng,
) -> Result<Crop, TrainError> {
    let window = window(picture, side, config, random);
    let (columns, rows) = (picture.columns as usize, picture.rows as usize);
    let frame = Frame::from_levels(&store.whole(picture)?, columns, rows)?;
    let mut square = resampled(frame.pixels(), (columns, rows), window, (side as usize, side as usize));
    square.levels.iter_mut().for_each(|level| *level *= WHITE);
    let (words, mut ignored) = placed(picture, window, side, config);
    let changed = retouched(square, config, random);
    let pixels: Vec<f32> = changed.levels.into_iter().map(|level| level / WHITE).collect();
    // Another window may have made a word the same as its ground.
    let (words, unseen): (Vec<Bounds>, Vec<Bounds>) =
        words.into_iter().partition(|word| difference(&pixels, side, *word) >= LEAST_DIFFERENCE);
    ignored.extend(unseen);
    let crop = Crop { side, pixels, words, ignored };
    let (happens, quarters) = (unit(random), below(random, 3) + 1);
    Ok(if happens < config.turned { (0..quarters).fold(crop, |crop, _| crop.turned()) } else { crop })
}

impl Crop {
    /// Turned by a quarter, clockwise.
    fn turned(self) -> Self {
        let side = self.side as usize;
        let from = |place: usize| (side - 1 - place % side) * side + place / side;
        let pixels = (0..side * side).map(|place| self.pixels[from(place)]).collect();
        let end = self.side as f32;
        let turn =
            |boxes: Vec<Bounds>| boxes.into_iter().map(|[x0, y0, x1, y1]| [end - y1, x0, end - y0, x1]).collect();
        Self { side: self.side, pixels, words: turn(self.words), ignored: turn(self.ignored) }
    }
}

/// By how much intensities differ inside of a box.
fn difference(pixels: &[f32], side: u32, [x0, y0, x1, y1]: Bounds) -> f32 {
    let (left, right) = (x0.floor() as usize, (x1.ceil() as usize).min(side as usize));
    let rows = (y0.floor() as usize..(y1.ceil() as usize).min(side as usize)).map(|row| row * side as usize);
    let inside = rows.flat_map(|row| &pixels[row + left..row + right]);
    let (low, high) = inside.fold((f32::MAX, f32::MIN), |(low, high), value| (low.min(*value), high.max(*value)));
    high - low
}

/// Where a square lies: around a word or anywhere, inside of the picture but for a small overhang if it fits there.
fn window(picture: &Picture, side: u32, config: &CropsConfig, random: &mut ChaCha8Rng) -> Window {
    // A small picture is not made smaller: the square would hold little but ground.
    let fitting = SMALLEST_SHARE * f64::from(side) / f64::from(picture.columns.max(picture.rows));
    let least_scale = config.least_scale.max(fitting.min(1.0));
    let scale = between(random, least_scale.ln(), config.most_scale.ln()).exp();
    let length = f64::from(side) / scale;
    let (with_text, place) = (unit(random), unit(random));
    let word = match picture.words.len() {
        0 => None,
        n_words => picture.words.get(below(random, n_words)).filter(|_| with_text < config.text_share),
    };
    let mut start = |low: Option<(f32, f32)>, size: u32| {
        let size = f64::from(size);
        let overhang = OVERHANG * length;
        let (least, most) = if length < size { (-overhang, size - length + overhang) } else { (size - length, 0.0) };
        match low {
            // The center of the word lies anywhere in the middle of the square.
            Some((low, high)) => {
                let center = f64::from(low + high) / 2.0;
                (center - length * between(random, 0.1, 0.9)).clamp(least, most)
            }
            None => between(random, least, most),
        }
    };
    let left = start(word.map(|word| (word[0], word[2])), picture.columns);
    let top = start(word.map(|word| (word[1], word[3])), picture.rows);
    // Some squares keep whole pixels: text that was never resampled is the most frequent.
    if place < 0.25 && config.least_scale <= 1.0 && config.most_scale >= 1.0 {
        let center = (left + length / 2.0, top + length / 2.0);
        let half = f64::from(side) / 2.0;
        return Window { left: (center.0 - half).round(), top: (center.1 - half).round(), scale: 1.0 };
    }
    Window { left, top, scale }
}

/// The boxes in the square: words, and what is too small or cut too much to be asked for.
fn placed(picture: &Picture, window: Window, side: u32, config: &CropsConfig) -> (Vec<Bounds>, Vec<Bounds>) {
    let (mut words, mut ignored) = (Vec::new(), Vec::new());
    let mut place = |bounds: &Bounds, is_word: bool| {
        let across = |edge: f32| ((f64::from(edge) - window.left) * window.scale) as f32;
        let down = |edge: f32| ((f64::from(edge) - window.top) * window.scale) as f32;
        let whole = [across(bounds[0]), down(bounds[1]), across(bounds[2]), down(bounds[3])];
        let cut = whole.map(|edge| edge.clamp(0.0, side as f32));
        let area = |[x0, y0, x1, y1]: Bounds| f64::from((x1 - x0) * (y1 - y0));
        if area(cut) <= 0.0 {
            return;
        }
        let shorter = f64::from((cut[2] - cut[0]).min(cut[3] - cut[1]));
        let is_seen = area(cut) >= config.least_visible * area(whole) && shorter >= config.least_side_px;
        if is_word && is_seen { words.push(cut) } else { ignored.push(cut) }
    };
    picture.words.iter().for_each(|bounds| place(bounds, true));
    picture.ignored.iter().for_each(|bounds| place(bounds, false));
    (words, ignored)
}

/// Changes a square as chance has it. Every draw is made whether it is needed or not, so that one setting changes
/// nothing about another.
fn retouched(square: Patch, config: &CropsConfig, random: &mut ChaCha8Rng) -> Patch {
    let happens: [f64; 6] = std::array::from_fn(|_| unit(random));
    let strength: [f64; 6] = std::array::from_fn(|_| unit(random));
    let [center, shift] = std::array::from_fn(|_| unit(random));
    let along = |low: f64, high: f64, part: f64| (low + (high - low) * part) as f32;
    let mut square = square;
    if happens[0] < config.speckle {
        square = square.speckled(along(0.05, 0.3, strength[0]), random);
    }
    if happens[1] < config.noise {
        square = square.noisy(along(2.0, 18.0, strength[1] * strength[1]), random);
    }
    if happens[2] < config.blur {
        square = square.blurred(along(0.3, 1.1, strength[2]));
    }
    if happens[3] < config.window {
        let gain = along(0.5_f64.ln(), 2.0_f64.ln(), strength[3]).exp();
        square = square.windowed(along(40.0, 200.0, center), gain, along(-30.0, 30.0, shift));
    }
    if happens[4] < config.inverted {
        square = square.inverted();
    }
    if happens[5] < config.jpeg {
        square = square.through_jpeg(along(25.0, 90.0, strength[5]) as u32);
    }
    square
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_turns_pixels_and_words_alike() {
        let side = 8_u32;
        let word = [1.0, 2.0, 6.0, 4.0];
        let lit = |x: usize, y: usize| (1..6).contains(&x) && (2..4).contains(&y);
        let pixels: Vec<f32> = (0..64).map(|place| f32::from(u8::from(lit(place % 8, place / 8)))).collect();
        let crop = Crop { side, pixels, words: vec![word], ignored: vec![[0.0, 0.0, 1.0, 8.0]] };
        let turned = crop.clone().turned();
        assert_eq!((turned.words[0], turned.ignored[0]), ([4.0, 1.0, 6.0, 6.0], [0.0, 0.0, 8.0, 1.0]));
        for place in 0..64 {
            let (x, y) = ((place % 8) as f32 + 0.5, (place / 8) as f32 + 0.5);
            let [x0, y0, x1, y1] = turned.words[0];
            assert_eq!(turned.pixels[place] == 1.0, x > x0 && x < x1 && y > y0 && y < y1, "{place}");
        }
        assert_eq!((0..4).fold(crop.clone(), |crop, _| crop.turned()), crop);
    }
}

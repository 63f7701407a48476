//! A grey frame as the network sees it: even intensity, dark ground, and the same for training and inference.

use crate::NetsError;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// So many of the darkest and of the brightest pixels may lie beyond the range: fewer than a short word has, so that
/// broken pixels do not set the range and words do.
const BEYOND: usize = 64;
/// How far beyond the range values are kept, as a share of it.
const MARGIN: f32 = 0.5;

/// A frame that was [prepared](prepare).
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    pixels: Vec<f32>,
    width: usize,
    height: usize,
}

/// Brings values to one range, mostly from 0 to 1, and most of the frame to its dark end.
///
/// What all but a few pixels have becomes the range from 0 to 1; the few are kept up to half a range beyond. A frame
/// whose mean is above 0.5 is inverted. What is no number counts as the least value, and a frame of one value is 0.
///
/// # Examples
/// ```
/// use efface_nets::detector::prepare;
/// assert_eq!(prepare(&[10.0, 10.0, 10.0, 30.0]), [0.0, 0.0, 0.0, 1.0]);
/// assert_eq!(prepare(&[30.0, 30.0, 30.0, 10.0]), [0.0, 0.0, 0.0, 1.0]);
/// assert_eq!(prepare(&[7.0, f32::NAN]), [0.0, 0.0]);
/// ```
pub fn prepare(pixels: &[f32]) -> Vec<f32> {
    let Some([low, high]) = range(pixels) else { return vec![0.0; pixels.len()] };
    let span = high - low;
    let scaled = |pixel: &f32| {
        // Halves keep the difference of two large numbers a number.
        let value = if pixel.is_finite() { (0.5 * pixel - 0.5 * low) / (0.5 * span) } else { 0.0 };
        value.clamp(-MARGIN, 1.0 + MARGIN)
    };
    let mut values: Vec<f32> = pixels.iter().map(scaled).collect();
    let mean = values.iter().map(|value| f64::from(*value)).sum::<f64>() / values.len().max(1) as f64;
    if mean > 0.5 {
        for value in &mut values {
            *value = 1.0 - *value;
        }
    }
    values
}

/// The values between which all but a few pixels lie; nothing if they are all the same.
fn range(pixels: &[f32]) -> Option<[f32; 2]> {
    let few = BEYOND.min(pixels.len() / BEYOND + 1);
    let numbers = || pixels.iter().copied().filter(|pixel| pixel.is_finite());
    let low = -greatest(numbers().map(|pixel| -pixel), few)?;
    let high = greatest(numbers(), few)?;
    if high > low {
        return Some([low, high]);
    }
    let [low, high] = [numbers().reduce(f32::min)?, numbers().reduce(f32::max)?];
    (high > low).then_some([low, high])
}

/// A number whose order among integers is that of the values among numbers.
fn key(value: f32) -> u32 {
    let bits = value.to_bits();
    if bits >> 31 == 1 { !bits } else { bits | 1 << 31 }
}

/// The value at place `rank`, from 1, from the greatest down; the least one if there are fewer.
fn greatest(values: impl Iterator<Item = f32>, rank: usize) -> Option<f32> {
    let mut heap: BinaryHeap<Reverse<(u32, u32)>> = BinaryHeap::with_capacity(rank + 1);
    for value in values {
        let entry = (key(value), value.to_bits());
        if heap.len() < rank {
            heap.push(Reverse(entry));
        } else if heap.peek().is_some_and(|least| least.0 < entry) {
            heap.pop();
            heap.push(Reverse(entry));
        }
    }
    heap.peek().map(|least| f32::from_bits(least.0.1))
}

impl Frame {
    /// A frame of grey levels, row after row.
    ///
    /// # Errors
    /// [`NetsError::Frame`] if there are not `width * height` of them.
    pub fn from_levels(levels: &[u8], width: usize, height: usize) -> Result<Self, NetsError> {
        let numbers: Vec<f32> = levels.iter().map(|level| f32::from(*level)).collect();
        Self::from_numbers(&numbers, width, height)
    }

    /// A frame of intensities in any unit, row after row.
    ///
    /// # Errors
    /// [`NetsError::Frame`] if there are not `width * height` of them.
    pub fn from_numbers(numbers: &[f32], width: usize, height: usize) -> Result<Self, NetsError> {
        if width.checked_mul(height) != Some(numbers.len()) {
            return Err(NetsError::Frame { n_pixels: numbers.len(), width, height });
        }
        Ok(Self { pixels: prepare(numbers), width, height })
    }

    /// Prepared pixels, row after row.
    pub fn pixels(&self) -> &[f32] {
        &self.pixels
    }

    /// Columns.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows.
    pub fn height(&self) -> usize {
        self.height
    }

    /// The pixels of a part of the frame, row after row, filled up with ground (0) on the right and below until the
    /// sides are multiples of `multiple`; with the padded width and height.
    pub fn part(&self, part: &Part, multiple: usize) -> (Vec<f32>, usize, usize) {
        let (width, height) = (part.width.next_multiple_of(multiple), part.height.next_multiple_of(multiple));
        let mut pixels = vec![0.0; width * height];
        for row in 0..part.height {
            let from = (part.y + row) * self.width + part.x;
            let to = row * width;
            pixels[to..to + part.width].copy_from_slice(&self.pixels[from..from + part.width]);
        }
        (pixels, width, height)
    }

    /// All pixels, filled up as those of a [part](Frame::part) are.
    pub fn padded(&self, multiple: usize) -> (Vec<f32>, usize, usize) {
        self.part(&self.whole(), multiple)
    }

    /// All of it.
    pub const fn whole(&self) -> Part {
        Part { x: 0, y: 0, width: self.width, height: self.height }
    }

    /// A part of the frame as a frame of its own, with the intensities that it has in the whole.
    #[must_use]
    pub fn cut(&self, part: &Part) -> Self {
        let (pixels, width, height) = self.part(part, 1);
        Self { pixels, width, height }
    }

    /// Twice as large, linear between pixels.
    #[must_use]
    pub fn doubled(&self) -> Self {
        self.resized(2 * self.width, 2 * self.height, |place| 0.5 * place as f32 - 0.25)
    }

    /// Half as large, the mean of four pixels each; an odd last row or column counts twice.
    #[must_use]
    pub fn halved(&self) -> Self {
        self.resized(self.width.div_ceil(2), self.height.div_ceil(2), |place| 2.0 * place as f32 + 0.5)
    }

    fn resized(&self, width: usize, height: usize, from: impl Fn(usize) -> f32) -> Self {
        if self.pixels.is_empty() {
            return Self { pixels: Vec::new(), width, height };
        }
        let columns: Vec<(usize, usize, f32)> = (0..width).map(|x| around(from(x), self.width)).collect();
        let mut pixels = Vec::with_capacity(width * height);
        for y in 0..height {
            let (upper, lower, down) = around(from(y), self.height);
            let row = |row: usize| &self.pixels[row * self.width..(row + 1) * self.width];
            let (upper, lower) = (row(upper), row(lower));
            for (left, right, across) in &columns {
                let above = upper[*left] + (upper[*right] - upper[*left]) * across;
                let below = lower[*left] + (lower[*right] - lower[*left]) * across;
                pixels.push(above + (below - above) * down);
            }
        }
        Self { pixels, width, height }
    }
}

fn around(place: f32, count: usize) -> (usize, usize, f32) {
    let place = place.max(0.0);
    let first = (place as usize).min(count - 1);
    (first, (first + 1).min(count - 1), place - place.floor())
}

/// A part of a frame, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// The first column.
    pub x: usize,
    /// The first row.
    pub y: usize,
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
}

/// Parts of at most `side` pixels a side that cover a frame, neighbours sharing at least `overlap` pixels, which is
/// less than `side`. A frame without pixels has none.
pub fn parts(width: usize, height: usize, side: usize, overlap: usize) -> Vec<Part> {
    let rows = pieces(height, side, overlap);
    let columns = pieces(width, side, overlap);
    let row = |(y, height): &(usize, usize)| {
        let (y, height) = (*y, *height);
        columns.iter().map(move |(x, width)| Part { x: *x, y, width: *width, height }).collect::<Vec<_>>()
    };
    rows.iter().flat_map(row).collect()
}

/// The [`parts`] of parts, where these lie in the frame.
pub(super) fn split(whole: &[Part], side: usize, overlap: usize) -> impl Iterator<Item = Part> {
    whole.iter().flat_map(move |whole| {
        let within = parts(whole.width, whole.height, side, overlap).into_iter();
        within.map(|part| Part { x: whole.x + part.x, y: whole.y + part.y, ..part })
    })
}

/// Starts and lengths of pieces of a line.
fn pieces(length: usize, side: usize, overlap: usize) -> Vec<(usize, usize)> {
    if length == 0 {
        return Vec::new();
    }
    if length <= side {
        return vec![(0, length)];
    }
    let count = (length - overlap).div_ceil(side - overlap);
    // No longer than needed, in even steps: the last piece ends where the line does.
    let piece = (length + (count - 1) * overlap).div_ceil(count);
    (0..count).map(|number| (number * (length - piece) / (count - 1), piece)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_broken_pixel_does_not_set_the_range_and_a_word_does() {
        let mut pixels: Vec<f32> = (0..10_000).map(|place| ((place % 100) as f32).powi(2) / 99.0).collect();
        let before = prepare(&pixels);
        assert!(before[99] > 0.9 && before[0] < 0.1);
        pixels[5000] = 1.0e30;
        let after = prepare(&pixels);
        assert_eq!(after[5000], 1.5);
        assert!((after[99] - before[99]).abs() < 0.02);
        pixels[6000..6100].fill(1000.0);
        assert!((prepare(&pixels)[6050] - 1.0).abs() < 1e-6 && prepare(&pixels)[99] < 0.11);
    }

    #[test]
    fn units_and_polarity_change_nothing() {
        let pixels: Vec<f32> = (0..4000).map(|place| ((place * 7919) % 251) as f32 / (1 + place % 3) as f32).collect();
        let scaled: Vec<f32> = pixels.iter().map(|pixel| 40.0 * pixel - 1024.0).collect();
        let inverted: Vec<f32> = pixels.iter().map(|pixel| 255.0 - pixel).collect();
        for other in [scaled, inverted] {
            for (one, other) in prepare(&pixels).iter().zip(prepare(&other)) {
                assert!((one - other).abs() < 1e-3);
            }
        }
    }

    #[test]
    fn a_wrong_count_is_refused() {
        let error = Frame::from_levels(&[0; 5], 2, 3).expect_err("one is missing").to_string();
        assert!(error.contains('5') && error.contains("2x3"), "{error}");
        Frame::from_numbers(&[], usize::MAX, 2).expect_err("too many");
        assert!(Frame::from_numbers(&[], 0, 7).expect("empty").pixels().is_empty());
    }

    #[test]
    fn doubling_and_halving_keep_places() {
        let pixels: Vec<f32> = (0..12).map(|place| (place % 4) as f32).collect();
        let frame = Frame::from_numbers(&pixels, 4, 3).expect("a frame");
        let doubled = frame.doubled();
        assert_eq!((doubled.width(), doubled.height()), (8, 6));
        assert!((doubled.pixels()[3] - (frame.pixels()[1] * 0.75 + frame.pixels()[2] * 0.25)).abs() < 1e-6);
        for (one, other) in doubled.halved().pixels().iter().zip(frame.pixels()) {
            assert!((one - other).abs() < 0.2);
        }
        let odd = Frame::from_levels(&[9], 1, 1).expect("a frame");
        assert_eq!((odd.halved().width(), odd.doubled().height()), (1, 2));
    }

    #[test]
    fn a_part_is_filled_up_with_ground() {
        let frame = Frame::from_levels(&[0, 1, 2, 3, 4, 50], 3, 2).expect("a frame");
        let (pixels, width, height) = frame.part(&Part { x: 1, y: 0, width: 2, height: 2 }, 4);
        assert_eq!((width, height, pixels.len()), (4, 4, 16));
        assert_eq!([pixels[0], pixels[5], pixels[6]], [frame.pixels()[1], frame.pixels()[5], 0.0]);
    }

    #[test]
    fn parts_are_no_larger_than_needed() {
        assert_eq!(pieces(1025, 1024, 128), [(0, 577), (448, 577)]);
        assert_eq!(pieces(1024, 1024, 128), [(0, 1024)]);
    }

    proptest! {
        #[test]
        fn parts_cover_every_pixel(
            width in 0_usize..90,
            height in 0_usize..40,
            side in 9_usize..33,
            overlap in 0_usize..8,
        ) {
            let parts = parts(width, height, side, overlap);
            let mut seen = vec![false; width * height];
            for part in &parts {
                prop_assert!(part.width <= side && part.height <= side);
                prop_assert!(part.x + part.width <= width && part.y + part.height <= height);
                for y in part.y..part.y + part.height {
                    seen[y * width + part.x..y * width + part.x + part.width].fill(true);
                }
            }
            prop_assert!(seen.iter().all(|seen| *seen));
            for pair in parts.windows(2).filter(|pair| pair[0].y == pair[1].y) {
                prop_assert!(pair[0].x + pair[0].width >= pair[1].x + overlap);
            }
        }
    }
}

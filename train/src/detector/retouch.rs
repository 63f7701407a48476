//! What happens to pictures on their way: scaling, noise, blur, window and level, polarity, the artefacts of JPEG.
//!
//! A picture is a rectangle of gray levels, mostly from 0 to 255. Everything is computed in one order on one thread, and what is
//! random comes from a stream, so that a patch is the same wherever it is made.

use crate::streams::unit;
use rand_chacha::ChaCha8Rng;

/// A rectangle of gray levels, row by row.
#[derive(Debug, Clone, PartialEq)]
pub struct Patch {
    /// Its width in pixels.
    pub columns: usize,
    /// Its levels, mostly from 0 to 255.
    pub levels: Vec<f32>,
}

/// Which pixels of a row or column make one of the patch, and how much of each.
struct Tap {
    first: usize,
    weights: Vec<f32>,
}

/// A part of a picture that becomes a patch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Window {
    /// Its left edge in the picture; it may lie outside.
    pub left: f64,
    /// Its upper edge.
    pub top: f64,
    /// Pixels of the patch for each of the picture.
    pub scale: f64,
}

/// Taps of a triangle as wide as a pixel of the larger grid, so that shrinking averages. None where the patch lies
/// outside of the picture.
fn taps(start: f64, scale: f64, side: usize, length: usize) -> Vec<Option<Tap>> {
    let reach = (1.0 / scale).max(1.0);
    let one = |place: usize| {
        let center = start + (place as f64 + 0.5) / scale;
        if center < 0.0 || center >= length as f64 {
            return None;
        }
        let first = (center - reach).floor().max(0.0) as usize;
        let end = ((center + reach).ceil() as usize).min(length);
        let weights: Vec<f64> =
            (first..end).map(|at| (1.0 - (at as f64 + 0.5 - center).abs() / reach).max(0.0)).collect();
        let sum: f64 = weights.iter().sum();
        Some(Tap { first, weights: weights.iter().map(|weight| (weight / sum) as f32).collect() })
    };
    (0..side).map(one).collect()
}

/// Cuts a window out of a picture with so many columns and rows, in any unit; what lies outside has the level 0.
pub fn resampled(
    pixels: &[f32],
    (columns, rows): (usize, usize),
    window: Window,
    (width, height): (usize, usize),
) -> Patch {
    let across = taps(window.left, window.scale, width, columns);
    let down = taps(window.top, window.scale, height, rows);
    let mut levels = vec![0.0; width * height];
    let mut row_levels = vec![0.0_f32; columns];
    for (row, tap) in down.iter().enumerate() {
        let Some(tap) = tap else { continue };
        row_levels.fill(0.0);
        for (at, weight) in (tap.first..).zip(&tap.weights) {
            for (sum, pixel) in row_levels.iter_mut().zip(&pixels[at * columns..(at + 1) * columns]) {
                *sum += weight * pixel;
            }
        }
        for (level, tap) in levels[row * width..(row + 1) * width].iter_mut().zip(&across) {
            let Some(tap) = tap else { continue };
            *level = tap.weights.iter().zip(&row_levels[tap.first..]).map(|(weight, level)| weight * level).sum();
        }
    }
    Patch { columns: width, levels }
}

/// Two independent draws from the standard normal distribution.
///
/// Source: G. E. P. Box, M. E. Muller, "A Note on the Generation of Random Normal Deviates", 1958.
fn normal_pair(random: &mut ChaCha8Rng) -> [f32; 2] {
    let radius = (-2.0 * (1.0 - unit(random)).ln()).sqrt();
    let angle = std::f64::consts::TAU * unit(random);
    [(radius * angle.cos()) as f32, (radius * angle.sin()) as f32]
}

impl Patch {
    /// Its height in pixels.
    pub fn rows(&self) -> usize {
        self.levels.len() / self.columns.max(1)
    }

    fn with_noise(mut self, random: &mut ChaCha8Rng, change: impl Fn(f32, f32) -> f32) -> Self {
        for pair in self.levels.chunks_mut(2) {
            for (level, draw) in pair.iter_mut().zip(normal_pair(random)) {
                *level = change(*level, draw);
            }
        }
        self
    }

    /// Adds Gaussian noise with a standard deviation in gray levels.
    pub fn noisy(self, deviation: f32, random: &mut ChaCha8Rng) -> Self {
        self.with_noise(random, |level, draw| level + deviation * draw)
    }

    /// Multiplies by noise around 1, as coherent waves do.
    pub fn speckled(self, deviation: f32, random: &mut ChaCha8Rng) -> Self {
        self.with_noise(random, |level, draw| level * (1.0 + deviation * draw).max(0.0))
    }

    /// Blurs with a Gaussian of a standard deviation in pixels; edges are continued.
    pub fn blurred(self, deviation_px: f32) -> Self {
        let reach = (3.0 * deviation_px).ceil() as usize;
        let bell = |at: usize| (-0.5 * (at as f32 / deviation_px).powi(2)).exp();
        let sum = bell(0) + 2.0 * (1..=reach).map(bell).sum::<f32>();
        let weights: Vec<f32> = (0..=reach).map(|at| bell(at) / sum).collect();
        self.along_rows(&weights).transposed().along_rows(&weights).transposed()
    }

    fn along_rows(&self, weights: &[f32]) -> Self {
        let mut levels = Vec::with_capacity(self.levels.len());
        for row in self.levels.chunks_exact(self.columns) {
            for place in 0..self.columns {
                let pair = |(at, weight): (usize, &f32)| {
                    weight * (row[place.saturating_sub(at)] + row[(place + at).min(self.columns - 1)])
                };
                levels.push(weights[0] * row[place] + weights.iter().enumerate().skip(1).map(pair).sum::<f32>());
            }
        }
        Self { columns: self.columns, levels }
    }

    fn transposed(&self) -> Self {
        let (columns, rows) = (self.columns, self.rows());
        let places = (0..columns).flat_map(|column| (0..rows).map(move |row| row * columns + column));
        Self { columns: rows, levels: places.map(|place| self.levels[place]).collect() }
    }

    /// Shows it with another window: `gain` times as much contrast around `center`, which comes to lie at
    /// `center + shift`, cut at black and white.
    pub fn windowed(mut self, center: f32, gain: f32, shift: f32) -> Self {
        self.levels.iter_mut().for_each(|level| *level = ((*level - center) * gain + center + shift).clamp(0.0, 255.0));
        self
    }

    /// Turns black and white round.
    pub fn inverted(mut self) -> Self {
        self.levels.iter_mut().for_each(|level| *level = 255.0 - *level);
        self
    }

    /// What is left after coding as JPEG with a quality from 1 to 100: its transform and its quantization; the coding
    /// of the numbers behind them loses nothing. Blocks that the patch cuts are left as they are.
    ///
    /// Source: ITU-T T.81, A.3.3 and table K.1; qualities as the Independent JPEG Group scales that table.
    pub fn through_jpeg(mut self, quality: u32) -> Self {
        let basis = cosines();
        let steps = quantization(quality);
        for top in (0..self.rows() / 8).map(|block| block * 8) {
            for left in (0..self.columns / 8).map(|block| block * 8) {
                let mut block = [0.0; 64];
                for (place, value) in block.iter_mut().enumerate() {
                    let level = self.levels[(top + place / 8) * self.columns + left + place % 8];
                    *value = level.clamp(0.0, 255.0).round() - 128.0;
                }
                let mut waves = transformed(&basis, &block);
                waves.iter_mut().zip(&steps).for_each(|(wave, step)| *wave = (*wave / step).round() * step);
                for (place, value) in transformed_back(&basis, &waves).iter().enumerate() {
                    self.levels[(top + place / 8) * self.columns + left + place % 8] =
                        (value + 128.0).clamp(0.0, 255.0);
                }
            }
        }
        self
    }
}

/// The cosines of the transform: row `wave`, column `place`.
fn cosines() -> [f32; 64] {
    std::array::from_fn(|at| {
        let (wave, place) = ((at / 8) as f64, (at % 8) as f64);
        let share = if at < 8 { 0.125_f64.sqrt() } else { 0.5 };
        (share * ((2.0 * place + 1.0) * wave * std::f64::consts::PI / 16.0).cos()) as f32
    })
}

/// `basis · block · basisᵀ`.
fn transformed(basis: &[f32; 64], block: &[f32; 64]) -> [f32; 64] {
    let rows = product(block, |k, column| basis[column * 8 + k]);
    product(basis, |k, column| rows[k * 8 + column])
}

/// `basisᵀ · waves · basis`.
fn transformed_back(basis: &[f32; 64], waves: &[f32; 64]) -> [f32; 64] {
    let rows = product(waves, |k, column| basis[k * 8 + column]);
    let turned: [f32; 64] = std::array::from_fn(|at| basis[(at % 8) * 8 + at / 8]);
    product(&turned, |k, column| rows[k * 8 + column])
}

fn product(one: &[f32; 64], other: impl Fn(usize, usize) -> f32) -> [f32; 64] {
    std::array::from_fn(|at| (0..8).map(|k| one[(at / 8) * 8 + k] * other(k, at % 8)).sum())
}

fn quantization(quality: u32) -> [f32; 64] {
    const LUMINANCE: [u32; 64] = [
        16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29,
        51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121,
        120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
    ];
    let quality = quality.clamp(1, 100);
    let percent = if quality < 50 { 5000 / quality } else { 200 - 2 * quality };
    LUMINANCE.map(|step| ((step * percent + 50) / 100).clamp(1, 255) as f32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::streams::stream;

    fn ramp(side: usize) -> Patch {
        Patch { columns: side, levels: (0..side * side).map(|place| ((place % side) * 255 / side) as f32).collect() }
    }

    fn bytes(square: &Patch) -> Vec<u8> {
        square.levels.iter().map(|level| level.clamp(0.0, 255.0).round() as u8).collect()
    }

    fn mean(levels: &[f32]) -> f64 {
        levels.iter().copied().map(f64::from).sum::<f64>() / levels.len() as f64
    }

    #[test]
    fn a_window_of_the_same_size_is_the_picture_and_outside_is_0() {
        let pixels: Vec<f32> = (0..48).map(|place| place as f32).collect();
        let window = Window { left: -1.0, top: 2.0, scale: 1.0 };
        let square = resampled(&pixels, (8, 6), window, (8, 8));
        assert_eq!(square.levels[..4], [0.0, 16.0, 17.0, 18.0]);
        assert_eq!(square.levels[8 * 3..8 * 3 + 2], [0.0, 40.0]);
        assert_eq!(square.levels[8 * 4..], [0.0; 32]);
    }

    #[test]
    fn shrinking_averages_and_growing_interpolates() {
        let pixels: Vec<f32> = (0..64).map(|place| if place % 2 == 0 { 0.0 } else { 200.0 }).collect();
        let half = resampled(&pixels, (8, 8), Window { left: 0.0, top: 0.0, scale: 0.5 }, (4, 4));
        assert!(half.levels.iter().all(|level| (level - 100.0).abs() < 60.0), "{half:?}");
        assert!((mean(&half.levels) - 100.0).abs() < 20.0);
        let double = resampled(&pixels, (8, 8), Window { left: 2.0, top: 2.0, scale: 2.0 }, (8, 8));
        assert_eq!(double.levels[1..5], [50.0, 150.0, 150.0, 50.0]);
    }

    #[test]
    fn noise_has_its_deviation() {
        let flat = || Patch { columns: 64, levels: vec![100.0; 4096] };
        for (square, expected) in [
            (flat().noisy(10.0, &mut stream(1, "test", &[])), 10.0),
            (flat().speckled(0.2, &mut stream(1, "test", &[])), 20.0),
        ] {
            let mean = mean(&square.levels);
            let variance = square.levels.iter().map(|level| (f64::from(*level) - mean).powi(2)).sum::<f64>() / 4096.0;
            assert!((mean - 100.0).abs() < 1.5, "{mean}");
            assert!((variance.sqrt() / expected - 1.0).abs() < 0.05, "{variance}");
        }
    }

    #[test]
    fn blur_keeps_what_is_flat_and_spreads_a_point() {
        let mut point = Patch { columns: 33, levels: vec![0.0; 33 * 33] };
        point.levels[16 * 33 + 16] = 1000.0;
        let blurred = point.blurred(1.5);
        assert!((blurred.levels.iter().sum::<f32>() - 1000.0).abs() < 0.1);
        let variance: f32 = (0..33)
            .map(|row| (row as f32 - 16.0).powi(2) * blurred.levels[row * 33..(row + 1) * 33].iter().sum::<f32>())
            .sum::<f32>()
            / 1000.0;
        assert!((variance - 2.25).abs() < 0.1, "{variance}");
        let flat = Patch { columns: 8, levels: vec![42.0; 64] }.blurred(0.7);
        assert!(flat.levels.iter().all(|level| (level - 42.0).abs() < 1e-3));
    }

    #[test]
    fn windows_and_polarity() {
        let square = Patch { columns: 2, levels: vec![0.0, 100.0, 130.0, 255.0] };
        assert_eq!(square.clone().windowed(100.0, 2.0, 10.0).levels, [0.0, 110.0, 170.0, 255.0]);
        assert_eq!(square.inverted().levels, [255.0, 155.0, 125.0, 0.0]);
    }

    /// An encoder and a decoder of other authors leave the same.
    #[test]
    fn jpeg_leaves_what_codecs_leave() {
        let picture = ramp(64).noisy(20.0, &mut stream(3, "test", &[]));
        let before = bytes(&picture);
        for quality in [20, 50, 90] {
            let mut file = Vec::new();
            let mut encoder = jpeg_encoder::Encoder::new(&mut file, quality);
            encoder.set_quantization_tables(
                jpeg_encoder::QuantizationTableType::Default,
                jpeg_encoder::QuantizationTableType::Default,
            );
            encoder.encode(&before, 64, 64, jpeg_encoder::ColorType::Luma).expect("encoded");
            let decoded = jpeg_decoder::Decoder::new(&file[..]).decode().expect("decoded");
            let own = bytes(&picture.clone().through_jpeg(quality.into()));
            let far = own.iter().zip(&decoded).map(|(one, other)| u32::from(one.abs_diff(*other))).sum::<u32>();
            let changed = own.iter().zip(&before).map(|(one, other)| u32::from(one.abs_diff(*other))).sum::<u32>();
            // Fast integer transforms round a few coefficients the other way.
            assert!(far * 8 < changed, "quality {quality}: {far} of {changed}");
        }
    }
}

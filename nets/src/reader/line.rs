//! A line of text as the network reads it: ground 0, ink 1, always as high.

use super::ReaderConfig;

/// The share of pixels that are taken for ink when levels are looked for: a line of words has four times as many.
const INK_SHARE: f32 = 0.025;
/// How far beyond ground and ink values are kept, in the distance of the two.
const MARGIN: f32 = 0.5;
/// Lines are at least this far apart in level for their contrast to be stretched: less is the noise of a flat ground.
const LEAST_SPAN: f32 = 4.0;
/// No line is longer: what is has its end cut off.
const MOST_COLUMNS: usize = 8192;

/// A line, scaled.
#[derive(Debug, Clone, PartialEq)]
pub struct LineImage {
    levels: Vec<f32>,
    columns: usize,
    /// Columns of the image for each pixel of the original.
    factor: f32,
}

/// Ground and ink of a line: ground is the median, since text covers a small part of it, and ink lies at the end of the
/// range that is further from it.
fn ground_and_ink(pixels: &[u8]) -> [f32; 2] {
    let mut counts = [0_usize; 256];
    for pixel in pixels {
        counts[usize::from(*pixel)] += 1;
    }
    let last = pixels.len() - 1;
    let beyond = ((last as f32 * INK_SHARE) as usize).min(last / 2);
    let at = |rank: usize| {
        let mut seen = 0;
        let level = counts.iter().position(|count| {
            seen += count;
            seen > rank
        });
        level.unwrap_or(255) as f32
    };
    let (dark, ground, light) = (at(beyond), at(last / 2), at(last - beyond));
    if light - ground >= ground - dark { [ground, light] } else { [ground, dark] }
}

/// Which pixels make one of the result, and how much of each: a triangle as wide as a pixel of the coarser grid.
struct Tap {
    first: usize,
    weights: Vec<f32>,
}

fn taps(length: usize, result: usize, factor: f32) -> Vec<Tap> {
    let reach = (1.0 / factor).max(1.0);
    let one = |place: usize| {
        let center = (place as f32 + 0.5) / factor;
        let first = ((center - reach).floor().max(0.0) as usize).min(length - 1);
        let end = ((center + reach).ceil() as usize).clamp(first + 1, length);
        let weights: Vec<f32> =
            (first..end).map(|at| (1.0 - (at as f32 + 0.5 - center).abs() / reach).max(0.0)).collect();
        let sum: f32 = weights.iter().sum();
        if sum > 0.0 {
            Tap { first, weights: weights.iter().map(|weight| weight / sum).collect() }
        } else {
            Tap { first: end - 1, weights: vec![1.0] }
        }
    };
    (0..result).map(one).collect()
}

impl LineImage {
    /// Scales an upright line of gray levels, row after row; nothing if it has no pixels, or not `columns * rows` of them.
    pub fn of(pixels: &[u8], columns: usize, rows: usize, config: &ReaderConfig) -> Option<Self> {
        if pixels.is_empty() || columns.checked_mul(rows) != Some(pixels.len()) {
            return None;
        }
        let down = config.rows as f32 / rows as f32;
        let factor = down * config.stretch;
        let step = config.step_columns();
        let filled = ((columns as f32 * factor).ceil() as usize).clamp(1, MOST_COLUMNS);
        let width = filled.next_multiple_of(step);
        let [ground, ink] = ground_and_ink(pixels);
        let span = if (ink - ground).abs() >= LEAST_SPAN { ink - ground } else { LEAST_SPAN };
        let value = |level: f32| ((level - ground) / span).clamp(-MARGIN, 1.0 + MARGIN);
        let (across, downwards) = (taps(columns, filled, factor), taps(rows, config.rows, down));
        let mut levels = vec![0.0; width * config.rows];
        let mut sums = vec![0.0_f32; columns];
        for (row, tap) in downwards.iter().enumerate() {
            sums.fill(0.0);
            for (at, weight) in (tap.first..).zip(&tap.weights) {
                for (sum, pixel) in sums.iter_mut().zip(&pixels[at * columns..(at + 1) * columns]) {
                    *sum += weight * f32::from(*pixel);
                }
            }
            for (level, tap) in levels[row * width..].iter_mut().zip(&across) {
                *level = value(tap.weights.iter().zip(&sums[tap.first..]).map(|(weight, sum)| weight * sum).sum());
            }
        }
        Some(Self { levels, columns: width, factor })
    }

    /// Levels, row after row: 0 is ground, 1 is ink.
    pub fn levels(&self) -> &[f32] {
        &self.levels
    }

    /// For each column, whether there is ink in it: a level nearer to it than to the ground.
    pub fn inked(&self) -> Vec<bool> {
        let rows = self.levels.len() / self.columns;
        (0..self.columns).map(|column| (0..rows).any(|row| self.levels[row * self.columns + column] >= 0.5)).collect()
    }

    /// Its columns.
    pub const fn columns(&self) -> usize {
        self.columns
    }

    /// The column of the original that a column of it is.
    pub fn original(&self, column: f32) -> f32 {
        column / self.factor
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> ReaderConfig {
        ReaderConfig::compact()
    }

    /// 40 by 12 pixels, a bar of ink in the columns 10 to 14.
    fn bar(ground: u8, ink: u8) -> Vec<u8> {
        (0..480).map(|place| if (10..14).contains(&(place % 40)) { ink } else { ground }).collect()
    }

    #[test]
    fn polarity_and_contrast_change_nothing() {
        let line = LineImage::of(&bar(10, 250), 40, 12, &config()).expect("a line");
        assert_eq!((line.levels().len(), line.columns()), (24 * 140, 140));
        for (ground, ink) in [(250, 10), (100, 130), (130, 90)] {
            let other = LineImage::of(&bar(ground, ink), 40, 12, &config()).expect("a line");
            assert!(line.levels().iter().zip(other.levels()).all(|(one, other)| (one - other).abs() < 1e-4));
        }
        let middle = &line.levels()[12 * 140..13 * 140];
        assert!(middle[42] > 0.95 && middle[20].abs() < 1e-6 && middle[100].abs() < 1e-6);
        assert_eq!(line.original(42.0), 12.0);
    }

    #[test]
    fn high_lines_are_made_lower_and_flat_ones_stay_flat() {
        let line = LineImage::of(&vec![9; 400 * 96], 400, 96, &config()).expect("a line");
        assert_eq!(line.columns(), 176);
        assert!(line.levels().iter().all(|level| level.abs() < 1e-5));
        let one = LineImage::of(&[200], 1, 1, &config()).expect("a pixel");
        assert_eq!(one.columns() % config().step_columns(), 0);
    }

    #[test]
    fn what_is_no_image_is_none() {
        assert_eq!(LineImage::of(&[], 0, 0, &config()), None);
        assert_eq!(LineImage::of(&[1, 2, 3], 2, 2, &config()), None);
        assert_eq!(LineImage::of(&[1, 2], usize::MAX, 2, &config()), None);
    }
}

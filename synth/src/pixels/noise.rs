//! Tiles of noise that every image takes its texture from: made once, read by rows at random offsets.
//!
//! The tiles are the same in every suite; where an image reads them comes from its own stream.

use crate::streams::Streams;
use crate::vocabulary::Split;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use std::sync::OnceLock;

/// Side of a tile, a power of two.
pub(super) const SIDE: usize = 512;
const MASK: usize = SIDE - 1;

/// Standard deviation of [`Tiles::white`], and about the amplitude of the smooth tiles.
pub(super) const UNIT: i32 = 256;

/// A square of numbers that repeats in both directions.
pub(super) struct Tile(Vec<i16>);

impl Tile {
    pub(super) fn at(&self, x: usize, y: usize) -> i32 {
        i32::from(self.0[(y & MASK) * SIDE + (x & MASK)])
    }

    /// One row from a column on, as often as the tile repeats.
    pub(super) fn row(&self, x: usize, y: usize) -> impl Iterator<Item = i32> + '_ {
        let row = &self.0[(y & MASK) * SIDE..][..SIDE];
        let start = x & MASK;
        row[start..].iter().chain(row.iter().cycle()).map(|value| i32::from(*value))
    }
}

/// All noise of the drawn images.
pub(super) struct Tiles {
    /// Independent, near Gaussian, standard deviation [`UNIT`].
    pub(super) white: Tile,
    /// Value noise whose grain is about 6 pixels.
    pub(super) fine: Tile,
    /// Value noise whose grain is about 24 pixels.
    pub(super) middle: Tile,
    /// Value noise whose grain is about 96 pixels.
    pub(super) coarse: Tile,
    /// Several octaves of value noise together.
    pub(super) cloud: Tile,
    /// Envelope of ultrasound echoes, 0 to about 1,000: columns are beams, rows are depths.
    pub(super) speckle: Tile,
}

pub(super) fn tiles() -> &'static Tiles {
    static TILES: OnceLock<Tiles> = OnceLock::new();
    TILES.get_or_init(|| {
        let rng = &mut Streams::of(0, Split::Test).stream("noise tiles", &[]);
        let fine = value_noise(rng, SIDE / 6);
        let middle = value_noise(rng, SIDE / 24);
        let coarse = value_noise(rng, SIDE / 96);
        let cloud = (0..SIDE * SIDE)
            .map(|at| (i32::from(coarse.0[at]) * 4 + i32::from(middle.0[at]) * 3 + i32::from(fine.0[at])) / 6)
            .map(|value| value as i16)
            .collect();
        Tiles { white: white(rng), speckle: speckle(rng), fine, middle, coarse, cloud: Tile(cloud) }
    })
}

/// The sum of four uniform numbers is near enough to Gaussian.
fn gaussian(rng: &mut ChaCha8Rng) -> i16 {
    let sum: i32 = (0..4).map(|_| rng.random_range(-222..=222)).sum();
    sum as i16
}

fn white(rng: &mut ChaCha8Rng) -> Tile {
    Tile((0..SIDE * SIDE).map(|_| gaussian(rng)).collect())
}

/// Random values on a grid of `n_cells` by `n_cells`, with smooth steps between them, that repeats at the borders.
fn value_noise(rng: &mut ChaCha8Rng, n_cells: usize) -> Tile {
    let n_cells = n_cells.max(1);
    let knots: Vec<f32> = (0..n_cells * n_cells).map(|_| f32::from(gaussian(rng))).collect();
    let place = |at: usize| {
        let position = at as f32 * n_cells as f32 / SIDE as f32;
        let cell = position as usize % n_cells;
        let t = position.fract();
        (cell, (cell + 1) % n_cells, t * t * (3.0 - 2.0 * t))
    };
    let mut values = Vec::with_capacity(SIDE * SIDE);
    for y in 0..SIDE {
        let (y0, y1, v) = place(y);
        for x in 0..SIDE {
            let (x0, x1, u) = place(x);
            let mix = |row: usize| knots[row * n_cells + x0] * (1.0 - u) + knots[row * n_cells + x1] * u;
            values.push((mix(y0) * (1.0 - v) + mix(y1) * v) as i16);
        }
    }
    Tile(values)
}

/// Echoes of many scatterers: the length of a complex Gaussian, smoothed over neighbouring beams and depths, so
/// that spots are wider across the beams than along them.
fn speckle(rng: &mut ChaCha8Rng) -> Tile {
    let smoothed = |rng: &mut ChaCha8Rng| -> Vec<i32> {
        let raw: Vec<i32> = (0..SIDE * SIDE).map(|_| i32::from(gaussian(rng))).collect();
        let at = |x: usize, y: usize| raw[(y & MASK) * SIDE + (x & MASK)];
        let across =
            |x: usize, y: usize| at(x, y) + 2 * at(x + 1, y) + 3 * at(x + 2, y) + 2 * at(x + 3, y) + at(x + 4, y);
        (0..SIDE * SIDE)
            .map(|place| (place % SIDE, place / SIDE))
            .map(|(x, y)| (across(x, y) + 2 * across(x, y + 1) + across(x, y + 2)) / 11)
            .collect()
    };
    let (real, imaginary) = (smoothed(rng), smoothed(rng));
    let envelope = real.iter().zip(&imaginary).map(|(re, im)| f64::from(re * re + im * im).sqrt() as i16);
    Tile(envelope.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn correlation(tile: &Tile, dx: usize, dy: usize) -> f64 {
        let mean = tile.0.iter().map(|value| f64::from(*value)).sum::<f64>() / tile.0.len() as f64;
        let (mut product, mut square) = (0.0, 0.0);
        for y in 0..SIDE {
            for x in 0..SIDE {
                let here = f64::from(tile.at(x, y)) - mean;
                product += here * (f64::from(tile.at(x + dx, y + dy)) - mean);
                square += here * here;
            }
        }
        product / square
    }

    #[test]
    fn tiles_have_the_grain_they_promise() {
        let tiles = tiles();
        let deviation =
            (tiles.white.0.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>() / (SIDE * SIDE) as f64).sqrt();
        assert!((deviation / f64::from(UNIT) - 1.0).abs() < 0.02, "{deviation}");
        assert!(correlation(&tiles.white, 1, 0).abs() < 0.02);
        assert!(correlation(&tiles.fine, 2, 0) > 0.5 && correlation(&tiles.fine, 20, 0).abs() < 0.1);
        assert!(correlation(&tiles.coarse, 20, 0) > 0.7);
        // Wider across the beams than along them.
        assert!(correlation(&tiles.speckle, 2, 0) > 1.3 * correlation(&tiles.speckle, 0, 2));
    }
}

//! Values continued from the edge of an area into it.
//!
//! Inside, every pixel is the mean of its neighbours above, below, left and right: Laplace's equation, whose solution is
//! the smoothest continuation of its border and has no extremes of its own. It is found by successive over-relaxation,
//! pixel after pixel in one order, so the result is the same on every machine and at any number of threads.
//!
//! Source: Young, Iterative Solution of Large Linear Systems (1971), chapter 6, for the factor.

use std::f64::consts::PI;

/// Steps are repeated until values are off by no more than this many stored levels, or this share of the border's range.
const TOLERANCE_LEVELS: f64 = 0.05;
const TOLERANCE_SHARE: f64 = 0.001;
/// Updates of pixels that one area may cost. A larger one is left where it is by then, which is smooth all the same.
const MOST_UPDATES: usize = 1_000_000_000;

/// What lies on one side of a pixel.
#[derive(Debug, Clone, Copy)]
enum Neighbour {
    /// The frame ends: nothing flows across.
    None,
    /// A pixel of the area, by its place in the area.
    Inside(usize),
    /// A pixel around the area.
    Known([f64; 3]),
}

/// An area of a frame.
pub(crate) struct Area<'a> {
    /// Columns and rows of the frame.
    pub(crate) size: (usize, usize),
    /// The pixels of the area, row by row, in order and each once.
    pub(crate) pixels: &'a [usize],
}

impl Area<'_> {
    /// The continued samples of each pixel of the area. `known` gives those of pixels around it, and is asked about no
    /// other; at least one pixel of the frame lies outside the area.
    pub(crate) fn continued(&self, known: impl Fn(usize) -> [f64; 3]) -> Vec<[f64; 3]> {
        let neighbours: Vec<[Neighbour; 4]> =
            self.pixels.iter().map(|&pixel| self.sides(pixel).map(|side| self.neighbour(side, &known))).collect();
        let border: Vec<[f64; 3]> = neighbours
            .iter()
            .flatten()
            .filter_map(|side| if let Neighbour::Known(values) = side { Some(*values) } else { None })
            .collect();
        let mean = |sample: usize| border.iter().map(|values| values[sample]).sum::<f64>() / border.len().max(1) as f64;
        let mut values = vec![std::array::from_fn(mean); self.pixels.len()];
        let factor = self.factor();
        // What is left to go is about the last step over one minus the rate of convergence, which is the factor less one.
        let least_step = (2.0 - factor) * TOLERANCE_LEVELS.max(TOLERANCE_SHARE * range(&border));
        for _ in 0..self.most_rounds() {
            let mut greatest_step = 0.0_f64;
            for (idx, sides) in neighbours.iter().enumerate() {
                greatest_step = greatest_step.max(relax(&mut values, idx, sides, factor));
            }
            if greatest_step <= least_step {
                break;
            }
        }
        values
    }

    /// The pixels above, left, right and below; `None` outside the frame.
    fn sides(&self, pixel: usize) -> [Option<usize>; 4] {
        let (columns, rows) = self.size;
        let (x, y) = (pixel % columns, pixel / columns);
        [
            (y > 0).then(|| pixel - columns),
            (x > 0).then(|| pixel - 1),
            (x + 1 < columns).then(|| pixel + 1),
            (y + 1 < rows).then(|| pixel + columns),
        ]
    }

    fn neighbour(&self, side: Option<usize>, known: &impl Fn(usize) -> [f64; 3]) -> Neighbour {
        let Some(side) = side else { return Neighbour::None };
        self.pixels.binary_search(&side).map_or_else(|_| Neighbour::Known(known(side)), Neighbour::Inside)
    }

    /// How many pixels it takes from border to border at most, across and down. Where the frame ends, the border is as
    /// far again.
    fn extent(&self) -> (usize, usize) {
        let (columns, rows) = self.size;
        let span = |least: usize, greatest: usize, end: usize| {
            (greatest - least + 2) * if least == 0 || greatest + 1 == end { 2 } else { 1 }
        };
        let across = self.pixels.iter().map(|pixel| pixel % columns);
        let (left, right) = (across.clone().min().unwrap_or(0), across.max().unwrap_or(0));
        let (top, bottom) =
            (self.pixels.first().map_or(0, |p| p / columns), self.pixels.last().map_or(0, |p| p / columns));
        (span(left, right, columns), span(top, bottom, rows))
    }

    /// The factor at which a rectangle as large as the area converges fastest.
    fn factor(&self) -> f64 {
        let (across, down) = self.extent();
        let radius = 0.5 * ((PI / across as f64).cos() + (PI / down as f64).cos());
        2.0 / (1.0 + (1.0 - radius * radius).sqrt())
    }

    fn most_rounds(&self) -> usize {
        let (across, down) = self.extent();
        (20 * across.min(down)).max(100).min(MOST_UPDATES / self.pixels.len().max(1))
    }
}

/// Moves a pixel towards the mean of its neighbours, and says how far.
fn relax(values: &mut [[f64; 3]], idx: usize, sides: &[Neighbour; 4], factor: f64) -> f64 {
    let mut sum = [0.0; 3];
    let mut n_sides = 0.0;
    for side in sides {
        let side = match side {
            Neighbour::None => continue,
            Neighbour::Inside(inside) => values[*inside],
            Neighbour::Known(known) => *known,
        };
        n_sides += 1.0;
        sum.iter_mut().zip(side).for_each(|(sum, value)| *sum += value);
    }
    if n_sides == 0.0 {
        return 0.0;
    }
    let mut greatest = 0.0_f64;
    for (value, sum) in values[idx].iter_mut().zip(sum) {
        let step = factor * (sum / n_sides - *value);
        *value += step;
        greatest = greatest.max(step.abs());
    }
    greatest
}

/// Greatest less least value, of the sample where that is most.
fn range(values: &[[f64; 3]]) -> f64 {
    let of = |sample: usize| {
        let all = values.iter().map(|value| value[sample]);
        let (least, greatest) = (all.clone().fold(f64::INFINITY, f64::min), all.fold(f64::NEG_INFINITY, f64::max));
        (greatest - least).max(0.0)
    };
    (0..3).map(of).fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rectangle(size: (usize, usize), across: std::ops::Range<usize>, down: std::ops::Range<usize>) -> Vec<usize> {
        down.flat_map(|y| across.clone().map(move |x| y * size.0 + x)).collect()
    }

    #[test]
    fn what_is_harmonic_is_continued_as_it_is() {
        let size = (60, 40);
        let pixels = rectangle(size, 10..45, 8..30);
        // Both are solutions of the discrete equation.
        let surface = |pixel: usize| {
            let (x, y) = ((pixel % size.0) as f64, (pixel / size.0) as f64);
            [3.0 * x - 2.0 * y + 7.0, x * y, x * x - y * y]
        };
        let values = Area { size, pixels: &pixels }.continued(surface);
        let range = 2500.0;
        for (pixel, value) in pixels.iter().zip(values) {
            for (found, expect) in value.into_iter().zip(surface(*pixel)) {
                assert!((found - expect).abs() < 4.0 * TOLERANCE_SHARE * range, "{pixel}: {found} {expect}");
            }
        }
    }

    #[test]
    fn nothing_flows_across_the_end_of_the_frame() {
        let size = (30, 9);
        // The lower left corner: two sides end with the frame.
        let pixels = rectangle(size, 0..12, 3..9);
        let values = Area { size, pixels: &pixels }.continued(|_| [40.0, -3.0, 0.0]);
        assert!(values.iter().all(|value| (value[0] - 40.0).abs() < 0.1 && (value[1] + 3.0).abs() < 0.1));
    }

    #[test]
    fn values_stay_between_those_of_the_border() {
        let size = (80, 80);
        let pixels = rectangle(size, 1..79, 1..79);
        let noise = |pixel: usize| (pixel as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56;
        let values = Area { size, pixels: &pixels }.continued(|pixel| [noise(pixel) as f64; 3]);
        assert!(values.iter().flatten().all(|value| (0.0..=255.0).contains(value)));
    }
}

//! RoI-align (He et al. 2017): features of a box of any size, as many for each box.
//!
//! Every level's cells become rows of one table `[cells, channels]`. A bin of a box is the mean of its samples, a
//! sample the bilinear mean of four cells, so a bin is a product of a few weights with as many rows: gathering rows
//! and one batched product have gradients of their own and are faster than anything else that burn can express.
//!
//! The numbers are those of torchvision's `roi_align` with `aligned=True`; its `LevelMapper` says which level a box
//! reads.

use super::boxes::Corners;
use super::config::RegionConfig;
use super::pyramid::Pyramid;
use burn::tensor::{Int, Tensor, TensorData};

/// A box in an image of a batch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Region {
    /// The image.
    pub image: usize,
    /// Where, in pixels.
    pub corners: Corners,
}

/// Which of `levels` levels a box reads: each doubling of the root of its area goes one level up, and
/// `canonical_side_px` squared pixels read `canonical_level`.
pub fn level_of(corners: &Corners, config: &RegionConfig, levels: usize) -> usize {
    let doublings = (corners.area().sqrt() / config.canonical_side_px).log2();
    let level = (config.canonical_level as f32 + doublings + 1.0e-6).floor();
    // A box without area has no logarithm that is a number, and reads the finest level.
    level.clamp(0.0, levels.saturating_sub(1) as f32) as usize
}

/// Where the cells of a level lie in the table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) first: usize,
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) stride: f32,
}

/// The cells of all levels of a pyramid, one below the other.
#[derive(Debug, Clone)]
pub struct CellTable {
    cells: Tensor<2>,
    places: Vec<Place>,
}

/// The cells that a bin reads, and how much each counts.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) cells: Vec<i32>,
    pub(super) weights: Vec<f32>,
}

impl CellTable {
    /// Lays out the cells of a pyramid.
    pub fn new(pyramid: &Pyramid) -> Self {
        let mut first = 0;
        let mut places = Vec::with_capacity(pyramid.levels.len());
        let mut tables = Vec::with_capacity(pyramid.levels.len());
        for (level, stride) in pyramid.levels.iter().zip(&pyramid.strides) {
            let [images, channels, rows, columns] = level.dims();
            places.push(Place { first, rows, columns, stride: *stride as f32 });
            first += images * rows * columns;
            tables.push(level.clone().permute([0, 2, 3, 1]).reshape([images * rows * columns, channels]));
        }
        Self { cells: Tensor::cat(tables, 0), places }
    }

    /// Features of boxes, `[boxes, bins * channels]`: bins from left to right and from top to bottom, all channels of a
    /// bin together. Each box is read from the level that [`level_of`] says.
    ///
    /// # Panics
    /// If there is no box: a tensor without elements has no product.
    pub fn pool(&self, regions: &[Region], config: &RegionConfig) -> Tensor<2> {
        let levels = self.places.len();
        let places = regions.iter().map(|region| level_of(&region.corners, config, levels)).collect::<Vec<_>>();
        self.pool_from(regions, &places, config)
    }

    /// The same with a level for each box.
    ///
    /// # Panics
    /// See [`CellTable::pool`].
    pub fn pool_from(&self, regions: &[Region], levels: &[usize], config: &RegionConfig) -> Tensor<2> {
        assert!(!regions.is_empty(), "there are boxes to pool");
        let [_, channels] = self.cells.dims();
        let read = 4 * config.samples * config.samples;
        let bins = config.rows * config.columns;
        let mut plan = Plan::default();
        plan.cells.reserve(regions.len() * bins * read);
        plan.weights.reserve(regions.len() * bins * read);
        for (region, level) in regions.iter().zip(levels) {
            plan.add(region, self.places[*level], config);
        }
        let device = self.cells.device();
        let count = regions.len() * bins;
        let cells = Tensor::<1, Int>::from_data(TensorData::new(plan.cells, [count * read]), &device);
        let weights = Tensor::<3>::from_data(TensorData::new(plan.weights, [count, 1, read]), &device);
        let gathered = self.cells.clone().select(0, cells).reshape([count, read, channels]);
        weights.matmul(gathered).reshape([regions.len(), bins * channels])
    }
}

impl Plan {
    pub(super) fn add(&mut self, region: &Region, place: Place, config: &RegionConfig) {
        let scale = 1.0 / place.stride;
        let corners = region.corners;
        let height = (corners.y1 * scale - 0.5) - (corners.y0 * scale - 0.5);
        let width = (corners.x1 * scale - 0.5) - (corners.x0 * scale - 0.5);
        let (high, wide) = (height / config.rows as f32, width / config.columns as f32);
        let (top, left) = (corners.y0 * scale - 0.5, corners.x0 * scale - 0.5);
        let share = 1.0 / (config.samples * config.samples) as f32;
        let first = place.first + region.image * place.rows * place.columns;
        for row in 0..config.rows {
            for column in 0..config.columns {
                for down in 0..config.samples {
                    let y = sample(top, high, row, down, config.samples);
                    for right in 0..config.samples {
                        let x = sample(left, wide, column, right, config.samples);
                        self.add_sample(y, x, place, first, share);
                    }
                }
            }
        }
    }

    fn add_sample(&mut self, y: f32, x: f32, place: Place, first: usize, share: f32) {
        let (Some((upper, lower, down)), Some((left, right, across))) =
            (between(y, place.rows), between(x, place.columns))
        else {
            self.cells.extend([first as i32; 4]);
            self.weights.extend([0.0; 4]);
            return;
        };
        let cell = |row: usize, column: usize| (first + row * place.columns + column) as i32;
        self.cells.extend([cell(upper, left), cell(upper, right), cell(lower, left), cell(lower, right)]);
        let (up, back) = (1.0 - down, 1.0 - across);
        self.weights.extend([up * back * share, up * across * share, down * back * share, down * across * share]);
    }
}

fn sample(start: f32, side: f32, bin: usize, sample: usize, samples: usize) -> f32 {
    start + bin as f32 * side + (sample as f32 + 0.5) * side / samples as f32
}

/// The two cells around a place, and how far it is from the first to the second; nothing if it is outside by more than
/// a cell.
fn between(place: f32, cells: usize) -> Option<(usize, usize, f32)> {
    if !(-1.0..=cells as f32).contains(&place) {
        return None;
    }
    let place = place.max(0.0);
    let low = place as usize;
    if low + 1 >= cells {
        return Some((cells - 1, cells - 1, 0.0));
    }
    Some((low, low + 1, place - low as f32))
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;

    fn config() -> RegionConfig {
        RegionConfig { rows: 2, columns: 3, samples: 2, canonical_side_px: 48.0, canonical_level: 1 }
    }

    fn pyramid(value: impl Fn(usize, usize, usize) -> f32) -> Pyramid {
        let level = |stride: usize| {
            let (rows, columns) = (32 / stride, 64 / stride);
            let numbers: Vec<f32> = (0..2)
                .flat_map(|image| (0..rows).flat_map(move |row| (0..columns).map(move |column| (image, row, column))))
                .map(|(image, row, column)| value(image, row * stride, column * stride))
                .collect();
            Tensor::from_data(TensorData::new(numbers, [2, 1, rows, columns]), &Device::flex())
        };
        Pyramid { levels: vec![level(4), level(8)], strides: vec![4, 8] }
    }

    fn pooled(pyramid: &Pyramid, regions: &[Region]) -> Vec<f32> {
        CellTable::new(pyramid).pool(regions, &config()).into_data().try_into_vec().expect("numbers")
    }

    #[test]
    fn a_plane_is_read_where_the_bins_are() {
        // The value of a cell is where its middle is, so a bin's is where the bin's middle is.
        let pyramid = pyramid(|image, _, x| (x + 2) as f32 + 1000.0 * image as f32);
        let corners = Corners::new(12.0, 8.0, 36.0, 20.0);
        let found = pooled(&pyramid, &[Region { image: 1, corners }, Region { image: 0, corners }]);
        let expected = [16.0, 24.0, 32.0, 16.0, 24.0, 32.0];
        for (place, value) in found.iter().enumerate() {
            let shift = if place < 6 { 1000.0 } else { 0.0 };
            assert!((value - expected[place % 6] - shift).abs() < 1e-3, "{found:?}");
        }
    }

    #[test]
    fn sizes_choose_levels() {
        let level = |side: f32| level_of(&Corners::new(0.0, 0.0, side, side), &config(), 3);
        assert_eq!([0.0, 10.0, 47.0, 48.0, 95.0, 96.0, 900.0].map(level), [0, 0, 0, 1, 1, 2, 2]);
        assert_eq!(level_of(&Corners::new(0.0, 0.0, 192.0, 12.0), &config(), 3), 1);
        assert_eq!(level_of(&Corners::new(5.0, 0.0, 1.0, 12.0), &config(), 3), 0);
    }

    #[test]
    fn boxes_outside_and_without_area_are_numbers() {
        let pyramid = pyramid(|_, y, x| (x * y) as f32);
        let boxes = [
            Corners::new(-900.0, -900.0, -800.0, -890.0),
            Corners::new(3.0, 3.0, 3.0, 3.0),
            Corners::new(63.0, 31.0, 64.0, 32.0),
            Corners::new(-9.0, -9.0, 900.0, 900.0),
        ];
        let regions = boxes.map(|corners| Region { image: 0, corners });
        let found = pooled(&pyramid, &regions);
        assert!(found.iter().all(|value| value.is_finite()));
        assert!(found[..6].iter().all(|value| *value == 0.0));
    }
}

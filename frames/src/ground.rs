//! What painted pixels hold where they take after the ground around them.
//!
//! Regions that touch are one area. Only pixels in no region are looked at, so nothing of what is painted over can be
//! told from the paint.

use crate::laplace::Area;
use crate::{Fill, Frame, Photometric, PixelDescription};
use efface_schema::PixelRegion;
use std::collections::BTreeMap;

/// How far around an area its ground is looked at, in pixels.
const RING_PX: u32 = 4;

/// The pixels under the regions, in order of place, with what their cells are to hold; unused bits are zero, or the
/// sign. An area without ground, which covers the whole frame, becomes black.
///
/// Indices into a palette and samples of one bit have no mean: they become the value of the ground that occurs most.
pub(crate) fn ground_cells(
    description: &PixelDescription,
    frame: &Frame,
    regions: &[PixelRegion],
    fill: Fill,
    black: [u32; 3],
) -> Vec<(usize, [u32; 3])> {
    let ground = Ground::new(description, frame, regions);
    let mut cells: Vec<(usize, [u32; 3])> = Vec::new();
    for area in areas(regions, frame) {
        let pixels = ground.pixels(&area, 0, |_| true);
        let ring = ground.pixels(&area, RING_PX, |pixel| !ground.is_painted[pixel]);
        if ring.is_empty() {
            cells.extend(pixels.into_iter().map(|pixel| (pixel, black)));
        } else if fill == Fill::Inpaint && ground.has_means() {
            let size = (frame.columns as usize, frame.rows as usize);
            let values =
                Area { size, pixels: &pixels }.continued(|pixel| ground.values(pixel).map(|value| value as f64));
            let rounded = values.into_iter().map(|value| ground.cells(value.map(|value| value.round() as i64)));
            cells.extend(pixels.iter().copied().zip(rounded));
        } else {
            let level = ground.cells(ground.level(&ring));
            cells.extend(pixels.into_iter().map(|pixel| (pixel, level)));
        }
    }
    cells.sort_unstable_by_key(|(pixel, _)| *pixel);
    cells
}

/// Regions put together as far as they touch.
fn areas(regions: &[PixelRegion], frame: &Frame) -> Vec<Vec<PixelRegion>> {
    let touch =
        |one: &PixelRegion, other: &PixelRegion| one.grown(1, frame.columns, frame.rows).intersection(other).is_some();
    let mut areas: Vec<Vec<PixelRegion>> = Vec::new();
    for region in regions {
        let joins = |area: &mut Vec<PixelRegion>| area.iter().any(|other| touch(region, other));
        let mut area: Vec<PixelRegion> = areas.extract_if(.., joins).flatten().collect();
        area.push(*region);
        areas.push(area);
    }
    areas
}

/// A frame and what of it is painted over.
struct Ground<'a> {
    description: &'a PixelDescription,
    frame: &'a Frame,
    is_painted: Vec<bool>,
}

impl<'a> Ground<'a> {
    fn new(description: &'a PixelDescription, frame: &'a Frame, regions: &[PixelRegion]) -> Self {
        let mut ground = Self { description, frame, is_painted: vec![false; description.n_pixels()] };
        for pixel in ground.pixels(regions, 0, |_| true) {
            ground.is_painted[pixel] = true;
        }
        ground
    }

    /// The pixels of regions grown by a margin, as far as they are wanted, in order and each once.
    fn pixels(&self, regions: &[PixelRegion], margin_px: u32, is_wanted: impl Fn(usize) -> bool) -> Vec<usize> {
        let Frame { columns, rows, .. } = *self.frame;
        let mut pixels: Vec<usize> = Vec::new();
        for region in regions.iter().map(|region| region.grown(margin_px, columns, rows)) {
            for y in region.y0..region.y1 {
                let row = y as usize * columns as usize;
                pixels.extend((row + region.x0 as usize..row + region.x1 as usize).filter(|&pixel| is_wanted(pixel)));
            }
        }
        pixels.sort_unstable();
        pixels.dedup();
        pixels
    }

    /// Whether a value between two others lies between what they mean.
    fn has_means(&self) -> bool {
        self.frame.photometric != Photometric::PaletteColor && self.description.bits_stored > 1
    }

    /// The stored values of a pixel; 0 for samples that it has not.
    fn values(&self, pixel: usize) -> [i64; 3] {
        let n_samples = usize::from(self.frame.samples_per_pixel);
        std::array::from_fn(
            |sample| {
                if sample < n_samples { self.frame.samples.at(pixel * n_samples + sample) } else { 0 }
            },
        )
    }

    /// Stored values as the cells hold them.
    fn cells(&self, values: [i64; 3]) -> [u32; 3] {
        let shift = u32::from(self.description.high_bit + 1 - self.description.bits_stored);
        // The cast keeps the sign of what fits a cell.
        values.map(|value| (value as u32) << shift)
    }

    /// The level of a ring: for each sample its median, the lower of two; without means, the least of the most frequent.
    fn level(&self, ring: &[usize]) -> [i64; 3] {
        std::array::from_fn(|sample| {
            let mut values: Vec<i64> = ring.iter().map(|&pixel| self.values(pixel)[sample]).collect();
            if self.has_means() {
                let middle = (values.len() - 1) / 2;
                return *values.select_nth_unstable(middle).1;
            }
            let mut counts: BTreeMap<i64, usize> = BTreeMap::new();
            values.into_iter().for_each(|value| *counts.entry(value).or_default() += 1);
            counts.into_iter().rev().max_by_key(|(_, count)| *count).map_or(0, |(value, _)| value)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Samples;

    fn region(x0: u32, x1: u32) -> PixelRegion {
        PixelRegion { x0, y0: 2, x1, y1: 4 }
    }

    fn frame(samples: Vec<u8>) -> Frame {
        let (columns, photometric) = (samples.len() as u32 / 6, Photometric::Monochrome2);
        Frame { columns, rows: 6, samples_per_pixel: 1, photometric, samples: Samples::U8(samples) }
    }

    #[test]
    fn regions_that_touch_are_one_area() {
        let frame = frame(vec![0; 240]);
        let parts = |regions: &[PixelRegion]| areas(regions, &frame).iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!(parts(&[region(0, 4), region(9, 12), region(4, 8)]), [1, 2]);
        assert_eq!(parts(&[region(0, 4), region(9, 12), region(4, 9)]), [3]);
    }
}

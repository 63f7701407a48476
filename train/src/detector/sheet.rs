//! A picture of squares as the network will see them, with their boxes: to look at before training.

use super::coco::Bounds;
use super::crops::Crop;
use super::draw::squares;
use super::{DetectorTraining, PictureStore};
use crate::error::TrainError;
use efface_nets::NetsError;
use image::{Rgb, RgbImage};
use std::path::Path;

/// Squares in a row of the sheet.
const PER_ROW: u32 = 4;
const GAP_PX: u32 = 4;
const WORD: Rgb<u8> = Rgb([60, 220, 60]);
const IGNORED: Rgb<u8> = Rgb([230, 60, 60]);

/// Writes the squares of the first steps of a run as a PNG file, words framed in green, what is neither right nor
/// wrong to find in red.
///
/// # Errors
/// Those of the pictures, and [`TrainError::Nets`].
pub fn write_sheet(config: &DetectorTraining, store: &PictureStore, path: &Path) -> Result<(), TrainError> {
    const STEPS: u64 = 10;
    let mut drawn = Vec::new();
    for step in 0..STEPS {
        drawn.extend(squares(config, store, step)?);
    }
    let cell = drawn.iter().map(|crop| crop.side).max().unwrap_or(1) + GAP_PX;
    let n_rows = u32::try_from(drawn.len()).unwrap_or(u32::MAX).div_ceil(PER_ROW);
    let mut sheet = RgbImage::from_pixel(PER_ROW * cell, n_rows * cell, Rgb([40, 44, 52]));
    for (number, crop) in (0..).zip(&drawn) {
        put(&mut sheet, crop, (number % PER_ROW) * cell, (number / PER_ROW) * cell);
    }
    let saved = sheet.save_with_format(path, image::ImageFormat::Png).map_err(std::io::Error::other);
    Ok(saved.map_err(NetsError::writing(path))?)
}

fn put(sheet: &mut RgbImage, crop: &Crop, left: u32, top: u32) {
    for (place, intensity) in (0..).zip(&crop.pixels) {
        let level = (intensity * 255.0).clamp(0.0, 255.0) as u8;
        sheet.put_pixel(left + place % crop.side, top + place / crop.side, Rgb([level; 3]));
    }
    let boxes = crop.words.iter().map(|word| (word, WORD)).chain(crop.ignored.iter().map(|text| (text, IGNORED)));
    for (bounds, color) in boxes {
        outline(sheet, bounds, color, crop.side, (left, top));
    }
}

fn outline(sheet: &mut RgbImage, bounds: &Bounds, color: Rgb<u8>, side: u32, (left, top): (u32, u32)) {
    let inside = |edge: f32| (edge.max(0.0) as u32).min(side - 1);
    let (x0, y0, x1, y1) = (inside(bounds[0]), inside(bounds[1]), inside(bounds[2]), inside(bounds[3]));
    for x in x0..=x1 {
        sheet.put_pixel(left + x, top + y0, color);
        sheet.put_pixel(left + x, top + y1, color);
    }
    for y in y0..=y1 {
        sheet.put_pixel(left + x0, top + y, color);
        sheet.put_pixel(left + x1, top + y, color);
    }
}

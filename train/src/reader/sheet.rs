//! A picture of lines as the network will see them: to look at before training.

use super::sample::drawn;
use super::typeset::{Fonts, typeset};
use super::{ReaderTraining, TextLines};
use crate::detector::PictureStore;
use crate::error::TrainError;
use crate::streams::stream;
use efface_nets::NetsError;
use image::{GrayImage, Luma};
use std::path::Path;

/// Lines of the sheet.
const N_LINES: u64 = 40;
const GAP_PX: u32 = 3;

/// Writes lines like those of a run as a PNG file; where there are fonts, every second one is set in one of them.
///
/// # Errors
/// Those of the pictures, and [`TrainError::Nets`].
pub fn write_sheet(config: &ReaderTraining, store: &PictureStore, path: &Path) -> Result<(), TrainError> {
    let lines = TextLines::of(config, store)?;
    let sizes = config.network(lines.alphabet())?;
    let fonts = Fonts::open(&config.typeset)?;
    let mut images = Vec::new();
    for place in 0..N_LINES {
        let mut random = stream(config.seed, "line", &[0, place]);
        let sample = if fonts.count() > 0 && place % 2 == 1 {
            typeset(store, &lines, &fonts, (&config.lines, &sizes), &mut random)?
        } else {
            drawn(store, &lines, &config.lines, &sizes, &mut random)?
        };
        images.extend(sample.map(|sample| sample.image));
    }
    let columns = images.iter().map(efface_nets::reader::LineImage::columns).max().unwrap_or(1);
    let (width, row) = (u32::try_from(columns).unwrap_or(u32::MAX), sizes.rows as u32 + GAP_PX);
    let mut sheet = GrayImage::from_pixel(width, row * images.len() as u32, Luma([90]));
    for (number, image) in (0..).zip(&images) {
        for (place, level) in image.levels().iter().enumerate() {
            let (x, y) = ((place % image.columns()) as u32, (place / image.columns()) as u32);
            sheet.put_pixel(x, number * row + y, Luma([(level * 170.0 + 85.0).clamp(0.0, 255.0) as u8]));
        }
    }
    let saved = sheet.save_with_format(path, image::ImageFormat::Png).map_err(std::io::Error::other);
    Ok(saved.map_err(NetsError::writing(path))?)
}

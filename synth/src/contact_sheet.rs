//! A picture of a suite: two dozen of its images as a viewer shows them, for the dataset card.

use crate::SynthError;
use dicom_core::Tag;
use dicom_object::{DefaultDicomObject, open_file};
use efface_frames::{FrameSet, Photometric, Samples};
use efface_schema::TruthRecord;
use image::imageops::{self, FilterType};
use image::{Rgb, RgbImage};
use std::collections::BTreeMap;
use std::path::Path;

const N_COLUMNS: u32 = 6;
const N_ROWS: u32 = 4;
const TILE_WIDTH_PX: u32 = 320;
const TILE_HEIGHT_PX: u32 = 300;
const GAP_PX: u32 = 4;
const GROUND: Rgb<u8> = Rgb([40, 44, 52]);

/// An image that may be shown: the path of its instance, and the frame.
type Candidate = (String, u32);

/// Chooses images with text, from every layout in turn.
#[derive(Debug, Default)]
pub(crate) struct ContactSheet {
    candidates: BTreeMap<String, Vec<Candidate>>,
}

impl ContactSheet {
    /// Considers an instance.
    pub(crate) fn add(&mut self, record: &TruthRecord) {
        let Some(line) = record.drawn.as_ref().and_then(|drawn| drawn.lines.first()) else { return };
        let frame_idx = line.frames.as_ref().and_then(|frames| frames.first()).map_or(0, |range| range.start);
        let of_layout = self.candidates.entry(line.layout.clone()).or_default();
        if of_layout.len() < (N_COLUMNS * N_ROWS) as usize {
            of_layout.push((record.instance.path.clone(), frame_idx));
        }
    }

    fn chosen(&self) -> Vec<&Candidate> {
        let n_rounds = self.candidates.values().map(Vec::len).max().unwrap_or(0);
        let rounds = (0..n_rounds).flat_map(|round| self.candidates.values().filter_map(move |of| of.get(round)));
        rounds.take((N_COLUMNS * N_ROWS) as usize).collect()
    }

    /// Draws `contact-sheet.png` into the suite's folder, from the instances as they stand there.
    ///
    /// Says whether there was anything to show.
    pub(crate) fn write(&self, out: &Path) -> Result<bool, SynthError> {
        let chosen = self.chosen();
        if chosen.is_empty() {
            return Ok(false);
        }
        let n_rows = u32::try_from(chosen.len()).unwrap_or(N_COLUMNS).div_ceil(N_COLUMNS);
        let width_px = N_COLUMNS * (TILE_WIDTH_PX + GAP_PX) + GAP_PX;
        let mut sheet = RgbImage::from_pixel(width_px, n_rows * (TILE_HEIGHT_PX + GAP_PX) + GAP_PX, GROUND);
        for (place, (path, frame_idx)) in (0u32..).zip(chosen) {
            let tile = tile(&out.join("dicom").join(path), *frame_idx)
                .map_err(|reason| SynthError::ContactSheet { reason })?;
            let left = GAP_PX + place % N_COLUMNS * (TILE_WIDTH_PX + GAP_PX) + (TILE_WIDTH_PX - tile.width()) / 2;
            let top = GAP_PX + place / N_COLUMNS * (TILE_HEIGHT_PX + GAP_PX) + (TILE_HEIGHT_PX - tile.height()) / 2;
            imageops::replace(&mut sheet, &tile, i64::from(left), i64::from(top));
        }
        sheet
            .save(out.join("contact-sheet.png"))
            .map_err(|error| SynthError::ContactSheet { reason: error.to_string() })?;
        Ok(true)
    }
}

/// A frame as large as fits.
fn tile(path: &Path, frame_idx: u32) -> Result<RgbImage, String> {
    let object = open_file(path).map_err(|error| error.to_string())?;
    let frames = FrameSet::open(&object).map_err(|error| error.to_string())?;
    let frame = frames.frame(frame_idx).map_err(|error| error.to_string())?;
    let mut picture = match (&frame.samples, frame.photometric) {
        (Samples::U8(samples), Photometric::Rgb) => RgbImage::from_raw(frame.columns, frame.rows, samples.clone()),
        _ => {
            let gray = frames.luma(frame_idx).map_err(|error| error.to_string())?;
            let pixels = gray.pixels().iter().flat_map(|level| [*level; 3]).collect();
            RgbImage::from_raw(gray.columns(), gray.rows(), pixels)
        }
    }
    .ok_or("a frame has fewer pixels than its size says")?;
    show_overlay(&object, &mut picture);
    let scale = f64::from(TILE_WIDTH_PX) / f64::from(picture.width());
    let scale = scale.min(f64::from(TILE_HEIGHT_PX) / f64::from(picture.height()));
    let side = |pixels: u32| ((f64::from(pixels) * scale).floor() as u32).max(1);
    Ok(imageops::resize(&picture, side(picture.width()), side(picture.height()), FilterType::Triangle))
}

/// Viewers show an overlay plane in white over the image.
fn show_overlay(object: &DefaultDicomObject, picture: &mut RgbImage) {
    let Some(bytes) = object.get(Tag(0x6000, 0x3000)).and_then(|element| element.to_bytes().ok()) else { return };
    for (at, pixel) in picture.pixels_mut().enumerate() {
        if bytes.get(at / 8).is_some_and(|byte| byte & (1 << (at % 8)) != 0) {
            *pixel = Rgb([255; 3]);
        }
    }
}

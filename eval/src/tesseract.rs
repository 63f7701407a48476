//! Reading text in a box of an image with Tesseract.

use crate::midi::PixelText;
use efface_frames::{Frame, FrameSet, GrayFrame};
use efface_schema::PixelRegion;
use leptess::LepTess;
use std::collections::HashSet;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// Tesseract over the displayed frame: both polarities, enlarged; whatever either reads counts.
///
/// An engine takes long to start and cannot be shared between threads, so idle ones wait for the next box.
#[derive(Default)]
pub struct Tesseract {
    idle: Mutex<Vec<LepTess>>,
}

/// Small letters are read better at this many times their size.
const SCALE: u32 = 3;

impl std::fmt::Debug for Tesseract {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Tesseract")
    }
}

impl Tesseract {
    /// Starts an engine; nothing if it or its English model is not installed.
    pub fn start() -> Option<Self> {
        let engine = LepTess::new(None, "eng").ok()?;
        Some(Self { idle: Mutex::new(vec![engine]) })
    }

    fn read_box(&self, frame: &GrayFrame, region: PixelRegion) -> Option<String> {
        if is_flat(frame, region)? {
            return Some(String::new());
        }
        let mut engine = self.engine()?;
        let mut words: Vec<String> = Vec::new();
        for inverted in [false, true] {
            engine.set_image_from_mem(&portable_gray_map(frame, region, inverted)?).ok()?;
            engine.set_source_resolution(200);
            words.extend(engine.get_utf8_text().ok()?.split_whitespace().map(str::to_owned));
        }
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(engine);
        Some(words.join(" "))
    }

    fn engine(&self) -> Option<LepTess> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.or_else(|| LepTess::new(None, "eng").ok())
    }
}

impl PixelText for Tesseract {
    fn read(&self, file: &Path, region: PixelRegion) -> Option<String> {
        let object = dicom_object::open_file(file).ok()?;
        let frame = FrameSet::open(&object).ok()?.luma(0).ok()?;
        self.read_box(&frame, region)
    }

    fn read_every_view(&self, file: &Path, region: PixelRegion) -> Option<String> {
        let object = dicom_object::open_file(file).ok()?;
        let frames = FrameSet::open(&object).ok()?;
        let mut words = Vec::new();
        let mut seen = HashSet::new();
        for frame_idx in 0..frames.n_frames() {
            let mut pictures = frames.views(frame_idx).ok()?;
            pictures = pictures.iter().map(|view| crop(view, region)).collect::<Option<_>>()?;
            pictures.push(stretched(&frames.frame(frame_idx).ok()?, region)?);
            for picture in pictures {
                // What differs from frame to frame outside the box is not read again.
                if seen.insert(picture.pixels().to_vec()) {
                    let whole = PixelRegion { x0: 0, y0: 0, x1: picture.columns(), y1: picture.rows() };
                    words.push(self.read_box(&picture, whole)?);
                }
            }
        }
        Some(words.join(" ").trim().to_owned())
    }

    fn name(&self) -> &str {
        "Tesseract"
    }
}

/// Whether a box is of one gray, as most painted boxes are: there is nothing to read, and no engine needed.
fn is_flat(frame: &GrayFrame, region: PixelRegion) -> Option<bool> {
    let columns = region.x0 as usize..region.x1.min(frame.columns()) as usize;
    let mut pixels =
        (region.y0..region.y1.min(frame.rows())).flat_map(|y| frame.row(y).get(columns.clone()).unwrap_or_default());
    let first = pixels.next()?;
    Some(pixels.all(|pixel| pixel == first))
}

/// The box alone.
fn crop(frame: &GrayFrame, region: PixelRegion) -> Option<GrayFrame> {
    let (x1, y1) = (region.x1.min(frame.columns()), region.y1.min(frame.rows()));
    let width = x1.checked_sub(region.x0).filter(|&width| width > 0)?;
    let height = y1.checked_sub(region.y0).filter(|&height| height > 0)?;
    let rows = (region.y0..y1).flat_map(|y| &frame.row(y)[region.x0 as usize..x1 as usize]);
    GrayFrame::new(width, height, rows.copied().collect())
}

/// The box by its stored values, the first percentile black and the 99th white: single bright pixels hide
/// nothing then. Of several components the greatest counts.
fn stretched(frame: &Frame, region: PixelRegion) -> Option<GrayFrame> {
    let samples = frame.samples.to_f32();
    let channels = usize::from(frame.samples_per_pixel);
    let (x1, y1) = (region.x1.min(frame.columns), region.y1.min(frame.rows));
    let mut values = Vec::new();
    for y in region.y0..y1 {
        let row = (y * frame.columns) as usize;
        for pixel in
            samples.get((row + region.x0 as usize) * channels..(row + x1 as usize) * channels)?.chunks(channels)
        {
            values.push(pixel.iter().copied().fold(f32::NEG_INFINITY, f32::max));
        }
    }
    let mut sorted = values.clone();
    sorted.sort_unstable_by(f32::total_cmp);
    let at = |percent: usize| sorted.get(sorted.len().saturating_sub(1) * percent / 100).copied();
    let (least, greatest) = (at(1)?, at(99)?);
    let scale = 255.0 / (greatest - least).max(f32::MIN_POSITIVE);
    let pixels = values.iter().map(|value| ((value - least) * scale).clamp(0.0, 255.0) as u8).collect();
    GrayFrame::new(x1.checked_sub(region.x0)?, y1.checked_sub(region.y0)?, pixels)
}

/// The box as a PGM image, enlarged.
fn portable_gray_map(frame: &GrayFrame, region: PixelRegion, inverted: bool) -> Option<Vec<u8>> {
    let (x1, y1) = (region.x1.min(frame.columns()), region.y1.min(frame.rows()));
    let width = x1.checked_sub(region.x0).filter(|&width| width > 0)? * SCALE;
    let height = y1.checked_sub(region.y0).filter(|&height| height > 0)? * SCALE;
    let mut image = format!("P5\n{width} {height}\n255\n").into_bytes();
    for y in 0..height {
        for x in 0..width {
            let pixel = frame.at(region.x0 + x / SCALE, region.y0 + y / SCALE);
            image.push(if inverted { 255 - pixel } else { pixel });
        }
    }
    Some(image)
}

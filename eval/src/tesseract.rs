//! Reading text in a box of an image with Tesseract.

use crate::midi::PixelText;
use efface_frames::{FrameSet, GrayFrame};
use efface_schema::PixelRegion;
use leptess::LepTess;
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

    fn engine(&self) -> Option<LepTess> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.or_else(|| LepTess::new(None, "eng").ok())
    }
}

impl PixelText for Tesseract {
    fn read(&self, file: &Path, region: PixelRegion) -> Option<String> {
        let object = dicom_object::open_file(file).ok()?;
        let frame = FrameSet::open(&object).ok()?.luma(0).ok()?;
        if is_flat(&frame, region)? {
            return Some(String::new());
        }
        let mut engine = self.engine()?;
        let mut words: Vec<String> = Vec::new();
        for inverted in [false, true] {
            engine.set_image_from_mem(&portable_gray_map(&frame, region, inverted)?).ok()?;
            engine.set_source_resolution(200);
            words.extend(engine.get_utf8_text().ok()?.split_whitespace().map(str::to_owned));
        }
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(engine);
        Some(words.join(" "))
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

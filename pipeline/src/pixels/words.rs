//! What is read in an image, word by word, for whoever measures how surely the reader reads.

use super::readings::surest;
use super::seen::Seen;
use super::{DetectorLocator, LocatorOptions, PixelError, SharedFinder, TesseractLocator, TextLocator};
use dicom_object::open_file;
use efface_frames::FrameSet;
use efface_schema::{Phi, PixelRegion, Probability};
use std::path::Path;
use std::sync::Arc;

/// A word that was read in a frame.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadWord {
    /// The frame, counted from 0.
    pub frame_idx: u32,
    /// Where, in the frame's pixels.
    pub region: PixelRegion,
    /// The word.
    pub text: Phi<String>,
    /// How sure the reader is of it.
    pub confidence: Probability,
}

/// A reader as a run makes one for each thread: what a network finds where there is one, beside the search.
///
/// # Errors
/// When Tesseract cannot be started.
pub fn locator(finder: Option<&Arc<SharedFinder>>) -> Result<Box<dyn TextLocator>, PixelError> {
    let reader = TesseractLocator::new(LocatorOptions::default())?;
    Ok(match finder {
        Some(finder) => Box::new(DetectorLocator::new(Arc::clone(finder), reader)),
        None => Box::new(reader),
    })
}

/// Reads the words in every frame of a file, as [`super::inspect`] reads them before anything is judged. Places that were
/// found and not read are left out.
///
/// # Errors
/// When the file is no DICOM file, a frame cannot be decoded, or the reader fails.
pub fn read_words(file: &Path, locator: &mut dyn TextLocator) -> Result<Vec<ReadWord>, PixelError> {
    let object = open_file(file).map_err(|_| PixelError::File)?;
    let frames = FrameSet::open(&object)?;
    let mut seen = Seen::default();
    let mut words = Vec::new();
    for frame_idx in 0..frames.n_frames() {
        let (located, _) = seen.locate(&frames, frame_idx, locator)?;
        words.extend(surest(&located).into_iter().filter_map(|found| {
            Some(ReadWord { frame_idx, region: found.region, text: found.text?, confidence: found.confidence })
        }));
    }
    Ok(words)
}

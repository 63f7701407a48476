//! Words drawn in light on dark ground.

use dicom_core::{DataElement, PrimitiveValue, VR};
use dicom_dictionary_std::tags;
use efface_frames::GrayFrame;

use super::line::draw_line;
use super::support::{Sample, text};

pub(crate) const COLUMNS: usize = 320;
pub(crate) const ROWS: usize = 96;
const PAPER: u8 = 10;

/// The levels of a picture with lines of words, 40 pixels apart.
pub(crate) fn levels(lines: &[&str]) -> Vec<u8> {
    let mut pixels = vec![PAPER; COLUMNS * ROWS];
    for (idx, line) in lines.iter().enumerate() {
        draw_line(&mut pixels, COLUMNS, line, 40.0 + 40.0 * idx as f32);
    }
    pixels
}

/// The same as a frame.
pub(crate) fn frame(lines: &[&str]) -> GrayFrame {
    GrayFrame::new(COLUMNS as u32, ROWS as u32, levels(lines)).expect("as many pixels")
}

/// How a picture is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stored {
    /// Eight bits.
    Bytes,
    /// Twelve of sixteen bits.
    Words,
    /// Eight bits, white is the least.
    Inverted,
    /// Red, green and blue, the words in blue.
    Blue,
}

/// An instance with frames, each with lines of words.
pub(crate) fn instance(uid: &str, frames: &[&[&str]], stored: Stored) -> Sample {
    let mut sample = Sample::new(uid);
    let levels: Vec<u8> = frames.iter().flat_map(|lines| levels(lines)).collect();
    let (bits, value) = match stored {
        Stored::Bytes => (8, PrimitiveValue::U8(levels.into())),
        Stored::Inverted => (8, PrimitiveValue::U8(levels.iter().map(|level| 255 - level).collect())),
        Stored::Words => (12, PrimitiveValue::U16(levels.iter().map(|level| 16 * u16::from(*level)).collect())),
        Stored::Blue => (8, PrimitiveValue::U8(levels.iter().flat_map(|level| [PAPER, PAPER, *level]).collect())),
    };
    let allocated: u16 = if bits == 8 { 8 } else { 16 };
    let samples: u16 = if stored == Stored::Blue { 3 } else { 1 };
    for (tag, number) in [
        (tags::ROWS, ROWS as u16),
        (tags::COLUMNS, COLUMNS as u16),
        (tags::SAMPLES_PER_PIXEL, samples),
        (tags::BITS_ALLOCATED, allocated),
        (tags::BITS_STORED, bits),
        (tags::HIGH_BIT, bits - 1),
        (tags::PLANAR_CONFIGURATION, 0),
    ] {
        sample.put(DataElement::new(tag, VR::US, PrimitiveValue::from(number)));
    }
    let photometric = match stored {
        Stored::Inverted => "MONOCHROME1",
        Stored::Blue => "RGB",
        Stored::Bytes | Stored::Words => "MONOCHROME2",
    };
    sample.put(text(tags::PHOTOMETRIC_INTERPRETATION, VR::CS, photometric));
    sample.put(text(tags::NUMBER_OF_FRAMES, VR::IS, &frames.len().to_string()));
    let vr = if allocated == 8 { VR::OB } else { VR::OW };
    sample.put(DataElement::new(tags::PIXEL_DATA, vr, value));
    sample
}

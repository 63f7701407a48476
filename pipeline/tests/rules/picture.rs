//! Text drawn into pixels.

use crate::fixture::Picture;
use crate::line::draw_line;
use dicom_core::value::Value;
use dicom_core::{DataElement, PrimitiveValue, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_encoding::TransferSyntaxIndex;
use dicom_object::{FileMetaTableBuilder, InMemDicomObject};
use dicom_pixeldata::Transcode;
use dicom_transfer_syntax_registry::TransferSyntaxRegistry;

const COLUMNS: usize = 480;
const ROWS: usize = 160;
const PAPER: u8 = 10;

/// Replaces the pixels by a picture of eight bits.
pub(crate) fn draw(picture: &Picture, data_set: &mut InMemDicomObject) {
    let mut pixels = vec![PAPER; COLUMNS * ROWS];
    let mut baseline = 40.0;
    for line in &picture.lines {
        draw_line(&mut pixels, COLUMNS, line, baseline);
        baseline += 40.0;
    }
    if picture.strokes {
        draw_strokes(&mut pixels, baseline as usize);
    }
    for (tag, value) in [
        (tags::ROWS, ROWS as u16),
        (tags::COLUMNS, COLUMNS as u16),
        (tags::BITS_ALLOCATED, 8),
        (tags::BITS_STORED, 8),
        (tags::HIGH_BIT, 7),
    ] {
        data_set.put(DataElement::new(tag, VR::US, PrimitiveValue::from(value)));
    }
    data_set.put(DataElement::new(tags::PIXEL_DATA, VR::OB, PrimitiveValue::U8(pixels.into())));
}

/// Strokes of one height in a row, as letters are, that make no letters.
fn draw_strokes(pixels: &mut [u8], top: usize) {
    for stroke_idx in 0..9 {
        for y in 0..14 {
            for x in 0..8 {
                let bar = x < 2 || y < 2 || (stroke_idx % 2 == 0 && y > 11) || (stroke_idx % 3 == 0 && x + y == 9);
                if bar {
                    pixels[(top + y) * COLUMNS + 40 + stroke_idx * 12 + x] = 255;
                }
            }
        }
    }
}

/// How many of the picture's pixels are light.
pub(crate) fn n_light(pixels: &[u8]) -> usize {
    pixels.iter().filter(|&&pixel| pixel > 128).count()
}

/// The codestream of a picture in JPEG Baseline.
pub(crate) fn jpeg_baseline(data_set: &InMemDicomObject) -> Vec<u8> {
    let meta = FileMetaTableBuilder::new().transfer_syntax(uids::EXPLICIT_VR_LITTLE_ENDIAN);
    let mut object = data_set.clone().with_meta(meta).expect("the sample has what the meta information needs");
    let syntax = TransferSyntaxRegistry.get(uids::JPEG_BASELINE8_BIT).expect("known");
    object.transcode(syntax).expect("an encoder");
    let Value::PixelSequence(sequence) = object.take(tags::PIXEL_DATA).expect("a picture").into_value() else {
        panic!("the pixels are compressed")
    };
    let mut codestream = sequence.fragments()[0].clone();
    codestream.resize(codestream.len().next_multiple_of(2), 0);
    codestream
}

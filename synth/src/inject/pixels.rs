//! Burning text into images that somebody else acquired.

use crate::burn;
use crate::iod::Scene;
use crate::pixels::Canvas;
use crate::plant::Sheet;
use crate::{SeriesKind, Syntax};
use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_dictionary_std::tags;
use dicom_object::DefaultDicomObject;
use dicom_object::mem::InMemElement;
use efface_frames::{FrameSet, Photometric, Samples};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// Larger images are left alone: a canvas takes four bytes a sample.
const MAX_SAMPLES: usize = 64 * 1024 * 1024;
/// Smaller ones have no room for a line of text.
const MIN_SIDE: u32 = 96;
/// Nothing could be read in an image of less contrast.
const MIN_RANGE: i32 = 64;

/// Pixel data that was taken out of its capsule to be drawn into.
pub(super) struct Unpacked {
    /// How it is encoded again.
    pub(super) syntax: Syntax,
    original: InMemElement,
}

/// Decodes the pixels of an image that text will be burned into, if they can be encoded again as they were without loss:
/// in RLE and in JPEG lossless of the first selection value. Others are left alone.
pub(super) fn unpack(scene: &Scene<'_>, object: &mut DefaultDicomObject) -> Option<Unpacked> {
    let uid = object.meta().transfer_syntax().to_owned();
    let syntax = [Syntax::Rle, Syntax::JpegLossless].into_iter().find(|syntax| syntax.uid() == uid)?;
    if !is_chosen(scene, &mut scene.instance_stream(STREAM)) {
        return None;
    }
    let frames = FrameSet::open(object).ok()?;
    let (mut bytes, mut is_wide) = (Vec::new(), false);
    for frame_idx in 0..frames.n_frames() {
        let frame = frames.frame(frame_idx).ok()?;
        // A decoder that changed colors would have them changed back by nobody.
        if frame.photometric == Photometric::Rgb && !says_rgb(object) {
            return None;
        }
        match &frame.samples {
            Samples::U8(samples) => bytes.extend(samples),
            Samples::U16(samples) => bytes.extend(samples.iter().flat_map(|sample| sample.to_le_bytes())),
            Samples::I16(samples) => bytes.extend(samples.iter().flat_map(|sample| sample.to_le_bytes())),
            _ => return None,
        }
        is_wide = !matches!(frame.samples, Samples::U8(_));
    }
    let is_wide_inside = object.get(tags::BITS_ALLOCATED)?.to_int::<u16>().ok()? == 16;
    if is_wide != is_wide_inside {
        return None;
    }
    let original = object.take(tags::PIXEL_DATA)?;
    bytes.resize(bytes.len().next_multiple_of(2), 0);
    object.put(DataElement::new(tags::PIXEL_DATA, VR::OB, PrimitiveValue::from(bytes)));
    Some(Unpacked { syntax, original })
}

fn says_rgb(object: &DefaultDicomObject) -> bool {
    let said = object.get(tags::PHOTOMETRIC_INTERPRETATION).and_then(|element| element.to_str().ok());
    said.is_some_and(|said| said.trim() == "RGB")
}

/// Puts pixel data back that nothing was drawn into.
pub(super) fn put_back(sheet: &mut Sheet<'_>, unpacked: Unpacked) {
    sheet.restore(unpacked.original);
}

const STREAM: &str = "injected burned-in text";

/// Whether text is to be burned into an instance: the first number of its stream.
fn is_chosen(scene: &Scene<'_>, rng: &mut ChaCha8Rng) -> bool {
    let share = match scene.series.kind {
        SeriesKind::Ct | SeriesKind::Mr => scene.settings.burned_in_cross_section_share,
        _ => scene.settings.burned_in_share,
    };
    rng.random_bool(share)
}

/// Burns identifying text into a share of the images with native pixels. Says whether it did.
pub(super) fn burn_in(scene: &Scene<'_>, sheet: &mut Sheet<'_>) -> bool {
    let rng = &mut scene.instance_stream(STREAM);
    if !is_chosen(scene, rng) {
        return false;
    }
    let Some(mut canvas) = canvas(sheet) else { return false };
    let Some(ink) = ink(&canvas) else { return false };
    sheet.draw_on(canvas.columns, canvas.rows, canvas.n_frames);
    let identifies = burn::burn(scene, sheet, &mut canvas, ink, burn::Content::Identity, rng);
    if identifies {
        store(sheet, &canvas);
    }
    identifies
}

fn number(sheet: &Sheet<'_>, tag: Tag) -> Option<u32> {
    sheet.get(tag)?.to_int::<u32>().ok()
}

/// The image as a canvas, if its samples are stored one after another and whole.
fn canvas(sheet: &Sheet<'_>) -> Option<Canvas> {
    let (columns, rows) = (number(sheet, tags::COLUMNS)?, number(sheet, tags::ROWS)?);
    let n_frames = sheet.text(tags::NUMBER_OF_FRAMES).map_or(Some(1), |text| text.parse::<u32>().ok())?;
    let (n_samples, bits) = (number(sheet, tags::SAMPLES_PER_PIXEL)?, number(sheet, tags::BITS_ALLOCATED)?);
    let photometric = sheet.text(tags::PHOTOMETRIC_INTERPRETATION)?;
    let is_plain = match n_samples {
        1 => matches!(photometric.as_str(), "MONOCHROME1" | "MONOCHROME2"),
        3 => photometric == "RGB" && bits == 8 && number(sheet, tags::PLANAR_CONFIGURATION).unwrap_or(0) == 0,
        _ => false,
    };
    // Overlays may hide in unused bits of the samples.
    let has_overlay = sheet.tags().iter().any(|tag| (0x6000..=0x60ff).contains(&tag.group()));
    let n_values = (columns as usize).checked_mul(rows as usize)?.checked_mul((n_frames * n_samples) as usize)?;
    if !is_plain || has_overlay || columns.min(rows) < MIN_SIDE || !(1..=MAX_SAMPLES).contains(&n_values) {
        return None;
    }
    let bytes = sheet.get(tags::PIXEL_DATA)?.value().primitive()?.to_bytes();
    let is_signed = number(sheet, tags::PIXEL_REPRESENTATION) == Some(1);
    let values: Vec<i32> = match bits {
        8 if bytes.len() >= n_values && !is_signed => bytes[..n_values].iter().map(|byte| i32::from(*byte)).collect(),
        16 if bytes.len() >= n_values * 2 => {
            let words = bytes[..n_values * 2].chunks_exact(2).map(|pair| [pair[0], pair[1]]);
            if is_signed {
                words.map(|word| i32::from(i16::from_le_bytes(word))).collect()
            } else {
                words.map(|word| i32::from(u16::from_le_bytes(word))).collect()
            }
        }
        _ => return None,
    };
    Some(Canvas { columns, rows, n_frames, n_samples, values })
}

/// The far end of the range that the image uses; none where the image is too flat to write on.
fn ink(canvas: &Canvas) -> Option<i32> {
    let darkest = canvas.values.iter().copied().min().unwrap_or(0);
    let brightest = canvas.values.iter().copied().max().unwrap_or(0);
    let sum: i64 = canvas.values.iter().map(|value| i64::from(*value)).sum();
    let mean = sum / canvas.values.len().max(1) as i64;
    let is_high = mean * 2 > i64::from(darkest) + i64::from(brightest);
    (brightest - darkest >= MIN_RANGE).then_some(if is_high { darkest } else { brightest })
}

/// Puts the canvas back under the VR that the pixels had.
fn store(sheet: &mut Sheet<'_>, canvas: &Canvas) {
    let vr = sheet.get(tags::PIXEL_DATA).map_or(VR::OW, |element| element.vr());
    let bits = number(sheet, tags::BITS_ALLOCATED);
    let value = match (bits, vr) {
        (Some(16), _) => PrimitiveValue::U16(canvas.to_words().into()),
        (_, VR::OW) => {
            let words = canvas.to_bytes().chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
            PrimitiveValue::U16(words)
        }
        _ => PrimitiveValue::from(canvas.to_bytes()),
    };
    let vr = if bits == Some(16) { VR::OW } else { vr };
    sheet.put_as(tags::PIXEL_DATA, vr, value);
    if sheet.get(tags::BURNED_IN_ANNOTATION).is_some() {
        sheet.put(tags::BURNED_IN_ANNOTATION, "YES");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plant::Truth;
    use dicom_object::InMemDicomObject;

    fn image(bits: u16, bytes: Vec<u8>) -> InMemDicomObject {
        let mut truth = Truth::default();
        let mut sheet = Sheet::over(InMemDicomObject::new_empty(), &mut truth);
        sheet.put(tags::ROWS, 128u16);
        sheet.put(tags::COLUMNS, 128u16);
        sheet.put(tags::SAMPLES_PER_PIXEL, 1u16);
        sheet.put(tags::BITS_ALLOCATED, bits);
        sheet.put(tags::PIXEL_REPRESENTATION, 1u16 - u16::from(bits == 8));
        sheet.put(tags::PHOTOMETRIC_INTERPRETATION, "MONOCHROME2");
        sheet.put_as(tags::PIXEL_DATA, VR::OB, PrimitiveValue::from(bytes));
        sheet.into_object()
    }

    #[test]
    fn what_is_read_and_stored_is_the_same() {
        let bytes: Vec<u8> = (0..128 * 128 * 2_u32).map(|at| at.to_le_bytes()[0] ^ at.to_le_bytes()[1]).collect();
        for bits in [8_u16, 16] {
            let bytes = bytes[..128 * 128 * usize::from(bits / 8)].to_vec();
            let mut truth = Truth::default();
            let mut sheet = Sheet::over(image(bits, bytes.clone()), &mut truth);
            let canvas = canvas(&sheet).expect("a native image");
            store(&mut sheet, &canvas);
            let stored = sheet.get(tags::PIXEL_DATA).expect("pixels").to_bytes().expect("bytes").to_vec();
            assert_eq!(stored, bytes, "{bits} bits");
        }
    }

    #[test]
    fn too_few_bytes_are_no_image() {
        let mut truth = Truth::default();
        assert!(canvas(&Sheet::over(image(16, vec![0; 100]), &mut truth)).is_none());
    }
}

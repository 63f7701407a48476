//! From a data set to the bytes of a file.

use crate::odd::{self, Writing};
use crate::{Syntax, charset};
use dicom_core::value::{PixelFragmentSequence, Value};
use dicom_core::{DataElement, Length, Tag, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_encoding::transfer_syntax::TransferSyntaxIndex;
use dicom_object::meta::FileMetaTableBuilder;
use dicom_object::{DefaultDicomObject, FileDicomObject, InMemDicomObject};
use dicom_pixeldata::Transcode;
use dicom_transfer_syntax_registry::TransferSyntaxRegistry;
use efface_frames::{RawFrame, encode_jpeg_lossless, encode_rle};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use md5::{Digest, Md5};

/// A file and the digest of its pixels.
pub(crate) struct Encoded {
    pub(crate) bytes: Vec<u8>,
    /// MD5 of the value of Pixel Data as it stands in the file, in lower-case digits.
    pub(crate) pixel_digest: Option<String>,
}

/// Writes a data set, whose pixels are native, in a transfer syntax, as dicom-rs does or as an oddity wants it.
/// The error is the encoder's own words.
pub(crate) fn encode(data_set: InMemDicomObject, syntax: Syntax, writing: Option<&Writing>) -> Result<Encoded, String> {
    let native = if syntax.is_encapsulated() { uids::EXPLICIT_VR_LITTLE_ENDIAN } else { syntax.uid() };
    let mut data_set = charset::encode_texts(data_set)?;
    let meta = odd::take_meta(&mut data_set, file_meta(native));
    let mut object = data_set.with_meta(meta).map_err(|error| error.to_string())?;
    match syntax {
        _ if object.get(tags::PIXEL_DATA).is_none() => name_syntax(&mut object, syntax)?,
        Syntax::Explicit | Syntax::Implicit | Syntax::BigEndian | Syntax::Deflated => {}
        Syntax::JpegLs | Syntax::JpegXl => {
            let target = TransferSyntaxRegistry.get(syntax.uid()).ok_or("no such encoder")?;
            object.transcode(target).map_err(|error| error.to_string())?;
            // Not of the version of the standard that validators know, and nobody needs it.
            object.remove_element(tags::ENCAPSULATED_PIXEL_DATA_VALUE_TOTAL_LENGTH);
        }
        Syntax::Rle | Syntax::JpegLossless => pack(&mut object, syntax)?,
        Syntax::JpegBaseline => {
            let n_bytes = pixel_bytes(&object)?.len();
            encapsulate(&mut object, syntax, jpeg_baseline)?;
            declare_loss(&mut object, n_bytes);
        }
    }
    if let Some(writing) = writing {
        let meta = object.meta().clone();
        object = writing.oddity.reshape(object.into_inner()).with_exact_meta(meta);
        let bytes = odd::write(&object, syntax, writing)?;
        return Ok(Encoded { bytes, pixel_digest: pixel_digest(&object) });
    }
    let pixel_digest = pixel_digest(&object);
    let mut bytes = Vec::new();
    object.write_all(&mut bytes).map_err(|error| error.to_string())?;
    Ok(Encoded { bytes, pixel_digest })
}

/// Encapsulates native pixel data without loss. The error is in the encoder's own words.
pub(crate) fn pack(object: &mut DefaultDicomObject, syntax: Syntax) -> Result<(), String> {
    match syntax {
        Syntax::Rle => encapsulate(object, syntax, |frame| encode_rle(frame).map_err(|e| e.to_string())),
        Syntax::JpegLossless => {
            encapsulate(object, syntax, |frame| encode_jpeg_lossless(frame).map_err(|e| e.to_string()))
        }
        _ => Err("no encoder that loses nothing".to_owned()),
    }
}

/// File meta information that names this program.
pub(crate) fn file_meta(transfer_syntax: &str) -> FileMetaTableBuilder {
    FileMetaTableBuilder::new()
        .transfer_syntax(transfer_syntax)
        // A constant UID of this program under the root for UUIDs.
        .implementation_class_uid("2.25.214098473022194853170266498120359471822")
        .implementation_version_name("EFFACE_SYNTH")
}

/// Replaces native pixel data by one fragment for each frame, with a basic offset table.
fn encapsulate(
    object: &mut DefaultDicomObject,
    syntax: Syntax,
    encode_frame: impl Fn(&RawFrame<'_>) -> Result<Vec<u8>, String>,
) -> Result<(), String> {
    let number = |tag: Tag| -> Result<u16, String> {
        let element = object.element(tag).map_err(|error| error.to_string())?;
        element.to_int().map_err(|error| error.to_string())
    };
    let text = |tag: Tag| object.get(tag).and_then(|element| element.to_str().ok()).unwrap_or_default();
    let bits_allocated = number(tags::BITS_ALLOCATED)?;
    let n_frames: usize = text(tags::NUMBER_OF_FRAMES).trim().parse().unwrap_or(1);
    let mut frame = RawFrame {
        rows: u32::from(number(tags::ROWS)?),
        columns: u32::from(number(tags::COLUMNS)?),
        samples_per_pixel: number(tags::SAMPLES_PER_PIXEL)?,
        bits_allocated,
        precision: number(tags::HIGH_BIT)? + 1,
        bytes: &[],
    };
    let pixels = pixel_bytes(object)?;
    let frame_length = frame.rows as usize
        * frame.columns as usize
        * usize::from(frame.samples_per_pixel)
        * usize::from(bits_allocated / 8);
    let (mut offsets, mut fragments, mut offset) = (Vec::new(), Vec::new(), 0_u32);
    for bytes in pixels.chunks_exact(frame_length).take(n_frames) {
        frame.bytes = bytes;
        let fragment = encode_frame(&frame)?;
        offsets.push(offset);
        offset += u32::try_from(fragment.len() + 8).map_err(|error| error.to_string())?;
        fragments.push(fragment);
    }
    let sequence = PixelFragmentSequence::new(offsets, fragments);
    object.put(DataElement::new_with_len(tags::PIXEL_DATA, VR::OB, Length::UNDEFINED, sequence));
    name_syntax(object, syntax)
}

fn name_syntax(object: &mut DefaultDicomObject, syntax: Syntax) -> Result<(), String> {
    let target = TransferSyntaxRegistry.get(syntax.uid()).ok_or("no such transfer syntax")?;
    object.update_meta(|meta| meta.set_transfer_syntax(target));
    Ok(())
}

fn pixel_bytes(object: &DefaultDicomObject) -> Result<Vec<u8>, String> {
    let element = object.element(tags::PIXEL_DATA).map_err(|error| error.to_string())?;
    Ok(element.to_bytes().map_err(|error| error.to_string())?.into_owned())
}

/// Color becomes YBR_FULL_422 with halved chrominance, as the data set says already; its samples are RGB here.
fn jpeg_baseline(frame: &RawFrame<'_>) -> Result<Vec<u8>, String> {
    const QUALITY: u8 = 88;
    let side = |side: u32| u16::try_from(side).map_err(|error| error.to_string());
    let mut codestream = Vec::new();
    let mut encoder = Encoder::new(&mut codestream, QUALITY);
    encoder.set_sampling_factor(SamplingFactor::R_4_2_2);
    let color = if frame.samples_per_pixel == 3 { ColorType::Rgb } else { ColorType::Luma };
    encoder.encode(frame.bytes, side(frame.columns)?, side(frame.rows)?, color).map_err(|error| error.to_string())?;
    if codestream.len() % 2 == 1 {
        codestream.push(0);
    }
    Ok(codestream)
}

/// Lossy Image Compression Ratio and Method; the data set says before that something is lost.
fn declare_loss(object: &mut DefaultDicomObject, n_bytes: usize) {
    let n_compressed: usize = match object.get(tags::PIXEL_DATA).map(|element| element.value()) {
        Some(Value::PixelSequence(sequence)) => sequence.fragments().iter().map(Vec::len).sum(),
        _ => return,
    };
    let ratio = format!("{:.2}", n_bytes as f64 / n_compressed as f64);
    object.put(DataElement::new(tags::LOSSY_IMAGE_COMPRESSION_RATIO, VR::DS, ratio));
    object.put(DataElement::new(tags::LOSSY_IMAGE_COMPRESSION_METHOD, VR::CS, "ISO_10918_1"));
}

pub(crate) fn pixel_digest(object: &FileDicomObject<InMemDicomObject>) -> Option<String> {
    let element = object.get(tags::PIXEL_DATA)?;
    let mut hasher = Md5::new();
    match element.value() {
        // As pydicom reads it: bytes as they stand in the file.
        Value::Primitive(value) if object.meta().transfer_syntax() == Syntax::BigEndian.uid() => {
            let mut bytes = value.to_bytes().into_owned();
            if element.vr() == VR::OW {
                bytes.as_chunks_mut::<2>().0.iter_mut().for_each(|word| word.reverse());
            }
            hasher.update(bytes);
        }
        Value::Primitive(value) => hasher.update(value.to_bytes()),
        // The basic offset table and the fragments with their item headers, without the sequence delimiter.
        Value::PixelSequence(sequence) => {
            let offsets: Vec<u8> = sequence.offset_table().iter().flat_map(|offset| offset.to_le_bytes()).collect();
            for item in
                std::iter::once(offsets.as_slice()).chain(sequence.fragments().iter().map(|fragment| &fragment[..]))
            {
                let padded = item.len() + item.len() % 2;
                hasher.update([0xfe, 0xff, 0x00, 0xe0]);
                hasher.update(u32::try_from(padded).ok()?.to_le_bytes());
                hasher.update(item);
                hasher.update(&[0u8][..padded - item.len()]);
            }
        }
        Value::Sequence(_) => return None,
    }
    Some(hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SeriesKind;
    use dicom_core::PrimitiveValue;
    use efface_frames::FrameSet;

    /// An image of 12 by 10 pixels and two frames with ramps and jumps.
    fn image(n_samples: u16, bits_stored: u16, is_signed: bool) -> InMemDicomObject {
        let bits_allocated = bits_stored.next_multiple_of(8);
        let mut data_set = InMemDicomObject::from_element_iter([
            DataElement::new(tags::SOP_CLASS_UID, VR::UI, uids::SECONDARY_CAPTURE_IMAGE_STORAGE),
            DataElement::new(tags::SOP_INSTANCE_UID, VR::UI, "2.25.7"),
            DataElement::new(tags::NUMBER_OF_FRAMES, VR::IS, "2"),
            DataElement::new(
                tags::PHOTOMETRIC_INTERPRETATION,
                VR::CS,
                if n_samples == 3 { "RGB" } else { "MONOCHROME2" },
            ),
        ]);
        for (tag, value) in [
            (tags::SAMPLES_PER_PIXEL, n_samples),
            (tags::PLANAR_CONFIGURATION, 0),
            (tags::ROWS, 10),
            (tags::COLUMNS, 12),
            (tags::BITS_ALLOCATED, bits_allocated),
            (tags::BITS_STORED, bits_stored),
            (tags::HIGH_BIT, bits_stored - 1),
            (tags::PIXEL_REPRESENTATION, u16::from(is_signed)),
        ] {
            data_set.put(DataElement::new(tag, VR::US, PrimitiveValue::from(value)));
        }
        let values = (0..240 * u32::from(n_samples)).map(|at| (at * at * 37 % (1 << bits_stored)) as u16);
        data_set.put(if bits_allocated == 8 {
            let bytes: Vec<u8> = values.map(|value| value as u8).collect();
            DataElement::new(tags::PIXEL_DATA, VR::OB, PrimitiveValue::from(bytes))
        } else {
            DataElement::new(tags::PIXEL_DATA, VR::OW, PrimitiveValue::U16(values.collect()))
        });
        data_set
    }

    fn frames(bytes: &[u8]) -> Vec<efface_frames::Frame> {
        let object = dicom_object::from_reader(bytes).expect("the file can be read");
        let frames = FrameSet::open(&object).expect("the description fits the pixels");
        (0..frames.n_frames()).map(|frame_idx| frames.frame(frame_idx).expect("decodes")).collect()
    }

    #[test]
    fn every_transfer_syntax_but_the_lossy_one_keeps_every_sample() {
        for (n_samples, bits_stored, is_signed) in [(1, 8, false), (1, 12, false), (1, 16, true), (3, 8, false)] {
            let kind = if n_samples == 3 { SeriesKind::ScColor } else { SeriesKind::Ct };
            let native = encode(image(n_samples, bits_stored, is_signed), Syntax::Explicit, None).expect("native");
            for syntax in Syntax::ALL.iter().filter(|syntax| syntax.suits(kind) && **syntax != Syntax::JpegBaseline) {
                let encoded = encode(image(n_samples, bits_stored, is_signed), *syntax, None).expect("an encoder");
                let object = dicom_object::from_reader(&encoded.bytes[..]).expect("the file can be read");
                assert_eq!(object.meta().transfer_syntax(), syntax.uid());
                assert_eq!(frames(&encoded.bytes), frames(&native.bytes), "{syntax:?}, {n_samples}, {bits_stored}");
            }
        }
    }

    #[test]
    fn the_digest_is_that_of_the_bytes_in_the_file() {
        for syntax in [Syntax::Explicit, Syntax::BigEndian] {
            let encoded = encode(image(1, 12, false), syntax, None).expect("native");
            // The pixel data is the last element.
            let value = &encoded.bytes[encoded.bytes.len() - 480..];
            let digest: String = Md5::digest(value).iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(encoded.pixel_digest.as_deref(), Some(digest.as_str()), "{syntax:?}");
        }
    }
}

//! From the pixel data element to the bytes of one frame.
//!
//! Decoders get to see one frame at a time through [`OneFrame`]: they need neither the other frames' bytes
//! nor an offset table, and what a fragment belongs to is decided here, once.

use crate::header::{JpegHeader, jpeg_header};
use crate::{FramesError, Photometric, PixelDescription};
use dicom_core::value::Value;
use dicom_dictionary_std::{tags, uids};
use dicom_encoding::adapters::{DynPixelDataReader, PixelDataObject, RawPixelData};
use dicom_encoding::{Codec, TransferSyntaxIndex};
use dicom_object::{DefaultDicomObject, InMemDicomObject};
use dicom_transfer_syntax_registry::TransferSyntaxRegistry;
use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The samples of one frame as little-endian bytes.
pub(crate) struct FrameBytes<'a> {
    pub(crate) bytes: Cow<'a, [u8]>,
    pub(crate) layout: Layout,
}

/// How the samples of decoded bytes are arranged and what they mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) photometric: Photometric,
    pub(crate) planar: bool,
    pub(crate) subsampled: bool,
}

/// A data set that has one frame and nothing else, which is all that a codec needs.
pub(crate) struct OneFrame<'a> {
    pub(crate) transfer_syntax: &'a str,
    pub(crate) description: &'a PixelDescription,
    pub(crate) bits_allocated: u16,
    pub(crate) photometric: &'a str,
    /// Encoded, or native when an encoder is to read it.
    pub(crate) bytes: Cow<'a, [u8]>,
    pub(crate) encoded: bool,
}

impl PixelDataObject for OneFrame<'_> {
    fn transfer_syntax_uid(&self) -> &str {
        self.transfer_syntax
    }

    fn rows(&self) -> Option<u16> {
        u16::try_from(self.description.rows).ok()
    }

    fn cols(&self) -> Option<u16> {
        u16::try_from(self.description.columns).ok()
    }

    fn samples_per_pixel(&self) -> Option<u16> {
        Some(self.description.samples_per_pixel)
    }

    fn bits_allocated(&self) -> Option<u16> {
        Some(self.bits_allocated)
    }

    fn bits_stored(&self) -> Option<u16> {
        Some(self.description.bits_stored)
    }

    fn photometric_interpretation(&self) -> Option<&str> {
        Some(self.photometric)
    }

    fn number_of_frames(&self) -> Option<u32> {
        Some(1)
    }

    fn number_of_fragments(&self) -> Option<u32> {
        self.encoded.then_some(1)
    }

    fn fragment(&self, fragment: usize) -> Option<Cow<'_, [u8]>> {
        (fragment == 0).then_some(Cow::Borrowed(&*self.bytes))
    }

    fn offset_table(&self) -> Option<Cow<'_, [u32]>> {
        self.encoded.then_some(Cow::Borrowed(&[]))
    }

    fn raw_pixel_data(&self) -> Option<RawPixelData> {
        Some(RawPixelData { fragments: [self.bytes.to_vec()].into_iter().collect(), offset_table: Default::default() })
    }
}

/// The bytes of one frame, decoded where the transfer syntax is an encapsulated one.
pub(crate) fn frame_bytes<'a>(
    object: &'a DefaultDicomObject,
    description: &PixelDescription,
    frame_idx: u32,
) -> Result<FrameBytes<'a>, FramesError> {
    if frame_idx >= description.n_frames {
        return Err(FramesError::FrameOutOfRange { frame_idx, n_frames: description.n_frames });
    }
    if description.encapsulated {
        let codestream = encoded_frame(object, description, frame_idx)?;
        return decode(object.meta().transfer_syntax(), description, frame_idx, codestream);
    }
    let layout = Layout {
        photometric: description.photometric,
        planar: description.planar && description.samples_per_pixel > 1,
        subsampled: description.subsampled,
    };
    let Some(Value::Primitive(value)) = object.get(tags::PIXEL_DATA).map(|element| element.value()) else {
        return Err(FramesError::NoPixelData);
    };
    let frame_bits = description.frame_bits();
    let start = frame_bits * u64::from(frame_idx);
    if description.bits_allocated == 1 {
        // Frames of 1-bit images follow each other without padding (PS3.5 8.1.1).
        let packed = value.to_bytes();
        let bits =
            (start..start + frame_bits).map(|bit| packed.get((bit / 8) as usize).map(|byte| byte >> (bit % 8) & 1));
        let bytes = bits.collect::<Option<Vec<u8>>>().ok_or(FramesError::TooShort)?;
        return Ok(FrameBytes { bytes: bytes.into(), layout });
    }
    let range = (start / 8) as usize..((start + frame_bits) / 8) as usize;
    let bytes = match value.to_bytes() {
        Cow::Borrowed(bytes) => bytes.get(range).map(Cow::Borrowed),
        Cow::Owned(bytes) => bytes.get(range).map(|bytes| Cow::Owned(bytes.to_vec())),
    };
    Ok(FrameBytes { bytes: bytes.ok_or(FramesError::TooShort)?, layout })
}

/// Decodes the codestream of one frame.
pub(crate) fn decode<'a>(
    transfer_syntax: &str,
    description: &PixelDescription,
    frame_idx: u32,
    codestream: Cow<'_, [u8]>,
) -> Result<FrameBytes<'a>, FramesError> {
    let syntax = TransferSyntaxRegistry.get(transfer_syntax).ok_or(FramesError::UnsupportedTransferSyntax)?;
    let Codec::EncapsulatedPixelData(Some(reader), _) = syntax.codec() else {
        return Err(FramesError::UnsupportedTransferSyntax);
    };
    if description.bits_allocated == 1 {
        return Err(FramesError::UnsupportedSamples);
    }
    let failed = FramesError::Decode { frame_idx };
    let header = match family(syntax.uid()) {
        Family::Jpeg | Family::JpegLs => Some(jpeg_header(&codestream).ok_or(failed.clone())?),
        Family::Other => None,
    };
    if header.is_some_and(|header| !agrees(&header, description)) {
        return Err(failed);
    }
    // Eight-bit codestreams in sixteen-bit cells come out of the decoders one byte wide.
    let narrow = description.bits_allocated == 16 && header.is_some_and(|header| header.precision <= 8);
    let bits_allocated = if narrow { 8 } else { description.bits_allocated };
    let frame = OneFrame {
        transfer_syntax: syntax.uid(),
        description,
        bits_allocated,
        photometric: description.photometric.term().unwrap_or("YBR_FULL"),
        bytes: codestream,
        encoded: true,
    };
    let mut bytes = run(reader, &frame).ok_or(failed.clone())?;
    let n_samples = description.n_pixels() * usize::from(description.samples_per_pixel);
    bytes.truncate((n_samples * usize::from(bits_allocated)).div_ceil(8));
    if narrow {
        bytes = bytes.into_iter().flat_map(|byte| [byte, 0]).collect();
    }
    if bytes.len() != n_samples * description.sample_bytes() {
        return Err(failed);
    }
    let planes = match syntax.uid() {
        uids::ENCAPSULATED_UNCOMPRESSED_EXPLICIT_VR_LITTLE_ENDIAN | uids::DEFLATED_IMAGE_FRAME_COMPRESSION => {
            description.planar
        }
        uid => header.is_some_and(|header| family(uid) == Family::JpegLs && header.interleave == 0),
    };
    let layout = Layout {
        photometric: decoded_photometric(syntax.uid(), description),
        planar: planes && description.samples_per_pixel > 1,
        subsampled: false,
    };
    Ok(FrameBytes { bytes: bytes.into(), layout })
}

/// Decoders are foreign code that may panic on damaged data; a damaged frame is a result, not a crash.
fn run(reader: &DynPixelDataReader, frame: &OneFrame<'_>) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let outcome = catch_unwind(AssertUnwindSafe(|| reader.decode_frame(frame, 0, &mut bytes)));
    matches!(outcome, Ok(Ok(()))).then_some(bytes)
}

fn agrees(header: &JpegHeader, description: &PixelDescription) -> bool {
    (header.rows == 0 || u32::from(header.rows) == description.rows)
        && u32::from(header.columns) == description.columns
        && u16::from(header.n_components) == description.samples_per_pixel
        && u16::from(header.precision) <= description.bits_allocated
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    Jpeg,
    JpegLs,
    Other,
}

fn family(transfer_syntax: &str) -> Family {
    match transfer_syntax {
        uids::JPEG_BASELINE8_BIT | uids::JPEG_EXTENDED12_BIT | uids::JPEG_LOSSLESS | uids::JPEG_LOSSLESS_SV1 => {
            Family::Jpeg
        }
        uids::JPEGLS_LOSSLESS | uids::JPEGLS_NEAR_LOSSLESS => Family::JpegLs,
        _ => Family::Other,
    }
}

/// JPEG, JPEG 2000 and JPEG XL decoders undo the colour transform; the other codecs know nothing of colour.
fn decoded_photometric(transfer_syntax: &str, description: &PixelDescription) -> Photometric {
    let stored = description.photometric;
    if description.samples_per_pixel == 1 {
        return stored;
    }
    let transforms = match transfer_syntax {
        uids::JPEG_LOSSLESS
        | uids::JPEG_LOSSLESS_SV1
        | uids::JPEGLS_LOSSLESS
        | uids::JPEGLS_NEAR_LOSSLESS
        | uids::RLE_LOSSLESS
        | uids::ENCAPSULATED_UNCOMPRESSED_EXPLICIT_VR_LITTLE_ENDIAN
        | uids::DEFLATED_IMAGE_FRAME_COMPRESSION => false,
        uids::JPEG_BASELINE8_BIT | uids::JPEG_EXTENDED12_BIT => true,
        _ => !matches!(stored, Photometric::YbrFull | Photometric::YbrFull422 | Photometric::YbrPartial),
    };
    match stored {
        _ if transforms => Photometric::Rgb,
        Photometric::YbrFull422 => Photometric::YbrFull,
        stored => stored,
    }
}

/// The codestream of one frame, put together from its fragments.
pub(crate) fn encoded_frame<'a>(
    object: &'a InMemDicomObject,
    description: &PixelDescription,
    frame_idx: u32,
) -> Result<Cow<'a, [u8]>, FramesError> {
    let Some(Value::PixelSequence(sequence)) = object.get(tags::PIXEL_DATA).map(|element| element.value()) else {
        return Err(FramesError::NoPixelData);
    };
    let fragments = sequence.fragments();
    let range = fragment_range(object, sequence.offset_table(), fragments, description.n_frames, frame_idx)
        .ok_or(FramesError::TooShort)?;
    match &fragments[range] {
        [] => Err(FramesError::TooShort),
        [only] => Ok(Cow::Borrowed(only)),
        several => Ok(Cow::Owned(several.concat())),
    }
}

/// Which fragments belong to a frame.
///
/// Source: PS3.5 A.4; the Extended Offset Table (7FE0,0001) goes before the basic one.
fn fragment_range(
    object: &InMemDicomObject,
    offset_table: &[u32],
    fragments: &[Vec<u8>],
    n_frames: u32,
    frame_idx: u32,
) -> Option<std::ops::Range<usize>> {
    let frame = frame_idx as usize;
    if n_frames == 1 {
        return Some(0..fragments.len());
    }
    if fragments.len() == n_frames as usize {
        return Some(frame..frame + 1);
    }
    let extended = object.get(tags::EXTENDED_OFFSET_TABLE).and_then(|element| element.to_bytes().ok());
    let offsets: Vec<u64> = match extended {
        Some(bytes) if bytes.len() == n_frames as usize * 8 => {
            let (words, _) = bytes.as_chunks::<8>();
            words.iter().map(|word| u64::from_le_bytes(*word)).collect()
        }
        _ => offset_table.iter().map(|&offset| u64::from(offset)).collect(),
    };
    let starts = fragments.iter().scan(0_u64, |position, fragment| {
        let start = *position;
        *position += fragment.len() as u64 + 8;
        Some(start)
    });
    let starts: Vec<u64> = starts.collect();
    if offsets.len() != n_frames as usize {
        return frames_by_marker(fragments, n_frames, frame);
    }
    let first = starts.binary_search(&offsets[frame]).ok()?;
    let last = match offsets.get(frame + 1) {
        Some(next) => starts.binary_search(next).ok()?,
        None => fragments.len(),
    };
    (first < last).then_some(first..last)
}

/// Without an offset table, a fragment that starts with a start-of-image marker starts a frame.
fn frames_by_marker(fragments: &[Vec<u8>], n_frames: u32, frame: usize) -> Option<std::ops::Range<usize>> {
    let starts_image = |fragment: &Vec<u8>| {
        fragment.starts_with(&[0xFF, 0xD8, 0xFF]) || fragment.starts_with(&[0xFF, 0x4F, 0xFF, 0x51])
    };
    let starts: Vec<usize> = (0..fragments.len()).filter(|&idx| starts_image(&fragments[idx])).collect();
    if starts.len() != n_frames as usize {
        return None;
    }
    Some(starts[frame]..starts.get(frame + 1).copied().unwrap_or(fragments.len()))
}

//! Painting over regions of an instance.

use crate::decode::{FrameBytes, Layout, OneFrame, decode, encoded_frame, frame_bytes};
use crate::fill::black_cells;
use crate::ground::ground_cells;
use crate::native::{Paint, Painter, with_bytes};
use crate::set::{by_pixel, to_frame};
use crate::{Fill, FramesError, Photometric, PixelDescription, RawFrame, encode_jpeg_lossless, encode_rle};
use dicom_core::value::{PixelFragmentSequence, Value};
use dicom_core::{DataElement, Length, PrimitiveValue, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_encoding::adapters::EncodeOptions;
use dicom_encoding::transfer_syntax::TransferSyntax;
use dicom_encoding::{Codec, TransferSyntaxIndex};
use dicom_object::DefaultDicomObject;
use dicom_transfer_syntax_registry::TransferSyntaxRegistry;
use dicom_transfer_syntax_registry::entries::EXPLICIT_VR_LITTLE_ENDIAN;
use efface_schema::PixelRegion;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A region of one frame, or of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct FrameRegion {
    /// The frame, counted from 0; absent means all frames.
    pub frame_idx: Option<u32>,
    /// The region; what lies outside the image is ignored.
    pub region: PixelRegion,
}

/// How the painted pixel data is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PixelEncoding {
    /// Nothing had to be painted.
    Untouched,
    /// Native, changed in place.
    InPlace,
    /// In the transfer syntax it had, the painted frames encoded again without loss.
    SameSyntax,
    /// Decoded, in Explicit VR Little Endian.
    Native,
}

/// What painting changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Redaction {
    /// Number of frames painted on.
    pub n_frames: u32,
    /// Number of pixels painted, once for every region that holds them.
    pub n_pixels: u64,
    /// How the result is stored.
    pub encoding: PixelEncoding,
    /// Length of the pixel data before.
    pub n_bytes_before: u64,
    /// Length of the pixel data after.
    pub n_bytes_after: u64,
}

type Regions = BTreeMap<u32, Vec<PixelRegion>>;

/// Paints over regions, and leaves every other pixel as it was. Nothing that is painted depends on what it covers.
///
/// Native pixel data is changed in place.
/// Encapsulated pixel data keeps its transfer syntax where that one can be written without loss (RLE, JPEG lossless,
/// JPEG-LS, JPEG XL, deflated and uncompressed frames); the frames that are not painted then keep their codestreams.
/// Otherwise all frames are decoded, and the transfer syntax, Photometric Interpretation and Planar Configuration
/// say so; Lossy Image Compression stays, because what was lost stays lost.
///
/// Where two pixels share their chrominance (YBR_FULL_422), regions are widened to whole pairs.
///
/// # Errors
/// As [`crate::FrameSet::frame`]; the data set is unchanged then.
pub fn redact(object: &mut DefaultDicomObject, regions: &[FrameRegion], fill: Fill) -> Result<Redaction, FramesError> {
    let description = PixelDescription::of(object)?;
    let regions = by_frame(&description, regions)?;
    let n_bytes_before = pixel_data_length(object);
    let encoding = if regions.is_empty() {
        PixelEncoding::Untouched
    } else if !description.encapsulated {
        paint_in_place(object, &description, &regions, fill)?;
        PixelEncoding::InPlace
    } else if let Some(codestreams) = encoded_again(object, &description, &regions, fill)? {
        replace_codestreams(object, &description, codestreams)?;
        PixelEncoding::SameSyntax
    } else {
        decode_all(object, &description, &regions, fill)?;
        PixelEncoding::Native
    };
    Ok(Redaction {
        n_frames: u32::try_from(regions.len()).unwrap_or(u32::MAX),
        n_pixels: regions.values().flatten().map(PixelRegion::area_px).sum(),
        encoding,
        n_bytes_before,
        n_bytes_after: pixel_data_length(object),
    })
}

fn by_frame(description: &PixelDescription, regions: &[FrameRegion]) -> Result<Regions, FramesError> {
    let n_frames = description.n_frames;
    let mut by_frame = Regions::new();
    for FrameRegion { frame_idx, region } in regions {
        if let Some(frame_idx) = frame_idx.filter(|&frame_idx| frame_idx >= n_frames) {
            return Err(FramesError::FrameOutOfRange { frame_idx, n_frames });
        }
        let Some(region) = in_image(description, region) else { continue };
        for frame_idx in frame_idx.map_or(0..n_frames, |frame_idx| frame_idx..frame_idx + 1) {
            by_frame.entry(frame_idx).or_default().push(region);
        }
    }
    Ok(by_frame)
}

/// What of a region lies in the image, in whole pairs where pairs of pixels share their chrominance.
fn in_image(description: &PixelDescription, region: &PixelRegion) -> Option<PixelRegion> {
    let image = PixelRegion { x0: 0, y0: 0, x1: description.columns, y1: description.rows };
    let mut region = region.intersection(&image)?;
    if description.subsampled {
        region.x0 -= region.x0 % 2;
        region.x1 += region.x1 % 2;
    }
    Some(region)
}

fn pixel_data_length(object: &DefaultDicomObject) -> u64 {
    match object.get(tags::PIXEL_DATA).map(|element| element.value()) {
        Some(Value::Primitive(value)) => value.calculate_byte_len() as u64,
        Some(Value::PixelSequence(sequence)) => sequence.fragments().iter().map(|bytes| bytes.len() as u64).sum(),
        _ => 0,
    }
}

fn paint_in_place(
    object: &mut DefaultDicomObject,
    description: &PixelDescription,
    regions: &Regions,
    fill: Fill,
) -> Result<(), FramesError> {
    let layout = Layout {
        photometric: description.photometric,
        planar: description.planar && description.samples_per_pixel > 1,
        subsampled: description.subsampled,
    };
    let black = black_cells(object, description, layout.photometric);
    let mut paints = Vec::with_capacity(regions.len());
    for (&frame_idx, regions) in regions {
        let paint = match fill {
            Fill::Black => Paint::Flat(black),
            Fill::Background | Fill::Inpaint => {
                ground_paint(description, &frame_bytes(object, description, frame_idx)?, regions, fill, black)
            }
        };
        paints.push((description.frame_bits() * u64::from(frame_idx), regions, paint));
    }
    let mut outcome = Err(FramesError::NoPixelData);
    object.update_value(tags::PIXEL_DATA, |value| {
        let Some(value) = value.primitive_mut() else { return };
        outcome = with_bytes(value, |mut put| {
            for (start_bit, regions, paint) in &paints {
                Painter { description, layout, paint }.paint(*start_bit, regions, &mut put);
            }
        });
    });
    outcome
}

/// What the regions of a decoded frame are painted with where it takes after the ground around them.
fn ground_paint(
    description: &PixelDescription,
    decoded: &FrameBytes<'_>,
    regions: &[PixelRegion],
    fill: Fill,
    black: [u32; 3],
) -> Paint {
    let bytes = Cow::Borrowed(&*decoded.bytes);
    let frame = to_frame(description, FrameBytes { bytes, layout: decoded.layout });
    Paint::Pixels(ground_cells(description, &frame, regions, fill, black))
}

/// A decoded frame, painted. The regions lie in the image.
fn painted<'a>(
    object: &DefaultDicomObject,
    description: &PixelDescription,
    decoded: FrameBytes<'a>,
    regions: &[PixelRegion],
    fill: Fill,
) -> FrameBytes<'a> {
    let black = black_cells(object, description, decoded.layout.photometric);
    let paint = match fill {
        Fill::Black => Paint::Flat(black),
        Fill::Background | Fill::Inpaint => ground_paint(description, &decoded, regions, fill, black),
    };
    let FrameBytes { bytes, layout } = decoded;
    let mut bytes = bytes.into_owned();
    let painter = Painter { description, layout, paint: &paint };
    painter.paint(0, regions, &mut |at, mask, bits| bytes[at] = bytes[at] & !mask | bits);
    FrameBytes { bytes: bytes.into(), layout }
}

/// A decoded frame with regions painted black; what lies outside the image is ignored.
pub(crate) fn blacked_out<'a>(
    object: &DefaultDicomObject,
    description: &PixelDescription,
    decoded: FrameBytes<'a>,
    regions: &[PixelRegion],
) -> FrameBytes<'a> {
    // A 1-bit frame comes one byte a pixel out of the decoder, which is not how it is painted.
    let by_byte = PixelDescription { bits_allocated: description.bits_allocated.max(8), ..description.clone() };
    let inside: Vec<PixelRegion> = regions.iter().filter_map(|region| in_image(description, region)).collect();
    painted(object, &by_byte, decoded, &inside, Fill::Black)
}

/// The codestreams of the painted frames in the transfer syntax of the data set; `None` where that cannot be had.
fn encoded_again(
    object: &DefaultDicomObject,
    description: &PixelDescription,
    regions: &Regions,
    fill: Fill,
) -> Result<Option<BTreeMap<u32, Vec<u8>>>, FramesError> {
    let syntax = TransferSyntaxRegistry.get(object.meta().transfer_syntax());
    let Some(syntax) = syntax.filter(|syntax| is_written_without_loss(syntax.uid())) else { return Ok(None) };
    let mut codestreams = BTreeMap::new();
    for (&frame_idx, regions) in regions {
        let decoded = frame_bytes(object, description, frame_idx)?;
        if decoded.layout.photometric != description.photometric {
            return Ok(None);
        }
        let painted = painted(object, description, decoded, regions, fill);
        let Some(codestream) = encode(syntax, description, &painted) else { return Ok(None) };
        // The encoder is not taken at its word: what it wrote must decode to what it was given.
        let again = decode(syntax.uid(), description, frame_idx, Cow::Borrowed(&codestream));
        if again.ok().map(|again| to_frame(description, again)) != Some(to_frame(description, painted)) {
            return Ok(None);
        }
        codestreams.insert(frame_idx, codestream);
    }
    Ok(Some(codestreams))
}

fn is_written_without_loss(transfer_syntax: &str) -> bool {
    matches!(
        transfer_syntax,
        uids::RLE_LOSSLESS
            | uids::JPEG_LOSSLESS
            | uids::JPEG_LOSSLESS_SV1
            | uids::JPEGLS_LOSSLESS
            | uids::JPEGLS_NEAR_LOSSLESS
            | uids::JPEGXL_LOSSLESS
            | uids::JPEGXL
            | uids::DEFLATED_IMAGE_FRAME_COMPRESSION
            | uids::ENCAPSULATED_UNCOMPRESSED_EXPLICIT_VR_LITTLE_ENDIAN
    )
}

/// The codestream of a painted frame, of even length.
fn encode(syntax: &TransferSyntax, description: &PixelDescription, painted: &FrameBytes<'_>) -> Option<Vec<u8>> {
    match syntax.uid() {
        uids::RLE_LOSSLESS => by_own_encoder(encode_rle, description, painted),
        uids::JPEG_LOSSLESS | uids::JPEG_LOSSLESS_SV1 => by_own_encoder(encode_jpeg_lossless, description, painted),
        _ => by_registered_encoder(syntax, description, painted),
    }
}

/// Both encoders of this crate take samples interleaved by pixel.
fn by_own_encoder(
    encoder: fn(&RawFrame<'_>) -> Result<Vec<u8>, FramesError>,
    description: &PixelDescription,
    painted: &FrameBytes<'_>,
) -> Option<Vec<u8>> {
    if painted.layout.planar && description.samples_per_pixel > 1 {
        return None;
    }
    let frame = RawFrame {
        rows: description.rows,
        columns: description.columns,
        samples_per_pixel: description.samples_per_pixel,
        bits_allocated: description.bits_allocated,
        precision: description.high_bit + 1,
        bytes: &painted.bytes,
    };
    encoder(&frame).ok()
}

fn by_registered_encoder(
    syntax: &TransferSyntax,
    description: &PixelDescription,
    painted: &FrameBytes<'_>,
) -> Option<Vec<u8>> {
    let Codec::EncapsulatedPixelData(_, Some(writer)) = syntax.codec() else { return None };
    let jpeg_ls = matches!(syntax.uid(), uids::JPEGLS_LOSSLESS | uids::JPEGLS_NEAR_LOSSLESS);
    let bytes = if jpeg_ls && description.samples_per_pixel > 1 && !painted.layout.planar {
        // The encoder writes one scan for each component and reads one plane for each.
        planes(&painted.bytes, description)
    } else {
        Cow::Borrowed(&*painted.bytes)
    };
    let frame = OneFrame {
        transfer_syntax: uids::EXPLICIT_VR_LITTLE_ENDIAN,
        description,
        bits_allocated: description.bits_allocated,
        photometric: description.photometric.term()?,
        bytes,
        encoded: false,
    };
    let mut options = EncodeOptions::new();
    options.quality = Some(100);
    let mut codestream = Vec::new();
    let outcome = catch_unwind(AssertUnwindSafe(|| writer.encode_frame(&frame, 0, options, &mut codestream)));
    if !matches!(outcome, Ok(Ok(_))) {
        return None;
    }
    if codestream.len() % 2 == 1 {
        codestream.push(0);
    }
    Some(codestream)
}

fn planes<'a>(bytes: &[u8], description: &PixelDescription) -> Cow<'a, [u8]> {
    let width = description.sample_bytes();
    let n_samples = usize::from(description.samples_per_pixel);
    let samples = |plane: usize| bytes.chunks_exact(width).skip(plane).step_by(n_samples);
    (0..n_samples).flat_map(|plane| samples(plane).flatten().copied()).collect()
}

/// Puts new codestreams beside the old ones of the frames that were not painted, one fragment for each frame.
fn replace_codestreams(
    object: &mut DefaultDicomObject,
    description: &PixelDescription,
    mut codestreams: BTreeMap<u32, Vec<u8>>,
) -> Result<(), FramesError> {
    let mut fragments = Vec::with_capacity(description.n_frames as usize);
    for frame_idx in 0..description.n_frames {
        fragments.push(match codestreams.remove(&frame_idx) {
            Some(codestream) => codestream,
            None => encoded_frame(object, description, frame_idx)?.into_owned(),
        });
    }
    let starts = fragments.iter().scan(0_u64, |position, fragment| {
        let start = *position;
        *position += fragment.len() as u64 + 8;
        Some(u32::try_from(start))
    });
    // Offsets that do not fit leave the table empty, which is allowed (PS3.5 A.4).
    let offset_table: Vec<u32> = starts.collect::<Result<_, _>>().unwrap_or_default();
    remove_frame_tables(object);
    object.put(DataElement::new_with_len(
        tags::PIXEL_DATA,
        VR::OB,
        Length::UNDEFINED,
        PixelFragmentSequence::new(offset_table, fragments),
    ));
    Ok(())
}

fn remove_frame_tables(object: &mut DefaultDicomObject) {
    for tag in [
        tags::EXTENDED_OFFSET_TABLE,
        tags::EXTENDED_OFFSET_TABLE_LENGTHS,
        tags::ENCAPSULATED_PIXEL_DATA_VALUE_TOTAL_LENGTH,
    ] {
        object.remove_element(tag);
    }
}

fn decode_all(
    object: &mut DefaultDicomObject,
    description: &PixelDescription,
    regions: &Regions,
    fill: Fill,
) -> Result<(), FramesError> {
    let frame_length = description.n_pixels() * usize::from(description.samples_per_pixel) * description.sample_bytes();
    let length = frame_length as u64 * u64::from(description.n_frames);
    if length >= u64::from(u32::MAX) {
        return Err(FramesError::TooLong);
    }
    let mut pixels = Vec::with_capacity(length as usize + 1);
    let mut photometric = description.photometric;
    for frame_idx in 0..description.n_frames {
        let mut decoded = frame_bytes(object, description, frame_idx)?;
        if let Some(regions) = regions.get(&frame_idx) {
            decoded = painted(object, description, decoded, regions, fill);
        }
        let (cells, decoded_photometric) = by_pixel(description, decoded);
        photometric = decoded_photometric;
        pixels.extend_from_slice(&cells);
    }
    put_native(object, description, photometric, pixels);
    Ok(())
}

fn put_native(
    object: &mut DefaultDicomObject,
    description: &PixelDescription,
    photometric: Photometric,
    mut pixels: Vec<u8>,
) {
    let element = if description.bits_allocated == 8 {
        if pixels.len() % 2 == 1 {
            pixels.push(0);
        }
        DataElement::new(tags::PIXEL_DATA, VR::OB, PrimitiveValue::from(pixels))
    } else {
        let words: Vec<u16> = pixels.as_chunks::<2>().0.iter().map(|&word| u16::from_le_bytes(word)).collect();
        DataElement::new(tags::PIXEL_DATA, VR::OW, PrimitiveValue::U16(words.into()))
    };
    object.put(element);
    remove_frame_tables(object);
    if let Some(term) = photometric.term().filter(|_| photometric != description.photometric) {
        object.put(DataElement::new(tags::PHOTOMETRIC_INTERPRETATION, VR::CS, term));
    }
    if description.samples_per_pixel > 1 {
        object.put(DataElement::new(tags::PLANAR_CONFIGURATION, VR::US, PrimitiveValue::from(0_u16)));
    }
    object.update_meta(|meta| meta.set_transfer_syntax(&EXPLICIT_VR_LITTLE_ENDIAN));
}

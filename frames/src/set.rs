//! The frames of an instance, decoded one at a time.

use crate::decode::{FrameBytes, frame_bytes};
use crate::luma::GrayMapping;
use crate::redact::blacked_out;
use crate::{Frame, FramesError, GrayFrame, Photometric, PixelDescription, Samples};
use dicom_object::DefaultDicomObject;
use efface_schema::PixelRegion;

/// The frames of one instance.
///
/// Nothing is decoded until a frame is asked for, and no decoded frame is kept.
///
/// # Example
/// ```
/// use dicom_core::{DataElement, PrimitiveValue, VR, dicom_value};
/// use dicom_dictionary_std::{tags, uids};
/// use dicom_object::{FileMetaTableBuilder, InMemDicomObject};
/// use efface_frames::{FrameSet, Samples};
///
/// let data_set = InMemDicomObject::from_element_iter([
///     DataElement::new(tags::ROWS, VR::US, dicom_value!(U16, 1)),
///     DataElement::new(tags::COLUMNS, VR::US, dicom_value!(U16, 3)),
///     DataElement::new(tags::SAMPLES_PER_PIXEL, VR::US, dicom_value!(U16, 1)),
///     DataElement::new(tags::BITS_ALLOCATED, VR::US, dicom_value!(U16, 16)),
///     DataElement::new(tags::BITS_STORED, VR::US, dicom_value!(U16, 12)),
///     DataElement::new(tags::HIGH_BIT, VR::US, dicom_value!(U16, 11)),
///     DataElement::new(tags::PIXEL_REPRESENTATION, VR::US, dicom_value!(U16, 0)),
///     DataElement::new(tags::PHOTOMETRIC_INTERPRETATION, VR::CS, "MONOCHROME2"),
///     DataElement::new(tags::PIXEL_DATA, VR::OW, PrimitiveValue::U16([0, 2047, 4095].as_ref().into())),
/// ]);
/// let meta = FileMetaTableBuilder::new()
///     .transfer_syntax(uids::EXPLICIT_VR_LITTLE_ENDIAN)
///     .media_storage_sop_class_uid(uids::SECONDARY_CAPTURE_IMAGE_STORAGE)
///     .media_storage_sop_instance_uid("2.25.1");
/// let object = data_set.with_meta(meta).unwrap();
///
/// let frames = FrameSet::open(&object).unwrap();
/// assert_eq!(frames.frame(0).unwrap().samples, Samples::U16(vec![0, 2047, 4095]));
/// assert_eq!(frames.luma(0).unwrap().pixels(), [0, 127, 255]);
/// ```
#[derive(Debug)]
pub struct FrameSet<'a> {
    object: &'a DefaultDicomObject,
    description: PixelDescription,
}

impl<'a> FrameSet<'a> {
    /// Describes the pixel data and checks the description against it.
    ///
    /// # Errors
    /// As [`PixelDescription::of`].
    pub fn open(object: &'a DefaultDicomObject) -> Result<Self, FramesError> {
        Ok(Self { object, description: PixelDescription::of(object)? })
    }

    /// What the attributes say.
    pub const fn description(&self) -> &PixelDescription {
        &self.description
    }

    /// Number of frames.
    pub const fn n_frames(&self) -> u32 {
        self.description.n_frames
    }

    /// Decodes a frame.
    ///
    /// # Errors
    /// When the frame does not exist, its transfer syntax has no decoder, or its codestream is damaged.
    pub fn frame(&self, frame_idx: u32) -> Result<Frame, FramesError> {
        let bytes = frame_bytes(self.object, &self.description, frame_idx)?;
        Ok(to_frame(&self.description, bytes))
    }

    /// The frame as a viewer would show it, in gray.
    ///
    /// Gray images go through the rescaling and the window of the data set, or from their least to their greatest
    /// value where it names none; MONOCHROME1 is inverted; colour gives its luminance.
    ///
    /// # Errors
    /// As [`FrameSet::frame`].
    pub fn luma(&self, frame_idx: u32) -> Result<GrayFrame, FramesError> {
        let frame = self.frame(frame_idx)?;
        Ok(GrayMapping::of(self.object, frame_idx).displayed(&frame))
    }

    /// As [`FrameSet::luma`] with regions painted black before: neither they nor the levels at which the others are shown
    /// say anything of what stood in them. What lies outside the image is ignored.
    ///
    /// # Errors
    /// As [`FrameSet::frame`].
    pub fn luma_without(&self, frame_idx: u32, regions: &[PixelRegion]) -> Result<GrayFrame, FramesError> {
        let bytes = frame_bytes(self.object, &self.description, frame_idx)?;
        let painted = blacked_out(self.object, &self.description, bytes, regions);
        Ok(GrayMapping::of(self.object, frame_idx).displayed(&to_frame(&self.description, painted)))
    }

    /// Every gray picture of the frame that shows something the others may hide; [`FrameSet::luma`] comes first.
    ///
    /// A window that clips makes text in the clipped range vanish, so there is a second picture over the whole
    /// range of values; saturated colours may have the luminance of their ground, so there is a second picture
    /// of the brightest component.
    ///
    /// # Errors
    /// As [`FrameSet::frame`].
    pub fn views(&self, frame_idx: u32) -> Result<Vec<GrayFrame>, FramesError> {
        let frame = self.frame(frame_idx)?;
        let mapping = GrayMapping::of(self.object, frame_idx);
        let mut views = vec![mapping.displayed(&frame)];
        views.extend(mapping.alternative(&frame));
        Ok(views)
    }
}

/// Arranges decoded bytes by pixel and gives them their type.
pub(crate) fn to_frame(description: &PixelDescription, decoded: FrameBytes<'_>) -> Frame {
    let (cells, photometric) = by_pixel(description, decoded);
    Frame {
        columns: description.columns,
        rows: description.rows,
        samples_per_pixel: description.samples_per_pixel,
        photometric,
        samples: typed(description, cells),
    }
}

/// Arranges decoded bytes by pixel, each pixel with all its samples, and keeps their unused bits.
pub(crate) fn by_pixel(description: &PixelDescription, decoded: FrameBytes<'_>) -> (Vec<u8>, Photometric) {
    let FrameBytes { bytes, layout } = decoded;
    let bytes = if layout.subsampled {
        upsampled(&bytes)
    } else if layout.planar {
        interleaved(&bytes, description.n_pixels() * description.sample_bytes(), description.sample_bytes())
    } else {
        bytes.into_owned()
    };
    match layout.photometric {
        Photometric::YbrFull422 => (bytes, Photometric::YbrFull),
        photometric => (bytes, photometric),
    }
}

/// Y0 Y1 Cb Cr becomes Y0 Cb Cr Y1 Cb Cr (PS3.3 C.7.6.3.1.2).
fn upsampled(bytes: &[u8]) -> Vec<u8> {
    let (pairs, _) = bytes.as_chunks::<4>();
    pairs.iter().flat_map(|&[first, second, blue, red]| [first, blue, red, second, blue, red]).collect()
}

fn interleaved(bytes: &[u8], plane_length: usize, sample_length: usize) -> Vec<u8> {
    let n_samples = plane_length / sample_length;
    let mut out = Vec::with_capacity(bytes.len());
    for pixel in 0..n_samples {
        for plane in bytes.chunks_exact(plane_length) {
            out.extend_from_slice(&plane[pixel * sample_length..(pixel + 1) * sample_length]);
        }
    }
    out
}

/// Takes the stored bits out of their cells and extends the sign.
fn typed(description: &PixelDescription, bytes: Vec<u8>) -> Samples {
    let bits = u32::from(description.bits_stored);
    let shift = u32::from(description.high_bit + 1 - description.bits_stored);
    let unsigned = |cell: u32| (cell >> shift) & (u32::MAX >> (32 - bits));
    let signed = |cell: u32| ((cell >> shift) << (32 - bits)).cast_signed() >> (32 - bits);
    let words = || bytes.as_chunks::<2>().0.iter().map(|&word| u32::from(u16::from_le_bytes(word)));
    let long_words = || bytes.as_chunks::<4>().0.iter().map(|&word| u32::from_le_bytes(word));
    // The mask makes each value fit its type, so the casts lose nothing.
    match (description.bits_allocated, description.signed) {
        (16, false) => Samples::U16(words().map(|cell| unsigned(cell) as u16).collect()),
        (16, true) => Samples::I16(words().map(|cell| signed(cell) as i16).collect()),
        (32, false) => Samples::U32(long_words().map(unsigned).collect()),
        (32, true) => Samples::I32(long_words().map(signed).collect()),
        (8, false) if bits == 8 => Samples::U8(bytes),
        (_, false) => Samples::U8(bytes.iter().map(|&cell| unsigned(u32::from(cell)) as u8).collect()),
        (_, true) => Samples::I8(bytes.iter().map(|&cell| signed(u32::from(cell)) as i8).collect()),
    }
}

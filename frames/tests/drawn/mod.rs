//! Drawn frames of every shape that the encoders take, and instances that hold them.

use dicom_core::value::PixelFragmentSequence;
use dicom_core::{DataElement, Length, PrimitiveValue, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::{DefaultDicomObject, FileMetaTableBuilder, InMemDicomObject};
use efface_frames::{FramesError, RawFrame, encode_jpeg_lossless, encode_rle};

/// A frame's shape and what is drawn in it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Drawing {
    pub(crate) rows: u16,
    pub(crate) columns: u16,
    pub(crate) n_frames: u16,
    pub(crate) samples_per_pixel: u16,
    pub(crate) bits_allocated: u16,
    pub(crate) bits_stored: u16,
    pub(crate) signed: bool,
    pub(crate) seed: u64,
}

/// The shapes that other programs have decoded; see `fixtures/codestreams.csv`.
pub(crate) const DRAWINGS: [(&str, Drawing); 7] = {
    const fn drawing(samples_per_pixel: u16, bits_allocated: u16, bits_stored: u16, signed: bool) -> Drawing {
        let (rows, columns, n_frames) = (37, 53, 2);
        Drawing { rows, columns, n_frames, samples_per_pixel, bits_allocated, bits_stored, signed, seed: 20140321 }
    }
    [
        ("gray-8", drawing(1, 8, 8, false)),
        ("gray-10", drawing(1, 16, 10, false)),
        ("gray-12", drawing(1, 16, 12, false)),
        ("gray-16", drawing(1, 16, 16, false)),
        // gdcm writes signed samples with several frames in no class that has no geometry.
        ("signed-16", Drawing { n_frames: 1, ..drawing(1, 16, 16, true) }),
        ("single-frame-12", Drawing { n_frames: 1, ..drawing(1, 16, 12, false) }),
        ("color-8", drawing(3, 8, 8, false)),
    ]
};

/// The encoders under test by name, with the transfer syntax that they write.
pub(crate) const ENCODERS: [(&str, &str, Encoder); 2] =
    [("rle", uids::RLE_LOSSLESS, encode_rle), ("jpeg-lossless", uids::JPEG_LOSSLESS_SV1, encode_jpeg_lossless)];

pub(crate) type Encoder = fn(&RawFrame<'_>) -> Result<Vec<u8>, FramesError>;

impl Drawing {
    /// Little-endian samples: ramps, flat areas, and noise over the whole range in the last rows.
    pub(crate) fn frame(&self, frame_idx: u16) -> Vec<u8> {
        let mut state = self.seed ^ u64::from(frame_idx);
        let mask = u32::MAX >> (32 - u32::from(self.bits_stored));
        let mut bytes = Vec::new();
        for y in 0..u32::from(self.rows) {
            for at in 0..u32::from(self.columns) * u32::from(self.samples_per_pixel) {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let noise = (state >> 40) as u32;
                let value = match y {
                    0..9 => at * 97 + y,
                    9..18 => u32::from(frame_idx) * 3 + 1,
                    18..27 => at * at + noise % 5,
                    _ => noise,
                } & mask;
                bytes.extend_from_slice(&value.to_le_bytes()[..usize::from(self.bits_allocated / 8)]);
            }
        }
        bytes
    }

    #[cfg_attr(not(test), expect(dead_code, reason = "only the tests compare"))]
    pub(crate) fn native(&self) -> DefaultDicomObject {
        let mut bytes: Vec<u8> = (0..self.n_frames).flat_map(|frame_idx| self.frame(frame_idx)).collect();
        if bytes.len() % 2 == 1 {
            bytes.push(0);
        }
        let element = if self.bits_allocated == 8 {
            DataElement::new(tags::PIXEL_DATA, VR::OB, PrimitiveValue::from(bytes))
        } else {
            let words = bytes.chunks_exact(2).map(|word| u16::from_le_bytes([word[0], word[1]]));
            DataElement::new(tags::PIXEL_DATA, VR::OW, PrimitiveValue::U16(words.collect()))
        };
        let mut data_set = self.attributes();
        data_set.put(element);
        with_meta(data_set, uids::EXPLICIT_VR_LITTLE_ENDIAN)
    }

    pub(crate) fn codestreams(&self, encoder: Encoder) -> Vec<Vec<u8>> {
        let codestream = |frame_idx| {
            let frame = RawFrame {
                rows: u32::from(self.rows),
                columns: u32::from(self.columns),
                samples_per_pixel: self.samples_per_pixel,
                bits_allocated: self.bits_allocated,
                precision: self.bits_stored,
                bytes: &self.frame(frame_idx),
            };
            encoder(&frame).expect("the encoder takes this shape")
        };
        (0..self.n_frames).map(codestream).collect()
    }

    pub(crate) fn encapsulated(&self, transfer_syntax: &str, encoder: Encoder) -> DefaultDicomObject {
        let fragments = self.codestreams(encoder);
        let mut data_set = self.attributes();
        data_set.put(DataElement::new_with_len(
            tags::PIXEL_DATA,
            VR::OB,
            Length::UNDEFINED,
            PixelFragmentSequence::new(Vec::new(), fragments),
        ));
        with_meta(data_set, transfer_syntax)
    }

    fn attributes(&self) -> InMemDicomObject {
        let number = |value: u16| PrimitiveValue::from(value);
        let photometric = if self.samples_per_pixel == 3 { "RGB" } else { "MONOCHROME2" };
        let class = if self.signed { uids::CT_IMAGE_STORAGE } else { uids::SECONDARY_CAPTURE_IMAGE_STORAGE };
        let mut data_set = InMemDicomObject::from_element_iter([
            DataElement::new(tags::SOP_CLASS_UID, VR::UI, class),
            DataElement::new(tags::SOP_INSTANCE_UID, VR::UI, "2.25.1"),
            DataElement::new(tags::SAMPLES_PER_PIXEL, VR::US, number(self.samples_per_pixel)),
            DataElement::new(tags::PHOTOMETRIC_INTERPRETATION, VR::CS, photometric),
            DataElement::new(tags::NUMBER_OF_FRAMES, VR::IS, self.n_frames.to_string()),
            DataElement::new(tags::ROWS, VR::US, number(self.rows)),
            DataElement::new(tags::COLUMNS, VR::US, number(self.columns)),
            DataElement::new(tags::BITS_ALLOCATED, VR::US, number(self.bits_allocated)),
            DataElement::new(tags::BITS_STORED, VR::US, number(self.bits_stored)),
            DataElement::new(tags::HIGH_BIT, VR::US, number(self.bits_stored - 1)),
            DataElement::new(tags::PIXEL_REPRESENTATION, VR::US, number(u16::from(self.signed))),
        ]);
        if self.samples_per_pixel == 3 {
            data_set.put(DataElement::new(tags::PLANAR_CONFIGURATION, VR::US, number(0)));
        }
        data_set
    }
}

fn with_meta(data_set: InMemDicomObject, transfer_syntax: &str) -> DefaultDicomObject {
    let meta = FileMetaTableBuilder::new().transfer_syntax(transfer_syntax);
    data_set.with_meta(meta).expect("the meta information is complete")
}

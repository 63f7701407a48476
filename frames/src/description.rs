//! What the attributes say about the pixel data, and whether that can be true.

use crate::FramesError;
use dicom_core::Tag;
use dicom_core::value::Value;
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;

/// Photometric Interpretation (0028,0004).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Photometric {
    /// Gray, lowest value white.
    Monochrome1,
    /// Gray, lowest value black.
    Monochrome2,
    /// Indices into a palette.
    PaletteColor,
    /// Red, green, blue.
    Rgb,
    /// Luminance and two chrominances, full range.
    YbrFull,
    /// As [`Photometric::YbrFull`] with chrominance at half the columns.
    YbrFull422,
    /// Luminance and two chrominances, reduced range and resolution.
    YbrPartial,
    /// JPEG 2000's irreversible transform.
    YbrIct,
    /// JPEG 2000's reversible transform.
    YbrRct,
}

impl Photometric {
    /// Reads the defined term.
    pub fn parse(term: &str) -> Option<Self> {
        Some(match term.trim_matches(['\0', ' ']) {
            "MONOCHROME1" => Self::Monochrome1,
            "MONOCHROME2" => Self::Monochrome2,
            "PALETTE COLOR" => Self::PaletteColor,
            "RGB" => Self::Rgb,
            "YBR_FULL" => Self::YbrFull,
            "YBR_FULL_422" => Self::YbrFull422,
            "YBR_PARTIAL_420" | "YBR_PARTIAL_422" => Self::YbrPartial,
            "YBR_ICT" => Self::YbrIct,
            "YBR_RCT" => Self::YbrRct,
            _ => return None,
        })
    }

    /// The defined term; `None` for [`Photometric::YbrPartial`], which stands for two.
    pub const fn term(self) -> Option<&'static str> {
        Some(match self {
            Self::Monochrome1 => "MONOCHROME1",
            Self::Monochrome2 => "MONOCHROME2",
            Self::PaletteColor => "PALETTE COLOR",
            Self::Rgb => "RGB",
            Self::YbrFull => "YBR_FULL",
            Self::YbrFull422 => "YBR_FULL_422",
            Self::YbrPartial => return None,
            Self::YbrIct => "YBR_ICT",
            Self::YbrRct => "YBR_RCT",
        })
    }

    /// Whether a pixel has one sample.
    pub const fn is_single_sample(self) -> bool {
        matches!(self, Self::Monochrome1 | Self::Monochrome2 | Self::PaletteColor)
    }
}

/// The layout of the pixel data.
///
/// Source: PS3.3 C.7.6.3 Image Pixel Module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PixelDescription {
    /// Rows (0028,0010).
    pub rows: u32,
    /// Columns (0028,0011).
    pub columns: u32,
    /// Samples per Pixel (0028,0002): 1 or 3.
    pub samples_per_pixel: u16,
    /// Bits Allocated (0028,0100): 1, 8, 16 or 32.
    pub bits_allocated: u16,
    /// Bits Stored (0028,0101).
    pub bits_stored: u16,
    /// High Bit (0028,0102).
    pub high_bit: u16,
    /// Pixel Representation (0028,0103): whether the samples have a sign.
    pub signed: bool,
    /// Photometric Interpretation (0028,0004).
    pub photometric: Photometric,
    /// Planar Configuration (0028,0006): whether each colour has its own plane.
    pub planar: bool,
    /// Number of Frames (0028,0008), or 1.
    pub n_frames: u32,
    /// Whether the pixel data is a sequence of fragments.
    pub encapsulated: bool,
    /// Bytes that follow the last frame of native pixel data, the padding byte apart. They may hide anything.
    pub n_trailing_bytes: u64,
    pub(crate) subsampled: bool,
}

impl PixelDescription {
    /// Reads and checks the attributes of a data set.
    ///
    /// # Errors
    /// When there is no pixel data, an attribute is missing or impossible, or the pixel data is too short.
    pub fn of(data_set: &InMemDicomObject) -> Result<Self, FramesError> {
        let pixel_data = data_set.get(tags::PIXEL_DATA).ok_or(FramesError::NoPixelData)?;
        let mut description = Self::from_attributes(data_set)?;
        match pixel_data.value() {
            Value::Primitive(bytes) => description.fit_native(bytes.calculate_byte_len() as u64)?,
            Value::PixelSequence(sequence) => {
                description.encapsulated = true;
                if sequence.fragments().is_empty() {
                    return Err(FramesError::TooShort);
                }
            }
            Value::Sequence(_) => return Err(FramesError::invalid(tags::PIXEL_DATA)),
        }
        Ok(description)
    }

    /// Number of pixels of a frame.
    pub const fn n_pixels(&self) -> usize {
        self.rows as usize * self.columns as usize
    }

    /// Number of bits that a native frame occupies.
    pub(crate) const fn frame_bits(&self) -> u64 {
        let per_pixel = if self.subsampled { 2 } else { self.samples_per_pixel as u64 };
        self.rows as u64 * self.columns as u64 * per_pixel * self.bits_allocated as u64
    }

    /// Bytes of a sample of at least 8 bits.
    pub(crate) const fn sample_bytes(&self) -> usize {
        (self.bits_allocated as usize).div_ceil(8)
    }

    fn from_attributes(data_set: &InMemDicomObject) -> Result<Self, FramesError> {
        let term = text(data_set, tags::PHOTOMETRIC_INTERPRETATION)?;
        let bits_allocated = required_u16(data_set, tags::BITS_ALLOCATED)?;
        let bits_stored = optional_u16(data_set, tags::BITS_STORED)?.unwrap_or(bits_allocated);
        let n_frames = match optional(data_set, tags::NUMBER_OF_FRAMES)? {
            None => 1,
            Some(n_frames) => {
                u32::try_from(n_frames.max(1)).map_err(|_| FramesError::invalid(tags::NUMBER_OF_FRAMES))?
            }
        };
        let description = Self {
            rows: u32::from(required_u16(data_set, tags::ROWS)?),
            columns: u32::from(required_u16(data_set, tags::COLUMNS)?),
            samples_per_pixel: required_u16(data_set, tags::SAMPLES_PER_PIXEL)?,
            bits_allocated,
            bits_stored,
            high_bit: optional_u16(data_set, tags::HIGH_BIT)?.unwrap_or_else(|| bits_stored.saturating_sub(1)),
            signed: optional_u16(data_set, tags::PIXEL_REPRESENTATION)?.unwrap_or(0) == 1,
            photometric: Photometric::parse(&term)
                .ok_or_else(|| FramesError::invalid(tags::PHOTOMETRIC_INTERPRETATION))?,
            planar: optional_u16(data_set, tags::PLANAR_CONFIGURATION)?.unwrap_or(0) == 1,
            n_frames,
            encapsulated: false,
            n_trailing_bytes: 0,
            subsampled: false,
        };
        description.check()?;
        Ok(description)
    }

    fn check(&self) -> Result<(), FramesError> {
        let wrong = |tag| Err(FramesError::invalid(tag));
        if self.rows == 0 {
            return wrong(tags::ROWS);
        }
        if self.columns == 0 {
            return wrong(tags::COLUMNS);
        }
        if self.samples_per_pixel != if self.photometric.is_single_sample() { 1 } else { 3 } {
            return wrong(tags::SAMPLES_PER_PIXEL);
        }
        if !matches!(self.bits_allocated, 1 | 8 | 16 | 32) {
            return Err(FramesError::UnsupportedSamples);
        }
        if self.bits_stored == 0 || self.bits_stored > self.bits_allocated {
            return wrong(tags::BITS_STORED);
        }
        if self.high_bit + 1 < self.bits_stored || self.high_bit >= self.bits_allocated {
            return wrong(tags::HIGH_BIT);
        }
        if self.bits_allocated == 1 && (self.samples_per_pixel != 1 || self.signed) {
            return Err(FramesError::UnsupportedSamples);
        }
        Ok(())
    }

    fn fit_native(&mut self, n_bytes: u64) -> Result<(), FramesError> {
        if matches!(self.photometric, Photometric::YbrFull422 | Photometric::YbrPartial) {
            // Writers that keep the chrominance of every pixel under this name exist: the length tells.
            let full = (self.frame_bits() * u64::from(self.n_frames)).div_ceil(8);
            self.subsampled = n_bytes < full;
            if self.subsampled && (self.bits_allocated != 8 || self.columns % 2 == 1) {
                return Err(FramesError::UnsupportedSamples);
            }
        }
        let needed = (self.frame_bits() * u64::from(self.n_frames)).div_ceil(8);
        if n_bytes < needed {
            return Err(FramesError::TooShort);
        }
        self.n_trailing_bytes = n_bytes - needed - needed % 2 * u64::from(n_bytes > needed);
        Ok(())
    }
}

fn text(data_set: &InMemDicomObject, tag: Tag) -> Result<String, FramesError> {
    let element = data_set.get(tag).ok_or_else(|| FramesError::missing(tag))?;
    let text = element.to_str().map_err(|_| FramesError::invalid(tag))?;
    if text.trim().is_empty() { Err(FramesError::missing(tag)) } else { Ok(text.into_owned()) }
}

fn optional(data_set: &InMemDicomObject, tag: Tag) -> Result<Option<i64>, FramesError> {
    match data_set.get(tag) {
        None => Ok(None),
        Some(element) if element.value().primitive().is_some_and(|value| value.calculate_byte_len() == 0) => Ok(None),
        Some(element) => element.to_int().map(Some).map_err(|_| FramesError::invalid(tag)),
    }
}

fn optional_u16(data_set: &InMemDicomObject, tag: Tag) -> Result<Option<u16>, FramesError> {
    optional(data_set, tag)?.map(u16::try_from).transpose().map_err(|_| FramesError::invalid(tag))
}

fn required_u16(data_set: &InMemDicomObject, tag: Tag) -> Result<u16, FramesError> {
    optional_u16(data_set, tag)?.ok_or_else(|| FramesError::missing(tag))
}

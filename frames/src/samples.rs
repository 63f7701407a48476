//! Decoded frames.

use crate::Photometric;
use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder};

/// The samples of a frame, pixel by pixel, as stored: no rescaling, no window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Samples {
    /// Unsigned, up to 8 bits; also the samples of 1-bit images, which are 0 or 1.
    U8(Vec<u8>),
    /// Signed, up to 8 bits.
    I8(Vec<i8>),
    /// Unsigned, up to 16 bits.
    U16(Vec<u16>),
    /// Signed, up to 16 bits.
    I16(Vec<i16>),
    /// Unsigned, up to 32 bits.
    U32(Vec<u32>),
    /// Signed, up to 32 bits.
    I32(Vec<i32>),
}

impl Samples {
    /// Number of samples.
    pub fn len(&self) -> usize {
        match self {
            Self::U8(values) => values.len(),
            Self::I8(values) => values.len(),
            Self::U16(values) => values.len(),
            Self::I16(values) => values.len(),
            Self::U32(values) => values.len(),
            Self::I32(values) => values.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The samples as numbers, in order.
    pub fn to_f32(&self) -> Vec<f32> {
        match self {
            Self::U8(values) => values.iter().map(|&value| f32::from(value)).collect(),
            Self::I8(values) => values.iter().map(|&value| f32::from(value)).collect(),
            Self::U16(values) => values.iter().map(|&value| f32::from(value)).collect(),
            Self::I16(values) => values.iter().map(|&value| f32::from(value)).collect(),
            Self::U32(values) => values.iter().map(|&value| value as f32).collect(),
            Self::I32(values) => values.iter().map(|&value| value as f32).collect(),
        }
    }

    /// One sample as a number.
    ///
    /// # Panics
    /// When the sample does not exist.
    pub fn at(&self, idx: usize) -> i64 {
        match self {
            Self::U8(values) => i64::from(values[idx]),
            Self::I8(values) => i64::from(values[idx]),
            Self::U16(values) => i64::from(values[idx]),
            Self::I16(values) => i64::from(values[idx]),
            Self::U32(values) => i64::from(values[idx]),
            Self::I32(values) => i64::from(values[idx]),
        }
    }

    /// The samples as little-endian bytes, as wide as the type.
    pub fn to_le_bytes(&self) -> Vec<u8> {
        match self {
            Self::U8(values) => values.clone(),
            Self::I8(values) => values.iter().map(|value| value.cast_unsigned()).collect(),
            Self::U16(values) => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
            Self::I16(values) => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
            Self::U32(values) => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
            Self::I32(values) => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
        }
    }
}

/// One decoded frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Width.
    pub columns: u32,
    /// Height.
    pub rows: u32,
    /// 1, or 3 for colour.
    pub samples_per_pixel: u16,
    /// What the samples mean after decoding: codecs that transform colour give RGB.
    pub photometric: Photometric,
    /// The samples, interleaved by pixel, with colour at full resolution.
    pub samples: Samples,
}

/// An eight-bit gray picture, 0 black, row by row.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct GrayFrame {
    columns: u32,
    rows: u32,
    pixels: Vec<u8>,
}

impl GrayFrame {
    /// Takes pixels, row by row; `None` unless there are as many as the size says.
    pub fn new(columns: u32, rows: u32, pixels: Vec<u8>) -> Option<Self> {
        (u64::from(columns) * u64::from(rows) == pixels.len() as u64).then_some(Self { columns, rows, pixels })
    }

    /// Width in pixels.
    pub const fn columns(&self) -> u32 {
        self.columns
    }

    /// Height in pixels.
    pub const fn rows(&self) -> u32 {
        self.rows
    }

    /// The pixels, row by row.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// One row.
    ///
    /// # Panics
    /// When the row does not exist.
    pub fn row(&self, y: u32) -> &[u8] {
        let start = y as usize * self.columns as usize;
        &self.pixels[start..start + self.columns as usize]
    }

    /// One pixel.
    ///
    /// # Panics
    /// When the pixel does not exist.
    pub fn at(&self, x: u32, y: u32) -> u8 {
        self.row(y)[x as usize]
    }

    /// The frame as a PNG file without loss; `None` where it has no pixel or more than such a file can hold.
    ///
    /// # Example
    /// ```
    /// use efface_frames::GrayFrame;
    /// let png = GrayFrame::new(2, 1, vec![0, 255]).unwrap().to_png().unwrap();
    /// assert_eq!(image::load_from_memory(&png).unwrap().to_luma8().into_raw(), [0, 255]);
    /// ```
    pub fn to_png(&self) -> Option<Vec<u8>> {
        let mut png = Vec::new();
        let encoder = PngEncoder::new(&mut png);
        encoder.write_image(&self.pixels, self.columns, self.rows, ExtendedColorType::L8).ok()?;
        Some(png)
    }
}

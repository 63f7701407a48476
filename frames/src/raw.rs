//! A frame as an encoder takes it.

use crate::FramesError;

/// The samples of one frame: native, little endian, interleaved by pixel, row by row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RawFrame<'a> {
    /// Height.
    pub rows: u32,
    /// Width.
    pub columns: u32,
    /// Samples of a pixel.
    pub samples_per_pixel: u16,
    /// Bits that a sample occupies, a multiple of 8.
    pub bits_allocated: u16,
    /// Low bits of a sample that mean something: High Bit (0028,0102) and 1.
    pub precision: u16,
    /// The samples.
    pub bytes: &'a [u8],
}

impl RawFrame<'_> {
    /// Checks the size against the bytes, and returns the number of bytes of a sample.
    pub(crate) fn check(&self) -> Result<usize, FramesError> {
        let is_whole = matches!(self.bits_allocated, 8 | 16 | 32) && self.samples_per_pixel > 0;
        if !is_whole || self.precision == 0 || self.precision > self.bits_allocated {
            return Err(FramesError::UnsupportedSamples);
        }
        let sample_bytes = usize::from(self.bits_allocated / 8);
        let n_samples = u64::from(self.rows) * u64::from(self.columns) * u64::from(self.samples_per_pixel);
        if n_samples == 0 || n_samples * sample_bytes as u64 > self.bytes.len() as u64 {
            return Err(FramesError::TooShort);
        }
        Ok(sample_bytes)
    }
}

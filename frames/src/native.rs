//! Painting over bytes.

use crate::decode::Layout;
use crate::{FramesError, PixelDescription};
use dicom_core::PrimitiveValue;
use efface_schema::PixelRegion;

/// Paints regions of frames whose samples lie in `layout`.
#[derive(Debug)]
pub(crate) struct Painter<'a> {
    pub(crate) description: &'a PixelDescription,
    pub(crate) layout: Layout,
    pub(crate) fill: [u32; 3],
}

impl Painter<'_> {
    /// Paints one region of the frame that starts at `start_bit`, through `put(byte, mask, bits)`.
    /// The region lies inside the frame.
    pub(crate) fn paint(&self, start_bit: u64, region: &PixelRegion, put: &mut impl FnMut(usize, u8, u8)) {
        let columns = self.description.columns as usize;
        for y in region.y0 as usize..region.y1 as usize {
            let row = y * columns;
            if self.layout.subsampled {
                self.paint_pairs(start_bit, row, region, put);
            } else {
                for x in region.x0 as usize..region.x1 as usize {
                    self.paint_pixel(start_bit, row + x, put);
                }
            }
        }
    }

    fn paint_pixel(&self, start_bit: u64, pixel: usize, put: &mut impl FnMut(usize, u8, u8)) {
        if self.description.bits_allocated == 1 {
            let bit = start_bit + pixel as u64;
            let mask = 1 << (bit % 8);
            return put((bit / 8) as usize, mask, if self.fill[0] & 1 == 1 { mask } else { 0 });
        }
        let n_samples = usize::from(self.description.samples_per_pixel);
        let width = self.description.sample_bytes();
        for (sample, fill) in self.fill.iter().take(n_samples).enumerate() {
            let cell = if self.layout.planar {
                sample * self.description.n_pixels() + pixel
            } else {
                pixel * n_samples + sample
            };
            let at = (start_bit / 8) as usize + cell * width;
            for (byte, value) in fill.to_le_bytes().into_iter().take(width).enumerate() {
                put(at + byte, 0xFF, value);
            }
        }
    }

    /// Pairs of pixels share their chrominance, so a pair is painted whole.
    fn paint_pairs(&self, start_bit: u64, row: usize, region: &PixelRegion, put: &mut impl FnMut(usize, u8, u8)) {
        let [luma, blue, red] = self.fill.map(|fill| fill.to_le_bytes()[0]);
        for pair in (row + region.x0 as usize) / 2..(row + region.x1 as usize).div_ceil(2) {
            let at = (start_bit / 8) as usize + pair * 4;
            for (byte, value) in [luma, luma, blue, red].into_iter().enumerate() {
                put(at + byte, 0xFF, value);
            }
        }
    }
}

/// Gives `paint` a way to change the bytes of a value in place, whatever words they are kept in.
///
/// Words are numbered from their least significant byte, as they stand in little endian.
pub(crate) fn with_bytes(
    value: &mut PrimitiveValue,
    paint: impl FnOnce(&mut dyn FnMut(usize, u8, u8)),
) -> Result<(), FramesError> {
    match value {
        PrimitiveValue::U8(bytes) => paint(&mut |at, mask, bits| bytes[at] = bytes[at] & !mask | bits),
        PrimitiveValue::U16(words) => paint(&mut |at, mask, bits| {
            let shift = 8 * (at % 2);
            let word = &mut words[at / 2];
            *word = *word & !(u16::from(mask) << shift) | u16::from(bits) << shift;
        }),
        PrimitiveValue::I16(words) => paint(&mut |at, mask, bits| {
            let shift = 8 * (at % 2);
            let word = words[at / 2].cast_unsigned();
            words[at / 2] = (word & !(u16::from(mask) << shift) | u16::from(bits) << shift).cast_signed();
        }),
        PrimitiveValue::U32(words) => paint(&mut |at, mask, bits| {
            let shift = 8 * (at % 4);
            let word = &mut words[at / 4];
            *word = *word & !(u32::from(mask) << shift) | u32::from(bits) << shift;
        }),
        _ => return Err(FramesError::UnsupportedSamples),
    }
    Ok(())
}

//! Painting over bytes.

use crate::decode::Layout;
use crate::{FramesError, PixelDescription};
use dicom_core::PrimitiveValue;
use efface_schema::PixelRegion;

/// What pixels are painted with: one number for each sample, unused bits included.
#[derive(Debug)]
pub(crate) enum Paint {
    /// All regions alike.
    Flat([u32; 3]),
    /// Each pixel its own, in order of place. Where pairs of pixels share their chrominance, whole pairs.
    Pixels(Vec<(usize, [u32; 3])>),
}

/// Paints regions of frames whose samples lie in `layout`.
#[derive(Debug)]
pub(crate) struct Painter<'a> {
    pub(crate) description: &'a PixelDescription,
    pub(crate) layout: Layout,
    pub(crate) paint: &'a Paint,
}

impl Painter<'_> {
    /// Paints the regions of the frame that starts at `start_bit`, through `put(byte, mask, bits)`.
    /// The regions lie inside the frame.
    pub(crate) fn paint(&self, start_bit: u64, regions: &[PixelRegion], put: &mut impl FnMut(usize, u8, u8)) {
        match self.paint {
            Paint::Flat(cells) => {
                let columns = self.description.columns as usize;
                for region in regions {
                    for y in region.y0 as usize..region.y1 as usize {
                        let row = y * columns;
                        let pixels = row + region.x0 as usize..row + region.x1 as usize;
                        self.paint_run(start_bit, pixels.map(|pixel| (pixel, *cells)), put);
                    }
                }
            }
            Paint::Pixels(pixels) => self.paint_run(start_bit, pixels.iter().copied(), put),
        }
    }

    fn paint_run(
        &self,
        start_bit: u64,
        mut pixels: impl Iterator<Item = (usize, [u32; 3])>,
        put: &mut impl FnMut(usize, u8, u8),
    ) {
        if !self.layout.subsampled {
            return pixels.for_each(|(pixel, cells)| self.paint_pixel(start_bit, pixel, cells, put));
        }
        while let (Some((pixel, first)), Some((_, second))) = (pixels.next(), pixels.next()) {
            Self::paint_pair(start_bit, pixel / 2, [first, second], put);
        }
    }

    fn paint_pixel(&self, start_bit: u64, pixel: usize, cells: [u32; 3], put: &mut impl FnMut(usize, u8, u8)) {
        if self.description.bits_allocated == 1 {
            let bit = start_bit + pixel as u64;
            let mask = 1 << (bit % 8);
            return put((bit / 8) as usize, mask, if cells[0] & 1 == 1 { mask } else { 0 });
        }
        let n_samples = usize::from(self.description.samples_per_pixel);
        let width = self.description.sample_bytes();
        for (sample, value) in cells.iter().take(n_samples).enumerate() {
            let cell = if self.layout.planar {
                sample * self.description.n_pixels() + pixel
            } else {
                pixel * n_samples + sample
            };
            let at = (start_bit / 8) as usize + cell * width;
            for (byte, bits) in value.to_le_bytes().into_iter().take(width).enumerate() {
                put(at + byte, 0xFF, bits);
            }
        }
    }

    /// Pairs of pixels share their chrominance, so a pair is painted whole, with the mean of both.
    fn paint_pair(start_bit: u64, pair: usize, cells: [[u32; 3]; 2], put: &mut impl FnMut(usize, u8, u8)) {
        let [first, second] = cells;
        let shared = |sample: usize| u32::midpoint(first[sample], second[sample]);
        let at = (start_bit / 8) as usize + pair * 4;
        for (byte, value) in [first[0], second[0], shared(1), shared(2)].into_iter().enumerate() {
            put(at + byte, 0xFF, value.to_le_bytes()[0]);
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

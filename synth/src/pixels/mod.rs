//! Images with the structure of their modality: layered shapes, texture at several scales, the noise that the
//! modality has. Not meant for diagnosis, only not to be flat.
//!
//! Shapes are painted by rows and textures read from tiles that are made once (`noise`), since a suite holds
//! thousands of images: nothing transcendental is computed for a pixel.

mod layers;
mod noise;
mod projection;
mod screens;
mod sections;
mod ultrasound;

pub(crate) use projection::{angiogram, mammogram, radiograph};
pub(crate) use screens::{color_rendering, palette_map, screenshot};
pub(crate) use sections::{ct_frame, ct_slice, mr_frame, mr_slice, pet_slice, scintigram};
pub(crate) use ultrasound::ultrasound;

use layers::Offset;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// Pixels under construction: frame after frame, row after row, samples interleaved.
#[derive(Debug, Clone)]
pub(crate) struct Canvas {
    pub(crate) columns: u32,
    pub(crate) rows: u32,
    pub(crate) n_frames: u32,
    pub(crate) n_samples: u32,
    pub(crate) values: Vec<i32>,
}

impl Canvas {
    pub(crate) fn new(columns: u32, rows: u32, n_frames: u32, n_samples: u32) -> Self {
        let n_values = columns as usize * rows as usize * n_frames as usize * n_samples as usize;
        Self { columns, rows, n_frames, n_samples, values: vec![0; n_values] }
    }

    /// Index of the first sample of a pixel.
    pub(crate) fn index(&self, frame: u32, x: u32, y: u32) -> usize {
        ((frame as usize * self.rows as usize + y as usize) * self.columns as usize + x as usize)
            * self.n_samples as usize
    }

    /// The rows of one frame, from the top.
    fn frame_rows(&mut self, frame: u32) -> impl Iterator<Item = &mut [i32]> {
        let row_length = self.columns as usize * self.n_samples as usize;
        let start = self.index(frame, 0, 0);
        let length = row_length * self.rows as usize;
        self.values[start..start + length].chunks_exact_mut(row_length)
    }

    /// The pixels as 8-bit samples, padded to an even number of bytes.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes: Vec<u8> = self.values.iter().map(|value| (*value).clamp(0, 255) as u8).collect();
        if bytes.len() % 2 == 1 {
            bytes.push(0);
        }
        bytes
    }

    /// The pixels as 16-bit words; negative values are in two's complement.
    pub(crate) fn to_words(&self) -> Vec<u16> {
        self.values.iter().map(|value| *value as u16).collect()
    }

    /// Three colour samples become luminance and chrominance at full range (PS3.3 C.7.6.3.1.2).
    pub(crate) fn to_ybr_full(&self) -> Vec<u8> {
        let byte = |scaled: i32| ((scaled + (1 << 15)) >> 16).clamp(0, 255) as u8;
        let pixels = self.values.as_chunks::<3>().0;
        let mut bytes: Vec<u8> = pixels
            .iter()
            .flat_map(|&[red, green, blue]| {
                let (red, green, blue) = (red.clamp(0, 255), green.clamp(0, 255), blue.clamp(0, 255));
                [
                    byte(19_595 * red + 38_470 * green + 7_471 * blue),
                    byte(-11_059 * red - 21_709 * green + 32_768 * blue + (128 << 16)),
                    byte(32_768 * red - 27_439 * green - 5_329 * blue + (128 << 16)),
                ]
            })
            .collect();
        if bytes.len() % 2 == 1 {
            bytes.push(0);
        }
        bytes
    }
}

fn offset(rng: &mut ChaCha8Rng) -> Offset {
    Offset { x: rng.random_range(0..noise::SIDE), y: rng.random_range(0..noise::SIDE) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::streams::Streams;

    #[test]
    fn colours_turn_into_luminance_and_chrominance() {
        let mut canvas = Canvas::new(2, 2, 1, 3);
        canvas.values = vec![255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 255];
        assert_eq!(canvas.to_ybr_full(), [255, 128, 128, 76, 85, 255, 0, 128, 128, 29, 255, 107]);
    }

    #[test]
    fn images_fill_their_range_and_differ_by_their_stream() {
        let streams = Streams::new(11);
        let draw = |name: &str, ordinal: u64| -> Canvas {
            let rng = &mut streams.stream("test", &[ordinal]);
            match name {
                "ct chest" => ct_slice(rng, 256, 192, 0.4, "CHEST"),
                "ct abdomen" => ct_slice(rng, 256, 192, 0.4, "ABDOMEN"),
                "ct head" => ct_slice(rng, 256, 192, 0.4, "HEAD"),
                "mr" => mr_slice(rng, 256, 192, 0.4),
                "pt" => pet_slice(rng, 128, 128, 0.4),
                "nm" => scintigram(rng, 128, 128, 2),
                "radiograph" => radiograph(rng, 256, 192, 4095),
                "mammogram" => mammogram(rng, 256, 320, 16_383, true),
                "angiogram" => angiogram(rng, 256, 256, 3),
                "ultrasound" => ultrasound(rng, 320, 240, 2),
                "color" => color_rendering(rng, 256, 192),
                _ => palette_map(rng, 256, 192),
            }
        };
        let mut flat = Vec::new();
        for (name, low, high) in [
            ("ct chest", -950, 500),
            ("ct abdomen", -950, 500),
            ("ct head", -950, 900),
            ("mr", 60, 1500),
            ("pt", 30, 2500),
            ("nm", 6, 60),
            ("radiograph", 500, 3000),
            ("mammogram", 600, 8000),
            ("angiogram", 80, 160),
            ("ultrasound", 4, 120),
            ("color", 40, 150),
            ("palette", 40, 150),
        ] {
            let canvas = draw(name, 1);
            let share = |count: usize| count as f64 / canvas.values.len() as f64;
            let dark = share(canvas.values.iter().filter(|value| **value <= low).count());
            let bright = share(canvas.values.iter().filter(|value| **value >= high).count());
            if dark < 0.003 || bright < 0.003 {
                flat.push(format!("{name}: {dark:.4} dark, {bright:.4} bright"));
            }
            assert_eq!(canvas.values, draw(name, 1).values, "{name}");
            assert_ne!(canvas.values, draw(name, 2).values, "{name}");
        }
        assert_eq!(flat, Vec::<String>::new());
    }
}

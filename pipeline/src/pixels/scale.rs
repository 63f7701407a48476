//! Cutting a line out of a frame and making it readable.

use super::glyphs::Polarity;
use efface_frames::GrayFrame;
use efface_schema::PixelRegion;

/// An upright gray image for the reader, dark text on light ground.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Crop {
    pub(super) columns: u32,
    pub(super) rows: u32,
    pub(super) pixels: Vec<u8>,
}

impl Crop {
    /// The image in portable graymap form, which Leptonica reads.
    pub(super) fn to_pgm(&self) -> Vec<u8> {
        let mut bytes = format!("P5\n{} {}\n255\n", self.columns, self.rows).into_bytes();
        bytes.extend_from_slice(&self.pixels);
        bytes
    }
}

/// Cuts a region out and stretches it so that `ground` becomes white and `ink` black.
pub(super) fn cut(frame: &GrayFrame, region: &PixelRegion, polarity: Polarity, ground: u8, ink: u8) -> Crop {
    let span = f32::from(ink.saturating_sub(ground).max(1));
    let level =
        |pixel: u8| 255 - ((f32::from(polarity.seen(pixel).saturating_sub(ground)) / span * 255.0).min(255.0) as u8);
    let rows = region.y0..region.y1;
    let pixels =
        rows.flat_map(|y| &frame.row(y)[region.x0 as usize..region.x1 as usize]).map(|&pixel| level(pixel)).collect();
    Crop { columns: region.x1 - region.x0, rows: region.y1 - region.y0, pixels }
}

/// Enlarges by a factor with Catmull-Rom interpolation.
pub(super) fn enlarged(crop: &Crop, factor: f32) -> Crop {
    let columns = ((crop.columns as f32 * factor).round() as u32).max(1);
    let rows = ((crop.rows as f32 * factor).round() as u32).max(1);
    let source: Vec<f32> = crop.pixels.iter().map(|&pixel| f32::from(pixel)).collect();
    let (width, height) = (crop.columns as usize, crop.rows as usize);
    let across = weights(width, columns as usize);
    let mut wide = vec![0.0_f32; columns as usize * height];
    for y in 0..height {
        let row = &source[y * width..(y + 1) * width];
        for (x, taps) in across.iter().enumerate() {
            wide[y * columns as usize + x] = taps.iter().map(|&(at, weight)| row[at] * weight).sum();
        }
    }
    let down = weights(height, rows as usize);
    let mut pixels = Vec::with_capacity(columns as usize * rows as usize);
    for taps in &down {
        for x in 0..columns as usize {
            let value: f32 = taps.iter().map(|&(at, weight)| wide[at * columns as usize + x] * weight).sum();
            pixels.push(value.clamp(0.0, 255.0) as u8);
        }
    }
    Crop { columns, rows, pixels }
}

/// Makes every pixel white or black.
pub(super) fn thresholded(crop: Crop) -> Crop {
    let level = |pixel: u8| if pixel < 128 { 0 } else { 255 };
    Crop { pixels: crop.pixels.into_iter().map(level).collect(), ..crop }
}

/// For each place of the result, four places of the source and their weights.
fn weights(n_source: usize, n_result: usize) -> Vec<[(usize, f32); 4]> {
    let step = n_source as f32 / n_result as f32;
    let clamped = |at: i64| at.clamp(0, n_source as i64 - 1) as usize;
    (0..n_result)
        .map(|place| {
            let position = (place as f32 + 0.5) * step - 0.5;
            let floor = position.floor();
            let t = position - floor;
            let taps = [
                ((-t + 2.0) * t - 1.0) * t * 0.5,
                ((3.0 * t - 5.0) * t * t + 2.0) * 0.5,
                ((-3.0 * t + 4.0) * t + 1.0) * t * 0.5,
                (t - 1.0) * t * t * 0.5,
            ];
            std::array::from_fn(|tap| (clamped(floor as i64 + tap as i64 - 1), taps[tap]))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enlarging_keeps_flat_ground_and_the_place_of_an_edge() {
        let crop = Crop { columns: 4, rows: 1, pixels: vec![0, 0, 200, 200] };
        let large = enlarged(&crop, 3.0);
        assert_eq!((large.columns, large.rows), (12, 3));
        assert_eq!(large.pixels[0], 0);
        assert!(large.pixels[5] < 100 && large.pixels[6] >= 100);
        assert_eq!(large.pixels[11], 200);
    }

    #[test]
    fn ground_becomes_white_and_ink_black() {
        let frame = GrayFrame::new(3, 1, vec![40, 140, 240]).expect("three pixels");
        let region = PixelRegion { x0: 0, y0: 0, x1: 3, y1: 1 };
        assert_eq!(cut(&frame, &region, Polarity::Light, 40, 240).pixels, [255, 128, 0]);
        assert_eq!(cut(&frame, &region, Polarity::Dark, 15, 215).pixels, [0, 128, 255]);
        assert!(cut(&frame, &region, Polarity::Light, 40, 240).to_pgm().starts_with(b"P5\n3 1\n255\n\xFF"));
    }
}

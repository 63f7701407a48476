//! Cross sections: CT, MR, positron emission tomography and planar nuclear medicine.

use super::layers::{Ellipse, Layer, Offset, ellipse, paint_row, soften};
use super::noise::{Tiles, UNIT, tiles};
use super::{Canvas, offset};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// A slice in Hounsfield units of the part of the body that `body_part` names.
pub(crate) fn ct_slice(rng: &mut ChaCha8Rng, columns: u32, rows: u32, depth: f64, body_part: &str) -> Canvas {
    let mut canvas = Canvas::new(columns, rows, 1, 1);
    ct_frame(rng, &mut canvas, 0, depth, body_part);
    canvas
}

/// The same in one frame of a canvas.
pub(crate) fn ct_frame(rng: &mut ChaCha8Rng, canvas: &mut Canvas, frame: u32, depth: f64, body_part: &str) {
    let tiles = tiles();
    let at = offset(rng);
    let layers = match body_part {
        "HEAD" | "NECK" => ct_head(tiles, depth),
        "CHEST" => ct_chest(tiles, depth),
        _ => ct_abdomen(tiles, depth),
    };
    let noise = rng.random_range(9..22);
    let n_rows = canvas.rows as usize;
    for (y, row) in canvas.frame_rows(frame).enumerate() {
        row.fill(-1000);
        paint_row(&layers, &tiles.coarse, at, y, n_rows, row);
        soften(row);
        let white = tiles.white.row(at.x + y * 31, at.y + y);
        for (value, grain) in row.iter_mut().zip(white) {
            *value = (*value + ((grain * noise) >> 8)).max(-1024);
        }
    }
}

fn trunk<'t>(tiles: &'t Tiles, wide: f64, tall: f64) -> Vec<Layer<'t>> {
    let layer = |shape, level, amplitude, wobble| Layer { shape, level, texture: &tiles.fine, amplitude, wobble };
    vec![
        layer(ellipse(0.0, 0.78, 0.9, 0.09), -350, 20, 0),
        layer(ellipse(0.0, 0.74, 0.9, 0.08), -985, 5, 0),
        layer(ellipse(0.0, 0.0, wide, tall), 40, 30, 6),
        layer(ellipse(0.0, 0.0, wide - 0.015, tall - 0.015), -100, 14, 8),
        layer(ellipse(0.0, 0.0, wide - 0.08, tall - 0.07), 52, 16, 14),
    ]
}

/// Vertebra, its canal and its spine, over everything else.
fn spine(tiles: &Tiles, y: f64) -> [Layer<'_>; 4] {
    let bone = |shape, level, amplitude| Layer { shape, level, texture: &tiles.fine, amplitude, wobble: 4 };
    [
        bone(ellipse(0.0, y + 0.17, 0.03, 0.12), 420, 110),
        bone(ellipse(0.0, y, 0.115, 0.10), 620, 120),
        bone(ellipse(0.0, y, 0.095, 0.08), 210, 70),
        Layer { amplitude: 10, ..bone(ellipse(0.0, y + 0.12, 0.04, 0.035), 28, 10) },
    ]
}

/// Ribs lie on the chest wall; which ones a slice cuts depends on its depth.
fn ribs(tiles: &Tiles, wide: f64, tall: f64, depth: f64) -> impl Iterator<Item = Layer<'_>> {
    (0..18).filter(|rib| rib % 3 != 0).map(move |rib| {
        let angle = (f64::from(rib) + depth * 2.7) * std::f64::consts::TAU / 18.0;
        let shape = ellipse(angle.cos() * (wide - 0.1), angle.sin() * (tall - 0.085), 0.045, 0.022);
        Layer { shape, level: 480, texture: &tiles.fine, amplitude: 140, wobble: 5 }
    })
}

fn ct_chest(tiles: &Tiles, depth: f64) -> Vec<Layer<'_>> {
    let (wide, tall) = (0.80 + 0.05 * depth, 0.56 + 0.04 * depth);
    let mut layers = trunk(tiles, wide, tall);
    layers.extend(ribs(tiles, wide, tall, depth));
    let organ = |shape, level, amplitude, wobble| Layer { shape, level, texture: &tiles.cloud, amplitude, wobble };
    let reach = 0.30 + 0.10 * (depth * 3.0).sin().abs();
    for side in [-1.0, 1.0] {
        let lung = ellipse(side * 0.36, -0.03, 0.27, reach + 0.06);
        // The grain of vessels that are cut across.
        layers.push(Layer { texture: &tiles.fine, ..organ(lung, -840, 62, 18) });
        for vessel in 0..9_i32 {
            let angle = f64::from(vessel) * 0.7 + depth * 4.0;
            let distance = 0.05 + f64::from(vessel % 4) * 0.045;
            let size = 0.016 - f64::from(vessel % 4) * 0.0025;
            let shape = ellipse(side * (0.24 + distance * angle.cos()), distance * 1.6 * angle.sin(), size, size);
            layers.push(organ(shape, 20, 20, 0));
        }
    }
    layers.push(organ(ellipse(0.05, -0.10, 0.21, 0.19 + 0.03 * depth), 60, 14, 12));
    layers.push(organ(ellipse(0.11, -0.08, 0.09, 0.10), 140, 16, 10));
    layers.push(organ(ellipse(-0.10, 0.17, 0.05, 0.045), 130, 12, 3));
    layers.push(organ(ellipse(0.01, 0.06, 0.028, 0.03), -950, 10, 2));
    layers.extend(spine(tiles, 0.30));
    layers
}

fn ct_abdomen(tiles: &Tiles, depth: f64) -> Vec<Layer<'_>> {
    let (wide, tall) = (0.78, 0.55);
    let mut layers = trunk(tiles, wide, tall);
    layers.extend(ribs(tiles, wide, tall, depth).filter(|rib| rib.shape.y > 0.05));
    let organ = |shape, level, amplitude, wobble| Layer { shape, level, texture: &tiles.cloud, amplitude, wobble };
    layers.push(organ(ellipse(0.0, 0.02, 0.60, 0.42), -85, 22, 20));
    layers.push(organ(ellipse(-0.33, -0.05, 0.29, 0.31 - 0.1 * depth), 62, 12, 22));
    layers.push(organ(ellipse(-0.30, -0.12, 0.05, 0.06), 12, 5, 6));
    layers.push(organ(ellipse(0.44, 0.08, 0.12, 0.17), 55, 10, 14));
    layers.push(organ(ellipse(0.18, -0.16, 0.19, 0.13), 30, 26, 26));
    layers.push(organ(ellipse(0.20, -0.20, 0.09, 0.05), -880, 30, 18));
    for (loop_idx, side) in [(0, -1.0), (1, 1.0), (2, 0.4), (3, -0.5)] {
        let y = 0.06 + 0.05 * f64::from(loop_idx) - 0.04 * depth;
        layers.push(organ(ellipse(side * 0.2, y - 0.08, 0.085, 0.06), 35, 22, 24));
        layers.push(organ(ellipse(side * 0.2, y - 0.085, 0.04, 0.025), -600, 160, 14));
    }
    for side in [-1.0, 1.0] {
        layers.push(organ(ellipse(side * 0.30, 0.20, 0.095, 0.12), 40, 10, 12));
        layers.push(organ(ellipse(side * 0.265, 0.20, 0.035, 0.05), -60, 20, 8));
    }
    layers.push(organ(ellipse(-0.05, 0.13, 0.05, 0.045), 150, 10, 3));
    layers.push(organ(ellipse(0.08, 0.13, 0.06, 0.04), 120, 10, 5));
    layers.extend(spine(tiles, 0.28));
    layers
}

fn ct_head(tiles: &Tiles, depth: f64) -> Vec<Layer<'_>> {
    let layer = |shape, level, amplitude, wobble| Layer { shape, level, texture: &tiles.cloud, amplitude, wobble };
    let size = 1.0 - 0.25 * depth;
    let mut layers = vec![
        layer(ellipse(0.0, 0.0, 0.60 * size, 0.74 * size), 45, 25, 5),
        layer(ellipse(0.0, 0.0, 0.575 * size, 0.715 * size), 1050, 180, 3),
        layer(ellipse(0.0, 0.0, 0.52 * size, 0.66 * size), 34, 9, 5),
        layer(ellipse(0.0, 0.0, 0.42 * size, 0.55 * size), 28, 7, 30),
        layer(ellipse(0.0, 0.0, 0.008, 0.64 * size), 62, 8, 1),
    ];
    for side in [-1.0, 1.0] {
        layers.push(layer(ellipse(side * 0.09 * size, -0.05, 0.045, 0.20 * size), 6, 4, 12));
        layers.push(layer(ellipse(side * 0.2 * size, 0.05, 0.06, 0.09), 38, 6, 9));
    }
    layers
}

/// A slice of a head in arbitrary units up to 4095, brighter where the coil is near.
pub(crate) fn mr_slice(rng: &mut ChaCha8Rng, columns: u32, rows: u32, depth: f64) -> Canvas {
    let mut canvas = Canvas::new(columns, rows, 1, 1);
    mr_frame(rng, &mut canvas, 0, depth);
    canvas
}

/// The same in one frame of a canvas.
pub(crate) fn mr_frame(rng: &mut ChaCha8Rng, canvas: &mut Canvas, frame: u32, depth: f64) {
    let tiles = tiles();
    let at = offset(rng);
    let layers = mr_head(tiles, depth);
    let (n_rows, n_columns) = (canvas.rows as usize, canvas.columns as usize);
    let bias = Bias::new(rng, n_rows, n_columns);
    let (white_matter, noise) = (rng.random_range(560..700), rng.random_range(35..60));
    let brain = ellipse(0.0, 0.0, 0.50, 0.64);
    for (y, row) in canvas.frame_rows(frame).enumerate() {
        row.fill(0);
        paint_row(&layers, &tiles.coarse, at, y, n_rows, row);
        fold(row, brain, white_matter, tiles, at, y, n_rows);
        soften(row);
        bias.apply(row, y);
        let (first, second) = (tiles.white.row(at.x + y * 31, at.y + y), tiles.white.row(at.x + y * 17, at.y + y + 97));
        // The length of a complex number with noise in both parts: never negative, and not zero in air.
        for ((value, real), imaginary) in row.iter_mut().zip(first).zip(second) {
            let (real, imaginary) = (*value + ((real * noise) >> 8), ((imaginary * noise) >> 8).abs());
            *value = (real.abs().max(imaginary) + real.abs().min(imaginary) / 3).min(4095);
        }
    }
}

fn mr_head(tiles: &Tiles, depth: f64) -> Vec<Layer<'_>> {
    let layer = |shape, level, amplitude, wobble| Layer { shape, level, texture: &tiles.cloud, amplitude, wobble };
    let mut layers = vec![
        layer(ellipse(0.0, 0.0, 0.64, 0.79), 1750, 180, 5),
        layer(ellipse(0.0, 0.0, 0.60, 0.75), 130, 40, 4),
        layer(ellipse(0.0, 0.0, 0.55, 0.70), 420, 60, 3),
        layer(ellipse(0.0, 0.0, 0.54, 0.69), 2300, 120, 8),
        layer(ellipse(0.0, 0.0, 0.51, 0.65), 1250, 60, 24),
    ];
    for side in [-1.0, 1.0] {
        layers.push(layer(ellipse(side * 0.10, -0.05, 0.05, 0.2 + 0.06 * depth), 2500, 70, 14));
        layers.push(layer(ellipse(side * 0.23, 0.0, 0.06, 0.10), 1050, 60, 8));
    }
    layers.push(layer(ellipse(0.0, -0.45, 0.012, 0.2), 2300, 80, 4));
    layers.push(layer(ellipse(0.0, 0.5, 0.012, 0.15), 2300, 80, 4));
    layers
}

/// White matter below a folded border: where smooth noise is high, and more of it towards the middle.
fn fold(row: &mut [i32], brain: Ellipse, level: i32, tiles: &Tiles, at: Offset, y: usize, n_rows: usize) {
    let v = (y as f64 + 0.5) / n_rows as f64 * 2.0 - 1.0;
    let n_columns = row.len();
    let height = ((v - brain.y) / brain.tall).powi(2);
    // Squared distance from the middle in 1/1,024, row by row in integers.
    let height = (height * 1024.0) as i32;
    let scale = (1024.0 / (brain.wide * brain.wide) * 4.0 / (n_columns * n_columns) as f64 * 65_536.0) as i64;
    let noise = tiles.middle.row(at.x, at.y + y * 512 / n_rows.max(256));
    let fine = tiles.fine.row(at.x + 33, at.y + y);
    for (x, ((value, noise), grain)) in row.iter_mut().zip(noise).zip(fine).enumerate() {
        let distance = 2 * x as i64 - n_columns as i64;
        let radius = height + ((distance * distance * scale) >> 18) as i32;
        if (1150..1400).contains(value) && noise * 2 + 560 > radius {
            *value = level + ((grain * 40) >> 8);
        }
    }
}

/// A smooth gain over the image, strongest at one side.
struct Bias {
    columns: Vec<i32>,
    rows: Vec<i32>,
}

impl Bias {
    fn new(rng: &mut ChaCha8Rng, n_rows: usize, n_columns: usize) -> Self {
        let mut curve = |n: usize| -> Vec<i32> {
            let (middle, depth) = (rng.random_range(0.2..0.8), rng.random_range(60.0..130.0));
            (0..n).map(|at| (280.0 - depth * (at as f64 / n as f64 - middle).powi(2) * 4.0) as i32).collect()
        };
        Self { columns: curve(n_columns), rows: curve(n_rows) }
    }

    fn apply(&self, row: &mut [i32], y: usize) {
        let gain = self.rows[y];
        row.iter_mut().zip(&self.columns).for_each(|(value, column)| *value = (*value * ((gain * column) >> 8)) >> 8);
    }
}

/// An attenuation-corrected slice in counts: uptake in organs, with the noise of counting.
pub(crate) fn pet_slice(rng: &mut ChaCha8Rng, columns: u32, rows: u32, depth: f64) -> Canvas {
    let mut canvas = Canvas::new(columns, rows, 1, 1);
    let tiles = tiles();
    let layer = |shape, level, amplitude, wobble| Layer { shape, level, texture: &tiles.cloud, amplitude, wobble };
    let (x, y) = (rng.random_range(-0.3..0.3), rng.random_range(-0.2..0.1));
    let layers = [
        layer(ellipse(0.0, 0.0, 0.68, 0.48), 700, 120, 10),
        layer(ellipse(-0.32, 0.0, 0.24, 0.28), 350, 80, 12),
        layer(ellipse(0.32, 0.0, 0.24, 0.28), 380, 80, 12),
        layer(ellipse(0.05, -0.08, 0.2, 0.18), 2600, 300, 12),
        layer(ellipse(0.07, -0.07, 0.1, 0.09), 1100, 150, 8),
        layer(ellipse(0.0, 0.28, 0.09, 0.08), 1300, 150, 6),
        layer(ellipse(x, y, 0.04 + 0.02 * depth, 0.05), 7800, 600, 8),
    ];
    counts(&mut canvas, 0, &layers, tiles, offset(rng), 10, 32_767);
    canvas
}

/// A planar whole-body view in counts for each frame: bones, kidneys and bladder take up tracer.
pub(crate) fn scintigram(rng: &mut ChaCha8Rng, columns: u32, rows: u32, n_frames: u32) -> Canvas {
    let mut canvas = Canvas::new(columns, rows, n_frames, 1);
    let tiles = tiles();
    let layer = |shape, level, amplitude| Layer { shape, level, texture: &tiles.middle, amplitude, wobble: 8 };
    for frame in 0..n_frames {
        let gain = 10 + 3 * i32::try_from(frame % 8).unwrap_or(0);
        let mut layers = vec![
            layer(ellipse(0.0, 0.05, 0.36, 0.62), 2 * gain, gain / 3),
            layer(ellipse(0.0, -0.72, 0.15, 0.19), 4 * gain, gain / 2),
            layer(ellipse(0.0, 0.0, 0.05, 0.6), 8 * gain, 2 * gain),
            layer(ellipse(0.0, 0.52, 0.25, 0.09), 6 * gain, gain),
            layer(ellipse(0.0, 0.62, 0.08, 0.06), 18 * gain, gain),
        ];
        for side in [-1.0, 1.0] {
            layers.push(layer(ellipse(side * 0.16, 0.13, 0.06, 0.09), 10 * gain, gain));
            layers.push(layer(ellipse(side * 0.5, 0.0, 0.07, 0.5), 3 * gain, gain / 2));
        }
        counts(&mut canvas, frame, &layers, tiles, offset(rng), 256, 32_767);
    }
    canvas
}

/// Paints expected counts and draws counts around them, whose variance is `share`/256 of the expectation.
fn counts(canvas: &mut Canvas, frame: u32, layers: &[Layer<'_>], tiles: &Tiles, at: Offset, share: i32, most: i32) {
    let n_rows = canvas.rows as usize;
    for (y, row) in canvas.frame_rows(frame).enumerate() {
        row.fill(1);
        paint_row(layers, &tiles.coarse, at, y, n_rows, row);
        soften(row);
        soften(row);
        let white = tiles.white.row(at.x + y * 31, at.y + y);
        for (value, grain) in row.iter_mut().zip(white) {
            let expect = (*value).max(0);
            // In 1/16 counts, so that few counts are noisy too.
            let deviation = (expect.cast_unsigned() * share.cast_unsigned()).isqrt().cast_signed();
            *value = (expect + ((grain * deviation / UNIT + 8) >> 4)).clamp(0, most);
        }
    }
}

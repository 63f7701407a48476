//! What workstations capture: screenshots, color renderings and maps in a palette.

use super::layers::{Layer, ellipse, paint_row, soften};
use super::noise::tiles;
use super::{Canvas, offset};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// An 8-bit gray screenshot of a workstation: panels, a curve, a small image.
pub(crate) fn screenshot(rng: &mut ChaCha8Rng, columns: u32, rows: u32) -> Canvas {
    let mut canvas = Canvas::new(columns, rows, 1, 1);
    let (tiles, at) = (tiles(), offset(rng));
    let layer = |shape, level, amplitude| Layer { shape, level, texture: &tiles.cloud, amplitude, wobble: 6 };
    let layers = [
        layer(ellipse(0.0, -0.15, 0.5, 0.4), 100, 18),
        layer(ellipse(-0.15, -0.15, 0.16, 0.2), 40, 10),
        layer(ellipse(0.2, -0.1, 0.14, 0.18), 44, 10),
        layer(ellipse(0.0, 0.12, 0.07, 0.06), 190, 14),
    ];
    let n_rows = rows as usize;
    for (y, row) in canvas.frame_rows(0).enumerate() {
        row.fill(18);
        paint_row(&layers, &tiles.coarse, at, y, n_rows, row);
        soften(row);
        let border = row.len() / 130;
        let length = row.len();
        if y * 130 < n_rows || (n_rows - y) * 130 < n_rows {
            row.fill(90);
        }
        row[..border].fill(90);
        row[length - border..].fill(90);
    }
    curve(rng, &mut canvas);
    canvas
}

/// A time-activity curve near the lower border.
fn curve(rng: &mut ChaCha8Rng, canvas: &mut Canvas) {
    let phase: f64 = rng.random_range(0.0..6.0);
    let (columns, rows) = (canvas.columns, canvas.rows);
    for x in columns / 20..columns - columns / 20 {
        let u = f64::from(x) / f64::from(columns) * 2.0 - 1.0;
        let middle = (((u * 7.0 + phase).sin() * 0.1 + 0.725) * f64::from(rows)) as u32;
        for y in middle..(middle + rows / 90 + 1).min(rows) {
            let at = canvas.index(0, x, y);
            canvas.values[at] = 210;
        }
    }
}

/// An RGB surface rendering: shaded shapes in the colors of bone and vessels on black.
pub(crate) fn color_rendering(rng: &mut ChaCha8Rng, columns: u32, rows: u32) -> Canvas {
    let heights = relief(rng, columns, rows);
    let mut canvas = Canvas::new(columns, rows, 1, 3);
    for (pixel, height) in canvas.values.as_chunks_mut::<3>().0.iter_mut().zip(&heights.values) {
        *pixel = match *height {
            ..30 => [8, 8, 16],
            30..120 => [height + 60, height / 2, height / 3],
            _ => [(height + 40).min(255), (height + 20).min(255), (height - 20).min(220)],
        };
    }
    canvas
}

/// Indices into a palette: a map of something over an organ.
pub(crate) fn palette_map(rng: &mut ChaCha8Rng, columns: u32, rows: u32) -> Canvas {
    let mut canvas = relief(rng, columns, rows);
    canvas.values.iter_mut().for_each(|value| *value = (*value).clamp(0, 254));
    canvas
}

fn relief(rng: &mut ChaCha8Rng, columns: u32, rows: u32) -> Canvas {
    let mut canvas = Canvas::new(columns, rows, 1, 1);
    let (tiles, at) = (tiles(), offset(rng));
    let (x, y) = (rng.random_range(-0.2..0.2), rng.random_range(-0.2..0.2));
    let layer = |shape, level, amplitude, wobble| Layer { shape, level, texture: &tiles.cloud, amplitude, wobble };
    let layers = [
        layer(ellipse(x, y, 0.55, 0.65), 90, 40, 20),
        layer(ellipse(x - 0.1, y, 0.3, 0.42), 160, 40, 20),
        layer(ellipse(x + 0.25, y + 0.2, 0.12, 0.16), 210, 20, 12),
    ];
    let n_rows = rows as usize;
    for (y, row) in canvas.frame_rows(0).enumerate() {
        row.fill(10);
        paint_row(&layers, &tiles.coarse, at, y, n_rows, row);
        soften(row);
        row.iter_mut().for_each(|value| *value = (*value).clamp(0, 255));
    }
    canvas
}

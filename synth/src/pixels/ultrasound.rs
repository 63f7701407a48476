//! Ultrasound screens: a sector of speckle on black.

use super::layers::{Layer, ellipse, paint_row};
use super::noise::{SIDE, tiles};
use super::{Canvas, offset};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Beams and depths of the picture before it is bent into a sector.
const N_BEAMS: usize = 256;
const N_DEPTHS: usize = 512;

/// For each pixel of a screen the cell of the sector that it shows, or [`OUTSIDE`].
type SectorMap = Arc<Vec<u32>>;
const OUTSIDE: u32 = u32::MAX;

/// An RGB screen: a sector that moves from frame to frame, with a color wedge beside it.
pub(crate) fn ultrasound(rng: &mut ChaCha8Rng, columns: u32, rows: u32, n_frames: u32) -> Canvas {
    let mut canvas = Canvas::new(columns, rows, n_frames, 3);
    let map = sector_map(columns, rows);
    let tissue = tissue(rng);
    let start = offset(rng);
    let mut beams = vec![0_i32; N_BEAMS * N_DEPTHS];
    for frame in 0..n_frames {
        // Scatterers move a little from frame to frame, and so does what they make up.
        let (shift, pulse) = (frame as usize * 3, [0, 1, 3, 4, 3, 1][frame as usize % 6]);
        for (depth, row) in beams.chunks_exact_mut(N_BEAMS).enumerate() {
            let speckle = tiles().speckle.row(start.x + shift, start.y + depth * 2);
            let echo = &tissue[(depth + pulse).min(N_DEPTHS - 1) * N_BEAMS..][..N_BEAMS];
            for ((value, echo), speckle) in row.iter_mut().zip(echo).zip(speckle) {
                *value = ((echo * (speckle + 40)) >> 7).clamp(0, 235);
            }
        }
        let start = canvas.index(frame, 0, 0);
        let pixels = canvas.values[start..].as_chunks_mut::<3>().0;
        for (pixel, cell) in pixels.iter_mut().zip(map.iter()) {
            if *cell != OUTSIDE {
                *pixel = [beams[*cell as usize]; 3];
            }
        }
    }
    wedge(&mut canvas);
    canvas
}

/// How strongly each cell of the sector echoes: layers of skin and muscle, an organ, vessels and a cyst that are
/// black inside, and a shadow behind a stone.
fn tissue(rng: &mut ChaCha8Rng) -> Vec<i32> {
    let (tiles, at) = (tiles(), offset(rng));
    let layer = |shape, level, amplitude, wobble| Layer { shape, level, texture: &tiles.coarse, amplitude, wobble };
    let (x, y) = (rng.random_range(-0.4..0.4), rng.random_range(-0.2..0.3));
    let layers = [
        layer(ellipse(0.0, 0.0, 3.0, 3.0), 30, 6, 0),
        layer(ellipse(0.0, -1.0, 3.0, 0.16), 64, 14, 0),
        layer(ellipse(0.0, -0.74, 3.0, 0.06), 46, 12, 0),
        layer(ellipse(-0.2, 0.1, 0.9, 0.7), 38, 8, 60),
        layer(ellipse(0.1, 0.86, 1.4, 0.05), 90, 20, 80),
        layer(ellipse(-x, y - 0.3, 0.16, 0.05), 3, 2, 20),
        layer(ellipse(x, y, 0.24, 0.14), 2, 2, 30),
        layer(ellipse(x * 0.5 + 0.4, y + 0.2, 0.05, 0.03), 120, 10, 6),
    ];
    let mut cells = vec![0; N_BEAMS * N_DEPTHS];
    for (depth, row) in cells.chunks_exact_mut(N_BEAMS).enumerate() {
        paint_row(&layers, &tiles.coarse, at, depth, N_DEPTHS, row);
        let gain = 300 - (depth * 140 / N_DEPTHS) as i32;
        row.iter_mut().for_each(|value| *value = (*value * gain) >> 8);
    }
    let stone = ((x * 0.5 + 1.4) / 2.0 * N_BEAMS as f64) as usize;
    let below = ((y + 1.24) / 2.0 * N_DEPTHS as f64) as usize;
    for row in cells.chunks_exact_mut(N_BEAMS).skip(below) {
        let (start, end) = (stone.saturating_sub(6).min(N_BEAMS), (stone + 6).min(N_BEAMS));
        row[start..end].iter_mut().for_each(|value| *value /= 5);
    }
    cells
}

/// The map of one screen size, made once.
fn sector_map(columns: u32, rows: u32) -> SectorMap {
    static MAPS: Mutex<BTreeMap<(u32, u32), SectorMap>> = Mutex::new(BTreeMap::new());
    // A map is whole once it is in the table, so a panic elsewhere spoils nothing.
    let mut maps = MAPS.lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(maps.entry((columns, rows)).or_insert_with(|| Arc::new(make_sector_map(columns, rows))))
}

fn make_sector_map(columns: u32, rows: u32) -> Vec<u32> {
    const HALF_ANGLE: f64 = 0.62;
    let mut map = Vec::with_capacity(columns as usize * rows as usize);
    for y in 0..rows {
        for x in 0..columns {
            let u = (f64::from(x) + 0.5) / f64::from(columns) * 2.0 - 1.0;
            let v = (f64::from(y) + 0.5) / f64::from(rows) * 2.0 + 0.0;
            let (distance, angle) = (u.hypot(v + 0.08), u.atan2(v + 0.08));
            let beam = (angle / HALF_ANGLE + 1.0) / 2.0 * N_BEAMS as f64;
            let depth = (distance - 0.2) / 1.65 * N_DEPTHS as f64;
            let is_inside = (0.0..N_BEAMS as f64).contains(&beam) && (0.0..N_DEPTHS as f64).contains(&depth);
            map.push(if is_inside { (depth as usize * N_BEAMS + beam as usize) as u32 } else { OUTSIDE });
        }
    }
    map
}

/// The scale of colors at the right border.
fn wedge(canvas: &mut Canvas) {
    let (columns, rows) = (canvas.columns as usize, canvas.rows as usize);
    for frame in 0..canvas.n_frames {
        for (y, row) in canvas.frame_rows(frame).enumerate().skip(rows * 3 / 10).take(rows * 4 / 10) {
            let level = (255 * (rows * 7 / 10 - y) / (rows * 4 / 10)) as i32;
            for pixel in row[columns * 195 / 200 * 3..columns * 198 / 200 * 3].as_chunks_mut::<3>().0 {
                *pixel = [level, level / 2, 255 - level];
            }
        }
    }
}

const _: () = assert!(N_BEAMS <= SIDE, "a row of the tile covers all beams");

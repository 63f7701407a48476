//! Projections: radiographs, mammograms and angiograms.

use super::layers::{Layer, Offset, ellipse, paint_row, soften};
use super::noise::{UNIT, tiles};
use super::{Canvas, offset};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// A frontal radiograph up to `white`: lung fields, heart, ribs, a spine, collimated borders.
pub(crate) fn radiograph(rng: &mut ChaCha8Rng, columns: u32, rows: u32, white: i32) -> Canvas {
    let mut canvas = Canvas::new(columns, rows, 1, 1);
    let (tiles, at) = (tiles(), offset(rng));
    // Painted in 1/1,024 of the range and brought to it at the end.
    let layer = |shape, level, amplitude, wobble| Layer { shape, level, texture: &tiles.cloud, amplitude, wobble };
    let mut layers = vec![layer(ellipse(0.0, 0.2, 0.84, 1.1), 620, 26, 16)];
    for side in [-1.0, 1.0] {
        layers.push(layer(ellipse(side * 0.36, -0.02, 0.27, 0.6), 270, 34, 16));
    }
    layers.push(layer(ellipse(0.10, 0.28, 0.27, 0.30), 700, 20, 18));
    layers.push(layer(ellipse(0.0, 0.0, 0.09, 1.2), 740, 24, 4));
    let n_rows = rows as usize;
    for (y, row) in canvas.frame_rows(0).enumerate() {
        row.fill(90);
        paint_row(&layers, &tiles.coarse, at, y, n_rows, row);
        soften(row);
    }
    bones(rng, &mut canvas);
    let (margin_x, margin_y) = (columns as usize / 40, n_rows / 30);
    for (y, row) in canvas.frame_rows(0).enumerate() {
        let (fine, white_noise) = (tiles.fine.row(at.x, at.y + y), tiles.white.row(at.x + y * 31, at.y + y));
        for ((value, texture), grain) in row.iter_mut().zip(fine).zip(white_noise) {
            let share = *value + ((texture * 9 + grain * 8) >> 8);
            *value = (share.clamp(0, 1023) * white) >> 10;
        }
        let length = row.len();
        if y < margin_y || y + margin_y >= n_rows {
            row.fill(white / 50);
        } else {
            row[..margin_x].fill(white / 50);
            row[length - margin_x..].fill(white / 50);
        }
    }
    canvas
}

/// Ribs, clavicles and vertebrae: bands that add to what lies under them.
fn bones(rng: &mut ChaCha8Rng, canvas: &mut Canvas) {
    let (columns, rows) = (canvas.columns as i32, canvas.rows as i32);
    let tilt = rng.random_range(-10..10);
    let thickness = (rows / 34).max(3);
    for rib in 0..10 {
        let top = rows * (6 + rib * 8) / 100;
        for x in columns / 12..columns - columns / 12 {
            // Ribs fall away from the spine as a parabola does.
            let distance = (x - columns / 2).abs() * 256 / (columns / 2);
            let y = top + (distance * distance / 900 + distance / 9) * rows / 512 + (x - columns / 2) * tilt / 512;
            if distance > 22 && distance < 215 {
                band(canvas, x, y, thickness, 95);
            }
        }
    }
    for vertebra in 0..14 {
        let top = rows * vertebra / 14;
        for x in columns * 46 / 100..columns * 54 / 100 {
            band(canvas, x, top, thickness / 2, -70);
        }
    }
}

/// Adds a soft vertical run to a column.
fn band(canvas: &mut Canvas, x: i32, y: i32, thickness: i32, strength: i32) {
    for step in -thickness..=thickness {
        let y = y + step;
        if (0..canvas.rows as i32).contains(&y) {
            let at = canvas.index(0, x as u32, y as u32);
            // Denser at the borders, as a tube is.
            canvas.values[at] += strength * (thickness * thickness + step * step) / (2 * thickness * thickness);
        }
    }
}

/// A breast from the left or the right border, up to `white`, on air.
pub(crate) fn mammogram(rng: &mut ChaCha8Rng, columns: u32, rows: u32, white: i32, from_left: bool) -> Canvas {
    let mut canvas = Canvas::new(columns, rows, 1, 1);
    let (tiles, at) = (tiles(), offset(rng));
    let side = if from_left { -1.0 } else { 1.0 };
    let (wide, tall, density) = (rng.random_range(0.95..1.3), rng.random_range(0.62..0.85), rng.random_range(280..560));
    let layer = |shape, level, amplitude, wobble| Layer { shape, level, texture: &tiles.cloud, amplitude, wobble };
    let layers = [
        layer(ellipse(side, 0.05, wide + 0.02, tall + 0.015), 110, 8, 4),
        layer(ellipse(side, 0.05, wide, tall), 250, 34, 4),
        layer(ellipse(side, 0.05, wide * 0.85, tall * 0.85), 320, 60, 30),
        layer(ellipse(side, 0.05, wide * 0.62, tall * 0.6), density, 170, 60),
        layer(ellipse(side - side * wide, 0.05, 0.035, 0.02), 520, 20, 2),
        // The pectoral muscle.
        layer(ellipse(side, -0.75, 0.36, 0.45), 690, 30, 8),
    ];
    let n_rows = rows as usize;
    for (y, row) in canvas.frame_rows(0).enumerate() {
        row.fill(6);
        paint_row(&layers, &tiles.coarse, at, y, n_rows, row);
        soften(row);
        let (fine, grains) = (tiles.fine.row(at.x, at.y + y), tiles.white.row(at.x + y * 31, at.y + y));
        for ((value, texture), grain) in row.iter_mut().zip(fine).zip(grains) {
            let tissue = if *value > 100 { (texture * 22) >> 8 } else { 0 };
            let share = *value + tissue + ((grain * 4) >> 8);
            *value = (share.clamp(0, 1023) * white) >> 10;
        }
    }
    calcifications(rng, &mut canvas, white, from_left);
    canvas
}

/// A cluster of bright specks.
fn calcifications(rng: &mut ChaCha8Rng, canvas: &mut Canvas, white: i32, from_left: bool) {
    let (columns, rows) = (canvas.columns, canvas.rows);
    let x = rng.random_range(columns / 8..columns / 3);
    let (x, y) = (if from_left { x } else { columns - 1 - x }, rng.random_range(rows * 2 / 5..rows * 3 / 5));
    for _ in 0..rng.random_range(4..14) {
        let (dx, dy) = (rng.random_range(0..columns / 24), rng.random_range(0..rows / 24));
        let at = canvas.index(0, (x + dx).min(columns - 1), (y + dy).min(rows - 1));
        canvas.values[at] = (canvas.values[at] + white / 4).min(white);
    }
}

/// A run of 8-bit frames in which a vessel tree fills with contrast and empties again.
pub(crate) fn angiogram(rng: &mut ChaCha8Rng, columns: u32, rows: u32, n_frames: u32) -> Canvas {
    let mut canvas = Canvas::new(columns, rows, n_frames, 1);
    let (tiles, at) = (tiles(), offset(rng));
    let layer = |shape, level, amplitude, wobble| Layer { shape, level, texture: &tiles.cloud, amplitude, wobble };
    let layers = [
        layer(ellipse(0.0, 0.0, 1.6, 1.6), 176, 16, 0),
        layer(ellipse(0.45, 0.2, 0.7, 0.8), 138, 14, 30),
        layer(ellipse(-0.75, 0.1, 0.22, 1.5), 112, 12, 8),
    ];
    let mut tree = Tree { columns: columns as i32, rows: rows as i32, density: vec![0; (columns * rows) as usize] };
    let start = Branch { x: -0.35, y: -0.55, angle: rng.random_range(0.4..1.1), width: 0.022, length: 0.75 };
    tree.grow(rng, start, 0);
    for frame in 0..n_frames {
        let filled = filling(frame, n_frames);
        let at = Offset { x: at.x, y: at.y + frame as usize };
        let n_rows = rows as usize;
        for (y, row) in canvas.frame_rows(frame).enumerate() {
            paint_row(&layers, &tiles.coarse, at, y, n_rows, row);
            soften(row);
            let density = &tree.density[y * columns as usize..][..columns as usize];
            let grains = tiles.white.row(at.x + y * 31 + frame as usize * 77, at.y + y);
            for ((value, density), grain) in row.iter_mut().zip(density).zip(grains) {
                *value = (*value - ((i32::from(*density) * filled) >> 8) + grain * 4 / UNIT).clamp(0, 255);
            }
        }
        circular_border(&mut canvas, frame);
    }
    canvas
}

/// Share of the contrast that has arrived, of 256: it comes fast and goes slowly.
fn filling(frame: u32, n_frames: u32) -> i32 {
    let share = (i64::from(frame) * 256 / i64::from(n_frames.max(2) - 1)) as i32;
    if n_frames == 1 {
        256
    } else if share < 96 {
        share * 256 / 96
    } else {
        256 - (share - 96)
    }
}

/// Black outside of a circle, as an image intensifier shows it.
fn circular_border(canvas: &mut Canvas, frame: u32) {
    let (columns, rows) = (i64::from(canvas.columns), i64::from(canvas.rows));
    for (y, row) in canvas.frame_rows(frame).enumerate() {
        let v = (2 * y as i64 - rows) * 1000 / rows;
        let half = ((1_060_000 - v * v).max(0) as u64).isqrt() as i64 * columns / 2000;
        let (start, end) = ((columns / 2 - half).max(0) as usize, (columns / 2 + half).min(columns) as usize);
        row[..start].fill(8);
        row[end..].fill(8);
    }
}

struct Tree {
    columns: i32,
    rows: i32,
    density: Vec<u8>,
}

/// A vessel's first point, in coordinates from -1 to 1, and where it leads.
#[derive(Clone, Copy)]
struct Branch {
    x: f64,
    y: f64,
    angle: f64,
    width: f64,
    length: f64,
}

impl Tree {
    /// Draws a vessel that winds, and the branches that leave it.
    fn grow(&mut self, rng: &mut ChaCha8Rng, mut branch: Branch, generation: u32) {
        const STEP: f64 = 0.006;
        let n_steps = (branch.length / STEP) as u32;
        let n_branches = if generation < 4 { 2 + u32::from(generation < 2) } else { 0 };
        for step in 0..n_steps {
            branch.angle += rng.random_range(-0.09..0.09);
            branch.x += branch.angle.cos() * STEP;
            branch.y += branch.angle.sin() * STEP;
            branch.width *= 0.9985;
            self.disc(&branch);
            if n_branches > 0 && step % (n_steps / (n_branches + 1)).max(1) == 1 && step > 1 {
                let turn = rng.random_range(0.4..1.0) * if rng.random_bool(0.5) { 1.0 } else { -1.0 };
                let next = Branch {
                    angle: branch.angle + turn,
                    width: branch.width * 0.66,
                    length: branch.length * 0.6,
                    ..branch
                };
                self.grow(rng, next, generation + 1);
            }
        }
    }

    /// The cross section of a tube, densest in its middle.
    fn disc(&mut self, branch: &Branch) {
        let (x, y) = ((branch.x + 1.0) / 2.0 * f64::from(self.columns), (branch.y + 1.0) / 2.0 * f64::from(self.rows));
        let radius = (branch.width / 2.0 * f64::from(self.columns)).max(0.8);
        let reach = radius.ceil() as i32;
        for dy in -reach..=reach {
            for dx in -reach..=reach {
                let (column, row) = (x as i32 + dx, y as i32 + dy);
                let distance = f64::from(dx * dx + dy * dy) / (radius * radius);
                if distance > 1.0 || column < 0 || row < 0 || column >= self.columns || row >= self.rows {
                    continue;
                }
                let density = &mut self.density[(row * self.columns + column) as usize];
                *density = (*density).max((110.0 * (1.0 - distance * 0.7)) as u8);
            }
        }
    }
}

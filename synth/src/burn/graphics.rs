//! What screens and paper show beside text: panels, rules, frames, scales, curves.

use super::page::Graphic;
use super::style::Levels;
use crate::pixels::Canvas;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

type Point = (u32, u32);

/// Draws into every frame.
pub(super) fn draw(canvas: &mut Canvas, levels: Levels, graphic: Graphic, rng: &mut ChaCha8Rng) {
    let (columns, rows) = (canvas.columns, canvas.rows);
    let place = |(x, y): Point| ((columns * x / 1000).min(columns), (rows * y / 1000).min(rows));
    let thickness_px = (columns.min(rows) / 400).max(1);
    let mut fill = |from: Point, to: Point, level: i32| {
        for y in from.1.min(rows)..to.1.min(rows) {
            for x in from.0.min(columns)..to.0.min(columns) {
                put(canvas, (x, y), level);
            }
        }
    };
    match graphic {
        Graphic::Fill { from, to, level } => fill(place(from), place(to), levels.at(level)),
        Graphic::Paper => paper(canvas, levels, rng),
        Graphic::Rule { from, to, level } => {
            let (from, to) = (place(from), place(to));
            fill(from, (to.0.max(from.0 + thickness_px), to.1.max(from.1 + thickness_px)), levels.at(level));
        }
        Graphic::Frame { from, to, level } => {
            let (from, to, level) = (place(from), place(to), levels.at(level));
            fill(from, (to.0, from.1 + thickness_px), level);
            fill((from.0, to.1.saturating_sub(thickness_px)), to, level);
            fill(from, (from.0 + thickness_px, to.1), level);
            fill((to.0.saturating_sub(thickness_px), from.1), to, level);
        }
        Graphic::Scale { at, length, level } => {
            let (at, length_px, level) = (place(at), rows * length / 1000, levels.at(level));
            fill(at, (at.0 + thickness_px, at.1 + length_px), level);
            for tick in 0..=10 {
                let y = at.1 + length_px * tick / 10;
                let tick_px = columns / if tick % 5 == 0 { 60 } else { 110 };
                fill((at.0, y), (at.0 + tick_px, y + thickness_px), level);
            }
        }
        Graphic::Curve { from, to, level } => {
            let (from, to, level) = (place(from), place(to), levels.at(level));
            let waves: f64 = rng.random_range(2.0..6.0);
            let mut before = None;
            for x in from.0..to.0 {
                let along = f64::from(x - from.0) / f64::from((to.0 - from.0).max(1));
                let height = (along * waves * std::f64::consts::TAU).sin().max(-0.35) * 0.4 + 0.45;
                let y = to.1 - (height * f64::from(to.1 - from.1)) as u32;
                let last = before.replace(y).unwrap_or(y);
                fill((x, y.min(last)), (x + 1, y.max(last) + thickness_px), level);
            }
        }
    }
}

/// A bright ground that is not even: grain, and a shade towards one side.
fn paper(canvas: &mut Canvas, levels: Levels, rng: &mut ChaCha8Rng) {
    let (bright, shade) = (rng.random_range(880..960), rng.random_range(0..90));
    for y in 0..canvas.rows {
        for x in 0..canvas.columns {
            let level = bright + rng.random_range(0..25) - shade * x / canvas.columns;
            put(canvas, (x, y), levels.at(level));
        }
    }
}

fn put(canvas: &mut Canvas, (x, y): Point, level: i32) {
    for frame in 0..canvas.n_frames {
        let at = canvas.index(frame, x, y);
        canvas.values[at..at + canvas.n_samples as usize].fill(level);
    }
}

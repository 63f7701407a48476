//! Fonts of strokes: the Hershey fonts, as plotters and old scanners draw them.
//!
//! Each line of a file is a character, from the blank on: a number, the number of its points, and the points as
//! pairs of letters, of which `R` means 0. The first pair is the left and the right side, ` R` lifts the pen.

use super::Typeface;

type Point = (f32, f32);

struct Glyph {
    left: f32,
    right: f32,
    strokes: Vec<Vec<Point>>,
}

pub(super) struct StrokeFace {
    glyphs: Vec<Glyph>,
    /// Width of the pen as a share of the height.
    pen: f32,
}

/// Capitals reach from -12 to 9, where the baseline is; brackets from -16 to 16.
const BASELINE: f32 = 9.0;
const TOP: f32 = -16.0;
const HEIGHT: f32 = 32.0;

impl StrokeFace {
    pub(super) fn new(file: &[u8], pen: f32) -> Self {
        let glyphs = file.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(read_glyph);
        Self { glyphs: glyphs.collect::<Option<_>>().expect("the embedded fonts are well-formed"), pen }
    }

    fn glyph(&self, character: char) -> Option<&Glyph> {
        self.glyphs.get(usize::try_from(u32::from(character).checked_sub(0x20)?).ok()?)
    }
}

fn read_glyph(line: &[u8]) -> Option<Glyph> {
    let coordinate = |byte: u8| f32::from(byte) - f32::from(b'R');
    let mut pairs = line.get(8..)?.chunks_exact(2);
    let sides = pairs.next()?;
    let mut strokes = vec![Vec::new()];
    for pair in pairs {
        match pair {
            b" R" => strokes.push(Vec::new()),
            pair => strokes.last_mut()?.push((coordinate(pair[0]), coordinate(pair[1]))),
        }
    }
    Some(Glyph { left: coordinate(sides[0]), right: coordinate(sides[1]), strokes })
}

impl Typeface for StrokeFace {
    fn covers(&self, character: char) -> bool {
        // The last place of the files holds a mark that is not in ASCII.
        character.is_ascii() && character != '\x7f' && self.glyph(character).is_some()
    }

    fn fitting_height_px(&self, height_px: u32) -> u32 {
        height_px
    }

    fn ascent_px(&self, height_px: u32) -> f32 {
        height_px as f32 * (BASELINE - TOP) / HEIGHT
    }

    fn advance_px(&self, character: char, height_px: u32) -> f32 {
        let width = self.glyph(character).map_or(0.0, |glyph| glyph.right - glyph.left);
        width * height_px as f32 / HEIGHT
    }

    fn draw(&self, character: char, height_px: u32, pen: Point, put: &mut dyn FnMut(i32, i32, f32)) {
        let Some(glyph) = self.glyph(character) else { return };
        let scale = height_px as f32 / HEIGHT;
        let place = |(x, y): Point| (pen.0 + (x - glyph.left) * scale, pen.1 + (y - BASELINE) * scale);
        let half_px = (self.pen * height_px as f32).max(1.0) / 2.0;
        for stroke in &glyph.strokes {
            for pair in stroke.windows(2) {
                draw_segment(place(pair[0]), place(pair[1]), half_px, put);
            }
        }
    }
}

/// Draws a line with round ends.
fn draw_segment(from: Point, to: Point, half_px: f32, put: &mut dyn FnMut(i32, i32, f32)) {
    let reach = half_px + 1.0;
    let range = |one: f32, other: f32| (one.min(other) - reach).floor() as i32..=(one.max(other) + reach).ceil() as i32;
    for y in range(from.1, to.1) {
        for x in range(from.0, to.0) {
            let distance = distance((x as f32 + 0.5, y as f32 + 0.5), from, to);
            let coverage = (half_px + 0.5 - distance).clamp(0.0, 1.0);
            if coverage > 0.0 {
                put(x, y, coverage);
            }
        }
    }
}

/// From a point to a segment.
fn distance(point: Point, from: Point, to: Point) -> f32 {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let (px, py) = (point.0 - from.0, point.1 - from.1);
    let length_squared = dx * dx + dy * dy;
    let along = if length_squared > 0.0 { ((px * dx + py * dy) / length_squared).clamp(0.0, 1.0) } else { 0.0 };
    ((px - along * dx).powi(2) + (py - along * dy).powi(2)).sqrt()
}

//! Putting a strip of text onto an image or an overlay plane.

use super::strip::{InkBox, Strip, Turn, joined};
use crate::pixels::Canvas;
use crate::plant::{Rendering, bounds};
use efface_schema::{Corner, DrawnLine, PixelRegion};
use std::ops::Range;

/// What is drawn beside the ink itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    None,
    /// A rim of one pixel around every stroke.
    Outline,
    /// The same text under it, further right and down by this much.
    Shadow(i32),
    /// A filled box this much larger than the text.
    Box(u32),
}

/// Inks by sample: one, or red, green and blue.
#[derive(Debug, Clone, Copy)]
pub(super) struct Brush {
    pub(super) ink: [i32; 3],
    /// Of the outline, the shadow or the box.
    pub(super) second: [i32; 3],
    pub(super) effect: Effect,
    /// The values that show as black and white: half ink over what is darker than black must not show as black.
    pub(super) shown: (i32, i32),
}

/// Where a line goes.
pub(super) enum Surface<'c> {
    /// Some frames of the image.
    Image { canvas: &'c mut Canvas, frames: Vec<u32>, brush: Brush },
    /// An overlay plane of one bit.
    Overlay { plane: &'c mut Plane },
}

/// An overlay plane: one bit per pixel.
#[derive(Debug, Clone)]
pub(crate) struct Plane {
    pub(super) columns: u32,
    pub(super) rows: u32,
    bits: Vec<bool>,
}

impl Plane {
    pub(super) fn new(columns: u32, rows: u32) -> Self {
        Self { columns, rows, bits: vec![false; columns as usize * rows as usize] }
    }

    /// Row after row, whether a pixel is set.
    pub(crate) fn bits(&self) -> &[bool] {
        &self.bits
    }

    /// Overlay Data (60xx,3000): the first pixel in the lowest bit, padded to an even number of bytes (PS3.5 8.1.2).
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let pack = |bits: &[bool]| bits.iter().enumerate().map(|(idx, bit)| u8::from(*bit) << idx).sum();
        let mut bytes: Vec<u8> = self.bits.chunks(8).map(pack).collect();
        bytes.resize(bytes.len().next_multiple_of(2), 0);
        bytes
    }
}

impl Surface<'_> {
    const fn size(&self) -> (u32, u32) {
        match self {
            Self::Image { canvas, .. } => (canvas.columns, canvas.rows),
            Self::Overlay { plane } => (plane.columns, plane.rows),
        }
    }

    const fn effect(&self) -> Effect {
        match self {
            Self::Image { brush, .. } => brush.effect,
            Self::Overlay { .. } => Effect::None,
        }
    }

    fn second(&mut self, x: u32, y: u32, coverage: f32) {
        if let Self::Image { canvas, frames, brush } = self {
            blend(canvas, frames, (x, y), coverage, (brush.second, brush.shown));
        }
    }

    fn ink(&mut self, x: u32, y: u32, coverage: f32) {
        match self {
            Self::Image { canvas, frames, brush } => blend(canvas, frames, (x, y), coverage, (brush.ink, brush.shown)),
            Self::Overlay { plane } => {
                let at = y as usize * plane.columns as usize + x as usize;
                plane.bits[at] = true;
            }
        }
    }
}

fn blend(canvas: &mut Canvas, frames: &[u32], (x, y): (u32, u32), coverage: f32, (ink, shown): ([i32; 3], (i32, i32))) {
    for frame in frames {
        let at = canvas.index(*frame, x, y);
        for (sample, ink) in canvas.values[at..at + canvas.n_samples as usize].iter_mut().zip(ink) {
            let ground = (*sample).clamp(shown.0, shown.1);
            *sample = ground + ((ink - ground) as f32 * coverage).round() as i32;
        }
    }
}

/// Draws a strip with its top left at a point, which may lie outside. `None` when nothing of it is inside.
pub(super) fn draw(surface: &mut Surface<'_>, strip: Strip, at: (i32, i32), about: DrawnLine) -> Option<Rendering> {
    let (columns, rows) = surface.size();
    let inside = |x: i32, y: i32| -> Option<(u32, u32)> {
        let (x, y) = (u32::try_from(x).ok()?, u32::try_from(y).ok()?);
        (x < columns && y < rows).then_some((x, y))
    };
    let mut changed = Vec::new();
    draw_under(surface, &strip, at, &inside, &mut changed);
    let n_characters = strip.characters.len();
    let mut pixels = vec![Vec::new(); n_characters];
    let mut is_cut = vec![false; n_characters];
    // A plane knows no half ink.
    let least = if matches!(surface, Surface::Overlay { .. }) { 0.5 } else { 0.0 };
    for (x, y, coverage, owner) in inked(&strip) {
        let Some(pixel) = inside(x + at.0, y + at.1) else {
            is_cut[owner] = true;
            continue;
        };
        if coverage >= least {
            surface.ink(pixel.0, pixel.1, coverage);
            pixels[owner].push(pixel);
        }
    }
    let ink = bounds(pixels.iter().flatten())?;
    let region = bounds(&changed).map_or(ink, |under| under.union(&ink));
    let turn = strip.turn.moved(at.0 as f32, at.1 as f32);
    let boxes = strip.boxes;
    let corners = Box::new(move |characters: Range<usize>| quad(&boxes[characters], turn));
    let about = DrawnLine { corners: corners(0..n_characters), ..about };
    Some(Rendering { characters: strip.characters, pixels, is_cut, corners, region, about })
}

fn inked(strip: &Strip) -> impl Iterator<Item = (i32, i32, f32, usize)> {
    let (width, height) = (strip.width_px as i32, strip.height_px as i32);
    (0..height).flat_map(move |y| {
        (0..width).filter_map(move |x| strip.pixel(x, y).map(|(coverage, owner)| (x, y, coverage, owner)))
    })
}

/// Outline, shadow or box.
fn draw_under(
    surface: &mut Surface<'_>,
    strip: &Strip,
    at: (i32, i32),
    inside: &impl Fn(i32, i32) -> Option<(u32, u32)>,
    changed: &mut Vec<(u32, u32)>,
) {
    let (width, height) = (strip.width_px as i32, strip.height_px as i32);
    let reach = match surface.effect() {
        Effect::None => return,
        Effect::Outline => 1,
        Effect::Shadow(offset) => offset,
        Effect::Box(margin) => margin as i32,
    };
    for y in -reach..height + reach {
        for x in -reach..width + reach {
            let coverage = match surface.effect() {
                Effect::Box(_) => 1.0,
                Effect::Shadow(offset) => strip.pixel(x - offset, y - offset).map_or(0.0, |(coverage, _)| coverage),
                _ => around(strip, x, y),
            };
            if let Some(pixel) = inside(x + at.0, y + at.1).filter(|_| coverage > 0.0) {
                surface.second(pixel.0, pixel.1, coverage);
                changed.push(pixel);
            }
        }
    }
}

/// The most ink of a pixel and its neighbours.
fn around(strip: &Strip, x: i32, y: i32) -> f32 {
    let neighbours = (-1..=1).flat_map(|dy| (-1..=1).map(move |dx| (dx, dy)));
    neighbours.filter_map(|(dx, dy)| strip.pixel(x + dx, y + dy)).map(|(coverage, _)| coverage).fold(0.0, f32::max)
}

/// The corners of the box of some characters' ink, in the direction of reading from the top left.
fn quad(boxes: &[Option<InkBox>], turn: Turn) -> [Corner; 4] {
    let Some([left, top, right, bottom]) = boxes.iter().flatten().copied().reduce(joined) else { return [[0; 2]; 4] };
    [(left, top), (right, top), (right, bottom), (left, bottom)].map(|corner| {
        let (x, y) = turn.apply(corner);
        [x.round() as i32, y.round() as i32]
    })
}

/// Mean and deviation of the luminance in a region of a frame, as it is shown between two values.
pub(super) fn ground(canvas: &Canvas, frame: u32, region: PixelRegion, shown: (i32, i32)) -> (f32, f32) {
    let (mut sum, mut squares, mut n) = (0.0f64, 0.0f64, 0.0f64);
    for y in region.y0..region.y1.min(canvas.rows) {
        for x in region.x0..region.x1.min(canvas.columns) {
            let at = canvas.index(frame, x, y);
            let value = luminance(&canvas.values[at..at + canvas.n_samples as usize]);
            let value = f64::from(value.clamp(shown.0 as f32, shown.1 as f32));
            sum += value;
            squares += value * value;
            n += 1.0;
        }
    }
    let mean = sum / n.max(1.0);
    (mean as f32, (squares / n.max(1.0) - mean * mean).max(0.0).sqrt() as f32)
}

/// Of one sample, or of red, green and blue (PS3.3 C.7.6.3.1.2).
pub(super) fn luminance(samples: &[i32]) -> f32 {
    match samples {
        [red, green, blue] => 0.299 * *red as f32 + 0.587 * *green as f32 + 0.114 * *blue as f32,
        [gray, ..] => *gray as f32,
        [] => 0.0,
    }
}

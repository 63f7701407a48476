//! Text burned into pixels, as scanners and workstations do it: lines in the corners.

use crate::SeriesKind;
use crate::dates;
use crate::iod::Scene;
use crate::lists;
use crate::persona::pick;
use crate::pixels::Canvas;
use crate::plant::{Secret, Sheet};
use ab_glyph::{Font, FontRef, Glyph, PxScale, ScaleFont};
use efface_schema::PixelRegion;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// A line of burned-in text: harmless words, then perhaps a secret.
struct Line {
    prefix: &'static str,
    secret: Option<Secret>,
}

#[derive(Clone, Copy)]
enum Corner {
    TopLeft,
    TopRight,
    BottomLeft,
    BottomRight,
}

const CORNERS: [Corner; 4] = [Corner::TopLeft, Corner::TopRight, Corner::BottomLeft, Corner::BottomRight];

/// Draws an instance's identifying lines, and harmless ones beside them. Says whether any of them identifies.
pub(crate) fn burn_identity(
    scene: &Scene<'_>,
    sheet: &mut Sheet<'_>,
    canvas: &mut Canvas,
    ink: i32,
    rng: &mut ChaCha8Rng,
) -> bool {
    let mut burner = Burner::new(canvas, ink, rng);
    let mut identifies = false;
    let mut lines = identity_lines(scene);
    let n_lines = rng.random_range(2..=lines.len());
    lines.rotate_left(scene.turn() % 2);
    lines.truncate(n_lines);
    let split = rng.random_range(1..=n_lines);
    let first = rng.random_range(0..2usize);
    for (line_idx, line) in lines.iter().enumerate() {
        let corner = CORNERS[if line_idx < split { first } else { 3 - first }];
        identifies |= burner.line(canvas, sheet, corner, line);
    }
    for _ in 0..rng.random_range(0..3) {
        let line = Line { prefix: pick(rng, harmless_marks(scene)), secret: None };
        burner.line(canvas, sheet, CORNERS[rng.random_range(0..4)], &line);
    }
    identifies
}

/// Draws only words that identify nobody.
pub(crate) fn burn_harmless(
    scene: &Scene<'_>,
    sheet: &mut Sheet<'_>,
    canvas: &mut Canvas,
    ink: i32,
    rng: &mut ChaCha8Rng,
) {
    let mut burner = Burner::new(canvas, ink, rng);
    for corner in CORNERS.into_iter().take(rng.random_range(1..=3)) {
        burner.line(canvas, sheet, corner, &Line { prefix: pick(rng, harmless_marks(scene)), secret: None });
    }
}

const fn harmless_marks(scene: &Scene<'_>) -> &'static [&'static str] {
    match scene.series.kind {
        kind if kind.is_cross_section() => lists::CROSS_SECTION_MARKS,
        SeriesKind::Cr | SeriesKind::Dx | SeriesKind::Mg | SeriesKind::Xa => lists::PROJECTION_MARKS,
        SeriesKind::Us | SeriesKind::UsMultiFrame => lists::ULTRASOUND_MARKS,
        _ => lists::SCREENSHOT_MARKS,
    }
}

fn identity_lines(scene: &Scene<'_>) -> Vec<Line> {
    let persona = scene.persona();
    let line = |prefix, secret: Secret| Line { prefix, secret: Some(secret) };
    vec![
        line("", persona.name.sorted()),
        line("ID: ", persona.patient_id.clone()),
        line("DOB: ", dates::screen_date(persona.birth)),
        line("", dates::screen_date(scene.study.date)),
        line("", scene.institution.name.clone()),
        line("Acc: ", scene.study.accession.clone()),
        line("Tech: ", scene.study.operator.family()),
    ]
}

struct Burner {
    font: FontRef<'static>,
    height_px: f32,
    ink: i32,
    margin_px: u32,
    taken: Vec<PixelRegion>,
}

impl Burner {
    fn new(canvas: &Canvas, ink: i32, rng: &mut ChaCha8Rng) -> Self {
        let fonts =
            [dejavu::sans::regular, dejavu::sans::bold, dejavu::sans_mono::regular, dejavu::sans_condensed::regular];
        let font = FontRef::try_from_slice(pick(rng, &fonts)()).expect("the embedded fonts are well-formed");
        let smallest = canvas.rows.min(canvas.columns) as f32 / 32.0;
        let height_px = (smallest * rng.random_range(1.0..1.4)).max(15.0);
        Self { font, height_px, ink, margin_px: 6, taken: Vec::new() }
    }

    /// Draws a line in a corner, below or above what stands there. Says whether a secret was drawn.
    fn line(&mut self, canvas: &mut Canvas, sheet: &mut Sheet<'_>, corner: Corner, line: &Line) -> bool {
        let Some(secret) = &line.secret else {
            self.place(canvas, corner, line.prefix, "");
            return false;
        };
        sheet.plant_pixels(secret, |text| self.place(canvas, corner, line.prefix, text))
    }

    /// Finds a free place, draws prefix and text there and returns the region of the text.
    fn place(&mut self, canvas: &mut Canvas, corner: Corner, prefix: &str, text: &str) -> Option<PixelRegion> {
        let prefix_px = self.width_px(prefix);
        let width = (prefix_px + self.width_px(text)).ceil() as u32 + 2;
        let height = (self.height_px * 1.25).ceil() as u32;
        let (columns, rows, margin) = (canvas.columns, canvas.rows, self.margin_px);
        if width + 2 * margin > columns {
            return None;
        }
        let x0 = match corner {
            Corner::TopLeft | Corner::BottomLeft => margin,
            Corner::TopRight | Corner::BottomRight => columns - margin - width,
        };
        let n_rows = (rows - 2 * margin) / height;
        let free = (0..n_rows / 2).find_map(|step| {
            let y0 = match corner {
                Corner::TopLeft | Corner::TopRight => margin + step * height,
                Corner::BottomLeft | Corner::BottomRight => rows - margin - (step + 1) * height,
            };
            let slot = PixelRegion { x0, y0, x1: x0 + width, y1: y0 + height };
            let is_free = self.taken.iter().all(|taken| taken.intersection(&slot).is_none());
            is_free.then_some(slot)
        })?;
        self.taken.push(free);
        self.draw(canvas, free, 0.0, prefix);
        self.draw(canvas, free, prefix_px, text)
    }

    /// Draws a run of text into every frame; returns the tight region of the pixels it changed.
    fn draw(&self, canvas: &mut Canvas, slot: PixelRegion, offset_px: f32, text: &str) -> Option<PixelRegion> {
        let mut region: Option<PixelRegion> = None;
        let baseline = slot.y0 as f32 + self.height_px;
        for glyph in self.layout(slot.x0 as f32 + 1.0 + offset_px, baseline, text) {
            let Some(outline) = self.font.outline_glyph(glyph) else { continue };
            let bounds = outline.px_bounds();
            outline.draw(|x, y, coverage| {
                let x = bounds.min.x as i64 + i64::from(x);
                let y = bounds.min.y as i64 + i64::from(y);
                let (Ok(x), Ok(y)) = (u32::try_from(x), u32::try_from(y)) else { return };
                if x >= canvas.columns || y >= canvas.rows || coverage < 0.05 {
                    return;
                }
                blend(canvas, x, y, coverage.min(1.0), self.ink);
                let pixel = PixelRegion { x0: x, y0: y, x1: x + 1, y1: y + 1 };
                region = Some(region.map_or(pixel, |region| region.union(&pixel)));
            });
        }
        region
    }

    fn layout(&self, x: f32, baseline: f32, text: &str) -> Vec<Glyph> {
        let scaled = self.font.as_scaled(PxScale::from(self.height_px));
        let mut at = x;
        text.chars()
            .map(|character| {
                let mut glyph = scaled.scaled_glyph(character);
                glyph.position = ab_glyph::point(at, baseline);
                at += scaled.h_advance(glyph.id);
                glyph
            })
            .collect()
    }

    fn width_px(&self, text: &str) -> f32 {
        let scaled = self.font.as_scaled(PxScale::from(self.height_px));
        text.chars().map(|character| scaled.h_advance(scaled.glyph_id(character))).sum()
    }
}

fn blend(canvas: &mut Canvas, x: u32, y: u32, coverage: f32, ink: i32) {
    for frame in 0..canvas.n_frames {
        let at = canvas.index(frame, x, y);
        for sample in &mut canvas.values[at..at + canvas.n_samples as usize] {
            *sample += ((ink - *sample) as f32 * coverage).round() as i32;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pixels;
    use crate::streams::Streams;

    #[test]
    fn the_region_is_tight_around_what_changed() {
        let mut rng = Streams::new(1).stream("test", &[]);
        let clean = pixels::ultrasound(&mut rng, 320, 240, 2);
        let mut canvas = clean.clone();
        let mut burner = Burner::new(&canvas, 255, &mut rng);
        let region = burner.place(&mut canvas, Corner::TopLeft, "", "Doe, Jane").expect("there is room");
        let mut changed: Option<PixelRegion> = None;
        for y in 0..240 {
            for x in 0..320 {
                let at = clean.index(1, x, y);
                if clean.values[at] != canvas.values[at] {
                    let pixel = PixelRegion { x0: x, y0: y, x1: x + 1, y1: y + 1 };
                    changed = Some(changed.map_or(pixel, |region| region.union(&pixel)));
                }
            }
        }
        assert_eq!(changed, Some(region));
    }

    #[test]
    fn lines_do_not_cover_each_other() {
        let mut rng = Streams::new(2).stream("test", &[]);
        let mut canvas = pixels::screenshot(&mut rng, 320, 256);
        let mut burner = Burner::new(&canvas, 255, &mut rng);
        let regions: Vec<PixelRegion> = CORNERS
            .into_iter()
            .cycle()
            .take(12)
            .filter_map(|corner| burner.place(&mut canvas, corner, "ID: ", "12345678 Example"))
            .collect();
        assert!(regions.len() >= 4);
        for (idx, one) in regions.iter().enumerate() {
            assert!(regions[..idx].iter().all(|other| other.intersection(one).is_none()));
        }
    }
}

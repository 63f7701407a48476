//! Fonts of outlines: TrueType and OpenType.

use super::Typeface;
use ab_glyph::{Font, FontRef, PxScale, ScaleFont};

pub(super) struct OutlineFace {
    font: FontRef<'static>,
}

impl OutlineFace {
    pub(super) fn new(bytes: &'static [u8]) -> Self {
        Self { font: FontRef::try_from_slice(bytes).expect("the embedded fonts are well-formed") }
    }

    fn scale(height_px: u32) -> PxScale {
        PxScale::from(height_px as f32)
    }
}

impl Typeface for OutlineFace {
    fn covers(&self, character: char) -> bool {
        self.font.glyph_id(character).0 != 0
    }

    fn fitting_height_px(&self, height_px: u32) -> u32 {
        height_px
    }

    fn ascent_px(&self, height_px: u32) -> f32 {
        self.font.as_scaled(Self::scale(height_px)).ascent()
    }

    fn advance_px(&self, character: char, height_px: u32) -> f32 {
        self.font.as_scaled(Self::scale(height_px)).h_advance(self.font.glyph_id(character))
    }

    fn draw(&self, character: char, height_px: u32, pen: (f32, f32), put: &mut dyn FnMut(i32, i32, f32)) {
        let scale = Self::scale(height_px);
        let glyph = self.font.glyph_id(character).with_scale_and_position(scale, ab_glyph::point(pen.0, pen.1));
        let Some(outline) = self.font.outline_glyph(glyph) else { return };
        let bounds = outline.px_bounds();
        let (left, top) = (bounds.min.x as i32, bounds.min.y as i32);
        outline.draw(|x, y, coverage| put(left + x as i32, top + y as i32, coverage.min(1.0)));
    }
}

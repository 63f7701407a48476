//! A line of words drawn into pixels of eight bits.

use ab_glyph::{Font, FontRef, Glyph, PxScale, ScaleFont, point};

/// Draws light words at a baseline, 20 pixels from the left; where the picture is lighter it stays so.
pub(crate) fn draw_line(pixels: &mut [u8], columns: usize, text: &str, baseline: f32) {
    let font = FontRef::try_from_slice(dejavu::sans::regular()).expect("the font is valid");
    let scaled = font.as_scaled(PxScale::from(24.0));
    let mut x = 20.0;
    for sign in text.chars() {
        let glyph = scaled.scaled_glyph(sign);
        let advance = scaled.h_advance(glyph.id);
        if let Some(outline) = font.outline_glyph(Glyph { position: point(x, baseline), ..glyph }) {
            let bounds = outline.px_bounds();
            outline.draw(|glyph_x, glyph_y, coverage| {
                let (row, column) =
                    (bounds.min.y as usize + glyph_y as usize, bounds.min.x as usize + glyph_x as usize);
                let at = row * columns + column;
                pixels[at] = pixels[at].max((coverage * 255.0) as u8);
            });
        }
        x += advance;
    }
}

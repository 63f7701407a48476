//! The fonts that text is drawn with, all of them embedded: a suite is the same bytes on every machine.
//!
//! `synth/fonts/README.md` says where they come from.

mod bitmap;
mod outline;
mod stroke;

use crate::vocabulary::Split;
use bitmap::BitmapFace;
use outline::OutlineFace;
use std::sync::LazyLock;
use stroke::StrokeFace;

/// The shapes of a font's characters.
///
/// Coordinates are pixels, downwards from the top; the pen stands on the baseline.
pub(crate) trait Typeface: Send + Sync {
    /// Whether the font has a shape for a character.
    fn covers(&self, character: char) -> bool;
    /// The height nearest to this one in which the font can be drawn, from ascender to descender.
    fn fitting_height_px(&self, height_px: u32) -> u32;
    /// From the ascender to the baseline.
    fn ascent_px(&self, height_px: u32) -> f32;
    /// How far the pen moves.
    fn advance_px(&self, character: char, height_px: u32) -> f32;
    /// Tells `put` how much of each pixel the character covers, 0 to 1. A pixel may be told more than once.
    fn draw(&self, character: char, height_px: u32, pen: (f32, f32), put: &mut dyn FnMut(i32, i32, f32));
}

/// What a font is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FontUse {
    /// Screens of scanners and workstations.
    Screen,
    /// Screens too, and forms that were typed or printed.
    Typed,
    /// What is written by hand: signatures, notes on forms.
    Hand,
}

enum Shapes {
    Outline(fn() -> &'static [u8]),
    Bitmap(&'static [&'static [u8]]),
    /// With the width of the pen as a share of the height.
    Stroke(&'static [u8], f32),
}

/// A font with its name and its side of the split.
pub(crate) struct FontEntry {
    pub(crate) name: &'static str,
    pub(crate) split: Split,
    pub(crate) purpose: FontUse,
    shapes: Shapes,
}

macro_rules! file {
    ($name:literal) => {
        include_bytes!(concat!("../../../fonts/", $name))
    };
}

const fn train(name: &'static str, purpose: FontUse, shapes: Shapes) -> FontEntry {
    FontEntry { name, split: Split::Train, purpose, shapes }
}

const fn test(name: &'static str, purpose: FontUse, shapes: Shapes) -> FontEntry {
    FontEntry { name, split: Split::Test, purpose, shapes }
}

/// Every font. No family is on both sides of the split.
pub(crate) static FONTS: &[FontEntry] = &[
    train("dejavu-sans", FontUse::Screen, Shapes::Outline(dejavu::sans::regular)),
    train("dejavu-sans-bold", FontUse::Screen, Shapes::Outline(dejavu::sans::bold)),
    train("dejavu-sans-condensed", FontUse::Screen, Shapes::Outline(dejavu::sans_condensed::regular)),
    train("dejavu-sans-mono", FontUse::Typed, Shapes::Outline(dejavu::sans_mono::regular)),
    train("dejavu-serif", FontUse::Typed, Shapes::Outline(dejavu::serif::regular)),
    train("humanist", FontUse::Screen, Shapes::Outline(|| file!("humanist.ttf"))),
    train("humanist-medium", FontUse::Screen, Shapes::Outline(|| file!("humanist-medium.ttf"))),
    train("slab-mono", FontUse::Typed, Shapes::Outline(|| file!("slab-mono.ttf"))),
    train("ocr-a", FontUse::Typed, Shapes::Outline(|| file!("ocr-a.ttf"))),
    train(
        "terminal",
        FontUse::Screen,
        Shapes::Bitmap(&[
            file!("terminal-12.psf"),
            file!("terminal-14.psf"),
            file!("terminal-16.psf"),
            file!("terminal-20.psf"),
            file!("terminal-24.psf"),
            file!("terminal-32.psf"),
        ]),
    ),
    train(
        "terminal-bold",
        FontUse::Screen,
        Shapes::Bitmap(&[
            file!("terminal-bold-14.psf"),
            file!("terminal-bold-18.psf"),
            file!("terminal-bold-22.psf"),
            file!("terminal-bold-28.psf"),
        ]),
    ),
    train("plotter", FontUse::Screen, Shapes::Stroke(file!("plotter.jhf"), 0.05)),
    train("plotter-bold", FontUse::Screen, Shapes::Stroke(file!("plotter-bold.jhf"), 0.05)),
    train("pen", FontUse::Hand, Shapes::Stroke(file!("pen.jhf"), 0.06)),
    test("grotesk", FontUse::Screen, Shapes::Outline(|| file!("grotesk.ttf"))),
    test("grotesk-bold", FontUse::Screen, Shapes::Outline(|| file!("grotesk-bold.ttf"))),
    test("typewriter", FontUse::Typed, Shapes::Outline(|| file!("typewriter.ttf"))),
    test("book", FontUse::Typed, Shapes::Outline(|| file!("book.ttf"))),
    test("coder", FontUse::Typed, Shapes::Outline(|| file!("coder.otf"))),
    test("ocr-b", FontUse::Typed, Shapes::Outline(|| file!("ocr-b.otf"))),
    test(
        "cell",
        FontUse::Screen,
        Shapes::Bitmap(&[
            file!("cell-8.psf"),
            file!("cell-10.psf"),
            file!("cell-13.psf"),
            file!("cell-15.psf"),
            file!("cell-20.psf"),
        ]),
    ),
    test(
        "cell-bold",
        FontUse::Screen,
        Shapes::Bitmap(&[file!("cell-bold-13.psf"), file!("cell-bold-14.psf"), file!("cell-bold-18.psf")]),
    ),
    test("engraver", FontUse::Screen, Shapes::Stroke(file!("engraver.jhf"), 0.04)),
    test("draftsman", FontUse::Screen, Shapes::Stroke(file!("draftsman.jhf"), 0.04)),
    test("hand", FontUse::Hand, Shapes::Stroke(file!("hand.jhf"), 0.06)),
];

static TYPEFACES: LazyLock<Vec<Box<dyn Typeface>>> = LazyLock::new(|| FONTS.iter().map(FontEntry::open).collect());

/// The shapes of the font of this place in [`FONTS`].
pub(crate) fn typeface(font_idx: usize) -> &'static dyn Typeface {
    TYPEFACES[font_idx].as_ref()
}

/// The place of a font in [`FONTS`].
pub(crate) fn font_idx(name: &str) -> Option<usize> {
    FONTS.iter().position(|font| font.name == name)
}

impl FontEntry {
    fn open(&self) -> Box<dyn Typeface> {
        match self.shapes {
            Shapes::Outline(bytes) => Box::new(OutlineFace::new(bytes())),
            Shapes::Bitmap(sizes) => Box::new(BitmapFace::new(sizes)),
            Shapes::Stroke(bytes, pen) => Box::new(StrokeFace::new(bytes, pen)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn covered(face: &dyn Typeface, character: char, height_px: u32) -> f32 {
        let mut sum = 0.0;
        face.draw(character, height_px, (4.0, face.ascent_px(height_px)), &mut |_, _, coverage| sum += coverage);
        sum
    }

    #[test]
    fn every_font_draws_the_characters_of_english_at_every_height() {
        for (font_idx, font) in FONTS.iter().enumerate() {
            let face = typeface(font_idx);
            for height_px in [8, 12, 17, 24, 40, 64] {
                let height_px = face.fitting_height_px(height_px);
                for character in (0x21..0x7f).map(char::from) {
                    let context = || format!("{} {character} at {height_px}", font.name);
                    assert!(face.covers(character), "{}", context());
                    assert!(covered(face, character, height_px) > 0.2, "{}", context());
                    let advance_px = face.advance_px(character, height_px);
                    assert!(advance_px > 0.0 && advance_px < 3.0 * height_px as f32, "{}", context());
                }
            }
        }
    }

    #[test]
    fn heights_are_met_nearly() {
        for (font_idx, font) in FONTS.iter().enumerate() {
            for height_px in 8..=64u32 {
                let fitting = typeface(font_idx).fitting_height_px(height_px);
                assert!(fitting.abs_diff(height_px) * 3 <= height_px.max(18), "{} {height_px} {fitting}", font.name);
            }
        }
    }

    #[test]
    fn taller_letters_cover_more() {
        for (font_idx, font) in FONTS.iter().enumerate() {
            let face = typeface(font_idx);
            let heights = [8, 64].map(|height_px| face.fitting_height_px(height_px));
            assert!(covered(face, 'B', heights[1]) > 4.0 * covered(face, 'B', heights[0]), "{}", font.name);
        }
    }

    #[test]
    fn there_are_fonts_of_every_kind_on_both_sides_and_none_on_both() {
        let names: BTreeSet<&str> = FONTS.iter().map(|font| font.name).collect();
        assert_eq!(names.len(), FONTS.len());
        assert!(FONTS.len() >= 12 + 5);
        for split in [Split::Train, Split::Test] {
            let of = |wanted: fn(&FontEntry) -> bool| FONTS.iter().any(|font| font.split == split && wanted(font));
            assert!(of(|font| matches!(font.shapes, Shapes::Outline(_))));
            assert!(of(|font| matches!(font.shapes, Shapes::Bitmap(_))));
            assert!(of(|font| matches!(font.shapes, Shapes::Stroke(..))));
            assert!(of(|font| font.purpose == FontUse::Hand));
            assert!(of(|font| font.name.starts_with("ocr")));
        }
    }
}

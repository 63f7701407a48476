//! Fonts of bitmaps: PC Screen Fonts, version 2, of 256 characters in the order of Latin-1.

use super::Typeface;

/// One size of a font.
struct Size {
    width_px: u32,
    height_px: u32,
    cells: &'static [u8],
}

pub(super) struct BitmapFace {
    /// From the smallest on.
    sizes: Vec<Size>,
}

const MAGIC: u32 = 0x864a_b572;
const N_CHARACTERS: u32 = 256;

impl BitmapFace {
    pub(super) fn new(files: &[&'static [u8]]) -> Self {
        Self { sizes: files.iter().map(|file| Size::read(file).expect("the embedded fonts are well-formed")).collect() }
    }

    /// The size and the whole number by which it is enlarged to come nearest to a height.
    fn fitting(&self, height_px: u32) -> (&Size, u32) {
        let enlarged = self.sizes.iter().flat_map(|size| (1..=8).map(move |factor| (size, factor)));
        enlarged
            // Where two come as near, the one that is enlarged less.
            .min_by_key(|(size, factor)| ((size.height_px * factor).abs_diff(height_px), *factor))
            .expect("a font has a size")
    }
}

impl Size {
    fn read(file: &'static [u8]) -> Option<Self> {
        let field = |idx: usize| {
            file.get(4 * idx..4 * idx + 4)?.try_into().ok().map(|bytes: [u8; 4]| u32::from_le_bytes(bytes))
        };
        let (header_size, n_glyphs, cell_size) = (field(2)?, field(4)?, field(5)?);
        let (height_px, width_px) = (field(6)?, field(7)?);
        let cells = file.get(header_size as usize..)?;
        let is_whole = cell_size == width_px.div_ceil(8) * height_px
            && n_glyphs == N_CHARACTERS
            && cells.len() == (cell_size * n_glyphs) as usize;
        (field(0)? == MAGIC && is_whole).then_some(Self { width_px, height_px, cells })
    }

    fn cell(&self, character: char) -> Option<&'static [u8]> {
        let code = u8::try_from(u32::from(character)).ok()?;
        let length = (self.width_px.div_ceil(8) * self.height_px) as usize;
        self.cells.get(usize::from(code) * length..(usize::from(code) + 1) * length)
    }
}

impl Typeface for BitmapFace {
    fn covers(&self, character: char) -> bool {
        let is_blank = |size: &Size| size.cell(character).is_none_or(|cell| cell.iter().all(|byte| *byte == 0));
        character == ' ' || !self.sizes.iter().any(is_blank)
    }

    fn fitting_height_px(&self, height_px: u32) -> u32 {
        let (size, factor) = self.fitting(height_px);
        size.height_px * factor
    }

    fn ascent_px(&self, height_px: u32) -> f32 {
        (height_px as f32 * 0.8).round()
    }

    fn advance_px(&self, _: char, height_px: u32) -> f32 {
        let (size, factor) = self.fitting(height_px);
        (size.width_px * factor) as f32
    }

    fn draw(&self, character: char, height_px: u32, pen: (f32, f32), put: &mut dyn FnMut(i32, i32, f32)) {
        let (size, factor) = self.fitting(height_px);
        let Some(cell) = size.cell(character) else { return };
        let (left, top) = (pen.0.round() as i32, (pen.1 - self.ascent_px(height_px)).round() as i32);
        let n_row_bytes = size.width_px.div_ceil(8);
        for y in 0..size.height_px * factor {
            for x in 0..size.width_px * factor {
                let (column, row) = (x / factor, y / factor);
                let byte = cell[(row * n_row_bytes + column / 8) as usize];
                if byte & (0x80 >> (column % 8)) != 0 {
                    put(left + x as i32, top + y as i32, 1.0);
                }
            }
        }
    }
}

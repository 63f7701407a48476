//! Lines as a network reads them, which is asked before Tesseract.

use crate::pixels::tesseract::{LINE_PADDING_PX, Word};
use efface_frames::GrayFrame;
use efface_nets::reader::{LineImage, LineReader, ReaderConfig};
use efface_schema::{Phi, PixelRegion};

/// A line as the network reads it.
#[derive(Debug, Clone)]
pub(super) struct CutLine {
    image: LineImage,
    /// Columns and rows of what it was cut out of.
    size: (u32, u32),
}

/// What the network says of a line.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct ToldLine {
    /// Its words, in the pixels of what it was cut out of.
    pub(super) words: Vec<Word>,
    /// For each step, the pixel column of its middle, and how probable it is that a sign is seen there.
    pub(super) signs: Vec<(f32, f32)>,
}

impl ToldLine {
    /// How probable the surest sign between two columns is; nothing if no step lies there.
    pub(super) fn sign_within(&self, x0: f32, x1: f32) -> Option<f32> {
        let inside = self.signs.iter().filter(|(column, _)| (x0..x1).contains(column));
        inside.map(|(_, probability)| *probability).reduce(f32::max)
    }
}

impl CutLine {
    /// A region of an upright part, which holds one line and has pixels.
    pub(super) fn of(part: &GrayFrame, region: &PixelRegion, config: &ReaderConfig) -> Self {
        let (columns, rows) = (region.x1 - region.x0, region.y1 - region.y0);
        let lines = (region.y0..region.y1).flat_map(|y| &part.row(y)[region.x0 as usize..region.x1 as usize]);
        let pixels: Vec<u8> = lines.copied().collect();
        let image = LineImage::of(&pixels, columns as usize, rows as usize, config).expect("the region has pixels");
        Self { image, size: (columns, rows) }
    }

    /// What the network says of it.
    pub(super) fn read(&self, reader: &LineReader) -> ToldLine {
        let (columns, rows) = self.size;
        let padding = LINE_PADDING_PX.min(rows.saturating_sub(1) / 2);
        let back = |column: f32| self.image.original(column).clamp(0.0, columns as f32);
        let read = reader.read(&self.image);
        let words = read.words.into_iter().map(|word| Word {
            x0: back(word.columns[0]).floor() as u32,
            y0: padding,
            x1: back(word.columns[1]).ceil() as u32,
            y1: rows - padding,
            confidence: word.probability,
            text: Phi::new(word.text),
            line: (1, 1, 1),
            expected: word.expected,
        });
        let step = reader.config().step_columns() as f32;
        let middle = |place: usize| self.image.original((place as f32 + 0.5) * step);
        let signs = read.signs.into_iter().enumerate().map(|(place, probability)| (middle(place), probability));
        ToldLine { words: words.collect(), signs: signs.collect() }
    }
}

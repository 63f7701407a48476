//! Text that a network finds, and another one or Tesseract reads.
//!
//! For a frame, [`DetectorLocator`] asks the network for boxes of words, gives each place to the surest (`blocks`),
//! puts them into lines (`lines`), turns each
//! line upright (`upright`), has a network read all of them at once (`signs`), and Tesseract in several ways those that
//! it left doubts about (`reading`). Boxes grow by two of
//! their standard deviations; a box that no reading covers is text that was not read. The search for rows of glyphs
//! joins in: what it holds for text and the network does not know is read, or hidden, as without a network (`union`).
//! What is known of a place becomes one probability (`evidence`).

mod blocks;
mod evidence;
mod finder;
mod lines;
mod reading;
mod signs;
mod triage;
mod union;
mod upright;

pub(super) use evidence::Meaning;
pub use evidence::NetworkEvidence;
pub use finder::SharedFinder;
pub(crate) use finder::{DetectorRecord, ReaderRecord};

use super::glyphs::find_lines;
use super::seen::{around, touches};
use super::tesseract::SINGLE_LINE;
use super::{LocatedText, PixelError, TesseractLocator, TextLocator};
use crate::pixels::scale::Crop;
use crate::pixels::tesseract::Word;
use blocks::{without_blocks, without_overlaps};
use efface_frames::GrayFrame;
use efface_schema::PixelRegion;
use lines::TextBox;
use reading::{LineReader, PreparedLine};
use signs::{CutLine, ToldLine};
use std::path::PathBuf;
use std::sync::Arc;

/// Which model looks for text in pixels, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct DetectorSettings {
    /// The folder of a released model.
    pub model: PathBuf,
    /// The folder of a released model that reads lines; without one, Tesseract reads all of them.
    pub reader: Option<PathBuf>,
    /// What is at least this probable to be text is found, from 0 to 1. Without one, the model's calibration gives the
    /// threshold that misses 3 % of texts, and one without that budget takes 0.5.
    pub threshold: Option<f64>,
    /// Passes with dropout, which tell how sure the network is of itself; 0 asks it once.
    pub passes: usize,
    /// Whether frames without anything like a glyph are passed over.
    pub triage: bool,
}

impl DetectorSettings {
    /// A model with the threshold of its calibration, asked once about every frame; Tesseract reads what it finds.
    pub const fn new(model: PathBuf) -> Self {
        Self { model, reader: None, threshold: None, passes: 0, triage: false }
    }
}

/// Finds text with a network that all threads share, and reads it with a Tesseract of its own.
pub struct DetectorLocator {
    finder: Arc<SharedFinder>,
    reader: TesseractLocator,
}

impl DetectorLocator {
    /// A finder beside a reader, which also says what counts as text where the network sees none.
    pub const fn new(finder: Arc<SharedFinder>, reader: TesseractLocator) -> Self {
        Self { finder, reader }
    }
}

impl LineReader for TesseractLocator {
    fn read_crop(&mut self, crop: &Crop) -> Result<Vec<Word>, PixelError> {
        self.read(crop, SINGLE_LINE)
    }
}

impl TextLocator for DetectorLocator {
    fn locate(&mut self, frame: &GrayFrame) -> Result<Vec<LocatedText>, PixelError> {
        self.locate_in(frame, None)
    }

    fn locate_changes(&mut self, frame: &GrayFrame, changes: &[PixelRegion]) -> Result<Vec<LocatedText>, PixelError> {
        self.locate_in(frame, Some(&around(frame, changes)))
    }
}

impl DetectorLocator {
    /// The words of a frame, or of some places of it.
    fn locate_in(&mut self, frame: &GrayFrame, places: Option<&[PixelRegion]>) -> Result<Vec<LocatedText>, PixelError> {
        if frame.pixels().is_empty() {
            return Ok(Vec::new());
        }
        let mut candidates = find_lines(frame);
        if let Some(places) = places {
            candidates.retain(|line| touches(&line.region, places));
        }
        let found = if self.finder.triage() && triage::shows_nothing(&candidates) {
            Vec::new()
        } else {
            self.finder.find(frame, places)
        };
        let mut boxes = without_overlaps(&without_blocks(&found.iter().filter_map(TextBox::of).collect::<Vec<_>>()));
        if !self.finder.has_passes() {
            boxes = boxes.into_iter().map(TextBox::of_one_pass).collect();
        }
        let mut located: Vec<LocatedText> = Vec::new();
        let mut add = |texts: Vec<LocatedText>, line: usize| {
            let line = u32::try_from(line).unwrap_or(u32::MAX);
            located.extend(texts.into_iter().map(|text| LocatedText { line, ..text }));
        };
        let lines = lines::lines(&boxes);
        let prepared: Vec<PreparedLine<'_>> = lines.iter().map(|line| PreparedLine::of(line, frame)).collect();
        for (idx, (line, told)) in prepared.iter().zip(self.told(&prepared)).enumerate() {
            add(line.read(&mut self.reader, &told)?, idx);
        }
        let least_evidence = self.reader.options().unread_evidence;
        let unknown = union::unknown_to_the_network(&candidates, &boxes, least_evidence);
        for (idx, line) in unknown.iter().enumerate() {
            add(self.reader.read_line(frame, line)?, lines.len() + idx);
        }
        Ok(located)
    }

    /// What a network reads in the cuts of each line; nothing where there is none.
    fn told(&self, lines: &[PreparedLine<'_>]) -> Vec<Vec<ToldLine>> {
        let Some(config) = self.finder.reader() else { return vec![Vec::new(); lines.len()] };
        let cuts: Vec<Vec<CutLine>> = lines.iter().map(|line| line.cuts(config)).collect();
        let counts: Vec<usize> = cuts.iter().map(Vec::len).collect();
        let mut told = self.finder.read(cuts.concat()).into_iter();
        counts.into_iter().map(|count| told.by_ref().take(count).collect()).collect()
    }
}

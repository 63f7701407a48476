//! Reading candidates with Tesseract.
//!
//! The page as it is gives Tesseract little: on dark, noisy ground it finds a part of the words at 250 ms and more
//! for a frame. Candidates from [`super::glyphs`] are cut out, turned to dark on light, stretched to their own
//! intensities and enlarged, one line at a time.

use super::glyphs::{Glyph, TextLine, find_lines};
use super::scale::{Crop, cut, enlarged};
use super::seen::{around, touches};
use super::{LocatedText, PixelError, TextLocator};
use efface_frames::GrayFrame;
use efface_schema::{Phi, PixelRegion, Probability};
use leptess::{LepTess, Variable};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Height in pixels to which glyphs are enlarged: Tesseract's models were trained near it.
pub(super) const READING_HEIGHT_PX: f32 = 32.0;
/// Candidates beyond this number in one frame are not read, only weighed: noise can look like any number of lines.
const MOST_CANDIDATES: usize = 80;
/// Candidates with less evidence are not read: noise is the greatest part of them and the greatest part of the time.
const LEAST_READ_EVIDENCE: f64 = 0.02;
/// Evidence that is enough beside text: a quarter of what a line alone needs for being hidden without a reading.
const LEAST_CONTINUING_EVIDENCE: f64 = 0.1;
/// A line that looks like text and has a word read with less confidence is read again, with more around it, and larger.
pub(super) const DOUBTFUL_READING: f64 = 0.6;
/// How much larger the last time: half as much again changes where Tesseract's sampling falls on thin strokes.
pub(super) const SECOND_ENLARGEMENT: f32 = 1.5;
/// Readings kept for the frames that follow.
const MOST_READINGS: usize = 4096;
/// What is read around a line, in pixels of the frame: Tesseract reads a line best that fills its image.
pub(super) const LINE_PADDING_PX: u32 = 2;
/// Tesseract's page segmentation modes. As a raw line, mode 13, somewhat more words are read right than as a line, but
/// their boxes cover each other.
pub(super) const SINGLE_LINE: &str = "7";
const SPARSE_TEXT: &str = "11";

/// How text is looked for.
#[derive(Debug, Clone, PartialEq)]
pub struct LocatorOptions {
    /// Tesseract's name of the language.
    pub language: String,
    /// Whether Tesseract also reads each frame as a whole, for text that the search for candidates misses.
    pub thorough: bool,
    /// A candidate that cannot be read counts as text when its evidence is at least this.
    pub unread_evidence: f64,
}

impl Default for LocatorOptions {
    fn default() -> Self {
        Self { language: "eng".to_owned(), thorough: false, unread_evidence: 0.4 }
    }
}

/// Finds and reads text with one handle of Tesseract; every thread needs its own.
///
/// Readings are kept by the hash of what was read, so text that stays the same from frame to frame is read once.
pub struct TesseractLocator {
    reader: LepTess,
    options: LocatorOptions,
    readings: BTreeMap<[u8; 32], Vec<Word>>,
}

/// A word in the pixels of the image that was read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Word {
    pub(super) x0: u32,
    pub(super) y0: u32,
    pub(super) x1: u32,
    pub(super) y1: u32,
    pub(super) confidence: f64,
    pub(super) text: Phi<String>,
    /// Tesseract's number of block, paragraph and line.
    pub(super) line: (u32, u32, u32),
    /// As [`super::NetworkEvidence::expected`]; Tesseract does not say.
    pub(super) expected: Option<f64>,
}

impl TesseractLocator {
    /// Starts Tesseract.
    ///
    /// # Errors
    /// [`PixelError::NoLanguageData`] when the language's data is not installed.
    pub fn new(options: LocatorOptions) -> Result<Self, PixelError> {
        let missing = || PixelError::NoLanguageData { language: options.language.clone() };
        // A NUL byte would make the binding panic.
        if options.language.contains('\0') {
            return Err(missing());
        }
        let mut reader = LepTess::new(None, &options.language).map_err(|_| missing())?;
        reader.set_variable(Variable::DebugFile, "/dev/null").map_err(|_| PixelError::Reader)?;
        Ok(Self { reader, options, readings: BTreeMap::new() })
    }

    /// How text is looked for.
    pub(super) const fn options(&self) -> &LocatorOptions {
        &self.options
    }

    pub(super) fn read(&mut self, crop: &Crop, mode: &str) -> Result<Vec<Word>, PixelError> {
        let mut hash = Sha256::new();
        hash.update(mode);
        hash.update(crop.columns.to_le_bytes());
        hash.update(&crop.pixels);
        let key: [u8; 32] = hash.finalize().into();
        if let Some(words) = self.readings.get(&key) {
            return Ok(words.clone());
        }
        self.reader.set_variable(Variable::TesseditPagesegMode, mode).map_err(|_| PixelError::Reader)?;
        self.reader.set_image_from_mem(&crop.to_pgm()).map_err(|_| PixelError::Reader)?;
        self.reader.set_source_resolution(300);
        let table = self.reader.get_tsv_text(0).map_err(|_| PixelError::Reader)?;
        let words: Vec<Word> = table.lines().filter_map(word).collect();
        if self.readings.len() >= MOST_READINGS {
            self.readings.clear();
        }
        self.readings.insert(key, words.clone());
        Ok(words)
    }

    /// Reads one candidate: words, and the glyphs that no word covers.
    pub(super) fn read_line(&mut self, frame: &GrayFrame, line: &TextLine) -> Result<Vec<LocatedText>, PixelError> {
        let height = line.height_px();
        let around = |padding: u32| line.region.grown(padding, frame.columns(), frame.rows());
        let mut levels: Vec<u8> = line.glyphs.iter().map(|glyph| glyph.level).collect();
        levels.sort_unstable();
        let mut grounds: Vec<u8> = line.glyphs.iter().map(|glyph| glyph.level - glyph.contrast).collect();
        grounds.sort_unstable();
        let (ink, ground) = (levels[levels.len() / 2], grounds[grounds.len() / 2]);
        // What lies in the lower third between ground and ink may be noise of the ground.
        let floor = ground.saturating_add(ink.saturating_sub(ground) / 3);
        let factor = (READING_HEIGHT_PX / height as f32).clamp(0.4, 5.0);
        // As it is; where that leaves doubts, with what is around it and without noise, and larger.
        let attempts = [
            (around(LINE_PADDING_PX), ground, factor),
            (around(height / 2 + 2), floor, factor),
            (around(LINE_PADDING_PX), ground, factor * SECOND_ENLARGEMENT),
        ];
        let is_evident = line.evidence >= self.options.unread_evidence;
        let mut best: Option<(Vec<Word>, PixelRegion, f32)> = None;
        for (region, floor, factor) in attempts.into_iter().take(if is_evident { 3 } else { 1 }) {
            let words = self.read(&enlarged(&cut(frame, &region, line.polarity, floor, ink), factor), SINGLE_LINE)?;
            let confidence = least_confidence(&words);
            if best.as_ref().is_none_or(|(before, ..)| confidence > least_confidence(before)) {
                best = Some((words, region, factor));
            }
            if confidence >= DOUBTFUL_READING {
                break;
            }
        }
        let (words, region, factor) = best.expect("there is an attempt");
        let back = |value: u32| (value as f32 / factor) as u32;
        let placed = words.into_iter().map(|word| {
            let place = PixelRegion {
                x0: region.x0 + back(word.x0),
                y0: region.y0 + back(word.y0),
                x1: (region.x0 + back(word.x1) + 1).min(region.x1),
                y1: (region.y0 + back(word.y1) + 1).min(region.y1),
            };
            (place, word)
        });
        Ok(self.settle(line, placed.filter(|(place, _)| place.area_px() > 0).collect()))
    }

    /// Gives each glyph to a word; what is left over, or was read badly, is unread text if it looks like text.
    fn settle(&self, line: &TextLine, words: Vec<(PixelRegion, Word)>) -> Vec<LocatedText> {
        let evident = line.evidence >= self.options.unread_evidence;
        let mut located = Vec::new();
        let mut free: Vec<&Glyph> = line.glyphs.iter().collect();
        for (place, word) in words {
            let own: Vec<&Glyph> = free.iter().copied().filter(|glyph| centre_in(&glyph.region, &place)).collect();
            if own.is_empty() {
                continue;
            }
            let plausible = is_plausible(word.text.expose(), word.confidence, line.evidence);
            if !plausible && !evident {
                continue;
            }
            free.retain(|glyph| !centre_in(&glyph.region, &place));
            // Tesseract's box may cut a glyph; the glyphs themselves do not.
            let region = own.iter().fold(place, |all, glyph| all.union(&glyph.region));
            let confidence = if plausible { word.confidence } else { line.evidence };
            located.push(LocatedText {
                region,
                text: plausible.then_some(word.text),
                confidence: Probability::new(confidence.clamp(0.0, 1.0)).unwrap_or(Probability::ZERO),
                line: 0,
                network: None,
            });
        }
        let was_read = located.iter().any(|text| text.text.is_some());
        if evident || was_read {
            for group in groups(&free) {
                let confidence = Probability::new(line.evidence.clamp(0.0, 1.0)).unwrap_or(Probability::ONE);
                located.push(LocatedText { region: group, text: None, confidence, line: 0, network: None });
            }
        }
        located.sort_by_key(|text| (text.region.x0, text.region.y0));
        located
    }

    /// Reads the frame as a whole and returns the words that lie in no known region.
    fn read_page(&mut self, frame: &GrayFrame, known: &[LocatedText]) -> Result<Vec<LocatedText>, PixelError> {
        let whole = PixelRegion { x0: 0, y0: 0, x1: frame.columns(), y1: frame.rows() };
        let mut sorted = frame.pixels().to_vec();
        let middle = sorted.len() / 2;
        let median = *sorted.select_nth_unstable(middle).1;
        let polarity = if median < 128 { super::glyphs::Polarity::Light } else { super::glyphs::Polarity::Dark };
        let factor = if frame.columns().max(frame.rows()) <= 1200 { 2.0 } else { 1.0 };
        let page = enlarged(&cut(frame, &whole, polarity, 0, 255), factor);
        let words = self.read(&page, SPARSE_TEXT)?;
        let back = |value: u32, limit: u32| ((value as f32 / factor) as u32).min(limit);
        let mut found = Vec::new();
        let mut lines: BTreeMap<(u32, u32, u32), u32> = BTreeMap::new();
        for word in words {
            let region = PixelRegion {
                x0: back(word.x0, whole.x1),
                y0: back(word.y0, whole.y1),
                x1: back(word.x1 + 1, whole.x1),
                y1: back(word.y1 + 1, whole.y1),
            };
            let plausible = is_plausible(word.text.expose(), word.confidence, 0.5);
            let is_known =
                known.iter().any(|text| centre_in(&region, &text.region) || centre_in(&text.region, &region));
            if region.area_px() == 0 || !plausible || is_known {
                continue;
            }
            let next = u32::try_from(lines.len()).unwrap_or(u32::MAX);
            let line = *lines.entry(word.line).or_insert(next);
            let confidence = Probability::new(word.confidence).unwrap_or(Probability::ZERO);
            found.push(LocatedText { region, text: Some(word.text), confidence, line, network: None });
        }
        Ok(found)
    }
}

impl TextLocator for TesseractLocator {
    fn locate(&mut self, frame: &GrayFrame) -> Result<Vec<LocatedText>, PixelError> {
        self.locate_in(frame, None)
    }

    fn locate_changes(&mut self, frame: &GrayFrame, changes: &[PixelRegion]) -> Result<Vec<LocatedText>, PixelError> {
        self.locate_in(frame, Some(&around(frame, changes)))
    }
}

impl TesseractLocator {
    /// The words of a frame, or of the candidates that reach into some places of it.
    fn locate_in(&mut self, frame: &GrayFrame, places: Option<&[PixelRegion]>) -> Result<Vec<LocatedText>, PixelError> {
        let mut candidates = find_lines(frame);
        let is_asked = |line: &TextLine| places.is_none_or(|places| touches(&line.region, places));
        candidates.retain(|line| line.evidence >= LEAST_READ_EVIDENCE && is_asked(line));
        let mut order: Vec<usize> = (0..candidates.len()).collect();
        order.sort_by(|&a, &b| candidates[b].evidence.total_cmp(&candidates[a].evidence).then(a.cmp(&b)));
        let read: Vec<bool> =
            (0..candidates.len()).map(|idx| order[..order.len().min(MOST_CANDIDATES)].contains(&idx)).collect();
        let mut located = Vec::new();
        let mut line_idx = 0;
        let mut rejected = Vec::new();
        for (line, read) in candidates.drain(..).zip(read) {
            let texts = if read { self.read_line(frame, &line)? } else { self.settle(&line, Vec::new()) };
            if texts.is_empty() {
                rejected.push(line);
            }
            located.extend(texts.into_iter().map(|text| LocatedText { line: line_idx, ..text }));
            line_idx += 1;
        }
        let continuing = continuations(&rejected, &located);
        for region in continuing {
            let confidence = Probability::new(self.options.unread_evidence).unwrap_or(Probability::ZERO);
            located.push(LocatedText { region, text: None, confidence, line: line_idx, network: None });
            line_idx += 1;
        }
        if self.options.thorough {
            let page = self.read_page(frame, &located)?;
            located.extend(page.into_iter().map(|text| LocatedText { line: line_idx + text.line, ..text }));
        }
        Ok(located)
    }
}

/// Weak candidates that continue text on its line: ground that hides a part of a name makes the rest of it no less
/// a name. Three fifths of the height in common and a gap of one and a half heights are what words of a line have.
fn continuations(rejected: &[TextLine], located: &[LocatedText]) -> Vec<PixelRegion> {
    let continues = |line: &TextLine| {
        let (region, height) = (&line.region, line.region.y1 - line.region.y0);
        located.iter().any(|text| {
            let beside = &text.region;
            let text_height = beside.y1 - beside.y0;
            let common = region.y1.min(beside.y1).saturating_sub(region.y0.max(beside.y0));
            let gap = region.x0.max(beside.x0).saturating_sub(region.x1.min(beside.x1));
            height.max(text_height) <= 2 * height.min(text_height)
                && common * 5 >= height.min(text_height) * 3
                && gap * 2 <= 3 * text_height
        })
    };
    let strong = rejected.iter().filter(|line| line.evidence >= LEAST_CONTINUING_EVIDENCE);
    strong.filter(|line| continues(line)).map(|line| line.region).collect()
}

/// Confidence of the least sure word; 0 when nothing was read.
fn least_confidence(words: &[Word]) -> f64 {
    words.iter().map(|word| word.confidence).reduce(f64::min).unwrap_or(0.0)
}

/// Whether a reading is a word: it has letters or digits, and the reader's confidence and the line's evidence
/// together are more than noise gets. One or two signs are read into anything, so they need more.
pub(super) fn is_plausible(text: &str, confidence: f64, evidence: f64) -> bool {
    let least = match text.chars().filter(|sign| sign.is_alphanumeric()).count() {
        0 => return false,
        1 => 1.0,
        2 => 0.9,
        _ => 0.85,
    };
    confidence >= 0.2 && confidence + 0.8 * evidence >= least
}

fn centre_in(inner: &PixelRegion, outer: &PixelRegion) -> bool {
    let (x, y) = (u32::midpoint(inner.x0, inner.x1), u32::midpoint(inner.y0, inner.y1));
    (outer.x0..outer.x1).contains(&x) && (outer.y0..outer.y1).contains(&y)
}

/// Neighbouring glyphs as regions.
fn groups(glyphs: &[&Glyph]) -> Vec<PixelRegion> {
    let mut regions: Vec<PixelRegion> = Vec::new();
    for glyph in glyphs {
        match regions.last_mut() {
            Some(last) if glyph.region.x0.saturating_sub(last.x1) <= (last.y1 - last.y0) * 3 / 2 => {
                *last = last.union(&glyph.region);
            }
            _ => regions.push(glyph.region),
        }
    }
    regions
}

/// A row of Tesseract's table: level 5 is a word.
fn word(row: &str) -> Option<Word> {
    let fields: Vec<&str> = row.split('\t').collect();
    let number = |idx: usize| fields.get(idx)?.parse::<u32>().ok();
    let text = fields.get(11)?.trim();
    if number(0)? != 5 || text.is_empty() {
        return None;
    }
    let (x0, y0) = (number(6)?, number(7)?);
    Some(Word {
        x0,
        y0,
        x1: x0 + number(8)?,
        y1: y0 + number(9)?,
        confidence: (fields.get(10)?.parse::<f64>().ok()? / 100.0).clamp(0.0, 1.0),
        text: Phi::new(text.to_owned()),
        line: (number(2)?, number(3)?, number(4)?),
        expected: None,
    })
}

#[cfg(test)]
#[path = "../../tests/support/line.rs"]
mod line;

#[cfg(test)]
mod tests {
    use super::line::draw_line;
    use super::*;

    fn drawn(text: &str) -> GrayFrame {
        let mut pixels = vec![10_u8; 320 * 80];
        draw_line(&mut pixels, 320, text, 50.0);
        GrayFrame::new(320, 80, pixels).expect("320 by 80 pixels")
    }

    #[test]
    fn drawn_words_are_read_where_they_stand_and_read_once() {
        let mut locator = TesseractLocator::new(LocatorOptions::default()).expect("Tesseract has English data");
        let frame = drawn("NAKAMURA 1974");
        let located = locator.locate(&frame).expect("the frame can be read");
        let words: Vec<&str> = located.iter().filter_map(|text| Some(text.text.as_ref()?.expose().as_str())).collect();
        assert_eq!(words, ["NAKAMURA", "1974"]);
        assert!(located[0].region.x1 < located[1].region.x0);
        let n_readings = locator.readings.len();
        assert_eq!(locator.locate(&frame).expect("the frame can be read"), located);
        assert_eq!(locator.readings.len(), n_readings);
    }

    #[test]
    fn empty_frames_have_no_text() {
        let mut locator = TesseractLocator::new(LocatorOptions::default()).expect("Tesseract has English data");
        let frame = GrayFrame::new(64, 64, vec![0; 64 * 64]).expect("64 by 64 pixels");
        assert_eq!(locator.locate(&frame), Ok(Vec::new()));
    }

    #[test]
    fn a_language_without_data_names_the_remedy() {
        let options = LocatorOptions { language: "xqz".to_owned(), ..LocatorOptions::default() };
        let error = TesseractLocator::new(options).err().expect("there is no such language");
        assert!(error.to_string().contains("apt-get install tesseract-ocr-xqz"));
    }
}

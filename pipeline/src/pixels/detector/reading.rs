//! Reading a line that a network has found, several ways where the first leaves doubts.

use super::NetworkEvidence;
use super::lines::{BoxLine, Rectangle, TextBox};
use super::signs::{CutLine, ToldLine};
use super::upright::Pose;
use crate::pixels::glyphs::Polarity;
use crate::pixels::scale::{Crop, cut, enlarged, thresholded};
use crate::pixels::tesseract::{
    DOUBTFUL_READING, LINE_PADDING_PX, READING_HEIGHT_PX, SECOND_ENLARGEMENT, Word, is_plausible,
};
use crate::pixels::{LocatedText, PixelError};
use efface_frames::GrayFrame;
use efface_nets::reader::ReaderConfig;
use efface_schema::{PixelRegion, Probability};

/// Higher text is not read: what is so large is a sheet or an organ, and is hidden as unread.
const MOST_HEIGHT_PX: f32 = 400.0;
/// Boxes hold descenders and accents beside what Tesseract takes for the height of a line.
const GLYPH_SHARE: f32 = 0.9;
/// The share of pixels that are taken for ink when levels are looked for: a line of words has four times as many.
const INK_SHARE: f32 = 0.025;
/// Widths of a sign as multiples of its height: narrower ones are none, and of wider ones something was not read.
const SIGN_RATIOS: [f32; 2] = [0.1, 2.2];
/// Signs of a word are at most this much of their height apart: strokes that go on nearer to the end of a box are of a word
/// that the box cuts.
const GREATEST_SIGN_GAP: f32 = 0.2;
/// A word counts as one with a box if they share this much of the narrower one.
const LEAST_SHARED: f32 = 0.5;

/// A line of which no box is at least this probable to be text is read in one way: what is read more often is mostly
/// noise, and time.
const WORTH_READING_AGAIN: f64 = 0.2;

/// A box that is less probable to be text, and in which a network that reads sees no sign, is none.
const HARDLY_TEXT: f64 = 0.2;
/// How probable the surest sign of a box must be for it to be seen.
const NO_SIGN: f32 = 0.05;

/// Reads one line.
pub(super) trait LineReader {
    /// The words of an image that holds one line, dark on light, in the image's pixels.
    fn read_crop(&mut self, crop: &Crop) -> Result<Vec<Word>, PixelError>;
}

/// One way of making a line readable.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Attempt {
    /// By how much larger than usual.
    enlargement: f32,
    /// Whether every pixel becomes black or white.
    thresholded: bool,
}

const PLAIN: Attempt = Attempt { enlargement: 1.0, thresholded: false };

/// The ways, each tried only where those before it left doubts: with its grays, thresholded, and larger. Light on dark is
/// tried by Tesseract itself.
const ATTEMPTS: [Attempt; 3] =
    [PLAIN, Attempt { thresholded: true, ..PLAIN }, Attempt { enlargement: SECOND_ENLARGEMENT, ..PLAIN }];

/// A word where it stands in an upright part.
#[derive(Debug, Clone, PartialEq)]
struct PlacedWord {
    place: Rectangle,
    word: Word,
}

/// What one attempt read.
struct Reading {
    pose: Pose,
    words: Vec<PlacedWord>,
    /// Whether a network read them, which knows marks from noise.
    by_network: bool,
    /// The mean over the boxes of how surely they were read.
    sure: f64,
    /// The same of the least surely read one.
    least: f64,
}

/// One way in which a line may lie, cut out.
struct Posed {
    pose: Pose,
    part: GrayFrame,
    levels: Levels,
    /// What of the part is read.
    region: PixelRegion,
}

/// A line, cut out in every way in which it may lie.
pub(super) struct PreparedLine<'a> {
    line: &'a BoxLine,
    posed: Vec<Posed>,
    size: (u32, u32),
}

impl<'a> PreparedLine<'a> {
    /// Cuts a line out of a frame.
    pub(super) fn of(line: &'a BoxLine, frame: &GrayFrame) -> Self {
        let posed = |pose: Pose| {
            let part = pose.cut(frame);
            let levels = Levels::of(&part);
            let region = levels.read_region(&part, line, &pose);
            Posed { pose, part, levels, region }
        };
        let poses = Pose::of(line).into_iter().filter(|pose| pose.text_height_px <= MOST_HEIGHT_PX);
        let posed = poses.map(posed).filter(|posed| posed.region.area_px() > 0).collect();
        Self { line, posed, size: (frame.columns(), frame.rows()) }
    }

    /// Its cuts as a network reads them: as many as it has ways to lie.
    pub(super) fn cuts(&self, config: &ReaderConfig) -> Vec<CutLine> {
        self.posed.iter().map(|posed| CutLine::of(&posed.part, &posed.region, config)).collect()
    }

    /// Reads it; each box gets its words, and a box without any is text that was not read. `told` is what a network read
    /// in each of its cuts: Tesseract is asked where that leaves doubts, and where the network sees no sign in a box that
    /// is hardly text, there is none.
    pub(super) fn read(&self, reader: &mut impl LineReader, told: &[ToldLine]) -> Result<Vec<LocatedText>, PixelError> {
        let by_network = self
            .posed
            .iter()
            .zip(told)
            .map(|(posed, told)| Reading { by_network: true, ..Reading::of(posed, 1.0, &told.words, self.line) });
        let by_network = by_network.reduce(|best, next| if next.sure > best.sure { next } else { best });
        let is_read = by_network.as_ref().is_some_and(|reading| reading.least >= DOUBTFUL_READING);
        let is_enough = is_read || by_network.is_some() && !self.is_worth_it();
        let best = if is_enough { by_network } else { self.tried(reader, by_network)? };
        let mut located = match best {
            Some(reading) => settled(&reading, self.line, self.size),
            None => self.line.boxes.iter().map(|one| unread(one, self.size)).collect(),
        };
        located.retain(|text| text.text.is_some() || !self.is_empty(text, told));
        Ok(located)
    }

    /// Whether a place is hardly text, and the network sees no sign in it, whichever way it lies.
    fn is_empty(&self, place: &LocatedText, told: &[ToldLine]) -> bool {
        let is_hardly_text = place.network.is_some_and(|network| network.probability.get() < HARDLY_TEXT);
        let region = &place.region;
        let [x0, y0, x1, y1] = [region.x0, region.y0, region.x1, region.y1].map(|side| side as f32);
        let sign_in = |(posed, told): (&Posed, &ToldLine)| {
            let place = posed.pose.place(&Rectangle { x0, y0, x1, y1 });
            told.sign_within(place.x0 - posed.region.x0 as f32, place.x1 - posed.region.x0 as f32)
        };
        let mut signs = self.posed.iter().zip(told).map(sign_in);
        is_hardly_text && !told.is_empty() && signs.all(|sign| sign.is_some_and(|sign| sign < NO_SIGN))
    }

    fn is_worth_it(&self) -> bool {
        self.line.boxes.iter().any(|one| one.evidence.probability.get() >= WORTH_READING_AGAIN)
    }

    /// The surest of what is known and what Tesseract reads: where a network has read the line, in one way, since others
    /// cost more and read no more.
    fn tried(&self, reader: &mut impl LineReader, mut best: Option<Reading>) -> Result<Option<Reading>, PixelError> {
        let attempts = if best.is_none() && self.is_worth_it() { &ATTEMPTS[..] } else { &ATTEMPTS[..1] };
        for posed in &self.posed {
            for attempt in attempts {
                let reading = attempt.read(reader, self.line, posed)?;
                if best.as_ref().is_none_or(|best| reading.sure > best.sure) {
                    best = Some(reading);
                }
                if best.as_ref().is_some_and(|best| best.least >= DOUBTFUL_READING) {
                    return Ok(best);
                }
            }
        }
        Ok(best)
    }
}

/// The levels of ground and ink.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Levels {
    polarity: Polarity,
    ground: u8,
    ink: u8,
}

impl Levels {
    /// Text covers a small part of a line: its ground is the median, and its ink lies at the end of the range that is
    /// further from it.
    fn of(part: &GrayFrame) -> Self {
        let mut levels = part.pixels().to_vec();
        levels.sort_unstable();
        let last = levels.len() - 1;
        let beyond = ((last as f32 * INK_SHARE) as usize).min(last / 2);
        let (dark, ground, light) = (levels[beyond], levels[last / 2], levels[last - beyond]);
        if light - ground >= ground - dark {
            Self { polarity: Polarity::Light, ground, ink: light }
        } else {
            Self { polarity: Polarity::Dark, ground: 255 - ground, ink: 255 - dark }
        }
    }

    /// What is read of a part: its boxes, as far beyond their ends as strokes go on, and as much more as above and below.
    fn read_region(self, part: &GrayFrame, line: &BoxLine, pose: &Pose) -> PixelRegion {
        let places = line.boxes.iter().map(|one| pose.place(&one.tight)).reduce(|all, next| all.union(&next));
        let all = places.expect("there is a box").region(part.columns(), part.rows());
        let least_ink = u32::midpoint(self.ground.into(), self.ink.into());
        let is_stroke = |x: &u32| (all.y0..all.y1).any(|y| u32::from(self.polarity.seen(part.at(*x, y))) >= least_ink);
        let gap = ((GREATEST_SIGN_GAP * pose.text_height_px) as u32).max(1);
        let (mut x0, mut x1) = (all.x0, all.x1);
        while let Some(further) = (x0.saturating_sub(gap)..x0).find(is_stroke) {
            x0 = further;
        }
        while let Some(further) = (x1..x1.saturating_add(gap).min(part.columns())).rev().find(is_stroke) {
            x1 = further + 1;
        }
        let (x0, x1) = (x0.saturating_sub(LINE_PADDING_PX), x1 + LINE_PADDING_PX);
        PixelRegion { x0, y0: 0, x1: x1.min(part.columns()), y1: part.rows() }
    }
}

impl Attempt {
    fn read(self, reader: &mut impl LineReader, line: &BoxLine, posed: &Posed) -> Result<Reading, PixelError> {
        let Levels { polarity, ground, ink } = posed.levels;
        let factor = READING_HEIGHT_PX / (GLYPH_SHARE * posed.pose.text_height_px) * self.enlargement;
        let factor = factor.clamp(0.05, 6.0);
        let crop = enlarged(&cut(&posed.part, &posed.region, polarity, ground, ink), factor);
        let crop = if self.thresholded { thresholded(crop) } else { crop };
        Ok(Reading::of(posed, factor, &reader.read_crop(&crop)?, line))
    }
}

impl Reading {
    /// Words in the pixels of a region that was made so many times larger.
    fn of(posed: &Posed, factor: f32, words: &[Word], line: &BoxLine) -> Self {
        let Posed { pose, region, .. } = posed;
        let (left, top) = (region.x0 as f32, region.y0 as f32);
        let place = |word: &Word| Rectangle {
            x0: left + word.x0 as f32 / factor,
            y0: top + word.y0 as f32 / factor,
            x1: (left + word.x1 as f32 / factor).min(region.x1 as f32),
            y1: (top + word.y1 as f32 / factor).min(region.y1 as f32),
        };
        let mut words: Vec<PlacedWord> =
            words.iter().map(|word| PlacedWord { place: place(word), word: word.clone() }).collect();
        words.retain(|word| word.place.width() > 0.0 && word.place.height() > 0.0);
        words.sort_by(|a, b| a.place.x0.total_cmp(&b.place.x0));
        let sureness: Vec<f64> = line.boxes.iter().map(|one| sureness(&pose.place(&one.tight), &words)).collect();
        let sure = sureness.iter().sum::<f64>() / sureness.len().max(1) as f64;
        let least = sureness.into_iter().fold(1.0, f64::min);
        Self { pose: *pose, words, by_network: false, sure, least }
    }
}

/// How surely a box was read: the confidence of the least sure of its words, times the share of it that they cover.
fn sureness(place: &Rectangle, words: &[PlacedWord]) -> f64 {
    let own: Vec<&PlacedWord> = words.iter().filter(|word| is_of(&word.place, place)).collect();
    let covered: f32 = own.iter().map(|word| word.place.common_width(place).max(0.0)).sum();
    let confidence = own.iter().map(|word| word.word.confidence).reduce(f64::min).unwrap_or(0.0);
    confidence * f64::from((covered / place.width().max(1.0)).min(1.0))
}

fn is_of(word: &Rectangle, place: &Rectangle) -> bool {
    word.common_width(place) >= LEAST_SHARED * word.width().min(place.width())
}

/// Boxes and words that belong together: one word each, mostly; a box with several words, or a word in several boxes,
/// where network and reader see its limits elsewhere.
#[derive(Debug, Clone, Default, PartialEq)]
struct Group {
    boxes: Vec<usize>,
    words: Vec<usize>,
}

fn groups(boxes: &[Rectangle], words: &[PlacedWord]) -> Vec<Group> {
    let mut groups: Vec<Group> =
        boxes.iter().enumerate().map(|(idx, _)| Group { boxes: vec![idx], words: vec![] }).collect();
    for (word_idx, word) in words.iter().enumerate() {
        let touches = |group: &Group| group.boxes.iter().any(|&idx| is_of(&word.place, &boxes[idx]));
        let (own, others): (Vec<Group>, Vec<Group>) = groups.into_iter().partition(touches);
        let mut joined = Group { boxes: vec![], words: vec![word_idx] };
        for group in own {
            joined.boxes.extend(group.boxes);
            joined.words.extend(group.words);
        }
        joined.words.sort_unstable();
        joined.boxes.sort_unstable();
        groups = others;
        groups.push(joined);
    }
    let start = |group: &Group| {
        let places =
            group.boxes.iter().map(|&idx| boxes[idx].x0).chain(group.words.iter().map(|&idx| words[idx].place.x0));
        places.fold(f32::INFINITY, f32::min)
    };
    groups.sort_by(|a, b| start(a).total_cmp(&start(b)));
    groups
}

/// What a reading says of the boxes of its line, from left to right.
fn settled(reading: &Reading, line: &BoxLine, size: (u32, u32)) -> Vec<LocatedText> {
    let places: Vec<Rectangle> = line.boxes.iter().map(|one| reading.pose.place(&one.tight)).collect();
    let mut located = Vec::new();
    for group in groups(&places, &reading.words) {
        let boxes: Vec<&TextBox> = group.boxes.iter().map(|&idx| &line.boxes[idx]).collect();
        let words: Vec<&PlacedWord> = group.words.iter().map(|&idx| &reading.words[idx]).collect();
        if words.is_empty() {
            located.extend(boxes.iter().map(|one| unread(one, size)));
        } else if boxes.is_empty() {
            located.extend(words.iter().filter_map(|word| beside(word, reading.pose, size)));
        } else {
            located.extend(shared_out(&boxes, &words, reading, size));
        }
    }
    located.retain(|text| text.region.area_px() > 0);
    located
}

fn unread(one: &TextBox, (columns, rows): (u32, u32)) -> LocatedText {
    LocatedText {
        region: one.grown.region(columns, rows),
        text: None,
        confidence: one.evidence.probability,
        line: 0,
        network: Some(one.evidence),
    }
}

/// A word where the network saw none: it has to be as sure as a reading alone must be.
fn beside(word: &PlacedWord, pose: Pose, (columns, rows): (u32, u32)) -> Option<LocatedText> {
    let PlacedWord { place, word } = word;
    is_plausible(word.text.expose(), word.confidence, 0.0).then(|| LocatedText {
        region: pose.place_back(place).region(columns, rows),
        text: Some(word.text.clone()),
        confidence: Probability::new(word.confidence).unwrap_or(Probability::ZERO),
        line: 0,
        network: None,
    })
}

/// Shares the place of boxes out to their words, so that no part of it is nobody's: the border between two words lies
/// in the middle of their gap.
fn shared_out(
    boxes: &[&TextBox],
    words: &[&PlacedWord],
    Reading { pose, by_network, .. }: &Reading,
    (columns, rows): (u32, u32),
) -> Vec<LocatedText> {
    let grown = boxes.iter().map(|one| one.grown).reduce(|all, next| all.union(&next)).expect("there is a box");
    let tight = boxes.iter().map(|one| one.tight).reduce(|all, next| all.union(&next)).expect("there is a box");
    let mut evidence = boxes.iter().map(|one| one.evidence).reduce(NetworkEvidence::joined).expect("there is a box");
    evidence.slack_px += f64::from(pose.reach_px);
    let (whole, tight) = (pose.place(&grown), pose.place(&tight));
    let border = |left: &PlacedWord, right: &PlacedWord| 0.5 * (left.place.x1 + right.place.x0);
    let mut located = Vec::new();
    for (idx, placed) in words.iter().enumerate() {
        let from = idx.checked_sub(1).map(|before| border(words[before], placed));
        let to = words.get(idx + 1).map(|after| border(placed, after));
        let own = |all: Rectangle| Rectangle { x0: from.unwrap_or(all.x0), x1: to.unwrap_or(all.x1), ..all };
        let text = &placed.word.text;
        let fits = fits(text.expose(), &own(tight));
        // A single word takes the boxes' place as it is: turning it there and back would make it larger.
        let place = if words.len() == 1 { grown } else { pose.place_back(&own(whole)) };
        let region = place.union(&pose.place_back(&placed.place)).region(columns, rows);
        let has_sign = text.expose().chars().any(char::is_alphanumeric);
        let is_mark = *by_network && is_mark(text.expose(), placed.word.confidence, &own(tight));
        let read = fits && (has_sign || is_mark);
        let confidence = Probability::new(placed.word.confidence).unwrap_or(Probability::ZERO);
        located.push(LocatedText {
            region,
            text: read.then(|| text.clone()),
            confidence: if read { confidence } else { evidence.probability },
            line: 0,
            network: Some(NetworkEvidence { expected: placed.word.expected.filter(|_| read), ..evidence }),
        });
    }
    located
}

/// Whether what a network read is a mark that stands alone, as `+` where a caliper is: surely, and in a place that has no
/// room for more.
fn is_mark(word: &str, confidence: f64, place: &Rectangle) -> bool {
    const SURE_MARK: f64 = 0.9;
    const GREATEST_RATIO: f32 = 1.3;
    word.chars().count() == 1 && confidence >= SURE_MARK && place.width() <= GREATEST_RATIO * place.height()
}

/// Whether a place has room for the signs of a word, and not for many more: one sign that was read in the place of a
/// name says nothing about the name.
fn fits(word: &str, place: &Rectangle) -> bool {
    let n_signs = word.chars().filter(|sign| !sign.is_whitespace()).count().max(1) as f32;
    let ratio = place.width() / place.height().max(1.0) / n_signs;
    (SIGN_RATIOS[0]..=SIGN_RATIOS[1]).contains(&ratio)
}

#[cfg(test)]
mod tests {
    use super::super::lines::{Course, tests::found};
    use super::*;
    use efface_schema::Phi;
    use std::collections::VecDeque;

    /// Where a word begins and ends, as shares of the image's width, what it says, and how sure that is.
    type Answer = (f32, f32, &'static str, f64);

    /// Has one answer for each time it is asked.
    struct Scripted {
        answers: VecDeque<Vec<Answer>>,
        seen: Vec<Crop>,
    }

    impl Scripted {
        fn new(answers: &[&[Answer]]) -> Self {
            Self { answers: answers.iter().map(|answer| answer.to_vec()).collect(), seen: Vec::new() }
        }
    }

    impl LineReader for Scripted {
        fn read_crop(&mut self, crop: &Crop) -> Result<Vec<Word>, PixelError> {
            self.seen.push(crop.clone());
            let words = self.answers.pop_front().unwrap_or_default().into_iter();
            let at = |share: f32| (share * crop.columns as f32) as u32;
            let word = |(x0, x1, text, confidence): Answer| Word {
                x0: at(x0),
                y0: crop.rows / 3,
                x1: at(x1),
                y1: 2 * crop.rows / 3,
                confidence,
                text: Phi::new(text.to_owned()),
                line: (1, 1, 1),
                expected: None,
            };
            Ok(words.map(word).collect())
        }
    }

    /// Bright strokes on dark ground, from 20 to 120 of rows 40 to 56.
    fn frame() -> GrayFrame {
        let is_inside = |place: usize| (20..120).contains(&(place % 200)) && (40..56).contains(&(place / 200));
        let level = |place: usize| if place.is_multiple_of(7) && is_inside(place) { 240 } else { 20 };
        GrayFrame::new(200, 100, (0..20_000).map(level).collect()).expect("a frame")
    }

    fn line(boxes: &[[f32; 4]]) -> BoxLine {
        let place = |[x0, y0, x1, y1]: &[f32; 4]| TextBox::of(&found(*x0, *y0, *x1, *y1)).expect("a place");
        BoxLine { boxes: boxes.iter().map(place).collect(), course: Course::Across(0.0) }
    }

    /// The crop of these two boxes reaches from 18 to 122: two pixels on each side of 20 to 120, where strokes end.
    fn two() -> BoxLine {
        line(&[[20.0, 40.0, 60.0, 56.0], [70.0, 40.0, 120.0, 56.0]])
    }

    fn read(reader: &mut Scripted, line: &BoxLine) -> Vec<(Option<String>, u32, u32)> {
        let located = PreparedLine::of(line, &frame()).read(reader, &[]).expect("it is read");
        assert!(located.iter().all(|text| text.region.y0 <= 39 && text.region.y1 >= 57), "{located:?}");
        let shown = |text: &LocatedText| text.text.as_ref().map(|text| text.expose().clone());
        located.iter().map(|text| (shown(text), text.region.x0, text.region.x1)).collect()
    }

    #[test]
    fn each_box_has_its_word_and_a_sure_reading_is_enough() {
        let mut reader = Scripted::new(&[&[(0.03, 0.40, "DOE", 0.9), (0.50, 0.97, "JANE", 0.8)]]);
        let texts = read(&mut reader, &two());
        assert_eq!(texts, [(Some("DOE".to_owned()), 19, 61), (Some("JANE".to_owned()), 69, 121)]);
        assert_eq!(reader.seen.len(), 1);
        // Ground becomes white and strokes black.
        assert!(reader.seen[0].pixels[0] > 250 && reader.seen[0].pixels.iter().any(|level| *level < 5));
    }

    #[test]
    fn a_doubtful_line_is_read_in_every_way_and_the_surest_counts() {
        let doubtful: &[_] = &[(0.03, 0.40, "D0E", 0.4), (0.50, 0.97, "JANE", 0.5)];
        let better: &[_] = &[(0.03, 0.40, "DOE", 0.5), (0.50, 0.97, "JANE", 0.7)];
        let mut reader = Scripted::new(&[doubtful, better, doubtful, &[]]);
        let texts = read(&mut reader, &two());
        assert_eq!(texts[0].0.as_deref(), Some("DOE"));
        assert_eq!(reader.seen.len(), 3);
        assert!(reader.seen[1].pixels.iter().all(|level| [0, 255].contains(level)));
        assert!(reader.seen[2].columns > reader.seen[0].columns);
    }

    fn told(words: &[(u32, u32, &str, f64)]) -> [ToldLine; 1] {
        let word = |(x0, x1, text, confidence): &(u32, u32, &str, f64)| Word {
            x0: *x0,
            y0: 2,
            x1: *x1,
            y1: 18,
            confidence: *confidence,
            text: Phi::new((*text).to_owned()),
            line: (1, 1, 1),
            expected: None,
        };
        [ToldLine { words: words.iter().map(word).collect(), signs: vec![(10.0, 0.9), (80.0, 0.9)] }]
    }

    fn texts(located: &[LocatedText]) -> Vec<Option<&str>> {
        located.iter().map(|text| text.text.as_ref().map(|text| text.expose().as_str())).collect()
    }

    #[test]
    fn tesseract_is_asked_where_a_network_leaves_doubts() {
        let (two, frame) = (two(), frame());
        let line = PreparedLine::of(&two, &frame);
        let mut reader = Scripted::new(&[&[(0.03, 0.40, "DOE", 0.9), (0.50, 0.97, "JANE", 0.8)]]);
        let sure = line.read(&mut reader, &told(&[(2, 42, "DUE", 0.9), (52, 102, "JANE", 0.95)])).expect("it is read");
        assert_eq!((texts(&sure), reader.seen.len()), (vec![Some("DUE"), Some("JANE")], 0));
        let unsure =
            line.read(&mut reader, &told(&[(2, 42, "DUE", 0.3), (52, 102, "JANE", 0.95)])).expect("it is read");
        assert_eq!((texts(&unsure), reader.seen.len()), (vec![Some("DOE"), Some("JANE")], 1));
        // Tesseract reads nothing any more: what the network read is better than nothing.
        let alone = line.read(&mut reader, &told(&[(2, 42, "DUE", 0.3), (52, 102, "JANE", 0.95)])).expect("it is read");
        assert_eq!((texts(&alone), reader.seen.len()), (vec![Some("DUE"), Some("JANE")], 2));
    }

    #[test]
    fn a_mark_that_the_network_reads_surely_is_one() {
        let line = line(&[[20.0, 40.0, 36.0, 56.0], [70.0, 40.0, 120.0, 56.0]]);
        let read = |mark: &str, sure: f64| {
            let words = told(&[(2, 18, mark, sure), (52, 102, "12.2cm", 0.95)]);
            let frame = frame();
            let located = PreparedLine::of(&line, &frame).read(&mut Scripted::new(&[]), &words).expect("it is read");
            located[0].text.is_some()
        };
        assert!(read("+", 0.95));
        assert!(!read("+", 0.8) && !read("--", 0.95));
        let place = Rectangle { x0: 0.0, y0: 0.0, x1: 60.0, y1: 16.0 };
        assert!(!is_mark("+", 0.99, &place), "a name has room there");
    }

    #[test]
    fn what_is_hardly_text_is_read_by_the_network_alone() {
        let mut improbable = two();
        for one in &mut improbable.boxes {
            one.evidence.probability = Probability::new(WORTH_READING_AGAIN - 0.01).expect("a probability");
        }
        let mut reader = Scripted::new(&[&[(0.03, 0.40, "DOE", 0.9), (0.50, 0.97, "JANE", 0.8)]]);
        let frame = frame();
        let line = PreparedLine::of(&improbable, &frame);
        let located = line.read(&mut reader, &told(&[(2, 42, "DUE", 0.3)])).expect("it is read");
        assert_eq!((texts(&located), reader.seen.len()), (vec![Some("DUE"), None], 0));
    }

    #[test]
    fn what_is_hardly_text_and_shows_no_sign_is_none() {
        let read = |probability: f64, sign: f32| {
            let mut two = two();
            two.boxes[1].evidence.probability = Probability::new(probability).expect("a probability");
            let told = ToldLine { words: Vec::new(), signs: vec![(20.0, 0.9), (80.0, sign)] };
            let frame = frame();
            let located = PreparedLine::of(&two, &frame).read(&mut Scripted::new(&[]), &[told]);
            located.expect("it is read").len()
        };
        assert_eq!(read(HARDLY_TEXT - 0.01, NO_SIGN - 0.01), 1);
        assert_eq!(read(HARDLY_TEXT, NO_SIGN - 0.01), 2);
        assert_eq!(read(HARDLY_TEXT - 0.01, NO_SIGN), 2);
    }

    #[test]
    fn what_is_hardly_text_is_read_in_one_way() {
        let doubtful: &[_] = &[(0.03, 0.40, "D0E", 0.4)];
        let mut improbable = two();
        for one in &mut improbable.boxes {
            one.evidence.probability = Probability::new(WORTH_READING_AGAIN - 0.01).expect("a probability");
        }
        let mut reader = Scripted::new(&[doubtful; 3]);
        read(&mut reader, &improbable);
        assert_eq!(reader.seen.len(), 1);
        improbable.boxes[1].evidence.probability = Probability::new(WORTH_READING_AGAIN).expect("a probability");
        let mut reader = Scripted::new(&[doubtful; 3]);
        read(&mut reader, &improbable);
        assert_eq!(reader.seen.len(), 3);
    }

    #[test]
    fn what_no_word_covers_is_unread_and_what_no_box_covers_must_be_sure() {
        let words: &[_] = &[(0.50, 0.97, "JANE", 0.9)];
        let mut reader = Scripted::new(&[words, words, words]);
        assert_eq!(read(&mut reader, &two())[0], (None, 19, 61));
        let located = |confidence: f64| {
            let words: &[_] = &[(0.03, 0.40, "DOE", 0.9), (0.42, 0.48, "Ann", confidence), (0.50, 0.97, "JANE", 0.9)];
            PreparedLine::of(&two(), &frame()).read(&mut Scripted::new(&[words]), &[]).expect("it is read")
        };
        assert_eq!((located(0.95).len(), located(0.6).len()), (3, 2));
        assert!(located(0.95)[1].network.is_none());
    }

    #[test]
    fn several_words_share_a_box_without_leaving_any_of_it() {
        let mut reader = Scripted::new(&[&[(0.03, 0.45, "DOE", 0.9), (0.52, 0.97, "JANE", 0.8)]]);
        let texts = read(&mut reader, &line(&[[20.0, 40.0, 120.0, 56.0]]));
        assert_eq!((texts[0].1, texts[1].2), (19, 121));
        assert!(texts[0].2 >= texts[1].1);
    }

    #[test]
    fn a_word_in_several_boxes_covers_them_all() {
        let mut reader = Scripted::new(&[&[(0.03, 0.97, "NAKAMURA", 0.9)]]);
        assert_eq!(read(&mut reader, &two()), [(Some("NAKAMURA".to_owned()), 19, 121)]);
    }

    #[test]
    fn a_sign_in_the_place_of_a_word_is_no_reading() {
        for word in ["L", "--"] {
            let answer: &[_] = &[(0.03, 0.40, word, 0.9), (0.50, 0.97, "JANE", 0.9)];
            assert_eq!(read(&mut Scripted::new(&[answer]), &two())[0].0, None, "{word}");
        }
        assert!(fits("DOE", &Rectangle { x0: 0.0, y0: 0.0, x1: 40.0, y1: 16.0 }));
        assert!(fits("l", &Rectangle { x0: 0.0, y0: 0.0, x1: 2.0, y1: 16.0 }));
        assert!(!fits("INSTITUTION", &Rectangle { x0: 0.0, y0: 0.0, x1: 16.0, y1: 16.0 }));
    }

    #[test]
    fn strokes_that_go_on_beyond_a_box_are_read_with_it() {
        // The boxes end in the middle of a word; the frame's strokes reach from 20 to 120.
        let mut reader = Scripted::new(&[&[(0.0, 1.0, "JANEDOE", 0.9)]]);
        let texts = read(&mut reader, &line(&[[28.0, 40.0, 110.0, 56.0]]));
        assert_eq!(texts, [(Some("JANEDOE".to_owned()), 18, 122)]);
        // Not without end: as far as the text is high.
        let mut reader = Scripted::new(&[&[(0.0, 1.0, "JANEDOE", 0.9)]]);
        let texts = read(&mut reader, &line(&[[60.0, 40.0, 110.0, 56.0]]));
        assert_eq!(texts, [(Some("JANEDOE".to_owned()), 44, 122)]);
    }

    #[test]
    fn a_turned_line_is_read_both_ways() {
        let column = BoxLine { course: Course::Column, ..line(&[[40.0, 20.0, 56.0, 80.0]]) };
        let good: &[_] = &[(0.15, 0.85, "JANEDOE", 0.9)];
        let mut reader = Scripted::new(&[&[], &[], &[], good]);
        let located = PreparedLine::of(&column, &frame()).read(&mut reader, &[]).expect("it is read");
        assert_eq!(located.len(), 1);
        assert_eq!(located[0].text.as_ref().map(|text| text.expose().as_str()), Some("JANEDOE"));
        assert_eq!(reader.seen.len(), 4);
        assert!(located[0].region.y0 <= 19 && located[0].region.y1 >= 81);
    }

    #[test]
    fn what_is_higher_than_any_text_is_not_read() {
        let sheet = line(&[[0.0, 0.0, 900.0, 700.0]]);
        let mut reader = Scripted::new(&[]);
        let located = PreparedLine::of(&sheet, &frame()).read(&mut reader, &[]).expect("it is not read");
        assert_eq!(located[0].region, PixelRegion { x0: 0, y0: 0, x1: 200, y1: 100 });
        assert!(reader.seen.is_empty() && located[0].text.is_none());
    }

    #[test]
    fn levels_are_those_of_ground_and_ink() {
        let level = |place: usize| if place.is_multiple_of(7) { 30 } else { 200 };
        let dark = GrayFrame::new(50, 10, (0..500).map(level).collect()).expect("a frame");
        let levels = Levels::of(&dark);
        assert_eq!((levels.polarity, levels.ground, levels.ink), (Polarity::Dark, 55, 225));
        let one = GrayFrame::new(1, 1, vec![9]).expect("a frame");
        assert_eq!(Levels::of(&one).ink, 9);
    }
}

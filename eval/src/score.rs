//! One instance of the suite against its result.

use crate::judge::{Planted, Searchable};
use crate::overlays;
use crate::pixels::{Outcome, PixelComparison, PlantedBox, ShownWord, compare};
use crate::reader::{Instance, Source, Tag, Value};
use crate::residual::preamble_text;
use crate::view::{all_texts, find, text_under};
use efface_schema::{Locus, Place, PlantedValue, RetainedValue, Retention, TruthRecord};
use std::path::Path;

/// How everything planted in one instance ended.
#[derive(Debug, Clone, Default)]
pub(crate) struct InstanceScore {
    /// In the order of the truth.
    pub planted: Vec<Outcome>,
    /// In the order of the truth: whether the value is kept.
    pub retained: Vec<bool>,
    /// Whether the pixel data is the same to the byte; absent where there is none to keep or some to hide.
    pub identical_pixels: Option<bool>,
    pub unchanged_pixels: u64,
    pub outside_pixels: u64,
    /// Harmless drawn words that are hidden, and all of which it is known.
    pub harmless_words: (u64, u64),
    /// Why the truth is not that of the original, if it is not.
    pub mismatch: Option<&'static str>,
}

impl InstanceScore {
    /// The score of an instance with one more file: what leaks or is lost in either of them is.
    pub(crate) fn with_copy(mut self, copy: &Self) -> Self {
        self.planted.iter_mut().zip(&copy.planted).for_each(|(own, other)| *own = own.worse(*other));
        self.retained.iter_mut().zip(&copy.retained).for_each(|(own, other)| *own &= other);
        self.identical_pixels = self.identical_pixels.map(|own| own && copy.identical_pixels != Some(false));
        self
    }
}

/// Where an instance's files are.
pub(crate) struct Files<'p> {
    pub original: &'p Path,
    pub output: &'p Path,
    /// Relative to the output folder.
    pub output_name: &'p str,
}

/// The score of an instance without a result.
pub(crate) fn withheld(truth: &TruthRecord) -> InstanceScore {
    InstanceScore { planted: vec![Outcome::Withheld; truth.planted.len()], ..InstanceScore::default() }
}

/// Judges everything planted in an instance.
pub(crate) fn score_instance(
    truth: &TruthRecord,
    files: &Files<'_>,
    source: &Source,
    output: &Instance<'_>,
) -> InstanceScore {
    let original_source = std::fs::read(files.original).ok().and_then(Source::new);
    let original = original_source.as_ref().map(Source::parse);
    let digests_differ = original.as_ref().map(|original| pixel_bytes(original) != pixel_bytes(output));
    let boxes: Vec<PlantedBox> = truth.planted.iter().filter_map(planted_box).collect();
    let words = harmless_words(truth);
    let pixels = match digests_differ {
        Some(true) if pixel_bytes(output).is_some() => compare(files.original, files.output, &boxes, &words),
        // The same pixels: nothing was hidden. No pixels: everything was.
        Some(different) => PixelComparison::all(boxes.len(), words.len(), Some(different)),
        None => PixelComparison::all(boxes.len(), words.len(), None),
    };
    let texts = all_texts(output);
    let mut box_outcomes = pixels.boxes.iter();
    let planted = truth.planted.iter().map(|value| {
        let at_place = match value.locus {
            Locus::PixelRegion { .. } => match box_outcomes.next().copied().flatten() {
                Some(true) => Outcome::Removed,
                Some(false) => Outcome::Leaked,
                None => Outcome::Unjudged,
            },
            _ if value.place == Place::Overlay => overlays::judge(truth, value, output, original.as_ref()),
            _ => at_place(value, files, source, output, original.as_ref()),
        };
        let planted = Planted::new(&value.value, value.label);
        let elsewhere = at_place == Outcome::Removed && planted.leaks_elsewhere(&texts);
        if elsewhere { Outcome::LeakedElsewhere } else { at_place }
    });
    let has_pixels = original.as_ref().is_some_and(|original| pixel_bytes(original).is_some());
    let is_clean = truth.planted.iter().all(|value| planted_box(value).is_none() && value.locus != Locus::PixelData);
    let judged: Vec<bool> = pixels.words.iter().copied().flatten().collect();
    let n_hidden = judged.iter().filter(|is_hidden| **is_hidden).count() as u64;
    InstanceScore {
        planted: planted.collect(),
        retained: truth.retained.iter().map(|value| is_retained(value, output)).collect(),
        identical_pixels: (has_pixels && is_clean).then_some(digests_differ == Some(false)),
        unchanged_pixels: pixels.unchanged,
        outside_pixels: pixels.outside,
        harmless_words: (n_hidden, judged.len() as u64),
        mismatch: original_source
            .as_ref()
            .zip(original.as_ref())
            .and_then(|(source, original)| mismatch(truth, source, original)),
    }
}

/// Why the truth is not that of an original: a value that never stood there would count as removed. What is drawn is not
/// looked at.
fn mismatch(truth: &TruthRecord, source: &Source, original: &Instance<'_>) -> Option<&'static str> {
    let is_drawn = |value: &PlantedValue| {
        value.place == Place::Overlay || matches!(value.locus, Locus::PixelRegion { .. } | Locus::PixelData)
    };
    let path = &truth.instance.path;
    let files = Files { original: Path::new(path), output: Path::new(path), output_name: path };
    let stands = |value: &PlantedValue| at_place(value, &files, source, original, Some(original)) == Outcome::Leaked;
    if !truth.planted.iter().all(|value| is_drawn(value) || stands(value)) {
        return Some("a planted value does not stand where it says in the suite's file; make the suite again");
    }
    let is_there = |value: &RetainedValue| is_retained(value, original);
    let problem = "a value that must stay does not stand where it says in the suite's file; make the suite again";
    (!truth.retained.iter().all(is_there)).then_some(problem)
}

/// The words in the image that identify nobody.
fn harmless_words(truth: &TruthRecord) -> Vec<ShownWord<'_>> {
    let lines = truth.drawn.iter().flat_map(|drawn| &drawn.lines).filter(|line| line.place == Place::Pixels);
    lines
        .flat_map(|line| line.words.iter().filter(|word| word.label.is_none()).map(move |word| (line, word)))
        .map(|(line, word)| ShownWord { is_in: Box::new(|frame_idx| line.is_in(frame_idx)), region: word.region })
        .collect()
}

pub(crate) fn pixel_bytes<'a>(instance: &Instance<'a>) -> Option<&'a [u8]> {
    instance.data_set.bytes(Tag::PIXEL_DATA)
}

fn planted_box(value: &PlantedValue) -> Option<PlantedBox> {
    match value.locus {
        Locus::PixelRegion { frame_idx, region } => Some(PlantedBox { frame_idx, region }),
        _ => None,
    }
}

fn at_place(
    value: &PlantedValue,
    files: &Files<'_>,
    source: &Source,
    output: &Instance<'_>,
    original: Option<&Instance<'_>>,
) -> Outcome {
    let planted = Planted::new(&value.value, value.label);
    let leaked = |text: &str| {
        if planted.leaks_at_place(&Searchable::new(text)) { Outcome::Leaked } else { Outcome::Removed }
    };
    match &value.locus {
        Locus::Attribute { path } | Locus::TextSpan { path, .. } => match find(output, path) {
            None => Outcome::Removed,
            Some(found) => leaked(&text_under(&found)),
        },
        Locus::Preamble => leaked(&preamble_text(&source.bytes)),
        Locus::TrailingData => leaked(&trailing_text(source, output)),
        Locus::FileName => leaked(files.output_name),
        Locus::PixelData | Locus::PixelRegion { .. } => match (pixel_bytes(output), original.map(pixel_bytes)) {
            (None, _) => Outcome::Removed,
            (now, Some(before)) if now == before => Outcome::Leaked,
            _ => Outcome::Unjudged,
        },
    }
}

/// What follows the data set: trailing padding that reads as an element is found by the search elsewhere.
fn trailing_text(source: &Source, output: &Instance<'_>) -> String {
    let end = output.damaged_at.unwrap_or(source.bytes.len());
    crate::reader::text::latin1(&source.bytes[end.min(source.bytes.len())..])
}

fn is_retained(value: &RetainedValue, output: &Instance<'_>) -> bool {
    let Some(found) = find(output, &value.path) else { return false };
    let text = || text_under(&found);
    let plain = |text: &str| {
        text.split([' ', '\0', '\t', '\r', '\n']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
    };
    match value.retention {
        Retention::Present => true,
        Retention::NotEmpty => match &found.element.value {
            // Zero is a value; blanks and padding are none.
            Value::Bytes(bytes) => !bytes.is_empty() && !text().trim_matches([' ', '\0', '\\']).is_empty(),
            Value::Items(items) => !items.is_empty(),
        },
        Retention::Text => plain(&text()).contains(&plain(value.text.as_deref().unwrap_or_default())),
    }
}

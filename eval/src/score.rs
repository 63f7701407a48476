//! One instance of the suite against its result.

use crate::judge::{Planted, Searchable};
use crate::pixels::{Outcome, PixelComparison, PlantedBox, compare};
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
    let original = std::fs::read(files.original).ok().and_then(Source::new);
    let original = original.as_ref().map(Source::parse);
    let digests_differ = original.as_ref().map(|original| pixel_bytes(original) != pixel_bytes(output));
    let boxes: Vec<PlantedBox> = truth.planted.iter().filter_map(planted_box).collect();
    let pixels = match digests_differ {
        Some(true) if pixel_bytes(output).is_some() => compare(files.original, files.output, &boxes),
        // The same pixels: nothing was hidden. No pixels: everything was.
        Some(different) => PixelComparison { boxes: vec![Some(different); boxes.len()], ..PixelComparison::default() },
        None => PixelComparison { boxes: vec![None; boxes.len()], ..PixelComparison::default() },
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
            _ => at_place(value, files, source, output, original.as_ref()),
        };
        let planted = Planted::new(&value.value, value.label);
        let elsewhere = at_place == Outcome::Removed && texts.iter().any(|text| planted.leaks_elsewhere(text));
        if elsewhere { Outcome::LeakedElsewhere } else { at_place }
    });
    let has_pixels = original.as_ref().is_some_and(|original| pixel_bytes(original).is_some());
    InstanceScore {
        planted: planted.collect(),
        retained: truth.retained.iter().map(|value| is_retained(value, output)).collect(),
        identical_pixels: (has_pixels && boxes.is_empty()).then_some(digests_differ == Some(false)),
        unchanged_pixels: pixels.unchanged,
        outside_pixels: pixels.outside,
    }
}

fn pixel_bytes<'a>(instance: &Instance<'a>) -> Option<&'a [u8]> {
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
            Some(found) if value.place == Place::Overlay => match &found.element.value {
                Value::Bytes(now) => overlay(
                    now,
                    original.and_then(|original| find(original, path)).map(|found| found.element.value.clone()),
                ),
                Value::Items(_) => Outcome::Unjudged,
            },
            Some(found) => leaked(&text_under(&found, output.big_endian)),
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

/// An overlay plane is a picture: it is gone when the attribute is, or when no bit is set.
fn overlay(now: &[u8], before: Option<Value<'_>>) -> Outcome {
    match before {
        _ if now.iter().all(|&byte| byte == 0) => Outcome::Removed,
        Some(Value::Bytes(before)) if before == now => Outcome::Leaked,
        _ => Outcome::Unjudged,
    }
}

fn is_retained(value: &RetainedValue, output: &Instance<'_>) -> bool {
    let Some(found) = find(output, &value.path) else { return false };
    let text = || text_under(&found, output.big_endian);
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

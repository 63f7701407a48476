//! How probable spans really are: the map of spans of a calibration, for a new release and for one that is out already.

use super::evaluate::context;
use super::{TrainError, data};
use crate::calibration::map::{JudgedFinding, fit};
use crate::checkpoint::write;
use crate::config::{Split, TrainingConfig};
use crate::digests;
use crate::text::LabelledText;
use efface_nets::calibration::{Calibration, SpanCalibration, SpansFittedOn};
use efface_nets::device::DeviceName;
use efface_nets::folder::CALIBRATION;
use efface_nets::recognizer::{Context, Reading, Scored, Settings, decide};
use efface_nets::{Found, ModelFolder, Recognizer};
use efface_schema::{Sha256Hex, Versioned};
use std::collections::BTreeMap;
use std::path::Path;

/// Fits the map of spans of a released model to the calibration texts of a configuration, and writes it into the model's
/// calibration and its list of digests; all else of the calibration stays.
/// Nothing is written where no map is better.
///
/// # Errors
/// [`TrainError`], also if no text is for calibration or the folder is not what was released.
pub fn calibrate_spans(config: &TrainingConfig, model: &Path) -> Result<Option<SpanCalibration>, TrainError> {
    let folder = ModelFolder::open(model)?;
    let texts = data::of_split(config, Split::Calibration)?;
    if texts.is_empty() {
        return Err(TrainError::Empty { part: "calibration" });
    }
    let recognizer = Recognizer::open(&folder, DeviceName::Cpu, Settings::default())?;
    let contexts: Vec<Context<'_>> = texts.iter().map(context).collect();
    let scored = recognizer.scores(&contexts);
    let spans = calibrated(&scored, &texts, &folder.calibration, data::files(config)?);
    if spans.is_some() {
        let calibration =
            Calibration { format_version: Calibration::FORMAT_VERSION, spans: spans.clone(), ..folder.calibration };
        write_calibration(model, &calibration)?;
        digests::list(model)?;
    }
    Ok(spans)
}

/// Writes a calibration into a model's folder.
pub(super) fn write_calibration(model: &Path, calibration: &Calibration) -> Result<(), TrainError> {
    let mut text = serde_json::to_string_pretty(calibration).expect("a calibration has a text");
    text.push('\n');
    write(&model.join(CALIBRATION), text.as_bytes())
}

/// The map of spans for scored texts; of the calibration only temperatures and entity rule count.
///
/// Spans are those of the default threshold, at which pipelines ask.
pub(super) fn calibrated(
    scored: &[Scored],
    texts: &[LabelledText],
    calibration: &Calibration,
    files: BTreeMap<String, Sha256Hex>,
) -> Option<SpanCalibration> {
    let threshold = Settings::default().threshold;
    let read = |scored| decide(scored, &calibration.temperatures, calibration.entity_rule, threshold);
    let spans: Vec<JudgedFinding> =
        scored.iter().zip(texts).flat_map(|(scored, text)| judged(&read(scored), text)).collect();
    let fitted = fit(&spans)?;
    Some(SpanCalibration {
        map: fitted.map,
        fitted_on: SpansFittedOn {
            files,
            n_texts: texts.len() as u64,
            n_spans: spans.len() as u64,
            n_right: spans.iter().filter(|span| span.is_right).count() as u64,
            n_clusters: fitted.n_clusters,
            threshold: threshold.into(),
            before: fitted.before,
            after: fitted.after,
        },
    })
}

/// The spans of a text, each with whether the truth has one with the same ends and label. Signs at the ends, such as a
/// parenthesis, are no part of either.
fn judged(reading: &Reading, text: &LabelledText) -> Vec<JudgedFinding> {
    let characters: Vec<char> = text.text.chars().collect();
    let truth: Vec<_> = text
        .spans
        .iter()
        .map(|span| (trimmed(&characters, span.start as usize, span.end as usize), span.label))
        .collect();
    let is_right = |found: &Found| truth.contains(&(trimmed(&characters, found.start, found.end), found.label));
    let judged = |found: &Found| JudgedFinding {
        cluster: text.cluster.clone(),
        probability: found.probability.into(),
        is_right: is_right(found),
    };
    reading.spans.iter().map(judged).collect()
}

/// A range from its first letter or digit to its last.
fn trimmed(characters: &[char], start: usize, end: usize) -> Option<(usize, usize)> {
    let end = end.min(characters.len());
    let is_word = |at: &usize| characters[*at].is_alphanumeric();
    let first = (start..end).find(is_word)?;
    let last = (start..end).rev().find(is_word)?;
    Some((first, last + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Span;
    use efface_schema::PhiLabel;

    #[test]
    fn a_span_is_right_with_both_ends_and_the_label_and_signs_do_not_count() {
        let text = LabelledText {
            id: "7".to_owned(),
            text: "call (555) 0100, Dr. Roe".to_owned(),
            known: Vec::new(),
            keyword: String::new(),
            vr: String::new(),
            modality: String::new(),
            locale: String::new(),
            cluster: "7".to_owned(),
            spans: vec![
                Span { start: 5, end: 15, label: PhiLabel::Phone },
                Span { start: 21, end: 24, label: PhiLabel::Name },
            ],
        };
        let found = |start, end, label| Found { start, end, label, probability: 0.9, identifies: 0.9 };
        let is_right = |found: Found| {
            let reading = Reading { spans: vec![found], ..Reading::default() };
            judged(&reading, &text)[0].is_right
        };
        assert!(is_right(found(5, 16, PhiLabel::Phone)) && is_right(found(6, 15, PhiLabel::Phone)));
        assert!(!is_right(found(5, 16, PhiLabel::Fax)), "another label");
        assert!(!is_right(found(17, 24, PhiLabel::Name)) && !is_right(found(21, 23, PhiLabel::Name)), "other ends");
    }
}

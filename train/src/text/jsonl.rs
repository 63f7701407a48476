//! One record a line.

use super::lines::Lines;
use super::{LabelledText, Span, TextError};
use efface_schema::{TextRecord, parse_json};
use std::path::Path;

/// The texts of a file.
#[derive(Debug)]
pub(super) struct Reader {
    lines: Lines,
}

impl Reader {
    pub(super) fn open(path: &Path) -> Result<Self, TextError> {
        Ok(Self { lines: Lines::open(path)? })
    }

    /// The next text; blank lines are passed over.
    pub(super) fn next_text(&mut self) -> Result<Option<LabelledText>, TextError> {
        let parsed = loop {
            match self.lines.next_line()? {
                None => return Ok(None),
                Some(line) if line.trim().is_empty() => {}
                Some(line) => break parse_json::<TextRecord>(line),
            }
        };
        let record = parsed.map_err(|error| {
            self.lines.fault(format!("failed to {error}; the file must be as `efface synth` writes ner.jsonl"))
        })?;
        check_spans(&record).map_err(|fault| self.lines.fault(fault))?;
        Ok(Some(labelled(record)))
    }
}

fn check_spans(record: &TextRecord) -> Result<(), &'static str> {
    let n_characters = record.text.chars().count() as u64;
    let mut end = 0;
    for span in &record.spans {
        if span.start >= span.end {
            return Err("a span is empty or ends before it begins; offsets are half-open");
        }
        if span.start < end {
            return Err("spans overlap or are not in order; join what overlaps and sort them by their start");
        }
        if u64::from(span.end) > n_characters {
            return Err("a span ends after the text; offsets count Unicode characters, not bytes");
        }
        end = span.end;
    }
    Ok(())
}

fn labelled(record: TextRecord) -> LabelledText {
    let known = (0..).zip(&record.spans).filter(|(_, span)| span.is_known).map(|(place, _)| place).collect();
    let spans = record.spans.iter().map(|span| Span { start: span.start, end: span.end, label: span.label }).collect();
    let context = record.context;
    LabelledText {
        id: record.index.to_string(),
        text: record.text,
        spans,
        known,
        keyword: context.keyword,
        vr: context.vr.unwrap_or_default(),
        modality: context.modality,
        locale: context.locale,
        cluster: context.patient.to_string(),
    }
}

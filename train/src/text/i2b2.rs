//! The XML of the de-identification track of the i2b2/UTHealth shared task of 2014: an element `TEXT`, and in `TAGS`
//! an element for each span with `start`, `end`, `text` and `TYPE`. One file is one text.

use super::lines::{line_at, read_document};
use super::spans::{Characters, join_overlapping, same_words};
use super::{LabelTable, LabelledText, Span, TextError};
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use std::path::Path;

/// What names of files of this format end in.
pub(super) const EXTENSION: &str = "xml";

const FORM: &str = "the file must be XML of the de-identification track of i2b2/UTHealth 2014, with TEXT before TAGS";

/// An element of `TAGS`.
struct Annotation {
    line: u64,
    kind: String,
    start: u64,
    end: u64,
    text: Option<String>,
}

#[derive(Default)]
struct Document {
    text: Option<String>,
    annotations: Vec<Annotation>,
}

/// Reads one file. The patient is what stands before the last `-` of its name, as in `220-01.xml`.
pub(super) fn read(path: &Path, labels: &LabelTable) -> Result<LabelledText, TextError> {
    let xml = read_document(path)?;
    let document = parse(&xml)
        .map_err(|(position, fault)| TextError::malformed(path, line_at(xml.as_bytes(), position), fault))?;
    let text = document.text.ok_or_else(|| TextError::malformed(path, 1, format!("there is no TEXT; {FORM}")))?;
    let characters = Characters::of(&text);
    let mut spans = Vec::new();
    for annotation in &document.annotations {
        let span = span(annotation, &characters, labels);
        spans.extend(span.map_err(|fault| TextError::malformed(path, annotation.line, fault))?);
    }
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let patient = name.rsplit_once('-').map_or(name.as_str(), |(patient, _)| patient).to_owned();
    Ok(LabelledText::bare(name, text, join_overlapping(spans), patient))
}

fn span(annotation: &Annotation, characters: &Characters<'_>, labels: &LabelTable) -> Result<Option<Span>, String> {
    let covered = characters.cut(annotation.start, annotation.end).ok_or(
        "the offsets are empty or reach beyond TEXT; they count Unicode characters from its first one, the end exclusive",
    )?;
    if annotation.text.as_ref().is_some_and(|text| !same_words(text, covered)) {
        return Err("`text` is not what stands at the offsets; were the lines of TEXT broken anew?".to_owned());
    }
    let label = labels.label(&annotation.kind, covered).map_err(|unknown| unknown.to_string())?;
    let (start, end) = (annotation.start as u32, annotation.end as u32);
    Ok(label.map(|label| Span { start, end, label }))
}

/// What the parser is inside of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    Neither,
    Text,
    Tags,
}

/// Takes the document apart; an error has its position in bytes.
fn parse(xml: &str) -> Result<Document, (usize, String)> {
    let n_skipped = xml.len() - xml.trim_start_matches('\u{FEFF}').len();
    let mut reader = Reader::from_str(&xml[n_skipped..]);
    let mut document = Document::default();
    let mut inside = Inside::Neither;
    loop {
        let event = reader.read_event();
        let position = n_skipped + reader.buffer_position() as usize;
        let fault = |fault: &str| (position, fault.to_owned());
        match event.map_err(|_| fault(FORM))? {
            Event::Start(element) if element.name().as_ref() == "TEXT" && document.text.is_none() => {
                document.text = Some(String::new());
                inside = Inside::Text;
            }
            Event::Start(element) if element.name().as_ref() == "TAGS" => inside = Inside::Tags,
            Event::Start(element) | Event::Empty(element) if inside == Inside::Tags => {
                let line = line_at(xml.as_bytes(), position);
                document.annotations.push(annotation(&element, line).map_err(|message| (position, message))?);
            }
            Event::Start(_) | Event::Empty(_) if inside == Inside::Text => {
                return Err(fault("there is an element inside TEXT, which must hold the text alone"));
            }
            Event::End(element) if ["TEXT", "TAGS"].contains(&element.name().as_ref()) => inside = Inside::Neither,
            Event::DocType(_) => return Err(fault("there is a document type, which may change the text; remove it")),
            Event::Eof if inside != Inside::Neither => return Err(fault("the file ends too early; fetch it again")),
            Event::Eof => return Ok(document),
            other if inside == Inside::Text => {
                let part =
                    characters_of(&other).ok_or_else(|| fault("TEXT holds a reference that XML does not know"))?;
                document.text.get_or_insert_default().push_str(&part);
            }
            _ => {}
        }
    }
}

/// The characters that an event stands for, with the ends of lines as XML wants them (XML 1.0, 2.11).
fn characters_of(event: &Event<'_>) -> Option<String> {
    let normalized = |part: &str| part.replace("\r\n", "\n").replace('\r', "\n");
    match event {
        Event::Text(part) => Some(normalized(part)),
        Event::CData(part) => Some(normalized(part)),
        Event::GeneralRef(name) => {
            quick_xml::escape::unescape(&format!("&{};", &**name)).ok().map(|text| text.into_owned())
        }
        _ => Some(String::new()),
    }
}

fn annotation(element: &BytesStart<'_>, line: u64) -> Result<Annotation, String> {
    let (mut kind, mut start, mut end, mut text) = (None, None, None, None);
    for attribute in element.attributes() {
        let attribute = attribute.map_err(|_| "the attributes of the element are not well formed XML")?;
        let value = attribute
            .normalized_value(XmlVersion::Explicit1_0)
            .map_err(|_| "an attribute holds a reference that XML does not know")?;
        match attribute.key.as_ref() {
            "TYPE" => kind = Some(value.into_owned()),
            "start" => start = value.parse().ok(),
            "end" => end = value.parse().ok(),
            "text" => text = Some(value.into_owned()),
            _ => {}
        }
    }
    match (kind, start, end) {
        (Some(kind), Some(start), Some(end)) => Ok(Annotation { line, kind, start, end, text }),
        _ => Err("an element of TAGS needs TYPE, and numbers as start and end".to_owned()),
    }
}

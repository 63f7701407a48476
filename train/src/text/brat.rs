//! The standoff format of brat: a text in `NAME.txt`, its annotations in `NAME.ann`. One pair is one text.
//!
//! Of the annotations only text-bound ones matter (`T1<TAB>LABEL START END[;START END…]<TAB>WORDS`); relations, events,
//! attributes, normalizations and notes are passed over. A discontinuous annotation counts from its first part to its
//! last, since whoever removes the parts must not leave the middle.

use super::lines::{Lines, read_document};
use super::spans::{Characters, join_overlapping, same_words};
use super::{LabelTable, LabelledText, Span, TextError};
use std::path::Path;

/// What names of texts end in.
pub(super) const EXTENSION: &str = "txt";
/// What names of annotations end in.
pub(super) const ANNOTATION_EXTENSION: &str = "ann";

const FORM: &str = "a text-bound annotation is `T1`, `LABEL START END` and the words, between tabulators";

/// Reads one pair; `root` is the folder that names are told from.
pub(super) fn read(path: &Path, root: &Path, labels: &LabelTable) -> Result<LabelledText, TextError> {
    let text = read_document(path)?;
    let annotations = path.with_extension(ANNOTATION_EXTENSION);
    if !annotations.exists() {
        let fault = "there is no .ann beside it; make an empty one if nothing in the text identifies anyone";
        return Err(TextError::malformed(path, 1, fault));
    }
    let spans = read_spans(&annotations, &Characters::of(&text), labels)?;
    let inner = path.strip_prefix(root).ok().filter(|inner| !inner.as_os_str().is_empty());
    let inner = inner.unwrap_or_else(|| Path::new(path.file_name().unwrap_or_default()));
    let id = inner.with_extension("").to_string_lossy().into_owned();
    Ok(LabelledText::bare(id.clone(), text, spans, id))
}

fn read_spans(path: &Path, text: &Characters<'_>, labels: &LabelTable) -> Result<Vec<Span>, TextError> {
    let mut lines = Lines::open(path)?;
    let mut spans = Vec::new();
    loop {
        let span = match lines.next_line()? {
            None => return Ok(join_overlapping(spans)),
            Some(line) => span(line, text, labels),
        };
        spans.extend(span.map_err(|fault| TextError::malformed(lines.path(), lines.number(), fault))?);
    }
}

fn span(line: &str, text: &Characters<'_>, labels: &LabelTable) -> Result<Option<Span>, String> {
    match line.chars().next() {
        None | Some('R' | 'E' | 'A' | 'M' | 'N' | '#' | '*') => return Ok(None),
        Some('T') => {}
        Some(_) => return Err("the line is of no kind that brat has".to_owned()),
    }
    let mut fields = line.splitn(3, '\t').skip(1);
    let (head, words) = (fields.next().ok_or(FORM)?, fields.next());
    let (kind, fragments) = head.split_once(' ').ok_or(FORM)?;
    let mut covered = String::new();
    let (mut start, mut end) = (u64::MAX, 0);
    for fragment in fragments.split(';') {
        let (from, until) = fragment.trim().split_once(' ').ok_or(FORM)?;
        let (from, until): (u64, u64) = (from.parse().map_err(|_| FORM)?, until.trim().parse().map_err(|_| FORM)?);
        covered += text.cut(from, until).ok_or(
            "the offsets are empty or reach beyond the text; they count Unicode characters, the end exclusive",
        )?;
        (start, end) = (start.min(from), end.max(until));
    }
    if words.is_some_and(|words| !same_words(words, &covered)) {
        return Err("the words are not what stands at the offsets; were they counted in bytes?".to_owned());
    }
    let label = labels.label(kind, &covered).map_err(|unknown| unknown.to_string())?;
    Ok(label.map(|label| Span { start: start as u32, end: end as u32, label }))
}

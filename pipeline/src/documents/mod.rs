//! Documents inside instances: their text is searched, and what cannot be proven clean goes to a person.
//!
//! A document is clean when every part of it was understood, all of its text was read, and nothing in it identifies.
//! It is never changed: the rules of its format are not this program's to keep. Memory and time are bounded, and
//! a parser that fails or panics is a document that was not understood.

mod markup;
mod pdf;
mod surface;

use crate::ner::{Answer, Doubt, Place, Question, TextReader};
use crate::tier2::{FoundSpan, Scope, TextSearch};
use efface_schema::{Action, AttributePath, Decision, Locus, PhiLabel, Probability, Source};
use std::collections::BTreeMap;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Larger documents are not read.
pub(crate) const MAX_DOCUMENT_BYTES: u64 = 8 * 1024 * 1024;
/// More text than this is not searched.
const MAX_TEXT_BYTES: usize = 1024 * 1024;

/// What a document is made of, or why that cannot be said.
type Understood = Result<(), NotUnderstood>;

/// A part of the document is of a kind that may hide text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct NotUnderstood;

/// The texts of a document, each on a line of its own.
#[derive(Default)]
struct Texts {
    text: String,
    /// Bytes of `text` that are written for people, and not for the program that shows the document.
    prose: Vec<Range<usize>>,
}

impl Texts {
    /// Adds a text.
    ///
    /// # Errors
    /// [`NotUnderstood`] when there is more text than is searched.
    fn add(&mut self, text: &str) -> Understood {
        if self.text.len() + text.len() > MAX_TEXT_BYTES {
            return Err(NotUnderstood);
        }
        self.text.push_str(text);
        self.text.push('\n');
        Ok(())
    }

    /// Adds a text that is written for people: the network reads it too.
    ///
    /// # Errors
    /// As [`Self::add`].
    fn add_prose(&mut self, text: &str) -> Understood {
        let start = self.text.len();
        self.add(text)?;
        self.prose.push(start..self.text.len());
        Ok(())
    }

    /// The lines that are written for people and say something, each with its first character.
    fn lines(&self) -> Vec<(usize, &str)> {
        let mut lines = Vec::new();
        let (mut at_byte, mut at_character) = (0, 0);
        for range in &self.prose {
            let mut start = range.start;
            for line in self.text[range.clone()].split('\n') {
                if line.chars().any(char::is_alphanumeric) {
                    at_character += self.text[at_byte..start].chars().count();
                    at_byte = start;
                    lines.push((at_character, line));
                }
                start += line.len() + 1;
            }
        }
        lines
    }
}

/// What is to be done about a document.
#[derive(Debug, PartialEq)]
pub(crate) struct Verdict {
    /// The decisions, one for each kind of finding.
    pub(crate) decisions: Vec<Decision>,
    /// Why a person must look; empty when the document is clean.
    pub(crate) review: Vec<&'static str>,
}

/// Judges a document by what the search finds in it and, where there is one, the network.
pub(crate) fn judge(document: &[u8], search: &TextSearch<'_>, reader: Option<&TextReader>) -> Verdict {
    let mut texts = Texts::default();
    // The parsers are others' code and the document is anybody's: what panics was not understood.
    let understood = catch_unwind(AssertUnwindSafe(|| read(document, &mut texts))).unwrap_or(Err(NotUnderstood));
    let mut spans = search.find(&texts.text, Scope::Everything).to_vec();
    let read = reader.map_or_else(ByNetwork::default, |reader| ByNetwork::read(&texts, &spans, reader));
    spans.extend(read.spans);
    let mut decisions = findings(&spans);
    decisions.extend(read.doubts.into_iter().map(|(doubt, probability)| Decision {
        probability,
        ..decision(Action::Review, Source::Ner, doubt.rule(), None)
    }));
    let mut review = Vec::new();
    if understood.is_err() {
        decisions.push(decision(Action::Review, Source::Unknown, "document-not-understood", None));
        review.push("document-not-understood");
    }
    if !spans.is_empty() || crate::opaque::occurs(document, search) {
        decisions.push(decision(Action::Review, Source::Tier2, "encapsulated-document", None));
        review.push("encapsulated-document");
    }
    if review.is_empty() {
        decisions.push(decision(Action::Keep, Source::Tier2, "document-clean", None));
    }
    Verdict { decisions, review }
}

/// What the network says of a document.
#[derive(Default)]
struct ByNetwork {
    /// What it finds beyond the search.
    spans: Vec<FoundSpan>,
    /// Why lines are flagged, each with the highest probability that something in such a line identifies.
    doubts: BTreeMap<Doubt, Probability>,
}

impl ByNetwork {
    /// Asks about all lines at once, beside what the search found in the whole text.
    fn read(texts: &Texts, found: &[FoundSpan], reader: &TextReader) -> Self {
        let lines = texts.lines();
        let found: Vec<Vec<FoundSpan>> = lines.iter().map(|(start, line)| within(*start, line, found)).collect();
        let ask = |((_, line), found): (&(usize, &str), &Vec<FoundSpan>)| Question::new(line, Place::default(), found);
        let questions: Vec<Question> = lines.iter().zip(&found).map(ask).collect();
        let mut all = Self::default();
        for (((_, line), found), answer) in lines.iter().zip(&found).zip(reader.read(&questions)) {
            all.add(line, found, &answer);
        }
        all
    }

    fn add(&mut self, line: &str, found: &[FoundSpan], answer: &Answer) {
        let joined = answer.join(line, found);
        self.spans.extend(joined.into_iter().filter(|span| span.source == Source::Ner));
        if let Some(doubt) = answer.doubt {
            let known = self.doubts.entry(doubt).or_insert(Probability::ZERO);
            raise(known, answer.remaining());
        }
    }
}

/// The parts of spans of a text that lie in one of its lines, as spans of the line.
fn within(start: usize, line: &str, spans: &[FoundSpan]) -> Vec<FoundSpan> {
    let end = start + line.chars().count();
    let touching = spans.iter().filter(|span| span.start < end && start < span.end);
    let inside = |span: &FoundSpan| FoundSpan {
        start: span.start.max(start) - start,
        end: span.end.min(end) - start,
        ..span.clone()
    };
    touching.map(inside).collect()
}

/// The verdict on a document that is too large to be read.
pub(crate) fn too_large() -> Verdict {
    let decisions = vec![decision(Action::Review, Source::Unknown, "document-not-understood", None)];
    Verdict { decisions, review: vec!["document-not-understood"] }
}

/// Reads all text of a document, by the form that its first bytes show.
fn read(document: &[u8], texts: &mut Texts) -> Understood {
    // An odd length is padded by one byte.
    let unpadded = document.strip_suffix(b"\0").unwrap_or(document);
    let start = unpadded.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(unpadded.len());
    match &unpadded[start..] {
        [b'%', b'P', b'D', b'F', ..] => pdf::read(unpadded, texts),
        [b'<', ..] | [0xEF, 0xBB, 0xBF, ..] => markup::read(unpadded, texts),
        _ => surface::read(document, texts),
    }
}

/// Makes a probability the greater of itself and another one.
fn raise(known: &mut Probability, other: Probability) {
    if other > *known {
        *known = other;
    }
}

/// One decision for each rule and kind of what was found, as probable as the most probable of it, so that a person
/// knows what to look for.
fn findings(spans: &[FoundSpan]) -> Vec<Decision> {
    let mut kinds: BTreeMap<(&str, PhiLabel), (Source, Probability)> = BTreeMap::new();
    for span in spans {
        let (_, probability) = kinds.entry((span.rule, span.label)).or_insert((span.source, span.probability));
        raise(probability, span.probability);
    }
    let decide = |((rule, label), (source, probability))| Decision {
        probability,
        ..decision(Action::Review, source, rule, Some(label))
    };
    kinds.into_iter().map(decide).collect()
}

fn decision(action: Action, source: Source, rule: &str, label: Option<PhiLabel>) -> Decision {
    let locus = Locus::Attribute { path: AttributePath::tag(0x0042, 0x0011) };
    Decision { locus, action, source, rule: rule.to_owned(), label, probability: Probability::ONE }
}

#[cfg(test)]
mod tests;

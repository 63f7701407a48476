//! Documents inside instances: their text is searched, and what cannot be proven clean goes to a person.
//!
//! A document is clean when every part of it was understood, all of its text was read, and nothing in it identifies.
//! It is never changed: the rules of its format are not this program's to keep. Memory and time are bounded, and
//! a parser that fails or panics is a document that was not understood.

mod markup;
mod pdf;
mod surface;

use crate::tier2::{FoundSpan, Scope, TextSearch};
use efface_schema::{Action, AttributePath, Decision, Locus, PhiLabel, Probability, Source};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Larger documents are not read.
pub(crate) const MAX_DOCUMENT_BYTES: u64 = 16 * 1024 * 1024;
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
}

/// What is to be done about a document.
#[derive(Debug, PartialEq)]
pub(crate) struct Verdict {
    /// The decisions, one for each kind of finding.
    pub(crate) decisions: Vec<Decision>,
    /// Why a person must look; empty when the document is clean.
    pub(crate) review: Vec<&'static str>,
}

/// Judges a document.
pub(crate) fn judge(document: &[u8], search: &TextSearch<'_>) -> Verdict {
    let mut texts = Texts::default();
    // The parsers are others' code and the document is anybody's: what panics was not understood.
    let understood = catch_unwind(AssertUnwindSafe(|| read(document, &mut texts))).unwrap_or(Err(NotUnderstood));
    let spans = search.find(&texts.text, Scope::Everything);
    let mut decisions = findings(&spans);
    let mut review = Vec::new();
    if understood.is_err() {
        decisions.push(decision(Action::Review, Source::Unknown, "document-not-understood", None));
        review.push("document-not-understood");
    }
    if !spans.is_empty() || crate::opaque::holds_identity(document, search) {
        decisions.push(decision(Action::Review, Source::Tier2, "encapsulated-document", None));
        review.push("encapsulated-document");
    }
    if review.is_empty() {
        decisions.push(decision(Action::Keep, Source::Tier2, "document-clean", None));
    }
    Verdict { decisions, review }
}

/// The verdict on a document that is too large to be read.
pub(crate) fn too_large() -> Verdict {
    let decisions = vec![decision(Action::Review, Source::Unknown, "document-not-understood", None)];
    Verdict { decisions, review: vec!["document-not-understood"] }
}

/// Reads all text of a document, by the form that its first bytes show.
fn read(document: &[u8], texts: &mut Texts) -> Understood {
    // An odd length is padded by one byte.
    let document = document.strip_suffix(b"\0").unwrap_or(document);
    let start = document.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(document.len());
    match &document[start..] {
        [b'%', b'P', b'D', b'F', ..] => pdf::read(document, texts),
        [b'<', ..] | [0xEF, 0xBB, 0xBF, ..] => markup::read(document, texts),
        _ => surface::read(document, texts),
    }
}

/// One decision for each rule and kind of what was found, so that a person knows what to look for.
fn findings(spans: &[FoundSpan]) -> Vec<Decision> {
    let kinds: BTreeMap<(&str, PhiLabel), Source> =
        spans.iter().map(|span| ((span.rule, span.label), span.source)).collect();
    kinds.into_iter().map(|((rule, label), source)| decision(Action::Review, source, rule, Some(label))).collect()
}

fn decision(action: Action, source: Source, rule: &str, label: Option<PhiLabel>) -> Decision {
    let locus = Locus::Attribute { path: AttributePath::tag(0x0042, 0x0011) };
    Decision { locus, action, source, rule: rule.to_owned(), label, probability: Probability::ONE }
}

#[cfg(test)]
mod tests;

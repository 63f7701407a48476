//! Tier 2: identities that stand where no rule expects them.
//!
//! What the explicit attributes of a patient say ([`Lexicon`]) is searched in every other text, and recognizers
//! with check digits or context run beside ([`Recognizers`]). Both only find spans; what is done about a span is
//! decided by the caller.

mod builder;
pub mod dates;
mod folded;
mod fuzzy;
mod given_names;
pub(crate) mod guard;
mod lexicon;
mod names;
mod needles;
mod nicknames;
mod phrases;
mod recognizers;
mod transliteration;

pub use builder::LexiconBuilder;
pub(crate) use folded::{fold as folded_text, is_mark as is_combining};
pub use lexicon::Lexicon;
pub use recognizers::Recognizers;

use efface_schema::{PhiLabel, Probability, Source};
use lexicon::Reach;
use std::collections::HashMap;
use std::sync::{Arc, RwLock};

/// Texts longer than this are not cached.
const MAX_CACHED_CHARS: usize = 1024;
/// A patient's cache holds at most this many texts.
const MAX_CACHED_TEXTS: usize = 8192;

/// A part of a text that identifies someone.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundSpan {
    /// First character.
    pub start: usize,
    /// Character after the last.
    pub end: usize,
    /// What it is.
    pub label: PhiLabel,
    /// Who found it.
    pub source: Source,
    /// By which rule.
    pub rule: &'static str,
    /// How sure the rule is.
    pub probability: Probability,
}

/// How much of tier 2 looks at a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Codes and technical values, where numbers are no identifiers: the lexicon alone.
    Lexicon,
    /// Free text: the lexicon and the recognizers.
    Everything,
}

/// What was found, by the texts that were searched.
type Cache = RwLock<HashMap<String, Arc<[FoundSpan]>>>;

/// Searches the texts of one patient. The same text is searched once.
pub struct TextSearch<'a> {
    lexicon: Lexicon,
    recognizers: &'a Recognizers,
    /// For each scope.
    caches: [Cache; 2],
}

impl<'a> TextSearch<'a> {
    /// Searches with a patient's lexicon.
    pub fn new(lexicon: Lexicon, recognizers: &'a Recognizers) -> Self {
        Self { lexicon, recognizers, caches: <[Cache; 2]>::default() }
    }

    /// The patient's lexicon.
    pub const fn lexicon(&self) -> &Lexicon {
        &self.lexicon
    }

    /// Finds what identifies: spans in order, none overlapping another.
    pub fn find(&self, text: &str, scope: Scope) -> Arc<[FoundSpan]> {
        if !text.chars().any(char::is_alphanumeric) {
            return Arc::from([]);
        }
        if text.len() > MAX_CACHED_CHARS {
            return self.search(text, scope);
        }
        let cache = &self.caches[usize::from(scope == Scope::Everything)];
        if let Some(found) = cache.read().expect("no search panics inside the lock").get(text) {
            return Arc::clone(found);
        }
        let found = self.search(text, scope);
        let mut cache = cache.write().expect("no search panics inside the lock");
        if cache.len() < MAX_CACHED_TEXTS {
            cache.insert(text.to_owned(), Arc::clone(&found));
        }
        found
    }

    fn search(&self, text: &str, scope: Scope) -> Arc<[FoundSpan]> {
        let reach = if scope == Scope::Everything { Reach::WithGuesses } else { Reach::Exact };
        let mut spans = self.lexicon.find_within(text, reach);
        if scope == Scope::Everything {
            let recognized = self.recognizers.find(text);
            // A recognized date is shifted in its own form: it says more than the lexicon's.
            spans.retain(|span| !(span.label == PhiLabel::Date && recognized.iter().any(|date| covers(date, span))));
            spans.extend(recognized);
        }
        merge(spans).into()
    }
}

fn covers(date: &FoundSpan, span: &FoundSpan) -> bool {
    date.label == PhiLabel::Date && date.start <= span.start && span.end <= date.end
}

/// Whether a folded word is in the guard's list: it names nobody and no place.
pub(crate) fn is_ordinary_word(word: &str) -> bool {
    guard::is_known(word)
}

/// Joins overlapping spans: the joint span has the label of the surest, and of equals of the longest, part.
pub(crate) fn merge(mut spans: Vec<FoundSpan>) -> Vec<FoundSpan> {
    spans.sort_by(|a, b| (a.start, b.end, a.label, a.rule).cmp(&(b.start, a.end, b.label, b.rule)));
    let mut merged: Vec<FoundSpan> = Vec::with_capacity(spans.len());
    for span in spans {
        match merged.last_mut() {
            Some(last) if span.start < last.end => {
                let length = |span: &FoundSpan| span.end - span.start;
                if (span.probability, length(&span)) > (last.probability, length(last)) {
                    *last = FoundSpan { start: last.start, end: last.end.max(span.end), ..span };
                } else {
                    last.end = last.end.max(span.end);
                }
            }
            _ => merged.push(span),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn span(start: usize, end: usize) -> FoundSpan {
        FoundSpan {
            start,
            end,
            label: PhiLabel::Name,
            source: Source::Tier2,
            rule: "test",
            probability: Probability::ONE,
        }
    }

    proptest! {
        #[test]
        fn merged_spans_cover_the_same_characters_and_do_not_overlap(bounds in prop::collection::vec((0_usize..40, 1_usize..10), 0..12)) {
            let spans: Vec<_> = bounds.iter().map(|(start, length)| span(*start, start + length)).collect();
            let covered = |spans: &[FoundSpan]| (0..60).filter(|at| spans.iter().any(|s| s.start <= *at && *at < s.end)).collect::<Vec<_>>();
            let merged = merge(spans.clone());
            prop_assert_eq!(covered(&spans), covered(&merged));
            prop_assert!(merged.windows(2).all(|pair| pair[0].end <= pair[1].start));
        }
    }
}

//! Dates in DICOM values and in free text, and their shift.
//!
//! - [`shift_da`], [`shift_dt`] and [`is_tm`] read values of fixed form.
//! - [`find`] reads a text as tokens ([`tokens`]) and tries forms on them ([`parser`]), in eighteen languages of Europe
//!   ([`languages`]) and in Japanese, Chinese and Korean; the longest form wins. Numbers that may be something else
//!   (versions, ratios, doses) are judged by the words beside them ([`context`]).
//! - [`shift_text`] writes a found date again ([`shifted`]): in its language, order, width, case and separators.
//! - [`renderings`] gives the ways in which a known date may be written, and [`KnownDates`] collects them for the lexicon.
//!
//! # Conventions
//! Two-digit years below 40 are of this century, others of the last.
//! Where both numbers could be a month, the month is first, except with dots, where the day is.
//! A month with a year is shifted as its 15th day.
//! What cannot be shifted (no year, an impossible date, a quarter, a season) is removed.

mod context;
mod forms;
mod known;
mod languages;
mod parser;
mod shifted;
mod tokens;
mod values;

pub(super) use known::KnownDates;
pub use known::renderings;
pub use shifted::shift_text;
pub use values::{is_tm, shift_da, shift_dt};

/// Whether a word names a month in any of the languages, whatever signs stand around it.
pub(crate) fn is_month(word: &str) -> bool {
    languages::month(word.trim_matches(|sign: char| !sign.is_alphabetic())).is_some()
}

/// Shorter months are one edit from too many words.
const LEAST_MISREAD: usize = 4;

/// Whether a word is the name of a month but for one sign, as readers of pictures make of it: `Octaber`, `aott`.
pub(crate) fn is_nearly_month(word: &str) -> bool {
    let folded = languages::fold(word.trim_matches(|sign: char| !sign.is_alphanumeric()));
    folded.chars().count() >= LEAST_MISREAD
        && languages::long_months(LEAST_MISREAD).any(|month| super::fuzzy::is_near(&folded, month))
}

use forms::{NUMBER_FIRST, WORD_FIRST};
use jiff::civil::Date;
use jiff::{Span, ToSpan};
use parser::{Certainty, Parser};
use tokens::{Kind, Token};

/// Moves a date; `None` when the calendar ends.
fn shift(date: Date, days: i64) -> Option<Date> {
    let span: Span = days.days();
    date.checked_add(span).ok()
}

/// A date found in a text: where (bytes).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextDate {
    /// First byte.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
}

/// Finds dates in free text, in order; none overlaps another.
///
/// # Example
/// ```
/// use efface_pipeline::tier2::dates::find;
/// let text = "Prior CT vom 21. März 2014, 3.0 mm";
/// let found: Vec<&str> = find(text).iter().map(|date| &text[date.start..date.end]).collect();
/// assert_eq!(found, ["21. März 2014"]);
/// ```
pub fn find(text: &str) -> Vec<TextDate> {
    let mut found = Vec::new();
    let mut from = 0;
    while from < text.len() {
        let end = text.floor_char_boundary(from.saturating_add(MAX_PIECE + OVERLAP));
        let last = if end == text.len() { end } else { text.floor_char_boundary(from + MAX_PIECE) };
        from = find_in_piece(text, from, end, last, &mut found);
    }
    found
}

/// Texts are cut into pieces of this many bytes, so that their tokens take little memory.
const MAX_PIECE: usize = 1 << 16;
/// A date that begins before the end of a piece is read this far beyond it.
const OVERLAP: usize = 256;

/// Finds the dates that begin before `last`; returns where the next piece begins.
fn find_in_piece(text: &str, from: usize, end: usize, last: usize, found: &mut Vec<TextDate>) -> usize {
    let piece = &text[from..end];
    if !may_hold_a_date(piece) {
        return last;
    }
    let tokens = tokens::tokens(piece);
    let mut at = 0;
    let mut next = last;
    while at < tokens.len() && from + tokens[at].start < last {
        match longest(&tokens, at) {
            Some(parser) => {
                let date = extent(&parser);
                found.push(TextDate { start: from + date.start, end: from + date.end });
                next = last.max(from + date.end);
                at = parser.at.max(at + 1);
            }
            None => at += 1,
        }
    }
    next
}

/// Every form holds at least two digits, or numerals that are not of ASCII.
fn may_hold_a_date(text: &str) -> bool {
    let n_digits = text.bytes().filter(u8::is_ascii_digit).take(2).count();
    n_digits == 2 || (!text.is_ascii() && text.contains(['年', '月', '년', '월']))
}

/// The longest form that begins at a token and holds in its context.
fn longest<'t, 'a>(tokens: &'t [Token<'a>], at: usize) -> Option<Parser<'t, 'a>> {
    let forms = match tokens[at].kind {
        Kind::Number | Kind::Numeral => NUMBER_FIRST,
        Kind::Word if precedes_a_number(tokens, at) => WORD_FIRST,
        _ => return None,
    };
    let mut best: Option<Parser<'t, 'a>> = None;
    for (form, certainty) in forms {
        let mut parser = Parser::new(tokens, at);
        let longer = |parser: &Parser<'_, '_>| best.as_ref().is_none_or(|best| parser.at > best.at);
        if form(&mut parser).is_some() && longer(&parser) && context::allows(tokens, at, parser.at, *certainty) {
            best = Some(parser);
        }
    }
    best
}

/// Whether a number or a numeral follows a word soon enough for a date.
fn precedes_a_number(tokens: &[Token<'_>], at: usize) -> bool {
    let next = &tokens[at + 1..tokens.len().min(at + 9)];
    next.iter().any(|token| matches!(token.kind, Kind::Number | Kind::Numeral) || token.text == "元")
}

/// From the first to the last named part.
fn extent(parser: &Parser<'_, '_>) -> TextDate {
    parser.parts().fold(TextDate { start: usize::MAX, end: 0 }, |extent, part| TextDate {
        start: extent.start.min(part.start),
        end: extent.end.max(part.end),
    })
}

/// Whether a certainty asks for words beside the date.
const fn needs_no_context(certainty: Certainty) -> bool {
    matches!(certainty, Certainty::Sure)
}

#[cfg(test)]
mod tests;

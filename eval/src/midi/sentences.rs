//! Sentences of a lower-cased English text, as NLTK's Punkt model (Kiss and Strunk 2006) parts them.
//!
//! A full stop, question or exclamation mark may end a sentence where white space or a mark follows. Whether it does is
//! decided on the word before it and the word after it alone: known abbreviations, ellipses, and initials and numbers
//! before small letters or punctuation end none. Of the model's statistics nothing else matters to a text without
//! capitals.

use regex::Regex;
use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

/// Abbreviations of the English model. Source: NLTK data, as carried by the crate `punkt` 1.0.5 (MIT or Apache-2.0).
static ABBREVIATIONS: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("../../data/nltk/abbreviations.txt").lines().collect());

/// The only words that the English model saw begin a sentence in small letters and never in capitals.
const SMALL_STARTERS: [&str; 4] = ["administrators", "b-week", "r-revised", "z-holiday"];

/// What `\s` means in Python.
pub(super) fn is_space(character: char) -> bool {
    character.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&character)
}

/// Marks that belong to no word.
fn is_mark(character: char) -> bool {
    ")\";}]*:@'({[?!".contains(character)
}

/// The sentences, without the white space between them.
pub(super) fn sentences(text: &str) -> Vec<&str> {
    realigned(text, &parts(text)).into_iter().map(|part| text.get(part).unwrap_or("")).collect()
}

/// A place where a sentence may end.
#[derive(Clone)]
struct Candidate {
    /// Where the mark stands, which takes one byte.
    at: usize,
    /// The word before it.
    word: Range<usize>,
    /// End of what follows: one mark, or white space and a word.
    end: usize,
    /// Beginning of the word that follows after white space.
    next_word: Option<usize>,
}

/// Candidates that share no word; of those that do, the last.
fn candidates(text: &str) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = Vec::new();
    let mut before = 0..0;
    for (at, _) in text.match_indices(['.', '?', '!']) {
        let after = &text[at + 1..];
        let Some(next) = after.chars().next() else { break };
        let rest = after.trim_start_matches(is_space);
        let next_word = (is_space(next) && !rest.is_empty()).then_some(text.len() - rest.len());
        let end = match next_word {
            Some(start) => text[start..].find(is_space).map_or(text.len(), |length| start + length),
            None if is_mark(next) => at + 2,
            None => continue,
        };
        // White space right behind the word before does not count as a parting.
        let parting = text[before.end..at].rfind([' ', '\t', '\n', '\r', '\u{b}', '\u{c}']).filter(|place| *place > 0);
        let word = parting.map_or(before.start, |place| before.end + place + 1)..at;
        if before.end > word.start {
            found.pop();
        }
        before = word.clone();
        found.push(Candidate { at, word, end, next_word });
    }
    found
}

fn parts(text: &str) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut start = 0;
    for Candidate { at, word, end, next_word } in candidates(text) {
        if ends_sentence(&text[word.start..end]) {
            parts.push(start..at + 1);
            start = next_word.unwrap_or(at + 1);
        }
    }
    parts.push(start..text.trim_end_matches(is_space).len());
    parts
}

/// Closing quotes and brackets that stand alone at the beginning of a sentence belong to the one before.
fn realigned(text: &str, parts: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut realigned = Vec::new();
    let mut n_taken = 0;
    for (idx, part) in parts.iter().enumerate() {
        let start = part.start + n_taken;
        n_taken = 0;
        let mut end = part.end;
        if let Some(next) = parts.get(idx + 1) {
            let next_text = text.get(next.clone()).unwrap_or("");
            let rest = next_text.trim_start_matches(['"', '\'', ')', ']', '}']);
            let n_closing = next_text.len() - rest.len();
            let n_spaces = rest.len() - rest.trim_start_matches(is_space).len();
            if n_closing > 0 && (n_spaces > 0 || rest.is_empty() || rest.starts_with("--")) {
                end = next.start + n_closing;
                n_taken = n_closing + n_spaces;
            }
        }
        if start < end {
            realigned.push(start..end);
        }
    }
    realigned
}

/// A word or mark of the context of a candidate.
struct Token<'t> {
    text: &'t str,
    ends: bool,
}

impl<'t> Token<'t> {
    /// As the word alone tells.
    fn new(text: &'t str) -> Self {
        let is_mark = matches!(text, "." | "?" | "!");
        let ends = text.strip_suffix('.').is_some_and(|word| {
            let last_part = word.rsplit('-').next().unwrap_or(word);
            !word.ends_with('.') && !ABBREVIATIONS.contains(word) && !ABBREVIATIONS.contains(last_part)
        });
        Self { text, ends: is_mark || ends }
    }

    /// A single letter or a number, with its full stop.
    fn is_ordinal(&self) -> bool {
        static NUMBER: LazyLock<Regex> =
            LazyLock::new(|| Regex::new(r"^-?[.,]?\d[\d,.\-]*$").expect("the expression is valid"));
        let Some(word) = self.text.strip_suffix('.') else { return false };
        let mut characters = word.chars();
        let is_initial = match (characters.next(), characters.next()) {
            (Some(only), None) => only == '_' || only.is_alphanumeric(),
            _ => false,
        };
        is_initial || NUMBER.is_match(self.text)
    }

    /// Whether a sentence does not begin with it.
    fn begins_none(&self) -> bool {
        let word = if self.ends && self.text.len() > 1 { self.text.trim_end_matches('.') } else { self.text };
        matches!(self.text, ";" | ":" | "," | "." | "!" | "?")
            || self.text.starts_with(char::is_lowercase) && !SMALL_STARTERS.contains(&word)
    }
}

fn ends_sentence(context: &str) -> bool {
    let tokens: Vec<Token<'_>> = context.split('\n').flat_map(tokens).map(Token::new).collect();
    tokens.windows(2).any(|pair| pair[0].ends && !(pair[0].is_ordinal() && pair[1].begins_none()))
}

/// Words and marks of a line.
fn tokens(line: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = line.trim_start_matches(is_space);
    while let Some(first) = rest.chars().next() {
        let length = repeated_marks(rest)
            .or_else(|| (!"(\"`{[:;&#*@)}]-,".contains(first)).then(|| word_length(rest)))
            .unwrap_or(first.len_utf8());
        tokens.push(&rest[..length]);
        rest = rest[length..].trim_start_matches(is_space);
    }
    tokens
}

/// The length of dashes, full stops, or full stops with one space between them, that a text begins with.
fn repeated_marks(text: &str) -> Option<usize> {
    static MARKS: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"^(?:-{2,}|\.{2,}|(?:\.[\s\x1c-\x1f]){2,}\.)").expect("the expression is valid"));
    text.starts_with(['-', '.']).then(|| MARKS.find(text).map(|found| found.len())).flatten()
}

/// The length of the word that a text begins with.
fn word_length(text: &str) -> usize {
    let ends_word = |rest: &str| match rest.chars().next() {
        None => true,
        Some(next) => is_space(next) || is_mark(next) || repeated_marks(rest).is_some(),
    };
    let ends = |rest: &str| ends_word(rest) || rest.strip_prefix(',').is_some_and(ends_word);
    let mut places = text.char_indices().skip(1).map(|(place, _)| place);
    places.find(|place| ends(&text[*place..])).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What NLTK 3.9.1 printed.
    #[test]
    fn sentences_are_those_of_nltk() {
        for (text, expected) in [
            ("5 mg/ml. ''", &["5 mg/ml. ''"][..]),
            ("a b. '' c", &["a b. ''", "c"]),
            ("x y. ) z", &["x y. )", "z"]),
            ("end. \"next\" z", &["end.", "\"next\" z"]),
            ("u.s. 'a' b. c", &["u.s. 'a' b. c"]),
            ("a b.''--c", &["a b.''", "--c"]),
            ("go. '  x", &["go. '", "x"]),
            ("no. 5 no. 5", &["no.", "5 no.", "5"]),
            ("a b. \"' c. d", &["a b. \"'", "c. d"]),
        ] {
            assert_eq!(sentences(text), expected, "{text}");
        }
    }
}

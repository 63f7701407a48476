//! Texts as CoNLL with BIO tags.
//!
//! A token is a run of letters with their marks, a run of digits, or any other single character that is not
//! blank; so a date falls into its numbers and its separators, and no token is both letters and digits.
//! A line holds the token, its first character, the character after its last one, and its tag, between
//! tabulators. The first token that touches a span has the tag `B-` and its label, the further ones `I-`,
//! all others `O`. A token that a span covers in part, as in glued words, counts as touched.
//! A line `# text N` stands before each text and an empty line after it.

use efface_schema::TextRecord;
use std::fmt::Write;
use unicode_normalization::char::is_combining_mark;

/// A token's characters, half-open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Token {
    start: usize,
    end: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Letter,
    Digit,
    Blank,
    Other,
}

fn class(character: char) -> Class {
    if character.is_whitespace() || character.is_control() {
        Class::Blank
    } else if character.is_numeric() {
        Class::Digit
    } else if character.is_alphabetic() || is_combining_mark(character) {
        Class::Letter
    } else {
        Class::Other
    }
}

fn tokens(characters: &[char]) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut before = Class::Blank;
    for (at, character) in characters.iter().enumerate() {
        let class = class(*character);
        match (class, tokens.last_mut()) {
            (Class::Blank, _) => {}
            (Class::Letter | Class::Digit, Some(token)) if class == before => token.end = at + 1,
            _ => tokens.push(Token { start: at, end: at + 1 }),
        }
        before = class;
    }
    tokens
}

/// Writes one text.
pub(crate) fn write(record: &TextRecord, out: &mut String) {
    let characters: Vec<char> = record.text.chars().collect();
    let mut spans = record.spans.iter().peekable();
    let mut begun = None;
    let _ = writeln!(out, "# text {}", record.index);
    for token in tokens(&characters) {
        while spans.next_if(|span| span.end as usize <= token.start).is_some() {}
        let span = spans.peek().filter(|span| (span.start as usize) < token.end);
        out.extend(&characters[token.start..token.end]);
        let _ = write!(out, "\t{}\t{}\t", token.start, token.end);
        let _ = match span {
            Some(span) if begun == Some(span.start) => writeln!(out, "I-{}", span.label),
            Some(span) => {
                begun = Some(span.start);
                writeln!(out, "B-{}", span.label)
            }
            None => writeln!(out, "O"),
        };
    }
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use efface_schema::{HipaaElement, LabelledSpan, PhiLabel, TextContext, Versioned};

    fn record(text: &str, spans: &[(u32, u32, PhiLabel)]) -> TextRecord {
        TextRecord {
            format_version: TextRecord::FORMAT_VERSION,
            index: 4,
            text: text.to_owned(),
            spans: spans
                .iter()
                .map(|(start, end, label)| LabelledSpan {
                    start: *start,
                    end: *end,
                    label: *label,
                    element: HipaaElement::A,
                    is_known: false,
                })
                .collect(),
            negatives: Vec::new(),
            context: TextContext {
                attribute: None,
                keyword: String::new(),
                vr: None,
                modality: String::new(),
                locale: String::new(),
                patient: 0,
            },
        }
    }

    fn check(text: &str, spans: &[(u32, u32, PhiLabel)], expected: &[(&str, &str)]) {
        let mut out = String::new();
        write(&record(text, spans), &mut out);
        let found: Vec<(&str, &str)> = out
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with("# text"))
            .map(|line| {
                let fields: Vec<&str> = line.split('\t').collect();
                (fields[0], fields[3])
            })
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn tokens_carry_the_tags_of_their_spans() {
        check(
            "Dr. Roe 3/5",
            &[(4, 7, PhiLabel::Name), (8, 11, PhiLabel::Date)],
            &[("Dr", "O"), (".", "O"), ("Roe", "B-NAME"), ("3", "B-DATE"), ("/", "I-DATE"), ("5", "I-DATE")],
        );
    }

    #[test]
    fn glued_words_and_neighbouring_spans_are_told_apart() {
        check("DrRoe", &[(2, 5, PhiLabel::Name)], &[("DrRoe", "B-NAME")]);
        let spans = [(0, 3, PhiLabel::Name), (3, 5, PhiLabel::Mrn)];
        check("Roe12", &spans, &[("Roe", "B-NAME"), ("12", "B-MRN")]);
        check("Zoë 1", &[(0, 3, PhiLabel::Name)], &[("Zoë", "B-NAME"), ("1", "O")]);
    }
}

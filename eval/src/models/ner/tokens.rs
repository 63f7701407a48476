//! Texts to tokens, by the rule of the CoNLL files that `efface synth` writes.
//!
//! A token is a run of letters with their marks, a run of digits, or any other single character that is not blank.

use std::ops::Range;
use unicode_normalization::char::is_combining_mark;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Letters,
    Digits,
    Blank,
    Single,
}

impl Class {
    fn of(character: char) -> Self {
        match character {
            _ if character.is_whitespace() || character.is_control() => Self::Blank,
            _ if character.is_numeric() => Self::Digits,
            _ if character.is_alphabetic() || is_combining_mark(character) => Self::Letters,
            _ => Self::Single,
        }
    }
}

/// The tokens of a text, half-open, in characters.
pub(super) fn tokens(characters: &[char]) -> Vec<Range<usize>> {
    let classes: Vec<Class> = characters.iter().map(|character| Class::of(*character)).collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    for run in classes.chunk_by(|left, right| left == right && *left != Class::Single) {
        if run[0] != Class::Blank {
            tokens.push(at..at + run.len());
        }
        at += run.len();
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_digits_and_signs_fall_apart() {
        let check = |text: &str, expected: &[&str]| {
            let characters: Vec<char> = text.chars().collect();
            let found: Vec<String> =
                tokens(&characters).into_iter().map(|token| characters[token].iter().collect()).collect();
            assert_eq!(found, expected);
        };
        check("DOE^JANE 3/5", &["DOE", "^", "JANE", "3", "/", "5"]);
        check("Zoe\u{308}12--", &["Zoe\u{308}", "12", "-", "-"]);
        check(" \t", &[]);
    }
}

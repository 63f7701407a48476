//! Text without case, accents and width, that remembers where each part came from.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// A folded text and, for each of its bytes, the character of the original it came from.
pub(super) struct Folded {
    pub(super) text: String,
    origin: Vec<u32>,
}

impl Folded {
    /// Folds a text: compatibility decomposition, no combining marks, lower case.
    pub(super) fn new(text: &str) -> Self {
        Self::with(text, |_| true)
    }

    /// Folds a text and leaves only its letters and digits.
    pub(super) fn alphanumeric(text: &str) -> Self {
        Self::with(text, char::is_alphanumeric)
    }

    fn with(text: &str, keep: impl Fn(char) -> bool) -> Self {
        let mut folded = String::with_capacity(text.len());
        let mut origin = Vec::with_capacity(text.len());
        for (char_idx, character) in text.chars().enumerate() {
            let char_idx = u32::try_from(char_idx).unwrap_or(u32::MAX);
            let parts = std::iter::once(character).nfkd().filter(|part| !is_combining_mark(*part));
            for part in parts.flat_map(char::to_lowercase).filter(|part| keep(*part)) {
                folded.push(part);
                origin.resize(folded.len(), char_idx);
            }
        }
        Self { text: folded, origin }
    }

    /// The characters of the original that a range of folded bytes came from, end exclusive.
    pub(super) fn original(&self, start: usize, end: usize) -> (usize, usize) {
        let at = |byte: usize| self.origin.get(byte).map_or(0, |&char_idx| char_idx as usize);
        (at(start), at(end.saturating_sub(1)) + 1)
    }
}

/// Folds a needle.
pub(super) fn fold(text: &str) -> String {
    Folded::new(text).text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_survive_folding() {
        let folded = Folded::new("Zoë ÅNGSTRÖM");
        assert_eq!(folded.text, "zoe angstrom");
        let start = folded.text.find("angstrom").expect("it is there");
        assert_eq!(folded.original(start, start + "angstrom".len()), (4, 12));
    }

    #[test]
    fn separators_go_when_only_letters_and_digits_count() {
        let folded = Folded::alphanumeric("id 12-34.5");
        assert_eq!(folded.text, "id12345");
        assert_eq!(folded.original(2, 7), (3, 10));
    }
}

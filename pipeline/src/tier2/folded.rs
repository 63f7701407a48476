//! The letters and digits of a text, without case, accents and width, that remember where they came from.
//!
//! One folded text serves every search: separators are left out, so that a needle is found whatever parts its words,
//! and remembered as gaps, so that a search can ask where words begin and end.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// A folded text and, for each of its bytes, where it came from.
pub(super) struct Folded {
    /// Letters and digits: compatibility decomposition, no combining marks, lower case.
    pub(super) text: String,
    /// For each byte, where it came from and what it was.
    marks: Vec<Mark>,
}

#[derive(Clone, Copy)]
struct Mark {
    /// The character of the original.
    character: u32,
    /// The first byte of that character.
    byte: u32,
    /// How many separators stand before it.
    gap: u8,
    /// Whether it was an upper-case letter.
    upper: bool,
}

/// Words longer than this many bytes are not followed to their ends.
const MAX_TOKEN: usize = 96;

impl Folded {
    /// Folds a text.
    pub(super) fn new(text: &str) -> Self {
        let mut folded = Self { text: String::with_capacity(text.len()), marks: Vec::with_capacity(text.len()) };
        let mut gap = 0_u8;
        for (character_idx, (byte, character)) in text.char_indices().enumerate() {
            let position = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
            let upper = character.is_uppercase();
            let mark = Mark { character: position(character_idx), byte: position(byte), gap: 0, upper };
            if character.is_ascii_alphanumeric() {
                folded.push(character.to_ascii_lowercase(), mark, &mut gap);
            } else if character.is_ascii() {
                gap = gap.saturating_add(1);
            } else {
                folded.push_folded(character, mark, &mut gap);
            }
        }
        folded
    }

    fn push(&mut self, character: char, mark: Mark, gap: &mut u8) {
        self.text.push(character);
        self.marks.push(Mark { gap: *gap, ..mark });
        self.marks.resize(self.text.len(), mark);
        *gap = 0;
    }

    fn push_folded(&mut self, character: char, mark: Mark, gap: &mut u8) {
        if let Some(spelled) = spelled_out(character) {
            spelled.chars().for_each(|part| self.push(part, mark, gap));
            return;
        }
        let mut any = false;
        for part in std::iter::once(character).nfkd() {
            if is_combining_mark(part) {
                // A mark on the letter before parts nothing.
                any = true;
                continue;
            }
            for part in part.to_lowercase().filter(|part| part.is_alphanumeric()) {
                any = true;
                self.push(part, mark, gap);
            }
        }
        if !any {
            *gap = gap.saturating_add(1);
        }
    }

    /// The bytes of the text with signs that are mistaken for each other made one: as long as the text.
    pub(super) fn confused(&self) -> Vec<u8> {
        confused(&self.text)
    }

    /// The characters of the original that a range of folded bytes came from, end exclusive.
    pub(super) fn original(&self, start: usize, end: usize) -> (usize, usize) {
        let at = |byte: usize| self.marks.get(byte).map_or(0, |mark| mark.character as usize);
        (at(start), at(end.saturating_sub(1)) + 1)
    }

    /// How many separators stand before a byte.
    pub(super) fn gap(&self, at: usize) -> u8 {
        self.marks.get(at).map_or(u8::MAX, |mark| mark.gap)
    }

    /// Whether the byte belongs to an upper-case letter.
    pub(super) fn is_upper(&self, at: usize) -> bool {
        self.marks.get(at).is_some_and(|mark| mark.upper)
    }

    /// Whether a separator, or the end of the text, is at a byte.
    pub(super) fn is_parted(&self, at: usize) -> bool {
        at == 0 || at >= self.text.len() || self.gap(at) > 0
    }

    /// Whether a word may begin or end at a byte: at a separator, between letters and digits, or where lower case
    /// turns to upper.
    pub(super) fn is_word_edge(&self, at: usize) -> bool {
        if self.is_parted(at) {
            return true;
        }
        let bytes = self.text.as_bytes();
        bytes[at - 1].is_ascii_digit() != bytes[at].is_ascii_digit() || (self.is_upper(at) && !self.is_upper(at - 1))
    }

    /// The stretch without separators around a range.
    pub(super) fn token(&self, start: usize, end: usize) -> (usize, usize) {
        let first = (start.saturating_sub(MAX_TOKEN)..=start).rev().find(|at| self.is_parted(*at)).unwrap_or(start);
        let last = (end..=(end + MAX_TOKEN).min(self.text.len())).find(|at| self.is_parted(*at)).unwrap_or(end);
        (first, last)
    }

    /// The stretches without separators.
    pub(super) fn tokens(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        let mut start = 0;
        std::iter::from_fn(move || {
            if start >= self.text.len() {
                return None;
            }
            let end = (start + 1..=self.text.len()).find(|at| self.is_parted(*at)).unwrap_or(self.text.len());
            let token = (start, end);
            start = end;
            Some(token)
        })
    }

    /// The word before a byte at which a word begins, and where it begins.
    pub(super) fn word_before(&self, start: usize) -> Option<(usize, &str)> {
        let last = start.checked_sub(1)?;
        let first = self.token(last, last + 1).0;
        Some((first, self.text.get(first..start)?))
    }

    /// The word after a byte at which a word ends, and where it begins.
    pub(super) fn word_after(&self, end: usize) -> Option<(usize, &str)> {
        if end >= self.text.len() {
            return None;
        }
        let last = self.token(end, end + 1).1;
        Some((end, self.text.get(end..last)?))
    }

    /// What stands in the original between the letter before a folded byte and the byte; at an end, what is left.
    pub(super) fn separators_before<'t>(&self, text: &'t str, at: usize) -> &'t str {
        let first = at.checked_sub(1).and_then(|before| self.marks.get(before)).map_or(0, |mark| {
            let byte = mark.byte as usize;
            byte + text.get(byte..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8)
        });
        let last = self.marks.get(at).map_or(text.len(), |mark| mark.byte as usize);
        text.get(first..last.max(first)).unwrap_or_default()
    }
}

/// Letters that no decomposition takes apart, as they are written without them.
const fn spelled_out(character: char) -> Option<&'static str> {
    Some(match character {
        'ß' | 'ẞ' => "ss",
        'ø' | 'Ø' => "o",
        'æ' | 'Æ' => "ae",
        'œ' | 'Œ' => "oe",
        'đ' | 'Đ' | 'ð' | 'Ð' => "d",
        'ł' | 'Ł' => "l",
        'þ' | 'Þ' => "th",
        'ħ' | 'Ħ' => "h",
        'ı' => "i",
        'ς' => "σ",
        _ => return None,
    })
}

/// Makes signs one that readers of images mistake for each other: 0 and O; 1, l and I; 5 and S; 8 and B; 6 and G; 2
/// and Z. No two digits become one, so that digits stay apart.
pub(super) fn confused(folded: &str) -> Vec<u8> {
    let class = |byte: u8| match byte {
        b'0' => b'o',
        b'1' | b'i' => b'l',
        b'5' => b's',
        b'8' => b'b',
        b'6' => b'g',
        b'2' => b'z',
        other => other,
    };
    folded.bytes().map(class).collect()
}

/// Whether a sign is a mark on the letter before it.
pub(crate) fn is_mark(sign: char) -> bool {
    is_combining_mark(sign)
}

/// Folds a needle: its letters and digits.
pub(crate) fn fold(text: &str) -> String {
    Folded::new(text).text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn positions_survive_folding() {
        let folded = Folded::new("Zoë ÅNGSTRÖM");
        assert_eq!(folded.text, "zoeangstrom");
        let start = folded.text.find("angstrom").expect("it is there");
        assert_eq!(folded.original(start, start + "angstrom".len()), (4, 12));
        assert!(folded.is_parted(start) && folded.is_upper(start) && !folded.is_upper(1));
    }

    #[test]
    fn words_are_known_by_their_gaps() {
        let text = "id 12-34.5, Weiß";
        let folded = Folded::new(text);
        assert_eq!(folded.text, "id12345weiss");
        assert_eq!(folded.original(2, 7), (3, 10));
        let tokens: Vec<&str> = folded.tokens().map(|(start, end)| &folded.text[start..end]).collect();
        assert_eq!(tokens, ["id", "12", "34", "5", "weiss"]);
        assert_eq!(folded.word_before(7).map(|(_, word)| word), Some("5"));
        assert_eq!(folded.word_after(7).map(|(_, word)| word), Some("weiss"));
        assert_eq!(folded.separators_before(text, 7), ", ");
    }

    #[test]
    fn case_and_digits_part_words() {
        let folded = Folded::new("JaneDoe2020");
        assert!(folded.is_word_edge(4) && folded.is_word_edge(7) && !folded.is_word_edge(2));
    }

    proptest! {
        #[test]
        fn any_text_folds_and_maps_back(text in "\\PC{0,40}") {
            let folded = Folded::new(&text);
            let n_chars = text.chars().count();
            prop_assert_eq!(folded.confused().len(), folded.text.len());
            prop_assert!(!folded.text.bytes().any(|byte| byte.is_ascii_uppercase()));
            for (start, end) in folded.tokens() {
                let (first, last) = folded.original(start, end);
                prop_assert!(first < last && last <= n_chars);
            }
            for at in 0..=folded.text.len() {
                let _ = folded.separators_before(&text, at);
            }
        }
    }
}

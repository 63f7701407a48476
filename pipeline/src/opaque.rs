//! Identities in bytes of unknown form, whatever the text in them is encoded in.

use crate::tier2::{FoundSpan, TextSearch};
use std::sync::OnceLock;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Found words shorter than this stand in bytes by chance, unless they are in a script of many characters.
const MIN_CHARS: usize = 5;
/// Only values up to this size are read as UTF-16 too: larger ones are tables of numbers.
const MAX_WIDE_BYTES: usize = 256 * 1024;
/// Stretches of text shorter than this are noise.
const MIN_STRETCH: usize = 4;

/// Whether bytes hold one of the patient's words or numbers: as ASCII, UTF-8, Latin-1, or UTF-16 of either order.
pub(crate) fn holds_identity(bytes: &[u8], search: &TextSearch<'_>) -> bool {
    let lexicon = search.lexicon();
    if lexicon.is_empty() {
        return false;
    }
    occurs(bytes, search)
        || identifies(&stretches(bytes.iter().map(|&byte| char::from(byte))), search)
        || (!bytes.is_ascii() && identifies(&stretches(String::from_utf8_lossy(bytes).chars()), search))
        || (bytes.len() <= MAX_WIDE_BYTES
            && [u16::from_le_bytes, u16::from_be_bytes].into_iter().any(|unit| {
                let units = |start: usize| bytes[start..].chunks_exact(2).map(move |pair| unit([pair[0], pair[1]]));
                (0..bytes.len().min(2)).any(|start| identifies(&wide_stretches(units(start)), search))
            }))
}

/// The quick form of [`holds_identity`], for whole headers: words of five characters and more, with and without
/// accents, with and without the zeros of wider encodings between their letters.
pub(crate) fn occurs(bytes: &[u8], search: &TextSearch<'_>) -> bool {
    let lexicon = search.lexicon();
    let folded = fold(bytes);
    // Folding changes no letter of ASCII and parts none: what stands in the bytes stands in the folded ones too.
    if lexicon.is_ascii_in_bytes() && !lexicon.may_occur_in_bytes(folded.as_deref().unwrap_or(bytes)) {
        return false;
    }
    lexicon.occurs_in_bytes(bytes) || folded.is_some_and(|folded| lexicon.occurs_in_bytes(&folded))
}

/// Whether text in the data set's own character set holds one of the patient's words that is not written in ASCII.
pub(crate) fn occurs_in_text(text: &str, search: &TextSearch<'_>) -> bool {
    let is_foreign = |character: char| !character.is_ascii() && character.is_alphabetic();
    // Bytes of headers read as signs and control characters, which are nobody's name.
    if !text.chars().any(is_foreign) {
        return false;
    }
    let characters: Vec<char> = text.chars().collect();
    // Between headers stand bytes that are no text: a guess would take them for a misspelled name.
    let found = search.lexicon().find_exact(text);
    found.iter().any(|span| {
        let found = &characters[span.start.min(characters.len())..span.end.min(characters.len())];
        found.len() >= 2 && found.iter().copied().any(is_foreign)
    })
}

/// Bytes without zeros and with the letters of Latin-1 and UTF-8 up to U+017F as the lexicon folds them; nothing when
/// that changes nothing.
fn fold(bytes: &[u8]) -> Option<Vec<u8>> {
    if !bytes.iter().any(|&byte| byte == 0 || byte >= 0x80) {
        return None;
    }
    let mut folded = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    loop {
        let n_plain = rest.iter().position(|byte| !matches!(byte, 0x01..=0x7F)).unwrap_or(rest.len());
        folded.extend_from_slice(&rest[..n_plain]);
        let Some((&byte, after)) = rest[n_plain..].split_first() else { break };
        rest = after;
        match (byte, after.first()) {
            (0, _) => {}
            (0x01..=0xBF, _) => folded.push(byte),
            (0xC3..=0xC5, Some(&next @ 0x80..=0xBF)) => {
                let character = (u32::from(byte & 0x1F) << 6) | u32::from(next & 0x3F);
                folded.extend_from_slice(folded_letter(character));
                rest = &after[1..];
            }
            _ => folded.extend_from_slice(folded_letter(u32::from(byte))),
        }
    }
    Some(folded)
}

/// A letter from U+00C0 to U+017F as the lexicon folds it, in UTF-8.
fn folded_letter(character: u32) -> &'static [u8] {
    static LETTERS: OnceLock<Vec<String>> = OnceLock::new();
    let letters = LETTERS.get_or_init(|| {
        ('\u{C0}'..='\u{17F}')
            .map(|letter| {
                let parts = std::iter::once(letter).nfkd().filter(|part| !is_combining_mark(*part));
                parts.flat_map(char::to_lowercase).collect()
            })
            .collect()
    });
    let index = usize::try_from(character).unwrap_or(usize::MAX).wrapping_sub(0xC0);
    letters.get(index).map_or(&[], String::as_bytes)
}

/// The stretches of letters, digits and what stands between them, one a line.
fn stretches(characters: impl Iterator<Item = char>) -> String {
    let mut text = String::new();
    let mut stretch = String::new();
    for character in characters.chain(std::iter::once('\0')) {
        let is_text = matches!(character, ' '..='~') || (character >= '\u{C0}' && character.is_alphanumeric());
        if is_text {
            stretch.push(character);
            continue;
        }
        if stretch.chars().count() >= MIN_STRETCH {
            text.push_str(&stretch);
            text.push('\n');
        }
        stretch.clear();
    }
    text
}

fn wide_stretches(units: impl Iterator<Item = u16>) -> String {
    stretches(char::decode_utf16(units).map(|character| character.unwrap_or('\0')))
}

fn identifies(text: &str, search: &TextSearch<'_>) -> bool {
    if text.is_empty() {
        return false;
    }
    let characters: Vec<char> = text.chars().collect();
    let counts = |span: &FoundSpan| {
        let found = &characters[span.start.min(characters.len())..span.end.min(characters.len())];
        found.len() >= MIN_CHARS || (found.len() >= 3 && found.iter().all(|character| *character >= '\u{0E00}'))
    };
    search.lexicon().find_exact(text).iter().any(counts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tier2::{LexiconBuilder, Recognizers};
    use efface_schema::PhiLabel;

    fn check(text: &[u8], expected: bool) {
        let recognizers = Recognizers::new();
        let mut builder = LexiconBuilder::default();
        builder.add_name("Müllerin^Žofie=王^小东");
        builder.add_phrase("77-12345", PhiLabel::Mrn);
        let search = TextSearch::new(builder.build(&recognizers), &recognizers);
        assert_eq!(holds_identity(text, &search), expected, "{text:x?}");
    }

    fn wide(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn identities_are_found_in_every_encoding() {
        for text in ["of Mullerin, head", "of MÜLLERIN, head", "of Žofie", "no. 7712345", "of 王小东 here"] {
            check(text.as_bytes(), true);
            check(&wide(text, u16::to_le_bytes), true);
            check(&wide(text, u16::to_be_bytes), true);
            let odd: Vec<u8> = std::iter::once(7).chain(wide(text, u16::to_be_bytes)).collect();
            check(&odd, true);
        }
        check(b"of M\xFCllerin, head", true);
    }

    #[test]
    fn other_bytes_are_left_alone() {
        check(b"of Miller, head 123", false);
        check(&wide("of Miller, head", u16::to_le_bytes), false);
        let numbers: Vec<u8> = (0_u16..4096).flat_map(u16::to_le_bytes).collect();
        check(&numbers, false);
        check(&[], false);
    }

    #[test]
    fn whole_headers_are_searched_in_every_encoding() {
        let recognizers = Recognizers::new();
        for name in ["Quackenbosch^Hugolinde", "M\u{fc}llerin^\u{17d}ofie"] {
            let mut builder = LexiconBuilder::default();
            builder.add_name(name);
            let search = TextSearch::new(builder.build(&recognizers), &recognizers);
            let family = name.split('^').next().unwrap_or_default();
            let spelled = [family.to_owned(), family.to_uppercase(), family.to_lowercase()];
            for text in spelled.iter().map(|family| format!("\u{1}\u{1}of {family}, head")) {
                let latin: Vec<u8> = text.chars().map(|sign| u8::try_from(u32::from(sign)).expect("Latin-1")).collect();
                for bytes in [text.clone().into_bytes(), latin, wide(&text, u16::to_le_bytes)] {
                    assert!(occurs(&bytes, &search), "{bytes:x?}");
                }
            }
            assert!(!occurs(b"of Miller, \0\0\xFE\xFF head 123", &search));
        }
    }
}

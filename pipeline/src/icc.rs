//! Text in ICC colour profiles: what identifies is blanked in place, all else stays byte for byte.
//!
//! Source: ICC.1:2022 (ISO 15076-1) sections 7 and 10, and the types of version 2 (ICC.1:2001-04).

use crate::opaque;
use crate::tier2::{Scope, TextSearch, is_ordinary_word};
use efface_schema::{PhiLabel, Source};
use std::ops::Range;

/// Where the table of tags begins, behind the header.
const HEADER_BYTES: usize = 128;
/// More tags than this are no profile.
const MAX_TAGS: usize = 512;
/// More texts than this are no profile.
const MAX_TEXTS: usize = 4096;

/// The profile cannot be followed, or holds the patient's words where no text belongs.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NotUnderstood;

/// How the characters of a text are stored.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Encoding {
    /// One byte each; bytes that are no ASCII are read as Latin-1.
    Bytes,
    /// UTF-16, the higher byte first.
    Wide,
}

/// A text inside the profile.
struct Text {
    place: Range<usize>,
    encoding: Encoding,
}

/// Blanks what identifies in a profile; says how many stretches.
///
/// # Errors
/// [`NotUnderstood`] when the structure does not hold, or an identity stands outside its texts.
pub(crate) fn clean(profile: &mut [u8], search: &TextSearch<'_>) -> Result<usize, NotUnderstood> {
    let (texts, gaps) = layout(profile)?;
    let mut n_blanked = 0;
    for gap in gaps {
        if profile[gap.clone()].iter().any(|&byte| byte != 0) {
            profile[gap].fill(0);
            n_blanked += 1;
        }
    }
    for text in &texts {
        n_blanked += clean_text(&mut profile[text.place.clone()], text.encoding, search);
    }
    if opaque::holds_identity(profile, search) { Err(NotUnderstood) } else { Ok(n_blanked) }
}

/// Lists the texts of a profile, and the bytes that belong to nothing.
fn layout(profile: &[u8]) -> Result<(Vec<Text>, Vec<Range<usize>>), NotUnderstood> {
    let size = number(profile, 0)?;
    if profile.get(36..40) != Some(b"acsp") || size > profile.len() || size < HEADER_BYTES + 4 {
        return Err(NotUnderstood);
    }
    let n_tags = number(profile, HEADER_BYTES)?;
    if n_tags > MAX_TAGS {
        return Err(NotUnderstood);
    }
    let table_end = HEADER_BYTES + 4 + 12 * n_tags;
    let mut texts = Vec::new();
    let mut used = vec![0..100, HEADER_BYTES..table_end];
    for index in 0..n_tags {
        let entry = HEADER_BYTES + 4 + 12 * index;
        let start = number(profile, entry + 4)?;
        let end = start.checked_add(number(profile, entry + 8)?).filter(|&end| end <= size).ok_or(NotUnderstood)?;
        if start < table_end || end < start + 8 {
            return Err(NotUnderstood);
        }
        // Several tags may share their data.
        if !used.contains(&(start..end)) {
            texts_of(profile, start..end, &mut texts)?;
            used.push(start..end);
        }
        // Texts that lie over each other would cost time out of proportion to the profile.
        let n_text_bytes: usize = texts.iter().map(|text| text.place.len()).sum();
        if texts.len() > MAX_TEXTS || n_text_bytes > 4 * profile.len() {
            return Err(NotUnderstood);
        }
    }
    Ok((texts, gaps(used, profile.len())))
}

/// What lies between ranges, up to an end.
fn gaps(mut used: Vec<Range<usize>>, end: usize) -> Vec<Range<usize>> {
    used.sort_by_key(|range| (range.start, range.end));
    let mut gaps = Vec::new();
    let mut at = 0;
    for range in used {
        if range.start > at {
            gaps.push(at..range.start);
        }
        at = at.max(range.end);
    }
    if at < end {
        gaps.push(at..end);
    }
    gaps
}

/// Adds the texts of a tag's data, by its type.
fn texts_of(profile: &[u8], place: Range<usize>, texts: &mut Vec<Text>) -> Result<(), NotUnderstood> {
    let data = &profile[place.clone()];
    let mut add = |from: usize, n_bytes: usize, encoding: Encoding| {
        let to = from.checked_add(n_bytes).filter(|&to| to <= data.len()).ok_or(NotUnderstood)?;
        texts.push(Text { place: place.start + from..place.start + to, encoding });
        Ok(())
    };
    match &data[..4] {
        b"text" | b"utf8" | b"zut8" => add(8, data.len() - 8, Encoding::Bytes),
        b"zut1" | b"ut16" => add(8, data.len() - 8, Encoding::Wide),
        b"desc" => {
            let n_ascii = number(data, 8)?;
            add(12, n_ascii, Encoding::Bytes)?;
            // Profiles of some writers end here.
            if let Ok(n_wide) = number(data, 12 + n_ascii + 4) {
                let n_wide = n_wide.checked_mul(2).ok_or(NotUnderstood)?;
                add(12 + n_ascii + 8, n_wide, Encoding::Wide)?;
                let script = 12 + n_ascii + 8 + n_wide;
                add((script + 3).min(data.len()), data.len().saturating_sub(script + 3), Encoding::Bytes)?;
            }
            Ok(())
        }
        b"mluc" => {
            let (n_records, record_bytes) = (number(data, 8)?, number(data, 12)?);
            if n_records > MAX_TEXTS || !(12..=64).contains(&record_bytes) {
                return Err(NotUnderstood);
            }
            (0..n_records).try_for_each(|index| {
                let record = 16 + index * record_bytes;
                add(number(data, record + 8)?, number(data, record + 4)?, Encoding::Wide)
            })
        }
        b"dict" => {
            let (n_records, record_bytes) = (number(data, 8)?, number(data, 12)?);
            if n_records > MAX_TEXTS || !matches!(record_bytes, 16 | 24 | 32) {
                return Err(NotUnderstood);
            }
            (0..n_records).try_for_each(|index| {
                let record = 16 + index * record_bytes;
                add(number(data, record)?, number(data, record + 4)?, Encoding::Wide)?;
                add(number(data, record + 8)?, number(data, record + 12)?, Encoding::Wide)
            })
        }
        b"ncl2" => {
            let (n_colours, n_coordinates) = (number(data, 12)?, number(data, 16)?);
            add(20, 64, Encoding::Bytes)?;
            if n_colours > MAX_TEXTS || n_coordinates > 15 {
                return Err(NotUnderstood);
            }
            (0..n_colours).try_for_each(|index| add(84 + index * (38 + 2 * n_coordinates), 32, Encoding::Bytes))
        }
        b"data" if number(data, 8)? == 0 => add(12, data.len() - 12, Encoding::Bytes),
        // Descriptions of other profiles inside: their texts are not told apart from what lies between.
        b"pseq" | b"psid" => {
            add(8, data.len() - 8, Encoding::Bytes)?;
            let from = 8 + data.len() % 2;
            add(from, data.len() - from, Encoding::Wide)
        }
        // Numbers, curves, tables, signatures.
        _ => Ok(()),
    }
}

fn number(bytes: &[u8], at: usize) -> Result<usize, NotUnderstood> {
    let end = at.checked_add(4).ok_or(NotUnderstood)?;
    let bytes: [u8; 4] = bytes.get(at..end).and_then(|bytes| bytes.try_into().ok()).ok_or(NotUnderstood)?;
    usize::try_from(u32::from_be_bytes(bytes)).map_err(|_| NotUnderstood)
}

/// Blanks the identifying parts of one text; says how many.
fn clean_text(bytes: &mut [u8], encoding: Encoding, search: &TextSearch<'_>) -> usize {
    let width = if encoding == Encoding::Wide { 2 } else { 1 };
    // A character of each unit, so that positions in the text are positions in the bytes.
    let text: String = match encoding {
        Encoding::Bytes => match std::str::from_utf8(bytes) {
            Ok(text) if !text.is_ascii() => return clean_utf8(bytes, search),
            _ => bytes.iter().map(|&byte| char::from(byte)).collect(),
        },
        Encoding::Wide => bytes
            .chunks_exact(2)
            .map(|pair| char::from_u32(u32::from(u16::from_be_bytes([pair[0], pair[1]]))).unwrap_or('\u{FFFD}'))
            .collect(),
    };
    let text = text.replace('\0', " ");
    let spans = identifying_spans(&text, search);
    for span in &spans {
        let blank: &[u8] = if width == 2 { b"\0 " } else { b" " };
        for unit in bytes[span.start * width..span.end * width].chunks_exact_mut(width) {
            unit.copy_from_slice(blank);
        }
    }
    spans.len()
}

fn clean_utf8(bytes: &mut [u8], search: &TextSearch<'_>) -> usize {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let offsets: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let spans = identifying_spans(&text.replace('\0', " "), search);
    for span in &spans {
        bytes[offsets[span.start]..offsets[span.end]].fill(b' ');
    }
    spans.len()
}

/// Words of profiles that name no person: makers, colour spaces, devices and the law.
const PROFILE_WORDS: &[&str] = &[
    "adobe",
    "agfa",
    "apple",
    "barco",
    "built",
    "calibrated",
    "canon",
    "color",
    "colour",
    "company",
    "condition",
    "consortium",
    "copyright",
    "corp",
    "corporation",
    "created",
    "default",
    "dell",
    "display",
    "domain",
    "eastman",
    "eizo",
    "epson",
    "facebook",
    "free",
    "fuji",
    "fujifilm",
    "gamma",
    "generic",
    "google",
    "gray",
    "grayscale",
    "grey",
    "hewlett",
    "http",
    "https",
    "international",
    "kodak",
    "license",
    "linear",
    "linotype",
    "microsoft",
    "monitor",
    "nikon",
    "none",
    "olympus",
    "packard",
    "perceptual",
    "profile",
    "prophoto",
    "public",
    "reference",
    "reserved",
    "rights",
    "romm",
    "scanner",
    "sony",
    "space",
    "srgb",
    "standard",
    "version",
    "viewing",
    "white",
    "xerox",
];
/// Shorter words are abbreviations and model numbers.
const MIN_NAME_LETTERS: usize = 4;

/// The patient's own words, forms that are a person's, and words that neither profiles nor the guard's list know:
/// nobody misses them, and they may name somebody. Addresses of makers stay.
fn identifying_spans(text: &str, search: &TextSearch<'_>) -> Vec<Range<usize>> {
    let found = search.find(text, Scope::Everything);
    let of_a_person = |label: PhiLabel| {
        matches!(
            label,
            PhiLabel::Name | PhiLabel::Email | PhiLabel::Phone | PhiLabel::Fax | PhiLabel::Ssn | PhiLabel::Mrn
        )
    };
    let identifies = |source: Source, label| source == Source::Tier2 || of_a_person(label);
    let mut spans: Vec<Range<usize>> =
        found.iter().filter(|span| identifies(span.source, span.label)).map(|span| span.start..span.end).collect();
    let addresses: Vec<_> = found.iter().filter(|span| span.label == PhiLabel::Url).collect();
    let inside = |word: &Range<usize>| addresses.iter().any(|span| span.start <= word.start && word.end <= span.end);
    spans.extend(unknown_words(text).into_iter().filter(|word| !inside(word)));
    spans.sort_by_key(|span| (span.start, span.end));
    spans
}

/// Whether a text holds a word that nothing known explains.
pub(crate) fn has_unknown_words(text: &str) -> bool {
    !unknown_words(text).is_empty()
}

/// Words of letters alone that nothing known explains, as ranges of characters.
fn unknown_words(text: &str) -> Vec<Range<usize>> {
    let characters: Vec<char> = text.chars().collect();
    let mut words = Vec::new();
    let mut start = 0;
    for token in characters.split(|character| !character.is_alphanumeric()) {
        let word: String = token.iter().flat_map(|character| character.to_lowercase()).collect();
        let is_word = token.len() >= MIN_NAME_LETTERS && token.iter().all(|character| character.is_alphabetic());
        if is_word && !PROFILE_WORDS.contains(&word.as_str()) && !is_ordinary_word(&word) {
            words.push(start..start + token.len());
        }
        start += token.len() + 1;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tier2::{LexiconBuilder, Recognizers};

    /// A profile of tags by their types and data, in version 2's form.
    fn profile(tags: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
        let mut data = Vec::new();
        let mut table = u32::try_from(tags.len()).expect("few").to_be_bytes().to_vec();
        let start = HEADER_BYTES + 4 + 12 * tags.len();
        for (signature, content) in tags {
            table.extend(*signature);
            table.extend(u32::try_from(start + data.len()).expect("small").to_be_bytes());
            table.extend(u32::try_from(content.len()).expect("small").to_be_bytes());
            data.extend(*content);
            data.resize(data.len().next_multiple_of(4), 0);
        }
        let mut profile = vec![0; HEADER_BYTES];
        profile[36..40].copy_from_slice(b"acsp");
        profile.extend(table);
        profile.extend(data);
        let size = u32::try_from(profile.len()).expect("small");
        profile[..4].copy_from_slice(&size.to_be_bytes());
        profile
    }

    fn wide(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_be_bytes).collect()
    }

    fn desc(text: &str) -> Vec<u8> {
        let mut content = b"desc\0\0\0\0".to_vec();
        content.extend(u32::try_from(text.len() + 1).expect("short").to_be_bytes());
        content.extend(text.as_bytes());
        content.push(0);
        content.extend([0; 4]);
        content.extend(u32::try_from(text.encode_utf16().count()).expect("short").to_be_bytes());
        content.extend(wide(text));
        content.extend([0; 70]);
        content
    }

    fn mluc(text: &str) -> Vec<u8> {
        let text = wide(text);
        let mut content = b"mluc\0\0\0\0\0\0\0\x01\0\0\0\x0CenUS".to_vec();
        content.extend(u32::try_from(text.len()).expect("short").to_be_bytes());
        content.extend(28_u32.to_be_bytes());
        content.extend(text);
        content
    }

    fn cleaned(profile: &[u8]) -> Result<Vec<u8>, NotUnderstood> {
        let recognizers = Recognizers::new();
        let mut builder = LexiconBuilder::default();
        builder.add_name("DOE^JANEDOTTE");
        let search = TextSearch::new(builder.build(&recognizers), &recognizers);
        let mut cleaned = profile.to_vec();
        clean(&mut cleaned, &search).map(|_| cleaned)
    }

    #[test]
    fn a_profile_without_identities_stays_byte_for_byte() {
        let copyright = b"text\0\0\0\0Copyright (c) 1998 Hewlett-Packard Company";
        let curve = b"curv\0\0\0\0\0\0\0\x01\x02\x33";
        let original = profile(&[
            (b"desc", &desc("sRGB IEC61966-2.1")),
            (b"cprt", copyright),
            (b"rTRC", curve),
            (b"dmnd", &mluc("IEC http://www.iec.ch")),
        ]);
        assert_eq!(cleaned(&original), Ok(original));
    }

    #[test]
    fn names_go_from_every_kind_of_text_and_nothing_moves() {
        let text = b"text\0\0\0\0Copyright Janedotte Doe, 2001";
        let original = profile(&[
            (b"desc", &desc("Scanner of Janedotte Doe 4")),
            (b"cprt", text),
            (b"dmdd", &mluc("for Janedotte Doe")),
        ]);
        let cleaned = cleaned(&original).expect("a profile");
        assert_eq!(cleaned.len(), original.len());
        let without_zeros: Vec<u8> = cleaned.iter().copied().filter(|&byte| byte != 0).collect();
        let told = String::from_utf8_lossy(&without_zeros).to_lowercase();
        assert!(!told.contains("janedotte") && !told.contains("doe"), "{told}");
        assert!(told.contains("scanner of") && told.contains("copyright"));
    }

    #[test]
    fn bytes_between_the_tags_become_zero() {
        let mut original = profile(&[(b"cprt", b"text\0\0\0\0none")]);
        original[100..109].copy_from_slice(b"somebody1");
        original.extend(b"behind the end");
        let cleaned = cleaned(&original).expect("a profile");
        assert!(!cleaned.windows(8).any(|window| window == b"somebody" || window == b"behind t"));
    }

    #[test]
    fn broken_profiles_and_words_outside_texts_are_refused() {
        assert_eq!(cleaned(b"profile of Janedotte Doe"), Err(NotUnderstood));
        let mut broken = profile(&[(b"desc", &desc("x"))]);
        broken[HEADER_BYTES + 8..HEADER_BYTES + 12].copy_from_slice(&[0xFF; 4]);
        assert_eq!(cleaned(&broken), Err(NotUnderstood));
        assert_eq!(cleaned(&profile(&[(b"xxxx", b"xxxx\0\0\0\0Janedotte")])), Err(NotUnderstood));
    }

    #[test]
    fn words_that_nothing_explains_go() {
        let cleaned =
            cleaned(&profile(&[(b"desc", &desc("Display of Zenikivi Lezokazoga, Adobe RGB"))])).expect("a profile");
        let told = String::from_utf8_lossy(&cleaned);
        assert!(!told.contains("Zenikivi") && !told.contains("Lezokazoga"));
        assert!(told.contains("Display of") && told.contains("Adobe RGB"));
    }
}

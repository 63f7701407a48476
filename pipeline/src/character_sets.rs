//! Text in the character sets of DICOM, code extensions included.
//!
//! Decoding never fails: what cannot be decoded becomes U+FFFD, and a text with that character is not kept.
//!
//! Source: PS3.3 section C.12.1.1.2, PS3.5 section 6.1.2.

use dicom_core::Tag;
use dicom_core::header::Header;
use dicom_core::value::{PrimitiveValue, Value};
use dicom_core::{DataElement, VR};
use dicom_dictionary_std::tags;
use dicom_encoding::text::{SpecificCharacterSet, TextCodec};
use dicom_object::InMemDicomObject;
use encoding_rs::{
    EUC_JP, EUC_KR, Encoding, GB18030, GBK, ISO_8859_2, ISO_8859_3, ISO_8859_4, ISO_8859_5, ISO_8859_6, ISO_8859_7,
    ISO_8859_8, ISO_8859_15, SHIFT_JIS, WINDOWS_874, WINDOWS_1252, WINDOWS_1254,
};
use std::char::REPLACEMENT_CHARACTER;

const ESCAPE: u8 = 0x1B;

/// The character set in which all text can be written.
const UNICODE: &str = "ISO_IR 192";

/// Bytes from 0x21 to 0x7E.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lower {
    /// ISO 646, or JIS X 0201 Romaji, whose yen sign is read as the backslash that it is in DICOM.
    Ascii,
    /// JIS X 0208, two bytes a character.
    JisX0208,
    /// JIS X 0212, two bytes a character.
    JisX0212,
}

/// Bytes from 0x80.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Upper {
    None,
    /// One byte a character. Bytes below 0xA0 are control characters.
    Single(&'static Encoding),
    /// JIS X 0201 Katakana; Shift JIS, which many write under its name, is read too.
    Katakana,
    /// KS X 1001, two bytes a character.
    Korean,
    /// GB 2312, two bytes a character.
    Chinese,
}

/// What Specific Character Set says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Code elements that escape sequences change.
    Extensible { upper: Upper, spare: Upper },
    /// UTF-8, GB18030 or GBK, which know no escape sequences.
    Whole(&'static Encoding),
}

/// The character sets of a data set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CharacterSets {
    kind: Kind,
}

/// Where a text returns to the character set that it begins in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delimiters {
    /// Lines and pages.
    Lines,
    /// Values too.
    Values,
    /// Components and component groups of names too.
    Names,
}

impl Delimiters {
    /// Those of a VR.
    pub(crate) const fn of(vr: VR) -> Self {
        match vr {
            VR::PN => Self::Names,
            VR::LT | VR::ST | VR::UT | VR::UR => Self::Lines,
            _ => Self::Values,
        }
    }

    const fn holds(self, byte: u8) -> bool {
        match self {
            Self::Lines => false,
            Self::Values => byte == b'\\',
            Self::Names => matches!(byte, b'\\' | b'^' | b'='),
        }
    }
}

impl Default for CharacterSets {
    fn default() -> Self {
        Self { kind: Kind::Extensible { upper: Upper::None, spare: Upper::None } }
    }
}

impl CharacterSets {
    /// The character sets that a data set names, or those of the data set around it.
    pub(crate) fn of(data_set: &InMemDicomObject, inherited: Self) -> Self {
        match data_set.get(tags::SPECIFIC_CHARACTER_SET).map(|element| element.value().to_multi_str()) {
            Some(Ok(codes)) => Self::of_codes(codes.iter().map(String::as_str)),
            _ => inherited,
        }
    }

    /// The character sets of the values of Specific Character Set.
    pub(crate) fn of_codes<'a>(codes: impl Iterator<Item = &'a str>) -> Self {
        let mut kinds = codes.map(kind_of);
        let first = kinds.next().unwrap_or(Self::default().kind);
        let rest: Vec<Kind> = kinds.collect();
        let whole = |kind: &Kind| matches!(kind, Kind::Whole(_));
        if let Some(whole) = rest.iter().copied().find(whole).filter(|_| !whole(&first)) {
            return Self { kind: whole };
        }
        let Kind::Extensible { upper, .. } = first else { return Self { kind: first } };
        let spare = rest.iter().find_map(|kind| match kind {
            Kind::Extensible { upper, .. } if *upper != Upper::None => Some(*upper),
            _ => None,
        });
        Self { kind: Kind::Extensible { upper, spare: spare.unwrap_or(Upper::None) } }
    }

    /// Whether bytes are ASCII in every character set: without a byte of another one, and without an escape to it.
    pub(crate) fn is_plain(bytes: &[u8]) -> bool {
        bytes.is_ascii() && !bytes.contains(&ESCAPE)
    }

    /// Decodes a value. Bytes that mean nothing in the character sets, and text whose character set has to be guessed
    /// and cannot, become U+FFFD.
    pub(crate) fn decode(self, bytes: &[u8], delimiters: Delimiters) -> String {
        if let Some(text) = Self::is_plain(bytes).then(|| std::str::from_utf8(bytes).ok()).flatten() {
            return text.to_owned();
        }
        match self.kind {
            Kind::Whole(encoding) if encoding == encoding_rs::UTF_8 => {
                std::str::from_utf8(bytes).map_or_else(|_| guess(bytes), str::to_owned)
            }
            Kind::Whole(encoding) => encoding.decode_without_bom_handling(bytes).0.into_owned(),
            Kind::Extensible { upper, spare } => decode_extensible(bytes, upper, spare, delimiters),
        }
    }
}

fn decode_extensible(bytes: &[u8], upper: Upper, spare: Upper, delimiters: Delimiters) -> String {
    let western = |encoding: &'static Encoding| {
        [WINDOWS_1252, ISO_8859_2, ISO_8859_3, ISO_8859_4, ISO_8859_15, WINDOWS_1254].contains(&encoding)
    };
    let escapes = bytes.contains(&ESCAPE);
    // UTF-8 under a wrong name is common, and no Latin text looks like it by chance.
    let may_be_unicode = matches!(upper, Upper::None) || matches!(upper, Upper::Single(encoding) if western(encoding));
    if !escapes
        && may_be_unicode
        && let Ok(text) = std::str::from_utf8(bytes)
    {
        return text.to_owned();
    }
    let upper = match upper {
        Upper::None if !escapes && spare == Upper::None => return guess(bytes),
        Upper::None if !escapes => spare,
        upper => upper,
    };
    Extended { bytes, at: 0, initial: upper, lower: Lower::Ascii, upper, delimiters, text: String::new() }.decode()
}

/// The escape sequences of PS3.3 tables C.12-3 and C.12-4.
fn designation(after_escape: &[u8]) -> Option<(usize, Result<Lower, Upper>)> {
    let found = match after_escape {
        [b'(', b'B' | b'J', ..] => (2, Ok(Lower::Ascii)),
        [b'$', b'B' | b'@', ..] => (2, Ok(Lower::JisX0208)),
        [b'$', b'(', b'D', ..] => (3, Ok(Lower::JisX0212)),
        [b'$', b')', b'C', ..] => (3, Err(Upper::Korean)),
        [b'$', b')', b'A', ..] => (3, Err(Upper::Chinese)),
        [b')', b'I', ..] => (2, Err(Upper::Katakana)),
        [b'-', last, ..] => (2, Err(Upper::Single(single_byte_by_escape(*last)?))),
        _ => return None,
    };
    Some(found)
}

const fn single_byte_by_escape(last: u8) -> Option<&'static Encoding> {
    Some(match last {
        b'A' => WINDOWS_1252,
        b'B' => ISO_8859_2,
        b'C' => ISO_8859_3,
        b'D' => ISO_8859_4,
        b'L' => ISO_8859_5,
        b'G' => ISO_8859_6,
        b'F' => ISO_8859_7,
        b'H' => ISO_8859_8,
        b'M' => WINDOWS_1254,
        b'T' => WINDOWS_874,
        b'b' => ISO_8859_15,
        _ => return None,
    })
}

/// The meaning of one value of Specific Character Set; misspelt ones are known by their numbers.
fn kind_of(code: &str) -> Kind {
    let letters: String = code.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase();
    let number = letters.rsplit_once("IR").map_or(letters.as_str(), |(_, number)| number);
    let upper = match (number, letters.as_str()) {
        ("192", _) | (_, "UTF8") => return Kind::Whole(encoding_rs::UTF_8),
        (_, "GB18030") => return Kind::Whole(GB18030),
        (_, "GBK" | "GB2312") => return Kind::Whole(GBK),
        ("100", _) | (_, "ISO88591" | "LATIN1") => Upper::Single(WINDOWS_1252),
        ("101", _) => Upper::Single(ISO_8859_2),
        ("109", _) => Upper::Single(ISO_8859_3),
        ("110", _) => Upper::Single(ISO_8859_4),
        ("126", _) => Upper::Single(ISO_8859_7),
        ("127", _) => Upper::Single(ISO_8859_6),
        ("138", _) => Upper::Single(ISO_8859_8),
        ("144", _) => Upper::Single(ISO_8859_5),
        ("148", _) => Upper::Single(WINDOWS_1254),
        ("166", _) => Upper::Single(WINDOWS_874),
        ("203", _) => Upper::Single(ISO_8859_15),
        ("13", _) => Upper::Katakana,
        ("149", _) => Upper::Korean,
        ("58", _) => Upper::Chinese,
        _ => Upper::None,
    };
    Kind::Extensible { upper, spare: Upper::None }
}

/// A text with code extensions on its way to Unicode.
struct Extended<'a> {
    bytes: &'a [u8],
    at: usize,
    initial: Upper,
    lower: Lower,
    upper: Upper,
    delimiters: Delimiters,
    text: String,
}

impl Extended<'_> {
    fn decode(mut self) -> String {
        while let Some(&byte) = self.bytes.get(self.at) {
            match byte {
                ESCAPE => self.escape(),
                0x00..=0x1F => {
                    self.reset();
                    self.push(1, char::from(byte));
                }
                0x20 | 0x7F => self.push(1, char::from(byte)),
                0x80.. => self.upper(byte),
                _ if self.lower == Lower::Ascii => {
                    if self.delimiters.holds(byte) {
                        self.reset();
                    }
                    self.push(1, char::from(byte));
                }
                _ => self.two_bytes_of_japanese(),
            }
        }
        self.text
    }

    fn reset(&mut self) {
        (self.lower, self.upper) = (Lower::Ascii, self.initial);
    }

    fn push(&mut self, n_bytes: usize, character: char) {
        self.text.push(character);
        self.at += n_bytes;
    }

    fn escape(&mut self) {
        match designation(&self.bytes[self.at + 1..]) {
            Some((n_bytes, set)) => {
                match set {
                    Ok(lower) => self.lower = lower,
                    Err(upper) => self.upper = upper,
                }
                self.at += 1 + n_bytes;
            }
            None => self.push(1, REPLACEMENT_CHARACTER),
        }
    }

    fn two_bytes_of_japanese(&mut self) {
        let pair = match self.bytes[self.at..] {
            [first, second, ..] if (0x21..=0x7E).contains(&second) => [first | 0x80, second | 0x80],
            _ => return self.push(1, REPLACEMENT_CHARACTER),
        };
        match self.lower {
            Lower::JisX0212 => self.encoded(EUC_JP, &[0x8F, pair[0], pair[1]], 2),
            _ => self.encoded(EUC_JP, &pair, 2),
        }
    }

    fn upper(&mut self, byte: u8) {
        let pair = match self.bytes[self.at..] {
            [first, second, ..] => Some([first, second]),
            _ => None,
        };
        match (self.upper, pair) {
            (Upper::Single(_), _) if byte < 0xA0 => self.push(1, char::from(byte)),
            (Upper::Single(encoding), _) => self.encoded(encoding, &[byte], 1),
            (Upper::Katakana, _) if (0xA1..=0xDF).contains(&byte) => self.encoded(SHIFT_JIS, &[byte], 1),
            (Upper::Katakana, Some(pair)) => self.encoded(SHIFT_JIS, &pair, 2),
            (Upper::Korean, Some(pair)) => self.encoded(EUC_KR, &pair, 2),
            (Upper::Chinese, Some(pair)) if pair[1] >= 0x80 => self.encoded(GBK, &pair, 2),
            _ => self.push(1, REPLACEMENT_CHARACTER),
        }
    }

    /// Adds one character; a first byte that begins none stands alone, so that a delimiter behind it stays one.
    fn encoded(&mut self, encoding: &'static Encoding, bytes: &[u8], n_bytes: usize) {
        match encoding.decode_without_bom_handling_and_without_replacement(bytes) {
            Some(decoded) => {
                self.text.push_str(&decoded);
                self.at += n_bytes;
            }
            None => self.push(1, REPLACEMENT_CHARACTER),
        }
    }
}

/// Text beyond ASCII whose character set is missing or wrong: UTF-8, or a Latin text with single accented letters.
/// Anything else is not guessed at.
fn guess(bytes: &[u8]) -> String {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return text.to_owned();
    }
    let latin = bytes.iter().all(|byte| !(0x80..0xA0).contains(byte))
        && bytes.chunk_by(|a, b| a.is_ascii() == b.is_ascii()).all(|run| run[0].is_ascii() || run.len() <= 2);
    bytes.iter().map(|&byte| if byte.is_ascii() || latin { char::from(byte) } else { REPLACEMENT_CHARACTER }).collect()
}

/// Whether the text was not decoded whole: no search would find a name in it.
pub(crate) fn is_undecodable(text: &str) -> bool {
    text.contains([REPLACEMENT_CHARACTER, '\u{1b}'])
}

/// Whether the VR's text is in the character set of the data set, rather than in the default repertoire.
pub(crate) const fn is_governed(vr: VR) -> bool {
    matches!(vr, VR::LO | VR::LT | VR::PN | VR::SH | VR::ST | VR::UC | VR::UT)
}

/// Writes all text as UTF-8 when the data set uses several character sets, or one in which a text of it cannot be
/// written. The writer knows one character set for each data set.
pub(crate) fn unify(data_set: &mut InMemDicomObject) {
    if has_several(data_set) || !is_writable(data_set, &declared(data_set)) {
        drop_declarations(data_set);
        data_set.put(DataElement::new(tags::SPECIFIC_CHARACTER_SET, VR::CS, PrimitiveValue::from(UNICODE)));
    }
}

/// Whether text is written in more than one character set: by code extensions, or by items of their own.
fn has_several(data_set: &InMemDicomObject) -> bool {
    let several = |data_set: &InMemDicomObject| {
        data_set.get(tags::SPECIFIC_CHARACTER_SET).is_some_and(|element| element.value().multiplicity() > 1)
    };
    let of_its_own = |item: &InMemDicomObject| item.get(tags::SPECIFIC_CHARACTER_SET).is_some() || has_several(item);
    several(data_set) || data_set.iter().filter_map(|element| element.value().items()).flatten().any(of_its_own)
}

fn declared(data_set: &InMemDicomObject) -> String {
    let code = data_set.get(tags::SPECIFIC_CHARACTER_SET).and_then(|element| element.value().to_str().ok());
    code.map(|code| code.trim_matches(['\0', ' ']).to_owned()).unwrap_or_default()
}

fn is_writable(data_set: &InMemDicomObject, code: &str) -> bool {
    data_set.iter().all(|element| match element.value() {
        Value::Sequence(sequence) => sequence.items().iter().all(|item| is_writable(item, code)),
        Value::Primitive(PrimitiveValue::Str(text)) => is_text_writable(text, element.vr(), code),
        Value::Primitive(PrimitiveValue::Strs(texts)) => {
            texts.iter().all(|text| is_text_writable(text, element.vr(), code))
        }
        _ => true,
    })
}

/// Whether what is written in a character set is read as the same again.
fn is_text_writable(text: &str, vr: VR, code: &str) -> bool {
    if text.is_ascii() || !is_governed(vr) {
        return true;
    }
    let sets = CharacterSets::of_codes(std::iter::once(code));
    if sets == CharacterSets::default() || code.starts_with("ISO 2022") {
        return false;
    }
    let encoded = SpecificCharacterSet::from_code(code).and_then(|set| set.encode(text).ok());
    encoded.is_some_and(|bytes| sets.decode(&bytes, Delimiters::of(vr)) == text)
}

/// Takes away every character set, so that one in which all text can be written may be set.
fn drop_declarations(data_set: &mut InMemDicomObject) {
    data_set.remove_element(tags::SPECIFIC_CHARACTER_SET);
    let sequences: Vec<Tag> =
        data_set.iter().filter(|element| element.value().items().is_some()).map(Header::tag).collect();
    for sequence in sequences {
        data_set.update_value(sequence, |value| {
            if let Some(items) = value.items_mut() {
                items.iter_mut().for_each(drop_declarations);
            }
        });
    }
}

#[cfg(test)]
#[path = "character_sets_tests.rs"]
mod tests;

//! Text to bytes in DICOM's character sets, code extensions included.
//!
//! The writer of dicom-rs knows one character set at a time, not ISO-IR 148, and writes what it cannot
//! encode as something else. So text is encoded here, before it is given to the writer as bytes; what a
//! character set cannot write is an error. Source: PS3.5 section 6.1.2 and Annexes H, I and J.

use dicom_core::value::{DataSetSequence, Value};
use dicom_core::{DataElement, PrimitiveValue, VR};
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use dicom_object::mem::InMemElement;
use encoding_rs::{
    EUC_JP, EUC_KR, Encoding, GB18030, ISO_8859_2, ISO_8859_3, ISO_8859_4, ISO_8859_5, ISO_8859_6, ISO_8859_7,
    ISO_8859_8, WINDOWS_874, WINDOWS_1252, WINDOWS_1254,
};

const ESCAPE: u8 = 0x1b;

/// A value of Specific Character Set (0008,0005).
#[derive(Debug, Clone, Copy)]
enum Repertoire {
    /// ISO-IR 6, or a right half of one byte a character beside it.
    SingleByte(Option<&'static Encoding>),
    /// UTF-8 or GB18030: everything, without code extensions.
    Whole(&'static Encoding),
    /// JIS X 0201: its left half is that of ASCII but for two characters.
    JisRoman,
    /// JIS X 0208, which takes the place of the left half until another set is called.
    Kanji,
    /// KS X 1001, which takes the place of the right half until the end of a segment.
    Hangul,
}

impl Repertoire {
    fn parse(term: &str) -> Result<Self, String> {
        let single = |encoding| Ok(Self::SingleByte(Some(encoding)));
        match term {
            "" | "ISO_IR 6" | "ISO 2022 IR 6" => Ok(Self::SingleByte(None)),
            "ISO_IR 100" => single(WINDOWS_1252),
            "ISO_IR 101" => single(ISO_8859_2),
            "ISO_IR 109" => single(ISO_8859_3),
            "ISO_IR 110" => single(ISO_8859_4),
            "ISO_IR 126" => single(ISO_8859_7),
            "ISO_IR 127" => single(ISO_8859_6),
            "ISO_IR 138" => single(ISO_8859_8),
            "ISO_IR 144" => single(ISO_8859_5),
            "ISO_IR 148" => single(WINDOWS_1254),
            "ISO_IR 166" => single(WINDOWS_874),
            "ISO_IR 192" => Ok(Self::Whole(encoding_rs::UTF_8)),
            "GB18030" => Ok(Self::Whole(GB18030)),
            "ISO 2022 IR 13" => Ok(Self::JisRoman),
            "ISO 2022 IR 87" => Ok(Self::Kanji),
            "ISO 2022 IR 149" => Ok(Self::Hangul),
            _ => Err("the character set is not one of those that suites use".to_owned()),
        }
    }

    /// Whether a byte of a character is that of a delimiter, without an escape sequence that would say otherwise.
    fn looks_delimited(self, bytes: &[u8]) -> bool {
        matches!(self, Self::Whole(encoding) if encoding == GB18030)
            && bytes.iter().any(|byte| matches!(byte, b'\\' | b'^'))
    }

    /// The bytes of a character, if the set has it.
    fn encode(self, character: char) -> Option<Vec<u8>> {
        let bytes = |encoding: &'static Encoding| {
            let text = character.to_string();
            let (bytes, _, has_failed) = encoding.encode(&text);
            (!has_failed).then(|| bytes.into_owned())
        };
        match self {
            Self::SingleByte(_) | Self::JisRoman if character.is_ascii() => bytes(encoding_rs::UTF_8),
            // The code pages of Windows have characters where the ISO sets have control codes.
            Self::SingleByte(Some(encoding)) => bytes(encoding).filter(|bytes| bytes.len() == 1 && bytes[0] >= 0xa0),
            Self::SingleByte(None) | Self::JisRoman => None,
            Self::Whole(encoding) => bytes(encoding),
            Self::Kanji => bytes(EUC_JP)
                // Rows 9 to 15 and from 85 on are extensions of vendors.
                .filter(|bytes| bytes.len() == 2 && matches!(bytes[0], 0xa1..=0xa8 | 0xb0..=0xf4) && bytes[1] >= 0xa1)
                // What stands in the left half has no high bit.
                .map(|bytes| bytes.iter().map(|byte| byte & 0x7f).collect()),
            Self::Hangul => bytes(EUC_KR).filter(|bytes| bytes.len() == 2 && bytes.iter().all(|byte| *byte >= 0xa1)),
        }
    }
}

/// Whether one of the values of a Specific Character Set can write every character of a text, in bytes that no careless
/// reader takes for delimiters.
pub(crate) fn can_write(character_set: &str, text: &str) -> bool {
    let repertoires: Result<Vec<Repertoire>, String> = character_set.split('\\').map(Repertoire::parse).collect();
    let can = |character: char, sets: &[Repertoire]| {
        let mut encoded = sets.iter().filter_map(|set| Some((set, set.encode(character)?)));
        encoded.any(|(set, bytes)| character.is_ascii() || !set.looks_delimited(&bytes))
    };
    repertoires.is_ok_and(|sets| text.chars().all(|character| can(character, &sets)))
}

/// Turns the text of a data set into bytes of the character set that it declares. The rest stays as it is.
pub(crate) fn encode_texts(data_set: InMemDicomObject) -> Result<InMemDicomObject, String> {
    let declared = data_set.get(tags::SPECIFIC_CHARACTER_SET).and_then(|element| element.to_str().ok());
    let declared = declared.map_or_else(String::new, |text| text.into_owned());
    encode_object(data_set, &repertoires(&declared)?)
}

fn repertoires(declared: &str) -> Result<Vec<Repertoire>, String> {
    declared.split('\\').map(|term| Repertoire::parse(term.trim())).collect()
}

/// An item may declare a character set of its own (PS3.5 section 7.5.3); else that of what it lies in holds.
fn encode_item(item: InMemDicomObject, outer: &[Repertoire]) -> Result<InMemDicomObject, String> {
    let declared = item.get(tags::SPECIFIC_CHARACTER_SET).and_then(|element| element.to_str().ok());
    match declared.map(|text| repertoires(&text)) {
        Some(own) => encode_object(item, &own?),
        None => encode_object(item, outer),
    }
}

fn encode_object(data_set: InMemDicomObject, repertoires: &[Repertoire]) -> Result<InMemDicomObject, String> {
    let elements: Result<Vec<InMemElement>, String> =
        data_set.into_iter().map(|element| encode_element(element, repertoires)).collect();
    Ok(InMemDicomObject::from_element_iter(elements?))
}

fn encode_element(element: InMemElement, repertoires: &[Repertoire]) -> Result<InMemElement, String> {
    let (tag, vr) = (element.header().tag, element.vr());
    let value = match element.into_value() {
        Value::Sequence(sequence) => {
            let items: Result<Vec<InMemDicomObject>, String> =
                sequence.into_items().into_iter().map(|item| encode_item(item, repertoires)).collect();
            return Ok(DataElement::new(tag, vr, DataSetSequence::from(items?)));
        }
        Value::Primitive(value) => value,
        value @ Value::PixelSequence(_) => return Ok(DataElement::new(tag, vr, value)),
    };
    let is_text = matches!(vr, VR::SH | VR::LO | VR::ST | VR::LT | VR::UT | VR::UC | VR::PN);
    let texts = match &value {
        PrimitiveValue::Str(text) if is_text => vec![text.clone()],
        PrimitiveValue::Strs(texts) if is_text => texts.to_vec(),
        _ => return Ok(DataElement::new(tag, vr, value)),
    };
    let mut bytes = Vec::new();
    for (value_idx, text) in texts.iter().enumerate() {
        if value_idx > 0 {
            bytes.push(b'\\');
        }
        let encoded = encode(text, repertoires, vr == VR::PN);
        bytes.extend(encoded.ok_or_else(|| format!("the character set cannot write the attribute {tag}"))?);
    }
    // Bytes are padded with a zero by the writer, text with a blank (PS3.5 section 6.2).
    if bytes.len() % 2 == 1 {
        bytes.push(b' ');
    }
    Ok(DataElement::new(tag, vr, PrimitiveValue::U8(bytes.into())))
}

/// The bytes of one value; nothing if a character is in none of the sets.
///
/// Each set but the first is called by its escape sequence. Before a delimiter, a line end and the end of
/// the value the first one is back in place (PS3.5 section 6.1.2.5.3).
fn encode(text: &str, repertoires: &[Repertoire], is_name: bool) -> Option<Vec<u8>> {
    let first = *repertoires.first()?;
    let mut bytes = Vec::new();
    let mut current = 0;
    for character in text.chars() {
        let ends_segment = character.is_control() || (is_name && matches!(character, '^' | '='));
        // A call of the right half leaves the left one as it was.
        let stays = !ends_segment && repertoires[current].encode(character).is_some();
        let needed = if stays {
            current
        } else if matches!(repertoires[current], Repertoire::Hangul) && character.is_ascii() && !ends_segment {
            bytes.push(u8::try_from(u32::from(character)).ok()?);
            continue;
        } else {
            repertoires.iter().position(|set| set.encode(character).is_some())?
        };
        if needed != current {
            bytes.extend(call(repertoires[current], repertoires[needed], first));
            current = needed;
        }
        bytes.extend(repertoires[current].encode(character)?);
    }
    if current > 0 {
        bytes.extend(call(repertoires[current], first, first));
    }
    Some(bytes)
}

/// The escape sequence with which a set takes the place of another.
fn call(from: Repertoire, to: Repertoire, first: Repertoire) -> Vec<u8> {
    match (from, to) {
        (_, Repertoire::Kanji) => vec![ESCAPE, b'$', b'B'],
        (_, Repertoire::Hangul) => vec![ESCAPE, b'$', b')', b'C'],
        (Repertoire::Kanji, _) if matches!(first, Repertoire::JisRoman) => vec![ESCAPE, b'(', b'J'],
        (Repertoire::Kanji, _) => vec![ESCAPE, b'(', b'B'],
        // The right half ends with its segment by itself.
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hexadecimal(character_set: &str, text: &str) -> Option<String> {
        let repertoires: Vec<Repertoire> =
            character_set.split('\\').map(|term| Repertoire::parse(term).expect("a known set")).collect();
        let bytes = encode(text, &repertoires, true)?;
        Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn the_examples_of_the_standard_come_out() {
        // PS3.5 Annexes G, H, I, J and the examples of section 6.1.2 and PS3.5 6.2.1.
        for (character_set, text, expected) in [
            (
                "\\ISO 2022 IR 87",
                "Yamada^Tarou=山田^太郎=やまだ^たろう",
                "59 61 6d 61 64 61 5e 54 61 72 6f 75 3d 1b 24 42 3b 33 45 44 1b 28 42 5e 1b 24 42 42 40 4f 3a 1b 28 42 \
                 3d 1b 24 42 24 64 24 5e 24 40 1b 28 42 5e 1b 24 42 24 3f 24 6d 24 26 1b 28 42",
            ),
            (
                "\\ISO 2022 IR 149",
                "Hong^Gildong=洪^吉洞=홍^길동",
                "48 6f 6e 67 5e 47 69 6c 64 6f 6e 67 3d 1b 24 29 43 fb f3 5e 1b 24 29 43 d1 ce d4 d7 3d 1b 24 29 43 c8 \
                 ab 5e 1b 24 29 43 b1 e6 b5 bf",
            ),
            ("GB18030", "Wang^XiaoDong=王^小东", "57 61 6e 67 5e 58 69 61 6f 44 6f 6e 67 3d cd f5 5e d0 a1 b6 ab"),
            ("ISO_IR 100", "Buc^Jérôme", "42 75 63 5e 4a e9 72 f4 6d 65"),
            ("ISO_IR 100", "Äneas^Rüdiger", "c4 6e 65 61 73 5e 52 fc 64 69 67 65 72"),
            ("ISO_IR 126", "Διονυσιος", "c4 e9 ef ed f5 f3 e9 ef f2"),
            ("ISO_IR 144", "Люкceмбypг", "bb ee da 63 65 dc d1 79 70 d3"),
            ("ISO_IR 127", "قباني^لنزار", "e2 c8 c7 e6 ea 5e e4 e6 d2 c7 d1"),
            ("ISO_IR 138", "שרון^דבורה", "f9 f8 e5 ef 5e e3 e1 e5 f8 e4"),
            ("ISO_IR 148", "Ağaoğlu", "41 f0 61 6f f0 6c 75"),
        ] {
            assert_eq!(hexadecimal(character_set, text).as_deref(), Some(expected), "{character_set}");
        }
    }

    #[test]
    fn what_a_set_cannot_write_is_refused() {
        for (character_set, text) in [
            ("ISO_IR 100", "Łódź"),
            ("ISO_IR 100", "€"),
            ("ISO_IR 6", "é"),
            ("\\ISO 2022 IR 87", "홍"),
            ("ISO_IR 148", "Ж"),
        ] {
            assert_eq!(hexadecimal(character_set, text), None, "{character_set}");
            assert!(!can_write(character_set, text));
        }
        assert!(can_write("\\ISO 2022 IR 87", "山田 Tarou"));
    }

    #[test]
    fn the_first_set_is_back_before_a_line_ends() {
        let hexadecimal = hexadecimal("\\ISO 2022 IR 87", "山\r\na").expect("can be written");
        assert_eq!(hexadecimal, "1b 24 42 3b 33 1b 28 42 0d 0a 61");
    }
}

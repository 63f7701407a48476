//! A value by its form: what kind and how long, never what it says.

use crate::read::{BulkValue, FileMetaElement};
use crate::text::{is_text, texts};
use dicom_core::VR;
use dicom_core::value::{PrimitiveValue, Value};
use dicom_object::mem::InMemElement;
use efface_schema::Phi;
use serde::Serialize;

/// Longer values are cut before they are shown.
const MAX_SHOWN_CHARACTERS: usize = 400;

/// What can be said of a value without telling it, and the value for those who may see it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Form {
    /// The value representation.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub vr: String,
    /// How much there is: `13 characters`, `2 items`, `empty`.
    pub extent: String,
    /// The value as text without control characters, cut when it is long; numbers in bytes and items have none.
    #[serde(skip)]
    pub value: Option<Phi<String>>,
}

impl Form {
    /// The form of an element.
    pub(super) fn of(element: &InMemElement) -> Self {
        let vr: VR = element.vr();
        let (extent, value) = match element.value() {
            Value::Sequence(sequence) => (counted(sequence.items().len(), "item"), None),
            Value::PixelSequence(sequence) => {
                let n_bytes = sequence.fragments().iter().map(Vec::len).sum();
                (format!("{} in {}", counted(n_bytes, "byte"), counted(sequence.fragments().len(), "fragment")), None)
            }
            Value::Primitive(value) => primitive(vr, value),
        };
        Self { vr: vr.to_string().to_owned(), extent, value }
    }

    /// The form of an element of the file meta information.
    pub(super) fn of_meta(element: &FileMetaElement) -> Self {
        let bytes = element.value.expose();
        let value = match element.vr {
            VR::OB | VR::UN => PrimitiveValue::from(bytes.clone()),
            VR::UL => {
                PrimitiveValue::from(bytes.iter().rev().fold(0_u32, |number, byte| number << 8 | u32::from(*byte)))
            }
            _ => PrimitiveValue::from(String::from_utf8_lossy(bytes).trim_matches(['\0', ' '])),
        };
        let (extent, value) = primitive(element.vr, &value);
        Self { vr: element.vr.to_string().to_owned(), extent, value }
    }

    /// The form of a value that was not read into memory.
    pub(super) fn of_bulk(bulk: &BulkValue) -> Self {
        let n_bytes = usize::try_from(bulk.n_bytes).unwrap_or(usize::MAX);
        Self { vr: bulk.vr.to_string().to_owned(), extent: counted(n_bytes, "byte"), value: None }
    }

    /// The form of the preamble.
    pub(super) fn of_preamble(used: bool) -> Self {
        let extent = if used { "128 bytes" } else { "128 zero bytes" };
        Self { vr: String::new(), extent: extent.to_owned(), value: None }
    }

    /// The form of a part of a text.
    pub(super) fn of_part(text: &str) -> Self {
        let extent = counted(text.chars().count(), "character");
        Self { vr: String::new(), extent, value: Some(Phi::new(printable(text))) }
    }
}

fn primitive(vr: VR, value: &PrimitiveValue) -> (String, Option<Phi<String>>) {
    let shown = |texts: &[String]| Some(Phi::new(printable(&texts.join("\\"))));
    match value {
        PrimitiveValue::Empty => ("empty".to_owned(), None),
        PrimitiveValue::U8(bytes) if !is_text(vr) => (
            counted(bytes.len(), "byte"),
            Some(Phi::new(bytes.escape_ascii().take(MAX_SHOWN_CHARACTERS).map(char::from).collect())),
        ),
        PrimitiveValue::U8(_) | PrimitiveValue::Str(_) | PrimitiveValue::Strs(_) => {
            let texts = texts(value).unwrap_or_default();
            let n_characters = texts.iter().map(|text| text.trim_end_matches(['\0', ' ']).chars().count()).sum();
            let extent = match texts.len() {
                _ if n_characters == 0 => "empty".to_owned(),
                0 | 1 => counted(n_characters, "character"),
                n_values => format!("{n_values} values, {}", counted(n_characters, "character")),
            };
            (extent, shown(&texts))
        }
        _ if value.multiplicity() > 64 => (counted(value.calculate_byte_len(), "byte"), None),
        _ => (counted(value.multiplicity() as usize, "value"), shown(&value.to_multi_str())),
    }
}

fn counted(count: usize, of_what: &str) -> String {
    if count == 1 { format!("1 {of_what}") } else { format!("{count} {of_what}s") }
}

/// A text that cannot command a terminal: control and direction characters are spelled out.
fn printable(text: &str) -> String {
    let mut printable = String::new();
    for character in text.trim_end_matches(['\0', ' ']).chars().take(MAX_SHOWN_CHARACTERS) {
        let commands = character.is_control()
            || matches!(character, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}');
        if commands { printable.extend(character.escape_default()) } else { printable.push(character) }
    }
    if text.chars().nth(MAX_SHOWN_CHARACTERS).is_some() {
        printable.push('…');
    }
    printable
}

#[cfg(test)]
mod tests {
    use super::*;
    use dicom_core::{DataElement, Tag};

    #[test]
    fn a_form_tells_how_much_and_not_what() {
        let text = |vr, text: &str| DataElement::new(Tag(0x0010, 0x0010), vr, PrimitiveValue::from(text));
        let several = PrimitiveValue::Strs(vec!["ab".to_owned(), "c".to_owned()].into());
        for (element, expected) in [
            (text(VR::PN, "DOE^JANE "), "8 characters"),
            (text(VR::LO, "x"), "1 character"),
            (text(VR::LO, ""), "empty"),
            (DataElement::new(Tag(8, 8), VR::CS, several), "2 values, 3 characters"),
            (DataElement::new(Tag(0x28, 0x10), VR::US, PrimitiveValue::from(5_u16)), "1 value"),
            (DataElement::new(Tag(0x28, 0x2000), VR::OB, PrimitiveValue::from(vec![1_u8, 2])), "2 bytes"),
        ] {
            let form = Form::of(&element);
            assert_eq!(form.extent, expected);
            assert!(!serde_json::to_string(&form).expect("a form serializes").contains("DOE"));
        }
    }

    #[test]
    fn values_cannot_command_a_terminal() {
        assert_eq!(printable("a\u{1b}[2Jb\r\nc\u{202e}d"), "a\\u{1b}[2Jb\\r\\nc\\u{202e}d");
        assert_eq!(printable(&"x".repeat(500)).chars().count(), MAX_SHOWN_CHARACTERS + 1);
    }
}

//! What kind of text, if any, a value holds.

use crate::character_sets::{is_governed, is_undecodable};
use dicom_core::header::Header;
use dicom_core::value::{PrimitiveValue, Value};
use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;
use dicom_object::mem::InMemElement;
use std::borrow::Cow;

/// How a value that may stay has to be looked at.
pub(crate) enum TextRole<'a> {
    /// Numbers, or pixels: nothing to read.
    Binary,
    /// Bytes of unknown form.
    Opaque(Cow<'a, [u8]>),
    /// Text values, each searched by itself.
    Text(Vec<String>),
    /// A value with a fixed form, and whether it has it.
    Formatted(bool),
    /// An age, and whether it is over 89 years.
    Age(bool),
    /// A text that cannot be decoded.
    Undecodable,
}

/// Tells how a value has to be looked at. `expected` is the VR that the dictionary or the safe list gives.
pub(crate) fn role(element: &InMemElement, expected: VR) -> TextRole<'_> {
    let Value::Primitive(value) = element.value() else { return TextRole::Binary };
    if is_pixel_data(element.tag()) || *value == PrimitiveValue::Empty {
        return TextRole::Binary;
    }
    match expected {
        VR::OB | VR::UN | VR::OW => TextRole::Opaque(value.to_bytes()),
        VR::AS => texts(value).map_or(TextRole::Undecodable, |texts| age_role(&texts)),
        VR::DS => formatted(value, |text| text.parse::<f64>().is_ok_and(f64::is_finite)),
        VR::IS => formatted(value, |text| text.parse::<i64>().is_ok()),
        VR::TM => formatted(value, is_time),
        VR::DA => formatted(value, |text| crate::tier2::dates::shift_da(text, -1).is_some()),
        VR::DT => formatted(value, |text| crate::tier2::dates::shift_dt(text, -1).is_some()),
        VR::UI => formatted(value, |text| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')),
        _ => match (value, texts(value)) {
            (PrimitiveValue::Str(_) | PrimitiveValue::Strs(_), Some(texts))
                if texts.iter().any(|text| is_undecodable(text) || is_outside_repertoire(text, element.vr())) =>
            {
                TextRole::Undecodable
            }
            (PrimitiveValue::Str(_) | PrimitiveValue::Strs(_), Some(texts)) => TextRole::Text(texts),
            (PrimitiveValue::U8(bytes), _) if is_text(expected) => opaque_text(bytes),
            (PrimitiveValue::U8(bytes), _) => TextRole::Opaque(Cow::Borrowed(bytes)),
            _ => TextRole::Binary,
        },
    }
}

/// Whether a text goes beyond the default repertoire under a VR that knows no other.
fn is_outside_repertoire(text: &str, vr: VR) -> bool {
    !text.is_ascii() && !is_governed(vr)
}

/// Text under an undetermined VR: read as UTF-8, so that recognizers see it; other encodings are not guessed.
fn opaque_text(bytes: &[u8]) -> TextRole<'_> {
    match std::str::from_utf8(bytes) {
        Ok(text) => TextRole::Text(text.trim_end_matches('\0').split('\\').map(str::to_owned).collect()),
        Err(_) => TextRole::Undecodable,
    }
}

/// Whether the VR holds text in the data set's character set or in the default repertoire.
pub(crate) const fn is_text(vr: VR) -> bool {
    matches!(vr, VR::LO | VR::SH | VR::ST | VR::LT | VR::UT | VR::UC | VR::CS | VR::PN | VR::AE | VR::UR)
}

pub(crate) const fn is_pixel_data(tag: Tag) -> bool {
    matches!(tag, tags::PIXEL_DATA | tags::FLOAT_PIXEL_DATA | tags::DOUBLE_FLOAT_PIXEL_DATA)
}

/// The values of a text element without padding at their ends.
pub(crate) fn texts(value: &PrimitiveValue) -> Option<Vec<String>> {
    match value {
        PrimitiveValue::Str(text) => Some(vec![text.clone()]),
        PrimitiveValue::Strs(texts) => Some(texts.to_vec()),
        PrimitiveValue::U8(bytes) => {
            let text = std::str::from_utf8(bytes).ok()?;
            Some(text.trim_end_matches(['\0', ' ']).split('\\').map(str::to_owned).collect())
        }
        other => Some(other.to_multi_str().to_vec()),
    }
}

fn formatted<'a>(value: &PrimitiveValue, valid: impl Fn(&str) -> bool) -> TextRole<'a> {
    match texts(value) {
        None => TextRole::Undecodable,
        Some(texts) => TextRole::Formatted(texts.iter().all(|text| {
            let text = text.trim_matches(['\0', ' ']);
            text.is_empty() || valid(text)
        })),
    }
}

fn age_role<'a>(texts: &[String]) -> TextRole<'a> {
    let mut over_89 = false;
    for text in texts.iter().map(|text| text.trim_matches(['\0', ' '])).filter(|text| !text.is_empty()) {
        let Some((number, unit)) = text.split_at_checked(text.len() - 1) else { return TextRole::Formatted(false) };
        match (number.parse::<u16>(), unit) {
            (Ok(years), "Y") if years > 89 => over_89 = true,
            (Ok(_), "Y" | "M" | "W" | "D") => {}
            _ => return TextRole::Formatted(false),
        }
    }
    TextRole::Age(over_89)
}

fn is_time(text: &str) -> bool {
    text.len() <= 28 && text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b':' | b'-'))
}

/// Whether every UID of the value belongs to the DICOM standard.
///
/// Registered UIDs have short components; a long one under DICOM's root is somebody's invention.
pub(crate) fn is_registered_uid(uid: &str) -> bool {
    let Some(rest) = uid.strip_prefix("1.2.840.10008.") else { return false };
    uid.len() <= 40
        && rest
            .split('.')
            .all(|component| (1..=4).contains(&component.len()) && component.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether an element's value is empty or made of registered UIDs alone.
pub(crate) fn is_registered_uid_value(element: &InMemElement) -> bool {
    let Value::Primitive(value) = element.value() else { return false };
    texts(value).is_some_and(|texts| {
        texts.iter().map(|text| text.trim_matches(['\0', ' '])).all(|uid| uid.is_empty() || is_registered_uid(uid))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use dicom_core::DataElement;

    fn element(vr: VR, text: &str) -> InMemElement {
        let texts: Vec<String> = text.split('\\').map(str::to_owned).collect();
        DataElement::new(Tag(0x0018, 0x0050), vr, PrimitiveValue::Strs(texts.into()))
    }

    #[test]
    fn formatted_values_must_have_their_form() {
        for (vr, text, valid) in [
            (VR::DS, "1.5\\2e3", true),
            (VR::DS, "JOHN", false),
            (VR::IS, " 12 ", true),
            (VR::IS, "12.5", false),
            (VR::TM, "101530.25", true),
            (VR::TM, "noon", false),
            (VR::UI, "1.2.3", true),
            (VR::UI, "1.2.DOE", false),
        ] {
            let element = element(vr, text);
            assert!(matches!(role(&element, vr), TextRole::Formatted(found) if found == valid), "{vr:?} {text}");
        }
    }

    #[test]
    fn text_that_was_not_decoded_is_not_taken_for_text() {
        for (vr, text, undecodable) in [
            (VR::LO, "lung \u{1b}$B;3ED\u{1b}(B", true),
            (VR::LO, "M\u{fffd}ller", true),
            (VR::LO, "Müller", false),
            (VR::CS, "MÜLLER", true),
            (VR::LO, "lung", false),
        ] {
            let found = matches!(role(&element(vr, text), vr), TextRole::Undecodable);
            assert_eq!(found, undecodable, "{vr:?} {text:?}");
        }
    }

    #[test]
    fn ages_over_89_are_seen() {
        for (text, over_89) in [("089Y", false), ("090Y", true), ("094Y", true), ("100M", false)] {
            assert!(matches!(role(&element(VR::AS, text), VR::AS), TextRole::Age(found) if found == over_89), "{text}");
        }
        assert!(matches!(role(&element(VR::AS, "old"), VR::AS), TextRole::Formatted(false)));
    }

    #[test]
    fn only_the_standards_own_uids_are_registered() {
        assert!(is_registered_uid("1.2.840.10008.5.1.4.1.1.2"));
        assert!(!is_registered_uid("1.2.840.10008.20140321.1"));
        assert!(!is_registered_uid("1.2.840.113619.2.1"));
    }
}

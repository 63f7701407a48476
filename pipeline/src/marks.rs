//! The attributes that say that, and how, an instance was de-identified.
//!
//! Source: PS3.3 section C.12.1.4.1.1 and C.7.6.1; PS3.15 section E.1.1; PS3.16 CID 7050.

use crate::policy::Policy;
use dicom_core::value::{DataSetSequence, PrimitiveValue, Value};
use dicom_core::{DataElement, Length, VR};
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use std::collections::BTreeMap;

/// PS3.16 CID 7050: the methods of de-identification that have codes.
const METHODS: [(&str, &str); 13] = [
    ("113100", "Basic Application Confidentiality Profile"),
    ("113101", "Clean Pixel Data Option"),
    ("113102", "Clean Recognizable Visual Features Option"),
    ("113103", "Clean Graphics Option"),
    ("113104", "Clean Structured Content Option"),
    ("113105", "Clean Descriptors Option"),
    ("113106", "Retain Longitudinal Temporal Information Full Dates Option"),
    ("113107", "Retain Longitudinal Temporal Information Modified Dates Option"),
    ("113108", "Retain Patient Characteristics Option"),
    ("113109", "Retain Device Identity Option"),
    ("113110", "Retain UIDs Option"),
    ("113111", "Retain Safe Private Option"),
    ("113112", "Retain Institution Identity Option"),
];

/// What was done to the pixels, and what they may show.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct PixelMarks {
    /// Whether every text in them was looked at and none that identifies is left.
    pub cleaned: bool,
    /// Whether a face may be recognized.
    pub may_show_face: bool,
}

/// Writes the marks into a data set.
pub(crate) fn mark(data_set: &mut InMemDicomObject, policy: &Policy, pixels: PixelMarks) {
    let method = format!("Efface {}: PS3.15 E.1-1 2026c, policy {}", env!("CARGO_PKG_VERSION"), policy.name);
    let method: String = method.chars().filter(|character| *character != '\\').take(64).collect();
    let mut codes: BTreeMap<&str, &str> = policy.method_codes(pixels.cleaned).into_iter().collect();
    codes.extend(earlier_codes(data_set));
    data_set.put(text(tags::PATIENT_IDENTITY_REMOVED, VR::CS, "YES"));
    data_set.put(text(tags::DEIDENTIFICATION_METHOD, VR::LO, &method));
    let items: Vec<InMemDicomObject> = codes.into_iter().map(|(code, meaning)| coded_entry(code, meaning)).collect();
    let sequence = DataSetSequence::new(items, Length::UNDEFINED);
    data_set.put(DataElement::new_with_len(
        tags::DEIDENTIFICATION_METHOD_CODE_SEQUENCE,
        VR::SQ,
        Length::UNDEFINED,
        Value::Sequence(sequence),
    ));
    let dates = if policy.options.retain_longitudinal_full_dates {
        "UNMODIFIED"
    } else if policy.options.retain_longitudinal_modified_dates {
        "MODIFIED"
    } else {
        "REMOVED"
    };
    data_set.put(text(tags::LONGITUDINAL_TEMPORAL_INFORMATION_MODIFIED, VR::CS, dates));
    if pixels.cleaned {
        data_set.put(text(tags::BURNED_IN_ANNOTATION, VR::CS, "NO"));
    }
    if pixels.may_show_face {
        data_set.put(text(tags::RECOGNIZABLE_VISUAL_FEATURES, VR::CS, "YES"));
    }
}

/// The methods that an earlier de-identification named, where they are known ones; in the standard's words.
fn earlier_codes(data_set: &InMemDicomObject) -> Vec<(&'static str, &'static str)> {
    let is = |item: &InMemDicomObject, tag, expected: &str| {
        item.get(tag)
            .and_then(|element| element.value().to_str().ok().map(|text| text.trim_matches(['\0', ' ']) == expected))
            .unwrap_or_default()
    };
    let sequence = data_set.get(tags::DEIDENTIFICATION_METHOD_CODE_SEQUENCE);
    let items = sequence.and_then(|element| element.value().items()).unwrap_or_default();
    let named = |code: &str| {
        items.iter().any(|item| is(item, tags::CODE_VALUE, code) && is(item, tags::CODING_SCHEME_DESIGNATOR, "DCM"))
    };
    METHODS.into_iter().filter(|(code, _)| named(code)).collect()
}

fn coded_entry(code: &str, meaning: &str) -> InMemDicomObject {
    InMemDicomObject::from_element_iter([
        text(tags::CODE_VALUE, VR::SH, code),
        text(tags::CODING_SCHEME_DESIGNATOR, VR::SH, "DCM"),
        text(tags::CODE_MEANING, VR::LO, meaning),
    ])
}

fn text(tag: dicom_core::Tag, vr: VR, value: &str) -> dicom_object::mem::InMemElement {
    DataElement::new(tag, vr, PrimitiveValue::from(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(data_set: &InMemDicomObject, tag: dicom_core::Tag) -> Option<String> {
        data_set.get(tag).and_then(|element| element.value().to_str().ok().map(|text| text.to_string()))
    }

    fn codes(data_set: &InMemDicomObject) -> Vec<String> {
        let sequence = data_set.get(tags::DEIDENTIFICATION_METHOD_CODE_SEQUENCE).expect("a sequence");
        sequence.value().items().expect("items").iter().filter_map(|item| value(item, tags::CODE_VALUE)).collect()
    }

    fn policy(name: &str) -> Policy {
        Policy::load(name).expect("built in")
    }

    #[test]
    fn identity_method_and_dates_are_marked() {
        for (name, dates) in [("tcia", "MODIFIED"), ("basic", "REMOVED"), ("strict", "REMOVED")] {
            let mut data_set = InMemDicomObject::new_empty();
            mark(&mut data_set, &policy(name), PixelMarks::default());
            assert_eq!(value(&data_set, tags::PATIENT_IDENTITY_REMOVED).as_deref(), Some("YES"));
            let method = value(&data_set, tags::DEIDENTIFICATION_METHOD).expect("a method");
            assert!(method.contains(name) && method.chars().count() <= 64, "{method}");
            let marked = value(&data_set, tags::LONGITUDINAL_TEMPORAL_INFORMATION_MODIFIED);
            assert_eq!(marked.as_deref(), Some(dates));
        }
        let mut full = policy("basic");
        full.options.retain_longitudinal_full_dates = true;
        let mut data_set = InMemDicomObject::new_empty();
        mark(&mut data_set, &full, PixelMarks::default());
        let marked = value(&data_set, tags::LONGITUDINAL_TEMPORAL_INFORMATION_MODIFIED);
        assert_eq!(marked.as_deref(), Some("UNMODIFIED"));
    }

    #[test]
    fn pixels_are_marked_as_what_was_done_to_them() {
        let mut untouched = InMemDicomObject::new_empty();
        mark(&mut untouched, &policy("tcia"), PixelMarks::default());
        assert_eq!(value(&untouched, tags::BURNED_IN_ANNOTATION), None);
        assert_eq!(value(&untouched, tags::RECOGNIZABLE_VISUAL_FEATURES), None);
        assert!(!codes(&untouched).contains(&"113101".to_owned()));
        let mut cleaned = InMemDicomObject::new_empty();
        mark(&mut cleaned, &policy("tcia"), PixelMarks { cleaned: true, may_show_face: true });
        assert_eq!(value(&cleaned, tags::BURNED_IN_ANNOTATION).as_deref(), Some("NO"));
        assert_eq!(value(&cleaned, tags::RECOGNIZABLE_VISUAL_FEATURES).as_deref(), Some("YES"));
        assert_eq!(
            codes(&cleaned),
            ["113100", "113101", "113103", "113104", "113105", "113107", "113108", "113109", "113111"]
        );
        assert!(!codes(&cleaned).contains(&"113102".to_owned()), "faces are flagged, not cleaned");
    }

    #[test]
    fn codes_of_an_earlier_de_identification_stay_where_they_are_valid() {
        let entry = |code, scheme| {
            InMemDicomObject::from_element_iter([
                text(tags::CODE_VALUE, VR::SH, code),
                text(tags::CODING_SCHEME_DESIGNATOR, VR::SH, scheme),
                text(tags::CODE_MEANING, VR::LO, "done for Jane Doe"),
            ])
        };
        let items = vec![entry("113102 ", "DCM"), entry("113110", "99ME"), entry("DOE", "DCM"), entry("113100", "DCM")];
        let mut data_set = InMemDicomObject::from_element_iter([DataElement::new_with_len(
            tags::DEIDENTIFICATION_METHOD_CODE_SEQUENCE,
            VR::SQ,
            Length::UNDEFINED,
            Value::Sequence(DataSetSequence::new(items, Length::UNDEFINED)),
        )]);
        mark(&mut data_set, &policy("basic"), PixelMarks::default());
        assert_eq!(codes(&data_set), ["113100", "113102"]);
        let sequence = data_set.get(tags::DEIDENTIFICATION_METHOD_CODE_SEQUENCE).expect("a sequence");
        let meanings: Vec<_> = sequence
            .value()
            .items()
            .expect("items")
            .iter()
            .filter_map(|item| value(item, tags::CODE_MEANING))
            .collect();
        assert!(meanings.iter().all(|meaning| METHODS.iter().any(|(_, known)| known == meaning)));
    }
}

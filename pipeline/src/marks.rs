//! The attributes that say that, and how, an instance was de-identified.
//!
//! Source: PS3.3 section C.12.1.4.1.1 and C.7.6.1; PS3.15 section E.1.1; PS3.16 CID 7050.

use crate::policy::Policy;
use dicom_core::value::{DataSetSequence, PrimitiveValue, Value};
use dicom_core::{DataElement, Length, VR};
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;

/// Writes the marks into a data set.
pub(crate) fn mark(data_set: &mut InMemDicomObject, policy: &Policy, pixels_cleaned: bool) {
    let method = format!("Efface {}: PS3.15 E.1-1 2026c, policy {}", env!("CARGO_PKG_VERSION"), policy.name);
    let method: String = method.chars().take(64).collect();
    data_set.put(text(tags::PATIENT_IDENTITY_REMOVED, VR::CS, "YES"));
    data_set.put(text(tags::DEIDENTIFICATION_METHOD, VR::LO, &method));
    let items: Vec<InMemDicomObject> =
        policy.method_codes(pixels_cleaned).into_iter().map(|(code, meaning)| coded_entry(code, meaning)).collect();
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
    if pixels_cleaned {
        data_set.put(text(tags::BURNED_IN_ANNOTATION, VR::CS, "NO"));
    }
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

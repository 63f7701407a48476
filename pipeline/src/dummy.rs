//! Values that stand where a value has to be and may not be known: valid for the value representation, and for what
//! the standard enumerates.
//!
//! What names or identifies becomes a keyed code: the same old value of a patient has the same code everywhere, and
//! two patients have different ones. All else becomes a constant.

use crate::key::DeidentificationKey;
use dicom_core::dictionary::{DataDictionary, DataDictionaryEntry};
use dicom_core::value::PrimitiveValue;
use dicom_core::{Tag, VR};
use dicom_dictionary_std::{StandardDataDictionary, tags};

/// What replaces a text that says something of no use to research.
pub(crate) const DUMMY_TEXT: &str = "ANONYMIZED";

/// Makes the dummy values of one patient.
#[derive(Clone, Copy)]
pub(crate) struct DummyMaker<'a> {
    /// The secret.
    pub key: &'a DeidentificationKey,
    /// The patient's old identifier.
    pub patient: &'a str,
}

impl DummyMaker<'_> {
    /// A dummy of as many values as there were, and at least one.
    pub(crate) fn dummy(&self, tag: Tag, vr: VR, old: &[String]) -> PrimitiveValue {
        let n_values = if has_one_value(vr) { 1 } else { old.len().max(1) };
        let old = (0..n_values).map(|value_idx| old.get(value_idx).map_or("", String::as_str));
        let same = |text: &str| texts(old.clone().map(|_| text.to_owned()));
        match vr {
            VR::DA => same("19000101"),
            VR::DT => same("19000101000000"),
            VR::TM => same("000000"),
            VR::AS => same("000Y"),
            VR::DS | VR::IS => same("0"),
            VR::UR => same("urn:anonymized"),
            VR::CS => same(enumerated(tag).unwrap_or(DUMMY_TEXT)),
            VR::PN | VR::AE => texts(old.map(|old| self.code(old))),
            VR::LO | VR::SH | VR::UC if names_or_identifies(tag) => texts(old.map(|old| self.code(old))),
            VR::LO | VR::SH | VR::UC | VR::LT | VR::ST | VR::UT => same(DUMMY_TEXT),
            _ => zeros(vr, n_values),
        }
    }

    /// At most 16 characters, so that it fits every VR.
    fn code(&self, old: &str) -> String {
        self.key.dummy_code(self.patient, old.trim_matches(['\0', ' ']))
    }
}

/// Numbers and bytes. What has no dummy, such as a sequence, is empty.
fn zeros(vr: VR, n_values: usize) -> PrimitiveValue {
    match vr {
        VR::US => PrimitiveValue::U16(vec![0; n_values].into()),
        VR::SS => PrimitiveValue::I16(vec![0; n_values].into()),
        VR::UL => PrimitiveValue::U32(vec![0; n_values].into()),
        VR::SL => PrimitiveValue::I32(vec![0; n_values].into()),
        VR::UV => PrimitiveValue::U64(vec![0; n_values].into()),
        VR::SV => PrimitiveValue::I64(vec![0; n_values].into()),
        VR::FL => PrimitiveValue::F32(vec![0.0; n_values].into()),
        VR::FD => PrimitiveValue::F64(vec![0.0; n_values].into()),
        VR::AT => PrimitiveValue::Tags(vec![Tag(0, 0); n_values].into()),
        VR::OB | VR::UN => PrimitiveValue::from(vec![0_u8, 0]),
        VR::OW => PrimitiveValue::from(0_u16),
        VR::OL => PrimitiveValue::from(0_u32),
        VR::OV => PrimitiveValue::from(0_u64),
        VR::OF => PrimitiveValue::from(0_f32),
        VR::OD => PrimitiveValue::from(0_f64),
        _ => PrimitiveValue::Empty,
    }
}

fn texts(values: impl Iterator<Item = String>) -> PrimitiveValue {
    let values: Vec<String> = values.collect();
    match <[String; 1]>::try_from(values) {
        Ok([one]) => PrimitiveValue::from(one),
        Err(values) => PrimitiveValue::Strs(values.into()),
    }
}

/// Whether a value of the VR is always a single one, backslashes included.
const fn has_one_value(vr: VR) -> bool {
    matches!(vr, VR::LT | VR::ST | VR::UT | VR::UR | VR::OB | VR::OW | VR::OF | VR::OD | VR::OL | VR::OV | VR::UN)
}

/// Whether an attribute's value stands for a person, a thing or a place, as its keyword ends.
fn names_or_identifies(tag: Tag) -> bool {
    const ENDINGS: [&str; 10] =
        ["Name", "Names", "ID", "IDs", "Identifier", "Identifiers", "Number", "Numbers", "Label", "Organization"];
    StandardDataDictionary.by_tag(tag).is_some_and(|entry| {
        let keyword = entry.alias();
        ENDINGS.iter().any(|ending| keyword.ends_with(ending))
    })
}

/// A term that the standard enumerates for the attribute and that says least.
///
/// Source: PS3.3, the modules' sections.
fn enumerated(tag: Tag) -> Option<&'static str> {
    Some(match tag {
        tags::PATIENT_SEX => "O",
        tags::MODALITY | tags::MODALITIES_IN_STUDY => "OT",
        tags::SMOKING_STATUS => "UNKNOWN",
        tags::RESPONSIBLE_PERSON_ROLE => "INVESTIGATOR",
        tags::REASON_FOR_THE_ATTRIBUTE_MODIFICATION => "COERCE",
        tags::BURNED_IN_ANNOTATION | tags::RECOGNIZABLE_VISUAL_FEATURES => "YES",
        tags::COMPLETION_FLAG => "PARTIAL",
        tags::VERIFICATION_FLAG => "UNVERIFIED",
        tags::CONTENT_QUALIFICATION => "RESEARCH",
        tags::APPROVAL_STATUS => "UNAPPROVED",
        tags::PRESENTATION_INTENT_TYPE => "FOR PRESENTATION",
        tags::CONVERSION_TYPE => "WSD",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key() -> DeidentificationKey {
        DeidentificationKey::from_bytes(vec![3; 32]).expect("long enough")
    }

    fn dummy(patient: &str, tag: Tag, vr: VR, old: &[&str]) -> PrimitiveValue {
        let old: Vec<String> = old.iter().map(|&old| old.to_owned()).collect();
        DummyMaker { key: &key(), patient }.dummy(tag, vr, &old)
    }

    #[test]
    fn names_and_identifiers_differ_by_patient_and_by_value_alone() {
        for (tag, vr) in [(tags::VERIFYING_OBSERVER_NAME, VR::PN), (tags::CLINICAL_TRIAL_SUBJECT_ID, VR::LO)] {
            assert_eq!(dummy("1", tag, vr, &["DOE "]), dummy("1", tag, vr, &["DOE"]));
            assert_ne!(dummy("1", tag, vr, &["DOE"]), dummy("2", tag, vr, &["DOE"]));
            assert_ne!(dummy("1", tag, vr, &["DOE"]), dummy("1", tag, vr, &["ROE"]));
        }
        let name = dummy("1", tags::VERIFYING_OBSERVER_NAME, VR::PN, &["DOE"]);
        assert_eq!(name, dummy("1", tags::DEVICE_LABEL, VR::LO, &["DOE"]), "the same value, everywhere");
    }

    #[test]
    fn terms_are_of_the_standard_and_values_as_many_as_before() {
        assert_eq!(dummy("1", tags::PATIENT_SEX, VR::CS, &["F"]), PrimitiveValue::from("O"));
        assert_eq!(dummy("1", tags::CONTRAST_BOLUS_AGENT, VR::LO, &["Doe"]), PrimitiveValue::from(DUMMY_TEXT));
        assert_eq!(dummy("1", tags::CONTENT_DATE, VR::DA, &[]), PrimitiveValue::from("19000101"));
        assert_eq!(dummy("1", Tag(0x0018, 0x9004), VR::DS, &["1", "2", "3"]).multiplicity(), 3);
        assert_eq!(dummy("1", tags::PATIENT_COMMENTS, VR::LT, &["a", "b"]).multiplicity(), 1);
    }

    fn is_valid(vr: VR, text: &str) -> bool {
        let within = |n_chars: usize| text.len() <= n_chars && !text.contains('\\');
        match vr {
            VR::DA => text.len() == 8 && text.parse::<u32>().is_ok(),
            VR::TM => text.len() == 6 && text.parse::<u32>().is_ok(),
            VR::DT => text.len() == 14 && text.parse::<u64>().is_ok(),
            VR::AS => text.len() == 4 && text.ends_with('Y'),
            VR::DS | VR::IS => text.parse::<i32>().is_ok(),
            VR::CS => {
                within(16)
                    && text
                        .bytes()
                        .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || matches!(byte, b' ' | b'_'))
            }
            VR::SH | VR::AE => within(16),
            VR::LO | VR::PN => within(64),
            _ => !text.is_empty(),
        }
    }

    proptest! {
        #[test]
        fn every_text_dummy_is_valid_for_its_vr(old in prop::collection::vec(".{0,40}", 0..4)) {
            for vr in [VR::DA, VR::TM, VR::DT, VR::AS, VR::DS, VR::IS, VR::CS, VR::SH, VR::AE, VR::LO, VR::PN, VR::LT, VR::ST, VR::UT, VR::UC, VR::UR] {
                for tag in [tags::PATIENT_ID, tags::STUDY_DESCRIPTION, tags::MODALITY] {
                    let dummy = DummyMaker { key: &key(), patient: "1" }.dummy(tag, vr, &old);
                    let texts = dummy.to_multi_str().to_vec();
                    prop_assert!(!texts.is_empty() && texts.iter().all(|text| is_valid(vr, text)), "{:?} {:?}", vr, texts);
                }
            }
        }
    }
}

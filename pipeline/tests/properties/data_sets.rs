//! Data sets drawn structurally: attributes that exist and that do not, any VR, private blocks, sequences in sequences,
//! values with and without the patient's name, and texts in which the patterns find something or should not.

use crate::support::{Sample, bytes, text};
use dicom_core::value::{DataSetSequence, PrimitiveValue, Value};
use dicom_core::{DataElement, Length, Tag, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;
use dicom_object::mem::InMemElement;
use proptest::prelude::*;

/// The patient: no word of the language, and long enough to occur nowhere by chance.
pub(crate) const FAMILY: &str = "Quackenbosch";
pub(crate) const GIVEN: &str = "Hugolinde";
pub(crate) const IDENTIFIER: &str = "90417733";

/// Transfer syntaxes that the writer keeps, of native pixels.
pub(crate) const SYNTAXES: [&str; 4] = [
    uids::IMPLICIT_VR_LITTLE_ENDIAN,
    uids::EXPLICIT_VR_LITTLE_ENDIAN,
    "1.2.840.10008.1.2.2",
    uids::DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN,
];

/// Attributes of every kind of rule, with their VRs.
const KNOWN: &[(Tag, VR)] = &[
    (tags::STUDY_DESCRIPTION, VR::LO),
    (tags::SERIES_DESCRIPTION, VR::LO),
    (tags::PROTOCOL_NAME, VR::LO),
    (tags::IMAGE_COMMENTS, VR::LT),
    (tags::ADDITIONAL_PATIENT_HISTORY, VR::LT),
    (tags::DERIVATION_DESCRIPTION, VR::ST),
    (tags::TEXT_VALUE, VR::UT),
    (tags::SEQUENCE_NAME, VR::SH),
    (tags::BODY_PART_EXAMINED, VR::CS),
    (tags::IMAGE_TYPE, VR::CS),
    (tags::OPERATORS_NAME, VR::PN),
    (tags::INSTITUTION_NAME, VR::LO),
    (tags::STATION_NAME, VR::SH),
    (tags::RETRIEVE_AE_TITLE, VR::AE),
    (tags::SERIES_NUMBER, VR::IS),
    (tags::SLICE_THICKNESS, VR::DS),
    (tags::PATIENT_AGE, VR::AS),
    (tags::ACQUISITION_TIME, VR::TM),
    (tags::SOFTWARE_VERSIONS, VR::LO),
    (tags::ICC_PROFILE, VR::OB),
    (Tag(0x0028, 0x1201), VR::OW),
    (Tag(0x0018, 0x1310), VR::US),
    (Tag(0x0008, 0x0119), VR::UC),
    (Tag(0x0040, 0xE010), VR::UR),
];

/// Values of attributes whose VR demands a form.
const FORMED: &[&str] =
    &["094Y", "045Y", "20010203", "20010203101530", "101530", "1.2.826.0.1.77", "12.5", "7", "YES", "", "T1 WEIGHTED"];

/// Sequences with rules of their own, and others.
const SEQUENCES: &[Tag] = &[
    tags::REFERENCED_IMAGE_SEQUENCE,
    tags::REQUEST_ATTRIBUTES_SEQUENCE,
    tags::CONTENT_SEQUENCE,
    tags::PROCEDURE_CODE_SEQUENCE,
    tags::ORIGINAL_ATTRIBUTES_SEQUENCE,
    tags::GRAPHIC_ANNOTATION_SEQUENCE,
    tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE,
];

/// Words around the patient's name, in many forms.
fn phrases() -> impl Strategy<Value = String> {
    let lower = FAMILY.to_lowercase();
    prop_oneof![
        3 => Just("contrast".to_owned()),
        2 => "[a-z]{1,12}",
        1 => "[ -~]{0,20}".prop_map(|text| text.replace('\\', "/")),
        1 => Just(format!("{FAMILY}^{GIVEN}")),
        1 => Just(format!("{GIVEN} {FAMILY}")),
        1 => Just(format!("{}, {}", FAMILY.to_uppercase(), GIVEN.to_uppercase())),
        1 => Just(format!("CT{lower}2")),
        1 => Just(format!("{GIVEN}_{lower}.dcm")),
        1 => Just(format!("id {IDENTIFIER}")),
        2 => lines(include_str!("../patterns/identifying.txt")),
        2 => lines(include_str!("../patterns/harmless.txt")),
        2 => proptest::sample::select(FORMED).prop_map(str::to_owned),
    ]
}

/// Lines of the lists that the patterns are counted on, without their marks.
fn lines(list: &'static str) -> impl Strategy<Value = String> {
    let lines: Vec<&str> = list.lines().filter(|line| !line.starts_with("# ") && is_latin(line)).collect();
    proptest::sample::select(lines).prop_map(|line| {
        let parts = line.split("[[").map(|part| match part.split_once("]]") {
            Some((mark, rest)) => mark.split_once(':').map_or(mark, |(_, marked)| marked).to_owned() + rest,
            None => part.to_owned(),
        });
        parts.collect::<String>().replace('\\', "/")
    })
}

/// Whether the sample's character set has all of a text.
fn is_latin(text: &str) -> bool {
    text.chars().all(|sign| u32::from(sign) < 0x100)
}

fn values() -> impl Strategy<Value = String> {
    let joints = proptest::sample::select(vec![" ", " ", " ", ", ", "_", "", "\\", "^"]);
    (proptest::collection::vec(phrases(), 1..4), joints).prop_map(|(words, joint)| words.join(joint))
}

fn known() -> impl Strategy<Value = InMemElement> {
    (proptest::sample::select(KNOWN), values(), any::<bool>()).prop_map(|((tag, vr), value, as_bytes)| match vr {
        VR::OB | VR::OW | VR::UN => bytes(tag, vr, value.as_bytes()),
        VR::US => DataElement::new(tag, vr, PrimitiveValue::U16(value.bytes().map(u16::from).collect())),
        _ if as_bytes => bytes(tag, VR::UN, value.as_bytes()),
        _ => text(tag, vr, &value),
    })
}

/// Any attribute, private, unknown or misplaced, under any VR that holds a text.
fn unknown() -> impl Strategy<Value = InMemElement> {
    let vrs = [VR::LO, VR::SH, VR::LT, VR::PN, VR::UT, VR::UN, VR::OB, VR::CS, VR::DS, VR::UI];
    (8_u16..0x7FDF, any::<u16>(), proptest::sample::select(vrs.to_vec()), values()).prop_map(
        |(group, element, vr, value)| {
            // Neither the pixels' description nor identifiers that the case sets itself.
            let group = if matches!(group, 0x0010 | 0x0020 | 0x0028) { 0x0029 } else { group };
            let tag = Tag(group, if group == 8 { element | 0x8000 } else { element });
            if matches!(vr, VR::UN | VR::OB) { bytes(tag, vr, value.as_bytes()) } else { text(tag, vr, &value) }
        },
    )
}

fn private() -> impl Strategy<Value = Vec<InMemElement>> {
    let creators = ["ACME 1.0", "GEMS_IDEN_01", "SIEMENS CT VA0  COAD", FAMILY];
    (0x10_u16..0xFF, proptest::sample::select(creators.to_vec()), any::<u8>(), values()).prop_map(
        |(block, creator, element, value)| {
            let element = Tag(0x0009, block << 8 | u16::from(element));
            vec![text(Tag(0x0009, block), VR::LO, creator), text(element, VR::LO, &value)]
        },
    )
}

pub(crate) fn items(tag: Tag, items: Vec<Vec<InMemElement>>) -> InMemElement {
    let items: Vec<InMemDicomObject> = items.into_iter().map(InMemDicomObject::from_element_iter).collect();
    let sequence = DataSetSequence::new(items, Length::UNDEFINED);
    DataElement::new_with_len(tag, VR::SQ, Length::UNDEFINED, Value::Sequence(sequence))
}

/// The elements of a data set, sequences in sequences included.
pub(crate) fn data_sets() -> impl Strategy<Value = Vec<InMemElement>> {
    let leaves = prop_oneof![
        6 => known().prop_map(|element| vec![element]),
        3 => unknown().prop_map(|element| vec![element]),
        2 => private(),
    ];
    let level = proptest::collection::vec(leaves, 0..8).prop_map(|elements| elements.concat());
    level.prop_recursive(3, 24, 3, |inner| {
        let nested = (proptest::sample::select(SEQUENCES), proptest::collection::vec(inner.clone(), 0..3));
        (inner, nested).prop_map(|(mut elements, (tag, nested))| {
            elements.push(items(tag, nested));
            elements
        })
    })
}

/// An instance of the patient with elements of its own.
pub(crate) fn instance(instance_idx: usize, elements: &[InMemElement], syntax: &str) -> Sample {
    let mut sample = Sample::new(&format!("1.2.826.0.1.3680043.77.{instance_idx}"));
    sample.transfer_syntax(syntax);
    for element in elements {
        sample.put(element.clone());
    }
    sample.put(text(tags::PATIENT_NAME, VR::PN, &format!("{FAMILY}^{GIVEN}")));
    sample.put(text(tags::PATIENT_ID, VR::LO, IDENTIFIER));
    sample
}

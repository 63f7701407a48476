//! Sequences, from the first level to the fifth.

use super::{Place, place};
use crate::copy::{Copy, bytes, sequence, text};
use crate::token::Token;
use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;
use dicom_object::mem::InMemElement;

const GROUP: &str = "nested";
const REPORT: &str = "report";

/// Code, scheme and meaning.
fn code(value: &str, meaning: &str) -> Vec<InMemElement> {
    vec![
        text(tags::CODE_VALUE, VR::SH, value),
        text(tags::CODING_SCHEME_DESIGNATOR, VR::SH, "99LOCAL"),
        text(tags::CODE_MEANING, VR::LO, meaning),
    ]
}

/// A content item of a report, with a concept name and one value.
fn item(value_type: &str, value: Vec<InMemElement>) -> Vec<InMemElement> {
    let mut item = vec![
        text(tags::RELATIONSHIP_TYPE, VR::CS, "CONTAINS"),
        text(tags::VALUE_TYPE, VR::CS, value_type),
        sequence(tags::CONCEPT_NAME_CODE_SEQUENCE, [code("121071", "Finding")]),
    ];
    item.extend(value);
    item
}

/// Adds an item to the tree of a report's content.
fn report(copy: &mut Copy, value_type: &str, value: Vec<InMemElement>) {
    let mut items = copy
        .data_set
        .get(tags::CONTENT_SEQUENCE)
        .and_then(|element| element.value().items().map(<[_]>::to_vec))
        .unwrap_or_default();
    items.push(dicom_object::InMemDicomObject::from_element_iter(item(value_type, value)));
    let sequence = dicom_core::value::DataSetSequence::new(items, dicom_core::Length::UNDEFINED);
    copy.put(dicom_core::DataElement::new_with_len(
        tags::CONTENT_SEQUENCE,
        VR::SQ,
        dicom_core::Length::UNDEFINED,
        dicom_core::value::Value::Sequence(sequence),
    ));
}

/// A name as an explicit attribute that is removed by a rule wherever it stands.
fn name(token: &Token) -> InMemElement {
    text(tags::PATIENT_NAME, VR::PN, &token.name())
}

pub(super) const PLACES: &[Place] = &[
    place(GROUP, "one level deep", |copy, token| {
        copy.put(sequence(tags::REFERENCED_STUDY_SEQUENCE, [vec![name(token)]]));
    }),
    place(GROUP, "two levels deep", |copy, token| {
        let inner = sequence(tags::PURPOSE_OF_REFERENCE_CODE_SEQUENCE, [vec![name(token)]]);
        copy.put(sequence(tags::REFERENCED_IMAGE_SEQUENCE, [vec![inner]]));
    }),
    place(GROUP, "five levels deep", |copy, token| {
        copy.knows_name(&token.name());
        let mut inner = vec![
            name(token),
            text(tags::STUDY_DESCRIPTION, VR::LO, &format!("chest of {}", token.family())),
            text(tags::PATIENT_ID, VR::LO, &token.number()),
        ];
        for tag in [
            tags::REFERENCED_SERIES_SEQUENCE,
            tags::PURPOSE_OF_REFERENCE_CODE_SEQUENCE,
            tags::SOURCE_IMAGE_SEQUENCE,
            tags::DERIVATION_IMAGE_SEQUENCE,
        ] {
            inner = vec![sequence(tag, [inner])];
        }
        copy.put(sequence(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE, [inner]));
    }),
    place(GROUP, "the second item of a sequence", |copy, token| {
        let first = code("1", "one");
        copy.knows_name(&token.name());
        copy.put(sequence(tags::PROCEDURE_CODE_SEQUENCE, [first, code("2", &format!("knee of {}", token.spoken()))]));
    }),
    place(GROUP, "the value of a code", |copy, token| {
        copy.knows_identifier(&token.number());
        copy.put(sequence(Tag(0x0032, 0x1064), [code(&token.number(), "knee")]));
    }),
    place(GROUP, "request attributes", |copy, token| {
        copy.knows_name(&token.name());
        copy.put(sequence(
            tags::REQUEST_ATTRIBUTES_SEQUENCE,
            [vec![
                text(tags::REQUESTED_PROCEDURE_ID, VR::SH, &token.number()),
                text(tags::SCHEDULED_PROCEDURE_STEP_DESCRIPTION, VR::LO, &format!("for {}", token.spoken())),
                text(Tag(0x0040, 0x1002), VR::LO, &format!("fall of {}", token.family())),
            ]],
        ));
    }),
    place(GROUP, "original attributes", |copy, token| {
        let modified = vec![name(token), text(tags::PATIENT_ID, VR::LO, &token.number())];
        copy.put(sequence(
            tags::ORIGINAL_ATTRIBUTES_SEQUENCE,
            [vec![
                sequence(tags::MODIFIED_ATTRIBUTES_SEQUENCE, [modified]),
                text(tags::SOURCE_OF_PREVIOUS_VALUES, VR::LO, &token.family()),
                text(tags::MODIFYING_SYSTEM, VR::LO, &token.given()),
            ]],
        ));
    }),
    place(GROUP, "contributing equipment", |copy, token| {
        copy.put(sequence(
            tags::CONTRIBUTING_EQUIPMENT_SEQUENCE,
            [vec![
                text(tags::INSTITUTION_NAME, VR::LO, &token.family()),
                text(tags::INSTITUTION_ADDRESS, VR::ST, &format!("1 {} Lane", token.given())),
                text(tags::OPERATORS_NAME, VR::PN, &token.name()),
            ]],
        ));
    }),
    place(GROUP, "references: UIDs of other instances", |copy, token| {
        copy.put(sequence(
            tags::SOURCE_IMAGE_SEQUENCE,
            [vec![
                text(tags::REFERENCED_SOP_CLASS_UID, VR::UI, "1.2.840.10008.5.1.4.1.1.2"),
                text(tags::REFERENCED_SOP_INSTANCE_UID, VR::UI, &token.uid()),
            ]],
        ));
    }),
    place(GROUP, "a class UID that is none", |copy, token| {
        copy.put(sequence(
            tags::REFERENCED_PERFORMED_PROCEDURE_STEP_SEQUENCE,
            [vec![text(tags::REFERENCED_SOP_CLASS_UID, VR::UI, &token.uid())]],
        ));
    }),
    place(GROUP, "the text of a graphic annotation", |copy, token| {
        copy.knows_name(&token.name());
        let words = text(tags::UNFORMATTED_TEXT_VALUE, VR::ST, &format!("nodule, {}", token.spoken()));
        let layer = text(tags::GRAPHIC_LAYER, VR::CS, "LAYER1");
        let object = sequence(tags::TEXT_OBJECT_SEQUENCE, [vec![words]]);
        copy.put(sequence(tags::GRAPHIC_ANNOTATION_SEQUENCE, [vec![layer, object]]));
    }),
    place(GROUP, "the name and description of a graphic layer", |copy, token| {
        copy.knows_name(&token.name());
        copy.put(sequence(
            tags::GRAPHIC_LAYER_SEQUENCE,
            [vec![
                text(tags::GRAPHIC_LAYER, VR::CS, &token.family().to_uppercase()),
                text(tags::GRAPHIC_LAYER_DESCRIPTION, VR::LO, &format!("drawn for {}", token.given())),
            ]],
        ));
    }),
    place(GROUP, "label and description of a presentation state", |copy, token| {
        copy.knows_name(&token.name());
        copy.text(tags::CONTENT_LABEL, VR::CS, &token.family().to_uppercase());
        copy.text(tags::CONTENT_DESCRIPTION, VR::LO, &format!("windowed for {}", token.spoken()));
    }),
    place(GROUP, "a waveform's annotation and its channels", |copy, token| {
        copy.knows_name(&token.name());
        let note = text(tags::UNFORMATTED_TEXT_VALUE, VR::ST, &format!("{} coughs", token.spoken()));
        copy.put(sequence(tags::WAVEFORM_ANNOTATION_SEQUENCE, [vec![note]]));
        let channel = vec![text(Tag(0x003A, 0x0203), VR::SH, &token.family())];
        copy.put(sequence(
            tags::WAVEFORM_SEQUENCE,
            [vec![text(Tag(0x003A, 0x0020), VR::SH, &token.given()), sequence(Tag(0x003A, 0x0200), [channel])]],
        ));
    }),
    place(GROUP, "an icon: comments and pixels", |copy, token| {
        copy.knows_name(&token.name());
        copy.put(sequence(
            tags::ICON_IMAGE_SEQUENCE,
            [vec![
                text(tags::IMAGE_COMMENTS, VR::LT, &token.spoken()),
                bytes(tags::PIXEL_DATA, VR::OB, token.name().as_bytes()),
            ]],
        ));
    }),
    place(GROUP, "a digital signature and its certificate", |copy, token| {
        copy.put(sequence(
            Tag(0xFFFA, 0xFFFA),
            [vec![
                bytes(Tag(0x0400, 0x0115), VR::OB, format!("CN={}", token.spoken()).as_bytes()),
                text(Tag(0x0400, 0x0105), VR::DT, &token.dicom_date()),
            ]],
        ));
    }),
    place(GROUP, "parameters of message authentication codes", |copy, token| {
        copy.put(sequence(Tag(0x4FFE, 0x0001), [vec![text(Tag(0x0400, 0x0015), VR::CS, &token.family())]]));
    }),
    place(GROUP, "encrypted attributes", |copy, token| {
        copy.put(sequence(Tag(0x0400, 0x0500), [vec![bytes(Tag(0x0400, 0x0520), VR::OB, token.name().as_bytes())]]));
    }),
    place(GROUP, "an unknown attribute in a known sequence", |copy, token| {
        copy.put(sequence(
            tags::ANATOMIC_REGION_SEQUENCE,
            [vec![
                text(Tag(0x0008, 0xFFF3), VR::LO, &token.spoken()),
                text(Tag(0x0040, 0xFFF3), VR::PN, &token.name()),
            ]],
        ));
    }),
    place(GROUP, "dates and times in items", |copy, token| {
        copy.put(sequence(
            Tag(0x0040, 0x0275),
            [vec![
                text(Tag(0x0040, 0x4005), VR::DT, &token.dicom_date()),
                text(tags::STUDY_DATE, VR::DA, &token.dicom_date()),
            ]],
        ));
    }),
    place(GROUP, "segments: labels, descriptions and tracking", |copy, token| {
        copy.knows_name(&token.name());
        copy.put(sequence(
            Tag(0x0062, 0x0002),
            [vec![
                text(Tag(0x0062, 0x0005), VR::LO, &format!("tumour {}", token.family())),
                text(Tag(0x0062, 0x0006), VR::ST, &format!("drawn by {}", token.spoken())),
                text(Tag(0x0062, 0x0020), VR::UT, &token.given()),
                text(Tag(0x0062, 0x0021), VR::UI, &token.uid()),
            ]],
        ));
    }),
    place(GROUP, "regions of a radiotherapy structure set", |copy, token| {
        copy.knows_name(&token.name());
        copy.put(sequence(
            Tag(0x3006, 0x0020),
            [vec![
                text(Tag(0x3006, 0x0026), VR::LO, &token.spoken()),
                text(Tag(0x3006, 0x0028), VR::ST, &token.family()),
            ]],
        ));
    }),
    place(REPORT, "a report: person names", |copy, token| {
        report(copy, "PNAME", vec![text(tags::PERSON_NAME, VR::PN, &token.name())]);
    }),
    place(REPORT, "a report: text", |copy, token| {
        copy.knows_name(&token.name());
        report(copy, "TEXT", vec![text(tags::TEXT_VALUE, VR::UT, &format!("{} reports pain", token.spoken()))]);
    }),
    place(REPORT, "a report: dates", |copy, token| {
        report(copy, "DATE", vec![text(tags::DATE, VR::DA, &token.dicom_date())]);
        report(copy, "DATETIME", vec![text(tags::DATE_TIME, VR::DT, &format!("{}1015", token.dicom_date()))]);
    }),
    place(REPORT, "a report: UIDs", |copy, token| {
        report(copy, "UIDREF", vec![text(tags::UID, VR::UI, &token.uid())]);
    }),
    place(REPORT, "a report: codes", |copy, token| {
        copy.knows_name(&token.name());
        report(
            copy,
            "CODE",
            vec![sequence(tags::CONCEPT_CODE_SEQUENCE, [code("7", &format!("seen by {}", token.spoken()))])],
        );
    }),
    place(REPORT, "a report: the unit and qualifier of a number", |copy, token| {
        copy.knows_name(&token.name());
        let unit = sequence(tags::MEASUREMENT_UNITS_CODE_SEQUENCE, [code(&token.family(), &token.given())]);
        let value = vec![unit, text(tags::NUMERIC_VALUE, VR::DS, "1.5")];
        report(copy, "NUM", vec![sequence(tags::MEASURED_VALUE_SEQUENCE, [value])]);
    }),
    place(REPORT, "a report: references and waveforms", |copy, token| {
        let reference = vec![
            text(tags::REFERENCED_SOP_CLASS_UID, VR::UI, "1.2.840.10008.5.1.4.1.1.2"),
            text(tags::REFERENCED_SOP_INSTANCE_UID, VR::UI, &token.uid()),
        ];
        report(copy, "IMAGE", vec![sequence(tags::REFERENCED_SOP_SEQUENCE, [reference])]);
    }),
    place(REPORT, "a report: verifying observers and participants", |copy, token| {
        let observer = vec![
            text(tags::VERIFYING_OBSERVER_NAME, VR::PN, &token.name()),
            text(tags::VERIFYING_ORGANIZATION, VR::LO, &token.family()),
            text(tags::VERIFICATION_DATE_TIME, VR::DT, &token.dicom_date()),
        ];
        copy.put(sequence(tags::VERIFYING_OBSERVER_SEQUENCE, [observer]));
        copy.put(sequence(Tag(0x0040, 0xA07A), [vec![text(tags::PERSON_NAME, VR::PN, &token.name())]]));
    }),
    place(REPORT, "a report: content nested in content", |copy, token| {
        copy.knows_name(&token.name());
        let text = item("TEXT", vec![text(tags::TEXT_VALUE, VR::UT, &format!("as {} says", token.spoken()))]);
        let inner = item("CONTAINER", vec![sequence(tags::CONTENT_SEQUENCE, [text])]);
        report(copy, "CONTAINER", vec![sequence(tags::CONTENT_SEQUENCE, [inner])]);
    }),
];

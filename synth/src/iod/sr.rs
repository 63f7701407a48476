//! Basic Text SR IOD (PS3.3 A.35.1) with template-like content: who, what was found, what it means.

use super::Scene;
use super::common::code;
use super::study::first_images;
use crate::dates;
use crate::plant::{Basis, Phrase, Secret, Sheet};
use dicom_core::{PrimitiveValue, Tag, VR};
use dicom_dictionary_std::tags;

pub(super) fn write(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    document(scene, sheet);
    evidence(scene, sheet);
    sheet.keep(tags::VALUE_TYPE, Basis::Technique, "CONTAINER");
    sheet.require(tags::VALUE_TYPE, Basis::Type1);
    code(sheet, tags::CONCEPT_NAME_CODE_SEQUENCE, "18748-4", "LN", "Diagnostic Imaging Report");
    sheet.keep(tags::CONTINUITY_OF_CONTENT, Basis::Technique, "SEPARATE");
    let items = content(scene);
    let mut items = items.iter();
    let n_items = u32::try_from(items.len()).expect("a report has few items");
    sheet.items(tags::CONTENT_SEQUENCE, n_items, |_, item| {
        if let Some(content) = items.next() {
            content.write(item);
        }
    });
    sheet.require(tags::CONTENT_SEQUENCE, Basis::Type1);
}

fn document(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    let study = scene.study;
    let time = scene.series.start.plus(600);
    sheet.items(tags::REFERENCED_PERFORMED_PROCEDURE_STEP_SEQUENCE, 0, |_, _| {});
    sheet.items(tags::PERFORMED_PROCEDURE_CODE_SEQUENCE, 0, |_, _| {});
    sheet.plant_type1(tags::CONTENT_DATE, &dates::dicom_date(study.date));
    sheet.type1(tags::CONTENT_TIME, time.dicom());
    sheet.type1(tags::COMPLETION_FLAG, "COMPLETE");
    sheet.type1(tags::VERIFICATION_FLAG, "VERIFIED");
    sheet.item(tags::VERIFYING_OBSERVER_SEQUENCE, |item| {
        item.plant(tags::VERIFYING_OBSERVER_NAME, &study.reading);
        item.items(tags::VERIFYING_OBSERVER_IDENTIFICATION_CODE_SEQUENCE, 0, |_, _| {});
        item.plant(tags::VERIFYING_ORGANIZATION, &scene.institution.name);
        item.plant(tags::VERIFICATION_DATE_TIME, &dates::dicom_date_time(study.date, time.plus(120)));
    });
    sheet.item(tags::REFERENCED_REQUEST_SEQUENCE, |item| {
        item.plant(tags::STUDY_INSTANCE_UID, &study.uid);
        item.items(tags::REFERENCED_STUDY_SEQUENCE, 0, |_, _| {});
        item.plant(tags::ACCESSION_NUMBER, &study.accession);
        item.plant(tags::PLACER_ORDER_NUMBER_IMAGING_SERVICE_REQUEST, &study.order);
        item.put(tags::FILLER_ORDER_NUMBER_IMAGING_SERVICE_REQUEST, PrimitiveValue::Empty);
        item.plant(tags::REQUESTED_PROCEDURE_ID, &study.order);
        item.put(tags::REQUESTED_PROCEDURE_DESCRIPTION, PrimitiveValue::Empty);
        item.items(tags::REQUESTED_PROCEDURE_CODE_SEQUENCE, 0, |_, _| {});
    });
}

/// Current Requested Procedure Evidence Sequence: study, series, instance, three levels deep.
fn evidence(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    let images = first_images(scene);
    let n_series = u32::try_from(images.len()).expect("a study has few series");
    if n_series == 0 {
        return;
    }
    sheet.item(tags::CURRENT_REQUESTED_PROCEDURE_EVIDENCE_SEQUENCE, |study| {
        study.items(tags::REFERENCED_SERIES_SEQUENCE, n_series, |series_idx, series| {
            let (class, series_uid, instance_uid) = images[series_idx as usize];
            series.item(tags::REFERENCED_SOP_SEQUENCE, |instance| {
                instance.put(tags::REFERENCED_SOP_CLASS_UID, class);
                instance.plant(tags::REFERENCED_SOP_INSTANCE_UID, instance_uid);
            });
            series.plant(tags::SERIES_INSTANCE_UID, series_uid);
        });
        study.plant(tags::STUDY_INSTANCE_UID, &scene.study.uid);
    });
}

/// A content item: relationship, concept and value.
struct Content {
    relationship: &'static str,
    concept: (&'static str, &'static str, &'static str),
    value: Value,
}

enum Value {
    PersonName(Secret),
    Identifier(Secret),
    Date(Secret),
    Uid(Secret),
    Text(Phrase),
    Image(&'static str, Secret),
    Container(Vec<Content>),
}

impl Content {
    fn write(&self, item: &mut Sheet<'_>) {
        item.put(tags::RELATIONSHIP_TYPE, self.relationship);
        item.put(tags::VALUE_TYPE, self.value.type_name());
        let (value, scheme, meaning) = self.concept;
        code(item, tags::CONCEPT_NAME_CODE_SEQUENCE, value, scheme, meaning);
        match &self.value {
            Value::PersonName(secret) => item.plant(tags::PERSON_NAME, secret),
            Value::Identifier(secret) => item.plant_as(tags::TEXT_VALUE, VR::UT, secret),
            Value::Date(secret) => item.plant(Tag(0x0040, 0xa121), secret),
            Value::Uid(secret) => item.plant(tags::UID, secret),
            Value::Text(phrase) => item.phrase(tags::TEXT_VALUE, phrase),
            Value::Image(class, uid) => item.item(tags::REFERENCED_SOP_SEQUENCE, |reference| {
                reference.put(tags::REFERENCED_SOP_CLASS_UID, *class);
                reference.plant(tags::REFERENCED_SOP_INSTANCE_UID, uid);
            }),
            Value::Container(children) => {
                item.put(tags::CONTINUITY_OF_CONTENT, "SEPARATE");
                let n_children = u32::try_from(children.len()).expect("a section has few items");
                item.items(tags::CONTENT_SEQUENCE, n_children, |child_idx, child| {
                    children[child_idx as usize].write(child);
                });
            }
        }
    }
}

impl Value {
    const fn type_name(&self) -> &'static str {
        match self {
            Self::PersonName(_) => "PNAME",
            Self::Identifier(_) | Self::Text(_) => "TEXT",
            Self::Date(_) => "DATE",
            Self::Uid(_) => "UIDREF",
            Self::Image(..) => "IMAGE",
            Self::Container(_) => "CONTAINER",
        }
    }
}

fn content(scene: &Scene<'_>) -> Vec<Content> {
    let persona = scene.persona();
    let context = |concept, value| Content { relationship: "HAS OBS CONTEXT", concept, value };
    let mut items = vec![
        context(("121008", "DCM", "Person Observer Name"), Value::PersonName(scene.study.reading.clone())),
        context(("121029", "DCM", "Subject Name"), Value::PersonName(persona.name.clone())),
        context(("121030", "DCM", "Subject ID"), Value::Identifier(persona.patient_id.clone())),
        context(("121031", "DCM", "Subject Birth Date"), Value::Date(dates::dicom_date(persona.birth))),
        context(("121018", "DCM", "Procedure Study Instance UID"), Value::Uid(scene.study.uid.clone())),
    ];
    let rng = &mut scene.instance_stream("report text");
    let texts = scene.instance_grammar();
    let sections = [
        (("121060", "DCM", "History"), ("121060", "DCM", "History")),
        (("121070", "DCM", "Findings"), ("121071", "DCM", "Finding")),
        (("121072", "DCM", "Impressions"), ("121073", "DCM", "Impression")),
    ];
    for (section_idx, (heading, concept)) in sections.into_iter().enumerate() {
        let paragraphs = (0..2)
            .map(|paragraph| {
                let text = texts.comment(rng, section_idx * 4 + paragraph * 2);
                Content { relationship: "CONTAINS", concept, value: Value::Text(text) }
            })
            .collect();
        items.push(Content { relationship: "CONTAINS", concept: heading, value: Value::Container(paragraphs) });
    }
    if let Some((class, _, uid)) = first_images(scene).first() {
        let value = Value::Image(class, (*uid).clone());
        items.push(Content { relationship: "CONTAINS", concept: ("121180", "DCM", "Key Images"), value });
    }
    items
}

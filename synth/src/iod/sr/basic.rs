//! The content of a Basic Text SR: who, what was found, what it means.

use super::super::{Scene, references};
use super::content::{Content, Value};
use crate::dates;

pub(super) fn content(scene: &Scene<'_>) -> Vec<Content> {
    let mut items = subject(scene);
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
                Content::new("CONTAINS", concept, Value::Text(text))
            })
            .collect();
        items.push(Content::new("CONTAINS", heading, Value::Container).with(paragraphs));
    }
    if let Some(series) = references::images(scene).next() {
        let (class, uid) = references::first_of(series);
        let value = Value::Image(class, uid.clone());
        items.push(Content::new("CONTAINS", ("121180", "DCM", "Key Images"), value));
    }
    items
}

/// Observation context: who observed, and whom (TID 1001).
pub(super) fn subject(scene: &Scene<'_>) -> Vec<Content> {
    let persona = scene.persona();
    let context = |concept, value| Content::new("HAS OBS CONTEXT", concept, value);
    vec![
        context(("121008", "DCM", "Person Observer Name"), Value::PersonName(scene.study.reading.clone())),
        context(("121029", "DCM", "Subject Name"), Value::PersonName(persona.name.clone())),
        context(("121030", "DCM", "Subject ID"), Value::Identifier(persona.patient_id.clone())),
        context(("121031", "DCM", "Subject Birth Date"), Value::Date(dates::dicom_date(persona.birth))),
        context(("121018", "DCM", "Procedure Study Instance UID"), Value::Uid(scene.study.uid.clone())),
    ]
}

//! The content of a Comprehensive SR: measurements of a lesion on an image, with whom and when (after TID 1500).

use super::super::{Scene, references};
use super::basic::subject;
use super::content::{Content, Value};
use crate::dates;
use crate::plant::Secret;
use efface_schema::PhiLabel;
use rand::RngExt;

pub(super) fn content(scene: &Scene<'_>) -> Vec<Content> {
    let rng = &mut scene.instance_stream("report text");
    let texts = scene.instance_grammar();
    let mut items = vec![Content::new(
        "HAS CONCEPT MOD",
        ("121049", "DCM", "Language of Content Item and Descendants"),
        Value::Code(("en-US", "RFC5646", "English (United States)")),
    )];
    items.extend(subject(scene));
    items.push(Content::new(
        "HAS OBS CONTEXT",
        ("121009", "DCM", "Person Observer's Organization Name"),
        Value::Identifier(scene.institution.name.clone()),
    ));
    let begun = dates::dicom_date_time(scene.study.date, scene.study.start);
    items.push(Content::new("CONTAINS", ("111526", "DCM", "DateTime Started"), Value::DateTime(begun)));
    let measurements = vec![group(scene)];
    items
        .push(Content::new("CONTAINS", ("126010", "DCM", "Imaging Measurements"), Value::Container).with(measurements));
    for place in 0..rng.random_range(1..=3) {
        let text = Value::Text(texts.comment(rng, 3 + place * 2));
        items.push(Content::new("CONTAINS", ("121106", "DCM", "Comment"), text));
    }
    items
}

/// One lesion: what it is called, where it was outlined, how large it is.
fn group(scene: &Scene<'_>) -> Content {
    const MILLIMETER: (&str, &str, &str) = ("mm", "UCUM", "millimeter");
    let [patient, study, series] = [scene.persona().ordinal, scene.study.ordinal, scene.series.ordinal];
    let tracking = Secret::new(PhiLabel::OtherId, scene.streams.uid("measured lesion uid", &[patient, study, series]));
    let name = scene.study.accession.derive(|accession| format!("{accession}-L1"));
    let rng = &mut scene.instance_stream("measurement text");
    let context = |concept, value| Content::new("HAS OBS CONTEXT", concept, value);
    let mut children = vec![
        context(("112039", "DCM", "Tracking Identifier"), Value::Identifier(name)),
        context(("112040", "DCM", "Tracking Unique Identifier"), Value::Uid(tracking)),
        Content::new("CONTAINS", ("121071", "DCM", "Finding"), Value::Code(("27925004", "SCT", "Nodule"))),
    ];
    let mut diameter = Content::new("CONTAINS", ("81827009", "SCT", "Diameter"), Value::Number("14.2", MILLIMETER));
    if let Some(series) = references::images(scene).next() {
        let (class, uid) = references::first_of(series);
        let outline = Value::Outline([40.0, 40.0, 60.0, 42.0, 62.0, 60.0, 42.0, 58.0, 40.0, 40.0]);
        let image = Content::image("SELECTED FROM", class, uid.clone());
        let path = Content::new("INFERRED FROM", ("121055", "DCM", "Path"), outline).with(vec![image]);
        diameter = diameter.with(vec![path]);
    }
    children.push(diameter);
    let text = scene.instance_grammar().comment(rng, 6);
    children.push(Content::new("CONTAINS", ("121106", "DCM", "Comment"), Value::Text(text)));
    Content::new("CONTAINS", ("125007", "DCM", "Measurement Group"), Value::Container).with(children)
}

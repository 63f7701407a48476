//! Encapsulated PDF IOD (PS3.3 A.45.1): a letter.

use super::{Scene, references};
use crate::dates;
use crate::plant::{Basis, Phrase, Secret, Sheet};
use dicom_dictionary_std::tags;

pub(super) fn write(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    let (day, time) = (dates::dicom_date(scene.study.date), scene.series.start.plus(45));
    let rng = &mut scene.instance_stream("instance text");
    let texts = scene.instance_grammar();
    sheet.type1(tags::CONVERSION_TYPE, "WSD");
    sheet.plant_type2(tags::CONTENT_DATE, &day);
    sheet.type2(tags::CONTENT_TIME, time.dicom());
    sheet.plant(tags::ACQUISITION_DATE_TIME, &dates::dicom_date_time(scene.study.date, time));
    sheet.type1(tags::BURNED_IN_ANNOTATION, "YES");
    if let Some(series) = references::images(scene).next() {
        let (class, uid) = references::first_of(series);
        sheet.item(tags::SOURCE_INSTANCE_SEQUENCE, |item| references::instance(item, class, uid));
    }
    let title = Phrase::default().filler("Letter ").followed_by(texts.description(rng));
    sheet.phrase_secrets(tags::DOCUMENT_TITLE, &title);
    sheet.require(tags::DOCUMENT_TITLE, Basis::Type2);
    sheet.items(tags::CONCEPT_NAME_CODE_SEQUENCE, 0, |_, _| {});
    sheet.type1(tags::MIME_TYPE_OF_ENCAPSULATED_DOCUMENT, "application/pdf");
    sheet.plant_pdf(tags::ENCAPSULATED_DOCUMENT, &scene.persona().name.spoken(), &letter(scene));
}

/// The lines of the letter.
fn letter(scene: &Scene<'_>) -> Vec<Phrase> {
    let (persona, study) = (scene.persona(), scene.study);
    let rng = &mut scene.instance_stream("letter text");
    let texts = scene.instance_grammar();
    let line = |words: &str, secret: &Secret| Phrase::default().filler(words).secret(secret);
    let mut lines = vec![
        line("", &scene.institution.name),
        line("", &scene.institution.address),
        line("Re: ", &persona.name.spoken()),
        line("Born ", &dates::screen_date(persona.birth)),
        line("Record ", &persona.patient_id),
        line("Dear Dr. ", &study.referring.family()),
    ];
    lines.extend((0..4).map(|place| texts.line(rng, place)));
    lines.push(line("Signed ", &study.reading.spoken()));
    lines.push(line("", &dates::screen_date(study.date)));
    lines
}

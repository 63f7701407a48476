//! General Study module, the request behind it, and the physicians around it.

use super::Scene;
use super::common::code;
use super::retired::{self, STUDY_CLASS};
use crate::dates;
use crate::plant::Sheet;
use dicom_core::VR;
use dicom_dictionary_std::tags;
use rand::RngExt;

pub(super) fn write(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    let study = scene.study;
    let texts = scene.study_grammar();
    let rng = &mut scene.study_stream("study text");
    sheet.plant_type1(tags::STUDY_INSTANCE_UID, &study.uid);
    sheet.plant_type2(tags::STUDY_DATE, &dates::dicom_date(study.date));
    sheet.type2(tags::STUDY_TIME, study.start.dicom());
    sheet.plant_type2(tags::ACCESSION_NUMBER, &study.accession);
    sheet.plant_type2(tags::STUDY_ID, &study.study_id);
    sheet.plant_type2(tags::REFERRING_PHYSICIAN_NAME, &study.referring);
    sheet.phrase(tags::STUDY_DESCRIPTION, &texts.description(rng));
    sheet.plant(tags::NAME_OF_PHYSICIANS_READING_STUDY, &study.reading);
    sheet.plant(tags::PHYSICIANS_OF_RECORD, &study.requesting);
    sheet.plant(tags::REQUESTING_PHYSICIAN, &study.requesting);
    sheet.phrase(tags::REQUESTED_PROCEDURE_DESCRIPTION, &texts.description(rng));
    sheet.phrase(retired::REASON_FOR_STUDY, &texts.line(rng, 1));
    sheet.phrase_secrets(retired::STUDY_COMMENTS, &texts.comment(rng, 2));
    sheet.phrase_secrets(tags::REQUESTED_PROCEDURE_COMMENTS, &texts.comment(rng, 4));
    sheet.plant(tags::ORDER_CALLBACK_PHONE_NUMBER, &scene.institution.phone);
    sheet.plant(tags::PLACER_ORDER_NUMBER_IMAGING_SERVICE_REQUEST, &study.order);
    code(sheet, tags::PROCEDURE_CODE_SEQUENCE, study.region.code, "SCT", study.region.words);
    referring_physician(scene, sheet);
    if let Some((_, uid)) = &study.previous {
        sheet.item(tags::REFERENCED_STUDY_SEQUENCE, |item| {
            item.put(tags::REFERENCED_SOP_CLASS_UID, STUDY_CLASS);
            item.plant(tags::REFERENCED_SOP_INSTANCE_UID, uid);
        });
    }
}

fn referring_physician(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    let rng = &mut scene.study_stream("referring physician");
    let provider_number = crate::persona::provider_number(rng);
    if !sheet.wants(tags::REFERRING_PHYSICIAN_IDENTIFICATION_SEQUENCE, VR::SQ) {
        return;
    }
    sheet.item(tags::REFERRING_PHYSICIAN_IDENTIFICATION_SEQUENCE, |item| {
        item.item(tags::PERSON_IDENTIFICATION_CODE_SEQUENCE, |code| {
            code.plant(tags::CODE_VALUE, &provider_number);
            code.put(tags::CODING_SCHEME_DESIGNATOR, "99NPI");
            code.plant(tags::CODE_MEANING, &scene.study.referring.spoken());
        });
        item.plant(tags::PERSON_ADDRESS, &scene.institution.address);
        item.plant(tags::PERSON_TELEPHONE_NUMBERS, &scene.institution.phone);
        item.plant(tags::INSTITUTION_NAME, &scene.institution.name);
    });
}

/// Request Attributes Sequence: descriptions one level deep, references two.
pub(super) fn request_attributes(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    let study = scene.study;
    let texts = scene.series_grammar();
    let rng = &mut scene.series_stream("request text");
    let names_study = rng.random_bool(0.7);
    if !sheet.wants(tags::REQUEST_ATTRIBUTES_SEQUENCE, VR::SQ) {
        return;
    }
    sheet.item(tags::REQUEST_ATTRIBUTES_SEQUENCE, |item| {
        item.plant(tags::REQUESTED_PROCEDURE_ID, &study.order);
        item.plant(tags::SCHEDULED_PROCEDURE_STEP_ID, &study.order.derive(|order| format!("S{order}")));
        item.phrase_secrets(tags::REQUESTED_PROCEDURE_DESCRIPTION, &texts.description(rng));
        item.phrase_secrets(tags::SCHEDULED_PROCEDURE_STEP_DESCRIPTION, &texts.protocol(rng));
        item.phrase_secrets(tags::REASON_FOR_THE_REQUESTED_PROCEDURE, &texts.line(rng, 5));
        code(item, tags::SCHEDULED_PROTOCOL_CODE_SEQUENCE, study.region.code, "SCT", study.region.words);
        if names_study {
            item.plant(tags::STUDY_INSTANCE_UID, &study.uid);
            item.plant(tags::ACCESSION_NUMBER, &study.accession);
            item.item(tags::REFERENCED_STUDY_SEQUENCE, |reference| {
                reference.put(tags::REFERENCED_SOP_CLASS_UID, STUDY_CLASS);
                reference.plant(tags::REFERENCED_SOP_INSTANCE_UID, &study.uid);
            });
        }
    });
}

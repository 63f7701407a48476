//! Attributes that exist to say who somebody is: those a hospital's file has, whether the input had them or not.

use super::words;
use crate::dates;
use crate::iod::Scene;
use crate::plant::{Secret, Sheet};
use dicom_core::Tag;
use dicom_dictionary_std::tags;
use efface_schema::PhiLabel;
use rand::RngExt;

/// Retired, and still met.
const OTHER_PATIENT_IDS: Tag = Tag(0x0010, 0x1000);

/// Attributes of the root that [`plant`] writes itself.
pub(super) const OWN: &[Tag] = &[
    tags::PATIENT_NAME,
    tags::PATIENT_ID,
    tags::PATIENT_BIRTH_DATE,
    tags::ACCESSION_NUMBER,
    tags::STUDY_ID,
    tags::REFERRING_PHYSICIAN_NAME,
    tags::INSTITUTION_NAME,
    tags::STUDY_INSTANCE_UID,
    tags::SERIES_INSTANCE_UID,
    tags::SOP_INSTANCE_UID,
];

/// Attributes that a share of the patients' files have.
const OPTIONAL: &[Tag] = &[
    tags::INSTITUTION_ADDRESS,
    tags::PATIENT_ADDRESS,
    tags::PATIENT_TELEPHONE_NUMBERS,
    tags::PATIENT_BIRTH_NAME,
    tags::PATIENT_MOTHER_BIRTH_NAME,
    tags::RESPONSIBLE_PERSON,
    tags::ISSUER_OF_PATIENT_ID,
    tags::PERFORMING_PHYSICIAN_NAME,
    tags::NAME_OF_PHYSICIANS_READING_STUDY,
    tags::OPERATORS_NAME,
    tags::REQUESTING_PHYSICIAN,
    tags::ADMISSION_ID,
    tags::PERFORMED_PROCEDURE_STEP_ID,
    tags::PLACER_ORDER_NUMBER_IMAGING_SERVICE_REQUEST,
];

/// Texts that a share of the studies have; the flag says whether their clinical words must stay.
const TEXTS: &[(Tag, bool)] = &[
    (tags::STUDY_DESCRIPTION, true),
    (tags::SERIES_DESCRIPTION, true),
    (tags::ADDITIONAL_PATIENT_HISTORY, true),
    (tags::MEDICAL_ALERTS, true),
    (tags::REQUESTED_PROCEDURE_DESCRIPTION, true),
    (tags::PATIENT_COMMENTS, false),
    (tags::IMAGE_COMMENTS, false),
];

/// Plants the patient, the study and who took part in it.
pub(super) fn plant(scene: &Scene<'_>, sheet: &mut Sheet<'_>, uids: [&Secret; 3]) {
    let (persona, study) = (scene.persona(), scene.study);
    let [study_uid, series_uid, sop_uid] = uids;
    sheet.plant(tags::PATIENT_NAME, &persona.name);
    sheet.plant(tags::PATIENT_ID, &persona.patient_id);
    sheet.plant(tags::PATIENT_BIRTH_DATE, &dates::dicom_date(persona.birth));
    sheet.plant(tags::ACCESSION_NUMBER, &study.accession);
    sheet.plant(tags::STUDY_ID, &study.study_id);
    sheet.plant(tags::REFERRING_PHYSICIAN_NAME, &study.referring);
    sheet.plant(tags::INSTITUTION_NAME, &scene.institution.name);
    sheet.plant(tags::STUDY_INSTANCE_UID, study_uid);
    sheet.plant(tags::SERIES_INSTANCE_UID, series_uid);
    sheet.plant(tags::SOP_INSTANCE_UID, sop_uid);
    let rng = &mut scene.study_stream("injected attributes");
    for tag in OPTIONAL {
        let secret = secret_for(scene, *tag).unwrap_or_else(|| name_for(scene, *tag));
        if rng.random_bool(0.6) && sheet.get(*tag).is_none() {
            sheet.plant(*tag, &secret);
        }
    }
    for (tag, is_cleaned) in TEXTS {
        let is_drawn = rng.random_bool(0.6);
        if is_drawn && sheet.texts(*tag).is_none() {
            words::write(scene, sheet, *tag, *is_cleaned);
        } else if is_drawn && !is_cleaned {
            words::mix_in(scene, sheet, *tag, false);
        }
    }
    age_over_89(scene, sheet);
    references(scene, sheet, rng.random_bool(0.6));
}

fn age_over_89(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    let age = scene.persona().age_on(scene.study.date);
    let said = sheet.text(tags::PATIENT_AGE);
    let is_over_89 =
        said.as_ref().map_or(age > 89, |said| said.len() == 4 && said.as_str() > "089Y" && said.ends_with('Y'));
    if is_over_89 {
        let text = said.unwrap_or_else(|| format!("{age:03}Y"));
        sheet.plant(tags::PATIENT_AGE, &Secret::new(PhiLabel::AgeOver89, text));
    }
}

/// The request behind the study, and the patient's study before it.
fn references(scene: &Scene<'_>, sheet: &mut Sheet<'_>, has_request: bool) {
    const DETACHED_STUDY_MANAGEMENT: &str = "1.2.840.10008.3.1.2.3.1";
    if has_request && sheet.get(tags::REQUEST_ATTRIBUTES_SEQUENCE).is_none() {
        sheet.item(tags::REQUEST_ATTRIBUTES_SEQUENCE, |item| {
            item.plant(tags::REQUESTED_PROCEDURE_ID, &scene.study.order);
            item.plant(tags::SCHEDULED_PROCEDURE_STEP_ID, &scene.study.order.derive(|order| format!("S{order}")));
            words::write(scene, item, tags::SCHEDULED_PROCEDURE_STEP_DESCRIPTION, false);
        });
    }
    if let Some((_, uid)) =
        scene.study.previous.as_ref().filter(|_| sheet.get(tags::REFERENCED_STUDY_SEQUENCE).is_none())
    {
        sheet.item(tags::REFERENCED_STUDY_SEQUENCE, |item| {
            item.put(tags::REFERENCED_SOP_CLASS_UID, DETACHED_STUDY_MANAGEMENT);
            item.plant(tags::REFERENCED_SOP_INSTANCE_UID, uid);
        });
    }
}

/// The person whose name stands at an attribute, the same in all of a study.
pub(super) fn name_for(scene: &Scene<'_>, tag: Tag) -> Secret {
    let (persona, study) = (scene.persona(), scene.study);
    match tag {
        tags::PATIENT_NAME | tags::PERSON_NAME => persona.name.clone(),
        tags::PATIENT_BIRTH_NAME => persona.birth_name.clone(),
        tags::PATIENT_MOTHER_BIRTH_NAME => persona.mother_birth_name.clone(),
        tags::OTHER_PATIENT_NAMES => persona.alias.clone(),
        tags::RESPONSIBLE_PERSON => persona.relative.clone(),
        tags::REFERRING_PHYSICIAN_NAME => study.referring.clone(),
        tags::PERFORMING_PHYSICIAN_NAME => study.performing.clone(),
        tags::REQUESTING_PHYSICIAN | tags::PHYSICIANS_OF_RECORD => study.requesting.clone(),
        tags::OPERATORS_NAME => study.operator.clone(),
        _ => study.reading.clone(),
    }
}

/// What belongs at an attribute that holds an identifier, an address or a name of a place.
pub(super) fn secret_for(scene: &Scene<'_>, tag: Tag) -> Option<Secret> {
    let (persona, study, institution) = (scene.persona(), scene.study, scene.institution);
    let secret = match tag {
        tags::PATIENT_ID => &persona.patient_id,
        OTHER_PATIENT_IDS => &persona.former_id,
        tags::ISSUER_OF_PATIENT_ID | tags::INSTITUTION_NAME | tags::VERIFYING_ORGANIZATION => &institution.name,
        tags::INSTITUTION_ADDRESS | tags::PERSON_ADDRESS => &institution.address,
        tags::PATIENT_ADDRESS => &persona.address,
        tags::PATIENT_TELEPHONE_NUMBERS => &persona.phone,
        tags::REFERRING_PHYSICIAN_TELEPHONE_NUMBERS | tags::PERSON_TELEPHONE_NUMBERS => &institution.phone,
        tags::ACCESSION_NUMBER => &study.accession,
        tags::STUDY_ID => &study.study_id,
        tags::ADMISSION_ID => &study.admission,
        tags::REQUESTED_PROCEDURE_ID
        | tags::PLACER_ORDER_NUMBER_IMAGING_SERVICE_REQUEST
        | tags::FILLER_ORDER_NUMBER_IMAGING_SERVICE_REQUEST => &study.order,
        tags::PERFORMED_PROCEDURE_STEP_ID => return Some(study.order.derive(|order| format!("P{order}"))),
        tags::SCHEDULED_PROCEDURE_STEP_ID => return Some(study.order.derive(|order| format!("S{order}"))),
        tags::CLINICAL_TRIAL_SUBJECT_ID => &persona.trial_subject,
        _ => return None,
    };
    Some(secret.clone())
}

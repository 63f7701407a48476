//! Patient, Patient Study and Visit modules.

use super::{Scene, retired};
use crate::dates;
use crate::plant::{Basis, Secret, Sheet};
use dicom_core::VR;
use dicom_dictionary_std::tags;
use efface_schema::PhiLabel;
use jiff::ToSpan;
use rand::RngExt;

pub(super) fn write(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    identification(scene, sheet);
    contact(scene, sheet);
    other_ids(scene, sheet);
    characteristics(scene, sheet);
    visit(scene, sheet);
    comments(scene, sheet);
}

fn identification(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    let persona = scene.persona();
    let rng = &mut scene.patient_stream("patient attributes");
    sheet.plant_type2(tags::PATIENT_NAME, &persona.name);
    sheet.plant_type2(tags::PATIENT_ID, &persona.patient_id);
    sheet.plant(tags::ISSUER_OF_PATIENT_ID, &scene.institution.name);
    sheet.plant_type2(tags::PATIENT_BIRTH_DATE, &dates::dicom_date(persona.birth));
    sheet.keep(tags::PATIENT_SEX, Basis::Patient, persona.sex);
    sheet.require(tags::PATIENT_SEX, Basis::Type2);
    if rng.random_bool(0.7) {
        sheet.plant(tags::PATIENT_BIRTH_NAME, &persona.birth_name);
    }
    if rng.random_bool(0.7) {
        sheet.plant(tags::PATIENT_MOTHER_BIRTH_NAME, &persona.mother_birth_name);
    }
    if rng.random_bool(0.7) {
        sheet.plant_values(tags::OTHER_PATIENT_NAMES, &[&persona.alias, &persona.birth_name]);
    }
    if rng.random_bool(0.5) {
        sheet.plant(tags::RESPONSIBLE_PERSON, &persona.relative);
        if sheet.get(tags::RESPONSIBLE_PERSON).is_some() {
            sheet.put(tags::RESPONSIBLE_PERSON_ROLE, persona.relative_role);
        }
    }
    sheet.plant(retired::MEDICAL_RECORD_LOCATOR, &persona.former_id);
    sheet.plant(retired::INSURANCE_PLAN_IDENTIFICATION, &persona.health_plan_id);
}

fn contact(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    let persona = scene.persona();
    sheet.plant(tags::PATIENT_ADDRESS, &persona.address);
    sheet.plant_values(tags::PATIENT_TELEPHONE_NUMBERS, &[&persona.phone, &persona.mobile]);
    sheet.plant_as(tags::PATIENT_TELECOM_INFORMATION, VR::LT, &persona.email);
    sheet.plant(tags::PATIENT_INSTITUTION_RESIDENCE, &persona.city);
}

/// Further identifiers; the second one names its issuer two levels deep.
fn other_ids(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    let persona = scene.persona();
    if !sheet.wants(tags::OTHER_PATIENT_I_DS_SEQUENCE, VR::SQ) {
        return;
    }
    sheet.items(tags::OTHER_PATIENT_I_DS_SEQUENCE, 3, |item_idx, item| {
        let secret = [&persona.ssn, &persona.license, &persona.passport][item_idx as usize];
        item.plant(tags::PATIENT_ID, secret);
        item.put(tags::TYPE_OF_PATIENT_ID, "TEXT");
        if item_idx == 1 {
            item.plant(tags::ISSUER_OF_PATIENT_ID, &scene.institution.name);
            item.item(tags::ISSUER_OF_PATIENT_ID_QUALIFIERS_SEQUENCE, |qualifiers| {
                qualifiers.plant(tags::UNIVERSAL_ENTITY_ID, &scene.institution.url);
                qualifiers.put(tags::UNIVERSAL_ENTITY_ID_TYPE, "URI");
            });
        }
    });
}

fn characteristics(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    let persona = scene.persona();
    let age = persona.age_on(scene.study.date);
    if age > 89 {
        sheet.plant(tags::PATIENT_AGE, &Secret::new(PhiLabel::AgeOver89, format!("{age:03}Y")));
    } else {
        sheet.keep(tags::PATIENT_AGE, Basis::Patient, format!("{age:03}Y"));
    }
    sheet.keep(tags::PATIENT_SIZE, Basis::Patient, persona.height_m.as_str());
    sheet.keep(tags::PATIENT_WEIGHT, Basis::Patient, persona.weight_kg.as_str());
    sheet.keep(retired::ETHNIC_GROUP, Basis::Patient, persona.ethnic_group);
    sheet.keep(tags::SMOKING_STATUS, Basis::Patient, persona.smoking);
    sheet.put(tags::OCCUPATION, persona.occupation);
}

fn visit(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    let rng = &mut scene.study_stream("visit");
    if rng.random_bool(0.6) {
        sheet.plant(tags::ADMISSION_ID, &scene.study.admission);
        let admitted = scene.study.date.saturating_sub(rng.random_range(0..4).days());
        sheet.plant(tags::ADMITTING_DATE, &dates::dicom_date(admitted));
        sheet.phrase(tags::ADMITTING_DIAGNOSES_DESCRIPTION, &scene.study_grammar().line(rng, 2));
    }
}

fn comments(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    let rng = &mut scene.study_stream("patient text");
    let texts = scene.study_grammar();
    sheet.phrase(tags::ADDITIONAL_PATIENT_HISTORY, &texts.comment(rng, 1));
    sheet.phrase_secrets(tags::PATIENT_COMMENTS, &texts.comment(rng, 0));
    if rng.random_bool(0.5) {
        sheet.phrase(tags::MEDICAL_ALERTS, &texts.line(rng, 4));
    }
}

//! Structured reports: Basic Text SR (PS3.3 A.35.1), Comprehensive SR (A.35.3) and Key Object Selection (A.35.4).

mod basic;
mod comprehensive;
mod content;
mod key_objects;

use super::common::code;
use super::{Scene, references, sop_class};
use crate::dates;
use crate::plan::SeriesPlan;
use crate::plant::{Basis, Secret, Sheet};
use content::{Content, write_all};
use dicom_core::PrimitiveValue;
use dicom_dictionary_std::tags;

pub(super) fn write_basic(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    document(scene, sheet);
    verification(scene, sheet);
    evidence(scene, sheet, first_instances(scene));
    root(sheet, ("18748-4", "LN", "Diagnostic Imaging Report"), &basic::content(scene));
}

pub(super) fn write_comprehensive(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    document(scene, sheet);
    verification(scene, sheet);
    evidence(scene, sheet, first_instances(scene));
    root(sheet, ("126000", "DCM", "Imaging Measurement Report"), &comprehensive::content(scene));
}

pub(super) fn write_key_objects(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    sheet.items(tags::REFERENCED_PERFORMED_PROCEDURE_STEP_SEQUENCE, 0, |_, _| {});
    moment(scene, sheet);
    request(scene, sheet);
    let selected = key_objects::selected(scene);
    evidence(scene, sheet, selected.clone());
    sheet.item(tags::CONTENT_TEMPLATE_SEQUENCE, |item| {
        item.put(tags::MAPPING_RESOURCE, "DCMR");
        item.put(tags::TEMPLATE_IDENTIFIER, "2010");
    });
    root(sheet, ("113000", "DCM", "Of Interest"), &key_objects::content(scene, &selected));
}

/// A series and the instances of it that a document refers to.
type Referenced<'a> = (&'a SeriesPlan, Vec<&'a Secret>);

/// The first instance of every series of images.
fn first_instances<'a>(scene: &Scene<'a>) -> Vec<Referenced<'a>> {
    references::images(scene).map(|series| (series, vec![&series.instance_uids[0]])).collect()
}

/// The root container.
fn root(sheet: &mut Sheet<'_>, title: (&str, &str, &str), items: &[Content]) {
    sheet.keep(tags::VALUE_TYPE, Basis::Technique, "CONTAINER");
    sheet.require(tags::VALUE_TYPE, Basis::Type1);
    code(sheet, tags::CONCEPT_NAME_CODE_SEQUENCE, title.0, title.1, title.2);
    sheet.keep(tags::CONTINUITY_OF_CONTENT, Basis::Technique, "SEPARATE");
    write_all(sheet, items);
    sheet.require(tags::CONTENT_SEQUENCE, Basis::Type1);
}

fn moment(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    sheet.plant_type1(tags::CONTENT_DATE, &dates::dicom_date(scene.study.date));
    sheet.type1(tags::CONTENT_TIME, scene.series.start.plus(600).dicom());
}

fn document(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    sheet.items(tags::REFERENCED_PERFORMED_PROCEDURE_STEP_SEQUENCE, 0, |_, _| {});
    sheet.items(tags::PERFORMED_PROCEDURE_CODE_SEQUENCE, 0, |_, _| {});
    moment(scene, sheet);
    request(scene, sheet);
}

fn verification(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    let (study, time) = (scene.study, scene.series.start.plus(720));
    sheet.type1(tags::COMPLETION_FLAG, "COMPLETE");
    sheet.type1(tags::VERIFICATION_FLAG, "VERIFIED");
    sheet.item(tags::VERIFYING_OBSERVER_SEQUENCE, |item| {
        item.plant(tags::VERIFYING_OBSERVER_NAME, &study.reading);
        item.items(tags::VERIFYING_OBSERVER_IDENTIFICATION_CODE_SEQUENCE, 0, |_, _| {});
        item.plant(tags::VERIFYING_ORGANIZATION, &scene.institution.name);
        item.plant(tags::VERIFICATION_DATE_TIME, &dates::dicom_date_time(study.date, time));
    });
}

fn request(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    let study = scene.study;
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
fn evidence(scene: &Scene<'_>, sheet: &mut Sheet<'_>, referenced: Vec<Referenced<'_>>) {
    let count = |n: usize| u32::try_from(n).expect("a study has few series and a series at most 2000 instances");
    if referenced.is_empty() {
        return;
    }
    sheet.item(tags::CURRENT_REQUESTED_PROCEDURE_EVIDENCE_SEQUENCE, |study| {
        study.items(tags::REFERENCED_SERIES_SEQUENCE, count(referenced.len()), |series_idx, item| {
            let (series, uids) = &referenced[series_idx as usize];
            item.items(tags::REFERENCED_SOP_SEQUENCE, count(uids.len()), |instance_idx, instance| {
                references::instance(instance, sop_class(series.kind), uids[instance_idx as usize]);
            });
            item.plant(tags::SERIES_INSTANCE_UID, &series.uid);
        });
        study.plant(tags::STUDY_INSTANCE_UID, &scene.study.uid);
    });
}

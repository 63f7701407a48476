//! UIDs for instances that lack them, so that they can be filed.
//!
//! What is made up depends on the instance alone, so it is the same in every reading and on every machine; it never
//! leaves as it is, but is replaced by a keyed UID like every other.

use crate::read::Instance;
use dicom_core::value::PrimitiveValue;
use dicom_core::{DataElement, Tag, VR};
use dicom_dictionary_std::{tags, uids};
use sha2::{Digest, Sha256};

/// What tells a study from another where its UID is missing.
const STUDY: [Tag; 7] = [
    tags::PATIENT_ID,
    tags::PATIENT_NAME,
    tags::PATIENT_BIRTH_DATE,
    tags::STUDY_DATE,
    tags::STUDY_TIME,
    tags::STUDY_ID,
    tags::ACCESSION_NUMBER,
];

/// What tells a series from another of the same study.
const SERIES: [Tag; 7] = [
    tags::STUDY_INSTANCE_UID,
    tags::MODALITY,
    tags::SERIES_NUMBER,
    tags::SERIES_DATE,
    tags::SERIES_TIME,
    tags::SERIES_DESCRIPTION,
    tags::PROTOCOL_NAME,
];

/// Storage classes of objects that belong to no patient and have neither study nor series (PS3.4 table GG.3-1).
/// Inventories are not among them, since they list patients.
const OF_NO_PATIENT: [&str; 8] = [
    uids::HANGING_PROTOCOL_STORAGE,
    uids::COLOR_PALETTE_STORAGE,
    uids::GENERIC_IMPLANT_TEMPLATE_STORAGE,
    uids::IMPLANT_ASSEMBLY_TEMPLATE_STORAGE,
    uids::IMPLANT_TEMPLATE_GROUP_STORAGE,
    uids::CT_DEFINED_PROCEDURE_PROTOCOL_STORAGE,
    uids::PROTOCOL_APPROVAL_STORAGE,
    uids::XA_DEFINED_PROCEDURE_PROTOCOL_STORAGE,
];

/// Whether the instance is an object like a colour palette, and says nothing of a patient or a study.
pub(crate) fn is_of_no_patient(instance: &Instance) -> bool {
    OF_NO_PATIENT.contains(&instance.text(tags::SOP_CLASS_UID).as_str())
        && [tags::PATIENT_ID, tags::PATIENT_NAME, tags::STUDY_INSTANCE_UID, tags::SERIES_INSTANCE_UID]
            .iter()
            .all(|tag| instance.text(*tag).is_empty())
}

/// Fills in UIDs that are missing, where the class is known; returns those that were made up.
///
/// The SOP Class and SOP Instance UIDs are those of the file meta information, which must be the same. Without a SOP
/// Instance UID, and without a class, an instance stays as it is.
pub(crate) fn fill_in(instance: &mut Instance) -> Vec<Tag> {
    let meta = [
        (tags::SOP_CLASS_UID, instance.meta.media_storage_sop_class_uid.clone()),
        (tags::SOP_INSTANCE_UID, instance.meta.media_storage_sop_instance_uid.clone()),
    ];
    for (tag, uid) in meta {
        if !uid.is_empty() && instance.text(tag).is_empty() {
            put(instance, tag, &uid);
        }
    }
    let identified = [tags::SOP_CLASS_UID, tags::SOP_INSTANCE_UID].iter().all(|tag| !instance.text(*tag).is_empty());
    if !identified || is_of_no_patient(instance) {
        return Vec::new();
    }
    let mut made_up = Vec::new();
    for (tag, described_by) in [(tags::STUDY_INSTANCE_UID, STUDY), (tags::SERIES_INSTANCE_UID, SERIES)] {
        if instance.text(tag).is_empty() {
            let uid = uid_of(instance, tag, &described_by);
            put(instance, tag, &uid);
            made_up.push(tag);
        }
    }
    made_up
}

fn put(instance: &mut Instance, tag: Tag, uid: &str) {
    instance.data_set.put(DataElement::new(tag, VR::UI, PrimitiveValue::from(uid)));
}

/// A UID of what describes a study or a series; where nothing does, of the instance, which then stands alone.
fn uid_of(instance: &Instance, tag: Tag, described_by: &[Tag]) -> String {
    let mut described: Vec<String> = described_by.iter().map(|tag| instance.text(*tag)).collect();
    if described.iter().all(String::is_empty) {
        described.push(instance.text(tags::SOP_INSTANCE_UID));
    }
    let mut hasher = Sha256::new();
    hasher.update([(tag.element() & 0xFF) as u8]);
    for text in described {
        hasher.update((text.len() as u64).to_le_bytes());
        hasher.update(text);
    }
    let digest = hasher.finalize();
    let mut number = [0_u8; 16];
    number.copy_from_slice(&digest[..16]);
    format!("2.25.{}", u128::from_be_bytes(number))
}

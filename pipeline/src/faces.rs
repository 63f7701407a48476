//! Tells instances from which a face could be recognized: volumes of the head, and photographs.
//!
//! Nothing is painted over: the instance is marked, and withheld where the policy says so.

use crate::decide::Decided;
use crate::policy::FaceHandling;
use crate::read::Instance;
use crate::rules::rule;
use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;
use efface_schema::{Action, Decision, Locus, Probability, Source};

/// SOP classes of slices from which a surface can be rendered.
const VOLUMES: [&str; 12] = [
    uids::CT_IMAGE_STORAGE,
    uids::ENHANCED_CT_IMAGE_STORAGE,
    uids::LEGACY_CONVERTED_ENHANCED_CT_IMAGE_STORAGE,
    uids::MR_IMAGE_STORAGE,
    uids::ENHANCED_MR_IMAGE_STORAGE,
    uids::ENHANCED_MR_COLOR_IMAGE_STORAGE,
    uids::LEGACY_CONVERTED_ENHANCED_MR_IMAGE_STORAGE,
    uids::POSITRON_EMISSION_TOMOGRAPHY_IMAGE_STORAGE,
    uids::ENHANCED_PET_IMAGE_STORAGE,
    uids::LEGACY_CONVERTED_ENHANCED_PET_IMAGE_STORAGE,
    uids::X_RAY3_D_CRANIOFACIAL_IMAGE_STORAGE,
    uids::NUCLEAR_MEDICINE_IMAGE_STORAGE,
];

/// SOP classes of photographs.
const PHOTOGRAPHS: [&str; 3] = [
    uids::VL_PHOTOGRAPHIC_IMAGE_STORAGE,
    uids::VIDEO_PHOTOGRAPHIC_IMAGE_STORAGE,
    uids::DERMOSCOPIC_PHOTOGRAPHY_IMAGE_STORAGE,
];

/// Words that put the head into a volume, in lower case.
const HEAD_WORDS: [&str; 24] = [
    "head",
    "heads",
    "hd",
    "headneck",
    "brain",
    "skull",
    "face",
    "facial",
    "sinus",
    "sinuses",
    "orbit",
    "orbits",
    "nose",
    "nasal",
    "jaw",
    "mandible",
    "maxilla",
    "maxillofacial",
    "cranium",
    "cranial",
    "iac",
    "pituitary",
    "wholebody",
    "wholebrain",
];
/// Beginnings of such words.
const HEAD_BEGINNINGS: [&str; 4] = ["cerebr", "cranio", "neuro", "encephal"];
/// Heads of bones are no heads.
const BONES: [&str; 4] = ["femoral", "humeral", "radial", "metatarsal"];

/// Records that an instance may show a face, and withholds it where the policy says so. `true` where it may.
pub(crate) fn decide(instance: &Instance, handling: FaceHandling, decided: &mut Decided) -> bool {
    if handling == FaceHandling::Ignore || !may_show_face(&instance.data_set) {
        return false;
    }
    let withheld = handling == FaceHandling::Withhold;
    if withheld {
        decided.review.push("recognizable-visual-features");
    }
    decided.decisions.push(Decision {
        locus: Locus::PixelData,
        action: if withheld { Action::Review } else { Action::Keep },
        source: Source::Tier1,
        rule: rule!("recognizable-visual-features").to_owned(),
        label: None,
        probability: Probability::ONE,
    });
    true
}

fn may_show_face(data_set: &InMemDicomObject) -> bool {
    let text = |data_set: &InMemDicomObject, tag| {
        data_set.get(tag).and_then(|element| element.value().to_str().ok().map(|text| text.to_string()))
    };
    let sop_class = text(data_set, tags::SOP_CLASS_UID).unwrap_or_default();
    let sop_class = sop_class.trim_end_matches(['\0', ' ']);
    if PHOTOGRAPHS.contains(&sop_class) {
        return true;
    }
    if !VOLUMES.contains(&sop_class) {
        return false;
    }
    let own = [
        tags::BODY_PART_EXAMINED,
        tags::STUDY_DESCRIPTION,
        tags::SERIES_DESCRIPTION,
        tags::PROTOCOL_NAME,
        tags::REQUESTED_PROCEDURE_DESCRIPTION,
    ];
    let regions = data_set.get(tags::ANATOMIC_REGION_SEQUENCE).and_then(|element| element.value().items());
    own.iter().filter_map(|tag| text(data_set, *tag)).any(|text| names_head(&text))
        || regions.into_iter().flatten().filter_map(|item| text(item, tags::CODE_MEANING)).any(|text| names_head(&text))
}

fn names_head(text: &str) -> bool {
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower.split(|character: char| !character.is_alphanumeric()).collect();
    let is_head = |at: usize| {
        let word = words[at];
        let before = at.checked_sub(1).map_or("", |before| words[before]);
        (HEAD_WORDS.contains(&word) && !(word.starts_with("head") && BONES.contains(&before)))
            || HEAD_BEGINNINGS.iter().any(|beginning| word.starts_with(beginning))
            || (word == "body" && before == "whole")
    };
    (0..words.len()).any(is_head)
}

#[cfg(test)]
mod tests {
    use super::*;
    use dicom_core::value::PrimitiveValue;
    use dicom_core::{DataElement, VR};

    fn shows(sop_class: &str, description: &str) -> bool {
        may_show_face(&InMemDicomObject::from_element_iter([
            DataElement::new(tags::SOP_CLASS_UID, VR::UI, PrimitiveValue::from(sop_class)),
            DataElement::new(tags::STUDY_DESCRIPTION, VR::LO, PrimitiveValue::from(description)),
        ]))
    }

    #[test]
    fn volumes_of_the_head_and_photographs_may_show_a_face() {
        for (sop_class, description, expected) in [
            (uids::CT_IMAGE_STORAGE, "CT HEAD W/O CONTRAST", true),
            (uids::MR_IMAGE_STORAGE, "MRI_BRAIN", true),
            (uids::MR_IMAGE_STORAGE, "Neuro routine", true),
            (uids::POSITRON_EMISSION_TOMOGRAPHY_IMAGE_STORAGE, "PET whole body", true),
            (uids::CT_IMAGE_STORAGE, "CT chest", false),
            (uids::MR_IMAGE_STORAGE, "left femoral head", false),
            (uids::ULTRASOUND_IMAGE_STORAGE, "brain", false),
            (uids::VL_PHOTOGRAPHIC_IMAGE_STORAGE, "", true),
        ] {
            assert_eq!(shows(sop_class, description), expected, "{description}");
        }
    }
}

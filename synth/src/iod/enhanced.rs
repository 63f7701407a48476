//! What the Enhanced CT and Enhanced MR Image modules have in common (PS3.3 C.8.16).

use super::Scene;
use super::common::{number, values};
use crate::dates;
use crate::plant::{Basis, Sheet};
use dicom_core::{PrimitiveValue, Tag};
use dicom_dictionary_std::tags;

/// The acquisition: when, of what kind, and in which frame of reference.
pub(super) fn acquisition(scene: &Scene<'_>, sheet: &mut Sheet<'_>, image_type: [&str; 4]) {
    let day = dates::dicom_date(scene.study.date);
    let time = scene.series.start.plus(10 + scene.instance_idx * 60);
    let rng = &mut scene.instance_stream("instance text");
    sheet.keep(tags::IMAGE_TYPE, Basis::Technique, values(&image_type));
    sheet.plant(tags::CONTENT_DATE, &day);
    sheet.put(tags::CONTENT_TIME, time.dicom());
    sheet.plant(tags::ACQUISITION_DATE_TIME, &dates::dicom_date_time(scene.study.date, time));
    sheet.put_reals(tags::ACQUISITION_DURATION, &[12.5]);
    sheet.keep(tags::ACQUISITION_NUMBER, Basis::Technique, number(1));
    sheet.phrase_secrets(tags::IMAGE_COMMENTS, &scene.instance_grammar().comment(rng, 0));
    sheet.plant_type1(tags::FRAME_OF_REFERENCE_UID, &scene.series.frame_of_reference_uid);
    sheet.type2(tags::POSITION_REFERENCE_INDICATOR, PrimitiveValue::Empty);
    sheet.keep(tags::PATIENT_POSITION, Basis::Technique, "HFS");
    for (tag, value) in [
        (tags::PIXEL_PRESENTATION, "MONOCHROME"),
        (tags::VOLUMETRIC_PROPERTIES, "VOLUME"),
        (tags::VOLUME_BASED_CALCULATION_TECHNIQUE, "NONE"),
        (tags::CONTENT_QUALIFICATION, "PRODUCT"),
        (tags::PRESENTATION_LUT_SHAPE, "IDENTITY"),
    ] {
        sheet.keep(tag, Basis::Technique, value);
        sheet.require(tag, Basis::Type1);
    }
    sheet.items(tags::ACQUISITION_CONTEXT_SEQUENCE, 0, |_, _| {});
}

/// The frame type macro of a modality; `more` writes what only that one says.
pub(super) fn frame_type(
    group: &mut Sheet<'_>,
    sequence: Tag,
    image_type: [&str; 4],
    more: impl FnOnce(&mut Sheet<'_>),
) {
    group.item(sequence, |item| {
        item.put(tags::FRAME_TYPE, values(&image_type));
        item.put(tags::PIXEL_PRESENTATION, "MONOCHROME");
        item.put(tags::VOLUMETRIC_PROPERTIES, "VOLUME");
        item.put(tags::VOLUME_BASED_CALCULATION_TECHNIQUE, "NONE");
        more(item);
    });
}

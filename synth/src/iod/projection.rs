//! Computed Radiography Image IOD (PS3.3 A.2) and Digital X-Ray Image IOD (PS3.3 A.26).

use super::Scene;
use super::common::{Storage, burn_in, code, display, general_image, image_pixel, values};
use crate::pixels;
use crate::plant::{Basis, Sheet};
use dicom_core::PrimitiveValue;
use dicom_dictionary_std::tags;

pub(super) fn write_cr(scene: &Scene<'_>, sheet: &mut Sheet<'_>) -> bool {
    general_image(scene, sheet, &["ORIGINAL", "PRIMARY"]);
    exposure(scene, sheet);
    sheet.keep(tags::BODY_PART_EXAMINED, Basis::Technique, scene.study.region.body_part);
    sheet.keep(tags::VIEW_POSITION, Basis::Technique, "AP");
    sheet.require(tags::VIEW_POSITION, Basis::Type2);
    sheet.put(tags::CASSETTE_ORIENTATION, "PORTRAIT");
    let size = scene.series.settings;
    let rng = &mut scene.instance_stream("pixels");
    let mut canvas = pixels::radiograph(rng, size.columns, size.rows, 4095);
    let identifies = burn_in(scene, sheet, &mut canvas, 4095);
    // Every other study's plates are stored with 0 as white.
    let is_inverted = (scene.persona().ordinal + scene.study.ordinal) % 2 == 1;
    if is_inverted {
        canvas.values.iter_mut().for_each(|value| *value = 4095 - *value);
    }
    let photometric_interpretation = if is_inverted { "MONOCHROME1" } else { "MONOCHROME2" };
    display(sheet, "2048", "4096", None);
    image_pixel(scene, sheet, &canvas, &Storage { photometric_interpretation, bits_stored: 12, is_signed: false });
    identifies
}

pub(super) fn write_dx(scene: &Scene<'_>, sheet: &mut Sheet<'_>) -> bool {
    general_image(scene, sheet, &["ORIGINAL", "PRIMARY"]);
    exposure(scene, sheet);
    sheet.keep(tags::BODY_PART_EXAMINED, Basis::Technique, scene.study.region.body_part);
    sheet.keep(tags::VIEW_POSITION, Basis::Technique, "AP");
    for (tag, value) in [
        (tags::PRESENTATION_INTENT_TYPE, "FOR PRESENTATION"),
        (tags::IMAGE_LATERALITY, "U"),
        (tags::PIXEL_INTENSITY_RELATIONSHIP, "LOG"),
        (tags::PRESENTATION_LUT_SHAPE, "IDENTITY"),
    ] {
        sheet.keep(tag, Basis::Technique, value);
        sheet.require(tag, Basis::Type1);
    }
    sheet.keep(tags::PIXEL_INTENSITY_RELATIONSHIP_SIGN, Basis::Technique, PrimitiveValue::from(-1i16));
    sheet.keep(tags::DETECTOR_TYPE, Basis::Technique, "DIRECT");
    sheet.keep(tags::DETECTOR_CONFIGURATION, Basis::Technique, "AREA");
    sheet.type2(tags::POSITIONER_TYPE, PrimitiveValue::Empty);
    let region = scene.study.region;
    code(sheet, tags::ANATOMIC_REGION_SEQUENCE, region.code, "SCT", region.words);
    sheet.items(tags::ACQUISITION_CONTEXT_SEQUENCE, 0, |_, _| {});
    let size = scene.series.settings;
    let rng = &mut scene.instance_stream("pixels");
    let mut canvas = pixels::radiograph(rng, size.columns, size.rows, 16_383);
    let identifies = burn_in(scene, sheet, &mut canvas, 16_383);
    display(sheet, "8192", "16384", Some(("0", "1", "US")));
    image_pixel(scene, sheet, &canvas, &Storage::monochrome2(14));
    identifies
}

pub(super) fn exposure(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    sheet.put(tags::PATIENT_ORIENTATION, values(&["L", "F"]));
    for (tag, value) in [(tags::KVP, "110"), (tags::EXPOSURE, "3"), (tags::DISTANCE_SOURCE_TO_DETECTOR, "1800.0")] {
        sheet.keep(tag, Basis::Technique, value);
    }
    let spacing_mm = if scene.series.settings.rows > 1024 { "0.2" } else { "0.6" };
    sheet.keep(tags::IMAGER_PIXEL_SPACING, Basis::Technique, values(&[spacing_mm, spacing_mm]));
}

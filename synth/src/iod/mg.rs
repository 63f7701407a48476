//! Digital Mammography X-Ray Image IOD (PS3.3 A.27), for presentation.

use super::Scene;
use super::common::{Storage, burn_in, code, display, general_image, image_pixel, technique, values};
use crate::pixels;
use crate::plant::{Basis, Sheet};
use dicom_core::PrimitiveValue;
use dicom_dictionary_std::tags;

const WHITE: i32 = 16_383;

pub(super) fn write(scene: &Scene<'_>, sheet: &mut Sheet<'_>) -> bool {
    general_image(scene, sheet, &["ORIGINAL", "PRIMARY", ""]);
    // Left and right breast by turns, the oblique view after both craniocaudal ones.
    let is_left = scene.instance_idx.is_multiple_of(2);
    let is_oblique = scene.instance_idx % 4 > 1;
    technique(
        sheet,
        &[
            (tags::KVP, "29"),
            (tags::EXPOSURE, "62"),
            (tags::EXPOSURE_TIME, "812"),
            (tags::BODY_PART_THICKNESS, "53"),
            (tags::COMPRESSION_FORCE, "92.8"),
            (tags::ANODE_TARGET_MATERIAL, "TUNGSTEN"),
            (tags::FILTER_MATERIAL, "RHODIUM"),
            (tags::DISTANCE_SOURCE_TO_DETECTOR, "700"),
            (tags::POSITIONER_PRIMARY_ANGLE, if is_oblique { "45" } else { "0" }),
            (tags::DETECTOR_TYPE, "DIRECT"),
            (tags::DETECTOR_CONFIGURATION, "AREA"),
            (tags::VIEW_POSITION, if is_oblique { "MLO" } else { "CC" }),
        ],
    );
    for (tag, value) in [
        (tags::BODY_PART_EXAMINED, "BREAST"),
        (tags::PRESENTATION_INTENT_TYPE, "FOR PRESENTATION"),
        (tags::IMAGE_LATERALITY, if is_left { "L" } else { "R" }),
        (tags::ORGAN_EXPOSED, "BREAST"),
        (tags::POSITIONER_TYPE, "MAMMOGRAPHIC"),
        (tags::BREAST_IMPLANT_PRESENT, "NO"),
        (tags::PIXEL_INTENSITY_RELATIONSHIP, "LOG"),
        (tags::PRESENTATION_LUT_SHAPE, if is_inverted(scene) { "INVERSE" } else { "IDENTITY" }),
    ] {
        sheet.keep(tag, Basis::Technique, value);
        sheet.require(tag, Basis::Type1);
    }
    sheet.keep(tags::PIXEL_INTENSITY_RELATIONSHIP_SIGN, Basis::Technique, PrimitiveValue::from(-1i16));
    sheet.put(tags::PATIENT_ORIENTATION, values(&[if is_left { "A" } else { "P" }, if is_left { "R" } else { "L" }]));
    sheet.keep(tags::IMAGER_PIXEL_SPACING, Basis::Technique, values(&["0.07", "0.07"]));
    view(sheet, is_oblique);
    image(scene, sheet, is_left)
}

fn view(sheet: &mut Sheet<'_>, is_oblique: bool) {
    let (value, meaning) =
        if is_oblique { ("399368009", "medio-lateral oblique") } else { ("399162004", "cranio-caudal") };
    sheet.item(tags::VIEW_CODE_SEQUENCE, |item| {
        item.put(tags::CODE_VALUE, value);
        item.put(tags::CODING_SCHEME_DESIGNATOR, "SCT");
        item.put(tags::CODE_MEANING, meaning);
        item.items(tags::VIEW_MODIFIER_CODE_SEQUENCE, 0, |_, _| {});
    });
    code(sheet, tags::ANATOMIC_REGION_SEQUENCE, "76752008", "SCT", "Breast");
    sheet.items(tags::ACQUISITION_CONTEXT_SEQUENCE, 0, |_, _| {});
}

/// Every third patient's images are stored with 0 as white.
const fn is_inverted(scene: &Scene<'_>) -> bool {
    scene.persona().ordinal % 3 == 1
}

fn image(scene: &Scene<'_>, sheet: &mut Sheet<'_>, is_left: bool) -> bool {
    let size = scene.series.settings;
    let rng = &mut scene.instance_stream("pixels");
    let mut canvas = pixels::mammogram(rng, size.columns, size.rows, WHITE, is_left);
    let identifies = burn_in(scene, sheet, &mut canvas, WHITE);
    let photometric_interpretation = if is_inverted(scene) {
        canvas.values.iter_mut().for_each(|value| *value = WHITE - *value);
        "MONOCHROME1"
    } else {
        "MONOCHROME2"
    };
    display(sheet, "8192", "16384", Some(("0", "1", "US")));
    image_pixel(scene, sheet, &canvas, &Storage { photometric_interpretation, bits_stored: 14, is_signed: false });
    identifies
}

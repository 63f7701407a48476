//! X-Ray Angiographic Image IOD (PS3.3 A.14), several frames of 8 bits.

use super::Scene;
use super::common::{Storage, burn_in, display, general_image, image_pixel, number, technique, values};
use crate::pixels;
use crate::plant::{Basis, Sheet};
use dicom_core::{PrimitiveValue, Tag};
use dicom_dictionary_std::tags;

pub(super) fn write(scene: &Scene<'_>, sheet: &mut Sheet<'_>) -> bool {
    general_image(scene, sheet, &["ORIGINAL", "PRIMARY", "SINGLE PLANE"]);
    technique(
        sheet,
        &[
            (tags::KVP, "76"),
            (tags::X_RAY_TUBE_CURRENT, "680"),
            (tags::EXPOSURE_TIME, "8"),
            (tags::AVERAGE_PULSE_WIDTH, "8.1"),
            (tags::INTENSIFIER_SIZE, "200"),
            (tags::CONTRAST_BOLUS_AGENT, "IODINATED CONTRAST"),
            (tags::BODY_PART_EXAMINED, "HEART"),
            (tags::CINE_RATE, "15"),
            (tags::FRAME_TIME, "66.7"),
        ],
    );
    for (tag, value) in [(tags::PIXEL_INTENSITY_RELATIONSHIP, "LIN"), (tags::RADIATION_SETTING, "GR")] {
        sheet.keep(tag, Basis::Technique, value);
        sheet.require(tag, Basis::Type1);
    }
    for (tag, value) in [
        (tags::POSITIONER_MOTION, "STATIC"),
        (tags::POSITIONER_PRIMARY_ANGLE, "-29.5"),
        (tags::POSITIONER_SECONDARY_ANGLE, "18.2"),
    ] {
        sheet.type2(tag, value);
    }
    sheet.keep(tags::IMAGER_PIXEL_SPACING, Basis::Technique, values(&["0.37", "0.37"]));
    sheet.put(tags::PATIENT_ORIENTATION, values(&["L", "F"]));
    sheet.put(tags::FRAME_INCREMENT_POINTER, PrimitiveValue::Tags([Tag(0x0018, 0x1063)].as_slice().into()));
    let size = scene.series.settings;
    let rng = &mut scene.instance_stream("pixels");
    let mut canvas = pixels::angiogram(rng, size.columns, size.rows, size.frames);
    let identifies = burn_in(scene, sheet, &mut canvas, 250);
    sheet.keep(tags::NUMBER_OF_FRAMES, Basis::Technique, number(canvas.n_frames));
    sheet.require(tags::NUMBER_OF_FRAMES, Basis::Type1);
    display(sheet, "128", "256", None);
    image_pixel(scene, sheet, &canvas, &Storage::monochrome2(8));
    identifies
}

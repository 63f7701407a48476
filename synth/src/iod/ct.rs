//! CT Image IOD (PS3.3 A.3).

use super::Scene;
use super::common::{Storage, axial_plane, burn_in, display, general_image, image_pixel, number};
use crate::pixels;
use crate::plant::{Basis, Sheet};
use dicom_dictionary_std::tags;

pub(super) fn write(scene: &Scene<'_>, sheet: &mut Sheet<'_>) -> bool {
    general_image(scene, sheet, &["ORIGINAL", "PRIMARY", "AXIAL"]);
    axial_plane(scene, sheet);
    sheet.keep(tags::PATIENT_POSITION, Basis::Technique, "HFS");
    sheet.keep(tags::BODY_PART_EXAMINED, Basis::Technique, scene.study.region.body_part);
    sheet.keep(tags::KVP, Basis::Technique, "120");
    sheet.require(tags::KVP, Basis::Type2);
    for (tag, value) in [
        (tags::SCAN_OPTIONS, "HELICAL MODE"),
        (tags::DATA_COLLECTION_DIAMETER, "500.0"),
        (tags::RECONSTRUCTION_DIAMETER, "320.0"),
        (tags::GANTRY_DETECTOR_TILT, "0.0"),
        (tags::TABLE_HEIGHT, "142.0"),
        (tags::ROTATION_DIRECTION, "CW"),
        (tags::EXPOSURE_TIME, "500"),
        (tags::X_RAY_TUBE_CURRENT, "310"),
        (tags::EXPOSURE, "155"),
        (tags::FILTER_TYPE, "BODY FILTER"),
        (tags::CONVOLUTION_KERNEL, "STANDARD"),
    ] {
        sheet.keep(tag, Basis::Technique, value);
    }
    sheet.keep(tags::GENERATOR_POWER, Basis::Technique, number(37));
    let size = scene.series.settings;
    let depth = f64::from(scene.instance_idx) / f64::from(size.instances);
    let rng = &mut scene.instance_stream("pixels");
    let mut canvas = pixels::ct_slice(rng, size.columns, size.rows, depth, scene.study.region.body_part);
    let identifies = burn_in(scene, sheet, &mut canvas, 1400);
    display(sheet, "40", "400", Some(("0", "1", "HU")));
    image_pixel(
        scene,
        sheet,
        &canvas,
        &Storage { photometric_interpretation: "MONOCHROME2", bits_stored: 16, is_signed: true },
    );
    identifies
}

//! MR Image IOD (PS3.3 A.4).

use super::Scene;
use super::common::{Storage, axial_plane, burn_in, display, general_image, image_pixel};
use crate::pixels;
use crate::plant::{Basis, Sheet};
use dicom_dictionary_std::tags;

pub(super) fn write(scene: &Scene<'_>, sheet: &mut Sheet<'_>) -> bool {
    general_image(scene, sheet, &["ORIGINAL", "PRIMARY", "OTHER"]);
    axial_plane(scene, sheet);
    sheet.keep(tags::PATIENT_POSITION, Basis::Technique, "HFS");
    for (tag, value) in [
        (tags::BODY_PART_EXAMINED, scene.series.region.body_part),
        (tags::SCANNING_SEQUENCE, "SE"),
        (tags::SEQUENCE_VARIANT, "SK"),
        (tags::SCAN_OPTIONS, "FC"),
        (tags::MR_ACQUISITION_TYPE, "2D"),
        (tags::SEQUENCE_NAME, "tse2d1_9"),
        (tags::REPETITION_TIME, "4000.0"),
        (tags::ECHO_TIME, "102.0"),
        (tags::ECHO_TRAIN_LENGTH, "9"),
        (tags::NUMBER_OF_AVERAGES, "2"),
        (tags::IMAGING_FREQUENCY, "63.87"),
        (tags::IMAGED_NUCLEUS, "1H"),
        (tags::MAGNETIC_FIELD_STRENGTH, "1.5"),
        (tags::SPACING_BETWEEN_SLICES, "5.0"),
        (tags::PERCENT_SAMPLING, "100.0"),
        (tags::PIXEL_BANDWIDTH, "130.0"),
        (tags::FLIP_ANGLE, "150.0"),
        (tags::SAR, "0.9"),
    ] {
        sheet.keep(tag, Basis::Technique, value);
    }
    let size = scene.series.settings;
    let depth = f64::from(scene.instance_idx) / f64::from(size.instances);
    let rng = &mut scene.instance_stream("pixels");
    let mut canvas = pixels::mr_slice(rng, size.columns, size.rows, depth);
    let identifies = burn_in(scene, sheet, &mut canvas, 4000);
    display(sheet, "1200", "2400", None);
    image_pixel(scene, sheet, &canvas, &Storage::monochrome2(12));
    identifies
}

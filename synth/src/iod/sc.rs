//! Secondary Capture Image IOD (PS3.3 A.8).

use super::Scene;
use super::common::{Storage, burn_in, general_image, image_pixel};
use super::study::first_images;
use crate::dates;
use crate::pixels;
use crate::plant::Sheet;
use dicom_core::PrimitiveValue;
use dicom_dictionary_std::tags;

pub(super) fn write(scene: &Scene<'_>, sheet: &mut Sheet<'_>) -> bool {
    general_image(scene, sheet, &["DERIVED", "SECONDARY"]);
    sheet.put(tags::PATIENT_ORIENTATION, PrimitiveValue::Empty);
    sheet.put(tags::LATERALITY, PrimitiveValue::Empty);
    sheet.type1(tags::CONVERSION_TYPE, "WSD");
    sheet.plant(tags::DATE_OF_SECONDARY_CAPTURE, &dates::dicom_date(scene.study.date));
    let sources = first_images(scene);
    if let Some((class, _, instance)) = sources.first() {
        sheet.item(tags::SOURCE_IMAGE_SEQUENCE, |item| {
            item.put(tags::REFERENCED_SOP_CLASS_UID, *class);
            item.plant(tags::REFERENCED_SOP_INSTANCE_UID, instance);
        });
    }
    let size = scene.series.settings;
    let rng = &mut scene.instance_stream("pixels");
    let mut canvas = pixels::screenshot(rng, size.columns, size.rows);
    let identifies = burn_in(scene, sheet, &mut canvas, 245);
    image_pixel(
        sheet,
        &canvas,
        &Storage { photometric_interpretation: "MONOCHROME2", bits_stored: 8, is_signed: false },
    );
    identifies
}

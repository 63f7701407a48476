//! Ultrasound Image IOD (PS3.3 A.6) and Ultrasound Multi-frame Image IOD (PS3.3 A.7).

use super::Scene;
use super::common::{Storage, burn_in, general_image, image_pixel, number};
use crate::pixels::{self, Canvas};
use crate::plant::{Basis, Sheet};
use dicom_core::{PrimitiveValue, Tag};
use dicom_dictionary_std::tags;

pub(super) fn write(scene: &Scene<'_>, sheet: &mut Sheet<'_>) -> bool {
    let (canvas, identifies) = screen(scene, sheet);
    image_pixel(sheet, &canvas, &STORAGE);
    identifies
}

pub(super) fn write_multi_frame(scene: &Scene<'_>, sheet: &mut Sheet<'_>) -> bool {
    let (canvas, identifies) = screen(scene, sheet);
    sheet.keep(tags::NUMBER_OF_FRAMES, Basis::Technique, number(canvas.n_frames));
    sheet.require(tags::NUMBER_OF_FRAMES, Basis::Type1);
    sheet.put(tags::FRAME_INCREMENT_POINTER, PrimitiveValue::Tags([Tag(0x0018, 0x1063)].as_slice().into()));
    sheet.keep(tags::FRAME_TIME, Basis::Technique, "33.3");
    image_pixel(sheet, &canvas, &STORAGE);
    identifies
}

const STORAGE: Storage = Storage { photometric_interpretation: "RGB", bits_stored: 8, is_signed: false };

fn screen(scene: &Scene<'_>, sheet: &mut Sheet<'_>) -> (Canvas, bool) {
    general_image(scene, sheet, &["ORIGINAL", "PRIMARY", "ABDOMINAL", "0001"]);
    sheet.put(tags::PATIENT_ORIENTATION, PrimitiveValue::Empty);
    sheet.put(tags::LATERALITY, PrimitiveValue::Empty);
    sheet.keep(tags::TRANSDUCER_TYPE, Basis::Technique, "CURVED LINEAR");
    sheet.keep(tags::LOSSY_IMAGE_COMPRESSION, Basis::Technique, "00");
    let size = scene.series.settings;
    let rng = &mut scene.instance_stream("pixels");
    let mut canvas = pixels::ultrasound(rng, size.columns, size.rows, size.frames);
    let identifies = burn_in(scene, sheet, &mut canvas, 250);
    (canvas, identifies)
}

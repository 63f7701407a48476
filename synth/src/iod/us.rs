//! Ultrasound Image IOD (PS3.3 A.6) and Ultrasound Multi-frame Image IOD (PS3.3 A.7).

use super::Scene;
use super::common::{Storage, burn_in, general_image, image_pixel, number};
use crate::Syntax;
use crate::persona::pick;
use crate::pixels::{self, Canvas};
use crate::plant::{Basis, Sheet};
use dicom_core::{PrimitiveValue, Tag};
use dicom_dictionary_std::tags;

pub(super) fn write(scene: &Scene<'_>, sheet: &mut Sheet<'_>) -> bool {
    let (canvas, identifies) = screen(scene, sheet);
    image_pixel(scene, sheet, &canvas, &storage(scene));
    identifies
}

pub(super) fn write_multi_frame(scene: &Scene<'_>, sheet: &mut Sheet<'_>) -> bool {
    let (canvas, identifies) = screen(scene, sheet);
    sheet.keep(tags::NUMBER_OF_FRAMES, Basis::Technique, number(canvas.n_frames));
    sheet.require(tags::NUMBER_OF_FRAMES, Basis::Type1);
    sheet.put(tags::FRAME_INCREMENT_POINTER, PrimitiveValue::Tags([Tag(0x0018, 0x1063)].as_slice().into()));
    sheet.keep(tags::FRAME_TIME, Basis::Technique, "33.3");
    image_pixel(scene, sheet, &canvas, &storage(scene));
    identifies
}

/// Devices differ in how they store colour; the transfer syntax decides what is legal (PS3.3 C.8.5.6.1.2).
fn storage(scene: &Scene<'_>) -> Storage {
    let photometric_interpretation = match scene.series.syntax {
        Syntax::JpegBaseline => "YBR_FULL_422",
        Syntax::Rle => pick(&mut scene.series_stream("color"), &["RGB", "YBR_FULL", "YBR_FULL"]),
        _ => "RGB",
    };
    Storage { photometric_interpretation, bits_stored: 8, is_signed: false }
}

fn screen(scene: &Scene<'_>, sheet: &mut Sheet<'_>) -> (Canvas, bool) {
    general_image(scene, sheet, &["ORIGINAL", "PRIMARY", "ABDOMINAL", "0001"]);
    sheet.put(tags::PATIENT_ORIENTATION, PrimitiveValue::Empty);
    sheet.put(tags::LATERALITY, PrimitiveValue::Empty);
    sheet.keep(tags::TRANSDUCER_TYPE, Basis::Technique, "CURVED LINEAR");
    regions(scene, sheet);
    let size = scene.series.settings;
    let rng = &mut scene.instance_stream("pixels");
    let mut canvas = pixels::ultrasound(rng, size.columns, size.rows, size.frames);
    let identifies = burn_in(scene, sheet, &mut canvas, 250);
    (canvas, identifies)
}

/// Sequence of Ultrasound Regions (PS3.3 C.8.5.5): the sector in cm, and the strip of the color wedge.
fn regions(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    let size = scene.series.settings;
    let sector = (size.columns / 8, 0, size.columns - size.columns / 8, size.rows - 1);
    let wedge = (size.columns * 195 / 200, size.rows * 3 / 10, size.columns * 198 / 200, size.rows * 7 / 10);
    let pixel_cm = 16.0 / f64::from(size.rows);
    // 2D in cm; the wedge is a colour bar without units.
    let regions = [(sector, 1_u16, 1_u16, 3_u16, pixel_cm), (wedge, 5, 3, 0, 1.0)];
    sheet.items(tags::SEQUENCE_OF_ULTRASOUND_REGIONS, 2, |region_idx, item| {
        let ((x0, y0, x1, y1), format, data_type, unit, delta) = regions[region_idx as usize];
        item.put(tags::REGION_SPATIAL_FORMAT, format);
        item.put(tags::REGION_DATA_TYPE, data_type);
        item.put(tags::REGION_FLAGS, 0_u32);
        item.put(tags::REGION_LOCATION_MIN_X0, x0);
        item.put(tags::REGION_LOCATION_MIN_Y0, y0);
        item.put(tags::REGION_LOCATION_MAX_X1, x1);
        item.put(tags::REGION_LOCATION_MAX_Y1, y1);
        item.put(tags::PHYSICAL_UNITS_X_DIRECTION, unit);
        item.put(tags::PHYSICAL_UNITS_Y_DIRECTION, unit);
        item.put_reals(tags::PHYSICAL_DELTA_X, &[delta]);
        item.put_reals(tags::PHYSICAL_DELTA_Y, &[delta]);
    });
}

//! Secondary Capture Image IOD (PS3.3 A.8): gray, in color, and in a palette.

use super::common::{Storage, burn_in, general_image, image_pixel};
use super::{Scene, references};
use crate::persona::pick;
use crate::pixels::{self, Canvas};
use crate::plant::Sheet;
use crate::{SeriesKind, Syntax, dates};
use dicom_core::{PrimitiveValue, VR};
use dicom_dictionary_std::tags;

pub(super) fn write(scene: &Scene<'_>, sheet: &mut Sheet<'_>) -> bool {
    general_image(scene, sheet, &["DERIVED", "SECONDARY"]);
    sheet.put(tags::PATIENT_ORIENTATION, PrimitiveValue::Empty);
    sheet.put(tags::LATERALITY, PrimitiveValue::Empty);
    sheet.type1(tags::CONVERSION_TYPE, "WSD");
    sheet.plant(tags::DATE_OF_SECONDARY_CAPTURE, &dates::dicom_date(scene.study.date));
    if let Some(series) = references::images(scene).next() {
        let (class, uid) = references::first_of(series);
        sheet.item(tags::SOURCE_IMAGE_SEQUENCE, |item| references::instance(item, class, uid));
    }
    let (mut canvas, ink, photometric_interpretation) = draw(scene);
    let identifies = burn_in(scene, sheet, &mut canvas, ink);
    if scene.series.kind == SeriesKind::ScPalette {
        palette(sheet);
    }
    image_pixel(scene, sheet, &canvas, &Storage { photometric_interpretation, bits_stored: 8, is_signed: false });
    identifies
}

/// The picture, what text is drawn with, and how colour is stored.
fn draw(scene: &Scene<'_>) -> (Canvas, i32, &'static str) {
    let (columns, rows) = (scene.series.settings.columns, scene.series.settings.rows);
    let rng = &mut scene.instance_stream("pixels");
    match scene.series.kind {
        SeriesKind::ScColor => {
            let photometric_interpretation = match scene.series.syntax {
                Syntax::JpegBaseline => "YBR_FULL_422",
                syntax if syntax.is_encapsulated() => "RGB",
                _ => pick(&mut scene.series_stream("color"), &["RGB", "YBR_FULL"]),
            };
            (pixels::color_rendering(rng, columns, rows), 245, photometric_interpretation)
        }
        // The last entry of the palette is white.
        SeriesKind::ScPalette => (pixels::palette_map(rng, columns, rows), 255, "PALETTE COLOR"),
        _ => (pixels::screenshot(rng, columns, rows), 245, "MONOCHROME2"),
    }
}

/// Palette Color Lookup Tables of 256 entries of 16 bits: from black over red and yellow to white, brighter with every
/// entry, as the Hot Iron palette of PS3.6 Annex B is. What is drawn in brighter numbers shows brighter.
fn palette(sheet: &mut Sheet<'_>) {
    let channel = |first: i32, slope: i32| -> PrimitiveValue {
        let ramp = (0..256).map(|index: i32| ((index - first) * slope).clamp(0, 255));
        PrimitiveValue::U16(ramp.map(|level| u16::try_from(level * 257).unwrap_or(u16::MAX)).collect())
    };
    for (descriptor, data, first, slope) in [
        (tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR, tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DATA, 0, 2),
        (tags::GREEN_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR, tags::GREEN_PALETTE_COLOR_LOOKUP_TABLE_DATA, 128, 2),
        (tags::BLUE_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR, tags::BLUE_PALETTE_COLOR_LOOKUP_TABLE_DATA, 192, 4),
    ] {
        sheet.put_as(descriptor, VR::US, PrimitiveValue::U16([256, 0, 16].as_slice().into()));
        sheet.put_as(data, VR::OW, channel(first, slope));
    }
}

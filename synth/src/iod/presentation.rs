//! Grayscale Softcopy Presentation State IOD (PS3.3 A.33.1) with text and lines drawn over an image.

use super::{Scene, references};
use crate::dates;
use crate::plan::SeriesPlan;
use crate::plant::{Basis, Phrase, Secret, Sheet};
use dicom_core::{PrimitiveValue, Tag};
use dicom_dictionary_std::tags;

pub(super) fn write(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    // The plan leaves presentation states out where nothing gray can be shown.
    let shown = references::gray(scene).expect("a study with presentation states has a gray image");
    identification(scene, sheet);
    sheet.put(tags::LATERALITY, PrimitiveValue::Empty);
    sheet.item(tags::REFERENCED_SERIES_SEQUENCE, |series| {
        one_image(series, tags::REFERENCED_IMAGE_SEQUENCE, shown);
        series.plant(tags::SERIES_INSTANCE_UID, &shown.uid);
    });
    sheet.item(tags::DISPLAYED_AREA_SELECTION_SEQUENCE, |area| displayed_area(area, shown));
    annotations(scene, sheet, shown);
    sheet.item(tags::GRAPHIC_LAYER_SEQUENCE, |layer| {
        layer.put(tags::GRAPHIC_LAYER, "NOTES");
        layer.put(tags::GRAPHIC_LAYER_ORDER, "1");
        layer.phrase_secrets(tags::GRAPHIC_LAYER_DESCRIPTION, &layer_description(scene));
    });
    sheet.item(tags::SOFTCOPY_VOILUT_SEQUENCE, |item| {
        item.put(tags::WINDOW_CENTER, "1000");
        item.put(tags::WINDOW_WIDTH, "2000");
    });
    sheet.keep(tags::PRESENTATION_LUT_SHAPE, Basis::Technique, "IDENTITY");
}

fn identification(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    let rng = &mut scene.instance_stream("instance text");
    sheet.plant_type1(tags::PRESENTATION_CREATION_DATE, &dates::dicom_date(scene.study.date));
    sheet.type1(tags::PRESENTATION_CREATION_TIME, scene.series.start.plus(30).dicom());
    // A code string of at most 16 characters; sites that have nothing better put the accession number here.
    sheet.plant_type1(tags::CONTENT_LABEL, &scene.study.accession);
    sheet.phrase(tags::CONTENT_DESCRIPTION, &scene.instance_grammar().protocol(rng));
    sheet.require(tags::CONTENT_DESCRIPTION, Basis::Type2);
    sheet.plant_type2(tags::CONTENT_CREATOR_NAME, &scene.study.reading);
}

fn one_image(item: &mut Sheet<'_>, sequence: Tag, shown: &SeriesPlan) {
    let (class, uid) = references::first_of(shown);
    item.item(sequence, |image| references::instance(image, class, uid));
}

fn displayed_area(area: &mut Sheet<'_>, shown: &SeriesPlan) {
    let side = |side: u32| i32::try_from(side).expect("the settings allow at most 4096 rows and columns");
    one_image(area, tags::REFERENCED_IMAGE_SEQUENCE, shown);
    area.put(tags::DISPLAYED_AREA_TOP_LEFT_HAND_CORNER, PrimitiveValue::I32([1, 1].as_slice().into()));
    let corner = [side(shown.settings.columns), side(shown.settings.rows)];
    area.put(tags::DISPLAYED_AREA_BOTTOM_RIGHT_HAND_CORNER, PrimitiveValue::I32(corner.as_slice().into()));
    area.put(tags::PRESENTATION_SIZE_MODE, "SCALE TO FIT");
    area.put(
        tags::PRESENTATION_PIXEL_ASPECT_RATIO,
        PrimitiveValue::Strs(["1".to_owned(), "1".to_owned()].as_slice().into()),
    );
}

fn layer_description(scene: &Scene<'_>) -> Phrase {
    let rng = &mut scene.instance_stream("layer text");
    scene.instance_grammar().line(rng, 4)
}

/// Two texts and a line; people write findings beside names into the first.
fn annotations(scene: &Scene<'_>, sheet: &mut Sheet<'_>, shown: &SeriesPlan) {
    let rng = &mut scene.instance_stream("annotation text");
    let by: Secret = scene.study.reading.spoken();
    let signed = Phrase::default().filler("marked by ").secret(&by);
    let texts = [scene.instance_grammar().line(rng, 1), signed];
    sheet.item(tags::GRAPHIC_ANNOTATION_SEQUENCE, |annotation| {
        one_image(annotation, tags::REFERENCED_IMAGE_SEQUENCE, shown);
        annotation.put(tags::GRAPHIC_LAYER, "NOTES");
        annotation.items(tags::TEXT_OBJECT_SEQUENCE, 2, |text_idx, text| {
            text.put(tags::ANCHOR_POINT_ANNOTATION_UNITS, "PIXEL");
            text.phrase_secrets(tags::UNFORMATTED_TEXT_VALUE, &texts[text_idx as usize]);
            text.put_reals(tags::ANCHOR_POINT, &[20.0, 30.0 + 20.0 * f64::from(text_idx)]);
            text.put(tags::ANCHOR_POINT_VISIBILITY, "N");
        });
        annotation.item(tags::GRAPHIC_OBJECT_SEQUENCE, |graphic| {
            graphic.put(tags::GRAPHIC_ANNOTATION_UNITS, "PIXEL");
            graphic.put(tags::GRAPHIC_DIMENSIONS, 2_u16);
            graphic.put(tags::NUMBER_OF_GRAPHIC_POINTS, 2_u16);
            graphic.put_reals(tags::GRAPHIC_DATA, &[40.0, 50.0, 90.0, 110.0]);
            graphic.put(tags::GRAPHIC_TYPE, "POLYLINE");
            graphic.put(tags::GRAPHIC_FILLED, "N");
        });
    });
}

//! Segmentation IOD (PS3.3 A.51): binary segments over the slices of a series.

use super::common::{code, values};
use super::{Scene, frames, references};
use crate::dates;
use crate::plan::SeriesPlan;
use crate::plant::{Basis, Secret, Sheet};
use dicom_core::{PrimitiveValue, VR};
use dicom_dictionary_std::tags;
use efface_schema::PhiLabel;

pub(super) fn write(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    // The plan leaves segmentations out where there are no slices.
    let source = references::slices(scene).expect("a study with segments has slices");
    description(scene, sheet, source);
    segments(scene, sheet);
    frames::dimensions(scene, sheet, &[SEGMENT, frames::POSITION]);
    let n_frames = source.settings.instances;
    sheet.item(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE, |group| frames::geometry(group, source));
    sheet.items(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE, n_frames, |frame_idx, group| {
        frame(group, source, frame_idx);
    });
    references::referenced_series(sheet, source);
    pixels(sheet, source);
}

const SEGMENT: frames::Dimension =
    (tags::REFERENCED_SEGMENT_NUMBER, tags::SEGMENT_IDENTIFICATION_SEQUENCE, "Segment Number");

fn description(scene: &Scene<'_>, sheet: &mut Sheet<'_>, source: &SeriesPlan) {
    let rng = &mut scene.instance_stream("instance text");
    sheet.keep(tags::IMAGE_TYPE, Basis::Technique, values(&["DERIVED", "PRIMARY"]));
    sheet.plant_type1(tags::CONTENT_DATE, &dates::dicom_date(scene.study.date));
    sheet.type1(tags::CONTENT_TIME, scene.series.start.plus(40).dicom());
    sheet.plant_type1(tags::FRAME_OF_REFERENCE_UID, &source.frame_of_reference_uid);
    sheet.type2(tags::POSITION_REFERENCE_INDICATOR, PrimitiveValue::Empty);
    sheet.type1(tags::CONTENT_LABEL, "SEGMENTATION");
    sheet.phrase(tags::CONTENT_DESCRIPTION, &scene.instance_grammar().protocol(rng));
    sheet.require(tags::CONTENT_DESCRIPTION, Basis::Type2);
    sheet.plant_type2(tags::CONTENT_CREATOR_NAME, &scene.study.reading);
    sheet.keep(tags::SEGMENTATION_TYPE, Basis::Technique, "BINARY");
    sheet.keep(tags::LOSSY_IMAGE_COMPRESSION, Basis::Technique, "00");
    sheet.put(tags::BURNED_IN_ANNOTATION, "NO");
}

fn segments(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    let [patient, study, series] = [scene.persona().ordinal, scene.study.ordinal, scene.series.ordinal];
    let tracking = Secret::new(PhiLabel::OtherId, scene.streams.uid("tracking uid", &[patient, study, series]));
    let rng = &mut scene.instance_stream("segment text");
    sheet.item(tags::SEGMENT_SEQUENCE, |item| {
        item.put(tags::SEGMENT_NUMBER, 1_u16);
        item.put(tags::SEGMENT_LABEL, "Lesion 1");
        item.phrase_secrets(tags::SEGMENT_DESCRIPTION, &scene.instance_grammar().line(rng, 2));
        item.put(tags::SEGMENT_ALGORITHM_TYPE, "MANUAL");
        item.plant(tags::TRACKING_ID, &scene.study.order.derive(|order| format!("LESION-{order}")));
        item.plant(tags::TRACKING_UID, &tracking);
        code(
            item,
            tags::SEGMENTED_PROPERTY_CATEGORY_CODE_SEQUENCE,
            "49755003",
            "SCT",
            "Morphologically Abnormal Structure",
        );
        code(item, tags::SEGMENTED_PROPERTY_TYPE_CODE_SEQUENCE, "108369006", "SCT", "Neoplasm");
    });
}

fn frame(group: &mut Sheet<'_>, source: &SeriesPlan, frame_idx: u32) {
    group.item(tags::FRAME_CONTENT_SEQUENCE, |item| {
        item.put(tags::DIMENSION_INDEX_VALUES, PrimitiveValue::U32([1, frame_idx + 1].as_slice().into()));
    });
    frames::plane_position(group, source, frame_idx);
    group.item(tags::SEGMENT_IDENTIFICATION_SEQUENCE, |item| item.put(tags::REFERENCED_SEGMENT_NUMBER, 1_u16));
    group.item(tags::DERIVATION_IMAGE_SEQUENCE, |item| {
        code(item, tags::DERIVATION_CODE_SEQUENCE, "113076", "DCM", "Segmentation");
        item.item(tags::SOURCE_IMAGE_SEQUENCE, |image| {
            let uid = &source.instance_uids[frame_idx as usize];
            references::instance(image, super::sop_class(source.kind), uid);
            code(
                image,
                tags::PURPOSE_OF_REFERENCE_CODE_SEQUENCE,
                "121322",
                "DCM",
                "Source image for image processing operation",
            );
        });
    });
}

/// One bit a pixel: a disc that grows and shrinks from slice to slice.
fn pixels(sheet: &mut Sheet<'_>, source: &SeriesPlan) {
    let (rows, columns, n_frames) = (source.settings.rows, source.settings.columns, source.settings.instances);
    let mut bytes = vec![0_u8; ((rows * columns) as usize * n_frames as usize).div_ceil(8).next_multiple_of(2)];
    for frame in 0..n_frames {
        let radius = i64::from(rows / 12 + rows * (frame.min(n_frames - 1 - frame) + 1) / (6 * n_frames));
        for y in 0..rows {
            let dy = i64::from(y) - i64::from(rows * 2 / 5);
            let half = (radius * radius - dy * dy).max(0).isqrt();
            let middle = i64::from(columns * 3 / 5);
            for x in middle - half..middle + half {
                let bit = (frame as usize * rows as usize + y as usize) * columns as usize + x as usize;
                bytes[bit / 8] |= 1 << (bit % 8);
            }
        }
    }
    sheet.keep(tags::SAMPLES_PER_PIXEL, Basis::Technique, 1_u16);
    sheet.keep(tags::PHOTOMETRIC_INTERPRETATION, Basis::Technique, "MONOCHROME2");
    sheet.keep(tags::NUMBER_OF_FRAMES, Basis::Technique, n_frames.to_string());
    let side = |side: u32| u16::try_from(side).expect("the settings allow at most 4096 rows and columns");
    for (tag, value) in [
        (tags::ROWS, side(rows)),
        (tags::COLUMNS, side(columns)),
        (tags::BITS_ALLOCATED, 1),
        (tags::BITS_STORED, 1),
        (tags::HIGH_BIT, 0),
        (tags::PIXEL_REPRESENTATION, 0),
    ] {
        sheet.keep(tag, Basis::Technique, value);
        sheet.require(tag, Basis::Type1);
    }
    sheet.put_as(tags::PIXEL_DATA, VR::OB, PrimitiveValue::from(bytes));
    sheet.require_pixels();
}

//! What multi-frame objects of functional groups share: dimensions, and the groups that say where a frame lies.

use super::Scene;
use super::common::{code, position_texts, slices, values};
use crate::dates;
use crate::plan::SeriesPlan;
use crate::plant::{Secret, Sheet};
use dicom_core::{PrimitiveValue, Tag};
use dicom_dictionary_std::tags;
use efface_schema::PhiLabel;

/// A dimension of a multi-frame object: the attribute, and the sequence that it stands in.
pub(super) type Dimension = (Tag, Tag, &'static str);

pub(super) const STACK: Dimension = (tags::STACK_ID, tags::FRAME_CONTENT_SEQUENCE, "Stack ID");
pub(super) const POSITION: Dimension = (tags::IMAGE_POSITION_PATIENT, tags::PLANE_POSITION_SEQUENCE, "Image Position");

/// Multi-frame Dimension module.
pub(super) fn dimensions(scene: &Scene<'_>, sheet: &mut Sheet<'_>, dimensions: &[Dimension]) {
    let [patient, study, series] = [scene.persona().ordinal, scene.study.ordinal, scene.series.ordinal];
    let uid = scene.streams.uid("dimension organization uid", &[patient, study, series]);
    let organization = Secret::new(PhiLabel::OtherId, uid);
    sheet.item(tags::DIMENSION_ORGANIZATION_SEQUENCE, |item| {
        item.plant(tags::DIMENSION_ORGANIZATION_UID, &organization);
    });
    let n_dimensions = u32::try_from(dimensions.len()).expect("a few");
    sheet.items(tags::DIMENSION_INDEX_SEQUENCE, n_dimensions, |dimension_idx, item| {
        let (attribute, group, label) = dimensions[dimension_idx as usize];
        item.plant(tags::DIMENSION_ORGANIZATION_UID, &organization);
        item.put(tags::DIMENSION_INDEX_POINTER, PrimitiveValue::Tags([attribute].as_slice().into()));
        item.put(tags::FUNCTIONAL_GROUP_POINTER, PrimitiveValue::Tags([group].as_slice().into()));
        item.put(tags::DIMENSION_DESCRIPTION_LABEL, label);
    });
}

/// Pixel Measures and Plane Orientation, the same for all frames of a stack.
pub(super) fn geometry(group: &mut Sheet<'_>, of: &SeriesPlan) {
    let of = slices(of.kind);
    group.item(tags::PIXEL_MEASURES_SEQUENCE, |item| {
        item.put(tags::SLICE_THICKNESS, format!("{:.1}", of.thickness_mm));
        item.put(tags::SPACING_BETWEEN_SLICES, format!("{:.1}", of.thickness_mm));
        item.put(tags::PIXEL_SPACING, values(&[of.spacing_mm, of.spacing_mm]));
    });
    group.item(tags::PLANE_ORIENTATION_SEQUENCE, |item| {
        item.put(tags::IMAGE_ORIENTATION_PATIENT, values(&["1", "0", "0", "0", "1", "0"]));
    });
}

/// Plane Position of a slice of a series.
pub(super) fn plane_position(group: &mut Sheet<'_>, of: &SeriesPlan, slice_idx: u32) {
    group.item(tags::PLANE_POSITION_SEQUENCE, |item| {
        item.put(tags::IMAGE_POSITION_PATIENT, values(&position_texts(of, slice_idx)));
    });
}

/// Frame Content of an acquired frame; its comment is one of the places where operators write.
pub(super) fn frame_content(scene: &Scene<'_>, group: &mut Sheet<'_>, frame_idx: u32) {
    let time = scene.series.start.plus(10 + scene.instance_idx * 60 + frame_idx / 4);
    let moment = dates::dicom_date_time(scene.study.date, time);
    group.item(tags::FRAME_CONTENT_SEQUENCE, |item| {
        item.put(tags::FRAME_ACQUISITION_NUMBER, 1_u16);
        item.plant(tags::FRAME_REFERENCE_DATE_TIME, &moment);
        item.plant(tags::FRAME_ACQUISITION_DATE_TIME, &moment);
        item.put_reals(tags::FRAME_ACQUISITION_DURATION, &[500.0]);
        item.put(tags::STACK_ID, "1");
        item.put(tags::IN_STACK_POSITION_NUMBER, frame_idx + 1);
        item.put(tags::DIMENSION_INDEX_VALUES, PrimitiveValue::U32([1, frame_idx + 1].as_slice().into()));
        if frame_idx == 0 {
            let rng = &mut scene.instance_stream("frame text");
            item.phrase_secrets(tags::FRAME_COMMENTS, &scene.instance_grammar().line(rng, 3));
        }
    });
}

/// Frame Anatomy.
pub(super) fn anatomy(scene: &Scene<'_>, group: &mut Sheet<'_>) {
    let region = scene.series.region;
    group.item(tags::FRAME_ANATOMY_SEQUENCE, |item| {
        item.put(tags::FRAME_LATERALITY, "U");
        code(item, tags::ANATOMIC_REGION_SEQUENCE, region.code, "SCT", region.words);
    });
}

/// Frame VOI LUT.
pub(super) fn window(group: &mut Sheet<'_>, center: &str, width: &str) {
    group.item(tags::FRAME_VOILUT_SEQUENCE, |item| {
        item.put(tags::WINDOW_CENTER, center);
        item.put(tags::WINDOW_WIDTH, width);
    });
}

/// Pixel Value Transformation.
pub(super) fn rescale(group: &mut Sheet<'_>, intercept: &str, unit: &str) {
    group.item(tags::PIXEL_VALUE_TRANSFORMATION_SEQUENCE, |item| {
        item.put(tags::RESCALE_INTERCEPT, intercept);
        item.put(tags::RESCALE_SLOPE, "1");
        item.put(tags::RESCALE_TYPE, unit);
    });
}

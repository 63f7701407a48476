//! RT Structure Set IOD (PS3.3 A.19): contours on the slices of a series.

use super::common::number;
use super::{Scene, references, sop_class};
use crate::dates;
use crate::plan::SeriesPlan;
use crate::plant::{Basis, Phrase, Sheet};
use dicom_core::PrimitiveValue;
use dicom_dictionary_std::tags;

/// Regions of interest: their name, what they are, their colour, and the share of the image that they span.
const ROIS: [(&str, &str, [u8; 3], f64); 3] = [
    ("BODY", "EXTERNAL", [0, 255, 0], 0.4),
    ("PTV 60", "PTV", [255, 0, 0], 0.1),
    ("SpinalCord", "ORGAN", [255, 255, 0], 0.03),
];

pub(super) fn write(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    // The plan leaves structures out where there are no slices.
    let source = references::slices(scene).expect("a study with structures has slices");
    structure_set(scene, sheet);
    frame_of_reference(scene, sheet, source);
    rois(scene, sheet, source);
    contours(sheet, source);
    observations(scene, sheet);
    approval(scene, sheet);
}

fn structure_set(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    let (persona, rng) = (scene.persona(), &mut scene.instance_stream("instance text"));
    // Planners label by the patient; SH has room for 16 characters.
    let family = persona.name.family().derive(|family| family.chars().take(16).collect());
    sheet.plant_type1(tags::STRUCTURE_SET_LABEL, &family);
    sheet.phrase_secrets(tags::STRUCTURE_SET_NAME, &scene.instance_grammar().description(rng));
    sheet.phrase_secrets(tags::STRUCTURE_SET_DESCRIPTION, &scene.instance_grammar().comment(rng, 3));
    sheet.plant_type2(tags::STRUCTURE_SET_DATE, &dates::dicom_date(scene.study.date));
    sheet.type2(tags::STRUCTURE_SET_TIME, scene.series.start.plus(60).dicom());
}

/// Which study, series and images the contours lie on.
fn frame_of_reference(scene: &Scene<'_>, sheet: &mut Sheet<'_>, source: &SeriesPlan) {
    sheet.plant_type1(tags::FRAME_OF_REFERENCE_UID, &source.frame_of_reference_uid);
    sheet.type2(tags::POSITION_REFERENCE_INDICATOR, PrimitiveValue::Empty);
    sheet.item(tags::REFERENCED_FRAME_OF_REFERENCE_SEQUENCE, |frame| {
        frame.plant(tags::FRAME_OF_REFERENCE_UID, &source.frame_of_reference_uid);
        frame.item(tags::RT_REFERENCED_STUDY_SEQUENCE, |study| {
            references::instance(study, super::retired::STUDY_CLASS, &scene.study.uid);
            study.item(tags::RT_REFERENCED_SERIES_SEQUENCE, |series| {
                series.plant(tags::SERIES_INSTANCE_UID, &source.uid);
                references::all_instances(series, tags::CONTOUR_IMAGE_SEQUENCE, source);
            });
        });
    });
}

fn rois(scene: &Scene<'_>, sheet: &mut Sheet<'_>, source: &SeriesPlan) {
    let rng = &mut scene.instance_stream("roi text");
    let operator = scene.study.operator.family();
    sheet.items(tags::STRUCTURE_SET_ROI_SEQUENCE, 3, |roi_idx, item| {
        let (name, ..) = ROIS[roi_idx as usize];
        item.put(tags::ROI_NUMBER, number(roi_idx + 1));
        item.plant(tags::REFERENCED_FRAME_OF_REFERENCE_UID, &source.frame_of_reference_uid);
        // Who drew it, or who is drawn, often stands in the name of a target.
        if roi_idx == 1 {
            let named = Phrase::default().clinical(name).filler(" ").secret(&operator);
            item.phrase_secrets(
                tags::ROI_NAME,
                &if named.is_fair() { named } else { Phrase::default().clinical(name) },
            );
            item.phrase_secrets(tags::ROI_DESCRIPTION, &scene.instance_grammar().line(rng, 5));
        } else {
            item.put(tags::ROI_NAME, name);
        }
        item.put(tags::ROI_GENERATION_ALGORITHM, if roi_idx == 0 { "AUTOMATIC" } else { "MANUAL" });
    });
}

fn contours(sheet: &mut Sheet<'_>, source: &SeriesPlan) {
    sheet.items(tags::ROI_CONTOUR_SEQUENCE, 3, |roi_idx, item| {
        let (.., color, share) = ROIS[roi_idx as usize];
        item.put(tags::ROI_DISPLAY_COLOR, PrimitiveValue::Strs(color.iter().map(ToString::to_string).collect()));
        item.items(tags::CONTOUR_SEQUENCE, source.settings.instances, |slice_idx, contour| {
            contour.item(tags::CONTOUR_IMAGE_SEQUENCE, |image| {
                references::instance(image, sop_class(source.kind), &source.instance_uids[slice_idx as usize]);
            });
            let points = octagon(source, slice_idx, share);
            contour.put(tags::CONTOUR_GEOMETRIC_TYPE, "CLOSED_PLANAR");
            contour.put(tags::NUMBER_OF_CONTOUR_POINTS, (points.len() / 3).to_string());
            contour.put(tags::CONTOUR_DATA, PrimitiveValue::Strs(points.into()));
        });
        item.put(tags::REFERENCED_ROI_NUMBER, number(roi_idx + 1));
    });
}

/// Eight points around the middle of a slice, in mm.
fn octagon(source: &SeriesPlan, slice_idx: u32, share: f64) -> Vec<String> {
    let [x0, y0, z] = super::common::position(source, slice_idx);
    let spacing: f64 = super::common::slices(source.kind).spacing_mm.parse().expect("a number of this program");
    let (wide, tall) = (f64::from(source.settings.columns) * spacing, f64::from(source.settings.rows) * spacing);
    (0..8)
        .flat_map(|corner| {
            let angle = f64::from(corner) * std::f64::consts::FRAC_PI_4;
            let (x, y) = (x0 + wide * (0.5 + share * angle.cos()), y0 + tall * (0.5 + share * angle.sin()));
            [format!("{x:.2}"), format!("{y:.2}"), format!("{z:.2}")]
        })
        .collect()
}

fn observations(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    sheet.items(tags::RTROI_OBSERVATIONS_SEQUENCE, 3, |roi_idx, item| {
        let (_, interpreted, ..) = ROIS[roi_idx as usize];
        item.put(tags::OBSERVATION_NUMBER, number(roi_idx + 1));
        item.put(tags::REFERENCED_ROI_NUMBER, number(roi_idx + 1));
        item.put(tags::RTROI_INTERPRETED_TYPE, interpreted);
        item.plant(tags::ROI_INTERPRETER, &scene.study.reading);
    });
}

/// Approval module.
pub(super) fn approval(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    sheet.keep(tags::APPROVAL_STATUS, Basis::Technique, "APPROVED");
    sheet.plant(tags::REVIEW_DATE, &dates::dicom_date(scene.study.date));
    sheet.put(tags::REVIEW_TIME, scene.series.start.plus(500).dicom());
    sheet.plant(tags::REVIEWER_NAME, &scene.study.reading);
}

//! RT Plan IOD (PS3.3 A.20): one static photon beam.

use super::common::{number, values};
use super::{Scene, references, rt_struct, sop_class};
use crate::plant::{Basis, Sheet};
use crate::{SeriesKind, dates};
use dicom_core::PrimitiveValue;
use dicom_dictionary_std::tags;

pub(super) fn write(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    plan(scene, sheet);
    prescription(scene, sheet);
    fractions(sheet);
    setup(scene, sheet);
    beam(scene, sheet);
    rt_struct::approval(scene, sheet);
}

fn plan(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    let rng = &mut scene.instance_stream("instance text");
    let texts = scene.instance_grammar();
    let label = scene.study.order.derive(|order| format!("PL{order}").chars().take(16).collect());
    sheet.plant_type1(tags::RT_PLAN_LABEL, &label);
    sheet.phrase_secrets(tags::RT_PLAN_NAME, &texts.protocol(rng));
    sheet.phrase_secrets(tags::RT_PLAN_DESCRIPTION, &texts.comment(rng, 2));
    sheet.plant_type2(tags::RT_PLAN_DATE, &dates::dicom_date(scene.study.date));
    sheet.type2(tags::RT_PLAN_TIME, scene.series.start.plus(90).dicom());
    sheet.keep(tags::PLAN_INTENT, Basis::Technique, "CURATIVE");
    let structures = scene.study.series.iter().find(|series| series.kind == SeriesKind::RtStruct);
    sheet.keep(
        tags::RT_PLAN_GEOMETRY,
        Basis::Technique,
        if structures.is_some() { "PATIENT" } else { "TREATMENT_DEVICE" },
    );
    if let Some(structures) = structures {
        sheet.item(tags::REFERENCED_STRUCTURE_SET_SEQUENCE, |item| {
            references::instance(item, sop_class(structures.kind), &structures.instance_uids[0]);
        });
    }
    if let Some(source) = references::slices(scene) {
        sheet.plant(tags::FRAME_OF_REFERENCE_UID, &source.frame_of_reference_uid);
        sheet.put(tags::POSITION_REFERENCE_INDICATOR, PrimitiveValue::Empty);
    }
}

fn prescription(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    let rng = &mut scene.instance_stream("prescription text");
    sheet.phrase_secrets(tags::PRESCRIPTION_DESCRIPTION, &scene.instance_grammar().comment(rng, 5));
    sheet.item(tags::DOSE_REFERENCE_SEQUENCE, |item| {
        item.put(tags::DOSE_REFERENCE_NUMBER, "1");
        item.put(tags::DOSE_REFERENCE_STRUCTURE_TYPE, "SITE");
        item.put(tags::DOSE_REFERENCE_DESCRIPTION, "PTV 60");
        item.put(tags::DOSE_REFERENCE_TYPE, "TARGET");
        item.put(tags::TARGET_PRESCRIPTION_DOSE, "60");
    });
}

fn fractions(sheet: &mut Sheet<'_>) {
    sheet.item(tags::FRACTION_GROUP_SEQUENCE, |item| {
        item.put(tags::FRACTION_GROUP_NUMBER, "1");
        item.put(tags::NUMBER_OF_FRACTIONS_PLANNED, "30");
        item.put(tags::NUMBER_OF_BEAMS, "1");
        item.put(tags::NUMBER_OF_BRACHY_APPLICATION_SETUPS, "0");
        item.item(tags::REFERENCED_BEAM_SEQUENCE, |beam| {
            beam.put(tags::BEAM_METERSET, "128.4");
            beam.put(tags::REFERENCED_BEAM_NUMBER, "1");
        });
    });
}

fn setup(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    let rng = &mut scene.instance_stream("setup text");
    sheet.item(tags::PATIENT_SETUP_SEQUENCE, |item| {
        item.put(tags::PATIENT_SETUP_NUMBER, "1");
        item.put(tags::PATIENT_POSITION, "HFS");
        item.phrase_secrets(tags::SETUP_TECHNIQUE_DESCRIPTION, &scene.instance_grammar().line(rng, 7));
        item.put(tags::SETUP_TECHNIQUE, "ISOCENTRIC");
    });
}

fn beam(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    let rng = &mut scene.instance_stream("beam text");
    let description = scene.instance_grammar().line(rng, 9);
    sheet.item(tags::BEAM_SEQUENCE, |item| {
        item.put(tags::MANUFACTURER, scene.series.equipment.manufacturer);
        item.plant(tags::INSTITUTION_NAME, &scene.institution.name);
        item.put(tags::TREATMENT_MACHINE_NAME, "LINAC2");
        item.put(tags::PRIMARY_DOSIMETER_UNIT, "MU");
        item.put(tags::SOURCE_AXIS_DISTANCE, "1000");
        item.items(tags::BEAM_LIMITING_DEVICE_SEQUENCE, 2, |device_idx, device| {
            device.put(tags::RT_BEAM_LIMITING_DEVICE_TYPE, JAWS[device_idx as usize]);
            device.put(tags::NUMBER_OF_LEAF_JAW_PAIRS, "1");
        });
        item.put(tags::BEAM_NUMBER, "1");
        item.put(tags::BEAM_NAME, "AP 6X");
        item.phrase_secrets(tags::BEAM_DESCRIPTION, &description);
        for (tag, value) in [
            (tags::BEAM_TYPE, "STATIC"),
            (tags::RADIATION_TYPE, "PHOTON"),
            (tags::TREATMENT_DELIVERY_TYPE, "TREATMENT"),
            (tags::NUMBER_OF_WEDGES, "0"),
            (tags::NUMBER_OF_COMPENSATORS, "0"),
            (tags::NUMBER_OF_BOLI, "0"),
            (tags::NUMBER_OF_BLOCKS, "0"),
            (tags::FINAL_CUMULATIVE_METERSET_WEIGHT, "1"),
            (tags::REFERENCED_PATIENT_SETUP_NUMBER, "1"),
            (tags::NUMBER_OF_CONTROL_POINTS, "2"),
        ] {
            item.put(tag, value);
        }
        item.items(tags::CONTROL_POINT_SEQUENCE, 2, control_point);
    });
}

const JAWS: [&str; 2] = ["X", "Y"];

/// The first control point says where everything stands, the second only that the beam has been given.
fn control_point(point_idx: u32, point: &mut Sheet<'_>) {
    point.put(tags::CONTROL_POINT_INDEX, number(point_idx));
    point.put(tags::CUMULATIVE_METERSET_WEIGHT, number(point_idx));
    if point_idx > 0 {
        return;
    }
    point.put(tags::NOMINAL_BEAM_ENERGY, "6");
    point.put(tags::DOSE_RATE_SET, "600");
    point.items(tags::BEAM_LIMITING_DEVICE_POSITION_SEQUENCE, 2, |device_idx, device| {
        device.put(tags::RT_BEAM_LIMITING_DEVICE_TYPE, JAWS[device_idx as usize]);
        device.put(tags::LEAF_JAW_POSITIONS, values(&["-50", "50"]));
    });
    for (tag, value) in [
        (tags::GANTRY_ANGLE, "0"),
        (tags::GANTRY_ROTATION_DIRECTION, "NONE"),
        (tags::BEAM_LIMITING_DEVICE_ANGLE, "0"),
        (tags::BEAM_LIMITING_DEVICE_ROTATION_DIRECTION, "NONE"),
        (tags::PATIENT_SUPPORT_ANGLE, "0"),
        (tags::PATIENT_SUPPORT_ROTATION_DIRECTION, "NONE"),
        (tags::TABLE_TOP_ECCENTRIC_ANGLE, "0"),
        (tags::TABLE_TOP_ECCENTRIC_ROTATION_DIRECTION, "NONE"),
    ] {
        point.put(tag, value);
    }
    point.put(tags::ISOCENTER_POSITION, values(&["0", "0", "120"]));
    for tag in
        [tags::TABLE_TOP_VERTICAL_POSITION, tags::TABLE_TOP_LONGITUDINAL_POSITION, tags::TABLE_TOP_LATERAL_POSITION]
    {
        point.put(tag, PrimitiveValue::Empty);
    }
    point.put_reals(tags::TABLE_TOP_PITCH_ANGLE, &[0.0]);
    point.put(tags::TABLE_TOP_PITCH_ROTATION_DIRECTION, "NONE");
    point.put_reals(tags::TABLE_TOP_ROLL_ANGLE, &[0.0]);
    point.put(tags::TABLE_TOP_ROLL_ROTATION_DIRECTION, "NONE");
}

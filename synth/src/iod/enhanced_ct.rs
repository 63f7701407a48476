//! Enhanced CT Image IOD (PS3.3 A.38).

use super::Scene;
use super::common::{Storage, values};
use super::enhanced::{Volume, acquisition, frame_type, volume};
use super::frames;
use crate::pixels;
use crate::plant::{Secret, Sheet};
use dicom_core::PrimitiveValue;
use dicom_dictionary_std::tags;
use efface_schema::PhiLabel;

const IMAGE_TYPE: [&str; 4] = ["ORIGINAL", "PRIMARY", "VOLUME", "NONE"];

pub(super) fn write(scene: &Scene<'_>, sheet: &mut Sheet<'_>) -> bool {
    acquisition(scene, sheet, IMAGE_TYPE);
    sheet.put(tags::MULTIENERGY_CT_ACQUISITION, "NO");
    let made = Volume {
        ink: 1400,
        storage: Storage { photometric_interpretation: "MONOCHROME2", bits_stored: 16, is_signed: true },
        shared,
        of_frame: position,
        draw: |scene, rng, canvas, frame_idx, depth| {
            pixels::ct_frame(rng, canvas, frame_idx, depth, scene.study.region.body_part);
        },
    };
    volume(scene, sheet, &made)
}

fn shared(scene: &Scene<'_>, group: &mut Sheet<'_>) {
    frames::geometry(group, scene.series);
    frames::anatomy(scene, group);
    frames::window(group, "40", "400");
    frames::rescale(group, "0", "HU");
    frame_type(group, tags::CT_IMAGE_FRAME_TYPE_SEQUENCE, IMAGE_TYPE, |_| {});
    group.item(tags::CT_ACQUISITION_TYPE_SEQUENCE, |item| {
        item.put(tags::ACQUISITION_TYPE, "SPIRAL");
        item.put(tags::CONSTANT_VOLUME_FLAG, "NO");
        item.put(tags::FLUOROSCOPY_FLAG, "NO");
    });
    group.item(tags::CT_ACQUISITION_DETAILS_SEQUENCE, |item| {
        item.put(tags::ROTATION_DIRECTION, "CW");
        item.put_reals(tags::REVOLUTION_TIME, &[0.5]);
        item.put_reals(tags::SINGLE_COLLIMATION_WIDTH, &[0.625]);
        item.put_reals(tags::TOTAL_COLLIMATION_WIDTH, &[40.0]);
        item.put(tags::TABLE_HEIGHT, "142");
        item.put(tags::GANTRY_DETECTOR_TILT, "0");
        item.put(tags::DATA_COLLECTION_DIAMETER, "500");
    });
    group.item(tags::CT_TABLE_DYNAMICS_SEQUENCE, |item| {
        item.put_reals(tags::TABLE_SPEED, &[39.4]);
        item.put_reals(tags::TABLE_FEED_PER_ROTATION, &[39.4]);
        item.put_reals(tags::SPIRAL_PITCH_FACTOR, &[0.98]);
    });
    group.item(tags::CT_GEOMETRY_SEQUENCE, |item| {
        item.put_reals(tags::DISTANCE_SOURCE_TO_DETECTOR, &[949.0]);
        item.put_reals(tags::DISTANCE_SOURCE_TO_DATA_COLLECTION_CENTER, &[541.0]);
    });
    group.item(tags::CT_RECONSTRUCTION_SEQUENCE, |item| {
        item.put(tags::RECONSTRUCTION_ALGORITHM, "FILTER_BACK_PROJ");
        item.put(tags::CONVOLUTION_KERNEL, "STANDARD");
        item.put(tags::CONVOLUTION_KERNEL_GROUP, "SOFT_TISSUE");
        item.put_reals(tags::RECONSTRUCTION_FIELD_OF_VIEW, &[320.0, 320.0]);
        item.put_reals(tags::RECONSTRUCTION_PIXEL_SPACING, &[0.625, 0.625]);
        item.put_reals(tags::RECONSTRUCTION_ANGLE, &[360.0]);
        item.put(tags::IMAGE_FILTER, "NONE");
    });
    exposure(group);
    irradiation_event(scene, group);
}

fn irradiation_event(scene: &Scene<'_>, group: &mut Sheet<'_>) {
    let [patient, study, series] = [scene.persona().ordinal, scene.study.ordinal, scene.series.ordinal];
    let uid = scene.streams.uid("irradiation event uid", &[patient, study, series]);
    let event = Secret::new(PhiLabel::OtherId, uid);
    group.item(tags::IRRADIATION_EVENT_IDENTIFICATION_SEQUENCE, |item| item.plant(tags::IRRADIATION_EVENT_UID, &event));
}

fn exposure(group: &mut Sheet<'_>) {
    group.item(tags::CT_EXPOSURE_SEQUENCE, |item| {
        item.put_reals(tags::EXPOSURE_TIME_INMS, &[500.0]);
        item.put_reals(tags::X_RAY_TUBE_CURRENT_INM_A, &[310.0]);
        item.put_reals(tags::EXPOSURE_INM_AS, &[155.0]);
        item.put(tags::EXPOSURE_MODULATION_TYPE, "NONE");
        item.put_reals(tags::CTD_IVOL, &[12.4]);
        item.item(tags::CTDI_PHANTOM_TYPE_CODE_SEQUENCE, |code| {
            code.put(tags::CODE_VALUE, "113691");
            code.put(tags::CODING_SCHEME_DESIGNATOR, "DCM");
            code.put(tags::CODE_MEANING, "IEC Body Dosimetry Phantom");
        });
    });
    group.item(tags::CTX_RAY_DETAILS_SEQUENCE, |item| {
        item.put_reals(tags::KVP, &[120.0]);
        item.put_reals(tags::FOCAL_SPOTS, &[1.2]);
        item.put(tags::FILTER_TYPE, "FLAT");
        item.put(tags::FILTER_MATERIAL, values(&["ALUMINUM"]));
        item.put(tags::CALCIUM_SCORING_MASS_FACTOR_PATIENT, PrimitiveValue::F32([0.7].as_slice().into()));
    });
}

fn position(group: &mut Sheet<'_>, frame_idx: u32) {
    let table = f64::from(frame_idx).mul_add(-2.5, 300.0);
    group.item(tags::CT_POSITION_SEQUENCE, |item| {
        item.put_reals(tags::TABLE_POSITION, &[table]);
        item.put_reals(tags::DATA_COLLECTION_CENTER_PATIENT, &[0.0, 0.0, table]);
        item.put_reals(tags::RECONSTRUCTION_TARGET_CENTER_PATIENT, &[0.0, 0.0, table]);
    });
}

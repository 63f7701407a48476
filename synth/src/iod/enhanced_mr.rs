//! Enhanced MR Image IOD (PS3.3 A.36).

use super::Scene;
use super::common::Storage;
use super::enhanced::{Volume, acquisition, frame_type, volume};
use super::frames;
use crate::pixels;
use crate::plant::{Basis, Sheet};
use dicom_core::PrimitiveValue;
use dicom_dictionary_std::tags;

const IMAGE_TYPE: [&str; 4] = ["ORIGINAL", "PRIMARY", "T2", "NONE"];

pub(super) fn write(scene: &Scene<'_>, sheet: &mut Sheet<'_>) -> bool {
    acquisition(scene, sheet, IMAGE_TYPE);
    module(sheet);
    let made = Volume {
        ink: 4000,
        storage: Storage::monochrome2(12),
        shared,
        of_frame: |_, _| {},
        draw: |_, rng, canvas, frame_idx, depth| pixels::mr_frame(rng, canvas, frame_idx, depth),
    };
    volume(scene, sheet, &made)
}

/// MR Pulse Sequence and Enhanced MR Image.
fn module(sheet: &mut Sheet<'_>) {
    for (tag, value) in [
        (tags::PULSE_SEQUENCE_NAME, "tse2d1_9"),
        (tags::MR_ACQUISITION_TYPE, "2D"),
        (tags::ECHO_PULSE_SEQUENCE, "SPIN"),
        (tags::MULTIPLE_SPIN_ECHO, "NO"),
        (tags::MULTI_PLANAR_EXCITATION, "NO"),
        (tags::STEADY_STATE_PULSE_SEQUENCE, "NONE"),
        (tags::ECHO_PLANAR_PULSE_SEQUENCE, "NO"),
        (tags::SATURATION_RECOVERY, "NO"),
        (tags::SPECTRALLY_SELECTED_SUPPRESSION, "NONE"),
        (tags::GEOMETRY_OF_K_SPACE_TRAVERSAL, "RECTILINEAR"),
        (tags::RECTILINEAR_PHASE_ENCODE_REORDERING, "LINEAR"),
        (tags::SEGMENTED_K_SPACE_TRAVERSAL, "PARTIAL"),
        (tags::TIME_OF_FLIGHT_CONTRAST, "NO"),
        (tags::PHASE_CONTRAST, "NO"),
        (tags::OVERSAMPLING_PHASE, "NONE"),
        (tags::RESONANT_NUCLEUS, "1H"),
        (tags::K_SPACE_FILTERING, "NONE"),
        (tags::COMPLEX_IMAGE_COMPONENT, "MAGNITUDE"),
        (tags::ACQUISITION_CONTRAST, "T2"),
        (tags::APPLICABLE_SAFETY_STANDARD_AGENCY, "IEC"),
    ] {
        sheet.keep(tag, Basis::Technique, value);
    }
    sheet.put(tags::NUMBER_OF_K_SPACE_TRAJECTORIES, 1_u16);
    sheet.put_reals(tags::MAGNETIC_FIELD_STRENGTH, &[1.5]);
}

fn shared(scene: &Scene<'_>, group: &mut Sheet<'_>) {
    frames::geometry(group, scene.series);
    frames::anatomy(scene, group);
    frames::window(group, "1200", "2400");
    frames::rescale(group, "0", "US");
    frame_type(group, tags::MR_IMAGE_FRAME_TYPE_SEQUENCE, IMAGE_TYPE, |item| {
        item.put(tags::COMPLEX_IMAGE_COMPONENT, "MAGNITUDE");
        item.put(tags::ACQUISITION_CONTRAST, "T2");
    });
    contrast(group);
    timing(group);
    coils(group);
}

fn contrast(group: &mut Sheet<'_>) {
    group.item(tags::MR_ECHO_SEQUENCE, |item| item.put_reals(tags::EFFECTIVE_ECHO_TIME, &[102.0]));
    group.item(tags::MR_MODIFIER_SEQUENCE, |item| {
        item.put(tags::INVERSION_RECOVERY, "NO");
        item.put(tags::FLOW_COMPENSATION, "NONE");
        item.put(tags::SPOILING, "NONE");
        item.put(tags::T2_PREPARATION, "NO");
        item.put(tags::SPECTRALLY_SELECTED_EXCITATION, "NONE");
        item.put(tags::SPATIAL_PRESATURATION, "NONE");
        item.put(tags::PARTIAL_FOURIER, "NO");
        item.put(tags::PARALLEL_ACQUISITION, "NO");
    });
    group.item(tags::MR_IMAGING_MODIFIER_SEQUENCE, |item| {
        item.put(tags::MAGNETIZATION_TRANSFER, "NONE");
        item.put(tags::BLOOD_SIGNAL_NULLING, "NO");
        item.put(tags::TAGGING, "NONE");
        item.put_reals(tags::TRANSMITTER_FREQUENCY, &[63.87]);
        item.put_reals(tags::PIXEL_BANDWIDTH, &[130.0]);
    });
    group.item(tags::MR_AVERAGES_SEQUENCE, |item| item.put(tags::NUMBER_OF_AVERAGES, "2"));
}

fn timing(group: &mut Sheet<'_>) {
    group.item(tags::MR_TIMING_AND_RELATED_PARAMETERS_SEQUENCE, |item| {
        item.put(tags::REPETITION_TIME, "4000");
        item.put(tags::FLIP_ANGLE, "150");
        item.put(tags::ECHO_TRAIN_LENGTH, "9");
        item.put(tags::RF_ECHO_TRAIN_LENGTH, 9_u16);
        item.put(tags::GRADIENT_ECHO_TRAIN_LENGTH, 0_u16);
        item.put_reals(tags::GRADIENT_OUTPUT, &[40.0]);
        item.put(tags::GRADIENT_OUTPUT_TYPE, "DB_DT");
        item.item(tags::SPECIFIC_ABSORPTION_RATE_SEQUENCE, |rate| {
            rate.put(tags::SPECIFIC_ABSORPTION_RATE_DEFINITION, "IEC_WHOLE_BODY");
            rate.put_reals(tags::SPECIFIC_ABSORPTION_RATE_VALUE, &[0.9]);
        });
        item.item(tags::OPERATING_MODE_SEQUENCE, |mode| {
            mode.put(tags::OPERATING_MODE_TYPE, "STATIC FIELD");
            mode.put(tags::OPERATING_MODE, "IEC_NORMAL");
        });
    });
    group.item(tags::MRFOV_GEOMETRY_SEQUENCE, |item| {
        item.put(tags::IN_PLANE_PHASE_ENCODING_DIRECTION, "ROW");
        item.put(tags::MR_ACQUISITION_FREQUENCY_ENCODING_STEPS, 256_u16);
        item.put(tags::MR_ACQUISITION_PHASE_ENCODING_STEPS_IN_PLANE, 256_u16);
        item.put(tags::PERCENT_SAMPLING, "100");
        item.put(tags::PERCENT_PHASE_FIELD_OF_VIEW, "100");
    });
}

fn coils(group: &mut Sheet<'_>) {
    group.item(tags::MR_RECEIVE_COIL_SEQUENCE, |item| {
        item.put(tags::RECEIVE_COIL_NAME, "HEAD_8");
        item.put(tags::RECEIVE_COIL_MANUFACTURER_NAME, PrimitiveValue::Empty);
        item.put(tags::RECEIVE_COIL_TYPE, "VOLUME");
        item.put(tags::QUADRATURE_RECEIVE_COIL, "NO");
    });
    group.item(tags::MR_TRANSMIT_COIL_SEQUENCE, |item| {
        item.put(tags::TRANSMIT_COIL_NAME, "BODY");
        item.put(tags::TRANSMIT_COIL_MANUFACTURER_NAME, PrimitiveValue::Empty);
        item.put(tags::TRANSMIT_COIL_TYPE, "BODY");
    });
}

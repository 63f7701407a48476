//! Positron Emission Tomography Image IOD (PS3.3 A.21) and Nuclear Medicine Image IOD (PS3.3 A.5).

use super::Scene;
use super::common::{
    Storage, axial_plane, burn_in, code, display, general_image, image_pixel, number, technique, values,
};
use crate::plant::{Basis, Sheet};
use crate::{dates, pixels};
use dicom_core::PrimitiveValue;
use dicom_dictionary_std::tags;

pub(super) fn write_pet(scene: &Scene<'_>, sheet: &mut Sheet<'_>) -> bool {
    general_image(scene, sheet, &["ORIGINAL", "PRIMARY"]);
    axial_plane(scene, sheet);
    for (tag, value) in [(tags::UNITS, "BQML"), (tags::COUNTS_SOURCE, "EMISSION"), (tags::DECAY_CORRECTION, "START")] {
        sheet.keep(tag, Basis::Technique, value);
        sheet.require(tag, Basis::Type1);
    }
    sheet.keep(tags::SERIES_TYPE, Basis::Technique, values(&["WHOLE BODY", "IMAGE"]));
    sheet.keep(tags::CORRECTED_IMAGE, Basis::Technique, values(&["DECY", "ATTN", "SCAT", "DTIM"]));
    let n_slices = u16::try_from(scene.series.settings.instances).expect("a series has at most 2000 instances");
    sheet.type1(tags::NUMBER_OF_SLICES, n_slices);
    sheet.type1(tags::IMAGE_INDEX, u16::try_from(scene.instance_idx + 1).expect("as above"));
    technique(
        sheet,
        &[
            (tags::COLLIMATOR_TYPE, "NONE"),
            (tags::ATTENUATION_CORRECTION_METHOD, "CT-based"),
            (tags::SCATTER_CORRECTION_METHOD, "Model-based"),
            (tags::RECONSTRUCTION_METHOD, "OSEM 2i8s"),
            (tags::FRAME_REFERENCE_TIME, "0"),
            (tags::ACTUAL_FRAME_DURATION, "180000"),
            (tags::DECAY_FACTOR, "1.031"),
            (tags::BODY_PART_EXAMINED, scene.study.region.body_part),
        ],
    );
    tracer(scene, sheet, ("Fluorodeoxyglucose F18", "35321007"), ("C-111A1", "SRT", "^18^Fluorine"));
    orientation(sheet);
    let size = scene.series.settings;
    let depth = f64::from(scene.instance_idx) / f64::from(size.instances);
    let rng = &mut scene.instance_stream("pixels");
    let mut canvas = pixels::pet_slice(rng, size.columns, size.rows, depth);
    let identifies = burn_in(scene, sheet, &mut canvas, 32_000);
    display(sheet, "8000", "16000", None);
    sheet.keep(tags::RESCALE_INTERCEPT, Basis::Technique, "0");
    sheet.keep(tags::RESCALE_SLOPE, Basis::Technique, "1.7");
    image_pixel(
        scene,
        sheet,
        &canvas,
        &Storage { photometric_interpretation: "MONOCHROME2", bits_stored: 16, is_signed: true },
    );
    identifies
}

pub(super) fn write_nm(scene: &Scene<'_>, sheet: &mut Sheet<'_>) -> bool {
    general_image(scene, sheet, &["ORIGINAL", "PRIMARY", "STATIC", "EMISSION"]);
    let size = scene.series.settings;
    let n_frames = u16::try_from(size.frames).expect("an image has at most 500 frames");
    technique(sheet, &[(tags::COUNTS_ACCUMULATED, "412000"), (tags::ACTUAL_FRAME_DURATION, "300000")]);
    sheet.put(tags::PATIENT_ORIENTATION, values(&["L", "F"]));
    sheet.put(tags::LATERALITY, PrimitiveValue::Empty);
    sheet.put(
        tags::FRAME_INCREMENT_POINTER,
        PrimitiveValue::Tags([tags::ENERGY_WINDOW_VECTOR, tags::DETECTOR_VECTOR].as_slice().into()),
    );
    sheet.put(tags::ENERGY_WINDOW_VECTOR, PrimitiveValue::U16(std::iter::repeat_n(1, size.frames as usize).collect()));
    sheet.put(tags::NUMBER_OF_ENERGY_WINDOWS, 1_u16);
    sheet.put(tags::DETECTOR_VECTOR, PrimitiveValue::U16((1..=n_frames).collect()));
    sheet.put(tags::NUMBER_OF_DETECTORS, n_frames);
    sheet.item(tags::ENERGY_WINDOW_INFORMATION_SEQUENCE, |item| {
        item.put(tags::ENERGY_WINDOW_NAME, "Tc99m");
        item.item(tags::ENERGY_WINDOW_RANGE_SEQUENCE, |range| {
            range.put(tags::ENERGY_WINDOW_LOWER_LIMIT, "126.4");
            range.put(tags::ENERGY_WINDOW_UPPER_LIMIT, "154.6");
        });
    });
    sheet.items(tags::DETECTOR_INFORMATION_SEQUENCE, size.frames, |_, item| {
        item.put(tags::COLLIMATOR_TYPE, "PARA");
        item.put(tags::COLLIMATOR_GRID_NAME, "LEHR");
        item.put(tags::IMAGE_ORIENTATION_PATIENT, values(&["1", "0", "0", "0", "0", "-1"]));
        item.put(tags::IMAGE_POSITION_PATIENT, values(&["-270.0", "-250.0", "270.0"]));
    });
    tracer(scene, sheet, ("Technetium Tc99m medronate", "126503003"), ("C-163A8", "SRT", "^99m^Technetium"));
    orientation(sheet);
    sheet.keep(tags::PIXEL_SPACING, Basis::Technique, values(&["4.2", "4.2"]));
    let rng = &mut scene.instance_stream("pixels");
    let mut canvas = pixels::scintigram(rng, size.columns, size.rows, size.frames);
    let identifies = burn_in(scene, sheet, &mut canvas, 1200);
    sheet.keep(tags::NUMBER_OF_FRAMES, Basis::Technique, number(canvas.n_frames));
    sheet.require(tags::NUMBER_OF_FRAMES, Basis::Type1);
    display(sheet, "100", "200", None);
    image_pixel(scene, sheet, &canvas, &Storage::monochrome2(16));
    identifies
}

/// Radiopharmaceutical Information Sequence: what was given, and when.
fn tracer(scene: &Scene<'_>, sheet: &mut Sheet<'_>, agent: (&str, &str), nuclide: (&str, &str, &str)) {
    sheet.item(tags::RADIOPHARMACEUTICAL_INFORMATION_SEQUENCE, |item| {
        item.put(tags::RADIOPHARMACEUTICAL, agent.0);
        item.put(tags::RADIOPHARMACEUTICAL_START_TIME, scene.study.start.dicom());
        let given = dates::dicom_date_time(scene.study.date, scene.study.start);
        item.plant(tags::RADIOPHARMACEUTICAL_START_DATE_TIME, &given);
        item.put(tags::RADIONUCLIDE_TOTAL_DOSE, "370000000");
        item.put(tags::RADIONUCLIDE_HALF_LIFE, "6586.2");
        item.put(tags::RADIONUCLIDE_POSITRON_FRACTION, "0.967");
        code(item, tags::RADIONUCLIDE_CODE_SEQUENCE, nuclide.0, nuclide.1, nuclide.2);
        code(item, tags::RADIOPHARMACEUTICAL_CODE_SEQUENCE, agent.1, "SCT", agent.0);
    });
}

fn orientation(sheet: &mut Sheet<'_>) {
    sheet.item(tags::PATIENT_ORIENTATION_CODE_SEQUENCE, |item| {
        item.put(tags::CODE_VALUE, "102538003");
        item.put(tags::CODING_SCHEME_DESIGNATOR, "SCT");
        item.put(tags::CODE_MEANING, "recumbent");
        code(item, tags::PATIENT_ORIENTATION_MODIFIER_CODE_SEQUENCE, "40199007", "SCT", "supine");
    });
    code(sheet, tags::PATIENT_GANTRY_RELATIONSHIP_CODE_SEQUENCE, "102540008", "SCT", "headfirst");
}

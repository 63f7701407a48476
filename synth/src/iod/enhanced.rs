//! What the Enhanced CT and Enhanced MR Image modules have in common (PS3.3 C.8.16).

use super::Scene;
use super::common::{Storage, burn_in, image_pixel, number, values};
use super::frames;
use crate::dates;
use crate::pixels::Canvas;
use crate::plant::{Basis, Sheet};
use dicom_core::{PrimitiveValue, Tag};
use dicom_dictionary_std::tags;
use rand_chacha::ChaCha8Rng;

/// The acquisition: when, of what kind, and in which frame of reference.
pub(super) fn acquisition(scene: &Scene<'_>, sheet: &mut Sheet<'_>, image_type: [&str; 4]) {
    let day = dates::dicom_date(scene.study.date);
    let time = scene.series.start.plus(10 + scene.instance_idx * 60);
    let rng = &mut scene.instance_stream("instance text");
    sheet.keep(tags::IMAGE_TYPE, Basis::Technique, values(&image_type));
    sheet.plant(tags::CONTENT_DATE, &day);
    sheet.put(tags::CONTENT_TIME, time.dicom());
    sheet.plant(tags::ACQUISITION_DATE_TIME, &dates::dicom_date_time(scene.study.date, time));
    sheet.put_reals(tags::ACQUISITION_DURATION, &[12.5]);
    sheet.keep(tags::ACQUISITION_NUMBER, Basis::Technique, number(1));
    sheet.phrase_secrets(tags::IMAGE_COMMENTS, &scene.instance_grammar().comment(rng, 0));
    sheet.plant_type1(tags::FRAME_OF_REFERENCE_UID, &scene.series.frame_of_reference_uid);
    sheet.type2(tags::POSITION_REFERENCE_INDICATOR, PrimitiveValue::Empty);
    sheet.keep(tags::PATIENT_POSITION, Basis::Technique, "HFS");
    for (tag, value) in [
        (tags::PIXEL_PRESENTATION, "MONOCHROME"),
        (tags::VOLUMETRIC_PROPERTIES, "VOLUME"),
        (tags::VOLUME_BASED_CALCULATION_TECHNIQUE, "NONE"),
        (tags::CONTENT_QUALIFICATION, "PRODUCT"),
        (tags::PRESENTATION_LUT_SHAPE, "IDENTITY"),
    ] {
        sheet.keep(tag, Basis::Technique, value);
        sheet.require(tag, Basis::Type1);
    }
    sheet.items(tags::ACQUISITION_CONTEXT_SEQUENCE, 0, |_, _| {});
}

/// What differs between the two in how a volume is made.
pub(super) struct Volume {
    pub(super) ink: i32,
    pub(super) storage: Storage,
    /// Writes what all frames share.
    pub(super) shared: fn(&Scene<'_>, &mut Sheet<'_>),
    /// Writes what only this modality says of a frame.
    pub(super) of_frame: fn(&mut Sheet<'_>, u32),
    /// Draws a frame; the last number is how far down the body it lies, 0 to 1.
    pub(super) draw: fn(&Scene<'_>, &mut ChaCha8Rng, &mut Canvas, u32, f64),
}

/// Multi-frame Dimension, the functional groups and the frames. Says whether the pixels identify.
pub(super) fn volume(scene: &Scene<'_>, sheet: &mut Sheet<'_>, volume: &Volume) -> bool {
    frames::dimensions(scene, sheet, &[frames::STACK, frames::POSITION]);
    let size = scene.series.settings;
    sheet.item(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE, |group| (volume.shared)(scene, group));
    sheet.items(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE, size.frames, |frame_idx, group| {
        frames::frame_content(scene, group, frame_idx);
        frames::plane_position(group, scene.series, frame_idx);
        (volume.of_frame)(group, frame_idx);
    });
    let mut canvas = Canvas::new(size.columns, size.rows, size.frames, 1);
    let rng = &mut scene.instance_stream("pixels");
    for frame_idx in 0..size.frames {
        (volume.draw)(scene, rng, &mut canvas, frame_idx, f64::from(frame_idx) / f64::from(size.frames));
    }
    let identifies = burn_in(scene, sheet, &mut canvas, volume.ink);
    sheet.keep(tags::NUMBER_OF_FRAMES, Basis::Technique, number(size.frames));
    sheet.require(tags::NUMBER_OF_FRAMES, Basis::Type1);
    image_pixel(scene, sheet, &canvas, &volume.storage);
    identifies
}

/// The frame type macro of a modality; `more` writes what only that one says.
pub(super) fn frame_type(
    group: &mut Sheet<'_>,
    sequence: Tag,
    image_type: [&str; 4],
    more: impl FnOnce(&mut Sheet<'_>),
) {
    group.item(sequence, |item| {
        item.put(tags::FRAME_TYPE, values(&image_type));
        item.put(tags::PIXEL_PRESENTATION, "MONOCHROME");
        item.put(tags::VOLUMETRIC_PROPERTIES, "VOLUME");
        item.put(tags::VOLUME_BASED_CALCULATION_TECHNIQUE, "NONE");
        more(item);
    });
}

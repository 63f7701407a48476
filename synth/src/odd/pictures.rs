//! Odd pictures: overlay planes in higher groups, overlays in the bits of pixels, curves.

use crate::burn;
use crate::iod::Scene;
use crate::plant::Sheet;
use dicom_core::{PrimitiveValue, Tag, VR};
use dicom_dictionary_std::tags;

/// Planes in two groups, named by a label, a description and a comment.
pub(super) fn overlay_groups(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    let rng = &mut scene.instance_stream("overlay text");
    for group in [0x6002, 0x601e] {
        burn::write_plane(scene, sheet, group, rng);
        sheet.plant_as(Tag(group, 0x0022), VR::LO, &scene.persona().name.spoken());
        sheet.plant_as(Tag(group, 0x1500), VR::LO, &scene.persona().patient_id);
        sheet.phrase_secrets_as(Tag(group, 0x4000), VR::LT, &scene.instance_grammar().comment(rng, 2));
    }
}

/// A line of text in the highest bit of every pixel. Says whether one was written.
pub(super) fn overlay_bits(scene: &Scene<'_>, sheet: &mut Sheet<'_>) -> bool {
    const BIT: u16 = 15;
    let rng = &mut scene.instance_stream("overlay text");
    let Some(plane) = burn::draw_plane(scene, sheet, None, rng) else { return false };
    let Some(PrimitiveValue::U16(words)) = sheet.get(tags::PIXEL_DATA).and_then(|pixels| pixels.value().primitive())
    else {
        return false;
    };
    let marked = words.iter().zip(plane.bits()).map(|(word, is_set)| word | (u16::from(*is_set) << BIT)).collect();
    sheet.put_as(tags::PIXEL_DATA, VR::OW, PrimitiveValue::U16(marked));
    burn::describe_plane(sheet, &plane, 0x6000, (16, BIT));
    true
}

/// A curve whose description and label name somebody, and one whose data are text.
pub(super) fn curves(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    let persona = scene.persona();
    for group in [0x5000, 0x5002] {
        sheet.put_as(Tag(group, 0x0005), VR::US, 1_u16);
        sheet.put_as(Tag(group, 0x0010), VR::US, 8_u16);
        sheet.put_as(Tag(group, 0x0020), VR::CS, "PHYSIO");
        sheet.put_as(Tag(group, 0x0103), VR::US, 0_u16);
        sheet.plant_as(Tag(group, 0x0022), VR::LO, &persona.name.spoken());
        sheet.plant_as(Tag(group, 0x2500), VR::LO, &persona.patient_id);
    }
    let points = PrimitiveValue::U16((0..8_u16).map(|point| point * point).collect());
    sheet.put_as(Tag(0x5000, 0x3000), VR::OW, points);
    sheet.plant_bytes(Tag(0x5002, 0x3000), VR::OB, (b"", b""), &persona.former_id);
}

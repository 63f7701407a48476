//! What devices write beyond what validators ask for, and every attribute that its Type asks for.
//!
//! The answer key of MIDI-B asks for some 140 texts in an instance to stay, since real headers are long.

use super::retired::STUDY_CLASS;
use super::{Scene, sop_class};
use crate::SeriesKind;
use crate::inject::tables;
use crate::plant::{Basis, Sheet};
use dicom_core::{PrimitiveValue, Tag, VR};
use dicom_dictionary_std::tags;
use efface_schema::ElementReference;
use std::sync::LazyLock;

/// Attributes with their values, by the kind of image that has them.
static ATTRIBUTES: LazyLock<Vec<(&str, Tag, &str)>> = LazyLock::new(|| {
    let lines = include_str!("../../data/device_attributes.txt").lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| parse(line).expect("a test reads the whole table")).collect()
});

fn parse(line: &'static str) -> Option<(&'static str, Tag, &'static str)> {
    let (kind, rest) = line.split_once(' ')?;
    let (tag, values) = rest.split_once(' ')?;
    let number = u32::from_str_radix(tag, 16).ok()?;
    Some((kind, Tag((number >> 16) as u16, (number & 0xffff) as u16), values))
}

/// Writes what the device of an image adds, and claims what its Types ask for.
pub(super) fn write(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    let kind = match scene.series.kind {
        SeriesKind::Ct => "ct",
        SeriesKind::Mr => "mr",
        SeriesKind::Pt => "pt",
        SeriesKind::Cr | SeriesKind::Dx | SeriesKind::Mg => "projection",
        _ => "",
    };
    if !kind.is_empty() {
        for (_, tag, values) in ATTRIBUTES.iter().filter(|(of, ..)| *of == "image" || *of == kind) {
            if sheet.get(*tag).is_none() {
                put(sheet, *tag, values);
            }
        }
        references(scene, sheet);
    }
    require_types(scene, sheet);
}

/// Values between backslashes, in the VR of the attribute.
fn put(sheet: &mut Sheet<'_>, tag: Tag, values: &str) {
    let parts = || values.split('\\');
    let value = match Sheet::vr_of(tag) {
        VR::FD => PrimitiveValue::F64(parts().filter_map(|part| part.parse().ok()).collect()),
        VR::FL => PrimitiveValue::F32(parts().filter_map(|part| part.parse().ok()).collect()),
        VR::US => PrimitiveValue::U16(parts().filter_map(|part| part.parse().ok()).collect()),
        VR::SS => PrimitiveValue::I16(parts().filter_map(|part| part.parse().ok()).collect()),
        VR::UL => PrimitiveValue::U32(parts().filter_map(|part| part.parse().ok()).collect()),
        _ => PrimitiveValue::Strs(parts().map(str::to_owned).collect()),
    };
    sheet.put(tag, value);
}

/// The UIDs by which devices tie an image to what it was made in.
fn references(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    const PERFORMED_PROCEDURE_STEP: &str = "1.2.840.10008.3.1.2.3.3";
    let ordinals = [scene.persona().ordinal, scene.study.ordinal, scene.series.ordinal];
    let uid = |purpose| crate::plan::uid(scene.streams, purpose, &ordinals);
    sheet.plant(tags::IRRADIATION_EVENT_UID, &uid("irradiation event"));
    sheet.plant(tags::SYNCHRONIZATION_FRAME_OF_REFERENCE_UID, &uid("synchronization"));
    sheet.item(tags::REFERENCED_PERFORMED_PROCEDURE_STEP_SEQUENCE, |item| {
        item.put(tags::REFERENCED_SOP_CLASS_UID, PERFORMED_PROCEDURE_STEP);
        item.plant(tags::REFERENCED_SOP_INSTANCE_UID, &uid("performed procedure step"));
    });
    if sheet.get(tags::REFERENCED_STUDY_SEQUENCE).is_none() {
        sheet.item(tags::REFERENCED_STUDY_SEQUENCE, |item| {
            item.put(tags::REFERENCED_SOP_CLASS_UID, STUDY_CLASS);
            item.plant(tags::REFERENCED_SOP_INSTANCE_UID, &scene.study.uid);
        });
    }
}

/// Claims every attribute of Type 1 and 2 at the root, once, and those of the code of the procedure.
fn require_types(scene: &Scene<'_>, sheet: &mut Sheet<'_>) {
    let procedure = tags::PROCEDURE_CODE_SEQUENCE;
    sheet.edit_items(&ElementReference::tag(procedure.group(), procedure.element()), procedure, |item| {
        for tag in [tags::CODE_VALUE, tags::CODING_SCHEME_DESIGNATOR, tags::CODE_MEANING] {
            item.require(tag, Basis::Type1);
        }
    });
    for (tag, basis) in tables::types(sop_class(scene.series.kind)) {
        if tables::asks_for(sheet, *tag, *basis) && !sheet.is_required(*tag) {
            sheet.require(*tag, *basis);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_has_values_of_its_representation() {
        assert!(ATTRIBUTES.len() > 240);
        for (kind, tag, values) in ATTRIBUTES.iter() {
            assert!(matches!(*kind, "image" | "ct" | "mr" | "pt" | "projection"));
            let n_values = values.split('\\').count();
            let mut truth = crate::plant::Truth::default();
            let mut sheet = Sheet::new(&mut truth);
            put(&mut sheet, *tag, values);
            let value = sheet.get(*tag).and_then(|element| element.value().primitive().cloned()).expect("written");
            assert_eq!(value.multiplicity() as usize, n_values, "{tag}");
            sheet.keep_the_rest();
            assert_eq!(truth.claims.len(), 1, "{tag} is ruled by PS3.15 or is no number and no code");
        }
    }
}

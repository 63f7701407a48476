//! What may be claimed about an attribute.
//!
//! Sources: PS3.15 table E.1-1 with TCIA's options and TCIA's own script, where both agree; the Types of PS3.3; and the
//! list of safe private attributes. `scripts/make-inject-tables.py` writes the tables. They are this crate's own, made
//! from the standard and not from what the pipeline reads: a key must not share the mistakes of what it grades.

use crate::plant::{Basis, Sheet};
use dicom_core::value::Value;
use dicom_core::{Tag, VR};
use dicom_object::mem::InMemElement;
use efface_schema::{AttributePath, ElementReference, PathStep};
use std::collections::HashMap;
use std::fmt::Write;
use std::sync::OnceLock;

/// What the profile does with an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Treatment {
    /// It is in no table: it stays.
    Unlisted,
    /// Its UIDs are replaced.
    Uid,
    /// Its date moves.
    Date,
    /// Its text is cleaned.
    Cleaned,
    /// It stays as a patient's characteristic.
    Characteristic,
    /// It goes as a whole.
    Removed,
    /// It may be emptied.
    Emptied,
    /// It may be emptied or get a dummy value.
    Replaced,
}

/// What is known of a private attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SafePrivate {
    /// Its value identifies nobody.
    Kept,
    /// It holds UIDs.
    Uid,
}

struct Tables {
    treatments: HashMap<Tag, Treatment>,
    types: HashMap<&'static str, Vec<(Tag, Basis)>>,
    iod_of: HashMap<&'static str, &'static str>,
    nested: HashMap<&'static str, Basis>,
    private: HashMap<(&'static str, u16, u8), SafePrivate>,
}

/// What the profile does with an attribute.
pub(super) fn treatment(tag: Tag) -> Treatment {
    tables().treatments.get(&tag).copied().unwrap_or(Treatment::Unlisted)
}

/// The attributes of Type 1 and 2 at the root of an instance of a SOP class, in modules that it must have.
pub(crate) fn types(sop_class_uid: &str) -> &'static [(Tag, Basis)] {
    let tables = tables();
    tables.iod_of.get(sop_class_uid).and_then(|iod| tables.types.get(iod)).map_or(&[], Vec::as_slice)
}

/// The Type of an attribute below sequences, which every module that has it there gives.
pub(super) fn nested_type(path: &AttributePath) -> Option<Basis> {
    let mut key = String::new();
    for step in path.steps() {
        match step {
            PathStep::Element(ElementReference::Tag { group, element }) => {
                let separator = if key.is_empty() { "" } else { ":" };
                let _ = write!(key, "{separator}{group:04x}{element:04x}");
            }
            PathStep::Element(ElementReference::Private { .. }) => return None,
            PathStep::Item(_) => {}
        }
    }
    tables().nested.get(key.as_str()).copied()
}

/// Whether an attribute stands in a data set as its Type asks, and the profile leaves it so.
pub(crate) fn asks_for(sheet: &Sheet<'_>, tag: Tag, basis: Basis) -> bool {
    let does = treatment(tag);
    let may_stay = match basis {
        Basis::Type1 => !matches!(does, Treatment::Removed | Treatment::Emptied),
        _ => does != Treatment::Removed,
    };
    may_stay && stands(sheet, tag, basis)
}

/// Whether an attribute is there as its Type asks.
fn stands(sheet: &Sheet<'_>, tag: Tag, basis: Basis) -> bool {
    let Some(element) = sheet.get(tag) else { return false };
    let is_text = element.value().primitive().is_some() && !matches!(element.vr(), VR::OB | VR::OW);
    basis != Basis::Type1 || if is_text { sheet.texts(tag).is_some() } else { has_content(element) }
}

/// Whether bulk data or a sequence has anything in it.
fn has_content(element: &InMemElement) -> bool {
    match element.value() {
        Value::Primitive(value) => value.calculate_byte_len() > 0,
        Value::Sequence(sequence) => !sequence.items().is_empty(),
        Value::PixelSequence(sequence) => !sequence.fragments().is_empty(),
    }
}

/// What the list of safe private attributes says of one.
pub(super) fn safe_private(creator: &str, group: u16, element: u8) -> Option<SafePrivate> {
    let creator = creator.to_uppercase();
    tables().private.get(&(creator.as_str(), group, element)).copied()
}

fn tables() -> &'static Tables {
    static TABLES: OnceLock<Tables> = OnceLock::new();
    TABLES.get_or_init(|| Tables::parse().expect("the committed tables have the form that is read here"))
}

impl Tables {
    fn parse() -> Option<Self> {
        let mut tables = Self {
            treatments: HashMap::new(),
            types: HashMap::new(),
            iod_of: HashMap::new(),
            nested: HashMap::new(),
            private: HashMap::new(),
        };
        for line in lines(include_str!("../../data/attributes.txt")) {
            let (tag, code) = line.split_once(' ')?;
            tables.treatments.insert(parse_tag(tag)?, parse_treatment(code)?);
        }
        for line in lines(include_str!("../../data/types.txt")) {
            let mut fields = line.split(' ');
            let (kind, first) = (fields.next()?, fields.next()?);
            match kind {
                "i" => tables.types.insert(first, fields.map(parse_type).collect::<Option<_>>()?).is_none(),
                _ => tables.iod_of.insert(first, fields.next()?).is_none(),
            };
        }
        for line in lines(include_str!("../../data/nested.txt")) {
            let (path, kind) = line.split_once(' ')?;
            tables.nested.insert(path, if kind == "1" { Basis::Type1 } else { Basis::Type2 });
        }
        for line in lines(include_str!("../../data/private.txt")) {
            let mut fields = line.split('\t');
            let (creator, group, element) = (fields.next()?, fields.next()?, fields.next()?);
            let key = (creator, u16::from_str_radix(group, 16).ok()?, u8::from_str_radix(element, 16).ok()?);
            let known = if fields.next()? == "U" { SafePrivate::Uid } else { SafePrivate::Kept };
            tables.private.insert(key, known);
        }
        Some(tables)
    }
}

fn lines(table: &'static str) -> impl Iterator<Item = &'static str> {
    table.lines().filter(|line| !line.starts_with('#'))
}

fn parse_tag(text: &str) -> Option<Tag> {
    Some(Tag(u16::from_str_radix(text.get(..4)?, 16).ok()?, u16::from_str_radix(text.get(4..8)?, 16).ok()?))
}

fn parse_type(text: &str) -> Option<(Tag, Basis)> {
    let basis = if text.get(8..)? == "1" { Basis::Type1 } else { Basis::Type2 };
    Some((parse_tag(text)?, basis))
}

fn parse_treatment(code: &str) -> Option<Treatment> {
    Some(match code {
        "u" => Treatment::Uid,
        "d" => Treatment::Date,
        "c" => Treatment::Cleaned,
        "p" => Treatment::Characteristic,
        "x" => Treatment::Removed,
        "z" => Treatment::Emptied,
        "r" => Treatment::Replaced,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use dicom_dictionary_std::{tags, uids};

    #[test]
    fn the_tables_say_what_the_standard_says() {
        for (tag, expected) in [
            (tags::STUDY_INSTANCE_UID, Treatment::Uid),
            (tags::STUDY_DATE, Treatment::Date),
            (tags::STUDY_DESCRIPTION, Treatment::Cleaned),
            (tags::PATIENT_AGE, Treatment::Characteristic),
            (tags::PATIENT_ADDRESS, Treatment::Removed),
            (tags::ACCESSION_NUMBER, Treatment::Emptied),
            (tags::INSTITUTION_NAME, Treatment::Replaced),
            (tags::KVP, Treatment::Unlisted),
            // The standard's Retain Device Identity Option keeps it, TCIA's script does not.
            (tags::DEVICE_SERIAL_NUMBER, Treatment::Replaced),
        ] {
            assert_eq!(treatment(tag), expected, "{tag}");
        }
        let ct = types(uids::CT_IMAGE_STORAGE);
        assert!(ct.contains(&(tags::KVP, Basis::Type2)) && ct.contains(&(tags::ROWS, Basis::Type1)));
        assert!(!ct.iter().any(|(tag, _)| *tag == tags::SLICE_LOCATION));
        assert_eq!(types("1.2.3"), []);
        assert_eq!(safe_private("Siemens MR Header", 0x0019, 0x0c), Some(SafePrivate::Kept));
        assert_eq!(safe_private("SIEMENS MR HEADER", 0x0019, 0x01), None);
    }
}

//! Text where no text belongs, and values that are not what their representation says.

use super::{Place, alone};
use crate::copy::{Copy, bytes};
use crate::token::{Token, spelled};
use dicom_core::value::PrimitiveValue;
use dicom_core::{DataElement, Tag, VR};
use dicom_dictionary_std::tags;

fn u16s(tag: Tag, vr: VR, words: Vec<u16>) -> dicom_object::mem::InMemElement {
    DataElement::new(tag, vr, PrimitiveValue::U16(words.into()))
}

fn pairs(text: &str) -> Vec<u16> {
    text.as_bytes().chunks(2).map(|pair| u16::from_le_bytes([pair[0], *pair.get(1).unwrap_or(&b' ')])).collect()
}

/// Tells the patient's other name, which values without text are searched for.
fn known(copy: &mut Copy, token: &Token) {
    copy.knows_name(&token.name());
}

pub(super) const PLACES: &[Place] = &[
    alone("text in integers and decimals (IS, DS)", |copy, token| {
        copy.text(tags::SERIES_NUMBER, VR::IS, &token.family());
        copy.text(tags::KVP, VR::DS, &token.given());
    }),
    alone("text in a date, a time, an age and a UID", |copy, token| {
        copy.text(tags::ACQUISITION_DATE, VR::DA, &token.family());
        copy.text(tags::ACQUISITION_TIME, VR::TM, &token.given());
        copy.text(tags::PATIENT_AGE, VR::AS, &token.family());
        copy.text(tags::SYNCHRONIZATION_FRAME_OF_REFERENCE_UID, VR::UI, &token.given());
    }),
    alone("text under another VR than the dictionary's", |copy, token| {
        known(copy, token);
        copy.text(tags::SMALLEST_IMAGE_PIXEL_VALUE, VR::LO, &token.spoken());
        copy.text(tags::SLICE_THICKNESS, VR::LO, &token.family());
        copy.text(tags::PATIENT_WEIGHT, VR::UT, &token.given());
    }),
    alone("text in bytes (OB)", |copy, token| {
        known(copy, token);
        copy.put(bytes(tags::IMAGE_COMMENTS, VR::OB, token.spoken().as_bytes()));
    }),
    alone("text under UN", |copy, token| {
        known(copy, token);
        copy.put(bytes(tags::STUDY_DESCRIPTION, VR::UN, format!("{}, chest", token.spoken()).as_bytes()));
        copy.put(bytes(tags::PATIENT_BIRTH_NAME, VR::UN, token.name().as_bytes()));
    }),
    alone("text in words (OW)", |copy, token| {
        known(copy, token);
        copy.put(u16s(Tag(0x0028, 0x1201), VR::OW, pairs(&token.family())));
    }),
    alone("text in words, with bytes swapped", |copy, token| {
        known(copy, token);
        let swapped = pairs(&token.family()).into_iter().map(u16::swap_bytes).collect();
        copy.put(u16s(Tag(0x0028, 0x1202), VR::OW, swapped));
    }),
    alone("text in words: one character each", |copy, token| {
        known(copy, token);
        copy.put(u16s(Tag(0x0028, 0x1203), VR::OW, token.family().bytes().map(u16::from).collect()));
    }),
    alone("text in floats (OF)", |copy, token| {
        known(copy, token);
        let text = format!("{}  ", token.family());
        let floats: Vec<f32> = text
            .as_bytes()
            .chunks_exact(4)
            .map(|four| f32::from_le_bytes([four[0], four[1], four[2], four[3]]))
            .collect();
        copy.put(DataElement::new(Tag(0x0064, 0x0009), VR::OF, PrimitiveValue::F32(floats.into())));
    }),
    alone("text in numbers of 16 bits (US)", |copy, token| {
        known(copy, token);
        copy.put(u16s(Tag(0x0028, 0x3002), VR::US, pairs(&token.family())));
        copy.put(u16s(Tag(0x0018, 0x1310), VR::US, token.given().bytes().map(u16::from).collect()));
    }),
    alone("text in numbers of 32 bits (UL)", |copy, token| {
        known(copy, token);
        let letters: Vec<u32> = token.family().bytes().map(u32::from).collect();
        copy.put(DataElement::new(Tag(0x0008, 0x1161), VR::UL, PrimitiveValue::U32(letters.into())));
    }),
    alone("a name spelled in integers (IS)", |copy, token| {
        known(copy, token);
        copy.text(Tag(0x0008, 0x1160), VR::IS, &spelled(&token.family()));
    }),
    alone("a name spelled in decimals (DS)", |copy, token| {
        known(copy, token);
        copy.text(Tag(0x3006, 0x0050), VR::DS, &spelled(&token.family()));
    }),
    alone("a record number as an integer (IS)", |copy, token| {
        copy.knows_identifier(&token.number());
        copy.text(tags::ACQUISITION_NUMBER, VR::IS, &token.number());
    }),
    alone("text longer than its VR allows", |copy, token| {
        known(copy, token);
        copy.text(tags::SEQUENCE_NAME, VR::SH, &format!("{} {}", "x".repeat(300), token.spoken()));
        copy.text(tags::PATIENT_POSITION, VR::CS, &format!("HFS {}", token.spoken()));
    }),
    alone("text behind the zero that ends a value", |copy, token| {
        copy.put(bytes(tags::MODALITY, VR::CS, format!("CT\0{}", token.family().to_uppercase()).as_bytes()));
        let uid = format!("1.2.840.10008.5.1.4.1.1.2\0{}", token.number());
        copy.put(bytes(Tag(0x0008, 0x001A), VR::UI, uid.as_bytes()));
        known(copy, token);
    }),
    alone("text in enumerated codes of an image", |copy, token| {
        copy.text(tags::PATIENT_SEX, VR::CS, &token.family().to_uppercase());
        copy.text(tags::LATERALITY, VR::CS, &token.given().to_uppercase());
        copy.text(tags::BURNED_IN_ANNOTATION, VR::CS, &token.family().to_uppercase());
        known(copy, token);
    }),
    alone("a name in the photometric interpretation and the character set", |copy, token| {
        known(copy, token);
        copy.text(tags::PHOTOMETRIC_INTERPRETATION, VR::CS, &token.family().to_uppercase());
        copy.adds(tags::SPECIFIC_CHARACTER_SET, VR::CS, &token.given().to_uppercase());
    }),
    alone("a sequence under UN, of defined length", |copy, token| {
        let mut value = b"\xFE\xFF\x00\xE0\xFF\xFF\xFF\xFF\x10\x00\x10\x00".to_vec();
        let name = format!("{:<40}", token.name());
        value.extend(u32::try_from(name.len()).expect("short").to_le_bytes());
        value.extend(name.as_bytes());
        value.extend(b"\xFE\xFF\x0D\xE0\x00\x00\x00\x00");
        copy.put(bytes(tags::REQUEST_ATTRIBUTES_SEQUENCE, VR::UN, &value));
    }),
    alone("a sequence under UN, of undefined length", |copy, token| {
        if copy.is_implicit() || copy.is_big_endian() || copy.is_deflated() {
            return;
        }
        let mut raw = b"\x40\x00\x75\x02UN\x00\x00\xFF\xFF\xFF\xFF\xFE\xFF\x00\xE0\xFF\xFF\xFF\xFF".to_vec();
        raw.extend(b"\x10\x00\x10\x00");
        let name = format!("{:<40}", token.name());
        raw.extend(u32::try_from(name.len()).expect("short").to_le_bytes());
        raw.extend(name.as_bytes());
        raw.extend(b"\xFE\xFF\x0D\xE0\x00\x00\x00\x00\xFE\xFF\xDD\xE0\x00\x00\x00\x00");
        copy.data_set.remove_element(tags::REQUEST_ATTRIBUTES_SEQUENCE);
        copy.raw.push((tags::REQUEST_ATTRIBUTES_SEQUENCE, raw));
    }),
    alone("a VR that does not exist", |copy, token| {
        if copy.is_implicit() || copy.is_big_endian() || copy.is_deflated() {
            return;
        }
        let mut raw = b"\x10\x00\x10\x00ZZ".to_vec();
        raw.extend(20_u16.to_le_bytes());
        raw.extend(format!("{:<20}", token.name()).as_bytes());
        copy.data_set.remove_element(tags::PATIENT_NAME);
        copy.raw.push((tags::PATIENT_NAME, raw));
    })
    .stopped("what follows cannot be read: the file is quarantined"),
];

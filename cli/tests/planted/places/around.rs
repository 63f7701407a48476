//! What surrounds the data set, and what stands between its attributes.

use super::{Place, alone, place};
use crate::copy::{Copy, bytes, sequence, text};
use crate::token::Token;
use dicom_core::{PrimitiveValue, Tag, VR};
use dicom_dictionary_std::tags;

const GROUP: &str = "around";

/// An element of the file meta information, which is in explicit VR little endian in every file.
fn meta_element(element: u16, vr: &str, value: &str) -> Vec<u8> {
    let mut value = value.as_bytes().to_vec();
    if value.len() % 2 == 1 {
        value.push(b' ');
    }
    let mut bytes = vec![0x02, 0x00];
    bytes.extend(element.to_le_bytes());
    bytes.extend(vr.as_bytes());
    bytes.extend(u16::try_from(value.len()).expect("short").to_le_bytes());
    bytes.extend(value);
    bytes
}

/// Text in the bytes after the last pixel of an image that is not compressed.
fn after_pixels(copy: &mut Copy, token: &Token) {
    if !copy.is_native() || copy.is_deflated() {
        return;
    }
    let Some(element) = copy.data_set.get(tags::PIXEL_DATA) else { return };
    let vr = element.vr();
    let Ok(mut pixels) = element.to_bytes().map(|bytes| bytes.to_vec()) else { return };
    pixels.extend(token.name().as_bytes());
    copy.put(bytes(tags::PIXEL_DATA, vr, &pixels));
}

pub(super) const PLACES: &[Place] = &[
    place(GROUP, "the preamble", |copy, token| {
        let name = token.name();
        copy.preamble[20..20 + name.len()].copy_from_slice(name.as_bytes());
        copy.preamble[60..69].copy_from_slice(token.number().as_bytes());
    }),
    place(GROUP, "file meta: source application entity", |copy, token| {
        copy.meta.source_application_entity_title = Some(token.family());
        copy.meta.update_information_group_length();
    }),
    place(GROUP, "file meta: sending and receiving application entity", |copy, token| {
        copy.meta.sending_application_entity_title = Some(token.family());
        copy.meta.receiving_application_entity_title = Some(token.given());
        copy.meta.update_information_group_length();
    }),
    place(GROUP, "file meta: implementation class and version", |copy, token| {
        copy.meta.implementation_class_uid = token.uid();
        copy.meta.implementation_version_name = Some(token.family());
        copy.meta.update_information_group_length();
    }),
    place(GROUP, "file meta: private information and its creator", |copy, token| {
        copy.meta.private_information_creator_uid = Some(token.uid());
        copy.meta.private_information = Some(format!("{:<20}", token.name()).into_bytes());
        copy.meta.update_information_group_length();
    }),
    place(GROUP, "file meta: the UID of the instance", |copy, token| {
        copy.meta.media_storage_sop_instance_uid = token.uid();
        copy.meta.update_information_group_length();
    }),
    alone("file meta: presentation addresses and unknown elements", |copy, token| {
        copy.more_meta = meta_element(0x0103, "LO", &token.name());
        copy.more_meta.extend(meta_element(0x0104, "LO", &token.number()));
    }),
    place(GROUP, "a group length that is a text", |copy, token| {
        copy.text(Tag(0x0018, 0x0000), VR::LO, &token.spoken());
    }),
    place(GROUP, "padding after the data set's last attribute", |copy, token| {
        copy.put(bytes(Tag(0xFFFC, 0xFFFC), VR::OB, token.name().as_bytes()));
    }),
    place(GROUP, "curves: labels and data", |copy, token| {
        copy.text(Tag(0x5000, 0x2500), VR::LO, &token.spoken());
        copy.put(bytes(Tag(0x5002, 0x3000), VR::OW, format!("{} ", token.family()).as_bytes()));
        copy.text(Tag(0x50FE, 0x0022), VR::LO, &token.given());
    }),
    place(GROUP, "audio in a curve: samples and comments", |copy, token| {
        copy.put(bytes(Tag(0x5004, 0x200C), VR::OB, token.name().as_bytes()));
        copy.text(Tag(0x5004, 0x200E), VR::LT, &token.spoken());
    }),
    place(GROUP, "overlays: data, labels and comments", |copy, token| {
        copy.put(bytes(Tag(0x6000, 0x3000), VR::OW, format!("{} ", token.family()).as_bytes()));
        copy.text(Tag(0x6002, 0x1500), VR::LO, &token.spoken());
        copy.text(Tag(0x60FE, 0x4000), VR::LT, &token.given());
    }),
    place(GROUP, "an overlay group beyond those that are allowed", |copy, token| {
        copy.text(Tag(0x6080, 0x0022), VR::LO, &token.spoken());
    }),
    place(GROUP, "unknown standard attributes", |copy, token| {
        copy.text(Tag(0x0008, 0xFFF1), VR::LO, &token.spoken());
        copy.text(Tag(0x0020, 0xFFF2), VR::UT, &token.name());
        copy.text(Tag(0x7FE2, 0x0010), VR::LO, &token.number());
    }),
    place(GROUP, "an unknown standard sequence", |copy, token| {
        copy.put(sequence(Tag(0x0010, 0xFFF1), [vec![text(tags::PATIENT_ID, VR::LO, &token.number())]]));
    }),
    place(GROUP, "retired attributes", |copy, token| {
        copy.knows_name(&token.name());
        copy.text(Tag(0x0010, 0x9999), VR::LO, &token.spoken());
        copy.text(Tag(0x4000, 0x4000), VR::LT, &token.spoken());
        copy.text(Tag(0x0008, 0x4000), VR::LT, &token.name());
        copy.text(Tag(0x4008, 0x010B), VR::ST, &token.spoken());
    }),
    alone("a group of commands in the data set", |copy, token| {
        copy.text(Tag(0x0000, 0x1000), VR::LO, &token.family());
    }),
    place(GROUP, "a group of directories in the data set", |copy, token| {
        copy.text(Tag(0x0004, 0x1130), VR::CS, &token.family().to_uppercase());
        copy.text(Tag(0x0004, 0x1141), VR::CS, &token.given().to_uppercase());
    }),
    alone("file meta elements in the data set", |copy, token| {
        if !copy.is_deflated() {
            copy.raw(Tag(0x0002, 0x0016), VR::AE, token.family().as_bytes());
        }
    }),
    alone("an attribute that occurs twice", |copy, token| {
        if copy.is_deflated() {
            return;
        }
        copy.text(tags::PATIENT_NAME, VR::PN, "Harmless^Name");
        copy.raw(tags::PATIENT_NAME, VR::PN, token.name().as_bytes());
        copy.knows_identifier(&token.number());
        copy.text(tags::STUDY_DESCRIPTION, VR::LO, "harmless");
        copy.raw(tags::STUDY_DESCRIPTION, VR::LO, token.number().as_bytes());
    })
    .stopped("two different values of one attribute: the file is quarantined"),
    alone("an attribute out of order", |copy, token| {
        if copy.is_deflated() {
            return;
        }
        let element = copy.encoded(tags::PATIENT_NAME, VR::PN, token.name().as_bytes());
        copy.raw.push((Tag(0x0028, 0x0002), element));
    })
    .stopped("an attribute with a second value out of order: the file is quarantined"),
    alone("bytes after the data set", |copy, token| {
        if !copy.is_deflated() {
            copy.trailing = format!("{} {}", token.name(), token.number()).into_bytes();
        }
    })
    .stopped("bytes that are no attribute: the file is quarantined"),
    alone("zeros and text after the data set", |copy, token| {
        if !copy.is_deflated() {
            copy.trailing = vec![0; 64];
            copy.trailing.extend(token.name().as_bytes());
        }
    })
    .stopped("bytes that are no attribute: the file is quarantined"),
    alone("bytes after the pixels, within their value", after_pixels)
        .stopped("as many bytes as another small frame has: the file waits for a person"),
    alone("bytes after pixels that share their colours", |copy, token| {
        if !copy.is_native() || copy.is_deflated() || copy.data_set.get(tags::PIXEL_DATA).is_none() {
            return;
        }
        let number = |tag, number: u16| dicom_core::DataElement::new(tag, VR::US, PrimitiveValue::from(number));
        for (tag, value) in [
            (tags::SAMPLES_PER_PIXEL, 3),
            (tags::ROWS, 16),
            (tags::COLUMNS, 16),
            (tags::BITS_ALLOCATED, 8),
            (tags::BITS_STORED, 8),
            (tags::HIGH_BIT, 7),
        ] {
            copy.put(number(tag, value));
        }
        copy.text(tags::NUMBER_OF_FRAMES, VR::IS, "1");
        copy.text(tags::PHOTOMETRIC_INTERPRETATION, VR::CS, "YBR_FULL_422");
        let mut pixels = vec![0x11; 16 * 16 * 2];
        pixels.extend(token.name().as_bytes());
        copy.put(bytes(tags::PIXEL_DATA, VR::OB, &pixels));
    }),
    alone("pixels that no rows and columns count", |copy, token| {
        copy.data_set.remove_element(tags::ROWS);
        after_pixels(copy, token);
    })
    .stopped("nothing says where the pixels end: the file waits for a person"),
    alone("the preamble and the file meta of an older file within the data set", |copy, token| {
        if copy.is_deflated() {
            return;
        }
        let mut inner = copy.clone();
        inner.text(tags::PATIENT_NAME, VR::PN, &token.name());
        let Some(inner) = inner.to_bytes().filter(|inner| inner.len() < 64_000) else { return };
        copy.trailing = inner;
    })
    .stopped("bytes that are no attribute: the file is quarantined"),
    place(GROUP, "large bytes of an attribute without text", |copy, token| {
        let mut large = vec![0x55; 70_000];
        large.extend(token.name().as_bytes());
        copy.put(bytes(Tag(0x0028, 0x1221), VR::OW, &large));
        copy.knows_name(&token.name());
    }),
];

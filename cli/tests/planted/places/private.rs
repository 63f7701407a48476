//! Private attributes.

use super::{Place, alone, place};
use crate::copy::{bytes, sequence, text};
use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;

const GROUP: &str = "private";

pub(super) const PLACES: &[Place] = &[
    place(GROUP, "private, of a creator that is known as safe", |copy, token| {
        copy.knows_name(&token.name());
        copy.text(Tag(0x0009, 0x0010), VR::LO, "GEMS_IDEN_01");
        copy.text(Tag(0x0009, 0x1004), VR::LO, &format!("unit of {}", token.spoken()));
    }),
    place(GROUP, "private, known as safe, in another block", |copy, token| {
        copy.knows_name(&token.name());
        copy.text(Tag(0x0009, 0x00A7), VR::LO, "GEMS_IDEN_01");
        copy.text(Tag(0x0009, 0xA704), VR::LO, &format!("unit of {}", token.spoken()));
    }),
    place(GROUP, "private, known as safe, under UN", |copy, token| {
        copy.knows_name(&token.name());
        copy.text(Tag(0x0009, 0x0021), VR::LO, "GEMS_IDEN_01");
        copy.put(bytes(Tag(0x0009, 0x2104), VR::UN, format!("unit of {}", token.spoken()).as_bytes()));
    }),
    place(GROUP, "private, known as safe, in a sequence", |copy, token| {
        copy.knows_name(&token.name());
        copy.put(sequence(
            tags::REFERENCED_INSTANCE_SEQUENCE,
            [vec![
                text(Tag(0x0009, 0x0010), VR::LO, "GEMS_IDEN_01"),
                text(Tag(0x0009, 0x1004), VR::LO, &format!("unit of {}", token.spoken())),
            ]],
        ));
    }),
    place(GROUP, "private, of an unknown creator", |copy, token| {
        copy.text(Tag(0x0013, 0x0010), VR::LO, "ACME 1.0");
        copy.text(Tag(0x0013, 0x1010), VR::PN, &token.name());
        copy.text(Tag(0x0013, 0x1011), VR::LO, &token.number());
    }),
    place(GROUP, "private, a creator that is a name", |copy, token| {
        copy.text(Tag(0x0015, 0x0010), VR::LO, &token.name());
        copy.text(Tag(0x0015, 0x1010), VR::LO, "value");
    }),
    place(GROUP, "private, a creator that is a name, without attributes", |copy, token| {
        copy.text(Tag(0x0017, 0x0030), VR::LO, &token.name());
    }),
    place(GROUP, "private, without a creator", |copy, token| {
        copy.text(Tag(0x001B, 0x1010), VR::LO, &token.spoken());
    }),
    place(GROUP, "private, a sequence", |copy, token| {
        copy.text(Tag(0x001D, 0x0010), VR::LO, "ACME 1.0");
        copy.put(sequence(Tag(0x001D, 0x1010), [vec![text(tags::PATIENT_NAME, VR::PN, &token.name())]]));
    }),
    place(GROUP, "private, in a private sequence under UN", |copy, token| {
        copy.text(Tag(0x001F, 0x0010), VR::LO, "ACME 1.0");
        let mut value = b"\xFE\xFF\x00\xE0\xFF\xFF\xFF\xFF\x10\x00\x10\x00".to_vec();
        let name = format!("{:<40}", token.name());
        value.extend(u32::try_from(name.len()).expect("short").to_le_bytes());
        value.extend(name.as_bytes());
        value.extend(b"\xFE\xFF\x0D\xE0\x00\x00\x00\x00");
        copy.put(bytes(Tag(0x001F, 0x1010), VR::UN, &value));
    }),
    place(GROUP, "private, bytes under OB and UN", |copy, token| {
        copy.text(Tag(0x0023, 0x0010), VR::LO, "ACME 1.0");
        copy.put(bytes(Tag(0x0023, 0x1010), VR::OB, token.name().as_bytes()));
        copy.put(bytes(Tag(0x0023, 0x1011), VR::UN, token.number().as_bytes()));
    }),
    place(GROUP, "private, known as safe, bytes of UTF-16", |copy, token| {
        copy.knows_name(&token.name());
        copy.text(Tag(0x0009, 0x0031), VR::LO, "GEMS_IDEN_01");
        let wide: Vec<u8> = token.family().bytes().flat_map(|byte| [byte, 0]).collect();
        copy.put(bytes(Tag(0x0009, 0x31E6), VR::OB, &wide));
    }),
    alone("private, two creators for one block", |copy, token| {
        copy.text(Tag(0x0025, 0x0010), VR::LO, "ACME 1.0");
        copy.raw(Tag(0x0025, 0x0010), VR::LO, token.family().as_bytes());
        copy.text(Tag(0x0025, 0x1001), VR::LO, &token.spoken());
    })
    .stopped("two different creators of one block: the file is quarantined"),
    place(GROUP, "private, two creators in one value", |copy, token| {
        copy.text(Tag(0x0027, 0x0010), VR::LO, &format!("GEMS_IDEN_01\\{}", token.family()));
        copy.text(Tag(0x0027, 0x1004), VR::LO, &token.given());
    }),
    place(GROUP, "private, an attribute below its creators", |copy, token| {
        copy.text(Tag(0x0029, 0x0001), VR::LO, &token.name());
        copy.text(Tag(0x0029, 0x0FFF), VR::LO, &token.spoken());
    }),
    place(GROUP, "private, with a safe creator and an element that is not listed", |copy, token| {
        copy.text(Tag(0x0009, 0x0041), VR::LO, "GEMS_IDEN_01");
        copy.text(Tag(0x0009, 0x417F), VR::LO, &token.spoken());
    }),
    place(GROUP, "private, a group number that the standard forbids", |copy, token| {
        for group in [0x0001, 0x0003, 0x0005, 0x0007, 0xFFFF] {
            copy.text(Tag(group, 0x1010), VR::LO, &token.spoken());
        }
    }),
];

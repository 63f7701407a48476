//! Every place of an instance where an identity can stand: nothing planted there survives, and what is useful stays.
//!
//! A row of [`PLACES`] plants the patient of [`Sample`] in one place. The instance is de-identified by itself, and all
//! bytes of the result are searched, whatever the attribute and without regard to ASCII case.

mod support;

use dicom_core::{Tag, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::{DefaultDicomObject, open_file};
use efface_pipeline::{Silent, run};
use efface_schema::{InstanceOutcome, Status, parse_json};
use std::fs;
use std::io::Read;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use support::{Lab, Sample, bytes, files, sequence, text};

/// What every sample says of its patient.
const IDENTITY: &[&[u8]] =
    &[b"doe", b"janedotte", b"7712345", b"evergreen", b"555-0147", b"19510627", b"20010203", b"99.1.1"];

/// The name of the input file: it names the patient, as file names do.
const FILE_NAME: &str = "Doe_Janedotte_7712345.dcm";

/// What the instance's pixels, geometry and acquisition say; none of it may be lost.
const TECHNICAL: &[(Tag, &str)] = &[
    (tags::MODALITY, "CT"),
    (tags::ROWS, "4"),
    (tags::PIXEL_SPACING, "0.75\\0.75"),
    (tags::SLICE_THICKNESS, "2.5"),
    (tags::CONVOLUTION_KERNEL, "B30f"),
    (tags::PATIENT_SEX, "F"),
    (Tag(0x0019, 0x1090), "1.25"),
];

struct Place {
    name: &'static str,
    plant: fn(&mut Sample),
    status: Status,
    /// What else must not survive.
    secrets: &'static [&'static [u8]],
    /// What else must.
    kept: &'static [(Tag, &'static str)],
    /// Whether the rest of the study description stays.
    described: bool,
}

const fn place(name: &'static str, plant: fn(&mut Sample)) -> Place {
    Place { name, plant, status: Status::Deidentified, secrets: &[], kept: &[], described: true }
}

impl Place {
    const fn ends(self, status: Status) -> Self {
        Self { status, ..self }
    }

    const fn secret(self, secrets: &'static [&'static [u8]]) -> Self {
        Self { secrets, ..self }
    }

    /// The study description cannot be read, and goes.
    const fn undescribed(self) -> Self {
        Self { described: false, ..self }
    }

    const fn keeps(self, kept: &'static [(Tag, &'static str)]) -> Self {
        Self { kept, ..self }
    }
}

const EXPLICIT: &[Place] = &[
    place("explicit attributes alone", |_| {})
        .keeps(&[(tags::STUDY_DESCRIPTION, "CT chest with contrast"), (tags::SERIES_DESCRIPTION, "lung axial")]),
    place("other identifiers and names", |sample| {
        sample.put(text(Tag(0x0010, 0x1000), VR::LO, "7712345\\QX-99812"));
        sample.put(text(tags::OTHER_PATIENT_NAMES, VR::PN, "Maidenova^Janedotte"));
        sample.put(text(tags::PATIENT_MOTHER_BIRTH_NAME, VR::PN, "Grandmerova^Anna"));
        sample.put(text(Tag(0x0010, 0x1090), VR::LO, "shelf 7712345"));
        sample.put(text(tags::ACCESSION_NUMBER, VR::SH, "ACC-40417"));
    })
    .secret(&[b"QX-99812", b"maidenova", b"grandmerova", b"40417"]),
    place("staff and institution names", |sample| {
        sample.put(text(tags::REFERRING_PHYSICIAN_NAME, VR::PN, "Quackenbos^Hugo^^Dr"));
        sample.put(text(tags::OPERATORS_NAME, VR::PN, "Knipser^Olga"));
        sample.put(text(tags::INSTITUTION_NAME, VR::LO, "Springfield General"));
        sample.put(text(tags::PATIENT_COMMENTS, VR::LT, "sent by Quackenbos, Springfield General"));
        sample.put(text(
            tags::ADDITIONAL_PATIENT_HISTORY,
            VR::LT,
            "asthma; seen by Hugo Quackenbos in Springfield General",
        ));
    })
    .secret(&[b"quackenbos", b"knipser", b"springfield"]),
    place("an age over 89", |sample| sample.put(text(tags::PATIENT_AGE, VR::AS, "097Y")))
        .secret(&[b"097Y"])
        .keeps(&[(tags::PATIENT_AGE, "090Y")]),
    place("a UID that holds the record number", |sample| {
        sample.put(text(tags::FRAME_OF_REFERENCE_UID, VR::UI, "1.2.826.7712345.20010203"));
        sample.put(text(tags::CONCATENATION_UID, VR::UI, "1.2.840.10008.7712345"));
    }),
];

const NESTED: &[Place] = &[
    place("two sequences deep", |sample| {
        let inner = sequence(
            tags::SCHEDULED_PROTOCOL_CODE_SEQUENCE,
            [vec![text(tags::CODE_MEANING, VR::LO, "head for DOE JANEDOTTE")]],
        );
        let name = text(tags::PATIENT_NAME, VR::PN, "DOE^JANEDOTTE");
        sample.put(sequence(tags::REQUEST_ATTRIBUTES_SEQUENCE, [vec![inner, name]]));
        let purpose = sequence(
            tags::PURPOSE_OF_REFERENCE_CODE_SEQUENCE,
            [vec![text(tags::CODE_MEANING, VR::LO, "prior of Janedotte")]],
        );
        let uid = text(tags::REFERENCED_SOP_INSTANCE_UID, VR::UI, "1.2.3.7712345");
        sample.put(sequence(tags::REFERENCED_IMAGE_SEQUENCE, [vec![purpose, uid]]));
    }),
    place("structured content", |sample| {
        let observer =
            vec![text(tags::VALUE_TYPE, VR::CS, "PNAME"), text(tags::PERSON_NAME, VR::PN, "Quackenbos^Hugo")];
        let finding = vec![
            text(tags::VALUE_TYPE, VR::CS, "TEXT"),
            text(tags::TEXT_VALUE, VR::UT, "Mrs. Doe (MRN 7712345) reports pain, 742 Evergreen Terrace."),
        ];
        let identifier = vec![text(tags::VALUE_TYPE, VR::CS, "UIDREF"), text(tags::UID, VR::UI, "1.2.3.7712345")];
        let container = vec![text(tags::VALUE_TYPE, VR::CS, "CONTAINER"), sequence(tags::CONTENT_SEQUENCE, [finding])];
        sample.put(sequence(tags::CONTENT_SEQUENCE, [observer, identifier, container]));
    })
    .secret(&[b"quackenbos"]),
    place("original attributes", |sample| {
        let modified = sequence(
            tags::MODIFIED_ATTRIBUTES_SEQUENCE,
            [vec![text(tags::PATIENT_NAME, VR::PN, "DOE^JANEDOTTE"), text(tags::PATIENT_ID, VR::LO, "7712345")]],
        );
        let source = text(tags::SOURCE_OF_PREVIOUS_VALUES, VR::LO, "Evergreen hospital");
        sample.put(sequence(tags::ORIGINAL_ATTRIBUTES_SEQUENCE, [vec![modified, source]]));
    }),
    place("contributing equipment", |sample| {
        sample.put(sequence(
            tags::CONTRIBUTING_EQUIPMENT_SEQUENCE,
            [vec![
                text(tags::INSTITUTION_NAME, VR::LO, "Springfield General"),
                text(tags::INSTITUTION_ADDRESS, VR::ST, "1 Evergreen Lane"),
                text(tags::OPERATORS_NAME, VR::PN, "Knipser^Olga"),
            ]],
        ));
    })
    .secret(&[b"springfield", b"knipser"]),
    place("graphic annotation", |sample| {
        let text_object = sequence(
            tags::TEXT_OBJECT_SEQUENCE,
            [vec![text(tags::UNFORMATTED_TEXT_VALUE, VR::ST, "nodule, JANEDOTTE DOE")]],
        );
        let layer = text(tags::GRAPHIC_LAYER, VR::CS, "LAYER1");
        sample.put(sequence(tags::GRAPHIC_ANNOTATION_SEQUENCE, [vec![text_object, layer]]));
        sample.put(text(tags::CONTENT_CREATOR_NAME, VR::PN, "Quackenbos^Hugo"));
    })
    .secret(&[b"quackenbos"]),
    place("an item with a character set of its own", |sample| {
        sample.put(sequence(
            tags::REQUEST_ATTRIBUTES_SEQUENCE,
            [vec![
                text(tags::SPECIFIC_CHARACTER_SET, VR::CS, "ISO_IR 192"),
                bytes(tags::REASON_FOR_THE_REQUESTED_PROCEDURE, VR::LO, "Zoë Doe, follow-up".as_bytes()),
            ]],
        ));
    }),
];

const PRIVATE: &[Place] = &[
    place("private without a creator", |sample| sample.put(text(Tag(0x0011, 0x1010), VR::LO, "Janedotte Doe"))),
    place("private of an unknown creator", |sample| {
        sample.put(text(Tag(0x0011, 0x0010), VR::LO, "ACME 7712345"));
        sample.put(text(Tag(0x0011, 0x1010), VR::PN, "DOE^JANEDOTTE"));
        sample.put(sequence(Tag(0x0011, 0x1011), [vec![text(tags::PATIENT_ID, VR::LO, "7712345")]]));
    }),
    place("private text that is listed as safe", |sample| {
        sample.put(text(Tag(0x0009, 0x0010), VR::LO, "GEMS_IDEN_01"));
        sample.put(text(Tag(0x0009, 0x1001), VR::LO, "GE_GENESIS_FF"));
        sample.put(text(Tag(0x0009, 0x1004), VR::LO, "unit of Doe, Janedotte"));
    })
    .keeps(&[(Tag(0x0009, 0x1001), "GE_GENESIS_FF")]),
    place("private text that is listed as safe, under UN", |sample| {
        sample.put(text(Tag(0x0009, 0x0010), VR::LO, "GEMS_IDEN_01"));
        sample.put(bytes(Tag(0x0009, 0x1004), VR::UN, b"unit of Doe, Janedotte"));
    }),
    place("private inside a standard sequence", |sample| {
        sample.put(sequence(
            tags::REQUEST_ATTRIBUTES_SEQUENCE,
            [vec![text(Tag(0x0011, 0x0010), VR::LO, "ACME"), text(Tag(0x0011, 0x1010), VR::LO, "DOE^JANEDOTTE")]],
        ));
    }),
    place("a creator that is a name", |sample| sample.put(text(Tag(0x0013, 0x0010), VR::LO, "DOE^JANEDOTTE"))),
    place("a private attribute in place of a creator", |sample| {
        sample.put(text(Tag(0x0013, 0x0001), VR::LO, "DOE^JANEDOTTE"));
    }),
];

const WRONG: &[Place] = &[
    place("an unknown standard attribute", |sample| {
        sample.put(text(Tag(0x0008, 0xFFF1), VR::LO, "DOE^JANEDOTTE"));
        sample.put(sequence(Tag(0x0010, 0xFFF1), [vec![text(tags::PATIENT_ID, VR::LO, "7712345")]]));
    }),
    place("text where a number belongs", |sample| {
        sample.put(text(tags::SERIES_NUMBER, VR::IS, "DOE"));
        sample.put(text(tags::KVP, VR::DS, "JANEDOTTE"));
        sample.put(text(tags::SMALLEST_IMAGE_PIXEL_VALUE, VR::LO, "DOE^JANEDOTTE"));
        sample.put(text(tags::ACQUISITION_TIME, VR::TM, "JANEDOTTE"));
        sample.put(text(tags::ACQUISITION_DATE, VR::DA, "JANEDOTTE"));
        sample.put(text(tags::SYNCHRONIZATION_FRAME_OF_REFERENCE_UID, VR::UI, "1.2.DOE"));
        sample.put(text(tags::PATIENT_AGE, VR::AS, "DOE"));
    }),
    place("a code that is a name", |sample| {
        sample.put(text(tags::BODY_PART_EXAMINED, VR::CS, "JANEDOTTE"));
        sample.put(text(tags::PATIENT_POSITION, VR::CS, "HFS"));
    })
    .keeps(&[(tags::PATIENT_POSITION, "HFS")]),
    place("a number that is the record number", |sample| sample.put(text(tags::SERIES_NUMBER, VR::IS, "7712345"))),
    place("text under OB", |sample| {
        sample.put(bytes(tags::ICC_PROFILE, VR::OB, b"profile of Janedotte Doe"));
        sample.put(bytes(tags::IMAGE_COMMENTS, VR::OB, b"Janedotte Doe, chest"));
    }),
    place("text under UN", |sample| {
        sample.put(bytes(tags::STUDY_DESCRIPTION, VR::UN, b"Janedotte Doe, CT chest"));
        sample.put(bytes(tags::PATIENT_NAME, VR::UN, b"DOE^JANEDOTTE"));
        sample.put(bytes(tags::PATIENT_COMMENTS, VR::UN, b"MRN 7712345"));
    }),
    place("a sequence under UN, of defined length", |sample| {
        // An item of undefined length with (0010,0010), implicit VR (PS3.5 section 6.2.2, note 4).
        let mut value = b"\xFE\xFF\x00\xE0\xFF\xFF\xFF\xFF\x10\x00\x10\x00\x0E\x00\x00\x00DOE^JANEDOTTE ".to_vec();
        value.extend(b"\xFE\xFF\x0D\xE0\x00\x00\x00\x00");
        sample.put(bytes(tags::REQUEST_ATTRIBUTES_SEQUENCE, VR::UN, &value));
    }),
    // Its items are in implicit VR whatever the file is in.
    place("a sequence under UN, of undefined length", |sample| {
        sample.raw = Some((tags::REQUEST_ATTRIBUTES_SEQUENCE, unknown_sequence(NAME_WITHOUT_VR)));
    }),
    place("a sequence under UN whose items state their VRs", |sample| {
        sample.raw = Some((tags::REQUEST_ATTRIBUTES_SEQUENCE, unknown_sequence(b"\x10\0\x10\0PN\x0E\0DOE^JANEDOTTE ")));
    }),
    place("a sequence under UN inside one under UN", |sample| {
        let mut inner = b"\x40\x00\x75\x02\xFF\xFF\xFF\xFF".to_vec();
        inner.extend(&unknown_sequence(NAME_WITHOUT_VR)[12..]);
        sample.raw = Some((tags::REQUEST_ATTRIBUTES_SEQUENCE, unknown_sequence(&inner)));
    }),
    place("a sequence under UN that is none", |sample| {
        sample.put(bytes(tags::REQUEST_ATTRIBUTES_SEQUENCE, VR::UN, b"\xFE\xFF\x00\xE0\xFF\x00\x00\x00DOE^JANEDOTTE "));
    }),
    place("a value that reaches beyond its item", |sample| {
        sample.raw =
            Some((tags::REQUEST_ATTRIBUTES_SEQUENCE, unknown_sequence(b"\x10\0\x10\0\xF0\0\0\0DOE^JANEDOTTE ")));
    })
    .ends(Status::Quarantined),
    place("one attribute twice", |sample| {
        let mut raw = b"\x10\0\x10\0PN\x0E\0DOE^JANEDOTTE ".to_vec();
        raw.extend(b"\x10\0\x10\0PN\x0E\0ROE^JANEDOTTE ");
        sample.data_set.remove_element(tags::PATIENT_NAME);
        sample.raw = Some((tags::PATIENT_NAME, raw));
    })
    .ends(Status::Quarantined),
    place("attributes out of order", |sample| {
        sample.raw = Some((tags::PATIENT_SEX, b"\x08\0\x81\0ST\x10\x00742 Evergreen Te".to_vec()));
    }),
    place("text in an array of numbers", |sample| {
        let words: Vec<u16> = b"JANEDOTTE DOE ".chunks(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
        sample.put(dicom_core::DataElement::new(
            tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DATA,
            VR::OW,
            dicom_core::PrimitiveValue::U16(words.iter().copied().collect()),
        ));
        sample.put(dicom_core::DataElement::new(
            tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
            VR::US,
            dicom_core::PrimitiveValue::U16(words.into_iter().collect()),
        ));
    }),
    place("a text of many kilobytes", |sample| {
        let long = format!("{}Janedotte Doe{}", "lung clear. ".repeat(9000), " no effusion.".repeat(9000));
        sample.put(text(tags::TEXT_VALUE, VR::UT, &long));
    }),
];

/// (0010,0010) Patient's Name as it stands in a data set of implicit VR.
const NAME_WITHOUT_VR: &[u8] = b"\x10\0\x10\0\x0E\0\0\0DOE^JANEDOTTE ";

/// Request Attributes Sequence under UN with undefined length, as is its one item.
fn unknown_sequence(item: &[u8]) -> Vec<u8> {
    let mut raw = b"\x40\x00\x75\x02UN\x00\x00\xFF\xFF\xFF\xFF\xFE\xFF\x00\xE0\xFF\xFF\xFF\xFF".to_vec();
    raw.extend(item);
    raw.extend(b"\xFE\xFF\x0D\xE0\0\0\0\0\xFE\xFF\xDD\xE0\0\0\0\0");
    raw
}

const AROUND: &[Place] = &[
    place("the preamble", |sample| sample.preamble[..13].copy_from_slice(b"DOE^JANEDOTTE")),
    place("the file meta information", |sample| {
        sample.meta.source_application_entity_title = Some("JANEDOTTE".to_owned());
        sample.meta.sending_application_entity_title = Some("AE7712345".to_owned());
        sample.meta.receiving_application_entity_title = Some("DOE_PACS".to_owned());
        sample.meta.private_information_creator_uid = Some("1.2.7712345".to_owned());
        sample.meta.private_information = Some(b"DOE^JANEDOTTE ".to_vec());
        sample.meta.implementation_version_name = Some("JANEDOTTE_1".to_owned());
        sample.meta.media_storage_sop_instance_uid = "1.2.7712345".to_owned();
        sample.meta.update_information_group_length();
    }),
    place("a group length", |sample| sample.put(text(Tag(0x0018, 0x0000), VR::LO, "DOE^JANEDOTTE"))),
    place("a command or meta group in the data set", |sample| {
        sample.put(text(Tag(0x0004, 0x1130), VR::CS, "JANEDOTTE"));
    }),
    place("overlays and curves", |sample| {
        sample.put(bytes(Tag(0x6000, 0x3000), VR::OW, b"JANEDOTTE DOE "));
        sample.put(text(Tag(0x6002, 0x4000), VR::LT, "Janedotte Doe"));
        sample.put(text(Tag(0x60FE, 0x1500), VR::LO, "Janedotte Doe"));
        sample.put(text(Tag(0x5000, 0x2500), VR::LO, "Janedotte Doe"));
        sample.put(bytes(Tag(0x5002, 0x3000), VR::OW, b"JANEDOTTE DOE "));
    }),
    place("trailing padding", |sample| sample.put(bytes(Tag(0xFFFC, 0xFFFC), VR::OB, b"DOE^JANEDOTTE"))),
    place("a digital signature", |sample| {
        sample.put(sequence(Tag(0xFFFA, 0xFFFA), [vec![bytes(Tag(0x0400, 0x0115), VR::OB, b"CN=Janedotte Doe")]]));
    }),
    place("bytes after the data set", |sample| sample.trailing = b"DOE^JANEDOTTE 7712345".to_vec())
        .ends(Status::Quarantined),
    place("a whole instance after the data set", |sample| sample.trailing = Sample::new("1.2.3.4").bytes())
        .ends(Status::Quarantined),
    place("text between the end of the pixels and of their value", |sample| {
        let mut pixels = vec![0x11_u8; 32];
        pixels.extend(b"DOE^JANEDOTTE ");
        sample.put(bytes(tags::PIXEL_DATA, VR::OW, &pixels));
    }),
    place("text after the pixels of a large image", |sample| {
        let mut pixels = vec![0x11_u8; 80_000];
        pixels.extend(b"DOE^JANEDOTTE ");
        sample.put(bytes(tags::PIXEL_DATA, VR::OW, &pixels));
    })
    .ends(Status::NeedsReview),
    place("a comment in compressed pixels", |sample| encapsulate(sample, b"", JPEG_WITH_COMMENT)),
    place("the offset table of compressed pixels", |sample| {
        encapsulate(sample, b"DOE^JANEDOTTE   ", JPEG_WITH_COMMENT);
    })
    .ends(Status::NeedsReview),
    place("an icon", |sample| {
        sample.put(sequence(
            tags::ICON_IMAGE_SEQUENCE,
            [vec![bytes(tags::PIXEL_DATA, VR::OB, b"DOE^JANEDOTTE"), text(tags::IMAGE_COMMENTS, VR::LT, "Doe")]],
        ));
    }),
    place("an encapsulated document", |sample| {
        sample.put(text(tags::DOCUMENT_TITLE, VR::ST, "Letter on Janedotte Doe"));
        sample.put(bytes(tags::ENCAPSULATED_DOCUMENT, VR::OB, b"%PDF-1.7 (Janedotte Doe)"));
    })
    .ends(Status::NeedsReview),
];

/// A JPEG stream with a comment and without an image: start, comment, scan header, two bytes, end.
const JPEG_WITH_COMMENT: &[u8] =
    b"\xFF\xD8\xFF\xFE\x00\x0FDOE^JANEDOTTE\xFF\xDA\x00\x08\x01\x01\x00\x00\x3F\x00\x11\x22\xFF\xD9 ";

/// Replaces the pixels by an offset table and one fragment.
fn encapsulate(sample: &mut Sample, offset_table: &[u8], fragment: &[u8]) {
    sample.transfer_syntax(uids::JPEG_BASELINE8_BIT);
    sample.data_set.remove_element(tags::PIXEL_DATA);
    sample.trailing = b"\xE0\x7F\x10\x00OB\0\0\xFF\xFF\xFF\xFF".to_vec();
    for item in [offset_table, fragment] {
        sample.trailing.extend(b"\xFE\xFF\x00\xE0");
        sample.trailing.extend(u32::try_from(item.len()).expect("small").to_le_bytes());
        sample.trailing.extend(item);
    }
    sample.trailing.extend(b"\xFE\xFF\xDD\xE0\0\0\0\0");
}

const FREE_TEXT: &[Place] = &[
    place("a name in any order, case and glue", |sample| {
        sample.put(text(tags::STUDY_DESCRIPTION, VR::LO, "CT chest, jAnEdOtTe dOe"));
        sample.put(text(tags::SERIES_DESCRIPTION, VR::LO, "lung DOE,JANEDOTTE axial"));
        sample.put(text(tags::PROTOCOL_NAME, VR::LO, "ThoraxJanedotteDoe"));
        sample.put(text(tags::IMAGE_COMMENTS, VR::LT, "Doe_Janedotte.dcm, doe-janedotte, JANEDOTTEDOE, J.Janedotte"));
        sample.put(text(tags::DERIVATION_DESCRIPTION, VR::ST, "MPR\r\nDOE\r\nJANEDOTTE\r\n"));
    }),
    place("accents that the name does not have, and the other way", |sample| {
        sample.put(bytes(tags::PATIENT_NAME, VR::PN, b"M\xFCller^Zo\xEBliane"));
        sample.put(bytes(tags::STUDY_DESCRIPTION, VR::LO, b"Knie links, Muller Zo\xEBliane"));
        sample.put(bytes(tags::SERIES_DESCRIPTION, VR::LO, b"M\xDCLLERZoeliane axial"));
    })
    .secret(&[b"muller", b"M\xFCller", b"M\xDCLLER", b"zoeliane", b"Zo\xEBliane"]),
    place("numbers with other separators", |sample| {
        sample.put(text(tags::STUDY_DESCRIPTION, VR::LO, "CT chest 77-12345"));
        sample.put(text(tags::IMAGE_COMMENTS, VR::LT, "id 771.2345, pat0007712345, call (217) 555 0147"));
    })
    .secret(&[b"77-12345", b"771.2345", b"555 0147"]),
    place("an address in parts", |sample| {
        sample.put(text(tags::ADDITIONAL_PATIENT_HISTORY, VR::LT, "lives at 742 evergreen terrace; seen at home"));
    }),
    place("dates in text", |sample| {
        sample.put(text(tags::STUDY_DESCRIPTION, VR::LO, "CT chest, prior 20010203"));
        sample.put(text(tags::IMAGE_COMMENTS, VR::LT, "prior of 02/03/2001, also 3 Feb 2001, Feb 3, 2001, 2001-02-03"));
        sample.put(text(tags::ADDITIONAL_PATIENT_HISTORY, VR::LT, "born June 27, 1951"));
    })
    .secret(&[b"02/03/2001", b"3 feb 2001", b"feb 3, 2001", b"2001-02-03", b"june 27, 1951"]),
    place("identities that no attribute names", |sample| {
        let history = "Wife Marigold Fenwick, tel 415-555-2671, marigold@example.org, SSN 219-09-9999";
        sample.put(text(tags::ADDITIONAL_PATIENT_HISTORY, VR::LT, history));
    })
    .secret(&[b"marigold", b"fenwick", b"555-2671", b"219-09-9999"]),
    place("each value of a list", |sample| {
        sample.put(text(tags::IMAGE_TYPE, VR::CS, "ORIGINAL\\JANEDOTTE\\AXIAL"));
        sample.put(text(tags::DERIVATION_CODE_SEQUENCE, VR::LO, "DOE\\JANEDOTTE"));
        sample.put(text(tags::SOFTWARE_VERSIONS, VR::LO, "VA40\\Janedotte Doe"));
    }),
];

const CHARACTER_SETS: &[Place] = &[
    place("UTF-8", |sample| {
        sample.put(text(tags::SPECIFIC_CHARACTER_SET, VR::CS, "ISO_IR 192"));
        sample.put(bytes(tags::PATIENT_NAME, VR::PN, "Ångström^Žofie=王^小东".as_bytes()));
        sample.put(bytes(tags::STUDY_DESCRIPTION, VR::LO, "CT chest ANGSTRÖM žofie 小东王".as_bytes()));
    })
    .secret(&[
        "Ångström".as_bytes(),
        "ANGSTR".as_bytes(),
        "Žofie".as_bytes(),
        b"ofie",
        "王".as_bytes(),
        "小东".as_bytes(),
    ]),
    place("Japanese with code extensions", |sample| {
        sample.put(text(tags::SPECIFIC_CHARACTER_SET, VR::CS, "\\ISO 2022 IR 87"));
        // The name of PS3.5 section H.3, example 1.
        let name: &[u8] = b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B";
        sample.put(bytes(tags::PATIENT_NAME, VR::PN, name));
        sample.put(bytes(tags::STUDY_DESCRIPTION, VR::LO, b"CT chest \x1b$B;3ED\x1b(B Yamada"));
    })
    .secret(&[b";3ED", b"B@O:", "山田".as_bytes(), "太郎".as_bytes(), "やまだ".as_bytes(), b"yamada", b"tarou"]),
    place("text after an item in another character set", |sample| {
        sample.put(text(tags::SPECIFIC_CHARACTER_SET, VR::CS, "ISO_IR 192"));
        sample.put(bytes(tags::PATIENT_NAME, VR::PN, "Ångström^Žofie".as_bytes()));
        sample.put(sequence(
            tags::REQUEST_ATTRIBUTES_SEQUENCE,
            [vec![
                text(tags::SPECIFIC_CHARACTER_SET, VR::CS, "ISO_IR 100"),
                bytes(tags::REASON_FOR_THE_REQUESTED_PROCEDURE, VR::LO, b"\xC5ngstr\xF6m fell"),
            ]],
        ));
        sample.put(bytes(tags::TEXT_VALUE, VR::UT, "Žofie Ångström fell".as_bytes()));
    })
    .secret(&["Ångström".as_bytes(), b"ngstr", "Žofie".as_bytes(), b"ofie"])
    .keeps(&[(tags::TEXT_VALUE, "fell")]),
    place("a backslash inside a character of two bytes", |sample| {
        sample.put(text(tags::SPECIFIC_CHARACTER_SET, VR::CS, "\\ISO 2022 IR 87"));
        sample.put(bytes(tags::PATIENT_NAME, VR::PN, b"Yamada^Tarou=\x1b$B;3?\\\x1b(B^\x1b$BB@O:\x1b(B"));
        sample.put(bytes(tags::STUDY_DESCRIPTION, VR::LO, b"CT chest \x1b$B;3?\\B@O:\x1b(B"));
    })
    .secret(&[b"B@O:", "太郎".as_bytes(), b"yamada"]),
    place("Korean with code extensions", |sample| {
        sample.put(text(tags::SPECIFIC_CHARACTER_SET, VR::CS, "\\ISO 2022 IR 149"));
        // The name of PS3.5 section I.2.
        let name: &[u8] =
            b"Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7=\x1b$)C\xc8\xab^\x1b$)C\xb1\xe6\xb5\xbf";
        sample.put(bytes(tags::PATIENT_NAME, VR::PN, name));
        sample.put(bytes(tags::STUDY_DESCRIPTION, VR::LO, b"CT chest \x1b$)C\xb1\xe6\xb5\xbf Gildong"));
    })
    .secret(&[b"\xb1\xe6\xb5\xbf", "길동".as_bytes(), "吉洞".as_bytes(), b"gildong"]),
    place("Cyrillic", |sample| {
        sample.put(text(tags::SPECIFIC_CHARACTER_SET, VR::CS, "ISO_IR 144"));
        // Люкceмбypг of PS3.5 section J, here as a surname.
        sample.put(bytes(tags::PATIENT_NAME, VR::PN, b"\xbb\xee\xda\x63\x65\xdc\xd1\x79\x70\xd3"));
        sample.put(bytes(tags::STUDY_DESCRIPTION, VR::LO, b"CT chest \xbb\xee\xda\x63\x65\xdc\xd1\x79\x70\xd3"));
    })
    .secret(&[b"\xbb\xee\xda", "Люк".as_bytes()]),
    place("GB18030", |sample| {
        sample.put(text(tags::SPECIFIC_CHARACTER_SET, VR::CS, "GB18030"));
        sample.put(bytes(tags::PATIENT_NAME, VR::PN, b"Wang^XiaoDong=\xcd\xf5^\xd0\xa1\xb6\xab"));
        sample.put(bytes(tags::STUDY_DESCRIPTION, VR::LO, b"CT chest \xcd\xf5\xd0\xa1\xb6\xab"));
    })
    .secret(&[b"\xd0\xa1\xb6\xab", "小东".as_bytes(), b"xiaodong"]),
    place("text that is not in the character set it claims", |sample| {
        sample.put(text(tags::SPECIFIC_CHARACTER_SET, VR::CS, "ISO_IR 192"));
        sample.put(bytes(tags::PATIENT_NAME, VR::PN, b"M\xFCller^Zo\xEBliane"));
        sample.put(bytes(tags::STUDY_DESCRIPTION, VR::LO, b"CT chest M\xFCller Zo\xEBliane"));
    })
    .secret(&[b"M\xFCller", b"Zo\xEBliane", b"liane", "Müller".as_bytes()]),
    place("UTF-8 without a character set", |sample| {
        sample.data_set.remove_element(tags::SPECIFIC_CHARACTER_SET);
        sample.put(bytes(tags::PATIENT_NAME, VR::PN, "Ångström^Žofie".as_bytes()));
        sample.put(bytes(tags::STUDY_DESCRIPTION, VR::LO, "CT chest ANGSTRÖM žofie".as_bytes()));
    })
    .secret(&["Ångström".as_bytes(), b"angstr", b"ofie"]),
    place("Latin letters without a character set", |sample| {
        sample.data_set.remove_element(tags::SPECIFIC_CHARACTER_SET);
        sample.put(bytes(tags::PATIENT_NAME, VR::PN, b"M\xFCller^Zo\xEBliane"));
        sample.put(bytes(tags::STUDY_DESCRIPTION, VR::LO, b"CT chest MULLER Zo\xEBliane"));
    })
    .secret(&[b"M\xFCller", b"muller", b"liane"]),
    place("Japanese without a character set", |sample| {
        sample.data_set.remove_element(tags::SPECIFIC_CHARACTER_SET);
        sample.put(bytes(tags::PATIENT_NAME, VR::PN, b"Yamada^Tarou=\x8E\x52\x93\x63^\x91\xBE\x98\x59"));
        sample.put(bytes(tags::STUDY_DESCRIPTION, VR::LO, b"CT chest \x8E\x52\x93\x63 Yamada"));
    })
    .secret(&[b"\x8E\x52\x93\x63", b"yamada"])
    .undescribed(),
];

const ENCODINGS: &[Place] = &[
    place("implicit VR", |sample| everywhere(sample, uids::IMPLICIT_VR_LITTLE_ENDIAN)),
    place("big endian", |sample| everywhere(sample, "1.2.840.10008.1.2.2")),
    place("deflated", |sample| everywhere(sample, uids::DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN)),
];

/// Plants in free text, in a sequence and in a private attribute, and encodes as asked.
fn everywhere(sample: &mut Sample, transfer_syntax: &str) {
    sample.transfer_syntax(transfer_syntax);
    sample.put(text(tags::STUDY_DESCRIPTION, VR::LO, "CT chest, Janedotte Doe"));
    sample.put(text(Tag(0x0009, 0x0010), VR::LO, "GEMS_IDEN_01"));
    sample.put(text(Tag(0x0009, 0x1004), VR::LO, "unit of Doe, Janedotte"));
    sample.put(text(Tag(0x0011, 0x1010), VR::LO, "Janedotte Doe"));
    let note = text(tags::REASON_FOR_THE_REQUESTED_PROCEDURE, VR::LO, "Janedotte fell");
    sample.put(sequence(tags::REQUEST_ATTRIBUTES_SEQUENCE, [vec![note]]));
}

/// A result's bytes, and those of its data set where it is deflated.
fn searchable(file: &[u8]) -> Vec<u8> {
    let mut bytes = file.to_vec();
    let deflated = uids::DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN.as_bytes();
    if file.windows(deflated.len()).take(400).any(|window| window == deflated) {
        let n_meta = u32::from_le_bytes(file[140..144].try_into().expect("the group length has four bytes"));
        let start = 144 + n_meta as usize;
        flate2::read::DeflateDecoder::new(&file[start..]).read_to_end(&mut bytes).expect("a deflated data set");
    }
    bytes.to_ascii_lowercase()
}

fn holds(haystack: &[u8], needle: &[u8]) -> bool {
    let needle = needle.to_ascii_lowercase();
    haystack.windows(needle.len()).any(|window| window == needle)
}

/// A value as DICOM text: values joined by backslashes.
fn value(object: &DefaultDicomObject, tag: Tag) -> Option<String> {
    let value = match object.get(tag)?.value().primitive()? {
        // A private value in a file without VRs.
        dicom_core::PrimitiveValue::U8(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        value => value.to_multi_str().join("\\"),
    };
    Some(value.trim_end_matches([' ', '\0']).to_owned())
}

/// De-identifies an instance with something planted, and tells what is wrong with the outcome.
fn faults(place: &Place) -> Vec<String> {
    let lab = Lab::new();
    let mut sample = Sample::new("1.2.826.0.1.3680043.99.1.1.1");
    (place.plant)(&mut sample);
    sample.write(&lab.path("in").join(FILE_NAME));
    let mut faults = Vec::new();
    let original = searchable(&sample.bytes());
    if !IDENTITY.iter().skip(2).chain(place.secrets.first()).all(|secret| holds(&original, secret)) {
        faults.push("nothing is planted".to_owned());
    }
    let settings = lab.settings("out");
    if let Err(error) = run(&settings, &Silent, &AtomicBool::new(false)) {
        return vec![format!("the run failed: {error}")];
    }
    let decisions = fs::read_to_string(settings.run.join("decisions.jsonl")).expect("the decisions are written");
    let outcome: InstanceOutcome = parse_json(&decisions).expect("one line for one instance");
    if outcome.status != place.status {
        faults.push(format!("it ends {:?} {:?}", outcome.status, outcome.reasons));
    }
    let results = files(&settings.output);
    if results.len() != usize::from(place.status == Status::Deidentified) {
        faults.push(format!("{} files in the output folder", results.len()));
    }
    let secrets: Vec<&[u8]> = IDENTITY.iter().chain(place.secrets).copied().collect();
    for (name, bytes) in &results {
        let bytes = searchable(bytes);
        let survivors = secrets.iter().filter(|secret| holds(&bytes, secret) || holds(name.as_bytes(), secret));
        faults.extend(survivors.map(|secret| format!("{} survives", String::from_utf8_lossy(secret))));
        faults.extend(losses(&settings.output.join(name), place));
    }
    let told = decisions.to_ascii_lowercase();
    faults.extend(
        secrets
            .iter()
            .chain(&[FILE_NAME.as_bytes()])
            .filter(|secret| secret.len() > 3 && holds(told.as_bytes(), secret))
            .map(|secret| format!("the decisions tell {}", String::from_utf8_lossy(secret))),
    );
    faults
}

/// What a result lost that it should have kept.
fn losses(path: &Path, place: &Place) -> Vec<String> {
    let object = open_file(path).expect("a result can be read");
    let mut faults: Vec<String> = TECHNICAL
        .iter()
        .chain(place.kept)
        .filter_map(|(tag, expected)| {
            let found = value(&object, *tag);
            (found.as_deref() != Some(expected)).then(|| format!("{tag} is {found:?}, not {expected}"))
        })
        .collect();
    let description = value(&object, tags::STUDY_DESCRIPTION).unwrap_or_default();
    if ["chest", "Knie"].iter().any(|word| description.contains(word)) != place.described {
        faults.push(format!("the study description is {description:?}"));
    }
    faults
}

fn check(places: &[Place]) {
    let faults: Vec<String> = places
        .iter()
        .flat_map(|place| faults(place).into_iter().map(|fault| format!("{}: {fault}", place.name)))
        .collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn explicit_attributes() {
    check(EXPLICIT);
}

#[test]
fn nested_attributes() {
    check(NESTED);
}

#[test]
fn private_attributes() {
    check(PRIVATE);
}

#[test]
fn values_of_the_wrong_kind() {
    check(WRONG);
}

#[test]
fn around_the_data_set() {
    check(AROUND);
}

#[test]
fn free_text() {
    check(FREE_TEXT);
}

#[test]
fn character_sets() {
    check(CHARACTER_SETS);
}

#[test]
fn transfer_syntaxes() {
    check(ENCODINGS);
}

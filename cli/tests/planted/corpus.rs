//! A small synthetic corpus: one file of each kind that places need. Real files are better, and not in the repository.

use crate::copy::{bytes, sequence, text};
use dicom_core::value::{DataSetSequence, PixelFragmentSequence, PrimitiveValue, Value};
use dicom_core::{DataElement, Length, Tag, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::{FileMetaTableBuilder, InMemDicomObject};
use std::path::{Path, PathBuf};

/// An image of four by four pixels in shades of grey, as JPEG baseline.
const JPEG: &[u8] = b"\
    \xFF\xD8\xFF\xDB\x00\x43\x00\x0D\x09\x0A\x0B\x0A\x08\x0D\x0B\x0A\x0B\x0E\x0E\x0D\x0F\x13\x20\x15\
    \x13\x12\x12\x13\x27\x1C\x1E\x17\x20\x2E\x29\x31\x30\x2E\x29\x2D\x2C\x33\x3A\x4A\x3E\x33\x36\x46\
    \x37\x2C\x2D\x40\x57\x41\x46\x4C\x4E\x52\x53\x52\x32\x3E\x5A\x61\x5A\x50\x60\x4A\x51\x52\x4F\xFF\
    \xC0\x00\x0B\x08\x00\x04\x00\x04\x01\x01\x11\x00\xFF\xC4\x00\x14\x00\x01\x00\x00\x00\x00\x00\x00\
    \x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\xFF\xC4\x00\x1A\x10\x00\x00\x07\x00\x00\x00\x00\x00\x00\
    \x00\x00\x00\x00\x00\x00\x00\x00\x01\x03\x04\x05\x13\x23\xFF\xDA\x00\x08\x01\x01\x00\x00\x3F\x00\
    \x50\x88\x65\x59\x64\x3F\xFF\xD9";

/// The same as a JPEG 2000 codestream.
const JPEG_2000: &[u8] = b"\
    \xFF\x4F\xFF\x51\x00\x29\x00\x00\x00\x00\x00\x04\x00\x00\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\
    \x00\x00\x00\x04\x00\x00\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x07\x01\x01\xFF\x52\x00\
    \x0C\x00\x00\x00\x01\x00\x00\x04\x04\x00\x01\xFF\x5C\x00\x04\x40\x40\xFF\x90\x00\x0A\x00\x00\x00\
    \x00\x00\x1D\x00\x01\xFF\x93\xCF\xB4\x30\x12\x81\x63\xB9\xFE\x82\x3D\xE8\x47\xF5\x54\x1B\xFF\xD9";

/// One segment: sixteen bytes repeated.
fn rle() -> Vec<u8> {
    let mut stream = vec![0_u8; 64];
    stream[0] = 1;
    stream[4] = 64;
    stream.extend([0xF1, 0x11]);
    stream
}

struct Kind {
    name: &'static str,
    class: &'static str,
    modality: &'static str,
    transfer_syntax: &'static str,
    stream: Option<fn() -> Vec<u8>>,
}

const KINDS: &[Kind] = &[
    kind("ct", uids::CT_IMAGE_STORAGE, "CT", uids::EXPLICIT_VR_LITTLE_ENDIAN, None),
    kind("ct-implicit", uids::CT_IMAGE_STORAGE, "CT", uids::IMPLICIT_VR_LITTLE_ENDIAN, None),
    kind("mr-big-endian", uids::MR_IMAGE_STORAGE, "MR", "1.2.840.10008.1.2.2", None),
    kind("us-deflated", uids::ULTRASOUND_IMAGE_STORAGE, "US", uids::DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN, None),
    kind("us-jpeg", uids::ULTRASOUND_IMAGE_STORAGE, "US", uids::JPEG_BASELINE8_BIT, Some(|| JPEG.to_vec())),
    kind("sc-jpeg-2000", uids::SECONDARY_CAPTURE_IMAGE_STORAGE, "OT", uids::JPEG2000, Some(|| JPEG_2000.to_vec())),
    kind("us-rle", uids::ULTRASOUND_IMAGE_STORAGE, "US", uids::RLE_LOSSLESS, Some(rle)),
    kind("sr", uids::BASIC_TEXT_SR_STORAGE, "SR", uids::EXPLICIT_VR_LITTLE_ENDIAN, None),
];

const fn kind(
    name: &'static str,
    class: &'static str,
    modality: &'static str,
    transfer_syntax: &'static str,
    stream: Option<fn() -> Vec<u8>>,
) -> Kind {
    Kind { name, class, modality, transfer_syntax, stream }
}

/// Writes the corpus and names its files.
pub(crate) fn write(folder: &Path) -> Vec<PathBuf> {
    KINDS
        .iter()
        .enumerate()
        .map(|(kind_idx, kind)| {
            let path = folder.join(format!("{}.dcm", kind.name));
            let uid = format!("1.2.826.0.1.3680043.10.511.{kind_idx}");
            let meta = FileMetaTableBuilder::new()
                .transfer_syntax(kind.transfer_syntax)
                .media_storage_sop_class_uid(kind.class)
                .media_storage_sop_instance_uid(&uid);
            data_set(kind, &uid)
                .with_meta(meta)
                .expect("complete meta information")
                .write_to_file(&path)
                .expect("a writable folder");
            path
        })
        .collect()
}

fn data_set(kind: &Kind, uid: &str) -> InMemDicomObject {
    let mut data_set = InMemDicomObject::from_element_iter([
        text(tags::SPECIFIC_CHARACTER_SET, VR::CS, "ISO_IR 100"),
        text(tags::SOP_CLASS_UID, VR::UI, kind.class),
        text(tags::SOP_INSTANCE_UID, VR::UI, uid),
        text(tags::STUDY_INSTANCE_UID, VR::UI, &format!("{uid}.1")),
        text(tags::SERIES_INSTANCE_UID, VR::UI, &format!("{uid}.2")),
        text(tags::STUDY_DATE, VR::DA, "20150304"),
        text(tags::MODALITY, VR::CS, kind.modality),
        text(tags::STUDY_DESCRIPTION, VR::LO, "chest with contrast"),
        text(tags::PATIENT_NAME, VR::PN, "Example^Patient"),
        text(tags::PATIENT_ID, VR::LO, &format!("PAT-{}", kind.name)),
        text(tags::PATIENT_BIRTH_DATE, VR::DA, "19500101"),
        text(tags::PATIENT_SEX, VR::CS, "O"),
        text(Tag(0x0019, 0x0010), VR::LO, "SIEMENS CT VA0  COAD"),
        text(Tag(0x0019, 0x1090), VR::DS, "1.25"),
    ]);
    if kind.modality == "SR" {
        let title = vec![
            text(tags::CODE_VALUE, VR::SH, "18748-4"),
            text(tags::CODING_SCHEME_DESIGNATOR, VR::SH, "LN"),
            text(tags::CODE_MEANING, VR::LO, "Diagnostic imaging report"),
        ];
        data_set.put(text(tags::VALUE_TYPE, VR::CS, "CONTAINER"));
        data_set.put(sequence(tags::CONCEPT_NAME_CODE_SEQUENCE, [title]));
        return data_set;
    }
    let numbers = [
        (tags::SAMPLES_PER_PIXEL, 1),
        (tags::ROWS, 4),
        (tags::COLUMNS, 4),
        (tags::BITS_ALLOCATED, 8),
        (tags::BITS_STORED, 8),
        (tags::HIGH_BIT, 7),
        (tags::PIXEL_REPRESENTATION, 0),
    ];
    for (tag, number) in numbers {
        data_set.put(DataElement::new(tag, VR::US, PrimitiveValue::from(number as u16)));
    }
    data_set.put(text(tags::PHOTOMETRIC_INTERPRETATION, VR::CS, "MONOCHROME2"));
    match kind.stream {
        None => {
            data_set.put(bytes(tags::PIXEL_DATA, VR::OB, &[0x11; 16]));
        }
        Some(stream) => {
            let mut stream = stream();
            stream.resize(stream.len().next_multiple_of(2), 0);
            let fragments: PixelFragmentSequence<Vec<u8>> = PixelFragmentSequence::new_fragments(vec![stream]);
            let value: Value<InMemDicomObject> = Value::PixelSequence(fragments);
            data_set.put(DataElement::new_with_len(tags::PIXEL_DATA, VR::OB, Length::UNDEFINED, value));
        }
    }
    // An empty sequence, as many files have one.
    let none: DataSetSequence<InMemDicomObject> = DataSetSequence::new(Vec::new(), Length(0));
    data_set.put(DataElement::new_with_len(
        tags::ADMITTING_DIAGNOSES_CODE_SEQUENCE,
        VR::SQ,
        Length(0),
        Value::Sequence(none),
    ));
    data_set
}

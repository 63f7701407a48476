//! Small instances made in memory, and runs over folders of them.

use dicom_core::value::{DataSetSequence, PrimitiveValue, Value};
use dicom_core::{DataElement, Length, Tag, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_encoding::TransferSyntaxIndex;
use dicom_object::mem::InMemElement;
use dicom_object::{FileMetaTable, FileMetaTableBuilder, InMemDicomObject};
use dicom_transfer_syntax_registry::TransferSyntaxRegistry;
use efface_pipeline::{DeidentificationKey, Policy, RunSettings};
use efface_schema::ResultDigests;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

/// An instance as it will be written: valid, small, and full of one invented patient.
#[derive(Clone)]
pub(crate) struct Sample {
    pub(crate) meta: FileMetaTable,
    pub(crate) data_set: InMemDicomObject,
    pub(crate) preamble: [u8; 128],
    /// Bytes that stand in the data set before the first attribute that follows the tag, as they are.
    pub(crate) raw: Option<(Tag, Vec<u8>)>,
    pub(crate) trailing: Vec<u8>,
}

/// A text element; backslashes separate values.
pub(crate) fn text(tag: Tag, vr: VR, text: &str) -> InMemElement {
    let values: Vec<String> = text.split('\\').map(str::to_owned).collect();
    match values.as_slice() {
        [one] => DataElement::new(tag, vr, PrimitiveValue::from(one.as_str())),
        _ => DataElement::new(tag, vr, PrimitiveValue::Strs(values.into())),
    }
}

/// An element of bytes under any VR.
pub(crate) fn bytes(tag: Tag, vr: VR, bytes: &[u8]) -> InMemElement {
    let mut bytes = bytes.to_vec();
    if bytes.len() % 2 == 1 {
        bytes.push(b' ');
    }
    DataElement::new(tag, vr, PrimitiveValue::U8(bytes.into()))
}

/// A sequence of items.
pub(crate) fn sequence<const N: usize>(tag: Tag, items: [Vec<InMemElement>; N]) -> InMemElement {
    let items: Vec<InMemDicomObject> = items.into_iter().map(InMemDicomObject::from_element_iter).collect();
    let sequence = DataSetSequence::new(items, Length::UNDEFINED);
    DataElement::new_with_len(tag, VR::SQ, Length::UNDEFINED, Value::Sequence(sequence))
}

impl Sample {
    /// A CT slice of one patient, by the UID of the instance.
    pub(crate) fn new(sop_instance_uid: &str) -> Self {
        let number = |tag, value: u16| DataElement::new(tag, VR::US, PrimitiveValue::from(value));
        let data_set = InMemDicomObject::from_element_iter([
            text(tags::SPECIFIC_CHARACTER_SET, VR::CS, "ISO_IR 100"),
            text(tags::SOP_CLASS_UID, VR::UI, uids::CT_IMAGE_STORAGE),
            text(tags::SOP_INSTANCE_UID, VR::UI, sop_instance_uid),
            text(tags::STUDY_INSTANCE_UID, VR::UI, "1.2.826.0.1.3680043.99.1"),
            text(tags::SERIES_INSTANCE_UID, VR::UI, "1.2.826.0.1.3680043.99.1.1"),
            text(tags::FRAME_OF_REFERENCE_UID, VR::UI, "1.2.826.0.1.3680043.99.1.9"),
            text(tags::STUDY_DATE, VR::DA, "20010203"),
            text(tags::MODALITY, VR::CS, "CT"),
            text(tags::STUDY_DESCRIPTION, VR::LO, "CT chest with contrast"),
            text(tags::SERIES_DESCRIPTION, VR::LO, "lung axial"),
            text(tags::PATIENT_NAME, VR::PN, "DOE^JANEDOTTE"),
            text(tags::PATIENT_ID, VR::LO, "7712345"),
            text(tags::PATIENT_BIRTH_DATE, VR::DA, "19510627"),
            text(tags::PATIENT_SEX, VR::CS, "F"),
            text(tags::PATIENT_ADDRESS, VR::LO, "742 Evergreen Terrace"),
            text(tags::PATIENT_TELEPHONE_NUMBERS, VR::SH, "217-555-0147"),
            text(tags::CONVOLUTION_KERNEL, VR::SH, "B30f"),
            text(tags::SLICE_THICKNESS, VR::DS, "2.5"),
            text(Tag(0x0019, 0x0010), VR::LO, "SIEMENS CT VA0  COAD"),
            text(Tag(0x0019, 0x1090), VR::DS, "1.25"),
            number(tags::SAMPLES_PER_PIXEL, 1),
            text(tags::PHOTOMETRIC_INTERPRETATION, VR::CS, "MONOCHROME2"),
            number(tags::ROWS, 4),
            number(tags::COLUMNS, 4),
            text(tags::PIXEL_SPACING, VR::DS, "0.75\\0.75"),
            number(tags::BITS_ALLOCATED, 16),
            number(tags::BITS_STORED, 12),
            number(tags::HIGH_BIT, 11),
            number(tags::PIXEL_REPRESENTATION, 0),
            DataElement::new(tags::PIXEL_DATA, VR::OW, PrimitiveValue::U16((0..16).map(|value| value * 17).collect())),
        ]);
        let meta = FileMetaTableBuilder::new()
            .transfer_syntax(uids::EXPLICIT_VR_LITTLE_ENDIAN)
            .media_storage_sop_class_uid(uids::CT_IMAGE_STORAGE)
            .media_storage_sop_instance_uid(sop_instance_uid)
            .build()
            .expect("the meta information is complete");
        Self { meta, data_set, preamble: [0; 128], raw: None, trailing: Vec::new() }
    }

    pub(crate) fn put(&mut self, element: InMemElement) {
        self.data_set.put(element);
    }

    pub(crate) fn transfer_syntax(&mut self, uid: &str) {
        self.meta.transfer_syntax = uid.to_owned();
        self.meta.update_information_group_length();
    }

    /// The file.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut file = self.preamble.to_vec();
        file.extend(b"DICM");
        self.meta.write(&mut file).expect("writing to memory does not fail");
        let syntax = TransferSyntaxRegistry.get(&self.meta.transfer_syntax).expect("a transfer syntax of the registry");
        let at = self.raw.as_ref().map_or(Tag(0, 0), |(tag, _)| *tag);
        let (before, after): (Vec<_>, Vec<_>) =
            self.data_set.clone().into_iter().partition(|element| element.header().tag < at);
        let mut write = |elements: Vec<InMemElement>| {
            let part = InMemDicomObject::from_element_iter(elements);
            part.write_dataset_with_ts(&mut file, syntax).expect("writing to memory does not fail");
        };
        if let Some((_, raw)) = &self.raw {
            write(before);
            file.extend(raw);
            InMemDicomObject::from_element_iter(after)
                .write_dataset_with_ts(&mut file, syntax)
                .expect("writing to memory does not fail");
        } else {
            write(after);
        }
        file.extend(&self.trailing);
        file
    }

    pub(crate) fn write(&self, path: &Path) {
        fs::create_dir_all(path.parent().expect("a file lies in a folder")).expect("a folder");
        fs::write(path, self.bytes()).expect("a file");
    }
}

/// A folder with originals in it and results beside.
pub(crate) struct Lab {
    folder: tempfile::TempDir,
}

impl Lab {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::create_dir(folder.path().join("in")).expect("a folder");
        Self { folder }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The settings of a run that leaves pixels alone, by the name of its output folder.
    pub(crate) fn settings(&self, name: &str) -> RunSettings {
        RunSettings {
            input: self.path("in"),
            output: self.path(name),
            run: self.path(&format!("{name}-run")),
            policy: Policy::load("tcia").expect("built in"),
            key: Some(key(7)),
            n_threads: 1,
            metadata_only: true,
            crosswalk: false,
            result_digests: ResultDigests::Sha256,
            stage_times: None,
            review_crops: false,
            ner: None,
            text_detector: None,
        }
    }
}

/// A key of equal bytes.
pub(crate) fn key(byte: u8) -> DeidentificationKey {
    DeidentificationKey::from_bytes(vec![byte; 32]).expect("long enough")
}

/// Every file below a folder, by its relative path.
pub(crate) fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in WalkDir::new(folder) {
        let entry = entry.expect("the folder can be walked");
        if !entry.file_type().is_dir() {
            let relative = entry.path().strip_prefix(folder).expect("below the folder");
            files.insert(relative.display().to_string(), fs::read(entry.path()).expect("a readable file"));
        }
    }
    files
}

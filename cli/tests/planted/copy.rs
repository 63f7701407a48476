//! A copy of a file that something is planted into: dicom-rs for what a data set can hold, raw bytes for the rest.
//!
//! Nothing here uses the pipeline: what plants and searches must not read as the program under test reads.

use dicom_core::value::{DataSetSequence, PixelFragmentSequence, PrimitiveValue, Value};
use dicom_core::{DataElement, Length, Tag, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_encoding::TransferSyntaxIndex;
use dicom_encoding::transfer_syntax::TransferSyntax;
use dicom_object::mem::InMemElement;
use dicom_object::{DefaultDicomObject, FileMetaTable, InMemDicomObject};
use dicom_transfer_syntax_registry::TransferSyntaxRegistry;

/// A file in the making.
#[derive(Clone)]
pub(crate) struct Copy {
    pub(crate) preamble: [u8; 128],
    pub(crate) meta: FileMetaTable,
    /// Bytes of further elements of the file meta information.
    pub(crate) more_meta: Vec<u8>,
    pub(crate) data_set: InMemDicomObject,
    /// Elements as they are, each before the first attribute that does not come before the tag.
    pub(crate) raw: Vec<(Tag, Vec<u8>)>,
    /// What stands after the data set.
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

impl Copy {
    /// A copy of a file that was read, complete enough to be handled, with a UID of its own.
    pub(crate) fn of(object: DefaultDicomObject, sop_instance_uid: &str) -> Self {
        let mut meta = object.meta().clone();
        let mut data_set = object.into_inner();
        let class = meta.media_storage_sop_class_uid.trim_end_matches('\0').to_owned();
        let class = if class.is_empty() { uids::SECONDARY_CAPTURE_IMAGE_STORAGE.to_owned() } else { class };
        for (tag, default) in [
            (tags::SOP_CLASS_UID, class.as_str()),
            (tags::STUDY_INSTANCE_UID, "1.2.826.0.1.3680043.10.511.3"),
            (tags::SERIES_INSTANCE_UID, "1.2.826.0.1.3680043.10.511.4"),
        ] {
            let found = data_set.get(tag).and_then(|element| element.value().to_str().ok().map(|text| text.len()));
            if found.is_none_or(|length| length == 0) {
                data_set.put(text(tag, VR::UI, default));
            }
        }
        data_set.put(text(tags::SOP_INSTANCE_UID, VR::UI, sop_instance_uid));
        meta.media_storage_sop_instance_uid = sop_instance_uid.to_owned();
        meta.update_information_group_length();
        Self { preamble: [0; 128], meta, more_meta: Vec::new(), data_set, raw: Vec::new(), trailing: Vec::new() }
    }

    pub(crate) fn put(&mut self, element: InMemElement) {
        self.data_set.put(element);
    }

    /// Puts a text.
    pub(crate) fn text(&mut self, tag: Tag, vr: VR, value: &str) {
        self.put(text(tag, vr, value));
    }

    /// Puts an element as raw bytes in its order, or beside the one that is there.
    pub(crate) fn raw(&mut self, tag: Tag, vr: VR, value: &[u8]) {
        let element = self.encoded(tag, vr, value);
        self.raw.push((tag, element));
    }

    /// Another name that the patient's explicit attributes tell.
    pub(crate) fn knows_name(&mut self, name: &str) {
        self.adds(tags::OTHER_PATIENT_NAMES, VR::PN, name);
    }

    /// Another identifier that the patient's explicit attributes tell.
    pub(crate) fn knows_identifier(&mut self, identifier: &str) {
        self.adds(Tag(0x0010, 0x1000), VR::LO, identifier);
    }

    /// Adds a value to those that an attribute has.
    pub(crate) fn adds(&mut self, tag: Tag, vr: VR, value: &str) {
        let before = self.data_set.get(tag).and_then(|element| element.value().to_multi_str().ok().map(|v| v.to_vec()));
        let mut values: Vec<String> = before.unwrap_or_default().into_iter().filter(|v| !v.is_empty()).collect();
        values.push(value.to_owned());
        self.put(text(tag, vr, &values.join("\\")));
    }

    pub(crate) fn transfer_syntax(&mut self, uid: &str) {
        self.meta.transfer_syntax = uid.to_owned();
        self.meta.update_information_group_length();
    }

    fn syntax_uid(&self) -> &str {
        self.meta.transfer_syntax.trim_end_matches(['\0', ' '])
    }

    fn syntax(&self) -> Option<&'static TransferSyntax> {
        TransferSyntaxRegistry.get(self.syntax_uid())
    }

    pub(crate) fn is_implicit(&self) -> bool {
        self.syntax_uid() == uids::IMPLICIT_VR_LITTLE_ENDIAN
    }

    pub(crate) fn is_big_endian(&self) -> bool {
        self.syntax_uid() == "1.2.840.10008.1.2.2"
    }

    pub(crate) fn is_deflated(&self) -> bool {
        self.syntax_uid() == uids::DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN
    }

    /// Whether the pixels, if there are any, are not compressed.
    pub(crate) fn is_native(&self) -> bool {
        self.is_implicit()
            || self.is_big_endian()
            || matches!(self.syntax_uid(), uids::EXPLICIT_VR_LITTLE_ENDIAN | uids::DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN)
    }

    /// Whether the pixels are compressed by JPEG or JPEG-LS.
    pub(crate) fn is_jpeg(&self) -> bool {
        let number = self.syntax_uid().strip_prefix("1.2.840.10008.1.2.4.").and_then(|number| number.parse().ok());
        number.is_some_and(|number: u32| (50..90).contains(&number))
    }

    /// An element in the file's own encoding.
    pub(crate) fn encoded(&self, tag: Tag, vr: VR, value: &[u8]) -> Vec<u8> {
        let big = self.is_big_endian();
        let u16s = |number: u16| if big { number.to_be_bytes() } else { number.to_le_bytes() };
        let u32s = |number: u32| if big { number.to_be_bytes() } else { number.to_le_bytes() };
        let mut value = value.to_vec();
        if value.len() % 2 == 1 {
            value.push(b' ');
        }
        let length = u32::try_from(value.len()).expect("short");
        let mut element = Vec::new();
        element.extend(u16s(tag.group()));
        element.extend(u16s(tag.element()));
        if self.is_implicit() {
            element.extend(u32s(length));
        } else {
            element.extend(vr.to_string().as_bytes());
            if matches!(vr, VR::OB | VR::OW | VR::OF | VR::UN | VR::UT | VR::UC | VR::UR | VR::SQ) {
                element.extend([0, 0]);
                element.extend(u32s(length));
            } else {
                element.extend(u16s(u16::try_from(length).expect("short")));
            }
        }
        element.extend(value);
        element
    }

    /// Changes the first fragment of compressed pixels that the change knows what to do with.
    pub(crate) fn fragment(&mut self, change: impl Fn(&[u8]) -> Option<Vec<u8>>) {
        let Some(element) = self.data_set.get(tags::PIXEL_DATA) else { return };
        let Value::PixelSequence(sequence) = element.value() else { return };
        let mut fragments: Vec<Vec<u8>> = sequence.fragments().to_vec();
        let changed = fragments.iter().enumerate().find_map(|(index, fragment)| Some((index, change(fragment)?)));
        let Some((index, changed)) = changed else { return };
        fragments[index] = changed;
        if fragments[index].len() % 2 == 1 {
            fragments[index].push(0);
        }
        let sequence: PixelFragmentSequence<Vec<u8>> = PixelFragmentSequence::new_fragments(fragments);
        self.put(DataElement::new(tags::PIXEL_DATA, VR::OB, Value::PixelSequence(sequence)));
    }

    /// The file, unless dicom-rs cannot write it.
    pub(crate) fn to_bytes(&self) -> Option<Vec<u8>> {
        let syntax = self.syntax()?;
        let mut file = self.preamble.to_vec();
        file.extend(b"DICM");
        self.meta.write(&mut file).ok()?;
        if !self.more_meta.is_empty() {
            file.extend(&self.more_meta);
            // The group length counts what follows it.
            let n_meta = u32::try_from(file.len() - 144).ok()?;
            file[140..144].copy_from_slice(&n_meta.to_le_bytes());
        }
        if self.is_deflated() && !(self.raw.is_empty() && self.trailing.is_empty()) {
            return None;
        }
        let mut raw = self.raw.clone();
        raw.sort_by_key(|(tag, _)| *tag);
        let mut rest: Vec<InMemElement> = self.data_set.clone().into_iter().collect();
        for (tag, bytes) in raw {
            let after = rest.split_off(rest.partition_point(|element| element.header().tag < tag));
            write(rest, &mut file, syntax)?;
            file.extend(bytes);
            rest = after;
        }
        write(rest, &mut file, syntax)?;
        file.extend(&self.trailing);
        Some(file)
    }
}

fn write(elements: Vec<InMemElement>, file: &mut Vec<u8>, syntax: &TransferSyntax) -> Option<()> {
    if elements.is_empty() {
        return Some(());
    }
    InMemDicomObject::from_element_iter(elements).write_dataset_with_ts(file, syntax).ok()
}

//! Reads who an instance is from the beginning of its file, without reading the rest.
//!
//! Every input is read this way before any patient is handled, so it has to be quick: it walks element headers in
//! memory and copies five values.
//! It answers only where the full reader would give the same answer; in every doubtful case (another encoding, a text
//! beyond ASCII, an element out of order, a value past the window) it answers nothing, and the full reader is asked.

use crate::patients::InstanceKeys;
use crate::walk::{ElementHeader, Walk, is_implicit};
use dicom_core::Tag;
use dicom_dictionary_std::{tags, uids};
use efface_schema::Phi;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// How much of a file is looked at. The identifying attributes of nearly every instance lie within it.
const WINDOW_BYTES: usize = 8 * 1024;
/// Where the file meta information begins: after preamble and prefix.
const META_START: usize = 132;

/// Reads who an instance is, or `None` where only the full reader can tell.
pub(crate) fn peek(path: &Path) -> Option<InstanceKeys> {
    let mut window = [0_u8; WINDOW_BYTES];
    let mut file = File::open(path).ok()?;
    let mut n_bytes = 0;
    while n_bytes < WINDOW_BYTES {
        match file.read(&mut window[n_bytes..]).ok()? {
            0 => break,
            n_read => n_bytes += n_read,
        }
    }
    peek_bytes(&window[..n_bytes])
}

fn peek_bytes(bytes: &[u8]) -> Option<InstanceKeys> {
    if bytes.get(128..META_START)? != b"DICM" {
        return None;
    }
    let (implicit, data_set_start) = file_meta(bytes)?;
    let mut walk = Walk::new(bytes, data_set_start, implicit);
    let mut found = Found::default();
    let mut last = Tag(0, 0);
    // A file may end before its last identifying attribute: then one is missing, and the full reader says so.
    loop {
        let header = walk.header()?;
        if header.tag <= last {
            return None;
        }
        last = header.tag;
        if header.tag > tags::SERIES_INSTANCE_UID {
            break;
        }
        if header.is_opaque_sequence() {
            return None;
        }
        if header.is_sequence() {
            walk.skip_sequence(header.length)?;
            continue;
        }
        let value = walk.value(header.length)?;
        found.take(&header, value, implicit)?;
        if header.tag == tags::SERIES_INSTANCE_UID {
            break;
        }
    }
    found.keys()
}

/// Walks the file meta information: whether the data set is in implicit VR, and where it begins.
fn file_meta(bytes: &[u8]) -> Option<(bool, usize)> {
    let mut walk = Walk::new(bytes, META_START, false);
    let group_length = walk.header()?;
    if group_length.tag != Tag(0x0002, 0x0000) || group_length.length != 4 {
        return None;
    }
    let length = u32::from_le_bytes(walk.value(4)?.try_into().ok()?);
    let end = walk.at().checked_add(usize::try_from(length).ok()?)?;
    let (mut implicit, mut instance) = (None, false);
    while walk.at() < end {
        let header = walk.header()?;
        let value = walk.value(header.length)?;
        match header.tag {
            tags::MEDIA_STORAGE_SOP_CLASS_UID if trimmed(value) == uids::MEDIA_STORAGE_DIRECTORY_STORAGE.as_bytes() => {
                return None;
            }
            tags::MEDIA_STORAGE_SOP_INSTANCE_UID => instance = true,
            tags::TRANSFER_SYNTAX_UID => implicit = Some(is_implicit(std::str::from_utf8(trimmed(value)).ok()?)?),
            Tag(0x0002, _) => {}
            _ => return None,
        }
    }
    (walk.at() == end && instance).then_some((implicit?, end))
}

fn trimmed(value: &[u8]) -> &[u8] {
    let padding = |byte: &u8| matches!(byte, 0 | b' ');
    let start = value.iter().position(|byte| !padding(byte)).unwrap_or(value.len());
    let end = value.iter().rposition(|byte| !padding(byte)).map_or(start, |last| last + 1);
    &value[start..end]
}

/// The values that grouping needs.
#[derive(Default)]
struct Found<'a> {
    sop_class: &'a str,
    sop_instance: &'a str,
    patient: &'a str,
    study: &'a str,
    series: &'a str,
}

impl<'a> Found<'a> {
    /// Takes a value that is needed; `None` where the full reader might read it otherwise.
    fn take(&mut self, header: &ElementHeader, value: &'a [u8], implicit: bool) -> Option<()> {
        let (slot, vr) = match header.tag {
            tags::SOP_CLASS_UID => (&mut self.sop_class, b"UI"),
            tags::SOP_INSTANCE_UID => (&mut self.sop_instance, b"UI"),
            tags::PATIENT_ID => (&mut self.patient, b"LO"),
            tags::STUDY_INSTANCE_UID => (&mut self.study, b"UI"),
            tags::SERIES_INSTANCE_UID => (&mut self.series, b"UI"),
            _ => return Some(()),
        };
        if !implicit && &header.vr != vr {
            return None;
        }
        let value = trimmed(value);
        // A backslash and a tilde are other characters in JIS X 0201.
        if !value.iter().all(|byte| matches!(byte, 0x20..0x7E) && *byte != b'\\') {
            return None;
        }
        *slot = std::str::from_utf8(value).ok()?;
        Some(())
    }

    /// `None` when anything is missing: what is wrong then is for the full reader to say.
    fn keys(self) -> Option<InstanceKeys> {
        let all = [self.sop_class, self.sop_instance, self.patient, self.study, self.series];
        all.iter().all(|value| !value.is_empty()).then(|| InstanceKeys {
            patient: Phi::new(self.patient.to_owned()),
            sop_instance_uid: Phi::new(self.sop_instance.to_owned()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::patients::keys;
    use crate::read::Instance;
    use dicom_core::value::DataSetSequence;
    use dicom_core::{DataElement, PrimitiveValue, VR};
    use dicom_object::{FileMetaTableBuilder, InMemDicomObject};

    const UIDS: [(Tag, &str); 4] = [
        (tags::SOP_CLASS_UID, uids::CT_IMAGE_STORAGE),
        (tags::SOP_INSTANCE_UID, "1.2.3.4"),
        (tags::STUDY_INSTANCE_UID, "1.2.3"),
        (tags::SERIES_INSTANCE_UID, "1.2.3.5"),
    ];

    fn instance(patient: &str) -> InMemDicomObject {
        let mut item = InMemDicomObject::new_empty();
        item.put(DataElement::new(tags::REFERENCED_SOP_INSTANCE_UID, VR::UI, PrimitiveValue::from("9.9")));
        let mut instance = InMemDicomObject::new_empty();
        for (tag, uid) in UIDS {
            instance.put(DataElement::new(tag, VR::UI, PrimitiveValue::from(uid)));
        }
        instance.put(DataElement::new(tags::PATIENT_ID, VR::LO, PrimitiveValue::from(patient)));
        instance.put(DataElement::new(tags::REFERENCED_IMAGE_SEQUENCE, VR::SQ, DataSetSequence::from(vec![item])));
        instance
    }

    /// Writes an instance, peeks, and compares with the full reader. Whether the peek had an answer.
    fn peeks(instance: InMemDicomObject, transfer_syntax: &str) -> bool {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.dcm");
        let meta = FileMetaTableBuilder::new()
            .transfer_syntax(transfer_syntax)
            .media_storage_sop_class_uid(uids::CT_IMAGE_STORAGE)
            .media_storage_sop_instance_uid("1.2.3.4");
        instance.with_meta(meta).expect("a file").write_to_file(&path).expect("written");
        let Some(peeked) = peek(&path) else { return false };
        let full = Instance::read(&path).and_then(|instance| keys(&instance)).expect("the full reader can tell too");
        assert_eq!(peeked.patient.expose(), full.patient.expose());
        assert_eq!(peeked.sop_instance_uid.expose(), full.sop_instance_uid.expose());
        true
    }

    #[test]
    fn the_common_encodings_are_read_as_the_full_reader_does() {
        assert!(peeks(instance("MRN 17"), uids::EXPLICIT_VR_LITTLE_ENDIAN));
        assert!(peeks(instance("MRN17"), uids::IMPLICIT_VR_LITTLE_ENDIAN));
        assert!(peeks(instance("MRN17"), uids::RLE_LOSSLESS));
    }

    #[test]
    fn doubtful_instances_are_left_to_the_full_reader() {
        for patient in ["", "M\u{fc}ller", "A\\B", "A~B"] {
            assert!(!peeks(instance(patient), uids::EXPLICIT_VR_LITTLE_ENDIAN), "{patient:?}");
        }
        assert!(!peeks(instance("MRN17"), "1.2.840.10008.1.2.2"));
        for missing in [tags::PATIENT_ID, tags::SERIES_INSTANCE_UID] {
            let mut instance = instance("MRN17");
            instance.remove_element(missing);
            assert!(!peeks(instance, uids::EXPLICIT_VR_LITTLE_ENDIAN), "{missing}");
        }
    }
}

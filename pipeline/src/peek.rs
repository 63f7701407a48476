//! Reads who an instance is from the beginning of its file, without reading the rest.
//!
//! Every input is read this way before any patient is handled, so it has to be quick: it walks element headers in
//! memory and copies five values.
//! It answers only where the full reader would give the same answer; in every doubtful case (another encoding, a text
//! beyond ASCII, an element out of order, a value past the window) it answers nothing, and the full reader is asked.

use crate::patients::InstanceKeys;
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
/// Nesting beyond this is left to the full reader.
const MAX_DEPTH: usize = 8;

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
    let mut walk = Walk { bytes, at: data_set_start, implicit };
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
            walk.skip_sequence(header.length, MAX_DEPTH)?;
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
    let mut walk = Walk { bytes, at: META_START, implicit: false };
    let group_length = walk.header()?;
    if group_length.tag != Tag(0x0002, 0x0000) || group_length.length != 4 {
        return None;
    }
    let length = u32::from_le_bytes(walk.value(4)?.try_into().ok()?);
    let end = walk.at.checked_add(usize::try_from(length).ok()?)?;
    let (mut implicit, mut instance) = (None, false);
    while walk.at < end {
        let header = walk.header()?;
        let value = walk.value(header.length)?;
        match header.tag {
            tags::MEDIA_STORAGE_SOP_CLASS_UID if trimmed(value) == uids::MEDIA_STORAGE_DIRECTORY_STORAGE.as_bytes() => {
                return None;
            }
            tags::MEDIA_STORAGE_SOP_INSTANCE_UID => instance = true,
            tags::TRANSFER_SYNTAX_UID => implicit = Some(is_implicit(trimmed(value))?),
            Tag(0x0002, _) => {}
            _ => return None,
        }
    }
    (walk.at == end && instance).then_some((implicit?, end))
}

/// Whether a transfer syntax is implicit VR little endian. `None` where its data set cannot be walked here: big
/// endian, deflated, or not known.
fn is_implicit(transfer_syntax: &[u8]) -> Option<bool> {
    let text = std::str::from_utf8(transfer_syntax).ok()?;
    match text {
        uids::IMPLICIT_VR_LITTLE_ENDIAN => Some(true),
        uids::EXPLICIT_VR_LITTLE_ENDIAN => Some(false),
        // The two forms of JPIP whose data set is deflated.
        "1.2.840.10008.1.2.4.95" | "1.2.840.10008.1.2.4.205" => None,
        // Every other compressed pixel format lies in an explicit VR little endian data set (PS3.5 section A.4).
        _ if text.starts_with("1.2.840.10008.1.2.4.") || text == uids::RLE_LOSSLESS => Some(false),
        _ => None,
    }
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

/// The header of an element, or of an item.
struct ElementHeader {
    tag: Tag,
    /// Two zeros in implicit VR.
    vr: [u8; 2],
    length: u32,
}

impl ElementHeader {
    fn is_sequence(&self) -> bool {
        &self.vr == b"SQ" || self.length == u32::MAX
    }

    /// A sequence under UN is in implicit VR, whatever surrounds it.
    fn is_opaque_sequence(&self) -> bool {
        &self.vr == b"UN" && self.length == u32::MAX
    }
}

const ITEM: Tag = Tag(0xFFFE, 0xE000);
const ITEM_END: Tag = Tag(0xFFFE, 0xE00D);
const SEQUENCE_END: Tag = Tag(0xFFFE, 0xE0DD);

/// A position in little endian elements.
struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
    implicit: bool,
}

impl<'a> Walk<'a> {
    fn value(&mut self, length: u32) -> Option<&'a [u8]> {
        let end = self.at.checked_add(usize::try_from(length).ok()?)?;
        let value = self.bytes.get(self.at..end)?;
        self.at = end;
        Some(value)
    }

    fn header(&mut self) -> Option<ElementHeader> {
        let start: [u8; 8] = self.value(8)?.try_into().ok()?;
        let number = |low: usize| u16::from_le_bytes([start[low], start[low + 1]]);
        let tag = Tag(number(0), number(2));
        let long_length = u32::from_le_bytes([start[4], start[5], start[6], start[7]]);
        if self.implicit || tag.group() == 0xFFFE {
            return Some(ElementHeader { tag, vr: [0, 0], length: long_length });
        }
        let vr = [start[4], start[5]];
        let length = match &vr {
            b"OB" | b"OD" | b"OF" | b"OL" | b"OV" | b"OW" | b"SQ" | b"SV" | b"UC" | b"UN" | b"UR" | b"UT" | b"UV" => {
                u32::from_le_bytes(self.value(4)?.try_into().ok()?)
            }
            b"AE" | b"AS" | b"AT" | b"CS" | b"DA" | b"DS" | b"DT" | b"FD" | b"FL" | b"IS" | b"LO" | b"LT" | b"PN"
            | b"SH" | b"SL" | b"SS" | b"ST" | b"TM" | b"UI" | b"UL" | b"US" => u32::from(number(6)),
            // Readers differ over what follows a VR that they do not know.
            _ => return None,
        };
        Some(ElementHeader { tag, vr, length })
    }

    fn skip_sequence(&mut self, length: u32, depth: usize) -> Option<()> {
        if length != u32::MAX {
            return self.value(length).map(|_| ());
        }
        loop {
            let item = self.header()?;
            match item.tag {
                ITEM if item.length != u32::MAX => self.value(item.length).map(|_| ())?,
                ITEM => self.skip_item(depth.checked_sub(1)?)?,
                SEQUENCE_END => return Some(()),
                _ => return None,
            }
        }
    }

    fn skip_item(&mut self, depth: usize) -> Option<()> {
        loop {
            let header = self.header()?;
            match header.tag {
                ITEM_END => return Some(()),
                _ if header.is_opaque_sequence() => return None,
                _ if header.is_sequence() => self.skip_sequence(header.length, depth)?,
                _ => self.value(header.length).map(|_| ())?,
            }
        }
    }
}

//! Where the data set begins and how it is written: preamble, prefix, and file meta information, or none of them.
//!
//! A file without preamble or without file meta information is taken for DICOM only when its first element is one that
//! begins data sets, and later only when it says what it is.

use super::bytes::Bytes;
use super::elements::Encoding;
use crate::error::InstanceError;
use dicom_core::{Tag, VR};
use dicom_dictionary_std::uids;
use dicom_encoding::TransferSyntaxIndex;
use dicom_encoding::transfer_syntax::{Codec, Endianness, TransferSyntax};
use dicom_transfer_syntax_registry::TransferSyntaxRegistry;
use efface_schema::Phi;
use std::fs::File;
use std::io::{BufReader, Read};
use std::ops::Range;

/// No value of the file meta information that is read is longer.
const MAX_META_VALUE: u32 = 1024 * 1024;
/// The first element of a data set without file meta information is not longer.
const MAX_FIRST_VALUE: u32 = 256;

/// What the file meta information says, as far as anything depends on it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileMeta {
    /// Transfer Syntax UID.
    pub transfer_syntax: String,
    /// Media Storage SOP Class UID.
    pub media_storage_sop_class_uid: String,
    /// Media Storage SOP Instance UID.
    pub media_storage_sop_instance_uid: String,
    /// Every element, in order. None of them is carried over.
    pub elements: Vec<FileMetaElement>,
}

/// An element of the file meta information as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileMetaElement {
    /// The attribute.
    pub tag: Tag,
    /// Its value representation.
    pub vr: VR,
    /// Its value, not decoded.
    pub value: Phi<Vec<u8>>,
}

/// The beginning of a file.
pub(super) struct Start {
    pub(super) meta: FileMeta,
    pub(super) transfer_syntax: &'static TransferSyntax,
    pub(super) encoding: Encoding,
    /// Whether the preamble holds anything but zeros.
    pub(super) preamble_used: bool,
    /// Whether preamble, prefix and file meta information are all there.
    pub(super) is_part_10: bool,
    /// How many bytes it takes: where the data set begins.
    pub(super) n_bytes: u64,
}

/// Reads up to the beginning of the data set.
pub(super) fn read_start(reader: &mut BufReader<File>, end: u64) -> Result<Start, InstanceError> {
    let mut start = Vec::with_capacity(132);
    reader.by_ref().take(132).read_to_end(&mut start)?;
    let has_preamble = start.get(128..132) == Some(b"DICM");
    let at = if has_preamble { 132 } else { 4 * u64::from(start.starts_with(b"DICM")) };
    reader.seek_relative(at as i64 - start.len() as i64)?;
    let (meta, n_bytes) = read_meta(reader, at..end)?;
    if !has_preamble && meta.is_none() && at > 0 {
        return Err(InstanceError::NotDicom);
    }
    let is_part_10 = has_preamble && meta.as_ref().is_some_and(|meta| !meta.transfer_syntax.is_empty());
    let meta = meta.unwrap_or_default();
    let found = first_encoding(reader, end.saturating_sub(n_bytes))?;
    let (transfer_syntax, encoding) = if meta.transfer_syntax.is_empty() {
        of_encoding(found.ok_or(if has_preamble { InstanceError::FileMeta } else { InstanceError::NotDicom })?)
    } else {
        announced(&meta.transfer_syntax, found)?
    };
    let preamble_used = has_preamble && start[..128].iter().any(|&byte| byte != 0);
    Ok(Start { meta, transfer_syntax, encoding, preamble_used, is_part_10, n_bytes })
}

fn syntax(uid: &str) -> Result<&'static TransferSyntax, InstanceError> {
    TransferSyntaxRegistry.get(uid).ok_or(InstanceError::TransferSyntax)
}

fn of_encoding(encoding: Encoding) -> (&'static TransferSyntax, Encoding) {
    let uid = match encoding {
        Encoding::IMPLICIT => uids::IMPLICIT_VR_LITTLE_ENDIAN,
        Encoding::EXPLICIT => uids::EXPLICIT_VR_LITTLE_ENDIAN,
        _ => "1.2.840.10008.1.2.2",
    };
    (syntax(uid).expect("the registry knows the uncompressed transfer syntaxes"), encoding)
}

/// The transfer syntax that the file announces; where the data set begins in another uncompressed one, that one.
fn announced(uid: &str, found: Option<Encoding>) -> Result<(&'static TransferSyntax, Encoding), InstanceError> {
    let transfer_syntax = syntax(uid)?;
    let encoding = match (uid, transfer_syntax.endianness()) {
        (uids::IMPLICIT_VR_LITTLE_ENDIAN, _) => Encoding::IMPLICIT,
        (_, Endianness::Big) => Encoding::BIG_ENDIAN,
        _ => Encoding::EXPLICIT,
    };
    match found {
        Some(found) if found != encoding && matches!(transfer_syntax.codec(), Codec::None) => Ok(of_encoding(found)),
        _ => Ok((transfer_syntax, encoding)),
    }
}

/// Reads the elements of group 0002, whatever their group length says, and says where they end. `None` when there are
/// none.
fn read_meta(reader: &mut BufReader<File>, extent: Range<u64>) -> Result<(Option<FileMeta>, u64), InstanceError> {
    let broken = |_| InstanceError::FileMeta;
    let mut meta: Option<FileMeta> = None;
    let mut bytes = Bytes::new(reader, extent, u64::from(MAX_META_VALUE) * 16);
    loop {
        let start = bytes.position();
        let Some(header) = bytes.array::<8>().ok().filter(|header| header[..2] == [0x02, 0x00]) else {
            bytes.go_to(start)?;
            return Ok((meta, start));
        };
        let length = match header[4..] {
            [b'O', b'B', ..] | [b'U', b'N' | b'T', ..] => u32::from_le_bytes(bytes.array().map_err(broken)?),
            [b'A'..=b'Z', b'A'..=b'Z', low, high] => u32::from(u16::from_le_bytes([low, high])),
            [a, b, c, d] => u32::from_le_bytes([a, b, c, d]),
            _ => return Err(InstanceError::FileMeta),
        };
        if length > MAX_META_VALUE {
            return Err(InstanceError::FileMeta);
        }
        let value = bytes.vector(length).map_err(broken)?;
        let text = || String::from_utf8_lossy(&value).trim_matches(['\0', ' ']).to_owned();
        let meta = meta.get_or_insert_default();
        match u16::from_le_bytes([header[2], header[3]]) {
            0x0002 => meta.media_storage_sop_class_uid = text(),
            0x0003 => meta.media_storage_sop_instance_uid = text(),
            0x0010 => meta.transfer_syntax = text(),
            _ => {}
        }
        let tag = Tag(0x0002, u16::from_le_bytes([header[2], header[3]]));
        let vr = VR::from_binary([header[4], header[5]]).unwrap_or(VR::UN);
        meta.elements.push(FileMetaElement { tag, vr, value: Phi::new(value) });
    }
}

/// How the first element of a data set is written, if it is one that begins data sets; the reader stays where it is.
fn first_encoding(reader: &mut BufReader<File>, n_left: u64) -> Result<Option<Encoding>, InstanceError> {
    let mut header = [0_u8; 8];
    if n_left < 8 {
        return Ok(None);
    }
    reader.read_exact(&mut header)?;
    reader.seek_relative(-8)?;
    let known_vr = VR::from_binary([header[4], header[5]]).is_some();
    let length = u32::from_le_bytes([header[4], header[5], header[6], header[7]]);
    Ok(match header {
        [0x08, 0x00, 0x00..=0x18, 0x00, ..] if known_vr => Some(Encoding::EXPLICIT),
        [0x00, 0x08, 0x00, 0x00..=0x18, ..] if known_vr => Some(Encoding::BIG_ENDIAN),
        [0x08, 0x00, 0x00..=0x18, 0x00, ..] if length <= MAX_FIRST_VALUE => Some(Encoding::IMPLICIT),
        _ => None,
    })
}

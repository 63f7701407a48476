//! The last look at a result: whether an identity of the patient still stands in what was written.

use crate::content::pixel_padding;
use crate::error::InstanceError;
use crate::fragments::Items;
use crate::opaque;
use crate::read::{BulkValue, Instance};
use crate::tier2::TextSearch;
use crate::write::StagedFile;
use dicom_encoding::text::{SpecificCharacterSet, TextCodec};
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// Stretches are searched in parts of this size that overlap, so that a large value costs no memory.
const WINDOW_BYTES: u64 = 1024 * 1024;
/// Begins the codes of another character set.
const ESCAPE: u8 = 0x1B;
/// Shorter stretches between headers hold no name.
const MIN_PART: usize = 4;
/// By how much they overlap: no needle is longer.
const OVERLAP_BYTES: u64 = 1024;

/// Searches what was written: in memory where its structure was walked as it was written, else by reading it back.
///
/// # Errors
/// [`InstanceError::Verify`] when the result cannot be read.
pub(crate) fn verify_staged(
    staged: &StagedFile,
    character_set: &SpecificCharacterSet,
    search: &TextSearch<'_>,
) -> Result<bool, InstanceError> {
    match &staged.around_bulk {
        Some(written) => Ok(search.lexicon().is_empty()
            || !(opaque::occurs(written, search) || occurs_in_character_set(written, character_set, search))),
        None => verify(staged.path(), search),
    }
}

/// Reads the written file back. `false` when an identity of the patient still stands in it.
///
/// A deflated data set is searched as it reads when inflated; bytes are searched as ASCII, UTF-8, Latin-1 and UTF-16.
///
/// # Errors
/// [`InstanceError::Verify`] when the result cannot be read.
pub(crate) fn verify(path: &Path, search: &TextSearch<'_>) -> Result<bool, InstanceError> {
    let mut written = Instance::read(path).map_err(|error| {
        tracing::debug!(reason = error.code(), "a written result cannot be read back");
        InstanceError::Verify
    })?;
    if search.lexicon().is_empty() {
        return Ok(true);
    }
    let mut at = 0;
    let mut stretches: Vec<(u64, u64)> = Vec::new();
    for bulk in written.bulk.clone() {
        stretches.push((at, bulk.offset));
        stretches.push(outside_pixels(&bulk, &mut written)?);
        at = bulk.offset + bulk.n_bytes;
    }
    let end = written.source.seek(SeekFrom::End(0))?;
    stretches.push((at, end));
    for (start, end) in stretches {
        if occurs_between(start, end, &mut written, search)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn occurs_between(
    start: u64,
    end: u64,
    written: &mut Instance,
    search: &TextSearch<'_>,
) -> Result<bool, InstanceError> {
    let mut from = start;
    while from < end {
        written.source.seek(SeekFrom::Start(from))?;
        let mut bytes = Vec::new();
        written.source.by_ref().take(WINDOW_BYTES.min(end - from)).read_to_end(&mut bytes)?;
        if opaque::occurs(&bytes, search) || occurs_in_character_set(&bytes, &written.character_set(), search) {
            return Ok(true);
        }
        if end - from <= WINDOW_BYTES {
            break;
        }
        from += WINDOW_BYTES - OVERLAP_BYTES;
    }
    Ok(false)
}

/// Whether a word that no ASCII spells stands in the file's own character set. Values are told apart by the bytes of
/// headers between them.
fn occurs_in_character_set(bytes: &[u8], character_set: &SpecificCharacterSet, search: &TextSearch<'_>) -> bool {
    let parts = foreign_parts(bytes).map(without_item_headers);
    let foreign = parts.filter(|part| part.len() >= MIN_PART && part.iter().copied().any(is_foreign));
    foreign.filter_map(|part| character_set.decode(part).ok()).any(|text| opaque::occurs_in_text(&text, search))
}

/// Whether a byte is no letter of ASCII, or makes other letters of those that follow.
const fn is_foreign(byte: u8) -> bool {
    byte >= 0x80 || byte == ESCAPE
}

/// Where the first foreign byte is; blocks without any are passed by at a glance.
fn first_foreign(bytes: &[u8]) -> Option<usize> {
    const BLOCK_BYTES: usize = 64;
    let has_foreign = |block: &[u8]| !block.is_ascii() || block.contains(&ESCAPE);
    let start = bytes.chunks(BLOCK_BYTES).position(has_foreign)? * BLOCK_BYTES;
    bytes[start..].iter().copied().position(is_foreign).map(|at| start + at)
}

/// The stretches between control characters in which a foreign byte stands. There are few of them.
fn foreign_parts(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let is_control = |byte: &u8| *byte < b' ' && *byte != ESCAPE;
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let at = first_foreign(rest)?;
        let start = rest[..at].iter().rposition(is_control).map_or(0, |control| control + 1);
        let end = rest[at..].iter().position(is_control).map_or(rest.len(), |n_bytes| at + n_bytes);
        let part = &rest[start..end];
        rest = &rest[end..];
        Some(part)
    })
}

/// A stretch between control characters without the halves of the headers of items around it, which would read as
/// letters: `FE FF` and `E0` with an undefined length.
fn without_item_headers(part: &[u8]) -> &[u8] {
    let part = part.strip_prefix(b"\xE0\xFF\xFF\xFF\xFF").unwrap_or(part);
    let part = part.strip_prefix(b"\xFF\xFF\xFF\xFF").unwrap_or(part);
    part.strip_suffix(b"\xFE\xFF").unwrap_or(part)
}

/// The part of a bulk value that no image needs to be like it is, so that it might hold text: the offset table of
/// encapsulated pixel data, what follows the last pixel of native pixel data, and all of a document or profile.
fn outside_pixels(bulk: &BulkValue, written: &mut Instance) -> Result<(u64, u64), InstanceError> {
    let end = bulk.offset + bulk.n_bytes;
    if bulk.length.is_undefined() {
        let table = Items::new(&mut written.source, bulk.offset, end).next().transpose()?;
        return Ok(table.map_or((bulk.offset, end), |table| (table.offset, table.offset + table.n_bytes)));
    }
    let is_text_like = matches!(bulk.tag, dicom_dictionary_std::tags::ICC_PROFILE);
    let n_pixel_bytes = if is_text_like { Some(0) } else { pixel_padding(&written.data_set, bulk.tag) };
    Ok((n_pixel_bytes.map_or(end, |n_bytes| end.min(bulk.offset.saturating_add(n_bytes))), end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tier2::{LexiconBuilder, Recognizers};
    use crate::write::{NewIdentity, stage};
    use dicom_core::{DataElement, PrimitiveValue, VR};
    use dicom_dictionary_std::{tags, uids};
    use dicom_object::{FileMetaTableBuilder, InMemDicomObject};
    use efface_schema::ResultDigests;
    use proptest::prelude::*;

    /// Whether a name is seen in a result that says something in ISO 8859-5.
    fn is_seen(name: &str, comment: &str) -> bool {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("in.dcm");
        let text = |tag, vr, text: &str| DataElement::new(tag, vr, PrimitiveValue::from(text));
        let object = InMemDicomObject::from_element_iter([
            text(tags::SPECIFIC_CHARACTER_SET, VR::CS, "ISO_IR 144"),
            text(tags::IMAGE_COMMENTS, VR::LT, comment),
        ]);
        let meta = FileMetaTableBuilder::new()
            .transfer_syntax(uids::EXPLICIT_VR_LITTLE_ENDIAN)
            .media_storage_sop_class_uid(uids::CT_IMAGE_STORAGE)
            .media_storage_sop_instance_uid("1.2.3");
        object.with_meta(meta).expect("a file").write_to_file(&path).expect("written");
        let mut instance = Instance::read(&path).expect("readable");
        let recognizers = Recognizers::new();
        let mut builder = LexiconBuilder::default();
        builder.add_name(name);
        let search = TextSearch::new(builder.build(&recognizers), &recognizers);
        let identity = NewIdentity { sop_class_uid: uids::CT_IMAGE_STORAGE, sop_instance_uid: "2.25.1" };
        let to = folder.path().join("out.dcm");
        let staged = stage(&mut instance, &[], &identity, &to, ResultDigests::None).expect("staged");
        assert!(staged.around_bulk.is_some(), "the result is searched in memory");
        !verify_staged(&staged, &instance.character_set(), &search).expect("searched")
    }

    #[test]
    fn a_name_in_the_files_own_character_set_is_seen_in_what_was_written() {
        assert!(is_seen("Квакенбуш^Гуголинда", "осмотр, Квакенбуш, норма"));
        assert!(!is_seen("Квакенбуш^Гуголинда", "осмотр, Петров, норма"));
    }

    proptest! {
        #[test]
        fn no_stretch_with_a_foreign_byte_is_left_out(
            bytes in prop::collection::vec(prop_oneof![20 => 0x20_u8..0x80, 2 => 0_u8..0x20, 1 => any::<u8>()], 0..400)
        ) {
            let all = bytes.split(|byte| *byte < b' ' && *byte != ESCAPE);
            let expected: Vec<&[u8]> = all.filter(|part| part.iter().copied().any(is_foreign)).collect();
            prop_assert_eq!(foreign_parts(&bytes).collect::<Vec<_>>(), expected);
        }
    }
}

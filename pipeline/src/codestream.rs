//! Text inside compressed pixel data: comment and application segments of JPEG and JPEG-LS, comments of JPEG 2000.
//!
//! A segment's payload is blanked in place, so that no length and no offset table changes and the image decodes as
//! before. Sources: ITU-T T.81 annex B, T.87 annex C, T.800 annex A.

use crate::error::InstanceError;
use crate::read::{BulkValue, Instance};
use crate::tier2::{Scope, TextSearch};
use dicom_core::value::Value;
use dicom_core::{DataElement, VR};
use dicom_dictionary_std::tags;
use std::io::{Cursor, Read, Seek, SeekFrom};

/// What a blanked payload is filled with.
pub(crate) const BLANK: u8 = b' ';

/// Comments that encoders write about themselves.
const ENCODER_COMMENTS: &[&str] =
    &["created by openjpeg", "kakadu", "kdu-", "lead technologies", "creator: xv", "intel(r) jpeg", "lavc", "charls"];

/// A payload that may hold text, in bytes of the source.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Segment {
    offset: u64,
    payload: Vec<u8>,
}

/// Bytes that are blanked when a bulk value is copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Blanked {
    /// First byte in the source.
    pub(crate) offset: u64,
    /// Number of bytes.
    pub(crate) n_bytes: u64,
}

/// Finds what has to be blanked in deferred pixel data.
///
/// # Errors
/// When the source cannot be read, or a fragment is a container whose parts are not known.
pub(crate) fn find(instance: &mut Instance, search: &TextSearch<'_>) -> Result<Vec<Blanked>, InstanceError> {
    // An undefined length equals none, not even itself.
    let encapsulated = |bulk: &&BulkValue| bulk.tag == tags::PIXEL_DATA && bulk.length.is_undefined();
    let Some(bulk) = instance.bulk.iter().find(encapsulated).copied() else { return Ok(Vec::new()) };
    let mut blanked = Vec::new();
    for (offset, n_bytes) in fragments(&mut instance.source, &bulk)? {
        let segments = segments(&mut instance.source, offset, offset + n_bytes)?;
        blanked.extend(
            segments
                .iter()
                .filter(|segment| identifies(segment, search))
                .map(|segment| Blanked { offset: segment.offset, n_bytes: segment.payload.len() as u64 }),
        );
    }
    Ok(blanked)
}

/// Blanks segments in fragments that were read into memory; says how many.
///
/// # Errors
/// As [`find`].
pub(crate) fn blank_in_memory(instance: &mut Instance, search: &TextSearch<'_>) -> Result<usize, InstanceError> {
    let Some(element) = instance.data_set.take(tags::PIXEL_DATA) else { return Ok(0) };
    let mut n_blanked = 0;
    let (header, value) = (*element.header(), element.into_value());
    let value = match value {
        Value::PixelSequence(mut sequence) => {
            for fragment in sequence.fragments_mut().iter_mut() {
                let end = fragment.len() as u64;
                for segment in segments(&mut Cursor::new(fragment.as_slice()), 0, end)? {
                    if identifies(&segment, search) {
                        let start = usize::try_from(segment.offset).expect("an offset inside a fragment in memory");
                        fragment[start..start + segment.payload.len()].fill(BLANK);
                        n_blanked += 1;
                    }
                }
            }
            Value::PixelSequence(sequence)
        }
        other => other,
    };
    let vr = if header.vr == VR::UN { VR::OB } else { header.vr };
    instance.data_set.put(DataElement::new_with_len(tags::PIXEL_DATA, vr, header.len, value));
    Ok(n_blanked)
}

/// Where the fragments of encapsulated pixel data are, without the offset table.
fn fragments<R: Read + Seek>(source: &mut R, bulk: &BulkValue) -> Result<Vec<(u64, u64)>, InstanceError> {
    let mut fragments = Vec::new();
    let (mut position, end) = (bulk.offset, bulk.offset + bulk.n_bytes);
    while position + 8 <= end {
        source.seek(SeekFrom::Start(position))?;
        let mut header = [0_u8; 8];
        source.read_exact(&mut header)?;
        let n_bytes = u64::from(u32::from_le_bytes([header[4], header[5], header[6], header[7]]));
        position += 8;
        if header[..4] != [0xFE, 0xFF, 0x00, 0xE0] {
            break;
        }
        fragments.push((position, n_bytes));
        position += n_bytes;
    }
    Ok(fragments.into_iter().skip(1).collect())
}

/// Lists the segments of a fragment's header that may hold text.
fn segments<R: Read + Seek>(source: &mut R, start: u64, end: u64) -> Result<Vec<Segment>, InstanceError> {
    let mut segments = Vec::new();
    if end - start < 4 {
        return Ok(segments);
    }
    source.seek(SeekFrom::Start(start))?;
    let mut first = [0_u8; 4];
    source.read_exact(&mut first)?;
    let is_jpeg_2000 = match first {
        [0xFF, 0x4F, 0xFF, 0x51] => true,
        [0xFF, 0xD8, 0xFF, _] => false,
        // Boxes of JP2 and JPEG XL files may hold anything; DICOM wants the bare codestream.
        [0x00, 0x00, 0x00, 0x0C] => return Err(InstanceError::Codestream),
        _ => return Ok(segments),
    };
    let mut position = start + 2;
    while position + 4 <= end {
        source.seek(SeekFrom::Start(position))?;
        let mut header = [0_u8; 4];
        source.read_exact(&mut header)?;
        let (marker, length) = (header[1], u64::from(u16::from_be_bytes([header[2], header[3]])));
        let ends_header = if is_jpeg_2000 { marker == 0x90 } else { matches!(marker, 0xDA | 0xD9) };
        if header[0] != 0xFF || ends_header {
            break;
        }
        if length < 2 || position + 2 + length > end {
            return Err(InstanceError::Codestream);
        }
        // A JPEG 2000 comment begins with a number that says whether it is text.
        let n_skipped = if is_jpeg_2000 { 2 } else { 0 };
        if holds_text(is_jpeg_2000, marker) && length >= 2 + n_skipped {
            let mut payload =
                vec![0_u8; usize::try_from(length - 2 - n_skipped).expect("a segment has at most 64 KiB")];
            source.seek(SeekFrom::Start(position + 4 + n_skipped))?;
            source.read_exact(&mut payload)?;
            segments.push(Segment { offset: position + 4 + n_skipped, payload });
        }
        position += 2 + length;
    }
    Ok(segments)
}

/// Comments, and application segments other than those that decoders need: JFIF (0), colour transform (8), Adobe (14).
const fn holds_text(is_jpeg_2000: bool, marker: u8) -> bool {
    if is_jpeg_2000 { marker == 0x64 } else { marker == 0xFE || matches!(marker, 0xE1..=0xE7 | 0xE9..=0xED | 0xEF) }
}

/// Whether a payload goes: all of them but colour profiles and encoders' words about themselves.
fn identifies(segment: &Segment, search: &TextSearch<'_>) -> bool {
    let payload = &segment.payload;
    if payload.iter().all(|&byte| matches!(byte, 0 | b' ')) {
        return false;
    }
    if search.lexicon().occurs_in_bytes(payload) {
        return true;
    }
    if payload.starts_with(b"ICC_PROFILE\0") {
        return false;
    }
    let text = String::from_utf8_lossy(payload).to_lowercase();
    let by_encoder = payload.len() <= 128 && ENCODER_COMMENTS.iter().any(|comment| text.starts_with(comment));
    !by_encoder || !search.find(&text, Scope::Lexicon).is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tier2::{LexiconBuilder, Recognizers};

    fn jpeg(segments: &[(u8, &[u8])]) -> Vec<u8> {
        let mut bytes = vec![0xFF, 0xD8];
        for (marker, payload) in segments {
            bytes.extend([0xFF, *marker]);
            bytes.extend(u16::try_from(payload.len() + 2).expect("short").to_be_bytes());
            bytes.extend(*payload);
        }
        bytes.extend([0xFF, 0xDA, 0x00, 0x02, 1, 2, 3, 0xFF, 0xD9]);
        bytes
    }

    fn blanked(bytes: &[u8]) -> Vec<Vec<u8>> {
        let recognizers = Recognizers::new();
        let mut builder = LexiconBuilder::default();
        builder.add_name("DOE^JANEDOTTE");
        let search = TextSearch::new(builder.build(&recognizers), &recognizers);
        let found = segments(&mut Cursor::new(bytes), 0, bytes.len() as u64).expect("a codestream");
        found.into_iter().filter(|segment| identifies(segment, &search)).map(|segment| segment.payload).collect()
    }

    #[test]
    fn comments_go_and_what_decoders_need_stays() {
        let bytes = jpeg(&[
            (0xE0, b"JFIF\0\x01\x02"),
            (0xFE, b"exported for somebody"),
            (0xE1, b"Exif\0\0name"),
            (0xEE, b"Adobe\0"),
            (0xFE, b"LEAD Technologies Inc. V1.01"),
            (0xFE, b"LEAD Technologies for JANEDOTTE"),
            (0xE2, b"ICC_PROFILE\0\x01\x01rgb"),
        ]);
        let expected: [&[u8]; 3] = [b"exported for somebody", b"Exif\0\0name", b"LEAD Technologies for JANEDOTTE"];
        assert_eq!(blanked(&bytes), expected);
    }

    #[test]
    fn jpeg_2000_comments_go_without_their_registration() {
        let mut bytes = vec![0xFF, 0x4F, 0xFF, 0x51, 0x00, 0x04, 0, 0];
        bytes.extend([0xFF, 0x64, 0x00, 0x0A, 0x00, 0x01]);
        bytes.extend(b"secret");
        bytes.extend([0xFF, 0x90, 0x00, 0x02]);
        assert_eq!(blanked(&bytes), [b"secret"]);
    }

    #[test]
    fn containers_and_broken_segments_are_refused() {
        for bytes in [vec![0, 0, 0, 0x0C, b'j', b'P', b' ', b' '], vec![0xFF, 0xD8, 0xFF, 0xFE, 0xFF, 0xFF, 1, 2]] {
            assert!(segments(&mut Cursor::new(&bytes), 0, bytes.len() as u64).is_err());
        }
    }
}

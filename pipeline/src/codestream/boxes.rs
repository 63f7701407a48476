//! The boxes of JP2 and JPEG XL files: text, XML, Exif and unknown identifiers are blanked, codestreams are followed.
//!
//! DICOM wants the bare codestream of JPEG 2000, and files hold boxes all the same.

use super::{Blanked, Cleaner, jpeg_2000};
use crate::error::InstanceError;
use crate::fragments::{FragmentStream, Item};
use std::io::{Read, Seek};

/// A profile of more bytes is not a profile.
const MAX_PROFILE_BYTES: u64 = 16 * 1024 * 1024;
/// Boxes inside boxes; the header of a JP2 file holds one level.
const MAX_DEPTH: usize = 3;

/// A box: its kind, and where its content is.
struct FileBox {
    kind: [u8; 4],
    /// Where its kind stands.
    kind_at: u64,
    start: u64,
    end: u64,
}

/// Follows the boxes of a file; returns where they end.
///
/// # Errors
/// When the source cannot be read, or a box is not known or cannot be followed.
pub(super) fn clean<R: Read + Seek>(
    stream: &mut FragmentStream<'_, R>,
    cleaner: &mut Cleaner<'_>,
) -> Result<u64, InstanceError> {
    let is_jpeg_xl = match &stream.array::<8>(4)? {
        b"jP  \r\n\x87\n" => false,
        b"JXL \r\n\x87\n" => true,
        _ => return Err(InstanceError::Codestream),
    };
    let end = stream.n_bytes();
    // One byte may pad the value.
    let limit = if is_padded(stream, 12, end)? { end - 1 } else { end };
    within(stream, 12, limit, is_jpeg_xl, 0, cleaner)?;
    Ok(limit)
}

/// Whether the boxes from a position on leave one byte at the end.
fn is_padded<R: Read + Seek>(stream: &mut FragmentStream<'_, R>, from: u64, end: u64) -> Result<bool, InstanceError> {
    let mut position = from;
    while position + 8 <= end {
        position = read_box(stream, position, end)?.end;
    }
    Ok(position + 1 == end)
}

fn within<R: Read + Seek>(
    stream: &mut FragmentStream<'_, R>,
    start: u64,
    end: u64,
    is_jpeg_xl: bool,
    depth: usize,
    cleaner: &mut Cleaner<'_>,
) -> Result<(), InstanceError> {
    let mut position = start;
    while position < end {
        let found = read_box(stream, position, end)?;
        match &found.kind {
            b"jp2h" | b"res " if depth < MAX_DEPTH => {
                within(stream, found.start, found.end, is_jpeg_xl, depth + 1, cleaner)?;
            }
            b"jp2c" => {
                let after = jpeg_2000::clean(stream, found.start, Some(found.end), cleaner)?;
                cleaner.blank(stream, after, found.end - after, 0)?;
            }
            b"colr" => colour(stream, &found, cleaner)?,
            // Sizes, palettes, channels and resolutions; codestreams of JPEG XL, whole or in parts.
            b"ftyp" | b"ihdr" | b"bpcc" | b"pclr" | b"cmap" | b"cdef" | b"resc" | b"resd" | b"jxll" | b"jxli" => {
                let payload = stream.read(found.start, (found.end - found.start).min(1 << 20))?;
                cleaner.needed(&payload)?;
            }
            b"jxlc" | b"jxlp" if is_jpeg_xl => {}
            b"xml " | b"uuid" | b"uinf" | b"jp2i" | b"asoc" | b"lbl " | b"nlst" | b"free" | b"skip" | b"Exif"
            | b"jumb" | b"brob" | b"jbrd" => discard(stream, &found, cleaner)?,
            _ => return Err(InstanceError::Codestream),
        }
        position = found.end;
    }
    Ok(())
}

/// Makes a box one that readers skip, and blanks what it holds.
fn discard<R: Read + Seek>(
    stream: &FragmentStream<'_, R>,
    found: &FileBox,
    cleaner: &mut Cleaner<'_>,
) -> Result<(), InstanceError> {
    let mut kind = stream.places(found.kind_at, 4);
    match (kind.next(), kind.next()) {
        (Some(Item { offset, n_bytes: 4 }), None) => {
            cleaner.blanked.push(Blanked { offset, n_bytes: 4, kept: [0; 4], fill: *b"free" });
        }
        // A kind that fragments part cannot be rewritten in one piece.
        _ => return Err(InstanceError::Codestream),
    }
    cleaner.blank(stream, found.start, found.end - found.start, 0)
}

/// A colour specification: an enumerated space, or a profile.
fn colour<R: Read + Seek>(
    stream: &mut FragmentStream<'_, R>,
    found: &FileBox,
    cleaner: &mut Cleaner<'_>,
) -> Result<(), InstanceError> {
    let n_bytes = found.end - found.start;
    if !(3..=MAX_PROFILE_BYTES).contains(&n_bytes) {
        return Err(InstanceError::Codestream);
    }
    let payload = stream.read(found.start, n_bytes)?;
    match payload[0] {
        1 => cleaner.needed(&payload),
        2 | 3 => cleaner.colour_profile(stream, &[(found.start + 3, payload[3..].to_vec())]),
        _ => Err(InstanceError::Codestream),
    }
}

fn read_box<R: Read + Seek>(
    stream: &mut FragmentStream<'_, R>,
    position: u64,
    limit: u64,
) -> Result<FileBox, InstanceError> {
    let length = u32::from_be_bytes(stream.array(position)?);
    let kind = stream.array(position + 4)?;
    let (n_header, n_bytes) = match length {
        0 => (8, limit - position),
        1 => (16, u64::from_be_bytes(stream.array(position + 8)?)),
        length => (8, u64::from(length)),
    };
    let end = position.checked_add(n_bytes).filter(|&end| n_bytes >= n_header && end <= limit);
    let end = end.ok_or(InstanceError::Codestream)?;
    Ok(FileBox { kind, kind_at: position + 4, start: position + n_header, end })
}

//! JPEG and JPEG-LS: every marker segment, between the scans and behind the last one too.

use super::Cleaner;
use crate::error::InstanceError;
use crate::fragments::FragmentStream;
use std::io::{Read, Seek};

/// A profile of more bytes is not a profile.
const MAX_PROFILE_BYTES: usize = 16 * 1024 * 1024;
/// What an application segment with a part of a colour profile begins with; then come its number and their count.
const PROFILE_SIGNATURE: &[u8] = b"ICC_PROFILE\0";

/// A marker in the stream.
struct Marker {
    code: u8,
    /// Where bytes that belong to nothing begin, if there are any; else where the marker does.
    start: u64,
    /// The first byte of the marker's own.
    at: u64,
    /// The byte after it.
    end: u64,
}

/// Follows a codestream to its end, whose position it returns: that of the last segment where no scan follows it.
///
/// # Errors
/// When the source cannot be read, when the segments cannot be followed, and when a scan has no end: whatever follows
/// the pixels would pass for more of them.
pub(super) fn clean<R: Read + Seek>(
    stream: &mut FragmentStream<'_, R>,
    cleaner: &mut Cleaner<'_>,
) -> Result<u64, InstanceError> {
    let mut profile: Vec<(u64, Vec<u8>)> = Vec::new();
    let end = segments(stream, &mut profile, cleaner)?;
    if !profile.is_empty() {
        profile.sort_by_key(|(position, _)| *position);
        cleaner.colour_profile(stream, &profile)?;
    }
    Ok(end)
}

/// Follows the segments and scans; collects the parts of a colour profile.
fn segments<R: Read + Seek>(
    stream: &mut FragmentStream<'_, R>,
    profile: &mut Vec<(u64, Vec<u8>)>,
    cleaner: &mut Cleaner<'_>,
) -> Result<u64, InstanceError> {
    let mut position = 2;
    let mut in_scan = false;
    while let Some(marker) = next_marker(stream, position, in_scan)? {
        if !in_scan && marker.start < marker.at {
            // Decoders skip what stands between segments; any number of these bytes may.
            cleaner.blank(stream, marker.start, marker.at - marker.start, 0xFF)?;
        }
        position = marker.end;
        match marker.code {
            0xD9 => return Ok(position),
            0x01 | 0xD0..=0xD7 => continue,
            // Frames, tables, scans, restart intervals, and the extensions of JPEG-LS.
            0xC0..=0xCF | 0xDA..=0xDD | 0xE0..=0xEF | 0xF7 | 0xF8 | 0xFE => {}
            _ => return Err(InstanceError::Codestream),
        }
        let n_bytes = u64::from(u16::from_be_bytes(stream.array(position)?));
        let n_payload = n_bytes.checked_sub(2).ok_or(InstanceError::Codestream)?;
        let payload = stream.read(position + 2, n_payload)?;
        segment(stream, marker.code, position + 2, &payload, profile, cleaner)?;
        in_scan = marker.code == 0xDA;
        position += n_bytes;
    }
    if in_scan { Err(InstanceError::Codestream) } else { Ok(position) }
}

/// Judges a segment by its marker and by what its payload begins with.
fn segment<R: Read + Seek>(
    stream: &FragmentStream<'_, R>,
    code: u8,
    position: u64,
    payload: &[u8],
    profile: &mut Vec<(u64, Vec<u8>)>,
    cleaner: &mut Cleaner<'_>,
) -> Result<(), InstanceError> {
    let n_needed = match code {
        0xFE => 0,
        // Version and density; a thumbnail follows.
        0xE0 if payload.starts_with(b"JFIF\0") => 14,
        // The order of the fields of an interlaced picture.
        0xE0 if payload.starts_with(b"AVI1") => 5,
        0xE2 if payload.starts_with(PROFILE_SIGNATURE) && payload.len() > 14 => {
            let n_held: usize = profile.iter().map(|(_, bytes)| bytes.len()).sum();
            if n_held + payload.len() > MAX_PROFILE_BYTES {
                return Err(InstanceError::Codestream);
            }
            profile.push((position + 14, payload[14..].to_vec()));
            return Ok(());
        }
        // The colour transform of HP's JPEG-LS, and the header of SPIFF.
        0xE8 if payload.starts_with(b"mrfx") => 5,
        0xE8 if payload.starts_with(b"SPIFF\0") => 30,
        // The colour transform of Adobe.
        0xEE if payload.starts_with(b"Adobe") => 12,
        0xE0..=0xEF => 0,
        _ => return cleaner.needed(payload),
    };
    cleaner.blank_payload(stream, position, payload, n_needed)
}

/// Finds the next marker. In a scan, bytes that follow 0xFF and are below 0x80 are data: stuffed zeros of JPEG, and
/// the stuffed bits of JPEG-LS.
fn next_marker<R: Read + Seek>(
    stream: &mut FragmentStream<'_, R>,
    from: u64,
    in_scan: bool,
) -> Result<Option<Marker>, InstanceError> {
    let mut position = from;
    loop {
        let Some(at) = next_ff(stream, position)? else {
            return Ok(None);
        };
        let mut end = at + 1;
        let code = loop {
            match stream.at(end)?.first() {
                None => return Ok(None),
                Some(0xFF) => end += 1,
                Some(code) => break *code,
            }
        };
        let is_data = code == 0 || (in_scan && (code < 0x80 || matches!(code, 0xD0..=0xD7)));
        if !is_data {
            return Ok(Some(Marker { code, start: from, at, end: end + 1 }));
        }
        position = end + 1;
    }
}

fn next_ff<R: Read + Seek>(stream: &mut FragmentStream<'_, R>, from: u64) -> Result<Option<u64>, InstanceError> {
    let mut position = from;
    loop {
        let bytes = stream.at(position)?;
        if bytes.is_empty() {
            return Ok(None);
        }
        match bytes.iter().position(|&byte| byte == 0xFF) {
            Some(index) => return Ok(Some(position + index as u64)),
            None => position += bytes.len() as u64,
        }
    }
}

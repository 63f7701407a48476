//! JPEG 2000 and its high-throughput form: comments in the main header and in those of tile-parts.

use super::Cleaner;
use crate::error::InstanceError;
use crate::fragments::FragmentStream;
use std::io::{Read, Seek};

const START_OF_TILE_PART: u8 = 0x90;
const START_OF_DATA: u8 = 0x93;
const END_OF_CODESTREAM: u8 = 0xD9;
const COMMENT: u8 = 0x64;

/// Follows a codestream that begins at a position and ends at `limit` or with the stream; returns where it ends.
///
/// # Errors
/// When the source cannot be read, or the segments cannot be followed.
pub(super) fn clean<R: Read + Seek>(
    stream: &mut FragmentStream<'_, R>,
    start: u64,
    limit: Option<u64>,
    cleaner: &mut Cleaner<'_>,
) -> Result<u64, InstanceError> {
    let limit = limit.unwrap_or(stream.n_bytes());
    let mut position = start + 2;
    // Where the tile-part ends in whose header the position is.
    let mut tile_part_end: Option<u64> = None;
    while position < limit {
        // A single byte may pad the value.
        if position + 1 == limit {
            return Ok(position);
        }
        let [first, code] = stream.array(position)?;
        if first != 0xFF {
            return Err(InstanceError::Codestream);
        }
        position += 2;
        match code {
            END_OF_CODESTREAM => return Ok(position),
            START_OF_DATA => {
                position = match tile_part_end.take() {
                    Some(end) if end >= position => end,
                    _ => return Err(InstanceError::Codestream),
                };
                continue;
            }
            // Markers without a segment.
            0x30..=0x3F => continue,
            START_OF_TILE_PART | 0x50..=0x60 | 0x63..=0x78 => {}
            _ => return Err(InstanceError::Codestream),
        }
        let n_bytes = u64::from(u16::from_be_bytes(stream.array(position)?));
        if n_bytes < 2 || position + n_bytes > limit {
            return Err(InstanceError::Codestream);
        }
        let payload = stream.read(position + 2, n_bytes - 2)?;
        match code {
            START_OF_TILE_PART => tile_part_end = Some(end_of_tile_part(stream, position - 2, &payload, limit)?),
            // A number says first whether the comment is text.
            COMMENT => cleaner.blank_payload(stream, position + 2, &payload, 2)?,
            _ => cleaner.needed(&payload)?,
        }
        position += n_bytes;
    }
    Ok(position)
}

/// Where a tile-part ends: where its header says, or with the codestream.
fn end_of_tile_part<R: Read + Seek>(
    stream: &mut FragmentStream<'_, R>,
    start: u64,
    payload: &[u8],
    limit: u64,
) -> Result<u64, InstanceError> {
    let length = payload.get(2..6).and_then(|bytes| bytes.try_into().ok()).map(u32::from_be_bytes);
    match length.ok_or(InstanceError::Codestream)? {
        0 => end_of_codestream(stream, start + 12, limit),
        length => Some(start + u64::from(length)).filter(|end| *end <= limit).ok_or(InstanceError::Codestream),
    }
}

/// Where the marker of the end stands, which no packet can hold.
fn end_of_codestream<R: Read + Seek>(
    stream: &mut FragmentStream<'_, R>,
    from: u64,
    limit: u64,
) -> Result<u64, InstanceError> {
    let mut position = from;
    let mut after_ff = false;
    while position < limit {
        let bytes = stream.at(position)?;
        for (index, byte) in bytes.iter().enumerate() {
            if after_ff && *byte == END_OF_CODESTREAM {
                return Ok((position + index as u64 - 1).min(limit));
            }
            after_ff = *byte == 0xFF;
        }
        position += bytes.len() as u64;
    }
    Ok(limit)
}

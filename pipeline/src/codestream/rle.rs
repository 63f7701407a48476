//! DICOM's run-length encoding: what its header and its segments hold that no pixel is made of.
//!
//! Source: PS3.5 annex G: a header of 16 numbers, and up to 15 segments of runs.

use super::Cleaner;
use crate::error::InstanceError;
use crate::fragments::FragmentStream;
use std::io::{Read, Seek};

/// How many bytes the header takes.
const HEADER_BYTES: u64 = 64;
/// A run that says nothing (PS3.5 section G.3.2).
const NO_RUN: u8 = 0x80;

/// Follows the segments of a frame; returns where the last one ends.
///
/// # Errors
/// When the source cannot be read, or the header holds no ascending offsets.
pub(super) fn clean<R: Read + Seek>(
    stream: &mut FragmentStream<'_, R>,
    n_pixels: u64,
    cleaner: &mut Cleaner<'_>,
) -> Result<u64, InstanceError> {
    let header: [u8; HEADER_BYTES as usize] = stream.array(0)?;
    let numbers: Vec<u64> = header
        .chunks_exact(4)
        .map(|bytes| u64::from(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])))
        .collect();
    let n_segments = usize::try_from(numbers[0]).unwrap_or(usize::MAX);
    let offsets = numbers.get(1..=n_segments).filter(|offsets| !offsets.is_empty()).ok_or(InstanceError::Codestream)?;
    let ascending = offsets.windows(2).all(|pair| pair[0] < pair[1]);
    if offsets[0] < HEADER_BYTES || !ascending || offsets.last().is_none_or(|last| *last > stream.n_bytes()) {
        return Err(InstanceError::Codestream);
    }
    let unused = 4 * (n_segments + 1);
    if header[unused..].iter().any(|&byte| byte != 0) {
        cleaner.blank(stream, unused as u64, (header.len() - unused) as u64, 0)?;
    }
    blank_rest(stream, HEADER_BYTES, offsets[0], 0, cleaner)?;
    for (index, start) in offsets.iter().enumerate() {
        let end = offsets.get(index + 1).copied().unwrap_or(stream.n_bytes());
        let used = end_of_runs(stream, *start, end, n_pixels)?;
        blank_rest(stream, used, end, NO_RUN, cleaner)?;
    }
    Ok(stream.n_bytes())
}

/// Where the runs end that make up a plane of pixels.
fn end_of_runs<R: Read + Seek>(
    stream: &mut FragmentStream<'_, R>,
    start: u64,
    end: u64,
    n_pixels: u64,
) -> Result<u64, InstanceError> {
    let mut position = start;
    let mut n_done = 0;
    while position < end && n_done < n_pixels {
        let Some(&count) = stream.at(position)?.first() else { break };
        let (n_bytes, n_made) = match count {
            NO_RUN => (1, 0),
            0..=127 => (2 + u64::from(count), 1 + u64::from(count)),
            _ => (2, 257 - u64::from(count)),
        };
        position += n_bytes;
        n_done += n_made;
    }
    Ok(position.min(end))
}

/// Blanks a stretch that holds more than padding.
fn blank_rest<R: Read + Seek>(
    stream: &mut FragmentStream<'_, R>,
    start: u64,
    end: u64,
    fill: u8,
    cleaner: &mut Cleaner<'_>,
) -> Result<(), InstanceError> {
    let mut position = start;
    while position < end {
        let n_wanted = usize::try_from(end - position).unwrap_or(usize::MAX);
        let bytes = stream.at(position)?;
        let bytes = &bytes[..bytes.len().min(n_wanted)];
        if bytes.is_empty() {
            break;
        }
        if bytes.iter().any(|&byte| byte != 0 && byte != NO_RUN) {
            return cleaner.blank(stream, start, end - start, fill);
        }
        position += bytes.len() as u64;
    }
    Ok(())
}

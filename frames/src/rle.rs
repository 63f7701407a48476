//! RLE Lossless: the bytes of a frame sorted into planes, each packed row by row.
//!
//! Source: PS3.5 Annex G.

use crate::{FramesError, RawFrame};

/// The header holds the number of segments and the offsets of at most this many.
const MAX_SEGMENTS: usize = 15;
const HEADER_LENGTH: usize = 64;
/// The longest run or literal that one control byte announces.
const MAX_RUN: usize = 128;

/// Encodes one frame as an RLE codestream of even length, which is one fragment of the pixel data.
///
/// Shapes: 1 or 3 samples for each pixel, 8, 16 or 32 bits allocated; the segments hold the first sample's most
/// significant byte first.
/// The result can be longer than the input, by at most one byte in 128 and the header.
///
/// # Errors
/// [`FramesError::UnsupportedSamples`] when the samples are not whole bytes or need more than 15 segments, and
/// [`FramesError::TooShort`] when there are fewer bytes than the size says.
///
/// # Example
/// ```
/// use efface_frames::{RawFrame, encode_rle};
/// let frame = RawFrame {
///     rows: 1,
///     columns: 4,
///     samples_per_pixel: 1,
///     bits_allocated: 8,
///     precision: 8,
///     bytes: &[7, 7, 7, 9],
/// };
/// let codestream = encode_rle(&frame).unwrap();
/// // One segment, at 64: three times 7, then one literal byte.
/// assert_eq!(codestream[..8], [1, 0, 0, 0, 64, 0, 0, 0]);
/// assert_eq!(codestream[64..], [0xFE, 7, 0, 9]);
/// ```
pub fn encode_rle(frame: &RawFrame<'_>) -> Result<Vec<u8>, FramesError> {
    let sample_bytes = frame.check()?;
    let n_samples = usize::from(frame.samples_per_pixel);
    let n_segments = n_samples * sample_bytes;
    if n_segments > MAX_SEGMENTS {
        return Err(FramesError::UnsupportedSamples);
    }
    let mut codestream = vec![0; HEADER_LENGTH];
    codestream[..4].copy_from_slice(&word(n_segments)?);
    let pixel_bytes = n_samples * sample_bytes;
    let row_bytes = frame.columns as usize * pixel_bytes;
    let mut plane = Vec::with_capacity(frame.columns as usize);
    for segment in 0..n_segments {
        let offset = word(codestream.len())?;
        codestream[4 + 4 * segment..8 + 4 * segment].copy_from_slice(&offset);
        // The least significant byte comes first in the frame and last in the segments.
        let first = segment / sample_bytes * sample_bytes + (sample_bytes - 1 - segment % sample_bytes);
        for row in frame.bytes.chunks_exact(row_bytes).take(frame.rows as usize) {
            plane.clear();
            plane.extend(row[first..].iter().step_by(pixel_bytes));
            pack(&plane, &mut codestream);
        }
        if codestream.len() % 2 == 1 {
            codestream.push(0);
        }
    }
    Ok(codestream)
}

fn word(number: usize) -> Result<[u8; 4], FramesError> {
    u32::try_from(number).map(u32::to_le_bytes).map_err(|_| FramesError::TooLong)
}

/// Packs one row of a byte plane; runs of two interrupt no literal, since that saves nothing (PS3.5 G.3.1).
fn pack(row: &[u8], out: &mut Vec<u8>) {
    let mut literal_start = 0;
    let mut at = 0;
    while at < row.len() {
        let run = run_length(&row[at..]);
        if run >= 3 || (run == 2 && literal_start == at) {
            literal(&row[literal_start..at], out);
            out.push((257 - run) as u8);
            out.push(row[at]);
            at += run;
            literal_start = at;
        } else {
            at += run;
        }
    }
    literal(&row[literal_start..], out);
}

fn run_length(bytes: &[u8]) -> usize {
    bytes.iter().take(MAX_RUN).take_while(|byte| **byte == bytes[0]).count()
}

fn literal(bytes: &[u8], out: &mut Vec<u8>) {
    for chunk in bytes.chunks(MAX_RUN) {
        out.push((chunk.len() - 1) as u8);
        out.extend_from_slice(chunk);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Undoes [`pack`] by the words of PS3.5 G.3.2.
    fn unpack(bytes: &[u8]) -> Vec<u8> {
        let (mut out, mut at) = (Vec::new(), 0);
        while at < bytes.len() {
            let control = bytes[at].cast_signed();
            match control {
                0.. => {
                    let n_literals = control as usize + 1;
                    out.extend_from_slice(&bytes[at + 1..at + 1 + n_literals]);
                    at += 1 + n_literals;
                }
                -127..=-1 => {
                    out.extend(std::iter::repeat_n(bytes[at + 1], (1 - isize::from(control)) as usize));
                    at += 2;
                }
                -128 => panic!("this control byte is never written"),
            }
        }
        out
    }

    #[test]
    fn rows_unpack_to_what_was_packed() {
        let rows = [
            vec![],
            vec![1],
            vec![1, 1],
            vec![1, 2, 2, 3],
            vec![5; 128],
            vec![5; 129],
            vec![5; 257],
            (0..=255).collect(),
            (0..700).map(|at| (at * at % 7) as u8).collect::<Vec<u8>>(),
        ];
        for row in rows {
            let mut packed = Vec::new();
            pack(&row, &mut packed);
            assert_eq!(unpack(&packed), row);
            assert!(packed.len() <= row.len() + row.len().div_ceil(MAX_RUN));
        }
    }

    #[test]
    fn frames_that_cannot_be_are_refused() {
        let frame = |bits_allocated, bytes| RawFrame {
            rows: 2,
            columns: 2,
            samples_per_pixel: 1,
            bits_allocated,
            precision: bits_allocated,
            bytes,
        };
        assert_eq!(encode_rle(&frame(8, &[1, 2, 3])), Err(FramesError::TooShort));
        assert_eq!(encode_rle(&frame(1, &[1, 2, 3, 4])), Err(FramesError::UnsupportedSamples));
    }
}

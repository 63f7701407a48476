//! JPEG Lossless, Process 14 with selection value 1: each sample as its difference to its left neighbour.
//!
//! Source: ITU-T T.81 Annexes B (markers), C and K.2 (Huffman tables) and H (lossless mode); PS3.5 A.4.1.

use crate::{FramesError, RawFrame};

/// Categories of differences (T.81 Table H.2): the number of bits that a difference needs, 0 to 16.
const N_CATEGORIES: usize = 17;
/// The longest Huffman code.
const MAX_CODE_LENGTH: usize = 16;

/// Encodes one frame as a JPEG codestream of even length, which is one fragment of the pixel data.
///
/// Shapes: 1 or 3 samples for each pixel, 8 or 16 bits allocated; what lies above the precision is dropped, and
/// signed samples are coded by their bits, as DICOM asks.
/// The codestream says a precision of at least 8 bits, since decoders disagree about what they return below that.
/// The Huffman table is made for the frame, so the same samples always give the same bytes.
///
/// # Errors
/// [`FramesError::UnsupportedSamples`] for other shapes, [`FramesError::TooShort`] when there are fewer bytes than
/// the size says.
///
/// # Example
/// ```
/// use efface_frames::{RawFrame, encode_jpeg_lossless};
/// let frame = RawFrame {
///     rows: 2,
///     columns: 2,
///     samples_per_pixel: 1,
///     bits_allocated: 16,
///     precision: 12,
///     bytes: &[0, 1, 0, 1, 1, 1, 2, 1],
/// };
/// let codestream = encode_jpeg_lossless(&frame).unwrap();
/// assert_eq!(codestream[..4], [0xFF, 0xD8, 0xFF, 0xC3]);
/// ```
pub fn encode_jpeg_lossless(frame: &RawFrame<'_>) -> Result<Vec<u8>, FramesError> {
    let sample_bytes = frame.check()?;
    let sides = (u16::try_from(frame.rows), u16::try_from(frame.columns));
    let ((Ok(rows), Ok(columns)), 1 | 2, 1 | 3) = (sides, sample_bytes, frame.samples_per_pixel) else {
        return Err(FramesError::UnsupportedSamples);
    };
    let differences = differences(frame, sample_bytes);
    let table = HuffmanTable::for_differences(&differences);
    let mut out = vec![0xFF, 0xD8];
    frame_header(frame, rows, columns, &mut out);
    table.write(&mut out);
    scan_header(frame.samples_per_pixel, &mut out);
    let mut writer = BitWriter { out, bits: 0, n_bits: 0 };
    for &difference in &differences {
        let category = category(difference);
        writer.put(u32::from(table.codes[category]), u32::from(table.lengths[category]));
        // Category 16 has one member, 32768, and needs no further bits.
        if category < 16 {
            let bits = i32::from(difference) - i32::from(difference < 0);
            writer.put(bits.cast_unsigned() & ((1 << category) - 1), category as u32);
        }
    }
    let mut out = writer.finish();
    out.extend_from_slice(&[0xFF, 0xD9]);
    if out.len() % 2 == 1 {
        out.push(0);
    }
    Ok(out)
}

/// Differences to the prediction modulo 2^16, pixel by pixel (T.81 H.1.2.1): to the left neighbour, in the first
/// column to the one above, in the first pixel to the middle of the range.
fn differences(frame: &RawFrame<'_>, sample_bytes: usize) -> Vec<i16> {
    let n_samples = usize::from(frame.samples_per_pixel);
    let row_length = frame.columns as usize * n_samples;
    let mask = (u32::MAX >> (32 - u32::from(frame.precision))) as u16;
    let middle = 1_u16 << (coded_precision(frame) - 1);
    let mut out = Vec::with_capacity(row_length * frame.rows as usize);
    let mut above = vec![middle; n_samples];
    let mut row = vec![0_u16; row_length];
    for bytes in frame.bytes.chunks_exact(row_length * sample_bytes).take(frame.rows as usize) {
        if sample_bytes == 1 {
            row.iter_mut().zip(bytes).for_each(|(cell, byte)| *cell = u16::from(*byte) & mask);
        } else {
            let words = bytes.as_chunks::<2>().0;
            row.iter_mut().zip(words).for_each(|(cell, word)| *cell = u16::from_le_bytes(*word) & mask);
        }
        out.extend((0..n_samples).map(|sample| row[sample].wrapping_sub(above[sample]).cast_signed()));
        out.extend((n_samples..row_length).map(|at| row[at].wrapping_sub(row[at - n_samples]).cast_signed()));
        above.copy_from_slice(&row[..n_samples]);
    }
    out
}

fn coded_precision(frame: &RawFrame<'_>) -> u16 {
    frame.precision.max(8)
}

/// Number of bits of a difference's magnitude; -32768 stands for 32768, which is the same modulo 2^16.
const fn category(difference: i16) -> usize {
    16 - difference.unsigned_abs().leading_zeros() as usize
}

fn frame_header(frame: &RawFrame<'_>, rows: u16, columns: u16, out: &mut Vec<u8>) {
    let n_samples = frame.samples_per_pixel as u8;
    out.extend_from_slice(&[0xFF, 0xC3, 0, 8 + 3 * n_samples, coded_precision(frame) as u8]);
    out.extend_from_slice(&rows.to_be_bytes());
    out.extend_from_slice(&columns.to_be_bytes());
    out.push(n_samples);
    for component in component_ids(n_samples) {
        out.extend_from_slice(&[*component, 0x11, 0]);
    }
}

/// Decoders that guess at a colour transform leave components alone that are called R, G and B.
const fn component_ids(n_samples: u8) -> &'static [u8] {
    if n_samples == 3 { b"RGB" } else { &[1] }
}

fn scan_header(samples_per_pixel: u16, out: &mut Vec<u8>) {
    let n_samples = samples_per_pixel as u8;
    out.extend_from_slice(&[0xFF, 0xDA, 0, 6 + 2 * n_samples, n_samples]);
    for component in component_ids(n_samples) {
        out.extend_from_slice(&[*component, 0]);
    }
    // Selection value 1, no end of spectral selection, no point transform.
    out.extend_from_slice(&[1, 0, 0]);
}

/// A code for each category, canonical as T.81 Annex C wants it.
struct HuffmanTable {
    /// Categories in the order of their codes.
    symbols: Vec<u8>,
    n_codes_by_length: [u8; MAX_CODE_LENGTH + 1],
    codes: [u16; N_CATEGORIES],
    lengths: [u8; N_CATEGORIES],
}

impl HuffmanTable {
    fn for_differences(differences: &[i16]) -> Self {
        let mut counts = [0_u64; N_CATEGORIES];
        for &difference in differences {
            counts[category(difference)] += 1;
        }
        let lengths = code_lengths(&counts);
        let mut symbols: Vec<u8> = (0..N_CATEGORIES as u8).filter(|symbol| lengths[usize::from(*symbol)] > 0).collect();
        symbols.sort_by_key(|symbol| lengths[usize::from(*symbol)]);
        let mut table =
            Self { symbols, n_codes_by_length: [0; MAX_CODE_LENGTH + 1], codes: [0; N_CATEGORIES], lengths };
        let (mut code, mut length) = (0_u16, 0_u8);
        for &symbol in &table.symbols {
            let symbol = usize::from(symbol);
            code <<= lengths[symbol] - length;
            length = lengths[symbol];
            table.n_codes_by_length[usize::from(length)] += 1;
            table.codes[symbol] = code;
            code += 1;
        }
        table
    }

    fn write(&self, out: &mut Vec<u8>) {
        let length = (2 + 1 + MAX_CODE_LENGTH + self.symbols.len()) as u16;
        out.extend_from_slice(&[0xFF, 0xC4]);
        out.extend_from_slice(&length.to_be_bytes());
        out.push(0);
        out.extend_from_slice(&self.n_codes_by_length[1..]);
        out.extend_from_slice(&self.symbols);
    }
}

/// Lengths of Huffman codes; 0 for categories that do not occur.
///
/// One more symbol that is rarer than all others takes the code of ones alone, which T.81 C.2 forbids to be used.
/// With at most 18 symbols a code can grow to 17 bits; halving the counts then flattens the tree.
fn code_lengths(counts: &[u64; N_CATEGORIES]) -> [u8; N_CATEGORIES] {
    let mut counts = *counts;
    loop {
        let lengths = unlimited_lengths(&counts);
        if lengths.iter().all(|length| usize::from(*length) <= MAX_CODE_LENGTH) {
            return lengths;
        }
        counts.iter_mut().filter(|count| **count > 0).for_each(|count| *count = *count / 2 + 1);
    }
}

fn unlimited_lengths(counts: &[u64; N_CATEGORIES]) -> [u8; N_CATEGORIES] {
    let mut lengths = [0; N_CATEGORIES];
    // Each tree has a weight and its leaves; the reserved symbol is the leaf that no category has.
    let mut trees: Vec<(u64, Vec<usize>)> = vec![(0, vec![N_CATEGORIES])];
    trees.extend((0..N_CATEGORIES).filter(|symbol| counts[*symbol] > 0).map(|symbol| (counts[symbol], vec![symbol])));
    while trees.len() > 1 {
        // The reserved symbol's tree stands first among equals, so that it grows deepest.
        trees.sort_by_key(|(weight, leaves)| (*weight, !leaves.contains(&N_CATEGORIES)));
        let (weight, leaves) = trees.remove(0);
        let (other_weight, other_leaves) = &mut trees[0];
        for &leaf in leaves.iter().chain(other_leaves.iter()).filter(|leaf| **leaf < N_CATEGORIES) {
            lengths[leaf] += 1;
        }
        *other_weight += weight;
        other_leaves.extend(leaves);
    }
    lengths
}

struct BitWriter {
    out: Vec<u8>,
    bits: u64,
    n_bits: u32,
}

impl BitWriter {
    /// Appends the low bits, the most significant first; a byte of ones is followed by a zero (T.81 B.1.1.5).
    fn put(&mut self, bits: u32, n_bits: u32) {
        self.bits = self.bits << n_bits | u64::from(bits);
        self.n_bits += n_bits;
        while self.n_bits >= 8 {
            self.n_bits -= 8;
            let byte = (self.bits >> self.n_bits) as u8;
            self.out.push(byte);
            if byte == 0xFF {
                self.out.push(0);
            }
        }
    }

    /// Fills the last byte with ones (T.81 F.1.2.3).
    fn finish(mut self) -> Vec<u8> {
        let n_missing = (8 - self.n_bits % 8) % 8;
        self.put((1 << n_missing) - 1, n_missing);
        self.out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_a_prefix_code_without_the_code_of_ones() {
        let skewed: [u64; N_CATEGORIES] = std::array::from_fn(|symbol| 1 << (2 * symbol));
        let single: [u64; N_CATEGORIES] = std::array::from_fn(|symbol| u64::from(symbol == 3));
        let even = [9; N_CATEGORIES];
        for counts in [skewed, single, even] {
            let lengths = code_lengths(&counts);
            let used: Vec<u8> = lengths.into_iter().filter(|length| *length > 0).collect();
            assert_eq!(used.len(), counts.iter().filter(|count| **count > 0).count());
            // Kraft's sum stays below 1, so that the code of ones is free.
            let sum: u32 = used.iter().map(|length| 1_u32 << (16 - length)).sum();
            assert!(sum < 1 << 16, "{lengths:?}");
        }
    }

    #[test]
    fn categories_are_those_of_the_standard() {
        for (difference, expect) in [(0, 0), (1, 1), (-1, 1), (2, 2), (-3, 2), (255, 8), (32767, 15), (-32768, 16)] {
            assert_eq!(category(difference), expect, "{difference}");
        }
    }

    #[test]
    fn shapes_that_the_process_does_not_know_are_refused() {
        let frame =
            RawFrame { rows: 1, columns: 1, samples_per_pixel: 1, bits_allocated: 32, precision: 32, bytes: &[0; 4] };
        assert_eq!(encode_jpeg_lossless(&frame), Err(FramesError::UnsupportedSamples));
        let short = RawFrame { bits_allocated: 16, precision: 16, bytes: &[0], ..frame };
        assert_eq!(encode_jpeg_lossless(&short), Err(FramesError::TooShort));
    }
}

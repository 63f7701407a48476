//! Palettes: the colours that indices stand for.

use dicom_core::Tag;
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;

/// A palette brought to eight bits.
#[derive(Debug)]
pub(crate) struct Palette {
    first_mapped: i64,
    entries: Vec<[u8; 3]>,
}

impl Palette {
    /// Reads the palette of a data set, plain or segmented; nothing if it is neither or damaged.
    pub(crate) fn of(object: &InMemDicomObject) -> Option<Self> {
        let [(first_mapped, red), (_, green), (_, blue)] =
            [component(object, &RED)?, component(object, &GREEN)?, component(object, &BLUE)?];
        let entries: Vec<_> = red.iter().zip(&green).zip(&blue).map(|((&r, &g), &b)| [r, g, b]).collect();
        (!entries.is_empty()).then_some(Self { first_mapped, entries })
    }

    /// The colour of an index; indices outside take the nearest entry.
    pub(crate) fn color(&self, index: i64) -> [u8; 3] {
        let last = self.entries.len() as i64 - 1;
        self.entries[(index - self.first_mapped).clamp(0, last) as usize]
    }

    pub(crate) fn darkest(&self, greatest_index: u32) -> u32 {
        let brightness = |index: u32| self.color(i64::from(index)).map(u32::from).iter().sum::<u32>();
        let end = self.first_mapped + self.entries.len() as i64;
        let indices = self.first_mapped.max(0)..end.min(i64::from(greatest_index) + 1);
        indices.filter_map(|index| u32::try_from(index).ok()).min_by_key(|&index| brightness(index)).unwrap_or(0)
    }
}

/// The elements of a component: its descriptor, its entries, and their segmented form.
struct Elements {
    descriptor: Tag,
    data: Tag,
    segments: Tag,
}

const RED: Elements = Elements {
    descriptor: tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
    data: tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DATA,
    segments: tags::SEGMENTED_RED_PALETTE_COLOR_LOOKUP_TABLE_DATA,
};
const GREEN: Elements = Elements {
    descriptor: tags::GREEN_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
    data: tags::GREEN_PALETTE_COLOR_LOOKUP_TABLE_DATA,
    segments: tags::SEGMENTED_GREEN_PALETTE_COLOR_LOOKUP_TABLE_DATA,
};
const BLUE: Elements = Elements {
    descriptor: tags::BLUE_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
    data: tags::BLUE_PALETTE_COLOR_LOOKUP_TABLE_DATA,
    segments: tags::SEGMENTED_BLUE_PALETTE_COLOR_LOOKUP_TABLE_DATA,
};

/// One component: the first index mapped and the entries.
///
/// Source: PS3.3 C.7.6.3.1.5; 0 entries mean 65,536, and the first index has the sign of the pixels.
fn component(object: &InMemDicomObject, elements: &Elements) -> Option<(i64, Vec<u8>)> {
    let numbers = object.get(elements.descriptor)?.to_multi_int::<i64>().ok()?;
    let [n_entries, first_mapped, bits] = numbers.get(..3)?.try_into().ok()?;
    let n_entries = if n_entries == 0 { 65_536 } else { usize::try_from(n_entries & 0xFFFF).ok()? };
    let entries = match object.get(elements.data) {
        Some(data) => plain(&data.to_bytes().ok()?, n_entries, bits),
        None => segmented(&object.get(elements.segments)?.to_bytes().ok()?, n_entries, bits)?,
    };
    (entries.len() >= n_entries).then(|| (first_mapped, entries[..n_entries].to_vec()))
}

fn plain(bytes: &[u8], n_entries: usize, bits: i64) -> Vec<u8> {
    let wide = bytes.len() >= 2 * n_entries;
    let words = words(bytes);
    match (wide, bits) {
        (true, 16) => eight_bits(&words),
        (true, _) => words.into_iter().map(|word| word as u8).collect(),
        (false, _) => bytes.to_vec(),
    }
}

fn words(bytes: &[u8]) -> Vec<u16> {
    bytes.as_chunks::<2>().0.iter().map(|&word| u16::from_le_bytes(word)).collect()
}

/// Sixteen-bit entries in eight bits. Some writers put eight-bit entries into sixteen-bit words under this name.
fn eight_bits(entries: &[u16]) -> Vec<u8> {
    let narrow = entries.iter().all(|entry| *entry < 256);
    entries.iter().map(|entry| if narrow { *entry as u8 } else { (*entry >> 8) as u8 }).collect()
}

/// The entries that segments stand for, in eight bits; nothing if they are damaged.
fn segmented(bytes: &[u8], n_entries: usize, bits: i64) -> Option<Vec<u8>> {
    if bits == 16 {
        let segments = Segments { numbers: words(bytes), number_bytes: 2 };
        return segments.entries(n_entries).map(|entries| eight_bits(&entries));
    }
    let segments = Segments { numbers: bytes.iter().copied().map(u16::from).collect(), number_bytes: 1 };
    let entries = segments.entries(n_entries)?;
    Some(entries.into_iter().map(|entry| entry as u8).collect())
}

/// Segments of a palette's component: numbers of one or two bytes.
///
/// Source: PS3.3 C.7.9.2.
struct Segments {
    numbers: Vec<u16>,
    number_bytes: usize,
}

const DISCRETE: u16 = 0;
const LINEAR: u16 = 1;
const INDIRECT: u16 = 2;

impl Segments {
    /// All entries, at most so many; whatever is left behind them is padding.
    fn entries(&self, n_entries: usize) -> Option<Vec<u16>> {
        let mut entries = Vec::with_capacity(n_entries);
        let mut at = 0;
        while entries.len() < n_entries {
            at = self.segment(at, &mut entries, n_entries, true)?;
        }
        Some(entries)
    }

    fn number(&self, at: usize) -> Option<u16> {
        self.numbers.get(at).copied()
    }

    /// Adds the entries of the segment that begins at a number, and says where the next one begins.
    fn segment(&self, at: usize, entries: &mut Vec<u16>, n_entries: usize, may_refer: bool) -> Option<usize> {
        let (kind, length) = (self.number(at)?, usize::from(self.number(at + 1)?));
        if length == 0 || (kind != INDIRECT && entries.len() + length > n_entries) {
            return None;
        }
        match kind {
            DISCRETE => {
                entries.extend_from_slice(self.numbers.get(at + 2..at + 2 + length)?);
                Some(at + 2 + length)
            }
            LINEAR => {
                let (from, to) = (f64::from(*entries.last()?), f64::from(self.number(at + 2)?));
                let step = |number: usize| from + (to - from) * number as f64 / length as f64;
                entries.extend((1..=length).map(|number| step(number).round_ties_even() as u16));
                Some(at + 3)
            }
            INDIRECT if may_refer => {
                let mut other = self.offset(at + 2)?;
                for _ in 0..length {
                    other = self.segment(other, entries, n_entries, false)?;
                }
                Some(at + 2 + 4 / self.number_bytes)
            }
            _ => None,
        }
    }

    /// An offset of four bytes, least significant first, as a number of numbers.
    fn offset(&self, at: usize) -> Option<usize> {
        let count = 4 / self.number_bytes;
        let numbers = self.numbers.get(at..at + count)?;
        let bits = 8 * self.number_bytes;
        let bytes = numbers.iter().rev().fold(0_usize, |sum, number| (sum << bits) | usize::from(*number));
        Some(bytes / self.number_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segments(numbers: &[u16]) -> Segments {
        Segments { numbers: numbers.to_vec(), number_bytes: 2 }
    }

    /// The expected entries are those of pydicom 3.0.2 (`_expand_segmented_lut`).
    #[test]
    fn segments_stand_for_what_pydicom_makes_of_them() {
        let discrete = segments(&[0, 3, 10, 20, 40]);
        assert_eq!(discrete.entries(3), Some(vec![10, 20, 40]));
        let ramp = segments(&[0, 1, 0, 1, 4, 1000, 1, 3, 10]);
        assert_eq!(ramp.entries(8), Some(vec![0, 250, 500, 750, 1000, 670, 340, 10]));
        let again = segments(&[0, 2, 5, 7, 1, 2, 11, 2, 2, 0, 0]);
        assert_eq!(again.entries(8), Some(vec![5, 7, 9, 11, 5, 7, 9, 11]));
        let bytes = Segments { numbers: vec![0, 1, 3, 2, 1, 0, 0, 0, 0, 1, 2, 9], number_bytes: 1 };
        assert_eq!(bytes.entries(4), Some(vec![3, 3, 6, 9]));
    }

    #[test]
    fn damaged_segments_are_no_palette() {
        for (numbers, n_entries) in [
            (&[0, 3, 10][..], 3),
            (&[1, 4, 9], 4),
            (&[0, 1, 5, 1, 0, 9], 4),
            (&[0, 1, 5, 7, 1, 1], 4),
            (&[0, 1, 5, 2, 1, 6, 0, 9], 4),
            (&[0, 1, 5], 4),
            (&[0, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9], 4),
            (&[], 1),
        ] {
            assert_eq!(segments(numbers).entries(n_entries), None, "{numbers:?}");
        }
    }
}

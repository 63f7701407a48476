//! What regions are painted with, the value that stands for black, and palettes.

use crate::{Photometric, PixelDescription};
use dicom_core::Tag;
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use serde::{Deserialize, Serialize};

/// What regions are painted with. Whatever it is, no painted pixel depends on one that lies under paint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fill {
    /// Black as displayed.
    #[default]
    Black,
    /// The level of the ground around: for each sample the median of the pixels that lie at most four pixels away from
    /// the region and in none.
    Background,
    /// Values continued from the edge of the region: every pixel is the mean of its four neighbours, which is Laplace's
    /// equation with the pixels around the region as its border.
    Inpaint,
}

/// What a painted pixel's cells hold: one number for each sample, unused bits included.
///
/// Black as displayed: the greatest stored value for MONOCHROME1, the least for MONOCHROME2, no light and neutral
/// chrominance for colour, the darkest entry of a palette.
/// Bits above the stored ones are zero, or the sign: whatever an overlay kept there is gone.
pub(crate) fn black_cells(
    object: &InMemDicomObject,
    description: &PixelDescription,
    photometric: Photometric,
) -> [u32; 3] {
    let bits = u32::from(description.bits_stored);
    let shift = u32::from(description.high_bit + 1 - description.bits_stored);
    let greatest = u32::MAX >> (32 - bits);
    let cell = |value: u32| value << shift;
    match photometric {
        // The least signed number extends its sign over the cell, as the writers of signed data do.
        Photometric::Monochrome2 if description.signed => [cell(u32::MAX << (bits - 1)); 3],
        Photometric::Monochrome1 if description.signed => [cell(greatest >> 1); 3],
        Photometric::Monochrome1 => [cell(greatest); 3],
        Photometric::Monochrome2 | Photometric::Rgb | Photometric::YbrIct | Photometric::YbrRct => [0; 3],
        Photometric::YbrFull | Photometric::YbrFull422 => {
            let neutral = cell(1 << (bits - 1));
            [0, neutral, neutral]
        }
        Photometric::YbrPartial => {
            let neutral = cell(1 << (bits - 1));
            [cell(greatest / 16 + 1), neutral, neutral]
        }
        Photometric::PaletteColor => {
            let darkest = Palette::of(object).map_or(0, |palette| palette.darkest(greatest));
            [cell(darkest); 3]
        }
    }
}

/// A palette brought to eight bits.
#[derive(Debug)]
pub(crate) struct Palette {
    first_mapped: i64,
    entries: Vec<[u8; 3]>,
}

impl Palette {
    /// Reads the palette of a data set; segmented palettes are not read.
    pub(crate) fn of(object: &InMemDicomObject) -> Option<Self> {
        let (first_mapped, red) = component(
            object,
            tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
            tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DATA,
        )?;
        let (_, green) = component(
            object,
            tags::GREEN_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
            tags::GREEN_PALETTE_COLOR_LOOKUP_TABLE_DATA,
        )?;
        let (_, blue) = component(
            object,
            tags::BLUE_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
            tags::BLUE_PALETTE_COLOR_LOOKUP_TABLE_DATA,
        )?;
        let entries: Vec<_> = red.iter().zip(&green).zip(&blue).map(|((&r, &g), &b)| [r, g, b]).collect();
        (!entries.is_empty()).then_some(Self { first_mapped, entries })
    }

    /// The colour of an index; indices outside take the nearest entry.
    pub(crate) fn color(&self, index: i64) -> [u8; 3] {
        let last = self.entries.len() as i64 - 1;
        self.entries[(index - self.first_mapped).clamp(0, last) as usize]
    }

    fn darkest(&self, greatest_index: u32) -> u32 {
        let brightness = |index: u32| self.color(i64::from(index)).map(u32::from).iter().sum::<u32>();
        let end = self.first_mapped + self.entries.len() as i64;
        let indices = self.first_mapped.max(0)..end.min(i64::from(greatest_index) + 1);
        indices.filter_map(|index| u32::try_from(index).ok()).min_by_key(|&index| brightness(index)).unwrap_or(0)
    }
}

/// One component: the first index mapped and the entries.
///
/// Source: PS3.3 C.7.6.3.1.5; 0 entries mean 65,536, and the first index has the sign of the pixels.
fn component(object: &InMemDicomObject, descriptor: Tag, data: Tag) -> Option<(i64, Vec<u8>)> {
    let numbers = object.get(descriptor)?.to_multi_int::<i64>().ok()?;
    let [n_entries, first_mapped, bits] = numbers.get(..3)?.try_into().ok()?;
    let n_entries = if n_entries == 0 { 65_536 } else { usize::try_from(n_entries & 0xFFFF).ok()? };
    let bytes = object.get(data)?.to_bytes().ok()?;
    let wide = bytes.len() >= 2 * n_entries;
    let words = bytes.as_chunks::<2>().0.iter().map(|&word| u16::from_le_bytes(word));
    let entries: Vec<u8> = match (wide, bits) {
        (true, 16) => {
            // Some writers put eight-bit entries into sixteen-bit words under this name.
            let narrow = words.clone().all(|word| word < 256);
            words.map(|word| if narrow { word as u8 } else { (word >> 8) as u8 }).collect()
        }
        (true, _) => words.map(|word| word as u8).collect(),
        (false, _) => bytes.to_vec(),
    };
    (entries.len() >= n_entries).then(|| (first_mapped, entries[..n_entries].to_vec()))
}

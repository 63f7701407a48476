//! What regions are painted with, and the value that stands for black.

use crate::palette::Palette;
use crate::{Photometric, PixelDescription};
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

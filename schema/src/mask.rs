//! Sets of pixels, in the run lengths of COCO.

use crate::PixelRegion;
use serde::{Deserialize, Serialize};

/// A set of pixels inside a region, as the compressed run lengths of COCO.
///
/// Runs go down the columns, from the left: pixels outside the set, then inside, then outside, and so on.
/// Each length is written in digits of five bits, least first, from the fourth on as its difference to the length
/// two before.
///
/// Source: the mask format of the COCO data sets, which `pycocotools` reads.
///
/// # Example
/// ```
/// use efface_schema::PixelMask;
/// let mask = PixelMask::from_counts(&[1, 2, 3]);
/// assert_eq!(mask.counts().unwrap(), [1, 2, 3]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PixelMask(String);

/// A mask is not made of run lengths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("read a mask: it is not made of run lengths")]
pub struct MaskError;

impl PixelMask {
    /// Writes run lengths.
    pub fn from_counts(counts: &[u32]) -> Self {
        let mut text = String::new();
        for (idx, count) in counts.iter().enumerate() {
            let before = if idx > 2 { i64::from(counts[idx - 2]) } else { 0 };
            push_number(&mut text, i64::from(*count) - before);
        }
        Self(text)
    }

    /// The mask of a region of this size; `is_set` is asked for column and row, counted from the region's top left.
    pub fn of(width_px: u32, height_px: u32, is_set: impl Fn(u32, u32) -> bool) -> Self {
        let mut counts = vec![0];
        let mut inside = false;
        for x in 0..width_px {
            for y in 0..height_px {
                if is_set(x, y) != inside {
                    inside = !inside;
                    counts.push(0);
                }
                *counts.last_mut().expect("it starts with one") += 1;
            }
        }
        Self::from_counts(&counts)
    }

    /// The text of the run lengths.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The run lengths.
    ///
    /// # Errors
    /// [`MaskError`].
    pub fn counts(&self) -> Result<Vec<u32>, MaskError> {
        let mut counts: Vec<u32> = Vec::new();
        let mut bytes = self.0.bytes();
        while let Some(first) = bytes.next() {
            let difference = number(first, &mut bytes).ok_or(MaskError)?;
            let before = if counts.len() > 2 { i64::from(counts[counts.len() - 2]) } else { 0 };
            counts.push(u32::try_from(difference + before).map_err(|_| MaskError)?);
        }
        Ok(counts)
    }

    /// The pixels of the set, in the coordinates of the image, column by column.
    ///
    /// # Errors
    /// [`MaskError`], also when the runs are longer than the region.
    pub fn pixels(&self, region: PixelRegion) -> Result<Vec<(u32, u32)>, MaskError> {
        let height = u64::from(region.y1.saturating_sub(region.y0));
        let mut pixels = Vec::new();
        let mut at = 0u64;
        for (idx, count) in self.counts()?.into_iter().enumerate() {
            let end = at + u64::from(count);
            if end > region.area_px() {
                return Err(MaskError);
            }
            if idx % 2 == 1 {
                pixels.extend((at..end).map(|at| (region.x0 + column(at / height), region.y0 + column(at % height))));
            }
            at = end;
        }
        Ok(pixels)
    }

    /// The same set as a mask of the whole image.
    ///
    /// # Errors
    /// [`MaskError`].
    pub fn in_image(&self, region: PixelRegion, columns: u32, rows: u32) -> Result<Self, MaskError> {
        let mut counts = vec![0u32];
        let mut end = 0u64;
        for (x, y) in self.pixels(region)? {
            let at = u64::from(x) * u64::from(rows) + u64::from(y);
            let is_continued = at == end && counts.len() % 2 == 0;
            if is_continued {
                *counts.last_mut().expect("it starts with one") += 1;
            } else {
                extend(&mut counts, u32::try_from(at - end).map_err(|_| MaskError)?);
            }
            end = at + 1;
        }
        let rest = u64::from(columns) * u64::from(rows) - end;
        counts.push(u32::try_from(rest).map_err(|_| MaskError)?);
        Ok(Self::from_counts(&counts))
    }
}

/// Adds a gap and the first pixel of the run after it.
fn extend(counts: &mut Vec<u32>, gap: u32) {
    if counts.len() == 1 {
        counts[0] = gap;
    } else {
        counts.push(gap);
    }
    counts.push(1);
}

fn column(at: u64) -> u32 {
    u32::try_from(at).expect("a side of a region is a 32-bit number")
}

fn push_number(text: &mut String, mut value: i64) {
    loop {
        let digit = u8::try_from(value & 0x1f).expect("five bits");
        value >>= 5;
        let is_last = if digit & 0x10 == 0 { value == 0 } else { value == -1 };
        text.push(char::from(48 + digit + if is_last { 0 } else { 0x20 }));
        if is_last {
            return;
        }
    }
}

fn number(first: u8, more: &mut impl Iterator<Item = u8>) -> Option<i64> {
    let mut value = 0i64;
    let mut shift = 0;
    let mut byte = first;
    loop {
        let digit = byte.checked_sub(48).filter(|digit| *digit < 64)?;
        value |= i64::from(digit & 0x1f) << shift;
        shift += 5;
        if digit & 0x20 == 0 {
            if digit & 0x10 != 0 {
                value |= -1i64 << shift;
            }
            return Some(value);
        }
        if shift > 40 {
            return None;
        }
        byte = more.next()?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_come_back_from_their_text() {
        for counts in [&[0u32, 5][..], &[3, 1, 4, 1, 5, 9, 2, 6], &[0, 1, 0, 70_000, 3, 1_000_000, 2], &[]] {
            assert_eq!(PixelMask::from_counts(counts).counts().as_deref(), Ok(counts));
        }
    }

    #[test]
    fn a_mask_has_the_pixels_that_it_was_made_of() {
        let region = PixelRegion { x0: 10, y0: 20, x1: 13, y1: 24 };
        let set = [(0u32, 1u32), (0, 2), (0, 3), (1, 0), (2, 3)];
        let mask = PixelMask::of(3, 4, |x, y| set.contains(&(x, y)));
        let expected: Vec<(u32, u32)> = set.iter().map(|(x, y)| (10 + x, 20 + y)).collect();
        assert_eq!(mask.pixels(region).as_ref(), Ok(&expected));
        let whole = PixelRegion { x0: 0, y0: 0, x1: 30, y1: 40 };
        let in_image = mask.in_image(region, 30, 40).expect("the region lies in the image");
        assert_eq!(in_image.pixels(whole).as_ref(), Ok(&expected));
        assert_eq!(in_image.counts().expect("runs").iter().sum::<u32>(), 30 * 40);
    }

    #[test]
    fn a_mask_reads_as_pycocotools_writes_it() {
        // pycocotools 2.0 over the same pattern, alone and at (120, 40) of an image of 400 by 300; areas 174.
        let alone = concat!(
            "0120O00010O00010O010O00010O0000010O00010O00000000010O00010O10O0010O00010O00010O00010O000000010O00010O001",
            "1OO00010O00010O010O00010O0000010O00010O00000000010O00010O10O0010O00010O00010O00010O000000010O00010O0011O",
            "O00010O00010O010O00010O0000010O00010O00000000010O00010O10O0010O00010O00010O00010O000000010O00010O0011OO0",
            "0010O00010O010O00010O000",
        );
        let mask = PixelMask::of(23, 17, |x, y| (x * x + 3 * y) % 7 < 3);
        assert_eq!(mask.as_str(), alone);
        let region = PixelRegion { x0: 120, y0: 40, x1: 143, y1: 57 };
        assert_eq!(mask.pixels(region).expect("runs").len(), 174);
        let in_image = mask.in_image(region, 400, 300).expect("the region lies in the image");
        assert!(in_image.as_str().starts_with("XVS1120O00010O000l80TG010O00010O000k80VG"), "{}", in_image.as_str());
    }

    #[test]
    fn runs_longer_than_the_region_are_refused() {
        let region = PixelRegion { x0: 0, y0: 0, x1: 2, y1: 2 };
        assert_eq!(PixelMask::from_counts(&[1, 9]).pixels(region), Err(MaskError));
        assert_eq!(PixelMask("~".to_owned()).counts(), Err(MaskError));
        assert_eq!(PixelMask("P".to_owned()).counts(), Err(MaskError));
    }
}

//! Whether planted pixels are painted over, and whether the others were left alone. No text is read here.

use crate::continuation::{Cut, is_continuation};
use efface_frames::{Frame, FrameSet};
use efface_schema::PixelRegion;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// How a planted value ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    Removed,
    Leaked,
    /// Gone from its place and found elsewhere in the instance.
    LeakedElsewhere,
    Withheld,
    Unjudged,
}

impl Outcome {
    /// How the value ended where it ended so in two files of one instance: as it did in the worse one.
    pub(crate) fn worse(self, other: Self) -> Self {
        let order = [Self::Leaked, Self::LeakedElsewhere, Self::Unjudged];
        order.into_iter().find(|outcome| [self, other].contains(outcome)).unwrap_or(self)
    }
}

/// A planted box: in one frame or in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PlantedBox {
    pub frame_idx: Option<u32>,
    pub region: PixelRegion,
}

/// A drawn word that identifies nobody.
pub(crate) struct ShownWord<'t> {
    /// Whether a frame shows it.
    pub is_in: Box<dyn Fn(u32) -> bool + 't>,
    pub region: PixelRegion,
}

/// What became of an instance's pixels.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct PixelComparison {
    /// For each planted box, in order.
    pub boxes: Vec<Option<bool>>,
    /// For each harmless word, in order: whether a frame that showed it hides it.
    pub words: Vec<Option<bool>>,
    /// Pixels outside the boxes that are the same, and all of them.
    pub unchanged: u64,
    pub outside: u64,
}

/// A painted box may keep this share of the contrast that it had: lossy coding leaves a little.
const MAX_CONTRAST_KEPT: f32 = 0.05;
/// What rounding to whole stored levels may add where a box is continued from its edge, and at most which share of the
/// contrast.
const ROUNDING_LEVELS: f32 = 1.0;
const MAX_ROUNDING_SHARE: f32 = 0.1;

/// Compares an original with its result, frame by frame.
///
/// A box counts as hidden when, in every frame that it lies in, each channel's range of stored values
/// inside the box fell to at most a twentieth of what it was: then nothing can be read there, by whatever
/// means. Blurring, noise and partial painting do not hide. Boxes that cannot be compared are `None`.
///
/// Paint that continues its surroundings has their contrast. So a box counts as hidden, too, when its inside says no
/// more than its outermost pixels do: when it differs by at most a twentieth of the former contrast, or by one stored
/// level where that is at most a tenth, from the continuation of those (see [`crate::continuation`]).
///
/// The same is asked of the words that identify nobody: one counts as hidden when any frame that showed it hides it.
pub(crate) fn compare(original: &Path, output: &Path, boxes: &[PlantedBox], words: &[ShownWord]) -> PixelComparison {
    // Decoders run on anyone's files here; one that panics must not end the evaluation.
    catch_unwind(AssertUnwindSafe(|| compare_files(original, output, boxes, words)))
        .ok()
        .flatten()
        .unwrap_or_else(|| PixelComparison::all(boxes.len(), words.len(), None))
}

impl PixelComparison {
    /// The same answer for every box and every word.
    pub(crate) fn all(n_boxes: usize, n_words: usize, is_hidden: Option<bool>) -> Self {
        Self { boxes: vec![is_hidden; n_boxes], words: vec![is_hidden; n_words], ..Self::default() }
    }
}

fn compare_files(original: &Path, output: &Path, boxes: &[PlantedBox], words: &[ShownWord]) -> Option<PixelComparison> {
    let original = dicom_object::open_file(original).ok()?;
    let output = dicom_object::open_file(output).ok()?;
    let (before, after) = (FrameSet::open(&original).ok()?, FrameSet::open(&output).ok()?);
    if before.n_frames() != after.n_frames() {
        return None;
    }
    let mut comparison =
        PixelComparison { words: vec![Some(false); words.len()], ..PixelComparison::all(boxes.len(), 0, Some(true)) };
    for frame_idx in 0..before.n_frames() {
        let in_frame = |planted: &PlantedBox| planted.frame_idx.is_none_or(|only| only == frame_idx);
        let (before, after) = (before.frame(frame_idx).ok()?, after.frame(frame_idx).ok()?);
        if (before.columns, before.rows) != (after.columns, after.rows) {
            return None;
        }
        let (levels_before, levels_after) = (Levels::of(&before), Levels::of(&after));
        let is_hidden = |region| is_hidden(&levels_before, &levels_after, region);
        for (planted, hidden) in boxes.iter().zip(&mut comparison.boxes) {
            if in_frame(planted) && !is_hidden(planted.region) {
                *hidden = Some(false);
            }
        }
        for (word, hidden) in words.iter().zip(&mut comparison.words) {
            if (word.is_in)(frame_idx) && levels_before.range(word.region) > 0.0 && is_hidden(word.region) {
                *hidden = Some(true);
            }
        }
        let regions: Vec<PixelRegion> =
            boxes.iter().filter(|planted| in_frame(planted)).map(|planted| planted.region).collect();
        let (unchanged, outside) = outside(&before, &after, &regions);
        comparison.unchanged += unchanged;
        comparison.outside += outside;
    }
    Some(comparison)
}

fn is_hidden(before: &Levels, after: &Levels, region: PixelRegion) -> bool {
    let contrast = before.range(region);
    if after.range(region) <= MAX_CONTRAST_KEPT * contrast {
        return true;
    }
    let rounding = ROUNDING_LEVELS.min(MAX_ROUNDING_SHARE * contrast);
    let most = rounding.max(MAX_CONTRAST_KEPT * contrast);
    (0..after.channels).all(|channel| is_continuation(&after.cut(region, channel), most))
}

/// The stored values of a frame.
struct Levels {
    columns: u32,
    rows: u32,
    channels: usize,
    samples: Vec<f32>,
}

impl Levels {
    fn of(frame: &Frame) -> Self {
        let channels = usize::from(frame.samples_per_pixel);
        Self { columns: frame.columns, rows: frame.rows, channels, samples: frame.samples.to_f32() }
    }

    /// The stored values of one channel in a region, as far as it lies in the frame.
    fn cut(&self, region: PixelRegion, channel: usize) -> Cut {
        let columns = region.x0.min(self.columns)..region.x1.min(self.columns);
        let rows = region.y0.min(self.rows)..region.y1.min(self.rows);
        let pixel = |x: u32, y: u32| y as usize * self.columns as usize + x as usize;
        let row = |y: u32| columns.clone().map(move |x| self.samples[pixel(x, y) * self.channels + channel]);
        Cut { columns: columns.len(), values: rows.flat_map(row).collect() }
    }

    /// Greatest less least stored value in a region, of the channel where that is most.
    fn range(&self, region: PixelRegion) -> f32 {
        let range = |channel: usize| {
            let mut least = f32::INFINITY;
            let mut greatest = f32::NEG_INFINITY;
            for y in region.y0..region.y1.min(self.rows) {
                for x in region.x0..region.x1.min(self.columns) {
                    let pixel = y as usize * self.columns as usize + x as usize;
                    let value = self.samples[pixel * self.channels + channel];
                    least = least.min(value);
                    greatest = greatest.max(value);
                }
            }
            (greatest - least).max(0.0)
        };
        (0..self.channels).map(range).fold(0.0, f32::max)
    }
}

fn outside(before: &Frame, after: &Frame, regions: &[PixelRegion]) -> (u64, u64) {
    if before.samples_per_pixel != after.samples_per_pixel {
        return (0, 0);
    }
    let (old, new) = (before.samples.to_f32(), after.samples.to_f32());
    let channels = usize::from(before.samples_per_pixel);
    let columns = before.columns.max(1);
    let (mut unchanged, mut outside) = (0, 0);
    for (pixel, (old, new)) in (0_u32..).zip(old.chunks_exact(channels).zip(new.chunks_exact(channels))) {
        let (x, y) = (pixel % columns, pixel / columns);
        let planted =
            regions.iter().any(|region| (region.x0..region.x1).contains(&x) && (region.y0..region.y1).contains(&y));
        if !planted {
            outside += 1;
            unchanged += u64::from(old == new);
        }
    }
    (unchanged, outside)
}

#[cfg(test)]
mod tests {
    use super::*;
    use efface_frames::{Photometric, Samples};

    fn frame(pixels: Vec<u8>) -> Frame {
        Frame {
            columns: 4,
            rows: 2,
            samples_per_pixel: 1,
            photometric: Photometric::Monochrome2,
            samples: Samples::U8(pixels),
        }
    }

    #[test]
    fn a_painted_box_is_hidden_and_a_dimmed_one_is_not() {
        let before = frame(vec![0, 200, 0, 9, 0, 200, 0, 9]);
        let region = PixelRegion { x0: 0, y0: 0, x1: 3, y1: 2 };
        let hides = |after: Vec<u8>| is_hidden(&Levels::of(&before), &Levels::of(&frame(after)), region);
        assert!(hides(vec![7, 7, 7, 9, 7, 7, 7, 9]));
        assert!(hides(vec![7, 9, 7, 9, 7, 7, 7, 9]), "noise of lossy coding");
        assert!(!hides(vec![0, 20, 0, 9, 0, 20, 0, 9]), "dimmed");
        assert!(!hides(vec![0, 200, 0, 9, 0, 200, 0, 9]));
    }

    /// A frame of 30 by 14 pixels with a box of 24 by 10 in it.
    fn drawn(level: impl Fn(i32, i32) -> i32) -> (Levels, PixelRegion) {
        let pixels = (0..14).flat_map(|y| (0..30).map(move |x| (x, y))).map(|(x, y)| level(x, y) as u8).collect();
        let region = PixelRegion { x0: 3, y0: 2, x1: 27, y1: 12 };
        (Levels::of(&Frame { columns: 30, rows: 14, ..frame(pixels) }), region)
    }

    fn text(x: i32, y: i32) -> bool {
        (5..25).contains(&x) && (4..10).contains(&y) && (x % 4 < 2 || y == 6)
    }

    #[test]
    fn a_box_that_continues_its_surroundings_is_hidden_whatever_their_contrast() {
        let slope = |x: i32, y: i32| 4 * x + 3 * y;
        let (before, region) = drawn(|x, y| if text(x, y) { 250 } else { slope(x, y) });
        let hides = |level: &dyn Fn(i32, i32) -> i32| is_hidden(&before, &drawn(level).0, region);
        assert!(hides(&|x, y| slope(x, y)));
        assert!(hides(&|x, y| slope(x, y) + x % 2), "rounded");
        assert!(!hides(&|x, y| if text(x, y) { 250 } else { slope(x, y) }), "left");
        assert!(!hides(&|x, y| slope(x, y) + if text(x, y) { 24 } else { 0 }), "dimmed");
        let blurred = |x: i32, y: i32| {
            let around = (-2..3).flat_map(|dy| (-2..3).map(move |dx| (x + dx, y + dy)));
            around.map(|(x, y)| if text(x, y) { 250 } else { slope(x, y) }).sum::<i32>() / 25
        };
        assert!(!hides(&blurred), "blurred");
        assert!(!hides(&|x, y| if text(x, y) && x > 14 { 250 } else { slope(x, y) }), "half of it left");
    }

    #[test]
    fn changes_outside_the_boxes_are_counted() {
        let before = frame(vec![0, 200, 0, 9, 0, 200, 0, 9]);
        let after = frame(vec![7, 7, 7, 9, 7, 7, 7, 8]);
        let region = PixelRegion { x0: 0, y0: 0, x1: 3, y1: 2 };
        assert_eq!(outside(&before, &after, &[region]), (1, 2));
    }
}

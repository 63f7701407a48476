//! Whether planted pixels are painted over, and whether the others were left alone. No text is read here.

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

/// A planted box: in one frame or in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PlantedBox {
    pub frame_idx: Option<u32>,
    pub region: PixelRegion,
}

/// What became of an instance's pixels.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct PixelComparison {
    /// For each planted box, in order.
    pub boxes: Vec<Option<bool>>,
    /// Pixels outside the boxes that are the same, and all of them.
    pub unchanged: u64,
    pub outside: u64,
}

/// A painted box may keep this share of the contrast that it had: lossy coding leaves a little.
const MAX_CONTRAST_KEPT: f32 = 0.05;

/// Compares an original with its result, frame by frame.
///
/// A box counts as hidden when, in every frame that it lies in, each channel's range of stored values
/// inside the box fell to at most a twentieth of what it was: then nothing can be read there, by whatever
/// means. Blurring, noise and partial painting do not hide. Boxes that cannot be compared are `None`.
pub(crate) fn compare(original: &Path, output: &Path, boxes: &[PlantedBox]) -> PixelComparison {
    let unknown = PixelComparison { boxes: vec![None; boxes.len()], ..PixelComparison::default() };
    // Decoders run on anyone's files here; one that panics must not end the evaluation.
    catch_unwind(AssertUnwindSafe(|| compare_files(original, output, boxes))).ok().flatten().unwrap_or(unknown)
}

fn compare_files(original: &Path, output: &Path, boxes: &[PlantedBox]) -> Option<PixelComparison> {
    let original = dicom_object::open_file(original).ok()?;
    let output = dicom_object::open_file(output).ok()?;
    let (before, after) = (FrameSet::open(&original).ok()?, FrameSet::open(&output).ok()?);
    if before.n_frames() != after.n_frames() {
        return None;
    }
    let mut comparison = PixelComparison { boxes: vec![Some(true); boxes.len()], ..PixelComparison::default() };
    for frame_idx in 0..before.n_frames() {
        let in_frame = |planted: &PlantedBox| planted.frame_idx.is_none_or(|only| only == frame_idx);
        let (before, after) = (before.frame(frame_idx).ok()?, after.frame(frame_idx).ok()?);
        if (before.columns, before.rows) != (after.columns, after.rows) {
            return None;
        }
        for (planted, hidden) in boxes.iter().zip(&mut comparison.boxes) {
            if in_frame(planted) && !is_hidden(&before, &after, planted.region) {
                *hidden = Some(false);
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

fn is_hidden(before: &Frame, after: &Frame, region: PixelRegion) -> bool {
    let kept: f32 = ranges(after, region).into_iter().fold(0.0, f32::max);
    let had: f32 = ranges(before, region).into_iter().fold(0.0, f32::max);
    kept <= MAX_CONTRAST_KEPT * had
}

/// Greatest less least stored value of each channel in a region.
fn ranges(frame: &Frame, region: PixelRegion) -> Vec<f32> {
    let samples = frame.samples.to_f32();
    let channels = usize::from(frame.samples_per_pixel);
    (0..channels)
        .map(|channel| {
            let mut least = f32::INFINITY;
            let mut greatest = f32::NEG_INFINITY;
            for y in region.y0..region.y1.min(frame.rows) {
                for x in region.x0..region.x1.min(frame.columns) {
                    let pixel = y as usize * frame.columns as usize + x as usize;
                    let value = samples[pixel * channels + channel];
                    least = least.min(value);
                    greatest = greatest.max(value);
                }
            }
            (greatest - least).max(0.0)
        })
        .collect()
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
        assert!(is_hidden(&before, &frame(vec![7, 7, 7, 9, 7, 7, 7, 9]), region));
        assert!(is_hidden(&before, &frame(vec![7, 9, 7, 9, 7, 7, 7, 9]), region), "noise of lossy coding");
        assert!(!is_hidden(&before, &frame(vec![0, 20, 0, 9, 0, 20, 0, 9]), region), "dimmed");
        assert!(!is_hidden(&before, &before, region));
    }

    #[test]
    fn changes_outside_the_boxes_are_counted() {
        let before = frame(vec![0, 200, 0, 9, 0, 200, 0, 9]);
        let after = frame(vec![7, 7, 7, 9, 7, 7, 7, 8]);
        let region = PixelRegion { x0: 0, y0: 0, x1: 3, y1: 2 };
        assert_eq!(outside(&before, &after, &[region]), (1, 2));
    }
}

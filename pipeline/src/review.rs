//! What is kept of regions of pixels that wait for a person: the numbers, and pictures of their surroundings.
//!
//! A picture shows where a region lies and never what stands in it: every region that a decision is about is painted
//! over before the picture is made, so that neither its pixels nor the levels at which the others are shown depend on
//! them. Pictures are written into the run folder, for their owner alone, and only where the user asks for them.

use crate::error::RunError;
use crate::key::{create_private, create_private_folder};
use crate::pixels::RegionDecision;
use efface_frames::{FrameSet, GrayFrame};
use efface_schema::{Action, Locus, PixelRegion, ReviewRegion};
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;

/// The folder of the pictures, in the run folder.
pub(crate) const FOLDER: &str = "review-crops";
/// How much of the surroundings a picture shows on every side: so many heights of the region, and at least so many pixels.
const HEIGHTS_AROUND: u32 = 3;
const LEAST_AROUND_PX: u32 = 64;
/// The gray of the region itself; others that a decision is about are black.
const REGION_GRAY: u8 = 255;

/// A region that waits for a person, and its picture as a PNG file.
pub(crate) struct WaitingRegion {
    /// What is known of it.
    pub(crate) known: ReviewRegion,
    /// Its surroundings, where they are wanted.
    pub(crate) png: Option<Vec<u8>>,
}

/// The regions of which a decision says that a person must look.
pub(crate) fn waiting_regions(decisions: &[RegionDecision]) -> Vec<WaitingRegion> {
    let places: Vec<(Option<u32>, PixelRegion, Action)> = decisions.iter().filter_map(place).collect();
    let waiting = decisions.iter().filter(|one| one.decision.action == Action::Review);
    let region = |one: &RegionDecision| {
        let (frame_idx, region, _) = place(one)?;
        let covers = |(painted_idx, painted, action): &(Option<u32>, PixelRegion, Action)| {
            *action == Action::Redact
                && (painted_idx.is_none() || *painted_idx == frame_idx)
                && painted.intersection(&region) == Some(region)
        };
        let known = ReviewRegion {
            frame_idx,
            region,
            rule: one.decision.rule.clone(),
            is_painted: places.iter().any(covers),
            identifies: one.decision.probability,
            evidence: one.evidence,
            crop: None,
        };
        Some(WaitingRegion { known, png: None })
    };
    let mut waiting: Vec<WaitingRegion> = waiting.filter_map(region).collect();
    waiting.sort_by_key(|waiting| (waiting.known.frame_idx, waiting.known.region));
    waiting
}

/// Draws the surroundings of regions. What cannot be drawn has no picture.
pub(crate) fn draw(waiting: &mut [WaitingRegion], frames: &FrameSet<'_>, decisions: &[RegionDecision]) {
    let mut pictures: BTreeMap<u32, Option<GrayFrame>> = BTreeMap::new();
    for WaitingRegion { known, png } in waiting {
        // A region of all frames is shown in the first.
        let frame_idx = known.frame_idx.unwrap_or(0);
        let picture = pictures.entry(frame_idx).or_insert_with(|| {
            let in_frame = |(of, region, _): (Option<u32>, PixelRegion, Action)| {
                of.is_none_or(|of| of == frame_idx).then_some(region)
            };
            let regions: Vec<PixelRegion> = decisions.iter().filter_map(place).filter_map(in_frame).collect();
            frames.luma_without(frame_idx, &regions).ok()
        });
        *png = picture.as_ref().and_then(|picture| surroundings(picture, &known.region)?.to_png());
    }
}

/// The frame, region and action of a decision about a region.
fn place(RegionDecision { decision, .. }: &RegionDecision) -> Option<(Option<u32>, PixelRegion, Action)> {
    match decision.locus {
        Locus::PixelRegion { frame_idx, region } => Some((frame_idx, region, decision.action)),
        _ => None,
    }
}

/// A part of a picture with the region in one gray.
fn surroundings(picture: &GrayFrame, region: &PixelRegion) -> Option<GrayFrame> {
    let height = region.y1.saturating_sub(region.y0);
    let around_px = (HEIGHTS_AROUND * height).max(LEAST_AROUND_PX);
    let part = region.grown(around_px, picture.columns(), picture.rows());
    let is_inside = |x: u32, y: u32| (region.x0..region.x1).contains(&x) && (region.y0..region.y1).contains(&y);
    let places = (part.y0..part.y1).flat_map(|y| (part.x0..part.x1).map(move |x| (x, y)));
    let pixels = places.map(|(x, y)| if is_inside(x, y) { REGION_GRAY } else { picture.at(x, y) }).collect();
    GrayFrame::new(part.x1.checked_sub(part.x0)?, part.y1.checked_sub(part.y0)?, pixels)
}

/// Names the pictures of an instance after its index.
pub(crate) fn named(index: usize, waiting: Vec<WaitingRegion>) -> (Vec<ReviewRegion>, Vec<(String, Vec<u8>)>) {
    let mut pictures = Vec::new();
    let mut name = |(at, WaitingRegion { mut known, png }): (usize, WaitingRegion)| {
        if let Some(png) = png {
            let name = format!("{index}-{at}.png");
            known.crop = Some(format!("{FOLDER}/{name}"));
            pictures.push((name, png));
        }
        known
    };
    let regions = waiting.into_iter().enumerate().map(&mut name).collect();
    (regions, pictures)
}

/// Writes pictures so that only their owner can read them, each whole or not at all.
///
/// # Errors
/// When the file system refuses.
pub(crate) fn write(folder: &Path, pictures: &[(String, Vec<u8>)]) -> Result<(), RunError> {
    if pictures.is_empty() {
        return Ok(());
    }
    let refused = "write a picture for review";
    create_private_folder(folder).map_err(RunError::io(refused))?;
    for (name, png) in pictures {
        let partial = folder.join(name).with_extension("partial");
        // A run that was killed may have left one.
        let _ = fs::remove_file(&partial);
        create_private(&partial)
            .and_then(|mut file| file.write_all(png))
            .and_then(|()| fs::rename(&partial, folder.join(name)))
            .map_err(RunError::io(refused))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use efface_schema::{Decision, Probability, RegionEvidence, Source};

    fn decision(frame_idx: Option<u32>, x0: u32, action: Action) -> RegionDecision {
        let decision = Decision {
            locus: Locus::PixelRegion { frame_idx, region: PixelRegion { x0, y0: 10, x1: x0 + 20, y1: 20 } },
            action,
            source: Source::Detector,
            rule: "detector-unread".to_owned(),
            label: None,
            probability: Probability::ONE,
        };
        RegionDecision { decision, evidence: RegionEvidence::default() }
    }

    #[test]
    fn what_waits_is_told_apart_by_whether_it_is_painted() {
        let decisions = [
            decision(None, 10, Action::Redact),
            decision(Some(1), 10, Action::Review),
            decision(Some(1), 40, Action::Review),
            decision(Some(0), 40, Action::Redact),
        ];
        let waiting = waiting_regions(&decisions);
        let painted: Vec<bool> = waiting.iter().map(|waiting| waiting.known.is_painted).collect();
        assert_eq!(painted, [true, false]);
    }

    #[test]
    fn surroundings_show_the_region_in_one_gray_and_end_with_the_frame() {
        let levels = (0..300 * 40).map(|place| (place % 200) as u8).collect();
        let picture = GrayFrame::new(300, 40, levels).expect("as many pixels");
        let region = PixelRegion { x0: 100, y0: 10, x1: 150, y1: 20 };
        let part = surroundings(&picture, &region).expect("a part");
        assert_eq!((part.columns(), part.rows()), (178, 40));
        for (x, y) in (0..40).flat_map(|y| (0..178).map(move |x| (x, y))) {
            let inside = (64..114).contains(&x) && (10..20).contains(&y);
            assert_eq!(part.at(x, y), if inside { 255 } else { picture.at(x + 36, y) });
        }
    }
}

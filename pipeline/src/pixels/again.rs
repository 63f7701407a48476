//! A second look at frames that were painted over.

use super::inspect::{Inspected, Proposal, propose_all};
use super::seen::Seen;
use super::{PixelError, PixelSettings, RegionDecision, TextJudge, TextLocator};
use crate::rules::rule;
use efface_frames::FrameSet;
use efface_schema::{Action, PixelRegion, Source};
use std::collections::BTreeSet;

/// Rule: something that identifies can be read in pixels that were painted over.
const RESIDUAL: &str = rule!("pixels-residual");

/// Looks again at every frame that decisions painted on, and returns what can still be read there and identifies.
///
/// `frames` are those of the result. Where their pixels are those that were looked at `before`, what is read there was
/// judged already; looked at is what is around the pixels that changed, wherever the decisions lie. Only words that the judge knows count: paint has edges, and words that it cut are
/// words that nobody knows, or that look like something else. So what is next to paint counts only if the patient's own
/// instances say it, and what lies under paint for the most part is paint. The decisions are to review; one that is the
/// same in every frame is given once for each frame.
///
/// # Errors
/// When a frame cannot be decoded or the reader fails. What cannot be looked at again must not be released.
pub fn inspect_again(
    frames: &FrameSet<'_>,
    locator: &mut dyn TextLocator,
    judge: &dyn TextJudge,
    settings: &PixelSettings,
    before: &Inspected,
) -> Result<Vec<RegionDecision>, PixelError> {
    let mut residual: Vec<RegionDecision> = Vec::new();
    let decisions = &before.decisions;
    let again = painted_frames(decisions, frames.n_frames());
    let mut seen = Seen::again(&before.looked_at);
    for proposed in propose_all(&mut seen, frames, again, locator, judge, settings)? {
        let frame_idx = proposed.frame_idx;
        let painted = painted_regions(decisions, frame_idx);
        let known = proposed.lines.into_iter().flat_map(|line| line.words).flatten();
        let left = known.filter(|found| found.is_known() && is_left(found, &painted));
        residual.extend(left.map(|mut found| {
            RESIDUAL.clone_into(&mut found.rule);
            found.decision(Some(frame_idx), Action::Review)
        }));
    }
    residual.sort_by(|a, b| a.decision.locus.cmp(&b.decision.locus));
    residual.dedup_by(|a, b| a.decision.locus == b.decision.locus);
    Ok(residual)
}

fn painted_frames(decisions: &[RegionDecision], n_frames: u32) -> BTreeSet<u32> {
    let frames = decisions.iter().filter_map(RegionDecision::painted).map(|painted| painted.frame_idx);
    frames.flat_map(|frame_idx| frame_idx.map_or(0..n_frames, |frame_idx| frame_idx..frame_idx + 1)).collect()
}

fn painted_regions(decisions: &[RegionDecision], of: u32) -> Vec<PixelRegion> {
    let painted = decisions.iter().filter_map(RegionDecision::painted);
    painted.filter(|one| one.frame_idx.is_none_or(|idx| idx == of)).map(|one| one.region).collect()
}

/// Whether what was found is more than what paint has made of something else.
fn is_left(found: &Proposal, painted: &[PixelRegion]) -> bool {
    match touch(&found.region, painted) {
        Touch::Under => false,
        Touch::Beside => found.source == Source::Tier2,
        Touch::Apart => true,
    }
}

/// How a region lies to paint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Touch {
    /// Half of it and more is paint.
    Under,
    /// Paint is less than half its height away.
    Beside,
    /// Neither.
    Apart,
}

fn touch(region: &PixelRegion, painted: &[PixelRegion]) -> Touch {
    let shared = |painted: &PixelRegion| painted.intersection(region).map_or(0, |shared| shared.area_px());
    let around = region.grown((region.y1 - region.y0).div_ceil(2), u32::MAX, u32::MAX);
    if painted.iter().any(|painted| 2 * shared(painted) >= region.area_px()) {
        Touch::Under
    } else if painted.iter().any(|painted| painted.intersection(&around).is_some()) {
        Touch::Beside
    } else {
        Touch::Apart
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use efface_schema::{Decision, Locus, Probability, RegionEvidence};

    fn decision(frame_idx: Option<u32>, x0: u32, action: Action) -> RegionDecision {
        let decision = Decision {
            locus: Locus::PixelRegion { frame_idx, region: PixelRegion { x0, y0: 0, x1: x0 + 10, y1: 10 } },
            action,
            source: Source::Ocr,
            rule: "ocr-unknown-word".to_owned(),
            label: None,
            probability: Probability::ONE,
        };
        RegionDecision { decision, evidence: RegionEvidence::default() }
    }

    #[test]
    fn frames_with_paint_are_looked_at_again_and_no_others() {
        let decisions = [decision(Some(2), 0, Action::Redact), decision(Some(4), 0, Action::Review)];
        assert_eq!(painted_frames(&decisions, 6).into_iter().collect::<Vec<_>>(), [2]);
        assert_eq!(painted_frames(&[decision(None, 0, Action::Redact)], 3).len(), 3);
        let decisions = [decision(Some(1), 0, Action::Redact), decision(None, 20, Action::Redact)];
        assert_eq!((painted_regions(&decisions, 1).len(), painted_regions(&decisions, 0).len()), (2, 1));
    }

    #[test]
    fn what_lies_under_paint_is_paint_and_what_lies_beside_it_may_be_cut() {
        let paint = [PixelRegion { x0: 0, y0: 0, x1: 10, y1: 10 }];
        let at = |x0: u32| touch(&PixelRegion { x0, y0: 2, x1: x0 + 12, y1: 8 }, &paint);
        assert_eq!(
            [at(2), at(8), at(11), at(13), at(40)],
            [Touch::Under, Touch::Beside, Touch::Beside, Touch::Apart, Touch::Apart]
        );
    }
}

//! Painting over what identifies, and looking whether it is gone.

use super::again::inspect_again;
use super::{Inspected, PixelError, PixelSettings, RegionDecision, TextJudge, TextLocator};
use dicom_object::DefaultDicomObject;
use efface_frames::{FrameRegion, FrameSet, redact};
use efface_schema::{Action, Locus};

/// How often a frame is painted on: what is still legible then is for a person.
const MOST_PAINTINGS: usize = 2;

/// Pixels that were painted over.
#[derive(Debug, Clone)]
pub struct Painted {
    /// What was done to them, and what is left for a person.
    pub decisions: Vec<RegionDecision>,
    /// Whether something that identifies can still be read.
    pub is_legible: bool,
}

/// Paints over what was decided and looks again; what can be read then is painted over too, once.
///
/// # Errors
/// When a frame cannot be painted, decoded or read. What cannot be looked at again must not be released.
pub fn paint(
    object: &mut DefaultDicomObject,
    locator: &mut dyn TextLocator,
    judge: &dyn TextJudge,
    settings: &PixelSettings,
    mut inspected: Inspected,
) -> Result<Painted, PixelError> {
    let mut regions: Vec<FrameRegion> = inspected.decisions.iter().filter_map(RegionDecision::painted).collect();
    let mut left = Vec::new();
    for painting in 1..=MOST_PAINTINGS {
        if regions.is_empty() {
            break;
        }
        redact(object, &regions, settings.fill)?;
        let frames = FrameSet::open(object)?;
        left = inspect_again(&frames, locator, judge, settings, &inspected)?;
        regions.clear();
        if painting < MOST_PAINTINGS {
            let size = (frames.description().columns, frames.description().rows);
            let over: Vec<RegionDecision> = left.drain(..).map(|left| painted_over(left, settings, size)).collect();
            regions.extend(over.iter().filter_map(RegionDecision::painted));
            inspected.decisions.extend(over);
        }
    }
    let is_legible = !left.is_empty();
    Ok(Painted { decisions: [inspected.decisions, left].concat(), is_legible })
}

/// The decision to paint over what a second look has found.
fn painted_over(left: RegionDecision, settings: &PixelSettings, (columns, rows): (u32, u32)) -> RegionDecision {
    let RegionDecision { mut decision, evidence } = left;
    decision.action = Action::Redact;
    if let Locus::PixelRegion { region, .. } = &mut decision.locus {
        *region = region.grown(settings.margin_px + (region.y1 - region.y0) / 6, columns, rows);
    }
    RegionDecision { decision, evidence }
}

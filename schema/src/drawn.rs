//! Text that is drawn into an image: every line of it, whether it identifies or not.

use crate::{PhiLabel, PixelMask, PixelRegion, Place};
use serde::{Deserialize, Serialize};

/// All text that was drawn into an instance's image or its overlays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DrawnText {
    /// Columns of the image.
    pub columns: u32,
    /// Rows of the image.
    pub rows: u32,
    /// Frames of the image.
    pub n_frames: u32,
    /// The lines, in the order in which they were drawn; none covers another.
    pub lines: Vec<DrawnLine>,
}

/// Frames from one up to another that is not meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrameRange {
    /// The first, counted from 0.
    pub start: u32,
    /// The one after the last.
    pub end: u32,
}

/// A point of an image: column and row of a corner of a pixel; outside the image where text is cut at its border.
pub type Corner = [i32; 2];

/// A line of drawn text. Its glyph mask is that of its words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DrawnLine {
    /// The text as drawn, also where it is cut at the border.
    pub text: String,
    /// In the image or in an overlay plane.
    pub place: Place,
    /// The group of the overlay plane, if the line is in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overlay_group: Option<u16>,
    /// The frames that show it; absent means all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frames: Option<Vec<FrameRange>>,
    /// What the arrangement of the image's text is called.
    pub layout: String,
    /// What the font is called.
    pub font: String,
    /// Height of the font from its ascender to its descender.
    pub height_px: u32,
    /// By how much the line is turned, clockwise as seen.
    pub angle_degrees: i32,
    /// Luminance of the ink less the mean of the ground before it, in hundredths of what black and white differ by.
    /// Negative for dark ink.
    pub contrast_percent: i32,
    /// Every pixel that drawing the line changed, with its outline, shadow or box.
    pub region: PixelRegion,
    /// The corners of the ink's box before it was turned and cut, in the direction of reading from the top left.
    pub corners: [Corner; 4],
    /// The words of which something can be seen.
    pub words: Vec<DrawnWord>,
}

/// A word of a drawn line: what stands between blanks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DrawnWord {
    /// The text.
    pub text: String,
    /// What it identifies by; absent for a word that identifies nobody and must stay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<PhiLabel>,
    /// The smallest region that holds its ink.
    pub region: PixelRegion,
    /// The corners of its ink's box, as those of the line.
    pub corners: [Corner; 4],
    /// Whether a part of it lies outside the image.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_cut: bool,
    /// Its ink, inside `region`.
    pub mask: PixelMask,
}

impl DrawnLine {
    /// Whether a frame shows the line.
    pub fn is_in(&self, frame_idx: u32) -> bool {
        self.frames
            .as_ref()
            .is_none_or(|frames| frames.iter().any(|range| (range.start..range.end).contains(&frame_idx)))
    }
}

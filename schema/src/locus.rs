//! Where a value stands.

use crate::AttributePath;
use serde::{Deserialize, Serialize};

/// A rectangle in stored-pixel coordinates, half-open: `x0 <= x < x1`, `y0 <= y < y1`; the origin is the top left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PixelRegion {
    /// First column.
    pub x0: u32,
    /// First row.
    pub y0: u32,
    /// Column after the last.
    pub x1: u32,
    /// Row after the last.
    pub y1: u32,
}

impl PixelRegion {
    /// Number of pixels inside.
    pub fn area_px(&self) -> u64 {
        u64::from(self.x1.saturating_sub(self.x0)) * u64::from(self.y1.saturating_sub(self.y0))
    }

    /// The part shared with another region, if any.
    ///
    /// # Example
    /// ```
    /// use efface_schema::PixelRegion;
    /// let a = PixelRegion { x0: 0, y0: 0, x1: 4, y1: 4 };
    /// let b = PixelRegion { x0: 2, y0: 3, x1: 9, y1: 9 };
    /// assert_eq!(a.intersection(&b).unwrap().area_px(), 2);
    /// ```
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Option<Self> {
        let shared = Self {
            x0: self.x0.max(other.x0),
            y0: self.y0.max(other.y0),
            x1: self.x1.min(other.x1),
            y1: self.y1.min(other.y1),
        };
        (shared.x0 < shared.x1 && shared.y0 < shared.y1).then_some(shared)
    }

    /// The smallest region that holds both.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self {
            x0: self.x0.min(other.x0),
            y0: self.y0.min(other.y0),
            x1: self.x1.max(other.x1),
            y1: self.y1.max(other.y1),
        }
    }

    /// The region grown by a margin and clipped to an image.
    #[must_use]
    pub fn grown(&self, margin_px: u32, columns: u32, rows: u32) -> Self {
        Self {
            x0: self.x0.saturating_sub(margin_px),
            y0: self.y0.saturating_sub(margin_px),
            x1: self.x1.saturating_add(margin_px).min(columns),
            y1: self.y1.saturating_add(margin_px).min(rows),
        }
    }
}

/// Where, inside one instance, a value stands or a decision applies.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Locus {
    /// A whole attribute; group 0002 means the file meta information.
    Attribute {
        /// The attribute.
        path: AttributePath,
    },
    /// A part of the text of one value of an attribute.
    TextSpan {
        /// The attribute.
        path: AttributePath,
        /// Which of the attribute's values, counted from 0.
        value_idx: u32,
        /// First character (Unicode scalar values).
        start: u32,
        /// Character after the last.
        end: u32,
    },
    /// A rectangle of the image.
    PixelRegion {
        /// The frame, counted from 0; absent means all frames.
        frame_idx: Option<u32>,
        /// The rectangle.
        region: PixelRegion,
    },
    /// All pixels of the instance.
    PixelData,
    /// The 128 bytes before the file meta information.
    Preamble,
    /// Bytes that follow the data set.
    TrailingData,
    /// The name of the file or of a folder above it.
    FileName,
}

impl Locus {
    /// The attribute that the locus lies in, if it lies in one.
    pub const fn path(&self) -> Option<&AttributePath> {
        match self {
            Self::Attribute { path } | Self::TextSpan { path, .. } => Some(path),
            _ => None,
        }
    }
}

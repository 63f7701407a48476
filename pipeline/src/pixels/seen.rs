//! Pictures that were looked at: those that are the same are looked at once, and of those that were painted over since,
//! only what is around the paint.

use super::{LocatedText, PixelError, TextLocator};
use efface_frames::{FrameSet, GrayFrame};
use efface_schema::PixelRegion;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// The side of the squares that are compared, in pixels.
const BLOCK_PX: u32 = 32;

/// What is known of the pixels of an instance's frames: enough to tell where others differ.
#[derive(Debug, Clone, Default)]
pub struct LookedAt(BTreeMap<(u32, usize), Picture>);

/// A digest of every square of a picture, row after row.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Picture {
    columns: u32,
    rows: u32,
    blocks: Vec<[u8; 32]>,
}

impl Picture {
    fn of(frame: &GrayFrame) -> Self {
        let (columns, rows) = (frame.columns(), frame.rows());
        let blocks = blocks(columns, rows).map(|block| {
            let mut hash = Sha256::new();
            for y in block.y0..block.y1 {
                hash.update(&frame.row(y)[block.x0 as usize..block.x1 as usize]);
            }
            hash.finalize().into()
        });
        Self { columns, rows, blocks: blocks.collect() }
    }

    /// Where another picture differs; all of it, where its size does.
    fn changes(&self, other: &Self) -> Vec<PixelRegion> {
        let is_same_size = (self.columns, self.rows) == (other.columns, other.rows);
        let differs = |number: usize| !is_same_size || self.blocks[number] != other.blocks[number];
        blocks(other.columns, other.rows).enumerate().filter(|(number, _)| differs(*number)).map(|(_, at)| at).collect()
    }

    /// One digest for all of it.
    fn digest(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(self.columns.to_le_bytes());
        self.blocks.iter().for_each(|block| hash.update(block));
        hash.finalize().into()
    }
}

fn blocks(columns: u32, rows: u32) -> impl Iterator<Item = PixelRegion> {
    let starts = |length: u32| (0..length).step_by(BLOCK_PX as usize);
    starts(rows).flat_map(move |y0| {
        starts(columns).map(move |x0| {
            let (x1, y1) = (columns.min(x0 + BLOCK_PX), rows.min(y0 + BLOCK_PX));
            PixelRegion { x0, y0, x1, y1 }
        })
    })
}

/// Texts by the pictures that show them.
#[derive(Debug, Default)]
pub(super) struct Seen<'a> {
    before: Option<&'a LookedAt>,
    looked_at: LookedAt,
    located: BTreeMap<([u8; 32], Vec<PixelRegion>), Vec<LocatedText>>,
}

impl<'a> Seen<'a> {
    /// For a look at frames that may have been painted over since an earlier one.
    pub(super) fn again(before: &'a LookedAt) -> Self {
        Self { before: Some(before), ..Self::default() }
    }

    /// What was looked at.
    pub(super) fn looked_at(self) -> LookedAt {
        self.looked_at
    }

    /// The texts of a frame, as all of its views show them, and the frame's columns and rows.
    pub(super) fn locate(
        &mut self,
        frames: &FrameSet<'_>,
        frame_idx: u32,
        locator: &mut dyn TextLocator,
    ) -> Result<(Vec<LocatedText>, (u32, u32)), PixelError> {
        let mut located: Vec<LocatedText> = Vec::new();
        let mut size = (0, 0);
        for (view_idx, view) in frames.views(frame_idx)?.into_iter().enumerate() {
            size = (view.columns(), view.rows());
            let n_lines = located.iter().map(|text| text.line + 1).max().unwrap_or(0);
            let found = self.locate_view((frame_idx, view_idx), &view, locator)?.into_iter();
            located.extend(found.map(|text| LocatedText { line: text.line + n_lines, ..text }));
        }
        Ok((located, size))
    }

    fn locate_view(
        &mut self,
        place: (u32, usize),
        view: &GrayFrame,
        locator: &mut dyn TextLocator,
    ) -> Result<Vec<LocatedText>, PixelError> {
        let picture = Picture::of(view);
        let changes = match self.before.and_then(|before| before.0.get(&place)) {
            Some(before) => {
                let changes = before.changes(&picture);
                if changes.is_empty() {
                    return Ok(Vec::new());
                }
                changes
            }
            None => Vec::new(),
        };
        let key = (picture.digest(), changes);
        self.looked_at.0.insert(place, picture);
        if let Some(located) = self.located.get(&key) {
            return Ok(located.clone());
        }
        let located = if key.1.is_empty() { locator.locate(view)? } else { locator.locate_changes(view, &key.1)? };
        self.located.insert(key, located.clone());
        Ok(located)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(columns: u32, rows: u32, bright: &[(u32, u32)]) -> GrayFrame {
        let level = |place: u32| if bright.contains(&(place % columns, place / columns)) { 250 } else { 10 };
        GrayFrame::new(columns, rows, (0..columns * rows).map(level).collect()).expect("a frame")
    }

    fn changes(one: &GrayFrame, other: &GrayFrame) -> Vec<PixelRegion> {
        Picture::of(one).changes(&Picture::of(other))
    }

    #[test]
    fn a_pixel_changes_its_square_and_no_other() {
        let (plain, other) = (frame(70, 40, &[]), frame(70, 40, &[(33, 31), (69, 39)]));
        assert_eq!(changes(&plain, &plain), []);
        let square = PixelRegion { x0: 32, y0: 0, x1: 64, y1: 32 };
        let corner = PixelRegion { x0: 64, y0: 32, x1: 70, y1: 40 };
        assert_eq!(changes(&plain, &other), [square, corner]);
        let area: u64 = changes(&frame(40, 70, &[]), &plain).iter().map(PixelRegion::area_px).sum();
        assert_eq!(area, 70 * 40, "of another size all differs");
    }

    #[test]
    fn pictures_of_one_digest_are_the_same() {
        let digest = |frame: &GrayFrame| Picture::of(frame).digest();
        assert_eq!(digest(&frame(70, 40, &[(3, 3)])), digest(&frame(70, 40, &[(3, 3)])));
        assert_ne!(digest(&frame(70, 40, &[(3, 3)])), digest(&frame(70, 40, &[(3, 4)])));
        assert_ne!(digest(&frame(64, 32, &[])), digest(&frame(32, 64, &[])));
    }
}

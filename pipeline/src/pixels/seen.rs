//! Pictures that were looked at: those that are the same are looked at once, and of those that were painted over since,
//! only what is around the paint.

use super::{LocatedText, PixelError, TextLocator};
use efface_frames::{FrameSet, GrayFrame};
use efface_schema::PixelRegion;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// The side of the squares that are compared, in pixels.
const BLOCK_PX: u32 = 16;
/// Two views show the same where no pixel differs by more levels: what is that faint in one and not at all in the other
/// is no text that a finder would see, and colours that were coded with loss differ by so much where they are gray.
const SAME_LEVELS: u8 = 4;

/// How far around a change text is looked for, in pixels: two heights of small text, further than its words are apart.
const AROUND_PX: u32 = 16;

/// The places where text is looked for after changes of a frame.
pub(super) fn around(frame: &GrayFrame, changes: &[PixelRegion]) -> Vec<PixelRegion> {
    changes.iter().map(|change| change.grown(AROUND_PX, frame.columns(), frame.rows())).collect()
}

/// Whether a region has a pixel in common with one of some places.
pub(super) fn touches(region: &PixelRegion, places: &[PixelRegion]) -> bool {
    places.iter().any(|place| place.intersection(region).is_some())
}

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

/// Where a view of a frame shows something that another view of it does not; nothing said where that is most of it, and all
/// of it must be looked at, large text too.
fn shown_anew(view: &GrayFrame, other: &GrayFrame) -> Option<Vec<PixelRegion>> {
    let differs = |block: &PixelRegion| {
        let columns = block.x0 as usize..block.x1 as usize;
        (block.y0..block.y1).any(|y| {
            let (own, others) = (&view.row(y)[columns.clone()], &other.row(y)[columns.clone()]);
            own.iter().zip(others).any(|(one, other)| one.abs_diff(*other) > SAME_LEVELS)
        })
    };
    let anew: Vec<PixelRegion> = blocks(view.columns(), view.rows()).filter(differs).collect();
    (2 * anew.len() <= blocks(view.columns(), view.rows()).count()).then_some(anew)
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

/// What was looked at of a picture, by its digest: all of it, or some places.
type Look = ([u8; 32], Option<Vec<PixelRegion>>);

/// Texts by the pictures that show them.
#[derive(Debug, Default)]
pub(super) struct Seen<'a> {
    before: Option<&'a LookedAt>,
    looked_at: LookedAt,
    located: BTreeMap<Look, Vec<LocatedText>>,
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
        let views = frames.views(frame_idx)?;
        let mut located: Vec<LocatedText> = Vec::new();
        for (view_idx, view) in views.iter().enumerate() {
            let anew = if view_idx > 0 { shown_anew(view, &views[0]) } else { None };
            let n_lines = located.iter().map(|text| text.line + 1).max().unwrap_or(0);
            let found = self.locate_view((frame_idx, view_idx), view, anew, locator)?.into_iter();
            located.extend(found.map(|text| LocatedText { line: text.line + n_lines, ..text }));
        }
        let size = views.first().map_or((0, 0), |view| (view.columns(), view.rows()));
        Ok((located, size))
    }

    /// The texts of a view; of some places of it and what is near to them, where it shows nothing new elsewhere.
    fn locate_view(
        &mut self,
        place: (u32, usize),
        view: &GrayFrame,
        anew: Option<Vec<PixelRegion>>,
        locator: &mut dyn TextLocator,
    ) -> Result<Vec<LocatedText>, PixelError> {
        let picture = Picture::of(view);
        let changed = self.before.and_then(|before| before.0.get(&place)).map(|before| before.changes(&picture));
        let places = match (anew, changed) {
            (Some(anew), Some(changed)) => {
                let changed: BTreeSet<PixelRegion> = changed.into_iter().collect();
                Some(anew.into_iter().filter(|at| changed.contains(at)).collect())
            }
            (anew, changed) => anew.or(changed),
        };
        let key = (picture.digest(), places);
        self.looked_at.0.insert(place, picture);
        if let Some(located) = self.located.get(&key) {
            return Ok(located.clone());
        }
        let located = match &key.1 {
            None => locator.locate(view)?,
            Some(places) if places.is_empty() => Vec::new(),
            Some(places) => locator.locate_changes(view, places)?,
        };
        self.located.insert(key, located.clone());
        Ok(located)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pixels::drawn;
    use dicom_object::DefaultDicomObject;

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
        let square = PixelRegion { x0: 32, y0: 16, x1: 48, y1: 32 };
        let corner = PixelRegion { x0: 64, y0: 32, x1: 70, y1: 40 };
        assert_eq!(changes(&plain, &other), [square, corner]);
        let area: u64 = changes(&frame(40, 70, &[]), &plain).iter().map(PixelRegion::area_px).sum();
        assert_eq!(area, 70 * 40, "of another size all differs");
    }

    #[test]
    fn views_are_compared_by_levels_that_can_be_seen() {
        let other = |difference: u8| {
            let level = |place: u32| if place == 35 { 10 + difference } else { 10 };
            GrayFrame::new(40, 20, (0..800).map(level).collect()).expect("a frame")
        };
        assert_eq!(shown_anew(&other(SAME_LEVELS), &frame(40, 20, &[])), Some(vec![]));
        let square = PixelRegion { x0: 32, y0: 0, x1: 40, y1: 16 };
        assert_eq!(shown_anew(&other(SAME_LEVELS + 1), &frame(40, 20, &[])), Some(vec![square]));
        // Four of six squares.
        let bright = [(0, 0), (16, 0), (32, 0), (0, 16)];
        assert_eq!(shown_anew(&frame(40, 20, &bright), &frame(40, 20, &[])), None);
    }

    /// Remembers what it was asked: everything, or some places.
    #[derive(Default)]
    struct Asked(Vec<Option<Vec<PixelRegion>>>);

    impl TextLocator for Asked {
        fn locate(&mut self, _: &GrayFrame) -> Result<Vec<LocatedText>, PixelError> {
            self.0.push(None);
            Ok(Vec::new())
        }

        fn locate_changes(&mut self, _: &GrayFrame, changes: &[PixelRegion]) -> Result<Vec<LocatedText>, PixelError> {
            self.0.push(Some(changes.to_vec()));
            Ok(Vec::new())
        }
    }

    /// A colour image, gray but for some columns of its first rows.
    fn image(coloured: std::ops::Range<usize>) -> DefaultDicomObject {
        let pixel = |place: usize| if coloured.contains(&(place % 64)) && place < 640 { [200, 0, 0] } else { [40; 3] };
        drawn::image(64, 32, "RGB", (0..64 * 32).flat_map(pixel).collect())
    }

    #[test]
    fn a_second_view_is_looked_at_where_it_shows_something_new() {
        let object = image(20..30);
        let frames = FrameSet::open(&object).expect("the image is valid");
        let (mut seen, mut asked) = (Seen::default(), Asked::default());
        seen.locate(&frames, 0, &mut asked).expect("it can be looked at");
        assert_eq!(asked.0, [None, Some(vec![PixelRegion { x0: 16, y0: 0, x1: 32, y1: 16 }])]);
        // What was painted since is looked at again, and in the second view only where it is new there.
        let (before, painted) = (seen.looked_at(), image(20..40));
        let frames = FrameSet::open(&painted).expect("the image is valid");
        let mut asked = Asked::default();
        Seen::again(&before).locate(&frames, 0, &mut asked).expect("it can be looked at");
        let changed =
            vec![PixelRegion { x0: 16, y0: 0, x1: 32, y1: 16 }, PixelRegion { x0: 32, y0: 0, x1: 48, y1: 16 }];
        assert_eq!(asked.0, [Some(changed.clone()), Some(changed)]);
    }

    #[test]
    fn pictures_of_one_digest_are_the_same() {
        let digest = |frame: &GrayFrame| Picture::of(frame).digest();
        assert_eq!(digest(&frame(70, 40, &[(3, 3)])), digest(&frame(70, 40, &[(3, 3)])));
        assert_ne!(digest(&frame(70, 40, &[(3, 3)])), digest(&frame(70, 40, &[(3, 4)])));
        assert_ne!(digest(&frame(64, 32, &[])), digest(&frame(32, 64, &[])));
    }
}

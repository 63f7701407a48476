//! Which parts of a frame are looked at once more at twice their size.
//!
//! A first look says where text may be. The frame is laid out in blocks; blocks with such a place, joined with their
//! neighbours, become the parts to enlarge. Half of the words of medical images are lower than eight pixels, two
//! cells of the finest features: at twice their size far more of them are found, and sides are told better.

use super::boxes::Corners;
use super::frame::Part;
use std::collections::BTreeSet;

/// The side of a block in pixels.
const BLOCK_PX: usize = 32;
/// How far a part reaches beyond its blocks, in pixels: what lies at their edge is seen with its surroundings.
const MARGIN_PX: usize = 32;

/// Parts of a frame that hold all of the places, in order of their rows; none if there is no place.
///
/// # Examples
/// ```
/// use efface_nets::detector::{Corners, zoom};
/// let parts = zoom::around(&[Corners::new(900.0, 10.0, 980.0, 22.0)], 2000, 1800);
/// assert_eq!((parts.len(), parts[0].x, parts[0].y), (1, 864, 0));
/// assert!(zoom::around(&[], 2000, 1800).is_empty());
/// ```
pub fn around(places: &[Corners], width: usize, height: usize) -> Vec<Part> {
    let rectangles: BTreeSet<Blocks> = places.iter().filter_map(|place| blocks_of(place, width, height)).collect();
    let mut joined: Vec<Blocks> = Vec::new();
    for mut whole in rectangles {
        // What has grown may touch what it did not touch before.
        while let Some(place) = joined.iter().position(|other| other.touches(&whole)) {
            whole = whole.cover(&joined.swap_remove(place));
        }
        joined.push(whole);
    }
    joined.sort_by_key(|blocks| (blocks.top, blocks.left));
    joined.iter().map(|blocks| blocks.part(width, height)).collect()
}

/// Whether a part holds a box, but for half a pixel at each side.
pub(super) fn holds(part: &Part, corners: &Corners) -> bool {
    let (left, top) = (part.x as f32 - 0.5, part.y as f32 - 0.5);
    let (right, bottom) = ((part.x + part.width) as f32 + 0.5, (part.y + part.height) as f32 + 0.5);
    corners.x0 >= left && corners.y0 >= top && corners.x1 <= right && corners.y1 <= bottom
}

/// A rectangle of blocks, both ends inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Blocks {
    top: usize,
    left: usize,
    bottom: usize,
    right: usize,
}

fn blocks_of(place: &Corners, width: usize, height: usize) -> Option<Blocks> {
    let place = place.clip(width as f32, height as f32);
    // A side that is no number is that of the frame after clipping.
    (place.area() > 0.0).then(|| Blocks {
        top: place.y0 as usize / BLOCK_PX,
        left: place.x0 as usize / BLOCK_PX,
        bottom: (place.y1.ceil() as usize - 1) / BLOCK_PX,
        right: (place.x1.ceil() as usize - 1) / BLOCK_PX,
    })
}

impl Blocks {
    /// Whether they share a block or have neighbouring ones.
    fn touches(&self, other: &Self) -> bool {
        let meet = |low: usize, high: usize, other_low: usize, other_high: usize| {
            low <= other_high + 1 && other_low <= high + 1
        };
        meet(self.top, self.bottom, other.top, other.bottom) && meet(self.left, self.right, other.left, other.right)
    }

    fn cover(&self, other: &Self) -> Self {
        Self {
            top: self.top.min(other.top),
            left: self.left.min(other.left),
            bottom: self.bottom.max(other.bottom),
            right: self.right.max(other.right),
        }
    }

    fn part(&self, width: usize, height: usize) -> Part {
        let (x, y) =
            ((self.left * BLOCK_PX).saturating_sub(MARGIN_PX), (self.top * BLOCK_PX).saturating_sub(MARGIN_PX));
        let right = ((self.right + 1) * BLOCK_PX + MARGIN_PX).min(width);
        let bottom = ((self.bottom + 1) * BLOCK_PX + MARGIN_PX).min(height);
        Part { x, y, width: right - x, height: bottom - y }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn corners_of_a_frame_are_parts_of_their_own() {
        let places = [Corners::new(4.0, 4.0, 60.0, 14.0), Corners::new(1900.0, 1770.0, 1990.0, 1790.0)];
        let parts = around(&places, 2000, 1800);
        let expected = [Part { x: 0, y: 0, width: 96, height: 64 }, Part { x: 1856, y: 1728, width: 144, height: 72 }];
        assert_eq!(parts, expected);
    }

    #[test]
    fn neighbours_are_one_part() {
        let places = [Corners::new(0.0, 0.0, 10.0, 10.0), Corners::new(130.0, 0.0, 140.0, 10.0)];
        assert_eq!(around(&places, 400, 100).len(), 2);
        let between = Corners::new(40.0, 0.0, 100.0, 10.0);
        assert_eq!(around(&[places[0], places[1], between], 400, 100).len(), 1);
    }

    #[test]
    fn a_place_that_is_no_number_is_looked_at() {
        let odd = Corners::new(f32::NAN, f32::NAN, f32::NAN, f32::NAN);
        assert_eq!(around(&[odd], 100, 50), [Part { x: 0, y: 0, width: 100, height: 50 }]);
    }

    proptest! {
        #[test]
        fn every_place_is_in_one_part_and_parts_share_no_block(
            sides in prop::collection::vec((0.0_f32..900.0, 0.0_f32..700.0, 1.0_f32..200.0, 1.0_f32..60.0), 0..20),
        ) {
            let places: Vec<Corners> =
                sides.iter().map(|(x, y, width, height)| Corners::new(*x, *y, x + width, y + height)).collect();
            let parts = around(&places, 900, 700);
            for place in &places {
                let inside = place.clip(900.0, 700.0);
                prop_assert!(parts.iter().any(|part| holds(part, &inside)));
            }
            for (number, one) in parts.iter().enumerate() {
                prop_assert!(one.x + one.width <= 900 && one.y + one.height <= 700);
                for other in &parts[..number] {
                    // Beyond margins they are a block apart.
                    let apart = |start: usize, length: usize, other: usize| start + length <= other + 2 * MARGIN_PX;
                    prop_assert!(
                        apart(one.x, one.width, other.x) || apart(other.x, other.width, one.x)
                            || apart(one.y, one.height, other.y) || apart(other.y, other.height, one.y)
                    );
                }
            }
        }
    }
}

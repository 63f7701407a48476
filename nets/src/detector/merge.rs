//! Text that several parts or sizes of a frame have shown becomes one.

use super::boxes::Corners;
use super::finder::FoundText;
use super::nms::order;

/// Of the lower of two boxes, the share of rows (of the narrower, columns) that both must have to be one line that
/// was cut.
const SAME_LINE: f32 = 0.6;

/// Text that was found in one part of a frame.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Candidate {
    /// What was found, in pixels of the frame.
    pub(super) found: FoundText,
    /// The part it was found in.
    pub(super) part: usize,
    /// Whether it ends at a side, left, upper, right or lower, where the part ends and the frame does not.
    pub(super) cut: [bool; 4],
}

/// The surest of those that say the same. What was cut where parts meet is joined with what continues it.
pub(super) fn merge(candidates: &[Candidate], iou: f32) -> Vec<FoundText> {
    let scores: Vec<f32> = candidates.iter().map(|candidate| candidate.found.probability).collect();
    let mut kept: Vec<Candidate> = Vec::new();
    for place in order(&scores) {
        let candidate = &candidates[place];
        if kept.iter().any(|stays| stays.found.corners.iou(&candidate.found.corners) > iou) {
            continue;
        }
        match kept.iter_mut().find(|stays| continues(stays, candidate)) {
            Some(stays) => join(stays, candidate),
            None => kept.push(candidate.clone()),
        }
    }
    join_rest(kept).into_iter().map(|candidate| candidate.found).collect()
}

/// Boxes that have grown may meet others that were kept before: passes over all, until one joins nothing.
fn join_rest(mut kept: Vec<Candidate>) -> Vec<Candidate> {
    loop {
        let count = kept.len();
        let mut joined: Vec<Candidate> = Vec::with_capacity(count);
        for candidate in kept {
            match joined.iter_mut().find(|stays| continues(stays, &candidate)) {
                Some(stays) => join(stays, &candidate),
                None => joined.push(candidate),
            }
        }
        if joined.len() == count {
            return joined;
        }
        kept = joined;
    }
}

fn join(stays: &mut Candidate, other: &Candidate) {
    let (own, others) = (stays.found.corners.sides(), other.found.corners.sides());
    let is_far = [others[0] < own[0], others[1] < own[1], others[2] > own[2], others[3] > own[3]];
    for side in (0..4).filter(|side| is_far[*side]) {
        stays.found.deviations_px[side] = other.found.deviations_px[side];
        stays.found.spread_px[side] = other.found.spread_px[side];
        stays.cut[side] = other.cut[side];
    }
    stays.found.corners = stays.found.corners.cover(&other.found.corners);
}

/// Whether two boxes of different parts overlap where one of them was cut, on one line or in one column.
fn continues(one: &Candidate, other: &Candidate) -> bool {
    if one.part == other.part || one.found.corners.intersection(&other.found.corners) <= 0.0 {
        return false;
    }
    let cut = |side: usize| one.cut[side] || other.cut[side];
    let (first, second) = (&one.found.corners, &other.found.corners);
    let rows = shared([first.y0, first.y1], [second.y0, second.y1]);
    let columns = shared([first.x0, first.x1], [second.x0, second.x1]);
    ((cut(0) || cut(2)) && rows >= SAME_LINE) || ((cut(1) || cut(3)) && columns >= SAME_LINE)
}

/// What two ranges share, as a share of the shorter.
fn shared(one: [f32; 2], other: [f32; 2]) -> f32 {
    let shortest = (one[1] - one[0]).min(other[1] - other[0]);
    if shortest > 0.0 { (one[1].min(other[1]) - one[0].max(other[0])) / shortest } else { 0.0 }
}

/// Which sides of a box lie at the sides of `part` that are not those of the `frame`; both in pixels of the frame.
pub(super) fn cut_sides(corners: &Corners, part: &Corners, frame: &Corners, near_px: f32) -> [bool; 4] {
    let (sides, part, frame) = (corners.sides(), part.sides(), frame.sides());
    std::array::from_fn(|side| (part[side] - frame[side]).abs() > 0.5 && (sides[side] - part[side]).abs() <= near_px)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(corners: [f32; 4], probability: f32, part: usize, cut: [bool; 4]) -> Candidate {
        let found = FoundText {
            corners: Corners::from_sides(corners),
            probability,
            deviations_px: [part as f32; 4],
            spread_px: [0.0; 4],
            mutual_information: 0.0,
        };
        Candidate { found, part, cut }
    }

    const WHOLE: [bool; 4] = [false; 4];
    const LEFT: [bool; 4] = [true, false, false, false];
    const RIGHT: [bool; 4] = [false, false, true, false];

    #[test]
    fn the_surest_of_the_same_stays() {
        let candidates =
            [candidate([0.0, 0.0, 40.0, 10.0], 0.6, 0, WHOLE), candidate([1.0, 0.0, 41.0, 10.0], 0.9, 1, WHOLE)];
        let found = merge(&candidates, 0.5);
        assert_eq!(found, [candidates[1].found.clone()]);
    }

    #[test]
    fn a_line_over_three_parts_becomes_one() {
        let candidates = [
            candidate([10.0, 5.0, 100.0, 15.0], 0.9, 0, RIGHT),
            candidate([180.0, 5.0, 230.0, 15.0], 0.8, 2, LEFT),
            candidate([80.0, 6.0, 200.0, 16.0], 0.7, 1, [true, false, true, false]),
            candidate([80.0, 40.0, 200.0, 50.0], 0.6, 1, [true, false, true, false]),
        ];
        let found = merge(&candidates, 0.5);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].corners, Corners::new(10.0, 5.0, 230.0, 16.0));
        assert_eq!(found[0].deviations_px, [0.0, 0.0, 2.0, 1.0]);
        assert_eq!(found[0].probability, 0.9);
    }

    #[test]
    fn words_that_were_not_cut_stay_apart() {
        let candidates =
            [candidate([0.0, 0.0, 40.0, 10.0], 0.6, 0, WHOLE), candidate([35.0, 0.0, 80.0, 10.0], 0.9, 1, WHOLE)];
        assert_eq!(merge(&candidates, 0.5).len(), 2);
        assert!(merge(&[], 0.5).is_empty());
    }

    #[test]
    fn sides_of_the_frame_cut_nothing() {
        let frame = Corners::new(0.0, 0.0, 100.0, 50.0);
        let part = Corners::new(0.0, 0.0, 60.0, 50.0);
        assert_eq!(cut_sides(&Corners::new(0.0, 0.0, 59.0, 50.0), &part, &frame, 2.0), RIGHT);
        assert_eq!(cut_sides(&Corners::new(0.0, 0.0, 50.0, 50.0), &part, &frame, 2.0), WHOLE);
    }
}

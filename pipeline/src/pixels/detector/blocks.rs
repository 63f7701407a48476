//! Boxes around what surer boxes are about.
//!
//! Beside the words of a block the network now and then boxes the block itself, mostly with a low probability. Read as
//! one line, and hidden as that, such a box would take all words of the block with it, however surely each of them was
//! found and read. What it holds beside its words is left to the search for rows of glyphs.
//!
//! In a line, a box around several words keeps what no surer box is about: two boxes with one word would be words of two
//! lines, and a date in pieces is no date.

use super::lines::{GREATEST_RATIO, Rectangle, TextBox};

/// What of a word a block must hold.
const HELD: f32 = 0.8;
/// A word of a block covers at most this much of it.
const MOST_OF_BLOCK: f32 = 0.6;
/// Words that do not lie on their side are at least this much wider than high.
const LEVEL: f32 = 1.2;
/// Words of two lines have at most this much of the lower one's height in common.
const MOST_COMMON: f32 = 1.0 / 3.0;

/// The boxes that are not about several lines of surer boxes.
pub(super) fn without_blocks(boxes: &[TextBox]) -> Vec<TextBox> {
    boxes.iter().filter(|one| !is_block(one, boxes)).copied().collect()
}

fn is_block(block: &TextBox, boxes: &[TextBox]) -> bool {
    // Words on their side stand above each other in one line.
    let is_word = |one: &&TextBox| {
        one.evidence.probability > block.evidence.probability
            && one.tight.width() >= LEVEL * one.tight.height()
            && one.tight.area() <= MOST_OF_BLOCK * block.tight.area()
            && block.tight.shared(&one.tight) >= HELD * one.tight.area()
    };
    let words: Vec<&Rectangle> = boxes.iter().filter(is_word).map(|one| &one.tight).collect();
    words.iter().any(|one| words.iter().any(|other| are_of_two_lines(one, other)))
}

fn are_of_two_lines(one: &Rectangle, other: &Rectangle) -> bool {
    one.common_height(other) < MOST_COMMON * one.height().min(other.height())
}

/// What a box must be wider than to be left, as a share of its height.
const LEAST_REST: f32 = 0.4;
/// Boxes of one line have at least this much of the lower one's height in common.
const LEAST_COMMON: f32 = 0.6;

/// Boxes of words from left to right that share no place with a surer one of their line: of each, what is left of it.
pub(super) fn without_overlaps(boxes: &[TextBox]) -> Vec<TextBox> {
    let mut surest: Vec<&TextBox> = boxes.iter().collect();
    surest.sort_by(|one, other| other.evidence.probability.get().total_cmp(&one.evidence.probability.get()));
    let mut kept: Vec<TextBox> = Vec::new();
    for one in surest {
        let rivals: Vec<&Rectangle> =
            kept.iter().map(|rival| &rival.tight).filter(|rival| are_of_one_line(&one.tight, rival)).collect();
        kept.extend(rest(one, &rivals));
    }
    kept
}

fn are_of_one_line(one: &Rectangle, other: &Rectangle) -> bool {
    let (low, high) = (one.height().min(other.height()), one.height().max(other.height()));
    let are_level = one.width() >= one.height() && other.width() >= LEAST_REST * other.height();
    are_level && high <= GREATEST_RATIO * low && one.common_height(other) >= LEAST_COMMON * low
}

/// The parts of a box that lie in no rival; a side that a rival cuts does not grow.
fn rest(one: &TextBox, rivals: &[&Rectangle]) -> Vec<TextBox> {
    let mut parts = vec![(one.tight.x0, one.tight.x1)];
    for rival in rivals {
        let cut = |(x0, x1): (f32, f32)| {
            if rival.x1 <= x0 || x1 <= rival.x0 { vec![(x0, x1)] } else { vec![(x0, rival.x0), (rival.x1, x1)] }
        };
        parts = parts.into_iter().flat_map(cut).filter(|(x0, x1)| x0 < x1).collect();
    }
    let is_whole = parts == [(one.tight.x0, one.tight.x1)];
    parts.retain(|(x0, x1)| is_whole || x1 - x0 >= LEAST_REST * one.tight.height());
    let part = |(x0, x1): (f32, f32)| TextBox {
        tight: Rectangle { x0, x1, ..one.tight },
        grown: Rectangle {
            x0: if x0 > one.tight.x0 { x0 } else { one.grown.x0 },
            x1: if x1 < one.tight.x1 { x1 } else { one.grown.x1 },
            ..one.grown
        },
        ..*one
    };
    parts.into_iter().map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::super::lines::tests::found;
    use super::*;
    use efface_nets::detector::FoundText;

    fn boxes(places: &[([f32; 4], f32)]) -> Vec<TextBox> {
        let one = |([x0, y0, x1, y1], probability): &([f32; 4], f32)| {
            TextBox::of(&FoundText { probability: *probability, ..found(*x0, *y0, *x1, *y1) }).expect("a place")
        };
        places.iter().map(one).collect()
    }

    const FIRST: ([f32; 4], f32) = ([10.0, 10.0, 50.0, 20.0], 0.9);
    const SECOND: ([f32; 4], f32) = ([10.0, 24.0, 60.0, 34.0], 0.8);
    const BLOCK: ([f32; 4], f32) = ([8.0, 8.0, 62.0, 36.0], 0.1);

    #[test]
    fn a_box_around_surer_boxes_of_two_lines_is_no_word() {
        let all = boxes(&[FIRST, SECOND, BLOCK]);
        assert_eq!(without_blocks(&all), all[..2]);
    }

    #[test]
    fn a_box_stays_that_is_surer_or_about_one_line_or_hardly_more_than_one_word() {
        let beside = ([55.0, 10.0, 90.0, 20.0], 0.9);
        for places in [
            [FIRST, SECOND, (BLOCK.0, 0.95)],
            [FIRST, beside, ([8.0, 8.0, 92.0, 22.0], 0.1)],
            [FIRST, ([40.0, 24.0, 90.0, 34.0], 0.9), BLOCK],
            [([9.0, 9.0, 61.0, 30.0], 0.9), SECOND, BLOCK],
            // A word on its side, of which parts were found as well.
            [([10.0, 10.0, 20.0, 22.0], 0.9), ([10.0, 60.0, 20.0, 74.0], 0.9), ([9.0, 9.0, 21.0, 90.0], 0.3)],
        ] {
            let all = boxes(&places);
            assert_eq!(without_blocks(&all), all, "{places:?}");
        }
    }

    #[test]
    fn a_box_around_words_of_a_line_keeps_what_no_surer_box_is_about() {
        let around = ([8.0, 9.0, 122.0, 21.0], 0.2);
        let all = boxes(&[around, FIRST, ([90.0, 10.0, 120.0, 20.0], 0.7)]);
        let left = without_overlaps(&all);
        let places: Vec<[f32; 2]> = left.iter().map(|one| [one.tight.x0, one.tight.x1]).collect();
        assert_eq!(places, [[10.0, 50.0], [90.0, 120.0], [50.0, 90.0]]);
        assert_eq!((left[2].grown.x0, left[2].grown.x1, left[2].grown.y0), (50.0, 90.0, 8.0));
        // A side that nothing cuts grows as before.
        let left = without_overlaps(&boxes(&[around, ([60.0, 10.0, 130.0, 20.0], 0.7)]));
        assert_eq!((left[1].grown.x0, left[1].grown.x1), (7.0, 60.0));
    }

    #[test]
    fn boxes_of_other_lines_and_on_their_side_stay_as_they_are() {
        for places in [[FIRST, SECOND], [FIRST, ([12.0, 0.0, 20.0, 60.0], 0.4)], [FIRST, ([0.0, 0.0, 90.0, 60.0], 0.4)]]
        {
            let all = boxes(&places);
            assert_eq!(without_overlaps(&all), all, "{places:?}");
        }
    }
}

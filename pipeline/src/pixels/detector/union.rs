//! What the search for rows of glyphs knows and the network does not.
//!
//! A candidate of the search is asked about only if its evidence is at least what hides a line that nobody could read
//! ([`crate::pixels::LocatorOptions::unread_evidence`]). Glyphs of which a box of the network holds three quarters are
//! the network's; of the others, two neighbours, or one as wide as letters that touch, are a line of their own.
//! So a network that misses a word hides no less than the search alone, as far as the search is sure.

use super::lines::{Rectangle, TextBox};
use crate::pixels::glyphs::{Glyph, TextLine};

/// What of a glyph a box must hold.
const HELD: f32 = 0.75;
/// Glyphs of one line are at most this many heights apart, as the search has it for words that were not read.
const GREATEST_GAP: f32 = 1.5;
/// A glyph that is this much wider than high is several letters that touch.
const TOUCHING: f32 = 1.5;

/// The candidates, or parts of them, that the network does not know.
pub(super) fn unknown_to_the_network(candidates: &[TextLine], boxes: &[TextBox], least_evidence: f64) -> Vec<TextLine> {
    let strong = candidates.iter().filter(|line| line.evidence >= least_evidence);
    strong.flat_map(|line| rest(line, boxes)).collect()
}

fn rest(line: &TextLine, boxes: &[TextBox]) -> Vec<TextLine> {
    let is_known = |glyph: &Glyph| {
        let place = Rectangle::from(glyph.region);
        boxes.iter().any(|one| one.grown.shared(&place) >= HELD * place.width() * place.height())
    };
    let mut groups: Vec<Vec<Glyph>> = Vec::new();
    let mut last_known = true;
    for glyph in &line.glyphs {
        let known = is_known(glyph);
        if !known {
            let follows = |group: &&mut Vec<Glyph>| !last_known && group.last().is_some_and(|last| near(last, glyph));
            match groups.last_mut().filter(follows) {
                Some(group) => group.push(*glyph),
                None => groups.push(vec![*glyph]),
            }
        }
        last_known = known;
    }
    groups.retain(|group| group.len() >= 2 || is_touching(&group[0]));
    let region = |glyphs: &[Glyph]| {
        let places = glyphs.iter().skip(1).map(|glyph| glyph.region);
        places.fold(glyphs[0].region, |all, next| all.union(&next))
    };
    groups.into_iter().map(|glyphs| TextLine { region: region(&glyphs), glyphs, ..line.clone() }).collect()
}

fn near(last: &Glyph, next: &Glyph) -> bool {
    let (last, next) = (Rectangle::from(last.region), Rectangle::from(next.region));
    next.x0 - last.x1 <= GREATEST_GAP * last.height().max(next.height())
}

fn is_touching(glyph: &Glyph) -> bool {
    let place = Rectangle::from(glyph.region);
    place.width() >= TOUCHING * place.height()
}

#[cfg(test)]
mod tests {
    use super::super::lines::tests::found;
    use super::*;
    use crate::pixels::glyphs::Polarity;
    use efface_schema::PixelRegion;

    fn line(starts: &[u32], evidence: f64) -> TextLine {
        let glyph = |x0: &u32| Glyph {
            region: PixelRegion { x0: *x0, y0: 10, x1: x0 + 8, y1: 22 },
            n_pixels: 40,
            n_strokes: 1.5,
            level: 200,
            contrast: 150,
        };
        let glyphs: Vec<Glyph> = starts.iter().map(glyph).collect();
        let region = glyphs.iter().map(|glyph| glyph.region).reduce(|all, next| all.union(&next)).expect("a glyph");
        TextLine { region, glyphs, polarity: Polarity::Light, evidence }
    }

    fn unknown(line: &TextLine, boxes: &[[f32; 4]]) -> Vec<(u32, u32)> {
        let boxes: Vec<TextBox> =
            boxes.iter().map(|[x0, y0, x1, y1]| TextBox::of(&found(*x0, *y0, *x1, *y1)).expect("a place")).collect();
        let unknown = unknown_to_the_network(std::slice::from_ref(line), &boxes, 0.4);
        unknown.iter().map(|line| (line.region.x0, line.region.x1)).collect()
    }

    #[test]
    fn what_the_network_does_not_know_is_a_line_if_the_search_is_sure() {
        let whole = line(&[10, 20, 30, 60, 70], 0.5);
        assert_eq!(unknown(&whole, &[]), [(10, 38), (60, 78)]);
        assert_eq!(unknown(&whole, &[[9.0, 9.0, 39.0, 23.0]]), [(60, 78)]);
        assert!(unknown(&whole, &[[9.0, 9.0, 39.0, 23.0], [59.0, 9.0, 79.0, 23.0]]).is_empty());
        assert!(unknown(&line(&[10, 20, 30], 0.39), &[]).is_empty());
        // Text of another line is no reason to leave this one.
        assert_eq!(unknown(&whole, &[[9.0, 29.0, 39.0, 43.0]]).len(), 2);
    }

    #[test]
    fn single_glyphs_that_are_left_over_are_signs_and_not_words() {
        assert!(unknown(&line(&[10, 20, 30], 0.9), &[[19.0, 9.0, 39.0, 23.0]]).is_empty());
        let mut wide = line(&[10, 40], 0.9);
        wide.glyphs[0].region.x1 = 30;
        assert_eq!(unknown(&wide, &[[39.0, 9.0, 49.0, 23.0]]), [(10, 30)]);
    }
}

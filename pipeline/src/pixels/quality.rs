//! What only the pixels of a row of glyphs can tell: whether it is ink on a ground, or noise above a threshold.
//!
//! Ink is a level of its own: a higher threshold takes little of it away, and it stands clear of the ground between
//! the strokes. The values of noise fall off steadily, so a higher threshold leaves little, and the ground between is
//! as rough as the strokes are high. Either sign of ink is enough: small smoothed text has soft edges and so loses
//! much to a higher threshold, text over noise does not stand clear.

use super::glyphs::Glyph;

/// Least width of a stroke as a share of its glyph's height: light faces have a fifteenth, ripples of noise that a
/// threshold cuts out of smooth ground have a fiftieth to a twentieth.
const LEAST_STROKE_SHARE: f64 = 0.055;
/// Which part of the ink must be left when the threshold rises from half to four fifths of the contrast, for none
/// and for all of the sign: a third to a half is left of speckle, and seven tenths and more of most text.
const STEADINESS: [f64; 2] = [0.5, 0.8];
/// How many deviations of the ground the ink must lie above its mean, for none and for all of the sign: a threshold
/// of one deviation cuts noise out at two to three.
const CLARITY: [f64; 2] = [2.0, 6.0];

#[derive(Default)]
struct Tally {
    n_half: u32,
    n_most: u32,
    n_ink: u32,
    n_edges: u32,
    n_ground: u32,
    ground_sum: f64,
    ground_squares: f64,
}

/// How sure it is that a row is ink, from 0 to 1. The mask is the one that the glyphs were cut out with.
pub(super) fn quality(glyphs: &[Glyph], mask: &[bool], image: &[u8], columns: u32) -> f64 {
    let ink = median(glyphs.iter().map(|glyph| glyph.level).collect());
    let ground = median(glyphs.iter().map(|glyph| glyph.level - glyph.contrast).collect());
    let height = median(glyphs.iter().map(|glyph| glyph.region.y1 - glyph.region.y0).collect());
    let (ink, ground) = (f64::from(ink), f64::from(ground));
    let at_share = |share: f64| ground + share * (ink - ground);
    let mut tally = Tally::default();
    for glyph in glyphs {
        tally.add(glyph, mask, image, columns, [at_share(0.5), at_share(0.8)]);
    }
    let stroke_share = 2.0 * f64::from(tally.n_ink) / f64::from(tally.n_edges.max(1)) / f64::from(height);
    if stroke_share < LEAST_STROKE_SHARE {
        return 0.0;
    }
    let mean = tally.ground_sum / f64::from(tally.n_ground.max(1));
    let deviation = (tally.ground_squares / f64::from(tally.n_ground.max(1)) - mean * mean).max(0.0).sqrt();
    let steadiness = f64::from(tally.n_most) / f64::from(tally.n_half.max(1));
    let clarity = (ink - mean) / deviation.max(1.0);
    let part = |value: f64, [none, all]: [f64; 2]| ((value - none) / (all - none)).clamp(0.0, 1.0);
    (part(steadiness, STEADINESS) + part(clarity, CLARITY)).min(1.0)
}

impl Tally {
    fn add(&mut self, glyph: &Glyph, mask: &[bool], image: &[u8], columns: u32, [half, most]: [f64; 2]) {
        let row = columns as usize;
        let is_open = |at: Option<usize>| u32::from(!at.and_then(|at| mask.get(at)).copied().unwrap_or(false));
        for y in glyph.region.y0..glyph.region.y1 {
            for x in glyph.region.x0..glyph.region.x1 {
                let at = y as usize * row + x as usize;
                let value = f64::from(image[at]);
                self.n_half += u32::from(value >= half);
                self.n_most += u32::from(value >= most);
                if mask[at] {
                    let beside = [at.checked_sub(1), Some(at + 1), at.checked_sub(row), Some(at + row)];
                    self.n_ink += 1;
                    self.n_edges += beside.into_iter().map(is_open).sum::<u32>();
                } else {
                    self.n_ground += 1;
                    self.ground_sum += value;
                    self.ground_squares += value * value;
                }
            }
        }
    }
}

fn median<T: Ord + Copy>(mut values: Vec<T>) -> T {
    values.sort_unstable();
    values[values.len() / 2]
}

//! From boxes of words to lines in reading order.

use super::evidence::NetworkEvidence;
use efface_nets::detector::FoundText;
use efface_schema::{PixelRegion, Probability};

/// So many standard deviations does a side move outwards: one of forty-four texts then ends beyond it, if the
/// deviations are right and the errors normal.
const DEVIATIONS: f32 = 2.0;
/// How much of the lower of two neighbours must stand beside the other: words of a line that leans by 14 degrees, the
/// most that is seen on forms, have that much in common.
const LEAST_COMMON: f32 = 1.0 / 3.0;
/// Neighbours of a line are at most this many heights apart.
const GREATEST_GAP: f32 = 2.0;
/// Neighbours of a line differ in height by at most this factor.
pub(super) const GREATEST_RATIO: f32 = 2.2;
/// Boxes that are this much higher than wide, and continue no line, may be words that stand on their side.
const COLUMN_RATIO: f32 = 1.5;
/// A line leans if its words climb more than this per pixel; words with and without descenders climb by less.
const LEAST_SLOPE: f32 = 0.08;
/// Shorter lines do not tell their slope: so many heights from the first centre to the last.
const LEAST_SPAN: f32 = 4.0;

/// A rectangle in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rectangle {
    pub(super) x0: f32,
    pub(super) y0: f32,
    pub(super) x1: f32,
    pub(super) y1: f32,
}

impl Rectangle {
    pub(super) fn width(&self) -> f32 {
        self.x1 - self.x0
    }

    pub(super) fn height(&self) -> f32 {
        self.y1 - self.y0
    }

    pub(super) fn area(&self) -> f32 {
        self.width() * self.height()
    }

    pub(super) fn union(&self, other: &Self) -> Self {
        Self {
            x0: self.x0.min(other.x0),
            y0: self.y0.min(other.y0),
            x1: self.x1.max(other.x1),
            y1: self.y1.max(other.y1),
        }
    }

    /// Pixels squared that both cover.
    pub(super) fn shared(&self, other: &Self) -> f32 {
        self.common_width(other).max(0.0) * self.common_height(other).max(0.0)
    }

    /// The pixels that both have in common from left to right; below 0 where they lie apart.
    pub(super) fn common_width(&self, other: &Self) -> f32 {
        self.x1.min(other.x1) - self.x0.max(other.x0)
    }

    /// The pixels that both have in common from top to bottom; below 0 where they lie apart.
    pub(super) fn common_height(&self, other: &Self) -> f32 {
        self.y1.min(other.y1) - self.y0.max(other.y0)
    }

    /// The pixels that it touches, inside of an image.
    pub(super) fn region(&self, columns: u32, rows: u32) -> PixelRegion {
        // Casts of floats saturate: what lies left of the image becomes its side.
        PixelRegion {
            x0: (self.x0.floor() as u32).min(columns),
            y0: (self.y0.floor() as u32).min(rows),
            x1: (self.x1.ceil() as u32).min(columns),
            y1: (self.y1.ceil() as u32).min(rows),
        }
    }
}

impl From<PixelRegion> for Rectangle {
    fn from(region: PixelRegion) -> Self {
        Self { x0: region.x0 as f32, y0: region.y0 as f32, x1: region.x1 as f32, y1: region.y1 as f32 }
    }
}

/// A place that the network holds for text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct TextBox {
    /// Where the network sees it.
    pub(super) tight: Rectangle,
    /// The same with every side moved outwards by its deviations, at most by the box's shorter side.
    pub(super) grown: Rectangle,
    /// How sure that is.
    pub(super) evidence: NetworkEvidence,
}

impl TextBox {
    /// `None` for a box without a place.
    pub(super) fn of(found: &FoundText) -> Option<Self> {
        let corners = &found.corners;
        if !corners.is_finite() || corners.width() <= 0.0 || corners.height() <= 0.0 {
            return None;
        }
        let tight = Rectangle { x0: corners.x0, y0: corners.y0, x1: corners.x1, y1: corners.y1 };
        let most = tight.width().min(tight.height()).max(1.0);
        // What is no number is as unsure as can be.
        let growth = found
            .deviations_px
            .map(|deviation| if deviation.is_finite() { (DEVIATIONS * deviation).clamp(0.0, most) } else { most });
        let grown = Rectangle {
            x0: tight.x0 - growth[0],
            y0: tight.y0 - growth[1],
            x1: tight.x1 + growth[2],
            y1: tight.y1 + growth[3],
        };
        let (unsure, information) = (f64::from(most), f64::from(found.mutual_information));
        let evidence = NetworkEvidence {
            probability: Probability::new(f64::from(found.probability)).unwrap_or(Probability::ONE),
            deviations_px: found.deviations_px.map(f64::from).map(|side| if side.is_finite() { side } else { unsure }),
            mutual_information: Some(Some(information).filter(|it| it.is_finite()).unwrap_or(1.0)),
            slack_px: f64::from(growth[0].min(growth[2])),
            expected: None,
        };
        Some(Self { tight, grown, evidence })
    }

    /// The same of a network that was asked once, which has nothing to disagree about.
    pub(super) fn of_one_pass(self) -> Self {
        Self { evidence: NetworkEvidence { mutual_information: None, ..self.evidence }, ..self }
    }

    /// The same seen with rows and columns exchanged.
    fn exchanged(&self) -> Rectangle {
        let tight = &self.tight;
        Rectangle { x0: tight.y0, y0: tight.x0, x1: tight.y1, y1: tight.x1 }
    }
}

/// How the words of a line follow each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Course {
    /// From left to right, and down by so many pixels per pixel.
    Across(f32),
    /// One above the other: the line stands on its side, on its left or on its right one.
    Column,
}

/// Boxes of words that are read together, in the order of their places.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct BoxLine {
    pub(super) boxes: Vec<TextBox>,
    pub(super) course: Course,
}

/// Puts boxes into lines; the lines go from top to bottom, and side by side from left to right.
pub(super) fn lines(boxes: &[TextBox]) -> Vec<BoxLine> {
    let (columns, rows): (Vec<_>, Vec<_>) =
        rows_of(boxes, |one| one.tight).into_iter().partition(|row| row.len() == 1 && may_be_column(&row[0].tight));
    let columns: Vec<TextBox> = columns.into_iter().flatten().collect();
    let mut lines: Vec<BoxLine> =
        rows.into_iter().map(|boxes| BoxLine { course: Course::Across(slope(&boxes)), boxes }).collect();
    let columns = rows_of(&columns, TextBox::exchanged);
    lines.extend(columns.into_iter().map(|boxes| BoxLine { boxes, course: Course::Column }));
    let place = |line: &BoxLine| {
        let all = line.boxes.iter().map(|one| one.tight).reduce(|all, next| all.union(&next));
        all.map_or((0.0, 0.0), |all| (all.y0, all.x0))
    };
    lines.sort_by(|a, b| {
        let (a, b) = (place(a), place(b));
        a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1))
    });
    lines
}

fn may_be_column(tight: &Rectangle) -> bool {
    tight.height() >= COLUMN_RATIO * tight.width()
}

/// Rows of boxes as `seen` shows them, each from left to right.
fn rows_of(boxes: &[TextBox], seen: impl Fn(&TextBox) -> Rectangle) -> Vec<Vec<TextBox>> {
    let mut sorted = boxes.to_vec();
    sorted.sort_by(|a, b| {
        let (a, b) = (seen(a), seen(b));
        a.x0.total_cmp(&b.x0).then(a.y0.total_cmp(&b.y0))
    });
    let mut rows: Vec<Vec<TextBox>> = Vec::new();
    for next in sorted {
        let gap = |row: &Vec<TextBox>| {
            let last = seen(row.last()?);
            continues(&last, &seen(&next)).then(|| seen(&next).x0 - last.x1)
        };
        let nearest = rows
            .iter()
            .enumerate()
            .filter_map(|(idx, row)| Some((idx, gap(row)?)))
            .min_by(|a, b| a.1.abs().total_cmp(&b.1.abs()).then(a.0.cmp(&b.0)));
        match nearest {
            Some((idx, _)) => rows[idx].push(next),
            None => rows.push(vec![next]),
        }
    }
    rows
}

fn continues(last: &Rectangle, next: &Rectangle) -> bool {
    let (low, high) = (last.height().min(next.height()), last.height().max(next.height()));
    let common = last.common_height(next);
    let gap = next.x0 - last.x1;
    high <= GREATEST_RATIO * low && common >= LEAST_COMMON * low && gap <= GREATEST_GAP * high
}

/// How far the centres of a row's words climb down per pixel; 0 if they do not, or too few tell it.
fn slope(boxes: &[TextBox]) -> f32 {
    let centre = |one: &TextBox| (0.5 * (one.tight.x0 + one.tight.x1), 0.5 * (one.tight.y0 + one.tight.y1));
    let centres: Vec<(f32, f32)> = boxes.iter().map(centre).collect();
    let n = centres.len() as f32;
    let (mean_x, mean_y) =
        (centres.iter().map(|(x, _)| x).sum::<f32>() / n, centres.iter().map(|(_, y)| y).sum::<f32>() / n);
    let lowest = boxes.iter().map(|one| one.tight.height()).fold(f32::INFINITY, f32::min);
    let (first, last) = (centres[0].0, centres[centres.len() - 1].0);
    if last - first < LEAST_SPAN * lowest {
        return 0.0;
    }
    let spread: f32 = centres.iter().map(|(x, _)| (x - mean_x).powi(2)).sum();
    let slope = centres.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum::<f32>() / spread;
    if slope.abs() >= LEAST_SLOPE { slope } else { 0.0 }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use efface_nets::detector::Corners;

    /// A box with sides that are off by half a pixel.
    pub(in crate::pixels::detector) fn found(x0: f32, y0: f32, x1: f32, y1: f32) -> FoundText {
        FoundText {
            corners: Corners::new(x0, y0, x1, y1),
            probability: 0.9,
            deviations_px: [0.5; 4],
            spread_px: [0.0; 4],
            mutual_information: 0.0,
        }
    }

    fn boxes(places: &[[f32; 4]]) -> Vec<TextBox> {
        places.iter().map(|[x0, y0, x1, y1]| TextBox::of(&found(*x0, *y0, *x1, *y1)).expect("a place")).collect()
    }

    fn starts(lines: &[BoxLine]) -> Vec<Vec<(f32, f32)>> {
        lines.iter().map(|line| line.boxes.iter().map(|one| (one.tight.x0, one.tight.y0)).collect()).collect()
    }

    #[test]
    fn words_become_lines_from_top_to_bottom_and_from_left_to_right() {
        let given =
            [[60.0, 41.0, 90.0, 52.0], [10.0, 10.0, 50.0, 22.0], [10.0, 40.0, 55.0, 52.0], [58.0, 9.0, 99.0, 22.0]];
        let lines = lines(&boxes(&given));
        assert_eq!(starts(&lines), [[(10.0, 10.0), (58.0, 9.0)], [(10.0, 40.0), (60.0, 41.0)]]);
        assert!(lines.iter().all(|line| line.course == Course::Across(0.0)));
    }

    #[test]
    fn far_words_and_words_of_another_size_are_lines_of_their_own() {
        let far = lines(&boxes(&[[10.0, 10.0, 50.0, 22.0], [90.0, 10.0, 130.0, 22.0]]));
        let large = lines(&boxes(&[[10.0, 10.0, 50.0, 22.0], [55.0, 0.0, 130.0, 40.0]]));
        assert_eq!((far.len(), large.len()), (2, 2));
    }

    #[test]
    fn a_line_that_leans_is_one_line_and_tells_how_it_leans() {
        // Words of 60 by 14 pixels, one after the other, down by a quarter per pixel.
        let word = |idx: f32| [70.0 * idx, 17.5 * idx, 70.0 * idx + 62.0, 17.5 * idx + 29.0];
        let lines = lines(&boxes(&[word(0.0), word(1.0), word(2.0)]));
        assert_eq!(lines.len(), 1);
        let Course::Across(slope) = lines[0].course else { panic!("{lines:?}") };
        assert!((slope - 0.25).abs() < 1e-3);
    }

    #[test]
    fn words_that_stand_on_their_side_are_read_along_the_column() {
        let lines = lines(&boxes(&[[10.0, 80.0, 22.0, 140.0], [11.0, 10.0, 22.0, 70.0], [60.0, 10.0, 99.0, 22.0]]));
        assert_eq!(starts(&lines), [vec![(11.0, 10.0), (10.0, 80.0)], vec![(60.0, 10.0)]]);
        assert_eq!((lines[0].course, lines[1].course), (Course::Column, Course::Across(0.0)));
        // A narrow word in a line is none.
        assert_eq!(super::lines(&boxes(&[[10.0, 10.0, 50.0, 22.0], [55.0, 10.0, 58.0, 22.0]])).len(), 1);
    }

    #[test]
    fn boxes_grow_by_two_deviations_and_not_beyond_themselves() {
        let mut one = found(20.0, 30.0, 60.0, 40.0);
        one.deviations_px = [1.0, 2.0, 400.0, f32::NAN];
        let one = TextBox::of(&one).expect("a place");
        assert_eq!(one.grown, Rectangle { x0: 18.0, y0: 26.0, x1: 70.0, y1: 50.0 });
        assert_eq!(one.grown.region(64, 45), PixelRegion { x0: 18, y0: 26, x1: 64, y1: 45 });
        assert_eq!(one.evidence.slack_px, 2.0);
        assert!(TextBox::of(&found(5.0, 5.0, 5.0, 9.0)).is_none());
        assert!(TextBox::of(&found(f32::NAN, 5.0, 8.0, 9.0)).is_none());
    }
}

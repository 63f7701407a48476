//! Parts of a frame, turned so that their text stands upright.

use super::lines::{BoxLine, Course, Rectangle};
use crate::pixels::tesseract::LINE_PADDING_PX;
use efface_frames::GrayFrame;

/// The longest side that is read, in pixels of the frame: no line of a screen is longer.
const MOST_SIDE_PX: f32 = 8192.0;

/// How a part lies in its frame: where its first corner is, and which way its text goes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Pose {
    origin: (f32, f32),
    /// The direction of reading, of length 1; downwards is a quarter turn from it, clockwise on the screen.
    along: (f32, f32),
    width: f32,
    height: f32,
    /// The height of the text in pixels.
    pub(super) text_height_px: f32,
    /// How far it reaches beyond the ends of the boxes: as far as strokes are followed that go on there.
    pub(super) reach_px: f32,
}

impl Pose {
    /// The ways in which a line may lie, the likeliest first.
    pub(super) fn of(line: &BoxLine) -> Vec<Self> {
        match line.course {
            Course::Across(slope) => vec![Self::towards(line, (1.0, slope))],
            // Upwards is what consoles and films have; a single sign may as well stand upright.
            Course::Column if line.boxes.len() == 1 => {
                vec![Self::towards(line, (0.0, -1.0)), Self::towards(line, (0.0, 1.0)), Self::towards(line, (1.0, 0.0))]
            }
            Course::Column => vec![Self::towards(line, (0.0, -1.0)), Self::towards(line, (0.0, 1.0))],
        }
    }

    fn towards(line: &BoxLine, (right, down): (f32, f32)) -> Self {
        let length = right.hypot(down);
        let along = (right / length, down / length);
        let flat = Self { origin: (0.0, 0.0), along, width: 0.0, height: 0.0, text_height_px: 0.0, reach_px: 0.0 };
        let placed: Vec<Rectangle> = line.boxes.iter().map(|one| flat.place(&one.tight)).collect();
        let mut heights: Vec<f32> = line.boxes.iter().map(|one| flat.true_height(&one.tight)).collect();
        heights.sort_by(f32::total_cmp);
        let text_height_px = heights[heights.len() / 2].max(1.0);
        let all = placed.iter().skip(1).fold(placed[0], |all, next| all.union(next));
        // Boxes around leaning words are higher than the words: their middles tell where the line runs.
        let (top, bottom) = if flat.leans() {
            let middle = placed.iter().map(|one| 0.5 * (one.y0 + one.y1)).sum::<f32>() / placed.len() as f32;
            (middle - 0.7 * text_height_px, middle + 0.7 * text_height_px)
        } else {
            (all.y0, all.y1)
        };
        let (reach_px, padding) = (text_height_px.ceil(), LINE_PADDING_PX as f32);
        let corner = ((all.x0 - reach_px).floor(), (top - padding).floor());
        let side = |from: f32, to: f32| (to - from).ceil().clamp(1.0, MOST_SIDE_PX);
        Self {
            origin: flat.point(corner),
            width: side(corner.0, all.x1 + reach_px),
            height: side(corner.1, bottom + padding),
            text_height_px,
            reach_px,
            ..flat
        }
    }

    fn leans(&self) -> bool {
        self.along.0 != 0.0 && self.along.1 != 0.0
    }

    /// The height of a word of which the box around it is known: a box `w` by `h` around a strip that leans by `θ` is
    /// `l sin θ + t cos θ` high, where the strip is `t` high and, being long, about `w / cos θ` long.
    fn true_height(&self, around: &Rectangle) -> f32 {
        if self.along.0 == 0.0 {
            return around.width();
        }
        let slope = (self.along.1 / self.along.0).abs();
        ((around.height() - around.width() * slope) / (1.0 + slope * slope)).max(0.4 * around.height())
    }

    /// The point of the frame that lies at a place of the part.
    fn point(&self, (u, v): (f32, f32)) -> (f32, f32) {
        let (right, down) = self.along;
        (self.origin.0 + u * right - v * down, self.origin.1 + u * down + v * right)
    }

    /// The smallest rectangle of the part that holds one of the frame.
    pub(super) fn place(&self, rectangle: &Rectangle) -> Rectangle {
        let (right, down) = self.along;
        around(rectangle, |(x, y)| {
            let (x, y) = (x - self.origin.0, y - self.origin.1);
            (x * right + y * down, y * right - x * down)
        })
    }

    /// The smallest rectangle of the frame that holds one of the part.
    pub(super) fn place_back(&self, rectangle: &Rectangle) -> Rectangle {
        around(rectangle, |corner| self.point(corner))
    }

    /// The part, upright. What lies outside of the frame is like its nearest pixel.
    pub(super) fn cut(&self, frame: &GrayFrame) -> GrayFrame {
        let (columns, rows) = (self.width as u32, self.height as u32);
        let mut pixels = Vec::with_capacity(columns as usize * rows as usize);
        for v in 0..rows {
            for u in 0..columns {
                pixels.push(sample(frame, self.point((u as f32 + 0.5, v as f32 + 0.5))));
            }
        }
        GrayFrame::new(columns, rows, pixels).expect("a pixel for each column of each row")
    }
}

fn around(rectangle: &Rectangle, map: impl Fn((f32, f32)) -> (f32, f32)) -> Rectangle {
    let Rectangle { x0, y0, x1, y1 } = *rectangle;
    let corners = [(x0, y0), (x1, y0), (x0, y1), (x1, y1)].map(map);
    let place = |(x, y): (f32, f32)| Rectangle { x0: x, y0: y, x1: x, y1: y };
    corners.into_iter().skip(1).fold(place(corners[0]), |all, corner| all.union(&place(corner)))
}

/// The level at a point of a frame that has pixels, linear between the middles of four.
fn sample(frame: &GrayFrame, (x, y): (f32, f32)) -> u8 {
    let within = |value: f32, count: u32| (value - 0.5).clamp(0.0, (count - 1) as f32);
    let (x, y) = (within(x, frame.columns()), within(y, frame.rows()));
    let (left, top) = (x.floor(), y.floor());
    let (across, down) = (x - left, y - top);
    let (left, top) = (left as u32, top as u32);
    let (right, bottom) = ((left + 1).min(frame.columns() - 1), (top + 1).min(frame.rows() - 1));
    let at = |x: u32, y: u32| f32::from(frame.at(x, y));
    let above = at(left, top) + (at(right, top) - at(left, top)) * across;
    let below = at(left, bottom) + (at(right, bottom) - at(left, bottom)) * across;
    (above + (below - above) * down).round() as u8
}

#[cfg(test)]
mod tests {
    use super::super::lines::{TextBox, tests::found};
    use super::*;

    fn line(boxes: &[[f32; 4]], course: Course) -> BoxLine {
        let place = |[x0, y0, x1, y1]: &[f32; 4]| TextBox::of(&found(*x0, *y0, *x1, *y1)).expect("a place");
        BoxLine { boxes: boxes.iter().map(place).collect(), course }
    }

    /// 40 by 30 pixels, each with a level of its own in its row and column.
    fn frame() -> GrayFrame {
        let level = |place: u32| (6 * (place % 40)) as u8 / 2 + (4 * (place / 40)) as u8;
        GrayFrame::new(40, 30, (0..1200).map(level).collect()).expect("a frame")
    }

    #[test]
    fn a_straight_line_is_cut_pixel_by_pixel() {
        let pose = Pose::of(&line(&[[10.0, 12.0, 30.0, 18.0]], Course::Across(0.0)))[0];
        let part = pose.cut(&frame());
        // Two pixels above and below, and as many as it is high at each end.
        assert_eq!((part.columns(), part.rows(), pose.reach_px), (32, 10, 6.0));
        assert_eq!(part.at(0, 0), frame().at(4, 10));
        assert_eq!(part.at(31, 9), frame().at(35, 19));
        let word = Rectangle { x0: 6.0, y0: 2.0, x1: 26.0, y1: 8.0 };
        assert_eq!(pose.place_back(&word), Rectangle { x0: 10.0, y0: 12.0, x1: 30.0, y1: 18.0 });
        assert_eq!(pose.place(&pose.place_back(&word)), word);
    }

    #[test]
    fn columns_are_turned_both_ways() {
        let poses = Pose::of(&line(&[[10.0, 8.0, 16.0, 24.0]], Course::Column));
        assert_eq!(poses.len(), 3);
        let (up, down) = (poses[0].cut(&frame()), poses[1].cut(&frame()));
        assert_eq!((up.columns(), up.rows()), (down.columns(), down.rows()));
        assert_eq!(up.at(0, 0), frame().at(8, 29));
        assert_eq!(down.at(0, 0), frame().at(17, 2));
        assert_eq!(up.at(3, 2), frame().at(10, 26));
        assert_eq!(poses[0].text_height_px, 6.0);
        let place = Rectangle { x0: 10.0, y0: 8.0, x1: 16.0, y1: 24.0 };
        for pose in poses {
            let turned = pose.place(&place);
            let back = pose.place_back(&turned);
            for (one, other) in [(back.x0, 10.0), (back.y0, 8.0), (back.x1, 16.0), (back.y1, 24.0)] {
                assert!((one - other).abs() < 1e-4);
            }
        }
    }

    #[test]
    fn a_leaning_line_is_made_straight() {
        // A bright stroke of three rows that leans by a quarter.
        let level = |place: usize| {
            let (x, y) = ((place % 200) as f32, (place / 200) as f32);
            if (y - 20.0 - 0.25 * x).abs() <= 2.0 { 250 } else { 10 }
        };
        let frame = GrayFrame::new(200, 90, (0..200 * 90).map(level).collect()).expect("a frame");
        let word = |x: f32| [x, 18.0 + 0.25 * x, x + 40.0, 22.0 + 0.25 * (x + 40.0)];
        let pose = Pose::of(&line(&[word(10.0), word(60.0), word(110.0)], Course::Across(0.25)))[0];
        let part = pose.cut(&frame);
        let middle = part.rows() / 2;
        let bright = (10..part.columns() - 10).filter(|x| part.at(*x, middle) > 200).count() as u32;
        assert_eq!(bright, part.columns() - 20);
        assert!((10..part.columns() - 10).all(|x| part.at(x, 0) < 50));
    }

    #[test]
    fn parts_beyond_the_frame_and_frames_of_one_pixel_have_levels() {
        let tiny = GrayFrame::new(1, 1, vec![77]).expect("a frame");
        let pose = Pose::of(&line(&[[-5.0, -5.0, 3.0, 3.0]], Course::Across(0.0)))[0];
        assert!(pose.cut(&tiny).pixels().iter().all(|&level| level == 77));
    }
}

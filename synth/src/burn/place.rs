//! Finding room for lines: none may cover another.

use super::page::{Align, Corner, Side, Spot};
use efface_schema::PixelRegion;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// The part of an image that is taken.
pub(super) struct Room {
    columns: i32,
    rows: i32,
    margin_px: i32,
    taken: Vec<PixelRegion>,
}

/// Blank pixels between lines.
const GAP_PX: i32 = 2;

impl Room {
    pub(super) fn new(columns: u32, rows: u32) -> Self {
        let margin_px = (columns.min(rows) / 64).max(3) as i32;
        Self { columns: columns as i32, rows: rows as i32, margin_px, taken: Vec::new() }
    }

    /// Finds a place for the top left of a box of this size and takes it; `reach_px` more is changed around it.
    pub(super) fn take(
        &mut self,
        spot: Spot,
        size: (u32, u32),
        reach_px: i32,
        rng: &mut ChaCha8Rng,
    ) -> Option<(i32, i32)> {
        let size = (size.0 as i32, size.1 as i32);
        let is_cut = matches!(spot, Spot::Cut(_));
        if !is_cut && (size.0 + 2 * reach_px > self.columns || size.1 + 2 * reach_px > self.rows) {
            return None;
        }
        let at = self.candidates(spot, size, rng).into_iter().find(|at| {
            let is_inside = at.0 >= reach_px
                && at.1 >= reach_px
                && at.0 + size.0 + reach_px <= self.columns
                && at.1 + size.1 + reach_px <= self.rows;
            (is_cut || is_inside) && self.is_free(*at, size, reach_px)
        })?;
        self.taken.extend(self.region(at, size, reach_px));
        Some(at)
    }

    fn is_free(&self, at: (i32, i32), size: (i32, i32), reach_px: i32) -> bool {
        self.region(at, size, reach_px + GAP_PX)
            .is_some_and(|region| self.taken.iter().all(|taken| taken.intersection(&region).is_none()))
    }

    /// What lies inside the image of a box and the pixels around it.
    fn region(&self, at: (i32, i32), size: (i32, i32), reach_px: i32) -> Option<PixelRegion> {
        let side = |value: i32, most: i32| value.clamp(0, most) as u32;
        let region = PixelRegion {
            x0: side(at.0 - reach_px, self.columns),
            y0: side(at.1 - reach_px, self.rows),
            x1: side(at.0 + size.0 + reach_px, self.columns),
            y1: side(at.1 + size.1 + reach_px, self.rows),
        };
        (region.area_px() > 0).then_some(region)
    }

    fn candidates(&self, spot: Spot, size: (i32, i32), rng: &mut ChaCha8Rng) -> Vec<(i32, i32)> {
        let (columns, rows, margin) = (self.columns, self.rows, self.margin_px);
        let (right, bottom) = (columns - margin - size.0, rows - margin - size.1);
        match spot {
            Spot::Corner(corner) => {
                let is_left = matches!(corner, Corner::TopLeft | Corner::BottomLeft);
                let is_top = matches!(corner, Corner::TopLeft | Corner::TopRight);
                let x = if is_left { margin } else { right };
                let steps = (0..rows / 2 - size.1).step_by(2);
                steps.map(|step| (x, if is_top { margin + step } else { bottom - step })).collect()
            }
            Spot::At { x, y, align } => {
                let x = columns * x as i32 / 1000;
                let left = match align {
                    Align::Left => x,
                    Align::Middle => x - size.0 / 2,
                    Align::Right => x - size.0,
                };
                let left = left.min(columns - 2 - size.0).max(2);
                let top = rows * y as i32 / 1000;
                (0..rows * 2 / 5).map(|step| (left, top + step)).collect()
            }
            Spot::Along(side) => {
                let middle = ((columns - size.0) / 2, (rows - size.1) / 2);
                let steps = (0..rows.min(columns) / 3).step_by(4).flat_map(|step| [step, -step]);
                let place = |step| match side {
                    Side::Left => (margin, middle.1 + step),
                    Side::Right => (right, middle.1 + step),
                    Side::Top => (middle.0 + step, margin),
                    Side::Bottom => (middle.0 + step, bottom),
                };
                steps.map(place).collect()
            }
            Spot::Scattered => {
                let place = |rng: &mut ChaCha8Rng, most: i32, length: i32| {
                    let (low, high) = (most / 10, most * 9 / 10 - length);
                    if low < high { rng.random_range(low..high) } else { (most - length) / 2 }
                };
                (0..24).map(|_| (place(rng, columns, size.0), place(rng, rows, size.1))).collect()
            }
            Spot::Cut(side) => (0..16).map(|_| self.cut(side, size, rng)).collect(),
        }
    }

    /// A place of which a fifth to three fifths lie outside.
    fn cut(&self, side: Side, size: (i32, i32), rng: &mut ChaCha8Rng) -> (i32, i32) {
        let share = rng.random_range(20..60);
        let along = |rng: &mut ChaCha8Rng, most: i32, length: i32| rng.random_range(0..(most - length).max(1));
        match side {
            Side::Left => (-size.0 * share / 100, along(rng, self.rows, size.1)),
            Side::Right => (self.columns - size.0 * (100 - share) / 100, along(rng, self.rows, size.1)),
            Side::Top => (along(rng, self.columns, size.0), -size.1 * share / 100),
            Side::Bottom => (along(rng, self.columns, size.0), self.rows - size.1 * (100 - share) / 100),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::streams::Streams;

    #[test]
    fn places_lie_inside_and_apart_unless_they_are_to_be_cut() {
        let rng = &mut Streams::new(2).stream("test", &[]);
        let mut room = Room::new(320, 256);
        let spots = [
            Spot::Corner(Corner::TopLeft),
            Spot::Corner(Corner::BottomRight),
            Spot::At { x: 500, y: 10, align: Align::Middle },
            Spot::At { x: 990, y: 100, align: Align::Right },
            Spot::Along(Side::Left),
            Spot::Along(Side::Bottom),
            Spot::Scattered,
            Spot::Cut(Side::Right),
            Spot::Cut(Side::Top),
        ];
        let (mut n_placed, mut n_cut) = (0, 0);
        for _ in 0..6 {
            for spot in spots {
                let Some((x, y)) = room.take(spot, (60, 14), 1, rng) else { continue };
                n_placed += 1;
                let is_inside = x >= 1 && y >= 1 && x + 61 <= 320 && y + 15 <= 256;
                n_cut += usize::from(!is_inside);
                assert_eq!(is_inside, !matches!(spot, Spot::Cut(_)), "{spot:?} {x} {y}");
            }
        }
        assert!(n_placed >= 25 && n_cut >= 4, "{n_placed} {n_cut}");
        for (idx, one) in room.taken.iter().enumerate() {
            assert!(room.taken[..idx].iter().all(|other| other.intersection(one).is_none()));
        }
        assert_eq!(room.take(Spot::Scattered, (400, 10), 0, rng), None);
    }
}

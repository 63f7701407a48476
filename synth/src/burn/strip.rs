//! A line of text as a picture of its own: how much ink each pixel takes, and which character it belongs to.

use super::fonts::Typeface;
use unicode_normalization::UnicodeNormalization;

/// The line that a pixel without ink belongs to.
const NOBODY: u16 = u16::MAX;

/// Less ink than this is not drawn: nobody could see it.
pub(super) const LEAST_COVERAGE: f32 = 0.05;

/// How a line is set.
#[derive(Debug, Clone, Copy)]
pub(super) struct Setting {
    pub(super) height_px: u32,
    /// Whether pixels at the edge of a stroke take a part of the ink.
    pub(super) is_smooth: bool,
    /// Clockwise as seen.
    pub(super) angle_degrees: i32,
}

/// A rectangle in a strip before it is turned: left, top, right, bottom.
pub(super) type InkBox = [f32; 4];

/// A drawn line.
#[derive(Debug, Clone)]
pub(super) struct Strip {
    pub(super) width_px: u32,
    pub(super) height_px: u32,
    coverage: Vec<f32>,
    owner: Vec<u16>,
    /// The characters as they are drawn.
    pub(super) characters: Vec<char>,
    /// The ink of each character before the strip was turned.
    pub(super) boxes: Vec<Option<InkBox>>,
    pub(super) turn: Turn,
}

impl Strip {
    /// Draws a text. `None` when the font lacks one of its characters, or when there is nothing to see.
    pub(super) fn of(text: &str, face: &dyn Typeface, setting: Setting) -> Option<Self> {
        let characters: Vec<char> = text.chars().map(|character| drawable(face, character)).collect::<Option<_>>()?;
        let height_px = setting.height_px;
        let margin_px = height_px / 3 + 2;
        let advances: Vec<f32> = characters.iter().map(|character| face.advance_px(*character, height_px)).collect();
        let width_px = advances.iter().sum::<f32>().ceil() as u32 + 2 * margin_px;
        let mut strip = Self::blank(width_px, height_px + 2 * margin_px, characters.len());
        let mut pen_x = margin_px as f32;
        let baseline = margin_px as f32 + face.ascent_px(height_px);
        for (character_idx, advance_px) in advances.into_iter().enumerate() {
            let owner = u16::try_from(character_idx).ok()?;
            let mut put = |x, y, coverage| strip.ink(x, y, coverage, owner, setting.is_smooth);
            face.draw(characters[character_idx], height_px, (pen_x, baseline), &mut put);
            pen_x += advance_px;
        }
        strip.characters = characters;
        strip.measure();
        let strip = strip.trimmed()?;
        if setting.angle_degrees == 0 { Some(strip) } else { strip.turned(setting.angle_degrees).trimmed() }
    }

    fn blank(width_px: u32, height_px: u32, n_characters: usize) -> Self {
        let n_pixels = width_px as usize * height_px as usize;
        Self {
            width_px,
            height_px,
            coverage: vec![0.0; n_pixels],
            owner: vec![NOBODY; n_pixels],
            characters: Vec::new(),
            boxes: vec![None; n_characters],
            turn: Turn::NONE,
        }
    }

    fn at(&self, x: i32, y: i32) -> Option<usize> {
        let (x, y) = (u32::try_from(x).ok()?, u32::try_from(y).ok()?);
        (x < self.width_px && y < self.height_px).then_some(y as usize * self.width_px as usize + x as usize)
    }

    fn ink(&mut self, x: i32, y: i32, coverage: f32, owner: u16, is_smooth: bool) {
        let coverage = if is_smooth { coverage } else { coverage.round() };
        if coverage < LEAST_COVERAGE {
            return;
        }
        let Some(at) = self.at(x, y) else { return };
        if coverage > self.coverage[at] {
            self.coverage[at] = coverage;
            self.owner[at] = owner;
        }
    }

    /// How much ink a pixel takes, and for which character.
    pub(super) fn pixel(&self, x: i32, y: i32) -> Option<(f32, usize)> {
        let at = self.at(x, y)?;
        (self.owner[at] != NOBODY).then(|| (self.coverage[at], usize::from(self.owner[at])))
    }

    fn measure(&mut self) {
        for y in 0..self.height_px {
            for x in 0..self.width_px {
                let Some((_, owner)) = self.pixel(x as i32, y as i32) else { continue };
                let pixel = [x as f32, y as f32, (x + 1) as f32, (y + 1) as f32];
                self.boxes[owner] = Some(self.boxes[owner].map_or(pixel, |ink| joined(ink, pixel)));
            }
        }
    }

    /// Without the empty borders; `None` where nothing else is left.
    fn trimmed(self) -> Option<Self> {
        let inked = |strip: &Self, x: u32, y: u32| strip.pixel(x as i32, y as i32).is_some();
        let is_row = |y: &u32| (0..self.width_px).any(|x| inked(&self, x, *y));
        let is_column = |x: &u32| (0..self.height_px).any(|y| inked(&self, *x, y));
        let (top, bottom) = ((0..self.height_px).find(is_row)?, (0..self.height_px).rev().find(is_row)? + 1);
        let (left, right) = ((0..self.width_px).find(is_column)?, (0..self.width_px).rev().find(is_column)? + 1);
        let mut strip = Self::blank(right - left, bottom - top, 0);
        for y in 0..strip.height_px {
            for x in 0..strip.width_px {
                let (from, to) = (
                    (y + top) as usize * self.width_px as usize + (x + left) as usize,
                    y as usize * strip.width_px as usize + x as usize,
                );
                strip.coverage[to] = self.coverage[from];
                strip.owner[to] = self.owner[from];
            }
        }
        strip.turn = self.turn.moved(-(left as f32), -(top as f32));
        Some(Self { characters: self.characters, boxes: self.boxes, ..strip })
    }

    /// Turned about its middle, clockwise as seen.
    fn turned(self, angle_degrees: i32) -> Self {
        let (width, height) = (self.width_px as f32, self.height_px as f32);
        let turn = Turn::about(angle_degrees, (width / 2.0, height / 2.0));
        let corners = [(0.0, 0.0), (width, 0.0), (0.0, height), (width, height)].map(|corner| turn.apply(corner));
        let least = |of: fn(&(f32, f32)) -> f32| corners.iter().map(of).fold(f32::INFINITY, f32::min);
        let most = |of: fn(&(f32, f32)) -> f32| corners.iter().map(of).fold(f32::NEG_INFINITY, f32::max);
        // Not rounded: a quarter turn must put pixels onto pixels.
        let turn = turn.moved(-least(|corner| corner.0), -least(|corner| corner.1));
        let wide = (most(|corner| corner.0) - least(|corner| corner.0)).round() as u32 + 1;
        let tall = (most(|corner| corner.1) - least(|corner| corner.1)).round() as u32 + 1;
        let mut strip = Self::blank(wide, tall, 0);
        for y in 0..tall {
            for x in 0..wide {
                let from = turn.undo((x as f32 + 0.5, y as f32 + 0.5));
                if let Some((coverage, owner)) = self.sample(from) {
                    strip.ink(x as i32, y as i32, coverage, owner, true);
                }
            }
        }
        strip.turn = self.turn.then(turn);
        Self { characters: self.characters, boxes: self.boxes, ..strip }
    }

    /// The ink at a point between pixels, and the character that gives most of it.
    fn sample(&self, point: (f32, f32)) -> Option<(f32, u16)> {
        let (x, y) = (point.0 - 0.5, point.1 - 0.5);
        let (left, top) = (x.floor(), y.floor());
        let (dx, dy) = (x - left, y - top);
        let (mut sum, mut most) = (0.0, (0.0, NOBODY));
        for (step_x, step_y, weight) in
            [(0, 0, (1.0 - dx) * (1.0 - dy)), (1, 0, dx * (1.0 - dy)), (0, 1, (1.0 - dx) * dy), (1, 1, dx * dy)]
        {
            let Some(at) = self.at(left as i32 + step_x, top as i32 + step_y) else { continue };
            let share = weight * self.coverage[at];
            sum += share;
            if self.owner[at] != NOBODY && share > most.0 {
                most = (share, self.owner[at]);
            }
        }
        (most.1 != NOBODY).then_some((sum, most.1))
    }
}

/// The smallest box that holds both.
pub(super) fn joined(one: InkBox, other: InkBox) -> InkBox {
    [one[0].min(other[0]), one[1].min(other[1]), one[2].max(other[2]), one[3].max(other[3])]
}

/// The character, or its letter without accents, if the font has it: many screens know no others.
fn drawable(face: &dyn Typeface, character: char) -> Option<char> {
    if character == ' ' || face.covers(character) {
        return Some(character);
    }
    let plain = match character {
        'ß' => 's',
        'ø' => 'o',
        'Ø' => 'O',
        'æ' => 'a',
        'Æ' => 'A',
        'đ' | 'ð' => 'd',
        'ł' => 'l',
        'Ł' => 'L',
        character => character.nfd().next()?,
    };
    face.covers(plain).then_some(plain)
}

/// A rotation and a shift.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Turn {
    cos: f32,
    sin: f32,
    shift: (f32, f32),
}

impl Turn {
    pub(super) const NONE: Self = Self { cos: 1.0, sin: 0.0, shift: (0.0, 0.0) };

    fn about(angle_degrees: i32, middle: (f32, f32)) -> Self {
        let (cos, sin) = match angle_degrees.rem_euclid(360) {
            0 => (1.0, 0.0),
            90 => (0.0, 1.0),
            180 => (-1.0, 0.0),
            270 => (0.0, -1.0),
            angle => ((angle as f32).to_radians().cos(), (angle as f32).to_radians().sin()),
        };
        let turn = Self { cos, sin, shift: (0.0, 0.0) };
        let (x, y) = turn.apply(middle);
        turn.moved(middle.0 - x, middle.1 - y)
    }

    pub(super) fn apply(self, (x, y): (f32, f32)) -> (f32, f32) {
        (x * self.cos - y * self.sin + self.shift.0, x * self.sin + y * self.cos + self.shift.1)
    }

    fn undo(self, (x, y): (f32, f32)) -> (f32, f32) {
        let (x, y) = (x - self.shift.0, y - self.shift.1);
        (x * self.cos + y * self.sin, y * self.cos - x * self.sin)
    }

    pub(super) fn moved(self, dx: f32, dy: f32) -> Self {
        Self { shift: (self.shift.0 + dx, self.shift.1 + dy), ..self }
    }

    /// This turn, then another.
    fn then(self, other: Self) -> Self {
        Self {
            cos: self.cos * other.cos - self.sin * other.sin,
            sin: self.sin * other.cos + self.cos * other.sin,
            shift: other.apply(self.shift),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fonts::{FONTS, font_idx, typeface};
    use super::*;

    fn strip(font: &str, text: &str, angle_degrees: i32) -> Strip {
        let face = typeface(font_idx(font).expect("a font"));
        let setting = Setting { height_px: face.fitting_height_px(20), is_smooth: true, angle_degrees };
        Strip::of(text, face, setting).expect("it can be drawn")
    }

    fn inked(strip: &Strip) -> Vec<(u32, u32)> {
        let pixels = (0..strip.height_px).flat_map(|y| (0..strip.width_px).map(move |x| (x, y)));
        pixels.filter(|(x, y)| strip.pixel(*x as i32, *y as i32).is_some()).collect()
    }

    #[test]
    fn quarter_turns_lose_nothing() {
        for font in ["grotesk", "terminal", "plotter"] {
            let straight = strip(font, "Doe, Jane", 0);
            for angle in [90, 180, 270] {
                let turned = strip(font, "Doe, Jane", angle);
                assert_eq!(inked(&turned).len(), inked(&straight).len(), "{font} {angle}");
                let is_upright = angle != 180;
                let sides = if is_upright {
                    (straight.height_px, straight.width_px)
                } else {
                    (straight.width_px, straight.height_px)
                };
                assert_eq!((turned.width_px, turned.height_px), sides, "{font} {angle}");
            }
        }
    }

    #[test]
    fn every_pixel_lies_in_the_turned_box_of_its_character() {
        for angle in [0, 7, -12, 90, 180, 270] {
            for font in FONTS {
                let strip = strip(font.name, "Ayg: 37 Ws", angle);
                for (x, y) in inked(&strip) {
                    let (_, owner) = strip.pixel(x as i32, y as i32).expect("inked");
                    let ink = strip.boxes[owner].expect("a character with ink has a box");
                    let (u, v) = strip.turn.undo((x as f32 + 0.5, y as f32 + 0.5));
                    let is_inside = u > ink[0] - 1.5 && u < ink[2] + 1.5 && v > ink[1] - 1.5 && v < ink[3] + 1.5;
                    assert!(is_inside, "{} {angle}: {u} {v} {ink:?}", font.name);
                }
            }
        }
    }

    #[test]
    fn letters_lose_their_accents_where_the_font_has_none() {
        let drawn = |font: &str| strip(font, "Núñez Weiß", 0).characters.iter().collect::<String>();
        assert_eq!(drawn("grotesk"), "Núñez Weiß");
        assert_eq!(drawn("plotter"), "Nunez Weis");
        let face = typeface(font_idx("plotter").expect("a font"));
        let setting = Setting { height_px: 20, is_smooth: true, angle_degrees: 0 };
        assert!(Strip::of("Ξένη", face, setting).is_none() && Strip::of("  ", face, setting).is_none());
    }
}

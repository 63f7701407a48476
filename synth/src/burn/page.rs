//! An image's text before it is drawn: what stands where, in which voice; and the lines and panels around it.

use crate::iod::Scene;
use crate::persona::pick;
use crate::plant::Phrase;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Corner {
    TopLeft,
    TopRight,
    BottomLeft,
    BottomRight,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Left,
    Right,
    Top,
    Bottom,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Middle,
    Right,
}

/// Where a line goes. Fractions are thousandths of the image's sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spot {
    /// Below or above what stands in a corner already.
    Corner(Corner),
    /// At a place, or under what stands there already.
    At { x: u32, y: u32, align: Align },
    /// In the middle of a side, or wherever there is room along it.
    Along(Side),
    /// Anywhere over what is imaged.
    Scattered,
    /// Partly outside.
    Cut(Side),
}

/// Which of the page's fonts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Voice {
    Main,
    /// Of what was typed into a form.
    Typed,
    Hand,
}

/// How a line stands out from its ground.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// As the options and the ground have it.
    Auto,
    /// Dark on paper.
    Print,
    /// As bright as can be, without anything around it.
    Lead,
    /// On a filled box.
    Label,
}

pub(super) struct Item {
    pub(super) phrase: Phrase,
    pub(super) spot: Spot,
    pub(super) voice: Voice,
    pub(super) look: Look,
    /// Height in hundredths of the page's.
    pub(super) size_percent: u32,
    pub(super) angle_degrees: i32,
}

/// What is drawn beside text. Places are thousandths of the image's sides, levels of the way from black to white.
#[derive(Debug, Clone, Copy)]
pub(super) enum Graphic {
    /// A filled rectangle.
    Fill { from: (u32, u32), to: (u32, u32), level: u32 },
    /// Paper: a bright ground with grain.
    Paper,
    /// The four sides of a rectangle.
    Frame { from: (u32, u32), to: (u32, u32), level: u32 },
    /// A line, horizontal or vertical.
    Rule { from: (u32, u32), to: (u32, u32), level: u32 },
    /// A vertical scale with ticks.
    Scale { at: (u32, u32), length: u32, level: u32 },
    /// A curve that goes up and down.
    Curve { from: (u32, u32), to: (u32, u32), level: u32 },
}

/// A page under composition.
pub(super) struct Page<'a> {
    pub(super) scene: &'a Scene<'a>,
    pub(super) rng: &'a mut ChaCha8Rng,
    pub(super) graphics: Vec<Graphic>,
    pub(super) items: Vec<Item>,
}

impl Page<'_> {
    /// Adds a line in the main voice.
    pub(super) fn line(&mut self, spot: Spot, say: impl FnOnce(&Scene<'_>, &mut ChaCha8Rng) -> Phrase) -> &mut Item {
        let phrase = say(self.scene, self.rng);
        self.items.push(Item {
            phrase,
            spot,
            voice: Voice::Main,
            look: Look::Auto,
            size_percent: 100,
            angle_degrees: 0,
        });
        self.items.last_mut().expect("one was added")
    }

    /// Adds a line to some pages.
    pub(super) fn maybe(&mut self, share: f64, spot: Spot, say: impl FnOnce(&Scene<'_>, &mut ChaCha8Rng) -> Phrase) {
        if self.rng.random_bool(share) {
            self.line(spot, say);
        }
    }

    /// Adds some lines about how the image was made.
    pub(super) fn technique(&mut self, spot: Spot, n_lines: std::ops::RangeInclusive<u32>) {
        for _ in 0..self.rng.random_range(n_lines) {
            self.line(spot, super::wording::technique);
        }
    }

    /// Adds a label and what was filled in after it, at the same height.
    pub(super) fn field(
        &mut self,
        label: &'static str,
        at: (u32, u32),
        value_x: u32,
        say: impl FnOnce(&Scene<'_>, &mut ChaCha8Rng) -> Phrase,
    ) {
        let spot = |x| Spot::At { x, y: at.1, align: Align::Left };
        self.print(spot(at.0), |_, _| super::wording::words(label));
        self.print(spot(value_x), say).voice = Voice::Typed;
    }

    /// Adds a line that is printed on paper.
    pub(super) fn print(&mut self, spot: Spot, say: impl FnOnce(&Scene<'_>, &mut ChaCha8Rng) -> Phrase) -> &mut Item {
        let item = self.line(spot, say);
        item.look = Look::Print;
        item
    }

    pub(super) fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        pick(self.rng, list)
    }
}

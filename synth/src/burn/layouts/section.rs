//! Slices, and the screens of angiography: text in the corners and along the borders of a dark image.

use crate::burn::page::{Align, Corner, Graphic, Page, Side, Spot};
use crate::burn::wording::{self, words};
use crate::plant::Phrase;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// The most common: scanner and site, patient, technique and window, each in its corner.
pub(super) fn four_corners(page: &mut Page<'_>) {
    let [first, second] = if page.rng.random_bool(0.5) {
        [Corner::TopRight, Corner::TopLeft]
    } else {
        [Corner::TopLeft, Corner::TopRight]
    };
    let [patient, site] = [Spot::Corner(first), Spot::Corner(second)];
    page.line(patient, wording::name);
    page.maybe(0.85, patient, wording::patient_id);
    page.maybe(0.7, patient, wording::birth);
    page.maybe(0.7, patient, wording::study_date);
    page.maybe(0.4, patient, wording::accession);
    page.maybe(0.8, site, wording::institution);
    page.maybe(0.6, site, wording::device);
    page.maybe(0.6, site, wording::series);
    page.maybe(0.2, site, wording::physician);
    page.technique(Spot::Corner(Corner::BottomLeft), 1..=4);
    page.technique(Spot::Corner(Corner::BottomRight), 0..=3);
    orientation(page);
}

/// All text in one column on the left, as older consoles show it.
pub(super) fn left_column(page: &mut Page<'_>) {
    let column = Spot::At { x: 15, y: 20, align: Align::Left };
    page.maybe(0.6, column, wording::institution);
    page.line(column, wording::name_and_id);
    page.maybe(0.8, column, wording::birth);
    page.maybe(0.8, column, wording::study_date);
    page.technique(column, 2..=5);
    page.maybe(0.4, column, wording::operator);
    scale(page, 960);
    orientation(page);
}

/// One line above the image and one below.
pub(super) fn header_and_footer(page: &mut Page<'_>) {
    let is_bar = page.rng.random_bool(0.5);
    if is_bar {
        page.graphics.push(Graphic::Fill { from: (0, 0), to: (1000, 70), level: 180 });
    }
    let head = |x, align| Spot::At { x, y: 14, align };
    page.line(head(12, Align::Left), wording::name);
    page.maybe(0.8, head(988, Align::Right), wording::study_date);
    page.maybe(0.7, head(500, Align::Middle), wording::patient_id);
    let foot = |x, align| Spot::At { x, y: 935, align };
    page.line(foot(12, Align::Left), wording::technique);
    page.line(foot(988, Align::Right), wording::technique);
    page.maybe(0.5, foot(500, Align::Middle), wording::series);
    page.maybe(0.5, Spot::At { x: 12, y: 880, align: Align::Left }, wording::institution);
}

/// Everything flush right, from the top; window and scale on the left.
pub(super) fn right_stack(page: &mut Page<'_>) {
    let stack = Spot::At { x: 985, y: 25, align: Align::Right };
    page.line(stack, wording::name);
    page.line(stack, wording::birth);
    page.maybe(0.6, stack, wording::accession);
    page.maybe(0.6, stack, wording::study_date);
    page.maybe(0.4, stack, wording::institution);
    page.technique(stack, 1..=3);
    page.technique(Spot::At { x: 15, y: 820, align: Align::Left }, 1..=3);
    page.maybe(0.6, Spot::At { x: 15, y: 25, align: Align::Left }, wording::series);
    scale(page, 30);
}

/// Frame number and patient on top, the projection's angles below.
pub(super) fn angiography_screen(page: &mut Page<'_>) {
    page.line(Spot::Corner(Corner::TopLeft), wording::name);
    page.maybe(0.8, Spot::Corner(Corner::TopLeft), wording::patient_id);
    page.maybe(0.8, Spot::Corner(Corner::TopRight), wording::study_date);
    page.maybe(0.5, Spot::Corner(Corner::TopRight), wording::institution);
    page.line(Spot::Corner(Corner::BottomLeft), |_, rng| angles(rng));
    page.technique(Spot::Corner(Corner::BottomRight), 1..=2);
}

/// All in the last rows of the image.
pub(super) fn angiography_footer(page: &mut Page<'_>) {
    page.graphics.push(Graphic::Fill { from: (0, 890), to: (1000, 1000), level: 60 });
    let foot = |x, y, align| Spot::At { x, y, align };
    page.line(foot(15, 905, Align::Left), wording::name_and_id);
    page.maybe(0.7, foot(985, 905, Align::Right), wording::study_date);
    page.line(foot(15, 950, Align::Left), |_, rng| angles(rng));
    page.maybe(0.6, foot(985, 950, Align::Right), wording::physician);
}

fn angles(rng: &mut ChaCha8Rng) -> Phrase {
    let (first, second) = (rng.random_range(0..45), rng.random_range(0..30));
    words(format!("RAO {first} CRAN {second}"))
}

/// The letters at the sides of a slice that say which way it lies.
fn orientation(page: &mut Page<'_>) {
    for (side, letters) in [(Side::Left, "R"), (Side::Right, "L"), (Side::Top, "A"), (Side::Bottom, "P")] {
        if page.rng.random_bool(0.5) {
            let item = page.line(Spot::Along(side), |_, _| words(letters));
            item.size_percent = 130;
        }
    }
}

fn scale(page: &mut Page<'_>, x: u32) {
    page.graphics.push(Graphic::Scale { at: (x, 300), length: 400, level: 850 });
    page.line(Spot::At { x: x.min(900), y: 705, align: Align::Left }, |_, _| words("10 cm"));
}

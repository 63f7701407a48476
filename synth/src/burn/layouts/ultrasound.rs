//! Screens of ultrasound scanners: a banner with the patient, columns of settings, words typed over the image.

use crate::burn::page::{Align, Corner, Graphic, Page, Spot};
use crate::burn::wording;
use rand::RngExt;

/// A filled banner over the whole width: site, patient, indices, date and time.
pub(super) fn banner(page: &mut Page<'_>) {
    let level = page.rng.random_range(60..350);
    page.graphics.push(Graphic::Fill { from: (0, 0), to: (1000, 92), level });
    let at = |x, y, align| Spot::At { x, y, align };
    page.line(at(12, 8, Align::Left), wording::institution);
    page.line(at(12, 50, Align::Left), wording::name);
    page.maybe(0.85, at(520, 50, Align::Left), wording::patient_id);
    page.maybe(0.8, at(520, 8, Align::Left), wording::indices);
    page.maybe(0.9, at(988, 8, Align::Right), wording::study_date);
    settings(page, 12, 120);
    over_the_image(page);
}

/// Patient above, all settings in a column on the right.
pub(super) fn settings_column(page: &mut Page<'_>) {
    let at = |x, y, align| Spot::At { x, y, align };
    page.line(at(12, 12, Align::Left), wording::name_and_id);
    page.maybe(0.7, at(12, 12, Align::Left), wording::birth);
    page.maybe(0.8, at(988, 12, Align::Right), wording::study_date);
    page.maybe(0.5, at(988, 12, Align::Right), wording::operator);
    page.graphics.push(Graphic::Scale { at: (790, 120), length: 760, level: 700 });
    settings(page, 830, 160);
    page.line(at(830, 600, Align::Left), wording::indices);
    over_the_image(page);
}

/// Two short blocks above, measurements below on the left.
pub(super) fn split_header(page: &mut Page<'_>) {
    page.line(Spot::Corner(Corner::TopLeft), wording::name);
    page.maybe(0.7, Spot::Corner(Corner::TopLeft), wording::patient_id);
    page.maybe(0.8, Spot::Corner(Corner::TopRight), wording::institution);
    page.maybe(0.8, Spot::Corner(Corner::TopRight), wording::study_date);
    page.line(Spot::Corner(Corner::TopRight), wording::indices);
    page.technique(Spot::At { x: 12, y: 180, align: Align::Left }, 2..=5);
    for _ in 0..page.rng.random_range(0..3) {
        page.line(Spot::Corner(Corner::BottomLeft), wording::measurement);
    }
    over_the_image(page);
}

/// A bar below the image with everything on two lines.
pub(super) fn bottom_bar(page: &mut Page<'_>) {
    let level = page.rng.random_range(0..250);
    page.graphics.push(Graphic::Fill { from: (0, 900), to: (1000, 1000), level });
    page.graphics.push(Graphic::Rule { from: (0, 899), to: (1000, 899), level: 700 });
    let at = |x, y, align| Spot::At { x, y, align };
    page.line(at(12, 907, Align::Left), wording::name_and_id);
    page.maybe(0.7, at(988, 907, Align::Right), wording::study_date);
    page.maybe(0.7, at(12, 953, Align::Left), wording::institution);
    page.line(at(988, 953, Align::Right), wording::indices);
    page.technique(Spot::Corner(Corner::TopLeft), 2..=4);
    page.maybe(0.5, Spot::Corner(Corner::TopRight), wording::operator);
    over_the_image(page);
}

fn settings(page: &mut Page<'_>, x: u32, y: u32) {
    page.technique(Spot::At { x, y, align: Align::Left }, 3..=6);
}

fn over_the_image(page: &mut Page<'_>) {
    page.maybe(0.7, Spot::Scattered, wording::body_mark);
    page.maybe(0.4, Spot::Scattered, wording::measurement);
}

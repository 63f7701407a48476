//! Radiographs: markers of lead, labels that were flashed onto the film or cassette, text of the detector's console.

use crate::burn::page::{Align, Corner, Graphic, Look, Page, Side, Spot, Voice};
use crate::burn::wording::{self, Say, words};
use rand::RngExt;

/// A letter of lead with the technologist's initials under it, and a few lines of the console.
pub(super) fn lead_marker(page: &mut Page<'_>) {
    let is_left = page.rng.random_bool(0.5);
    let x = if is_left { page.rng.random_range(830..900) } else { page.rng.random_range(70..150) };
    let y = page.rng.random_range(90..700);
    marker(page, x, y, if is_left { "L" } else { "R" });
    let initials = page.line(Spot::At { x, y: y + 75, align: Align::Middle }, wording::initials);
    initials.look = Look::Lead;
    let corner = Spot::Corner(page.pick(&[Corner::TopLeft, Corner::TopRight, Corner::BottomRight]));
    page.line(corner, wording::name);
    page.maybe(0.8, corner, wording::patient_id);
    page.maybe(0.6, corner, wording::study_date);
    page.maybe(0.4, corner, wording::institution);
    page.technique(Spot::Corner(Corner::BottomLeft), 0..=3);
}

/// A window in the corner of the film, onto which the patient's card was flashed.
pub(super) fn flashed_label(page: &mut Page<'_>) {
    let is_left = page.rng.random_bool(0.5);
    let (left, right) = if is_left { (10, 530) } else { (470, 990) };
    let is_bright = page.rng.random_bool(0.6);
    page.graphics.push(Graphic::Fill { from: (left, 12), to: (right, 215), level: if is_bright { 930 } else { 40 } });
    let look = if is_bright { Look::Print } else { Look::Lead };
    let lines: [Say; 4] = [wording::institution, wording::name, wording::patient_id, wording::birth];
    for say in lines {
        let item = page.line(Spot::At { x: left + 15, y: 22, align: Align::Left }, say);
        item.look = look;
        item.voice = Voice::Typed;
        item.size_percent = 65;
    }
    let side = page.pick(&["L", "R"]);
    let x = if is_left { 900 } else { 90 };
    marker(page, x, 480, side);
    page.technique(Spot::Corner(Corner::BottomRight), 0..=2);
}

/// The label along a side, turned with the cassette.
pub(super) fn side_label(page: &mut Page<'_>) {
    let side = page.pick(&[Side::Left, Side::Right]);
    let angle_degrees = page.pick(&[90, 270]);
    page.line(Spot::Along(side), wording::name_and_id).angle_degrees = angle_degrees;
    page.maybe(0.6, Spot::Corner(Corner::TopLeft), wording::study_date);
    page.maybe(0.5, Spot::Corner(Corner::TopLeft), wording::institution);
    let letter = page.pick(&["R", "L"]);
    let at = Spot::At { x: page.rng.random_range(120..880), y: page.rng.random_range(60..160), align: Align::Middle };
    let item = page.line(at, |_, _| words(letter));
    item.size_percent = 260;
    item.look = Look::Label;
    page.technique(Spot::Corner(Corner::BottomLeft), 1..=3);
}

/// What a digital detector's console writes into the corners.
pub(super) fn digital_corner(page: &mut Page<'_>) {
    let corner = Spot::Corner(Corner::TopRight);
    page.line(corner, wording::name);
    page.line(corner, wording::birth);
    page.maybe(0.6, corner, wording::accession);
    page.maybe(0.5, corner, wording::physician);
    page.line(Spot::Corner(Corner::BottomRight), wording::study_date);
    page.technique(Spot::Corner(Corner::BottomRight), 1..=2);
    let (text, x) = if page.rng.random_bool(0.5) { ("R", 90) } else { ("L", 910) };
    let item = page.line(Spot::At { x, y: 300, align: Align::Middle }, |_, _| words(text));
    item.size_percent = 220;
    let item = page.line(Spot::At { x, y: 380, align: Align::Middle }, wording::initials);
    item.look = Look::Lead;
}

/// View and side large in the upper corner away from the breast, the patient under it.
pub(super) fn breast_corner(page: &mut Page<'_>) {
    let view = page.pick(&["R CC", "L CC", "R MLO", "L MLO"]);
    let corner = Spot::Corner(Corner::TopRight);
    let item = page.line(corner, |_, _| words(view));
    item.size_percent = 200;
    item.look = Look::Lead;
    page.line(corner, wording::initials).look = Look::Lead;
    page.line(corner, wording::name);
    page.maybe(0.8, corner, wording::patient_id);
    page.maybe(0.8, corner, wording::birth);
    page.maybe(0.6, Spot::Corner(Corner::BottomRight), wording::institution);
    page.technique(Spot::Corner(Corner::BottomRight), 1..=3);
}

/// Small lines along the edge, turned.
pub(super) fn breast_edge(page: &mut Page<'_>) {
    let view = page.pick(&["RCC", "LCC", "RMLO", "LMLO"]);
    let item = page.line(Spot::At { x: 860, y: 120, align: Align::Middle }, |_, _| words(view));
    item.size_percent = 180;
    page.line(Spot::Along(Side::Right), wording::title).angle_degrees = 90;
    page.maybe(0.6, Spot::Corner(Corner::BottomRight), wording::accession);
    page.technique(Spot::Corner(Corner::BottomRight), 1..=2);
}

fn marker(page: &mut Page<'_>, x: u32, y: u32, letter: &'static str) {
    if page.rng.random_bool(0.5) {
        page.graphics.push(Graphic::Frame { from: (x - 45, y - 12), to: (x + 45, y + 70), level: 1000 });
    }
    let item = page.line(Spot::At { x, y, align: Align::Middle }, |_, _| words(letter));
    item.size_percent = 240;
    item.look = Look::Lead;
}

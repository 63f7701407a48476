//! Secondary captures: scanned paper, dose reports, panels of viewers and worksheets.

use crate::burn::page::{Align, Graphic, Page, Spot, Voice};
use crate::burn::wording::{self, Say, words};
use rand::RngExt;

/// A question of a form, and what is filled in.
type Field = (&'static str, Say);

const fn at(x: u32, y: u32, align: Align) -> Spot {
    Spot::At { x, y, align }
}

/// A typed request on paper: a letterhead, questions and answers over rules, a stamp and a signature.
pub(super) fn typed_form(page: &mut Page<'_>) {
    page.graphics.push(Graphic::Paper);
    page.print(at(500, 30, Align::Middle), wording::institution).size_percent = 130;
    page.print(at(500, 85, Align::Middle), wording::address).size_percent = 80;
    page.graphics.push(Graphic::Rule { from: (40, 135), to: (960, 135), level: 120 });
    let title = page.pick(&["REQUEST FOR IMAGING", "RADIOLOGY ORDER", "CONSENT TO CONTRAST MEDIA"]);
    page.print(at(500, 155, Align::Middle), |_, _| words(title)).size_percent = 115;
    let fields: [Field; 7] = [
        ("Patient:", wording::plain_name),
        ("Date of birth:", wording::plain_birth),
        ("Record no.:", wording::plain_patient_id),
        ("Insurance:", wording::insurance),
        ("Home:", wording::home),
        ("Telephone:", wording::phone),
        ("Examination:", wording::technique),
    ];
    for (row, (label, say)) in (0u32..).zip(fields) {
        let y = 235 + row * 82;
        page.field(label, (60, y), 330, say);
        page.graphics.push(Graphic::Rule { from: (325, y + 58), to: (940, y + 58), level: 600 });
    }
    page.print(at(60, 860, Align::Left), |_, _| words("Signature"));
    page.print(at(300, 845, Align::Left), wording::signature).voice = Voice::Hand;
    stamp(page, (700, 820));
}

/// A sheet of boxes that was filled in by typewriter and by hand.
pub(super) fn intake_sheet(page: &mut Page<'_>) {
    page.graphics.push(Graphic::Paper);
    page.print(at(50, 30, Align::Left), |_, _| words("PATIENT INTAKE")).size_percent = 130;
    page.print(at(950, 40, Align::Right), wording::study_date).voice = Voice::Typed;
    let fields: [Field; 8] = [
        ("Last, first name", wording::plain_name),
        ("Born", wording::plain_birth),
        ("MRN", wording::plain_patient_id),
        ("SSN", wording::social_security),
        ("Phone", wording::phone),
        ("Referred by", wording::physician),
        ("Allergies", |_, rng| words(crate::persona::pick(rng, &["none known", "iodine", "penicillin"]))),
        ("Protocol", wording::technique),
    ];
    for (idx, (label, say)) in (0u32..).zip(fields) {
        let (left, top) = (50 + idx % 2 * 460, 130 + idx / 2 * 165);
        page.graphics.push(Graphic::Frame { from: (left, top), to: (left + 440, top + 140), level: 250 });
        page.print(at(left + 12, top + 10, Align::Left), |_, _| words(label)).size_percent = 75;
        let is_written = page.rng.random_bool(0.3);
        let item = page.print(at(left + 20, top + 65, Align::Left), say);
        item.voice = if is_written { Voice::Hand } else { Voice::Typed };
    }
    page.print(at(60, 850, Align::Left), wording::signature).voice = Voice::Hand;
    page.graphics.push(Graphic::Rule { from: (50, 930), to: (480, 930), level: 300 });
}

/// The summary of doses that a CT scanner adds to a study.
pub(super) fn dose_report(page: &mut Page<'_>) {
    dark_screen(page);
    page.line(at(40, 30, Align::Left), wording::institution);
    page.maybe(0.6, at(960, 30, Align::Right), wording::device);
    page.line(at(40, 95, Align::Left), wording::name);
    page.maybe(0.8, at(960, 95, Align::Right), wording::study_date);
    page.line(at(40, 150, Align::Left), wording::patient_id);
    page.maybe(0.6, at(960, 150, Align::Right), wording::accession);
    page.line(at(500, 240, Align::Middle), |_, _| words("Dose Report")).size_percent = 130;
    page.graphics.push(Graphic::Rule { from: (30, 370), to: (970, 370), level: 700 });
    page.line(at(60, 320, Align::Left), |_, _| words("Series Type mA CTDIvol DLP")).voice = Voice::Typed;
    for row in 0..page.rng.random_range(2..6u32) {
        let item = page.line(at(60, 385 + row * 70, Align::Left), |_, rng| wording::dose_row(rng, row + 1));
        item.voice = Voice::Typed;
    }
    page.graphics.push(Graphic::Rule { from: (30, 760), to: (970, 760), level: 700 });
    page.maybe(0.7, at(60, 800, Align::Left), wording::physician);
    page.maybe(0.5, at(60, 860, Align::Left), wording::operator);
}

/// A viewer: a panel with the study's facts beside the image.
pub(super) fn viewer_panel(page: &mut Page<'_>) {
    let level = page.rng.random_range(90..300);
    page.graphics.push(Graphic::Fill { from: (0, 0), to: (1000, 65), level });
    page.line(at(15, 12, Align::Left), wording::title);
    page.graphics.push(Graphic::Fill { from: (0, 66), to: (270, 1000), level: level / 2 });
    let column = at(15, 100, Align::Left);
    page.maybe(0.7, column, wording::series);
    page.technique(column, 2..=4);
    page.maybe(0.6, column, wording::birth);
    page.maybe(0.5, column, wording::accession);
    page.graphics.push(Graphic::Frame { from: (275, 72), to: (995, 990), level: 500 });
    page.maybe(0.6, at(980, 930, Align::Right), |_, _| words("NOT FOR DIAGNOSIS"));
}

/// A worksheet of measurements with a curve.
pub(super) fn worksheet(page: &mut Page<'_>) {
    dark_screen(page);
    page.line(at(30, 25, Align::Left), wording::name);
    page.maybe(0.8, at(30, 75, Align::Left), wording::birth);
    page.line(at(970, 25, Align::Right), wording::patient_id);
    page.maybe(0.7, at(970, 75, Align::Right), wording::study_date);
    page.graphics.push(Graphic::Frame { from: (30, 150), to: (970, 560), level: 450 });
    page.graphics.push(Graphic::Curve { from: (40, 160), to: (960, 550), level: 900 });
    for row in 0..page.rng.random_range(2..5u32) {
        page.line(at(50, 600 + row * 70, Align::Left), wording::measurement);
        page.line(at(550, 600 + row * 70, Align::Left), wording::measurement);
    }
    page.maybe(0.6, at(50, 930, Align::Left), wording::institution);
}

/// A table with ruled rows.
pub(super) fn result_table(page: &mut Page<'_>) {
    dark_screen(page);
    page.graphics.push(Graphic::Fill { from: (0, 0), to: (1000, 120), level: 750 });
    page.print(at(25, 15, Align::Left), wording::institution);
    page.print(at(25, 65, Align::Left), wording::name_and_id);
    page.print(at(975, 15, Align::Right), wording::study_date);
    for row in 0..8u32 {
        let y = 170 + row * 95;
        page.graphics.push(Graphic::Rule { from: (25, y + 75), to: (975, y + 75), level: 350 });
        page.line(at(40, y, Align::Left), wording::technique);
        page.maybe(0.7, at(560, y, Align::Left), wording::measurement);
    }
    page.maybe(0.6, at(975, 940, Align::Right), wording::operator);
}

/// A screen without an image.
fn dark_screen(page: &mut Page<'_>) {
    let level = page.rng.random_range(0..120);
    page.graphics.push(Graphic::Fill { from: (0, 0), to: (1000, 1000), level });
}

/// A rubber stamp: never straight.
fn stamp(page: &mut Page<'_>, (x, y): (u32, u32)) {
    let angle_degrees = page.pick(&[-14, -9, 6, 11]);
    let item = page.print(at(x, y, Align::Left), |scene, rng| {
        words("RECEIVED ").followed_by(wording::plain_study_date(scene, rng))
    });
    item.angle_degrees = angle_degrees;
    item.size_percent = 110;
}

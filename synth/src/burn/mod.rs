//! Text burned into pixels, as scanners, workstations and paper have it.
//!
//! A [`layouts::Layout`] composes a page for the kind of image: lines (`wording`) at their places, and the panels and
//! rules around them. Each line becomes a strip of ink in one of the [`fonts`] (`strip`), gets a free place (`place`)
//! and inks that stand out from what is there (`style`), and is drawn into frames or an overlay plane (`draw`), which
//! is where its truth is written (`plant`).

mod draw;
pub(crate) mod fonts;
mod graphics;
pub(crate) mod layouts;
pub(crate) mod options;
mod page;
mod place;
mod strip;
mod style;
#[cfg(test)]
mod tests;
mod wording;

use crate::iod::Scene;
use crate::persona::pick;
use crate::pixels::Canvas;
use crate::plant::Sheet;
use dicom_core::{PrimitiveValue, Tag, VR};
use draw::{Effect, Plane, Surface};
use efface_schema::{DrawnLine, FrameRange, PixelRegion, Place};
use fonts::{FONTS, FontUse};
use layouts::{Family, Layout};
use options::TextSettings;
use page::{Align, Item, Page, Side, Spot, Voice};
use place::Room;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use strip::{Setting, Strip};
use style::{Levels, Stylist};
use wording::Say;

/// What a picture is to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    /// Whose it is, among other words.
    Identity,
    /// Words that identify nobody.
    Harmless,
}

/// The group of the overlay plane that text is drawn into.
const OVERLAY_GROUP: u16 = 0x6000;

/// Draws a page of text over an image and writes its truth. `ink` is the value of the brightest text.
///
/// Says whether any of the image's pixels identifies; an overlay plane is not part of them.
pub(crate) fn burn(
    scene: &Scene<'_>,
    sheet: &mut Sheet<'_>,
    canvas: &mut Canvas,
    ink: i32,
    content: Content,
    rng: &mut ChaCha8Rng,
) -> bool {
    let layouts = layouts::of(Family::of(scene.series.kind), &scene.settings.burned_in_text.layouts);
    let layout = pick(rng, &layouts);
    let items = stage(scene, layout, canvas, ink, content, rng);
    write(scene, sheet, layout, (canvas, ink), &items, rng)
}

/// Draws what is not text, and says which lines are to be written.
fn stage(
    scene: &Scene<'_>,
    layout: &Layout,
    canvas: &mut Canvas,
    ink: i32,
    content: Content,
    rng: &mut ChaCha8Rng,
) -> Vec<Item> {
    let page = compose(scene, layout, content, rng);
    let (items, graphics) = (page.items, page.graphics);
    for graphic in graphics {
        graphics::draw(canvas, Levels::of(scene.series.kind, ink), graphic, rng);
    }
    items
}

/// Writes lines, as many as there is room for.
fn write(
    scene: &Scene<'_>,
    sheet: &mut Sheet<'_>,
    layout: &Layout,
    (canvas, ink): (&mut Canvas, i32),
    items: &[Item],
    rng: &mut ChaCha8Rng,
) -> bool {
    let levels = Levels::of(scene.series.kind, ink);
    let mut scribe = Scribe::new(&scene.settings.burned_in_text, layout, canvas, levels, rng);
    let mut identifies = false;
    for item in items {
        identifies |= scribe.write(item, sheet, canvas, rng) == Some(true);
    }
    scribe.finish(sheet);
    identifies
}

/// The page of a layout, with what the options add to some.
fn compose<'a>(scene: &'a Scene<'a>, layout: &Layout, content: Content, rng: &'a mut ChaCha8Rng) -> Page<'a> {
    let settings = &scene.settings.burned_in_text;
    let mut page = Page { scene, rng, graphics: Vec::new(), items: Vec::new() };
    // What is cut or turned comes first, while there is room.
    if page.rng.random_bool(settings.cut_share) {
        let side = page.pick(&[Side::Left, Side::Right, Side::Top, Side::Bottom]);
        let say =
            page.pick::<Say>(&[wording::name_and_id, wording::institution, wording::study_date, wording::technique]);
        page.line(Spot::Cut(side), say);
    }
    let n_first = page.items.len();
    (layout.compose)(&mut page);
    if page.rng.random_bool(settings.turned_share) {
        let angle_degrees = page.pick(&[90, 270, 180, -8, 5, 12]);
        let spot = match angle_degrees {
            90 | 270 => Spot::Along(page.pick(&[Side::Left, Side::Right])),
            180 => Spot::At { x: 500, y: 850, align: Align::Middle },
            _ => Spot::Scattered,
        };
        let say = page.pick::<Say>(&[wording::name, wording::patient_id, wording::series, wording::technique]);
        page.line(spot, say).angle_degrees = angle_degrees;
        let last = page.items.len() - 1;
        page.items[n_first..=last].rotate_right(1);
    }
    if page.rng.random_bool(settings.scattered_share) {
        let say = page.pick::<Say>(&[wording::name, wording::patient_id, wording::technique, wording::technique]);
        page.line(Spot::Scattered, say);
    }
    if content == Content::Harmless {
        page.items.retain(|item| !item.phrase.has_secrets());
    }
    page
}

/// Draws the lines of one page.
struct Scribe<'a> {
    stylist: Stylist<'a>,
    layout: &'static str,
    room: Room,
    fonts: [usize; 3],
    height_px: u32,
    is_smooth: bool,
    /// Where lines go that are not burned in.
    overlay: Option<Plane>,
    n_frames: u32,
    shows_some_frames: bool,
}

impl<'a> Scribe<'a> {
    fn new(settings: &'a TextSettings, layout: &Layout, canvas: &Canvas, levels: Levels, rng: &mut ChaCha8Rng) -> Self {
        let has_overlay = rng.random_bool(settings.overlay_share) && canvas.n_frames == 1;
        Self {
            stylist: Stylist::new(settings, levels, rng),
            layout: layout.name,
            room: Room::new(canvas.columns, canvas.rows),
            fonts: page_fonts(settings, rng),
            height_px: page_height_px(settings, canvas, rng),
            is_smooth: rng.random_bool(0.8),
            overlay: has_overlay.then(|| Plane::new(canvas.columns, canvas.rows)),
            n_frames: canvas.n_frames,
            shows_some_frames: canvas.n_frames > 1 && rng.random_bool(settings.some_frames_share),
        }
    }

    /// Draws a line where there is room for it. Says whether it was drawn, and identifies in the image's pixels.
    fn write(&mut self, item: &Item, sheet: &mut Sheet<'_>, canvas: &mut Canvas, rng: &mut ChaCha8Rng) -> Option<bool> {
        let is_overlay = self.overlay.is_some() && rng.random_bool(0.5);
        let font_idx = self.fonts[item.voice as usize];
        let settings = self.stylist.settings;
        let wanted_px =
            (self.height_px * item.size_percent / 100).clamp(settings.height_min_px, settings.height_max_px);
        let face = fonts::typeface(font_idx);
        let setting = Setting {
            height_px: face.fitting_height_px(wanted_px),
            // Thin strokes of small text would fall apart.
            is_smooth: self.is_smooth || wanted_px < 12,
            angle_degrees: item.angle_degrees,
        };
        let frames = self.frames(rng);
        let effect = if is_overlay { Effect::None } else { self.stylist.effect(item.look, setting.height_px, rng) };
        let identifies = sheet.plant_line(&item.phrase, |text| {
            let strip = Strip::of(text, face, setting)?;
            let at = self.room.take(item.spot, (strip.width_px, strip.height_px), reach_px(effect), rng)?;
            let mut about = DrawnLine {
                place: if is_overlay { Place::Overlay } else { Place::Pixels },
                overlay_group: is_overlay.then_some(OVERLAY_GROUP),
                frames: frames.map(|range| vec![range]),
                layout: self.layout.to_owned(),
                font: FONTS[font_idx].name.to_owned(),
                height_px: setting.height_px,
                angle_degrees: item.angle_degrees,
                ..blank_line()
            };
            let mut surface = match self.overlay.as_mut().filter(|_| is_overlay) {
                Some(plane) => {
                    about.contrast_percent = 100;
                    Surface::Overlay { plane }
                }
                None => {
                    let range = frames.unwrap_or(FrameRange { start: 0, end: self.n_frames });
                    let region = clipped(at, &strip, canvas);
                    let style = self.stylist.style(canvas, range.start, region, item.look, effect, rng);
                    about.contrast_percent = style.contrast_percent;
                    Surface::Image { canvas, frames: (range.start..range.end).collect(), brush: style.brush }
                }
            };
            draw::draw(&mut surface, strip, at, about)
        })?;
        Some(identifies && !is_overlay)
    }

    /// The frames that show a line; `None` for all.
    fn frames(&self, rng: &mut ChaCha8Rng) -> Option<FrameRange> {
        if !self.shows_some_frames || rng.random_bool(0.5) {
            return None;
        }
        let start = rng.random_range(0..self.n_frames);
        Some(FrameRange { start, end: rng.random_range(start + 1..=self.n_frames) })
    }

    /// Writes the overlay plane, if there is one.
    fn finish(self, sheet: &mut Sheet<'_>) {
        if let Some(plane) = self.overlay {
            put_plane(sheet, &plane, OVERLAY_GROUP);
        }
    }
}

/// Overlay Plane (PS3.3 C.9.2).
fn put_plane(sheet: &mut Sheet<'_>, plane: &Plane, group: u16) {
    describe_plane(sheet, plane, group, (1, 0));
    let bytes = plane.to_bytes();
    let words = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    sheet.put_as(Tag(group, 0x3000), VR::OW, PrimitiveValue::U16(words));
}

/// What a group says about its plane; `bits` are Overlay Bits Allocated and Overlay Bit Position.
pub(crate) fn describe_plane(sheet: &mut Sheet<'_>, plane: &Plane, group: u16, bits: (u16, u16)) {
    let side = |pixels: u32| u16::try_from(pixels).expect("the settings allow at most 4096 rows and columns");
    let mut put = |element, vr, value: PrimitiveValue| sheet.put_as(Tag(group, element), vr, value);
    put(0x0010, VR::US, side(plane.rows).into());
    put(0x0011, VR::US, side(plane.columns).into());
    put(0x0040, VR::CS, "G".into());
    put(0x0050, VR::SS, PrimitiveValue::I16([1, 1].as_slice().into()));
    put(0x0100, VR::US, bits.0.into());
    put(0x0102, VR::US, bits.1.into());
}

/// Draws a line that identifies into a plane of its own and writes its truth. Without a group the plane is for the bits
/// of the pixels. Nothing where the image has no room for the line.
pub(crate) fn draw_plane(
    scene: &Scene<'_>,
    sheet: &mut Sheet<'_>,
    group: Option<u16>,
    rng: &mut ChaCha8Rng,
) -> Option<Plane> {
    let (columns, rows) = (scene.series.settings.columns, scene.series.settings.rows);
    let settings = &scene.settings.burned_in_text;
    let font_idx = page_fonts(settings, rng)[Voice::Main as usize];
    let face = fonts::typeface(font_idx);
    let wanted_px = (rows / 10).clamp(settings.height_min_px, settings.height_max_px);
    let setting = Setting { height_px: face.fitting_height_px(wanted_px), is_smooth: true, angle_degrees: 0 };
    let mut plane = Plane::new(columns, rows);
    sheet.draw_on(columns, rows, scene.series.settings.frames);
    sheet.plant_line(&wording::plain_name(scene, rng), |text| {
        let strip = Strip::of(text, face, setting)?;
        let at = Room::new(columns, rows).take(Spot::Scattered, (strip.width_px, strip.height_px), 0, rng)?;
        let about = DrawnLine {
            place: Place::Overlay,
            overlay_group: group,
            layout: "overlay".to_owned(),
            font: FONTS[font_idx].name.to_owned(),
            height_px: setting.height_px,
            contrast_percent: 100,
            ..blank_line()
        };
        draw::draw(&mut Surface::Overlay { plane: &mut plane }, strip, at, about)
    })?;
    Some(plane)
}

/// Draws a line that identifies into the plane of a group.
pub(crate) fn write_plane(scene: &Scene<'_>, sheet: &mut Sheet<'_>, group: u16, rng: &mut ChaCha8Rng) {
    if let Some(plane) = draw_plane(scene, sheet, Some(group), rng) {
        put_plane(sheet, &plane, group);
    }
}

/// The fonts of a page, by [`Voice`].
fn page_fonts(settings: &TextSettings, rng: &mut ChaCha8Rng) -> [usize; 3] {
    let of = |is_wanted: fn(FontUse) -> bool| -> Vec<usize> {
        let named = settings.fonts.iter().filter_map(|name| fonts::font_idx(name));
        named.filter(|font_idx| is_wanted(FONTS[*font_idx].purpose)).collect()
    };
    let main = pick(rng, &of(|purpose| purpose != FontUse::Hand));
    let mut or_main = |fonts: Vec<usize>| if fonts.is_empty() { main } else { pick(rng, &fonts) };
    let typed = or_main(of(|purpose| purpose == FontUse::Typed));
    let hand = or_main(of(|purpose| purpose == FontUse::Hand));
    let mut of_voice = [main; 3];
    of_voice[Voice::Typed as usize] = typed;
    of_voice[Voice::Hand as usize] = hand;
    of_voice
}

/// Most screens write some thirty lines of text over the height of the image; few write very large.
fn page_height_px(settings: &TextSettings, canvas: &Canvas, rng: &mut ChaCha8Rng) -> u32 {
    let side = canvas.rows.min(canvas.columns) as f32;
    let share = match rng.random_range(0..20) {
        0 => rng.random_range(6.0..13.0),
        1..5 => rng.random_range(13.0..56.0),
        _ => rng.random_range(24.0..40.0),
    };
    ((side / share).round() as u32).clamp(settings.height_min_px, settings.height_max_px)
}

const fn reach_px(effect: Effect) -> i32 {
    match effect {
        Effect::None => 0,
        Effect::Outline => 1,
        Effect::Shadow(offset) => offset,
        Effect::Box(margin) => margin as i32,
    }
}

fn clipped(at: (i32, i32), strip: &Strip, canvas: &Canvas) -> PixelRegion {
    let side = |value: i32, most: u32| value.clamp(0, most as i32) as u32;
    PixelRegion {
        x0: side(at.0, canvas.columns),
        y0: side(at.1, canvas.rows),
        x1: side(at.0 + strip.width_px as i32, canvas.columns),
        y1: side(at.1 + strip.height_px as i32, canvas.rows),
    }
}

const fn blank_line() -> DrawnLine {
    DrawnLine {
        text: String::new(),
        place: Place::Pixels,
        overlay_group: None,
        frames: None,
        layout: String::new(),
        font: String::new(),
        height_px: 0,
        angle_degrees: 0,
        contrast_percent: 0,
        region: PixelRegion { x0: 0, y0: 0, x1: 0, y1: 0 },
        corners: [[0; 2]; 4],
        words: Vec::new(),
    }
}

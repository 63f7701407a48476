//! Plots as SVG that stands inside the page: it takes the page's text colour, light or dark.

use efface_schema::Rate;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// One row of a plot.
pub(crate) struct Bar {
    pub name: String,
    pub rate: Rate,
    /// Whether anything short of all is bad.
    pub must_be_whole: bool,
}

/// Stands for the page's text colour until the drawing is done.
pub(crate) const INK: RGBColor = RGBColor(1, 2, 3);
const GRID: RGBColor = RGBColor(140, 146, 155);
const GOOD: RGBColor = RGBColor(38, 150, 94);
const BAD: RGBColor = RGBColor(208, 62, 74);
const PLAIN: RGBColor = RGBColor(64, 128, 200);
const ROW_PX: i32 = 26;
const LEFT_PX: i32 = 270;
const WIDTH_PX: i32 = 900;
const RIGHT_PX: i32 = 170;

/// A forest plot: per row the rate as a dot and its 95 % interval as a line.
///
/// `title` and `description` are read out by screen readers.
pub(crate) fn forest(title: &str, description: &str, bars: &[Bar]) -> String {
    if bars.is_empty() {
        return String::new();
    }
    let height = ROW_PX * (bars.len() as i32 + 2);
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, (WIDTH_PX as u32, height as u32)).into_drawing_area();
        // Drawing into a string cannot fail.
        let _ = draw(&area, bars, height);
    }
    inside_page(&svg, title, description)
}

fn small(colour: &'static RGBColor, anchor: Pos) -> TextStyle<'static> {
    TextStyle::from(("sans-serif", 13).into_font()).color(colour).pos(anchor)
}

type Area<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;
type DrawingError<'a> = DrawingAreaErrorKind<<SVGBackend<'a> as DrawingBackend>::ErrorType>;

fn draw<'a>(area: &Area<'a>, bars: &[Bar], height: i32) -> Result<(), DrawingError<'a>> {
    let least = bars.iter().map(|bar| bar.rate.low).fold(1.0, f64::min);
    let from = ((least * 10.0).floor() / 10.0).clamp(0.0, 0.9);
    let x_of = |share: f64| {
        LEFT_PX + (f64::from(WIDTH_PX - LEFT_PX - RIGHT_PX) * (share - from) / (1.0 - from)).round() as i32
    };
    let bottom = height - ROW_PX;
    for tick_idx in 0..=4 {
        let share = from + (1.0 - from) * f64::from(tick_idx) / 4.0;
        area.draw(&PathElement::new([(x_of(share), ROW_PX / 2), (x_of(share), bottom)], GRID.mix(0.35)))?;
        let label = format!("{:.1} %", 100.0 * share);
        area.draw(&Text::new(label, (x_of(share), bottom + 6), small(&INK, Pos::new(HPos::Center, VPos::Top))))?;
    }
    for (row, bar) in bars.iter().enumerate() {
        let y = ROW_PX * (row as i32 + 1);
        let colour = match bar.must_be_whole {
            true if bar.rate.numerator == bar.rate.denominator => GOOD,
            true => BAD,
            false => PLAIN,
        };
        area.draw(&Text::new(bar.name.clone(), (LEFT_PX - 14, y), small(&INK, Pos::new(HPos::Right, VPos::Center))))?;
        area.draw(&PathElement::new([(x_of(bar.rate.low), y), (x_of(bar.rate.high), y)], colour.stroke_width(3)))?;
        for end in [bar.rate.low, bar.rate.high] {
            area.draw(&PathElement::new([(x_of(end), y - 5), (x_of(end), y + 5)], colour.stroke_width(2)))?;
        }
        area.draw(&Circle::new((x_of(bar.rate.value()), y), 6, colour.filled()))?;
        let count = format!("{} of {}", bar.rate.numerator, bar.rate.denominator);
        area.draw(&Text::new(count, (WIDTH_PX - RIGHT_PX + 16, y), small(&INK, Pos::new(HPos::Left, VPos::Center))))?;
    }
    area.present()
}

/// Makes a drawing a part of a page: it takes the page's width, letters and colour of text.
pub(crate) fn inside_page(svg: &str, title: &str, description: &str) -> String {
    let svg = svg.replace("#010203", "currentColor").replace("font-family=\"sans-serif\"", "font-family=\"inherit\"");
    let Some((head, body)) = svg.split_once('>') else { return String::new() };
    // The fixed size becomes a view box, so that the plot fits any screen and paper.
    let head = head.split(" width=\"").next().unwrap_or_default();
    let view = svg.split_once("viewBox=\"").and_then(|(_, rest)| rest.split_once('"')).map_or("", |(view, _)| view);
    format!(
        "{head} viewBox=\"{view}\" role=\"img\" xmlns=\"http://www.w3.org/2000/svg\"><title>{}</title><desc>{}</desc>{body}",
        escape(title),
        escape(description)
    )
}

pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

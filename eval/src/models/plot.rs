//! Plots of points and lines as SVG files that stand by themselves.

use efface_schema::{BinnedCalibration, CalibrationFigures, DetectorMetrics, ThroughputMetrics};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

const WIDTH_PX: i32 = 640;
const HEIGHT_PX: i32 = 480;
const LEFT_PX: i32 = 70;
const RIGHT_PX: i32 = 20;
const TOP_PX: i32 = 46;
const BOTTOM_PX: i32 = 56;
const INK: RGBColor = RGBColor(40, 44, 52);
const GRID: RGBColor = RGBColor(140, 146, 155);
const COLOURS: [RGBColor; 3] = [RGBColor(64, 128, 200), RGBColor(208, 62, 74), RGBColor(38, 150, 94)];

/// Points that belong together.
struct Series {
    name: &'static str,
    points: Vec<(f64, f64)>,
}

/// A plot of up to three series.
struct Plot {
    title: &'static str,
    x_name: &'static str,
    y_name: &'static str,
    /// Upper ends of both axes; the lower ones are 0.
    ends: (f64, f64),
    has_diagonal: bool,
    series: Vec<Series>,
}

/// The reliability diagram: what share of decisions is right, by their probability.
pub fn reliability(figures: &CalibrationFigures) -> String {
    let points =
        |binned: &BinnedCalibration| binned.bins.iter().map(|bin| (bin.mean_probability, bin.share_correct)).collect();
    let plot = Plot {
        title: "Reliability diagram",
        x_name: "mean probability",
        y_name: "share of right decisions",
        ends: (1.0, 1.0),
        has_diagonal: true,
        series: vec![
            Series { name: "bins of equal width", points: points(&figures.equal_width) },
            Series { name: "bins of equal mass", points: points(&figures.equal_mass) },
        ],
    };
    plot.svg()
}

/// The risk-coverage curve.
pub fn risk_coverage(figures: &CalibrationFigures) -> String {
    let points: Vec<(f64, f64)> = figures.risk_coverage.iter().map(|point| (point.coverage, point.risk)).collect();
    let plot = Plot {
        title: "Risk and coverage",
        x_name: "share of decisions that stand, the surest first",
        y_name: "share of wrong ones among them",
        ends: (1.0, end_of(&points)),
        has_diagonal: false,
        series: vec![Series { name: "risk", points }],
    };
    plot.svg()
}

/// What review buys: PHI missed, and errors among what nobody looks at, by the share that is looked at.
pub fn review(figures: &CalibrationFigures) -> String {
    let points = |of: fn(&efface_schema::ReviewPoint) -> Option<efface_schema::Estimate>| -> Vec<(f64, f64)> {
        figures.review.iter().filter_map(|point| Some((point.review_share, of(point)?.value))).collect()
    };
    let (missed, errors) = (points(|point| point.phi_missed), points(|point| point.error_unreviewed));
    let plot = Plot {
        title: "Review and PHI missed",
        x_name: "share of decisions sent to review, the least sure first",
        y_name: "share",
        ends: (1.0, end_of(&missed).max(end_of(&errors))),
        has_diagonal: false,
        series: vec![
            Series { name: "PHI missed", points: missed },
            Series { name: "errors among what is not reviewed", points: errors },
        ],
    };
    plot.svg()
}

/// What boxes hide and lose, by the least score that is painted over.
pub fn hiding(metrics: &DetectorMetrics) -> String {
    let points = |of: fn(&efface_schema::HidingScores) -> Option<efface_schema::ClusteredShare>| {
        metrics.hiding.iter().filter_map(|row| Some((row.least_score, of(row)?.value))).collect()
    };
    let plot = Plot {
        title: "What the boxes hide and lose",
        x_name: "least score that is painted over",
        y_name: "share",
        ends: (1.0, 1.0),
        has_diagonal: false,
        series: vec![
            Series { name: "PHI words hidden", points: points(|row| row.words_hidden) },
            Series { name: "clean pixels lost", points: points(|row| row.clean_pixels_lost) },
            Series { name: "pixels of PHI glyphs covered", points: points(|row| row.glyph_pixels_covered) },
        ],
    };
    plot.svg()
}

/// How many times as fast by the number of threads.
pub fn scaling(metrics: &ThroughputMetrics) -> String {
    let points: Vec<(f64, f64)> = metrics.scaling.iter().map(|row| (f64::from(row.n_threads), row.speedup)).collect();
    let end = points.iter().fold(1.0, |end: f64, (x, y)| end.max(*x).max(*y));
    let plot = Plot {
        title: "Speed by threads",
        x_name: "threads",
        y_name: "times as fast as with the fewest",
        ends: (end, end),
        has_diagonal: true,
        series: vec![Series { name: "measured", points }],
    };
    plot.svg()
}

/// A round end for an axis: the smallest of 1, 2 and 5 times a power of ten that nothing exceeds.
fn end_of(points: &[(f64, f64)]) -> f64 {
    let most = points.iter().fold(0.0, |most: f64, (_, y)| most.max(*y));
    if most <= 0.0 {
        return 1.0;
    }
    let power = 10_f64.powf(most.log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|times| times * power).find(|end| *end >= most).unwrap_or(most)
}

type Area<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;
type DrawingError<'a> = DrawingAreaErrorKind<<SVGBackend<'a> as DrawingBackend>::ErrorType>;

fn words(colour: &'static RGBColor, size: i32, across: HPos, along: VPos) -> TextStyle<'static> {
    TextStyle::from(("sans-serif", size).into_font()).color(colour).pos(Pos::new(across, along))
}

impl Plot {
    fn svg(&self) -> String {
        let mut svg = String::new();
        {
            let area = SVGBackend::with_string(&mut svg, (WIDTH_PX as u32, HEIGHT_PX as u32)).into_drawing_area();
            // Drawing into a string cannot fail.
            let _ = self.draw(&area);
        }
        // What a screen reader says.
        let about = format!("<title>{}</title><desc>{} by {}</desc>", self.title, self.y_name, self.x_name);
        match svg.find("<svg").and_then(|begin| Some(begin + svg[begin..].find('>')? + 1)) {
            Some(at) => format!("{}{about}{}", &svg[..at], &svg[at..]),
            None => svg,
        }
    }

    fn place(&self, (x, y): (f64, f64)) -> (i32, i32) {
        let (width, height) = (WIDTH_PX - LEFT_PX - RIGHT_PX, HEIGHT_PX - TOP_PX - BOTTOM_PX);
        let across = (f64::from(width) * x / self.ends.0).round() as i32;
        let up = (f64::from(height) * y / self.ends.1).round() as i32;
        (LEFT_PX + across, HEIGHT_PX - BOTTOM_PX - up)
    }

    fn draw<'a>(&self, area: &Area<'a>) -> Result<(), DrawingError<'a>> {
        area.fill(&WHITE)?;
        area.draw(&Text::new(self.title, (LEFT_PX, 6), words(&INK, 16, HPos::Left, VPos::Top)))?;
        self.draw_axes(area)?;
        for ((at, series), colour) in self.series.iter().enumerate().zip(&COLOURS) {
            let points: Vec<(i32, i32)> = series.points.iter().map(|point| self.place(*point)).collect();
            for point in &points {
                area.draw(&Circle::new(*point, 3, colour.filled()))?;
            }
            area.draw(&PathElement::new(points, colour.stroke_width(2)))?;
            let left = LEFT_PX + 200 * at as i32;
            area.draw(&Circle::new((left + 4, 34), 4, colour.filled()))?;
            area.draw(&Text::new(series.name, (left + 14, 34), words(&INK, 12, HPos::Left, VPos::Center)))?;
        }
        area.present()
    }

    fn draw_axes<'a>(&self, area: &Area<'a>) -> Result<(), DrawingError<'a>> {
        const N_TICKS: i32 = 5;
        for tick in 0..=N_TICKS {
            let share = f64::from(tick) / f64::from(N_TICKS);
            let (x, y) = (share * self.ends.0, share * self.ends.1);
            let (from, to) = (self.place((x, 0.0)), self.place((x, self.ends.1)));
            area.draw(&PathElement::new([from, to], GRID.mix(0.3)))?;
            let at = (from.0, from.1 + 6);
            area.draw(&Text::new(label(x, self.ends.0), at, words(&INK, 12, HPos::Center, VPos::Top)))?;
            let (from, to) = (self.place((0.0, y)), self.place((self.ends.0, y)));
            area.draw(&PathElement::new([from, to], GRID.mix(0.3)))?;
            let at = (from.0 - 6, from.1);
            area.draw(&Text::new(label(y, self.ends.1), at, words(&INK, 12, HPos::Right, VPos::Center)))?;
        }
        if self.has_diagonal {
            let ends = [self.place((0.0, 0.0)), self.place(self.ends)];
            area.draw(&PathElement::new(ends, GRID.stroke_width(1)))?;
        }
        let below = (LEFT_PX + (WIDTH_PX - LEFT_PX - RIGHT_PX) / 2, HEIGHT_PX - 10);
        area.draw(&Text::new(self.x_name, below, words(&INK, 13, HPos::Center, VPos::Bottom)))?;
        let turned = words(&INK, 13, HPos::Center, VPos::Top).transform(FontTransform::Rotate270);
        area.draw(&Text::new(self.y_name, (8, TOP_PX + (HEIGHT_PX - TOP_PX - BOTTOM_PX) / 2), turned))
    }
}

/// As many decimals as the axis needs.
fn label(value: f64, end: f64) -> String {
    let decimals = (2.0 - end.log10().ceil()).clamp(1.0, 8.0) as usize;
    format!("{value:.decimals$}")
}

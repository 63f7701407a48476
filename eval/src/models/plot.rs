//! Plots of points and lines with their intervals, as SVG: files that stand by themselves, and drawings inside a page, which
//! take its text colour, light or dark.

use crate::report::plot::{INK, escape, inside_page};
use efface_schema::{
    BinnedCalibration, CalibrationFigures, ClusteredShare, DetectorMetrics, Estimate, HidingScores, ReviewPoint,
    ThroughputMetrics,
};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

const WIDTH_PX: i32 = 640;
const HEIGHT_PX: i32 = 480;
const LEFT_PX: i32 = 70;
const RIGHT_PX: i32 = 20;
const TOP_PX: i32 = 46;
const BOTTOM_PX: i32 = 56;
const INK_OF_FILES: RGBColor = RGBColor(40, 44, 52);
const GRID: RGBColor = RGBColor(140, 146, 155);
const COLOURS: [RGBColor; 3] = [RGBColor(64, 128, 200), RGBColor(208, 62, 74), RGBColor(38, 150, 94)];

/// A point, with the ends of the interval of its height where there is one.
#[derive(Clone, Copy)]
struct Point {
    x: f64,
    y: f64,
    interval: Option<(f64, f64)>,
}

/// Points that belong together.
struct Series {
    name: &'static str,
    points: Vec<Point>,
}

/// Where an axis that begins at 0 ends, and in how many parts it is divided.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Axis {
    end: f64,
    n_parts: u32,
}

/// A plot of up to three series.
pub struct Plot {
    title: String,
    x_name: &'static str,
    y_name: &'static str,
    axes: (Axis, Axis),
    has_diagonal: bool,
    series: Vec<Series>,
}

impl Point {
    fn of_estimate(x: f64, of: Estimate) -> Self {
        Self { x, y: of.value, interval: of.low.zip(of.high) }
    }

    fn of_share(x: f64, of: ClusteredShare) -> Self {
        Self { x, y: of.value, interval: of.low.zip(of.high) }
    }
}

impl Axis {
    /// From 0 to 1.
    const SHARE: Self = Self { end: 1.0, n_parts: 5 };

    /// The shortest axis of round parts that holds all points and their intervals.
    fn over(series: &[Series]) -> Self {
        let heights = series.iter().flat_map(|series| &series.points);
        let most = heights.map(|point| point.interval.map_or(point.y, |(_, high)| high)).fold(0.0, f64::max);
        if most <= 0.0 {
            return Self::SHARE;
        }
        let power = 10_f64.powf(most.log10().floor());
        let ends = [1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 7.5, 10.0].map(|times| times * power);
        Self { end: ends.into_iter().find(|end| *end >= most).unwrap_or(most), n_parts: 5 }
    }

    /// An axis whose marks are whole numbers.
    fn whole(most: f64) -> Self {
        let most = most.ceil().max(1.0);
        if most <= 10.0 {
            return Self { end: most, n_parts: most as u32 };
        }
        Self { end: 5.0 * (most / 5.0).ceil(), n_parts: 5 }
    }

    fn marks(self) -> impl Iterator<Item = f64> {
        (0..=self.n_parts).map(move |mark| self.end * f64::from(mark) / f64::from(self.n_parts))
    }

    /// As few decimals as tell all marks exactly.
    fn decimals(self) -> usize {
        let is_exact = |decimals: &usize| {
            let scale = 10_f64.powi(*decimals as i32);
            self.marks().all(|mark| (mark * scale - (mark * scale).round()).abs() < 1e-6)
        };
        (0..8).find(is_exact).unwrap_or(8)
    }
}

/// The reliability diagram: what share of decisions is right, by their probability. `of` says of which decisions.
pub fn reliability(of: &str, figures: &CalibrationFigures) -> Plot {
    let points = |binned: &BinnedCalibration| {
        let bins = binned.bins.iter();
        bins.map(|bin| Point {
            x: bin.mean_probability,
            y: bin.share_correct,
            interval: bin.interval.map(|of| (of.low, of.high)),
        })
        .collect()
    };
    Plot {
        title: format!("Reliability of {of}"),
        x_name: "mean probability",
        y_name: "share of right decisions",
        axes: (Axis::SHARE, Axis::SHARE),
        has_diagonal: true,
        series: vec![
            Series { name: "bins of equal width", points: points(&figures.equal_width) },
            Series { name: "bins of equal mass", points: points(&figures.equal_mass) },
        ],
    }
}

/// The risk-coverage curve.
pub fn risk_coverage(figures: &CalibrationFigures) -> Plot {
    let points = figures.risk_coverage.iter().map(|point| Point {
        x: point.coverage,
        y: point.risk,
        interval: point.interval.map(|of| (of.low, of.high)),
    });
    let series = vec![Series { name: "risk", points: points.collect() }];
    Plot {
        title: "Risk and coverage".to_owned(),
        x_name: "share of decisions that stand, the surest first",
        y_name: "share of wrong ones among them",
        axes: (Axis::SHARE, Axis::over(&series)),
        has_diagonal: false,
        series,
    }
}

/// What review buys: PHI missed, and errors among what nobody looks at, by the share that is looked at.
pub fn review(figures: &CalibrationFigures) -> Plot {
    let points = |of: fn(&ReviewPoint) -> Option<Estimate>| -> Vec<Point> {
        let points = figures.review.iter();
        points.filter_map(|point| Some(Point::of_estimate(point.review_share, of(point)?))).collect()
    };
    let series = vec![
        Series { name: "PHI missed", points: points(|point| point.phi_missed) },
        Series { name: "errors among what is not reviewed", points: points(|point| point.error_unreviewed) },
    ];
    Plot {
        title: "Review and PHI missed".to_owned(),
        x_name: "share of decisions sent to review, the least sure first",
        y_name: "share",
        axes: (Axis::SHARE, Axis::over(&series)),
        has_diagonal: false,
        series,
    }
}

/// What boxes hide and lose, by the least score that is painted over.
pub fn hiding(metrics: &DetectorMetrics) -> Plot {
    let points = |of: fn(&HidingScores) -> Option<ClusteredShare>| {
        metrics.hiding.iter().filter_map(|row| Some(Point::of_share(row.least_score, of(row)?))).collect()
    };
    Plot {
        title: "What the boxes hide and lose".to_owned(),
        x_name: "least score that is painted over",
        y_name: "share",
        axes: (Axis::SHARE, Axis::SHARE),
        has_diagonal: false,
        series: vec![
            Series { name: "PHI words hidden", points: points(|row| row.words_hidden) },
            Series { name: "clean pixels lost", points: points(|row| row.clean_pixels_lost) },
            Series { name: "pixels of PHI glyphs covered", points: points(|row| row.glyph_pixels_covered) },
        ],
    }
}

/// How many times as fast by the number of threads.
pub fn scaling(metrics: &ThroughputMetrics) -> Plot {
    let rows = metrics.scaling.iter();
    let points: Vec<Point> =
        rows.map(|row| Point { x: f64::from(row.n_threads), y: row.speedup, interval: None }).collect();
    let axis = Axis::whole(points.iter().fold(1.0, |end: f64, point| end.max(point.x).max(point.y)));
    Plot {
        title: "Speed by threads".to_owned(),
        x_name: "threads",
        y_name: "times as fast as with the fewest",
        axes: (axis, axis),
        has_diagonal: true,
        series: vec![Series { name: "measured", points }],
    }
}

type Area<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;
type DrawingError<'a> = DrawingAreaErrorKind<<SVGBackend<'a> as DrawingBackend>::ErrorType>;

/// What a drawing is painted with.
#[derive(Clone, Copy)]
struct Paint {
    ink: &'static RGBColor,
    /// A page has its own.
    ground: Option<RGBColor>,
}

impl Paint {
    fn words(self, size: i32, across: HPos, along: VPos) -> TextStyle<'static> {
        TextStyle::from(("sans-serif", size).into_font()).color(self.ink).pos(Pos::new(across, along))
    }
}

impl Plot {
    /// A file that stands by itself, on a white ground.
    pub fn to_file(&self) -> String {
        let svg = self.svg(Paint { ink: &INK_OF_FILES, ground: Some(WHITE) });
        // What a screen reader says.
        let about = format!("<title>{}</title><desc>{}</desc>", escape(&self.title), self.about());
        match svg.find("<svg").and_then(|begin| Some(begin + svg[begin..].find('>')? + 1)) {
            Some(at) => format!("{}{about}{}", &svg[..at], &svg[at..]),
            None => svg,
        }
    }

    /// A drawing inside a page.
    pub fn to_page(&self) -> String {
        let svg = self.svg(Paint { ink: &INK, ground: None });
        inside_page(&svg, &self.title, &self.about())
    }

    fn about(&self) -> String {
        format!("{} by {}", self.y_name, self.x_name)
    }

    fn svg(&self, paint: Paint) -> String {
        let mut svg = String::new();
        {
            let area = SVGBackend::with_string(&mut svg, (WIDTH_PX as u32, HEIGHT_PX as u32)).into_drawing_area();
            // Drawing into a string cannot fail.
            let _ = self.draw(&area, paint);
        }
        svg
    }

    fn place(&self, x: f64, y: f64) -> (i32, i32) {
        let (width, height) = (WIDTH_PX - LEFT_PX - RIGHT_PX, HEIGHT_PX - TOP_PX - BOTTOM_PX);
        let across = (f64::from(width) * x / self.axes.0.end).round() as i32;
        let up = (f64::from(height) * y / self.axes.1.end).round() as i32;
        (LEFT_PX + across, HEIGHT_PX - BOTTOM_PX - up)
    }

    fn draw<'a>(&self, area: &Area<'a>, paint: Paint) -> Result<(), DrawingError<'a>> {
        if let Some(ground) = paint.ground {
            area.fill(&ground)?;
        }
        area.draw(&Text::new(self.title.clone(), (LEFT_PX, 6), paint.words(16, HPos::Left, VPos::Top)))?;
        self.draw_axes(area, paint)?;
        for ((at, series), colour) in self.series.iter().enumerate().zip(&COLOURS) {
            for Point { x, interval, .. } in &series.points {
                if let Some((low, high)) = *interval {
                    let ends = [self.place(*x, low), self.place(*x, high)];
                    area.draw(&PathElement::new(ends, colour.mix(0.45).stroke_width(2)))?;
                }
            }
            let points: Vec<(i32, i32)> = series.points.iter().map(|point| self.place(point.x, point.y)).collect();
            for point in &points {
                area.draw(&Circle::new(*point, 3, colour.filled()))?;
            }
            area.draw(&PathElement::new(points, colour.stroke_width(2)))?;
            let left = LEFT_PX + 180 * at as i32;
            area.draw(&Circle::new((left + 4, 34), 4, colour.filled()))?;
            area.draw(&Text::new(series.name, (left + 14, 34), paint.words(12, HPos::Left, VPos::Center)))?;
        }
        area.present()
    }

    fn draw_axes<'a>(&self, area: &Area<'a>, paint: Paint) -> Result<(), DrawingError<'a>> {
        let (across, up) = self.axes;
        for x in across.marks() {
            let (from, to) = (self.place(x, 0.0), self.place(x, up.end));
            area.draw(&PathElement::new([from, to], GRID.mix(0.3)))?;
            let (label, at) = (format!("{x:.*}", across.decimals()), (from.0, from.1 + 6));
            area.draw(&Text::new(label, at, paint.words(12, HPos::Center, VPos::Top)))?;
        }
        for y in up.marks() {
            let (from, to) = (self.place(0.0, y), self.place(across.end, y));
            area.draw(&PathElement::new([from, to], GRID.mix(0.3)))?;
            let (label, at) = (format!("{y:.*}", up.decimals()), (from.0 - 6, from.1));
            area.draw(&Text::new(label, at, paint.words(12, HPos::Right, VPos::Center)))?;
        }
        if self.has_diagonal {
            let ends = [self.place(0.0, 0.0), self.place(across.end, up.end)];
            area.draw(&PathElement::new(ends, GRID.stroke_width(1)))?;
        }
        let below = (LEFT_PX + (WIDTH_PX - LEFT_PX - RIGHT_PX) / 2, HEIGHT_PX - 14);
        area.draw(&Text::new(self.x_name, below, paint.words(13, HPos::Center, VPos::Bottom)))?;
        let turned = paint.words(13, HPos::Center, VPos::Top).transform(FontTransform::Rotate270);
        area.draw(&Text::new(self.y_name, (8, TOP_PX + (HEIGHT_PX - TOP_PX - BOTTOM_PX) / 2), turned))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn over(heights: &[f64]) -> Axis {
        let points = heights.iter().map(|y| Point { x: 0.0, y: y / 2.0, interval: Some((0.0, *y)) });
        Axis::over(&[Series { name: "", points: points.collect() }])
    }

    #[test]
    fn an_axis_holds_the_intervals_and_its_marks_are_told_exactly() {
        for (heights, end, decimals) in
            [(vec![0.24, 0.1], 0.25, 2), (vec![1.0], 1.0, 1), (vec![0.011], 0.015, 3), (vec![0.0], 1.0, 1)]
        {
            let axis = over(&heights);
            assert!((axis.end - end).abs() < 1e-12 && axis.decimals() == decimals, "{heights:?}: {axis:?}");
        }
    }

    #[test]
    fn threads_are_counted_in_whole_numbers() {
        for (most, end, n_parts) in [(1.0, 1.0, 1), (1.64, 2.0, 2), (8.0, 8.0, 8), (16.0, 20.0, 5), (128.0, 130.0, 5)] {
            let axis = Axis::whole(most);
            assert_eq!((axis, axis.decimals()), (Axis { end, n_parts }, 0), "{most}");
        }
    }

    #[test]
    fn a_drawing_in_a_page_has_the_pages_colours_and_a_file_its_own() {
        let rows = [(1, 1.0), (2, 1.64)].map(|(n_threads, speedup)| efface_schema::ThreadScaling {
            n_threads,
            n_runs: 3,
            wall_s: 12.0,
            files_per_second: 40.0 * speedup,
            megabytes_per_second: 10.0 * speedup,
            cpu_seconds_per_file: 0.02,
            variation: Some(0.01),
            peak_memory_bytes: None,
            speedup,
        });
        let plot = scaling(&ThroughputMetrics { scaling: rows.to_vec(), ..ThroughputMetrics::default() });
        let plot = Plot { title: "a < b".to_owned(), ..plot };
        let (file, page) = (plot.to_file(), plot.to_page());
        assert!(file.contains("#FFFFFF") && !file.contains("currentColor"), "{file}");
        assert!(page.contains("currentColor") && !page.contains("#FFFFFF") && !page.contains("<rect"), "{page}");
        for svg in [&file, &page] {
            assert!(svg.contains("<title>a &lt; b</title>") && !svg.contains("a < b"), "{svg}");
        }
    }
}

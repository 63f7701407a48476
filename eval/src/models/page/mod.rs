//! The figures of `efface measure` as a page: self-contained, in the style of the report of an evaluation.
//!
//! A page has a few cards with the figures that are asked for first, sections with plots and tables, and what limits
//! the evidence. What was not measured says so. Each kind of measurement fills a [`Page`]; one template shows it.

mod calibration;
mod detector;
mod ner;
mod precision;
mod throughput;

use super::plot::Plot;
use crate::EvaluationError;
use crate::compare::{Evaluated, Origin};
use crate::report::html::{STYLE, environment, percent};
use crate::report::plot::{Bar, forest};
use efface_schema::{
    CalibrationMetrics, ClusteredShare, DetectorMetrics, Estimate, Interval, MeasuredFiles, NerMetrics, Rate,
    Resampling, Sha256Hex, ThroughputMetrics,
};
use minijinja::{Value, context};

/// The page of a measurement of entities.
///
/// # Errors
/// When the template fails.
///
/// # Example
/// ```
/// use efface_eval::models::page;
/// let html = page::of_ner(&efface_schema::NerMetrics::default())?;
/// assert!(html.contains("not measured") && !html.contains("NaN"));
/// # Ok::<(), efface_eval::EvaluationError>(())
/// ```
pub fn of_ner(metrics: &NerMetrics) -> Result<String, EvaluationError> {
    ner::page(metrics).render()
}

/// The page of a measurement of boxes.
///
/// # Errors
/// When the template fails.
pub fn of_detector(metrics: &DetectorMetrics) -> Result<String, EvaluationError> {
    detector::page(metrics).render()
}

/// The page of a measurement of probabilities.
///
/// # Errors
/// When the template fails.
pub fn of_calibration(metrics: &CalibrationMetrics) -> Result<String, EvaluationError> {
    calibration::page(metrics).render()
}

/// The page of a measurement of speed.
///
/// # Errors
/// When the template fails.
pub fn of_throughput(metrics: &ThroughputMetrics) -> Result<String, EvaluationError> {
    throughput::page(metrics).render()
}

/// What was measured of decisions and beside an evaluation, as sections of its report; what lies beside it says whether
/// it is of the same run.
pub(crate) fn beside(evaluated: &Evaluated) -> Vec<Value> {
    let precision = evaluated.metrics.precision.as_ref().map(precision::summary).map(Value::from);
    let calibration = evaluated.calibration.as_ref().map(calibration::summary);
    let throughput = evaluated.throughput.as_ref().map(throughput::summary);
    let sections = [(calibration, evaluated.calibration_origin()), (throughput, evaluated.throughput_origin())];
    let said = |(section, origin): (Option<Section>, Origin)| {
        let mut section = section?;
        section.about.push(origin_of(section.id, origin).to_owned());
        Some(Value::from(section))
    };
    precision.into_iter().chain(sections.into_iter().filter_map(said)).collect()
}

/// Whether a measurement is of the run that was evaluated, in words.
fn origin_of(id: &str, origin: Origin) -> &'static str {
    match (id, origin) {
        ("calibration", Origin::SameRun) => "Of this run: the rows have the hash of the judged decisions below.",
        (_, Origin::SameRun) => {
            "Timed with the program, the settings and the input files of this run; only the key was another."
        }
        (_, Origin::OtherFiles) => "Timed with the program and the settings of this run, on OTHER files.",
        (_, Origin::Other | Origin::Unknown) => "NOT known to be of this run: one of the two names no hashes.",
    }
}

/// What a page shows.
#[derive(Debug, Clone, Default)]
pub(crate) struct Page {
    pub(crate) title: &'static str,
    pub(crate) lead: String,
    pub(crate) verdict: Option<Verdict>,
    pub(crate) cards: Vec<Card>,
    pub(crate) sections: Vec<Section>,
}

/// Whether the figures are worth anything, and why not.
#[derive(Debug, Clone)]
pub(crate) struct Verdict {
    pub(crate) title: String,
    pub(crate) faults: Vec<String>,
}

/// A figure that is asked for first.
#[derive(Debug, Clone)]
pub(crate) struct Card {
    pub(crate) name: String,
    pub(crate) figure: Option<String>,
    pub(crate) unit: &'static str,
    pub(crate) interval: Option<String>,
    pub(crate) note: String,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Section {
    pub(crate) id: &'static str,
    pub(crate) title: &'static str,
    pub(crate) about: Vec<String>,
    pub(crate) plots: Vec<Value>,
    pub(crate) tables: Vec<Table>,
    pub(crate) list: Vec<String>,
}

/// The first column names the rows; a cell without text was not measured. A cell may have several lines.
#[derive(Debug, Clone, Default)]
pub(crate) struct Table {
    pub(crate) name: String,
    pub(crate) caption: String,
    pub(crate) columns: Vec<&'static str>,
    pub(crate) rows: Vec<Vec<String>>,
    pub(crate) is_folded: bool,
}

impl Page {
    pub(crate) fn render(self) -> Result<String, EvaluationError> {
        let failed = |_| EvaluationError::Report;
        let environment = environment(include_str!("page.html")).map_err(failed)?;
        let Self { title, lead, verdict, cards, sections } = self;
        let shown = context! {
            style => Value::from_safe_string(STYLE.to_owned()),
            version => env!("CARGO_PKG_VERSION"),
            title, lead, verdict, cards, sections,
        };
        environment.get_template("page").map_err(failed)?.render(shown).map_err(failed)
    }
}

impl From<Verdict> for Value {
    fn from(Verdict { title, faults }: Verdict) -> Self {
        context! { title, faults }
    }
}

impl From<Card> for Value {
    fn from(Card { name, figure, unit, interval, note }: Card) -> Self {
        context! { name, figure, unit, interval, note }
    }
}

impl From<Section> for Value {
    fn from(Section { id, title, about, plots, tables, list }: Section) -> Self {
        context! { id, title, about, plots, tables, list }
    }
}

impl From<Table> for Value {
    fn from(Table { name, caption, columns, rows, is_folded }: Table) -> Self {
        context! { name, caption, columns, rows, is_folded }
    }
}

/// A drawing, which needs no escaping.
fn plot(plot: &Plot) -> Value {
    Value::from_safe_string(plot.to_page())
}

/// A share in percent, with its unit.
fn share(share: Option<f64>) -> String {
    share.map_or_else(String::new, |share| format!("{} %", percent(share)))
}

/// Both ends in percent.
fn ends(low: Option<f64>, high: Option<f64>) -> Option<String> {
    low.zip(high).map(|(low, high)| format!("{} – {} %", percent(low), percent(high)))
}

fn interval(interval: Option<Interval>) -> Option<String> {
    interval.and_then(|of| ends(Some(of.low), Some(of.high)))
}

/// A share, its interval and its counts.
fn clustered(of: Option<ClusteredShare>) -> [String; 3] {
    match of {
        None => Default::default(),
        Some(of) => [
            share(Some(of.value)),
            ends(of.low, of.high).unwrap_or_default(),
            format!("{} of {}", of.numerator, of.denominator),
        ],
    }
}

/// A share with its interval in a line below: a table of many shares stays narrow.
fn stacked(of: Option<ClusteredShare>) -> String {
    let [value, ends, _] = clustered(of);
    if ends.is_empty() { value } else { format!("{value}\n{ends}") }
}

/// A figure that is no share, and its interval.
fn estimate(of: Estimate) -> [String; 2] {
    let ends = of.low.zip(of.high).map(|(low, high)| format!("{low:.4} – {high:.4}"));
    [format!("{:.4}", of.value), ends.unwrap_or_default()]
}

impl Card {
    fn share(name: &str, of: Option<f64>, interval: Option<String>, note: &str) -> Self {
        Self {
            name: name.to_owned(),
            figure: of.map(percent),
            unit: "%",
            interval: interval.map(|ends| format!("95 % interval {ends}")),
            note: note.to_owned(),
        }
    }

    fn clustered(name: &str, of: Option<ClusteredShare>, note: &str) -> Self {
        let ends = of.and_then(|of| ends(of.low, of.high));
        Self::share(name, of.map(|of| of.value), ends, note)
    }
}

/// A row of a plot, of a share that has an interval.
fn bar(name: &str, of: Option<ClusteredShare>) -> Option<Bar> {
    let of = of?;
    let rate = Rate { numerator: of.numerator, denominator: of.denominator, low: of.low?, high: of.high? };
    Some(Bar { name: name.to_owned(), rate, must_be_whole: false })
}

/// Shares with their intervals, one below the other; nothing where no share has one.
fn bars(title: &str, bars: &[Bar]) -> Vec<Value> {
    let drawn = forest(title, "The table below holds the same figures.", bars);
    if drawn.is_empty() { Vec::new() } else { vec![Value::from_safe_string(drawn)] }
}

/// Which files the figures are of, by their hashes; nothing where they were no files.
fn measured_files(hashes: &[(&str, Option<&Sha256Hex>)]) -> Option<Section> {
    let known = hashes.iter().filter_map(|(name, hash)| Some(vec![(*name).to_owned(), (*hash)?.to_string()]));
    let rows: Vec<_> = known.collect();
    (!rows.is_empty()).then(|| Section {
        id: "files",
        title: "What was measured",
        tables: vec![Table {
            name: "Files as they were read".to_owned(),
            caption: "sha256sum prints the same for the same bytes.".to_owned(),
            columns: vec!["File", "SHA-256"],
            rows,
            ..Table::default()
        }],
        ..Section::default()
    })
}

/// Gold and predictions.
fn gold_and_predictions(files: Option<&MeasuredFiles>) -> Option<Section> {
    measured_files(&[
        ("Gold", files.map(|files| &files.gold_sha256)),
        ("Predictions", files.map(|files| &files.predictions_sha256)),
    ])
}

/// How intervals were made, and what they do not say.
fn limits(n_clusters: u64, resampling: Option<&Resampling>, more: &[&str]) -> Section {
    let mut list = Vec::new();
    if let Some(Resampling { seed, stream, n_resamples }) = resampling {
        list.push(format!(
            "Intervals by drawing: {n_resamples} draws of whole patients, seed {seed}, stream “{stream}”. The same seed gives the same bytes at any number of threads."
        ));
    }
    if n_clusters < 30 {
        list.push(format!(
            "The data is of {n_clusters} patients or other groups of cases that end alike: with fewer than 30 the intervals are rough, and with one there is none."
        ));
    }
    list.extend(more.iter().map(|text| (*text).to_owned()));
    Section { id: "limits", title: "Limits of the evidence", list, ..Section::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_needs_nothing_from_elsewhere_and_escapes_what_it_is_given() {
        let page = Page {
            title: "A & B",
            lead: "<script>alert(1)</script>".to_owned(),
            verdict: Some(Verdict { title: "INVALID".to_owned(), faults: vec!["a < b".to_owned()] }),
            cards: vec![Card::share("recall", None, None, "nothing")],
            sections: vec![Section {
                id: "one",
                title: "One",
                plots: bars("shares", &[bar("x", None)].into_iter().flatten().collect::<Vec<_>>()),
                tables: vec![Table {
                    name: "Rows".to_owned(),
                    columns: vec!["name", "value"],
                    rows: vec![vec!["<b>".to_owned(), String::new()]],
                    ..Table::default()
                }],
                ..Section::default()
            }],
        };
        let html = page.render().expect("the template holds");
        for word in ["&lt;script&gt;", "a &lt; b", "<th scope=\"row\">&lt;b&gt;</th>", "not measured", "verdict bad"] {
            assert!(html.contains(word), "no {word} in {html}");
        }
        for word in ["<script", "http:", "https:", "src=", "@import", "url("] {
            assert!(!html.contains(word), "{word}");
        }
        assert!(html.contains("@media print") && html.contains("prefers-color-scheme"));
    }

    #[test]
    fn shares_say_how_sure_they_are() {
        let of = ClusteredShare { numerator: 9, denominator: 10, value: 0.9, low: Some(0.6), high: Some(0.98) };
        assert_eq!(clustered(Some(of)), ["90.00 %", "60.00 – 98.00 %", "9 of 10"]);
        assert_eq!(clustered(Some(ClusteredShare { low: None, high: None, ..of }))[1], "");
        assert_eq!(clustered(None), ["", "", ""]);
        assert_eq!(stacked(Some(of)), "90.00 %\n60.00 – 98.00 %");
        assert_eq!(stacked(Some(ClusteredShare { low: None, ..of })) + &stacked(None), "90.00 %");
        assert_eq!(estimate(Estimate { value: 0.25, low: Some(0.2), high: Some(0.3) }), ["0.2500", "0.2000 – 0.3000"]);
        assert!(bar("x", Some(of)).is_some() && bar("x", Some(ClusteredShare { low: None, ..of })).is_none());
    }
}

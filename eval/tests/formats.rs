//! The same numbers stand in every format of a report.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod small_suite;

use calamine::{Data, Reader as _, Xlsx, open_workbook};
use efface_eval::compare::{Evaluated, Gate, GateResult};
use efface_eval::write_report;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::record::Field;
use serde_json::Value;
use small_suite::{golden, score};
use std::path::Path;

/// One requirement is kept, and one is not.
const REQUIRED: &str = "[recall]\nmin = 0.5\n[scores.\"MIDI-B official\"]\nmin = 0.999\n";

struct Report(tempfile::TempDir);

impl Report {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let evaluation = score(&golden().join("deid"), true);
        let evaluated = Evaluated::new(evaluation.metrics.clone(), evaluation.cases.clone());
        let requirements = Gate::parse_alone(REQUIRED).unwrap().judge_alone(&evaluated).unwrap();
        write_report(&evaluation, &requirements, folder.path()).unwrap();
        Self(folder)
    }

    fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.0.path().join(name)).unwrap()
    }

    fn metrics(&self) -> Value {
        serde_json::from_str(&self.text("metrics.json")).unwrap()
    }

    /// The names of the columns, and every row as texts.
    fn csv(&self, name: &str) -> Vec<Vec<String>> {
        let text = self.text(name);
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
        reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
    }

    /// The same of a Parquet file; a cell without a value is empty.
    fn parquet(&self, name: &str) -> Vec<Vec<String>> {
        let reader = SerializedFileReader::new(std::fs::File::open(self.0.path().join(name)).unwrap()).unwrap();
        let shown = |field: &Field| match field {
            Field::Null => String::new(),
            Field::Long(number) => number.to_string(),
            Field::Double(share) => share.to_string(),
            Field::Str(text) => text.clone(),
            other => panic!("a field of another kind: {other:?}"),
        };
        let fields = reader.metadata().file_metadata().schema().get_fields();
        let head = fields.iter().map(|field| field.name().to_owned()).collect();
        let rows = reader.get_row_iter(None).unwrap();
        let rows = rows.map(|row| row.unwrap().get_column_iter().map(|(_, field)| shown(field)).collect());
        [head].into_iter().chain(rows).collect()
    }
}

/// The columns of a table that another has, in its order.
fn ordered(table: &[Vec<String>], head: &[String]) -> Vec<Vec<String>> {
    let at: Vec<usize> =
        head.iter().map(|name| table[0].iter().position(|column| column == name).expect("the column")).collect();
    table.iter().map(|row| at.iter().map(|at| row[*at].clone()).collect()).collect()
}

#[test]
fn tables_hold_the_same_rows_as_csv_and_as_parquet() {
    let report = Report::new();
    for name in ["cases", "figures"] {
        let (csv, parquet) = (report.csv(&format!("{name}.csv")), report.parquet(&format!("{name}.parquet")));
        assert!(csv.len() > 5, "{name}");
        assert_eq!(csv[0].len(), parquet[0].len(), "{name}");
        assert_eq!(csv, ordered(&parquet, &csv[0]), "{name}");
    }
}

/// The record of `metrics.json` that a row is about, its share, and the same by patient.
fn record<'m>(metrics: &'m Value, figure: &str, group: &[(String, String)]) -> [&'m Value; 3] {
    let group: Vec<(&str, &str)> = group.iter().map(|(by, name)| (by.as_str(), name.as_str())).collect();
    if figure == "removed" {
        let recall = &metrics["recall"];
        let cell = match group[..] {
            [] => &recall["overall"],
            [(by, name)] => &recall[format!("by_{by}")][name],
            [(first, name), (second, of)] => &recall[format!("by_{first}_and_{second}")][name][of],
            _ => panic!("a group of three: {group:?}"),
        };
        return [cell, &cell["removed"], &cell["removed_by_patient"]];
    }
    let (kept, midi) = (&metrics["retention"], &metrics["midi"]);
    let plain = |share: &'m Value, by_patient: &'m Value| [&Value::Null, share, by_patient];
    let kind = |kind: &str| plain(&kept["by_kind"][kind], &kept["by_patient"]["by_kind"][kind]);
    let pixels = |key: &str| plain(&kept[key], &kept["by_patient"][key]);
    let checks = |name: &str| -> [&'m Value; 3] {
        let (mode, key) = [" removal", " retention"]
            .into_iter()
            .find_map(|kind| Some((name.strip_suffix(kind)?, kind.trim_start())))
            .unwrap_or((name, "all"));
        let scores = match mode {
            "strict" => &midi["strict"]["scores"],
            "do nothing" => &midi["do_nothing"],
            mode => &midi[mode],
        };
        match group[..] {
            [] => [&scores[key], &scores[key], &midi[format!("{mode}_by_patient")][key]],
            [("action", action)] => [&scores["by_action"][action], &Value::Null, &Value::Null],
            [("family", family), ("code", code)] => [&scores["by_category"][family][code], &Value::Null, &Value::Null],
            _ => panic!("a group that the test does not know: {group:?}"),
        }
    };
    match figure {
        "attribute present" => kind("present"),
        "attribute not empty" => kind("not_empty"),
        "text unchanged" => kind("text"),
        "clean images identical to the byte" => pixels("identical_pixels"),
        "pixels outside planted boxes unchanged" => pixels("unchanged_pixels"),
        "files without residue" => plain(&metrics["residual"]["clean_files"], &Value::Null),
        _ => checks(figure.strip_prefix("MIDI-B ").expect("a figure that the test knows")),
    }
}

#[test]
fn every_row_of_figures_is_that_of_the_json() {
    let report = Report::new();
    let (metrics, rows) = (report.metrics(), report.csv("figures.csv"));
    let at = |name: &str| rows[0].iter().position(|column| column == name).expect("the column");
    // 1 and 1.0 are one number.
    let cell = |row: &[String], name: &str| {
        let text = &row[at(name)];
        (!text.is_empty()).then(|| text.parse::<f64>().unwrap())
    };
    let (mut figures, mut n_shares) = (std::collections::BTreeSet::new(), 0);
    for row in &rows[1..] {
        let named = at("figure") + 1..at("numerator");
        let named = named.filter(|at| !row[*at].is_empty()).map(|at| (rows[0][at].clone(), row[at].clone()));
        figures.insert(row[0].clone());
        n_shares += usize::from(!row[at("denominator")].is_empty());
        if let (Some(numerator), Some(denominator)) = (cell(row, "numerator"), cell(row, "denominator")) {
            assert_eq!(cell(row, "share"), Some(numerator / denominator), "{row:?}");
        }
        if row[0] == "instances released" {
            assert_eq!(cell(row, "numerator"), metrics["instances"]["found"].as_f64());
            assert_eq!(cell(row, "denominator"), metrics["instances"]["instances"].as_f64());
            continue;
        }
        let [record, share, by_patient] = record(&metrics, &row[0], &named.collect::<Vec<_>>());
        if row[0].starts_with("MIDI-B") {
            let count = |key: &str| record[key].as_f64().expect("a count");
            assert_eq!(cell(row, "numerator"), Some(count("pass")), "{row:?}");
            assert_eq!(cell(row, "denominator"), Some(count("pass") + count("fail") + count("blank")), "{row:?}");
            assert_eq!(cell(row, "blank"), Some(count("blank")), "{row:?}");
        } else {
            for key in ["numerator", "denominator", "low", "high"] {
                assert_eq!(cell(row, key), share[key].as_f64(), "{key} of {row:?}");
            }
            for key in ["patients", "leak_upper_bound", "leaked", "withheld", "unjudged"] {
                assert_eq!(cell(row, key), record[key].as_f64(), "{key} of {row:?}");
            }
        }
        assert_eq!(cell(row, "low_by_patient"), by_patient["low"].as_f64(), "{row:?}");
        assert_eq!(cell(row, "high_by_patient"), by_patient["high"].as_f64(), "{row:?}");
    }
    assert!(figures.len() >= 16 && figures.contains("MIDI-B empty removal"), "{figures:?}");
    assert!(n_shares > 60, "{n_shares}");
}

/// A row of a sheet: its words, and its counts by column.
type SheetRow = (Vec<String>, Vec<(String, u64)>);

/// A sheet of the workbook: the words of each row, and its numbers by the titles of their columns.
fn sheet(path: &Path, name: &str) -> Vec<SheetRow> {
    let mut workbook: Xlsx<_> = open_workbook(path).unwrap();
    let range = workbook.worksheet_range(name).unwrap();
    let titles: Vec<String> = range.rows().next().unwrap().iter().map(ToString::to_string).collect();
    let words =
        |row: &[Data]| row.iter().filter(|cell| matches!(cell, Data::String(_))).map(ToString::to_string).collect();
    let number = |(title, cell): (&String, &Data)| match cell {
        Data::Float(number) if !title.is_empty() => Some((title.clone(), *number as u64)),
        _ => None,
    };
    let rows = range.rows().skip(1);
    rows.map(|row| (words(row), titles.iter().zip(row).filter_map(number).collect())).collect()
}

#[test]
fn the_workbook_counts_what_the_json_counts() {
    let report = Report::new();
    let official = &report.metrics()["midi"]["official"];
    let path = report.0.path().join("scoring_report_series.xlsx");
    let check = |of: &Value, numbers: &[(String, u64)]| {
        let count = |key: &str| of[key].as_u64().expect("a count");
        for (title, number) in numbers {
            let expected = match title.as_str() {
                "Total" => count("pass") + count("fail") + count("blank"),
                title => count(&title.to_lowercase()),
            };
            assert_eq!(*number, expected, "{title} of {of}");
        }
        assert!(numbers.iter().any(|(title, _)| title == "Total"));
    };
    check(&official["all"], &sheet(&path, "Scoring")[0].1);
    let mut n_rows = [0, 0];
    for (words, numbers) in sheet(&path, "Actions") {
        let action = words[0].trim_matches(['<', '>']);
        check(if action == "Total" { &official["all"] } else { &official["by_action"][action] }, &numbers);
        n_rows[0] += 1;
    }
    for (words, numbers) in sheet(&path, "Categories") {
        let of = if words[0] == "Total" { &official["all"] } else { &official["by_category"][&words[0]][&words[1]] };
        check(of, &numbers);
        n_rows[1] += 1;
    }
    let n_codes: usize =
        official["by_category"].as_object().unwrap().values().map(|of| of.as_object().unwrap().len()).sum();
    assert_eq!(n_rows, [official["by_action"].as_object().unwrap().len() + 1, n_codes + 1]);
}

#[test]
fn summary_page_and_test_report_say_what_the_json_says() {
    let report = Report::new();
    let metrics = report.metrics();
    let removed = &metrics["recall"]["overall"]["removed"];
    let counts = format!("{} of {}", removed["numerator"], removed["denominator"]);
    assert_eq!(counts, "8 of 9");
    let (page, summary) = (report.text("report.html"), report.text("report.md"));
    assert!(summary.contains(&format!("| all | 88.89 % ({counts}) |")), "{summary}");
    assert!(page.contains(&format!("{counts} · 95 % interval")), "no {counts} on the page");
    let requirements: Vec<GateResult> = serde_json::from_str(&report.text("requirements.json")).unwrap();
    assert_eq!(requirements.iter().map(|result| result.passed).collect::<Vec<_>>(), [true, false]);
    let junit = report.text("junit.xml");
    assert!(junit.contains("tests=\"2\" failures=\"1\""), "{junit}");
    for GateResult { threshold, found, .. } in &requirements {
        let row = format!("| {threshold} | {found} |");
        assert!(junit.contains(threshold) && page.contains(threshold) && summary.contains(&row), "{row}");
    }
    assert!(page.contains("1 of 2 requirements not kept") && summary.contains("**1 of 2 requirements kept**"));
    assert!(page.contains("no dataset card") || page.contains("No dataset card"), "what is not known is said");
}

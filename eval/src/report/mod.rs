//! The folder of results: metrics, cases, the challenge's files, and a page to look at.

mod html;
mod plot;

use crate::cases::write_cases;
use crate::error::EvaluationError as Error;
use crate::midi::{Audience, MidiResults, ReportMode, write_discrepancies, write_workbook};
use crate::{Case, Evaluation, MidiScoring};
use efface_schema::{Metrics, RunManifest, parse_json};
use std::io::Write as _;
use std::path::Path;

/// Writes `metrics.json`, `cases.csv`, `report.html`, and with an answer key the scoring workbook and
/// the discrepancy reports, which quote the output and stay with whoever holds the data.
///
/// # Errors
/// When a file cannot be written.
pub fn write_report(evaluation: &Evaluation, folder: &Path) -> Result<(), Error> {
    std::fs::create_dir_all(folder).map_err(|source| Error::Write { what: "report folder", source })?;
    let mut json =
        serde_json::to_string_pretty(&evaluation.metrics).expect("schema types have string keys and finite numbers");
    json.push('\n');
    write(&folder.join("metrics.json"), "metrics", json.as_bytes())?;
    let mut table = Vec::new();
    write_cases(&evaluation.cases, &mut table)?;
    write(&folder.join("cases.csv"), "cases", &table)?;
    if let Some(run) = &evaluation.run {
        let mut json = serde_json::to_string_pretty(run).expect("schema types have string keys and finite numbers");
        json.push('\n');
        write(&folder.join("run_manifest.json"), "copy of the run manifest", json.as_bytes())?;
    }
    if let Some(results) = &evaluation.midi_results {
        write_midi_files(results, evaluation.report_mode, folder)?;
    }
    let page = html::page(&evaluation.metrics, &evaluation.cases, evaluation.run.as_ref())?;
    write(&folder.join("report.html"), "report", page.as_bytes())
}

/// Writes `midi.json`, the scoring workbook and the discrepancy reports.
///
/// # Errors
/// When a file cannot be written.
pub fn write_midi_report(scoring: &MidiScoring, mode: ReportMode, folder: &Path) -> Result<(), Error> {
    std::fs::create_dir_all(folder).map_err(|source| Error::Write { what: "report folder", source })?;
    let mut json =
        serde_json::to_string_pretty(&scoring.metrics).expect("schema types have string keys and finite numbers");
    json.push('\n');
    write(&folder.join("midi.json"), "metrics", json.as_bytes())?;
    write_midi_files(&scoring.results, mode, folder)
}

fn write_midi_files(results: &MidiResults, mode: ReportMode, folder: &Path) -> Result<(), Error> {
    write_workbook(&results.totals, &folder.join(format!("scoring_report_{}.xlsx", mode.as_str())))?;
    for (audience, name) in
        [(Audience::Internal, "internal"), (Audience::Participant, "participant"), (Audience::Strict, "strict")]
    {
        if audience == Audience::Strict && results.strict.is_none() {
            continue;
        }
        let mut table = Vec::new();
        write_discrepancies(&results.rows, audience, &mut table)?;
        write(&folder.join(format!("discrepancy_report_{name}.csv")), "discrepancies", &table)?;
    }
    Ok(())
}

/// Writes `report.html` again from `metrics.json` and `cases.csv` of the folder.
///
/// # Errors
/// When one of them cannot be read or the page cannot be written.
pub fn render_report(folder: &Path) -> Result<Metrics, Error> {
    let read =
        |name: &str, what| std::fs::read_to_string(folder.join(name)).map_err(|source| Error::Read { what, source });
    let record = |what| move |source| Error::Record { what, line: 1, source };
    let metrics: Metrics = parse_json(&read("metrics.json", "metrics")?).map_err(record("metrics"))?;
    let cases = read_cases(&read("cases.csv", "cases")?)?;
    let run: Option<RunManifest> = match read("run_manifest.json", "copy of the run manifest") {
        Ok(text) => Some(parse_json(&text).map_err(record("copy of the run manifest"))?),
        Err(_) => None,
    };
    let page = html::page(&metrics, &cases, run.as_ref())?;
    write(&folder.join("report.html"), "report", page.as_bytes())?;
    Ok(metrics)
}

fn read_cases(text: &str) -> Result<Vec<Case>, Error> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let case = |record: csv::StringRecord| {
        let field = |at: usize| record.get(at).unwrap_or_default().to_owned();
        Case {
            instance: field(0).parse().ok(),
            place: field(1),
            element: field(2),
            label: field(3),
            locus: field(4),
            verdict: field(5),
            count: field(6).parse().unwrap_or_default(),
        }
    };
    reader.records().map(|record| Ok(case(record?))).collect()
}

/// Files of a report may quote values: only their owner reads them.
fn write(path: &Path, what: &'static str, bytes: &[u8]) -> Result<(), Error> {
    let write = || -> std::io::Result<()> {
        let mut file = std::fs::File::create(path)?;
        file.write_all(bytes)
    };
    write().map_err(|source| Error::Write { what, source })
}

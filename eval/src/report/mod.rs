//! The folder of results: metrics, cases, the challenge's files, and a page to look at.

mod html;
mod plot;
mod summary;
mod table;

use self::table::cases_parquet;
use crate::cases::{read_cases, write_cases};
use crate::compare::{GateResult, junit};
use crate::error::EvaluationError as Error;
use crate::midi::{Audience, MidiResults, ReportMode, write_discrepancies, write_workbook};
use crate::{Evaluation, MidiScoring};
use efface_schema::{Metrics, RunManifest, parse_json};
use std::io::Write as _;
use std::path::Path;

/// Writes `metrics.json`, `cases.csv`, `cases.parquet`, `report.html`, `report.md`, with requirements
/// `requirements.json` and `junit.xml`, and with an answer key the scoring workbook and
/// the discrepancy reports, which quote the output and stay with whoever holds the data.
///
/// # Errors
/// When a file cannot be written.
pub fn write_report(evaluation: &Evaluation, requirements: &[GateResult], folder: &Path) -> Result<(), Error> {
    std::fs::create_dir_all(folder).map_err(|source| Error::Write { what: "report folder", source })?;
    let mut json =
        serde_json::to_string_pretty(&evaluation.metrics).expect("schema types have string keys and finite numbers");
    json.push('\n');
    write(&folder.join("metrics.json"), "metrics", json.as_bytes())?;
    let mut table = Vec::new();
    write_cases(&evaluation.cases, &mut table)?;
    write(&folder.join("cases.csv"), "cases", &table)?;
    write(&folder.join("cases.parquet"), "cases", &cases_parquet(&evaluation.cases)?)?;
    let summary = summary::markdown(&evaluation.metrics, requirements);
    write(&folder.join("report.md"), "summary", summary.as_bytes())?;
    if !requirements.is_empty() {
        let mut json = serde_json::to_string_pretty(requirements).expect("results are texts and booleans");
        json.push('\n');
        write(&folder.join("requirements.json"), "requirements", json.as_bytes())?;
        write(&folder.join("junit.xml"), "requirements", junit(requirements).as_bytes())?;
    }
    if let Some(run) = &evaluation.run {
        let mut json = serde_json::to_string_pretty(run).expect("schema types have string keys and finite numbers");
        json.push('\n');
        write(&folder.join("run_manifest.json"), "copy of the run manifest", json.as_bytes())?;
    }
    if let Some(results) = &evaluation.midi_results {
        write_midi_files(results, evaluation.report_mode, folder)?;
    }
    let page = html::page(&evaluation.metrics, &evaluation.cases, evaluation.run.as_ref(), requirements)?;
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
    let requirements: Vec<GateResult> = match read("requirements.json", "requirements") {
        Ok(text) => serde_json::from_str(&text)
            .map_err(|_| Error::Gate { problem: "requirements.json is not what efface eval wrote".to_owned() })?,
        Err(_) => Vec::new(),
    };
    let page = html::page(&metrics, &cases, run.as_ref(), &requirements)?;
    write(&folder.join("report.html"), "report", page.as_bytes())?;
    Ok(metrics)
}

/// Files of a report may quote values: only their owner reads them.
fn write(path: &Path, what: &'static str, bytes: &[u8]) -> Result<(), Error> {
    let write = || -> std::io::Result<()> {
        let mut file = std::fs::File::create(path)?;
        file.write_all(bytes)
    };
    write().map_err(|source| Error::Write { what, source })
}

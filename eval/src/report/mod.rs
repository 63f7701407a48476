//! The folder of results: metrics, cases, the challenge's files, and a page to look at.

pub(crate) mod html;
pub(crate) mod plot;
mod summary;
mod table;

use self::table::cases_parquet;
use crate::cases::write_cases;
use crate::compare::{Evaluated, GateResult, junit};
use crate::error::EvaluationError as Error;
use crate::midi::{Audience, MidiResults, ReportMode, write_discrepancies, write_workbook};
use crate::{Evaluation, MidiScoring};
use efface_schema::{Metrics, Rate, RetentionMetrics, RunManifest, parse_json};
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
    // What lies in the folder of an earlier evaluation was not measured beside this one.
    let evaluated = Evaluated::new(evaluation.metrics.clone(), evaluation.cases.clone());
    let page = html::page(&evaluated, evaluation.run.as_ref(), requirements)?;
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

/// Writes `report.html` again from `metrics.json` and `cases.csv` of the folder, and from the `calibration.json` and the
/// `throughput.json` that `efface measure` wrote into it since.
///
/// # Errors
/// When one of them cannot be read or the page cannot be written.
pub fn render_report(folder: &Path) -> Result<Metrics, Error> {
    let read =
        |name: &str, what| std::fs::read_to_string(folder.join(name)).map_err(|source| Error::Read { what, source });
    let record = |what| move |source| Error::Record { what, line: 1, source };
    let evaluated = Evaluated::read(folder)?;
    let run: Option<RunManifest> = match read("run_manifest.json", "copy of the run manifest") {
        Ok(text) => Some(parse_json(&text).map_err(record("copy of the run manifest"))?),
        Err(_) => None,
    };
    let requirements: Vec<GateResult> = match read("requirements.json", "requirements") {
        Ok(text) => serde_json::from_str(&text)
            .map_err(|_| Error::Gate { problem: "requirements.json is not what efface eval wrote".to_owned() })?,
        Err(_) => Vec::new(),
    };
    let page = html::page(&evaluated, run.as_ref(), &requirements)?;
    write(&folder.join("report.html"), "report", page.as_bytes())?;
    Ok(evaluated.metrics)
}

/// Files of a report may quote values: only their owner reads them.
/// What was kept: its name, its share, and the same share with the interval by patient.
fn kept(retention: &RetentionMetrics) -> Vec<(&'static str, Rate, Option<Rate>)> {
    let by_patient = &retention.by_patient;
    let kinds = retention.by_kind.iter().map(|(kind, rate)| {
        let name = match kind.as_str() {
            "present" => "attribute present",
            "not_empty" => "attribute not empty",
            _ => "text unchanged",
        };
        (name, Some(*rate), by_patient.by_kind.get(kind).copied())
    });
    let others = [
        ("clean images identical to the byte", retention.identical_pixels, by_patient.identical_pixels),
        ("pixels outside planted boxes unchanged", retention.unchanged_pixels, by_patient.unchanged_pixels),
        (
            "harmless drawn words readable",
            retention.harmless_words_hidden.map(complement),
            by_patient.harmless_words_hidden.map(complement),
        ),
    ];
    kinds.chain(others).filter_map(|(name, rate, by_patient)| Some((name, rate?, by_patient))).collect()
}

/// The share of the others.
fn complement(rate: Rate) -> Rate {
    let Rate { numerator, denominator, low, high } = rate;
    Rate { numerator: denominator - numerator, denominator, low: 1.0 - high, high: 1.0 - low }
}

fn write(path: &Path, what: &'static str, bytes: &[u8]) -> Result<(), Error> {
    let write = || -> std::io::Result<()> {
        let mut file = std::fs::File::create(path)?;
        file.write_all(bytes)
    };
    write().map_err(|source| Error::Write { what, source })
}

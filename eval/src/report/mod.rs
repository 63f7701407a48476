//! The folder of results: metrics, cases, the challenge's files, and a page to look at.

mod card;
mod figures;
pub(crate) mod html;
mod limits;
pub(crate) mod measured;
pub(crate) mod plot;
pub(crate) mod release_page;
mod summary;
mod table;

use crate::cases::write_cases;
use crate::compare::{Evaluated, GateResult, junit};
use crate::error::EvaluationError as Error;
use crate::midi::{Audience, MidiResults, ReportMode, write_discrepancies, write_workbook};
use crate::{Evaluation, MidiScoring};
use efface_schema::{Metrics, Rate, RetentionMetrics};
use std::io::Write as _;
use std::path::Path;

/// Writes a report:
///
/// | file | what it holds |
/// |---|---|
/// | `report.html` | the page |
/// | `metrics.json` | every figure |
/// | `figures.csv`, `figures.parquet` | every share of them as a row, with counts and intervals |
/// | `cases.csv`, `cases.parquet` | every failure, and counts of the rest |
/// | `report.md` | a summary for a pull request |
/// | `requirements.json`, `junit.xml` | what was required, and whether it is kept, if anything was |
/// | `run_manifest.json`, `suite_manifest.json`, `dataset_card.md` | what was measured on what, as far as it is known |
/// | `scoring_report_*.xlsx` | with an answer key, the scoring workbook of MIDI-B |
/// | `discrepancy_report_*.csv` | with an answer key, what failed; they quote the output and stay with whoever holds the data |
///
/// # Errors
/// When a file cannot be written.
pub fn write_report(evaluation: &Evaluation, requirements: &[GateResult], folder: &Path) -> Result<(), Error> {
    std::fs::create_dir_all(folder).map_err(|source| Error::Write { what: "report folder", source })?;
    // What lies in the folder of an earlier evaluation was not measured beside this one.
    let evaluated = Evaluated {
        run: evaluation.run.clone(),
        suite: evaluation.suite.clone(),
        ..Evaluated::new(evaluation.metrics.clone(), evaluation.cases.clone())
    };
    for (name, bytes) in rendered(&evaluated, requirements)? {
        write(&folder.join(name), "report", &bytes)?;
    }
    let mut json = pretty(&evaluation.metrics);
    write(&folder.join("metrics.json"), "metrics", json.as_bytes())?;
    if !requirements.is_empty() {
        json = pretty(&requirements);
        write(&folder.join("requirements.json"), "requirements", json.as_bytes())?;
    }
    if let Some(run) = &evaluation.run {
        write(&folder.join("run_manifest.json"), "copy of the run manifest", pretty(run).as_bytes())?;
    }
    for (name, text) in
        [("dataset_card.md", &evaluation.suite.card), ("suite_manifest.json", &evaluation.suite.manifest)]
    {
        match text {
            Some(text) => write(&folder.join(name), "what the suite says of itself", text.as_bytes())?,
            None => remove_stale(&folder.join(name))?,
        }
    }
    match &evaluation.midi_results {
        Some(results) => write_midi_files(results, evaluation.report_mode, folder),
        None => Ok(()),
    }
}

pub(crate) fn pretty(record: &impl serde::Serialize) -> String {
    serde_json::to_string_pretty(record).expect("schema types have string keys and finite numbers") + "\n"
}

/// A file that an earlier evaluation left in the folder.
fn remove_stale(path: &Path) -> Result<(), Error> {
    match std::fs::remove_file(path) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::Write { what: "report folder", source })
        }
        _ => Ok(()),
    }
}

/// All files that follow from an evaluation alone, by name: the same evaluation gives the same bytes.
pub(crate) fn rendered(
    evaluated: &Evaluated,
    requirements: &[GateResult],
) -> Result<Vec<(&'static str, Vec<u8>)>, Error> {
    let mut cases = Vec::new();
    write_cases(&evaluated.cases, &mut cases)?;
    let figures = figures::table(&evaluated.metrics);
    let mut files = vec![
        ("cases.csv", cases),
        ("cases.parquet", table::cases(&evaluated.cases).parquet()?),
        ("figures.csv", figures.csv()?),
        ("figures.parquet", figures.parquet()?),
        ("report.md", summary::markdown(&evaluated.metrics, requirements).into_bytes()),
        ("report.html", html::page(evaluated, requirements)?.into_bytes()),
    ];
    if !requirements.is_empty() {
        files.push(("junit.xml", junit(requirements).into_bytes()));
    }
    Ok(files)
}

/// Writes `midi.json`, the scoring workbook and the discrepancy reports.
///
/// # Errors
/// When a file cannot be written.
pub fn write_midi_report(scoring: &MidiScoring, mode: ReportMode, folder: &Path) -> Result<(), Error> {
    std::fs::create_dir_all(folder).map_err(|source| Error::Write { what: "report folder", source })?;
    write(&folder.join("midi.json"), "metrics", pretty(&scoring.metrics).as_bytes())?;
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

/// Writes the page, the tables and the summaries again from `metrics.json`, `cases.csv` and what else lies in the folder,
/// the `calibration.json` and the `throughput.json` that `efface measure` wrote into it since among them.
///
/// # Errors
/// When one of them cannot be read or is of another evaluation, or the page cannot be written.
pub fn render_report(folder: &Path) -> Result<Metrics, Error> {
    let evaluated = Evaluated::read(folder)?;
    for (name, bytes) in rendered(&evaluated, &read_requirements(folder)?)? {
        write(&folder.join(name), "report", &bytes)?;
    }
    Ok(evaluated.metrics)
}

/// What was required of the evaluation in a report folder, and whether it is kept; nothing where nothing was.
///
/// # Errors
/// When `requirements.json` cannot be read.
pub(crate) fn read_requirements(folder: &Path) -> Result<Vec<GateResult>, Error> {
    match std::fs::read_to_string(folder.join("requirements.json")) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(source) => Err(Error::Read { what: "requirements", source }),
        Ok(text) => serde_json::from_str(&text)
            .map_err(|_| Error::Gate { problem: "requirements.json is not what efface eval wrote".to_owned() }),
    }
}

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

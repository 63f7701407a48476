//! `efface measure`: scores of models and of speed.

mod calibration;
mod detector;
mod ner;
mod processes;
mod table;
mod throughput;

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use efface_eval::Digesting;
use efface_eval::models::MeasureError;
use efface_schema::{ExitCode, JudgedDecision, MeasuredFiles, Versioned};
use std::fs::File;
use std::path::{Path, PathBuf};

/// Score a model's predictions, its calibration, or the speed of a run
///
/// All is computed from files that any model can write; `efface measure COMMAND --help` says in which form, with an
/// example. What is refused is named by file, line and key, ends with 2, and is never quoted.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    Ner(ner::Arguments),
    Detector(detector::Arguments),
    Calibration(calibration::Arguments),
    Throughput(throughput::Arguments),
}

/// Where results go.
#[derive(Debug, Args)]
struct Output {
    /// Print the figures as JSON instead of a table
    #[arg(long)]
    json: bool,
    /// Folder for the figures as JSON and as a page (HTML) to look at or to print, for plots as SVG, and for rows for
    /// `efface measure calibration`, where there are any
    #[arg(long, value_name = "DIR")]
    report: Option<PathBuf>,
}

/// What a subcommand has to show.
struct Shown<T> {
    /// Name of the record in the folder of the report.
    name: &'static str,
    metrics: T,
    table: String,
    /// Names and contents of further files.
    files: Vec<(String, String)>,
}

/// Runs the subcommand.
///
/// # Errors
/// When a report cannot be written or a program cannot be started.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let ended = match &arguments.what {
        What::Ner(arguments) => ner::run(arguments),
        What::Detector(arguments) => detector::run(arguments),
        What::Calibration(arguments) => calibration::run(arguments),
        What::Throughput(arguments) => throughput::run(arguments),
    };
    match ended {
        Err(error) if error.is::<MeasureError>() => {
            tracing::error!("failed to {error:#}");
            Ok(ExitCode::Usage)
        }
        ended => ended,
    }
}

/// Opens an input, to be hashed as it is read; which one it is stands in the error, its path on the command line.
fn open(file: &'static str, path: &Path) -> Result<Digesting<File>> {
    Ok(File::open(path).map(Digesting::new).map_err(|source| MeasureError::Read { file, source })?)
}

/// The hashes of what was read to the end.
fn measured_files(gold: &Digesting<File>, predictions: &Digesting<File>) -> MeasuredFiles {
    MeasuredFiles { gold_sha256: gold.sha256(), predictions_sha256: predictions.sha256() }
}

fn show<T: Versioned>(output: &Output, shown: &Shown<T>) -> Result<()> {
    let text = serde_json::to_string_pretty(&shown.metrics)? + "\n";
    if output.json {
        print!("{text}");
    } else {
        print!("{}", shown.table);
    }
    let Some(folder) = &output.report else { return Ok(()) };
    std::fs::create_dir_all(folder).context("make the folder of the report")?;
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).context("write the report");
    write(&format!("{}.json", shown.name), &text)?;
    shown.files.iter().try_for_each(|(name, text)| write(name, text))?;
    // Beside an evaluation, its page shows what was measured.
    if ["metrics.json", "cases.csv"].iter().all(|name| folder.join(name).is_file()) {
        efface_eval::render_report(folder).context("write the page of the evaluation in the folder again")?;
    }
    Ok(())
}

/// What `efface measure calibration` reads, if the predictions say how sure they are.
fn calibration_rows(decisions: &[JudgedDecision]) -> Result<Option<(String, String)>> {
    let lines: Vec<String> = decisions.iter().map(serde_json::to_string).collect::<Result<_, _>>()?;
    Ok((!lines.is_empty()).then(|| ("calibration.jsonl".to_owned(), lines.join("\n") + "\n")))
}

//! `efface synth`: makes a synthetic suite.

use anyhow::Context;
use efface_schema::ExitCode;
use efface_synth::{SuiteOptions, SuiteReport, SynthError, generate};
use indicatif::{ProgressBar, ProgressStyle};
use std::fmt::{Display, Write};
use std::io::IsTerminal;
use std::path::PathBuf;

/// Make synthetic DICOM, or texts, full of protected health information, with the ground truth.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The suite definition, such as datasets/smoke.toml
    definition: PathBuf,
    /// The folder to write, empty or absent
    out: PathBuf,
    /// Root seed instead of the definition's
    #[arg(long)]
    seed: Option<u64>,
    /// Number of worker threads; changes no byte of the suite
    #[arg(long)]
    threads: Option<usize>,
    /// Number of patients instead of the definition's
    #[arg(long)]
    patients: Option<u32>,
    /// Print the counts as JSON
    #[arg(long)]
    json: bool,
}

/// Runs the subcommand. A definition or a folder that is refused ends with [`ExitCode::Usage`].
pub(crate) fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    match make(&arguments) {
        Ok(report) if arguments.json => {
            println!("{}", serde_json::to_string_pretty(&report).context("print the counts")?);
            Ok(ExitCode::Success)
        }
        Ok(report) => {
            print!("{}", table(&report));
            Ok(ExitCode::Success)
        }
        Err(
            error @ (SynthError::ReadOptions { .. }
            | SynthError::ParseOptions { .. }
            | SynthError::InvalidOption { .. }
            | SynthError::OutputNotEmpty { .. }
            | SynthError::OutputNotWritable { .. }),
        ) => {
            tracing::error!("failed to {error}");
            Ok(ExitCode::Usage)
        }
        Err(error) => Err(error.into()),
    }
}

fn make(arguments: &Arguments) -> Result<SuiteReport, SynthError> {
    let mut options = SuiteOptions::read(&arguments.definition)?;
    options.seed = arguments.seed.or(options.seed);
    options.threads = arguments.threads.or(options.threads);
    options.patients = arguments.patients.or(options.patients);
    let settings = options.resolve()?;
    let bar = if std::io::stderr().is_terminal() { ProgressBar::new(0) } else { ProgressBar::hidden() };
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} {elapsed}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let report = generate(&settings, &arguments.out, &|n_done, n_total| {
        bar.set_length(n_total as u64);
        bar.set_position(n_done as u64);
    });
    bar.finish_and_clear();
    report
}

fn table(report: &SuiteReport) -> String {
    if report.n_instances == 0 {
        return text_table(report);
    }
    let mut text = format!(
        "{}: {} patients, {} studies, {} series, {} instances ({} with identifying text in their pixels)\n\
         {} values planted, {} values to survive\n",
        report.name,
        report.n_patients,
        report.n_studies,
        report.n_series,
        report.n_instances,
        report.n_burned_in,
        report.n_planted,
        report.n_retained,
    );
    section(&mut text, "modality", report.instances_by_modality.iter());
    section(&mut text, "place", report.planted_by_place.iter());
    let elements = report.planted_by_element.iter().map(|(element, n)| (format!("{element} {}", element.title()), n));
    section(&mut text, "HIPAA element", elements);
    text
}

/// The counts of a suite of texts.
fn text_table(report: &SuiteReport) -> String {
    let n_negatives: usize = report.negatives_by_kind.values().sum();
    let mut text = format!(
        "{}: {} texts of {} sentences about {} patients\n{} spans that identify, {n_negatives} hard negatives\n",
        report.name, report.n_texts, report.n_sentences, report.n_patients, report.n_planted,
    );
    section(&mut text, "label", report.planted_by_label.iter());
    section(&mut text, "hard negative", report.negatives_by_kind.iter());
    text
}

fn section<'a>(text: &mut String, title: &str, rows: impl Iterator<Item = (impl Display, &'a usize)>) {
    let _ = writeln!(text, "\n{title}");
    for (name, n) in rows {
        let name = name.to_string();
        let _ = writeln!(text, "  {name:<36} {n:>8}");
    }
}

//! `efface synth`: makes a synthetic suite, or one out of the user's own files.

use anyhow::Context;
use efface_schema::ExitCode;
use efface_synth::{InjectReport, InjectSettings, SuiteOptions, SuiteReport, SynthError, generate, inject};
use indicatif::{ProgressBar, ProgressStyle};
use std::fmt::{Display, Write};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

/// Make synthetic DICOM, or texts, full of protected health information, with the ground truth
///
/// `efface synth SUITE.toml OUT` draws everything, images too.
/// `efface synth inject DIR OUT` plants invented identities into copies of your own de-identified files.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// The suite definition, such as datasets/smoke.toml
    #[arg(required = true)]
    definition: Option<PathBuf>,
    /// The folder to write, empty or absent
    #[arg(required = true)]
    out: Option<PathBuf>,
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

#[derive(Debug, clap::Subcommand)]
enum Command {
    Inject(InjectArguments),
}

/// Plant invented identities into copies of your own de-identified DICOM files, with the answer key
///
/// As the MIDI-B data were made: people, dates, identifiers and burned-in text are put back into attributes, texts,
/// private attributes and pixels, and everything that must survive gets a check. DIR is only read. OUT is scored as any
/// suite: `efface deid OUT/dicom RESULT`, then `efface eval RESULT --suite OUT`.
///
/// OUT/inject.jsonl says for each file of DIR where its copy is, or why there is none.
#[derive(Debug, clap::Args)]
struct InjectArguments {
    /// Folder with de-identified DICOM files, such as a collection of The Cancer Imaging Archive
    dir: PathBuf,
    /// The folder to write, empty or absent, and not inside DIR
    out: PathBuf,
    /// Root seed: the same files and seed give the same bytes
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// CSV `id_old,id_new` of Patient IDs and the persons they belong to [default: each Patient ID is a person]
    #[arg(long, value_name = "FILE")]
    patients: Option<PathBuf>,
    /// Share of the ultrasound, projection and secondary capture images with identifying text burned in
    #[arg(long, value_name = "SHARE", default_value_t = InjectSettings::default().burned_in_share)]
    burned_in: f64,
    /// The same for CT, MR and PET
    #[arg(long, value_name = "SHARE", default_value_t = InjectSettings::default().burned_in_cross_section_share)]
    burned_in_cross_section: f64,
    /// Number of worker threads; changes no byte of the suite
    #[arg(long)]
    threads: Option<usize>,
    /// Print the counts as JSON
    #[arg(long)]
    json: bool,
}

/// Runs the subcommand. A definition or a folder that is refused ends with [`ExitCode::Usage`].
pub(crate) fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let done = match &arguments {
        Arguments { command: Some(Command::Inject(arguments)), .. } => {
            make_injected(arguments).map(|report| printed(&report, arguments.json, injected_table))
        }
        Arguments { definition: Some(definition), out: Some(out), .. } => {
            make(&arguments, definition, out).map(|report| printed(&report, arguments.json, table))
        }
        _ => unreachable!("both are required where no subcommand is given"),
    };
    match done {
        Ok(text) => {
            print!("{}", text?);
            Ok(ExitCode::Success)
        }
        Err(error) if is_usage(&error) => {
            tracing::error!("failed to {error}");
            Ok(ExitCode::Usage)
        }
        Err(error) => Err(error.into()),
    }
}

/// Whether nothing was written because of what was asked for.
const fn is_usage(error: &SynthError) -> bool {
    use SynthError as E;
    matches!(error, E::ReadOptions { .. } | E::ParseOptions { .. } | E::InvalidOption { .. })
        || matches!(error, E::OutputNotEmpty { .. } | E::OutputNotWritable { .. })
        || matches!(
            error,
            E::ReadInputs { .. } | E::FoldersOverlap | E::NothingToInject { .. } | E::PatientMapping { .. }
        )
}

fn printed<R: serde::Serialize>(report: &R, as_json: bool, table: fn(&R) -> String) -> anyhow::Result<String> {
    Ok(if as_json { serde_json::to_string_pretty(report).context("print the counts")? + "\n" } else { table(report) })
}

fn make_injected(arguments: &InjectArguments) -> Result<InjectReport, SynthError> {
    let settings = InjectSettings {
        seed: arguments.seed,
        patients: arguments.patients.clone(),
        burned_in_share: arguments.burned_in,
        burned_in_cross_section_share: arguments.burned_in_cross_section,
        threads: arguments.threads.unwrap_or(0),
    };
    with_bar("files", |progress| inject(&settings, &arguments.dir, &arguments.out, progress))
}

fn make(arguments: &Arguments, definition: &Path, out: &Path) -> Result<SuiteReport, SynthError> {
    let mut options = SuiteOptions::read(definition)?;
    options.seed = arguments.seed.or(options.seed);
    options.threads = arguments.threads.or(options.threads);
    options.patients = arguments.patients.or(options.patients);
    let settings = options.resolve()?;
    with_bar("instances", |progress| generate(&settings, out, progress))
}

/// Shows how far something is.
fn with_bar<R>(unit: &str, make: impl FnOnce(&(dyn Fn(usize, usize) + Sync)) -> R) -> R {
    let bar = if std::io::stderr().is_terminal() { ProgressBar::new(0) } else { ProgressBar::hidden() };
    let style = ProgressStyle::with_template(&format!("{{bar:40}} {{pos}}/{{len}} {unit} {{elapsed}}"));
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let made = make(&|n_done, n_total| {
        bar.set_length(n_total as u64);
        bar.set_position(n_done as u64);
    });
    bar.finish_and_clear();
    made
}

fn injected_table(report: &InjectReport) -> String {
    let mut text = table(&report.suite);
    let n_used = report.suite.n_instances;
    let _ = writeln!(text, "\n{} files, {n_used} used, {} not used", report.n_inputs, report.n_inputs - n_used);
    if !report.unused.is_empty() {
        section(&mut text, "why not", report.unused.iter());
    }
    text
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

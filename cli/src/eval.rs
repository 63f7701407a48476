//! `efface eval`: scores an output folder.

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use efface_eval::midi::{MidiSettings, PixelText, ReportMode};
use efface_eval::{Evaluation, EvaluationSettings, Progress, Tesseract, evaluate, write_report};
use efface_schema::{ExitCode, Metrics, Rate, parse_json};
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal as _;
use std::path::PathBuf;

/// Score de-identified files against a suite's ground truth and answer key
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Folder of the de-identified files, written by any tool
    output: PathBuf,
    /// Suite folder with truth.jsonl, dicom/ and, if there is a key, answer.db
    #[arg(long, value_name = "SUITE")]
    suite: PathBuf,
    /// Run folder of `efface deid`, for its crosswalk and manifest
    #[arg(long, value_name = "RUN")]
    run: Option<PathBuf>,
    /// CSV `id_old,id_new` of UIDs [default: the run's crosswalk, else UIDs are taken as unchanged]
    #[arg(long, value_name = "FILE", requires = "patient_mapping")]
    uid_mapping: Option<PathBuf>,
    /// CSV `id_old,id_new` of patient identifiers
    #[arg(long, value_name = "FILE", requires = "uid_mapping")]
    patient_mapping: Option<PathBuf>,
    /// MIDI-B answer key [default: answer.db of the suite]
    #[arg(long, value_name = "FILE")]
    key_db: Option<PathBuf>,
    /// What a row of the MIDI-B report stands for
    #[arg(long, value_enum, default_value_t = MidiReport::Series)]
    midi_report: MidiReport,
    /// The official scorer's multiprocessing_cpus, which decides its batches
    #[arg(long, value_name = "N", default_value_t = 1)]
    midi_cpus: usize,
    /// Do not read pixels with Tesseract for the MIDI-B pixel checks
    #[arg(long)]
    no_pixel_text: bool,
    /// Folder for metrics.json, cases.csv, report.html and the workbook
    #[arg(long, value_name = "DIR")]
    report: PathBuf,
    /// Print metrics.json instead of the table
    #[arg(long)]
    json: bool,
    /// Fail with exit code 4 if overall recall is below this share
    #[arg(long, value_name = "SHARE")]
    require_recall: Option<f64>,
    /// Fail with exit code 4 if a score is below the one in this metrics.json
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Number of threads [default: one per processor]
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum MidiReport {
    Instance,
    Series,
}

/// Runs the subcommand.
///
/// # Errors
/// When an input cannot be read or the report cannot be written.
pub(crate) fn run(arguments: Arguments) -> Result<ExitCode> {
    let settings = settings(&arguments);
    let pool = rayon_pool(arguments.threads)?;
    let reader = pixel_reader(&arguments);
    let evaluation = pool.install(|| -> Result<Evaluation> {
        let bar = progress_bar();
        let evaluation =
            evaluate(&settings, reader.as_ref().map(|reader| reader as &dyn PixelText), &|progress| match progress {
                Progress::Files(n_files) => bar.set_length(n_files),
                Progress::File => bar.inc(1),
                Progress::Key => bar.set_message("answer key"),
            })
            .context("failed to evaluate")?;
        bar.finish_and_clear();
        write_report(&evaluation, &arguments.report).context("failed to write the report")?;
        Ok(evaluation)
    })?;
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&evaluation.metrics)?);
    } else {
        print!("{}", headline(&evaluation.metrics, colour()));
        println!("\nreport: {}", arguments.report.join("report.html").display());
    }
    let unmet = gates(&arguments, &evaluation.metrics)?;
    for gate in &unmet {
        eprintln!("gate not met: {gate}");
    }
    Ok(if unmet.is_empty() { ExitCode::Success } else { ExitCode::Gate })
}

fn settings(arguments: &Arguments) -> EvaluationSettings {
    EvaluationSettings {
        run: arguments.run.clone(),
        uid_mapping: arguments.uid_mapping.clone(),
        patient_mapping: arguments.patient_mapping.clone(),
        key: arguments.key_db.clone(),
        report_mode: match arguments.midi_report {
            MidiReport::Instance => ReportMode::Instance,
            MidiReport::Series => ReportMode::Series,
        },
        midi: MidiSettings { cpus: arguments.midi_cpus },
        ..EvaluationSettings::new(&arguments.output, &arguments.suite)
    }
}

fn rayon_pool(threads: Option<usize>) -> Result<rayon::ThreadPool> {
    rayon::ThreadPoolBuilder::new().num_threads(threads.unwrap_or(0)).build().context("failed to start threads")
}

fn pixel_reader(arguments: &Arguments) -> Option<Tesseract> {
    if arguments.no_pixel_text {
        return None;
    }
    let reader = Tesseract::start();
    if reader.is_none() {
        tracing::warn!("Tesseract's English model is not installed: pixel checks of the answer key are left out");
    }
    reader
}

fn progress_bar() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style =
        ProgressStyle::with_template("{bar:40} {pos}/{len} files {per_sec} {msg}").expect("the template is valid");
    ProgressBar::new(0).with_style(style)
}

fn colour() -> bool {
    std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// The table that is printed: what, share, interval, counts.
pub(crate) fn headline(metrics: &Metrics, colour: bool) -> String {
    let mut table = Table { lines: String::new(), colour };
    let recall = &metrics.recall;
    table.line("PHI removed", recall.overall.removed, Some(1.0));
    for (element, cell) in &recall.by_element {
        table.line(&format!("  {element} {}", element.title()), cell.removed, Some(1.0));
    }
    table.line("files without residue", metrics.residual.clean_files, Some(1.0));
    for (kind, rate) in &metrics.retention.by_kind {
        table.line(&format!("kept: {}", kind.as_str().replace('_', " ")), Some(*rate), None);
    }
    table.line("pixels left alone", metrics.retention.identical_pixels, None);
    table.line("harmless drawn words hidden", metrics.retention.harmless_words_hidden, None);
    if let Some(midi) = &metrics.midi {
        table.line(&format!("MIDI-B score ({})", midi.report), midi.all.rate(), None);
        table.line("  do nothing", midi.do_nothing.and_then(|counts| counts.rate()), None);
        table.line("  empty output", midi.empty.and_then(|counts| counts.rate()), None);
    }
    let counts = metrics.instances;
    let rest = format!(
        "instances: {} in the suite, {} found, {} withheld; {} values leaked, {} withheld, {} not judged; {} residual hits\n",
        counts.instances,
        counts.found,
        counts.withheld,
        recall.overall.leaked,
        recall.overall.withheld,
        recall.overall.unjudged,
        metrics.residual.hits,
    );
    table.lines + &rest
}

struct Table {
    lines: String,
    colour: bool,
}

impl Table {
    fn line(&mut self, name: &str, rate: Option<Rate>, wanted: Option<f64>) {
        let Some(rate) = rate else { return };
        let paint = match wanted {
            Some(wanted) if self.colour && rate.value() < wanted => ("\u{1b}[31m", "\u{1b}[0m"),
            Some(_) if self.colour => ("\u{1b}[32m", "\u{1b}[0m"),
            _ => ("", ""),
        };
        // Short of all never prints as all.
        let share = if rate.value() < 1.0 { (100.0 * rate.value()).min(99.99) } else { 100.0 };
        let (low, high) = (100.0 * rate.low, 100.0 * rate.high);
        self.lines.push_str(&format!(
            "{name:<36} {}{share:>7.2} %{}  [{low:6.2}, {high:6.2}]  {:>9} of {}\n",
            paint.0, paint.1, rate.numerator, rate.denominator,
        ));
    }
}

/// The gates that were asked for and are not met, in words.
fn gates(arguments: &Arguments, metrics: &Metrics) -> Result<Vec<String>> {
    let mut unmet = Vec::new();
    if let Some(required) = arguments.require_recall {
        if !(0.0..=1.0).contains(&required) {
            bail!("failed to read --require-recall: it is a share between 0 and 1");
        }
        match metrics.recall.overall.removed {
            Some(rate) if rate.value() >= required => {}
            Some(rate) => unmet.push(format!("recall {:.6} is below {required}", rate.value())),
            None => unmet.push("recall was not measured".to_owned()),
        }
    }
    if let Some(path) = &arguments.baseline {
        let text = std::fs::read_to_string(path).context("failed to read the baseline")?;
        let baseline: Metrics = parse_json(&text).context("failed to read the baseline")?;
        unmet.extend(worse(&baseline, metrics));
    }
    Ok(unmet)
}

/// Every score of a baseline that is lower or missing now.
fn worse(baseline: &Metrics, metrics: &Metrics) -> Vec<String> {
    let scores = |metrics: &Metrics| {
        let mut scores = vec![("recall".to_owned(), metrics.recall.overall.removed)];
        scores.extend(
            metrics.recall.by_element.iter().map(|(element, cell)| (format!("recall of {element}"), cell.removed)),
        );
        scores.extend(metrics.recall.by_place.iter().map(|(place, cell)| (format!("recall in {place}"), cell.removed)));
        scores.push(("files without residue".to_owned(), metrics.residual.clean_files));
        scores.extend(metrics.retention.by_kind.iter().map(|(kind, rate)| (format!("kept {kind}"), Some(*rate))));
        scores.push(("MIDI-B score".to_owned(), metrics.midi.as_ref().and_then(|midi| midi.all.rate())));
        scores
    };
    let now: std::collections::BTreeMap<String, Option<Rate>> = scores(metrics).into_iter().collect();
    let fell = |(name, before): (String, Option<Rate>)| {
        let before = before?.value();
        let after = now.get(&name).copied().flatten().map(|rate| rate.value());
        match after {
            Some(after) if after >= before => None,
            Some(after) => Some(format!("{name} fell from {before:.6} to {after:.6}")),
            None => Some(format!("{name} is not measured any more")),
        }
    };
    scores(baseline).into_iter().filter_map(fell).collect()
}

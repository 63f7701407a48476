//! `efface deid`: de-identifies a folder.

use crate::model;
use crate::progress::Bar;
use efface_pipeline::{DeidentificationKey, Policy, RunError, RunSettings, RunSummary, run as run_pipeline};
use efface_schema::{ExitCode, ResultDigests};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// De-identify a folder of DICOM files
///
/// Results go to OUT under names made of new identifiers. What needs a person's eye is withheld in RUN/review, and
/// what could not be handled is listed with its reason in RUN/decisions.jsonl; originals are never copied.
/// The same command continues a run that was stopped and ends with the same bytes.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Folder (or file) with the originals; it is only read
    input: PathBuf,
    /// Folder for the results: new, empty, or that of the run to continue
    output: PathBuf,
    /// Built-in policy (tcia, basic, strict) or a TOML file; `efface policy tcia` prints a start for one
    #[arg(long, default_value = "tcia")]
    policy: String,
    /// File with the secret key; `efface key FILE` makes one. The same key gives the same identifiers in every run;
    /// without one, a key is drawn for this run and forgotten at its end
    #[arg(long)]
    key: Option<PathBuf>,
    /// Number of worker threads; changes no byte of the results
    #[arg(long)]
    threads: Option<usize>,
    /// Folder for decisions, manifest and withheld results [default: OUT with `-run` added]
    #[arg(long)]
    run: Option<PathBuf>,
    /// Leave pixels to another tool: only attributes are de-identified
    #[arg(long)]
    metadata_only: bool,
    /// Write the way back from new to old paths, UIDs and patient identifiers into RUN/crosswalk: it identifies people
    #[arg(long)]
    crosswalk: bool,
    /// Whether the SHA-256 of each result is noted in the decisions and the manifest. With `none` a run is faster, but
    /// nobody can tell later whether a result was changed or damaged, and a run that was stopped handles every instance
    /// again, since it cannot check what it finds
    #[arg(long, value_name = "sha256|none", default_value = "sha256", value_parser = digests)]
    result_digests: ResultDigests,
    /// Write how long each instance took in each stage (read, decide, pixels, write, digest, search), as JSON lines for
    /// `efface measure throughput --rows`. Lines say which modality, and not which instance; FILE is overwritten
    #[arg(long, value_name = "FILE")]
    stage_times: Option<PathBuf>,
    /// Draw the surroundings of each region of pixels that waits for a person into RUN/review-crops, as PNG files that
    /// only you can read. The region itself is masked; `review_regions` in RUN/decisions.jsonl says what is known of it
    #[arg(long, conflicts_with = "metadata_only")]
    review_crops: bool,
    #[command(flatten)]
    model: model::Options,
    #[command(flatten)]
    detector: model::DetectorOptions,
    /// Print the summary as JSON
    #[arg(long)]
    json: bool,
}

impl Arguments {
    /// Whether images are looked into.
    pub(crate) const fn reads_pixels(&self) -> bool {
        !self.metadata_only
    }
}

/// Runs the subcommand.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let settings = match settings(arguments) {
        Ok(settings) => settings,
        Err(error) => return refused(error),
    };
    let stop = stop_on_interrupt();
    let bar = Bar::new();
    let started = Instant::now();
    let result = run_pipeline(&settings, &bar, &stop);
    bar.finish();
    match result {
        Ok(summary) => {
            if arguments.json {
                println!("{}", serde_json::to_string_pretty(&summary)?);
            } else {
                print!("{}", table(&summary, &settings, started.elapsed().as_secs_f64()));
            }
            Ok(if summary.counts.inputs == summary.counts.deidentified {
                ExitCode::Success
            } else {
                ExitCode::Attention
            })
        }
        Err(error) => refused(error),
    }
}

/// The exit code of a run that did not end.
fn refused(error: RunError) -> anyhow::Result<ExitCode> {
    let code = match &error {
        RunError::Interrupted => ExitCode::Interrupted,
        error if error.is_usage() => ExitCode::Usage,
        _ => return Err(error.into()),
    };
    tracing::error!("failed to {error}");
    Ok(code)
}

fn settings(arguments: &Arguments) -> Result<RunSettings, RunError> {
    Ok(RunSettings {
        input: arguments.input.clone(),
        output: arguments.output.clone(),
        run: arguments.run.clone().unwrap_or_else(|| beside(&arguments.output)),
        policy: Policy::load(&arguments.policy)?,
        key: arguments.key.as_deref().map(DeidentificationKey::read).transpose()?,
        n_threads: arguments.threads.unwrap_or_else(available_threads).max(1),
        metadata_only: arguments.metadata_only,
        crosswalk: arguments.crosswalk,
        result_digests: arguments.result_digests,
        stage_times: arguments.stage_times.clone(),
        review_crops: arguments.review_crops,
        ner: arguments.model.settings()?,
        text_detector: arguments.detector.settings(arguments.metadata_only)?,
    })
}

fn digests(word: &str) -> Result<ResultDigests, String> {
    word.parse().map_err(|_| "give sha256 or none".to_owned())
}

/// The run folder of an output folder.
pub(crate) fn beside(output: &Path) -> PathBuf {
    let mut name = output.components().as_path().as_os_str().to_owned();
    name.push("-run");
    PathBuf::from(name)
}

pub(crate) fn available_threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// The first Ctrl-C lets instances in work finish; the second ends the process.
pub(crate) fn stop_on_interrupt() -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let set = Arc::clone(&stop);
    let installed = ctrlc::set_handler(move || {
        if set.swap(true, Ordering::Relaxed) {
            std::process::exit(i32::from(ExitCode::Interrupted as u8));
        }
    });
    if installed.is_err() {
        tracing::warn!("Ctrl-C ends the process at once; the same command continues the run all the same");
    }
    stop
}

fn table(summary: &RunSummary, settings: &RunSettings, seconds: f64) -> String {
    let counts = &summary.counts;
    let mut text = String::new();
    let mut line = |name: &str, number: u64, place: String| {
        let number = if place.is_empty() { format!("{number:>10}") } else { format!("{number:>10}  {place}") };
        writeln!(text, "{name:<14}{number}").expect("writing to memory does not fail");
    };
    let place = |count: u64, path: PathBuf| if count > 0 { path.display().to_string() } else { String::new() };
    line("inputs", counts.inputs, String::new());
    line("de-identified", counts.deidentified, place(counts.deidentified, settings.output.clone()));
    line("needs review", counts.needs_review, place(counts.needs_review, settings.run.join("review")));
    line("quarantined", counts.quarantined, place(counts.quarantined, settings.run.join("decisions.jsonl")));
    if summary.n_continued > 0 {
        line("already done", summary.n_continued, String::new());
    }
    if let Some(n_texts) = summary.n_texts_read {
        line("texts read", n_texts, String::new());
    }
    if summary.outputs_sha256.is_none() {
        text += "results were not hashed: nobody can tell later whether one was changed\n";
    }
    for (reason, count) in &summary.reasons {
        writeln!(text, "  {reason:<32}{count:>8}").expect("writing to memory does not fail");
    }
    let per_second = counts.inputs as f64 / seconds.max(1e-9);
    writeln!(text, "{seconds:.1} s, {per_second:.1} files/s on {} threads", settings.n_threads)
        .expect("writing to memory does not fail");
    text
}

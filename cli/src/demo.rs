//! `efface demo`: the main job from end to end.

use crate::deid::{available_threads, stop_on_interrupt};
use crate::model::{Choice, released_recognizer, text_models};
use crate::progress::Bar;
use anyhow::{Context, bail};
use efface_eval::midi::PixelText;
use efface_eval::{EvaluationSettings, Tesseract, evaluate, write_report};
use efface_pipeline::{DeidentificationKey, Policy, RunSettings, RunSummary, run as run_pipeline};
use efface_schema::{ExitCode, Metrics, ResultDigests};
use efface_synth::{SuiteOptions, generate};
use std::fs;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

/// The suite that the demo makes.
const SUITE: &str = include_str!("../../datasets/smoke.toml");
/// The suite identifies nobody, so its key need not be secret; a fixed one makes the scores the same in every run.
const DEMO_KEY: &[u8] = b"the key of the demo is no secret";
/// Marks a folder as the demo's own, so that it may be emptied.
const MARKER: &str = ".efface-demo";

/// Where the demo works, and on how much.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Folder to work in; an earlier demo there is replaced
    #[arg(long, default_value = "runs/demo")]
    out: PathBuf,
    /// Number of synthetic patients instead of the suite's
    #[arg(long)]
    patients: Option<u32>,
    /// Number of worker threads
    #[arg(long)]
    threads: Option<usize>,
}

/// Runs the subcommand.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    prepare(&arguments.out)?;
    let (suite, report) = (arguments.out.join("suite"), arguments.out.join("report"));
    eprintln!("1/4 synthesize: {}", suite.display());
    synthesize(arguments, &suite)?;
    eprintln!("2/4 de-identify: {}", arguments.out.join("deidentified").display());
    let summary = deidentify(arguments, &suite)?;
    eprintln!("3/4 score");
    let metrics = score(arguments, &suite, &report)?;
    eprintln!("4/4 report: {}", report.display());
    let counts = &summary.counts;
    println!(
        "{} instances: {} de-identified, {} withheld for review, {} quarantined\n",
        counts.inputs, counts.deidentified, counts.needs_review, counts.quarantined
    );
    let colour = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    print!("{}", crate::eval::headline(&metrics, colour));
    println!("\nreport: {}", report.join("report.html").display());
    Ok(ExitCode::Success)
}

/// Empties the folder of an earlier demo, and refuses any other that is not empty.
fn prepare(folder: &Path) -> anyhow::Result<()> {
    let occupied = folder.read_dir().is_ok_and(|mut entries| entries.next().is_some());
    if occupied && !folder.join(MARKER).exists() {
        bail!("prepare {}: it is not empty, and no demo made it; give another with --out", folder.display());
    }
    if occupied {
        fs::remove_dir_all(folder).with_context(|| format!("empty {}", folder.display()))?;
    }
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(folder.join(MARKER), ""))
        .with_context(|| format!("prepare {}", folder.display()))
}

fn synthesize(arguments: &Arguments, suite: &Path) -> anyhow::Result<()> {
    let mut options = SuiteOptions::parse(SUITE, Path::new("smoke.toml")).context("read the suite")?;
    options.patients = arguments.patients.or(options.patients);
    options.threads = arguments.threads.or(options.threads);
    let settings = options.resolve().context("read the suite")?;
    generate(&settings, suite, &|_, _| {}).context("synthesize")?;
    Ok(())
}

fn deidentify(arguments: &Arguments, suite: &Path) -> anyhow::Result<RunSummary> {
    let settings = RunSettings {
        input: suite.join("dicom"),
        output: arguments.out.join("deidentified"),
        run: arguments.out.join("run"),
        policy: Policy::load("tcia")?,
        key: Some(DeidentificationKey::from_bytes(DEMO_KEY.to_vec())?),
        n_threads: arguments.threads.unwrap_or_else(available_threads).max(1),
        metadata_only: false,
        crosswalk: true,
        result_digests: ResultDigests::Sha256,
        stage_times: None,
        review_crops: false,
        ner: released_recognizer()?,
        text_detector: text_models(&Choice::Released, &Choice::Released)?,
    };
    let bar = Bar::new();
    let summary = run_pipeline(&settings, &bar, &stop_on_interrupt()).context("de-identify");
    bar.finish();
    summary
}

fn score(arguments: &Arguments, suite: &Path, report: &Path) -> anyhow::Result<Metrics> {
    let settings = EvaluationSettings {
        run: Some(arguments.out.join("run")),
        ..EvaluationSettings::new(arguments.out.join("deidentified"), suite)
    };
    let reader = Tesseract::start();
    let reader = reader.as_ref().map(|reader| reader as &dyn PixelText);
    let evaluation = evaluate(&settings, reader, &|_| {}).context("score")?;
    write_report(&evaluation, &[], report).context("write the report")?;
    Ok(evaluation.metrics)
}

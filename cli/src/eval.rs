//! `efface eval`: scores an output folder.

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use efface_eval::compare::{Evaluated, Gate, GateResult};
use efface_eval::midi::{MidiSettings, PixelText, ReportMode, ShardOf};
use efface_eval::{
    Digesting, Evaluation, EvaluationError, EvaluationSettings, EvaluationShard, JudgedCounts, Progress, Tesseract,
    evaluate, evaluate_shard, judge_decisions, merge_evaluations, read_shard, write_report,
};
use efface_schema::{
    BaselineScore, CheckCounts, CheckScores, ExitCode, Metrics, MidiMetrics, Rate, Sha256Hex, Versioned,
};
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

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
    /// Tell by pixels and technical numbers which file is a result of which original (for tools without a crosswalk)
    #[arg(long, conflicts_with_all = ["uid_mapping", "patient_mapping", "run"])]
    match_by_fingerprint: bool,
    /// MIDI-B answer key [default: answer.db of the suite]
    #[arg(long, value_name = "FILE")]
    key_db: Option<PathBuf>,
    #[command(flatten)]
    midi: MidiOptions,
    #[command(flatten)]
    result: ResultOptions,
    /// Score only a part, as 2/4: the report folder gets shard-2-of-4.json, which quotes the output; see eval-merge.
    /// A shard has whole patients and a run of batches of the key, and needs the whole suite and the whole output
    #[arg(long, value_name = "I/N", value_parser = shard_of,
          conflicts_with_all = ["json", "judged", "require", "require_recall"])]
    shard: Option<ShardOf>,
    /// Write which decisions of the run were right, as rows for `efface measure calibration`: one for each decision
    /// about a place of which the ground truth tells whether it identifies. Needs the run's crosswalk
    #[arg(long, value_name = "FILE", requires = "run")]
    judged: Option<PathBuf>,
    /// Number of threads [default: one per processor]
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
}

/// Where results go, and what is asked of them.
#[derive(Debug, Args)]
struct ResultOptions {
    /// Folder for metrics.json, cases.csv, report.html and the workbook
    #[arg(long, value_name = "DIR")]
    report: PathBuf,
    /// Print metrics.json instead of the table
    #[arg(long)]
    json: bool,
    /// Fail with exit code 20 if overall recall is below this share
    #[arg(long, value_name = "SHARE")]
    require_recall: Option<f64>,
    /// TOML file of requirements, as datasets/requirements.toml; exit code 20 if one is not kept
    #[arg(long, value_name = "FILE")]
    require: Option<PathBuf>,
}

/// Merge the shards of an evaluation into the report that scoring at once gives, byte for byte
#[derive(Debug, Args)]
pub(crate) struct MergeArguments {
    /// All shards of one evaluation, as `efface eval --shard` wrote them
    #[arg(required = true)]
    shards: Vec<PathBuf>,
    #[command(flatten)]
    result: ResultOptions,
}

/// Reads the I/N of `--shard`.
pub(crate) fn shard_of(text: &str) -> Result<ShardOf, &'static str> {
    ShardOf::parse(text).ok_or("not of the form I/N with I from 1 to N")
}

/// How the MIDI-B checks are scored.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct MidiOptions {
    /// Whether leaks that the official scorer passes fail (`strict`), or its verdicts stand alone (`parity`)
    #[arg(long, value_enum, default_value_t = Mode::Strict)]
    mode: Mode,
    /// What a row of the MIDI-B report stands for
    #[arg(long, value_enum, default_value_t = MidiReport::Series)]
    midi_report: MidiReport,
    /// The official scorer's multiprocessing_cpus, which decides its batches
    #[arg(long, value_name = "N", default_value_t = 1)]
    midi_cpus: usize,
    /// Do not read pixels with Tesseract for the MIDI-B pixel checks
    #[arg(long)]
    no_pixel_text: bool,
}

impl MidiOptions {
    /// The scorer's settings, which keep the rows that did not pass.
    pub(crate) fn settings(self) -> MidiSettings {
        MidiSettings {
            cpus: self.midi_cpus,
            report: self.midi_report.into(),
            strict: matches!(self.mode, Mode::Strict),
            ..MidiSettings::default()
        }
    }

    /// What reads pixels, unless it is unwanted or not installed.
    pub(crate) fn pixel_reader(self) -> Option<Tesseract> {
        if self.no_pixel_text {
            return None;
        }
        let reader = Tesseract::start();
        if reader.is_none() {
            tracing::warn!("Tesseract's English model is not installed: pixel checks of the answer key are left out");
        }
        reader
    }
}

/// Which verdicts lead.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Mode {
    Parity,
    Strict,
}

/// What a row of the MIDI-B report stands for.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum MidiReport {
    Instance,
    Series,
}

impl From<MidiReport> for ReportMode {
    fn from(report: MidiReport) -> Self {
        match report {
            MidiReport::Instance => Self::Instance,
            MidiReport::Series => Self::Series,
        }
    }
}

/// Runs the subcommand.
///
/// # Errors
/// When an input cannot be read or the report cannot be written.
pub(crate) fn run(arguments: Arguments) -> Result<ExitCode> {
    let settings = settings(&arguments);
    // A mistake in the requirements shows before the work, not after it.
    let gates = gates(&arguments.result)?;
    let pool = rayon_pool(arguments.threads)?;
    let reader = arguments.midi.pixel_reader();
    let reader = reader.as_ref().map(|reader| reader as &dyn PixelText);
    if let Some(shard) = arguments.shard {
        let part = pool.install(|| with_progress(|progress| evaluate_shard(&settings, reader, progress, shard)))?;
        return write_shard(&arguments.result.report, shard, &part);
    }
    let mut evaluation = pool.install(|| with_progress(|progress| evaluate(&settings, reader, progress)))?;
    // The decisions are judged before anything is said, so that a mistake in them is not lost below the table.
    let judged = judged(&arguments)?;
    let (counts, rows_sha256) = judged.unzip();
    evaluation.metrics.measured_on.judged_sha256 = rows_sha256;
    show(&evaluation, &gates, &arguments.result, counts.as_ref())
}

/// Runs `eval-merge`.
///
/// # Errors
/// When a shard cannot be read, or they are not all the shards of one evaluation.
pub(crate) fn merge(arguments: &MergeArguments) -> Result<ExitCode> {
    let gates = gates(&arguments.result)?;
    let shards: Vec<EvaluationShard> = read_shards(&arguments.shards)?;
    show(&merge_evaluations(shards)?, &gates, &arguments.result, None)
}

/// Runs something that tells how far it is.
fn with_progress<T>(work: impl FnOnce(&(dyn Fn(Progress) + Sync)) -> Result<T, EvaluationError>) -> Result<T> {
    let bar = progress_bar();
    let done = work(&|progress| match progress {
        Progress::Files(n_files) => bar.set_length(n_files),
        Progress::File => bar.inc(1),
        Progress::Key => bar.set_message("answer key"),
    });
    bar.finish_and_clear();
    done.context("evaluate")
}

/// Writes the report and says what is in it.
fn show(
    evaluation: &Evaluation,
    gates: &[Gate],
    options: &ResultOptions,
    judged: Option<&JudgedCounts>,
) -> Result<ExitCode> {
    let results = requirements(gates, evaluation)?;
    write_report(evaluation, &results, &options.report).context("write the report")?;
    if options.json {
        println!("{}", serde_json::to_string_pretty(&evaluation.metrics)?);
    } else {
        print!("{}", headline(&evaluation.metrics, colour()));
        print!("{}", judged.map(judged_lines).unwrap_or_default());
        println!("\nreport: {}", options.report.join("report.html").display());
    }
    let unmet: Vec<&GateResult> = results.iter().filter(|result| !result.passed).collect();
    for result in &unmet {
        eprintln!("requirement not kept: {}: {}", result.threshold, result.found);
    }
    Ok(if unmet.is_empty() { ExitCode::Success } else { ExitCode::Gate })
}

/// Writes the file of a shard and says where it lies.
pub(crate) fn write_shard(folder: &Path, shard: ShardOf, what: &impl serde::Serialize) -> Result<ExitCode> {
    std::fs::create_dir_all(folder).context("make the report folder")?;
    let path = folder.join(format!("shard-{}-of-{}.json", shard.number, shard.count));
    write_private(&path, what)?;
    println!("{}", path.display());
    Ok(ExitCode::Success)
}

/// Writes a file that quotes values, readable by its owner alone.
pub(crate) fn write_private(path: &Path, what: &impl serde::Serialize) -> Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let write = || -> std::io::Result<()> {
        let file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
        let mut to = std::io::BufWriter::new(file);
        serde_json::to_writer(&mut to, what)?;
        to.flush()
    };
    write().with_context(|| format!("write {}", path.display()))
}

/// Reads what [`write_shard`] wrote.
///
/// # Errors
/// When it is no whole shard of this version.
pub(crate) fn read_shards<T: Versioned>(paths: &[PathBuf]) -> Result<Vec<T>> {
    let read = |path: &PathBuf| read_shard(path).with_context(|| format!("use {}", path.display()));
    paths.iter().map(read).collect()
}

/// Judges the decisions of the run, if that is asked for; with the hash of the rows.
fn judged(arguments: &Arguments) -> Result<Option<(JudgedCounts, Sha256Hex)>> {
    let (Some(file), Some(run)) = (&arguments.judged, &arguments.run) else { return Ok(None) };
    let to = std::fs::File::create(file).context("make the file of judged decisions")?;
    let mut to = Digesting::new(std::io::BufWriter::new(to));
    let counts = judge_decisions(&arguments.suite, run, &mut to).context("judge the decisions")?;
    Ok(Some((counts, to.sha256())))
}

fn judged_lines(counts: &JudgedCounts) -> String {
    let rows: u64 = counts.rows.values().sum();
    format!(
        "decisions judged {rows}; about places that the ground truth does not know {}; planted values in results \
         without any decision {}\n",
        counts.unknown, counts.undecided
    )
}

fn settings(arguments: &Arguments) -> EvaluationSettings {
    EvaluationSettings {
        run: arguments.run.clone(),
        uid_mapping: arguments.uid_mapping.clone(),
        patient_mapping: arguments.patient_mapping.clone(),
        by_fingerprint: arguments.match_by_fingerprint,
        key: arguments.key_db.clone(),
        midi: arguments.midi.settings(),
        ..EvaluationSettings::new(&arguments.output, &arguments.suite)
    }
}

/// A pool of the threads that were asked for.
pub(crate) fn rayon_pool(threads: Option<usize>) -> Result<rayon::ThreadPool> {
    rayon::ThreadPoolBuilder::new().num_threads(threads.unwrap_or(0)).build().context("start threads")
}

fn progress_bar() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style =
        ProgressStyle::with_template("{bar:40} {pos}/{len} files {per_sec} {msg}").expect("the template is valid");
    ProgressBar::new(0).with_style(style)
}

/// Whether standard output shows colours.
pub(crate) fn colour() -> bool {
    std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// The table that is printed: what, share, interval, counts.
pub(crate) fn headline(metrics: &Metrics, colour: bool) -> String {
    let mut table = Table::new(colour);
    let recall = &metrics.recall;
    table.line("PHI removed", recall.overall.removed, Some(1.0));
    for (element, cell) in &recall.by_element {
        table.line(&format!("  {element} {}", element.title()), cell.removed, Some(1.0));
    }
    if let Some(precision) = &metrics.precision {
        table.line("decisions that took PHI away", precision.overall.right, None);
        for (source, cell) in &precision.by_source {
            table.line(&format!("  {source}"), cell.right, None);
        }
    }
    table.line("files without residue", metrics.residual.clean_files, Some(1.0));
    for (kind, rate) in &metrics.retention.by_kind {
        table.line(&format!("kept: {}", kind.as_str().replace('_', " ")), Some(*rate), None);
    }
    table.line("pixels left alone", metrics.retention.identical_pixels, None);
    table.line("harmless drawn words hidden", metrics.retention.harmless_words_hidden, None);
    if let Some(midi) = &metrics.midi {
        midi_lines(&mut table, midi);
    }
    if let Some(matched) = metrics.paired {
        let (pixels, similar) = (matched.by_pixels, matched.by_similarity);
        let (old, new) = (matched.originals_unmatched, matched.outputs_unmatched);
        let text = format!(
            "paired: {pixels} by pixels, {similar} by likeness; {old} originals and {new} files without a pair\n"
        );
        table.lines.push_str(&text);
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
    table.finish() + &rest
}

/// Removal and retention apart, since the pooled score is mostly retention, with what anybody reaches beside.
pub(crate) fn midi_lines(table: &mut Table, midi: &MidiMetrics) {
    let mut lines = |name: &str, all: CheckCounts, removal: CheckCounts, retention: CheckCounts| {
        table.line(name, all.rate(), None);
        table.line("  removal", removal.rate(), None);
        table.line("  retention", retention.rate(), None);
    };
    let mut scores = |name: String, scores: &CheckScores| lines(&name, scores.all, scores.removal, scores.retention);
    if let Some(strict) = &midi.strict {
        scores(format!("MIDI-B strict ({})", midi.report), &strict.scores);
    }
    scores(format!("MIDI-B official ({})", midi.report), &midi.official);
    for (name, baseline) in [("MIDI-B do nothing", midi.do_nothing), ("MIDI-B empty output", midi.empty)] {
        if let Some(BaselineScore { all, removal, retention }) = baseline {
            lines(name, all, removal, retention);
        }
    }
    for (rule, count) in midi.strict.iter().flat_map(|strict| &strict.objections) {
        table.lines.push_str(&format!("  {rule:<34} {count:>9} checks\n"));
    }
}

/// Lines of shares with their intervals and counts.
pub(crate) struct Table {
    lines: String,
    colour: bool,
}

impl Table {
    pub(crate) const fn new(colour: bool) -> Self {
        Self { lines: String::new(), colour }
    }

    pub(crate) fn finish(self) -> String {
        self.lines
    }

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

/// What is asked for, by the file of requirements and on the command line.
fn gates(arguments: &ResultOptions) -> Result<Vec<Gate>> {
    let mut gates = Vec::new();
    if let Some(path) = &arguments.require {
        let text = std::fs::read_to_string(path);
        let text = text.map_err(|source| EvaluationError::Read { what: "file of --require", source })?;
        gates.push(Gate::parse_alone(&text)?);
    }
    if let Some(recall) = arguments.require_recall {
        gates.push(Gate::of_recall(recall)?);
    }
    Ok(gates)
}

fn requirements(gates: &[Gate], evaluation: &Evaluation) -> Result<Vec<GateResult>> {
    let evaluated = Evaluated::new(evaluation.metrics.clone(), evaluation.cases.clone());
    let judged: Vec<Vec<GateResult>> =
        gates.iter().map(|gate| Ok(gate.judge_alone(&evaluated)?)).collect::<Result<_>>()?;
    Ok(judged.concat())
}

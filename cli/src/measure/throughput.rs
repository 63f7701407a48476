//! `efface measure throughput`

use super::table::Table;
use super::{Output, Shown, open, processes, show};
use anyhow::{Context, Result};
use efface_eval::models::throughput::{Setting, measure, read, tree_digest};
use efface_eval::models::{MeasureError, page, plot};
use efface_schema::{
    ExitCode, RunManifest, RunWork, Sha256Hex, StageLatency, StageTime, ThroughputMetrics, TimedRun, parse_json,
    sha256_hex,
};
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Measure the speed of `efface deid`, or statistics of stage times
///
/// Runs this program's own `deid` on SUITE (its folder dicom, if it has one) again and again, with each number of
/// threads, and compares all results to the byte. Figures are marked INVALID, with the reasons, when a run took less
/// than 10 s, there were fewer than 3 repeats, wall times vary by more than 10 %, a run failed, or answers differ.
/// A first run, which is not counted, brings the files into the system's cache.
///
/// With --stages, one more run, which is not timed as a whole, says how long each stage takes: latencies by stage and
/// modality. With --rows, they are computed from JSON lines, which `efface deid --stage-times FILE` or anybody wrote:
///
/// {"stage": "read", "modality": "CT", "seconds": 0.0021, "bytes": 526336}
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Folder with DICOM files; copies are made and removed again
    #[arg(required_unless_present = "rows")]
    suite: Option<PathBuf>,
    /// Numbers of threads
    #[arg(long, value_name = "NUMBERS", value_delimiter = ',', default_values_t = [1])]
    threads: Vec<u32>,
    /// Runs with each number of threads
    #[arg(long, value_name = "N", default_value_t = 3)]
    repeats: u32,
    /// Leave pixels alone, as `efface deid --metadata-only`
    #[arg(long)]
    metadata_only: bool,
    /// Policy, as of `efface deid`
    #[arg(long, default_value = "tcia")]
    policy: String,
    /// Model that reads free text, as `efface deid --ner`
    #[arg(long, value_name = "DIR|auto|none")]
    ner: Option<String>,
    /// Folder for results while they are compared [default: a new one in the system's temporary folder]
    #[arg(long, value_name = "DIR")]
    work: Option<PathBuf>,
    /// Measure latencies by stage and modality, too, in one more run with the first number of threads
    #[arg(long, requires = "suite", conflicts_with = "rows")]
    stages: bool,
    /// JSON lines of stage times
    #[arg(long, value_name = "FILE")]
    rows: Option<PathBuf>,
    #[command(flatten)]
    output: Output,
}

/// A folder that is removed with all that is in it when the measurement ends, well or not.
struct Workplace(PathBuf);

impl Workplace {
    fn make(below: &Path) -> Result<Self> {
        let folder = below.join(format!("efface-measure-{}", std::process::id()));
        std::fs::create_dir_all(below).context("make the folder to work in")?;
        // Not one that is there already: it will be removed.
        std::fs::create_dir(&folder).context("make the folder to work in")?;
        Ok(Self(folder))
    }
}

impl Drop for Workplace {
    fn drop(&mut self) {
        // What cannot be removed is left to the system, which empties its temporary folder.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let mut timed = match &arguments.suite {
        Some(suite) => timed(arguments, suite)?,
        None => Timed { setting: setting(), runs: Vec::new(), times: Vec::new() },
    };
    if let Some(rows) = &arguments.rows {
        timed.times = read(BufReader::new(open("rows", rows)?))?;
    }
    let metrics = measure(timed.setting, timed.runs, &timed.times)?;
    let table = table(&metrics);
    let has_runs = !metrics.scaling.is_empty();
    let mut files = vec![("throughput.html".to_owned(), page::of_throughput(&metrics)?)];
    files.extend(has_runs.then(|| ("scaling.svg".to_owned(), plot::scaling(&metrics).to_file())));
    show(&arguments.output, &Shown { name: "throughput", metrics, table, files })?;
    Ok(ExitCode::Success)
}

fn setting() -> Setting {
    let n_processors = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    Setting {
        platform: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        machine_sha256: machine(n_processors),
        n_processors: u32::try_from(n_processors).unwrap_or_default(),
        ..Setting::default()
    }
}

/// A hash of the processor's model, the number of processors, the memory and the system, where Linux tells them.
fn machine(n_processors: usize) -> Option<Sha256Hex> {
    let line = |file: &str, key: &str| -> Option<String> {
        let text = std::fs::read_to_string(file).ok()?;
        Some(text.lines().find(|line| line.starts_with(key))?.split_once(':')?.1.trim().to_owned())
    };
    let (model, memory) = (line("/proc/cpuinfo", "model name")?, line("/proc/meminfo", "MemTotal")?);
    let (system, architecture) = (std::env::consts::OS, std::env::consts::ARCH);
    Some(sha256_hex(format!("{model}\n{n_processors}\n{memory}\n{system} {architecture}\n").as_bytes()))
}

/// What was timed.
struct Timed {
    setting: Setting,
    runs: Vec<TimedRun>,
    times: Vec<StageTime>,
}

fn timed(arguments: &Arguments, suite: &Path) -> Result<Timed> {
    if arguments.threads.is_empty() || arguments.threads.contains(&0) || arguments.repeats == 0 {
        return Err(MeasureError::Setting { what: "at least one thread and one repeat" }.into());
    }
    let below = suite.join("dicom");
    let input = if below.is_dir() { below } else { suite.to_owned() };
    let (n_files, n_bytes) = size_of(&input).map_err(|source| MeasureError::Read { file: "input folder", source })?;
    if n_files == 0 {
        return Err(MeasureError::Empty { file: "input folder" }.into());
    }
    let work = Workplace::make(&arguments.work.clone().unwrap_or_else(std::env::temp_dir))?;
    let key = work.0.join("key");
    // Nothing is kept that it could link; the same key makes the results of all runs the same.
    std::fs::write(&key, "the key of measurements, never for patients\n").context("write a key")?;
    let program = std::env::current_exe().context("find this program")?;
    let one = |n_threads: u32, repeat: u32, stage_times: Option<&Path>| -> Result<(TimedRun, Option<RunWork>)> {
        let (out, decisions) = (work.0.join("out"), work.0.join("run"));
        let mut command = Command::new(&program);
        command.arg("deid").arg(&input).arg(&out).arg("--run").arg(&decisions).arg("--key").arg(&key);
        command.args(["--policy", &arguments.policy, "--threads", &n_threads.to_string()]);
        if arguments.metadata_only {
            command.arg("--metadata-only");
        }
        if let Some(ner) = &arguments.ner {
            command.args(["--ner", ner]);
        }
        if let Some(stage_times) = stage_times {
            command.arg("--stage-times").arg(stage_times);
        }
        let took = processes::run(&mut command)?;
        let run_work = work_of(&decisions);
        let outputs_sha256 = if out.is_dir() { Some(tree_digest(&out)?) } else { None };
        for folder in [out, decisions].iter().filter(|folder| folder.is_dir()) {
            std::fs::remove_dir_all(folder).context("remove the results of a run")?;
        }
        let timed = TimedRun {
            n_threads,
            repeat,
            wall_us: u64::try_from(took.wall.as_micros()).unwrap_or(u64::MAX),
            cpu_us: u64::try_from(took.cpu.as_micros()).unwrap_or(u64::MAX),
            peak_memory_bytes: took.peak_memory_bytes,
            outputs_sha256,
            exit_code: took.exit_code,
        };
        Ok((timed, run_work))
    };
    let (warm_up, run_work) = one(arguments.threads[0], 0, None)?;
    if ![0, 3].contains(&warm_up.exit_code) {
        anyhow::bail!("measure: `efface deid` ended with {} on this folder", warm_up.exit_code);
    }
    let mut runs = Vec::new();
    // Numbers of threads take turns, so that a slow minute of the machine meets all of them.
    for repeat in 1..=arguments.repeats {
        for n_threads in &arguments.threads {
            tracing::info!("repeat {repeat} of {}, threads: {n_threads}", arguments.repeats);
            runs.push(one(*n_threads, repeat, None)?.0);
        }
    }
    let mut times = Vec::new();
    if arguments.stages {
        let rows = work.0.join("stage-times.jsonl");
        let (run, _) = one(arguments.threads[0], 0, Some(&rows))?;
        if run.outputs_sha256 != runs[0].outputs_sha256 {
            anyhow::bail!("measure: the run whose stages were timed gave another answer than the others");
        }
        times = read(BufReader::new(open("rows", &rows)?))?;
    }
    Ok(Timed { setting: Setting { n_files, n_bytes, work: run_work, ..setting() }, runs, times })
}

/// What a run did, as its manifest says.
fn work_of(run: &Path) -> Option<RunWork> {
    let manifest: RunManifest = parse_json(&std::fs::read_to_string(run.join("manifest.json")).ok()?).ok()?;
    manifest.work()
}

/// Files below a folder and their bytes.
fn size_of(folder: &Path) -> std::io::Result<(u64, u64)> {
    let mut total = (0, 0);
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        let (n_files, n_bytes) = match kind {
            _ if kind.is_dir() => size_of(&entry.path())?,
            _ if kind.is_file() => (1, entry.metadata()?.len()),
            _ => (0, 0),
        };
        total = (total.0 + n_files, total.1 + n_bytes);
    }
    Ok(total)
}

fn table(metrics: &ThroughputMetrics) -> String {
    let mut table = Table::default();
    if metrics.faults.is_empty() {
        table.heading("VALID");
    }
    for fault in &metrics.faults {
        table.heading(&format!("INVALID: {fault}"));
    }
    if !metrics.scaling.is_empty() {
        let (n_files, megabytes) = (metrics.n_files, metrics.n_bytes as f64 / 1e6);
        let (platform, n_processors) = (&metrics.platform, metrics.n_processors);
        table.heading(&format!("{n_files} files, {megabytes:.1} MB; {platform}, {n_processors} processors"));
        table.heading("threads  runs    wall s   vary %    files/s     MB/s  CPU ms/file  peak MiB  speedup");
    }
    for row in &metrics.scaling {
        let or_dash = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.1}"));
        table.heading(&format!(
            "{:>7} {:>5} {:>9.3} {:>8} {:>10.1} {:>8.1} {:>12.2} {:>9} {:>8.2}",
            row.n_threads,
            row.n_runs,
            row.wall_s,
            or_dash(row.variation.map(|variation| 100.0 * variation)),
            row.files_per_second,
            row.megabytes_per_second,
            1000.0 * row.cpu_seconds_per_file,
            or_dash(row.peak_memory_bytes.map(|bytes| bytes as f64 / 1_048_576.0)),
            row.speedup
        ));
    }
    if !metrics.stages.is_empty() {
        table.heading("stage            modality         n   p50 ms   p90 ms   p99 ms   max ms        /s     MB/s");
    }
    metrics.stages.iter().for_each(|row| table.heading(&stage_row(row)));
    table.finish()
}

fn stage_row(row: &StageLatency) -> String {
    let or_dash = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.2}"));
    format!(
        "{:<16} {:<8} {:>9} {:>8.2} {:>8} {:>8} {:>8.2} {:>9} {:>8}",
        row.stage,
        row.modality.as_deref().unwrap_or("all"),
        row.n,
        row.p50_ms,
        or_dash(row.p90_ms),
        or_dash(row.p99_ms),
        row.max_ms,
        or_dash(row.per_second),
        or_dash(row.megabytes_per_second)
    )
}

//! Speed: how much is done in a second, how long single pieces take, and whether the figures are worth anything.
//!
//! Figures are VALID only if nothing of the following holds, each of which is named:
//!
//! - a run was shorter than [`LEAST_SECONDS`]: starting and caches weigh too much;
//! - there are fewer than [`LEAST_RUNS`] runs with a number of threads, so nobody knows how much they vary;
//! - wall times vary by more than [`MOST_VARIATION`] (standard deviation over mean): something else was going on;
//! - a run failed, or its answers were not checked, or differ from those of other runs: a wrong answer may be fast.
//!
//! Medians over runs are reported rather than the best run. Latencies are nearest-rank percentiles: the smallest time
//! that the share of all pieces does not exceed; there is none without enough pieces to have it.

use super::MeasureError;
use super::rows::read_lines;
use crate::verify::file_digest;
use efface_schema::{
    RunWork, Sha256Hex, StageLatency, StageTime, ThreadScaling, ThroughputMetrics, TimedRun, Versioned,
};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::io::BufRead;
use std::path::Path;

/// Shorter runs are not valid.
pub const LEAST_SECONDS: f64 = 10.0;
/// Fewer runs with one number of threads are not valid.
pub const LEAST_RUNS: usize = 3;
/// Wall times that vary by more are not valid.
pub const MOST_VARIATION: f64 = 0.1;

const ROWS: &str = "rows";
const KEYS: &[&str] = &["stage", "modality", "seconds", "bytes"];

/// Reads rows of stage times.
///
/// # Errors
/// When a line is not of the form, a time is negative or not finite, or there is no line.
pub fn read(rows: impl BufRead) -> Result<Vec<StageTime>, MeasureError> {
    let mut times = Vec::new();
    read_lines(ROWS, rows, KEYS, |record| {
        let seconds = record.need("seconds", record.number("seconds")?)?;
        if seconds < 0.0 {
            return Err(record.fault("seconds", "it is negative"));
        }
        times.push(StageTime {
            stage: record.need("stage", record.text("stage")?)?.to_owned(),
            modality: record.text("modality")?.map(str::to_owned),
            seconds,
            bytes: record.need("bytes", record.whole("bytes")?)?,
        });
        Ok(())
    })?;
    if times.is_empty() { Err(MeasureError::Empty { file: ROWS }) } else { Ok(times) }
}

/// Latencies by stage, of all modalities and of each.
///
/// # Example
/// ```
/// use efface_eval::models::throughput::{read, stages};
/// let row = |ms: u32| format!("{{\"stage\": \"read\", \"seconds\": {}, \"bytes\": 1000000}}\n", f64::from(ms) / 1e3);
/// let rows: String = (1..=100).map(row).collect();
/// let stages = stages(&read(rows.as_bytes())?);
/// assert_eq!((stages[0].p50_ms, stages[0].p99_ms, stages[0].max_ms), (50.0, Some(99.0), 100.0));
/// # Ok::<(), efface_eval::models::MeasureError>(())
/// ```
pub fn stages(times: &[StageTime]) -> Vec<StageLatency> {
    let mut groups: BTreeMap<(&str, Option<&str>), Vec<&StageTime>> = BTreeMap::new();
    for time in times {
        groups.entry((&time.stage, None)).or_default().push(time);
        if let Some(modality) = &time.modality {
            groups.entry((&time.stage, Some(modality))).or_default().push(time);
        }
    }
    groups.into_iter().map(|((stage, modality), times)| latency(stage, modality, &times)).collect()
}

fn latency(stage: &str, modality: Option<&str>, times: &[&StageTime]) -> StageLatency {
    let mut sorted: Vec<f64> = times.iter().map(|time| time.seconds).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let seconds: f64 = sorted.iter().sum();
    let bytes: u64 = times.iter().map(|time| time.bytes).sum();
    // In whole numbers: 0.99 · 100 is not 99 in binary fractions.
    let percentile = |of_hundred: usize| 1000.0 * sorted[(of_hundred * sorted.len()).div_ceil(100) - 1];
    let if_many = |least: usize, of_hundred: usize| (sorted.len() >= least).then(|| percentile(of_hundred));
    StageLatency {
        stage: stage.to_owned(),
        modality: modality.map(str::to_owned),
        n: sorted.len() as u64,
        bytes,
        seconds,
        per_second: (seconds > 0.0).then(|| sorted.len() as f64 / seconds),
        megabytes_per_second: (seconds > 0.0).then(|| bytes as f64 / 1e6 / seconds),
        p50_ms: percentile(50),
        p90_ms: if_many(10, 90),
        p99_ms: if_many(100, 99),
        max_ms: percentile(100),
    }
}

/// What was worked on, and where.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Setting {
    /// Operating system and architecture.
    pub platform: String,
    /// Hash of what tells the machine from others, where that is known: speeds of different ones are not compared.
    pub machine_sha256: Option<Sha256Hex>,
    /// What each run did, where that is known.
    pub work: Option<RunWork>,
    /// Processors at hand.
    pub n_processors: u32,
    /// Files of each run.
    pub n_files: u64,
    /// Their bytes.
    pub n_bytes: u64,
}

/// Puts runs and stage times together and says whether the figures are valid.
///
/// # Errors
/// When there are neither runs nor times, or runs over no files.
pub fn measure(setting: Setting, runs: Vec<TimedRun>, times: &[StageTime]) -> Result<ThroughputMetrics, MeasureError> {
    if runs.is_empty() && times.is_empty() {
        return Err(MeasureError::Empty { file: "list of runs and of rows" });
    }
    if !runs.is_empty() && setting.n_files == 0 {
        return Err(MeasureError::Empty { file: "input folder" });
    }
    let scaling = scaling(&setting, &runs);
    Ok(ThroughputMetrics {
        format_version: ThroughputMetrics::FORMAT_VERSION,
        platform: setting.platform,
        machine_sha256: setting.machine_sha256,
        work: setting.work,
        n_processors: setting.n_processors,
        n_files: setting.n_files,
        n_bytes: setting.n_bytes,
        faults: faults(&runs, &scaling),
        scaling,
        runs,
        stages: stages(times),
    })
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 { values[middle] } else { (values[middle - 1] + values[middle]) / 2.0 }
}

/// Sample standard deviation over mean.
fn variation(values: &[f64]) -> Option<f64> {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (values.len() > 1 && mean > 0.0).then(|| (squares / (n - 1.0)).sqrt() / mean)
}

fn scaling(setting: &Setting, runs: &[TimedRun]) -> Vec<ThreadScaling> {
    let mut by_threads: BTreeMap<u32, Vec<&TimedRun>> = BTreeMap::new();
    for run in runs {
        by_threads.entry(run.n_threads).or_default().push(run);
    }
    let mut rows: Vec<ThreadScaling> = Vec::new();
    for (n_threads, runs) in by_threads {
        let walls: Vec<f64> = runs.iter().map(|run| run.wall_us as f64 / 1e6).collect();
        // A run of no measurable time gives no figure that JSON could hold.
        let wall_s = median(walls.clone()).max(1e-6);
        let cpu_s = median(runs.iter().map(|run| run.cpu_us as f64 / 1e6).collect());
        rows.push(ThreadScaling {
            n_threads,
            n_runs: u32::try_from(runs.len()).unwrap_or(u32::MAX),
            wall_s,
            files_per_second: setting.n_files as f64 / wall_s,
            megabytes_per_second: setting.n_bytes as f64 / 1e6 / wall_s,
            cpu_seconds_per_file: cpu_s / setting.n_files as f64,
            variation: variation(&walls),
            peak_memory_bytes: runs.iter().filter_map(|run| run.peak_memory_bytes).max(),
            speedup: rows.first().map_or(1.0, |first| first.wall_s / wall_s),
        });
    }
    rows
}

fn faults(runs: &[TimedRun], scaling: &[ThreadScaling]) -> Vec<String> {
    let mut faults = Vec::new();
    if runs.is_empty() {
        faults.push("answers were not checked: rows alone do not say whether they were right".to_owned());
    }
    for row in scaling {
        let with = if row.n_threads == 1 { "1 thread".to_owned() } else { format!("{} threads", row.n_threads) };
        let shortest = runs.iter().filter(|run| run.n_threads == row.n_threads).map(|run| run.wall_us).min();
        let shortest = shortest.unwrap_or_default() as f64 / 1e6;
        if shortest < LEAST_SECONDS {
            faults.push(format!("a run with {with} took {shortest:.1} s; it takes {LEAST_SECONDS} s or more"));
        }
        if (row.n_runs as usize) < LEAST_RUNS {
            faults.push(format!("{} runs with {with}; it takes {LEAST_RUNS} or more", row.n_runs));
        }
        if let Some(variation) = row.variation.filter(|variation| *variation > MOST_VARIATION) {
            let (found, most) = (100.0 * variation, 100.0 * MOST_VARIATION);
            faults.push(format!("runs with {with} vary by {found:.1} %; at most {most} % are allowed"));
        }
    }
    let answers: BTreeSet<&Sha256Hex> = runs.iter().filter_map(|run| run.outputs_sha256.as_ref()).collect();
    if runs.iter().any(|run| run.outputs_sha256.is_none()) {
        faults.push("answers of a run were not checked".to_owned());
    }
    if answers.len() > 1 {
        faults.push(format!("runs gave {} different answers", answers.len()));
    }
    // Results that wait for a person are results.
    let failed = runs.iter().filter(|run| ![0, 3].contains(&run.exit_code)).count();
    if failed > 0 {
        faults.push(format!("{failed} of {} runs failed", runs.len()));
    }
    faults
}

/// Hash over relative names and contents of all files below a folder, in order of the names.
///
/// # Errors
/// When the folder or a file in it cannot be read.
pub fn tree_digest(folder: &Path) -> Result<Sha256Hex, MeasureError> {
    const FILE: &str = "folder of results";
    let mut tree = Sha256::new();
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name() {
        let entry = entry.map_err(|error| MeasureError::Read { file: FILE, source: error.into() })?;
        if !entry.file_type().is_file() {
            continue;
        }
        let name = entry.path().strip_prefix(folder).unwrap_or(entry.path());
        let hash = file_digest(entry.path()).map_err(|source| MeasureError::Read { file: FILE, source })?;
        tree.update((name.as_os_str().len() as u64).to_le_bytes());
        tree.update(name.as_os_str().as_encoded_bytes());
        tree.update(hash);
    }
    Ok(Sha256Hex::from_bytes(&tree.finalize()))
}

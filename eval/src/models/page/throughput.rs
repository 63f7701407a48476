//! Speed.

use super::{Card, Page, Section, Table, Verdict, plot};
use crate::models::plot::scaling;
use efface_schema::{StageLatency, ThreadScaling, ThroughputMetrics};

pub(super) fn page(metrics: &ThroughputMetrics) -> Page {
    let fastest = metrics.scaling.iter().max_by(|left, right| left.files_per_second.total_cmp(&right.files_per_second));
    let card = |name: &str, figure: fn(&ThreadScaling) -> Option<String>, unit| Card {
        name: name.to_owned(),
        figure: fastest.and_then(figure),
        unit,
        interval: fastest.and_then(|row| row.variation).map(|of| format!("wall times vary by {:.1} %", 100.0 * of)),
        note: fastest.map_or_else(
            || "no run was timed".to_owned(),
            |row| format!("{} threads, median of {} runs", row.n_threads, row.n_runs),
        ),
    };
    let sections = [runs(metrics), stages(metrics), limits(metrics)];
    Page {
        title: "Throughput",
        lead: on(metrics),
        verdict: Some(Verdict { title: verdict(metrics).to_owned(), faults: metrics.faults.clone() }),
        cards: vec![
            card("Files a second", |row| Some(format!("{:.1}", row.files_per_second)), ""),
            card("Megabytes a second", |row| Some(format!("{:.1}", row.megabytes_per_second)), "MB/s"),
            card("Processor time a file", |row| Some(format!("{:.2}", 1000.0 * row.cpu_seconds_per_file)), "ms"),
            card("Peak memory", |row| Some(format!("{:.0}", row.peak_memory_bytes? as f64 / 1_048_576.0)), "MiB"),
        ],
        sections: sections.into_iter().filter(|of| !of.tables.is_empty() || !of.list.is_empty()).collect(),
    }
}

/// How fast the runs were, in the report of an evaluation.
pub(super) fn summary(metrics: &ThroughputMetrics) -> Section {
    let (verdict, faults) = (verdict(metrics), metrics.faults.join("; "));
    let whole = runs(metrics);
    Section {
        id: "throughput",
        title: "Speed",
        about: vec![if faults.is_empty() {
            format!("{verdict}. {}", on(metrics))
        } else {
            format!("{verdict}: {faults}. {}", on(metrics))
        }],
        tables: whole.tables.into_iter().chain(stages(metrics).tables).collect(),
        ..whole
    }
}

fn verdict(metrics: &ThroughputMetrics) -> &'static str {
    if metrics.faults.is_empty() { "VALID" } else { "INVALID: these figures prove nothing" }
}

/// What was worked on, and where.
fn on(metrics: &ThroughputMetrics) -> String {
    let (n_files, megabytes) = (metrics.n_files, metrics.n_bytes as f64 / 1e6);
    let platform = if metrics.platform.is_empty() { "an unknown platform" } else { &metrics.platform };
    format!("{n_files} files, {megabytes:.1} MB, on {platform} with {} processors.", metrics.n_processors)
}

fn or_none(value: Option<f64>, decimals: usize) -> String {
    value.map_or_else(String::new, |value| format!("{value:.decimals$}"))
}

fn runs(metrics: &ThroughputMetrics) -> Section {
    let row = |row: &ThreadScaling| {
        vec![
            row.n_threads.to_string(),
            row.n_runs.to_string(),
            format!("{:.3}", row.wall_s),
            or_none(row.variation.map(|of| 100.0 * of), 1),
            format!("{:.1}", row.files_per_second),
            format!("{:.1}", row.megabytes_per_second),
            format!("{:.2}", 1000.0 * row.cpu_seconds_per_file),
            or_none(row.peak_memory_bytes.map(|bytes| bytes as f64 / 1_048_576.0), 0),
            format!("{:.2}", row.speedup),
        ]
    };
    let table = Table {
        name: "By number of threads".to_owned(),
        caption: "Medians of the runs; speedup is over the fewest threads.".to_owned(),
        columns: vec!["Threads", "Runs", "Wall s", "Vary %", "Files/s", "MB/s", "CPU ms a file", "Peak MiB", "Speedup"],
        rows: metrics.scaling.iter().map(row).collect(),
        ..Table::default()
    };
    let is_measured = !metrics.scaling.is_empty();
    Section {
        id: "runs",
        title: "Whole runs",
        about: vec!["Every run started anew, on the same files. What came out is compared between all runs: a speed with wrong answers is INVALID.".to_owned()],
        plots: if is_measured { vec![plot(&scaling(metrics))] } else { Vec::new() },
        tables: if is_measured { vec![table] } else { Vec::new() },
        ..Section::default()
    }
}

/// The stages in the order of their work, as far as it is known; others come after them.
const STAGES: [&str; 6] = ["read", "decide", "pixels", "write", "search", "digest"];

fn stages(metrics: &ThroughputMetrics) -> Section {
    let rank = |row: &StageLatency| STAGES.iter().position(|stage| *stage == row.stage).unwrap_or(STAGES.len());
    let mut sorted: Vec<&StageLatency> = metrics.stages.iter().collect();
    sorted.sort_by(|left, right| (rank(left), &left.stage).cmp(&(rank(right), &right.stage)));
    let overall: Vec<_> = sorted.iter().copied().filter(|row| row.modality.is_none()).collect();
    let mut tables = Vec::new();
    if !overall.is_empty() {
        tables.push(latencies("By stage, all modalities".to_owned(), "Stage", &overall, false));
    }
    for of_stage in sorted.chunk_by(|left, right| left.stage == right.stage) {
        let rows: Vec<_> = of_stage.iter().copied().filter(|row| row.modality.is_some()).collect();
        if let Some(first) = rows.first() {
            tables.push(latencies(format!("Stage {}, by modality", first.stage), "Modality", &rows, true));
        }
    }
    Section { id: "stages", title: "Latencies", tables, ..Section::default() }
}

fn latencies(name: String, named_by: &'static str, rows: &[&StageLatency], is_folded: bool) -> Table {
    let few = |value: Option<f64>| value.map_or_else(|| "too few".to_owned(), |value| format!("{value:.2}"));
    let row = |row: &&StageLatency| {
        vec![
            row.modality.clone().unwrap_or_else(|| row.stage.clone()),
            row.n.to_string(),
            format!("{:.2}", row.p50_ms),
            few(row.p90_ms),
            few(row.p99_ms),
            format!("{:.2}", row.max_ms),
            or_none(row.per_second, 1),
            or_none(row.megabytes_per_second, 1),
        ]
    };
    Table {
        name,
        caption:
            "Milliseconds that a piece of work spends in a stage: half, nine of ten and 99 of 100 take no longer. \
                  The latter two are told from 10 and from 100 pieces on."
                .to_owned(),
        columns: vec![named_by, "Pieces", "p50 ms", "p90 ms", "p99 ms", "Longest ms", "Per second", "MB/s"],
        rows: rows.iter().map(row).collect(),
        is_folded,
    }
}

fn limits(metrics: &ThroughputMetrics) -> Section {
    let mut list = vec!["Speeds of different machines are not compared.".to_owned()];
    if let Some(machine) = &metrics.machine_sha256 {
        list.push(format!("This machine: {}.", machine.as_str()));
    }
    Section { id: "limits", title: "Limits of the evidence", list, ..Section::default() }
}

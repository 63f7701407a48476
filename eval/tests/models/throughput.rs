//! Speed: its statistics, and when they are worth nothing.

use efface_eval::models::plot;
use efface_eval::models::throughput::{Setting, measure, read, stages, tree_digest};
use efface_schema::{ThroughputMetrics, TimedRun, sha256_hex};

fn run(n_threads: u32, repeat: u32, wall_ms: u64) -> TimedRun {
    TimedRun {
        n_threads,
        repeat,
        wall_us: 1000 * wall_ms,
        cpu_us: 12_000_000,
        peak_memory_bytes: Some(u64::from(1_000_000 * n_threads)),
        outputs_sha256: Some(sha256_hex(b"the answer")),
        exit_code: 0,
    }
}

fn runs() -> Vec<TimedRun> {
    [(1, 12_000), (1, 12_100), (1, 12_600), (2, 10_000), (2, 10_100), (2, 10_200)]
        .iter()
        .enumerate()
        .map(|(at, (threads, wall_ms))| run(*threads, at as u32 % 3 + 1, *wall_ms))
        .collect()
}

fn measured(runs: Vec<TimedRun>) -> ThroughputMetrics {
    let setting =
        Setting { platform: "x".to_owned(), n_processors: 2, n_files: 600, n_bytes: 60_500_000, ..Setting::default() };
    measure(setting, runs, &[]).expect("there are runs")
}

#[test]
fn runs_become_medians_and_scaling() {
    let metrics = measured(runs());
    assert!(metrics.faults.is_empty(), "{:?}", metrics.faults);
    let [one, two] = &metrics.scaling[..] else { panic!("two numbers of threads") };
    assert_eq!((one.n_threads, one.n_runs, one.wall_s, one.speedup), (1, 3, 12.1, 1.0));
    assert!((two.files_per_second - 600.0 / 10.1).abs() < 1e-9 && (two.speedup - 12.1 / 10.1).abs() < 1e-9);
    assert!((one.megabytes_per_second - 5.0).abs() < 1e-9 && (one.cpu_seconds_per_file - 0.02).abs() < 1e-12);
    assert_eq!(two.peak_memory_bytes, Some(2_000_000));
    // Standard deviation of 12, 12.1 and 12.6: √(0.103333).
    assert!((one.variation.expect("three runs") - 0.103_333_f64.sqrt() / (36.7 / 3.0)).abs() < 1e-6);
    assert!(plot::scaling(&metrics).to_file().contains("Speed by threads"));
}

#[test]
fn each_fault_makes_figures_invalid() {
    let check = |change: fn(&mut Vec<TimedRun>), words: &str| {
        let mut changed = runs();
        change(&mut changed);
        let faults = measured(changed).faults;
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert!(faults[0].contains(words), "{faults:?}");
    };
    check(|runs| runs[3].wall_us = 9_900_000, "took 9.9 s");
    check(|runs| _ = runs.pop(), "2 runs with 2 threads");
    check(|runs| runs[0].wall_us = 16_000_000, "vary by");
    check(|runs| runs[5].outputs_sha256 = Some(sha256_hex(b"another")), "2 different answers");
    check(|runs| runs[5].outputs_sha256 = None, "not checked");
    check(|runs| runs[5].exit_code = 1, "1 of 6 runs failed");
    assert!(measure(Setting::default(), runs(), &[]).is_err(), "runs over nothing");
    assert!(measure(Setting::default(), Vec::new(), &[]).is_err(), "nothing at all");
}

#[test]
fn rows_become_latencies_by_stage_and_modality() {
    let row = |at: u32| {
        let modality = if u32::is_multiple_of(at, 4) { "\"CT\"" } else { "null" };
        format!("{{\"stage\":\"s{}\",\"modality\":{modality},\"seconds\":{at},\"bytes\":1000000}}\n", at % 2)
    };
    let times = read((1..=40).map(row).collect::<String>().as_bytes()).expect("rows");
    let found = stages(&times);
    let names: Vec<_> = found.iter().map(|row| (row.stage.as_str(), row.modality.as_deref(), row.n)).collect();
    assert_eq!(names, [("s0", None, 20), ("s0", Some("CT"), 10), ("s1", None, 20)]);
    // 2, 4, … 40 seconds.
    let all = &found[0];
    assert_eq!((all.p50_ms, all.p90_ms, all.p99_ms, all.max_ms), (20_000.0, Some(36_000.0), None, 40_000.0));
    assert!((all.megabytes_per_second.expect("some time") - 20.0 / 420.0).abs() < 1e-12);
    let metrics = measure(Setting::default(), Vec::new(), &times).expect("rows");
    assert!(metrics.faults.len() == 1 && metrics.faults[0].contains("not checked"), "{:?}", metrics.faults);
    for (rows, words) in [
        ("", "empty"),
        ("{\"stage\":\"a\",\"seconds\":-1,\"bytes\":1}", "\"seconds\""),
        ("{\"stage\":\"a\",\"seconds\":1}", "\"bytes\""),
        ("{\"seconds\":1,\"bytes\":1}", "\"stage\""),
    ] {
        let error = read(rows.as_bytes()).expect_err("refused").to_string();
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn the_digest_of_a_tree_knows_names_and_bytes() {
    let digest = |files: &[(&str, &str)]| {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            std::fs::write(path, text).expect("a file");
        }
        tree_digest(folder.path()).expect("readable")
    };
    let whole = digest(&[("a/x", "1"), ("b", "2")]);
    assert_eq!(whole, digest(&[("b", "2"), ("a/x", "1")]));
    for other in
        [&[("a/x", "1"), ("b", "3")][..], &[("a/y", "1"), ("b", "2")], &[("a/x", "1")], &[("ax", "1"), ("b", "2")]]
    {
        assert_ne!(whole, digest(other), "{other:?}");
    }
}

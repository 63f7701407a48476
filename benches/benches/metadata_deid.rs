//! Metadata-only de-identification of CT instances with 512 KiB of native pixels, on one thread.
//!
//! Whole runs are measured: listing, two passes over the headers, writing, reading back, decisions.
//! Inputs are made once and lie in the page cache; removing the results is not timed.

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use efface_benches::write_ct_instances;
use efface_pipeline::{DeidentificationKey, Policy, RunSettings, RunSummary, Silent, run};
use efface_schema::ResultDigests;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use tempfile::TempDir;

const N_INSTANCES: u32 = 200;

fn settings(input: &Path, results: &Path) -> RunSettings {
    RunSettings {
        input: input.to_path_buf(),
        output: results.join("out"),
        run: results.join("run"),
        policy: Policy::load("tcia").expect("a built-in policy"),
        key: Some(DeidentificationKey::from_bytes(vec![7; 32]).expect("long enough")),
        n_threads: 1,
        metadata_only: true,
        crosswalk: false,
        result_digests: ResultDigests::Sha256,
        stage_times: None,
        review_crops: false,
        ner: None,
        text_detector: None,
    }
}

/// Returns the folder as well, so that its removal falls outside the measurement.
fn deidentify(input: &Path, results: TempDir) -> (RunSummary, TempDir) {
    let settings = settings(input, results.path());
    let summary = run(&settings, &Silent, &AtomicBool::new(false)).expect("the run ends");
    assert_eq!(summary.counts.inputs, u64::from(N_INSTANCES));
    assert_eq!(summary.counts.quarantined, 0, "{:?}", summary.reasons);
    (summary, results)
}

/// The results hold the pixels, and none of the names that the originals hold.
fn assert_answer(input: &Path) {
    let (summary, results) = deidentify(input, folder());
    assert_eq!(summary.counts.deidentified, u64::from(N_INSTANCES), "{:?}", summary.reasons);
    let files = files_below(&results.path().join("out"));
    assert_eq!(files.len(), N_INSTANCES as usize);
    for file in files {
        let bytes = std::fs::read(file).expect("a readable result");
        assert!(bytes.len() > 512 * 1024, "the pixels are there");
        for name in ["Hargreaves", "Lindqvist", "Moreau", "Tanaka", "Albright"] {
            assert!(!bytes.windows(name.len()).any(|window| window == name.as_bytes()), "a name is left");
        }
    }
}

fn files_below(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a readable folder");
    let paths = entries.map(|entry| entry.expect("a readable folder").path());
    paths.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn bench(criterion: &mut Criterion) {
    let input = folder();
    write_ct_instances(input.path(), N_INSTANCES).expect("the inputs are written");
    assert_answer(input.path());

    let mut group = criterion.benchmark_group("metadata_deid");
    group.throughput(Throughput::Elements(u64::from(N_INSTANCES)));
    group.sample_size(20).measurement_time(Duration::from_secs(15));
    group.bench_function("ct_512KiB_one_thread", |bencher| {
        bencher.iter_batched(folder, |results| deidentify(input.path(), results), BatchSize::PerIteration);
    });
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);

//! How many CT instances of 512 by 512 a whole suite makes in a second (drawing, encoding, writing, truth), and how many
//! sentences for entity recognition a suite of texts.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use efface_synth::{SuiteOptions, generate};
use std::path::Path;
use std::time::{Duration, Instant};

const N_INSTANCES: u32 = 200;

fn definition(syntax: &str) -> String {
    format!(
        "seed = 7\npatients = 2\nstudies-min = 1\nstudies-max = 1\nthreads = 2\n\
         [series.ct]\ninstances = {}\nrows = 512\ncolumns = 512\n[syntaxes]\n{syntax} = 1\n",
        N_INSTANCES / 2
    )
}

fn suites(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("synth_ct_512");
    group
        .throughput(Throughput::Elements(u64::from(N_INSTANCES)))
        .sample_size(10)
        .measurement_time(Duration::from_secs(20))
        .warm_up_time(Duration::from_secs(1));
    for syntax in ["explicit", "rle", "jpeg-lossless"] {
        let options = SuiteOptions::parse(&definition(syntax), Path::new("bench.toml")).expect("well-formed");
        let settings = options.resolve().expect("valid");
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut number = 0;
        group.bench_function(syntax, |bencher| {
            bencher.iter_custom(|n_iterations| {
                let mut taken = Duration::ZERO;
                for _ in 0..n_iterations {
                    number += 1;
                    let path = folder.path().join(number.to_string());
                    let start = Instant::now();
                    let report = generate(&settings, &path, &|_, _| ()).expect("the suite can be made");
                    taken += start.elapsed();
                    assert_eq!(report.n_instances, N_INSTANCES as usize);
                    assert!(report.n_planted > 20 * N_INSTANCES as usize);
                    std::fs::remove_dir_all(&path).expect("the suite can be removed");
                }
                taken
            });
        });
    }
    group.finish();
}

const N_TEXTS: u64 = 20_000;

fn sentences(criterion: &mut Criterion) {
    let definition =
        format!("kind = \"text\"\nseed = 7\ntexts = {N_TEXTS}\nlocales = [\"en_US\", \"de_DE\", \"ja_JP\"]\n");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let options = SuiteOptions::parse(&definition, Path::new("bench.toml")).expect("well-formed");
    let mut group = criterion.benchmark_group("synth_ner_sentences");
    group.sample_size(10).measurement_time(Duration::from_secs(12)).warm_up_time(Duration::from_secs(1));
    for n_threads in [1, 2] {
        let mut settings = options.clone().resolve().expect("valid");
        settings.threads = n_threads;
        let mut number = 0;
        let mut run = || {
            number += 1;
            let path = folder.path().join(format!("{n_threads}-{number}"));
            let start = Instant::now();
            let report = generate(&settings, &path, &|_, _| ()).expect("the suite can be made");
            let taken = start.elapsed();
            assert_eq!(report.n_texts as u64, N_TEXTS);
            assert!(report.n_planted as u64 > N_TEXTS, "{} spans", report.n_planted);
            std::fs::remove_dir_all(&path).expect("the suite can be removed");
            (report.n_sentences, taken)
        };
        // The seed decides how many sentences there are.
        let (n_sentences, _) = run();
        group.throughput(Throughput::Elements(n_sentences as u64));
        group.bench_function(format!("{n_threads} threads"), |bencher| {
            bencher.iter_custom(|n_iterations| {
                (0..n_iterations)
                    .map(|_| {
                        let (n_again, taken) = run();
                        assert_eq!(n_again, n_sentences);
                        taken
                    })
                    .sum()
            });
        });
    }
    group.finish();
}

criterion_group!(benches, suites, sentences);
criterion_main!(benches);

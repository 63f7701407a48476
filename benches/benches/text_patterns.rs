//! Tier 2 patterns over texts that are seen for the first time: start-up, and texts per second on one thread.
//!
//! The texts are the committed lines of the pipeline's pattern tests, marks taken out.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use efface_pipeline::tier2::Recognizers;
use std::hint::black_box;

/// A line without the marks of its identifying parts.
fn unmarked(line: &str) -> String {
    let mut parts = line.split("[[");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let unlabelled = part.split_once(':').map_or(part, |(_, rest)| rest);
        text.push_str(&unlabelled.replacen("]]", "", 1));
    }
    text
}

fn texts(lines: &str) -> Vec<String> {
    lines.lines().filter(|line| !line.starts_with("# ")).map(unmarked).collect()
}

fn bench(criterion: &mut Criterion) {
    let suites = [
        ("harmless", texts(include_str!("../../pipeline/tests/patterns/harmless.txt"))),
        ("identifying", texts(include_str!("../../pipeline/tests/patterns/identifying.txt"))),
    ];
    let recognizers = Recognizers::new();
    assert!(!recognizers.find("MRN: 0012345").is_empty(), "the answer is right");

    let mut group = criterion.benchmark_group("text_patterns");
    group.bench_function("start", |bencher| bencher.iter(|| black_box(Recognizers::new()).codes().count()));
    group.bench_function("start_and_first_text", |bencher| {
        bencher.iter(|| black_box(Recognizers::new()).find("CT CHEST W/O CONTRAST 3.0 mm B31f").len());
    });
    for (name, texts) in &suites {
        group.throughput(Throughput::Elements(texts.len() as u64));
        group.bench_function(*name, |bencher| {
            bencher.iter(|| texts.iter().map(|text| recognizers.find(black_box(text)).len()).sum::<usize>());
        });
    }
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);

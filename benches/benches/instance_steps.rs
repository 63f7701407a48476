//! Steps of one instance's way: reading all of it but its pixels, and searching its texts for its patient.
//!
//! The file lies in the page cache. Each answer is asserted before it is timed.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use dicom_dictionary_std::tags;
use efface_benches::{CT_SIDE_PX, write_ct_instances};
use efface_pipeline::Instance;
use efface_pipeline::tier2::{LexiconBuilder, Recognizers, Scope, TextSearch};
use std::hint::black_box;

fn reading(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    write_ct_instances(folder.path(), 1).expect("the input is written");
    let path = folder.path().join("00000.dcm");
    let instance = Instance::read(&path).expect("a readable instance");
    assert_eq!(instance.text(tags::PATIENT_ID), "MRN0000000");
    let [pixels] = instance.bulk.as_slice() else { panic!("one value is left in the file") };
    assert_eq!(pixels.n_bytes, 2 * u64::from(CT_SIDE_PX) * u64::from(CT_SIDE_PX));

    let mut group = criterion.benchmark_group("instance_steps");
    group.throughput(Throughput::Elements(1));
    group.bench_function("read", |bencher| bencher.iter(|| Instance::read(black_box(&path)).expect("readable")));
    group.finish();
}

fn searching(criterion: &mut Criterion) {
    let recognizers = Recognizers::new();
    let search = || {
        let mut lexicon = LexiconBuilder::default();
        lexicon.add_name("Hargreaves^Martha");
        TextSearch::new(lexicon.build(&recognizers), &recognizers)
    };
    let text = "CT abdomen of Martha Hargreaves, axial 5 mm, seen by the ward";
    let spans = search().find(text, Scope::Lexicon);
    let found: Vec<(usize, usize)> = spans.iter().map(|span| (span.start, span.end)).collect();
    assert_eq!(found, [(14, 31)]);

    let mut group = criterion.benchmark_group("patient_search");
    group.throughput(Throughput::Elements(1));
    group.bench_function("lexicon", |bencher| bencher.iter(|| black_box(search()).lexicon().len()));
    let known = search();
    group.bench_function("text_seen_before", |bencher| {
        bencher.iter(|| known.find(black_box(text), Scope::Lexicon).len());
    });
    // Longer than what is remembered: searched each time.
    let narrative = text.repeat(1 + 1024 / text.len());
    group.throughput(Throughput::Bytes(narrative.len() as u64));
    group.bench_function("narrative", |bencher| {
        bencher.iter(|| known.find(black_box(&narrative), Scope::Lexicon).len());
    });
    group.finish();
}

criterion_group!(benches, reading, searching);
criterion_main!(benches);

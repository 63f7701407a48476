//! The text detector on the processor: a frame of 640x512 pixels through the compact network, and RoI-align by itself.
//!
//! Weights are random, so that every frame costs what a frame full of candidates costs.

use burn::tensor::{Device, Distribution, Tensor};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use efface_nets::detector::roi_align::{CellTable, Region};
use efface_nets::detector::{Corners, DetectorConfig, FinderSettings, Frame, Pyramid, TextDetector, TextFinder};
use efface_nets::noise::Noise;
use std::hint::black_box;

const WIDTH: usize = 640;
const HEIGHT: usize = 512;
const BOXES: usize = 64;

fn frame() -> Frame {
    let level = |place: usize| ((place % WIDTH * 7919 + place / WIDTH * 104_729) % 251) as u8 / 2;
    let levels: Vec<u8> = (0..WIDTH * HEIGHT).map(level).collect();
    Frame::from_levels(&levels, WIDTH, HEIGHT).expect("as many pixels as it has")
}

fn forward(criterion: &mut Criterion) {
    let device = Device::flex();
    device.seed(1);
    let detector = TextDetector::new(&DetectorConfig::compact(), &device);
    let image = Tensor::random([1, 1, HEIGHT, WIDTH], Distribution::Default, &device);
    let pyramid = detector.pyramid(image.clone());
    let boxes: Vec<Corners> = detector.propose(&pyramid)[0].iter().map(|proposal| proposal.corners).collect();
    assert_eq!(boxes.len(), detector.config().proposals.after_nms, "a frame has as many candidates as are looked at");

    let mut group = criterion.benchmark_group("detector");
    group.sample_size(10).throughput(Throughput::Elements(1));
    group.bench_function("pyramid_640x512", |bencher| {
        bencher.iter(|| detector.pyramid(black_box(image.clone())).levels[0].clone().into_data());
    });
    group.bench_function("propose_640x512", |bencher| {
        bencher.iter(|| assert_eq!(detector.propose(black_box(&pyramid))[0].len(), boxes.len()));
    });
    group.bench_function("classify_256_boxes", |bencher| {
        bencher.iter(|| {
            let judged = detector.classify(&pyramid, black_box(&[boxes.clone()]), &mut Noise::none());
            let scores = judged.expect("there are boxes").classes.into_data();
            assert_eq!(scores.shape().as_slice(), [boxes.len(), 2], "each box has two scores");
        });
    });
    let frame = frame();
    for (name, passes) in [("find_640x512", 0), ("find_640x512_8_passes", 8)] {
        let settings = FinderSettings { threshold: 0.0, passes, ..FinderSettings::default() };
        let finder = TextFinder::new(detector.clone(), device.clone(), settings).expect("it reads grey images");
        let expected = finder.find(&frame);
        assert!(!expected.is_empty(), "with a threshold of 0 everything is found");
        group.bench_function(name, |bencher| {
            bencher.iter(|| assert_eq!(finder.find(black_box(&frame)), expected, "the same frame has the same text"));
        });
    }
    group.finish();
}

fn roi_align(criterion: &mut Criterion) {
    let device = Device::flex();
    let training = device.clone().autodiff();
    let config = DetectorConfig::compact().regions;
    // A plane: the value of a cell is its column, and so is that of a bin.
    let plane = |device: &Device| {
        let columns: Vec<f32> = (0..128 * 128).map(|place| (place % 128) as f32).collect();
        Tensor::<1>::from_floats(columns.as_slice(), device).reshape([1, 1, 128, 128]).repeat(&[1, 64, 1, 1])
    };
    let regions: Vec<Region> = (0..BOXES)
        .map(|place| {
            let (x, y) = ((place * 37 % 400) as f32, (place * 53 % 480) as f32);
            Region { image: 0, corners: Corners::new(x, y, x + 80.0, y + 16.0) }
        })
        .collect();
    let levels = vec![0; BOXES];
    let pooled = |level: Tensor<4>| {
        CellTable::new(&Pyramid { levels: vec![level], strides: vec![4] }).pool_from(&regions, &levels, &config)
    };
    let still = plane(&device);
    let first: Vec<f32> = pooled(still.clone()).narrow(0, 1, 1).into_data().try_into_vec().expect("numbers");
    // The first bin's middle is 5 pixels right of the box's left side; a cell's middle 2 pixels right of its own.
    assert!((first[0] - (37.0 + 5.0 - 2.0) / 4.0).abs() < 1e-3, "{}", first[0]);

    let mut group = criterion.benchmark_group("roi_align");
    group.sample_size(20).throughput(Throughput::Elements(BOXES as u64));
    group.bench_function("forward", |bencher| bencher.iter(|| pooled(black_box(still.clone())).into_data()));
    let moving = plane(&training);
    group.bench_function("forward_and_backward", |bencher| {
        bencher.iter(|| {
            let level = moving.clone().require_grad();
            let gradients = pooled(level.clone()).sum().backward();
            level.grad(&gradients).expect("a gradient").into_data()
        });
    });
    group.finish();
}

criterion_group!(benches, forward, roi_align);
criterion_main!(benches);

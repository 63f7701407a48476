//! What must hold of a text detector whatever its weights are.

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{DType, Device, Distribution, Gradients, Tensor};
use efface_nets::NetsError;
use efface_nets::calibration::{ProbabilityMap, RiskThreshold};
use efface_nets::detector::{
    BackboneConfig, CompactConfig, DetectorCalibration, DetectorConfig, DetectorFolder, FinderSettings, FoundText,
    Frame, NormKind, TextDetector, TextFinder, folder, weights,
};
use efface_nets::device::DeviceName;
use efface_nets::noise::Noise;
use efface_schema::sha256_hex;
use std::path::Path;
use std::sync::OnceLock;

/// A few thousand parameters.
fn tiny() -> DetectorConfig {
    let mut config = DetectorConfig::compact();
    config.backbone = BackboneConfig::Compact(CompactConfig {
        widths: vec![8, 8, 16, 16],
        blocks: vec![1, 1, 1, 1],
        kernel: 3,
        expansion: 2,
        norm: NormKind::Group,
    });
    config.pyramid_channels = 8;
    config.head_width = 16;
    config.proposals.after_nms = 40;
    config
}

/// The same weights for every finder of a test: other tests draw random numbers meanwhile.
fn shared() -> TextDetector {
    static SHARED: OnceLock<TextDetector> = OnceLock::new();
    let made = SHARED.get_or_init(|| {
        let detector = TextDetector::new(&tiny(), &Device::flex());
        // Weights are drawn when they are first asked for.
        weights::to_bytes(&detector, DType::F32, Path::new("none")).expect("bytes");
        detector
    });
    made.clone()
}

fn finder(settings: FinderSettings) -> TextFinder {
    TextFinder::new(shared(), Device::flex(), settings).expect("it reads grey images")
}

/// Everything is found, and nothing is too small to be read in parts.
fn eager() -> FinderSettings {
    FinderSettings {
        threshold: 0.0,
        largest_side_px: 96,
        overlap_px: 24,
        enlarged_from: 0.0,
        least_objectness: f32::NEG_INFINITY,
        ..Default::default()
    }
}

/// Rows of dark and light strokes.
fn striped(width: usize, height: usize) -> Frame {
    let level = |place: usize| if (place % width / 3 + place / width / 11).is_multiple_of(2) { 220 } else { 30 };
    let levels: Vec<u8> = (0..width * height).map(level).collect();
    Frame::from_levels(&levels, width, height).expect("as many pixels as it has")
}

struct Silent<'a> {
    gradients: &'a Gradients,
    silent: Vec<String>,
    n_seen: usize,
    path: Vec<String>,
}

impl ModuleVisitor for Silent<'_> {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, parameter: &Param<Tensor<D>>) {
        let name = self.path.join(".");
        let is_frozen = name.contains("bn") || name.contains("downsample.norm");
        let moved = parameter
            .val()
            .grad(self.gradients)
            .is_some_and(|gradient| gradient.abs().max().into_scalar::<f32>() > 0.0);
        self.n_seen += 1;
        if moved == is_frozen {
            self.silent.push(name);
        }
    }
}

fn gradients_reach_everything(config: &DetectorConfig) {
    let device = Device::flex().autodiff();
    let detector = TextDetector::new(config, &device);
    let images = Tensor::random([2, 1, 96, 128], Distribution::Default, &device);
    let pyramid = detector.pyramid(images);
    let scores = detector.region_scores(&pyramid);
    // Boxes of every size, so that every level is read.
    let sides = [10.0, 60.0, 100.0, 300.0];
    let boxes =
        vec![sides.map(|side| efface_nets::detector::Corners::new(2.0, 3.0, 2.0 + side, 3.0 + side)).to_vec(); 2];
    let judged = detector.classify(&pyramid, &boxes, &mut Noise::none()).expect("there are boxes");
    assert_eq!((judged.classes.dims(), judged.deltas.dims(), judged.log_variances.dims()), ([8, 2], [8, 4], [8, 4]));
    let proposed = scores
        .into_iter()
        .map(|level| level.objectness.square().sum() + level.deltas.square().sum())
        .reduce(|sum, level| sum + level)
        .expect("there are levels");
    let loss = proposed
        + judged.classes.square().sum()
        + (judged.deltas.add_scalar(1.0)).square().sum()
        + judged.log_variances.add_scalar(1.0).square().sum();
    let gradients = loss.backward();
    let mut visitor = Silent { gradients: &gradients, silent: Vec::new(), n_seen: 0, path: Vec::new() };
    detector.visit(&mut visitor);
    assert!(visitor.n_seen > 30);
    assert_eq!(visitor.silent, [""; 0]);
}

#[test]
fn gradients_reach_every_parameter_that_is_not_frozen() {
    gradients_reach_everything(&tiny());
    let mut without = tiny();
    if let BackboneConfig::Compact(compact) = &mut without.backbone {
        compact.norm = NormKind::None;
    }
    gradients_reach_everything(&without);
    let mut residual = DetectorConfig::with_resnet(BackboneConfig::ResNet18);
    residual.pyramid_channels = 8;
    residual.head_width = 16;
    gradients_reach_everything(&residual);
}

#[test]
fn the_compact_network_has_about_a_million_parameters() {
    let detector = TextDetector::new(&DetectorConfig::compact(), &Device::flex());
    let count = detector.num_params();
    assert!((500_000..1_500_000).contains(&count), "{count}");
}

/// torchvision's own count without the classifier and two of three colours.
#[test]
fn residual_networks_have_the_sizes_of_torchvision() {
    for (backbone, count) in [
        (BackboneConfig::ResNet18, 11_186_112),
        (BackboneConfig::ResNet34, 21_301_696),
        (BackboneConfig::ResNet50, 23_561_152),
    ] {
        let detector = TextDetector::new(&DetectorConfig::with_resnet(backbone), &Device::flex());
        assert_eq!(detector.backbone.num_params(), count - 2 * 64 * 7 * 7);
    }
}

#[test]
fn threads_change_nothing() {
    let settings = FinderSettings { passes: 2, ..eager() };
    let frame = striped(230, 150);
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        pool.install(|| finder(settings).find(&frame))
    };
    let alone = with(1);
    assert!(!alone.is_empty());
    assert_eq!(with(3), alone);
}

#[test]
fn neighbours_in_a_batch_change_nothing() {
    let device = Device::flex();
    let detector = TextDetector::new(&tiny(), &device);
    let images = Tensor::random([3, 1, 64, 96], Distribution::Default, &device);
    let together = detector.pyramid(images.clone());
    let proposals = detector.propose(&together);
    let boxes: Vec<Vec<_>> =
        proposals.iter().map(|proposals| proposals.iter().take(5).map(|proposal| proposal.corners).collect()).collect();
    let judged = detector.classify(&together, &boxes, &mut Noise::none()).expect("there are boxes");
    for image in 0..3 {
        let alone = detector.pyramid(images.clone().narrow(0, image, 1));
        let judged_alone =
            detector.classify(&alone, &boxes[image..=image], &mut Noise::none()).expect("there are boxes");
        let difference = (judged.classes.clone().narrow(0, 5 * image, 5) - judged_alone.classes).abs();
        assert!(difference.max().into_scalar::<f32>() < 1e-5);
        let scores = |proposals: &[efface_nets::detector::Proposal]| -> Vec<f32> {
            proposals.iter().map(|proposal| proposal.score).collect()
        };
        for (one, other) in scores(&detector.propose(&alone)[0]).iter().zip(scores(&proposals[image])) {
            assert!((one - other).abs() < 1e-5);
        }
    }
}

fn assert_sensible(found: &[FoundText], width: usize, height: usize) {
    for text in found {
        let corners = &text.corners;
        assert!(corners.x0 >= 0.0 && corners.y0 >= 0.0, "{text:?}");
        assert!(corners.x1 <= width as f32 + 1e-3 && corners.y1 <= height as f32 + 1e-3, "{text:?}");
        assert!(corners.area() > 0.0 && (0.0..=1.0).contains(&text.probability), "{text:?}");
        assert!(text.deviations_px.iter().all(|deviation| deviation.is_finite() && *deviation >= 0.0), "{text:?}");
    }
}

#[test]
fn frames_of_any_size_are_read() {
    let finder = finder(FinderSettings { passes: 1, ..eager() });
    for (width, height) in [(0, 0), (0, 9), (1, 1), (1, 90), (2, 2), (33, 31), (97, 5), (900, 7), (5, 700), (100, 100)]
    {
        let found = finder.find(&striped_or_empty(width, height));
        assert_sensible(&found, width, height);
        assert!(width * height == 0 || width * height < 600 || !found.is_empty(), "{width}x{height}");
        assert!(width * height > 0 || found.is_empty());
    }
    let flat = Frame::from_numbers(&[f32::NAN; 64 * 40], 64, 40).expect("as many pixels as it has");
    assert_sensible(&finder.find(&flat), 64, 40);
}

fn striped_or_empty(width: usize, height: usize) -> Frame {
    if width * height == 0 {
        Frame::from_levels(&[], width, height).expect("no pixels")
    } else {
        striped(width, height)
    }
}

#[test]
fn a_higher_threshold_finds_a_part_of_it() {
    let frame = striped(90, 60);
    // Read whole: boxes that are cut are joined to neighbours, which a threshold may take away.
    let whole = FinderSettings { largest_side_px: 512, ..eager() };
    let all = finder(whole).find(&frame);
    let middle = all[all.len() / 2].probability;
    let some = finder(FinderSettings { threshold: middle, ..whole }).find(&frame);
    assert!(!some.is_empty() && some.len() < all.len());
    assert!(some.iter().all(|text| text.probability >= middle && all.contains(text)));
    assert!(finder(FinderSettings { threshold: 1.1, ..whole }).find(&frame).is_empty());
}

#[test]
fn passes_spread_and_come_again() {
    let frame = striped(90, 60);
    let settings = FinderSettings { passes: 4, seed: 3, ..eager() };
    let found = finder(settings).find(&frame);
    assert!(
        found.iter().any(|text| text.spread_px.iter().any(|spread| *spread > 0.0) && text.mutual_information > 0.0)
    );
    assert_eq!(finder(settings).find(&frame), found);
    assert_ne!(finder(FinderSettings { seed: 4, ..settings }).find(&frame), found);
    assert!(finder(eager()).find(&frame).iter().all(|text| text.mutual_information == 0.0));
}

fn release(folder: &Path, detector: &TextDetector) {
    let path = folder.join(folder::WEIGHTS);
    let bytes = weights::to_bytes(detector, DType::F16, &path).expect("bytes");
    let risk = RiskThreshold { budget: 0.05, threshold: 0.25, calibration_risk: 0.04, n_clusters: 30 };
    let calibration = DetectorCalibration {
        format_version: 2,
        weights_sha256: sha256_hex(&bytes),
        n_images: 40,
        n_boxes: 300,
        class_temperature: 2.0,
        probability_map: Some(ProbabilityMap::Logistic { slope: 0.7, intercept: -1.5 }),
        deviation_scale: 1.5,
        risk: vec![risk],
    };
    let files = [
        (folder::CONFIG, serde_json::to_vec_pretty(detector.config()).expect("a form")),
        (folder::WEIGHTS, bytes),
        (folder::CALIBRATION, serde_json::to_vec_pretty(&calibration).expect("a form")),
    ];
    let list: String = files.iter().map(|(name, bytes)| format!("{}  {name}\n", sha256_hex(bytes).as_str())).collect();
    for (name, bytes) in &files {
        std::fs::write(folder.join(name), bytes).expect("written");
    }
    std::fs::write(folder.join(folder::DIGESTS), list).expect("written");
}

#[test]
fn the_map_of_a_released_model_changes_how_sure_it_is_and_not_what_it_finds() {
    let place = tempfile::tempdir().expect("a folder");
    release(place.path(), &TextDetector::new(&tiny(), &Device::flex()));
    let mapped = DetectorFolder::open(place.path()).expect("as it was released");
    let mut plain = DetectorFolder::open(place.path()).expect("as it was released");
    let map = plain.calibration.probability_map.take().expect("a map");
    let find = |folder: &DetectorFolder, settings| {
        TextFinder::open(folder, DeviceName::Cpu, settings).expect("it reads grey images").find(&striped(96, 64))
    };
    let all = find(&mapped, eager());
    let expected: Vec<FoundText> = find(&plain, eager())
        .into_iter()
        .map(|text| FoundText { probability: map.apply(text.probability.into()) as f32, ..text })
        .collect();
    assert!(all.len() > 3);
    assert_eq!(all, expected);

    // The threshold is one of what the map says: half of the boxes are at least as sure as the one in the middle.
    let threshold = all[all.len() / 2].probability;
    let found = find(&mapped, FinderSettings { threshold, ..eager() });
    assert!(!found.is_empty() && found.len() < all.len());
    assert!(found.iter().all(|text| text.probability >= threshold - 1e-5), "{threshold}");
    assert!(find(&mapped, FinderSettings { threshold: 0.99, ..eager() }).is_empty());
}

#[test]
fn a_released_model_is_the_one_that_was_released() {
    let device = Device::flex();
    let mut residual = DetectorConfig::with_resnet(BackboneConfig::ResNet18);
    residual.pyramid_channels = 8;
    residual.head_width = 16;
    for config in [tiny(), residual] {
        let place = tempfile::tempdir().expect("a folder");
        let detector = TextDetector::new(&config, &device);
        release(place.path(), &detector);
        let opened = DetectorFolder::open(place.path()).expect("as it was released");
        assert_eq!((opened.config.clone(), opened.threshold(0.1).expect("a threshold")), (config, 0.25));
        opened.threshold(0.01).expect_err("no such budget");
        let image = Tensor::random([1, 1, 64, 64], Distribution::Default, &device);
        let first = |detector: &TextDetector| detector.pyramid(image.clone()).levels[0].clone();
        let again = opened.detector(&device).expect("its weights");
        let difference = (first(&detector) - first(&again)).abs().max().into_scalar::<f32>();
        let largest = first(&detector).abs().max().into_scalar::<f32>();
        assert!(difference < 1e-2 * largest.max(1.0), "{difference} of {largest}");
        let finder = TextFinder::open(&opened, DeviceName::Cpu, eager()).expect("it reads grey images");
        assert_eq!(finder.digest().len(), 64);
        assert_sensible(&finder.find(&striped(64, 40)), 64, 40);

        let weights = place.path().join(folder::WEIGHTS);
        let mut bytes = std::fs::read(&weights).expect("readable");
        *bytes.last_mut().expect("not empty") ^= 1;
        std::fs::write(&weights, bytes).expect("written");
        assert!(matches!(DetectorFolder::open(place.path()), Err(NetsError::Changed { .. })));
    }
}

#[test]
fn weights_of_another_network_are_refused() {
    let device = Device::flex();
    let place = tempfile::tempdir().expect("a folder");
    let path = place.path().join(folder::WEIGHTS);
    let bytes = weights::to_bytes(&TextDetector::new(&tiny(), &device), DType::F32, &path).expect("bytes");
    std::fs::write(&path, bytes).expect("written");
    let mut wider = tiny();
    wider.head_width = 24;
    weights::load(&mut TextDetector::new(&wider, &device), &path).expect_err("another width");
    let mut deeper = tiny();
    if let BackboneConfig::Compact(compact) = &mut deeper.backbone {
        compact.blocks[0] = 2;
    }
    let error =
        weights::load(&mut TextDetector::new(&deeper, &device), &path).expect_err("a block is missing").to_string();
    assert!(error.contains("missing"), "{error}");
    let mut same = TextDetector::new(&tiny(), &device);
    weights::load(&mut same, &path).expect("the same sizes");
    weights::load_backbone(&mut same, &path).expect_err("no residual network");
}

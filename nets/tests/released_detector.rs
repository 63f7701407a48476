//! The released text detector beside the same network over torch and torchvision.
//!
//! `scripts/golden/released-detector.py` makes the numbers anew after the model was trained again.

use burn::tensor::{Device, Tensor, TensorData};
use efface_nets::detector::{Corners, DetectorFolder};
use efface_nets::noise::Noise;
use efface_schema::sha256_hex;
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// What sums in another order differ by, beside the numbers' own size.
const TOLERANCE: f32 = 1e-4;

#[derive(Deserialize)]
struct Fixture {
    weights_sha256: String,
    width: usize,
    height: usize,
    boxes: Vec<[f32; 4]>,
    /// For each level, every so many anchors.
    objectness: Vec<Vec<f32>>,
    step: Vec<usize>,
    classes: Vec<f32>,
    deltas: Vec<f32>,
    log_variances: Vec<f32>,
}

fn path(below_root: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(below_root)
}

fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().convert::<f32>().try_into_vec().expect("numbers")
}

fn assert_near(what: &str, ours: &[f32], theirs: &[f32]) {
    assert_eq!(ours.len(), theirs.len(), "{what}");
    for (one, other) in ours.iter().zip(theirs) {
        assert!((one - other).abs() <= TOLERANCE * other.abs().max(1.0), "{what}: {one} {other}");
    }
}

/// The image that the script draws.
fn image(width: usize, height: usize) -> Tensor<4> {
    let level = |place: usize| {
        let (x, y) = (place % width, place / width);
        ((x * 7 + y * 13 + (x / 3) * (y / 5)) % 32) as f32 / 32.0
    };
    let levels: Vec<f32> = (0..width * height).map(level).collect();
    Tensor::from_data(TensorData::new(levels, [1, 1, height, width]), &Device::flex())
}

#[test]
fn the_released_detector_agrees_with_torch() {
    let text = std::fs::read_to_string(path("nets/testdata/golden/text-detector-compact.json")).expect("it is there");
    let fixture: Fixture = serde_json::from_str(&text).expect("the fixture is JSON");
    let model = path("models/text-detector-compact");
    let weights = std::fs::read(model.join("model.safetensors")).expect("it is there");
    assert_eq!(fixture.weights_sha256, sha256_hex(&weights).as_str(), "renew the fixture: the weights are others");
    let folder = DetectorFolder::open(&model).expect("as it was released");
    let detector = folder.detector(&Device::flex()).expect("its weights");
    let pyramid = detector.pyramid(image(fixture.width, fixture.height));
    let scores = detector.region_scores(&pyramid);
    assert_eq!(scores.len(), fixture.objectness.len());
    for (level, (expected, step)) in scores.into_iter().zip(fixture.objectness.iter().zip(&fixture.step)) {
        let all = numbers(level.objectness);
        let some: Vec<f32> = all.into_iter().step_by(*step).collect();
        assert_near("objectness", &some, expected);
    }
    let boxes: Vec<Corners> = fixture.boxes.iter().map(|sides| Corners::from_sides(*sides)).collect();
    let judged = detector.classify(&pyramid, &[boxes], &mut Noise::none()).expect("there are boxes");
    assert_near("classes", &numbers(judged.classes), &fixture.classes);
    assert_near("deltas", &numbers(judged.deltas), &fixture.deltas);
    assert_near("logarithms of variances", &numbers(judged.log_variances), &fixture.log_variances);
}

//! The parts of the text detector beside torchvision and torch: the numbers in `testdata/golden/detector` are theirs.

use burn::tensor::{Device, Tensor, TensorData};
use efface_nets::detector::backbone::{ResNet, ResNetSizes};
use efface_nets::detector::boxes::{CentreCoder, Corners};
use efface_nets::detector::nms::nms;
use efface_nets::detector::roi_align::{CellTable, Region, level_of};
use efface_nets::detector::{Pyramid, RegionConfig, anchors, losses, weights};
use serde_json::Value;
use std::path::{Path, PathBuf};

const NEAR: f64 = 1e-5;

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/golden/detector").join(name)
}

fn json(name: &str) -> Value {
    let path = golden(&format!("{name}.json"));
    serde_json::from_slice(&std::fs::read(path).expect("the fixture is there")).expect("the fixture is JSON")
}

fn flat(value: &Value) -> Vec<f32> {
    match value {
        Value::Array(values) => values.iter().flat_map(flat).collect(),
        number => vec![number.as_f64().expect("a number") as f32],
    }
}

fn shape<const D: usize>(value: &Value) -> [usize; D] {
    let mut inner = value;
    std::array::from_fn(|_| {
        let values = inner.as_array().expect("an array");
        inner = &values[0];
        values.len()
    })
}

fn tensor<const D: usize>(value: &Value, device: &Device) -> Tensor<D> {
    Tensor::from_data(TensorData::new(flat(value), shape::<D>(value)), device)
}

fn boxes(value: &Value) -> Vec<Corners> {
    flat(value).chunks_exact(4).map(|sides| Corners::from_sides([sides[0], sides[1], sides[2], sides[3]])).collect()
}

fn whole(value: &Value) -> usize {
    value.as_u64().expect("a whole number") as usize
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_into_vec().expect("numbers")
}

/// Differences count relative to numbers above 1.
fn assert_near(what: &str, found: &[f32], expected: &[f32]) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (place, (found, expected)) in found.iter().zip(expected).enumerate() {
        let difference = (f64::from(*found) - f64::from(*expected)).abs() / f64::from(expected.abs()).max(1.0);
        assert!(difference < NEAR, "{what} at {place}: {found}, not {expected}");
    }
}

#[test]
fn intersections_agree_with_torchvision() {
    let expected = &json("boxes")["iou"];
    let (first, second) = (boxes(&expected["first"]), boxes(&expected["second"]));
    let found: Vec<f32> = first.iter().flat_map(|one| second.iter().map(|other| one.iou(other))).collect();
    assert_near("iou", &found, &flat(&expected["matrix"]));
}

#[test]
fn suppression_agrees_with_torchvision() {
    let expected = &json("boxes")["nms"];
    let (boxes, scores) = (boxes(&expected["boxes"]), flat(&expected["scores"]));
    for (iou, kept) in expected["kept"].as_object().expect("thresholds") {
        let kept: Vec<usize> = kept.as_array().expect("places").iter().map(whole).collect();
        assert!(!kept.is_empty() && kept.len() < boxes.len());
        assert_eq!(nms(&boxes, &scores, iou.parse().expect("a number")), kept, "{iou}");
    }
}

#[test]
fn the_coder_of_proposals_agrees_with_torchvision() {
    let expected = &json("boxes")["coder"];
    let weights = flat(&expected["weights"]);
    let coder = CentreCoder { weights: [weights[0], weights[1], weights[2], weights[3]] };
    let references = boxes(&expected["references"]);
    let targets = boxes(&expected["targets"]);
    let encoded: Vec<f32> =
        references.iter().zip(&targets).flat_map(|(reference, target)| coder.encode(reference, target)).collect();
    assert_near("encoded", &encoded, &flat(&expected["encoded"]));
    let deltas = flat(&expected["deltas"]);
    let decoded: Vec<f32> = references
        .iter()
        .zip(deltas.chunks_exact(4))
        .flat_map(|(reference, deltas)| coder.decode([deltas[0], deltas[1], deltas[2], deltas[3]], reference).sides())
        .collect();
    assert_near("decoded", &decoded, &flat(&expected["decoded"]));
}

#[test]
fn boxes_read_the_levels_of_torchvision() {
    let expected = &json("boxes")["levels"];
    let config = RegionConfig {
        rows: 1,
        columns: 1,
        samples: 1,
        canonical_side_px: whole(&expected["canonical_side_px"]) as f32,
        canonical_level: whole(&expected["canonical_level"]),
    };
    let levels = whole(&expected["levels"]);
    let found: Vec<usize> =
        boxes(&expected["boxes"]).iter().map(|corners| level_of(corners, &config, levels)).collect();
    let wanted: Vec<usize> = expected["level"].as_array().expect("levels").iter().map(whole).collect();
    assert_eq!(found, wanted);
    assert!((0..levels).all(|level| wanted.contains(&level)), "every level is read: {wanted:?}");
}

#[test]
fn anchors_are_those_of_torchvision_in_the_middle_of_the_cell() {
    let expected = json("anchors");
    let ratios = flat(&expected["ratios"]);
    let (width, height) = (whole(&expected["width"]), whole(&expected["height"]));
    for level in 0..2 {
        let stride = whole(&expected["strides"][level]);
        let shapes = anchors::shapes(&flat(&expected["heights_px"][level]), &ratios);
        let half = 0.5 * stride as f32;
        let found: Vec<f32> = anchors::grid(&shapes, height / stride, width / stride, stride)
            .iter()
            .flat_map(|anchor| anchor.moved(-half, -half, 1.0).sides())
            .collect();
        assert_near("anchors", &found, &flat(&expected["levels"][level]));
    }
}

#[test]
fn pooling_and_its_gradient_agree_with_torchvision() {
    let device = Device::flex().autodiff();
    for case in json("roi_align")["cases"].as_array().expect("cases") {
        let config = RegionConfig {
            rows: whole(&case["rows"]),
            columns: whole(&case["columns"]),
            samples: whole(&case["samples"]),
            canonical_side_px: 1.0,
            canonical_level: 0,
        };
        let features = tensor::<4>(&case["features"], &device).require_grad();
        let pyramid = Pyramid { levels: vec![features.clone()], strides: vec![whole(&case["stride"])] };
        let images = flat(&case["images"]);
        let regions: Vec<Region> = boxes(&case["boxes"])
            .into_iter()
            .zip(&images)
            .map(|(corners, image)| Region { image: *image as usize, corners })
            .collect();
        let [count, channels, rows, columns] = shape(&case["pooled"]);
        let pooled = CellTable::new(&pyramid)
            .pool(&regions, &config)
            .reshape([count, rows, columns, channels])
            .permute([0, 3, 1, 2]);
        assert_near("pooled", &values(pooled.clone()), &flat(&case["pooled"]));
        let gradients = (pooled * tensor::<4>(&case["weights"], &device)).sum().backward();
        let gradient = features.grad(&gradients).expect("a gradient");
        assert_near("gradient", &values(gradient), &flat(&case["gradient"]));
    }
}

#[test]
fn losses_and_their_gradients_agree_with_torch() {
    let device = Device::flex().autodiff();
    let expected = json("losses");
    let input = |value: &Value| tensor::<2>(value, &device).require_grad();
    let wanted = tensor::<2>(&expected["wanted"], &device);
    for (beta, answer) in expected["smooth_l1"].as_object().expect("betas") {
        let found = input(&expected["found"]);
        let loss = losses::smooth_l1(found.clone(), wanted.clone(), beta.parse().expect("a number"));
        assert_near("smooth L1", &values(loss.clone()), &flat(&answer["loss"]));
        let gradients = loss.sum().backward();
        assert_near("its gradient", &values(found.grad(&gradients).expect("one")), &flat(&answer["gradients"][0]));
    }
    let (found, log_variances) = (input(&expected["found"]), input(&expected["log_variances"]));
    let answer = &expected["gaussian"];
    let loss = losses::gaussian(found.clone(), log_variances.clone(), wanted);
    assert_near("Gaussian", &values(loss.clone()), &flat(&answer["loss"]));
    let gradients = loss.sum().backward();
    for (input, gradient) in [found, log_variances].iter().zip(answer["gradients"].as_array().expect("two")) {
        assert_near("its gradient", &values(input.grad(&gradients).expect("one")), &flat(gradient));
    }
    let answer = &expected["classes"];
    let scores = input(&answer["scores"]);
    let right: Vec<i32> = flat(&answer["right"]).into_iter().map(|class| class as i32).collect();
    let loss = losses::class_cross_entropy(scores.clone(), Tensor::from_ints(right.as_slice(), &device));
    assert_near("cross-entropy", &values(loss.clone()), &flat(&answer["loss"]));
    let gradients = loss.sum().backward();
    assert_near("its gradient", &values(scores.grad(&gradients).expect("one")), &flat(&answer["gradients"][0]));
    let answer = &expected["objectness"];
    let scores = tensor::<1>(&answer["scores"], &device).require_grad();
    let loss = losses::objectness(scores.clone(), tensor::<1>(&answer["targets"], &device));
    assert_near("objectness", &values(loss.clone()), &flat(&answer["loss"]));
    let gradients = loss.sum().backward();
    assert_near("its gradient", &values(scores.grad(&gradients).expect("one")), &flat(&answer["gradients"][0]));
}

/// Networks of torchvision with two channels in the first layer, read from files by torchvision's names.
#[test]
fn residual_networks_agree_with_torchvision() {
    let device = Device::flex();
    let bottleneck = ResNetSizes { blocks: [1, 1, 1, 1], is_bottleneck: true, width: 2 };
    for (name, sizes) in [("resnet-18", ResNetSizes { width: 2, ..ResNetSizes::RESNET_18 }), ("bottleneck", bottleneck)]
    {
        let expected = json(name);
        let mut network = ResNet::new(&sizes, 1, &device);
        let path = golden(&format!("{name}.safetensors"));
        let bytes = std::fs::read(&path).expect("the fixture is there");
        weights::load_resnet(&mut network, bytes, &path).expect("the weights load");
        let stages = network.forward(tensor(&expected["image"], &device), 4);
        for (stage, wanted) in stages.into_iter().zip(expected["stages"].as_array().expect("stages")) {
            assert_eq!(stage.dims(), shape::<4>(wanted));
            assert_near(name, &values(stage), &flat(wanted));
        }
        let other = ResNetSizes { width: 4, ..sizes };
        let bytes = std::fs::read(&path).expect("the fixture is there");
        weights::load_resnet(&mut ResNet::new(&other, 1, &device), bytes, &path).expect_err("another size");
    }
}

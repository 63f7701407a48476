//! The released text reader beside the same network over torch.
//!
//! `scripts/golden/released-reader.py` makes the numbers anew after the model was trained again.

use burn::tensor::{Device, Tensor, TensorData};
use efface_nets::NetsError;
use efface_nets::reader::{LineImage, LineReader, ReaderFolder};
use efface_schema::sha256_hex;
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// What sums in another order differ by, beside the numbers' own size.
const TOLERANCE: f32 = 2e-4;

#[derive(Deserialize)]
struct Fixture {
    weights_sha256: String,
    columns: usize,
    steps: usize,
    scores: Vec<f32>,
}

fn path(below_root: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(below_root)
}

/// The line that the script draws.
fn line(columns: usize, rows: usize) -> Tensor<4> {
    let level = |place: usize| {
        let (x, y) = (place % columns, place / columns);
        ((x * 7 + y * 13 + (x / 3) * (y / 5)) % 32) as f32 / 32.0
    };
    let levels: Vec<f32> = (0..columns * rows).map(level).collect();
    Tensor::from_data(TensorData::new(levels, [1, 1, rows, columns]), &Device::flex())
}

#[test]
fn the_released_reader_agrees_with_torch() {
    let text = std::fs::read_to_string(path("nets/testdata/golden/text-reader-compact.json")).expect("it is there");
    let fixture: Fixture = serde_json::from_str(&text).expect("the fixture is JSON");
    let model = path("models/text-reader-compact");
    let weights = std::fs::read(model.join("model.safetensors")).expect("it is there");
    assert_eq!(fixture.weights_sha256, sha256_hex(&weights).as_str(), "renew the fixture: the weights are others");
    let folder = ReaderFolder::open(&model).expect("as it was released");
    let reader = folder.reader(&Device::flex()).expect("its weights");
    let scores = reader.forward(line(fixture.columns, folder.config.rows));
    assert_eq!(scores.dims(), [fixture.steps, folder.config.signs() + 1]);
    let scores: Vec<f32> = scores.into_data().try_into_vec().expect("numbers");
    assert_eq!(scores.len(), fixture.scores.len());
    for (one, other) in scores.iter().zip(&fixture.scores) {
        assert!((one - other).abs() <= TOLERANCE * other.abs().max(1.0), "{one} {other}");
    }
}

#[test]
fn a_changed_reader_is_refused() {
    let copy = tempfile::tempdir().expect("a folder");
    for file in std::fs::read_dir(path("models/text-reader-compact")).expect("the model") {
        let file = file.expect("a file");
        std::fs::copy(file.path(), copy.path().join(file.file_name())).expect("copied");
    }
    LineReader::open(&ReaderFolder::open(copy.path()).expect("the same")).expect("the same");
    std::fs::write(copy.path().join("config.json"), "{}").expect("written");
    let error = ReaderFolder::open(copy.path()).expect_err("another configuration");
    assert!(matches!(error, NetsError::Changed { .. }), "{error}");
}

/// Eight digits of five by seven squares of four pixels.
#[test]
fn drawn_digits_are_read() {
    const DIGITS: [[u8; 7]; 3] = [
        [0b00100, 0b01100, 0b00100, 0b00100, 0b00100, 0b00100, 0b01110],
        [0b11111, 0b10000, 0b11110, 0b00001, 0b00001, 0b10001, 0b01110],
        [0b11111, 0b00001, 0b00010, 0b00100, 0b01000, 0b01000, 0b01000],
    ];
    const SIDE: usize = 4;
    let signs = [0, 1, 2, 2, 0, 1];
    let (columns, rows) = ((signs.len() * 6 + 2) * SIDE, 9 * SIDE);
    let is_ink = |x: usize, y: usize| {
        let (column, row) = (x / SIDE, y / SIDE);
        let (Some(column), Some(row)) = (column.checked_sub(1), row.checked_sub(1)) else { return false };
        let digit = signs.get(column / 6).map(|sign| DIGITS[*sign]);
        digit.is_some_and(|digit| row < 7 && column % 6 < 5 && digit[row] >> (4 - column % 6) & 1 == 1)
    };
    let pixels: Vec<u8> =
        (0..columns * rows).map(|place| if is_ink(place % columns, place / columns) { 230 } else { 20 }).collect();
    let folder = ReaderFolder::open(&path("models/text-reader-compact")).expect("as it was released");
    let reader = LineReader::open(&folder).expect("its weights");
    let words = reader.read(&LineImage::of(&pixels, columns, rows, &folder.config).expect("pixels")).words;
    assert_eq!(words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>(), ["157715"]);
    assert!(words[0].probability > 0.5, "{}", words[0].probability);
}

//! The encoder beside transformers: the numbers in `testdata/golden` are PyTorch's.

use burn::tensor::{Device, Int, Tensor, TensorData};
use efface_nets::encoder::EncoderConfig;
use efface_nets::noise::Noise;
use efface_nets::text::features::COUNT;
use efface_nets::text::pieces::{Piece, PieceKind};
use efface_nets::text::{Tokenizer, pieces};
use efface_nets::weights::{self, Holds};
use efface_nets::{Batch, TokenClassifier};
use serde_json::Value;
use std::path::{Path, PathBuf};

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/golden").join(name)
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).expect("the fixture is there")).expect("the fixture is JSON")
}

fn flat(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(values) => values.iter().flat_map(flat).collect(),
        number => vec![number.as_f64().expect("a number")],
    }
}

struct Tiny {
    model: TokenClassifier,
    config: EncoderConfig,
    expected: Value,
    batch: Batch,
}

fn tiny(name: &str) -> Tiny {
    let folder = golden(name);
    let config = EncoderConfig::read(&folder.join("config.json")).expect("a configuration");
    let device = Device::flex();
    let expected = json(&folder.join("expected.json"));
    let mut model = TokenClassifier::with_tags(&config, 5, &device);
    // A checkpoint of transformers has no features: zeros leave what they are added to as it was.
    let kept: Vec<usize> = (0..config.layers).collect();
    weights::load(&mut model, &folder.join("model.safetensors"), Holds::Encoder, &kept).expect("the weights load");
    for embedding in &mut model.features {
        embedding.weight = embedding.weight.clone().map(|weight| weight.zeros_like());
    }
    let rows = expected["input_ids"].as_array().expect("rows").len();
    let ids: Vec<i32> = flat(&expected["input_ids"]).into_iter().map(|id| id as i32).collect();
    let mask: Vec<f32> = flat(&expected["attention_mask"]).into_iter().map(|value| value as f32).collect();
    let shape = [rows, ids.len() / rows];
    let batch = Batch {
        ids: Tensor::<2, Int>::from_data(TensorData::new(ids, shape), &device),
        mask: Tensor::from_data(TensorData::new(mask, shape), &device),
        features: (0..COUNT).map(|_| Tensor::<2, Int>::zeros(shape, &device)).collect(),
    };
    Tiny { model, config, expected, batch }
}

/// The largest difference over places that are no padding.
fn difference(found: Tensor<3>, expected: &Value, mask: &Value) -> f64 {
    let [_, _, width] = found.dims();
    let found: Vec<f32> = found.into_data().try_into_vec().expect("numbers");
    let expected = flat(expected);
    assert_eq!(found.len(), expected.len());
    let kept = flat(mask).into_iter().flat_map(|place| std::iter::repeat_n(place > 0.0, width));
    found
        .iter()
        .zip(&expected)
        .zip(kept)
        .filter(|(_, kept)| *kept)
        .map(|((one, other), _)| (f64::from(*one) - other).abs())
        .fold(0.0, f64::max)
}

fn agrees(name: &str) {
    let tiny = tiny(name);
    let mask = &tiny.expected["attention_mask"];
    let states = tiny.model.hidden_states(tiny.batch.clone(), &mut Noise::none());
    let states = difference(states, &tiny.expected["last_hidden_state"], mask);
    assert!(states < 1e-5, "hidden states differ by {states}");
    let logits = tiny.model.forward(tiny.batch, &mut Noise::none());
    let logits = difference(logits, &tiny.expected["logits"], mask);
    assert!(logits < 1e-5, "logits differ by {logits}");
}

#[test]
fn bert_agrees_with_transformers() {
    agrees("tiny-bert");
}

#[test]
fn roberta_agrees_with_transformers() {
    agrees("tiny-roberta");
}

#[test]
fn weights_come_back_as_they_were_written() {
    for name in ["tiny-bert", "tiny-roberta"] {
        let tiny = tiny(name);
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("model.safetensors");
        let bytes = weights::to_bytes(&tiny.model, &tiny.config, burn::tensor::DType::F32, &path).expect("bytes");
        let names = safetensors::SafeTensors::deserialize(&bytes).expect("safetensors");
        let original = std::fs::read(golden(name).join("model.safetensors")).expect("readable");
        let original = safetensors::SafeTensors::deserialize(&original).expect("safetensors");
        for (tensor, view) in original.tensors() {
            let ours = names.tensor(&tensor).unwrap_or_else(|_| panic!("{tensor} is missing"));
            assert_eq!((ours.shape(), ours.data()), (view.shape(), view.data()), "{tensor}");
        }
        std::fs::write(&path, &bytes).expect("written");
        let mut again = TokenClassifier::with_tags(&tiny.config, 5, &Device::flex());
        weights::load(&mut again, &path, Holds::All, &[0, 1]).expect("complete");
        let before = tiny.model.forward(tiny.batch.clone(), &mut Noise::none()).into_data();
        assert_eq!(again.forward(tiny.batch, &mut Noise::none()).into_data(), before);
    }
}

#[test]
fn a_checkpoint_without_a_head_is_no_released_model() {
    let folder = golden("tiny-bert");
    let config = EncoderConfig::read(&folder.join("config.json")).expect("a configuration");
    let mut model = TokenClassifier::with_tags(&config, 5, &Device::flex());
    let error =
        weights::load(&mut model, &folder.join("model.safetensors"), Holds::All, &[0, 1]).expect_err("no features");
    assert!(error.to_string().contains("features"), "{error}");
    let mut other = TokenClassifier::with_tags(&config, 7, &Device::flex());
    weights::load(&mut other, &folder.join("model.safetensors"), Holds::Encoder, &[0, 1]).expect_err("another head");
}

/// Whole words are cut by this crate; inside of them the vocabulary must do what it does elsewhere.
#[test]
fn tokens_know_their_characters() {
    for name in ["tiny-bert", "tiny-roberta"] {
        let folder = golden(name);
        let tokenizer = Tokenizer::read(&folder.join("tokenizer.json")).expect("a vocabulary");
        for case in json(&folder.join("expected.json"))["texts"].as_array().expect("texts") {
            let characters: Vec<char> = case["text"].as_str().expect("a text").chars().collect();
            let cut = pieces::pieces(&characters);
            let tokens = tokenizer.tokens(&characters, &cut);
            assert!(!tokens.is_empty());
            for pair in tokens.windows(2) {
                assert!(pair[0].end <= pair[1].start || name == "tiny-roberta", "{pair:?}");
            }
            for token in &tokens {
                let piece = cut[token.piece];
                assert!(piece.start <= token.start && token.end <= piece.end && token.start < token.end, "{token:?}");
            }
        }
    }
}

#[test]
fn a_whole_text_as_one_piece_has_the_tokens_of_the_library() {
    let folder = golden("tiny-bert");
    let tokenizer = Tokenizer::read(&folder.join("tokenizer.json")).expect("a vocabulary");
    for case in json(&folder.join("expected.json"))["texts"].as_array().expect("texts") {
        let characters: Vec<char> = case["text"].as_str().expect("a text").chars().collect();
        let whole = [Piece { start: 0, end: characters.len(), kind: PieceKind::Letters }];
        let tokens = tokenizer.tokens(&characters, &whole);
        let ids: Vec<f64> = tokens.iter().map(|token| f64::from(token.id)).collect();
        let expected = flat(&case["ids"]);
        assert_eq!(ids, expected[1..expected.len() - 1]);
        let offsets: Vec<f64> = tokens.iter().flat_map(|token| [token.start as f64, token.end as f64]).collect();
        let expected = flat(&case["offsets"]);
        assert_eq!(offsets, expected[2..expected.len() - 2]);
    }
}

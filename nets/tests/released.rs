//! The released model beside transformers, and its vocabulary beside the library that others use.
//!
//! `just renew-logits` makes the numbers anew after the model was trained again.

use efface_nets::device::DeviceName;
use efface_nets::recognizer::Prepared;
use efface_nets::text::Tokenizer;
use efface_nets::text::pieces::{Piece, PieceKind};
use efface_nets::{Context, ModelFolder, Recognizer, Settings};
use serde_json::Value;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Numbers of the fixture are rounded to 1e-4; the rest is what two orders of summation differ by.
const TOLERANCE: f64 = 3e-4;

fn path(below_root: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(below_root)
}

fn json(below_root: &str) -> Value {
    let bytes = std::fs::read(path(below_root)).expect("the fixture is there");
    serde_json::from_slice(&bytes).expect("the fixture is JSON")
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

fn numbers(value: &Value) -> Vec<f64> {
    list(value).iter().map(|number| number.as_f64().expect("a number")).collect()
}

fn range(pair: &Value) -> Range<usize> {
    let ends = numbers(pair);
    ends[0] as usize..ends[1] as usize
}

/// Whether two lists of scores of one token agree.
fn difference(ours: &[f32], theirs: &Value) -> f64 {
    let theirs = numbers(theirs);
    assert_eq!(ours.len(), theirs.len());
    ours.iter().zip(theirs).map(|(one, other)| (f64::from(*one) - other).abs()).fold(0.0, f64::max)
}

/// What the network reads does not depend on its weights and is compared always, scores when the weights are those
/// that the fixture was made with.
#[test]
fn the_released_model_agrees_with_transformers() {
    let fixture = json("nets/testdata/golden/ner-minilm.json");
    let folder = ModelFolder::open(&path("models/ner-minilm")).expect("as it was released");
    let recognizer = Recognizer::open(&folder, DeviceName::Cpu, Settings::default()).expect("it loads");
    let texts = list(&fixture["texts"]);
    assert_eq!(texts.len(), 8);
    let known: Vec<Vec<Range<usize>>> =
        texts.iter().map(|text| list(&text["known"]).iter().map(range).collect()).collect();
    let word = |text: &'_ Value, key: &str| text[key].as_str().expect("a string").to_owned();
    let words: Vec<[String; 3]> =
        texts.iter().map(|text| ["text", "keyword", "vr"].map(|key| word(text, key))).collect();
    let contexts: Vec<Context<'_>> =
        words.iter().zip(&known).map(|([text, keyword, vr], known)| Context { text, keyword, vr, known }).collect();
    let ours = recognizer.logits(&contexts).expect("they are short");
    let scored = recognizer.scores(&contexts);
    let is_same_model = fixture["weights_sha256"] == folder.calibration.weights_sha256.as_str();
    if !is_same_model {
        eprintln!("scores are not compared: models/ner-minilm has other weights than the fixture; `just renew-logits`");
    }
    let mut largest: f64 = 0.0;
    let mut n_compared = 0;
    for (row, text) in texts.iter().enumerate() {
        let ids = numbers(&text["input_ids"]);
        let n_tokens = ids.len();
        assert_eq!(ours.attention_mask[row].iter().map(|place| usize::from(*place)).sum::<usize>(), n_tokens);
        assert!(ours.input_ids[row].iter().map(|id| f64::from(*id)).take(n_tokens).eq(ids), "tokens of text {row}");
        for (name, values) in &ours.features {
            let expected = numbers(&text["features"][*name]);
            assert!(values[row].iter().map(|value| f64::from(*value)).take(n_tokens).eq(expected), "{name} of {row}");
        }
        let theirs = list(&text["logits"]);
        for (place, theirs) in theirs.iter().enumerate().filter(|_| is_same_model) {
            largest = largest.max(difference(&ours.logits[row][place], theirs));
        }
        // Texts are read in other batches there; words of one token have its scores.
        let tokens = Prepared::new(recognizer.tokenizer(), &contexts[row]).tokens;
        let begins: Vec<usize> = (0..tokens.len()).filter(|place| !tokens[*place].goes_on).collect();
        assert_eq!(scored[row].words.len(), begins.len());
        let is_alone = |place: usize| !tokens.get(place + 1).is_some_and(|next| next.goes_on);
        for (word, place) in begins.into_iter().enumerate().filter(|(_, place)| is_same_model && is_alone(*place)) {
            largest = largest.max(difference(&scored[row].scores[word], &theirs[place + 1]));
            n_compared += 1;
        }
    }
    assert!(largest <= TOLERANCE, "scores differ by {largest}");
    assert!(n_compared > 50 || !is_same_model, "{n_compared} words of one token");
}

/// The whole text as one piece: what this crate cuts before is not looked at.
#[test]
fn the_released_vocabulary_agrees_with_the_library_on_odd_texts() {
    let fixture = json("nets/testdata/golden/minilm-tokenizer.json");
    let bytes = std::fs::read(path("models/ner-minilm/tokenizer.json")).expect("a vocabulary");
    assert_eq!(fixture["tokenizer_sha256"], efface_schema::sha256_hex(&bytes).as_str(), "another vocabulary");
    let tokenizer = Tokenizer::parse(&bytes, Path::new("tokenizer.json")).expect("a vocabulary");
    for case in list(&fixture["cases"]) {
        let characters: Vec<char> = case["text"].as_str().expect("a text").chars().collect();
        let whole = Piece { start: 0, end: characters.len(), kind: PieceKind::Letters };
        let tokens = tokenizer.tokens(&characters, &[whole]);
        let (ids, offsets) = (numbers(&case["ids"]), list(&case["offsets"]));
        let expected: Vec<(f64, Range<usize>)> =
            ids.iter().copied().zip(offsets.iter().map(range)).take(ids.len() - 1).skip(1).collect();
        // Where the library finds nothing, a piece is one unknown token here.
        let expected =
            if expected.is_empty() { vec![(f64::from(tokenizer.unknown()), 0..whole.end)] } else { expected };
        let found: Vec<(f64, Range<usize>)> =
            tokens.iter().map(|token| (f64::from(token.id), token.start..token.end)).collect();
        assert_eq!(found, expected, "{}", case["name"]);
    }
}

//! Passes with dropout over a small network with random weights.

use burn::tensor::Device;
use efface_nets::encoder::EncoderConfig;
use efface_nets::recognizer::{Doubts, Passes};
use efface_nets::text::Tokenizer;
use efface_nets::{Context, NetsError, Recognizer, Settings, TokenClassifier};
use std::num::NonZeroU32;
use std::path::Path;

const TEXTS: [&str; 4] = ["told by Anderson to phone", "PORTABLE chest", "", "no date of Dr. Rose in the exam"];

fn recognizer(settings: Settings) -> Recognizer {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/golden/tiny-bert");
    let config = EncoderConfig::read(&folder.join("config.json")).expect("a configuration");
    let device = Device::flex();
    // Weights of one seed, whichever test runs first: drawn once, so that threads do not share the stream.
    static WEIGHTS: std::sync::OnceLock<TokenClassifier> = std::sync::OnceLock::new();
    let model = WEIGHTS.get_or_init(|| {
        device.seed(11);
        TokenClassifier::new(&config, &device)
    });
    let tokenizer = Tokenizer::read(&folder.join("tokenizer.json")).expect("a vocabulary");
    Recognizer::new(tokenizer, model.clone(), device, settings.fitting(config.longest())).with_dropout(0.3)
}

fn passes(count: u32, seed: u64) -> Passes {
    Passes { count: NonZeroU32::new(count).expect("above 0"), seed }
}

fn doubts(recognizer: &Recognizer, texts: &[&str], passes: Passes) -> Vec<Doubts> {
    let contexts: Vec<Context<'_>> = texts.iter().map(|text| Context { text, ..Context::default() }).collect();
    recognizer.doubts(&contexts, passes).expect("there is dropout")
}

#[test]
fn a_text_has_one_answer_whatever_else_is_read() {
    let recognizer = recognizer(Settings::default());
    let all = doubts(&recognizer, &TEXTS, passes(6, 3));
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
    assert_eq!(pool.install(|| doubts(&recognizer, &TEXTS, passes(6, 3))), all);
    for (text, expected) in TEXTS.iter().zip(&all) {
        assert_eq!(doubts(&recognizer, &[text, text], passes(6, 3)), [expected.clone(), expected.clone()]);
    }
    assert_ne!(doubts(&recognizer, &TEXTS, passes(6, 4)), all, "another seed");
    assert_ne!(doubts(&recognizer, &TEXTS, passes(5, 3)), all, "another number of passes");
}

#[test]
fn passes_differ_and_one_pass_agrees_with_itself() {
    let recognizer = recognizer(Settings::default());
    let of = |count| doubts(&recognizer, &TEXTS, passes(count, 3)).remove(0).of(8, 16).expect("a word is there");
    assert_eq!(of(1).mutual_information, 0.0);
    let several = of(20);
    assert!(several.mutual_information > 1e-4, "{several:?}");
    assert!(several.mean_probability > 0.0 && several.mean_probability < 1.0, "{several:?}");
    assert_eq!(doubts(&recognizer, &TEXTS, passes(2, 3))[2].of(0, 9), None, "an empty text has no token");
    assert_eq!(doubts(&recognizer, &TEXTS, passes(2, 3))[0].of(4, 5), None, "a blank is in no token");
}

#[test]
fn every_word_of_a_long_text_is_judged_and_small_batches_hold_all_passes() {
    let recognizer = recognizer(Settings { window: 16, overlap: 4, batch: 40, ..Settings::default() });
    let text = "no date ".repeat(30);
    let doubts = doubts(&recognizer, &[&text], passes(7, 3)).remove(0);
    for word in 0..60 {
        assert!(doubts.of(word * 4, word * 4 + 2).is_some(), "word {word}");
    }
}

#[test]
fn a_network_without_dropout_is_refused_with_the_remedy() {
    let still = recognizer(Settings::default()).with_dropout(0.0);
    let error = still.doubts(&[Context::default()], passes(2, 3)).expect_err("no dropout");
    assert!(matches!(error, NetsError::NoDropout) && error.to_string().contains("hidden_dropout_prob"), "{error}");
}

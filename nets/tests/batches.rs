//! What a text is answered does not depend on the texts that are read with it.

use efface_nets::device::DeviceName;
use efface_nets::encoder::EncoderConfig;
use efface_nets::text::Tokenizer;
use efface_nets::{Context, Recognizer, Settings, TokenClassifier};
use std::path::Path;

#[test]
fn answers_are_the_same_to_the_last_bit_in_any_company() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/golden/tiny-bert");
    let config = EncoderConfig::read(&golden.join("config.json")).expect("a configuration");
    let device = DeviceName::Cpu.open().expect("a processor");
    let tokenizer = Tokenizer::read(&golden.join("tokenizer.json")).expect("a vocabulary");
    let settings = Settings { batch: 64, ..Settings::default() }.fitting(config.longest());
    let recognizer = Recognizer::new(tokenizer, TokenClassifier::new(&config, &device), device, settings);
    // Of every length from 1 to 23 words, and some lengths more than once.
    let texts: Vec<String> =
        (0..60).map(|number| format!("Ottoline {number} drove, ").repeat(number % 23 + 1)).collect();
    let contexts: Vec<Context<'_>> = texts.iter().map(|text| Context { text, ..Context::default() }).collect();
    let together = recognizer.scores(&contexts);
    for step in [1, 2, 7] {
        for (start, _) in contexts.iter().enumerate().step_by(11) {
            let some: Vec<Context<'_>> = contexts.iter().skip(start).step_by(step).copied().collect();
            let expected: Vec<_> = together.iter().skip(start).step_by(step).cloned().collect();
            assert!(recognizer.scores(&some) == expected, "every {step} from {start}");
        }
    }
    for (context, expected) in contexts.iter().zip(&together) {
        assert!(recognizer.scores(&[*context])[0] == *expected, "alone");
    }
}

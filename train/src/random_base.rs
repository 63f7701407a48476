//! Bases with random weights: in the sizes of well-known checkpoints they show that networks of such sizes load and train
//! on a machine, in those of a checkpoint at hand they show what its weights are worth.

use crate::ner::TrainError;
use burn::module::Module;
use burn::tensor::{DType, Device};
use efface_nets::NetsError;
use efface_nets::TokenClassifier;
use efface_nets::encoder::{Activation, EncoderConfig, Family};
use efface_nets::folder::{CONFIG, TOKENIZER, WEIGHTS};
use efface_nets::weights;
use serde_json::{Map, Value, json};
use std::fmt;
use std::fs;
use std::path::Path;
use std::str::FromStr;

/// Whose sizes a base has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Like {
    /// RoBERTa's base (Liu et al. 2019): 12 layers of 768, 50,265 pieces.
    RobertaBase,
    /// BERT's cased base (Devlin et al. 2019), which ClinicalBERT goes on from: 12 layers of 768, 28,996 pieces.
    BertBase,
    /// A small one of RoBERTa's kind, for tests: 2 layers of 32.
    TinyRoberta,
}

impl Like {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::RobertaBase, Self::BertBase, Self::TinyRoberta];

    /// The sizes.
    pub fn config(self) -> EncoderConfig {
        let roberta = EncoderConfig {
            family: Family::Roberta,
            vocabulary: 50_265,
            hidden: 768,
            layers: 12,
            heads: 12,
            intermediate: 3_072,
            positions: 514,
            kinds: 1,
            epsilon: 1e-5,
            activation: Activation::Gelu,
            padding: 1,
            dropout: 0.1,
        };
        match self {
            Self::RobertaBase => roberta,
            Self::BertBase => EncoderConfig {
                family: Family::Bert,
                vocabulary: 28_996,
                positions: 512,
                kinds: 2,
                epsilon: 1e-12,
                padding: 0,
                ..roberta
            },
            Self::TinyRoberta => {
                EncoderConfig { vocabulary: 300, hidden: 32, layers: 2, heads: 4, intermediate: 64, ..roberta }
            }
        }
    }

    /// The vocabulary: single bytes or single characters, which are the first of all pieces; nothing is merged. Texts
    /// become longer than with the checkpoint's own, and are read as well.
    fn vocabulary(self) -> Value {
        match self.config().family {
            Family::Roberta => byte_level(),
            Family::Bert => characters(),
        }
    }
}

impl fmt::Display for Like {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::RobertaBase => "roberta-base",
            Self::BertBase => "bert-base",
            Self::TinyRoberta => "tiny-roberta",
        })
    }
}

impl FromStr for Like {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let known = || Self::ALL.iter().map(Self::to_string).collect::<Vec<_>>().join(", ");
        Self::ALL.into_iter().find(|like| like.to_string() == name).ok_or_else(|| format!("it is one of {}", known()))
    }
}

/// The characters that bytes are spelled as in byte-level vocabularies, by byte: those that can be seen stand for
/// themselves, the others for the characters from U+0100 on (Radford et al. 2019).
fn byte_letters() -> Vec<char> {
    let mut next = 0x100;
    (0..=u8::MAX)
        .map(|byte| match byte {
            0x21..=0x7E | 0xA1..=0xAC | 0xAE..=0xFF => char::from(byte),
            _ => {
                next += 1;
                char::from_u32(next - 1).expect("it lies below the surrogates")
            }
        })
        .collect()
}

fn numbered(pieces: impl IntoIterator<Item = String>) -> Map<String, Value> {
    (0_u32..).zip(pieces).map(|(id, piece)| (piece, json!(id))).collect()
}

fn special(names: &[&str]) -> Value {
    let token = |(id, name): (usize, &&str)| {
        json!({
            "id": id, "content": name, "single_word": false, "lstrip": false, "rstrip": false, "normalized": false,
            "special": true,
        })
    };
    names.iter().enumerate().map(token).collect()
}

fn byte_level() -> Value {
    const SPECIAL: [&str; 4] = ["<s>", "<pad>", "</s>", "<unk>"];
    let pieces = SPECIAL.map(str::to_owned).into_iter().chain(byte_letters().into_iter().map(String::from));
    let level = json!({ "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true });
    json!({
        "version": "1.0", "truncation": null, "padding": null, "added_tokens": special(&SPECIAL), "normalizer": null,
        "pre_tokenizer": level, "post_processor": null, "decoder": level,
        "model": {
            "type": "BPE", "dropout": null, "unk_token": "<unk>", "continuing_subword_prefix": null,
            "end_of_word_suffix": null, "fuse_unk": false, "byte_fallback": false, "ignore_merges": false,
            "vocab": numbered(pieces), "merges": [],
        },
    })
}

fn characters() -> Value {
    const SPECIAL: [&str; 5] = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];
    let visible = || (0x21..=0x7E_u8).map(char::from);
    let begins = visible().map(String::from);
    let goes_on = visible().filter(char::is_ascii_alphanumeric).map(|letter| format!("##{letter}"));
    json!({
        "version": "1.0", "truncation": null, "padding": null, "added_tokens": special(&SPECIAL),
        "normalizer": {
            "type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": null,
            "lowercase": false,
        },
        "pre_tokenizer": { "type": "BertPreTokenizer" }, "post_processor": null,
        "decoder": { "type": "WordPiece", "prefix": "##", "cleanup": true },
        "model": {
            "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
            "vocab": numbered(SPECIAL.map(str::to_owned).into_iter().chain(begins).chain(goes_on)),
        },
    })
}

/// Writes `config.json`, `tokenizer.json` and `model.safetensors` (f32) of a base; returns how many parameters the
/// network with its head and features has.
///
/// # Errors
/// [`TrainError::Nets`] and those of the formats.
pub fn write(like: Like, seed: u64, folder: &Path) -> Result<usize, TrainError> {
    let vocabulary = serde_json::to_vec(&like.vocabulary()).expect("a vocabulary has a text");
    write_parts(&like.config(), &vocabulary, seed, folder)
}

/// The same with the sizes and the vocabulary of a base that exists, whose weights are left behind.
///
/// # Errors
/// Those of [`write`], and [`TrainError::Nets`] when the base has no configuration or no vocabulary.
pub fn write_of(base: &Path, seed: u64, folder: &Path) -> Result<usize, TrainError> {
    let tokenizer = base.join(TOKENIZER);
    let vocabulary = fs::read(&tokenizer).map_err(NetsError::reading(&tokenizer))?;
    write_parts(&EncoderConfig::read(&base.join(CONFIG))?, &vocabulary, seed, folder)
}

fn write_parts(config: &EncoderConfig, vocabulary: &[u8], seed: u64, folder: &Path) -> Result<usize, TrainError> {
    fs::create_dir_all(folder).map_err(NetsError::writing(folder))?;
    let device = Device::flex();
    device.seed(seed);
    let model = TokenClassifier::new(config, &device);
    let weights = weights::to_bytes(&model, config, DType::F32, &folder.join(WEIGHTS))?;
    let config = serde_json::to_vec_pretty(config).expect("sizes have a text");
    for (name, bytes) in [(WEIGHTS, weights.as_slice()), (CONFIG, config.as_slice()), (TOKENIZER, vocabulary)] {
        let path = folder.join(name);
        fs::write(&path, bytes).map_err(NetsError::writing(path))?;
    }
    Ok(model.num_params())
}

#[cfg(test)]
mod tests {
    use super::*;
    use efface_nets::text::Tokenizer;
    use efface_nets::text::pieces::pieces;
    use efface_nets::weights::Holds;

    #[test]
    fn a_base_loads_again_and_the_seed_decides() {
        let folder = tempfile::tempdir().expect("a folder");
        let n_parameters = write(Like::TinyRoberta, 3, folder.path()).expect("written");
        let config = EncoderConfig::read(&folder.path().join(CONFIG)).expect("a configuration");
        assert_eq!(config, Like::TinyRoberta.config());
        let mut model = TokenClassifier::new(&config, &Device::flex());
        weights::load(&mut model, &folder.path().join(WEIGHTS), Holds::Encoder, &[0, 1]).expect("complete");
        assert_eq!(model.num_params(), n_parameters);
        let bytes = |seed| {
            write(Like::TinyRoberta, seed, folder.path()).expect("written");
            fs::read(folder.path().join(WEIGHTS)).expect("readable")
        };
        assert!(bytes(3) == bytes(3) && bytes(3) != bytes(4));
    }

    #[test]
    fn a_base_at_hand_gives_its_sizes_and_words_and_no_weights() {
        let folder = tempfile::tempdir().expect("a folder");
        let (base, random) = (folder.path().join("base"), folder.path().join("random"));
        let n_parameters = write(Like::TinyRoberta, 3, &base).expect("written");
        assert_eq!(write_of(&base, 4, &random).expect("written"), n_parameters);
        let same =
            |name| fs::read(base.join(name)).expect("readable") == fs::read(random.join(name)).expect("readable");
        assert!(same(CONFIG) && same(TOKENIZER) && !same(WEIGHTS));
        assert!(write_of(&folder.path().join("nothing"), 4, &random).is_err());
    }

    #[test]
    fn vocabularies_know_every_word_and_fit_their_sizes() {
        let text: Vec<char> = "Told Dr. O'Brien (MRN 17/B) für 张".chars().collect();
        for like in Like::ALL {
            let bytes = serde_json::to_vec(&like.vocabulary()).expect("a text");
            let tokenizer = Tokenizer::parse(&bytes, Path::new("tokenizer.json")).expect("a vocabulary");
            let tokens = tokenizer.tokens(&text, &pieces(&text));
            let largest = tokens.iter().map(|token| token.id as usize).max().expect("there are tokens");
            assert!(largest < like.config().vocabulary, "{like}");
            assert_eq!(tokenizer.padding() as usize, like.config().padding, "{like}");
            let unknown = tokens.iter().filter(|token| token.id == tokenizer.unknown()).count();
            // Single characters know neither an umlaut nor what is not Latin; bytes know all.
            assert_eq!(unknown, if like == Like::BertBase { 2 } else { 0 }, "{like}");
            assert_eq!(like.to_string().parse(), Ok(like));
        }
    }
}

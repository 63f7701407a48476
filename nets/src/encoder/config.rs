//! What a checkpoint's `config.json` says.

use crate::NetsError;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The families of encoders that are known. They differ in how positions are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    /// Positions from 0.
    Bert,
    /// Positions from the padding's number plus 1.
    Roberta,
}

/// The function between the two products of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activation {
    /// `x Φ(x)`, Hendrycks and Gimpel 2016.
    Gelu,
    /// `max(x, 0)`.
    Relu,
}

/// The sizes of an encoder, by the names of Hugging Face's `config.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EncoderConfig {
    /// The family.
    #[serde(rename = "model_type")]
    pub family: Family,
    /// Tokens of the vocabulary.
    #[serde(rename = "vocab_size")]
    pub vocabulary: usize,
    /// Numbers in a vector.
    #[serde(rename = "hidden_size")]
    pub hidden: usize,
    /// Layers.
    #[serde(rename = "num_hidden_layers")]
    pub layers: usize,
    /// Heads of attention in a layer.
    #[serde(rename = "num_attention_heads")]
    pub heads: usize,
    /// Numbers between the two products of a layer.
    #[serde(rename = "intermediate_size")]
    pub intermediate: usize,
    /// Positions that have a vector.
    #[serde(rename = "max_position_embeddings")]
    pub positions: usize,
    /// Kinds of text in a pair; only the first is used.
    #[serde(rename = "type_vocab_size")]
    pub kinds: usize,
    /// What is added to a variance before its root.
    #[serde(rename = "layer_norm_eps")]
    pub epsilon: f64,
    /// The function between the two products of a layer.
    #[serde(rename = "hidden_act")]
    pub activation: Activation,
    /// The number of the token that fills up.
    #[serde(rename = "pad_token_id", default)]
    pub padding: usize,
    /// Share of values that dropout removes while the network is trained, from 0 to below 1. Where a file does not say
    /// it, transformers takes 0.1, and so does this.
    #[serde(rename = "hidden_dropout_prob", default = "usual_dropout")]
    pub dropout: f64,
}

const fn usual_dropout() -> f64 {
    0.1
}

/// What decides whether this crate computes what the checkpoint means.
#[derive(Deserialize)]
struct Unsupported {
    position_embedding_type: Option<String>,
    #[serde(default)]
    is_decoder: bool,
    #[serde(default)]
    add_cross_attention: bool,
}

impl EncoderConfig {
    /// Reads `config.json`.
    ///
    /// # Errors
    /// [`NetsError::Read`], and [`NetsError::Invalid`] if the file lacks a size or describes another network.
    pub fn read(path: &Path) -> Result<Self, NetsError> {
        let bytes = std::fs::read(path).map_err(NetsError::reading(path))?;
        Self::parse(&bytes, path)
    }

    /// Parses the bytes of `config.json`; `path` is named in errors.
    ///
    /// # Errors
    /// See [`EncoderConfig::read`].
    pub fn parse(bytes: &[u8], path: &Path) -> Result<Self, NetsError> {
        let invalid = |reason: String| NetsError::invalid(path, "configuration of an encoder", reason);
        let config: Self = serde_json::from_slice(bytes).map_err(|error| invalid(error.to_string()))?;
        let odd: Unsupported = serde_json::from_slice(bytes).map_err(|error| invalid(error.to_string()))?;
        if odd.position_embedding_type.is_some_and(|kind| kind != "absolute") {
            return Err(invalid("only absolute positions are known".to_owned()));
        }
        if odd.is_decoder || odd.add_cross_attention {
            return Err(invalid("decoders are not known".to_owned()));
        }
        config.check().map_err(invalid)?;
        Ok(config)
    }

    fn check(&self) -> Result<(), String> {
        let sizes =
            [self.vocabulary, self.hidden, self.layers, self.heads, self.intermediate, self.positions, self.kinds];
        if sizes.contains(&0) {
            return Err("a size is 0".to_owned());
        }
        if !self.hidden.is_multiple_of(self.heads) {
            return Err(format!("{} heads do not share {} numbers evenly", self.heads, self.hidden));
        }
        if !(0.0..1.0).contains(&self.dropout) {
            return Err(format!("a share of {} cannot be dropped: it is from 0 to below 1", self.dropout));
        }
        if self.longest() < 16 {
            return Err(format!("{} positions are too few", self.positions));
        }
        Ok(())
    }

    /// The number of the first position.
    pub fn first_position(&self) -> usize {
        match self.family {
            Family::Bert => 0,
            Family::Roberta => self.padding + 1,
        }
    }

    /// The longest text, in tokens, special ones included.
    pub fn longest(&self) -> usize {
        self.positions.saturating_sub(self.first_position())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINILM: &str = r#"{"model_type":"bert","vocab_size":30522,"hidden_size":384,"num_hidden_layers":6,
        "num_attention_heads":12,"intermediate_size":1536,"max_position_embeddings":512,"type_vocab_size":2,
        "layer_norm_eps":1e-12,"hidden_act":"gelu","pad_token_id":0,"position_embedding_type":"absolute"}"#;

    fn parse(text: &str) -> Result<EncoderConfig, String> {
        EncoderConfig::parse(text.as_bytes(), Path::new("config.json")).map_err(|error| error.to_string())
    }

    #[test]
    fn sizes_are_read() {
        let config = parse(MINILM).expect("valid");
        assert_eq!((config.hidden, config.layers, config.longest()), (384, 6, 512));
        let roberta = parse(&MINILM.replace("\"bert\"", "\"roberta\"").replace("_id\":0", "_id\":1")).expect("valid");
        assert_eq!((roberta.first_position(), roberta.longest()), (2, 510));
        let dropout =
            |share: &str| parse(&MINILM.replace("\"bert\"", &format!("\"bert\",\"hidden_dropout_prob\":{share}")));
        assert_eq!(config.dropout, 0.1);
        assert_eq!(dropout("0.0").expect("valid").dropout, 0.0);
        assert!(dropout("1.0").expect_err("all is dropped").contains("dropped"));
    }

    #[test]
    fn other_networks_are_refused() {
        for (from, to) in [
            ("\"bert\"", "\"t5\""),
            ("\"gelu\"", "\"swish\""),
            ("absolute", "relative_key"),
            ("\"num_attention_heads\":12", "\"num_attention_heads\":7"),
            ("\"hidden_size\":384", "\"hidden_size\":0"),
            ("\"hidden_size\":384,", ""),
            ("\"max_position_embeddings\":512", "\"max_position_embeddings\":3"),
        ] {
            let error = parse(&MINILM.replace(from, to)).expect_err(to);
            assert!(error.contains("config.json"), "{error}");
        }
    }
}

//! Vectors of tokens, positions and kinds of text.

use super::EncoderConfig;
use burn::module::{Initializer, Module};
use burn::nn::{Embedding, EmbeddingConfig, LayerNorm, LayerNormConfig};
use burn::tensor::{Device, Int, Tensor};

/// The sum of a token's, its position's and its text's vector, normalised.
#[derive(Module, Debug)]
pub struct Embeddings {
    /// One vector for each token of the vocabulary.
    pub word_embeddings: Embedding,
    /// One vector for each position.
    pub position_embeddings: Embedding,
    /// One vector for each kind of text.
    pub token_type_embeddings: Embedding,
    /// Normalises the sum.
    pub norm: LayerNorm,
    first_position: usize,
}

/// The spread of random weights, as BERT draws them.
const SPREAD: f64 = 0.02;

pub(crate) fn embedding(count: usize, hidden: usize, device: &Device) -> Embedding {
    EmbeddingConfig::new(count, hidden).with_initializer(Initializer::Normal { mean: 0.0, std: SPREAD }).init(device)
}

impl Embeddings {
    pub(super) fn new(config: &EncoderConfig, device: &Device) -> Self {
        Self {
            word_embeddings: embedding(config.vocabulary, config.hidden, device),
            position_embeddings: embedding(config.positions, config.hidden, device),
            token_type_embeddings: embedding(config.kinds, config.hidden, device),
            norm: LayerNormConfig::new(config.hidden).with_epsilon(config.epsilon).init(device),
            first_position: config.first_position(),
        }
    }

    /// Positions are counted from the left: padding stands on the right and is never looked at.
    pub(super) fn forward(&self, ids: Tensor<2, Int>, extra: Option<Tensor<3>>) -> Tensor<3> {
        let [_, length] = ids.dims();
        let first = self.first_position as i64;
        let positions = Tensor::<1, Int>::arange(first..first + length as i64, &ids.device()).unsqueeze::<2>();
        let kinds = Tensor::<2, Int>::zeros([1, 1], &ids.device());
        let shared = self.position_embeddings.forward(positions) + self.token_type_embeddings.forward(kinds);
        let words = self.word_embeddings.forward(ids);
        let words = match extra {
            Some(extra) => words + extra,
            None => words,
        };
        self.norm.forward(words + shared)
    }
}

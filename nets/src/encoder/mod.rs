//! Encoders of the BERT family: Devlin et al. 2019 (BERT), Liu et al. 2019 (RoBERTa), Wang et al. 2020 (MiniLM).
//!
//! Shapes in this module: `batch` texts of `length` tokens, vectors of `hidden` numbers.

mod config;
mod embeddings;
mod layer;

pub use config::{Activation, EncoderConfig, Family};
pub use embeddings::Embeddings;
pub(crate) use embeddings::embedding;
pub use layer::Layer;
pub(crate) use layer::linear;

use crate::noise::Noise;
use burn::module::Module;
use burn::tensor::{Device, Int, Tensor};

/// An encoder: embeddings and layers of self-attention.
#[derive(Module, Debug)]
pub struct Encoder {
    /// Vectors of tokens and positions.
    pub embeddings: Embeddings,
    /// The layers, the one next to the tokens first.
    pub layers: Vec<Layer>,
}

impl Encoder {
    /// An encoder with random weights.
    pub fn new(config: &EncoderConfig, device: &Device) -> Self {
        Self {
            embeddings: Embeddings::new(config, device),
            layers: (0..config.layers).map(|_| Layer::new(config, device)).collect(),
        }
    }

    /// Vectors that have seen their neighbours.
    ///
    /// `ids` and `mask` are `[batch, length]`, the mask 1 where there is a token and 0 where there is padding;
    /// `extra`, if any, is `[batch, length, hidden]` and is added to the vectors of tokens. The result is
    /// `[batch, length, hidden]`.
    pub fn forward(
        &self,
        ids: Tensor<2, Int>,
        mask: Tensor<2>,
        extra: Option<Tensor<3>>,
        noise: &mut Noise,
    ) -> Tensor<3> {
        let [batch, length] = mask.dims();
        let mut states = noise.drop(self.embeddings.forward(ids, extra));
        // Scores of padding are so low that their share vanishes.
        let bias = mask.sub_scalar(1.0).mul_scalar(1.0e9).reshape([batch, 1, 1, length]);
        for layer in &self.layers {
            states = layer.forward(states, &bias, noise);
        }
        states
    }
}

//! A layer of self-attention (Vaswani et al. 2017), normalised after each half.

use super::{Activation, EncoderConfig};
use crate::gelu::gelu;
use crate::noise::Noise;
use burn::module::{Initializer, Module};
use burn::nn::{LayerNorm, LayerNormConfig, Linear, LinearConfig};
use burn::tensor::activation::{relu, softmax};
use burn::tensor::{Device, Tensor};

/// Attention and a network of two products.
#[derive(Module, Debug)]
pub struct Layer {
    /// What is looked for.
    pub query: Linear,
    /// What it is compared with.
    pub key: Linear,
    /// What is taken.
    pub value: Linear,
    /// Joins the heads.
    pub attention_output: Linear,
    /// Normalises the first half.
    pub attention_norm: LayerNorm,
    /// The wide product.
    pub intermediate: Linear,
    /// The narrow product.
    pub output: Linear,
    /// Normalises the second half.
    pub output_norm: LayerNorm,
    heads: usize,
    is_gelu: bool,
}

pub(crate) fn linear(from: usize, to: usize, device: &Device) -> Linear {
    LinearConfig::new(from, to).with_initializer(Initializer::Normal { mean: 0.0, std: 0.02 }).init(device)
}

impl Layer {
    pub(super) fn new(config: &EncoderConfig, device: &Device) -> Self {
        let hidden = config.hidden;
        let square = || linear(hidden, hidden, device);
        let norm = || LayerNormConfig::new(hidden).with_epsilon(config.epsilon).init(device);
        Self {
            query: square(),
            key: square(),
            value: square(),
            attention_output: square(),
            attention_norm: norm(),
            intermediate: linear(hidden, config.intermediate, device),
            output: linear(config.intermediate, hidden, device),
            output_norm: norm(),
            heads: config.heads,
            is_gelu: config.activation == Activation::Gelu,
        }
    }

    /// `states` `[batch, length, hidden]` to the same shape; `bias` `[batch, 1, 1, length]` is added to scores.
    pub(super) fn forward(&self, states: Tensor<3>, bias: &Tensor<4>, noise: &mut Noise) -> Tensor<3> {
        let attended = noise.drop(self.attention_output.forward(self.attend(states.clone(), bias)));
        let states = self.attention_norm.forward(attended + states);
        let wide = self.intermediate.forward(states.clone());
        let wide = if self.is_gelu { gelu(wide) } else { relu(wide) };
        let narrow = noise.drop(self.output.forward(wide));
        self.output_norm.forward(narrow + states)
    }

    fn attend(&self, states: Tensor<3>, bias: &Tensor<4>) -> Tensor<3> {
        let [batch, length, hidden] = states.dims();
        let width = hidden / self.heads;
        let split = |vectors: Tensor<3>| vectors.reshape([batch, length, self.heads, width]).swap_dims(1, 2);
        let query = split(self.query.forward(states.clone())).mul_scalar((width as f64).powf(-0.5));
        let key = split(self.key.forward(states.clone()));
        let value = split(self.value.forward(states));
        let weights = softmax(query.matmul(key.transpose()) + bias.clone(), 3);
        weights.matmul(value).swap_dims(1, 2).reshape([batch, length, hidden])
    }
}

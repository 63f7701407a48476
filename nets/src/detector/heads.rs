//! The head: what a box is, where its sides really are, and how sure that is.

use super::config::DetectorConfig;
use crate::noise::Noise;
use burn::module::{Initializer, Module};
use burn::nn::{LayerNorm, LayerNormConfig, Linear, LinearConfig};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};

/// Classes of a box.
pub const CLASSES: usize = 2;
/// The class of a box that is no text.
pub const BACKGROUND: usize = 0;
/// The class of text.
pub const TEXT: usize = 1;

/// Two hidden layers, each normalised (Ba et al. 2016), rectified and followed by dropout, and three answers.
///
/// Without the norms a rate at which the backbone learns well silences all rectifiers of the head within some hundred
/// steps: a box has thousands of features, and a step of Adam changes what each of them adds at once.
#[derive(Module, Debug)]
pub struct RegionHead {
    /// From the features of a box.
    pub first: Linear,
    /// Of what the first layer says.
    pub first_norm: LayerNorm,
    /// To the answers.
    pub second: Linear,
    /// Of what the second layer says.
    pub second_norm: LayerNorm,
    /// One score for each class.
    pub classes: Linear,
    /// Four numbers about the sides.
    pub deltas: Linear,
    /// How far each of them may be off.
    pub log_variances: Linear,
}

/// What the head says about `k` boxes.
#[derive(Debug, Clone)]
pub struct Judgement {
    /// `[k, 2]`: scores of [`BACKGROUND`] and [`TEXT`], before a softmax.
    pub classes: Tensor<2>,
    /// `[k, 4]`: where the sides are, as [`super::boxes::SideCoder::HEAD`] tells it.
    pub deltas: Tensor<2>,
    /// `[k, 4]`: the logarithms of the variances of `deltas`.
    pub log_variances: Tensor<2>,
}

fn linear(from: usize, to: usize, gain: f64, device: &Device) -> Linear {
    let initializer = Initializer::KaimingNormal { gain, fan_out_only: false };
    let layer = LinearConfig::new(from, to).with_initializer(initializer).init(device);
    Linear { bias: Some(Initializer::Zeros.init([to], device)), ..layer }
}

impl RegionHead {
    /// Random weights.
    pub fn new(config: &DetectorConfig, device: &Device) -> Self {
        let inputs = config.pyramid_channels * config.regions.rows * config.regions.columns;
        let width = config.head_width;
        // Small weights at the end, as in the paper: at first a proposal is its own box.
        Self {
            first: linear(inputs, width, std::f64::consts::SQRT_2, device),
            first_norm: LayerNormConfig::new(width).init(device),
            second: linear(width, width, std::f64::consts::SQRT_2, device),
            second_norm: LayerNormConfig::new(width).init(device),
            classes: linear(width, CLASSES, 0.1, device),
            deltas: linear(width, 4, 0.01, device),
            log_variances: linear(width, 4, 0.01, device),
        }
    }

    /// Judges boxes by their features `[k, bins * channels]`.
    pub fn forward(&self, features: Tensor<2>, noise: &mut Noise) -> Judgement {
        let hidden = noise.drop(relu(self.first_norm.forward(self.first.forward(features))));
        let hidden = noise.drop(relu(self.second_norm.forward(self.second.forward(hidden))));
        Judgement {
            classes: self.classes.forward(hidden.clone()),
            deltas: self.deltas.forward(hidden.clone()),
            log_variances: self.log_variances.forward(hidden),
        }
    }
}

//! A backbone for processors: squares of 4x4 pixels become channels, and four stages of depthwise-separable residual
//! blocks follow (the block of ConvNeXt, Liu et al. 2022, with a small kernel, group normalisation and a rectifier).
//!
//! Between stages squares of 2x2 cells become channels. docs/design/detector.md has the figures that chose this form.

use super::layers::{Depthwise, Norm, Pointwise, fold};
use crate::detector::config::{CompactConfig, FINEST_STRIDE};
use burn::module::Module;
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};

/// Looks around in each channel, then mixes channels in a wide layer, and adds that to what it was given.
#[derive(Module, Debug)]
pub struct Block {
    /// Looks around.
    pub around: Depthwise,
    /// Before mixing.
    pub norm: Norm,
    /// To the wide layer.
    pub widen: Pointwise,
    /// Back.
    pub narrow: Pointwise,
}

impl Block {
    fn new(config: &CompactConfig, width: usize, gain: f64, device: &Device) -> Self {
        let wide = width * config.expansion;
        Self {
            around: Depthwise::new(width, config.kernel, device),
            norm: Norm::new(config.norm, width, device),
            widen: Pointwise::new(width, wide, std::f64::consts::SQRT_2, device),
            narrow: Pointwise::new(wide, width, gain, device),
        }
    }

    fn forward(&self, features: Tensor<4>) -> Tensor<4> {
        let around = self.norm.forward(self.around.forward(features.clone()));
        features + self.narrow.forward(relu(self.widen.forward(around)))
    }
}

/// Blocks of one stride.
#[derive(Module, Debug)]
pub struct Stage {
    /// From folded squares to the channels of this stage.
    pub enter: Pointwise,
    /// After entering.
    pub norm: Norm,
    /// The blocks.
    pub blocks: Vec<Block>,
    side: usize,
}

impl Stage {
    fn forward(&self, features: Tensor<4>) -> Tensor<4> {
        let entered = self.norm.forward(self.enter.forward(fold(features, self.side)));
        self.blocks.iter().fold(entered, |features, block| block.forward(features))
    }
}

/// The compact backbone.
#[derive(Module, Debug)]
pub struct Compact {
    /// The stages, the finest first.
    pub stages: Vec<Stage>,
}

impl Compact {
    /// A backbone with random weights. What blocks add at first is so small that many of them change little, with or
    /// without normalisation.
    pub fn new(config: &CompactConfig, input_channels: usize, device: &Device) -> Self {
        let gain = 1.0 / (config.blocks.iter().sum::<usize>().max(1) as f64).sqrt();
        let mut from = input_channels;
        let stages = config.widths.iter().zip(&config.blocks).enumerate().map(|(number, (width, blocks))| {
            let side = if number == 0 { FINEST_STRIDE } else { 2 };
            let enter = Pointwise::new(from * side * side, *width, 1.0, device);
            from = *width;
            Stage {
                enter,
                norm: Norm::new(config.norm, *width, device),
                blocks: (0..*blocks).map(|_| Block::new(config, *width, gain, device)).collect(),
                side,
            }
        });
        Self { stages: stages.collect() }
    }

    /// `[n, channels, height, width]` to the features of the first `levels` stages.
    pub fn forward(&self, images: Tensor<4>, levels: usize) -> Vec<Tensor<4>> {
        let mut features = images;
        let mut found = Vec::with_capacity(levels);
        for stage in &self.stages[..levels] {
            features = stage.forward(features);
            found.push(features.clone());
        }
        found
    }
}

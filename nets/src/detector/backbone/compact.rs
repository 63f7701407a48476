//! A backbone for processors: squares of 4x4 pixels become channels, and four stages of depthwise-separable residual
//! [blocks](Block) follow.
//!
//! Between stages squares of 2x2 cells become channels. docs/design/detector.md has the figures that chose this form.

use crate::block::{Block, BlockSizes};
use crate::detector::config::{CompactConfig, FINEST_STRIDE};
use crate::layers::{Norm, Pointwise, fold};
use burn::module::Module;
use burn::tensor::{Device, Tensor};

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
        let entered = self.norm.forward(self.enter.forward(fold(features, [self.side; 2])));
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
        let sizes = BlockSizes { kernel: config.kernel, expansion: config.expansion, norm: config.norm };
        let gain = 1.0 / (config.blocks.iter().sum::<usize>().max(1) as f64).sqrt();
        let mut from = input_channels;
        let stages = config.widths.iter().zip(&config.blocks).enumerate().map(|(number, (width, blocks))| {
            let side = if number == 0 { FINEST_STRIDE } else { 2 };
            let enter = Pointwise::new(from * side * side, *width, 1.0, device);
            from = *width;
            Stage {
                enter,
                norm: Norm::new(config.norm, *width, device),
                blocks: (0..*blocks).map(|_| Block::new(sizes, *width, gain, device)).collect(),
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

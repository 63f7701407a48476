//! Depthwise-separable residual blocks: the block of ConvNeXt (Liu et al. 2022), with a small kernel, group
//! normalisation and a rectifier.

use crate::layers::{Depthwise, Norm, NormKind, Pointwise};
use burn::module::Module;
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};

/// What all blocks of a network have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockSizes {
    /// The side of the kernels, odd.
    pub kernel: usize,
    /// How many times wider a block is inside.
    pub expansion: usize,
    /// How values are normalised.
    pub norm: NormKind,
}

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
    /// A block of `width` channels with random weights; what it adds at first has `gain` of the size of what it is given.
    pub fn new(sizes: BlockSizes, width: usize, gain: f64, device: &Device) -> Self {
        let wide = width * sizes.expansion;
        Self {
            around: Depthwise::new(width, sizes.kernel, device),
            norm: Norm::new(sizes.norm, width, device),
            widen: Pointwise::new(width, wide, std::f64::consts::SQRT_2, device),
            narrow: Pointwise::new(wide, width, gain, device),
        }
    }

    /// `[n, width, rows, columns]` to the same shape.
    pub fn forward(&self, features: Tensor<4>) -> Tensor<4> {
        let around = self.norm.forward(self.around.forward(features.clone()));
        features + self.narrow.forward(relu(self.widen.forward(around)))
    }
}

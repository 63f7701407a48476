//! A feature pyramid (Lin et al. 2017): what coarse levels have understood comes down to the fine ones.
//!
//! The smoothing at the end is depthwise-separable, for speed on a processor.

use crate::layers::{Depthwise, Pointwise, doubled};
use burn::module::Module;
use burn::tensor::{Device, Tensor};

/// Features of images at several strides.
#[derive(Debug, Clone)]
pub struct Pyramid {
    /// `[n, channels, height / stride, width / stride]`, the finest first.
    pub levels: Vec<Tensor<4>>,
    /// Pixels per cell of each level.
    pub strides: Vec<usize>,
}

impl Pyramid {
    /// How many images it is of.
    pub fn images(&self) -> usize {
        self.levels.first().map_or(0, |level| level.dims()[0])
    }

    /// Width and height of the images in pixels.
    pub fn size(&self) -> (usize, usize) {
        match (self.levels.first(), self.strides.first()) {
            (Some(level), Some(stride)) => (level.dims()[3] * stride, level.dims()[2] * stride),
            _ => (0, 0),
        }
    }
}

/// What makes a pyramid of a backbone's features.
#[derive(Module, Debug)]
pub struct FeaturePyramid {
    /// From the channels of each stage to those of the pyramid.
    pub lateral: Vec<Pointwise>,
    /// Each level looks around after what came down was added.
    pub around: Vec<Depthwise>,
    /// And mixes its channels.
    pub mix: Vec<Pointwise>,
}

impl FeaturePyramid {
    /// Random weights for stages of these widths.
    pub fn new(widths: &[usize], channels: usize, device: &Device) -> Self {
        let levels = 0..widths.len();
        Self {
            lateral: widths.iter().map(|width| Pointwise::new(*width, channels, 1.0, device)).collect(),
            around: levels.clone().map(|_| Depthwise::new(channels, 3, device)).collect(),
            mix: levels.map(|_| Pointwise::new(channels, channels, 1.0, device)).collect(),
        }
    }

    /// Features of stages, the finest first, to those of levels.
    pub fn forward(&self, stages: Vec<Tensor<4>>) -> Vec<Tensor<4>> {
        let mut above: Option<Tensor<4>> = None;
        let mut levels = Vec::with_capacity(stages.len());
        for (level, stage) in stages.into_iter().enumerate().rev() {
            let own = self.lateral[level].forward(stage);
            let joined = match above {
                Some(above) => own + doubled(above),
                None => own,
            };
            levels.push(self.mix[level].forward(self.around[level].forward(joined.clone())));
            above = Some(joined);
        }
        levels.reverse();
        levels
    }
}

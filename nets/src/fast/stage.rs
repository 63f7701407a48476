//! Residual blocks of one size of cells.

use super::features::{Around, Features, Normalisation};
use super::kernels::Mixer;
use crate::block;
use crate::layers::{Depthwise, Norm, Pointwise};
use burn::tensor::Tensor;

/// A residual block.
#[derive(Debug)]
struct Block {
    around: Around,
    normalisation: Option<Normalisation>,
    widen: Mixer,
    narrow: Mixer,
}

/// Blocks of one size of cells.
#[derive(Debug)]
pub(crate) struct Stage {
    enter: Mixer,
    normalisation: Option<Normalisation>,
    blocks: Vec<Block>,
}

pub(crate) fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().convert::<f32>().try_into_vec().expect("weights are numbers")
}

pub(crate) fn mixer(pointwise: &Pointwise) -> Mixer {
    Mixer::new(&numbers(pointwise.weight.val()), &numbers(pointwise.bias.val()))
}

pub(crate) fn around(depthwise: &Depthwise) -> Option<Around> {
    let side = depthwise.weight.dims()[3];
    [3, 5, 7].contains(&side).then(|| Around { kernels: numbers(depthwise.weight.val()), side })
}

fn normalisation(norm: &Norm) -> Option<Normalisation> {
    let group = norm.group.as_ref()?;
    let values = |parameter: &Option<burn::module::Param<Tensor<1>>>, default: f32| {
        parameter.as_ref().map_or_else(|| vec![default; group.num_channels], |values| numbers(values.val()))
    };
    let (gamma, beta) = (values(&group.gamma, 1.0), values(&group.beta, 0.0));
    Some(Normalisation { gamma, beta, groups: group.num_groups, epsilon: group.epsilon })
}

impl Stage {
    /// What enters a stage and its blocks; nothing if a kernel has a side that is not made for.
    pub(crate) fn of(enter: &Pointwise, norm: &Norm, blocks: &[block::Block]) -> Option<Self> {
        let block = |block: &block::Block| {
            Some(Block {
                around: around(&block.around)?,
                normalisation: normalisation(&block.norm),
                widen: mixer(&block.widen),
                narrow: mixer(&block.narrow),
            })
        };
        Some(Self {
            enter: mixer(enter),
            normalisation: normalisation(norm),
            blocks: blocks.iter().map(block).collect::<Option<_>>()?,
        })
    }

    /// From folded cells to features.
    pub(crate) fn forward(&self, folded: &Features) -> Features {
        let mut features = folded.mixed(&self.enter, None);
        if self.normalisation.is_some() {
            features.clear_margin();
            let scales = features.scales(self.normalisation.as_ref());
            features.scale(&scales);
        }
        for block in &self.blocks {
            let around = features.around(&block.around);
            // A normalisation and a product are one product.
            let scales = around.scales(block.normalisation.as_ref());
            let widen = block.widen.of_scaled(&scales.scales, &scales.shifts);
            features.mix_in(&around, &widen, Some(&block.narrow), true);
        }
        features
    }
}

//! What networks over images are made of, in forms that are fast on a processor.

use burn::module::{Initializer, Module, Param};
use burn::nn::{GroupNorm, GroupNormConfig};
use burn::tensor::module::{conv2d, interpolate};
use burn::tensor::ops::{ConvOptions, InterpolateMode, InterpolateOptions};
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

/// Channels that are normalised together.
const GROUP: usize = 8;

/// A 1x1 convolution as one product of matrices: forward and backward are several times faster than those of a
/// convolution on burn's processor backend.
#[derive(Module, Debug)]
pub struct Pointwise {
    /// `[to, from]`.
    pub weight: Param<Tensor<2>>,
    /// `[to]`.
    pub bias: Param<Tensor<1>>,
}

impl Pointwise {
    /// Random weights whose answers are as large as what is asked (He et al. 2015), times `gain`.
    pub fn new(from: usize, to: usize, gain: f64, device: &Device) -> Self {
        let initializer = Initializer::KaimingNormal { gain, fan_out_only: false };
        Self {
            weight: initializer.init_with([to, from], Some(from), Some(to), device),
            bias: Initializer::Zeros.init([to], device),
        }
    }

    /// `[n, from, height, width]` to `[n, to, height, width]`.
    pub fn forward(&self, features: Tensor<4>) -> Tensor<4> {
        let [images, _, height, width] = features.dims();
        let [to, _] = self.weight.dims();
        self.rows(features).reshape([images, to, height, width])
    }

    /// `[n, from, height, width]` to `[n, to, height * width]`.
    pub fn rows(&self, features: Tensor<4>) -> Tensor<3> {
        let [images, from, height, width] = features.dims();
        let [to, _] = self.weight.dims();
        let weight = self.weight.val().reshape([1, to, from]);
        weight.matmul(features.reshape([images, from, height * width])) + self.bias.val().reshape([1, to, 1])
    }
}

/// A convolution of each channel by itself.
#[derive(Module, Debug)]
pub struct Depthwise {
    /// `[channels, 1, kernel, kernel]`.
    pub weight: Param<Tensor<4>>,
}

impl Depthwise {
    /// Random weights; `kernel` is odd.
    pub fn new(channels: usize, kernel: usize, device: &Device) -> Self {
        let initializer = Initializer::KaimingNormal { gain: 1.0, fan_out_only: false };
        let cells = kernel * kernel;
        Self { weight: initializer.init_with([channels, 1, kernel, kernel], Some(cells), Some(cells), device) }
    }

    /// `[n, channels, height, width]` to the same shape.
    pub fn forward(&self, features: Tensor<4>) -> Tensor<4> {
        let [channels, _, kernel, _] = self.weight.dims();
        let margin = kernel / 2;
        let options = ConvOptions::new([1, 1], [margin, margin], [1, 1], channels);
        conv2d(features, self.weight.val(), None, options)
    }
}

/// How features are normalised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NormKind {
    /// Over groups of eight channels of one image (Wu and He 2018): independent of the batch.
    Group,
    /// Not at all.
    None,
}

/// A normalisation, or none.
#[derive(Module, Debug)]
pub struct Norm {
    /// Over groups of channels of one image.
    pub group: Option<GroupNorm>,
}

impl Norm {
    /// A normalisation of `channels`, a multiple of 8.
    pub fn new(kind: NormKind, channels: usize, device: &Device) -> Self {
        let group = match kind {
            NormKind::Group => Some(GroupNormConfig::new(channels / GROUP, channels).init(device)),
            NormKind::None => None,
        };
        Self { group }
    }

    /// `[n, channels, height, width]` to the same shape.
    pub fn forward(&self, features: Tensor<4>) -> Tensor<4> {
        match &self.group {
            Some(group) => group.forward(features),
            None => features,
        }
    }
}

/// Puts rectangles of `down` by `across` cells into channels: `[n, c, h, w]` to `[n, c * down * across, h / down,
/// w / across]`.
pub fn fold(features: Tensor<4>, [down, across]: [usize; 2]) -> Tensor<4> {
    let [images, channels, height, width] = features.dims();
    let (rows, columns) = (height / down, width / across);
    features.reshape([images, channels, rows, down, columns, across]).permute([0, 1, 3, 5, 2, 4]).reshape([
        images,
        channels * down * across,
        rows,
        columns,
    ])
}

/// Repeats every cell twice in both directions: `[n, c, h, w]` to `[n, c, 2h, 2w]`.
pub fn doubled(features: Tensor<4>) -> Tensor<4> {
    interpolate(features, InterpolateOptions::new(InterpolateMode::Nearest).with_scale_factor([2.0, 2.0]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::TensorData;

    fn counting(shape: [usize; 4]) -> Tensor<4> {
        let count = shape.iter().product::<usize>();
        let numbers: Vec<f32> = (0..count).map(|number| number as f32).collect();
        Tensor::from_data(TensorData::new(numbers, shape), &Device::flex())
    }

    fn values(tensor: Tensor<4>) -> Vec<f32> {
        tensor.into_data().try_into_vec().expect("numbers")
    }

    #[test]
    fn squares_become_channels() {
        let folded = fold(counting([1, 1, 2, 4]), [2, 2]);
        assert_eq!(folded.dims(), [1, 4, 1, 2]);
        assert_eq!(values(folded), [0.0, 2.0, 1.0, 3.0, 4.0, 6.0, 5.0, 7.0]);
        assert_eq!(values(fold(counting([1, 1, 2, 2]), [2, 1])), [0.0, 1.0, 2.0, 3.0]);
    }

    #[test]
    fn cells_are_doubled() {
        let doubled = doubled(counting([1, 1, 2, 2]));
        assert_eq!(doubled.dims(), [1, 1, 4, 4]);
        let row = [[0.0, 0.0, 1.0, 1.0], [2.0, 2.0, 3.0, 3.0]];
        assert_eq!(values(doubled), [row[0], row[0], row[1], row[1]].concat());
    }

    #[test]
    fn a_pointwise_product_is_a_convolution() {
        let device = Device::flex();
        let pointwise = Pointwise::new(3, 5, 1.0, &device);
        let features = counting([2, 3, 4, 6]).div_scalar(50.0);
        let weight = pointwise.weight.val().reshape([5, 3, 1, 1]);
        let options = ConvOptions::new([1, 1], [0, 0], [1, 1], 1);
        let expected = values(conv2d(features.clone(), weight, None, options));
        for (found, expected) in values(pointwise.forward(features)).iter().zip(expected) {
            assert!((found - expected).abs() < 1e-5, "{found} {expected}");
        }
    }
}

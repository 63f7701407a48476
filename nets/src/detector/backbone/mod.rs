//! From an image to features at strides 4, 8, 16 and 32.

mod compact;
mod resnet;

pub use compact::{Compact, Stage};
pub use resnet::{FrozenNorm, ResNet, ResNetSizes};

use super::config::{BackboneConfig, DetectorConfig};
use burn::module::Module;
use burn::tensor::{Device, Tensor};

/// One of the backbones.
#[derive(Module, Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one backbone in a network")]
pub enum Backbone {
    /// Made for processors.
    Compact(Compact),
    /// A residual network.
    ResNet(ResNet),
}

/// The sizes of a residual network, if that is what the backbone is.
pub fn resnet_sizes(config: &BackboneConfig) -> Option<ResNetSizes> {
    match config {
        BackboneConfig::Compact(_) => None,
        BackboneConfig::ResNet18 => Some(ResNetSizes::RESNET_18),
        BackboneConfig::ResNet34 => Some(ResNetSizes::RESNET_34),
        BackboneConfig::ResNet50 => Some(ResNetSizes::RESNET_50),
    }
}

impl Backbone {
    /// A backbone with random weights.
    pub fn new(config: &DetectorConfig, device: &Device) -> Self {
        match (&config.backbone, resnet_sizes(&config.backbone)) {
            (_, Some(sizes)) => Self::ResNet(ResNet::new(&sizes, config.input_channels, device)),
            (BackboneConfig::Compact(compact), None) => {
                Self::Compact(Compact::new(compact, config.input_channels, device))
            }
            (_, None) => unreachable!("what is not compact has sizes of a residual network"),
        }
    }

    /// Channels of each stage.
    pub fn widths(config: &BackboneConfig) -> Vec<usize> {
        match config {
            BackboneConfig::Compact(compact) => compact.widths.clone(),
            other => resnet_sizes(other).map(|sizes| sizes.widths()).unwrap_or_default(),
        }
    }

    /// `[n, channels, height, width]` to `levels` features, the finest first: `[n, widths[i], height / stride, width /
    /// stride]`.
    pub fn forward(&self, images: Tensor<4>, levels: usize) -> Vec<Tensor<4>> {
        match self {
            Self::Compact(compact) => compact.forward(images, levels),
            Self::ResNet(resnet) => resnet.forward(images, levels),
        }
    }
}

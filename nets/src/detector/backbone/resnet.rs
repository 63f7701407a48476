//! Residual networks (He et al. 2016) as torchvision builds them and names their parts: `conv1`, `bn1`, `layer1.0.conv1`
//! and so on, `downsample.0` being called `downsample.convolution` and `downsample.1` `downsample.norm` here.

use burn::module::{Initializer, Module, Param};
use burn::nn::PaddingConfig2d;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::tensor::activation::relu;
use burn::tensor::module::max_pool2d;
use burn::tensor::ops::MaxPoolOptions;
use burn::tensor::{Device, Tensor};

/// What is added to a variance before its root.
const EPSILON: f64 = 1.0e-5;

/// Batch normalisation whose numbers stay as they were loaded: batches of one or two images would spoil them.
#[derive(Module, Debug)]
pub struct FrozenNorm {
    /// `[channels]`: a factor.
    pub weight: Param<Tensor<1>>,
    /// `[channels]`: what is added.
    pub bias: Param<Tensor<1>>,
    /// `[channels]`: the mean.
    pub running_mean: Param<Tensor<1>>,
    /// `[channels]`: the variance.
    pub running_var: Param<Tensor<1>>,
}

impl FrozenNorm {
    fn new(channels: usize, device: &Device) -> Self {
        let frozen = |initializer: Initializer| initializer.init([channels], device).set_require_grad(false);
        Self {
            weight: frozen(Initializer::Ones),
            bias: frozen(Initializer::Zeros),
            running_mean: frozen(Initializer::Zeros),
            running_var: frozen(Initializer::Ones),
        }
    }

    fn forward(&self, features: Tensor<4>) -> Tensor<4> {
        let [channels] = self.weight.dims();
        let factor = self.weight.val() / self.running_var.val().add_scalar(EPSILON).sqrt();
        let shift = self.bias.val() - self.running_mean.val() * factor.clone();
        features * factor.reshape([1, channels, 1, 1]) + shift.reshape([1, channels, 1, 1])
    }
}

/// Brings what goes around a block to the size of what goes through it.
#[derive(Module, Debug)]
pub struct Downsample {
    /// 1x1.
    pub convolution: Conv2d,
    /// After it.
    pub norm: FrozenNorm,
}

/// A basic block, or with a third convolution a bottleneck.
#[derive(Module, Debug)]
pub struct Block {
    /// The first convolution.
    pub conv1: Conv2d,
    /// After it.
    pub bn1: FrozenNorm,
    /// The second convolution.
    pub conv2: Conv2d,
    /// After it.
    pub bn2: FrozenNorm,
    /// The third convolution of a bottleneck.
    pub conv3: Option<Conv2d>,
    /// After it.
    pub bn3: Option<FrozenNorm>,
    /// Where sizes change.
    pub downsample: Option<Downsample>,
}

/// A network's blocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResNetSizes {
    /// Blocks of each layer.
    pub blocks: [usize; 4],
    /// Whether blocks are bottlenecks.
    pub is_bottleneck: bool,
    /// Channels of the first layer, before a bottleneck multiplies them; 64 in every published network.
    pub width: usize,
}

impl ResNetSizes {
    /// ResNet-18.
    pub const RESNET_18: Self = Self { blocks: [2, 2, 2, 2], is_bottleneck: false, width: 64 };
    /// ResNet-34.
    pub const RESNET_34: Self = Self { blocks: [3, 4, 6, 3], is_bottleneck: false, width: 64 };
    /// ResNet-50.
    pub const RESNET_50: Self = Self { blocks: [3, 4, 6, 3], is_bottleneck: true, width: 64 };

    const fn expansion(&self) -> usize {
        if self.is_bottleneck { 4 } else { 1 }
    }

    /// Channels of each layer's answer.
    pub fn widths(&self) -> Vec<usize> {
        (0..4).map(|layer| (self.width << layer) * self.expansion()).collect()
    }
}

fn convolution(from: usize, to: usize, kernel: usize, stride: usize, device: &Device) -> Conv2d {
    let margin = kernel / 2;
    Conv2dConfig::new([from, to], [kernel, kernel])
        .with_stride([stride, stride])
        .with_padding(PaddingConfig2d::Explicit(margin, margin, margin, margin))
        .with_bias(false)
        .with_initializer(Initializer::KaimingNormal { gain: std::f64::consts::SQRT_2, fan_out_only: true })
        .init(device)
}

impl Block {
    fn new(sizes: &ResNetSizes, from: usize, width: usize, stride: usize, device: &Device) -> Self {
        let to = width * sizes.expansion();
        let downsample = (stride != 1 || from != to).then(|| Downsample {
            convolution: convolution(from, to, 1, stride, device),
            norm: FrozenNorm::new(to, device),
        });
        // torchvision has the stride in the 3x3 convolution.
        let (kernel, strides) = if sizes.is_bottleneck { (1, [1, stride]) } else { (3, [stride, 1]) };
        Self {
            conv1: convolution(from, width, kernel, strides[0], device),
            bn1: FrozenNorm::new(width, device),
            conv2: convolution(width, width, 3, strides[1], device),
            bn2: FrozenNorm::new(width, device),
            conv3: sizes.is_bottleneck.then(|| convolution(width, to, 1, 1, device)),
            bn3: sizes.is_bottleneck.then(|| FrozenNorm::new(to, device)),
            downsample,
        }
    }

    fn forward(&self, features: Tensor<4>) -> Tensor<4> {
        let around = match &self.downsample {
            Some(downsample) => downsample.norm.forward(downsample.convolution.forward(features.clone())),
            None => features.clone(),
        };
        let through = relu(self.bn1.forward(self.conv1.forward(features)));
        let mut through = self.bn2.forward(self.conv2.forward(through));
        if let (Some(convolution), Some(norm)) = (&self.conv3, &self.bn3) {
            through = norm.forward(convolution.forward(relu(through)));
        }
        relu(through + around)
    }
}

/// A residual network without its classifier.
#[derive(Module, Debug)]
pub struct ResNet {
    /// 7x7, stride 2.
    pub conv1: Conv2d,
    /// After it.
    pub bn1: FrozenNorm,
    /// Stride 4.
    pub layer1: Vec<Block>,
    /// Stride 8.
    pub layer2: Vec<Block>,
    /// Stride 16.
    pub layer3: Vec<Block>,
    /// Stride 32.
    pub layer4: Vec<Block>,
}

impl ResNet {
    /// A network with random weights.
    pub fn new(sizes: &ResNetSizes, input_channels: usize, device: &Device) -> Self {
        let mut from = sizes.width;
        let mut layer = |number: usize| {
            let width = sizes.width << number;
            let blocks = (0..sizes.blocks[number]).map(|block| {
                let stride = if block == 0 && number > 0 { 2 } else { 1 };
                let made = Block::new(sizes, from, width, stride, device);
                from = width * sizes.expansion();
                made
            });
            blocks.collect::<Vec<_>>()
        };
        let [layer1, layer2, layer3, layer4] = [layer(0), layer(1), layer(2), layer(3)];
        Self {
            conv1: convolution(input_channels, sizes.width, 7, 2, device),
            bn1: FrozenNorm::new(sizes.width, device),
            layer1,
            layer2,
            layer3,
            layer4,
        }
    }

    /// `[n, channels, height, width]` to the answers of the first `levels` layers. The sides are multiples of 32.
    pub fn forward(&self, images: Tensor<4>, levels: usize) -> Vec<Tensor<4>> {
        let start = relu(self.bn1.forward(self.conv1.forward(images)));
        let mut features = max_pool2d(start, MaxPoolOptions::new([3, 3]).with_stride([2, 2]).with_padding([1, 1]));
        let layers = [&self.layer1, &self.layer2, &self.layer3, &self.layer4];
        let mut found = Vec::with_capacity(levels);
        for layer in &layers[..levels] {
            features = layer.iter().fold(features, |features, block| block.forward(features));
            found.push(features.clone());
        }
        found
    }
}

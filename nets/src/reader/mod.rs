//! The text reader: what a line of text in an image says, sign by sign, and how sure that is.
//!
//! [`LineImage`] makes a line of any polarity, contrast and size the same, for training and inference alike.
//! [`TextReader`] looks at it with depthwise-separable blocks, whose view is a few signs wide, so that it learns signs and
//! not the words that it was trained with. Its answer is a score of every sign of the alphabet, and of none, for each
//! step along the line (connectionist temporal classification, Graves et al. 2006); [`decode`] makes words of them.
//!
//! Shapes: lines are `[1, 1, rows, columns]`, `rows` that of [`ReaderConfig::rows`], `columns` a multiple of
//! [`ReaderConfig::step_columns`]; scores are `[steps, signs + 1]`, the first of them that of no sign.

mod config;
mod decode;
mod expected;
mod fast;
pub mod folder;
mod line;
pub mod weights;

pub use config::{FORMAT_VERSION, ReaderConfig};
pub use decode::{ReadLine, ReadText, decode};
pub use expected::ExpectedWords;
pub use fast::LineReader;
pub use folder::{ReaderCalibration, ReaderFolder};
pub use line::LineImage;

use crate::block::{Block, BlockSizes};
use crate::layers::{Norm, Pointwise, fold};
use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};

/// Blocks of one size of cells.
#[derive(Module, Debug)]
pub struct ReaderStage {
    /// From folded cells to the channels of this stage.
    pub enter: Pointwise,
    /// After entering.
    pub norm: Norm,
    /// The blocks.
    pub blocks: Vec<Block>,
    #[module(skip)]
    fold: [usize; 2],
}

impl ReaderStage {
    fn forward(&self, features: Tensor<4>) -> Tensor<4> {
        let entered = self.norm.forward(self.enter.forward(fold(features, self.fold)));
        self.blocks.iter().fold(entered, |features, block| block.forward(features))
    }
}

/// A network that reads lines.
#[derive(Module, Debug)]
pub struct TextReader {
    /// The stages, the finest first; the last one has one row.
    pub stages: Vec<ReaderStage>,
    /// From features of a step to scores of signs.
    pub head: Pointwise,
    #[module(skip)]
    config: ReaderConfig,
}

impl TextReader {
    /// A reader with random weights.
    ///
    /// # Examples
    /// ```
    /// use burn::tensor::Device;
    /// use efface_nets::reader::{LineImage, ReaderConfig, TextReader, decode};
    ///
    /// let config = ReaderConfig { alphabet: " 0123456789".to_owned(), ..ReaderConfig::compact() };
    /// let reader = TextReader::new(&config, &Device::flex());
    /// let line = LineImage::of(&[7; 60 * 12], 60, 12, &config).expect("pixels");
    /// let scores = reader.scores(&line);
    /// assert_eq!(scores.dims(), [line.columns() / config.step_columns(), 12]);
    /// ```
    pub fn new(config: &ReaderConfig, device: &Device) -> Self {
        let sizes = BlockSizes { kernel: config.kernel, expansion: config.expansion, norm: config.norm };
        let gain = 1.0 / (config.blocks.iter().sum::<usize>().max(1) as f64).sqrt();
        let mut from = 1;
        let stages = config.folds.iter().zip(&config.widths).zip(&config.blocks).map(|((fold, width), blocks)| {
            let enter = Pointwise::new(from * fold[0] * fold[1], *width, 1.0, device);
            from = *width;
            ReaderStage {
                enter,
                norm: Norm::new(config.norm, *width, device),
                blocks: (0..*blocks).map(|_| Block::new(sizes, *width, gain, device)).collect(),
                fold: *fold,
            }
        });
        let stages: Vec<ReaderStage> = stages.collect();
        let head = Pointwise::new(from, config.signs() + 1, 0.1, device);
        Self { stages, head, config: config.clone() }
    }

    /// The sizes and the alphabet.
    pub fn config(&self) -> &ReaderConfig {
        &self.config
    }

    /// `[1, 1, rows, columns]` to scores `[steps, signs + 1]`.
    pub fn forward(&self, line: Tensor<4>) -> Tensor<2> {
        let features = self.stages.iter().fold(line, |features, stage| stage.forward(features));
        let [_, channels, rows, steps] = features.dims();
        let features = features.reshape([1, channels, 1, rows * steps]);
        self.head.rows(features).squeeze_dim::<2>(0).transpose()
    }

    /// The scores of a line.
    pub fn scores(&self, line: &LineImage) -> Tensor<2> {
        let shape = [1, 1, self.config.rows, line.columns()];
        let device = self.head.weight.val().device();
        self.forward(Tensor::from_data(TensorData::new(line.levels().to_vec(), shape), &device))
    }
}

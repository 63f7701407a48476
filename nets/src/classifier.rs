//! A token classifier: an encoder that is told the features of each token, and one score for each tag.

use crate::encoder::{Encoder, EncoderConfig};
use crate::noise::Noise;
use crate::tags::TAGS;
use crate::text::features::{COUNT, FEATURES, Row};
use burn::module::Module;
use burn::nn::{Embedding, Linear};
use burn::tensor::{Device, Int, Tensor, TensorData};

/// One text, cut to what fits: special tokens included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sequence {
    /// The numbers of the tokens.
    pub ids: Vec<u32>,
    /// The features of the tokens.
    pub features: Vec<Row>,
}

impl Sequence {
    /// How many tokens it has.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }
}

/// Texts of similar length, filled up to the longest.
#[derive(Debug, Clone)]
pub struct Batch {
    /// `[batch, length]`: the numbers of the tokens.
    pub ids: Tensor<2, Int>,
    /// `[batch, length]`: 1 for a token, 0 for padding.
    pub mask: Tensor<2>,
    /// One `[batch, length]` for each feature.
    pub features: Vec<Tensor<2, Int>>,
}

impl Batch {
    /// Puts sequences side by side. Returns none if there are none, or all are empty.
    pub fn new(sequences: &[&Sequence], padding: u32, device: &Device) -> Option<Self> {
        let length = sequences.iter().map(|sequence| sequence.len()).max().filter(|length| *length > 0)?;
        let shape = [sequences.len(), length];
        let whole = |of: &dyn Fn(&Sequence, usize) -> i32| {
            let numbers: Vec<i32> =
                sequences.iter().flat_map(|sequence| (0..length).map(move |place| of(sequence, place))).collect();
            Tensor::<2, Int>::from_data(TensorData::new(numbers, shape), device)
        };
        let padding = padding as i32;
        let ids = whole(&|sequence, place| sequence.ids.get(place).map_or(padding, |id| *id as i32));
        let mask: Vec<f32> = sequences
            .iter()
            .flat_map(|sequence| (0..length).map(|place| if place < sequence.len() { 1.0 } else { 0.0 }))
            .collect();
        let features = (0..COUNT)
            .map(|feature| {
                whole(&|sequence, place| sequence.features.get(place).map_or(0, |row| i32::from(row[feature])))
            })
            .collect();
        Some(Self { ids, mask: Tensor::from_data(TensorData::new(mask, shape), device), features })
    }
}

/// An encoder with features and a head.
#[derive(Module, Debug)]
pub struct TokenClassifier {
    /// The encoder.
    pub encoder: Encoder,
    /// The vectors of the features, in the order of [`FEATURES`].
    pub features: Vec<Embedding>,
    /// From a vector to the scores of the tags.
    pub classifier: Linear,
}

impl TokenClassifier {
    /// A classifier with random weights.
    pub fn new(config: &EncoderConfig, device: &Device) -> Self {
        Self::with_tags(config, TAGS, device)
    }

    /// A classifier with random weights over another number of tags.
    pub fn with_tags(config: &EncoderConfig, tags: usize, device: &Device) -> Self {
        let embedding = |count| crate::encoder::embedding(count, config.hidden, device);
        Self {
            encoder: Encoder::new(config, device),
            features: FEATURES.iter().map(|(_, count)| embedding(*count)).collect(),
            classifier: crate::encoder::linear(config.hidden, tags, device),
        }
    }

    /// Scores `[batch, length, tags]`, before a softmax.
    pub fn forward(&self, batch: Batch, noise: &mut Noise) -> Tensor<3> {
        let states = self.hidden_states(batch, noise);
        self.classifier.forward(noise.drop(states))
    }

    /// The vectors that the head sees, `[batch, length, hidden]`.
    pub fn hidden_states(&self, batch: Batch, noise: &mut Noise) -> Tensor<3> {
        let extra = self
            .features
            .iter()
            .zip(batch.features)
            .map(|(embedding, numbers)| embedding.forward(numbers))
            .reduce(|sum, vectors| sum + vectors);
        self.encoder.forward(batch.ids, batch.mask, extra, noise)
    }
}

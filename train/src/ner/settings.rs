//! What a training run is told.

use crate::text::TextFormat;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

use super::TrainError;

/// A file or folder with labelled texts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataSet {
    /// Where it is.
    pub path: PathBuf,
    /// How it is written.
    #[serde(default = "jsonl")]
    pub format: TextFormat,
    /// At most so many texts, evenly spread; all if absent.
    #[serde(default)]
    pub limit: Option<usize>,
}

fn jsonl() -> TextFormat {
    TextFormat::Jsonl
}

/// What a token classifier is trained with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Texts to learn from.
    pub train: Vec<DataSet>,
    /// Texts to decide on when to stop.
    pub validation: Vec<DataSet>,
    /// Texts to fit temperatures and thresholds on.
    pub calibration: Vec<DataSet>,
    /// The folder of the base: `config.json`, `model.safetensors`, `tokenizer.json`.
    pub base: PathBuf,
    /// The layers of the base that are kept, in order; all if empty.
    pub layers: Vec<usize>,
    /// Whether the network starts from random weights of the base's sizes: the baseline.
    pub random_start: bool,
    /// Whether the vectors of words and positions stay what they are in the base.
    pub freeze_embeddings: bool,
    /// Passes over the texts.
    pub epochs: u64,
    /// Tokens of a part of a batch, padding included.
    pub batch_tokens: usize,
    /// Parts of a batch whose gradients are summed before a step; on a processor they run side by side.
    pub accumulation: usize,
    /// Tokens of the longest example, special ones included.
    pub window: usize,
    /// The learning rate of the head.
    pub learning_rate: f64,
    /// What the rate is multiplied by from a layer to the one below it.
    pub layer_decay: f64,
    /// The share of all steps in which the rate grows from 0.
    pub warm_up: f64,
    /// How strongly products are drawn towards zero.
    pub weight_decay: f32,
    /// The longest gradient, as an L2 norm; longer ones are shortened to it.
    pub clip: f32,
    /// The share of values that are dropped.
    pub dropout: f32,
    /// The share of a target that is spread over all tags.
    pub label_smoothing: f32,
    /// The exponent of the focal loss; 0 is plain cross-entropy.
    pub focal_gamma: f32,
    /// The weight of tokens that identify someone, against 1 of all others.
    pub phi_weight: f32,
    /// Steps between two evaluations.
    pub evaluate_every: u64,
    /// Steps between two checkpoints.
    pub checkpoint_every: u64,
    /// Evaluations without progress after which training stops.
    pub patience: u64,
    /// The precision of entities at which their recall is compared.
    pub precision: f64,
    /// The root of all chance.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            train: Vec::new(),
            validation: Vec::new(),
            calibration: Vec::new(),
            base: PathBuf::new(),
            layers: Vec::new(),
            random_start: false,
            freeze_embeddings: true,
            epochs: 1,
            batch_tokens: 1024,
            accumulation: 2,
            window: 128,
            learning_rate: 3e-4,
            layer_decay: 0.9,
            warm_up: 0.05,
            weight_decay: 0.01,
            clip: 1.0,
            dropout: 0.1,
            label_smoothing: 0.0,
            focal_gamma: 0.0,
            phi_weight: 1.0,
            evaluate_every: 500,
            checkpoint_every: 250,
            patience: 6,
            precision: 0.97,
            seed: 1851,
        }
    }
}

impl Settings {
    /// Refuses what makes no sense.
    ///
    /// # Errors
    /// [`TrainError::Settings`] with the key and the remedy.
    pub fn check(&self) -> Result<(), TrainError> {
        let share = |value: f64| (0.0..1.0).contains(&value);
        let rules: [(&'static str, bool, &str); 14] = [
            ("train", !self.train.is_empty(), "name at least one data set"),
            ("validation", !self.validation.is_empty(), "name at least one data set"),
            ("calibration", !self.calibration.is_empty(), "name at least one data set"),
            ("base", !self.base.as_os_str().is_empty(), "name the folder that `efface train fetch-base` made"),
            ("epochs", self.epochs > 0, "must be at least 1"),
            ("accumulation", self.accumulation > 0, "must be at least 1"),
            ("window", (16..=512).contains(&self.window), "must be from 16 to 512"),
            ("batch_tokens", self.batch_tokens >= self.window, "must be at least `window`"),
            ("learning_rate", self.learning_rate > 0.0 && self.learning_rate < 0.1, "must be above 0 and below 0.1"),
            ("layer_decay", self.layer_decay > 0.0 && self.layer_decay <= 1.0, "must be above 0 and at most 1"),
            ("warm_up", share(self.warm_up), "must be from 0 to below 1"),
            ("dropout", share(f64::from(self.dropout)), "must be from 0 to below 1"),
            ("label_smoothing", share(f64::from(self.label_smoothing)), "must be from 0 to below 1"),
            ("precision", share(self.precision), "must be from 0 to below 1"),
        ];
        let positive: [(&'static str, f64); 5] = [
            ("clip", f64::from(self.clip)),
            ("phi_weight", f64::from(self.phi_weight)),
            ("evaluate_every", self.evaluate_every as f64),
            ("checkpoint_every", self.checkpoint_every as f64),
            ("patience", self.patience as f64),
        ];
        let broken = rules.into_iter().find(|rule| !rule.1).map(|rule| (rule.0, rule.2));
        let negative = positive.into_iter().find(|(_, value)| value.is_nan() || *value <= 0.0);
        match broken.or(negative.map(|(key, _)| (key, "must be above 0"))) {
            None => Ok(()),
            Some((key, reason)) => Err(TrainError::Settings { key, reason: reason.to_owned() }),
        }
    }
}

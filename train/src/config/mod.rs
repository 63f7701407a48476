//! What `efface train ner --config FILE` is told: a TOML file.
//!
//! Keys are in kebab case; unknown ones are refused with their line, since a misspelt one would silently train another
//! network. What is absent has the default that is written beside it here. Relative paths start at the working
//! directory.
//!
//! ```
//! let text = r#"
//! output = "runs/ner"
//! base = "models/base"
//!
//! [[datasets]]
//! path = "data/ner-train/ner.jsonl"
//! format = "jsonl"
//! split = "by-patient"
//!
//! [optimizer]
//! learning-rate = 1e-4
//! "#;
//! let config = efface_train::config::TrainingConfig::parse(text, "ner.toml".as_ref())?;
//! assert_eq!((config.optimizer.learning_rate, config.optimizer.epochs), (1e-4, 3));
//! # Ok::<(), efface_train::config::ConfigError>(())
//! ```

pub(crate) mod check;

use crate::batches::BatchSettings;
use crate::calibration::FitSettings;
use crate::schedule::{Decay, Schedule};
use crate::streams::{stream, unit};
use crate::text::{LabelTable, TextFormat};
use efface_schema::{PhiLabel, UnknownWord};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::{Path, PathBuf};

/// The word that stands in place of a label for what is not to be learnt.
const IGNORE: &str = "ignore";

/// What the texts of a data set are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Split {
    /// The network is fitted to them.
    Train,
    /// They say when to stop.
    Validation,
    /// Probabilities and thresholds are fitted to them.
    Calibration,
    /// Each patient's texts are for one of the above, by [`SharesConfig`] and the patient's hash.
    ByPatient,
}

/// A data set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct DatasetConfig {
    /// The file or folder.
    pub path: PathBuf,
    /// How texts are kept there.
    pub format: TextFormat,
    /// What they are for.
    pub split: Split,
    /// For `i2b2` and `brat`: what further label words mean, one of ours or `ignore`. Default: none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
}

/// How the patients of data sets that are split by patient are shared out.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct SharesConfig {
    /// Share of the patients whose texts validate. Default: 0.05.
    pub validation: f64,
    /// Share of the patients whose texts calibrate. Default: 0.1.
    pub calibration: f64,
}

impl Default for SharesConfig {
    fn default() -> Self {
        Self { validation: 0.05, calibration: 0.1 }
    }
}

/// The network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct NetworkConfig {
    /// How many of the base model's layers are kept, from the lowest. Default: all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layers: Option<u32>,
    /// Whether the weights begin random, in the base model's shape. Default: no.
    pub random_weights: bool,
    /// Whether the embeddings stay as they are. Default: no.
    pub freeze_embeddings: bool,
    /// Share of the values that dropout removes while training. Default: 0.1.
    pub dropout: f64,
    /// Most tokens of a window of text, the special ones included. Default: 256.
    pub max_tokens: u32,
}

impl Default for NetworkConfig {
    fn default() -> Self {
        Self { layers: None, random_weights: false, freeze_embeddings: false, dropout: 0.1, max_tokens: 256 }
    }
}

/// How texts are changed, anew in every epoch, so that the network learns more than their words.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct AugmentationConfig {
    /// Share of the words outside of all entities that are hidden by the base's mask. Default: 0.
    pub hidden_words: f64,
    /// Share of the names, places and organizations whose letters become any tokens of letters. Default: 0.
    pub strange_names: f64,
}

/// How the network learns: AdamW with warm-up and decay.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct OptimizerConfig {
    /// How often every text is seen. Default: 3.
    pub epochs: u64,
    /// The highest learning rate, which the head has. Default: 3e-4.
    pub learning_rate: f64,
    /// By what the learning rate is multiplied for each layer further down. Default: 0.9.
    pub layer_decay: f64,
    /// Share of the steps until the highest learning rate is reached. Default: 0.06.
    pub warm_up: f64,
    /// How the learning rate falls then. Default: `linear`.
    pub decay: Decay,
    /// Share of the learning rate that is left at the end. Default: 0.
    pub final_share: f64,
    /// The weight decay. Default: 0.01.
    pub weight_decay: f64,
    /// The highest norm of the gradients, which are scaled down to it. Default: 1.
    pub clip: f64,
    /// Most tokens of a batch, with padding. Default: 2048.
    pub batch_tokens: u32,
    /// How many batches make a step. Default: 1.
    pub accumulation: u32,
    /// How many texts are sorted by length at a time. Default: 4096.
    pub window: u32,
    /// Lengths are padded to a multiple of this many tokens. Default: 8.
    pub pad_multiple: u32,
}

impl Default for OptimizerConfig {
    fn default() -> Self {
        Self {
            epochs: 3,
            learning_rate: 3e-4,
            layer_decay: 0.9,
            warm_up: 0.06,
            decay: Decay::Linear,
            final_share: 0.0,
            weight_decay: 0.01,
            clip: 1.0,
            batch_tokens: 2048,
            accumulation: 1,
            window: 4096,
            pad_multiple: 8,
        }
    }
}

/// What counts as wrong, and how much.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct LossConfig {
    /// Share of the target that is spread evenly over all classes. Default: 0. Not together with `focal-gamma`.
    ///
    /// Source: C. Szegedy et al., "Rethinking the Inception Architecture", CVPR 2016, section 7.
    pub label_smoothing: f64,
    /// Exponent by which tokens that are right already count less. Default: 0, which is cross-entropy.
    ///
    /// Source: T.-Y. Lin et al., "Focal Loss for Dense Object Detection", ICCV 2017.
    pub focal_gamma: f64,
    /// Weight of tokens outside of all entities. Default: 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outside_weight: Option<f64>,
    /// Weights of tokens by label. Default: 1 for each.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub label_weights: BTreeMap<PhiLabel, f64>,
}

/// When the network is looked at, and when training stops.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct EvaluationConfig {
    /// Steps between evaluations on the validation texts. Default: 500.
    pub every_steps: u64,
    /// Steps between checkpoints. Default: 250.
    pub checkpoint_every_steps: u64,
    /// How many evaluations without a better one end training; 0 never does. Default: 4.
    pub patience: u32,
    /// What is compared is the entity recall at a threshold with at least this precision. Default: 0.97.
    pub precision_floor: f64,
}

impl Default for EvaluationConfig {
    fn default() -> Self {
        Self { every_steps: 500, checkpoint_every_steps: 250, patience: 4, precision_floor: 0.97 }
    }
}

/// How the network is calibrated in the end, if any text is for that.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct CalibrationConfig {
    /// Fewest tokens for which a label has a temperature of its own. Default: 500.
    pub min_label_rows: u32,
    /// Share of ordinary texts that may be taken for odd ones. Default: 0.01.
    pub odd_share: f64,
    /// Budgets for the expected share of a patient's PHI that is missed. Default: from 0.001 to 0.1.
    pub budgets: Vec<f64>,
}

impl Default for CalibrationConfig {
    fn default() -> Self {
        let FitSettings { min_label_rows, odd_share, budgets } = FitSettings::default();
        Self { min_label_rows: u32::try_from(min_label_rows).unwrap_or(u32::MAX), odd_share, budgets }
    }
}

/// All that a training run of the token classifier is told, with nothing left open.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct TrainingConfig {
    /// The folder that the run writes to.
    pub output: PathBuf,
    /// The folder of the base model: `config.json`, `tokenizer.json` and `model.safetensors`.
    pub base: PathBuf,
    /// Root of all random numbers. Default: 1.
    #[serde(default = "default_seed")]
    pub seed: u64,
    /// The data sets; their texts come one set after another.
    pub datasets: Vec<DatasetConfig>,
    /// How patients are shared out.
    #[serde(default)]
    pub shares: SharesConfig,
    /// The network.
    #[serde(default)]
    pub network: NetworkConfig,
    /// How texts are changed.
    #[serde(default)]
    pub augmentation: AugmentationConfig,
    /// How it learns.
    #[serde(default)]
    pub optimizer: OptimizerConfig,
    /// What counts as wrong.
    #[serde(default)]
    pub loss: LossConfig,
    /// When it is looked at.
    #[serde(default)]
    pub evaluation: EvaluationConfig,
    /// How it is calibrated.
    #[serde(default)]
    pub calibration: CalibrationConfig,
}

const fn default_seed() -> u64 {
    1
}

/// A configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file could not be read.
    #[error("read the configuration {}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Something in it is refused.
    #[error("read the configuration {}, line {line}: {message}", path.display())]
    Refused {
        /// Which file.
        path: PathBuf,
        /// Which line, counted from 1; that of the table if the key is absent.
        line: usize,
        /// What is wrong, and what mends it.
        message: String,
    },
}

/// The text of a configuration.
pub(crate) fn text_of(path: &Path) -> Result<String, ConfigError> {
    std::fs::read_to_string(path).map_err(|source| ConfigError::Read { path: path.to_owned(), source })
}

/// A configuration of either training from its text, once `check` has nothing against it.
pub(crate) fn parsed<T: DeserializeOwned>(
    text: &str,
    path: &Path,
    check: impl FnOnce(&T) -> Result<(), check::Refusal>,
) -> Result<T, ConfigError> {
    let refused = |(line, message)| ConfigError::Refused { path: path.to_owned(), line, message };
    let config: T = toml::from_str(text).map_err(|error| refused(check::place_of(text, &error)))?;
    check(&config).map_err(|refusal| refused(refusal.placed(text)))?;
    Ok(config)
}

impl TrainingConfig {
    /// Reads and checks a configuration.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        Self::parse(&text_of(path)?, path)
    }

    /// Reads and checks a configuration from text; `path` is only named in errors.
    ///
    /// # Errors
    /// [`ConfigError::Refused`].
    pub fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
        parsed(text, path, check::check)
    }

    /// How batches are made.
    pub fn batch_settings(&self) -> BatchSettings {
        let at_least_1 = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        BatchSettings {
            token_budget: at_least_1(self.optimizer.batch_tokens),
            pad_multiple: at_least_1(self.optimizer.pad_multiple),
            window: NonZeroUsize::new(self.optimizer.window as usize).unwrap_or(NonZeroUsize::MIN),
            seed: self.seed,
        }
    }

    /// The learning rate over a run of so many steps of the optimizer.
    pub fn schedule(&self, n_steps: u64) -> Schedule {
        Schedule {
            peak: self.optimizer.learning_rate,
            n_warm_up_steps: (n_steps as f64 * self.optimizer.warm_up).round() as u64,
            n_steps,
            decay: self.optimizer.decay,
            final_share: self.optimizer.final_share,
        }
    }

    /// How to calibrate.
    pub fn fit_settings(&self) -> FitSettings {
        FitSettings {
            min_label_rows: self.calibration.min_label_rows as usize,
            odd_share: self.calibration.odd_share,
            budgets: self.calibration.budgets.clone(),
        }
    }

    /// What a text of a data set is for, by its patient: the same for all texts of the patient, whatever else the data
    /// hold, and in every run with this seed. Never [`Split::ByPatient`].
    pub fn split_of(&self, dataset: &DatasetConfig, cluster: &str) -> Split {
        self.shares.split_of(self.seed, dataset.split, cluster)
    }
}

impl SharesConfig {
    /// What a patient's data in a data set with this split are for. Never [`Split::ByPatient`].
    pub fn split_of(&self, seed: u64, split: Split, cluster: &str) -> Split {
        if split != Split::ByPatient {
            return split;
        }
        let at = unit(&mut stream(seed, &format!("split\0{cluster}"), &[]));
        match *self {
            Self { validation, .. } if at < validation => Split::Validation,
            Self { validation, calibration } if at < validation + calibration => Split::Calibration,
            _ => Split::Train,
        }
    }
}

impl DatasetConfig {
    /// What the label words of the data set mean.
    ///
    /// # Errors
    /// [`UnknownWord`] if `labels` has something that is neither a label of ours nor `ignore`.
    pub fn label_table(&self) -> Result<LabelTable, UnknownWord> {
        let table = if self.format == TextFormat::Brat { LabelTable::brat() } else { LabelTable::i2b2() };
        let own: Vec<(String, Option<PhiLabel>)> = self
            .labels
            .iter()
            .map(|(word, label)| {
                let label = if label == IGNORE { None } else { Some(label.parse()?) };
                Ok((word.clone(), label))
            })
            .collect::<Result<_, UnknownWord>>()?;
        Ok(table.with(own))
    }
}

#[cfg(test)]
mod tests;

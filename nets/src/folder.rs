//! A folder with a released model: `config.json`, `tokenizer.json`, `model.safetensors`, `calibration.json`, its
//! card, and `SHA256SUMS`, which makes it the model that was released and no other.

use crate::calibration::Calibration;
use crate::encoder::EncoderConfig;
use crate::text::Tokenizer;
use crate::text::features::FEATURES;
use crate::{NetsError, TokenClassifier, tags, weights};
use burn::tensor::Device;
use efface_schema::{Sha256Hex, sha256_hex};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The sizes and the tags.
pub const CONFIG: &str = "config.json";
/// The vocabulary.
pub const TOKENIZER: &str = "tokenizer.json";
/// The weights.
pub const WEIGHTS: &str = "model.safetensors";
/// Temperatures and thresholds.
pub const CALIBRATION: &str = "calibration.json";
/// The digests of all files.
pub const DIGESTS: &str = "SHA256SUMS";

/// What `config.json` of a released model says beside the sizes of its encoder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Released {
    /// The name of every tag by its number, as transformers wants it.
    pub id2label: BTreeMap<usize, String>,
    /// The number of every tag by its name.
    pub label2id: BTreeMap<String, usize>,
    /// Names and sizes of the features, in order: preprocessing of another version is refused.
    pub efface_features: Vec<(String, usize)>,
}

impl Released {
    /// What this version of the program writes and reads.
    pub fn current() -> Self {
        Self {
            id2label: (0..tags::TAGS).map(|tag| (tag, tags::name(tag))).collect(),
            label2id: (0..tags::TAGS).map(|tag| (tags::name(tag), tag)).collect(),
            efface_features: FEATURES.iter().map(|(name, size)| ((*name).to_owned(), *size)).collect(),
        }
    }
}

/// A released model whose files are the ones that were released.
#[derive(Debug)]
pub struct ModelFolder {
    path: PathBuf,
    /// The sizes of the encoder.
    pub config: EncoderConfig,
    /// Temperatures and thresholds.
    pub calibration: Calibration,
    digest: Sha256Hex,
}

/// A folder whose files have the digests that its list says.
#[derive(Debug)]
pub(crate) struct Verified {
    compared: BTreeMap<String, Sha256Hex>,
    /// The digest of the list.
    pub(crate) digest: Sha256Hex,
}

impl Verified {
    /// Compares the named files with their digests.
    pub(crate) fn open(folder: &Path, names: &[&str]) -> Result<Self, NetsError> {
        let manifest = folder.join(DIGESTS);
        let digests = read(&manifest)?;
        let listed = parse_digests(&digests, &manifest)?;
        let mut compared = BTreeMap::new();
        for name in names {
            let file = folder.join(name);
            let Some(digest) = listed.get(*name) else {
                return Err(NetsError::invalid(&manifest, "list of digests", format!("it does not list {name}")));
            };
            let own = sha256_hex(&read(&file)?);
            if own.as_str() != digest {
                return Err(NetsError::Changed { path: file, manifest });
            }
            compared.insert((*name).to_owned(), own);
        }
        Ok(Self { compared, digest: sha256_hex(&digests) })
    }

    /// The digest of a file that was compared.
    pub(crate) fn digest_of(&self, name: &str) -> &Sha256Hex {
        &self.compared[name]
    }
}

pub(crate) fn read(path: &Path) -> Result<Vec<u8>, NetsError> {
    std::fs::read(path).map_err(NetsError::reading(path))
}

impl ModelFolder {
    /// Opens a folder and compares every file with its digest.
    ///
    /// # Errors
    /// [`NetsError::Read`] if a file is missing, [`NetsError::Changed`] if its digest differs, and
    /// [`NetsError::Invalid`] if it was made for other tags or features.
    pub fn open(path: &Path) -> Result<Self, NetsError> {
        let verified = Verified::open(path, &[CONFIG, TOKENIZER, WEIGHTS, CALIBRATION])?;
        let config_path = path.join(CONFIG);
        let bytes = read(&config_path)?;
        let config = EncoderConfig::parse(&bytes, &config_path)?;
        let released: Released = serde_json::from_slice(&bytes)
            .map_err(|error| NetsError::invalid(&config_path, "configuration of a released model", error))?;
        if released != Released::current() {
            let reason = "it was trained for other tags or features than this program has";
            return Err(NetsError::invalid(&config_path, "configuration of a released model", reason));
        }
        let calibration = calibration(path, verified.digest_of(WEIGHTS))?;
        Ok(Self { path: path.to_path_buf(), config, calibration, digest: verified.digest })
    }

    /// The digest of the list of digests: it names the model in decisions and manifests.
    pub fn digest(&self) -> &str {
        self.digest.as_str()
    }

    /// The probability from which on a token is taken for PHI, so that no more than `budget` of it is missed on
    /// average.
    ///
    /// # Errors
    /// [`NetsError::Invalid`] if none was fitted that keeps the budget.
    pub fn threshold(&self, budget: f64) -> Result<f32, NetsError> {
        let fitted = self.calibration.threshold(budget);
        let fitted = fitted.map_err(|error| NetsError::invalid(self.path.join(CALIBRATION), "calibration", error))?;
        Ok(fitted.threshold as f32)
    }

    /// The vocabulary.
    ///
    /// # Errors
    /// See [`Tokenizer::read`].
    pub fn tokenizer(&self) -> Result<Tokenizer, NetsError> {
        Tokenizer::read(&self.path.join(TOKENIZER))
    }

    /// The network with its weights.
    ///
    /// # Errors
    /// See [`weights::load`].
    pub fn classifier(&self, device: &Device) -> Result<TokenClassifier, NetsError> {
        let mut model = TokenClassifier::new(&self.config, device);
        let kept: Vec<usize> = (0..self.config.layers).collect();
        weights::load(&mut model, &self.path.join(WEIGHTS), weights::Holds::All, &kept)?;
        Ok(model)
    }
}

/// The calibration of a folder, which must have been fitted for its weights.
fn calibration(folder: &Path, weights: &Sha256Hex) -> Result<Calibration, NetsError> {
    let path = folder.join(CALIBRATION);
    let invalid = |error: String| NetsError::invalid(&path, "calibration", error);
    let text = String::from_utf8(read(&path)?).map_err(|error| invalid(error.to_string()))?;
    let parsed = Calibration::parse(&text);
    let fitting = parsed.and_then(|calibration| calibration.check_weights(weights).map(|()| calibration));
    fitting.map_err(|error| invalid(error.to_string()))
}

fn parse_digests(bytes: &[u8], path: &Path) -> Result<BTreeMap<String, String>, NetsError> {
    let invalid = |reason: &str| NetsError::invalid(path, "list of digests", reason);
    let text = std::str::from_utf8(bytes).map_err(|_| invalid("it is no text"))?;
    text.lines()
        .map(|line| {
            let (digest, name) = line.split_once("  ").ok_or_else(|| invalid("a line is no digest and name"))?;
            Ok((name.to_owned(), digest.to_owned()))
        })
        .collect()
}

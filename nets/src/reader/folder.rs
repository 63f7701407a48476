//! A folder with a released text reader: `config.json`, `model.safetensors`, `calibration.json`, its card, and
//! `SHA256SUMS`, which makes it the model that was released and no other.

use super::{ReaderConfig, TextReader, weights};
use crate::NetsError;
use crate::calibration::ProbabilityMap;
pub use crate::folder::{CALIBRATION, CONFIG, DIGESTS, WEIGHTS};
use crate::folder::{Verified, read};
use burn::tensor::Device;
use efface_schema::Sha256Hex;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// How far the probability of a word can be trusted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReaderCalibration {
    /// [`ReaderCalibration::FORMAT_VERSION`].
    pub format_version: u32,
    /// The weights that it was fitted for.
    pub weights_sha256: Sha256Hex,
    /// Lines that it was fitted on.
    pub n_lines: u64,
    /// Words that were read in them.
    pub n_words: u64,
    /// From what the network says of a word to the share of such words that is right; absent where none was better.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability_map: Option<ProbabilityMap>,
}

impl ReaderCalibration {
    /// The version of `calibration.json` of a reader.
    pub const FORMAT_VERSION: u32 = 1;

    fn parse(bytes: &[u8]) -> Result<Self, String> {
        let calibration: Self = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        if calibration.format_version != Self::FORMAT_VERSION {
            return Err(format!("its version is {}", calibration.format_version));
        }
        match calibration.probability_map.as_ref().and_then(ProbabilityMap::fault) {
            Some(fault) => Err(fault.to_owned()),
            None => Ok(calibration),
        }
    }
}

/// A released model whose files are the ones that were released.
#[derive(Debug)]
pub struct ReaderFolder {
    path: PathBuf,
    /// The sizes of the network, and its alphabet.
    pub config: ReaderConfig,
    /// How far it can be trusted.
    pub calibration: ReaderCalibration,
    digest: Sha256Hex,
}

impl ReaderFolder {
    /// Opens a folder and compares every file with its digest.
    ///
    /// # Errors
    /// [`NetsError::Read`] if a file is missing, [`NetsError::Changed`] if its digest differs, and
    /// [`NetsError::Invalid`] if it makes no sense or the calibration is that of other weights.
    pub fn open(path: &Path) -> Result<Self, NetsError> {
        let verified = Verified::open(path, &[CONFIG, WEIGHTS, CALIBRATION])?;
        let config = ReaderConfig::read(&path.join(CONFIG))?;
        let place = path.join(CALIBRATION);
        let invalid = |error: String| NetsError::invalid(&place, "calibration", error);
        let calibration = ReaderCalibration::parse(&read(&place)?).map_err(invalid)?;
        if calibration.weights_sha256 != *verified.digest_of(WEIGHTS) {
            return Err(invalid("it was fitted for other weights".to_owned()));
        }
        Ok(Self { path: path.to_path_buf(), config, calibration, digest: verified.digest })
    }

    /// Where it lies.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The digest of the list of digests: it names the model in decisions and manifests.
    pub fn digest(&self) -> &str {
        self.digest.as_str()
    }

    /// The network with its weights.
    ///
    /// # Errors
    /// See [`weights::load`].
    pub fn reader(&self, device: &Device) -> Result<TextReader, NetsError> {
        let mut reader = TextReader::new(&self.config, device);
        weights::load(&mut reader, &self.path.join(WEIGHTS))?;
        Ok(reader)
    }
}

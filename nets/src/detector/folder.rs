//! A folder with a released text detector: `config.json`, `model.safetensors`, `calibration.json`, its card, and
//! `SHA256SUMS`, which makes it the model that was released and no other.

use super::{DetectorCalibration, DetectorConfig, TextDetector, weights};
use crate::NetsError;
pub use crate::folder::{CALIBRATION, CONFIG, DIGESTS, WEIGHTS};
use crate::folder::{Verified, read};
use burn::tensor::Device;
use efface_schema::Sha256Hex;
use std::path::{Path, PathBuf};

/// A released model whose files are the ones that were released.
#[derive(Debug)]
pub struct DetectorFolder {
    path: PathBuf,
    /// The sizes of the network.
    pub config: DetectorConfig,
    /// Temperatures and thresholds.
    pub calibration: DetectorCalibration,
    digest: Sha256Hex,
}

impl DetectorFolder {
    /// Opens a folder and compares every file with its digest.
    ///
    /// # Errors
    /// [`NetsError::Read`] if a file is missing, [`NetsError::Changed`] if its digest differs, and
    /// [`NetsError::Invalid`] if it makes no sense or the calibration is that of other weights.
    pub fn open(path: &Path) -> Result<Self, NetsError> {
        let verified = Verified::open(path, &[CONFIG, WEIGHTS, CALIBRATION])?;
        let config = DetectorConfig::read(&path.join(CONFIG))?;
        let calibration = calibration(&path.join(CALIBRATION), verified.digest_of(WEIGHTS))?;
        Ok(Self { path: path.to_path_buf(), config, calibration, digest: verified.digest })
    }

    /// The digest of the list of digests: it names the model in decisions and manifests.
    pub fn digest(&self) -> &str {
        self.digest.as_str()
    }

    /// The probability from which on a box is text, so that no more than `budget` of the text is missed on average.
    ///
    /// # Errors
    /// [`NetsError::Invalid`] if none was fitted that keeps the budget.
    pub fn threshold(&self, budget: f64) -> Result<f32, NetsError> {
        let fitted = self.calibration.threshold(budget);
        let fitted = fitted.map_err(|error| NetsError::invalid(self.path.join(CALIBRATION), "calibration", error))?;
        Ok(fitted.threshold as f32)
    }

    /// The network with its weights.
    ///
    /// # Errors
    /// See [`weights::load`].
    pub fn detector(&self, device: &Device) -> Result<TextDetector, NetsError> {
        let mut detector = TextDetector::new(&self.config, device);
        weights::load(&mut detector, &self.path.join(WEIGHTS))?;
        Ok(detector)
    }
}

fn calibration(path: &Path, weights: &Sha256Hex) -> Result<DetectorCalibration, NetsError> {
    let invalid = |error: String| NetsError::invalid(path, "calibration", error);
    let text = String::from_utf8(read(path)?).map_err(|error| invalid(error.to_string()))?;
    let calibration = DetectorCalibration::parse(&text).map_err(|error| invalid(error.to_string()))?;
    if calibration.weights_sha256 != *weights {
        return Err(invalid("it was fitted for other weights".to_owned()));
    }
    Ok(calibration)
}

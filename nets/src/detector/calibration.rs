//! How sure a text detector really is: `calibration.json` beside its weights.

use crate::calibration::{CalibrationError, ProbabilityMap, RiskThreshold, fault_of, fitting};
use efface_schema::{Sha256Hex, Versioned, parse_json};
use serde::{Deserialize, Serialize};

/// What was fitted on images that neither training nor validation has seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DetectorCalibration {
    /// Version of this form.
    pub format_version: u32,
    /// Digest of the file of weights that it belongs to.
    pub weights_sha256: Sha256Hex,
    /// How many images it was fitted on.
    pub n_images: u64,
    /// How many boxes of text they have.
    pub n_boxes: u64,
    /// By what scores of classes are divided before they become probabilities (Guo et al. 2017), above 0.
    pub class_temperature: f64,
    /// From the probability that follows to the share of such boxes that are words; from version 2 on, absent where none
    /// comes nearer to the truth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability_map: Option<ProbabilityMap>,
    /// By what standard deviations of sides are multiplied (Levi et al. 2022), above 0.
    pub deviation_scale: f64,
    /// From which probability on, the map's where there is one, a box is text, by ascending budget of missed text (Angelopoulos et al. 2022); only
    /// budgets that the data allow.
    pub risk: Vec<RiskThreshold>,
}

impl Versioned for DetectorCalibration {
    const FORMAT_VERSION: u32 = 2;
    const NAME: &'static str = "calibration of a text detector";

    fn format_version(&self) -> u32 {
        self.format_version
    }
}

impl DetectorCalibration {
    /// Reads a calibration and checks that its figures make sense.
    ///
    /// # Errors
    /// [`CalibrationError::Format`] and [`CalibrationError::Senseless`].
    pub fn parse(text: &str) -> Result<Self, CalibrationError> {
        let calibration: Self = parse_json(text)?;
        let is_factor = |factor: f64| factor.is_finite() && factor > 0.0;
        let fault = if is_factor(calibration.class_temperature) && is_factor(calibration.deviation_scale) {
            calibration.probability_map.as_ref().and_then(ProbabilityMap::fault).or(fault_of(&calibration.risk))
        } else {
            Some("a temperature or a scale is not above 0")
        };
        match fault {
            Some(what) => Err(CalibrationError::Senseless { what }),
            None => Ok(calibration),
        }
    }

    /// The threshold that keeps a budget: that of the highest stored budget which is not above it.
    ///
    /// # Errors
    /// [`CalibrationError::NoThreshold`].
    pub fn threshold(&self, budget: f64) -> Result<RiskThreshold, CalibrationError> {
        fitting(&self.risk, budget)
    }

    /// The threshold that keeps a budget, or that of the least stored budget where none is as small: what comes nearest.
    /// None if no budget is stored.
    pub fn nearest_threshold(&self, budget: f64) -> Option<RiskThreshold> {
        self.threshold(budget).ok().or_else(|| self.risk.first().cloned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calibration() -> DetectorCalibration {
        let risk = |budget, threshold| RiskThreshold { budget, threshold, calibration_risk: budget, n_clusters: 50 };
        DetectorCalibration {
            format_version: 2,
            weights_sha256: efface_schema::sha256_hex(b"weights"),
            n_images: 100,
            n_boxes: 900,
            class_temperature: 1.4,
            probability_map: Some(ProbabilityMap::Logistic { slope: 0.8, intercept: -0.5 }),
            deviation_scale: 0.9,
            risk: vec![risk(0.01, 0.1), risk(0.05, 0.4)],
        }
    }

    fn parse(calibration: &DetectorCalibration) -> Result<DetectorCalibration, String> {
        let text = serde_json::to_string(calibration).expect("a form");
        DetectorCalibration::parse(&text).map_err(|error| error.to_string())
    }

    #[test]
    fn it_comes_back_as_it_was_written_and_knows_its_thresholds() {
        let calibration = calibration();
        assert_eq!(parse(&calibration), Ok(calibration.clone()));
        let before = DetectorCalibration { format_version: 1, probability_map: None, ..calibration.clone() };
        assert_eq!(parse(&before), Ok(before.clone()), "files of version 1 have no map");
        assert_eq!(calibration.threshold(0.02).map(|risk| risk.threshold).expect("a threshold"), 0.1);
        calibration.threshold(0.001).expect_err("no budget is as small");
        let nearest = |budget: f64| calibration.nearest_threshold(budget).map(|risk| risk.threshold);
        assert_eq!([nearest(0.001), nearest(0.05)], [Some(0.1), Some(0.4)]);
        assert_eq!(DetectorCalibration { risk: Vec::new(), ..calibration.clone() }.nearest_threshold(0.5), None);
    }

    #[test]
    fn senseless_figures_are_refused() {
        for spoil in [
            |one: &mut DetectorCalibration| one.class_temperature = 0.0,
            |one: &mut DetectorCalibration| one.deviation_scale = -1.0,
            |one: &mut DetectorCalibration| one.probability_map = Some(ProbabilityMap::Isotonic { points: Vec::new() }),
            |one: &mut DetectorCalibration| one.risk[0].threshold = 2.0,
            |one: &mut DetectorCalibration| one.risk.swap(0, 1),
            |one: &mut DetectorCalibration| one.format_version = 9,
        ] {
            let mut spoilt = calibration();
            spoil(&mut spoilt);
            parse(&spoilt).expect_err("senseless");
        }
    }
}

//! From the best weights of a run to a folder that others can use: weights in half precision, sizes, temperature,
//! scale of deviations, thresholds, digests.

use super::confidence::{self, Confidence, JudgedImage, LEAST_PROBABILITY};
use super::evaluate::{Judged, judge, some_of};
use super::score::Verdict;
use super::trainer::detector;
use super::{DetectorTraining, PictureStore};
use crate::calibration::figures::expected_calibration_error;
use crate::calibration::{Row, temperature};
use crate::checkpoint::{Checkpoints, read, write};
use crate::config::Split;
use crate::digests;
use crate::error::TrainError;
use crate::run::named;
use crate::run_manifest::TrainingManifest;
use burn::tensor::{DType, Device};
use efface_nets::NetsError;
use efface_nets::calibration::softmax;
use efface_nets::detector::folder::{CALIBRATION, CONFIG, WEIGHTS};
use efface_nets::detector::{DetectorCalibration, FinderSettings, FoundText, TextFinder, weights};
use efface_schema::{Versioned, sha256_hex, to_json_line};
use serde::Serialize;
use std::fs;
use std::path::{Path, PathBuf};

/// What the logarithm of odds is kept within: probabilities in 32 bits know no more.
const MOST_SURE: f32 = 15.0;

/// How far probabilities and deviations were from what came true, on the pictures that both were fitted on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CalibrationFigures {
    /// Pictures.
    pub pictures: u64,
    /// Words in them.
    pub words: u64,
    /// Boxes that were found.
    pub boxes: u64,
    /// The expected calibration error of a box being text, with the network's own probabilities.
    pub error_before: f64,
    /// The same with the temperature.
    pub error_after: f64,
    /// The same with maps of probabilities that were fitted to other patients; absent without a map.
    pub error_mapped: Option<f64>,
    /// By what scores are divided.
    pub temperature: f64,
    /// By what deviations are multiplied.
    pub deviation_scale: f64,
}

/// Writes the released model of a run into `<output>/model` and returns that folder.
///
/// What is calibrated are the weights as they are released, in half precision.
///
/// # Errors
/// [`TrainError`], also if nothing is for calibration, or no evaluation was made yet.
pub fn release(config: &DetectorTraining, store: &PictureStore) -> Result<(PathBuf, CalibrationFigures), TrainError> {
    let folder = config.output.join("model");
    fs::create_dir_all(&folder).map_err(NetsError::writing(&folder))?;
    let device = Device::flex();
    let mut model = detector(config, &device)?;
    weights::load(&mut model, &Checkpoints::open(&config.output)?.best())?;
    let path = folder.join(WEIGHTS);
    let bytes = weights::to_bytes(&model, DType::F16, &path)?;
    write(&path, &bytes)?;
    weights::load(&mut model, &path)?;
    let mut sizes = serde_json::to_vec_pretty(model.config()).expect("sizes have a text");
    sizes.push(b'\n');
    write(&folder.join(CONFIG), &sizes)?;
    let settings = FinderSettings { threshold: LEAST_PROBABILITY, ..FinderSettings::default() };
    let finder = TextFinder::new(model, device, settings)?;
    let pictures = some_of(store, Split::Calibration, config.evaluation.calibration_pictures as usize);
    if pictures.is_empty() {
        return Err(TrainError::Empty { part: "calibration" });
    }
    let judged = judge(&finder, store, &pictures)?;
    let (calibration, figures) = fitted(&judged, &bytes);
    write(&folder.join(CALIBRATION), to_json_line(&calibration).as_bytes())?;
    digests::list(&folder)?;
    note(config, &folder, &figures)?;
    Ok((folder, figures))
}

/// Notes in the manifest of the run what was released and how well it is calibrated.
fn note(config: &DetectorTraining, folder: &Path, figures: &CalibrationFigures) -> Result<(), TrainError> {
    let Some(mut manifest) = TrainingManifest::read(&config.output)? else { return Ok(()) };
    for name in [CALIBRATION, CONFIG, WEIGHTS] {
        manifest.outputs.insert(format!("model/{name}"), sha256_hex(&read(&folder.join(name))?));
    }
    manifest.result.extend(figures.error_mapped.map(|error| ("calibration_error_mapped".to_owned(), error)));
    manifest.result.extend(named(&[
        ("calibration_pictures", figures.pictures as f64),
        ("calibration_words", figures.words as f64),
        ("calibration_boxes", figures.boxes as f64),
        ("calibration_error_before", figures.error_before),
        ("calibration_error_after", figures.error_after),
        ("class_temperature", figures.temperature),
        ("deviation_scale", figures.deviation_scale),
    ]));
    Ok(manifest.write(&config.output)?)
}

/// The logarithm of the odds that a box is text.
fn odds(probability: f32) -> f32 {
    (probability.ln() - (-probability).ln_1p()).clamp(-MOST_SURE, MOST_SURE)
}

fn fitted(judged: &[Judged<'_>], released: &[u8]) -> (DetectorCalibration, CalibrationFigures) {
    let boxes: Vec<([f32; 2], bool)> = judged
        .iter()
        .flat_map(|one| one.found.iter().zip(&one.verdicts))
        .filter(|(_, verdict)| **verdict != Verdict::Ignored)
        .map(|(text, verdict)| ([0.0, odds(text.probability)], matches!(verdict, Verdict::Word(_))))
        .collect();
    let rows: Vec<Row<'_>> =
        boxes.iter().map(|(logits, is_text)| Row { logits, gold: usize::from(*is_text) }).collect();
    let class_temperature = temperature::best(&rows);
    let error_with = |temperature: f64| {
        let decision = |(logits, is_text): &([f32; 2], bool)| (softmax(logits, temperature)[1], *is_text);
        expected_calibration_error(boxes.iter().map(decision)).unwrap_or_default()
    };
    let deviation_scale = deviation_scale(judged);
    let images: Vec<JudgedImage> = judged.iter().map(|one| image(one, class_temperature)).collect();
    let Confidence { map, risk, n_images, n_words, .. } = confidence::fit(&images);
    let error_mapped = map.as_ref().map(|fitted| fitted.after.expected_calibration_error);
    let calibration = DetectorCalibration {
        format_version: DetectorCalibration::FORMAT_VERSION,
        weights_sha256: sha256_hex(released),
        n_images,
        n_boxes: n_words,
        class_temperature,
        probability_map: map.map(|fitted| fitted.map),
        deviation_scale,
        risk,
    };
    let figures = CalibrationFigures {
        pictures: calibration.n_images,
        words: calibration.n_boxes,
        boxes: boxes.len() as u64,
        error_before: error_with(1.0),
        error_after: error_with(class_temperature),
        error_mapped,
        temperature: class_temperature,
        deviation_scale,
    };
    (calibration, figures)
}

/// The factor of deviations at which the sides of words that were found are likeliest, `√(mean of ((found - true) /
/// deviation)²)`; 1 if none was found.
///
/// Source: D. Levi, L. Gispan, N. Giladi, E. Fetaya, "Evaluating and Calibrating Uncertainty Prediction in Regression
/// Tasks", Sensors 2022, section 3.3.
fn deviation_scale(judged: &[Judged<'_>]) -> f64 {
    let (mut sum, mut count) = (0.0, 0_u64);
    for one in judged {
        for (text, verdict) in one.found.iter().zip(&one.verdicts) {
            let Verdict::Word(word) = verdict else { continue };
            let sides = text.corners.sides();
            for (side, deviation) in text.deviations_px.iter().enumerate().filter(|(_, deviation)| **deviation > 0.0) {
                sum += f64::from((sides[side] - one.picture.words[*word][side]) / deviation).powi(2);
                count += 1;
            }
        }
    }
    let scale = if count == 0 { 1.0 } else { (sum / count as f64).sqrt() };
    if scale.is_finite() && scale > 0.0 { scale } else { 1.0 }
}

/// A picture with what was found in it, with the temperature.
fn image(one: &Judged<'_>, temperature: f64) -> JudgedImage {
    let probability = |text: &FoundText| softmax(&[0.0, odds(text.probability)], temperature)[1];
    let findings = one.found.iter().map(probability).zip(one.verdicts.iter().copied());
    JudgedImage::new(one.picture.patient.to_string(), one.picture.words.len(), findings)
}

//! From the best weights of a run to a folder that others can use: weights in half precision, sizes, alphabet, how far
//! probabilities can be trusted, digests.

use super::score::{JudgedLine, judge, score};
use super::trainer::line_reader;
use super::{ReaderTraining, TextLines};
use crate::calibration::map::{JudgedFinding, fit};
use crate::checkpoint::{Checkpoints, read, write};
use crate::config::Split;
use crate::detector::PictureStore;
use crate::digests;
use crate::error::TrainError;
use crate::run::named;
use crate::run_manifest::TrainingManifest;
use burn::tensor::{DType, Device};
use efface_nets::NetsError;
use efface_nets::reader::folder::{CALIBRATION, CONFIG, WEIGHTS};
use efface_nets::reader::{ReaderCalibration, TextReader, weights};
use efface_schema::sha256_hex;
use serde::Serialize;
use std::fs;
use std::path::{Path, PathBuf};

/// How well words of the calibration split are read, and how far probabilities can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ReaderFigures {
    /// Lines.
    pub lines: u64,
    /// Words in them.
    pub words: u64,
    /// Words that were read right.
    pub right: u64,
    /// Words that were read.
    pub read: u64,
    /// The expected calibration error of a word being right, with the network's own probabilities; absent without a map.
    pub error_before: Option<f64>,
    /// The same with maps that were fitted to other patients.
    pub error_mapped: Option<f64>,
}

/// Writes the released model of a run into `<output>/model` and returns that folder.
///
/// What is calibrated are the weights as they are released, in half precision.
///
/// # Errors
/// [`TrainError`], also if nothing is for calibration, or no evaluation was made yet.
pub fn release(config: &ReaderTraining, store: &PictureStore) -> Result<(PathBuf, ReaderFigures), TrainError> {
    let folder = config.output.join("model");
    fs::create_dir_all(&folder).map_err(NetsError::writing(&folder))?;
    let lines = TextLines::of(config, store)?;
    let mut model = TextReader::new(&config.network(lines.alphabet())?, &Device::flex());
    weights::load(&mut model, &Checkpoints::open(&config.output)?.best())?;
    let path = folder.join(WEIGHTS);
    let bytes = weights::to_bytes(&model, DType::F16, &path)?;
    write(&path, &bytes)?;
    weights::load(&mut model, &path)?;
    let mut sizes = serde_json::to_vec_pretty(model.config()).expect("sizes have a text");
    sizes.push(b'\n');
    write(&folder.join(CONFIG), &sizes)?;
    let chosen = lines.some_for(Split::Calibration, config.evaluation.calibration_lines as usize);
    if chosen.is_empty() {
        return Err(TrainError::Empty { part: "calibration" });
    }
    let judged = judge(&line_reader(&model)?, store, &chosen, config.seed)?;
    let fitted = fit(&findings(&judged, store));
    let score = score(&judged);
    let figures = ReaderFigures {
        lines: judged.len() as u64,
        words: score.words,
        right: score.right,
        read: score.read,
        error_before: fitted.as_ref().map(|fitted| fitted.before.expected_calibration_error),
        error_mapped: fitted.as_ref().map(|fitted| fitted.after.expected_calibration_error),
    };
    let calibration = ReaderCalibration {
        format_version: ReaderCalibration::FORMAT_VERSION,
        weights_sha256: sha256_hex(&bytes),
        n_lines: figures.lines,
        n_words: figures.read,
        probability_map: fitted.map(|fitted| fitted.map),
    };
    let mut text = serde_json::to_vec(&calibration).expect("a calibration has a text");
    text.push(b'\n');
    write(&folder.join(CALIBRATION), &text)?;
    digests::list(&folder)?;
    note(config, &folder, &figures)?;
    Ok((folder, figures))
}

fn findings(judged: &[JudgedLine<'_>], store: &PictureStore) -> Vec<JudgedFinding> {
    let of_line = |one: &JudgedLine<'_>| {
        let cluster = store.pictures()[one.line.picture].patient.to_string();
        let finding = |(word, is_right): (&efface_nets::reader::ReadText, &bool)| JudgedFinding {
            cluster: cluster.clone(),
            probability: word.probability,
            is_right: *is_right,
        };
        one.read.iter().zip(&one.is_right).map(finding).collect::<Vec<_>>()
    };
    judged.iter().flat_map(of_line).collect()
}

/// Notes in the manifest of the run what was released and how well it reads.
fn note(config: &ReaderTraining, folder: &Path, figures: &ReaderFigures) -> Result<(), TrainError> {
    let Some(mut manifest) = TrainingManifest::read(&config.output)? else { return Ok(()) };
    for name in [CALIBRATION, CONFIG, WEIGHTS] {
        manifest.outputs.insert(format!("model/{name}"), sha256_hex(&read(&folder.join(name))?));
    }
    manifest.result.extend(figures.error_before.map(|error| ("calibration_error_before".to_owned(), error)));
    manifest.result.extend(figures.error_mapped.map(|error| ("calibration_error_mapped".to_owned(), error)));
    manifest.result.extend(named(&[
        ("calibration_lines", figures.lines as f64),
        ("calibration_words", figures.words as f64),
        ("calibration_words_right", figures.right as f64),
        ("calibration_words_read", figures.read as f64),
    ]));
    Ok(manifest.write(&config.output)?)
}

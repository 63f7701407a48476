//! From the best weights of a run to a folder that others can use: weights in half precision, tags, vocabulary,
//! temperatures and thresholds, digests.

use super::evaluate::{context, gold};
use super::{TrainError, classifier, data, spans};
use crate::calibration::{CalibrationText, FoundEntity, fit};
use crate::checkpoint::{Checkpoints, write};
use crate::config::{Split, TrainingConfig};
use crate::digests;
use crate::text::LabelledText;
use burn::tensor::{DType, Device};
use efface_nets::NetsError;
use efface_nets::calibration::Calibration;
use efface_nets::encoder::{EncoderConfig, Family};
use efface_nets::folder::{CONFIG, Released, TOKENIZER, WEIGHTS};
use efface_nets::recognizer::{Context, Scored, Settings};
use efface_nets::text::Tokenizer;
use efface_nets::weights::{self, Holds};
use efface_nets::{Recognizer, TokenClassifier, tags};
use efface_schema::sha256_hex;
use serde_json::{Map, Value};
use std::fs;
use std::ops::Range;
use std::path::PathBuf;

/// Writes the released model of a run into `<output>/model` and returns that folder.
///
/// What is calibrated are the weights as they are released, in half precision.
///
/// # Errors
/// [`TrainError`], also if no text is for calibration.
pub fn release(config: &TrainingConfig) -> Result<PathBuf, TrainError> {
    let folder = config.output.join("model");
    fs::create_dir_all(&folder).map_err(NetsError::writing(&folder))?;
    let device = Device::flex();
    let (mut model, encoder) = classifier(config, &device)?;
    let kept: Vec<usize> = (0..encoder.layers).collect();
    weights::load(&mut model, &Checkpoints::open(&config.output)?.best(), Holds::All, &kept)?;
    let path = folder.join(WEIGHTS);
    let bytes = weights::to_bytes(&model, &encoder, DType::F16, &path)?;
    write(&path, &bytes)?;
    weights::load(&mut model, &path, Holds::All, &kept)?;
    let trained = EncoderConfig { dropout: config.network.dropout, ..encoder.clone() };
    write(&folder.join(CONFIG), &description(&trained)?)?;
    fs::copy(config.base.join(TOKENIZER), folder.join(TOKENIZER))
        .map_err(NetsError::writing(folder.join(TOKENIZER)))?;
    let calibration = calibrated(config, model, &encoder, &device, &bytes)?;
    spans::write_calibration(&folder, &calibration)?;
    digests::list(&folder)?;
    Ok(folder)
}

/// `config.json`: the encoder's sizes, the tags, the features, and what transformers wants to know.
fn description(encoder: &EncoderConfig) -> Result<Vec<u8>, TrainError> {
    let mut description: Map<String, Value> = Map::new();
    let architecture = match encoder.family {
        Family::Bert => "BertForTokenClassification",
        Family::Roberta => "RobertaForTokenClassification",
    };
    description.insert("architectures".to_owned(), serde_json::json!([architecture]));
    for part in [serde_json::to_value(encoder), serde_json::to_value(Released::current())] {
        if let Value::Object(fields) = part.expect("sizes and tags have a text") {
            description.extend(fields);
        }
    }
    let mut text = serde_json::to_vec_pretty(&description).expect("a description has a text");
    text.push(b'\n');
    Ok(text)
}

fn calibrated(
    config: &TrainingConfig,
    model: TokenClassifier,
    encoder: &EncoderConfig,
    device: &Device,
    released: &[u8],
) -> Result<Calibration, TrainError> {
    let tokenizer = Tokenizer::read(&config.base.join(TOKENIZER))?;
    let recognizer = Recognizer::new(tokenizer, model, device.clone(), Settings::default().fitting(encoder.longest()));
    let texts = data::of_split(config, Split::Calibration)?;
    if texts.is_empty() {
        return Err(TrainError::Empty { part: "calibration" });
    }
    let contexts: Vec<Context<'_>> = texts.iter().map(context).collect();
    let scored = recognizer.scores(&contexts);
    let rows: Vec<CalibrationText> = scored.iter().zip(&texts).map(|(scored, text)| row(scored, text)).collect();
    let files = data::files(config)?;
    let calibration = fit(&rows, &tags::labels(), &config.fit_settings(), sha256_hex(released), files.clone())?;
    let spans = spans::calibrated(&scored, &texts, &calibration, files);
    Ok(Calibration { spans, ..calibration })
}

fn range(run: &tags::Run) -> Range<usize> {
    run.first..run.last + 1
}

fn row(scored: &Scored, text: &LabelledText) -> CalibrationText {
    let gold = gold(scored, text);
    let gold_runs = tags::runs(&gold);
    let logarithms: Vec<Vec<f32>> = scored.scores.iter().map(|row| tags::log_softmax(row)).collect();
    let found = tags::runs(&tags::decode(&logarithms))
        .iter()
        .map(|run| FoundEntity { tokens: range(run), label: run.label, is_correct: gold_runs.contains(run) })
        .collect();
    CalibrationText {
        cluster: text.cluster.clone(),
        logits: scored.scores.concat(),
        gold: gold.iter().map(|tag| *tag as u16).collect(),
        gold_entities: gold_runs.iter().map(range).collect(),
        found,
    }
}

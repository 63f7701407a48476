//! The texts of a run, by what they are for.

use super::TrainError;
use super::store::{ExampleStore, ExampleWriter, examples};
use crate::config::{DatasetConfig, Split, TrainingConfig};
use crate::run_manifest;
use crate::text::{self, LabelledText};
use efface_nets::NetsError;
use efface_nets::text::Tokenizer;
use efface_schema::{Sha256Hex, sha256_hex};
use std::collections::BTreeMap;
use std::path::Path;

/// The texts of a run.
pub(super) struct Data {
    /// What is learnt from, cut into examples on disk.
    pub(super) examples: ExampleStore,
    /// What says when to stop.
    pub(super) validation: Vec<LabelledText>,
    /// What probabilities are fitted to.
    pub(super) calibration: Vec<LabelledText>,
    /// The digest of all files that were read.
    pub(super) digest: String,
}

/// The texts of a data set, each with what it is for.
fn texts<'c>(
    config: &'c TrainingConfig,
    set: &'c DatasetConfig,
) -> Result<impl Iterator<Item = Result<(Split, LabelledText), TrainError>> + 'c, TrainError> {
    let labels = set.label_table().map_err(|error| TrainError::Labels { reason: error.to_string() })?;
    let texts = text::read(set.format, &set.path, &labels)?;
    Ok(texts.map(|text| {
        let text = text?;
        Ok((config.split_of(set, &text.cluster), text))
    }))
}

/// Reads all data sets once: examples go to disk, texts for validation and calibration stay in memory.
pub(super) fn prepare(config: &TrainingConfig, tokenizer: &Tokenizer, path: &Path) -> Result<Data, TrainError> {
    let mut writer = ExampleWriter::create(path)?;
    let (mut validation, mut calibration) = (Vec::new(), Vec::new());
    let mut number = 0;
    for set in &config.datasets {
        for text in texts(config, set)? {
            match text? {
                (Split::Validation, text) => validation.push(text),
                (Split::Calibration, text) => calibration.push(text),
                (_, text) => {
                    for example in examples(tokenizer, &text, number, config.network.max_tokens as usize) {
                        writer.push(&example)?;
                    }
                }
            }
            number += 1;
        }
    }
    let examples = writer.finish()?;
    let part = [("train", examples.lengths().is_empty()), ("validation", validation.is_empty())];
    if let Some((part, _)) = part.into_iter().find(|(_, is_empty)| *is_empty) {
        return Err(TrainError::Empty { part });
    }
    let digest = files(config)?.into_iter().map(|(name, digest)| format!("{name} {digest}\n")).collect::<String>();
    Ok(Data { examples, validation, calibration, digest: sha256_hex(digest.as_bytes()).to_string() })
}

/// The texts of a split alone.
pub(super) fn of_split(config: &TrainingConfig, wanted: Split) -> Result<Vec<LabelledText>, TrainError> {
    let mut kept = Vec::new();
    for set in &config.datasets {
        for text in texts(config, set)? {
            let (split, text) = text?;
            if split == wanted {
                kept.push(text);
            }
        }
    }
    Ok(kept)
}

/// The digests of all files, by the number of their data set and their name.
pub(super) fn files(config: &TrainingConfig) -> Result<BTreeMap<String, Sha256Hex>, TrainError> {
    let mut digests = BTreeMap::new();
    for (number, set) in config.datasets.iter().enumerate() {
        for file in text::files(set.format, &set.path)? {
            let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let (_, digest) = run_manifest::digest(&file).map_err(NetsError::reading(&file))?;
            digests.insert(format!("{number}/{name}"), digest);
        }
    }
    Ok(digests)
}

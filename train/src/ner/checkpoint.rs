//! What is kept on disk so that training goes on exactly where it was, whenever it was ended.

use super::TrainError;
use super::evaluate::Score;
use super::optimizer::Optimizer;
use crate::atomic;
use burn::tensor::{DType, Device};
use efface_nets::TokenClassifier;
use efface_nets::encoder::EncoderConfig;
use efface_nets::weights::{self, Holds};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

const WEIGHTS: &str = "model.safetensors";
const MOMENTS: &str = "optimizer.safetensors";
const STATE: &str = "state.json";

/// Where training is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct State {
    /// The digest of settings, base and data: a checkpoint goes on with the same ones alone.
    pub(super) inputs: String,
    /// Steps made.
    pub(super) step: u64,
    /// Tokens seen, without padding.
    pub(super) tokens: u64,
    /// Seconds spent.
    pub(super) seconds: f64,
    /// The best evaluation: its step, and its recall.
    pub(super) best: Option<(u64, f64)>,
    /// Evaluations since then.
    pub(super) stale: u64,
}

impl State {
    /// The beginning.
    pub(super) fn new(inputs: String) -> Self {
        Self { inputs, step: 0, tokens: 0, seconds: 0.0, best: None, stale: 0 }
    }

    /// Takes an evaluation into account; whether it is the best so far.
    pub(super) fn judge(&mut self, score: &Score) -> bool {
        let recall = score.recall().unwrap_or(0.0);
        if self.best.is_none_or(|(_, best)| recall > best) {
            self.best = Some((self.step, recall));
            self.stale = 0;
            return true;
        }
        self.stale += 1;
        false
    }
}

/// The folder of a run.
#[derive(Debug, Clone)]
pub(super) struct Checkpoints {
    folder: PathBuf,
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), TrainError> {
    fs::write(path, bytes).map_err(|source| TrainError::Write { path: path.to_path_buf(), source })
}

fn read(path: &Path) -> Result<Vec<u8>, TrainError> {
    fs::read(path).map_err(|source| TrainError::Read { path: path.to_path_buf(), source })
}

impl Checkpoints {
    /// The checkpoints of a run; the folder is made.
    ///
    /// # Errors
    /// [`TrainError::Write`].
    pub(super) fn open(folder: &Path) -> Result<Self, TrainError> {
        fs::create_dir_all(folder).map_err(|source| TrainError::Write { path: folder.to_path_buf(), source })?;
        Ok(Self { folder: folder.to_path_buf() })
    }

    fn last(&self) -> PathBuf {
        self.folder.join("checkpoint")
    }

    /// The path of the weights of the best evaluation.
    pub(super) fn best(&self) -> PathBuf {
        self.folder.join("best.safetensors")
    }

    /// Keeps the network and its optimizer. A kill at any moment leaves the last checkpoint or this one, whole.
    ///
    /// # Errors
    /// [`TrainError::Write`] and those of the formats.
    pub(super) fn save(
        &self,
        state: &State,
        model: &TokenClassifier,
        config: &EncoderConfig,
        optimizer: &Optimizer,
    ) -> Result<(), TrainError> {
        let (last, new, old) = (self.last(), self.folder.join("checkpoint.new"), self.folder.join("checkpoint.old"));
        let gone = |path: &Path| if path.exists() { fs::remove_dir_all(path) } else { Ok(()) };
        let failed = |source| TrainError::Write { path: new.clone(), source };
        gone(&new).map_err(failed)?;
        fs::create_dir(&new).map_err(failed)?;
        let path = new.join(WEIGHTS);
        write(&path, &weights::to_bytes(model, config, DType::F32, &path)?)?;
        let path = new.join(MOMENTS);
        write(&path, &optimizer.to_bytes(&path)?)?;
        let text = serde_json::to_vec_pretty(state).expect("a state has a text");
        write(&new.join(STATE), &text)?;
        gone(&old).map_err(failed)?;
        if last.exists() {
            fs::rename(&last, &old).map_err(failed)?;
        }
        fs::rename(&new, &last).map_err(failed)?;
        gone(&old).map_err(failed)
    }

    /// Keeps the weights of the best evaluation.
    ///
    /// # Errors
    /// [`TrainError::Write`].
    pub(super) fn save_best(&self, model: &TokenClassifier, config: &EncoderConfig) -> Result<(), TrainError> {
        let path = self.best();
        let bytes = weights::to_bytes(model, config, DType::F32, &path)?;
        atomic::replace(&path, |file| file.write_all(&bytes)).map_err(|source| TrainError::Write { path, source })
    }

    /// Goes back to the last checkpoint, if there is one.
    ///
    /// # Errors
    /// [`TrainError::Checkpoint`] if it is of another training, and what reading it raises.
    pub(super) fn resume(
        &self,
        inputs: &str,
        model: &mut TokenClassifier,
        layers: usize,
        optimizer: &mut Optimizer,
        device: &Device,
    ) -> Result<Option<State>, TrainError> {
        // A kill between the two renames leaves the last one under its other name.
        let candidates = [self.last(), self.folder.join("checkpoint.old")];
        let Some(folder) = candidates.into_iter().find(|folder| folder.join(STATE).exists()) else { return Ok(None) };
        let path = folder.join(STATE);
        let failed = |reason: String| TrainError::Checkpoint { path: path.clone(), reason };
        let state: State = serde_json::from_slice(&read(&path)?).map_err(|error| failed(error.to_string()))?;
        if state.inputs != inputs {
            return Err(failed("settings, base or texts were others".to_owned()));
        }
        weights::load(model, &folder.join(WEIGHTS), Holds::All, &(0..layers).collect::<Vec<_>>())?;
        let path = folder.join(MOMENTS);
        optimizer.restore(&read(&path)?, &path, device)?;
        Ok(Some(state))
    }
}

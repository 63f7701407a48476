//! Where the training of a token classifier is, and its checkpoints.

use super::TrainError;
use super::evaluate::Score;
use crate::checkpoint::{self, Checkpoints, Progress};
use crate::optimizer::Optimizer;
use burn::tensor::{DType, Device};
use efface_nets::TokenClassifier;
use efface_nets::encoder::EncoderConfig;
use efface_nets::weights::{self, Holds};
use serde::{Deserialize, Serialize};

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

impl Progress for State {
    fn inputs(&self) -> &str {
        &self.inputs
    }
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

/// Keeps the network and its optimizer.
///
/// # Errors
/// [`TrainError::Nets`] and those of the formats.
pub(super) fn save(
    checkpoints: &Checkpoints,
    state: &State,
    model: &TokenClassifier,
    config: &EncoderConfig,
    optimizer: &Optimizer,
) -> Result<(), TrainError> {
    let path = checkpoints.best();
    checkpoints.save(state, &weights::to_bytes(model, config, DType::F32, &path)?, &optimizer.to_bytes(&path)?)
}

/// Keeps the weights of the best evaluation.
///
/// # Errors
/// [`TrainError::Nets`].
pub(super) fn save_best(
    checkpoints: &Checkpoints,
    model: &TokenClassifier,
    config: &EncoderConfig,
) -> Result<(), TrainError> {
    checkpoints.save_best(&weights::to_bytes(model, config, DType::F32, &checkpoints.best())?)
}

/// Goes back to the last checkpoint, if there is one.
///
/// # Errors
/// [`TrainError::Checkpoint`] if it is of another training, and what reading it raises.
pub(super) fn resume(
    checkpoints: &Checkpoints,
    inputs: &str,
    model: &mut TokenClassifier,
    layers: usize,
    optimizer: &mut Optimizer,
    device: &Device,
) -> Result<Option<State>, TrainError> {
    let Some(kept) = checkpoints.last_of::<State>(inputs)? else { return Ok(None) };
    weights::load(model, &kept.weights, Holds::All, &(0..layers).collect::<Vec<_>>())?;
    optimizer.restore(&checkpoint::read(&kept.moments)?, &kept.moments, device)?;
    Ok(Some(kept.state))
}

//! What a step of the token classifier remembers.

use super::TrainError;
use crate::config::TrainingConfig;
use crate::memory;
use efface_nets::encoder::EncoderConfig;

/// Bytes that a step needs at most, by rule of thumb: what every layer remembers of every token for the way back, the
/// gradients and moments of all weights, and half as much again.
fn needed(encoder: &EncoderConfig, config: &TrainingConfig) -> u64 {
    let tokens = u64::from(config.optimizer.batch_tokens) * u64::from(config.optimizer.accumulation);
    let (hidden, wide, heads) = (encoder.hidden as u64, encoder.intermediate as u64, encoder.heads as u64);
    let token = 20 * hidden + 6 * wide + 6 * heads * u64::from(config.network.max_tokens);
    let activations = tokens * token * encoder.layers as u64;
    let layer = 4 * hidden * hidden + 2 * hidden * wide;
    let weights = encoder.layers as u64 * layer + (encoder.vocabulary as u64) * hidden;
    4 * (activations + 5 * weights) * 3 / 2
}

/// Refuses what would not fit.
pub(super) fn check(encoder: &EncoderConfig, config: &TrainingConfig) -> Result<(), TrainError> {
    memory::check(needed(encoder, config), "optimizer.batch-tokens")
}

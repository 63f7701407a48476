//! `efface train calibrate-spans`: how probable the spans of a released model really are.

use anyhow::{Context, Result, bail};
use clap::Args;
use efface_schema::ExitCode;
use efface_train::config::TrainingConfig;
use efface_train::ner::calibrate_spans;
use std::path::PathBuf;

/// Fit how probable the spans of a released model are
///
/// The network reads the texts that the configuration has for calibration, and a map from what its spans say to the
/// share that has both ends and the label right is written into the model's `calibration.json`; `SHA256SUMS` follows.
/// Weights, temperatures and thresholds stay as they are. Of one's own texts, a data set with `split = "calibration"`
/// does.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The configuration that names the texts
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// The folder of the released model, which is changed
    #[arg(value_name = "DIR")]
    model: PathBuf,
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let config = TrainingConfig::read(&arguments.config)?;
    let Some(spans) = calibrate_spans(&config, &arguments.model).context("calibrate the spans of a model")? else {
        bail!(
            "calibrate the spans of a model: no map was better than none, or there are fewer than 200 spans; give it more texts"
        );
    };
    let fitted = &spans.fitted_on;
    println!(
        "{} spans in {} texts, {} right; expected calibration error {:.4} before, {:.4} on clusters that were left out",
        fitted.n_spans,
        fitted.n_texts,
        fitted.n_right,
        fitted.before.expected_calibration_error,
        fitted.after.expected_calibration_error
    );
    Ok(ExitCode::Success)
}

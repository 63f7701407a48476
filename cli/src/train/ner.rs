//! `efface train ner`.

use super::screen::{Screen, percent};
use anyhow::Result;
use clap::Args;
use efface_schema::ExitCode;
use efface_train::DeviceName;
use efface_train::config::TrainingConfig;
use efface_train::ner::{Ended, Report, Trainer, Watch, evaluate::Score};
use std::path::PathBuf;

/// Fine-tune the network that finds PHI in texts
///
/// The configuration names the base, the texts and the folder to write to; `datasets/train-ner.toml` is the recipe of
/// the released model. A run that was ended, by Ctrl-C or a kill, goes on with the same command from its last
/// checkpoint, and ends with the same weights as one that was not. The released
/// model, calibrated, stands in `<output>/model`; beside it `metrics.jsonl` and event files for TensorBoard.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The configuration
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Where to compute: cpu, cuda, cuda:N or vulkan
    #[arg(long, default_value_t)]
    device: DeviceName,
    /// Train no further: calibrate and write the best weights that the run has so far
    #[arg(long)]
    release_only: bool,
}

impl Watch for Screen {
    fn step(&self, report: &Report) {
        let speed = report.tokens as f64 / report.seconds;
        Self::step(self, report.step, report.steps, format!("loss {:.4}, {speed:.0} tokens/s", report.loss));
    }

    fn evaluation(&self, step: u64, score: &Score, is_best: bool) {
        let line = format!(
            "step {step}: {} of {} entities found ({}), precision {} at threshold {}, {} of {} clean texts touched{}",
            score.found,
            score.entities,
            percent(score.recall()),
            percent(score.precision()),
            score.threshold,
            score.touched,
            score.clean,
            if is_best { ", the best so far" } else { "" },
        );
        self.tell(&line);
    }

    fn is_interrupted(&self) -> bool {
        Self::is_interrupted(self)
    }
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let config = TrainingConfig::read(&arguments.config)?;
    if arguments.release_only {
        return write_release(&config);
    }
    let interrupted = crate::deid::stop_on_interrupt();
    let mut trainer = Trainer::open(config.clone(), arguments.device)?;
    let [examples, validation, calibration] = trainer.texts();
    tracing::info!("{examples} examples, {validation} texts to validate, {calibration} to calibrate");
    let screen = Screen::begin(trainer.step(), interrupted)?;
    let ended = trainer.run(&screen)?;
    screen.end();
    if ended == Ended::Interrupted {
        tracing::info!("ended after step {}; the same command goes on", trainer.step());
        return Ok(ExitCode::Interrupted);
    }
    write_release(&config)
}

fn write_release(config: &TrainingConfig) -> Result<ExitCode> {
    tracing::info!("calibrating and writing the released model");
    println!("{}", efface_train::ner::release(config)?.display());
    Ok(ExitCode::Success)
}

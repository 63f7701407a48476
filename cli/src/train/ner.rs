//! `efface train ner`.

use anyhow::Result;
use clap::Args;
use efface_schema::ExitCode;
use efface_train::DeviceName;
use efface_train::config::TrainingConfig;
use efface_train::ner::{Ended, Report, Trainer, Watch, evaluate::Score};
use indicatif::{ProgressBar, ProgressStyle};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

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

struct Screen {
    bar: ProgressBar,
    interrupted: Arc<AtomicBool>,
}

impl Watch for Screen {
    fn step(&self, report: &Report) {
        self.bar.set_length(report.steps);
        self.bar.set_position(report.step);
        let speed = report.tokens as f64 / report.seconds;
        self.bar.set_message(format!("loss {:.4}, {speed:.0} tokens/s", report.loss));
        if self.bar.is_hidden() && report.step.is_multiple_of(50) {
            tracing::info!("step {} of {}: loss {:.4}, {speed:.0} tokens/s", report.step, report.steps, report.loss);
        }
    }

    fn evaluation(&self, step: u64, score: &Score, is_best: bool) {
        let percent = |share: Option<f64>| share.map_or("none".to_owned(), |share| format!("{:.2} %", share * 100.0));
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
        self.bar.suspend(|| tracing::info!("{line}"));
    }

    fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
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
    if trainer.step() > 0 {
        tracing::info!("going on after step {}", trainer.step());
    }
    let style = ProgressStyle::with_template("training {wide_bar} {pos}/{len}  {msg}  {eta} left")?;
    let screen = Screen { bar: ProgressBar::new(0).with_style(style), interrupted };
    let ended = trainer.run(&screen)?;
    screen.bar.finish_and_clear();
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

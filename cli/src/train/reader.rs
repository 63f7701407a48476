//! `efface train reader`.

use super::detector::prepare;
use super::screen::{Screen, percent};
use anyhow::Result;
use clap::Args;
use efface_schema::ExitCode;
use efface_train::detector::PictureStore;
use efface_train::reader::score::ReadingScore;
use efface_train::reader::{ReaderTrainer, ReaderTraining, StepReport, WatchReader, release, write_sheet};
use efface_train::{DeviceName, Ended};
use std::path::PathBuf;

/// Train the network that reads lines of text in images
///
/// The configuration names the images and the folder to write to; `datasets/train-reader.toml` is the recipe of the
/// released model. Images are decoded once, into the folder. A run that was ended, by Ctrl-C or a kill, goes on with
/// the same command from its last checkpoint, and ends with the same weights as one that was not. The released
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
    /// Train nothing: draw the lines of the first step into a PNG file, to look at
    #[arg(long, value_name = "FILE", conflicts_with = "release_only")]
    sheet: Option<PathBuf>,
}

impl WatchReader for Screen {
    fn step(&self, report: &StepReport) {
        let (loss, seconds) = (report.loss, report.seconds);
        Self::step(self, report.step, report.steps, format!("loss {loss:.3}, {seconds:.2} s a step"));
    }

    fn evaluation(&self, step: u64, score: &ReadingScore, is_best: bool) {
        let ReadingScore { words, right, read } = score;
        let (share, best) = (percent(score.recall()), if is_best { ", the best so far" } else { "" });
        self.tell(&format!("step {step}: {right} of {words} words read right ({share}), {read} read{best}"));
    }

    fn is_interrupted(&self) -> bool {
        Self::is_interrupted(self)
    }
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let config = ReaderTraining::read(&arguments.config)?;
    let store = prepare(&config.images())?;
    if let Some(path) = &arguments.sheet {
        write_sheet(&config, &store, path)?;
        println!("{}", path.display());
        return Ok(ExitCode::Success);
    }
    if arguments.release_only {
        return write_release(&config, &store);
    }
    let interrupted = crate::deid::stop_on_interrupt();
    let mut trainer = ReaderTrainer::open(config.clone(), store, arguments.device)?;
    let [train, validation, calibration] = trainer.n_lines();
    tracing::info!("{train} lines to learn from, {validation} to validate, {calibration} to calibrate");
    let screen = Screen::begin(trainer.step(), interrupted)?;
    let ended = trainer.run(&screen)?;
    screen.end();
    if ended == Ended::Interrupted {
        tracing::info!("ended after step {}; the same command goes on", trainer.step());
        return Ok(ExitCode::Interrupted);
    }
    write_release(&config, trainer.store())
}

fn write_release(config: &ReaderTraining, store: &PictureStore) -> Result<ExitCode> {
    tracing::info!("calibrating and writing the released model");
    let (folder, figures) = release(config, store)?;
    let error = |error: Option<f64>| error.map_or("not better".to_owned(), |error| format!("{error:.4}"));
    tracing::info!(
        "{} of {} words of {} lines read right, {} read: calibration error {}, with a map {} on other patients",
        figures.right,
        figures.words,
        figures.lines,
        figures.read,
        error(figures.error_before),
        error(figures.error_mapped),
    );
    println!("{}", folder.display());
    Ok(ExitCode::Success)
}

//! `efface train detector`.

use super::screen::{Screen, percent};
use anyhow::Result;
use clap::Args;
use efface_schema::ExitCode;
use efface_train::detector::score::WordScore;
use efface_train::detector::{
    DetectorTrainer, DetectorTraining, ImageSets, PictureStore, StepReport, WatchDetector, release, write_sheet,
};
use efface_train::{DeviceName, Ended};
use indicatif::{ProgressBar, ProgressStyle};
use std::path::PathBuf;

/// Train the network that finds text in images
///
/// The configuration names the images and the folder to write to; `datasets/train-detector.toml` is the recipe of the
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
    /// Train nothing: draw the squares of the first steps with their boxes into a PNG file, to look at
    #[arg(long, value_name = "FILE", conflicts_with = "release_only")]
    sheet: Option<PathBuf>,
}

impl WatchDetector for Screen {
    fn step(&self, report: &StepReport) {
        let (loss, seconds) = (report.losses.total(), report.seconds);
        Self::step(self, report.step, report.steps, format!("loss {loss:.3}, {seconds:.2} s a step"));
    }

    fn evaluation(&self, step: u64, score: &WordScore, is_best: bool) {
        let line = format!(
            "step {step}: {} of {} words found ({}), precision {} at threshold {:.3}{}",
            score.found,
            score.words,
            percent(score.recall()),
            percent(score.precision()),
            score.threshold,
            if is_best { ", the best so far" } else { "" },
        );
        self.tell(&line);
    }

    fn is_interrupted(&self) -> bool {
        Self::is_interrupted(self)
    }
}

/// Prepares the pictures of a run, with a bar.
pub(super) fn prepare(sets: &ImageSets<'_>) -> Result<PictureStore> {
    let bar = ProgressBar::new(0).with_style(ProgressStyle::with_template("preparing {wide_bar} {pos}/{len}")?);
    let store = PictureStore::prepare(sets, &|done, all| {
        bar.set_length(all as u64);
        bar.set_position(done as u64);
    })?;
    bar.finish_and_clear();
    if store.n_left_out() > 0 {
        tracing::warn!("{} files are left out: nothing here decodes their pixels", store.n_left_out());
    }
    Ok(store)
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let config = DetectorTraining::read(&arguments.config)?;
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
    let mut trainer = DetectorTrainer::open(config.clone(), store, arguments.device)?;
    let [train, validation, calibration] = trainer.pictures();
    tracing::info!("{train} pictures to learn from, {validation} to validate, {calibration} to calibrate");
    let screen = Screen::begin(trainer.step(), interrupted)?;
    let ended = trainer.run(&screen)?;
    screen.end();
    if ended == Ended::Interrupted {
        tracing::info!("ended after step {}; the same command goes on", trainer.step());
        return Ok(ExitCode::Interrupted);
    }
    write_release(&config, trainer.store())
}

fn write_release(config: &DetectorTraining, store: &PictureStore) -> Result<ExitCode> {
    tracing::info!("calibrating and writing the released model");
    let (folder, figures) = release(config, store)?;
    tracing::info!(
        "{} boxes over {} words of {} pictures: calibration error {:.4}, with temperature {:.3} {:.4}, with a map {}; deviations times {:.3}",
        figures.boxes,
        figures.words,
        figures.pictures,
        figures.error_before,
        figures.temperature,
        figures.error_after,
        figures.error_mapped.map_or("none was better".to_owned(), |error| format!("{error:.4} on other patients")),
        figures.deviation_scale
    );
    println!("{}", folder.display());
    Ok(ExitCode::Success)
}

//! `efface train predict-text`: what a text detector finds, for `efface measure detector`.

use anyhow::{Context, Result};
use clap::Args;
use efface_schema::ExitCode;
use efface_train::DeviceName;
use efface_train::config::Split;
use efface_train::detector::config::{ImagesConfig, ImagesFormat};
use efface_train::detector::{open_finder, predict};
use indicatif::{ProgressBar, ProgressStyle};
use std::fs;
use std::path::{Path, PathBuf};

/// Write what a text detector finds in images as COCO results
///
/// `efface measure detector IMAGES/coco.json RESULTS` scores them. All boxes have the category 1, `phi_word` of a
/// suite: a detector finds text, and does not know what it says.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The folder of the released detector
    model: PathBuf,
    /// A suite's folder, or a COCO file with its images beside it
    images: PathBuf,
    /// The file to write
    results: PathBuf,
    /// Least probability of a box
    #[arg(long, value_name = "PROBABILITY", default_value_t = 0.05)]
    threshold: f32,
    /// Where to compute: cpu, cuda, cuda:N or vulkan
    #[arg(long, default_value_t)]
    device: DeviceName,
}

/// Precisions at which the words that are found are told.
const PRECISIONS: [f64; 3] = [0.8, 0.9, 0.95];

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let finder = open_finder(&arguments.model, arguments.device, arguments.threshold)?;
    let set = image_set(&arguments.images);
    let bar = reading_bar()?;
    let predictions = predict(&finder, &set, &|done, all| {
        bar.set_length(all as u64);
        bar.set_position(done as u64);
    })?;
    bar.finish_and_clear();
    let text = serde_json::to_vec(&predictions.boxes).context("write the results")?;
    fs::write(&arguments.results, text).with_context(|| format!("write {}", arguments.results.display()))?;
    println!("{} boxes in {} images", predictions.boxes.len(), predictions.n_images);
    for precision in PRECISIONS {
        let score = predictions.score(precision);
        let percent = |share: Option<f64>| share.map_or("none".to_owned(), |share| format!("{:.2} %", share * 100.0));
        println!(
            "precision {}, wanted {precision}: {} of {} words found ({}) from probability {:.3}",
            percent(score.precision()),
            score.found,
            score.words,
            percent(score.recall()),
            score.threshold
        );
    }
    Ok(ExitCode::Success)
}

/// A suite's folder, or a list in COCO's format.
pub(super) fn image_set(path: &Path) -> ImagesConfig {
    let format = if path.is_dir() { ImagesFormat::Suite } else { ImagesFormat::Coco };
    ImagesConfig { path: path.to_owned(), format, split: Split::Validation, images: None }
}

/// How many of the images were read.
pub(super) fn reading_bar() -> Result<ProgressBar> {
    Ok(ProgressBar::new(0).with_style(ProgressStyle::with_template("reading {wide_bar} {pos}/{len} {eta}")?))
}

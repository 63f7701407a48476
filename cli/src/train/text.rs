//! `efface train calibrate-text`: how probable the boxes of a released text detector really are.

use super::predict::{image_set, reading_bar};
use anyhow::{Context, Result};
use clap::Args;
use efface_schema::ExitCode;
use efface_train::DeviceName;
use efface_train::detector::calibrate_text;
use std::path::PathBuf;

/// Fit how probable the boxes of a released text detector are
///
/// The network reads images with known words, and two things are written into the model's `calibration.json`: a map from
/// what its boxes say to the share of them that are words, and for each budget of missed words the threshold that keeps
/// it; `SHA256SUMS` follows. Weights, temperature and the scale of deviations stay as they are. The images must be of
/// other patients than those that the network was trained with or is measured on; one's own do.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The folder of the released detector, which is changed
    model: PathBuf,
    /// A suite's folder, or a COCO file with its images beside it
    images: PathBuf,
    /// Where to compute: cpu, cuda, cuda:N or vulkan
    #[arg(long, default_value_t)]
    device: DeviceName,
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let bar = reading_bar()?;
    let set = image_set(&arguments.images);
    let confidence = calibrate_text(&arguments.model, &set, arguments.device, &|done, all| {
        bar.set_length(all as u64);
        bar.set_position(done as u64);
    })
    .context("calibrate a text detector")?;
    bar.finish_and_clear();
    let n = &confidence;
    println!("{} boxes and {} words in {} images of {} patients", n.n_boxes, n.n_words, n.n_images, n.n_clusters);
    match &confidence.map {
        Some(fitted) => println!(
            "expected calibration error {:.4} before, {:.4} on patients that were left out",
            fitted.before.expected_calibration_error, fitted.after.expected_calibration_error
        ),
        None => println!("no map of probabilities was better than none"),
    }
    for risk in &confidence.risk {
        println!(
            "budget {:>4.1} %: from a probability of {:.4} on; {:.2} % missed here",
            risk.budget * 100.0,
            risk.threshold,
            risk.calibration_risk * 100.0
        );
    }
    Ok(ExitCode::Success)
}

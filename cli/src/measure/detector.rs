//! `efface measure detector`

use super::table::{Table, percent};
use super::{Output, Shown, calibration_rows, measured_files, open, show};
use efface_eval::models::detector::{Settings, decisions, measure, read};
use efface_eval::models::{Resamples, page, plot};
use efface_schema::{ClusteredShare, DetectorMetrics, ExitCode};
use std::io::BufReader;
use std::path::PathBuf;

/// Score a text detector: COCO average precision, and what painting over its boxes hides and loses
///
/// GOLD is a COCO file of boxes, such as coco.json of a suite; its masks, where they are run lengths, are the glyphs.
/// PREDICTIONS are COCO results, a JSON list of boxes with x, y, width and height:
///
/// [{"image_id": 1, "category_id": 1, "bbox": [153, 6, 99, 6], "score": 0.93}]
///
/// A box may also have `text`, what was read there, as `efface read-words` writes it; `score` is then how sure the reader
/// is, and the row of calibration says whether that word stands there (`attributes.text` of the gold).
///
/// AP and AR are those of pycocotools; their intervals come from drawing whole patients anew. A PHI word is hidden if
/// at least the least cover of its box is painted over by boxes of the PHI categories with the least score or more. Intervals are across patients, which are the images'
/// `patient`, or the first folders of their file names.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// COCO file of the words
    gold: PathBuf,
    /// COCO results of the model
    predictions: PathBuf,
    /// Category whose words are PHI; may be given more than once
    #[arg(long = "phi-category", value_name = "NAME", default_value = "phi_word")]
    phi_categories: Vec<String>,
    /// Share of a word's box that must be covered for the word to count as hidden
    #[arg(long, value_name = "SHARE", default_value_t = 0.95)]
    least_cover: f64,
    /// Least scores that are painted over, each with a row
    #[arg(long, value_name = "SCORES", value_delimiter = ',',
          default_values_t = [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95])]
    least_scores: Vec<f64>,
    /// How often patients are drawn anew for intervals
    #[arg(long, value_name = "N", default_value_t = 1000)]
    resamples: u32,
    /// Root of the random numbers
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    #[command(flatten)]
    output: Output,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let (mut gold, mut predictions) = (open("gold", &arguments.gold)?, open("predictions", &arguments.predictions)?);
    let set = read(BufReader::new(&mut gold), BufReader::new(&mut predictions))?;
    let settings = Settings {
        phi_categories: arguments.phi_categories.clone(),
        least_cover: arguments.least_cover,
        least_scores: arguments.least_scores.clone(),
        resamples: Resamples { n: arguments.resamples, seed: arguments.seed },
    };
    let metrics =
        DetectorMetrics { measured_files: Some(measured_files(&gold, &predictions)), ..measure(&set, &settings)? };
    let mut files = vec![
        ("hiding.svg".to_owned(), plot::hiding(&metrics).to_file()),
        ("detector.html".to_owned(), page::of_detector(&metrics)?),
    ];
    files.extend(calibration_rows(&decisions(&set, &settings))?);
    let table = table(&metrics);
    show(&arguments.output, &Shown { name: "detector", metrics, table, files })?;
    Ok(ExitCode::Success)
}

fn table(metrics: &DetectorMetrics) -> String {
    let mut table = Table::default();
    let (n_images, n_clusters) = (metrics.n_images, metrics.n_clusters);
    let (n_gold, n_found) = (metrics.n_gold_boxes, metrics.n_predicted_boxes);
    table.heading(&format!("{n_images} images of {n_clusters} patients; {n_gold} boxes, {n_found} predicted"));
    let coco = &metrics.coco;
    for (name, figure, interval) in [
        ("AP", coco.ap, coco.ap_interval),
        ("AP50", coco.ap50, coco.ap50_interval),
        ("AP75", coco.ap75, coco.ap75_interval),
        ("AP small", coco.ap_small, coco.ap_small_interval),
        ("AP medium", coco.ap_medium, coco.ap_medium_interval),
        ("AP large", coco.ap_large, coco.ap_large_interval),
        ("AR, 1 box an image", coco.ar_1, coco.ar_1_interval),
        ("AR, 10 boxes an image", coco.ar_10, coco.ar_10_interval),
        ("AR, 100 boxes an image", coco.ar_100, coco.ar_100_interval),
        ("AR small", coco.ar_small, coco.ar_small_interval),
        ("AR medium", coco.ar_medium, coco.ar_medium_interval),
        ("AR large", coco.ar_large, coco.ar_large_interval),
    ] {
        table.plain(name, figure, interval);
    }
    for (name, scores) in &metrics.by_category {
        table.plain(&format!("  {name}: AP"), scores.ap, scores.ap_interval);
    }
    let glyphs = if metrics.has_masks { "glyph pixels" } else { "box pixels" };
    table.heading(&format!(
        "score from    boxes   PHI words hidden (cover {})   {glyphs} covered   clean pixels lost   clean images touched",
        metrics.least_cover
    ));
    for row in &metrics.hiding {
        table.heading(&format!(
            "{:>10} {:>8}   {:<29}   {:>20}   {:>17}   {:>20}",
            row.least_score,
            row.n_boxes,
            with_interval(row.words_hidden),
            plain(row.glyph_pixels_covered),
            plain(row.clean_pixels_lost),
            plain(row.touched_clean_images)
        ));
    }
    table.finish()
}

fn plain(share: Option<ClusteredShare>) -> String {
    share.map_or("-".to_owned(), |share| format!("{} %", percent(share.value)))
}

fn with_interval(share: Option<ClusteredShare>) -> String {
    match share {
        Some(ClusteredShare { value, low: Some(low), high: Some(high), .. }) => {
            format!("{:>6} %  [{}, {}]", percent(value), percent(low), percent(high))
        }
        _ => plain(share),
    }
}

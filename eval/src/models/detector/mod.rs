//! Detection of words in images: whether the boxes are right, and whether painting them over hides what identifies.
//!
//! Two views, and neither replaces the other:
//!
//! - **COCO** (`coco.rs`): average precision and recall; the same numbers as `pycocotools`.
//! - **Hiding** (`hiding.rs`): how much of the glyphs of PHI words the boxes cover, how many words are hidden, and how
//!   much of what is clean would be lost. A box that is slightly too small costs little average precision and may leave
//!   a name readable.
//!
//! The gold is a COCO file of boxes, such as `coco.json` of a suite, the predictions are COCO results: a list of
//! `image_id`, `category_id`, `bbox` and `score`, and with what a reader read there, `text`.

mod coco;
mod hiding;
mod read;

pub use read::{Annotation, Detection, DetectionSet, Image, PixelBox, read};

use super::MeasureError;
use super::bootstrap::Resamples;
use super::clusters::Numbering;
use efface_schema::{DetectorMetrics, JudgedDecision, Versioned};

/// What to measure with.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Names of the categories whose words are PHI, and whose boxes are painted over.
    pub phi_categories: Vec<String>,
    /// Share of a word's box that must be covered for it to count as hidden, over 0 and up to 1.
    pub least_cover: f64,
    /// Least scores of boxes that are painted over, from 0 to 1; each has a row.
    pub least_scores: Vec<f64>,
    /// How patients are drawn anew for the intervals of average precision.
    pub resamples: Resamples,
}

impl Default for Settings {
    /// `phi_word`, as in suites; 0.95: a word with a twentieth of its box in sight shows part of a letter at most;
    /// scores from 0.05 to 0.95.
    fn default() -> Self {
        Self {
            phi_categories: vec!["phi_word".to_owned()],
            least_cover: 0.95,
            least_scores: vec![0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95],
            resamples: Resamples::default(),
        }
    }
}

/// A canvas holds for each pixel at how many of them it is painted, in a byte.
const MOST_LEAST_SCORES: usize = 100;

/// Measures a detector.
///
/// # Errors
/// When a setting makes no sense: a category that the gold does not have, a share outside 0 to 1, no score, too few
/// resamples.
///
/// # Example
/// ```
/// use efface_eval::models::detector::{Settings, measure, read};
/// let gold = r#"{"categories": [{"id": 1, "name": "phi_word"}], "images": [{"id": 1, "width": 40, "height": 20}],
///     "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [5, 5, 10, 4], "area": 40, "iscrowd": 0}]}"#;
/// let found = r#"[{"image_id": 1, "category_id": 1, "bbox": [5, 5, 10, 4], "score": 0.7}]"#;
/// let metrics = measure(&read(gold.as_bytes(), found.as_bytes())?, &Settings::default())?;
/// assert!(metrics.coco.ap.unwrap() > 0.999 && metrics.coco.ap_large.is_none());
/// # Ok::<(), efface_eval::models::MeasureError>(())
/// ```
pub fn measure(set: &DetectionSet, settings: &Settings) -> Result<DetectorMetrics, MeasureError> {
    settings.resamples.check()?;
    let refuse = |what| Err(MeasureError::Setting { what });
    if !(settings.least_cover > 0.0 && settings.least_cover <= 1.0) {
        return refuse("a least cover over 0 and up to 1");
    }
    let are_scores = settings.least_scores.iter().all(|score| (0.0..=1.0).contains(score));
    if !(1..=MOST_LEAST_SCORES).contains(&settings.least_scores.len()) || !are_scores {
        return refuse("least scores from 0 to 1: at least one, at most 100");
    }
    let has = |name: &String| set.categories.values().any(|own| own == name);
    if settings.phi_categories.is_empty() || !settings.phi_categories.iter().all(has) {
        return refuse("PHI categories that the gold has; by default that is phi_word");
    }
    let mut clusters = Numbering::default();
    set.images.values().for_each(|image| _ = clusters.number(&image.cluster));
    let (coco, by_category) = coco::measure(set, &mut clusters, settings.resamples);
    Ok(DetectorMetrics {
        format_version: DetectorMetrics::FORMAT_VERSION,
        measured_files: None,
        n_images: set.images.len() as u64,
        n_clusters: clusters.len() as u64,
        n_gold_boxes: set.images.values().map(|image| image.annotations.len() as u64).sum(),
        n_predicted_boxes: set.images.values().map(|image| image.detections.len() as u64).sum(),
        resampling: Some(settings.resamples.record(coco::STREAM)),
        coco,
        by_category,
        phi_categories: settings.phi_categories.clone(),
        has_masks: hiding::has_masks(set, settings),
        least_cover: settings.least_cover,
        hiding: hiding::measure(set, settings, &mut clusters),
    })
}

/// The model's boxes as rows to measure calibration on. Boxes in which it read a word are rows of the kind `word`, right
/// where that word stands there; others of the kind `box`, right where they take a gold box of their category at an
/// overlap of 0.50, as for AP50. Boxes that take a crowd are left out. Rows are about PHI where the box and a word of a
/// PHI category share half of the smaller of both. Patients become numbers: folders may be named after them.
pub fn decisions(set: &DetectionSet, settings: &Settings) -> Vec<JudgedDecision> {
    let mut clusters = Numbering::default();
    let is_phi = |annotation: &&Annotation| {
        set.categories.get(&annotation.category).is_some_and(|name| settings.phi_categories.contains(name))
    };
    let decision = |(image, detection, is_box_right): (&Image, Detection, bool)| JudgedDecision {
        probability: detection.score,
        correct: detection.is_read_right.unwrap_or(is_box_right),
        cluster: clusters.number(&image.cluster).to_string(),
        kind: Some(if detection.is_read_right.is_some() { "word" } else { "box" }.to_owned()),
        phi: Some(image.annotations.iter().filter(is_phi).any(|word| word.bounds.is_about(&detection.bounds))),
    };
    coco::judged(set).into_iter().map(decision).collect()
}

//! How sure a detector's boxes really are: the map of its probabilities and the thresholds of its budgets, for a new
//! release and for one that is out already.

use super::coco::ListedImage;
use super::config::ImagesConfig;
use super::predict::each_image;
use super::score::{Detection, Verdict};
use crate::calibration::map::{self, FittedMap, JudgedFinding};
use crate::calibration::risk;
use crate::checkpoint::write;
use crate::digests;
use crate::error::TrainError;
use efface_nets::calibration::{MapPoint, ProbabilityMap, RiskThreshold};
use efface_nets::detector::folder::CALIBRATION;
use efface_nets::detector::{DetectorCalibration, DetectorFolder, FinderSettings, TextFinder};
use efface_nets::device::DeviceName;
use efface_schema::{Versioned, to_json_line};
use std::collections::BTreeMap;
use std::path::Path;

/// Findings below it are not looked at.
pub(super) const LEAST_PROBABILITY: f32 = 0.01;
/// Budgets for the expected share of a patient's words that is missed.
const BUDGETS: [f64; 10] = [0.01, 0.015, 0.02, 0.025, 0.03, 0.04, 0.05, 0.1, 0.2, 0.3];

/// An image: what was found in it, and how sure each of its words was found.
#[derive(Debug, Clone)]
pub(super) struct JudgedImage {
    /// Whose it is.
    pub(super) cluster: String,
    /// The probability of each box, and whether it is a word; those that are neither right nor wrong left out.
    pub(super) boxes: Vec<(f64, bool)>,
    /// The probability of the box of each word, 0 for those without one.
    pub(super) words: Vec<f64>,
}

impl JudgedImage {
    /// Of findings, each with its probability and what it turned out to be.
    pub(super) fn new(cluster: String, n_words: usize, findings: impl Iterator<Item = (f64, Verdict)>) -> Self {
        let mut image = Self { cluster, boxes: Vec::new(), words: vec![0.0; n_words] };
        for (probability, verdict) in findings {
            match verdict {
                Verdict::Ignored => continue,
                Verdict::Word(word) => image.words[word] = probability,
                _ => {}
            }
            image.boxes.push((probability, matches!(verdict, Verdict::Word(_))));
        }
        image
    }
}

/// How sure boxes are, fitted to images that neither training nor validation has seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Confidence {
    /// The map of probabilities, where one comes nearer to the truth.
    pub map: Option<FittedMap>,
    /// By budget of missed words; only what the images allow.
    pub risk: Vec<RiskThreshold>,
    /// Images.
    pub n_images: u64,
    /// Words in them.
    pub n_words: u64,
    /// Boxes that were found and are right or wrong.
    pub n_boxes: u64,
    /// Patients.
    pub n_clusters: u64,
}

/// Fits the map, and thresholds to what it says.
pub(super) fn fit(images: &[JudgedImage]) -> Confidence {
    let finding = |image: &JudgedImage, (probability, is_right): (f64, bool)| JudgedFinding {
        cluster: image.cluster.clone(),
        probability,
        is_right,
    };
    let findings: Vec<JudgedFinding> =
        images.iter().flat_map(|image| image.boxes.iter().map(|one| finding(image, *one))).collect();
    let map = map::fit(&findings).map(|fitted| FittedMap { map: from_nothing(fitted.map), ..fitted });
    let mapped = |probability: f64| map.as_ref().map_or(probability, |fitted| fitted.map.apply(probability));
    let mut words: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for image in images {
        let of_words = image.words.iter().map(|word| if *word > 0.0 { mapped(*word) } else { 0.0 });
        words.entry(&image.cluster).or_default().extend(of_words);
    }
    let clusters: Vec<&[f64]> = words.values().map(Vec::as_slice).collect();
    let thresholds = BUDGETS.iter().filter_map(|budget| risk::threshold(&clusters, *budget));
    Confidence {
        risk: thresholds.filter(|risk| risk.threshold > 0.0).collect(),
        n_images: images.len() as u64,
        n_words: images.iter().map(|image| image.words.len() as u64).sum(),
        n_boxes: findings.len() as u64,
        n_clusters: clusters.len() as u64,
        map,
    }
}

/// The same map, with what says nothing right in no case: below what was looked at nothing is known, and a level
/// beginning would make no threshold too low.
fn from_nothing(map: ProbabilityMap) -> ProbabilityMap {
    match map {
        ProbabilityMap::Isotonic { points } if points.first().is_some_and(|first| first.said > 0.0) => {
            let nothing = MapPoint { said: 0.0, right: 0.0 };
            ProbabilityMap::Isotonic { points: [nothing].into_iter().chain(points).collect() }
        }
        map => map,
    }
}

/// Fits how sure the boxes of a released detector are to a list of images, read as the pipeline reads them, and writes
/// that into the model's calibration and its list of digests. Weights, temperature and scale of deviations stay.
///
/// # Errors
/// [`TrainError`], also if the list has no image with words or the folder is not what was released.
pub fn calibrate_text(
    model: &Path,
    set: &ImagesConfig,
    device: DeviceName,
    progress: &dyn Fn(usize, usize),
) -> Result<Confidence, TrainError> {
    let mut folder = DetectorFolder::open(model)?;
    folder.calibration.probability_map = None;
    let settings = FinderSettings { threshold: LEAST_PROBABILITY, ..FinderSettings::default() };
    let finder = TextFinder::open(&folder, device, settings)?;
    let mut images = Vec::new();
    each_image(&finder, set, progress, |image, found, verdicts| images.push(judged(image, found, verdicts)))?;
    let confidence = fit(&images);
    if confidence.n_words == 0 {
        return Err(TrainError::Empty { part: "calibration" });
    }
    let calibration = DetectorCalibration {
        format_version: DetectorCalibration::FORMAT_VERSION,
        n_images: confidence.n_images,
        n_boxes: confidence.n_words,
        probability_map: confidence.map.as_ref().map(|fitted| fitted.map.clone()),
        risk: confidence.risk.clone(),
        ..folder.calibration
    };
    write(&model.join(CALIBRATION), to_json_line(&calibration).as_bytes())?;
    digests::list(model)?;
    Ok(confidence)
}

fn judged(image: &ListedImage, found: &[Detection], verdicts: &[Verdict]) -> JudgedImage {
    let n_words = image.words.iter().filter(|word| !word.is_ignored).count();
    let findings = found.iter().zip(verdicts).map(|(found, verdict)| (f64::from(found.probability), *verdict));
    JudgedImage::new(image.cluster.clone(), n_words, findings)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Images of twenty patients with twenty words each: what says 0.9 is right in 19 of 20 cases, what says 0.8 in 12.
    fn images() -> Vec<JudgedImage> {
        let image = |number: usize| {
            let (said, n_right) = if number.is_multiple_of(2) { (0.9, 19) } else { (0.8, 12) };
            let verdict = |word: usize| if word < n_right { Verdict::Word(word) } else { Verdict::Wrong };
            JudgedImage::new(format!("patient {}", number / 3), 20, (0..20).map(|word| (said, verdict(word))))
        };
        (0..60).map(image).collect()
    }

    #[test]
    fn boxes_say_how_often_they_are_right_and_thresholds_are_of_what_they_say() {
        let confidence = fit(&images());
        let fitted = confidence.map.expect("a map");
        assert!(fitted.before.expected_calibration_error > 0.1, "{fitted:?}");
        assert!(fitted.after.expected_calibration_error < 0.01, "{fitted:?}");
        for (said, right) in [(0.9, 0.95), (0.8, 0.6), (0.001, 0.0)] {
            assert!((fitted.map.apply(said) - right).abs() < 0.01, "{said}: {fitted:?}");
        }
        assert_eq!((confidence.n_images, confidence.n_words, confidence.n_boxes), (60, 1200, 1200));
        // Of the words 22.5 % have no box, so of the budgets only 0.3 can be promised, and only with what says 0.8.
        let [risk] = &confidence.risk[..] else { panic!("{:?}", confidence.risk) };
        assert_eq!((risk.budget, risk.n_clusters, confidence.n_clusters), (0.3, 20, 20));
        assert!((risk.threshold - fitted.map.apply(0.8)).abs() < 1e-9, "{risk:?}");
    }

    #[test]
    fn what_is_to_be_ignored_counts_for_nothing() {
        let image = JudgedImage::new("one".to_owned(), 1, [(0.9, Verdict::Ignored)].into_iter());
        assert_eq!((image.boxes.len(), image.words), (0, vec![0.0]));
    }
}

//! From a frame of any size to the text in it.

use super::boxes::{Corners, SideCoder};
use super::frame::{Frame, Part, parts};
use super::heads::{BACKGROUND, Judgement, TEXT};
use super::merge::{Candidate, cut_sides, merge};
use super::zoom::{self, MAYBE_TEXT};
use super::{DetectorFolder, Proposal, TextDetector};
use crate::noise::Noise;
use crate::{NetsError, device::DeviceName};
use burn::tensor::{Device, Tensor, TensorData};
use rayon::prelude::*;

/// A box that ends this near to where a part of the frame ends was cut there.
const CUT_PX: f32 = 3.0;
/// Boxes with a shorter side are left to the enlarged picture where there is one: a cell of the finest features is four
/// pixels high, and sides are told better from three of them than from one and a half.
const LEFT_TO_ENLARGED_PX: f32 = 20.0;

/// How frames are read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FinderSettings {
    /// What is at least this probable to be text is found.
    pub threshold: f32,
    /// Of two findings with more than this intersection over union, one stays.
    pub nms_iou: f32,
    /// Passes with dropout (Gal and Ghahramani 2016); 0 asks the network once, without dropout.
    pub passes: usize,
    /// What is dropped in which pass.
    pub seed: u64,
    /// Frames with a longer side are read in parts, and once more at half their size.
    pub largest_side_px: usize,
    /// What neighbouring parts share.
    pub overlap_px: usize,
    /// Frames whose longer side is no longer are also read at twice their size; of others, the parts that the network
    /// takes for text ([`MAYBE_TEXT`]) at a first look.
    pub enlarged_side_px: usize,
}

impl Default for FinderSettings {
    fn default() -> Self {
        Self {
            threshold: 0.5,
            nms_iou: 0.5,
            passes: 0,
            seed: 0,
            largest_side_px: 1024,
            overlap_px: 128,
            enlarged_side_px: 640,
        }
    }
}

impl FinderSettings {
    /// These settings with sizes that make sense: parts have a side, and share less than half of it.
    fn sensible(self) -> Self {
        let largest_side_px = self.largest_side_px.max(64);
        Self { largest_side_px, overlap_px: self.overlap_px.min(largest_side_px / 2), ..self }
    }
}

/// Text, and how sure that is.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundText {
    /// Where, in pixels of the frame.
    pub corners: Corners,
    /// How probable it is that this is text; with passes, their mean.
    pub probability: f32,
    /// The standard deviation of the left, upper, right and lower side in pixels: what the network expects to be off
    /// by, and with passes also how far they differ.
    pub deviations_px: [f32; 4],
    /// How far the passes differ on each side, in pixels; 0 without passes.
    pub spread_px: [f32; 4],
    /// The mutual information of the answer and the weights in nats (Houlsby et al. 2011): how much the passes disagree
    /// about the class; 0 without passes.
    pub mutual_information: f32,
}

/// How far the network's own probabilities and deviations are trusted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scaling {
    /// Scores of classes are divided by this (Guo et al. 2017).
    pub(super) temperature: f32,
    /// Deviations are multiplied by this.
    pub(super) deviations: f32,
}

/// A network that finds text.
#[derive(Debug)]
pub struct TextFinder {
    detector: TextDetector,
    device: Device,
    settings: FinderSettings,
    scaling: Scaling,
    digest: String,
}

/// A part of the frame at one size.
struct View {
    pixels: Frame,
    /// Pixels of the view for each pixel of the frame.
    factor: f32,
    /// The pixel of the frame where it begins.
    origin: (f32, f32),
}

impl View {
    fn whole(frame: &Frame) -> Self {
        Self { pixels: frame.clone(), factor: 1.0, origin: (0.0, 0.0) }
    }

    fn halved(frame: &Frame) -> Self {
        Self { pixels: frame.halved(), factor: 0.5, origin: (0.0, 0.0) }
    }

    fn enlarged(frame: &Frame, part: &Part) -> Self {
        Self { pixels: frame.cut(part).doubled(), factor: 2.0, origin: (part.x as f32, part.y as f32) }
    }

    /// Where a box of the view lies in the frame.
    fn placed(&self, corners: &Corners) -> Corners {
        let (x, y) = (self.origin.0 * self.factor, self.origin.1 * self.factor);
        corners.moved(x, y, 1.0 / self.factor)
    }
}

/// What is read at once.
struct Reading<'a> {
    view: &'a View,
    part: Part,
    number: usize,
}

/// What one reading shows.
#[derive(Default)]
struct Shown {
    found: Vec<Candidate>,
    /// Places that the proposal network takes for text, in pixels of the frame.
    maybe_text: Vec<Corners>,
    /// How many readings were made up to here.
    n_readings: usize,
}

impl Shown {
    fn join(mut self, other: Self) -> Self {
        self.found.extend(other.found);
        self.maybe_text.extend(other.maybe_text);
        self
    }
}

impl TextFinder {
    /// Loads a released model.
    ///
    /// # Errors
    /// See [`DetectorFolder::detector`] and [`DeviceName::open`]; [`NetsError::Invalid`] if it is no network for grey
    /// images.
    pub fn open(folder: &DetectorFolder, device: DeviceName, settings: FinderSettings) -> Result<Self, NetsError> {
        let device = device.open()?;
        let mut finder = Self::new(folder.detector(&device)?, device, settings)?;
        finder.scaling = Scaling {
            temperature: folder.calibration.class_temperature as f32,
            deviations: folder.calibration.deviation_scale as f32,
        };
        finder.digest = folder.digest().to_owned();
        Ok(finder)
    }

    /// A finder over a network that is in memory already, such as one in training.
    ///
    /// # Errors
    /// [`NetsError::Invalid`] if it is no network for grey images.
    pub fn new(detector: TextDetector, device: Device, settings: FinderSettings) -> Result<Self, NetsError> {
        let channels = detector.config().input_channels;
        if channels != 1 {
            let reason = format!("it reads {channels} channels, and frames are grey");
            return Err(NetsError::invalid(super::folder::CONFIG, "configuration of a text finder", reason));
        }
        let scaling = Scaling { temperature: 1.0, deviations: 1.0 };
        Ok(Self { detector, device, settings: settings.sensible(), scaling, digest: String::new() })
    }

    /// The digest of the released model; empty for one in memory.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// The settings.
    pub fn settings(&self) -> FinderSettings {
        self.settings
    }

    /// The text of a frame, the surest first. The answer does not depend on threads; a frame without pixels has none.
    ///
    /// # Examples
    /// ```
    /// use burn::tensor::Device;
    /// use efface_nets::detector::{DetectorConfig, FinderSettings, Frame, TextDetector, TextFinder};
    ///
    /// let device = Device::flex();
    /// let detector = TextDetector::new(&DetectorConfig::compact(), &device);
    /// let settings = FinderSettings { threshold: 0.0, passes: 2, ..FinderSettings::default() };
    /// let finder = TextFinder::new(detector, device, settings)?;
    /// let frame = Frame::from_levels(&[0; 60 * 40], 60, 40)?;
    /// for text in finder.find(&frame) {
    ///     assert!((0.0..=1.0).contains(&text.probability) && text.corners.x1 <= 60.0);
    /// }
    /// # Ok::<(), efface_nets::NetsError>(())
    /// ```
    pub fn find(&self, frame: &Frame) -> Vec<FoundText> {
        let longest = frame.width().max(frame.height());
        let mut views = vec![View::whole(frame)];
        if longest > self.settings.largest_side_px {
            views.push(View::halved(frame));
        }
        let first = self.read_all(&views, frame, 0);
        let enlarged = if longest <= self.settings.enlarged_side_px {
            parts(frame.width(), frame.height(), longest, 0)
        } else {
            zoom::around(&first.maybe_text, frame.width(), frame.height())
        };
        let views: Vec<View> = enlarged.iter().map(|part| View::enlarged(frame, part)).collect();
        let second = self.read_all(&views, frame, first.n_readings);
        let is_left = |candidate: &Candidate| {
            let corners = &candidate.found.corners;
            let is_small = corners.width().min(corners.height()) < LEFT_TO_ENLARGED_PX;
            is_small && enlarged.iter().any(|part| zoom::holds(part, corners))
        };
        let mut candidates = first.found;
        candidates.retain(|candidate| !is_left(candidate));
        candidates.extend(second.found);
        merge(&candidates, self.settings.nms_iou)
    }

    /// What all views show; readings are numbered from `n_before` on.
    fn read_all(&self, views: &[View], frame: &Frame, n_before: usize) -> Shown {
        let mut readings = Vec::new();
        for view in views {
            let side = self.settings.largest_side_px;
            for part in parts(view.pixels.width(), view.pixels.height(), side, self.settings.overlap_px) {
                readings.push(Reading { view, part, number: n_before + readings.len() });
            }
        }
        let shown: Vec<Shown> = readings.par_iter().map(|reading| self.read(reading, frame)).collect();
        let all = Shown { n_readings: n_before + readings.len(), ..Shown::default() };
        shown.into_iter().fold(all, Shown::join)
    }

    /// What one part of one view shows of a frame.
    fn read(&self, reading: &Reading<'_>, frame: &Frame) -> Shown {
        let Reading { view, part, number } = reading;
        let (pixels, width, height) = view.pixels.part(part, self.detector.config().multiple());
        let image = Tensor::from_data(TensorData::new(pixels, [1, 1, height, width]), &self.device);
        let (x, y, factor) = (part.x as f32, part.y as f32, 1.0 / view.factor);
        let size = (frame.width() as f32, frame.height() as f32);
        let whole = Corners::new(0.0, 0.0, size.0, size.1);
        let bounds = view.placed(&Corners::new(x, y, x + part.width as f32, y + part.height as f32));
        let candidate = |text: FoundText| {
            let corners = view.placed(&text.corners.moved(x, y, 1.0));
            let cut = cut_sides(&corners, &bounds, &whole, CUT_PX * factor);
            let found = FoundText {
                // Half of an odd frame reaches half a pixel beyond it.
                corners: corners.clip(size.0, size.1),
                deviations_px: text.deviations_px.map(|deviation| deviation * factor),
                spread_px: text.spread_px.map(|spread| spread * factor),
                ..text
            };
            Candidate { found, part: *number, cut }
        };
        let (texts, maybe) = self.texts(image, (part.width as f32, part.height as f32), *number);
        Shown {
            found: texts.into_iter().map(candidate).filter(|candidate| candidate.found.corners.area() > 0.0).collect(),
            maybe_text: maybe.iter().map(|corners| view.placed(&corners.moved(x, y, 1.0))).collect(),
            n_readings: 0,
        }
    }

    /// The text of an image `[1, 1, height, width]`, of which `size` is no padding, in its own pixels, and the places
    /// that the proposal network takes for text.
    fn texts(&self, image: Tensor<4>, size: (f32, f32), number: usize) -> (Vec<FoundText>, Vec<Corners>) {
        let pyramid = self.detector.pyramid(image);
        let scores = self.detector.region_scores(&pyramid);
        let proposals = self.detector.propose_within(&pyramid, &scores, &[size]);
        let proposed = || proposals.iter().flatten();
        let boxes: Vec<Corners> = proposed().map(|proposal| proposal.corners).collect();
        // What is no number is no reason to look away.
        let is_maybe_text = |proposal: &&Proposal| proposal.score >= MAYBE_TEXT || proposal.score.is_nan();
        let maybe_text = proposed().filter(is_maybe_text).map(|proposal| proposal.corners).collect();
        let Some(features) = self.detector.box_features(&pyramid, std::slice::from_ref(&boxes)) else {
            return (Vec::new(), maybe_text);
        };
        let answers: Vec<Answers> = if self.settings.passes == 0 {
            vec![Answers::of(self.detector.head.forward(features, &mut Noise::none()))]
        } else {
            let rate = self.detector.config().dropout;
            let pass = |pass: usize| {
                let mut noise = Noise::new(rate, self.settings.seed, [pass as u64, number as u64]);
                Answers::of(self.detector.head.forward(features.clone(), &mut noise))
            };
            (0..self.settings.passes).map(pass).collect()
        };
        let text = |(place, proposal): (usize, &Corners)| summary(&answers, place, proposal, size, self.scaling);
        let is_text = |text: &FoundText| text.probability >= self.settings.threshold && text.corners.area() > 0.0;
        (boxes.iter().enumerate().map(text).filter(is_text).collect(), maybe_text)
    }
}

/// What one pass says about all boxes.
struct Answers {
    classes: Vec<f32>,
    deltas: Vec<f32>,
    log_variances: Vec<f32>,
}

impl Answers {
    fn of(judgement: Judgement) -> Self {
        let numbers = |tensor: Tensor<2>| -> Vec<f32> {
            tensor.into_data().convert::<f32>().try_into_vec().expect("answers are numbers")
        };
        Self {
            classes: numbers(judgement.classes),
            deltas: numbers(judgement.deltas),
            log_variances: numbers(judgement.log_variances),
        }
    }

    fn probability(&self, place: usize, temperature: f32) -> f32 {
        let difference = self.classes[2 * place + TEXT] - self.classes[2 * place + BACKGROUND];
        let probability = 1.0 / (1.0 + (-difference / temperature).exp());
        // A network that says nothing sensible is taken to say that this is text.
        if probability.is_nan() { 1.0 } else { probability }
    }

    /// Four numbers about a box; what is none moves no side.
    fn deltas(&self, place: usize) -> [f32; 4] {
        std::array::from_fn(|side| Some(self.deltas[4 * place + side]).filter(|delta| delta.is_finite()).unwrap_or(0.0))
    }

    fn log_variances(&self, place: usize) -> [f32; 4] {
        std::array::from_fn(|side| self.log_variances[4 * place + side])
    }
}

/// What passes say about one box: means, and how far they differ.
fn summary(answers: &[Answers], place: usize, proposal: &Corners, size: (f32, f32), scaling: Scaling) -> FoundText {
    let count = answers.len() as f32;
    let mut sides = [0.0; 4];
    let mut squares = [0.0; 4];
    let mut variances = [0.0; 4];
    let (mut probability, mut entropy) = (0.0, 0.0);
    for answer in answers {
        let one = answer.probability(place, scaling.temperature);
        probability += one / count;
        entropy += entropy_of(one) / count;
        let corners = SideCoder::HEAD.decode(answer.deltas(place), proposal).clip(size.0, size.1);
        let deviations = SideCoder::HEAD.deviations(answer.log_variances(place), proposal);
        for (side, value) in corners.sides().into_iter().enumerate() {
            let offset = value - proposal.sides()[side];
            sides[side] += offset / count;
            squares[side] += offset * offset / count;
            variances[side] += (scaling.deviations * deviations[side]).powi(2) / count;
        }
    }
    let spread: [f32; 4] = std::array::from_fn(|side| (squares[side] - sides[side] * sides[side]).max(0.0));
    let from = proposal.sides();
    FoundText {
        corners: Corners::from_sides(std::array::from_fn(|side| from[side] + sides[side])),
        probability,
        deviations_px: std::array::from_fn(|side| (variances[side] + spread[side]).sqrt()),
        spread_px: spread.map(f32::sqrt),
        mutual_information: (entropy_of(probability) - entropy).max(0.0),
    }
}

/// The entropy of a yes or no in nats.
fn entropy_of(probability: f32) -> f32 {
    let part = |share: f32| if share > 0.0 { -share * share.ln() } else { 0.0 };
    part(probability) + part(1.0 - probability)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(score: f32, delta: f32) -> Answers {
        Answers { classes: vec![0.0, score], deltas: vec![delta, 0.0, 0.0, 0.0], log_variances: vec![0.0; 4] }
    }

    const PROPOSAL: Corners = Corners::new(20.0, 10.0, 70.0, 30.0);
    const PLAIN: Scaling = Scaling { temperature: 1.0, deviations: 1.0 };

    #[test]
    fn one_pass_has_no_spread() {
        let text = summary(&[answer(2.0, 0.4)], 0, &PROPOSAL, (100.0, 100.0), PLAIN);
        assert_eq!(text.corners, Corners::new(22.0, 10.0, 70.0, 30.0));
        assert_eq!((text.spread_px, text.mutual_information), ([0.0; 4], 0.0));
        assert_eq!(text.deviations_px, [5.0, 2.0, 5.0, 2.0]);
        assert!((text.probability - 1.0 / (1.0 + (-2.0_f32).exp())).abs() < 1e-6);
        let warm = Scaling { temperature: 2.0, deviations: 3.0 };
        let warm = summary(&[answer(2.0, 0.4)], 0, &PROPOSAL, (100.0, 100.0), warm);
        assert!((warm.probability - 1.0 / (1.0 + (-1.0_f32).exp())).abs() < 1e-6);
        assert!((warm.deviations_px[0] - 15.0).abs() < 1e-4);
    }

    #[test]
    fn passes_that_differ_tell_it() {
        let passes = [answer(4.0, 0.4), answer(-4.0, -0.4)];
        let text = summary(&passes, 0, &PROPOSAL, (100.0, 100.0), PLAIN);
        assert!((text.probability - 0.5).abs() < 1e-6);
        assert!((text.spread_px[0] - 2.0).abs() < 1e-4 && text.spread_px[1] == 0.0);
        assert!((text.deviations_px[0] - (25.0_f32 + 4.0).sqrt()).abs() < 1e-4);
        let each = entropy_of(1.0 / (1.0 + (-4.0_f32).exp()));
        assert!((text.mutual_information - (2.0_f32.ln() - each)).abs() < 1e-5);
        let same = summary(&[answer(1.0, 0.0), answer(1.0, 0.0)], 0, &PROPOSAL, (100.0, 100.0), PLAIN);
        assert!(same.mutual_information < 1e-6);
    }

    #[test]
    fn a_network_that_says_nothing_sensible_finds_text() {
        let text = summary(&[answer(f32::NAN, f32::NAN)], 0, &PROPOSAL, (100.0, 90.0), PLAIN);
        assert_eq!(text.probability, 1.0);
        assert_eq!(text.corners, PROPOSAL);
    }
}

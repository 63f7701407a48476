//! From a frame of any size to the text in it.

use super::boxes::{Corners, SideCoder};
use super::fast::FastNetwork;
use super::frame::{Frame, Part, split};
use super::heads::{BACKGROUND, Judgement, TEXT};
use super::merge::{Candidate, cut_sides, merge};
use super::zoom;
use super::{DetectorFolder, Proposal, TextDetector};
use crate::calibration::ProbabilityMap;
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
    /// What is at least this probable to be text at a first look, before the calibration's map, is read once more at
    /// twice its size.
    pub enlarged_from: f32,
    /// Places to which the proposal network gives a lower score, before a sigmoid, are not judged.
    pub least_objectness: f32,
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
            enlarged_from: 0.01,
            least_objectness: 0.0,
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
    /// How probable it is that this is text, by the calibration of a released model; with passes, of their mean.
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
#[derive(Debug, Clone, PartialEq)]
struct Scaling {
    /// Scores of classes are divided by this (Guo et al. 2017).
    temperature: f32,
    /// What becomes of probabilities after that, once all readings of a frame are one.
    map: Option<ProbabilityMap>,
    /// Deviations are multiplied by this.
    deviations: f32,
}

impl Scaling {
    /// The network by itself.
    const NONE: Self = Self { temperature: 1.0, map: None, deviations: 1.0 };

    /// The probability before the map from which on a box is at least this probable to be text, a little less rather
    /// than a little more: a threshold that was fitted is the probability of a box. What is certain before the map is
    /// always kept, and so is what the network says nothing sensible about.
    fn unmapped(&self, threshold: f32) -> f32 {
        let of_map = |map: &ProbabilityMap| (map.said_for(threshold.into()) as f32 * (1.0 - 1e-5)).min(1.0);
        self.map.as_ref().map_or(threshold, of_map)
    }

    /// What has this probability before the map.
    fn mapped(&self, text: FoundText) -> FoundText {
        let of_map = |map: &ProbabilityMap| map.apply(text.probability.into()) as f32;
        FoundText { probability: self.map.as_ref().map_or(text.probability, of_map), ..text }
    }
}

/// A network that finds text.
#[derive(Debug)]
pub struct TextFinder {
    detector: TextDetector,
    /// The same but for the head, where it computes on a processor.
    fast: Option<FastNetwork>,
    device: Device,
    settings: FinderSettings,
    scaling: Scaling,
    /// From which probability on a box is kept, before the map.
    least: f32,
    digest: String,
}

/// How large a part of the frame is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scale {
    Halved,
    AsItIs,
    Doubled,
}

/// A part of the frame that is read at once.
#[derive(Debug, Clone, Copy)]
struct Reading {
    scale: Scale,
    /// Where, in pixels of the frame, or of the halved frame.
    part: Part,
    number: usize,
}

impl Reading {
    /// Pixels of what is read for each pixel of the frame.
    const fn factor(&self) -> f32 {
        match self.scale {
            Scale::Halved => 0.5,
            Scale::AsItIs => 1.0,
            Scale::Doubled => 2.0,
        }
    }

    /// Width and height of what is read.
    const fn size(&self) -> (usize, usize) {
        let Part { width, height, .. } = self.part;
        if matches!(self.scale, Scale::Doubled) { (2 * width, 2 * height) } else { (width, height) }
    }

    /// Where a box of what is read lies in the frame.
    fn placed(&self, corners: &Corners) -> Corners {
        let at = if self.scale == Scale::Doubled { 2.0 } else { 1.0 };
        corners.moved(at * self.part.x as f32, at * self.part.y as f32, 1.0 / self.factor())
    }
}

/// What one reading shows.
#[derive(Default)]
struct Shown {
    found: Vec<Candidate>,
    /// Places that may be text, in pixels of the frame.
    maybe_text: Vec<Corners>,
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
            map: folder.calibration.probability_map.clone(),
            deviations: folder.calibration.deviation_scale as f32,
        };
        finder.least = finder.scaling.unmapped(settings.threshold);
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
        let fast = (device == Device::flex()).then(|| FastNetwork::of(&detector)).flatten();
        let (scaling, least) = (Scaling::NONE, settings.threshold);
        Ok(Self { detector, fast, device, settings: settings.sensible(), scaling, least, digest: String::new() })
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
        let side = self.settings.largest_side_px;
        let halved = (frame.width().max(frame.height()) > side).then(|| frame.halved());
        self.look(frame, &[frame.whole()], halved.as_ref())
    }

    /// The text in some places of a frame and near to them, the surest first: for a frame of which the rest is known.
    pub fn find_around(&self, frame: &Frame, places: &[Corners]) -> Vec<FoundText> {
        self.look(frame, &zoom::around(places, frame.width(), frame.height()), None)
    }

    /// The text of parts of a frame: read as they are, where they may have text at twice their size, and all of the
    /// halved frame, where there is one.
    fn look(&self, frame: &Frame, parts: &[Part], halved: Option<&Frame>) -> Vec<FoundText> {
        let FinderSettings { largest_side_px: side, overlap_px: overlap, .. } = self.settings;
        let first: Vec<(Scale, Part)> = split(parts, side, overlap)
            .map(|part| (Scale::AsItIs, part))
            .chain(halved.iter().flat_map(|halved| {
                split(&[halved.whole()], side, overlap).map(|part| (Scale::Halved, part)).collect::<Vec<_>>()
            }))
            .collect();
        let whole = halved.unwrap_or(frame);
        let shown = self.read_all(&first, frame, whole, 0);
        let enlarged = zoom::around(&shown.maybe_text, frame.width(), frame.height());
        let again: Vec<(Scale, Part)> =
            split(&enlarged, side / 2, overlap / 2).map(|part| (Scale::Doubled, part)).collect();
        let second = self.read_all(&again, frame, whole, first.len());
        let is_left = |candidate: &Candidate| {
            let corners = &candidate.found.corners;
            let is_small = corners.width().min(corners.height()) < LEFT_TO_ENLARGED_PX;
            is_small && enlarged.iter().any(|part| zoom::holds(part, corners))
        };
        let mut candidates = shown.found;
        candidates.retain(|candidate| !is_left(candidate));
        candidates.extend(second.found);
        let found = merge(&candidates, self.settings.nms_iou);
        found.into_iter().map(|text| self.scaling.mapped(text)).collect()
    }

    /// What parts show; readings are numbered from `n_before` on.
    fn read_all(&self, parts: &[(Scale, Part)], frame: &Frame, halved: &Frame, n_before: usize) -> Shown {
        let numbered = parts.par_iter().enumerate();
        let readings =
            numbered.map(|(place, (scale, part))| Reading { scale: *scale, part: *part, number: n_before + place });
        let shown: Vec<Shown> = readings.map(|reading| self.read(&reading, frame, halved)).collect();
        shown.into_iter().fold(Shown::default(), Shown::join)
    }

    /// What one part shows of a frame. Its pixels are made when it is its turn.
    fn read(&self, reading: &Reading, frame: &Frame, halved: &Frame) -> Shown {
        let (part, multiple) = (&reading.part, self.detector.config().multiple());
        let image = match reading.scale {
            Scale::AsItIs => frame.part(part, multiple),
            Scale::Halved => halved.part(part, multiple),
            Scale::Doubled => frame.cut(part).doubled().padded(multiple),
        };
        let (width, height) = reading.size();
        let (inside, factor) = ((width as f32, height as f32), 1.0 / reading.factor());
        let size = (frame.width() as f32, frame.height() as f32);
        let whole = Corners::new(0.0, 0.0, size.0, size.1);
        let bounds = reading.placed(&Corners::new(0.0, 0.0, inside.0, inside.1));
        let candidate = |text: FoundText| {
            let corners = reading.placed(&text.corners);
            let cut = cut_sides(&corners, &bounds, &whole, CUT_PX * factor);
            let found = FoundText {
                // Half of an odd frame reaches half a pixel beyond it.
                corners: corners.clip(size.0, size.1),
                deviations_px: text.deviations_px.map(|deviation| deviation * factor),
                spread_px: text.spread_px.map(|spread| spread * factor),
                ..text
            };
            Candidate { found, part: reading.number, cut }
        };
        let (texts, maybe) = self.texts(image, inside, reading.number);
        Shown {
            found: texts.into_iter().map(candidate).filter(|candidate| candidate.found.corners.area() > 0.0).collect(),
            maybe_text: maybe.iter().map(|corners| reading.placed(corners)).collect(),
        }
    }

    /// The text of an image with its padded width and height, of which `size` is no padding, in its own pixels, and the
    /// places that may be text.
    fn texts(
        &self,
        image: (Vec<f32>, usize, usize),
        size: (f32, f32),
        number: usize,
    ) -> (Vec<FoundText>, Vec<Corners>) {
        let (proposals, features) = self.proposals(image, size);
        let boxes: Vec<Corners> = proposals.iter().map(|proposal| proposal.corners).collect();
        let Some(features) = features else { return (Vec::new(), Vec::new()) };
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
        let text = |(place, proposal): (usize, &Corners)| summary(&answers, place, proposal, size, &self.scaling);
        let texts: Vec<FoundText> = boxes.iter().enumerate().map(text).collect();
        let is_maybe_text = |text: &FoundText| text.probability >= self.settings.enlarged_from;
        let maybe_text = texts.iter().zip(boxes).filter(|(text, _)| is_maybe_text(text)).map(|(_, place)| place);
        let maybe_text = maybe_text.collect();
        let is_text = |text: &FoundText| text.probability >= self.least && text.corners.area() > 0.0;
        (texts.into_iter().filter(is_text).collect(), maybe_text)
    }

    /// The places of an image that may be text, and the features of each; no features if there is no place.
    fn proposals(
        &self,
        (pixels, width, height): (Vec<f32>, usize, usize),
        size: (f32, f32),
    ) -> (Vec<Proposal>, Option<Tensor<2>>) {
        let corners = |proposals: &[Proposal]| proposals.iter().map(|proposal| proposal.corners).collect::<Vec<_>>();
        let Some(fast) = &self.fast else {
            let image = Tensor::from_data(TensorData::new(pixels, [1, 1, height, width]), &self.device);
            let pyramid = self.detector.pyramid(image);
            let scores = self.detector.region_scores(&pyramid);
            let mut proposals = self.detector.propose_within(&pyramid, &scores, &[size]).concat();
            proposals.retain(|proposal| proposal.score >= self.settings.least_objectness || proposal.score.is_nan());
            let features = self.detector.box_features(&pyramid, &[corners(&proposals)]);
            return (proposals, features);
        };
        let pyramid = fast.pyramid(&pixels, width, height);
        drop(pixels);
        let proposals = fast.propose(&pyramid, size, self.settings.least_objectness);
        if proposals.is_empty() {
            return (proposals, None);
        }
        let features = fast.box_features(&pyramid, &corners(&proposals));
        let shape = [proposals.len(), features.len() / proposals.len()];
        (proposals, Some(Tensor::from_data(TensorData::new(features, shape), &self.device)))
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
fn summary(answers: &[Answers], place: usize, proposal: &Corners, size: (f32, f32), scaling: &Scaling) -> FoundText {
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

    #[test]
    fn one_pass_has_no_spread() {
        let text = summary(&[answer(2.0, 0.4)], 0, &PROPOSAL, (100.0, 100.0), &Scaling::NONE);
        assert_eq!(text.corners, Corners::new(22.0, 10.0, 70.0, 30.0));
        assert_eq!((text.spread_px, text.mutual_information), ([0.0; 4], 0.0));
        assert_eq!(text.deviations_px, [5.0, 2.0, 5.0, 2.0]);
        assert!((text.probability - 1.0 / (1.0 + (-2.0_f32).exp())).abs() < 1e-6);
        let warm = Scaling { temperature: 2.0, deviations: 3.0, ..Scaling::NONE };
        let warm = summary(&[answer(2.0, 0.4)], 0, &PROPOSAL, (100.0, 100.0), &warm);
        assert!((warm.probability - 1.0 / (1.0 + (-1.0_f32).exp())).abs() < 1e-6);
        assert!((warm.deviations_px[0] - 15.0).abs() < 1e-4);
    }

    #[test]
    fn passes_that_differ_tell_it() {
        let passes = [answer(4.0, 0.4), answer(-4.0, -0.4)];
        let text = summary(&passes, 0, &PROPOSAL, (100.0, 100.0), &Scaling::NONE);
        assert!((text.probability - 0.5).abs() < 1e-6);
        assert!((text.spread_px[0] - 2.0).abs() < 1e-4 && text.spread_px[1] == 0.0);
        assert!((text.deviations_px[0] - (25.0_f32 + 4.0).sqrt()).abs() < 1e-4);
        let each = entropy_of(1.0 / (1.0 + (-4.0_f32).exp()));
        assert!((text.mutual_information - (2.0_f32.ln() - each)).abs() < 1e-5);
        let same = summary(&[answer(1.0, 0.0), answer(1.0, 0.0)], 0, &PROPOSAL, (100.0, 100.0), &Scaling::NONE);
        assert!(same.mutual_information < 1e-6);
    }

    #[test]
    fn a_network_that_says_nothing_sensible_finds_text() {
        let text = summary(&[answer(f32::NAN, f32::NAN)], 0, &PROPOSAL, (100.0, 90.0), &Scaling::NONE);
        assert_eq!(text.probability, 1.0);
        assert_eq!(text.corners, PROPOSAL);
    }
}

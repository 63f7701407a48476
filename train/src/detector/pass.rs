//! One step: forward, backward, the sum of gradients. Squares of a step run side by side on a processor.
//!
//! The loss is that of Faster R-CNN: whether sampled anchors are text, and where it is; whether sampled proposals are
//! text, and where its sides are. Each is divided by the number of what was sampled, and their sum is made small.
//!
//! Source: S. Ren, K. He, R. Girshick, J. Sun, "Faster R-CNN", NeurIPS 2015, equation 1; for the variances Y. He et
//! al., "Bounding Box Regression with Uncertainty for Accurate Object Detection", CVPR 2019.

use super::coco::Bounds;
use super::config::SamplingConfig;
use super::crops::Crop;
use super::targets::{Match, Matcher, Sample, Sampler, pass_over};
use crate::streams::stream;
use burn::module::Module;
use burn::optim::{GradientsAccumulator, GradientsParams};
use burn::tensor::{Device, Int, Tensor, TensorData};
use efface_nets::detector::boxes::{CentreCoder, SideCoder};
use efface_nets::detector::heads::{BACKGROUND, TEXT};
use efface_nets::detector::{Corners, LevelScores, Pyramid, TextDetector, anchors, losses};
use efface_nets::noise::Noise;
use rayon::prelude::*;
use serde::Serialize;

/// Where the smooth L1 loss of anchors becomes straight, as in torchvision.
const ANCHOR_BETA: f32 = 1.0 / 9.0;
/// Where that of the head becomes straight.
const HEAD_BETA: f32 = 1.0;

/// The parts of a loss; their sum is made small.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Losses {
    /// Whether anchors are text.
    pub objectness: f32,
    /// Where their text is.
    pub proposal_boxes: f32,
    /// Whether proposals are text.
    pub classes: f32,
    /// Where their text is.
    pub boxes: f32,
}

impl Losses {
    /// Their sum.
    pub fn total(&self) -> f32 {
        self.objectness + self.proposal_boxes + self.classes + self.boxes
    }

    fn plus(self, other: Self) -> Self {
        Self {
            objectness: self.objectness + other.objectness,
            proposal_boxes: self.proposal_boxes + other.proposal_boxes,
            classes: self.classes + other.classes,
            boxes: self.boxes + other.boxes,
        }
    }
}

/// How boxes of the head are learnt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BoxLoss {
    /// Where the sides are, with a smooth L1 loss.
    Sides,
    /// Where the sides are and how far they may be off, with the likelihood of a normal distribution.
    SidesAndVariances,
}

/// What a step starts from.
pub struct Pass<'a> {
    /// The network, on a device that remembers how values came about.
    pub model: &'a TextDetector,
    /// The device.
    pub device: &'a Device,
    /// What the losses look at.
    pub sampling: SamplingConfig,
    /// How boxes of the head are learnt.
    pub box_loss: BoxLoss,
    /// The seed of what is sampled and dropped.
    pub seed: u64,
    /// Whether squares run side by side.
    pub parallel: bool,
}

/// A loss by its parts, each of one number, as far as there is one.
struct Parts {
    objectness: Option<Tensor<1>>,
    proposal_boxes: Option<Tensor<1>>,
    classes: Option<Tensor<1>>,
    boxes: Option<Tensor<1>>,
}

impl Parts {
    fn values(&self) -> Losses {
        let value = |part: &Option<Tensor<1>>| part.clone().map_or(0.0, |part| part.into_scalar::<f32>());
        Losses {
            objectness: value(&self.objectness),
            proposal_boxes: value(&self.proposal_boxes),
            classes: value(&self.classes),
            boxes: value(&self.boxes),
        }
    }

    fn sum(self) -> Option<Tensor<1>> {
        let parts = [self.objectness, self.proposal_boxes, self.classes, self.boxes];
        parts.into_iter().flatten().reduce(|sum, part| sum + part)
    }
}

impl Pass<'_> {
    /// The mean loss of the squares and its gradients. The order of summation is that of the squares, whichever ends
    /// first, so that threads change nothing.
    pub fn run(&self, crops: &[Crop], step: u64) -> (Losses, GradientsParams) {
        let share = 1.0 / crops.len().max(1) as f32;
        let numbered: Vec<(u64, &Crop)> = (0..).zip(crops).collect();
        let one = |(place, crop): (u64, &Crop)| self.square(crop, step, place, share);
        let results: Vec<Option<(Losses, GradientsParams)>> = if self.parallel {
            numbered.into_par_iter().map(one).collect()
        } else {
            numbered.into_iter().map(one).collect()
        };
        let mut sum = GradientsAccumulator::new();
        let mut losses = Losses::default();
        for (value, gradients) in results.into_iter().flatten() {
            losses = losses.plus(value);
            sum.accumulate(self.model, gradients);
        }
        (losses, sum.grads())
    }

    fn square(&self, crop: &Crop, step: u64, place: u64, share: f32) -> Option<(Losses, GradientsParams)> {
        // Squares that shared the leaves of one graph would free each other's nodes.
        let model = self.model.clone().fork(self.device);
        let pyramid = model.pyramid(image(crop, self.device));
        let scores = model.region_scores(&pyramid);
        let (objectness, proposal_boxes) = self.anchors(&model, &scores, crop, step, place, share);
        let (classes, boxes) = self.proposals(&model, &pyramid, &scores, crop, (step, place), share).unzip();
        let parts = Parts { objectness, proposal_boxes, classes, boxes: boxes.flatten() };
        let values = parts.values();
        let gradients = GradientsParams::from_grads(parts.sum()?.backward(), &model);
        Some((values, gradients))
    }

    /// The losses of sampled anchors.
    fn anchors(
        &self,
        model: &TextDetector,
        scores: &[LevelScores],
        crop: &Crop,
        step: u64,
        place: u64,
        share: f32,
    ) -> (Option<Tensor<1>>, Option<Tensor<1>>) {
        let side = crop.side as usize;
        let anchors = anchors::of(model.config(), side, side).concat();
        let sampler = Sampler { n_boxes: self.sampling.anchors as usize, word_share: self.sampling.anchor_word_share };
        let matches = matches(Matcher::ANCHORS, &anchors, crop);
        let sample = sampler.draw(&matches, &mut stream(self.seed, "anchors", &[step, place]));
        let n_sampled = sample.words.len() + sample.ground.len();
        if n_sampled == 0 {
            return (None, None);
        }
        let share = share / n_sampled as f32;
        let flat =
            Tensor::cat(scores.iter().map(|level| level.objectness.clone()).collect(), 1).reshape([anchors.len()]);
        let found = flat.select(0, self.numbers(sample.words.iter().chain(&sample.ground).copied()));
        let mut wanted = vec![1.0_f32; sample.words.len()];
        wanted.resize(n_sampled, 0.0);
        let wanted = Tensor::from_data(TensorData::new(wanted, [n_sampled]), self.device);
        let objectness = losses::objectness(found, wanted).sum().mul_scalar(share);
        let boxes = (!sample.words.is_empty()).then(|| {
            let flat =
                Tensor::cat(scores.iter().map(|level| level.deltas.clone()).collect(), 1).reshape([anchors.len(), 4]);
            let found = flat.select(0, self.numbers(sample.words.iter().copied()));
            let wanted = self
                .wanted(&sample, &matches, &anchors, crop, |anchor, word| CentreCoder::PROPOSALS.encode(anchor, word));
            losses::smooth_l1(found, wanted, ANCHOR_BETA).sum().mul_scalar(share)
        });
        (Some(objectness), boxes)
    }

    /// The losses of sampled proposals: that of the classes, and that of the boxes if one of them is text.
    fn proposals(
        &self,
        model: &TextDetector,
        pyramid: &Pyramid,
        scores: &[LevelScores],
        crop: &Crop,
        (step, place): (u64, u64),
        share: f32,
    ) -> Option<(Tensor<1>, Option<Tensor<1>>)> {
        let side = crop.side as f32;
        let proposed = model.propose_within(pyramid, scores, &[(side, side)]);
        let mut boxes: Vec<Corners> = proposed.into_iter().flatten().map(|proposal| proposal.corners).collect();
        // The words themselves, so that the head learns of each before the proposals are good.
        boxes.extend(crop.words.iter().map(|word| Corners::from_sides(*word)));
        let sampler =
            Sampler { n_boxes: self.sampling.proposals as usize, word_share: self.sampling.proposal_word_share };
        let found = matches(Matcher::PROPOSALS, &boxes, crop);
        let sample = sampler.draw(&found, &mut stream(self.seed, "proposals", &[step, place]));
        let sampled: Vec<Corners> = sample.words.iter().chain(&sample.ground).map(|number| boxes[*number]).collect();
        let n_sampled = sampled.len();
        let share = share / n_sampled.max(1) as f32;
        let mut noise = Noise::new(model.config().dropout, self.seed, [step, place]);
        let judged = model.classify(pyramid, &[sampled], &mut noise)?;
        let mut classes = vec![TEXT as i32; sample.words.len()];
        classes.resize(n_sampled, BACKGROUND as i32);
        let classes = Tensor::from_data(TensorData::new(classes, [n_sampled]), self.device);
        let class_loss = losses::class_cross_entropy(judged.classes, classes).sum().mul_scalar(share);
        let n_words = sample.words.len();
        let box_loss = (n_words > 0).then(|| {
            let wanted =
                self.wanted(&sample, &found, &boxes, crop, |proposal, word| SideCoder::HEAD.encode(proposal, word));
            let deltas = judged.deltas.slice([0..n_words, 0..4]);
            let loss = match self.box_loss {
                BoxLoss::Sides => losses::smooth_l1(deltas, wanted, HEAD_BETA),
                BoxLoss::SidesAndVariances => {
                    losses::gaussian(deltas, judged.log_variances.slice([0..n_words, 0..4]), wanted)
                }
            };
            loss.sum().mul_scalar(share)
        });
        Some((class_loss, box_loss))
    }

    fn numbers(&self, numbers: impl Iterator<Item = usize>) -> Tensor<1, Int> {
        let numbers: Vec<i32> = numbers.map(|number| number as i32).collect();
        let count = numbers.len();
        Tensor::from_data(TensorData::new(numbers, [count]), self.device)
    }

    /// Where the sampled boxes that stand for words should be: `[words, 4]`.
    fn wanted(
        &self,
        sample: &Sample,
        matches: &[Match],
        boxes: &[Corners],
        crop: &Crop,
        encode: impl Fn(&Corners, &Corners) -> [f32; 4],
    ) -> Tensor<2> {
        let one = |number: &usize| match matches[*number] {
            Match::Word(word) => encode(&boxes[*number], &Corners::from_sides(crop.words[word])),
            Match::Ground | Match::Between => [0.0; 4],
        };
        let values: Vec<f32> = sample.words.iter().flat_map(one).collect();
        Tensor::from_data(TensorData::new(values, [sample.words.len(), 4]), self.device)
    }
}

/// What boxes of a square stand for.
fn matches(matcher: Matcher, boxes: &[Corners], crop: &Crop) -> Vec<Match> {
    let sides: Vec<Bounds> = boxes.iter().map(Corners::sides).collect();
    let mut matches = matcher.matches(&sides, &crop.words);
    pass_over(&mut matches, &sides, &crop.ignored);
    matches
}

/// A square as the network wants it: `[1, 1, side, side]`.
fn image(crop: &Crop, device: &Device) -> Tensor<4> {
    let side = crop.side as usize;
    Tensor::from_data(TensorData::new(crop.pixels.clone(), [1, 1, side, side]), device)
}

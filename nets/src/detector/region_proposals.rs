//! The region proposal network (Ren et al. 2015): which anchors are text, and where it really is.

use super::boxes::{CentreCoder, Corners};
use super::config::{DetectorConfig, ProposalConfig};
use super::nms::{best, best_from, nms};
use super::pyramid::Pyramid;
use crate::layers::{Depthwise, Pointwise};
use burn::module::Module;
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};

/// The same small network for each cell of each level.
#[derive(Module, Debug)]
pub struct ProposalHead {
    /// Looks around.
    pub around: Depthwise,
    /// Mixes channels.
    pub mix: Pointwise,
    /// One score for each anchor of a cell.
    pub objectness: Pointwise,
    /// Four numbers for each anchor of a cell.
    pub deltas: Pointwise,
}

/// What the network says about all anchors of one level, in the order of [`super::anchors::grid`].
#[derive(Debug, Clone)]
pub struct LevelScores {
    /// `[n, anchors]`: scores before a sigmoid.
    pub objectness: Tensor<2>,
    /// `[n, anchors, 4]`: where the box is, as [`CentreCoder::PROPOSALS`] tells it.
    pub deltas: Tensor<3>,
}

/// A place that may be text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Proposal {
    /// Where, in pixels.
    pub corners: Corners,
    /// The score before a sigmoid.
    pub score: f32,
}

impl ProposalHead {
    /// Random weights. All levels have as many anchors in a cell as the first.
    pub fn new(config: &DetectorConfig, device: &Device) -> Self {
        let (channels, anchors) = (config.pyramid_channels, config.anchors_of(0));
        // Small weights at the end, as in the paper: at first every anchor is its own box, and none is surer.
        Self {
            around: Depthwise::new(channels, 3, device),
            mix: Pointwise::new(channels, channels, std::f64::consts::SQRT_2, device),
            objectness: Pointwise::new(channels, anchors, 0.1, device),
            deltas: Pointwise::new(channels, 4 * anchors, 0.1, device),
        }
    }

    /// What it says about each level.
    pub fn forward(&self, pyramid: &Pyramid) -> Vec<LevelScores> {
        pyramid.levels.iter().map(|level| self.level(level.clone())).collect()
    }

    fn level(&self, level: Tensor<4>) -> LevelScores {
        let [images, _, rows, columns] = level.dims();
        let cells = rows * columns;
        let hidden = relu(self.mix.forward(self.around.forward(level)));
        let anchors = self.objectness.weight.dims()[0];
        let objectness = self.objectness.rows(hidden.clone()).swap_dims(1, 2).reshape([images, cells * anchors]);
        let deltas = self.deltas.rows(hidden).swap_dims(1, 2).reshape([images, cells * anchors, 4]);
        LevelScores { objectness, deltas }
    }
}

/// The best places of each image: of each level the surest enter the suppression, and the surest of what leaves it
/// are returned, the surest first.
///
/// `anchors` are those of [`super::anchors::of`], and `sizes` width and height of what each image really holds:
/// padding is no part of it.
pub fn propose(
    scores: &[LevelScores],
    anchors: &[Vec<Corners>],
    sizes: &[(f32, f32)],
    config: &ProposalConfig,
) -> Vec<Vec<Proposal>> {
    let levels: Vec<(Vec<f32>, Vec<f32>)> =
        scores.iter().map(|level| (numbers(level.objectness.clone()), numbers(level.deltas.clone()))).collect();
    let image = |(image, size): (usize, &(f32, f32))| {
        let mut found = Vec::new();
        for ((objectness, deltas), anchors) in levels.iter().zip(anchors) {
            let range = image * anchors.len()..(image + 1) * anchors.len();
            let told = &deltas[4 * range.start..4 * range.end];
            let deltas = |place: usize| std::array::from_fn(|side| told[4 * place + side]);
            found.extend(of_level(
                &objectness[range],
                deltas,
                |place| anchors[place],
                *size,
                config,
                f32::NEG_INFINITY,
            ));
        }
        let scores: Vec<f32> = found.iter().map(|proposal: &Proposal| proposal.score).collect();
        best(&scores, config.places(size.0, size.1)).into_iter().map(|place| found[place]).collect()
    };
    sizes.iter().enumerate().map(image).collect()
}

/// The best places of one level, of which each anchor has a score, four numbers and a box, without those that score less
/// than `least`.
pub(super) fn of_level(
    objectness: &[f32],
    deltas: impl Fn(usize) -> [f32; 4],
    anchor: impl Fn(usize) -> Corners,
    (width, height): (f32, f32),
    config: &ProposalConfig,
    least: f32,
) -> Vec<Proposal> {
    let mut boxes = Vec::with_capacity(config.before_nms);
    let mut scores = Vec::with_capacity(config.before_nms);
    let entering = config.before_nms * config.places(width, height) / config.after_nms.max(1);
    for place in best_from(objectness, entering, least) {
        let corners = CentreCoder::PROPOSALS.decode(deltas(place), &anchor(place)).clip(width, height);
        if corners.width() >= config.least_side_px && corners.height() >= config.least_side_px {
            boxes.push(corners);
            scores.push(objectness[place]);
        }
    }
    let kept = nms(&boxes, &scores, config.nms_iou);
    kept.into_iter().map(|place| Proposal { corners: boxes[place], score: scores[place] }).collect()
}

fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().convert::<f32>().try_into_vec().expect("scores are numbers")
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::TensorData;

    fn level(objectness: &[f32], deltas: Vec<f32>) -> LevelScores {
        let (device, count) = (Device::flex(), objectness.len());
        LevelScores {
            objectness: Tensor::from_data(TensorData::new(objectness.to_vec(), [1, count]), &device),
            deltas: Tensor::from_data(TensorData::new(deltas, [1, count, 4]), &device),
        }
    }

    fn settings() -> ProposalConfig {
        ProposalConfig { before_nms: 3, after_nms: 2, nms_iou: 0.7, least_side_px: 2.0 }
    }

    #[test]
    fn the_surest_places_of_all_levels_come_first() {
        let anchors: Vec<Corners> =
            (0..4).map(|place| Corners::new(20.0 * place as f32, 0.0, 20.0 * place as f32 + 10.0, 10.0)).collect();
        let first = level(&[0.1, 3.0, 0.2, 0.3], vec![0.0; 16]);
        let second = level(&[2.0, f32::NAN, -1.0, 4.0], vec![0.0; 16]);
        let found = propose(&[first, second], &[anchors.clone(), anchors.clone()], &[(100.0, 50.0)], &settings());
        let expected = [Proposal { corners: anchors[3], score: 4.0 }, Proposal { corners: anchors[1], score: 3.0 }];
        assert_eq!(found, [expected]);
    }

    #[test]
    fn what_lies_outside_or_is_a_line_is_no_proposal() {
        let anchors = vec![Corners::new(0.0, 0.0, 10.0, 10.0); 3];
        let deltas = vec![9.0, 0.0, 0.0, 0.0, 0.0, 0.0, -9.0, 0.0, 0.5, 0.0, 0.0, 0.0];
        let found = propose(&[level(&[3.0, 2.0, 1.0], deltas)], &[anchors], &[(12.0, 8.0)], &settings());
        assert_eq!(found, [[Proposal { corners: Corners::new(5.0, 0.0, 12.0, 8.0), score: 1.0 }]]);
    }

    #[test]
    fn no_image_has_no_proposals() {
        assert!(propose(&[], &[], &[], &settings()).is_empty());
        assert_eq!(propose(&[], &[], &[(0.0, 0.0)], &settings()), [[]]);
    }
}

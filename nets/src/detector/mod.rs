//! The text detector: Faster R-CNN (Ren et al. 2015) over a feature pyramid (Lin et al. 2017), which says how sure it
//! is: a probability of being text, a variance of each side (Kendall and Gal 2017; He et al. 2019), and with dropout
//! in its head the spread of several answers (Gal and Ghahramani 2016).
//!
//! A frame goes this way: [`prepare`] evens out intensity and polarity, for training and inference alike;
//! [`TextDetector::pyramid`] makes features, [`TextDetector::propose`] the places that may be text, and
//! [`TextDetector::classify`] says which are. [`TextFinder`] is all of it for frames of any size.
//!
//! Shapes: images are `[n, 1, height, width]`, their sides multiples of [`DetectorConfig::multiple`].

pub mod anchors;
pub mod backbone;
pub mod boxes;
mod calibration;
mod config;
mod fast;
mod finder;
pub mod folder;
pub mod frame;
pub mod heads;
pub mod losses;
mod merge;
pub mod nms;
pub mod pyramid;
pub mod region_proposals;
pub mod roi_align;
pub mod weights;
pub mod zoom;

pub use crate::layers::NormKind;
pub use boxes::Corners;
pub use calibration::DetectorCalibration;
pub use config::{
    AnchorConfig, BackboneConfig, CompactConfig, DetectorConfig, FORMAT_VERSION, ProposalConfig, RegionConfig,
};
pub use finder::{FinderSettings, FoundText, TextFinder};
pub use folder::DetectorFolder;
pub use frame::{Frame, prepare};
pub use heads::Judgement;
pub use pyramid::Pyramid;
pub use region_proposals::{LevelScores, Proposal};

use crate::noise::Noise;
use backbone::Backbone;
use burn::module::Module;
use burn::tensor::{Device, Tensor};
use heads::RegionHead;
use pyramid::FeaturePyramid;
use region_proposals::ProposalHead;
use roi_align::{CellTable, Region};

/// A network that finds text.
#[derive(Module, Debug)]
pub struct TextDetector {
    /// From images to features.
    pub backbone: Backbone,
    /// From coarse to fine.
    pub pyramid: FeaturePyramid,
    /// Which anchors may be text.
    pub proposals: ProposalHead,
    /// What a box is.
    pub head: RegionHead,
    #[module(skip)]
    config: DetectorConfig,
}

impl TextDetector {
    /// A detector with random weights.
    ///
    /// # Examples
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use efface_nets::detector::{DetectorConfig, TextDetector};
    /// use efface_nets::noise::Noise;
    ///
    /// let detector = TextDetector::new(&DetectorConfig::compact(), &Device::flex());
    /// let pyramid = detector.pyramid(Tensor::zeros([1, 1, 64, 96], &Device::flex()));
    /// let boxes: Vec<_> = detector.propose(&pyramid)[0].iter().map(|proposal| proposal.corners).collect();
    /// let judged = detector.classify(&pyramid, &[boxes.clone()], &mut Noise::none()).expect("there are proposals");
    /// assert_eq!(judged.classes.dims(), [boxes.len(), 2]);
    /// ```
    pub fn new(config: &DetectorConfig, device: &Device) -> Self {
        let mut widths = Backbone::widths(&config.backbone);
        widths.truncate(config.levels());
        Self {
            backbone: Backbone::new(config, device),
            pyramid: FeaturePyramid::new(&widths, config.pyramid_channels, device),
            proposals: ProposalHead::new(config, device),
            head: RegionHead::new(config, device),
            config: config.clone(),
        }
    }

    /// The sizes.
    pub fn config(&self) -> &DetectorConfig {
        &self.config
    }

    /// Features of images `[n, channels, height, width]`.
    pub fn pyramid(&self, images: Tensor<4>) -> Pyramid {
        let levels = self.pyramid.forward(self.backbone.forward(images, self.config.levels()));
        Pyramid { levels, strides: self.config.strides.clone() }
    }

    /// What the proposal network says about every anchor of every level.
    pub fn region_scores(&self, pyramid: &Pyramid) -> Vec<LevelScores> {
        self.proposals.forward(pyramid)
    }

    /// The places of each image that may be text, the surest first.
    pub fn propose(&self, pyramid: &Pyramid) -> Vec<Vec<Proposal>> {
        let (width, height) = pyramid.size();
        let sizes = vec![(width as f32, height as f32); pyramid.images()];
        self.propose_within(pyramid, &self.region_scores(pyramid), &sizes)
    }

    /// The same of scores that are known already, and within the width and height that each image has without padding.
    pub fn propose_within(
        &self,
        pyramid: &Pyramid,
        scores: &[LevelScores],
        sizes: &[(f32, f32)],
    ) -> Vec<Vec<Proposal>> {
        let (width, height) = pyramid.size();
        let anchors = anchors::of(&self.config, width, height);
        region_proposals::propose(scores, &anchors, sizes, &self.config.proposals)
    }

    /// Features of boxes of each image, `[boxes, bins * channels]`, image after image; nothing if there is no box.
    pub fn box_features(&self, pyramid: &Pyramid, boxes: &[Vec<Corners>]) -> Option<Tensor<2>> {
        let regions: Vec<Region> = boxes
            .iter()
            .enumerate()
            .flat_map(|(image, boxes)| boxes.iter().map(move |corners| Region { image, corners: *corners }))
            .collect();
        (!regions.is_empty()).then(|| CellTable::new(pyramid).pool(&regions, &self.config.regions))
    }

    /// What boxes of each image are, image after image; nothing if there is no box.
    pub fn classify(&self, pyramid: &Pyramid, boxes: &[Vec<Corners>], noise: &mut Noise) -> Option<Judgement> {
        self.box_features(pyramid, boxes).map(|features| self.head.forward(features, noise))
    }
}

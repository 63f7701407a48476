//! What `config.json` of a text detector says.

use crate::NetsError;
use crate::layers::NormKind;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Version of the form of `config.json`.
pub const FORMAT_VERSION: u32 = 1;

/// Pixels of the finest level per cell; each further level has twice as many.
pub(crate) const FINEST_STRIDE: usize = 4;

/// The sizes of the compact backbone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompactConfig {
    /// Channels of each stage, multiples of eight; stages have strides 4, 8, 16 and 32.
    pub widths: Vec<usize>,
    /// Residual blocks of each stage.
    pub blocks: Vec<usize>,
    /// Side of the depthwise kernels, odd.
    pub kernel: usize,
    /// How many times wider a block is inside.
    pub expansion: usize,
    /// How features are normalised.
    pub norm: NormKind,
}

/// What makes features of an image.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum BackboneConfig {
    /// Depthwise-separable residual blocks, made for processors.
    Compact(CompactConfig),
    /// He et al. 2016, by torchvision's names.
    #[serde(rename = "resnet-18")]
    ResNet18,
    /// He et al. 2016, by torchvision's names.
    #[serde(rename = "resnet-34")]
    ResNet34,
    /// He et al. 2016 with the stride in the 3x3 convolution, by torchvision's names.
    #[serde(rename = "resnet-50")]
    ResNet50,
}

/// Shapes that text has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnchorConfig {
    /// Heights in pixels, for each level.
    pub heights_px: Vec<Vec<f32>>,
    /// Widths as multiples of the height.
    pub ratios: Vec<f32>,
}

/// How many places are looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProposalConfig {
    /// The best of each level that enter the suppression; of a small image as many fewer as leave it.
    pub before_nms: usize,
    /// The best of an image that leave it; of a small image fewer, see [`ProposalConfig::places`].
    pub after_nms: usize,
    /// Of two proposals of a level with more than this intersection over union, one stays.
    pub nms_iou: f32,
    /// Proposals with a smaller side are dropped.
    pub least_side_px: f32,
}

/// An image has a place for each so many pixels: a word of four letters of the least height has three.
const PIXELS_PER_PLACE: f32 = 256.0;
/// Every image has so many places.
const LEAST_PLACES: usize = 64;

impl ProposalConfig {
    /// How many places of an image are looked at: [`Self::after_nms`], and of a small image as many as text would fill.
    ///
    /// # Examples
    /// ```
    /// use efface_nets::detector::DetectorConfig;
    /// let proposals = DetectorConfig::compact().proposals;
    /// assert_eq!((proposals.places(640.0, 512.0), proposals.places(192.0, 192.0)), (256, 144));
    /// ```
    pub fn places(&self, width: f32, height: f32) -> usize {
        // A cast of what is no number gives 0.
        ((width * height / PIXELS_PER_PLACE) as usize).clamp(LEAST_PLACES.min(self.after_nms), self.after_nms)
    }
}

/// How features of a box are pooled.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegionConfig {
    /// Bins from top to bottom.
    pub rows: usize,
    /// Bins from left to right.
    pub columns: usize,
    /// Samples of a bin in each direction.
    pub samples: usize,
    /// A box of this many pixels squared is read from the level of `canonical_level`.
    pub canonical_side_px: f32,
    /// The index of that level, the finest being 0.
    pub canonical_level: usize,
}

/// The sizes of a text detector.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DetectorConfig {
    /// Version of this form.
    pub format_version: u32,
    /// Channels of the image.
    pub input_channels: usize,
    /// What makes features of an image.
    pub backbone: BackboneConfig,
    /// Pixels per cell of each level of the pyramid: 4, 8, 16 and perhaps 32.
    pub strides: Vec<usize>,
    /// Channels of each level of the pyramid.
    pub pyramid_channels: usize,
    /// Shapes that text has.
    pub anchors: AnchorConfig,
    /// How many places are looked at.
    pub proposals: ProposalConfig,
    /// How features of a box are pooled.
    pub regions: RegionConfig,
    /// Numbers in the two hidden layers of the head.
    pub head_width: usize,
    /// The share of values that dropout drops in the head, from 0 to below 1.
    pub dropout: f32,
}

impl DetectorConfig {
    /// About 1.1 million parameters, for processors.
    ///
    /// # Examples
    /// ```
    /// use efface_nets::detector::DetectorConfig;
    /// let config = DetectorConfig::compact();
    /// assert_eq!(config.strides, [4, 8, 16, 32]);
    /// assert!(config.check().is_ok());
    /// ```
    pub fn compact() -> Self {
        Self {
            format_version: FORMAT_VERSION,
            input_channels: 1,
            backbone: BackboneConfig::Compact(CompactConfig {
                widths: vec![32, 64, 96, 128],
                blocks: vec![2, 3, 3, 2],
                kernel: 5,
                expansion: 3,
                norm: NormKind::Group,
            }),
            strides: vec![4, 8, 16, 32],
            pyramid_channels: 64,
            anchors: AnchorConfig {
                heights_px: vec![vec![8.0, 12.0], vec![16.0, 24.0], vec![32.0, 48.0], vec![64.0, 96.0]],
                ratios: vec![1.0, 2.0, 4.0, 8.0],
            },
            proposals: ProposalConfig { before_nms: 600, after_nms: 256, nms_iou: 0.7, least_side_px: 2.0 },
            regions: RegionConfig { rows: 4, columns: 8, samples: 2, canonical_side_px: 48.0, canonical_level: 1 },
            head_width: 192,
            dropout: 0.1,
        }
    }

    /// The same over a backbone of the family of ResNets, wide enough for graphics cards.
    pub fn with_resnet(backbone: BackboneConfig) -> Self {
        Self { backbone, pyramid_channels: 128, head_width: 512, ..Self::compact() }
    }

    /// Reads `config.json`.
    ///
    /// # Errors
    /// [`NetsError::Read`], and [`NetsError::Invalid`] if a size is missing or senseless.
    pub fn read(path: &Path) -> Result<Self, NetsError> {
        let bytes = std::fs::read(path).map_err(NetsError::reading(path))?;
        Self::parse(&bytes, path)
    }

    /// Parses the bytes of `config.json`; `path` is named in errors.
    ///
    /// # Errors
    /// See [`DetectorConfig::read`].
    pub fn parse(bytes: &[u8], path: &Path) -> Result<Self, NetsError> {
        let invalid = |reason: String| NetsError::invalid(path, "configuration of a text detector", reason);
        let config: Self = serde_json::from_slice(bytes).map_err(|error| invalid(error.to_string()))?;
        config.check().map_err(invalid)?;
        Ok(config)
    }

    /// How many levels the pyramid has.
    pub fn levels(&self) -> usize {
        self.strides.len()
    }

    /// Images have a multiple of this many rows and columns.
    pub fn multiple(&self) -> usize {
        self.strides.last().copied().unwrap_or(FINEST_STRIDE)
    }

    /// Anchors of each cell of a level.
    pub fn anchors_of(&self, level: usize) -> usize {
        self.anchors.heights_px[level].len() * self.anchors.ratios.len()
    }

    /// Says what is senseless.
    ///
    /// # Errors
    /// One sentence about the first fault.
    pub fn check(&self) -> Result<(), String> {
        if self.format_version != FORMAT_VERSION {
            return Err(format!("its version is {}, and {FORMAT_VERSION} is known", self.format_version));
        }
        if let BackboneConfig::Compact(compact) = &self.backbone {
            compact.check()?;
        }
        let strides: Vec<usize> = (0..self.levels()).map(|level| FINEST_STRIDE << level).collect();
        if !(1..=4).contains(&self.levels()) || self.strides != strides {
            return Err("strides are 4, 8, 16 and 32, or the first of them".to_owned());
        }
        let sizes = [
            self.input_channels,
            self.pyramid_channels,
            self.head_width,
            self.proposals.before_nms,
            self.proposals.after_nms,
            self.regions.rows,
            self.regions.columns,
            self.regions.samples,
        ];
        if sizes.contains(&0) {
            return Err("a size is 0".to_owned());
        }
        self.check_anchors()?;
        let is_share = |share: f32| (0.0..=1.0).contains(&share);
        if !is_share(self.proposals.nms_iou) || !is_share(self.dropout) || self.dropout >= 1.0 {
            return Err("an overlap or a share is not from 0 to 1".to_owned());
        }
        let is_side = self.regions.canonical_side_px.is_finite() && self.regions.canonical_side_px > 0.0;
        if !is_side || self.regions.canonical_level >= self.levels() || !self.proposals.least_side_px.is_finite() {
            return Err("boxes are assigned to no level".to_owned());
        }
        Ok(())
    }

    fn check_anchors(&self) -> Result<(), String> {
        if self.anchors.heights_px.len() != self.levels() {
            return Err(format!("{} levels have anchors, not {}", self.anchors.heights_px.len(), self.levels()));
        }
        let mut numbers = self.anchors.heights_px.iter().flatten().chain(&self.anchors.ratios);
        let is_empty = self.anchors.ratios.is_empty() || self.anchors.heights_px.iter().any(Vec::is_empty);
        if is_empty || !numbers.all(|number| number.is_finite() && *number > 0.0) {
            return Err("a level has no anchors, or one without a size".to_owned());
        }
        Ok(())
    }
}

impl CompactConfig {
    fn check(&self) -> Result<(), String> {
        if self.widths.len() != 4 || self.blocks.len() != 4 {
            return Err("a compact backbone has four stages".to_owned());
        }
        if self.widths.iter().any(|width| *width == 0 || !width.is_multiple_of(8)) {
            return Err("widths are multiples of 8".to_owned());
        }
        if self.kernel.is_multiple_of(2) || self.expansion == 0 {
            return Err("kernels are odd, and a block has an inside".to_owned());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(config: &DetectorConfig) -> Result<DetectorConfig, String> {
        let bytes = serde_json::to_vec(config).expect("a configuration has a form");
        DetectorConfig::parse(&bytes, Path::new("config.json")).map_err(|error| error.to_string())
    }

    #[test]
    fn a_configuration_comes_back_as_it_was_written() {
        let resnets = [BackboneConfig::ResNet18, BackboneConfig::ResNet34, BackboneConfig::ResNet50];
        let configs = resnets.map(DetectorConfig::with_resnet);
        for config in configs.into_iter().chain([DetectorConfig::compact()]) {
            assert_eq!(parse(&config), Ok(config));
        }
    }

    #[test]
    fn what_is_senseless_is_refused() {
        let refused = |spoil: fn(&mut DetectorConfig), expected: &str| {
            let mut config = DetectorConfig::compact();
            spoil(&mut config);
            let error = parse(&config).expect_err(expected);
            assert!(error.contains("config.json") && error.contains(expected), "{error}");
        };
        refused(|config| config.format_version = 2, "version");
        refused(|config| config.strides = vec![4, 8, 24], "strides");
        refused(|config| config.strides.clear(), "strides");
        refused(|config| config.pyramid_channels = 0, "size is 0");
        refused(|config| config.regions.samples = 0, "size is 0");
        refused(|config| config.dropout = 1.0, "from 0 to 1");
        refused(|config| config.dropout = -0.1, "from 0 to 1");
        refused(|config| config.anchors.heights_px[1].clear(), "anchors");
        refused(|config| config.anchors.ratios[0] = 0.0, "anchors");
        refused(|config| config.anchors.heights_px.truncate(2), "levels");
        refused(|config| config.regions.canonical_level = 9, "level");
        let compact = |spoil: fn(&mut CompactConfig)| {
            let mut config = DetectorConfig::compact();
            if let BackboneConfig::Compact(compact) = &mut config.backbone {
                spoil(compact);
            }
            parse(&config).expect_err("senseless")
        };
        assert!(compact(|compact| compact.widths[0] = 12).contains("multiples of 8"));
        assert!(compact(|compact| compact.kernel = 4).contains("odd"));
        assert!(compact(|compact| compact.blocks.truncate(1)).contains("four stages"));
    }

    #[test]
    fn unknown_fields_are_refused() {
        let text = serde_json::to_string(&DetectorConfig::compact()).expect("a form");
        let text = text.replacen('{', "{\"depth\":3,", 1);
        DetectorConfig::parse(text.as_bytes(), Path::new("config.json")).expect_err("an unknown field");
    }
}

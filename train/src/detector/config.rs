//! What `efface train detector --config FILE` is told: a TOML file.
//!
//! Keys are in kebab case; unknown ones are refused with their line. What is absent has the default that is written
//! beside it here. Relative paths start at the working directory.
//!
//! ```
//! let text = r#"
//! output = "runs/detector"
//!
//! [[datasets]]
//! path = "runs/text-detect/train"
//! format = "suite"
//! split = "by-patient"
//!
//! [optimizer]
//! steps = 1000
//! "#;
//! let config = efface_train::detector::DetectorTraining::parse(text, "detector.toml".as_ref())?;
//! assert_eq!((config.optimizer.steps, config.crops.sizes.as_slice()), (1000, [320].as_slice()));
//! # Ok::<(), efface_train::config::ConfigError>(())
//! ```

use crate::config::check::{self, Refusal};
use crate::config::{self, ConfigError, SharesConfig, Split};
use crate::error::TrainError;
use crate::run_manifest::{DatasetFile, TrainingManifest, digest};
use crate::schedule::{Decay, Schedule};
use efface_nets::NetsError;
use efface_nets::detector::{BackboneConfig, DetectorConfig};
use efface_schema::Machine;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// How images and their words are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ImagesFormat {
    /// A folder that `efface synth` wrote: `coco.json` beside `dicom`.
    Suite,
    /// A COCO file of DICOM, PNG or JPEG images.
    Coco,
}

/// A data set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ImagesConfig {
    /// The suite's folder, or the COCO file.
    pub path: PathBuf,
    /// Which of them.
    pub format: ImagesFormat,
    /// What the images are for.
    pub split: Split,
    /// For `coco`: the folder that file names start in. Default: that of the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub images: Option<PathBuf>,
}

impl ImagesConfig {
    /// The list of images and boxes.
    pub fn list(&self) -> PathBuf {
        match self.format {
            ImagesFormat::Suite => self.path.join("coco.json"),
            ImagesFormat::Coco => self.path.clone(),
        }
    }

    /// The folder that the names of files start in.
    pub fn folder(&self) -> PathBuf {
        match (self.format, &self.images) {
            (ImagesFormat::Suite, _) => self.path.join("dicom"),
            (ImagesFormat::Coco, Some(folder)) => folder.clone(),
            (ImagesFormat::Coco, None) => self.path.parent().map(Path::to_path_buf).unwrap_or_default(),
        }
    }
}

/// The images of a run: where they are, and what they are for.
#[derive(Debug, Clone, Copy)]
pub struct ImageSets<'a> {
    /// The folder that the run writes to.
    pub output: &'a Path,
    /// Root of all random numbers.
    pub seed: u64,
    /// The data sets.
    pub datasets: &'a [ImagesConfig],
    /// How patients are shared out.
    pub shares: SharesConfig,
}

impl ImageSets<'_> {
    /// What the images of a patient in a data set, by its number, are for.
    pub(super) fn split_of(&self, set: usize, cluster: &str) -> Split {
        self.shares.split_of(self.seed, self.datasets[set].split, cluster)
    }

    /// What decides which patient is for what, as bytes.
    pub(super) fn split_digest(&self) -> Vec<u8> {
        let splits: Vec<Split> = self.datasets.iter().map(|set| set.split).collect();
        serde_json::to_vec(&(self.seed, self.shares, splits)).expect("numbers and words have a text")
    }

    /// The manifest of a run of `command` that begins, or that of one that goes on.
    pub(crate) fn manifest(
        &self,
        command: &str,
        config: &impl Serialize,
        device: &str,
        is_resumed: bool,
    ) -> Result<TrainingManifest, TrainError> {
        if is_resumed && let Some(begun) = TrainingManifest::read(self.output)? {
            return Ok(begun);
        }
        let platform = format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH);
        let n_threads = u32::try_from(rayon::current_num_threads()).unwrap_or(u32::MAX);
        let value = serde_json::to_value(config).expect("a configuration has a text");
        let mut manifest = TrainingManifest::begin(command, value, device, Machine { platform, n_threads });
        manifest.seeds.insert("root".to_owned(), self.seed);
        for set in self.datasets {
            let path = set.list();
            let (n_bytes, sha256) = digest(&path).map_err(NetsError::reading(&path))?;
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let purpose = serde_json::to_value(set.split).expect("a split has a name");
            let purpose = purpose.as_str().unwrap_or_default().to_owned();
            manifest.datasets.push(DatasetFile { purpose, name, n_bytes, sha256 });
        }
        Ok(manifest)
    }

    pub(crate) fn check(&self) -> Result<(), Refusal> {
        check::check_shares(self.shares)?;
        for (at, set) in self.datasets.iter().enumerate() {
            let place = at.to_string();
            if set.format == ImagesFormat::Suite && set.images.is_some() {
                return Err(Refusal::of(&["datasets", &place, "images"], "absent: a suite has its images in `dicom`"));
            }
            if self.datasets[..at].iter().any(|other| check::plain(&other.list()) == check::plain(&set.list())) {
                let expected = "another one than that of the data sets before it: no image may be in two splits";
                return Err(Refusal::of(&["datasets", &place, "path"], expected));
            }
        }
        let is_for = |split: Split, share: f64| {
            self.datasets.iter().any(|set| set.split == split || set.split == Split::ByPatient && share > 0.0)
        };
        let train_share = 1.0 - self.shares.validation - self.shares.calibration;
        let shares = [
            (Split::Train, train_share, "training"),
            (Split::Validation, self.shares.validation, "validation"),
            (Split::Calibration, self.shares.calibration, "calibration"),
        ];
        match shares.into_iter().find(|(split, share, _)| !is_for(*split, *share)) {
            Some((_, _, part)) => {
                let message = format!("no data set is for {part}; give one of them that split, or \"by-patient\"");
                Err(Refusal::saying(&["datasets"], &message))
            }
            None => Ok(()),
        }
    }
}

/// Which network is trained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NetworkKind {
    /// Made for processors.
    #[default]
    Compact,
    /// Over a ResNet of 18 layers.
    #[serde(rename = "resnet-18")]
    ResNet18,
    /// Over a ResNet of 34 layers.
    #[serde(rename = "resnet-34")]
    ResNet34,
    /// Over a ResNet of 50 layers.
    #[serde(rename = "resnet-50")]
    ResNet50,
}

/// The network.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct DetectorNetwork {
    /// Which one. Default: `compact`.
    pub kind: NetworkKind,
    /// A `config.json` with all sizes, in place of `kind`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sizes: Option<PathBuf>,
    /// A safetensors file with weights of the whole network, such as a released model's or a run's best, to start from.
    /// Default: random ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weights: Option<PathBuf>,
    /// A safetensors file with weights for the ResNet, by torchvision's names. Default: random ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backbone_weights: Option<PathBuf>,
}

impl DetectorNetwork {
    /// The files with weights to start from; at most one in a configuration that was checked.
    pub(super) fn given_weights(&self) -> impl Iterator<Item = &PathBuf> {
        self.backbone_weights.iter().chain(&self.weights)
    }

    /// The sizes of the network.
    ///
    /// # Errors
    /// [`TrainError::Nets`] if the file that `sizes` names cannot be used.
    pub fn sizes(&self) -> Result<DetectorConfig, TrainError> {
        if let Some(path) = &self.sizes {
            return Ok(DetectorConfig::read(path)?);
        }
        Ok(match self.kind {
            NetworkKind::Compact => DetectorConfig::compact(),
            NetworkKind::ResNet18 => DetectorConfig::with_resnet(BackboneConfig::ResNet18),
            NetworkKind::ResNet34 => DetectorConfig::with_resnet(BackboneConfig::ResNet34),
            NetworkKind::ResNet50 => DetectorConfig::with_resnet(BackboneConfig::ResNet50),
        })
    }
}

/// How squares are cut from pictures and changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct CropsConfig {
    /// The sides of the squares in pixels; each step has one of them, drawn evenly. Default: `[320]`.
    pub sizes: Vec<u32>,
    /// By how much pictures are scaled at least. Default: 0.5.
    pub least_scale: f64,
    /// By how much pictures are scaled at most. Default: 2.
    pub most_scale: f64,
    /// Share of the squares that are laid around a word. Default: 0.85.
    pub text_share: f64,
    /// Words with a shorter side than this, in pixels after scaling, are neither right nor wrong. Default: 4.
    pub least_side_px: f64,
    /// Words with a smaller share of their area in the square are neither right nor wrong. Default: 0.3.
    pub least_visible: f64,
    /// Share of the squares with another window and level. Default: 0.5.
    pub window: f64,
    /// Share of the squares whose polarity is turned round. Default: 0.15.
    pub inverted: f64,
    /// Share of the squares with Gaussian noise. Default: 0.3.
    pub noise: f64,
    /// Share of the squares with speckle. Default: 0.15.
    pub speckle: f64,
    /// Share of the squares that are blurred. Default: 0.2.
    pub blur: f64,
    /// Share of the squares with the artefacts of JPEG. Default: 0.25.
    pub jpeg: f64,
    /// Share of the squares that are turned by one, two or three quarters. Default: 0.
    pub turned: f64,
}

impl Default for CropsConfig {
    fn default() -> Self {
        Self {
            sizes: vec![320],
            least_scale: 0.5,
            most_scale: 2.0,
            text_share: 0.85,
            least_side_px: 4.0,
            least_visible: 0.3,
            window: 0.5,
            inverted: 0.15,
            noise: 0.3,
            speckle: 0.15,
            blur: 0.2,
            jpeg: 0.25,
            turned: 0.0,
        }
    }
}

/// Which anchors and proposals the losses look at.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct SamplingConfig {
    /// Anchors of a square. Default: 256.
    pub anchors: u32,
    /// Share of them that stands for words, if there are as many. Default: 0.5.
    pub anchor_word_share: f64,
    /// Proposals of a square. Default: 64.
    pub proposals: u32,
    /// Share of them that stands for words, if there are as many. Default: 0.25.
    pub proposal_word_share: f64,
}

impl Default for SamplingConfig {
    fn default() -> Self {
        Self { anchors: 256, anchor_word_share: 0.5, proposals: 64, proposal_word_share: 0.25 }
    }
}

/// How the network learns: AdamW with warm-up and decay.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct DescentConfig {
    /// Steps of the whole run. Default: 4000.
    pub steps: u64,
    /// Squares of a step; on a processor they are worked on side by side. Default: 2.
    pub squares: u32,
    /// The highest learning rate. Default: 1e-3.
    pub learning_rate: f64,
    /// The share of it that the head of the boxes has, whose first layer sums thousands of features. Default: 1.
    pub head_share: f64,
    /// Share of the steps until the highest learning rate is reached. Default: 0.03.
    pub warm_up: f64,
    /// How the learning rate falls then. Default: `cosine`.
    pub decay: Decay,
    /// Share of the learning rate that is left at the end. Default: 0.01.
    pub final_share: f64,
    /// The weight decay. Default: 0.01.
    pub weight_decay: f64,
    /// The highest norm of the gradients, which are scaled down to it. Default: 5.
    pub clip: f64,
    /// Share of the steps until boxes are learnt with their variance; before it with a smooth L1 loss. Default: 0.2.
    pub variance_after: f64,
}

impl Default for DescentConfig {
    fn default() -> Self {
        Self {
            steps: 4000,
            squares: 2,
            learning_rate: 1e-3,
            head_share: 1.0,
            warm_up: 0.03,
            decay: Decay::Cosine,
            final_share: 0.01,
            weight_decay: 0.01,
            clip: 5.0,
            variance_after: 0.2,
        }
    }
}

/// When the network is looked at, and when training stops.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct LookConfig {
    /// Steps between evaluations. Default: 500.
    pub every_steps: u64,
    /// Steps between checkpoints. Default: 100.
    pub checkpoint_every_steps: u64,
    /// How many evaluations without a better one end training; 0 never does. Default: 0.
    pub patience: u32,
    /// What is compared is the share of the words that are found with at least this precision. Default: 0.9.
    pub precision_floor: f64,
    /// Most pictures of an evaluation, evenly from all that are for it. Default: 60.
    pub pictures: u32,
    /// Most pictures that calibration looks at, evenly from all that are for it. Default: 200.
    pub calibration_pictures: u32,
}

impl Default for LookConfig {
    fn default() -> Self {
        Self {
            every_steps: 500,
            checkpoint_every_steps: 100,
            patience: 0,
            precision_floor: 0.9,
            pictures: 60,
            calibration_pictures: 200,
        }
    }
}

/// All that a training run of the detector is told, with nothing left open.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct DetectorTraining {
    /// The folder that the run writes to.
    pub output: PathBuf,
    /// Root of all random numbers. Default: 1.
    #[serde(default = "default_seed")]
    pub seed: u64,
    /// The data sets.
    pub datasets: Vec<ImagesConfig>,
    /// How patients are shared out. Default: a tenth of them to validate and a tenth to calibrate.
    #[serde(default = "default_shares")]
    pub shares: SharesConfig,
    /// The network.
    #[serde(default)]
    pub network: DetectorNetwork,
    /// How squares are cut.
    #[serde(default)]
    pub crops: CropsConfig,
    /// What the losses look at.
    #[serde(default)]
    pub sampling: SamplingConfig,
    /// How the network learns.
    #[serde(default)]
    pub optimizer: DescentConfig,
    /// When it is looked at.
    #[serde(default)]
    pub evaluation: LookConfig,
}

pub(crate) const fn default_seed() -> u64 {
    1
}

/// A tenth each: images are fewer than texts.
pub(crate) const fn default_shares() -> SharesConfig {
    SharesConfig { validation: 0.1, calibration: 0.1 }
}

impl DetectorTraining {
    /// Reads and checks a configuration.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        Self::parse(&config::text_of(path)?, path)
    }

    /// Reads and checks a configuration from text; `path` is only named in errors.
    ///
    /// # Errors
    /// [`ConfigError::Refused`].
    pub fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
        config::parsed(text, path, Self::check)
    }

    /// The images of the run.
    pub fn images(&self) -> ImageSets<'_> {
        ImageSets { output: &self.output, seed: self.seed, datasets: &self.datasets, shares: self.shares }
    }

    /// The learning rates of the run.
    pub(super) fn schedule(&self) -> Schedule {
        let DescentConfig { steps, learning_rate, warm_up, decay, final_share, .. } = self.optimizer;
        Schedule {
            peak: learning_rate,
            n_warm_up_steps: (steps as f64 * warm_up).round() as u64,
            n_steps: steps,
            decay,
            final_share,
        }
    }

    fn check(&self) -> Result<(), Refusal> {
        self.images().check()?;
        self.check_crops()?;
        self.check_descent()?;
        if self.network.given_weights().count() > 1 {
            return Err(Refusal::of(
                &["network", "weights"],
                "absent beside `backbone-weights`, which it would replace",
            ));
        }
        let (sampling, evaluation) = (&self.sampling, &self.evaluation);
        check::first_of(
            "sampling",
            &[
                ("anchors", sampling.anchors > 1, "at least 2; 128 to 256 are usual"),
                ("anchor-word-share", check::is_inside(sampling.anchor_word_share), "above 0 and below 1"),
                ("proposals", sampling.proposals > 3, "at least 4; 64 are usual"),
                ("proposal-word-share", check::is_inside(sampling.proposal_word_share), "above 0 and below 1"),
            ],
        )?;
        check::first_of(
            "evaluation",
            &[
                ("every-steps", evaluation.every_steps > 0, "at least 1"),
                ("checkpoint-every-steps", evaluation.checkpoint_every_steps > 0, "at least 1"),
                ("precision-floor", check::is_inside(evaluation.precision_floor), "above 0 and below 1; 0.9 is usual"),
                ("pictures", evaluation.pictures > 0, "at least 1"),
                ("calibration-pictures", evaluation.calibration_pictures > 0, "at least 1"),
            ],
        )
    }

    fn check_crops(&self) -> Result<(), Refusal> {
        let crops = &self.crops;
        let is_side = |side: &u32| side.is_multiple_of(32) && (64..=2048).contains(side);
        let share = "from 0 to 1";
        let is_share = |share: f64| (0.0..=1.0).contains(&share);
        check::first_of(
            "crops",
            &[
                (
                    "sizes",
                    !crops.sizes.is_empty() && crops.sizes.iter().all(is_side),
                    "multiples of 32 from 64 to 2048; 256 to 512 are usual",
                ),
                ("least-scale", crops.least_scale >= 0.1 && crops.least_scale <= 1.0, "from 0.1 to 1; 0.5 is usual"),
                ("most-scale", crops.most_scale >= 1.0 && crops.most_scale <= 8.0, "from 1 to 8; 2 is usual"),
                ("text-share", is_share(crops.text_share), share),
                ("least-side-px", crops.least_side_px >= 1.0 && crops.least_side_px <= 32.0, "from 1 to 32"),
                ("least-visible", check::is_inside(crops.least_visible), "above 0 and below 1; 0.3 is usual"),
                ("window", is_share(crops.window), share),
                ("inverted", is_share(crops.inverted), share),
                ("noise", is_share(crops.noise), share),
                ("speckle", is_share(crops.speckle), share),
                ("blur", is_share(crops.blur), share),
                ("jpeg", is_share(crops.jpeg), share),
                ("turned", is_share(crops.turned), share),
            ],
        )
    }

    fn check_descent(&self) -> Result<(), Refusal> {
        let descent = &self.optimizer;
        let rate = descent.learning_rate;
        check::first_of(
            "optimizer",
            &[
                ("steps", descent.steps > 0, "at least 1"),
                ("squares", descent.squares > 0, "at least 1; as many as there are cores is usual"),
                ("learning-rate", check::is_above_0(rate) && rate <= 0.1, "above 0 and at most 0.1; 1e-3 is usual"),
                (
                    "head-share",
                    check::is_above_0(descent.head_share) && descent.head_share <= 1.0,
                    "above 0 and at most 1; 1 is usual",
                ),
                ("warm-up", check::is_part(descent.warm_up), "a share of the steps: at least 0 and below 1"),
                ("final-share", (0.0..=1.0).contains(&descent.final_share), "from 0 to 1"),
                ("weight-decay", check::is_part(descent.weight_decay), "at least 0 and below 1; 0.01 is usual"),
                ("clip", check::is_above_0(descent.clip), "above 0; 5 is usual"),
                ("variance-after", (0.0..=1.0).contains(&descent.variance_after), "from 0 to 1; 0.2 is usual"),
            ],
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATA: &str = "output = \"o\"\n[[datasets]]\npath = \"a\"\nformat = \"suite\"\nsplit = \"by-patient\"\n";

    fn message(text: &str) -> String {
        DetectorTraining::parse(text, Path::new("test.toml")).expect_err("refused").to_string()
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_its_line() {
        for (more, expected) in [
            ("[crops]\nsizes = [100]", "line 7: `crops.sizes` must be multiples of 32"),
            ("[crops]\nsizes = []", "line 7"),
            ("[crops]\njpeg = 2.0", "line 7: `crops.jpeg`"),
            ("[optimizer]\nlearning-rate = 0.0", "line 7: `optimizer.learning-rate`"),
            ("[optimizer]\nhead-share = 0.0", "line 7: `optimizer.head-share`"),
            ("[optimizer]\nstepz = 5", "stepz"),
            ("[network]\nbackbone-weights = \"w\"\nweights = \"w\"", "line 8: `network.weights`"),
            ("[sampling]\nproposals = 1", "line 7: `sampling.proposals`"),
            ("[evaluation]\npictures = 0", "line 7: `evaluation.pictures`"),
            ("[shares]\ncalibration = 0.95\nvalidation = 0.1", "`shares.calibration`"),
            ("[shares]\ncalibration = 0.0", "no data set is for calibration"),
            ("[[datasets]]\npath = \"./a\"\nformat = \"suite\"\nsplit = \"train\"", "line 7: `datasets.1.path`"),
            (
                "[[datasets]]\npath = \"b\"\nformat = \"suite\"\nimages = \"c\"\nsplit = \"train\"",
                "`datasets.1.images`",
            ),
        ] {
            let message = message(&format!("{DATA}{more}\n"));
            assert!(message.contains(expected), "{more}: {message}");
        }
    }

    #[test]
    fn the_resolved_form_says_the_same() {
        let config = DetectorTraining::parse(DATA, Path::new("test.toml")).expect("all else has defaults");
        let text = toml::to_string(&config).expect("a text");
        assert_eq!(DetectorTraining::parse(&text, Path::new("test.toml")).expect("its own text"), config);
    }
}

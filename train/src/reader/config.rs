//! What `efface train reader --config FILE` is told: a TOML file.
//!
//! Keys are in kebab case; unknown ones are refused with their line. What is absent has the default that is written
//! beside it here. Relative paths start at the working directory.
//!
//! ```
//! let text = r#"
//! output = "runs/reader"
//!
//! [[datasets]]
//! path = "runs/text-read/train"
//! format = "suite"
//! split = "by-patient"
//!
//! [optimizer]
//! steps = 1000
//! "#;
//! let config = efface_train::reader::ReaderTraining::parse(text, "reader.toml".as_ref())?;
//! assert_eq!((config.optimizer.steps, config.optimizer.lines), (1000, 32));
//! # Ok::<(), efface_train::config::ConfigError>(())
//! ```

use crate::config::check::{self, Refusal};
use crate::config::{self, ConfigError, SharesConfig};
use crate::detector::ImageSets;
use crate::detector::config::{ImagesConfig, default_seed, default_shares};
use crate::error::TrainError;
use crate::schedule::{Decay, Schedule};
use efface_nets::reader::ReaderConfig;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// How lines are cut out and changed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct LinesConfig {
    /// Share of the samples that are lines without text. Default: 0.08.
    pub without_text: f64,
    /// Share of the samples that hold some words of a line, and not all of them. Default: 0.5.
    pub parts: f64,
    /// Share of the samples that hold one word of at most two signs, as sides and axes are marked. Default: 0.1.
    pub short_words: f64,
    /// Share of the samples that are made smaller or larger. Default: 0.4.
    pub scaled: f64,
    /// The smallest scale. Default: 0.7.
    pub least_scale: f64,
    /// The largest. Default: 1.4.
    pub most_scale: f64,
    /// Share of the samples with Gaussian noise. Default: 0.3.
    pub noise: f64,
    /// Share of the samples with speckle. Default: 0.1.
    pub speckle: f64,
    /// Share of the samples that are blurred. Default: 0.2.
    pub blur: f64,
    /// Share of the samples with the artefacts of JPEG. Default: 0.2.
    pub jpeg: f64,
}

impl Default for LinesConfig {
    fn default() -> Self {
        Self {
            without_text: 0.08,
            parts: 0.5,
            short_words: 0.1,
            scaled: 0.4,
            least_scale: 0.7,
            most_scale: 1.4,
            noise: 0.3,
            speckle: 0.1,
            blur: 0.2,
            jpeg: 0.2,
        }
    }
}

/// Lines that are set in fonts of this machine.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct TypesetConfig {
    /// TrueType and OpenType files, or folders of them. Default: none.
    pub fonts: Vec<PathBuf>,
    /// Share of the samples that are set in one of them. Default: 0.
    pub share: f64,
}

/// How the network learns: AdamW with warm-up and decay.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct DescentConfig {
    /// Steps of the whole run. Default: 6000.
    pub steps: u64,
    /// Lines of a step; on a processor they are worked on side by side. Default: 32.
    pub lines: u32,
    /// The highest learning rate. Default: 2e-3.
    pub learning_rate: f64,
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
}

impl Default for DescentConfig {
    fn default() -> Self {
        Self {
            steps: 6000,
            lines: 32,
            learning_rate: 2e-3,
            warm_up: 0.03,
            decay: Decay::Cosine,
            final_share: 0.01,
            weight_decay: 0.01,
            clip: 5.0,
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
    /// Most lines of an evaluation, evenly from all that are for it. Default: 800.
    pub lines: u32,
    /// Most lines that calibration looks at, evenly from all that are for it. Default: 4000.
    pub calibration_lines: u32,
}

impl Default for LookConfig {
    fn default() -> Self {
        Self { every_steps: 500, checkpoint_every_steps: 100, patience: 0, lines: 800, calibration_lines: 4000 }
    }
}

/// All that a training run of the reader is told, with nothing left open.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ReaderTraining {
    /// The folder that the run writes to.
    pub output: PathBuf,
    /// Root of all random numbers. Default: 1.
    #[serde(default = "default_seed")]
    pub seed: u64,
    /// The data sets: suites, or lists in COCO's format whose annotations have `attributes` as those of suites have.
    pub datasets: Vec<ImagesConfig>,
    /// How patients are shared out. Default: a tenth of them to validate and a tenth to calibrate.
    #[serde(default = "default_shares")]
    pub shares: SharesConfig,
    /// A `config.json` with the sizes of the network; its alphabet is that of the lines. Default: those of
    /// [`ReaderConfig::compact`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sizes: Option<PathBuf>,
    /// A safetensors file with weights to start from, of the same sizes and alphabet. Default: random ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weights: Option<PathBuf>,
    /// Fewest lines of training that a sign must be in to belong to the alphabet; lines with others are left out.
    /// Default: 5.
    #[serde(default = "default_sign_lines")]
    pub sign_lines: usize,
    /// How lines are cut out.
    #[serde(default)]
    pub lines: LinesConfig,
    /// Lines that are set in fonts of this machine, on grounds of the pictures.
    #[serde(default)]
    pub typeset: TypesetConfig,
    /// How the network learns.
    #[serde(default)]
    pub optimizer: DescentConfig,
    /// When it is looked at.
    #[serde(default)]
    pub evaluation: LookConfig,
}

const fn default_sign_lines() -> usize {
    5
}

impl ReaderTraining {
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

    /// The network for lines of an alphabet.
    ///
    /// # Errors
    /// [`TrainError::Nets`] if the file that `sizes` names cannot be used.
    pub(super) fn network(&self, alphabet: &str) -> Result<ReaderConfig, TrainError> {
        let sizes = self.sizes.as_ref().map_or_else(|| Ok(ReaderConfig::compact()), |path| ReaderConfig::read(path))?;
        Ok(ReaderConfig { alphabet: alphabet.to_owned(), ..sizes })
    }

    /// The learning rates of the run.
    pub(super) fn schedule(&self) -> Schedule {
        let DescentConfig { steps, learning_rate, warm_up, decay, final_share, .. } = self.optimizer;
        let n_warm_up_steps = (steps as f64 * warm_up).round() as u64;
        Schedule { peak: learning_rate, n_warm_up_steps, n_steps: steps, decay, final_share }
    }

    fn check(&self) -> Result<(), Refusal> {
        self.images().check()?;
        let is_share = |share: f64| (0.0..=1.0).contains(&share);
        let (lines, share) = (&self.lines, "from 0 to 1");
        check::first_of(
            "lines",
            &[
                ("without-text", check::is_part(lines.without_text), "at least 0 and below 1"),
                ("parts", is_share(lines.parts), share),
                ("short-words", is_share(lines.short_words), share),
                ("scaled", is_share(lines.scaled), share),
                ("least-scale", lines.least_scale >= 0.1 && lines.least_scale <= 1.0, "from 0.1 to 1; 0.7 is usual"),
                ("most-scale", lines.most_scale >= 1.0 && lines.most_scale <= 8.0, "from 1 to 8; 1.4 is usual"),
                ("noise", is_share(lines.noise), share),
                ("speckle", is_share(lines.speckle), share),
                ("blur", is_share(lines.blur), share),
                ("jpeg", is_share(lines.jpeg), share),
            ],
        )?;
        let has_fonts = self.typeset.share == 0.0 || !self.typeset.fonts.is_empty();
        check::first_of(
            "typeset",
            &[
                ("share", check::is_part(self.typeset.share), "at least 0 and below 1"),
                ("fonts", has_fonts, "files or folders, where `share` is above 0"),
            ],
        )?;
        let descent = &self.optimizer;
        let rate = descent.learning_rate;
        check::first_of(
            "optimizer",
            &[
                ("steps", descent.steps > 0, "at least 1"),
                ("lines", descent.lines > 0, "at least 1; 32 are usual"),
                ("learning-rate", check::is_above_0(rate) && rate <= 0.1, "above 0 and at most 0.1; 2e-3 is usual"),
                ("warm-up", check::is_part(descent.warm_up), "a share of the steps: at least 0 and below 1"),
                ("final-share", is_share(descent.final_share), share),
                ("weight-decay", check::is_part(descent.weight_decay), "at least 0 and below 1; 0.01 is usual"),
                ("clip", check::is_above_0(descent.clip), "above 0; 5 is usual"),
            ],
        )?;
        let look = &self.evaluation;
        check::first_of(
            "evaluation",
            &[
                ("every-steps", look.every_steps > 0, "at least 1"),
                ("checkpoint-every-steps", look.checkpoint_every_steps > 0, "at least 1"),
                ("lines", look.lines > 0, "at least 1"),
                ("calibration-lines", look.calibration_lines > 0, "at least 1"),
            ],
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATA: &str = "output = \"o\"\n[[datasets]]\npath = \"a\"\nformat = \"suite\"\nsplit = \"by-patient\"\n";

    #[test]
    fn what_makes_no_sense_is_refused_with_its_line() {
        for (more, expected) in [
            ("[lines]\njpeg = 2.0", "line 7: `lines.jpeg`"),
            ("[lines]\nleast-scale = 0.0", "line 7: `lines.least-scale`"),
            ("[typeset]\nshare = 0.5", "line 6: `typeset.fonts`"),
            ("[optimizer]\nlearning-rate = 0.0", "line 7: `optimizer.learning-rate`"),
            ("[optimizer]\nstepz = 5", "stepz"),
            ("[evaluation]\nlines = 0", "line 7: `evaluation.lines`"),
            ("[shares]\ncalibration = 0.0", "no data set is for calibration"),
        ] {
            let refused = ReaderTraining::parse(&format!("{DATA}{more}\n"), Path::new("test.toml"));
            let message = refused.expect_err("refused").to_string();
            assert!(message.contains(expected), "{more}: {message}");
        }
    }

    #[test]
    fn the_resolved_form_says_the_same() {
        let config = ReaderTraining::parse(DATA, Path::new("test.toml")).expect("all else has defaults");
        let text = toml::to_string(&config).expect("a text");
        assert_eq!(ReaderTraining::parse(&text, Path::new("test.toml")).expect("its own text"), config);
    }
}

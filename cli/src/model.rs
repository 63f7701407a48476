//! Which model reads free text, which finds text in pixels, and where they lie.

use efface_pipeline::{DetectorSettings, NerSettings, NerThreshold, RunError};
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// The variable that names the folder of the released models, in the place of models/ beside the program.
pub(crate) const MODELS: &str = "EFFACE_MODELS";
/// The model for free text that is released with the program.
pub(crate) const RECOGNIZER: &str = "models/ner-minilm";
/// The model for text in pixels that is released with the program.
pub(crate) const TEXT_DETECTOR: &str = "models/text-detector-compact";
/// The model for lines of text in pixels that is released with the program.
pub(crate) const TEXT_READER: &str = "models/text-reader-compact";
/// Asks for the released model.
pub(crate) const AUTO: &str = "auto";
/// Asks for no model.
pub(crate) const NONE: &str = "none";

/// Which model is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Choice {
    /// None.
    None,
    /// The released one, wherever it lies.
    Released,
    /// That of a folder.
    Folder(PathBuf),
}

impl FromStr for Choice {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "" => Err("name a folder, or say none or auto".to_owned()),
            NONE => Ok(Self::None),
            AUTO => Ok(Self::Released),
            folder => Ok(Self::Folder(folder.into())),
        }
    }
}

impl Choice {
    /// The folder of the model; nothing where there shall be none. `name` is that of the released one.
    ///
    /// # Errors
    /// [`RunError::Model`] when the released model is asked for and lies nowhere.
    pub(crate) fn folder(&self, name: &str) -> Result<Option<PathBuf>, RunError> {
        match self {
            Self::None => Ok(None),
            Self::Folder(folder) => Ok(Some(folder.clone())),
            Self::Released => {
                if let Some(models) = std::env::var_os(MODELS).filter(|models| !models.is_empty()) {
                    return named(name, Path::new(&models)).map(Some);
                }
                let program = std::env::current_exe().and_then(|program| program.canonicalize()).ok();
                released(name, program.as_deref(), Path::new(".")).map(Some)
            }
        }
    }
}

/// The folder of the released model among those that a person says are in `models`, and nowhere else.
fn named(name: &str, models: &Path) -> Result<PathBuf, RunError> {
    let folder = models.join(name.rsplit('/').next().unwrap_or(name));
    if folder.is_dir() {
        return Ok(folder);
    }
    Err(RunError::Model(format!("{MODELS} says where the released models are, and there is no {}", folder.display())))
}

/// The folder of the released model: beside the program or in a folder around it, as in a checkout, or here.
fn released(name: &str, program: Option<&Path>, here: &Path) -> Result<PathBuf, RunError> {
    let around = program.into_iter().flat_map(|program| program.ancestors().skip(1));
    let folder = around.chain([here]).map(|folder| folder.join(name)).find(|folder| folder.is_dir());
    folder.ok_or_else(|| {
        RunError::Model(format!(
            "there is no {name} beside the program or here; name the folder of a released model, say with {MODELS} \
             where the released ones are, or say none to do without"
        ))
    })
}

/// Options for a model that reads free text beside the rules.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Folder of a released model that reads free text beside the rules, `auto` for models/ner-minilm beside the program
    /// or here, or `none`. Its files are compared with their digests. With `none`, rules alone read free text, which is
    /// faster and leaves several times as many identities in it
    #[arg(long, value_name = "DIR|auto|none", default_value = AUTO)]
    ner: Choice,
    /// How probable the model must hold a token to identify someone before it goes, from 0 to 1 [default: 0.5]
    #[arg(long, value_name = "P")]
    ner_threshold: Option<f64>,
    /// The share of entities that may be missed on average, such as 0.01: takes the threshold that the model's
    /// calibration has for it, a promise about texts like those of the calibration and no others
    #[arg(long, value_name = "SHARE", conflicts_with = "ner_threshold")]
    ner_budget: Option<f64>,
}

impl Options {
    /// The model to use and how; nothing where there shall be none.
    ///
    /// # Errors
    /// [`RunError::Model`] when it lies nowhere.
    pub(crate) fn settings(&self) -> Result<Option<NerSettings>, RunError> {
        let threshold = threshold(self.ner_threshold, self.ner_budget);
        let Some(folder) = self.ner.folder(RECOGNIZER)? else {
            return match threshold {
                NerThreshold::Even => Ok(None),
                _ => Err(RunError::Model("a threshold or a budget needs a model: name one with --ner".to_owned())),
            };
        };
        Ok(Some(NerSettings { threshold, ..NerSettings::new(folder) }))
    }
}

/// The released model that reads free text, as it is used unless other options are given.
///
/// # Errors
/// [`RunError::Model`] when it lies nowhere.
pub(crate) fn released_recognizer() -> Result<Option<NerSettings>, RunError> {
    Ok(Choice::Released.folder(RECOGNIZER)?.map(NerSettings::new))
}

/// Options for a model that finds text in pixels.
#[derive(Debug, clap::Args)]
pub(crate) struct DetectorOptions {
    /// Folder of a released model that finds text in pixels, `auto` for models/text-detector-compact beside the program
    /// or here, or `none`. Its files are compared with their digests. With `none`, text is found by a search for rows of
    /// glyphs alone, which leaves several times as much of it
    #[arg(long, value_name = "DIR|auto|none", default_value = AUTO, conflicts_with = "metadata_only")]
    text_detector: Choice,
    /// Folder of a released model that reads the text that was found, before Tesseract is asked, `auto` for
    /// models/text-reader-compact beside the program or here, or `none`. Its files are compared with their digests. It
    /// reads nothing where there is no text detector
    #[arg(long, value_name = "DIR|auto|none", default_value = AUTO, conflicts_with = "metadata_only")]
    text_reader: Choice,
    /// How probable the model must hold a place to be text before it is read, from 0 to 1 [default: what its
    /// calibration says for 3 % of missed text, or for the least share above it that it knows]
    #[arg(long, value_name = "P", conflicts_with = "metadata_only")]
    detector_threshold: Option<f64>,
    /// How often the model looks at a frame with a part of itself left out, to tell how sure it is of what it finds;
    /// 0 has it look once, whole
    #[arg(long, value_name = "N", default_value_t = 0, conflicts_with = "metadata_only")]
    detector_passes: usize,
    /// Spare the model frames in which nothing looks like a glyph at any threshold; text that is fainter than that is
    /// then missed
    #[arg(long, conflicts_with = "metadata_only")]
    detector_triage: bool,
}

impl DetectorOptions {
    /// The model to use and how; nothing where there shall be none, or no pixels are looked at.
    ///
    /// # Errors
    /// [`RunError::Model`] when it lies nowhere, and when there shall be none but something is said of how it is used.
    pub(crate) fn settings(&self, metadata_only: bool) -> Result<Option<DetectorSettings>, RunError> {
        if metadata_only {
            return Ok(None);
        }
        let settings = text_models(&self.text_detector, &self.text_reader)?;
        if settings.is_none() && (self.detector_threshold.is_some() || self.detector_passes > 0 || self.detector_triage)
        {
            return Err(RunError::Model("options of a text detector are given, and none is to be used".to_owned()));
        }
        Ok(settings.map(|settings| DetectorSettings {
            threshold: self.detector_threshold,
            passes: self.detector_passes,
            triage: self.detector_triage,
            ..settings
        }))
    }
}

/// The models that find text in pixels and read it; nothing where none shall find it.
///
/// # Errors
/// [`RunError::Model`] when one lies nowhere, and when a reader is named that has nothing to read.
pub(crate) fn text_models(detector: &Choice, reader: &Choice) -> Result<Option<DetectorSettings>, RunError> {
    let Some(model) = detector.folder(TEXT_DETECTOR)? else {
        return match reader {
            Choice::Folder(_) => {
                Err(RunError::Model("a text reader needs a text detector to find what it reads".to_owned()))
            }
            Choice::None | Choice::Released => Ok(None),
        };
    };
    Ok(Some(DetectorSettings { reader: reader.folder(TEXT_READER)?, ..DetectorSettings::new(model) }))
}

/// The threshold that two options mean, of which one at most is given.
pub(crate) fn threshold(at: Option<f64>, budget: Option<f64>) -> NerThreshold {
    at.map(NerThreshold::At).or(budget.map(NerThreshold::Budget)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_folders_are_told_apart() {
        assert_eq!("none".parse(), Ok(Choice::None));
        assert_eq!("auto".parse(), Ok(Choice::Released));
        assert_eq!("./none".parse(), Ok(Choice::Folder("./none".into())));
        assert!("".parse::<Choice>().is_err());
        assert_eq!(Choice::None.folder(RECOGNIZER).expect("none is wanted"), None);
    }

    #[test]
    fn the_released_model_is_found_around_the_program_before_here() {
        let folder = tempfile::tempdir().expect("a folder");
        let (checkout, here) = (folder.path().join("checkout"), folder.path().join("here"));
        let program = checkout.join("target/release/efface");
        let error = released(TEXT_DETECTOR, Some(&program), &here).expect_err("it lies nowhere");
        assert!(error.is_usage() && error.to_string().contains(TEXT_DETECTOR), "{error}");
        for (place, found) in [(&here, here.join(TEXT_DETECTOR)), (&checkout, checkout.join(TEXT_DETECTOR))] {
            std::fs::create_dir_all(place.join(TEXT_DETECTOR)).expect("a folder");
            assert_eq!(released(TEXT_DETECTOR, Some(&program), &here).expect("it is there"), found);
        }
        let beside = checkout.join("target/release").join(TEXT_DETECTOR);
        std::fs::create_dir_all(&beside).expect("a folder");
        assert_eq!(released(TEXT_DETECTOR, Some(&program), &here).expect("it is there"), beside);
    }

    #[test]
    fn models_that_a_person_points_at_are_taken_from_nowhere_else() {
        let models = tempfile::tempdir().expect("a folder");
        let error = named(TEXT_DETECTOR, models.path()).expect_err("it is not there");
        assert!(error.is_usage() && error.to_string().contains(MODELS), "{error}");
        let folder = models.path().join("text-detector-compact");
        std::fs::create_dir(&folder).expect("a folder");
        assert_eq!(named(TEXT_DETECTOR, models.path()).expect("it is there"), folder);
    }
}

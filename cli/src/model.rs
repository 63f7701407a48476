//! Which model reads free text, and where it lies.

use efface_pipeline::{NerSettings, NerThreshold, RunError};
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// The model that is released with the program.
const RELEASED: &str = "models/ner-minilm";
/// Asks for the released model.
pub(crate) const AUTO: &str = "auto";
/// Asks for no model.
pub(crate) const NONE: &str = "none";
/// What `efface deid` and `efface explain` do where the command line says nothing: [`NONE`] or [`AUTO`].
pub(crate) const DEFAULT: &str = NONE;

/// Which model reads free text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Choice {
    /// None: rules alone.
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
    /// The folder of the model; nothing where there shall be none.
    ///
    /// # Errors
    /// [`RunError::Model`] when the released model is asked for and lies nowhere.
    pub(crate) fn folder(&self) -> Result<Option<PathBuf>, RunError> {
        match self {
            Self::None => Ok(None),
            Self::Folder(folder) => Ok(Some(folder.clone())),
            Self::Released => {
                let program = std::env::current_exe().and_then(|program| program.canonicalize()).ok();
                released(program.as_deref(), Path::new(".")).map(Some)
            }
        }
    }
}

/// The folder of the released model: beside the program or in a folder around it, as in a checkout, or here.
fn released(program: Option<&Path>, here: &Path) -> Result<PathBuf, RunError> {
    let around = program.into_iter().flat_map(|program| program.ancestors().skip(1));
    let folder = around.chain([here]).map(|folder| folder.join(RELEASED)).find(|folder| folder.is_dir());
    folder.ok_or_else(|| {
        RunError::Model(format!(
            "there is no {RELEASED} beside the program or here; name the folder of a released model, or say none to \
             let rules alone read texts"
        ))
    })
}

/// Options for a model that reads free text beside the rules.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Folder of a released model that reads free text beside the rules, `auto` for models/ner-minilm beside the program
    /// or here, or `none`. Its files are compared with their digests
    #[arg(long, value_name = "DIR|auto|none", default_value = DEFAULT)]
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
        let Some(folder) = self.ner.folder()? else {
            return match threshold {
                NerThreshold::Even => Ok(None),
                _ => Err(RunError::Model("a threshold or a budget needs a model: name one with --ner".to_owned())),
            };
        };
        Ok(Some(NerSettings { threshold, ..NerSettings::new(folder) }))
    }
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
        assert_eq!(Choice::None.folder().expect("none is wanted"), None);
    }

    #[test]
    fn the_released_model_is_found_around_the_program_before_here() {
        let folder = tempfile::tempdir().expect("a folder");
        let (checkout, here) = (folder.path().join("checkout"), folder.path().join("here"));
        let program = checkout.join("target/release/efface");
        let error = released(Some(&program), &here).expect_err("it lies nowhere");
        assert!(error.is_usage() && error.to_string().contains(RELEASED), "{error}");
        for (place, found) in [(&here, here.join(RELEASED)), (&checkout, checkout.join(RELEASED))] {
            std::fs::create_dir_all(place.join(RELEASED)).expect("a folder");
            assert_eq!(released(Some(&program), &here).expect("it is there"), found);
        }
        let beside = checkout.join("target/release").join(RELEASED);
        std::fs::create_dir_all(&beside).expect("a folder");
        assert_eq!(released(Some(&program), &here).expect("it is there"), beside);
    }
}

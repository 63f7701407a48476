//! What a run shall keep, clean and remove: a TOML file resolved to [`Policy`].
//!
//! `docs/policies.md` is the manual of the file.

mod check;
mod file;
mod uid_root;

use crate::error::RunError;
use efface_schema::{Action, AttributePath};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

pub use uid_root::UidRoot;

const BUILT_IN: [(&str, &str); 3] = [
    ("basic", include_str!("../../policies/basic.toml")),
    ("strict", include_str!("../../policies/strict.toml")),
    ("tcia", include_str!("../../policies/tcia.toml")),
];

/// The option columns of PS3.15 table E.1-1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct ProfileOptions {
    /// Retain Safe Private Option (113111).
    pub retain_safe_private: bool,
    /// Retain UIDs Option (113110).
    pub retain_uids: bool,
    /// Retain Device Identity Option (113109).
    pub retain_device_identity: bool,
    /// Retain Institution Identity Option (113112).
    pub retain_institution_identity: bool,
    /// Retain Patient Characteristics Option (113108).
    pub retain_patient_characteristics: bool,
    /// Retain Longitudinal Temporal Information with Full Dates Option (113106).
    pub retain_longitudinal_full_dates: bool,
    /// Retain Longitudinal Temporal Information with Modified Dates Option (113107).
    pub retain_longitudinal_modified_dates: bool,
    /// Clean Descriptors Option (113105).
    pub clean_descriptors: bool,
    /// Clean Structured Content Option (113104).
    pub clean_structured_content: bool,
    /// Clean Graphics Option (113103).
    pub clean_graphics: bool,
    /// Clean Pixel Data Option (113101).
    pub clean_pixel_data: bool,
}

/// What an attribute is made to be, whatever the table says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AttributeAction {
    /// K.
    Keep,
    /// C.
    Clean,
    /// X.
    Remove,
    /// Z.
    Empty,
    /// D.
    Replace,
    /// U.
    MapUid,
    /// The keyed identifier.
    MapIdentifier,
    /// The date, shifted.
    ShiftDate,
}

impl From<AttributeAction> for Action {
    fn from(action: AttributeAction) -> Self {
        match action {
            AttributeAction::Keep => Self::Keep,
            AttributeAction::Clean => Self::Clean,
            AttributeAction::Remove => Self::Remove,
            AttributeAction::Empty => Self::Empty,
            AttributeAction::Replace => Self::Replace,
            AttributeAction::MapUid => Self::MapUid,
            AttributeAction::MapIdentifier => Self::MapIdentifier,
            AttributeAction::ShiftDate => Self::ShiftDate,
        }
    }
}

/// What is done about times of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TimeHandling {
    /// They stay wherever dates are retained: dates move by whole days, so intervals hold to the second.
    #[default]
    Keep,
    /// They go; shifted DT values end with the day.
    Remove,
}

/// How dates and times are handled where an option retains them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct DateSettings {
    /// Times of day.
    pub times: TimeHandling,
    /// A patient's dates move back by 1 to this many days.
    pub max_shift_days: u32,
}

impl Default for DateSettings {
    /// Times stay; dates move by up to ten years.
    fn default() -> Self {
        Self { times: TimeHandling::Keep, max_shift_days: 3650 }
    }
}

/// What is done about texts that people wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FreeText {
    /// Identifying parts go, the rest stays.
    #[default]
    Clean,
    /// Every text of VR SH, LO, ST, LT, UT and UC goes, codes and their meanings excepted.
    Remove,
}

/// What is done about an instance with a text that the network doubts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DoubtfulText {
    /// A decision says so.
    #[default]
    Flag,
    /// A decision says so, and the instance is withheld for a person.
    Withhold,
}

/// How text is handled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct TextSettings {
    /// Texts that people wrote.
    pub free_text: FreeText,
    /// What stands in the place of an identifying span. Dates are shifted whatever it is, where the policy keeps them.
    pub replacement: crate::clean::Replacement,
    /// Texts that the network doubts, where a run has one.
    pub doubtful: DoubtfulText,
}

/// What is done about an instance that may show a face.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaceHandling {
    /// It is marked, by (0028,0302) and a decision.
    #[default]
    Flag,
    /// It is marked and withheld for a person.
    Withhold,
    /// Nothing.
    Ignore,
}

/// A policy with nothing left open. It is stored with the run.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Policy {
    /// What it is called.
    pub name: String,
    /// The options of the profile.
    pub options: ProfileOptions,
    /// Dates and times.
    pub dates: DateSettings,
    /// Text.
    pub text: TextSettings,
    /// What new UIDs begin with.
    pub uid_root: UidRoot,
    /// Instances that may show a face.
    pub faces: FaceHandling,
    /// What is done about text in the image.
    pub pixels: crate::pixels::PixelSettings,
    /// Attributes with an action of their own, by the path at the root; it holds inside sequences too.
    pub attributes: BTreeMap<AttributePath, AttributeAction>,
}

impl Policy {
    /// The names of the built-in policies.
    pub fn built_in_names() -> impl Iterator<Item = &'static str> {
        BUILT_IN.iter().map(|(name, _)| *name)
    }

    /// The file of a built-in policy.
    ///
    /// # Example
    /// ```
    /// use efface_pipeline::Policy;
    /// assert!(Policy::built_in_text("strict").unwrap().contains("name = \"strict\""));
    /// ```
    pub fn built_in_text(name: &str) -> Option<&'static str> {
        BUILT_IN.iter().find(|(built_in, _)| *built_in == name).map(|(_, text)| *text)
    }

    /// Reads a policy by its built-in name or from a file.
    ///
    /// # Errors
    /// When the file cannot be read, holds an unknown key or contradicts itself; says file, line and key.
    ///
    /// # Example
    /// ```
    /// use efface_pipeline::Policy;
    /// assert!(Policy::load("tcia").unwrap().options.clean_descriptors);
    /// assert!(Policy::load("no-such-policy").is_err());
    /// ```
    pub fn load(name_or_path: &str) -> Result<Self, RunError> {
        if let Some(text) = Self::built_in_text(name_or_path) {
            return Self::parse(name_or_path, text);
        }
        let text = fs::read_to_string(Path::new(name_or_path)).map_err(|error| {
            let names: Vec<&str> = Self::built_in_names().collect();
            RunError::Policy {
                name: name_or_path.to_owned(),
                message: format!(
                    "neither a built-in policy ({}) nor a readable file ({})",
                    names.join(", "),
                    error.kind()
                ),
            }
        })?;
        Self::parse(name_or_path, &text)
    }

    /// Reads a policy from the text of a file, whose name is used in messages alone.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn parse(source: &str, text: &str) -> Result<Self, RunError> {
        file::parse(text).map_err(|message| RunError::Policy { name: source.to_owned(), message })
    }

    /// The codes of the profile and its options, as (0012,0064) lists them: code value and meaning.
    ///
    /// Source: PS3.16 CID 7050.
    pub fn method_codes(&self, pixels_cleaned: bool) -> Vec<(&'static str, &'static str)> {
        let options = &self.options;
        let all = [
            (true, "113100", "Basic Application Confidentiality Profile"),
            (pixels_cleaned, "113101", "Clean Pixel Data Option"),
            (options.clean_graphics, "113103", "Clean Graphics Option"),
            (options.clean_structured_content, "113104", "Clean Structured Content Option"),
            (options.clean_descriptors, "113105", "Clean Descriptors Option"),
            (
                options.retain_longitudinal_full_dates,
                "113106",
                "Retain Longitudinal Temporal Information Full Dates Option",
            ),
            (
                options.retain_longitudinal_modified_dates,
                "113107",
                "Retain Longitudinal Temporal Information Modified Dates Option",
            ),
            (options.retain_patient_characteristics, "113108", "Retain Patient Characteristics Option"),
            (options.retain_device_identity, "113109", "Retain Device Identity Option"),
            (options.retain_uids, "113110", "Retain UIDs Option"),
            (options.retain_safe_private, "113111", "Retain Safe Private Option"),
            (options.retain_institution_identity, "113112", "Retain Institution Identity Option"),
        ];
        all.into_iter().filter(|(used, ..)| *used).map(|(_, code, meaning)| (code, meaning)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_policy_parses_under_its_own_name() {
        for name in Policy::built_in_names() {
            assert_eq!(Policy::load(name).expect("a built-in policy").name, name);
        }
    }

    #[test]
    fn every_option_has_its_code_and_only_options_in_use_are_named() {
        let basic = Policy::load("basic").expect("built in");
        assert_eq!(basic.method_codes(false), [("113100", "Basic Application Confidentiality Profile")]);
        let all = ProfileOptions {
            retain_safe_private: true,
            retain_uids: true,
            retain_device_identity: true,
            retain_institution_identity: true,
            retain_patient_characteristics: true,
            retain_longitudinal_full_dates: true,
            retain_longitudinal_modified_dates: true,
            clean_descriptors: true,
            clean_structured_content: true,
            clean_graphics: true,
            clean_pixel_data: true,
        };
        let codes: Vec<&str> =
            Policy { options: all, ..basic }.method_codes(true).into_iter().map(|(code, _)| code).collect();
        assert_eq!(
            codes,
            [
                "113100", "113101", "113103", "113104", "113105", "113106", "113107", "113108", "113109", "113110",
                "113111", "113112"
            ]
        );
    }
}

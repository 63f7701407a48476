//! What a run shall keep, clean and remove: a TOML file (`PolicyOptions`) resolved to `Policy`.

use crate::error::RunError;
use efface_schema::{Action, AttributePath};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

const FORMAT_VERSION: u32 = 1;
const BUILT_IN: [(&str, &str); 2] =
    [("basic", include_str!("../policies/basic.toml")), ("tcia", include_str!("../policies/tcia.toml"))];

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

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct PolicyOptions {
    format_version: u32,
    name: String,
    #[serde(default)]
    options: ProfileOptions,
    #[serde(default)]
    pixels: crate::pixels::PixelSettings,
    #[serde(default)]
    attributes: BTreeMap<String, AttributeAction>,
}

/// A policy with nothing left open. It is stored with the run.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Policy {
    /// What it is called.
    pub name: String,
    /// The options of the profile.
    pub options: ProfileOptions,
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
        if let Some((name, text)) = BUILT_IN.iter().find(|(name, _)| *name == name_or_path) {
            return Self::parse(name, text);
        }
        let text = fs::read_to_string(Path::new(name_or_path)).map_err(|error| RunError::Policy {
            name: name_or_path.to_owned(),
            message: format!("neither a built-in policy (basic, tcia) nor a readable file ({})", error.kind()),
        })?;
        Self::parse(name_or_path, &text)
    }

    fn parse(source: &str, text: &str) -> Result<Self, RunError> {
        let refuse = |message: String| RunError::Policy { name: source.to_owned(), message };
        let options: PolicyOptions = toml::from_str(text).map_err(|error| refuse(error.to_string()))?;
        if options.format_version > FORMAT_VERSION {
            return Err(refuse(format!("format-version {} is newer than {FORMAT_VERSION}", options.format_version)));
        }
        if options.options.retain_longitudinal_full_dates && options.options.retain_longitudinal_modified_dates {
            return Err(refuse("full and modified dates cannot both be retained".to_owned()));
        }
        let attributes = options
            .attributes
            .into_iter()
            .map(|(path, action)| match path.parse::<AttributePath>() {
                Ok(path) if path.depth() == 0 => Ok((path, action)),
                _ => Err(refuse(format!("[attributes] key `{path}` is not of the form (gggg,eeee)"))),
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { name: options.name, options: options.options, pixels: options.pixels, attributes })
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
    fn unknown_keys_are_refused_with_line_and_key() {
        let error = Policy::parse("p.toml", "format-version = 1\nname = \"x\"\n[options]\nclean-everything = true\n")
            .expect_err("an unknown key")
            .to_string();
        assert!(error.contains("p.toml") && error.contains("line 4") && error.contains("clean-everything"), "{error}");
    }

    #[test]
    fn contradictions_and_bad_attributes_are_refused() {
        let both = "format-version = 1\nname = \"x\"\n[options]\nretain-longitudinal-full-dates = true\nretain-longitudinal-modified-dates = true\n";
        assert!(Policy::parse("p", both).is_err());
        let path = "format-version = 1\nname = \"x\"\n[attributes]\n\"PatientName\" = \"keep\"\n";
        assert!(Policy::parse("p", path).expect_err("not a path").to_string().contains("PatientName"));
        assert!(Policy::parse("p", "format-version = 2\nname = \"x\"\n").is_err());
    }
}

//! The MIDI-B answer key: what one row's `AnswerData` holds.
//!
//! Source: the public validation script of the MIDI-B challenge (`CBIIT/MIDI_validation_script`, e61c8ea).

use crate::UnknownWord;
use crate::hipaa::vocabulary;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

vocabulary! {
    /// The ten actions, in the order in which the official scorer runs them.
    CheckAction, "MIDI-B action" {
        /// The attribute is present.
        TagRetained = "tag_retained",
        /// The attribute is present and not empty.
        TextNotnull = "text_notnull",
        /// The text is kept.
        TextRetained = "text_retained",
        /// The text is gone.
        TextRemoved = "text_removed",
        /// The date is another.
        DateShifted = "date_shifted",
        /// The UID is another.
        UidChanged = "uid_changed",
        /// Text in a box of the image cannot be read any more.
        PixelsHidden = "pixels_hidden",
        /// The pixel data is the same to the byte.
        PixelsRetained = "pixels_retained",
        /// The UID is the one that the mapping names.
        UidConsistent = "uid_consistent",
        /// The patient identifier is the one that the mapping names.
        PatidConsistent = "patid_consistent",
    }
}

impl CheckAction {
    /// Whether the action asks for something to be gone; the others ask for something to be kept.
    pub const fn is_removal(self) -> bool {
        matches!(self, Self::TextRemoved | Self::DateShifted | Self::UidChanged | Self::PixelsHidden)
    }
}

/// The codes that put a check into a family of the report.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AnswerCategory {
    /// HIPAA codes: `z` and `m`.
    pub hipaa: BTreeMap<String, Option<String>>,
    /// DICOM codes: `p15`, `iod` and `safe`.
    pub dicom: BTreeMap<String, Option<String>>,
    /// TCIA codes: `ptkb`, `p15` and `rev`.
    pub tcia: BTreeMap<String, Option<String>>,
    /// Codes of an earlier scheme; printed, never used.
    pub prev_cat: Vec<String>,
}

/// One check. Every text but the category is wrapped in `<` and `>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// `<Instance>`, `<Series>`, `<Study>` or `<Patient>`.
    pub scope: Option<String>,
    /// The attribute as displayed.
    pub tag: Option<String>,
    /// The attribute as looked up.
    pub tag_ds: Option<String>,
    /// The attribute's name.
    pub tag_name: Option<String>,
    /// The original text.
    pub value: Option<String>,
    /// One of [`CheckAction`], wrapped.
    pub action: String,
    /// The text to keep or to remove.
    pub action_text: Option<String>,
    /// The codes.
    pub answer_category_v2: AnswerCategory,
}

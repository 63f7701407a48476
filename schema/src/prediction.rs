//! What models say, in the forms in which it is scored: one record a line.
//!
//! The words of images are scored in the formats of the COCO data sets, which are not repeated here.

use crate::PhiLabel;
use serde::{Deserialize, Serialize};

/// Words of a text that a model takes for something that identifies someone.
///
/// Units: offsets in Unicode characters from the start of the text, the end exclusive.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PredictedSpan {
    /// The first character.
    pub start: u32,
    /// The character after the last one.
    pub end: u32,
    /// What it is taken for.
    pub label: PhiLabel,
    /// How sure the model is, from 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
}

/// What a model takes one of its own tokens for, by itself.
///
/// Units: as of [`PredictedSpan`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PredictedToken {
    /// The first character.
    pub start: u32,
    /// The character after the last one.
    pub end: u32,
    /// What it is taken for; absent for what identifies nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<PhiLabel>,
    /// How sure the model is of that, from 0 to 1.
    pub probability: f64,
}

/// What a model says about one text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextPrediction {
    /// Which text: the `index` of its [`crate::TextRecord`], or any name that the gold has too.
    pub id: String,
    /// The text, if it is to be compared with the gold's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// What it found, in any order; spans may overlap.
    pub spans: Vec<PredictedSpan>,
    /// The BIO tags of the text's tokens as the model gave them, valid or not; made from the spans if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
    /// The model's own tokens, each with what it is taken for, to measure the calibration of tokens on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens: Option<Vec<PredictedToken>>,
}

/// A decision with its probability, and whether it was right: a row to measure calibration on.
///
/// The decision may be about a token, an entity, a box, a word that was read or a value as a whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JudgedDecision {
    /// How sure the model was of its decision, from 0 to 1.
    pub probability: f64,
    /// Whether it was right.
    pub correct: bool,
    /// Whose data it is about: rows with one cluster are not independent.
    pub cluster: String,
    /// What was decided about, such as `token`; rows of one kind are also measured by themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Whether it is about something that identifies; if no row says so, every wrong decision counts as missed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phi: Option<bool>,
}

/// How long one piece of work took: a row to measure speed on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageTime {
    /// Which step, such as `read`.
    pub stage: String,
    /// Modality (0008,0060) of what was worked on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modality: Option<String>,
    /// Seconds from its beginning to its end.
    pub seconds: f64,
    /// Bytes that were worked on.
    pub bytes: u64,
}

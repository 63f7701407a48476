//! Texts for entity recognition: what a token classifier is trained and scored on.

use crate::hipaa::vocabulary;
use crate::{HipaaElement, PhiLabel, UnknownWord, Versioned};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

vocabulary! {
    /// Why words look as if they identified someone and do not. They must survive.
    NegativeKind, "kind of hard negative" {
        /// A sign, a disease or a device that is called after someone.
        Eponym = "eponym",
        /// A part of the body.
        Anatomy = "anatomy",
        /// A maker of devices.
        Vendor = "vendor",
        /// A model of a device.
        Model = "model",
        /// A convolution kernel.
        Kernel = "kernel",
        /// A protocol or a billing code.
        ProtocolCode = "protocol_code",
        /// A measured value with its unit, also one that looks like a date.
        Measurement = "measurement",
        /// A version that looks like an IP address or a date.
        Version = "version",
        /// A word of everyday language that is also a name.
        WordName = "word_name",
        /// A year alone.
        Year = "year",
        /// A state or a country alone.
        State = "state",
        /// A time that is told from another one.
        RelativeTime = "relative_time",
        /// A weekday that comes again.
        Weekday = "weekday",
        /// What stands where a name would stand.
        Placeholder = "placeholder",
        /// An age under 90.
        YoungAge = "young_age",
        /// A number of something that is no identifier.
        HarmlessNumber = "harmless_number",
    }
}

/// Words that identify someone.
///
/// Units: offsets in Unicode characters from the start of the text, the end exclusive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabelledSpan {
    /// The first character.
    pub start: u32,
    /// The character after the last one.
    pub end: u32,
    /// What it is.
    pub label: PhiLabel,
    /// The HIPAA element that it falls under.
    pub element: HipaaElement,
    /// Whether the patient's own attributes hold the person, place or number, in this or another form: a
    /// search for them would find it.
    pub is_known: bool,
}

/// Words that must survive although they look as if they identified someone. Units as in [`LabelledSpan`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NegativeSpan {
    /// The first character.
    pub start: u32,
    /// The character after the last one.
    pub end: u32,
    /// What it looks like.
    pub kind: NegativeKind,
}

/// Where a text stands, or would stand, in a DICOM instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextContext {
    /// The path of the attribute, such as `(0008,1030)`; absent for the name of a file.
    pub attribute: Option<String>,
    /// The attribute's keyword; empty for private attributes and names of files.
    pub keyword: String,
    /// The attribute's VR; absent for the name of a file.
    pub vr: Option<String>,
    /// Modality (0008,0060).
    pub modality: String,
    /// The patient's language and country, such as `en_US`.
    pub locale: String,
    /// Which patient of the suite the text is about, counted from 0.
    pub patient: u64,
}

/// One text with its spans: a line of `ner.jsonl`.
///
/// Spans are in order and do not overlap, nor do hard negatives, nor one with the other.
/// Values are not repeated: they are the characters of the text between the offsets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextRecord {
    /// See [`Versioned`].
    pub format_version: u32,
    /// The text's place in the file, counted from 0.
    pub index: u64,
    /// The text.
    pub text: String,
    /// What identifies someone.
    pub spans: Vec<LabelledSpan>,
    /// What only looks as if.
    pub negatives: Vec<NegativeSpan>,
    /// Where it stands.
    pub context: TextContext,
}

impl Versioned for TextRecord {
    const FORMAT_VERSION: u32 = 1;
    const NAME: &'static str = "text record";

    fn format_version(&self) -> u32 {
        self.format_version
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{parse_json, to_json_line};

    #[test]
    fn a_record_comes_back_as_it_was_written() {
        let record = TextRecord {
            format_version: 1,
            index: 3,
            text: "Größe: Zoë".to_owned(),
            spans: vec![LabelledSpan {
                start: 7,
                end: 10,
                label: PhiLabel::Name,
                element: HipaaElement::A,
                is_known: true,
            }],
            negatives: vec![NegativeSpan { start: 0, end: 5, kind: NegativeKind::WordName }],
            context: TextContext {
                attribute: None,
                keyword: String::new(),
                vr: None,
                modality: "CT".to_owned(),
                locale: "de_DE".to_owned(),
                patient: 7,
            },
        };
        let line = to_json_line(&record);
        assert_eq!(parse_json::<TextRecord>(&line).expect("just written"), record);
        let newer = line.replacen("\"format_version\":1", "\"format_version\":2", 1);
        assert!(parse_json::<TextRecord>(&newer).is_err());
    }
}

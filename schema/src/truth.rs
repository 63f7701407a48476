//! What was planted, and what must survive.

use crate::hipaa::vocabulary;
use crate::{Action, AttributePath, DrawnText, HipaaElement, Locus, PhiLabel, UnknownWord, Versioned};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

vocabulary! {
    /// The kinds of places where a value can be planted.
    Place, "place" {
        /// An attribute that exists to hold it.
        ExplicitAttribute = "explicit_attribute",
        /// A text attribute that may hold anything.
        FreeText = "free_text",
        /// An attribute inside a sequence.
        Sequence = "sequence",
        /// A private attribute.
        Private = "private",
        /// The content tree of a structured report.
        StructuredReport = "structured_report",
        /// An encapsulated document.
        Document = "document",
        /// The image.
        Pixels = "pixels",
        /// An overlay plane.
        Overlay = "overlay",
        /// The file meta information or the preamble.
        FileMeta = "file_meta",
        /// The name of the file or of a folder above it.
        FileName = "file_name",
    }
}

vocabulary! {
    /// What must still be true of a value that identifies nobody.
    Retention, "retention" {
        /// The attribute is there, even if empty.
        Present = "present",
        /// The attribute is there and not empty.
        NotEmpty = "not_empty",
        /// The text is unchanged.
        Text = "text",
    }
}

/// Who an instance is, by the identifiers it was written with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InstanceIdentity {
    /// The file, relative to the suite's DICOM folder, with `/`.
    pub path: String,
    /// (0010,0020).
    pub patient_id: String,
    /// (0020,000D).
    pub study_instance_uid: String,
    /// (0020,000E).
    pub series_instance_uid: String,
    /// (0008,0018).
    pub sop_instance_uid: String,
    /// (0008,0016).
    pub sop_class_uid: String,
    /// (0008,0060).
    pub modality: String,
}

/// A value that identifies someone, and where it was put.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlantedValue {
    /// Where.
    pub locus: Locus,
    /// What kind of place that is.
    pub place: Place,
    /// What it is.
    pub label: PhiLabel,
    /// Which HIPAA element it falls under.
    pub element: HipaaElement,
    /// The text as it stands there (for pixels: as drawn).
    pub value: String,
    /// What must be done about it, from version 3 on: [`Action::Remove`] (gone in whatever way), [`Action::Clean`] (the
    /// rest of its text may stay), [`Action::MapUid`], [`Action::MapIdentifier`], [`Action::ShiftDate`] or
    /// [`Action::Redact`] (hidden in the picture).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<Action>,
}

/// A value that must survive, and in what sense.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetainedValue {
    /// The attribute.
    pub path: AttributePath,
    /// In what sense.
    pub retention: Retention,
    /// The text that must survive, for [`Retention::Text`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// What must be done about its attribute, from version 3 on: [`Action::Keep`], or [`Action::Clean`] where other words
    /// of it must go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<Action>,
}

/// The ground truth of one instance. A line of `truth.jsonl`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TruthRecord {
    /// Version of this form.
    pub format_version: u32,
    /// Which instance.
    pub instance: InstanceIdentity,
    /// The locale of the patient's names and addresses, as `de_DE`; absent where it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// What identifies.
    pub planted: Vec<PlantedValue>,
    /// What must survive.
    pub retained: Vec<RetainedValue>,
    /// What text the image and its overlays show; from version 2 on, absent where there is no image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drawn: Option<DrawnText>,
}

impl Versioned for TruthRecord {
    const FORMAT_VERSION: u32 = 3;
    const NAME: &'static str = "truth record";

    fn format_version(&self) -> u32 {
        self.format_version
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse_json;

    #[test]
    fn a_record_of_the_first_version_is_still_read() {
        let line = r#"{"format_version":1,"instance":{"path":"a.dcm","patient_id":"1","study_instance_uid":"1.1",
            "series_instance_uid":"1.2","sop_instance_uid":"1.3","sop_class_uid":"1.4","modality":"CT"},
            "planted":[],"retained":[]}"#;
        let record: TruthRecord = parse_json(line).expect("an older version");
        assert_eq!((record.format_version, record.drawn), (1, None));
    }

    #[test]
    fn values_of_the_second_version_expect_nothing_and_newer_ones_are_refused() {
        let line = |version: u32, more: &str| {
            format!(
                r#"{{"format_version":{version},"instance":{{"path":"a.dcm","patient_id":"1","study_instance_uid":"1.1",
                "series_instance_uid":"1.2","sop_instance_uid":"1.3","sop_class_uid":"1.4","modality":"CT"}},
                "planted":[{{"locus":{{"kind":"file_name"}},"place":"file_name","label":"NAME","element":"A",
                "value":"Doe"{more}}}],"retained":[]}}"#
            )
        };
        let old: TruthRecord = parse_json(&line(2, "")).expect("an older version");
        assert_eq!(old.planted[0].expected, None);
        let new: TruthRecord = parse_json(&line(3, r#","expected":"shift_date""#)).expect("this version");
        assert_eq!(new.planted[0].expected, Some(Action::ShiftDate));
        assert!(matches!(parse_json::<TruthRecord>(&line(4, "")), Err(crate::FormatError::Newer { .. })));
    }
}

//! PS3.15 table E.1-1 as data.
//!
//! The attributes and their codes are those of edition 2026c, the option columns those of 2024b, and for attributes
//! that are newer those of 2025b.

use super::types::AttributeType;
use crate::policy::ProfileOptions;
use dicom_core::Tag;
use efface_schema::Action;
use serde::Deserialize;

const TABLE: &str = include_str!("../../data/e1_1.csv");

/// How many attributes the table names.
pub(super) const N_ROWS: usize = 652;

/// What the Basic Profile does: one action, or alternatives of which the attribute's Type decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BasicCode {
    /// X.
    Remove,
    /// Z.
    Empty,
    /// D.
    Replace,
    /// U.
    MapUid,
    /// X/Z.
    RemoveOrEmpty,
    /// X/D and X/Z/D.
    RemoveEmptyOrReplace,
    /// Z/D.
    EmptyOrReplace,
    /// X/Z/U*.
    RemoveEmptyOrMapUid,
}

impl BasicCode {
    /// The action for an attribute of a Type. Where the Type is not known, the last alternative is taken: it is valid
    /// whatever the Type.
    ///
    /// Source: PS3.15 section E.1.1, the meanings of the codes below table E.1-1.
    pub(super) fn action(self, kind: Option<AttributeType>) -> Action {
        use AttributeType::{ConditionallyPresent, ConditionallyValued, Optional, Present, Valued};
        match (self, kind) {
            (Self::Remove, _) => Action::Remove,
            (Self::Replace, _) => Action::Replace,
            (Self::MapUid, _) => Action::MapUid,
            (Self::Empty | Self::RemoveOrEmpty | Self::EmptyOrReplace, Some(Valued | ConditionallyValued)) => {
                Action::Replace
            }
            (Self::Empty | Self::EmptyOrReplace, Some(_)) | (Self::Empty | Self::RemoveOrEmpty, None) => Action::Empty,
            (Self::EmptyOrReplace | Self::RemoveEmptyOrReplace, None) => Action::Replace,
            (Self::RemoveEmptyOrReplace, Some(Valued | ConditionallyValued)) => Action::Replace,
            (Self::RemoveEmptyOrMapUid, None | Some(Valued | ConditionallyValued)) => Action::MapUid,
            (_, Some(Present | ConditionallyPresent)) => Action::Empty,
            (_, Some(Optional)) => Action::Remove,
        }
    }
}

/// A row of the table.
#[derive(Debug, Clone)]
pub(super) struct ProfileRow {
    pub(super) basic: BasicCode,
    columns: [OptionCode; 9],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OptionCode {
    None,
    Keep,
    Clean,
}

#[derive(Deserialize)]
struct CsvRow {
    tag: String,
    basic: String,
    retain_uids: String,
    retain_device_identity: String,
    retain_institution_identity: String,
    retain_patient_characteristics: String,
    retain_longitudinal_full_dates: String,
    retain_longitudinal_modified_dates: String,
    clean_descriptors: String,
    clean_structured_content: String,
    clean_graphics: String,
}

impl ProfileRow {
    /// Whether an option of the policy asks to keep the value.
    pub(super) fn keeps(&self, options: &ProfileOptions) -> bool {
        self.any(options, OptionCode::Keep)
    }

    /// Whether an option of the policy asks to clean the value.
    pub(super) fn cleans(&self, options: &ProfileOptions) -> bool {
        self.any(options, OptionCode::Clean)
    }

    /// Whether the Clean Descriptors Option knows the attribute.
    pub(super) fn is_descriptor(&self) -> bool {
        self.columns[CLEAN_DESCRIPTORS] == OptionCode::Clean
    }

    fn any(&self, options: &ProfileOptions, wanted: OptionCode) -> bool {
        enabled(options).iter().zip(&self.columns).any(|(enabled, code)| *enabled && *code == wanted)
    }
}

/// Index of the Clean Descriptors Option among the columns.
const CLEAN_DESCRIPTORS: usize = 6;

/// The option columns in the order of [`ProfileRow::columns`].
const fn enabled(options: &ProfileOptions) -> [bool; 9] {
    [
        options.retain_uids,
        options.retain_device_identity,
        options.retain_institution_identity,
        options.retain_patient_characteristics,
        options.retain_longitudinal_full_dates,
        options.retain_longitudinal_modified_dates,
        options.clean_descriptors,
        options.clean_structured_content,
        options.clean_graphics,
    ]
}

/// Reads the table.
pub(super) fn rows() -> impl Iterator<Item = (Tag, ProfileRow)> {
    csv::Reader::from_reader(TABLE.as_bytes()).into_deserialize::<CsvRow>().map(|row| {
        let row = row.expect("the committed table has every column");
        let digits =
            |range| u16::from_str_radix(&row.tag[range], 16).expect("the committed table has hexadecimal tags");
        (Tag(digits(0..4), digits(4..8)), profile_row(&row))
    })
}

fn profile_row(row: &CsvRow) -> ProfileRow {
    let columns = [
        &row.retain_uids,
        &row.retain_device_identity,
        &row.retain_institution_identity,
        &row.retain_patient_characteristics,
        &row.retain_longitudinal_full_dates,
        &row.retain_longitudinal_modified_dates,
        &row.clean_descriptors,
        &row.clean_structured_content,
        &row.clean_graphics,
    ]
    .map(|code| match code.as_str() {
        "" => OptionCode::None,
        "K" => OptionCode::Keep,
        "C" => OptionCode::Clean,
        _ => panic!("the committed table has only K and C in its option columns"),
    });
    ProfileRow { basic: basic_code(&row.basic), columns }
}

fn basic_code(code: &str) -> BasicCode {
    match code {
        "X" => BasicCode::Remove,
        "Z" => BasicCode::Empty,
        "D" => BasicCode::Replace,
        "U" => BasicCode::MapUid,
        "X/Z" => BasicCode::RemoveOrEmpty,
        "X/D" | "X/Z/D" => BasicCode::RemoveEmptyOrReplace,
        "Z/D" => BasicCode::EmptyOrReplace,
        "X/Z/U*" => BasicCode::RemoveEmptyOrMapUid,
        _ => panic!("the committed table has only the codes of PS3.15 section E.3"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use AttributeType::{ConditionallyPresent, ConditionallyValued, Optional, Present, Valued};

    #[test]
    fn the_whole_table_is_read() {
        assert_eq!(rows().count(), N_ROWS);
    }

    #[test]
    fn the_type_decides_between_alternatives() {
        use Action::{Empty, MapUid, Remove, Replace};
        let types =
            [Some(Valued), Some(ConditionallyValued), Some(Present), Some(ConditionallyPresent), Some(Optional), None];
        for (code, expected) in [
            ("X", [Remove; 6]),
            ("D", [Replace; 6]),
            ("U", [MapUid; 6]),
            ("Z", [Replace, Replace, Empty, Empty, Empty, Empty]),
            ("X/Z", [Replace, Replace, Empty, Empty, Remove, Empty]),
            ("X/D", [Replace, Replace, Empty, Empty, Remove, Replace]),
            ("Z/D", [Replace, Replace, Empty, Empty, Empty, Replace]),
            ("X/Z/D", [Replace, Replace, Empty, Empty, Remove, Replace]),
            ("X/Z/U*", [MapUid, MapUid, Empty, Empty, Remove, MapUid]),
        ] {
            assert_eq!(types.map(|kind| basic_code(code).action(kind)), expected, "{code}");
        }
    }
}

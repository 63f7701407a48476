//! PS3.15 table E.1-1 as data.

use crate::policy::ProfileOptions;
use dicom_core::Tag;
use serde::Deserialize;
use std::collections::HashMap;

const TABLE: &str = include_str!("../../data/e1_1.csv");

/// What the Basic Profile does, with combined alternatives decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BasicCode {
    Remove,
    Empty,
    Replace,
    MapUid,
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
pub(super) fn rows() -> HashMap<Tag, ProfileRow> {
    csv::Reader::from_reader(TABLE.as_bytes())
        .deserialize::<CsvRow>()
        .map(|row| {
            let row = row.expect("the committed table has every column");
            let digits =
                |range| u16::from_str_radix(&row.tag[range], 16).expect("the committed table has hexadecimal tags");
            (Tag(digits(0..4), digits(4..8)), profile_row(&row))
        })
        .collect()
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

/// Decides a combined code by its last alternative, which is valid whatever the attribute's Type.
fn basic_code(code: &str) -> BasicCode {
    match code {
        "X" => BasicCode::Remove,
        "Z" | "X/Z" => BasicCode::Empty,
        "D" | "X/D" | "Z/D" | "X/Z/D" => BasicCode::Replace,
        "U" | "X/Z/U*" => BasicCode::MapUid,
        _ => panic!("the committed table has only the codes of PS3.15 section E.3"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_table_is_read() {
        assert_eq!(rows().len(), 652);
    }
}

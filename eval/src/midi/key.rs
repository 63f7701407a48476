//! The answer key and the mappings that a submission brings along.

use super::python::str_json;
use crate::EvaluationError;
use efface_schema::midi::CheckAction;
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;
use std::collections::HashMap;
use std::path::Path;

/// A mapping of identifiers, as its CSV file gives it. The first line of an old identifier counts.
#[derive(Debug, Clone, Default)]
pub struct Mapping {
    new_by_old: HashMap<String, String>,
    old_by_new: HashMap<String, String>,
}

impl Mapping {
    /// Reads `id_old,id_new`.
    ///
    /// # Errors
    /// When the file cannot be read or its header is another.
    pub fn read(path: &Path) -> Result<Self, EvaluationError> {
        let unreadable = |_| EvaluationError::Mapping;
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_path(path).map_err(unreadable)?;
        if reader.headers().map_err(unreadable)? != ["id_old", "id_new"].as_slice() {
            return Err(EvaluationError::Mapping);
        }
        let mut mapping = Self::default();
        for record in reader.records() {
            let record = record.map_err(unreadable)?;
            if let (Some(old), Some(new)) = (record.get(0), record.get(1)) {
                mapping.insert(old, new);
            }
        }
        Ok(mapping)
    }

    /// Adds a line.
    pub fn insert(&mut self, old: &str, new: &str) {
        if !self.new_by_old.contains_key(old) {
            self.new_by_old.insert(old.to_owned(), new.to_owned());
        }
        self.old_by_new.insert(new.to_owned(), old.to_owned());
    }

    /// The new identifier.
    pub fn new_of(&self, old: &str) -> Option<&str> {
        self.new_by_old.get(old).map(String::as_str)
    }

    /// The old identifier.
    pub fn old_of(&self, new: &str) -> Option<&str> {
        self.old_by_new.get(new).map(String::as_str)
    }

    /// The new identifier of an old one, both wrapped in `<` and `>`.
    pub(crate) fn new_wrapped(&self, old: &str) -> Option<String> {
        let old = old.strip_prefix('<')?.strip_suffix('>')?;
        self.new_of(old).map(|new| format!("<{new}>"))
    }
}

/// The codes of a check, in the order in which reports print them.
pub const CODES: [&str; 8] =
    ["hipaa_z", "hipaa_m", "dicom_p15", "dicom_iod", "dicom_safe", "tcia_ptkb", "tcia_p15", "tcia_rev"];

/// One check of the key, as far as the scorer reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyCheck {
    /// The check's name inside its instance.
    pub index: String,
    /// What to do; checks of unknown actions are left out, as the official scorer does.
    pub action: CheckAction,
    /// The text to keep or remove.
    pub action_text: Option<String>,
    /// The original text.
    pub value: Option<String>,
    /// The attribute as displayed.
    pub tag: Option<String>,
    /// The attribute as looked up.
    pub tag_ds: Option<String>,
    /// The attribute's name.
    pub tag_name: Option<String>,
    /// The codes, in the order of [`CODES`].
    pub codes: [Option<String>; 8],
    /// The codes of an earlier scheme, printed only.
    pub prev_cat: Option<String>,
}

/// The checks of one original instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRow {
    /// Modality, SOP class, patient, study, series, instance: original and not wrapped.
    pub identity: [Option<String>; 6],
    /// The checks, in the order in which the scorer runs them.
    pub checks: Vec<KeyCheck>,
}

/// An open answer key.
#[derive(Debug)]
pub struct AnswerKey {
    connection: Connection,
    rows: Vec<(i64, String)>,
}

impl AnswerKey {
    /// Opens a key and lists its instances.
    ///
    /// # Errors
    /// When the file is not an answer key.
    pub fn open(path: &Path) -> Result<Self, EvaluationError> {
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let rows = connection
            .prepare("SELECT rowid, CAST(SOPInstanceUID AS TEXT) FROM answer_data ORDER BY rowid")?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        Ok(Self { connection, rows })
    }

    /// The original SOP Instance UIDs, in the key's order, with the numbers of their rows.
    pub fn instances(&self) -> &[(i64, String)] {
        &self.rows
    }

    /// Reads one row.
    ///
    /// # Errors
    /// When the row cannot be read. A row without checks is not an error.
    pub fn row(&self, row_id: i64) -> Result<KeyRow, EvaluationError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT CAST(Modality AS TEXT), CAST(SOPClassUID AS TEXT), CAST(PatientID AS TEXT), \
             CAST(StudyInstanceUID AS TEXT), CAST(SeriesInstanceUID AS TEXT), CAST(SOPInstanceUID AS TEXT), \
             AnswerData FROM answer_data WHERE rowid = ?1",
        )?;
        let (identity, answers) = statement.query_row([row_id], |row| {
            let mut identity: [Option<String>; 6] = Default::default();
            for (at, field) in identity.iter_mut().enumerate() {
                *field = row.get(at)?;
            }
            Ok((identity, row.get::<_, Option<String>>(6)?))
        })?;
        Ok(KeyRow { identity, checks: checks(answers.as_deref().unwrap_or_default()) })
    }
}

fn checks(answers: &str) -> Vec<KeyCheck> {
    let Ok(Value::Object(answers)) = serde_json::from_str(answers) else { return Vec::new() };
    let mut checks: Vec<KeyCheck> = answers.iter().filter_map(|(index, check)| key_check(index, check)).collect();
    checks.sort_by_key(|check| check.action);
    checks
}

fn key_check(index: &str, check: &Value) -> Option<KeyCheck> {
    let text = |name: &str| check.get(name).and_then(Value::as_str).map(str::to_owned);
    let action = text("action")?.strip_prefix('<')?.strip_suffix('>')?.parse().ok()?;
    let category = check.get("answer_category_v2");
    let codes = CODES.map(|code| {
        let (family, leaf) = code.split_once('_').unwrap_or((code, ""));
        category.and_then(|category| category.get(family)?.get(leaf)?.as_str()).map(str::to_owned)
    });
    Some(KeyCheck {
        index: index.to_owned(),
        action,
        action_text: text("action_text"),
        value: text("value"),
        tag: text("tag"),
        tag_ds: text("tag_ds"),
        tag_name: text("tag_name"),
        codes,
        prev_cat: category.and_then(|category| category.get("prev_cat")).map(str_json),
    })
}

/// A burned-in text and its box, as a pixel check's action text gives them.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
pub(crate) struct BurnedInText {
    pub text: String,
    pub top_left: [u32; 2],
    pub bottom_right: [u32; 2],
}

impl BurnedInText {
    pub(crate) fn parse(action_text: &str) -> Option<Self> {
        serde_json::from_str(action_text.strip_prefix('<')?.strip_suffix('>')?).ok()
    }
}

//! The answer key and the mappings that a submission brings along.

use super::key_json::{KnownCodes, RowChecks};
use super::python::str_json;
use crate::EvaluationError;
use efface_schema::midi::CheckAction;
use rusqlite::{Connection, OpenFlags};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

/// Maps that never leave memory: a quick hash, whose root differs from run to run.
pub(crate) type QuickMap<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

/// A mapping of identifiers, as its CSV file gives it. The first line of an old identifier counts.
#[derive(Debug, Clone, Default)]
pub struct Mapping {
    new_by_old: QuickMap<String, String>,
    old_by_new: QuickMap<String, String>,
}

impl Mapping {
    /// Reads `id_old,id_new`; `what` is what messages call the file.
    ///
    /// # Errors
    /// When the file cannot be read or its header is another, and with the line that has not two fields.
    pub fn read(path: &Path, what: &'static str) -> Result<Self, EvaluationError> {
        let refused = |line, problem| EvaluationError::Line { what, line, problem };
        let file = File::open(path).map_err(|source| EvaluationError::Read { what, source })?;
        let mut reader = csv::Reader::from_reader(file);
        let is_mapping = reader.headers().is_ok_and(|headers| headers == ["id_old", "id_new"].as_slice());
        if !is_mapping {
            return Err(refused(1, "it is not the header id_old,id_new"));
        }
        let mut mapping = Self::default();
        let mut record = csv::StringRecord::new();
        let read = |error: csv::Error| {
            let line = error.position().map_or(1, |position| position.line() as usize);
            refused(line, "it has not two fields of UTF-8, the old identifier and the new one")
        };
        while reader.read_record(&mut record).map_err(read)? {
            mapping.insert(&record[0], &record[1]);
        }
        Ok(mapping)
    }

    /// Adds a line, unless one of the same old identifier is there.
    pub fn insert(&mut self, old: &str, new: &str) {
        if !self.new_by_old.contains_key(old) {
            self.new_by_old.insert(old.to_owned(), new.to_owned());
            self.old_by_new.insert(new.to_owned(), old.to_owned());
        }
    }

    /// Every line that counts, in order of the old identifier.
    pub fn lines(&self) -> Vec<(&str, &str)> {
        let mut lines: Vec<_> = self.new_by_old.iter().map(|(old, new)| (old.as_str(), new.as_str())).collect();
        lines.sort_unstable();
        lines
    }

    /// The new identifier.
    pub fn new_of(&self, old: &str) -> Option<&str> {
        self.new_by_old.get(old).map(String::as_str)
    }

    /// The old identifier.
    pub fn old_of(&self, new: &str) -> Option<&str> {
        self.old_by_new.get(new).map(String::as_str)
    }

    /// The new identifier of an old one that is wrapped in `<` and `>`.
    pub(crate) fn new_of_wrapped(&self, old: &str) -> Option<&str> {
        self.new_of(old.strip_prefix('<')?.strip_suffix('>')?)
    }
}

/// The codes of a check, in the order in which reports print them.
pub const CODES: [&str; 8] =
    ["hipaa_z", "hipaa_m", "dicom_p15", "dicom_iod", "dicom_safe", "tcia_ptkb", "tcia_p15", "tcia_rev"];

/// What a check is reported under, in the key's words.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Codes {
    /// The codes, in the order of [`CODES`].
    pub leaves: [Option<String>; 8],
    /// The codes of an earlier scheme, printed only.
    pub prev_cat: Option<serde_json::Value>,
}

impl Codes {
    /// The codes of an earlier scheme, as Python prints them.
    pub fn prev_cat_text(&self) -> Option<String> {
        self.prev_cat.as_ref().map(str_json)
    }

    /// The family and the code that a check of this action is reported under; absent where the key gives no code, in
    /// which case the official scorer leaves out the whole table.
    pub fn category(&self, action: CheckAction) -> Option<(&'static str, &str)> {
        let [hipaa_z, hipaa_m, _, dicom_iod, _, tcia_ptkb, tcia_p15, tcia_rev] = &self.leaves;
        match action {
            CheckAction::TagRetained | CheckAction::TextNotnull => Some(("dicom", dicom_iod.as_deref()?)),
            CheckAction::DateShifted => Some(("hipaa", "HIPAA-C")),
            CheckAction::UidChanged => Some(("hipaa", "HIPAA-R")),
            CheckAction::PixelsHidden => Some(("hipaa", "HIPAA-A")),
            CheckAction::PatidConsistent => Some(("dicom", "DICOM-P15-BASIC-C")),
            CheckAction::UidConsistent => Some(("dicom", "DICOM-P15-BASIC-U")),
            CheckAction::PixelsRetained => Some(("tcia", "TCIA-P15-PIX-K")),
            CheckAction::TextRemoved => first_code(&[("hipaa", hipaa_m), ("hipaa", hipaa_z)])
                .or_else(|| first_code(&[("tcia", tcia_p15), ("tcia", tcia_ptkb), ("tcia", tcia_rev)])),
            CheckAction::TextRetained => first_code(&[("tcia", tcia_p15), ("tcia", tcia_ptkb), ("tcia", tcia_rev)]),
        }
    }
}

/// One check of the key, as far as the scorer reads it. Texts are slices of the key where they hold no escapes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeyCheck<'k> {
    /// The check's name inside its instance.
    pub index: Cow<'k, str>,
    /// What to do; checks of unknown actions are left out, as the official scorer does.
    pub action: CheckAction,
    /// The text to keep or remove.
    pub action_text: Option<Cow<'k, str>>,
    /// The original text.
    pub value: Option<Cow<'k, str>>,
    /// The attribute as displayed.
    pub tag: Option<Cow<'k, str>>,
    /// The attribute as looked up.
    pub tag_ds: Option<Cow<'k, str>>,
    /// The attribute's name.
    pub tag_name: Option<Cow<'k, str>>,
    /// The codes, of which a key has a few dozen: checks share them.
    #[serde(with = "shared")]
    pub codes: Arc<Codes>,
}

impl KeyCheck<'_> {
    /// The same check with texts of its own.
    pub fn into_owned(self) -> KeyCheck<'static> {
        let own = |text: Option<Cow<'_, str>>| text.map(|text| Cow::Owned(text.into_owned()));
        KeyCheck {
            index: Cow::Owned(self.index.into_owned()),
            action: self.action,
            action_text: own(self.action_text),
            value: own(self.value),
            tag: own(self.tag),
            tag_ds: own(self.tag_ds),
            tag_name: own(self.tag_name),
            codes: self.codes,
        }
    }

    /// As [`Codes::category`].
    pub fn category(&self) -> Option<(&'static str, &str)> {
        self.codes.category(self.action)
    }
}

/// Shared codes are written as if each check had its own.
mod shared {
    use super::{Arc, Codes};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(codes: &Arc<Codes>, serializer: S) -> Result<S::Ok, S::Error> {
        codes.as_ref().serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Arc<Codes>, D::Error> {
        Codes::deserialize(deserializer).map(Arc::new)
    }
}

fn first_code<'c>(choices: &[(&'static str, &'c Option<String>)]) -> Option<(&'static str, &'c str)> {
    choices.iter().find_map(|(family, code)| Some((*family, code.as_deref().filter(|code| !code.is_empty())?)))
}

/// The checks of one original instance, as the key holds them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRow {
    /// Modality, SOP class, patient, study, series, instance: original and not wrapped.
    pub identity: [Option<String>; 6],
    /// `AnswerData`, a JSON object of checks.
    answers: String,
}

impl KeyRow {
    /// The checks, in the order in which the official scorer runs them.
    ///
    /// A row that is not a JSON object has none, as for the official scorer; [`RowChecks::faults`] says so.
    pub fn checks(&self) -> RowChecks<'_> {
        self.checks_sharing(&mut KnownCodes::default())
    }

    /// As [`Self::checks`], with codes shared by all rows that are read with the same memory.
    pub(crate) fn checks_sharing(&self, known: &mut KnownCodes) -> RowChecks<'_> {
        RowChecks::parse(&self.answers, known)
    }
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
    /// When the file is not an answer key, or has no row, and with the row that names no instance.
    pub fn open(path: &Path) -> Result<Self, EvaluationError> {
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let rows: Vec<(i64, Option<String>)> = connection
            .prepare("SELECT rowid, CAST(SOPInstanceUID AS TEXT) FROM answer_data ORDER BY rowid")?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        let named = |(row, uid): (i64, Option<String>)| {
            Ok((row, uid.ok_or(EvaluationError::KeyRow { row, problem: "it has no SOPInstanceUID" })?))
        };
        let rows: Vec<(i64, String)> = rows.into_iter().map(named).collect::<Result<_, EvaluationError>>()?;
        if rows.is_empty() {
            return Err(EvaluationError::KeyRow { row: 1, problem: "there is none, so nothing can be measured" });
        }
        Ok(Self { connection, rows })
    }

    /// Refuses a key that has an instance in two rows, of which the scorer would take the second for one without a file.
    ///
    /// # Errors
    /// With the second row.
    pub(crate) fn refuse_duplicates(&self) -> Result<(), EvaluationError> {
        let mut seen = HashSet::new();
        match self.rows.iter().find(|(_, uid)| !seen.insert(uid.as_str())) {
            Some((row, _)) => Err(EvaluationError::KeyRow {
                row: *row,
                problem: "an earlier row has the same SOPInstanceUID; --mode parity scores it as the official scorer does",
            }),
            None => Ok(()),
        }
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
        let row = statement.query_row([row_id], |row| {
            let mut identity: [Option<String>; 6] = Default::default();
            for (at, field) in identity.iter_mut().enumerate() {
                *field = row.get(at)?;
            }
            Ok(KeyRow { identity, answers: row.get::<_, Option<String>>(6)?.unwrap_or_default() })
        })?;
        Ok(row)
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_line_of_an_old_identifier_counts_in_neither_direction() {
        let mut mapping = Mapping::default();
        [("1", "7"), ("1", "8"), ("2", "7")].into_iter().for_each(|(old, new)| mapping.insert(old, new));
        assert_eq!(mapping.new_of("1"), Some("7"));
        assert_eq!(mapping.old_of("8"), None);
        assert_eq!(mapping.old_of("7"), Some("2"));
    }
}

//! The results database of the official scorer, `validation_results.db`.

use super::compare::Verdict;
use super::score::CheckResult;
use crate::EvaluationError;
use rusqlite::{Connection, params_from_iter, types::Value};
use std::path::Path;

/// The official table, column by column; a strict score adds the last one.
const COLUMNS: [(&str, &str); 30] = [
    ("index", "INTEGER"),
    ("file_index", "INTEGER"),
    ("check_index", "TEXT"),
    ("check_passed", "INTEGER"),
    ("check_score", "REAL"),
    ("action", "TEXT"),
    ("action_text", "TEXT"),
    ("file_value", "TEXT"),
    ("answer_value", "TEXT"),
    ("tag", "TEXT"),
    ("tag_ds", "TEXT"),
    ("tag_name", "TEXT"),
    ("modality", "TEXT"),
    ("class", "TEXT"),
    ("patient", "TEXT"),
    ("study", "TEXT"),
    ("series", "TEXT"),
    ("instance", "TEXT"),
    ("file_name", "TEXT"),
    ("file_path", "TEXT"),
    ("prev_cat", "TEXT"),
    ("hipaa_z", "TEXT"),
    ("hipaa_m", "TEXT"),
    ("dicom_p15", "TEXT"),
    ("dicom_iod", "TEXT"),
    ("dicom_safe", "TEXT"),
    ("tcia_ptkb", "TEXT"),
    ("tcia_p15", "TEXT"),
    ("tcia_rev", "TEXT"),
    ("strict_rule", "TEXT"),
];

/// Every row of a score as an SQLite table. It quotes the output, so it stays with whoever holds the data.
#[derive(Debug)]
pub struct ResultsDatabase {
    connection: Connection,
    insert: String,
    n_columns: usize,
}

impl ResultsDatabase {
    /// Begins a database in the place of one that may be there.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn create(path: &Path, strict: bool) -> Result<Self, EvaluationError> {
        let unwritable = |source| EvaluationError::Write { what: "results database", source };
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(unwritable(error)),
            _ => {}
        }
        let columns = if strict { &COLUMNS[..] } else { &COLUMNS[..COLUMNS.len() - 1] };
        let declared: Vec<String> = columns.iter().map(|(name, kind)| format!("\"{name}\" {kind}")).collect();
        let places = vec!["?"; columns.len()].join(", ");
        let connection = Connection::open(path).map_err(failed)?;
        let begin = format!(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN; CREATE TABLE validation_results ({});",
            declared.join(", ")
        );
        connection.execute_batch(&begin).map_err(failed)?;
        let insert = format!("INSERT INTO validation_results VALUES ({places})");
        Ok(Self { connection, insert, n_columns: columns.len() })
    }

    /// Adds a row.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn add(&mut self, row: &CheckResult) -> Result<(), EvaluationError> {
        let mut statement = self.connection.prepare_cached(&self.insert).map_err(failed)?;
        let values = values(row).into_iter().take(self.n_columns);
        statement.execute(params_from_iter(values)).map(drop).map_err(failed)
    }

    /// Ends the database with the index that the official one has.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn finish(self) -> Result<(), EvaluationError> {
        let end = "CREATE INDEX ix_validation_results_index ON validation_results (\"index\"); COMMIT;";
        self.connection.execute_batch(end).map_err(failed)
    }
}

fn failed(_: rusqlite::Error) -> EvaluationError {
    EvaluationError::Write { what: "results database", source: std::io::Error::other("the database refused it") }
}

fn values(row: &CheckResult) -> Vec<Value> {
    let number = |number: usize| Value::Integer(i64::try_from(number).unwrap_or(i64::MAX));
    let text = |text: Option<&str>| text.map_or(Value::Null, |text| Value::Text(text.to_owned()));
    let check = &row.check;
    let mut values = vec![
        number(row.index),
        row.file_index.map_or(Value::Null, number),
        text(Some(&check.index)),
        match row.judgement.verdict {
            Verdict::Pass => Value::Integer(1),
            Verdict::Fail => Value::Integer(0),
            Verdict::Blank => Value::Null,
        },
        row.judgement.score.map_or(Value::Null, Value::Real),
        Value::Text(format!("<{}>", check.action)),
        text(check.action_text.as_deref()),
        text(row.file_value.as_deref()),
        text(row.answer_value.as_deref()),
        text(check.tag.as_deref()),
        text(check.tag_ds.as_deref()),
        text(check.tag_name.as_deref()),
    ];
    values.extend(row.identity.iter().map(|identifier| text(identifier.as_deref())));
    values.extend([Value::Null, Value::Null]);
    values.push(text(check.codes.prev_cat_text().as_deref()));
    values.extend(check.codes.leaves.iter().map(|code| text(code.as_deref())));
    values.push(text(row.objection.map(super::StrictRule::code)));
    values
}

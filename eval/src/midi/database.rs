//! The results database of the official scorer, `validation_results.db`.

use super::compare::Verdict;
use super::score::CheckResult;
use crate::EvaluationError;
use rusqlite::types::Null;
use rusqlite::{Connection, Statement, ToSql};
use std::iter::zip;
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
        bind(&mut statement, row, self.n_columns).and_then(|()| statement.raw_execute()).map(drop).map_err(failed)
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

/// Hands a row's values over as they stand: hundreds of thousands of rows are written, of thirty columns each.
fn bind(statement: &mut Statement<'_>, row: &CheckResult, n_columns: usize) -> rusqlite::Result<()> {
    let check = &row.check;
    let number = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let (index, file_index) = (number(row.index), row.file_index.map(number));
    let passed = match row.judgement.verdict {
        Verdict::Pass => Some(1),
        Verdict::Fail => Some(0),
        Verdict::Blank => None,
    };
    let action = format!("<{}>", check.action);
    let prev_cat = check.codes.prev_cat_text();
    let objection = row.objection.map(super::StrictRule::code);
    let first: [&dyn ToSql; 12] = [
        &index,
        &file_index,
        &check.index,
        &passed,
        &row.judgement.score,
        &action,
        &check.action_text,
        &row.file_value,
        &row.answer_value,
        &check.tag,
        &check.tag_ds,
        &check.tag_name,
    ];
    let identity = row.identity.iter().map(|identifier| identifier as &dyn ToSql);
    // The official scorer leaves a file's name and path empty.
    let file: [&dyn ToSql; 3] = [&Null, &Null, &prev_cat];
    let codes = check.codes.leaves.iter().map(|code| code as &dyn ToSql);
    let values = first.into_iter().chain(identity).chain(file).chain(codes).chain([&objection as &dyn ToSql]);
    zip(1.., values.take(n_columns)).try_for_each(|(column, value)| statement.raw_bind_parameter(column, value))
}

//! The rows that did not pass, as CSV: one file for the organizers, one for the participant.
//!
//! Both quote values of the submission, so they stay with whoever holds the data; no other output does.

use super::compare::Verdict;
use super::key::CODES;
use super::python::repr_float;
use super::score::CheckResult;
use std::io::Write;

/// Which of the two files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// With codes and paths.
    Internal,
    /// Without.
    Participant,
}

/// Writes the rows that failed or are blank. They are never merged by series.
///
/// # Errors
/// When the writer fails.
pub fn write_discrepancies(rows: &[CheckResult], audience: Audience, output: impl Write) -> Result<(), csv::Error> {
    let mut writer = csv::WriterBuilder::new().from_writer(output);
    let internal = audience == Audience::Internal;
    writer.write_record(header(internal))?;
    // One blank turns the whole column of verdicts into floating-point numbers.
    let any_blank = rows.iter().any(|row| row.judgement.verdict == Verdict::Blank);
    for (index, row) in rows.iter().enumerate().filter(|(_, row)| !row.passed()) {
        writer.write_record(record(index, row, internal, any_blank))?;
    }
    writer.flush()?;
    Ok(())
}

fn header(internal: bool) -> Vec<&'static str> {
    let mut header = vec![
        "index",
        "check_passed",
        "check_score",
        "tag_ds",
        "tag_name",
        "file_value",
        "answer_value",
        "action",
        "action_text",
        "category",
        "subcategory",
    ];
    if internal {
        header.extend(CODES);
        header.push("prev_cat");
    }
    header.extend(["modality", "class", "patient", "study", "series", "instance", "file_name"]);
    if internal {
        header.push("file_path");
    }
    header
}

fn record(index: usize, row: &CheckResult, internal: bool, any_blank: bool) -> Vec<String> {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let masked = |value: &Option<String>| match row.check.tag_name.as_deref() {
        Some("<LUT Data>") => "<Removed>".to_owned(),
        _ => text(value),
    };
    let passed = match (row.judgement.verdict, any_blank) {
        (Verdict::Blank, _) => "",
        (_, true) => "0.0",
        (_, false) => "0",
    };
    let (family, code) = row.category().unwrap_or_default();
    let mut record = vec![
        index.to_string(),
        passed.to_owned(),
        row.judgement.score.map(repr_float).unwrap_or_default(),
        text(&row.check.tag_ds),
        text(&row.check.tag_name),
        masked(&row.file_value),
        masked(&row.answer_value),
        format!("<{}>", row.check.action),
        masked(&row.check.action_text),
        family.to_owned(),
        code.to_owned(),
    ];
    if internal {
        record.extend(row.check.codes.iter().map(text));
        record.push(text(&row.check.prev_cat));
    }
    record.extend(row.identity.iter().map(text));
    record.push(String::new());
    if internal {
        record.push(String::new());
    }
    record
}

//! The rows that did not pass, as CSV: one file for the organizers, one for the participant, and one of what
//! passes officially and not strictly.
//!
//! All quote values of the submission, so they stay with whoever holds the data; no other output does.

use super::compare::Verdict;
use super::key::CODES;
use super::python::repr_float;
use super::score::CheckResult;
use efface_schema::midi::CheckAction;
use std::borrow::Cow;
use std::io::Write;

/// Which of the two files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// With codes and paths.
    Internal,
    /// Without.
    Participant,
    /// The rows that only a strict rule objects to, as for the participant, with the rule.
    Strict,
}

/// Writes the rows that failed or are blank. They are never merged by series.
///
/// # Errors
/// When the writer fails.
pub fn write_discrepancies(rows: &[CheckResult], audience: Audience, output: impl Write) -> Result<(), csv::Error> {
    let mut writer = csv::WriterBuilder::new().from_writer(output);
    let internal = audience == Audience::Internal;
    let strict = audience == Audience::Strict;
    let mut titles = header(internal);
    titles.extend(strict.then_some("strict_rule"));
    writer.write_record(titles)?;
    // One blank turns the whole column of verdicts into floating-point numbers.
    let any_blank = rows.iter().any(|row| row.judgement.verdict == Verdict::Blank);
    let is_wanted = |row: &&CheckResult| if strict { row.objection.is_some() } else { !row.passed() };
    for row in rows.iter().filter(is_wanted) {
        let mut fields = record(row, internal, any_blank);
        fields.extend(row.objection.filter(|_| strict).map(|rule| Cow::Borrowed(rule.code())));
        writer.write_record(fields.iter().map(|field| field.as_bytes()))?;
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

fn record(row: &CheckResult, internal: bool, any_blank: bool) -> Vec<Cow<'_, str>> {
    let is_table = row.check.tag_name.as_deref() == Some("<LUT Data>");
    let passed = match (row.judgement.verdict, any_blank) {
        (Verdict::Blank, _) => "",
        (Verdict::Pass, _) => "1",
        (Verdict::Fail, true) => "0.0",
        (Verdict::Fail, false) => "0",
    };
    let (family, code) = row.check.category().unwrap_or((family_without_code(row.check.action), ""));
    let mut record = Vec::with_capacity(32);
    record.extend([
        Cow::Owned(row.index.to_string()),
        Cow::Borrowed(passed),
        Cow::Owned(row.judgement.score.map(repr_float).unwrap_or_default()),
        text(row.check.tag_ds.as_deref()),
        text(row.check.tag_name.as_deref()),
        masked(row.file_value.as_deref(), is_table),
        masked(row.answer_value.as_deref(), is_table),
        Cow::Owned(format!("<{}>", row.check.action)),
        masked(row.check.action_text.as_deref(), is_table),
        Cow::Borrowed(family),
        Cow::Borrowed(code),
    ]);
    if internal {
        record.extend(row.check.codes.leaves.iter().map(|code| text(code.as_deref())));
        record.push(Cow::Owned(row.check.codes.prev_cat_text().unwrap_or_default()));
    }
    record.extend(row.identity.iter().map(|identifier| text(identifier.as_deref())));
    record.push(Cow::Borrowed(""));
    if internal {
        record.push(Cow::Borrowed(""));
    }
    record
}

/// Checks of tags and null are of one family, whether the key names a code or not.
const fn family_without_code(action: CheckAction) -> &'static str {
    match action {
        CheckAction::TagRetained | CheckAction::TextNotnull => "dicom",
        _ => "",
    }
}

fn text(value: Option<&str>) -> Cow<'_, str> {
    Cow::Borrowed(value.unwrap_or_default())
}

/// The values of a table of numbers are too long to be looked at.
fn masked(value: Option<&str>, is_table: bool) -> Cow<'_, str> {
    if is_table { Cow::Borrowed("<Removed>") } else { text(value) }
}

//! The ten actions.
//!
//! Each function judges one check against one file and knows nothing of reports or of other files but
//! what [`FileValue`] says.

use super::compare::{Expectation, Judgement, compare_texts};
use super::index::BULK_MARK;
use super::key::{KeyCheck, Mapping};
use efface_schema::midi::CheckAction;
use std::borrow::Cow;

/// What the scorer knows of an attribute in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileValue<'a> {
    /// The printed value, wrapped.
    Present(&'a str),
    /// Neither this file nor another of its batch has the attribute.
    Absent,
    /// This file has it not, but another file of its batch does. The official scorer keeps a batch in
    /// one table, where the gap reads as "not a number", and treats it unlike absence.
    AbsentInBatch,
}

impl<'a> FileValue<'a> {
    /// The printed value, if the file has the attribute.
    pub const fn text(self) -> Option<&'a str> {
        match self {
            Self::Present(text) => Some(text),
            Self::Absent | Self::AbsentInBatch => None,
        }
    }
}

/// Judges a check that compares one attribute. Pixel checks are judged elsewhere.
pub fn judge_attribute(
    check: &KeyCheck<'_>,
    action: CheckAction,
    value: FileValue<'_>,
    uids: &Mapping,
    patients: &Mapping,
) -> Judgement {
    match action {
        CheckAction::TagRetained => Judgement::of(value.text().is_some()),
        CheckAction::TextNotnull => Judgement::of(value.text().is_some_and(|text| text != "<>")),
        CheckAction::TextRetained => judge_text(check.action_text.as_deref(), value, Expectation::Retained),
        CheckAction::TextRemoved => judge_text(check.action_text.as_deref(), value, Expectation::Removed),
        CheckAction::DateShifted | CheckAction::UidChanged => judge_changed(check.value.as_deref(), value),
        CheckAction::UidConsistent => judge_mapped(check.value.as_deref(), value, uids),
        CheckAction::PatidConsistent => judge_mapped(check.value.as_deref(), value, patients),
        CheckAction::PixelsHidden | CheckAction::PixelsRetained => Judgement::BLANK,
    }
}

fn judge_text(answer: Option<&str>, value: FileValue<'_>, expectation: Expectation) -> Judgement {
    let Some(text) = value.text() else {
        return Judgement::of(expectation == Expectation::Removed);
    };
    match answer {
        Some(answer) => compare_texts(text_compared(text, expectation), answer, expectation),
        None => Judgement::BLANK,
    }
}

/// A removal check takes the mark of bulk data, and any text that reads like it, for an empty value.
pub(crate) fn text_compared(text: &str, expectation: Expectation) -> &str {
    if expectation == Expectation::Removed && text == BULK_MARK { "<>" } else { text }
}

/// Passes when the old text is no part of the new one. There is no notion of a date or of a UID here.
/// An attribute that is absent passes before the check's value is looked at, which may then be null.
fn judge_changed(old: Option<&str>, value: FileValue<'_>) -> Judgement {
    if matches!(value, FileValue::Absent) {
        return Judgement::PASS;
    }
    let Some(old) = old else { return Judgement::BLANK };
    let old = old.replace(['<', '>', '\\'], "");
    match value {
        FileValue::Absent => Judgement::PASS,
        FileValue::AbsentInBatch => Judgement::of(!old.is_empty()),
        FileValue::Present(text) => Judgement::of(!without_backslashes(text).contains(&old)),
    }
}

fn without_backslashes(text: &str) -> Cow<'_, str> {
    if text.contains('\\') { Cow::Owned(text.replace('\\', "")) } else { Cow::Borrowed(text) }
}

fn judge_mapped(old: Option<&str>, value: FileValue<'_>, mapping: &Mapping) -> Judgement {
    let expected = old.and_then(|old| mapping.new_of_wrapped(old));
    match value {
        FileValue::Absent => Judgement::PASS,
        FileValue::AbsentInBatch => Judgement::of(expected.is_none()),
        FileValue::Present(text) => {
            let bare = text.strip_prefix('<').and_then(|text| text.strip_suffix('>'));
            Judgement::of(expected.is_some() && bare == expected)
        }
    }
}

/// Judges the digest of the pixel data, an MD5 in lower-case hexadecimal digits.
pub fn judge_pixels_retained(answer: Option<&str>, digest: &str) -> Judgement {
    match answer {
        Some(answer) => Judgement::of(answer.trim_matches(['<', '>']) == digest),
        None => Judgement::BLANK,
    }
}

/// Judges what is read in a box of the image.
///
/// `read` is the text found there; `wanted` the text that was burned in.
pub fn judge_pixels_hidden(read: &str, wanted: &str) -> Judgement {
    if read.trim().is_empty() {
        return Judgement::PASS;
    }
    static SEX: std::sync::LazyLock<regex::Regex> =
        std::sync::LazyLock::new(|| regex::Regex::new(r"\[[A-Za-z]\]").expect("the expression is valid"));
    let wanted = wanted.replace('\n', " ").replace("DOB:", "");
    compare_texts(read, &SEX.replace_all(&wanted, ""), Expectation::Removed)
}

/// What an instance of the key that has no file gets for a check: removal is taken for granted.
pub const fn judge_missing(action: CheckAction) -> Judgement {
    match action {
        CheckAction::TextRemoved | CheckAction::DateShifted | CheckAction::UidChanged | CheckAction::PixelsHidden => {
            Judgement::PASS
        }
        CheckAction::TagRetained
        | CheckAction::TextNotnull
        | CheckAction::TextRetained
        | CheckAction::PixelsRetained
        | CheckAction::UidConsistent
        | CheckAction::PatidConsistent => Judgement::FAIL,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_angle_brackets_of_an_old_value_go_and_none_of_the_new_one() {
        for (old, new, verdict) in [
            ("<2018<0805>", "<2018<0805>", Judgement::PASS),
            ("<2018<0805>", "<20180805>", Judgement::FAIL),
            ("<20180805\\20180806>", "<['20180805', '20180806']>", Judgement::PASS),
            ("<>", "<1>", Judgement::FAIL),
        ] {
            assert_eq!(judge_changed(Some(old), FileValue::Present(new)), verdict, "{old} {new}");
        }
    }

    #[test]
    fn without_an_old_value_an_absent_attribute_passes_and_any_other_is_blank() {
        assert_eq!(judge_changed(None, FileValue::Absent), Judgement::PASS);
        assert_eq!(judge_changed(None, FileValue::AbsentInBatch), Judgement::BLANK);
        assert_eq!(judge_changed(None, FileValue::Present("<1>")), Judgement::BLANK);
    }
}

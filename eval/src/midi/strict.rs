//! What the official scorer passes although it leaks.
//!
//! A check passes strictly when it passes officially and no rule of this module objects. The rules only ever
//! object: a strict score is never above the official one, and each objection names its rule, so that a
//! reader who disagrees with one can add its count back.

use super::compare::Verdict;
use super::index::{FileIndex, is_bulk};
use super::key::{KeyCheck, Mapping};
use crate::judge::{AllTexts, LeakKind, Planted, Searchable};
use crate::view::all_texts;
use efface_schema::PhiLabel;
use efface_schema::midi::CheckAction;
use serde::{Deserialize, Serialize};
use std::cell::OnceCell;

/// Why a check that passes officially does not pass strictly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum StrictRule {
    /// A part of a name that is glued to others in the key stands as a word of the value.
    NamePart,
    /// The digits to be removed stand inside longer digits.
    Digits,
    /// The text is there in another spelling.
    Reformatted,
    /// A picture that may show the text is still there.
    BulkKept,
    /// The old date is there in another order or with separators.
    DateReformatted,
    /// What stands in the date's place is no date.
    DateImplausible,
    /// The date moved and the time of day did not.
    TimeUnshifted,
    /// An identifier that the mapping knows is gone instead of mapped.
    IdentifierAbsent,
    /// The text is gone from its attribute and stands elsewhere in the file.
    CopyElsewhere,
    /// The instance has no file: nothing is shown to be removed.
    MissingFile,
    /// The pixels could not be read.
    PixelsUnread,
    /// The text can be read in some frame, window or component.
    PixelsLegible,
}

impl StrictRule {
    /// All rules, in the order of their manuals.
    pub const ALL: [Self; 12] = [
        Self::NamePart,
        Self::Digits,
        Self::Reformatted,
        Self::BulkKept,
        Self::DateReformatted,
        Self::DateImplausible,
        Self::TimeUnshifted,
        Self::IdentifierAbsent,
        Self::CopyElsewhere,
        Self::MissingFile,
        Self::PixelsUnread,
        Self::PixelsLegible,
    ];

    /// The rule's code, as reports name it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NamePart => "strict-name-part",
            Self::Digits => "strict-digits",
            Self::Reformatted => "strict-reformatted",
            Self::BulkKept => "strict-bulk-kept",
            Self::DateReformatted => "strict-date-reformatted",
            Self::DateImplausible => "strict-date-implausible",
            Self::TimeUnshifted => "strict-time-unshifted",
            Self::IdentifierAbsent => "strict-identifier-absent",
            Self::CopyElsewhere => "strict-copy-elsewhere",
            Self::MissingFile => "strict-missing-file",
            Self::PixelsUnread => "strict-pixels-unread",
            Self::PixelsLegible => "strict-pixels-legible",
        }
    }

    /// The rule's manual, with a worked example.
    pub const fn manual(self) -> &'static str {
        match self {
            Self::NamePart => include_str!("../../manuals/strict-name-part.md"),
            Self::Digits => include_str!("../../manuals/strict-digits.md"),
            Self::Reformatted => include_str!("../../manuals/strict-reformatted.md"),
            Self::BulkKept => include_str!("../../manuals/strict-bulk-kept.md"),
            Self::DateReformatted => include_str!("../../manuals/strict-date-reformatted.md"),
            Self::DateImplausible => include_str!("../../manuals/strict-date-implausible.md"),
            Self::TimeUnshifted => include_str!("../../manuals/strict-time-unshifted.md"),
            Self::IdentifierAbsent => include_str!("../../manuals/strict-identifier-absent.md"),
            Self::CopyElsewhere => include_str!("../../manuals/strict-copy-elsewhere.md"),
            Self::MissingFile => include_str!("../../manuals/strict-missing-file.md"),
            Self::PixelsUnread => include_str!("../../manuals/strict-pixels-unread.md"),
            Self::PixelsLegible => include_str!("../../manuals/strict-pixels-legible.md"),
        }
    }

    /// The rule of a code.
    pub fn by_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.code() == code)
    }

    /// The first sentence of the manual: when the rule objects.
    pub fn summary(self) -> &'static str {
        let body = self.manual().split("\n\n").nth(1).unwrap_or_default();
        body.split_inclusive(". ").next().unwrap_or_default().lines().next().unwrap_or_default().trim_end()
    }

    /// How a check that the rule objects to ends: what is not shown either way is blank.
    pub const fn verdict(self) -> Verdict {
        match self {
            Self::MissingFile | Self::PixelsUnread | Self::BulkKept => Verdict::Blank,
            _ => Verdict::Fail,
        }
    }
}

/// A file that strict rules look at, with its texts made searchable once, and only if a rule asks.
pub(crate) struct StrictView<'f, 'l, 'i, 'a> {
    index: &'f FileIndex<'l, 'i, 'a>,
    texts: OnceCell<AllTexts>,
}

impl<'f, 'l, 'i, 'a> StrictView<'f, 'l, 'i, 'a> {
    pub(crate) fn new(index: &'f FileIndex<'l, 'i, 'a>) -> Self {
        Self { index, texts: OnceCell::new() }
    }

    /// The rule that objects to a check of an attribute that passes officially, if one does.
    pub(crate) fn objection(&self, check: &KeyCheck<'_>, uids: &Mapping, patients: &Mapping) -> Option<StrictRule> {
        let key = check.tag_ds.as_deref().unwrap_or_default();
        let text = self.index.value(key);
        match check.action {
            CheckAction::TextRemoved => {
                let answer = bare(check.action_text.as_deref()?);
                let is_picture = self.index.element(key).is_some_and(is_bulk);
                if is_picture {
                    return Some(StrictRule::BulkKept);
                }
                let planted = Planted::new(answer, likely_label(answer));
                let in_place = text.and_then(|text| left_in(&planted, answer, bare(text)));
                in_place
                    .or_else(|| (is_hipaa(check) && self.is_elsewhere(&planted)).then_some(StrictRule::CopyElsewhere))
            }
            CheckAction::DateShifted => text.and_then(|text| date_objection(bare(check.value.as_deref()?), bare(text))),
            CheckAction::UidChanged => {
                let planted = Planted::new(bare(check.value.as_deref()?), PhiLabel::OtherId);
                self.is_elsewhere(&planted).then_some(StrictRule::CopyElsewhere)
            }
            CheckAction::UidConsistent => absent_identifier(check, text, uids),
            CheckAction::PatidConsistent => absent_identifier(check, text, patients),
            CheckAction::TagRetained
            | CheckAction::TextNotnull
            | CheckAction::TextRetained
            | CheckAction::PixelsHidden
            | CheckAction::PixelsRetained => None,
        }
    }

    fn is_elsewhere(&self, planted: &Planted) -> bool {
        planted.leaks_elsewhere(self.texts.get_or_init(|| all_texts(self.index.instance())))
    }
}

/// The rule that objects to what the official scorer gives an instance without a file.
pub(crate) const fn missing_objection(action: CheckAction) -> Option<StrictRule> {
    match action {
        CheckAction::TextRemoved | CheckAction::DateShifted | CheckAction::UidChanged | CheckAction::PixelsHidden => {
            Some(StrictRule::MissingFile)
        }
        _ => None,
    }
}

/// A text without its brackets.
fn bare(text: &str) -> &str {
    text.strip_prefix('<').and_then(|text| text.strip_suffix('>')).unwrap_or(text)
}

fn is_hipaa(check: &KeyCheck<'_>) -> bool {
    check.category().is_some_and(|(family, _)| family == "hipaa")
}

/// A key does not say what its texts are: names are told by their separators, dates by their form.
fn likely_label(answer: &str) -> PhiLabel {
    let glued = |part: &str| part.chars().count() >= 4 && part.chars().all(char::is_alphabetic);
    if answer.contains('^') || answer.contains(['-', '/']) && answer.split(['-', '/']).all(glued) {
        PhiLabel::Name
    } else if calendar_date(answer).is_some() {
        PhiLabel::Date
    } else {
        PhiLabel::OtherId
    }
}

fn left_in(planted: &Planted, answer: &str, text: &str) -> Option<StrictRule> {
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match planted.leak_in(&Searchable::new(text))? {
        LeakKind::NamePart => Some(StrictRule::NamePart),
        LeakKind::Squeezed | LeakKind::Digits if is_digits(answer) => Some(StrictRule::Digits),
        LeakKind::Squeezed | LeakKind::Digits => Some(StrictRule::Reformatted),
    }
}

fn date_objection(old: &str, new: &str) -> Option<StrictRule> {
    let digits = old.split(|character: char| !character.is_ascii_digit());
    let dates: Vec<&str> = digits.filter_map(|part| calendar_date(part.get(..8)?)).collect();
    if dates.is_empty() || new.is_empty() {
        return None;
    }
    let searched = Searchable::new(new);
    if dates.iter().any(|date| Planted::new(date, PhiLabel::Date).leak_in(&searched).is_some()) {
        return Some(StrictRule::DateReformatted);
    }
    // Of several values, and of texts around a date, it is not known what they should look like.
    let (_, old_time) = date_and_time(old)?;
    let Some((_, new_time)) = date_and_time(new) else { return Some(StrictRule::DateImplausible) };
    // A midnight that stays a midnight says nothing.
    let tells = old_time.len() >= 6 && old_time.bytes().any(|byte| (b'1'..=b'9').contains(&byte));
    (tells && old_time == new_time).then_some(StrictRule::TimeUnshifted)
}

/// The day and the time of day of a value of VR DA or DT; nothing if it is neither.
fn date_and_time(value: &str) -> Option<(&str, &str)> {
    let date = calendar_date(value.get(..8)?)?;
    let rest = &value[8..];
    let time = rest.split(['+', '-']).next().unwrap_or(rest);
    time.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.').then_some((date, time))
}

/// Eight digits that are a day of the calendar in the years of which there are patients and scanners.
fn calendar_date(text: &str) -> Option<&str> {
    if text.len() != 8 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (year, month, day) = (text[..4].parse().ok()?, text[4..6].parse().ok()?, text[6..].parse().ok()?);
    ((1850..=2100).contains(&year) && jiff::civil::Date::new(year, month, day).is_ok()).then_some(text)
}

fn absent_identifier(check: &KeyCheck<'_>, text: Option<&str>, mapping: &Mapping) -> Option<StrictRule> {
    let is_mapped = check.value.as_deref().is_some_and(|old| mapping.new_of_wrapped(old).is_some());
    (text.is_none() && is_mapped).then_some(StrictRule::IdentifierAbsent)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(answer: &str, text: &str) -> Option<StrictRule> {
        left_in(&Planted::new(answer, likely_label(answer)), answer, text)
    }

    #[test]
    fn the_examples_of_the_manuals_hold() {
        assert_eq!(left("DOE^JOHN", "JOHN"), Some(StrictRule::NamePart));
        assert_eq!(left("SMITH-JONES", "Dr Smith"), Some(StrictRule::NamePart));
        assert_eq!(left("123", "1234"), Some(StrictRule::Digits));
        assert_eq!(left("A-12345", "a12345"), Some(StrictRule::Reformatted));
        assert_eq!(left("DOE^JOHN", "CHEST PA"), None);
        assert_eq!(left("12", "123"), None);
        assert_eq!(date_objection("20180805", "2018-08-05"), Some(StrictRule::DateReformatted));
        assert_eq!(date_objection("20180805", "08/05/2018"), Some(StrictRule::DateReformatted));
        assert_eq!(date_objection("20180805", "20190231"), Some(StrictRule::DateImplausible));
        assert_eq!(date_objection("20180805", "removed"), Some(StrictRule::DateImplausible));
        assert_eq!(date_objection("20180805143015.12", "20160203143015.12"), Some(StrictRule::TimeUnshifted));
        assert_eq!(date_objection("20180805143015", "20160203091501"), None);
        assert_eq!(date_objection("20180805", "20160203"), None);
        assert_eq!(date_objection("20180805", ""), None);
        assert_eq!(date_objection("['20180805', '20180901']", "20180901\\20150101"), Some(StrictRule::DateReformatted));
        assert_eq!(date_objection("['20180805', '20180901']", "['20150101', '20150202']"), None);
    }

    #[test]
    fn every_rule_has_a_manual_with_its_code_and_an_example() {
        for rule in StrictRule::ALL {
            let manual = rule.manual();
            assert!(manual.starts_with(&format!("# {}\n", rule.code())), "{}", rule.code());
            assert!(manual.contains("\nExample: "), "{}", rule.code());
            assert!(rule.summary().ends_with('.') && StrictRule::by_code(rule.code()) == Some(rule));
        }
    }
}

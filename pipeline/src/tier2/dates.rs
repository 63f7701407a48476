//! Dates in DICOM values and in free text, and their shift.

use jiff::civil::Date;
use jiff::{Span, ToSpan};
use regex::{Captures, Regex};
use std::sync::LazyLock;

/// Moves a date; `None` when the calendar ends.
fn shift(date: Date, days: i64) -> Option<Date> {
    let span: Span = days.days();
    date.checked_add(span).ok()
}

/// Shifts a DA value (`YYYYMMDD`, or the old `YYYY.MM.DD`), keeping its form.
///
/// `None` means that the value is not a date and must not stay. A bare year or an empty value stays as it is.
///
/// # Example
/// ```
/// use efface_pipeline::tier2::dates::shift_da;
/// assert_eq!(shift_da("20200301", -1).as_deref(), Some("20200229"));
/// assert_eq!(shift_da("2020.03.01", -1).as_deref(), Some("2020.02.29"));
/// assert_eq!(shift_da("20201301", -1), None);
/// ```
pub fn shift_da(value: &str, days: i64) -> Option<String> {
    let value = value.trim_matches(['\0', ' ']);
    if value.is_empty() {
        return Some(String::new());
    }
    let dotted = value.contains('.');
    let digits: String = if dotted { value.split('.').collect() } else { value.to_owned() };
    if digits.len() != 8 || (dotted && value.len() != 10) {
        return None;
    }
    let shifted = shift(compact_date(&digits)?, days)?;
    Some(if dotted { shifted.strftime("%Y.%m.%d").to_string() } else { shifted.strftime("%Y%m%d").to_string() })
}

/// Shifts a DT value (`YYYYMMDDHHMMSS.FFFFFF&ZZXX`, cut short anywhere), keeping its precision and its offset.
pub fn shift_dt(value: &str, days: i64) -> Option<String> {
    let value = value.trim_matches(['\0', ' ']);
    let n_digits = value.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = value.split_at(n_digits);
    let rest_valid = rest.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'+' | b'-'));
    if !rest_valid || rest.len() > 12 {
        return None;
    }
    match n_digits {
        0 if value.is_empty() => Some(String::new()),
        4 => Some(value.to_owned()),
        6 => {
            let shifted = shift(compact_date(&format!("{digits}15"))?, days)?;
            Some(format!("{}{rest}", shifted.strftime("%Y%m")))
        }
        8 | 10 | 12 | 14 => {
            let shifted = shift(compact_date(&digits[..8])?, days)?;
            Some(format!("{}{}{rest}", shifted.strftime("%Y%m%d"), &digits[8..]))
        }
        _ => None,
    }
}

fn compact_date(digits: &str) -> Option<Date> {
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Date::new(digits.get(..4)?.parse().ok()?, digits.get(4..6)?.parse().ok()?, digits.get(6..8)?.parse().ok()?).ok()
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const MONTH: &str = r"(?P<name>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)";

/// The forms of dates in free text: each has groups `y`, `m` or `name`, and mostly `d`.
static FORMS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    let year = r"(?P<y>(?:18|19|20)\d\d)";
    // Neither a digit nor a further part of a version follows.
    let end = r"(?:[^0-9.]|\.[^0-9]|\.?$)";
    let short = r"(?P<y>(?:(?:18|19|20)\d\d|'?\d\d))";
    [
        format!(r"(?:^|[^0-9.]){year}(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])(?:T?\d{{6}}(?:\.\d+)?|T\d{{4}})?(?:[^0-9]|$)"),
        format!(r"(?:^|[^0-9.]){year}(?P<s>[-/._])(?P<m>0?[1-9]|1[0-2])[-/._](?P<d>0?[1-9]|[12]\d|3[01])(?:[^0-9]|$)"),
        format!(r"(?:^|[^0-9.])(?P<d>0?[1-9]|[12]\d|3[01])\.(?P<m>0?[1-9]|1[0-2])\.{short}{end}"),
        format!(r"(?:^|[^0-9.])(?P<m>0?[1-9]|1[0-2])(?P<s>[-/._])(?P<d>0?[1-9]|[12]\d|3[01])[-/._]{short}{end}"),
        format!(r"(?:^|[^0-9.])(?P<d>1[3-9]|2\d|3[01]|0?[1-9]|1[0-2])(?P<s>[-/._])(?P<m>0?[1-9]|1[0-2])[-/._]{short}{end}"),
        format!(r"(?i)(?:^|[^0-9a-z])(?P<d>0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?(?:\s+of)?[-\s./_]*{MONTH}[-\s.,/_]*{short}(?:[^0-9]|$)"),
        format!(r"(?i)(?:^|[^a-z]){MONTH}[-\s./_]*(?P<d>0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?[-\s.,/_]+{short}(?:[^0-9]|$)"),
        format!(r"(?i)(?:^|[^a-z]){MONTH}[-\s.,/_]*{year}(?:[^0-9]|$)"),
        format!(r"(?i)(?:^|[^a-z]){MONTH}\.?\s+(?P<d>0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?(?:[^0-9a-z]|$)"),
        format!(r"(?i)(?:^|[^0-9a-z.])(?P<d>0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?[-\s]+{MONTH}(?:[^a-z]|$)"),
    ]
    .iter()
    .map(|form| Regex::new(form).expect("a valid expression"))
    .collect()
});

/// A date found in a text: where (bytes), and its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextDate {
    /// First byte.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
}

/// Finds dates in free text; where forms overlap, the earlier form in the list wins.
pub fn find(text: &str) -> Vec<TextDate> {
    let mut found: Vec<TextDate> = Vec::new();
    for form in FORMS.iter() {
        let mut at = 0;
        while let Some(captures) = form.captures_at(text, at) {
            let date = extent(&captures);
            if !found.iter().any(|other| date.start < other.end && other.start < date.end) {
                found.push(date);
            }
            at = date.end.max(at + 1);
            while !text.is_char_boundary(at) {
                at += 1;
            }
            if at > text.len() {
                break;
            }
        }
    }
    found.sort_by_key(|date| date.start);
    found
}

/// From the first to the last named part.
fn extent(captures: &Captures<'_>) -> TextDate {
    let parts = ["y", "m", "d", "name"].into_iter().filter_map(|part| captures.name(part));
    parts.fold(TextDate { start: usize::MAX, end: 0 }, |extent, part| TextDate {
        start: extent.start.min(part.start()),
        end: extent.end.max(part.end()),
    })
}

/// Shifts a date that [`find`] found, in its own form. `None` when it has no year, is impossible or ambiguous in a
/// way that a shift would not preserve: it must not stay.
///
/// # Example
/// ```
/// use efface_pipeline::tier2::dates::shift_text;
/// assert_eq!(shift_text("3 March 2020", -1).as_deref(), Some("2 March 2020"));
/// assert_eq!(shift_text("03/01/2020", -1).as_deref(), Some("02/29/2020"));
/// assert_eq!(shift_text("01.03.2020", -1).as_deref(), Some("29.02.2020"));
/// assert_eq!(shift_text("4/31/2020", -1), None);
/// ```
pub fn shift_text(text: &str, days: i64) -> Option<String> {
    let (captures, date) = FORMS.iter().find_map(|form| {
        let captures = form.captures(text)?;
        (extent(&captures) == TextDate { start: 0, end: text.len() })
            .then(|| parse(&captures).map(|date| (captures, date)))?
    })?;
    let shifted = shift(date, days)?;
    let mut replaced = text.to_owned();
    let mut parts: Vec<_> =
        ["y", "m", "d", "name"].into_iter().filter_map(|part| captures.name(part).map(|found| (part, found))).collect();
    parts.sort_by_key(|(_, found)| std::cmp::Reverse(found.start()));
    for (part, found) in parts {
        replaced.replace_range(found.range(), &render(part, found.as_str(), shifted));
    }
    Some(replaced)
}

fn parse(captures: &Captures<'_>) -> Option<Date> {
    let year_text = captures.name("y")?.as_str().trim_start_matches('\'');
    let year: i16 = year_text.parse().ok()?;
    let year = match year_text.len() {
        2 if year < 40 => year + 2000,
        2 => year + 1900,
        _ => year,
    };
    let month = match captures.name("name") {
        Some(name) => month_number(name.as_str())?,
        None => captures.name("m")?.as_str().parse().ok()?,
    };
    let day = captures.name("d").map_or(Some(15), |day| day.as_str().parse().ok())?;
    Date::new(year, month, day).ok()
}

fn month_number(name: &str) -> Option<i8> {
    let prefix = name.get(..3)?.to_lowercase();
    let month_idx = MONTHS.iter().position(|month| month.starts_with(&prefix))?;
    i8::try_from(month_idx + 1).ok()
}

/// Writes a part of a date as wide and as spelled as the part it replaces.
fn render(part: &str, old: &str, date: Date) -> String {
    match part {
        "y" if old.len() == 4 => format!("{:04}", date.year()),
        "y" => format!("{}{:02}", if old.starts_with('\'') { "'" } else { "" }, date.year() % 100),
        "m" => number_as_wide(old, date.month()),
        "d" => number_as_wide(old, date.day()),
        _ => {
            let name = MONTHS[usize::from(date.month().unsigned_abs()) - 1];
            let name = if old.len() <= 4 && old.len() < name.len() { &name[..3] } else { name };
            spelled_like(old, name)
        }
    }
}

fn number_as_wide(old: &str, number: i8) -> String {
    if old.starts_with('0') || (old.len() == 2 && number < 10) { format!("{number:02}") } else { number.to_string() }
}

fn spelled_like(old: &str, name: &str) -> String {
    if old.chars().all(char::is_uppercase) {
        name.to_uppercase()
    } else if old.starts_with(char::is_uppercase) {
        name[..1].to_uppercase() + &name[1..]
    } else {
        name.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn dates(text: &str) -> Vec<&str> {
        find(text).iter().map(|date| &text[date.start..date.end]).collect()
    }

    #[test]
    fn dates_are_found_in_many_forms() {
        for (text, expected) in [
            ("CT 20140321 thorax", vec!["20140321"]),
            ("CT_20140321_thorax", vec!["20140321"]),
            ("on 2014-03-21 and 3/22/14", vec!["2014-03-21", "3/22/14"]),
            ("21.03.2014", vec!["21.03.2014"]),
            ("21-Mar-2014", vec!["21-Mar-2014"]),
            ("March 21st, 2014", vec!["March 21st, 2014"]),
            ("MAR 2014", vec!["MAR 2014"]),
            ("DOB 03.09.1978", vec!["03.09.1978"]),
            ("seen March 21", vec!["March 21"]),
            ("seen 21 March", vec!["21 March"]),
            ("3 mm, 1.5 T, 2014", vec![]),
            ("version 4.12.99.1", vec![]),
            ("T1 0.5 1/2 120 kV 512x512", vec![]),
        ] {
            assert_eq!(dates(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn intervals_are_kept(first in 0_i64..20_000, second in 0_i64..20_000, days in -3650_i64..-1) {
            let origin = Date::new(1960, 1, 1).expect("a date");
            let render = |offset: i64| shift(origin, offset).expect("in range").strftime("%Y%m%d").to_string();
            let back = |text: Option<String>| compact_date(&text.expect("shifted")).expect("a date");
            let shifted = back(shift_da(&render(first), days)).until(back(shift_da(&render(second), days))).expect("in range");
            prop_assert_eq!(i64::from(shifted.get_days()), second - first);
        }

        #[test]
        fn a_shifted_date_never_keeps_its_text(offset in 0_i64..20_000, days in -3650_i64..-1) {
            let date = shift(Date::new(1960, 1, 1).expect("a date"), offset).expect("in range");
            for form in ["%Y%m%d", "%Y-%m-%d", "%m/%d/%Y", "%d %b %Y", "%B %d, %Y"] {
                let text = date.strftime(form).to_string();
                prop_assert_ne!(shift_text(&text, days), Some(text));
            }
        }
    }

    #[test]
    fn a_datetime_keeps_its_precision_and_offset() {
        for (value, expected) in [
            ("20200301", Some("20200229")),
            ("20200301101500.5+0100", Some("20200229101500.5+0100")),
            ("2020", Some("2020")),
            ("", Some("")),
            ("JOHN DOE", None),
            ("20209901", None),
        ] {
            assert_eq!(shift_dt(value, -1).as_deref(), expected, "{value}");
        }
    }
}

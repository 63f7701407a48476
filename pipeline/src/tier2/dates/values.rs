//! Values of the VRs DA, TM and DT.
//!
//! Source: PS3.5 section 6.2. What does not have the form of its VR is no date and must not stay: a name in a
//! date field is a leak.

use super::shift;
use jiff::civil::Date;

/// Dates that systems write where they know none. They say nothing, and a shifted one would tell by how much the
/// patient's dates were shifted.
const PLACEHOLDERS: [&str; 4] = ["19000101", "00010101", "18991230", "99991231"];

/// Dates of patients and of examinations lie between these years; others are mistakes.
const YEARS: std::ops::RangeInclusive<i16> = 1800..=2199;

/// Shifts a DA value (`YYYYMMDD`, or with the separators `.`, `-` or `/`), keeping its form.
///
/// `None` means that the value is not a date and must not stay. An empty value stays as it is, and so does a
/// placeholder such as `19000101`.
///
/// # Example
/// ```
/// use efface_pipeline::tier2::dates::shift_da;
/// assert_eq!(shift_da("20200301", -1).as_deref(), Some("20200229"));
/// assert_eq!(shift_da("2020.03.01", -1).as_deref(), Some("2020.02.29"));
/// assert_eq!(shift_da("20201301", -1), None);
/// assert_eq!(shift_da("19000101", -1).as_deref(), Some("19000101"));
/// ```
pub fn shift_da(value: &str, days: i64) -> Option<String> {
    let value = value.trim_matches(['\0', ' ']);
    if value.is_empty() || PLACEHOLDERS.contains(&value) {
        return Some(value.to_owned());
    }
    let bytes = value.as_bytes();
    let (digits, separator) = match bytes {
        [_, _, _, _, _, _, _, _] => (value.to_owned(), ""),
        [_, _, _, _, sign @ (b'.' | b'-' | b'/'), _, _, second, _, _] if sign == second => {
            (value.split(char::from(*sign)).collect(), &value[4..5])
        }
        _ => return None,
    };
    let shifted = shift(compact_date(&digits)?, days)?;
    Some(shifted.strftime(&format!("%Y{separator}%m{separator}%d")).to_string())
}

/// Shifts a DT value (`YYYYMMDDHHMMSS.FFFFFF&ZZXX`, cut short anywhere), keeping its precision and its offset from
/// UTC. `None` means that the value is no date and time and must not stay.
///
/// # Example
/// ```
/// use efface_pipeline::tier2::dates::shift_dt;
/// assert_eq!(shift_dt("20200301101500.5+0100", -1).as_deref(), Some("20200229101500.5+0100"));
/// assert_eq!(shift_dt("2020", -1).as_deref(), Some("2020"));
/// assert_eq!(shift_dt("202003019915", -1), None);
/// ```
pub fn shift_dt(value: &str, days: i64) -> Option<String> {
    let value = value.trim_matches(['\0', ' ']);
    if value.is_empty() {
        return Some(String::new());
    }
    let n_digits = value.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = value.split_at(n_digits);
    let (fraction, offset) = rest.split_at(rest.find(['+', '-']).unwrap_or(rest.len()));
    if !is_offset(offset) || !(fraction.is_empty() || (n_digits == 14 && is_fraction(fraction))) {
        return None;
    }
    match n_digits {
        4 => YEARS.contains(&digits.parse().ok()?).then(|| value.to_owned()),
        6 => {
            let shifted = shift(compact_date(&format!("{digits}15"))?, days)?;
            Some(format!("{}{rest}", shifted.strftime("%Y%m")))
        }
        8 | 10 | 12 | 14 if is_clock(&digits[8..]) => {
            if PLACEHOLDERS.contains(&&digits[..8]) {
                return Some(value.to_owned());
            }
            let shifted = shift(compact_date(&digits[..8])?, days)?;
            Some(format!("{}{}{rest}", shifted.strftime("%Y%m%d"), &digits[8..]))
        }
        _ => None,
    }
}

/// Whether a value is a time of day as TM writes it: `HH`, `HHMM`, `HHMMSS` or `HHMMSS.FFFFFF`, or the same with
/// colons as before 1993; or empty.
///
/// # Example
/// ```
/// use efface_pipeline::tier2::dates::is_tm;
/// assert!(is_tm("101530.25") && is_tm("10:15:30") && is_tm(""));
/// assert!(!is_tm("19610312") && !is_tm("1078901234") && !is_tm("noon"));
/// ```
pub fn is_tm(value: &str) -> bool {
    let value = value.trim_matches(['\0', ' ']);
    let (clock, fraction) = value.split_at(value.find('.').unwrap_or(value.len()));
    let colons = clock.contains(':');
    let parts_whole = !colons || clock.split(':').all(|part| part.len() == 2);
    let digits: String = clock.split(':').collect();
    parts_whole && is_clock(&digits) && (fraction.is_empty() || (digits.len() == 6 && is_fraction(fraction)))
}

/// Hours, hours and minutes, or these and seconds, in pairs of digits; or nothing.
pub(super) fn is_clock(digits: &str) -> bool {
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) || !matches!(digits.len(), 0 | 2 | 4 | 6) {
        return false;
    }
    // 24:00 and the leap second are written by some.
    let most = ["24", "59", "60"];
    digits.as_bytes().chunks(2).zip(most).all(|(pair, most)| pair <= most.as_bytes())
}

/// A point and up to six digits.
fn is_fraction(text: &str) -> bool {
    text.strip_prefix('.')
        .is_some_and(|digits| (1..=6).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// An offset from UTC, or nothing.
fn is_offset(text: &str) -> bool {
    if text.is_empty() {
        return true;
    }
    let digits = &text[1..];
    digits.len() == 4 && is_clock(digits) && digits <= "1400"
}

/// The date of eight digits.
pub(super) fn compact_date(digits: &str) -> Option<Date> {
    if digits.len() != 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let date = Date::new(digits[..4].parse().ok()?, digits[4..6].parse().ok()?, digits[6..].parse().ok()?).ok()?;
    YEARS.contains(&date.year()).then_some(date)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_date_keeps_its_separators() {
        for (value, expected) in [
            ("20200301", Some("20200229")),
            ("2020-03-01", Some("2020-02-29")),
            ("2020/03/01 ", Some("2020/02/29")),
            ("2020.03-01", None),
            ("20200230", None),
            ("00000000", None),
            ("20200301-20200305", None),
            ("JOHN DOE", None),
            ("DOE^JANE^A", None),
            ("1234567", None),
            ("00010101", Some("00010101")),
            ("01230405", None),
            ("日日日日", None),
        ] {
            assert_eq!(shift_da(value, -1).as_deref(), expected, "{value}");
        }
    }

    #[test]
    fn a_datetime_keeps_its_precision_and_offset() {
        for (value, expected) in [
            ("20200301", Some("20200229")),
            ("2020030110", Some("2020022910")),
            ("20200301101500.5+0100", Some("20200229101500.5+0100")),
            ("20200301101500-0500", Some("20200229101500-0500")),
            ("202003", Some("202003")),
            ("2020", Some("2020")),
            ("2020+0100", Some("2020+0100")),
            ("", Some("")),
            ("JOHN DOE", None),
            ("20209901", None),
            ("20200301256000", None),
            ("20200301101500.1234567", None),
            ("20200301101500+9900", None),
            ("20200301101500+01", None),
            ("20200301101500+1234567", None),
            ("1234", None),
            ("202003011015001", None),
            ("19000101000000", Some("19000101000000")),
        ] {
            assert_eq!(shift_dt(value, -1).as_deref(), expected, "{value}");
        }
    }

    #[test]
    fn a_time_is_nothing_but_a_time() {
        for (value, valid) in [
            ("10", true),
            ("1015", true),
            ("101500", true),
            ("101500.123456", true),
            ("10:15:00.5", true),
            ("", true),
            ("256000", false),
            ("20140321", false),
            ("101500.", false),
            ("1015.5", false),
            ("101500-0500", false),
            ("5551234", false),
            ("1:15", false),
        ] {
            assert_eq!(is_tm(value), valid, "{value}");
        }
    }

    proptest! {
        #[test]
        fn what_stays_is_a_date(value in r"[0-9A-Z.+ -]{0,22}") {
            if let Some(shifted) = shift_da(&value, -40) {
                prop_assert!(shifted.bytes().all(|byte| byte.is_ascii_digit() || b".-/".contains(&byte)));
            }
            if let Some(shifted) = shift_dt(&value, -40) {
                prop_assert!(shifted.bytes().all(|byte| byte.is_ascii_digit() || b".-+".contains(&byte)));
            }
            prop_assert!(!is_tm(&value) || value.bytes().all(|byte| !byte.is_ascii_alphabetic()));
        }
    }
}

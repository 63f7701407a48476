//! The dates that are known of a patient, in the ways in which they may be written.

use super::languages::all_names;
use super::values::compact_date;
use jiff::civil::Date;
use std::collections::BTreeSet;

/// At most this many dates of a patient are searched, so that memory stays bounded.
const MAX_DATES: usize = 64;

/// Forms in figures, in the language of `strftime`.
const FIGURES: &[&str] = &[
    "%Y%m%d",
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%Y_%m_%d",
    "%Y:%m:%d",
    "%Y %m %d",
    "%-Y-%-m-%-d",
    "%-Y/%-m/%-d",
    "%-Y. %-m. %-d",
    "%d%m%Y",
    "%m%d%Y",
    "%d.%m.%Y",
    "%-d.%-m.%Y",
    "%-d. %-m. %Y",
    "%d/%m/%Y",
    "%-d/%-m/%Y",
    "%m/%d/%Y",
    "%-m/%-d/%Y",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%-d-%-m-%Y",
    "%-m-%-d-%Y",
    "%d_%m_%Y",
    "%m_%d_%Y",
    "%d %m %Y",
    "%d.%m.%y",
    "%-d.%-m.%y",
    "%d/%m/%y",
    "%m/%d/%y",
    "%-m/%-d/%y",
    "%-d/%-m/%y",
    "%d-%m-%y",
    "%m-%d-%y",
    "%Y年%-m月%-d日",
    "%Y年%m月%d日",
    "%Y년 %-m월 %-d일",
    "%G-W%V-%u",
    "%GW%V%u",
];

/// The ways in which people and machines write a date: over forty in figures, and with every month name of eighteen
/// languages in four orders.
///
/// # Example
/// ```
/// use efface_pipeline::tier2::dates::renderings;
/// let written = renderings(jiff::civil::date(2014, 3, 21));
/// for form in ["20140321", "21.03.2014", "03/21/2014", "21 mars 2014", "21 marca 2014", "2014年3月21日"] {
///     assert!(written.iter().any(|written| written == form), "{form}");
/// }
/// ```
pub fn renderings(date: Date) -> Vec<String> {
    let mut written: Vec<String> = FIGURES.iter().map(|form| date.strftime(form).to_string()).collect();
    let (year, day) = (date.year(), date.day());
    for name in all_names(date.month()) {
        written.extend([
            format!("{day} {name} {year}"),
            format!("{day:02}-{name}-{year}"),
            format!("{day:02}{name}{year}"),
            format!("{name} {day}, {year}"),
            format!("{year} {name} {day}"),
        ]);
    }
    let roman = super::parser::ROMAN[usize::from(date.month().unsigned_abs()) - 1];
    written.push(format!("{day}.{roman}.{year}"));
    written.push(format!("{day} de {} de {year}", all_names(date.month()).first().copied().unwrap_or_default()));
    written.sort_unstable();
    written.dedup();
    written
}

/// Collects the dates of a patient.
#[derive(Default)]
pub(crate) struct KnownDates {
    dates: BTreeSet<Date>,
}

impl KnownDates {
    /// Adds the date that a DA or DT value begins with; other values are nothing.
    pub(crate) fn add(&mut self, value: &str) {
        let digits: String = value.trim().chars().filter(|sign| !"-./".contains(*sign)).take(8).collect();
        if self.dates.len() < MAX_DATES
            && let Some(date) = compact_date(&digits).filter(|date| date.year() > 1900)
        {
            self.dates.insert(date);
        }
    }

    /// The ways in which any of the dates may be written.
    pub(crate) fn renderings(&self) -> BTreeSet<String> {
        self.dates.iter().flat_map(|date| renderings(*date)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{find, shift_text};
    use super::*;

    #[test]
    fn a_date_is_written_in_many_ways_and_each_is_known_to_be_a_date() {
        let date = jiff::civil::date(2014, 3, 21);
        let written = renderings(date);
        assert!(written.len() >= 100, "{}", written.len());
        let unread: Vec<&String> = written
            .iter()
            .filter(|text| find(text).first().is_none_or(|found| (found.start, found.end) != (0, text.len())))
            .filter(|text| shift_text(text, -1).is_none())
            .collect();
        // Eight digits with the day or the month first are known only of the patient.
        assert_eq!(unread, ["03212014", "21032014"]);
    }

    #[test]
    fn what_is_no_date_is_not_written_in_any_way() {
        let mut known = KnownDates::default();
        known.add("JOHN");
        known.add("20201301");
        assert!(known.renderings().is_empty());
        known.add("20140321101500");
        assert!(known.renderings().contains("21032014"));
    }
}

//! Writes a date again on another day, in its own form.

use super::forms::{NUMBER_FIRST, WORD_FIRST};
use super::languages::{Named, language_of, month, named_in, rename};
use super::parser::{ERAS, Parser, Part, ROMAN, Role};
use super::tokens::{Kind, NUMERALS, tokens};
use super::{extent, shift};
use jiff::civil::{Date, ISOWeekDate, Weekday};

/// Shifts a date that [`find`](super::find) found, in its own form. `None` when it has no year, is impossible, or is
/// written in a way that a shift would not preserve: it must not stay.
///
/// # Example
/// ```
/// use efface_pipeline::tier2::dates::shift_text;
/// assert_eq!(shift_text("3 March 2020", -1).as_deref(), Some("2 March 2020"));
/// assert_eq!(shift_text("03/01/2020", -1).as_deref(), Some("02/29/2020"));
/// assert_eq!(shift_text("01.03.2020", -1).as_deref(), Some("29.02.2020"));
/// assert_eq!(shift_text("samedi 1er août 2020", -1).as_deref(), Some("vendredi 31 juillet 2020"));
/// assert_eq!(shift_text("4/31/2020", -1), None);
/// ```
pub fn shift_text(text: &str, days: i64) -> Option<String> {
    let tokens = tokens(text);
    let forms = match tokens.first()?.kind {
        Kind::Number | Kind::Numeral => NUMBER_FIRST,
        Kind::Word => WORD_FIRST,
        Kind::Sign => return None,
    };
    forms.iter().find_map(|(form, _)| {
        let mut parser = Parser::new(&tokens, 0);
        form(&mut parser)?;
        let found = extent(&parser);
        (found.start == 0 && found.end == text.len()).then(|| Reading::new(text, &parser)?.shifted(days))?
    })
}

/// A date that was read, and its parts.
struct Reading<'a> {
    text: &'a str,
    parts: Vec<Part>,
    date: Date,
    /// The first date of a range.
    first: Option<Date>,
    unpadded: bool,
    /// The language of the month and of the day of the week together.
    language: Option<u8>,
}

impl<'a> Reading<'a> {
    fn new(text: &'a str, parser: &Parser<'_, '_>) -> Option<Self> {
        let parts: Vec<Part> = parser.parts().collect();
        let text_of = |role: Role| parts.iter().find(|part| part.role == role).map(|part| &text[part.start..part.end]);
        if text_of(Role::Unshifted).is_some() {
            return None;
        }
        let date = if let Some(week) = text_of(Role::IsoWeek) {
            week_date(text_of(Role::Year)?, week, text_of(Role::IsoWeekday))?
        } else {
            let year = match text_of(Role::Era) {
                Some(era) => era_year(era, text_of(Role::EraYear)?)?,
                None => year(text_of(Role::Year)?)?,
            };
            let day = text_of(Role::Day).map_or(Some(15), number)?;
            Date::new(year, month_of(text, &parts)?, i8::try_from(day).ok()?).ok()?
        };
        let first = match text_of(Role::FirstDay) {
            Some(day) => {
                let month = text_of(Role::FirstMonth).map_or(Some(i16::from(date.month())), number)?;
                let first = Date::new(date.year(), i8::try_from(month).ok()?, i8::try_from(number(day)?).ok()?).ok()?;
                Some(first).filter(|first| *first <= date)
            }
            None => None,
        };
        let is_range = text_of(Role::FirstDay).is_some();
        if is_range && first.is_none() {
            return None;
        }
        let numbers = parts.iter().filter(|part| matches!(part.role, Role::Day | Role::Month | Role::FirstDay));
        let unpadded = numbers.into_iter().any(|part| {
            let digits = &text[part.start..part.end];
            digits.chars().count() == 1
        });
        let language = language(text, &parts);
        Some(Self { text, parts, date, first, unpadded, language })
    }

    /// The text with every part replaced.
    fn shifted(&self, days: i64) -> Option<String> {
        let date = shift(self.date, days)?;
        let first = self.first.map_or(Some(None), |first| shift(first, days).map(Some))?;
        let has = |role: Role| self.parts.iter().any(|part| part.role == role);
        if let Some(first) = first
            && (first.year() != date.year() || (first.month() != date.month() && !has(Role::FirstMonth)))
        {
            return None;
        }
        let mut replaced = self.text.to_owned();
        let mut parts = self.parts.clone();
        parts.sort_by_key(|part| std::cmp::Reverse(part.start));
        for part in parts {
            let old = &self.text[part.start..part.end];
            replaced.replace_range(part.start..part.end, &self.write(part.role, old, date, first)?);
        }
        Some(replaced)
    }

    fn write(&self, role: Role, old: &str, date: Date, first: Option<Date>) -> Option<String> {
        let weeks = self.parts.iter().any(|part| part.role == Role::IsoWeek);
        Some(match role {
            Role::Year if weeks => self.digits(old, date.iso_week_date().year()),
            Role::Year if old.chars().count() == 2 => self.digits(old, date.year() % 100),
            Role::Year => self.digits(old, date.year()),
            Role::Month => self.digits(old, i16::from(date.month())),
            Role::Day => self.digits(old, i16::from(date.day())),
            Role::FirstDay => self.digits(old, i16::from(first?.day())),
            Role::FirstMonth => self.digits(old, i16::from(first?.month())),
            Role::MonthName(named) => rename(old, self.named(old, named, true), true, date.month()),
            Role::RomanMonth => ROMAN[usize::from(date.month().unsigned_abs()) - 1].to_owned(),
            Role::Suffix => suffix(old, date.day()),
            Role::Weekday(named) => {
                rename(old, self.named(old, named, false), false, date.weekday().to_monday_one_offset())
            }
            Role::WeekdaySign(signs) => {
                let idx = usize::from(date.weekday().to_monday_zero_offset().unsigned_abs());
                signs.chars().nth(idx)?.to_string()
            }
            Role::Era => era(date)?.0[usize::from(old.is_ascii())].to_owned(),
            Role::EraYear => match era(date)?.1 {
                1 if old == "元" => old.to_owned(),
                year if old == "元" => year.to_string(),
                year => self.digits(old, year),
            },
            Role::IsoWeek => format!("{:02}", date.iso_week_date().week()),
            Role::IsoWeekday => date.weekday().to_monday_one_offset().to_string(),
            Role::Fixed => old.to_owned(),
            Role::Unshifted => return None,
        })
    }

    /// The name in the language of the whole date, where it has one.
    fn named(&self, old: &str, named: Named, months: bool) -> Named {
        self.language.and_then(|language| named_in(language, old, months)).unwrap_or(named)
    }

    /// A number in the digits of the old one: as wide where there are leading zeros.
    fn digits(&self, old: &str, number: i16) -> String {
        let width = old.chars().count();
        if tokens(old).first().is_some_and(|token| token.kind == Kind::Numeral) {
            return numerals(number, width == 4);
        }
        let padded = if width >= 2 && !self.unpadded { format!("{number:0width$}") } else { number.to_string() };
        let padded = if width == 4 || old.starts_with('0') { format!("{number:0width$}") } else { padded };
        if old.is_ascii() {
            return padded;
        }
        let wide = |digit: char| char::from_u32(u32::from(digit) - 0x30 + 0xff10).unwrap_or(digit);
        padded.chars().map(wide).collect()
    }
}

/// A number in Han numerals: digit by digit, or with the sign for ten.
fn numerals(number: i16, by_digit: bool) -> String {
    let sign = |digit: i16| NUMERALS.chars().nth(usize::from(digit.unsigned_abs())).unwrap_or('〇').to_string();
    if by_digit {
        return number
            .to_string()
            .chars()
            .filter_map(|digit| digit.to_digit(10))
            .map(|digit| sign(digit as i16))
            .collect();
    }
    let tens = match number / 10 {
        0 => String::new(),
        1 => "十".to_owned(),
        tens => sign(tens) + "十",
    };
    if number % 10 == 0 && number > 0 { tens } else { tens + &sign(number % 10) }
}

/// The language of a date with a day of the week: a month alone may belong to several.
fn language(text: &str, parts: &[Part]) -> Option<u8> {
    let names = |months: bool| -> Vec<&str> {
        let of_kind = |part: &&Part| match part.role {
            Role::MonthName(_) => months,
            Role::Weekday(_) => !months,
            _ => false,
        };
        parts.iter().filter(of_kind).map(|part| &text[part.start..part.end]).collect()
    };
    let (months, weekdays) = (names(true), names(false));
    (!weekdays.is_empty()).then(|| language_of(&months, &weekdays))?
}

fn number(digits: &str) -> Option<i16> {
    tokens(digits).first().filter(|token| token.text.len() == digits.len())?.value()
}

/// A year of four digits, or of two around the pivot of 40.
fn year(digits: &str) -> Option<i16> {
    let year = number(digits)?;
    Some(match digits.chars().count() {
        2 if year < 40 => year + 2000,
        2 => year + 1900,
        _ => year,
    })
}

fn month_of(text: &str, parts: &[Part]) -> Option<i8> {
    parts.iter().find_map(|part| {
        let old = &text[part.start..part.end];
        match part.role {
            Role::MonthName(_) => month(old).map(|named| named.number),
            Role::RomanMonth => ROMAN.iter().position(|roman| *roman == old).and_then(|idx| i8::try_from(idx + 1).ok()),
            Role::Month => i8::try_from(number(old)?).ok(),
            _ => None,
        }
    })
}

/// A day of an ISO week; without a day the Thursday, which decides the week's year.
fn week_date(year: &str, week: &str, day: Option<&str>) -> Option<Date> {
    let day = day.map_or(Some(4), |day| day.parse().ok())?;
    let weekday = Weekday::from_monday_one_offset(day).ok()?;
    ISOWeekDate::new(number(year)?, week.parse().ok()?, weekday).ok().map(ISOWeekDate::date)
}

fn era_year(era: &str, year: &str) -> Option<i16> {
    let (.., before) = ERAS.iter().find(|(name, letter, _)| *name == era || *letter == era)?;
    Some(before + if year == "元" { 1 } else { number(year)? })
}

/// The era of a date, in Han and as a letter, and the year in it.
fn era(date: Date) -> Option<([&'static str; 2], i16)> {
    const BEGINS: [(i16, i8, i8); 5] = [(2019, 5, 1), (1989, 1, 8), (1926, 12, 25), (1912, 7, 30), (1868, 1, 25)];
    let idx = BEGINS.iter().position(|begin| (date.year(), date.month(), date.day()) >= *begin)?;
    let (name, letter, before) = ERAS[idx];
    Some(([name, letter], date.year() - before))
}

/// The ending of an ordinal number, English or French.
fn suffix(old: &str, day: i8) -> String {
    let new = match day {
        1 if old.eq_ignore_ascii_case("er") => "er",
        _ if old.eq_ignore_ascii_case("er") => "",
        1 | 21 | 31 => "st",
        2 | 22 => "nd",
        3 | 23 => "rd",
        _ => "th",
    };
    if old.chars().all(char::is_uppercase) { new.to_uppercase() } else { new.to_owned() }
}

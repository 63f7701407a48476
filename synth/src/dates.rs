//! Dates and times of the suite. A date can be written only as a [`Secret`].

use crate::persona::pick;
use crate::plant::Secret;
use crate::vocabulary::Language;
use efface_schema::PhiLabel;
use jiff::ToSpan;
use jiff::civil::Date;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// A time of day in seconds since midnight. A time alone identifies nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ClockTime(u32);

impl ClockTime {
    pub(crate) const fn new(hour: u32, minute: u32, second: u32) -> Self {
        Self(hour * 3600 + minute * 60 + second)
    }

    /// Later the same day; stops before midnight.
    pub(crate) fn plus(self, seconds: u32) -> Self {
        Self((self.0 + seconds).min(86_399))
    }

    /// As TM writes it.
    pub(crate) fn dicom(self) -> String {
        format!("{:02}{:02}{:02}", self.0 / 3600, self.0 / 60 % 60, self.0 % 60)
    }
}

/// A date as DA writes it.
pub(crate) fn dicom_date(date: Date) -> Secret {
    written(date, "%Y%m%d")
}

/// A moment as DT writes it.
pub(crate) fn dicom_date_time(date: Date, time: ClockTime) -> Secret {
    dicom_date(date).derive(|date| format!("{date}{}", time.dicom()))
}

/// A date in one of the ways in which people write it in a language.
pub(crate) fn free_date(rng: &mut ChaCha8Rng, date: Date, language: Language) -> Secret {
    if language == Language::English || rng.random_bool(0.3) {
        let format = pick(rng, if language == Language::English { ENGLISH } else { NUMERIC });
        return written(date, format);
    }
    Secret::new(PhiLabel::Date, in_language(rng, date, language))
}

/// Ways to write a date in English, the common ones more than once.
const ENGLISH: &[&str] = &[
    "%m/%d/%Y",
    "%m/%d/%Y",
    "%m/%d/%Y",
    "%Y%m%d",
    "%Y-%m-%d",
    "%d-%b-%Y",
    "%B %d, %Y",
    "%d.%m.%Y",
    "%m/%d/%y",
    "%-m/%-d/%Y",
    "%-m/%-d/%y",
    "%b %-d, %Y",
    "%b %-d %Y",
    "%-d %B %Y",
    "%-d %b %Y",
    "%d/%m/%Y",
    "%d-%m-%Y",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%d%b%Y",
    "%d %b %y",
    "%b-%d-%Y",
    "%A, %B %-d, %Y",
    "%a %-d %b %Y",
    "%m-%d-%Y",
    "%m-%d-%y",
    "%-d.%-m.%y",
    "%G-W%V",
    "%Y-%j",
    "%m%d%y",
    "%B %-d",
    "%-m/%-d",
    "%b. %-d, %Y",
    "%-dth of %B %Y",
];

/// Ways that need no words.
const NUMERIC: &[&str] = &["%d.%m.%Y", "%d/%m/%Y", "%Y-%m-%d", "%Y%m%d", "%d-%m-%Y", "%-d.%-m.%Y", "%d/%m/%y"];

fn in_language(rng: &mut ChaCha8Rng, date: Date, language: Language) -> String {
    let (year, day) = (date.year(), date.day());
    let number = date.month();
    match language {
        Language::Japanese if rng.random_bool(0.3) && year > 1989 => format!("平成{}年{number}月{day}日", year - 1988),
        Language::Japanese | Language::SimplifiedChinese | Language::TraditionalChinese => {
            format!("{year}年{number}月{day}日")
        }
        Language::Korean => format!("{year}년 {number}월 {day}일"),
        _ => match months(language) {
            None => date.strftime("%d.%m.%Y").to_string(),
            Some(months) => {
                let month = months.split(' ').nth(usize::from(number.unsigned_abs()) - 1).unwrap_or("");
                match language {
                    Language::German => format!("{day}. {month} {year}"),
                    Language::Spanish | Language::Portuguese => format!("{day} de {month} de {year}"),
                    Language::Thai => format!("{day} {month} {}", year + 543),
                    _ => format!("{day} {month} {year}"),
                }
            }
        },
    }
}

/// The months as they stand within a date.
const fn months(language: Language) -> Option<&'static str> {
    Some(match language {
        Language::French => "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
        Language::German => "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
        Language::Spanish => "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
        Language::Italian => {
            "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre"
        }
        Language::Portuguese => {
            "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro"
        }
        Language::Dutch => "januari februari maart april mei juni juli augustus september oktober november december",
        Language::Swedish => "januari februari mars april maj juni juli augusti september oktober november december",
        Language::Polish => {
            "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia"
        }
        Language::Turkish => "Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim Kasım Aralık",
        Language::Russian => "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
        Language::Greek => {
            "Ιανουαρίου Φεβρουαρίου Μαρτίου Απριλίου Μαΐου Ιουνίου Ιουλίου Αυγούστου Σεπτεμβρίου Οκτωβρίου \
             Νοεμβρίου Δεκεμβρίου"
        }
        Language::Thai => "มกราคม กุมภาพันธ์ มีนาคม เมษายน พฤษภาคม มิถุนายน กรกฎาคม สิงหาคม กันยายน ตุลาคม พฤศจิกายน ธันวาคม",
        Language::Arabic => "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
        Language::Hebrew => "בינואר בפברואר במרץ באפריל במאי ביוני ביולי באוגוסט בספטמבר באוקטובר בנובמבר בדצמבר",
        _ => return None,
    })
}

/// A date with a time that nothing but a blank, a comma or a T parts from it: one span.
pub(crate) fn free_date_time(rng: &mut ChaCha8Rng, date: Date) -> Secret {
    let minutes = rng.random_range(6 * 60..22 * 60);
    let (hour, minute) = (minutes / 60, minutes % 60);
    let form = pick(rng, &["%Y-%m-%d H:M", "%m/%d/%Y, H:M", "%m/%d/%y HM", "%Y%m%dTHM", "%d-%b-%Y H:M", "%b %-d H:M"]);
    written(date, form).derive(|text| {
        let clock = text.replace("H:M", &format!("{hour:02}:{minute:02}"));
        clock.replace("HM", &format!("{hour:02}{minute:02}"))
    })
}

/// A month or a season with its year.
pub(crate) fn month_year(rng: &mut ChaCha8Rng, date: Date, language: Language) -> Secret {
    match months(language) {
        Some(months) => {
            let month = months.split(' ').nth(usize::from(date.month().unsigned_abs()) - 1).unwrap_or("");
            Secret::new(PhiLabel::Date, format!("{month} {}", date.year()))
        }
        None if rng.random_bool(0.2) => {
            let season = pick(rng, &["spring", "summer", "fall", "autumn", "winter"]);
            Secret::new(PhiLabel::Date, format!("{season} {}", date.year()))
        }
        None => written(date, pick(rng, &["%B %Y", "%b %Y", "%m/%Y", "%Y-%m", "%b-%y"])),
    }
}

/// A day without its year.
pub(crate) fn day_month(rng: &mut ChaCha8Rng, date: Date, language: Language) -> Secret {
    match language {
        Language::English => written(date, pick(rng, &["%B %-d", "%b %-d", "%-d %B", "%-m/%-d", "%d-%b"])),
        _ => written(date, "%d.%m."),
    }
}

/// A weekday with its date.
pub(crate) fn weekday_date(rng: &mut ChaCha8Rng, date: Date) -> Secret {
    written(date, pick(rng, &["%A %-m/%-d", "%a %b %-d", "%A, %-d %B %Y", "%a, %d.%m.%Y"]))
}

/// The first and last day of a stay; the year is shared, so it is one span.
pub(crate) fn date_range(rng: &mut ChaCha8Rng, date: Date) -> Secret {
    let first = date.first_of_month();
    let days = pick(rng, &[(3, 9), (11, 14), (2, 27)]);
    let day = |day: i32| first.saturating_add((day - 1).days());
    let end = written(day(days.1), pick(rng, &["%-m/%-d/%Y", "%-d %b %Y", "%m/%d/%y"]));
    end.derive(|end| match end.contains('/') {
        true => format!("{}-{end}", day(days.0).strftime("%-m/%-d")),
        false => format!("{}-{end}", days.0),
    })
}

/// A holiday of a year, which tells the day.
pub(crate) fn holiday(rng: &mut ChaCha8Rng, date: Date) -> Secret {
    let holiday = pick(rng, &["Christmas", "Thanksgiving", "Easter", "New Year's Eve", "Labor Day", "Halloween"]);
    Secret::new(
        PhiLabel::Date,
        if rng.random_bool(0.6) { format!("{holiday} {}", date.year()) } else { holiday.into() },
    )
}

fn written(date: Date, format: &str) -> Secret {
    let text = date.strftime(format).to_string();
    // English ordinals: 1st, 2nd, 3rd, and the teens all with th.
    let ordinal = match date.day() {
        1 | 21 | 31 => "st of",
        2 | 22 => "nd of",
        3 | 23 => "rd of",
        _ => "th of",
    };
    Secret::new(PhiLabel::Date, text.replace("th of", ordinal))
}

/// A moment of a day as a format of `strftime` writes it, in which `%o` is the day as an English ordinal.
pub(crate) fn formatted(date: Date, seconds: u32, format: &str) -> Secret {
    let second = |divisor: u32| i8::try_from(seconds / divisor % 60).unwrap_or(0);
    let hour = i8::try_from(seconds / 3600 % 24).unwrap_or(0);
    let ending = match date.day() {
        1 | 21 | 31 => "st",
        2 | 22 => "nd",
        3 | 23 => "rd",
        _ => "th",
    };
    let format = format.replace("%o", &format!("{}{ending}", date.day()));
    let text = date.at(hour, second(60), second(1), 0).strftime(&format).to_string();
    Secret::new(PhiLabel::Date, text)
}

/// A date as American screens show it.
pub(crate) fn screen_date(date: Date) -> Secret {
    written(date, "%m/%d/%Y")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::streams::Streams;
    use std::collections::BTreeSet;

    #[test]
    fn formats_have_ordinals_and_times() {
        for (day, seconds, format, expected) in [
            (1, 0, "%o of %B", "1st of March"),
            (12, 3_725, "%b %o, %H:%M:%S", "Mar 12th, 01:02:05"),
            (23, 86_399, "%d%m%y %-I:%M %p", "230314 11:59 PM"),
        ] {
            let date = jiff::civil::date(2014, 3, day);
            assert_eq!(formatted(date, seconds, format), Secret::new(PhiLabel::Date, expected));
        }
    }

    #[test]
    fn dates_are_written_in_many_ways() {
        let rng = &mut Streams::new(1).stream("test", &[]);
        let date = jiff::civil::date(2014, 3, 5);
        let languages = [Language::English, Language::French, Language::Japanese, Language::Thai, Language::Korean];
        let forms: BTreeSet<String> =
            (0..2000).map(|turn| free_date(rng, date, languages[turn % languages.len()]).masked_digits()).collect();
        assert!(forms.len() >= 35, "{forms:?}");
    }
}

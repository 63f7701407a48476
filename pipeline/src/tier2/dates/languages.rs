//! Names of months and days of the week.
//!
//! Source: common knowledge of each language's calendar, in the form that stands in dates first (the genitive where
//! there is one); the spelling follows the Unicode CLDR, without copying its files.

use std::collections::HashMap;
use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The names of one language, each list parted by blanks: January first, Monday first.
struct Language {
    months: &'static str,
    other_months: &'static str,
    short_months: &'static str,
    weekdays: &'static str,
    short_weekdays: &'static str,
}

/// Which of a language's lists a name stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Full,
    Other,
    Short,
}

/// A name that was recognized: where it stands in the tables, and its number from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) language: u8,
    pub(super) style: Style,
    pub(super) number: i8,
}

/// English first: where a short name belongs to several languages, the first has it.
const LANGUAGES: &[Language] = &[
    Language {
        months: "january february march april may june july august september october november december",
        other_months: "",
        short_months: "jan feb mar apr may jun jul aug sep oct nov dec",
        weekdays: "monday tuesday wednesday thursday friday saturday sunday",
        short_weekdays: "mon tue wed thu fri sat sun",
    },
    Language {
        months: "januar februar märz april mai juni juli august september oktober november dezember",
        other_months: "jänner feber maerz - - - - - - - - -",
        short_months: "jan feb mrz apr mai jun jul aug sep okt nov dez",
        weekdays: "montag dienstag mittwoch donnerstag freitag samstag sonntag",
        short_weekdays: "mo di mi do fr sa so",
    },
    Language {
        months: "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
        other_months: "",
        short_months: "janv févr mars avr mai juin juil août sept oct nov déc",
        weekdays: "lundi mardi mercredi jeudi vendredi samedi dimanche",
        short_weekdays: "lun mar mer jeu ven sam dim",
    },
    Language {
        months: "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
        other_months: "- - - - - - - - setiembre - - -",
        short_months: "ene feb mar abr may jun jul ago sep oct nov dic",
        weekdays: "lunes martes miércoles jueves viernes sábado domingo",
        short_weekdays: "lun mar mié jue vie sáb dom",
    },
    Language {
        months: "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
        other_months: "",
        short_months: "gen feb mar apr mag giu lug ago set ott nov dic",
        weekdays: "lunedì martedì mercoledì giovedì venerdì sabato domenica",
        short_weekdays: "lun mar mer gio ven sab dom",
    },
    Language {
        months: "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
        other_months: "",
        short_months: "jan fev mar abr mai jun jul ago set out nov dez",
        weekdays: "segunda terça quarta quinta sexta sábado domingo",
        short_weekdays: "seg ter qua qui sex sáb dom",
    },
    Language {
        months: "januari februari maart april mei juni juli augustus september oktober november december",
        other_months: "",
        short_months: "jan feb mrt apr mei jun jul aug sep okt nov dec",
        weekdays: "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag",
        short_weekdays: "ma di wo do vr za zo",
    },
    Language {
        months: "januari februari mars april maj juni juli augusti september oktober november december",
        other_months: "",
        short_months: "jan feb mar apr maj jun jul aug sep okt nov dec",
        weekdays: "måndag tisdag onsdag torsdag fredag lördag söndag",
        short_weekdays: "mån tis ons tor fre lör sön",
    },
    Language {
        months: "januar februar marts april maj juni juli august september oktober november december",
        other_months: "- - mars - mai - - - - - - desember",
        short_months: "jan feb mar apr maj jun jul aug sep okt nov des",
        weekdays: "mandag tirsdag onsdag torsdag fredag lørdag søndag",
        short_weekdays: "man tir ons tor fre lør søn",
    },
    Language {
        months: "tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta lokakuuta marraskuuta joulukuuta",
        other_months: "tammikuu helmikuu maaliskuu huhtikuu toukokuu kesäkuu heinäkuu elokuu syyskuu lokakuu marraskuu joulukuu",
        short_months: "tammi helmi maalis huhti touko kesä heinä elo syys loka marras joulu",
        weekdays: "maanantai tiistai keskiviikko torstai perjantai lauantai sunnuntai",
        short_weekdays: "ma ti ke to pe la su",
    },
    Language {
        months: "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
        other_months: "styczeń luty marzec kwiecień maj czerwiec lipiec sierpień wrzesień październik listopad grudzień",
        short_months: "sty lut mar kwi maj cze lip sie wrz paź lis gru",
        weekdays: "poniedziałek wtorek środa czwartek piątek sobota niedziela",
        short_weekdays: "pon wt śr czw pt sob ndz",
    },
    Language {
        months: "ledna února března dubna května června července srpna září října listopadu prosince",
        other_months: "leden únor březen duben květen červen červenec srpen září říjen listopad prosinec",
        short_months: "led úno bře dub kvě čvn čvc srp zář říj lis pro",
        weekdays: "pondělí úterý středa čtvrtek pátek sobota neděle",
        short_weekdays: "po út st čt pá so ne",
    },
    Language {
        months: "január február március április május június július augusztus szeptember október november december",
        other_months: "",
        short_months: "jan febr márc ápr máj jún júl aug szept okt nov dec",
        weekdays: "hétfő kedd szerda csütörtök péntek szombat vasárnap",
        short_weekdays: "",
    },
    Language {
        months: "ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie",
        other_months: "",
        short_months: "ian feb mar apr mai iun iul aug sep oct noi dec",
        weekdays: "luni marți miercuri joi vineri sâmbătă duminică",
        short_weekdays: "",
    },
    Language {
        months: "ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık",
        other_months: "",
        short_months: "oca şub mar nis may haz tem ağu eyl eki kas ara",
        weekdays: "pazartesi salı çarşamba perşembe cuma cumartesi pazar",
        short_weekdays: "pzt sal çar per cum cmt paz",
    },
    Language {
        months: "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
        other_months: "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь",
        short_months: "янв фев мар апр мая июн июл авг сен окт ноя дек",
        weekdays: "понедельник вторник среда четверг пятница суббота воскресенье",
        short_weekdays: "пн вт ср чт пт сб вс",
    },
    Language {
        months: "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
        other_months: "січень лютий березень квітень травень червень липень серпень вересень жовтень листопад грудень",
        short_months: "січ лют бер кві тра чер лип сер вер жов лис гру",
        weekdays: "понеділок вівторок середа четвер пятниця субота неділя",
        short_weekdays: "пн вт ср чт пт сб нд",
    },
    Language {
        months: "ιανουαρίου φεβρουαρίου μαρτίου απριλίου μαΐου ιουνίου ιουλίου αυγούστου σεπτεμβρίου οκτωβρίου νοεμβρίου δεκεμβρίου",
        other_months: "ιανουάριος φεβρουάριος μάρτιος απρίλιος μάιος ιούνιος ιούλιος αύγουστος σεπτέμβριος οκτώβριος νοέμβριος δεκέμβριος",
        short_months: "ιαν φεβ μαρ απρ μαΐ ιουν ιουλ αυγ σεπ οκτ νοε δεκ",
        weekdays: "δευτέρα τρίτη τετάρτη πέμπτη παρασκευή σάββατο κυριακή",
        short_weekdays: "δευ τρι τετ πεμ παρ σαβ κυρ",
    },
];

/// Short names that are written in more than one way: name, language, number.
const VARIANTS: &[(&str, u8, i8)] = &[("sept", 0, 9), ("mär", 1, 3), ("mai", 8, 5), ("febr", 1, 2)];

/// The names of the calendars' languages, each once, folded.
struct Names {
    months: HashMap<String, Named>,
    weekdays: HashMap<String, Named>,
}

static NAMES: LazyLock<Names> = LazyLock::new(|| {
    let mut names = Names { months: HashMap::new(), weekdays: HashMap::new() };
    for style in [Style::Full, Style::Other, Style::Short] {
        for (language, _) in (0_u8..).zip(LANGUAGES) {
            for (number, name) in (1_i8..).zip(list(language, style, true).split(' ')) {
                names.months.entry(fold(name)).or_insert(Named { language, style, number });
            }
            for (number, name) in (1_i8..).zip(list(language, style, false).split(' ')) {
                names.weekdays.entry(fold(name)).or_insert(Named { language, style, number });
            }
        }
    }
    for (name, language, number) in VARIANTS {
        names.months.entry(fold(name)).or_insert(Named { language: *language, style: Style::Short, number: *number });
    }
    for map in [&mut names.months, &mut names.weekdays] {
        map.retain(|name, _| name.chars().count() > 1);
    }
    names
});

fn list(language: u8, style: Style, months: bool) -> &'static str {
    let language = &LANGUAGES[usize::from(language)];
    match (style, months) {
        (Style::Full, true) => language.months,
        (Style::Other, true) => language.other_months,
        (Style::Short, true) => language.short_months,
        (Style::Full, false) => language.weekdays,
        (Style::Short, false) => language.short_weekdays,
        (Style::Other, false) => "",
    }
}

/// Without case, accents and the letters that only look accented.
pub(super) fn fold(word: &str) -> String {
    if word.is_ascii() {
        return word.to_ascii_lowercase();
    }
    let parts = word.nfkd().filter(|part| !is_combining_mark(*part)).flat_map(char::to_lowercase);
    parts
        .filter(|part| !is_combining_mark(*part))
        .map(|letter| match letter {
            'ı' => 'i',
            'ł' => 'l',
            'ø' => 'o',
            'ς' => 'σ',
            other => other,
        })
        .collect()
}

/// The longest name has this many characters; longer words are not looked up.
const MAX_NAME: usize = 40;

/// The month that a word names.
pub(super) fn month(word: &str) -> Option<Named> {
    lookup(&NAMES.months, word)
}

/// The names of months of at least so many characters, folded.
pub(super) fn long_months(least: usize) -> impl Iterator<Item = &'static str> {
    NAMES.months.keys().map(String::as_str).filter(move |name| name.chars().count() >= least)
}

/// The day of the week that a word names.
pub(super) fn weekday(word: &str) -> Option<Named> {
    lookup(&NAMES.weekdays, word)
}

fn lookup(names: &HashMap<String, Named>, word: &str) -> Option<Named> {
    if word.len() < 2 || word.len() > MAX_NAME {
        return None;
    }
    names.get(&fold(word)).copied()
}

/// The first language in which all of a date's names are known, months and days of the week.
pub(super) fn language_of(months: &[&str], weekdays: &[&str]) -> Option<u8> {
    (0_u8..).zip(LANGUAGES).map(|(language, _)| language).find(|language| {
        months.iter().all(|word| named_in(*language, word, true).is_some())
            && weekdays.iter().all(|word| named_in(*language, word, false).is_some())
    })
}

/// The name that a word is in one language.
pub(super) fn named_in(language: u8, word: &str, months: bool) -> Option<Named> {
    let folded = fold(word);
    [Style::Full, Style::Other, Style::Short].into_iter().find_map(|style| {
        let number = (1_i8..).zip(list(language, style, months).split(' ')).find(|(_, name)| fold(name) == folded)?.0;
        Some(Named { language, style, number })
    })
}

/// Another month or day of the week, in the language, the style and the letters of the one it replaces. Where the old
/// name is of ASCII alone so is the new one: the data set's character set may hold nothing else.
pub(super) fn rename(old: &str, named: Named, months: bool, number: i8) -> String {
    let at = |number: i8| {
        let names = list(named.language, named.style, months);
        let full = list(named.language, Style::Full, months);
        let idx = usize::from(number.unsigned_abs()).saturating_sub(1);
        let found = names.split(' ').nth(idx).filter(|name| !name.is_empty() && *name != "-");
        found.or_else(|| full.split(' ').nth(idx)).unwrap_or_default()
    };
    let name = if old.is_ascii() { plain(at(number)) } else { at(number).to_owned() };
    spelled_like(old, &name)
}

/// Without accents, as on a keyboard that has none.
fn plain(name: &str) -> String {
    name.nfkd()
        .filter(|part| !is_combining_mark(*part))
        .map(|letter| match letter {
            'ı' => 'i',
            'ł' => 'l',
            'ø' => 'o',
            other => other,
        })
        .collect()
}

/// Capitals as in the word it replaces.
fn spelled_like(old: &str, name: &str) -> String {
    let mut letters = old.chars();
    match (letters.next().is_some_and(char::is_uppercase), letters.any(char::is_lowercase)) {
        (true, false) => name.to_uppercase(),
        (true, true) => {
            let mut letters = name.chars();
            letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
        }
        (false, _) => name.to_owned(),
    }
}

/// Every month name of every language for a month: code of the style left out, as it stands in dates.
pub(super) fn all_names(number: i8) -> Vec<&'static str> {
    let idx = usize::from(number.unsigned_abs()).saturating_sub(1);
    let mut names: Vec<&str> = LANGUAGES
        .iter()
        .flat_map(|language| [language.months, language.other_months, language.short_months])
        .filter_map(|list| list.split(' ').nth(idx))
        .filter(|name| name.chars().count() > 1)
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_is_whole() {
        for (language, _) in (0_u8..).zip(LANGUAGES) {
            for style in [Style::Full, Style::Other, Style::Short] {
                for (months, n) in [(true, 12), (false, 7)] {
                    let list = list(language, style, months);
                    assert!(list.is_empty() || list.split(' ').count() == n, "{list}");
                }
            }
        }
    }

    #[test]
    fn names_are_known_in_any_case_and_with_or_without_accents() {
        for (word, number) in [("MÄRZ", 3), ("fevrier", 2), ("Μαρτίου", 3), ("ΜΑΡΤΙΟΣ", 3), ("KASIM", 11), ("мая", 5)]
        {
            assert_eq!(month(word).map(|named| named.number), Some(number), "{word}");
        }
        assert_eq!(month("thorax"), None);
        assert_eq!(weekday("vendredi").map(|named| named.number), Some(5));
    }

    #[test]
    fn a_new_name_is_spelled_like_the_old_one() {
        for (old, number, new) in
            [("MÄRZ", 2, "FEBRUAR"), ("fevrier", 8, "aout"), ("février", 8, "août"), ("Mar", 12, "Dec")]
        {
            let named = month(old).expect("a month");
            assert_eq!(rename(old, named, true, number), new, "{old}");
        }
    }
}

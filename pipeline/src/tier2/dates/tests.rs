use super::*;
use proptest::prelude::*;

fn dates(text: &str) -> Vec<&str> {
    find(text).iter().map(|date| &text[date.start..date.end]).collect()
}

/// Every form with the day before: found whole, and written again in its own form.
const FORMS: &[(&str, &str)] = &[
    ("20140301", "20140228"),
    ("2014-03-01", "2014-02-28"),
    ("2014/3/1", "2014/2/28"),
    ("2014.03.01", "2014.02.28"),
    ("2014_03_01", "2014_02_28"),
    ("2014:03:01", "2014:02:28"),
    ("2014. 3. 1", "2014. 2. 28"),
    ("01.03.2014", "28.02.2014"),
    ("1.3.14", "28.2.14"),
    ("1. 3. 2014", "28. 2. 2014"),
    ("3/1/14", "2/28/14"),
    ("03/01/2014", "02/28/2014"),
    ("03-01-2014", "02-28-2014"),
    ("01 03 2014", "28 02 2014"),
    ("1.III.2014", "28.II.2014"),
    ("01MAR2014", "28FEB2014"),
    ("1-Mar-2014", "28-Feb-2014"),
    ("1 mar 14", "28 feb 14"),
    ("1 March '14", "28 February '14"),
    ("March 1st, 2014", "February 28th, 2014"),
    ("1st of March 2014", "28th of February 2014"),
    ("Saturday, March 1, 2014", "Friday, February 28, 2014"),
    ("Sat 1 Mar 2014", "Fri 28 Feb 2014"),
    ("Sat Mar 01 10:15:00 CET 2014", "Fri Feb 28 10:15:00 CET 2014"),
    ("1. März 2014", "28. Februar 2014"),
    ("Samstag, 1. März 2014", "Freitag, 28. Februar 2014"),
    ("1er mars 2014", "28 fevrier 2014"),
    ("samedi 1er mars 2014", "vendredi 28 fevrier 2014"),
    ("1 de marzo de 2014", "28 de febrero de 2014"),
    ("1er août 2014", "31 juillet 2014"),
    ("1 Şubat 2014", "31 Ocak 2014"),
    ("sábado 1 de marzo de 2014", "viernes 28 de febrero de 2014"),
    ("sabato 1 marzo 2014", "venerdi 28 febbraio 2014"),
    ("1 de março de 2014", "28 de fevereiro de 2014"),
    ("zaterdag 1 maart 2014", "vrijdag 28 februari 2014"),
    ("lördag 1 mars 2014", "fredag 28 februari 2014"),
    ("lørdag 1. marts 2014", "fredag 28. februar 2014"),
    ("1. maaliskuuta 2014", "28. helmikuuta 2014"),
    ("1 marca 2014", "28 lutego 2014"),
    ("1. března 2014", "28. února 2014"),
    ("2014. március 1", "2014. február 28"),
    ("1 martie 2014", "28 februarie 2014"),
    ("1 Mart 2014", "28 Subat 2014"),
    ("1 марта 2014", "28 февраля 2014"),
    ("1 березня 2014", "28 лютого 2014"),
    ("1 Μαρτίου 2014", "28 Φεβρουαρίου 2014"),
    ("2014-Mar-01", "2014-Feb-28"),
    ("2014-W09-6", "2014-W09-5"),
    ("2014W096", "2014W095"),
    ("平成26年3月1日", "平成26年2月28日"),
    ("H26.3.1", "H26.2.28"),
    ("2014年3月1日", "2014年2月28日"),
    ("2014年3月1日 土曜日", "2014年2月28日 金曜日"),
    ("２０１４年３月１日", "２０１４年２月２８日"),
    ("二〇一四年三月一日", "二〇一四年二月二十八日"),
    ("2014년 3월 1일", "2014년 2월 28일"),
];

#[test]
fn every_form_is_found_and_shifted_in_its_own_form() {
    assert!(FORMS.len() >= 50);
    for (text, expected) in FORMS {
        let inside = format!("seen {text}; CT");
        assert_eq!(dates(&inside), [*text], "{text}");
        assert_eq!(shift_text(text, -1).as_deref(), Some(*expected), "{text}");
    }
}

#[test]
fn dates_are_found_among_other_words() {
    for (text, expected) in [
        ("CT 20140321 thorax", vec!["20140321"]),
        ("CT_20140321_thorax", vec!["20140321"]),
        ("Image_20140321_101500.dcm", vec!["20140321"]),
        ("20140321101500.000", vec!["20140321"]),
        ("20140321T101500", vec!["20140321"]),
        ("2014-03-21T10:15:00Z", vec!["2014-03-21"]),
        ("on 2014-03-21 and 3/22/14", vec!["2014-03-21", "3/22/14"]),
        ("from 03/14/2014 to 03/21/2014", vec!["03/14/2014", "03/21/2014"]),
        ("MAR 2014", vec!["MAR 2014"]),
        ("Mar. 2014 MRI", vec!["Mar. 2014"]),
        ("03/2014 and 2014-03", vec!["03/2014", "2014-03"]),
        ("DOB 03.09.1978", vec!["03.09.1978"]),
        ("seen March 21", vec!["March 21"]),
        ("seen 21 March", vec!["21 March"]),
        ("March 3-7, 2014", vec!["March 3-7, 2014"]),
        ("Gleason 3+4 March 21, 2014", vec!["March 21, 2014"]),
        ("4 March 21, 21 March 2014", vec!["4 March 21", "21 March 2014"]),
        ("vom 21.-24.03.2014", vec!["21.-24.03.2014"]),
        ("on 3/14", vec!["3/14"]),
        ("seit 14.3. Husten", vec!["14.3"]),
        ("Q1 2014, spring 2014, KW 12/2014", vec!["Q1 2014", "spring 2014", "KW 12/2014"]),
        ("day 2014-080", vec!["2014-080"]),
    ] {
        assert_eq!(dates(text), expected, "{text}");
    }
}

#[test]
fn what_only_looks_like_a_date_is_none() {
    for text in [
        "3 mm, 1.5 T, 2014",
        "version 4.12.99.1",
        "v3.10.14",
        "SW 2.10.14",
        "T1 0.5 1/2 120 kV 512x512",
        "L4/5, C5/6, T10/11/12",
        "12/15 lymph nodes",
        "10/12/14 mm",
        "8/10/12 mm nodules",
        "TR/TE 2000/12",
        "TE 10/12/90",
        "took 1/2 tablet",
        "on 1/2 dose",
        "0.20140321",
        "1/3 and 2/3",
        "May show, may repeat in 3",
        "LEVEL 3 MAY REPRESENT",
        "set 3 of 4, mag 3, lip 3 cm, out 10",
        "10 % of 12",
        "1-2-3",
        "2014-080",
        "555-1234",
        "12.5.3 Gy",
        "M1/M2",
        "SCT 51185008",
        "mars bars",
        "10:15:00",
        "2014",
    ] {
        assert_eq!(dates(text), Vec::<&str>::new(), "{text}");
    }
}

#[test]
fn what_cannot_be_shifted_is_not_kept() {
    for text in [
        "4/31/2020",
        "31.02.2014",
        "March 21",
        "3/14",
        "Q1 2014",
        "spring 2014",
        "2014-W54-1",
        "21-24.03.2014x",
        "平成99年3月1日",
        "7.-3.03.2014",
    ] {
        assert_eq!(shift_text(text, -1), None, "{text}");
    }
    // A range whose ends fall into different months has no such form.
    assert_eq!(shift_text("March 1-7, 2014", -1), None);
    assert_eq!(shift_text("March 3-7, 2014", -1).as_deref(), Some("March 2-6, 2014"));
    assert_eq!(shift_text("21.-24.03.2014", -1).as_deref(), Some("20.-23.03.2014"));
}

#[test]
fn long_texts_are_read_in_pieces_that_lose_nothing() {
    for shift in 0..12 {
        let filler = "word ".repeat(MAX_PIECE / 5 - 1);
        let text = format!("{}{filler} 21 March 2014 {filler} 2014-03-22", "x".repeat(shift));
        assert_eq!(dates(&text), ["21 March 2014", "2014-03-22"]);
    }
}

#[test]
fn two_digit_years_turn_at_forty() {
    for (text, days, expected) in
        [("01.01.00", -1, "31.12.99"), ("31.12.39", 1, "01.01.40"), ("29.02.00", 1, "01.03.00")]
    {
        assert_eq!(shift_text(text, days).as_deref(), Some(expected), "{text}");
    }
}

#[test]
fn eras_change_with_the_date() {
    assert_eq!(shift_text("令和元年5月1", -1).as_deref(), Some("平成31年4月30"));
    assert_eq!(shift_text("H1.1.8", -1).as_deref(), Some("S64.1.7"));
}

const WRITTEN: [&str; 22] = [
    "%Y%m%d",
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%m/%d/%Y",
    "%-m/%-d/%Y",
    "%d.%m.%Y",
    "%-d.%-m.%Y",
    "%d %b %Y",
    "%d%b%Y",
    "%B %d, %Y",
    "%B %-d, %Y",
    "%A, %-d %B %Y",
    "%a %b %d %Y",
    "%Y年%-m月%-d",
    "%Y년 %-m월 %-d",
    "%Y-%b-%d",
    "%d-%b-%Y",
    "%G-W%V-%u",
    "%-d. %-m. %Y",
    "%Y. %-m. %-d",
    "%Y:%m:%d",
    "%Y_%m_%d",
];

fn day(offset: i64) -> Date {
    shift(Date::new(1960, 1, 1).expect("a date"), offset).expect("in range")
}

proptest! {
    #[test]
    fn intervals_are_kept(first in 0_i64..20_000, second in 0_i64..20_000, days in -3650_i64..-1) {
        let back = |offset: i64| values::compact_date(&shift_da(&day(offset).strftime("%Y%m%d").to_string(), days).expect("shifted")).expect("a date");
        let between = back(first).until(back(second)).expect("in range");
        prop_assert_eq!(i64::from(between.get_days()), second - first);
    }

    #[test]
    fn a_text_is_shifted_as_the_date_is(offset in 0_i64..20_000, days in -3650_i64..-1, form in 0_usize..WRITTEN.len()) {
        let text = day(offset).strftime(WRITTEN[form]).to_string();
        let expected = day(offset + days).strftime(WRITTEN[form]).to_string();
        prop_assert_eq!(dates(&text), vec![text.as_str()]);
        // The width of a number without leading zeros is not known from two digits.
        let plain = |text: &str| text.replace(|sign: char| !sign.is_alphanumeric(), " ").split(' ').map(|part| part.trim_start_matches('0').to_owned()).collect::<Vec<_>>();
        let shifted = shift_text(&text, days).expect("shifted");
        if WRITTEN[form].contains("%b") || WRITTEN[form].contains("%B") || WRITTEN[form].contains("%A") || WRITTEN[form].contains("年") || WRITTEN[form].contains("년") {
            prop_assert_eq!(shifted.replace(" 0", " ").replace("年0", "年").replace("月0", "月").replace("월 0", "월 ").replace("sept", "sep").len() + 2 >= expected.len().saturating_sub(8), true);
            prop_assert_ne!(shifted, text);
        } else {
            prop_assert_eq!(plain(&shifted), plain(&expected), "{} {}", shifted, expected);
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in r"[0-9A-Za-z年月日平成元ä./ :,'°-]{0,40}") {
        for found in find(&text) {
            let _ = shift_text(&text[found.start..found.end], -100);
        }
        let _ = shift_text(&text, -100);
    }

    #[test]
    fn technical_numbers_are_no_dates(a in 0_u32..1800, b in 1_u32..400, c in 1_u32..99, unit in "(mm|ms|mGy|HU|kV|mAs|T|%)") {
        for text in [format!("TR/TE {a}/{b}"), format!("{a}x{b}x{c}"), format!("{b}.{c} {unit}"), format!("v{c}.{b}.{a}.1"), format!("FOV {b}/{c}/{c} {unit}"), format!("im {b}/{c}")] {
            prop_assert_eq!(dates(&text), Vec::<&str>::new(), "{}", text);
        }
    }
}

//! The orders in which dates are written: each form is a function that either takes its tokens and names their parts,
//! or nothing.

use super::languages::{Style, weekday};
use super::parser::{Certainty, ERAS, Form, Parser, ROMAN, Role};
use super::tokens::Kind;

/// Short days that are words at the beginning of a sentence or in capitals.
const WEEKDAYS_THAT_ARE_WORDS: &[&str] = &[
    "To", "So", "Do", "La", "Per", "Ne", "Ma", "On", "Sam", "Man", "Tor", "Ven", "TO", "SO", "DO", "LA", "PER", "NE",
    "MA", "ON",
];
const SEASONS: &[&str] = &[
    "spring",
    "summer",
    "autumn",
    "winter",
    "frühjahr",
    "frühling",
    "sommer",
    "herbst",
    "printemps",
    "été",
    "automne",
    "hiver",
    "primavera",
    "verano",
    "otoño",
    "invierno",
    "estate",
    "autunno",
    "inverno",
    "christmas",
    "easter",
    "thanksgiving",
    "weihnachten",
    "ostern",
    "noël",
];

/// Forms that begin with a number.
pub(super) const NUMBER_FIRST: &[(Form, Certainty)] = &[
    (compact, Certainty::Sure),
    (year_month_day, Certainty::Sure),
    (year_day_month, Certainty::Sure),
    (ideographs, Certainty::Sure),
    (day_month_name_year, Certainty::Sure),
    (day_range_month_name, Certainty::Sure),
    (year_month_name_day, Certainty::Sure),
    (day_range, Certainty::Sure),
    (full_numbers, Certainty::Sure),
    (spaced_numbers, Certainty::Sure),
    (iso_week, Certainty::Sure),
    (roman, Certainty::Sure),
    (short_numbers, Certainty::Numbers),
    (day_month_name, Certainty::Numbers),
    (month_and_year, Certainty::Numbers),
    (quarter, Certainty::Sure),
    (two_numbers, Certainty::NeedsContext),
    (ordinal_day, Certainty::NeedsContext),
];

/// Forms that begin with a word.
pub(super) const WORD_FIRST: &[(Form, Certainty)] = &[
    (weekday_first, Certainty::Sure),
    (month_name_day_year, Certainty::Sure),
    (month_name_year, Certainty::Sure),
    (month_name_day, Certainty::Numbers),
    (era, Certainty::Sure),
    (era_letter, Certainty::Sure),
    (chinese_weekday_first, Certainty::Sure),
    (season, Certainty::Sure),
    (calendar_week, Certainty::Sure),
];

/// `20140321`, alone or glued to a time.
fn compact(parser: &mut Parser<'_, '_>) -> Option<()> {
    let token = parser.peek().filter(|token| token.kind == Kind::Number && token.text.is_ascii())?;
    let digits = token.text;
    let clock = digits.get(8..).filter(|clock| matches!(clock.len(), 0 | 4 | 6 | 9..=12))?;
    if !super::values::is_clock(&clock[..clock.len().min(6)]) {
        return None;
    }
    let (year, month, day): (i16, u8, u8) =
        (digits[..4].parse().ok()?, digits[4..6].parse().ok()?, digits[6..8].parse().ok()?);
    if !((1800..2200).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day)) {
        return None;
    }
    for (role, start, end) in [(Role::Year, 0, 4), (Role::Month, 4, 6), (Role::Day, 6, 8)] {
        parser.push(role, token.start + start, token.start + end)?;
    }
    parser.at += 1;
    Some(())
}

/// `2014-03-21`, `2014. 3. 21.`, `2014:03:21`.
fn year_month_day(parser: &mut Parser<'_, '_>) -> Option<()> {
    parser.year()?;
    let sign = parser.sign("-/._: ")?;
    let dotted = sign == '.' && parser.sign(" ").is_some();
    parser.numeric_month()?;
    parser.exactly(sign)?;
    if dotted {
        parser.sign(" ")?;
    }
    parser.day()?;
    let wide = parser.parts().all(|part| part.end - part.start >= 2);
    if sign == ' ' && !wide {
        return None;
    }
    if dotted {
        let _ = parser.sign(".");
    }
    trailing_weekday(parser);
    Some(())
}

/// `2014-21-03`, which nothing but a day over twelve tells from the form above.
fn year_day_month(parser: &mut Parser<'_, '_>) -> Option<()> {
    parser.year()?;
    let sign = parser.sign("-/.")?;
    parser.number(Role::Day, 1..=2, (13, 31))?;
    parser.exactly(sign)?;
    parser.numeric_month()
}

/// `2014年3月21日`, `2014년 3월 21일`, `二〇一四年三月二十一日`, or without the day.
fn ideographs(parser: &mut Parser<'_, '_>) -> Option<()> {
    let numeral = parser.peek()?.kind == Kind::Numeral;
    parser.number(Role::Year, 4..=4, (if numeral { 1000 } else { 1800 }, 2199))?;
    month_and_day_signs(parser)
}

/// From the sign for the year on.
fn month_and_day_signs(parser: &mut Parser<'_, '_>) -> Option<()> {
    parser.blanks();
    parser.word(&["年", "년"])?;
    parser.blanks();
    parser.numeric_month()?;
    parser.blanks();
    parser.word(&["月", "월"])?;
    parser.optional(|parser| {
        parser.blanks();
        parser.day()?;
        parser.optional(|parser| {
            parser.blanks();
            let sign = ["日", "号", "號", "일"].contains(&parser.peek()?.text);
            sign.then(|| parser.take(Role::Fixed))?
        });
        Some(())
    });
    trailing_weekday(parser);
    Some(())
}

/// `(金)`, `金曜日`, `星期五`, `금요일`, `(Fri)` after a date.
fn trailing_weekday(parser: &mut Parser<'_, '_>) {
    parser.optional(|parser| {
        parser.blanks();
        let open = parser.sign("(（").is_some();
        let chinese =
            parser.word(&["星"]).and_then(|()| parser.word(&["期"])).or_else(|| parser.word(&["周"])).is_some();
        let token = parser.peek()?;
        let signs = ["月火水木金土日", "월화수목금토일"].into_iter().find(|signs| signs.contains(token.text));
        match (chinese, signs, weekday(token.text)) {
            (true, ..) if "一二三四五六日".contains(token.text) => {
                parser.take(Role::WeekdaySign("一二三四五六日"))?
            }
            (false, Some(signs), _) => {
                parser.take(Role::WeekdaySign(signs))?;
                let whole = parser.optional(|parser| {
                    matches!(parser.peek()?.text, "曜" | "요").then(|| parser.take(Role::Fixed))??;
                    matches!(parser.peek()?.text, "日" | "일").then(|| parser.take(Role::Fixed))?
                });
                (whole || open).then_some(())?;
            }
            (false, None, Some(named)) if open => parser.take(Role::Weekday(named))?,
            _ => return None,
        }
        if open { parser.sign(")）").map(|_| ()) } else { Some(()) }
    });
}

/// `星期五 2014年3月21日`.
fn chinese_weekday_first(parser: &mut Parser<'_, '_>) -> Option<()> {
    parser.word(&["星"])?;
    parser.word(&["期"])?;
    let known = "一二三四五六日".contains(parser.peek()?.text);
    known.then(|| parser.take(Role::WeekdaySign("一二三四五六日")))??;
    parser.loose(" ,，、");
    parser.first(&[ideographs, year_month_day])
}

/// Between a day and a month's name.
fn before_month_name(parser: &mut Parser<'_, '_>) {
    parser.loose("-–/._ \u{a0}\t,");
    if parser.word(&["of", "de", "di", "del", "d"]).is_some() {
        parser.loose(" '’");
    }
}

/// From a month's name to the year, or to nothing.
fn after_month_name(parser: &mut Parser<'_, '_>) {
    parser.loose("-–/._, \u{a0}\t");
    if parser.word(&["de", "del", "of"]).is_some() {
        parser.blanks();
    }
}

/// `21 March 2014`, `21MAR2014`, `21. März 2014`, `1er février 2014`, `21 de marzo de 2014`.
fn day_month_name_year(parser: &mut Parser<'_, '_>) -> Option<()> {
    parser.day()?;
    parser.ordinal();
    before_month_name(parser);
    if parser.month_first_follows() {
        return None;
    }
    parser.month_name()?;
    after_month_name(parser);
    parser.any_year()
}

/// `12-15 March 2014`, `21.-24. März 2014`.
fn day_range_month_name(parser: &mut Parser<'_, '_>) -> Option<()> {
    parser.number(Role::FirstDay, 1..=2, (1, 31))?;
    parser.ordinal();
    range_sign(parser)?;
    day_month_name_year(parser)
}

fn range_sign(parser: &mut Parser<'_, '_>) -> Option<()> {
    let _ = parser.sign(".");
    parser.blanks();
    if parser.sign("-–—").is_none() {
        parser.word(&["to", "bis", "au", "al", "and", "und", "et"])?;
    }
    parser.blanks();
    Some(())
}

/// `2014-Mar-21`, `2014. március 21.`, `2014MAR21`.
fn year_month_name_day(parser: &mut Parser<'_, '_>) -> Option<()> {
    parser.year()?;
    parser.loose("-/._, ");
    parser.month_name()?;
    parser.loose("-/._, ");
    parser.day()?;
    parser.ordinal();
    parser.optional(|parser| parser.sign(".").map(|_| ()));
    Some(())
}

/// `21.-24.03.2014`, `21.03.-24.03.2014`, `03/14-03/21/2014`.
fn day_range(parser: &mut Parser<'_, '_>) -> Option<()> {
    let mut dotted = *parser;
    let mut with_dots = || {
        dotted.number(Role::FirstDay, 1..=2, (1, 31))?;
        dotted.sign(".")?;
        if dotted.optional(|parser| parser.number(Role::FirstMonth, 1..=2, (1, 12))) {
            dotted.sign(".")?;
        }
        range_sign(&mut dotted)?;
        full_numbers(&mut dotted)
    };
    if with_dots().is_some() {
        *parser = dotted;
        return Some(());
    }
    parser.number(Role::FirstMonth, 1..=2, (1, 12))?;
    parser.sign("/")?;
    parser.number(Role::FirstDay, 1..=2, (1, 31))?;
    range_sign(parser)?;
    parser.numeric_month()?;
    parser.sign("/")?;
    parser.day()?;
    parser.sign("/")?;
    parser.any_year()
}

/// A day and a month in figures before a year: with dots the day is first, otherwise the month, unless it cannot be.
fn figures(parser: &mut Parser<'_, '_>, year: Form) -> Option<()> {
    let orders: [[Form; 2]; 2] = [
        [|parser| parser.day(), |parser| parser.numeric_month()],
        [|parser| parser.numeric_month(), |parser| parser.day()],
    ];
    let dotted = parser.tokens.get(parser.at + 1).is_some_and(|token| token.text == ".");
    let order = if dotted { orders } else { [orders[1], orders[0]] };
    order
        .into_iter()
        .any(|[first, second]| {
            let mut trial = *parser;
            let mut take = || {
                first(&mut trial)?;
                let sign = trial.sign("-/._")?;
                let spaced = sign == '.' && trial.sign(" ").is_some();
                second(&mut trial)?;
                trial.exactly(sign)?;
                if spaced || sign == '.' {
                    let _ = trial.sign(" ");
                }
                year(&mut trial)
            };
            let taken = take().is_some();
            if taken {
                *parser = trial;
            }
            taken
        })
        .then_some(())
}

/// `21.03.2014`, `03/21/2014`, `21. 3. 2014`.
fn full_numbers(parser: &mut Parser<'_, '_>) -> Option<()> {
    figures(parser, |parser| parser.year())
}

/// `21.3.14`, `3/22/14`.
fn short_numbers(parser: &mut Parser<'_, '_>) -> Option<()> {
    figures(parser, |parser| parser.short_year())
}

/// `21 03 2014`.
fn spaced_numbers(parser: &mut Parser<'_, '_>) -> Option<()> {
    let start = *parser;
    let day_first = |parser: &mut Parser<'_, '_>| {
        parser.number(Role::Day, 2..=2, (1, 31))?;
        parser.sign(" ")?;
        parser.number(Role::Month, 2..=2, (1, 12))?;
        parser.sign(" ")?;
        parser.year()
    };
    (parser.optional(day_first) && start.peek()?.kind == Kind::Number).then_some(())
}

/// `2014-W12-5`, `2014W125`, `2014-W12`.
fn iso_week(parser: &mut Parser<'_, '_>) -> Option<()> {
    parser.year()?;
    let dashed = parser.sign("-").is_some();
    parser.word(&["W"])?;
    let token = parser.peek().filter(|token| token.kind == Kind::Number && token.text.is_ascii())?;
    let week = token.text.get(..2)?;
    if !("01"..="53").contains(&week) {
        return None;
    }
    parser.push(Role::IsoWeek, token.start, token.start + 2)?;
    match token.text.len() {
        2 => {
            parser.at += 1;
            parser.optional(|parser| {
                dashed.then(|| parser.sign("-"))??;
                parser.number(Role::IsoWeekday, 1..=1, (1, 7))
            });
            Some(())
        }
        3 if !dashed && ("1"..="7").contains(&&token.text[2..]) => {
            parser.push(Role::IsoWeekday, token.start + 2, token.start + 3)?;
            parser.at += 1;
            Some(())
        }
        _ => None,
    }
}

/// `21.III.2014`, `21 III 2014`.
fn roman(parser: &mut Parser<'_, '_>) -> Option<()> {
    parser.day()?;
    parser.loose("-/. ");
    let token = parser.peek().filter(|token| token.kind == Kind::Word)?;
    ROMAN.contains(&token.text).then(|| parser.take(Role::RomanMonth))??;
    let spaced = parser.peek()?.text == " ";
    parser.sign("-/. ")?;
    if spaced { parser.year() } else { parser.any_year() }
}

/// `21 March`, `21. März`.
fn day_month_name(parser: &mut Parser<'_, '_>) -> Option<()> {
    parser.day()?;
    parser.ordinal();
    parser.loose("-. ");
    if parser.word(&["of", "de", "di"]).is_some() {
        parser.blanks();
    }
    if parser.month_first_follows() { None } else { parser.clear_month_name() }
}

/// `03/2014`, `2014-03`, `03.2014`.
fn month_and_year(parser: &mut Parser<'_, '_>) -> Option<()> {
    let mut trial = *parser;
    let mut year_first = || {
        trial.year()?;
        trial.sign("-/")?;
        trial.number(Role::Month, 2..=2, (1, 12))
    };
    if year_first().is_some() {
        *parser = trial;
        return Some(());
    }
    let width = parser.peek()?.width();
    parser.numeric_month()?;
    let sign = parser.sign("-/.")?;
    (sign == '/' || width == 2).then_some(())?;
    parser.number(Role::Year, 4..=4, (1900, 2099))
}

/// `1Q2014`, `1Q14`.
fn quarter(parser: &mut Parser<'_, '_>) -> Option<()> {
    parser.number(Role::Unshifted, 1..=1, (1, 4))?;
    parser.word(&["Q"])?;
    parser.loose(" /-'’");
    parser.number(Role::Unshifted, 4..=4, (1900, 2099))
}

/// `3/14`, `14.3.`: only after a word that asks for a date.
fn two_numbers(parser: &mut Parser<'_, '_>) -> Option<()> {
    if parser.optional(|parser| {
        parser.day()?;
        parser.sign(".")?;
        parser.blanks();
        parser.numeric_month()?;
        parser.sign(".").map(|_| ())
    }) {
        return Some(());
    }
    let mut either_order = |first: Role, second: Role, most: (i16, i16)| {
        parser.optional(|parser| {
            parser.number(first, 1..=2, (1, most.0))?;
            parser.sign("/")?;
            parser.number(second, 1..=2, (1, most.1))
        })
    };
    (either_order(Role::Month, Role::Day, (12, 31)) || either_order(Role::Day, Role::Month, (31, 12))).then_some(())
}

/// `2014-080`: a day of the year, after a word that says so.
fn ordinal_day(parser: &mut Parser<'_, '_>) -> Option<()> {
    parser.year()?;
    parser.sign("-/")?;
    parser.number(Role::Unshifted, 3..=3, (1, 366))
}

/// `March 21st, 2014`, `March 3-7, 2014`, `Mar 21 10:15:00 CET 2014`.
fn month_name_day_year(parser: &mut Parser<'_, '_>) -> Option<()> {
    parser.month_name()?;
    parser.loose("-/._ \u{a0}\t");
    let mut range = *parser;
    let mut first_day = || {
        range.number(Role::FirstDay, 1..=2, (1, 31))?;
        range.ordinal();
        range_sign(&mut range)?;
        range.day()
    };
    if first_day().is_some() {
        *parser = range;
    } else {
        parser.day()?;
    }
    parser.ordinal();
    if parser.optional(clock_and_year) {
        return Some(());
    }
    let parted = parser.sign("-/._, \u{a0}\t").is_some();
    parser.loose("-/._, \u{a0}\t");
    if parser.word(&["de", "del", "of"]).is_some() {
        parser.blanks();
    }
    parted.then(|| parser.any_year())?
}

/// ` 10:15:00 CET 2014`.
fn clock_and_year(parser: &mut Parser<'_, '_>) -> Option<()> {
    parser.blanks();
    for sign in [":", ":", ""] {
        let token = parser.peek().filter(|token| token.kind == Kind::Number && token.width() == 2)?;
        (token.text <= "60").then(|| parser.at += 1)?;
        if !sign.is_empty() {
            parser.sign(sign)?;
        }
    }
    parser.blanks();
    if parser.peek()?.kind == Kind::Word && parser.peek()?.text.len() <= 5 {
        parser.at += 1;
        parser.blanks();
    }
    parser.year()
}

/// `March 2014`, `Mar-2014`, `März '14`.
fn month_name_year(parser: &mut Parser<'_, '_>) -> Option<()> {
    parser.clear_month_name()?;
    after_month_name(parser);
    let quoted = parser.peek()?.kind == Kind::Sign;
    if quoted { parser.short_year() } else { parser.year() }
}

/// `March 21`, `Mar 21st`.
fn month_name_day(parser: &mut Parser<'_, '_>) -> Option<()> {
    parser.clear_month_name()?;
    let parted = parser.sign(" .-").is_some();
    parser.loose(" .");
    parted.then(|| parser.day())??;
    parser.ordinal();
    Some(())
}

/// A day of the week and the date it belongs to.
fn weekday_first(parser: &mut Parser<'_, '_>) -> Option<()> {
    let token = parser.peek()?;
    let named = weekday(token.text)?;
    parser.take(Role::Weekday(named))?;
    // Two letters are a day only with a capital, and most are words besides.
    let marked = parser.peek().is_some_and(|next| matches!(next.text, "." | ","));
    let capital = token.text.starts_with(char::is_uppercase);
    if named.style == Style::Short && !marked && (!capital || WEEKDAYS_THAT_ARE_WORDS.contains(&token.text)) {
        return None;
    }
    parser.optional(|parser| {
        parser.sign("-")?;
        parser.word(&["feira"])
    });
    parser.loose(" .,\u{a0}");
    if parser.word(&["the", "den", "le", "el", "il", "dia", "d"]).is_some() {
        parser.loose(" .");
    }
    let dates: [Form; 9] = [
        day_month_name_year,
        month_name_day_year,
        full_numbers,
        year_month_day,
        short_numbers,
        roman,
        day_month_name,
        month_name_day,
        compact,
    ];
    // A short name that is a word too needs a whole date behind it.
    let n_dates = if named.style == Style::Short { 6 } else { dates.len() };
    parser.first(&dates[..n_dates])
}

/// `平成26年3月21日`, `令和元年5月1日`.
fn era(parser: &mut Parser<'_, '_>) -> Option<()> {
    let (first, second) = (parser.peek()?, parser.tokens.get(parser.at + 1)?);
    let known = ERAS.iter().any(|(name, ..)| {
        let mut signs = name.chars();
        signs.next().is_some_and(|sign| first.text.starts_with(sign)) && signs.as_str() == second.text
    });
    known.then(|| parser.push(Role::Era, first.start, second.end()))??;
    parser.at += 2;
    if parser.peek()?.text == "元" {
        parser.take(Role::EraYear)?;
    } else {
        parser.number(Role::EraYear, 1..=2, (1, 64))?;
    }
    month_and_day_signs(parser)
}

/// `H26.3.21`.
fn era_letter(parser: &mut Parser<'_, '_>) -> Option<()> {
    matches!(parser.peek()?.text, "H" | "S" | "R").then(|| parser.take(Role::Era))??;
    let _ = parser.sign(".");
    parser.number(Role::EraYear, 1..=2, (1, 64))?;
    let sign = parser.sign("./-")?;
    parser.numeric_month()?;
    parser.exactly(sign)?;
    parser.day()
}

/// `spring 2014`.
fn season(parser: &mut Parser<'_, '_>) -> Option<()> {
    let lower = parser.peek()?.text.to_lowercase();
    let quarter = matches!(lower.as_str(), "q");
    (quarter || SEASONS.contains(&lower.as_str())).then(|| parser.take(Role::Unshifted))??;
    if quarter {
        parser.number(Role::Unshifted, 1..=1, (1, 4))?;
    }
    parser.loose(" ,/-'’");
    parser.number(Role::Unshifted, 4..=4, (1900, 2099))
}

/// `KW 12/2014`, `week 12, 2014`.
fn calendar_week(parser: &mut Parser<'_, '_>) -> Option<()> {
    let start = parser.at;
    parser.word(&["KW", "CW", "wk", "week", "semaine", "semana", "settimana", "vecka", "uge"])?;
    parser.at = start;
    parser.take(Role::Unshifted)?;
    parser.loose(" .");
    parser.number(Role::Unshifted, 1..=2, (1, 53))?;
    parser.loose(" ,/-");
    parser.word(&["of"]);
    parser.loose(" ");
    parser.number(Role::Unshifted, 4..=4, (1900, 2099))
}

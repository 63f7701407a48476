//! A place among tokens that takes them one after another and says what each is of a date. `forms` has the orders in
//! which dates are written.

use super::languages::{Named, month};
use super::tokens::{Kind, Token};

/// What a part of a date says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Year,
    Month,
    Day,
    /// The first day, or the first day and month, of a range that ends with the date.
    FirstDay,
    FirstMonth,
    MonthName(Named),
    RomanMonth,
    /// `st`, `nd`, `rd`, `th`, or the French `er`.
    Suffix,
    Weekday(Named),
    /// A day of the week in one character, from a list of seven.
    WeekdaySign(&'static str),
    /// A Japanese era and the year in it.
    Era,
    EraYear,
    IsoWeek,
    IsoWeekday,
    /// Quarters, seasons, weeks of a calendar without a day: finer than a year and never shifted.
    Unshifted,
    /// A sign that belongs to the date and stays as it is.
    Fixed,
}

/// A part of a date: what it says, and its bytes in the text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    pub(super) role: Role,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// No form has more parts.
const MAX_PARTS: usize = 10;

/// A place among tokens, and the parts taken so far.
#[derive(Clone, Copy)]
pub(super) struct Parser<'t, 'a> {
    pub(super) tokens: &'t [Token<'a>],
    pub(super) at: usize,
    parts: [Option<Part>; MAX_PARTS],
    n_parts: usize,
}

/// Takes its tokens and names their parts, or takes nothing.
pub(super) type Form = for<'p, 't, 'a> fn(&'p mut Parser<'t, 'a>) -> Option<()>;

/// What holds of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Certainty {
    /// Nothing else looks like it.
    Sure,
    /// Numbers that may be something else: technical words beside them say so.
    Numbers,
    /// A date only after a word that asks for one.
    NeedsContext,
}

pub(super) const ROMAN: [&str; 12] = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"];
pub(super) const ERAS: [(&str, &str, i16); 5] =
    [("令和", "R", 2018), ("平成", "H", 1988), ("昭和", "S", 1925), ("大正", "T", 1911), ("明治", "M", 1867)];

/// Short names that are words or abbreviations of something else: they count only between a day and a year.
const WORDS_TOO: &[&str] = &[
    "set", "out", "ago", "mag", "lip", "led", "ara", "gen", "lug", "eki", "oca", "kas", "per", "ma", "di", "do", "lis",
    "sty", "kwi", "lut", "pro", "tra", "may", "march", "mar", "dec", "des", "noi", "nis", "tem", "haz", "mei",
];

impl<'t, 'a> Parser<'t, 'a> {
    pub(super) const fn new(tokens: &'t [Token<'a>], at: usize) -> Self {
        Self { tokens, at, parts: [None; MAX_PARTS], n_parts: 0 }
    }

    pub(super) fn parts(&self) -> impl Iterator<Item = Part> + '_ {
        self.parts[..self.n_parts].iter().flatten().copied()
    }

    pub(super) fn peek(&self) -> Option<&'t Token<'a>> {
        self.tokens.get(self.at)
    }

    /// Takes the token as a part.
    pub(super) fn take(&mut self, role: Role) -> Option<()> {
        let token = self.peek()?;
        self.push(role, token.start, token.end())?;
        self.at += 1;
        Some(())
    }

    pub(super) fn push(&mut self, role: Role, start: usize, end: usize) -> Option<()> {
        *self.parts.get_mut(self.n_parts)? = Some(Part { role, start, end });
        self.n_parts += 1;
        Some(())
    }

    /// Takes a number of so many digits in a range.
    pub(super) fn number(
        &mut self,
        role: Role,
        widths: std::ops::RangeInclusive<usize>,
        values: (i16, i16),
    ) -> Option<()> {
        let token = self.peek()?;
        let numeral = token.kind == Kind::Numeral;
        let fits = (token.kind == Kind::Number && widths.contains(&token.width())) || numeral;
        let value = fits.then(|| token.value()).flatten()?;
        (values.0 <= value && value <= values.1).then(|| self.take(role))?
    }

    pub(super) fn day(&mut self) -> Option<()> {
        self.number(Role::Day, 1..=2, (1, 31))
    }

    pub(super) fn numeric_month(&mut self) -> Option<()> {
        self.number(Role::Month, 1..=2, (1, 12))
    }

    pub(super) fn year(&mut self) -> Option<()> {
        self.number(Role::Year, 4..=4, (1800, 2199))
    }

    pub(super) fn short_year(&mut self) -> Option<()> {
        self.optional(|parser| parser.sign("'’").map(|_| ()));
        (self.peek()?.kind == Kind::Number).then(|| self.number(Role::Year, 2..=2, (0, 99)))?
    }

    pub(super) fn any_year(&mut self) -> Option<()> {
        self.optional(Self::year).then_some(()).or_else(|| self.short_year())
    }

    /// Takes one of some signs.
    pub(super) fn sign(&mut self, signs: &str) -> Option<char> {
        let token = self.peek().filter(|token| token.kind == Kind::Sign)?;
        let sign = token.text.chars().next().filter(|sign| signs.contains(*sign))?;
        self.at += 1;
        Some(sign)
    }

    /// Takes a sign again.
    pub(super) fn exactly(&mut self, sign: char) -> Option<()> {
        let same = self.peek().is_some_and(|token| token.kind == Kind::Sign && token.text.starts_with(sign));
        same.then(|| self.at += 1)
    }

    pub(super) fn blanks(&mut self) {
        for _ in 0..2 {
            let _ = self.sign(" \u{a0}\t");
        }
    }

    /// Takes any of the signs that stand between parts of a date, at most three.
    pub(super) fn loose(&mut self, signs: &str) {
        for _ in 0..3 {
            if self.sign(signs).is_none() {
                break;
            }
        }
    }

    /// Takes one of some words.
    pub(super) fn word(&mut self, words: &[&str]) -> Option<()> {
        let token = self.peek().filter(|token| token.kind == Kind::Word)?;
        words.iter().any(|word| word.eq_ignore_ascii_case(token.text)).then(|| self.at += 1)
    }

    /// Takes what a form takes, or nothing.
    pub(super) fn optional(&mut self, form: impl Fn(&mut Self) -> Option<()>) -> bool {
        let mut trial = *self;
        let taken = form(&mut trial).is_some();
        if taken {
            *self = trial;
        }
        taken
    }

    pub(super) fn first(&mut self, forms: &[Form]) -> Option<()> {
        forms.iter().any(|form| self.optional(|parser| form(parser))).then_some(())
    }

    pub(super) fn month_name(&mut self) -> Option<Named> {
        let token = self.peek().filter(|token| token.kind == Kind::Word)?;
        let named = month(token.text)?;
        self.take(Role::MonthName(named))?;
        Some(named)
    }

    /// Whether the token at a place is one of the names that are words too.
    pub(super) fn is_word_too(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| {
            let english = matches!(token.text, "May" | "MAY" | "March" | "MARCH" | "Mar" | "MAR" | "Dec" | "DEC");
            !english && WORDS_TOO.iter().any(|word| word.eq_ignore_ascii_case(token.text))
        })
    }

    /// A name that can only be a month's, or one with a capital.
    pub(super) fn clear_month_name(&mut self) -> Option<()> {
        let at = self.at;
        self.month_name().filter(|_| !self.is_word_too(at)).map(|_| ())
    }

    /// Whether a whole date begins here, as in `Gleason 3+4 March 21, 2014`: a number before it is no day.
    pub(super) fn month_first_follows(mut self) -> bool {
        let mut whole = || {
            self.clear_month_name()?;
            self.blanks();
            self.day()?;
            self.ordinal();
            self.sign(",")?;
            self.blanks();
            self.year()
        };
        whole().is_some()
    }

    /// `st`, `nd`, `rd`, `th` after a digit, `er`, or the sign º.
    pub(super) fn ordinal(&mut self) {
        self.optional(|parser| {
            let token = parser.peek().filter(|token| token.kind == Kind::Word)?;
            let lower = token.text.to_ascii_lowercase();
            match lower.as_str() {
                "st" | "nd" | "rd" | "th" | "er" => parser.take(Role::Suffix),
                "º" | "ª" | "e" => {
                    parser.at += 1;
                    Some(())
                }
                _ => None,
            }
        });
    }
}

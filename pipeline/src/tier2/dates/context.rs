//! Whether numbers that look like a date are one, by what stands beside them.

use super::needs_no_context;
use super::parser::Certainty;
use super::tokens::{Kind, Token};

/// Words before numbers that are a technique, a version or a count.
const TECHNICAL: &[&str] = &[
    "v",
    "ver",
    "vers",
    "version",
    "versions",
    "rev",
    "revision",
    "release",
    "build",
    "sw",
    "software",
    "firmware",
    "fw",
    "patch",
    "vb",
    "va",
    "vd",
    "tr",
    "te",
    "ti",
    "fa",
    "fov",
    "dfov",
    "matrix",
    "ratio",
    "dose",
    "doses",
    "ww",
    "wl",
    "segment",
    "segments",
    "level",
    "levels",
    "zone",
    "zones",
    "b",
    "kernel",
    "flip",
    "phase",
    "series",
    "se",
    "im",
    "image",
    "slice",
    "score",
    "grade",
    "gleason",
    "bp",
    "lot",
    "window",
    "w",
    "l",
    "c",
    "t",
    "s",
    "th",
    "r",
    "gy",
    "fraction",
    "fractions",
    "fx",
    "scale",
    "angle",
    "gantry",
    "couch",
    "table",
    "isocenter",
];

/// Units and counted things behind numbers.
const UNITS: &[&str] = &[
    "mm", "cm", "m", "ms", "msec", "s", "sec", "min", "h", "ml", "cc", "l", "mg", "mcg", "ug", "g", "kg", "gy", "mgy",
    "cgy", "hu", "kv", "kvp", "mas", "ma", "hz", "khz", "mhz", "t", "deg", "degree", "degrees", "bpm", "mmhg", "fr",
    "ga", "weeks", "months", "years", "days", "hours", "nodes", "node", "cores", "positive", "lymph", "lp", "dpi",
    "px", "x", "mci", "mbq", "dose", "doses", "tablet", "tablets", "of", "nodules", "lesions", "lobes", "segments",
    "strength", "murmur", "pain", "views", "view", "phase", "images", "slices", "ratio",
];

/// Words before which two numbers are a day and a month.
const ASKS_FOR_A_DATE: &[&str] = &[
    "on", "dated", "date", "dob", "born", "since", "until", "till", "am", "vom", "seit", "bis", "le", "du", "depuis",
    "el", "del", "desde", "dal", "em", "dd", "op", "den", "geb", "prior", "visit", "exam",
];

const ASKS_FOR_A_DAY: &[&str] = &["day", "doy", "julian", "ordinal", "jd"];

/// Whether the tokens from `start` to `end` may be a date of a certainty where they stand.
pub(super) fn allows(tokens: &[Token<'_>], start: usize, end: usize, certainty: Certainty) -> bool {
    if needs_no_context(certainty) {
        return !is_fraction(tokens, start);
    }
    let before = word_before(tokens, start);
    let is_any = |words: &[&str]| before.is_some_and(|word| words.iter().any(|known| known.eq_ignore_ascii_case(word)));
    if continues_numbers(tokens, start, end) || is_counted(tokens, end) || is_verb(tokens, end) {
        return false;
    }
    match certainty {
        Certainty::NeedsContext => {
            let long = tokens[start].width() == 4;
            is_any(if long { ASKS_FOR_A_DAY } else { ASKS_FOR_A_DATE })
        }
        _ => !is_any(TECHNICAL) && !glued_to_letters(tokens, start),
    }
}

/// Digits behind `0.` are a fraction, whatever they look like.
fn is_fraction(tokens: &[Token<'_>], start: usize) -> bool {
    let text = |back: usize| start.checked_sub(back).map(|at| tokens[at].text);
    text(1) == Some(".") && text(2).is_some_and(|digits| digits.bytes().all(|digit| digit == b'0'))
}

/// The word before numbers, over blanks and signs.
fn word_before<'a>(tokens: &[Token<'a>], start: usize) -> Option<&'a str> {
    let signs = |token: &&Token<'_>| token.kind == Kind::Sign && " :=#.-/\u{a0}(".contains(token.text);
    let n_signs = tokens[..start].iter().rev().take_while(signs).take(4).count();
    let at = start.checked_sub(n_signs + 1)?;
    (tokens[at].kind == Kind::Word).then(|| tokens[at].text)
}

/// Whether further numbers are joined on either side, as in a version or an identifier.
fn continues_numbers(tokens: &[Token<'_>], start: usize, end: usize) -> bool {
    let joins = |token: Option<&Token<'_>>| token.is_some_and(|token| ".-/:,\\".contains(token.text));
    let number = |token: Option<&Token<'_>>| token.is_some_and(|token| token.kind == Kind::Number);
    let token = |at: Option<usize>| at.and_then(|at| tokens.get(at));
    let before = joins(token(start.checked_sub(1))) && number(token(start.checked_sub(2)));
    let after = joins(tokens.get(end)) && number(tokens.get(end + 1));
    before || after || number(tokens.get(end))
}

/// Whether a unit or a counted thing follows.
fn is_counted(tokens: &[Token<'_>], end: usize) -> bool {
    let Some(next) = tokens.get(end) else { return false };
    let next = if matches!(next.text, " " | "\u{a0}" | "-") { tokens.get(end + 1) } else { Some(next) };
    next.is_some_and(|next| {
        matches!(next.text, "%" | "°") || UNITS.iter().any(|unit| unit.eq_ignore_ascii_case(next.text))
    })
}

/// Whether the last word is `MAY` and another word follows it: a verb.
fn is_verb(tokens: &[Token<'_>], end: usize) -> bool {
    let last = end.checked_sub(1).and_then(|at| tokens.get(at));
    last.is_some_and(|last| last.text.eq_ignore_ascii_case("may"))
        && tokens.get(end).is_some_and(|blank| blank.text == " ")
        && tokens.get(end + 1).is_some_and(|next| next.kind == Kind::Word)
}

/// Whether one or two letters are glued before the numbers, as in `C5/6` or `T10/11/12`.
fn glued_to_letters(tokens: &[Token<'_>], start: usize) -> bool {
    tokens[start].kind != Kind::Word
        && start.checked_sub(1).is_some_and(|at| tokens[at].kind == Kind::Word && tokens[at].text.len() <= 2)
}

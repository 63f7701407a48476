//! Days that have a name: finer than a year, so a date (45 CFR 164.514(b)(2)(i)(C)).

use super::engine::{Candidate, Recognizer, pattern};
use efface_schema::PhiLabel;

pub(super) const RECOGNIZERS: &[Recognizer] = &[pattern(
    "date",
    PhiLabel::Date,
    0.9,
    r"(?i)\b(?P<v>(?:new year['’]?s?(?: eve| day)|halloween|labou?r day|memorial day|independence day|veterans['’]? day|thanksgiving(?: day)?|christmas(?: eve| day)?|boxing day|good friday|easter (?:sunday|monday)|bastille day|mother['’]?s day|father['’]?s day|valentine['’]?s day|silvester|heiligabend|rosenmontag|ostermontag|pfingstmontag|nochebuena|nochevieja|réveillon|ferragosto|capodanno|hanukkah|diwali|yom kippur|rosh hashanah|eid al-(?:fitr|adha))(?:,? (?:19|20)\d{2})?)\b",
)
.words(&[
    "new year", "halloween", "labor day", "labour day", "memorial day", "independence day", "veterans", "thanksgiving",
    "christmas", "boxing day", "good friday", "easter", "bastille", "mother", "father", "valentine", "silvester",
    "heiligabend", "rosenmontag", "ostermontag", "pfingstmontag", "nochebuena", "nochevieja", "réveillon", "ferragosto",
    "capodanno", "hanukkah", "diwali", "yom kippur", "rosh hashanah", "eid al",
])
.when(is_day)];

/// Whether the words name the day, and not what is called after it: Christmas disease, a Christmas tree deformity.
fn is_day(candidate: &Candidate<'_>) -> bool {
    const THINGS: [&str; 5] = ["tree", "disease", "factor", "island", "table"];
    let next = candidate.text[candidate.end..].trim_start().split(|sign: char| !sign.is_alphabetic()).next();
    !next.is_some_and(|word| THINGS.contains(&word.to_lowercase().as_str()))
}

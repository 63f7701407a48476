//! Ages over 89, in figures and words.

use super::context::is_measured;
use super::engine::{Recognizer, pattern};
use efface_schema::PhiLabel;

pub(super) const RECOGNIZERS: &[Recognizer] = &[
    pattern(
        "age-over-89",
        PhiLabel::AgeOver89,
        0.95,
        r"(?i)\b(?P<v>0?(?:9\d|1[0-2]\d)[\s-]*(?:years?[\s-]*old|yrs?(?:[\s-]*old)?|y[\s./]?o\b|years? of age|y\b|years?\b|jahre?n?\b|jähr\w+|ans\b|años?\b|anni\b|anos?\b|jaar\b|jarige?\b|år\b|årig\w*|vuotias\b|vuotta\b|letni\w*|lat\b|roků\b|éves\b|ani\b|yaşında\w*|лет\b|ετών\b))",
    )
    .digits(2)
    .words(&[
        "y", "jahr", "jähr", "ans", "años", "año", "anni", "anos", "ano", "jaar", "jarig", "år", "vuot", "letni", "lat", "roků",
        "éves", "ani", "yaş", "лет", "ετών",
    ])
    .when(|candidate| !candidate.value().trim_end().ends_with("lat") && !is_a_course(candidate.text, candidate.start)),
    pattern("age-over-89", PhiLabel::AgeOver89, 0.95, r"(?:^|[^\d.])(?P<v>(?:9\d|1[0-2]\d)\s?(?:歳|才|岁|歲|세|살))")
        .digits(2)
        .words(&["歳", "才", "岁", "歲", "세", "살"]),
    pattern(
        "age-over-89",
        PhiLabel::AgeOver89,
        0.95,
        r"(?i)\b(?:age|aged|alter|âge|âgé|âgée|edad|età|idade|leeftijd|ålder|alder|ikä|wiek|věk|возраст|nonagenarian|centenarian)\b[\s:=]{1,3}(?:of\s|is\s)?(?P<v>(?:age\s)?0?(?:9\d|1[0-2]\d)Y?)\b",
    )
    .digits(2)
    .words(&[
        "age", "alter", "âge", "âgé", "edad", "età", "idade", "leeftijd", "ålder", "alder", "ikä", "wiek", "věk",
        "возраст", "nonagenarian", "centenarian",
    ])
    .when(|candidate| !is_measured(candidate) || candidate.text[candidate.end..].trim_start().starts_with(['y', 'Y'])),
    pattern(
        "age-over-89",
        PhiLabel::AgeOver89,
        0.9,
        r"(?i)\b(?:aged?|patient is|is)\s+(?P<v>ninety(?:[\s-](?:one|two|three|four|five|six|seven|eight|nine))?|(?:one|a) hundred(?:[\s-](?:and[\s-])?(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen))?)\b|\b(?P<w>ninety(?:[\s-](?:one|two|three|four|five|six|seven|eight|nine))?|(?:one|a) hundred(?:[\s-](?:and[\s-])?(?:one|two|three|four|five|six|seven|eight|nine|ten))?)[\s-]*(?:years?|yrs?|y[\s./]?o\b)",
    )
    .words(&["ninety", "hundred"]),
    pattern(
        "age-over-89",
        PhiLabel::AgeOver89,
        0.9,
        r"(?i)\b(?P<v>(?:ein|zwei|drei|vier|fünf|sechs|sieben|acht|neun)?(?:und)?neunzig(?:jährig\w*|\s+jahre)|quatre-vingt-(?:dix|onze|douze|treize|quatorze|quinze|seize)(?:-(?:sept|huit|neuf))?\s+ans|noventa(?:\s(?:y|e)\s\pL+)?\s+a(?:ñ|n)os|novant\pL*\s+anni|negentig\s+jaar)",
    )
    .words(&["neunzig", "quatre", "novant", "noventa", "negentig"]),
];

/// A course or an interval in years, as in `smoked for 95 years`, is nobody's age; `pack` before `years` is not matched.
fn is_a_course(text: &str, start: usize) -> bool {
    let word = super::context::word_before(text, start);
    ["over", "past", "last", "next", "every", "within"].iter().any(|known| known.eq_ignore_ascii_case(word))
}

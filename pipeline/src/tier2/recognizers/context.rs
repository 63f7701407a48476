//! What stands beside a match.

use super::engine::Candidate;

/// Units behind numbers that are measurements.
const UNITS: &[&str] = &[
    "mm", "cm", "m", "ms", "msec", "s", "sec", "min", "h", "ml", "cc", "l", "mg", "mcg", "ug", "g", "kg", "gy", "mgy",
    "cgy", "hu", "kv", "kvp", "mas", "ma", "hz", "khz", "mhz", "t", "deg", "bpm", "mmhg", "fr", "ga", "mbq", "gbq",
    "mci", "kpa", "db", "dpi", "px", "fps", "mmol", "iu", "u", "mhu", "kev", "mev", "rpm", "weeks", "months", "years",
    "days", "hours", "minutes", "slices", "images", "views", "view", "phases", "leaf", "h.u.",
];

/// Names of coding schemes: the number beside one is a code.
const SCHEMES: &[&str] = &[
    "snomed", "snomedct", "sct", "srt", "loinc", "ln", "radlex", "rid", "rpid", "cpt", "icd", "icd9", "icd10", "dcm",
    "umls", "cui", "ucum", "hcpcs", "fma", "neu", "rxnorm", "mesh", "ndc", "dx", "code", "ct", "oid", "acr", "bi",
];
/// A scheme that is also a modality or a word counts only beside `SNOMED`.
const WEAK_SCHEMES: &[&str] = &["ct", "code", "ln", "bi", "acr", "ndc"];

/// Words before numbers that are a version of something.
const VERSIONED: &[&str] = &[
    "v", "ver", "vers", "version", "versions", "rev", "revision", "release", "build", "sw", "software", "firmware",
    "fw", "patch", "app", "driver", "os", "kernel", "syngo",
];

fn is_one_of(word: &str, known: &[&str]) -> bool {
    known.iter().any(|known| known.eq_ignore_ascii_case(word))
}

/// No context is looked for farther away than this many bytes.
const NEAR: usize = 64;

/// What stands closely before a place.
fn near_before(text: &str, at: usize) -> &str {
    &text[text.ceil_char_boundary(at.saturating_sub(NEAR))..at]
}

/// What stands closely behind a place.
fn near_after(text: &str, at: usize) -> &str {
    &text[at..text.floor_char_boundary(at.saturating_add(NEAR))]
}

/// The word that ends before a place, over at most four signs.
pub(super) fn word_before(text: &str, at: usize) -> &str {
    let before = near_before(text, at);
    let trimmed = before.trim_end_matches(|sign: char| !sign.is_alphanumeric());
    if before.len() - trimmed.len() > 4 {
        return "";
    }
    let start = trimmed
        .rfind(|sign: char| !sign.is_alphanumeric())
        .map_or(0, |found| found + trimmed[found..].chars().next().map_or(1, char::len_utf8));
    &trimmed[start..]
}

/// The word that begins behind a place, over at most three signs.
pub(super) fn word_after(text: &str, at: usize) -> &str {
    let after = near_after(text, at);
    let trimmed = after.trim_start_matches([' ', '-', ',', '"', ')', '\u{a0}']);
    if after.len() - trimmed.len() > 3 {
        return "";
    }
    let end = trimmed.find(|sign: char| !sign.is_alphanumeric()).unwrap_or(trimmed.len());
    &trimmed[..end]
}

/// Whether a unit follows.
pub(super) fn is_measured(candidate: &Candidate<'_>) -> bool {
    let after = near_after(candidate.text, candidate.end).trim_start_matches([' ', '\u{a0}']);
    after.starts_with(['%', '°', '‰']) || is_one_of(word_after(candidate.text, candidate.end), UNITS)
}

/// Whether a value is a decimal fraction, such as `4.2`.
fn is_decimal(value: &str) -> bool {
    let Some((whole, fraction)) = value.split_once(['.', ',']) else { return false };
    let digits = |part: &str, most: usize| (1..=most).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    digits(whole, 3) && digits(fraction, 2)
}

/// A value behind a keyword that is no measurement.
pub(super) fn is_no_measurement(candidate: &Candidate<'_>) -> bool {
    !is_measured(candidate) && !is_decimal(candidate.value())
}

/// Whether a number is a code of a scheme that is named beside it.
pub(super) fn is_coded(candidate: &Candidate<'_>) -> bool {
    // Letters glued before the number belong to the code: C0040405.
    let glued = near_before(candidate.text, candidate.start).trim_end_matches(|sign: char| sign.is_ascii_alphabetic());
    let before = word_before(glued, glued.len());
    let two_before = word_before(glued, glued.rfind(before).unwrap_or(0));
    let after = word_after(candidate.text, candidate.end);
    let strong = |word: &str| is_one_of(word, SCHEMES) && !is_one_of(word, WEAK_SCHEMES);
    strong(before) || (is_one_of(before, WEAK_SCHEMES) && strong(two_before)) || strong(after)
}

/// Whether numbers with dots are a version, by the word before them or glued to them.
pub(super) fn is_version(candidate: &Candidate<'_>) -> bool {
    is_one_of(word_before(candidate.text, candidate.start), VERSIONED)
}

/// The number at the end of a match, as a match of its own.
pub(super) fn last_number<'a>(candidate: &Candidate<'a>) -> Candidate<'a> {
    let value = candidate.value();
    let start = value
        .rfind(|sign: char| !sign.is_ascii_digit() && sign != '-')
        .map_or(0, |found| found + value[found..].chars().next().map_or(1, char::len_utf8));
    Candidate { text: candidate.text, start: candidate.start + start, end: candidate.end }
}

//! Words of images that identify nobody.
//!
//! A word is harmless only if it is in the list or is a measurement; everything else stays unknown. The list is the
//! `image` part of `data/vocabulary.txt`.

use regex::Regex;
use std::collections::BTreeSet;
use std::sync::LazyLock;

static WORDS: LazyLock<BTreeSet<String>> =
    LazyLock::new(|| crate::tier2::guard::image_words().map(str::to_uppercase).collect());

/// Captions of what is about a person, who may be told without a gap.
const CAPTIONS: [&str; 18] = [
    "ID",
    "DOB",
    "MRN",
    "ACC",
    "ACCESSION",
    "AGE",
    "DATE",
    "BIRTH",
    "BORN",
    "TECH",
    "PATIENT",
    "NAME",
    "STUDY",
    "EXAM",
    "SEX",
    "PHYSICIAN",
    "OPERATOR",
    "ROOM",
];

/// Captions that are names or words of other kinds, too, and captions only with a sign behind them: `Pat:`, `Op.`.
const PUNCTUATED_CAPTIONS: [&str; 10] = ["PAT", "OP", "REF", "REQ", "ORD", "PHYS", "VISIT", "WARD", "ROOM", "TIME"];

/// A number with a unit or a factor, or a technique's word joined to a number: `12.5cm`, `1.3`, `TE:14`, `x2`, `512x512`.
///
/// Numbers alone have at most three digits before the point, so no year, record number or date is among them.
static MEASUREMENT: LazyLock<Regex> = LazyLock::new(|| {
    let unit = "mm|cm|m|kvp?|mas?|ms|msec|s|sec|min|hz|khz|mhz|db|fps|bpm|ml|mgy|gy|deg|kg|g|t|px|%|mm/s|cm/s|m/s|hu|°";
    let number = r"[+-]?(?:\d{1,3}(?:[.,]\d{1,3})?|[.,]\d{1,3})";
    let pattern = format!(
        r"(?xi)^(?:
            {number}\s*(?:{unit})                         # with a unit, which may follow four digits in the next line
          | \d{{4}}(?:ms|hu|hz|m/s|cm/s)
          | [+-]?\d{{1,3}}[.,]\d{{1,3}}                   # a decimal
          | \d{{1,4}}\s*[x*]\s*\d{{1,4}}(?:\s*[x*]\s*\d{{1,4}})?   # a matrix
          | x\d{{1,2}}(?:\.\d)?                           # a zoom
          | \d{{1,3}}/\d{{1,3}}(?:hz|mm)                  # a ratio with a unit
          | [hfsilrap]-?\d{{1,3}}\.\d{{1,2}}                # a slice's place towards head, foot, left, right and so on
          | [clpsvx]\d{{1,2}}-\d{{1,2}}                   # a transducer or a level of the spine
          | \d\+\d                                      # a score of two parts
        )$"
    );
    Regex::new(&pattern).expect("the pattern of measurements is valid")
});

/// Whether a word read in an image identifies nobody.
///
/// A number of one to three digits is not judged here: see [`is_short_number`].
///
/// # Example
/// ```
/// use efface_pipeline::pixels::vocabulary::is_harmless;
/// assert!(is_harmless("PORTABLE") && is_harmless("120kV") && is_harmless("TE:14ms"));
/// assert!(!is_harmless("DOE") && !is_harmless("12/03/1961") && !is_harmless("482913"));
/// ```
pub fn is_harmless(word: &str) -> bool {
    // No name and no number has a yen sign: it is a V that was read badly, as in `k¥`.
    let word = &word.replace('¥', "V");
    let bare = word.trim_matches(|sign: char| !(sign.is_alphanumeric() || matches!(sign, '%' | '°' | '+' | '-' | '.')));
    let bare = bare.trim_end_matches(['.', '-', '+']);
    if word.ends_with([':', '.', ';']) && PUNCTUATED_CAPTIONS.contains(&bare.to_uppercase().as_str()) {
        return true;
    }
    if bare.is_empty() {
        // Signs without a letter or a digit.
        return !word.chars().any(char::is_alphanumeric);
    }
    if WORDS.contains(bare.to_uppercase().as_str()) || is_measurement(bare) || is_joined(bare) {
        return true;
    }
    match bare.split_once([':', '=']) {
        Some((name, value)) => {
            WORDS.contains(name.to_uppercase().as_str())
                && (value.is_empty() || is_short_number(value) || is_harmless(value))
        }
        None => false,
    }
}

/// What a word names of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Equipment {
    /// Who has made it.
    Vendor,
    /// What it is.
    Model,
}

/// Whether a word of the list names a vendor or a model.
pub(super) fn is_equipment(word: &str, kind: Equipment) -> bool {
    static NAMES: LazyLock<[BTreeSet<String>; 2]> = LazyLock::new(|| {
        ["vendors", "models"].map(|group| crate::tier2::guard::words_of(group).map(str::to_uppercase).collect())
    });
    let word = word.trim_matches(|sign: char| !sign.is_alphanumeric()).to_uppercase();
    NAMES[kind as usize].contains(&word)
}

/// Whether a word of the list marks a side, a view or a position.
pub(super) fn is_position(word: &str) -> bool {
    static WORDS: LazyLock<BTreeSet<&str>> = LazyLock::new(|| crate::tier2::guard::words_of("positions").collect());
    WORDS.contains(word.to_uppercase().as_str())
}

/// Whether a word of the list names what is set or measured, and is no caption of something about a person.
pub(super) fn is_technique(word: &str) -> bool {
    let word = word.trim_matches(|sign: char| !sign.is_alphanumeric()).to_uppercase();
    WORDS.contains(&word) && !CAPTIONS.contains(&word.as_str()) && !PUNCTUATED_CAPTIONS.contains(&word.as_str())
}

/// Whether a word is a measurement: a number with a unit, a decimal, a matrix and the like.
pub(super) fn is_measurement(word: &str) -> bool {
    MEASUREMENT.is_match(word)
}

/// Whether a word is one of the list with what was measured directly behind it, as displays have it and readers join it:
/// `D14.1cm`, `MI0.7`, `Gn79`. A plain number has at most two digits, and one letter before it is too few.
fn is_joined(word: &str) -> bool {
    let Some(at) = word.find(|sign: char| !sign.is_alphabetic()) else { return false };
    let (name, value) = (word[..at].to_uppercase(), &word[at..]);
    // D is a distance between two marks; alone it may be an initial.
    let is_technique = name == "D" || WORDS.contains(name.as_str()) && !CAPTIONS.contains(&name.as_str());
    let is_plain = value.len() <= 2 && value.bytes().all(|byte| byte.is_ascii_digit());
    is_technique && (is_measurement(value) || (is_plain && name.chars().count() >= 2))
}

/// Whether a word is an age in years below 90, which identifies nobody (45 CFR 164.514(b)(2)(i)(C)): `64Y`, `064Y`, `64yrs`.
pub(crate) fn is_age_below_90(word: &str) -> bool {
    static AGE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?i)^0?[0-8]?\d(?:y|yr|yrs|yo)$").expect("the pattern of ages is valid"));
    AGE.is_match(word.trim_matches(|sign: char| !sign.is_alphanumeric()))
}

/// Whether a word is a number of one to three digits, which identifies only beside other parts of an identifier.
pub fn is_short_number(word: &str) -> bool {
    let digits = word.trim_matches(|sign: char| !sign.is_alphanumeric());
    (1..=3).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_images_are_harmless() {
        for word in [
            "L",
            "(R)",
            "Lat",
            "PORTABLE",
            "kV",
            "120",
            "0.8",
            "12.5cm",
            "TE:14",
            "FFE",
            "dB",
            "512x512",
            "x2.0",
            "MI",
            "1.3",
            "--",
            "35Hz",
            "5%",
            "k¥",
            "VRT:",
            "D14.1cm",
            "MI0.7",
            "Gn79",
            "C5-1",
            "3+4",
            "cyst",
            "LightSpeed",
            "Born",
            "Pat:",
            "Pat.",
            "Hill-Sachs",
            "I192.0",
            "H-88.5",
        ] {
            assert!(is_harmless(word) || is_short_number(word), "{word}");
        }
    }

    #[test]
    fn ages_below_90_are_told_from_others() {
        assert!(["64Y", "064Y", "(7y)", "31yrs", "89YO"].into_iter().all(is_age_below_90));
        assert!(!["90Y", "104Y", "64", "Y", "1964Y", "64YX"].into_iter().any(is_age_below_90));
    }

    #[test]
    fn what_may_identify_is_not() {
        let words = [
            "DOE",
            "Jane",
            "DOE^JANE",
            "1961",
            "12/03/1961",
            "03-12-61",
            "19610312",
            "482913",
            "MRN:482913",
            "10:32:11",
            "10:32",
            "12.03.61",
            "555-0199",
            "ST.MARY",
            "A12",
            "45Y",
            "A123456",
            "TE:4829",
            "R.Smith",
            "MRN12",
            "AGE92",
            "W482",
            "MR4829",
            "A12-4",
            "1+2345",
            "Chin",
            "Vida",
            "Pat",
            "Ref",
            "Hill",
            "Baker",
        ];
        for word in words {
            assert!(!is_harmless(word) && !is_short_number(word), "{word}");
        }
    }
}

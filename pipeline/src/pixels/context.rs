//! What a word of a line is beside the others: a part of a date, of a name, of a measurement or of a sign's name.

use super::vocabulary::{
    Equipment, is_equipment, is_harmless, is_measurement, is_position, is_short_number, is_technique,
};
use super::{Judgement, LocatedText};
use crate::tier2::dates::{is_month, is_nearly_month};
use crate::tier2::guard::is_explained_eponym;
use efface_schema::PhiLabel;

/// Which words of a line are read and pass a test.
fn which(line: &[LocatedText], test: impl Fn(&str) -> bool) -> Vec<bool> {
    line.iter().map(|text| text.text.as_ref().is_some_and(|word| test(word.expose()))).collect()
}

/// Which numbers of a line are parts of a date of which another part was misread: those beside a month, also a misread
/// one, or one word away from it, and days beside what nobody has read or knows and a year.
pub(super) fn beside_months(line: &[LocatedText]) -> Vec<bool> {
    let is_number = which(line, is_short_number);
    if !is_number.contains(&true) {
        return is_number;
    }
    let is_month = which(line, |word| is_month(word) || is_nearly_month(word));
    let is_year = which(line, is_year);
    let may_be_month: Vec<bool> =
        line.iter().map(|text| text.text.as_ref().is_none_or(|word| is_misread(word.expose()))).collect();
    let near = |which: &[bool], idx: usize, far: usize| {
        which[idx.saturating_sub(far)..(idx + far + 1).min(line.len())].contains(&true)
    };
    let is_part = |(idx, is_number): (usize, &bool)| {
        *is_number && (near(&is_month, idx, 2) || near(&may_be_month, idx, 1) && near(&is_year, idx, 2))
    };
    is_number.iter().enumerate().map(is_part).collect()
}

/// A number of four digits that may be the year of a date.
fn is_year(word: &str) -> bool {
    let bare = word.trim_matches(|sign: char| !sign.is_alphanumeric());
    bare.len() == 4
        && ["19", "20"].contains(&bare.get(..2).unwrap_or_default())
        && bare.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a word has letters enough for a month, and is no word of images.
fn is_misread(word: &str) -> bool {
    word.chars().filter(|sign| sign.is_alphabetic()).count() >= 3 && !is_harmless(word)
}

/// Takes its harmlessness from a word of letters with a word of letters that is not harmless on either side: it is a part
/// of a name, as in `ZZZ TEST PATIENT`.
pub(super) fn doubt_words_between_names(line: &[LocatedText], judged: &mut [Option<Judgement>]) {
    let has_letters = which(line, |word| word.chars().filter(|sign| sign.is_alphabetic()).count() >= 2);
    let may_be_name: Vec<bool> = has_letters
        .iter()
        .zip(judged.iter())
        .map(|(has_letters, judgement)| *has_letters && !matches!(judgement, Some(Judgement::Harmless)))
        .collect();
    for idx in 1..line.len().saturating_sub(1) {
        if has_letters[idx] && may_be_name[idx - 1] && may_be_name[idx + 1] && !may_be_name[idx] {
            judged[idx] = Some(Judgement::Unknown);
        }
    }
}

/// Takes its harmlessness from two capitals that stand alone, as the initials of who took an image do; those that mark sides
/// and views stay.
pub(super) fn doubt_capitals_alone(line: &[LocatedText], judged: &mut [Option<Judgement>]) {
    if let ([text], [judgement @ Some(Judgement::Harmless)]) = (line, judged)
        && text.text.as_ref().is_some_and(|word| may_be_initials(word.expose()))
    {
        *judgement = Some(Judgement::Unknown);
    }
}

fn may_be_initials(word: &str) -> bool {
    let is_capitals = word.len() == 2 && word.bytes().all(|sign| sign.is_ascii_uppercase());
    is_capitals && !is_position(word)
}

/// Words of technique that are parts of the names of institutions, in capitals too.
const INSTITUTIONAL: [&str; 6] = ["DIAGNOSTIC", "IMAGING", "MEDICAL", "GENERAL", "UNITED", "HEALTHCARE"];

/// Whether a word is one of those of which the names of institutions are made.
pub(super) fn is_institutional(word: &str) -> bool {
    let bare = word.trim_matches(|sign: char| !sign.is_alphanumeric());
    INSTITUTIONAL.contains(&bare.to_uppercase().as_str())
}

/// Takes its harmlessness from a word that is spelled like a part of a name, or may be one in any spelling, and touches a
/// word that is not harmless: `Port` is a word of the bedside, and of `Port Glenna Hospital`.
pub(super) fn doubt_parts_of_names(line: &[LocatedText], judged: &mut [Option<Judgement>]) {
    let spelled_like_name = which(line, |word| {
        let mut letters = word.chars();
        is_institutional(word)
            || letters.next().is_some_and(char::is_uppercase)
                && letters.clone().count() >= 2
                && letters.all(char::is_lowercase)
    });
    let is_number = which(line, |word| is_short_number(word) || is_letter(word));
    let mut doubt = |idx: usize, beside: usize| {
        let harmless = |judgement: &Option<Judgement>| matches!(judgement, Some(Judgement::Harmless));
        // A date makes no name of its caption: `Born Jan 26`.
        let is_date = matches!(judged[beside], Some(Judgement::Phi { label: Some(PhiLabel::Date), .. }));
        let is_doubtful = !harmless(&judged[beside]) && !is_date && !is_number[beside];
        if spelled_like_name[idx] && harmless(&judged[idx]) && is_doubtful {
            judged[idx] = Some(Judgement::Unknown);
        }
    };
    // Doubt spreads from word to word, once in each direction.
    (1..line.len()).for_each(|idx| doubt(idx, idx - 1));
    (1..line.len()).rev().for_each(|idx| doubt(idx - 1, idx));
}

/// Makes harmless what its neighbours explain: the eponym of a sign or a device (`Foley cath`), the letter of a distance
/// (`D 14.1cm`), the unit of a decimal that was misread (`14.1 cn`) and the value of a setting (`W 2000`, `Map E`).
pub(super) fn trust_what_is_explained(line: &[LocatedText], judged: &mut [Option<Judgement>]) {
    let words: Vec<Option<&str>> =
        line.iter().map(|text| text.text.as_ref().map(|word| word.expose().as_str())).collect();
    let read = |idx: usize| words.get(idx).copied().flatten();
    for idx in 0..line.len() {
        let (Some(word), Some(Judgement::Unknown)) = (read(idx), &judged[idx]) else { continue };
        let (previous, next) = (idx.checked_sub(1).and_then(read), read(idx + 1));
        let follows_a_name = idx > 0 && matches!(judged[idx - 1], Some(Judgement::Phi { .. } | Judgement::Unknown));
        let is_explained = next.is_some_and(|next| {
            is_explained_eponym(word, next)
                || is_small_parts(word, next)
                || (!follows_a_name && is_letter(word) && is_measurement(next))
        });
        let is_value = previous.is_some_and(|previous| {
            is_decimal(previous) && may_be_unit(word)
                || is_technique(previous) && may_be_setting(word)
                || is_count(previous, word)
                || is_kernel(previous, word)
                || is_variant(previous, word)
                || is_roman(word) && is_explained_eponym(previous, word)
        });
        if is_explained || is_value || is_of_vendor(&words, idx) {
            judged[idx] = Some(Judgement::Harmless);
        }
    }
}

/// `Sm Parts`: what a transducer is set to; alone it may be initials.
fn is_small_parts(word: &str, next: &str) -> bool {
    word.eq_ignore_ascii_case("sm") && next.eq_ignore_ascii_case("parts")
}

/// What stands behind the name of a vendor in its whole name: `GE MEDICAL SYSTEMS`.
const OF_VENDORS: [&str; 7] = ["MEDICAL", "SYSTEMS", "HEALTHCARE", "HEALTHINEERS", "ULTRASOUND", "CORPORATION", "INC"];
/// What stands behind the name of a model and tells it from others of its kind: `Aquilion ONE`.
const VARIANTS: [&str; 20] = [
    "AS", "AS+", "VCT", "ONE", "PRIME", "EDGE", "PRO", "XT", "XTE", "XR", "HD", "RX", "RXL", "RS", "ICT", "LX", "PLUS",
    "ELITE", "CX", "VS",
];

/// Whether the word before says that this one tells a model from others of its kind.
fn is_variant(previous: &str, word: &str) -> bool {
    let bare = word.trim_matches(|sign: char| !(sign.is_alphanumeric() || sign == '+')).to_uppercase();
    is_equipment(previous, Equipment::Model) && VARIANTS.contains(&bare.as_str())
}

/// Whether a word of a line is a part of a vendor's whole name, which begins with what no institution is called.
fn is_of_vendor(words: &[Option<&str>], idx: usize) -> bool {
    let is_part = |word: &str| OF_VENDORS.contains(&word.to_uppercase().as_str());
    let begins = |word: &str| is_equipment(word, Equipment::Vendor) && !is_part(word) && !is_institutional(word);
    let before = words[..idx].iter().rev().find(|word| !word.is_some_and(is_part));
    words[idx].is_some_and(is_part) && before.is_some_and(|word| word.is_some_and(begins))
}

/// The name of a reconstruction kernel behind the word for it: `Kernel Br40`.
fn is_kernel(previous: &str, word: &str) -> bool {
    let letters = word.chars().take_while(char::is_ascii_alphabetic).count();
    let digits = word.chars().skip(letters).take_while(char::is_ascii_digit).count();
    let rest = word.chars().count() - letters - digits;
    previous.trim_end_matches(':').eq_ignore_ascii_case("kernel")
        && (1..=2).contains(&letters)
        && digits == 2
        && (rest == 0 || rest == 1 && word.ends_with(|sign: char| sign.is_ascii_alphabetic()))
}

/// Whether a word is a Roman numeral up to five, with the letter of a subgroup or without.
fn is_roman(word: &str) -> bool {
    let bare = word.trim_matches(|sign: char| !sign.is_alphanumeric());
    ["I", "II", "III", "IV", "V"].contains(&bare.trim_end_matches(['F', 'a', 'b', 'A', 'B']))
}

/// Words before the number of an image among all: `Im: 3/24`.
const COUNTED: [&str; 10] = ["IM", "IMAGE", "IMG", "SE", "SER", "SERIES", "FR", "FRAME", "SLICE", "SL"];

/// Whether a word is the number of something among all of a kind, which the word before it names.
fn is_count(previous: &str, word: &str) -> bool {
    let name = previous.trim_matches(|sign: char| !sign.is_alphanumeric()).to_uppercase();
    let is_number = |part: &str| (1..=4).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    COUNTED.contains(&name.as_str()) && word.split_once('/').is_some_and(|(one, all)| is_number(one) && is_number(all))
}

fn is_letter(word: &str) -> bool {
    let mut letters = word.chars();
    letters.next().is_some_and(char::is_alphabetic) && letters.next().is_none()
}

fn is_decimal(word: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    word.split_once(['.', ',']).is_some_and(|(whole, part)| digits(whole) && digits(part))
}

/// Whether a word has one letter or two and is no initials.
fn may_be_unit(word: &str) -> bool {
    (1..=2).contains(&word.chars().count())
        && word.chars().all(char::is_alphabetic)
        && word.chars().any(char::is_lowercase)
}

/// Whether a word is a letter or a number of four digits, as a year is, too, which identifies nobody by itself (45 CFR
/// 164.514(b)(2)(i)(C)); shorter numbers are judged elsewhere.
fn may_be_setting(word: &str) -> bool {
    is_letter(word) || (word.len() == 4 && word.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use efface_schema::{Phi, PixelRegion, Probability};

    /// A line of words; `?` is one that was not read.
    fn line(words: &[&str]) -> Vec<LocatedText> {
        let text = |word: &&str| LocatedText {
            region: PixelRegion { x0: 0, y0: 0, x1: 40, y1: 12 },
            text: (*word != "?").then(|| Phi::new((*word).to_owned())),
            confidence: Probability::ONE,
            line: 0,
            network: None,
        };
        words.iter().map(text).collect()
    }

    #[test]
    fn days_beside_a_misread_month_are_parts_of_a_date() {
        let parts = |words: &[&str]| beside_months(&line(words));
        assert_eq!(parts(&["Born", "10", "Septenber", "1954"]), [false, true, false, false]);
        assert_eq!(parts(&["12", "aott", "1975"]), [true, false, false]);
        assert_eq!(parts(&["12", "?", "1975"]), [true, false, false]);
        assert_eq!(parts(&["Octqbzr", "23,", "2014"]), [false, true, false]);
        assert_eq!(parts(&["W", "350", "L", "40"]), [false; 4]);
        assert_eq!(parts(&["?", "40", "kV"]), [false; 3], "no year is near");
        assert_eq!(parts(&["SAG", "12", "2014"]), [false; 3], "a word of images is no month");
    }

    #[test]
    fn a_word_between_two_names_is_a_part_of_them() {
        let doubted = |words: &[(&str, bool)]| {
            let line = line(&words.iter().map(|(word, _)| *word).collect::<Vec<_>>());
            let judgement = |(_, is_harmless): &(&str, bool)| {
                Some(if *is_harmless { Judgement::Harmless } else { Judgement::Unknown })
            };
            let mut judged: Vec<_> = words.iter().map(judgement).collect();
            doubt_words_between_names(&line, &mut judged);
            judged.into_iter().map(|judgement| judgement != Some(Judgement::Harmless)).collect::<Vec<_>>()
        };
        assert_eq!(doubted(&[("ZZZ", false), ("TEST", true), ("PATIENTFI", false)]), [true; 3]);
        assert_eq!(doubted(&[("ZZZ", false), ("TEST", true), ("40", false)]), [true, false, true]);
        assert_eq!(doubted(&[("TEST", true), ("ZZZ", false)]), [false, true]);
    }

    #[test]
    fn an_institution_is_one_with_signs_around_it() {
        let mut judged = vec![Some(Judgement::Unknown), Some(Judgement::Harmless)];
        doubt_parts_of_names(&line(&["*WESTWAY", "MEDICAL*"]), &mut judged);
        assert_eq!(judged[1], Some(Judgement::Unknown));
    }

    #[test]
    fn two_capitals_alone_may_be_initials() {
        let doubted = |words: &[&str]| {
            let mut judged = vec![Some(Judgement::Harmless); words.len()];
            doubt_capitals_alone(&line(words), &mut judged);
            judged.contains(&Some(Judgement::Unknown))
        };
        assert!(doubted(&["MM"]) && doubted(&["DB"]) && doubted(&["SV"]));
        assert!(!doubted(&["mm"]) && !doubted(&["10", "MM"]) && !doubted(&["LT"]) && !doubted(&["DFOV"]));
    }

    /// Which words of a line that nobody knows yet become harmless.
    fn explained(words: &[&str]) -> Vec<bool> {
        let line = line(words);
        let mut judged = vec![Some(Judgement::Unknown); words.len()];
        trust_what_is_explained(&line, &mut judged);
        judged.into_iter().map(|judgement| judgement == Some(Judgement::Harmless)).collect()
    }

    #[test]
    fn eponyms_are_explained_by_what_follows_them() {
        assert_eq!(explained(&["Foley", "cath"]), [true, false]);
        assert_eq!(explained(&["BAKER", "CYST"]), [true, false]);
        assert_eq!(explained(&["Bosniak", "IIF"]), [true, true]);
        assert_eq!(explained(&["Gleason", "3+4"]), [true, false]);
        assert_eq!(explained(&["Kerley", "B"]), [true, false]);
        // A name with an initial or of a generation.
        assert_eq!(explained(&["Baker", "B"]), [false, false]);
        assert_eq!(explained(&["Walker", "II"]), [false, false]);
        assert_eq!(explained(&["Foley", "Anne"]), [false, false]);
        assert_eq!(explained(&["Smith-Roe", "cyst"]), [false, false]);
    }

    #[test]
    fn a_letter_before_a_measurement_is_that_of_a_distance() {
        assert_eq!(explained(&["D", "14.1cm"]), [true, false]);
        assert_eq!(explained(&["D", "Smith"]), [false, false]);
        assert_eq!(explained(&["D", "482913"]), [false, false]);
        assert_eq!(explained(&["Doe", "J", "14.1cm"]), [false, false, false], "an initial behind a name");
    }

    #[test]
    fn what_stands_behind_a_setting_is_its_value() {
        assert_eq!(explained(&["W", "2000"]), [false, true]);
        assert_eq!(explained(&["Map", "E"]), [false, true]);
        assert_eq!(explained(&["Exam", "2000"]), [false, false], "a caption");
        assert_eq!(explained(&["Roe", "2000"]), [false, false]);
        assert_eq!(explained(&["W", "48291"]), [false, false]);
    }

    #[test]
    fn presets_and_kernels_are_explained_by_their_neighbour() {
        assert!(explained(&["Sm", "Parts"])[0]);
        assert_eq!(explained(&["SM", "LIVER"]), [false, false], "initials");
        assert_eq!(explained(&["Kernel", "Br40"]), [false, true]);
        assert_eq!(explained(&["KERNEL:", "B30f"]), [false, true]);
        assert_eq!(explained(&["Kernel", "Brown"]), [false, false]);
        assert_eq!(explained(&["Room", "B30"]), [false, false]);
    }

    #[test]
    fn names_of_devices_are_explained_by_their_first_word() {
        assert_eq!(explained(&["GE", "MEDICAL", "SYSTEMS"]), [false, true, true]);
        assert_eq!(explained(&["Aquilion", "ONE"]), [false, true]);
        assert_eq!(explained(&["Definition", "AS+"]), [false, true]);
        assert_eq!(explained(&["Westway", "Medical", "Systems"]), [false; 3]);
        assert_eq!(explained(&["Medical", "Systems"]), [false; 2]);
        assert_eq!(explained(&["Aquilion", "JD"]), [false; 2]);
    }

    #[test]
    fn a_date_makes_no_name_of_its_caption() {
        let date = Judgement::Phi {
            source: efface_schema::Source::Tier2,
            rule: "date".to_owned(),
            label: Some(PhiLabel::Date),
            probability: Probability::ONE,
        };
        let doubted = |beside: Judgement| {
            let mut judged = vec![Some(Judgement::Harmless), Some(beside)];
            doubt_parts_of_names(&line(&["Born", "January"]), &mut judged);
            judged[0] == Some(Judgement::Unknown)
        };
        assert!(!doubted(date) && doubted(Judgement::Unknown));
    }

    #[test]
    fn a_number_among_all_is_explained_by_what_is_counted() {
        assert_eq!(explained(&["Im:", "1/24"]), [false, true]);
        assert_eq!(explained(&["Date:", "1/24"]), [false, false]);
        assert_eq!(explained(&["Im:", "1/24/61"]), [false, false]);
        assert_eq!(explained(&["Im:", "Doe/Jane"]), [false, false]);
    }

    #[test]
    fn what_stands_behind_a_decimal_is_its_unit_and_no_initials() {
        assert_eq!(explained(&["14.1", "cn"]), [false, true]);
        assert_eq!(explained(&["14.1", "cH"]), [false, true]);
        assert_eq!(explained(&["14.1", "JD"]), [false, false]);
        assert_eq!(explained(&["14", "cn"]), [false, false]);
        assert_eq!(explained(&["14.1", "Roe"]), [false, false]);
    }
}

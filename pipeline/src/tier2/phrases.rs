//! Identifiers, institutions, addresses, telephone numbers and other values: in which forms they may stand elsewhere.

use super::folded::{Folded, fold};
use super::guard;
use super::names::{PLACEHOLDERS, add_misread};
use super::needles::{Context, Edges, Gaps, Needle, Needles, folded_words};
use efface_schema::PhiLabel;

/// Other texts shorter than this are not searched.
const MIN_PHRASE: usize = 4;
/// Parts of an address or of lines are at least this long.
const MIN_PART: usize = 6;
/// Identifiers of at least this many letters and digits are found whatever separates and touches them.
const MIN_UNSEPARATED: usize = 5;
/// Words of institutions and addresses of at least this many letters are searched by themselves.
const MIN_DISTINCTIVE: usize = 5;
/// Digits of a local telephone number, without area and country.
const LOCAL_PHONE: usize = 7;
/// Values longer than this are narratives, not identities.
pub(super) const MAX_PHRASE: usize = 128;

/// Adds an identifying value of any kind.
pub(super) fn add(needles: &mut Needles, text: &str, label: PhiLabel) {
    if text.chars().count() > MAX_PHRASE {
        return;
    }
    if text.contains('@') {
        add_email(needles, text);
    }
    if label == PhiLabel::Phone || label == PhiLabel::Fax || looks_like_phone(text) {
        add_phone(needles, text);
    }
    add_identifier(needles, text, label);
    match label {
        PhiLabel::Location => add_address(needles, text),
        PhiLabel::Organization => add_institution(needles, text),
        _ if text.contains(['\r', '\n']) => add_lines(needles, text, label),
        _ => {}
    }
}

/// Adds a whole value; one with digits also without leading zeros.
pub(super) fn add_identifier(needles: &mut Needles, text: &str, label: PhiLabel) {
    let words = folded_words(text);
    let Some(needle) = Needle::of_words(words.iter().map(String::as_str), label, "lexicon") else { return };
    if PLACEHOLDERS.contains(&needle.exact.as_str()) || is_generic(&words) {
        return;
    }
    needles.spelling(text);
    let n_characters = needle.n_characters();
    if needle.has_digit() {
        let needle = Needle { rule: "lexicon-identifier", gaps: Gaps::Anywhere, ..needle };
        let stripped = needle.exact.trim_start_matches('0').to_owned();
        for exact in [stripped, needle.exact.clone()] {
            let n_characters = exact.chars().count();
            let number = Needle { exact, joints: Vec::new(), ..needle.clone() };
            if n_characters >= MIN_UNSEPARATED {
                needles.add(Needle { edges: Edges::Anything, ..number });
            } else if n_characters >= MIN_PHRASE && !is_year(&number.exact) {
                needles.add(Needle { edges: Edges::Separators, gaps: Gaps::BetweenWords, ..number });
            }
        }
    } else if n_characters >= MIN_UNSEPARATED {
        let edges = if guarded_word(&words) { Edges::Word } else { Edges::Anything };
        needles.add(Needle { edges, ..needle });
    } else if n_characters >= MIN_PHRASE {
        needles.add(Needle { edges: Edges::Separators, ..needle });
    }
}

/// Whether a value says nothing of its own: every word is in the guard's list, and no number is long.
fn is_generic(words: &[String]) -> bool {
    let is_generic = |word: &String| {
        let n_digits = word.bytes().filter(u8::is_ascii_digit).count();
        PLACEHOLDERS.contains(&word.as_str())
            || guard::is_known(word)
            || (n_digits < 4 && word.chars().count() <= 3)
            || (n_digits > 0
                && n_digits < 4
                && guard::is_known(word.trim_end_matches(|sign: char| sign.is_ascii_digit())))
    };
    // Numbers are judged by their length, whatever separates their digits.
    let n_digits = words.iter().flat_map(|word| word.bytes()).filter(u8::is_ascii_digit).count();
    n_digits < 4 && words.iter().all(is_generic)
}

fn guarded_word(words: &[String]) -> bool {
    words.len() == 1 && guard::is_known(&words[0])
}

fn is_year(exact: &str) -> bool {
    exact.len() == 4 && (exact.starts_with("19") || exact.starts_with("20"))
}

/// Adds the lines and parts of an address, its distinctive words and its postcode.
fn add_address(needles: &mut Needles, text: &str) {
    add_lines(needles, text, PhiLabel::Location);
    for word in folded_words(text) {
        let n_digits = word.bytes().filter(u8::is_ascii_digit).count();
        if n_digits == word.len() && n_digits >= MIN_DISTINCTIVE {
            let postcode = Needle::of_words([word.as_str()], PhiLabel::Location, "lexicon-identifier");
            needles.add_opt(postcode.map(|needle| Needle { edges: Edges::NoDigit, ..needle }));
        }
        add_distinctive(needles, &word, PhiLabel::Location);
    }
    // House number and street without the word for the kind of street.
    let words = folded_words(text.split([',', ';', '^', '\r', '\n']).next().unwrap_or_default());
    if let [number, street, _, ..] = words.as_slice()
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && street.chars().count() >= MIN_PHRASE
    {
        let short = Needle::of_words([number.as_str(), street.as_str()], PhiLabel::Location, "lexicon");
        needles.add_opt(short);
    }
}

fn add_lines(needles: &mut Needles, text: &str, label: PhiLabel) {
    for line in text.split(['\r', '\n', ',', ';', '^']).map(str::trim) {
        let n_characters = line.chars().filter(|character| character.is_alphanumeric()).count();
        if n_characters >= MIN_PART && line.len() < text.len() {
            add_identifier(needles, line, label);
        }
    }
}

/// Adds a word that few other texts would hold.
fn add_distinctive(needles: &mut Needles, word: &str, label: PhiLabel) {
    let letters = word.chars().all(char::is_alphabetic);
    let distinctive =
        letters && word.chars().count() >= MIN_DISTINCTIVE && !guard::is_known(word) && !PLACEHOLDERS.contains(&word);
    if let Some(needle) = Needle::of_words([word], label, "lexicon").filter(|_| distinctive) {
        add_misread(needles, &needle);
        needles.add(needle);
    }
}

/// Adds an institution's distinctive words, and the acronyms by which it is called.
fn add_institution(needles: &mut Needles, text: &str) {
    add_lines(needles, text, PhiLabel::Organization);
    let words = folded_words(text);
    for word in &words {
        add_distinctive(needles, word, PhiLabel::Organization);
    }
    let initials =
        |words: &mut dyn Iterator<Item = &String>| -> String { words.filter_map(|word| word.chars().next()).collect() };
    let small =
        |word: &&String| !matches!(word.as_str(), "of" | "the" | "and" | "for" | "at" | "de" | "la" | "der" | "fur");
    let mut acronyms = vec![initials(&mut words.iter()), initials(&mut words.iter().filter(small))];
    let spelled = text.split(|sign: char| !sign.is_alphanumeric());
    acronyms.extend(
        spelled.filter(|word| word.len() <= 6 && word.chars().all(|letter| letter.is_ascii_uppercase())).map(fold),
    );
    for acronym in acronyms {
        let letters = acronym.chars().all(|letter| letter.is_ascii_alphabetic());
        if (3..=6).contains(&acronym.len()) && letters && !guard::is_known(&acronym) {
            let needle = Needle::of_words([acronym.as_str()], PhiLabel::Organization, "lexicon-variant");
            needles.add_opt(needle.map(|needle| Needle {
                edges: Edges::Separators,
                context: Context::Capitals,
                ..needle
            }));
        }
    }
}

fn looks_like_phone(text: &str) -> bool {
    let n_digits = text.bytes().filter(u8::is_ascii_digit).count();
    (10..=15).contains(&n_digits)
        && text.chars().all(|sign| sign.is_ascii_digit() || "+()-./ ".contains(sign))
        && text.contains(['+', '(', '-', '.', ' '])
}

/// Adds a telephone number with and without the country's, the trunk's and the area's digits.
fn add_phone(needles: &mut Needles, text: &str) {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let international = text.trim_start().starts_with('+') || digits.starts_with("00");
    let subscriber = digits.trim_start_matches('0');
    let mut numbers = vec![subscriber.to_owned()];
    if international {
        // Country codes have one to three digits: each is tried.
        numbers.extend(
            (1..=3)
                .filter_map(|n_digits| subscriber.get(n_digits..))
                .map(|national| national.trim_start_matches('0').to_owned()),
        );
    } else if subscriber.len() == 11 && subscriber.starts_with('1') {
        numbers.push(subscriber[1..].to_owned());
    }
    for number in numbers.into_iter().filter(|number| number.len() > LOCAL_PHONE) {
        let needle = Needle::of_words([number.as_str()], PhiLabel::Phone, "lexicon-identifier");
        needles.add_opt(needle.map(|needle| Needle { edges: Edges::Anything, gaps: Gaps::Anywhere, ..needle }));
    }
    if let Some(local) = subscriber.len().checked_sub(LOCAL_PHONE).and_then(|at| subscriber.get(at..)) {
        let needle = Needle::of_words([local], PhiLabel::Phone, "lexicon-identifier");
        needles.add_opt(needle.map(|needle| Needle { edges: Edges::NoDigit, gaps: Gaps::Anywhere, ..needle }));
    }
}

/// Adds the local part of an e-mail address and its words.
fn add_email(needles: &mut Needles, text: &str) {
    for address in text.split(|sign: char| sign.is_whitespace() || ",;<>()\\".contains(sign)) {
        let Some((local, _)) = address.split_once('@') else { continue };
        let local = local.rsplit(':').next().unwrap_or_default();
        let folded = Folded::new(local);
        if folded.text.chars().count() < MIN_PHRASE || guard::is_known(&folded.text) {
            continue;
        }
        let needle = Needle::of_words([local], PhiLabel::Email, "lexicon");
        needles.add_opt(needle);
        for word in folded_words(local) {
            let letters = word.trim_matches(|sign: char| sign.is_ascii_digit());
            add_distinctive(needles, letters, PhiLabel::Name);
        }
    }
}

//! A person's name: every order, abbreviation and spelling in which it may stand elsewhere.

use super::folded::fold;
use super::needles::{Context, Edges, Gaps, MIN_FUZZY_WORD, Needle, Needles, folded_words, misread};
use super::{guard, nicknames, transliteration};
use efface_schema::PhiLabel;

/// Name parts shorter than this are searched only inside whole names.
const MIN_NAME_PART: usize = 3;
/// Whole names and name parts of at least this many letters are found inside words too.
const MIN_INSIDE_WORD: usize = 5;
/// A surname with an initial has at least this many letters in all.
const MIN_WITH_INITIAL: usize = 4;
/// So many words of one component are looked at.
const MAX_WORDS: usize = 6;

/// Words of names that name nobody by themselves.
const PARTICLES: &[&str] = &[
    "van", "von", "der", "den", "de", "del", "della", "dello", "di", "da", "do", "dos", "das", "du", "des", "la", "le",
    "les", "el", "al", "bin", "bint", "ibn", "abu", "af", "av", "zu", "zum", "zur", "ter", "ten", "tot", "op", "het",
    "und", "and", "san", "santa", "sao", "st", "saint", "mac", "mc", "fitz", "ap",
];

/// Words that stand in names and are none.
pub(super) const TITLES: &[&str] = &[
    "dr", "prof", "mr", "mrs", "ms", "miss", "md", "phd", "do", "rn", "rt", "jr", "sr", "ii", "iii", "iv", "msc",
    "mph", "facr", "frcr", "herr", "frau", "mme", "sir", "dame", "rev",
];

/// Words that stand for nobody, in place of a name or an identifier.
pub(super) const PLACEHOLDERS: &[&str] = &[
    "anonymous",
    "anonymized",
    "anonymised",
    "anonym",
    "unknown",
    "none",
    "null",
    "patient",
    "phantom",
    "test",
    "removed",
    "other",
    "male",
    "female",
    "unspecified",
    "na",
    "deidentified",
    "deidentification",
    "radiology",
    "cardiology",
    "emergency",
    "oncology",
    "neurology",
    "surgery",
    "imaging",
    "hospital",
    "clinic",
    "department",
    "ultrasound",
    "inpatient",
    "outpatient",
    "routine",
    "noname",
    "nn",
    "xxx",
    "xxxx",
    "xxxxx",
    "pseudonym",
    "subject",
    "volunteer",
    "demo",
    "sample",
    "quality",
    "service",
];

/// Initials that are something else far more often: degrees, modalities, halves of the day.
const NO_INITIALS: &[&str] = &[
    "md", "do", "pa", "rn", "rt", "np", "pt", "dr", "ms", "mr", "st", "ct", "us", "ap", "am", "pm", "ie", "eg", "ba",
    "ma", "bs", "cc", "vs", "po", "iv", "im", "sc", "no", "dc", "ca", "ac", "bc", "ad", "ed", "er", "or",
];

/// The words of a name's components.
struct Person {
    family: Vec<String>,
    given: Vec<String>,
    middle: Vec<String>,
}

impl Person {
    /// Takes one component group apart: `Family^Given^Middle^Prefix^Suffix`, or `Family, Given`.
    fn parse(group: &str) -> Self {
        let carets: Vec<&str> = group.split('^').collect();
        let words = |component: Option<&&str>| component.map_or_else(Vec::new, |component| naming_words(component));
        if carets.len() > 1 {
            // Prefix and suffix (Dr, Jr) name nobody.
            return Self { family: words(carets.first()), given: words(carets.get(1)), middle: words(carets.get(2)) };
        }
        if let Some((family, given)) = group.split_once(',') {
            return Self { family: naming_words(family), given: naming_words(given), middle: Vec::new() };
        }
        // Without separators the family name is last, or first: both orders are searched anyway.
        let mut all = naming_words(group);
        let at = all.len().saturating_sub(1);
        let family = all.split_off(at);
        Self { family, given: all, middle: Vec::new() }
    }

    fn map(&self, each: impl Fn(&str) -> Option<String> + Copy) -> Option<Self> {
        let words = |words: &Vec<String>| words.iter().map(|word| each(word)).collect::<Option<Vec<String>>>();
        Some(Self { family: words(&self.family)?, given: words(&self.given)?, middle: words(&self.middle)? })
    }
}

/// The words of a component, without titles and signs.
fn naming_words(component: &str) -> Vec<String> {
    let parts = component.split(|sign: char| sign.is_whitespace() || ",.;:()[]\"_/-–".contains(sign));
    parts
        .filter(|word| word.chars().any(char::is_alphanumeric) && !TITLES.contains(&fold(word).as_str()))
        .take(MAX_WORDS)
        .map(str::to_owned)
        .collect()
}

/// Adds the needles of a name in DICOM's form: alphabetic, ideographic and phonetic groups; Latin names in other
/// scripts too where the patient's texts use them.
pub(super) fn add(needles: &mut Needles, name: &str, other_scripts: bool) {
    for group in name.split('=') {
        let person = Person::parse(group);
        add_person(needles, &person, "lexicon");
        for respell in transliteration::RESPELLINGS {
            if let Some(respelled) = person.map(|word| Some(respell(word).unwrap_or_else(|| word.to_owned()))) {
                add_changed(needles, &person, &respelled);
            }
        }
        let reverse = transliteration::REVERSE_TABLES.into_iter().filter(|_| other_scripts);
        for table in transliteration::TABLES.into_iter().chain(reverse) {
            if let Some(written) = person.map(table) {
                add_changed(needles, &person, &written);
            }
        }
        add_nicknames(needles, &person);
    }
}

/// Adds another spelling of a name where it is one.
fn add_changed(needles: &mut Needles, person: &Person, changed: &Person) {
    if (&person.family, &person.given, &person.middle) != (&changed.family, &changed.given, &changed.middle) {
        add_person(needles, changed, "lexicon-variant");
    }
}

fn add_person(needles: &mut Needles, person: &Person, rule: &'static str) {
    let components = [&person.family, &person.given, &person.middle];
    for word in components.into_iter().flatten() {
        add_part(needles, word, rule, MIN_INSIDE_WORD);
        // A name part may be made of several words itself.
        needles.spelling(word);
    }
    for component in components {
        add_whole(needles, &[component], rule);
    }
    add_wholes(needles, &person.family, person, rule);
    let main: Vec<String> = person.family.iter().filter(|word| !is_particle(word)).cloned().collect();
    if main.len() > 1 || main.len() < person.family.len() {
        for word in main {
            add_wholes(needles, &[word], person, rule);
        }
    }
    add_initials(needles, person, rule);
}

fn is_particle(word: &str) -> bool {
    PARTICLES.contains(&fold(word).as_str())
}

/// Adds a word of a name; from `min_inside` letters on it is found inside words too.
fn add_part(needles: &mut Needles, word: &str, rule: &'static str, min_inside: usize) {
    if !word.chars().all(|sign| sign.is_alphabetic() || super::folded::is_mark(sign) || "'’".contains(sign)) {
        // A word with digits stands for a person as an identifier does.
        return super::phrases::add_identifier(needles, word, PhiLabel::Name);
    }
    let Some(mut needle) = Needle::of_words([word], PhiLabel::Name, rule) else { return };
    let unspaced = is_unspaced(word);
    let n_characters = needle.n_characters();
    let min_length = if unspaced { 2 } else { MIN_NAME_PART };
    if n_characters < min_length || is_particle(word) || PLACEHOLDERS.contains(&needle.exact.as_str()) {
        return;
    }
    if guard::needs_context(&needle.exact) {
        needle.context = Context::Name;
    } else if unspaced || n_characters >= min_inside {
        needle.edges = Edges::Anything;
    }
    add_misread(needles, &needle);
    needles.add(needle);
}

/// Adds what readers of images make of a word.
pub(super) fn add_misread(needles: &mut Needles, needle: &Needle) {
    if needle.n_characters() < MIN_FUZZY_WORD || needle.context != Context::Free {
        return;
    }
    for variant in misread(&needle.exact).into_iter().filter(|variant| !guard::is_known(variant)) {
        if let Some(misread) = Needle::of_words([variant.as_str()], needle.label, "lexicon-fuzzy") {
            needles.add(Needle { edges: Edges::Word, ..misread });
        }
    }
}

/// Adds whole names with one family name: either order, with and without middle names, with initials.
fn add_wholes(needles: &mut Needles, family: &[String], person: &Person, rule: &'static str) {
    let (given, middle) = (&person.given, &person.middle);
    if family.is_empty() || given.is_empty() {
        return;
    }
    let first: Vec<String> = given.iter().take(1).cloned().collect();
    let initial = |words: &[String]| -> Vec<String> {
        words.iter().filter_map(|word| word.chars().next()).map(String::from).collect()
    };
    let (given_initials, middle_initials) = (initial(given), initial(middle));
    let first_initial: Vec<String> = given_initials.iter().take(1).cloned().collect();
    for named in [given.as_slice(), &first] {
        for rest in [&[][..], middle, &middle_initials] {
            add_whole(needles, &[named, rest, family], rule);
            add_whole(needles, &[family, named, rest], rule);
        }
        add_with_initial(needles, &[named, &initial(family)], rule);
    }
    for abbreviated in [&first_initial, &given_initials] {
        for rest in [&[][..], &middle_initials] {
            add_with_initial(needles, &[abbreviated, rest, family], rule);
            add_with_initial(needles, &[family, abbreviated, rest], rule);
        }
    }
}

fn whole(words: &[&[String]], rule: &'static str) -> Option<Needle> {
    Needle::of_words(words.iter().copied().flatten().map(String::as_str), PhiLabel::Name, rule)
}

/// Adds several words of a name in a row.
fn add_whole(needles: &mut Needles, words: &[&[String]], rule: &'static str) {
    let Some(mut needle) = whole(words, rule) else { return };
    let unspaced = is_unspaced(&needle.exact);
    if needle.joints.is_empty() || needle.n_characters() < if unspaced { 2 } else { MIN_WITH_INITIAL } {
        return;
    }
    if needle.words().all(|word| guard::is_descriptive(word) || word.chars().count() == 1) {
        needle.context = Context::Name;
    } else if unspaced || needle.n_characters() >= MIN_INSIDE_WORD {
        needle.edges = Edges::Anything;
    }
    needles.add(needle);
}

/// Adds a name with initials: it must stand as words of its own.
fn add_with_initial(needles: &mut Needles, words: &[&[String]], rule: &'static str) {
    let Some(mut needle) = whole(words, rule) else { return };
    if needle.joints.is_empty() || needle.n_characters() < MIN_WITH_INITIAL {
        return;
    }
    if needle.words().any(|word| word.chars().count() > 1 && guard::is_descriptive(word)) {
        needle.context = Context::Name;
        needle.gaps = Gaps::BetweenAllWords;
    }
    needles.add(needle);
}

/// Adds a person's initials: dotted, or in capitals after a word for a patient.
fn add_initials(needles: &mut Needles, person: &Person, rule: &'static str) {
    let initial = |words: &[String]| words.first().and_then(|word| word.chars().next()).map(String::from);
    let (Some(given), Some(family)) = (initial(&person.given), initial(&person.family)) else { return };
    let middle = initial(&person.middle);
    let rows = [vec![given.clone(), family.clone()]]
        .into_iter()
        .chain(middle.map(|middle| vec![given.clone(), middle, family.clone()]));
    for row in rows {
        let letters = row.concat();
        let Some(needle) = Needle::of_words([letters.as_str()], PhiLabel::Name, rule) else { continue };
        if !letters.chars().all(char::is_alphabetic) || NO_INITIALS.contains(&needle.exact.as_str()) {
            continue;
        }
        needles.add(Needle { gaps: Gaps::Dots, ..needle.clone() });
        if !guard::is_known(&needle.exact) {
            needles.add(Needle { context: Context::Initials, ..needle });
        }
    }
}

/// Adds what a person is called by friends, alone and with the family name.
fn add_nicknames(needles: &mut Needles, person: &Person) {
    for given in person.given.iter().chain(&person.middle) {
        for nickname in nicknames::of(&fold(given)) {
            if guard::kind(nickname) == Some(guard::Kind::Plain) {
                continue;
            }
            // A nickname is a guess: it is never searched inside words.
            add_part(needles, nickname, "lexicon-variant", usize::MAX);
            let called = [(*nickname).to_owned()];
            add_with_initial(needles, &[&called, &person.family], "lexicon-variant");
            add_with_initial(needles, &[&person.family, &called], "lexicon-variant");
        }
    }
}

/// Adds a part of a name that one free text gives: it is searched as a word of its own.
pub(super) fn add_inferred(needles: &mut Needles, part: &str) {
    for word in folded_words(part) {
        let known = PLACEHOLDERS.contains(&word.as_str()) || needles.contains(&word) || guard::needs_context(&word);
        if word.chars().count() > MIN_NAME_PART && !known {
            needles.add_opt(Needle::of_words([word.as_str()], PhiLabel::Name, "lexicon-inferred"));
        }
    }
}

/// Whether a text is in a script that sets no blanks between words: Han, kana, Thai; or Hangul, which glues particles.
pub(super) fn is_unspaced(text: &str) -> bool {
    text.chars().count() >= 2
        && text.chars().all(|character| {
            matches!(character, '\u{0e00}'..='\u{0e7f}' | '\u{1100}'..='\u{11ff}' | '\u{3040}'..='\u{30ff}'
                | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{20000}'..='\u{3ffff}')
        })
}

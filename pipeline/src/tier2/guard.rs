//! The reverse guard: words of anatomy, vendors, models, protocols, kernels and units, and eponyms, that are not
//! taken for a person because a person is called so.
//!
//! Source of the list: `data/vocabulary.txt`, whose header says where each group comes from. The judge of words in
//! images ([`crate::pixels::vocabulary`]) reads the same file.

use super::folded::{Folded, fold};
use std::collections::HashMap;
use std::sync::LazyLock;

/// What a word is, apart from being somebody's name. Of several kinds the greatest counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// An ordinary word: no guess may take it for a name, but the exact name goes.
    Plain,
    /// Anatomy, vendor, technique: it stays unless its surroundings make it a name.
    Technical,
    /// Somebody's name that names a sign, a device or a disease.
    Eponym,
    /// An English word that is a frequent name too.
    Common,
}

const LIST: &str = include_str!("../../data/vocabulary.txt");

static WORDS: LazyLock<HashMap<String, Kind>> = LazyLock::new(|| {
    let mut words: HashMap<String, Kind> = HashMap::new();
    for (Group { kind, .. }, line) in groups() {
        for word in line.split_whitespace().filter(|word| word.chars().all(char::is_alphanumeric)) {
            words.entry(fold(word)).and_modify(|known| *known = (*known).max(kind)).or_insert(kind);
        }
    }
    words
});

/// A group of the list.
#[derive(Debug, Clone, Copy)]
struct Group {
    name: &'static str,
    kind: Kind,
    /// Whether its words may stand in images.
    image: bool,
}

/// The lines of the list, each with its group.
fn groups() -> impl Iterator<Item = (Group, &'static str)> {
    let mut group = Group { name: "", kind: Kind::Plain, image: false };
    LIST.lines().filter(|line| !line.starts_with('#')).filter_map(move |line| {
        let Some(header) = line.strip_prefix('[') else { return Some((group, line)) };
        let (name, marks) = header.split_once(']').unwrap_or_default();
        let kind = if marks.contains("technical") {
            Kind::Technical
        } else if marks.contains("eponym") {
            Kind::Eponym
        } else if marks.contains("common") {
            Kind::Common
        } else {
            Kind::Plain
        };
        group = Group { name, kind, image: marks.contains("image") };
        None
    })
}

/// The words that may stand in an image, as the list spells them.
pub(crate) fn image_words() -> impl Iterator<Item = &'static str> {
    groups().filter(|(group, _)| group.image).flat_map(|(_, line)| line.split_whitespace())
}

/// The words of the group with a name, as the list spells them.
pub(crate) fn words_of(name: &str) -> impl Iterator<Item = &'static str> {
    groups().filter(move |(group, _)| group.name == name).flat_map(|(_, line)| line.split_whitespace())
}

/// What a folded word is; `None` when the list does not know it.
pub(super) fn kind(word: &str) -> Option<Kind> {
    let known = WORDS.get(word).copied();
    known.or_else(|| WORDS.get(word.strip_suffix('s')?).copied())
}

/// Whether the list knows a folded word at all.
pub(super) fn is_known(word: &str) -> bool {
    kind(word).is_some()
}

/// Whether a name part that is this word is searched only where its surroundings make it a name.
pub(super) fn needs_context(word: &str) -> bool {
    kind(word).is_some_and(|kind| kind != Kind::Plain)
}

/// Whether a word stands in descriptions so often that even a whole name of such words needs a sign that it is one.
pub(super) fn is_descriptive(word: &str) -> bool {
    matches!(kind(word), Some(Kind::Technical | Kind::Common))
}

/// Forms of address: what follows is a person, whatever it looks like.
const HONORIFICS: &[&str] =
    &["mr", "mrs", "ms", "miss", "dr", "prof", "professor", "doctor", "herr", "frau", "mme", "sra", "sr", "signora"];

/// Captions: what follows a colon after them is a person.
const CAPTIONS: &[&str] = &[
    "name",
    "surname",
    "lastname",
    "firstname",
    "patient",
    "pt",
    "pat",
    "nurse",
    "tech",
    "technologist",
    "operator",
    "physician",
    "by",
    "mother",
    "father",
    "wife",
    "husband",
    "nachname",
    "vorname",
    "nom",
    "apellido",
];

/// Words of annotations that link others and explain none.
const LINKS: &[&str] = &["and", "with", "without", "for", "not", "only", "live", "use"];

/// Words after an eponym.
const EPONYM_NOUNS: &[&str] = &[
    "abscess",
    "agent",
    "anomaly",
    "aneurysm",
    "angle",
    "approach",
    "area",
    "arthritis",
    "bodies",
    "body",
    "canal",
    "capsule",
    "cath",
    "catheter",
    "classification",
    "contracture",
    "criteria",
    "cyst",
    "cysts",
    "deformity",
    "disease",
    "drain",
    "duct",
    "effect",
    "fat",
    "filter",
    "flap",
    "fracture",
    "fractures",
    "ganglion",
    "gland",
    "grade",
    "hernia",
    "index",
    "lesion",
    "line",
    "lines",
    "lymphoma",
    "malformation",
    "matter",
    "method",
    "muscle",
    "needle",
    "node",
    "nodes",
    "palsy",
    "phenomenon",
    "plane",
    "pouch",
    "position",
    "procedure",
    "projection",
    "ratio",
    "reaction",
    "reduction",
    "repair",
    "resection",
    "sarcoma",
    "scale",
    "score",
    "screw",
    "shunt",
    "sign",
    "space",
    "spaces",
    "stage",
    "stain",
    "stent",
    "stroke",
    "syndrome",
    "technique",
    "test",
    "thyroiditis",
    "triad",
    "triangle",
    "tube",
    "tumor",
    "tumour",
    "type",
    "units",
    "view",
    "views",
    "water",
];

/// Eponyms of which grades or types are told by a number: rare as surnames.
const GRADED_EPONYMS: &[&str] = &[
    "bosniak",
    "chiari",
    "fazekas",
    "gleason",
    "goutallier",
    "kellgren",
    "mallampati",
    "meyerding",
    "modic",
    "pfirrmann",
    "spetzler",
];

/// Whether two neighbouring words name a sign, a device or a disease by who described it: `Foley cath`, `Bosniak IIF`.
pub(crate) fn is_explained_eponym(word: &str, next: &str) -> bool {
    let bare = |word: &str| fold(word.trim_matches(|sign: char| !sign.is_alphanumeric()));
    let (word, next) = (bare(word), bare(next));
    let is_grade = || {
        // Readers take the numeral for other strokes.
        let roman = next.trim_end_matches('f').replace(['l', '1', '|'], "i");
        ["i", "ii", "iii", "iv", "v"].contains(&roman.as_str())
            || next.starts_with(|sign: char| sign.is_ascii_digit()) && next.len() <= 5
    };
    let is_graded = GRADED_EPONYMS.contains(&word.as_str()) && is_grade();
    let is_kerley = word == "kerley" && ["a", "b", "c"].contains(&next.as_str());
    kind(&word) == Some(Kind::Eponym) && (EPONYM_NOUNS.contains(&next.as_str()) || is_graded || is_kerley)
}

/// Whether what stands around a guarded word (bytes `start..end` of the folded text) makes it a person's name.
///
/// A form of address before it, a caption and a colon before it, or a caret beside it do so for every kind. For an
/// eponym it is enough that no noun of eponyms and no technical word follows, and that it does not stand alone; for
/// another common word, that it is capitalized behind a word that is not.
pub(super) fn is_name_here(folded: &Folded, text: &str, start: usize, end: usize) -> bool {
    if is_addressed(folded, text, start, end) {
        return true;
    }
    let after = folded.separators_before(text, end);
    let previous = folded.word_before(start);
    let mut next = folded.word_after(end).map(|(_, word)| word);
    let mut joined = after.chars().all(|sign| " -'’".contains(sign));
    if next == Some("s") {
        next = folded.word_after(end + 1).map(|(_, word)| word);
        joined &= folded.separators_before(text, end + 1).chars().all(|sign| sign == ' ');
    }
    let is_technical = |word: &str| word.len() > 2 && !LINKS.contains(&word) && kind(word) == Some(Kind::Technical);
    let explained = joined && next.is_some_and(|word| EPONYM_NOUNS.contains(&word) || is_technical(word));
    match kind(&folded.text[start..end]) {
        Some(Kind::Eponym) => !explained && (previous.is_some() || next.is_some()),
        Some(Kind::Common) => {
            let after_lower_case = previous.is_some_and(|(word_start, word)| {
                !folded.is_upper(word_start) && word.starts_with(char::is_alphabetic)
            });
            let sentence_case = folded.is_upper(start) && !folded.is_upper(end - 1);
            sentence_case && after_lower_case && !explained
        }
        Some(Kind::Technical) => false,
        Some(Kind::Plain) | None => true,
    }
}

/// Whether a form of address, a caption and a colon, or a caret makes a person's name of whatever word this is.
fn is_addressed(folded: &Folded, text: &str, start: usize, end: usize) -> bool {
    let (before, after) = (folded.separators_before(text, start), folded.separators_before(text, end));
    if before.contains('^') || after.contains('^') {
        return true;
    }
    let Some((word_start, word)) = folded.word_before(start) else { return false };
    let mixed = !folded.is_upper(word_start + word.len() - 1) || before.contains('.');
    (HONORIFICS.contains(&word) && mixed) || (CAPTIONS.contains(&word) && before.contains([':', '=']))
}

/// Longer words of letters and digits are no short codes.
const MAX_CODE: usize = 4;

/// Whether a guess about characters `start..end` of a text is a hard negative: every word in it is in the list and no
/// surroundings make it a name, or is a short code such as `T2`, `B30f` or `3`, and one at least is in the list or
/// mixes letters and digits.
pub(crate) fn protects(text: &str, start: usize, end: usize) -> bool {
    let folded = Folded::new(text);
    let mut telling = false;
    for (first, last) in folded.tokens() {
        let (from, to) = folded.original(first, last);
        if to <= start || end <= from {
            continue;
        }
        let word = &folded.text[first..last];
        let is_name = match kind(word) {
            Some(Kind::Plain) => is_addressed(&folded, text, first, last),
            _ => is_name_here(&folded, text, first, last),
        };
        let n_digits = word.bytes().filter(u8::is_ascii_digit).count();
        let is_code = word.len() <= MAX_CODE && n_digits > 0;
        match (kind(word), is_code) {
            (Some(_), _) if !is_name => telling = true,
            (None, true) => telling |= n_digits < word.len(),
            _ => return false,
        }
    }
    telling
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_has_its_greatest_kind() {
        for (word, expected) in [
            ("brain", Some(Kind::Technical)),
            ("siemens", Some(Kind::Technical)),
            ("baker", Some(Kind::Eponym)),
            ("long", Some(Kind::Common)),
            ("could", Some(Kind::Plain)),
            ("kovacs", None),
        ] {
            assert_eq!(kind(word), expected, "{word}");
        }
    }

    #[test]
    fn guesses_about_hard_negatives_are_seen() {
        for (text, guess, expected) in [
            ("Baker cyst", "Baker", true),
            ("MR BRAIN W/O", "BRAIN", true),
            ("AX T2 BRAIN 3", "T2 BRAIN 3", true),
            ("kernel B30f", "B30f", true),
            ("seen with Mrs. Brain today", "Brain", false),
            ("seen by Kovacs", "Kovacs", false),
            ("brain of Kovacs", "brain of Kovacs", false),
            ("bed 12", "12", false),
            ("number 90417733", "90417733", false),
        ] {
            let start = text.find(guess).expect("it is there");
            assert_eq!(protects(text, start, start + guess.len()), expected, "{text}");
        }
    }

    #[test]
    fn surroundings_make_a_name() {
        for (text, word, expected) in [
            ("MR BRAIN W/O", "brain", false),
            ("seen with Mrs. Brain today", "brain", true),
            ("BRAIN^ANNA", "brain", true),
            ("Baker cyst", "baker", false),
            ("Baker", "baker", false),
            ("CT for Baker, follow-up", "baker", true),
            ("Wilson's disease", "wilson", false),
            ("LONG AXIS", "long", false),
            ("told Long to wait", "long", true),
            ("seen by Long axis view", "long", false),
            ("May 2014", "may", false),
            ("White matter lesion", "white", false),
            ("name: HEAD", "head", true),
        ] {
            let folded = Folded::new(text);
            let start = folded.text.find(word).expect("it is there");
            assert_eq!(is_name_here(&folded, text, start, start + word.len()), expected, "{text}");
        }
    }
}

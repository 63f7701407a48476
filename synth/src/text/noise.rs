//! What typing, dictation and interfaces do to a text after it was composed.
//!
//! Every operation rewrites pieces one by one, so the spans stay exact.

use crate::plant::{Phrase, PieceKind};
use crate::vocabulary::Split;
use efface_schema::PhiLabel;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// Words that are abbreviated, with their short forms.
const ABBREVIATIONS: &[(&str, &[&str])] = &[
    ("patient", &["pt", "pat."]),
    ("Patient", &["Pt", "Pat", "PT"]),
    ("with", &["w/", "w"]),
    ("without", &["w/o", "wo"]),
    ("history", &["hx", "h/o"]),
    ("History", &["Hx", "H/O"]),
    ("discussed", &["d/w", "disc."]),
    ("previously", &["prev", "prev."]),
    ("fracture", &["fx", "frac."]),
    ("results", &["rslts", "res"]),
    ("contrast", &["con", "c+"]),
    ("follow", &["f/u"]),
    ("serial", &["ser.", "s/n"]),
    ("account", &["acct"]),
    ("please", &["pls"]),
    ("Please", &["Pls"]),
    ("examined", &["exam'd", "seen"]),
    ("date of birth", &["DOB", "dob", "d.o.b."]),
    ("appointment", &["appt"]),
    ("received", &["rec'd"]),
    ("normal", &["nl", "WNL"]),
    ("right", &["rt", "R"]),
    ("left", &["lt", "L"]),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Case {
    AsIs,
    Upper,
    Lower,
}

/// Rewrites a phrase with some noise, or with none.
pub(super) fn add(rng: &mut ChaCha8Rng, split: Split, phrase: Phrase) -> Phrase {
    let mut phrase = phrase;
    if rng.random_bool(0.3) {
        phrase = abbreviate(rng, phrase);
    }
    if rng.random_bool(0.15) {
        phrase = mistype(rng, split, phrase);
    }
    if rng.random_bool(0.2) {
        phrase = squeeze(rng, phrase);
    }
    match rng.random_range(0..100) {
        0..18 => recase(phrase, Case::Upper),
        18..30 => recase(phrase, Case::Lower),
        _ => recase(phrase, Case::AsIs),
    }
}

fn recase(phrase: Phrase, case: Case) -> Phrase {
    if case == Case::AsIs {
        return phrase;
    }
    phrase.rewrite(|kind, text| match (case, kind) {
        // A path or a template is case sensitive; people who write in capitals do not retype it.
        (_, PieceKind::Secret(PhiLabel::Url | PhiLabel::Biometric)) => text.to_owned(),
        (Case::Upper, _) => text.to_uppercase(),
        (Case::Lower, _) => text.to_lowercase(),
        (Case::AsIs, _) => text.to_owned(),
    })
}

fn abbreviate(rng: &mut ChaCha8Rng, phrase: Phrase) -> Phrase {
    phrase.rewrite(|kind, text| {
        if kind != PieceKind::Words {
            return text.to_owned();
        }
        let mut text = text.to_owned();
        for (word, short) in ABBREVIATIONS {
            if let Some(at) = find_word(&text, word) {
                text.replace_range(at..at + word.len(), short[rng.random_range(0..short.len())]);
            }
        }
        text
    })
}

/// Where a word stands between others.
fn find_word(text: &str, word: &str) -> Option<usize> {
    let at = text.find(word)?;
    let is_edge = |character: Option<char>| character.is_none_or(|character| !character.is_alphanumeric());
    let is_whole = is_edge(text[..at].chars().next_back()) && is_edge(text[at + word.len()..].chars().next());
    is_whole.then_some(at)
}

/// One slip of a finger in some longer words: dropped, doubled, swapped or neighbouring letters.
fn mistype(rng: &mut ChaCha8Rng, split: Split, phrase: Phrase) -> Phrase {
    phrase.rewrite(|kind, text| match kind {
        PieceKind::Words => text.split(' ').map(|word| slip(rng, word)).collect::<Vec<_>>().join(" "),
        PieceKind::Secret(PhiLabel::Name | PhiLabel::Location | PhiLabel::Organization) => {
            // A slip may not make one side's name out of the other's.
            let own = |word: &String| Split::of(word) == split;
            let words =
                text.split(' ').map(|word| Some(slip(rng, word)).filter(own).unwrap_or_else(|| word.to_owned()));
            words.collect::<Vec<_>>().join(" ")
        }
        _ => text.to_owned(),
    })
}

fn slip(rng: &mut ChaCha8Rng, word: &str) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    let is_plain = letters.len() >= 5 && letters.iter().all(|letter| letter.is_alphabetic());
    if !is_plain || !rng.random_bool(0.15) {
        return word.to_owned();
    }
    let at = rng.random_range(1..letters.len() - 1);
    match rng.random_range(0..4) {
        0 => {
            letters.remove(at);
        }
        1 => letters.insert(at, letters[at]),
        2 => letters.swap(at, at + 1),
        _ => letters[at] = neighbour(letters[at]),
    }
    letters.into_iter().collect()
}

/// The key to the right, on the rows of a typewriter.
fn neighbour(letter: char) -> char {
    const ROWS: &str = "qwertyuiopq asdfghjkla zxcvbnmz QWERTYUIOPQ ASDFGHJKLA ZXCVBNMZ";
    ROWS.chars().skip_while(|key| *key != letter).nth(1).filter(|key| *key != ' ').unwrap_or(letter)
}

/// Blanks that are missing or doubled, lines that break, marks that are left out.
fn squeeze(rng: &mut ChaCha8Rng, phrase: Phrase) -> Phrase {
    let style = rng.random_range(0..6);
    phrase.rewrite(|kind, text| match (kind, style) {
        (PieceKind::Words, 0) => text.replace(": ", ":").replace(", ", ",").replace(". ", "."),
        // What stood before a secret is glued to it: `DrSmith`, `MRN12345`.
        (PieceKind::Words, 1) if text.ends_with(' ') => text.trim_end_matches(' ').to_owned(),
        (PieceKind::Words, 2) => text.replace(' ', "  "),
        (PieceKind::Words, 3) => text.replace([',', '.', ';'], ""),
        (PieceKind::Words, 4) => text.replace(". ", " - ").replace("; ", " / "),
        (PieceKind::Words, 5) => text.replace(' ', "_"),
        _ => text.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plant::Secret;
    use crate::streams::Streams;
    use std::collections::BTreeSet;

    #[test]
    fn one_phrase_is_written_in_many_ways() {
        let secret = Secret::new(PhiLabel::Name, "Roe");
        let rng = &mut Streams::new(1).stream("test", &[]);
        let forms: BTreeSet<usize> = (0..500)
            .map(|_| {
                let phrase = Phrase::default().filler("Please phone the patient ").secret(&secret);
                add(rng, Split::Test, phrase.filler(" without history, discussed.")).n_characters()
            })
            .collect();
        assert!(forms.len() > 12, "{forms:?}");
    }

    #[test]
    fn only_whole_words_are_abbreviated() {
        assert_eq!(find_word("the patient's", "patient"), Some(4));
        assert_eq!(find_word("inpatient", "patient"), None);
        assert_eq!(find_word("patients", "patient"), None);
    }
}

//! What a reader of characters does to a text: letters for digits, digits for letters, split and joined words.
//!
//! Every operation rewrites pieces one by one, so the spans stay exact.

use super::TextKind;
use crate::plant::{Phrase, PieceKind};
use crate::vocabulary::Split;
use efface_schema::PhiLabel;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// What is read as what; either way is drawn.
const CONFUSIONS: &[(&str, &str)] = &[
    ("0", "O"),
    ("1", "l"),
    ("1", "I"),
    ("5", "S"),
    ("8", "B"),
    ("6", "G"),
    ("2", "Z"),
    ("rn", "m"),
    ("cl", "d"),
    ("vv", "w"),
    ("ri", "n"),
    ("li", "h"),
    ("e", "c"),
    ("i", "l"),
    ("u", "v"),
    (":", ";"),
    (".", ","),
    ("/", "1"),
    ("(", "C"),
];

/// Misreads a text at times; headers of images often, texts that were typed seldom.
pub(super) fn add(rng: &mut ChaCha8Rng, split: Split, kind: TextKind, phrase: Phrase) -> Phrase {
    let share = match kind {
        TextKind::Screen => 0.35,
        TextKind::FileName | TextKind::Message => 0.0,
        _ => 0.04,
    };
    if !rng.random_bool(share) {
        return phrase;
    }
    phrase.rewrite(|piece, text| match piece {
        // Web addresses and templates of fingerprints have no other form.
        PieceKind::Secret(PhiLabel::Url | PhiLabel::Biometric | PhiLabel::Email) | PieceKind::Negative => {
            text.to_owned()
        }
        PieceKind::Secret(PhiLabel::Name | PhiLabel::Location | PhiLabel::Organization) => {
            // A slip may not make one side's name out of the other's.
            let own = |word: &String| Split::of(word) == split;
            let words =
                text.split(' ').map(|word| Some(misread(rng, word)).filter(own).unwrap_or_else(|| word.to_owned()));
            words.collect::<Vec<_>>().join(" ")
        }
        // A digit may turn into a letter, which leaves the side of the number to those that stay, and no letter
        // into a digit.
        PieceKind::Secret(_) => to_letters(rng, text),
        PieceKind::Words => text.split(' ').map(|word| misread(rng, word)).collect::<Vec<_>>().join(" "),
    })
}

/// One confusion in a word, or a blank in it.
fn misread(rng: &mut ChaCha8Rng, word: &str) -> String {
    if word.chars().count() < 4 || !rng.random_bool(0.25) {
        return word.to_owned();
    }
    let (one, other) = CONFUSIONS[rng.random_range(0..CONFUSIONS.len())];
    let (from, to) = if rng.random_bool(0.5) { (one, other) } else { (other, one) };
    if word.contains(from) {
        return word.replacen(from, to, 1);
    }
    if !rng.random_bool(0.2) {
        return word.to_owned();
    }
    let middle = word.char_indices().nth(2).map_or(0, |(at, _)| at);
    format!("{} {}", &word[..middle], &word[middle..])
}

fn to_letters(rng: &mut ChaCha8Rng, text: &str) -> String {
    let (digit, letter) = CONFUSIONS[rng.random_range(0..7)];
    if rng.random_bool(0.4) { text.replacen(digit, letter, 1) } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plant::Secret;
    use crate::streams::Streams;
    use std::collections::BTreeSet;

    #[test]
    fn a_header_is_misread_in_many_ways_and_a_message_in_none() {
        let rng = &mut Streams::new(1).stream("test", &[]);
        let mut texts = |kind| -> BTreeSet<String> {
            let one = |_| {
                let number = Secret::new(PhiLabel::Mrn, "10586");
                let phrase = Phrase::default().filler("Modern clinic unit: ").secret(&number);
                format!("{:?}", add(rng, Split::Test, kind, phrase))
            };
            (0..400).map(one).collect()
        };
        assert!(texts(TextKind::Screen).len() > 8);
        assert_eq!(texts(TextKind::Message).len(), 1);
    }
}

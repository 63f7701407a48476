//! Texts that were written one by one, each with a sentence of its own, and varied: what rules compose is as many kinds of
//! sentences as there are rules, and a network that has seen no others knows the rules.
//!
//! `texts` has the files, whose notation [`marked`] reads. All of them stand on the side to train on.
//! What identifies is drawn anew for each variant (`vary`): the words around it are what these texts are for.

mod marked;
mod vary;

use crate::persona::Casting;
use crate::plant::Phrase;
use crate::text;
use crate::vocabulary::Split;
use efface_schema::TextContext;
use marked::MarkedText;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use std::sync::LazyLock;

/// The files of marked texts.
const FILES: &[&str] = &[
    include_str!("texts/asia.txt"),
    include_str!("texts/centres.txt"),
    include_str!("texts/codes.txt"),
    include_str!("texts/contacts.txt"),
    include_str!("texts/corners.txt"),
    include_str!("texts/days.txt"),
    include_str!("texts/departments.txt"),
    include_str!("texts/eastern.txt"),
    include_str!("texts/english.txt"),
    include_str!("texts/europe.txt"),
    include_str!("texts/fields.txt"),
    include_str!("texts/fragments.txt"),
    include_str!("texts/headers.txt"),
    include_str!("texts/identifiers.txt"),
    include_str!("texts/languages.txt"),
    include_str!("texts/lookalikes.txt"),
    include_str!("texts/machines.txt"),
    include_str!("texts/organizations.txt"),
    include_str!("texts/people.txt"),
    include_str!("texts/places.txt"),
    include_str!("texts/prose.txt"),
    include_str!("texts/radiology.txt"),
    include_str!("texts/remarks.txt"),
    include_str!("texts/scripts.txt"),
    include_str!("texts/sites.txt"),
    include_str!("texts/voices.txt"),
    include_str!("texts/western.txt"),
];

static TEXTS: LazyLock<Vec<MarkedText>> =
    LazyLock::new(|| FILES.iter().flat_map(|file| marked::parse(file).expect("a file of marked texts")).collect());

/// How often a variant is written with slips, abbreviations or in capitals.
const NOISE_SHARE: f64 = 0.25;

/// Number of texts, before they are varied.
pub(crate) fn n_texts() -> u64 {
    TEXTS.len() as u64
}

/// One variant of a text, and where it stands. The first of its variants keeps what identifies, as far as the side allows.
pub(crate) fn variant(
    number: u64,
    is_first: bool,
    casting: Casting<'_>,
    rng: &mut ChaCha8Rng,
) -> (Phrase, TextContext) {
    let text = &TEXTS[usize::try_from(number).expect("a number of a text")];
    let mut phrase = Phrase::default();
    {
        let mut variation = vary::Variation::new(rng, Split::Train, text.people_of, !is_first, casting.shortest_name);
        for part in &text.parts {
            phrase = match part {
                marked::Part::Words(words) => phrase.clinical(words.clone()),
                marked::Part::Identity(secret) => phrase.secret(&variation.of(secret)),
            };
        }
    }
    if !is_first && rng.random_bool(NOISE_SHARE) {
        phrase = text::with_noise(rng, Split::Train, phrase);
    }
    (phrase, text.context(number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// The words of a text without what identifies; none where there are hardly any.
    fn wording(text: &MarkedText) -> Option<String> {
        let template = text.template().to_lowercase();
        let n_letters = template.chars().filter(|character| character.is_alphabetic()).count();
        let words = template.split(|character: char| !character.is_alphanumeric() && character != '_');
        (n_letters > 2).then(|| words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn texts_are_many_and_each_has_a_wording_of_its_own() {
        assert!(TEXTS.len() > 17_000, "{}", TEXTS.len());
        let wordings: Vec<String> = TEXTS.iter().filter_map(wording).collect();
        assert!(wordings.len() > 16_000, "{}", wordings.len());
        let different: BTreeSet<&String> = wordings.iter().collect();
        assert!(wordings.len() - different.len() < 20, "{} of {}", different.len(), wordings.len());
    }

    #[test]
    fn no_wording_is_one_of_the_sets_to_test_and_develop_on() {
        let written: BTreeSet<String> = TEXTS.iter().filter_map(wording).collect();
        for set in ["out-of-template", "out-of-template-development"] {
            let path = format!("{}/../testdata/{set}/strings.txt", env!("CARGO_MANIFEST_DIR"));
            let file = std::fs::read_to_string(&path).expect("the set is part of the project");
            let texts = marked::parse(&file).expect("the same notation");
            assert!(texts.len() > 500);
            let n_shared = texts.iter().filter_map(wording).filter(|wording| written.contains(wording)).count();
            assert_eq!(n_shared, 0, "{set}");
        }
    }
}

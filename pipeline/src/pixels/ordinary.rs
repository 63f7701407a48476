//! Ordinary words: harmless as long as nothing beside them may be a name.
//!
//! The vocabulary of images knows what scanners write. People write more into images: `Referred by`, `Please repeat`,
//! `hyperechoic texture`. The words of `data/ordinary_words.txt` are English or clinical terms, and neither a surname, a given
//! name nor a place; but names are made of such words, too (`Pasture Diagnostic`), and a name that was misread may
//! become one. So an ordinary word stays only if it was read surely, and if no word beside it may be a part of a name.

use super::context::is_institutional;
use super::{Judgement, LocatedText};
use efface_schema::PhiLabel;
use std::collections::HashSet;
use std::sync::LazyLock;

static WORDS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    let words = include_str!("../../data/ordinary_words.txt").lines();
    words.filter(|line| !line.starts_with('#')).collect()
});

/// A word that was read less surely may be a name that was misread.
const SURELY_READ: f64 = 0.85;

/// Words across which no name reaches: what is before them is no part of what is behind them.
const PARTICLES: [&str; 15] =
    ["by", "for", "from", "with", "to", "at", "in", "on", "or", "not", "is", "was", "as", "be", "are"];
/// The same, but for parts of names between their other parts.
const PARTICLES_OF_NAMES: [&str; 3] = ["of", "the", "and"];

/// What a word of a line may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// It may be a part of a name, or nobody knows what it is.
    Name,
    /// An ordinary word that was read surely.
    Ordinary,
    /// A word across which no name reaches, and which is part of none.
    Particle,
    /// A word across which no name reaches, and which is part of one that it touches.
    ParticleOfNames,
    /// No part of a name: a number, a measurement, a word of technique, a date.
    Other,
}

/// Whether a word is an English or clinical one, and neither a surname, a given name nor a place.
fn is_ordinary(word: &str) -> bool {
    let bare = word.trim_matches(|sign: char| !sign.is_alphanumeric());
    bare.is_ascii() && bare.split(['-', '/']).all(|part| WORDS.contains(part.to_ascii_lowercase().as_str()))
}

/// Whether a word is one across which no name reaches, and whether it is then part of one that ends or begins there.
fn particle(word: &str) -> Option<Part> {
    let bare = word.trim_matches(|sign: char| !sign.is_alphanumeric()).to_lowercase();
    match bare.as_str() {
        bare if PARTICLES.contains(&bare) => Some(Part::Particle),
        bare if PARTICLES_OF_NAMES.contains(&bare) => Some(Part::ParticleOfNames),
        _ => None,
    }
}

fn part(text: &LocatedText, judgement: Option<&Judgement>) -> Part {
    let Some(word) = text.text.as_ref().map(|word| word.expose().as_str()) else { return Part::Name };
    match judgement {
        None => Part::Name,
        Some(Judgement::Harmless | Judgement::Unknown) if is_institutional(word) => Part::Name,
        Some(Judgement::Harmless) => Part::Other,
        Some(Judgement::Phi { label, .. }) => match label {
            None | Some(PhiLabel::Name | PhiLabel::Organization) => Part::Name,
            Some(_) => Part::Other,
        },
        Some(Judgement::Unknown) => unknown_part(word, text.confidence.get() >= SURELY_READ),
    }
}

/// What a word may be that nobody else knows.
fn unknown_part(word: &str, is_surely_read: bool) -> Part {
    let surely = if is_ordinary(word) { Some(Part::Ordinary) } else { particle(word) };
    match surely.filter(|_| is_surely_read) {
        Some(part) => part,
        // What has no two letters is a number or a mark.
        None if word.chars().filter(|sign| sign.is_alphabetic()).count() < 2 => Part::Other,
        None => Part::Name,
    }
}

/// Makes harmless the ordinary words of a line that no name reaches: doubt spreads from what may be a part of a name to the
/// ordinary words beside it, and from these to those beside them.
pub(super) fn trust_ordinary_words(line: &[LocatedText], judged: &mut [Option<Judgement>]) {
    let mut parts: Vec<Part> = line.iter().zip(judged.iter()).map(|(text, one)| part(text, one.as_ref())).collect();
    let mut doubt = |idx: usize, beside: usize| {
        if parts[idx] == Part::Ordinary && parts[beside] == Part::Name {
            parts[idx] = Part::Name;
        }
    };
    (1..line.len()).for_each(|idx| doubt(idx, idx - 1));
    (1..line.len()).rev().for_each(|idx| doubt(idx - 1, idx));
    let is_beside_name = |idx: usize| {
        let before = idx.checked_sub(1).and_then(|before| parts.get(before));
        before.into_iter().chain(parts.get(idx + 1)).any(|part| *part == Part::Name)
    };
    for (idx, judgement) in judged.iter_mut().enumerate() {
        let is_harmless = match parts[idx] {
            Part::Ordinary | Part::Particle => true,
            Part::ParticleOfNames => !is_beside_name(idx),
            Part::Name | Part::Other => false,
        };
        if is_harmless {
            *judgement = Some(Judgement::Harmless);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use efface_schema::{Phi, PixelRegion, Probability, Source};

    fn name() -> Judgement {
        let (source, rule) = (Source::Tier2, "name".to_owned());
        Judgement::Phi { source, rule, label: Some(PhiLabel::Name), probability: Probability::ONE }
    }

    /// Which words of a line become harmless that nobody knew; `*` marks a name, `!` a word that was read unsurely.
    fn trusted(words: &[&str]) -> Vec<bool> {
        let text = |word: &&str| LocatedText {
            region: PixelRegion { x0: 0, y0: 0, x1: 40, y1: 12 },
            text: (*word != "?").then(|| Phi::new(word.trim_end_matches(['*', '!']).to_owned())),
            confidence: Probability::new(if word.ends_with('!') { 0.7 } else { 0.9 }).expect("a probability"),
            line: 0,
            network: None,
        };
        let judgement = |word: &&str| match *word {
            "?" => None,
            word if word.ends_with('*') => Some(name()),
            _ => Some(Judgement::Unknown),
        };
        let line: Vec<LocatedText> = words.iter().map(text).collect();
        let mut judged: Vec<Option<Judgement>> = words.iter().map(judgement).collect();
        trust_ordinary_words(&line, &mut judged);
        judged.into_iter().map(|judgement| judgement == Some(Judgement::Harmless)).collect()
    }

    #[test]
    fn ordinary_words_stay_among_their_like() {
        assert_eq!(trusted(&["Please", "repeat", "breathing"]), [true; 3]);
        assert_eq!(trusted(&["hyperechoic", "texture,"]), [true; 2]);
        assert_eq!(trusted(&["Referred", "by:"]), [true; 2]);
        assert_eq!(trusted(&["Please", "repeat!"]), [false; 2], "what was read unsurely may be a name");
        assert_eq!(trusted(&["Please", "482913"]), [true, false]);
    }

    #[test]
    fn a_name_reaches_the_ordinary_words_beside_it() {
        assert_eq!(trusted(&["Green", "Pasture", "Hospital"]), [false; 3]);
        assert_eq!(trusted(&["Pasture", "Diagnostic"]), [false; 2]);
        assert_eq!(trusted(&["Doe*", "breathing"]), [false; 2]);
        assert_eq!(trusted(&["?", "breathing"]), [false; 2]);
        assert_eq!(trusted(&["Referred", "by", "Quorl"]), [true, true, false]);
        assert_eq!(trusted(&["Pasture", "of", "Hospital"]), [true, false, false]);
    }

    #[test]
    fn names_and_places_are_no_ordinary_words() {
        assert!(
            ["breathing", "REPEAT", "hyperechoic", "(texture)"].into_iter().filter(|word| is_ordinary(word)).count()
                == 4
        );
        let others = ["Smith", "JANE", "Boston", "Hospital", "Clinic", "Memorial", "Université", "X-1", "", "-"];
        assert!(!others.into_iter().any(is_ordinary));
    }
}

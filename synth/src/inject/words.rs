//! Identifying words among those that stand in a text.

use crate::iod::Scene;
use crate::plant::{Phrase, Sheet};
use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// How often other words are tried before a text is left alone.
const N_ATTEMPTS: usize = 12;

/// Text of a person's own words.
pub(super) const fn is_prose(vr: VR) -> bool {
    matches!(vr, VR::LO | VR::SH | VR::ST | VR::LT | VR::UT)
}

/// Any text that a name or an identifier fits into.
pub(super) const fn is_text(vr: VR) -> bool {
    is_prose(vr) || matches!(vr, VR::UC | VR::CS)
}

/// Whether a text has a number of six digits or more, which may be an identifier or a date.
pub(super) fn has_long_number(text: &str) -> bool {
    text.split(|character: char| !character.is_ascii_digit()).any(|digits| digits.len() >= 6)
}

/// Adds identifying words to the text of an attribute; what was there must stay if the attribute `is_cleaned`.
///
/// Where no words fit the space, or none can be told from those that are there, only the old text is claimed.
pub(super) fn mix_in(scene: &Scene<'_>, sheet: &mut Sheet<'_>, tag: Tag, is_cleaned: bool) {
    let Some(original) = sheet.text(tag) else { return };
    let is_plain = original.chars().all(|character| (' '..='~').contains(&character));
    // A long number may be an identifier of the input's own: whoever removes it is right.
    let is_cleaned = is_cleaned && is_plain && !has_long_number(&original);
    let rng = &mut stream(scene, tag);
    let max_characters = capacity(tag);
    let found = (0..N_ATTEMPTS).find_map(|attempt| {
        let added = words(scene, rng, tag, attempt, max_characters);
        let kept = if is_cleaned { Phrase::default().clinical(&original) } else { Phrase::default().filler(&original) };
        let mixed = if rng.random_bool(0.75) { kept.then(added) } else { added.then(kept) };
        (mixed.n_characters() <= max_characters && mixed.is_fair()).then_some(mixed)
    });
    match found {
        Some(phrase) => sheet.phrase_over(tag, &phrase, is_cleaned),
        None if is_cleaned => {
            sheet.phrase(tag, &Phrase::default().clinical(original));
        }
        None => {}
    }
}

/// Writes a text where there is none.
pub(super) fn write(scene: &Scene<'_>, sheet: &mut Sheet<'_>, tag: Tag, is_cleaned: bool) {
    let phrase = words(scene, &mut stream(scene, tag), tag, 0, capacity(tag));
    sheet.phrase_over(tag, &phrase, is_cleaned);
}

/// Words for a text: whole sentences first, then a single name.
fn words(scene: &Scene<'_>, rng: &mut ChaCha8Rng, tag: Tag, attempt: usize, max_characters: usize) -> Phrase {
    let (persona, study) = (scene.persona(), scene.study);
    let place = usize::from(tag.element()) + attempt;
    match attempt {
        _ if max_characters > 64 && attempt < 6 => scene.instance_grammar().comment(rng, place),
        0..6 if max_characters > 16 => grammar_of(scene, tag).line(rng, place),
        6 | 7 => Phrase::default().secret(&persona.name.sorted()),
        8 => Phrase::default().secret(&study.accession),
        9 => Phrase::default().secret(&persona.patient_id),
        _ => Phrase::default().secret(&persona.name.family()),
    }
}

fn grammar_of<'s>(scene: &'s Scene<'_>, tag: Tag) -> crate::grammar::Grammar<'s> {
    match level(tag) {
        Level::Study => scene.study_grammar(),
        Level::Series => scene.series_grammar(),
        Level::Instance => scene.instance_grammar(),
    }
}

/// Attributes of a study read the same in all its instances.
fn stream(scene: &Scene<'_>, tag: Tag) -> ChaCha8Rng {
    let purpose = format!("injected words {tag}");
    match level(tag) {
        Level::Study => scene.study_stream(&purpose),
        Level::Series => scene.series_stream(&purpose),
        Level::Instance => scene.instance_stream(&purpose),
    }
}

enum Level {
    Study,
    Series,
    Instance,
}

fn level(tag: Tag) -> Level {
    match tag {
        tags::STUDY_DESCRIPTION | tags::ADMITTING_DIAGNOSES_DESCRIPTION => Level::Study,
        Tag(0x0010 | 0x0032 | 0x0038, _) => Level::Study,
        tags::SERIES_DESCRIPTION | tags::PROTOCOL_NAME | Tag(0x0040, 0x0241..=0x0280) => Level::Series,
        _ => Level::Instance,
    }
}

/// How many characters an attribute holds (PS3.5 table 6.2-1); of the long ones a part.
fn capacity(tag: Tag) -> usize {
    use dicom_core::dictionary::{DataDictionary, DataDictionaryEntry};
    let vr = dicom_dictionary_std::StandardDataDictionary.by_tag(tag).map_or(VR::LO, |entry| entry.vr().relaxed());
    match vr {
        VR::SH => 16,
        VR::ST => 1000,
        VR::LT | VR::UT => 4000,
        _ => 64,
    }
}

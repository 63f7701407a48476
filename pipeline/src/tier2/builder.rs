//! What all instances of a patient say of people, places and numbers, collected before any of them is searched.

use super::Recognizers;
use super::dates::KnownDates;
use super::lexicon::Lexicon;
use super::names;
use super::needles::{Needle, Needles};
use super::phrases::{self, MAX_PHRASE};
use super::transliteration;
use crate::key::is_code;
use crate::read::Instance;
use crate::remember::ByElement;
use crate::tier1::{Tier1, dictionary_vr};
use dicom_core::header::Header;
use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use dicom_object::mem::InMemElement;
use efface_schema::{Action, Phi, PhiLabel};
use std::collections::{BTreeMap, BTreeSet};

/// At most this many free texts of a patient are searched for people, so that memory stays bounded.
const MAX_NARRATIVES: usize = 4096;
/// At most this many names and values of a patient are collected; the rest is still taken away where it stands.
const MAX_STATEMENTS: usize = 16_384;
/// Titles of software that are no place: shorter AE titles and those in the guard's list are not searched.
const MIN_ENTITY_TITLE: usize = 5;

/// Collects a [`Lexicon`] from all instances of a patient.
///
/// # Example
/// ```
/// use efface_pipeline::tier2::{LexiconBuilder, Recognizers};
/// let recognizers = Recognizers::new();
/// let mut builder = LexiconBuilder::default();
/// builder.add_name("Doe^Robert");
/// let lexicon = builder.build(&recognizers);
/// let found = lexicon.find("CT chest, Bob Doe");
/// assert!(found.iter().any(|span| (span.start, span.end) == (10, 17)));
/// ```
#[derive(Default)]
pub struct LexiconBuilder {
    /// Names of people, in DICOM's form.
    names: BTreeSet<Phi<String>>,
    /// Other identifying values and what they are.
    phrases: BTreeMap<Phi<String>, PhiLabel>,
    /// Dates of the patient and of the examinations.
    dates: KnownDates,
    /// Free texts, each once: who is named in one may be named in another.
    narratives: BTreeSet<Phi<String>>,
    /// Elements that said what they say already.
    heard: ByElement<()>,
}

impl LexiconBuilder {
    /// Adds what an instance says explicitly: the values that tier 1 takes away.
    pub fn add(&mut self, instance: &Instance, tier1: &Tier1) {
        self.add_data_set(&instance.data_set, tier1);
        // The written file has titles of its own; what these named may stand in texts.
        for element in instance.meta.elements.iter().filter(|element| element.vr == VR::AE) {
            let bytes: &[u8] = element.value.expose();
            let title = String::from_utf8_lossy(bytes);
            let title = title.trim_matches(['\0', ' ']);
            if title.chars().count() >= MIN_ENTITY_TITLE {
                self.add_phrase(title, PhiLabel::OtherId);
            }
        }
    }

    fn add_data_set(&mut self, data_set: &InMemDicomObject, tier1: &Tier1) {
        for element in data_set {
            if let Some(items) = element.value().items() {
                items.iter().for_each(|item| self.add_data_set(item, tier1));
            } else if element.tag().group() % 2 == 0 {
                self.add_element(element, tier1);
            } else {
                self.add_private(element);
            }
        }
    }

    fn add_private(&mut self, element: &InMemElement) {
        match element.vr() {
            VR::PN => self.add_texts(element, Self::add_name),
            // A caret makes a name of any text; what is technical has none.
            VR::LO | VR::SH | VR::ST | VR::LT | VR::UT | VR::UC => self.add_texts(element, |builder, text| {
                if is_caret_name(text) {
                    builder.add_name(text);
                } else {
                    builder.add_narrative(text);
                }
            }),
            _ => {}
        }
    }

    fn add_element(&mut self, element: &InMemElement, tier1: &Tier1) {
        let tag = element.tag();
        let vr = dictionary_vr(tag).unwrap_or(element.vr());
        // Numbers, codes, times and UIDs are not searched in other places.
        let speaks =
            matches!(vr, VR::PN | VR::LO | VR::SH | VR::ST | VR::LT | VR::UT | VR::UC | VR::AE | VR::DA | VR::DT);
        // The slices of a series say the same of their patient.
        if !speaks || self.heard.get(element, |()| true).is_some() {
            return;
        }
        self.heard.insert(element, ());
        let action = tier1.standard(tag, element.vr()).action;
        let taken_away = matches!(action, Action::Remove | Action::Empty | Action::Replace | Action::MapIdentifier);
        if matches!(vr, VR::DA | VR::DT) && (taken_away || action == Action::ShiftDate) {
            self.add_texts(element, Self::add_date);
        }
        if !taken_away || tier1.is_descriptor(tag) {
            if matches!(vr, VR::LO | VR::ST | VR::LT | VR::UT | VR::UC) {
                self.add_texts(element, Self::add_narrative);
            }
            return;
        }
        match vr {
            VR::PN => self.add_texts(element, Self::add_name),
            VR::LO | VR::SH | VR::ST | VR::AE | VR::UC => {
                let label = label_of(tag);
                self.add_texts(element, |builder, text| builder.add_phrase(text, label));
            }
            // Comments that go may name people whom other texts name too.
            VR::LT | VR::UT => self.add_texts(element, Self::add_narrative),
            _ => {}
        }
    }

    fn add_texts(&mut self, element: &InMemElement, mut add: impl FnMut(&mut Self, &str)) {
        if let Ok(texts) = element.value().to_multi_str() {
            texts.iter().for_each(|text| add(self, text.trim_matches(['\0', ' '])));
        }
    }

    /// Adds a person's name in DICOM's form: the whole in every order and abbreviation, its parts, what friends call
    /// the person, and other spellings.
    pub fn add_name(&mut self, name: &str) {
        if self.names.len() < MAX_STATEMENTS && name.chars().count() <= 2 * MAX_PHRASE && !name.is_empty() {
            self.names.insert(Phi::new(name.to_owned()));
        }
    }

    /// Adds another identifying value: whole, its parts, and identifiers also without their separators.
    pub fn add_phrase(&mut self, text: &str, label: PhiLabel) {
        if text.chars().count() > MAX_PHRASE {
            self.add_narrative(text);
        } else if self.phrases.len() < MAX_STATEMENTS && !text.is_empty() {
            self.phrases.entry(Phi::new(text.to_owned())).or_insert(label);
        }
    }

    /// Adds a free text: who is named there in full is searched in the others.
    pub(super) fn add_narrative(&mut self, text: &str) {
        if self.narratives.len() < MAX_NARRATIVES && text.contains(' ') {
            self.narratives.insert(Phi::new(text.to_owned()));
        }
    }

    /// Adds a date of the patient, a DA or DT value: other texts that write it in any form are cleaned of it.
    pub fn add_date(&mut self, value: &str) {
        self.dates.add(value);
    }

    /// Makes the lexicon searchable. People whom one free text names in full are searched in the others by each part
    /// of their names.
    pub fn build(self, recognizers: &Recognizers) -> Lexicon {
        let mut needles = Needles::default();
        let texts = self.narratives.iter().chain(self.names.iter()).chain(self.phrases.keys());
        let other_scripts = texts.into_iter().any(|text| transliteration::has_other_script(text.expose()));
        for name in &self.names {
            if is_code(name.expose()) {
                phrases::add_identifier(&mut needles, name.expose(), PhiLabel::Name);
            } else {
                names::add(&mut needles, name.expose(), other_scripts);
            }
        }
        for (phrase, label) in &self.phrases {
            if is_code(phrase.expose()) {
                phrases::add_identifier(&mut needles, phrase.expose(), *label);
                continue;
            }
            if is_caret_name(phrase.expose()) {
                names::add(&mut needles, phrase.expose(), other_scripts);
            }
            phrases::add(&mut needles, phrase.expose(), *label);
        }
        for form in self.dates.renderings() {
            let words = super::needles::folded_words(&form);
            let needle = Needle::of_folded_words(&words, PhiLabel::Date, "lexicon-date");
            needles.add_opt(needle.map(Needle::standing_as_date));
        }
        for part in self.narratives.iter().flat_map(|text| recognizers.name_parts(text.expose())) {
            names::add_inferred(&mut needles, &part);
        }
        Lexicon::new(needles)
    }
}

/// Whether a text has the form of a person's name: words on both sides of a caret, and no sentence around it.
fn is_caret_name(text: &str) -> bool {
    const MAX_WORDS: usize = 3;
    let lettered = |part: &str| part.chars().filter(|sign| sign.is_alphabetic()).count() >= 2;
    let short = text.split('^').all(|part| part.split_whitespace().count() <= MAX_WORDS);
    let digits = text.chars().any(|sign| sign.is_ascii_digit());
    short && !digits && text.split_once('^').is_some_and(|(before, after)| lettered(before) && lettered(after))
}

/// What a value of an identifying attribute is, by the attribute.
fn label_of(tag: Tag) -> PhiLabel {
    match tag {
        tags::PATIENT_ID | Tag(0x0010, 0x1000) => PhiLabel::Mrn,
        tags::PATIENT_TELEPHONE_NUMBERS
        | tags::REFERRING_PHYSICIAN_TELEPHONE_NUMBERS
        | tags::PERSON_TELEPHONE_NUMBERS
        | tags::ORDER_CALLBACK_PHONE_NUMBER => PhiLabel::Phone,
        tags::PATIENT_ADDRESS
        | tags::INSTITUTION_ADDRESS
        | tags::REFERRING_PHYSICIAN_ADDRESS
        | tags::PERSON_ADDRESS
        | tags::REGION_OF_RESIDENCE
        | tags::COUNTRY_OF_RESIDENCE
        | tags::CURRENT_PATIENT_LOCATION
        | tags::PATIENT_INSTITUTION_RESIDENCE => PhiLabel::Location,
        tags::INSTITUTION_NAME | tags::INSTITUTIONAL_DEPARTMENT_NAME | tags::RESPONSIBLE_ORGANIZATION => {
            PhiLabel::Organization
        }
        tags::MILITARY_RANK | tags::BRANCH_OF_SERVICE => PhiLabel::Organization,
        tags::DEVICE_SERIAL_NUMBER | tags::DETECTOR_ID | tags::GANTRY_ID | tags::PLATE_ID => PhiLabel::DeviceId,
        tags::ISSUER_OF_PATIENT_ID => PhiLabel::Organization,
        _ => PhiLabel::OtherId,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_of_an_earlier_run_is_searched_whole() {
        let recognizers = Recognizers::new();
        let mut builder = LexiconBuilder::default();
        builder.add_name("ANON-47ZT48RK");
        builder.add_name("EFF-03FNMGEFN7EA35Z7");
        builder.add_phrase("ANON-PTXHMYVK", PhiLabel::Organization);
        let lexicon = builder.build(&recognizers);
        for text in ["ANON-92D9YE0F", "EFF 45 %", "anon series", "PTXHMYVK"] {
            assert!(lexicon.find(text).is_empty(), "{text}");
        }
        for text in ["see ANON-47ZT48RK", "EFF-03FNMGEFN7EA35Z7", "by ANON-PTXHMYVK"] {
            assert!(!lexicon.find(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn a_sentence_that_holds_a_name_is_no_name() {
        for (text, expected) in [
            ("BERGER^MARCEAU", true),
            ("van der Berg^Anna Maria", true),
            ("BERGER^", false),
            ("P4^P101", false),
            ("Pt BERGER^MARCEAU seen with dyspnea, Roberta Russel present.", false),
        ] {
            assert_eq!(is_caret_name(text), expected, "{text}");
        }
    }
}

//! What the explicit attributes of one patient say, and where else it stands.

use super::dates::{DateNeedles, KnownDates};
use super::folded::{Folded, fold};
use super::{FoundSpan, Recognizers};
use crate::read::Instance;
use crate::rules::rule;
use crate::tier1::{Tier1, dictionary_vr};
use aho_corasick::{AhoCorasick, MatchKind};
use dicom_core::header::Header;
use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use dicom_object::mem::InMemElement;
use efface_schema::{Action, Phi, PhiLabel, Probability, Source};
use std::collections::{BTreeMap, BTreeSet};

/// Name parts shorter than this are searched only inside whole names.
const MIN_NAME_PART: usize = 3;
/// Needles of at least this many characters are found inside words too.
const MIN_INSIDE_WORD: usize = 5;
/// Other texts shorter than this are not searched.
const MIN_PHRASE: usize = 4;
/// Identifiers of at least this many letters and digits are found whatever separates them.
const MIN_UNSEPARATED: usize = 5;
/// Values longer than this are narratives, not identities.
const MAX_PHRASE: usize = 128;

/// At most this many free texts of a patient are searched for people, so that memory stays bounded.
const MAX_NARRATIVES: usize = 4096;

/// Words that stand for nobody, in place of a name or an identifier.
const PLACEHOLDERS: &[&str] = &[
    "anonymous",
    "anonymized",
    "anonymised",
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
    "n/a",
    "deidentified",
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
];

/// The identities of one patient, ready to be searched.
pub struct Lexicon {
    folded: Option<AhoCorasick>,
    folded_needles: Vec<Needle>,
    unseparated: Option<AhoCorasick>,
    unseparated_labels: Vec<PhiLabel>,
    raw: Option<AhoCorasick>,
    dates: Option<DateNeedles>,
}

struct Needle {
    label: PhiLabel,
    rule: &'static str,
    inside_words: bool,
}

/// Collects a [`Lexicon`] from all instances of a patient.
#[derive(Default)]
pub struct LexiconBuilder {
    /// Folded needle to label.
    folded: BTreeMap<String, PhiLabel>,
    /// Letters and digits of an identifier to label.
    unseparated: BTreeMap<String, PhiLabel>,
    /// Free texts, each once: who is named in one may be named in another.
    narratives: BTreeSet<Phi<String>>,
    /// Dates of the patient and of the examinations.
    dates: KnownDates,
}

impl LexiconBuilder {
    /// Adds what an instance says explicitly: the values that tier 1 takes away.
    pub fn add(&mut self, instance: &Instance, tier1: &Tier1) {
        self.add_data_set(&instance.data_set, tier1);
    }

    fn add_data_set(&mut self, data_set: &InMemDicomObject, tier1: &Tier1) {
        for element in data_set {
            if let Some(items) = element.value().items() {
                items.iter().for_each(|item| self.add_data_set(item, tier1));
            } else if element.tag().group() % 2 == 0 {
                self.add_element(element, tier1);
            } else if element.vr() == VR::PN {
                self.add_texts(element, Self::add_name);
            }
        }
    }

    fn add_narrative(&mut self, text: &str) {
        if self.narratives.len() < MAX_NARRATIVES && text.contains(' ') {
            self.narratives.insert(Phi::new(text.to_owned()));
        }
    }

    fn add_element(&mut self, element: &InMemElement, tier1: &Tier1) {
        let tag = element.tag();
        let taken_away = matches!(
            tier1.standard(tag, element.vr()).action,
            Action::Remove | Action::Empty | Action::Replace | Action::MapIdentifier
        );
        let vr = dictionary_vr(tag).unwrap_or(element.vr());
        let shifted = tier1.standard(tag, element.vr()).action == Action::ShiftDate;
        if matches!(vr, VR::DA | VR::DT) && (taken_away || shifted) {
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
            _ => {}
        }
    }

    fn add_texts(&mut self, element: &InMemElement, mut add: impl FnMut(&mut Self, &str)) {
        if let Ok(texts) = element.value().to_multi_str() {
            texts.iter().for_each(|text| add(self, text.trim_matches(['\0', ' '])));
        }
    }

    /// Adds a date of the patient, a DA or DT value: other texts that write it in any form are cleaned of it.
    pub fn add_date(&mut self, value: &str) {
        self.dates.add(value);
    }

    /// Adds a person's name in DICOM's form: its parts, and the whole in either order.
    pub fn add_name(&mut self, name: &str) {
        for group in name.split('=') {
            let components: Vec<&str> = group.split('^').map(str::trim).collect();
            // Prefix and suffix (Dr, Jr) name nobody.
            let naming = components.iter().take(3).filter(|component| !component.is_empty());
            for part in naming.clone().flat_map(|component| component.split([' ', '-', ',', '.'])) {
                self.add_name_part(part);
            }
            let whole: Vec<&str> = naming.copied().collect();
            if whole.len() >= 2 {
                for ordered in [[whole[0], whole[1]], [whole[1], whole[0]]] {
                    let min_length = if is_unspaced(&ordered.concat()) { 2 } else { MIN_PHRASE };
                    for separator in [" ", ", ", ",", "^", "", "_", "."] {
                        self.insert(&ordered.join(separator), PhiLabel::Name, min_length);
                    }
                }
            }
        }
    }

    fn add_name_part(&mut self, part: &str) {
        // Ideographic names are short: two characters are a whole name.
        let min_length = if part.is_ascii() { MIN_NAME_PART } else { 2 };
        if part.chars().all(|character| character.is_alphabetic() || character == '\'') {
            self.insert(part, PhiLabel::Name, min_length);
        }
    }

    /// Adds another identifying value: whole, and identifiers also without their separators.
    pub fn add_phrase(&mut self, text: &str, label: PhiLabel) {
        if text.chars().count() > MAX_PHRASE {
            return;
        }
        self.insert(text, label, MIN_PHRASE);
        for line in text.split(['\r', '\n', ',', ';', '^']) {
            if label == PhiLabel::Location || text.contains('\n') {
                self.insert(line.trim(), label, MIN_PHRASE + 2);
            }
        }
        let unseparated = Folded::alphanumeric(text).text;
        let is_identifier = unseparated.chars().any(|character| character.is_ascii_digit());
        if is_identifier && unseparated.chars().count() >= MIN_UNSEPARATED {
            let without_zeros = unseparated.trim_start_matches('0');
            if without_zeros.chars().count() >= MIN_UNSEPARATED {
                self.unseparated.entry(without_zeros.to_owned()).or_insert(label);
            }
            self.unseparated.entry(unseparated).or_insert(label);
        }
    }

    fn insert(&mut self, needle: &str, label: PhiLabel, min_length: usize) {
        let needle = fold(needle.trim());
        let long_enough = needle.chars().filter(|character| character.is_alphanumeric()).count() >= min_length;
        if long_enough && !PLACEHOLDERS.contains(&needle.as_str()) {
            self.folded.entry(needle).or_insert(label);
        }
    }

    /// Makes the lexicon searchable. People whom one free text names in full are searched in the others by each part
    /// of their names.
    pub fn build(mut self, recognizers: &Recognizers) -> Lexicon {
        let raw = automaton(self.folded.keys().filter(|needle| needle.chars().count() >= MIN_INSIDE_WORD));
        let explicit = |needle: &str, label| Needle {
            label,
            rule: rule!("lexicon"),
            inside_words: needle.chars().count() >= MIN_INSIDE_WORD || is_unspaced(needle),
        };
        let mut needles: BTreeMap<String, Needle> = std::mem::take(&mut self.folded)
            .into_iter()
            .map(|(needle, label)| {
                let known = explicit(&needle, label);
                (needle, known)
            })
            .collect();
        for part in self.narratives.iter().flat_map(|text| recognizers.name_parts(text.expose())) {
            let inferred = Needle { label: PhiLabel::Name, rule: rule!("lexicon-inferred"), inside_words: false };
            let part = fold(&part);
            if part.chars().count() >= MIN_PHRASE && !PLACEHOLDERS.contains(&part.as_str()) {
                needles.entry(part).or_insert(inferred);
            }
        }
        Lexicon {
            folded: automaton(needles.keys()),
            folded_needles: needles.into_values().collect(),
            unseparated: automaton(self.unseparated.keys()),
            unseparated_labels: self.unseparated.values().copied().collect(),
            raw,
            dates: self.dates.build(),
        }
    }
}

fn automaton<'a>(needles: impl Iterator<Item = &'a String>) -> Option<AhoCorasick> {
    let needles: Vec<&String> = needles.collect();
    if needles.is_empty() {
        return None;
    }
    AhoCorasick::builder().match_kind(MatchKind::Standard).ascii_case_insensitive(true).build(needles).ok()
}

/// What a value of an identifying attribute is, by the attribute.
fn label_of(tag: Tag) -> PhiLabel {
    match tag {
        tags::PATIENT_ID | Tag(0x0010, 0x1000) => PhiLabel::Mrn,
        tags::PATIENT_TELEPHONE_NUMBERS | tags::REFERRING_PHYSICIAN_TELEPHONE_NUMBERS => PhiLabel::Phone,
        tags::PATIENT_ADDRESS
        | tags::INSTITUTION_ADDRESS
        | tags::REFERRING_PHYSICIAN_ADDRESS
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

impl Lexicon {
    /// Finds the patient's identities in a text.
    pub fn find(&self, text: &str) -> Vec<FoundSpan> {
        let mut spans = Vec::new();
        let folded = Folded::new(text);
        if let Some(dates) = &self.dates {
            let found = dates.find(&folded);
            spans.extend(found.iter().map(|(start, end)| tier2_span(*start, *end, PhiLabel::Date, "lexicon-date")));
        }
        if let Some(automaton) = &self.folded {
            for found in automaton.find_overlapping_iter(&folded.text) {
                let needle = &self.folded_needles[found.pattern().as_usize()];
                if needle.inside_words || stands_alone(&folded.text, found.start(), found.end()) {
                    let (start, end) = folded.original(found.start(), found.end());
                    spans.push(tier2_span(start, end, needle.label, needle.rule));
                }
            }
        }
        if let Some(automaton) = &self.unseparated {
            let folded = Folded::alphanumeric(text);
            for found in automaton.find_overlapping_iter(&folded.text) {
                let (start, end) = folded.original(found.start(), found.end());
                let label = self.unseparated_labels[found.pattern().as_usize()];
                spans.push(tier2_span(start, end, label, rule!("lexicon-identifier")));
            }
        }
        spans
    }

    /// Whether bytes that were not searched as text hold an identity of the patient, case folded.
    ///
    /// Only needles of five characters and more count, since shorter ones occur by chance.
    pub fn occurs_in_bytes(&self, bytes: &[u8]) -> bool {
        self.raw.as_ref().is_some_and(|automaton| automaton.is_match(bytes))
    }

    /// How many needles there are.
    pub fn len(&self) -> usize {
        self.folded_needles.len() + self.unseparated_labels.len()
    }

    /// Whether nothing is known of the patient.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

fn tier2_span(start: usize, end: usize, label: PhiLabel, rule: &'static str) -> FoundSpan {
    FoundSpan { start, end, label, source: Source::Tier2, rule, probability: Probability::ONE }
}

/// Whether a text is in a script that sets no blanks between words: Han, kana, Thai; or Hangul, which glues particles.
fn is_unspaced(text: &str) -> bool {
    text.chars().count() >= 2
        && text.chars().all(|character| {
            matches!(character, '\u{0e00}'..='\u{0e7f}' | '\u{1100}'..='\u{11ff}' | '\u{3040}'..='\u{30ff}'
                | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{20000}'..='\u{3ffff}')
        })
}

/// Whether no letter or digit touches the range.
fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let before = text[..start].chars().next_back();
    let after = text[end..].chars().next();
    !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(builder: LexiconBuilder, text: &str) -> Vec<String> {
        let recognizers = Recognizers::new();
        let characters: Vec<char> = text.chars().collect();
        let mut found: Vec<String> = super::super::merge(builder.build(&recognizers).find(text))
            .iter()
            .map(|span| characters[span.start..span.end].iter().collect())
            .collect();
        found.sort();
        found
    }

    fn name(name: &str) -> LexiconBuilder {
        let mut builder = LexiconBuilder::default();
        builder.add_name(name);
        builder
    }

    #[test]
    fn names_are_found_in_any_order_case_and_glue() {
        for (text, expected) in [
            ("CT of jane doe", vec!["jane doe"]),
            ("DOE,JANE chest", vec!["DOE,JANE"]),
            ("CT_DOE_2020", vec!["DOE"]),
            ("janedoe.jpg", vec!["janedoe"]),
            ("doeful janes", vec![]),
        ] {
            assert_eq!(found(name("DOE^JANE"), text), expected, "{text}");
        }
    }

    #[test]
    fn names_in_scripts_without_blanks_are_found_inside_text() {
        assert_eq!(found(name("Wang^XiaoDong=王^小东"), "患者王小东胸部"), ["王小东"]);
        assert_eq!(found(name("Hong^Gildong=洪^吉洞=홍^길동"), "길동의 흉부"), ["길동"]);
    }

    #[test]
    fn accents_and_long_names_inside_words_do_not_hide() {
        assert_eq!(found(name("Müller^Zoë"), "MULLERs Knie"), ["MULLER"]);
        assert_eq!(found(name("Li^Wu"), "seen Li Wu today, liver wurde"), ["Li Wu"]);
    }

    #[test]
    fn identifiers_are_found_whatever_separates_them() {
        let mut builder = LexiconBuilder::default();
        builder.add_phrase("00-123-456", PhiLabel::Mrn);
        assert_eq!(found(builder, "mrn 123456, or 123.456"), ["123.456", "123456"]);
    }

    #[test]
    fn people_named_in_one_text_are_found_in_another() {
        let mut builder = LexiconBuilder::default();
        builder.add_narrative("Diana Lebsack drove the patient in");
        assert_eq!(found(builder, "LEBSACK / told at desk, lebsacks"), ["LEBSACK"]);
    }

    #[test]
    fn placeholders_and_short_values_are_not_searched() {
        let mut builder = name("Anonymous^Test");
        builder.add_phrase("1", PhiLabel::OtherId);
        assert!(found(builder, "anonymous test 1 phantom").iter().all(|found| found.contains("nonymous")));
    }
}

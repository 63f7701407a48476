//! The search for every planted value in the bytes of every output.
//!
//! Whole files are searched: preamble, file meta information, every attribute, pixel data, padding, what
//! lies between; deflated data sets inflated; and the files' names. Values are searched as they were planted,
//! in UTF-8 and Latin-1, without regard to ASCII case.
//!
//! Too short or plain values would be found by chance: a value is searched if it has at least
//! [`MIN_LENGTH`] characters of which [`MIN_DISTINCT`] differ. Dates are searched only in files of
//! the patient that they belong to, because another patient's shifted date may be the same day.

use crate::reader::text::latin1;
use crate::reader::{DataSet, Instance, Value};
use aho_corasick::{AhoCorasick, MatchKind};
use efface_schema::{PhiLabel, TruthRecord};
use std::collections::{BTreeMap, BTreeSet};

/// Fewer characters than this are not searched.
pub const MIN_LENGTH: usize = 6;
/// Fewer different characters than this are not searched.
pub const MIN_DISTINCT: usize = 4;

/// Who a value may be found at.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Scope {
    Everyone,
    Patients(BTreeSet<String>),
}

/// All planted values, made ready.
#[derive(Debug)]
pub(crate) struct Needles {
    automaton: AhoCorasick,
    /// For each pattern, the number of its value.
    value_of_pattern: Vec<usize>,
    scopes: Vec<Scope>,
    pub(crate) n_searched: u64,
    pub(crate) n_skipped: u64,
}

/// What was found in one file: counts by place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Hits {
    pub by_place: BTreeMap<String, u64>,
}

impl Hits {
    pub(crate) fn total(&self) -> u64 {
        self.by_place.values().sum()
    }
}

impl Needles {
    pub(crate) fn new(truth: &[TruthRecord]) -> Self {
        let mut scopes_by_value: BTreeMap<&str, Scope> = BTreeMap::new();
        let mut skipped = BTreeSet::new();
        for record in truth {
            for planted in &record.planted {
                if !is_searched(&planted.value) {
                    skipped.insert(planted.value.as_str());
                    continue;
                }
                let scope = scopes_by_value.entry(&planted.value).or_insert_with(|| Scope::Patients(BTreeSet::new()));
                if planted.label != PhiLabel::Date {
                    *scope = Scope::Everyone;
                } else if let Scope::Patients(patients) = scope {
                    patients.insert(record.instance.patient_id.clone());
                }
            }
        }
        let mut patterns: Vec<Vec<u8>> = Vec::new();
        let mut value_of_pattern = Vec::new();
        for (value_idx, value) in scopes_by_value.keys().enumerate() {
            for form in byte_forms(value) {
                patterns.push(form);
                value_of_pattern.push(value_idx);
            }
        }
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .ascii_case_insensitive(true)
            .build(&patterns)
            .expect("planted values are few and short enough for the automaton");
        let n_searched = scopes_by_value.len() as u64;
        Self {
            automaton,
            value_of_pattern,
            scopes: scopes_by_value.into_values().collect(),
            n_searched,
            n_skipped: skipped.len() as u64,
        }
    }

    /// Searches a file and its name. `patient` is the original patient identifier, if the file is known.
    pub(crate) fn search(
        &self,
        bytes: &[u8],
        name: &str,
        instance: Option<&Instance<'_>>,
        patient: Option<&str>,
    ) -> Hits {
        let mut hits = Hits::default();
        let mut places = None;
        for found in self.automaton.find_overlapping_iter(bytes) {
            if self.applies(found.pattern().as_usize(), patient) {
                let places = places.get_or_insert_with(|| instance.map(places_of).unwrap_or_default());
                *hits.by_place.entry(place_at(places, found.start())).or_default() += 1;
            }
        }
        for found in self.automaton.find_overlapping_iter(name.as_bytes()) {
            if self.applies(found.pattern().as_usize(), patient) {
                *hits.by_place.entry("file name".to_owned()).or_default() += 1;
            }
        }
        hits
    }

    fn applies(&self, pattern: usize, patient: Option<&str>) -> bool {
        match (&self.scopes[self.value_of_pattern[pattern]], patient) {
            (Scope::Everyone, _) | (Scope::Patients(_), None) => true,
            (Scope::Patients(patients), Some(patient)) => patients.contains(patient),
        }
    }
}

fn is_searched(value: &str) -> bool {
    let distinct: BTreeSet<char> = value.chars().filter(|character| character.is_alphanumeric()).collect();
    value.chars().count() >= MIN_LENGTH && distinct.len() >= MIN_DISTINCT
}

fn byte_forms(value: &str) -> Vec<Vec<u8>> {
    let mut forms = vec![value.as_bytes().to_vec()];
    let latin: Option<Vec<u8>> = value.chars().map(|character| u8::try_from(u32::from(character)).ok()).collect();
    forms.extend(latin.filter(|latin| latin != &forms[0]));
    forms
}

/// Stretches of bytes with the attribute that they belong to, in order.
fn places_of(instance: &Instance<'_>) -> Vec<(usize, usize, String)> {
    let mut places = Vec::new();
    for data_set in [&instance.meta, &instance.data_set] {
        collect(data_set, "", &mut places);
    }
    places.sort();
    places
}

fn collect(data_set: &DataSet<'_>, parent: &str, places: &mut Vec<(usize, usize, String)>) {
    for element in &data_set.elements {
        let tag = element.tag;
        let name = match data_set.private_creator(tag) {
            Some(creator) => format!("{parent}({:04x},\"{creator}\",{:02x})", tag.group, tag.element & 0xff),
            None => format!("{parent}({:04x},{:04x})", tag.group, tag.element),
        };
        match &element.value {
            Value::Bytes(bytes) => places.push((element.offset, element.offset + bytes.len(), name)),
            Value::Items(items) => items.iter().for_each(|item| collect(item, &format!("{name}[]"), places)),
        }
    }
}

fn place_at(places: &[(usize, usize, String)], at: usize) -> String {
    if at < 128 {
        return "preamble".to_owned();
    }
    let before = places.partition_point(|(start, _, _)| *start <= at);
    match before.checked_sub(1).map(|last| &places[last]) {
        Some((_, end, name)) if at < *end => name.clone(),
        _ => "between elements".to_owned(),
    }
}

/// The characters of the bytes before the file meta information.
pub(crate) fn preamble_text(bytes: &[u8]) -> String {
    latin1(bytes.get(..128).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_values_are_left_out() {
        for (value, searched) in
            [("DOE^JANE", true), ("JANE", false), ("111111", false), ("20180805", true), ("CT  CT", false)]
        {
            assert_eq!(is_searched(value), searched, "{value}");
        }
    }

    #[test]
    fn accents_are_searched_in_both_encodings() {
        assert_eq!(byte_forms("Müller").len(), 2);
        assert_eq!(byte_forms("Muller").len(), 1);
        assert_eq!(byte_forms("山田太郎").len(), 1);
    }
}

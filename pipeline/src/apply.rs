//! The one place where decisions become deeds.

use crate::character_sets;
use crate::clean::{Cleaner, Cut, Replacement};
use crate::decide::{Creators, reference};
use crate::dummy::DummyMaker;
use crate::key::DeidentificationKey;
use crate::policy::UidRoot;
use crate::surrogate::Surrogates;
use crate::text::{is_registered_uid, texts};
use crate::tier1::dictionary_vr;
use crate::tier2::{Lexicon, dates};
use dicom_core::header::Header;
use dicom_core::value::{DataSetSequence, PrimitiveValue, Value};
use dicom_core::{DataElement, Length, Tag, VR};
use dicom_object::InMemDicomObject;
use dicom_object::mem::InMemElement;
use efface_schema::{Action, AttributePath, Decision, ElementReference, Locus, PathStep, Phi};
use std::collections::{BTreeMap, BTreeSet};

/// What the values of one patient are replaced by.
pub(crate) struct Replacer<'a> {
    /// The secret.
    pub key: &'a DeidentificationKey,
    /// What new UIDs begin with.
    pub uid_root: &'a UidRoot,
    /// The patient's old identifier.
    pub patient: &'a str,
    /// By how many days the patient's dates move.
    pub shift_days: i64,
    /// The patient's new identifier, which also stands for the name.
    pub patient_identifier: String,
    /// The patient's name as it was.
    pub patient_name: Phi<String>,
    /// Whether dates in text are shifted rather than removed.
    pub keeps_dates: bool,
    /// Whether times of day stay in shifted dates.
    pub keeps_times: bool,
    /// What stands in a text where something identifying stood.
    pub replacement: Replacement,
    /// The patient's own words, which no surrogate may be.
    pub lexicon: Option<&'a Lexicon>,
    /// Whether it is noted what was replaced by what.
    pub notes_replaced: bool,
}

impl Replacer<'_> {
    fn dummies(&self) -> DummyMaker<'_> {
        DummyMaker { key: self.key, patient: self.patient }
    }
}

/// Which identifiers were replaced by which: the material of a crosswalk.
#[derive(Debug, Default)]
pub(crate) struct Replaced {
    /// UIDs, old and new.
    pub uids: BTreeSet<(Phi<String>, String)>,
    /// Patient identifiers, old and new.
    pub identifiers: BTreeSet<(Phi<String>, String)>,
}

/// The decisions about one attribute.
#[derive(Default)]
struct AttributePlan<'a> {
    whole: Option<&'a Decision>,
    spans: Vec<&'a Decision>,
}

/// Carries out decisions, and remembers what it replaced.
struct Applier<'a> {
    plan: BTreeMap<&'a AttributePath, AttributePlan<'a>>,
    /// The attributes at the root that the plan speaks of, sorted.
    planned_at_root: Vec<Tag>,
    replacer: &'a Replacer<'a>,
    replaced: Replaced,
}

/// Applies the decisions about attributes and text to a data set; those about pixels are applied with the pixels.
pub(crate) fn apply(
    data_set: InMemDicomObject,
    decisions: &[Decision],
    replacer: &Replacer<'_>,
) -> (InMemDicomObject, Replaced) {
    let mut plan: BTreeMap<&AttributePath, AttributePlan<'_>> = BTreeMap::new();
    for decision in decisions {
        match &decision.locus {
            Locus::Attribute { path } => plan.entry(path).or_default().whole = Some(decision),
            // A flag changes nothing.
            Locus::TextSpan { .. } if decision.action == Action::Review => {}
            Locus::TextSpan { path, .. } => plan.entry(path).or_default().spans.push(decision),
            _ => {}
        }
    }
    let mut planned_at_root: Vec<Tag> = plan.keys().filter_map(|path| tag_at_root(path)).collect();
    planned_at_root.sort_unstable();
    let mut applier = Applier { plan, planned_at_root, replacer, replaced: Replaced::default() };
    let mut result = applier.data_set(data_set, &AttributePath::default());
    character_sets::unify(&mut result);
    (result, applier.replaced)
}

fn tag_at_root(path: &AttributePath) -> Option<Tag> {
    match path.steps() {
        [PathStep::Element(ElementReference::Tag { group, element })] => Some(Tag(*group, *element)),
        _ => None,
    }
}

impl Applier<'_> {
    /// Changes what a decision speaks of, and leaves the rest where it is.
    fn data_set(&mut self, mut data_set: InMemDicomObject, parent: &AttributePath) -> InMemDicomObject {
        let creators = Creators::of_data_set(&data_set);
        let at_root = parent.steps().is_empty();
        let concerned: Vec<Tag> =
            data_set.iter().filter(|element| !(at_root && self.stays(element))).map(Header::tag).collect();
        for tag in concerned {
            let path = parent.element(reference(tag, &creators));
            let Ok(element) = data_set.take_element(tag) else { continue };
            if let Some(element) = self.element(element, &path) {
                data_set.put(element);
            }
        }
        data_set
    }

    /// Whether nothing is decided about an element at the root: a short cut for most of them.
    fn stays(&self, element: &InMemElement) -> bool {
        element.tag().group().is_multiple_of(2)
            && element.value().items().is_none()
            && self.planned_at_root.binary_search(&element.tag()).is_err()
    }

    fn element(&mut self, element: InMemElement, path: &AttributePath) -> Option<InMemElement> {
        if let Some(decided) = self.plan.get(path) {
            return match decided.whole {
                Some(decision) => replace_whole(element, decision, self.replacer, &mut self.replaced),
                None => replace_spans(element, &decided.spans, self.replacer),
            };
        }
        if element.value().items().is_none() {
            return Some(element);
        }
        let (header, value) = (*element.header(), element.into_value());
        let Value::Sequence(sequence) = value else { return None };
        let items: Vec<InMemDicomObject> = (0_u32..)
            .zip(sequence.into_items())
            .map(|(item_idx, item)| self.data_set(item, &path.item(item_idx)))
            .collect();
        let sequence = DataSetSequence::new(items, Length::UNDEFINED);
        Some(DataElement::new_with_len(header.tag, VR::SQ, Length::UNDEFINED, Value::Sequence(sequence)))
    }
}

/// Carries out a decision about a whole attribute. `None` takes the attribute away.
fn replace_whole(
    element: InMemElement,
    decision: &Decision,
    replacer: &Replacer<'_>,
    replaced: &mut Replaced,
) -> Option<InMemElement> {
    let tag = element.tag();
    let vr = valid_vr(&element);
    let old = || match element.value() {
        Value::Primitive(value) => texts(value).unwrap_or_default(),
        _ => Vec::new(),
    };
    let value = match decision.action {
        Action::Remove => return None,
        Action::Keep | Action::Review => return Some(element),
        Action::Empty => return Some(empty(tag, vr)),
        Action::Replace if decision.rule == "age-over-89" => {
            PrimitiveValue::from(if vr == VR::AS { "090Y" } else { "90" })
        }
        Action::Replace if vr == VR::SQ => return Some(empty(tag, vr)),
        Action::Replace if vr == VR::UI => multiple(old().iter().map(|uid| map_uid(uid, replacer, replaced))),
        Action::Replace => replacer.dummies().dummy(tag, vr, &old()),
        Action::MapUid => multiple(old().iter().map(|uid| map_uid(uid, replacer, replaced))),
        Action::MapIdentifier if decision.rule == "content-item" && vr == VR::PN => {
            multiple(old().iter().map(|name| map_name(name, replacer)))
        }
        Action::MapIdentifier if vr == VR::PN => PrimitiveValue::from(replacer.patient_identifier.as_str()),
        Action::MapIdentifier => {
            multiple(old().iter().map(|identifier| map_identifier(identifier, replacer, replaced)))
        }
        Action::ShiftDate => multiple(old().iter().map(|date| shift_value(date, vr, replacer))),
        // No rule cleans or redacts a whole attribute: what cannot be carried out takes the attribute away.
        Action::Clean | Action::Redact => return None,
    };
    Some(DataElement::new(tag, vr, value))
}

/// The VR to write a new value with: the dictionary's where the file's is undetermined.
pub(crate) fn valid_vr(element: &InMemElement) -> VR {
    match (element.vr(), dictionary_vr(element.tag())) {
        (VR::UN, Some(vr)) => vr,
        (found, Some(expected)) if found != expected && !crate::text::is_text(found) => expected,
        (found, _) => found,
    }
}

fn empty(tag: Tag, vr: VR) -> InMemElement {
    if vr == VR::SQ {
        let sequence: DataSetSequence<InMemDicomObject> = DataSetSequence::new(Vec::new(), Length(0));
        return DataElement::new_with_len(tag, VR::SQ, Length(0), Value::Sequence(sequence));
    }
    DataElement::new(tag, vr, PrimitiveValue::Empty)
}

fn multiple(values: impl Iterator<Item = String>) -> PrimitiveValue {
    let values: Vec<String> = values.collect();
    match <[String; 1]>::try_from(values) {
        Ok([one]) if one.is_empty() => PrimitiveValue::Empty,
        Ok([one]) => PrimitiveValue::from(one),
        Err(values) if values.is_empty() => PrimitiveValue::Empty,
        Err(values) => PrimitiveValue::Strs(values.into()),
    }
}

fn map_uid(uid: &str, replacer: &Replacer<'_>, replaced: &mut Replaced) -> String {
    let uid = uid.trim_matches(['\0', ' ']);
    if uid.is_empty() || is_registered_uid(uid) {
        return uid.to_owned();
    }
    let new = replacer.key.map_uid(uid, replacer.uid_root);
    if replacer.notes_replaced {
        replaced.uids.insert((Phi::new(uid.to_owned()), new.clone()));
    }
    new
}

fn map_identifier(identifier: &str, replacer: &Replacer<'_>, replaced: &mut Replaced) -> String {
    let identifier = identifier.trim_matches(['\0', ' ']);
    if identifier.is_empty() {
        return String::new();
    }
    let new = replacer.key.map_identifier(identifier);
    if replacer.notes_replaced {
        replaced.identifiers.insert((Phi::new(identifier.to_owned()), new.clone()));
    }
    new
}

/// The name that stands for another: the same for a person in all reports, and the new identifier for the patient.
fn map_name(name: &str, replacer: &Replacer<'_>) -> String {
    let name = person(name);
    if name.is_empty() {
        String::new()
    } else if name == person(replacer.patient_name.expose()) {
        replacer.patient_identifier.clone()
    } else {
        replacer.key.map_identifier(&format!("person:{name}"))
    }
}

/// Who a name names: family and given name, without regard to case.
fn person(name: &str) -> String {
    let alphabetic = name.split('=').find(|group| !group.trim().is_empty()).unwrap_or_default();
    let components: Vec<&str> = alphabetic.split('^').map(|part| part.trim_matches(['\0', ' '])).take(2).collect();
    components.join("^").trim_end_matches('^').to_uppercase()
}

/// A shifted date; what is no date leaves nothing.
fn shift_value(value: &str, vr: VR, replacer: &Replacer<'_>) -> String {
    let shifted = match vr {
        VR::DA => dates::shift_da(value, replacer.shift_days),
        VR::DT => dates::shift_dt(value, replacer.shift_days).map(|shifted| {
            if replacer.keeps_times { shifted } else { shifted.chars().take("YYYYMMDD".len()).collect() }
        }),
        _ => None,
    };
    shifted.unwrap_or_default()
}

/// Takes identifying parts out of a text; dates are shifted where the policy keeps them.
fn replace_spans(element: InMemElement, spans: &[&Decision], replacer: &Replacer<'_>) -> Option<InMemElement> {
    let (tag, vr) = (element.tag(), valid_vr(&element));
    let Value::Primitive(value) = element.value() else { return None };
    let old = texts(value)?;
    if !crate::text::is_text(vr) {
        // Text in a value of another kind cannot be cut without breaking it.
        return None;
    }
    let cleaned = (0_u32..).zip(&old).map(|(value_idx, text)| clean_text(text, value_idx, vr, spans, replacer));
    let cleaned = multiple(cleaned);
    // A text of which nothing is left may be required to hold something.
    let value = if cleaned == PrimitiveValue::Empty { replacer.dummies().dummy(tag, vr, &[]) } else { cleaned };
    Some(DataElement::new(tag, vr, value))
}

fn clean_text(text: &str, of_value: u32, vr: VR, spans: &[&Decision], replacer: &Replacer<'_>) -> String {
    let cuts: Vec<Cut> = spans
        .iter()
        .filter_map(|decision| match &decision.locus {
            Locus::TextSpan { value_idx, start, end, .. } if *value_idx == of_value => Some(Cut {
                start: *start as usize,
                end: *end as usize,
                label: decision.label,
                shifted: decision.action == Action::ShiftDate,
            }),
            _ => None,
        })
        .collect();
    // Surrogates must be nobody's of the patient: they are made beside the search.
    let surrogates =
        replacer.lexicon.map(|lexicon| Surrogates { key: replacer.key, patient: replacer.patient, lexicon });
    let cleaner = Cleaner {
        replacement: replacer.replacement,
        shift_days: replacer.keeps_dates.then_some(replacer.shift_days),
        surrogates: surrogates.as_ref(),
    };
    if cuts.is_empty() { text.to_owned() } else { cleaner.clean(text, vr, &cuts) }
}

//! What shall be done with each attribute of an instance. Nothing is changed here.

use crate::apply::valid_vr;
use crate::clean::Cleaner;
use crate::disguised;
use crate::ner::{Answer, Network, Place};
use crate::read::Instance;
use crate::remember::{DecisionMemory, Recall, Remembered};
use crate::rules::rule;
use crate::settled;
use crate::structured::{self, Structured};
use crate::text::{self, TextRole};
use crate::tier1::{CreatorId, IodPlace, Ruling, Tier1, dictionary_vr, is_coded_text, is_standard_term, required};
use crate::tier2::{FoundSpan, Scope, TextSearch};
use dicom_core::header::Header;
use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use dicom_object::mem::InMemElement;
use efface_schema::{Action, AttributePath, Decision, ElementReference, Locus, PhiLabel, Probability, Source};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What was decided about an instance, apart from its pixels.
#[derive(Debug, Default)]
pub(crate) struct Decided {
    /// The decisions, in order of locus.
    pub decisions: Vec<Decision>,
    /// How many attributes stay as they are.
    pub n_kept: u64,
    /// Why a person must look.
    pub review: Vec<&'static str>,
    /// What tier 1 ruled on each attribute, in the order of looking; only where somebody asked for it.
    pub rulings: Option<Vec<(AttributePath, Ruling)>>,
}

impl Decided {
    /// Takes notes of every ruling, also of those that leave an attribute as it is.
    pub(crate) fn with_rulings() -> Self {
        Self { rulings: Some(Vec::new()), ..Self::default() }
    }

    fn note(&mut self, path: &AttributePath, ruling: Ruling) {
        if let Some(rulings) = &mut self.rulings {
            rulings.push((path.clone(), ruling));
        }
    }
}

/// Rules over one patient's instances.
pub(crate) struct Decider<'a> {
    /// The explicit rules.
    pub tier1: &'a Tier1,
    /// The search for identities in text.
    pub search: &'a TextSearch<'a>,
    /// How texts will be cleaned, by any number of days.
    pub cleaner: Cleaner<'a>,
    /// What was decided about the same patient's elements.
    pub memory: &'a DecisionMemory,
    /// The token classifier, where there is one.
    pub network: Network<'a>,
}

/// The text form and the reference of an element inside a data set.
pub(crate) fn reference(element_tag: Tag, creators: &Creators) -> ElementReference {
    match creators.of(element_tag) {
        Some(creator) => ElementReference::private(element_tag.group(), creator, (element_tag.element() & 0xFF) as u8),
        None => ElementReference::tag(element_tag.group(), element_tag.element()),
    }
}

/// The private creators of one data set.
pub(crate) struct Creators {
    blocks: BTreeMap<(u16, u16), String>,
}

impl Creators {
    pub(crate) fn of_data_set(data_set: &InMemDicomObject) -> Self {
        let blocks = data_set
            .iter()
            .filter(|element| is_creator(element.tag()))
            .filter_map(|element| {
                let creator = element.value().to_str().ok()?;
                let tag = element.tag();
                Some(((tag.group(), tag.element()), creator.trim_matches(['\0', ' ']).to_owned()))
            })
            .filter(|(_, creator)| !creator.is_empty())
            .collect();
        Self { blocks }
    }

    /// Looks the creators up once, so that no rule has to read their names for every element.
    fn known(&self, tier1: &Tier1) -> KnownCreators {
        let blocks = self.blocks.iter().filter_map(|(block, name)| Some((*block, tier1.creator(name)?)));
        KnownCreators { blocks: blocks.collect() }
    }

    pub(crate) fn of(&self, tag: Tag) -> Option<&str> {
        if tag.group().is_multiple_of(2) || tag.element() < 0x1000 {
            return None;
        }
        self.blocks.get(&(tag.group(), tag.element() >> 8)).map(String::as_str)
    }
}

/// What holds for every attribute of a data set or an item.
#[derive(Clone, Copy)]
struct Surroundings {
    /// Where in the IOD it is.
    place: IodPlace,
    /// Whether it lies inside a sequence that is to be replaced.
    replaced: bool,
}

/// The blocks of one data set whose creators the rules know.
struct KnownCreators {
    blocks: Vec<((u16, u16), CreatorId)>,
}

impl KnownCreators {
    fn of(&self, tag: Tag) -> Option<CreatorId> {
        let block = (tag.group(), tag.element() >> 8);
        self.blocks.iter().find(|(known, _)| *known == block).map(|(_, creator)| *creator)
    }
}

/// Whether what is decided about an element depends on nothing beside it.
fn is_memorable(element: &InMemElement) -> bool {
    element.tag().group().is_multiple_of(2) && element.value().primitive().is_some()
}

fn recalled<'a>(recall: &'a Recall<'_>, element: &InMemElement, place: IodPlace) -> Option<&'a Remembered> {
    if is_memorable(element) { recall.of(element, place) } else { None }
}

fn is_creator(tag: Tag) -> bool {
    tag.group() % 2 == 1 && (0x0010..=0x00FF).contains(&tag.element())
}

impl Decider<'_> {
    /// Decides about every attribute, at every depth, and about what surrounds the data set.
    pub(crate) fn decide(&self, instance: &Instance, mut decided: Decided) -> Decided {
        if instance.preamble_used {
            decided.decisions.push(rule_decision(Locus::Preamble, Action::Empty, Source::Tier1, rule!("preamble")));
        }
        let root = Surroundings { place: IodPlace::root(&instance.text(tags::SOP_CLASS_UID)), replaced: false };
        self.decide_data_set(&instance.data_set, &AttributePath::default(), root, &mut decided);
        for bulk in &instance.bulk {
            self.decide_bulk(bulk.tag, &mut decided);
        }
        decide_made_up(&instance.made_up, &mut decided);
        self.leave_document(instance, &mut decided);
        decided.decisions.sort_by(|a, b| a.locus.cmp(&b.locus));
        decided
    }

    /// Decides about the items of a data set.
    fn decide_data_set(
        &self,
        data_set: &InMemDicomObject,
        parent: &AttributePath,
        around: Surroundings,
        decided: &mut Decided,
    ) {
        let creators = Creators::of_data_set(data_set);
        let known = creators.known(self.tier1);
        let mut kept_blocks: Vec<(u16, u16)> = Vec::new();
        let mut new: Vec<(&InMemElement, Remembered)> = Vec::new();
        let structured = Structured::of(data_set, self.tier1.options(), around.replaced);
        if let Some(age) = structured.age_over_89(parent) {
            decided.decisions.extend(age);
        }
        let depends_on_element_alone = parent.steps().is_empty() && !around.replaced && structured.is_plain();
        // Whoever wants to know of every ruling hears each.
        let recall = (depends_on_element_alone && decided.rulings.is_none()).then(|| self.memory.recall());
        for element in data_set.iter().filter(|element| !is_creator(element.tag())) {
            if let Some(known) = recall.as_ref().and_then(|recall| recalled(recall, element, around.place)) {
                decided.decisions.extend_from_slice(&known.decisions);
                decided.n_kept += known.n_kept;
                continue;
            }
            let path = parent.element(reference(element.tag(), &creators));
            let from_table = self.ruling(element, &known, around);
            let ruling = structured.refine(element.tag(), from_table);
            decided.note(&path, if ruling.rule == structured::LOCAL_CODE { from_table } else { ruling });
            if element.tag().group() % 2 == 1 && ruling.action != Action::Remove {
                kept_blocks.push((element.tag().group(), element.tag().element() >> 8));
            }
            let (n_before, n_kept_before) = (decided.decisions.len(), decided.n_kept);
            self.decide_element(element, path, ruling, around, decided);
            // The items of a sequence have labels of their own.
            if element.value().items().is_none() {
                structured.label(element.tag(), &mut decided.decisions[n_before..]);
            }
            if recall.is_some() && is_memorable(element) {
                let decisions = decided.decisions[n_before..].to_vec();
                let n_kept = decided.n_kept - n_kept_before;
                new.push((element, Remembered { place: around.place, decisions, n_kept }));
            }
        }
        drop(recall);
        self.memory.learn(new.into_iter());
        for element in data_set.iter().filter(|element| is_creator(element.tag())) {
            let path = parent.element(reference(element.tag(), &creators));
            // A creator stays as long as something of its block does.
            if kept_blocks.contains(&(element.tag().group(), element.tag().element())) {
                decided.note(&path, Ruling { action: Action::Keep, rule: rule!("private-creator") });
                decided.n_kept += 1;
            } else {
                decided.decisions.push(attribute_decision(path, ruling_remove(rule!("private-creator"))));
            }
        }
    }

    fn ruling(&self, element: &InMemElement, known: &KnownCreators, around: Surroundings) -> Ruling {
        let tag = element.tag();
        let ruling = if tag.group() % 2 == 1 {
            self.tier1.private(tag.group(), known.of(tag), (tag.element() & 0xFF) as u8, element.vr())
        } else {
            self.tier1.standard_at(tag, element.vr(), around.place)
        };
        if !around.replaced || ruling.action != Action::Clean || is_coded_text(tag) {
            return ruling;
        }
        let text = matches!(
            dictionary_vr(tag).unwrap_or(element.vr()),
            VR::LO | VR::SH | VR::ST | VR::LT | VR::UT | VR::UC | VR::PN
        );
        if text { Ruling { action: Action::Replace, rule: rule!("within-replaced-sequence") } } else { ruling }
    }

    fn decide_element(
        &self,
        element: &InMemElement,
        path: AttributePath,
        ruling: Ruling,
        around: Surroundings,
        decided: &mut Decided,
    ) {
        if let Some(items) = element.value().items() {
            let place = around.place.item(element.tag());
            let inside = Surroundings { place, replaced: around.replaced || ruling.action == Action::Replace };
            match ruling.action {
                Action::Clean | Action::Keep | Action::MapUid | Action::Replace | Action::MapIdentifier => {
                    for (item_idx, item) in (0_u32..).zip(items) {
                        self.decide_data_set(item, &path.item(item_idx), inside, decided);
                    }
                }
                _ => decided.decisions.push(attribute_decision(path, ruling)),
            }
            return;
        }
        match ruling.action {
            Action::Clean => self.decide_clean(element, path, ruling, around.place, decided),
            // Whoever keeps or shifts a date or a UID means one: what is none may be anything.
            Action::Keep | Action::ShiftDate if self.is_malformed(element, &path) => {
                decided
                    .decisions
                    .push(attribute_decision(path, removed(rule!("invalid-for-vr"), element, around.place)));
            }
            Action::Keep => decided.n_kept += 1,
            Action::MapUid if text::is_registered_uid_value(element) || names_class(element) => {
                decided.note(&path, Ruling { action: Action::Keep, rule: rule!("registered-uid") });
                decided.n_kept += 1;
            }
            _ => decided.decisions.push(attribute_decision(path, ruling)),
        }
    }

    /// Looks into a value that may stay.
    fn decide_clean(
        &self,
        element: &InMemElement,
        path: AttributePath,
        ruling: Ruling,
        place: IodPlace,
        decided: &mut Decided,
    ) {
        let tag = element.tag();
        let expected = self.expected_vr(element, &path);
        if self.is_disguised(element, expected) {
            let decision = attribute_decision(path, removed(rule!("lexicon-in-bytes"), element, place));
            decided.decisions.push(Decision { source: Source::Tier2, ..decision });
            return;
        }
        match text::role(element, expected) {
            TextRole::Binary => decided.n_kept += 1,
            // The texts of a profile are cleaned when all else is decided.
            TextRole::Opaque(_) if tag == tags::ICC_PROFILE => decided.n_kept += 1,
            TextRole::Opaque(bytes) => {
                if crate::opaque::holds_identity(&bytes, self.search) {
                    let action = removed(rule!("lexicon-in-bytes"), element, place).action;
                    let found =
                        rule_decision(Locus::Attribute { path }, action, Source::Tier2, rule!("lexicon-in-bytes"));
                    decided.decisions.push(found);
                } else {
                    decided.n_kept += 1;
                }
            }
            TextRole::Undecodable => {
                decided.decisions.push(attribute_decision(path, removed(rule!("undecodable-text"), element, place)))
            }
            TextRole::Formatted(valid) if valid => decided.n_kept += 1,
            TextRole::Formatted(_) => {
                decided.decisions.push(attribute_decision(path, removed(rule!("invalid-for-vr"), element, place)));
            }
            TextRole::Age(true) => {
                let decision =
                    rule_decision(Locus::Attribute { path }, Action::Replace, Source::Tier1, rule!("age-over-89"));
                decided.decisions.push(Decision { label: Some(PhiLabel::AgeOver89), ..decision });
            }
            TextRole::Age(false) => decided.n_kept += 1,
            TextRole::Text(values) if values.iter().all(|value| is_standard_term(tag, value)) => decided.n_kept += 1,
            TextRole::Text(values) => {
                let scope = scope(tag, expected, ruling);
                self.decide_text(&values, path, (valid_vr(element), scope), decided);
            }
        }
    }

    fn is_malformed(&self, element: &InMemElement, path: &AttributePath) -> bool {
        let expected = self.expected_vr(element, path);
        matches!(expected, VR::DA | VR::DT | VR::TM | VR::UI | VR::AS)
            && matches!(text::role(element, expected), TextRole::Formatted(false) | TextRole::Undecodable)
    }

    /// Whether a value that is no text holds an identity of the patient all the same.
    fn is_disguised(&self, element: &InMemElement, vr: VR) -> bool {
        let Some(value) = element.value().primitive() else { return false };
        !text::is_pixel_data(element.tag())
            && element.tag() != tags::ICC_PROFILE
            && disguised::views(value, vr).iter().any(|view| self.search.lexicon().occurs_in_bytes(view))
    }

    fn expected_vr(&self, element: &InMemElement, path: &AttributePath) -> VR {
        let private = match path.last() {
            Some(ElementReference::Private { group, creator, element }) => {
                self.tier1.private_vr(*group, creator, *element)
            }
            _ => None,
        };
        let found = element.vr();
        if found == VR::UN { private.or_else(|| dictionary_vr(element.tag())).unwrap_or(found) } else { found }
    }

    fn decide_text(&self, values: &[String], path: AttributePath, (vr, scope): (VR, Scope), decided: &mut Decided) {
        let mut stays = true;
        for (value_idx, value) in (0_u32..).zip(values) {
            let (spans, answer) = self.find(value, &path, (vr, scope));
            let position = |character: usize| u32::try_from(character).unwrap_or(u32::MAX);
            let locus = |start: usize, end: usize| Locus::TextSpan {
                path: path.clone(),
                value_idx,
                start: position(start),
                end: position(end),
            };
            let flag = answer.and_then(|answer| doubt_decision(&answer, locus(0, value.chars().count())));
            decided.decisions.extend(flag);
            for span in spans.iter() {
                stays = false;
                decided.decisions.push(Decision {
                    locus: locus(span.start, span.end),
                    action: if span.label == PhiLabel::Date { Action::ShiftDate } else { Action::Remove },
                    source: span.source,
                    rule: span.rule.to_owned(),
                    label: Some(span.label),
                    probability: span.probability,
                });
            }
        }
        if stays {
            decided.n_kept += 1;
        }
    }

    /// What goes from a text by all tiers, and what the network says of it where it is asked: codes and technical
    /// values, which only the lexicon looks at, are none of its business.
    fn find(
        &self,
        text: &str,
        path: &AttributePath,
        (vr, scope): (VR, Scope),
    ) -> (Arc<[FoundSpan]>, Option<Arc<Answer>>) {
        let found = settled::find(text, vr, scope, self.search, &self.cleaner);
        let asked = scope == Scope::Everything;
        let answer = asked.then(|| self.network.answer(text, Place::of(path, vr), &found)).flatten();
        let Some(answer) = answer else { return (found, None) };
        (answer.settle(text, found, (vr, scope), self.search, &self.cleaner), Some(answer))
    }

    /// Deferred values: pixel data is for the pixel stage, known bulk stays, anything else goes.
    fn decide_bulk(&self, tag: Tag, decided: &mut Decided) {
        let known = tag.group().is_multiple_of(2)
            && matches!(dictionary_vr(tag), Some(VR::OB | VR::OW | VR::OF | VR::OD | VR::OL | VR::OV | VR::UN));
        let ruling = self.tier1.standard(tag, dictionary_vr(tag).unwrap_or(VR::UN));
        decided.note(&AttributePath::tag(tag.group(), tag.element()), ruling);
        let document = tag == tags::ENCAPSULATED_DOCUMENT;
        if document || (known && matches!(ruling.action, Action::Clean | Action::Keep)) {
            decided.n_kept += 1;
        } else {
            let path = AttributePath::tag(tag.group(), tag.element());
            decided.decisions.push(attribute_decision(path, ruling_remove(rule!("oversized"))));
        }
    }

    /// A document is judged by what it says when all else is decided, and not by the table.
    fn leave_document(&self, instance: &Instance, decided: &mut Decided) {
        let path = AttributePath::tag(0x0042, 0x0011);
        let n_before = decided.decisions.len();
        decided.decisions.retain(|decision| decision.locus.path() != Some(&path));
        if decided.decisions.len() < n_before && instance.data_set.get(tags::ENCAPSULATED_DOCUMENT).is_some() {
            decided.n_kept += 1;
        }
    }
}

/// UIDs that were made up are mapped whatever the policy keeps: they are made of what identifies.
fn decide_made_up(made_up: &[Tag], decided: &mut Decided) {
    for tag in made_up {
        let path = AttributePath::tag(tag.group(), tag.element());
        decided.decisions.retain(|decision| decision.locus.path() != Some(&path));
        let ruling = Ruling { action: Action::MapUid, rule: "made-up-uid" };
        decided.decisions.push(attribute_decision(path, ruling));
    }
}

/// Whether a UID names a kind of thing, of a vendor perhaps, and no instance. Outside the standard, only vendors whose
/// private classes are known are believed: a made-up class may hold anything.
fn names_class(element: &InMemElement) -> bool {
    let Some(value) = element.value().primitive() else { return false };
    let known = |uid: &str| {
        text::is_registered_uid(uid) || (VENDORS.iter().any(|root| uid.starts_with(root)) && uid.len() <= 32)
    };
    is_class_uid(element.tag())
        && text::texts(value).is_some_and(|uids| uids.iter().all(|uid| known(uid.trim_matches(['\0', ' ']))))
}

/// Roots under which vendors have defined private SOP classes.
///
/// Source: the conformance statements of GE, Siemens, Philips, Agfa, Toshiba and Canon, Hitachi, Fujifilm, Hologic.
const VENDORS: &[&str] = &[
    "1.2.840.113619.4.",
    "1.3.12.2.1107.5.9.",
    "1.3.46.670589.",
    "1.2.124.113532.3500.",
    "1.2.392.200036.9116.",
    "1.2.392.200036.9125.",
    "1.2.392.200039.",
    "1.2.840.113663.",
    "1.2.840.114039.",
    "2.16.840.1.114033.",
];

fn is_class_uid(tag: Tag) -> bool {
    matches!(
        tag,
        tags::SOP_CLASS_UID
            | tags::REFERENCED_SOP_CLASS_UID
            | tags::RELATED_GENERAL_SOP_CLASS_UID
            | tags::ORIGINAL_SPECIALIZED_SOP_CLASS_UID
    )
}

/// Which texts hold numbers that are not identifiers.
fn scope(tag: Tag, vr: VR, ruling: Ruling) -> Scope {
    let technical = matches!(
        tag,
        tags::MANUFACTURER
            | tags::MANUFACTURER_MODEL_NAME
            | tags::SOFTWARE_VERSIONS
            | tags::DEVICE_SERIAL_NUMBER
            | tags::CONVOLUTION_KERNEL
            | tags::CODE_VALUE
            | tags::CODING_SCHEME_DESIGNATOR
            | tags::CODING_SCHEME_VERSION
            | tags::CODE_MEANING
            | tags::TRANSDUCER_DATA
    );
    if ruling.rule == structured::LOCAL_CODE {
        return Scope::Everything;
    }
    let kept_by_option = ruling.rule == rule!("e1.1-keep");
    if vr == VR::CS || technical || kept_by_option { Scope::Lexicon } else { Scope::Everything }
}

/// Takes a value away as far as the attribute's Type lets it.
fn removed(rule: &'static str, element: &InMemElement, place: IodPlace) -> Ruling {
    let vr = dictionary_vr(element.tag()).unwrap_or(element.vr());
    required(ruling_remove(rule), vr, place.type_of(element.tag()))
}

const fn ruling_remove(rule: &'static str) -> Ruling {
    Ruling { action: Action::Remove, rule }
}

fn attribute_decision(path: AttributePath, ruling: Ruling) -> Decision {
    let source = match ruling.rule {
        "unknown-attribute" | "vr-mismatch" | "opaque-sequence" | "undecodable-text" | "invalid-for-vr"
        | "oversized" => Source::Unknown,
        _ => Source::Tier1,
    };
    rule_decision(Locus::Attribute { path }, ruling.action, source, ruling.rule)
}

/// The flag of a text that the network doubts.
fn doubt_decision(answer: &Answer, locus: Locus) -> Option<Decision> {
    let flag = rule_decision(locus, Action::Review, Source::Ner, answer.doubt?.rule());
    Some(Decision { probability: answer.remaining(), ..flag })
}

fn rule_decision(locus: Locus, action: Action, source: Source, rule: &str) -> Decision {
    Decision { locus, action, source, rule: rule.to_owned(), label: None, probability: Probability::ONE }
}

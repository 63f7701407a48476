//! De-identifies results again with the same key and policy, and tells what the second run changed.
//!
//! A new identifier is an identifier like any other, and a moved date a date: these are mapped and moved once more, and
//! nothing else may change. What is mapped is told narrowly: a UID stays a UID, a code a code of its kind, a date one
//! of its form, and the text around a date is the same.

use dicom_core::header::Header;
use dicom_core::value::Value;
use dicom_core::{Tag, VR};
use dicom_object::{InMemDicomObject, open_file};
use efface_pipeline::{RunSettings, Silent, run};
use efface_schema::{
    Action, AttributePath, Decision, ElementReference, InstanceOutcome, Locus, ResultDigests, Status, parse_json,
};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// What an attribute holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Held {
    /// So many items.
    Items(usize),
    /// Encapsulated pixel data.
    Fragments(Vec<Vec<u8>>),
    /// Texts without padding.
    Texts(VR, Vec<String>),
    /// Anything else.
    Bytes(VR, Vec<u8>),
}

/// An attribute that a second run changed, took away or added.
pub(crate) struct Difference {
    /// Which.
    pub(crate) path: AttributePath,
    /// What the first result holds.
    pub(crate) before: Option<Held>,
    /// What the second one holds.
    pub(crate) after: Option<Held>,
    /// The rules of the second run's decisions about it.
    pub(crate) rules: BTreeSet<String>,
}

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, before, after, rules } = self;
        write!(formatter, "{path} by {rules:?}: {before:?} becomes {after:?}")
    }
}

/// What a second run over the results of a first one changed.
pub(crate) struct Again {
    /// How many results were compared.
    pub(crate) n_results: usize,
    /// The attributes that differ, but those that are mapped once more.
    pub(crate) differences: Vec<Difference>,
    /// Results that a second run withholds, with the reasons.
    pub(crate) withheld: Vec<Vec<String>>,
}

impl Again {
    /// Runs over the results of a run.
    pub(crate) fn over(first: &RunSettings) -> Self {
        let second = RunSettings {
            input: first.output.clone(),
            output: first.output.with_extension("again"),
            run: first.output.with_extension("again-run"),
            policy: first.policy.clone(),
            key: first.key.clone(),
            n_threads: first.n_threads,
            metadata_only: first.metadata_only,
            crosswalk: true,
            result_digests: ResultDigests::Sha256,
            stage_times: None,
            review_crops: false,
            ner: first.ner.clone(),
            text_detector: first.text_detector.clone(),
        };
        run(&second, &Silent, &AtomicBool::new(false)).expect("the folders fit");
        let text = fs::read_to_string(second.run.join("decisions.jsonl")).expect("the decisions are written");
        let outcomes: Vec<InstanceOutcome> = text.lines().map(|line| parse_json(line).expect("an outcome")).collect();
        let mut again = Self { n_results: 0, differences: Vec::new(), withheld: Vec::new() };
        let withheld = outcomes.iter().filter(|outcome| outcome.status != Status::Deidentified);
        again.withheld.extend(withheld.map(|outcome| outcome.reasons.clone()));
        let pairs = fs::read_to_string(second.run.join("crosswalk/paths.csv")).expect("a crosswalk");
        for (old, new) in pairs.lines().skip(1).filter_map(|line| line.split_once(',')) {
            let outcome = outcomes.iter().find(|outcome| outcome.output.as_deref() == Some(new));
            let outcome = outcome.expect("every result has an outcome");
            if outcome.status == Status::Deidentified {
                again.compare(&first.output.join(old), &second.output.join(new), &outcome.decisions);
            }
        }
        again
    }

    fn compare(&mut self, before: &Path, after: &Path, decisions: &[Decision]) {
        let (before, after) = (attributes(before), attributes(after));
        self.n_results += 1;
        let paths: BTreeSet<&AttributePath> = before.keys().chain(after.keys()).collect();
        for path in paths {
            let of_path: Vec<&Decision> =
                decisions.iter().filter(|decision| decision.locus.path() == Some(path)).collect();
            let (before, after) = (before.get(path), after.get(path));
            if !is_same(before, after, &of_path) {
                self.differences.push(Difference {
                    path: path.clone(),
                    before: before.cloned(),
                    after: after.cloned(),
                    rules: of_path.iter().map(|decision| decision.rule.clone()).collect(),
                });
            }
        }
    }
}

/// Every attribute of a result, at every depth.
fn attributes(path: &Path) -> BTreeMap<AttributePath, Held> {
    let object = open_file(path).expect("a result can be read by dicom-rs");
    let mut attributes = BTreeMap::new();
    flatten(&object, &AttributePath::default(), &mut attributes);
    attributes
}

fn flatten(data_set: &InMemDicomObject, parent: &AttributePath, into: &mut BTreeMap<AttributePath, Held>) {
    for element in data_set {
        let path = parent.element(reference(data_set, element.tag()));
        let held = match element.value() {
            Value::Sequence(sequence) => {
                for (item_idx, item) in (0_u32..).zip(sequence.items()) {
                    flatten(item, &path.item(item_idx), into);
                }
                Held::Items(sequence.items().len())
            }
            Value::PixelSequence(sequence) => Held::Fragments(sequence.fragments().to_vec()),
            Value::Primitive(value) if is_text(element.vr()) => {
                let texts = value.to_multi_str();
                let values = texts.iter().map(|text| text.trim_end_matches(['\0', ' ']).to_owned());
                Held::Texts(element.vr(), values.collect())
            }
            Value::Primitive(value) => Held::Bytes(element.vr(), value.to_bytes().into_owned()),
        };
        into.insert(path, held);
    }
}

/// A private attribute is named by its creator, as decisions name it.
fn reference(data_set: &InMemDicomObject, tag: Tag) -> ElementReference {
    let plain = ElementReference::tag(tag.group(), tag.element());
    if tag.group().is_multiple_of(2) || tag.element() < 0x1000 {
        return plain;
    }
    let creator = data_set.get(Tag(tag.group(), tag.element() >> 8)).and_then(|element| element.value().to_str().ok());
    creator.map_or(plain, |creator| {
        ElementReference::private(tag.group(), creator.trim_matches(['\0', ' ']), (tag.element() & 0xFF) as u8)
    })
}

fn is_text(vr: VR) -> bool {
    !matches!(
        vr,
        VR::OB
            | VR::OW
            | VR::OF
            | VR::OD
            | VR::OL
            | VR::OV
            | VR::UN
            | VR::US
            | VR::SS
            | VR::UL
            | VR::SL
            | VR::UV
            | VR::SV
            | VR::FL
            | VR::FD
            | VR::AT
    )
}

/// Whether an attribute is the same, or was mapped once more and nothing else.
fn is_same(before: Option<&Held>, after: Option<&Held>, decisions: &[&Decision]) -> bool {
    if before == after {
        return true;
    }
    if let (Some(Held::Bytes(VR::UN, before)), Some(Held::Bytes(VR::UN, after))) = (before, after) {
        // A safe private attribute whose VR the file does not give.
        return [before, after].iter().all(|bytes| str::from_utf8(bytes).is_ok_and(|uid| is_uid(uid.trim_end())));
    }
    let (Some(Held::Texts(vr, before)), Some(Held::Texts(vr_after, after))) = (before, after) else { return false };
    vr == vr_after
        && before.len() == after.len()
        && (0_u32..).zip(before.iter().zip(after)).all(|(value_idx, (before, after))| {
            before == after
                || match *vr {
                    VR::UI => is_uid(before) && is_uid(after),
                    VR::DA | VR::DT => !before.is_empty() && before.len() == after.len(),
                    // A safe private attribute may hold a UID as text.
                    _ => {
                        is_mapped_code(before, after)
                            || (is_uid(before) && is_uid(after))
                            || is_shifted(before, after, value_idx, decisions)
                    }
                }
        })
}

/// Whether a UID is one that a run makes, and none that the standard registers.
fn is_uid(text: &str) -> bool {
    text.strip_prefix("2.25.").is_some_and(|number| number.parse::<u128>().is_ok())
}

/// Whether both are codes that a run makes for names and identifiers, of one kind.
fn is_mapped_code(before: &str, after: &str) -> bool {
    [("EFF-", 16), ("ANON-", 8)].iter().any(|(prefix, n_characters)| {
        let is_code = |text: &str| {
            text.strip_prefix(prefix).is_some_and(|code| {
                code.len() == *n_characters
                    && code.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
            })
        };
        is_code(before) && is_code(after)
    })
}

/// Whether nothing but the dates that the second run moved differs.
fn is_shifted(before: &str, after: &str, of_value: u32, decisions: &[&Decision]) -> bool {
    let before: Vec<char> = before.chars().collect();
    let (mut at, mut rest, mut n_moved) = (0, after, 0);
    for decision in decisions {
        let Locus::TextSpan { value_idx, start, end, .. } = &decision.locus else { return false };
        if *value_idx != of_value {
            continue;
        }
        let kept: String = before[at..*start as usize].iter().collect();
        let Some(found) = rest.find(&kept) else { return false };
        if decision.action != Action::ShiftDate || (n_moved == 0 && found > 0) {
            return false;
        }
        rest = &rest[found + kept.len()..];
        at = *end as usize;
        n_moved += 1;
    }
    let last: String = before[at..].iter().collect();
    // A date that moved leaves a date.
    n_moved > 0 && rest.strip_suffix(&last).is_some_and(|date| date.chars().any(|sign| sign.is_ascii_digit()))
}

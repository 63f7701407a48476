//! Whose the files are, and who they become.

use super::survey::{Facts, Input};
use crate::SeriesKind;
use crate::options::SuiteSettings;
use crate::persona::{FIRST_STUDY_DAY, Institution};
use crate::plan::{PatientPlan, plan_patient};
use crate::plant::Secret;
use crate::streams::Streams;
use efface_schema::PhiLabel;
use jiff::civil::Date;
use jiff::{Span, ToSpan};
use rand::RngExt;
use std::collections::{BTreeMap, BTreeSet};

/// A person of the input with all files.
pub(super) struct Person {
    pub(super) ordinal: u64,
    pub(super) members: Vec<Member>,
}

/// A file's place among those of its person.
#[derive(Debug, Clone, Copy)]
pub(super) struct Member {
    pub(super) input_idx: usize,
    pub(super) study_idx: usize,
    pub(super) series_idx: usize,
    /// Within the series.
    pub(super) instance_idx: u32,
}

/// Who a person becomes.
pub(super) struct Identity {
    pub(super) plan: PatientPlan,
    /// How far the person's dates move, in days.
    pub(super) shift: Span,
}

/// Groups the files: by the mapping's name for a Patient ID, else by Patient ID, else by study.
pub(super) fn group(inputs: &[Input], same_person: &BTreeMap<String, String>) -> Vec<Person> {
    let mut by_person: BTreeMap<String, Vec<(usize, &Facts)>> = BTreeMap::new();
    for (input_idx, input) in inputs.iter().enumerate() {
        if let Ok(facts) = &input.facts {
            let name = same_person.get(&facts.patient_id).unwrap_or(&facts.patient_id);
            let key = if name.is_empty() { format!("\0{}", facts.study_uid) } else { name.clone() };
            by_person.entry(key).or_default().push((input_idx, facts));
        }
    }
    (0..).zip(by_person.into_values()).map(|(ordinal, files)| Person { ordinal, members: members(&files) }).collect()
}

/// Numbers studies by date, series by UID and instances in the order of the input.
fn members(files: &[(usize, &Facts)]) -> Vec<Member> {
    let mut first_dates: BTreeMap<&str, Option<Date>> = BTreeMap::new();
    let mut series: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (_, facts) in files {
        let first = first_dates.entry(&facts.study_uid).or_insert(facts.study_date);
        *first = [*first, facts.study_date].into_iter().flatten().min();
        series.entry(&facts.study_uid).or_default().insert(&facts.series_uid);
    }
    let mut studies: Vec<(Option<Date>, &str)> = first_dates.into_iter().map(|(uid, date)| (date, uid)).collect();
    studies.sort_unstable();
    let mut n_in_series: BTreeMap<(&str, &str), u32> = BTreeMap::new();
    let numbered = files.iter().map(|(input_idx, facts)| {
        let (study, of) = (facts.study_uid.as_str(), facts.series_uid.as_str());
        let next = n_in_series.entry((study, of)).or_default();
        let instance_idx = *next;
        *next += 1;
        Member {
            input_idx: *input_idx,
            study_idx: studies.iter().position(|(_, uid)| *uid == study).unwrap_or(0),
            series_idx: series[study].iter().position(|uid| *uid == of).unwrap_or(0),
            instance_idx,
        }
    });
    numbered.collect()
}

/// Draws a person's new life: who, when born, and by how many days everything moves.
pub(super) fn identity(
    settings: &SuiteSettings,
    streams: &Streams,
    institutions: &[Institution],
    person: &Person,
    n_persons: u64,
    inputs: &[Input],
) -> Identity {
    let facts: Vec<&Facts> =
        person.members.iter().filter_map(|member| inputs[member.input_idx].facts.as_ref().ok()).collect();
    let n_studies = person.members.iter().map(|member| member.study_idx + 1).max().unwrap_or(1);
    let settings = SuiteSettings {
        studies_min: u32::try_from(n_studies).unwrap_or(u32::MAX),
        studies_max: u32::try_from(n_studies).unwrap_or(u32::MAX),
        ..settings.clone()
    };
    // A name outside ASCII only where every file can hold it. An odd step reaches every kind of persona.
    let is_unicode = facts.iter().all(|facts| facts.is_unicode);
    let mut plan = (0..1000)
        .map(|attempt| plan_patient(&settings, streams, institutions, person.ordinal + attempt * (n_persons | 1)))
        .find(|plan| is_unicode || plan.persona.name.is_ascii())
        .expect("most personas have names in ASCII");
    let shift = move_studies(&mut plan, streams, person, inputs);
    fit_life(&mut plan, streams, &facts, person.ordinal);
    Identity { plan, shift }
}

/// Gives the studies the input's intervals and new UIDs; returns the shift.
fn move_studies(plan: &mut PatientPlan, streams: &Streams, person: &Person, inputs: &[Input]) -> Span {
    let rng = &mut streams.stream("injected shift", &[person.ordinal]);
    let dated = |member: &Member| Some((member.study_idx, inputs[member.input_idx].facts.as_ref().ok()?));
    let first = person.members.iter().filter_map(|member| dated(member)?.1.study_date).min();
    let target = FIRST_STUDY_DAY.saturating_add(rng.random_range(0..300_i64).days());
    let n_days = first.and_then(|first| first.until(target).ok()).map_or(-977, |span| span.get_days());
    // A date that moved by nothing would look like one that was never moved.
    let shift = (if n_days == 0 { 53 } else { n_days }).days();
    for (study_idx, facts) in person.members.iter().filter_map(dated) {
        let study = &mut plan.studies[study_idx];
        study.uid = new_uid(streams, &facts.study_uid);
        if let Some(date) = facts.study_date.and_then(|date| date.checked_add(shift).ok()) {
            study.date = date;
        }
    }
    for study_idx in 1..plan.studies.len() {
        let before = &plan.studies[study_idx - 1];
        plan.studies[study_idx].previous = Some((before.date, before.uid.clone()));
    }
    shift
}

/// Sex and age are the input's own where it says them: they are retained.
fn fit_life(plan: &mut PatientPlan, streams: &Streams, facts: &[&Facts], ordinal: u64) {
    let rng = &mut streams.stream("injected birth", &[ordinal]);
    if let Some(sex) = facts.iter().find_map(|facts| ["F", "M", "O"].into_iter().find(|sex| facts.sex == *sex)) {
        plan.persona.sex = sex;
    }
    let Some((study, age)) = facts.iter().find_map(|facts| Some((facts.study_uid.as_str(), age(&facts.age)?))) else {
        return;
    };
    let uid = new_uid(streams, study);
    let Some(date) = plan.studies.iter().find(|study| study.uid == uid).map(|study| study.date) else { return };
    // A birthday up to a month ago fits ages in months, too.
    plan.persona.birth = date.saturating_sub(age).saturating_sub(rng.random_range(1..28_i64).days());
}

/// An age as AS writes it.
fn age(text: &str) -> Option<Span> {
    let (number, unit) = (text.get(..3)?.parse::<i64>().ok()?, text.get(3..)?);
    match unit {
        "Y" => Some(number.years()),
        "M" => Some(number.months()),
        "W" => Some(number.weeks()),
        "D" => Some(number.days()),
        _ => None,
    }
}

/// The UID that stands for one of the input, wherever it is referred to.
pub(super) fn new_uid(streams: &Streams, original: &str) -> Secret {
    Secret::new(PhiLabel::OtherId, streams.uid(&format!("injected uid {original}"), &[]))
}

/// The kind of series whose device, words and burned-in text fit a modality.
pub(super) fn kind_of(modality: &str) -> SeriesKind {
    match modality {
        "CT" | "PT" => SeriesKind::Ct,
        "MR" => SeriesKind::Mr,
        "CR" | "RG" => SeriesKind::Cr,
        "DX" | "MG" | "XA" | "RF" | "IO" | "PX" => SeriesKind::Dx,
        "US" | "IVUS" => SeriesKind::Us,
        _ => SeriesKind::Sc,
    }
}

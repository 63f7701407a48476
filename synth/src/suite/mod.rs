//! Making a whole suite: patient after patient, instances side by side, everything written as it comes.
//!
//! Patients are taken in stretches of a few hundred instances: plans first, then the instances on all threads, then
//! what is known about them in order into the files of [`writer`]. Nothing of a stretch is held when the next begins,
//! so that memory does not depend on how many patients there are.

mod croissant;
mod parquet;
mod writer;

use crate::answer_key::AnswerRow;
use crate::encode;
use crate::iod::{self, Scene};
use crate::odd::{Oddity, Writing};
use crate::options::{SuiteKind, SuiteSettings};
use crate::persona::{Institution, Persona};
use crate::plan::{PatientPlan, plan_patient};
use crate::plant::{ClaimKind, Truth};
use crate::provenance::Provenance;
use crate::report::SuiteReport;
use crate::streams::Streams;
use crate::vocabulary::Locale;
use crate::{Syntax, SynthError, corpus, output};
use dicom_core::Tag;
use dicom_core::VR;
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use efface_schema::{InstanceIdentity, Sha256Hex, TextRecord, TruthRecord, Versioned, sha256_hex};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
pub(crate) use writer::SuiteWriter;

pub(crate) use writer::manifest;

/// Number of care sites that the patients of one locale go to.
pub(crate) const N_INSTITUTIONS: u64 = 5;
/// A stretch of patients ends when it has this many instances.
pub(crate) const N_INSTANCES_AT_ONCE: usize = 384;

/// An instance that stands on disk.
pub(crate) struct Finished {
    pub(crate) record: TruthRecord,
    pub(crate) row: AnswerRow,
    /// The free texts with their spans.
    pub(crate) texts: Vec<TextRecord>,
    /// Original UIDs that are planted as the values of attributes.
    pub(crate) uids: BTreeSet<String>,
    pub(crate) sha256: Sha256Hex,
    pub(crate) has_burned_in_phi: bool,
    /// Whether the library that draws the contact sheet can read it.
    pub(crate) can_be_shown: bool,
}

/// Makes a suite in a folder that is empty or absent.
///
/// A suite of texts is `ner.jsonl`, `ner.conll`, `card.md` and `manifest.json`; its `progress` counts texts.
/// A suite of instances is `dicom/**.dcm`, `truth.jsonl`, `ner.jsonl` (its free texts), `truth.parquet`, `answer.db`, `coco.json`, `contact-sheet.png`, `uid_identity.csv`, `patid_identity.csv`,
/// `card.md`, `croissant.json`, `SHA256SUMS` and `manifest.json`. All but the manifest, which names the machine and its
/// threads, are the same bytes for the same settings, at any number of threads. `progress` is told how many instances
/// of how many are done, from any thread.
///
/// # Errors
/// [`SynthError::OutputNotEmpty`] before anything is written; else what the disk or an encoder says.
///
/// # Example
/// ```no_run
/// use efface_synth::{SuiteOptions, generate};
/// let settings = SuiteOptions::read("datasets/smoke.toml".as_ref())?.resolve()?;
/// let report = generate(&settings, "suite".as_ref(), &|_, _| ())?;
/// println!("{} instances", report.n_instances);
/// # Ok::<(), efface_synth::SynthError>(())
/// ```
pub fn generate(
    settings: &SuiteSettings,
    out: &Path,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<SuiteReport, SynthError> {
    if settings.kind != SuiteKind::Dicom {
        return corpus::generate(settings, out, progress);
    }
    output::prepare(out)?;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(settings.threads).build()?;
    let streams = Streams::of(settings.seed, settings.split);
    let institutions = institutions(settings, &streams);
    let maker = Maker { settings, streams: &streams, institutions: &institutions, out };
    let n_instances = pool.install(|| maker.count());
    let n_total = n_instances.iter().sum();
    let n_done = AtomicUsize::new(0);
    let mut writer = SuiteWriter::create(Provenance::synthetic(settings), out)?;
    for stretch in stretches(&n_instances) {
        let finished = pool.install(|| {
            maker.make(stretch, &|| {
                progress(n_done.fetch_add(1, Ordering::Relaxed) + 1, n_total);
            })
        })?;
        for patient in finished {
            writer.add_patient(patient)?;
        }
    }
    writer.finish(pool.current_num_threads())
}

/// The care sites of each locale: a patient's instances have one character set, which must do for the staff.
type Institutions = BTreeMap<Locale, Vec<Institution>>;

fn institutions(settings: &SuiteSettings, streams: &Streams) -> Institutions {
    let casting = settings.casting();
    let sites =
        |locale| (0..N_INSTITUTIONS).map(|ordinal| Institution::new(casting, locale, streams, ordinal)).collect();
    settings.locales.iter().map(|locale| (*locale, sites(*locale))).collect()
}

/// Cuts the patients into stretches of about [`N_INSTANCES_AT_ONCE`] instances.
fn stretches(n_instances: &[usize]) -> Vec<Range<u64>> {
    let mut stretches = Vec::new();
    let (mut start, mut n_in_stretch) = (0_u64, 0);
    for (end, n_of_patient) in (1_u64..).zip(n_instances) {
        n_in_stretch += n_of_patient;
        if n_in_stretch >= N_INSTANCES_AT_ONCE || end == n_instances.len() as u64 {
            stretches.push(start..end);
            (start, n_in_stretch) = (end, 0);
        }
    }
    stretches
}

/// What all patients are made from.
struct Maker<'a> {
    settings: &'a SuiteSettings,
    streams: &'a Streams,
    institutions: &'a Institutions,
    out: &'a Path,
}

impl Maker<'_> {
    fn plan(&self, patient: u64) -> PatientPlan {
        let locale = self.settings.casting().locale(patient);
        plan_patient(self.settings, self.streams, &self.institutions[&locale], patient)
    }

    /// How many instances each patient has. Plans are cheap: they are made again when they are carried out.
    fn count(&self) -> Vec<usize> {
        let patients = (0..u64::from(self.settings.patients)).into_par_iter();
        let series = |plan: &PatientPlan| -> u32 {
            plan.studies.iter().flat_map(|study| &study.series).map(|series| series.settings.instances).sum()
        };
        patients.map(|patient| series(&self.plan(patient)) as usize).collect()
    }

    /// Makes a stretch of patients: for each its instances, in order of path.
    fn make(&self, patients: Range<u64>, done: &(dyn Fn() + Sync)) -> Result<Vec<Vec<Finished>>, SynthError> {
        let plans: Vec<PatientPlan> = patients.into_par_iter().map(|patient| self.plan(patient)).collect();
        let scenes: Vec<(usize, Scene<'_>)> = plans
            .iter()
            .enumerate()
            .flat_map(|(plan_idx, plan)| self.scenes(plan).into_iter().map(move |scene| (plan_idx, scene)))
            .collect();
        let finished: Result<Vec<(usize, Finished)>, SynthError> = scenes
            .into_par_iter()
            .map(|(plan_idx, scene)| {
                let finished = finish(&scene, self.out)?;
                done();
                Ok((plan_idx, finished))
            })
            .collect();
        let mut by_patient: Vec<Vec<Finished>> = plans.iter().map(|_| Vec::new()).collect();
        for (plan_idx, finished) in finished? {
            by_patient[plan_idx].push(finished);
        }
        for patient in &mut by_patient {
            patient.sort_by(|one, other| one.record.instance.path.cmp(&other.record.instance.path));
        }
        Ok(by_patient)
    }

    fn scenes<'a>(&'a self, patient: &'a PatientPlan) -> Vec<Scene<'a>> {
        let mut scenes = Vec::new();
        for study in &patient.studies {
            for series in &study.series {
                scenes.extend((0..series.settings.instances).map(|instance_idx| Scene {
                    settings: self.settings,
                    streams: self.streams,
                    patient,
                    study,
                    series,
                    institution: &self.institutions[&patient.persona.locale][study.institution_idx],
                    instance_idx,
                }));
            }
        }
        scenes
    }
}

/// Builds, encodes and writes one instance.
fn finish(scene: &Scene<'_>, out: &Path) -> Result<Finished, SynthError> {
    let instance = iod::build(scene);
    let identity = identity(&instance.data_set, instance.path);
    let encoded = encode::encode(instance.data_set, scene.series.syntax, instance.writing.as_ref())
        .map_err(|reason| SynthError::Encode { path: identity.path.clone(), reason })?;
    output::write(&out.join("dicom").join(&identity.path), &encoded.bytes)?;
    let mut record = truth_record(identity.clone(), &instance.truth);
    record.locale = Some(scene.persona().locale.as_str().to_owned());
    let uids = planted_uids(&instance.truth);
    let has_vrs = scene.series.syntax != Syntax::Implicit;
    let row = AnswerRow::new(identity, &instance.truth, encoded.pixel_digest, instance.has_burned_in_phi, has_vrs);
    let sha256 = sha256_hex(&encoded.bytes);
    let texts = texts_of(instance.truth.texts, &record, scene.persona());
    // dicom-rs does not go into UN of open length.
    let is_hidden = |writing: &Writing| writing.oddity == Oddity::UnknownSequence;
    let can_be_shown = !instance.writing.as_ref().is_some_and(is_hidden);
    let has_burned_in_phi = instance.has_burned_in_phi;
    Ok(Finished { record, row, texts, uids, sha256, has_burned_in_phi, can_be_shown })
}

/// The texts with what is known about their instance.
pub(crate) fn texts_of(mut texts: Vec<TextRecord>, record: &TruthRecord, persona: &Persona) -> Vec<TextRecord> {
    for text in &mut texts {
        record.instance.modality.clone_into(&mut text.context.modality);
        persona.locale.as_str().clone_into(&mut text.context.locale);
        text.context.patient = persona.ordinal;
    }
    texts
}

pub(crate) fn identity(data_set: &InMemDicomObject, path: String) -> InstanceIdentity {
    let text = |tag: Tag| {
        let element = data_set.get(tag).and_then(|element| element.to_str().ok());
        element.map_or_else(String::new, |text| text.trim().to_owned())
    };
    InstanceIdentity {
        path,
        patient_id: text(tags::PATIENT_ID),
        study_instance_uid: text(tags::STUDY_INSTANCE_UID),
        series_instance_uid: text(tags::SERIES_INSTANCE_UID),
        sop_instance_uid: text(tags::SOP_INSTANCE_UID),
        sop_class_uid: text(tags::SOP_CLASS_UID),
        modality: text(tags::MODALITY),
    }
}

pub(crate) fn truth_record(instance: InstanceIdentity, truth: &Truth) -> TruthRecord {
    let mut record = TruthRecord {
        format_version: TruthRecord::FORMAT_VERSION,
        instance,
        locale: None,
        planted: Vec::new(),
        retained: Vec::new(),
        drawn: (truth.drawn.columns > 0).then(|| truth.drawn.clone()),
    };
    for claim in &truth.claims {
        match &claim.kind {
            ClaimKind::Planted(planted) => record.planted.push(planted.clone()),
            ClaimKind::Retained(retained, _) => record.retained.push(retained.clone()),
        }
    }
    record
}

pub(crate) fn planted_uids(truth: &Truth) -> BTreeSet<String> {
    let planted = truth.claims.iter().filter(|claim| claim.vr == VR::UI).filter_map(|claim| match &claim.kind {
        ClaimKind::Planted(planted) => Some(planted.value.clone()),
        ClaimKind::Retained(..) => None,
    });
    planted.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_hold_every_patient_once() {
        assert_eq!(stretches(&[]), []);
        assert_eq!(stretches(&[3]), vec![(0..1)]);
        assert_eq!(stretches(&[100, 284, 1, 500, 7]), [0..2, 2..4, 4..5]);
    }
}

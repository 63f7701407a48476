//! Making a whole suite: plans first, then the instances side by side, then the files about them.

use crate::answer_key::{self, AnswerRow};
use crate::encode;
use crate::iod::{self, Scene};
use crate::options::{SuiteKind, SuiteSettings};
use crate::persona::Institution;
use crate::plan::{PatientPlan, Syntax, plan_patient};
use crate::plant::{ClaimKind, Truth};
use crate::report::{SuiteReport, card};
use crate::streams::Streams;
use crate::vocabulary::Locale;
use crate::{SynthError, corpus, output};
use dicom_core::Tag;
use dicom_core::VR;
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use efface_schema::{
    InstanceIdentity, Machine, RunManifest, RunStatus, Sha256Hex, TextRecord, TruthRecord, Versioned, sha256_hex,
    to_json_line,
};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Number of care sites that the patients of one locale go to.
const N_INSTITUTIONS: u64 = 5;

/// An instance that stands on disk.
struct Finished {
    record: TruthRecord,
    row: AnswerRow,
    /// The free texts with their spans.
    texts: Vec<TextRecord>,
    /// Original UIDs that are planted as the values of attributes.
    uids: BTreeSet<String>,
    sha256: Sha256Hex,
    has_burned_in_phi: bool,
}

/// Makes a suite in a folder that is empty or absent.
///
/// A suite of texts is `ner.jsonl`, `ner.conll`, `card.md` and `manifest.json`; its `progress` counts texts.
/// A suite of instances is `dicom/**.dcm`, `truth.jsonl`, `ner.jsonl` (its free texts), `answer.db`, `uid_identity.csv`, `patid_identity.csv`, `card.md`
/// and `manifest.json`. All but the manifest, which names the machine and its threads, are the same bytes
/// for the same settings, at any number of threads. `progress` is told how many instances of how many are
/// done, from any thread.
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
    if settings.kind == SuiteKind::Text {
        return corpus::generate(settings, out, progress);
    }
    output::prepare(out)?;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(settings.threads).build()?;
    let streams = Streams::of(settings.seed, settings.split);
    let casting = settings.casting();
    let institutions: Institutions = settings
        .locales
        .iter()
        .map(|locale| {
            let sites = (0..N_INSTITUTIONS).map(|ordinal| Institution::new(casting, *locale, &streams, ordinal));
            (*locale, sites.collect())
        })
        .collect();
    let plans: Vec<PatientPlan> = pool.install(|| {
        (0..u64::from(settings.patients))
            .into_par_iter()
            .map(|patient| plan_patient(settings, &streams, &institutions[&casting.locale(patient)], patient))
            .collect()
    });
    let scenes = scenes(settings, &streams, &institutions, &plans);
    let n_done = AtomicUsize::new(0);
    let finished: Result<Vec<Finished>, SynthError> = pool.install(|| {
        scenes
            .par_iter()
            .enumerate()
            .map(|(index, scene)| {
                let finished = finish(scene, index, out)?;
                progress(n_done.fetch_add(1, Ordering::Relaxed) + 1, scenes.len());
                Ok(finished)
            })
            .collect()
    });
    let mut finished = finished?;
    finished.sort_by(|one, other| one.record.instance.path.cmp(&other.record.instance.path));
    write_about(settings, out, pool.current_num_threads(), finished)
}

/// The care sites of each locale: a patient's instances have one character set, which must do for the staff.
type Institutions = BTreeMap<Locale, Vec<Institution>>;

fn scenes<'a>(
    settings: &'a SuiteSettings,
    streams: &'a Streams,
    institutions: &'a Institutions,
    plans: &'a [PatientPlan],
) -> Vec<Scene<'a>> {
    let mut scenes = Vec::new();
    for patient in plans {
        for study in &patient.studies {
            for series in &study.series {
                let institution = &institutions[&patient.persona.locale][study.institution_idx];
                scenes.extend((0..series.settings.instances).map(|instance_idx| Scene {
                    settings,
                    streams,
                    patient,
                    study,
                    series,
                    institution,
                    instance_idx,
                }));
            }
        }
    }
    scenes
}

/// Builds, encodes and writes one instance.
fn finish(scene: &Scene<'_>, index: usize, out: &Path) -> Result<Finished, SynthError> {
    let instance = iod::build(scene);
    let identity = identity(&instance.data_set, instance.path);
    let encoded = encode::encode(instance.data_set, scene.series.syntax)
        .map_err(|reason| SynthError::Encode { index, reason })?;
    output::write(&out.join("dicom").join(&identity.path), &encoded.bytes)?;
    let record = truth_record(identity.clone(), &instance.truth);
    let uids = planted_uids(&instance.truth);
    let has_vrs = scene.series.syntax != Syntax::ImplicitLittleEndian;
    let row = AnswerRow::new(identity, &instance.truth, encoded.pixel_digest, instance.has_burned_in_phi, has_vrs);
    let sha256 = sha256_hex(&encoded.bytes);
    let mut texts = instance.truth.texts;
    for text in &mut texts {
        record.instance.modality.clone_into(&mut text.context.modality);
        scene.persona().locale.as_str().clone_into(&mut text.context.locale);
        text.context.patient = scene.persona().ordinal;
    }
    Ok(Finished { record, row, texts, uids, sha256, has_burned_in_phi: instance.has_burned_in_phi })
}

fn identity(data_set: &InMemDicomObject, path: String) -> InstanceIdentity {
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

fn truth_record(instance: InstanceIdentity, truth: &Truth) -> TruthRecord {
    let mut record = TruthRecord {
        format_version: TruthRecord::FORMAT_VERSION,
        instance,
        planted: Vec::new(),
        retained: Vec::new(),
    };
    for claim in &truth.claims {
        match &claim.kind {
            ClaimKind::Planted(planted) => record.planted.push(planted.clone()),
            ClaimKind::Retained(retained, _) => record.retained.push(retained.clone()),
        }
    }
    record
}

fn planted_uids(truth: &Truth) -> BTreeSet<String> {
    let planted = truth.claims.iter().filter(|claim| claim.vr == VR::UI).filter_map(|claim| match &claim.kind {
        ClaimKind::Planted(planted) => Some(planted.value.clone()),
        ClaimKind::Retained(..) => None,
    });
    planted.collect()
}

/// Writes the files beside the DICOM folder.
fn write_about(
    settings: &SuiteSettings,
    out: &Path,
    n_threads: usize,
    finished: Vec<Finished>,
) -> Result<SuiteReport, SynthError> {
    let truth: String = finished.iter().map(|instance| to_json_line(&instance.record)).collect();
    output::write(&out.join("truth.jsonl"), truth.as_bytes())?;
    let n_texts = write_texts(&finished, out)?;
    let uids: BTreeSet<&str> = finished.iter().flat_map(|instance| &instance.uids).map(String::as_str).collect();
    let patients: BTreeSet<&str> =
        finished.iter().map(|instance| instance.record.instance.patient_id.as_str()).collect();
    output::write(&out.join("uid_identity.csv"), identity_mapping(&uids).as_bytes())?;
    output::write(&out.join("patid_identity.csv"), identity_mapping(&patients).as_bytes())?;

    let mut report = SuiteReport::new(&settings.name);
    report.n_texts = n_texts;
    for instance in &finished {
        report.count(&instance.record, &instance.row.n_checks, instance.has_burned_in_phi);
    }
    report.finish(&finished.iter().map(|instance| &instance.record.instance).collect::<Vec<_>>());
    output::write(&out.join("card.md"), card(settings, &report).as_bytes())?;

    let hashes: String = finished
        .iter()
        .map(|instance| format!("{}\0{}\n", instance.record.instance.path, instance.sha256.as_str()))
        .collect();
    let rows: Vec<AnswerRow> = finished.into_iter().map(|instance| instance.row).collect();
    let part = out.join("answer.db.part");
    answer_key::write(&rows, &part)?;
    std::fs::rename(&part, out.join("answer.db"))?;
    let manifest = manifest(settings, n_threads, sha256_hex(hashes.as_bytes()));
    output::write(&out.join("manifest.json"), to_json_line(&manifest).as_bytes())?;
    Ok(report)
}

/// Writes every text that a patient's instances hold once for each attribute, and says how many these are.
fn write_texts(finished: &[Finished], out: &Path) -> Result<usize, SynthError> {
    let mut lines = output::Stream::create(&out.join("ner.jsonl"))?;
    let mut seen = BTreeSet::new();
    for text in finished.iter().flat_map(|instance| &instance.texts) {
        let index = seen.len() as u64;
        if seen.insert((text.context.patient, &text.context.attribute, &text.text)) {
            lines.write(to_json_line(&TextRecord { index, ..text.clone() }).as_bytes())?;
        }
    }
    lines.finish()?;
    Ok(seen.len())
}

/// A mapping that changes nothing: it scores the suite itself as the output of a tool that does nothing.
fn identity_mapping(values: &BTreeSet<&str>) -> String {
    std::iter::once("id_old,id_new\n".to_owned())
        .chain(values.iter().map(|value| format!("{value},{value}\n")))
        .collect()
}

pub(crate) fn manifest(settings: &SuiteSettings, n_threads: usize, outputs_sha256: Sha256Hex) -> RunManifest {
    let resolved = serde_json::to_value(settings).expect("settings have string keys and finite numbers");
    RunManifest {
        format_version: RunManifest::FORMAT_VERSION,
        command: "synth".to_owned(),
        efface_version: env!("CARGO_PKG_VERSION").to_owned(),
        settings_sha256: sha256_hex(resolved.to_string().as_bytes()),
        settings: resolved,
        seeds: BTreeMap::from([("root".to_owned(), settings.seed)]),
        machine: Machine {
            platform: format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH),
            n_threads: u32::try_from(n_threads).unwrap_or(u32::MAX),
        },
        inputs_sha256: None,
        outputs_sha256: Some(outputs_sha256),
        counts: None,
        status: RunStatus::Complete,
    }
}

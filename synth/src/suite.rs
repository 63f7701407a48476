//! Making a whole suite: plans first, then the instances side by side, then the files about them.

use crate::answer_key::{self, AnswerRow};
use crate::coco::CocoWriter;
use crate::contact_sheet::ContactSheet;
use crate::encode;
use crate::iod::{self, Scene};
use crate::options::SuiteSettings;
use crate::persona::Institution;
use crate::plan::{PatientPlan, Syntax, plan_patient};
use crate::plant::{ClaimKind, Truth};
use crate::report::{SuiteReport, card};
use crate::streams::Streams;
use crate::{SynthError, output};
use dicom_core::Tag;
use dicom_core::VR;
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use efface_schema::{
    InstanceIdentity, Machine, RunManifest, RunStatus, Sha256Hex, TruthRecord, Versioned, sha256_hex, to_json_line,
};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Number of care sites that the patients of a suite go to.
const N_INSTITUTIONS: u64 = 5;

/// An instance that stands on disk.
struct Finished {
    record: TruthRecord,
    row: AnswerRow,
    /// Original UIDs that are planted as the values of attributes.
    uids: BTreeSet<String>,
    sha256: Sha256Hex,
    has_burned_in_phi: bool,
}

/// Makes a suite in a folder that is empty or absent.
///
/// Writes `dicom/**.dcm`, `truth.jsonl`, `answer.db`, `coco.json`, `contact-sheet.png`, `uid_identity.csv`,
/// `patid_identity.csv`, `card.md` and `manifest.json`. All but the manifest, which names the machine and its threads, are the same bytes
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
    output::prepare(out)?;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(settings.threads).build()?;
    let streams = Streams::new(settings.seed);
    let institutions: Vec<Institution> =
        (0..N_INSTITUTIONS).map(|ordinal| Institution::new(&streams, ordinal)).collect();
    let plans: Vec<PatientPlan> = pool.install(|| {
        (0..u64::from(settings.patients))
            .into_par_iter()
            .map(|patient| plan_patient(settings, &streams, &institutions, patient))
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

fn scenes<'a>(
    settings: &'a SuiteSettings,
    streams: &'a Streams,
    institutions: &'a [Institution],
    plans: &'a [PatientPlan],
) -> Vec<Scene<'a>> {
    let mut scenes = Vec::new();
    for patient in plans {
        for study in &patient.studies {
            for series in &study.series {
                let institution = &institutions[study.institution_idx];
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
    Ok(Finished { record, row, uids, sha256, has_burned_in_phi: instance.has_burned_in_phi })
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
    let uids: BTreeSet<&str> = finished.iter().flat_map(|instance| &instance.uids).map(String::as_str).collect();
    let patients: BTreeSet<&str> =
        finished.iter().map(|instance| instance.record.instance.patient_id.as_str()).collect();
    output::write(&out.join("uid_identity.csv"), identity_mapping(&uids).as_bytes())?;
    output::write(&out.join("patid_identity.csv"), identity_mapping(&patients).as_bytes())?;

    let mut coco = CocoWriter::create(out)?;
    let mut contact_sheet = ContactSheet::default();
    for instance in &finished {
        coco.add(&instance.record)?;
        contact_sheet.add(&instance.record);
    }
    coco.finish()?;
    let has_contact_sheet = contact_sheet.write(out)?;

    let mut report = SuiteReport::new(&settings.name);
    for instance in &finished {
        report.count(&instance.record, &instance.row.n_checks, instance.has_burned_in_phi);
    }
    report.finish(&finished.iter().map(|instance| &instance.record.instance).collect::<Vec<_>>());
    output::write(&out.join("card.md"), card(settings, &report, has_contact_sheet).as_bytes())?;

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

/// A mapping that changes nothing: it scores the suite itself as the output of a tool that does nothing.
fn identity_mapping(values: &BTreeSet<&str>) -> String {
    std::iter::once("id_old,id_new\n".to_owned())
        .chain(values.iter().map(|value| format!("{value},{value}\n")))
        .collect()
}

fn manifest(settings: &SuiteSettings, n_threads: usize, outputs_sha256: Sha256Hex) -> RunManifest {
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

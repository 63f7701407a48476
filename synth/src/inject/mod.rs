//! Planting identities into files that exist: the user's own de-identified DICOM, as the MIDI-B data were made.
//!
//! 1. `survey` reads every file up to its pixels; what cannot be used is listed with a reason;
//! 2. `people` groups the files by person and draws who each becomes, with dates that keep their intervals;
//! 3. `rewrite` goes through a data set and plants, mixes in or claims to stay, as `tables` says of each attribute;
//!    `attributes` adds what hospitals' files have, `words` writes into texts, `pixels` into images;
//! 4. the files about the suite are the same that [`crate::generate`] writes, and `inject.jsonl`.

mod attributes;
mod people;
mod pixels;
mod rewrite;
mod survey;
pub(crate) mod tables;
mod words;

use crate::answer_key::AnswerRow;
use crate::iod::Scene;
use crate::options::{SuiteOptions, SuiteSettings};
use crate::persona::Institution;
use crate::plant::{Sheet, Truth};
use crate::provenance::Provenance;
use crate::report::SuiteReport;
use crate::streams::Streams;
use crate::suite::{
    Finished, N_INSTANCES_AT_ONCE, N_INSTITUTIONS, SuiteWriter, identity, planted_uids, texts_of, truth_record,
};
use crate::vocabulary::Locale;
use crate::{Syntax, SynthError, encode, output};
use dicom_dictionary_std::{tags, uids};
use dicom_object::{InMemDicomObject, OpenFileOptions};
use efface_schema::{InjectedInput, Sha256Hex, UnusedReason, Versioned, sha256_hex, to_json_line};
use people::{Identity, Member, Person};
use rayon::prelude::*;
use rewrite::Rewriter;
use serde::Serialize;
use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use survey::{Facts, Input};

/// Retired, and still met.
const EXPLICIT_VR_BIG_ENDIAN: &str = "1.2.840.10008.1.2.2";

/// How identities are planted into files that exist.
#[derive(Debug, Clone)]
pub struct InjectSettings {
    /// The root seed.
    pub seed: u64,
    /// CSV `id_old,id_new`: Patient IDs of the files, and a name for the person whom each belongs to.
    pub patients: Option<PathBuf>,
    /// Share of the ultrasound, projection and secondary capture images with identifying text burned in, 0 to 1.
    pub burned_in_share: f64,
    /// The same for CT, MR and PET.
    pub burned_in_cross_section_share: f64,
    /// Number of worker threads; 0 means one per processor. Changes no byte of the suite.
    pub threads: usize,
}

/// Where the invented people live: files of any character set can hold their names.
const LOCALE: Locale = Locale::EnUs;

/// What became of the files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InjectReport {
    /// What the suite holds.
    pub suite: SuiteReport,
    /// Number of files below the folder.
    pub n_inputs: usize,
    /// How many could not be used, by reason.
    pub unused: BTreeMap<UnusedReason, usize>,
}

impl Default for InjectSettings {
    fn default() -> Self {
        Self { seed: 1, patients: None, burned_in_share: 0.6, burned_in_cross_section_share: 0.1, threads: 0 }
    }
}

/// Plants identities into copies of the DICOM files below a folder, which are only read.
///
/// Writes the files of [`crate::generate`] and `inject.jsonl`, a line for each file of the folder: where its copy is, or
/// why there is none. The same files, settings and seed give the same bytes but for the manifest, at any number of
/// threads. One file per thread and what is known about one patient's instances are held in memory.
///
/// `progress` is told how many files of how many are done, from any thread.
///
/// # Errors
/// Before anything is written: [`SynthError::InvalidOption`], [`SynthError::ReadInputs`],
/// [`SynthError::FoldersOverlap`], [`SynthError::OutputNotEmpty`], [`SynthError::PatientMapping`] and
/// [`SynthError::NothingToInject`]; else what the disk says.
///
/// # Example
/// ```no_run
/// use efface_synth::{InjectSettings, inject};
/// let report = inject(&InjectSettings::default(), "collection".as_ref(), "suite".as_ref(), &|_, _| ())?;
/// println!("{} of {} files", report.suite.n_instances, report.n_inputs);
/// # Ok::<(), efface_synth::SynthError>(())
/// ```
pub fn inject(
    settings: &InjectSettings,
    input: &Path,
    out: &Path,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<InjectReport, SynthError> {
    let suite = suite_settings(settings)?;
    check_folders(input, out)?;
    let same_person = settings.patients.as_deref().map(read_mapping).transpose()?.unwrap_or_default();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(settings.threads).build()?;
    let read_error = |source| SynthError::ReadInputs { path: input.to_owned(), source };
    let mut inputs = pool.install(|| survey::survey(input)).map_err(read_error)?;
    let persons = people::group(&inputs, &same_person);
    if persons.is_empty() {
        return Err(SynthError::NothingToInject { path: input.to_owned(), n_files: inputs.len() });
    }
    output::prepare(out)?;
    let streams = Streams::of(settings.seed, suite.split);
    let institutions: Vec<Institution> =
        (0..N_INSTITUTIONS).map(|ordinal| Institution::new(suite.casting(), LOCALE, &streams, ordinal)).collect();
    let known_uids = known_uids(&inputs);
    let n_total = persons.iter().map(|person| person.members.len()).sum();
    let n_done = AtomicUsize::new(0);
    let mut outputs: BTreeMap<usize, String> = BTreeMap::new();
    let mut writer = SuiteWriter::create(provenance(settings, survey::inputs_sha256(&inputs)), out)?;
    for person in &persons {
        let identity = people::identity(&suite, &streams, &institutions, person, persons.len() as u64, &inputs);
        let maker =
            Maker { suite: &suite, streams: &streams, institutions: &institutions, known_uids: &known_uids, out };
        let made = pool.install(|| {
            maker.make(person, &identity, &inputs, &|| progress(n_done.fetch_add(1, Ordering::Relaxed) + 1, n_total))
        })?;
        let mut finished = Vec::new();
        for (member, result) in made {
            match result {
                Ok(instance) => {
                    outputs.insert(member.input_idx, instance.record.instance.path.clone());
                    finished.push(instance);
                }
                Err(reason) => inputs[member.input_idx].facts = Err(reason),
            }
        }
        finished.sort_by(|one, other| one.record.instance.path.cmp(&other.record.instance.path));
        writer.add_patient(finished)?;
    }
    writer.attach("inject.jsonl", listing(&inputs, &outputs).as_bytes())?;
    let suite = writer.finish(pool.current_num_threads())?;
    let mut unused = BTreeMap::new();
    for reason in inputs.iter().filter_map(|input| input.facts.as_ref().err()) {
        *unused.entry(*reason).or_default() += 1;
    }
    Ok(InjectReport { suite, n_inputs: inputs.len(), unused })
}

/// The settings of [`crate::generate`] that plans are drawn by.
fn suite_settings(settings: &InjectSettings) -> Result<SuiteSettings, SynthError> {
    let options = SuiteOptions {
        name: Some("injected".to_owned()),
        seed: Some(settings.seed),
        locales: Some(vec![LOCALE]),
        burned_in_share: Some(settings.burned_in_share),
        burned_in_cross_section_share: Some(settings.burned_in_cross_section_share),
        ..SuiteOptions::default()
    };
    options.resolve()
}

fn check_folders(input: &Path, out: &Path) -> Result<(), SynthError> {
    let read_error = |source| SynthError::ReadInputs { path: input.to_owned(), source };
    let is_empty = std::fs::read_dir(input).map_err(read_error)?.next().is_none();
    if is_empty {
        return Err(SynthError::NothingToInject { path: input.to_owned(), n_files: 0 });
    }
    let input = input.canonicalize().map_err(read_error)?;
    // The output may not exist yet: what counts is where its nearest existing folder lies.
    let out = std::path::absolute(out)?;
    let existing = out.ancestors().find(|folder| folder.exists()).unwrap_or(&out);
    let missing = out.strip_prefix(existing).unwrap_or(Path::new(""));
    let resolved = existing.canonicalize()?.join(missing);
    if resolved.starts_with(&input) || input.starts_with(&resolved) {
        return Err(SynthError::FoldersOverlap);
    }
    if out.is_dir() && std::fs::read_dir(&out)?.next().is_some() {
        return Err(SynthError::OutputNotEmpty { path: out });
    }
    Ok(())
}

fn read_mapping(path: &Path) -> Result<BTreeMap<String, String>, SynthError> {
    let text =
        std::fs::read_to_string(path).map_err(|source| SynthError::ReadOptions { path: path.to_owned(), source })?;
    let wrong = |line, expected| SynthError::PatientMapping { path: path.to_owned(), line, expected };
    let mut lines = (1..).zip(text.lines());
    if lines.next().is_none_or(|(_, head)| head.trim() != "id_old,id_new") {
        return Err(wrong(1, "the columns id_old,id_new"));
    }
    let pair = |(line, row): (usize, &str)| match row.split_once(',') {
        Some((id, person)) if !person.contains(',') && !person.trim().is_empty() => {
            Ok((id.trim().to_owned(), person.trim().to_owned()))
        }
        _ => Err(wrong(line, "a Patient ID and a name for the person")),
    };
    lines.filter(|(_, row)| !row.trim().is_empty()).map(pair).collect()
}

fn known_uids(inputs: &[Input]) -> HashSet<String> {
    let facts = inputs.iter().filter_map(|input| input.facts.as_ref().ok());
    let uids = facts.flat_map(|facts| [&facts.study_uid, &facts.series_uid, &facts.sop_uid]);
    uids.filter(|uid| !uid.is_empty()).cloned().collect()
}

fn provenance(settings: &InjectSettings, inputs_sha256: Sha256Hex) -> Provenance {
    Provenance {
        name: "injected".to_owned(),
        seed: settings.seed,
        command: "synth inject",
        settings: serde_json::json!({
            "seed": settings.seed,
            "burned-in-share": settings.burned_in_share,
            "burned-in-cross-section-share": settings.burned_in_cross_section_share,
            "patients": settings.patients.is_some(),
        }),
        inputs_sha256: Some(inputs_sha256),
        origin: format!(
            "Made by `efface synth inject` from seed {} out of somebody's files.\n\
             The persons, places and numbers that are planted are invented; images and all other values are those of \
             the files.",
            settings.seed
        ),
        limits: "- What still identified somebody in the files that were used: nothing is claimed about it, or it is \
                 claimed to stay.\n\
                 - Text in pixels that are compressed otherwise than in RLE and JPEG lossless, overlays, encapsulated documents and file meta information.\n\
                 - Values of private attributes in files without value representations.\n",
        license: None,
    }
}

fn listing(inputs: &[Input], outputs: &BTreeMap<usize, String>) -> String {
    let line = |(input_idx, input): (usize, &Input)| {
        to_json_line(&InjectedInput {
            format_version: InjectedInput::FORMAT_VERSION,
            input_idx: input_idx as u64,
            input: input.relative.clone(),
            output: outputs.get(&input_idx).cloned(),
            reason: input.facts.as_ref().err().copied(),
        })
    };
    inputs.iter().enumerate().map(line).collect()
}

/// What all persons' files are made from.
struct Maker<'a> {
    suite: &'a SuiteSettings,
    streams: &'a Streams,
    institutions: &'a [Institution],
    known_uids: &'a HashSet<String>,
    out: &'a Path,
}

type Made<'m> = (&'m Member, Result<Finished, UnusedReason>);

impl Maker<'_> {
    /// Plants in all files of a person, in stretches, so that few are in memory at a time.
    fn make<'m>(
        &self,
        person: &'m Person,
        identity: &Identity,
        inputs: &[Input],
        done: &(dyn Fn() + Sync),
    ) -> Result<Vec<Made<'m>>, SynthError> {
        let mut made = Vec::with_capacity(person.members.len());
        for stretch in person.members.chunks(N_INSTANCES_AT_ONCE) {
            let of_stretch: Result<Vec<Made<'m>>, SynthError> = stretch
                .par_iter()
                .map(|member| {
                    let input = &inputs[member.input_idx];
                    let result = match &input.facts {
                        Ok(facts) => self.plant(&input.path, facts, member, identity)?,
                        Err(reason) => Err(*reason),
                    };
                    done();
                    Ok((member, result))
                })
                .collect();
            made.extend(of_stretch?);
        }
        Ok(made)
    }

    fn scene<'s>(&'s self, facts: &Facts, member: &Member, identity: &'s Identity) -> Scene<'s> {
        let study = &identity.plan.studies[member.study_idx];
        let kind = people::kind_of(&facts.modality);
        let series = study.series.iter().find(|series| series.kind == kind).unwrap_or(&study.series[0]);
        // Plans have one series of each kind; the number keeps the instances of several apart.
        let instance_idx =
            u32::try_from(member.series_idx).unwrap_or(0).wrapping_mul(10_007).wrapping_add(member.instance_idx);
        Scene {
            settings: self.suite,
            streams: self.streams,
            patient: &identity.plan,
            study,
            series,
            institution: &self.institutions[study.institution_idx],
            instance_idx,
        }
    }

    /// Reads, rewrites and writes one file.
    fn plant(
        &self,
        path: &Path,
        facts: &Facts,
        member: &Member,
        of: &Identity,
    ) -> Result<Result<Finished, UnusedReason>, SynthError> {
        let mut object = match survey::read(path, OpenFileOptions::new()) {
            Ok(object) => object,
            Err(reason) => return Ok(Err(reason)),
        };
        let scene = self.scene(facts, member, of);
        let syntax = object.meta().transfer_syntax.trim_end_matches(['\0', ' ']).to_owned();
        let has_vrs = syntax != uids::IMPLICIT_VR_LITTLE_ENDIAN;
        let unpacked = pixels::unpack(&scene, &mut object);
        let mut truth = Truth::default();
        let mut sheet = Sheet::over(object.into_inner(), &mut truth);
        Rewriter { scene, shift: of.shift, known_uids: self.known_uids, has_vrs }.rewrite(&mut sheet);
        let [study_uid, series_uid, sop_uid] =
            [&facts.study_uid, &facts.series_uid, &facts.sop_uid].map(|uid| people::new_uid(self.streams, uid));
        attributes::plant(&scene, &mut sheet, [&study_uid, &series_uid, &sop_uid]);
        let has_burned_in_phi = pixels::burn_in(&scene, &mut sheet);
        let packing = match unpacked {
            Some(unpacked) if has_burned_in_phi => Some(unpacked.syntax),
            Some(unpacked) => {
                pixels::put_back(&mut sheet, unpacked);
                None
            }
            None => None,
        };
        require_types(&mut sheet);
        let path = output_path(&scene, member, &facts.modality, &mut sheet);
        let data_set = sheet.into_object();
        Ok(match self.encode(data_set, (&syntax, packing), path, &truth, has_burned_in_phi) {
            Ok((mut finished, bytes)) => {
                finished.texts = texts_of(truth.texts, &finished.record, scene.persona());
                output::write(&self.out.join("dicom").join(&finished.record.instance.path), &bytes)?;
                Ok(finished)
            }
            Err(reason) => Err(reason),
        })
    }

    fn encode(
        &self,
        data_set: InMemDicomObject,
        (syntax, packing): (&str, Option<Syntax>),
        path: String,
        truth: &Truth,
        has_burned_in_phi: bool,
    ) -> Result<(Finished, Vec<u8>), UnusedReason> {
        let identity = identity(&data_set, path);
        let mut object = data_set.with_meta(encode::file_meta(syntax)).map_err(|_| UnusedReason::NotEncodable)?;
        if let Some(packing) = packing {
            encode::pack(&mut object, packing).map_err(|_| UnusedReason::NotEncodable)?;
        }
        // The digest is over the bytes as they stand in the file, which here are in the order of the machine.
        let is_comparable = syntax != EXPLICIT_VR_BIG_ENDIAN;
        let digest = is_comparable.then(|| encode::pixel_digest(&object)).flatten();
        let mut bytes = Vec::new();
        object.write_all(&mut bytes).map_err(|_| UnusedReason::NotEncodable)?;
        let record = truth_record(identity.clone(), truth);
        let uids = planted_uids(truth);
        let has_vrs = syntax != uids::IMPLICIT_VR_LITTLE_ENDIAN;
        let row = AnswerRow::new(identity, truth, digest, has_burned_in_phi, has_vrs);
        let sha256 = sha256_hex(&bytes);
        Ok((Finished { record, row, texts: Vec::new(), uids, sha256, has_burned_in_phi, can_be_shown: true }, bytes))
    }
}

/// Claims presence, by Type, of what the IOD asks for and the file has.
fn require_types(sheet: &mut Sheet<'_>) {
    let sop_class = sheet.text(tags::SOP_CLASS_UID).unwrap_or_default();
    for (tag, basis) in tables::types(&sop_class) {
        if tables::asks_for(sheet, *tag, *basis) {
            sheet.require(*tag, *basis);
        }
    }
}

/// The path of a copy; some patients' folders are named after them.
fn output_path(scene: &Scene<'_>, member: &Member, modality: &str, sheet: &mut Sheet<'_>) -> String {
    let persona = scene.persona();
    let mut patient = format!("P{:04}", persona.ordinal);
    let mut study = format!("ST{:02}", member.study_idx);
    if scene.patient.has_named_folder {
        let name = sheet.plant_file_name(&persona.name);
        let id = sheet.plant_file_name(&persona.patient_id);
        let date = sheet.plant_file_name(&crate::dates::dicom_date(scene.study.date));
        patient = format!("{patient}-{name}-{id}");
        study = format!("{study}-{date}");
    }
    let modality: String = modality.chars().filter(char::is_ascii_alphanumeric).collect();
    format!("{patient}/{study}/SE{:02}-{modality}/IM{:04}.dcm", member.series_idx, member.instance_idx)
}

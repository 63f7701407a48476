//! From folders to metrics.

use crate::cases::{Case, ScoredInstance};
use crate::decisions::read_run;
use crate::error::EvaluationError as Error;
use crate::evaluation_shard::{Common, EvaluationShard, MidiShards, merge_evaluations};
use crate::files::{Listed, list_files};
use crate::fingerprint::match_by_fingerprint;
use crate::judged::precision;
use crate::measure::patients;
use crate::midi::sop_instance_uid;
use crate::midi::{
    AnswerKey, Mapping, MidiResults, MidiSettings, OutputFile, PixelText, ReportMode, ShardOf, Submission, score_shard,
    score_shard_beside,
};
use crate::reader::{Source, Tag};
use crate::residual::{Hits, Needles};
use crate::run_outputs::run_outputs_sha256;
use crate::score::{Files, InstanceScore, score_instance, withheld};
use crate::{EvaluationError, SuiteFiles};
use efface_schema::{MeasuredOn, Metrics, PairCounts, RunManifest, Sha256Hex, TruthRecord, parse_json, sha256_hex};
use rayon::prelude::*;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// What to score, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvaluationSettings {
    /// The de-identified files, in any layout.
    pub output: PathBuf,
    /// The suite: `truth.jsonl`, `dicom/`, and `answer.db` with its identity mappings where there is a key.
    pub suite: PathBuf,
    /// The run folder of the tool, if it is Efface: its manifest and its crosswalk are taken from there.
    pub run: Option<PathBuf>,
    /// Old to new UIDs; otherwise the run's crosswalk, otherwise UIDs are taken to be unchanged.
    pub uid_mapping: Option<PathBuf>,
    /// Old to new patient identifiers; otherwise as for UIDs.
    pub patient_mapping: Option<PathBuf>,
    /// Tell by fingerprints which file is a result of which original, instead of by a mapping.
    pub by_fingerprint: bool,
    /// The MIDI-B answer key; otherwise the suite's, if it has one.
    pub key: Option<PathBuf>,
    /// Settings of the MIDI-B scorer.
    pub midi: MidiSettings,
}

impl EvaluationSettings {
    /// Scores an output folder against a suite, everything else as it is by default.
    pub fn new(output: impl Into<PathBuf>, suite: impl Into<PathBuf>) -> Self {
        Self {
            output: output.into(),
            suite: suite.into(),
            run: None,
            uid_mapping: None,
            patient_mapping: None,
            by_fingerprint: false,
            key: None,
            midi: MidiSettings::default(),
        }
    }
}

/// How far an evaluation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// So many files will be read.
    Files(u64),
    /// One more was.
    File,
    /// The answer key is being scored.
    Key,
}

/// Everything that was found out. Only [`Evaluation::metrics`] and [`Evaluation::cases`] are free of values.
#[derive(Debug, Clone)]
pub struct Evaluation {
    /// The figures.
    pub metrics: Metrics,
    /// What failed.
    pub cases: Vec<Case>,
    /// What the MIDI-B scorer found; its rows quote the output.
    pub midi_results: Option<MidiResults>,
    /// In which mode the MIDI-B report adds up.
    pub report_mode: ReportMode,
    /// The manifest of the run that wrote the output, where it is known.
    pub run: Option<RunManifest>,
    /// What the suite says of itself.
    pub suite: SuiteFiles,
}

/// Scores an output folder.
///
/// Files are read once, in parallel; the result does not depend on the number of threads.
///
/// # Errors
/// When the ground truth, a mapping or the key cannot be read, or the output cannot be listed.
/// Damaged output files are counted, not refused.
///
/// # Example
/// ```no_run
/// use efface_eval::{EvaluationSettings, evaluate};
/// let settings = EvaluationSettings::new("out", "suite");
/// let evaluation = evaluate(&settings, None, &|_| {})?;
/// println!("{:?}", evaluation.metrics.recall.overall);
/// # Ok::<(), efface_eval::EvaluationError>(())
/// ```
pub fn evaluate(
    settings: &EvaluationSettings,
    pixel_text: Option<&dyn PixelText>,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Evaluation, EvaluationError> {
    merge_evaluations(vec![evaluate_shard(settings, pixel_text, progress, ShardOf::WHOLE)?])
}

/// Scores one shard: whole patients of the ground truth with their files, and a run of whole batches of the answer key.
/// All shards of one evaluation, merged by [`merge_evaluations`], give what [`evaluate`] gives.
///
/// Every shard needs the whole suite and the whole output: of files of other patients it reads the beginning.
///
/// # Errors
/// As [`evaluate`].
pub fn evaluate_shard(
    settings: &EvaluationSettings,
    pixel_text: Option<&dyn PixelText>,
    progress: &(dyn Fn(Progress) + Sync),
    shard: ShardOf,
) -> Result<EvaluationShard, EvaluationError> {
    let truth_text = read_text(&settings.suite.join("truth.jsonl"), TRUTH)?;
    let truth = read_truth(&truth_text)?;
    let part = Part::new(&truth, shard);
    check_originals(&part, &settings.suite.join("dicom"))?;
    let run = settings.run.as_deref().map(read_run).transpose()?;
    let precision = settings.run.as_deref().map(|run| precision(run, &truth, &part.patients, |at| part.has(at)));
    let precision = precision.transpose()?.flatten();
    let (uids, patients, paired) = identities(settings, &truth)?;
    let files = list_files(&settings.output, "output folder")?;
    progress(Progress::Files(files.len() as u64));
    let needles = Needles::new(&truth);
    let context = Context { settings, part: &part, uids: uids.as_ref(), needles: &needles, by_uid: by_uid(&truth) };
    let n_files = files.len();
    let read: Vec<(OutputUid, Option<FileResult>)> = files
        .par_iter()
        .enumerate()
        .map(|(at, file)| {
            let result = context.visit_file(at, file);
            progress(Progress::File);
            result
        })
        .collect();
    let (outputs, read): (Vec<OutputUid>, Vec<Option<FileResult>>) = read.into_iter().unzip();
    let read: Vec<FileResult> = read.into_iter().flatten().collect();
    let of_originals = read.iter().filter_map(|file| file.scored.as_ref());
    let mismatch = of_originals.filter_map(|(record, score)| Some((*record, score.mismatch?))).min();
    if let Some((record, problem)) = mismatch {
        return Err(Error::Line { what: TRUTH, line: record + 1, problem });
    }
    let identity = Identities { uids, patients };
    progress(Progress::Key);
    let midi = score_key(settings, &identity, &truth, &outputs, pixel_text, shard)?;
    let suite = SuiteFiles::of_suite(&settings.suite, &sha256_hex(truth_text.as_bytes()));
    let common = Common {
        n_instances: truth.len(),
        n_files,
        values_searched: needles.n_searched,
        values_skipped: needles.n_skipped,
        paired,
        measured_on: measured_on(settings, &truth_text, run.as_ref(), &suite),
        run,
        suite,
    };
    let scored = scored(&part, &read);
    Ok(EvaluationShard::new(shard, common, part.n_patients, &scored, &read, precision, midi))
}

/// The ground truth, and what of it is of a shard: whole patients.
struct Part<'t> {
    truth: &'t [TruthRecord],
    shard: ShardOf,
    /// By record, the place of its patient.
    patients: Vec<usize>,
    n_patients: usize,
    own: Range<usize>,
}

impl<'t> Part<'t> {
    fn new(truth: &'t [TruthRecord], shard: ShardOf) -> Self {
        let patients = patients(truth);
        let n_patients = patients.iter().max().map_or(0, |last| last + 1);
        Self { truth, shard, patients, n_patients, own: shard.range(n_patients) }
    }

    fn has(&self, record_idx: usize) -> bool {
        self.own.contains(&self.patients[record_idx])
    }
}

/// The SOP Instance UID of an output file, if it has one, and where it lies.
type OutputUid = Option<OutputFile>;

/// What was found in one output file.
#[derive(Debug)]
pub(crate) struct FileResult {
    /// Its place among the output files.
    pub at: usize,
    pub name: String,
    pub sha256: Sha256Hex,
    pub n_bytes: u64,
    pub is_dicom: bool,
    pub damaged: bool,
    pub hits: Hits,
    /// Which instance of the truth the file is a result of, and how that went.
    scored: Option<(usize, InstanceScore)>,
}

struct Context<'a> {
    settings: &'a EvaluationSettings,
    part: &'a Part<'a>,
    uids: Option<&'a Mapping>,
    needles: &'a Needles,
    by_uid: HashMap<&'a str, usize>,
}

impl Context<'_> {
    /// Scores a file of the shard; of another only tells which it is. Files of no instance are dealt out in turn.
    fn visit_file(&self, at: usize, file: &Listed) -> (OutputUid, Option<FileResult>) {
        let output = |uid: Option<String>| {
            let sop_instance_uid = uid.filter(|uid| !uid.is_empty())?;
            Some(OutputFile { sop_instance_uid, path: file.path.clone() })
        };
        if self.part.shard != ShardOf::WHOLE {
            let uid = sop_instance_uid(&file.path);
            let is_own = match self.record_of(uid.as_deref()) {
                Some(record_idx) => self.part.has(record_idx),
                None => at % self.part.shard.count + 1 == self.part.shard.number,
            };
            if !is_own {
                return (output(uid), None);
            }
        }
        let (uid, result) = self.read_file(at, file);
        (output(uid), Some(result))
    }

    /// Which record an output's UID belongs to.
    fn record_of(&self, new: Option<&str>) -> Option<usize> {
        let old = match self.uids {
            Some(uids) => uids.old_of(new?)?,
            None => new?,
        };
        self.by_uid.get(old).copied()
    }

    fn read_file(&self, at: usize, file: &Listed) -> (Option<String>, FileResult) {
        let bytes = std::fs::read(&file.path).unwrap_or_default();
        let mut result = FileResult {
            at,
            name: file.name.clone(),
            sha256: sha256_hex(&bytes),
            n_bytes: bytes.len() as u64,
            is_dicom: false,
            damaged: false,
            hits: Hits::default(),
            scored: None,
        };
        let raw_hits = |bytes: &[u8]| self.needles.search(bytes, &file.name, None, None);
        if bytes.get(128..132) != Some(b"DICM") {
            result.hits = raw_hits(&bytes);
            return (None, result);
        }
        let Some(source) = Source::new(bytes) else { return (None, result) };
        let instance = source.parse();
        result.n_bytes = source.bytes.len() as u64;
        result.damaged = instance.damaged_at.is_some();
        let uid = instance.data_set.text(Tag::new(0x0008, 0x0018));
        result.is_dicom = uid.is_some();
        let truth_idx = self.record_of(uid.as_deref());
        let patient = truth_idx.map(|idx| self.part.truth[idx].instance.patient_id.as_str());
        result.hits = self.needles.search(&source.bytes, &file.name, Some(&instance), patient);
        result.scored = truth_idx.map(|idx| {
            let truth = &self.part.truth[idx];
            let original = self.settings.suite.join("dicom").join(&truth.instance.path);
            let files = Files { original: &original, output: &file.path, output_name: &file.name };
            (idx, score_instance(truth, &files, &source, &instance))
        });
        (uid, result)
    }
}

/// The score of every instance of the shard, in the order of the truth. Of several files of an instance the first counts,
/// with all that leaks or is lost in the others.
fn scored<'t>(part: &Part<'t>, read: &[FileResult]) -> Vec<ScoredInstance<'t>> {
    let mut found: BTreeMap<usize, InstanceScore> = BTreeMap::new();
    for (idx, score) in read.iter().filter_map(|file| file.scored.as_ref()) {
        let score = match found.remove(idx) {
            Some(earlier) => earlier.with_copy(score),
            None => score.clone(),
        };
        found.insert(*idx, score);
    }
    let of_part = part.truth.iter().enumerate().filter(|(idx, _)| part.has(*idx));
    let scored = of_part.map(|(instance, record)| {
        let score = found.remove(&instance);
        ScoredInstance {
            instance,
            patient: part.patients[instance],
            record,
            is_found: score.is_some(),
            score: score.unwrap_or_else(|| withheld(record)),
        }
    });
    scored.collect()
}

struct Identities {
    uids: Option<Mapping>,
    patients: Option<Mapping>,
}

fn score_key(
    settings: &EvaluationSettings,
    identities: &Identities,
    truth: &[TruthRecord],
    outputs: &[OutputUid],
    pixel_text: Option<&dyn PixelText>,
    shard: ShardOf,
) -> Result<Option<MidiShards>, EvaluationError> {
    let path = settings.key.clone().unwrap_or_else(|| settings.suite.join("answer.db"));
    if settings.key.is_none() && !path.is_file() {
        return Ok(None);
    }
    let key = AnswerKey::open(&path)?;
    let files: Vec<OutputFile> = outputs.iter().flatten().cloned().collect();
    let identity = identity_of(&settings.suite)?;
    let (uids, patients) = match (&identities.uids, &identities.patients, &identity) {
        (Some(uids), Some(patients), _) => (uids, patients),
        (_, _, Some((uids, patients))) => (uids, patients),
        (_, _, None) => return Err(Error::NoMapping),
    };
    let submission = Submission { files: &files, uids, patients, pixel_text };
    let (output, do_nothing) = match &identity {
        Some((uids, patients)) => {
            let originals = originals(settings, truth);
            // Nobody has to read what is known to stand there: the pixel checks of the baseline are left out.
            let unchanged = Submission { files: &originals, uids, patients, pixel_text: None };
            let (output, do_nothing) = score_shard_beside(&key, submission, unchanged, settings.midi, shard)?;
            (output, Some(do_nothing))
        }
        None => (score_shard(&key, submission, settings.midi, shard)?, None),
    };
    Ok(Some(MidiShards { output, do_nothing }))
}

/// The mappings of a suite whose identifiers are unchanged, where it has them.
fn identity_of(suite: &Path) -> Result<Option<(Mapping, Mapping)>, EvaluationError> {
    let [uids, patients] = ["uid_identity.csv", "patid_identity.csv"].map(|name| suite.join(name));
    if !uids.is_file() || !patients.is_file() {
        return Ok(None);
    }
    let uids = Mapping::read(&uids, "uid_identity.csv of the suite")?;
    Ok(Some((uids, Mapping::read(&patients, "patid_identity.csv of the suite")?)))
}

fn originals(settings: &EvaluationSettings, truth: &[TruthRecord]) -> Vec<OutputFile> {
    let file = |record: &TruthRecord| OutputFile {
        sop_instance_uid: record.instance.sop_instance_uid.clone(),
        path: settings.suite.join("dicom").join(&record.instance.path),
    };
    truth.iter().map(file).collect()
}

fn by_uid(truth: &[TruthRecord]) -> HashMap<&str, usize> {
    truth.iter().enumerate().map(|(idx, record)| (record.instance.sop_instance_uid.as_str(), idx)).collect()
}

/// What messages call the ground truth.
pub(crate) const TRUTH: &str = "ground truth (truth.jsonl of the suite)";

/// The records, each of another instance, of which there is at least one.
pub(crate) fn read_truth(text: &str) -> Result<Vec<TruthRecord>, EvaluationError> {
    let mut records: Vec<TruthRecord> = Vec::new();
    let mut seen = HashSet::new();
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.is_empty()) {
        let line_number = at + 1;
        let record: TruthRecord =
            parse_json(line).map_err(|source| Error::Record { what: TRUTH, line: line_number, source })?;
        if !seen.insert(record.instance.sop_instance_uid.clone()) {
            let problem = "its SOP Instance UID stands on an earlier line too";
            return Err(Error::Line { what: TRUTH, line: line_number, problem });
        }
        records.push(record);
    }
    if records.is_empty() {
        let problem = "there is no record: nothing can be measured";
        return Err(Error::Line { what: TRUTH, line: 1, problem });
    }
    Ok(records)
}

/// Refuses ground truth that is not of these originals: its claims would be judged against other files.
fn check_originals(part: &Part<'_>, originals: &Path) -> Result<(), EvaluationError> {
    let problem = |record: &TruthRecord| match sop_instance_uid(&originals.join(&record.instance.path)) {
        None => Some("the suite's file is not there, or no DICOM file"),
        Some(uid) if uid != record.instance.sop_instance_uid => Some("the suite's file has another SOP Instance UID"),
        Some(_) => None,
    };
    let own = part.truth.par_iter().enumerate().filter(|(at, _)| part.has(*at));
    let found = own.find_map_first(|(at, record)| Some((at + 1, problem(record)?)));
    found.map_or(Ok(()), |(line, problem)| Err(Error::Line { what: TRUTH, line, problem }))
}

fn read_text(path: &Path, what: &'static str) -> Result<String, EvaluationError> {
    std::fs::read_to_string(path).map_err(|source| Error::Read { what, source })
}

/// Old to new UIDs and patient identifiers, and how they were told, if by fingerprints.
type Told = (Option<Mapping>, Option<Mapping>, Option<PairCounts>);

fn identities(settings: &EvaluationSettings, truth: &[TruthRecord]) -> Result<Told, EvaluationError> {
    if settings.by_fingerprint {
        let found = match_by_fingerprint(&settings.output, &settings.suite.join("dicom"), truth)?;
        let counts = PairCounts {
            by_pixels: found.by_pixels as u64,
            by_similarity: found.by_similarity as u64,
            originals_unmatched: found.n_originals_unmatched as u64,
            outputs_unmatched: found.n_outputs_unmatched as u64,
        };
        return Ok((Some(found.uids), Some(found.patients), Some(counts)));
    }
    let run = settings.run.as_deref();
    let mapping = |given: Option<&PathBuf>, name: &str, what| {
        let from_run = run.map(|run| run.join("crosswalk").join(name)).filter(|path| path.is_file());
        given.cloned().or(from_run).map(|path| Mapping::read(&path, what)).transpose()
    };
    let uids = mapping(settings.uid_mapping.as_ref(), "uids.csv", "mapping of UIDs")?;
    Ok((uids, mapping(settings.patient_mapping.as_ref(), "patients.csv", "mapping of patients")?, None))
}

/// What is measured, but for the files: shards know their own.
fn measured_on(
    settings: &EvaluationSettings,
    truth_text: &str,
    run: Option<&RunManifest>,
    suite: &SuiteFiles,
) -> MeasuredOn {
    let hash = |path: PathBuf| std::fs::read(path).ok().map(|bytes| sha256_hex(&bytes));
    MeasuredOn {
        efface_version: env!("CARGO_PKG_VERSION").to_owned(),
        truth_sha256: Some(sha256_hex(truth_text.as_bytes())),
        key_sha256: hash(settings.key.clone().unwrap_or_else(|| settings.suite.join("answer.db"))),
        outputs_sha256: None,
        suite_manifest_sha256: hash(settings.suite.join("manifest.json")),
        run_manifest_sha256: settings.run.as_ref().and_then(|run| hash(run.join("manifest.json"))),
        run_settings_sha256: run.map(|run| run.settings_sha256.clone()),
        run_outputs_sha256: settings.run.as_deref().and_then(run_outputs_sha256),
        judged_sha256: None,
        card_sha256: suite.card.as_ref().map(|card| sha256_hex(card.as_bytes())),
    }
}

//! A run over a folder: every input ends somewhere, and a killed run can be continued.

use crate::crosswalk::Crosswalk;
use crate::error::RunError;
use crate::inputs::Inputs;
use crate::journal::{Journal, JournalEntry};
use crate::keep::Keeper;
use crate::key::DeidentificationKey;
use crate::locators::Locators;
use crate::ner::{NerRecord, NerSettings, TextReader};
use crate::pixels::{DetectorRecord, DetectorSettings, ReaderRecord};
use crate::policy::Policy;
use crate::stage_times::StageTimes;
use crate::tier1::Tier1;
use crate::tier2::Recognizers;
use crate::worker::Worker;
use efface_schema::{
    Machine, ResultDigests, RunCounts, RunManifest, RunStatus, Sha256Hex, Status, Versioned, parse_json, sha256_hex,
};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// What a run is asked to do.
pub struct RunSettings {
    /// A folder or a single file.
    pub input: PathBuf,
    /// Where results go.
    pub output: PathBuf,
    /// Where the run's own files go.
    pub run: PathBuf,
    /// The policy.
    pub policy: Policy,
    /// The secret; without one, a key is drawn, kept in the run folder until the run ends, and then forgotten.
    pub key: Option<DeidentificationKey>,
    /// How many threads work.
    pub n_threads: usize,
    /// Whether pixels are left to another tool.
    pub metadata_only: bool,
    /// Whether the way back is written.
    pub crosswalk: bool,
    /// Whether results are hashed. Without hashes nobody can tell afterwards whether a result was changed, and a run
    /// that was stopped begins with every result anew.
    pub result_digests: ResultDigests,
    /// Where to write how long each stage of each instance took that this start handles: lines of
    /// [`efface_schema::StageTime`]. An earlier file is overwritten.
    pub stage_times: Option<PathBuf>,
    /// Whether each region of pixels that waits for a person gets a picture of its surroundings in the run folder. The
    /// region itself and all others that a decision is about are painted over in it; only its owner can read it.
    pub review_crops: bool,
    /// The model that reads free text beside the rules, where there shall be one.
    pub ner: Option<NerSettings>,
    /// The model that looks for text in pixels beside the search for rows of glyphs, where there shall be one.
    pub text_detector: Option<DetectorSettings>,
}

/// Hears how far a run is.
pub trait Progress: Sync {
    /// A stage begins that has so many steps.
    fn begin(&self, stage: &'static str, n_steps: u64);
    /// A step is done.
    fn advance(&self);
}

/// Hears nothing.
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _stage: &'static str, _n_steps: u64) {}
    fn advance(&self) {}
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RunSummary {
    /// How many inputs ended how.
    pub counts: RunCounts,
    /// How many of them an earlier start had already handled.
    pub n_continued: u64,
    /// How often each reason for review or quarantine was given.
    pub reasons: BTreeMap<String, u64>,
    /// Hash over the results' names and contents; absent where results were not hashed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outputs_sha256: Option<Sha256Hex>,
    /// How many texts the network read; absent where there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub n_texts_read: Option<u64>,
}

/// The settings as they are stored: enough to tell whether two starts are the same run.
#[derive(Serialize)]
struct StoredSettings<'a> {
    policy: &'a Policy,
    metadata_only: bool,
    crosswalk: bool,
    result_digests: ResultDigests,
    review_crops: bool,
    key_fingerprint: Sha256Hex,
    #[serde(skip_serializing_if = "Option::is_none")]
    ner: Option<NerRecord>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text_detector: Option<DetectorRecord>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text_reader: Option<ReaderRecord>,
}

/// De-identifies a folder.
///
/// # Errors
/// [`RunError`] when the folders, the key or an earlier run do not fit, when the disk refuses, or when `stop` is set.
pub fn run(settings: &RunSettings, progress: &dyn Progress, stop: &AtomicBool) -> Result<RunSummary, RunError> {
    check_folders(settings)?;
    // What is missing on the machine must be known before anything is written.
    let looks_at_pixels = settings.policy.options.clean_pixel_data && !settings.metadata_only;
    let locators = Locators::new(looks_at_pixels, settings.text_detector.as_ref(), settings.n_threads)?;
    let reader = settings.ner.as_ref().map(|ner| TextReader::open(ner, settings.n_threads)).transpose()?;
    let inputs = Inputs::list(&settings.input)?;
    let folders = RunFolders::new(settings);
    let (key, forgotten) = folders.key(settings)?;
    let mut manifest = manifest(settings, &inputs, &key, (reader.as_ref(), &locators));
    folders.begin(&manifest, settings)?;
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(settings.n_threads)
        .build()
        .map_err(|_| RunError::Folders("threads cannot be started"))?;
    let (journal, done) = Journal::open(&folders.journal, &settings.output, &folders.review)?;
    let crosswalk = settings.crosswalk.then(|| Crosswalk::open(&folders.crosswalk)).transpose()?;
    let stage_times = settings.stage_times.as_deref().map(StageTimes::create).transpose()?;
    let worker = Worker {
        settings,
        inputs: &inputs,
        folders: &folders,
        key: &key,
        tier1: &Tier1::new(&settings.policy),
        recognizers: &Recognizers::new(),
        reader: reader.as_ref(),
        journal: &journal,
        crosswalk: crosswalk.as_ref(),
        stage_times: stage_times.as_ref(),
        locators: &locators,
        keeper: &Keeper::default(),
        progress,
        stop,
    };
    let done: HashSet<usize> = done.into_iter().collect();
    pool.install(|| worker.work(&done))?;
    let mut summary = Summarizer::new(settings.result_digests);
    journal.finish(&folders.decisions, |entry| summary.add(entry))?;
    if let Some(crosswalk) = crosswalk {
        crosswalk.finish()?;
    }
    if let Some(stage_times) = stage_times {
        stage_times.finish()?;
    }
    let mut summary = summary.finish(done.len() as u64);
    summary.n_texts_read = reader.as_ref().map(TextReader::n_read);
    if !summary.counts.balanced() || summary.counts.inputs != inputs.len() as u64 {
        return Err(RunError::Resume("not every input is accounted for"));
    }
    manifest.counts = Some(summary.counts);
    manifest.outputs_sha256.clone_from(&summary.outputs_sha256);
    manifest.status = RunStatus::Complete;
    folders.end(&manifest, forgotten)?;
    Ok(summary)
}

/// Refuses folders that would mix originals and results.
fn check_folders(settings: &RunSettings) -> Result<(), RunError> {
    let input =
        settings.input.canonicalize().map_err(|_| RunError::Folders("the input does not exist or cannot be read"))?;
    for (folder, inside, around) in [
        (
            &settings.output,
            "the output folder lies inside the input folder",
            "the input folder lies inside the output folder",
        ),
        (&settings.run, "the run folder lies inside the input folder", "the input folder lies inside the run folder"),
    ] {
        let folder = canonical_future(folder);
        if folder.starts_with(&input) {
            return Err(RunError::Folders(inside));
        }
        if input.starts_with(&folder) {
            return Err(RunError::Folders(around));
        }
    }
    let (output, run) = (canonical_future(&settings.output), canonical_future(&settings.run));
    if run.starts_with(&output) || output.starts_with(&run) {
        return Err(RunError::Folders("the run folder and the output folder must lie apart"));
    }
    if let Some(times) = settings.stage_times.as_deref().map(canonical_future)
        && (times.starts_with(&input) || times.starts_with(&output))
    {
        return Err(RunError::Folders("the file of stage times lies in the input or the output folder"));
    }
    Ok(())
}

/// The absolute path of a folder that need not exist yet, without links and without `..`.
fn canonical_future(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut resolved = PathBuf::new();
    for component in absolute.components() {
        match component {
            // What comes before is resolved or does not exist: one step back is its parent.
            Component::ParentDir => {
                resolved.pop();
            }
            component => resolved.push(component),
        }
        if let Ok(canonical) = resolved.canonicalize() {
            resolved = canonical;
        }
    }
    resolved
}

fn manifest(
    settings: &RunSettings,
    inputs: &Inputs,
    key: &DeidentificationKey,
    (reader, locators): (Option<&TextReader>, &Locators),
) -> RunManifest {
    let stored = StoredSettings {
        policy: &settings.policy,
        metadata_only: settings.metadata_only,
        crosswalk: settings.crosswalk,
        result_digests: settings.result_digests,
        review_crops: settings.review_crops,
        key_fingerprint: key.fingerprint(),
        ner: reader.map(TextReader::record),
        text_detector: locators.record(),
        text_reader: locators.reader_record(),
    };
    let value = serde_json::to_value(&stored).expect("settings have string keys");
    RunManifest {
        format_version: RunManifest::FORMAT_VERSION,
        command: "deid".to_owned(),
        efface_version: env!("CARGO_PKG_VERSION").to_owned(),
        settings_sha256: sha256_hex(value.to_string().as_bytes()),
        settings: value,
        seeds: BTreeMap::new(),
        machine: Machine {
            platform: format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH),
            n_threads: u32::try_from(settings.n_threads).unwrap_or(u32::MAX),
        },
        inputs_sha256: Some(inputs.sha256()),
        outputs_sha256: None,
        counts: None,
        status: RunStatus::Started,
    }
}

/// Where a run keeps its files.
pub(crate) struct RunFolders {
    /// Where results go.
    pub(crate) output: PathBuf,
    run: PathBuf,
    /// Where results go that a person must look at.
    pub(crate) review: PathBuf,
    /// Where pictures for a person go.
    pub(crate) review_crops: PathBuf,
    /// Where results are written first.
    pub(crate) staging: PathBuf,
    journal: PathBuf,
    decisions: PathBuf,
    crosswalk: PathBuf,
    manifest: PathBuf,
    key: PathBuf,
}

impl RunFolders {
    fn new(settings: &RunSettings) -> Self {
        let run = settings.run.clone();
        Self {
            output: settings.output.clone(),
            review: run.join("review"),
            review_crops: run.join(crate::review::FOLDER),
            staging: settings.output.join(".efface-staging"),
            journal: run.join("journal.jsonl"),
            decisions: run.join("decisions.jsonl"),
            crosswalk: run.join("crosswalk"),
            manifest: run.join("manifest.json"),
            key: run.join("key"),
            run,
        }
    }

    /// The key to use, and whether it is forgotten when the run ends.
    fn key(&self, settings: &RunSettings) -> Result<(DeidentificationKey, bool), RunError> {
        if let Some(key) = &settings.key {
            return Ok((key.clone(), false));
        }
        if self.key.exists() {
            return Ok((DeidentificationKey::read(&self.key)?, true));
        }
        if self.manifest.exists() {
            return Err(RunError::Resume(
                "the run folder belongs to a finished run or to one with a key; give --key or another --run",
            ));
        }
        fs::create_dir_all(&self.run).map_err(RunError::io("make the run folder"))?;
        Ok((DeidentificationKey::create(&self.key)?, true))
    }

    /// Begins a run, or makes sure that this is the one that was begun here.
    fn begin(&self, manifest: &RunManifest, settings: &RunSettings) -> Result<(), RunError> {
        if self.manifest.exists() {
            let text = fs::read_to_string(&self.manifest).map_err(RunError::io("read the run's manifest"))?;
            let earlier: RunManifest = parse_json(&text)?;
            if earlier.settings_sha256 != manifest.settings_sha256 {
                return Err(RunError::Resume("the run folder belongs to a run with other settings or another key"));
            }
            if earlier.inputs_sha256 != manifest.inputs_sha256 {
                return Err(RunError::Resume("the inputs are not those that the run was begun with"));
            }
            if earlier.status == RunStatus::Complete {
                // The finished decisions are a journal whose every line is checked against its result.
                fs::rename(&self.decisions, &self.journal).map_err(RunError::io("reopen the run"))?;
                self.reopen_crosswalk(settings)?;
            }
        } else if self.output.read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
            return Err(RunError::Folders(
                "the output folder is not empty, and the run folder holds no run to continue",
            ));
        }
        let _ = fs::remove_dir_all(&self.staging);
        for folder in [&self.output, &self.run, &self.review, &self.staging] {
            fs::create_dir_all(folder).map_err(RunError::io("make the run's folders"))?;
        }
        self.write_manifest(manifest)
    }

    /// Turns a finished crosswalk back into pairs, so that instances that still hold need not be read again.
    fn reopen_crosswalk(&self, settings: &RunSettings) -> Result<(), RunError> {
        if !settings.crosswalk {
            return Ok(());
        }
        Crosswalk::reopen_finished(&self.crosswalk)
    }

    fn write_manifest(&self, manifest: &RunManifest) -> Result<(), RunError> {
        let partial = self.manifest.with_extension("partial");
        let text = serde_json::to_string_pretty(manifest).expect("manifests have string keys");
        fs::write(&partial, text + "\n")
            .and_then(|()| fs::rename(&partial, &self.manifest))
            .map_err(RunError::io("write the run's manifest"))
    }

    fn end(&self, manifest: &RunManifest, forget_key: bool) -> Result<(), RunError> {
        let _ = fs::remove_dir_all(&self.staging);
        // An empty review folder says nothing; this fails, as it should, when it is not empty.
        let _ = fs::remove_dir(&self.review);
        self.write_manifest(manifest)?;
        if forget_key {
            fs::remove_file(&self.key).map_err(RunError::io("forget the run's key"))?;
        }
        Ok(())
    }
}

/// Adds up outcomes in order of index.
struct Summarizer {
    counts: RunCounts,
    reasons: BTreeMap<String, u64>,
    /// Of names and hashes; `None` where results have none.
    outputs: Option<Sha256>,
}

impl Summarizer {
    fn new(digests: ResultDigests) -> Self {
        let outputs = (digests == ResultDigests::Sha256).then(Sha256::new);
        Self { counts: RunCounts::default(), reasons: BTreeMap::new(), outputs }
    }

    fn add(&mut self, entry: &JournalEntry<'_>) {
        self.counts.inputs += 1;
        match entry.status {
            Status::Deidentified => self.counts.deidentified += 1,
            Status::NeedsReview => self.counts.needs_review += 1,
            Status::Quarantined => self.counts.quarantined += 1,
        }
        for reason in &entry.reasons {
            *self.reasons.entry(reason.to_string()).or_default() += 1;
        }
        if let (Some(outputs), Some(output), Some(sha256)) = (&mut self.outputs, &entry.output, &entry.output_sha256) {
            outputs.update(format!("{output}\t{sha256}\n"));
        }
    }

    fn finish(self, n_continued: u64) -> RunSummary {
        RunSummary {
            counts: self.counts,
            n_continued,
            reasons: self.reasons,
            outputs_sha256: self.outputs.map(|outputs| Sha256Hex::from_bytes(&outputs.finalize())),
            n_texts_read: None,
        }
    }
}

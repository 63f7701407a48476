//! A part of an evaluation, made apart and merged with the others.
//!
//! A shard holds whole patients of the ground truth, as counts by patient, and a run of whole batches of the answer key.
//! Counts add up and intervals are made of the sums, so merging shards gives the same figures, and so the same bytes, as
//! scoring at once; an evaluation that is not split is merged of one shard.

use crate::SuiteFiles;
use crate::cases::{Case, ScoredInstance, cases};
use crate::error::EvaluationError as Error;
use crate::evaluate::{Evaluation, FileResult};
use crate::measure::{PrecisionCounts, RecallCounts, ResidualCounts, RetentionCounts, midi_metrics};
use crate::midi::{MidiResults, MidiSettings, ReportMode, Shard, ShardOf, merge_shards};
use crate::run_outputs::listing_sha256;
use efface_schema::{
    InstanceCounts, MeasuredOn, Metrics, MidiMetrics, PairCounts, RunManifest, Sha256Hex, Versioned,
    parse_json_of_this_version,
};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// What every shard of an evaluation must share.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Common {
    pub n_instances: usize,
    /// Files in the output.
    pub n_files: usize,
    pub values_searched: u64,
    pub values_skipped: u64,
    pub paired: Option<PairCounts>,
    /// All but the hash of the outputs, of which a shard knows its own.
    pub measured_on: MeasuredOn,
    pub run: Option<RunManifest>,
    #[serde(default)]
    pub suite: SuiteFiles,
}

/// The shards of the answer key: the output, and the originals as a submission.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct MidiShards {
    pub output: Shard,
    pub do_nothing: Option<Shard>,
}

/// A file of the shard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct OwnFile {
    /// Its place among all output files.
    at: usize,
    name: String,
    sha256: Sha256Hex,
}

/// A shard of an evaluation, as it lies on disk. It quotes the output, so it stays with whoever holds the data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EvaluationShard {
    format_version: u32,
    shard: ShardOf,
    common: Common,
    files: Vec<OwnFile>,
    n_found: u64,
    n_not_dicom: u64,
    n_damaged: u64,
    recall: RecallCounts,
    precision: Option<PrecisionCounts>,
    residual: ResidualCounts,
    retention: RetentionCounts,
    cases: Vec<Case>,
    midi: Option<MidiShards>,
}

impl Versioned for EvaluationShard {
    const FORMAT_VERSION: u32 = 2;
    const NAME: &'static str = "shard of an evaluation";

    fn format_version(&self) -> u32 {
        self.format_version
    }
}

/// Reads a shard of an evaluation or of a score by a key, as this version writes it.
///
/// # Errors
/// When the file cannot be read, or is no whole shard of this version.
pub fn read_shard<T: Versioned>(path: &Path) -> Result<T, Error> {
    let text = std::fs::read_to_string(path).map_err(|source| Error::Read { what: "shard", source })?;
    parse_json_of_this_version(&text).map_err(|source| Error::Record { what: "shard", line: 1, source })
}

impl EvaluationShard {
    pub(crate) fn new(
        shard: ShardOf,
        common: Common,
        n_patients: usize,
        scored: &[ScoredInstance<'_>],
        read: &[FileResult],
        precision: Option<PrecisionCounts>,
        midi: Option<MidiShards>,
    ) -> Self {
        let mut recall = RecallCounts::default();
        let mut retention = RetentionCounts::new(n_patients);
        for ScoredInstance { patient, record, score, .. } in scored {
            recall.add(record, score, *patient);
            retention.add(record, score, *patient);
        }
        let mut residual = ResidualCounts::default();
        read.iter().for_each(|file| residual.add(&file.hits, file.n_bytes));
        let count = |is: fn(&FileResult) -> bool| read.iter().filter(|file| is(file)).count() as u64;
        Self {
            format_version: Self::FORMAT_VERSION,
            shard,
            common,
            files: read
                .iter()
                .map(|file| OwnFile { at: file.at, name: file.name.clone(), sha256: file.sha256.clone() })
                .collect(),
            n_found: scored.iter().filter(|scored| scored.is_found).count() as u64,
            n_not_dicom: count(|file| !file.is_dicom && !file.damaged),
            n_damaged: count(|file| file.damaged),
            recall,
            precision,
            residual,
            retention,
            cases: cases(scored),
            midi,
        }
    }

    /// Which shard it is, of how many.
    pub const fn shard(&self) -> ShardOf {
        self.shard
    }

    fn merge(&mut self, later: Self) {
        self.files.extend(later.files);
        self.n_found += later.n_found;
        self.n_not_dicom += later.n_not_dicom;
        self.n_damaged += later.n_damaged;
        self.recall.merge(later.recall);
        // All shards have it or none has.
        self.precision = self.precision.take().zip(later.precision).map(|(mut counts, later)| {
            counts.merge(later);
            counts
        });
        self.residual.merge(&later.residual);
        self.retention.merge(&later.retention);
        self.cases.extend(later.cases);
    }

    fn instances(&self) -> InstanceCounts {
        let (instances, output_files) = (self.common.n_instances as u64, self.files.len() as u64);
        InstanceCounts {
            instances,
            found: self.n_found,
            withheld: instances - self.n_found,
            output_files,
            not_dicom: self.n_not_dicom,
            damaged: self.n_damaged,
            unmatched: output_files - self.n_not_dicom - self.n_found,
        }
    }
}

/// Merges all shards of an evaluation, in any order.
///
/// # Errors
/// When a shard is missing or there twice, they are not of one evaluation, files changed between them, or the key is
/// refused by a strict score.
pub fn merge_evaluations(mut shards: Vec<EvaluationShard>) -> Result<Evaluation, Error> {
    let refused = |problem| Err(Error::Shards { problem });
    shards.sort_by_key(|shard| shard.shard.number);
    if !ShardOf::are_all(shards.iter().map(|shard| shard.shard)) {
        return refused("one is missing, there twice, or of another number of shards");
    }
    let midi = midi(&mut shards)?;
    let mut shards = shards.into_iter();
    let Some(mut whole) = shards.next() else { return refused("there is none") };
    for shard in shards {
        if shard.common != whole.common {
            return refused("they are not shards of one evaluation");
        }
        whole.merge(shard);
    }
    whole.files.sort_by_key(|file| file.at);
    if !whole.files.iter().map(|file| file.at).eq(0..whole.common.n_files) {
        return refused("a file of the output is in none of them, or in two: the output changed meanwhile");
    }
    whole.cases.sort_unstable();
    let outputs_sha256 = listing_sha256(whole.files.iter().map(|file| (&file.sha256, file.name.as_str())));
    let instances = whole.instances();
    let common = whole.common;
    let metrics = Metrics {
        format_version: Metrics::FORMAT_VERSION,
        measured_on: MeasuredOn { outputs_sha256: Some(outputs_sha256), ..common.measured_on },
        instances,
        paired: common.paired,
        recall: whole.recall.finish(),
        precision: whole.precision.map(PrecisionCounts::finish),
        residual: whole.residual.finish(common.values_searched, common.values_skipped),
        retention: whole.retention.finish(),
        midi: midi.as_ref().map(|midi| midi.metrics.clone()),
    };
    let report_mode = midi.as_ref().map_or_else(ReportMode::default, |midi| midi.report);
    let midi_results = midi.map(|midi| midi.results);
    Ok(Evaluation { metrics, cases: whole.cases, midi_results, report_mode, run: common.run, suite: common.suite })
}

/// The score by the answer key.
struct MergedMidi {
    metrics: MidiMetrics,
    results: MidiResults,
    report: ReportMode,
}

/// Takes the shards of the answer key out of those of the evaluation, and merges them.
fn midi(shards: &mut [EvaluationShard]) -> Result<Option<MergedMidi>, Error> {
    let (mut outputs, mut do_nothing) = (Vec::new(), Vec::new());
    for midi in shards.iter_mut().filter_map(|shard| shard.midi.take()) {
        outputs.push(midi.output);
        do_nothing.extend(midi.do_nothing);
    }
    if outputs.is_empty() {
        return Ok(None);
    }
    let pixel_reader = outputs.first().and_then(|shard| shard.pixel_reader().map(str::to_owned));
    let (results, MidiSettings { report, .. }) = merge_shards(outputs)?;
    results.refuse_faults()?;
    let baseline = if do_nothing.is_empty() { None } else { Some(merge_shards(do_nothing)?.0) };
    let metrics = midi_metrics(&results, baseline.as_ref(), report, pixel_reader.as_deref());
    Ok(Some(MergedMidi { metrics, results, report }))
}

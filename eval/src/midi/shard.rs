//! A part of a score, made apart and merged with the others.
//!
//! A shard is a run of whole batches, so no verdict depends on how a key is split, and merging shards gives the
//! same rows, the same totals and so the same bytes as scoring at once.

use super::key_json::RowFaults;
use super::score::{CheckResult, JudgedBatch, MidiResults, MidiSettings, RowsKept, Sum};
use super::strict::StrictRule;
use super::tables::{ReportMode, TotalsParts, hash_sample};
use crate::EvaluationError;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Which shard of how many, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardOf {
    /// Which.
    pub number: usize,
    /// Of how many.
    pub count: usize,
}

impl ShardOf {
    /// Reads `2/4`.
    ///
    /// # Example
    /// ```
    /// use efface_eval::midi::ShardOf;
    /// assert_eq!(ShardOf::parse("2/4"), Some(ShardOf { number: 2, count: 4 }));
    /// assert!(ShardOf::parse("0/4").is_none() && ShardOf::parse("5/4").is_none());
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        let (number, count) = text.split_once('/')?;
        let shard = Self { number: number.parse().ok()?, count: count.parse().ok()? };
        (1..=shard.count).contains(&shard.number).then_some(shard)
    }

    /// The batches of this shard.
    pub(crate) const fn batches(self, n_batches: usize) -> Range<usize> {
        (self.number - 1) * n_batches / self.count..self.number * n_batches / self.count
    }
}

/// The score of a shard, as it lies on disk. It quotes the output, so it stays with whoever holds the data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Shard {
    format_version: u32,
    shard: ShardOf,
    /// What hashes are like in the program that wrote it.
    hash_sample: u64,
    /// What every shard of a score must share: the scorer's settings and the sizes of key and submission.
    cpus: usize,
    report: ReportMode,
    is_strict: bool,
    n_key_rows: usize,
    n_unknown_files: usize,
    n_missing_files: usize,
    /// What was found.
    n_rows: usize,
    n_files: usize,
    n_unread_pixels: usize,
    n_fatal: usize,
    fault: Option<(i64, RowFaults)>,
    objections: Vec<(StrictRule, u64)>,
    official: TotalsParts,
    strict: TotalsParts,
    empty: TotalsParts,
    rows: Vec<CheckResult>,
}

const FORMAT_VERSION: u32 = 2;

/// Sizes of what is scored, for the whole of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sizes {
    pub n_key_rows: usize,
    pub n_unknown_files: usize,
    pub n_missing_files: usize,
}

impl Shard {
    pub(crate) fn new(shard: ShardOf, settings: MidiSettings, sizes: Sizes, judged: JudgedBatch) -> Self {
        Self {
            format_version: FORMAT_VERSION,
            shard,
            hash_sample: hash_sample(),
            cpus: settings.cpus,
            report: settings.report,
            is_strict: settings.strict,
            n_key_rows: sizes.n_key_rows,
            n_unknown_files: sizes.n_unknown_files,
            n_missing_files: sizes.n_missing_files,
            n_rows: judged.n_rows,
            n_files: judged.n_files,
            n_unread_pixels: judged.n_unread_pixels,
            n_fatal: judged.n_fatal,
            fault: judged.fault,
            objections: judged.objections.into_iter().collect(),
            official: judged.official.into(),
            strict: judged.strict.into(),
            empty: judged.empty.into(),
            rows: judged.kept,
        }
    }

    fn settings(&self) -> MidiSettings {
        MidiSettings {
            cpus: self.cpus,
            report: self.report,
            strict: self.is_strict,
            baseline: true,
            rows: RowsKept::NotPassed,
        }
    }

    /// What every shard of a score must share.
    fn common(&self) -> impl PartialEq {
        let sizes = (self.n_key_rows, self.n_unknown_files, self.n_missing_files);
        (self.format_version, self.shard.count, self.cpus, self.report, self.is_strict, sizes)
    }

    fn into_judged(self) -> JudgedBatch {
        JudgedBatch {
            kept: self.rows,
            n_rows: self.n_rows,
            n_files: self.n_files,
            official: self.official.into_builder(self.report),
            strict: self.strict.into_builder(self.report),
            empty: self.empty.into_builder(self.report),
            objections: self.objections.into_iter().collect(),
            n_unread_pixels: self.n_unread_pixels,
            n_fatal: self.n_fatal,
            fault: self.fault,
        }
    }
}

/// Merges all shards of a score, in any order.
///
/// # Errors
/// When a shard is missing or there twice, or they are not of one score.
pub fn merge_shards(mut shards: Vec<Shard>) -> Result<(MidiResults, MidiSettings), EvaluationError> {
    let refused = |problem| Err(EvaluationError::Shards { problem });
    shards.sort_by_key(|shard| shard.shard.number);
    let Some(first) = shards.first() else { return refused("there is none") };
    if first.format_version != FORMAT_VERSION || shards.iter().any(|shard| shard.hash_sample != hash_sample()) {
        return refused("they were written by another version");
    }
    if shards.iter().any(|shard| shard.common() != first.common()) {
        return refused("they are not shards of one score");
    }
    let numbers = shards.iter().map(|shard| shard.shard.number);
    if !numbers.eq(1..=first.shard.count) {
        return refused("one is missing, or there twice");
    }
    let settings = first.settings();
    let sizes = Sizes {
        n_key_rows: first.n_key_rows,
        n_unknown_files: first.n_unknown_files,
        n_missing_files: first.n_missing_files,
    };
    let mut sum = Sum::new(settings);
    let mut rows = Vec::new();
    for shard in shards {
        sum.add(shard.into_judged(), &mut |row| {
            rows.push(row);
            Ok(())
        })?;
    }
    Ok((MidiResults { rows, ..sum.finish(sizes) }, settings))
}

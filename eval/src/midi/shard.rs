//! A part of a score, made apart and merged with the others.
//!
//! A shard is a run of whole batches, so no verdict depends on how a key is split, and merging shards gives the
//! same rows, the same totals and so the same bytes as scoring at once.

use super::key_json::RowFaults;
use super::pixel_text::PixelText;
use super::score::{CheckResult, JudgedBatch, MidiResults, MidiSettings, Sum};
use super::strict::StrictRule;
use super::tables::{TotalsParts, hash_sample};
use crate::EvaluationError;
use efface_schema::Versioned;
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

    /// The one shard of what is not split.
    pub const WHOLE: Self = Self { number: 1, count: 1 };

    /// Which of so many things, in their order, are of this shard.
    pub(crate) const fn range(self, n: usize) -> Range<usize> {
        (self.number - 1) * n / self.count..self.number * n / self.count
    }

    /// Whether these are all the shards of one whole, in their order.
    pub(crate) fn are_all(mut shards: impl ExactSizeIterator<Item = Self>) -> bool {
        let count = shards.len();
        (1..=count).all(|number| shards.next() == Some(Self { number, count }))
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
    settings: MidiSettings,
    /// What read the pixels, if anything did.
    pixel_reader: Option<String>,
    n_key_rows: usize,
    n_unknown_files: usize,
    n_missing_files: usize,
    /// What was found.
    n_rows: usize,
    n_unread_pixels: usize,
    n_fatal: usize,
    fault: Option<(i64, RowFaults)>,
    objections: Vec<(StrictRule, u64)>,
    official: TotalsParts,
    strict: TotalsParts,
    empty: TotalsParts,
    rows: Vec<CheckResult>,
}

impl Versioned for Shard {
    const FORMAT_VERSION: u32 = 4;
    const NAME: &'static str = "shard of a score by a key";

    fn format_version(&self) -> u32 {
        self.format_version
    }
}

/// Sizes of what is scored, for the whole of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sizes {
    pub n_key_rows: usize,
    pub n_unknown_files: usize,
    pub n_missing_files: usize,
}

impl Shard {
    pub(crate) fn new(
        shard: ShardOf,
        settings: MidiSettings,
        pixel_text: Option<&dyn PixelText>,
        sizes: Sizes,
        judged: JudgedBatch,
    ) -> Self {
        Self {
            format_version: Self::FORMAT_VERSION,
            shard,
            hash_sample: hash_sample(),
            settings,
            pixel_reader: pixel_text.map(|reader| reader.name().to_owned()),
            n_key_rows: sizes.n_key_rows,
            n_unknown_files: sizes.n_unknown_files,
            n_missing_files: sizes.n_missing_files,
            n_rows: judged.n_rows,
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

    /// What read the pixels, if anything did.
    pub fn pixel_reader(&self) -> Option<&str> {
        self.pixel_reader.as_deref()
    }

    /// What every shard of a score must share.
    fn common(&self) -> impl PartialEq {
        let sizes = (self.n_key_rows, self.n_unknown_files, self.n_missing_files);
        (self.settings, self.pixel_reader.clone(), sizes)
    }

    fn into_judged(self) -> JudgedBatch {
        let report = self.settings.report;
        JudgedBatch {
            kept: self.rows,
            n_rows: self.n_rows,
            official: self.official.into_builder(report),
            strict: self.strict.into_builder(report),
            empty: self.empty.into_builder(report),
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
    if shards.iter().any(|shard| shard.hash_sample != hash_sample()) {
        return refused("they were written by another program; make all of them again with this efface");
    }
    if shards.iter().any(|shard| shard.common() != first.common()) {
        return refused("they are not shards of one score");
    }
    if !ShardOf::are_all(shards.iter().map(|shard| shard.shard)) {
        return refused("one is missing, or there twice");
    }
    let settings = first.settings;
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

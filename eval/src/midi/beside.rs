//! A second submission of which totals alone are wanted, judged on the rows of the key that are read for the first.
//!
//! Its batches are its own, so the rows of one may be judged in several groups. What a neighbour in the batch decides
//! stays open until all of them are.

use super::batch::{Batch, BatchKeys, FileRows, Parsed, Scorer, is_fatal_stranger, patient_of};
use super::compare::Verdict;
use super::key::KeyCheck;
use super::score::{JudgedBatch, KeptSum, PlannedBatch};
use super::tables::{AttributeKey, SeriesKey};
use crate::EvaluationError;
use std::collections::{BTreeMap, BTreeSet};
use std::iter::zip;
use std::path::Path;

/// The second submission: which rows of the key are judged for it, by their numbers.
pub(crate) struct Beside<'s> {
    scorer: Scorer<'s>,
    rows: BTreeMap<i64, BesideRow<'s>>,
    /// Rows of each batch.
    sizes: Vec<usize>,
}

struct BesideRow<'s> {
    batch: usize,
    paths: Vec<&'s Path>,
    /// The strangers of the batch, if this is its first row.
    strangers: Vec<&'s Path>,
}

/// What was judged of a group of rows.
pub(crate) struct BesideGroup {
    judged: JudgedBatch,
    /// By batch.
    parts: BTreeMap<usize, Part>,
}

/// A part of a batch.
#[derive(Default)]
struct Part {
    n_rows: usize,
    keys: BatchKeys,
    open: Vec<OpenCheck>,
}

/// A check of an attribute that its file lacks, and that ends in another way when a file of its batch has it.
struct OpenCheck {
    check: KeyCheck<'static>,
    attribute: AttributeKey,
    series: SeriesKey,
    alone: Verdict,
    in_batch: Verdict,
}

impl<'s> Beside<'s> {
    /// Of these batches.
    pub(crate) fn new(scorer: Scorer<'s>, batches: &[PlannedBatch<'s>]) -> Self {
        let rows = batches.iter().enumerate().flat_map(|(batch, planned)| {
            let mut strangers = planned.strangers.clone();
            planned.rows.iter().map(move |(row_id, paths)| {
                (*row_id, BesideRow { batch, paths: paths.clone(), strangers: std::mem::take(&mut strangers) })
            })
        });
        Self { scorer, rows: rows.collect(), sizes: batches.iter().map(|batch| batch.rows.len()).collect() }
    }

    /// The rows that are not among those of the first submission, in groups.
    pub(crate) fn rest<'p>(&self, first: &[PlannedBatch<'_>]) -> Vec<PlannedBatch<'p>> {
        let seen: BTreeSet<i64> = first.iter().flat_map(|batch| &batch.rows).map(|(row_id, _)| *row_id).collect();
        let rest: Vec<i64> = self.rows.keys().copied().filter(|row_id| !seen.contains(row_id)).collect();
        let rows = |group: &[i64]| group.iter().map(|row_id| (*row_id, Vec::new())).collect();
        rest.chunks(50).map(|group| PlannedBatch { rows: rows(group), strangers: Vec::new() }).collect()
    }

    /// Judges the rows of a group that are of this submission.
    pub(crate) fn judge(&self, group: &Batch<'_>, parsed: &[Parsed<'_>]) -> BesideGroup {
        let mut output = BesideGroup { judged: JudgedBatch::empty(self.scorer.settings), parts: BTreeMap::new() };
        for (row, parsed) in zip(&group.rows, parsed) {
            let Some(BesideRow { batch, paths, strangers }) = self.rows.get(&row.row_id) else { continue };
            let part = output.parts.entry(*batch).or_default();
            part.n_rows += 1;
            let n_fatal = strangers.iter().filter(|path| is_fatal_stranger(path, &mut part.keys)).count();
            output.judged.n_fatal += n_fatal;
            if paths.is_empty() {
                self.add_file(self.scorer.judge_missing_file(row, parsed), part, &mut output.judged);
            }
            for path in paths {
                if let Some(file) = self.scorer.judge_file(path, patient_of(row), parsed, &mut part.keys) {
                    self.add_file(file, part, &mut output.judged);
                }
            }
        }
        output
    }

    fn add_file(&self, file: FileRows<'_>, part: &mut Part, judged: &mut JudgedBatch) {
        file.count_into(judged);
        let series = file.series;
        judged.n_rows += file.rows.len();
        for row in file.rows {
            let alone = row.judgement.verdict;
            let in_batch = if row.may_be_gap() { self.scorer.judge_gap(row.check).verdict } else { alone };
            if alone == in_batch {
                judged.official.add(series, row.attribute, row.check, alone);
            } else {
                let check = row.check.clone().into_owned();
                part.open.push(OpenCheck { check, attribute: row.attribute, series, alone, in_batch });
            }
        }
    }
}

/// Groups added up.
pub(crate) struct BesideSum<'b, 's> {
    of: &'b Beside<'s>,
    sum: KeptSum,
    /// Batches of which rows are still to come.
    parts: BTreeMap<usize, Part>,
}

impl<'b, 's> BesideSum<'b, 's> {
    pub(crate) fn new(of: &'b Beside<'s>) -> Self {
        Self { of, sum: KeptSum::new(of.scorer.settings), parts: BTreeMap::new() }
    }

    pub(crate) fn add(&mut self, BesideGroup { mut judged, parts }: BesideGroup) -> Result<(), EvaluationError> {
        for (batch, later) in parts {
            let mut part = self.parts.remove(&batch).unwrap_or_default();
            part.n_rows += later.n_rows;
            part.keys.extend(later.keys);
            part.open.extend(later.open);
            if part.n_rows < self.of.sizes[batch] {
                self.parts.insert(batch, part);
            } else {
                part.settle(&mut judged);
            }
        }
        self.sum.add(judged)
    }

    /// All rows as one batch.
    pub(crate) fn finish(mut self) -> Result<JudgedBatch, EvaluationError> {
        // Every row of every batch was judged, so nothing is open but what a key that changed meanwhile left so.
        let mut rest = JudgedBatch::empty(self.of.scorer.settings);
        self.parts.into_values().for_each(|part| part.settle(&mut rest));
        self.sum.add(rest)?;
        Ok(self.sum.finish())
    }
}

impl Part {
    /// Counts what was open, now that all rows of the batch are judged.
    fn settle(self, judged: &mut JudgedBatch) {
        for OpenCheck { check, attribute, series, alone, in_batch } in self.open {
            let is_gap = check.tag_ds.as_deref().is_some_and(|key| self.keys.contains(key));
            judged.official.add(series, attribute, &check, if is_gap { in_batch } else { alone });
        }
    }
}

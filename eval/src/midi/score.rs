//! From files and a key to verdicts and totals.
//!
//! Neither the key nor the rows are ever held whole: a few batches of the key are read ahead, judged by all
//! threads, added up, and forgotten but for the rows that were asked for.

use super::batch::{Batch, BatchRow, Parsed, Scorer};
use super::beside::{Beside, BesideSum};
use super::compare::{Judgement, Verdict};
use super::key::{AnswerKey, KeyCheck, Mapping};
use super::key_json::RowFaults;
use super::pixel_text::PixelText;
use super::shard::{Shard, ShardOf, Sizes};
use super::strict::StrictRule;
use super::tables::{ReportMode, Totals, TotalsBuilder};
use crate::EvaluationError;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// One row of the results.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckResult {
    /// The row's place in the results, counted from 0.
    pub index: usize,
    /// Which file of its batch, as the official scorer numbers them; absent for an instance without a file.
    pub file_index: Option<usize>,
    /// The check.
    pub check: KeyCheck<'static>,
    /// How it ended officially.
    pub judgement: Judgement,
    /// The strict rule that objects to a pass; always absent in a score that is not strict.
    pub objection: Option<StrictRule>,
    /// What the file holds, as printed.
    pub file_value: Option<String>,
    /// What the key calls the original value.
    pub answer_value: Option<String>,
    /// Modality, SOP class, patient, study, series, instance: the new ones, wrapped, or the old ones of
    /// an instance without a file.
    pub identity: [Option<String>; 6],
}

impl CheckResult {
    /// Whether it passed officially.
    pub fn passed(&self) -> bool {
        self.judgement.verdict == Verdict::Pass
    }
}

/// Which rows are kept. Totals are made of all of them in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum RowsKept {
    /// None.
    None,
    /// Those that did not pass, officially or strictly.
    #[default]
    NotPassed,
    /// All: a row takes about half a kilobyte.
    All,
}

/// How to score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MidiSettings {
    /// `multiprocessing_cpus` of the official scorer: files are indexed in batches of
    /// `min(50, ceil(n / cpus))`, at least 1, and a file that lacks an attribute is judged differently when a
    /// file of its batch has it.
    pub cpus: usize,
    /// What a row of the report stands for.
    pub report: ReportMode,
    /// Whether strict rules are applied beside the official verdicts.
    pub strict: bool,
    /// Whether what an empty submission gets is added up beside.
    pub baseline: bool,
    /// Which rows are kept.
    pub rows: RowsKept,
}

impl MidiSettings {
    /// Official totals in the making. Where no rows are wanted, they come in any order, and the order in which the
    /// official report sorts them cannot be repeated.
    fn official_totals(self) -> TotalsBuilder {
        let totals = TotalsBuilder::new(self.report);
        if self.rows == RowsKept::None { totals } else { totals.sorting() }
    }
}

impl Default for MidiSettings {
    fn default() -> Self {
        Self { cpus: 1, report: ReportMode::default(), strict: true, baseline: true, rows: RowsKept::default() }
    }
}

/// The strict totals.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StrictTotals {
    /// The totals with every objection.
    pub totals: Totals,
    /// Checks that each rule objects to, by instance; rules that object to none are absent.
    pub objections: BTreeMap<StrictRule, u64>,
}

/// What scoring gave.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MidiResults {
    /// The kept rows: files in the key's order, then the instances without a file.
    pub rows: Vec<CheckResult>,
    /// All rows.
    pub n_rows: usize,
    /// The official totals.
    pub totals: Totals,
    /// The strict totals, if they were asked for.
    pub strict: Option<StrictTotals>,
    /// What an empty submission gets, if it was asked for.
    pub empty: Option<Totals>,
    /// Output files that the mapping or the key does not know. They are in no row, but in the batches.
    pub n_unknown_files: usize,
    /// Instances of the key without a file.
    pub n_missing_files: usize,
    /// Pixel checks that could not be made: no reader, or pixels that cannot be decoded. Not in `n_rows`.
    pub n_unread_pixels: usize,
    /// The first row of the key with a fault, by its number in the database.
    pub fault: Option<(i64, RowFaults)>,
    /// Files that the official scorer cannot do with, for an attribute that they lack: it would write no result at all.
    pub n_files_fatal_to_official: usize,
}

impl MidiResults {
    /// Refuses a strict score of a key with rows that cannot be read, with actions that do not exist, or without
    /// all its codes.
    ///
    /// # Errors
    /// With the first such row and what is wrong with it.
    pub fn refuse_faults(&self) -> Result<(), EvaluationError> {
        match self.fault.filter(|_| self.strict.is_some()) {
            Some((row, faults)) => Err(EvaluationError::KeyRow { row, problem: faults.problem() }),
            None => Ok(()),
        }
    }
}

/// One output file to be scored, known by its SOP Instance UID.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct OutputFile {
    /// The UID, not wrapped.
    pub sop_instance_uid: String,
    /// Where it lies.
    pub path: PathBuf,
}

/// What a submission is scored with.
#[derive(Clone, Copy)]
pub struct Submission<'s> {
    /// The output files.
    pub files: &'s [OutputFile],
    /// Old to new UIDs.
    pub uids: &'s Mapping,
    /// Old to new patient identifiers.
    pub patients: &'s Mapping,
    /// What reads burned-in text, if anything does.
    pub pixel_text: Option<&'s dyn PixelText>,
}

/// Scores a submission as the official scorer does, and strictly beside it if the settings say so.
///
/// # Errors
/// When the key cannot be read. A faulty row is no error here, as for the official scorer, which is silent about
/// it; [`MidiResults::refuse_faults`] makes one of it.
pub fn score(
    key: &AnswerKey,
    submission: Submission<'_>,
    settings: MidiSettings,
) -> Result<MidiResults, EvaluationError> {
    let mut rows = Vec::new();
    let results = score_into(key, submission, settings, &mut |row| {
        rows.push(row);
        Ok(())
    })?;
    Ok(MidiResults { rows, ..results })
}

/// As [`score`], and hands on each row that the settings keep as soon as it is known, in order; the results
/// themselves hold none.
///
/// # Errors
/// As [`score`], and when the receiver of a row fails.
pub fn score_into(
    key: &AnswerKey,
    submission: Submission<'_>,
    settings: MidiSettings,
    receive: &mut dyn FnMut(CheckResult) -> Result<(), EvaluationError>,
) -> Result<MidiResults, EvaluationError> {
    let plan = Plan::new(key, submission, settings)?;
    let scorer = scorer(submission, settings);
    let mut sum = Sum::new(settings);
    let judge = |batch: &Batch<'_>| scorer.judge(batch, &Parsed::all(batch));
    run(key, &plan.batches, &judge, &mut |batch| sum.add(batch, receive))?;
    Ok(sum.finish(plan.sizes))
}

/// Scores one shard, to be merged with the others by [`super::merge_shards`].
///
/// # Errors
/// As [`score`].
pub fn score_shard(
    key: &AnswerKey,
    submission: Submission<'_>,
    settings: MidiSettings,
    shard: ShardOf,
) -> Result<Shard, EvaluationError> {
    let plan = Plan::new(key, submission, settings)?;
    let scorer = scorer(submission, settings);
    let judge = |batch: &Batch<'_>| scorer.judge(batch, &Parsed::all(batch));
    let mut sum = KeptSum::new(settings);
    run(key, plan.batches_of(shard), &judge, &mut |batch| sum.add(batch))?;
    Ok(Shard::new(shard, settings, submission.pixel_text, plan.sizes, sum.finish()))
}

/// Scores one shard of a submission, and of another one of which totals are wanted, official and no others. Each row of
/// the key that both have in the shard is read and parsed once; both come out as [`score_shard`] makes them.
///
/// # Errors
/// As [`score`].
pub fn score_shard_beside(
    key: &AnswerKey,
    submission: Submission<'_>,
    other: Submission<'_>,
    settings: MidiSettings,
    shard: ShardOf,
) -> Result<(Shard, Shard), EvaluationError> {
    let totals_only = MidiSettings { rows: RowsKept::None, strict: false, baseline: false, ..settings };
    let plan = Plan::new(key, submission, settings)?;
    let other_plan = Plan::new(key, other, totals_only)?;
    let scorer_of_first = scorer(submission, settings);
    let beside = Beside::new(scorer(other, totals_only), other_plan.batches_of(shard));
    let mut sum = KeptSum::new(settings);
    let mut sum_beside = BesideSum::new(&beside);
    let judge = |batch: &Batch<'_>| {
        let parsed = Parsed::all(batch);
        (scorer_of_first.judge(batch, &parsed), beside.judge(batch, &parsed))
    };
    run(key, plan.batches_of(shard), &judge, &mut |(batch, group)| {
        sum_beside.add(group)?;
        sum.add(batch)
    })?;
    let judge_rest = |group: &Batch<'_>| beside.judge(group, &Parsed::all(group));
    run(key, &beside.rest(plan.batches_of(shard)), &judge_rest, &mut |group| sum_beside.add(group))?;
    let of_first = Shard::new(shard, settings, submission.pixel_text, plan.sizes, sum.finish());
    Ok((of_first, Shard::new(shard, totals_only, other.pixel_text, other_plan.sizes, sum_beside.finish()?)))
}

fn scorer(submission: Submission<'_>, settings: MidiSettings) -> Scorer<'_> {
    let Submission { uids, patients, pixel_text, .. } = submission;
    Scorer { uids, patients, pixel_text, settings }
}

/// The key's rows by batch, with their files: first those that have one, then the others.
struct Plan<'s> {
    batches: Vec<PlannedBatch<'s>>,
    sizes: Sizes,
}

/// A batch that is not yet read.
#[derive(Default)]
pub(crate) struct PlannedBatch<'s> {
    /// Rows of the key by their numbers, with the files that they are about.
    pub rows: Vec<(i64, Vec<&'s Path>)>,
    /// Files that no row is about.
    pub strangers: Vec<&'s Path>,
}

/// What a batch is made of: files of one SOP Instance UID, with the row of the key that is about them, if one is; or a
/// row without a file.
type Instance<'s> = (Option<i64>, Vec<&'s Path>);

impl<'s> Plan<'s> {
    fn new(key: &AnswerKey, submission: Submission<'s>, settings: MidiSettings) -> Result<Self, EvaluationError> {
        if settings.strict {
            key.refuse_duplicates()?;
        }
        let mut by_uid: BTreeMap<&str, Vec<&Path>> = BTreeMap::new();
        for file in submission.files {
            by_uid.entry(&file.sop_instance_uid).or_default().push(&file.path);
        }
        let (found, missing) = match_key(key, &by_uid, submission.uids);
        let known = found.iter().map(|(row, new)| (Some(*row), by_uid.remove(new).unwrap_or_default()));
        let mut with_files: Vec<Instance<'s>> = known.collect();
        let sizes = Sizes {
            n_key_rows: key.instances().len(),
            n_unknown_files: by_uid.values().map(Vec::len).sum(),
            n_missing_files: missing.len(),
        };
        with_files.extend(by_uid.into_values().map(|paths| (None, paths)));
        let without = missing.into_iter().map(|row| (Some(row), Vec::new())).collect();
        let batches = [with_files, without].into_iter().flat_map(|instances| in_batches(instances, settings.cpus));
        Ok(Self { batches: batches.collect(), sizes })
    }

    fn batches_of(&self, shard: ShardOf) -> &[PlannedBatch<'s>] {
        &self.batches[shard.range(self.batches.len())]
    }
}

/// Cuts what has files, or what has none, as the official scorer does.
fn in_batches(instances: Vec<Instance<'_>>, cpus: usize) -> Vec<PlannedBatch<'_>> {
    let batch_size = instances.len().div_ceil(cpus.max(1)).clamp(1, 50);
    let mut batches = Vec::with_capacity(instances.len().div_ceil(batch_size));
    for (at, (row, paths)) in instances.into_iter().enumerate() {
        if at % batch_size == 0 {
            batches.push(PlannedBatch::default());
        }
        let Some(batch) = batches.last_mut() else { continue };
        match row {
            Some(row) => batch.rows.push((row, paths)),
            None => batch.strangers.extend(paths),
        }
    }
    batches
}

/// Reads the key a group of batches ahead of the threads that judge.
fn run<T: Send>(
    key: &AnswerKey,
    batches: &[PlannedBatch<'_>],
    judge: &(dyn Fn(&Batch<'_>) -> T + Sync),
    add: &mut dyn FnMut(T) -> Result<(), EvaluationError>,
) -> Result<(), EvaluationError> {
    let group_size = 2 * rayon::current_num_threads().max(1);
    let mut groups = batches.chunks(group_size);
    let mut ready = groups.next().map(|group| read_group(key, group)).transpose()?;
    while let Some(group) = ready {
        let mut judged = Vec::new();
        let mut next = Ok(None);
        // The key is read by this thread, which need not be one of the pool's; the pool judges meanwhile.
        rayon::in_place_scope(|scope| {
            scope.spawn(|_| judged = group.par_iter().map(judge).collect());
            next = groups.next().map(|group| read_group(key, group)).transpose();
        });
        for batch in judged {
            add(batch)?;
        }
        ready = next?;
    }
    Ok(())
}

fn read_group<'p>(key: &AnswerKey, group: &[PlannedBatch<'p>]) -> Result<Vec<Batch<'p>>, EvaluationError> {
    group.iter().map(|batch| read_batch(key, batch)).collect()
}

fn read_batch<'p>(key: &AnswerKey, batch: &PlannedBatch<'p>) -> Result<Batch<'p>, EvaluationError> {
    let rows = batch
        .rows
        .iter()
        .map(|(row_id, paths)| Ok(BatchRow { row_id: *row_id, row: key.row(*row_id)?, paths: paths.clone() }));
    Ok(Batch { rows: rows.collect::<Result<_, EvaluationError>>()?, strangers: batch.strangers.clone() })
}

/// The key's rows that have files, with their new UIDs, and the rows that have none.
fn match_key<'a>(
    key: &AnswerKey,
    by_uid: &BTreeMap<&'a str, Vec<&Path>>,
    uids: &Mapping,
) -> (Vec<(i64, &'a str)>, Vec<i64>) {
    let mut found = Vec::new();
    let mut missing = Vec::new();
    let mut seen = BTreeSet::new();
    for (row_id, old) in key.instances() {
        let new = uids.new_of(old).and_then(|new| by_uid.get_key_value(new)).map(|(new, _)| *new);
        match new {
            Some(new) if uids.old_of(new) == Some(old) && seen.insert(new) => found.push((*row_id, new)),
            _ => missing.push(*row_id),
        }
    }
    (found, missing)
}

/// What judging a batch gave; numbers of rows count from the batch's beginning.
pub(crate) struct JudgedBatch {
    pub kept: Vec<CheckResult>,
    pub n_rows: usize,
    pub official: TotalsBuilder,
    pub strict: TotalsBuilder,
    pub empty: TotalsBuilder,
    pub objections: BTreeMap<StrictRule, u64>,
    pub n_unread_pixels: usize,
    pub n_fatal: usize,
    /// The first row that a strict score refuses.
    pub fault: Option<(i64, RowFaults)>,
}

impl JudgedBatch {
    /// Of no row.
    pub(crate) fn empty(settings: MidiSettings) -> Self {
        let none = || TotalsBuilder::new(settings.report);
        Self {
            kept: Vec::new(),
            n_rows: 0,
            official: settings.official_totals(),
            strict: none(),
            empty: none(),
            objections: BTreeMap::new(),
            n_unread_pixels: 0,
            n_fatal: 0,
            fault: None,
        }
    }
}

/// Batches added up in their order, with the rows that are kept.
pub(crate) struct KeptSum {
    sum: Sum,
    rows: Vec<CheckResult>,
}

impl KeptSum {
    pub(crate) fn new(settings: MidiSettings) -> Self {
        Self { sum: Sum::new(settings), rows: Vec::new() }
    }

    pub(crate) fn add(&mut self, batch: JudgedBatch) -> Result<(), EvaluationError> {
        self.sum.add(batch, &mut |row| {
            self.rows.push(row);
            Ok(())
        })
    }

    pub(crate) fn finish(self) -> JudgedBatch {
        self.sum.into_judged(self.rows)
    }
}

/// Batches added up in their order.
pub(crate) struct Sum {
    settings: MidiSettings,
    results: MidiResults,
    official: TotalsBuilder,
    strict: TotalsBuilder,
    empty: TotalsBuilder,
    objections: BTreeMap<StrictRule, u64>,
}

impl Sum {
    pub(crate) fn new(settings: MidiSettings) -> Self {
        Self {
            settings,
            results: MidiResults::default(),
            official: settings.official_totals(),
            strict: TotalsBuilder::new(settings.report),
            empty: TotalsBuilder::new(settings.report),
            objections: BTreeMap::new(),
        }
    }

    pub(crate) fn add(
        &mut self,
        batch: JudgedBatch,
        receive: &mut dyn FnMut(CheckResult) -> Result<(), EvaluationError>,
    ) -> Result<(), EvaluationError> {
        self.results.fault = self.results.fault.or(batch.fault);
        let results = &mut self.results;
        for row in batch.kept {
            receive(CheckResult { index: row.index + results.n_rows, ..row })?;
        }
        results.n_rows += batch.n_rows;
        results.n_unread_pixels += batch.n_unread_pixels;
        results.n_files_fatal_to_official += batch.n_fatal;
        self.official.merge(batch.official);
        self.strict.merge(batch.strict);
        self.empty.merge(batch.empty);
        for (rule, count) in batch.objections {
            *self.objections.entry(rule).or_default() += count;
        }
        Ok(())
    }

    /// What was added up so far, as one batch, with the rows that were received meanwhile.
    fn into_judged(self, kept: Vec<CheckResult>) -> JudgedBatch {
        JudgedBatch {
            kept,
            n_rows: self.results.n_rows,
            official: self.official,
            strict: self.strict,
            empty: self.empty,
            objections: self.objections,
            n_unread_pixels: self.results.n_unread_pixels,
            n_fatal: self.results.n_files_fatal_to_official,
            fault: self.results.fault,
        }
    }

    pub(crate) fn finish(mut self, sizes: Sizes) -> MidiResults {
        self.official.settle_categories();
        self.strict.count_as(&self.official);
        let strict = StrictTotals { totals: self.strict.finish(), objections: self.objections };
        MidiResults {
            n_unknown_files: sizes.n_unknown_files,
            n_missing_files: sizes.n_missing_files,
            totals: self.official.finish(),
            strict: self.settings.strict.then_some(strict),
            empty: self.settings.baseline.then(|| self.empty.finish()),
            ..self.results
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_files_are_cut_as_files_are() {
        for (cpus, expected) in [(0, vec![50, 50, 20]), (1, vec![50, 50, 20]), (4, vec![30; 4]), (200, vec![1; 120])] {
            let batches = in_batches((0..120).map(|row| (Some(row), Vec::new())).collect(), cpus);
            let sizes: Vec<usize> = batches.iter().map(|batch| batch.rows.len()).collect();
            assert_eq!(sizes, expected, "{cpus} processors");
        }
        assert!(in_batches(Vec::new(), 1).is_empty());
    }
}

//! From files and a key to one row per check.

use super::checks::{
    FileValue, judge_attribute, judge_missing, judge_pixels_hidden, judge_pixels_retained, text_compared,
};
use super::compare::{Expectation, Judgement, Verdict};
use super::index::IndexedFile;
use super::key::{AnswerKey, BurnedInText, KeyCheck, KeyRow, Mapping};
use super::pixel_text::PixelText;
use crate::EvaluationError;
use crate::reader::Source;
use efface_schema::PixelRegion;
use efface_schema::midi::CheckAction;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};

/// One row of the results.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckResult {
    /// Which output file, in the order of scoring; absent for an instance without a file.
    pub file_index: Option<usize>,
    /// The check.
    pub check: KeyCheck,
    /// How it ended.
    pub judgement: Judgement,
    /// What the file holds, as printed.
    pub file_value: Option<String>,
    /// What the key calls the original value.
    pub answer_value: Option<String>,
    /// Modality, SOP class, patient, study, series, instance: the new ones, wrapped, or the old ones of
    /// an instance without a file.
    pub identity: [Option<String>; 6],
}

/// Settings of the official scorer, as far as they change a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MidiSettings {
    /// `multiprocessing_cpus`: files are indexed in batches of `min(50, ceil(n / cpus))`, at least 1, and
    /// a file that lacks an attribute is judged differently when a file of its batch has it.
    pub cpus: usize,
}

impl Default for MidiSettings {
    fn default() -> Self {
        Self { cpus: 1 }
    }
}

/// What scoring gave.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MidiResults {
    /// One row per check: files in the key's order, then the instances without a file.
    pub rows: Vec<CheckResult>,
    /// Output files that the mapping or the key does not know; the official scorer ignores or dies of them.
    pub n_unknown_files: usize,
    /// Instances of the key without a file.
    pub n_missing_files: usize,
    /// Pixel checks that could not be made: no reader, or pixels that cannot be decoded. Not in `rows`.
    pub n_unread_pixels: usize,
    /// Files without an attribute that the official scorer cannot do without: it would write no result at all.
    pub n_files_fatal_to_official: usize,
}

/// One output file to be scored, known by its SOP Instance UID.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct OutputFile {
    /// The UID, not wrapped.
    pub sop_instance_uid: String,
    /// Where it lies.
    pub path: PathBuf,
}

/// Scores a submission as the official scorer does.
///
/// # Errors
/// When the key cannot be read.
pub fn score(
    key: &AnswerKey,
    files: &[OutputFile],
    uids: &Mapping,
    patients: &Mapping,
    settings: MidiSettings,
    pixel_text: Option<&dyn PixelText>,
) -> Result<MidiResults, EvaluationError> {
    let mut by_uid: BTreeMap<&str, Vec<&Path>> = BTreeMap::new();
    for file in files {
        by_uid.entry(&file.sop_instance_uid).or_default().push(&file.path);
    }
    let (found, missing) = match_key(key, &by_uid, uids);
    let known: HashSet<&str> = found.iter().map(|(_, new)| *new).collect();
    let mut results = MidiResults {
        n_unknown_files: by_uid.iter().filter(|(uid, _)| !known.contains(*uid)).map(|(_, paths)| paths.len()).sum(),
        n_missing_files: missing.len(),
        ..MidiResults::default()
    };
    let batch_size = found.len().div_ceil(settings.cpus.max(1)).clamp(1, 50);
    let batches: Vec<&[(i64, &str)]> = found.chunks(batch_size).collect();
    let context = Context { uids, patients, pixel_text };
    let mut n_files = 0;
    // The key is read here, a few batches ahead of the threads that judge, so that it never lies in memory whole.
    for group in batches.chunks(2 * rayon::current_num_threads().max(1)) {
        let inputs = group.iter().map(|batch| batch_input(key, batch, &by_uid)).collect::<Result<Vec<_>, _>>()?;
        let scored: Vec<BatchOutput> = inputs.into_par_iter().map(|batch| context.score_batch(batch)).collect();
        for mut batch in scored {
            for row in &mut batch.rows {
                row.file_index = row.file_index.map(|index| index + n_files);
            }
            n_files += batch.n_files;
            results.rows.append(&mut batch.rows);
            results.n_unread_pixels += batch.n_unread_pixels;
            results.n_files_fatal_to_official += batch.n_fatal;
        }
    }
    for row_id in missing {
        let row = key.row(row_id)?;
        results.rows.extend(row.checks.iter().map(|check| missing_row(check, &row)));
    }
    Ok(results)
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

struct BatchInput {
    rows: Vec<(KeyRow, Vec<PathBuf>)>,
}

#[derive(Default)]
struct BatchOutput {
    rows: Vec<CheckResult>,
    n_files: usize,
    n_unread_pixels: usize,
    n_fatal: usize,
}

fn batch_input(
    key: &AnswerKey,
    batch: &[(i64, &str)],
    by_uid: &BTreeMap<&str, Vec<&Path>>,
) -> Result<BatchInput, EvaluationError> {
    let rows = batch.iter().map(|(row_id, new)| {
        let paths = by_uid.get(new).map(|paths| paths.iter().map(|path| path.to_path_buf()).collect());
        Ok((key.row(*row_id)?, paths.unwrap_or_default()))
    });
    Ok(BatchInput { rows: rows.collect::<Result<_, EvaluationError>>()? })
}

struct Context<'a> {
    uids: &'a Mapping,
    patients: &'a Mapping,
    pixel_text: Option<&'a dyn PixelText>,
}

/// A file of a batch.
struct Scored {
    row_at: usize,
    path: PathBuf,
    indexed: IndexedFile,
}

impl Context<'_> {
    fn score_batch(&self, batch: BatchInput) -> BatchOutput {
        let mut files = Vec::new();
        for (row_at, (_, paths)) in batch.rows.iter().enumerate() {
            for path in paths {
                let indexed =
                    std::fs::read(path).ok().and_then(Source::new).map(|source| IndexedFile::new(&source.parse()));
                files.extend(indexed.map(|indexed| Scored { row_at, path: path.clone(), indexed }));
            }
        }
        let in_batch: HashSet<&str> =
            files.iter().flat_map(|file| file.indexed.values.keys()).map(String::as_str).collect();
        let mut output = BatchOutput { n_files: files.len(), ..BatchOutput::default() };
        for (file_index, file) in files.iter().enumerate() {
            output.n_fatal += usize::from(file.indexed.identity.iter().any(Option::is_none));
            for check in &batch.rows[file.row_at].0.checks {
                match self.score_check(check, file, &in_batch) {
                    Some((judgement, file_value, answer_value)) => output.rows.push(CheckResult {
                        file_index: Some(file_index),
                        check: check.clone(),
                        judgement,
                        file_value,
                        answer_value,
                        identity: file.indexed.identity.clone(),
                    }),
                    None => output.n_unread_pixels += 1,
                }
            }
        }
        output
    }

    fn score_check(
        &self,
        check: &KeyCheck,
        file: &Scored,
        in_batch: &HashSet<&str>,
    ) -> Option<(Judgement, Option<String>, Option<String>)> {
        match check.action {
            CheckAction::PixelsRetained => {
                let answer = check.action_text.as_deref().map(|text| text.trim_matches(['<', '>']).to_owned());
                let judgement = judge_pixels_retained(check.action_text.as_deref(), &file.indexed.pixel_digest);
                Some((judgement, Some(file.indexed.pixel_digest.clone()), answer))
            }
            CheckAction::PixelsHidden => {
                let wanted = BurnedInText::parse(check.action_text.as_deref()?)?;
                let ([x0, y0], [x1, y1]) = (wanted.top_left, wanted.bottom_right);
                let read = self.pixel_text?.read(&file.path, PixelRegion { x0, y0, x1, y1 })?;
                Some((judge_pixels_hidden(&read, &wanted.text), Some(read), check.value.clone()))
            }
            action => {
                let value = lookup(check.tag_ds.as_deref(), &file.indexed, in_batch);
                let judgement = judge_attribute(check, action, value, self.uids, self.patients);
                let expectation =
                    if action == CheckAction::TextRemoved { Expectation::Removed } else { Expectation::Retained };
                let shown = match (value, action) {
                    // The gap of a batch's table comes out of these four as an empty text, out of the others as none.
                    (
                        FileValue::AbsentInBatch,
                        CheckAction::DateShifted
                        | CheckAction::UidChanged
                        | CheckAction::UidConsistent
                        | CheckAction::PatidConsistent,
                    ) => Some(String::new()),
                    _ => value.text().map(|text| text_compared(text, expectation).to_owned()),
                };
                Some((judgement, shown, check.value.clone()))
            }
        }
    }
}

fn lookup<'a>(tag_ds: Option<&str>, file: &'a IndexedFile, in_batch: &HashSet<&str>) -> FileValue<'a> {
    let Some(tag_ds) = tag_ds else { return FileValue::Absent };
    match file.values.get(tag_ds) {
        Some(text) => FileValue::Present(text),
        None if in_batch.contains(tag_ds) => FileValue::AbsentInBatch,
        None => FileValue::Absent,
    }
}

fn missing_row(check: &KeyCheck, row: &KeyRow) -> CheckResult {
    let pixel_check = matches!(check.action, CheckAction::PixelsHidden | CheckAction::PixelsRetained);
    CheckResult {
        file_index: None,
        check: check.clone(),
        judgement: judge_missing(check.action),
        file_value: Some("<MISSING FILE>".to_owned()),
        answer_value: if pixel_check { None } else { check.value.clone() },
        identity: row.identity.clone(),
    }
}

impl CheckResult {
    /// Whether it passed.
    pub fn passed(&self) -> bool {
        self.judgement.verdict == Verdict::Pass
    }

    /// The family and the code that the check is reported under; absent where the key gives no code, in
    /// which case the official scorer leaves out the whole table.
    pub fn category<'a>(&'a self) -> Option<(&'static str, &'a str)> {
        let [hipaa_z, hipaa_m, _, dicom_iod, _, tcia_ptkb, tcia_p15, tcia_rev] = &self.check.codes;
        let first = |choices: &[(&'static str, &'a Option<String>)]| -> Option<(&'static str, &'a str)> {
            choices.iter().find_map(|(family, code)| Some((*family, code.as_deref().filter(|code| !code.is_empty())?)))
        };
        match self.check.action {
            CheckAction::TagRetained | CheckAction::TextNotnull => Some(("dicom", dicom_iod.as_deref()?)),
            CheckAction::DateShifted => Some(("hipaa", "HIPAA-C")),
            CheckAction::UidChanged => Some(("hipaa", "HIPAA-R")),
            CheckAction::PixelsHidden => Some(("hipaa", "HIPAA-A")),
            CheckAction::PatidConsistent => Some(("dicom", "DICOM-P15-BASIC-C")),
            CheckAction::UidConsistent => Some(("dicom", "DICOM-P15-BASIC-U")),
            CheckAction::PixelsRetained => Some(("tcia", "TCIA-P15-PIX-K")),
            CheckAction::TextRemoved => first(&[
                ("hipaa", hipaa_m),
                ("hipaa", hipaa_z),
                ("tcia", tcia_p15),
                ("tcia", tcia_ptkb),
                ("tcia", tcia_rev),
            ]),
            CheckAction::TextRetained => first(&[("tcia", tcia_p15), ("tcia", tcia_ptkb), ("tcia", tcia_rev)]),
        }
    }
}

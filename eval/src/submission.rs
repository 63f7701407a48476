//! Scoring by an answer key alone.

use crate::error::EvaluationError as Error;
use crate::measure::midi_metrics;
use crate::midi::{
    AnswerKey, CheckResult, MidiResults, MidiSettings, PixelText, ResultsDatabase, RowsKept, Shard, Submission,
    merge_shards, score_into,
};
use efface_schema::MidiMetrics;
use std::path::Path;

/// A score by a key, with the rows that did not pass.
#[derive(Debug, Clone)]
pub struct MidiScoring {
    /// The figures.
    pub metrics: MidiMetrics,
    /// What was found; the rows quote the output.
    pub results: MidiResults,
}

/// Scores a submission by a key, and an empty one beside it. With a folder for it, every row also goes into
/// `validation_results.db` there, without being held in memory.
///
/// # Errors
/// When the key cannot be read, is refused by a strict score, or the database cannot be written.
pub fn score_submission(
    key: &AnswerKey,
    submission: Submission<'_>,
    settings: MidiSettings,
    database: Option<&Path>,
) -> Result<MidiScoring, Error> {
    let mut database = database.map(|folder| create(folder, settings.strict)).transpose()?;
    let settings = MidiSettings { rows: if database.is_some() { RowsKept::All } else { settings.rows }, ..settings };
    let mut rows = Vec::new();
    let results = score_into(key, submission, settings, &mut |row| {
        if let Some(database) = &mut database {
            database.add(&row)?;
        }
        if is_discrepancy(&row) {
            rows.push(row);
        }
        Ok(())
    })?;
    results.refuse_faults()?;
    database.map(ResultsDatabase::finish).transpose()?;
    let metrics = midi_metrics(&results, None, settings.report, submission.pixel_text.map(PixelText::name));
    Ok(MidiScoring { metrics, results: MidiResults { rows, ..results } })
}

/// Merges the shards of a score into what scoring at once gives.
///
/// # Errors
/// When they are not all the shards of one score, or the key is refused by a strict score.
pub fn merge_submission(shards: Vec<Shard>) -> Result<(MidiScoring, MidiSettings), Error> {
    let pixel_reader = shards.first().and_then(|shard| shard.pixel_reader().map(str::to_owned));
    let (results, settings) = merge_shards(shards)?;
    results.refuse_faults()?;
    let metrics = midi_metrics(&results, None, settings.report, pixel_reader.as_deref());
    Ok((MidiScoring { metrics, results }, settings))
}

fn create(folder: &Path, strict: bool) -> Result<ResultsDatabase, Error> {
    std::fs::create_dir_all(folder).map_err(|source| Error::Write { what: "report folder", source })?;
    ResultsDatabase::create(&folder.join("validation_results.db"), strict)
}

fn is_discrepancy(row: &CheckResult) -> bool {
    !row.passed() || row.objection.is_some()
}

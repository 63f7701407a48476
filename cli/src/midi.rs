//! `efface midi`: the MIDI-B scorer alone, for any key and any tool's output.

use crate::eval::{MidiOptions, Table, colour, midi_lines, rayon_pool, read_shards, shard_of, write_shard};
use anyhow::{Context, Result};
use clap::Args;
use efface_eval::midi::{AnswerKey, Mapping, PixelText, ReportMode, Shard, ShardOf, Submission, score_shard};
use efface_eval::{MidiScoring, merge_submission, score_submission, write_midi_report};
use efface_schema::ExitCode;
use std::path::{Path, PathBuf};

/// Score any tool's output by a MIDI-B answer key, as the challenge does and strictly
///
/// Needs no ground truth: a key (SQLite) and two CSV files `id_old,id_new` are enough.
/// The report folder gets midi.json, the scoring workbook, both discrepancy reports and, if asked for, the
/// results database; all but midi.json quote the output.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Folder of the de-identified files
    output: PathBuf,
    /// Answer key, an SQLite database with the table answer_data
    #[arg(long, value_name = "FILE")]
    key_db: PathBuf,
    /// CSV `id_old,id_new` of UIDs
    #[arg(long, value_name = "FILE")]
    uid_mapping: PathBuf,
    /// CSV `id_old,id_new` of patient identifiers
    #[arg(long, value_name = "FILE")]
    patient_mapping: PathBuf,
    #[command(flatten)]
    midi: MidiOptions,
    /// Also write validation_results.db with every row
    #[arg(long)]
    database: bool,
    /// Score only a part, as 2/4: the report folder gets shard-2-of-4.json, which quotes the output; see midi-merge
    #[arg(long, value_name = "I/N", conflicts_with_all = ["database", "json"], value_parser = shard_of)]
    shard: Option<ShardOf>,
    /// Folder for the results
    #[arg(long, value_name = "DIR")]
    report: PathBuf,
    /// Print midi.json instead of the table
    #[arg(long)]
    json: bool,
    /// Number of threads [default: one per processor]
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
}

/// Merge the shards of a MIDI-B score into the report that scoring at once gives, byte for byte
#[derive(Debug, Args)]
pub(crate) struct MergeArguments {
    /// All shards of one score, as `efface midi --shard` wrote them
    #[arg(required = true)]
    shards: Vec<PathBuf>,
    /// Folder for the results
    #[arg(long, value_name = "DIR")]
    report: PathBuf,
    /// Print midi.json instead of the table
    #[arg(long)]
    json: bool,
}

/// Runs `midi-merge`.
///
/// # Errors
/// When a shard cannot be read, or they are not all the shards of one score.
pub(crate) fn merge(arguments: &MergeArguments) -> Result<ExitCode> {
    let (scoring, settings) = merge_submission(read_shards(&arguments.shards)?)?;
    show(&scoring, settings.report, &arguments.report, arguments.json)
}

fn show(scoring: &MidiScoring, report: ReportMode, folder: &Path, json: bool) -> Result<ExitCode> {
    write_midi_report(scoring, report, folder).context("write the report")?;
    if json {
        println!("{}", serde_json::to_string_pretty(&scoring.metrics)?);
    } else {
        let mut table = Table::new(colour());
        midi_lines(&mut table, &scoring.metrics);
        print!("{}", table.finish());
    }
    Ok(ExitCode::Success)
}

/// What the pool of threads made.
enum Scored {
    Whole(Box<MidiScoring>),
    Part(Box<Shard>, ShardOf),
}

/// Runs the subcommand.
///
/// # Errors
/// When an input cannot be read or the report cannot be written.
pub(crate) fn run(arguments: Arguments) -> Result<ExitCode> {
    let uids = Mapping::read(&arguments.uid_mapping, "mapping of UIDs (--uid-mapping)")?;
    let patients = Mapping::read(&arguments.patient_mapping, "mapping of patients (--patient-mapping)")?;
    let reader = arguments.midi.pixel_reader();
    let settings = arguments.midi.settings();
    let scored = rayon_pool(arguments.threads)?.install(|| -> Result<Scored> {
        let key = AnswerKey::open(&arguments.key_db)?;
        let (files, _) = efface_eval::midi::list_outputs(&arguments.output)?;
        let pixel_text = reader.as_ref().map(|reader| reader as &dyn PixelText);
        let submission = Submission { files: &files, uids: &uids, patients: &patients, pixel_text };
        if let Some(shard) = arguments.shard {
            return Ok(Scored::Part(Box::new(score_shard(&key, submission, settings, shard)?), shard));
        }
        let database = arguments.database.then_some(arguments.report.as_path());
        Ok(Scored::Whole(Box::new(score_submission(&key, submission, settings, database)?)))
    });
    match scored.context("score")? {
        Scored::Whole(scoring) => show(&scoring, settings.report, &arguments.report, arguments.json),
        Scored::Part(part, shard) => write_shard(&arguments.report, shard, &part),
    }
}

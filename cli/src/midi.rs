//! `efface midi`: the MIDI-B scorer alone, for any key and any tool's output.

use crate::eval::{MidiReport, Mode, Table, colour, midi_lines, pixel_reader, rayon_pool};
use anyhow::{Context, Result};
use clap::Args;
use efface_eval::midi::{AnswerKey, Mapping, MidiSettings, PixelText, RowsKept, Submission};
use efface_eval::{MidiScoring, score_submission, write_midi_report};
use efface_schema::ExitCode;
use std::path::PathBuf;

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
    /// Whether leaks that the official scorer passes fail (`strict`), or its verdicts stand alone (`parity`)
    #[arg(long, value_enum, default_value_t = Mode::Strict)]
    mode: Mode,
    /// What a row of the report stands for
    #[arg(long, value_enum, default_value_t = MidiReport::Series)]
    midi_report: MidiReport,
    /// The official scorer's multiprocessing_cpus, which decides its batches
    #[arg(long, value_name = "N", default_value_t = 1)]
    midi_cpus: usize,
    /// Do not read pixels with Tesseract
    #[arg(long)]
    no_pixel_text: bool,
    /// Also write validation_results.db with every row
    #[arg(long)]
    database: bool,
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

/// Runs the subcommand.
///
/// # Errors
/// When an input cannot be read or the report cannot be written.
pub(crate) fn run(arguments: Arguments) -> Result<ExitCode> {
    let uids = Mapping::read(&arguments.uid_mapping).context("failed to read --uid-mapping")?;
    let patients = Mapping::read(&arguments.patient_mapping).context("failed to read --patient-mapping")?;
    let reader = pixel_reader(arguments.no_pixel_text);
    let settings = MidiSettings {
        cpus: arguments.midi_cpus,
        report: arguments.midi_report.into(),
        strict: matches!(arguments.mode, Mode::Strict),
        baseline: true,
        rows: if arguments.database { RowsKept::All } else { RowsKept::NotPassed },
    };
    let scoring = rayon_pool(arguments.threads)?.install(|| -> Result<MidiScoring> {
        let key = AnswerKey::open(&arguments.key_db)?;
        let (files, _) = efface_eval::midi::list_outputs(&arguments.output)?;
        let pixel_text = reader.as_ref().map(|reader| reader as &dyn PixelText);
        let submission = Submission { files: &files, uids: &uids, patients: &patients, pixel_text };
        let database = arguments.database.then_some(arguments.report.as_path());
        Ok(score_submission(&key, submission, settings, database)?)
    });
    let scoring = scoring.context("failed to score")?;
    write_midi_report(&scoring, settings.report, &arguments.report).context("failed to write the report")?;
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&scoring.metrics)?);
    } else {
        let mut table = Table::new(colour());
        midi_lines(&mut table, &scoring.metrics);
        print!("{}", table.finish());
    }
    Ok(ExitCode::Success)
}

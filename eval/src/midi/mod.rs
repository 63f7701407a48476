//! The scorer of the MIDI-B challenge, ported.
//!
//! The public validation script (`CBIIT/MIDI_validation_script`, e61c8ea) judges a submission by an
//! answer key: a list of checks per original instance, each of one of ten actions.
//! This module gives the same verdicts, quirks included, so that scores can be compared with published
//! ones. [`StrictRule`] lists what is wrong with them: a strict score adds objections and nothing else.
//!
//! - `index`: every attribute of an output file by its lookup key, printed as pydicom does when it is asked for;
//! - [`key`](AnswerKey): checks and mappings;
//! - [`checks`](judge_attribute): the ten actions, one check against one file;
//! - [`compare_texts`]: what "the text is kept" and "the text is gone" mean;
//! - [`score`]: files and key to rows; [`totals`], [`write_workbook`], [`write_discrepancies`]: rows to reports.

mod batch;
mod beside;
mod checks;
pub(crate) mod choice;
mod compare;
mod database;
mod discrepancy;
mod index;
mod key;
mod key_json;
mod key_scan;
mod outputs;
mod pixel_text;
pub(crate) mod python;
pub(crate) mod render;
mod score;
mod sentences;
mod series_rows;
mod shard;
mod strict;
mod tables;
mod tokens;
mod unstable_sort;
mod workbook;

pub use checks::{FileValue, judge_attribute, judge_missing, judge_pixels_hidden, judge_pixels_retained};
pub use compare::{Expectation, Judgement, Verdict, compare_texts};
pub use database::ResultsDatabase;
pub use discrepancy::{Audience, write_discrepancies};
pub use key::{AnswerKey, CODES, Codes, KeyCheck, KeyRow, Mapping};
pub use key_json::{RowChecks, RowFaults};
pub use outputs::list_outputs;
pub(crate) use outputs::sop_instance_uid;
pub use pixel_text::PixelText;
pub use score::{
    CheckResult, MidiResults, MidiSettings, OutputFile, RowsKept, StrictTotals, Submission, score, score_into,
    score_shard, score_shard_beside,
};
pub use shard::{Shard, ShardOf, merge_shards};
pub use strict::StrictRule;
pub use tables::{ReportMode, Tally, Totals, action_names, totals};
pub use tokens::{counted_words, word_tokenize};
pub use workbook::write_workbook;

//! Agreement with the official MIDI-B scorer, on outputs of that scorer run unmodified.
//!
//! Checks of `pixels_hidden` are compared by verdict only where a reader is given: the official engine
//! is not carried here. Everything else must agree to the character.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use calamine::{Data, Reader, Xlsx, open_workbook};
use efface_eval::midi::{
    AnswerKey, Audience, CheckResult, Mapping, MidiResults, MidiSettings, OutputFile, PixelText, ReportMode,
    ResultsDatabase, RowsKept, Shard, ShardOf, StrictRule, Submission, Tally, Totals, Verdict, merge_shards, score,
    score_into, score_shard, score_shard_beside, totals, write_discrepancies, write_workbook,
};
use efface_schema::PixelRegion;
use efface_schema::midi::CheckAction;
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use std::borrow::Cow;
use std::path::{Path, PathBuf};

/// Reads what the official scorer's engine read in `min_noop`, and nothing anywhere else.
struct RecordedText(Option<&'static str>);

impl PixelText for RecordedText {
    fn read(&self, _: &Path, _: PixelRegion) -> Option<String> {
        self.0.map(str::to_owned)
    }

    fn name(&self) -> &str {
        "recorded"
    }
}

struct Case {
    name: &'static str,
    suite: &'static str,
    key: &'static str,
    files: &'static [(&'static str, &'static str)],
    mappings: [&'static str; 2],
    mode: ReportMode,
    /// What the engine read; nothing where it could not read the image, as in `matrix`.
    read: Option<&'static str>,
}

const MATRIX_FILES: &[(&str, &str)] = &[("2.25.77002", "deid/a.dcm"), ("2.25.77003", "deid/b.dcm")];
const MIN_FILES: &[(&str, &str)] = &[("2.25.90003", "deid/dx.dcm"), ("2.25.90004", "deid/ct.dcm")];
const NOOP_FILES: &[(&str, &str)] = &[("1.3.9.100.4", "orig/dx.dcm"), ("1.3.9.100.5", "orig/ct.dcm")];
const MAPPED: [&str; 2] = ["uid_mapping.csv", "patid_mapping.csv"];
const IDENTITY: [&str; 2] = ["uid_identity.csv", "patid_identity.csv"];

const CASES: &[Case] = &[
    Case {
        name: "matrix",
        suite: "matrix",
        key: "matrix.db",
        files: MATRIX_FILES,
        mappings: MAPPED,
        mode: ReportMode::Instance,
        read: None,
    },
    Case {
        name: "matrix_series",
        suite: "matrix",
        key: "matrix.db",
        files: MATRIX_FILES,
        mappings: MAPPED,
        mode: ReportMode::Series,
        read: None,
    },
    Case {
        name: "min",
        suite: "min",
        key: "answer.db",
        files: MIN_FILES,
        mappings: MAPPED,
        mode: ReportMode::Instance,
        read: Some(""),
    },
    Case {
        name: "min_series",
        suite: "min",
        key: "answer.db",
        files: MIN_FILES,
        mappings: MAPPED,
        mode: ReportMode::Series,
        read: Some(""),
    },
    Case {
        name: "min_noop",
        suite: "min",
        key: "answer.db",
        files: NOOP_FILES,
        mappings: IDENTITY,
        mode: ReportMode::Instance,
        read: Some("SANCHEZ TIMOTHY [M] DOB: 19720701"),
    },
];

fn golden(suite: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/midi-golden").join(suite)
}

/// What a case is scored with.
struct Inputs {
    key: AnswerKey,
    files: Vec<OutputFile>,
    uids: Mapping,
    patients: Mapping,
}

impl Inputs {
    fn of(case: &Case) -> Self {
        let suite = golden(case.suite);
        let file =
            |(uid, path): &(&str, &str)| OutputFile { sop_instance_uid: (*uid).to_owned(), path: suite.join(path) };
        let [uids, patients] = case.mappings.map(|name| Mapping::read(&suite.join(name), "mapping").unwrap());
        let key = AnswerKey::open(&suite.join(case.key)).unwrap();
        Self { key, files: case.files.iter().map(file).collect(), uids, patients }
    }

    fn submission<'s>(&'s self, pixel_text: Option<&'s dyn PixelText>) -> Submission<'s> {
        Submission { files: &self.files, uids: &self.uids, patients: &self.patients, pixel_text }
    }
}

fn run(case: &Case, cpus: usize) -> MidiResults {
    let inputs = Inputs::of(case);
    let reader = RecordedText(case.read);
    let settings = MidiSettings { cpus, report: case.mode, strict: false, baseline: false, rows: RowsKept::All };
    let results = score(&inputs.key, inputs.submission(Some(&reader)), settings).unwrap();
    let of_patients = |tallies: &[Tally; 2]| tallies[0].total() + tallies[1].total();
    assert_eq!(results.totals.by_patient.iter().map(of_patients).sum::<u64>(), results.totals.all.total());
    let in_passing = Totals { by_patient: Vec::new(), ..results.totals.clone() };
    assert_eq!(in_passing, totals(&results.rows, case.mode), "{}: totals in passing and of the rows", case.name);
    results
}

fn own(text: &Option<Cow<'_, str>>) -> Option<String> {
    text.as_deref().map(str::to_owned)
}

/// A row as the official results table holds it: all columns but its number.
fn columns(row: &CheckResult) -> Vec<Option<String>> {
    let passed = match row.judgement.verdict {
        Verdict::Pass => Some("1"),
        Verdict::Fail => Some("0"),
        Verdict::Blank => None,
    };
    let mut columns = vec![
        row.file_index.map(|index| index.to_string()),
        Some(row.check.index.to_string()),
        passed.map(str::to_owned),
        row.judgement.score.map(|score| format!("{score:?}")),
        Some(format!("<{}>", row.check.action)),
        own(&row.check.action_text),
        row.file_value.clone(),
        row.answer_value.clone(),
        own(&row.check.tag),
        own(&row.check.tag_ds),
        own(&row.check.tag_name),
    ];
    columns.extend(row.identity.iter().cloned());
    columns.push(row.check.codes.prev_cat_text());
    columns.extend(row.check.codes.leaves.iter().cloned());
    columns
}

fn golden_rows(case: &Case) -> Vec<Vec<Option<String>>> {
    let path = golden(case.suite).join("expected").join(case.name).join("validation_results.db");
    let connection = Connection::open(path).unwrap();
    let names = "CAST(file_index AS TEXT), check_index, CAST(check_passed AS TEXT), check_score, action, action_text, \
        file_value, answer_value, tag, tag_ds, tag_name, modality, class, patient, study, series, instance, prev_cat, \
        hipaa_z, hipaa_m, dicom_p15, dicom_iod, dicom_safe, tcia_ptkb, tcia_p15, tcia_rev";
    let mut statement =
        connection.prepare(&format!("SELECT {names} FROM validation_results ORDER BY \"index\"")).unwrap();
    let rows = statement.query_map([], |row| {
        (0..26)
            .map(|column| match column {
                3 => Ok(row.get::<_, Option<f64>>(3)?.map(|score| format!("{score:?}"))),
                column => row.get(column),
            })
            .collect::<Result<Vec<Option<String>>, _>>()
    });
    rows.unwrap().collect::<Result<_, _>>().unwrap()
}

fn cells(path: &Path) -> Vec<(String, Vec<Vec<String>>)> {
    let mut workbook: Xlsx<_> = open_workbook(path).unwrap();
    let names = workbook.sheet_names().to_vec();
    let sheet = |name: String| {
        let range = workbook.worksheet_range(&name).unwrap();
        let text = |cell: &Data| match cell {
            Data::Empty => String::new(),
            Data::Int(number) => number.to_string(),
            Data::Float(number) => number.to_string(),
            cell => cell.to_string(),
        };
        (name, range.rows().map(|row| row.iter().map(text).collect()).collect())
    };
    names.into_iter().map(sheet).collect()
}

#[test]
fn results_agree_on_all_135_rows_of_the_matrix_and_44_of_each_minimal_run() {
    let mut n_rows = 0;
    for case in CASES {
        let rows = run(case, 1).rows;
        let expected = golden_rows(case);
        for (at, (row, expected)) in rows.iter().zip(&expected).enumerate() {
            let pixel_text = expected[4].as_deref() == Some("<pixels_hidden>");
            let mut found = columns(row);
            if pixel_text {
                found[6] = expected[6].clone();
            }
            assert_eq!(&found, expected, "{}: row {at}", case.name);
        }
        assert_eq!(rows.len(), expected.len(), "{}: number of rows", case.name);
        n_rows += rows.len();
    }
    assert_eq!(n_rows, 2 * 135 + 3 * 44);
}

#[test]
fn the_flat_table_of_the_matrix_agrees_on_all_135_rows() {
    let rows = run(&CASES[0], 1).rows;
    let mut reader = csv::Reader::from_path(golden("matrix").join("expected/golden_matrix.csv")).unwrap();
    let expected: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().unwrap();
    assert_eq!(expected.len(), 135);
    for (row, expected) in rows.iter().zip(&expected) {
        let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
        let (passed, score) = (&columns(row)[2], &columns(row)[3]);
        let found = [
            text(row.check.tag_name.as_deref()),
            format!("<{}>", row.check.action),
            text(row.check.tag_ds.as_deref()),
            text(row.answer_value.as_deref()),
            text(row.check.action_text.as_deref()),
            text(row.file_value.as_deref()),
            text(passed.as_deref()),
            text(score.as_deref()),
            text(row.identity[5].as_deref()),
        ];
        assert_eq!(found.iter().map(String::as_str).collect::<Vec<_>>(), expected.iter().collect::<Vec<_>>());
    }
}

#[test]
fn scoring_workbooks_agree_in_every_cell_of_all_5_runs() {
    let folder = tempfile::tempdir().unwrap();
    for case in CASES {
        let name = format!("scoring_report_{}.xlsx", case.mode.as_str());
        let path = folder.path().join(&name);
        write_workbook(&totals(&run(case, 1).rows, case.mode), &path).unwrap();
        let expected = cells(&golden(case.suite).join("expected").join(case.name).join(&name));
        assert_eq!(cells(&path), expected, "{}", case.name);
    }
}

#[test]
fn checks_without_a_code_are_in_no_row_of_the_categories_and_not_in_their_total() {
    let passed = Tally { pass: 3, ..Tally::default() };
    let totals = Totals {
        all: Tally { fail: 2, ..passed },
        by_action: [("tag_retained", Tally { fail: 2, ..passed })].into(),
        by_category: Some([(("dicom".to_owned(), "DICOM-IOD-1".to_owned()), passed)].into()),
        ..Totals::default()
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scores.xlsx");
    write_workbook(&totals, &path).unwrap();
    let sheets = cells(&path);
    let (name, rows) = sheets.last().unwrap();
    assert_eq!(name, "Categories");
    assert_eq!(rows[0], ["", "category", "subcategory", "Pass", "Total"]);
    assert_eq!(rows[2], ["Total", "", "", "3", "3"]);
}

#[test]
fn discrepancy_reports_agree_byte_by_byte_in_all_10_files() {
    for case in CASES {
        let rows = run(case, 1).rows;
        for (audience, name) in [(Audience::Internal, "internal"), (Audience::Participant, "participant")] {
            let mut written = Vec::new();
            write_discrepancies(&rows, audience, &mut written).unwrap();
            let path =
                golden(case.suite).join("expected").join(case.name).join(format!("discrepancy_report_{name}.csv"));
            let expected = std::fs::read_to_string(path).unwrap();
            assert_eq!(String::from_utf8(written).unwrap(), expected, "{} {name}", case.name);
        }
    }
}

#[test]
fn a_failed_tag_check_without_a_code_is_of_the_family_dicom() {
    let mut rows = run(&CASES[0], 1).rows;
    rows.retain(|row| row.check.action == CheckAction::TagRetained && row.judgement.verdict == Verdict::Fail);
    rows.truncate(1);
    rows[0].check.codes = std::sync::Arc::default();
    let mut written = Vec::new();
    write_discrepancies(&rows, Audience::Participant, &mut written).unwrap();
    let mut reader = csv::Reader::from_reader(&*written);
    let record = reader.records().next().unwrap().unwrap();
    assert_eq!((&record[7], &record[9], &record[10]), ("<tag_retained>", "dicom", ""));
}

/// Every column of a results database as text, in order of index.
fn database_rows(path: &Path) -> Vec<Vec<Option<String>>> {
    let connection = Connection::open(path).unwrap();
    let mut statement = connection.prepare("SELECT * FROM validation_results ORDER BY \"index\"").unwrap();
    let n_columns = statement.column_count();
    let rows = statement.query_map([], |row| {
        (0..n_columns)
            .map(|column| {
                Ok(match row.get_ref(column)? {
                    ValueRef::Null => None,
                    ValueRef::Integer(number) => Some(number.to_string()),
                    ValueRef::Real(number) => Some(format!("{number:?}")),
                    ValueRef::Text(text) | ValueRef::Blob(text) => Some(String::from_utf8_lossy(text).into_owned()),
                })
            })
            .collect::<Result<Vec<_>, rusqlite::Error>>()
    });
    rows.unwrap().collect::<Result<_, _>>().unwrap()
}

fn declaration(path: &Path) -> String {
    let connection = Connection::open(path).unwrap();
    let sql: String = connection
        .query_row("SELECT sql FROM sqlite_master WHERE name = 'validation_results'", [], |row| row.get(0))
        .unwrap();
    sql.split(['"', ' ', ',', '(', ')', '\n', '\t']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

#[test]
fn results_databases_agree_in_every_column_of_all_5_runs() {
    let folder = tempfile::tempdir().unwrap();
    for case in CASES {
        let path = folder.path().join("validation_results.db");
        let mut database = ResultsDatabase::create(&path, false).unwrap();
        run(case, 1).rows.iter().for_each(|row| database.add(row).unwrap());
        database.finish().unwrap();
        let golden = golden(case.suite).join("expected").join(case.name).join("validation_results.db");
        assert_eq!(declaration(&path), declaration(&golden), "{}", case.name);
        let (mut found, mut expected) = (database_rows(&path), database_rows(&golden));
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter_mut().zip(&mut expected) {
            // What the official engine read in a box is not repeated here.
            if found[5].as_deref() == Some("<pixels_hidden>") {
                found[7] = None;
                expected[7] = None;
            }
        }
        assert_eq!(found, expected, "{}", case.name);
    }
}

#[test]
fn strict_objects_to_the_quirks_that_hide_leaks_and_to_nothing_that_keeps_none() {
    let inputs = Inputs::of(&CASES[0]);
    let mut objections = Vec::new();
    let settings = MidiSettings { rows: RowsKept::All, report: ReportMode::Instance, ..MidiSettings::default() };
    let results = score_into(&inputs.key, inputs.submission(None), settings, &mut |row| {
        if let Some(rule) = row.objection {
            assert!(row.passed(), "a rule objects to passes only");
            let name = row.check.tag_name.as_deref().unwrap_or_default();
            let quirk: String = name.chars().filter(|c| *c != '<').take_while(|c| c.is_alphanumeric()).collect();
            objections.push((quirk, rule));
        }
        Ok(())
    })
    .unwrap();
    let error = results.refuse_faults().unwrap_err().to_string();
    assert!(error.contains("--mode parity"), "{error}");
    insta::assert_debug_snapshot!(objections);
}

#[test]
fn shards_merge_to_the_score_that_is_made_at_once() {
    for case in CASES {
        let inputs = Inputs::of(case);
        let (key, submission) = (&inputs.key, inputs.submission(None));
        // Two processors make a batch of each file.
        let settings = MidiSettings { cpus: 2, report: case.mode, ..MidiSettings::default() };
        let whole = score(key, submission, settings).unwrap();
        for count in [1, 2, 3, 7] {
            // Through JSON, as between machines, and in the wrong order.
            let mut shards: Vec<Shard> = (1..=count)
                .map(|number| {
                    let shard = score_shard(key, submission, settings, ShardOf { number, count }).unwrap();
                    serde_json::from_str(&serde_json::to_string(&shard).unwrap()).unwrap()
                })
                .collect();
            shards.reverse();
            let (merged, _) = merge_shards(shards.clone()).unwrap();
            assert_eq!(merged, whole, "{} in {count} shards", case.name);
            if count > 1 {
                shards.pop();
                assert!(merge_shards(shards.clone()).is_err(), "one is missing");
                shards.push(shards[0].clone());
                assert!(merge_shards(shards).is_err(), "one is there twice");
            }
        }
    }
    assert!(merge_shards(Vec::new()).is_err());
}

#[test]
fn a_submission_beside_another_gets_the_totals_that_it_gets_alone() {
    for case in CASES {
        let inputs = Inputs::of(case);
        let key = &inputs.key;
        for (cpus, n_files) in [1, 2].into_iter().flat_map(|cpus| (0..=inputs.files.len()).map(move |n| (cpus, n))) {
            let settings = MidiSettings { cpus, report: case.mode, ..MidiSettings::default() };
            let (whole, fewer) = (inputs.submission(None), inputs.submission(None));
            // Rows of one batch of the one submission are in several of the other.
            let fewer = Submission { files: &inputs.files[..n_files], ..fewer };
            for (first, other) in [(whole, fewer), (fewer, whole)] {
                let expected = (score(key, first, settings).unwrap(), score(key, other, settings).unwrap());
                for count in [1, 2, 3] {
                    let shard =
                        |number| score_shard_beside(key, first, other, settings, ShardOf { number, count }).unwrap();
                    let (of_first, of_other) = (1..=count).map(shard).unzip();
                    let place = format!("{}, {cpus} processors, {n_files} files, {count} shards", case.name);
                    assert_eq!(merge_shards(of_first).unwrap().0, expected.0, "{place}");
                    let found = merge_shards(of_other).unwrap().0;
                    assert_eq!(found.totals.all, expected.1.totals.all, "{place}");
                    assert_eq!(found.totals.by_action, expected.1.totals.by_action, "{place}");
                    let sizes = |of: &MidiResults| (of.n_rows, of.n_missing_files, of.n_unread_pixels);
                    assert_eq!(sizes(&found), sizes(&expected.1), "{place}");
                    assert!(found.rows.is_empty() && found.strict.is_none() && found.empty.is_none());
                }
            }
        }
    }
}

#[test]
fn smaller_batches_change_exactly_the_two_verdicts_that_depend_on_a_neighbour() {
    let together = run(&CASES[0], 1).rows;
    let alone = run(&CASES[0], 2).rows;
    let changed: Vec<&str> = together
        .iter()
        .zip(&alone)
        .filter(|(before, after)| before.judgement != after.judgement)
        .map(|(_, after)| {
            assert_eq!(after.judgement.verdict, Verdict::Pass);
            after.check.tag_name.as_deref().unwrap().split([' ', ',']).next().unwrap()
        })
        .collect();
    assert_eq!(changed, ["<Q098", "<Q113"]);
}

/// The first file of the matrix as it is, and the second under a UID that the mapping does not know.
fn with_a_stranger() -> Inputs {
    let mut inputs = Inputs::of(&CASES[0]);
    inputs.files[1].sop_instance_uid = "2.25.4711".to_owned();
    inputs
}

#[test]
fn a_file_that_the_mapping_does_not_know_is_in_a_batch_and_in_no_row() {
    let inputs = with_a_stranger();
    let scored = |cpus, n_files| {
        let settings = MidiSettings { cpus, strict: false, rows: RowsKept::All, ..MidiSettings::default() };
        let submission = Submission { files: &inputs.files[..n_files], ..inputs.submission(None) };
        score(&inputs.key, submission, settings).unwrap()
    };
    let verdicts = |results: MidiResults| -> Vec<_> {
        let of_file = results.rows.into_iter().filter(|row| row.file_index.is_some());
        of_file.map(|row| (row.check.index, row.judgement, row.file_value)).collect()
    };
    let beside = scored(1, 2);
    // The key has a third instance, without a file.
    assert_eq!((beside.n_unknown_files, beside.n_missing_files), (1, 2));
    let known_beside: Vec<_> =
        run(&CASES[0], 1).rows.into_iter().filter(|row| row.identity[5].as_deref() == Some("<2.25.77002>")).collect();
    let beside = verdicts(beside);
    // With multiprocessing, the official scorer gives the same rows as where both files are known.
    assert_eq!(beside.len(), known_beside.len());
    for (found, known) in beside.iter().zip(known_beside) {
        assert_eq!(*found, (known.check.index, known.judgement, known.file_value));
    }
    let alone = verdicts(scored(1, 1));
    assert_eq!(alone, verdicts(scored(2, 2)));
    assert_eq!(beside.iter().zip(&alone).filter(|(beside, alone)| beside != alone).count(), 3);
}

#[test]
fn a_stranger_counts_in_a_submission_beside_another_too() {
    let (inputs, known) = (with_a_stranger(), Inputs::of(&CASES[0]));
    for cpus in [1, 2] {
        let settings = MidiSettings { cpus, ..MidiSettings::default() };
        let (first, other) = (known.submission(None), inputs.submission(None));
        let expected = score(&inputs.key, other, settings).unwrap();
        let (_, of_other) = score_shard_beside(&inputs.key, first, other, settings, ShardOf::WHOLE).unwrap();
        let found = merge_shards(vec![of_other]).unwrap().0;
        assert_eq!(found.totals.all, expected.totals.all, "{cpus} processors");
        assert_eq!(found.n_unknown_files, 1);
    }
}

#[test]
fn without_a_reader_pixel_checks_of_files_are_counted_apart() {
    let inputs = Inputs::of(&CASES[2]);
    let results = score(&inputs.key, inputs.submission(None), MidiSettings::default()).unwrap();
    assert_eq!((results.n_rows, results.n_unread_pixels), (43, 1));
    let strict = results.strict.unwrap();
    assert_eq!((strict.totals.all.total(), strict.totals.all.blank), (44, 1));
    assert_eq!(strict.objections, [(StrictRule::PixelsUnread, 1)].into());
}

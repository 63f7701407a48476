use super::*;

/// A fixed run of four records, as the fixture was made from.
fn fixture_records() -> Vec<JournalRecord> {
    let record = |kind, step, seconds, values: &[(&str, f64)]| JournalRecord {
        format_version: 1,
        kind,
        step,
        epoch: step / 300,
        unix_seconds: 1_700_000_000.25 + seconds,
        values: values.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect(),
    };
    vec![
        record(RecordKind::Step, 1, 0.0, &[("loss", 3.25), ("learning_rate", 5e-5), ("tokens", 4096.0)]),
        record(RecordKind::Step, 300, 1.5, &[("loss", 0.1), ("learning_rate", 4.9e-5), ("tokens", 4000.0)]),
        record(RecordKind::Evaluation, 300, 2.0, &[("entity_recall", 0.987_654_321), ("größe", -1.0)]),
        record(RecordKind::Step, 70_000, 9.0, &[("loss", 1e-9)]),
    ]
}

fn written(records: &[JournalRecord]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let mut journal = Journal::begin(folder.path()).expect("the folder is empty");
    records.iter().for_each(|record| journal.add(record).expect("it can be added"));
    folder
}

fn bytes(folder: &Path, name: &str) -> Vec<u8> {
    fs::read(folder.join(name)).expect("it was written")
}

#[test]
fn lines_come_back_as_they_were_added() {
    let folder = written(&fixture_records());
    assert_eq!(records(folder.path()).expect("they can be read"), fixture_records());
}

#[test]
fn a_resumed_run_writes_the_bytes_of_one_that_was_never_stopped() {
    let all = fixture_records();
    let whole = written(&all);
    for (n_written, n_steps, n_kept) in [(4, 300, 3), (4, 1, 1), (3, 70_000, 3), (2, 300, 2), (4, 0, 0)] {
        let folder = written(&all[..n_written]);
        let torn = &bytes(whole.path(), METRICS_FILE)[..25];
        OpenOptions::new()
            .append(true)
            .open(folder.path().join(METRICS_FILE))
            .and_then(|mut file| file.write_all(torn))
            .expect("half a line is added");
        fs::write(folder.path().join(EVENTS_FILE), "torn").expect("the events are spoilt");
        let mut journal = Journal::resume(folder.path(), n_steps).expect("it can be resumed");
        assert_eq!(records(folder.path()).expect("they can be read").len(), n_kept);
        all[n_kept..].iter().for_each(|record| journal.add(record).expect("it can be added"));
        assert_eq!(bytes(folder.path(), METRICS_FILE), bytes(whole.path(), METRICS_FILE));
        assert_eq!(bytes(folder.path(), EVENTS_FILE), bytes(whole.path(), EVENTS_FILE));
    }
}

#[test]
fn no_step_stands_there_twice() {
    let all = fixture_records();
    let folder = written(&all[..3]);
    let mut journal = Journal::resume(folder.path(), 300).expect("it can be resumed");
    for record in &all[..3] {
        let error = journal.add(record).expect_err("it stands there");
        assert!(matches!(error, JournalError::Backwards { last: 300, .. }), "{error}");
    }
    journal.add(&all[3]).expect("it is newer");
    assert!(matches!(Journal::begin(folder.path()), Err(JournalError::Exists { .. })));
}

#[test]
fn what_is_not_finite_is_refused_by_name() {
    let folder = written(&[]);
    let mut journal = Journal::resume(folder.path(), 0).expect("it can be resumed");
    let mut record = fixture_records().remove(0);
    record.values.insert("loss".to_owned(), f64::NAN);
    let error = journal.add(&record).expect_err("it is not a number").to_string();
    assert_eq!(error, "note `loss` of step 1: it is not finite");
    assert!(records(folder.path()).expect("they can be read").is_empty());
}

#[test]
fn a_spoilt_line_within_is_named() {
    let folder = written(&fixture_records()[..1]);
    let path = folder.path().join(METRICS_FILE);
    let text = fs::read_to_string(&path).expect("it is there");
    fs::write(&path, format!("{text}nonsense\n{text}")).expect("it can be written");
    let error = Journal::resume(folder.path(), 9).expect_err("line 2 is no record").to_string();
    assert!(error.contains("line 2") && error.contains("remove that line"), "{error}");
}

/// What `tensorboard` 2.21 reads from the file that the fixture's records give; `read-events.py`
/// beside it prints it.
#[test]
fn the_reader_of_tensorboard_reads_what_was_noted() {
    let folder = written(&fixture_records());
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/journal");
    let file = bytes(folder.path(), EVENTS_FILE);
    assert_eq!(file, fs::read(fixture.join(EVENTS_FILE)).expect("the fixture is there"), "the fixture is this file");
    let text = fs::read(fixture.join("read-by-tensorboard.json")).expect("it is there");
    let read: Vec<ReadEvent> = serde_json::from_slice(&text).expect("it is of this form");
    assert_eq!((read[0].file_version.as_str(), read[0].wall_time), ("brain.Event:2", 1_700_000_000.25));
    let noted = fixture_records();
    assert_eq!(read.len(), 1 + noted.len());
    for (event, record) in read[1..].iter().zip(&noted) {
        let kind = record.kind.as_str();
        let values = record.values.iter().map(|(name, value)| (format!("{kind}/{name}"), *value as f32)).collect();
        assert_eq!((event.step, event.wall_time, &event.values), (record.step, record.unix_seconds, &values));
    }
}

/// An event as the fixture has it.
#[derive(Deserialize)]
struct ReadEvent {
    wall_time: f64,
    step: u64,
    file_version: String,
    values: BTreeMap<String, f32>,
}

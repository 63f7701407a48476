//! `efface ner` with the released model, as a shell sees it.

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const EFFACE: &str = env!("CARGO_BIN_EXE_efface");

const LINES: &str = r#"{"id": 1, "text": "told Mrs. Anderson on 3 May 2019", "attribute": "StudyComments", "vr": "LT"}
{"id": 2, "text": "axial T2"}
"#;

const GOLD: &str = r#"{"id": 1, "text": "told Mrs. Anderson on 3 May 2019", "spans": [{"start": 10, "end": 18, "label": "NAME"}]}
{"id": 2, "text": "axial T2", "spans": []}
"#;

fn model() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/ner-minilm")
}

/// A folder with strings.
fn lab() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("strings.jsonl"), LINES).expect("written");
    folder
}

/// The exit code, standard output and standard error.
fn ner(folder: &Path, model: &Path, arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(EFFACE);
    command.current_dir(folder).arg("ner").arg("strings.jsonl").arg("--model").arg(model).args(arguments);
    let output = command.output().expect("the program starts");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (output.status.code().expect("it ended by itself"), text(output.stdout), text(output.stderr))
}

fn spans(stdout: &str) -> Vec<Value> {
    let line = stdout.lines().next().expect("an answer");
    let answer: Value = serde_json::from_str(line).expect("JSON");
    answer["spans"].as_array().expect("spans").clone()
}

#[test]
fn passes_add_figures_and_change_no_span() {
    let folder = lab();
    let read = |arguments: &[&str]| {
        let (code, stdout, stderr) = ner(folder.path(), &model(), arguments);
        assert_eq!(code, 0, "{stderr}");
        stdout
    };
    let (plain, several) = (read(&[]), read(&["--passes", "5", "--seed", "7"]));
    assert_eq!(several, read(&["--passes", "5", "--seed", "7"]), "the same seed gives the same bytes");
    assert_ne!(several, read(&["--passes", "5", "--seed", "8"]));
    let stripped: Vec<Value> = spans(&several)
        .into_iter()
        .map(|mut span| {
            let fields = span.as_object_mut().expect("an object");
            let mean = fields.remove("mean_probability").and_then(|value| value.as_f64()).expect("a mean");
            let information = fields.remove("mutual_information").and_then(|value| value.as_f64()).expect("nats");
            assert!(mean > 0.0 && mean <= 1.0 && information > 0.0, "{mean} {information}");
            span
        })
        .collect();
    assert!(stripped.len() >= 2, "{several}");
    assert_eq!(stripped, spans(&plain));

    // Both kinds of answers are scored alike, and the record says by which files.
    let scored = |answers: &str| {
        fs::write(folder.path().join("answers.jsonl"), answers).expect("written");
        let mut command = Command::new(EFFACE);
        command.current_dir(folder.path()).args(["measure", "ner", "gold.jsonl", "answers.jsonl", "--json"]);
        let output = command.output().expect("the program starts");
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        let mut metrics: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let files = metrics.as_object_mut().expect("a record").remove("measured_files").expect("hashes");
        assert_eq!(files["gold_sha256"], efface_schema::sha256_hex(GOLD.as_bytes()).to_string());
        assert_eq!(files["predictions_sha256"], efface_schema::sha256_hex(answers.as_bytes()).to_string());
        metrics
    };
    fs::write(folder.path().join("gold.jsonl"), GOLD).expect("written");
    let metrics = scored(&plain);
    assert_eq!(metrics["n_texts"], 2);
    assert_eq!(scored(&several), metrics);
}

#[test]
fn a_model_without_dropout_takes_no_passes() {
    let folder = lab();
    let still = folder.path().join("model");
    fs::create_dir(&still).expect("a folder");
    for entry in fs::read_dir(model()).expect("a model") {
        let entry = entry.expect("a file");
        fs::copy(entry.path(), still.join(entry.file_name())).expect("copied");
    }
    let config = fs::read(still.join("config.json")).expect("a configuration");
    let mut value: Value = serde_json::from_slice(&config).expect("JSON");
    value["hidden_dropout_prob"] = 0.into();
    let changed = serde_json::to_vec(&value).expect("JSON");
    fs::write(still.join("config.json"), &changed).expect("written");
    let digests = fs::read_to_string(still.join("SHA256SUMS")).expect("digests");
    let [old, new] = [&config, &changed].map(|bytes| efface_schema::sha256_hex(bytes));
    fs::write(still.join("SHA256SUMS"), digests.replace(old.as_str(), new.as_str())).expect("written");
    let (code, stdout, stderr) = ner(folder.path(), &still, &["--passes", "2"]);
    assert_eq!((code, stdout.as_str()), (2, ""));
    assert!(stderr.contains("trained without dropout"), "{stderr}");
    assert_eq!(ner(folder.path(), &still, &[]).0, 0, "it reads without passes");
}

#[test]
fn logits_are_written_for_whole_texts_only() {
    let folder = lab();
    let (code, stdout, stderr) = ner(folder.path(), &model(), &["--logits", "logits.json"]);
    assert_eq!((code, stdout.as_str()), (0, "logits.json\n"), "{stderr}");
    let bytes = fs::read(folder.path().join("logits.json")).expect("written");
    let logits: Value = serde_json::from_slice(&bytes).expect("JSON");
    let rows = |key: &str| logits[key].as_array().expect("rows").clone();
    let (ids, mask, scores) = (rows("input_ids"), rows("attention_mask"), rows("logits"));
    assert_eq!([ids.len(), mask.len(), scores.len(), rows("texts").len()], [2; 4]);
    let lengths = |rows: &[Value]| rows.iter().map(|row| row.as_array().expect("a row").len()).collect::<Vec<_>>();
    assert_eq!(lengths(&ids), lengths(&mask));
    assert_eq!(lengths(&ids), lengths(&scores));
    assert!(mask[1].as_array().expect("a row").contains(&0.into()), "the short one is filled up");

    let long = format!(r#"{{"id": 1, "text": "{}"}}"#, "seen by nobody ".repeat(200));
    fs::write(folder.path().join("strings.jsonl"), long).expect("written");
    let (code, _, stderr) = ner(folder.path(), &model(), &["--logits", "other.json"]);
    assert!(code == 1 && stderr.contains("at once") && !stderr.contains("nobody"), "{stderr}");
    assert!(!folder.path().join("other.json").exists());
}

//! `efface report` and `efface verify` on a run from end to end: what was measured on what, and of which run it is.

mod lab;

use lab::Lab;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

impl Lab {
    /// A suite of two patients, de-identified without its pixels and scored with a requirement.
    fn new() -> Self {
        let lab = Self::empty();
        fs::write(lab.path("suite.toml"), "name = \"tiny\"\nstudies-max = 1\n").expect("a file");
        fs::write(lab.path("key"), [7; 32]).expect("a key");
        fs::write(lab.path("required.toml"), "[recall]\nmin = 0.1\n").expect("a file");
        lab.succeeds("synth suite.toml suite --patients 2 --seed 5");
        let (code, _, said) =
            lab.efface("deid suite/dicom out --run run --key key --metadata-only --ner none --crosswalk");
        assert!(matches!(code, 0 | 3), "{said}");
        lab.succeeds(
            "eval out --suite suite --run run --report report --require required.toml --judged judged.jsonl --no-pixel-text",
        );
        lab
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("a file of text")
    }

    #[track_caller]
    fn succeeds(&self, arguments: &str) -> String {
        let (code, said, complaints) = self.efface(arguments);
        assert_eq!(code, 0, "{arguments}: {complaints}");
        said
    }

    #[track_caller]
    fn is_refused(&self, arguments: &str, code: i32, words: &str) {
        let (found, said, complaints) = self.efface(arguments);
        assert_eq!(found, code, "{arguments}: {said} {complaints}");
        assert!((said.clone() + &complaints).contains(words), "no “{words}” in {said} {complaints}");
    }
}

#[track_caller]
fn says(text: &str, words: &[&str]) {
    words.iter().for_each(|words| assert!(text.contains(words), "no “{words}” in {text}"));
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

/// Every value that was planted and can be told from chance.
fn planted(lab: &Lab) -> BTreeSet<String> {
    let mut values = BTreeSet::new();
    for line in lab.text("suite/truth.jsonl").lines() {
        let record: serde_json::Value = serde_json::from_str(line).expect("JSON");
        for planted in record["planted"].as_array().expect("planted values") {
            values.insert(planted["value"].as_str().expect("a value").to_owned());
        }
    }
    values.retain(|value| value.chars().count() >= 8);
    values
}

#[test]
fn a_report_tells_what_was_measured_on_what_and_no_value() {
    let lab = Lab::new();
    let page = lab.text("report/report.html");
    says(
        &page,
        &[
            "Synthetic suite tiny",
            "from seed 5.",
            "2 patients",
            "Instances by modality",
            "tcia (SHA-256 ",
            "clean descriptors",
            "Pixels were left alone.",
            "none was asked: rules alone",
            "The scored files are the results of this run, all and unchanged",
            "By its card, this is not in the dataset: Full-face photographs",
            "How far the probabilities of decisions can be trusted was not measured.",
            "All 1 requirements kept",
        ],
    );
    assert_eq!(lab.text("report/dataset_card.md"), lab.text("suite/card.md"));
    let values = planted(&lab);
    assert!(values.len() > 50, "{}", values.len());
    for path in files(&lab.path("report")) {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if name.starts_with("discrepancy_report") || name.ends_with(".xlsx") || name.ends_with(".parquet") {
            continue;
        }
        let text = fs::read_to_string(&path).expect("text");
        for value in &values {
            assert!(!text.contains(value.as_str()), "a planted value stands in {name}");
        }
    }
    // A result that was changed since the run wrote it.
    let result = files(&lab.path("out")).into_iter().next().expect("a result");
    let mut bytes = fs::read(&result).expect("a file");
    bytes[0] = 1;
    fs::write(&result, bytes).expect("a file");
    lab.succeeds("eval out --suite suite --run run --report changed --no-pixel-text");
    says(
        &lab.text("changed/report.html"),
        &["The scored files are NOT the results of this run", "Nothing was required"],
    );
}

#[test]
fn calibration_and_speed_are_shown_with_their_run_or_refused() {
    let lab = Lab::new();
    lab.succeeds("measure calibration judged.jsonl --resamples 100 --report report");
    says(&lab.text("report/report.html"), &["Of this run: the rows have the hash of the judged decisions"]);
    let timed = "measure throughput suite --metadata-only --ner none --repeats 1 --report";
    lab.succeeds(&format!("{timed} report"));
    says(&lab.text("report/report.html"), &["Timed with the program, the settings and the input files of this run"]);

    // Rows of something else, such as half of these.
    let rows = lab.text("judged.jsonl");
    let half: String = rows.lines().step_by(2).map(|line| format!("{line}\n")).collect();
    fs::write(lab.path("half.jsonl"), half).expect("a file");
    lab.is_refused(
        "measure calibration half.jsonl --resamples 100 --report report",
        2,
        "calibration.json of the report folder: it was measured on other rows",
    );
    for command in ["report page report", "compare report report", "report release 1 --evidence a=report"] {
        lab.is_refused(command, 2, "other rows");
    }
    fs::remove_file(lab.path("report/calibration.json")).expect("a file");
    lab.succeeds("report page report");

    // Another policy, and the same policy on other files.
    lab.is_refused(&format!("{timed} report --policy basic"), 2, "other settings were timed");
    fs::remove_file(lab.path("report/throughput.json")).expect("a file");
    let one = files(&lab.path("suite/dicom")).into_iter().next().expect("an original");
    fs::create_dir(lab.path("few")).expect("a folder");
    fs::copy(one, lab.path("few/one.dcm")).expect("a file");
    lab.succeeds("measure throughput few --metadata-only --ner none --repeats 1 --report report");
    says(&lab.text("report/report.html"), &["on OTHER files", "The speed is INVALID"]);

    // A record that says nothing of its rows, as earlier versions wrote it.
    lab.succeeds("measure calibration judged.jsonl --resamples 100 --report apart");
    let record = lab.text("apart/calibration.json");
    let anonymous: String = record.lines().filter(|line| !line.contains("rows_sha256")).collect();
    fs::write(lab.path("report/calibration.json"), anonymous).expect("a file");
    lab.succeeds("report page report");
    says(&lab.text("report/report.html"), &["NOT known to be of this run", "is not known to be of this run"]);
}

#[test]
fn a_release_is_proven_unchanged_or_ends_with_20() {
    let lab = Lab::new();
    lab.succeeds("compare report report --report comparison");
    let said = lab.succeeds("report release 1.0 --evidence tiny=report --evidence comparison=comparison");
    says(&said, &["left out  tiny/discrepancy_report_internal.csv", "manifest SHA-256: "]);
    says(
        &lab.text("reports/1.0/index.html").replace("&#x2f;", "/"),
        &["All 1 requirements kept", "Synthetic suite tiny", "href=\"comparison/comparison.html\""],
    );
    let hash = said.rsplit_once("SHA-256: ").expect("a hash").1.trim();
    says(&lab.succeeds("verify reports/1.0"), &["unchanged", hash]);
    lab.succeeds(&format!("verify reports/1.0 --manifest-sha256 {hash}"));
    lab.is_refused(&format!("verify reports/1.0 --manifest-sha256 {}", "0".repeat(64)), 20, "whose hash was given");
    lab.is_refused("report release 1.0 --evidence tiny=report", 2, "never written over");

    let page = lab.path("reports/1.0/tiny/report.html");
    let bytes = fs::read(&page).expect("a page");
    let mut flipped = bytes.clone();
    flipped[100] ^= 1;
    fs::write(&page, flipped).expect("a file");
    lab.is_refused("verify reports/1.0", 20, "changed   tiny/report.html");
    fs::remove_file(&page).expect("a file");
    lab.is_refused("verify reports/1.0", 20, "missing   tiny/report.html");
    fs::write(&page, bytes).expect("a file");
    fs::write(lab.path("reports/1.0/tiny/added"), "").expect("a file");
    lab.is_refused("verify reports/1.0", 20, "unlisted  tiny/added");
}

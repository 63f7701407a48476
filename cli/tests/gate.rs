//! `efface compare --gate` as a shell and CI see it: the tables for what is measured beside an evaluation.

mod lab;

use lab::Lab;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// Decisions of four patients: those of probability 0.9 are right in nine of ten cases.
const HONEST: u32 = 9;
/// As sure, and right in five of ten.
const BOASTFUL: u32 = 5;

impl Lab {
    /// Two report folders with the committed evaluation of the smoke suite, and nothing measured beside it.
    fn new() -> Self {
        let lab = Self::empty();
        let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../reports/baseline/smoke");
        for folder in ["base", "new"] {
            fs::create_dir(lab.path(folder)).expect("a folder");
            fs::copy(committed.join("cases.csv"), lab.path(folder).join("cases.csv"))
                .expect("the committed evaluation");
            let metrics = fs::read_to_string(committed.join("metrics.json")).expect("the committed evaluation");
            let mut metrics: Value = serde_json::from_str(&metrics).expect("JSON");
            // The committed calibration is of the decisions of this run; those that the tests measure are of none.
            metrics["measured_on"].as_object_mut().expect("what it is of").remove("judged_sha256");
            fs::write(lab.path(folder).join("metrics.json"), metrics.to_string()).expect("a file");
        }
        lab
    }

    /// Measures the calibration of decisions of which so many in ten are right, into a report folder.
    fn calibrate(&self, folder: &str, right_in_ten: u32) {
        let row = |at: u32| {
            let (patient, correct) = (at % 4, at / 4 % 10 < right_in_ten);
            format!("{{\"probability\": 0.9, \"correct\": {correct}, \"cluster\": \"{patient}\"}}\n")
        };
        fs::write(self.path("rows.jsonl"), (0..200).map(row).collect::<String>()).expect("a file");
        let (code, _, complaints) =
            self.efface(&format!("measure calibration rows.jsonl --resamples 100 --report {folder}"));
        assert_eq!(code, 0, "{complaints}");
    }

    /// Writes a measurement of speed into a report folder.
    fn time(&self, folder: &str, files_per_second: f64, changed: &[(&str, Value)]) {
        let row = json!({
            "n_threads": 1, "n_runs": 3, "wall_s": 20.0, "files_per_second": files_per_second,
            "megabytes_per_second": 1.0, "cpu_seconds_per_file": 0.1, "variation": 0.01, "speedup": 1.0,
        });
        let mut record = json!({
            "format_version": 2, "platform": "linux x86_64", "machine_sha256": "ab".repeat(32), "n_processors": 2,
            "n_files": 10, "n_bytes": 100, "faults": [], "scaling": [row], "runs": [], "stages": [],
        });
        changed.iter().for_each(|(key, value)| record[*key] = value.clone());
        fs::write(self.path(folder).join("throughput.json"), record.to_string()).expect("a file");
    }

    /// The exit code of a gate, what it complains of, and the comparison.
    fn gate(&self, gate: &str) -> (i32, String, Value) {
        fs::write(self.path("gate.toml"), gate).expect("a file");
        let (code, said, complaints) = self.efface("compare base new --gate gate.toml --report out --json");
        let comparison: Value = serde_json::from_str(&said).unwrap_or_else(|_| panic!("{said} {complaints}"));
        let junit = fs::read_to_string(self.path("out/junit.xml")).expect("a gate writes JUnit XML");
        assert_eq!(junit.contains("<failure"), code == 20, "{junit}");
        (code, complaints, comparison)
    }
}

#[test]
fn a_calibration_that_became_worse_ends_with_20() {
    let lab = Lab::new();
    const GATE: &str = "[calibration]\nmax = 0.1\nmax_rise = 0.001\n";
    let (code, complaints, _) = lab.gate(GATE);
    assert_eq!(code, 20, "nothing was measured");
    assert!(complaints.contains("expected calibration error") && complaints.contains("not measured"), "{complaints}");

    lab.calibrate("base", HONEST);
    lab.calibrate("new", HONEST);
    let (code, complaints, comparison) = lab.gate(GATE);
    assert_eq!((code, complaints.as_str()), (0, ""));
    assert_eq!(comparison["gate"].as_array().map(Vec::len), Some(2));
    let error = comparison["calibration"]["new"].as_f64().expect("it was measured");
    assert!(error < 0.02, "{error}");

    lab.calibrate("new", BOASTFUL);
    let (code, complaints, _) = lab.gate(GATE);
    assert_eq!(code, 20);
    assert!(complaints.contains("at most 0.1:") && complaints.contains("0.001 above the base"), "{complaints}");
    assert_eq!(lab.gate("[calibration]\nmax = 0.5\n").0, 0, "another threshold, which it keeps");
    assert_eq!(lab.gate("[calibration]\nmax_rise = 0.3\n").0, 20);
    assert_eq!(lab.gate("[calibration]\nmax_rise = 0.5\n").0, 0);
}

#[test]
fn a_speed_that_fell_or_cannot_be_compared_ends_with_20() {
    let lab = Lab::new();
    const GATE: &str = "[throughput]\nmin_ratio = 0.9\n";
    assert_eq!(lab.gate(GATE).0, 20, "nothing was measured");
    lab.time("base", 100.0, &[]);
    assert_eq!(lab.gate(GATE).0, 20, "the new one was not measured");
    lab.time("new", 95.0, &[]);
    let (code, complaints, comparison) = lab.gate(GATE);
    assert_eq!((code, complaints.as_str()), (0, ""));
    assert!(comparison["throughput"]["ratio"].as_f64().is_some_and(|ratio| (ratio - 0.95).abs() < 1e-12));
    lab.time("new", 80.0, &[]);
    let (code, complaints, _) = lab.gate(GATE);
    assert!(code == 20 && complaints.contains("0.800 times"), "{complaints}");
    for (key, value, word) in [
        ("machine_sha256", json!("cd".repeat(32)), "same machine"),
        ("faults", json!(["1 run is too short"]), "INVALID"),
        ("n_files", json!(11), "same files"),
    ] {
        lab.time("new", 200.0, &[(key, value)]);
        let (code, complaints, _) = lab.gate(GATE);
        assert!(code == 20 && complaints.contains(word), "{key}: {complaints}");
    }
}

#[test]
fn the_committed_gate_asks_for_calibration_and_not_for_speed() {
    let lab = Lab::new();
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let gate = fs::read_to_string(committed.join("datasets/gate.toml")).expect("the committed gate");
    let calibration = committed.join("reports/baseline/smoke/calibration.json");
    let (code, complaints, _) = lab.gate(&gate);
    assert!(code == 20 && complaints.contains("calibration") && !complaints.contains("files a second"), "{complaints}");
    for folder in ["base", "new"] {
        fs::copy(&calibration, lab.path(folder).join("calibration.json")).expect("the committed calibration");
    }
    assert_eq!(lab.gate(&gate).0, 0, "an evaluation keeps what it is compared with itself for");
    lab.calibrate("new", BOASTFUL);
    assert_eq!(lab.gate(&gate).0, 20);
}

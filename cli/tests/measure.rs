//! `efface measure` as a shell sees it.

mod lab;

use lab::Lab;
use serde_json::Value;
use std::fs;

const GOLD: &str = r#"{"id": 1, "text": "Seen by Janedotte", "spans": [{"start": 8, "end": 17, "label": "NAME"}], "patient": "Janedotte"}
{"id": 2, "text": "Axial 3 mm", "spans": [], "patient": 2}
"#;
const FOUND: &str = r#"{"id": 1, "spans": [{"start": 8, "end": 17, "label": "NAME", "probability": 0.9}]}
{"id": 2, "spans": []}
"#;
const COCO: &str = r#"{"categories": [{"id": 1, "name": "phi_word"}],
"images": [{"id": 1, "width": 40, "height": 20, "file_name": "JANEDOTTE/a.dcm"}, {"id": 2, "width": 40, "height": 20, "file_name": "P1/b.dcm"}],
"annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [5, 5, 10, 4], "area": 40, "iscrowd": 0}]}"#;
const BOXES: &str = r#"[{"image_id": 1, "category_id": 1, "bbox": [5, 5, 10, 4], "score": 0.9}]"#;
const ROWS: &str = r#"{"probability": 0.9, "correct": true, "cluster": "a", "kind": "token"}
{"probability": 0.6, "correct": false, "cluster": "b", "kind": "box"}
{"probability": 0.7, "correct": true, "cluster": "b", "kind": "box"}
"#;
const TIMES: &str = r#"{"stage": "read", "modality": "CT", "seconds": 0.002, "bytes": 526336}
"#;

impl Lab {
    fn new() -> Self {
        let lab = Self::empty();
        for (name, text) in [
            ("gold.jsonl", GOLD),
            ("found.jsonl", FOUND),
            ("coco.json", COCO),
            ("boxes.json", BOXES),
            ("rows.jsonl", ROWS),
            ("times.jsonl", TIMES),
            ("empty", ""),
        ] {
            fs::write(lab.path(name), text).expect("a file");
        }
        lab
    }

    /// Makes a small suite.
    fn synthesize(&self) {
        fs::write(self.path("suite.toml"), "name = \"tiny\"\nstudies-max = 1\n").expect("a file");
        let (code, _, complaints) = self.efface("synth suite.toml suite --patients 2 --seed 5");
        assert_eq!(code, 0, "{complaints}");
    }

    /// Exit code, standard output and standard error of `efface measure`.
    fn measure(&self, arguments: &str) -> (i32, String, String) {
        let ended = self.efface(&format!("measure {arguments}"));
        for said in [&ended.1, &ended.2] {
            assert!(!said.to_lowercase().contains("janedotte"), "{arguments}: {said}");
        }
        ended
    }
}

#[test]
fn every_measurement_has_help_with_an_example() {
    let lab = Lab::new();
    for (what, words) in [
        ("", vec!["ner", "detector", "calibration", "throughput"]),
        ("ner", vec!["<GOLD>", "<PREDICTIONS>", "\"spans\"", "nervaluate", "seqeval", "--report", "--json"]),
        ("detector", vec!["<GOLD>", "bbox", "pycocotools", "--phi-category", "--least-cover", "0.95"]),
        ("calibration", vec!["<ROWS>", "\"cluster\"", "--resamples", "--seed", "--review", "--bins"]),
        ("throughput", vec!["[SUITE]", "--threads", "--repeats", "INVALID", "--rows", "--stages", "10 s"]),
    ] {
        let (code, said, complaints) = lab.measure(&format!("{what} --help"));
        assert_eq!((code, complaints.as_str()), (0, ""), "{what}");
        for word in words {
            assert!(said.contains(word), "{what}: no {word} in {said}");
        }
    }
}

#[test]
fn figures_are_printed_and_written_with_their_plots() {
    let lab = Lab::new();
    for (arguments, version, words, files) in [
        (
            "ner gold.jsonl found.jsonl",
            4,
            vec!["100.00 %", "9 of 9", "strict", "weighted", "1.0000"],
            vec!["ner.json", "ner.html", "calibration.jsonl"],
        ),
        (
            "detector coco.json boxes.json",
            4,
            vec!["AP50", "100.00 %", "phi_word: AP", "score from"],
            vec!["detector.json", "detector.html", "hiding.svg", "calibration.jsonl"],
        ),
        (
            "calibration rows.jsonl --resamples 100",
            3,
            vec!["Brier score", "kind box", "debiased", "sent to review"],
            vec!["calibration.json", "calibration.html", "reliability.svg", "review.svg", "risk-coverage.svg"],
        ),
        (
            "throughput --rows times.jsonl",
            3,
            vec!["INVALID: answers", "read", "CT", "2.00"],
            vec!["throughput.json", "throughput.html"],
        ),
    ] {
        let (code, said, complaints) = lab.measure(&format!("{arguments} --report report"));
        assert_eq!((code, complaints.as_str()), (0, ""), "{arguments}");
        for word in words {
            assert!(said.contains(word), "{arguments}: no {word} in {said}");
        }
        for file in files {
            let text = fs::read_to_string(lab.path("report").join(file)).expect(file);
            assert!(!text.to_lowercase().contains("janedotte") && !text.contains("NaN"), "{file}");
        }
        if lab.path("report/calibration.jsonl").exists() {
            let (code, said, complaints) = lab.measure("calibration report/calibration.jsonl --resamples 100");
            assert!(code == 0 && said.contains("0.9000"), "{arguments}: {said} {complaints}");
            fs::remove_file(lab.path("report/calibration.jsonl")).expect("it is there");
        }
        let (code, said, _) = lab.measure(&format!("{arguments} --json"));
        let metrics: Value = serde_json::from_str(&said).expect("JSON and nothing else");
        if let Some(files) = metrics.get("measured_files") {
            let [_, gold, predictions] = arguments.split(' ').collect::<Vec<_>>()[..] else { panic!("two files") };
            for (hash, file) in [("gold_sha256", gold), ("predictions_sha256", predictions)] {
                let bytes = fs::read(lab.path(file)).expect(file);
                assert_eq!(files[hash], efface_schema::sha256_hex(&bytes).to_string(), "{file}");
            }
        }
        assert_eq!(metrics.get("measured_files").is_some(), version == 4, "{arguments}");
        assert_eq!((code, &metrics["format_version"]), (0, &Value::from(version)), "{arguments}");
    }
}

#[test]
fn the_pages_hold_the_figures_and_need_nothing_else() {
    let lab = Lab::new();
    for (arguments, name, words) in [
        (
            "ner gold.jsonl found.jsonl",
            "ner",
            vec!["Entity recognition", "9 of 9", "100.00 %", "PHI characters found", "macro, lenient", "Limits"],
        ),
        (
            "detector coco.json boxes.json",
            "detector",
            vec![
                "PHI words hidden",
                "AR, 100 boxes an image",
                "AP, boxes up to 32² pixels",
                "not measured",
                "<title>What the boxes hide",
            ],
        ),
        (
            "calibration rows.jsonl --resamples 100",
            "calibration",
            vec![
                "Expected error",
                "All figures of kind box",
                "<title>Reliability of box",
                "<title>Reliability of all decisions",
                "<title>Risk and coverage",
                "100 draws",
                "seed 0",
            ],
        ),
        (
            "throughput --rows times.jsonl",
            "throughput",
            vec!["INVALID: these figures prove nothing", "not measured", "too few", "p99 ms", "read", "2.00"],
        ),
    ] {
        let (code, _, complaints) = lab.measure(&format!("{arguments} --report report"));
        assert_eq!(code, 0, "{complaints}");
        let page = fs::read_to_string(lab.path("report").join(format!("{name}.html"))).expect("a page");
        for word in words {
            assert!(page.contains(word), "{name}: no {word} in {page}");
        }
        assert!(
            page.starts_with("<!doctype html>") && page.contains("<html lang=\"en\">") && page.contains("@media print")
        );
        for elsewhere in ["<script", "<link", "src=", "@import", "url(", "https://"] {
            assert!(!page.contains(elsewhere), "{name}: {elsewhere}");
        }
        // Every table names its columns and its rows, and every link of the contents leads somewhere.
        let n = |word: &str| page.matches(word).count();
        assert!(
            n("<table>") > 0 && n("<table>") == n("<caption>") && n("<th scope=\"row\">") > n("<table>") - 1,
            "{name}"
        );
        for link in page.split("<a href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(page.contains(&format!("id=\"{link}\"")), "{name}: {link} leads nowhere");
        }
    }
}

#[test]
fn what_is_refused_is_named_by_file_line_and_key() {
    let lab = Lab::new();
    fs::write(lab.path("twice.jsonl"), [FOUND, FOUND].concat()).expect("a file");
    fs::write(lab.path("few.jsonl"), FOUND.lines().next().expect("a line")).expect("a file");
    fs::write(lab.path("other-image.json"), BOXES.replace("\"image_id\": 1", "\"image_id\": 7")).expect("a file");
    fs::write(lab.path("sure.jsonl"), ROWS.replace("0.6", "60")).expect("a file");
    fs::write(lab.path("label.jsonl"), FOUND.replace("NAME", "JANEDOTTE")).expect("a file");
    for (arguments, words) in [
        ("ner nowhere found.jsonl", vec!["gold"]),
        ("ner empty found.jsonl", vec!["gold", "empty"]),
        ("ner gold.jsonl twice.jsonl", vec!["predictions", "line 3", "\"id\""]),
        ("ner gold.jsonl few.jsonl", vec!["predictions", "its end", "\"id\"", "1 texts"]),
        ("ner gold.jsonl label.jsonl", vec!["predictions", "line 1, spans[0]", "\"label\"", "NAME"]),
        ("detector coco.json other-image.json", vec!["predictions", "[0]", "\"image_id\""]),
        ("detector coco.json boxes.json --phi-category word", vec!["PHI categories"]),
        ("detector coco.json boxes.json --least-cover 2", vec!["least cover"]),
        ("calibration sure.jsonl", vec!["rows", "line 2", "\"probability\"", "0 to 1"]),
        ("calibration empty", vec!["rows", "empty"]),
        ("calibration rows.jsonl --resamples 5", vec!["100 resamples"]),
        ("throughput nowhere", vec!["input folder"]),
        ("throughput", vec!["SUITE"]),
    ] {
        let (code, said, complaints) = lab.measure(arguments);
        assert_eq!((code, said.as_str()), (2, ""), "{arguments}: {complaints}");
        for word in words {
            assert!(complaints.contains(word), "{arguments}: no {word} in {complaints}");
        }
    }
}

#[test]
fn speed_is_measured_with_answers_checked_and_leaves_nothing_behind() {
    let lab = Lab::new();
    lab.synthesize();
    let (code, said, complaints) =
        lab.measure("throughput suite --threads 1,2 --repeats 2 --metadata-only --stages --work work --json");
    assert_eq!(code, 0, "{complaints}");
    let metrics: Value = serde_json::from_str(&said).expect("JSON and nothing else");
    let runs = metrics["runs"].as_array().expect("runs");
    assert_eq!(runs.len(), 4);
    assert!(runs.iter().all(|run| run["outputs_sha256"] == runs[0]["outputs_sha256"]), "{said}");
    assert!(runs.iter().all(|run| run["outputs_sha256"].is_string() && run["wall_us"].as_u64() > Some(0)), "{said}");
    assert!(metrics["n_files"].as_u64() > Some(1) && metrics["scaling"].as_array().map(Vec::len) == Some(2));
    // Far too short to be worth anything, and it says so; the answers are the same.
    let faults = metrics["faults"].to_string();
    assert!(faults.contains("10 s or more") && faults.contains("2 runs with 1 thread"), "{faults}");
    assert!(!faults.contains("answers") && !faults.contains("failed"), "{faults}");
    assert_eq!(fs::read_dir(lab.path("work")).expect("the folder that was named").count(), 0);
    let stages = metrics["stages"].as_array().expect("latencies");
    let of_all =
        stages.iter().filter(|row| row["modality"].is_null()).map(|row| row["stage"].as_str().expect("a name"));
    assert_eq!(of_all.collect::<Vec<_>>(), ["decide", "digest", "read", "search", "write"]);
}

#[test]
fn a_run_says_how_long_its_stages_took_and_nothing_of_whom() {
    let lab = Lab::new();
    lab.synthesize();
    let deid = |arguments: &str| lab.efface(&format!("deid suite/dicom out --run run --key key {arguments}")).0;
    fs::write(lab.path("key"), [7; 32]).expect("a key");
    assert_eq!(deid("--stage-times out/times"), 2, "only results reach the output folder");
    assert!(matches!(deid("--stage-times times --crosswalk"), 0 | 3));
    let rows = fs::read_to_string(lab.path("times")).expect("the times are written");
    let outcomes = fs::read_to_string(lab.path("run/decisions.jsonl")).expect("the decisions are written");
    let with_result = outcomes.lines().filter(|line| line.contains("\"output\":")).count();
    let of_stage = |stage: &str| rows.lines().filter(|row| row.contains(&format!("\"stage\":\"{stage}\""))).count();
    for stage in ["read", "decide", "write", "search", "digest"] {
        assert_eq!(of_stage(stage), with_result, "{stage}");
    }
    assert!(of_stage("pixels") > 0 && of_stage("pixels") <= with_result);
    for row in rows.lines() {
        let row: Value = serde_json::from_str(row).expect("a row");
        let mut keys: Vec<&String> = row.as_object().expect("an object").keys().collect();
        keys.sort();
        assert_eq!(keys, ["bytes", "modality", "seconds", "stage"], "nothing that tells an instance");
        assert!(row["bytes"].as_u64() > Some(0) && row["seconds"].as_f64() > Some(0.0), "{row}");
    }
    let (code, said, complaints) = lab.measure("throughput --rows times --json");
    assert_eq!(code, 0, "{complaints}");
    let metrics: Value = serde_json::from_str(&said).expect("JSON and nothing else");
    let stages = metrics["stages"].as_array().expect("latencies");
    let all = stages.iter().find(|row| row["stage"] == "read" && row["modality"].is_null()).expect("of all");
    assert_eq!(all["n"], with_result);
    assert!(stages.iter().any(|row| row["modality"].is_string()), "{said}");
    judge_the_decisions(&lab);
}

/// The decisions of a run that took something away are in the figures of its evaluation.
fn precision_stands_beside_recall(lab: &Lab) {
    let metrics = fs::read_to_string(lab.path("report/metrics.json")).expect("metrics");
    let metrics: Value = serde_json::from_str(&metrics).expect("JSON");
    let precision = &metrics["precision"];
    let judged = |cell: &Value| cell["right"]["denominator"].as_u64().unwrap_or_default();
    let all = &precision["overall"];
    assert!(all["right"]["numerator"].as_u64() > Some(20) && all["right_by_patient"]["low"].is_number(), "{all}");
    assert!(all["patients"] == 2 && all["unjudged"].as_u64() > Some(0), "{all}");
    for groups in ["by_source", "by_action"] {
        let groups = precision[groups].as_object().expect("groups");
        assert_eq!(groups.values().map(judged).sum::<u64>(), judged(all), "{groups:?}");
        assert!(!groups.contains_key("keep") && !groups.contains_key("review"), "{groups:?}");
    }
    let figures = fs::read_to_string(lab.path("report/figures.csv")).expect("figures");
    assert!(figures.lines().any(|line| line.starts_with("right,,,,,,tier1,,")), "{figures}");
    let elements = figures.lines().filter(|line| line.starts_with("removed,A,,,"));
    assert!(elements.count() > 2, "recall of names by modality and locale: {figures}");
    for page in ["report/report.html", "report/report.md"] {
        let page = fs::read_to_string(lab.path(page)).expect("a page");
        assert!(page.contains("tier1") && page.contains("took"), "{page}");
    }
}

/// The decisions of a run become rows that calibration is measured on.
fn judge_the_decisions(lab: &Lab) {
    let eval =
        |arguments: &str| lab.efface(&format!("eval out --suite suite --report report --no-pixel-text {arguments}"));
    assert_eq!(eval("--judged judged").0, 2, "decisions are those of a run");
    let (code, said, complaints) = eval("--judged judged --run run");
    assert_eq!(code, 0, "{complaints}");
    assert!(said.contains("decisions judged"));
    precision_stands_beside_recall(lab);
    let rows = fs::read_to_string(lab.path("judged")).expect("rows are written");
    let right = rows.lines().filter(|row| row.contains("\"kind\":\"tier1\"") && row.contains("\"correct\":true"));
    assert!(right.count() > 20, "names and numbers in their attributes are found by the rules");
    let (code, said, complaints) = lab.measure("calibration judged --resamples 100 --json");
    assert_eq!(code, 0, "{complaints}");
    let metrics: Value = serde_json::from_str(&said).expect("JSON and nothing else");
    assert_eq!(metrics["overall"]["n_decisions"], rows.lines().count());
    assert_eq!(metrics["overall"]["n_clusters"], 2);
    assert!(metrics["by_kind"]["tier1"]["share_correct"]["value"].as_f64() > Some(0.9), "{said}");
    assert!(metrics["by_kind"]["tier2"]["equal_mass"]["debiased_expected_error"]["value"].is_number());
}

//! Bad input of the commands that score: each kind is refused with its place and what would mend it, and never quoted.

mod lab;

use lab::Lab;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const EVAL: &str = "eval out --suite suite --run run --no-pixel-text --report refused";
const JUDGE: &str = "eval out --suite suite --run run --no-pixel-text --report refused --judged refused.jsonl";
const MAPPED: &str = "eval out --suite suite --no-pixel-text --report refused --uid-mapping run/crosswalk/uids.csv \
                      --patient-mapping run/crosswalk/patients.csv";
const MERGE: &str = "eval-merge parts/shard-1-of-2.json parts/shard-2-of-2.json --report refused";
const MIDI: &str = "midi out --key-db suite/answer.db --uid-mapping run/crosswalk/uids.csv --patient-mapping \
                    run/crosswalk/patients.csv --no-pixel-text --report refused";
const MIDI_MERGE: &str = "midi-merge midi-parts/shard-1-of-2.json midi-parts/shard-2-of-2.json --report refused";
const COMPARE: &str = "compare whole whole --gate gate.toml --report refused";
const PAGE: &str = "report page whole";
const VERIFY: &str = "verify suite";

/// What a complaint must say.
type Words = &'static [&'static str];

/// What is done to a file before a command is run.
enum Change {
    Remove,
    /// Other content.
    Be(&'static str),
    /// One line, counted from 1, becomes another.
    Line(usize, fn(&str) -> String),
    /// The first text becomes the second where it stands first.
    Put(&'static str, &'static str),
    /// The last lines go.
    CutLines(usize),
    /// The second half goes.
    CutBytes,
    /// What an SQLite database is told.
    Sql(&'static str),
}

use Change::{Be, CutBytes, CutLines, Line, Put, Remove, Sql};

impl Lab {
    /// A small suite, de-identified and scored at once and in shards.
    fn new() -> Self {
        let lab = Self::empty();
        fs::write(lab.path("suite.toml"), "name = \"tiny\"\nstudies-max = 1\n").expect("a file");
        fs::write(lab.path("key"), [7; 32]).expect("a key");
        fs::write(lab.path("gate.toml"), "[leaks]\nmax_new = 0\n").expect("a file");
        fs::write(lab.path("requirements.toml"), "[recall]\nmin = 0.5\n").expect("a file");
        lab.works("synth suite.toml suite --patients 2 --seed 5");
        lab.works("deid suite/dicom out --run run --key key --metadata-only --crosswalk");
        let eval = "eval out --suite suite --run run --no-pixel-text";
        lab.works(&format!("{eval} --report whole --require requirements.toml"));
        for number in ["1/2", "2/2"] {
            lab.works(&format!("{eval} --shard {number} --report parts"));
            lab.works(&format!("{} --shard {number} --report midi-parts", MIDI.replace(" --report refused", "")));
        }
        lab
    }

    fn works(&self, arguments: &str) {
        let (code, _, complaints) = self.efface(arguments);
        assert!(matches!(code, 0 | 3), "{arguments}: {code} {complaints}");
    }

    /// Changes a file, and returns what it was.
    fn change(&self, file: &str, change: &Change) -> Option<Vec<u8>> {
        let path = self.path(file);
        let before = fs::read(&path).ok();
        let text = || String::from_utf8(before.clone().expect("the file is there")).expect("UTF-8");
        let after = match change {
            Remove => return fs::remove_file(path).map(|()| before).expect("it goes"),
            Sql(statement) => {
                let database = rusqlite::Connection::open(&path).expect("a database");
                database.execute_batch(statement).expect("it is done");
                return before;
            }
            Be(content) => (*content).to_owned().into_bytes(),
            CutBytes => before.as_ref().map(|bytes| bytes[..bytes.len() / 2].to_vec()).expect("the file is there"),
            Put(from, to) => {
                assert!(text().contains(from), "{file} has no {from}");
                text().replacen(from, to, 1).into_bytes()
            }
            CutLines(n) => {
                let lines: Vec<String> = text().lines().map(|line| format!("{line}\n")).collect();
                lines[..lines.len() - n].concat().into_bytes()
            }
            Line(number, of) => {
                let line = |(at, line): (usize, &str)| match at + 1 == *number {
                    true => of(line),
                    false => line.to_owned(),
                };
                (text().lines().enumerate().map(line).map(|line| line + "\n").collect::<String>()).into_bytes()
            }
        };
        fs::write(&path, after).expect("it changes");
        before
    }

    /// Texts of the suite that may stand in no message.
    fn secrets(&self) -> BTreeSet<String> {
        let truth = fs::read_to_string(self.path("suite/truth.jsonl")).expect("the truth");
        let records = truth.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).expect("a record"));
        let mut secrets = BTreeSet::from(["JANEDOTTE".to_owned()]);
        for record in records {
            let values = record["planted"].as_array().expect("values").iter();
            let values = values.map(|value| value["value"].as_str().expect("a text").to_owned());
            secrets.extend(values.filter(|value| value.chars().count() > 5));
            secrets.insert(record["instance"]["sop_instance_uid"].as_str().expect("a UID").to_owned());
        }
        secrets
    }
}

fn half(line: &str) -> String {
    line[..line.len() / 2].to_owned()
}

fn start(line: &str) -> String {
    line[..20].to_owned()
}

fn twice(line: &str) -> String {
    format!("{line}\n{line}")
}

/// A command, a file, what is done to it, and words of the refusal.
type Case = (&'static str, &'static str, Change, Words);

const TRUTH: &str = "suite/truth.jsonl";
const MANIFEST: &str = "run/manifest.json";
const DECISIONS: &str = "run/decisions.jsonl";
const UIDS: &str = "run/crosswalk/uids.csv";
const KEY: &str = "suite/answer.db";
const NEWER: &str = "\"format_version\":99";
const HALF: &str = "make it again if it is half written";

fn truths() -> Vec<Case> {
    vec![
        (EVAL, TRUTH, Remove, &["ground truth (truth.jsonl of the suite)", "No such file"]),
        (EVAL, TRUTH, Be(""), &["line 1 of the ground truth", "nothing can be measured"]),
        (EVAL, TRUTH, Line(2, half), &["line 2 of the ground truth", HALF]),
        (EVAL, TRUTH, Put("\"format_version\":3", NEWER), &["line 1 of the ground truth", "99", "use a newer efface"]),
        (EVAL, TRUTH, Line(1, twice), &["line 2 of the ground truth", "an earlier line"]),
        (
            EVAL,
            TRUTH,
            Put("\"sop_instance_uid\":\"", "\"sop_instance_uid\":\"1."),
            &["line 1", "another SOP Instance UID"],
        ),
        (EVAL, TRUTH, Put("\"path\":\"", "\"path\":\"JANEDOTTE"), &["line 1", "is not there"]),
        (EVAL, TRUTH, Put("(0008,0018)", "(0008,0099)"), &["line 1", "a planted value does not stand", "make"]),
        (JUDGE, TRUTH, Line(2, half), &["line 2 of the ground truth"]),
        (MAPPED, TRUTH, Line(2, half), &["line 2 of the ground truth"]),
    ]
}

fn runs() -> Vec<Case> {
    vec![
        (EVAL, MANIFEST, Remove, &["manifest of the run (manifest.json of its folder)", "No such file"]),
        (EVAL, MANIFEST, CutBytes, &["manifest of the run", HALF]),
        (EVAL, MANIFEST, Put("\"format_version\": 1", NEWER), &["manifest of the run", "99", "use a newer efface"]),
        (EVAL, MANIFEST, Put("\"complete\"", "\"started\""), &["did not end", "start the same command again"]),
        (EVAL, DECISIONS, Remove, &["decisions of the run (decisions.jsonl)", "No such file"]),
        (EVAL, DECISIONS, Be(""), &["line 1 of the decisions", "the manifest counts", "start the run again"]),
        (EVAL, DECISIONS, Line(3, half), &["line 3 of the decisions", HALF]),
        (EVAL, DECISIONS, Line(2, twice), &["line 3 of the decisions", "the same input", "start the run again"]),
        (EVAL, DECISIONS, CutLines(1), &["the manifest counts another number", "start the run again"]),
        (EVAL, DECISIONS, Put("\"format_version\":2", NEWER), &["line 1 of the decisions", "use a newer efface"]),
        (JUDGE, DECISIONS, CutLines(1), &["the manifest counts another number"]),
        (JUDGE, "run/crosswalk/paths.csv", Remove, &["no crosswalk", "--crosswalk"]),
        (EVAL, "run/crosswalk/paths.csv", Be("old,new\n"), &["line 1 of the crosswalk of paths", "id_old,id_new"]),
    ]
}

fn mappings() -> Vec<Case> {
    let of_line: &[&str] = &["line 2 of the mapping of UIDs", "two fields"];
    vec![
        (EVAL, UIDS, Be("id_old\n1.2\n"), &["line 1 of the mapping of UIDs", "id_old,id_new"]),
        (EVAL, UIDS, Be(""), &["line 1 of the mapping of UIDs", "id_old,id_new"]),
        (EVAL, UIDS, Line(2, half), of_line),
        (MAPPED, UIDS, Line(2, half), of_line),
        (MAPPED, UIDS, Remove, &["mapping of UIDs", "No such file"]),
        (MIDI, UIDS, Line(2, half), of_line),
        (MIDI, UIDS, Remove, &["mapping of UIDs (--uid-mapping)", "No such file"]),
        (
            MIDI,
            "run/crosswalk/patients.csv",
            Be("JANEDOTTE\n"),
            &["line 1 of the mapping of patients", "id_old,id_new"],
        ),
        (EVAL, "suite/uid_identity.csv", Be("JANEDOTTE\n"), &["line 1 of the uid_identity.csv", "id_old,id_new"]),
    ]
}

/// What is wrong with an answer key, for both commands that read one.
fn keys() -> Vec<Case> {
    let changes: [fn() -> (Change, Words); 9] = [
        || (Be("JANEDOTTE"), &["answer key", "not an SQLite database"]),
        || (CutBytes, &["answer key", "damaged"]),
        || (Sql("DELETE FROM answer_data"), &["row 1 of the answer key", "nothing can be measured"]),
        || (Sql("ALTER TABLE answer_data RENAME COLUMN AnswerData TO JANEDOTTE"), &["answer key", "columns"]),
        || {
            let statement = "UPDATE answer_data SET AnswerData = '[\"JANEDOTTE\"' WHERE rowid = 2";
            (Sql(statement), &["row 2 of the answer key", "not a JSON object", "--mode parity"])
        },
        || {
            let statement =
                "UPDATE answer_data SET AnswerData = replace(AnswerData, '\"rev\"', '\"JANEDOTTE\"') WHERE rowid = 2";
            (Sql(statement), &["row 2 of the answer key", "leaves", "--mode parity"])
        },
        || {
            let statement =
                "UPDATE answer_data SET AnswerData = replace(AnswerData, '<text_', '<JANEDOTTE_') WHERE rowid = 2";
            (Sql(statement), &["row 2 of the answer key", "an action", "--mode parity"])
        },
        || {
            let statement = "INSERT INTO answer_data SELECT * FROM answer_data WHERE rowid = 1";
            (Sql(statement), &["of the answer key", "an earlier row has the same SOPInstanceUID", "--mode parity"])
        },
        || {
            let statement = "UPDATE answer_data SET SOPInstanceUID = NULL WHERE rowid = 2";
            (Sql(statement), &["row 2 of the answer key", "no SOPInstanceUID"])
        },
    ];
    let both = |command: &'static str| {
        changes.iter().map(move |change| {
            let (change, words) = change();
            (command, KEY, change, words)
        })
    };
    let missing: Case = (MIDI, KEY, Remove, &["answer key", "not there"]);
    both(EVAL).chain(both(MIDI)).chain([missing]).collect()
}

fn shards() -> Vec<Case> {
    let of = |command, file| -> Vec<Case> {
        vec![
            (command, file, Remove, &["shard-2-of-2.json", "No such file"]),
            (command, file, CutBytes, &["shard-2-of-2.json", "shard", HALF]),
            (
                command,
                file,
                Put("\"format_version\":", "\"format_version\":9"),
                &["shard-2-of-2.json", "make it again"],
            ),
            (command, file, Put("\"number\":2", "\"number\":1"), &["merge shards", "missing"]),
        ]
    };
    let mut cases = of(MERGE, "parts/shard-2-of-2.json");
    cases.extend(of(MIDI_MERGE, "midi-parts/shard-2-of-2.json"));
    cases
}

fn reports() -> Vec<Case> {
    let mut cases: Vec<Case> = vec![
        (COMPARE, "gate.toml", Remove, &["--gate", "No such file"]),
        (COMPARE, "gate.toml", Be("[leaks]\nmax_old = 0\n"), &["gate", "line 2", "max_old"]),
        (COMPARE, "gate.toml", Be(""), &["gate", "no threshold"]),
        (PAGE, "whole/run_manifest.json", CutBytes, &["run manifest (run_manifest.json of a report folder)", HALF]),
        (PAGE, "whole/requirements.json", CutBytes, &["requirements.json", "not what efface eval wrote"]),
        (
            "report release 1 --evidence a=nowhere --reports refused",
            "key",
            Be("x"),
            &["folder of evidence", "No such file"],
        ),
        (VERIFY, "suite/manifest.json", Remove, &["manifest", "is suite a suite or a release?"]),
        (VERIFY, "suite/manifest.json", CutBytes, &["manifest", HALF]),
        (VERIFY, "suite/manifest.json", Put("\"format_version\":1", NEWER), &["manifest", "use a newer efface"]),
        (VERIFY, "suite/SHA256SUMS", Line(2, start), &["line 2 of the list of checksums"]),
    ];
    for command in [COMPARE, PAGE] {
        cases.extend::<Vec<Case>>(vec![
            (command, "whole/metrics.json", Remove, &["metrics (metrics.json of a report folder)", "No such file"]),
            (command, "whole/metrics.json", CutBytes, &["metrics.json", HALF]),
            (
                command,
                "whole/metrics.json",
                Put("\"format_version\": ", "\"format_version\": 9"),
                &["use a newer efface"],
            ),
            (command, "whole/cases.csv", Remove, &["cases (cases.csv of a report folder)", "No such file"]),
            (command, "whole/cases.csv", Be(""), &["line 1 of the cases", "score the output again"]),
            (command, "whole/cases.csv", Line(3, half), &["line 3 of the cases", "score the output again"]),
            (
                command,
                "whole/cases.csv",
                CutLines(1),
                &["of the cases", "counts other values", "score the output again"],
            ),
            (command, "whole/calibration.json", Be("{\"format_version\":2,"), &["calibration.json", HALF]),
            (
                command,
                "whole/throughput.json",
                Be("{\"format_version\":99}"),
                &["throughput.json", "use a newer efface"],
            ),
        ]);
    }
    cases
}

#[test]
fn bad_input_is_refused_with_its_place_and_is_not_quoted() {
    let lab = Lab::new();
    let secrets = lab.secrets();
    let mut failures = Vec::new();
    let kinds = [truths(), runs(), mappings(), keys(), shards(), reports()];
    for (command, file, change, words) in kinds.into_iter().flatten() {
        let before = lab.change(file, &change);
        let (code, said, complaints) = lab.efface(command);
        match before {
            Some(bytes) => fs::write(lab.path(file), bytes).expect("as it was"),
            None => fs::remove_file(lab.path(file)).expect("as it was"),
        }
        let name = format!("{command}, {file}: {code} {said}{complaints}");
        let is_refused = code == 2 && said.is_empty() && !lab.path("refused").join("metrics.json").exists();
        let missing: Vec<_> = words.iter().filter(|word| !complaints.contains(**word)).collect();
        let quoted = secrets.iter().filter(|secret| complaints.contains(secret.as_str())).count();
        if !is_refused || !missing.is_empty() || quoted > 0 {
            failures.push(format!("{name}no {missing:?}; {quoted} values quoted"));
        }
    }
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
    for command in [EVAL, MERGE, MIDI, MIDI_MERGE, COMPARE, PAGE, VERIFY] {
        lab.works(command);
    }
}

#[test]
fn what_cannot_be_read_from_the_command_line_is_refused() {
    let lab = Lab::new();
    fs::write(lab.path("senseless.toml"), "[recall]\nmin = 99\n").expect("a file");
    for (command, words) in [
        ("eval nowhere --suite suite --no-pixel-text --report refused", ["output folder", "No such file"]),
        (
            "eval out --suite suite --run nowhere --no-pixel-text --report refused",
            ["manifest of the run", "No such file"],
        ),
        ("eval out --suite suite --require nowhere --report refused", ["--require", "No such file"]),
        ("eval out --suite suite --require senseless.toml --report refused", ["gate", "recall.min"]),
        ("eval-merge parts/shard-1-of-2.json --report refused", ["merge shards", "missing"]),
        ("compare nowhere whole", ["BASE", "metrics.json"]),
        ("compare whole nowhere", ["NEW", "metrics.json"]),
        ("report page nowhere", ["metrics.json", "No such file"]),
        ("verify nowhere", ["manifest", "is nowhere a suite"]),
    ] {
        let (code, said, complaints) = lab.efface(command);
        assert_eq!((code, said.as_str()), (2, ""), "{command}: {complaints}");
        assert!(words.iter().all(|word| complaints.contains(word)), "{command}: {complaints}");
    }
}

#[test]
fn what_was_not_measured_is_absent_and_neither_nothing_nor_all() {
    let lab = Lab::new();
    fs::create_dir(lab.path("empty")).expect("a folder");
    let (code, said, complaints) = lab.efface("eval empty --suite suite --no-pixel-text --report nothing");
    assert_eq!(code, 0, "{complaints}");
    for word in ["PHI removed", "decisions that took PHI away", "files without residue"] {
        assert!(!said.contains(word), "{word}: {said}");
    }
    let metrics = fs::read_to_string(lab.path("nothing/metrics.json")).expect("metrics");
    let metrics: serde_json::Value = serde_json::from_str(&metrics).expect("JSON");
    let overall = &metrics["recall"]["overall"];
    for absent in ["removed", "removed_by_patient", "leak_upper_bound", "leak_upper_bound_by_patient"] {
        assert!(overall[absent].is_null(), "{absent}: {overall}");
    }
    assert!(overall["withheld"].as_u64() > Some(0) && metrics["precision"].is_null());
    let (report, page) = (read(&lab.path("nothing/report.md")), read(&lab.path("nothing/report.html")));
    assert!(report.contains("| all | not measured | not measured |") && page.contains("not measured"), "{report}");
    // Removed values of all: neither counts nor shares.
    let figures = read(&lab.path("nothing/figures.csv"));
    let all = figures.lines().find(|line| line.starts_with("removed,,,,,,,,")).expect("a row of all");
    assert!(all.starts_with("removed,,,,,,,,,,,,,,,,,0,"), "{all}");
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).expect("a file")
}

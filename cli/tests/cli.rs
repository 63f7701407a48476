//! The `efface` command as a shell sees it: exit codes, what it prints where, and what it leaves on the disk.

use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::{FileMetaTableBuilder, InMemDicomObject};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;
use walkdir::WalkDir;

const EFFACE: &str = env!("CARGO_BIN_EXE_efface");

/// What the originals say, and the names of their files: neither may be printed.
const SECRETS: &[&str] = &["doe_", "doe^", "doe.txt", "janedotte", "7712345"];

struct Lab {
    folder: tempfile::TempDir,
}

impl Lab {
    /// A lab with so many small originals and a key.
    fn new(n_instances: usize) -> Self {
        let lab = Self { folder: tempfile::tempdir().expect("a temporary folder") };
        fs::create_dir(lab.path("in")).expect("a folder");
        for instance_idx in 0..n_instances {
            original(&lab.path(&format!("in/DOE_JANEDOTTE_{instance_idx:05}.dcm")), instance_idx, 32);
        }
        fs::write(lab.path("key"), "a key for tests, never for patients\n").expect("a key");
        lab
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `efface` in the lab's folder.
    fn efface(&self, arguments: &str) -> Command {
        let mut command = Command::new(EFFACE);
        command.args(arguments.split_whitespace()).current_dir(self.folder.path()).stdin(Stdio::null());
        command
    }

    /// Runs `efface` and checks what holds for every run.
    fn run(&self, arguments: &str) -> Ended {
        Ended::of(self.efface(arguments).output().expect("the program starts"), arguments)
    }
}

/// A process that ended.
struct Ended {
    code: i32,
    stdout: String,
    stderr: String,
}

impl Ended {
    fn of(output: Output, what: &str) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
        let ended = Self {
            code: output.status.code().unwrap_or_else(|| panic!("{what}: {}", output.status)),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        };
        let printed = format!("{}{}", ended.stdout, ended.stderr);
        assert!(!printed.contains('\u{1b}'), "{what}: colour without a terminal: {printed}");
        assert!(!printed.contains("panicked"), "{what}: {printed}");
        for secret in SECRETS {
            assert!(!printed.to_lowercase().contains(secret), "{what} prints {secret}: {printed}");
        }
        ended
    }

    fn says(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, code, "{}{}", self.stdout, self.stderr);
        for word in words {
            assert!(self.stderr.contains(word), "no {word:?} in {}", self.stderr);
        }
        assert!(code == 0 || code == 3 || self.stdout.is_empty(), "stdout is for results: {}", self.stdout);
    }
}

/// A small CT slice; its pixels take so many bytes.
fn original(path: &Path, instance_idx: usize, n_pixel_bytes: usize) {
    let text = |tag: Tag, vr, value: &str| DataElement::new(tag, vr, PrimitiveValue::from(value));
    let number = |tag, value: u16| DataElement::new(tag, VR::US, PrimitiveValue::from(value));
    let uid = format!("1.2.826.0.1.3680043.99.1.1.{instance_idx}");
    let data_set = InMemDicomObject::from_element_iter([
        text(tags::SOP_CLASS_UID, VR::UI, uids::CT_IMAGE_STORAGE),
        text(tags::SOP_INSTANCE_UID, VR::UI, &uid),
        text(tags::STUDY_DATE, VR::DA, "20010203"),
        text(tags::MODALITY, VR::CS, "CT"),
        text(tags::STUDY_DESCRIPTION, VR::LO, "CT chest, Janedotte Doe"),
        text(tags::PATIENT_NAME, VR::PN, "DOE^JANEDOTTE"),
        text(tags::PATIENT_ID, VR::LO, "7712345"),
        text(tags::STUDY_INSTANCE_UID, VR::UI, "1.2.826.0.1.3680043.99.1"),
        text(tags::SERIES_INSTANCE_UID, VR::UI, "1.2.826.0.1.3680043.99.1.1"),
        number(tags::SAMPLES_PER_PIXEL, 1),
        text(tags::PHOTOMETRIC_INTERPRETATION, VR::CS, "MONOCHROME2"),
        number(tags::ROWS, 4),
        number(tags::COLUMNS, u16::try_from(n_pixel_bytes / 8).expect("a narrow image")),
        number(tags::BITS_ALLOCATED, 16),
        number(tags::BITS_STORED, 12),
        number(tags::HIGH_BIT, 11),
        number(tags::PIXEL_REPRESENTATION, 0),
        DataElement::new(tags::PIXEL_DATA, VR::OW, PrimitiveValue::U16(vec![7; n_pixel_bytes / 2].into())),
    ]);
    let meta = FileMetaTableBuilder::new()
        .transfer_syntax(uids::EXPLICIT_VR_LITTLE_ENDIAN)
        .media_storage_sop_class_uid(uids::CT_IMAGE_STORAGE)
        .media_storage_sop_instance_uid(&uid);
    data_set.with_meta(meta).expect("complete meta information").write_to_file(path).expect("an original");
}

/// Every file below a folder, by its relative path; a folder that does not exist has none.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    WalkDir::new(folder)
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let relative = entry.path().strip_prefix(folder).expect("below the folder").display().to_string();
            (relative, fs::read(entry.path()).expect("a readable file"))
        })
        .collect()
}

const DEID: &str = "deid in out --run run --key key --metadata-only --threads 1";

#[test]
fn every_subcommand_has_help() {
    let lab = Lab::new(0);
    for (arguments, words) in [
        ("--help", vec!["demo", "synth", "deid", "eval", "report", "key", "locate", "rule", "explain", "130"]),
        ("--version", vec!["efface"]),
        ("demo --help", vec!["--out", "--patients"]),
        ("synth --help", vec!["--seed", "--patients", "--threads", "--json"]),
        (
            "deid --help",
            vec![
                "--policy",
                "--key",
                "--run",
                "--threads",
                "--metadata-only",
                "--crosswalk",
                "--result-digests",
                "was changed or damaged",
                "--json",
                "<INPUT>",
            ],
        ),
        ("eval --help", vec!["--suite", "--report", "--run", "--uid-mapping", "--require-recall", "--require"]),
        ("report page --help", vec!["<FOLDER>"]),
        ("report release --help", vec!["<VERSION>", "--evidence", "NAME=FOLDER"]),
        ("compare --help", vec!["<BASE>", "<NEW>", "--gate", "--report", "20"]),
        ("midi --help", vec!["--key-db", "--uid-mapping", "--patient-mapping", "--mode", "--database"]),
        ("key --help", vec!["<FILE>"]),
        ("locate --help", vec!["<INPUT>", "<INDEX>"]),
        ("policy --help", vec!["[NAME]", "--check"]),
        ("rule --help", vec!["rule", "--all", "--json"]),
        ("explain --help", vec!["<INSTANCE>", "--policy", "--key", "--with", "--show-values", "--json"]),
    ] {
        let ended = lab.run(arguments);
        assert_eq!(ended.code, 0, "{arguments}: {}", ended.stderr);
        assert!(ended.stderr.is_empty(), "{arguments}: {}", ended.stderr);
        for word in words {
            assert!(ended.stdout.contains(word), "{arguments}: no {word} in {}", ended.stdout);
        }
    }
}

#[test]
fn a_run_ends_with_a_summary_and_nothing_else() {
    let lab = Lab::new(3);
    let ended = lab.run(&format!("{DEID} --crosswalk --json"));
    ended.says(0, &[]);
    assert!(ended.stderr.is_empty(), "{}", ended.stderr);
    let summary: serde_json::Value = serde_json::from_str(&ended.stdout).expect("JSON and nothing else");
    assert_eq!(summary["counts"]["deidentified"], 3);
    for name in ["paths", "uids", "patients"] {
        let path = lab.path(&format!("run/crosswalk/{name}.csv"));
        assert_eq!(fs::metadata(path).expect("the way back").permissions().mode() & 0o777, 0o600);
    }
    let again = lab.run(&format!("{DEID} --crosswalk"));
    again.says(0, &[]);
    assert!(again.stdout.contains("already done"), "{}", again.stdout);
}

#[test]
fn a_run_without_digests_says_so_and_takes_nothing_for_checked() {
    let lab = Lab::new(3);
    let ended = lab.run(&format!("{DEID} --result-digests none --json"));
    ended.says(0, &[]);
    let summary: serde_json::Value = serde_json::from_str(&ended.stdout).expect("JSON and nothing else");
    assert_eq!(summary.get("outputs_sha256"), None);
    let again = lab.run(&format!("{DEID} --result-digests none"));
    again.says(0, &[]);
    assert!(again.stdout.contains("not hashed") && !again.stdout.contains("already done"), "{}", again.stdout);
    let verified = lab.run("verify run");
    verified.says(2, &["suite"]);
    lab.run(DEID).says(2, &["other settings"]);
}

#[test]
fn what_is_refused_is_named() {
    let lab = Lab::new(1);
    let policy = "format-version = 1\nname = \"x\"\n\n[options]\nclean-descriptors = true\nclean-everything = true\n";
    fs::write(lab.path("policy.toml"), policy).expect("a policy");
    fs::write(lab.path("short"), "short\n").expect("a key");
    fs::create_dir(lab.path("occupied")).expect("a folder");
    fs::write(lab.path("occupied/file"), "x").expect("a file");
    for (arguments, words) in [
        ("deid in out --policy policy.toml", vec!["policy.toml", "line 6", "clean-everything"]),
        ("deid in out --policy no-such-policy", vec!["no-such-policy", "basic", "tcia"]),
        ("deid nowhere out --key key", vec!["input", "does not exist"]),
        ("deid in occupied --run run --key key", vec!["output folder", "not empty"]),
        ("deid in out --key nowhere", vec!["key", "efface key"]),
        ("deid in out --key in", vec!["key", "efface key"]),
        ("deid in out --key short", vec!["key", "16 bytes", "efface key"]),
        ("deid in in/out --key key --run run", vec!["output folder", "inside"]),
        ("deid in out --key key --run out/run", vec!["run folder"]),
        ("deid in", vec!["OUTPUT"]),
        ("deid in out --no-such-option", vec!["--no-such-option"]),
        ("deid in out --result-digests md5", vec!["--result-digests", "sha256", "none"]),
        ("deid in out --ner nowhere", vec!["open the model", "nowhere"]),
        ("deid in out --ner none --ner-threshold 0.5", vec!["needs a model", "--ner"]),
        ("deid in out --ner-threshold 0.5 --ner-budget 0.01", vec!["--ner-threshold", "--ner-budget"]),
        ("no-such-command", vec!["no-such-command"]),
        ("key key", vec!["exists"]),
        ("locate in 5", vec!["5"]),
        ("policy no-such-policy", vec!["no-such-policy", "basic", "strict", "tcia"]),
        ("policy --check policy.toml", vec!["policy.toml", "line 6", "clean-everything"]),
    ] {
        let ended = lab.run(arguments);
        ended.says(2, &words);
        assert!(!lab.path("out").exists() && !lab.path("run").exists(), "{arguments}: something was made");
    }
    assert_eq!(files(&lab.path("in")).len(), 1);
}

#[test]
fn quarantine_asks_for_attention() {
    let lab = Lab::new(2);
    fs::write(lab.path("in/DOE.txt"), "Janedotte Doe, 7712345").expect("a file");
    let ended = lab.run(DEID);
    ended.says(3, &[]);
    for word in ["inputs", "quarantined", "not-dicom"] {
        assert!(ended.stdout.contains(word), "{}", ended.stdout);
    }
    assert_eq!(files(&lab.path("out")).len(), 2);
    let found = lab.efface("locate in 0").output().expect("the program starts");
    assert_eq!(String::from_utf8_lossy(&found.stdout), "in/DOE.txt\n", "the one command whose answer is a path");
}

#[test]
fn built_in_policies_are_a_start_for_ones_own() {
    let lab = Lab::new(0);
    let listed = lab.run("policy");
    assert_eq!((listed.code, listed.stdout.as_str()), (0, "basic\nstrict\ntcia\n"));
    for name in listed.stdout.lines() {
        let printed = lab.run(&format!("policy {name}"));
        fs::write(lab.path("own.toml"), &printed.stdout).expect("a policy");
        let checked = lab.run("policy --check own.toml");
        checked.says(0, &[]);
        assert!(checked.stdout.contains(name), "{}", checked.stdout);
    }
}

#[test]
fn keys_are_made_for_their_owner_alone() {
    let lab = Lab::new(0);
    let ended = lab.run("key new");
    ended.says(0, &[]);
    let secret = fs::read_to_string(lab.path("new")).expect("a key");
    assert!(secret.trim().len() == 64 && !ended.stdout.contains(secret.trim()));
    assert_eq!(fs::metadata(lab.path("new")).expect("a key").permissions().mode() & 0o777, 0o600);
}

#[test]
fn missing_language_data_is_told_before_any_work() {
    let lab = Lab::new(1);
    let output = lab
        .efface("deid in out --run run --key key")
        .env("TESSDATA_PREFIX", "/nonexistent")
        .output()
        .expect("the program starts");
    let ended = Ended::of(output, "deid without language data");
    ended.says(2, &["apt-get install", "tesseract-ocr"]);
    assert!(files(&lab.path("out")).is_empty());
    assert!(!lab.path("run/decisions.jsonl").exists());
}

#[test]
fn a_text_detector_is_there_or_none_or_refused() {
    let lab = Lab::new(1);
    lab.run("deid in out --run run --key key --text-detector nowhere").says(2, &["open the model"]);
    lab.run("deid in out --run run --key key --text-detector none --detector-passes 3").says(2, &["text detector"]);
    lab.run("deid in out --run run --key key --metadata-only --text-detector in").says(2, &["--metadata-only"]);
    assert!(!lab.path("out").exists() && !lab.path("run").exists());
    let plain = lab.run("deid in out --run run --key key --json");
    let released = lab.run("deid in released --run released-run --key key --json --text-detector auto");
    assert_eq!((plain.code, &plain.stdout), (released.code, &released.stdout));
    let manifest = |run: &str| fs::read_to_string(lab.path(&format!("{run}/manifest.json"))).expect("a manifest");
    let uses_network = |run: &str| manifest(run).contains("model_sha256");
    lab.run("deid in none --run none-run --key key --text-detector none --ner none");
    assert!(uses_network("run") && !uses_network("none-run"));
}

#[test]
fn an_interrupted_run_continues_to_the_same_bytes() {
    // A faster machine gets more to do: the signal must fall into the work, not after it.
    for n_instances in [400, 2000, 10_000] {
        let lab = Lab::new(n_instances);
        let mut child =
            lab.efface(DEID).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
        while child.try_wait().expect("a child").is_none() && !has_result(&lab.path("out")) {
            std::thread::sleep(Duration::from_millis(1));
        }
        let signal = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill");
        let ended = Ended::of(child.wait_with_output().expect("it ends"), "an interrupted run");
        if ended.code == 0 || !signal.success() {
            continue;
        }
        ended.says(130, &["interrupted", "the same command continues"]);
        let n_done = files(&lab.path("out")).len();
        assert!((1..n_instances).contains(&n_done), "{n_done} of {n_instances}");
        lab.run(DEID).says(0, &[]);
        lab.run(&DEID.replace("out --run run", "whole --run whole-run")).says(0, &[]);
        assert!(files(&lab.path("out")) == files(&lab.path("whole")), "the results differ");
        assert!(fs::read(lab.path("run/decisions.jsonl")).ok() == fs::read(lab.path("whole-run/decisions.jsonl")).ok());
        return;
    }
    panic!("no run was slow enough to be interrupted");
}

fn has_result(folder: &Path) -> bool {
    WalkDir::new(folder)
        .into_iter()
        .filter_map(Result::ok)
        .any(|entry| entry.depth() == 4 && entry.path().extension().is_some_and(|extension| extension == "dcm"))
}

#[test]
fn a_disk_that_takes_no_more_ends_the_run_and_leaves_no_half_result() {
    let lab = Lab::new(2);
    original(&lab.path("in/large.dcm"), 99, 400_000);
    // A file may grow to 64 blocks of 1024 bytes; without the trap the signal would end the process.
    let script = format!("trap '' XFSZ; ulimit -f 64; exec {EFFACE} {DEID}");
    let output = Command::new("bash").args(["-c", &script]).current_dir(lab.folder.path()).output().expect("bash");
    let ended = Ended::of(output, "a full disk");
    ended.says(1, &["write a result"]);
    for (name, bytes) in files(&lab.path("out")) {
        assert!(
            name.ends_with(".dcm") && !name.starts_with('.') && bytes.len() < 2000,
            "{name}, {} bytes",
            bytes.len()
        );
    }
    assert!(!lab.path("run/decisions.jsonl").exists());
    lab.run(DEID).says(0, &[]);
    lab.run(&DEID.replace("out --run run", "whole --run whole-run")).says(0, &[]);
    let results = files(&lab.path("out"));
    assert_eq!(results.len(), 3);
    assert!(results == files(&lab.path("whole")), "the results differ");
}

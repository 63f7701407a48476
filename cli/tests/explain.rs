//! `efface rule` and `efface explain` as a shell sees them.

use dicom_core::value::{DataSetSequence, Value};
use dicom_core::{DataElement, Length, PrimitiveValue, Tag, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::mem::InMemElement;
use dicom_object::{FileMetaTableBuilder, InMemDicomObject};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const EFFACE: &str = env!("CARGO_BIN_EXE_efface");

/// What the original says, and the name of its file: neither may be printed but to a person.
const SECRETS: &[&str] = &["doe_", "doe^", "janedotte", "7712345", "evergreen"];

struct Lab {
    folder: tempfile::TempDir,
}

struct Ended {
    code: i32,
    stdout: String,
    stderr: String,
}

impl Lab {
    /// A folder with two slices of one patient.
    fn new() -> Self {
        let lab = Self { folder: tempfile::tempdir().expect("a temporary folder") };
        fs::create_dir(lab.path("in")).expect("a folder");
        original(&lab.path("in/DOE_JANEDOTTE.dcm"), 1, "lung axial");
        original(&lab.path("in/other.dcm"), 2, "Diana Lebsack drove Janedotte in");
        lab
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, arguments: &str) -> Ended {
        let mut command = Command::new(EFFACE);
        command.args(arguments.split_whitespace()).current_dir(self.folder.path()).stdin(Stdio::null());
        ended(&mut command)
    }

    /// Runs `efface` on a terminal of its own.
    fn run_on_terminal(&self, arguments: &str, variable: (&str, &str)) -> Ended {
        let mut command = Command::new("script");
        command.args(["-qec", &format!("{EFFACE} {arguments}"), "/dev/null"]).env(variable.0, variable.1);
        command.env_remove(if variable.0 == "NO_COLOR" { "" } else { "NO_COLOR" });
        ended(command.current_dir(self.folder.path()).stdin(Stdio::null()))
    }

    fn n_files(&self) -> usize {
        walkdir::WalkDir::new(self.folder.path()).into_iter().count()
    }
}

fn ended(command: &mut Command) -> Ended {
    let output = command.output().expect("the program starts");
    Ended {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).expect("text"),
        stderr: String::from_utf8(output.stderr).expect("text"),
    }
}

fn tells_nothing(text: &str) {
    for secret in SECRETS {
        assert!(!text.to_lowercase().contains(secret), "{secret} is told: {text}");
    }
}

fn text(tag: Tag, vr: VR, value: &str) -> InMemElement {
    DataElement::new(tag, vr, PrimitiveValue::from(value))
}

fn original(path: &Path, number: usize, series: &str) {
    let uid = format!("1.2.826.0.1.3680043.99.1.1.{number}");
    let item = InMemDicomObject::from_element_iter([
        text(tags::REASON_FOR_THE_REQUESTED_PROCEDURE, VR::LO, "fall of Janedotte"),
        text(tags::REQUESTED_PROCEDURE_ID, VR::SH, "7712345"),
    ]);
    let request = Value::Sequence(DataSetSequence::new(vec![item], Length::UNDEFINED));
    let data_set = InMemDicomObject::from_element_iter([
        text(tags::SOP_CLASS_UID, VR::UI, uids::SECONDARY_CAPTURE_IMAGE_STORAGE),
        text(tags::SOP_INSTANCE_UID, VR::UI, &uid),
        text(tags::STUDY_DATE, VR::DA, "20010203"),
        text(tags::MODALITY, VR::CS, "OT"),
        text(tags::STUDY_DESCRIPTION, VR::LO, "CT chest, Janedotte Doe, told by LEBSACK"),
        text(tags::SERIES_DESCRIPTION, VR::LO, series),
        text(Tag(0x0009, 0x0010), VR::LO, "GEMS_IDEN_01"),
        text(Tag(0x0009, 0x1004), VR::LO, "unit 4"),
        text(Tag(0x0011, 0x0010), VR::LO, "unit of DOE^JANEDOTTE"),
        text(Tag(0x0011, 0x1010), VR::LO, "x"),
        text(tags::PATIENT_NAME, VR::PN, "DOE^JANEDOTTE"),
        text(tags::PATIENT_ID, VR::LO, "7712345"),
        text(tags::PATIENT_ADDRESS, VR::LO, "742 Evergreen Terrace"),
        text(tags::STUDY_INSTANCE_UID, VR::UI, "1.2.826.0.1.3680043.99.1"),
        text(tags::SERIES_INSTANCE_UID, VR::UI, "1.2.826.0.1.3680043.99.1.1"),
        DataElement::new_with_len(tags::REFERENCED_STUDY_SEQUENCE, VR::SQ, Length::UNDEFINED, request),
        text(Tag(0x0008, 0xFFF1), VR::LO, "\u{1b}[2J7712345"),
    ]);
    let meta = FileMetaTableBuilder::new()
        .transfer_syntax(uids::EXPLICIT_VR_LITTLE_ENDIAN)
        .media_storage_sop_class_uid(uids::SECONDARY_CAPTURE_IMAGE_STORAGE)
        .media_storage_sop_instance_uid(&uid);
    data_set.with_meta(meta).expect("complete meta information").write_to_file(path).expect("an original");
}

const EXPLAIN: &str = "explain in/DOE_JANEDOTTE.dcm --metadata-only";

#[test]
fn a_page_tells_every_element_and_no_value() {
    let lab = Lab::new();
    let n_files = lab.n_files();
    let page = lab.run(EXPLAIN);
    assert_eq!((page.code, page.stderr.as_str()), (0, ""));
    tells_nothing(&page.stdout);
    assert!(!page.stdout.contains('\u{1b}'), "colours only on a terminal");
    for line in page.stdout.lines() {
        assert!(line.chars().count() <= 100, "{} columns: {line}", line.chars().count());
    }
    for line in [
        "lexicon  this instance alone",
        "Preamble",
        "File meta information",
        "(0008,1030) StudyDescription",
        "characters 11 to 23",
        "(0040,1001) RequestedProcedureID",
        "item 1",
        "04 of GEMS_IDEN_01",
        "private 10, creator hidden",
        "not in the dictionary",
        "PN 13 chars",
        "Rules at work",
        "would be de-identified",
    ] {
        assert!(page.stdout.contains(line), "no {line:?} in\n{}", page.stdout);
    }
    assert_eq!(lab.n_files(), n_files, "nothing is written");
}

#[test]
fn other_instances_of_the_patient_speak_too() {
    let lab = Lab::new();
    let together = lab.run(&format!("{EXPLAIN} --with in"));
    assert!(together.stdout.contains("2 instances of the patient") && together.stdout.contains("lexicon-inferred"));
    assert!(!lab.run(EXPLAIN).stdout.contains("lexicon-inferred"));
}

#[test]
fn json_names_a_rule_for_everything_and_tells_no_value() {
    let lab = Lab::new();
    let ended = lab.run(&format!("{EXPLAIN} --json"));
    tells_nothing(&ended.stdout);
    let explanation: serde_json::Value = serde_json::from_str(&ended.stdout).expect("JSON and nothing else");
    assert_eq!((ended.code, &explanation["status"]), (0, &serde_json::json!("deidentified")));
    let entries = explanation["entries"].as_array().expect("entries");
    assert!(entries.len() > 25, "{}", entries.len());
    for entry in entries {
        assert!(entry["kind"] == "item" || (entry["rule"].is_string() && entry["title"].is_string()), "{entry}");
    }
}

#[test]
fn values_are_for_terminals_alone() {
    let lab = Lab::new();
    let refused = lab.run(&format!("{EXPLAIN} --show-values"));
    assert_eq!((refused.code, refused.stdout.as_str()), (2, ""));
    assert!(refused.stderr.contains("terminal") && refused.stderr.contains("--show-values"), "{}", refused.stderr);
    assert_eq!(lab.run(&format!("{EXPLAIN} --show-values --json")).code, 2);
    let shown = lab.run_on_terminal(&format!("{EXPLAIN} --show-values"), ("NO_COLOR", "1"));
    assert!(shown.stdout.contains("“DOE^JANEDOTTE” → “EFF-"), "{}", shown.stdout);
    assert!(!shown.stdout.contains('\u{1b}'), "neither colours nor what the values hold commands the terminal");
    let coloured = lab.run_on_terminal(EXPLAIN, ("TERM", "xterm"));
    assert!(coloured.stdout.contains("\u{1b}[31m"), "{}", coloured.stdout);
    tells_nothing(&coloured.stdout);
}

#[test]
fn what_cannot_be_explained_is_named_with_its_remedy() {
    let lab = Lab::new();
    let whole = fs::read(lab.path("in/other.dcm")).expect("an original");
    fs::write(lab.path("cut.dcm"), &whole[..whole.len() - 30]).expect("a file");
    fs::write(lab.path("DOE_notes.txt"), "Janedotte Doe").expect("a file");
    for (arguments, code, words) in [
        ("explain in", 2, vec!["folder", "--with"]),
        ("explain nowhere.dcm", 2, vec!["does not exist"]),
        ("explain DOE_notes.txt", 1, vec!["no DICOM preamble", "quarantine", "not-dicom"]),
        ("explain cut.dcm --metadata-only", 1, vec!["quarantine"]),
        ("explain in/other.dcm --metadata-only --policy nothing", 2, vec!["nothing", "basic", "tcia"]),
        ("explain in/other.dcm --metadata-only --key nowhere", 2, vec!["key", "efface key"]),
        ("explain in/other.dcm --metadata-only --with nowhere", 2, vec!["folder"]),
        ("explain", 2, vec!["INSTANCE"]),
    ] {
        let ended = lab.run(arguments);
        assert_eq!((ended.code, ended.stdout.as_str()), (code, ""), "{arguments}: {}", ended.stderr);
        for word in words {
            assert!(ended.stderr.contains(word), "{arguments}: no {word} in {}", ended.stderr);
        }
        tells_nothing(&ended.stderr.replace("DOE_notes", ""));
    }
}

#[test]
fn manuals_are_printed() {
    let lab = Lab::new();
    let list = lab.run("rule");
    assert!(list.code == 0 && list.stdout.contains("  ssn ") && list.stdout.contains("Text in the image"));
    let manual = lab.run("rule ssn");
    for part in ["ssn: Social security number", "Why", "Action", "HIPAA    (G)", "Example", "Source"] {
        assert!(manual.stdout.contains(part), "no {part} in {}", manual.stdout);
    }
    let one: serde_json::Value = serde_json::from_str(&lab.run("rule ssn --json").stdout).expect("JSON");
    assert_eq!(one["code"], "ssn");
    let all: serde_json::Value = serde_json::from_str(&lab.run("rule --json").stdout).expect("JSON");
    assert!(all.as_array().is_some_and(|rules| rules.len() > 90));
    let unknown = lab.run("rule ssm");
    assert_eq!((unknown.code, unknown.stdout.as_str()), (2, ""));
    assert!(
        unknown.stderr.contains("did you mean ssn") && unknown.stderr.contains("efface rule"),
        "{}",
        unknown.stderr
    );
    assert_eq!(lab.run("rule ssn --all").code, 2);
}

#[test]
fn the_committed_page_of_manuals_is_what_the_command_prints() {
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/rules.md");
    assert!(Lab::new().run("rule --all").stdout == fs::read_to_string(committed).expect("docs/rules.md"));
}

//! What `efface synth inject` writes is scored as any suite, and its key is right about a tool that does nothing.

use efface_eval::{EvaluationSettings, evaluate};
use efface_schema::Metrics;
use efface_synth::{InjectSettings, SuiteOptions, generate, inject};
use std::path::Path;
use std::process::Command;

const DEFINITION: &str = "
    patients = 2
    studies-min = 1
    studies-max = 1
    burned-in-share = 0.0
    burned-in-cross-section-share = 0.0
    [series.ct]
    [series.mr]
    [series.dx]
    [series.us]
    [series.sc]
    [series.sr]
";

fn files(folder: &Path) {
    let suite = folder.join("suite");
    let options = SuiteOptions::parse(DEFINITION, Path::new("suite.toml")).expect("a definition");
    generate(&options.resolve().expect("valid"), &suite, &|_, _| ()).expect("a suite");
    std::fs::rename(suite.join("dicom"), folder.join("files")).expect("moved");
}

/// The score of a tool that copies its input.
fn do_nothing(suite: &Path) -> Metrics {
    let settings = EvaluationSettings {
        uid_mapping: Some(suite.join("uid_identity.csv")),
        patient_mapping: Some(suite.join("patid_identity.csv")),
        ..EvaluationSettings::new(suite.join("dicom"), suite)
    };
    evaluate(&settings, None, &|_| ()).expect("scored").metrics
}

#[test]
fn a_tool_that_does_nothing_leaks_everything_and_keeps_everything() {
    let folder = tempfile::tempdir().expect("a folder");
    files(folder.path());
    let out = folder.path().join("out");
    let settings = InjectSettings { burned_in_share: 1.0, burned_in_cross_section_share: 1.0, ..Default::default() };
    let report = inject(&settings, &folder.path().join("files"), &out, &|_, _| ()).expect("injected");
    let metrics = do_nothing(&out);
    assert_eq!(metrics.instances.found, report.suite.n_instances as u64);
    let recall = metrics.recall.overall;
    assert_eq!(recall.removed.map(|rate| rate.numerator), Some(0), "{:?}", metrics.recall.by_place);
    assert_eq!((recall.leaked, recall.withheld, recall.unjudged), (report.suite.n_planted as u64, 0, 0));
    for (kind, rate) in &metrics.retention.by_kind {
        assert_eq!(rate.numerator, rate.denominator, "{kind}");
    }
    assert_eq!(metrics.retention.by_kind.len(), 3);
    let midi = metrics.midi.expect("there is a key");
    for (action, counts) in &midi.official.by_action {
        match action.as_str() {
            "date_shifted" | "uid_changed" | "text_removed" => assert_eq!(counts.pass, 0, "{action}"),
            "pixels_hidden" => {}
            _ => assert_eq!(counts.pass, counts.total(), "{action}"),
        }
        assert_eq!(counts.blank, 0, "{action}");
    }
    assert!(midi.official.by_action.len() >= 9, "{:?}", midi.official.by_action.keys());
}

#[test]
fn the_command_names_what_it_refuses() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |arguments: &[&str]| {
        let ended = Command::new(env!("CARGO_BIN_EXE_efface"))
            .current_dir(folder.path())
            .args(arguments)
            .output()
            .expect("the program starts");
        let text = String::from_utf8_lossy(&ended.stdout).into_owned() + &String::from_utf8_lossy(&ended.stderr);
        (ended.status.code(), text)
    };
    std::fs::create_dir(folder.path().join("empty")).expect("a folder");
    for (arguments, code, words) in [
        (&["synth", "inject", "absent", "out"][..], 2, "failed to read the folder absent"),
        (&["synth", "inject", "empty", "out"], 2, "none of its 0 files"),
        (&["synth", "inject", "empty"], 2, "<OUT>"),
        (&["synth", "absent.toml", "out"], 2, "failed to read the suite definition absent.toml"),
        (&["synth"], 2, "<DEFINITION>"),
        (&["synth", "--help"], 0, "inject"),
        (&["synth", "inject", "--help"], 0, "--patients <FILE>"),
    ] {
        let (ended, text) = run(arguments);
        assert_eq!(ended, Some(code), "{arguments:?}: {text}");
        assert!(text.contains(words), "{arguments:?}: {text}");
    }
    assert!(!folder.path().join("out").exists());
}

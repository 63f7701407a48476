//! The whole evaluation on two small instances with a ground truth written by hand.
//!
//! The instances are those of the minimal golden run: originals full of an invented patient, and
//! de-identified copies with one leak, "Nicholas" in the study description of the second.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use efface_eval::models::calibration::{self, Decision};
use efface_eval::{Evaluation, EvaluationSettings, evaluate, render_report, write_report};
use efface_schema::{
    HipaaElement, InstanceIdentity, Locus, PhiLabel, PixelRegion, Place, PlantedValue, RetainedValue, Retention,
    ThroughputMetrics, TruthRecord, Versioned, to_json_line,
};
use std::path::{Path, PathBuf};

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/midi-golden/min")
}

fn planted(path: &str, place: Place, label: PhiLabel, value: &str) -> PlantedValue {
    let locus = Locus::Attribute { path: path.parse().unwrap() };
    PlantedValue { locus, place, label, element: label.element(), value: value.to_owned(), expected: None }
}

fn record(path: &str, modality: &str, sop_instance_uid: &str, mut more: Vec<PlantedValue>) -> TruthRecord {
    let mut values = vec![
        planted("(0010,0010)", Place::ExplicitAttribute, PhiLabel::Name, "SANCHEZ^TIMOTHY"),
        planted("(0010,0020)", Place::ExplicitAttribute, PhiLabel::Mrn, "31780971"),
        planted("(0008,0020)", Place::ExplicitAttribute, PhiLabel::Date, "20180805"),
        planted("(0008,1140)[0](0008,1155)", Place::Sequence, PhiLabel::OtherId, "1.3.9.100.4"),
    ];
    values.append(&mut more);
    TruthRecord {
        format_version: TruthRecord::FORMAT_VERSION,
        instance: InstanceIdentity {
            path: path.to_owned(),
            patient_id: "31780971".to_owned(),
            study_instance_uid: "1.3.9.100.1".to_owned(),
            series_instance_uid: "1.3.9.100.2".to_owned(),
            sop_instance_uid: sop_instance_uid.to_owned(),
            sop_class_uid: "1.2.840.10008.5.1.4.1.1.7".to_owned(),
            modality: modality.to_owned(),
        },
        locale: None,
        planted: values,
        retained: vec![RetainedValue {
            path: "(0008,0060)".parse().unwrap(),
            retention: Retention::Text,
            text: Some(modality.to_owned()),
            expected: None,
        }],
        drawn: None,
    }
}

/// A suite folder as synthesis writes it.
fn suite(folder: &Path) {
    std::fs::create_dir(folder.join("dicom")).unwrap();
    for name in ["ct.dcm", "dx.dcm"] {
        std::fs::copy(golden().join("orig").join(name), folder.join("dicom").join(name)).unwrap();
    }
    for name in ["answer.db", "uid_identity.csv", "patid_identity.csv"] {
        std::fs::copy(golden().join(name), folder.join(name)).unwrap();
    }
    let description = planted("(0008,1030)", Place::FreeText, PhiLabel::Name, "Nicholas Lee");
    let burned_in = PlantedValue {
        locus: Locus::PixelRegion { frame_idx: None, region: PixelRegion { x0: 15, y0: 15, x1: 330, y1: 90 } },
        place: Place::Pixels,
        label: PhiLabel::Name,
        element: HipaaElement::A,
        value: "SANCHEZ TIMOTHY".to_owned(),
        expected: None,
    };
    let truth = [
        record("ct.dcm", "CT", "1.3.9.100.5", vec![description]),
        record("dx.dcm", "DX", "1.3.9.100.4", vec![burned_in]),
    ];
    std::fs::write(folder.join("truth.jsonl"), truth.iter().map(to_json_line).collect::<String>()).unwrap();
}

fn settings(output: &Path, suite: &Path, mapped: bool) -> EvaluationSettings {
    EvaluationSettings {
        uid_mapping: mapped.then(|| golden().join("uid_mapping.csv")),
        patient_mapping: mapped.then(|| golden().join("patid_mapping.csv")),
        ..EvaluationSettings::new(output, suite)
    }
}

fn score(output: &Path, mapped: bool) -> Evaluation {
    let folder = tempfile::tempdir().unwrap();
    suite(folder.path());
    evaluate(&settings(output, folder.path(), mapped), None, &|_| {}).unwrap()
}

#[test]
fn doing_nothing_removes_nothing_and_keeps_everything() {
    let metrics = score(&golden().join("orig"), false).metrics;
    let removed = metrics.recall.overall.removed.unwrap();
    assert_eq!((removed.numerator, removed.denominator, metrics.recall.overall.leaked), (0, 10, 10));
    assert_eq!(metrics.residual.clean_files.unwrap().numerator, 0);
    assert_eq!(metrics.retention.by_kind[&Retention::Text].value(), 1.0);
    assert_eq!(metrics.retention.identical_pixels.unwrap().value(), 1.0);
}

#[test]
fn handing_in_nothing_withholds_everything_and_scores_no_recall() {
    let empty = tempfile::tempdir().unwrap();
    let metrics = score(empty.path(), false).metrics;
    assert_eq!(metrics.recall.overall.removed, None);
    assert_eq!(metrics.recall.overall.withheld, 10);
    assert_eq!((metrics.instances.found, metrics.instances.withheld), (0, 2));
    assert_eq!(metrics.residual.clean_files, None);
}

#[test]
fn the_one_leak_of_the_golden_output_is_found() {
    let evaluation = score(&golden().join("deid"), true);
    let recall = &evaluation.metrics.recall;
    assert_eq!(recall.overall.leaked, 1);
    assert_eq!(recall.by_place[&Place::FreeText].leaked, 1);
    assert_eq!(recall.by_place[&Place::Pixels].removed.unwrap().value(), 1.0);
    let leaks: Vec<&str> =
        evaluation.cases.iter().filter(|case| case.verdict == "leaked").map(|case| case.locus.as_str()).collect();
    assert_eq!(leaks, ["(0008,1030)"]);
    let midi = evaluation.metrics.midi.unwrap();
    assert_eq!((midi.official.all.pass, midi.official.all.fail, midi.unread_pixels), (42, 1, 1));
}

#[test]
fn a_report_is_the_same_at_any_number_of_threads_and_can_be_rendered_again() {
    let folders = [1, 4].map(|n_threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap();
        let folder = tempfile::tempdir().unwrap();
        pool.install(|| write_report(&score(&golden().join("deid"), true), &[], folder.path()).unwrap());
        folder
    });
    for name in
        ["metrics.json", "cases.csv", "report.html", "scoring_report_series.xlsx", "discrepancy_report_internal.csv"]
    {
        let [one, four] = [0, 1].map(|at: usize| std::fs::read(folders[at].path().join(name)).unwrap());
        assert!(one == four, "{name}");
    }
    let page = std::fs::read(folders[0].path().join("report.html")).unwrap();
    render_report(folders[0].path()).unwrap();
    assert!(page == std::fs::read(folders[0].path().join("report.html")).unwrap());
}

#[test]
fn what_was_measured_beside_an_evaluation_is_shown_when_its_page_is_written_again() {
    let folder = tempfile::tempdir().unwrap();
    let page = || std::fs::read_to_string(folder.path().join("report.html")).unwrap();
    let keep = |name: &str, json: String| std::fs::write(folder.path().join(name), json).unwrap();
    let row = |probability, is_correct, cluster: &str| Decision {
        probability,
        is_correct,
        cluster: cluster.to_owned(),
        kind: Some("tier<2".to_owned()),
        is_phi: true,
    };
    let rows = [row(0.9, true, "a"), row(0.6, false, "b"), row(0.7, true, "c")];
    keep(
        "calibration.json",
        serde_json::to_string(&calibration::measure(&rows, &Default::default()).unwrap()).unwrap(),
    );
    let speed = ThroughputMetrics {
        format_version: ThroughputMetrics::FORMAT_VERSION,
        faults: vec!["a run took 2.0 s".to_owned()],
        ..ThroughputMetrics::default()
    };
    keep("throughput.json", serde_json::to_string(&speed).unwrap());
    write_report(&score(&golden().join("deid"), true), &[], folder.path()).unwrap();
    let without = page();
    assert!(!without.contains("How sure decisions are") && !without.contains("INVALID"), "it may be of another output");
    render_report(folder.path()).unwrap();
    let with = page();
    for words in
        ["How sure decisions are", "tier&lt;2", "a run took 2.0 s", "href=\"#calibration\"", "id=\"throughput\""]
    {
        assert!(with.contains(words), "no {words}");
    }
    keep("throughput.json", serde_json::to_string(&speed).unwrap().replace(":2,", ":99,"));
    assert!(render_report(folder.path()).is_err(), "of a version that is not known");
}

#[test]
fn no_value_reaches_metrics_cases_or_the_page() {
    let folder = tempfile::tempdir().unwrap();
    write_report(&score(&golden().join("orig"), false), &[], folder.path()).unwrap();
    for name in ["metrics.json", "cases.csv", "report.html"] {
        let text = std::fs::read_to_string(folder.path().join(name)).unwrap();
        for value in ["SANCHEZ", "TIMOTHY", "31780971", "Nicholas", "20180805", "1.3.9.100", "ct.dcm"] {
            assert!(!text.contains(value), "{value} in {name}");
        }
    }
}

#[test]
fn a_file_that_is_not_dicom_is_counted_and_still_searched() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("notes.txt"), "seen: Nicholas Lee").unwrap();
    let metrics = score(folder.path(), false).metrics;
    assert_eq!((metrics.instances.output_files, metrics.instances.not_dicom), (1, 1));
    assert_eq!(metrics.residual.hits, 1);
}

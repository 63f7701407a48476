//! The whole evaluation on two small instances with a ground truth written by hand.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod small_suite;

use efface_eval::models::calibration::{self, Decision};
use efface_eval::{render_report, write_report};
use efface_schema::{HipaaElement, Place, RecallCell, Retention, ThroughputMetrics, Versioned};
use small_suite::{golden, score};

#[test]
fn doing_nothing_removes_nothing_and_keeps_everything() {
    let metrics = score(&golden().join("orig"), false).metrics;
    let removed = metrics.recall.overall.removed.unwrap();
    assert_eq!((removed.numerator, removed.denominator, metrics.recall.overall.leaked), (0, 9, 9));
    assert_eq!(metrics.residual.clean_files.unwrap().numerator, 0);
    assert_eq!(metrics.retention.by_kind[&Retention::Text].value(), 1.0);
    assert_eq!(metrics.retention.identical_pixels.unwrap().value(), 1.0);
}

#[test]
fn handing_in_nothing_withholds_everything_and_scores_no_recall() {
    let empty = tempfile::tempdir().unwrap();
    let metrics = score(empty.path(), false).metrics;
    assert_eq!(metrics.recall.overall.removed, None);
    assert_eq!(metrics.recall.overall.withheld, 9);
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
fn recall_of_an_element_is_told_by_modality_and_by_locale() {
    let recall = score(&golden().join("deid"), true).metrics.recall;
    let names = &recall.by_element_and_modality[&HipaaElement::A];
    let counts = |cell: &RecallCell| cell.removed.map(|rate| (rate.numerator, rate.denominator));
    // Two names in each; that in the text of the first leaks.
    assert_eq!((counts(&names["CT"]), counts(&names["DX"])), (Some((1, 2)), Some((2, 2))));
    assert_eq!(names["CT"], recall.by_element_and_locale[&HipaaElement::A]["de_DE"]);
    assert!(names["CT"].removed_by_patient.is_none() && names["DX"].leak_upper_bound.is_some(), "one patient");
    for (element, cell) in &recall.by_element {
        let crossed = [&recall.by_element_and_modality[element], &recall.by_element_and_locale[element]];
        for of_element in crossed {
            assert_eq!(of_element.values().map(|cell| cell.leaked).sum::<u64>(), cell.leaked);
            let judged = of_element.values().filter_map(counts).map(|(_, judged)| judged).sum::<u64>();
            assert_eq!(Some(judged), counts(cell).map(|(_, judged)| judged), "{element}");
        }
    }
}

#[test]
fn what_leaks_in_any_file_of_an_instance_leaks() {
    let folder = tempfile::tempdir().unwrap();
    let original = std::fs::read(golden().join("orig/ct.dcm")).unwrap();
    let name = b"SANCHEZ^TIMOTHY";
    let at = original.windows(name.len()).position(|bytes| bytes == name).unwrap();
    let mut without = original.clone();
    without[at..at + name.len()].fill(b'X');
    let removed = || {
        let cell = score(folder.path(), false).metrics.recall.by_element_and_modality[&HipaaElement::A]["CT"];
        cell.removed.unwrap().numerator
    };
    std::fs::write(folder.path().join("a.dcm"), without).unwrap();
    let alone = removed();
    std::fs::write(folder.path().join("b.dcm"), original).unwrap();
    assert_eq!((alone, removed()), (1, 0), "the other name stands in the description of both");
}

#[test]
fn a_report_is_the_same_at_any_number_of_threads_and_can_be_rendered_again() {
    let folders = [1, 4].map(|n_threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap();
        let folder = tempfile::tempdir().unwrap();
        pool.install(|| write_report(&score(&golden().join("deid"), true), &[], folder.path()).unwrap());
        folder
    });
    for name in [
        "metrics.json",
        "cases.csv",
        "figures.csv",
        "figures.parquet",
        "report.html",
        "scoring_report_series.xlsx",
        "discrepancy_report_internal.csv",
    ] {
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
    keep("throughput.json", serde_json::to_string(&ThroughputMetrics { format_version: 99, ..speed }).unwrap());
    assert!(render_report(folder.path()).is_err(), "of a version that is not known");
}

#[test]
fn no_value_reaches_metrics_cases_or_the_page() {
    let folder = tempfile::tempdir().unwrap();
    write_report(&score(&golden().join("orig"), false), &[], folder.path()).unwrap();
    for name in ["metrics.json", "cases.csv", "figures.csv", "report.md", "report.html"] {
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

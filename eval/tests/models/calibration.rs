//! Calibration against scikit-learn, uncertainty-calibration and the definitions.

use crate::{assert_close, fixture};
use efface_eval::models::calibration::{Decision, Settings, measure, read};
use efface_eval::models::plot;
use efface_schema::{BinnedCalibration, CalibrationFigures, Estimate, JudgedDecision};
use serde::Deserialize;

#[derive(Deserialize)]
struct Fixture {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    p: Vec<f64>,
    y: Vec<u8>,
    phi: Vec<u8>,
    n_bins: u32,
    brier: f64,
    log_loss: f64,
    equal_width: Bins,
    equal_mass: Bins,
    area: Option<f64>,
    review: Option<Vec<[f64; 2]>>,
}

#[derive(Deserialize)]
struct Bins {
    share: Vec<f64>,
    mean: Vec<f64>,
    parts: Parts,
    expected: f64,
    maximum: f64,
    root_mean_square: f64,
    debiased: f64,
    debiased_expected: f64,
    /// As drawn by the package, with the standard error of its draws; it needs two decisions in every bin.
    drawn_debiased_expected: Option<f64>,
    standard_error: Option<f64>,
}

#[derive(Deserialize)]
struct Parts {
    reliability: f64,
    resolution: f64,
    uncertainty: f64,
    within_bin_variance: f64,
    within_bin_covariance: f64,
}

fn decisions(case: &Case) -> Vec<Decision> {
    (0..case.p.len())
        .map(|at| Decision {
            probability: case.p[at],
            is_correct: case.y[at] == 1,
            cluster: format!("patient {}", at % 5),
            kind: None,
            is_phi: case.phi[at] == 1,
        })
        .collect()
}

fn figures(case: &Case) -> CalibrationFigures {
    let settings = Settings {
        n_bins: case.n_bins,
        n_resamples: 100,
        review_shares: vec![0.0, 0.1, 0.25, 0.5, 1.0],
        ..Settings::default()
    };
    measure(&decisions(case), &settings).expect("there are rows").overall
}

fn assert_bins(found: &BinnedCalibration, expected: &Bins, brier: f64, what: &str) {
    assert_eq!(found.bins.len(), expected.mean.len(), "{what}");
    for ((bin, mean), share) in found.bins.iter().zip(&expected.mean).zip(&expected.share) {
        assert_close(bin.mean_probability, *mean, 1e-12, what);
        assert_close(bin.share_correct, *share, 1e-12, what);
    }
    let parts = &found.brier_parts;
    for (found, expected) in [
        (found.expected_error, expected.expected),
        (found.maximum_error, expected.maximum),
        (found.root_mean_square_error, expected.root_mean_square),
        (parts.reliability, expected.parts.reliability),
        (parts.resolution, expected.parts.resolution),
        (parts.uncertainty, expected.parts.uncertainty),
        (parts.within_bin_variance, expected.parts.within_bin_variance),
        (parts.within_bin_covariance, expected.parts.within_bin_covariance),
    ] {
        assert_close(found.value, expected, 1e-12, what);
    }
    // A root near 0 has half the digits of its square.
    let debiased = found.debiased_root_mean_square_error.value;
    assert_close(debiased.powi(2), expected.debiased.powi(2), 1e-12, what);
    // The package does not stop at 0.
    let found_expected = found.debiased_expected_error.expect("this version has it").value;
    assert_close(found_expected, expected.debiased_expected.max(0.0), 1e-12, what);
    if let (Some(drawn), Some(standard_error)) = (expected.drawn_debiased_expected, expected.standard_error) {
        assert!((found_expected - drawn.max(0.0)).abs() <= 5.0 * standard_error + 1e-12, "{what}: {drawn}");
    }
    let sum =
        parts.reliability.value - parts.resolution.value + parts.uncertainty.value + parts.within_bin_variance.value
            - parts.within_bin_covariance.value;
    assert_close(sum, brier, 1e-12, what);
}

#[test]
fn figures_agree_with_other_implementations() {
    let cases = fixture::<Fixture>("calibration").cases;
    assert!(cases.len() > 200);
    let mut n_reviewed = 0;
    for (at, case) in cases.iter().enumerate() {
        let found = figures(case);
        let what = format!("case {at}");
        assert_close(found.brier_score.value, case.brier, 1e-12, &what);
        assert_close(found.log_loss.value, case.log_loss, 1e-12, &what);
        assert_bins(&found.equal_width, &case.equal_width, case.brier, &format!("{what}, equal width"));
        assert_bins(&found.equal_mass, &case.equal_mass, case.brier, &format!("{what}, equal mass"));
        let (Some(area), Some(review)) = (case.area, &case.review) else { continue };
        assert_close(found.area_under_risk_coverage.value, area, 1e-12, &what);
        for (point, expected) in found.review.iter().zip(review) {
            n_reviewed += 1;
            for (found, expected) in [point.error_unreviewed, point.phi_missed].iter().zip(expected) {
                // What is undefined here is -1 there.
                assert_close(found.map_or(-1.0, |estimate| estimate.value), *expected, 1e-12, &what);
            }
        }
        let last = found.risk_coverage.last().expect("a curve");
        assert_close(last.coverage, 1.0, 1e-12, &what);
        assert_close(last.risk, 1.0 - found.share_correct.value, 1e-12, &what);
    }
    assert!(n_reviewed > 500, "{n_reviewed}");
}

/// Forty patients of whom each is right throughout or wrong throughout: 400 rows that say as much as forty.
fn clustered() -> Vec<Decision> {
    (0..400)
        .map(|at| Decision {
            probability: 0.5 + f64::from(at % 7) / 20.0,
            is_correct: (at % 40) % 4 != 0,
            cluster: format!("patient {}", at % 40),
            kind: Some(if at % 2 == 0 { "token" } else { "box" }.to_owned()),
            is_phi: true,
        })
        .collect()
}

fn width(estimate: Estimate) -> f64 {
    estimate.high.expect("an interval") - estimate.low.expect("an interval")
}

#[test]
fn intervals_are_the_same_at_any_number_of_threads() {
    let settings = Settings { n_resamples: 200, seed: 7, ..Settings::default() };
    let with = |n_threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().expect("threads");
        let metrics = pool.install(|| measure(&clustered(), &settings)).expect("rows");
        serde_json::to_string(&metrics).expect("JSON")
    };
    let alone = with(1);
    assert_eq!(alone, with(2));
    assert_eq!(alone, with(7));
    let other = measure(&clustered(), &Settings { seed: 8, ..settings }).expect("rows");
    assert_ne!(alone, serde_json::to_string(&other).expect("JSON"), "another seed gives other draws");
}

#[test]
fn intervals_are_across_clusters() {
    let rows = clustered();
    let metrics = measure(&rows, &Settings::default()).expect("rows");
    // The standard error of a share of 0.75 of forty: 0.068; of four hundred: 0.022.
    let share = metrics.overall.share_correct;
    assert!((width(share) - 2.0 * 1.96 * 0.0685).abs() < 0.03, "{share:?}");
    let independent: Vec<Decision> =
        (rows.into_iter().enumerate()).map(|(at, row)| Decision { cluster: format!("row {at}"), ..row }).collect();
    let alone = measure(&independent, &Settings::default()).expect("rows").overall.share_correct;
    assert!((width(alone) - 2.0 * 1.96 * 0.0217).abs() < 0.015, "{alone:?}");
    assert_eq!(metrics.by_kind.keys().collect::<Vec<_>>(), ["box", "token"]);
    assert_eq!(metrics.by_kind["box"].n_decisions, 200);
}

#[test]
fn what_does_not_vary_has_no_interval_of_no_width() {
    let one = |cluster: &str, probability| Decision {
        probability,
        is_correct: true,
        cluster: cluster.to_owned(),
        kind: None,
        is_phi: true,
    };
    let found = measure(&[one("a", 0.5), one("a", 0.7)], &Settings::default()).expect("rows").overall;
    assert_eq!((found.share_correct.value, found.share_correct.low, found.brier_score.low), (1.0, None, None));
    let rows: Vec<Decision> = (0..30).map(|at| one(&format!("patient {at}"), 0.9)).collect();
    let found = measure(&rows, &Settings::default()).expect("rows").overall;
    assert!(found.brier_score.low.is_none() && found.equal_width.expected_error.high.is_none());
    // Thirty patients without a miss: one in nine might still be missed.
    let missed = found.review[0].phi_missed.expect("there is PHI");
    assert_eq!((missed.value, missed.low), (0.0, Some(0.0)));
    assert!(missed.high.is_some_and(|high| high > 0.1 && high < 0.15), "{missed:?}");
    // Nothing is left when all is reviewed.
    let all = Settings { review_shares: vec![1.0], ..Settings::default() };
    assert!(measure(&rows, &all).expect("rows").overall.review[0].error_unreviewed.is_none());
}

#[test]
fn what_is_wrong_is_named() {
    let check = |rows: &str, words: &[&str]| {
        let error = read(rows.as_bytes()).expect_err("refused").to_string();
        for word in words {
            assert!(error.contains(word), "no {word} in: {error}");
        }
    };
    let row = r#"{"probability": 0.5, "correct": true, "cluster": 1}"#;
    check("", &["rows", "empty"]);
    check(&format!("{row}\n{}", row.replace("0.5", "1.5")), &["line 2", "\"probability\"", "0 to 1"]);
    check(&row.replace("0.5", "NaN"), &["line 1", "NaN"]);
    check(&row.replace("true", "2"), &["line 1", "\"correct\"", "true or false"]);
    check(&row.replace(", \"cluster\": 1", ""), &["line 1", "\"cluster\"", "missing"]);
    check(&row.replace("\"cluster\"", "\"patient\""), &["line 1", "known ones", "cluster"]);
    check(&format!("{row}\n{}", row.replace("1}", "1, \"phi\": true}")), &["line 2", "\"phi\""]);
    let rows = read(row.as_bytes()).expect("a row");
    for settings in [
        Settings { n_bins: 0, ..Settings::default() },
        Settings { n_resamples: 10, ..Settings::default() },
        Settings { review_shares: vec![f64::NAN], ..Settings::default() },
    ] {
        assert!(measure(&rows, &settings).is_err(), "{settings:?}");
    }
}

#[test]
fn rows_are_read_as_the_schema_writes_them() {
    let row = JudgedDecision {
        probability: 0.25,
        correct: false,
        cluster: "patient 7".to_owned(),
        kind: Some("box".to_owned()),
        phi: Some(false),
    };
    let rows = read(serde_json::to_string(&row).expect("JSON").as_bytes()).expect("a row");
    let expected = Decision {
        probability: 0.25,
        is_correct: false,
        cluster: "patient 7".to_owned(),
        kind: Some("box".to_owned()),
        is_phi: false,
    };
    assert_eq!(rows, [expected]);
}

#[test]
fn plots_stand_by_themselves() {
    let figures = measure(&clustered(), &Settings::default()).expect("rows").overall;
    for plot in [plot::reliability("boxes", &figures), plot::risk_coverage(&figures), plot::review(&figures)] {
        let svg = plot.to_file();
        assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>") && svg.contains("<title>"), "{svg}");
        assert!(!svg.contains("NaN") && svg.matches("<circle").count() > 5, "{svg}");
    }
}

//! Intervals against statsmodels and scipy.

use crate::{assert_close, fixture};
use efface_eval::interval::{
    ClusterCount, Confidence, clopper_pearson, upper_bound, upper_bound_clustered, wilson, wilson_clustered,
};
use serde::Deserialize;

#[derive(Deserialize)]
struct Intervals {
    plain: Vec<Plain>,
    clustered: Vec<Clustered>,
}

#[derive(Deserialize)]
struct Plain {
    numerator: u64,
    denominator: u64,
    confidence: f64,
    wilson: [f64; 2],
    exact: [f64; 2],
    upper_bound: f64,
}

#[derive(Deserialize)]
struct Clustered {
    clusters: Vec<[u64; 2]>,
    confidence: f64,
    design_effect: f64,
    low: f64,
    high: f64,
    upper_bound: f64,
}

#[test]
fn plain_intervals_agree_with_statsmodels_and_scipy() {
    let cases = fixture::<Intervals>("intervals").plain;
    assert!(cases.len() > 200);
    for case in cases {
        let confidence = Confidence::new(case.confidence).expect("between 0 and 1");
        let what = format!("{} of {} at {}", case.numerator, case.denominator, case.confidence);
        let score = wilson(case.numerator, case.denominator, confidence).expect("trials");
        let exact = clopper_pearson(case.numerator, case.denominator, confidence).expect("trials");
        for (found, expected) in [(score, case.wilson), (exact, case.exact)] {
            assert_close(found.low, expected[0], 1e-11, &what);
            assert_close(found.high, expected[1], 1e-11, &what);
        }
        let bound = upper_bound(case.numerator, case.denominator, confidence).expect("trials");
        assert!((bound / case.upper_bound - 1.0).abs() < 1e-9, "{what}: {bound} instead of {}", case.upper_bound);
    }
}

#[test]
fn clustered_intervals_agree_with_statsmodels() {
    let cases = fixture::<Intervals>("intervals").clustered;
    assert!(cases.len() > 100 && cases.iter().any(|case| case.design_effect > 2.0));
    for (at, case) in cases.iter().enumerate() {
        let clusters: Vec<ClusterCount> = case
            .clusters
            .iter()
            .map(|[numerator, denominator]| ClusterCount { numerator: *numerator, denominator: *denominator })
            .collect();
        let confidence = Confidence::new(case.confidence).expect("between");
        let found = wilson_clustered(&clusters, confidence).expect("clusters");
        let bound = upper_bound_clustered(&clusters, confidence).expect("clusters");
        assert_close(bound, case.upper_bound, 1e-9, &format!("bound of case {at}"));
        assert_close(found.design_effect, case.design_effect, 1e-10, &format!("design effect of case {at}"));
        assert_close(found.rate.low, case.low, 1e-10, &format!("lower end of case {at}"));
        assert_close(found.rate.high, case.high, 1e-10, &format!("upper end of case {at}"));
    }
}

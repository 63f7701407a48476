//! From what a span says of itself to the share of such spans that is right.
//!
//! The probability that an entity rule makes of a span's tokens knows nothing of the span's ends: tokens may all be sure
//! and the span a word too short. So a monotone map, fitted on the calibration split, turns it into the share of spans
//! with both ends and the label right.

use efface_schema::Sha256Hex;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How near to 0 and 1 a probability may come before its logit is taken.
const LEAST: f64 = 1e-6;

/// A point that a map goes through.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpanPoint {
    /// What spans say.
    pub said: f64,
    /// The share of them that is right.
    pub right: f64,
}

/// A map that never turns a surer span into a less sure one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum SpanMap {
    /// `1 / (1 + exp(-(slope · logit(p) + intercept)))`.
    ///
    /// Source: J. Platt, "Probabilistic Outputs for Support Vector Machines", 1999, over logits.
    Logistic {
        /// Above 0.
        slope: f64,
        /// Below 0 where spans say too much.
        intercept: f64,
    },
    /// Straight lines between the points of an isotonic regression, level before the first and after the last.
    ///
    /// Source: B. Zadrozny, C. Elkan, "Transforming Classifier Scores into Accurate Multiclass Probability Estimates",
    /// KDD 2002.
    Isotonic {
        /// By rising `said`; `right` never falls.
        points: Vec<SpanPoint>,
    },
}

impl SpanMap {
    /// The share of spans that is right among those which say `said`, from 0 to 1.
    ///
    /// # Example
    /// ```
    /// use efface_nets::calibration::{SpanMap, SpanPoint};
    /// let point = |said, right| SpanPoint { said, right };
    /// let map = SpanMap::Isotonic { points: vec![point(0.5, 0.25), point(1.0, 0.75)] };
    /// assert_eq!((map.apply(0.1), map.apply(0.75), map.apply(1.0)), (0.25, 0.5, 0.75));
    /// ```
    pub fn apply(&self, said: f64) -> f64 {
        let share = match self {
            Self::Logistic { slope, intercept } => 1.0 / (1.0 + (-(slope * logit(said) + intercept)).exp()),
            Self::Isotonic { points } => {
                let after = points.partition_point(|point| point.said <= said);
                match (after.checked_sub(1).map(|before| points[before]), points.get(after)) {
                    (Some(before), Some(after)) => {
                        let way = (said - before.said) / (after.said - before.said);
                        before.right + way * (after.right - before.right)
                    }
                    (Some(point), None) => point.right,
                    (None, point) => point.map_or(said, |point| point.right),
                }
            }
        };
        share.clamp(0.0, 1.0)
    }

    /// What is senseless about it, if anything is.
    pub(super) fn fault(&self) -> Option<&'static str> {
        match self {
            Self::Logistic { slope, intercept } => {
                let is_sensible = slope.is_finite() && *slope > 0.0 && intercept.is_finite();
                (!is_sensible).then_some("the map of spans does not rise")
            }
            Self::Isotonic { points } => {
                let is_share =
                    |point: &SpanPoint| [point.said, point.right].iter().all(|one| (0.0..=1.0).contains(one));
                let rises = |pair: &[SpanPoint]| pair[0].said < pair[1].said && pair[0].right <= pair[1].right;
                let is_sensible = !points.is_empty() && points.iter().all(is_share) && points.windows(2).all(rises);
                (!is_sensible).then_some("the map of spans does not rise")
            }
        }
    }
}

/// `ln(p / (1 - p))` of a probability that is kept a millionth off 0 and 1.
pub fn logit(probability: f64) -> f64 {
    let probability = probability.clamp(LEAST, 1.0 - LEAST);
    (probability / (1.0 - probability)).ln()
}

/// How far probabilities of spans were from what came true; lower is better.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpanFigures {
    /// Expected calibration error over 15 bins of equal width.
    pub expected_calibration_error: f64,
    /// Mean of `-ln` of the probability of what came true.
    pub negative_log_likelihood: f64,
}

/// What a map of spans was fitted on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpansFittedOn {
    /// Digests of the files, by name.
    pub files: BTreeMap<String, Sha256Hex>,
    /// How many texts.
    pub n_texts: u64,
    /// How many spans the network found in them.
    pub n_spans: u64,
    /// How many of these have both ends and the label right.
    pub n_right: u64,
    /// How many clusters, such as patients, have a span.
    pub n_clusters: u64,
    /// The threshold at which spans were found.
    pub threshold: f64,
    /// Without the map.
    pub before: SpanFigures,
    /// With maps that were fitted on other clusters than those they are measured on.
    pub after: SpanFigures,
}

/// A map of spans, and what it was fitted on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpanCalibration {
    /// The map.
    pub map: SpanMap,
    /// What it was fitted on.
    pub fitted_on: SpansFittedOn,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn isotonic(points: &[(f64, f64)]) -> SpanMap {
        SpanMap::Isotonic { points: points.iter().map(|&(said, right)| SpanPoint { said, right }).collect() }
    }

    #[test]
    fn a_logistic_map_of_slope_1_moves_logits_alone() {
        let map = SpanMap::Logistic { slope: 1.0, intercept: -(3.0_f64.ln()) };
        // Odds of 9 become odds of 3.
        assert!((map.apply(0.9) - 0.75).abs() < 1e-12);
        assert!((SpanMap::Logistic { slope: 1.0, intercept: 0.0 }.apply(0.3) - 0.3).abs() < 1e-12);
        assert!(map.apply(1.0) < 1.0 && map.apply(0.0) > 0.0);
    }

    #[test]
    fn maps_that_fall_or_leave_the_range_are_senseless() {
        for map in [
            SpanMap::Logistic { slope: 0.0, intercept: 0.0 },
            SpanMap::Logistic { slope: f64::NAN, intercept: 0.0 },
            SpanMap::Logistic { slope: 1.0, intercept: f64::INFINITY },
            isotonic(&[]),
            isotonic(&[(0.1, 0.5), (0.1, 0.6)]),
            isotonic(&[(0.1, 0.5), (0.2, 0.4)]),
            isotonic(&[(0.1, 0.5), (0.2, 1.4)]),
        ] {
            assert!(map.fault().is_some(), "{map:?}");
        }
        assert!(isotonic(&[(0.1, 0.5), (0.2, 0.5)]).fault().is_none());
    }

    proptest! {
        #[test]
        fn a_surer_span_never_becomes_less_sure(
            one in 0.0..=1.0_f64,
            other in 0.0..=1.0_f64,
            slope in 0.05..5.0_f64,
            intercept in -5.0..5.0_f64,
            mut said in prop::collection::vec(0.0..=1.0_f64, 1..9),
            mut right in prop::collection::vec(0.0..=1.0_f64, 9),
        ) {
            said.sort_by(f64::total_cmp);
            said.dedup();
            right.sort_by(f64::total_cmp);
            let points: Vec<(f64, f64)> = said.into_iter().zip(right).collect();
            for map in [SpanMap::Logistic { slope, intercept }, isotonic(&points)] {
                prop_assert!(map.fault().is_none());
                let (low, high) = (map.apply(one.min(other)), map.apply(one.max(other)));
                prop_assert!(low <= high + 1e-12 && (0.0..=1.0).contains(&low) && (0.0..=1.0).contains(&high));
            }
        }
    }
}

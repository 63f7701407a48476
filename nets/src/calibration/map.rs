//! From what a network says to the share of such findings that is right.

use serde::{Deserialize, Serialize};

/// How near to 0 and 1 a probability may come before its logit is taken.
const LEAST: f64 = 1e-6;

/// A point that a map goes through.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MapPoint {
    /// What findings say.
    pub said: f64,
    /// The share of them that is right.
    pub right: f64,
}

/// A map that never turns a surer finding into a less sure one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum ProbabilityMap {
    /// `1 / (1 + exp(-(slope · logit(p) + intercept)))`.
    ///
    /// Source: J. Platt, "Probabilistic Outputs for Support Vector Machines", 1999, over logits.
    Logistic {
        /// Above 0.
        slope: f64,
        /// Below 0 where findings say too much.
        intercept: f64,
    },
    /// Straight lines between the points of an isotonic regression, level before the first and after the last.
    ///
    /// Source: B. Zadrozny, C. Elkan, "Transforming Classifier Scores into Accurate Multiclass Probability Estimates",
    /// KDD 2002.
    Isotonic {
        /// By rising `said`; `right` never falls.
        points: Vec<MapPoint>,
    },
}

impl ProbabilityMap {
    /// The share of findings that is right among those which say `said`, from 0 to 1.
    ///
    /// # Example
    /// ```
    /// use efface_nets::calibration::{ProbabilityMap, MapPoint};
    /// let point = |said, right| MapPoint { said, right };
    /// let map = ProbabilityMap::Isotonic { points: vec![point(0.5, 0.25), point(1.0, 0.75)] };
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

    /// The least that a finding must say so that such findings are right at least in the share `right`; above 1 where none
    /// says enough.
    ///
    /// # Example
    /// ```
    /// use efface_nets::calibration::{MapPoint, ProbabilityMap};
    /// let point = |said, right| MapPoint { said, right };
    /// let map = ProbabilityMap::Isotonic { points: vec![point(0.0, 0.0), point(0.5, 0.25), point(1.0, 0.75)] };
    /// assert_eq!((map.said_for(0.0), map.said_for(0.5), map.said_for(0.75)), (0.0, 0.75, 1.0));
    /// assert!(map.said_for(0.8) > 1.0);
    /// ```
    pub fn said_for(&self, right: f64) -> f64 {
        match self {
            Self::Logistic { slope, intercept } => {
                if self.apply(0.0) >= right {
                    0.0
                } else if self.apply(1.0) < right {
                    f64::INFINITY
                } else {
                    1.0 / (1.0 + (-((logit(right) - intercept) / slope)).exp())
                }
            }
            Self::Isotonic { points } => {
                let after = points.partition_point(|point| point.right < right);
                match (after.checked_sub(1).map(|before| points[before]), points.get(after)) {
                    (Some(before), Some(after)) => {
                        let way = (right - before.right) / (after.right - before.right);
                        before.said + way * (after.said - before.said)
                    }
                    (Some(_), None) => f64::INFINITY,
                    (None, _) => 0.0,
                }
            }
        }
    }

    /// What is senseless about it, if anything is.
    pub(crate) fn fault(&self) -> Option<&'static str> {
        match self {
            Self::Logistic { slope, intercept } => {
                let is_sensible = slope.is_finite() && *slope > 0.0 && intercept.is_finite();
                (!is_sensible).then_some("a map of probabilities does not rise")
            }
            Self::Isotonic { points } => {
                let is_share = |point: &MapPoint| [point.said, point.right].iter().all(|one| (0.0..=1.0).contains(one));
                let rises = |pair: &[MapPoint]| pair[0].said < pair[1].said && pair[0].right <= pair[1].right;
                let is_sensible = !points.is_empty() && points.iter().all(is_share) && points.windows(2).all(rises);
                (!is_sensible).then_some("a map of probabilities does not rise")
            }
        }
    }
}

/// `ln(p / (1 - p))` of a probability that is kept a millionth off 0 and 1.
pub fn logit(probability: f64) -> f64 {
    let probability = probability.clamp(LEAST, 1.0 - LEAST);
    (probability / (1.0 - probability)).ln()
}

/// How far probabilities of findings were from what came true; lower is better.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MapFigures {
    /// Expected calibration error over 15 bins of equal width.
    pub expected_calibration_error: f64,
    /// Mean of `-ln` of the probability of what came true.
    pub negative_log_likelihood: f64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn isotonic(points: &[(f64, f64)]) -> ProbabilityMap {
        ProbabilityMap::Isotonic { points: points.iter().map(|&(said, right)| MapPoint { said, right }).collect() }
    }

    #[test]
    fn a_logistic_map_of_slope_1_moves_logits_alone() {
        let map = ProbabilityMap::Logistic { slope: 1.0, intercept: -(3.0_f64.ln()) };
        // Odds of 9 become odds of 3.
        assert!((map.apply(0.9) - 0.75).abs() < 1e-12);
        assert!((ProbabilityMap::Logistic { slope: 1.0, intercept: 0.0 }.apply(0.3) - 0.3).abs() < 1e-12);
        assert!(map.apply(1.0) < 1.0 && map.apply(0.0) > 0.0);
    }

    #[test]
    fn maps_that_fall_or_leave_the_range_are_senseless() {
        for map in [
            ProbabilityMap::Logistic { slope: 0.0, intercept: 0.0 },
            ProbabilityMap::Logistic { slope: f64::NAN, intercept: 0.0 },
            ProbabilityMap::Logistic { slope: 1.0, intercept: f64::INFINITY },
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
        fn a_surer_finding_never_becomes_less_sure(
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
            for map in [ProbabilityMap::Logistic { slope, intercept }, isotonic(&points)] {
                prop_assert!(map.fault().is_none());
                let (low, high) = (map.apply(one.min(other)), map.apply(one.max(other)));
                prop_assert!(low <= high + 1e-12 && (0.0..=1.0).contains(&low) && (0.0..=1.0).contains(&high));
                // What says the least that is asked for is right as often as asked, and what says less is not.
                let least = map.said_for(other);
                if least <= 1.0 {
                    prop_assert!(map.apply(least) >= other - 1e-5, "{} of {other}", map.apply(least));
                    prop_assert!(least <= 1e-4 || map.apply(least - 1e-4) < other + 1e-5);
                } else {
                    prop_assert!(map.apply(1.0) < other);
                }
            }
        }
    }
}

//! Counts kept apart by cluster, such as patient, so that shares get intervals across clusters.

use super::bootstrap::Ratio;
use crate::interval::{ClusterCount, Confidence, wilson_clustered};
use efface_schema::{ClusteredShare, Interval, UnitScores};
use std::collections::BTreeMap;

/// Gives each name the number of its first appearance.
#[derive(Default)]
pub(super) struct Numbering(BTreeMap<String, usize>);

impl Numbering {
    pub(super) fn number(&mut self, name: &str) -> usize {
        if let Some(number) = self.0.get(name) {
            return *number;
        }
        let number = self.0.len();
        self.0.insert(name.to_owned(), number);
        number
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

/// A share by cluster.
#[derive(Debug, Clone, Default)]
pub(super) struct ShareTally(BTreeMap<usize, [u64; 2]>);

impl ShareTally {
    /// Counts some out of all of a cluster.
    pub(super) fn add(&mut self, cluster: usize, numerator: u64, denominator: u64) {
        let counts = self.0.entry(cluster).or_default();
        counts[0] += numerator;
        counts[1] += denominator;
    }

    /// The share; absent if nothing was counted.
    pub(super) fn share(&self) -> Option<ClusteredShare> {
        let count = |counts: &[u64; 2]| ClusterCount { numerator: counts[0], denominator: counts[1] };
        share(&self.0.values().map(count).collect::<Vec<_>>())
    }
}

fn share(clusters: &[ClusterCount]) -> Option<ClusteredShare> {
    let numerator: u64 = clusters.iter().map(|cluster| cluster.numerator).sum();
    let denominator: u64 = clusters.iter().map(|cluster| cluster.denominator).sum();
    let interval = wilson_clustered(clusters, Confidence::PERCENT_95);
    (denominator > 0).then(|| ClusteredShare {
        numerator,
        denominator,
        value: numerator as f64 / denominator as f64,
        low: interval.map(|found| found.rate.low),
        high: interval.map(|found| found.rate.high),
    })
}

/// What is and what is taken for something, by cluster.
#[derive(Debug, Clone, Default)]
pub(super) struct UnitTally(BTreeMap<usize, [u64; 3]>);

impl UnitTally {
    /// Counts one unit.
    pub(super) fn add(&mut self, cluster: usize, is: bool, is_taken_for: bool) {
        let counts = self.0.entry(cluster).or_default();
        match (is, is_taken_for) {
            (true, true) => counts[0] += 1,
            (false, true) => counts[1] += 1,
            (true, false) => counts[2] += 1,
            (false, false) => {}
        }
    }

    /// F1 as a ratio of sums, so that clusters can be drawn anew.
    pub(super) fn f1(&self) -> Ratio {
        let parts = |[right, wrong, missed]: [u64; 3]| [2.0 * right as f64, (2 * right + wrong + missed) as f64];
        self.0.iter().map(|(cluster, counts)| (*cluster, parts(*counts))).collect()
    }

    /// Precision, recall and F1, whose interval is given.
    pub(super) fn scores(&self, f1_interval: Option<Interval>) -> UnitScores {
        let total = |at: usize| self.0.values().map(|counts| counts[at]).sum::<u64>();
        let (true_positives, false_positives, false_negatives) = (total(0), total(1), total(2));
        let out_of = |wrong: usize| {
            let count =
                |counts: &[u64; 3]| ClusterCount { numerator: counts[0], denominator: counts[0] + counts[wrong] };
            share(&self.0.values().map(count).collect::<Vec<_>>())
        };
        let all = 2 * true_positives + false_positives + false_negatives;
        UnitScores {
            true_positives,
            false_positives,
            false_negatives,
            precision: out_of(1),
            recall: out_of(2),
            f1: (all > 0).then(|| 2.0 * true_positives as f64 / all as f64),
            f1_interval,
        }
    }
}

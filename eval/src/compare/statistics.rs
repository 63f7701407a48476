//! Tests for paired outcomes.

use crate::interval::ClusterCount;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use rayon::prelude::*;
use serde::Serialize;

/// So many resamples: the ends of an interval move by less than a tenth of its width between seeds.
pub const N_RESAMPLES: usize = 2000;

/// The exact two-sided probability of McNemar's test.
///
/// Of the cases that ended differently, `better` became better and `worse` worse; if nothing had changed, either
/// would be as likely. The probability that the smaller number, or one smaller still, comes out of so many even
/// chances, doubled; 1 where no case ended differently.
///
/// Source: Q. McNemar, Psychometrika 12 (1947) 153-157; the exact form is the sign test.
///
/// # Example
/// ```
/// use efface_eval::compare::mcnemar;
/// assert_eq!(mcnemar(0, 0), 1.0);
/// assert!((mcnemar(1, 9) - 0.021484375).abs() < 1e-12);
/// ```
pub fn mcnemar(better: u64, worse: u64) -> f64 {
    let n = better + worse;
    let fewer = better.min(worse);
    if n == 0 {
        return 1.0;
    }
    // Terms by their logarithms, from the largest down: the sum of a thousand tiny numbers keeps its digits.
    let mut log_ways = 0.0;
    let mut logs = Vec::with_capacity(fewer as usize + 1);
    for k in 0..=fewer {
        if k > 0 {
            log_ways += ((n - k + 1) as f64 / k as f64).ln();
        }
        logs.push(log_ways - n as f64 * std::f64::consts::LN_2);
    }
    let sum: f64 = logs.iter().rev().map(|log| log.exp()).sum();
    (2.0 * sum).min(1.0)
}

/// A difference of two shares with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PairedInterval {
    /// New less base.
    pub difference: f64,
    /// The 2.5th percentile of the resampled differences.
    pub low: f64,
    /// The 97.5th.
    pub high: f64,
}

/// The interval of the difference between two shares over the same patients, resampled patient by patient.
///
/// Each of [`N_RESAMPLES`] resamples draws as many patients as there are, with replacement, and takes the
/// difference over their cases. Every resample has its own stream of the seed, so the result does not depend on the
/// number of threads. Absent with fewer than two patients, or where one of the shares is of nothing.
///
/// Source: B. Efron, R. Tibshirani, An Introduction to the Bootstrap (1993), chapters 8 and 13 (percentiles).
///
/// # Panics
/// When the two are not of the same number of patients.
///
/// # Example
/// ```
/// use efface_eval::compare::paired_bootstrap;
/// use efface_eval::interval::ClusterCount;
/// let patients = |numerator| vec![ClusterCount { numerator, denominator: 10 }; 5];
/// let interval = paired_bootstrap(&patients(8), &patients(9), 1).unwrap();
/// assert!((interval.difference - 0.1).abs() < 1e-12 && (interval.high - interval.low).abs() < 1e-12);
/// ```
pub fn paired_bootstrap(base: &[ClusterCount], new: &[ClusterCount], seed: u64) -> Option<PairedInterval> {
    assert_eq!(base.len(), new.len(), "one count of each patient");
    if base.len() < 2 {
        return None;
    }
    let difference = share(new.iter())? - share(base.iter())?;
    let mut resampled: Vec<f64> = (0..N_RESAMPLES as u64)
        .into_par_iter()
        .filter_map(|resample| {
            let mut random = ChaCha8Rng::seed_from_u64(seed);
            random.set_stream(resample);
            let drawn: Vec<usize> = (0..base.len()).map(|_| below(&mut random, base.len())).collect();
            Some(share(drawn.iter().map(|&at| &new[at]))? - share(drawn.iter().map(|&at| &base[at]))?)
        })
        .collect();
    resampled.sort_unstable_by(f64::total_cmp);
    let at = |share: f64| resampled[((resampled.len() - 1) as f64 * share).round() as usize];
    (!resampled.is_empty()).then(|| PairedInterval { difference, low: at(0.025), high: at(0.975) })
}

/// A number below a bound, evenly: the multiplication leaves a bias below `bound / 2^64`.
fn below(random: &mut ChaCha8Rng, bound: usize) -> usize {
    ((u128::from(random.next_u64()) * bound as u128) >> 64) as usize
}

fn share<'c>(counts: impl Iterator<Item = &'c ClusterCount>) -> Option<f64> {
    let (numerator, denominator) =
        counts.fold((0, 0), |(of, all), count| (of + count.numerator, all + count.denominator));
    (denominator > 0).then(|| numerator as f64 / denominator as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mcnemar_agrees_with_scipy() {
        // scipy 1.17.1: binomtest(min(b, c), b + c, 0.5).pvalue
        for (better, worse, expected) in [
            (3, 3, 1.0),
            (0, 5, 0.0625),
            (5, 0, 0.0625),
            (10, 2, 0.038_574_218_75),
            (40, 60, 0.056_887_933_640_980_89),
            (900, 1100, 8.457_089_535_503_81e-6),
        ] {
            let found = mcnemar(better, worse);
            assert!((found - expected).abs() < 1e-8 * expected, "{better} {worse}: {found} {expected}");
        }
    }

    #[test]
    fn a_patient_alone_makes_a_wide_interval() {
        let count = |numerator| ClusterCount { numerator, denominator: 100 };
        let base = vec![count(90); 10];
        let mut new = base.clone();
        new[3] = count(100);
        let interval = paired_bootstrap(&base, &new, 7).expect("ten patients");
        assert!((interval.difference - 0.01).abs() < 1e-12);
        assert!(interval.low == 0.0 && interval.high >= 0.02, "{interval:?}");
        assert_eq!(Some(interval), paired_bootstrap(&base, &new, 7), "the same seed");
        assert!(paired_bootstrap(&base[..1], &new[..1], 7).is_none());
        let nothing = vec![ClusterCount { numerator: 0, denominator: 0 }; 3];
        assert!(paired_bootstrap(&nothing, &nothing, 7).is_none());
    }

    #[test]
    fn threads_do_not_change_the_interval() {
        let counts = |step: u64| -> Vec<ClusterCount> {
            (0..25).map(|at| ClusterCount { numerator: at * step % 7, denominator: 7 }).collect()
        };
        let with = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
            pool.install(|| paired_bootstrap(&counts(3), &counts(5), 11))
        };
        assert_eq!(with(1), with(4));
    }
}

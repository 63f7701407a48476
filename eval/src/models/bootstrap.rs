//! Figures on clusters drawn anew.
//!
//! Draw `b` has a ChaCha8 stream of its own, named by seed, purpose and `b`, so the bytes are the same at any number of
//! threads. An interval runs from the 2.5th to the 97.5th percentile. It is absent with a single cluster, where the
//! figure is undefined in more than a twentieth of the draws, and where all draws agree: that nothing varied says
//! nothing.
//!
//! Source: B. Efron, R. Tibshirani, An Introduction to the Bootstrap (1993), chapters 8 and 13.

use super::MeasureError;
use crate::interval::{ClusterCount, Confidence, wilson_clustered};
use efface_schema::{Estimate, Interval, Rate, Resampling};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// How often clusters are drawn anew, and from which root of random numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resamples {
    /// How often, at least 100.
    pub n: u32,
    /// Root of the random numbers.
    pub seed: u64,
}

impl Default for Resamples {
    /// 1,000 draws, seed 0.
    fn default() -> Self {
        Self { n: 1000, seed: 0 }
    }
}

impl Resamples {
    /// # Errors
    /// When there are too few.
    pub(crate) fn check(self) -> Result<(), MeasureError> {
        let what = "at least 100 resamples: fewer have no 2.5th percentile to speak of";
        if self.n < 100 { Err(MeasureError::Setting { what }) } else { Ok(()) }
    }

    /// What a record says of them.
    pub(crate) fn record(self, stream: &str) -> Resampling {
        Resampling { seed: self.seed, stream: stream.to_owned(), n_resamples: self.n }
    }
}

/// A ratio of two sums, by cluster.
pub(crate) type Ratio = BTreeMap<usize, [f64; 2]>;

/// A figure that changes with the clusters that are drawn.
#[derive(Debug, Clone)]
pub(crate) enum Figure {
    /// A ratio of sums. A ratio of nothing is undefined.
    Ratio(Ratio),
    /// The mean of the ratios that are defined.
    Mean(Vec<Ratio>),
    /// The mean of ratios, each as often as the sum beside it says; undefined where these sums are 0.
    Weighted(Vec<(Ratio, BTreeMap<usize, f64>)>),
}

impl Figure {
    /// The figure of clusters that were drawn so often.
    fn of(&self, weights: &[u32]) -> Option<f64> {
        match self {
            Self::Ratio(of) => ratio(of, weights),
            Self::Mean(of) => {
                let defined = of.iter().filter_map(|of| ratio(of, weights));
                let (sum, n) = defined.fold((0.0, 0.0), |(sum, n), value| (sum + value, n + 1.0));
                (n > 0.0).then(|| sum / n)
            }
            Self::Weighted(of) => {
                let (sum, n) = of.iter().fold((0.0, 0.0), |(sum, n), (of, times)| {
                    let times: f64 = times.iter().map(|(cluster, times)| f64::from(weights[*cluster]) * times).sum();
                    (sum + times * ratio(of, weights).unwrap_or_default(), n + times)
                });
                (n > 0.0).then(|| sum / n)
            }
        }
    }
}

fn ratio(of: &Ratio, weights: &[u32]) -> Option<f64> {
    let [numerator, denominator] = of.iter().fold([0.0; 2], |sum, (cluster, part)| {
        let weight = f64::from(weights[*cluster]);
        [sum[0] + weight * part[0], sum[1] + weight * part[1]]
    });
    (denominator > 0.0).then(|| numerator / denominator)
}

/// The intervals of figures over clusters, all from the same draws.
pub(crate) fn intervals(
    stream: &str,
    resamples: Resamples,
    n_clusters: usize,
    figures: &[Figure],
) -> Vec<Option<Interval>> {
    let draws =
        Draws::make(stream, resamples, n_clusters, |weights| figures.iter().map(|figure| figure.of(weights)).collect());
    (0..figures.len()).map(|at| draws.interval(at)).collect()
}

/// Shares with their intervals by cluster. A share of 0 or 1 does not vary in any draw: it has Wilson's interval across
/// clusters instead, which says how far it can be trusted.
pub(crate) fn shares(stream: &str, resamples: Resamples, shares: &[Vec<ClusterCount>]) -> Vec<Option<Rate>> {
    let ratio = |counts: &Vec<ClusterCount>| -> Ratio {
        let used = counts.iter().enumerate().filter(|(_, count)| count.denominator > 0);
        used.map(|(at, count)| (at, [count.numerator as f64, count.denominator as f64])).collect()
    };
    let figures: Vec<Figure> = shares.iter().map(ratio).map(Figure::Ratio).collect();
    let n_clusters = shares.iter().map(Vec::len).max().unwrap_or_default();
    let drawn = intervals(stream, resamples, n_clusters, &figures);
    shares
        .iter()
        .zip(drawn)
        .map(|(counts, drawn)| {
            let wilson = wilson_clustered(counts, Confidence::PERCENT_95)?.rate;
            match drawn {
                _ if wilson.numerator == 0 || wilson.numerator == wilson.denominator => Some(wilson),
                interval => interval.map(|Interval { low, high }| Rate { low, high, ..wilson }),
            }
        })
        .collect()
}

/// The figures of all draws.
pub(crate) struct Draws {
    /// By draw, then by figure.
    figures: Vec<Vec<Option<f64>>>,
}

impl Draws {
    /// Draws as many clusters as there are, with replacement, again and again.
    ///
    /// `figures` is called with how often each cluster was drawn.
    pub(crate) fn make(
        stream: &str,
        resamples: Resamples,
        n_clusters: usize,
        figures: impl Fn(&[u32]) -> Vec<Option<f64>> + Sync,
    ) -> Self {
        if n_clusters < 2 {
            return Self { figures: Vec::new() };
        }
        let draw = |number: u32| figures(&weights(&mut stream_of(stream, resamples.seed, number), n_clusters));
        Self { figures: (0..resamples.n).into_par_iter().map(draw).collect() }
    }

    /// A figure with the interval that the draws give it.
    pub(crate) fn estimate(&self, figure: usize, value: f64) -> Estimate {
        let interval = self.interval(figure);
        Estimate { value, low: interval.map(|interval| interval.low), high: interval.map(|interval| interval.high) }
    }

    /// The interval of a figure that may be undefined, and has none then.
    pub(crate) fn interval_of(&self, figure: usize, value: Option<f64>) -> Option<Interval> {
        value.and_then(|_| self.interval(figure))
    }

    /// The interval of a figure.
    pub(crate) fn interval(&self, figure: usize) -> Option<Interval> {
        let mut values: Vec<f64> = self.figures.iter().filter_map(|draw| draw[figure]).collect();
        values.sort_unstable_by(f64::total_cmp);
        let is_known = !values.is_empty() && values.len() * 20 >= self.figures.len() * 19;
        let interval = is_known.then(|| Interval { low: percentile(&values, 0.025), high: percentile(&values, 0.975) });
        // Sums in another order differ in their last digits; that is no width.
        interval.filter(|interval| interval.high - interval.low > 1e-12)
    }
}

/// The linear quantile of sorted values.
fn percentile(values: &[f64], share: f64) -> f64 {
    let at = (values.len() - 1) as f64 * share;
    let (below, above) = (values[at.floor() as usize], values[at.ceil() as usize]);
    below + (above - below) * at.fract()
}

fn stream_of(stream: &str, seed: u64, number: u32) -> ChaCha8Rng {
    let mut hasher = Sha256::new();
    hasher.update(b"efface-eval 1\0");
    hasher.update(seed.to_le_bytes());
    hasher.update(stream.as_bytes());
    hasher.update([0]);
    hasher.update(number.to_le_bytes());
    ChaCha8Rng::from_seed(hasher.finalize().into())
}

fn weights(random: &mut ChaCha8Rng, n_clusters: usize) -> Vec<u32> {
    let mut weights = vec![0; n_clusters];
    for _ in 0..n_clusters {
        weights[below(random, n_clusters as u64)] += 1;
    }
    weights
}

/// A number below a limit, each as often: the high half of a product, drawn again where some would come more often.
fn below(random: &mut ChaCha8Rng, limit: u64) -> usize {
    let unfair = limit.wrapping_neg() % limit;
    loop {
        let product = u128::from(random.next_u64()) * u128::from(limit);
        if product as u64 >= unfair {
            return usize::try_from(product >> 64).expect("it is below a number of clusters");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_have_the_spread_of_their_patients() {
        let count = |numerator| ClusterCount { numerator, denominator: 10 };
        // Forty patients, half of them with all kept: the standard error of the share is 0.5/√40 = 0.079.
        let halves: Vec<ClusterCount> = (0..40).map(|at| count(if at % 2 == 0 { 10 } else { 0 })).collect();
        let all = vec![count(10); 40];
        let alone = vec![count(5)];
        let found = shares("test", Resamples::default(), &[halves, all.clone(), alone, Vec::new()]);
        let half = found[0].expect("it varies");
        assert_eq!((half.numerator, half.denominator), (200, 400));
        assert!((half.high - half.low - 2.0 * 1.96 * 0.079).abs() < 0.03, "{half:?}");
        assert_eq!(found[1], wilson_clustered(&all, Confidence::PERCENT_95).map(|clustered| clustered.rate));
        assert_eq!((found[2], found[3]), (None, None));
    }

    #[test]
    fn means_are_those_of_what_was_drawn() {
        // Three clusters; the second ratio is of the last cluster alone.
        let first: Ratio = [(0, [1.0, 2.0]), (1, [0.0, 2.0])].into();
        let second: Ratio = [(2, [3.0, 4.0])].into();
        let mean = Figure::Mean(vec![first.clone(), second.clone()]);
        assert_eq!(mean.of(&[1, 1, 1]), Some(0.5));
        assert_eq!(mean.of(&[2, 0, 0]), Some(0.5), "what was not drawn is in no mean");
        assert_eq!(mean.of(&[0, 0, 3]), Some(0.75));
        assert_eq!(mean.of(&[0, 0, 0]), None);
        let weighted = Figure::Weighted(vec![(first, [(0, 1.0), (1, 1.0)].into()), (second, [(2, 2.0)].into())]);
        assert_eq!(weighted.of(&[1, 1, 1]), Some((2.0 * 0.25 + 2.0 * 0.75) / 4.0));
        assert_eq!(weighted.of(&[0, 1, 1]), Some(2.0 * 0.75 / 3.0));
        assert_eq!(weighted.of(&[0, 0, 0]), None);
    }

    #[test]
    fn draws_are_fair_and_repeat() {
        let mut counts = [0_u32; 7];
        for number in 0..2000 {
            let weights = weights(&mut stream_of("test", 3, number), 7);
            assert_eq!(weights.iter().sum::<u32>(), 7);
            counts.iter_mut().zip(weights).for_each(|(count, weight)| *count += weight);
        }
        // 14,000 draws over seven clusters: 2,000 each, standard deviation 41.
        assert!(counts.iter().all(|count| count.abs_diff(2000) < 205), "{counts:?}");
        let draw = |stream, seed| weights(&mut stream_of(stream, seed, 0), 1000);
        assert_eq!(draw("a", 1), draw("a", 1));
        assert_ne!(draw("a", 1), draw("b", 1));
        assert_ne!(draw("a", 1), draw("a", 2));
    }
}

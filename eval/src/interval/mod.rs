//! Intervals for shares: of independent trials, of trials in clusters, and of trials without any failure.
//!
//! A share of nothing has no interval, and neither has a clustered share of a single cluster: both are absent.
//! All intervals are two-sided and lie between 0 and 1; [`upper_bound`] and [`upper_bound_clustered`] are one-sided.
//!
//! | question | function |
//! |---|---|
//! | a share of independent cases, for reading | [`wilson`], as in [`Rate`] |
//! | a share of independent cases, as a guarantee | [`clopper_pearson`]: never covers less than it says |
//! | a share of values, many of one patient | [`wilson_clustered`] |
//! | how large a share of leaks may be after few or none were seen | [`upper_bound`] |
//! | the same where many values are of one patient | [`upper_bound_clustered`] |

mod beta;

use efface_schema::Rate;
use serde::{Deserialize, Serialize};

/// How often an interval made this way holds the true share: between 0 and 1, both excluded.
///
/// # Example
/// ```
/// use efface_eval::interval::Confidence;
/// assert_eq!(Confidence::PERCENT_95.get(), 0.95);
/// assert!(Confidence::new(1.0).is_none());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Confidence(f64);

impl Confidence {
    /// What every report of Efface uses.
    pub const PERCENT_95: Self = Self(0.95);

    /// Checks the number.
    pub fn new(share: f64) -> Option<Self> {
        (share > 0.0 && share < 1.0).then_some(Self(share))
    }

    /// The number.
    pub const fn get(self) -> f64 {
        self.0
    }

    /// The share of the distribution on either side of a two-sided interval.
    fn tail(self) -> f64 {
        (1.0 - self.0) / 2.0
    }
}

/// Both ends of an interval, `0 <= low <= high <= 1`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// The score interval of Wilson: `k` out of `n` independent trials.
///
/// With `p = k/n` and `z` the normal quantile: centre `(p + z²/2n) / (1 + z²/n)`, half width
/// `z/(1 + z²/n) · √(p(1-p)/n + z²/4n²)`. It covers the true share about as often as it says; for single shares
/// near 0 or 1 somewhat less often.
///
/// Source: E. B. Wilson, Journal of the American Statistical Association 22 (1927) 209-212.
///
/// # Panics
/// When `k > n`.
///
/// # Example
/// ```
/// use efface_eval::interval::{Confidence, wilson};
/// let interval = wilson(10, 10, Confidence::PERCENT_95).unwrap();
/// assert!((interval.low - 0.7225).abs() < 1e-4 && interval.high == 1.0);
/// ```
pub fn wilson(numerator: u64, denominator: u64, confidence: Confidence) -> Option<Interval> {
    assert!(numerator <= denominator, "a part is not larger than the whole");
    (denominator > 0).then(|| {
        let (share, n) = (numerator as f64 / denominator as f64, denominator as f64);
        score_interval(share, n, beta::normal_quantile(1.0 - confidence.tail()))
    })
}

/// Wilson's formula for a share of a number of trials that need not be whole.
fn score_interval(share: f64, n: f64, z: f64) -> Interval {
    let scale = 1.0 + z * z / n;
    let centre = (share + z * z / (2.0 * n)) / scale;
    let half = z / scale * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
    Interval {
        low: if share == 0.0 { 0.0 } else { (centre - half).max(0.0) },
        high: if share == 1.0 { 1.0 } else { (centre + half).min(1.0) },
    }
}

/// The exact interval of Clopper and Pearson: `k` out of `n` independent trials.
///
/// The lower end is the share at which `k` or more would be seen with probability `α/2`, the upper one that at which
/// `k` or fewer would: quantiles of beta distributions, `B(α/2; k, n-k+1)` and `B(1-α/2; k+1, n-k)`. It covers the
/// true share at least as often as it says, whatever the share is, and is wider than [`wilson`] for that.
///
/// Source: C. J. Clopper, E. S. Pearson, Biometrika 26 (1934) 404-413.
///
/// # Panics
/// When `k > n`.
///
/// # Example
/// ```
/// use efface_eval::interval::{Confidence, clopper_pearson};
/// let interval = clopper_pearson(0, 10, Confidence::PERCENT_95).unwrap();
/// assert!(interval.low == 0.0 && (interval.high - 0.3085).abs() < 1e-4);
/// ```
pub fn clopper_pearson(numerator: u64, denominator: u64, confidence: Confidence) -> Option<Interval> {
    assert!(numerator <= denominator, "a part is not larger than the whole");
    (denominator > 0).then(|| Interval {
        low: lower_end(numerator, denominator, confidence.tail()),
        high: upper_end(numerator as f64, denominator as f64, confidence.tail()),
    })
}

/// The largest share of failures that is compatible with what was seen: one-sided, exact.
///
/// With `f` failures in `n` independent trials, the share at which `f` or fewer would be seen with probability
/// `1 - confidence`. Without any failure this is `1 - (1 - confidence)^(1/n)`, which at 95 % is just under `3/n`, the
/// "rule of three": nothing found in 3,000 values says that fewer than one in a thousand leak, and no more than that.
///
/// Source: J. A. Hanley, A. Lippman-Hand, Journal of the American Medical Association 249 (1983) 1743-1745.
///
/// # Panics
/// When there are more failures than trials.
///
/// # Example
/// ```
/// use efface_eval::interval::{Confidence, upper_bound};
/// let bound = upper_bound(0, 3000, Confidence::PERCENT_95).unwrap();
/// assert!(bound < 0.001 && bound > 0.000_99);
/// assert!(upper_bound(0, 0, Confidence::PERCENT_95).is_none());
/// ```
pub fn upper_bound(failures: u64, trials: u64, confidence: Confidence) -> Option<f64> {
    assert!(failures <= trials, "a part is not larger than the whole");
    (trials > 0).then(|| upper_end(failures as f64, trials as f64, 1.0 - confidence.get()))
}

/// As [`upper_bound`] for cases that come in clusters: the bound of the effective number of cases, which need not be
/// whole.
///
/// The number of cases is divided by the design effect and by `(t/z)²`, as for [`wilson_clustered`], with one-sided
/// quantiles. Without any failure the cases of a cluster count as one that is repeated: nothing found in three patients
/// says little, however many values they have.
///
/// Absent without cases, and with a single cluster.
///
/// Source: E. L. Korn, B. I. Graubard, Survey Methodology 24 (1998) 193-201.
///
/// # Panics
/// When a cluster has a part that is larger than the whole.
///
/// # Example
/// ```
/// use efface_eval::interval::{ClusterCount, Confidence, upper_bound, upper_bound_clustered};
/// let clean = [ClusterCount { numerator: 0, denominator: 100 }; 30];
/// let bound = upper_bound_clustered(&clean, Confidence::PERCENT_95).unwrap();
/// assert!(bound > 0.09 && upper_bound(0, 3000, Confidence::PERCENT_95).unwrap() < 0.001);
/// ```
pub fn upper_bound_clustered(clusters: &[ClusterCount], confidence: Confidence) -> Option<f64> {
    let tail = 1.0 - confidence.get();
    let (failures, trials) = Clusters::of(clusters)?.effective(tail);
    Some(upper_end(failures, trials, tail))
}

fn lower_end(numerator: u64, denominator: u64, tail: f64) -> f64 {
    if numerator == 0 {
        return 0.0;
    }
    beta::quantile(tail, numerator as f64, (denominator - numerator) as f64 + 1.0)
}

fn upper_end(numerator: f64, denominator: f64, tail: f64) -> f64 {
    if numerator == denominator {
        return 1.0;
    }
    if numerator == 0.0 {
        return -(tail.ln() / denominator).exp_m1();
    }
    // The complement's quantile keeps its digits where the tail is thin.
    1.0 - beta::quantile(tail, denominator - numerator, numerator + 1.0)
}

/// What one cluster, such as a patient, adds to a share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ClusterCount {
    /// How many of its cases.
    pub numerator: u64,
    /// Out of how many.
    pub denominator: u64,
}

impl ClusterCount {
    /// Counts some more out of all.
    pub(crate) const fn add(&mut self, numerator: u64, denominator: u64) {
        self.numerator += numerator;
        self.denominator += denominator;
    }
}

/// A share of cases that come in clusters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClusteredRate {
    /// The share over all cases, with its interval.
    pub rate: Rate,
    /// Clusters with at least one case.
    pub n_clusters: u64,
    /// How many times larger the variance is than that of as many independent cases; at least 1.
    pub design_effect: f64,
    /// As many independent cases would say as much: `n / design effect`.
    pub effective_n: f64,
}

/// Wilson's interval for cases that come in clusters: the cases of one patient are not independent.
///
/// The variance is that of a ratio, by linearization over the `m` clusters with `k_i` of `n_i` cases:
/// `v = m/(m-1) · Σ(k_i - p n_i)² / n²`. The design effect is `v / (p(1-p)/n)`, and at least 1: clusters that differ
/// less than chance would have it do not make an interval narrower. The number of cases is divided by the design
/// effect, and by `(t/z)²`, `t` the quantile of Student's distribution with `m - 1` degrees of freedom, since few
/// clusters say little about `v`; Wilson's formula does the rest.
/// A share of 0 or 1 says nothing about `v`; then the cases of a cluster count as one case that is repeated, which
/// gives the largest design effect that there can be, `Σn_i² / n`.
///
/// Absent without cases, and with a single cluster.
///
/// Source: L. Kish, Survey Sampling (1965), chapters 5 and 8; E. L. Korn, B. I. Graubard, Survey Methodology 24
/// (1998) 193-201, for the effective number and Student's quantile.
///
/// # Panics
/// When a cluster has a part that is larger than the whole.
///
/// # Example
/// ```
/// use efface_eval::interval::{ClusterCount, Confidence, wilson_clustered};
/// // Two patients of whom all is found, and one of whom nothing is: thirty cases, hardly more than three.
/// let cluster = |numerator| ClusterCount { numerator, denominator: 10 };
/// let found = wilson_clustered(&[cluster(10), cluster(10), cluster(0)], Confidence::PERCENT_95).unwrap();
/// assert!(found.design_effect > 14.9 && found.rate.low < 0.12 && found.rate.high > 0.97);
/// ```
pub fn wilson_clustered(clusters: &[ClusterCount], confidence: Confidence) -> Option<ClusteredRate> {
    let used = Clusters::of(clusters)?;
    let Clusters { numerator, denominator, n_clusters, design_effect } = used;
    let (_, trials) = used.effective(confidence.tail());
    let interval = score_interval(used.share(), trials, beta::normal_quantile(1.0 - confidence.tail()));
    let rate = Rate { numerator, denominator, low: interval.low, high: interval.high };
    Some(ClusteredRate { rate, n_clusters, design_effect, effective_n: denominator as f64 / design_effect })
}

/// What clusters say together.
#[derive(Clone, Copy)]
struct Clusters {
    numerator: u64,
    denominator: u64,
    n_clusters: u64,
    design_effect: f64,
}

impl Clusters {
    fn of(clusters: &[ClusterCount]) -> Option<Self> {
        let used: Vec<&ClusterCount> = clusters.iter().filter(|cluster| cluster.denominator > 0).collect();
        assert!(clusters.iter().all(|cluster| cluster.numerator <= cluster.denominator), "a part is not larger");
        if used.len() < 2 {
            return None;
        }
        let numerator: u64 = used.iter().map(|cluster| cluster.numerator).sum();
        let denominator: u64 = used.iter().map(|cluster| cluster.denominator).sum();
        let n = denominator as f64;
        let design_effect = design_effect(&used, numerator as f64 / n, n).max(1.0);
        Some(Self { numerator, denominator, n_clusters: used.len() as u64, design_effect })
    }

    fn share(self) -> f64 {
        self.numerator as f64 / self.denominator as f64
    }

    /// So many independent cases, and so many of them in question, say as much with this tail.
    fn effective(self, tail: f64) -> (f64, f64) {
        let z = beta::normal_quantile(1.0 - tail);
        let t = beta::student_quantile(tail, self.n_clusters as f64 - 1.0);
        let trials = self.denominator as f64 / self.design_effect * (z / t).powi(2);
        // All of them are exactly all, whatever was rounded.
        let share = self.share();
        (if share == 1.0 { trials } else { share * trials }, trials)
    }
}

fn design_effect(clusters: &[&ClusterCount], share: f64, n: f64) -> f64 {
    let m = clusters.len() as f64;
    if share == 0.0 || share == 1.0 {
        return clusters.iter().map(|cluster| (cluster.denominator as f64).powi(2)).sum::<f64>() / n;
    }
    let deviation = |cluster: &&ClusterCount| cluster.numerator as f64 - share * cluster.denominator as f64;
    let squares: f64 = clusters.iter().map(|cluster| deviation(cluster).powi(2)).sum();
    m / (m - 1.0) * squares / (n * share * (1.0 - share))
}

/// The mean of `abs(x)` for normal `x` of this mean and spread: `σ√(2/π) exp(-μ²/2σ²) + μ(1 - 2Φ(-μ/σ))`.
///
/// Source: F. C. Leone, L. S. Nelson, R. B. Nottingham, Technometrics 3 (1961) 543-550.
pub(crate) fn folded_normal_mean(mean: f64, spread: f64) -> f64 {
    let mean = mean.abs();
    // So far out nothing is folded.
    if mean >= 9.0 * spread {
        return mean;
    }
    let z = mean / spread;
    spread * std::f64::consts::FRAC_2_PI.sqrt() * (-z * z / 2.0).exp() + mean * (1.0 - 2.0 * beta::normal_share(-z))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_was_not_counted_has_no_interval() {
        let confidence = Confidence::PERCENT_95;
        assert!(wilson(0, 0, confidence).is_none() && clopper_pearson(0, 0, confidence).is_none());
        assert!(upper_bound(0, 0, confidence).is_none());
        let one = [ClusterCount { numerator: 3, denominator: 4 }, ClusterCount { numerator: 0, denominator: 0 }];
        assert!(wilson_clustered(&one, confidence).is_none() && wilson_clustered(&[], confidence).is_none());
    }

    #[test]
    fn many_trials_keep_their_digits() {
        // A thousand million trials: the normal approximation has six digits there, and the series must still end.
        let interval = clopper_pearson(500_000_000, 1_000_000_000, Confidence::PERCENT_95).expect("trials");
        let half = 1.959_963_984_540_054 * (0.25e-9_f64).sqrt();
        assert!((interval.high - 0.5 - half).abs() < 2e-9 && (0.5 - interval.low - half).abs() < 2e-9, "{interval:?}");
    }

    proptest! {
        #[test]
        fn the_rate_of_the_schema_is_the_same_interval(denominator in 1_u64..100_000, share in 0.0..=1.0) {
            let numerator = (denominator as f64 * share) as u64;
            let rate = Rate::new(numerator, denominator).expect("not empty");
            let interval = wilson(numerator, denominator, Confidence::PERCENT_95).expect("not empty");
            prop_assert!((rate.low - interval.low).abs() < 1e-13 && (rate.high - interval.high).abs() < 1e-13);
        }

        #[test]
        fn exact_intervals_mean_what_they_say(n in 1_u64..40, k in 0_u64..40, confidence in 0.5..0.999) {
            // The definition, summed term by term: a lower tail at the upper end, an upper tail at the lower one.
            let k = k.min(n);
            let confidence = Confidence::new(confidence).expect("between");
            let interval = clopper_pearson(k, n, confidence).expect("not empty");
            let at_most = |k: u64, p: f64| (0..=k).map(|k| binomial(k, n, p)).sum::<f64>();
            if k < n {
                prop_assert!((at_most(k, interval.high) - confidence.tail()).abs() < 1e-11);
            }
            if k > 0 {
                prop_assert!((1.0 - at_most(k - 1, interval.low) - confidence.tail()).abs() < 1e-11);
            }
        }

        #[test]
        fn independent_clusters_give_nearly_the_plain_interval(k in 1_u64..999) {
            // A thousand clusters of one case each: only the factor m/(m-1) and Student's quantile differ.
            let clusters: Vec<_> =
                (0..1000).map(|at| ClusterCount { numerator: u64::from(at < k), denominator: 1 }).collect();
            let found = wilson_clustered(&clusters, Confidence::PERCENT_95).expect("clusters");
            let plain = wilson(k, 1000, Confidence::PERCENT_95).expect("trials");
            prop_assert!((found.rate.low - plain.low).abs() < 1e-3 && (found.rate.high - plain.high).abs() < 1e-3);
            prop_assert!((found.design_effect - 1.001_001).abs() < 1e-6);
        }
    }

    fn binomial(k: u64, n: u64, p: f64) -> f64 {
        let ways = (1..=k).fold(1.0, |ways, at| ways * (n - k + at) as f64 / at as f64);
        ways * p.powf(k as f64) * (1.0 - p).powf((n - k) as f64)
    }
}

//! The figures themselves, on rows that count as often as their cluster was drawn.

use super::super::clusters::Numbering;
use super::{Decision, Settings};
use crate::interval::{ClusterCount, Confidence, folded_normal_mean, wilson_clustered};
use efface_schema::{Interval, ReliabilityBin};

/// A decision; `cluster` is a number.
pub(super) struct Row {
    pub(super) probability: f64,
    pub(super) is_correct: bool,
    pub(super) is_phi: bool,
    cluster: usize,
    /// The negative logarithm of the probability of what happened.
    loss: f64,
}

/// Decisions by rising probability.
pub(super) struct Sample {
    rows: Vec<Row>,
}

impl Sample {
    pub(super) fn new(decisions: &[&Decision], clusters: &mut Numbering) -> Self {
        let mut rows: Vec<Row> = decisions
            .iter()
            .map(|decision| {
                let happened = if decision.is_correct { decision.probability } else { 1.0 - decision.probability };
                Row {
                    probability: decision.probability,
                    is_correct: decision.is_correct,
                    is_phi: decision.is_phi,
                    cluster: clusters.number(&decision.cluster),
                    loss: -happened.clamp(f64::EPSILON, 1.0 - f64::EPSILON).ln(),
                }
            })
            .collect();
        rows.sort_by(|left, right| left.probability.total_cmp(&right.probability));
        Self { rows }
    }

    /// By cluster, how many rows of those in question.
    pub(super) fn counts(&self, n_clusters: usize, counts: impl Fn(&Row) -> (bool, bool)) -> Vec<ClusterCount> {
        let mut clusters = vec![ClusterCount { numerator: 0, denominator: 0 }; n_clusters];
        for row in &self.rows {
            let (is_some, is_one) = counts(row);
            clusters[row.cluster].numerator += u64::from(is_some);
            clusters[row.cluster].denominator += u64::from(is_one);
        }
        clusters
    }

    /// Rows that were drawn, with how often.
    fn drawn<'a>(&'a self, weights: &'a [u32]) -> impl DoubleEndedIterator<Item = (&'a Row, f64)> + Clone {
        self.rows.iter().map(|row| (row, f64::from(weights[row.cluster]))).filter(|(_, weight)| *weight > 0.0)
    }
}

/// Sums over the rows of a bin.
#[derive(Debug, Clone, Copy, Default)]
struct Bin {
    n: f64,
    probability: f64,
    correct: f64,
    square: f64,
    product: f64,
}

impl Bin {
    fn add(&mut self, row: &Row, weight: f64) {
        let correct = f64::from(u8::from(row.is_correct));
        self.n += weight;
        self.probability += weight * row.probability;
        self.correct += weight * correct;
        self.square += weight * row.probability * row.probability;
        self.product += weight * row.probability * correct;
    }
}

/// Bins with their edges, one edge more than bins.
pub(super) struct Binned {
    edges: Vec<f64>,
    bins: Vec<Bin>,
}

impl Binned {
    fn of(sample: &Sample, weights: &[u32], edges: Vec<f64>) -> Self {
        let mut bins = vec![Bin::default(); edges.len() - 1];
        for (at, row, weight) in in_bins(&edges, sample.drawn(weights)) {
            bins[at].add(row, weight);
        }
        Self { edges, bins }
    }

    /// By bin, how many of each cluster's rows are right.
    fn counts(&self, sample: &Sample, n_clusters: usize) -> Vec<Vec<ClusterCount>> {
        let mut counts = vec![vec![ClusterCount { numerator: 0, denominator: 0 }; n_clusters]; self.bins.len()];
        for (at, row, _) in in_bins(&self.edges, sample.rows.iter().map(|row| (row, 1.0))) {
            counts[at][row.cluster].numerator += u64::from(row.is_correct);
            counts[at][row.cluster].denominator += 1;
        }
        counts
    }

    /// Bins that hold anything.
    pub(super) fn diagram(&self, sample: &Sample, n_clusters: usize) -> Vec<ReliabilityBin> {
        let counts = self.counts(sample, n_clusters);
        let interval = |counts: &[ClusterCount]| {
            let found = wilson_clustered(counts, Confidence::PERCENT_95)?.rate;
            Some(Interval { low: found.low, high: found.high })
        };
        let bin = |((bin, edges), counts): ((&Bin, &[f64]), &Vec<ClusterCount>)| ReliabilityBin {
            low: edges[0],
            high: edges[1],
            n: bin.n as u64,
            mean_probability: bin.probability / bin.n,
            share_correct: bin.correct / bin.n,
            interval: interval(counts),
        };
        let bins = self.bins.iter().zip(self.edges.windows(2)).zip(&counts);
        bins.filter(|((bin, _), _)| bin.n > 0.0).map(bin).collect()
    }

    /// Expected error and the same debiased; maximum error; root mean square error and the same debiased; reliability,
    /// resolution, uncertainty, within-bin variance and covariance.
    fn figures(&self) -> [f64; 10] {
        let used = || self.bins.iter().filter(|bin| bin.n > 0.0);
        let n: f64 = used().map(|bin| bin.n).sum();
        let mean = used().map(|bin| bin.correct).sum::<f64>() / n;
        let sum = |figure: &dyn Fn(&Bin) -> f64| used().map(figure).sum::<f64>() / n;
        let gap = |bin: &Bin| (bin.probability - bin.correct) / bin.n;
        let reliability = sum(&|bin| bin.n * gap(bin).powi(2));
        let unbiased = sum(&|bin| {
            let share = bin.correct / bin.n;
            if bin.n < 2.0 { 0.0 } else { bin.n * (gap(bin).powi(2) - share * (1.0 - share) / (bin.n - 1.0)) }
        });
        let expected = sum(&|bin| bin.n * gap(bin).abs());
        let drawn = sum(&|bin| {
            let share = bin.correct / bin.n;
            bin.n * folded_normal_mean(gap(bin), (share * (1.0 - share) / bin.n).max(0.0).sqrt())
        });
        [
            expected,
            (2.0 * expected - drawn).max(0.0),
            used().map(|bin| gap(bin).abs()).fold(0.0, f64::max),
            reliability.sqrt(),
            unbiased.max(0.0).sqrt(),
            reliability,
            sum(&|bin| bin.n * (bin.correct / bin.n - mean).powi(2)),
            mean * (1.0 - mean),
            sum(&|bin| (bin.square - bin.probability * bin.probability / bin.n).max(0.0)),
            sum(&|bin| 2.0 * (bin.product - bin.probability * bin.correct / bin.n)),
        ]
    }
}

/// Rows by rising probability with the bin of each: the first whose upper edge is not below it.
fn in_bins<'a>(
    edges: &[f64],
    rows: impl Iterator<Item = (&'a Row, f64)>,
) -> impl Iterator<Item = (usize, &'a Row, f64)> {
    let last = edges.len() - 2;
    let mut at = 0;
    rows.map(move |(row, weight)| {
        while at < last && edges[at + 1] < row.probability {
            at += 1;
        }
        (at, row, weight)
    })
}

/// The edges of bins of equal width.
fn equal_width(n_bins: u32) -> Vec<f64> {
    let step = 1.0 / f64::from(n_bins);
    let inner = (0..n_bins).map(|at| f64::from(at) * step);
    inner.chain([1.0]).collect()
}

/// The edges of bins of equal mass: linear quantiles, computed as NumPy computes percentiles, since a probability that
/// lies on an edge falls on one side or the other by its last digit.
fn equal_mass(sample: &Sample, weights: &[u32], n_bins: u32) -> Vec<f64> {
    // By row that was drawn, how many were drawn up to it.
    let mut passed = 0.0;
    let reached: Vec<(f64, f64)> = sample
        .drawn(weights)
        .map(|(row, weight)| {
            passed += weight;
            (passed, row.probability)
        })
        .collect();
    let last = passed - 1.0;
    let value_at = |rank: f64| reached[reached.partition_point(|(passed, _)| *passed <= rank)].1;
    let quantile = |share: f64| {
        let rank = last * (share * 100.0 / 100.0);
        let (low, part) = (value_at(rank.floor()), rank.fract());
        let high = value_at((rank.floor() + 1.0).min(last));
        let difference = high - low;
        if part >= 0.5 { high - difference * (1.0 - part) } else { low + difference * part }
    };
    equal_width(n_bins).into_iter().map(quantile).collect()
}

/// All figures of a sample.
pub(super) struct Figures {
    mean_probability: f64,
    share_correct: f64,
    brier_score: f64,
    log_loss: f64,
    area_under_risk_coverage: f64,
    pub(super) equal_width: Binned,
    pub(super) equal_mass: Binned,
    /// Error among what is not reviewed, and PHI missed, for each share.
    review: Vec<[Option<f64>; 2]>,
    /// Share of decisions that stand, the surest first, and share of wrong ones among them.
    pub(super) risk: Vec<(f64, f64)>,
}

impl Figures {
    pub(super) fn of(sample: &Sample, weights: &[u32], settings: &Settings) -> Self {
        let mut all = Bin::default();
        let mut loss = 0.0;
        for (row, weight) in sample.drawn(weights) {
            all.add(row, weight);
            loss += weight * row.loss;
        }
        Self {
            mean_probability: all.probability / all.n,
            share_correct: all.correct / all.n,
            brier_score: (all.square - 2.0 * all.product + all.correct) / all.n,
            log_loss: loss / all.n,
            area_under_risk_coverage: area_under_risk_coverage(sample, weights),
            equal_width: Binned::of(sample, weights, equal_width(settings.n_bins)),
            equal_mass: Binned::of(sample, weights, equal_mass(sample, weights, settings.n_bins)),
            review: review(sample, weights, &settings.review_shares),
            risk: risk_coverage(sample, weights),
        }
    }

    /// All figures in one row; absent where undefined.
    pub(super) fn flat(&self) -> Vec<Option<f64>> {
        let plain =
            [self.mean_probability, self.share_correct, self.brier_score, self.log_loss, self.area_under_risk_coverage];
        let binned = self.equal_width.figures().into_iter().chain(self.equal_mass.figures());
        let risk = self.risk.iter().map(|(_, risk)| Some(*risk));
        plain.into_iter().chain(binned).map(Some).chain(self.review.iter().flatten().copied()).chain(risk).collect()
    }
}

/// Decisions of one probability.
#[derive(Debug, Clone, Copy, Default)]
struct Tie {
    n: f64,
    wrong: f64,
    wrong_phi: f64,
}

/// Ties in the order of the rows.
fn ties<'a>(rows: impl Iterator<Item = (&'a Row, f64)>) -> Vec<Tie> {
    let mut ties: Vec<Tie> = Vec::new();
    let mut before = None;
    for (row, weight) in rows {
        if before != Some(row.probability) {
            ties.push(Tie::default());
            before = Some(row.probability);
        }
        let tie = ties.last_mut().expect("one was begun");
        tie.n += weight;
        tie.wrong += if row.is_correct { 0.0 } else { weight };
        tie.wrong_phi += if row.is_phi && !row.is_correct { weight } else { 0.0 };
    }
    ties
}

fn area_under_risk_coverage(sample: &Sample, weights: &[u32]) -> f64 {
    let (mut n, mut wrong, mut area) = (0.0, 0.0, 0.0);
    for tie in ties(sample.drawn(weights).rev()) {
        for _ in 0..tie.n as u64 {
            n += 1.0;
            wrong += tie.wrong / tie.n;
            area += wrong / n;
        }
    }
    area / n
}

/// The risk-coverage curve at every hundredth of the decisions.
fn risk_coverage(sample: &Sample, weights: &[u32]) -> Vec<(f64, f64)> {
    const N_POINTS: usize = 100;
    let ties = ties(sample.drawn(weights).rev());
    let total = ties.iter().map(|tie| tie.n).sum::<f64>() as usize;
    let n_points = N_POINTS.min(sample.rows.len());
    let mut rest = ties.iter();
    // What of the ties is taken whole, and the one that is cut.
    let (mut whole, mut cut) = (Tie::default(), rest.next());
    let point = |at: usize| {
        let n = (total * at).div_ceil(n_points) as f64;
        while let Some(tie) = cut.filter(|tie| whole.n + tie.n <= n) {
            whole.n += tie.n;
            whole.wrong += tie.wrong;
            cut = rest.next();
        }
        let part = cut.map_or(0.0, |tie| (n - whole.n) / tie.n * tie.wrong);
        (n / total as f64, (whole.wrong + part) / n)
    };
    (1..=n_points).map(point).collect()
}

/// The first decisions; of a tie that is cut, its part.
fn first(ties: &[Tie], n: f64) -> Tie {
    let mut sum = Tie::default();
    for tie in ties {
        let part = ((n - sum.n) / tie.n).clamp(0.0, 1.0);
        sum.n += part * tie.n;
        sum.wrong += part * tie.wrong;
        sum.wrong_phi += part * tie.wrong_phi;
        if part < 1.0 {
            break;
        }
    }
    sum
}

fn review(sample: &Sample, weights: &[u32], shares: &[f64]) -> Vec<[Option<f64>; 2]> {
    let ties = ties(sample.drawn(weights));
    let all = first(&ties, f64::INFINITY);
    let n_phi: f64 = sample.drawn(weights).filter(|(row, _)| row.is_phi).map(|(_, weight)| weight).sum();
    let after = |share: &f64| {
        let reviewed = first(&ties, (share * all.n).round());
        let left = all.n - reviewed.n;
        // Differences of sums of parts may end a hair off 0.
        let error = (left > 0.5).then(|| ((all.wrong - reviewed.wrong) / left).max(0.0));
        let missed = (n_phi > 0.0).then(|| ((all.wrong_phi - reviewed.wrong_phi) / n_phi).max(0.0));
        [error, missed]
    };
    shares.iter().map(after).collect()
}

//! Calibration: whether decisions of probability 0.9 are right nine times in ten, and what review buys.
//!
//! One implementation serves tokens and entities, boxes, words that were read and decisions about values: a row is a
//! probability, whether the decision was right, and whose data it was.
//!
//! Notation: `n` decisions with probabilities `p_i` and outcomes `y_i` (1 if right); bin `k` holds `n_k` of them, with
//! means `p_k` and `y_k`; `y` is the mean of all outcomes.
//!
//! | figure | formula | better |
//! |---|---|---|
//! | Brier score | `1/n Σ (p_i - y_i)²` | low |
//! | log loss | `-1/n Σ ln(p_i if right else 1 - p_i)`, probabilities kept 2.2·10⁻¹⁶ off 0 and 1 | low |
//! | expected error (ECE) | `Σ n_k/n · abs(p_k - y_k)` | low |
//! | maximum error (MCE) | `max abs(p_k - y_k)` over bins that hold anything | low |
//! | root mean square error | `√ Σ n_k/n · (p_k - y_k)²` | low |
//! | expected error, debiased | `2 ECE - Σ n_k/n · E abs(p_k - N(y_k, y_k(1-y_k)/n_k))`; not below 0 | low |
//! | root mean square, debiased | the same with `y_k(1-y_k)/(n_k-1)` taken from each square; bins of one decision count 0; not below 0 | low |
//! | reliability | `Σ n_k/n · (p_k - y_k)²` | low |
//! | resolution | `Σ n_k/n · (y_k - y)²` | high |
//! | uncertainty | `y(1-y)` | |
//! | within-bin variance, covariance | `1/n ΣΣ (p_i - p_k)²`, `2/n ΣΣ (p_i - p_k)(y_i - y_k)` | |
//! | area under risk-coverage | `1/n Σ_k` of the share of wrong ones among the `k` surest | low |
//!
//! Brier score = reliability - resolution + uncertainty + within-bin variance - within-bin covariance, exactly.
//!
//! Bins: of equal width, `(low, high]`, the first with its lower end; of equal mass, cut at the linear quantiles of the
//! probabilities, so that equal probabilities stay together. Both are those of scikit-learn's `calibration_curve`.
//!
//! Where probabilities tie, every order of the tied decisions counts alike: figures are their means.
//!
//! Sources: G. W. Brier (1950); A. H. Murphy, Journal of Applied Meteorology 12 (1973) 595-600; D. B. Stephenson,
//! C. A. S. Coelho, I. T. Jolliffe, Weather and Forecasting 23 (2008) 752-757, for the terms inside bins; A. Kumar,
//! P. Liang, T. Ma, "Verified Uncertainty Calibration", NeurIPS 2019, for the debiased estimator, whose square is the
//! bias-corrected reliability of C. A. T. Ferro, T. E. Fricker (2012), and for the expected error its bias as the mean
//! over normal outcomes around what was seen, which that paper's package draws and which is computed here, being the
//! mean of a folded normal distribution; Y. Geifman, G. Uziel, R. El-Yaniv, ICLR 2019,
//! for the area under the risk-coverage curve.
//!
//! # Intervals
//! Whole clusters are drawn with replacement, [`Settings::n_resamples`] times; an interval runs from the 2.5th to the
//! 97.5th percentile of the figure. Draw `b` has a ChaCha8 stream of its own, named by seed, purpose and `b`, so the
//! bytes are the same at any number of threads. An interval is absent with a single cluster, where the figure is
//! undefined in more than a twentieth of the draws, and where all draws agree: that nothing varied says nothing.
//! Shares of 0 and 1 have the clustered interval of Wilson instead. Errors of calibration are never negative, so the
//! intervals of the plain ones lie somewhat high; the debiased ones are there for that. Bins of the reliability diagram
//! have Wilson's interval across clusters, since in each draw the edges of bins of equal mass are others.

mod figures;
mod read;

pub use read::{Decision, read};

use super::MeasureError;
use super::bootstrap::{Draws, Resamples};
use super::clusters::Numbering;
use crate::interval::{ClusterCount, Confidence, wilson_clustered};
use efface_schema::{
    BinnedCalibration, BrierParts, CalibrationFigures, CalibrationMetrics, Estimate, Interval, ReviewPoint, RiskPoint,
    Versioned,
};
use figures::{Binned, Figures, Sample};
use std::collections::BTreeMap;

/// What to measure with.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Bins of either kind, at least 1.
    pub n_bins: u32,
    /// How often clusters are drawn anew, at least 100.
    pub n_resamples: u32,
    /// Root of the random numbers.
    pub seed: u64,
    /// Shares of decisions sent to review for which the table has a row, from 0 to 1.
    pub review_shares: Vec<f64>,
}

impl Default for Settings {
    /// 15 bins, 1,000 draws, seed 0, shares from none to all.
    fn default() -> Self {
        let review_shares = vec![0.0, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0];
        Self { n_bins: 15, n_resamples: 1000, seed: 0, review_shares }
    }
}

impl Settings {
    fn check(&self) -> Result<(), MeasureError> {
        let refuse = |what| Err(MeasureError::Setting { what });
        match self {
            _ if self.n_bins == 0 => refuse("at least one bin"),
            _ if !self.review_shares.iter().all(|share| (0.0..=1.0).contains(share)) => {
                refuse("review shares from 0 to 1")
            }
            _ => self.resamples().check(),
        }
    }

    const fn resamples(&self) -> Resamples {
        Resamples { n: self.n_resamples, seed: self.seed }
    }
}

/// Name of the stream of random numbers.
const STREAM: &str = "calibration by cluster";

/// Measures the calibration of decisions, all together and by kind.
///
/// # Errors
/// When there is no decision, or a setting makes no sense.
///
/// # Example
/// ```
/// use efface_eval::models::calibration::{Settings, measure, read};
/// let rows = r#"{"probability": 0.75, "correct": true, "cluster": "a"}
/// {"probability": 0.75, "correct": false, "cluster": "b"}"#;
/// let metrics = measure(&read(rows.as_bytes())?, &Settings::default())?;
/// assert_eq!(metrics.overall.equal_width.expected_error.value, 0.25);
/// assert_eq!(metrics.overall.brier_score.value, (0.25_f64.powi(2) + 0.75_f64.powi(2)) / 2.0);
/// # Ok::<(), efface_eval::models::MeasureError>(())
/// ```
pub fn measure(decisions: &[Decision], settings: &Settings) -> Result<CalibrationMetrics, MeasureError> {
    settings.check()?;
    if decisions.is_empty() {
        return Err(MeasureError::Empty { file: read::ROWS });
    }
    let mut kinds: BTreeMap<&str, Vec<&Decision>> = BTreeMap::new();
    for decision in decisions {
        if let Some(kind) = &decision.kind {
            kinds.entry(kind).or_default().push(decision);
        }
    }
    Ok(CalibrationMetrics {
        format_version: CalibrationMetrics::FORMAT_VERSION,
        n_bins: settings.n_bins,
        resampling: settings.resamples().record(STREAM),
        rows_sha256: None,
        overall: figures_of(&decisions.iter().collect::<Vec<_>>(), settings),
        by_kind: kinds
            .into_iter()
            .map(|(kind, decisions)| (kind.to_owned(), figures_of(&decisions, settings)))
            .collect(),
    })
}

fn figures_of(decisions: &[&Decision], settings: &Settings) -> CalibrationFigures {
    let mut numbering = Numbering::default();
    let sample = Sample::new(decisions, &mut numbering);
    let n_clusters = numbering.len();
    let figures = |weights: &[u32]| Figures::of(&sample, weights, settings);
    let whole = figures(&vec![1; n_clusters]);
    let draws = Draws::make(STREAM, settings.resamples(), n_clusters, |weights| figures(weights).flat());
    let mut estimates = whole.flat().into_iter().enumerate().map(|(at, value)| Some(draws.estimate(at, value?)));
    let mut next = || estimates.next().flatten();
    let mut defined = || next().expect("it is defined for any decisions");
    // In the order of `Figures::flat`.
    let mean_probability = defined();
    let share_correct = with_wilson(defined(), &sample.counts(n_clusters, |row| (row.is_correct, true)));
    let (brier_score, log_loss, area_under_risk_coverage) = (defined(), defined(), defined());
    let equal_width = binned(&whole.equal_width, &sample, n_clusters, &mut defined);
    let equal_mass = binned(&whole.equal_mass, &sample, n_clusters, &mut defined);
    let phi = sample.counts(n_clusters, |row| (row.is_phi && !row.is_correct, row.is_phi));
    let review = settings.review_shares.iter().map(|share| ReviewPoint {
        review_share: *share,
        error_unreviewed: next(),
        phi_missed: next().map(|missed| with_wilson(missed, &phi)),
    });
    let review = review.collect();
    let risk = whole.risk.iter().map(|(coverage, _)| {
        let Estimate { value, low, high } = next().expect("it is defined for any decisions");
        RiskPoint {
            coverage: *coverage,
            risk: value,
            interval: low.zip(high).map(|(low, high)| Interval { low, high }),
        }
    });
    let risk_coverage = risk.collect();
    CalibrationFigures {
        n_decisions: decisions.len() as u64,
        n_clusters: n_clusters as u64,
        mean_probability,
        share_correct,
        brier_score,
        log_loss,
        area_under_risk_coverage,
        equal_width,
        equal_mass,
        risk_coverage,
        review,
    }
}

/// A share of 0 or 1 does not vary in any draw; Wilson's interval across clusters says how far it can be trusted.
fn with_wilson(estimate: Estimate, counts: &[ClusterCount]) -> Estimate {
    let at_end = |numerator: fn(u64) -> u64| {
        let counts: Vec<ClusterCount> = counts
            .iter()
            .map(|count| ClusterCount { numerator: numerator(count.denominator), denominator: count.denominator })
            .collect();
        wilson_clustered(&counts, Confidence::PERCENT_95).map(|found| found.rate)
    };
    let rate = match estimate.value {
        0.0 => at_end(|_| 0),
        1.0 => at_end(|all| all),
        _ => return estimate,
    };
    Estimate { low: rate.map(|rate| rate.low), high: rate.map(|rate| rate.high), ..estimate }
}

fn binned(
    found: &Binned,
    sample: &Sample,
    n_clusters: usize,
    next: &mut impl FnMut() -> Estimate,
) -> BinnedCalibration {
    BinnedCalibration {
        expected_error: next(),
        debiased_expected_error: Some(next()),
        maximum_error: next(),
        root_mean_square_error: next(),
        debiased_root_mean_square_error: next(),
        brier_parts: BrierParts {
            reliability: next(),
            resolution: next(),
            uncertainty: next(),
            within_bin_variance: next(),
            within_bin_covariance: next(),
        },
        bins: found.diagram(sample, n_clusters),
    }
}

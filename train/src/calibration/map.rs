//! Fitting what a finding's probability is worth: the share of findings like it that is right.
//!
//! Two maps are tried, a logistic and an isotonic one ([`ProbabilityMap`]). Each is fitted five times on four fifths of the
//! clusters and measured on the rest, and the one with the lower expected calibration error is fitted on all of them; the
//! logistic one of equals. Where neither is better than no map, there is none.

use super::figures::expected_calibration_error;
use efface_nets::calibration::{MapFigures, MapPoint, ProbabilityMap, logit};
use std::collections::{BTreeMap, BTreeSet};

/// Folds of the cross-validation.
const N_FOLDS: usize = 5;
/// Fewest findings that a map is fitted to.
const MIN_FINDINGS: usize = 200;
/// Newton's steps of a logistic fit; a handful is enough.
const N_STEPS: usize = 50;

/// Something that a network found. `Debug` does not show whose it is.
#[derive(Clone, PartialEq)]
pub struct JudgedFinding {
    /// Whose it is.
    pub cluster: String,
    /// What the network says.
    pub probability: f64,
    /// Whether the truth has it.
    pub is_right: bool,
}

impl std::fmt::Debug for JudgedFinding {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { probability, is_right, .. } = self;
        let mut shown = formatter.debug_struct("JudgedFinding");
        shown.field("probability", probability).field("is_right", is_right).finish_non_exhaustive()
    }
}

/// A map, and how far probabilities are from what came true.
#[derive(Debug, Clone, PartialEq)]
pub struct FittedMap {
    /// The map.
    pub map: ProbabilityMap,
    /// Without a map.
    pub before: MapFigures,
    /// With maps of this kind that were fitted on other clusters.
    pub after: MapFigures,
    /// How many clusters there are.
    pub n_clusters: u64,
}

/// A kind of map.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Logistic,
    Isotonic,
}

impl Kind {
    /// The map of this kind that fits findings best; nothing if it would not rise.
    fn fit(self, findings: &[&JudgedFinding]) -> Option<ProbabilityMap> {
        match self {
            Self::Logistic => logistic(findings),
            Self::Isotonic => isotonic(findings),
        }
    }

    /// What maps of this kind make of each finding, none of them fitted on the finding's cluster.
    fn out_of_fold(self, findings: &[JudgedFinding], folds: &BTreeMap<&str, usize>) -> Option<Vec<f64>> {
        let fold_of = |finding: &JudgedFinding| folds[finding.cluster.as_str()];
        let fitted = |fold| self.fit(&findings.iter().filter(|finding| fold_of(finding) != fold).collect::<Vec<_>>());
        let maps: Vec<ProbabilityMap> = (0..N_FOLDS).map(fitted).collect::<Option<_>>()?;
        Some(findings.iter().map(|finding| maps[fold_of(finding)].apply(finding.probability)).collect())
    }
}

/// Fits a map. Nothing if there are fewer than 200 findings or five clusters, if all are right or all are wrong, or if
/// no map comes nearer to what came true than the probabilities do by themselves.
pub fn fit(findings: &[JudgedFinding]) -> Option<FittedMap> {
    let clusters: BTreeSet<&str> = findings.iter().map(|finding| finding.cluster.as_str()).collect();
    let n_right = findings.iter().filter(|finding| finding.is_right).count();
    if findings.len() < MIN_FINDINGS || clusters.len() < N_FOLDS || n_right == 0 || n_right == findings.len() {
        return None;
    }
    let folds: BTreeMap<&str, usize> =
        clusters.iter().enumerate().map(|(number, cluster)| (*cluster, number % N_FOLDS)).collect();
    let said: Vec<f64> = findings.iter().map(|finding| finding.probability).collect();
    let before = figures(findings, &said);
    let candidates = [Kind::Logistic, Kind::Isotonic].into_iter().filter_map(|kind| {
        let after = figures(findings, &kind.out_of_fold(findings, &folds)?);
        Some((kind, after))
    });
    let error = |figures: &MapFigures| figures.expected_calibration_error;
    let (kind, after) = candidates.min_by(|(_, one), (_, other)| error(one).total_cmp(&error(other)))?;
    if error(&after) >= error(&before) {
        return None;
    }
    let map = kind.fit(&findings.iter().collect::<Vec<_>>())?;
    Some(FittedMap { map, before, after, n_clusters: clusters.len() as u64 })
}

/// How far probabilities are from what came true; there is at least one.
fn figures(findings: &[JudgedFinding], probabilities: &[f64]) -> MapFigures {
    let pairs = || probabilities.iter().copied().zip(findings.iter().map(|finding| finding.is_right));
    let loss = |(probability, is_right): (f64, bool)| {
        let of_truth = if is_right { probability } else { 1.0 - probability };
        -of_truth.max(f64::EPSILON).ln()
    };
    MapFigures {
        expected_calibration_error: expected_calibration_error(pairs()).unwrap_or_default(),
        negative_log_likelihood: pairs().map(loss).sum::<f64>() / findings.len() as f64,
    }
}

/// Of `1 / (1 + exp(-(a x + b)))` over logits `x`, the likeliest `a` and `b`, by Newton's method.
///
/// As in Platt's paper, the targets are drawn a little from 0 and 1, by what the numbers of right and wrong findings allow
/// to say; so there is always one best pair.
fn logistic(findings: &[&JudgedFinding]) -> Option<ProbabilityMap> {
    let n_right = findings.iter().filter(|finding| finding.is_right).count() as f64;
    let n_wrong = findings.len() as f64 - n_right;
    if n_right == 0.0 || n_wrong == 0.0 {
        return None;
    }
    let targets = ((n_right + 1.0) / (n_right + 2.0), 1.0 / (n_wrong + 2.0));
    let rows: Vec<(f64, f64)> = findings
        .iter()
        .map(|finding| (logit(finding.probability), if finding.is_right { targets.0 } else { targets.1 }))
        .collect();
    let loss = |slope: f64, intercept: f64| -> f64 {
        // ln(1 + e^z) - t z, in a form that no z overflows.
        let of_row = |(x, target): &(f64, f64)| {
            let z = slope * x + intercept;
            z.max(0.0) + (-z.abs()).exp().ln_1p() - target * z
        };
        rows.iter().map(of_row).sum()
    };
    let (mut slope, mut intercept) = (1.0, 0.0);
    for _ in 0..N_STEPS {
        let step = newton_step(&rows, slope, intercept)?;
        let now = loss(slope, intercept);
        // A step that overshoots is halved until it helps.
        let shares = (0..30).map(|halvings| 0.5_f64.powi(halvings));
        let helps = |share: &f64| loss(slope - share * step.0, intercept - share * step.1) < now;
        let Some(share) = shares.into_iter().find(helps) else { break };
        slope -= share * step.0;
        intercept -= share * step.1;
    }
    (slope > 0.0).then_some(ProbabilityMap::Logistic { slope, intercept })
}

/// The second derivative's inverse times the first, of the loss by slope and intercept; nothing if all logits are equal.
fn newton_step(rows: &[(f64, f64)], slope: f64, intercept: f64) -> Option<(f64, f64)> {
    let mut first = (0.0, 0.0);
    let mut second = (0.0, 0.0, 0.0);
    for (x, target) in rows {
        let share = 1.0 / (1.0 + (-(slope * x + intercept)).exp());
        let weight = share * (1.0 - share);
        first.0 += (share - target) * x;
        first.1 += share - target;
        second.0 += weight * x * x;
        second.1 += weight * x;
        second.2 += weight;
    }
    let determinant = second.0 * second.2 - second.1 * second.1;
    let is_enough = determinant > 1e-12 * second.0 * second.2;
    is_enough.then(|| {
        (
            (second.2 * first.0 - second.1 * first.1) / determinant,
            (second.0 * first.1 - second.1 * first.0) / determinant,
        )
    })
}

/// Findings whose probabilities are level in an isotonic regression.
#[derive(Debug, Clone, Copy)]
struct Block {
    n: f64,
    said: f64,
    right: f64,
}

impl Block {
    fn share(&self) -> f64 {
        self.right / self.n
    }

    fn with(self, other: Self) -> Self {
        Self { n: self.n + other.n, said: self.said + other.said, right: self.right + other.right }
    }
}

/// Isotonic regression by pooling neighbours that violate the order; a point for each pool, at its means.
fn isotonic(findings: &[&JudgedFinding]) -> Option<ProbabilityMap> {
    let mut sorted: Vec<(f64, bool)> = findings.iter().map(|finding| (finding.probability, finding.is_right)).collect();
    sorted.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut pools: Vec<Block> = Vec::new();
    for equal in sorted.chunk_by(|one, other| one.0 == other.0) {
        let n = equal.len() as f64;
        let right = equal.iter().filter(|(_, is_right)| *is_right).count() as f64;
        let mut pool = Block { n, said: n * equal[0].0, right };
        while let Some(before) = pools.pop_if(|before| before.share() >= pool.share()) {
            pool = before.with(pool);
        }
        pools.push(pool);
    }
    // No number of findings shows that all like them are right, or none.
    let least = 1.0 / (findings.len() as f64 + 2.0);
    let point = |pool: &Block| MapPoint { said: pool.said / pool.n, right: pool.share().clamp(least, 1.0 - least) };
    let points: Vec<MapPoint> = pools.iter().map(point).collect();
    (!points.is_empty()).then_some(ProbabilityMap::Isotonic { points })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::streams::{stream, unit};

    /// Findings that say anything from 0.5 to 1 and are right as often as `truth` says of it.
    fn drawn(n_spans: u64, truth: impl Fn(f64) -> f64) -> Vec<JudgedFinding> {
        let draw = |number: u64| {
            let mut random = stream(3, "span test", &[number]);
            let probability = 0.5 + 0.499 * unit(&mut random);
            let is_right = unit(&mut random) < truth(probability);
            JudgedFinding { cluster: format!("patient {}", number / 4), probability, is_right }
        };
        (0..n_spans).map(draw).collect()
    }

    #[test]
    fn a_logistic_truth_is_found_again_and_out_of_sample_error_falls() {
        let truth = ProbabilityMap::Logistic { slope: 0.6, intercept: -0.8 };
        let fitted = fit(&drawn(8000, |said| truth.apply(said))).expect("there are enough");
        let found = logistic(&drawn(8000, |said| truth.apply(said)).iter().collect::<Vec<_>>());
        let Some(ProbabilityMap::Logistic { slope, intercept }) = found else { panic!("{found:?}") };
        assert!((slope - 0.6).abs() < 0.05 && (intercept + 0.8).abs() < 0.1, "{slope} {intercept}");
        assert!(fitted.before.expected_calibration_error > 0.15, "{fitted:?}");
        assert!(fitted.after.expected_calibration_error < 0.03, "{fitted:?}");
        assert!(fitted.after.negative_log_likelihood < fitted.before.negative_log_likelihood);
        assert_eq!(fitted.n_clusters, 2000);
    }

    #[test]
    fn a_truth_with_a_step_is_better_told_by_an_isotonic_map() {
        let step = |said: f64| if said < 0.8 { 0.2 } else { 0.9 };
        let fitted = fit(&drawn(8000, step)).expect("there are enough");
        assert!(matches!(fitted.map, ProbabilityMap::Isotonic { .. }), "{fitted:?}");
        assert!((fitted.map.apply(0.65) - 0.2).abs() < 0.05 && (fitted.map.apply(0.95) - 0.9).abs() < 0.05);
    }

    #[test]
    fn findings_that_are_as_probable_as_they_say_need_no_map() {
        let fitted = fit(&drawn(8000, |said| said));
        let mut said = (11..19).map(|tick| f64::from(tick) / 20.0);
        let hardly_moves = |map: &ProbabilityMap| said.all(|said| (map.apply(said) - said).abs() < 0.05);
        assert!(fitted.as_ref().map(|fitted| &fitted.map).is_none_or(hardly_moves), "{fitted:?}");
        assert!(fit(&drawn(199, |_| 0.1)).is_none(), "too few");
        assert!(fit(&drawn(400, |_| 1.0)).is_none(), "none is wrong, so none can be told from the others");
        let one: Vec<JudgedFinding> = drawn(400, |_| 0.2)
            .into_iter()
            .map(|finding| JudgedFinding { cluster: "one".to_owned(), ..finding })
            .collect();
        assert!(fit(&one).is_none(), "one cluster cannot be told from others");
    }

    #[test]
    fn pools_by_hand() {
        let finding = |probability, is_right| JudgedFinding { cluster: String::new(), probability, is_right };
        let findings = [
            finding(0.1, false),
            finding(0.2, true),
            finding(0.3, false),
            finding(0.3, false),
            finding(0.8, true),
            finding(0.9, true),
        ];
        let Some(ProbabilityMap::Isotonic { points }) = isotonic(&findings.iter().collect::<Vec<_>>()) else {
            panic!("no map")
        };
        let found: Vec<(f64, f64)> = points.iter().map(|point| (point.said, point.right)).collect();
        // 0.2 and both of 0.3 make one pool of a third; the ends come no nearer to 0 and 1 than an eighth.
        let expected = [(0.1, 0.125), (0.8 / 3.0, 1.0 / 3.0), (0.85, 0.875)];
        assert_eq!(found.len(), 3, "{found:?}");
        for (found, expected) in found.iter().zip(expected) {
            assert!((found.0 - expected.0).abs() < 1e-12 && (found.1 - expected.1).abs() < 1e-12, "{found:?}");
        }
    }
}

//! A threshold that keeps a budget of missed PHI.
//!
//! A token is taken for PHI if its probability of identifying someone is at least `τ`. Cluster `i` (a patient, or a
//! document that is nobody's) has entities with scores `s`, the lowest such probability among their tokens; its loss at
//! `τ` is the share of them with `s < τ`, of which something would stay. Losses do not fall as `τ` rises and are at most
//! `B = 1`; with `λ = 1 - τ` they are the non-increasing losses of conformal risk control, whose rule is
//!
//! `λ̂ = inf { λ : n/(n+1) · R_n(λ) + B/(n+1) ≤ α }`, where `R_n` is the mean loss of the `n` calibration clusters.
//!
//! Then the expected loss of a further cluster that is exchangeable with them is at most the budget `α` — on average
//! over calibration splits and further clusters, not for each of them. The term `B/(n+1)` pays for the split being
//! finite: without it the expected loss is above `α` (the tests show it).
//! Clusters without PHI have nothing to be missed and are left out on both sides, which only makes the promise stricter.
//! Data of another kind than the calibration split (another hospital, another language) are not exchangeable with it,
//! and the promise does not cover them.
//!
//! Source: A. N. Angelopoulos, S. Bates, A. Fisch, L. Lei, T. Schuster, "Conformal Risk Control", arXiv 2208.02814
//! (2022), theorem 1; theorem 2 says that the expected loss is not below `α - 2B/(n+1)` where losses are continuous.

use efface_nets::calibration::RiskThreshold;

/// The highest possible loss of a cluster: all is missed.
const HIGHEST_LOSS: f64 = 1.0;

/// The highest threshold that keeps a budget. `clusters` are the scores, from 0 to 1, of each cluster's entities;
/// clusters without any are left out.
///
/// Nothing if even a threshold of the lowest score, at which nothing is missed, cannot promise the budget: that takes at
/// least `1/budget - 1` clusters.
///
/// # Example
/// ```
/// use efface_train::calibration::risk::threshold;
/// // 19 patients with one entity each. For 0.1 one miss may be: 19/20 · 1/19 + 1/20 = 0.1.
/// let scores: Vec<[f64; 1]> = (1..=19).map(|patient| [f64::from(patient) / 20.0]).collect();
/// let clusters: Vec<&[f64]> = scores.iter().map(|scores| &scores[..]).collect();
/// let found = threshold(&clusters, 0.1).unwrap();
/// assert_eq!((found.threshold, found.n_clusters), (0.1, 19));
/// assert!((found.calibration_risk - 1.0 / 19.0).abs() < 1e-12);
/// assert!(threshold(&clusters[..8], 0.1).is_none());
/// ```
pub fn threshold(clusters: &[&[f64]], budget: f64) -> Option<RiskThreshold> {
    let n_clusters = clusters.iter().filter(|scores| !scores.is_empty()).count() as f64;
    let allowed = mean_loss_allowed(n_clusters, budget)?;
    let found = highest_with_risk(clusters, allowed);
    Some(RiskThreshold {
        budget,
        threshold: found,
        calibration_risk: risk(clusters, found),
        n_clusters: n_clusters as u64,
    })
}

/// The mean loss `R_n` that the rule leaves: `(α - B/(n+1)) · (n+1)/n`; nothing if that is below 0.
fn mean_loss_allowed(n_clusters: f64, budget: f64) -> Option<f64> {
    let allowed = (budget * (n_clusters + 1.0) - HIGHEST_LOSS) / n_clusters;
    // Whole numbers of clusters may miss the equality by a rounding error.
    (n_clusters > 0.0 && allowed >= -1e-12).then_some(allowed.max(0.0))
}

/// The mean over clusters of the share of entities that a threshold misses; 0 if there are none.
pub fn risk(clusters: &[&[f64]], threshold: f64) -> f64 {
    let share = |scores: &[f64]| scores.iter().filter(|score| **score < threshold).count() as f64 / scores.len() as f64;
    let (sum, n_clusters) = clusters
        .iter()
        .filter(|scores| !scores.is_empty())
        .fold((0.0, 0_u64), |(sum, n), scores| (sum + share(scores), n + 1));
    if n_clusters == 0 { 0.0 } else { sum / n_clusters as f64 }
}

/// The highest threshold, at most 1, whose risk is not above what is allowed. The risk is constant above each score up to
/// and with the next one, so the thresholds to try are the scores and 1.
fn highest_with_risk(clusters: &[&[f64]], allowed: f64) -> f64 {
    let n_clusters = clusters.iter().filter(|scores| !scores.is_empty()).count() as f64;
    let weighted = |scores: &&[f64]| {
        let weight = 1.0 / (scores.len() as f64 * n_clusters);
        scores.iter().map(move |score| (*score, weight)).collect::<Vec<_>>()
    };
    let mut scores: Vec<(f64, f64)> = clusters.iter().flat_map(weighted).collect();
    scores.sort_unstable_by(|one, other| one.0.total_cmp(&other.0).then(one.1.total_cmp(&other.1)));
    // Sums of shares may miss the equality by a rounding error.
    let limit = allowed + 1e-12;
    let mut missed = 0.0;
    for group in scores.chunk_by(|one, other| one.0 == other.0) {
        // With a threshold above this score, all entities of it are missed.
        missed += group.iter().map(|(_, weight)| weight).sum::<f64>();
        if missed > limit {
            return group[0].0;
        }
    }
    1.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::streams::{below, stream, unit};
    use proptest::prelude::*;
    use rayon::prelude::*;

    /// Mean and standard error of what is found in many draws of a calibration split.
    fn simulate(
        n_draws: u64,
        purpose: &str,
        risk_of_draw: impl Fn(&mut rand_chacha::ChaCha8Rng) -> f64 + Sync,
    ) -> (f64, f64) {
        let risks: Vec<f64> =
            (0..n_draws).into_par_iter().map(|draw| risk_of_draw(&mut stream(17, purpose, &[draw]))).collect();
        let mean = risks.iter().sum::<f64>() / n_draws as f64;
        let variance = risks.iter().map(|risk| (risk - mean).powi(2)).sum::<f64>() / (n_draws - 1) as f64;
        (mean, (variance / n_draws as f64).sqrt())
    }

    /// Ten patients with one entity each, whose score is even between 0 and 1: the true risk of a threshold is itself.
    fn ten_patients(random: &mut rand_chacha::ChaCha8Rng) -> Vec<[f64; 1]> {
        (0..10).map(|_| [unit(random)]).collect()
    }

    fn slices<const N: usize>(clusters: &[[f64; N]]) -> Vec<&[f64]> {
        clusters.iter().map(|scores| &scores[..]).collect()
    }

    #[test]
    fn the_budget_is_kept_with_few_patients() {
        let budget = 0.1;
        let (mean, error) = simulate(20_000, "few patients", |random| {
            threshold(&slices(&ten_patients(random)), budget).expect("ten are enough").threshold
        });
        // Nothing may be missed, so the threshold is the lowest of ten scores, whose mean is 1/11.
        assert!((mean - 1.0 / 11.0).abs() < 4.0 * error, "{mean} ± {error}");
        assert!(mean + 4.0 * error < budget, "{mean} ± {error}");
    }

    /// The same splits without the correction `B/(n+1)`, that is with `R_n ≤ α`: the budget is overdrawn by far, so the
    /// test above would fail if [`mean_loss_allowed`] left it out.
    #[test]
    fn without_the_correction_the_budget_is_overdrawn() {
        let budget = 0.1;
        let (mean, error) =
            simulate(20_000, "few patients", |random| highest_with_risk(&slices(&ten_patients(random)), budget));
        assert!((mean - 2.0 / 11.0).abs() < 4.0 * error, "{mean} ± {error}");
        assert!(mean - 4.0 * error > budget, "{mean} ± {error}");
    }

    /// A patient with 1 to 8 entities. In texts of difficulty `d` a score is a random number to the power of `d`, so a
    /// threshold misses `τ^(1/d)` of them, however many the patient has.
    fn patient(random: &mut rand_chacha::ChaCha8Rng) -> Vec<f64> {
        let difficulty = DIFFICULTIES[below(random, DIFFICULTIES.len())];
        (0..=below(random, 8)).map(|_| unit(random).powf(difficulty)).collect()
    }

    const DIFFICULTIES: [f64; 3] = [0.1, 0.3, 2.0];

    fn true_risk(threshold: f64) -> f64 {
        DIFFICULTIES.iter().map(|difficulty| threshold.powf(1.0 / difficulty)).sum::<f64>() / DIFFICULTIES.len() as f64
    }

    #[test]
    fn the_budget_is_kept_and_used_where_entities_of_a_patient_hang_together() {
        for (n_patients, budget) in [(60, 0.02), (60, 0.2), (200, 0.05), (200, 0.01)] {
            let (mean, error) = simulate(4000, "patients", |random| {
                let patients: Vec<Vec<f64>> = (0..n_patients).map(|_| patient(random)).collect();
                let clusters: Vec<&[f64]> = patients.iter().map(Vec::as_slice).collect();
                true_risk(threshold(&clusters, budget).expect("they are enough").threshold)
            });
            assert!(mean <= budget + 3.0 * error, "{n_patients} {budget}: {mean} ± {error}");
            let least = budget - 2.0 * HIGHEST_LOSS / f64::from(n_patients + 1);
            assert!(mean >= least - 3.0 * error, "{n_patients} {budget}: {mean} ± {error}");
        }
    }

    #[test]
    fn too_few_patients_promise_nothing() {
        let scores = [[0.9]; 98];
        assert!(threshold(&slices(&scores), 0.01).is_none());
        let one_more = [[0.9]; 99];
        assert_eq!(threshold(&slices(&one_more), 0.01).expect("99 are enough").threshold, 0.9);
        assert!(threshold(&[], 0.5).is_none());
        assert!(threshold(&[&[], &[]], 0.5).is_none());
    }

    #[test]
    fn patients_without_phi_do_not_count() {
        let scores = [[0.25], [0.5], [0.75]];
        let mut clusters = slices(&scores);
        let without = threshold(&clusters, 0.5);
        clusters.extend([&[][..]; 40]);
        assert_eq!(threshold(&clusters, 0.5), without);
        assert_eq!(without.expect("three are enough").n_clusters, 3);
    }

    proptest! {
        #[test]
        fn the_threshold_is_the_highest_that_the_rule_allows(
            clusters in prop::collection::vec(prop::collection::vec(0_u8..=20, 0..6), 1..25),
            budget in 0.05..0.95_f64,
        ) {
            let clusters: Vec<Vec<f64>> = clusters
                .into_iter()
                .map(|scores| scores.into_iter().map(|score| f64::from(score) / 20.0).collect())
                .collect();
            let clusters: Vec<&[f64]> = clusters.iter().map(Vec::as_slice).collect();
            let n = clusters.iter().filter(|scores| !scores.is_empty()).count() as f64;
            let keeps = |threshold| n / (n + 1.0) * risk(&clusters, threshold) + 1.0 / (n + 1.0) <= budget + 1e-9;
            match threshold(&clusters, budget) {
                Some(found) => {
                    prop_assert!(keeps(found.threshold));
                    prop_assert_eq!(found.calibration_risk, risk(&clusters, found.threshold));
                    let higher = (0..=40).map(|step| f64::from(step) / 40.0).filter(|one| *one > found.threshold);
                    prop_assert!(higher.into_iter().all(|one| !keeps(one)));
                }
                None => prop_assert!(n == 0.0 || !keeps(0.0)),
            }
        }

        #[test]
        fn a_larger_budget_has_no_lower_threshold(
            clusters in prop::collection::vec(prop::collection::vec(0.0..=1.0_f64, 1..5), 20..60),
            small in 0.06..0.5_f64,
            more in 0.0..0.4_f64,
        ) {
            let clusters: Vec<&[f64]> = clusters.iter().map(Vec::as_slice).collect();
            let at = |budget| threshold(&clusters, budget).expect("twenty are enough").threshold;
            prop_assert!(at(small) <= at(small + more));
        }
    }
}

//! Thresholds that ordinary values seldom exceed.

/// The limit that a further value of the same kind exceeds with a probability of at most `share`.
///
/// Of `n` values it is the `k`-th smallest with `k = ⌈(n + 1)(1 - share)⌉`: a further value, exchangeable with them, is
/// as likely to have any of the `n + 1` ranks. Nothing if `k > n`, that is with fewer than `1/share - 1` values, for
/// then no limit could promise it. It serves any score of oddness, such as energy or a Mahalanobis distance.
///
/// Source: V. Vovk, A. Gammerman, G. Shafer, Algorithmic Learning in a Random World (2005), as split conformal
/// prediction; for energies as scores, Liu et al., NeurIPS 2020.
///
/// # Example
/// ```
/// use efface_train::calibration::quantile::upper_limit;
/// let values: Vec<f64> = (1..=99).map(f64::from).collect();
/// assert_eq!(upper_limit(values.clone(), 0.1), Some(90.0));
/// assert_eq!(upper_limit(values.clone(), 0.01), Some(99.0));
/// assert_eq!(upper_limit(values, 0.005), None);
/// ```
pub fn upper_limit(mut values: Vec<f64>, share: f64) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    // Rounding must not turn a whole number into the next one.
    let rank = ((values.len() as f64 + 1.0) * (1.0 - share) - 1e-9).ceil().max(1.0) as usize;
    values.get(rank - 1).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::streams::{stream, unit};

    #[test]
    fn a_further_value_exceeds_the_limit_as_seldom_as_promised() {
        let share = 0.1;
        let n_draws = 20_000_u64;
        let n_above = (0..n_draws)
            .filter(|draw| {
                let mut random = stream(2, "limit test", &[*draw]);
                let values: Vec<f64> = (0..25).map(|_| unit(&mut random).powi(3)).collect();
                unit(&mut random).powi(3) > upper_limit(values, share).expect("25 are enough")
            })
            .count();
        // The exact probability is 2/26; three standard errors are 0.0057. The plain 23rd of 25 would give 3/26.
        let found = n_above as f64 / n_draws as f64;
        assert!((found - 2.0 / 26.0).abs() < 0.0057 && found <= share, "{found}");
    }
}

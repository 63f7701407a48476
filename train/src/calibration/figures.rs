//! How far probabilities of tokens are from what came true.

use super::Row;
use efface_nets::calibration::{Temperatures, TokenFigures, most_probable};
use efface_schema::PhiLabel;

/// Bins of equal width between 0 and 1.
const N_BINS: usize = 15;

/// The figures of rows.
///
/// Formula: the expected calibration error is `Σ n_k/n · |p_k - y_k|` over bins `(low, high]` of the probability of the
/// most probable class, with its mean `p_k` and the share `y_k` of tokens of which it is the true one; 0 is best.
///
/// Source: M. P. Naeini, G. F. Cooper, M. Hauskrecht, "Obtaining Well Calibrated Probabilities Using Bayesian Binning",
/// AAAI 2015.
pub fn of(rows: &[Row<'_>], labels: &[Option<PhiLabel>], temperatures: &Temperatures) -> TokenFigures {
    let judged: Vec<(f64, bool, bool)> = rows
        .iter()
        .map(|row| {
            let class = most_probable(row.logits);
            let probability = temperatures.probabilities(row.logits, labels)[class];
            (probability, class == row.gold, labels[class].is_some() || labels[row.gold].is_some())
        })
        .collect();
    let all = judged.iter().map(|(probability, is_right, _)| (*probability, *is_right));
    let phi =
        judged.iter().filter(|(_, _, is_phi)| *is_phi).map(|(probability, is_right, _)| (*probability, *is_right));
    TokenFigures {
        negative_log_likelihood: negative_log_likelihood(rows, labels, temperatures),
        expected_calibration_error: expected_calibration_error(all).unwrap_or_default(),
        phi_calibration_error: expected_calibration_error(phi),
    }
}

/// Mean of `-ln` of the true class's probability, which is kept `2.2·10⁻³⁰⁸` off 0; 0 without rows.
pub fn negative_log_likelihood(rows: &[Row<'_>], labels: &[Option<PhiLabel>], temperatures: &Temperatures) -> f64 {
    let loss = |row: &Row<'_>| -temperatures.probabilities(row.logits, labels)[row.gold].max(f64::MIN_POSITIVE).ln();
    if rows.is_empty() { 0.0 } else { rows.iter().map(loss).sum::<f64>() / rows.len() as f64 }
}

/// The expected calibration error of decisions, each with its probability and whether it was right; nothing without any.
///
/// # Example
/// ```
/// use efface_train::calibration::figures::expected_calibration_error;
/// // Four decisions of 0.9, three of them right: off by 0.15.
/// let error = expected_calibration_error([true, true, true, false].map(|is_right| (0.9, is_right))).unwrap();
/// assert!((error - 0.15).abs() < 1e-12);
/// ```
pub fn expected_calibration_error(decisions: impl IntoIterator<Item = (f64, bool)>) -> Option<f64> {
    let mut bins = [(0_u64, 0.0, 0_u64); N_BINS];
    for (probability, is_right) in decisions {
        let bin = ((probability * N_BINS as f64).ceil() as usize).saturating_sub(1).min(N_BINS - 1);
        bins[bin].0 += 1;
        bins[bin].1 += probability;
        bins[bin].2 += u64::from(is_right);
    }
    let n_decisions: u64 = bins.iter().map(|(n, _, _)| n).sum();
    let off: f64 = bins.iter().map(|(_, probability, n_right)| (probability - *n_right as f64).abs()).sum();
    (n_decisions > 0).then(|| off / n_decisions as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_do_not_mix() {
        // By bins: |0.1 - 0| and |0.9 - 1|; taken together they would cancel out.
        let error = expected_calibration_error([(0.1, false), (0.9, true)]).expect("there are two");
        assert!((error - 0.1).abs() < 1e-12, "{error}");
        // The ends of the range fall into the outermost bins, and a bin holds its upper end.
        assert_eq!(expected_calibration_error([(0.0, false), (1.0, true)]), Some(0.0));
        let error = expected_calibration_error([(1.0 / 15.0, false), (1.0 / 15.0 + 1e-9, true)]).expect("two");
        assert!((error - (1.0 / 15.0 + 14.0 / 15.0) / 2.0).abs() < 1e-6, "{error}");
        assert_eq!(expected_calibration_error([]), None);
    }

    #[test]
    fn figures_of_two_tokens_by_hand() {
        let (sure, unsure) = ([3.0_f32.ln(), 0.0], [0.0, 3.0_f32.ln()]);
        let rows = [Row { logits: &sure, gold: 0 }, Row { logits: &unsure, gold: 0 }];
        let figures = of(&rows, &[None, Some(PhiLabel::Name)], &Temperatures::none());
        let by_hand = -(0.75_f64.ln() + 0.25_f64.ln()) / 2.0;
        assert!((figures.negative_log_likelihood - by_hand).abs() < 1e-6);
        // Both of 0.75, one right; of PHI only the second, which is wrong.
        assert!((figures.expected_calibration_error - 0.25).abs() < 1e-6);
        assert!((figures.phi_calibration_error.expect("one token is taken for PHI") - 0.75).abs() < 1e-6);
    }
}

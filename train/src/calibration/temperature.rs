//! Temperatures that make probabilities of tokens true.
//!
//! With `β = 1/T` the mean negative log-likelihood of the true classes `y`,
//! `L(β) = 1/n Σ [ln Σ_c exp(β z_c) - β z_y]`, is convex: its derivative is the mean of `E[z] - z_y`, its second
//! derivative the mean of `Var[z]`, both under `softmax(β z)`.
//! So Newton's method finds the one minimum; a step that leaves the interval in which the derivative changes its sign is
//! replaced by halving that interval.
//!
//! Source: C. Guo, G. Pleiss, Y. Sun, K. Q. Weinberger, "On Calibration of Modern Neural Networks", ICML 2017.

use super::Row;
use efface_nets::calibration::{Temperatures, most_probable};
use efface_schema::PhiLabel;
use rayon::prelude::*;
use std::collections::BTreeMap;

/// The lowest and the highest temperature that is fitted: tokens that are all right would make it 0.
pub const BOUNDS: (f64, f64) = (0.05, 20.0);

/// Rows that are summed up together. Sums of parts are added in order, so no number of threads changes a digit.
const ROWS_OF_PART: usize = 2048;

/// Fits one temperature for all rows, and one for the rows of each label that is the most probable one of at least
/// `min_label_rows`. Without rows nothing is scaled.
pub fn fit(rows: &[Row<'_>], labels: &[Option<PhiLabel>], min_label_rows: usize) -> Temperatures {
    let mut of_label: BTreeMap<PhiLabel, Vec<Row<'_>>> = BTreeMap::new();
    for row in rows {
        if let Some(label) = labels.get(most_probable(row.logits)).copied().flatten() {
            of_label.entry(label).or_default().push(*row);
        }
    }
    let enough = of_label.into_iter().filter(|(_, rows)| rows.len() >= min_label_rows.max(1));
    Temperatures { global: best(rows), by_label: enough.map(|(label, rows)| (label, best(&rows))).collect() }
}

/// The temperature, within [`BOUNDS`], at which the true classes are likeliest; 1 without rows.
///
/// # Example
/// ```
/// use efface_train::calibration::{Row, temperature::best};
/// // Right three times in four, and as sure as 0.95: it should be as sure as 0.75, with e^(z/T) = 3.
/// let logits = [19.0_f32.ln(), 0.0];
/// let rows = [0, 0, 0, 1].map(|gold| Row { logits: &logits, gold });
/// assert!((best(&rows) - 19.0_f64.ln() / 3.0_f64.ln()).abs() < 1e-6);
/// ```
pub fn best(rows: &[Row<'_>]) -> f64 {
    if rows.is_empty() {
        return 1.0;
    }
    let (mut low, mut high) = (1.0 / BOUNDS.1, 1.0 / BOUNDS.0);
    if slope(rows, low).first >= 0.0 {
        return 1.0 / low;
    }
    if slope(rows, high).first <= 0.0 {
        return 1.0 / high;
    }
    let mut beta = 1.0;
    // Halving alone would reach the last digit of the interval in 60 steps.
    for _ in 0..100 {
        let Slope { first, second } = slope(rows, beta);
        if first < 0.0 {
            low = beta
        } else {
            high = beta
        }
        let newton = beta - first / second;
        let next = if newton > low && newton < high { newton } else { f64::midpoint(low, high) };
        let is_settled = (next - beta).abs() <= 1e-12 * beta;
        beta = next;
        if is_settled {
            break;
        }
    }
    1.0 / beta
}

/// First and second derivative of the negative log-likelihood by `β`, summed over rows.
#[derive(Debug, Clone, Copy, Default)]
struct Slope {
    first: f64,
    second: f64,
}

fn slope(rows: &[Row<'_>], beta: f64) -> Slope {
    let sum = |one: Slope, other: Slope| Slope { first: one.first + other.first, second: one.second + other.second };
    let parts: Vec<Slope> = rows
        .par_chunks(ROWS_OF_PART)
        .map(|rows| rows.iter().map(|row| slope_of(row, beta)).fold(Slope::default(), sum))
        .collect();
    parts.into_iter().fold(Slope::default(), sum)
}

fn slope_of(row: &Row<'_>, beta: f64) -> Slope {
    let top = f64::from(row.logits.iter().copied().fold(f32::NEG_INFINITY, f32::max));
    let (mut weight, mut mean, mut square) = (0.0, 0.0, 0.0);
    for logit in row.logits {
        // Distances from the highest logit, whose sums lose no digits.
        let below = f64::from(*logit) - top;
        let share = (beta * below).exp();
        weight += share;
        mean += share * below;
        square += share * below * below;
    }
    (mean, square) = (mean / weight, square / weight);
    Slope { first: mean - (f64::from(row.logits[row.gold]) - top), second: (square - mean * mean).max(0.0) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calibration::figures::negative_log_likelihood;
    use crate::streams::{stream, unit};
    use efface_nets::calibration::softmax;
    use proptest::prelude::*;

    /// Rows whose true classes are drawn from `softmax(logits / truth)`.
    fn drawn(n_rows: u64, truth: f64, spread: f64) -> Vec<(Vec<f32>, usize)> {
        (0..n_rows)
            .map(|row| {
                let mut random = stream(11, "temperature test", &[row]);
                let logits: Vec<f32> = (0..5).map(|_| (spread * (unit(&mut random) - 0.5)) as f32).collect();
                let mut left = unit(&mut random);
                let gold = softmax(&logits, truth).iter().position(|share| {
                    left -= share;
                    left < 0.0
                });
                (logits, gold.unwrap_or(4))
            })
            .collect()
    }

    fn rows(drawn: &[(Vec<f32>, usize)]) -> Vec<Row<'_>> {
        drawn.iter().map(|(logits, gold)| Row { logits, gold: *gold }).collect()
    }

    #[test]
    fn the_temperature_that_classes_were_drawn_with_is_found() {
        for truth in [0.5, 1.0, 3.0] {
            let drawn = drawn(20_000, truth, 12.0);
            let found = best(&rows(&drawn));
            assert!((found / truth - 1.0).abs() < 0.06, "{truth}: {found}");
        }
    }

    #[test]
    fn without_a_minimum_inside_the_bounds_are_kept() {
        let right = [3.0, 0.0];
        assert!((best(&[Row { logits: &right, gold: 0 }]) - BOUNDS.0).abs() < 1e-12);
        assert!((best(&[Row { logits: &right, gold: 1 }]) - BOUNDS.1).abs() < 1e-12);
        assert!((best(&[]) - 1.0).abs() < 1e-12);
        // Equal logits say nothing: no temperature is better than another, and none is refused.
        assert!(best(&[Row { logits: &[2.0, 2.0], gold: 1 }]).is_finite());
    }

    #[test]
    fn labels_with_rows_enough_have_temperatures_of_their_own() {
        let labels = [None, Some(PhiLabel::Name), Some(PhiLabel::Name), Some(PhiLabel::Date), None];
        let (sharp, flat) = (drawn(4000, 1.0, 12.0), drawn(4000, 4.0, 12.0));
        let is_name = |row: &&Row<'_>| labels[most_probable(row.logits)] == Some(PhiLabel::Name);
        let (sharp, flat) = (rows(&sharp), rows(&flat));
        let names: Vec<Row<'_>> = flat.iter().filter(is_name).copied().collect();
        let mut mixed: Vec<Row<'_>> = sharp.iter().filter(|row| !is_name(row)).copied().collect();
        mixed.extend(&names);
        let fitted = fit(&mixed, &labels, names.len());
        assert_eq!(fitted.by_label.keys().copied().collect::<Vec<_>>(), [PhiLabel::Name]);
        let name = fitted.by_label[&PhiLabel::Name];
        assert!((name / best(&names) - 1.0).abs() < 1e-9 && (3.5..4.6).contains(&name), "{name}");
        assert!(fitted.global < name);
        assert!(fit(&mixed, &labels, names.len() + 1).by_label.is_empty());
    }

    #[test]
    fn the_digits_do_not_depend_on_threads() {
        let drawn = drawn(10_000, 2.0, 9.0);
        let at = |n_threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().expect("a pool");
            pool.install(|| best(&rows(&drawn))).to_bits()
        };
        assert_eq!(at(1), at(3));
    }

    proptest! {
        /// A search that knows no derivatives finds nothing better.
        #[test]
        fn no_other_temperature_is_better(
            drawn in prop::collection::vec((prop::collection::vec(-8.0_f32..8.0, 3), 0_usize..3), 1..30),
        ) {
            let rows = rows(&drawn);
            let loss = |temperature| {
                negative_log_likelihood(&rows, &[None; 3], &Temperatures { global: temperature, ..Temperatures::none() })
            };
            let found = loss(best(&rows));
            for step in 0..=200 {
                let temperature = BOUNDS.0 * (BOUNDS.1 / BOUNDS.0).powf(f64::from(step) / 200.0);
                prop_assert!(found <= loss(temperature) + 1e-9, "{} at {temperature}", loss(temperature));
            }
        }
    }
}

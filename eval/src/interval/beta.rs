//! The incomplete beta function and the quantiles that follow from it.

use std::f64::consts::{PI, TAU};

/// The regularized incomplete beta function `I_x(a, b)`: the share of a beta distribution below `x`.
///
/// By its continued fraction, on the side where that converges fast; the factor before it is a binomial probability
/// in the saddle-point form, which keeps its digits for any size of `a` and `b`.
///
/// Source: NIST Digital Library of Mathematical Functions 8.17.22; C. Loader, "Fast and accurate computation of
/// binomial probabilities" (2000), for the factor.
pub(super) fn incomplete(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    let y = 1.0 - x;
    if x <= (a + 1.0) / (a + b + 2.0) {
        front(x, y, a, b) / a * fraction(x, a, b)
    } else {
        1.0 - front(x, y, a, b) / b * fraction(y, b, a)
    }
}

/// `x^a y^b / B(a, b)`.
fn front(x: f64, y: f64, a: f64, b: f64) -> f64 {
    let n = a + b;
    let exponent = stirling_error(n) - stirling_error(a) - stirling_error(b) - deviance(a, n * x) - deviance(b, n * y);
    (a * b / (n * TAU)).sqrt() * exponent.exp()
}

/// What Stirling's formula lacks: `ln Γ(x+1) - (x + 1/2) ln x + x - ln(2π)/2`.
fn stirling_error(x: f64) -> f64 {
    let mut x = x;
    let mut difference = 0.0;
    while x < 16.0 {
        difference += (x + 0.5) * (1.0 / x).ln_1p() - 1.0;
        x += 1.0;
    }
    let square = x * x;
    let series = 1.0 / 12.0
        - (1.0 / 360.0 - (1.0 / 1260.0 - (1.0 / 1680.0 - 1.0 / (1188.0 * square)) / square) / square) / square;
    difference + series / x
}

/// `x ln(x/m) + m - x`, without cancellation where both are close.
fn deviance(x: f64, m: f64) -> f64 {
    let ratio = (x - m) / (x + m);
    if ratio.abs() >= 0.1 {
        return x * (x / m).ln() + m - x;
    }
    // ln(x/m) = 2 artanh(ratio)
    let mut sum = (x - m) * ratio;
    let mut power = 2.0 * x * ratio;
    for odd in (3_u32..).step_by(2) {
        power *= ratio * ratio;
        let next = sum + power / f64::from(odd);
        if next == sum {
            break;
        }
        sum = next;
    }
    sum
}

/// The continued fraction, from its first term on, by the method of Lentz.
fn fraction(x: f64, a: f64, b: f64) -> f64 {
    const LEAST: f64 = 1e-300;
    /// It ends after some multiple of the root of the larger parameter; this is far beyond.
    const MOST_TERMS: u32 = 1_000_000;
    let keep_off_zero = |value: f64| if value.abs() < LEAST { LEAST } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / keep_off_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut value = d;
    for term in 1..MOST_TERMS {
        let m = f64::from(term);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / keep_off_zero(1.0 + even * d);
        c = keep_off_zero(1.0 + even / c);
        value *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / keep_off_zero(1.0 + odd * d);
        c = keep_off_zero(1.0 + odd / c);
        let change = d * c;
        value *= change;
        if (change - 1.0).abs() < 4.0 * f64::EPSILON {
            break;
        }
    }
    value
}

/// The `x` below which a share of a beta distribution lies, by halving until no number lies between.
pub(super) fn quantile(share: f64, a: f64, b: f64) -> f64 {
    bisect(0.0, 1.0, |x| incomplete(x, a, b) < share)
}

/// The quantile of Student's distribution that leaves a share above it; `share < 1/2`.
pub(super) fn student_quantile(share_above: f64, degrees_of_freedom: f64) -> f64 {
    let x = quantile(2.0 * share_above, degrees_of_freedom / 2.0, 0.5);
    (degrees_of_freedom * (1.0 - x) / x).sqrt()
}

/// The quantile of the normal distribution.
pub(super) fn normal_quantile(share: f64) -> f64 {
    bisect(-9.0, 9.0, |z| normal_share(z) < share)
}

/// The share of the normal distribution below `z`, `|z| <= 9`: `1/2 + φ(z) (z + z³/3 + z⁵/(3·5) + …)`.
///
/// Source: G. Marsaglia, Journal of Statistical Software 11 (2004), issue 4.
pub(super) fn normal_share(z: f64) -> f64 {
    let mut term = z;
    let mut sum = z;
    for odd in (3_u32..).step_by(2) {
        term *= z * z / f64::from(odd);
        let next = sum + term;
        if next == sum {
            break;
        }
        sum = next;
    }
    0.5 + sum * (-z * z / 2.0).exp() / (2.0 * PI).sqrt()
}

/// Where a condition that holds at `low` ceases to hold.
fn bisect(mut low: f64, mut high: f64, holds: impl Fn(f64) -> bool) -> f64 {
    loop {
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high {
            return middle;
        }
        if holds(middle) { low = middle } else { high = middle }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values_are_met() {
        // Closed forms: I_x(1, b) = 1 - (1-x)^b, I_x(a, 1) = x^a, I_x(1/2, 1/2) = 2/π asin √x.
        for x in [1e-12_f64, 0.01, 0.3, 0.5, 0.77, 0.999] {
            for n in [1.0, 2.5, 40.0, 1000.0] {
                assert!((incomplete(x, 1.0, n) + (n * (-x).ln_1p()).exp_m1()).abs() < 1e-13);
                assert!((incomplete(x, n, 1.0) - x.powf(n)).abs() < 1e-13);
            }
            assert!((incomplete(x, 0.5, 0.5) - 2.0 / PI * x.sqrt().asin()).abs() < 1e-13);
        }
    }

    #[test]
    fn quantiles_are_those_of_the_tables() {
        assert!((normal_quantile(0.975) - 1.959_963_984_540_054).abs() < 1e-13);
        assert!((normal_quantile(0.5)).abs() < 1e-15);
        // One degree of freedom: tan(π(1/2 - share)); two: closed form.
        assert!((student_quantile(0.025, 1.0) - (PI * 0.475).tan()).abs() < 1e-10);
        assert!((student_quantile(0.025, 2.0) - 4.302_652_729_749_462).abs() < 1e-11);
        assert!((student_quantile(0.025, 30.0) - 2.042_272_456_301_238).abs() < 1e-11);
    }
}

//! What training makes small, one number for each answer: whoever sums also knows by what to divide.

use burn::tensor::activation::log_softmax;
use burn::tensor::{Int, Tensor};

/// The least and the greatest logarithm of a variance: beyond them a network would only chase single boxes.
pub const LOG_VARIANCES: [f32; 2] = [-7.0, 7.0];

/// A logarithm of a variance within [`LOG_VARIANCES`]; what is no number is taken for the greatest.
pub fn clamped(log_variance: f32) -> f32 {
    if log_variance.is_nan() { LOG_VARIANCES[1] } else { log_variance.clamp(LOG_VARIANCES[0], LOG_VARIANCES[1]) }
}

/// Binary cross-entropy of scores before a sigmoid: `max(x, 0) - x t + ln(1 + exp(-|x|))`, which never overflows.
///
/// `scores` and `targets`, from 0 to 1, are `[k]`, and so is the answer.
pub fn objectness(scores: Tensor<1>, targets: Tensor<1>) -> Tensor<1> {
    let tail = scores.clone().abs().neg().exp().log1p();
    scores.clone().clamp_min(0.0) - scores * targets + tail
}

/// Cross-entropy of `scores` `[k, classes]` before a softmax, with the numbers of the right `classes` `[k]`; the answer
/// is `[k]`.
pub fn class_cross_entropy(scores: Tensor<2>, classes: Tensor<1, Int>) -> Tensor<1> {
    let [count, _] = scores.dims();
    log_softmax(scores, 1).gather(1, classes.reshape([count, 1])).neg().reshape([count])
}

/// `d² / 2β` for a difference below `beta`, and `|d| - β/2` from there (Girshick 2015; torch's `SmoothL1Loss`).
///
/// All are `[k, 4]`. `beta` is above 0.
pub fn smooth_l1(found: Tensor<2>, wanted: Tensor<2>, beta: f32) -> Tensor<2> {
    let difference = (found - wanted).abs();
    let near = difference.clone().clamp_max(beta);
    // Below beta both factors are the difference; above, the first is beta.
    near.clone() * (difference - near.mul_scalar(0.5)).div_scalar(beta)
}

/// The negative logarithm of a Gaussian's density without its constant (Kendall and Gal 2017; torch's
/// `GaussianNLLLoss`): `(s + (found - wanted)² exp(-s)) / 2`, where `s` is the logarithm of the variance, clamped to
/// [`LOG_VARIANCES`].
///
/// All are `[k, 4]`.
pub fn gaussian(found: Tensor<2>, log_variances: Tensor<2>, wanted: Tensor<2>) -> Tensor<2> {
    let clamped = log_variances.clamp(LOG_VARIANCES[0], LOG_VARIANCES[1]);
    let squares = (found - wanted).square();
    (clamped.clone() + squares * clamped.neg().exp()).mul_scalar(0.5)
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;

    fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
        tensor.into_data().try_into_vec().expect("numbers")
    }

    #[test]
    fn great_scores_do_not_overflow() {
        let device = Device::flex();
        let scores = Tensor::from_floats([200.0, -200.0, 0.0], &device);
        let targets = Tensor::from_floats([0.0, 1.0, 0.5], &device);
        let losses = values(objectness(scores, targets));
        assert_eq!(losses[..2], [200.0, 200.0]);
        assert!((losses[2] - 2.0_f32.ln()).abs() < 1e-6);
    }

    #[test]
    fn the_right_class_costs_its_logarithm() {
        let device = Device::flex();
        let scores = Tensor::from_floats([[0.0, 0.0], [0.0, 50.0], [50.0, 0.0]], &device);
        let losses = values(class_cross_entropy(scores, Tensor::from_ints([0, 1, 1], &device)));
        assert!((losses[0] - 2.0_f32.ln()).abs() < 1e-6);
        assert!(losses[1].abs() < 1e-6 && (losses[2] - 50.0).abs() < 1e-4);
    }

    #[test]
    fn the_best_variance_is_the_square_of_the_difference() {
        let device = Device::flex();
        let loss = |log_variance: f32| {
            let row = |value: f32| Tensor::<2>::from_floats([[value; 4]], &device);
            values(gaussian(row(3.0), row(log_variance), row(1.0)))[0]
        };
        let best = 4.0_f32.ln();
        assert!(loss(best) < loss(best - 0.3) && loss(best) < loss(best + 0.3));
        assert_eq!(loss(-50.0), loss(LOG_VARIANCES[0]));
        assert_eq!(clamped(f32::NAN), LOG_VARIANCES[1]);
    }
}

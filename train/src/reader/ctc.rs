//! Connectionist temporal classification: how probable a text is, however its signs are spread over the steps.
//!
//! Source: A. Graves, S. Fernández, F. Gomez, J. Schmidhuber, "Connectionist Temporal Classification: Labelling
//! Unsegmented Sequence Data with Recurrent Neural Networks", ICML 2006, equations 5 to 16. It is computed here and not
//! with burn, which makes a tensor operation of every step of the recursion: a line of a hundred steps would spend most
//! of its time there. Tests compare the two.

/// The class that stands for no sign.
const BLANK: usize = 0;

/// What a text costs, and how that changes with the scores.
#[derive(Debug, Clone, PartialEq)]
pub struct CtcLoss {
    /// The negative logarithm of the text's probability.
    pub loss: f64,
    /// Its derivative by each score, `[steps, classes]`.
    pub gradient: Vec<f32>,
}

/// `ln(exp(one) + exp(other))`.
fn add(one: f64, other: f64) -> f64 {
    let (low, high) = if one < other { (one, other) } else { (other, one) };
    if low == f64::NEG_INFINITY { high } else { high + (low - high).exp().ln_1p() }
}

fn log_softmax(scores: &[f32], n_classes: usize) -> Vec<f64> {
    let row = |scores: &[f32]| {
        let top = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let sum: f64 = scores.iter().map(|score| f64::from(score - top).exp()).sum();
        let norm = f64::from(top) + sum.ln();
        scores.iter().map(|score| f64::from(*score) - norm).collect::<Vec<_>>()
    };
    scores.chunks_exact(n_classes).flat_map(row).collect()
}

/// How many steps a text needs at least: one for each sign, and one between two that are the same.
pub fn least_steps(text: &[usize]) -> usize {
    text.len() + text.windows(2).filter(|pair| pair[0] == pair[1]).count()
}

/// The loss of scores `[steps, classes]` for a text whose signs are classes above 0; nothing if it needs more steps than
/// there are.
///
/// # Example
/// ```
/// use efface_train::reader::ctc::ctc;
/// // Two steps, no sign or one of two, all as likely: of nine paths, three say the first sign.
/// let loss = ctc(&[0.0; 6], 3, &[1]).expect("there is room").loss;
/// assert!((loss - 3_f64.ln()).abs() < 1e-12);
/// assert!(ctc(&[0.0; 6], 3, &[1, 1]).is_none());
/// ```
pub fn ctc(scores: &[f32], n_classes: usize, text: &[usize]) -> Option<CtcLoss> {
    let n_steps = scores.len() / n_classes;
    if n_steps == 0 || least_steps(text) > n_steps {
        return None;
    }
    let logs = log_softmax(scores, n_classes);
    // No sign before, between and behind the signs.
    let states: Vec<usize> = (0..=2 * text.len()).map(|at| if at % 2 == 0 { BLANK } else { text[at / 2] }).collect();
    let jumps = |at: usize| at >= 2 && states[at] != BLANK && states[at] != states[at - 2];
    let n_states = states.len();
    let log = |step: usize, at: usize| logs[step * n_classes + states[at]];
    let mut forward = vec![f64::NEG_INFINITY; n_steps * n_states];
    for (at, start) in forward.iter_mut().enumerate().take(n_states.min(2)) {
        *start = log(0, at);
    }
    for step in 1..n_steps {
        for at in 0..n_states {
            let before = &forward[(step - 1) * n_states..step * n_states];
            let mut sum = before[at];
            if at >= 1 {
                sum = add(sum, before[at - 1]);
            }
            if jumps(at) {
                sum = add(sum, before[at - 2]);
            }
            forward[step * n_states + at] = sum + log(step, at);
        }
    }
    // What follows a state, without the state's own step.
    let mut behind = vec![f64::NEG_INFINITY; n_steps * n_states];
    for at in n_states.saturating_sub(2)..n_states {
        behind[(n_steps - 1) * n_states + at] = 0.0;
    }
    for step in (0..n_steps - 1).rev() {
        for at in 0..n_states {
            let after = |at: usize| behind[(step + 1) * n_states + at] + log(step + 1, at);
            let mut sum = after(at);
            if at + 1 < n_states {
                sum = add(sum, after(at + 1));
            }
            if at + 2 < n_states && jumps(at + 2) {
                sum = add(sum, after(at + 2));
            }
            behind[step * n_states + at] = sum;
        }
    }
    let last = &forward[(n_steps - 1) * n_states..];
    let total = last[n_states.saturating_sub(2)..].iter().copied().fold(f64::NEG_INFINITY, add);
    let mut gradient: Vec<f64> = logs.iter().map(|log| log.exp()).collect();
    for step in 0..n_steps {
        for (at, class) in states.iter().enumerate() {
            let place = step * n_states + at;
            gradient[step * n_classes + class] -= (forward[place] + behind[place] - total).exp();
        }
    }
    Some(CtcLoss { loss: -total, gradient: gradient.into_iter().map(|slope| slope as f32).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::nn::loss::CTCLossConfig;
    use burn::tensor::activation::log_softmax;
    use burn::tensor::{Device, Int, Tensor, TensorData};

    fn scores(n_steps: usize, n_classes: usize) -> Vec<f32> {
        (0..n_steps * n_classes).map(|place| ((place * 7919 + 13) % 101) as f32 / 20.0 - 2.5).collect()
    }

    /// Loss and gradient as burn has them.
    fn of_burn(scores: &[f32], n_classes: usize, text: &[usize]) -> (f32, Vec<f32>) {
        let device = Device::flex().autodiff();
        let n_steps = scores.len() / n_classes;
        let input = Tensor::<3>::from_data(TensorData::new(scores.to_vec(), [n_steps, 1, n_classes]), &device);
        let input = input.require_grad();
        let targets: Vec<i64> = text.iter().map(|sign| *sign as i64).collect();
        let targets = Tensor::<2, Int>::from_data(TensorData::new(targets, [1, text.len()]), &device);
        let length = |length: usize| Tensor::<1, Int>::from_data([length as i64], &device);
        let ctc = CTCLossConfig::new().init();
        let loss = ctc.forward(log_softmax(input.clone(), 2), targets, length(n_steps), length(text.len()));
        let gradients = loss.clone().sum().backward();
        let slope = input.grad(&gradients).expect("a gradient").into_data().try_into_vec().expect("numbers");
        (loss.into_scalar::<f32>(), slope)
    }

    #[test]
    fn loss_and_gradient_are_those_of_burn() {
        for (n_steps, n_classes, text) in
            [(7, 4, vec![1, 2, 3]), (9, 5, vec![2, 2, 4, 4]), (4, 3, vec![1, 2, 1, 2]), (12, 6, vec![5])]
        {
            let scores = scores(n_steps, n_classes);
            let ours = ctc(&scores, n_classes, &text).expect("there is room");
            let (loss, slope) = of_burn(&scores, n_classes, &text);
            assert!((ours.loss - f64::from(loss)).abs() < 1e-4, "{} {loss}", ours.loss);
            let far = ours.gradient.iter().zip(&slope).map(|(one, other)| (one - other).abs()).fold(0.0, f32::max);
            assert!(far < 1e-4, "{far}");
        }
    }

    #[test]
    fn a_line_without_text_is_as_probable_as_nothing_in_each_step() {
        let loss = ctc(&[0.0; 8], 2, &[]).expect("there is room");
        assert!((loss.loss - 4.0 * 2_f64.ln()).abs() < 1e-12);
        assert_eq!(loss.gradient, [-0.5, 0.5, -0.5, 0.5, -0.5, 0.5, -0.5, 0.5]);
    }

    #[test]
    fn text_that_has_no_room_has_no_loss() {
        assert_eq!(ctc(&scores(3, 4), 4, &[1, 1, 2]), None);
        assert_eq!(ctc(&[], 4, &[]), None);
        assert_eq!(least_steps(&[1, 1, 2, 1]), 5);
    }
}

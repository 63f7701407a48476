//! GELU (Hendrycks and Gimpel 2016), exact to single precision and made for vector units.
//!
//! `gelu(x) = x * P(x)` with the distribution of a normal variable `P(x) = (1 + erf(x / sqrt 2)) / 2`. burn computes
//! `erf` number by number; here one exponential serves both `erf` (Abramowitz and Stegun 1964, 7.1.26, off by less
//! than 1.5e-7) and the density, which the derivative `P(x) + x * p(x)` needs. Neither a branch nor a fused product
//! stands in the loop, so every vector width gives the same bytes.

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind, unary};
use burn::backend::ops::ActivationOps;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, Flex, backend_extension};
use burn::tensor::{DType, Tensor};
use pulp::Arch;

/// `exp(x)` for `x` not above 0, off by less than 3e-7 of the result; 0 below -87.
#[inline(always)]
fn exponential(x: f32) -> f32 {
    /// Adding and taking away this rounds to a whole number, and leaves that number in the lowest bits.
    const ROUND: f32 = 12_582_912.0;
    /// The natural logarithm of 2, cut so that products with small whole numbers are exact, and what was cut off.
    const LN_2: [f32; 2] = [0.693_359_4, -2.121_944_4e-4];
    let x = x.max(-87.0);
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let whole = shifted - ROUND;
    let rest = x - whole * LN_2[0] - whole * LN_2[1];
    // The series of the exponential function; the rest is at most half of ln 2.
    let mut series = 1.0 / 5_040.0;
    for factor in [1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0] {
        series = series * rest + factor;
    }
    let power = f32::from_bits(shifted.to_bits().wrapping_add(127) << 23);
    series * power
}

/// The distribution of a normal variable at `x`, and its density.
#[inline(always)]
fn normal(x: f32) -> (f32, f32) {
    const FACTORS: [f32; 4] = [-1.453_152_1, 1.421_413_8, -0.284_496_72, 0.254_829_6];
    let power = exponential(-0.5 * x * x);
    let t = 1.0 / (1.0 + 0.327_591_1 * std::f32::consts::FRAC_1_SQRT_2 * x.abs());
    let mut sum = 1.061_405_4;
    for factor in FACTORS {
        sum = sum * t + factor;
    }
    // Half of what lies beyond |x|, on one side.
    let tail = 0.5 * sum * t * power;
    let distribution = if x < 0.0 { tail } else { 1.0 - tail };
    (distribution, power * 0.398_942_3)
}

/// `values` become their GELU.
fn forward(values: &mut [f32]) {
    Arch::new().dispatch(|| {
        for value in values {
            *value *= normal(*value).0;
        }
    });
}

/// `gradients` are multiplied with the derivative at `values`.
fn backward(values: &[f32], gradients: &mut [f32]) {
    Arch::new().dispatch(|| {
        for (value, gradient) in values.iter().zip(gradients) {
            let (distribution, density) = normal(*value);
            *gradient *= distribution + value * density;
        }
    });
}

/// What every backend can; those that this does not speed up do as burn does.
#[backend_extension(Flex, Cube: cfg(any(feature = "cuda", feature = "vulkan")), Autodiff)]
pub(crate) trait Gelu: Backend {
    fn fast_gelu(tensor: FloatTensor<Self>) -> FloatTensor<Self> {
        Self::gelu(tensor)
    }

    fn fast_gelu_backward(tensor: FloatTensor<Self>, gradient: FloatTensor<Self>) -> FloatTensor<Self> {
        Self::gelu_backward(tensor, gradient)
    }
}

impl Gelu for Flex {
    fn fast_gelu(tensor: FloatTensor<Self>) -> FloatTensor<Self> {
        if tensor.dtype() != DType::F32 {
            return Self::gelu(tensor);
        }
        let mut tensor = tensor.to_contiguous();
        forward(tensor.storage_mut());
        tensor
    }

    fn fast_gelu_backward(tensor: FloatTensor<Self>, gradient: FloatTensor<Self>) -> FloatTensor<Self> {
        if tensor.dtype() != DType::F32 || gradient.dtype() != DType::F32 {
            return Self::gelu_backward(tensor, gradient);
        }
        let (tensor, mut gradient) = (tensor.to_contiguous(), gradient.to_contiguous());
        backward(tensor.storage(), gradient.storage_mut());
        gradient
    }
}

#[cfg(any(feature = "cuda", feature = "vulkan"))]
impl Gelu for burn::backend::Cube {}

impl<B: Gelu, C: CheckpointStrategy> Gelu for Autodiff<B, C> {
    fn fast_gelu(tensor: FloatTensor<Self>) -> FloatTensor<Self> {
        #[derive(Debug)]
        struct Derivative;

        impl<B: Gelu> Backward<B, 1> for Derivative {
            type State = burn::backend::autodiff::NodeId;

            fn backward(self, ops: Ops<Self::State, 1>, gradients: &mut Gradients, checkpointer: &mut Checkpointer) {
                let input = checkpointer.retrieve_node_output(ops.state);
                unary::<B, _>(ops.parents, ops.node, gradients, |gradient| B::fast_gelu_backward(input, gradient));
            }
        }

        match Derivative.prepare::<C>([tensor.node()]).compute_bound().stateful() {
            OpsKind::Tracked(mut preparation) => {
                let state = preparation.checkpoint(&tensor);
                preparation.finish(state, B::fast_gelu(tensor.primitive().clone()))
            }
            OpsKind::UnTracked(preparation) => preparation.finish(B::fast_gelu(tensor.into_primitive())),
        }
    }
}

/// GELU of every value, on any device, with its derivative where the device keeps track.
pub(crate) fn gelu<const D: usize>(values: Tensor<D>) -> Tensor<D> {
    Tensor::from_dispatch(<Dispatch as Gelu>::fast_gelu(values.into_dispatch()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;

    /// Values that a network sees, and those at which exponents run out.
    fn values() -> Vec<f32> {
        let fine = (-8_000..=8_000).map(|step| step as f32 / 1_000.0);
        fine.chain([-100.0, -30.0, -13.2, -1e-30, 0.0, 1e-30, 13.2, 30.0, 100.0, 1e30, -1e30]).collect()
    }

    #[test]
    fn the_values_are_those_of_burn() {
        let values = values();
        let input = Tensor::<1>::from_floats(values.as_slice(), &Device::flex());
        let ours: Vec<f32> = gelu(input.clone()).into_data().try_into_vec().expect("numbers");
        let theirs: Vec<f32> = burn::tensor::activation::gelu(input).into_data().try_into_vec().expect("numbers");
        for ((value, ours), theirs) in values.iter().zip(ours).zip(theirs) {
            let allowed = 5e-7 * value.abs().clamp(1e-3, 4.0) + theirs.abs() * 3e-7;
            assert!((ours - theirs).abs() <= allowed, "at {value}: {ours} and {theirs}");
        }
    }

    #[test]
    fn the_derivative_is_that_of_burn() {
        let values: Vec<f32> = values().into_iter().filter(|value| value.abs() < 1e10).collect();
        let device = Device::flex().autodiff();
        let slope = |through: fn(Tensor<1>) -> Tensor<1>| -> Vec<f32> {
            let input = Tensor::<1>::from_floats(values.as_slice(), &device).require_grad();
            let gradients = through(input.clone()).sum().backward();
            input.grad(&gradients).expect("a gradient").into_data().try_into_vec().expect("numbers")
        };
        let (ours, theirs) = (slope(gelu), slope(burn::tensor::activation::gelu));
        for ((value, ours), theirs) in values.iter().zip(ours).zip(theirs) {
            assert!((ours - theirs).abs() < 1e-6, "at {value}: {ours} and {theirs}");
        }
    }

    #[test]
    fn what_is_shared_or_turned_is_not_changed() {
        let input = Tensor::<2>::from_floats([[1.0, -2.0, 0.5], [0.0, 3.0, -0.25]], &Device::flex());
        let turned: Vec<f32> = gelu(input.clone().transpose()).transpose().into_data().try_into_vec().expect("numbers");
        let plain: Vec<f32> = gelu(input.clone()).into_data().try_into_vec().expect("numbers");
        assert_eq!(turned, plain);
        let kept: Vec<f32> = input.into_data().try_into_vec().expect("numbers");
        assert_eq!(kept, [1.0, -2.0, 0.5, 0.0, 3.0, -0.25]);
    }
}

//! The activation between the two products of a layer.

use burn::tensor::Tensor;

/// `x Φ(x)` (Hendrycks and Gimpel 2016).
pub fn gelu<const D: usize>(values: Tensor<D>) -> Tensor<D> {
    burn::tensor::activation::gelu(values)
}

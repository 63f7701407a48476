//! Networks of residual blocks once more, for inference on a processor.
//!
//! A normalisation is folded into the product that follows, products of a block stay in registers and caches, and
//! convolutions read each row once. `docs/design/detector.md` has what was measured.

pub(crate) mod features;
pub(crate) mod kernels;
pub(crate) mod stage;

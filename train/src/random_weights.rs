//! Networks with random weights that depend on a seed alone.

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Device, Tensor};
use std::sync::{Mutex, PoisonError};

/// Held while weights are drawn: a device has one stream of random numbers for the whole process.
static SEEDED: Mutex<()> = Mutex::new(());

/// Draws weights, which would otherwise be drawn when they are first used.
struct Drawing;

impl ModuleVisitor for Drawing {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let _drawn = param.val();
    }
}

/// A network whose random weights are those of a seed, whatever else the process draws.
pub(crate) fn drawn<M: Module>(seed: u64, device: &Device, network: impl FnOnce() -> M) -> M {
    let _alone = SEEDED.lock().unwrap_or_else(PoisonError::into_inner);
    device.seed(seed);
    let network = network();
    network.visit(&mut Drawing);
    network
}

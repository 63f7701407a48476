//! One step: forward, backward, the sum of gradients. Parts of a batch run side by side on a processor.

use super::loss::Loss;
use super::store::Example;
use burn::module::Module;
use burn::optim::{GradientsAccumulator, GradientsParams};
use burn::tensor::Device;
use efface_nets::classifier::Sequence;
use efface_nets::noise::Noise;
use efface_nets::{Batch, TokenClassifier};
use rayon::prelude::*;

/// What a step starts from.
pub struct Pass<'a> {
    /// The network, on a device that remembers how values came about.
    pub model: &'a TokenClassifier,
    /// The device.
    pub device: &'a Device,
    /// The loss.
    pub loss: &'a Loss,
    /// The number of the padding token.
    pub padding: u32,
    /// The share of values that are dropped.
    pub dropout: f32,
    /// The seed of what is dropped.
    pub seed: u64,
    /// Whether parts run side by side.
    pub parallel: bool,
}

impl Pass<'_> {
    /// The mean loss over all parts and its gradients. The order of summation is that of the parts, whichever ends
    /// first, so that threads change nothing.
    pub fn run(&self, parts: &[Vec<Example>], step: u64) -> (f32, GradientsParams) {
        let total: f32 = parts.iter().map(|part| self.loss.weight(&part.iter().collect::<Vec<_>>())).sum();
        let total = total.max(1.0);
        let numbered: Vec<(u64, &Vec<Example>)> = (0..).zip(parts).collect();
        let one = |(number, part): (u64, &Vec<Example>)| self.part(part, total, step, number);
        let results: Vec<Option<(f32, GradientsParams)>> = if self.parallel {
            numbered.into_par_iter().map(one).collect()
        } else {
            numbered.into_iter().map(one).collect()
        };
        let mut sum = GradientsAccumulator::new();
        let mut loss = 0.0;
        for (value, gradients) in results.into_iter().flatten() {
            loss += value;
            sum.accumulate(self.model, gradients);
        }
        (loss, sum.grads())
    }

    fn part(&self, part: &[Example], total: f32, step: u64, number: u64) -> Option<(f32, GradientsParams)> {
        let examples: Vec<&Example> = part.iter().collect();
        let sequences: Vec<&Sequence> = part.iter().map(|example| &example.sequence).collect();
        let batch = Batch::new(&sequences, self.padding, self.device)?;
        let mut noise = Noise::new(self.dropout, self.seed, [step, number]);
        // Parts that shared the leaves of one graph would free each other's nodes.
        let model = self.model.clone().fork(self.device);
        let loss = self.loss.of(model.forward(batch, &mut noise), &examples, total);
        let value = loss.clone().into_scalar::<f32>();
        let gradients = GradientsParams::from_grads(loss.backward(), &model);
        Some((value, gradients))
    }
}

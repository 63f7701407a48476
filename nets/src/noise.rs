//! Dropout whose masks depend on a seed and a place, so that training resumes exactly and threads change nothing.

use burn::tensor::{Tensor, TensorData};

/// A source of dropout masks, or none.
///
/// Masks are drawn with SplitMix64 (Steele et al. 2014) on the processor, one stream for one forward pass.
#[derive(Debug, Clone, Copy)]
pub struct Noise {
    state: u64,
    rate: f32,
}

const GAMMA: u64 = 0x9E37_79B9_7F4A_7C15;

const fn mix(mut word: u64) -> u64 {
    word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    word ^ (word >> 31)
}

impl Noise {
    /// No dropout.
    pub const fn none() -> Self {
        Self { state: 0, rate: 0.0 }
    }

    /// Dropout at `rate` (0 to below 1), for the pass that `seed` and `place` name, such as a step and a part of it.
    pub fn new(rate: f32, seed: u64, place: impl IntoIterator<Item = u64>) -> Self {
        let state = place.into_iter().fold(mix(seed ^ GAMMA), |state, part| mix(state ^ mix(part.wrapping_add(GAMMA))));
        Self { state, rate }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(GAMMA);
        mix(self.state)
    }

    /// What is kept of `count` values: 0 or `1 / (1 - rate)`. One word of noise serves four values.
    fn mask(&mut self, count: usize) -> Vec<f32> {
        let kept = 1.0 / (1.0 - self.rate);
        let limit = (self.rate * 65_536.0) as u64;
        let mut mask = Vec::with_capacity(count + 3);
        for _ in 0..count.div_ceil(4) {
            let word = self.next();
            for lane in 0..4 {
                mask.push(if (word >> (lane * 16)) & 0xFFFF < limit { 0.0 } else { kept });
            }
        }
        mask.truncate(count);
        mask
    }

    /// `values` with some of them dropped and the others scaled so that the mean stays.
    pub fn drop<const D: usize>(&mut self, values: Tensor<D>) -> Tensor<D> {
        if self.rate <= 0.0 {
            return values;
        }
        let shape = values.dims();
        let mask = self.mask(shape.iter().product());
        let mask = Tensor::from_data(TensorData::new(mask, shape), &values.device());
        values * mask
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_holds_and_the_mean_stays() {
        let mut noise = Noise::new(0.1, 7, [3, 1]);
        let mask = noise.mask(100_001);
        assert_eq!(mask.len(), 100_001);
        let dropped = mask.iter().filter(|value| **value == 0.0).count();
        assert!((9_500..10_500).contains(&dropped), "{dropped}");
        let mean = mask.iter().sum::<f32>() / mask.len() as f32;
        assert!((mean - 1.0).abs() < 0.01, "{mean}");
    }

    /// A run goes on with the masks that it began with.
    #[test]
    fn masks_do_not_change_with_the_program() {
        assert_eq!(Noise::new(0.1, 7, [3, 1]).next(), 0x8CA3_57DB_2DF9_87C5);
    }

    #[test]
    fn a_place_has_one_mask_and_places_differ() {
        let mask = |place| Noise::new(0.5, 7, place).mask(64);
        assert_eq!(mask([1, 2]), mask([1, 2]));
        assert_ne!(mask([1, 2]), mask([2, 1]));
        assert_ne!(mask([1, 2]), Noise::new(0.5, 8, [1, 2]).mask(64));
    }
}

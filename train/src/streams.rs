//! Named random streams, all derived from one root seed.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use sha2::{Digest, Sha256};

/// The stream of one purpose and its ordinals (epoch, step, layer …) under a root seed.
///
/// What is drawn for a step depends neither on the steps before it nor on which thread draws, so training that is
/// resumed draws as if it had never stopped.
///
/// # Example
/// ```
/// use efface_train::streams::{below, stream};
/// let draw = |purpose, epoch| below(&mut stream(7, purpose, &[epoch]), 1_000_000);
/// assert_eq!(draw("order", 0), draw("order", 0));
/// assert_ne!(draw("order", 0), draw("order", 1));
/// assert_ne!(draw("order", 0), draw("dropout", 0));
/// ```
pub fn stream(seed: u64, purpose: &str, ordinals: &[u64]) -> ChaCha8Rng {
    let mut hasher = Sha256::new();
    hasher.update(b"efface-train 1\0");
    hasher.update(seed.to_le_bytes());
    hasher.update(purpose.as_bytes());
    hasher.update([0]);
    for ordinal in ordinals {
        hasher.update(ordinal.to_le_bytes());
    }
    ChaCha8Rng::from_seed(hasher.finalize().into())
}

/// A number below a bound that is not 0, evenly: the multiplication leaves a bias below `bound / 2^64`.
pub fn below(random: &mut ChaCha8Rng, bound: usize) -> usize {
    ((u128::from(random.next_u64()) * bound as u128) >> 64) as usize
}

/// A number from 0 until before 1, evenly, in steps of 2⁻⁵³.
pub fn unit(random: &mut ChaCha8Rng) -> f64 {
    (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

/// Puts values in a random order, each order as likely as any other.
///
/// Source: D. E. Knuth, The Art of Computer Programming, volume 2, algorithm 3.4.2P.
pub fn shuffle<T>(values: &mut [T], random: &mut ChaCha8Rng) {
    for last in (1..values.len()).rev() {
        values.swap(last, below(random, last + 1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn every_order_is_as_likely() {
        let mut counts: BTreeMap<[u8; 3], u32> = BTreeMap::new();
        for draw in 0..6000 {
            let mut values = [0, 1, 2];
            shuffle(&mut values, &mut stream(5, "test", &[draw]));
            *counts.entry(values).or_default() += 1;
        }
        assert_eq!(counts.len(), 6);
        // Five standard deviations of a count with expectation 1,000 are 144.
        assert!(counts.values().all(|count| count.abs_diff(1000) < 150), "{counts:?}");
    }

    #[test]
    fn units_fill_the_interval() {
        let mut random = stream(1, "test", &[]);
        let draws: Vec<f64> = (0..10_000).map(|_| unit(&mut random)).collect();
        assert!(draws.iter().all(|draw| (0.0..1.0).contains(draw)));
        let mean = draws.iter().sum::<f64>() / draws.len() as f64;
        assert!((mean - 0.5).abs() < 0.015, "{mean}");
    }
}

//! Figures on clusters drawn anew.

use efface_schema::Estimate;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use rayon::prelude::*;
use sha2::{Digest, Sha256};

/// The figures of all draws.
pub(super) struct Draws {
    /// By draw, then by figure.
    figures: Vec<Vec<Option<f64>>>,
}

impl Draws {
    /// Draws as many clusters as there are, with replacement, again and again.
    ///
    /// `figures` is called with how often each cluster was drawn.
    pub(super) fn make(
        stream: &str,
        seed: u64,
        n_resamples: u32,
        n_clusters: usize,
        figures: impl Fn(&[u32]) -> Vec<Option<f64>> + Sync,
    ) -> Self {
        if n_clusters < 2 {
            return Self { figures: Vec::new() };
        }
        let draw = |number: u32| figures(&weights(&mut stream_of(stream, seed, number), n_clusters));
        Self { figures: (0..n_resamples).into_par_iter().map(draw).collect() }
    }

    /// A figure with the interval that the draws give it.
    pub(super) fn estimate(&self, figure: usize, value: f64) -> Estimate {
        let mut values: Vec<f64> = self.figures.iter().filter_map(|draw| draw[figure]).collect();
        values.sort_unstable_by(f64::total_cmp);
        let is_known = !values.is_empty() && values.len() * 20 >= self.figures.len() * 19;
        let interval = is_known.then(|| (percentile(&values, 0.025), percentile(&values, 0.975)));
        // Sums in another order differ in their last digits; that is no width.
        let interval = interval.filter(|(low, high)| high - low > 1e-12);
        Estimate { value, low: interval.map(|(low, _)| low), high: interval.map(|(_, high)| high) }
    }
}

/// The linear quantile of sorted values.
fn percentile(values: &[f64], share: f64) -> f64 {
    let at = (values.len() - 1) as f64 * share;
    let (below, above) = (values[at.floor() as usize], values[at.ceil() as usize]);
    below + (above - below) * at.fract()
}

fn stream_of(stream: &str, seed: u64, number: u32) -> ChaCha8Rng {
    let mut hasher = Sha256::new();
    hasher.update(b"efface-eval 1\0");
    hasher.update(seed.to_le_bytes());
    hasher.update(stream.as_bytes());
    hasher.update([0]);
    hasher.update(number.to_le_bytes());
    ChaCha8Rng::from_seed(hasher.finalize().into())
}

fn weights(random: &mut ChaCha8Rng, n_clusters: usize) -> Vec<u32> {
    let mut weights = vec![0; n_clusters];
    for _ in 0..n_clusters {
        weights[below(random, n_clusters as u64)] += 1;
    }
    weights
}

/// A number below a limit, each as often: the high half of a product, drawn again where some would come more often.
fn below(random: &mut ChaCha8Rng, limit: u64) -> usize {
    let unfair = limit.wrapping_neg() % limit;
    loop {
        let product = u128::from(random.next_u64()) * u128::from(limit);
        if product as u64 >= unfair {
            return usize::try_from(product >> 64).expect("it is below a number of clusters");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_are_fair_and_repeat() {
        let mut counts = [0_u32; 7];
        for number in 0..2000 {
            let weights = weights(&mut stream_of("test", 3, number), 7);
            assert_eq!(weights.iter().sum::<u32>(), 7);
            counts.iter_mut().zip(weights).for_each(|(count, weight)| *count += weight);
        }
        // 14,000 draws over seven clusters: 2,000 each, standard deviation 41.
        assert!(counts.iter().all(|count| count.abs_diff(2000) < 205), "{counts:?}");
        let draw = |stream, seed| weights(&mut stream_of(stream, seed, 0), 1000);
        assert_eq!(draw("a", 1), draw("a", 1));
        assert_ne!(draw("a", 1), draw("b", 1));
        assert_ne!(draw("a", 1), draw("a", 2));
    }
}

//! Learning rates: over the steps of a run, and over the layers of a network.

use serde::{Deserialize, Serialize};

/// How the learning rate falls after its peak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decay {
    /// It stays.
    Constant,
    /// In a straight line.
    Linear,
    /// Along half a cosine wave: slowly, fast, slowly.
    ///
    /// Source: I. Loshchilov, F. Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", ICLR 2017, without
    /// the restarts.
    Cosine,
}

/// The learning rate of every step: a straight rise to the peak, then a fall to a share of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Schedule {
    /// The highest learning rate.
    pub peak: f64,
    /// Steps until the peak is reached; 0 begins with it.
    pub n_warm_up_steps: u64,
    /// Steps of the whole run; later ones have the last learning rate.
    pub n_steps: u64,
    /// How it falls.
    pub decay: Decay,
    /// Share of the peak that is left at the end, from 0 to 1.
    pub final_share: f64,
}

impl Schedule {
    /// The learning rate of a step of the optimizer, counted from 0.
    ///
    /// With `w` steps of warm-up and `n` steps in all, it is `peak · (step + 1) / w` before step `w`, so that the first
    /// step is not lost, and afterwards `peak · (f + (1 - f) · fall(x))` with the final share `f` and
    /// `x = (step - w) / (n - w)`; `fall(x)` is `1 - x` or `(1 + cos πx) / 2`.
    ///
    /// # Example
    /// ```
    /// use efface_train::schedule::{Decay, Schedule};
    /// let schedule =
    ///     Schedule { peak: 4e-4, n_warm_up_steps: 4, n_steps: 14, decay: Decay::Linear, final_share: 0.0 };
    /// let rates = [0, 3, 4, 9, 14, 99].map(|step| (schedule.at(step) * 1e6).round());
    /// assert_eq!(rates, [100.0, 400.0, 400.0, 200.0, 0.0, 0.0]);
    /// ```
    pub fn at(&self, step: u64) -> f64 {
        if step < self.n_warm_up_steps {
            return self.peak * (step + 1) as f64 / self.n_warm_up_steps as f64;
        }
        let n_falling = self.n_steps.saturating_sub(self.n_warm_up_steps);
        let passed = if n_falling == 0 { 1.0 } else { (step - self.n_warm_up_steps) as f64 / n_falling as f64 };
        let left = match self.decay {
            Decay::Constant => return self.peak,
            Decay::Linear => 1.0 - passed.min(1.0),
            Decay::Cosine => f64::midpoint(1.0, (std::f64::consts::PI * passed.min(1.0)).cos()),
        };
        self.peak * (self.final_share + (1.0 - self.final_share) * left)
    }
}

/// A part of the encoder with a learning rate of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The embeddings of tokens, positions and segments.
    Embeddings,
    /// A layer, counted from 0 at the embeddings.
    Layer(u32),
    /// What stands on the encoder: the classifier and its further features.
    Head,
}

/// Which share of the learning rate a part has: 1 for the head, `decay` to the power of its distance from the head for
/// the others, so that what the base model has learnt in its lower layers changes least.
///
/// Of `n` layers the topmost is at distance 1, the lowest at `n`, the embeddings at `n + 1`.
///
/// Source: J. Howard, S. Ruder, "Universal Language Model Fine-tuning for Text Classification", ACL 2018,
/// discriminative fine-tuning.
///
/// # Example
/// ```
/// use efface_train::schedule::{Part, layer_share};
/// assert_eq!(layer_share(0.5, 3, Part::Head), 1.0);
/// assert_eq!(layer_share(0.5, 3, Part::Layer(2)), 0.5);
/// assert_eq!(layer_share(0.5, 3, Part::Layer(0)), 0.125);
/// assert_eq!(layer_share(0.5, 3, Part::Embeddings), 0.0625);
/// ```
pub fn layer_share(decay: f64, n_layers: u32, part: Part) -> f64 {
    let distance = match part {
        Part::Head => 0,
        Part::Layer(layer) => n_layers.saturating_sub(layer).max(1),
        Part::Embeddings => n_layers + 1,
    };
    decay.powi(i32::try_from(distance).unwrap_or(i32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_schedule() -> impl Strategy<Value = Schedule> {
        let decay = prop::sample::select(vec![Decay::Constant, Decay::Linear, Decay::Cosine]);
        (1e-6..1e-2_f64, 0_u64..50, 1_u64..200, decay, 0.0..=1.0_f64).prop_map(
            |(peak, n_warm_up_steps, n_steps, decay, final_share)| Schedule {
                peak,
                n_warm_up_steps,
                n_steps,
                decay,
                final_share,
            },
        )
    }

    proptest! {
        #[test]
        fn it_rises_to_the_peak_and_falls_to_its_share(schedule in any_schedule()) {
            let rates: Vec<f64> = (0..300).map(|step| schedule.at(step)).collect();
            let top = schedule.n_warm_up_steps.saturating_sub(1) as usize;
            let slack = schedule.peak * 1e-12;
            prop_assert!(rates.iter().all(|rate| *rate >= 0.0 && *rate <= schedule.peak + slack));
            prop_assert!(rates[..=top].windows(2).all(|pair| pair[0] < pair[1]));
            prop_assert!(rates[top..].windows(2).all(|pair| pair[1] <= pair[0] + slack));
            if schedule.n_warm_up_steps > 0 {
                prop_assert!((rates[top] - schedule.peak).abs() <= slack);
            }
            let last = if schedule.decay == Decay::Constant { 1.0 } else { schedule.final_share };
            prop_assert!((schedule.at(10_000) - schedule.peak * last).abs() <= slack);
        }

        #[test]
        fn lower_layers_change_less(decay in 0.1..1.0_f64, n_layers in 1_u32..24) {
            let mut shares = vec![layer_share(decay, n_layers, Part::Embeddings)];
            shares.extend((0..n_layers).map(|layer| layer_share(decay, n_layers, Part::Layer(layer))));
            shares.push(layer_share(decay, n_layers, Part::Head));
            let steps = shares.windows(2).map(|pair| pair[1] * decay / pair[0]);
            prop_assert!(steps.into_iter().all(|ratio| (ratio - 1.0).abs() < 1e-9));
        }
    }

    #[test]
    fn cosine_is_half_way_in_the_middle() {
        let schedule =
            Schedule { peak: 1.0, n_warm_up_steps: 10, n_steps: 110, decay: Decay::Cosine, final_share: 0.1 };
        assert!((schedule.at(60) - 0.55).abs() < 1e-12);
        assert!(schedule.at(35) > 0.775 && schedule.at(85) < 0.325);
    }
}

//! How much a network wavers: the same text read several times, each time without other parts of the network.
//!
//! Source: Y. Gal, Z. Ghahramani, "Dropout as a Bayesian Approximation", ICML 2016.

use super::{Context, Prepared, Recognizer};
use crate::NetsError;
use crate::calibration::{DropoutSummary, phi_probability};
use crate::classifier::Sequence;
use crate::noise::Noise;
use crate::tags;
use crate::text::windows::owners;
use rayon::prelude::*;
use std::num::NonZeroU32;

/// Passes with dropout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passes {
    /// How many.
    pub count: NonZeroU32,
    /// The root of what is dropped. The same seed and text give the same answer, whatever else is read.
    pub seed: u64,
}

/// What passes say about some characters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Doubt {
    /// The mean probability, over passes, to identify someone.
    pub mean_probability: f64,
    /// Mutual information of tag and weights, in nats: 0 if all passes say the same.
    pub mutual_information: f64,
}

/// What passes say about each token of a text.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Doubts {
    /// The first character of each token, the one after its last, and what is said of it.
    tokens: Vec<(usize, usize, Doubt)>,
}

impl Doubts {
    /// What is said about characters: the mean over the tokens that have some of them; nothing if none has.
    pub fn of(&self, start: usize, end: usize) -> Option<Doubt> {
        let inside = || self.tokens.iter().filter(|token| token.0 < end && start < token.1).map(|token| token.2);
        let n_tokens = inside().count();
        let mean = |of: fn(Doubt) -> f64| inside().map(of).sum::<f64>() / n_tokens as f64;
        (n_tokens > 0).then(|| Doubt {
            mean_probability: mean(|doubt| doubt.mean_probability),
            mutual_information: mean(|doubt| doubt.mutual_information),
        })
    }
}

impl Recognizer {
    /// This recognizer with another share of values that passes drop: 0.1 is usual, and 0 allows no passes.
    #[must_use]
    pub fn with_dropout(self, dropout: f32) -> Self {
        Self { dropout, ..self }
    }

    /// Whether passes would differ.
    ///
    /// # Errors
    /// [`NetsError::NoDropout`] if the network was trained without dropout.
    pub fn check_dropout(&self) -> Result<(), NetsError> {
        if self.dropout > 0.0 { Ok(()) } else { Err(NetsError::NoDropout) }
    }

    /// What passes with dropout say about each text. The answers do not depend on the other texts or on threads.
    ///
    /// # Errors
    /// [`NetsError::NoDropout`] if the network was trained without dropout.
    pub fn doubts(&self, texts: &[Context<'_>], passes: Passes) -> Result<Vec<Doubts>, NetsError> {
        self.check_dropout()?;
        Ok(texts.par_iter().map(|text| self.doubts_of(text, passes)).collect())
    }

    fn doubts_of(&self, text: &Context<'_>, passes: Passes) -> Doubts {
        let prepared = Prepared::new(&self.tokenizer, text);
        let cut = self.windows(prepared.tokens.len());
        let owners = owners(&cut, prepared.tokens.len());
        let mut doubts = Doubts::default();
        for (number, window) in cut.iter().enumerate().filter(|(_, window)| !window.is_empty()) {
            let scores = self.read_several_times(&prepared.sequence(&self.tokenizer, window.clone()), passes);
            for (place, idx) in window.clone().enumerate().filter(|(_, idx)| owners[*idx] == number) {
                // The first score of each pass is that of the special token.
                let doubt = self.doubt(scores.iter().map(|pass| pass[place + 1].as_slice()));
                let token = prepared.tokens[idx];
                doubts.tokens.push((token.start, token.end, doubt));
            }
        }
        doubts
    }

    /// The scores of every token, special ones included, in each pass.
    ///
    /// Copies of the sequence go through the network side by side, as many as fit into a batch. What is dropped is
    /// named by what is read, and not by its number, so that it does not depend on what else is read.
    fn read_several_times(&self, sequence: &Sequence, passes: Passes) -> Vec<Vec<Vec<f32>>> {
        let count = passes.count.get() as usize;
        let at_once = (self.settings.batch / sequence.len()).clamp(1, count);
        let name = || sequence.ids.iter().map(|id| u64::from(*id));
        let features = || sequence.features.iter().flatten().map(|value| u64::from(*value));
        let mut scores = Vec::with_capacity(count);
        for first in (0..count).step_by(at_once) {
            let copies = vec![sequence; at_once.min(count - first)];
            let place = std::iter::once(first as u64).chain(name()).chain(features());
            scores.extend(self.answers(&copies, &mut Noise::new(self.dropout, passes.seed, place)));
        }
        scores
    }

    /// What passes say about one token.
    fn doubt<'s>(&self, passes: impl Iterator<Item = &'s [f32]>) -> Doubt {
        let labels = tags::labels();
        let probabilities: Vec<Vec<f64>> =
            passes.map(|scores| self.temperatures.probabilities(scores, &labels)).collect();
        let summary = DropoutSummary::of(&probabilities).expect("there is at least one pass");
        Doubt {
            mean_probability: phi_probability(&summary.mean, &labels),
            mutual_information: summary.mutual_information,
        }
    }
}

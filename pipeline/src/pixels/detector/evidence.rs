//! How sure it is that a place identifies: everything that is known of it, in one probability.
//!
//! With `t` the probability that the place is text, `r` the probability that its reading is right, `p` the probability
//! that what was read identifies, and `u` the share of unread text that identifies, it is
//!
//! ```text
//! P = t' · (r · p + (1 − r) · u)        r = confidence · whole
//! t' = t + (1/2 − t) · I / ln 2          whole = Φ(slack / left deviation) · Φ(slack / right deviation)
//! ```
//!
//! - `t` is the network's probability as its calibration has it; with passes, that of their mean.
//! - `I` is the mutual information of answer and weights in nats, from 0 to ln 2: as far as the passes disagree, the
//!   network knows nothing, and that is one half. Without passes it is 0.
//! - `confidence` is the reader's; a place without a reading has `r = 0`.
//! - `whole` is how probable it is that no end of the word lies outside of what was read: `Φ` is the normal
//!   distribution's, `slack` is how far the reading reached beyond the box. A name that was cut is another name.
//! - `p` is what the rules or the token classifier say; of words that nobody knows, the share that identifies.
//!
//! The shares are [`SHARES`]: upper ends of 95 % intervals on the calibration suite. What `P` decides, the settings say:
//! see [`crate::pixels::Risk`].

use efface_schema::Probability;
use std::f64::consts::LN_2;

/// What a network says of a place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NetworkEvidence {
    /// How probable it is that this is text.
    pub probability: Probability,
    /// The standard deviation of the left, upper, right and lower side in pixels of the frame.
    pub deviations_px: [f64; 4],
    /// How much the passes disagree about it, in nats; absent without passes.
    pub mutual_information: Option<f64>,
    /// How far beyond its sides it was looked at, in pixels.
    pub slack_px: f64,
    /// How much likelier than what was read the likeliest word that images are expected to hold is, as a logarithm; absent
    /// where no such word is near.
    pub expected: Option<f64>,
}

/// What is known of the meaning of a place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::pixels) enum Meaning {
    /// A rule or a network says that it identifies.
    Identifies(Probability),
    /// Words beside it identify.
    Neighbour,
    /// Nobody knows the word.
    Unknown,
}

/// How often what nobody knows identifies.
struct Shares {
    unknown: f64,
    neighbour: f64,
    unread: f64,
}

/// Of 169 places of 180 files of `text-detect-calibration` that were painted over because nobody knows their words 53
/// identify, of 444 that were not read 37; these are the upper ends of Wilson's intervals. The 9 beside words that identify
/// are too few to say less than all.
const SHARES: Shares = Shares { unknown: 0.387, neighbour: 1.0, unread: 0.113 };

impl NetworkEvidence {
    /// The surer of two about places that are one, with the greater doubts of both.
    #[must_use]
    pub(super) fn joined(self, other: Self) -> Self {
        let greater = |one: f64, other: f64| one.max(other);
        let probability = if other.probability > self.probability { other.probability } else { self.probability };
        Self {
            probability,
            deviations_px: std::array::from_fn(|side| greater(self.deviations_px[side], other.deviations_px[side])),
            mutual_information: match (self.mutual_information, other.mutual_information) {
                (Some(one), Some(other)) => Some(greater(one, other)),
                (one, other) => one.or(other),
            },
            slack_px: self.slack_px.min(other.slack_px),
            expected: None,
        }
    }

    /// The probability of text, drawn to one half as far as passes disagree.
    fn text(&self) -> f64 {
        let text = self.probability.get();
        text + (0.5 - text) * (self.mutual_information.unwrap_or(0.0) / LN_2).clamp(0.0, 1.0)
    }

    /// The probability that no end of the word lies outside of what was read.
    fn whole(&self) -> f64 {
        let inside = |deviation: f64| if deviation > 0.0 { normal(self.slack_px / deviation) } else { 1.0 };
        inside(self.deviations_px[0]) * inside(self.deviations_px[2])
    }

    /// The probability that the place identifies; `confidence` is the reader's, where it has read something.
    pub(in crate::pixels) fn identifies(&self, confidence: Option<Probability>, meaning: Meaning) -> Probability {
        let right = confidence.map_or(0.0, |confidence| confidence.get() * self.whole());
        let read = match meaning {
            Meaning::Identifies(probability) => probability.get(),
            Meaning::Neighbour => SHARES.neighbour,
            Meaning::Unknown => SHARES.unknown,
        };
        let unread = if meaning == Meaning::Neighbour { SHARES.neighbour } else { SHARES.unread };
        let probability = self.text() * (right * read + (1.0 - right) * unread);
        Probability::new(probability.clamp(0.0, 1.0)).unwrap_or(Probability::ONE)
    }
}

/// The normal distribution at so many deviations above its mean, with an error below 0.000 5 (Abramowitz and Stegun
/// 1964, 26.2.18).
fn normal(deviations: f64) -> f64 {
    let x = deviations.abs();
    let polynomial = 1.0 + x * (0.196_854 + x * (0.115_194 + x * (0.000_344 + x * 0.019_527)));
    let beyond = 0.5 / polynomial.powi(4);
    if deviations < 0.0 { beyond } else { 1.0 - beyond }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn probability(value: f64) -> Probability {
        Probability::new(value).expect("a probability")
    }

    fn evidence() -> NetworkEvidence {
        NetworkEvidence {
            probability: probability(0.9),
            deviations_px: [1.0; 4],
            mutual_information: None,
            slack_px: 50.0,
            expected: None,
        }
    }

    #[test]
    fn the_normal_distribution_is_that_of_the_tables() {
        for (deviations, expect) in [(0.0, 0.5), (1.0, 0.841_345), (2.0, 0.977_250), (-1.0, 0.158_655), (6.0, 1.0)] {
            assert!((normal(deviations) - expect).abs() < 5e-4, "{deviations}");
        }
    }

    #[test]
    fn it_is_the_product_of_what_is_known() {
        let told = evidence().identifies(Some(probability(0.8)), Meaning::Identifies(probability(0.5)));
        // 0.9 · (0.8 · 0.5 + 0.2 · 0.113)
        assert!((told.get() - 0.380_34).abs() < 1e-3);
        assert!((evidence().identifies(None, Meaning::Unknown).get() - 0.9 * 0.113).abs() < 1e-9);
        let unknown = evidence().identifies(Some(probability(1.0)), Meaning::Unknown);
        assert!((unknown.get() - 0.9 * 0.387).abs() < 1e-3);
        assert!((evidence().identifies(None, Meaning::Neighbour).get() - 0.9).abs() < 1e-9);
    }

    #[test]
    fn passes_that_disagree_leave_one_half() {
        let torn = NetworkEvidence { mutual_information: Some(LN_2), ..evidence() };
        assert!((torn.identifies(None, Meaning::Neighbour).get() - 0.5).abs() < 1e-9);
        let in_between = NetworkEvidence { mutual_information: Some(LN_2 / 2.0), ..evidence() };
        assert!((in_between.identifies(None, Meaning::Neighbour).get() - 0.7).abs() < 1e-9);
    }

    #[test]
    fn a_reading_that_may_be_cut_says_less() {
        let sure = Some(probability(1.0));
        let cut = NetworkEvidence { deviations_px: [50.0; 4], ..evidence() };
        let harmless = Meaning::Identifies(Probability::ZERO);
        assert!(cut.identifies(sure, harmless).get() > evidence().identifies(sure, harmless).get() + 0.02);
    }

    #[test]
    fn of_two_places_that_are_one_the_greater_doubts_count() {
        let other = NetworkEvidence { probability: probability(0.4), slack_px: 3.0, ..evidence() };
        let other = NetworkEvidence { deviations_px: [0.5, 9.0, 0.5, 0.5], mutual_information: Some(0.2), ..other };
        let joined = evidence().joined(other);
        assert_eq!((joined.probability.get(), joined.deviations_px), (0.9, [1.0, 9.0, 1.0, 1.0]));
        assert_eq!((joined.mutual_information, joined.slack_px), (Some(0.2), 3.0));
    }
}

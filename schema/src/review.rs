//! What a person who looks at pixels is told of a region.

use crate::{PixelRegion, Probability};
use serde::{Deserialize, Serialize};

/// What was measured of a region of pixels. What was not is absent.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RegionEvidence {
    /// How probable it is that the region shows text, by a network.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<Probability>,
    /// The reader's confidence in what it read there; of several words, in the least sure one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reading: Option<Probability>,
    /// The standard deviation of the left, upper, right and lower side, in pixels, by a network. Finite.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deviations_px: Option<[f64; 4]>,
    /// How much a network's passes disagree whether it is text, in nats from 0 to ln 2. Finite.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mutual_information: Option<f64>,
}

impl RegionEvidence {
    /// What is known of two parts that become one region: the surer text, with the greater doubts of both.
    #[must_use]
    pub fn joined(self, other: Self) -> Self {
        let both = |one: Option<f64>, other: Option<f64>, join: fn(f64, f64) -> f64| match (one, other) {
            (Some(one), Some(other)) => Some(join(one, other)),
            (one, other) => one.or(other),
        };
        let probabilities = |one: Option<Probability>, other: Option<Probability>, join: fn(f64, f64) -> f64| {
            both(one.map(Probability::get), other.map(Probability::get), join).and_then(|it| Probability::new(it).ok())
        };
        let deviations_px = match (self.deviations_px, other.deviations_px) {
            (Some(one), Some(other)) => Some(std::array::from_fn(|side| f64::max(one[side], other[side]))),
            (one, other) => one.or(other),
        };
        Self {
            text: probabilities(self.text, other.text, f64::max),
            reading: probabilities(self.reading, other.reading, f64::min),
            deviations_px,
            mutual_information: both(self.mutual_information, other.mutual_information, f64::max),
        }
    }
}

/// A region of pixels that waits for a person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReviewRegion {
    /// The frame, counted from 0; absent means all frames.
    pub frame_idx: Option<u32>,
    /// Where, in stored-pixel coordinates.
    pub region: PixelRegion,
    /// Which rule asks for a person, by its code.
    pub rule: String,
    /// Whether the result is painted over there.
    pub is_painted: bool,
    /// How probable it is that the region identifies, as the decision about it says.
    pub identifies: Probability,
    /// What it was decided on.
    pub evidence: RegionEvidence,
    /// A picture of the surroundings, without the region itself and without any other that a decision is about, relative
    /// to the run folder; absent where none was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crop: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn probability(value: f64) -> Option<Probability> {
        Some(Probability::new(value).expect("a probability"))
    }

    #[test]
    fn two_parts_keep_the_surer_text_and_the_greater_doubts() {
        let one = RegionEvidence {
            text: probability(0.9),
            reading: probability(0.5),
            deviations_px: Some([1.0, 5.0, 1.0, 1.0]),
            mutual_information: Some(0.1),
        };
        let other = RegionEvidence {
            text: probability(0.4),
            reading: probability(0.8),
            deviations_px: Some([2.0; 4]),
            mutual_information: Some(0.3),
        };
        let joined = RegionEvidence {
            text: probability(0.9),
            reading: probability(0.5),
            deviations_px: Some([2.0, 5.0, 2.0, 2.0]),
            mutual_information: Some(0.3),
        };
        assert_eq!(one.joined(other), joined);
        assert_eq!(other.joined(one), joined);
        assert_eq!(one.joined(RegionEvidence::default()), one);
        assert_eq!(RegionEvidence::default().joined(one), one);
    }
}

//! A number between 0 and 1.

use serde::{Deserialize, Serialize};

/// A probability: finite, at least 0, at most 1.
///
/// # Example
/// ```
/// use efface_schema::Probability;
/// assert_eq!(Probability::new(0.25).unwrap().get(), 0.25);
/// assert!(Probability::new(f64::NAN).is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Probability(f64);

/// The number was not a probability.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("read a probability: the number is not between 0 and 1")]
pub struct ProbabilityError;

impl Probability {
    /// Certainty, as of a rule that does not guess.
    pub const ONE: Self = Self(1.0);
    /// Impossibility.
    pub const ZERO: Self = Self(0.0);

    /// Checks the number.
    ///
    /// # Errors
    /// When it is not finite or lies outside 0 to 1.
    pub fn new(value: f64) -> Result<Self, ProbabilityError> {
        if (0.0..=1.0).contains(&value) { Ok(Self(value)) } else { Err(ProbabilityError) }
    }

    /// The number.
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for Probability {
    type Error = ProbabilityError;

    fn try_from(value: f64) -> Result<Self, Self::Error> {
        Self::new(value)
    }
}

impl From<Probability> for f64 {
    fn from(value: Probability) -> Self {
        value.0
    }
}

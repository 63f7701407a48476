//! Which risk may be taken with a region.

use super::Handling;
use efface_schema::Probability;
use serde::{Deserialize, Serialize};

/// From which probability that it identifies a region is painted over, and from which a person must look.
///
/// At least `act`: painted over. At least `review`: painted over, and a person must look. Below: it stays.
///
/// A policy gives both, or a budget `b` of at most one half: the probability with which a region that nobody looks at
/// may have been handled wrongly. Then a region stays below `b`, and is painted over without a look from `1 − b`.
///
/// # Example
/// ```
/// use efface_pipeline::Policy;
/// let policy = "format-version = 1\nname = \"p\"\n[pixels.risk]\nbudget = 0.05\n";
/// let risk = Policy::parse("p", policy).unwrap().pixels.risk.unwrap();
/// assert_eq!((risk.act().get(), risk.review().get()), (0.95, 0.05));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "RiskOptions")]
pub struct Risk {
    act: Probability,
    review: Probability,
}

/// How a policy's file says it.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct RiskOptions {
    budget: Option<Probability>,
    act: Option<Probability>,
    review: Option<Probability>,
}

impl TryFrom<RiskOptions> for Risk {
    type Error = &'static str;

    fn try_from(options: RiskOptions) -> Result<Self, Self::Error> {
        match (options.budget, options.act, options.review) {
            (Some(budget), None, None) => Self::of_budget(budget),
            (None, Some(act), Some(review)) => Self::new(act, review),
            _ => Err("[pixels.risk] holds `budget` alone, or `act` and `review`"),
        }
    }
}

impl Risk {
    /// Two thresholds.
    ///
    /// # Errors
    /// When `review` is greater than `act`.
    pub fn new(act: Probability, review: Probability) -> Result<Self, &'static str> {
        if review <= act { Ok(Self { act, review }) } else { Err("[pixels.risk] `review` is at most `act`") }
    }

    /// The thresholds of a budget.
    ///
    /// # Errors
    /// When it is more than one half.
    pub fn of_budget(budget: Probability) -> Result<Self, &'static str> {
        let act = Probability::new(1.0 - budget.get()).unwrap_or(Probability::ONE);
        Self::new(act, budget).map_err(|_| "[pixels.risk] `budget` is at most 0.5")
    }

    /// From which probability a region is painted over without a look.
    pub const fn act(&self) -> Probability {
        self.act
    }

    /// From which probability a region is painted over.
    pub const fn review(&self) -> Probability {
        self.review
    }

    /// What happens to a region that identifies with this probability.
    pub(super) fn handling(&self, identifies: Probability) -> Handling {
        if identifies >= self.act {
            Handling::Redact
        } else if identifies >= self.review {
            Handling::RedactAndReview
        } else {
            Handling::Keep
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn probability(value: f64) -> Probability {
        Probability::new(value).expect("a probability")
    }

    #[test]
    fn a_region_is_painted_flagged_or_kept_by_its_probability() {
        let risk = Risk::new(probability(0.5), probability(0.05)).expect("in order");
        let handled = [1.0, 0.5, 0.49, 0.05, 0.049, 0.0].map(|value| risk.handling(probability(value)));
        let expect = [
            Handling::Redact,
            Handling::Redact,
            Handling::RedactAndReview,
            Handling::RedactAndReview,
            Handling::Keep,
            Handling::Keep,
        ];
        assert_eq!(handled, expect);
    }

    #[test]
    fn without_any_budget_nothing_stays_and_only_certainty_needs_no_look() {
        let risk = Risk::of_budget(Probability::ZERO).expect("a budget");
        assert_eq!(risk.handling(Probability::ZERO), Handling::RedactAndReview);
        assert_eq!(risk.handling(Probability::ONE), Handling::Redact);
        assert!(Risk::of_budget(probability(0.5)).is_ok() && Risk::of_budget(probability(0.51)).is_err());
        assert!(Risk::new(probability(0.1), probability(0.2)).is_err());
    }
}

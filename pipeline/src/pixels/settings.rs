//! How pixels are to be inspected.

use super::Risk;
use efface_frames::Fill;
use efface_schema::{Action, Probability};
use serde::{Deserialize, Serialize};

/// What happens to text that is not known to be harmless.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Handling {
    /// It is painted over.
    Redact,
    /// It is painted over, and a person must look.
    RedactAndReview,
    /// A person must look; until then it stays.
    Review,
    /// It stays.
    Keep,
}

impl Handling {
    /// The actions of the decisions about it; none when the text stays.
    pub const fn actions(self) -> &'static [Action] {
        match self {
            Self::Redact => &[Action::Redact],
            Self::RedactAndReview => &[Action::Redact, Action::Review],
            Self::Review => &[Action::Review],
            Self::Keep => &[],
        }
    }
}

/// Settings of the inspection of pixels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct PixelSettings {
    /// Text that was found and not read.
    pub unread_text: Handling,
    /// Words that were read and that neither the judge nor the vocabulary knows.
    pub unknown_words: Handling,
    /// What regions are painted with.
    pub fill: Fill,
    /// How far regions grow on every side, in pixels.
    pub margin_px: u32,
    /// A word read with less confidence counts as unread.
    pub min_confidence: Probability,
    /// Which risk may be taken with what would be painted over; without it, all of that is painted over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub risk: Option<Risk>,
}

impl PixelSettings {
    /// What happens to text of which nobody knows whether it identifies, by what its class is made for and by the
    /// probability that it does.
    pub(super) fn of_unknown(&self, class: Handling, identifies: Probability) -> Handling {
        match (class, self.risk) {
            (Handling::Redact, Some(risk)) => risk.handling(identifies),
            (class, _) => class,
        }
    }

    /// What happens to text that something says identifies: no probability lets it stay.
    pub(super) fn of_known(&self, identifies: Probability) -> Handling {
        match self.of_unknown(Handling::Redact, identifies) {
            Handling::Keep => Handling::RedactAndReview,
            handling => handling,
        }
    }
}

impl Default for PixelSettings {
    /// Hides whatever is not known to be harmless.
    fn default() -> Self {
        Self {
            unread_text: Handling::Redact,
            unknown_words: Handling::Redact,
            fill: Fill::Black,
            margin_px: 3,
            min_confidence: Probability::new(0.3).expect("0.3 is a probability"),
            risk: None,
        }
    }
}

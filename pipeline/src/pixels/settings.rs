//! How pixels are to be inspected.

use efface_frames::Fill;
use efface_schema::{Action, Probability};
use serde::{Deserialize, Serialize};

/// What happens to text that is not known to be harmless.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Handling {
    /// It is painted over.
    Redact,
    /// A person must look.
    Review,
    /// It stays.
    Keep,
}

impl Handling {
    /// The action of a decision; none when the text stays.
    pub const fn action(self) -> Option<Action> {
        match self {
            Self::Redact => Some(Action::Redact),
            Self::Review => Some(Action::Review),
            Self::Keep => None,
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
        }
    }
}

//! What the pipeline decided about an instance and about each locus in it.

use crate::hipaa::vocabulary;
use crate::{HipaaElement, Locus, PhiLabel, Probability, ReviewRegion, Sha256Hex, UnknownWord, Versioned};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

vocabulary! {
    /// What is done to a locus. The first six are the action codes of PS3.15 Annex E.
    Action, "action" {
        /// D: a dummy value that is valid for the VR.
        Replace = "replace",
        /// Z: zero length.
        Empty = "empty",
        /// X: the attribute goes.
        Remove = "remove",
        /// K: the value stays.
        Keep = "keep",
        /// C: identifying parts go, the rest stays.
        Clean = "clean",
        /// U: another UID, the same everywhere.
        MapUid = "map_uid",
        /// Another identifier, the same everywhere.
        MapIdentifier = "map_identifier",
        /// Another date, shifted by the patient's offset.
        ShiftDate = "shift_date",
        /// Pixels are painted over.
        Redact = "redact",
        /// A person must look.
        Review = "review",
    }
}

impl Action {
    /// Whether something of the locus goes or becomes something else. What waits for a person has its own decision.
    pub const fn takes_away(self) -> bool {
        !matches!(self, Self::Keep | Self::Review)
    }
}

vocabulary! {
    /// Who proposed a decision.
    Source, "source" {
        /// PS3.15 table E.1-1 and the policy over it.
        Tier1 = "tier1",
        /// The patient's own explicit values, found again elsewhere.
        Tier2 = "tier2",
        /// A pattern with check digits or context.
        Recognizer = "recognizer",
        /// The token classifier.
        Ner = "ner",
        /// The text detector, without a reading.
        Detector = "detector",
        /// Text that was read in the pixels.
        Ocr = "ocr",
        /// Something that no rule knows.
        Unknown = "unknown",
    }
}

vocabulary! {
    /// How an instance ended.
    Status, "status" {
        /// The result stands in the output folder.
        Deidentified = "deidentified",
        /// The result is withheld until a person has looked.
        NeedsReview = "needs_review",
        /// There is no result; the reason says why.
        Quarantined = "quarantined",
    }
}

/// One decision: data, not yet a deed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// Where.
    pub locus: Locus,
    /// What.
    pub action: Action,
    /// Who says so.
    pub source: Source,
    /// Which rule, by its code; `efface rule CODE` prints its manual.
    pub rule: String,
    /// What the found value is, where the source can say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<PhiLabel>,
    /// How sure the source is that the locus identifies.
    pub probability: Probability,
}

impl Decision {
    /// The HIPAA element of the label, where there is one.
    pub fn element(&self) -> Option<HipaaElement> {
        self.label.map(PhiLabel::element)
    }
}

/// How one instance ended, with every decision about it. A line of `decisions.jsonl`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InstanceOutcome {
    /// Version of this form.
    pub format_version: u32,
    /// The instance's place in the sorted list of inputs, counted from 0.
    pub index: u64,
    /// How it ended.
    pub status: Status,
    /// Why it is not simply de-identified: codes, sorted. Empty when it is.
    pub reasons: Vec<String>,
    /// The result, relative to the output folder or to the run's review folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    /// Hash of the result's bytes; absent where there is no result or results were not hashed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_sha256: Option<Sha256Hex>,
    /// Number of attributes that were kept as they stood.
    pub n_kept: u64,
    /// What was decided, in order of locus.
    pub decisions: Vec<Decision>,
    /// The regions of pixels that wait for a person, in order of place, with what is known of each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub review_regions: Vec<ReviewRegion>,
}

impl Versioned for InstanceOutcome {
    const FORMAT_VERSION: u32 = 2;
    const NAME: &'static str = "instance outcome";

    fn format_version(&self) -> u32 {
        self.format_version
    }
}

//! From what a span says of itself to the share of such spans that is right.
//!
//! The probability that an entity rule makes of a span's tokens knows nothing of the span's ends: tokens may all be sure
//! and the span a word too short. So a monotone map, fitted on the calibration split, turns it into the share of spans
//! with both ends and the label right.

use super::{MapFigures, ProbabilityMap};
use efface_schema::Sha256Hex;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a map of spans was fitted on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpansFittedOn {
    /// Digests of the files, by name.
    pub files: BTreeMap<String, Sha256Hex>,
    /// How many texts.
    pub n_texts: u64,
    /// How many spans the network found in them.
    pub n_spans: u64,
    /// How many of these have both ends and the label right.
    pub n_right: u64,
    /// How many clusters, such as patients, have a span.
    pub n_clusters: u64,
    /// The threshold at which spans were found.
    pub threshold: f64,
    /// Without the map.
    pub before: MapFigures,
    /// With maps that were fitted on other clusters than those they are measured on.
    pub after: MapFigures,
}

/// A map of spans, and what it was fitted on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpanCalibration {
    /// The map.
    pub map: ProbabilityMap,
    /// What it was fitted on.
    pub fitted_on: SpansFittedOn,
}

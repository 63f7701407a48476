//! The words that Efface writes to disk.
//!
//! Every crate of the workspace speaks in these types: what counts as protected health information
//! ([`PhiLabel`], [`HipaaElement`]), where it stands ([`Locus`], [`AttributePath`], [`PixelRegion`]),
//! what was planted ([`TruthRecord`]), what was decided about it ([`Decision`], [`InstanceOutcome`]),
//! and how a run is described ([`RunManifest`]).
//! There is no DICOM library, no tensor and no input or output here beyond (de)serialization.
//!
//! A value that may identify a person is [`Phi<T>`]: it prints as a mask and does not serialize.

mod attribute;
mod decision;
mod digest;
mod drawn;
mod exit;
mod format;
mod hipaa;
mod injection;
mod line;
mod locus;
mod manifest;
mod mask;
mod metrics;
pub mod midi;
mod model_metrics;
mod phi;
mod prediction;
mod probability;
mod review;
mod text;
mod truth;

pub use attribute::{AttributePath, AttributePathError, ElementReference, PathStep};
pub use decision::{Action, Decision, InstanceOutcome, Source, Status};
pub use digest::{Sha256Hex, sha256_hex};
pub use drawn::{Corner, DrawnLine, DrawnText, DrawnWord, FrameRange};
pub use exit::ExitCode;
pub use format::{FormatError, Versioned, parse_json, parse_json_of_this_version, to_json_line};
pub use hipaa::{HipaaElement, PhiLabel, UnknownWord};
pub use injection::{InjectedInput, UnusedReason};
pub use locus::{Locus, PixelRegion};
pub use manifest::{Machine, ResultDigests, RunCounts, RunManifest, RunStatus, RunWork};
pub use mask::{MaskError, PixelMask};
pub use metrics::{
    BaselineScore, CheckCounts, CheckScores, ChecksByPatient, InstanceCounts, MeasuredOn, Metrics, MidiMetrics,
    PairCounts, PrecisionCell, PrecisionMetrics, Rate, RecallCell, RecallMetrics, ResidualMetrics, RetentionByPatient,
    RetentionMetrics, StrictMetrics,
};
pub use model_metrics::{
    BinnedCalibration, BrierParts, CalibrationFigures, CalibrationMetrics, ClusteredShare, CocoScores, DetectorMetrics,
    Estimate, HidingScores, Interval, MatchCounts, MatchMetrics, MeasuredFiles, NerMetrics, ReliabilityBin, Resampling,
    ReviewPoint, RiskPoint, SchemeMetrics, StageLatency, TagMetrics, TagScores, TextGroup, ThreadScaling,
    ThroughputMetrics, TimedRun, UnitMetrics, UnitScores,
};
pub use phi::Phi;
pub use prediction::{JudgedDecision, PredictedSpan, PredictedToken, StageTime, TextPrediction};
pub use probability::{Probability, ProbabilityError};
pub use review::{RegionEvidence, ReviewRegion};
pub use text::{LabelledSpan, NegativeKind, NegativeSpan, TextContext, TextRecord};
pub use truth::{InstanceIdentity, Place, PlantedValue, RetainedValue, Retention, TruthRecord};

//! One instance in, one outcome and its decisions out.
//!
//! [`run()`] takes a folder through the stages that [`RunSettings`] describe. For each patient, what the explicit
//! attributes say is collected first ([`tier2`]). Then each instance is read without its bulk values, decided about
//! ([`tier1`], [`tier2`], [`pixels`]), changed in one place, marked, written, read back, and moved into its place.
//!
//! The pipeline fails closed: what it does not know it removes, withholds for review, or quarantines.

mod apply;
mod character_sets;
mod clean;
mod codestream;
mod content;
mod crosswalk;
mod decide;
mod dictionary;
mod disguised;
mod documents;
mod dummy;
mod encode;
mod error;
pub mod explain;
mod faces;
mod fragments;
mod icc;
mod inputs;
mod instance;
mod journal;
mod keep;
mod key;
mod locators;
mod made_up;
mod marks;
mod ner;
mod opaque;
mod patients;
mod peek;
pub mod pixels;
mod policy;
mod private_dictionary;
mod read;
mod remember;
mod residual;
mod review;
pub mod rules;
mod run;
mod settled;
mod stage_times;
pub mod strings;
mod structured;
mod surrogate;
mod text;
pub mod tier1;
pub mod tier2;
mod walk;
mod worker;
mod write;

pub use clean::Replacement;
pub use efface_nets::device::DeviceName;
pub use efface_nets::recognizer::{Doubt, Logits, Passes};
pub use error::{InstanceError, RunError};
pub use inputs::{InputKind, Inputs};
pub use key::DeidentificationKey;
pub use ner::{NerSettings, NerThreshold};
pub use pixels::DetectorSettings;
pub use policy::{
    AttributeAction, DateSettings, DoubtfulText, FaceHandling, FreeText, Policy, ProfileOptions, TextSettings,
    TimeHandling, UidRoot,
};
pub use read::{BulkValue, ByteSource, FileMeta, FileMetaElement, Instance};
pub use run::{Progress, RunSettings, RunSummary, Silent, run};

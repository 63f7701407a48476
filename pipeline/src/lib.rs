//! One instance in, one outcome and its decisions out.
//!
//! [`run()`] takes a folder through the stages that [`RunSettings`] describe. For each patient, what the explicit
//! attributes say is collected first ([`tier2`]). Then each instance is read without its bulk values, decided about
//! ([`tier1`], [`tier2`], [`pixels`]), changed in one place, marked, written, read back, and moved into its place.
//!
//! The pipeline fails closed: what it does not know it removes, withholds for review, or quarantines.

mod apply;
mod character_sets;
mod codestream;
mod crosswalk;
mod decide;
mod dummy;
mod error;
mod faces;
mod inputs;
mod instance;
mod journal;
mod key;
mod made_up;
mod marks;
mod patients;
pub mod pixels;
mod policy;
mod private_dictionary;
mod read;
pub mod rules;
mod run;
mod text;
pub mod tier1;
pub mod tier2;
mod write;

pub use error::{InstanceError, RunError};
pub use inputs::{InputKind, Inputs};
pub use key::DeidentificationKey;
pub use policy::{
    AttributeAction, DateSettings, FaceHandling, FreeText, Policy, ProfileOptions, TextSettings, TimeHandling, UidRoot,
};
pub use read::{BulkValue, ByteSource, FileMeta, Instance};
pub use run::{Progress, RunSettings, RunSummary, Silent, run};

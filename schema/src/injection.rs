//! What became of a file into which identities were to be planted.

use crate::hipaa::vocabulary;
use crate::{UnknownWord, Versioned};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

vocabulary! {
    /// Why identities were planted in no copy of a file.
    UnusedReason, "reason" {
        /// A link, a socket, or a folder that cannot be listed.
        NotAFile = "not_a_file",
        /// It does not begin as DICOM does.
        NotDicom = "not_dicom",
        /// A data set without preamble or file meta information.
        NoFileMeta = "no_file_meta",
        /// Its transfer syntax is not known.
        TransferSyntax = "transfer_syntax",
        /// It ends too early or breaks the encoding rules.
        Damaged = "damaged",
        /// A DICOMDIR.
        Directory = "directory",
        /// Its text switches between character sets, or is in one that cannot be written.
        CharacterSet = "character_set",
        /// It has no SOP Class UID, SOP Instance UID or Modality in readable text, by which results are recognized.
        NoIdentity = "no_identity",
        /// An earlier file has the same SOP Instance UID.
        Repeated = "repeated",
        /// The encoder refuses what was read.
        NotEncodable = "not_encodable",
    }
}

/// A file of the folder that identities were planted in. A line of `inject.jsonl`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InjectedInput {
    /// Version of this form.
    pub format_version: u32,
    /// Its place in the bytewise order of all paths.
    pub input_idx: u64,
    /// Its path below the folder. It is the user's own and may identify.
    pub input: String,
    /// The instance's path below `dicom/`, if identities were planted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    /// Why not, otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<UnusedReason>,
}

impl Versioned for InjectedInput {
    const FORMAT_VERSION: u32 = 1;
    const NAME: &'static str = "injected input";

    fn format_version(&self) -> u32 {
        self.format_version
    }
}

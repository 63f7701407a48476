//! What a run was, so that another can repeat it.

use crate::hipaa::vocabulary;
use crate::{Sha256Hex, UnknownWord, Versioned, sha256_hex};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

vocabulary! {
    /// How far a run came.
    RunStatus, "run status" {
        /// It was begun and may be continued.
        Started = "started",
        /// Every input is accounted for.
        Complete = "complete",
    }
}

vocabulary! {
    /// Whether a run notes the hash of every result.
    ResultDigests, "kind of result digest" {
        /// SHA-256 of the bytes of each result, and of all of them together.
        Sha256 = "sha256",
        /// None: what became of a result afterwards cannot be told.
        None = "none",
    }
}

/// The machine that a run was made on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Machine {
    /// Operating system and architecture.
    pub platform: String,
    /// Number of threads used.
    pub n_threads: u32,
}

/// How many inputs ended how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunCounts {
    /// Files found.
    pub inputs: u64,
    /// Results in the output folder.
    pub deidentified: u64,
    /// Results withheld.
    pub needs_review: u64,
    /// Inputs without a result.
    pub quarantined: u64,
}

impl RunCounts {
    /// Whether every input ended somewhere.
    pub const fn balanced(&self) -> bool {
        self.inputs == self.deidentified + self.needs_review + self.quarantined
    }
}

/// The description of a run: `manifest.json` in its folder. It holds no path and no value of an instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunManifest {
    /// Version of this form.
    pub format_version: u32,
    /// Which subcommand.
    pub command: String,
    /// Version of Efface.
    pub efface_version: String,
    /// The resolved settings.
    pub settings: serde_json::Value,
    /// Hash of the resolved settings, the key's fingerprint included: runs with equal hashes can be continued.
    pub settings_sha256: Sha256Hex,
    /// Named random seeds.
    pub seeds: BTreeMap<String, u64>,
    /// The machine.
    pub machine: Machine,
    /// Hash over the inputs' relative names, sizes and order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inputs_sha256: Option<Sha256Hex>,
    /// Hash over the outputs' names and hashes, in order; absent where the outputs were not hashed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outputs_sha256: Option<Sha256Hex>,
    /// How the inputs ended, once all have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counts: Option<RunCounts>,
    /// How far the run came.
    pub status: RunStatus,
}

/// What a run did, whoever's key it had and whatever it noted beside: the speed of one run is that of another with the
/// same work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunWork {
    /// Version of Efface.
    pub efface_version: String,
    /// Hash over the inputs' relative names, sizes and order.
    pub inputs_sha256: Sha256Hex,
    /// Hash of the resolved settings without the key's fingerprint and without whether a crosswalk was written.
    pub settings_sha256: Sha256Hex,
}

impl RunManifest {
    /// What the run did; nothing where the manifest does not name its inputs.
    ///
    /// # Example
    /// ```
    /// use efface_schema::{Machine, RunManifest, RunStatus, sha256_hex};
    /// let run = |key: &str, policy: &str| RunManifest {
    ///     format_version: 1,
    ///     command: "deid".to_owned(),
    ///     efface_version: "1".to_owned(),
    ///     settings: serde_json::json!({ "policy": policy, "key_fingerprint": key, "crosswalk": true }),
    ///     settings_sha256: sha256_hex(key.as_bytes()),
    ///     seeds: Default::default(),
    ///     machine: Machine { platform: "any".to_owned(), n_threads: 1 },
    ///     inputs_sha256: Some(sha256_hex(b"inputs")),
    ///     outputs_sha256: None,
    ///     counts: None,
    ///     status: RunStatus::Complete,
    /// };
    /// assert_eq!(run("a", "tcia").work(), run("b", "tcia").work());
    /// assert_ne!(run("a", "tcia").work(), run("a", "basic").work());
    /// ```
    pub fn work(&self) -> Option<RunWork> {
        let mut settings = self.settings.clone();
        if let Some(settings) = settings.as_object_mut() {
            settings.retain(|key, _| !matches!(key.as_str(), "key_fingerprint" | "crosswalk"));
        }
        Some(RunWork {
            efface_version: self.efface_version.clone(),
            inputs_sha256: self.inputs_sha256.clone()?,
            settings_sha256: sha256_hex(settings.to_string().as_bytes()),
        })
    }
}

impl Versioned for RunManifest {
    const FORMAT_VERSION: u32 = 1;
    const NAME: &'static str = "run manifest";

    fn format_version(&self) -> u32 {
        self.format_version
    }
}

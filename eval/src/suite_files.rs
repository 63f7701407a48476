//! What a suite says of itself, kept beside the figures that were measured on it.

use crate::verify::parse_list;
use efface_schema::{RunManifest, Sha256Hex, parse_json, sha256_hex};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The files of a suite that tell what was measured on. They hold counts, settings and hashes, and no value.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SuiteFiles {
    /// `card.md`, if the suite's checksums vouch for it and for the ground truth.
    pub card: Option<String>,
    /// `manifest.json`, letter by letter.
    pub manifest: Option<String>,
}

impl SuiteFiles {
    /// Reads what a suite has of them.
    ///
    /// A card that nobody vouches for is left out: it might tell of another suite, or quote somebody.
    pub(crate) fn of_suite(suite: &Path, truth_sha256: &Sha256Hex) -> Self {
        let text = |name: &str| std::fs::read_to_string(suite.join(name)).ok();
        let manifest = text("manifest.json").filter(|text| parse_json::<RunManifest>(text).is_ok());
        let files = Self { card: None, manifest };
        let is_vouched_for = |list: &str, name: &str, hash: &Sha256Hex| {
            parse_list(list).is_ok_and(|listed| listed.contains(&(hash.as_str(), name)))
        };
        let list = text("SHA256SUMS").filter(|list| {
            let vouched = files.run().and_then(|run| run.outputs_sha256);
            vouched == Some(sha256_hex(list.as_bytes())) && is_vouched_for(list, "truth.jsonl", truth_sha256)
        });
        let card = list.zip(text("card.md"));
        let card = card.filter(|(list, card)| is_vouched_for(list, "card.md", &sha256_hex(card.as_bytes())));
        Self { card: card.map(|(_, card)| card), ..files }
    }

    /// The manifest, parsed.
    pub(crate) fn run(&self) -> Option<RunManifest> {
        parse_json(self.manifest.as_deref()?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use efface_schema::{Machine, RunStatus, Versioned, to_json_line};
    use std::fs;

    const CARD: &str = "# Synthetic suite `x`\n";

    fn suite() -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("a file");
        let list = format!("{}  card.md\n{}  truth.jsonl\n", sha256_hex(CARD.as_bytes()), sha256_hex(b"truth"));
        let manifest = RunManifest {
            format_version: RunManifest::FORMAT_VERSION,
            command: "synth".to_owned(),
            efface_version: "0".to_owned(),
            settings: serde_json::Value::Null,
            settings_sha256: sha256_hex(b"null"),
            seeds: Default::default(),
            machine: Machine { platform: "any".to_owned(), n_threads: 1 },
            inputs_sha256: None,
            outputs_sha256: Some(sha256_hex(list.as_bytes())),
            counts: None,
            status: RunStatus::Complete,
        };
        write("card.md", CARD);
        write("SHA256SUMS", &list);
        write("manifest.json", &to_json_line(&manifest));
        folder
    }

    #[test]
    fn a_card_counts_only_where_the_checksums_vouch_for_it_and_for_the_truth() {
        let truth = sha256_hex(b"truth");
        let whole = SuiteFiles::of_suite(suite().path(), &truth);
        assert_eq!(whole.card.as_deref(), Some(CARD));
        assert_eq!(whole.run().expect("a manifest").command, "synth");
        assert_eq!(SuiteFiles::of_suite(suite().path(), &sha256_hex(b"another")).card, None);
        for (name, text) in [("card.md", "# Another"), ("SHA256SUMS", ""), ("manifest.json", "{}")] {
            let suite = suite();
            fs::write(suite.path().join(name), text).expect("a file");
            assert_eq!(SuiteFiles::of_suite(suite.path(), &truth).card, None, "{name}");
        }
        let nowhere = suite().path().join("nowhere");
        assert_eq!(SuiteFiles::of_suite(&nowhere, &truth), SuiteFiles::default());
    }
}

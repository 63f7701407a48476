//! Whether a folder is still what its manifest says.
//!
//! A suite or a release holds `SHA256SUMS`, the hash of every file in the form that `sha256sum --check` reads, and
//! `manifest.json`, which holds the hash of that list. So one hash, that of the manifest, vouches for all files. A
//! release holds it, too, in `manifest.sha256`, against damage; against whoever can write the folder anew it must be kept
//! elsewhere and be compared with [`Verification::manifest_sha256`].

use crate::EvaluationError;
use crate::release::{CHECKSUMS, COMMAND, MANIFEST, MANIFEST_CHECKSUM};
use efface_schema::{RunManifest, RunStatus, Sha256Hex, parse_json, sha256_hex};
use rayon::prelude::*;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Component, Path};
use walkdir::WalkDir;

/// What became of a folder's files. File names are the suite's own: what is synthetic identifies nobody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// How many files the list names.
    pub n_listed: usize,
    /// Files with other bytes than were listed.
    pub changed: Vec<String>,
    /// Files that are listed and cannot be read.
    pub missing: Vec<String>,
    /// Files that nobody listed.
    pub unlisted: Vec<String>,
    /// Whether the list is the one that the manifest names.
    pub list_is_original: bool,
    /// Whether the manifest says that all was written.
    pub is_complete: bool,
    /// Whether the manifest is the one whose hash lies beside it, as in every release, and agrees with itself.
    pub manifest_is_original: bool,
    /// The hash of the manifest as it is.
    pub manifest_sha256: Sha256Hex,
}

impl Verification {
    /// Whether the folder is whole and unchanged.
    pub fn holds(&self) -> bool {
        self.changed.is_empty()
            && self.missing.is_empty()
            && self.unlisted.is_empty()
            && self.list_is_original
            && self.is_complete
            && self.manifest_is_original
    }
}

/// Hashes every file of a folder again and compares.
///
/// # Errors
/// [`EvaluationError`] when the manifest or the list cannot be read, or is none. What is wrong with the files is a
/// finding.
///
/// # Example
/// ```no_run
/// let found = efface_eval::verify("suite".as_ref())?;
/// assert!(found.holds(), "{} files changed", found.changed.len());
/// # Ok::<(), efface_eval::EvaluationError>(())
/// ```
pub fn verify(folder: &Path) -> Result<Verification, EvaluationError> {
    let read = |name, what| {
        std::fs::read_to_string(folder.join(name)).map_err(|source| EvaluationError::Read { what, source })
    };
    let manifest_text = read(MANIFEST, "manifest")?;
    let manifest: RunManifest =
        parse_json(&manifest_text).map_err(|source| EvaluationError::Record { what: "manifest", line: 1, source })?;
    let manifest_sha256 = sha256_hex(manifest_text.as_bytes());
    let kept_hash = std::fs::read_to_string(folder.join(MANIFEST_CHECKSUM)).ok();
    let list = read(CHECKSUMS, "list of checksums")?;
    let listed = parse_list(&list)?;
    let states: Vec<State> = listed.par_iter().map(|(hash, name)| state(&folder.join(name), hash)).collect();
    let with = |state: State| -> Vec<String> {
        let names = listed.iter().zip(&states).filter(|(_, found)| **found == state);
        names.map(|((_, name), _)| (*name).to_owned()).collect()
    };
    Ok(Verification {
        n_listed: listed.len(),
        changed: with(State::Changed),
        missing: with(State::Missing),
        unlisted: unlisted(folder, &listed.iter().map(|(_, name)| *name).collect())?,
        list_is_original: manifest.outputs_sha256 == Some(sha256_hex(list.as_bytes())),
        is_complete: manifest.status == RunStatus::Complete,
        manifest_is_original: is_original(&manifest, &manifest_sha256, kept_hash.as_deref()),
        manifest_sha256,
    })
}

/// Whether the manifest agrees with the hash that lies beside it, which a suite need not have, and with itself.
fn is_original(manifest: &RunManifest, manifest_sha256: &Sha256Hex, kept_hash: Option<&str>) -> bool {
    let agrees = match kept_hash {
        Some(line) => line == format!("{manifest_sha256}  {MANIFEST}\n"),
        None => manifest.command != COMMAND,
    };
    agrees && sha256_hex(manifest.settings.to_string().as_bytes()) == manifest.settings_sha256
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Same,
    Changed,
    Missing,
}

/// The hashes and names of a list. A name that leads out of the folder is refused.
pub(crate) fn parse_list(list: &str) -> Result<Vec<(&str, &str)>, EvaluationError> {
    (1..)
        .zip(list.lines())
        .map(|(line, text)| {
            let entry = text.split_once("  ").filter(|(hash, name)| {
                hash.len() == 64
                    && hash.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
                    && Path::new(name).components().all(|part| matches!(part, Component::Normal(_)))
                    && !name.is_empty()
            });
            entry.ok_or(EvaluationError::Checksums { line })
        })
        .collect()
}

fn state(path: &Path, expected: &str) -> State {
    match sha256_of(path) {
        Ok(hash) if hash.as_str() == expected => State::Same,
        Ok(_) => State::Changed,
        Err(_) => State::Missing,
    }
}

fn sha256_of(path: &Path) -> io::Result<Sha256Hex> {
    file_digest(path).map(|digest| Sha256Hex::from_bytes(&digest))
}

/// SHA-256 of a file, which is not held whole.
pub(crate) fn file_digest(path: &Path) -> io::Result<[u8; 32]> {
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0_u8; 128 * 1024];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hasher.finalize().into()),
            n_read => hasher.update(&buffer[..n_read]),
        }
    }
}

fn unlisted(folder: &Path, listed: &BTreeSet<&str>) -> Result<Vec<String>, EvaluationError> {
    let mut unlisted = Vec::new();
    for entry in WalkDir::new(folder).sort_by_file_name() {
        let entry = entry.map_err(|error| EvaluationError::Read { what: "folder", source: error.into() })?;
        let name = entry.path().strip_prefix(folder).unwrap_or(entry.path()).to_string_lossy().into_owned();
        let is_own = matches!(name.as_str(), CHECKSUMS | MANIFEST | MANIFEST_CHECKSUM);
        if !entry.file_type().is_dir() && !is_own && !listed.contains(name.as_str()) {
            unlisted.push(name);
        }
    }
    Ok(unlisted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use efface_schema::{Machine, Versioned, to_json_line};
    use std::collections::BTreeMap;
    use std::fs;

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("dicom")).expect("a folder");
        let mut list = String::new();
        for (name, text) in [("dicom/a.dcm", "one"), ("truth.jsonl", "two")] {
            fs::write(at(name), text).expect("a file");
            list += &format!("{}  {name}\n", sha256_hex(text.as_bytes()));
        }
        fs::write(at(CHECKSUMS), &list).expect("a file");
        let manifest = RunManifest {
            format_version: RunManifest::FORMAT_VERSION,
            command: "synth".to_owned(),
            efface_version: "0".to_owned(),
            settings: serde_json::Value::Null,
            settings_sha256: sha256_hex(b"null"),
            seeds: BTreeMap::new(),
            machine: Machine { platform: "any".to_owned(), n_threads: 1 },
            inputs_sha256: None,
            outputs_sha256: Some(sha256_hex(list.as_bytes())),
            counts: None,
            status: RunStatus::Complete,
        };
        fs::write(at(MANIFEST), to_json_line(&manifest)).expect("a file");
        folder
    }

    fn check(change: impl FnOnce(&Path), expected: impl FnOnce(&Verification) -> bool) {
        let folder = folder();
        change(folder.path());
        let found = verify(folder.path()).expect("a manifest and a list");
        assert!(expected(&found), "{found:?}");
    }

    #[test]
    fn an_unchanged_folder_holds() {
        check(|_| (), |found| found.holds() && found.n_listed == 2);
    }

    #[test]
    fn every_change_is_found() {
        let write = |path: &Path, name: &str, text: &str| fs::write(path.join(name), text).expect("a file");
        check(|path| write(path, "dicom/a.dcm", "0ne"), |found| !found.holds() && found.changed == ["dicom/a.dcm"]);
        check(|path| write(path, "dicom/b.dcm", ""), |found| !found.holds() && found.unlisted == ["dicom/b.dcm"]);
        check(
            |path| fs::remove_file(path.join("truth.jsonl")).expect("removed"),
            |found| !found.holds() && found.missing == ["truth.jsonl"],
        );
        // A change that the list was adapted to: the manifest still knows the old list.
        check(
            |path| {
                write(path, "truth.jsonl", "2");
                let list = format!("{}  dicom/a.dcm\n{}  truth.jsonl\n", sha256_hex(b"one"), sha256_hex(b"2"));
                write(path, CHECKSUMS, &list);
            },
            |found| !found.holds() && found.changed.is_empty() && !found.list_is_original,
        );
        // A manifest whose settings were changed, and not their hash; one that is not what the hash beside it says.
        check(
            |path| {
                let manifest = fs::read_to_string(path.join(MANIFEST)).expect("a manifest");
                write(path, MANIFEST, &manifest.replace("\"settings\":null", "\"settings\":1"));
            },
            |found| !found.holds() && !found.manifest_is_original && found.list_is_original,
        );
        check(
            |path| write(path, MANIFEST_CHECKSUM, "0000  manifest.json\n"),
            |found| !found.holds() && !found.manifest_is_original && found.unlisted.is_empty(),
        );
        // A manifest that knows no list vouches for none.
        check(
            |path| {
                let manifest = fs::read_to_string(path.join(MANIFEST)).expect("a manifest");
                let manifest: RunManifest = parse_json(&manifest).expect("a manifest");
                let manifest = RunManifest { outputs_sha256: None, ..manifest };
                write(path, MANIFEST, &to_json_line(&manifest));
            },
            |found| !found.holds() && found.changed.is_empty() && !found.list_is_original,
        );
    }

    #[test]
    fn a_list_that_leads_elsewhere_is_refused() {
        let hash = sha256_hex(b"");
        for list in [format!("{hash}  ../a\n"), format!("{hash}  /etc/a\n"), format!("{hash} a\n"), "x  a\n".to_owned()]
        {
            assert!(matches!(parse_list(&list), Err(EvaluationError::Checksums { line: 1 })), "{list}");
        }
    }
}

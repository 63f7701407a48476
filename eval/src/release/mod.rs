//! A release's evidence in one folder that can be proven unchanged.
//!
//! | in the folder | what it is |
//! |---|---|
//! | `index.html` | what was measured, on what, with which verdict; links to every page |
//! | `NAME/` | a report folder, without what quotes the output, and the resolved `policy.json` of its run |
//! | `models/NAME/` | card, configuration, calibration and digests of a model; not its weights |
//! | `SHA256SUMS` | the hash of every file above, as `sha256sum --check` reads it |
//! | `manifest.json` | version, evidence, models, and the hash of `SHA256SUMS` |
//! | `manifest.sha256` | the hash of the manifest: the one to keep elsewhere |

mod evidence;
mod model;

pub use evidence::Evidence;
pub(crate) use evidence::{Collected, Required};
pub(crate) use model::ReleasedModel;

use crate::EvaluationError;
use crate::report::release_page;
use efface_schema::{Machine, RunManifest, RunStatus, Sha256Hex, Versioned, sha256_hex, to_json_line};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The list of hashes.
pub(crate) const CHECKSUMS: &str = "SHA256SUMS";
/// What a folder is, with the hash of the list.
pub(crate) const MANIFEST: &str = "manifest.json";
/// The hash of the manifest of a release.
pub(crate) const MANIFEST_CHECKSUM: &str = "manifest.sha256";
/// The command of the manifest of a release.
pub(crate) const COMMAND: &str = "report release";

/// What a release is made of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Release {
    /// What is released.
    pub version: String,
    /// Report folders.
    pub evidence: Vec<Evidence>,
    /// Folders of released models, each with its list of digests; at least those that the runs of the evidence used.
    pub models: Vec<PathBuf>,
}

/// A release that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundled {
    /// Files in it, without the three that vouch for the others.
    pub n_files: usize,
    /// Their bytes.
    pub n_bytes: u64,
    /// Files of the evidence that are not published, by name: what quotes the output, and what is not known.
    pub left_out: Vec<String>,
    /// The hash that vouches for all, to be kept elsewhere.
    pub manifest_sha256: Sha256Hex,
}

/// Copies evidence into a new folder, with an index, checksums and a manifest; [`crate::verify`] proves it unchanged.
///
/// Only files that a report is known to hold and that quote nothing are copied. The folder appears under its name only
/// when it is whole.
///
/// # Errors
/// When there is no evidence, two pieces have one name, the folder is there already, a file cannot be copied, a report
/// folder holds something else than its figures give, an evaluation had no requirements, a model is not what its digests
/// say, or a run used a model that is not among those given.
pub fn bundle_release(release: &Release, folder: &Path) -> Result<Bundled, EvaluationError> {
    check_names(release)?;
    if folder.exists() {
        return refused("the folder is there already; a release is never written over");
    }
    let mut partial = folder.as_os_str().to_owned();
    partial.push(".part");
    let partial = PathBuf::from(partial);
    let _ = fs::remove_dir_all(&partial);
    let bundled =
        fill(release, &partial).and_then(|bundled| fs::rename(&partial, folder).map(|()| bundled).map_err(unwritable));
    if bundled.is_err() {
        let _ = fs::remove_dir_all(&partial);
    }
    bundled
}

fn refused<T>(problem: impl Into<String>) -> Result<T, EvaluationError> {
    Err(EvaluationError::Release { problem: problem.into() })
}

fn unwritable(source: std::io::Error) -> EvaluationError {
    EvaluationError::Write { what: "release", source }
}

fn check_names(release: &Release) -> Result<(), EvaluationError> {
    if release.evidence.is_empty() {
        return refused("there is no evidence to bundle");
    }
    let mut names: Vec<&str> = release.evidence.iter().map(|evidence| evidence.name.as_str()).collect();
    names.sort_unstable();
    if names.windows(2).any(|pair| pair[0] == pair[1]) {
        return refused("two pieces of evidence have the same name");
    }
    let is_plain = |name: &str| {
        name.starts_with(|first: char| first.is_ascii_alphanumeric())
            && name.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.'))
    };
    if !names.iter().all(|name| is_plain(name)) || !is_plain(&release.version) {
        return refused("versions and names of evidence are letters, digits, points, hyphens and underscores");
    }
    if names.contains(&model::FOLDER) {
        return refused("no evidence may be called models: models have that folder");
    }
    Ok(())
}

fn fill(release: &Release, to: &Path) -> Result<Bundled, EvaluationError> {
    let collected: Vec<Collected> = release.evidence.iter().map(Collected::read).collect::<Result<_, _>>()?;
    let models: Vec<ReleasedModel> =
        release.models.iter().map(|folder| ReleasedModel::read(folder)).collect::<Result<_, _>>()?;
    model::refuse_unknown(&collected, &models)?;
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let of_models = models.iter().flat_map(ReleasedModel::files);
    for (name, bytes) in collected.iter().flat_map(Collected::files).chain(of_models) {
        if files.insert(name, bytes).is_some() {
            return refused("two models have the same name");
        }
    }
    let page = release_page::page(&release.version, &collected, &models, &files)?;
    files.insert("index.html".to_owned(), page.into_bytes());
    let sums: String = files.iter().map(|(name, bytes)| format!("{}  {name}\n", sha256_hex(bytes))).collect();
    let manifest = to_json_line(&manifest(&release.version, &collected, &models, &sums));
    let manifest_sha256 = sha256_hex(manifest.as_bytes());
    for (name, bytes) in &files {
        write(&to.join(name), bytes)?;
    }
    write(&to.join(CHECKSUMS), sums.as_bytes())?;
    write(&to.join(MANIFEST), manifest.as_bytes())?;
    write(&to.join(MANIFEST_CHECKSUM), format!("{manifest_sha256}  {MANIFEST}\n").as_bytes())?;
    Ok(Bundled {
        n_files: files.len(),
        n_bytes: files.values().map(|bytes| bytes.len() as u64).sum(),
        left_out: collected.iter().flat_map(Collected::left_out).collect(),
        manifest_sha256,
    })
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), EvaluationError> {
    let write = || {
        path.parent().map(fs::create_dir_all).transpose()?;
        fs::write(path, bytes)
    };
    write().map_err(unwritable)
}

fn manifest(version: &str, collected: &[Collected], models: &[ReleasedModel], checksums: &str) -> RunManifest {
    let evidence: BTreeMap<&str, &str> = collected.iter().map(|of| (of.name.as_str(), of.kind.title())).collect();
    let models: BTreeMap<&str, &str> = models.iter().map(|of| (of.name.as_str(), of.sha256.as_str())).collect();
    let settings = serde_json::json!({ "version": version, "evidence": evidence, "models": models });
    RunManifest {
        format_version: RunManifest::FORMAT_VERSION,
        command: COMMAND.to_owned(),
        efface_version: env!("CARGO_PKG_VERSION").to_owned(),
        settings_sha256: sha256_hex(settings.to_string().as_bytes()),
        settings,
        seeds: BTreeMap::new(),
        // The bytes do not depend on the machine, so none is named.
        machine: Machine { platform: "any".to_owned(), n_threads: 1 },
        inputs_sha256: None,
        outputs_sha256: Some(sha256_hex(checksums.as_bytes())),
        counts: None,
        status: RunStatus::Complete,
    }
}

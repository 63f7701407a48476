//! A release's evidence in one folder that can be proven unchanged.

use crate::EvaluationError;
use efface_schema::{Machine, RunManifest, RunStatus, Sha256Hex, Versioned, sha256_hex, to_json_line};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Files that quote values of the output: they stay with whoever holds the data.
const QUOTING: [&str; 4] = [
    "discrepancy_report_internal.csv",
    "discrepancy_report_participant.csv",
    "discrepancy_report_strict.csv",
    "validation_results.db",
];

/// A folder of results and the name that it gets in the release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// One path component, such as `smoke`.
    pub name: String,
    /// A report folder of `efface eval`, `efface compare`, `efface measure` or `efface midi`.
    pub folder: PathBuf,
}

/// Copies evidence into a new folder, with `SHA256SUMS` and a manifest; [`crate::verify`] proves it unchanged.
///
/// Files that quote the output are left out. The folder appears under its name only when it is whole.
///
/// # Errors
/// When there is no evidence, two pieces have one name, the folder is there already, or a file cannot be copied.
pub fn bundle_release(version: &str, evidence: &[Evidence], folder: &Path) -> Result<usize, EvaluationError> {
    let refused = |problem| Err(EvaluationError::Release { problem });
    if evidence.is_empty() {
        return refused("there is no evidence to bundle");
    }
    let mut names: Vec<&str> = evidence.iter().map(|evidence| evidence.name.as_str()).collect();
    names.sort_unstable();
    if names.windows(2).any(|pair| pair[0] == pair[1]) {
        return refused("two pieces of evidence have the same name");
    }
    if names.iter().any(|name| name.is_empty() || name.contains(['/', '\\']) || name.starts_with('.')) {
        return refused("the name of a piece of evidence is not a plain name");
    }
    if folder.exists() {
        return refused("the folder is there already; a release is never written over");
    }
    let mut partial = folder.as_os_str().to_owned();
    partial.push(".part");
    let partial = PathBuf::from(partial);
    let _ = fs::remove_dir_all(&partial);
    let bundled = fill(version, evidence, &names, &partial)
        .and_then(|n_files| fs::rename(&partial, folder).map(|()| n_files).map_err(unwritable));
    if bundled.is_err() {
        let _ = fs::remove_dir_all(&partial);
    }
    bundled
}

fn unwritable(source: std::io::Error) -> EvaluationError {
    EvaluationError::Write { what: "release", source }
}

fn fill(version: &str, evidence: &[Evidence], names: &[&str], to: &Path) -> Result<usize, EvaluationError> {
    let list = copy_all(evidence, to)?;
    let checksums: String = list.iter().map(|(name, hash)| format!("{}  {name}\n", hash.as_str())).collect();
    write(&to.join("SHA256SUMS"), checksums.as_bytes())?;
    write(&to.join("manifest.json"), to_json_line(&manifest(version, names, &checksums)).as_bytes())?;
    Ok(list.len())
}

fn copy_all(evidence: &[Evidence], to: &Path) -> Result<BTreeMap<String, Sha256Hex>, EvaluationError> {
    let mut list = BTreeMap::new();
    for Evidence { name, folder } in evidence {
        let files = crate::files::list_files(folder, "folder of evidence")?;
        if files.is_empty() {
            return Err(EvaluationError::Release { problem: "a folder of evidence is empty" });
        }
        for file in files.iter().filter(|file| !QUOTING.contains(&file.name.as_str())) {
            let bytes = fs::read(&file.path).map_err(|source| EvaluationError::Read { what: "evidence", source })?;
            let relative = format!("{name}/{}", file.name);
            write(&to.join(&relative), &bytes)?;
            list.insert(relative, sha256_hex(&bytes));
        }
    }
    Ok(list)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), EvaluationError> {
    let write = || {
        path.parent().map(fs::create_dir_all).transpose()?;
        fs::write(path, bytes)
    };
    write().map_err(unwritable)
}

fn manifest(version: &str, names: &[&str], checksums: &str) -> RunManifest {
    let settings = serde_json::json!({ "version": version, "evidence": names });
    RunManifest {
        format_version: RunManifest::FORMAT_VERSION,
        command: "report release".to_owned(),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_is_whole_proven_and_quotes_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let report = folder.path().join("report");
        fs::create_dir(&report).expect("a folder");
        for name in ["metrics.json", "discrepancy_report_internal.csv", "validation_results.db"] {
            fs::write(report.join(name), name).expect("a file");
        }
        let evidence = Evidence { name: "smoke".to_owned(), folder: report };
        let release = folder.path().join("0.1.0");
        assert_eq!(bundle_release("0.1.0", std::slice::from_ref(&evidence), &release).expect("bundled"), 1);
        assert!(crate::verify(&release).expect("a manifest").holds());
        assert!(!release.join("smoke/validation_results.db").exists());
        fs::write(release.join("smoke/metrics.json"), "better").expect("a file");
        assert!(!crate::verify(&release).expect("a manifest").holds());
        for (evidence, at) in [
            (vec![evidence.clone()], release.clone()),
            (Vec::new(), folder.path().join("new")),
            (vec![evidence.clone(), evidence.clone()], folder.path().join("new")),
            (vec![Evidence { name: "../x".to_owned(), ..evidence }], folder.path().join("new")),
        ] {
            assert!(bundle_release("0.1.0", &evidence, &at).is_err());
        }
        let gone = Evidence { name: "gone".to_owned(), folder: folder.path().join("nowhere") };
        assert!(bundle_release("0.1.0", &[gone], &folder.path().join("0.2.0")).is_err());
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 2, "nothing half made stays");
    }
}

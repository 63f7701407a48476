//! What a training run was, so that another can repeat it: `manifest.json` in its folder.

use crate::atomic;
use crate::text::{self, TextError, TextFormat};
use efface_schema::{FormatError, Machine, RunStatus, Sha256Hex, Versioned, parse_json, sha256_hex, to_json_line};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// The manifest's file.
pub const MANIFEST_FILE: &str = "manifest.json";

/// The versions of what computes: results may change with them.
const CRATE_VERSIONS: &[(&str, &str)] =
    &[("burn", "0.22.1"), ("efface-train", env!("CARGO_PKG_VERSION")), ("tokenizers", "0.22.2")];

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatasetFile {
    /// What it was read for, such as `train`, `validation` or `calibration`.
    pub purpose: String,
    /// Its name inside the data set, or the data set's own if that is a file.
    pub name: String,
    /// Its size in bytes.
    pub n_bytes: u64,
    /// Its content's digest.
    pub sha256: Sha256Hex,
}

/// The weights that training began with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BaseWeights {
    /// What the model is called.
    pub name: String,
    /// The digest of its weights' file.
    pub sha256: Sha256Hex,
}

/// The description of a training run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingManifest {
    /// Version of this form.
    pub format_version: u32,
    /// Which subcommand.
    pub command: String,
    /// The resolved configuration.
    pub config: serde_json::Value,
    /// Digest of the resolved configuration: only a run with an equal one can be resumed.
    pub config_sha256: Sha256Hex,
    /// The files that were read, in the order of reading.
    pub datasets: Vec<DatasetFile>,
    /// Named random seeds.
    pub seeds: BTreeMap<String, u64>,
    /// Versions of what computes, by crate.
    pub crate_versions: BTreeMap<String, String>,
    /// What it was computed on, such as `cpu` or `cuda:0`.
    pub device: String,
    /// The machine.
    pub machine: Machine,
    /// What training began with; absent if that was random.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<BaseWeights>,
    /// Processor time of all threads and of all sessions of the run, in seconds; absent where the system does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_seconds: Option<f64>,
    /// Time from begin to end, in seconds, of all sessions of the run.
    pub wall_seconds: f64,
    /// How far the run came.
    pub status: RunStatus,
    /// The figures at the end, by name; empty until then.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub result: BTreeMap<String, f64>,
    /// Digests of the files that the run made, by name; empty until then.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub outputs: BTreeMap<String, Sha256Hex>,
}

impl Versioned for TrainingManifest {
    const FORMAT_VERSION: u32 = 1;
    const NAME: &'static str = "training manifest";

    fn format_version(&self) -> u32 {
        self.format_version
    }
}

/// A manifest could not be read or written, or is another run's.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// A file could not be read or written.
    #[error("use {}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is no manifest.
    #[error("read {}: {source}", path.display())]
    Malformed {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        source: FormatError,
    },
    /// A run with other settings or data was to be resumed.
    #[error("resume the run: {what} changed since it began; restore that, or choose another output folder")]
    OtherRun {
        /// What differs.
        what: &'static str,
    },
    /// The files of a data set could not be listed.
    #[error(transparent)]
    Texts(#[from] TextError),
}

impl TrainingManifest {
    /// The manifest of a run that begins. `config` is the resolved configuration.
    pub fn begin(command: &str, config: serde_json::Value, device: &str, machine: Machine) -> Self {
        let versions = CRATE_VERSIONS.iter().map(|(name, version)| ((*name).to_owned(), (*version).to_owned()));
        Self {
            format_version: Self::FORMAT_VERSION,
            command: command.to_owned(),
            config_sha256: sha256_hex(config.to_string().as_bytes()),
            config,
            datasets: Vec::new(),
            seeds: BTreeMap::new(),
            crate_versions: versions.collect(),
            device: device.to_owned(),
            machine,
            base: None,
            cpu_seconds: None,
            wall_seconds: 0.0,
            status: RunStatus::Started,
            result: BTreeMap::new(),
            outputs: BTreeMap::new(),
        }
    }

    /// Notes the files of a data set, hashing each in turn without holding it.
    ///
    /// # Errors
    /// [`ManifestError::Texts`] and [`ManifestError::File`].
    pub fn add_dataset(&mut self, purpose: &str, format: TextFormat, path: &Path) -> Result<(), ManifestError> {
        for file in text::files(format, path)? {
            let inner = file.strip_prefix(path).ok().filter(|inner| !inner.as_os_str().is_empty());
            let name = inner.unwrap_or_else(|| Path::new(file.file_name().unwrap_or_default()));
            let (n_bytes, sha256) =
                digest(&file).map_err(|source| ManifestError::File { path: file.clone(), source })?;
            let name = name.to_string_lossy().into_owned();
            self.datasets.push(DatasetFile { purpose: purpose.to_owned(), name, n_bytes, sha256 });
        }
        Ok(())
    }

    /// Checks that this run, which is about to begin, is the one that another manifest describes.
    ///
    /// # Errors
    /// [`ManifestError::OtherRun`] naming the first of configuration, data, seeds, base weights and crate versions that
    /// differs. The device and the machine may change; results may then differ in their last digits.
    pub fn check_resumes(&self, begun: &Self) -> Result<(), ManifestError> {
        let same = [
            ("the configuration", self.config_sha256 == begun.config_sha256 && self.command == begun.command),
            ("the data", self.datasets == begun.datasets),
            ("a seed", self.seeds == begun.seeds),
            ("the base model", self.base == begun.base),
            ("a version of the program", self.crate_versions == begun.crate_versions),
        ];
        match same.into_iter().find(|(_, is_same)| !is_same) {
            Some((what, _)) => Err(ManifestError::OtherRun { what }),
            None => Ok(()),
        }
    }

    /// Adds the times of one session. The processor time is left out for good once a session has none.
    pub fn add_session(&mut self, wall_seconds: f64, cpu_seconds: Option<f64>) {
        let is_first = self.wall_seconds == 0.0;
        self.wall_seconds += wall_seconds;
        let before = if is_first { Some(0.0) } else { self.cpu_seconds };
        self.cpu_seconds = before.zip(cpu_seconds).map(|(before, now)| before + now);
    }

    /// Reads the manifest of a folder; nothing if it has none.
    ///
    /// # Errors
    /// [`ManifestError::File`] and [`ManifestError::Malformed`].
    pub fn read(folder: &Path) -> Result<Option<Self>, ManifestError> {
        let path = folder.join(MANIFEST_FILE);
        match std::fs::read_to_string(&path) {
            Ok(text) => parse_json(&text).map(Some).map_err(|source| ManifestError::Malformed { path, source }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(ManifestError::File { path, source }),
        }
    }

    /// Writes the manifest into a folder, whole or not at all.
    ///
    /// # Errors
    /// [`ManifestError::File`].
    pub fn write(&self, folder: &Path) -> Result<(), ManifestError> {
        let path = folder.join(MANIFEST_FILE);
        atomic::replace(&path, |file| file.write_all(to_json_line(self).as_bytes()))
            .map_err(|source| ManifestError::File { path, source })
    }
}

/// Size and digest of a file, read in pieces.
///
/// # Errors
/// Those of the file system.
pub fn digest(path: &Path) -> io::Result<(u64, Sha256Hex)> {
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut piece = vec![0; 1 << 20];
    let mut n_bytes = 0;
    loop {
        match file.read(&mut piece)? {
            0 => return Ok((n_bytes, Sha256Hex::from_bytes(&hasher.finalize()))),
            n_read => {
                n_bytes += n_read as u64;
                hasher.update(&piece[..n_read]);
            }
        }
    }
}

/// Processor time of this process so far, all its threads and ended ones included, in seconds, to a hundredth.
///
/// Nothing where the system does not tell: it is read from `/proc/self/stat` of Linux, fields 14 and 15, whose unit is
/// a hundredth of a second on every architecture that Rust knows but Alpha (proc(5), `USER_HZ`).
pub fn cpu_seconds() -> Option<f64> {
    const TICKS_PER_SECOND: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The second field is the program's name in parentheses, which may hold blanks.
    let (_, after_name) = stat.rsplit_once(')')?;
    let ticks: Vec<u64> =
        after_name.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse().ok()).collect();
    (ticks.len() == 2).then(|| ticks.iter().sum::<u64>() as f64 / TICKS_PER_SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> TrainingManifest {
        let machine = Machine { platform: "linux-x86_64".to_owned(), n_threads: 2 };
        TrainingManifest::begin("train ner", serde_json::json!({ "seed": 1 }), "cpu", machine)
    }

    #[test]
    fn a_manifest_comes_back_as_it_was_written() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(TrainingManifest::read(folder.path()).expect("there is none"), None);
        let mut manifest = manifest();
        manifest.seeds.insert("root".to_owned(), 7);
        manifest.add_session(12.5, Some(20.25));
        manifest.write(folder.path()).expect("it can be written");
        assert_eq!(TrainingManifest::read(folder.path()).expect("it can be read"), Some(manifest));
        let text = std::fs::read_to_string(folder.path().join(MANIFEST_FILE)).expect("it is there");
        let newer = text.replacen("\"format_version\":1", "\"format_version\":2", 1);
        std::fs::write(folder.path().join(MANIFEST_FILE), newer).expect("it can be written");
        let error = TrainingManifest::read(folder.path()).expect_err("it is newer").to_string();
        assert!(error.contains("newer"), "{error}");
    }

    #[test]
    fn data_are_named_by_content_and_not_by_place() {
        let noted = || {
            let folder = tempfile::tempdir().expect("a folder");
            std::fs::create_dir(folder.path().join("sub")).expect("a folder");
            for (name, content) in [("a.txt", "CHEST"), ("a.ann", ""), ("sub/b.txt", "KNEE"), ("sub/b.ann", "")] {
                std::fs::write(folder.path().join(name), content).expect("a file");
            }
            let mut manifest = manifest();
            manifest.add_dataset("train", TextFormat::Brat, folder.path()).expect("the data are there");
            manifest.add_dataset("validation", TextFormat::Jsonl, &folder.path().join("a.txt")).expect("it is there");
            manifest
        };
        let manifest = noted();
        let names: Vec<&str> = manifest.datasets.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["a.ann", "a.txt", "sub/b.ann", "sub/b.txt", "a.txt"]);
        assert_eq!(manifest.datasets[1].sha256, sha256_hex(b"CHEST"));
        assert_eq!(manifest.datasets[1].n_bytes, 5);
        noted().check_resumes(&manifest).expect("the same data in another folder");
    }

    #[test]
    fn another_run_is_not_resumed() {
        let begun = manifest();
        let differs = |change: fn(&mut TrainingManifest), expected: &str| {
            let mut other = manifest();
            change(&mut other);
            let error = other.check_resumes(&begun).expect_err("it differs").to_string();
            assert!(error.contains(expected), "{error}");
        };
        differs(|other| other.config_sha256 = sha256_hex(b"other"), "the configuration");
        differs(|other| other.seeds = BTreeMap::from([("root".to_owned(), 9)]), "a seed");
        differs(
            |other| other.base = Some(BaseWeights { name: "b".to_owned(), sha256: sha256_hex(b"b") }),
            "base model",
        );
        let mut elsewhere = manifest();
        elsewhere.device = "cuda:0".to_owned();
        elsewhere.check_resumes(&begun).expect("the device may change");
    }

    #[test]
    fn times_of_sessions_add_up_and_are_absent_once_unknown() {
        let mut manifest = manifest();
        manifest.add_session(2.0, Some(3.0));
        manifest.add_session(1.0, Some(1.5));
        assert_eq!((manifest.wall_seconds, manifest.cpu_seconds), (3.0, Some(4.5)));
        manifest.add_session(1.0, None);
        manifest.add_session(1.0, Some(1.0));
        assert_eq!((manifest.wall_seconds, manifest.cpu_seconds), (5.0, None));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn processor_time_passes_with_work() {
        let before = cpu_seconds().expect("Linux tells");
        let begun = std::time::Instant::now();
        let mut sum = 0_u64;
        while cpu_seconds().expect("Linux tells") < before + 0.05 {
            sum = std::hint::black_box(sum + 1);
            assert!(begun.elapsed().as_secs() < 30, "the time does not pass");
        }
    }

    /// The versions in the code are those that Cargo resolved.
    #[test]
    fn versions_are_those_of_the_lock_file() {
        let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.lock");
        let lock = std::fs::read_to_string(lock).expect("the workspace has one");
        for (name, version) in CRATE_VERSIONS {
            assert!(lock.contains(&format!("name = \"{name}\"\nversion = \"{version}\"\n")), "{name} {version}");
        }
    }
}

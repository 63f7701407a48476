//! A release holds all formats, quotes nothing, and shows every change.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod small_suite;

use efface_eval::compare::{Evaluated, Gate};
use efface_eval::{Evidence, Release, bundle_release, verify, write_report};
use efface_schema::{Machine, RunManifest, RunStatus, Versioned, sha256_hex};
use serde_json::json;
use small_suite::{golden, score};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

struct Lab(tempfile::TempDir);

impl Lab {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The report of a run that asked a network, by the hash of its list of digests, if any.
    fn report(&self, name: &str, network: Option<&str>) -> Evidence {
        let folder = self.path(name);
        let mut evaluation = score(&golden().join("deid"), true);
        evaluation.run = Some(run(network));
        let evaluated = Evaluated::new(evaluation.metrics.clone(), evaluation.cases.clone());
        let required = Gate::parse_alone("[recall]\nmin = 0.5\n").unwrap().judge_alone(&evaluated).unwrap();
        write_report(&evaluation, &required, &folder).unwrap();
        fs::write(folder.join("validation_results.db"), "it quotes").unwrap();
        Evidence { name: name.to_owned(), folder }
    }

    /// A model's folder, and the hash of its list.
    fn model(&self) -> (PathBuf, String) {
        let folder = self.path("tiny-model");
        fs::create_dir_all(&folder).unwrap();
        let mut list = String::new();
        for name in ["README.md", "model.safetensors"] {
            fs::write(folder.join(name), name).unwrap();
            list += &format!("{}  {name}\n", sha256_hex(name.as_bytes()));
        }
        fs::write(folder.join("SHA256SUMS"), &list).unwrap();
        (folder, sha256_hex(list.as_bytes()).to_string())
    }

    fn bundle(&self, evidence: &[Evidence], models: &[PathBuf], name: &str) -> Result<Vec<String>, String> {
        let release = Release { version: "0.1.0".to_owned(), evidence: evidence.to_vec(), models: models.to_vec() };
        let bundled = bundle_release(&release, &self.path(name)).map_err(|error| error.to_string())?;
        assert_eq!(bundled.manifest_sha256, verify(&self.path(name)).unwrap().manifest_sha256);
        Ok(bundled.left_out)
    }
}

fn run(network: Option<&str>) -> RunManifest {
    let mut settings = json!({ "policy": { "name": "tcia", "options": { "clean-descriptors": true } } });
    if let Some(hash) = network {
        settings["ner"] = json!({ "model_sha256": hash, "threshold": 0.5 });
    }
    RunManifest {
        format_version: RunManifest::FORMAT_VERSION,
        command: "deid".to_owned(),
        efface_version: "1".to_owned(),
        settings_sha256: sha256_hex(settings.to_string().as_bytes()),
        settings,
        seeds: BTreeMap::new(),
        machine: Machine { platform: "any".to_owned(), n_threads: 1 },
        inputs_sha256: None,
        outputs_sha256: None,
        counts: None,
        status: RunStatus::Complete,
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

#[test]
fn a_release_holds_every_format_with_models_policy_and_index_and_quotes_nothing() {
    let lab = Lab::new();
    let (model, hash) = lab.model();
    let evidence = lab.report("small", Some(&hash));
    let left_out = lab.bundle(std::slice::from_ref(&evidence), std::slice::from_ref(&model), "one").unwrap();
    assert_eq!(
        left_out,
        [
            "discrepancy_report_internal.csv",
            "discrepancy_report_participant.csv",
            "discrepancy_report_strict.csv",
            "validation_results.db"
        ]
        .map(|name| format!("small/{name}"))
    );
    let release = lab.path("one");
    for name in [
        "index.html",
        "small/report.html",
        "small/metrics.json",
        "small/figures.csv",
        "small/figures.parquet",
        "small/cases.csv",
        "small/cases.parquet",
        "small/report.md",
        "small/junit.xml",
        "small/requirements.json",
        "small/scoring_report_series.xlsx",
        "small/run_manifest.json",
        "small/policy.json",
        "models/tiny-model/README.md",
        "models/tiny-model/SHA256SUMS",
        "SHA256SUMS",
        "manifest.json",
        "manifest.sha256",
    ] {
        assert!(release.join(name).is_file(), "{name}");
    }
    assert!(!release.join("models/tiny-model/model.safetensors").exists(), "weights are not part of it");
    let index = fs::read_to_string(release.join("index.html")).unwrap().replace("&#x2f;", "/");
    for words in ["All 1 requirements kept", "88.89 % (8 of 9)", "href=\"small/report.html\"", "tiny-model", &*hash] {
        assert!(index.contains(words), "no “{words}” in {index}");
    }
    for path in files(&release) {
        let bytes = fs::read(&path).unwrap();
        for value in ["SANCHEZ", "TIMOTHY", "31780971", "Nicholas", "20180805"] {
            assert!(!bytes.windows(value.len()).any(|window| window == value.as_bytes()), "{value} in {path:?}");
        }
    }
    lab.bundle(&[evidence], &[model], "two").unwrap();
    let contents = |folder: &Path| files(folder).iter().map(|path| fs::read(path).unwrap()).collect::<Vec<_>>();
    assert!(contents(&release) == contents(&lab.path("two")), "the same evidence gives the same bytes");
}

#[test]
fn one_flipped_byte_a_missing_and_an_added_file_are_found() {
    let lab = Lab::new();
    lab.bundle(&[lab.report("small", None)], &[lab.model().0], "one").unwrap();
    let release = lab.path("one");
    let holds = || verify(&release).is_ok_and(|found| found.holds());
    assert!(holds());
    for path in files(&release) {
        let bytes = fs::read(&path).unwrap();
        // Of the manifest every byte: nothing but the hash beside it vouches for it.
        let is_manifest = path.ends_with("manifest.json");
        let positions: Vec<usize> = if is_manifest { (0..bytes.len()).collect() } else { vec![bytes.len() / 2] };
        for at in positions {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1;
            fs::write(&path, &flipped).unwrap();
            assert!(!holds(), "byte {at} of {path:?}");
        }
        fs::remove_file(&path).unwrap();
        assert!(!holds(), "{path:?} is missing");
        fs::write(&path, &bytes).unwrap();
        assert!(holds(), "{path:?} is there again");
    }
    for name in ["added", "small/added.html", "models/tiny-model/model.safetensors"] {
        fs::write(release.join(name), "").unwrap();
        assert!(!holds(), "{name}");
        fs::remove_file(release.join(name)).unwrap();
    }
    assert!(holds());
}

#[test]
fn what_proves_nothing_is_refused_and_leaves_nothing_behind() {
    let lab = Lab::new();
    let (model, hash) = lab.model();
    let evidence = lab.report("small", Some(&hash));
    let refused = |evidence: &[Evidence], models: &[PathBuf], words: &str| {
        let said = lab.bundle(evidence, models, "refused").expect_err(words);
        assert!(said.contains(words), "{said}");
        assert!(!lab.path("refused").exists() && !lab.path("refused.part").exists());
    };
    let only = std::slice::from_ref(&evidence);
    let given = std::slice::from_ref(&model);
    refused(&[], given, "no evidence");
    refused(&[evidence.clone(), evidence.clone()], given, "same name");
    refused(&[Evidence { name: "../x".to_owned(), ..evidence.clone() }], given, "letters");
    refused(&[Evidence { name: "models".to_owned(), ..evidence.clone() }], given, "models");
    refused(&[Evidence { folder: lab.path("nowhere"), ..evidence.clone() }], given, "folder of evidence");
    refused(only, &[], "not given");
    refused(only, &[model.clone(), model.clone()], "same name");
    fs::create_dir(lab.path("empty")).unwrap();
    refused(&[Evidence { name: "empty".to_owned(), folder: lab.path("empty") }], given, "no record");

    let page = evidence.folder.join("report.html");
    let bytes = fs::read(&page).unwrap();
    fs::write(&page, "<p>100 %</p>").unwrap();
    refused(only, given, "small/report.html is not what");
    fs::write(&page, bytes).unwrap();
    fs::rename(evidence.folder.join("requirements.json"), lab.path("kept")).unwrap();
    refused(only, given, "nothing was required");
    fs::rename(lab.path("kept"), evidence.folder.join("requirements.json")).unwrap();
    fs::write(model.join("model.safetensors"), "other weights").unwrap();
    refused(only, given, "digests");

    fs::write(model.join("model.safetensors"), "model.safetensors").unwrap();
    lab.bundle(only, given, "refused").unwrap();
    assert!(lab.bundle(only, given, "refused").unwrap_err().contains("never written over"));
}

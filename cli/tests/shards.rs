//! `efface eval --shard`: parts of an evaluation, made apart and merged to the bytes of the whole.

mod lab;

use lab::Lab;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

impl Lab {
    /// A suite of four patients, de-identified by Efface, with files that every tool may leave behind: one missing,
    /// one there twice, one of another suite, and one that is not DICOM.
    fn new() -> Self {
        let lab = Self::empty();
        fs::write(lab.path("suite.toml"), "name = \"tiny\"\nstudies-max = 1\n").expect("a file");
        fs::write(lab.path("key"), [7; 32]).expect("a key");
        assert_eq!(lab.efface("synth suite.toml suite --patients 4 --seed 5").0, 0);
        let deid = "deid suite/dicom out --run run --key key --metadata-only --crosswalk";
        assert!(matches!(lab.efface(deid).0, 0 | 3));
        let outputs: Vec<PathBuf> = files(&lab.path("out")).into_keys().collect();
        assert!(outputs.len() > 8, "{outputs:?}");
        let at = |at: usize| lab.path("out").join(&outputs[at]);
        fs::remove_file(at(0)).expect("an output");
        fs::copy(at(3), lab.path("out/again.dcm")).expect("an output");
        let original = files(&lab.path("suite/dicom")).into_keys().next().expect("an original");
        fs::copy(lab.path("suite/dicom").join(original), lab.path("out/foreign.dcm")).expect("an original");
        fs::write(lab.path("out/notes.txt"), "nothing").expect("a file");
        lab
    }

    /// Scores shards apart and merges them, in the wrong order.
    fn in_shards(&self, count: usize, options: &str) -> BTreeMap<PathBuf, Vec<u8>> {
        let shards: Vec<String> = (1..=count)
            .map(|number| {
                let threads = 1 + number % 2;
                let (code, _, complaints) = self.efface(&format!(
                    "eval out --suite suite {options} --shard {number}/{count} --report parts --threads {threads}"
                ));
                assert_eq!(code, 0, "{complaints}");
                let name = format!("parts/shard-{number}-of-{count}.json");
                let mode = fs::metadata(self.path(&name)).expect("a shard").permissions().mode();
                assert_eq!(mode & 0o777, 0o600, "it quotes the output");
                name
            })
            .rev()
            .collect();
        let (code, _, complaints) = self
            .efface(&format!("eval-merge {} --report merged-{count} --require requirements.toml", shards.join(" ")));
        assert_eq!(code, 20, "{complaints}");
        files(&self.path(&format!("merged-{count}")))
    }
}

/// Every file below a folder, by its relative path.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = walkdir::WalkDir::new(folder).into_iter().map(|entry| entry.expect("an entry"));
    let files = entries.filter(|entry| entry.file_type().is_file());
    let read = |entry: walkdir::DirEntry| {
        let name = entry.path().strip_prefix(folder).expect("below it").to_path_buf();
        (name, fs::read(entry.path()).expect("a file"))
    };
    files.map(read).collect()
}

#[test]
fn shards_of_a_suite_merge_to_the_bytes_of_the_whole() {
    let lab = Lab::new();
    fs::write(lab.path("requirements.toml"), "[scores.\"MIDI-B strict\"]\nmin = 1.0\n").expect("a file");
    let options = "--run run --no-pixel-text --midi-cpus 2";
    let (code, _, complaints) =
        lab.efface(&format!("eval out --suite suite {options} --report whole --require requirements.toml"));
    assert_eq!(code, 20, "an instance without a file is not shown to be clean: {complaints}");
    let whole = files(&lab.path("whole"));
    for name in ["metrics.json", "cases.csv", "report.html", "discrepancy_report_strict.csv", "requirements.json"] {
        assert!(whole.contains_key(Path::new(name)), "{name} in {:?}", whole.keys());
    }
    let metrics: serde_json::Value =
        serde_json::from_slice(&whole[Path::new("metrics.json")]).expect("a record of metrics");
    assert!(metrics["instances"]["unmatched"].as_u64() >= Some(2) && metrics["instances"]["not_dicom"] == 1);
    assert!(metrics["midi"]["official_by_patient"]["removal"]["low"].is_number(), "{}", metrics["midi"]);
    assert!(metrics["recall"]["overall"]["removed_by_patient"].is_object());
    for count in [1, 2, 3] {
        let merged = lab.in_shards(count, options);
        assert!(merged.keys().eq(whole.keys()), "{count} shards: {:?}", merged.keys());
        for (name, bytes) in &merged {
            assert!(*bytes == whole[name], "{count} shards: {} is another", name.display());
        }
    }
    refused(&lab);
}

/// What are not all the shards of one evaluation.
fn refused(lab: &Lab) {
    for (shards, words) in [
        ("parts/shard-1-of-2.json", "missing"),
        ("parts/shard-1-of-2.json parts/shard-1-of-2.json", "twice"),
        ("parts/shard-1-of-2.json parts/shard-2-of-3.json", "another number"),
        ("suite.toml", "line 1 of the shard"),
    ] {
        let (code, _, complaints) = lab.efface(&format!("eval-merge {shards} --report refused"));
        assert!(code != 0 && complaints.contains(words), "{shards}: {complaints}");
    }
    let (code, _, complaints) = lab.efface("eval out --suite suite --run run --shard 3/2 --report parts");
    assert!(code == 2 && complaints.contains("I from 1 to N"), "{complaints}");
    // Another output than that of the first shard.
    fs::write(lab.path("out/more.txt"), "more").expect("a file");
    let options = "--run run --no-pixel-text --midi-cpus 2";
    assert_eq!(lab.efface(&format!("eval out --suite suite {options} --shard 2/2 --report later")).0, 0);
    let (code, _, complaints) =
        lab.efface("eval-merge parts/shard-1-of-2.json later/shard-2-of-2.json --report refused");
    assert!(code == 2 && complaints.contains("not shards of one evaluation"), "{complaints}");
}

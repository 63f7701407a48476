//! The workspace keeps the shape that `ARCHITECTURE.md` describes.
//!
//! The rules are pure functions over what was read, and each has a test with an input that it must refuse.

use cargo_metadata::{Metadata, MetadataCommand, Package};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Which crates of the workspace each one may depend on, in its tests and build scripts as well.
///
/// `synth`, `train` and `eval` do not know `pipeline`: what grades or teaches must not share code with what is graded.
/// `benches` is a leaf: nothing depends on it, so it may see all that is measured.
const ALLOWED: &[(&str, &[&str])] = &[
    ("schema", &[]),
    ("frames", &["schema"]),
    ("nets", &["schema"]),
    ("synth", &["schema", "frames"]),
    ("train", &["schema", "frames", "nets"]),
    ("pipeline", &["schema", "frames", "nets"]),
    ("eval", &["schema", "frames"]),
    ("cli", &["schema", "synth", "train", "pipeline", "eval"]),
    ("benches", &["schema", "frames", "nets", "pipeline", "eval"]),
];

/// What `schema` may use: it describes what is on disk, and neither reads DICOM nor computes.
const SCHEMA_DEPENDENCIES: &[&str] = &["serde", "serde_json", "thiserror", "sha2", "proptest"];

/// A source file longer than this tells more than one story.
const MAX_LINES: usize = 700;

/// A file of the repository may not be larger.
const MAX_FILE_BYTES: u64 = 60_000_000;

/// A dependency of one crate on another, by package name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Edge {
    from: String,
    to: String,
}

fn edge(from: &str, to: &str) -> Edge {
    Edge { from: from.to_owned(), to: to.to_owned() }
}

/// The edges that the design does not allow. A crate that the table does not name is refused with all its edges.
fn refused(edges: &BTreeSet<Edge>) -> Vec<Edge> {
    let allowed = |edge: &&Edge| {
        let (Some(from), to) = (edge.from.strip_prefix("efface-"), edge.to.strip_prefix("efface-")) else {
            return true;
        };
        let outside_is_allowed = match from {
            "cli" => true,
            "schema" => SCHEMA_DEPENDENCIES.contains(&edge.to.as_str()),
            "nets" => edge.to != "anyhow" && !edge.to.starts_with("dicom"),
            _ => edge.to != "anyhow",
        };
        let Some(to) = to else { return outside_is_allowed };
        ALLOWED.iter().any(|(name, targets)| *name == from && targets.contains(&to))
    };
    edges.iter().filter(|edge| !allowed(edge)).cloned().collect()
}

/// The lines of a library's source that print, with their numbers. Libraries return values; only `cli` speaks.
fn printing_lines(source: &str) -> Vec<usize> {
    let prints = |line: &str| {
        let line = line.trim_start();
        !line.starts_with("//") && ["println!(", "print!(", "dbg!("].iter().any(|call| line.contains(call))
    };
    (1..).zip(source.lines()).filter(|(_, line)| prints(line)).map(|(number, _)| number).collect()
}

/// What a manifest leaves out of the workspace's rules.
fn manifest_faults(manifest: &str) -> Vec<&'static str> {
    let mut faults = Vec::new();
    let lines: Vec<&str> = manifest.lines().map(str::trim).collect();
    if !lines.windows(2).any(|pair| pair[0] == "[lints]" && pair[1] == "workspace = true") {
        faults.push("[lints] workspace = true");
    }
    for field in ["version", "edition", "rust-version", "license", "publish"] {
        if !lines.iter().any(|line| line.strip_prefix(field) == Some(".workspace = true")) {
            faults.push(field);
        }
    }
    faults
}

fn metadata() -> Metadata {
    MetadataCommand::new()
        .manifest_path(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"))
        .no_deps()
        .exec()
        .expect("cargo describes its own workspace")
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate lies in the workspace").to_path_buf()
}

fn short_name(package: &Package) -> String {
    package.name.strip_prefix("efface-").expect("packages are named efface-<folder>").to_owned()
}

/// All files below a folder, without hidden folders and those that `ignored` names.
fn files_below(folder: &Path, ignored: &BTreeSet<PathBuf>) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder is readable") {
        let entry = entry.expect("the folder is readable");
        let path = entry.path();
        let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        if hidden || ignored.contains(&path) {
            continue;
        }
        let kind = entry.file_type().expect("the kind of a listed file is known");
        if kind.is_dir() {
            files.extend(files_below(&path, ignored));
        } else if kind.is_file() {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The files that belong to the repository: those that no anchored line of `.gitignore` names.
fn repository_files() -> Vec<PathBuf> {
    let root = root();
    let patterns = fs::read_to_string(root.join(".gitignore")).expect("there is a .gitignore");
    let mut ignored: BTreeSet<PathBuf> =
        patterns.lines().filter_map(|line| line.strip_prefix('/')).map(|name| root.join(name)).collect();
    ignored.insert(metadata().target_directory.into_std_path_buf());
    files_below(&root, &ignored)
}

fn is_rust(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "rs")
}

#[test]
fn crates_depend_only_on_what_the_design_allows() {
    let metadata = metadata();
    let edges: BTreeSet<Edge> = metadata
        .workspace_packages()
        .iter()
        .flat_map(|package| package.dependencies.iter().map(|dependency| edge(&package.name, &dependency.name)))
        .collect();
    assert!(edges.contains(&edge("efface-cli", "efface-schema")), "the edges were read");
    assert_eq!(refused(&edges), []);
}

#[test]
fn forbidden_edges_are_refused() {
    for (from, to) in [
        ("efface-eval", "efface-pipeline"),
        ("efface-eval", "efface-synth"),
        ("efface-synth", "efface-pipeline"),
        ("efface-schema", "efface-frames"),
        ("efface-schema", "dicom-core"),
        ("efface-nets", "dicom-object"),
        ("efface-cli", "efface-frames"),
        ("efface-frames", "efface-benches"),
        ("efface-pipeline", "anyhow"),
        ("efface-unheard-of", "efface-schema"),
    ] {
        let edges = BTreeSet::from([edge(from, to), edge("efface-eval", "efface-schema")]);
        assert_eq!(refused(&edges), [edge(from, to)], "{from} -> {to}");
    }
}

#[test]
fn every_crate_is_in_the_table_and_follows_the_workspace() {
    for package in metadata().workspace_packages() {
        let name = short_name(package);
        assert!(ALLOWED.iter().any(|(known, _)| *known == name), "{name} is not in the table of allowed edges");
        assert_eq!(package.manifest_path.as_std_path(), root().join(&name).join("Cargo.toml"), "{name}");
        assert_eq!(package.publish.as_deref(), Some(&[][..]), "{name} could be published");
        let manifest = fs::read_to_string(&package.manifest_path).expect("the manifest is readable");
        assert_eq!(manifest_faults(&manifest), Vec::<&str>::new(), "{name}");
    }
}

#[test]
fn a_manifest_outside_the_rules_is_refused() {
    let manifest = "[package]\nversion = \"1.0.0\"\nedition.workspace = true\n[lints]\nworkspace = false\n";
    let faults = ["[lints] workspace = true", "version", "rust-version", "license", "publish"];
    assert_eq!(manifest_faults(manifest), faults);
}

#[test]
fn libraries_do_not_print() {
    for package in metadata().workspace_packages() {
        if ["cli", "benches"].contains(&short_name(package).as_str()) {
            continue;
        }
        let folder = package.manifest_path.as_std_path().with_file_name("src");
        for path in files_below(&folder, &BTreeSet::new()).into_iter().filter(|path| is_rust(path)) {
            let source = fs::read_to_string(&path).expect("the source is readable");
            assert_eq!(printing_lines(&source), Vec::<usize>::new(), "{}", path.display());
        }
    }
}

#[test]
fn a_print_is_found() {
    let source = "fn f() {\n    // println!(\"a comment\")\n    println!(\"{}\", 1);\n}\neprintln!(\"x\");";
    assert_eq!(printing_lines(source), [3, 5]);
}

#[test]
fn files_stay_within_bounds() {
    let files = repository_files();
    assert!(files.contains(&root().join("schema/src/lib.rs")), "the repository was read");
    for path in files {
        let n_bytes = fs::metadata(&path).expect("a listed file is there").len();
        assert!(n_bytes <= MAX_FILE_BYTES, "{} has {n_bytes} bytes", path.display());
        if is_rust(&path) {
            let n_lines = fs::read_to_string(&path).expect("the source is readable").lines().count();
            assert!(n_lines <= MAX_LINES, "{} has {n_lines} lines: split it by story", path.display());
        }
    }
}

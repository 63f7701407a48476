//! The suite of odd but legal encodings: every oddity is there, in the bytes, with its truth.

mod support;

use efface_schema::{Action, Locus, Place, TruthRecord, parse_json};
use efface_synth::{Oddity, SuiteOptions, SuiteSettings, generate};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, Weak};
use support::shared;

fn hostile() -> SuiteSettings {
    let definition = Path::new(env!("CARGO_MANIFEST_DIR")).join("../datasets/hostile.toml");
    SuiteOptions::read(&definition).expect("the suite is defined").resolve().expect("and valid")
}

static MADE: Mutex<Weak<tempfile::TempDir>> = Mutex::new(Weak::new());

thread_local! {
    static FOLDER: Arc<tempfile::TempDir> = shared(&MADE, || {
        let folder = tempfile::tempdir().expect("a temporary folder");
        generate(&hostile(), &folder.path().join("suite"), &|_, _| ()).expect("the suite can be made");
        folder
    });
}

/// The suite, made once for the tests that run at the same time.
fn suite() -> PathBuf {
    FOLDER.with(|folder| folder.path().join("suite"))
}

/// The instances by the oddity that their names say, each with its truth and its bytes.
fn instances() -> BTreeMap<String, Vec<(TruthRecord, Vec<u8>)>> {
    let text = fs::read_to_string(suite().join("truth.jsonl")).expect("the truth is written");
    let mut instances: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for line in text.lines() {
        let record: TruthRecord = parse_json(line).expect("a record");
        let bytes = fs::read(suite().join("dicom").join(&record.instance.path)).expect("an instance");
        let name = record.instance.path.rsplit('/').next().expect("a name");
        let oddity = name.trim_end_matches(".dcm").split_once('-').expect("an oddity").1.to_owned();
        instances.entry(oddity).or_default().push((record, bytes));
    }
    instances
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

fn is_deflated(bytes: &[u8]) -> bool {
    holds(&bytes[..512], b"1.2.840.10008.1.2.1.99")
}

#[test]
fn every_oddity_occurs_in_every_way_of_writing_that_suits_it() {
    let instances = instances();
    let expected: BTreeSet<String> = Oddity::ALL
        .iter()
        .map(|oddity| serde_json::to_value(oddity).expect("a word").as_str().expect("a word").to_owned())
        .collect();
    assert_eq!(instances.keys().cloned().collect::<BTreeSet<_>>(), expected);
    let of_any = |part: &[u8]| instances.values().flatten().any(|(_, bytes)| holds(&bytes[..512], part));
    for syntax in ["1.2.840.10008.1.2\0", "1.2.840.10008.1.2.1\0", "1.2.840.10008.1.2.2\0", "1.2.840.10008.1.2.1.99"] {
        assert!(of_any(syntax.as_bytes()), "{syntax}");
    }
    // Sequences of open and of stated length.
    let native = instances["private-blocks"].iter().filter(|(_, bytes)| !is_deflated(bytes));
    let has_delimiters = native.map(|(_, bytes)| holds(bytes, b"\xfe\xff\x0d\xe0\0\0\0\0"));
    assert_eq!(has_delimiters.collect::<BTreeSet<bool>>().len(), 2);
}

#[test]
fn what_is_planted_stands_in_the_bytes() {
    let mut n_found = 0;
    for (record, bytes) in instances().into_values().flatten().filter(|(_, bytes)| !is_deflated(bytes)) {
        for planted in record.planted.iter().filter(|planted| planted.value.is_ascii() && planted.value.len() > 3) {
            let is_text = matches!(planted.locus, Locus::Attribute { .. } | Locus::TextSpan { .. } | Locus::Preamble);
            // Drawn text is no text, and the length of a date is shorter than what a time behind it makes of it.
            if is_text && !matches!(planted.place, Place::Overlay | Place::Pixels) {
                assert!(holds(&bytes, planted.value.as_bytes()), "{}: {planted:?}", record.instance.path);
                n_found += 1;
            }
        }
    }
    assert!(n_found > 20_000, "{n_found}");
}

#[test]
fn every_oddity_shows_in_the_bytes() {
    let shown: &[(&str, &[u8])] = &[
        ("unknown-sequence", b"UN\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0"),
        ("trailing-padding", b"\xfc\xff\xfc\xff"),
        ("group-lengths", b"\x08\0\0\0UL\x04\0"),
        ("file-meta", b"\x02\0\x02\x01OB\0\0"),
        ("file-meta", b"\x03\0\x01\x10"),
        ("private-blocks", b"\x71\0\x01\xc3"),
        ("overlay-groups", b"\x1e\x60\x00\x30"),
        ("overlay-bits", b"\x00\x60\x02\x01US\x02\0\x0f\0"),
        ("curves", b"\x00\x50\x00\x30"),
        ("no-offset-table", b"\xfe\xff\x00\xe0\0\0\0\0\xfe\xff\x00\xe0"),
        ("empty-components", b"\\\\"),
        ("backslash-bytes", b"\x95\x5c"),
        ("backslash-bytes", b"\x3d\x5c"),
        ("item-character-sets", b"ISO_IR 144"),
        ("text-in-bytes", b"seen again, "),
        ("nul-padding", b"BODY FILTER\0"),
        ("blank-padding", b"   CT "),
    ];
    let instances = instances();
    for (oddity, part) in shown {
        let found = instances[*oddity].iter().any(|(_, bytes)| holds(bytes, part));
        assert!(found, "{oddity}: {part:?}");
    }
    assert!(instances["preamble"].iter().all(|(_, bytes)| bytes[..128].iter().any(|byte| *byte != 0)));
    assert!(instances["curves"].iter().all(|(_, bytes)| bytes[..128].iter().all(|byte| *byte == 0)));
    for (record, bytes) in instances["no-pixel-data"].iter().filter(|(_, bytes)| !is_deflated(bytes)) {
        assert!(record.drawn.is_none() && !holds(bytes, b"\xe0\x7f\x10\0") && !holds(bytes, b"\x7f\xe0\0\x10"));
    }
    let longest = instances["long-values"].iter().flat_map(|(record, _)| &record.planted);
    let end = longest.filter_map(|planted| match planted.locus {
        Locus::TextSpan { end, .. } => Some(end),
        _ => None,
    });
    assert_eq!(end.max(), Some(65_536));
}

#[test]
fn the_truth_says_what_must_be_done_and_where() {
    let instances = instances();
    let planted = |oddity: &str| instances[oddity].iter().flat_map(|(record, _)| record.planted.clone());
    for values in instances.values().flatten().map(|(record, _)| &record.planted) {
        assert!(values.iter().all(|planted| planted.expected.is_some()));
    }
    assert!(planted("preamble").any(|planted| planted.locus == Locus::Preamble && planted.place == Place::FileMeta));
    assert!(planted("overlay-bits").any(|planted| {
        planted.locus == Locus::PixelData && planted.place == Place::Overlay && planted.expected == Some(Action::Redact)
    }));
    let deepest = planted("deep-nesting").filter_map(|planted| planted.locus.path().map(|path| path.depth())).max();
    assert_eq!(deepest, Some(21));
    let last = planted("thousand-items")
        .any(|planted| planted.locus.path().is_some_and(|path| path.to_string() == "(0040,0555)[996](0040,a123)"));
    assert!(last);
}

#[test]
fn the_files_beside_it_are_those_of_every_suite() {
    for name in ["answer.db", "card.md", "coco.json", "contact-sheet.png", "croissant.json", "ner.jsonl", "SHA256SUMS"]
    {
        assert!(suite().join(name).is_file(), "{name}");
    }
}

#[test]
fn it_is_the_same_at_any_number_of_threads() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let sums = |n_threads: usize| {
        let settings = SuiteSettings { threads: n_threads, patients: 1, ..hostile() };
        let path = folder.path().join(n_threads.to_string());
        generate(&settings, &path, &|_, _| ()).expect("the suite can be made");
        fs::read_to_string(path.join("SHA256SUMS")).expect("written")
    };
    assert_eq!(sums(1), sums(4));
}

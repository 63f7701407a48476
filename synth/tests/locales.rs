//! The suite of locales, read back by dicom-rs; `synth/check-characters.py` reads it back with pydicom.

use dicom_core::Tag;
use dicom_object::open_file;
use efface_schema::{AttributePath, Locus, TruthRecord, parse_json};
use efface_synth::{Locale, SuiteOptions, generate};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// A name of a patient as the truth has it, and the file as it is.
struct Named {
    planted: String,
    record: TruthRecord,
    bytes: Vec<u8>,
}

/// Specific Character Set, what is planted as Patient's Name, and the file, for each instance.
fn read(suite: &Path) -> Vec<(String, Named)> {
    let text = fs::read_to_string(suite.join("truth.jsonl")).expect("the truth is written");
    let records = text.lines().map(|line| parse_json::<TruthRecord>(line).expect("a truth record"));
    let name_path = AttributePath::tag(0x0010, 0x0010);
    records
        .map(|record| {
            let path = suite.join("dicom").join(&record.instance.path);
            let object = open_file(&path).expect("every instance can be read");
            let sets =
                object.element(Tag(0x0008, 0x0005)).expect("declared").value().to_multi_str().expect("text").join("\\");
            let planted = record
                .planted
                .iter()
                .find(|planted| matches!(&planted.locus, Locus::Attribute { path } if *path == name_path));
            let planted = planted.expect("every instance names its patient").value.clone();
            (sets, Named { planted, record, bytes: fs::read(path).expect("readable") })
        })
        .collect()
}

#[test]
fn every_locale_writes_its_names_in_its_character_sets() {
    let definition = Path::new(env!("CARGO_MANIFEST_DIR")).join("../datasets/locales.toml");
    let settings = SuiteOptions::read(&definition).expect("defined").resolve().expect("valid");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let suite = folder.path().join("suite");
    generate(&settings, &suite, &|_, _| ()).expect("every text can be encoded");
    let instances = read(&suite);
    let mut n_instances: BTreeMap<&str, usize> = BTreeMap::new();
    for (sets, named) in &instances {
        *n_instances.entry(sets).or_default() += 1;
        let object = open_file(suite.join("dicom").join(&named.record.instance.path)).expect("can be read");
        let found = object.element(Tag(0x0010, 0x0010)).expect("there").to_str().expect("text").trim_end().to_owned();
        if sets.contains("ISO 2022") {
            // dicom-rs knows no code extensions; the escape sequences must be there.
            let sequence: &[u8] = if sets.contains("149") { b"\x1b$)C" } else { b"\x1b$B" };
            assert!(named.bytes.windows(sequence.len()).any(|bytes| bytes == sequence), "{sets}");
        } else if sets != "ISO_IR 148" {
            // Nor ISO-IR 148, which it takes for ASCII.
            assert_eq!(found, named.planted, "{sets}");
        }
    }
    let sets: BTreeSet<&str> = n_instances.keys().copied().collect();
    for set in [
        "ISO_IR 100",
        "ISO_IR 101",
        "ISO_IR 109",
        "ISO_IR 110",
        "ISO_IR 126",
        "ISO_IR 127",
        "ISO_IR 138",
        "ISO_IR 144",
        "ISO_IR 148",
        "ISO_IR 166",
        "ISO_IR 192",
        "GB18030",
        "\\ISO 2022 IR 87",
        "\\ISO 2022 IR 149",
        "ISO 2022 IR 13\\ISO 2022 IR 87",
    ] {
        assert!(sets.contains(set), "{set} is not among {sets:?}");
    }
    let names = |test: fn(&str) -> bool| instances.iter().any(|(_, named)| test(&named.planted));
    assert!(names(|name| name.split('=').filter(|group| !group.is_empty()).count() == 3), "three component groups");
    assert!(names(|name| name.contains("==")), "a phonetic group without an ideographic one");
    let texts = fs::read_to_string(suite.join("ner.jsonl")).expect("the texts are written");
    for locale in Locale::ALL {
        assert!(texts.contains(&format!("\"locale\":\"{}\"", locale.as_str())), "{locale:?}");
    }
}

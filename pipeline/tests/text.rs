//! What stands in a text where something identifying stood, by the policy, in whole runs.

#[expect(dead_code, reason = "these tests need a part of what all share")]
mod support;

use dicom_core::VR;
use dicom_dictionary_std::tags;
use dicom_object::{DefaultDicomObject, open_file};
use efface_pipeline::{Policy, Silent, run};
use std::fs;
use std::sync::atomic::AtomicBool;
use support::{Lab, Sample, text};

/// De-identifies one sample under the `tcia` policy with another `[text]` section.
fn deidentify(section: &str, plant: impl Fn(&mut Sample)) -> DefaultDicomObject {
    let lab = Lab::new();
    let mut sample = Sample::new("1.2.826.0.1.3680043.99.1.1.1");
    plant(&mut sample);
    sample.write(&lab.path("in").join("one.dcm"));
    let policy = lab.path("policy.toml");
    fs::write(&policy, format!("format-version = 1\nname = \"own\"\nbased-on = \"tcia\"\n[text]\n{section}\n"))
        .expect("a file");
    let mut settings = lab.settings("out");
    settings.policy = Policy::load(&policy.to_string_lossy()).expect("a valid policy");
    let summary = run(&settings, &Silent, &AtomicBool::new(false)).expect("the run ends");
    assert_eq!(summary.counts.deidentified, 1, "{:?}", summary.reasons);
    let outputs = support::files(&lab.path("out"));
    let name = outputs.keys().next().expect("a result").clone();
    open_file(lab.path("out").join(name)).expect("a readable result")
}

fn described(object: &DefaultDicomObject, tag: dicom_core::Tag) -> String {
    object.element(tag).expect("it stays").to_str().expect("text").into_owned()
}

fn plant(sample: &mut Sample) {
    sample.put(text(tags::STUDY_DESCRIPTION, VR::LO, "CT chest for Janedotte Doe (7712345), nodule"));
    sample.put(text(tags::SERIES_DESCRIPTION, VR::LO, "DOE_JANEDOTTE lung"));
    sample.put(text(tags::PROTOCOL_NAME, VR::LO, "prior of Mrs Doe 20010203, 7712345"));
}

#[test]
fn nothing_stands_there_by_default() {
    let object = deidentify("replacement = \"empty\"", plant);
    assert_eq!(described(&object, tags::STUDY_DESCRIPTION), "CT chest for, nodule");
    assert_eq!(described(&object, tags::SERIES_DESCRIPTION), "lung");
}

#[test]
fn labels_say_what_stood_there() {
    let object = deidentify("replacement = \"label\"", plant);
    assert_eq!(described(&object, tags::STUDY_DESCRIPTION), "CT chest for [NAME] ([MRN]), nodule");
    assert_eq!(described(&object, tags::SERIES_DESCRIPTION), "[NAME] lung");
}

#[test]
fn surrogates_are_the_same_everywhere_and_keep_their_form() {
    let object = deidentify("replacement = \"surrogate\"", plant);
    let study = described(&object, tags::STUDY_DESCRIPTION);
    let (name, rest) = study.strip_prefix("CT chest for ").and_then(|rest| rest.split_once(" (")).expect("its form");
    let (number, rest) = rest.split_once(')').expect("its form");
    assert_eq!(rest, ", nodule");
    let (given, family) = name.split_once(' ').expect("two words");
    assert_eq!(
        described(&object, tags::SERIES_DESCRIPTION),
        format!("{family}_{given} lung").replace(family, &family.to_uppercase()).replace(given, &given.to_uppercase())
    );
    let protocol = described(&object, tags::PROTOCOL_NAME);
    assert!(
        protocol.starts_with(&format!("prior of Mrs {family} ")) && protocol.ends_with(&format!(", {number}")),
        "{protocol}"
    );
    assert!(number.len() == 7 && number.bytes().all(|byte| byte.is_ascii_digit()) && number != "7712345");
    assert!(!protocol.contains("20010203"), "{protocol}");
}

#[test]
fn unknown_replacements_are_refused() {
    let lab = Lab::new();
    let policy = lab.path("policy.toml");
    fs::write(&policy, "format-version = 1\nname = \"own\"\n[text]\nreplacement = \"stars\"\n").expect("a file");
    assert!(Policy::load(&policy.to_string_lossy()).is_err());
}

//! Runs over folders: every input ends somewhere, and how a run goes changes no byte of what it ends with.

#[path = "support/stop.rs"]
mod stop;
mod support;

use dicom_core::{Tag, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::{DefaultDicomObject, open_file};
use efface_pipeline::rules::Rule;
use efface_pipeline::{Policy, RunError, RunSettings, RunSummary, Silent, run};
use efface_schema::{InstanceOutcome, ResultDigests, RunManifest, RunStatus, Status, parse_json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use stop::interrupt;
use support::{Lab, Sample, bytes, files, key, sequence, text};

/// Words of the originals that no message and no file of a run may repeat.
const SECRETS: &[&str] = &["doe^", "doe_", "doe ", "janedotte", "7712345", "evergreen", "roe^", "richmond", "8834567"];

fn go(settings: &RunSettings) -> Result<RunSummary, RunError> {
    let result = run(settings, &Silent, &AtomicBool::new(false));
    if let Err(error) = &result {
        tells_nothing("an error", &format!("{error} {error:?}"));
    }
    result
}

fn tells_nothing(what: &str, text: &str) {
    let text = text.to_lowercase();
    for secret in SECRETS {
        assert!(!text.contains(secret), "{what} tells {secret}: {text}");
    }
}

/// Two patients with two studies each, four slices a study; every slice refers to the first of its study.
fn patients(folder: &Path) -> usize {
    let mut n_instances = 0;
    for (patient_idx, (name, identifier)) in
        [("DOE^JANEDOTTE", "7712345"), ("ROE^RICHMOND", "8834567")].iter().enumerate()
    {
        for (study_idx, date) in ["20010203", "20020315"].iter().enumerate() {
            let study = format!("1.2.826.0.1.{}.{}", patient_idx + 1, study_idx + 1);
            for slice_idx in 0..4 {
                let mut sample = Sample::new(&format!("{study}.1.{slice_idx}"));
                sample.put(text(tags::PATIENT_NAME, VR::PN, name));
                sample.put(text(tags::PATIENT_ID, VR::LO, identifier));
                sample.put(text(tags::STUDY_INSTANCE_UID, VR::UI, &study));
                sample.put(text(tags::SERIES_INSTANCE_UID, VR::UI, &format!("{study}.1")));
                sample.put(text(tags::STUDY_DATE, VR::DA, date));
                sample.put(text(tags::INSTANCE_NUMBER, VR::IS, &slice_idx.to_string()));
                let reference = text(tags::REFERENCED_SOP_INSTANCE_UID, VR::UI, &format!("{study}.1.0"));
                sample.put(sequence(tags::REFERENCED_IMAGE_SEQUENCE, [vec![reference]]));
                sample.write(&folder.join(format!("{name}/{study_idx}/{identifier}-{slice_idx}.dcm")));
                n_instances += 1;
            }
        }
    }
    n_instances
}

/// A lab with both patients in it.
fn lab() -> Lab {
    let lab = Lab::new();
    assert_eq!(patients(&lab.path("in")), 16);
    lab
}

fn outcomes(run: &Path) -> Vec<InstanceOutcome> {
    let text = fs::read_to_string(run.join("decisions.jsonl")).expect("the decisions are written");
    tells_nothing("a decision", &text);
    let outcomes: Vec<InstanceOutcome> =
        text.lines().map(|line| parse_json(line).expect("every line is an outcome")).collect();
    for decision in outcomes.iter().flat_map(|outcome| &outcome.decisions) {
        assert!(Rule::by_code(&decision.rule).is_some(), "the rule {} has no manual", decision.rule);
    }
    outcomes
}

fn results(output: &Path) -> Vec<DefaultDicomObject> {
    files(output).keys().map(|name| open_file(output.join(name)).expect("a result can be read")).collect()
}

fn value(object: &DefaultDicomObject, tag: Tag) -> String {
    let element = object.get(tag).unwrap_or_else(|| panic!("{tag} is gone"));
    element.value().to_str().expect("text").trim_end_matches(['\0', ' ']).to_owned()
}

/// The results of a run and its own files, but for the manifest, which names the machine.
fn everything(settings: &RunSettings) -> (BTreeMap<String, Vec<u8>>, BTreeMap<String, Vec<u8>>) {
    let mut own = files(&settings.run);
    own.remove("manifest.json").expect("a manifest");
    (files(&settings.output), own)
}

/// Nothing but results in the output folder, and no unfinished file anywhere.
fn is_tidy(settings: &RunSettings) {
    for name in files(&settings.output).keys() {
        assert!(name.ends_with(".dcm") && name.matches('/').count() == 3, "{name}");
    }
    let own: Vec<String> = files(&settings.run).into_keys().collect();
    assert!(own.iter().all(|name| !name.contains("partial") && !name.contains("journal")), "{own:?}");
    assert!(!settings.output.join(".efface-staging").exists());
    let text = fs::read_to_string(settings.run.join("manifest.json")).expect("a manifest");
    tells_nothing("the manifest", &text);
    let manifest: RunManifest = parse_json(&text).expect("a manifest");
    assert_eq!(manifest.status, RunStatus::Complete);
}

#[test]
fn threads_change_no_byte() {
    let lab = lab();
    let one = RunSettings { crosswalk: true, ..lab.settings("one") };
    let four = RunSettings { crosswalk: true, n_threads: 4, ..lab.settings("four") };
    let summary = go(&one).expect("a run");
    assert_eq!(summary.counts.deidentified, 16);
    assert_eq!(summary, go(&four).expect("a run"));
    assert_eq!(everything(&one), everything(&four));
    is_tidy(&one);
    is_tidy(&four);
}

#[test]
fn the_key_and_nothing_else_decides_the_new_identifiers() {
    let lab = lab();
    let other_key = RunSettings { key: Some(key(8)), ..lab.settings("other") };
    for settings in [&lab.settings("first"), &lab.settings("second"), &other_key] {
        go(settings).expect("a run");
    }
    let names = |name: &str| files(&lab.path(name)).into_keys().collect::<BTreeSet<String>>();
    assert_eq!(names("first"), names("second"));
    for (first, other) in names("first").iter().zip(&names("other")) {
        assert!(first.split('/').zip(other.split('/')).all(|(first, other)| first != other), "{first} {other}");
    }
    let drawn = RunSettings { key: None, ..lab.settings("drawn") };
    go(&drawn).expect("a run");
    assert!(names("drawn").is_disjoint(&names("first")));
    assert!(!drawn.run.join("key").exists(), "a drawn key is forgotten");
}

#[test]
fn references_hold_and_intervals_are_kept_within_a_patient() {
    let lab = lab();
    go(&lab.settings("out")).expect("a run");
    let results = results(&lab.path("out"));
    let instances: BTreeSet<String> = results.iter().map(|object| value(object, tags::SOP_INSTANCE_UID)).collect();
    assert_eq!(instances.len(), 16);
    let mut dates: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut studies: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for object in &results {
        assert_eq!(
            object.meta().media_storage_sop_instance_uid().trim_end_matches('\0'),
            value(object, tags::SOP_INSTANCE_UID)
        );
        let referenced =
            &object.get(tags::REFERENCED_IMAGE_SEQUENCE).and_then(|element| element.items()).expect("a sequence")[0];
        let referenced =
            referenced.get(tags::REFERENCED_SOP_INSTANCE_UID).expect("a reference").value().to_str().expect("text");
        assert!(instances.contains(referenced.trim_end_matches('\0')));
        let patient = value(object, tags::PATIENT_ID);
        assert_eq!(patient, value(object, tags::PATIENT_NAME));
        dates.entry(patient.clone()).or_default().insert(value(object, tags::STUDY_DATE));
        studies.entry(patient).or_default().insert(value(object, tags::STUDY_INSTANCE_UID));
    }
    assert!(studies.len() == 2 && studies.values().all(|studies| studies.len() == 2), "{studies:?}");
    let day = |date: &String| {
        let number = |range: std::ops::Range<usize>| date[range].parse::<i64>().expect("digits");
        days_from_civil(number(0..4), number(4..6), number(6..8))
    };
    let original_interval = days_from_civil(2002, 3, 15) - days_from_civil(2001, 2, 3);
    let mut shifts = BTreeSet::new();
    for dates in dates.values() {
        let days: Vec<i64> = dates.iter().map(day).collect();
        assert_eq!(days.len(), 2, "{dates:?}");
        assert_eq!(days[1] - days[0], original_interval);
        shifts.insert(days[0] - days_from_civil(2001, 2, 3));
    }
    assert!(shifts.len() == 2 && shifts.iter().all(|days| (-3650..0).contains(days)), "{shifts:?}");
}

/// Days since 1970-01-01 in the Gregorian calendar, by counting years and months.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let is_leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let years: i64 = (1970..year).map(|year| 365 + i64::from(is_leap(year))).sum();
    let lengths = [31, 28 + i64::from(is_leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    years + lengths[..usize::try_from(month - 1).expect("a month")].iter().sum::<i64>() + day - 1
}

#[test]
fn results_can_be_deidentified_again() {
    let lab = lab();
    go(&lab.settings("once")).expect("a run");
    let again = RunSettings { input: lab.path("once"), ..lab.settings("twice") };
    let summary = go(&again).expect("a run over results");
    assert_eq!((summary.counts.inputs, summary.counts.deidentified), (16, 16));
    let texts = |name: &str| -> BTreeSet<(String, String)> {
        results(&lab.path(name))
            .iter()
            .map(|object| (value(object, tags::STUDY_DESCRIPTION), value(object, tags::CONVOLUTION_KERNEL)))
            .collect()
    };
    assert_eq!(texts("once"), texts("twice"));
}

/// Where pixels are, in every layout: their bytes must come out as they went in.
fn pixel_layouts() -> Vec<(&'static str, Sample, Vec<u8>)> {
    let native: Vec<u8> = (0..32_u8).map(|value| value.wrapping_mul(37)).collect();
    let words = |bytes: &[u8]| bytes.chunks(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
    let large: Vec<u8> = (0..200_000_u32).flat_map(|value| (value % 65_521).to_le_bytes()).collect();
    let with = |syntax: &str, element| {
        let mut sample = Sample::new("1.2.3.4.5");
        sample.transfer_syntax(syntax);
        sample.put(element);
        sample
    };
    let with_large = |syntax: &str| {
        let mut sample = with(syntax, bytes(tags::PIXEL_DATA, VR::OW, &large));
        for (tag, size) in [(tags::ROWS, 500_u16), (tags::COLUMNS, 800)] {
            sample.put(dicom_core::DataElement::new(tag, VR::US, dicom_core::PrimitiveValue::from(size)));
        }
        sample
    };
    let mut fragments = Vec::new();
    for fragment in [&[][..], b"\xFF\xD8\xFF\xDA\0\x02 first", b"second fragment \xFF\xD9\0"] {
        fragments.extend(b"\xFE\xFF\x00\xE0");
        fragments.extend(u32::try_from(fragment.len()).expect("small").to_le_bytes());
        fragments.extend(fragment);
    }
    fragments.extend(b"\xFE\xFF\xDD\xE0\0\0\0\0");
    let mut encapsulated = Sample::new("1.2.3.4.5");
    encapsulated.transfer_syntax(uids::JPEG_BASELINE8_BIT);
    encapsulated.data_set.remove_element(tags::PIXEL_DATA);
    encapsulated.trailing = [&b"\xE0\x7F\x10\x00OB\0\0\xFF\xFF\xFF\xFF"[..], &fragments].concat();
    let big = dicom_core::DataElement::new(tags::PIXEL_DATA, VR::OW, dicom_core::PrimitiveValue::U16(words(&native)));
    vec![
        (
            "little endian",
            with(uids::EXPLICIT_VR_LITTLE_ENDIAN, bytes(tags::PIXEL_DATA, VR::OW, &native)),
            native.clone(),
        ),
        ("large", with_large(uids::EXPLICIT_VR_LITTLE_ENDIAN), large.clone()),
        ("implicit", with(uids::IMPLICIT_VR_LITTLE_ENDIAN, bytes(tags::PIXEL_DATA, VR::OW, &native)), native.clone()),
        ("big endian", with("1.2.840.10008.1.2.2", big), native.clone()),
        ("large and deflated", with_large(uids::DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN), large),
        ("fragments", encapsulated, fragments),
    ]
}

/// The value of pixel data at the end of a file whose data set may be deflated.
fn pixel_value(file: &[u8], n_bytes: usize) -> Vec<u8> {
    let n_meta = u32::from_le_bytes(file[140..144].try_into().expect("four bytes"));
    let data_set = &file[144 + n_meta as usize..];
    let deflated = uids::DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN.as_bytes();
    let mut inflated = Vec::new();
    if file.windows(deflated.len()).take(400).any(|window| window == deflated) {
        std::io::Read::read_to_end(&mut flate2::read::DeflateDecoder::new(data_set), &mut inflated).expect("deflated");
    } else {
        inflated.extend(data_set);
    }
    inflated[inflated.len() - n_bytes..].to_vec()
}

#[test]
fn pixels_that_are_left_alone_keep_every_byte() {
    for (name, sample, pixels) in pixel_layouts() {
        let lab = Lab::new();
        sample.write(&lab.path("in/1.dcm"));
        assert_eq!(pixel_value(&sample.bytes(), pixels.len()), pixels, "{name}: the sample itself");
        let summary = go(&lab.settings("out")).expect("a run");
        assert_eq!(summary.counts.deidentified, 1, "{name}: {:?}", summary.reasons);
        let results = files(&lab.path("out"));
        assert!(pixel_value(results.values().next().expect("a result"), pixels.len()) == pixels, "{name}");
    }
}

/// A folder in which everything is wrong that can be; how each file ends is its reason.
fn difficult(folder: &Path) -> BTreeMap<String, Option<&'static str>> {
    let mut expected: BTreeMap<String, Option<&'static str>> = BTreeMap::new();
    let mut add = |name: &str, bytes: &[u8], reason| {
        fs::write(folder.join(name), bytes).expect("a file");
        expected.insert(name.to_owned(), reason);
    };
    let sample = |uid: &str| Sample::new(&format!("1.2.3.{uid}"));
    let good = sample("1").bytes();
    add("DOE good.dcm", &good, None);
    add("DOE repeated.dcm", &good, Some("identical-duplicate"));
    add("DOE empty.dcm", b"", Some("not-dicom"));
    add("DOE notes.txt", "Janedotte Doe, 7712345\n".repeat(20).as_bytes(), Some("not-dicom"));
    add("DOE truncated.dcm", &sample("2").bytes()[..870], Some("truncated"));
    add("DOE cut in its header.dcm", &good[..140], Some("broken-file-meta"));
    let mut wrong_length = sample("3");
    wrong_length.raw = Some((tags::PATIENT_NAME, b"\x10\x00\x01\x00LO\xF0\xFFDOE^JANEDOTTE ".to_vec()));
    add("DOE wrong length.dcm", &wrong_length.bytes(), Some("truncated"));
    let mut huge = sample("4");
    huge.raw = Some((tags::PATIENT_NAME, b"\x10\x00\x01\x00UN\0\0\xFE\xFF\xFF\xFFDOE^JANEDOTTE ".to_vec()));
    add("DOE four gigabytes.dcm", &huge.bytes(), Some("truncated"));
    let mut without = sample("5");
    without.data_set.remove_element(tags::SOP_INSTANCE_UID);
    without.meta.media_storage_sop_instance_uid.clear();
    without.meta.update_information_group_length();
    add("DOE without its UID.dcm", &without.bytes(), Some("missing-uid"));
    let mut directory = sample("6");
    directory.meta.media_storage_sop_class_uid = uids::MEDIA_STORAGE_DIRECTORY_STORAGE.to_owned();
    directory.meta.update_information_group_length();
    add("DICOMDIR", &directory.bytes(), Some("media-directory"));
    let mut unknown = sample("7");
    let mut bytes = unknown.bytes();
    let at = bytes.windows(19).position(|window| window == b"1.2.840.10008.1.2.1").expect("the transfer syntax");
    bytes[at + 18] = b'7';
    add("DOE unknown syntax.dcm", &bytes, Some("unsupported-transfer-syntax"));
    unknown.raw = Some((tags::CONTENT_SEQUENCE, nest(200)));
    add("DOE nested.dcm", &unknown.bytes(), Some("broken-data-set"));
    std::os::unix::fs::symlink("DOE good.dcm", folder.join("DOE link.dcm")).expect("a link");
    expected.insert("DOE link.dcm".to_owned(), Some("not-a-file"));
    std::os::unix::fs::symlink("nowhere", folder.join("DOE dangling")).expect("a link");
    expected.insert("DOE dangling".to_owned(), Some("not-a-file"));
    expected
}

/// A content sequence in a content sequence, so many deep.
fn nest(depth: usize) -> Vec<u8> {
    let mut bytes = b"\x40\x00\x30\xA7SQ\0\0\xFF\xFF\xFF\xFF\xFE\xFF\x00\xE0\xFF\xFF\xFF\xFF".repeat(depth);
    bytes.extend(b"\xFE\xFF\x0D\xE0\0\0\0\0\xFE\xFF\xDD\xE0\0\0\0\0".repeat(depth));
    bytes
}

#[test]
fn every_input_is_accounted_for() {
    let lab = lab();
    let expected = difficult(&lab.path("in"));
    let settings = RunSettings { n_threads: 2, crosswalk: true, ..lab.settings("out") };
    let summary = go(&settings).expect("a run");
    let inputs: Vec<String> = files_without_reading(&lab.path("in"));
    let outcomes = outcomes(&settings.run);
    assert_eq!(outcomes.len(), inputs.len());
    assert_eq!(summary.counts.inputs, inputs.len() as u64);
    for (name, outcome) in inputs.iter().zip(&outcomes) {
        let reason = expected.get(name).copied().flatten();
        let reasons: Vec<&str> = outcome.reasons.iter().map(String::as_str).collect();
        assert_eq!(reasons, Vec::from_iter(reason), "{name}");
        assert_eq!(outcome.status == Status::Quarantined, reason.is_some(), "{name}");
        assert_eq!(outcome.output.is_some(), reason.is_none(), "{name}");
    }
    is_tidy(&settings);
    let results = files(&settings.output);
    assert_eq!(results.len() as u64, summary.counts.deidentified);
    let originals: BTreeSet<Vec<u8>> =
        inputs.iter().filter_map(|name| fs::read(lab.path("in").join(name)).ok()).collect();
    for (name, bytes) in &results {
        assert!(!originals.contains(bytes), "an original stands at {name}");
        tells_nothing("a result", &String::from_utf8_lossy(bytes));
    }
    let rows = fs::read_to_string(settings.run.join("crosswalk/paths.csv")).expect("the way back");
    assert_eq!(rows.lines().count() as u64, summary.counts.deidentified + 1);
}

/// The relative paths below a folder in bytewise order; links are named and not followed.
fn files_without_reading(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = walkdir::WalkDir::new(folder)
        .into_iter()
        .map(|entry| entry.expect("the folder can be walked"))
        .filter(|entry| !entry.file_type().is_dir())
        .map(|entry| entry.path().strip_prefix(folder).expect("below").display().to_string())
        .collect();
    names.sort();
    names
}

#[test]
fn a_stopped_run_continues_to_the_same_bytes() {
    let lab = lab();
    difficult(&lab.path("in"));
    let whole = RunSettings { crosswalk: true, ..lab.settings("whole") };
    let expected = go(&whole).expect("a run");
    // What happens to the folders between the stop and the next start.
    type Damage = fn(&RunSettings);
    let damages: &[(&str, Damage)] = &[
        ("nothing", |_| {}),
        ("a torn last line", |settings| {
            let path = settings.run.join("journal.jsonl");
            let mut journal = fs::read(&path).expect("a journal");
            journal.truncate(journal.len() - 30);
            fs::write(&path, journal).expect("a journal");
            let path = settings.run.join("crosswalk/pairs.partial");
            let mut pairs = fs::read(&path).expect("pairs");
            pairs.extend(b"uids,1.2.82");
            fs::write(&path, pairs).expect("pairs");
        }),
        ("a deleted result", |settings| {
            let name = files(&settings.output).into_keys().find(|name| name.ends_with(".dcm")).expect("a result");
            fs::remove_file(settings.output.join(name)).expect("a result");
        }),
        ("a changed result", |settings| {
            let name = files(&settings.output).into_keys().find(|name| name.ends_with(".dcm")).expect("a result");
            fs::write(settings.output.join(name), b"changed").expect("a result");
        }),
        ("a staged file that was left behind", |settings| {
            fs::write(settings.output.join(".efface-staging/3.dcm"), b"half of a result").expect("a staged file");
        }),
        ("another stop", |settings| interrupt(settings, 18)),
    ];
    for (damage_idx, (name, damage)) in damages.iter().enumerate() {
        let settings = RunSettings { crosswalk: true, ..lab.settings(&format!("stopped-{damage_idx}")) };
        interrupt(&settings, 16);
        assert!(!files(&settings.output).is_empty(), "{name}: nothing was done before the stop");
        damage(&settings);
        let summary = go(&settings).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!((&summary.counts, &summary.reasons), (&expected.counts, &expected.reasons), "{name}");
        assert!(summary.n_continued > 0, "{name}: all was done again");
        assert_eq!(everything(&settings), everything(&whole), "{name}");
        is_tidy(&settings);
    }
}

#[test]
fn a_finished_run_can_be_started_again() {
    let lab = lab();
    let settings = RunSettings { crosswalk: true, ..lab.settings("out") };
    let first = go(&settings).expect("a run");
    let before = everything(&settings);
    let second = go(&settings).expect("nothing is left to do");
    assert_eq!(RunSummary { n_continued: 16, ..first.clone() }, second);
    assert_eq!(before, everything(&settings));
    let name = before.0.keys().next().expect("a result");
    fs::remove_file(settings.output.join(name)).expect("a result");
    let third = go(&settings).expect("one is left to do");
    assert_eq!(RunSummary { n_continued: 15, ..first }, third);
    assert_eq!(before, everything(&settings));
    is_tidy(&settings);
}

#[test]
fn results_without_digests_have_the_same_bytes_and_are_never_taken_for_checked() {
    let lab = lab();
    difficult(&lab.path("in"));
    let with = RunSettings { crosswalk: true, ..lab.settings("with") };
    let without = RunSettings { crosswalk: true, result_digests: ResultDigests::None, ..lab.settings("without") };
    let first = go(&with).expect("a run");
    let second = go(&without).expect("a run");
    assert!(first.outputs_sha256.is_some());
    assert_eq!(RunSummary { outputs_sha256: None, ..first.clone() }, second);
    assert_eq!(files(&with.output), files(&without.output));
    let manifest = fs::read_to_string(without.run.join("manifest.json")).expect("a manifest");
    let manifest: RunManifest = parse_json(&manifest).expect("a manifest");
    assert_eq!((manifest.outputs_sha256, &manifest.settings["result_digests"]), (None, &"none".into()));
    let mut expected = outcomes(&with.run);
    expected.iter_mut().for_each(|outcome| outcome.output_sha256 = None);
    assert_eq!(expected, outcomes(&without.run));
    is_tidy(&without);

    // What was changed meanwhile is made anew, since nobody could see that it was changed.
    let results = files(&without.output);
    let name = results.keys().next().expect("a result");
    fs::write(without.output.join(name), b"changed").expect("a result");
    let again = go(&without).expect("a run");
    assert_eq!(again.n_continued, first.counts.quarantined, "only what has no result holds");
    assert_eq!(results, files(&without.output));
    let error = go(&RunSettings { result_digests: ResultDigests::Sha256, ..without }).expect_err("other settings");
    assert!(matches!(error, RunError::Resume(_)), "{error}");
}

#[test]
fn a_stopped_run_without_digests_begins_anew() {
    let lab = lab();
    let whole = RunSettings { result_digests: ResultDigests::None, ..lab.settings("whole") };
    go(&whole).expect("a run");
    let settings = RunSettings { result_digests: ResultDigests::None, ..lab.settings("stopped") };
    interrupt(&settings, 4);
    assert!(!files(&settings.output).is_empty(), "nothing was done before the stop");
    assert_eq!(go(&settings).expect("a run").n_continued, 0);
    assert_eq!(everything(&settings), everything(&whole));
    is_tidy(&settings);
}

#[test]
fn another_run_is_not_mixed_into_a_begun_one() {
    let lab = lab();
    let settings = lab.settings("out");
    interrupt(&settings, 4);
    let refused = |settings: RunSettings| {
        let error = go(&settings).expect_err("another run");
        assert!(matches!(error, RunError::Resume(_)) && error.is_usage(), "{error}");
    };
    refused(RunSettings { key: Some(key(8)), ..lab.settings("out") });
    refused(RunSettings { policy: Policy::load("basic").expect("built in"), ..lab.settings("out") });
    refused(RunSettings { crosswalk: true, ..lab.settings("out") });
    refused(RunSettings { metadata_only: false, ..lab.settings("out") });
    refused(RunSettings { key: None, ..lab.settings("out") });
    Sample::new("1.2.3.99").write(&lab.path("in/new.dcm"));
    refused(lab.settings("out"));
    fs::remove_file(lab.path("in/new.dcm")).expect("the new file");
    assert_eq!(go(&settings).expect("the begun run").counts.deidentified, 16);
}

#[test]
fn folders_that_would_mix_originals_and_results_are_refused() {
    let lab = lab();
    fs::create_dir(lab.path("occupied")).expect("a folder");
    fs::write(lab.path("occupied/file"), b"x").expect("a file");
    let before = files(&lab.path("in"));
    let with =
        |output: &str, run: &str| RunSettings { output: lab.path(output), run: lab.path(run), ..lab.settings("out") };
    for (name, settings) in [
        ("output inside input", with("in/out", "run")),
        ("output is input", with("in", "run")),
        ("output inside input, by another path", with("out/../in/out", "run")),
        ("input inside output", with("", "../run")),
        ("run inside input", with("out", "in/run")),
        ("run inside output", with("out", "out/run")),
        ("output inside run", with("run/out", "run")),
        ("output is not empty", with("occupied", "run")),
        ("no input", RunSettings { input: lab.path("nothing"), ..lab.settings("out") }),
    ] {
        let error = go(&settings).expect_err(name);
        assert!(matches!(error, RunError::Folders(_)) && error.is_usage(), "{name}: {error}");
    }
    assert_eq!(before, files(&lab.path("in")), "the input folder is only read");
    assert!(!lab.path("out").exists() && !lab.path("run").exists(), "nothing is made before the refusal");
}

#[test]
fn a_single_file_and_an_empty_folder_are_runs_too() {
    let lab = lab();
    let name = files(&lab.path("in")).into_keys().next().expect("an input");
    let single = RunSettings { input: lab.path("in").join(name), ..lab.settings("single") };
    assert_eq!(go(&single).expect("a run").counts.deidentified, 1);
    fs::create_dir(lab.path("empty")).expect("a folder");
    let empty = RunSettings { input: lab.path("empty"), ..lab.settings("nothing") };
    assert_eq!(go(&empty).expect("a run").counts.inputs, 0);
    is_tidy(&empty);
}

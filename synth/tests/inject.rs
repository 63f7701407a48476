//! Identities planted into files that exist. The files are a small suite, bereft of what it planted.

mod support;

use dicom_core::value::Value;
use dicom_core::{PrimitiveValue, Tag, VR};
use dicom_dictionary_std::tags;
use dicom_object::mem::InMemElement;
use dicom_object::{DefaultDicomObject, InMemDicomObject, OpenFileOptions, open_file};
use efface_frames::FrameSet;
use efface_schema::{
    AttributePath, ElementReference, InjectedInput, Locus, PathStep, Retention, Sha256Hex, TruthRecord, UnusedReason,
    parse_json, sha256_hex,
};
use efface_synth::{InjectReport, InjectSettings, SuiteOptions, SynthError, generate, inject};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, Weak};
use support::shared;

/// What the files of [`input`] are made of.
const DEFINITION: &str = "
    seed = 5
    patients = 3
    studies-min = 2
    studies-max = 2
    burned-in-share = 0.0
    burned-in-cross-section-share = 0.0
    [series.ct]
    instances = 2
    [series.mr]
    [series.us]
    [series.sc]
    [series.sr]
";

struct Made {
    _folder: tempfile::TempDir,
    input: PathBuf,
    out: PathBuf,
    report: InjectReport,
}

fn settings(threads: usize) -> InjectSettings {
    InjectSettings { threads, burned_in_share: 1.0, burned_in_cross_section_share: 0.5, ..InjectSettings::default() }
}

/// De-identified files, a copy of one, one that ends early, a text and a link.
fn input(folder: &Path) {
    let suite = folder.with_extension("suite");
    let options = SuiteOptions::parse(DEFINITION, Path::new("suite.toml")).expect("a definition");
    generate(&options.resolve().expect("valid"), &suite, &|_, _| ()).expect("a suite");
    for (file_idx, record) in records(&suite).iter().enumerate() {
        let mut object = open_file(suite.join("dicom").join(&record.instance.path)).expect("made by a test");
        for planted in &record.planted {
            let Some([PathStep::Element(ElementReference::Tag { group, element })]) =
                planted.locus.path().map(AttributePath::steps)
            else {
                continue;
            };
            let tag = Tag(*group, *element);
            if !matches!(object.get(tag).map(|element| element.vr()), Some(VR::UI | VR::DA | VR::DT) | None) {
                object.remove_element(tag);
            }
        }
        object.put_str(tags::PATIENT_ID, VR::LO, format!("COLL-{}", &record.instance.patient_id[..4]));
        object.put_str(tags::STUDY_DESCRIPTION, VR::LO, "CT THORAX FOLLOW UP");
        object.put_str(tags::CONVOLUTION_KERNEL, VR::SH, "B30f");
        // Nested folders, and names in another order than the instances.
        let path = folder.join(format!("{}/{file_idx:03}", file_idx % 3));
        fs::create_dir_all(path.parent().expect("below a folder")).expect("a folder");
        object.write_to_file(path).expect("written");
    }
    fs::copy(folder.join("0/000"), folder.join("9-copy")).expect("a copy");
    let whole = fs::read(folder.join("0/003")).expect("a file");
    fs::write(folder.join("0/003"), &whole[..whole.len() - 1000]).expect("a cut file");
    fs::write(folder.join("LICENSE"), "Text that is no DICOM at all, long enough to have a preamble.".repeat(4))
        .expect("a text");
    std::os::unix::fs::symlink("0/000", folder.join("link")).expect("a link");
}

static MADE: Mutex<Weak<Made>> = Mutex::new(Weak::new());

thread_local! {
    static HELD: Arc<Made> = shared(&MADE, || {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (files, out) = (folder.path().join("files"), folder.path().join("out"));
        input(&files);
        let report = inject(&settings(2), &files, &out, &|_, _| ()).expect("injected");
        Made { _folder: folder, input: files, out, report }
    });
}

/// Injected once for the tests that run at the same time.
fn made() -> Arc<Made> {
    HELD.with(Arc::clone)
}

fn records(suite: &Path) -> Vec<TruthRecord> {
    let text = fs::read_to_string(suite.join("truth.jsonl")).expect("the truth is written");
    text.lines().map(|line| parse_json(line).expect("every line is a truth record")).collect()
}

fn listing() -> Vec<InjectedInput> {
    let text = fs::read_to_string(made().out.join("inject.jsonl")).expect("the list is written");
    text.lines().map(|line| parse_json(line).expect("every line is an input")).collect()
}

fn open(record: &TruthRecord) -> DefaultDicomObject {
    open_file(made().out.join("dicom").join(&record.instance.path)).expect("every instance can be read")
}

/// Every copy with the file that it was made of.
fn pairs() -> Vec<(DefaultDicomObject, DefaultDicomObject)> {
    let pair = |input: InjectedInput| {
        let copy = made().out.join("dicom").join(input.output?);
        Some((open_file(made().input.join(input.input)).expect("a file"), open_file(copy).expect("a copy")))
    };
    listing().into_iter().filter_map(pair).collect()
}

/// The attribute at a path.
fn element<'o>(object: &'o InMemDicomObject, path: &AttributePath) -> Option<&'o InMemElement> {
    let (mut data_set, mut tag) = (object, None);
    for step in path.steps() {
        match step {
            PathStep::Element(ElementReference::Tag { group, element }) => tag = Some(Tag(*group, *element)),
            PathStep::Element(ElementReference::Private { group, creator, element }) => {
                tag = Some(data_set.private_element(*group, creator, *element).ok()?.header().tag);
            }
            PathStep::Item(item_idx) => data_set = data_set.get(tag?)?.items()?.get(*item_idx as usize)?,
        }
    }
    data_set.get(tag?)
}

/// The values of the attribute at a path, as text.
fn values(object: &InMemDicomObject, path: &AttributePath) -> Option<Vec<String>> {
    let value = element(object, path)?.value().primitive()?;
    // Floats print as the truth prints them: always with a point.
    if let PrimitiveValue::F64(numbers) = value {
        return Some(numbers.iter().map(|number| format!("{number:?}")).collect());
    }
    Some(value.to_multi_str().iter().map(|text| text.trim_matches([' ', '\0']).to_owned()).collect())
}

fn text(object: &InMemDicomObject, tag: Tag) -> String {
    object.get(tag).and_then(|element| element.to_str().ok()).map_or_else(String::new, |text| text.trim().to_owned())
}

#[test]
fn every_planted_value_stands_where_the_truth_says() {
    let (mut n_spans, mut n_regions, mut n_private) = (0, 0, 0);
    for record in records(&made().out) {
        let object = open(&record);
        for planted in &record.planted {
            let context = || format!("{}: {planted:?}", record.instance.path);
            match &planted.locus {
                Locus::Attribute { path } => {
                    assert_eq!(values(&object, path), Some(vec![planted.value.clone()]), "{}", context());
                    n_private += usize::from(path.is_private());
                }
                Locus::TextSpan { path, value_idx, start, end } => {
                    let values = values(&object, path).unwrap_or_else(|| panic!("{}", context()));
                    let text = values[*value_idx as usize].chars();
                    let span: String = text.skip(*start as usize).take((end - start) as usize).collect();
                    assert_eq!(span, planted.value, "{}", context());
                    n_spans += 1;
                }
                Locus::FileName => assert!(record.instance.path.contains(&planted.value), "{}", context()),
                Locus::PixelRegion { region, .. } => {
                    assert!(region.area_px() > 20, "{}", context());
                    n_regions += 1;
                }
                other => panic!("nothing is planted at {other:?}"),
            }
        }
    }
    assert!(n_spans > 100 && n_regions > 20 && n_private > 10, "{n_spans} {n_regions} {n_private}");
}

#[test]
fn every_retained_value_really_stands_there() {
    let (mut n_texts, mut n_nested) = (0, 0);
    for record in records(&made().out) {
        let object = open(&record);
        for retained in &record.retained {
            let context = || format!("{}: {retained:?}", record.instance.path);
            match (values(&object, &retained.path), retained.retention) {
                (Some(found), Retention::Text) => {
                    let text = retained.text.as_deref().unwrap_or_else(|| panic!("{}", context()));
                    assert!(!text.is_empty() && found.join("\\").contains(text), "{}", context());
                    n_texts += 1;
                }
                (Some(found), Retention::NotEmpty) => {
                    assert!(found.iter().any(|text| !text.is_empty()), "{}", context())
                }
                (Some(_), Retention::Present) => {}
                (None, retention) => {
                    // A sequence or encapsulated pixels: only their presence is claimed.
                    let is_there = element(&object, &retained.path).is_some();
                    n_nested += usize::from(retained.path.depth() > 0);
                    assert!(is_there && retention != Retention::Text, "{}", context());
                }
            }
        }
    }
    assert!(n_texts > 500 && n_nested > 0, "{n_texts}, {n_nested}");
}

#[test]
fn what_was_there_stays_and_is_claimed() {
    let descriptors: Vec<String> = pairs().iter().map(|(_, copy)| text(copy, tags::STUDY_DESCRIPTION)).collect();
    assert!(descriptors.iter().all(|text| text.contains("CT THORAX FOLLOW UP")), "{descriptors:?}");
    assert!(descriptors.iter().any(|text| text.len() > "CT THORAX FOLLOW UP".len()));
    let kept = |record: &TruthRecord, path, expected: &str| {
        record.retained.iter().any(|kept| kept.path == path && kept.text.as_deref() == Some(expected))
    };
    for record in records(&made().out) {
        assert!(kept(&record, AttributePath::tag(0x0008, 0x1030), "CT THORAX FOLLOW UP"), "{}", record.instance.path);
        assert!(kept(&record, AttributePath::tag(0x0018, 0x1210), "B30f"), "{}", record.instance.path);
    }
}

#[test]
fn attributes_that_nobody_touches_are_the_same() {
    for (original, copy) in pairs() {
        for tag in
            [tags::SOP_CLASS_UID, tags::MODALITY, tags::ROWS, tags::PATIENT_SEX, tags::PATIENT_AGE, tags::STUDY_TIME]
        {
            let value = |object: &InMemDicomObject| object.get(tag).map(|element| element.value().clone());
            assert_eq!(value(&original), value(&copy), "{tag}");
        }
        assert_eq!(original.meta().transfer_syntax, copy.meta().transfer_syntax);
    }
}

#[test]
fn pixels_change_where_text_is_claimed_and_in_no_other_image() {
    let by_uid: BTreeMap<String, TruthRecord> =
        records(&made().out).into_iter().map(|record| (record.instance.sop_instance_uid.clone(), record)).collect();
    let (mut n_burned, mut n_packed) = (0, 0);
    for (original, copy) in pairs() {
        let Some(before) = original.get(tags::PIXEL_DATA) else { continue };
        let after = copy.get(tags::PIXEL_DATA).expect("pixels stay");
        let record = &by_uid[&text(&copy, tags::SOP_INSTANCE_UID)];
        let regions: Vec<_> = record
            .planted
            .iter()
            .filter_map(|planted| match &planted.locus {
                Locus::PixelRegion { region, .. } => Some(*region),
                _ => None,
            })
            .collect();
        if regions.is_empty() {
            assert_eq!(before.value(), after.value());
            continue;
        }
        n_burned += 1;
        assert_eq!(copy.meta().transfer_syntax(), original.meta().transfer_syntax());
        n_packed += usize::from(matches!(after.value(), Value::PixelSequence(_)));
        let (before, after) = (samples(&original), samples(&copy));
        assert_eq!(before.len(), after.len());
        let number = |tag| copy.get(tag).and_then(|element| element.to_int::<usize>().ok()).expect("a number");
        let n_samples = number(tags::SAMPLES_PER_PIXEL);
        let changed: BTreeSet<(u32, u32)> = (0..before.len())
            .filter(|at| before[*at] != after[*at])
            .map(|at| (at / n_samples % number(tags::COLUMNS), at / n_samples / number(tags::COLUMNS)))
            .map(|(x, y)| (u32::try_from(x).expect("small"), u32::try_from(y).expect("small")))
            .collect();
        for region in &regions {
            let inside =
                |(x, y): &&(u32, u32)| (region.x0..region.x1).contains(x) && (region.y0..region.y1).contains(y);
            assert!(changed.iter().any(|pixel| inside(&pixel)), "nothing is drawn where text is claimed");
        }
        // What is drawn around words, and words that identify nobody, change other pixels; but for forms on paper, most
        // stay.
        let is_form = record.instance.modality == "OT";
        assert!(is_form || changed.len() * 2 < before.len() / n_samples, "decoding or encoding lost something");
    }
    assert!(n_burned > 5 && n_packed > 0, "{n_burned}, {n_packed} of them encapsulated");
}

/// The samples of the first frame.
fn samples(object: &DefaultDicomObject) -> Vec<f32> {
    let frames = FrameSet::open(object).expect("an image");
    frames.frame(0).expect("can be decoded").samples.to_f32()
}

#[test]
fn intervals_and_references_stay() {
    let mut shifts: BTreeMap<String, BTreeSet<i32>> = BTreeMap::new();
    let mut uids: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (original, copy) in pairs() {
        let date = |object: &InMemDicomObject, tag| Date::strptime("%Y%m%d", text(object, tag)).ok();
        for tag in [tags::STUDY_DATE, tags::SERIES_DATE, tags::CONTENT_DATE] {
            if let (Some(before), Some(after)) = (date(&original, tag), date(&copy, tag)) {
                shifts
                    .entry(text(&original, tags::PATIENT_ID))
                    .or_default()
                    .insert(before.until(after).expect("both are in range").get_days());
            }
        }
        collect_uids(&original, &copy, &mut uids);
    }
    assert!(shifts.len() == 3 && shifts.values().all(|shifts| shifts.len() == 1 && !shifts.contains(&0)), "{shifts:?}");
    assert!(uids.len() > 20 && uids.values().all(|new| new.len() == 1), "one UID became several");
    let all: BTreeSet<&String> = uids.values().flatten().collect();
    assert_eq!(all.len(), uids.len(), "several UIDs became one");
}

fn collect_uids(original: &InMemDicomObject, copy: &InMemDicomObject, uids: &mut BTreeMap<String, BTreeSet<String>>) {
    for element in original {
        let Some(other) = copy.get(element.header().tag) else { continue };
        if let (Some(items), Some(copies)) = (element.items(), other.items()) {
            items.iter().zip(copies).for_each(|(item, copy)| collect_uids(item, copy, uids));
        } else if element.vr() == VR::UI {
            let (before, after) = (element.to_str().expect("text"), other.to_str().expect("text"));
            if !before.starts_with("1.2.840.10008.") && !before.is_empty() {
                assert_ne!(before, after, "{}", element.header().tag);
                uids.entry(before.into_owned()).or_default().insert(after.into_owned());
            }
        }
    }
}

#[test]
fn every_file_is_accounted_for() {
    let listing = listing();
    let made = made();
    let report = &made.report;
    assert_eq!(listing.len(), report.n_inputs);
    assert!(listing.iter().zip(0..).all(|(input, idx)| input.input_idx == idx));
    assert!(listing.iter().all(|input| input.output.is_some() != input.reason.is_some()));
    let reasons: BTreeMap<&str, UnusedReason> =
        listing.iter().filter_map(|input| Some((input.input.as_str(), input.reason?))).collect();
    let expected = [
        ("0/003", UnusedReason::Damaged),
        ("9-copy", UnusedReason::Repeated),
        ("LICENSE", UnusedReason::NotDicom),
        ("link", UnusedReason::NotAFile),
    ];
    assert_eq!(reasons, BTreeMap::from(expected));
    assert_eq!(report.unused.values().sum::<usize>(), expected.len());
    assert_eq!(report.suite.n_instances, report.n_inputs - expected.len());
    assert_eq!((report.suite.n_patients, report.suite.n_studies), (3, 6));
}

fn hashes(folder: &Path) -> BTreeMap<String, Sha256Hex> {
    let mut hashes = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).expect("below it").display().to_string();
                hashes.insert(name, sha256_hex(&fs::read(&path).expect("a file")));
            }
        }
    }
    hashes
}

#[test]
fn the_same_files_and_seed_give_the_same_bytes_at_any_thread_count() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out");
    inject(&settings(1), &made().input, &out, &|_, _| ()).expect("injected");
    let (mut one, mut two) = (hashes(&out), hashes(&made().out));
    assert!(one.remove("manifest.json").is_some() && two.remove("manifest.json").is_some());
    assert_eq!(one, two);
    let other = folder.path().join("other");
    inject(&InjectSettings { seed: 2, ..settings(2) }, &made().input, &other, &|_, _| ()).expect("injected");
    assert_ne!(hashes(&other).get("truth.jsonl"), two.get("truth.jsonl"));
}

#[test]
fn patients_of_one_person_share_a_life() {
    let folder = tempfile::tempdir().expect("a folder");
    let mapping = folder.path().join("persons.csv");
    let ids: BTreeSet<String> = pairs().iter().map(|(original, _)| text(original, tags::PATIENT_ID)).collect();
    let rows: String = ids.iter().map(|id| format!("{id},one person\n")).collect();
    fs::write(&mapping, format!("id_old,id_new\n{rows}")).expect("written");
    let with = |patients| InjectSettings { patients: Some(patients), ..settings(2) };
    let report =
        inject(&with(mapping.clone()), &made().input, &folder.path().join("out"), &|_, _| ()).expect("injected");
    assert_eq!((report.suite.n_patients, report.suite.n_studies), (1, 6));
    fs::write(&mapping, "id_old,id_new\nCOLL-1\n").expect("written");
    let refused = inject(&with(mapping), &made().input, &folder.path().join("other"), &|_, _| ());
    assert!(matches!(refused, Err(SynthError::PatientMapping { line: 2, .. })), "{refused:?}");
}

#[test]
fn what_cannot_be_done_is_refused_before_anything_is_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    let run = |input: &Path, out: &Path| inject(&settings(1), input, out, &|_, _| ());
    let out = path("out");
    assert!(matches!(run(&path("absent"), &out), Err(SynthError::ReadInputs { .. })));
    fs::create_dir(path("empty")).expect("a folder");
    assert!(matches!(run(&path("empty"), &out), Err(SynthError::NothingToInject { n_files: 0, .. })));
    fs::create_dir(path("texts")).expect("a folder");
    fs::write(path("texts/a"), "not DICOM").expect("written");
    assert!(matches!(run(&path("texts"), &out), Err(SynthError::NothingToInject { n_files: 1, .. })));
    assert!(!out.exists());
    let inside = made().input.join("out/deeper");
    assert!(matches!(run(&made().input, &inside), Err(SynthError::FoldersOverlap)));
    assert!(!made().input.join("out").exists());
    assert!(matches!(run(&made().input, &path("texts")), Err(SynthError::OutputNotEmpty { .. })));
    let share = InjectSettings { burned_in_share: 1.5, ..settings(1) };
    assert!(matches!(inject(&share, &made().input, &out, &|_, _| ()), Err(SynthError::InvalidOption { .. })));
    assert!(!out.exists());
}

#[test]
fn other_character_sets_and_directories_are_not_touched() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = folder.path().join("files");
    fs::create_dir(&files).expect("a folder");
    let (original, _) = pairs().swap_remove(0);
    let write = |name: &str, change: &dyn Fn(&mut DefaultDicomObject)| {
        let mut object = original.clone();
        object.put_str(tags::SOP_INSTANCE_UID, VR::UI, format!("1.2.3.{}", name.len()));
        change(&mut object);
        object.write_to_file(files.join(name)).expect("written");
    };
    write("good", &|_| ());
    write("japanese", &|object| {
        let sets = PrimitiveValue::Strs(["", "ISO 2022 IR 87"].map(str::to_owned).as_slice().into());
        object.put(dicom_core::DataElement::new(tags::SPECIFIC_CHARACTER_SET, VR::CS, sets));
    });
    write("directory", &|object| {
        object.put_str(tags::SOP_CLASS_UID, VR::UI, "1.2.840.10008.1.3.10");
    });
    write("no modality", &|object| {
        object.remove_element(tags::MODALITY);
    });
    let whole = fs::read(files.join("good")).expect("a file");
    let at = 132
        + OpenFileOptions::new().open_file(files.join("good")).expect("a file").meta().information_group_length
            as usize
        + 12;
    fs::write(files.join("bare"), &whole[at..]).expect("written");
    let out = folder.path().join("out");
    let report = inject(&settings(1), &files, &out, &|_, _| ()).expect("injected");
    let expected =
        [UnusedReason::NoFileMeta, UnusedReason::CharacterSet, UnusedReason::Directory, UnusedReason::NoIdentity];
    assert_eq!(report.unused, expected.map(|reason| (reason, 1)).into_iter().collect());
    assert_eq!(report.suite.n_instances, 1);
}

//! The smoke suite, read back: what the truth says must really stand in the files.

mod support;

use dicom_core::{Tag, VR};
use dicom_object::{DefaultDicomObject, InMemDicomObject, open_file};
use efface_frames::{FrameSet, GrayFrame};
use efface_schema::midi::{Check, CheckAction};
use efface_schema::{
    AttributePath, DrawnLine, ElementReference, HipaaElement, Locus, PathStep, PhiLabel, PixelMask, PixelRegion, Place,
    Retention, Sha256Hex, TruthRecord, parse_json, sha256_hex,
};
use efface_synth::{SeriesKind, SuiteOptions, SuiteSettings, Syntax, SynthError, generate};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, Weak};
use support::shared;

fn smoke() -> SuiteSettings {
    let definition = Path::new(env!("CARGO_MANIFEST_DIR")).join("../datasets/smoke.toml");
    SuiteOptions::read(&definition).expect("the smoke suite is defined").resolve().expect("and valid")
}

static MADE: Mutex<Weak<tempfile::TempDir>> = Mutex::new(Weak::new());

thread_local! {
    static FOLDER: Arc<tempfile::TempDir> = shared(&MADE, || {
        let folder = tempfile::tempdir().expect("a temporary folder");
        generate(&smoke(), &folder.path().join("suite"), &|_, _| ()).expect("the smoke suite can be made");
        folder
    });
}

/// The smoke suite, made once for the tests that run at the same time.
fn suite() -> PathBuf {
    FOLDER.with(|folder| folder.path().join("suite"))
}

fn records() -> Vec<TruthRecord> {
    let text = fs::read_to_string(suite().join("truth.jsonl")).expect("the truth is written");
    text.lines().map(|line| parse_json(line).expect("every line is a truth record")).collect()
}

fn open(record: &TruthRecord) -> DefaultDicomObject {
    open_file(suite().join("dicom").join(&record.instance.path)).expect("every instance can be read")
}

/// The values of the attribute at a path, as text.
fn values(object: &InMemDicomObject, path: &AttributePath) -> Option<Vec<String>> {
    let mut data_set = object;
    let mut tag = None;
    for step in path.steps() {
        match step {
            PathStep::Element(reference) => tag = Some(find(data_set, reference)?),
            PathStep::Item(item_idx) => {
                data_set = data_set.get(tag?)?.items()?.get(*item_idx as usize)?;
            }
        }
    }
    let element = data_set.get(tag?)?;
    let value = element.value().primitive()?;
    if element.header().vr() == VR::UN {
        // A private attribute in a file without VRs; the ones that are planted are text.
        let charset = object.get(Tag(0x0008, 0x0005))?.to_str().ok()?;
        let bytes = value.to_bytes();
        let text = match charset.trim() {
            "ISO_IR 192" => String::from_utf8(bytes.to_vec()).ok()?,
            _ => bytes.iter().map(|byte| char::from(*byte)).collect(),
        };
        return Some(text.split('\\').map(|text| text.trim_end_matches([' ', '\0']).to_owned()).collect());
    }
    Some(value.to_multi_str().iter().map(|text| text.trim_end_matches([' ', '\0']).to_owned()).collect())
}

fn find(data_set: &InMemDicomObject, reference: &ElementReference) -> Option<Tag> {
    match reference {
        ElementReference::Tag { group, element } => Some(Tag(*group, *element)),
        ElementReference::Private { group, creator, element } => {
            let found = data_set.private_element(*group, creator, *element).ok()?;
            Some(found.header().tag)
        }
    }
}

#[test]
fn every_planted_value_stands_where_the_truth_says() {
    let mut n_spans = 0;
    for record in records() {
        let object = open(&record);
        for planted in &record.planted {
            let context = || format!("{}: {:?}", record.instance.path, planted);
            match &planted.locus {
                Locus::Attribute { path } if planted.place == Place::Document => {
                    assert!(document(&object, path).contains(&planted.value), "{}", context());
                }
                Locus::Attribute { path } if planted.place == Place::Overlay => {
                    let plane = object.element(Tag(0x6000, 0x3000)).expect("there is a plane").to_bytes();
                    assert!(plane.expect("of bytes").iter().any(|byte| *byte != 0), "{path} {}", context());
                }
                Locus::Attribute { path } => {
                    assert_eq!(values(&object, path), Some(vec![planted.value.clone()]), "{}", context());
                }
                Locus::TextSpan { path, value_idx, start, end } => {
                    let values = values(&object, path).unwrap_or_else(|| panic!("{}", context()));
                    let span: String = values[*value_idx as usize]
                        .chars()
                        .skip(*start as usize)
                        .take((end - start) as usize)
                        .collect();
                    assert_eq!(span, planted.value, "{}", context());
                    n_spans += 1;
                }
                Locus::FileName => assert!(record.instance.path.contains(&planted.value), "{}", context()),
                Locus::PixelRegion { region, .. } => {
                    let drawn = record.drawn.as_ref().unwrap_or_else(|| panic!("{}", context()));
                    let holds = |line: &DrawnLine| {
                        line.text.contains(&planted.value) && line.region.intersection(region) == Some(*region)
                    };
                    assert!(drawn.lines.iter().any(holds), "{}", context());
                }
                other => panic!("the generator plants nothing at {other:?}"),
            }
        }
    }
    assert!(n_spans > 1000);
}

/// The uncompressed text of an encapsulated document.
fn document(object: &InMemDicomObject, path: &AttributePath) -> String {
    let Some(ElementReference::Tag { group, element }) = path.last() else { panic!("{path}") };
    let bytes = object.element(Tag(*group, *element)).expect("a document").to_bytes().expect("of bytes");
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

/// Mean of some pixels of a frame as a viewer shows it; `None` where there are none.
fn mean(frame: &GrayFrame, pixels: impl Iterator<Item = (u32, u32)>) -> Option<f64> {
    let (sum, n) = pixels.fold((0.0, 0.0), |(sum, n), (x, y)| (sum + f64::from(frame.at(x, y)), n + 1.0));
    (n > 0.0).then(|| sum / n)
}

#[test]
fn every_drawn_word_stands_out_where_the_truth_says() {
    let mut n_words = 0;
    for record in records() {
        let object = open(&record);
        let Some(drawn) = &record.drawn else {
            // Segments are drawn without text.
            let is_segmentation = record.instance.modality == "SEG";
            assert!(is_segmentation || object.get(Tag(0x7fe0, 0x0010)).is_none(), "{}", record.instance.path);
            continue;
        };
        let frames = FrameSet::open(&object).expect("every image can be read");
        assert_eq!(frames.n_frames(), drawn.n_frames);
        for frame_idx in 0..drawn.n_frames {
            let frame = frames.luma(frame_idx).expect("every frame can be decoded");
            assert_eq!((frame.columns(), frame.rows()), (drawn.columns, drawn.rows));
            for line in drawn.lines.iter().filter(|line| line.place == Place::Pixels && line.is_in(frame_idx)) {
                // Colours of one luminance, and inks beyond the window, do not stand out in gray.
                if line.contrast_percent.abs() < 15 {
                    continue;
                }
                let inked: BTreeSet<(u32, u32)> = line
                    .words
                    .iter()
                    .flat_map(|word| word.mask.pixels(word.region).expect("the mask fits its region"))
                    .collect();
                let region = line.region;
                let places = (region.y0..region.y1).flat_map(|y| (region.x0..region.x1).map(move |x| (x, y)));
                // The ground next to the strokes: further away an image may be of any shade.
                let beside = |&(x, y): &(u32, u32)| {
                    let (columns, rows) = (x.saturating_sub(2)..=x + 2, y.saturating_sub(2)..=y + 2);
                    rows.flat_map(move |y| columns.clone().map(move |x| (x, y))).any(|place| inked.contains(&place))
                };
                let ground = places.filter(|place| !inked.contains(place)).filter(beside);
                let Some(around) = mean(&frame, ground) else { continue };
                let ink = mean(&frame, inked.iter().copied()).expect("a mask is not empty");
                let context = || format!("{} {ink} {around}: {line:?}", record.instance.path);
                assert_eq!(ink > around, line.contrast_percent > 0, "{}", context());
                n_words += line.words.len();
            }
        }
    }
    assert!(n_words > 500, "{n_words}");
}

#[test]
fn the_words_of_every_frame_stand_in_the_coco_file() {
    let text = fs::read_to_string(suite().join("coco.json")).expect("written");
    let coco: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let list = |key: &str| coco[key].as_array().expect("a list").clone();
    let (images, annotations) = (list("images"), list("annotations"));
    let records = records();
    let drawn: Vec<_> = records.iter().filter_map(|record| Some((record, record.drawn.as_ref()?))).collect();
    assert_eq!(images.len() as u32, drawn.iter().map(|(_, drawn)| drawn.n_frames).sum::<u32>());
    let mut expected = Vec::new();
    let mut image_id = 0;
    for (record, drawn) in &drawn {
        for frame_idx in 0..drawn.n_frames {
            image_id += 1;
            let image = &images[image_id - 1];
            assert_eq!(image["file_name"], record.instance.path.as_str());
            assert_eq!(
                (image["id"].as_u64(), image["frame_idx"].as_u64()),
                (Some(image_id as u64), Some(frame_idx.into()))
            );
            let shown = drawn.lines.iter().filter(|line| line.place == Place::Pixels && line.is_in(frame_idx));
            expected.extend(shown.flat_map(|line| &line.words).map(|word| (image_id as u64, *drawn, word)));
        }
    }
    assert_eq!(annotations.len(), expected.len());
    for (annotation, (image_id, drawn, word)) in annotations.iter().zip(expected) {
        assert_eq!(annotation["image_id"], image_id);
        assert_eq!(annotation["category_id"], if word.label.is_some() { 1 } else { 2 });
        let mask: PixelMask = serde_json::from_value(annotation["segmentation"]["counts"].clone()).expect("runs");
        let whole = PixelRegion { x0: 0, y0: 0, x1: drawn.columns, y1: drawn.rows };
        let pixels = mask.pixels(whole).expect("the mask fits the image");
        assert_eq!(pixels, word.mask.pixels(word.region).expect("the mask fits its region"));
        assert_eq!(annotation["area"], pixels.len());
        let region = word.region;
        let expected = [region.x0, region.y0, region.x1 - region.x0, region.y1 - region.y0];
        assert_eq!(annotation["bbox"], serde_json::json!(expected));
    }
}

#[test]
fn the_card_shows_a_contact_sheet() {
    let card = fs::read_to_string(suite().join("card.md")).expect("written");
    assert!(card.contains("(contact-sheet.png)"));
    let sheet = image::open(suite().join("contact-sheet.png")).expect("a picture").into_rgb8();
    let distinct: BTreeSet<[u8; 3]> = sheet.pixels().map(|pixel| pixel.0).collect();
    assert!(sheet.width() > 1000 && sheet.height() > 600 && distinct.len() > 200, "{}", distinct.len());
}

#[test]
fn every_retained_value_really_stands_there() {
    for record in records() {
        let object = open(&record);
        for retained in &record.retained {
            let context = || format!("{}: {:?}", record.instance.path, retained);
            let is_sequence = retained.path == AttributePath::tag(0x0040, 0xa730);
            let is_pixels = retained.path == AttributePath::tag(0x7fe0, 0x0010);
            if is_sequence || is_pixels {
                let Some(ElementReference::Tag { group, element }) = retained.path.last() else {
                    panic!("{}", context())
                };
                assert!(object.get(Tag(*group, *element)).is_some());
                continue;
            }
            let found = values(&object, &retained.path).unwrap_or_else(|| panic!("{}", context()));
            match retained.retention {
                Retention::Present => {}
                Retention::NotEmpty => assert!(found.iter().any(|text| !text.is_empty()), "{}", context()),
                Retention::Text => {
                    let text = retained.text.as_deref().unwrap_or_else(|| panic!("{}", context()));
                    assert!(!text.is_empty() && found.join("\\").contains(text), "{}", context());
                }
            }
        }
    }
}

#[test]
fn every_image_decodes_and_says_what_was_lost() {
    let (mut n_frames, mut n_lossy) = (0, 0);
    for record in records() {
        let object = open(&record);
        if object.get(Tag(0x7fe0, 0x0010)).is_none() {
            continue;
        }
        let frames = FrameSet::open(&object).expect("the description fits the pixels");
        for frame_idx in 0..frames.n_frames() {
            let frame = frames.frame(frame_idx).unwrap_or_else(|error| panic!("{}: {error}", record.instance.path));
            let levels = frame.samples.to_f32();
            assert!(levels.iter().any(|level| *level != levels[0]), "{}: flat", record.instance.path);
            n_frames += 1;
        }
        let text = |group, element| {
            let found = object.get(Tag(group, element))?.to_str().ok()?;
            Some(found.trim().to_owned())
        };
        let is_lossy = object.meta().transfer_syntax() == Syntax::JpegBaseline.uid();
        assert_eq!(text(0x0028, 0x2110).as_deref() == Some("01"), is_lossy, "{}", record.instance.path);
        assert_eq!(text(0x0028, 0x2114).as_deref(), is_lossy.then_some("ISO_10918_1"));
        if is_lossy {
            let ratio: f64 = text(0x0028, 0x2112).expect("a ratio").parse().expect("a number");
            assert!(ratio > 2.0, "{ratio}");
            n_lossy += 1;
        }
    }
    assert!(n_frames > 120 && n_lossy > 2, "{n_frames} frames, {n_lossy} lossy instances");
}

/// UIDs that stand in a data set at any depth under one of two tags.
fn referenced(object: &InMemDicomObject, found: &mut BTreeSet<String>) {
    for element in object.iter() {
        if let Some(items) = element.items() {
            items.iter().for_each(|item| referenced(item, found));
        } else if [Tag(0x0008, 0x1155), Tag(0x3006, 0x0024)].contains(&element.header().tag) {
            found.extend(element.to_str().map(|uid| uid.trim_end_matches(['\0', ' ']).to_owned()));
        }
    }
}

#[test]
fn references_lead_to_instances_of_the_same_study_and_place() {
    let records = records();
    let mut known: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for record in &records {
        let of_study = known.entry(record.instance.study_instance_uid.clone()).or_default();
        of_study.insert(record.instance.sop_instance_uid.clone());
        let frame = values(&open(record), &AttributePath::tag(0x0020, 0x0052));
        of_study.extend(frame.into_iter().flatten());
    }
    let studies: BTreeSet<String> = known.keys().cloned().collect();
    let mut n_references = 0;
    for record in &records {
        let mut found = BTreeSet::new();
        referenced(&open(record), &mut found);
        for uid in found {
            let is_known = known[&record.instance.study_instance_uid].contains(&uid) || studies.contains(&uid);
            assert!(is_known, "{} refers to nothing", record.instance.path);
            n_references += 1;
        }
    }
    assert!(n_references > 150, "{n_references}");
}

#[test]
fn nothing_is_asked_to_go_and_to_stay() {
    for record in records() {
        for planted in record.planted.iter().filter(|planted| planted.value.chars().count() >= 3) {
            for retained in &record.retained {
                let text = retained.text.as_deref().unwrap_or("").to_lowercase();
                assert!(!text.contains(&planted.value.to_lowercase()), "{} in {:?}", planted.value, retained);
            }
        }
    }
}

#[test]
fn the_suite_holds_every_kind_of_thing() {
    let records = records();
    let planted: Vec<_> = records.iter().flat_map(|record| &record.planted).collect();
    let elements: BTreeSet<HipaaElement> = planted.iter().map(|planted| planted.element).collect();
    let expected: BTreeSet<HipaaElement> =
        HipaaElement::ALL.iter().copied().filter(|element| *element != HipaaElement::Q).collect();
    assert_eq!(elements, expected);
    let labels: BTreeSet<PhiLabel> = planted.iter().map(|planted| planted.label).collect();
    assert_eq!(labels.len(), PhiLabel::ALL.len());
    for place in [
        Place::ExplicitAttribute,
        Place::FreeText,
        Place::Sequence,
        Place::Private,
        Place::StructuredReport,
        Place::Document,
        Place::Pixels,
        Place::FileName,
    ] {
        assert!(planted.iter().any(|planted| planted.place == place), "{place}");
    }
    let deepest = planted.iter().filter_map(|planted| planted.locus.path()).map(AttributePath::depth).max();
    assert!(deepest >= Some(2));
    let modalities: BTreeSet<&str> = records.iter().map(|record| record.instance.modality.as_str()).collect();
    assert_eq!(
        modalities,
        BTreeSet::from([
            "CR", "CT", "DOC", "DX", "ECG", "KO", "MG", "MR", "NM", "OT", "PR", "PT", "RTPLAN", "RTSTRUCT", "SEG",
            "SR", "US", "XA",
        ])
    );
    let syntaxes: BTreeSet<String> =
        records.iter().map(|record| open(record).meta().transfer_syntax().to_owned()).collect();
    assert_eq!(syntaxes, Syntax::ALL.iter().map(|syntax| syntax.uid().to_owned()).collect());
    let classes: BTreeSet<&str> = records.iter().map(|record| record.instance.sop_class_uid.as_str()).collect();
    // Three kinds of series are Secondary Capture.
    assert_eq!(classes.len(), SeriesKind::ALL.len() - 2);
    let inverted = records.iter().any(|record| {
        let path = AttributePath::tag(0x0028, 0x0004);
        values(&open(record), &path) == Some(vec!["MONOCHROME1".to_owned()])
    });
    assert!(inverted);
}

#[test]
fn uids_are_valid_and_instances_unique() {
    let records = records();
    let mut seen = BTreeSet::new();
    let identifiers = records.iter().flat_map(|record| {
        let instance = &record.instance;
        [&instance.study_instance_uid, &instance.series_instance_uid, &instance.sop_instance_uid]
    });
    for uid in identifiers {
        let is_valid = uid.split('.').all(|part| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()) && (part == "0" || !part.starts_with('0'))
        });
        assert!(uid.len() <= 64 && is_valid, "{uid}");
    }
    for record in &records {
        assert!(seen.insert(&record.instance.sop_instance_uid));
    }
    assert!(records.is_sorted_by(|one, other| one.instance.path < other.instance.path));
}

#[test]
fn identities_are_consistent_and_time_goes_on() {
    let mut patients: BTreeMap<String, BTreeMap<AttributePath, BTreeSet<Vec<String>>>> = BTreeMap::new();
    let mut studies: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for record in records() {
        let object = open(&record);
        let patient = patients.entry(record.instance.patient_id.clone()).or_default();
        for path in [(0x0010, 0x0010), (0x0010, 0x0030), (0x0010, 0x0040), (0x0010, 0x1040)] {
            let path = AttributePath::tag(path.0, path.1);
            let found = values(&object, &path).expect("every instance says who the patient is");
            patient.entry(path).or_default().insert(found);
        }
        let date = values(&object, &AttributePath::tag(0x0008, 0x0020)).expect("and when").join("");
        studies.entry(record.instance.patient_id.clone()).or_default().insert(date);
    }
    for patient in patients.values() {
        assert!(patient.values().all(|found| found.len() == 1));
    }
    assert!(studies.values().all(|dates| dates.len() == 2));
}

#[test]
fn the_answer_key_has_every_instance_and_every_action() {
    let records = records();
    let connection = rusqlite::Connection::open(suite().join("answer.db")).expect("the key is written");
    let mut statement = connection
        .prepare("SELECT SOPInstanceUID, AnswerData FROM answer_data ORDER BY \"index\"")
        .expect("with its columns");
    let rows: Vec<(String, String)> = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .and_then(Iterator::collect)
        .expect("every row can be read");
    assert_eq!(rows.len(), records.len());
    let mut actions = BTreeSet::new();
    for (record, (uid, answer_data)) in records.iter().zip(&rows) {
        assert_eq!(*uid, record.instance.sop_instance_uid);
        let checks: BTreeMap<String, Check> = serde_json::from_str(answer_data).expect("an object of checks");
        for check in checks.values() {
            let category = &check.answer_category_v2;
            assert_eq!((category.hipaa.len(), category.dicom.len(), category.tcia.len()), (2, 3, 3));
            actions.insert(check.action.trim_matches(['<', '>']).parse::<CheckAction>().expect("a known action"));
        }
    }
    assert_eq!(actions.len(), CheckAction::ALL.len());
}

#[test]
fn the_identity_mappings_name_every_uid_and_patient() {
    let uids = fs::read_to_string(suite().join("uid_identity.csv")).expect("written");
    let patients = fs::read_to_string(suite().join("patid_identity.csv")).expect("written");
    assert!(uids.starts_with("id_old,id_new\n") && patients.starts_with("id_old,id_new\n"));
    for record in records() {
        let instance = &record.instance;
        for uid in [&instance.study_instance_uid, &instance.series_instance_uid, &instance.sop_instance_uid] {
            assert!(uids.contains(&format!("\n{uid},{uid}\n")));
        }
        assert!(patients.contains(&format!("\n{0},{0}\n", instance.patient_id)));
    }
}

fn hashes(folder: &Path) -> BTreeMap<String, Sha256Hex> {
    let mut hashes = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(current) = folders.pop() {
        for entry in fs::read_dir(current).expect("a folder of the suite") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name() != Some("manifest.json".as_ref()) {
                let name = path.strip_prefix(folder).expect("below the suite").to_string_lossy().into_owned();
                hashes.insert(name, sha256_hex(&fs::read(path).expect("a file")));
            }
        }
    }
    hashes
}

#[test]
fn the_same_seed_gives_the_same_bytes_at_any_thread_count() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut settings = smoke();
    settings.patients = 2;
    let mut make = |name: &str, n_threads, seed| {
        let path = folder.path().join(name);
        settings.threads = n_threads;
        settings.seed = seed;
        generate(&settings, &path, &|_, _| ()).expect("the suite can be made");
        hashes(&path)
    };
    let one = make("one", 1, 5);
    assert!(one.len() > 40);
    assert_eq!(one, make("four", 4, 5));
    assert_ne!(one, make("other", 4, 6));
}

#[test]
fn key_objects_select_screenshots_where_there_is_nothing_else() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let definition = "patients = 1\n[series.sc]\nrows = 128\ncolumns = 128\n[series.key-objects]\n";
    let settings = SuiteOptions::parse(definition, Path::new("x.toml")).expect("well-formed").resolve().expect("valid");
    let path = folder.path().join("suite");
    generate(&settings, &path, &|_, _| ()).expect("the suite can be made");
    let truth = fs::read_to_string(path.join("truth.jsonl")).expect("the truth is written");
    let records: Vec<TruthRecord> = truth.lines().map(|line| parse_json(line).expect("a record")).collect();
    let (documents, captures): (Vec<&TruthRecord>, Vec<&TruthRecord>) =
        records.iter().partition(|record| record.instance.modality == "KO");
    assert!(!documents.is_empty());
    for document in documents {
        let mut found = BTreeSet::new();
        let object = open_file(path.join("dicom").join(&document.instance.path)).expect("it can be read");
        referenced(&object, &mut found);
        assert!(captures.iter().any(|capture| found.contains(&capture.instance.sop_instance_uid)));
    }
}

#[test]
fn a_folder_that_holds_something_is_refused() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("mine.txt"), "precious").expect("a file");
    let result = generate(&smoke(), folder.path(), &|_, _| ());
    assert!(matches!(result, Err(SynthError::OutputNotEmpty { .. })));
    assert_eq!(fs::read_dir(folder.path()).expect("still there").count(), 1);
}

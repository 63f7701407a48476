//! What holds for every data set, whatever its attributes, values, nesting and encoding.
//!
//! A case is a folder of instances that `data_sets` draws, and one run over it.

#[path = "../support/again.rs"]
mod again;
mod data_sets;
#[path = "../support/mod.rs"]
mod support;

use again::Again;
use data_sets::{FAMILY, GIVEN, IDENTIFIER, SYNTAXES, data_sets, instance, items};
use dicom_core::value::PrimitiveValue;
use dicom_core::{DataElement, Tag, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::mem::InMemElement;
use dicom_object::{DefaultDicomObject, open_file};
use efface_pipeline::{Policy, Replacement, RunSettings, Silent, run};
use efface_schema::{InstanceOutcome, Status, parse_json};
use jiff::civil::Date;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use support::{Lab, Sample, files, key, sequence, text};

fn folder_run(settings: &RunSettings) {
    run(settings, &Silent, &AtomicBool::new(false)).expect("the folders fit");
}

fn outcomes(settings: &RunSettings) -> Vec<InstanceOutcome> {
    let text = fs::read_to_string(settings.run.join("decisions.jsonl")).expect("the decisions are written");
    text.lines().map(|line| parse_json(line).expect("an outcome")).collect()
}

/// Writes a folder of instances, and says how many.
fn fill(lab: &Lab, data_sets: &[(Vec<InMemElement>, usize)]) -> usize {
    for (instance_idx, (elements, syntax_idx)) in data_sets.iter().enumerate() {
        instance(instance_idx, elements, SYNTAXES[*syntax_idx]).write(&lab.path(&format!("in/{instance_idx:02}.dcm")));
    }
    data_sets.len()
}

/// A file's bytes, and those of its data set where it is deflated.
fn searchable(file: &[u8]) -> Vec<u8> {
    let mut bytes = file.to_vec();
    let deflated = uids::DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN.as_bytes();
    if file.windows(deflated.len()).take(400).any(|window| window == deflated) {
        let n_meta = u32::from_le_bytes(file[140..144].try_into().expect("four bytes")) as usize;
        flate2::read::DeflateDecoder::new(&file[144 + n_meta..]).read_to_end(&mut bytes).expect("a deflated data set");
    }
    bytes.make_ascii_lowercase();
    bytes
}

/// The forms of the patient that may not be in any byte.
fn secrets() -> Vec<Vec<u8>> {
    [FAMILY, GIVEN, IDENTIFIER]
        .iter()
        .flat_map(|word| {
            let word = word.to_lowercase().into_bytes();
            let wide: Vec<u8> = word.iter().flat_map(|&byte| [byte, 0]).collect();
            [word, wide]
        })
        .collect()
}

fn holds(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

fn opened(path: &Path) -> DefaultDicomObject {
    open_file(path).expect("a result can be read by dicom-rs")
}

fn string(object: &DefaultDicomObject, tag: Tag) -> String {
    let element = object.get(tag).unwrap_or_else(|| panic!("{tag} is gone"));
    element.value().to_str().expect("text").trim_end_matches(['\0', ' ']).to_owned()
}

fn few() -> ProptestConfig {
    // A run compiles its patterns anew: few cases with many instances each.
    ProptestConfig { cases: 12, max_shrink_iters: 64, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(few())]

    /// Nothing of the patient is in any byte of any file that is released or recorded; every input ends somewhere;
    /// every result can be read.
    #[test]
    fn nothing_planted_survives(
        data_sets in proptest::collection::vec((data_sets(), 0..SYNTAXES.len()), 1..12),
    ) {
        let lab = Lab::new();
        let n_instances = fill(&lab, &data_sets);
        let settings = lab.settings("out");
        folder_run(&settings);
        let outcomes = outcomes(&settings);
        prop_assert_eq!(outcomes.len(), n_instances);
        let results = files(&settings.output);
        let n_released = outcomes.iter().filter(|outcome| outcome.status == Status::Deidentified).count();
        prop_assert_eq!(results.len(), n_released);
        for (name, file) in &results {
            opened(&settings.output.join(name));
            let found = searchable(file);
            for secret in secrets() {
                prop_assert!(!holds(&found, &secret), "{} survives", String::from_utf8_lossy(&secret));
                prop_assert!(!holds(name.to_lowercase().as_bytes(), &secret));
            }
        }
        for (name, file) in files(&settings.run).iter().filter(|(name, _)| !name.starts_with("review")) {
            let found = file.to_ascii_lowercase();
            for secret in secrets() {
                prop_assert!(!holds(&found, &secret), "{name} tells {}", String::from_utf8_lossy(&secret));
            }
        }
    }

    /// De-identifying a result again with the same key takes nothing more away and changes no value, but that UIDs,
    /// dates and codes of names and identifiers are mapped once more.
    #[test]
    fn a_second_run_takes_nothing_away(
        data_sets in proptest::collection::vec((data_sets(), 0..SYNTAXES.len()), 1..12),
        policy in proptest::sample::select(vec!["tcia", "tcia", "basic", "strict"]),
        replacement in proptest::sample::select(vec![Replacement::Empty, Replacement::Empty, Replacement::Label]),
    ) {
        let lab = Lab::new();
        fill(&lab, &data_sets);
        let mut first = RunSettings { policy: Policy::load(policy).expect("built in"), ..lab.settings("first") };
        first.policy.text.replacement = replacement;
        folder_run(&first);
        prop_assume!(!files(&first.output).is_empty());
        let again = Again::over(&first);
        prop_assert_eq!(again.n_results, files(&first.output).len(), "withheld again: {:?}", again.withheld);
        let differences: Vec<String> = again.differences.iter().map(ToString::to_string).collect();
        prop_assert!(differences.is_empty(), "\n{}", differences.join("\n"));
    }

    /// UIDs are mapped one to one, the same in every file and in every run.
    #[test]
    fn uids_are_mapped_one_to_one(
        uids in proptest::collection::btree_set("1\\.[23]\\.[1-9][0-9]{0,20}(\\.[1-9][0-9]{0,8}){0,3}", 2..12),
    ) {
        let lab = Lab::new();
        let all: Vec<&String> = uids.iter().collect();
        for (instance_idx, uid) in all.iter().enumerate() {
            let mut sample = Sample::new(&format!("{uid}.7.{instance_idx}"));
            sample.put(text(tags::FRAME_OF_REFERENCE_UID, VR::UI, uid));
            sample.put(text(tags::INSTANCE_NUMBER, VR::IS, &instance_idx.to_string()));
            let references = all.iter().map(|uid| vec![text(tags::REFERENCED_SOP_INSTANCE_UID, VR::UI, uid)]).collect();
            sample.put(items(tags::REFERENCED_IMAGE_SEQUENCE, references));
            sample.write(&lab.path(&format!("in/{instance_idx:02}.dcm")));
        }
        let mut map: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for name in ["first", "second"] {
            let settings = lab.settings(name);
            folder_run(&settings);
            for name in files(&settings.output).keys() {
                let result = opened(&settings.output.join(name));
                let own: usize = string(&result, tags::INSTANCE_NUMBER).parse().expect("a number");
                map.entry(all[own].clone()).or_default().insert(string(&result, tags::FRAME_OF_REFERENCE_UID));
                let references = result.get(tags::REFERENCED_IMAGE_SEQUENCE).and_then(|element| element.value().items());
                for (item, uid) in references.expect("the references stay").iter().zip(&all) {
                    let new = item.get(tags::REFERENCED_SOP_INSTANCE_UID).expect("a UID").to_str().expect("text");
                    map.entry((*uid).clone()).or_default().insert(new.trim_end_matches('\0').to_owned());
                }
            }
        }
        prop_assert_eq!(map.len(), all.len());
        prop_assert!(map.values().all(|new| new.len() == 1), "a UID has several new ones: {map:?}");
        let new: BTreeSet<&String> = map.values().flatten().collect();
        prop_assert_eq!(new.len(), all.len());
        prop_assert!(new.iter().all(|new| new.len() <= 64 && !uids.contains(*new)));
    }

    /// The days between dates stay, in dates, in dates with times, and in texts.
    #[test]
    fn intervals_stay(days in proptest::collection::vec(0_i32..20_000, 3)) {
        let dates: Vec<Date> = days
            .iter()
            .map(|&days| Date::constant(1960, 1, 1).checked_add(jiff::Span::new().days(days)).expect("in range"))
            .collect();
        let lab = Lab::new();
        let mut sample = Sample::new("1.2.3.4.5");
        sample.put(text(tags::STUDY_DATE, VR::DA, &dates[0].strftime("%Y%m%d").to_string()));
        sample.put(text(tags::ACQUISITION_DATE_TIME, VR::DT, &dates[1].strftime("%Y%m%d101530.25+0200").to_string()));
        sample.put(text(tags::STUDY_DESCRIPTION, VR::LO, &dates[2].strftime("prior %Y-%m-%d").to_string()));
        sample.write(&lab.path("in/one.dcm"));
        let settings = lab.settings("out");
        folder_run(&settings);
        let results = files(&settings.output);
        prop_assert_eq!(results.len(), 1);
        let result = opened(&settings.output.join(results.keys().next().expect("one")));
        let date_time = string(&result, tags::ACQUISITION_DATE_TIME);
        prop_assert!(date_time.ends_with("101530.25+0200"), "{}", date_time);
        let description = string(&result, tags::STUDY_DESCRIPTION);
        let new = [
            Date::strptime("%Y%m%d", string(&result, tags::STUDY_DATE)),
            Date::strptime("%Y%m%d", &date_time[..8]),
            Date::strptime("prior %Y-%m-%d", description.as_str()),
        ];
        let shifts: Vec<i32> = dates
            .iter()
            .zip(new)
            .map(|(old, new)| new.map(|new| (new - *old).get_days()))
            .collect::<Result<_, _>>()
            .map_err(|error| TestCaseError::fail(format!("{error}: {description}")))?;
        prop_assert!(shifts[0] < 0 && shifts.iter().all(|shift| *shift == shifts[0]), "{shifts:?}");
    }

    /// Pixels that no rule touches are the same to the byte, below and above the size from which they are copied from
    /// file to file, in every encoding.
    #[test]
    fn untouched_pixels_stay_as_they_are(
        rows in prop_oneof![1_u16..40, 300_u16..340],
        columns in 1_u16..300,
        seed in any::<u8>(),
        syntax_idx in 0..SYNTAXES.len(),
    ) {
        let lab = Lab::new();
        let mut sample = Sample::new("1.2.3.4.5");
        sample.transfer_syntax(SYNTAXES[syntax_idx]);
        let n_pixels = usize::from(rows) * usize::from(columns);
        let pixels: Vec<u16> = (0..n_pixels).map(|pixel| (pixel as u16).wrapping_mul(31) ^ u16::from(seed)).collect();
        sample.put(DataElement::new(tags::ROWS, VR::US, PrimitiveValue::from(rows)));
        sample.put(DataElement::new(tags::COLUMNS, VR::US, PrimitiveValue::from(columns)));
        sample.put(DataElement::new(tags::PIXEL_DATA, VR::OW, PrimitiveValue::U16(pixels.clone().into())));
        sample.write(&lab.path("in/one.dcm"));
        let settings = lab.settings("out");
        folder_run(&settings);
        let results = files(&settings.output);
        prop_assert_eq!(results.len(), 1, "{:?}", outcomes(&settings).iter().map(|outcome| &outcome.reasons).collect::<Vec<_>>());
        let result = opened(&settings.output.join(results.keys().next().expect("one")));
        prop_assert_eq!(result.meta().transfer_syntax().trim_end_matches('\0'), SYNTAXES[syntax_idx]);
        let found = result.get(tags::PIXEL_DATA).expect("pixels").value().to_multi_int::<u16>().expect("numbers");
        prop_assert_eq!(found, pixels);
    }

    /// The same bytes at any number of threads.
    #[test]
    fn threads_change_no_byte(data_sets in proptest::collection::vec((data_sets(), 0..SYNTAXES.len()), 1..8)) {
        let lab = Lab::new();
        fill(&lab, &data_sets);
        let one = lab.settings("one");
        let four = RunSettings { n_threads: 4, key: Some(key(7)), ..lab.settings("four") };
        folder_run(&one);
        folder_run(&four);
        prop_assert_eq!(files(&one.output), files(&four.output));
        prop_assert_eq!(outcomes(&one), outcomes(&four));
    }
}

/// A sequence helper of the support that other tests use; here it makes the smallest nested data set.
#[test]
fn an_empty_item_stays_an_item() {
    let lab = Lab::new();
    let mut sample = Sample::new("1.2.3.4.5");
    sample.put(sequence(tags::REFERENCED_IMAGE_SEQUENCE, [vec![]]));
    sample.write(&lab.path("in/one.dcm"));
    let settings = lab.settings("out");
    folder_run(&settings);
    let results = files(&settings.output);
    let result = opened(&settings.output.join(results.keys().next().expect("one result")));
    let items = result.get(tags::REFERENCED_IMAGE_SEQUENCE).and_then(|element| element.value().items());
    assert_eq!(items.map(<[_]>::len), Some(1));
}

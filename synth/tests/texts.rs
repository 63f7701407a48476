//! Suites of texts, read back: exact spans, two sides without a shared identity, the same bytes anywhere.

mod support;

use efface_schema::{HipaaElement, PhiLabel, TextRecord, parse_json};
use efface_synth::{Locale, Split, SuiteKind, SuiteOptions, SuiteSettings, SynthError, generate};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::num::NonZeroU64;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, Weak};
use support::shared;

fn settings(split: Split, n_texts: u64) -> SuiteSettings {
    let options = SuiteOptions {
        kind: Some(SuiteKind::Text),
        split: Some(split),
        locales: Some(Locale::ALL.iter().copied().chain([Locale::EnUs; 20]).collect()),
        texts: NonZeroU64::new(n_texts),
        seed: Some(11),
        ..SuiteOptions::default()
    };
    options.resolve().expect("valid settings")
}

static MADE: Mutex<Weak<tempfile::TempDir>> = Mutex::new(Weak::new());

thread_local! {
    static FOLDER: Arc<tempfile::TempDir> = shared(&MADE, || {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for split in [Split::Train, Split::Test] {
            let path = folder.path().join(name(split));
            generate(&settings(split, 6000), &path, &|_, _| ()).expect("the suite can be made");
        }
        folder
    });
}

fn name(split: Split) -> &'static str {
    if split == Split::Test { "test" } else { "train" }
}

/// A suite of either side, made once for the tests that run at the same time.
fn suite(split: Split) -> PathBuf {
    FOLDER.with(|folder| folder.path().join(name(split)))
}

fn records(split: Split) -> Vec<TextRecord> {
    let text = fs::read_to_string(suite(split).join("ner.jsonl")).expect("the texts are written");
    text.lines().map(|line| parse_json(line).expect("every line is a record")).collect()
}

/// A variant of every text that was written one by one, and a second one of many.
fn written() -> Vec<TextRecord> {
    let options = SuiteOptions {
        kind: Some(SuiteKind::WrittenText),
        split: Some(Split::Train),
        texts: NonZeroU64::new(25_000),
        seed: Some(11),
        ..SuiteOptions::default()
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let settings = options.resolve().expect("valid settings");
    generate(&settings, &folder.path().join("written"), &|_, _| ()).expect("the suite can be made");
    let text = fs::read_to_string(folder.path().join("written/ner.jsonl")).expect("the texts are written");
    text.lines().map(|line| parse_json(line).expect("every line is a record")).collect()
}

fn words(record: &TextRecord, start: u32, end: u32) -> String {
    record.text.chars().skip(start as usize).take((end - start) as usize).collect()
}

#[test]
fn spans_lie_within_the_text_in_order_and_do_not_overlap() {
    for (records, n_texts) in [(records(Split::Train), 6000), (records(Split::Test), 6000), (written(), 25_000)] {
        assert_eq!(records.len(), n_texts);
        for (index, record) in records.iter().enumerate() {
            assert_eq!(record.index, index as u64);
            let n_characters = u32::try_from(record.text.chars().count()).expect("short");
            let spans = record.spans.iter().map(|span| (span.start, span.end));
            let negatives = record.negatives.iter().map(|span| (span.start, span.end));
            let mut all: Vec<(u32, u32)> = spans.chain(negatives).collect();
            all.sort_unstable();
            assert!(all.iter().all(|(start, end)| start < end && *end <= n_characters), "{record:?}");
            assert!(all.windows(2).all(|pair| pair[0].1 <= pair[1].0), "{record:?}");
            assert!(record.spans.is_sorted_by_key(|span| span.start));
            for span in &record.spans {
                let words = words(record, span.start, span.end);
                assert_eq!(words.trim(), words, "blanks at the edge of a span: {record:?}");
                assert!(words.contains(char::is_alphanumeric), "{record:?}");
            }
        }
    }
}

#[test]
fn every_label_and_element_and_kind_of_negative_occurs_on_both_sides() {
    for split in [Split::Train, Split::Test] {
        let records = records(split);
        let spans: Vec<_> = records.iter().flat_map(|record| &record.spans).collect();
        let labels: BTreeSet<PhiLabel> = spans.iter().map(|span| span.label).collect();
        assert_eq!(labels.len(), PhiLabel::ALL.len());
        let elements: BTreeSet<HipaaElement> = spans.iter().map(|span| span.element).collect();
        // A full-face photograph is no text.
        assert_eq!(elements.len(), HipaaElement::ALL.len() - 1);
        let kinds: BTreeSet<_> =
            records.iter().flat_map(|record| &record.negatives).map(|negative| negative.kind).collect();
        assert_eq!(kinds.len(), efface_schema::NegativeKind::ALL.len());
        let n_negatives: usize = records.iter().map(|record| record.negatives.len()).sum();
        let density = n_negatives as f64 / spans.len() as f64;
        assert!((0.8..1.6).contains(&density), "{density} hard negatives for each span");
        let n_clean = records.iter().filter(|record| record.spans.is_empty()).count();
        assert!(n_clean * 3 > records.len(), "{n_clean} of {} texts identify nobody", records.len());
        assert!(spans.iter().any(|span| span.is_known) && spans.iter().any(|span| !span.is_known));
    }
}

/// The values of a label that identify by themselves, folded; initials and the last digits of numbers do not.
fn values(records: &[TextRecord], labels: &[PhiLabel]) -> BTreeSet<String> {
    let mut values = BTreeSet::new();
    for record in records {
        for span in record.spans.iter().filter(|span| labels.contains(&span.label)) {
            let value = words(record, span.start, span.end).to_lowercase();
            let value: String =
                value.chars().map(|character| if character.is_alphanumeric() { character } else { ' ' }).collect();
            let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
            let is_east_asian = value.chars().any(|character| u32::from(character) >= 0x2e80);
            if value.chars().count() >= if is_east_asian { 2 } else { 5 } {
                values.insert(value);
            }
        }
    }
    values
}

#[test]
fn the_two_sides_share_no_name_no_place_and_no_identifier() {
    let (train, test) = (records(Split::Train), records(Split::Test));
    for labels in [
        &[PhiLabel::Name][..],
        &[PhiLabel::Location],
        &[PhiLabel::Organization],
        &[PhiLabel::Phone, PhiLabel::Fax],
        &[PhiLabel::Email, PhiLabel::Url, PhiLabel::Ip],
        &[PhiLabel::Ssn, PhiLabel::Mrn, PhiLabel::HealthPlanId, PhiLabel::Account, PhiLabel::License],
        &[PhiLabel::Vehicle, PhiLabel::DeviceId, PhiLabel::Biometric, PhiLabel::OtherId],
    ] {
        let (train, test) = (values(&train, labels), values(&test, labels));
        assert!(train.len() > 50 && test.len() > 50, "{labels:?}: {} and {}", train.len(), test.len());
        assert_eq!(train.intersection(&test).collect::<Vec<_>>(), Vec::<&String>::new(), "{labels:?}");
    }
}

#[test]
fn texts_written_one_by_one_share_no_name_no_place_and_no_identifier_with_the_side_to_test_on() {
    let (written, test) = (written(), records(Split::Test));
    for labels in [
        &[PhiLabel::Name][..],
        &[PhiLabel::Location],
        &[PhiLabel::Organization],
        &[PhiLabel::Phone, PhiLabel::Fax],
        &[PhiLabel::Email, PhiLabel::Url],
        &[PhiLabel::Ssn, PhiLabel::Mrn, PhiLabel::HealthPlanId, PhiLabel::Account, PhiLabel::License],
    ] {
        let (written, test) = (values(&written, labels), values(&test, labels));
        assert!(written.len() > 300, "{labels:?}: {}", written.len());
        assert_eq!(written.intersection(&test).collect::<Vec<_>>(), Vec::<&String>::new(), "{labels:?}");
    }
}

#[test]
fn a_written_text_and_its_variants_are_one_case_of_its_own() {
    let records = written();
    let mut cases: BTreeMap<u64, usize> = BTreeMap::new();
    records.iter().for_each(|record| *cases.entry(record.context.patient).or_default() += 1);
    assert!(cases.len() > 17_000, "{}", cases.len());
    assert!(cases.values().all(|n_variants| (1..=2).contains(n_variants)));
    let labels: BTreeSet<PhiLabel> = records.iter().flat_map(|record| &record.spans).map(|span| span.label).collect();
    assert_eq!(labels.len(), PhiLabel::ALL.len());
    let n_clean = records.iter().filter(|record| record.spans.is_empty()).count();
    assert!(n_clean * 3 > records.len(), "{n_clean} of {} texts identify nobody", records.len());
}

#[test]
fn the_tokens_carry_the_same_spans() {
    let mut begins: BTreeMap<u64, usize> = BTreeMap::new();
    let mut index = 0;
    for line in fs::read_to_string(suite(Split::Test).join("ner.conll")).expect("written").lines() {
        if let Some(number) = line.strip_prefix("# text ") {
            index = number.parse().expect("a number");
        } else if !line.is_empty() {
            let fields: Vec<&str> = line.split('\t').collect();
            assert_eq!(fields.len(), 4, "{line}");
            *begins.entry(index).or_default() += usize::from(fields[3].starts_with("B-"));
        }
    }
    let records = records(Split::Test);
    let n_different = records.iter().filter(|record| begins.get(&record.index) != Some(&record.spans.len())).count();
    // Two spans within one token, as in glued texts, make one tag.
    assert!(n_different * 100 < records.len(), "{n_different} texts have other spans as tokens");
}

#[test]
fn the_same_seed_gives_the_same_bytes_at_any_thread_count() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let make = |name: &str, n_threads, seed| {
        let path = folder.path().join(name);
        let settings = SuiteSettings { threads: n_threads, seed, ..settings(Split::Train, 5003) };
        let report = generate(&settings, &path, &|_, _| ()).expect("the suite can be made");
        assert_eq!(report.n_texts, 5003);
        ["ner.jsonl", "ner.conll", "card.md"].map(|name| fs::read(path.join(name)).expect("written"))
    };
    let one = make("one", 1, 5);
    assert!(one == make("two", 2, 5), "one thread and two threads give other bytes");
    assert!(one != make("other", 2, 6), "the seed changes nothing");
}

#[test]
fn texts_have_many_shapes() {
    let shapes: BTreeSet<String> = records(Split::Train).iter().map(masked).collect();
    assert!(shapes.len() > 4000, "{} shapes of 6000 texts", shapes.len());
}

/// The text with its spans masked by their labels.
fn masked(record: &TextRecord) -> String {
    let characters: Vec<char> = record.text.chars().collect();
    let mut text = String::new();
    let mut at = 0;
    for span in &record.spans {
        text.extend(&characters[at..span.start as usize]);
        text.push_str(span.label.as_str());
        at = span.end as usize;
    }
    text.extend(&characters[at..]);
    text
}

#[test]
fn a_folder_that_cannot_be_written_is_refused_before_anything_is() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("file");
    fs::write(&file, "precious").expect("a file");
    let result = generate(&settings(Split::Test, 10), &file.join("suite"), &|_, _| ());
    assert!(matches!(result, Err(SynthError::OutputNotWritable { .. })), "{result:?}");
    assert_eq!(fs::read(&file).expect("still there"), b"precious");
}

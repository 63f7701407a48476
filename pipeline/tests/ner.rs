//! Runs with a token classifier: a tiny one of random weights, which takes nearly every word for something that
//! identifies. What matters here is that every text is read once, that threads and stops change no byte, where texts are
//! read, and what is refused.

#[path = "support/line.rs"]
mod line;
#[path = "support/stop.rs"]
mod stop;
#[expect(dead_code, reason = "other tests use the rest of it")]
mod support;

use burn::tensor::DType;
use dicom_core::value::PrimitiveValue;
use dicom_core::{DataElement, Tag, VR};
use dicom_dictionary_std::tags;
use efface_nets::calibration::{Calibration, EntityRule, FittedOn, Temperatures, TokenFigures};
use efface_nets::device::DeviceName;
use efface_nets::encoder::EncoderConfig;
use efface_nets::folder::{self, Released};
use efface_nets::{TokenClassifier, weights};
use efface_pipeline::explain::{EntryKind, ExplainSettings, explain};
use efface_pipeline::strings::{BareString, StringReader, StringSettings};
use efface_pipeline::{NerSettings, NerThreshold, Policy, RunError, RunSettings, RunSummary, Silent, run};
use efface_schema::{
    Action, Decision, InstanceOutcome, Locus, RunManifest, Source, Status, Versioned, parse_json, sha256_hex,
};
use line::draw_line;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use stop::interrupt;
use support::{Lab, Sample, bytes, files, sequence, text};

const COMMENT: &str = "niece Ottoline drove; Baker cyst";

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../nets/testdata/golden/tiny-bert").join(name)
}

fn calibration(weights: &[u8]) -> Calibration {
    let figures =
        TokenFigures { negative_log_likelihood: 1.0, expected_calibration_error: 0.0, phi_calibration_error: None };
    Calibration {
        format_version: Calibration::FORMAT_VERSION,
        weights_sha256: sha256_hex(weights),
        fitted_on: FittedOn {
            files: BTreeMap::new(),
            n_texts: 1,
            n_tokens: 1,
            n_entities: 1,
            n_clusters: 1,
            before: figures,
            after: figures,
        },
        temperatures: Temperatures::none(),
        entity_rule: EntityRule::Minimum,
        spans: None,
        energy: None,
        risk: Vec::new(),
    }
}

/// Writes a released model of random weights.
fn release(model: &Path) {
    let config_path = golden("config.json");
    let config = EncoderConfig::read(&config_path).expect("a configuration");
    let device = DeviceName::Cpu.open().expect("a processor");
    let network = TokenClassifier::new(&config, &device);
    let weights = weights::to_bytes(&network, &config, DType::F32, model).expect("weights");
    let mut merged: serde_json::Value =
        serde_json::from_slice(&fs::read(&config_path).expect("readable")).expect("a configuration");
    let released = serde_json::to_value(Released::current()).expect("it has string keys");
    for (key, value) in released.as_object().expect("an object") {
        merged[key] = value.clone();
    }
    let calibration = serde_json::to_string(&calibration(&weights)).expect("it has string keys");
    let contents = [
        (folder::CONFIG, serde_json::to_vec(&merged).expect("it has string keys")),
        (folder::TOKENIZER, fs::read(golden("tokenizer.json")).expect("readable")),
        (folder::WEIGHTS, weights),
        (folder::CALIBRATION, calibration.into_bytes()),
    ];
    fs::create_dir_all(model).expect("a folder");
    let mut digests = String::new();
    for (name, bytes) in contents {
        digests += &format!("{}  {name}\n", sha256_hex(&bytes));
        fs::write(model.join(name), bytes).expect("a file");
    }
    fs::write(model.join(folder::DIGESTS), digests).expect("a file");
}

/// Three patients of six slices, who share a comment and have a description of their own each.
fn lab() -> Lab {
    let lab = Lab::new();
    for patient in 0..3 {
        for slice in 0..6 {
            let mut sample = Sample::new(&format!("1.2.826.0.1.{patient}.1.{slice}"));
            sample.put(text(tags::PATIENT_NAME, VR::PN, ["DOE^JANEDOTTE", "ROE^RICHMOND", "POE^ADELHEID"][patient]));
            sample.put(text(tags::PATIENT_ID, VR::LO, &format!("771234{patient}")));
            sample.put(text(tags::STUDY_INSTANCE_UID, VR::UI, &format!("1.2.826.0.1.{patient}")));
            sample.put(text(tags::SERIES_INSTANCE_UID, VR::UI, &format!("1.2.826.0.1.{patient}.1")));
            sample.put(text(tags::IMAGE_COMMENTS, VR::LT, COMMENT));
            sample.put(text(tags::SERIES_DESCRIPTION, VR::LO, &format!("lung of nobody, part {patient}")));
            sample.write(&lab.path(&format!("in/{patient}-{slice}.dcm")));
        }
    }
    release(&lab.path("model"));
    lab
}

fn settings(lab: &Lab, name: &str, threshold: f64) -> RunSettings {
    let ner = NerSettings { threshold: NerThreshold::At(threshold), ..NerSettings::new(lab.path("model")) };
    RunSettings { ner: Some(ner), ..lab.settings(name) }
}

fn go(settings: &RunSettings) -> Result<RunSummary, RunError> {
    run(settings, &Silent, &AtomicBool::new(false))
}

fn outcomes(settings: &RunSettings) -> Vec<InstanceOutcome> {
    let lines = fs::read_to_string(settings.run.join("decisions.jsonl")).expect("decisions");
    lines.lines().map(|line| parse_json(line).expect("an outcome")).collect()
}

#[test]
fn threads_change_no_byte_and_each_text_is_read_once() {
    let lab = lab();
    let one = settings(&lab, "one", 0.5);
    let two = RunSettings { n_threads: 2, ..settings(&lab, "two", 0.5) };
    let summary = go(&one).expect("a run");
    assert_eq!(summary, go(&two).expect("a run"));
    assert_eq!(files(&one.output), files(&two.output));
    let decisions = |settings: &RunSettings| fs::read(settings.run.join("decisions.jsonl")).expect("decisions");
    assert_eq!(decisions(&one), decisions(&two));
    assert_eq!(summary.counts.deidentified, 18, "{:?}", summary.reasons);

    let outcomes = outcomes(&one);
    let by_network = |outcome: &InstanceOutcome| {
        let of_it = |decision: &&efface_schema::Decision| decision.source == Source::Ner;
        outcome.decisions.iter().filter(of_it).filter(|decision| decision.rule == "ner").count()
    };
    assert!(outcomes.iter().all(|outcome| by_network(outcome) > 0), "the network finds something in each");
    // Eighteen instances ask; the texts that all share count once, and those of a patient once.
    let n_texts = summary.n_texts_read.expect("the network has read");
    let single = go(&RunSettings { input: lab.path("in/0-0.dcm"), ..settings(&lab, "single", 0.5) }).expect("a run");
    assert_eq!(n_texts, single.n_texts_read.expect("it has read") + 2, "two more descriptions, and nothing else");
}

/// A light text on a dark frame of 320 by 80 pixels.
fn drawn(text: &str) -> Vec<u8> {
    let mut pixels = vec![10_u8; 320 * 80];
    draw_line(&mut pixels, 320, text, 50.0);
    pixels
}

#[test]
fn lines_of_images_are_read_by_the_network_and_threads_change_no_byte() {
    let lab = Lab::new();
    for number in 0..4 {
        let mut sample = Sample::new(&format!("1.2.826.0.1.9.{number}"));
        let short = |tag, value: u16| DataElement::new(tag, VR::US, PrimitiveValue::from(value));
        for (tag, value) in [(tags::ROWS, 80), (tags::COLUMNS, 320), (tags::BITS_ALLOCATED, 8)] {
            sample.put(short(tag, value));
        }
        sample.put(short(tags::BITS_STORED, 8));
        sample.put(short(tags::HIGH_BIT, 7));
        sample.put(text(tags::NUMBER_OF_FRAMES, VR::IS, "3"));
        let frames = ["NAKAMURA 1974", "NAKAMURA 1974", ["OTTOLINE 12", "EDELGARD 34"][number % 2]].map(drawn);
        sample.put(bytes(tags::PIXEL_DATA, VR::OB, &frames.concat()));
        sample.write(&lab.path(&format!("in/{number}.dcm")));
    }
    release(&lab.path("model"));
    let pixels = |name, n_threads| RunSettings { metadata_only: false, n_threads, ..settings(&lab, name, 0.5) };
    let (one, two) = (pixels("one", 1), pixels("two", 2));
    let summary = go(&one).expect("a run");
    assert_eq!(summary, go(&two).expect("a run"));
    assert_eq!(files(&one.output), files(&two.output));
    let outcomes = outcomes(&one);
    assert!(outcomes == self::outcomes(&two));
    let of_image = |decision: &&Decision| {
        decision.source == Source::Ner && matches!(decision.locus, Locus::PixelRegion { .. }) && decision.rule == "ner"
    };
    assert_eq!(outcomes.len(), 4);
    for outcome in &outcomes {
        assert!(outcome.decisions.iter().any(|decision| of_image(&decision)), "{:?}", outcome.reasons);
    }
    let metadata = go(&settings(&lab, "metadata", 0.5)).expect("a run");
    // Twelve frames hold three different lines, each of which is read once in the run.
    let n_lines = summary.n_texts_read.expect("it has read") - metadata.n_texts_read.expect("it has read");
    assert!((3..12).contains(&n_lines), "{n_lines}");
}

#[test]
fn a_stopped_run_continues_to_the_same_bytes() {
    let lab = lab();
    let whole = settings(&lab, "whole", 0.5);
    go(&whole).expect("a run");
    for n_instances in [1, 4, 8, 13] {
        // Other texts go through the network together than in the whole run.
        let stopped = settings(&lab, &format!("stopped-{n_instances}"), 0.5);
        interrupt(&stopped, n_instances);
        let summary = go(&stopped).expect("it continues");
        assert!((1..18).contains(&summary.n_continued), "{}", summary.n_continued);
        assert_eq!(files(&stopped.output), files(&whole.output), "{n_instances}");
        assert!(outcomes(&stopped) == outcomes(&whole), "{n_instances}");
    }
}

/// A probability as far as it survives being written and read.
fn rounded(probability: f64) -> u64 {
    (probability * 1e9).round() as u64
}

/// What the network has decided about an attribute.
fn of_network(decisions: &[Decision], tag: Tag) -> Vec<&Decision> {
    let last = efface_schema::ElementReference::tag(tag.group(), tag.element());
    let is_of_it = |decision: &&Decision| decision.locus.path().and_then(|path| path.last()) == Some(&last);
    decisions.iter().filter(|decision| decision.source == Source::Ner).filter(is_of_it).collect()
}

#[test]
fn documents_and_content_items_are_read_too() {
    let lab = Lab::new();
    release(&lab.path("model"));
    let mut report = Sample::new("1.2.826.0.1.1");
    report.put(sequence(
        Tag(0x0040, 0xA730),
        [vec![text(Tag(0x0040, 0xA040), VR::CS, "TEXT"), text(Tag(0x0040, 0xA160), VR::UT, "told Ottoline of it")]],
    ));
    report.write(&lab.path("in/0.dcm"));
    let mut document = Sample::new("1.2.826.0.1.2");
    document.put(bytes(tags::ENCAPSULATED_DOCUMENT, VR::OB, b"<a><b>Lungs are clear.</b><c>A wide heart</c></a>"));
    document.write(&lab.path("in/1.dcm"));

    let without = lab.settings("without");
    let plain = go(&without).expect("a run");
    assert_eq!(plain.counts.deidentified, 2, "{:?}", plain.reasons);
    let with = settings(&lab, "with", 0.5);
    let summary = go(&with).expect("a run");
    assert_eq!((summary.counts.needs_review, summary.reasons["encapsulated-document"]), (1, 1));
    let [report, document] = &outcomes(&with)[..] else { panic!("two outcomes") };
    let found = of_network(&report.decisions, Tag(0x0040, 0xA160));
    assert!(!found.is_empty() && found.iter().all(|decision| matches!(decision.locus, Locus::TextSpan { .. })));
    let found = of_network(&document.decisions, tags::ENCAPSULATED_DOCUMENT);
    assert!(!found.is_empty());
    for decision in found {
        assert_eq!((decision.action, decision.rule.as_str()), (Action::Review, "ner"));
        assert!(decision.label.is_some() && (0.001..0.999).contains(&decision.probability.get()), "{decision:?}");
    }

    // What nothing in it reaches stays, and is flagged.
    let flagged = settings(&lab, "flagged", 1.0);
    assert_eq!(go(&flagged).expect("a run").counts.deidentified, 2);
    let outcomes = outcomes(&flagged);
    let rules: Vec<&str> = of_network(&outcomes[1].decisions, tags::ENCAPSULATED_DOCUMENT)
        .iter()
        .map(|decision| decision.rule.as_str())
        .collect();
    assert_eq!(rules, ["ner-doubtful"]);
}

#[test]
fn explanations_say_what_the_network_found_in_a_run() {
    let lab = lab();
    let with = settings(&lab, "with", 0.5);
    go(&with).expect("a run");
    let explained = |ner: Option<NerSettings>| {
        let (instance, folder) = (lab.path("in/0-0.dcm"), Some(lab.path("in")));
        let (policy, key) = (with.policy.clone(), with.key.clone());
        explain(&ExplainSettings { instance, with: folder, policy, key, metadata_only: true, ner, text_detector: None })
            .expect("it is explained")
    };
    let explanation = explained(with.ner.clone());
    let shown = explanation.entries.iter().filter(|entry| entry.source == Some(Source::Ner));
    let shown: Vec<_> = shown
        .map(|entry| (entry.kind, entry.rule.clone(), entry.label, entry.probability.map(|sure| rounded(sure.get()))))
        .collect();
    let outcomes = outcomes(&with);
    let decided = outcomes[0].decisions.iter().filter(|decision| decision.source == Source::Ner);
    let decided: Vec<_> = decided
        .map(|decision| {
            (EntryKind::Span, Some(decision.rule.clone()), decision.label, Some(rounded(decision.probability.get())))
        })
        .collect();
    assert!(!shown.is_empty() && shown == decided, "{shown:?} {decided:?}");
    assert!(explanation.n_texts_read.is_some_and(|n_texts| n_texts > 0));
    assert_eq!(explanation.status, Status::Deidentified);
    let without = explained(None);
    assert_eq!(without.n_texts_read, None);
    assert!(without.entries.iter().all(|entry| entry.source != Some(Source::Ner)));
}

#[test]
fn bare_strings_are_joined_as_in_instances() {
    let lab = lab();
    let with = settings(&lab, "with", 0.5);
    go(&with).expect("a run");
    let outcomes = outcomes(&with);
    let spans = outcomes[0].decisions.iter().filter_map(|decision| match (&decision.locus, decision.action) {
        (Locus::TextSpan { path, start, end, .. }, Action::Remove | Action::ShiftDate)
            if path.last() == Some(&efface_schema::ElementReference::tag(0x0008, 0x103E)) =>
        {
            Some((*start, *end, decision.label, rounded(decision.probability.get())))
        }
        _ => None,
    });
    let expected: Vec<_> = spans.collect();
    assert!(!expected.is_empty());
    let string = BareString {
        text: "lung of nobody, part 0".to_owned(),
        keyword: "SeriesDescription".to_owned(),
        vr: "LO".to_owned(),
        known: Vec::new(),
    };
    let reader = StringReader::open(&StringSettings { rules: true, network: with.ner.clone() }).expect("a model");
    let found = reader.find(&[string.clone(), string]);
    for spans in found {
        let spans: Vec<_> = spans
            .iter()
            .map(|span| (span.start, span.end, Some(span.label), rounded(span.probability.unwrap_or_default())))
            .collect();
        assert_eq!(spans, expected);
    }
}

#[test]
fn the_manifest_names_model_and_threshold() {
    let lab = lab();
    let with = settings(&lab, "with", 0.25);
    go(&with).expect("a run");
    let manifest = fs::read_to_string(with.run.join("manifest.json")).expect("a manifest");
    let manifest: RunManifest = parse_json(&manifest).expect("a manifest");
    let digests = fs::read(lab.path("model").join(folder::DIGESTS)).expect("digests");
    assert_eq!(manifest.settings["ner"]["model_sha256"], sha256_hex(&digests).as_str());
    assert_eq!(manifest.settings["ner"]["threshold"], 0.25);
    let error = go(&RunSettings { ner: None, ..settings(&lab, "with", 0.25) }).expect_err("another run");
    assert!(error.is_usage(), "{error}");
}

#[test]
fn a_threshold_that_nothing_reaches_removes_nothing_and_flags() {
    let lab = lab();
    let (without, with) = (lab.settings("without"), settings(&lab, "with", 1.0));
    let withheld = RunSettings {
        policy: Policy::parse(
            "p",
            "format-version = 1\nname = \"p\"\nbased-on = \"tcia\"\n[text]\ndoubtful = \"withhold\"\n",
        )
        .expect("a policy"),
        ..settings(&lab, "withheld", 1.0)
    };
    let plain = go(&without).expect("a run");
    assert_eq!(plain.n_texts_read, None);
    let flagged = go(&with).expect("a run");
    assert_eq!(flagged.outputs_sha256, plain.outputs_sha256, "flags change no byte");
    let flags = outcomes(&with).into_iter().flat_map(|outcome| outcome.decisions);
    let flags: Vec<_> = flags.filter(|decision| decision.source == Source::Ner).collect();
    assert!(!flags.is_empty());
    assert!(flags.iter().all(|flag| flag.action == Action::Review && flag.rule == "ner-doubtful"));
    let summary = go(&withheld).expect("a run");
    assert_eq!((summary.counts.needs_review, summary.reasons["doubtful-text"]), (18, 18));
}

#[test]
fn a_model_that_is_not_the_released_one_is_refused_before_anything_is_written() {
    let lab = lab();
    let refuses = |what: &str, damage: &dyn Fn(&Path)| {
        let model = lab.path("model");
        let _ = fs::remove_dir_all(&model);
        release(&model);
        damage(&model);
        let settings = settings(&lab, "out", 0.5);
        let error = go(&settings).expect_err(what);
        assert!(matches!(error, RunError::Model(_)) && error.is_usage(), "{what}: {error}");
        assert!(!settings.output.exists() && !settings.run.exists(), "{what}");
    };
    for name in [folder::CONFIG, folder::TOKENIZER, folder::WEIGHTS, folder::CALIBRATION, folder::DIGESTS] {
        refuses(name, &|model| fs::remove_file(model.join(name)).expect("it was there"));
    }
    refuses("a byte more", &|model| {
        let path = model.join(folder::WEIGHTS);
        let bytes = [fs::read(&path).expect("readable"), vec![0]].concat();
        fs::write(path, bytes).expect("writable");
    });
    refuses("other weights", &|model| {
        let path = model.join(folder::CALIBRATION);
        let old = fs::read(&path).expect("readable");
        let new = serde_json::to_vec(&calibration(b"other weights")).expect("it has string keys");
        fs::write(&path, &new).expect("writable");
        let digests = fs::read_to_string(model.join(folder::DIGESTS)).expect("readable");
        let digests = digests.replace(sha256_hex(&old).as_str(), sha256_hex(&new).as_str());
        fs::write(model.join(folder::DIGESTS), digests).expect("writable");
    });
    for threshold in [NerThreshold::At(1.5), NerThreshold::At(f64::NAN), NerThreshold::Budget(0.01)] {
        let ner = NerSettings { threshold, ..NerSettings::new(lab.path("model")) };
        let error = go(&RunSettings { ner: Some(ner), ..lab.settings("out") }).expect_err("no threshold");
        assert!(matches!(error, RunError::Model(_)) && !lab.path("out").exists(), "{error}");
    }
}

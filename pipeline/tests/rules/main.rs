//! Every rule at work: one fixture and one snapshot for each code.
//!
//! A fixture plants something into a small instance; the instance is de-identified as in any run; the snapshot shows
//! what was decided about the planted places and what they hold afterwards. `README.md` beside says how to add one.

mod again;
mod fixture;
#[path = "../support/line.rs"]
mod line;
mod manuals;
mod picture;
#[path = "../support/again.rs"]
mod second_run;
#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "the other tests need more of it")]
mod support;

use dicom_core::value::{PrimitiveValue, Value};
use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;
use dicom_object::mem::InMemElement;
use dicom_object::{DefaultDicomObject, InMemDicomObject, open_file};
use efface_pipeline::explain::{Entry, EntryKind, ExplainSettings, Explanation, explain};
use efface_pipeline::rules::Rule;
use efface_pipeline::{Policy, RunSettings, Silent, run};
use efface_schema::{
    Action, AttributePath, Decision, ElementReference, InstanceOutcome, Locus, PathStep, Status, parse_json,
};
use fixture::{Fixture, parse_key, steps};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use support::{Lab, Sample};

/// Rules that no input can bring about, and why.
const UNREACHABLE: &[(&str, &str)] = &[
    ("pixels-not-redacted", "painting fails only where decoding failed before, which is `pixels-not-decoded`"),
    ("pixels-not-read", "the text reader fails only when its own memory does"),
    ("pixels-residual", "what the first look reads is painted over: tests/detector.rs has a finder that reads it late"),
    ("ner", "it takes a model: tests/ner.rs"),
    ("ner-doubtful", "it takes a model: tests/ner.rs"),
    ("ner-odd", "it takes a model: tests/ner.rs"),
    ("oversized", "it takes a value of 16 MiB, which no fixture should hold"),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rules")
}

/// The fixtures by name: a rule's code, and `@` with a word where a rule has several.
fn fixtures() -> BTreeMap<String, Fixture> {
    let mut fixtures = BTreeMap::new();
    for entry in fs::read_dir(folder()).expect("the folder of fixtures") {
        let path = entry.expect("the folder can be listed").path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            let text = fs::read_to_string(&path).expect("a readable fixture");
            let fixture = toml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
            fixtures.insert(name, fixture);
        }
    }
    fixtures
}

fn code(name: &str) -> &str {
    name.split_once('@').map_or(name, |(code, _)| code)
}

/// A fixture at work.
struct Worked {
    sample: Sample,
    outcome: InstanceOutcome,
    result: Option<DefaultDicomObject>,
    result_bytes: Vec<u8>,
    explanation: Explanation,
}

fn work(fixture: &Fixture) -> Worked {
    let lab = Lab::new();
    let sample = fixture.sample();
    sample.write(&lab.path("in/0.dcm"));
    for (idx, other) in fixture.other_samples().iter().enumerate() {
        other.write(&lab.path(&format!("in/{}.dcm", idx + 1)));
    }
    let settings = RunSettings {
        policy: policy(&lab, &fixture.policy),
        metadata_only: !fixture.looks_at_pixels(),
        ..lab.settings("out")
    };
    run(&settings, &Silent, &AtomicBool::new(false)).expect("the run ends");
    let decisions = fs::read_to_string(settings.run.join("decisions.jsonl")).expect("the decisions are written");
    let outcome: InstanceOutcome = parse_json(decisions.lines().next().expect("an outcome")).expect("an outcome");
    let place = match outcome.status {
        Status::Deidentified => settings.output.clone(),
        _ => settings.run.join("review"),
    };
    let path = outcome.output.as_ref().map(|output| place.join(output));
    let result = path.as_ref().map(|path| open_file(path).expect("a result can be read"));
    let result_bytes = path.map(|path| fs::read(path).expect("a result can be read")).unwrap_or_default();
    let explanation = explain(&ExplainSettings {
        instance: lab.path("in/0.dcm"),
        with: Some(lab.path("in")),
        policy: settings.policy.clone(),
        key: settings.key.clone(),
        metadata_only: settings.metadata_only,
        ner: settings.ner.clone(),
        text_detector: settings.text_detector.clone(),
    })
    .expect("an explanation");
    Worked { sample, outcome, result, result_bytes, explanation }
}

fn policy(lab: &Lab, policy: &str) -> Policy {
    if policy.contains('\n') {
        fs::write(lab.path("policy.toml"), policy).expect("a policy");
        return Policy::load(&lab.path("policy.toml").to_string_lossy()).expect("a valid policy");
    }
    Policy::load(policy).expect("a built-in policy")
}

/// Whether an attribute is, or lies in, what the fixture planted.
fn is_planted(fixture: &Fixture, path: &AttributePath) -> bool {
    let roots = fixture.planted_roots();
    match &path.steps()[0] {
        PathStep::Element(ElementReference::Tag { group, element }) => roots.contains(&Tag(*group, *element)),
        // A creator names the block that its elements stand in, and not the tag.
        PathStep::Element(reference) => roots.iter().any(|root| root.group() == reference.group()),
        PathStep::Item(_) => false,
    }
}

/// The decisions about what the fixture planted.
fn decisions<'a>(fixture: &Fixture, outcome: &'a InstanceOutcome) -> Vec<&'a Decision> {
    let planted = |decision: &&Decision| decision.locus.path().is_none_or(|path| is_planted(fixture, path));
    outcome.decisions.iter().filter(planted).collect()
}

/// What was planted, or stands around the data set, and stays as it is or changes without a decision.
fn undecided<'a>(fixture: &Fixture, explanation: &'a Explanation) -> Vec<&'a Entry> {
    let planted = |entry: &&Entry| entry.path.as_ref().is_some_and(|path| is_planted(fixture, path));
    explanation.entries.iter().filter(|entry| entry.probability.is_none()).filter(planted).collect()
}

fn snapshot(fixture: &Fixture, worked: &Worked) -> String {
    let mut text = format!("{}\n\n", fixture.about);
    let status = worked.outcome.status;
    writeln!(text, "{} {}", status, worked.outcome.reasons.join(", ")).expect("memory");
    text.push_str("\ndecisions\n");
    for decision in decisions(fixture, &worked.outcome) {
        writeln!(text, "  {}", one_line(decision)).expect("memory");
    }
    for entry in undecided(fixture, &worked.explanation) {
        let (path, rule) = (entry.path.as_ref().expect("an attribute"), entry.rule.as_deref().unwrap_or("nobody"));
        let action = entry.action.map_or("add", Action::as_str);
        writeln!(text, "  {path} {action} by {rule}").expect("memory");
    }
    text.push_str("\nbefore and after\n");
    for key in fixture.elements.keys() {
        let (path, _) = parse_key(key);
        let steps = steps(&path);
        writeln!(text, "  {path}").expect("memory");
        writeln!(text, "    {}", held(&worked.sample.data_set, &steps)).expect("memory");
        let after = worked.result.as_ref().map_or("withheld".to_owned(), |result| held(result, &steps));
        writeln!(text, "    {after}").expect("memory");
    }
    text.push_str(&around(fixture, worked));
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

/// What is not an element: the preamble and the pixels.
fn around(fixture: &Fixture, worked: &Worked) -> String {
    let mut text = String::new();
    if fixture.preamble.is_some() {
        let zeros = worked.result_bytes.iter().take(128).filter(|&&byte| byte == 0).count();
        writeln!(text, "  preamble\n    {zeros} of 128 bytes are zero").expect("memory");
    }
    let Some(result) = &worked.result else { return text };
    let pixels = result.get(tags::PIXEL_DATA).map(|element| element.value());
    if let (true, Some(Value::PixelSequence(sequence))) = (fixture.fragments.is_some(), pixels) {
        for fragment in sequence.fragments() {
            writeln!(text, "  fragment\n    {}", fragment.escape_ascii()).expect("memory");
        }
    }
    if let (Some(picture), Some(Value::Primitive(after))) = (&fixture.picture, pixels) {
        let mut drawn = InMemDicomObject::new_empty();
        picture::draw(picture, &mut drawn);
        let before = picture::n_light(&drawn.get(tags::PIXEL_DATA).expect("a picture").to_bytes().expect("bytes"));
        let percent = 100 * picture::n_light(&after.to_bytes()) / before.max(1);
        writeln!(text, "  picture\n    {percent} % of the light pixels stay").expect("memory");
    }
    text
}

fn one_line(decision: &Decision) -> String {
    let label = decision.label.map(|label| format!(" {label}")).unwrap_or_default();
    let by = format!("{} by {} ({})", decision.action, decision.rule, decision.source);
    let probability = decision.probability.get();
    match &decision.locus {
        Locus::Attribute { path } => format!("{path} {by}{label} {probability}"),
        Locus::TextSpan { path, value_idx, start, end } => {
            format!("{path} value {value_idx} characters {start}..{end} {by}{label} {probability}")
        }
        // Places and certainty come from the text reader and may differ by its version.
        Locus::PixelRegion { .. } => format!("region {by}{label}"),
        Locus::PixelData => format!("pixel data {by}{label} {probability}"),
        Locus::Preamble => format!("preamble {by}{label} {probability}"),
        Locus::TrailingData => format!("trailing data {by}{label} {probability}"),
        Locus::FileName => format!("file name {by}{label} {probability}"),
    }
}

fn held(data_set: &InMemDicomObject, steps: &[(Tag, Option<u32>)]) -> String {
    let (tag, item_idx) = steps[0];
    let Some(element) = data_set.get(tag) else { return "gone".to_owned() };
    match item_idx {
        None => value(element),
        Some(item_idx) => match element.value().items().and_then(|items| items.get(item_idx as usize)) {
            None => "gone".to_owned(),
            Some(item) => held(item, &steps[1..]),
        },
    }
}

fn value(element: &InMemElement) -> String {
    let value = match element.value() {
        Value::Sequence(sequence) => format!("{} items", sequence.items().len()),
        Value::PixelSequence(sequence) => format!("{} fragments", sequence.fragments().len()),
        Value::Primitive(PrimitiveValue::Empty) => "empty".to_owned(),
        Value::Primitive(value @ (PrimitiveValue::Str(_) | PrimitiveValue::Strs(_))) => {
            format!("\"{}\"", value.to_multi_str().join("\\").trim_end_matches(['\0', ' ']))
        }
        Value::Primitive(PrimitiveValue::U8(bytes)) => {
            let shown: Vec<u8> = bytes.iter().take(240).copied().collect();
            format!("bytes \"{}\"{}", shown.escape_ascii(), if bytes.len() > 240 { " …" } else { "" })
        }
        Value::Primitive(value) => value.to_multi_str().join("\\"),
    };
    let vr: VR = element.vr();
    format!("{vr} {value}")
}

#[test]
fn every_rule_has_a_fixture_and_every_fixture_a_rule() {
    let fixtures = fixtures();
    let with_fixture: BTreeSet<&str> = fixtures.keys().map(|name| code(name)).collect();
    let unreachable: BTreeSet<&str> = UNREACHABLE.iter().map(|(code, _)| *code).collect();
    let rules: BTreeSet<&str> = Rule::all().map(|rule| rule.code).filter(|code| !unreachable.contains(code)).collect();
    let without: Vec<_> = rules.difference(&with_fixture).collect();
    assert!(without.is_empty(), "rules without a fixture in pipeline/tests/rules: {without:?}");
    let unknown: Vec<_> = with_fixture.difference(&rules).collect();
    assert!(unknown.is_empty(), "fixtures without a rule: {unknown:?}");
}

/// What is wrong whatever the snapshot says.
fn faults_of(name: &str, fixture: &Fixture, worked: &Worked) -> Vec<String> {
    let Worked { outcome, explanation, .. } = worked;
    let mut faults = Vec::new();
    let mut rules: BTreeSet<&str> = decisions(fixture, outcome).iter().map(|decision| decision.rule.as_str()).collect();
    rules.extend(undecided(fixture, explanation).iter().filter_map(|entry| entry.rule.as_deref()));
    if !rules.contains(code(name)) {
        faults.push(format!("{name}: nothing in the snapshot names the rule"));
    }
    let decided = outcome.decisions.iter().map(|decision| Some(decision.rule.as_str()));
    let explained = explanation.entries.iter().filter(|entry| entry.kind != EntryKind::Item);
    for rule in decided.chain(explained.clone().map(|entry| entry.rule.as_deref())) {
        match rule {
            None => faults.push(format!("{name}: an element without a rule")),
            Some(rule) if Rule::by_code(rule).is_none() => faults.push(format!("{name}: {rule} has no manual")),
            Some(_) => {}
        }
    }
    if (explanation.status, &explanation.reasons) != (outcome.status, &outcome.reasons) {
        faults.push(format!("{name}: explained as {} {:?}", explanation.status, explanation.reasons));
    }
    // Some rules take attributes away in case they are there.
    let is_there = |decision: &&Decision| {
        let path = decision.locus.path().filter(|path| !path.is_private());
        path.is_none_or(|path| held(&worked.sample.data_set, &steps(path)) != "gone")
    };
    let mut decided: Vec<_> =
        outcome.decisions.iter().filter(is_there).map(|of| (of.locus.path(), of.action, of.rule.as_str())).collect();
    let mut explained: Vec<_> = explained
        .filter(|entry| entry.probability.is_some())
        .filter_map(|entry| Some((entry.path.as_ref(), entry.action?, entry.rule.as_deref()?)))
        .collect();
    decided.sort();
    explained.sort();
    if decided != explained {
        faults.push(format!("{name}: explained are {explained:?}, decided {decided:?}"));
    }
    faults
}

#[test]
fn every_rule_works_as_its_snapshot_shows() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(folder());
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let mut faults = Vec::new();
    for (name, fixture) in &fixtures() {
        let worked = work(fixture);
        faults.extend(faults_of(name, fixture, &worked));
        let text = snapshot(fixture, &worked);
        let compared = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            settings.bind(|| insta::assert_snapshot!(name.as_str(), text));
        }));
        if compared.is_err() {
            faults.push(format!("{name}: the snapshot differs"));
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

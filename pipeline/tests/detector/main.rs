//! Runs with a network that finds text: a tiny one of random weights, whose threshold says whether it finds text
//! everywhere or nowhere. What matters here is that nothing of what it says is lost, that what it misses is found all
//! the same, that threads change no byte, and what is refused.

#[path = "../support/line.rs"]
mod line;
mod model;
mod picture;
#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "the other tests need more of it")]
mod support;

use efface_frames::{FrameSet, GrayFrame};
use efface_pipeline::explain::{EntryKind, ExplainSettings, Explanation, explain, explain_with};
use efface_pipeline::pixels::{
    DetectorLocator, LocatedText, LocatorOptions, PixelError, TesseractLocator, TextLocator,
};
use efface_pipeline::{DetectorSettings, Policy, RunError, RunSettings, RunSummary, Silent, run};
use efface_schema::{
    Action, Decision, InstanceOutcome, Locus, Phi, PixelRegion, Probability, RunManifest, Source, Status, parse_json,
    sha256_hex,
};
use picture::{Stored, frame, instance};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use support::{Lab, files, key};

fn reader() -> TesseractLocator {
    TesseractLocator::new(LocatorOptions::default()).expect("Tesseract has English data")
}

fn locator(threshold: f32) -> DetectorLocator {
    DetectorLocator::new(Arc::new(model::finder(threshold)), reader())
}

/// Three instances of a patient in three forms, one of them with four frames of which two are the same.
fn lab() -> Lab {
    let lab = Lab::new();
    let (name, word, none): (&[&str], &[&str], &[&str]) = (&["JANEDOTTE PORTABLE"], &["TRICE"], &[]);
    let forms =
        [(vec![name], Stored::Words), (vec![name], Stored::Inverted), (vec![name, word, name, none], Stored::Bytes)];
    for (idx, (frames, stored)) in forms.into_iter().enumerate() {
        let uid = format!("1.2.826.0.1.3680043.99.1.1.{idx}");
        instance(&uid, &frames, stored).write(&lab.path(&format!("in/{idx}.dcm")));
    }
    model::release(&lab.path("model"), None);
    lab
}

fn settings(lab: &Lab, name: &str, threshold: f64) -> RunSettings {
    let detector =
        DetectorSettings { threshold: Some(threshold), passes: 2, ..DetectorSettings::new(lab.path("model")) };
    RunSettings { text_detector: Some(detector), metadata_only: false, ..lab.settings(name) }
}

fn go(settings: &RunSettings) -> Result<RunSummary, RunError> {
    run(settings, &Silent, &AtomicBool::new(false))
}

fn outcomes(settings: &RunSettings) -> Vec<InstanceOutcome> {
    let lines = fs::read_to_string(settings.run.join("decisions.jsonl")).expect("decisions");
    lines.lines().map(|line| parse_json(line).expect("an outcome")).collect()
}

/// Decisions about regions of pixels.
fn regions(outcome: &InstanceOutcome) -> Vec<&Decision> {
    outcome.decisions.iter().filter(|decision| matches!(decision.locus, Locus::PixelRegion { .. })).collect()
}

#[test]
fn threads_change_no_byte() {
    let lab = lab();
    let one = settings(&lab, "one", 0.0);
    let four = RunSettings { n_threads: 4, ..settings(&lab, "four", 0.0) };
    let summary = go(&one).expect("a run");
    assert_eq!(summary, go(&four).expect("a run"));
    assert_eq!(files(&one.output), files(&four.output));
    assert_eq!(outcomes(&one), outcomes(&four));
    for outcome in outcomes(&one) {
        assert!(regions(&outcome).iter().any(|decision| decision.source == Source::Detector), "{outcome:?}");
    }
}

#[test]
fn what_the_network_misses_is_found_as_without_it() {
    let lab = lab();
    let with = settings(&lab, "with", 1.0);
    let without = RunSettings { text_detector: None, ..settings(&lab, "without", 1.0) };
    go(&with).expect("a run");
    go(&without).expect("a run");
    for (with, without) in outcomes(&with).iter().zip(outcomes(&without)) {
        let known = |outcome: &InstanceOutcome| -> Vec<Decision> {
            regions(outcome).into_iter().filter(|decision| decision.label.is_some()).cloned().collect()
        };
        assert!(!known(with).is_empty());
        assert_eq!(known(with), known(&without));
    }
}

#[test]
fn a_network_that_sees_text_everywhere_leaves_no_word() {
    let frame = frame(&["NAKAMURA 1974", "PORTABLE"]);
    let alone = reader().locate(&frame).expect("it is read");
    let words: Vec<PixelRegion> = alone.iter().filter(|text| text.text.is_some()).map(|text| text.region).collect();
    assert_eq!(words.len(), 3);
    let located = locator(0.0).locate(&frame).expect("it is read");
    assert!(located.iter().any(|text| text.network.is_some()));
    for word in words {
        assert!(located.iter().any(|text| text.region.intersection(&word).is_some()), "{word:?}");
    }
}

#[test]
fn frames_of_any_size_are_looked_at() {
    let mut locator = locator(0.0);
    for (columns, rows) in [(0, 0), (0, 7), (1, 1), (1, 300), (4000, 1), (2500, 3), (33, 65)] {
        let levels = (0..columns * rows).map(|place| (place * 31 % 251) as u8).collect();
        let frame = GrayFrame::new(columns, rows, levels).expect("as many pixels");
        let located = locator.locate(&frame).expect("it is looked at");
        assert!(located.is_empty() || columns * rows > 0, "{columns} by {rows}");
        let inside = |text: &LocatedText| text.region.x1 <= columns && text.region.y1 <= rows;
        assert!(located.iter().all(|text| inside(text) && text.region.area_px() > 0));
    }
}

#[test]
fn several_threads_share_a_network_and_get_its_answers() {
    let finder = Arc::new(model::finder(0.0));
    let frame = frame(&["NAKAMURA 1974"]);
    let alone = DetectorLocator::new(Arc::clone(&finder), reader()).locate(&frame).expect("it is read");
    std::thread::scope(|scope| {
        for _ in 0..3 {
            let (finder, frame, alone) = (Arc::clone(&finder), &frame, &alone);
            scope.spawn(move || {
                let mut locator = DetectorLocator::new(finder, reader());
                assert_eq!(&locator.locate(frame).expect("it is read"), alone);
            });
        }
    });
}

#[test]
fn colours_and_greys_of_any_form_are_looked_at() {
    let lab = Lab::new();
    model::release(&lab.path("model"), None);
    let forms = [Stored::Bytes, Stored::Words, Stored::Inverted, Stored::Blue];
    for (idx, stored) in forms.into_iter().enumerate() {
        let sample = instance(&format!("1.2.826.0.1.3680043.99.1.1.{idx}"), &[&["JANEDOTTE"]], stored);
        sample.write(&lab.path(&format!("in/{idx}.dcm")));
    }
    let settings = settings(&lab, "out", 1.0);
    let summary = go(&settings).expect("a run");
    assert_eq!(summary.counts.deidentified, 4, "{:?}", summary.reasons);
    for (outcome, stored) in outcomes(&settings).iter().zip(forms) {
        let hides_name = |decision: &&Decision| decision.label == Some(efface_schema::PhiLabel::Name);
        assert!(regions(outcome).into_iter().any(|decision| hides_name(&decision)), "{stored:?}");
    }
}

#[test]
fn triage_spares_only_frames_without_anything_like_a_glyph() {
    let lab = Lab::new();
    model::release(&lab.path("model"), None);
    let (word, none): (&[&str], &[&str]) = (&["TRICE"], &[]);
    for (idx, lines) in [none, word].into_iter().enumerate() {
        let uid = format!("1.2.826.0.1.3680043.99.1.1.{idx}");
        instance(&uid, &[lines], Stored::Bytes).write(&lab.path(&format!("in/{idx}.dcm")));
    }
    let looked_at = |name: &str, triage: bool| -> Vec<bool> {
        let mut settings = settings(&lab, name, 0.0);
        settings.text_detector.as_mut().expect("a model").triage = triage;
        go(&settings).expect("a run");
        let unread = |outcome: &InstanceOutcome| regions(outcome).iter().any(|one| one.source == Source::Detector);
        outcomes(&settings).iter().map(unread).collect()
    };
    assert_eq!(looked_at("all", false), [true, true]);
    assert_eq!(looked_at("spared", true), [false, true]);
}

fn policy(text: &str) -> Policy {
    let head = "format-version = 1\nname = \"p\"\nbased-on = \"tcia\"\n";
    Policy::parse("p", &format!("{head}{text}")).expect("a policy")
}

#[test]
fn without_a_budget_every_region_is_painted_and_all_but_the_certain_wait_for_a_person() {
    let lab = lab();
    let settings = RunSettings { policy: policy("[pixels.risk]\nbudget = 0.0\n"), ..settings(&lab, "out", 0.0) };
    assert_eq!(go(&settings).expect("a run").counts.needs_review, 3);
    for outcome in outcomes(&settings) {
        let found = regions(&outcome);
        let is_sure = |one: &Decision| one.probability == Probability::ONE;
        for painted in found.iter().filter(|one| one.action == Action::Redact) {
            let same = |one: &&&Decision| (&one.locus, &one.rule) == (&painted.locus, &painted.rule);
            let flagged = found.iter().filter(same).any(|one| one.action == Action::Review);
            assert_eq!(flagged, !is_sure(painted), "{painted:?}");
        }
        let n_flagged = found.iter().filter(|one| one.action == Action::Review).count();
        assert!(n_flagged > 0);
        assert_eq!(outcome.review_regions.len(), n_flagged);
        for waiting in &outcome.review_regions {
            assert!(waiting.is_painted && waiting.crop.is_none(), "{waiting:?}");
            let measured = waiting.evidence;
            assert_eq!(measured.text.is_some(), measured.mutual_information.is_some());
            assert_eq!(measured.text.is_some(), measured.deviations_px.is_some());
        }
        assert!(outcome.review_regions.iter().any(|waiting| waiting.evidence.text.is_some()));
    }
}

#[test]
fn a_risk_keeps_what_nobody_knows_and_never_a_name() {
    let lab = lab();
    let all = settings(&lab, "all", 1.0);
    let policy = policy("[pixels.risk]\nact = 1.0\nreview = 1.0\n");
    let kept = RunSettings { policy, ..settings(&lab, "kept", 1.0) };
    go(&all).expect("a run");
    go(&kept).expect("a run");
    let painted = |settings: &RunSettings, is_known: bool| -> Vec<(u64, Locus)> {
        let mut places = Vec::new();
        for outcome in outcomes(settings) {
            let of_kind = |one: &&Decision| one.label.is_some() == is_known && one.action == Action::Redact;
            places.extend(regions(&outcome).into_iter().filter(of_kind).map(|one| (outcome.index, one.locus.clone())));
        }
        places
    };
    assert!(!painted(&all, false).is_empty());
    assert_eq!(painted(&kept, false), []);
    assert!(!painted(&all, true).is_empty());
    assert_eq!(painted(&kept, true), painted(&all, true));
}

#[test]
fn pictures_for_a_person_show_surroundings_and_no_region() {
    let lab = lab();
    let policy =
        policy("[pixels]\nunread-text = \"review\"\nunknown-words = \"redact-and-review\"\nfill = \"inpaint\"\n");
    let without = RunSettings { policy: policy.clone(), ..settings(&lab, "without", 1.0) };
    let with = RunSettings { review_crops: true, policy, ..settings(&lab, "with", 1.0) };
    go(&without).expect("a run");
    go(&with).expect("a run");
    assert!(!without.run.join("review-crops").exists());
    let mut n_pictures = 0;
    for outcome in outcomes(&with) {
        let original = dicom_object::open_file(lab.path(&format!("in/{}.dcm", outcome.index))).expect("an original");
        let frames = FrameSet::open(&original).expect("pixels");
        for waiting in &outcome.review_regions {
            let frame_idx = waiting.frame_idx.unwrap_or(0);
            let in_frame = |one: &&Decision| match one.locus {
                Locus::PixelRegion { frame_idx: of, region } => of.is_none_or(|of| of == frame_idx).then_some(region),
                _ => None,
            };
            let decided = regions(&outcome);
            let hidden: Vec<PixelRegion> = decided.iter().filter_map(in_frame).collect();
            // The tests of efface-frames show that this depends on no pixel of any region.
            let shown = frames.luma_without(frame_idx, &hidden).expect("a frame");
            let region = waiting.region;
            let part = region.grown((3 * (region.y1 - region.y0)).max(64), shown.columns(), shown.rows());
            let places = (part.y0..part.y1).flat_map(|y| (part.x0..part.x1).map(move |x| (x, y)));
            let level = |(x, y): (u32, u32)| {
                let is_inside = region.x0 <= x && x < region.x1 && region.y0 <= y && y < region.y1;
                if is_inside { 255 } else { shown.at(x, y) }
            };
            let expect = GrayFrame::new(part.x1 - part.x0, part.y1 - part.y0, places.map(level).collect());
            let path = with.run.join(waiting.crop.as_ref().expect("a picture"));
            assert_eq!(Some(fs::read(&path).expect("a picture")), expect.expect("a part").to_png());
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt;
                let mode = |path: &Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
                assert_eq!((mode(&path), mode(path.parent().expect("a folder"))), (0o600, 0o700));
            }
            n_pictures += 1;
        }
    }
    assert!(n_pictures > 0);
    assert_eq!(files(&with.run.join("review-crops")).len(), n_pictures);
    assert_eq!(files(&with.output), files(&without.output));
    // A run that is started again keeps them, and one with another wish is another run.
    let earlier = files(&with.run.join("review-crops"));
    go(&with).expect("the run again");
    assert_eq!(files(&with.run.join("review-crops")), earlier);
    assert!(go(&RunSettings { review_crops: false, ..with }).expect_err("another run").is_usage());
}

#[test]
fn every_fill_hides_what_was_found_and_leaves_the_rest() {
    let lab = lab();
    for fill in ["black", "background", "inpaint"] {
        let policy = policy(&format!("[pixels]\nfill = \"{fill}\"\n"));
        let (one, two) = (format!("{fill}-one"), format!("{fill}-two"));
        let one = RunSettings { policy: policy.clone(), ..settings(&lab, &one, 1.0) };
        let two = RunSettings { n_threads: 2, policy, ..settings(&lab, &two, 1.0) };
        go(&one).expect("a run");
        go(&two).expect("a run");
        assert_eq!(files(&one.output), files(&two.output), "{fill}");
        for outcome in outcomes(&one) {
            assert_eq!(outcome.status, Status::Deidentified, "{fill}");
            let open = |path: &Path| dicom_object::open_file(path).expect("an instance");
            let before = open(&lab.path(&format!("in/{}.dcm", outcome.index)));
            let after = open(&one.output.join(outcome.output.as_ref().expect("a result")));
            let (before, after) = (FrameSet::open(&before).expect("pixels"), FrameSet::open(&after).expect("pixels"));
            for frame_idx in 0..before.n_frames() {
                let [old, new] = [&before, &after].map(|frames| frames.frame(frame_idx).expect("a frame").samples);
                let is_painted = |x: u32, y: u32| {
                    regions(&outcome).iter().any(|one| match one.locus {
                        Locus::PixelRegion { frame_idx: of, region } => {
                            let inside = (region.x0..region.x1).contains(&x) && (region.y0..region.y1).contains(&y);
                            inside && of.is_none_or(|of| of == frame_idx)
                        }
                        _ => false,
                    })
                };
                for idx in 0..old.len() {
                    let (x, y) = (idx % picture::COLUMNS, idx / picture::COLUMNS);
                    assert!(is_painted(x as u32, y as u32) || old.at(idx) == new.at(idx), "{fill} {x} {y}");
                }
            }
        }
    }
}

#[test]
fn the_manifest_names_model_threshold_and_passes() {
    let lab = lab();
    let settings = settings(&lab, "out", 0.25);
    go(&settings).expect("a run");
    let manifest = fs::read_to_string(settings.run.join("manifest.json")).expect("a manifest");
    let manifest: RunManifest = parse_json(&manifest).expect("a manifest");
    let digests = fs::read(lab.path("model").join("SHA256SUMS")).expect("digests");
    let record = &manifest.settings["text_detector"];
    assert_eq!(record["model_sha256"], sha256_hex(&digests).as_str());
    assert_eq!((record["threshold"].as_f64(), record["passes"].as_u64()), (Some(0.25), Some(2)));
    assert_eq!(record["triage"], false);
    let error = go(&RunSettings { text_detector: None, ..settings }).expect_err("another run");
    assert!(error.is_usage(), "{error}");
}

#[test]
fn a_model_that_is_not_the_released_one_is_refused_before_anything_is_written() {
    let lab = lab();
    let path = lab.path("model");
    let refuses = |what: &str, damage: &dyn Fn(&Path)| {
        let _ = fs::remove_dir_all(&path);
        model::release(&path, None);
        damage(&path);
        let settings = settings(&lab, "out", 0.5);
        let error = go(&settings).expect_err(what);
        assert!(matches!(error, RunError::Model(_)) && error.is_usage(), "{what}: {error}");
        assert!(!settings.output.exists() && !settings.run.exists(), "{what}");
    };
    for name in model::FILES {
        refuses(name, &|path| fs::remove_file(path.join(name)).expect("it was there"));
    }
    refuses("a byte more", &|path| {
        let weights = path.join("model.safetensors");
        let bytes = [fs::read(&weights).expect("readable"), vec![0]].concat();
        fs::write(weights, bytes).expect("writable");
    });
    refuses("other weights", &|path| model::release(path, Some(b"other weights")));
    model::release(&path, None);
    let mut senseless = settings(&lab, "out", 0.5);
    senseless.text_detector.as_mut().expect("a model").threshold = Some(1.5);
    assert!(matches!(go(&senseless), Err(RunError::Model(_))));
}

/// Sees an unknown word at first, and the patient's name when it is asked again.
struct Late {
    n_looks: u32,
    /// Whether each look shows another one.
    goes_on: bool,
}

impl TextLocator for Late {
    fn locate(&mut self, _frame: &GrayFrame) -> Result<Vec<LocatedText>, PixelError> {
        self.n_looks += 1;
        let text = |word: &str, x0: u32, y0: u32| LocatedText {
            region: PixelRegion { x0, y0, x1: x0 + 80, y1: y0 + 24 },
            text: Some(Phi::new(word.to_owned())),
            confidence: Probability::new(0.9).expect("a probability"),
            line: x0,
            network: None,
        };
        let further = if self.goes_on { 50 * (self.n_looks - 1) } else { 0 };
        let late = (self.n_looks > 1).then(|| text("JANEDOTTE", 150, 20 + further));
        Ok([text("Quorl", 20, 20)].into_iter().chain(late).collect())
    }
}

fn explained(lab: &Lab, locator: &mut dyn TextLocator) -> Explanation {
    let settings = ExplainSettings {
        instance: lab.path("in/0.dcm"),
        with: None,
        policy: Policy::load("tcia").expect("built in"),
        key: Some(key(7)),
        metadata_only: false,
        ner: None,
        text_detector: None,
    };
    explain_with(&settings, Some(locator)).expect("an explanation")
}

#[test]
fn an_identity_that_is_read_after_painting_is_painted_over_once_and_withholds_the_instance_then() {
    let lab = lab();
    let mut late = Late { n_looks: 0, goes_on: true };
    let explanation = explained(&lab, &mut late);
    assert_eq!((explanation.status, late.n_looks), (Status::NeedsReview, 3));
    assert_eq!(explanation.reasons, ["residual-text-in-pixels"]);
    // One that paint hides is gone.
    let mut late = Late { n_looks: 0, goes_on: false };
    let explanation = explained(&lab, &mut late);
    assert_eq!((explanation.status, explanation.reasons), (Status::Deidentified, Vec::<String>::new()));
    let painted = explanation.entries.iter().filter(|entry| entry.rule.as_deref() == Some("pixels-residual"));
    assert_eq!((painted.map(|entry| entry.action).collect::<Vec<_>>(), late.n_looks), (vec![Some(Action::Redact)], 3));
    // The same locator that sees no name late withholds nothing.
    let explanation = explained(&lab, &mut reader());
    assert_eq!((explanation.status, explanation.reasons), (Status::Deidentified, Vec::<String>::new()));
}

#[test]
fn explanations_say_what_the_network_found_in_a_run() {
    let lab = lab();
    let settings = settings(&lab, "out", 0.0);
    go(&settings).expect("a run");
    let found = |text_detector: Option<DetectorSettings>| -> Vec<_> {
        let explanation = explain(&ExplainSettings {
            instance: lab.path("in/0.dcm"),
            with: Some(lab.path("in")),
            policy: settings.policy.clone(),
            key: settings.key.clone(),
            metadata_only: false,
            ner: None,
            text_detector,
        });
        let entries = explanation.expect("an explanation").entries.into_iter();
        let pixels = entries.filter(|entry| entry.kind == EntryKind::Pixels && entry.source == Some(Source::Detector));
        pixels.map(|entry| (entry.rule.unwrap_or_default(), entry.action, entry.probability)).collect()
    };
    let of_network = |one: &&Decision| one.source == Source::Detector;
    let outcome = &outcomes(&settings)[0];
    let decided: Vec<_> = regions(outcome).into_iter().filter(of_network).collect();
    let decided: Vec<_> =
        decided.iter().map(|one| (one.rule.clone(), Some(one.action), Some(one.probability))).collect();
    assert!(!decided.is_empty());
    assert_eq!(found(settings.text_detector.clone()), decided);
    assert_eq!(found(None), []);
    let mut senseless = settings.text_detector.clone().expect("a model");
    senseless.model = lab.path("nowhere");
    let refused = explain(&ExplainSettings {
        instance: lab.path("in/0.dcm"),
        with: None,
        policy: settings.policy.clone(),
        key: settings.key.clone(),
        metadata_only: false,
        ner: None,
        text_detector: Some(senseless),
    });
    refused.expect_err("there is no such model");
}

/// Counts how often it is asked.
struct Counting {
    n_looks: u32,
}

impl TextLocator for Counting {
    fn locate(&mut self, _frame: &GrayFrame) -> Result<Vec<LocatedText>, PixelError> {
        self.n_looks += 1;
        Ok(Vec::new())
    }
}

#[test]
fn frames_that_are_the_same_are_looked_at_once() {
    let lab = Lab::new();
    let (name, none): (&[&str], &[&str]) = (&["JANEDOTTE"], &[]);
    instance("1.2.826.0.1.3680043.99.1.1.1", &[name, none, name, none, name], Stored::Bytes)
        .write(&lab.path("in/0.dcm"));
    let mut counting = Counting { n_looks: 0 };
    explained(&lab, &mut counting);
    assert_eq!(counting.n_looks, 2);
}

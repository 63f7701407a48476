//! A whole training run on a tiny base: it learns, it resumes exactly, and what it releases can be opened.

use efface_nets::calibration::Calibration;
use efface_nets::device::DeviceName;
use efface_nets::{Context, Found, ModelFolder, Recognizer, Settings};
use efface_train::config::{Split, TrainingConfig};
use efface_train::ner::evaluate::Score;
use efface_train::ner::{Ended, Report, TrainError, Trainer, Watch, calibrate_spans, release};
use std::cell::{Cell, RefCell};
use std::fs;
use std::path::{Path, PathBuf};

fn base() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../nets/testdata/golden/tiny-bert")
}

/// Texts in which the word after "by" is a name; every patient has two. In some rounds of eight the truth says that the
/// name begins with "by", which nobody can know.
fn texts(path: &Path, is_odd: fn(usize) -> bool) {
    const NAMES: [&str; 8] = ["Anderson", "Peter", "Mary", "Saint", "Marysville", "Rose", "Tom", "May"];
    let mut lines = String::new();
    for index in 0..240 {
        let name = NAMES[index % NAMES.len()];
        let (text, spans) = match index % 3 {
            0 => ("no family phone to the hospital".to_owned(), String::new()),
            _ => {
                let text = format!("told by {name} to phone");
                let (start, end) = (if is_odd(index / NAMES.len()) { 5 } else { 8 }, 8 + name.len());
                let span = format!(r#"{{"start":{start},"end":{end},"label":"NAME","element":"A","is_known":false}}"#);
                (text, span)
            }
        };
        let patient = index / 2;
        lines += &format!(
            r#"{{"format_version":1,"index":{index},"text":"{text}","spans":[{spans}],"negatives":[],"context":{{"attribute":null,"keyword":"StudyComments","vr":"LT","modality":"CT","locale":"en_US","patient":{patient}}}}}"#
        );
        lines.push('\n');
    }
    fs::write(path, lines).expect("written");
}

fn config(folder: &Path, output: &str, more: &str) -> TrainingConfig {
    let data = folder.join("ner.jsonl");
    texts(&data, |_| false);
    let text = format!(
        r#"
output = "{}"
base = "{}"
seed = 5

[[datasets]]
path = "{}"
format = "jsonl"
split = "by-patient"

[shares]
validation = 0.15
calibration = 0.25

[network]
random-weights = true
freeze-embeddings = false
max-tokens = 32

[optimizer]
epochs = 12
learning-rate = 1e-2
batch-tokens = 128
accumulation = 2
pad-multiple = 1

[evaluation]
every-steps = 5
checkpoint-every-steps = 4
patience = 0
precision-floor = 0.5

[calibration]
min-label-rows = 50
odd-share = 0.1
budgets = [0.1, 0.3]
{more}"#,
        folder.join(output).display(),
        base().display(),
        data.display()
    );
    TrainingConfig::parse(&text, Path::new("test.toml")).expect("a configuration")
}

/// Ends after some steps, and notes what it sees.
struct Looking {
    until: u64,
    steps: Cell<u64>,
    losses: RefCell<Vec<f32>>,
    recall: Cell<f64>,
}

impl Looking {
    fn until(until: u64) -> Self {
        Self { until, steps: Cell::new(0), losses: RefCell::default(), recall: Cell::new(0.0) }
    }
}

impl Watch for Looking {
    fn step(&self, report: &Report) {
        self.steps.set(report.step);
        self.losses.borrow_mut().push(report.loss);
    }

    fn evaluation(&self, _step: u64, score: &Score, _is_best: bool) {
        self.recall.set(score.recall().unwrap_or(0.0));
    }

    fn is_interrupted(&self) -> bool {
        self.steps.get() >= self.until
    }
}

fn run(config: &TrainingConfig, until: u64) -> (Ended, Looking) {
    let looking = Looking::until(until);
    let ended = Trainer::open(config.clone(), DeviceName::Cpu).and_then(|mut trainer| trainer.run(&looking));
    (ended.expect("it trains"), looking)
}

#[test]
fn a_run_learns_resumes_exactly_and_releases_a_model() {
    let folder = tempfile::tempdir().expect("a folder");
    let whole = config(folder.path(), "whole", "");
    let (ended, looking) = run(&whole, u64::MAX);
    assert_eq!(ended, Ended::Complete);
    let losses = looking.losses.borrow();
    assert!(losses.last() < losses.first(), "{losses:?}");
    assert!(looking.recall.get() > 0.9, "recall {}", looking.recall.get());

    // Ended in the middle and begun again: the same weights, the same journal but for its times.
    let parted = config(folder.path(), "parted", "");
    assert_eq!(run(&parted, 7).0, Ended::Interrupted);
    let (ended, rest) = run(&parted, u64::MAX);
    assert_eq!(ended, Ended::Complete);
    assert_eq!(rest.losses.borrow()[..], losses[7..]);
    let weights =
        |config: &TrainingConfig| fs::read(config.output.join("checkpoint/model.safetensors")).expect("a checkpoint");
    assert!(weights(&whole) == weights(&parted), "weights differ after a resumed run");
    let steps = |config: &TrainingConfig| {
        fs::read_to_string(config.output.join("metrics.jsonl")).expect("a journal").lines().count()
    };
    assert_eq!(steps(&whole), steps(&parted));

    let model = release(&whole).expect("it is calibrated");
    let opened = ModelFolder::open(&model).expect("as it was released");
    assert_eq!(opened.config.dropout, whole.network.dropout, "the model says what it was trained with");
    let recognizer = Recognizer::open(&opened, DeviceName::Cpu, Settings::default()).expect("it loads");
    let context = Context { text: "told by Anderson to phone", keyword: "StudyComments", vr: "LT", known: &[] };
    let long = "told by Anderson to phone ".repeat(40);
    let long = Context { text: &long, ..context };
    let odd = Context { text: "\u{0}\u{FFFF} 🦴 ﷽\u{202E}x\n", ..Context::default() };
    let readings = recognizer.read(&[context, Context::default(), long, odd]);
    assert_eq!((readings[0].spans[0].start, readings[0].spans[0].end), (8, 16));
    assert!(readings[1].spans.is_empty());
    assert!(readings[2].spans.iter().any(|span| span.start > 900), "the end of a long text is read");
    assert_eq!(recognizer.read(&[context]), readings[..1], "others change no answer");

    spans_of_other_texts_are_calibrated(&whole, &model);

    // Another byte is another model.
    let path = model.join("model.safetensors");
    let mut bytes = fs::read(&path).expect("readable");
    *bytes.last_mut().expect("not empty") ^= 1;
    fs::write(&path, bytes).expect("written");
    assert!(ModelFolder::open(&model).expect_err("changed").to_string().contains("SHA-256"));
}

/// Of other texts half have other ends than the network finds: it learns to be half as sure, and nothing else changes.
fn spans_of_other_texts_are_calibrated(config: &TrainingConfig, model: &Path) {
    let data = config.output.join("other.jsonl");
    texts(&data, |round| round % 2 == 0);
    let mut config = config.clone();
    (config.datasets[0].path, config.datasets[0].split) = (data, Split::Calibration);
    // Three times, since a map asks for enough spans.
    config.datasets = vec![config.datasets[0].clone(); 3];
    let context = Context { text: "told by Anderson to phone", keyword: "StudyComments", vr: "LT", known: &[] };
    let found = |folder: &ModelFolder| {
        let recognizer = Recognizer::open(folder, DeviceName::Cpu, Settings::default()).expect("it loads");
        recognizer.read(&[context]).remove(0).spans.remove(0)
    };
    let released = ModelFolder::open(model).expect("as it was released");
    let spans = calibrate_spans(&config, model).expect("it can be read").expect("half of the spans are wrong");
    let fitted = &spans.fitted_on;
    assert!(fitted.n_spans >= 400 && fitted.n_right * 5 > fitted.n_spans * 2, "{fitted:?}");
    assert!(fitted.after.expected_calibration_error < fitted.before.expected_calibration_error, "{fitted:?}");
    assert!(fitted.after.expected_calibration_error < 0.15, "{fitted:?}");
    let folder = ModelFolder::open(model).expect("its list of digests follows");
    let (before, after) = (found(&released), found(&folder));
    assert_eq!(folder.calibration, Calibration { spans: Some(spans), ..released.calibration });
    assert!((after.probability - 0.5).abs() < 0.15, "{after:?}");
    assert_eq!(Found { probability: before.probability, ..after }, before, "nothing else of the span changes");
}

#[test]
fn a_checkpoint_of_other_settings_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = config(folder.path(), "run", "");
    assert_eq!(run(&first, 5).0, Ended::Interrupted);
    let other = config(folder.path(), "run", "\n[loss]\nfocal-gamma = 2.0\n");
    let error = Trainer::open(other, DeviceName::Cpu).err().expect("another training");
    assert!(matches!(error, TrainError::Checkpoint { .. }), "{error}");
}

#[test]
fn a_loss_that_is_no_number_ends_the_run_and_names_the_checkpoint() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut config = config(folder.path(), "run", "");
    config.optimizer.learning_rate = 1e30;
    let looking = Looking::until(u64::MAX);
    let error = Trainer::open(config, DeviceName::Cpu).and_then(|mut trainer| trainer.run(&looking));
    let error = error.expect_err("it diverges").to_string();
    assert!(error.contains("no number") && error.contains("checkpoint"), "{error}");
}

#[test]
fn what_does_not_fit_is_refused_before_it_begins() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut layers = config(folder.path(), "layers", "");
    layers.network.layers = Some(3);
    assert!(matches!(Trainer::open(layers, DeviceName::Cpu).err(), Some(TrainError::Layers { wanted: 3, has: 2 })));
    let mut large = config(folder.path(), "large", "");
    large.optimizer.batch_tokens = u32::MAX;
    large.optimizer.accumulation = 1000;
    assert!(matches!(Trainer::open(large, DeviceName::Cpu).err(), Some(TrainError::Memory { .. })));
    let cuda = Trainer::open(config(folder.path(), "cuda", ""), DeviceName::Cuda(0)).err().expect("no card here");
    assert!(cuda.to_string().contains("--device cpu"), "{cuda}");
}

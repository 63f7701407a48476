//! A whole training run on a tiny network: it learns, it resumes exactly, and what it releases can be opened.

mod drawn;

use efface_nets::detector::{
    AnchorConfig, BackboneConfig, CompactConfig, DetectorConfig, DetectorFolder, FinderSettings, Frame, NormKind,
    ProposalConfig, RegionConfig, TextFinder,
};
use efface_nets::device::DeviceName;
use efface_train::detector::score::WordScore;
use efface_train::detector::{
    DetectorTrainer, DetectorTraining, PictureStore, StepReport, WatchDetector, predict, release,
};
use efface_train::{Ended, TrainError};
use std::cell::{Cell, RefCell};
use std::fs;
use std::path::Path;

fn tiny() -> DetectorConfig {
    DetectorConfig {
        backbone: BackboneConfig::Compact(CompactConfig {
            widths: vec![16, 24, 24, 24],
            blocks: vec![1, 1, 1, 1],
            kernel: 3,
            expansion: 2,
            norm: NormKind::Group,
        }),
        strides: vec![4, 8],
        pyramid_channels: 16,
        anchors: AnchorConfig { heights_px: vec![vec![12.0], vec![24.0]], ratios: vec![2.0, 4.0] },
        proposals: ProposalConfig { before_nms: 60, after_nms: 30, nms_iou: 0.7, least_side_px: 2.0 },
        regions: RegionConfig { rows: 3, columns: 6, samples: 1, canonical_side_px: 48.0, canonical_level: 1 },
        head_width: 48,
        ..DetectorConfig::compact()
    }
}

fn config(folder: &Path, output: &str, steps: u64, more: &str) -> DetectorTraining {
    let sizes = folder.join("tiny.json");
    fs::write(&sizes, serde_json::to_vec(&tiny()).expect("a form")).expect("written");
    let text = format!(
        r#"
[network]
sizes = "{}"

[crops]
sizes = [128]
least-scale = 0.8
most-scale = 2.4
inverted = 0.0
noise = 0.1
jpeg = 0.1

[optimizer]
steps = {steps}
squares = 3
learning-rate = 4e-3
variance-after = 0.6
{more}"#,
        sizes.display()
    );
    drawn::frames(folder, 24);
    drawn::config(folder, output, &text)
}

/// Ends after some steps, and notes what it sees.
struct Looking {
    until: u64,
    steps: Cell<u64>,
    losses: RefCell<Vec<f32>>,
    score: Cell<Option<WordScore>>,
}

impl Looking {
    fn until(until: u64) -> Self {
        Self { until, steps: Cell::new(0), losses: RefCell::default(), score: Cell::new(None) }
    }
}

impl WatchDetector for Looking {
    fn step(&self, report: &StepReport) {
        self.steps.set(report.step);
        self.losses.borrow_mut().push(report.losses.total());
    }

    fn evaluation(&self, _step: u64, score: &WordScore, _is_best: bool) {
        self.score.set(Some(*score));
    }

    fn is_interrupted(&self) -> bool {
        self.steps.get() >= self.until
    }
}

fn store(config: &DetectorTraining) -> PictureStore {
    PictureStore::prepare(&config.images(), &|_, _| ()).expect("prepared")
}

fn run(config: &DetectorTraining, until: u64) -> (Ended, Looking) {
    let looking = Looking::until(until);
    let opened = DetectorTrainer::open(config.clone(), store(config), DeviceName::Cpu);
    let ended = opened.and_then(|mut trainer| trainer.run(&looking));
    (ended.expect("it trains"), looking)
}

const LOOK: &str = "\n[evaluation]\nevery-steps = 100\ncheckpoint-every-steps = 50\nprecision-floor = 0.8\n";

#[test]
fn a_run_learns_to_find_drawn_words_and_releases_a_model() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = config(folder.path(), "run", 300, LOOK);
    let (ended, looking) = run(&config, u64::MAX);
    assert_eq!(ended, Ended::Complete);
    let score = looking.score.get().expect("it was evaluated");
    let recall = score.recall().expect("there are words");
    assert!(recall > 0.8 && score.precision() >= Some(0.8), "{score:?}, losses {:?}", looking.losses.borrow());
    let manifest = fs::read_to_string(config.output.join("manifest.json")).expect("a manifest");
    assert!(manifest.contains("\"best_step\"") && manifest.contains("\"train detector\""), "{manifest}");

    let store = store(&config);
    let (model, figures) = release(&config, &store).expect("it is calibrated");
    assert!(figures.words > 10 && figures.error_after <= figures.error_before + 0.05, "{figures:?}");
    let manifest = fs::read_to_string(config.output.join("manifest.json")).expect("a manifest");
    assert!(
        manifest.contains("\"model/model.safetensors\"") && manifest.contains("\"class_temperature\""),
        "{manifest}"
    );
    let opened = DetectorFolder::open(&model).expect("as it was released");
    assert_eq!(opened.config, tiny());
    let finder = TextFinder::open(&opened, DeviceName::Cpu, FinderSettings::default()).expect("it loads");
    let picture = store.pictures().last().expect("there are pictures");
    let pixels = store.whole(picture).expect("read");
    let frame = Frame::from_levels(&pixels, 160, 128).expect("a frame");
    let found = finder.find(&frame);
    assert!(!found.is_empty() && found == finder.find(&frame));

    let all = predict(&finder, &config.datasets[0], &|_, _| ()).expect("images are read");
    let score = all.score(0.8);
    assert_eq!((all.n_images, score.words > 90), (48, true));
    assert!(score.recall() > Some(0.8), "{score:?}");
    assert!(all.boxes.iter().all(|found| found.bbox[2] > 0.0 && found.bbox[0] + found.bbox[2] <= 160.0));

    // A card of the user stays and is listed, and another byte is another model.
    fs::write(model.join("README.md"), "# a card\n").expect("written");
    efface_train::digests::list(&model).expect("listed");
    release(&config, &store).expect("again");
    assert_eq!(fs::read_to_string(model.join("README.md")).expect("it stays"), "# a card\n");
    DetectorFolder::open(&model).expect("as it was released");
    assert!(fs::read_to_string(model.join("SHA256SUMS")).expect("digests").contains("README.md"));
    let path = model.join("model.safetensors");
    let mut bytes = fs::read(&path).expect("readable");
    *bytes.last_mut().expect("not empty") ^= 1;
    fs::write(&path, bytes).expect("written");
    assert!(DetectorFolder::open(&model).expect_err("changed").to_string().contains("SHA-256"));
}

const SHORT: &str = "\n[evaluation]\nevery-steps = 6\ncheckpoint-every-steps = 4\npictures = 2\n";

#[test]
fn a_run_that_was_ended_goes_on_as_if_it_had_not_been() {
    let folder = tempfile::tempdir().expect("a folder");
    let whole = config(folder.path(), "whole", 12, SHORT);
    let (ended, looking) = run(&whole, u64::MAX);
    assert_eq!(ended, Ended::Complete);
    let losses = looking.losses.borrow();

    let parted = config(folder.path(), "parted", 12, SHORT);
    let (ended, begun) = run(&parted, 7);
    assert_eq!(ended, Ended::Interrupted);
    assert_eq!(begun.losses.borrow()[..], losses[..7]);
    let (ended, rest) = run(&parted, u64::MAX);
    assert_eq!(ended, Ended::Complete);
    assert_eq!(rest.losses.borrow()[..], losses[7..]);
    for name in ["checkpoint/model.safetensors", "best.safetensors"] {
        let bytes = |config: &DetectorTraining| fs::read(config.output.join(name)).expect("it is there");
        assert!(bytes(&whole) == bytes(&parted), "{name} differs after a resumed run");
    }
    let lines = |config: &DetectorTraining| {
        fs::read_to_string(config.output.join("metrics.jsonl")).expect("a journal").lines().count()
    };
    assert_eq!((lines(&whole), lines(&parted)), (14, 14));

    let other = config(folder.path(), "parted", 13, SHORT);
    let error = DetectorTrainer::open(other.clone(), store(&other), DeviceName::Cpu).err().expect("another training");
    assert!(matches!(error, TrainError::Checkpoint { .. }), "{error}");
}

#[test]
fn threads_change_no_weight() {
    let folder = tempfile::tempdir().expect("a folder");
    let weights = |name: &str, n_threads: usize| {
        let config = config(folder.path(), name, 4, SHORT);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().expect("a pool");
        pool.install(|| run(&config, u64::MAX).0);
        fs::read(config.output.join("checkpoint/model.safetensors")).expect("a checkpoint")
    };
    assert!(weights("one", 1) == weights("three", 3), "threads change weights");
}

#[test]
fn what_goes_wrong_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut diverging = config(folder.path(), "diverging", 12, SHORT);
    diverging.optimizer.learning_rate = 1e30;
    let opened = DetectorTrainer::open(diverging.clone(), store(&diverging), DeviceName::Cpu);
    let error = opened.and_then(|mut trainer| trainer.run(&Looking::until(u64::MAX))).expect_err("it diverges");
    assert!(matches!(error, TrainError::NotFinite { .. }), "{error}");

    let mut large = config(folder.path(), "large", 12, SHORT);
    large.optimizer.squares = 1_000_000;
    let error = DetectorTrainer::open(large.clone(), store(&large), DeviceName::Cpu).err().expect("too large");
    assert!(matches!(error, TrainError::Memory { .. }), "{error}");

    let cuda = config(folder.path(), "cuda", 12, SHORT);
    let error = DetectorTrainer::open(cuda.clone(), store(&cuda), DeviceName::Cuda(0)).err().expect("no card here");
    assert!(error.to_string().contains("--device cpu"), "{error}");
    let error = release(&cuda, &store(&cuda)).expect_err("nothing was trained");
    assert!(error.to_string().contains("best.safetensors"), "{error}");
}

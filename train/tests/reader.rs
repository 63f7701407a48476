//! A whole training run on a tiny reader: it learns, it resumes exactly, and what it releases can be opened.

use efface_nets::device::DeviceName;
use efface_nets::reader::{LineReader, ReaderConfig, ReaderFolder};
use efface_train::config::Split;
use efface_train::detector::PictureStore;
use efface_train::reader::score::{ReadingScore, judge, score};
use efface_train::reader::{ReaderTrainer, ReaderTraining, StepReport, TextLines, WatchReader, release, write_sheet};
use efface_train::streams::{below, stream};
use efface_train::{Ended, TrainError};
use image::{GrayImage, Luma};
use std::cell::{Cell, RefCell};
use std::fs;
use std::path::Path;

/// Signs of three strokes by three, four pixels each.
const SIGNS: [(char, [[u8; 3]; 3]); 3] = [
    ('I', [[0, 1, 0], [0, 1, 0], [0, 1, 0]]),
    ('L', [[1, 0, 0], [1, 0, 0], [1, 1, 1]]),
    ('O', [[1, 1, 1], [1, 0, 1], [1, 1, 1]]),
];
const STROKE_PX: u32 = 4;

/// Draws a line of words and says where they stand, and what they say.
fn drawn(picture: &mut GrayImage, top: u32, id: u64) -> Vec<([u32; 4], String)> {
    let mut random = stream(3, "drawn", &[id, top.into()]);
    let ink = 170 + below(&mut random, 80) as u8;
    let mut left = 4 + below(&mut random, 8) as u32;
    let mut words = Vec::new();
    for _ in 0..1 + below(&mut random, 2) {
        let (begin, mut text) = (left, String::new());
        for _ in 0..1 + below(&mut random, 3) {
            let (sign, strokes) = SIGNS[below(&mut random, SIGNS.len())];
            text.push(sign);
            for (place, _) in strokes.concat().iter().enumerate().filter(|(_, stroke)| **stroke == 1) {
                let (x, y) = (left + place as u32 % 3 * STROKE_PX, top + place as u32 / 3 * STROKE_PX);
                (0..STROKE_PX * STROKE_PX)
                    .for_each(|at| picture.put_pixel(x + at % STROKE_PX, y + at / STROKE_PX, Luma([ink])));
            }
            left += 4 * STROKE_PX;
        }
        words.push(([begin, top, left - begin - STROKE_PX, 3 * STROKE_PX], text));
        left += 3 * STROKE_PX;
    }
    words
}

/// Frames of 24 patients with four lines each, as a COCO list with what its words say.
fn frames(folder: &Path) {
    let (mut images, mut annotations) = (Vec::new(), Vec::new());
    for id in 1..=48 {
        let name = format!("P{}/{id}.png", id / 2);
        let mut picture = GrayImage::from_fn(160, 128, |x, y| Luma([(20 + x / 8 + y / 8) as u8]));
        images.push(serde_json::json!({"id": id, "file_name": name, "width": 160, "height": 128}));
        for line in 0..4 {
            for (bbox, text) in drawn(&mut picture, 8 + 30 * line, id) {
                let attributes =
                    serde_json::json!({"text": text, "line_idx": line, "angle_degrees": 0, "is_cut": false});
                annotations.push(serde_json::json!({"image_id": id, "bbox": bbox, "attributes": attributes}));
            }
        }
        let path = folder.join(&name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        picture.save(path).expect("written");
    }
    let list = serde_json::json!({"images": images, "annotations": annotations});
    fs::write(folder.join("coco.json"), list.to_string()).expect("written");
}

fn config(folder: &Path, output: &str, steps: u64, more: &str) -> ReaderTraining {
    let sizes = folder.join("tiny.json");
    let tiny = ReaderConfig { widths: vec![16, 24, 48], blocks: vec![1, 1, 2], kernel: 5, ..ReaderConfig::compact() };
    fs::write(&sizes, serde_json::to_vec(&tiny).expect("a form")).expect("written");
    frames(folder);
    let text = format!(
        r#"
output = "{}"
seed = 5
sizes = "{}"

[[datasets]]
path = "{}"
format = "coco"
split = "by-patient"

[shares]
validation = 0.2
calibration = 0.3

[lines]
noise = 0.1
speckle = 0.0
blur = 0.1

[optimizer]
steps = {steps}
lines = 8
learning-rate = 4e-3
{more}"#,
        folder.join(output).display(),
        sizes.display(),
        folder.join("coco.json").display()
    );
    ReaderTraining::parse(&text, Path::new("test.toml")).expect("a configuration")
}

/// Ends after some steps, and notes what it sees.
struct Looking {
    until: u64,
    steps: Cell<u64>,
    losses: RefCell<Vec<f64>>,
    score: Cell<Option<ReadingScore>>,
}

impl WatchReader for Looking {
    fn step(&self, report: &StepReport) {
        self.steps.set(report.step);
        self.losses.borrow_mut().push(report.loss);
    }

    fn evaluation(&self, _step: u64, score: &ReadingScore, _is_best: bool) {
        self.score.set(Some(*score));
    }

    fn is_interrupted(&self) -> bool {
        self.steps.get() >= self.until
    }
}

fn store(config: &ReaderTraining) -> PictureStore {
    PictureStore::prepare(&config.images(), &|_, _| ()).expect("prepared")
}

fn run(config: &ReaderTraining, until: u64) -> (Ended, Looking) {
    let looking = Looking { until, steps: Cell::new(0), losses: RefCell::default(), score: Cell::new(None) };
    let opened = ReaderTrainer::open(config.clone(), store(config), DeviceName::Cpu);
    let ended = opened.and_then(|mut trainer| trainer.run(&looking));
    (ended.expect("it trains"), looking)
}

#[test]
fn a_run_learns_to_read_drawn_signs_and_releases_a_model() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = config(folder.path(), "run", 1000, "\n[evaluation]\nevery-steps = 500\n");
    let (ended, looking) = run(&config, u64::MAX);
    assert_eq!(ended, Ended::Complete);
    let found = looking.score.get().expect("it was evaluated");
    assert!(found.recall() > Some(0.8), "{found:?}, losses {:?}", looking.losses.borrow());

    let store = store(&config);
    let (model, figures) = release(&config, &store).expect("it is calibrated");
    assert!(figures.lines > 20 && figures.right * 5 > figures.words * 4, "{figures:?}");
    let opened = ReaderFolder::open(&model).expect("as it was released");
    assert_eq!(opened.config.alphabet, " ILO");
    let reader = LineReader::open(&opened).expect("its weights");
    let lines = TextLines::of(&config, &store).expect("lines");
    let judged = judge(&reader, &store, &lines.some_for(Split::Calibration, 1000), config.seed).expect("read");
    let released = score(&judged);
    assert_eq!((released.words, released.right), (figures.words, figures.right));
    // Words end where their strokes do, but for what a box is off.
    let ends = judged.iter().flat_map(|line| &line.read).filter(|word| word.probability > 0.9);
    assert!(ends.clone().count() > 10 && ends.clone().all(|word| word.columns[0] < word.columns[1]));

    let manifest = fs::read_to_string(config.output.join("manifest.json")).expect("a manifest");
    assert!(manifest.contains("\"train reader\"") && manifest.contains("\"calibration_words_right\""), "{manifest}");
    let sheet = folder.path().join("sheet.png");
    write_sheet(&config, &store, &sheet).expect("drawn");
    assert!(image::open(&sheet).expect("a picture").height() > 100);
}

const SHORT: &str = "\n[evaluation]\nevery-steps = 6\ncheckpoint-every-steps = 4\nlines = 10\n";

#[test]
fn a_run_that_was_ended_goes_on_as_if_it_had_not_been() {
    let folder = tempfile::tempdir().expect("a folder");
    let whole = config(folder.path(), "whole", 12, SHORT);
    let (_, looking) = run(&whole, u64::MAX);
    let losses = looking.losses.borrow();

    let parted = config(folder.path(), "parted", 12, SHORT);
    let (ended, begun) = run(&parted, 7);
    assert_eq!((ended, &begun.losses.borrow()[..]), (Ended::Interrupted, &losses[..7]));
    let (ended, rest) = run(&parted, u64::MAX);
    assert_eq!((ended, &rest.losses.borrow()[..]), (Ended::Complete, &losses[7..]));
    for name in ["checkpoint/model.safetensors", "best.safetensors"] {
        let bytes = |config: &ReaderTraining| fs::read(config.output.join(name)).expect("it is there");
        assert!(bytes(&whole) == bytes(&parted), "{name} differs after a resumed run");
    }

    let other = config(folder.path(), "parted", 13, SHORT);
    let error = ReaderTrainer::open(other.clone(), store(&other), DeviceName::Cpu).err().expect("another training");
    assert!(matches!(error, TrainError::Checkpoint { .. }), "{error}");
}

#[test]
fn threads_change_no_weight() {
    let folder = tempfile::tempdir().expect("a folder");
    let weights = |name: &str, n_threads: usize| {
        let config = config(folder.path(), name, 3, SHORT);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().expect("a pool");
        pool.install(|| run(&config, u64::MAX).0);
        fs::read(config.output.join("checkpoint/model.safetensors")).expect("a checkpoint")
    };
    assert!(weights("one", 1) == weights("three", 3), "threads change weights");
}

#[test]
fn lines_are_set_in_fonts_at_hand() {
    let folder = tempfile::tempdir().expect("a folder");
    let fonts = folder.path().join("fonts");
    fs::create_dir(&fonts).expect("a folder");
    fs::write(fonts.join("a.ttf"), dejavu::sans::regular()).expect("written");
    fs::write(fonts.join("notes.txt"), "no font").expect("written");
    let typeset = format!("{SHORT}\n[typeset]\nshare = 0.7\nfonts = [\"{}\"]\n", fonts.display());
    let config = config(folder.path(), "typeset", 3, &typeset);
    assert_eq!(run(&config, u64::MAX).0, Ended::Complete);
    fs::write(fonts.join("b.otf"), "no font").expect("written");
    let error = ReaderTrainer::open(config.clone(), store(&config), DeviceName::Cpu).err().expect("no font");
    assert!(error.to_string().contains("b.otf"), "{error}");
}

#[test]
fn what_goes_wrong_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut large = config(folder.path(), "large", 12, SHORT);
    large.optimizer.lines = 1_000_000;
    let error = ReaderTrainer::open(large.clone(), store(&large), DeviceName::Cpu).err().expect("too large");
    assert!(matches!(error, TrainError::Memory { .. }), "{error}");
    let error = release(&large, &store(&large)).expect_err("nothing was trained");
    assert!(error.to_string().contains("best.safetensors"), "{error}");
    fs::write(folder.path().join("coco.json"), r#"{"images": [], "annotations": []}"#).expect("written");
    let empty = ReaderTrainer::open(large.clone(), store(&large), DeviceName::Cpu).err().expect("no lines");
    assert!(matches!(empty, TrainError::Empty { .. }), "{empty}");
}

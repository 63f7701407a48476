//! The loop: squares, steps, evaluations, checkpoints.

use super::evaluate::{judge, score, some_of};
use super::pass::{BoxLoss, Losses, Pass};
use super::score::WordScore;
use super::{DetectorTraining, PictureStore, draw};
use crate::checkpoint::{self, Checkpoints, Progress};
use crate::config::Split;
use crate::error::TrainError;
use crate::journal::{Journal, JournalRecord, RecordKind};
use crate::memory;
use crate::optimizer::{Optimizer, RateShares, Step, norm};
use crate::random_weights;
use crate::run::{Ended, forget_journal, named};
use crate::run_manifest::{BaseWeights, TrainingManifest, cpu_seconds, digest};
use burn::module::Module;
use burn::tensor::{DType, Device};
use efface_nets::NetsError;
use efface_nets::detector::{DetectorConfig, FinderSettings, TextDetector, TextFinder, weights};
use efface_nets::device::DeviceName;
use efface_schema::RunStatus;
use efface_schema::sha256_hex;
use serde::{Deserialize, Serialize};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

/// The setting that makes a step smaller.
const KNOB: &str = "crops.sizes` or `optimizer.squares";
/// Findings below it say nothing about how many words are found at any sensible precision.
const LEAST_PROBABILITY: f32 = 0.05;

/// What a step did.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct StepReport {
    /// The step, counted from 1.
    pub step: u64,
    /// All steps.
    pub steps: u64,
    /// The mean losses of a square.
    pub losses: Losses,
    /// The length of the gradient before it was clipped.
    pub norm: f32,
    /// The learning rate.
    pub rate: f64,
    /// Seconds of the step.
    pub seconds: f64,
}

impl StepReport {
    fn record(&self) -> JournalRecord {
        let losses = self.losses;
        let values = [
            ("loss", f64::from(losses.total())),
            ("loss_objectness", f64::from(losses.objectness)),
            ("loss_proposal_boxes", f64::from(losses.proposal_boxes)),
            ("loss_classes", f64::from(losses.classes)),
            ("loss_boxes", f64::from(losses.boxes)),
            ("gradient_norm", f64::from(self.norm)),
            ("learning_rate", self.rate),
            ("seconds", self.seconds),
        ];
        JournalRecord::now(RecordKind::Step, self.step, 0, named(&values))
    }
}

fn evaluation_record(step: u64, score: &WordScore) -> JournalRecord {
    let values = [
        ("recall", score.recall().unwrap_or(0.0)),
        ("precision", score.precision().unwrap_or(0.0)),
        ("threshold", f64::from(score.threshold)),
        ("words", score.words as f64),
    ];
    JournalRecord::now(RecordKind::Evaluation, step, 0, named(&values))
}

/// Who looks on while a detector is trained.
pub trait WatchDetector {
    /// A step was made.
    fn step(&self, report: &StepReport);
    /// The network was evaluated after a step; whether it is the best so far.
    fn evaluation(&self, step: u64, score: &WordScore, is_best: bool);
    /// Whether to end with a checkpoint now.
    fn is_interrupted(&self) -> bool;
}

/// The best evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Best {
    step: u64,
    rank: f64,
    recall: f64,
    precision: f64,
}

/// Where training is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct State {
    inputs: String,
    step: u64,
    seconds: f64,
    best: Option<Best>,
    stale: u64,
}

impl Progress for State {
    fn inputs(&self) -> &str {
        &self.inputs
    }
}

impl State {
    /// Takes an evaluation into account; whether it is the best so far: enough precision comes before recall, and
    /// without it the balance of both counts.
    fn judge(&mut self, score: &WordScore, floor: f64) -> bool {
        let (recall, precision) = (score.recall().unwrap_or(0.0), score.precision().unwrap_or(0.0));
        let rank = if precision >= floor { 1.0 + recall } else { score.balance() };
        if self.best.is_none_or(|best| rank > best.rank) {
            self.best = Some(Best { step: self.step, rank, recall, precision });
            self.stale = 0;
            return true;
        }
        self.stale += 1;
        false
    }
}

/// A training run of the detector.
pub struct DetectorTrainer {
    config: DetectorTraining,
    device: Device,
    on_processor: bool,
    model: TextDetector,
    optimizer: Optimizer,
    store: PictureStore,
    checkpoints: Checkpoints,
    journal: Journal,
    manifest: TrainingManifest,
    begun: Instant,
    state: State,
}

/// A detector as a configuration wants it, with random weights, a pretrained backbone, or another detector's weights.
///
/// # Errors
/// Those of the files that the configuration names.
pub fn detector(config: &DetectorTraining, device: &Device) -> Result<TextDetector, TrainError> {
    let sizes = config.network.sizes()?;
    let mut model = random_weights::drawn(config.seed, device, || TextDetector::new(&sizes, device));
    if let Some(path) = &config.network.backbone_weights {
        weights::load_backbone(&mut model, path)?;
    }
    if let Some(path) = &config.network.weights {
        weights::load(&mut model, path)?;
    }
    Ok(model)
}

/// Bytes that a step needs at most, by rule of thumb: some 400 numbers for each pixel of each square are remembered
/// for the way back by the compact network, by others in proportion to the channels of their pyramid; and five times
/// the weights.
fn needed(config: &DetectorTraining, sizes: &DetectorConfig, n_weights: usize) -> u64 {
    let side = u64::from(config.crops.sizes.iter().copied().max().unwrap_or(0));
    let per_pixel = 400 * (sizes.pyramid_channels as u64).div_ceil(64);
    4 * (side * side * u64::from(config.optimizer.squares) * per_pixel + 5 * n_weights as u64)
}

impl DetectorTrainer {
    /// Prepares everything, and goes back to the last checkpoint in the output folder if there is one.
    ///
    /// # Errors
    /// [`TrainError`] for settings, files, memory and devices.
    pub fn open(config: DetectorTraining, store: PictureStore, device: DeviceName) -> Result<Self, TrainError> {
        let (on_processor, device_name) = (device == DeviceName::Cpu, device.to_string());
        let device = device.open()?.autodiff();
        let checkpoints = Checkpoints::open(&config.output)?;
        let mut model = detector(&config, &device)?;
        if on_processor {
            memory::check(needed(&config, model.config(), model.num_params()), KNOB)?;
        }
        for (split, part) in [(Split::Train, "train"), (Split::Validation, "validation")] {
            if some_of(&store, split, 1).is_empty() {
                return Err(TrainError::Empty { part });
            }
        }
        let inputs = inputs(&config, &store)?;
        let mut optimizer = Optimizer::new(config.optimizer.weight_decay as f32);
        let state = match checkpoints.last_of::<State>(&inputs)? {
            Some(kept) => {
                weights::load(&mut model, &kept.weights)?;
                let moments = checkpoint::read(&kept.moments)?;
                optimizer.restore(&moments, &kept.moments, &device.clone().inner())?;
                kept.state
            }
            None => State { inputs, step: 0, seconds: 0.0, best: None, stale: 0 },
        };
        let journal = if state.step == 0 {
            forget_journal(&config.output)?;
            Journal::begin(&config.output)?
        } else {
            Journal::resume(&config.output, state.step)?
        };
        let manifest = manifest(&config, &device_name, state.step > 0)?;
        let begun = Instant::now();
        Ok(Self { config, device, on_processor, model, optimizer, store, checkpoints, journal, manifest, begun, state })
    }

    /// Steps made so far.
    pub fn step(&self) -> u64 {
        self.state.step
    }

    /// Pictures for training, validation and calibration.
    pub fn pictures(&self) -> [usize; 3] {
        let count = |split| self.store.pictures().iter().filter(|picture| picture.split == split).count();
        [Split::Train, Split::Validation, Split::Calibration].map(count)
    }

    /// The pictures of the run.
    pub fn store(&self) -> &PictureStore {
        &self.store
    }

    /// Trains until the end, or until somebody asks to end.
    ///
    /// # Errors
    /// [`TrainError::NotFinite`], [`TrainError::Device`], and what files raise. The last checkpoint stays.
    pub fn run(&mut self, watch: &dyn WatchDetector) -> Result<Ended, TrainError> {
        self.manifest.write(&self.config.output)?;
        let ended = self.steps(watch)?;
        self.save()?;
        self.manifest.add_session(self.begun.elapsed().as_secs_f64(), cpu_seconds());
        self.manifest.status = if ended == Ended::Interrupted { RunStatus::Started } else { RunStatus::Complete };
        if let Some(Best { step, recall, precision, .. }) = self.state.best {
            let values = [("best_step", step as f64), ("recall", recall), ("precision", precision)];
            self.manifest.result = named(&values);
        }
        self.manifest.write(&self.config.output)?;
        Ok(ended)
    }

    fn steps(&mut self, watch: &dyn WatchDetector) -> Result<Ended, TrainError> {
        let steps = self.config.optimizer.steps;
        let patience = u64::from(self.config.evaluation.patience);
        while self.state.step < steps {
            if watch.is_interrupted() {
                return Ok(Ended::Interrupted);
            }
            self.one(watch)?;
            if patience > 0 && patience <= self.state.stale {
                return Ok(Ended::Early);
            }
        }
        Ok(Ended::Complete)
    }

    fn one(&mut self, watch: &dyn WatchDetector) -> Result<(), TrainError> {
        let begin = Instant::now();
        let (steps, look) = (self.config.optimizer.steps, self.config.evaluation);
        let rate = self.config.schedule().at(self.state.step);
        let (losses, norm) = self.descend(rate)?;
        self.state.step += 1;
        let seconds = begin.elapsed().as_secs_f64();
        self.state.seconds += seconds;
        let report = StepReport { step: self.state.step, steps, losses, norm, rate, seconds };
        self.journal.add(&report.record())?;
        watch.step(&report);
        if self.state.step.is_multiple_of(look.every_steps) || self.state.step == steps {
            self.evaluate(watch)?;
        }
        if self.state.step.is_multiple_of(look.checkpoint_every_steps) {
            self.save()?;
        }
        Ok(())
    }

    /// The step of the last checkpoint.
    fn checkpoint(&self) -> u64 {
        self.state.step - self.state.step % self.config.evaluation.checkpoint_every_steps
    }

    /// One step down the gradient: the losses, and the length of the gradient before it was clipped.
    fn descend(&mut self, rate: f64) -> Result<(Losses, f32), TrainError> {
        let crops = draw::squares(&self.config, &self.store, self.state.step)?;
        let DetectorTraining { optimizer: descent, sampling, seed, .. } = &self.config;
        let variances_from = (descent.steps as f64 * descent.variance_after).round() as u64;
        let pass = Pass {
            model: &self.model,
            device: &self.device,
            sampling: *sampling,
            box_loss: if self.state.step < variances_from { BoxLoss::Sides } else { BoxLoss::SidesAndVariances },
            seed: *seed,
            parallel: self.on_processor,
        };
        // Devices that run out of memory panic; nothing of the step is kept then.
        let passed = catch_unwind(AssertUnwindSafe(|| {
            let (losses, gradients) = pass.run(&crops, self.state.step);
            let norm = norm(&self.model, &gradients);
            (losses, norm, gradients)
        }));
        let (step, checkpoint) = (self.state.step + 1, self.checkpoint());
        let (losses, norm, gradients) = passed.map_err(|_| TrainError::Device { step, checkpoint, knob: KNOB })?;
        if !(losses.total().is_finite() && norm.is_finite()) {
            return Err(TrainError::NotFinite { step, checkpoint });
        }
        let clip = descent.clip as f32;
        let scale = if norm > clip { clip / norm } else { 1.0 };
        let step = Step { rate, shares: RateShares::HeadApart(descent.head_share), scale };
        self.model = self.optimizer.step(self.model.clone(), gradients, step);
        Ok((losses, norm))
    }

    fn save(&self) -> Result<(), TrainError> {
        let path = self.checkpoints.best();
        let weights = weights::to_bytes(&self.model, DType::F32, &path)?;
        self.checkpoints.save(&self.state, &weights, &self.optimizer.to_bytes(&path)?)
    }

    fn evaluate(&mut self, watch: &dyn WatchDetector) -> Result<(), TrainError> {
        let look = self.config.evaluation;
        let settings = FinderSettings { threshold: LEAST_PROBABILITY, ..FinderSettings::default() };
        let finder = TextFinder::new(self.model.valid(), self.device.clone().inner(), settings)?;
        let pictures = some_of(&self.store, Split::Validation, look.pictures as usize);
        let score = score(&judge(&finder, &self.store, &pictures)?, look.precision_floor);
        let is_best = self.state.judge(&score, look.precision_floor);
        if is_best {
            let weights = weights::to_bytes(&self.model, DType::F32, &self.checkpoints.best())?;
            self.checkpoints.save_best(&weights)?;
        }
        self.journal.add(&evaluation_record(self.state.step, &score))?;
        watch.evaluation(self.state.step, &score, is_best);
        Ok(())
    }
}

/// The digest of everything that decides what training does.
fn inputs(config: &DetectorTraining, store: &PictureStore) -> Result<String, TrainError> {
    let mut bytes = serde_json::to_vec(config).expect("a configuration has a text");
    bytes.extend(serde_json::to_vec(&config.network.sizes()?).expect("sizes have a text"));
    for path in config.network.given_weights() {
        bytes.extend(sha256_hex(&checkpoint::read(path)?).as_str().bytes());
    }
    bytes.extend(store.digest().bytes());
    Ok(sha256_hex(&bytes).to_string())
}

/// The manifest of a run that begins, or that of one that goes on.
fn manifest(config: &DetectorTraining, device: &str, is_resumed: bool) -> Result<TrainingManifest, TrainError> {
    let mut manifest = config.images().manifest("train detector", config, device, is_resumed)?;
    // At most one of them is given.
    for path in config.network.given_weights() {
        let (_, sha256) = digest(path).map_err(NetsError::reading(path))?;
        let name = if config.network.weights.is_some() { "detector" } else { "backbone" };
        manifest.base = Some(BaseWeights { name: name.to_owned(), sha256 });
    }
    Ok(manifest)
}

//! The loop: lines, steps, evaluations, checkpoints.

use super::ctc::ctc;
use super::sample::{Sample, drawn};
use super::score::{ReadingScore, judge, score};
use super::typeset::{Fonts, typeset};
use super::{ReaderTraining, TextLines};
use crate::checkpoint::{self, Checkpoints, Progress};
use crate::config::Split;
use crate::detector::PictureStore;
use crate::error::TrainError;
use crate::journal::{Journal, JournalRecord, RecordKind};
use crate::memory;
use crate::optimizer::{Optimizer, RateShares, Step, norm};
use crate::random_weights;
use crate::run::{Ended, forget_journal, named};
use crate::run_manifest::{BaseWeights, TrainingManifest, cpu_seconds, digest};
use crate::streams::{stream, unit};
use burn::module::Module;
use burn::optim::{GradientsAccumulator, GradientsParams};
use burn::tensor::{DType, Device, Tensor, TensorData};
use efface_nets::NetsError;
use efface_nets::device::DeviceName;
use efface_nets::reader::{LineReader, ReaderConfig, TextReader, weights};
use efface_schema::{RunStatus, sha256_hex};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

/// The setting that makes a step smaller.
const KNOB: &str = "optimizer.lines";

/// What a step did.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct StepReport {
    /// The step, counted from 1.
    pub step: u64,
    /// All steps.
    pub steps: u64,
    /// The mean loss of a line.
    pub loss: f64,
    /// The length of the gradient before it was clipped.
    pub norm: f32,
    /// The learning rate.
    pub rate: f64,
    /// Seconds of the step.
    pub seconds: f64,
}

impl StepReport {
    fn record(&self) -> JournalRecord {
        let values = [
            ("loss", self.loss),
            ("gradient_norm", f64::from(self.norm)),
            ("learning_rate", self.rate),
            ("seconds", self.seconds),
        ];
        JournalRecord::now(RecordKind::Step, self.step, 0, named(&values))
    }
}

/// Who looks on while a reader is trained.
pub trait WatchReader {
    /// A step was made.
    fn step(&self, report: &StepReport);
    /// The network was evaluated after a step; whether it is the best so far.
    fn evaluation(&self, step: u64, score: &ReadingScore, is_best: bool);
    /// Whether to end with a checkpoint now.
    fn is_interrupted(&self) -> bool;
}

/// The best evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Best {
    step: u64,
    recall: f64,
}

/// Where training is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct State {
    inputs: String,
    step: u64,
    best: Option<Best>,
    stale: u64,
}

impl Progress for State {
    fn inputs(&self) -> &str {
        &self.inputs
    }
}

/// A training run of the reader.
pub struct ReaderTrainer {
    config: ReaderTraining,
    device: Device,
    on_processor: bool,
    model: TextReader,
    optimizer: Optimizer,
    store: PictureStore,
    lines: TextLines,
    fonts: Fonts,
    checkpoints: Checkpoints,
    journal: Journal,
    manifest: TrainingManifest,
    begun: Instant,
    state: State,
}

/// Bytes that a step needs at most, by rule of thumb: what is remembered of a line of 400 columns for the way back, and its
/// gradients; and five times the weights.
fn needed(lines: u32, n_weights: usize) -> u64 {
    const PER_LINE: u64 = 4 << 20;
    let weights = 4 * n_weights as u64;
    u64::from(lines) * (PER_LINE + weights) + 5 * weights
}

impl ReaderTrainer {
    /// Prepares everything, and goes back to the last checkpoint in the output folder if there is one.
    ///
    /// # Errors
    /// [`TrainError`] for settings, files and devices.
    pub fn open(config: ReaderTraining, store: PictureStore, device: DeviceName) -> Result<Self, TrainError> {
        let (on_processor, device_name) = (device == DeviceName::Cpu, device.to_string());
        let device = device.open()?.autodiff();
        let checkpoints = Checkpoints::open(&config.output)?;
        let lines = TextLines::of(&config, &store)?;
        let sizes = config.network(lines.alphabet())?;
        let mut model = random_weights::drawn(config.seed, &device, || TextReader::new(&sizes, &device));
        if on_processor {
            memory::check(needed(config.optimizer.lines, model.num_params()), KNOB)?;
        }
        if let Some(path) = &config.weights {
            weights::load(&mut model, path)?;
        }
        let fonts = Fonts::open(&config.typeset)?;
        let inputs = inputs(&config, &sizes, &store, &fonts)?;
        let mut optimizer = Optimizer::new(config.optimizer.weight_decay as f32);
        let state = match checkpoints.last_of::<State>(&inputs)? {
            Some(kept) => {
                weights::load(&mut model, &kept.weights)?;
                let moments = checkpoint::read(&kept.moments)?;
                optimizer.restore(&moments, &kept.moments, &device.clone().inner())?;
                kept.state
            }
            None => State { inputs, step: 0, best: None, stale: 0 },
        };
        let journal = if state.step == 0 {
            forget_journal(&config.output)?;
            Journal::begin(&config.output)?
        } else {
            Journal::resume(&config.output, state.step)?
        };
        let manifest = manifest(&config, &device_name, state.step > 0)?;
        let begun = Instant::now();
        Ok(Self {
            config,
            device,
            on_processor,
            model,
            optimizer,
            store,
            lines,
            fonts,
            checkpoints,
            journal,
            manifest,
            begun,
            state,
        })
    }

    /// Steps made so far.
    pub fn step(&self) -> u64 {
        self.state.step
    }

    /// Lines for training, validation and calibration.
    pub fn n_lines(&self) -> [usize; 3] {
        [Split::Train, Split::Validation, Split::Calibration].map(|split| self.lines.for_split(split).len())
    }

    /// The pictures of the run.
    pub fn store(&self) -> &PictureStore {
        &self.store
    }

    /// Trains until the end, or until somebody asks to end.
    ///
    /// # Errors
    /// [`TrainError::NotFinite`], [`TrainError::Device`], and what files raise. The last checkpoint stays.
    pub fn run(&mut self, watch: &dyn WatchReader) -> Result<Ended, TrainError> {
        self.manifest.write(&self.config.output)?;
        let ended = self.steps(watch)?;
        self.save()?;
        self.manifest.add_session(self.begun.elapsed().as_secs_f64(), cpu_seconds());
        self.manifest.status = if ended == Ended::Interrupted { RunStatus::Started } else { RunStatus::Complete };
        if let Some(Best { step, recall }) = self.state.best {
            self.manifest.result = named(&[("best_step", step as f64), ("recall", recall)]);
        }
        self.manifest.write(&self.config.output)?;
        Ok(ended)
    }

    fn steps(&mut self, watch: &dyn WatchReader) -> Result<Ended, TrainError> {
        let (steps, patience) = (self.config.optimizer.steps, u64::from(self.config.evaluation.patience));
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

    fn one(&mut self, watch: &dyn WatchReader) -> Result<(), TrainError> {
        let begin = Instant::now();
        let (steps, look) = (self.config.optimizer.steps, self.config.evaluation);
        let rate = self.config.schedule().at(self.state.step);
        let (loss, norm) = self.descend(rate)?;
        self.state.step += 1;
        let seconds = begin.elapsed().as_secs_f64();
        let report = StepReport { step: self.state.step, steps, loss, norm, rate, seconds };
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

    /// The lines of the next step. What they are depends on seed, step and place alone.
    fn samples(&self) -> Result<Vec<Sample>, TrainError> {
        let step = self.state.step;
        let one = |place: u64| {
            let mut random = stream(self.config.seed, "line", &[step, place]);
            let (lines, sizes) = (&self.config.lines, self.model.config());
            if unit(&mut random) < self.config.typeset.share && self.fonts.count() > 0 {
                typeset(&self.store, &self.lines, &self.fonts, (lines, sizes), &mut random)
            } else {
                drawn(&self.store, &self.lines, lines, sizes, &mut random)
            }
        };
        let drawn: Result<Vec<_>, _> = (0..u64::from(self.config.optimizer.lines)).into_par_iter().map(one).collect();
        Ok(drawn?.into_iter().flatten().collect())
    }

    /// The loss of a line, and its gradients times `share`; nothing where a line is too short for what it says.
    fn pass(&self, sample: &Sample, share: f64) -> Option<(f64, GradientsParams)> {
        // Lines that shared the leaves of one graph would free each other's nodes.
        let model = self.model.clone().fork(&self.device);
        let scores = model.scores(&sample.image);
        let [steps, classes] = scores.dims();
        let values: Vec<f32> = scores.to_data().convert::<f32>().try_into_vec().ok()?;
        let found = ctc(&values, classes, &sample.signs)?;
        // The gradient is known: a sum of products with it has it, too.
        let slope: Vec<f32> = found.gradient.into_iter().map(|slope| slope * share as f32).collect();
        let slope = Tensor::<2>::from_data(TensorData::new(slope, [steps, classes]), &self.device);
        let gradients = GradientsParams::from_grads((scores * slope).sum().backward(), &model);
        Some((found.loss, gradients))
    }

    /// One step down the gradient: the mean loss, and the length of the gradient before it was clipped.
    fn descend(&mut self, rate: f64) -> Result<(f64, f32), TrainError> {
        let samples = self.samples()?;
        let share = 1.0 / samples.len().max(1) as f64;
        // Devices that run out of memory panic; nothing of the step is kept then.
        let passed = catch_unwind(AssertUnwindSafe(|| {
            let one = |sample: &Sample| self.pass(sample, share);
            let passes: Vec<Option<(f64, GradientsParams)>> = if self.on_processor {
                samples.par_iter().map(one).collect()
            } else {
                samples.iter().map(one).collect()
            };
            let (mut sum, mut loss) = (GradientsAccumulator::new(), 0.0);
            for (value, gradients) in passes.into_iter().flatten() {
                loss += value * share;
                sum.accumulate(&self.model, gradients);
            }
            let gradients = sum.grads();
            (loss, norm(&self.model, &gradients), gradients)
        }));
        let every = self.config.evaluation.checkpoint_every_steps;
        let (step, checkpoint) = (self.state.step + 1, self.state.step - self.state.step % every);
        let (loss, norm, gradients) = passed.map_err(|_| TrainError::Device { step, checkpoint, knob: KNOB })?;
        if !(loss.is_finite() && norm.is_finite()) {
            return Err(TrainError::NotFinite { step, checkpoint });
        }
        let clip = self.config.optimizer.clip as f32;
        let scale = if norm > clip { clip / norm } else { 1.0 };
        let step = Step { rate, shares: RateShares::HeadApart(1.0), scale };
        self.model = self.optimizer.step(self.model.clone(), gradients, step);
        Ok((loss, norm))
    }

    fn save(&self) -> Result<(), TrainError> {
        let path = self.checkpoints.best();
        let weights = weights::to_bytes(&self.model, DType::F32, &path)?;
        self.checkpoints.save(&self.state, &weights, &self.optimizer.to_bytes(&path)?)
    }

    fn evaluate(&mut self, watch: &dyn WatchReader) -> Result<(), TrainError> {
        let reader = line_reader(&self.model.valid())?;
        let lines = self.lines.some_for(Split::Validation, self.config.evaluation.lines as usize);
        let score = score(&judge(&reader, &self.store, &lines, self.config.seed)?);
        let recall = score.recall().unwrap_or(0.0);
        let is_best = self.state.best.is_none_or(|best| recall > best.recall);
        if is_best {
            self.state.best = Some(Best { step: self.state.step, recall });
            self.state.stale = 0;
            let weights = weights::to_bytes(&self.model, DType::F32, &self.checkpoints.best())?;
            self.checkpoints.save_best(&weights)?;
        } else {
            self.state.stale += 1;
        }
        let values = [("recall", recall), ("words", score.words as f64), ("read", score.read as f64)];
        self.journal.add(&JournalRecord::now(RecordKind::Evaluation, self.state.step, 0, named(&values)))?;
        watch.evaluation(self.state.step, &score, is_best);
        Ok(())
    }
}

/// The network for inference.
pub(super) fn line_reader(model: &TextReader) -> Result<LineReader, TrainError> {
    let reason = "kernels have a side of 3, 5 or 7".to_owned();
    LineReader::of(model).ok_or(TrainError::Checkpoint { path: "config.json".into(), reason })
}

/// The digest of everything that decides what training does.
fn inputs(
    config: &ReaderTraining,
    sizes: &ReaderConfig,
    store: &PictureStore,
    fonts: &Fonts,
) -> Result<String, TrainError> {
    let mut bytes = serde_json::to_vec(&(config, sizes)).expect("a configuration has a text");
    if let Some(path) = &config.weights {
        bytes.extend(sha256_hex(&checkpoint::read(path)?).as_str().bytes());
    }
    bytes.extend(store.digest().bytes());
    bytes.extend(fonts.digest().bytes());
    Ok(sha256_hex(&bytes).to_string())
}

/// The manifest of a run that begins, or that of one that goes on.
fn manifest(config: &ReaderTraining, device: &str, is_resumed: bool) -> Result<TrainingManifest, TrainError> {
    let mut manifest = config.images().manifest("train reader", config, device, is_resumed)?;
    if let Some(path) = &config.weights {
        let (_, sha256) = digest(path).map_err(NetsError::reading(path))?;
        manifest.base = Some(BaseWeights { name: "reader".to_owned(), sha256 });
    }
    Ok(manifest)
}

//! The loop: batches, steps, evaluations, checkpoints.

use super::checkpoint::{Checkpoints, State};
use super::evaluate::{Score, evaluate};
use super::loss::Loss;
use super::optimizer::{Optimizer, Step, norm};
use super::pass::Pass;
use super::store::{Example, ExampleStore, ExampleWriter, examples};
use super::{DataSet, Settings, TrainError};
use crate::batches::{BatchPlan, BatchSettings};
use crate::schedule::{Decay, Schedule};
use crate::text::{self, LabelTable, LabelledText, TextFormat};
use burn::module::Module;
use burn::tensor::Device;
use efface_nets::device::DeviceName;
use efface_nets::encoder::EncoderConfig;
use efface_nets::folder::{CONFIG, TOKENIZER, WEIGHTS, sha256};
use efface_nets::text::Tokenizer;
use efface_nets::weights::{self, Holds};
use efface_nets::{Recognizer, TokenClassifier, recognizer, tags};
use serde::Serialize;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::Path;
use std::time::Instant;

/// What a step did.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Report {
    /// The step, counted from 1.
    pub step: u64,
    /// All steps.
    pub steps: u64,
    /// The mean loss of a token.
    pub loss: f32,
    /// The length of the gradient before it was clipped.
    pub norm: f32,
    /// The learning rate of the head.
    pub rate: f64,
    /// Tokens of the step, without padding.
    pub tokens: u64,
    /// Seconds of the step.
    pub seconds: f64,
}

/// Who looks on while a network is trained.
pub trait Watch {
    /// A step was made.
    fn step(&self, report: &Report);
    /// The network was evaluated after a step; whether it is the best so far.
    fn evaluation(&self, step: u64, score: &Score, is_best: bool);
    /// Whether to end with a checkpoint now.
    fn is_interrupted(&self) -> bool;
}

/// How training ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// All epochs are over.
    Complete,
    /// Evaluations did not get better any more.
    Early,
    /// Somebody asked for it; the same command goes on.
    Interrupted,
}

/// A training run.
pub struct Trainer {
    settings: Settings,
    device: Device,
    on_processor: bool,
    config: EncoderConfig,
    tokenizer: Tokenizer,
    model: TokenClassifier,
    optimizer: Optimizer,
    loss: Loss,
    examples: ExampleStore,
    lengths: Vec<u32>,
    plan: BatchSettings,
    validation: Vec<LabelledText>,
    checkpoints: Checkpoints,
    state: State,
}

/// The texts of data sets, at most `limit` of each, evenly spread.
///
/// # Errors
/// [`TrainError::Text`], and [`TrainError::Empty`] if there are none.
pub fn texts(sets: &[DataSet], part: &'static str) -> Result<Vec<LabelledText>, TrainError> {
    let mut texts = Vec::new();
    for set in sets {
        let every = match set.limit {
            None => 1,
            Some(limit) => open(set)?.count().div_ceil(limit.max(1)),
        };
        for text in open(set)?.step_by(every.max(1)) {
            texts.push(text?);
        }
    }
    if texts.is_empty() { Err(TrainError::Empty { part }) } else { Ok(texts) }
}

fn open(set: &DataSet) -> Result<text::Texts, TrainError> {
    let labels = match set.format {
        TextFormat::I2b2 => LabelTable::i2b2(),
        _ => LabelTable::brat(),
    };
    Ok(text::read(set.format, &set.path, &labels)?)
}

/// Cuts the texts of data sets into examples in a file.
fn prepare(settings: &Settings, tokenizer: &Tokenizer, path: &Path) -> Result<ExampleStore, TrainError> {
    let mut writer = ExampleWriter::create(path)?;
    let mut number = 0;
    for set in &settings.train {
        for text in open(set)?.take(set.limit.unwrap_or(usize::MAX)) {
            for example in examples(tokenizer, &text?, number, settings.window) {
                writer.push(&example)?;
            }
            number += 1;
        }
    }
    let store = writer.finish()?;
    if store.lengths().is_empty() { Err(TrainError::Empty { part: "training" }) } else { Ok(store) }
}

fn plan(settings: &Settings) -> BatchSettings {
    let tokens = u32::try_from(settings.batch_tokens).unwrap_or(u32::MAX);
    BatchSettings {
        token_budget: NonZeroU32::new(tokens).unwrap_or(NonZeroU32::MAX),
        pad_multiple: NonZeroU32::MIN,
        window: NonZeroUsize::new(4096).expect("4096 is not 0"),
        seed: settings.seed,
    }
}

fn digest(settings: &Settings, lengths: &[u32], weights: &Path) -> Result<String, TrainError> {
    let mut bytes = serde_json::to_vec(settings).expect("settings have a text");
    lengths.iter().for_each(|length| bytes.extend(length.to_le_bytes()));
    let base = std::fs::read(weights).map_err(|source| TrainError::Read { path: weights.to_path_buf(), source })?;
    bytes.extend(sha256(&base).bytes());
    Ok(sha256(&bytes))
}

/// A classifier over a base: its kept layers, or random ones of its sizes.
///
/// # Errors
/// Those of the base's files, and [`TrainError::Settings`] if a layer that is kept is not there.
pub fn classifier(settings: &Settings, device: &Device) -> Result<(TokenClassifier, EncoderConfig), TrainError> {
    let mut config = EncoderConfig::read(&settings.base.join(CONFIG))?;
    let kept: Vec<usize> =
        if settings.layers.is_empty() { (0..config.layers).collect() } else { settings.layers.clone() };
    if let Some(layer) = kept.iter().find(|layer| **layer >= config.layers) {
        let reason = format!("the base has layers 0 to {}, but not {layer}", config.layers - 1);
        return Err(TrainError::Settings { key: "layers", reason });
    }
    config.layers = kept.len();
    device.seed(settings.seed);
    let mut model = TokenClassifier::new(&config, device);
    if !settings.random_start {
        weights::load(&mut model, &settings.base.join(WEIGHTS), Holds::Encoder, &kept)?;
    }
    Ok((model, config))
}

fn frozen(mut model: TokenClassifier) -> TokenClassifier {
    let embeddings = &mut model.encoder.embeddings;
    for embedding in [
        &mut embeddings.word_embeddings,
        &mut embeddings.position_embeddings,
        &mut embeddings.token_type_embeddings,
    ] {
        *embedding = embedding.clone().no_grad();
    }
    model
}

impl Trainer {
    /// Prepares everything, and goes back to the last checkpoint in `out` if there is one.
    ///
    /// # Errors
    /// [`TrainError`] for settings, files and devices.
    pub fn open(settings: Settings, out: &Path, device: DeviceName) -> Result<Self, TrainError> {
        settings.check()?;
        let on_processor = device == DeviceName::Cpu;
        let device = device.open()?.autodiff();
        let checkpoints = Checkpoints::open(out)?;
        let tokenizer = Tokenizer::read(&settings.base.join(TOKENIZER))?;
        let (mut model, config) = classifier(&settings, &device)?;
        let validation = texts(&settings.validation, "validation")?;
        let examples = prepare(&settings, &tokenizer, &out.join("examples.bin"))?;
        let lengths = examples.lengths();
        let inputs = digest(&settings, &lengths, &settings.base.join(WEIGHTS))?;
        let mut optimizer = Optimizer::new(settings.weight_decay);
        let resumed =
            checkpoints.resume(&inputs, &mut model, config.layers, &mut optimizer, &device.clone().inner())?;
        let model = if settings.freeze_embeddings { frozen(model) } else { model };
        let plan = plan(&settings);
        let loss = Loss {
            smoothing: settings.label_smoothing,
            focus: settings.focal_gamma,
            weights: (0..tags::TAGS).map(|tag| if tag == tags::OUTSIDE { 1.0 } else { settings.phi_weight }).collect(),
        };
        let state = resumed.unwrap_or_else(|| State::new(inputs));
        Ok(Self {
            settings,
            device,
            on_processor,
            config,
            tokenizer,
            model,
            optimizer,
            loss,
            examples,
            lengths,
            plan,
            validation,
            checkpoints,
            state,
        })
    }

    /// Steps made so far.
    pub fn step(&self) -> u64 {
        self.state.step
    }

    fn batches(&self, epoch: u64) -> Result<BatchPlan, TrainError> {
        Ok(BatchPlan::for_epoch(&self.lengths, &self.plan, epoch)?)
    }

    /// Steps of each epoch.
    fn epochs(&self) -> Result<Vec<u64>, TrainError> {
        let steps = |epoch| Ok((self.batches(epoch)?.n_batches() as u64).div_ceil(self.settings.accumulation as u64));
        (0..self.settings.epochs).map(steps).collect()
    }

    /// Trains until the end, or until somebody asks to end.
    ///
    /// # Errors
    /// [`TrainError::NotFinite`], [`TrainError::Device`], and what files raise. The last checkpoint stays.
    pub fn run(&mut self, watch: &dyn Watch) -> Result<Ended, TrainError> {
        let epochs = self.epochs()?;
        let steps: u64 = epochs.iter().sum();
        let schedule = Schedule {
            peak: self.settings.learning_rate,
            n_warm_up_steps: (steps as f64 * self.settings.warm_up) as u64,
            n_steps: steps,
            decay: Decay::Linear,
            final_share: 0.02,
        };
        let mut first = 0;
        for (epoch, length) in (0..).zip(&epochs) {
            if self.state.step < first + length {
                let plan = self.batches(epoch)?;
                let batches: Vec<&[u32]> = plan.batches_from(0).map(|batch| batch.items).collect();
                let done = (self.state.step - first) as usize;
                for parts in batches.chunks(self.settings.accumulation).skip(done) {
                    if watch.is_interrupted() {
                        self.save()?;
                        return Ok(Ended::Interrupted);
                    }
                    self.one(parts, schedule.at(self.state.step), steps, watch)?;
                    if self.settings.patience <= self.state.stale {
                        self.save()?;
                        return Ok(Ended::Early);
                    }
                }
            }
            first += length;
        }
        if self.state.best.is_none_or(|(step, _)| step < self.state.step) {
            self.evaluate(watch)?;
        }
        self.save()?;
        Ok(Ended::Complete)
    }

    fn one(&mut self, parts: &[&[u32]], rate: f64, steps: u64, watch: &dyn Watch) -> Result<(), TrainError> {
        let begin = Instant::now();
        let parts: Vec<Vec<Example>> = parts
            .iter()
            .map(|part| part.iter().map(|number| self.examples.get(*number as usize)).collect())
            .collect::<Result<_, _>>()?;
        let tokens: u64 = parts.iter().flatten().map(|example| example.tags.len() as u64).sum();
        let pass = Pass {
            model: &self.model,
            device: &self.device,
            loss: &self.loss,
            padding: self.tokenizer.padding(),
            dropout: self.settings.dropout,
            seed: self.settings.seed,
            parallel: self.on_processor,
        };
        let (loss, gradients) = pass.run(&parts, self.state.step);
        let norm = norm(&self.model, &gradients);
        if !(loss.is_finite() && norm.is_finite()) {
            let checkpoint = self.state.step - self.state.step % self.settings.checkpoint_every;
            return Err(TrainError::NotFinite { step: self.state.step + 1, checkpoint });
        }
        let scale = if norm > self.settings.clip { self.settings.clip / norm } else { 1.0 };
        let step = Step { rate, layer_decay: self.settings.layer_decay, layers: self.config.layers, scale };
        self.model = self.optimizer.step(self.model.clone(), gradients, step);
        self.state.step += 1;
        self.state.tokens += tokens;
        let seconds = begin.elapsed().as_secs_f64();
        self.state.seconds += seconds;
        watch.step(&Report { step: self.state.step, steps, loss, norm, rate, tokens, seconds });
        if self.state.step.is_multiple_of(self.settings.evaluate_every) {
            self.evaluate(watch)?;
        }
        if self.state.step.is_multiple_of(self.settings.checkpoint_every) {
            self.save()?;
        }
        Ok(())
    }

    fn save(&self) -> Result<(), TrainError> {
        self.checkpoints.save(&self.state, &self.model, &self.config, &self.optimizer)
    }

    fn evaluate(&mut self, watch: &dyn Watch) -> Result<(), TrainError> {
        let recognizer = self.recognizer();
        let score = evaluate(&recognizer, &self.validation, self.settings.precision);
        let is_best = self.state.judge(&score);
        if is_best {
            self.checkpoints.save_best(&self.model, &self.config)?;
        }
        watch.evaluation(self.state.step, &score, is_best);
        Ok(())
    }

    /// The network as it is now.
    pub fn recognizer(&self) -> Recognizer {
        let settings = recognizer::Settings::default();
        Recognizer::new(self.tokenizer.clone(), self.model.valid(), self.device.clone().inner(), settings)
    }
}

//! The loop: batches, steps, evaluations, checkpoints.

use super::TrainError;
use super::augment::Augmentation;
use super::checkpoint::{self, State};
use super::data::{self, Data};
use super::evaluate::{Score, evaluate};
use super::loss::Loss;
use super::memory;
use super::pass::Pass;
use super::store::Example;
use crate::batches::BatchPlan;
use crate::checkpoint::Checkpoints;
use crate::config::TrainingConfig;
use crate::journal::{Journal, JournalRecord, RecordKind};
use crate::optimizer::{Optimizer, RateShares, Step, norm};
use crate::run::{Ended, forget_journal, named};
use burn::module::Module;
use burn::tensor::Device;
use efface_nets::NetsError;
use efface_nets::device::DeviceName;
use efface_nets::encoder::EncoderConfig;
use efface_nets::folder::{CONFIG, TOKENIZER, WEIGHTS};
use efface_nets::text::Tokenizer;
use efface_nets::weights::{self, Holds};
use efface_nets::{Recognizer, TokenClassifier, recognizer, tags};
use efface_schema::sha256_hex;
use serde::Serialize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

/// What a step did.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Report {
    /// The step, counted from 1.
    pub step: u64,
    /// All steps.
    pub steps: u64,
    /// The epoch, counted from 0.
    pub epoch: u64,
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

impl Report {
    fn record(&self) -> JournalRecord {
        let values = [
            ("loss", f64::from(self.loss)),
            ("gradient_norm", f64::from(self.norm)),
            ("learning_rate", self.rate),
            ("tokens", self.tokens as f64),
            ("seconds", self.seconds),
        ];
        JournalRecord::now(RecordKind::Step, self.step, self.epoch, named(&values))
    }
}

fn evaluation_record(step: u64, epoch: u64, score: &Score) -> JournalRecord {
    let values = [
        ("recall", score.recall().unwrap_or(0.0)),
        ("precision", score.precision().unwrap_or(0.0)),
        ("threshold", f64::from(score.threshold)),
        ("entities", score.entities as f64),
        ("clean_texts_touched", score.touched as f64),
        ("clean_texts", score.clean as f64),
    ];
    JournalRecord::now(RecordKind::Evaluation, step, epoch, named(&values))
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

/// A training run.
pub struct Trainer {
    config: TrainingConfig,
    device: Device,
    on_processor: bool,
    encoder: EncoderConfig,
    tokenizer: Tokenizer,
    model: TokenClassifier,
    optimizer: Optimizer,
    loss: Loss,
    augmentation: Option<Augmentation>,
    data: Data,
    lengths: Vec<u32>,
    checkpoints: Checkpoints,
    journal: Journal,
    state: State,
}

/// A classifier over a base: its lowest layers, or random ones of its sizes.
///
/// # Errors
/// Those of the base's files, [`TrainError::Layers`] and [`TrainError::Positions`] if more are wanted than
/// it has.
pub fn classifier(config: &TrainingConfig, device: &Device) -> Result<(TokenClassifier, EncoderConfig), TrainError> {
    let mut encoder = EncoderConfig::read(&config.base.join(CONFIG))?;
    let layers = config.network.layers.map_or(encoder.layers, |layers| layers as usize);
    if layers > encoder.layers {
        return Err(TrainError::Layers { wanted: layers, has: encoder.layers });
    }
    let (wanted, has) = (config.network.max_tokens as usize, encoder.longest());
    if wanted > has {
        return Err(TrainError::Positions { wanted, has });
    }
    encoder.layers = layers;
    device.seed(config.seed);
    let mut model = TokenClassifier::new(&encoder, device);
    if !config.network.random_weights {
        let kept: Vec<usize> = (0..layers).collect();
        weights::load(&mut model, &config.base.join(WEIGHTS), Holds::Encoder, &kept)?;
    }
    Ok((model, encoder))
}

fn frozen(mut model: TokenClassifier) -> TokenClassifier {
    let embeddings = &mut model.encoder.embeddings;
    for embedding in
        [&mut embeddings.word_embeddings, &mut embeddings.position_embeddings, &mut embeddings.token_type_embeddings]
    {
        *embedding = embedding.clone().no_grad();
    }
    model
}

/// What the loss weighs tags with: those of a label by the label, and what is outside.
fn loss(config: &TrainingConfig) -> Loss {
    let weight = |tag| match tags::label(tag) {
        None => config.loss.outside_weight.unwrap_or(1.0),
        Some(label) => config.loss.label_weights.get(&label).copied().unwrap_or(1.0),
    };
    Loss {
        smoothing: config.loss.label_smoothing as f32,
        focus: config.loss.focal_gamma as f32,
        weights: (0..tags::TAGS).map(|tag| weight(tag) as f32).collect(),
    }
}

/// The digest of everything that decides what training does.
fn digest(config: &TrainingConfig, data: &Data) -> Result<String, TrainError> {
    let mut bytes = serde_json::to_vec(config).expect("a configuration has a text");
    let path = config.base.join(WEIGHTS);
    let base = std::fs::read(&path).map_err(NetsError::reading(path))?;
    bytes.extend(sha256_hex(&base).as_str().bytes());
    bytes.extend(data.digest.bytes());
    Ok(sha256_hex(&bytes).to_string())
}

impl Trainer {
    /// Prepares everything, and goes back to the last checkpoint in the output folder if there is one.
    ///
    /// # Errors
    /// [`TrainError`] for settings, files, memory and devices.
    pub fn open(config: TrainingConfig, device: DeviceName) -> Result<Self, TrainError> {
        let on_processor = device == DeviceName::Cpu;
        let device = device.open()?.autodiff();
        let checkpoints = Checkpoints::open(&config.output)?;
        let tokenizer = Tokenizer::read(&config.base.join(TOKENIZER))?;
        let (mut model, encoder) = classifier(&config, &device)?;
        if on_processor {
            memory::check(&encoder, &config)?;
        }
        let data = data::prepare(&config, &tokenizer, &config.output.join("examples.bin"))?;
        let inputs = digest(&config, &data)?;
        let mut optimizer = Optimizer::new(config.optimizer.weight_decay as f32);
        let resumed = checkpoint::resume(
            &checkpoints,
            &inputs,
            &mut model,
            encoder.layers,
            &mut optimizer,
            &device.clone().inner(),
        )?;
        let model = if config.network.freeze_embeddings { frozen(model) } else { model };
        let state = resumed.unwrap_or_else(|| State::new(inputs));
        let journal = match state.step {
            0 => {
                forget_journal(&config.output)?;
                Journal::begin(&config.output)?
            }
            steps => Journal::resume(&config.output, steps)?,
        };
        let lengths = data.examples.lengths();
        let loss = loss(&config);
        let augmentation = Augmentation::new(config.augmentation, config.seed, &tokenizer);
        Ok(Self {
            config,
            device,
            on_processor,
            encoder,
            tokenizer,
            model,
            optimizer,
            loss,
            augmentation,
            data,
            lengths,
            checkpoints,
            journal,
            state,
        })
    }

    /// Steps made so far.
    pub fn step(&self) -> u64 {
        self.state.step
    }

    /// Texts that training, validation and calibration have.
    pub fn texts(&self) -> [usize; 3] {
        [self.lengths.len(), self.data.validation.len(), self.data.calibration.len()]
    }

    fn batches(&self, epoch: u64) -> Result<BatchPlan, TrainError> {
        Ok(BatchPlan::for_epoch(&self.lengths, &self.config.batch_settings(), epoch)?)
    }

    /// Steps of each epoch.
    fn epochs(&self) -> Result<Vec<u64>, TrainError> {
        let parts = u64::from(self.config.optimizer.accumulation);
        let steps = |epoch| Ok((self.batches(epoch)?.n_batches() as u64).div_ceil(parts));
        (0..self.config.optimizer.epochs).map(steps).collect()
    }

    /// Trains until the end, or until somebody asks to end.
    ///
    /// # Errors
    /// [`TrainError::NotFinite`], [`TrainError::Device`], and what files raise. The last checkpoint stays.
    pub fn run(&mut self, watch: &dyn Watch) -> Result<Ended, TrainError> {
        let epochs = self.epochs()?;
        let steps: u64 = epochs.iter().sum();
        let mut first = 0;
        for (epoch, length) in (0..).zip(&epochs) {
            if self.state.step < first + length {
                let plan = self.batches(epoch)?;
                let batches: Vec<&[u32]> = plan.batches_from(0).map(|batch| batch.items).collect();
                let done = (self.state.step - first) as usize;
                for parts in batches.chunks(self.config.optimizer.accumulation as usize).skip(done) {
                    if watch.is_interrupted() {
                        self.save()?;
                        return Ok(Ended::Interrupted);
                    }
                    self.one(parts, epoch, steps, watch)?;
                    let patience = u64::from(self.config.evaluation.patience);
                    if patience > 0 && patience <= self.state.stale {
                        self.save()?;
                        return Ok(Ended::Early);
                    }
                }
            }
            first += length;
        }
        let last_evaluation = self.state.step - self.state.step % self.config.evaluation.every_steps;
        if last_evaluation < self.state.step {
            self.evaluate(self.config.optimizer.epochs - 1, watch)?;
        }
        self.save()?;
        Ok(Ended::Complete)
    }

    /// An example as an epoch sees it.
    fn example(&self, number: u32, epoch: u64) -> Result<Example, TrainError> {
        let mut example = self.data.examples.get(number as usize)?;
        if let Some(augmentation) = &self.augmentation {
            augmentation.apply(&mut example, epoch, u64::from(number));
        }
        Ok(example)
    }

    fn one(&mut self, parts: &[&[u32]], epoch: u64, steps: u64, watch: &dyn Watch) -> Result<(), TrainError> {
        let begin = Instant::now();
        let parts: Vec<Vec<Example>> = parts
            .iter()
            .map(|part| part.iter().map(|number| self.example(*number, epoch)).collect())
            .collect::<Result<_, _>>()?;
        let tokens: u64 = parts.iter().flatten().map(|example| example.tags.len() as u64).sum();
        let rate = self.config.schedule(steps).at(self.state.step);
        let (loss, norm) = self.descend(&parts, rate)?;
        self.state.step += 1;
        self.state.tokens += tokens;
        let seconds = begin.elapsed().as_secs_f64();
        self.state.seconds += seconds;
        let report = Report { step: self.state.step, steps, epoch, loss, norm, rate, tokens, seconds };
        self.journal.add(&report.record())?;
        watch.step(&report);
        if self.state.step.is_multiple_of(self.config.evaluation.every_steps) {
            self.evaluate(epoch, watch)?;
        }
        if self.state.step.is_multiple_of(self.config.evaluation.checkpoint_every_steps) {
            self.save()?;
        }
        Ok(())
    }

    /// The step of the last checkpoint.
    fn checkpoint(&self) -> u64 {
        self.state.step - self.state.step % self.config.evaluation.checkpoint_every_steps
    }

    /// One step down the gradient: the loss, and the length of the gradient before it was clipped.
    fn descend(&mut self, parts: &[Vec<Example>], rate: f64) -> Result<(f32, f32), TrainError> {
        let pass = Pass {
            model: &self.model,
            device: &self.device,
            loss: &self.loss,
            padding: self.tokenizer.padding(),
            dropout: self.config.network.dropout as f32,
            seed: self.config.seed,
            parallel: self.on_processor,
        };
        // Devices that run out of memory panic; nothing of the step is kept then.
        let passed = catch_unwind(AssertUnwindSafe(|| {
            let (loss, gradients) = pass.run(parts, self.state.step);
            let norm = norm(&self.model, &gradients);
            (loss, norm, gradients)
        }));
        let (step, checkpoint) = (self.state.step + 1, self.checkpoint());
        let (loss, norm, gradients) =
            passed.map_err(|_| TrainError::Device { step, checkpoint, knob: "optimizer.batch-tokens" })?;
        if !(loss.is_finite() && norm.is_finite()) {
            return Err(TrainError::NotFinite { step, checkpoint });
        }
        let clip = self.config.optimizer.clip as f32;
        let scale = if norm > clip { clip / norm } else { 1.0 };
        let layers = u32::try_from(self.encoder.layers).unwrap_or(u32::MAX);
        let shares = RateShares::ByLayer { decay: self.config.optimizer.layer_decay, layers };
        let step = Step { rate, shares, scale };
        self.model = self.optimizer.step(self.model.clone(), gradients, step);
        Ok((loss, norm))
    }

    fn save(&self) -> Result<(), TrainError> {
        checkpoint::save(&self.checkpoints, &self.state, &self.model, &self.encoder, &self.optimizer)
    }

    fn evaluate(&mut self, epoch: u64, watch: &dyn Watch) -> Result<(), TrainError> {
        let score = evaluate(&self.recognizer(), &self.data.validation, self.config.evaluation.precision_floor);
        let is_best = self.state.judge(&score);
        if is_best {
            checkpoint::save_best(&self.checkpoints, &self.model, &self.encoder)?;
        }
        self.journal.add(&evaluation_record(self.state.step, epoch, &score))?;
        watch.evaluation(self.state.step, &score, is_best);
        Ok(())
    }

    /// The network as it is now.
    fn recognizer(&self) -> Recognizer {
        let settings = recognizer::Settings::default().fitting(self.encoder.longest());
        Recognizer::new(self.tokenizer.clone(), self.model.valid(), self.device.clone().inner(), settings)
    }
}

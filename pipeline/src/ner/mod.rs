//! The token classifier at work: a released model, what it has read in this run, and how its spans join the others'.
//!
//! `docs/design/ner-pipeline.md` has the rule and its reasons. Whoever has no model asks nothing of this.

mod combine;
mod memory;

use crate::error::RunError;
use crate::tier2::FoundSpan;
use combine::combine;
use dicom_core::VR;
use dicom_core::dictionary::{DataDictionary, DataDictionaryEntry};
use dicom_dictionary_std::StandardDataDictionary;
use efface_nets::calibration::{Calibration, text_energy};
use efface_nets::device::DeviceName;
use efface_nets::{Context, Found, ModelFolder, Recognizer, Settings};
use efface_schema::{AttributePath, ElementReference, Phi};
use memory::Memory;
use serde::Serialize;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

/// Which model reads the texts of a run, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct NerSettings {
    /// The folder of a released model.
    pub model: PathBuf,
    /// A token at least this probable to identify someone goes, from 0 to 1. Without one, the model's calibration
    /// gives the threshold that misses 1 % of entities, and one without that budget takes 0.5.
    pub threshold: Option<f64>,
}

/// The expected share of entities that the default threshold may miss.
const BUDGET: f64 = 0.01;
/// The threshold where neither the user nor the calibration has one.
const PLAIN_THRESHOLD: f64 = 0.5;
/// A text that keeps a token at least this share of the threshold probable is doubtful.
const DOUBT: f32 = 0.5;
/// The cache of a run holds at most this many bytes of texts and answers, as estimated.
const MAX_CACHE_BYTES: usize = 64 * 1024 * 1024;
/// Texts are given to the network in parts of about this many characters, so that its scores need bounded memory.
const MAX_PART_CHARACTERS: usize = 128 * 1024;

/// What a run's manifest says of the model.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct NerRecord {
    /// The digest of the model's list of digests.
    model_sha256: String,
    /// The threshold in use.
    threshold: f64,
}

/// A text and all that the network reads beside it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Question {
    text: Phi<String>,
    keyword: &'static str,
    vr: &'static str,
    /// First characters, and those after the last, of what tier 2 found.
    known: Vec<(usize, usize)>,
}

impl Question {
    /// Asks about a text in which tier 2 found spans.
    pub(crate) fn new(text: &str, place: Place, found: &[FoundSpan]) -> Self {
        let known = found.iter().map(|span| (span.start, span.end)).collect();
        Self { text: Phi::new(text.to_owned()), keyword: place.keyword, vr: place.vr, known }
    }

    fn n_bytes(&self) -> usize {
        self.text.expose().len() + self.known.len() * size_of::<(usize, usize)>() + size_of::<Self>()
    }
}

/// Where a text stands, as the network knows it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Place {
    keyword: &'static str,
    vr: &'static str,
}

impl Place {
    /// The attribute's keyword, where the standard has one, and its VR.
    pub(crate) fn of(path: &AttributePath, vr: VR) -> Self {
        let keyword = match path.last() {
            Some(ElementReference::Tag { group, element }) => {
                let tag = dicom_core::Tag(*group, *element);
                StandardDataDictionary.by_tag(tag).map_or("", DataDictionaryEntry::alias)
            }
            _ => "",
        };
        Self { keyword, vr: vr.to_string() }
    }
}

/// Why a text is flagged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// A token that stays is nearly as probable as the threshold.
    Unsure,
    /// The text is unlike those that the model was fitted on.
    Odd,
}

/// What the network says of a text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    spans: Vec<Found>,
    /// The highest probability of a token outside of the spans.
    pub(crate) remaining: f32,
    /// Whether the text is flagged.
    pub(crate) doubt: Option<Doubt>,
}

impl Answer {
    fn n_bytes(&self) -> usize {
        self.spans.len() * size_of::<Found>() + size_of::<Self>()
    }

    /// The spans of tier 2 with those of the network.
    pub(crate) fn join(&self, text: &str, found: &[FoundSpan]) -> Vec<FoundSpan> {
        combine(text, found, &self.spans)
    }
}

/// A released model and what it has read in this run.
pub(crate) struct TextReader {
    recognizer: Recognizer,
    calibration: Calibration,
    record: NerRecord,
    /// The network computes on threads of its own, which wait for nobody: whoever waits for an answer may hold up a
    /// thread of the run, but never the one that it waits for.
    pool: rayon::ThreadPool,
    memory: Memory,
}

fn refused(error: impl ToString) -> RunError {
    RunError::Model(error.to_string())
}

impl TextReader {
    /// Opens a released model and compares its files with their digests.
    ///
    /// # Errors
    /// [`RunError::Model`] when it is not what was released or its calibration belongs to other weights, and when the
    /// threshold is no probability.
    pub(crate) fn open(settings: &NerSettings, n_threads: usize) -> Result<Self, RunError> {
        if settings.threshold.is_some_and(|threshold| !(0.0..=1.0).contains(&threshold)) {
            return Err(refused("a threshold is from 0 to 1"));
        }
        let folder = ModelFolder::open(&settings.model).map_err(refused)?;
        let calibration = folder.calibration.clone();
        let budgeted = calibration.threshold(BUDGET).map_or(PLAIN_THRESHOLD, |risk| risk.threshold);
        let threshold = settings.threshold.unwrap_or(budgeted);
        let reading = Settings { threshold: threshold as f32, ..Settings::default() };
        let recognizer = Recognizer::open(&folder, DeviceName::Cpu, reading).map_err(refused)?;
        let record = NerRecord { model_sha256: folder.digest().to_owned(), threshold };
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(n_threads)
            .build()
            .map_err(|_| RunError::Folders("threads cannot be started"))?;
        Ok(Self { recognizer, calibration, record, pool, memory: Memory::new(MAX_CACHE_BYTES) })
    }

    /// What the run's manifest says of the model.
    pub(crate) fn record(&self) -> NerRecord {
        self.record.clone()
    }

    /// How many texts the network has read so far.
    pub(crate) fn n_read(&self) -> u64 {
        self.memory.n_stored()
    }

    /// Answers questions: what nobody has asked before goes through the network, all of it at once; what somebody else
    /// has asked is waited for.
    pub(crate) fn read(&self, questions: &[Question]) -> Vec<Arc<Answer>> {
        self.memory.answers(questions, &|mine, store| {
            let work = || {
                for part in parts(mine) {
                    store(self.infer(part));
                }
            };
            // A worker of the run that waited inside of its own pool would begin another instance meanwhile, which may
            // want what this one holds: it waits for a thread of its own instead.
            std::thread::scope(|scope| {
                if let Err(panic) = scope.spawn(|| self.pool.install(work)).join() {
                    std::panic::resume_unwind(panic);
                }
            });
        })
    }

    /// Answers one question.
    pub(crate) fn read_one(&self, question: Question) -> Arc<Answer> {
        self.read(&[question]).pop().expect("a question has an answer")
    }

    fn infer(&self, questions: &[Arc<Question>]) -> Vec<Answer> {
        let known: Vec<Vec<Range<usize>>> =
            questions.iter().map(|asked| asked.known.iter().map(|(start, end)| *start..*end).collect()).collect();
        let contexts: Vec<Context<'_>> = questions
            .iter()
            .zip(&known)
            .map(|(asked, known)| Context { text: asked.text.expose(), keyword: asked.keyword, vr: asked.vr, known })
            .collect();
        let scored = self.recognizer.scores(&contexts);
        scored
            .iter()
            .map(|scored| {
                let reading = self.recognizer.decide(scored);
                let energy = text_energy(scored.scores.iter().map(Vec::as_slice));
                Answer {
                    doubt: self.doubt(reading.remaining, energy),
                    spans: reading.spans,
                    remaining: reading.remaining,
                }
            })
            .collect()
    }

    fn doubt(&self, remaining: f32, energy: Option<f64>) -> Option<Doubt> {
        if energy.is_some_and(|energy| self.calibration.is_odd(energy)) {
            return Some(Doubt::Odd);
        }
        let threshold = self.recognizer.settings().threshold;
        (remaining > 0.0 && remaining >= DOUBT * threshold).then_some(Doubt::Unsure)
    }
}

/// Questions in parts of bounded size.
fn parts(questions: &[Arc<Question>]) -> Vec<&[Arc<Question>]> {
    let mut parts = Vec::new();
    let (mut start, mut n_characters) = (0, 0);
    for (idx, question) in questions.iter().enumerate() {
        n_characters += question.text.expose().len();
        if n_characters >= MAX_PART_CHARACTERS {
            parts.push(&questions[start..=idx]);
            (start, n_characters) = (idx + 1, 0);
        }
    }
    parts.push(&questions[start..]);
    parts
}

/// What a decision about a text does with the network.
#[derive(Clone, Copy)]
pub(crate) enum Network<'a> {
    /// There is none.
    Absent,
    /// Nothing is decided yet: questions are collected, so that they can be asked all at once.
    Collect(&'a RefCell<BTreeSet<Question>>),
    /// It answers.
    Read(&'a TextReader),
}

impl Network<'_> {
    /// What it says of a text, or nothing.
    pub(crate) fn answer(self, text: &str, place: Place, found: &[FoundSpan]) -> Option<Arc<Answer>> {
        if matches!(self, Self::Absent) || !text.chars().any(char::is_alphanumeric) {
            return None;
        }
        let question = Question::new(text, place, found);
        match self {
            Self::Absent => None,
            Self::Collect(questions) => {
                questions.borrow_mut().insert(question);
                None
            }
            Self::Read(reader) => Some(reader.read_one(question)),
        }
    }
}

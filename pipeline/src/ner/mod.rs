//! The token classifier at work: a released model, what it has read in this run, and how its spans join the others'.
//!
//! `docs/design/ner-pipeline.md` has the rule and its reasons. Whoever has no model asks nothing of this.

mod combine;
mod memory;

use crate::clean::Cleaner;
use crate::error::RunError;
use crate::rules::rule;
use crate::settled;
use crate::tier2::{FoundSpan, Scope, TextSearch};
use combine::{combine, unite};
use dicom_core::VR;
use dicom_core::dictionary::{DataDictionary, DataDictionaryEntry};
use dicom_dictionary_std::StandardDataDictionary;
use efface_nets::calibration::Calibration;
use efface_nets::device::DeviceName;
use efface_nets::{Context, Found, ModelFolder, Reading, Recognizer, Settings};
use efface_schema::{AttributePath, Decision, ElementReference, Phi, Probability, Source};
use memory::Memory;
use serde::Serialize;
use std::borrow::{Borrow, Cow};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

/// Which model reads texts, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct NerSettings {
    /// The folder of a released model.
    pub model: PathBuf,
    /// Where it computes.
    pub device: DeviceName,
    /// From which probability on a token goes.
    pub threshold: NerThreshold,
}

impl NerSettings {
    /// A released model on the processor, with the default threshold.
    pub fn new(model: impl Into<PathBuf>) -> Self {
        Self { model: model.into(), device: DeviceName::Cpu, threshold: NerThreshold::default() }
    }
}

/// From which probability of identifying someone on a token goes.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum NerThreshold {
    /// 0.5: what identifies rather than not. The default, since it means the same for every model and every text.
    #[default]
    Even,
    /// This one, from 0 to 1.
    At(f64),
    /// That which the model's calibration has for an expected share of missed entities. It is a promise about texts
    /// like those that the model was calibrated on, and no other.
    Budget(f64),
}

/// See [`NerThreshold::Even`].
const EVEN: f64 = 0.5;
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
    place: Place,
    /// First characters, and those after the last, of the patient's own values in the text.
    known: Vec<(usize, usize)>,
}

impl Question {
    /// Asks about a text in which tier 2 found spans. The network is told of those that are the patient's own values,
    /// as in its training, and not of those that a pattern matched.
    pub(crate) fn new(text: &str, place: Place, found: &[FoundSpan]) -> Self {
        let own = found.iter().filter(|span| span.source == Source::Tier2);
        Self { text: Phi::new(text.to_owned()), place, known: own.map(|span| (span.start, span.end)).collect() }
    }

    /// The same of any text; nothing to ask of one without letters and digits.
    pub(crate) fn about(text: &str, place: Place, found: &[FoundSpan]) -> Option<Self> {
        text.chars().any(char::is_alphanumeric).then(|| Self::new(text, place, found))
    }

    fn n_bytes(&self) -> usize {
        self.text.expose().len() + self.known.len() * size_of::<(usize, usize)>() + size_of::<Self>()
    }
}

/// Where a text stands, as the network knows it.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Place {
    keyword: Cow<'static, str>,
    vr: Cow<'static, str>,
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
        Self { keyword: keyword.into(), vr: vr.to_string().into() }
    }

    /// A keyword and a VR as somebody gives them.
    pub(crate) fn named(keyword: &str, vr: &str) -> Self {
        Self { keyword: keyword.to_owned().into(), vr: vr.to_owned().into() }
    }
}

/// Why a text is flagged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Doubt {
    /// A token that stays is nearly as probable as the threshold.
    Unsure,
    /// The text is unlike those that the model was fitted on.
    Odd,
}

impl Doubt {
    /// Every doubt.
    pub(crate) const ALL: [Self; 2] = [Self::Unsure, Self::Odd];

    /// The rule of its flag.
    pub(crate) fn rule(self) -> &'static str {
        match self {
            Self::Unsure => rule!("ner-doubtful"),
            Self::Odd => rule!("ner-odd"),
        }
    }

    /// Whether a decision is its flag.
    pub(crate) fn is_in(self, decision: &Decision) -> bool {
        decision.source == Source::Ner && decision.rule == self.rule()
    }
}

/// What the network says of a text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    spans: Vec<Found>,
    /// The highest probability of a token outside of the spans.
    remaining: f32,
    /// Whether the text is flagged.
    pub(crate) doubt: Option<Doubt>,
}

impl Answer {
    fn n_bytes(&self) -> usize {
        self.spans.len() * size_of::<Found>() + size_of::<Self>()
    }

    /// How probable it is that something outside of the spans identifies someone.
    pub(crate) fn remaining(&self) -> Probability {
        Probability::new(f64::from(self.remaining)).unwrap_or(Probability::ONE)
    }

    /// The spans of tier 2 with those of the network: all that goes of a text that is not cleaned.
    pub(crate) fn join(&self, text: &str, found: &[FoundSpan]) -> Vec<FoundSpan> {
        combine(text, found, &self.spans)
    }

    /// The same where no rule has a say: hard negatives go as well.
    pub(crate) fn join_unguarded(&self, text: &str, found: &[FoundSpan]) -> Vec<FoundSpan> {
        unite(text, found, self.spans.iter())
    }

    /// All that goes of a text that is cleaned, of which tier 2 found spans: what the network has beyond them too, and
    /// what tier 2 finds in what is then left.
    pub(crate) fn settle(
        &self,
        text: &str,
        found: Arc<[FoundSpan]>,
        (vr, scope): (VR, Scope),
        search: &TextSearch<'_>,
        cleaner: &Cleaner<'_>,
    ) -> Arc<[FoundSpan]> {
        let joined = self.join(text, &found);
        if joined.len() == found.len() {
            return found;
        }
        settled::settle(text, vr, scope, search, cleaner, joined.into())
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
    /// [`RunError::Model`] when it is not what was released or its calibration belongs to other weights, when the
    /// threshold is no probability or the calibration has none for the budget, and when there is no such device.
    pub(crate) fn open(settings: &NerSettings, n_threads: usize) -> Result<Self, RunError> {
        let folder = ModelFolder::open(&settings.model).map_err(refused)?;
        let threshold = threshold(settings.threshold, &folder)?;
        let reading = Settings { threshold: threshold as f32, ..Settings::default() };
        let recognizer = Recognizer::open(&folder, settings.device, reading).map_err(refused)?;
        let record = NerRecord { model_sha256: folder.digest().to_owned(), threshold };
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(n_threads)
            .build()
            .map_err(|_| RunError::Folders("threads cannot be started"))?;
        let calibration = folder.calibration;
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

    /// Answers what is asked, all of it at once; of what is not asked there is no answer.
    pub(crate) fn read_asked(&self, questions: Vec<Option<Question>>) -> Vec<Option<Arc<Answer>>> {
        let is_asked: Vec<bool> = questions.iter().map(Option::is_some).collect();
        let asked: Vec<Question> = questions.into_iter().flatten().collect();
        let mut answers = self.read(&asked).into_iter();
        is_asked.into_iter().map(|is_asked| if is_asked { answers.next() } else { None }).collect()
    }

    /// The network itself, for what only it can tell: how it wavers, and its numbers.
    pub(crate) fn recognizer(&self) -> &Recognizer {
        &self.recognizer
    }

    fn infer(&self, questions: &[Arc<Question>]) -> Vec<Answer> {
        let read = |contexts: &[Context<'_>]| self.recognizer.read(contexts);
        with_contexts(questions, read).into_iter().map(|reading| self.answer(reading)).collect()
    }

    fn answer(&self, reading: Reading) -> Answer {
        let Reading { spans, remaining, energy } = reading;
        let threshold = self.recognizer.settings().threshold;
        let doubt = if energy.is_some_and(|energy| self.calibration.is_odd(energy)) {
            Some(Doubt::Odd)
        } else {
            (remaining > 0.0 && remaining >= DOUBT * threshold).then_some(Doubt::Unsure)
        };
        Answer { spans, remaining, doubt }
    }
}

/// Gives questions to somebody as the network reads them.
pub(crate) fn with_contexts<T>(questions: &[impl Borrow<Question>], work: impl FnOnce(&[Context<'_>]) -> T) -> T {
    let known = |question: &Question| question.known.iter().map(|(start, end)| *start..*end).collect();
    let known: Vec<Vec<Range<usize>>> = questions.iter().map(|question| known(question.borrow())).collect();
    let contexts: Vec<Context<'_>> = questions
        .iter()
        .zip(&known)
        .map(|(question, known)| {
            let Question { text, place: Place { keyword, vr }, .. } = question.borrow();
            Context { text: text.expose(), keyword, vr, known }
        })
        .collect();
    work(&contexts)
}

/// The threshold that the settings mean with this model.
fn threshold(wanted: NerThreshold, folder: &ModelFolder) -> Result<f64, RunError> {
    match wanted {
        NerThreshold::Even => Ok(EVEN),
        NerThreshold::At(threshold) if (0.0..=1.0).contains(&threshold) => Ok(threshold),
        NerThreshold::At(_) => Err(refused("a threshold is from 0 to 1")),
        NerThreshold::Budget(budget) => folder.threshold(budget).map(f64::from).map_err(refused),
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
        match self {
            Self::Absent => None,
            Self::Collect(questions) => {
                questions.borrow_mut().extend(Question::about(text, place, found));
                None
            }
            Self::Read(reader) => reader.read_asked(vec![Question::about(text, place, found)]).pop().flatten(),
        }
    }
}

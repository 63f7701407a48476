//! From texts to spans that know how probable they are.

mod dropout;
mod found_words;
mod logits;
mod words;

pub use dropout::{Doubt, Doubts, Passes};
pub use found_words::FoundWord;
pub use logits::{Logits, LogitsText};
pub use words::Word;

use crate::calibration::{EntityRule, ProbabilityMap, Temperatures, text_energy};
use crate::classifier::{Batch, Sequence, TokenClassifier};
use crate::folder::ModelFolder;
use crate::noise::Noise;
use crate::tags::{self, OUTSIDE, Run};
use crate::text::features::{self, Row, TextContext};
use crate::text::pieces::pieces;
use crate::text::windows::{owners, windows};
use crate::text::{Token, Tokenizer};
use crate::{NetsError, device::DeviceName};
use burn::tensor::Device;
use efface_schema::PhiLabel;
use rayon::prelude::*;
use std::ops::Range;

/// A text and where it stands.
#[derive(Debug, Clone, Copy, Default)]
pub struct Context<'a> {
    /// The text.
    pub text: &'a str,
    /// The attribute's keyword; empty if there is none.
    pub keyword: &'a str,
    /// The attribute's VR; empty if not known.
    pub vr: &'a str,
    /// The characters that hold values which the patient's own attributes have.
    pub known: &'a [Range<usize>],
}

/// What identifies someone: characters from the start of the text, the end exclusive.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The first character.
    pub start: usize,
    /// The character after the last one.
    pub end: usize,
    /// What it is.
    pub label: PhiLabel,
    /// How probable it is that the span is right as a whole, with both ends and its label: by the rule that the
    /// calibration chose, and by its map of spans where it has one.
    pub probability: f32,
    /// How probable it is that a word of the span identifies someone, whatever the label: the mean of all.
    pub identifies: f32,
}

/// What a text holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reading {
    /// In order, without overlap.
    pub spans: Vec<Found>,
    /// The probability that some word outside of the spans identifies someone: the highest of all words.
    pub remaining: f32,
    /// The mean free energy of the text's words (Liu et al. 2020): low is familiar. None of a text without words.
    pub energy: Option<f64>,
}

/// How texts are read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// A word at least this probable to identify someone is inside of a span.
    pub threshold: f32,
    /// Tokens of a window, special ones included.
    pub window: usize,
    /// Tokens that neighbouring windows share.
    pub overlap: usize,
    /// Tokens of a batch.
    pub batch: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { threshold: 0.5, window: 256, overlap: 64, batch: 1024 }
    }
}

impl Settings {
    /// These settings for an encoder that reads at most `longest` tokens at once.
    #[must_use]
    pub fn fitting(self, longest: usize) -> Self {
        let window = self.window.min(longest);
        Self { window, overlap: self.overlap.min(window / 3), ..self }
    }
}

/// A text that was cut: its words, and the scores of their tags once the network has seen it.
#[derive(Debug, Clone, PartialEq)]
pub struct Scored {
    /// The words.
    pub words: Vec<Word>,
    /// `[words][tags]`, before a softmax: the mean of a word's tokens.
    pub scores: Vec<Vec<f32>>,
}

/// A text that was cut, with what the network reads of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// The tokens, without special ones.
    pub tokens: Vec<Token>,
    rows: Vec<Row>,
}

impl Prepared {
    /// Cuts a text and describes its tokens.
    pub fn new(tokenizer: &Tokenizer, context: &Context<'_>) -> Self {
        let characters: Vec<char> = context.text.chars().collect();
        let pieces = pieces(&characters);
        let tokens = tokenizer.tokens(&characters, &pieces);
        let place = TextContext { keyword: context.keyword, vr: context.vr };
        let rows = features::rows(&characters, &pieces, &tokens, place, context.known, tokenizer.unknown());
        Self { tokens, rows }
    }

    /// What the network reads of some of the tokens, special ones around them.
    pub fn sequence(&self, tokenizer: &Tokenizer, window: Range<usize>) -> Sequence {
        let special = Row::default();
        let ids = self.tokens[window.clone()].iter().map(|token| token.id);
        Sequence {
            ids: std::iter::once(tokenizer.start()).chain(ids).chain([tokenizer.end()]).collect(),
            features: std::iter::once(special).chain(self.rows[window].iter().copied()).chain([special]).collect(),
        }
    }
}

/// A network that finds what identifies someone.
#[derive(Debug)]
pub struct Recognizer {
    tokenizer: Tokenizer,
    model: TokenClassifier,
    device: Device,
    settings: Settings,
    temperatures: Temperatures,
    entity_rule: EntityRule,
    span_map: Option<ProbabilityMap>,
    dropout: f32,
    digest: String,
}

/// A window of a text that waits for its scores.
struct Job {
    text: usize,
    window: usize,
    sequence: Sequence,
}

impl Recognizer {
    /// Loads a released model.
    ///
    /// # Errors
    /// See [`ModelFolder::open`] and [`DeviceName::open`].
    pub fn open(folder: &ModelFolder, device: DeviceName, settings: Settings) -> Result<Self, NetsError> {
        let device = device.open()?;
        let model = folder.classifier(&device)?;
        let settings = settings.fitting(folder.config.longest());
        let (temperatures, entity_rule) = (folder.calibration.temperatures.clone(), folder.calibration.entity_rule);
        let span_map = folder.calibration.spans.as_ref().map(|spans| spans.map.clone());
        let digest = folder.digest().to_owned();
        let dropout = folder.config.dropout as f32;
        let tokenizer = folder.tokenizer()?;
        Ok(Self { tokenizer, model, device, settings, temperatures, entity_rule, span_map, dropout, digest })
    }

    /// A recognizer over a network that is in memory already, such as one in training.
    pub fn new(tokenizer: Tokenizer, model: TokenClassifier, device: Device, settings: Settings) -> Self {
        let (temperatures, entity_rule, digest) = (Temperatures::none(), EntityRule::Minimum, String::new());
        Self { tokenizer, model, device, settings, temperatures, entity_rule, span_map: None, dropout: 0.0, digest }
    }

    /// The digest of the released model; empty for one in memory.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// The vocabulary.
    pub fn tokenizer(&self) -> &Tokenizer {
        &self.tokenizer
    }

    /// The settings.
    pub fn settings(&self) -> Settings {
        self.settings
    }

    /// Finds what identifies someone in each text. The answers do not depend on the other texts or on threads, not
    /// even in their last bits.
    pub fn read(&self, texts: &[Context<'_>]) -> Vec<Reading> {
        self.scores(texts).iter().map(|scored| self.decide(scored)).collect()
    }

    /// The scores of all tags of all words of each text.
    pub fn scores(&self, texts: &[Context<'_>]) -> Vec<Scored> {
        let prepared: Vec<Prepared> = texts.par_iter().map(|text| Prepared::new(&self.tokenizer, text)).collect();
        let windows: Vec<Vec<Range<usize>>> = prepared.iter().map(|text| self.windows(text.tokens.len())).collect();
        let mut jobs: Vec<Job> = Vec::new();
        for (text, cut) in windows.iter().enumerate() {
            for (window, range) in cut.iter().enumerate().filter(|(_, range)| !range.is_empty()) {
                jobs.push(Job { text, window, sequence: prepared[text].sequence(&self.tokenizer, range.clone()) });
            }
        }
        // Texts of one length share a batch. Padding would cost time, and change the last bits of a text's scores with
        // the texts beside it: sums over more places are added up in another order.
        jobs.sort_by_key(|job| (job.sequence.len(), job.text, job.window));
        let batches = self.batches(&jobs);
        let answers: Vec<Vec<Vec<Vec<f32>>>> =
            batches.par_iter().map(|batch| self.forward(&jobs[batch.clone()])).collect();
        let mut windowed: Vec<Vec<Vec<Vec<f32>>>> = windows.iter().map(|cut| vec![Vec::new(); cut.len()]).collect();
        for (job, scores) in jobs.iter().zip(answers.into_iter().flatten()) {
            windowed[job.text][job.window] = scores;
        }
        prepared
            .into_iter()
            .zip(windows)
            .zip(windowed)
            .map(|((text, cut), mut scores)| {
                let owners = owners(&cut, text.tokens.len());
                let joined: Vec<Vec<f32>> = owners
                    .iter()
                    .enumerate()
                    .map(|(token, owner)| std::mem::take(&mut scores[*owner][token - cut[*owner].start]))
                    .collect();
                let (words, scores) = words::of_tokens(&text.tokens, &joined);
                Scored { words, scores }
            })
            .collect()
    }

    fn windows(&self, tokens: usize) -> Vec<Range<usize>> {
        windows(tokens, self.settings.window - 2, self.settings.overlap)
    }

    /// Ranges of jobs of one length that fit into one batch.
    fn batches(&self, jobs: &[Job]) -> Vec<Range<usize>> {
        let mut batches = Vec::new();
        let mut start = 0;
        for end in 1..=jobs.len() {
            let length = jobs[start].sequence.len();
            let fits = |next: &Job| next.sequence.len() == length && length * (end + 1 - start) <= self.settings.batch;
            if !jobs.get(end).is_some_and(fits) {
                batches.push(start..end);
                start = end;
            }
        }
        batches
    }

    /// The scores of the tokens of each job, without those of special tokens.
    fn forward(&self, jobs: &[Job]) -> Vec<Vec<Vec<f32>>> {
        let sequences: Vec<&Sequence> = jobs.iter().map(|job| &job.sequence).collect();
        let mut answers = self.answers(&sequences, &mut Noise::none());
        for (rows, job) in answers.iter_mut().zip(jobs) {
            rows.truncate(job.sequence.len() - 1);
            rows.remove(0);
        }
        answers
    }

    /// The scores of all places of each sequence, special tokens and padding included.
    fn answers(&self, sequences: &[&Sequence], noise: &mut Noise) -> Vec<Vec<Vec<f32>>> {
        let Some(batch) = Batch::new(sequences, self.tokenizer.padding(), &self.device) else { return Vec::new() };
        let scores = self.model.forward(batch, noise);
        let [_, length, tags] = scores.dims();
        let values: Vec<f32> = scores.into_data().convert::<f32>().try_into_vec().expect("scores are numbers");
        let rows = values.chunks_exact(length * tags);
        rows.map(|rows| rows.chunks_exact(tags).map(<[f32]>::to_vec).collect()).collect()
    }

    /// Turns scores into spans, which are as probable as the calibration makes them.
    pub fn decide(&self, scored: &Scored) -> Reading {
        let mut reading = decide(scored, &self.temperatures, self.entity_rule, self.settings.threshold);
        if let Some(map) = &self.span_map {
            for span in &mut reading.spans {
                span.probability = map.apply(span.probability.into()) as f32;
            }
        }
        reading
    }
}

/// How probable it is that a word identifies someone, of logarithms of probabilities of its tags.
pub fn identifying(row: &[f32]) -> f32 {
    (1.0 - row[OUTSIDE].exp()).clamp(0.0, 1.0)
}

/// So low a logarithm that no path takes it if there is another.
const NEVER: f32 = -1.0e6;

/// The logarithms of the probabilities of each word's tags: scores divided by their temperature (Guo et al. 2017).
fn calibrated(scored: &Scored, temperatures: &Temperatures) -> Vec<Vec<f32>> {
    let labels = tags::labels();
    let row = |scores: &Vec<f32>| {
        let temperature = temperatures.of(scores, &labels) as f32;
        tags::log_softmax(&scores.iter().map(|score| score / temperature).collect::<Vec<_>>())
    };
    scored.scores.iter().map(row).collect()
}

/// Turns scores into spans: every word that is at least as probable as `threshold` to identify someone is inside of
/// one, and no other, which is the rule that a conformal threshold makes its promise for. Which label it has, and
/// where one span ends and the next begins, say the most probable valid tags among those that are left.
///
/// How probable a span is follows from the probabilities of its label at its words by the entity rule; no map of spans
/// is applied to it.
pub fn decide(scored: &Scored, temperatures: &Temperatures, entity_rule: EntityRule, threshold: f32) -> Reading {
    let rows = calibrated(scored, temperatures);
    let decided: Vec<Vec<f32>> = rows
        .iter()
        .map(|row| {
            let mut row = row.clone();
            if identifying(&row) >= threshold {
                row[OUTSIDE] = NEVER;
            } else {
                row[1..].fill(NEVER);
            }
            row
        })
        .collect();
    let tags = tags::decode(&decided);
    let runs = tags::runs(&tags);
    let spans = runs.iter().map(|run| found(run, &scored.words, &rows, entity_rule)).collect();
    let remaining =
        rows.iter().zip(&tags).filter(|(_, tag)| **tag == OUTSIDE).map(|(row, _)| identifying(row)).fold(0.0, f32::max);
    Reading { spans, remaining, energy: text_energy(scored.scores.iter().map(Vec::as_slice)) }
}

/// A span of the words of a run; `rows` are logarithms of probabilities.
fn found(run: &Run, words: &[Word], rows: &[Vec<f32>], entity_rule: EntityRule) -> Found {
    let inside = &rows[run.first..=run.last];
    let of_label = |row: &Vec<f32>| {
        let logarithms = [row[tags::begin(run.label)], row[tags::inside(run.label)]];
        logarithms.into_iter().map(|logarithm| f64::from(logarithm).exp()).sum::<f64>().min(1.0)
    };
    let probabilities: Vec<f64> = inside.iter().map(of_label).collect();
    let sum: f32 = inside.iter().map(|row| identifying(row)).sum();
    Found {
        start: words[run.first].start,
        end: words[run.last].end,
        label: run.label,
        probability: entity_rule.probability(&probabilities).unwrap_or_default() as f32,
        identifies: sum / inside.len() as f32,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scored(favoured: &[usize]) -> Scored {
        let words = (0..favoured.len()).map(|place| Word { start: 3 * place, end: 3 * place + 2 });
        let scores = favoured.iter().map(|tag| {
            let mut row = vec![0.0; tags::TAGS];
            row[*tag] = 9.0;
            row
        });
        Scored { words: words.collect(), scores: scores.collect() }
    }

    #[test]
    fn spans_reach_from_their_first_to_their_last_token() {
        let name = [tags::begin(PhiLabel::Name), tags::inside(PhiLabel::Name)];
        let reading =
            decide(&scored(&[OUTSIDE, name[0], name[1], OUTSIDE]), &Temperatures::none(), EntityRule::Minimum, 0.5);
        assert_eq!(reading.spans.len(), 1);
        let span = &reading.spans[0];
        assert_eq!((span.start, span.end, span.label), (3, 8, PhiLabel::Name));
        assert!(span.probability > 0.99 && reading.remaining < 0.01);
    }

    #[test]
    fn a_lower_threshold_finds_what_is_less_probable() {
        let mut doubtful = scored(&[OUTSIDE]);
        doubtful.scores[0][tags::begin(PhiLabel::Date)] = 8.0;
        assert!(decide(&doubtful, &Temperatures::none(), EntityRule::Minimum, 0.5).spans.is_empty());
        assert!((decide(&doubtful, &Temperatures::none(), EntityRule::Minimum, 0.5).remaining - 0.27).abs() < 0.01);
        assert_eq!(decide(&doubtful, &Temperatures::none(), EntityRule::Minimum, 0.2).spans.len(), 1);
        assert!(decide(&doubtful, &Temperatures::none(), EntityRule::Minimum, 0.3).spans.is_empty());
    }

    #[test]
    fn a_higher_temperature_makes_less_sure() {
        let sure = decide(&scored(&[tags::begin(PhiLabel::Name)]), &Temperatures::none(), EntityRule::Minimum, 0.5)
            .spans[0]
            .probability;
        let warm = Temperatures { global: 3.0, ..Temperatures::none() };
        let unsure =
            decide(&scored(&[tags::begin(PhiLabel::Name)]), &warm, EntityRule::Minimum, 0.5).spans[0].probability;
        assert!(unsure < sure);
    }

    #[test]
    fn a_span_is_as_probable_as_its_rule_makes_it_of_its_tokens() {
        let name = [tags::begin(PhiLabel::Name), tags::inside(PhiLabel::Name)];
        let mut two = scored(&name);
        // The second token may as well be a place: it identifies all the same.
        two.scores[1][tags::inside(PhiLabel::Location)] = 9.0;
        let span = |rule| decide(&two, &Temperatures::none(), rule, 0.5).spans.remove(0);
        let (least, product) = (span(EntityRule::Minimum), span(EntityRule::Product));
        assert_eq!((least.start, least.end, least.label), (0, 5, PhiLabel::Name));
        assert!((least.probability - 0.498).abs() < 0.002 && least.identifies > 0.99, "{least:?}");
        assert!(product.probability < least.probability && product.identifies == least.identifies, "{product:?}");
        assert!((span(EntityRule::GeometricMean).probability - 0.705).abs() < 0.003);
    }

    #[test]
    fn nothing_holds_nothing() {
        assert_eq!(decide(&scored(&[]), &Temperatures::none(), EntityRule::Minimum, 0.5), Reading::default());
    }
}

//! Gold and predictions of entity recognition.

use super::super::MeasureError;
use super::super::rows::{Record, read_lines};
use super::tags::Tag;
use super::tokens::tokens;
use efface_schema::PhiLabel;
use std::collections::BTreeMap;
use std::io::BufRead;
use std::ops::Range;

const GOLD: &str = "gold";
const PREDICTIONS: &str = "predictions";
const TEXT_KEYS: [&str; 12] = [
    "format_version",
    "id",
    "index",
    "text",
    "spans",
    "negatives",
    "context",
    "patient",
    "modality",
    "locale",
    "keyword",
    "attribute",
];
/// What a line of predictions may have beside.
const TAGS_KEY: &str = "tags";
const TOKENS_KEY: &str = "tokens";
const TOKEN_KEYS: &[&str] = &["start", "end", "label", "probability"];
const SPAN_KEYS: &[&str] = &[
    "start",
    "end",
    "label",
    "probability",
    "element",
    "hipaa",
    "is_known",
    // What `efface ner --passes` adds: how much the network wavers is no part of what is measured here.
    "mean_probability",
    "mutual_information",
];

/// Words that are or are taken for PHI, half-open, in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The first character.
    pub start: usize,
    /// The character after the last one.
    pub end: usize,
    /// What it is.
    pub label: PhiLabel,
}

/// A token of the model's own and what the model takes it for by itself.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct JudgedToken {
    /// How sure the model is.
    pub probability: f64,
    /// Whether it is what the first gold span is that shares a character with it, or nothing where none does.
    pub is_right: bool,
    /// Whether a gold span shares a character with it.
    pub is_phi: bool,
}

/// A text with its gold spans and what a model said about it.
#[derive(Debug, Clone)]
pub struct ScoredText {
    /// Number of its characters.
    pub n_characters: usize,
    /// Its tokens, half-open, in characters.
    pub tokens: Vec<Range<usize>>,
    /// Gold spans, in order, without overlaps.
    pub gold: Vec<Span>,
    /// Predicted spans, by start and end; those with the same ends as the file has them.
    pub predicted: Vec<Span>,
    /// How sure the model was of each predicted span, where it says.
    pub probabilities: Vec<Option<f64>>,
    /// The model's own tags, one for each token.
    pub predicted_tags: Option<Vec<Tag>>,
    /// The tokens that the model says something about by themselves, in its order.
    pub predicted_tokens: Vec<JudgedToken>,
    /// The patient, or the text's own name if the gold does not say.
    pub cluster: String,
    /// Modality (0008,0060), if the gold says.
    pub modality: Option<String>,
    /// Language and country, if the gold says.
    pub locale: Option<String>,
    /// Where the text stands: the attribute's keyword, or its tag where that has none; if the gold says.
    pub attribute: Option<String>,
}

/// Reads gold and predictions and puts them together.
///
/// # Errors
/// When a line is not of the form; when an id is missing, comes twice, or is in one of the files only; when the two
/// files have different texts for an id; when a span lies outside its text or is empty; when gold spans overlap; when
/// a label or a tag is unknown, a probability is none, or there are not as many tags as tokens; when there is no text.
pub fn read(gold: impl BufRead, predictions: impl BufRead) -> Result<Vec<ScoredText>, MeasureError> {
    let mut texts = Vec::new();
    let mut waiting: BTreeMap<String, (usize, Vec<char>)> = BTreeMap::new();
    read_lines(GOLD, gold, &TEXT_KEYS, |record| {
        let id = id(&record)?;
        let (text, characters) = gold_text(&record, &id)?;
        if waiting.insert(id, (texts.len(), characters)).is_some() {
            return Err(record.fault("id", "another line has the same id"));
        }
        texts.push(text);
        Ok(())
    })?;
    if texts.is_empty() {
        return Err(MeasureError::Empty { file: GOLD });
    }
    let mut n_predictions = 0;
    let keys = [TEXT_KEYS.as_slice(), &[TAGS_KEY, TOKENS_KEY]].concat();
    read_lines(PREDICTIONS, predictions, &keys, |record| {
        n_predictions += 1;
        let Some((at, characters)) = waiting.remove(&id(&record)?) else {
            return Err(record.fault("id", "the gold has no such id, or an earlier line has the same one"));
        };
        add_prediction(&record, &characters, &mut texts[at])
    })?;
    if n_predictions == 0 {
        return Err(MeasureError::Empty { file: PREDICTIONS });
    }
    match waiting.len() {
        0 => Ok(texts),
        n_missing => Err(MeasureError::Input {
            file: PREDICTIONS,
            place: "its end".to_owned(),
            key: "id",
            fault: format!("{n_missing} texts of the gold have no line; a text without finds needs one, too"),
        }),
    }
}

fn id(record: &Record) -> Result<String, MeasureError> {
    let id = match record.name("id")? {
        Some(id) => Some(id),
        None => record.name("index")?,
    };
    record.need("id", id)
}

fn gold_text(record: &Record, id: &str) -> Result<(ScoredText, Vec<char>), MeasureError> {
    let characters: Vec<char> = record.need("text", record.text("text")?)?.chars().collect();
    let (gold, _) = spans(record, characters.len())?;
    if gold.windows(2).any(|pair| pair[1].start < pair[0].end) {
        return Err(record.fault("spans", "two spans of the gold overlap"));
    }
    let context = record.record("context")?;
    let about = |key: &'static str| -> Result<Option<String>, MeasureError> {
        match (record.name(key)?, &context) {
            (None, Some(context)) => context.name(key),
            (own, _) => Ok(own),
        }
    };
    let cluster = about("patient")?.map_or_else(|| format!("text {id}"), |patient| format!("patient {patient}"));
    let text = ScoredText {
        n_characters: characters.len(),
        tokens: tokens(&characters),
        gold,
        predicted: Vec::new(),
        probabilities: Vec::new(),
        predicted_tags: None,
        predicted_tokens: Vec::new(),
        cluster,
        modality: about("modality")?,
        locale: about("locale")?,
        attribute: about("keyword")?.filter(|keyword| !keyword.is_empty()).or(about("attribute")?),
    };
    Ok((text, characters))
}

fn add_prediction(record: &Record, characters: &[char], text: &mut ScoredText) -> Result<(), MeasureError> {
    if record.text("text")?.is_some_and(|own| !own.chars().eq(characters.iter().copied())) {
        return Err(record.fault("text", "it is not the text that the gold has"));
    }
    record.need("spans", record.list("spans")?)?;
    (text.predicted, text.probabilities) = spans(record, characters.len())?;
    if let Some(tags) = record.list(TAGS_KEY)? {
        let read = |tag: &serde_json::Value| {
            let tag = tag.as_str().and_then(Tag::parse);
            tag.ok_or_else(|| record.fault("tags", "a tag is neither O nor B- or I- with a label"))
        };
        let tags: Vec<Tag> = tags.iter().map(read).collect::<Result<_, _>>()?;
        if tags.len() != text.tokens.len() {
            let fault = format!("there are {} tags for {} tokens", tags.len(), text.tokens.len());
            return Err(record.fault("tags", fault));
        }
        text.predicted_tags = Some(tags);
    }
    let tokens = record.records(TOKENS_KEY)?;
    text.predicted_tokens =
        tokens.iter().map(|token| self::token(token, characters.len(), &text.gold)).collect::<Result<_, _>>()?;
    Ok(())
}

fn token(record: &Record, n_characters: usize, gold: &[Span]) -> Result<JudgedToken, MeasureError> {
    record.knows_only(TOKEN_KEYS)?;
    let Range { start, end } = range(record, n_characters)?;
    let label = label(record)?;
    let own = gold.iter().find(|span| span.start < end && start < span.end);
    Ok(JudgedToken {
        probability: record.need("probability", record.probability("probability")?)?,
        is_right: label == own.map(|span| span.label),
        is_phi: own.is_some(),
    })
}

/// The spans in order, and how sure the model was of each.
fn spans(record: &Record, n_characters: usize) -> Result<(Vec<Span>, Vec<Option<f64>>), MeasureError> {
    record.need("spans", record.list("spans")?)?;
    let mut spans: Vec<(Span, Option<f64>)> =
        record.records("spans")?.iter().map(|span| self::span(span, n_characters)).collect::<Result<_, _>>()?;
    spans.sort_by_key(|(span, _)| (span.start, span.end));
    Ok(spans.into_iter().unzip())
}

fn span(record: &Record, n_characters: usize) -> Result<(Span, Option<f64>), MeasureError> {
    record.knows_only(SPAN_KEYS)?;
    let Range { start, end } = range(record, n_characters)?;
    let label = record.need("label", label(record)?)?;
    Ok((Span { start, end, label }, record.probability("probability")?))
}

/// The characters that a record is about: some of the text's.
fn range(record: &Record, n_characters: usize) -> Result<Range<usize>, MeasureError> {
    let offset = |key: &'static str| -> Result<usize, MeasureError> {
        let offset = record.need(key, record.whole(key)?)?;
        usize::try_from(offset).map_err(|_| record.fault(key, "it lies outside the text"))
    };
    let (start, end) = (offset("start")?, offset("end")?);
    if end > n_characters {
        return Err(record.fault("end", "it lies outside the text; offsets count characters, not bytes"));
    }
    if start >= end {
        return Err(record.fault("start", "the span is empty"));
    }
    Ok(start..end)
}

fn label(record: &Record) -> Result<Option<PhiLabel>, MeasureError> {
    let read = |label: &str| {
        label.parse().map_err(|_| {
            let known: Vec<&str> = PhiLabel::ALL.iter().map(|label| label.as_str()).collect();
            record.fault("label", format!("it is none of {}", known.join(", ")))
        })
    };
    record.text("label")?.map(read).transpose()
}

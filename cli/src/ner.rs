//! `efface ner`: spans in bare strings.

use crate::model::{self, Choice};
use anyhow::{Context, Result, bail};
use clap::Args;
use efface_pipeline::strings::{BareString, Doubted, StringReader, StringSettings};
use efface_pipeline::{DeviceName, NerSettings, Passes, RunError};
use efface_schema::{ExitCode, PredictedSpan, PredictedToken};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

/// Strings that are read before the first answer is written, and memory holds at once.
const CHUNK: usize = 4096;

/// Find PHI in strings
///
/// FILE has one JSON object a line, with `id` (or `index`), `text`, and optionally `attribute` (a keyword), `vr` and
/// `known`, the values that the patient's own attributes hold; ner.jsonl of a suite serves as it stands, and what it
/// says about spans is not looked at. Standard output has a line for each, in order:
///
/// {"id": "7", "spans": [{"start": 3, "end": 6, "label": "NAME", "hipaa": "A", "probability": 0.98}]}
///
/// `start` and `end` count characters, `end` is exclusive. `efface measure ner FILE ANSWERS` scores them. What is found
/// is what `efface deid --ner` takes out of the same text: docs/design/ner-pipeline.md has the rule.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The strings, or - for standard input
    file: PathBuf,
    /// The folder of the network, or `auto`: models/ner-minilm beside the program or here
    #[arg(long, value_name = "DIR|auto", default_value = model::AUTO)]
    model: Choice,
    /// Ask no network, only rules
    #[arg(long)]
    no_model: bool,
    /// Ask no rules, only the network
    #[arg(long, conflicts_with = "no_model")]
    no_rules: bool,
    /// Where the network computes: cpu, cuda, cuda:N or vulkan
    #[arg(long, default_value_t)]
    device: DeviceName,
    #[command(flatten)]
    threshold: Threshold,
    /// Read every string so many more times with dropout: each span also has `mean_probability` over these passes, and
    /// `mutual_information`, how much they disagree
    #[arg(long, value_name = "N", conflicts_with = "no_model")]
    passes: Option<NonZeroU32>,
    /// The root of what passes drop: the same seed gives the same answers
    #[arg(long, value_name = "N", requires = "passes", default_value_t = 1)]
    seed: u64,
    /// Also say what the network takes each of its tokens for by itself, as `tokens`: `efface measure ner --report` makes
    /// rows of them to measure their calibration on
    #[arg(long, conflicts_with = "no_model")]
    tokens: bool,
    /// Write what the network reads and its scores to a file, with the strings themselves, and print no spans:
    /// `just transformers-logits` compares them with those of another implementation
    #[arg(long, value_name = "FILE", conflicts_with_all = ["no_model", "passes", "tokens"])]
    logits: Option<PathBuf>,
}

/// From which probability on a piece of text is taken for PHI.
#[derive(Debug, Args)]
#[group(multiple = false)]
struct Threshold {
    /// The probability from which on a piece of text is taken for PHI [default: 0.5]
    #[arg(long, value_name = "P", value_parser = probability)]
    threshold: Option<f64>,
    /// The share of PHI that may be missed on average, such as 0.01: takes the threshold that was fitted for it, a
    /// promise about texts like those of the calibration and no others
    #[arg(long, value_name = "SHARE")]
    budget: Option<f64>,
}

fn probability(text: &str) -> Result<f64, String> {
    let value: f64 = text.parse().map_err(|_| "it is no number".to_owned())?;
    if value > 0.0 && value < 1.0 { Ok(value) } else { Err("it must lie between 0 and 1".to_owned()) }
}

/// A line of the input; what else it says is left alone.
#[derive(Deserialize)]
struct Line {
    id: Option<serde_json::Value>,
    index: Option<u64>,
    text: String,
    attribute: Option<String>,
    vr: Option<String>,
    #[serde(default)]
    known: Vec<String>,
    context: Option<LineContext>,
}

/// Where a text of a suite stands.
#[derive(Deserialize)]
struct LineContext {
    #[serde(default)]
    keyword: String,
    vr: Option<String>,
}

#[derive(Serialize)]
struct Answer<'a> {
    id: &'a str,
    spans: Vec<AnswerSpan>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tokens: Option<Vec<PredictedToken>>,
}

#[derive(Serialize)]
struct AnswerSpan {
    #[serde(flatten)]
    span: PredictedSpan,
    hipaa: efface_schema::HipaaElement,
    #[serde(skip_serializing_if = "Option::is_none")]
    mean_probability: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mutual_information: Option<f64>,
}

/// Runs the subcommand.
///
/// # Errors
/// When the input cannot be read or the answers cannot be written.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let reader = match settings(arguments).and_then(|settings| StringReader::open(&settings)) {
        Ok(reader) => reader,
        Err(error) if error.is_usage() => {
            tracing::error!("failed to {error}");
            return Ok(ExitCode::Usage);
        }
        Err(error) => return Err(error.into()),
    };
    let passes = arguments.passes.map(|count| Passes { count, seed: arguments.seed });
    if let Some(Err(error)) = passes.map(|_| reader.check_passes()) {
        tracing::error!("failed to use --passes: {error}");
        return Ok(ExitCode::Usage);
    }
    let input: Box<dyn BufRead> = if arguments.file.as_os_str() == "-" {
        Box::new(io::stdin().lock())
    } else {
        let file = File::open(&arguments.file).with_context(|| format!("open {}", arguments.file.display()))?;
        Box::new(BufReader::new(file))
    };
    let mut lines = (1..).zip(input.lines());
    if let Some(path) = &arguments.logits {
        return write_logits(path, &reader, lines);
    }
    let mut output = BufWriter::new(io::stdout().lock());
    loop {
        let chunk = lines.by_ref().take(CHUNK).map(|(number, line)| parse(number, line)).collect::<Result<Vec<_>>>();
        let (ids, strings): (Vec<String>, Vec<BareString>) = chunk?.into_iter().unzip();
        if ids.is_empty() {
            break;
        }
        let found = match passes {
            Some(passes) => reader.find_with_passes(&strings, passes).context("read the strings several times")?,
            None => reader.find(&strings).into_iter().map(without_doubt).collect(),
        };
        let tokens = if arguments.tokens { reader.tokens(&strings) } else { None };
        answer(&mut output, &ids, found, tokens)?;
    }
    output.flush().context("write the answers")?;
    Ok(ExitCode::Success)
}

fn settings(arguments: &Arguments) -> Result<StringSettings, RunError> {
    let Threshold { threshold, budget } = arguments.threshold;
    let threshold = model::threshold(threshold, budget);
    let folder = if arguments.no_model { None } else { arguments.model.folder(model::RECOGNIZER)? };
    let network = folder.map(|model| NerSettings { model, device: arguments.device, threshold });
    Ok(StringSettings { rules: !arguments.no_rules, network })
}

/// No error quotes a line.
fn parse(number: u64, line: io::Result<String>) -> Result<(String, BareString)> {
    let line = line.with_context(|| format!("read line {number}"))?;
    let Ok(line) = serde_json::from_str::<Line>(&line) else {
        bail!(
            "read line {number}: it is no JSON object with `text` as a string and fields as `efface ner --help` says"
        );
    };
    let id = match (line.id, line.index) {
        (Some(serde_json::Value::String(id)), _) => id,
        (Some(serde_json::Value::Number(id)), _) => id.to_string(),
        (None, Some(index)) => index.to_string(),
        _ => bail!("read line {number}: it has neither an `id`, a string or a number, nor an `index`"),
    };
    let (keyword, vr) = line.context.map_or((String::new(), None), |context| (context.keyword, context.vr));
    let string = BareString {
        text: line.text,
        keyword: line.attribute.unwrap_or(keyword),
        vr: line.vr.or(vr).unwrap_or_default(),
        known: line.known,
    };
    Ok((id, string))
}

fn without_doubt(spans: Vec<PredictedSpan>) -> Vec<Doubted> {
    spans.into_iter().map(|span| Doubted { span, doubt: None }).collect()
}

/// All strings at once: they are compared, not worked off.
fn write_logits(
    path: &Path,
    reader: &StringReader,
    lines: impl Iterator<Item = (u64, io::Result<String>)>,
) -> Result<ExitCode> {
    let parsed = lines.map(|(number, line)| parse(number, line)).collect::<Result<Vec<_>>>()?;
    let strings: Vec<BareString> = parsed.into_iter().map(|(_, string)| string).collect();
    let logits = reader.logits(&strings).context("ask the network")?.context("ask the network: there is none")?;
    let file = File::create(path).with_context(|| format!("write {}", path.display()))?;
    let mut output = BufWriter::new(file);
    serde_json::to_writer(&mut output, &logits).with_context(|| format!("write {}", path.display()))?;
    output.flush().with_context(|| format!("write {}", path.display()))?;
    println!("{}", path.display());
    Ok(ExitCode::Success)
}

fn answer(
    output: &mut impl Write,
    ids: &[String],
    found: Vec<Vec<Doubted>>,
    tokens: Option<Vec<Vec<PredictedToken>>>,
) -> Result<()> {
    let tokens = tokens.into_iter().flatten().map(Some).chain(std::iter::repeat_with(|| None));
    for ((id, spans), tokens) in ids.iter().zip(found).zip(tokens) {
        let answer = |doubted: Doubted| AnswerSpan {
            hipaa: doubted.span.label.element(),
            span: doubted.span,
            mean_probability: doubted.doubt.map(|doubt| doubt.mean_probability),
            mutual_information: doubted.doubt.map(|doubt| doubt.mutual_information),
        };
        let spans = spans.into_iter().map(answer).collect();
        let line = serde_json::to_string(&Answer { id, spans, tokens }).context("put an answer into words")?;
        writeln!(output, "{line}").context("write the answers")?;
    }
    Ok(())
}

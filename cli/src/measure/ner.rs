//! `efface measure ner`

use super::table::Table;
use super::{Output, Shown, calibration_rows, measured_files, open, show};
use efface_eval::models::ner::{decisions, measure, read};
use efface_eval::models::{Resamples, page};
use efface_schema::{ExitCode, Interval, MatchMetrics, NerMetrics, TagScores};
use std::io::BufReader;
use std::path::PathBuf;

/// Score entity recognition: spans, BIO tags, tokens, characters, texts without PHI
///
/// Both files are JSON lines. GOLD may be ner.jsonl of a suite as it stands. A line holds `id` (or `index`), `text`
/// and `spans`; GOLD may add `patient`, `modality` and `locale`, and PREDICTIONS `tags`, the BIO tags of the tokens as
/// the model gave them, and `tokens`, its own tokens, each with `start`, `end`, `label` (none for what identifies nobody)
/// and `probability`, as `efface ner --tokens` writes them. Offsets count characters; `end` is exclusive:
///
/// {"id": 7, "text": "by Roe", "spans": [{"start": 3, "end": 6, "label": "NAME", "probability": 0.9}]}
///
/// PREDICTIONS has one line for every line of GOLD, with an empty list of spans where nothing was found. Intervals are
/// across patients; those of F1 come from drawing whole patients anew. Spans are counted as nervaluate does, tags as
/// seqeval does. With --report, tokens, and spans that have a probability, become rows for `efface measure calibration`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// What identifies someone
    gold: PathBuf,
    /// What the model found
    predictions: PathBuf,
    /// How often patients are drawn anew for intervals
    #[arg(long, value_name = "N", default_value_t = 1000)]
    resamples: u32,
    /// Root of the random numbers
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    #[command(flatten)]
    output: Output,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let (mut gold, mut predictions) = (open("gold", &arguments.gold)?, open("predictions", &arguments.predictions)?);
    let texts = read(BufReader::new(&mut gold), BufReader::new(&mut predictions))?;
    let metrics = NerMetrics {
        measured_files: Some(measured_files(&gold, &predictions)),
        ..measure(&texts, Resamples { n: arguments.resamples, seed: arguments.seed })?
    };
    let mut files = vec![("ner.html".to_owned(), page::of_ner(&metrics)?)];
    files.extend(calibration_rows(&decisions(&texts))?);
    let table = table(&metrics);
    show(&arguments.output, &Shown { name: "ner", metrics, table, files })?;
    Ok(ExitCode::Success)
}

fn table(metrics: &NerMetrics) -> String {
    let mut table = Table::default();
    let (n_texts, n_clusters) = (metrics.n_texts, metrics.n_clusters);
    let (n_gold, n_found) = (metrics.n_gold_spans, metrics.n_predicted_spans);
    table.heading(&format!("{n_texts} texts of {n_clusters} patients; {n_gold} spans, {n_found} predicted"));
    for (name, scores) in
        [("characters, any label", &metrics.characters.any_label), ("tokens, any label", &metrics.tokens.any_label)]
    {
        table.share(&format!("{name}: recall"), scores.recall);
        table.share(&format!("{name}: precision"), scores.precision);
        table.plain(&format!("{name}: F1"), scores.f1, scores.f1_interval);
    }
    for (label, scores) in &metrics.characters.by_label {
        table.share(&format!("  {label}: recall of characters"), scores.recall);
    }
    table.share("texts without PHI touched", metrics.touched_clean_texts);
    let schemes: [(&str, &MatchMetrics); 4] = [
        ("strict", &metrics.spans.strict),
        ("exact", &metrics.spans.exact),
        ("partial", &metrics.spans.partial),
        ("type", &metrics.spans.entity_type),
    ];
    table.heading(
        "spans            correct incorrect  partial   missed spurious  precision  recall      f1  95 % of f1",
    );
    for (name, scheme) in schemes {
        let counts = &scheme.overall;
        let shares = [counts.precision, counts.recall, counts.f1].map(|share| share.map_or("-".to_owned(), four));
        table.heading(&format!(
            "  {name:<13} {:>8} {:>9} {:>8} {:>8} {:>8}   {:>8} {:>7} {:>7}{}",
            counts.correct,
            counts.incorrect,
            counts.partial,
            counts.missed,
            counts.spurious,
            shares[0],
            shares[1],
            shares[2],
            behind(counts.f1_interval)
        ));
    }
    table.heading("tags (seqeval)                                               precision  recall      f1  95 % of f1");
    for (name, scores) in [
        ("micro", &metrics.tags_default.micro),
        ("macro", &metrics.tags_default.macro_average),
        ("weighted", &metrics.tags_default.weighted),
        ("micro, strict IOB2", &metrics.tags_strict.micro),
    ] {
        table.heading(&tag_row(name, scores));
    }
    table.finish()
}

fn four(share: f64) -> String {
    format!("{share:.4}")
}

fn tag_row(name: &str, scores: &TagScores) -> String {
    let shares = [scores.precision, scores.recall, scores.f1].map(|share| share.map_or("-".to_owned(), four));
    format!("  {name:<57}   {:>8} {:>7} {:>7}{}", shares[0], shares[1], shares[2], behind(scores.f1_interval))
}

/// An interval behind the last figure of a row.
fn behind(interval: Option<Interval>) -> String {
    interval.map_or_else(String::new, |interval| format!("  [{:.4}, {:.4}]", interval.low, interval.high))
}

//! Values that make no sense are refused, with their place and what would make sense.

use super::{DatasetConfig, SharesConfig, Split, TrainingConfig};
use crate::text::TextFormat;
use std::path::{Component, Path, PathBuf};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A value that is refused.
#[derive(Debug)]
pub(crate) struct Refusal {
    /// Keys and places in arrays, from the outermost.
    keys: Vec<String>,
    message: String,
}

impl Refusal {
    pub(crate) fn of(keys: &[&str], expected: &str) -> Self {
        let keys: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
        let message = format!("`{}` must be {expected}", keys.join("."));
        Self { keys, message }
    }

    pub(crate) fn saying(keys: &[&str], message: &str) -> Self {
        Self { message: message.to_owned(), ..Self::of(keys, "") }
    }

    /// The line that the value stands in, or the nearest table around it, and the message.
    pub(crate) fn placed(self, text: &str) -> (usize, String) {
        let start = DeTable::parse(text).map_or(0, |table| start_of(table.get_ref(), &self.keys).unwrap_or_default());
        (line_at(text, start), self.message)
    }
}

/// Where the parser found a fault, and what it says, with the key in front if it does not name it.
pub(crate) fn place_of(text: &str, error: &toml::de::Error) -> (usize, String) {
    let line = line_at(text, error.span().map_or(0, |span| span.start));
    let key = text.lines().nth(line - 1).and_then(|line| line.split_once('=')).map_or("", |(key, _)| key.trim());
    let message = error.message();
    if key.is_empty() || message.contains(&format!("`{key}`")) {
        (line, message.to_owned())
    } else {
        (line, format!("`{key}`: {message}"))
    }
}

fn line_at(text: &str, start: usize) -> usize {
    1 + text.as_bytes()[..start.min(text.len())].iter().filter(|byte| **byte == b'\n').count()
}

/// The byte that the key begins at, or as many of the outer ones as are there.
fn start_of(table: &DeTable<'_>, keys: &[String]) -> Option<usize> {
    let (first, rest) = keys.split_first()?;
    let (key, value) = table.iter().find(|(key, _)| key.get_ref() == first.as_str())?;
    Some(start_in(value, rest).unwrap_or(key.span().start))
}

fn start_in(value: &Spanned<DeValue<'_>>, keys: &[String]) -> Option<usize> {
    let (first, rest) = keys.split_first()?;
    match value.get_ref() {
        DeValue::Table(table) => start_of(table, keys),
        DeValue::Array(items) => {
            let item = items.get(first.parse::<usize>().ok()?)?;
            Some(start_in(item, rest).unwrap_or(item.span().start))
        }
        _ => None,
    }
}

/// Checks all values.
pub(super) fn check(config: &TrainingConfig) -> Result<(), Refusal> {
    check_datasets(config)?;
    check_network(config)?;
    check_optimizer(config)?;
    check_rest(config)
}

/// The first value that is not as it must be.
pub(crate) fn first_of(table: &str, checks: &[(&str, bool, &str)]) -> Result<(), Refusal> {
    match checks.iter().find(|(_, is_good, _)| !is_good) {
        Some((key, _, expected)) => Err(Refusal::of(&[table, key], expected)),
        None => Ok(()),
    }
}

/// At least 0 and below 1; not for what is no number.
pub(crate) fn is_part(share: f64) -> bool {
    (0.0..1.0).contains(&share)
}

/// Above 0 and below 1.
pub(crate) fn is_inside(share: f64) -> bool {
    share > 0.0 && share < 1.0
}

pub(crate) fn is_above_0(number: f64) -> bool {
    number.is_finite() && number > 0.0
}

fn check_datasets(config: &TrainingConfig) -> Result<(), Refusal> {
    let (shares, datasets) = (config.shares, &config.datasets);
    let is_for = |split: Split, share: f64| {
        datasets.iter().any(|set| set.split == split || set.split == Split::ByPatient && share > 0.0)
    };
    for (at, dataset) in datasets.iter().enumerate() {
        check_dataset(dataset, &at.to_string(), &datasets[..at])?;
    }
    check_shares(shares)?;
    let train_share = 1.0 - shares.validation - shares.calibration;
    if !is_for(Split::Train, train_share) {
        let message = "no data set is for training; give one of them split = \"train\" or \"by-patient\"";
        return Err(Refusal::saying(&["datasets"], message));
    }
    if !is_for(Split::Validation, shares.validation) {
        let message = "no data set is for validation, without which nobody knows when to stop; give one of them \
                       split = \"validation\" or \"by-patient\"";
        return Err(Refusal::saying(&["datasets"], message));
    }
    Ok(())
}

fn check_dataset(dataset: &DatasetConfig, at: &str, before: &[DatasetConfig]) -> Result<(), Refusal> {
    let has_words = matches!(dataset.format, TextFormat::I2b2 | TextFormat::Brat);
    if !dataset.labels.is_empty() && !has_words {
        return Err(Refusal::of(&["datasets", at, "labels"], "absent: jsonl and conll have our labels"));
    }
    if dataset.label_table().is_err() {
        return Err(Refusal::of(&["datasets", at, "labels"], "of labels such as NAME and DATE, or \"ignore\""));
    }
    if before.iter().any(|other| plain(&other.path) == plain(&dataset.path)) {
        let expected =
            "another one than that of the data sets before it: no text may be in two splits, nor in one twice";
        return Err(Refusal::of(&["datasets", at, "path"], expected));
    }
    Ok(())
}

/// Checks how patients are shared out.
pub(crate) fn check_shares(shares: SharesConfig) -> Result<(), Refusal> {
    first_of(
        "shares",
        &[
            ("validation", is_part(shares.validation), "at least 0 and below 1; 0.05 is usual"),
            ("calibration", is_part(shares.calibration), "at least 0 and below 1; 0.1 is usual"),
            (
                "calibration",
                shares.validation + shares.calibration < 1.0,
                "lower, so that together with `shares.validation` it leaves patients to train on",
            ),
        ],
    )
}

/// A path without `.` parts, so that two spellings are told to be one.
pub(crate) fn plain(path: &Path) -> PathBuf {
    path.components().filter(|part| *part != Component::CurDir).collect()
}

fn check_network(config: &TrainingConfig) -> Result<(), Refusal> {
    let network = &config.network;
    first_of(
        "network",
        &[
            ("layers", network.layers != Some(0), "at least 1, or absent to keep all"),
            ("dropout", is_part(network.dropout), "at least 0 and below 1; 0.1 is usual"),
            ("max-tokens", (16..=512).contains(&network.max_tokens), "from 16 to 512, which BERT has positions for"),
            (
                "freeze-embeddings",
                !(network.freeze_embeddings && network.random_weights),
                "false with `network.random-weights`: random embeddings that never change teach nothing",
            ),
        ],
    )
}

fn check_optimizer(config: &TrainingConfig) -> Result<(), Refusal> {
    let optimizer = &config.optimizer;
    let padded = u64::from(config.network.max_tokens).next_multiple_of(u64::from(optimizer.pad_multiple.max(1)));
    let rate = optimizer.learning_rate;
    first_of(
        "optimizer",
        &[
            ("epochs", optimizer.epochs > 0, "at least 1"),
            ("learning-rate", is_above_0(rate) && rate <= 0.1, "above 0 and at most 0.1; 2e-5 to 5e-4 are usual"),
            (
                "layer-decay",
                optimizer.layer_decay > 0.0 && optimizer.layer_decay <= 1.0,
                "above 0 and at most 1, which has the same rate everywhere",
            ),
            ("warm-up", is_part(optimizer.warm_up), "a share of the steps: at least 0 and below 1"),
            ("final-share", (0.0..=1.0).contains(&optimizer.final_share), "from 0 to 1"),
            ("weight-decay", is_part(optimizer.weight_decay), "at least 0 and below 1; 0.01 is usual"),
            ("clip", is_above_0(optimizer.clip), "above 0; 1 is usual"),
            ("accumulation", optimizer.accumulation > 0, "at least 1, which is none"),
            ("window", optimizer.window > 0, "at least 1; thousands save padding"),
            ("pad-multiple", (1..=64).contains(&optimizer.pad_multiple), "from 1 to 64"),
            (
                "batch-tokens",
                u64::from(optimizer.batch_tokens) >= padded,
                "at least `network.max-tokens` with its padding, or the longest window fits into no batch",
            ),
        ],
    )
}

fn check_rest(config: &TrainingConfig) -> Result<(), Refusal> {
    let (loss, evaluation, calibration) = (&config.loss, &config.evaluation, &config.calibration);
    let budgets = &calibration.budgets;
    let augmentation = config.augmentation;
    first_of(
        "augmentation",
        &[
            ("hidden-words", is_part(augmentation.hidden_words), "at least 0 and below 1; 0.1 is usual"),
            ("strange-names", is_part(augmentation.strange_names), "at least 0 and below 1; 0.1 is usual"),
        ],
    )?;
    first_of(
        "loss",
        &[
            ("label-smoothing", (0.0..0.5).contains(&loss.label_smoothing), "at least 0 and below 0.5; 0.05 is usual"),
            ("focal-gamma", (0.0..=5.0).contains(&loss.focal_gamma), "from 0 to 5; 2 is usual"),
            (
                "focal-gamma",
                loss.focal_gamma == 0.0 || loss.label_smoothing == 0.0,
                "0 with `loss.label-smoothing`: choose one of them",
            ),
            ("outside-weight", loss.outside_weight.is_none_or(is_above_0), "above 0"),
            ("label-weights", loss.label_weights.values().copied().all(is_above_0), "above 0 for each label"),
        ],
    )?;
    first_of(
        "evaluation",
        &[
            ("every-steps", evaluation.every_steps > 0, "at least 1"),
            ("checkpoint-every-steps", evaluation.checkpoint_every_steps > 0, "at least 1"),
            ("precision-floor", is_inside(evaluation.precision_floor), "above 0 and below 1; 0.97 is usual"),
        ],
    )?;
    first_of(
        "calibration",
        &[
            ("min-label-rows", calibration.min_label_rows > 0, "at least 1; hundreds are usual"),
            ("odd-share", is_inside(calibration.odd_share), "above 0 and below 1; 0.01 is usual"),
            (
                "budgets",
                budgets.iter().all(|budget| is_inside(*budget)) && budgets.windows(2).all(|pair| pair[0] < pair[1]),
                "above 0, below 1, and rising",
            ),
        ],
    )
}

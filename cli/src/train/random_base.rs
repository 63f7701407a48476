//! `efface train random-base`: a base of known sizes without what it knows.

use anyhow::{Context, Result};
use clap::Args;
use efface_schema::ExitCode;
use efface_train::random_base::{Like, write};
use std::path::PathBuf;

/// Write a base model with random weights in the sizes of a well-known one
///
/// It shows whether a network of such sizes trains on a machine: `scripts/prove-large.sh` makes one step. The
/// vocabulary is one of single bytes or characters.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Whose sizes: roberta-base, bert-base (ClinicalBERT's) or tiny-roberta
    #[arg(long, value_name = "NAME")]
    like: Like,
    /// The root of the weights
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// The folder to write `config.json`, `tokenizer.json` and `model.safetensors` to
    #[arg(value_name = "DIR")]
    out: PathBuf,
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let n_parameters = write(arguments.like, arguments.seed, &arguments.out).context("write the base")?;
    println!("{} with {n_parameters} parameters", arguments.out.display());
    Ok(ExitCode::Success)
}

//! `efface train random-base`: a base of known sizes without what it knows.

use anyhow::{Context, Result};
use clap::Args;
use efface_schema::ExitCode;
use efface_train::random_base::{Like, write, write_of};
use std::path::PathBuf;

/// Write a base model with random weights in the sizes of a well-known one, or of one at hand
///
/// With --like it shows whether a network of such sizes trains on a machine (`scripts/prove-large.sh` makes one step); its
/// vocabulary is one of single bytes or characters. With --of it shows what the weights of that base are worth: a
/// recipe that begins with random ones is their baseline.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Whose sizes: roberta-base, bert-base (ClinicalBERT's) or tiny-roberta
    #[arg(long, value_name = "NAME", required_unless_present = "of")]
    like: Option<Like>,
    /// The folder of a base whose sizes and vocabulary are taken
    #[arg(long, value_name = "DIR", conflicts_with = "like")]
    of: Option<PathBuf>,
    /// The root of the weights
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// The folder to write `config.json`, `tokenizer.json` and `model.safetensors` to
    #[arg(value_name = "DIR")]
    out: PathBuf,
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let Arguments { like, of, seed, out } = arguments;
    let written = match (like, of) {
        (Some(like), _) => write(*like, *seed, out),
        (None, Some(base)) => write_of(base, *seed, out),
        (None, None) => unreachable!("one of them is required"),
    };
    let n_parameters = written.context("write the base")?;
    println!("{} with {n_parameters} parameters", arguments.out.display());
    Ok(ExitCode::Success)
}

//! `efface locate`: which file an index of a run means.

use anyhow::Context;
use efface_pipeline::Inputs;
use efface_schema::ExitCode;
use std::path::PathBuf;

/// Print the path of an input by its index
///
/// Messages and decisions name an instance by its index alone, since file names identify people too.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The folder that the run was given
    input: PathBuf,
    /// The index, as in decisions.jsonl
    index: usize,
}

/// Runs the subcommand.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let inputs = Inputs::list(&arguments.input).context("list the inputs")?;
    if arguments.index >= inputs.len() {
        tracing::error!("failed to find input {}: there are {}", arguments.index, inputs.len());
        return Ok(ExitCode::Usage);
    }
    println!("{}", inputs.path(arguments.index).display());
    Ok(ExitCode::Success)
}

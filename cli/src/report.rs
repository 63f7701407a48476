//! `efface report`: writes a report's page again.

use anyhow::{Context, Result};
use clap::Args;
use efface_schema::ExitCode;
use std::path::PathBuf;

/// Write report.html again from metrics.json and cases.csv
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Folder that `efface eval --report` wrote
    folder: PathBuf,
}

/// Runs the subcommand.
///
/// # Errors
/// When the folder holds no results or the page cannot be written.
pub(crate) fn run(arguments: Arguments) -> Result<ExitCode> {
    let metrics = efface_eval::render_report(&arguments.folder).context("failed to render the report")?;
    print!("{}", crate::eval::headline(&metrics, false));
    println!("\nreport: {}", arguments.folder.join("report.html").display());
    Ok(ExitCode::Success)
}

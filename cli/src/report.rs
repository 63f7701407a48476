//! `efface report`: reports from results that are there already.

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use efface_eval::{Evidence, bundle_release};
use efface_schema::ExitCode;
use std::path::PathBuf;

/// Write a report's page again, or bundle the evidence of a release
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Write report.html again from metrics.json and cases.csv
    ///
    /// Where calibration.json and throughput.json of `efface measure --report` lie in the folder, the page shows them, too.
    Page {
        /// Folder that `efface eval --report` wrote
        folder: PathBuf,
    },
    /// Copy reports into one folder with checksums and a manifest; `efface verify` proves it unchanged
    ///
    /// Files that quote values (discrepancy reports, results databases) are left out.
    Release {
        /// The version, which is the folder's name below --reports
        version: String,
        /// A report folder and its name in the release, as smoke=runs/e2e/report; may be given again
        #[arg(long = "evidence", value_name = "NAME=FOLDER", required = true, value_parser = evidence)]
        evidence: Vec<Evidence>,
        /// Folder of all releases
        #[arg(long, value_name = "DIR", default_value = "reports")]
        reports: PathBuf,
    },
}

fn evidence(text: &str) -> Result<Evidence, String> {
    let (name, folder) = text.split_once('=').ok_or("not of the form NAME=FOLDER")?;
    Ok(Evidence { name: name.to_owned(), folder: PathBuf::from(folder) })
}

/// Runs the subcommand.
///
/// # Errors
/// When a folder holds no results or something cannot be written.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    match &arguments.what {
        What::Page { folder } => {
            let metrics = efface_eval::render_report(folder).context("render the report")?;
            print!("{}", crate::eval::headline(&metrics, false));
            println!("\nreport: {}", folder.join("report.html").display());
        }
        What::Release { version, evidence, reports } => {
            let folder = reports.join(version);
            let n_files = bundle_release(version, evidence, &folder)?;
            println!("{n_files} files in {}; efface verify proves them unchanged", folder.display());
        }
    }
    Ok(ExitCode::Success)
}

//! `efface report`: reports from results that are there already.

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use efface_eval::{Evidence, Release, bundle_release};
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
    /// Write report.html, the tables and the summaries again from metrics.json and cases.csv
    ///
    /// Where calibration.json and throughput.json of `efface measure --report` lie in the folder, the page shows them,
    /// too, and says whether they are of the same run; what is known to be of another is refused. `efface measure --report`
    /// does the same when it writes into such a folder.
    Page {
        /// Folder that `efface eval --report` wrote
        folder: PathBuf,
    },
    /// Copy reports into one folder with an index, checksums and a manifest; `efface verify` proves it unchanged
    ///
    /// Refused are an evaluation without requirements, a report that is not what its figures give, a model that is not
    /// what its digests say, and a run that used a model which is not given. Files that may quote values (discrepancy
    /// reports, results databases, rows) are left out, and so are weights.
    Release {
        /// The version, which is the folder's name below --reports
        version: String,
        /// A report folder and its name in the release, as smoke=runs/e2e/report; may be given again
        #[arg(long = "evidence", value_name = "NAME=FOLDER", required = true, value_parser = evidence)]
        evidence: Vec<Evidence>,
        /// Folder of a released model, of which card, configuration and digests are taken; may be given again
        #[arg(long = "model", value_name = "DIR")]
        models: Vec<PathBuf>,
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
        What::Release { version, evidence, models, reports } => {
            let folder = reports.join(version);
            let release = Release { version: version.clone(), evidence: evidence.clone(), models: models.clone() };
            let bundled = bundle_release(&release, &folder)?;
            bundled.left_out.iter().for_each(|name| println!("left out  {name}"));
            println!(
                "{} files, {} kB in {}; efface verify proves them unchanged\nmanifest SHA-256: {}",
                bundled.n_files,
                bundled.n_bytes.div_ceil(1000),
                folder.display(),
                bundled.manifest_sha256
            );
        }
    }
    Ok(ExitCode::Success)
}

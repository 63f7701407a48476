//! `efface verify`: whether a suite or a release is still what was made.

use efface_eval::{EvaluationError, Verification, verify};
use efface_schema::ExitCode;
use std::path::PathBuf;

/// Hash the files of a suite or a release again and compare with its list and manifest
///
/// The folder must hold manifest.json and SHA256SUMS, as `efface synth` and `efface report release` write them.
/// Ends with 20 when a file was changed, is missing or was added, or when the list is not the one that the manifest
/// names.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The suite or the release
    folder: PathBuf,
    /// Print what was found as JSON
    #[arg(long)]
    json: bool,
}

/// Runs the subcommand.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let found = match verify(&arguments.folder) {
        Ok(found) => found,
        Err(error @ EvaluationError::Read { .. }) => {
            tracing::error!("failed to {error}: is {} a suite or a release?", arguments.folder.display());
            return Ok(ExitCode::Usage);
        }
        Err(error) => return Err(error.into()),
    };
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&found)?);
    } else {
        print!("{}", table(&found));
    }
    Ok(if found.holds() { ExitCode::Success } else { ExitCode::Gate })
}

fn table(found: &Verification) -> String {
    let mut text = String::new();
    for (state, names) in [("changed", &found.changed), ("missing", &found.missing), ("unlisted", &found.unlisted)] {
        for name in names {
            text += &format!("{state:<9} {name}\n");
        }
    }
    if !found.list_is_original {
        text += "changed   SHA256SUMS is not the list that the manifest names\n";
    }
    if !found.is_complete {
        text += "missing   the manifest says that the run did not end\n";
    }
    let verdict = if found.holds() { "unchanged" } else { "NOT what was made" };
    text + &format!("{} files listed: {verdict}\n", found.n_listed)
}

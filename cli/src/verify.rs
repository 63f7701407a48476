//! `efface verify`: whether a suite or a release is still what was made.

use efface_eval::{EvaluationError, Verification, verify};
use efface_schema::ExitCode;
use std::path::PathBuf;

/// Hash the files of a suite or a release again and compare with its list and manifest
///
/// The folder must hold manifest.json and SHA256SUMS, as `efface synth` and `efface report release` write them.
/// Ends with 20 when a file was changed, is missing or was added, when the list is not the one that the manifest names,
/// or when the manifest is not the one whose hash lies beside it (manifest.sha256 of a release) or is given.
/// Prints the hash of the manifest, which vouches for all: whoever can write to the folder can write all of it anew, so
/// keep that hash elsewhere and give it with --manifest-sha256.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The suite or the release
    folder: PathBuf,
    /// The hash of manifest.json as it was noted when the folder was made
    #[arg(long, value_name = "HASH")]
    manifest_sha256: Option<String>,
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
    let expected = arguments.manifest_sha256.as_deref();
    let is_expected = expected.is_none_or(|hash| hash.eq_ignore_ascii_case(found.manifest_sha256.as_str()));
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&found)?);
    } else {
        print!("{}", table(&found, is_expected));
    }
    Ok(if found.holds() && is_expected { ExitCode::Success } else { ExitCode::Gate })
}

fn table(found: &Verification, is_expected: bool) -> String {
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
    if !found.manifest_is_original {
        text += "changed   manifest.json is not the one that its hashes are of\n";
    }
    if !is_expected {
        text += "changed   manifest.json is not the one whose hash was given\n";
    }
    let verdict = if found.holds() && is_expected { "unchanged" } else { "NOT what was made" };
    text + &format!("{} files listed: {verdict}\nmanifest SHA-256: {}\n", found.n_listed, found.manifest_sha256)
}

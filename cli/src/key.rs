//! `efface key`: makes a secret key.

use efface_pipeline::DeidentificationKey;
use efface_schema::ExitCode;
use std::path::PathBuf;

/// Make a secret key, readable by its owner alone
///
/// Whoever holds the key can tell which original an identifier came from: keep it as you keep the originals.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// File to write; it must not exist
    file: PathBuf,
}

/// Runs the subcommand.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    if arguments.file.exists() {
        tracing::error!("failed to write the key: {} exists already", arguments.file.display());
        return Ok(ExitCode::Usage);
    }
    let key = DeidentificationKey::create(&arguments.file)?;
    println!("{}  fingerprint {}", arguments.file.display(), &key.fingerprint().as_str()[..16]);
    Ok(ExitCode::Success)
}

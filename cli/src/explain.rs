//! `efface explain`: what would be done to each element of one instance, and why.

mod page;

use crate::model;
use efface_pipeline::explain::{ExplainError, ExplainSettings, explain};
use efface_pipeline::{DeidentificationKey, Policy, RunError};
use efface_schema::ExitCode;
use std::io::{ErrorKind, IsTerminal, Write};
use std::path::PathBuf;

/// Show what would be done to each element of one instance, and by which rule
///
/// Goes through the file in its order: preamble, file meta information, data set with nested items, private elements by
/// their creators, parts of texts, pixels. Kept elements name the rule that keeps them. Values are masked: only their
/// kind and length are shown. Nothing is written to disk. `efface rule CODE` prints a rule's manual.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The instance, a DICOM file
    instance: PathBuf,
    /// Built-in policy (tcia, basic, strict) or a TOML file
    #[arg(long, default_value = "tcia")]
    policy: String,
    /// File with the secret key, as for `efface deid`; without one, a key is drawn and forgotten
    #[arg(long)]
    key: Option<PathBuf>,
    /// Folder with the patient's other instances: what they say is searched in this one too, as in a run
    #[arg(long, value_name = "FOLDER")]
    with: Option<PathBuf>,
    /// Leave pixels alone
    #[arg(long)]
    metadata_only: bool,
    #[command(flatten)]
    model: model::Options,
    #[command(flatten)]
    detector: model::DetectorOptions,
    /// Show values, before and after; only on a terminal, since they identify a patient
    #[arg(long, conflicts_with = "json")]
    show_values: bool,
    /// Print JSON, always without values
    #[arg(long)]
    json: bool,
}

/// Runs the subcommand.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let terminal = std::io::stdout().is_terminal();
    if arguments.show_values && !terminal {
        tracing::error!(
            "failed to show values: the output is not a terminal, and values must not reach a file or another program; \
             leave out --show-values"
        );
        return Ok(ExitCode::Usage);
    }
    let explanation = match settings(arguments).map_err(ExplainError::from).and_then(|settings| explain(&settings)) {
        Ok(explanation) => explanation,
        Err(error) => return refused(error),
    };
    let text = if arguments.json {
        serde_json::to_string_pretty(&explanation)? + "\n"
    } else {
        let colours = terminal && std::env::var_os("NO_COLOR").is_none();
        page::page(
            &explanation,
            page::Look { colours, values: arguments.show_values, others: arguments.with.is_some() },
        )
    };
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        // Whoever reads only the beginning has seen enough.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(ExitCode::Success),
    }
}

fn settings(arguments: &Arguments) -> Result<ExplainSettings, RunError> {
    Ok(ExplainSettings {
        instance: arguments.instance.clone(),
        with: arguments.with.clone(),
        policy: Policy::load(&arguments.policy)?,
        key: arguments.key.as_deref().map(DeidentificationKey::read).transpose()?,
        metadata_only: arguments.metadata_only,
        ner: arguments.model.settings()?,
        text_detector: arguments.detector.settings(arguments.metadata_only)?,
    })
}

fn refused(error: ExplainError) -> anyhow::Result<ExitCode> {
    let code = match &error {
        ExplainError::Path(_) => ExitCode::Usage,
        ExplainError::Run(error) if error.is_usage() => ExitCode::Usage,
        ExplainError::Instance(_) | ExplainError::Run(_) => ExitCode::Failure,
    };
    tracing::error!("failed to {error}");
    Ok(code)
}

//! `efface compare`: two evaluations of the same suite, case by case, and a gate between them.

use anyhow::{Context, Result};
use clap::Args;
use efface_eval::EvaluationError;
use efface_eval::compare::{Evaluated, Gate, GateResult, compare, junit, markdown, page};
use efface_schema::ExitCode;
use std::path::PathBuf;

/// Compare two evaluations of the same ground truth, case by case
///
/// BASE and NEW are report folders of `efface eval`; metrics.json and cases.csv are read.
/// With --gate, the exit code is 20 when a threshold of the TOML file is not kept.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Report folder of the evaluation to compare with
    base: PathBuf,
    /// Report folder of the evaluation in question
    new: PathBuf,
    /// TOML file of thresholds, as datasets/gate.toml
    #[arg(long, value_name = "FILE")]
    gate: Option<PathBuf>,
    /// Folder for comparison.json, comparison.md, comparison.html and, with a gate, junit.xml
    #[arg(long, value_name = "DIR")]
    report: Option<PathBuf>,
    /// Print comparison.json instead of Markdown
    #[arg(long)]
    json: bool,
}

#[derive(serde::Serialize)]
struct Written<'c> {
    #[serde(flatten)]
    comparison: &'c efface_eval::compare::Comparison,
    gate: &'c [GateResult],
}

/// Runs the subcommand.
///
/// # Errors
/// When an input cannot be read, the two cannot be compared, or the report cannot be written.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let base = Evaluated::read(&arguments.base).context("read BASE")?;
    let new = Evaluated::read(&arguments.new).context("read NEW")?;
    let gate = arguments.gate.as_ref().map(|path| -> Result<Gate, EvaluationError> {
        let text = std::fs::read_to_string(path);
        Gate::parse(&text.map_err(|source| EvaluationError::Read { what: "file of --gate", source })?)
    });
    let gate = gate.transpose()?;
    let comparison = compare(&base, &new)?;
    let results = gate.map(|gate| gate.judge(&comparison)).unwrap_or_default();
    let json = serde_json::to_string_pretty(&Written { comparison: &comparison, gate: &results })? + "\n";
    let text = markdown(&comparison, &results);
    if let Some(folder) = &arguments.report {
        let html = page(&comparison, &results, &base, &new)?;
        std::fs::create_dir_all(folder).context("make the report folder")?;
        let write = |name: &str, text: &str| std::fs::write(folder.join(name), text);
        write("comparison.json", &json)
            .and_then(|()| write("comparison.md", &text))
            .and_then(|()| write("comparison.html", &html))
            .and_then(|()| if results.is_empty() { Ok(()) } else { write("junit.xml", &junit(&results)) })
            .context("write the comparison")?;
    }
    print!("{}", if arguments.json { json } else { text });
    let unmet: Vec<&GateResult> = results.iter().filter(|result| !result.passed).collect();
    for result in &unmet {
        eprintln!("gate not met: {}: {}", result.threshold, result.found);
    }
    Ok(if unmet.is_empty() { ExitCode::Success } else { ExitCode::Gate })
}

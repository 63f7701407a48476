//! `efface rule`: the manual of a rule.

use efface_pipeline::rules::Rule;
use efface_schema::ExitCode;

/// Print the manual of a rule by its code, or list all rules
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The code, as in decisions.jsonl
    code: Option<String>,
}

/// Runs the subcommand.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let Some(code) = &arguments.code else {
        Rule::all().for_each(|rule| println!("{:<26} {}", rule.code, rule.title()));
        return Ok(ExitCode::Success);
    };
    let Some(rule) = Rule::by_code(code) else {
        tracing::error!("failed to find the rule {code}; `efface rule` lists all");
        return Ok(ExitCode::Usage);
    };
    println!("{} ({})\n\n{}", rule.code, rule.title(), rule.manual());
    Ok(ExitCode::Success)
}

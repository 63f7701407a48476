//! `efface policy`: the built-in policies.

use efface_pipeline::Policy;
use efface_schema::ExitCode;
use std::path::PathBuf;

/// Print a built-in policy as a start for one's own, check a file, or list the built-in ones
///
/// docs/policies.md explains every key.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Name of a built-in policy; without one, all names are listed
    name: Option<String>,
    /// Check a policy's file and say what is wrong with it
    #[arg(long, conflicts_with = "name")]
    check: Option<PathBuf>,
}

/// Runs the subcommand.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    if let Some(file) = &arguments.check {
        return Ok(check(file));
    }
    let Some(name) = &arguments.name else {
        Policy::built_in_names().for_each(|name| println!("{name}"));
        return Ok(ExitCode::Success);
    };
    let Some(text) = Policy::built_in_text(name) else {
        let names: Vec<&str> = Policy::built_in_names().collect();
        tracing::error!("failed to find the policy {name}; built-in policies are {}", names.join(", "));
        return Ok(ExitCode::Usage);
    };
    print!("{text}");
    Ok(ExitCode::Success)
}

fn check(file: &std::path::Path) -> ExitCode {
    match Policy::load(&file.to_string_lossy()) {
        Ok(policy) => {
            println!("{}: the policy {} is valid", file.display(), policy.name);
            ExitCode::Success
        }
        Err(error) => {
            tracing::error!("failed to {error}");
            ExitCode::Usage
        }
    }
}

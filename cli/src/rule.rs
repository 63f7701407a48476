//! `efface rule`: the manuals of the rules.

use efface_eval::midi::StrictRule;
use efface_pipeline::rules::{Family, Rule};
use efface_schema::ExitCode;
use std::io::{ErrorKind, Write};

/// Manuals are wrapped to so many columns.
const WIDTH: usize = 98;

/// Print the manual of a rule by its code, or list all rules
///
/// A manual says what the rule matches, why that identifies, what is done, which element of the HIPAA Privacy Rule it
/// is about, an example, and the source.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The code, as in decisions.jsonl
    #[arg(conflicts_with = "all")]
    code: Option<String>,
    /// Print all manuals as one page of Markdown
    #[arg(long)]
    all: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Runs the subcommand.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let text = match &arguments.code {
        Some(code) => match (Rule::by_code(code), StrictRule::by_code(code)) {
            (Some(rule), _) if arguments.json => serde_json::to_string_pretty(&rule.manual())? + "\n",
            (Some(rule), _) => manual(rule),
            (None, Some(rule)) => strict_manual(rule),
            (None, None) => {
                tracing::error!("failed to find the rule {}", unknown(code));
                return Ok(ExitCode::Usage);
            }
        },
        None if arguments.json => {
            serde_json::to_string_pretty(&Rule::all().map(Rule::manual).collect::<Vec<_>>())? + "\n"
        }
        None if arguments.all => efface_pipeline::rules::markdown(),
        None => list(),
    };
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        // Whoever reads only the beginning has seen enough.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(ExitCode::Success),
    }
}

/// The code as it was typed, without what could command a terminal, and the codes that are like it.
fn unknown(code: &str) -> String {
    let typed: String = code.chars().take(40).flat_map(char::escape_debug).collect();
    let nearest: Vec<&str> = Rule::nearest(code).iter().map(|rule| rule.code).collect();
    if nearest.is_empty() {
        format!("{typed}; `efface rule` lists all")
    } else {
        format!("{typed}; did you mean {}? `efface rule` lists all", nearest.join(", "))
    }
}

fn list() -> String {
    let mut text = String::new();
    for family in Family::all() {
        text += &format!("{}\n", family.title);
        for rule in family.rules() {
            text += &format!("  {:<29} {}\n", rule.code, rule.title());
        }
    }
    text += "Strict checks of MIDI-B scores, which object to what the official scorer passes\n";
    for rule in StrictRule::ALL {
        text += &format!("  {:<29} {}\n", rule.code(), rule.summary());
    }
    text + "\n`efface rule CODE` prints a manual, `efface rule --all` all of them.\n"
}

fn strict_manual(rule: StrictRule) -> String {
    let lines: Vec<String> = rule.manual().split('\n').map(|line| wrapped(line.trim_start_matches("# "), 0)).collect();
    lines.join("\n")
}

fn manual(rule: &Rule) -> String {
    let manual = rule.manual();
    let mut text = format!("{}: {}\n", rule.code, rule.title());
    text += &format!("\n{}\n", wrapped(&manual.matches, 0));
    for (name, part) in manual.named_parts() {
        text += &format!("\n{name:<9}{}\n", wrapped(part, 9));
    }
    text
}

/// Lines of words; those after the first are indented.
fn wrapped(text: &str, indent: usize) -> String {
    let mut wrapped = String::new();
    let mut column = indent;
    for word in text.split(' ') {
        let n_characters = word.chars().count();
        if column > indent && column + 1 + n_characters > WIDTH {
            wrapped += &format!("\n{}", " ".repeat(indent));
            column = indent;
        } else if column > indent {
            wrapped.push(' ');
            column += 1;
        }
        wrapped += word;
        column += n_characters;
    }
    wrapped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manuals_fit_a_terminal() {
        for rule in Rule::all() {
            let text = manual(rule);
            assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
        }
        assert_eq!(wrapped("one two", 9), "one two");
    }

    #[test]
    fn near_codes_are_suggested() {
        assert!(unknown("ssm").contains("did you mean ssn"));
        assert!(unknown("lexikon").contains("lexicon"));
        assert!(unknown("\u{1b}[2J").starts_with("\\u{1b}[2J; `efface rule`"));
    }
}

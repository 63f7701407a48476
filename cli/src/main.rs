//! The `efface` command.

mod compare;
mod deid;
mod demo;
mod eval;
mod explain;
mod key;
mod locate;
mod measure;
mod midi;
mod model;
mod ner;
mod policy;
mod progress;
mod read_words;
mod report;
mod rule;
mod synth;
mod train;
mod verify;

use clap::{Parser, Subcommand};
use efface_schema::ExitCode;
use std::io::IsTerminal;

/// De-identify DICOM, prove how well it went, and make the data to prove it on.
///
/// Exit codes: 0 done; 1 failed; 2 refused before any work (command line, settings, folders);
/// 3 done, and some instances wait for review or are in quarantine; 20 a gate was not passed; 130 interrupted.
#[derive(Debug, Parser)]
#[command(name = "efface", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the main job on a small synthetic suite: synthesize, de-identify, score, report
    Demo(demo::Arguments),
    Synth(synth::Arguments),
    Deid(deid::Arguments),
    Eval(eval::Arguments),
    EvalMerge(eval::MergeArguments),
    Midi(midi::Arguments),
    MidiMerge(midi::MergeArguments),
    Compare(compare::Arguments),
    Report(report::Arguments),
    Key(key::Arguments),
    Locate(locate::Arguments),
    Explain(explain::Arguments),
    Policy(policy::Arguments),
    Rule(rule::Arguments),
    Verify(verify::Arguments),
    Measure(measure::Arguments),
    ReadWords(read_words::Arguments),
    Ner(ner::Arguments),
    Train(train::Arguments),
}

impl Command {
    /// Whether Tesseract may be asked to read.
    const fn reads_pixels(&self) -> bool {
        match self {
            Self::Demo(_) | Self::Explain(_) | Self::ReadWords(_) => true,
            Self::Deid(arguments) => arguments.reads_pixels(),
            Self::Eval(_)
            | Self::EvalMerge(_)
            | Self::Midi(_)
            | Self::MidiMerge(_)
            | Self::Compare(_)
            | Self::Synth(_)
            | Self::Report(_)
            | Self::Key(_) => false,
            Self::Locate(_)
            | Self::Policy(_)
            | Self::Rule(_)
            | Self::Verify(_)
            | Self::Measure(_)
            | Self::Ner(_)
            | Self::Train(_) => false,
        }
    }
}

fn main() -> std::process::ExitCode {
    let cli = Cli::parse();
    if cli.command.reads_pixels() {
        limit_tesseract_threads();
    }
    quiet_panics();
    tracing_subscriber::fmt()
        .with_env_filter(log_filter())
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none())
        .with_target(false)
        .without_time()
        .init();
    let result = match cli.command {
        Command::Demo(arguments) => demo::run(&arguments),
        Command::Synth(arguments) => synth::run(arguments),
        Command::Deid(arguments) => deid::run(&arguments),
        Command::Eval(arguments) => eval::run(arguments),
        Command::EvalMerge(arguments) => eval::merge(&arguments),
        Command::Compare(arguments) => compare::run(&arguments),
        Command::Midi(arguments) => midi::run(arguments),
        Command::MidiMerge(arguments) => midi::merge(&arguments),
        Command::Report(arguments) => report::run(&arguments),
        Command::Key(arguments) => key::run(&arguments),
        Command::Locate(arguments) => locate::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Policy(arguments) => policy::run(&arguments),
        Command::Rule(arguments) => rule::run(&arguments),
        Command::Verify(arguments) => verify::run(&arguments),
        Command::Measure(arguments) => measure::run(&arguments),
        Command::ReadWords(arguments) => read_words::run(&arguments),
        Command::Ner(arguments) => ner::run(&arguments),
        Command::Train(arguments) => train::run(&arguments),
    };
    result
        .unwrap_or_else(|error| {
            tracing::error!("failed to {error:#}");
            let is_refusal =
                error.downcast_ref::<efface_eval::EvaluationError>().is_some_and(|error| error.is_refusal());
            if is_refusal { ExitCode::Usage } else { ExitCode::Failure }
        })
        .into()
}

/// Efface's own messages from "info" on; nothing of libraries, whose messages may quote values.
fn log_filter() -> tracing_subscriber::EnvFilter {
    let asked = std::env::var("EFFACE_LOG").unwrap_or_else(|_| "info".to_owned());
    let own = ["schema", "frames", "synth", "pipeline", "eval", "train"].map(|name| format!("efface_{name}={asked}"));
    tracing_subscriber::EnvFilter::new(format!("off,efface={asked},{}", own.join(",")))
}

/// Starts the program again with OpenMP held to one thread.
///
/// Tesseract would start a team of threads for every line it reads, which costs more than it gains and competes with
/// the workers. OpenMP reads the limit when the library is loaded, so it must stand in the environment before that.
fn limit_tesseract_threads() {
    const LIMIT: &str = "OMP_THREAD_LIMIT";
    if std::env::var_os(LIMIT).is_some() {
        return;
    }
    if let Ok(program) = std::env::current_exe() {
        use std::os::unix::process::CommandExt;
        let mut arguments = std::env::args_os();
        let name = arguments.next().unwrap_or_else(|| program.clone().into_os_string());
        // Only a failure returns; the program then works all the same, and slower.
        let _ = std::process::Command::new(program).arg0(name).args(arguments).env(LIMIT, "1").exec();
    }
}

/// A panic's message may quote a value: only its place is printed.
fn quiet_panics() {
    std::panic::set_hook(Box::new(|panic| {
        if let Some(location) = panic.location() {
            eprintln!("a component failed at {}:{}", location.file(), location.line());
        }
    }));
}

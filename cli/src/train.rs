//! `efface train`: teach networks.

mod detector;
mod fetch;
mod ner;
mod predict;
mod random_base;
mod reader;
mod screen;
mod spans;
mod text;

use anyhow::Result;
use clap::{Args, Subcommand};
use efface_schema::ExitCode;

/// Train the networks that find PHI
///
/// `efface train fetch-base DIR` brings the base model, `efface train ner --config FILE.toml` fine-tunes it;
/// `efface train detector --config FILE.toml` trains the finder of text in images,
/// `efface train reader` its reader. The same command goes on after a kill.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    Ner(ner::Arguments),
    Detector(detector::Arguments),
    Reader(reader::Arguments),
    FetchBase(fetch::Arguments),
    RandomBase(random_base::Arguments),
    CalibrateSpans(spans::Arguments),
    CalibrateText(text::Arguments),
    PredictText(predict::Arguments),
}

/// Runs the subcommand.
///
/// # Errors
/// When training fails; the last checkpoint stays.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    match &arguments.what {
        What::Ner(arguments) => ner::run(arguments),
        What::Detector(arguments) => detector::run(arguments),
        What::Reader(arguments) => reader::run(arguments),
        What::FetchBase(arguments) => fetch::run(arguments),
        What::RandomBase(arguments) => random_base::run(arguments),
        What::CalibrateSpans(arguments) => spans::run(arguments),
        What::CalibrateText(arguments) => text::run(arguments),
        What::PredictText(arguments) => predict::run(arguments),
    }
}

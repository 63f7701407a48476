//! What both trainings show of themselves.

use indicatif::{ProgressBar, ProgressStyle};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A bar that moves with the steps, lines above it, and whether somebody asked to end.
pub(super) struct Screen {
    bar: ProgressBar,
    interrupted: Arc<AtomicBool>,
}

impl Screen {
    /// The screen of a run that goes on after `step`; `interrupted` becomes true when it is to end.
    pub(super) fn begin(step: u64, interrupted: Arc<AtomicBool>) -> anyhow::Result<Self> {
        if step > 0 {
            tracing::info!("going on after step {step}");
        }
        let style = ProgressStyle::with_template("training {wide_bar} {pos}/{len}  {msg}  {eta} left")?;
        Ok(Self { bar: ProgressBar::new(0).with_style(style), interrupted })
    }

    /// A step of so many was made; without a terminal every fiftieth is told.
    pub(super) fn step(&self, step: u64, steps: u64, message: String) {
        self.bar.set_length(steps);
        self.bar.set_position(step);
        if self.bar.is_hidden() && step.is_multiple_of(50) {
            tracing::info!("step {step} of {steps}: {message}");
        }
        self.bar.set_message(message);
    }

    /// Tells something without tearing the bar.
    pub(super) fn tell(&self, line: &str) {
        self.bar.suspend(|| tracing::info!("{line}"));
    }

    pub(super) fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }

    /// Takes the bar away.
    pub(super) fn end(&self) {
        self.bar.finish_and_clear();
    }
}

/// A share as a person reads it.
pub(super) fn percent(share: Option<f64>) -> String {
    share.map_or("none".to_owned(), |share| format!("{:.2} %", share * 100.0))
}

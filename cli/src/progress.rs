//! Progress on a terminal, and nothing elsewhere.

use indicatif::{ProgressBar, ProgressStyle};
use std::sync::Mutex;

/// A bar for one stage after another.
pub(crate) struct Bar {
    bar: Mutex<ProgressBar>,
}

impl Bar {
    pub(crate) fn new() -> Self {
        Self { bar: Mutex::new(ProgressBar::hidden()) }
    }

    pub(crate) fn finish(&self) {
        self.bar.lock().expect("nothing panics while the bar is locked").finish_and_clear();
    }
}

impl efface_pipeline::Progress for Bar {
    fn begin(&self, stage: &'static str, n_steps: u64) {
        let style = ProgressStyle::with_template("{msg:15} {wide_bar} {pos}/{len}  {per_sec}  {eta} left")
            .expect("a valid template");
        // indicatif draws nothing when standard error is no terminal.
        let bar = ProgressBar::new(n_steps).with_style(style).with_message(stage);
        let mut current = self.bar.lock().expect("nothing panics while the bar is locked");
        current.finish_and_clear();
        *current = bar;
    }

    fn advance(&self) {
        self.bar.lock().expect("nothing panics while the bar is locked").inc(1);
    }
}

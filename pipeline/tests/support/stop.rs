//! Runs that somebody stops.

use efface_pipeline::{Progress, RunError, RunSettings, run};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Stops a run after some instances.
struct StopAfter<'a> {
    n_left: AtomicU64,
    stop: &'a AtomicBool,
    working: AtomicBool,
}

impl Progress for StopAfter<'_> {
    fn begin(&self, stage: &'static str, _n_steps: u64) {
        self.working.store(stage == "de-identifying", Ordering::SeqCst);
    }

    fn advance(&self) {
        if self.working.load(Ordering::SeqCst) && self.n_left.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.stop.store(true, Ordering::SeqCst);
        }
    }
}

/// Begins a run and stops it after so many instances.
pub(crate) fn interrupt(settings: &RunSettings, n_instances: u64) {
    let stop = AtomicBool::new(false);
    let progress = StopAfter { n_left: AtomicU64::new(n_instances), stop: &stop, working: AtomicBool::new(false) };
    let error = run(settings, &progress, &stop).expect_err("the run is stopped");
    assert!(matches!(error, RunError::Interrupted), "{error}");
    assert!(!settings.run.join("decisions.jsonl").exists());
}

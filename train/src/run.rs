//! What all training runs have in common: how they end, and what they note.

use crate::error::TrainError;
use crate::journal::{EVENTS_FILE, METRICS_FILE};
use efface_nets::NetsError;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;

/// How training ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// All steps were made.
    Complete,
    /// Evaluations did not get better any more.
    Early,
    /// Somebody asked for it; the same command goes on.
    Interrupted,
}

/// Figures by their names.
pub(crate) fn named(values: &[(&str, f64)]) -> BTreeMap<String, f64> {
    values.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect()
}

/// A run that begins anew forgets what one before it wrote without ever reaching a checkpoint.
pub(crate) fn forget_journal(folder: &Path) -> Result<(), TrainError> {
    for name in [METRICS_FILE, EVENTS_FILE] {
        let path = folder.join(name);
        if path.exists() {
            std::fs::remove_file(&path).map_err(NetsError::writing(path))?;
        }
    }
    Ok(())
}

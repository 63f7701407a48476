//! What is kept on disk so that training goes on exactly where it was, whenever it was ended.

use crate::atomic;
use crate::error::TrainError;
use efface_nets::NetsError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

const WEIGHTS: &str = "model.safetensors";
const MOMENTS: &str = "optimizer.safetensors";
const STATE: &str = "state.json";

/// Where a training is.
pub(crate) trait Progress: Serialize + DeserializeOwned {
    /// The digest of settings and data: a checkpoint goes on with the same ones alone.
    fn inputs(&self) -> &str;
}

/// A checkpoint that was found.
pub(crate) struct Kept<S> {
    /// Where training was.
    pub(crate) state: S,
    /// The file of its weights.
    pub(crate) weights: PathBuf,
    /// The file of its optimizer.
    pub(crate) moments: PathBuf,
}

/// The folder of a run.
#[derive(Debug, Clone)]
pub(crate) struct Checkpoints {
    folder: PathBuf,
}

/// Writes a file and names it in the error.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), TrainError> {
    Ok(fs::write(path, bytes).map_err(NetsError::writing(path))?)
}

/// Reads a file and names it in the error.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, TrainError> {
    Ok(fs::read(path).map_err(NetsError::reading(path))?)
}

impl Checkpoints {
    /// The checkpoints of a run; the folder is made.
    ///
    /// # Errors
    /// [`TrainError::Nets`].
    pub(crate) fn open(folder: &Path) -> Result<Self, TrainError> {
        fs::create_dir_all(folder).map_err(NetsError::writing(folder))?;
        Ok(Self { folder: folder.to_path_buf() })
    }

    fn last(&self) -> PathBuf {
        self.folder.join("checkpoint")
    }

    /// The path of the weights of the best evaluation.
    pub(crate) fn best(&self) -> PathBuf {
        self.folder.join("best.safetensors")
    }

    /// Keeps the network and its optimizer. A kill at any moment leaves the last checkpoint or this one, whole.
    ///
    /// # Errors
    /// [`TrainError::Nets`].
    pub(crate) fn save(&self, state: &impl Progress, weights: &[u8], moments: &[u8]) -> Result<(), TrainError> {
        let (last, new, old) = (self.last(), self.folder.join("checkpoint.new"), self.folder.join("checkpoint.old"));
        let gone = |path: &Path| if path.exists() { fs::remove_dir_all(path) } else { Ok(()) };
        let failed = |source| NetsError::writing(&new)(source);
        gone(&new).map_err(failed)?;
        fs::create_dir(&new).map_err(failed)?;
        write(&new.join(WEIGHTS), weights)?;
        write(&new.join(MOMENTS), moments)?;
        let text = serde_json::to_vec_pretty(state).expect("a state has a text");
        write(&new.join(STATE), &text)?;
        gone(&old).map_err(failed)?;
        if last.exists() {
            fs::rename(&last, &old).map_err(failed)?;
        }
        fs::rename(&new, &last).map_err(failed)?;
        Ok(gone(&old).map_err(failed)?)
    }

    /// Keeps the weights of the best evaluation.
    ///
    /// # Errors
    /// [`TrainError::Nets`].
    pub(crate) fn save_best(&self, weights: &[u8]) -> Result<(), TrainError> {
        let path = self.best();
        Ok(atomic::replace(&path, |file| file.write_all(weights)).map_err(NetsError::writing(path))?)
    }

    /// The last checkpoint, if there is one.
    ///
    /// # Errors
    /// [`TrainError::Checkpoint`] if it is of another training, and what reading it raises.
    pub(crate) fn last_of<S: Progress>(&self, inputs: &str) -> Result<Option<Kept<S>>, TrainError> {
        // A kill between the two renames leaves the last one under its other name.
        let candidates = [self.last(), self.folder.join("checkpoint.old")];
        let Some(folder) = candidates.into_iter().find(|folder| folder.join(STATE).exists()) else { return Ok(None) };
        let path = folder.join(STATE);
        let failed = |reason: String| TrainError::Checkpoint { path: path.clone(), reason };
        let state: S = serde_json::from_slice(&read(&path)?).map_err(|error| failed(error.to_string()))?;
        if state.inputs() != inputs {
            return Err(failed("settings, base or data were others".to_owned()));
        }
        Ok(Some(Kept { state, weights: folder.join(WEIGHTS), moments: folder.join(MOMENTS) }))
    }
}

//! Readers of text in pixels, one for each thread that works at the same time.

use crate::error::RunError;
use crate::pixels::{DetectorRecord, DetectorSettings, ReaderRecord, SharedFinder, TextLocator, locator};
use std::sync::{Arc, Mutex};

/// Readers that nobody uses at the moment, and what new ones are made with.
pub(crate) struct Locators {
    idle: Mutex<Vec<Box<dyn TextLocator>>>,
    wanted: bool,
    finder: Option<Arc<SharedFinder>>,
}

impl Locators {
    /// Opens what all readers share. Where pixels are not looked at, a model is still compared with its digests.
    ///
    /// # Errors
    /// [`RunError::TextReader`] and [`RunError::Model`]: what is missing or wrong must be known before any work is done.
    pub(crate) fn new(wanted: bool, detector: Option<&DetectorSettings>, n_threads: usize) -> Result<Self, RunError> {
        let finder = detector.map(|settings| SharedFinder::open(settings, n_threads)).transpose()?.map(Arc::new);
        let locators = Self { idle: Mutex::new(Vec::new()), wanted, finder };
        if wanted {
            let first = locators.take()?;
            locators.give_back(first);
        }
        Ok(locators)
    }

    /// What the run's manifest says of the model that finds text.
    pub(crate) fn record(&self) -> Option<DetectorRecord> {
        self.finder.as_ref().map(|finder| finder.record())
    }

    /// What it says of the model that reads it.
    pub(crate) fn reader_record(&self) -> Option<ReaderRecord> {
        self.finder.as_ref().and_then(|finder| finder.reader_record())
    }

    /// A reader for one instance; `None` where pixels are not looked at.
    ///
    /// # Errors
    /// [`RunError::TextReader`].
    pub(crate) fn take(&self) -> Result<Option<Box<dyn TextLocator>>, RunError> {
        if !self.wanted {
            return Ok(None);
        }
        let idle = self.idle.lock().expect("nothing panics while the readers are locked").pop();
        if idle.is_some() {
            return Ok(idle);
        }
        let locator = locator(self.finder.as_ref()).map_err(|error| RunError::TextReader(error.to_string()))?;
        Ok(Some(locator))
    }

    /// Takes back a reader that is as it was. One that a panic went through is not given back.
    pub(crate) fn give_back(&self, locator: Option<Box<dyn TextLocator>>) {
        if let Some(locator) = locator {
            self.idle.lock().expect("nothing panics while the readers are locked").push(locator);
        }
    }
}

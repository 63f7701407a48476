//! The networks that all threads of a run share.

use super::DetectorSettings;
use super::signs::{CutLine, ToldLine};
use crate::error::RunError;
use crate::tier2::guard::image_words;
use efface_frames::GrayFrame;
use efface_nets::detector::{Corners, DetectorFolder, FinderSettings, FoundText, Frame, TextFinder};
use efface_nets::device::DeviceName;
use efface_nets::reader::{LineReader, ReaderConfig, ReaderFolder};
use efface_schema::PixelRegion;
use rayon::prelude::*;
use serde::Serialize;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Condvar, Mutex, mpsc};

/// The expected share of text that the default threshold may miss: the least that the released model can promise.
const BUDGET: f64 = 0.03;
/// The threshold where neither the user nor the calibration has one; the calibration's least budget goes before it.
const PLAIN_THRESHOLD: f64 = 0.5;
/// Frames are looked at side by side as long as they have no more pixels together for each thread; a larger one has its
/// turn alone, part by part. The network's features take 140 bytes a pixel.
const PIXELS_PER_THREAD: usize = 1024 * 1024;

/// What a run's manifest says of the model.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct DetectorRecord {
    /// The digest of the model's list of digests.
    model_sha256: String,
    /// The threshold in use.
    threshold: f64,
    /// Passes with dropout.
    passes: usize,
    /// Whether frames without anything like a glyph are passed over.
    triage: bool,
}

/// What a run's manifest says of the model that reads lines.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct ReaderRecord {
    /// The digest of the model's list of digests.
    model_sha256: String,
}

/// A network that finds text, and perhaps one that reads it, shared by all who have an `Arc` of them.
///
/// They compute on threads of their own, which wait for nobody: a thread of the run that waits for an answer does nothing
/// else meanwhile, so it never begins another instance on top of the one that it holds.
#[derive(Debug)]
pub struct SharedFinder {
    finder: Arc<TextFinder>,
    reader: Option<Arc<LineReader>>,
    pool: rayon::ThreadPool,
    gate: Gate,
    record: DetectorRecord,
    triage: bool,
}

fn refused(error: impl ToString) -> RunError {
    RunError::Model(error.to_string())
}

impl SharedFinder {
    /// Opens a released model and compares its files with their digests.
    ///
    /// # Errors
    /// [`RunError::Model`] when it is not what was released or its calibration belongs to other weights, and when the
    /// threshold is no probability.
    pub fn open(settings: &DetectorSettings, n_threads: usize) -> Result<Self, RunError> {
        if settings.threshold.is_some_and(|threshold| !(0.0..=1.0).contains(&threshold)) {
            return Err(refused("a threshold is from 0 to 1"));
        }
        let folder = DetectorFolder::open(&settings.model).map_err(refused)?;
        let budgeted = folder.calibration.nearest_threshold(BUDGET).map_or(PLAIN_THRESHOLD, |risk| risk.threshold);
        let threshold = settings.threshold.unwrap_or(budgeted);
        let looking =
            FinderSettings { threshold: threshold as f32, passes: settings.passes, ..FinderSettings::default() };
        let finder = TextFinder::open(&folder, DeviceName::Cpu, looking).map_err(refused)?;
        let mut shared = Self::new(finder, n_threads)?;
        shared.record.threshold = threshold;
        shared.record.triage = settings.triage;
        shared.triage = settings.triage;
        match &settings.reader {
            Some(model) => {
                let folder = ReaderFolder::open(model).map_err(refused)?;
                Ok(shared.with_reader(LineReader::open(&folder).map_err(refused)?))
            }
            None => Ok(shared),
        }
    }

    /// The same with a network that reads lines before Tesseract is asked.
    #[must_use]
    pub fn with_reader(mut self, reader: LineReader) -> Self {
        self.reader = Some(Arc::new(reader.expecting(image_words())));
        self
    }

    /// Shares a network that is in memory already.
    ///
    /// # Errors
    /// [`RunError::Folders`] when threads cannot be started.
    pub fn new(finder: TextFinder, n_threads: usize) -> Result<Self, RunError> {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(n_threads)
            .build()
            .map_err(|_| RunError::Folders("threads cannot be started"))?;
        let settings = finder.settings();
        let record = DetectorRecord {
            model_sha256: finder.digest().to_owned(),
            threshold: f64::from(settings.threshold),
            passes: settings.passes,
            triage: false,
        };
        let gate = Gate::new(PIXELS_PER_THREAD.saturating_mul(n_threads.max(1)));
        Ok(Self { finder: Arc::new(finder), reader: None, pool, gate, record, triage: false })
    }

    /// What the run's manifest says of the model.
    pub(crate) fn record(&self) -> DetectorRecord {
        self.record.clone()
    }

    /// What the run's manifest says of the model that reads lines, where there is one.
    pub(crate) fn reader_record(&self) -> Option<ReaderRecord> {
        self.reader.as_ref().map(|reader| ReaderRecord { model_sha256: reader.digest().to_owned() })
    }

    /// Whether the network is asked more than once, with a part of itself left out.
    pub(super) const fn has_passes(&self) -> bool {
        self.record.passes > 0
    }

    /// Whether frames without anything like a glyph are passed over.
    pub(super) const fn triage(&self) -> bool {
        self.triage
    }

    /// The text of a frame, the surest first; of some places and what is near to them, where places are given.
    pub(super) fn find(&self, frame: &GrayFrame, places: Option<&[PixelRegion]>) -> Vec<FoundText> {
        let (columns, rows) = (frame.columns() as usize, frame.rows() as usize);
        let corners = |place: &PixelRegion| {
            let [x0, y0, x1, y1] = [place.x0, place.y0, place.x1, place.y1].map(|side| side as f32);
            Corners::new(x0, y0, x1, y1)
        };
        let places: Option<Vec<Corners>> = places.map(|places| places.iter().map(corners).collect());
        let frame = Frame::from_levels(frame.pixels(), columns, rows).expect("a gray frame has as many pixels");
        let _pass = self.gate.enter(columns * rows);
        let finder = Arc::clone(&self.finder);
        self.ask(move || {
            places.as_ref().map_or_else(|| finder.find(&frame), |places| finder.find_around(&frame, places))
        })
    }

    /// The sizes of the network that reads lines, where there is one.
    pub(super) fn reader(&self) -> Option<&ReaderConfig> {
        self.reader.as_ref().map(|reader| reader.config())
    }

    /// What lines say; nothing where no network reads lines.
    pub(super) fn read(&self, lines: Vec<CutLine>) -> Vec<ToldLine> {
        let Some(reader) = self.reader.as_ref().map(Arc::clone) else { return vec![ToldLine::default(); lines.len()] };
        if lines.is_empty() {
            return Vec::new();
        }
        self.ask(move || lines.par_iter().map(|line| line.read(&reader)).collect())
    }

    /// Has the networks' threads do something, and waits for it.
    fn ask<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> T {
        let (answer, answered) = mpsc::channel();
        self.pool.spawn(move || {
            // Nobody listens any more only if the thread that asked has gone.
            let _ = answer.send(catch_unwind(AssertUnwindSafe(work)));
        });
        match answered.recv().expect("an answer is sent, even after a panic") {
            Ok(done) => done,
            // A panic ends the instance that asked, as any other does.
            Err(panic) => resume_unwind(panic),
        }
    }
}

/// Lets in as much as there is room for.
#[derive(Debug)]
struct Gate {
    room: usize,
    free: Mutex<usize>,
    left: Condvar,
}

/// Room that is given back when this is dropped.
#[derive(Debug)]
struct Pass<'a> {
    gate: &'a Gate,
    taken: usize,
}

impl Gate {
    const fn new(room: usize) -> Self {
        Self { room, free: Mutex::new(room), left: Condvar::new() }
    }

    /// Waits until there is room; what needs more than all of it gets all of it.
    fn enter(&self, wanted: usize) -> Pass<'_> {
        let taken = wanted.min(self.room);
        let free = self.free.lock().expect("nothing panics while the gate is locked");
        let mut free =
            self.left.wait_while(free, |free| *free < taken).expect("nothing panics while the gate is locked");
        *free -= taken;
        Pass { gate: self, taken }
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        if let Ok(mut free) = self.gate.free.lock() {
            *free += self.taken;
        }
        self.gate.left.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    const fn is_shared<T: Send + Sync>() {}
    const _: () = is_shared::<SharedFinder>();

    #[test]
    fn no_more_comes_in_than_there_is_room_for() {
        let gate = Gate::new(10);
        let (inside, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for wanted in [4, 4, 4, 10, 25, 1, 7, 3] {
                let (gate, inside, most) = (&gate, &inside, &most);
                scope.spawn(move || {
                    for _ in 0..50 {
                        let pass = gate.enter(wanted);
                        let now = inside.fetch_add(pass.taken, Ordering::SeqCst) + pass.taken;
                        most.fetch_max(now, Ordering::SeqCst);
                        std::thread::yield_now();
                        inside.fetch_sub(pass.taken, Ordering::SeqCst);
                    }
                });
            }
        });
        assert!(most.load(Ordering::SeqCst) <= 10);
        assert_eq!(*gate.free.lock().expect("nobody is inside"), 10);
    }
}

//! What is measured while a network is trained: `metrics.jsonl`, and the same for TensorBoard.
//!
//! A line of `metrics.jsonl` is a [`JournalRecord`]: of a step of the optimizer, or of an evaluation after it.
//! The event file [`EVENTS_FILE`] beside it says the same in the form that TensorBoard reads, with tags such as
//! `step/loss` and `evaluation/entity_recall`; it follows from the lines alone, and is made anew from them when a run is
//! resumed.
//!
//! A run that was killed may have written records of steps after its last checkpoint, and half a line.
//! [`Journal::resume`] takes both away, so that no step stands there twice.

mod events;

use crate::atomic;
use efface_schema::{FormatError, Versioned, parse_json, to_json_line};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

/// The journal's file of JSON lines.
pub const METRICS_FILE: &str = "metrics.jsonl";
/// The journal's file for TensorBoard, which looks for `tfevents` in names.
pub const EVENTS_FILE: &str = "events.out.tfevents.0000000000.efface";

/// What a record is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RecordKind {
    /// A step of the optimizer.
    Step,
    /// An evaluation.
    Evaluation,
}

impl RecordKind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Step => "step",
            Self::Evaluation => "evaluation",
        }
    }
}

/// One line of `metrics.jsonl`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JournalRecord {
    /// Version of this form.
    pub format_version: u32,
    /// What it is about.
    pub kind: RecordKind,
    /// Steps of the optimizer that are done.
    pub step: u64,
    /// The epoch, counted from 0.
    pub epoch: u64,
    /// When, in seconds since 1970 (UTC).
    pub unix_seconds: f64,
    /// The figures by name, all finite, such as `loss`, `learning_rate`, `tokens` (of this step) and `seconds` (that it
    /// took); what was not measured is absent.
    pub values: BTreeMap<String, f64>,
}

impl Versioned for JournalRecord {
    const FORMAT_VERSION: u32 = 1;
    const NAME: &'static str = "journal record";

    fn format_version(&self) -> u32 {
        self.format_version
    }
}

impl JournalRecord {
    /// A record of the present moment.
    pub fn now(kind: RecordKind, step: u64, epoch: u64, values: BTreeMap<String, f64>) -> Self {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Self { format_version: Self::FORMAT_VERSION, kind, step, epoch, unix_seconds: since.as_secs_f64(), values }
    }
}

/// The journal could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// A file could not be read or written.
    #[error("use the journal {}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// There is a journal where a new one was to begin.
    #[error("begin the journal {}: there is one; resume its run, or choose another output folder", path.display())]
    Exists {
        /// Which file.
        path: PathBuf,
    },
    /// A line is no record.
    #[error("resume the journal {}, line {line}: {source}; remove that line and all after it", path.display())]
    Malformed {
        /// Which file.
        path: PathBuf,
        /// Which line, counted from 1.
        line: u64,
        /// What is wrong.
        source: FormatError,
    },
    /// A figure is not a number, or has no bounds.
    #[error("note `{name}` of step {step}: it is not finite")]
    NotFinite {
        /// Which figure.
        name: String,
        /// The record's step.
        step: u64,
    },
    /// A record is older than the one before it.
    #[error("note step {step}: step {last} stands in the journal")]
    Backwards {
        /// The record's step.
        step: u64,
        /// The last record's step.
        last: u64,
    },
}

/// A journal that records are added to.
#[derive(Debug)]
pub struct Journal {
    metrics: Output,
    events: Output,
    last: Option<(u64, RecordKind)>,
}

#[derive(Debug)]
struct Output {
    path: PathBuf,
    file: File,
}

impl Output {
    fn append(path: PathBuf) -> Result<Self, JournalError> {
        match OpenOptions::new().append(true).open(&path) {
            Ok(file) => Ok(Self { path, file }),
            Err(source) => Err(JournalError::File { path, source }),
        }
    }

    /// One call of the system for a whole record: a kill tears the last one at most.
    fn add(&mut self, bytes: &[u8]) -> Result<(), JournalError> {
        self.file.write_all(bytes).map_err(|source| JournalError::File { path: self.path.clone(), source })
    }
}

impl Journal {
    /// Begins a journal in a folder that has none.
    ///
    /// # Errors
    /// [`JournalError::Exists`] and [`JournalError::File`].
    pub fn begin(folder: &Path) -> Result<Self, JournalError> {
        let path = folder.join(METRICS_FILE);
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(_) => Self::resume(folder, 0),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(JournalError::Exists { path }),
            Err(source) => Err(JournalError::File { path, source }),
        }
    }

    /// Goes on with a journal after a number of steps, those that the checkpoint holds: records of later steps and a
    /// torn last line are removed.
    ///
    /// # Errors
    /// [`JournalError::File`], and [`JournalError::Malformed`] if another line than the last one is no record.
    ///
    /// # Example
    /// ```
    /// use efface_train::journal::{Journal, JournalRecord, RecordKind, METRICS_FILE};
    /// let folder = tempfile::tempdir()?;
    /// let record = |step| JournalRecord::now(RecordKind::Step, step, 0, [("loss".to_owned(), 0.5)].into());
    /// let mut journal = Journal::begin(folder.path())?;
    /// for step in 1..=5 {
    ///     journal.add(&record(step))?;
    /// }
    /// // Killed; the last checkpoint was written after step 3.
    /// let mut journal = Journal::resume(folder.path(), 3)?;
    /// journal.add(&record(4))?;
    /// assert_eq!(std::fs::read_to_string(folder.path().join(METRICS_FILE))?.lines().count(), 4);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn resume(folder: &Path, n_steps: u64) -> Result<Self, JournalError> {
        let (metrics, events) = (folder.join(METRICS_FILE), folder.join(EVENTS_FILE));
        let kept = kept(&metrics, n_steps)?;
        let cut = OpenOptions::new().write(true).open(&metrics).and_then(|file| file.set_len(kept.n_bytes));
        cut.map_err(|source| JournalError::File { path: metrics.clone(), source })?;
        write_events(&metrics, &events)?;
        Ok(Self { metrics: Output::append(metrics)?, events: Output::append(events)?, last: kept.last })
    }

    /// Adds a record: to a step may follow its evaluation, or a record of a later step.
    ///
    /// # Errors
    /// [`JournalError::NotFinite`] and [`JournalError::Backwards`], after which nothing was written, and
    /// [`JournalError::File`].
    pub fn add(&mut self, record: &JournalRecord) -> Result<(), JournalError> {
        let time = ("unix_seconds", record.unix_seconds);
        let values = record.values.iter().map(|(name, value)| (name.as_str(), *value));
        if let Some((name, _)) = values.chain([time]).find(|(_, value)| !value.is_finite()) {
            return Err(JournalError::NotFinite { name: name.to_owned(), step: record.step });
        }
        match self.last {
            Some((last, kind)) if record.step < last || record.step == last && record.kind as u8 <= kind as u8 => {
                return Err(JournalError::Backwards { step: record.step, last });
            }
            Some(_) => {}
            None => self.events.add(&events::file_version(record.unix_seconds))?,
        }
        self.last = Some((record.step, record.kind));
        self.metrics.add(to_json_line(record).as_bytes())?;
        self.events.add(&events::record(record))
    }
}

/// Which part of a journal stays.
#[derive(Debug, Default)]
struct Kept {
    n_bytes: u64,
    last: Option<(u64, RecordKind)>,
}

fn kept(path: &Path, n_steps: u64) -> Result<Kept, JournalError> {
    let refused = |source| JournalError::File { path: path.to_owned(), source };
    let mut input = BufReader::new(File::open(path).map_err(refused)?);
    let mut kept = Kept::default();
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        let n_read = input.read_until(b'\n', &mut line).map_err(refused)? as u64;
        // What has no end of line is torn, or nothing at all.
        if line.pop() != Some(b'\n') {
            break;
        }
        let record = parse_json::<JournalRecord>(&String::from_utf8_lossy(&line))
            .map_err(|source| JournalError::Malformed { path: path.to_owned(), line: number, source })?;
        if record.step > n_steps {
            break;
        }
        kept.n_bytes += n_read;
        kept.last = Some((record.step, record.kind));
    }
    Ok(kept)
}

/// Makes the event file from the lines, whatever was there.
fn write_events(metrics: &Path, events: &Path) -> Result<(), JournalError> {
    let lines = File::open(metrics).map_err(|source| JournalError::File { path: metrics.to_owned(), source })?;
    let write = |file: &mut File| {
        let mut out = BufWriter::new(file);
        for (number, line) in BufReader::new(lines).lines().enumerate() {
            let record: JournalRecord = parse_json(&line?).map_err(io::Error::other)?;
            if number == 0 {
                out.write_all(&events::file_version(record.unix_seconds))?;
            }
            out.write_all(&events::record(&record))?;
        }
        out.flush()
    };
    atomic::replace(events, write).map_err(|source| JournalError::File { path: events.to_owned(), source })
}

/// The records of a journal, as they stand there.
///
/// # Errors
/// [`JournalError::File`] and [`JournalError::Malformed`].
pub fn records(folder: &Path) -> Result<Vec<JournalRecord>, JournalError> {
    let path = folder.join(METRICS_FILE);
    let text = fs::read_to_string(&path).map_err(|source| JournalError::File { path: path.clone(), source })?;
    let parse =
        |(line, text)| parse_json(text).map_err(|source| JournalError::Malformed { path: path.clone(), line, source });
    (1..).zip(text.lines()).map(parse).collect()
}

#[cfg(test)]
mod tests;

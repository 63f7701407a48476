//! How long the stages of a run take: one line for each stage that an instance went through.
//!
//! A line holds the stage, the modality, seconds and bytes, and nothing that tells which instance it was. A modality
//! that is no defined term of the standard is left out: a name may stand there.

use crate::error::RunError;
use crate::read::Instance;
use crate::tier1::is_standard_term;
use dicom_dictionary_std::tags;
use efface_schema::StageTime;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// A step that every instance goes through unless an earlier one fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Everything but bulk values comes into memory, once or, where it could not be kept, twice.
    Read,
    /// Rules propose, decisions are carried out and the result is marked; all of it but the pixels.
    Decide,
    /// Text in images is found, read, judged and painted over; only where pixels are looked into.
    Pixels,
    /// The result is encoded and written, its bulk values are copied.
    Write,
    /// What was written is searched for the patient's identities.
    Search,
    /// The result is hashed while it is written; only where results are hashed.
    Digest,
}

impl Stage {
    /// In the order in which an instance goes through them; hashing goes with writing.
    const ALL: [Self; 6] = [Self::Read, Self::Decide, Self::Pixels, Self::Write, Self::Digest, Self::Search];

    const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Decide => "decide",
            Self::Pixels => "pixels",
            Self::Write => "write",
            Self::Search => "search",
            Self::Digest => "digest",
        }
    }

    /// Whether the result is worked on rather than the original.
    const fn is_of_result(self) -> bool {
        matches!(self, Self::Write | Self::Search | Self::Digest)
    }
}

/// Times the stages of one instance. One that is off looks at no clock.
#[derive(Debug, Default)]
pub(crate) struct Stopwatch {
    /// When the last stage ended; `None` where nobody wants to know.
    last: Option<Instant>,
    took: [Option<Duration>; Stage::ALL.len()],
    modality: Option<String>,
    n_bytes_read: u64,
    n_bytes_written: u64,
}

impl Stopwatch {
    /// Measures nothing.
    pub(crate) fn off() -> Self {
        Self::default()
    }

    /// Runs from now on, after an instance has been read that long; is off where that was not measured.
    pub(crate) fn after(reading: Option<Duration>) -> Self {
        let mut stopwatch = Self { last: reading.map(|_| Instant::now()), ..Self::default() };
        reading.into_iter().for_each(|reading| stopwatch.add(Stage::Read, reading));
        stopwatch
    }

    fn add(&mut self, stage: Stage, took: Duration) {
        *self.took[stage as usize].get_or_insert_default() += took;
    }

    /// Everything since the last stage ended was this one.
    pub(crate) fn lap(&mut self, stage: Stage) {
        if let Some(last) = self.last {
            let now = Instant::now();
            self.last = Some(now);
            self.add(stage, now - last);
        }
    }

    /// What was being worked on.
    pub(crate) fn note_original(&mut self, instance: &Instance) {
        if self.last.is_some() {
            self.n_bytes_read = instance.n_bytes;
            let modality = instance.text(tags::MODALITY);
            self.modality = is_standard_term(tags::MODALITY, &modality).then_some(modality);
        }
    }

    /// What was written, and for how long it was hashed meanwhile.
    pub(crate) fn note_result(&mut self, n_bytes: u64, hashing: Option<Duration>) {
        self.n_bytes_written = n_bytes;
        if let (Some(written), Some(hashing)) = (&mut self.took[Stage::Write as usize], hashing) {
            *written = written.saturating_sub(hashing);
            self.add(Stage::Digest, hashing);
        }
    }

    fn rows(&self) -> impl Iterator<Item = StageTime> {
        Stage::ALL.into_iter().filter_map(|stage| {
            Some(StageTime {
                stage: stage.name().to_owned(),
                modality: self.modality.clone(),
                seconds: self.took[stage as usize]?.as_secs_f64(),
                bytes: if stage.is_of_result() { self.n_bytes_written } else { self.n_bytes_read },
            })
        })
    }
}

/// The file of times. Lines come in the order in which instances are finished.
pub(crate) struct StageTimes(Mutex<BufWriter<File>>);

impl StageTimes {
    /// Makes the file, or empties it.
    ///
    /// # Errors
    /// When the file system refuses.
    pub(crate) fn create(path: &Path) -> Result<Self, RunError> {
        let file = File::create(path).map_err(RunError::io("make the file of stage times"))?;
        Ok(Self(Mutex::new(BufWriter::new(file))))
    }

    /// Writes the stages of an instance.
    ///
    /// # Errors
    /// When the file system refuses.
    pub(crate) fn note(&self, stopwatch: &Stopwatch) -> Result<(), RunError> {
        let mut lines = String::new();
        for row in stopwatch.rows() {
            lines += &serde_json::to_string(&row).expect("times are finite");
            lines.push('\n');
        }
        let mut file = self.0.lock().expect("nothing panics while the times are locked");
        file.write_all(lines.as_bytes()).map_err(RunError::io("write the stage times"))
    }

    /// Writes what is still held.
    ///
    /// # Errors
    /// When the file system refuses.
    pub(crate) fn finish(self) -> Result<(), RunError> {
        let mut file = self.0.into_inner().expect("nothing panics while the times are locked");
        file.flush().map_err(RunError::io("write the stage times"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stopwatch_that_is_off_has_nothing_to_say() {
        let mut stopwatch = Stopwatch::off();
        stopwatch.lap(Stage::Write);
        stopwatch.note_result(5, Some(Duration::from_secs(1)));
        assert_eq!(stopwatch.rows().count(), 0);
    }

    #[test]
    fn hashing_is_taken_from_writing_and_reading_twice_is_one_row() {
        let mut stopwatch = Stopwatch::after(Some(Duration::from_secs(2)));
        stopwatch.lap(Stage::Read);
        stopwatch.add(Stage::Write, Duration::from_secs(5));
        stopwatch.note_result(70, Some(Duration::from_secs(3)));
        let rows: Vec<StageTime> = stopwatch.rows().collect();
        let whole = |row: &StageTime| (row.stage.clone(), row.seconds.floor() as u64, row.bytes);
        let expected = [("read", 2, 0), ("write", 2, 70), ("digest", 3, 70)];
        let expected = expected.map(|(stage, seconds, bytes)| (stage.to_owned(), seconds, bytes));
        assert_eq!(rows.iter().map(whole).collect::<Vec<_>>(), expected);
    }
}

//! What can go wrong. No message holds a value, an identifier or a file name.

/// An evaluation could not be made.
#[derive(Debug, thiserror::Error)]
pub enum EvaluationError {
    /// A folder cannot be listed or a file in it cannot be read.
    #[error("read the {what}")]
    Read {
        /// Which of the inputs.
        what: &'static str,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A file cannot be written.
    #[error("write the {what}")]
    Write {
        /// Which of the outputs.
        what: &'static str,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A record is not of the form that it should have.
    #[error("read line {line} of the {what}")]
    Record {
        /// Which of the inputs.
        what: &'static str,
        /// The line, counted from 1.
        line: usize,
        /// Why.
        #[source]
        source: efface_schema::FormatError,
    },
    /// A line is of the right form, and cannot be used.
    #[error("use line {line} of the {what}: {problem}")]
    Line {
        /// Which of the inputs.
        what: &'static str,
        /// The line, counted from 1.
        line: usize,
        /// Why not, and what would mend it.
        problem: &'static str,
    },
    /// The run that wrote the output did not end, so its decisions and its crosswalk are half there.
    #[error("use the run folder: its manifest says that the run did not end; start the same command again first")]
    RunNotComplete,
    /// The decisions of a run cannot be told to be about which originals.
    #[error("judge the decisions: the run kept no crosswalk; start it again with --crosswalk")]
    NoCrosswalk,
    /// Nothing says which identifiers of the answer key became which.
    #[error(
        "score by the answer key: nothing says which identifiers became which; name the run with --run (made with \
         --crosswalk), or --uid-mapping and --patient-mapping"
    )]
    NoMapping,
    /// A line of a list of checksums is not a hash and a name inside the folder.
    #[error("read line {line} of the list of checksums: not a SHA-256, two blanks and a name inside the folder")]
    Checksums {
        /// The line, counted from 1.
        line: usize,
    },
    /// The answer key is not one. The database's own words are left out: they may quote a path.
    #[error(
        "read the answer key: not there, damaged, or not an SQLite database with the columns of the challenge's table \
         answer_data"
    )]
    AnswerKey,
    /// A row of the answer key cannot be scored, or not strictly.
    #[error("use row {row} of the answer key: {problem}")]
    KeyRow {
        /// The row's number in the database.
        row: i64,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The workbook cannot be written.
    #[error("write the scoring workbook")]
    Workbook,
    /// Two evaluations are not of the same thing.
    #[error("compare two evaluations: {problem}")]
    NotComparable {
        /// Why not.
        problem: &'static str,
    },
    /// A file of a report folder is not of the evaluation in it.
    #[error("use {what} of the report folder: {problem}")]
    Beside {
        /// Which file.
        what: &'static str,
        /// Why not.
        problem: &'static str,
    },
    /// A gate is not a TOML table of known thresholds.
    #[error("read the gate: {problem}")]
    Gate {
        /// What is wrong with it, in the parser's words, which name line and key.
        problem: String,
    },
    /// Shards of a score cannot be merged.
    #[error("merge shards: {problem}")]
    Shards {
        /// Why not.
        problem: &'static str,
    },
    /// A release cannot be bundled.
    #[error("bundle a release: {problem}")]
    Release {
        /// Why not, and of which piece of evidence, by the name that the caller gave it.
        problem: String,
    },
    /// A table of cases cannot be written.
    #[error("write a table of cases")]
    Csv,
    /// The report's template failed.
    #[error("render the report")]
    Report,
}

impl EvaluationError {
    /// Whether an input was refused; otherwise the work failed, as on a full disk.
    pub const fn is_refusal(&self) -> bool {
        !matches!(self, Self::Write { .. } | Self::Workbook | Self::Csv | Self::Report)
    }
}

impl From<rusqlite::Error> for EvaluationError {
    fn from(_: rusqlite::Error) -> Self {
        Self::AnswerKey
    }
}

impl From<rust_xlsxwriter::XlsxError> for EvaluationError {
    fn from(_: rust_xlsxwriter::XlsxError) -> Self {
        Self::Workbook
    }
}

impl From<parquet::errors::ParquetError> for EvaluationError {
    fn from(_: parquet::errors::ParquetError) -> Self {
        Self::Csv
    }
}

impl From<csv::Error> for EvaluationError {
    fn from(_: csv::Error) -> Self {
        Self::Csv
    }
}

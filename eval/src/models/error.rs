//! What can be wrong with gold and predictions. No message holds a value.

/// Something could not be measured.
#[derive(Debug, thiserror::Error)]
pub enum MeasureError {
    /// A file cannot be read.
    #[error("read the {file}")]
    Read {
        /// Which of the inputs.
        file: &'static str,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A file is not what it should be.
    #[error("read the {file} at {place}, key \"{key}\": {fault}")]
    Input {
        /// Which of the inputs.
        file: &'static str,
        /// Where in it: a line or an element of a list.
        place: String,
        /// The key.
        key: &'static str,
        /// What is wrong, and what would be right.
        fault: String,
    },
    /// There is nothing to measure on.
    #[error("measure anything: the {file} is empty")]
    Empty {
        /// Which of the inputs.
        file: &'static str,
    },
    /// A setting makes no sense.
    #[error("use {what}")]
    Setting {
        /// Which, and what it should be.
        what: &'static str,
    },
}

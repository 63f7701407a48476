//! What can go wrong with one instance, and with a run.

use std::io;

/// Why an instance has no result. Holds neither a value nor a path.
#[derive(Debug, thiserror::Error)]
pub enum InstanceError {
    /// The file could not be opened or read.
    #[error("read the file: {}", .0.kind())]
    Io(#[from] io::Error),
    /// The file does not begin like DICOM.
    #[error("read the file: it has no DICOM preamble and prefix")]
    NotDicom,
    /// The file meta information is broken.
    #[error("read the file meta information")]
    FileMeta,
    /// The transfer syntax is unknown.
    #[error("read the data set: its transfer syntax is not supported")]
    TransferSyntax,
    /// The data set's structure is broken.
    #[error("read the data set: its structure is broken")]
    DataSet,
    /// A value could not be decoded.
    #[error("read the data set: a value could not be decoded")]
    Value,
    /// The file ends too early.
    #[error("read the data set: the file ends too early")]
    Truncated,
    /// Reading the instance would take more memory than any real one needs.
    #[error("read the data set: it would take too much memory")]
    TooLarge,
    /// Compressed pixel data has a header that cannot be followed.
    #[error("read the pixel data: the header of a codestream is broken, or it is a container")]
    Codestream,
    /// An identifier without which the result cannot be filed.
    #[error("file the result: SOP Class, SOP Instance, Study Instance or Series Instance UID is missing")]
    MissingUid,
    /// Another input has the same SOP Instance UID.
    #[error("file the result: an earlier input has the same SOP Instance UID")]
    DuplicateInstance,
    /// Another input is the same to the byte.
    #[error("file the result: an earlier input is the same to the byte, and its result stands for both")]
    IdenticalDuplicate,
    /// The instance is a media directory.
    #[error("de-identify a media directory: its records would not match the results")]
    MediaDirectory,
    /// The input is not a regular file.
    #[error("read the input: it is not a regular file")]
    NotAFile,
    /// The result could not be encoded.
    #[error("encode the result")]
    Encode,
    /// The result could not be read back.
    #[error("verify the result: it cannot be read back")]
    Verify,
    /// A panic in a decoder was contained.
    #[error("handle the instance: a component failed unexpectedly")]
    Panic,
}

impl InstanceError {
    /// The code that stands in outcomes and reports.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Io(_) => "unreadable",
            Self::NotDicom => "not-dicom",
            Self::FileMeta => "broken-file-meta",
            Self::TransferSyntax => "unsupported-transfer-syntax",
            Self::DataSet => "broken-data-set",
            Self::Value => "undecodable-value",
            Self::Truncated => "truncated",
            Self::TooLarge => "too-large",
            Self::Codestream => "broken-codestream",
            Self::MissingUid => "missing-uid",
            Self::DuplicateInstance => "duplicate-sop-instance-uid",
            Self::IdenticalDuplicate => "identical-duplicate",
            Self::MediaDirectory => "media-directory",
            Self::NotAFile => "not-a-file",
            Self::Encode => "not-encodable",
            Self::Verify => "not-verified",
            Self::Panic => "component-failure",
        }
    }
}

/// Why a run ended before every input was handled.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A settings or policy file was refused.
    #[error("read the policy {name}: {message}")]
    Policy {
        /// The file or the built-in policy.
        name: String,
        /// Place and kind of the fault.
        message: String,
    },
    /// The key file was refused.
    #[error("read the key file: {0}")]
    Key(&'static str),
    /// The folders do not fit together.
    #[error("begin the run: {0}")]
    Folders(&'static str),
    /// An earlier run in the folder was another one.
    #[error("continue the run: {0}")]
    Resume(&'static str),
    /// Reading or writing the run's own files failed.
    #[error("{action}: {source}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// The text reader cannot start.
    #[error("start the text reader: {0}")]
    TextReader(String),
    /// A released model was refused.
    #[error("open the model: {0}")]
    Model(String),
    /// A record of an earlier run could not be read.
    #[error("continue the run: {0}")]
    Format(#[from] efface_schema::FormatError),
    /// The user stopped the run.
    #[error("finish the run: it was interrupted; the same command continues it")]
    Interrupted,
}

impl RunError {
    /// Wraps an input or output error with what was tried.
    pub fn io(action: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { action, source }
    }

    /// Whether the command line, a file or a folder was refused before any work was done.
    pub const fn is_usage(&self) -> bool {
        matches!(
            self,
            Self::Policy { .. }
                | Self::Key(_)
                | Self::Folders(_)
                | Self::Resume(_)
                | Self::TextReader(_)
                | Self::Model(_)
        )
    }
}

//! Versions of what is written, and how a record of a newer version is refused.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// A type that reaches disk and says in which version of its format.
pub trait Versioned: Serialize + DeserializeOwned {
    /// The version that this program writes, and the newest that it reads.
    const FORMAT_VERSION: u32;
    /// What the record is called in messages.
    const NAME: &'static str;

    /// The version that this record carries.
    fn format_version(&self) -> u32;
}

/// A record could not be read or written. Holds no part of the record.
#[derive(Debug, thiserror::Error)]
pub enum FormatError {
    /// The text is not JSON of this type.
    #[error("parse a {name} at line {line}, column {column}: not of the expected form")]
    Malformed {
        /// What the record is called.
        name: &'static str,
        /// The line inside the text.
        line: usize,
        /// The column inside the line.
        column: usize,
    },
    /// The record was written by a newer program.
    #[error("read a {name}: its format version {found} is newer than {supported}; use a newer efface")]
    Newer {
        /// What the record is called.
        name: &'static str,
        /// The version found.
        found: u32,
        /// The newest version that can be read.
        supported: u32,
    },
}

/// Reads one record and refuses a newer version.
///
/// # Errors
/// [`FormatError::Malformed`] and [`FormatError::Newer`].
pub fn parse_json<T: Versioned>(text: &str) -> Result<T, FormatError> {
    let malformed = |error: &serde_json::Error| FormatError::Malformed {
        name: T::NAME,
        line: error.line(),
        column: error.column(),
    };
    #[derive(serde::Deserialize)]
    struct Version {
        format_version: u32,
    }
    let version: Version = serde_json::from_str(text).map_err(|error| malformed(&error))?;
    if version.format_version > T::FORMAT_VERSION {
        return Err(FormatError::Newer { name: T::NAME, found: version.format_version, supported: T::FORMAT_VERSION });
    }
    serde_json::from_str(text).map_err(|error| malformed(&error))
}

/// Renders one record as a line of JSON, with its line end.
pub fn to_json_line<T: Versioned>(record: &T) -> String {
    let mut line = serde_json::to_string(record).expect("schema types have string keys and finite numbers");
    line.push('\n');
    line
}

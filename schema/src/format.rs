//! Versions of what is written, and how a record of a newer version is refused.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

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
    #[error(
        "parse a {name} at line {line}, column {column}: not of the expected form; make it again if it is half written"
    )]
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
    /// The record is only good for the program that wrote it, which was another.
    #[error("read a {name}: its format version {found} is not {supported}; make it again with this efface")]
    Other {
        /// What the record is called.
        name: &'static str,
        /// The version found.
        found: u32,
        /// The version that can be read.
        supported: u32,
    },
}

/// Reads one record and refuses a newer version.
///
/// # Errors
/// [`FormatError::Malformed`] and [`FormatError::Newer`].
pub fn parse_json<T: Versioned>(text: &str) -> Result<T, FormatError> {
    match parse::<Version, T>(text)?.format_version {
        found if found > T::FORMAT_VERSION => {
            Err(FormatError::Newer { name: T::NAME, found, supported: T::FORMAT_VERSION })
        }
        _ => parse::<T, T>(text),
    }
}

/// Reads one record of the version that this program writes, and refuses any other.
///
/// # Errors
/// [`FormatError::Malformed`] and [`FormatError::Other`].
pub fn parse_json_of_this_version<T: Versioned>(text: &str) -> Result<T, FormatError> {
    match parse::<Version, T>(text)?.format_version {
        found if found != T::FORMAT_VERSION => {
            Err(FormatError::Other { name: T::NAME, found, supported: T::FORMAT_VERSION })
        }
        _ => parse::<T, T>(text),
    }
}

/// What every record says of itself.
#[derive(Deserialize)]
struct Version {
    format_version: u32,
}

/// Reads a part of a record; messages call it by the record's name.
fn parse<P: DeserializeOwned, T: Versioned>(text: &str) -> Result<P, FormatError> {
    serde_json::from_str(text).map_err(|error| FormatError::Malformed {
        name: T::NAME,
        line: error.line(),
        column: error.column(),
    })
}

/// Renders one record as a line of JSON, with its line end.
pub fn to_json_line<T: Versioned>(record: &T) -> String {
    let mut line = serde_json::to_string(record).expect("schema types have string keys and finite numbers");
    line.push('\n');
    line
}

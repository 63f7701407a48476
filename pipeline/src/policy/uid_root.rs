//! What new UIDs begin with.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A root leaves room for a point and 122 bits, which take up to 37 digits, in the 64 characters of a UID.
const MAX_ROOT_CHARS: usize = 64 - 1 - 37;

/// The beginning of new UIDs: `2.25`, under which anybody may make UIDs from UUIDs, or a root of one's own.
///
/// Source: PS3.5 section 9.1 and annex B; ISO/IEC 9834-1.
///
/// # Example
/// ```
/// use efface_pipeline::UidRoot;
/// assert!("1.2.826.0.1.3680043.10.999".parse::<UidRoot>().is_ok());
/// assert!("1.2.826.0.1.3680043.10.9999".parse::<UidRoot>().is_err());
/// assert!("1.02.3".parse::<UidRoot>().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UidRoot(String);

/// Why a root was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UidRootError {
    /// Too long for 122 bits after it.
    #[error("a UID root has at most 26 characters, so that 122 bits fit behind it in 64")]
    Length,
    /// Not of the form of a UID.
    #[error(
        "a UID root is made of two or more numbers without leading zeros, joined by points, beginning with 0, 1 or 2"
    )]
    Form,
    /// Under the root of the DICOM standard.
    #[error("1.2.840.10008 is the root of the DICOM standard's own UIDs")]
    Registered,
}

impl UidRoot {
    /// Whether UIDs are made from UUIDs.
    pub fn is_uuid_root(&self) -> bool {
        self.0 == "2.25"
    }

    /// The root, without a point at its end.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for UidRoot {
    /// `2.25`.
    fn default() -> Self {
        Self("2.25".to_owned())
    }
}

impl FromStr for UidRoot {
    type Err = UidRootError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let components: Vec<&str> = text.split('.').collect();
        let valid = components.iter().all(|component| {
            !component.is_empty()
                && component.bytes().all(|byte| byte.is_ascii_digit())
                && (*component == "0" || !component.starts_with('0'))
        });
        // Below 0 and 1 there are 40 arcs.
        let begins = match components.as_slice() {
            ["0" | "1", second, ..] => second.parse::<u8>().is_ok_and(|second| second < 40),
            ["2", _, ..] => true,
            _ => false,
        };
        match (valid && begins, text.len() > MAX_ROOT_CHARS) {
            (false, _) => Err(UidRootError::Form),
            (true, true) => Err(UidRootError::Length),
            (true, false) if format!("{text}.").starts_with("1.2.840.10008.") => Err(UidRootError::Registered),
            (true, false) => Ok(Self(text.to_owned())),
        }
    }
}

impl TryFrom<String> for UidRoot {
    type Error = UidRootError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<UidRoot> for String {
    fn from(root: UidRoot) -> Self {
        root.0
    }
}

impl fmt::Display for UidRoot {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_are_checked() {
        for (text, expected) in [
            ("2.25", Ok(())),
            ("1.2.826.0.1.3680043.2.1125", Ok(())),
            ("1.2.826.0.1.3680043.2.11250", Err(UidRootError::Length)),
            ("1", Err(UidRootError::Form)),
            ("1.2.", Err(UidRootError::Form)),
            ("1..2", Err(UidRootError::Form)),
            ("1.40.1", Err(UidRootError::Form)),
            ("3.1", Err(UidRootError::Form)),
            ("1.2.01", Err(UidRootError::Form)),
            ("1.2.x", Err(UidRootError::Form)),
            ("", Err(UidRootError::Form)),
            ("1.2.840.10008", Err(UidRootError::Registered)),
            ("1.2.840.10008.5", Err(UidRootError::Registered)),
            ("1.2.840.100085", Ok(())),
        ] {
            assert_eq!(text.parse::<UidRoot>().map(|_| ()), expected, "{text}");
        }
    }
}

//! Weights of a text reader in safetensors.

use super::TextReader;
use crate::NetsError;
use crate::folder::read;
use crate::weights::{apply, collect};
use burn::store::KeyRemapper;
use burn::tensor::DType;
use std::path::Path;

/// Loads all weights of a reader.
///
/// # Errors
/// [`NetsError::Read`], and [`NetsError::Invalid`] if the file is no safetensors file, a tensor is missing or has
/// another shape.
pub fn load(reader: &mut TextReader, path: &Path) -> Result<(), NetsError> {
    apply(reader, read(path)?, path, KeyRemapper::new(), |_| false)
}

/// The bytes of a safetensors file with all weights of a reader, as `kind` of numbers.
///
/// # Errors
/// [`NetsError::Invalid`] if a tensor cannot be read from its device; `path` is named in the error.
pub fn to_bytes(reader: &TextReader, kind: DType, path: &Path) -> Result<Vec<u8>, NetsError> {
    collect(reader, KeyRemapper::new(), kind, path)
}

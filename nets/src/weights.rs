//! Weights in safetensors, by the names that Hugging Face gives them.
//!
//! A checkpoint of a base holds an encoder; a released model also holds `features.<name>.weight` and `classifier`.

use crate::NetsError;
use crate::classifier::TokenClassifier;
use crate::encoder::{EncoderConfig, Family};
use crate::text::features::FEATURES;
use burn::store::{
    BurnToPyTorchAdapter, FloatCastAdapter, KeyRemapper, ModuleAdapter, ModuleSnapshot, PyTorchToBurnAdapter,
    SafetensorsStore,
};
use burn::tensor::DType;
use std::path::Path;

/// What a checkpoint must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// The encoder; a head and features stay random where the file has none.
    Encoder,
    /// Everything.
    All,
}

/// How parts of a layer are called on disk, and here.
const LAYER_PARTS: [(&str, &str); 8] = [
    ("attention.self.query", "query"),
    ("attention.self.key", "key"),
    ("attention.self.value", "value"),
    ("attention.output.dense", "attention_output"),
    ("attention.output.LayerNorm", "attention_norm"),
    ("intermediate.dense", "intermediate"),
    ("output.dense", "output"),
    ("output.LayerNorm", "output_norm"),
];

pub(crate) fn pattern(remapper: KeyRemapper, from: String, to: String) -> KeyRemapper {
    remapper.add_pattern(from, to).expect("the patterns are constants with escaped names")
}

/// From names on disk to names here. `kept` are the layers of the checkpoint that become layers of the network.
fn reading(kept: &[usize]) -> KeyRemapper {
    let mut names = pattern(KeyRemapper::new(), r"^(bert|roberta)\.".to_owned(), String::new());
    names = pattern(names, r"^embeddings\.LayerNorm\.".to_owned(), "encoder.embeddings.norm.".to_owned());
    names = pattern(names, r"^embeddings\.".to_owned(), "encoder.embeddings.".to_owned());
    for (new, old) in kept.iter().enumerate() {
        for (disk, here) in LAYER_PARTS {
            let from = format!(r"^encoder\.layer\.{old}\.{}\.", disk.replace('.', r"\."));
            names = pattern(names, from, format!("encoder.layers.{new}.{here}."));
        }
    }
    for (place, (name, _)) in FEATURES.iter().enumerate() {
        names = pattern(names, format!(r"^features\.{name}\."), format!("features.{place}."));
    }
    names
}

/// From names here to names on disk.
fn writing(config: &EncoderConfig) -> KeyRemapper {
    let family = match config.family {
        Family::Bert => "bert",
        Family::Roberta => "roberta",
    };
    let mut names = KeyRemapper::new();
    for (place, (name, _)) in FEATURES.iter().enumerate() {
        names = pattern(names, format!(r"^features\.{place}\."), format!("features.{name}."));
    }
    names = pattern(names, r"^encoder\.embeddings\.norm\.".to_owned(), format!("{family}.embeddings.LayerNorm."));
    names = pattern(names, r"^encoder\.embeddings\.".to_owned(), format!("{family}.embeddings."));
    for (disk, here) in LAYER_PARTS {
        let from = format!(r"^encoder\.layers\.(\d+)\.{here}\.");
        names = pattern(names, from, format!("{family}.encoder.layer.$1.{disk}."));
    }
    names
}

/// Loads weights into a network. `kept` names the layers of the checkpoint, in order, that the network's become.
///
/// # Errors
/// [`NetsError::Invalid`] if the file is no safetensors file, a tensor is missing or has another shape.
pub fn load(model: &mut TokenClassifier, path: &Path, holds: Holds, kept: &[usize]) -> Result<(), NetsError> {
    let bytes = std::fs::read(path).map_err(NetsError::reading(path))?;
    load_bytes(model, bytes, path, holds, kept)
}

fn load_bytes(
    model: &mut TokenClassifier,
    bytes: Vec<u8>,
    path: &Path,
    holds: Holds,
    kept: &[usize],
) -> Result<(), NetsError> {
    let optional =
        |name: &str| holds == Holds::Encoder && (name.starts_with("features.") || name.starts_with("classifier."));
    apply(model, bytes, path, reading(kept), optional)
}

/// Puts the tensors of a safetensors file, renamed, into any network. Those that `optional` names may be missing.
pub(crate) fn apply<M: ModuleSnapshot>(
    model: &mut M,
    bytes: Vec<u8>,
    path: &Path,
    names: KeyRemapper,
    optional: impl Fn(&str) -> bool,
) -> Result<(), NetsError> {
    let invalid = |reason: String| NetsError::invalid(path, "set of weights", reason);
    let mut store = SafetensorsStore::from_bytes(Some(bytes))
        .remap(names)
        .with_from_adapter(PyTorchToBurnAdapter.chain(FloatCastAdapter::to(DType::F32)))
        .skip_enum_variants(true)
        .allow_partial(true)
        .validate(true);
    let applied = model.load_from(&mut store).map_err(|error| invalid(error.to_string()))?;
    if let Some(error) = applied.errors.first() {
        return Err(invalid(error.to_string()));
    }
    let missing: Vec<&str> =
        applied.missing.iter().map(|(name, _)| name.as_str()).filter(|name| !optional(name)).collect();
    match missing.first() {
        None => Ok(()),
        Some(first) => Err(invalid(format!("{} tensors are missing, the first is `{first}`", missing.len()))),
    }
}

/// The bytes of a safetensors file with the weights of a network, as `kind` of numbers.
///
/// # Errors
/// [`NetsError::Invalid`] if a tensor cannot be read from its device; `path` is named in the error.
pub fn to_bytes(
    model: &TokenClassifier,
    config: &EncoderConfig,
    kind: DType,
    path: &Path,
) -> Result<Vec<u8>, NetsError> {
    collect(model, writing(config), kind, path)
}

/// The bytes of a safetensors file with the tensors of any network, renamed, as `kind` of numbers.
pub(crate) fn collect<M: ModuleSnapshot>(
    model: &M,
    names: KeyRemapper,
    kind: DType,
    path: &Path,
) -> Result<Vec<u8>, NetsError> {
    let invalid = |error: String| NetsError::invalid(path, "set of weights", error);
    let mut store = SafetensorsStore::from_bytes(None)
        .clear_metadata()
        .metadata("format", "pt")
        .remap(names)
        .skip_enum_variants(true)
        .with_to_adapter(BurnToPyTorchAdapter.chain(FloatCastAdapter::to(kind)));
    model.save_into(&mut store).map_err(|error| invalid(error.to_string()))?;
    store.get_bytes().map_err(|error| invalid(error.to_string()))
}

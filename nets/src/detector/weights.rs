//! Weights of a text detector in safetensors: its own, and a backbone's by the names of torchvision.

use super::TextDetector;
use super::backbone::{Backbone, ResNet};
use crate::NetsError;
use crate::folder::read;
use crate::weights::{apply, collect, pattern};
use burn::store::KeyRemapper;
use burn::tensor::DType;
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use std::collections::BTreeMap;
use std::path::Path;

/// Loads all weights of a detector.
///
/// # Errors
/// [`NetsError::Read`], and [`NetsError::Invalid`] if the file is no safetensors file, a tensor is missing or has
/// another shape.
pub fn load(detector: &mut TextDetector, path: &Path) -> Result<(), NetsError> {
    let bytes = read(path)?;
    apply(detector, bytes, path, from_disk("backbone."), |_| false)
}

/// The bytes of a safetensors file with all weights of a detector, as `kind` of numbers.
///
/// # Errors
/// [`NetsError::Invalid`] if a tensor cannot be read from its device; `path` is named in the error.
pub fn to_bytes(detector: &TextDetector, kind: DType, path: &Path) -> Result<Vec<u8>, NetsError> {
    let mut names = KeyRemapper::new();
    names = pattern(names, r"^(backbone\..*)\.downsample\.convolution\.".to_owned(), "$1.downsample.0.".to_owned());
    names = pattern(names, r"^(backbone\..*)\.downsample\.norm\.".to_owned(), "$1.downsample.1.".to_owned());
    collect(detector, names, kind, path)
}

/// Loads a residual network that was pretrained elsewhere, saved by the names of torchvision: `conv1.weight`,
/// `layer1.0.bn2.running_mean` and so on. Its classifier is passed over, and a first convolution that reads three
/// channels is summed over them, as if a grey image were read three times.
///
/// # Errors
/// [`NetsError::Read`], and [`NetsError::Invalid`] if this detector has no residual network, or the file is none of
/// the same size.
pub fn load_backbone(detector: &mut TextDetector, path: &Path) -> Result<(), NetsError> {
    let Backbone::ResNet(network) = &mut detector.backbone else {
        return Err(NetsError::invalid(path, "set of weights", "a compact backbone has no pretrained weights"));
    };
    load_resnet(network, read(path)?, path)
}

/// The same of bytes; `path` is named in errors.
///
/// # Errors
/// See [`load_backbone`].
pub fn load_resnet(network: &mut ResNet, bytes: Vec<u8>, path: &Path) -> Result<(), NetsError> {
    let channels = network.conv1.weight.dims()[1];
    let bytes = without_colours(&bytes, channels).map_err(|error| NetsError::invalid(path, "set of weights", error))?;
    apply(network, bytes, path, from_disk(""), |_| false)
}

fn from_disk(prefix: &str) -> KeyRemapper {
    let prefix = prefix.replace('.', r"\.");
    let mut names = KeyRemapper::new();
    for (disk, here) in [("0", "convolution"), ("1", "norm")] {
        let from = format!(r"^({prefix}layer\d+\.\d+)\.downsample\.{disk}\.");
        names = pattern(names, from, format!("$1.downsample.{here}."));
    }
    names
}

/// The tensors that a backbone has, the first convolution summed over colours if the network reads one channel.
fn without_colours(bytes: &[u8], channels: usize) -> Result<Vec<u8>, String> {
    let file = SafeTensors::deserialize(bytes).map_err(|error| error.to_string())?;
    let is_used = |name: &str| !name.starts_with("fc.") && !name.ends_with("num_batches_tracked");
    let mut kept: BTreeMap<String, (Dtype, Vec<usize>, Vec<u8>)> = file
        .iter()
        .filter(|(name, _)| is_used(name))
        .map(|(name, view)| (name.to_owned(), (view.dtype(), view.shape().to_vec(), view.data().to_vec())))
        .collect();
    if let Some((kind, shape, data)) = kept.get_mut("conv1.weight")
        && channels == 1
        && shape.get(1) == Some(&3)
    {
        if *kind != Dtype::F32 {
            return Err("the first convolution is not of 32-bit numbers".to_owned());
        }
        *data = summed(data, shape[2..].iter().product());
        shape[1] = 1;
    }
    let views: Result<BTreeMap<&String, TensorView<'_>>, String> = kept
        .iter()
        .map(|(name, (kind, shape, data))| {
            TensorView::new(*kind, shape.clone(), data).map(|view| (name, view)).map_err(|error| error.to_string())
        })
        .collect();
    safetensors::serialize(views?, None).map_err(|error| error.to_string())
}

/// Kernels of `cells` numbers, each three of them summed.
fn summed(data: &[u8], cells: usize) -> Vec<u8> {
    let numbers: Vec<f32> =
        data.chunks_exact(4).map(|bytes| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])).collect();
    let kernel = |colours: &[f32]| -> Vec<u8> {
        let sum = |cell: usize| colours[cell] + colours[cells + cell] + colours[2 * cells + cell];
        (0..cells).flat_map(|cell| sum(cell).to_le_bytes()).collect()
    };
    numbers.chunks_exact(3 * cells).flat_map(kernel).collect()
}

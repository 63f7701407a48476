//! A released text detector of random weights, as small as one can be.

use burn::tensor::DType;
use efface_nets::detector::{
    BackboneConfig, CompactConfig, DetectorCalibration, DetectorConfig, FinderSettings, NormKind, ProposalConfig,
    TextDetector, TextFinder, weights,
};
use efface_nets::device::DeviceName;
use efface_nets::folder::{CALIBRATION, CONFIG, DIGESTS, WEIGHTS};
use efface_pipeline::pixels::SharedFinder;
use efface_schema::{Versioned, sha256_hex};
use std::fs;
use std::path::Path;

/// Every file of the folder that is compared with a digest, and the list.
pub(crate) const FILES: [&str; 4] = [CONFIG, WEIGHTS, CALIBRATION, DIGESTS];

fn config() -> DetectorConfig {
    DetectorConfig {
        backbone: BackboneConfig::Compact(CompactConfig {
            widths: vec![8, 8, 16, 16],
            blocks: vec![1; 4],
            kernel: 3,
            expansion: 1,
            norm: NormKind::Group,
        }),
        pyramid_channels: 8,
        proposals: ProposalConfig { before_nms: 20, after_nms: 6, nms_iou: 0.7, least_side_px: 2.0 },
        head_width: 16,
        ..DetectorConfig::compact()
    }
}

fn network() -> TextDetector {
    let device = DeviceName::Cpu.open().expect("a processor");
    device.seed(7);
    TextDetector::new(&config(), &device)
}

/// A finder of random weights: with threshold 0 it finds text everywhere, with 1 nowhere.
pub(crate) fn finder(threshold: f32) -> SharedFinder {
    let device = DeviceName::Cpu.open().expect("a processor");
    let settings = FinderSettings { threshold, ..FinderSettings::default() };
    let finder = TextFinder::new(network(), device, settings).expect("it reads grey images");
    SharedFinder::new(finder, 2).expect("threads")
}

fn calibration(weights: &[u8]) -> Vec<u8> {
    let calibration = DetectorCalibration {
        format_version: DetectorCalibration::FORMAT_VERSION,
        weights_sha256: sha256_hex(weights),
        n_images: 1,
        n_boxes: 1,
        class_temperature: 1.0,
        probability_map: None,
        deviation_scale: 1.0,
        risk: Vec::new(),
    };
    serde_json::to_vec(&calibration).expect("it has string keys")
}

/// Writes the model as it is released; the calibration is that of `calibrated`, or of the weights themselves.
pub(crate) fn release(model: &Path, calibrated: Option<&[u8]>) {
    let weights = weights::to_bytes(&network(), DType::F32, model).expect("weights");
    let contents = [
        (CONFIG, serde_json::to_vec(&config()).expect("it has string keys")),
        (CALIBRATION, calibration(calibrated.unwrap_or(&weights))),
        (WEIGHTS, weights),
    ];
    fs::create_dir_all(model).expect("a folder");
    let mut digests = String::new();
    for (name, bytes) in contents {
        digests += &format!("{}  {name}\n", sha256_hex(&bytes));
        fs::write(model.join(name), bytes).expect("a file");
    }
    fs::write(model.join(DIGESTS), digests).expect("a file");
}

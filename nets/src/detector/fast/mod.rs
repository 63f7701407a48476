//! The compact network once more, for inference on a processor.
//!
//! It has the weights of a [`TextDetector`](super::TextDetector) and gives its answers but for rounding; the head stays
//! with burn. `docs/design/detector.md` has what was measured.

mod network;

pub(super) use network::FastNetwork;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::config::{BackboneConfig, CompactConfig};
    use crate::detector::{Corners, DetectorConfig, TextDetector};
    use crate::layers::NormKind;
    use burn::tensor::{Device, Tensor, TensorData};

    /// Sums in another order differ by so much, beside the numbers' own size.
    const TOLERANCE: f32 = 2e-4;

    fn config(kernel: usize, norm: NormKind, widths: [usize; 4]) -> DetectorConfig {
        let mut config = DetectorConfig::compact();
        let (blocks, expansion) = (vec![1, 2, 1, 1], 2);
        config.backbone =
            BackboneConfig::Compact(CompactConfig { widths: widths.to_vec(), blocks, kernel, expansion, norm });
        config.pyramid_channels = 24;
        config.proposals.after_nms = 30;
        config
    }

    fn image(width: usize, height: usize) -> Vec<f32> {
        (0..width * height).map(|place| ((place * 7919 + place / width * 31) % 257) as f32 / 257.0).collect()
    }

    fn assert_near(ours: &[f32], theirs: &[f32]) {
        assert_eq!(ours.len(), theirs.len());
        for (one, other) in ours.iter().zip(theirs) {
            assert!((one - other).abs() <= TOLERANCE * other.abs().max(1.0), "{one} {other}");
        }
    }

    fn agrees(config: &DetectorConfig, (width, height): (usize, usize)) {
        let device = Device::flex();
        device.seed(3);
        let detector = TextDetector::new(config, &device);
        let pixels = image(width, height);
        let slow = detector.pyramid(Tensor::from_data(TensorData::new(pixels.clone(), [1, 1, height, width]), &device));
        let network = FastNetwork::of(&detector).expect("a compact network");
        let fast = network.pyramid(&pixels, width, height);
        // Neither the order of scores that are nearly equal nor boxes of them are the same: the scores are.
        let size = (width as f32 - 3.0, height as f32 - 5.0);
        let theirs = detector.propose_within(&slow, &detector.region_scores(&slow), &[size]).concat();
        let ours = network.propose(&fast, size, f32::NEG_INFINITY);
        let scores =
            |proposals: &[crate::detector::Proposal]| proposals.iter().map(|one| one.score).collect::<Vec<_>>();
        assert!(!ours.is_empty());
        assert_near(&scores(&ours), &scores(&theirs));
        let boxes = [[3.0, 2.0, 30.0, 12.0], [-4.0, 1.0, 90.0, 50.0], [5.0, 5.0, 5.0, 5.0]].map(Corners::from_sides);
        let features = detector.box_features(&slow, &[boxes.to_vec()]).expect("there are boxes");
        let features: Vec<f32> = features.into_data().try_into_vec().expect("numbers");
        assert_near(&network.box_features(&fast, &boxes), &features);
    }

    #[test]
    fn the_answers_are_those_of_burn() {
        agrees(&config(5, NormKind::Group, [8, 16, 24, 32]), (96, 160));
        agrees(&config(3, NormKind::None, [16, 8, 8, 8]), (32, 32));
        agrees(&config(7, NormKind::Group, [8, 8, 16, 8]), (224, 64));
        agrees(&DetectorConfig::compact(), (160, 96));
    }

    #[test]
    fn threads_change_no_bit() {
        let detector = TextDetector::new(&DetectorConfig::compact(), &Device::flex());
        let network = FastNetwork::of(&detector).expect("a compact network");
        let boxes = [Corners::new(3.0, 2.0, 30.0, 12.0)];
        let with = |n_threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().expect("threads");
            pool.install(|| network.box_features(&network.pyramid(&image(96, 64), 96, 64), &boxes))
        };
        assert_eq!(with(1), with(3));
    }

    #[test]
    fn other_networks_stay_with_burn() {
        let device = Device::flex();
        let residual = DetectorConfig::with_resnet(BackboneConfig::ResNet18);
        assert!(FastNetwork::of(&TextDetector::new(&residual, &device)).is_none());
        let wide = config(9, NormKind::Group, [8; 4]);
        assert!(FastNetwork::of(&TextDetector::new(&wide, &device)).is_none());
    }
}

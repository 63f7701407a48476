//! The reader once more, for inference on a processor: its weights, and its answers but for rounding.

use super::{ExpectedWords, LineImage, ReadLine, ReaderConfig, ReaderFolder, TextReader};
use crate::NetsError;
use crate::calibration::ProbabilityMap;
use crate::device::DeviceName;
use crate::fast::features::Features;
use crate::fast::kernels::Mixer;
use crate::fast::stage::{Stage, mixer};

/// A reader that is fast on a processor.
#[derive(Debug)]
pub struct LineReader {
    stages: Vec<Stage>,
    head: Mixer,
    config: ReaderConfig,
    /// From what the network says of a word to the share of such words that is right.
    map: Option<ProbabilityMap>,
    expected: ExpectedWords,
    digest: String,
}

impl LineReader {
    /// The same network; nothing if its kernels have a side that is not made for.
    pub fn of(reader: &TextReader) -> Option<Self> {
        let stages = reader.stages.iter().map(|stage| Stage::of(&stage.enter, &stage.norm, &stage.blocks));
        let (stages, head) = (stages.collect::<Option<_>>()?, mixer(&reader.head));
        let (config, expected) = (reader.config().clone(), ExpectedWords::default());
        Some(Self { stages, head, config, map: None, expected, digest: String::new() })
    }

    /// A released network, whose probabilities are those that its calibration makes of them.
    ///
    /// # Errors
    /// [`NetsError::Read`], and [`NetsError::Invalid`] if weights are missing or its kernels have a side that is not made
    /// for.
    pub fn open(folder: &ReaderFolder) -> Result<Self, NetsError> {
        let reader = folder.reader(&DeviceName::Cpu.open()?)?;
        let unfit = || NetsError::invalid(folder.path(), "text reader", "kernels have a side of 3, 5 or 7");
        let opened = Self::of(&reader).ok_or_else(unfit)?;
        let map = folder.calibration.probability_map.clone();
        Ok(Self { map, digest: folder.digest().to_owned(), ..opened })
    }

    /// The same, which says of unsure words whether they may be among some that are expected.
    #[must_use]
    pub fn expecting<'a>(mut self, words: impl IntoIterator<Item = &'a str>) -> Self {
        self.expected = ExpectedWords::new(words, &self.config);
        self
    }

    /// The digest of the released model's list of digests; empty for a network that was not released.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// The sizes and the alphabet.
    pub fn config(&self) -> &ReaderConfig {
        &self.config
    }

    /// Scores of steps, `[steps, signs + 1]`, step after step.
    pub fn scores(&self, line: &LineImage) -> Vec<f32> {
        let mut features: Option<Features> = None;
        for (stage, fold) in self.stages.iter().zip(&self.config.folds) {
            let folded = match &features {
                None => Features::folded_pixels(line.levels(), line.columns(), self.config.rows, *fold),
                Some(finer) => finer.folded(*fold),
            };
            features = Some(stage.forward(&folded));
        }
        let Some(features) = features else { return Vec::new() };
        let told = features.mixed(&self.head, None);
        let classes: Vec<&[f32]> = (0..self.config.signs() + 1).map(|class| told.line(0, class)).collect();
        (0..told.columns).flat_map(|step| classes.iter().map(move |class| class[step])).collect()
    }

    /// What a line says.
    pub fn read(&self, line: &LineImage) -> ReadLine {
        let mut read = ReadLine::of(&self.scores(line), line, &self.config, &self.expected);
        if let Some(map) = &self.map {
            for word in &mut read.words {
                word.probability = map.apply(word.probability);
            }
        }
        read
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;

    #[test]
    fn the_answers_are_those_of_the_network() {
        let device = Device::flex();
        device.seed(5);
        let alphabet = " 0123456789abcdefghijklmnopqrstuvwxyz".to_owned();
        let config = ReaderConfig { alphabet, ..ReaderConfig::compact() };
        let reader = TextReader::new(&config, &device);
        let fast = LineReader::of(&reader).expect("a kernel of five");
        for (columns, rows) in [(90, 14), (7, 30), (300, 9)] {
            let pixels: Vec<u8> = (0..columns * rows).map(|place| ((place * 7919) % 251) as u8).collect();
            let line = LineImage::of(&pixels, columns, rows, &config).expect("a line");
            let theirs: Vec<f32> = reader.scores(&line).into_data().try_into_vec().expect("numbers");
            let ours = fast.scores(&line);
            assert_eq!(ours.len(), theirs.len());
            let far = ours.iter().zip(&theirs).map(|(one, other)| (one - other).abs()).fold(0.0, f32::max);
            assert!(far < 2e-4, "{far}");
        }
        assert!(LineReader::of(&TextReader::new(&ReaderConfig { kernel: 9, ..config }, &device)).is_none());
    }
}

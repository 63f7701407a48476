//! The sizes of a text reader, and the signs that it knows.

use crate::NetsError;
use crate::layers::NormKind;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::Path;

/// The version of `config.json` of a reader.
pub const FORMAT_VERSION: u32 = 1;

/// The sizes of a text reader.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReaderConfig {
    /// [`FORMAT_VERSION`].
    pub format_version: u32,
    /// Rows that every line is scaled to.
    pub rows: usize,
    /// By how much more lines are scaled across than down: narrow signs need room for a step each.
    pub stretch: f32,
    /// Rows and columns of cells that become channels when a stage begins; all rows together are [`ReaderConfig::rows`].
    pub folds: Vec<[usize; 2]>,
    /// Channels of each stage.
    pub widths: Vec<usize>,
    /// Blocks of each stage.
    pub blocks: Vec<usize>,
    /// The side of the kernels, odd.
    pub kernel: usize,
    /// How many times wider a block is inside.
    pub expansion: usize,
    /// How values are normalised.
    pub norm: NormKind,
    /// The signs, each once; the space is one of them.
    pub alphabet: String,
}

impl ReaderConfig {
    /// About a million parameters, for processors; its alphabet is the space alone.
    pub fn compact() -> Self {
        Self {
            format_version: FORMAT_VERSION,
            rows: 24,
            stretch: 1.75,
            folds: vec![[2, 2], [2, 2], [6, 1]],
            widths: vec![32, 64, 192],
            blocks: vec![1, 4, 5],
            kernel: 5,
            expansion: 2,
            norm: NormKind::Group,
            alphabet: " ".to_owned(),
        }
    }

    /// Reads `config.json`.
    ///
    /// # Errors
    /// [`NetsError::Read`], and [`NetsError::Invalid`] if a size is missing or senseless.
    pub fn read(path: &Path) -> Result<Self, NetsError> {
        let bytes = std::fs::read(path).map_err(NetsError::reading(path))?;
        let invalid = |reason: String| NetsError::invalid(path, "configuration of a text reader", reason);
        let config: Self = serde_json::from_slice(&bytes).map_err(|error| invalid(error.to_string()))?;
        config.check().map_err(invalid)?;
        Ok(config)
    }

    /// How many signs it knows.
    pub fn signs(&self) -> usize {
        self.alphabet.chars().count()
    }

    /// Columns of a line for each step of the answer.
    pub fn step_columns(&self) -> usize {
        self.folds.iter().map(|fold| fold[1]).product()
    }

    /// Says what is senseless.
    ///
    /// # Errors
    /// One sentence about the first fault.
    pub fn check(&self) -> Result<(), String> {
        if self.format_version != FORMAT_VERSION {
            return Err(format!("its version is {}, and {FORMAT_VERSION} is known", self.format_version));
        }
        let n_stages = self.folds.len();
        if n_stages == 0 || self.widths.len() != n_stages || self.blocks.len() != n_stages {
            return Err("every stage has a fold, a width and a number of blocks".to_owned());
        }
        if self.folds.iter().flatten().any(|side| !(1..=64).contains(side)) {
            return Err("folds are from 1 to 64".to_owned());
        }
        if self.folds.iter().map(|fold| fold[0]).product::<usize>() != self.rows {
            return Err("the folds do not leave one row".to_owned());
        }
        if self.widths.iter().any(|width| *width == 0 || !width.is_multiple_of(8)) {
            return Err("widths are multiples of 8".to_owned());
        }
        if self.kernel.is_multiple_of(2) || self.expansion == 0 {
            return Err("kernels are odd, and a block has an inside".to_owned());
        }
        if !self.stretch.is_finite() || !(0.1..=10.0).contains(&self.stretch) {
            return Err("lines are stretched by 0.1 to 10".to_owned());
        }
        let signs: BTreeSet<char> = self.alphabet.chars().collect();
        if signs.len() != self.signs() || !signs.contains(&' ') {
            return Err("the alphabet has a sign twice, or no space".to_owned());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_senseless_is_refused() {
        assert_eq!(ReaderConfig::compact().check(), Ok(()));
        let refused = |spoil: fn(&mut ReaderConfig), expected: &str| {
            let mut config = ReaderConfig::compact();
            spoil(&mut config);
            let error = config.check().expect_err(expected);
            assert!(error.contains(expected), "{error}");
        };
        refused(|config| config.format_version = 9, "version");
        refused(|config| config.folds.clear(), "stage");
        refused(|config| config.rows = 32, "one row");
        refused(|config| config.folds[0] = [0, 2], "folds");
        refused(|config| config.widths[1] = 12, "multiples of 8");
        refused(|config| config.kernel = 4, "odd");
        refused(|config| config.stretch = f32::NAN, "stretched");
        refused(|config| config.alphabet = " aba".to_owned(), "twice");
        refused(|config| config.alphabet = "ab".to_owned(), "no space");
    }

    #[test]
    fn a_configuration_comes_back_as_it_was_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("config.json");
        let config = ReaderConfig { alphabet: " aé:".to_owned(), ..ReaderConfig::compact() };
        std::fs::write(&path, serde_json::to_vec(&config).expect("a text")).expect("written");
        assert_eq!(ReaderConfig::read(&path).expect("readable"), config);
        std::fs::write(&path, "{}").expect("written");
        assert!(ReaderConfig::read(&path).expect_err("nothing in it").to_string().contains("config.json"));
    }
}

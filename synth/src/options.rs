//! The definition of a suite: optional as it stands in a file, total once resolved.

use crate::SynthError;
use crate::burn::options::{Refusal, TextOptions, TextSettings};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// A kind of series that a study can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SeriesKind {
    /// CT Image Storage, 16-bit signed.
    Ct,
    /// MR Image Storage, 12 of 16 bits.
    Mr,
    /// Computed Radiography Image Storage, 12 of 16 bits, some MONOCHROME1.
    Cr,
    /// Digital X-Ray Image Storage - For Presentation, 14 of 16 bits.
    Dx,
    /// Ultrasound Image Storage, RGB.
    Us,
    /// Ultrasound Multi-frame Image Storage, RGB.
    UsMultiFrame,
    /// Secondary Capture Image Storage, 8-bit.
    Sc,
    /// Basic Text SR Storage.
    Sr,
}

impl SeriesKind {
    /// Every kind, in the order in which a study holds them. Reports come last, since they refer to images.
    pub const ALL: &'static [Self] =
        &[Self::Ct, Self::Mr, Self::Cr, Self::Dx, Self::Us, Self::UsMultiFrame, Self::Sc, Self::Sr];

    /// The value of Modality (0008,0060).
    pub const fn modality(self) -> &'static str {
        match self {
            Self::Ct => "CT",
            Self::Mr => "MR",
            Self::Cr => "CR",
            Self::Dx => "DX",
            Self::Us | Self::UsMultiFrame => "US",
            Self::Sc => "OT",
            Self::Sr => "SR",
        }
    }

    const fn default_image(self) -> (u32, u32, u32) {
        match self {
            Self::Ct | Self::Mr => (256, 256, 1),
            Self::Cr | Self::Dx => (640, 512, 1),
            Self::Us => (480, 640, 1),
            Self::UsMultiFrame => (360, 480, 6),
            Self::Sc => (480, 640, 1),
            Self::Sr => (0, 0, 0),
        }
    }
}

/// How the series of one kind are made, as a file says it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SeriesOptions {
    /// Share of the studies that hold such a series, 0 to 1.
    pub share: Option<f64>,
    /// Number of instances in such a series.
    pub instances: Option<u32>,
    /// Rows of an image.
    pub rows: Option<u32>,
    /// Columns of an image.
    pub columns: Option<u32>,
    /// Frames of a multi-frame image.
    pub frames: Option<u32>,
}

/// A suite definition as a TOML file says it. Absent keys have defaults.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SuiteOptions {
    /// The suite's name.
    pub name: Option<String>,
    /// The root seed.
    pub seed: Option<u64>,
    /// Number of patients.
    pub patients: Option<u32>,
    /// Fewest studies of a patient.
    pub studies_min: Option<u32>,
    /// Most studies of a patient.
    pub studies_max: Option<u32>,
    /// Share of the ultrasound, projection and secondary capture images with identifying text burned in.
    pub burned_in_share: Option<f64>,
    /// The same for CT and MR, where such text is rare.
    pub burned_in_cross_section_share: Option<f64>,
    /// Share of the patients whose folder is named after them.
    pub named_folder_share: Option<f64>,
    /// How text is burned in.
    pub burned_in_text: Option<TextOptions>,
    /// The kinds of series.
    pub series: Option<BTreeMap<SeriesKind, SeriesOptions>>,
    /// Number of worker threads; 0 means one per processor.
    pub threads: Option<usize>,
}

/// How the series of one kind are made.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct SeriesSettings {
    /// Share of the studies that hold such a series.
    pub share: f64,
    /// Number of instances in such a series.
    pub instances: u32,
    /// Rows of an image.
    pub rows: u32,
    /// Columns of an image.
    pub columns: u32,
    /// Frames of an image.
    pub frames: u32,
}

/// A suite definition in which nothing is left open.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct SuiteSettings {
    /// The suite's name.
    pub name: String,
    /// The root seed.
    pub seed: u64,
    /// Number of patients.
    pub patients: u32,
    /// Fewest studies of a patient.
    pub studies_min: u32,
    /// Most studies of a patient.
    pub studies_max: u32,
    /// Share of the ultrasound, projection and secondary capture images with identifying text burned in.
    pub burned_in_share: f64,
    /// The same for CT and MR.
    pub burned_in_cross_section_share: f64,
    /// Share of the patients whose folder is named after them.
    pub named_folder_share: f64,
    /// How text is burned in.
    pub burned_in_text: TextSettings,
    /// The kinds of series that occur.
    pub series: BTreeMap<SeriesKind, SeriesSettings>,
    /// Number of worker threads; 0 means one per processor. Changes no byte of the suite.
    #[serde(skip)]
    pub threads: usize,
}

impl SuiteOptions {
    /// Reads a definition.
    ///
    /// # Errors
    /// [`SynthError::ReadOptions`], and [`SynthError::ParseOptions`] with line and key.
    pub fn read(path: &Path) -> Result<Self, SynthError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| SynthError::ReadOptions { path: path.to_owned(), source })?;
        Self::parse(&text, path)
    }

    /// Reads a definition from text; `path` is only named in errors.
    ///
    /// # Errors
    /// [`SynthError::ParseOptions`] with line and key.
    ///
    /// # Example
    /// ```
    /// use efface_synth::SuiteOptions;
    /// let error = SuiteOptions::parse("patients = 3\npatiens = 4\n", "suite.toml".as_ref()).unwrap_err();
    /// assert!(error.to_string().contains("suite.toml, line 2"));
    /// assert!(error.to_string().contains("`patiens`"));
    /// ```
    pub fn parse(text: &str, path: &Path) -> Result<Self, SynthError> {
        let refused = |start: usize, message: String| {
            let before = &text.as_bytes()[..start.min(text.len())];
            let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
            SynthError::ParseOptions { path: path.to_owned(), line, message }
        };
        let options: Self = toml::from_str(text)
            .map_err(|error| refused(error.span().map_or(0, |span| span.start), error.message().to_owned()))?;
        match options.text_settings() {
            Ok(_) => Ok(options),
            Err(Refusal { start, key, expected, found }) => {
                Err(refused(start, format!("`{key}` must be {expected}, not {found}")))
            }
        }
    }

    fn text_settings(&self) -> Result<TextSettings, Refusal> {
        let all: Vec<SeriesKind> = SeriesKind::ALL.to_vec();
        let kinds = self.series.as_ref().map_or(all, |series| series.keys().copied().collect());
        let images: Vec<SeriesKind> = kinds.into_iter().filter(|kind| *kind != SeriesKind::Sr).collect();
        self.burned_in_text.as_ref().unwrap_or(&TextOptions::default()).resolve(&images)
    }

    /// Fills in the defaults and checks the ranges.
    ///
    /// # Errors
    /// [`SynthError::InvalidOption`].
    pub fn resolve(self) -> Result<SuiteSettings, SynthError> {
        let studies_min = self.studies_min.unwrap_or(1);
        let burned_in_text = self
            .text_settings()
            .map_err(|refusal| SynthError::InvalidOption { key: refusal.key, expected: refusal.expected })?;
        let settings = SuiteSettings {
            name: self.name.unwrap_or_else(|| "suite".to_owned()),
            seed: self.seed.unwrap_or(1),
            patients: self.patients.unwrap_or(4),
            studies_min,
            studies_max: self.studies_max.unwrap_or_else(|| studies_min.max(2)),
            burned_in_share: self.burned_in_share.unwrap_or(0.6),
            burned_in_cross_section_share: self.burned_in_cross_section_share.unwrap_or(0.1),
            named_folder_share: self.named_folder_share.unwrap_or(0.5),
            burned_in_text,
            series: resolve_series(self.series),
            threads: self.threads.unwrap_or(0),
        };
        settings.check()?;
        Ok(settings)
    }
}

fn resolve_series(options: Option<BTreeMap<SeriesKind, SeriesOptions>>) -> BTreeMap<SeriesKind, SeriesSettings> {
    let options =
        options.unwrap_or_else(|| SeriesKind::ALL.iter().map(|kind| (*kind, SeriesOptions::default())).collect());
    options
        .into_iter()
        .map(|(kind, options)| {
            let (rows, columns, frames) = kind.default_image();
            let settings = SeriesSettings {
                share: options.share.unwrap_or(1.0),
                instances: options.instances.unwrap_or(1),
                rows: options.rows.unwrap_or(rows),
                columns: options.columns.unwrap_or(columns),
                frames: options.frames.unwrap_or(frames),
            };
            (kind, settings)
        })
        .collect()
}

impl SuiteSettings {
    fn check(&self) -> Result<(), SynthError> {
        let shares = [self.burned_in_share, self.burned_in_cross_section_share, self.named_folder_share];
        let image_kinds = self.series.iter().filter(|(kind, _)| **kind != SeriesKind::Sr);
        let rules = [
            ("patients", "1 to 100000", (1..=100_000).contains(&self.patients)),
            ("studies-min", "1 to studies-max", self.studies_min >= 1 && self.studies_min <= self.studies_max),
            ("studies-max", "at most 100", self.studies_max <= 100),
            ("a share", "between 0 and 1", shares.iter().all(|share| (0.0..=1.0).contains(share))),
            ("series.*.share", "between 0 and 1", self.series.values().all(|s| (0.0..=1.0).contains(&s.share))),
            ("series.*.instances", "1 to 2000", self.series.values().all(|s| (1..=2000).contains(&s.instances))),
            ("series", "such that a kind of image occurs", image_kinds.clone().any(|(_, s)| s.share > 0.0)),
            (
                "series.*.rows and columns",
                "even and 128 to 4096",
                image_kinds
                    .clone()
                    .all(|(_, s)| [s.rows, s.columns].iter().all(|side| side % 2 == 0 && (128..=4096).contains(side))),
            ),
            (
                "series.*.frames",
                "1 to 500, and 1 but for us-multi-frame",
                image_kinds.clone().all(|(kind, s)| {
                    (1..=500).contains(&s.frames) && (s.frames == 1 || *kind == SeriesKind::UsMultiFrame)
                }),
            ),
        ];
        match rules.into_iter().find(|(_, _, holds)| !holds) {
            Some((key, expected, _)) => Err(SynthError::InvalidOption { key, expected }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_is_refused_with_its_line() {
        for (text, line, key) in [
            ("patients = 2\nstudies_min = 1\n", 2, "studies_min"),
            ("[series.ct]\nshare = 1.0\nrow = 256\n", 3, "row"),
            ("\n[series.pet]\n", 2, "pet"),
        ] {
            match SuiteOptions::parse(text, Path::new("x.toml")) {
                Err(SynthError::ParseOptions { line: found, message, .. }) => {
                    assert_eq!(found, line, "{text}");
                    assert!(message.contains(key), "{message}");
                }
                other => panic!("{text}: {other:?}"),
            }
        }
    }

    #[test]
    fn senseless_values_are_refused() {
        for text in [
            "patients = 0",
            "burned-in-share = 1.5",
            "studies-min = 3\nstudies-max = 2",
            "[series.sr]",
            "[series.ct]\nframes = 2",
        ] {
            let options = SuiteOptions::parse(text, Path::new("x.toml")).expect("well-formed");
            assert!(matches!(options.resolve(), Err(SynthError::InvalidOption { .. })), "{text}");
        }
    }
}

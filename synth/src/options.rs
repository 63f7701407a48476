//! The definition of a suite: optional as it stands in a file, total once resolved.

use crate::burn::options::{Refusal, TextOptions, TextSettings};
use crate::persona::Casting;
use crate::vocabulary::{Locale, Split};
use crate::{Oddity, SeriesKind, Syntax, SynthError};
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;
use std::num::NonZeroU64;
use std::path::Path;

/// What a suite holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SuiteKind {
    /// DICOM instances with their ground truth.
    Dicom,
    /// Texts with their spans, for entity recognition, composed by rules.
    Text,
    /// The same, of texts that were written one by one; they stand on the side to train on.
    WrittenText,
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
    /// What the suite holds; DICOM instances unless it says `text`.
    pub kind: Option<SuiteKind>,
    /// Which side of the split the people, places and templates come from; the one to test on unless it says
    /// `train`.
    pub split: Option<Split>,
    /// Where the patients live; they take the locales in turn, so one that is named twice is twice as common.
    #[serde(default, deserialize_with = "some_locales")]
    pub locales: Option<Vec<Locale>>,
    /// Number of texts of a suite of texts.
    pub texts: Option<NonZeroU64>,
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
    /// Share of the free texts that may hold what identifies; in the others clinical words stand alone.
    pub phi_share: Option<f64>,
    /// Share of the attributes that identify and that an instance need not have which it has, the same in all of a
    /// study.
    pub identity_share: Option<f64>,
    /// Whether images have what devices write beyond what validators ask for, and the truth asks for every attribute of
    /// Type 1 and 2.
    pub device_attributes: Option<bool>,
    /// How text is burned in.
    pub burned_in_text: Option<TextOptions>,
    /// The kinds of series.
    pub series: Option<BTreeMap<SeriesKind, SeriesOptions>>,
    /// How often series are written in which transfer syntax, as weights; what is absent is not written.
    /// A series that none of them suits is Explicit VR Little Endian.
    pub syntaxes: Option<BTreeMap<Syntax, f64>>,
    /// Odd but legal encodings, which the instances take one after another as far as they suit them.
    pub oddities: Option<Vec<Oddity>>,
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
    /// What the suite holds.
    pub kind: SuiteKind,
    /// Which side of the split the people, places and templates come from.
    pub split: Split,
    /// Where the patients live, in turn.
    pub locales: Vec<Locale>,
    /// Number of texts; 0 for a suite of DICOM instances.
    pub texts: u64,
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
    /// Share of the free texts that may hold what identifies.
    pub phi_share: f64,
    /// Share of the optional attributes that identify.
    pub identity_share: f64,
    /// Whether images have what devices write beyond what validators ask for.
    pub device_attributes: bool,
    /// How text is burned in.
    pub burned_in_text: TextSettings,
    /// The kinds of series that occur.
    pub series: BTreeMap<SeriesKind, SeriesSettings>,
    /// How often series are written in which transfer syntax, as weights.
    pub syntaxes: BTreeMap<Syntax, f64>,
    /// Odd but legal encodings, in turn.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub oddities: Vec<Oddity>,
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
        let options: Self = toml::from_str(text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start.min(text.len()));
            let line = text.as_bytes()[..start].iter().filter(|byte| **byte == b'\n').count();
            // A value of the wrong kind is named by its key, which the parser does not tell.
            let key = text.lines().nth(line).and_then(|line| line.split_once('=')).map_or("", |(key, _)| key.trim());
            let message = match error.message() {
                message if message.contains(&format!("`{key}`")) || key.is_empty() => message.to_owned(),
                message => format!("`{key}`: {message}"),
            };
            refused(start, message)
        })?;
        if let Err(Refusal { start, key, expected, found }) = options.text_settings() {
            return Err(refused(start, format!("`{key}` must be {expected}, not {found}")));
        }
        match options.clone().resolve() {
            Err(SynthError::InvalidOption { key, expected }) => {
                Err(refused(position(text, &key), format!("`{key}` must be {expected}")))
            }
            _ => Ok(options),
        }
    }

    fn text_settings(&self) -> Result<TextSettings, Refusal> {
        let all: Vec<SeriesKind> = SeriesKind::ALL.to_vec();
        let kinds = self.series.as_ref().map_or(all, |series| series.keys().copied().collect());
        let images: Vec<SeriesKind> = kinds.into_iter().filter(|kind| kind.is_image()).collect();
        let side = self.split.unwrap_or(Split::Test);
        self.burned_in_text.as_ref().unwrap_or(&TextOptions::default()).resolve(side, &images)
    }

    /// Fills in the defaults and checks the ranges.
    ///
    /// # Errors
    /// [`SynthError::InvalidOption`].
    pub fn resolve(self) -> Result<SuiteSettings, SynthError> {
        let studies_min = self.studies_min.unwrap_or(1);
        let kind = self.kind.unwrap_or(SuiteKind::Dicom);
        if kind == SuiteKind::Dicom && self.texts.is_some() {
            let expected = "absent unless kind is text or written-text";
            return Err(SynthError::InvalidOption { key: "texts".to_owned(), expected });
        }
        if kind == SuiteKind::WrittenText && self.split != Some(Split::Train) {
            return Err(SynthError::InvalidOption {
                key: "split".to_owned(),
                expected: "train if kind is written-text",
            });
        }
        if kind == SuiteKind::WrittenText && self.locales.is_some() {
            let expected = "absent if kind is written-text, since every text has its own";
            return Err(SynthError::InvalidOption { key: "locales".to_owned(), expected });
        }
        let burned_in_text = self
            .text_settings()
            .map_err(|refusal| SynthError::InvalidOption { key: refusal.key.to_owned(), expected: refusal.expected })?;
        let settings = SuiteSettings {
            name: self.name.unwrap_or_else(|| "suite".to_owned()),
            kind,
            split: self.split.unwrap_or(Split::Test),
            locales: match kind {
                // Every text has its own.
                SuiteKind::WrittenText => Vec::new(),
                SuiteKind::Dicom | SuiteKind::Text => self.locales.unwrap_or_else(|| DEFAULT_LOCALES.to_vec()),
            },
            texts: if kind == SuiteKind::Dicom { 0 } else { self.texts.map_or(10_000, NonZeroU64::get) },
            seed: self.seed.unwrap_or(1),
            patients: self.patients.unwrap_or(4),
            studies_min,
            studies_max: self.studies_max.unwrap_or_else(|| studies_min.max(2)),
            burned_in_share: self.burned_in_share.unwrap_or(0.6),
            burned_in_cross_section_share: self.burned_in_cross_section_share.unwrap_or(0.1),
            named_folder_share: self.named_folder_share.unwrap_or(0.5),
            phi_share: self.phi_share.unwrap_or(1.0),
            identity_share: self.identity_share.unwrap_or(1.0),
            device_attributes: self.device_attributes.unwrap_or(false),
            burned_in_text,
            series: resolve_series(self.series),
            syntaxes: self.syntaxes.unwrap_or_else(Syntax::default_weights),
            oddities: self.oddities.unwrap_or_default(),
            threads: self.threads.unwrap_or(0),
        };
        settings.check()?;
        Ok(settings)
    }
}

/// Most of the patients of a suite that says nothing about locales speak English.
const DEFAULT_LOCALES: &[Locale] =
    &[Locale::EnUs, Locale::EnUs, Locale::FrFr, Locale::EnGb, Locale::EnUs, Locale::EnUs, Locale::DeDe, Locale::EnUs];

fn some_locales<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<Locale>>, D::Error> {
    let locales = Vec::<Locale>::deserialize(deserializer)?;
    if locales.is_empty() {
        return Err(serde::de::Error::custom("at least one locale is needed"));
    }
    Ok(Some(locales))
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
    /// Which people the suite may use. Values of DICOM instances are checked by the MIDI-B scorer, which
    /// looks for every word inside other words; so nobody there has a name of under four letters.
    pub(crate) fn casting(&self) -> Casting<'_> {
        let shortest_name = if self.kind == SuiteKind::Dicom { 4 } else { 2 };
        Casting { split: self.split, locales: &self.locales, shortest_name }
    }

    fn check(&self) -> Result<(), SynthError> {
        let share = |share: f64| (0.0..=1.0).contains(&share);
        let is_weight = |weight: &f64| weight.is_finite() && *weight >= 0.0;
        let has_image = self.series.iter().any(|(kind, series)| kind.is_image() && series.share > 0.0);
        let of_suite = [
            ("patients", "1 to 100000", (1..=100_000).contains(&self.patients)),
            ("studies-min", "1 to studies-max", self.studies_min >= 1 && self.studies_min <= self.studies_max),
            ("studies-max", "at most 100", self.studies_max <= 100),
            ("burned-in-share", "between 0 and 1", share(self.burned_in_share)),
            ("burned-in-cross-section-share", "between 0 and 1", share(self.burned_in_cross_section_share)),
            ("named-folder-share", "between 0 and 1", share(self.named_folder_share)),
            ("phi-share", "between 0 and 1", share(self.phi_share)),
            ("identity-share", "between 0 and 1", share(self.identity_share)),
            ("series", "such that a kind of image occurs", has_image),
        ];
        let of_suite = of_suite.map(|(key, expected, holds)| (key.to_owned(), expected, holds));
        let of_syntaxes = self.syntaxes.iter().map(|(syntax, weight)| {
            (format!("syntaxes.{}", key_of(syntax)), "a weight of at least 0", is_weight(weight))
        });
        let of_series = self.series.iter().flat_map(|(kind, series)| series.rules(*kind));
        match of_suite.into_iter().chain(of_syntaxes).chain(of_series).find(|(.., holds)| !holds) {
            Some((key, expected, _)) => Err(SynthError::InvalidOption { key, expected }),
            None => Ok(()),
        }
    }
}

impl SeriesSettings {
    /// What must hold of the series of a kind: the key, what it must be, and whether it is.
    fn rules(self, kind: SeriesKind) -> Vec<(String, &'static str, bool)> {
        let side = |side: u32| side.is_multiple_of(2) && (128..=4096).contains(&side);
        let frames = (1..=500).contains(&self.frames) && (self.frames == 1 || kind.is_multi_frame());
        let mut rules = vec![
            ("share", "between 0 and 1", (0.0..=1.0).contains(&self.share)),
            ("instances", "1 to 2000", (1..=2000).contains(&self.instances)),
        ];
        if kind.is_image() {
            rules.extend([
                ("rows", "even and 128 to 4096", side(self.rows)),
                ("columns", "even and 128 to 4096", side(self.columns)),
                ("frames", "1 to 500, and 1 for images of one frame", frames),
            ]);
        }
        let key = key_of(&kind);
        rules.into_iter().map(|(name, expected, holds)| (format!("series.{key}.{name}"), expected, holds)).collect()
    }
}

/// How a definition writes a word.
fn key_of(word: &impl Serialize) -> String {
    serde_json::to_value(word).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}

/// Where a key, given with the tables that it lies in, begins in a definition; where it is left out, the innermost
/// table that is there.
fn position(text: &str, key: &str) -> usize {
    let Ok(document) = toml::de::DeTable::parse(text) else { return 0 };
    let (mut table, mut start) = (document.get_ref(), 0);
    for name in key.split('.') {
        let Some((found, value)) = table.iter().find(|(found, _)| found.get_ref() == name) else { break };
        start = found.span().start;
        match value.get_ref() {
            toml::de::DeValue::Table(inner) => table = inner,
            _ => break,
        }
    }
    start
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
            ("[syntaxes]\nexplicit = 2\njpeg-2000 = 1\n", 3, "jpeg-2000"),
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
    fn impossible_values_are_refused_with_their_line_and_key() {
        for (text, key) in [
            ("kind = \"text\"\ntexts = 0\n", "`texts`"),
            ("seed = 1\nlocales = [\"en_US\", \"xx_XX\"]\n", "xx_XX"),
            ("seed = 1\nlocales = [\"en_US\", \"xx_XX\"]\n", "`locales`"),
            ("seed = 1\nlocales = []\n", "`locales`"),
            ("seed = 1\nsplit = \"validation\"\n", "`split`"),
            ("seed = 1\nkind = \"pictures\"\n", "`kind`"),
        ] {
            let error = SuiteOptions::parse(text, Path::new("x.toml")).expect_err(text).to_string();
            assert!(error.contains("x.toml, line 2") && error.contains(key), "{error}");
        }
    }

    #[test]
    fn senseless_values_are_refused_with_file_line_and_key() {
        for (text, line, key) in [
            ("seed = 1\npatients = 0", 2, "`patients`"),
            ("burned-in-share = 1.5", 1, "`burned-in-share`"),
            ("phi-share = -0.1", 1, "`phi-share`"),
            ("identity-share = 2", 1, "`identity-share`"),
            ("studies-min = 3\nstudies-max = 2", 1, "`studies-min`"),
            ("seed = 1\n[series.sr]", 2, "`series`"),
            ("[series.mr]\n[series.ct]\nrows = 256\nframes = 2", 4, "`series.ct.frames`"),
            ("[series.ct]\nrows = 255", 2, "`series.ct.rows`"),
            ("[syntaxes]\nexplicit = 1\nrle = -1", 3, "`syntaxes.rle`"),
            ("seed = 1\ntexts = 5", 2, "`texts`"),
            ("seed = 1\nkind = \"written-text\"\nsplit = \"test\"", 3, "`split`"),
            ("kind = \"written-text\"\nsplit = \"train\"\nlocales = [\"en_US\"]", 3, "`locales`"),
        ] {
            let error = SuiteOptions::parse(text, Path::new("x.toml")).expect_err(text).to_string();
            assert!(error.contains(&format!("x.toml, line {line}:")) && error.contains(key), "{error}");
        }
    }

    #[test]
    fn what_the_command_line_changes_is_checked_too() {
        let options = SuiteOptions { patients: Some(0), ..SuiteOptions::default() };
        assert!(matches!(options.resolve(), Err(SynthError::InvalidOption { key, .. }) if key == "patients"));
    }
}

//! Labelled texts from the formats in which they are kept, one at a time.
//!
//! | format | what `path` names | one text is | what its `id` is | whose it is (`cluster`) |
//! |---|---|---|---|---|
//! | [`TextFormat::Jsonl`] | a file that `efface synth` writes (`ner.jsonl`) | a line | `index` | `context.patient` |
//! | [`TextFormat::Conll`] | a file that `efface synth` writes (`ner.conll`) | a block of lines | the number after `# text` | the text itself |
//! | [`TextFormat::I2b2`] | an XML file, or a folder of them | a file | the file's name | what stands before its last `-` |
//! | [`TextFormat::Brat`] | a `.txt` file beside its `.ann`, or a folder of such pairs | a pair | the path in the folder | the pair itself |
//!
//! Lines are read as they are asked for, so a file may be larger than memory; only one text is held at a time, and one
//! text has at most [`MAX_TEXT_BYTES`].
//! Files of a folder come in the order of their names, folders inside included; links are not followed.
//!
//! Whatever the format, spans count Unicode characters from the start of the text, are in order, and do not overlap.
//! What cannot be so is refused with file, line and remedy; no error holds a word of a text.

mod brat;
mod conll;
mod documents;
mod error;
mod i2b2;
mod jsonl;
mod labels;
mod lines;
mod spans;

pub use error::TextError;
pub use labels::{LabelTable, UnknownLabel};

use documents::Documents;
use efface_schema::PhiLabel;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::{Path, PathBuf};

/// The most bytes that one text, with what is said about it, may have: 16 MiB.
pub const MAX_TEXT_BYTES: u64 = 16 << 20;

/// How labelled texts are kept on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TextFormat {
    /// One [`efface_schema::TextRecord`] a line.
    Jsonl,
    /// One token a line with its offsets and its BIO tag, as `efface synth` writes it.
    /// Blanks between tokens come back as spaces, and a token that a span covers in part is labelled whole, so the
    /// JSONL of the same suite is the better source.
    Conll,
    /// The XML of the de-identification track of the i2b2/UTHealth shared task of 2014.
    I2b2,
    /// The standoff format of the annotation tool brat.
    Brat,
}

/// Words that identify someone. Units: characters from the start of the text, the end exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The first character.
    pub start: u32,
    /// The character after the last one.
    pub end: u32,
    /// What it is.
    pub label: PhiLabel,
}

/// A text, what in it identifies someone, and where it stands. `Debug` shows neither its words nor whose it is.
#[derive(Clone, PartialEq, Eq)]
pub struct LabelledText {
    /// What it is called; unique in what it was read from.
    pub id: String,
    /// The text.
    pub text: String,
    /// What in it identifies someone: in order, without overlaps.
    pub spans: Vec<Span>,
    /// The spans, by their place among them, whose values the patient's own attributes hold as well; empty where the
    /// format does not say.
    pub known: Vec<usize>,
    /// Keyword of its attribute; empty where it has none or the format does not say.
    pub keyword: String,
    /// VR of its attribute; empty where it has none or the format does not say.
    pub vr: String,
    /// Modality of its instance; empty where the format does not say.
    pub modality: String,
    /// Language and country, such as `en_US`; empty where the format does not say.
    pub locale: String,
    /// Whose it is: texts of one cluster are not independent, and must not be parted between training and validation.
    pub cluster: String,
}

impl fmt::Debug for LabelledText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("LabelledText")
            .field("spans", &self.spans)
            .field("keyword", &self.keyword)
            .field("vr", &self.vr)
            .field("modality", &self.modality)
            .field("locale", &self.locale)
            .finish_non_exhaustive()
    }
}

impl LabelledText {
    /// A text of which nothing is known but its words and its spans.
    pub(crate) fn bare(id: String, text: String, spans: Vec<Span>, cluster: String) -> Self {
        let unknown = String::new;
        Self {
            id,
            text,
            spans,
            known: Vec::new(),
            keyword: unknown(),
            vr: unknown(),
            modality: unknown(),
            locale: unknown(),
            cluster,
        }
    }
}

/// The texts of one source, in order. After an error there is nothing more.
#[derive(Debug)]
pub struct Texts {
    source: Source,
    ended: bool,
}

#[derive(Debug)]
enum Source {
    Jsonl(jsonl::Reader),
    Conll(conll::Reader),
    I2b2(Documents, LabelTable),
    Brat(Documents, LabelTable),
}

/// Opens a source. `labels` says what the label words of [`TextFormat::I2b2`] and [`TextFormat::Brat`] mean; the other
/// two formats have ours.
///
/// # Errors
/// [`TextError`] when the path cannot be opened or holds no file of the format.
///
/// # Example
/// ```
/// use efface_train::text::{self, LabelTable, TextFormat};
/// let folder = tempfile::tempdir()?;
/// std::fs::write(folder.path().join("a.txt"), "Größe für Zoë")?;
/// std::fs::write(folder.path().join("a.ann"), "T1\tNAME 10 13\tZoë\n")?;
/// let texts: Vec<_> = text::read(TextFormat::Brat, folder.path(), &LabelTable::brat())?.collect::<Result<_, _>>()?;
/// assert_eq!((texts[0].spans[0].start, texts[0].spans[0].end), (10, 13));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read(format: TextFormat, path: &Path, labels: &LabelTable) -> Result<Texts, TextError> {
    let source = match format {
        TextFormat::Jsonl => Source::Jsonl(jsonl::Reader::open(path)?),
        TextFormat::Conll => Source::Conll(conll::Reader::open(path)?),
        TextFormat::I2b2 => Source::I2b2(Documents::open(path, i2b2::EXTENSION)?, labels.clone()),
        TextFormat::Brat => Source::Brat(Documents::open(path, brat::EXTENSION)?, labels.clone()),
    };
    Ok(Texts { source, ended: false })
}

/// The files that [`read`] reads, in order: what a manifest gives digests of.
///
/// # Errors
/// As [`read`], and [`TextError::Read`] when a folder cannot be listed.
pub fn files(format: TextFormat, path: &Path) -> Result<Vec<PathBuf>, TextError> {
    match format {
        TextFormat::Jsonl | TextFormat::Conll => {
            lines::Lines::open(path)?;
            Ok(vec![path.to_owned()])
        }
        TextFormat::I2b2 => Documents::open(path, i2b2::EXTENSION)?.collect(),
        TextFormat::Brat => {
            let mut files = Vec::new();
            for text in Documents::open(path, brat::EXTENSION)? {
                let text = text?;
                files.extend([text.with_extension(brat::ANNOTATION_EXTENSION), text]);
            }
            Ok(files)
        }
    }
}

impl Iterator for Texts {
    type Item = Result<LabelledText, TextError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let next = match &mut self.source {
            Source::Jsonl(reader) => reader.next_text().transpose(),
            Source::Conll(reader) => reader.next_text().transpose(),
            Source::I2b2(documents, labels) => documents.next().map(|path| i2b2::read(&path?, labels)),
            Source::Brat(documents, labels) => {
                let root = documents.root().to_owned();
                documents.next().map(|path| brat::read(&path?, &root, labels))
            }
        };
        self.ended = !matches!(next, Some(Ok(_)));
        next
    }
}

//! Training examples on disk: texts are cut and described once, and the memory that training needs does not grow
//! with their number beyond 16 bytes each.

use super::TrainError;
use crate::text::LabelledText;
use efface_nets::NetsError;
use efface_nets::classifier::Sequence;
use efface_nets::recognizer::{Context, Prepared};
use efface_nets::tags;
use efface_nets::text::Tokenizer;
use efface_nets::text::features::{COUNT, Row};
use efface_nets::text::windows::{owners, windows};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// The tag of a token that no loss is computed for.
pub const IGNORED: u8 = u8::MAX;

/// A window of a text with what every token of it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// What the network reads, special tokens included.
    pub sequence: Sequence,
    /// The tag of every token; [`IGNORED`] for special ones, and where a neighbouring window knows more.
    pub tags: Vec<u8>,
}

/// Bytes of one token on disk.
const TOKEN_BYTES: usize = 4 + 2 * COUNT + 1;

impl Example {
    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.tags.len() * TOKEN_BYTES);
        for ((id, row), tag) in self.sequence.ids.iter().zip(&self.sequence.features).zip(&self.tags) {
            bytes.extend(id.to_le_bytes());
            row.iter().for_each(|number| bytes.extend(number.to_le_bytes()));
            bytes.push(*tag);
        }
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Self {
        let mut example = Self { sequence: Sequence { ids: Vec::new(), features: Vec::new() }, tags: Vec::new() };
        for token in bytes.chunks_exact(TOKEN_BYTES) {
            let (id, rest) = token.split_at(4);
            example.sequence.ids.push(u32::from_le_bytes([id[0], id[1], id[2], id[3]]));
            let mut row = Row::default();
            for (number, pair) in row.iter_mut().zip(rest.chunks_exact(2)) {
                *number = u16::from_le_bytes([pair[0], pair[1]]);
            }
            example.sequence.features.push(row);
            example.tags.push(rest[2 * COUNT]);
        }
        example
    }
}

/// The ranges of characters whose values the patient's own attributes hold, shown for every second text: a network
/// must know them when they are told, and find them when they are not.
fn shown_known(number: u64, text: &LabelledText) -> Vec<Range<usize>> {
    if number.is_multiple_of(2) {
        return Vec::new();
    }
    let range = |place: &usize| text.spans[*place].start as usize..text.spans[*place].end as usize;
    text.known.iter().map(range).collect()
}

/// The windows of a text as examples.
pub fn examples(tokenizer: &Tokenizer, text: &LabelledText, number: u64, window: usize) -> Vec<Example> {
    let known = shown_known(number, text);
    let context = Context { text: &text.text, keyword: &text.keyword, vr: &text.vr, known: &known };
    let prepared = Prepared::new(tokenizer, &context);
    let places: Vec<(u32, u32)> = prepared.tokens.iter().map(|token| (token.start as u32, token.end as u32)).collect();
    let spans: Vec<_> = text.spans.iter().map(|span| (span.start, span.end, span.label)).collect();
    let tags = tags::of_tokens(&places, &spans);
    let inner = window - 2;
    let cut = windows(tags.len(), inner, inner / 4);
    let owners = owners(&cut, tags.len());
    cut.iter()
        .enumerate()
        .filter(|(_, range)| !range.is_empty())
        .map(|(place, range)| {
            let own = range.clone().map(|token| if owners[token] == place { tags[token] as u8 } else { IGNORED });
            Example {
                sequence: prepared.sequence(tokenizer, range.clone()),
                tags: std::iter::once(IGNORED).chain(own).chain([IGNORED]).collect(),
            }
        })
        .collect()
}

/// Examples in a file, each found by its number.
#[derive(Debug)]
pub struct ExampleStore {
    file: File,
    path: PathBuf,
    /// Where each example begins, and how many tokens it has.
    index: Vec<(u64, u32)>,
}

/// Writes examples one after another.
#[derive(Debug)]
pub struct ExampleWriter {
    file: BufWriter<File>,
    path: PathBuf,
    index: Vec<(u64, u32)>,
    end: u64,
}

impl ExampleWriter {
    /// A new file; one that is there is replaced.
    ///
    /// # Errors
    /// [`TrainError::Nets`].
    pub fn create(path: &Path) -> Result<Self, TrainError> {
        let file = File::options().read(true).write(true).create(true).truncate(true).open(path);
        let file = file.map_err(NetsError::writing(path))?;
        Ok(Self { file: BufWriter::new(file), path: path.to_path_buf(), index: Vec::new(), end: 0 })
    }

    /// Adds an example.
    ///
    /// # Errors
    /// [`TrainError::Nets`].
    pub fn push(&mut self, example: &Example) -> Result<(), TrainError> {
        let bytes = example.to_bytes();
        self.file.write_all(&bytes).map_err(NetsError::writing(&self.path))?;
        self.index.push((self.end, example.tags.len() as u32));
        self.end += bytes.len() as u64;
        Ok(())
    }

    /// Ends the file.
    ///
    /// # Errors
    /// [`TrainError::Nets`].
    pub fn finish(self) -> Result<ExampleStore, TrainError> {
        let path = self.path;
        let file = self.file.into_inner().map_err(|error| error.into_error());
        let file = file.map_err(NetsError::writing(&path))?;
        Ok(ExampleStore { file, path, index: self.index })
    }
}

impl ExampleStore {
    /// The number of tokens of every example.
    pub fn lengths(&self) -> Vec<u32> {
        self.index.iter().map(|(_, tokens)| *tokens).collect()
    }

    /// Reads an example.
    ///
    /// # Errors
    /// [`TrainError::Nets`].
    ///
    /// # Panics
    /// If there is no such example.
    pub fn get(&self, number: usize) -> Result<Example, TrainError> {
        let (start, tokens) = self.index[number];
        let mut bytes = vec![0; tokens as usize * TOKEN_BYTES];
        self.file.read_exact_at(&mut bytes, start).map_err(NetsError::reading(&self.path))?;
        Ok(Example::from_bytes(&bytes))
    }
}

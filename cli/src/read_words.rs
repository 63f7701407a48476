//! `efface read-words`: what the reader reads in a suite's images, for `efface measure detector`.

use crate::deid::available_threads;
use crate::model;
use anyhow::{Context, Result};
use efface_pipeline::RunError;
use efface_pipeline::pixels::{ReadWord, SharedFinder, TextLocator, locator, read_words};
use efface_schema::{ExitCode, PixelRegion};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Write which words the reader of `efface deid` reads in a suite's images, and how sure it is
///
/// WORDS are COCO results with the words themselves as `text`. `efface measure detector SUITE/coco.json WORDS --report
/// DIR` says how they compare with the words that stand there, and makes rows for `efface measure calibration` of them.
/// Images that cannot be read are counted and left out. WORDS quotes what it was given to read, and only its owner can
/// read it.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Suite folder with coco.json and dicom/
    suite: PathBuf,
    /// The file to write
    words: PathBuf,
    /// Folder of a released model that finds the text that is read, `auto` for models/text-detector-compact beside the
    /// program or here, or `none` to find it by a search for rows of glyphs alone
    #[arg(long, value_name = "DIR|auto|none", default_value = model::AUTO)]
    text_detector: model::Choice,
    /// Folder of a released model that reads what the text detector has found, before Tesseract is asked, `auto` for
    /// models/text-reader-compact beside the program or here, or `none`
    #[arg(long, value_name = "DIR|auto|none", default_value = model::AUTO)]
    text_reader: model::Choice,
    /// Number of threads [default: one per processor]
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
}

/// What is needed of a suite's coco.json.
#[derive(Deserialize)]
struct Coco {
    images: Vec<CocoImage>,
}

#[derive(Deserialize)]
struct CocoImage {
    id: u64,
    file_name: String,
    #[serde(default)]
    frame_idx: u32,
}

#[derive(Serialize)]
struct CocoWord {
    image_id: u64,
    /// `phi_word` of a suite: a reader does not know whether a word identifies.
    category_id: u32,
    bbox: [u32; 4],
    score: f64,
    text: String,
}

impl CocoWord {
    fn new(image_id: u64, word: ReadWord) -> Self {
        let PixelRegion { x0, y0, x1, y1 } = word.region;
        let bbox = [x0, y0, x1 - x0, y1 - y0];
        Self { image_id, category_id: 1, bbox, score: word.confidence.get(), text: word.text.into_exposed() }
    }
}

impl Arguments {
    /// The model that finds text, shared by all threads, where there shall be one.
    fn finder(&self, n_threads: usize) -> Result<Option<Arc<SharedFinder>>, RunError> {
        let settings = model::text_models(&self.text_detector, &self.text_reader)?;
        settings.map(|settings| SharedFinder::open(&settings, n_threads).map(Arc::new)).transpose()
    }
}

/// Runs the subcommand.
///
/// # Errors
/// When the suite's list of images cannot be read, Tesseract cannot be started, or the words cannot be written.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let list = std::fs::read_to_string(arguments.suite.join("coco.json")).context("read coco.json of the suite")?;
    // The parser's own words may quote a file name.
    let coco: Coco = serde_json::from_str(&list)
        .map_err(|error| anyhow::anyhow!("read coco.json of the suite, line {}: no list of images", error.line()))?;
    let n_threads = arguments.threads.unwrap_or_else(available_threads).max(1);
    let finder = arguments.finder(n_threads).context("read the words")?;
    let start = || locator(finder.as_ref());
    start().context("read the words")?;
    let mut files: BTreeMap<&str, BTreeMap<u32, u64>> = BTreeMap::new();
    for image in &coco.images {
        files.entry(&image.file_name).or_default().insert(image.frame_idx, image.id);
    }
    let read = |locator: &mut Option<Box<dyn TextLocator>>, (name, frames): (&&str, &BTreeMap<u32, u64>)| {
        let path = arguments.suite.join("dicom").join(Path::new(name));
        let words = locator.as_mut().and_then(|locator| read_words(&path, locator.as_mut()).ok())?;
        let known = |word: ReadWord| Some(CocoWord::new(*frames.get(&word.frame_idx)?, word));
        Some(words.into_iter().filter_map(known).collect::<Vec<_>>())
    };
    let pool = crate::eval::rayon_pool(Some(n_threads))?;
    let read: Vec<Option<Vec<CocoWord>>> = pool.install(|| files.par_iter().map_init(|| start().ok(), read).collect());
    let n_unread = read.iter().filter(|words| words.is_none()).count();
    let words: Vec<CocoWord> = read.into_iter().flatten().flatten().collect();
    crate::eval::write_private(&arguments.words, &words)?;
    println!("{} words in {} files; {n_unread} files cannot be read", words.len(), files.len());
    Ok(ExitCode::Success)
}

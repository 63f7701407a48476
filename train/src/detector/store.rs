//! Pictures on disk: every image of the data sets is decoded once, and the memory that training needs does not grow
//! with their pixels.
//!
//! `frames.bin` holds the pixels of all pictures one after another, eight bits each; `frames.jsonl` says after a first
//! line with the digest of what was read, file by file, where the pictures of each begin, what is written in them and
//! what their digest is. Preparing goes on after a kill behind the last file whose pictures have their digest.

use super::coco::{Bounds, ListedImage, Word};
use super::config::{ImageSets, ImagesConfig};
use super::pictures::{self, Fault};
use crate::config::Split;
use crate::error::TrainError;
use crate::run_manifest;
use efface_frames::GrayFrame;
use efface_nets::NetsError;
use efface_schema::sha256_hex;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// Files that are decoded side by side before their pictures are written: bounds the memory of preparing.
const FILES_AT_A_TIME: usize = 16;
/// Frames of a file that are decoded one after another before they are written.
const FRAMES_AT_A_TIME: usize = 16;
/// Version of the two files.
const FORMAT_VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Header {
    format_version: u32,
    inputs: String,
}

/// A picture of a frame.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Picture {
    /// The number of its data set.
    pub set: usize,
    /// The number of its image in the list of the data set.
    pub image: u64,
    /// The number of its patient among all of the run.
    pub patient: usize,
    /// Which view of the frame it is; 0 is what a viewer shows.
    pub view: u32,
    /// Its width in pixels.
    pub columns: u32,
    /// Its height in pixels.
    pub rows: u32,
    /// What it is for.
    pub split: Split,
    /// The boxes of the words that can be seen in it.
    pub words: Vec<Bounds>,
    /// The boxes of what is neither right nor wrong to find.
    pub ignored: Vec<Bounds>,
    /// The number of its first pixel among all.
    start: u64,
}

impl Picture {
    fn n_pixels(&self) -> u64 {
        u64::from(self.columns) * u64::from(self.rows)
    }
}

/// The pictures of one file.
#[derive(Serialize, Deserialize)]
struct Group {
    /// The number of pixels until its end.
    end: u64,
    sha256: String,
    pictures: Vec<Picture>,
}

/// Images of a file, which follow each other in the list.
struct Task<'a> {
    set: usize,
    list: &'a Path,
    path: PathBuf,
    images: &'a [ListedImage],
    splits: Vec<Split>,
    patients: Vec<usize>,
}

/// A data set's list.
struct List {
    path: PathBuf,
    folder: PathBuf,
    images: Vec<ListedImage>,
}

/// All pictures of a run.
#[derive(Debug)]
pub struct PictureStore {
    file: File,
    path: PathBuf,
    pictures: Vec<Picture>,
    n_left_out: usize,
    digest: String,
}

fn lists(sets: &ImageSets<'_>) -> Result<Vec<List>, TrainError> {
    let list = |set: &ImagesConfig| {
        let path = set.list();
        let images = super::coco::read(&path)?;
        Ok(List { path, folder: set.folder(), images })
    };
    sets.datasets.iter().map(list).collect()
}

fn tasks<'a>(sets: &ImageSets<'_>, lists: &'a [List]) -> Vec<Task<'a>> {
    let mut patients: BTreeMap<(usize, &str), usize> = BTreeMap::new();
    for (set, list) in lists.iter().enumerate() {
        for image in &list.images {
            let next = patients.len();
            patients.entry((set, image.cluster.as_str())).or_insert(next);
        }
    }
    let patients = &patients;
    let of_list = |(set, list): (usize, &'a List)| {
        let files = list.images.chunk_by(|one, next| one.file_name == next.file_name);
        let files = files.flat_map(|frames| frames.chunks(FRAMES_AT_A_TIME));
        let task = move |images: &'a [ListedImage]| Task {
            set,
            list: &list.path,
            path: list.folder.join(&images[0].file_name),
            images,
            splits: images.iter().map(|image| sets.split_of(set, &image.cluster)).collect(),
            patients: images.iter().map(|image| patients[&(set, image.cluster.as_str())]).collect(),
        };
        files.map(task).collect::<Vec<_>>()
    };
    lists.iter().enumerate().flat_map(of_list).collect()
}

/// The digest of what pictures are made from: the lists, the sizes of the files that they name, and who gets what.
fn inputs(sets: &ImageSets<'_>, lists: &[List], tasks: &[Task<'_>]) -> Result<String, TrainError> {
    let mut hasher = Sha256::new();
    hasher.update(sets.split_digest());
    for list in lists {
        let (_, digest) = run_manifest::digest(&list.path).map_err(NetsError::reading(&list.path))?;
        hasher.update(digest.as_str());
    }
    for task in tasks {
        let size = std::fs::metadata(&task.path).map_err(|error| task.fault(error.kind().to_string()))?.len();
        hasher.update(size.to_le_bytes());
    }
    Ok(hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

impl Task<'_> {
    fn fault(&self, reason: String) -> TrainError {
        TrainError::Image { path: self.list.to_owned(), number: self.images[0].id, reason }
    }

    /// The pictures with their pixels; their places are not known yet. None where nothing here decodes the file.
    fn decode(&self) -> Result<Vec<(Picture, GrayFrame)>, TrainError> {
        let frames: Vec<u32> = self.images.iter().map(|image| image.frame_idx).collect();
        let views = match pictures::views(&self.path, &frames) {
            Ok(views) => views,
            Err(Fault::NotDecoded) => return Ok(Vec::new()),
            Err(Fault::Wrong(reason)) => return Err(self.fault(reason)),
        };
        let mut decoded = Vec::new();
        let places = self.splits.iter().zip(&self.patients);
        for ((image, (split, patient)), views) in self.images.iter().zip(places).zip(views) {
            for (view, frame) in (0..).zip(views) {
                if (frame.columns(), frame.rows()) != (image.columns, image.rows) {
                    return Err(self.fault("the list gives it another size".to_owned()));
                }
                let (words, ignored) = sorted_out(&image.words, &frame);
                let picture = Picture {
                    set: self.set,
                    image: image.id,
                    patient: *patient,
                    view,
                    columns: image.columns,
                    rows: image.rows,
                    split: *split,
                    words,
                    ignored,
                    start: 0,
                };
                decoded.push((picture, frame));
            }
        }
        Ok(decoded)
    }
}

/// The boxes of words that can be seen in a picture, and of those that cannot or are not to be found: a window may
/// have made a word the same as its ground.
fn sorted_out(words: &[Word], frame: &GrayFrame) -> (Vec<Bounds>, Vec<Bounds>) {
    let (ignored, kept): (Vec<&Word>, Vec<&Word>) =
        words.iter().partition(|word| word.is_ignored || !is_visible(frame, word.bounds));
    let bounds = |words: Vec<&Word>| words.into_iter().map(|word| word.bounds).collect();
    (bounds(kept), bounds(ignored))
}

fn is_visible(frame: &GrayFrame, [x0, y0, x1, y1]: Bounds) -> bool {
    const LEAST_DIFFERENCE: u8 = 4;
    let columns = frame.columns() as usize;
    let (left, right) = (x0.floor() as usize, (x1.ceil() as usize).min(columns));
    let (top, bottom) = (y0.floor() as usize, (y1.ceil() as usize).min(frame.rows() as usize));
    let rows = (top..bottom).filter(|_| left < right).map(|row| row * columns);
    let levels = rows.flat_map(|row| &frame.pixels()[row + left..row + right]);
    let (low, high) = levels.fold((u8::MAX, 0), |(low, high), level| (low.min(*level), high.max(*level)));
    high.saturating_sub(low) >= LEAST_DIFFERENCE
}

impl PictureStore {
    /// Prepares what the data sets of a run name in its output folder, or takes up what stands there.
    ///
    /// `progress` is told how many of how many files are prepared.
    ///
    /// # Errors
    /// [`TrainError`] for lists and images that cannot be read.
    pub fn prepare(sets: &ImageSets<'_>, progress: &dyn Fn(usize, usize)) -> Result<Self, TrainError> {
        std::fs::create_dir_all(sets.output).map_err(NetsError::writing(sets.output))?;
        let lists = lists(sets)?;
        let tasks = tasks(sets, &lists);
        let header = Header { format_version: FORMAT_VERSION, inputs: inputs(sets, &lists, &tasks)? };
        let mut writer = Writer::open(sets.output, &header)?;
        while writer.n_groups < tasks.len() {
            progress(writer.n_groups, tasks.len());
            let next = &tasks[writer.n_groups..tasks.len().min(writer.n_groups + FILES_AT_A_TIME)];
            let decoded: Vec<_> = next.par_iter().map(Task::decode).collect();
            for group in decoded {
                writer.push(group?)?;
            }
        }
        progress(tasks.len(), tasks.len());
        writer.finish()
    }

    /// The pictures, in the order of the lists.
    pub fn pictures(&self) -> &[Picture] {
        &self.pictures
    }

    /// How many files have no picture here, since nothing decodes them.
    pub fn n_left_out(&self) -> usize {
        self.n_left_out
    }

    /// The digest of all pictures and what is said of them.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Some columns of some rows of a picture, which lie inside of it.
    ///
    /// # Errors
    /// [`TrainError::Nets`].
    pub fn part(&self, picture: &Picture, columns: Range<u32>, rows: Range<u32>) -> Result<Vec<u8>, TrainError> {
        let width = picture.columns as usize;
        let mut lines = vec![0; rows.len() * width];
        let start = picture.start + u64::from(rows.start) * u64::from(picture.columns);
        self.file.read_exact_at(&mut lines, start).map_err(NetsError::reading(&self.path))?;
        let columns = columns.start as usize..columns.end as usize;
        Ok(lines.chunks_exact(width).flat_map(|line| &line[columns.clone()]).copied().collect())
    }

    /// All pixels of a picture.
    ///
    /// # Errors
    /// [`TrainError::Nets`].
    pub fn whole(&self, picture: &Picture) -> Result<Vec<u8>, TrainError> {
        let mut pixels = vec![0; picture.n_pixels() as usize];
        self.file.read_exact_at(&mut pixels, picture.start).map_err(NetsError::reading(&self.path))?;
        Ok(pixels)
    }
}

struct Writer {
    pixels: File,
    path: PathBuf,
    index: File,
    index_path: PathBuf,
    end: u64,
    n_groups: usize,
    n_left_out: usize,
    pictures: Vec<Picture>,
    lines: Sha256,
}

impl Writer {
    /// Takes up the files of a folder as far as they are good, or begins them.
    fn open(folder: &Path, header: &Header) -> Result<Self, TrainError> {
        let (path, index_path) = (folder.join("frames.bin"), folder.join("frames.jsonl"));
        let open = |path: &PathBuf| {
            let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
            file.map_err(NetsError::writing(path))
        };
        let (pixels, index) = (open(&path)?, open(&index_path)?);
        let mut writer = Self {
            pixels,
            path,
            index,
            index_path,
            end: 0,
            n_groups: 0,
            n_left_out: 0,
            pictures: Vec::new(),
            lines: Sha256::new(),
        };
        writer.take_up(header)?;
        Ok(writer)
    }

    fn failed(&self, source: std::io::Error) -> TrainError {
        NetsError::writing(&self.path)(source).into()
    }

    fn index_failed(&self, source: std::io::Error) -> TrainError {
        NetsError::writing(&self.index_path)(source).into()
    }

    fn take_up(&mut self, header: &Header) -> Result<(), TrainError> {
        let first = serde_json::to_string(header).expect("a header has a text") + "\n";
        let mut input = BufReader::new(self.index.try_clone().map_err(|source| self.index_failed(source))?);
        let mut line = String::new();
        let mut kept = 0;
        let is_read = |result: std::io::Result<usize>, line: &str| result.is_ok() && line.ends_with('\n');
        if is_read(input.read_line(&mut line), &line) && line == first {
            kept = line.len() as u64;
            self.lines.update(line.as_bytes());
            loop {
                line.clear();
                if !is_read(input.read_line(&mut line), &line) {
                    break;
                }
                let Ok(group) = serde_json::from_str::<Group>(&line) else { break };
                if !self.is_whole(&group) {
                    break;
                }
                kept += line.len() as u64;
                self.keep(group, &line);
            }
        }
        self.index.set_len(kept).map_err(|source| self.index_failed(source))?;
        self.index.seek(SeekFrom::Start(kept)).map_err(|source| self.index_failed(source))?;
        self.pixels.set_len(self.end).map_err(|source| self.failed(source))?;
        self.pixels.seek(SeekFrom::Start(self.end)).map_err(|source| self.failed(source))?;
        if kept == 0 {
            self.index.write_all(first.as_bytes()).map_err(|source| self.index_failed(source))?;
            self.lines.update(first.as_bytes());
        }
        Ok(())
    }

    /// Whether the pixels of the next group, which are read on from where they are, are those that were written.
    fn is_whole(&mut self, group: &Group) -> bool {
        let n_pixels: u64 = group.pictures.iter().map(Picture::n_pixels).sum();
        if group.end != self.end + n_pixels {
            return false;
        }
        let mut hasher = Sha256::new();
        let mut piece = vec![0; 1 << 16];
        let mut left = n_pixels;
        while left > 0 {
            let length = (left as usize).min(piece.len());
            if self.pixels.read_exact(&mut piece[..length]).is_err() {
                return false;
            }
            hasher.update(&piece[..length]);
            left -= length as u64;
        }
        hexadecimal(hasher) == group.sha256
    }

    fn keep(&mut self, group: Group, line: &str) {
        self.lines.update(line.as_bytes());
        self.end = group.end;
        self.n_groups += 1;
        self.n_left_out += usize::from(group.pictures.is_empty());
        self.pictures.extend(group.pictures);
    }

    /// Adds the pictures of a file: their pixels first, so that a line stands for pixels that are there.
    fn push(&mut self, decoded: Vec<(Picture, GrayFrame)>) -> Result<(), TrainError> {
        let mut end = self.end;
        let mut hasher = Sha256::new();
        let mut pictures = Vec::with_capacity(decoded.len());
        for (mut picture, frame) in decoded {
            picture.start = end;
            end += picture.n_pixels();
            hasher.update(frame.pixels());
            self.pixels.write_all(frame.pixels()).map_err(|source| self.failed(source))?;
            pictures.push(picture);
        }
        let group = Group { end, sha256: hexadecimal(hasher), pictures };
        let line = serde_json::to_string(&group).expect("a group has a text") + "\n";
        self.index.write_all(line.as_bytes()).map_err(|source| self.index_failed(source))?;
        self.keep(group, &line);
        Ok(())
    }

    fn finish(self) -> Result<PictureStore, TrainError> {
        self.pixels.sync_all().map_err(|source| self.failed(source))?;
        self.index.sync_all().map_err(|source| self.index_failed(source))?;
        Ok(PictureStore {
            file: self.pixels,
            path: self.path,
            pictures: self.pictures,
            n_left_out: self.n_left_out,
            digest: sha256_hex(hexadecimal(self.lines).as_bytes()).to_string(),
        })
    }
}

fn hexadecimal(hasher: Sha256) -> String {
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

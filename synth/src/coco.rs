//! The words of a suite's images in the annotation format of the COCO data sets, for training detectors.
//!
//! Each frame is an image, named by the path of its instance below the suite's DICOM folder and its index. Each word
//! that a frame shows is an annotation of the category `phi_word` or `benign_word`, with its glyphs as a mask.
//! Overlay planes are left out: they are not in the frame's pixels.

use crate::SynthError;
use efface_schema::{DrawnLine, DrawnText, DrawnWord, Place, TruthRecord};
use serde::Serialize;
use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

#[derive(Serialize)]
struct Image<'a> {
    id: u64,
    file_name: &'a str,
    frame_idx: u32,
    width: u32,
    height: u32,
}

#[derive(Serialize)]
struct Annotation<'a> {
    id: u64,
    image_id: u64,
    category_id: u32,
    bbox: [u32; 4],
    area: usize,
    segmentation: Segmentation<'a>,
    iscrowd: u32,
    attributes: Attributes<'a>,
}

#[derive(Serialize)]
struct Segmentation<'a> {
    size: [u32; 2],
    counts: &'a str,
}

#[derive(Serialize)]
struct Attributes<'a> {
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<efface_schema::PhiLabel>,
    line_idx: usize,
    layout: &'a str,
    font: &'a str,
    height_px: u32,
    angle_degrees: i32,
    contrast_percent: i32,
    corners: [[i32; 2]; 4],
    is_cut: bool,
}

/// Everything before the images.
const HEAD: &str = r#"{"info":{"description":"Words burned into synthetic DICOM images"},"licenses":[],"categories":[{"id":1,"name":"phi_word","supercategory":"word"},{"id":2,"name":"benign_word","supercategory":"word"}],
"images":["#;

/// Writes `coco.json`, image by image.
pub(crate) struct CocoWriter {
    path: PathBuf,
    images: BufWriter<File>,
    annotations: BufWriter<File>,
    n_images: u64,
    n_annotations: u64,
}

impl CocoWriter {
    /// Begins the file in a suite's folder.
    pub(crate) fn create(out: &Path) -> Result<Self, SynthError> {
        let path = out.join("coco.json");
        let mut images = BufWriter::new(File::create(part(&path, "images"))?);
        let annotations = BufWriter::new(File::create(part(&path, "annotations"))?);
        images.write_all(HEAD.as_bytes())?;
        Ok(Self { path, images, annotations, n_images: 0, n_annotations: 0 })
    }

    /// Adds the frames of an instance, if it has any.
    pub(crate) fn add(&mut self, record: &TruthRecord) -> Result<(), SynthError> {
        let Some(drawn) = &record.drawn else { return Ok(()) };
        for frame_idx in 0..drawn.n_frames {
            let separator: &[u8] = if self.n_images == 0 { b"\n" } else { b",\n" };
            self.n_images += 1;
            let (id, file_name) = (self.n_images, record.instance.path.as_str());
            self.images.write_all(separator)?;
            json(&mut self.images, &Image { id, file_name, frame_idx, width: drawn.columns, height: drawn.rows })?;
            for (line_idx, line) in drawn.lines.iter().enumerate() {
                if line.place == Place::Pixels && line.is_in(frame_idx) {
                    self.add_words(drawn, line_idx, line)?;
                }
            }
        }
        Ok(())
    }

    fn add_words(&mut self, drawn: &DrawnText, line_idx: usize, line: &DrawnLine) -> Result<(), SynthError> {
        for word in &line.words {
            let separator: &[u8] = if self.n_annotations == 0 { b"\n" } else { b",\n" };
            self.n_annotations += 1;
            self.annotations.write_all(separator)?;
            let mask = word
                .mask
                .in_image(word.region, drawn.columns, drawn.rows)
                .expect("the mask was made for this region of this image");
            let annotation =
                annotation(self.n_annotations, self.n_images, drawn, (line_idx, line), word, mask.as_str());
            json(&mut self.annotations, &annotation)?;
        }
        Ok(())
    }

    /// Ends the file and puts it in its place.
    pub(crate) fn finish(self) -> Result<(), SynthError> {
        let mut out = self.images;
        out.write_all(b"\n],\n\"annotations\":[")?;
        self.annotations.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
        let annotations = part(&self.path, "annotations");
        std::io::copy(&mut BufReader::new(File::open(&annotations)?), &mut out)?;
        out.write_all(b"\n]}\n")?;
        out.flush()?;
        std::fs::remove_file(annotations)?;
        std::fs::rename(part(&self.path, "images"), &self.path)?;
        Ok(())
    }
}

fn annotation<'a>(
    id: u64,
    image_id: u64,
    drawn: &DrawnText,
    (line_idx, line): (usize, &'a DrawnLine),
    word: &'a DrawnWord,
    mask: &'a str,
) -> Annotation<'a> {
    let region = word.region;
    Annotation {
        id,
        image_id,
        category_id: if word.label.is_some() { 1 } else { 2 },
        bbox: [region.x0, region.y0, region.x1 - region.x0, region.y1 - region.y0],
        area: word.mask.pixels(region).map_or(0, |pixels| pixels.len()),
        segmentation: Segmentation { size: [drawn.rows, drawn.columns], counts: mask },
        iscrowd: 0,
        attributes: Attributes {
            text: &word.text,
            label: word.label,
            line_idx,
            layout: &line.layout,
            font: &line.font,
            height_px: line.height_px,
            angle_degrees: line.angle_degrees,
            contrast_percent: line.contrast_percent,
            corners: word.corners,
            is_cut: word.is_cut,
        },
    }
}

fn json(out: &mut impl Write, value: &impl Serialize) -> Result<(), SynthError> {
    serde_json::to_writer(out, value).map_err(|error| SynthError::Write { source: error.into() })
}

fn part(path: &Path, name: &str) -> PathBuf {
    path.with_extension(format!("json.{name}.part"))
}

//! Boxes in the formats of the COCO data sets.

use super::super::MeasureError;
use super::super::rows::Record;
use efface_schema::{Phi, PixelMask, PixelRegion};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

const GOLD: &str = "gold";
const PREDICTIONS: &str = "predictions";

/// No image of a suite or a scanner is larger; a canvas of each is held in memory.
const MOST_PIXELS: u64 = 400_000_000;

/// A box: its left and upper edge, its width and height, in pixels and parts of pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PixelBox {
    /// Left edge.
    pub x: f64,
    /// Upper edge.
    pub y: f64,
    /// Width, not negative.
    pub width: f64,
    /// Height, not negative.
    pub height: f64,
}

impl PixelBox {
    /// Its area.
    pub fn area(&self) -> f64 {
        self.width * self.height
    }

    /// The area that it shares with another box.
    pub(super) fn common(&self, other: &Self) -> f64 {
        let width = (self.x + self.width).min(other.x + other.width) - self.x.max(other.x);
        let height = (self.y + self.height).min(other.y + other.height) - self.y.max(other.y);
        if width <= 0.0 || height <= 0.0 { 0.0 } else { width * height }
    }

    /// Whether both are about one place: they share half of the smaller of them.
    pub(super) fn is_about(&self, other: &Self) -> bool {
        let common = self.common(other);
        common > 0.0 && 2.0 * common >= self.area().min(other.area())
    }
}

/// A word of the gold.
#[derive(Debug, Clone)]
pub struct Annotation {
    /// Its category.
    pub category: u64,
    /// Its box.
    pub bounds: PixelBox,
    /// Its area, which may be that of its mask.
    pub area: f64,
    /// Whether it stands for many words, of which none counts as missed.
    pub is_crowd: bool,
    /// The word, if the gold says: `text` of its `attributes`.
    pub text: Option<Phi<String>>,
    /// The pixels of its glyphs, in the image; absent if the gold has no run lengths for it.
    pub mask: Option<PixelMask>,
}

/// A box of the model.
#[derive(Debug, Clone, Copy)]
pub struct Detection {
    /// Its category.
    pub category: u64,
    /// The box.
    pub bounds: PixelBox,
    /// How sure the model is, from 0 to 1: of the box, or of what it read in it.
    pub score: f64,
    /// Whether the word that it read there is the one that stands there, if it read any. That is the word of the gold
    /// with which the box shares most, and at least half of the smaller of both.
    pub is_read_right: Option<bool>,
}

/// An image with what is and what was found in it, in the order of the files.
#[derive(Debug, Clone)]
pub struct Image {
    /// Its width.
    pub width_px: u32,
    /// Its height.
    pub height_px: u32,
    /// The patient: `patient` of the image, else the first folder of its `file_name`, else the image itself.
    pub cluster: String,
    /// The gold.
    pub annotations: Vec<Annotation>,
    /// The model's boxes.
    pub detections: Vec<Detection>,
}

/// Gold and predictions of a set of images.
#[derive(Debug, Clone, Default)]
pub struct DetectionSet {
    /// Names of the categories by their ids.
    pub categories: BTreeMap<u64, String>,
    /// The images by their ids.
    pub images: BTreeMap<u64, Image>,
}

/// Reads gold and predictions.
///
/// # Errors
/// When a file is not of the form; when an id of an image, a category or an annotation comes twice, or one that is
/// referred to does not exist; when a box is not four finite numbers, the last two not negative; when a score is
/// not from 0 to 1; when there is no image. Images without words, and predictions without boxes, are no errors.
pub fn read(mut gold: impl Read, mut predictions: impl Read) -> Result<DetectionSet, MeasureError> {
    let gold = Record::new(GOLD, "its top level".to_owned(), parse(GOLD, &mut gold)?)?;
    let mut set = DetectionSet { categories: categories(&gold)?, images: images(&gold)? };
    let mut ids = BTreeSet::new();
    for record in required_list(&gold, "annotations")? {
        if !ids.insert(record.need("id", record.whole("id")?)?) {
            return Err(record.fault("id", "an earlier annotation has the same id"));
        }
        let category = category(&record, &set.categories)?;
        let image = image(&record, &mut set.images)?;
        let annotation = annotation(&record, category, image)?;
        image.annotations.push(annotation);
    }
    let Value::Array(found) = parse(PREDICTIONS, &mut predictions)? else {
        let fault = "it is not a list of boxes, as COCO results are".to_owned();
        return Err(MeasureError::Input { file: PREDICTIONS, place: "its top level".to_owned(), key: "", fault });
    };
    for (at, value) in found.into_iter().enumerate() {
        let record = Record::new(PREDICTIONS, format!("[{at}]"), value)?;
        let category = category(&record, &set.categories)?;
        let bounds = bounds(&record)?;
        let score = record.need("score", record.probability("score")?)?;
        let image = image(&record, &mut set.images)?;
        let is_read_right =
            record.text("text")?.map(|text| is_read_right(&record, text, &bounds, image)).transpose()?;
        image.detections.push(Detection { category, bounds, score, is_read_right });
    }
    Ok(set)
}

fn is_read_right(record: &Record, text: &str, bounds: &PixelBox, image: &Image) -> Result<bool, MeasureError> {
    let there = image.annotations.iter().filter(|word| word.bounds.is_about(bounds));
    let most = there.max_by(|left, right| left.bounds.common(bounds).total_cmp(&right.bounds.common(bounds)));
    match most.map(|word| &word.text) {
        Some(Some(own)) => Ok(own.expose() == text),
        Some(None) => Err(record.fault("text", "the gold does not say which word stands there (attributes.text)")),
        None => Ok(false),
    }
}

fn parse(file: &'static str, input: &mut impl Read) -> Result<Value, MeasureError> {
    let mut text = Vec::new();
    input.read_to_end(&mut text).map_err(|source| MeasureError::Read { file, source })?;
    serde_json::from_slice(&text).map_err(|error| MeasureError::Input {
        file,
        place: format!("line {}, column {}", error.line(), error.column()),
        key: "",
        fault: "it is not JSON; NaN and Infinity are not JSON either".to_owned(),
    })
}

fn required_list(record: &Record, key: &'static str) -> Result<Vec<Record>, MeasureError> {
    record.need(key, record.list(key)?)?;
    record.records(key)
}

fn categories(gold: &Record) -> Result<BTreeMap<u64, String>, MeasureError> {
    let mut categories = BTreeMap::new();
    for record in required_list(gold, "categories")? {
        let id = record.need("id", record.whole("id")?)?;
        let name = record.need("name", record.text("name")?)?;
        if categories.values().any(|own| own == name) {
            return Err(record.fault("name", "an earlier category has the same name"));
        }
        if categories.insert(id, name.to_owned()).is_some() {
            return Err(record.fault("id", "an earlier category has the same id"));
        }
    }
    Ok(categories)
}

fn images(gold: &Record) -> Result<BTreeMap<u64, Image>, MeasureError> {
    let mut images = BTreeMap::new();
    for record in required_list(gold, "images")? {
        let id = record.need("id", record.whole("id")?)?;
        let side = |key: &'static str| -> Result<u32, MeasureError> {
            let side = record.need(key, record.whole(key)?)?;
            u32::try_from(side).ok().filter(|side| *side > 0).ok_or_else(|| record.fault(key, "it is 0 or too large"))
        };
        let (width_px, height_px) = (side("width")?, side("height")?);
        if u64::from(width_px) * u64::from(height_px) > MOST_PIXELS {
            return Err(record.fault("width", format!("the image has more than {MOST_PIXELS} pixels")));
        }
        let folder = record.text("file_name")?.and_then(|name| name.split_once('/')).map(|(folder, _)| folder);
        let cluster = match (record.name("patient")?, folder) {
            (Some(patient), _) => format!("patient {patient}"),
            (None, Some(folder)) => format!("folder {folder}"),
            (None, None) => format!("image {id}"),
        };
        let image = Image { width_px, height_px, cluster, annotations: Vec::new(), detections: Vec::new() };
        if images.insert(id, image).is_some() {
            return Err(record.fault("id", "an earlier image has the same id"));
        }
    }
    if images.is_empty() { Err(MeasureError::Empty { file: "list of images in the gold" }) } else { Ok(images) }
}

fn category(record: &Record, categories: &BTreeMap<u64, String>) -> Result<u64, MeasureError> {
    let category = record.need("category_id", record.whole("category_id")?)?;
    match categories.contains_key(&category) {
        true => Ok(category),
        false => Err(record.fault("category_id", "the gold has no such category")),
    }
}

fn image<'a>(record: &Record, images: &'a mut BTreeMap<u64, Image>) -> Result<&'a mut Image, MeasureError> {
    let id = record.need("image_id", record.whole("image_id")?)?;
    images.get_mut(&id).ok_or_else(|| record.fault("image_id", "the gold has no such image"))
}

fn bounds(record: &Record) -> Result<PixelBox, MeasureError> {
    let values: Vec<f64> = record.need("bbox", record.list("bbox")?)?.iter().filter_map(Value::as_f64).collect();
    match values[..] {
        [x, y, width, height]
            if values.iter().all(|value| value.is_finite() && value.abs() < 1e9) && width >= 0.0 && height >= 0.0 =>
        {
            Ok(PixelBox { x, y, width, height })
        }
        _ => Err(record.fault("bbox", "it is not x, y, width and height in pixels, the last two not negative")),
    }
}

fn annotation(record: &Record, category: u64, image: &Image) -> Result<Annotation, MeasureError> {
    let bounds = bounds(record)?;
    let attributes = record.record("attributes")?;
    let own = |text: &str| Phi::new(text.to_owned());
    Ok(Annotation {
        category,
        bounds,
        area: record.number("area")?.unwrap_or_else(|| bounds.area()),
        is_crowd: record.truth("iscrowd")?.unwrap_or(false),
        text: attributes.as_ref().and_then(|attributes| attributes.text("text").transpose()).transpose()?.map(own),
        mask: mask(record, image)?,
    })
}

/// Run lengths, as COCO's text or as numbers. Polygons are no pixels of glyphs: the box counts instead.
fn mask(record: &Record, image: &Image) -> Result<Option<PixelMask>, MeasureError> {
    const KEY: &str = "segmentation";
    let Some(Value::Object(segmentation)) = record.get(KEY) else { return Ok(None) };
    let fault = |fault: &str| record.fault(KEY, fault);
    let size: Vec<u64> =
        segmentation.get("size").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_u64).collect();
    if size != [u64::from(image.height_px), u64::from(image.width_px)] {
        return Err(fault("its size is not the height and width of the image"));
    }
    let mask = match segmentation.get("counts") {
        Some(text @ Value::String(_)) => serde_json::from_value(text.clone()).ok(),
        Some(Value::Array(counts)) => counts
            .iter()
            .map(|count| u32::try_from(count.as_u64()?).ok())
            .collect::<Option<Vec<u32>>>()
            .map(|counts| PixelMask::from_counts(&counts)),
        _ => None,
    };
    let whole = PixelRegion { x0: 0, y0: 0, x1: image.width_px, y1: image.height_px };
    match mask.filter(|mask: &PixelMask| mask.pixels(whole).is_ok()) {
        Some(mask) => Ok(Some(mask)),
        None => Err(fault("its counts are not run lengths inside the image")),
    }
}

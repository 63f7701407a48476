//! Lists of images and the boxes of their words, in the annotation format of the COCO data sets.
//!
//! All categories are words here: whether a word identifies somebody is not for the detector to say. Annotations with
//! `iscrowd` stand for text that is neither learnt nor punished.

use crate::error::TrainError;
use efface_nets::NetsError;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

/// Left, upper, right and lower edge in pixels; the right and lower one lie outside.
pub type Bounds = [f32; 4];

/// Text in an image.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Word {
    /// Its box.
    pub bounds: Bounds,
    /// Whether finding it is neither right nor wrong.
    pub is_ignored: bool,
}

/// An image of a list, which is a frame of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedImage {
    /// Its number in the list.
    pub id: u64,
    /// Its file, below the folder of the images.
    pub file_name: String,
    /// Its frame, counted from 0.
    pub frame_idx: u32,
    /// Its width in pixels.
    pub columns: u32,
    /// Its height in pixels.
    pub rows: u32,
    /// The patient: `patient` of the image, else the first folder of its file name, else the image itself.
    pub cluster: String,
    /// What is written in it.
    pub words: Vec<Word>,
}

#[derive(Deserialize)]
struct Image {
    id: u64,
    file_name: String,
    #[serde(default)]
    frame_idx: u32,
    width: u32,
    height: u32,
    #[serde(default)]
    patient: Option<String>,
}

#[derive(Deserialize)]
struct Annotation {
    image_id: u64,
    bbox: [f64; 4],
    #[serde(default)]
    iscrowd: u8,
}

#[derive(Deserialize)]
struct List {
    images: Vec<Image>,
    annotations: Vec<Annotation>,
}

/// Reads a list; masks and texts of words are passed over and never held.
///
/// # Errors
/// [`TrainError::Nets`], and [`TrainError::Coco`] if the list is not of the form, an id comes twice, a box belongs to
/// no image, is not four finite numbers or lies outside of it, or a file name leaves the folder.
///
/// # Example
/// ```
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("coco.json");
/// std::fs::write(&path, r#"{"images": [{"id": 7, "file_name": "p1/a.png", "width": 64, "height": 32}],
///     "annotations": [{"image_id": 7, "bbox": [8, 4, 20, 9]}]}"#)?;
/// let images = efface_train::detector::coco::read(&path)?;
/// assert_eq!((images[0].cluster.as_str(), images[0].words[0].bounds), ("p1", [8.0, 4.0, 28.0, 13.0]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read(path: &Path) -> Result<Vec<ListedImage>, TrainError> {
    let file = File::open(path).map_err(NetsError::reading(path))?;
    let failed = |reason: String| TrainError::Coco { path: path.to_owned(), reason };
    let list: List = serde_json::from_reader(BufReader::new(file)).map_err(|error| failed(error.to_string()))?;
    let mut places = BTreeMap::new();
    let mut images = Vec::with_capacity(list.images.len());
    for image in list.images {
        if places.insert(image.id, images.len()).is_some() {
            return Err(failed(format!("two images have the id {}", image.id)));
        }
        images.push(listed(image).map_err(&failed)?);
    }
    for (number, annotation) in (1_u64..).zip(list.annotations) {
        let place = places.get(&annotation.image_id);
        let place = *place.ok_or_else(|| failed(format!("annotation {number} belongs to no image")))?;
        let image: &mut ListedImage = &mut images[place];
        let bounds = bounds(annotation.bbox, image)
            .ok_or_else(|| failed(format!("the box of annotation {number} is none, or lies outside of its image")))?;
        image.words.push(Word { bounds, is_ignored: annotation.iscrowd != 0 });
    }
    Ok(images)
}

fn listed(image: Image) -> Result<ListedImage, String> {
    let file = PathBuf::from(&image.file_name);
    let is_inside = file.components().all(|part| matches!(part, std::path::Component::Normal(_)));
    if !is_inside || image.file_name.is_empty() {
        return Err(format!("the file name of image {} leaves the folder of the images", image.id));
    }
    if image.width == 0 || image.height == 0 {
        return Err(format!("image {} has no pixels", image.id));
    }
    let cluster = match (image.patient, image.file_name.split_once('/')) {
        (Some(patient), _) => patient,
        (None, Some((folder, _))) => folder.to_owned(),
        (None, None) => image.file_name.clone(),
    };
    Ok(ListedImage {
        id: image.id,
        file_name: image.file_name,
        frame_idx: image.frame_idx,
        columns: image.width,
        rows: image.height,
        cluster,
        words: Vec::new(),
    })
}

/// The part of a box that lies in its image.
fn bounds([x, y, width, height]: [f64; 4], image: &ListedImage) -> Option<Bounds> {
    let (columns, rows) = (f64::from(image.columns), f64::from(image.rows));
    let edges = [x.max(0.0), y.max(0.0), (x + width).min(columns), (y + height).min(rows)];
    let is_box = [x, y, width, height].iter().all(|number| number.is_finite()) && width >= 0.0 && height >= 0.0;
    (is_box && edges[0] <= edges[2] && edges[1] <= edges[3]).then(|| edges.map(|edge| edge as f32))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(images: &str, annotations: &str) -> Result<Vec<ListedImage>, TrainError> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("coco.json");
        let text = format!(r#"{{"info": {{}}, "images": [{images}], "annotations": [{annotations}]}}"#);
        std::fs::write(&path, text).expect("written");
        read(&path)
    }

    const IMAGE: &str = r#"{"id": 3, "file_name": "P7/b/c.dcm", "frame_idx": 2, "width": 40, "height": 30}"#;

    #[test]
    fn boxes_are_cut_at_the_edges_and_crowds_are_ignored() {
        let annotations = r#"{"image_id": 3, "bbox": [-4, 25, 10.5, 9], "category_id": 1},
            {"image_id": 3, "bbox": [1, 2, 3, 4], "iscrowd": 1, "segmentation": {"size": [1, 1], "counts": "01"}}"#;
        let images = list(IMAGE, annotations).expect("a list");
        assert_eq!((images[0].cluster.as_str(), images[0].frame_idx), ("P7", 2));
        let expected = [([0.0, 25.0, 6.5, 30.0], false), ([1.0, 2.0, 4.0, 6.0], true)];
        let words = expected.map(|(bounds, is_ignored)| Word { bounds, is_ignored });
        assert_eq!(images[0].words, words);
    }

    #[test]
    fn what_is_wrong_is_named_without_the_name_of_a_file() {
        let says = |images: &str, annotations: &str, expected: &str| {
            let error = list(images, annotations).expect_err("refused").to_string();
            assert!(error.contains(expected) && !error.contains("Roe"), "{error}");
        };
        let two = format!("{IMAGE}, {IMAGE}");
        says(&two, "", "two images have the id 3");
        says(&IMAGE.replace("P7/b", "../Roe"), "", "leaves the folder");
        says(&IMAGE.replace("P7/b", "/Roe"), "", "leaves the folder");
        says(&IMAGE.replace("40", "0"), "", "no pixels");
        says(IMAGE, r#"{"image_id": 4, "bbox": [0, 0, 1, 1]}"#, "belongs to no image");
        says(IMAGE, r#"{"image_id": 3, "bbox": [50, 0, 1, 1]}"#, "annotation 1");
        says(IMAGE, r#"{"image_id": 3, "bbox": [0, 0, -1, 1]}"#, "annotation 1");
        says(IMAGE, r#"{"image_id": 3, "bbox": [0, 0, 1]}"#, "line");
    }
}

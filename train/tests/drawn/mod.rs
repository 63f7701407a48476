//! Drawn frames with words of stripes, as a COCO list of PNG files.

use efface_train::detector::DetectorTraining;
use efface_train::streams::{below, stream};
use image::{GrayImage, Luma};
use std::fs;
use std::path::Path;

/// Draws `n_patients` patients with two frames each into `folder`, and the list `coco.json`.
pub(crate) fn frames(folder: &Path, n_patients: u64) {
    let (mut images, mut annotations) = (Vec::new(), Vec::new());
    for patient in 0..n_patients {
        fs::create_dir_all(folder.join(format!("P{patient}"))).expect("a folder");
        for frame in 0..2 {
            let id = patient * 2 + frame + 1;
            let name = format!("P{patient}/{frame}.png");
            let (picture, words) = drawn(id);
            picture.save(folder.join(&name)).expect("written");
            images.push(serde_json::json!({"id": id, "file_name": name, "width": 160, "height": 128}));
            for [x, y, width, height] in words {
                annotations.push(serde_json::json!({"image_id": id, "bbox": [x, y, width, height]}));
            }
        }
    }
    let list = serde_json::json!({"images": images, "annotations": annotations});
    fs::write(folder.join("coco.json"), list.to_string()).expect("written");
}

/// A frame: a soft ramp, and two to four rows of upright strokes.
fn drawn(id: u64) -> (GrayImage, Vec<[u32; 4]>) {
    let mut random = stream(3, "drawn", &[id]);
    let ground = 20 + below(&mut random, 40) as u32;
    let mut picture = GrayImage::from_fn(160, 128, |x, y| Luma([(ground + x / 8 + y / 8) as u8]));
    let n_words = 2 + below(&mut random, 3) as u32;
    let words = (0..n_words).map(|row| {
        let height = 10 + below(&mut random, 5) as u32;
        let width = 24 + below(&mut random, 30) as u32;
        let (x0, y0) = (below(&mut random, 100) as u32, 6 + row * 30 + below(&mut random, 8) as u32);
        let ink = 190 + below(&mut random, 60) as u8;
        for y in y0..y0 + height {
            for x in x0..x0 + width {
                let is_ink = (x - x0) % 5 < 2 || y == y0 || y == y0 + height - 1;
                if is_ink {
                    picture.put_pixel(x, y, Luma([ink]));
                }
            }
        }
        [x0, y0, width, height]
    });
    let words = words.collect();
    (picture, words)
}

/// A configuration over the list in `folder`, with more lines.
pub(crate) fn config(folder: &Path, output: &str, more: &str) -> DetectorTraining {
    let text = format!(
        r#"
output = "{}"
seed = 5

[[datasets]]
path = "{}"
format = "coco"
split = "by-patient"

[shares]
validation = 0.2
calibration = 0.2
{more}"#,
        folder.join(output).display(),
        folder.join("coco.json").display()
    );
    DetectorTraining::parse(&text, Path::new("test.toml")).expect("a configuration")
}

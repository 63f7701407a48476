//! Frames as eight-bit gray pictures: of DICOM files as the pipeline sees them, and of PNG and JPEG files.

use efface_frames::{FrameSet, GrayFrame};
use image::{ImageFormat, ImageReader};
use jpeg_decoder::PixelFormat;
use std::fs::File;
use std::io::{BufReader, Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// No frame is larger: what a header claims beyond it is refused before memory is taken.
const MOST_PIXELS: u64 = 400_000_000;

/// What a file begins with.
const PNG: &[u8] = b"\x89PNG";
const JPEG: &[u8] = b"\xff\xd8\xff";

/// Why a file has no pictures; no reason quotes the file.
#[derive(Debug)]
pub(super) enum Fault {
    /// It is not what the list says.
    Wrong(String),
    /// It is DICOM, and nothing here decodes its pixels.
    NotDecoded,
}

impl From<String> for Fault {
    fn from(reason: String) -> Self {
        Self::Wrong(reason)
    }
}

/// The pictures of some frames of a file, in the order of the frames asked for: as a viewer shows it and, where that
/// may hide something, another one.
pub(super) fn views(path: &Path, frames: &[u32]) -> Result<Vec<Vec<GrayFrame>>, Fault> {
    let mut start = [0; 4];
    let kind = File::open(path).and_then(|mut file| file.read(&mut start)).map_err(|error| error.kind().to_string())?;
    let start = &start[..kind];
    if start.starts_with(PNG) {
        return Ok(single(frames, png(path)?)?);
    }
    if start.starts_with(JPEG) {
        return Ok(single(frames, jpeg(path)?)?);
    }
    // Decoders run on anyone's files here; one that panics must not end the process.
    catch_unwind(AssertUnwindSafe(|| dicom(path, frames))).unwrap_or(Err(Fault::NotDecoded))
}

fn single(frames: &[u32], picture: GrayFrame) -> Result<Vec<Vec<GrayFrame>>, String> {
    if frames.iter().any(|frame| *frame != 0) {
        return Err("the file has one frame".to_owned());
    }
    Ok(frames.iter().map(|_| vec![picture.clone()]).collect())
}

fn dicom(path: &Path, frames: &[u32]) -> Result<Vec<Vec<GrayFrame>>, Fault> {
    let object = dicom_object::open_file(path).map_err(|_| "it is neither DICOM nor PNG nor JPEG".to_owned())?;
    let set = FrameSet::open(&object).map_err(|error| format!("failed to {error}"))?;
    frames.iter().map(|frame| set.views(*frame).map_err(|_| Fault::NotDecoded)).collect()
}

fn picture(columns: u32, rows: u32, pixels: Vec<u8>) -> Result<GrayFrame, String> {
    GrayFrame::new(columns, rows, pixels).ok_or_else(|| "it has more or fewer pixels than its size says".to_owned())
}

fn within_bounds(columns: u32, rows: u32) -> Result<(), String> {
    let n_pixels = u64::from(columns) * u64::from(rows);
    if n_pixels > MOST_PIXELS { Err(format!("it has {n_pixels} pixels")) } else { Ok(()) }
}

fn png(path: &Path) -> Result<GrayFrame, String> {
    let bytes = std::fs::read(path).map_err(|error| error.kind().to_string())?;
    let reader = || ImageReader::with_format(Cursor::new(&bytes), ImageFormat::Png);
    let (columns, rows) = reader().into_dimensions().map_err(|_| "its header is damaged".to_owned())?;
    within_bounds(columns, rows)?;
    let decoded = reader().decode().map_err(|_| "it is damaged".to_owned())?;
    picture(columns, rows, decoded.into_luma8().into_raw())
}

fn jpeg(path: &Path) -> Result<GrayFrame, String> {
    let file = File::open(path).map_err(|error| error.kind().to_string())?;
    let mut decoder = jpeg_decoder::Decoder::new(BufReader::new(file));
    let damaged = |_| "it is damaged".to_owned();
    decoder.read_info().map_err(damaged)?;
    let info = decoder.info().ok_or_else(|| "it has no header".to_owned())?;
    within_bounds(info.width.into(), info.height.into())?;
    let bytes = decoder.decode().map_err(damaged)?;
    let pixels = match info.pixel_format {
        PixelFormat::L8 => bytes,
        PixelFormat::RGB24 => bytes.chunks_exact(3).map(luminance).collect(),
        PixelFormat::L16 | PixelFormat::CMYK32 => return Err("it is neither gray nor RGB in 8 bits".to_owned()),
    };
    picture(info.width.into(), info.height.into(), pixels)
}

/// ITU-R BT.601 luma, as `frames` has it.
fn luminance(color: &[u8]) -> u8 {
    ((u32::from(color[0]) * 299 + u32::from(color[1]) * 587 + u32::from(color[2]) * 114) / 1000) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(path: &Path, frame: u32) -> String {
        match views(path, &[frame]) {
            Err(Fault::Wrong(reason)) => reason,
            other => panic!("a fault with a reason, and not {:?}", other.map(|views| views.len())),
        }
    }
    use image::{GrayImage, Luma};

    #[test]
    fn a_png_is_read_and_what_is_none_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.png");
        let drawn = GrayImage::from_fn(5, 3, |x, y| Luma([(x * 10 + y) as u8]));
        drawn.save(&path).expect("written");
        let read = views(&path, &[0]).expect("a picture");
        assert_eq!((read[0][0].columns(), read[0][0].rows(), read[0][0].pixels()), (5, 3, drawn.as_raw().as_slice()));
        assert!(reason(&path, 1).contains("one frame"));
        let bytes = std::fs::read(&path).expect("readable");
        std::fs::write(&path, &bytes[..bytes.len() / 2]).expect("written");
        assert!(reason(&path, 0).contains("damaged"));
        std::fs::write(&path, "no image").expect("written");
        assert!(reason(&path, 0).contains("neither DICOM"));
    }

    #[test]
    fn a_jpeg_is_read_in_gray() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.jpg");
        let encoder = jpeg_encoder::Encoder::new_file(&path, 95).expect("a file");
        let pixels: Vec<u8> =
            (0..16 * 8).flat_map(|place: u32| if place % 16 < 8 { [250; 3] } else { [10; 3] }).collect();
        encoder.encode(&pixels, 16, 8, jpeg_encoder::ColorType::Rgb).expect("written");
        let read = views(&path, &[0]).expect("a picture").remove(0).remove(0);
        assert_eq!((read.columns(), read.rows()), (16, 8));
        assert!(read.pixels()[0].abs_diff(250) < 6 && read.pixels()[15].abs_diff(10) < 6, "{:?}", read.pixels());
    }
}

//! Frames of real files, compared with what pydicom decodes.

use dicom_dictionary_std::tags;
use dicom_object::{DefaultDicomObject, open_file};
use efface_frames::{Fill, FrameRegion, FrameSet, FramesError, Photometric, PixelEncoding, Samples, redact};
use efface_schema::PixelRegion;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

#[derive(Deserialize)]
struct Decoded {
    file: String,
    rows: u32,
    columns: u32,
    n_frames: u32,
    sha256: Vec<String>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/pydicom")
}

fn open(file: &str) -> DefaultDicomObject {
    open_file(folder().join(file)).expect("the test file is DICOM")
}

fn hexadecimal(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn frames_are_those_that_pydicom_decodes() {
    let fixtures = std::fs::read(folder().join("decoded.json")).expect("the fixture is there");
    let fixtures: Vec<Decoded> = serde_json::from_slice(&fixtures).expect("the fixture is valid");
    assert!(fixtures.len() >= 11);
    for expect in fixtures {
        let object = open(&expect.file);
        let frames = FrameSet::open(&object).unwrap_or_else(|error| panic!("{}: {error}", expect.file));
        let description = frames.description();
        assert_eq!((description.rows, description.columns), (expect.rows, expect.columns), "{}", expect.file);
        assert_eq!(frames.n_frames(), expect.n_frames, "{}", expect.file);
        for (frame_idx, sha256) in (0..).zip(&expect.sha256) {
            let frame = frames.frame(frame_idx).unwrap_or_else(|error| panic!("{}: {error}", expect.file));
            assert_eq!(&hexadecimal(&frame.samples.to_le_bytes()), sha256, "{} frame {frame_idx}", expect.file);
        }
    }
}

#[test]
fn jpeg_colours_come_out_as_red_green_and_blue() {
    // Bands of ten rows: red, light red, green, light green, blue, light blue, black, two grays, white.
    let bands = [
        [255, 0, 0],
        [255, 128, 128],
        [0, 255, 0],
        [128, 255, 128],
        [0, 0, 255],
        [128, 128, 255],
        [0, 0, 0],
        [64, 64, 64],
        [192, 192, 192],
        [255, 255, 255],
    ];
    for file in ["SC_rgb_dcmtk_+eb+cy+s2.dcm", "SC_rgb_dcmtk_+eb+cr.dcm"] {
        let object = open(file);
        let frame = FrameSet::open(&object).and_then(|frames| frames.frame(0)).expect("the file decodes");
        assert_eq!(frame.photometric, Photometric::Rgb);
        let Samples::U8(bytes) = frame.samples else { panic!("eight bits") };
        for (band, expect) in bands.iter().enumerate() {
            let at = ((band * 10 + 5) * 100 + 50) * 3;
            let near =
                bytes[at..at + 3].iter().zip(expect).all(|(&found, &expect): (&u8, &u8)| found.abs_diff(expect) < 7);
            assert!(near, "{file} band {band}: {:?}", &bytes[at..at + 3]);
        }
    }
}

#[test]
fn pixels_outside_a_region_survive_every_transfer_syntax() {
    let region = PixelRegion { x0: 1, y0: 1, x1: 3, y1: 2 };
    let mut n_files = 0;
    for entry in std::fs::read_dir(folder()).expect("the folder is there") {
        let path = entry.expect("the folder can be read").path();
        if path.extension().is_none_or(|extension| extension != "dcm") {
            continue;
        }
        n_files += 1;
        let before = open_file(&path).expect("the test file is DICOM");
        let mut after = before.clone();
        let redaction = redact(&mut after, &[FrameRegion { frame_idx: None, region }], Fill::Black)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert_ne!(redaction.encoding, PixelEncoding::Untouched);

        let mut written = Vec::new();
        after.write_all(&mut written).expect("the result can be written");
        let after = dicom_object::from_reader(&written[..]).expect("the result can be read");
        let (old, new) = (FrameSet::open(&before).expect("opens"), FrameSet::open(&after).expect("opens"));
        for frame_idx in 0..old.n_frames() {
            let (old, new) = (old.frame(frame_idx).expect("decodes"), new.frame(frame_idx).expect("decodes"));
            let n_samples = usize::from(old.samples_per_pixel);
            let (old_values, new_values) = (old.samples.to_f32(), new.samples.to_f32());
            // Pixels that share chrominance are painted in pairs.
            let columns = if path.ends_with("SC_ybr_full_422_uncompressed.dcm") { 0..4 } else { 1..3 };
            let mut painted = Vec::new();
            for pixel in 0..(old.rows * old.columns) as usize {
                let (x, y) = (pixel % old.columns as usize, pixel / old.columns as usize);
                let range = pixel * n_samples..(pixel + 1) * n_samples;
                if y == 1 && columns.contains(&x) {
                    painted.push(new_values[range].to_vec());
                } else {
                    assert_eq!(old_values[range.clone()], new_values[range], "{} at {x},{y}", path.display());
                }
            }
            assert!(painted.windows(2).all(|pair| pair[0] == pair[1]), "{}: one colour", path.display());
        }
    }
    assert!(n_files >= 13);
}

#[test]
fn lossless_syntaxes_that_can_be_written_are_kept_and_others_become_native() {
    let region = PixelRegion { x0: 10, y0: 10, x1: 20, y1: 20 };
    let cases = [
        ("MR_small_jpeg_ls_lossless.dcm", PixelEncoding::SameSyntax, "1.2.840.10008.1.2.4.80"),
        ("MR_small_RLE.dcm", PixelEncoding::SameSyntax, "1.2.840.10008.1.2.5"),
        ("MR_small_jp2klossless.dcm", PixelEncoding::Native, "1.2.840.10008.1.2.1"),
        ("SC_rgb_dcmtk_+eb+cy+s2.dcm", PixelEncoding::Native, "1.2.840.10008.1.2.1"),
        ("MR_small_bigendian.dcm", PixelEncoding::InPlace, "1.2.840.10008.1.2.2"),
        ("image_dfl.dcm", PixelEncoding::InPlace, "1.2.840.10008.1.2.1.99"),
    ];
    for (file, encoding, transfer_syntax) in cases {
        let mut object = open(file);
        let redaction =
            redact(&mut object, &[FrameRegion { frame_idx: Some(0), region }], Fill::Black).expect("the file decodes");
        assert_eq!(redaction.encoding, encoding, "{file}");
        assert_eq!(redaction.n_pixels, 100, "{file}");
        assert_eq!(object.meta().transfer_syntax(), transfer_syntax, "{file}");
    }
}

#[test]
fn a_decoded_jpeg_says_what_it_is() {
    let mut object = open("SC_rgb_dcmtk_+eb+cy+s2.dcm");
    let region = PixelRegion { x0: 0, y0: 0, x1: 5, y1: 5 };
    redact(&mut object, &[FrameRegion { frame_idx: None, region }], Fill::Black).expect("the file decodes");
    let text = |tag| object.get(tag).and_then(|element| element.to_str().ok()).map(|text| text.trim().to_owned());
    assert_eq!(text(tags::PHOTOMETRIC_INTERPRETATION).as_deref(), Some("RGB"));
    assert_eq!(text(tags::PLANAR_CONFIGURATION).as_deref(), Some("0"));
    assert_eq!(text(tags::LOSSY_IMAGE_COMPRESSION).as_deref(), Some("01"));
}

#[test]
fn a_damaged_codestream_is_an_error() {
    for file in
        ["MR_small_RLE.dcm", "MR_small_jpeg_ls_lossless.dcm", "MR_small_jp2klossless.dcm", "SC_rgb_jpeg_gdcm.dcm"]
    {
        let mut object = open(file);
        object.update_value(tags::PIXEL_DATA, |value| {
            let fragments = value.fragments_mut().expect("the file is encapsulated");
            fragments[0].truncate(90);
        });
        let frames = FrameSet::open(&object).expect("the attributes are fine");
        assert_eq!(frames.frame(0), Err(FramesError::Decode { frame_idx: 0 }), "{file}");
        let region = PixelRegion { x0: 0, y0: 0, x1: 5, y1: 5 };
        let pixel_data =
            |object: &DefaultDicomObject| object.get(tags::PIXEL_DATA).expect("pixel data").value().clone();
        let untouched = pixel_data(&object);
        assert!(redact(&mut object, &[FrameRegion { frame_idx: None, region }], Fill::Black).is_err());
        assert_eq!(pixel_data(&object), untouched, "{file}");
    }
}

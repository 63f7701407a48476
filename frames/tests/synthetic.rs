//! Properties of painting, over drawn data sets of every layout.

use dicom_core::{DataElement, PrimitiveValue, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::{DefaultDicomObject, FileMetaTableBuilder, InMemDicomObject};
use efface_frames::{FrameRegion, FrameSet, FramesError, PixelDescription, PixelEncoding, Samples, redact};
use efface_schema::PixelRegion;
use proptest::prelude::*;

#[derive(Debug, Clone)]
struct Shape {
    rows: u16,
    columns: u16,
    n_frames: u16,
    photometric: &'static str,
    bits_allocated: u16,
    bits_stored: u16,
    signed: bool,
    planar: bool,
}

impl Shape {
    fn samples_per_pixel(&self) -> u16 {
        if matches!(self.photometric, "RGB" | "YBR_FULL" | "YBR_FULL_422") { 3 } else { 1 }
    }

    fn n_bytes(&self) -> usize {
        let per_pixel = if self.photometric == "YBR_FULL_422" { 2 } else { usize::from(self.samples_per_pixel()) };
        let n_pixels = usize::from(self.rows) * usize::from(self.columns) * usize::from(self.n_frames);
        (n_pixels * per_pixel * usize::from(self.bits_allocated)).div_ceil(8).next_multiple_of(2)
    }

    fn object(&self, bytes: &[u8]) -> DefaultDicomObject {
        let number = |value: u16| PrimitiveValue::from(value);
        let words = bytes.chunks_exact(2).map(|word| u16::from_le_bytes([word[0], word[1]]));
        let (vr, pixels) = if self.bits_allocated > 8 {
            (VR::OW, PrimitiveValue::U16(words.collect()))
        } else {
            (VR::OB, PrimitiveValue::from(bytes.to_vec()))
        };
        let data_set = InMemDicomObject::from_element_iter([
            DataElement::new(tags::ROWS, VR::US, number(self.rows)),
            DataElement::new(tags::COLUMNS, VR::US, number(self.columns)),
            DataElement::new(tags::NUMBER_OF_FRAMES, VR::IS, self.n_frames.to_string()),
            DataElement::new(tags::SAMPLES_PER_PIXEL, VR::US, number(self.samples_per_pixel())),
            DataElement::new(tags::PLANAR_CONFIGURATION, VR::US, number(u16::from(self.planar))),
            DataElement::new(tags::BITS_ALLOCATED, VR::US, number(self.bits_allocated)),
            DataElement::new(tags::BITS_STORED, VR::US, number(self.bits_stored)),
            DataElement::new(tags::HIGH_BIT, VR::US, number(self.bits_stored - 1)),
            DataElement::new(tags::PIXEL_REPRESENTATION, VR::US, number(u16::from(self.signed))),
            DataElement::new(tags::PHOTOMETRIC_INTERPRETATION, VR::CS, self.photometric),
            DataElement::new(tags::PIXEL_DATA, vr, pixels),
        ]);
        let meta = FileMetaTableBuilder::new()
            .transfer_syntax(uids::EXPLICIT_VR_LITTLE_ENDIAN)
            .media_storage_sop_class_uid(uids::SECONDARY_CAPTURE_IMAGE_STORAGE)
            .media_storage_sop_instance_uid("2.25.1");
        data_set.with_meta(meta).expect("the meta information is complete")
    }
}

fn shapes() -> impl Strategy<Value = Shape> {
    let layout = prop_oneof![
        Just(("MONOCHROME1", 8_u16, 8_u16)),
        Just(("MONOCHROME2", 16, 12)),
        Just(("MONOCHROME2", 16, 16)),
        Just(("MONOCHROME2", 1, 1)),
        Just(("MONOCHROME2", 32, 32)),
        Just(("PALETTE COLOR", 8, 8)),
        Just(("RGB", 8, 8)),
        Just(("RGB", 16, 16)),
        Just(("YBR_FULL", 8, 8)),
        Just(("YBR_FULL_422", 8, 8)),
    ];
    (layout, 1_u16..9, 1_u16..5, 1_u16..4, any::<bool>(), any::<bool>()).prop_map(
        |((photometric, bits_allocated, bits_stored), rows, half_columns, n_frames, signed, planar)| Shape {
            rows,
            columns: if photometric == "YBR_FULL_422" { 2 * half_columns } else { 2 * half_columns - 1 },
            n_frames,
            photometric,
            bits_allocated,
            bits_stored,
            signed: signed && bits_allocated > 1 && photometric.starts_with("MONO"),
            planar: planar && photometric != "YBR_FULL_422",
        },
    )
}

fn pixel_bytes(object: &DefaultDicomObject) -> Vec<u8> {
    object.get(tags::PIXEL_DATA).expect("pixel data").to_bytes().expect("native").into_owned()
}

proptest! {
    #[test]
    fn painting_changes_the_region_and_nothing_else(
        shape in shapes(),
        seed in any::<u64>(),
        (x0, y0, width, height) in (0_u32..9, 0_u32..9, 1_u32..6, 1_u32..6),
        frame in prop::option::of(0_u32..3),
    ) {
        let bytes: Vec<u8> = (0..shape.n_bytes() as u64)
            .map(|at| (seed ^ at).wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes()[0]).collect();
        let before = shape.object(&bytes);
        let mut after = before.clone();
        let frame_idx = frame.filter(|&frame| frame < u32::from(shape.n_frames));
        let region = PixelRegion { x0, y0, x1: x0 + width, y1: y0 + height };
        let redaction = redact(&mut after, &[FrameRegion { frame_idx, region }]).expect("native data can be painted");

        let pairs = shape.photometric == "YBR_FULL_422";
        let inside = |x: u32, y: u32, frame: u32| {
            let x = if pairs { (x / 2 * 2)..(x / 2 * 2 + 2) } else { x..x + 1 };
            x.start < region.x1 && x.end > region.x0 && y >= region.y0 && y < region.y1
                && frame_idx.is_none_or(|only| only == frame)
        };
        let (old, new) = (FrameSet::open(&before).expect("valid"), FrameSet::open(&after).expect("valid"));
        let mut n_painted = 0;
        for frame_idx in 0..old.n_frames() {
            let (old, new) = (old.frame(frame_idx).expect("native"), new.frame(frame_idx).expect("native"));
            let n_samples = usize::from(old.samples_per_pixel);
            let width = old.samples.to_le_bytes().len() / (old.rows * old.columns) as usize;
            prop_assert_eq!(width % n_samples, 0);
            let (old_bytes, new_bytes) = (old.samples.to_le_bytes(), new.samples.to_le_bytes());
            let mut painted = Vec::new();
            for (pixel, (old_pixel, new_pixel)) in old_bytes.chunks(width).zip(new_bytes.chunks(width)).enumerate() {
                let (x, y) = (pixel as u32 % old.columns, pixel as u32 / old.columns);
                if inside(x, y, frame_idx) {
                    painted.push(new_pixel);
                    n_painted += 1;
                } else {
                    prop_assert_eq!(old_pixel, new_pixel);
                }
            }
            prop_assert!(painted.windows(2).all(|pair| pair[0] == pair[1]));
        }
        prop_assert_eq!(redaction.n_pixels, n_painted);
        prop_assert_eq!(redaction.encoding == PixelEncoding::Untouched, n_painted == 0);
        prop_assert_eq!(redaction.n_bytes_before, redaction.n_bytes_after);
        // Bytes of frames and cells that were not painted are the same, padding and unused bits included.
        let bits_per_pixel = (shape.n_bytes() * 8) / usize::from(shape.rows * shape.columns * shape.n_frames);
        let n_changed = pixel_bytes(&before).iter().zip(pixel_bytes(&after)).filter(|(old, new)| **old != *new).count();
        prop_assert!(n_changed as u64 <= n_painted * (bits_per_pixel as u64).div_ceil(8));

        // Painting twice is painting once.
        let mut again = after.clone();
        redact(&mut again, &[FrameRegion { frame_idx, region }]).expect("native data can be painted");
        prop_assert_eq!(pixel_bytes(&again), pixel_bytes(&after));
    }
}

fn shape(photometric: &'static str, bits_allocated: u16, bits_stored: u16) -> Shape {
    Shape { rows: 1, columns: 2, n_frames: 1, photometric, bits_allocated, bits_stored, signed: false, planar: false }
}

const FIRST_PIXEL: FrameRegion = FrameRegion { frame_idx: None, region: PixelRegion { x0: 0, y0: 0, x1: 1, y1: 1 } };

#[test]
fn painted_pixels_are_black_and_their_unused_bits_are_clear() {
    let cases: [(Shape, &[u8], &[u8]); 6] = [
        (shape("MONOCHROME2", 16, 12), &[0xFF; 4], &[0x00, 0x00, 0xFF, 0xFF]),
        (shape("MONOCHROME1", 16, 12), &[0xF0; 4], &[0xFF, 0x0F, 0xF0, 0xF0]),
        (Shape { signed: true, ..shape("MONOCHROME2", 16, 12) }, &[0; 4], &[0x00, 0xF8, 0, 0]),
        (shape("YBR_FULL", 8, 8), &[9; 6], &[0, 128, 128, 9, 9, 9]),
        (shape("YBR_FULL_422", 8, 8), &[9; 4], &[0, 0, 128, 128]),
        (Shape { planar: true, ..shape("RGB", 8, 8) }, &[9; 6], &[0, 9, 0, 9, 0, 9]),
    ];
    for (shape, before, after) in cases {
        let mut object = shape.object(before);
        redact(&mut object, &[FIRST_PIXEL]).expect("native data can be painted");
        assert_eq!(pixel_bytes(&object), after, "{shape:?}");
    }
}

#[test]
fn a_palette_is_painted_with_its_darkest_entry_and_shown_in_its_colours() {
    let mut object = shape("PALETTE COLOR", 8, 8).object(&[0, 1]);
    let components = [
        (tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR, tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DATA),
        (tags::GREEN_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR, tags::GREEN_PALETTE_COLOR_LOOKUP_TABLE_DATA),
        (tags::BLUE_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR, tags::BLUE_PALETTE_COLOR_LOOKUP_TABLE_DATA),
    ];
    for (descriptor, data) in components {
        object.put(DataElement::new(descriptor, VR::US, PrimitiveValue::U16([3, 0, 16].as_ref().into())));
        object.put(DataElement::new(data, VR::OW, PrimitiveValue::U16([0xFFFF, 0x8080, 0x0101].as_ref().into())));
    }
    assert_eq!(FrameSet::open(&object).expect("valid").luma(0).expect("native").pixels(), [255, 128]);
    redact(&mut object, &[FIRST_PIXEL]).expect("native data can be painted");
    assert_eq!(pixel_bytes(&object), [2, 1]);
}

#[test]
fn the_window_is_applied_and_what_it_clips_is_in_another_view() {
    let mut object = shape("MONOCHROME2", 16, 16).object(&[100, 0, 0x00, 0x10]);
    object.put(DataElement::new(tags::RESCALE_INTERCEPT, VR::DS, "-100"));
    object.put(DataElement::new(tags::RESCALE_SLOPE, VR::DS, "1"));
    object.put(DataElement::new(tags::WINDOW_CENTER, VR::DS, "0.5"));
    object.put(DataElement::new(tags::WINDOW_WIDTH, VR::DS, "101"));
    let views = FrameSet::open(&object).expect("valid").views(0).expect("native");
    assert_eq!(views[0].pixels(), [127, 255]);
    assert_eq!(views[1].pixels(), [0, 255]);

    let inverted = shape("MONOCHROME1", 8, 8).object(&[0, 200]);
    assert_eq!(FrameSet::open(&inverted).expect("valid").luma(0).expect("native").pixels(), [255, 0]);
}

#[test]
fn impossible_descriptions_are_refused_by_attribute() {
    let check = |change: fn(&mut DefaultDicomObject), expect: &str| {
        let mut object = shape("MONOCHROME2", 16, 12).object(&[0; 4]);
        change(&mut object);
        let error = PixelDescription::of(&object).expect_err(expect);
        assert_eq!(error.to_string(), expect);
    };
    check(|object| drop(object.take(tags::ROWS)), "read (0028,0010): it is missing");
    check(|object| drop(object.take(tags::PIXEL_DATA)), "find pixel data: there is none");
    check(
        |object| drop(object.put(DataElement::new(tags::BITS_STORED, VR::US, PrimitiveValue::from(17_u16)))),
        "read (0028,0101): its value cannot be used",
    );
    check(
        |object| drop(object.put(DataElement::new(tags::ROWS, VR::US, PrimitiveValue::from(2_u16)))),
        "read pixel data: it is shorter than its attributes say",
    );
    check(
        |object| drop(object.put(DataElement::new(tags::PHOTOMETRIC_INTERPRETATION, VR::CS, "PURPLE"))),
        "read (0028,0004): its value cannot be used",
    );
}

#[test]
fn bytes_behind_the_last_frame_are_counted_but_not_the_padding() {
    let n_trailing = |bytes: &[u8]| {
        let mut object = Shape { columns: 3, ..shape("MONOCHROME2", 8, 8) }.object(&[0; 4]);
        object.put(DataElement::new(tags::PIXEL_DATA, VR::OB, PrimitiveValue::from(bytes.to_vec())));
        PixelDescription::of(&object).expect("valid").n_trailing_bytes
    };
    assert_eq!(n_trailing(&[0; 3]), 0);
    assert_eq!(n_trailing(&[0; 4]), 0);
    assert_eq!(n_trailing(&[0; 10]), 6);
}

#[test]
fn frames_that_do_not_exist_are_refused() {
    let mut object = shape("MONOCHROME2", 8, 8).object(&[0; 2]);
    let expect = FramesError::FrameOutOfRange { frame_idx: 1, n_frames: 1 };
    assert_eq!(FrameSet::open(&object).expect("valid").frame(1), Err(expect.clone()));
    let region = FrameRegion { frame_idx: Some(1), ..FIRST_PIXEL };
    assert_eq!(redact(&mut object, &[region]), Err(expect));
    assert_eq!(
        FrameSet::open(&object).expect("valid").frame(0).map(|frame| frame.samples),
        Ok(Samples::U8(vec![0, 0]))
    );
}

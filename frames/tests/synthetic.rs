//! Properties of painting, over drawn data sets of every layout.

use dicom_core::{DataElement, PrimitiveValue, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::{DefaultDicomObject, FileMetaTableBuilder, InMemDicomObject};
use efface_frames::{Fill, FrameRegion, FrameSet, FramesError, PixelDescription, PixelEncoding, Samples, redact};
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
        let redaction = redact(&mut after, &[FrameRegion { frame_idx, region }], Fill::Black).expect("native data can be painted");

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
        redact(&mut again, &[FrameRegion { frame_idx, region }], Fill::Black).expect("native data can be painted");
        prop_assert_eq!(pixel_bytes(&again), pixel_bytes(&after));
    }
}

const FILLS: [Fill; 3] = [Fill::Black, Fill::Background, Fill::Inpaint];

proptest! {
    #[test]
    fn paint_tells_nothing_of_what_it_covers_and_leaves_the_rest(
        shape in shapes(),
        seed in any::<u64>(),
        places in prop::collection::vec((0_u32..9, 0_u32..9, 1_u32..6, 1_u32..4), 1..4),
        fill in prop::sample::select(FILLS.to_vec()),
    ) {
        let noise = |at: u64, salt: u64| (seed ^ salt ^ at).wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes()[0];
        let before: Vec<u8> = (0..shape.n_bytes() as u64).map(|at| noise(at, 0)).collect();
        let regions: Vec<FrameRegion> = places
            .into_iter()
            .map(|(x0, y0, width, height)| {
                FrameRegion { frame_idx: None, region: PixelRegion { x0, y0, x1: x0 + width, y1: y0 + height } }
            })
            .collect();
        let painted = |bytes: &[u8]| {
            let mut object = shape.object(bytes);
            redact(&mut object, &regions, fill).expect("native data can be painted");
            pixel_bytes(&object)
        };
        // What black paint changes is what lies under it; 1-bit frames are compared bit by bit.
        let (mut zeros, mut ones) = (shape.object(&vec![0; before.len()]), shape.object(&vec![0xFF; before.len()]));
        for object in [&mut zeros, &mut ones] {
            redact(object, &regions, Fill::Black).expect("native data can be painted");
        }
        let under: Vec<u8> = pixel_bytes(&zeros).iter().zip(pixel_bytes(&ones)).map(|(zero, one)| !(zero ^ one)).collect();
        let other: Vec<u8> = (0_u64..).zip(before.iter().zip(&under))
            .map(|(at, (old, under))| old & !under | noise(at, 0x5DEE_CE66) & under).collect();
        let result = painted(&before);
        prop_assert_eq!(&result, &painted(&other), "{:?}", fill);
        for ((old, new), under) in before.iter().zip(&result).zip(&under) {
            prop_assert_eq!(old & !under, new & !under);
        }
        prop_assert_eq!(painted(&result), result);
    }
}

/// A frame of one colour channel after another, each by its own function of column and row.
fn picture(shape: &Shape, value: impl Fn(u32, u32, u32) -> i32) -> DefaultDicomObject {
    let n_samples = u32::from(shape.samples_per_pixel());
    let width = usize::from(shape.bits_allocated / 8);
    let mut bytes = Vec::new();
    for y in 0..u32::from(shape.rows) {
        for (x, sample) in (0..u32::from(shape.columns)).flat_map(|x| (0..n_samples).map(move |sample| (x, sample))) {
            bytes.extend_from_slice(&value(x, y, sample).to_le_bytes()[..width]);
        }
    }
    shape.object(&bytes)
}

fn large(photometric: &'static str, bits_allocated: u16, bits_stored: u16, signed: bool) -> Shape {
    Shape { rows: 30, columns: 40, signed, ..shape(photometric, bits_allocated, bits_stored) }
}

const MIDDLE: PixelRegion = PixelRegion { x0: 10, y0: 12, x1: 28, y1: 20 };

fn is_in_middle(x: u32, y: u32) -> bool {
    (MIDDLE.x0..MIDDLE.x1).contains(&x) && (MIDDLE.y0..MIDDLE.y1).contains(&y)
}

/// The samples after painting a region of the first frame.
fn filled(mut object: DefaultDicomObject, region: PixelRegion, fill: Fill) -> Samples {
    redact(&mut object, &[FrameRegion { frame_idx: Some(0), region }], fill).expect("native data can be painted");
    FrameSet::open(&object).expect("valid").frame(0).expect("native").samples
}

#[test]
fn inpainting_continues_the_slopes_around_a_region_in_values_of_every_kind() {
    let shapes = [
        large("MONOCHROME2", 8, 8, false),
        large("MONOCHROME1", 16, 12, false),
        large("MONOCHROME2", 16, 16, true),
        large("RGB", 8, 8, false),
        large("YBR_FULL", 8, 8, false),
    ];
    for shape in shapes {
        let slope = |x: u32, y: u32, sample: u32| {
            let level = (2 * x + 3 * y + 20 * sample) as i32;
            if shape.signed { 40 * level - 3000 } else { level }
        };
        let text = |x, y, sample| if is_in_middle(x, y) && x % 3 == 0 { 120 } else { slope(x, y, sample) };
        let samples = filled(picture(&shape, text), MIDDLE, Fill::Inpaint);
        let n_samples = u32::from(shape.samples_per_pixel());
        for idx in 0..samples.len() as u32 {
            let (pixel, sample) = (idx / n_samples, idx % n_samples);
            let (x, y) = (pixel % 40, pixel / 40);
            let (found, expect) = (samples.at(idx as usize), i64::from(slope(x, y, sample)));
            let most = if !is_in_middle(x, y) {
                0
            } else if shape.signed {
                12
            } else {
                1
            };
            assert!((found - expect).abs() <= most, "{shape:?} {x} {y}: {found} {expect}");
        }
    }
}

#[test]
fn the_background_is_the_median_around_a_region_for_each_sample() {
    // A bright line touches the region; the ground is 30, 40, 50.
    let drawn = |x: u32, y: u32, sample: u32| {
        if is_in_middle(x, y) {
            (x * y % 200) as i32
        } else if y == MIDDLE.y1 {
            250
        } else {
            30 + 10 * sample as i32
        }
    };
    for planar in [false, true] {
        let shape = Shape { planar, ..large("RGB", 8, 8, false) };
        let object = if planar {
            let order = (0..3).flat_map(|sample| (0..30).flat_map(move |y| (0..40).map(move |x| (x, y, sample))));
            shape.object(&order.map(|(x, y, sample)| drawn(x, y, sample) as u8).collect::<Vec<u8>>())
        } else {
            picture(&shape, drawn)
        };
        let samples = filled(object, MIDDLE, Fill::Background);
        for pixel in 0..1200_u32 {
            let (x, y) = (pixel % 40, pixel / 40);
            let found: Vec<i64> = (0..3).map(|sample| samples.at(pixel as usize * 3 + sample)).collect();
            let level =
                |sample: i64| if is_in_middle(x, y) { 30 + 10 * sample } else { drawn(x, y, sample as u32).into() };
            assert_eq!(found, [level(0), level(1), level(2)], "{x} {y}");
        }
    }
    let signed = picture(&large("MONOCHROME2", 16, 12, true), |x, y, _| if is_in_middle(x, y) { 7 } else { -900 });
    let samples = filled(signed, MIDDLE, Fill::Background);
    assert!((0..1200).all(|pixel| samples.at(pixel) == -900));
}

#[test]
fn indices_of_a_palette_are_never_mixed() {
    // Indices 3 and 9 around, 9 more often; their mean would be another colour.
    let drawn = |x: u32, y: u32, _| {
        if is_in_middle(x, y) {
            77
        } else if x < 12 {
            3
        } else {
            9
        }
    };
    for fill in [Fill::Background, Fill::Inpaint] {
        let samples = filled(picture(&large("PALETTE COLOR", 8, 8, false), drawn), MIDDLE, fill);
        let expect = |x, y| if is_in_middle(x, y) { 9 } else { i64::from(drawn(x, y, 0)) };
        assert!((0..1200_u32).all(|pixel| samples.at(pixel as usize) == expect(pixel % 40, pixel / 40)), "{fill:?}");
    }
}

#[test]
fn what_has_no_ground_around_it_becomes_black() {
    let whole = PixelRegion { x0: 0, y0: 0, x1: 99, y1: 99 };
    for fill in FILLS {
        let samples = filled(picture(&large("MONOCHROME1", 8, 8, false), |x, _, _| x as i32), whole, fill);
        assert!((0..1200).all(|pixel| samples.at(pixel) == 255), "{fill:?}");
    }
}

#[test]
fn a_picture_without_regions_shows_nothing_of_them() {
    for shape in [large("MONOCHROME2", 16, 12, false), large("RGB", 8, 8, false), shape("MONOCHROME2", 1, 1)] {
        let shape = Shape { rows: 30, columns: 40, ..shape };
        let shown = |inside: i32| {
            let object = if shape.bits_allocated == 1 {
                let bits = (0..1200_u32).map(|pixel| {
                    let (x, y) = (pixel % 40, pixel / 40);
                    if is_in_middle(x, y) { inside as u32 & 1 } else { u32::from(x % 2 == 0) }
                });
                let bits: Vec<u32> = bits.collect();
                let byte = |bits: &[u32]| (0..8).map(|at| (bits[at] << at) as u8).sum();
                shape.object(&bits.chunks(8).map(byte).collect::<Vec<u8>>())
            } else {
                picture(&shape, |x, y, _| if is_in_middle(x, y) { inside } else { (x + y) as i32 })
            };
            FrameSet::open(&object).expect("valid").luma_without(0, &[MIDDLE]).expect("native")
        };
        let picture = shown(255);
        assert_eq!(picture, shown(16), "{shape:?}");
        assert!((MIDDLE.y0..MIDDLE.y1).all(|y| (MIDDLE.x0..MIDDLE.x1).all(|x| picture.at(x, y) == 0)), "{shape:?}");
        assert!(picture.pixels().iter().any(|level| *level > 0), "{shape:?}");
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
        redact(&mut object, &[FIRST_PIXEL], Fill::Black).expect("native data can be painted");
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
    redact(&mut object, &[FIRST_PIXEL], Fill::Black).expect("native data can be painted");
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
    assert_eq!(redact(&mut object, &[region], Fill::Black), Err(expect));
    assert_eq!(
        FrameSet::open(&object).expect("valid").frame(0).map(|frame| frame.samples),
        Ok(Samples::U8(vec![0, 0]))
    );
}

//! What the encoders write is read back by dicom-rs, and was read by gdcm and dcmtk.

mod drawn;

use drawn::{DRAWINGS, Drawing, ENCODERS};
use efface_frames::{Fill, FrameRegion, FrameSet, PixelEncoding, redact};
use efface_schema::PixelRegion;
use proptest::prelude::*;
use sha2::{Digest, Sha256};

fn check_roundtrip(drawing: &Drawing) {
    let native = drawing.native();
    let native = FrameSet::open(&native).expect("the drawing is valid");
    for (name, transfer_syntax, encoder) in ENCODERS {
        let encoded = drawing.encapsulated(transfer_syntax, encoder);
        let encoded = FrameSet::open(&encoded).expect("so is its encapsulation");
        assert_eq!(encoded.n_frames(), native.n_frames());
        for frame_idx in 0..native.n_frames() {
            let (expect, found) = (native.frame(frame_idx), encoded.frame(frame_idx));
            assert_eq!(found.expect("decodes"), expect.expect("native"), "{name} {drawing:?}");
        }
    }
}

proptest! {
    #[test]
    fn dicom_rs_reads_what_the_encoders_write(
        (rows, columns, n_frames) in (1_u16..60, 1_u16..150, 1_u16..4),
        (samples_per_pixel, bits_allocated, bits_stored, signed) in prop_oneof![
            (Just(1_u16), Just(8_u16), 1_u16..=8, any::<bool>()),
            (Just(1), Just(16), 1_u16..=16, any::<bool>()),
            (Just(3), Just(8), Just(8), Just(false)),
        ],
        seed in any::<u64>(),
    ) {
        check_roundtrip(&Drawing { rows, columns, n_frames, samples_per_pixel, bits_allocated, bits_stored, signed, seed });
    }
}

/// Source: `scripts/codestream-fixtures.sh` with gdcm 3.0.21 and dcmtk 3.6.7.
#[test]
fn other_programs_read_what_the_encoders_write() {
    let hex = |bytes: &[u8]| -> String { Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect() };
    let table = include_str!("fixtures/codestreams.csv");
    assert_eq!(table.lines().count(), 1 + DRAWINGS.len() * ENCODERS.len());
    for line in table.lines().skip(1) {
        let [name, encoder_name, codestreams, gdcm, dcmtk] = line.split(',').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        let (_, drawing) = DRAWINGS.into_iter().find(|(drawing, _)| *drawing == name).expect("a known drawing");
        let (.., encoder) = ENCODERS.into_iter().find(|(encoder, ..)| *encoder == encoder_name).expect("and encoder");
        assert_eq!(hex(&drawing.codestreams(encoder).concat()), codestreams, "{line}");
        let mut samples: Vec<u8> = (0..drawing.n_frames).flat_map(|frame_idx| drawing.frame(frame_idx)).collect();
        if samples.len() % 2 == 1 {
            samples.push(0);
        }
        assert_eq!((hex(&samples).as_str(), hex(&samples).as_str()), (gdcm, dcmtk), "{line}");
    }
}

const FILLS: [Fill; 3] = [Fill::Black, Fill::Background, Fill::Inpaint];

#[test]
fn painted_frames_keep_their_transfer_syntax() {
    let region = PixelRegion { x0: 5, y0: 30, x1: 15, y1: 36 };
    for (name, drawing) in DRAWINGS {
        let cases = ENCODERS.into_iter().flat_map(|encoder| FILLS.map(|fill| (encoder, fill)));
        for ((encoder_name, transfer_syntax, encoder), fill) in cases {
            let context = format!("{name} {encoder_name} {fill:?}");
            let mut painted = drawing.encapsulated(transfer_syntax, encoder);
            let mut native = drawing.native();
            let regions = [FrameRegion { frame_idx: Some(0), region }];
            let redaction = redact(&mut painted, &regions, fill).expect("the drawing can be painted");
            redact(&mut native, &regions, fill).expect("so can its native form");
            assert_eq!(redaction.encoding, PixelEncoding::SameSyntax, "{context}");
            assert_eq!(painted.meta().transfer_syntax(), transfer_syntax, "{context}");
            let (painted, native) = (FrameSet::open(&painted).expect("valid"), FrameSet::open(&native).expect("valid"));
            for frame_idx in 0..native.n_frames() {
                assert_eq!(painted.frame(frame_idx), native.frame(frame_idx), "{context}");
            }
        }
    }
}

use super::*;
use crate::tier2::{LexiconBuilder, Recognizers};
use std::sync::LazyLock;

/// A JPEG stream: segments, a scan of a few bytes, more segments, another scan, the end, and a tail.
fn jpeg(before: &[(u8, &[u8])], between: &[(u8, &[u8])], tail: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0xFF, 0xD8];
    let add = |bytes: &mut Vec<u8>, segments: &[(u8, &[u8])]| {
        for (marker, payload) in segments {
            bytes.extend([0xFF, *marker]);
            bytes.extend(u16::try_from(payload.len() + 2).expect("short").to_be_bytes());
            bytes.extend(*payload);
        }
        bytes.extend([0xFF, 0xDA, 0x00, 0x02, 1, 0xFF, 0x00, 0xFF, 0xD0, 3]);
    };
    add(&mut bytes, before);
    add(&mut bytes, between);
    bytes.extend([0xFF, 0xD9]);
    bytes.extend(tail);
    bytes
}

const ONE_FRAME: Layout = Layout { is_rle: false, n_pixels: Some(16), n_frames: 1 };

static RECOGNIZERS: LazyLock<Recognizers> = LazyLock::new(Recognizers::new);
static SEARCH: LazyLock<TextSearch<'static>> = LazyLock::new(|| {
    let mut builder = LexiconBuilder::default();
    builder.add_name("DOE^JANEDOTTE");
    TextSearch::new(builder.build(&RECOGNIZERS), &RECOGNIZERS)
});

/// What is left of fragments, or nothing when they cannot be followed.
fn cleaned(fragments: &[&[u8]], layout: Layout) -> Option<Vec<Vec<u8>>> {
    let mut fragments: Vec<Vec<u8>> = fragments.iter().map(|fragment| fragment.to_vec()).collect();
    blank_in_memory(&mut fragments, &layout, &SEARCH).ok()?;
    Some(fragments)
}

fn holds(bytes: &[u8], needle: &str) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle.as_bytes())
}

#[test]
fn comments_go_and_what_decoders_need_stays() {
    let bytes = jpeg(
        &[
            (0xE0, b"JFIF\0\x01\x02\x00\x00\x48\x00\x48\x02\x01thumb1"),
            (0xE0, b"JFXX\0\x10thumb2"),
            (0xFE, b"exported for somebody"),
            (0xE1, b"Exif\0\0name"),
            (0xE8, b"mrfx\x01"),
            (0xEE, b"Adobe\0\x64\0\0\0\0\x01nobody"),
            (0xEE, b"whoever"),
            (0xFE, b"LEAD Technologies Inc. V1.01"),
            (0xFE, b"LEAD Technologies for JANEDOTTE"),
        ],
        &[(0xFE, b"between the scans"), (0xC4, b"table")],
        b"behind the end",
    );
    let cleaned = cleaned(&[&bytes], ONE_FRAME).expect("a codestream").concat();
    assert_eq!(cleaned.len(), bytes.len());
    for gone in ["thumb", "somebody", "name", "nobody", "whoever", "JANEDOTTE", "between", "behind"] {
        assert!(!holds(&cleaned, gone), "{gone}");
    }
    for kept in [
        "JFIF\0\x01\x02\x00\x00\x48\x00\x48\x02\x01",
        "mrfx\x01",
        "Adobe\0\x64\0\0\0\0\x01",
        "LEAD Technologies Inc. V1.01",
        "table",
    ] {
        assert!(holds(&cleaned, kept), "{kept}");
    }
}

#[test]
fn a_codestream_without_text_stays_byte_for_byte() {
    for tail in [&b""[..], b"\0", b"\xFF", b" "] {
        let bytes = jpeg(&[(0xE0, b"JFIF\0\x01\x02\x00\x00\x48\x00\x48\0\0"), (0xC4, b"table")], &[], tail);
        assert_eq!(cleaned(&[&bytes], ONE_FRAME), Some(vec![bytes]));
    }
}

#[test]
fn a_scan_without_an_end_is_not_followed() {
    let whole = jpeg(&[(0xFE, b"exported for somebody")], &[], b"");
    for n_cut in [1, 2, 4] {
        assert_eq!(cleaned(&[&whole[..whole.len() - n_cut]], ONE_FRAME), None, "{n_cut}");
    }
}

#[test]
fn bytes_between_segments_become_fill_bytes() {
    let mut bytes = vec![0xFF, 0xD8];
    bytes.extend(b"stray");
    bytes.extend(&jpeg(&[(0xC4, b"table")], &[], b"")[2..]);
    // The first three bytes tell a JPEG stream.
    bytes.splice(2..2, [0xFF, 0xC4, 0x00, 0x02]);
    let cleaned = cleaned(&[&bytes], ONE_FRAME).expect("a codestream").concat();
    assert_eq!(&cleaned[6..12], b"\xFF\xFF\xFF\xFF\xFF\xFF");
    assert!(holds(&cleaned, "table"));
}

#[test]
fn segments_are_followed_over_fragments() {
    let bytes = jpeg(&[(0xFE, b"exported for somebody")], &[(0xFE, b"between the scans")], b"");
    for at in 4..bytes.len() {
        let (first, second) = bytes.split_at(at);
        let cleaned = cleaned(&[first, second], ONE_FRAME).expect("a codestream");
        assert_eq!((cleaned[0].len(), cleaned[1].len()), (first.len(), second.len()));
        let joined = cleaned.concat();
        assert!(!holds(&joined, "body") && !holds(&joined, "scans"), "{at}");
    }
}

#[test]
fn frames_that_nobody_declares_are_refused() {
    let frame = jpeg(&[], &[], b"");
    assert!(cleaned(&[&frame, &frame], ONE_FRAME).is_none());
    let two = Layout { n_frames: 2, ..ONE_FRAME };
    assert!(cleaned(&[&frame, &frame], two).is_some());
    // Both frames in one fragment: the second must not be taken for a tail.
    let joined = [frame.clone(), frame].concat();
    assert!(cleaned(&[&joined], two).is_none());
}

fn jpeg_2000() -> Vec<u8> {
    let mut bytes = vec![0xFF, 0x4F, 0xFF, 0x51, 0x00, 0x04, 0, 0];
    bytes.extend(b"\xFF\x64\x00\x0A\x00\x01secret");
    bytes.extend(b"\xFF\x64\x00\x19\x00\x01Kakadu-v7.10 log 1.2e");
    // A tile-part of 12 bytes of header, 10 of comment, 2 of marker and 4 of data.
    bytes.extend(b"\xFF\x90\x00\x0A\x00\x00\x00\x00\x00\x1C\x00\x01");
    bytes.extend(b"\xFF\x64\x00\x08\x00\x01tile\xFF\x93data");
    bytes.extend(b"\xFF\xD9");
    bytes
}

#[test]
fn jpeg_2000_comments_go_without_their_registration() {
    let mut bytes = jpeg_2000();
    bytes.extend(b"behind");
    let cleaned = cleaned(&[&bytes], ONE_FRAME).expect("a codestream").concat();
    assert!(holds(&cleaned, "\x00\x01      ") && holds(&cleaned, "Kakadu-v7.10") && holds(&cleaned, "data"));
    assert!(!holds(&cleaned, "secret") && !holds(&cleaned, "tile") && !holds(&cleaned, "behind"));
    assert_eq!(cleaned.len(), bytes.len());
}

fn file_box(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let mut bytes = u32::try_from(content.len() + 8).expect("short").to_be_bytes().to_vec();
    bytes.extend(kind);
    bytes.extend(content);
    bytes
}

#[test]
fn boxes_of_text_become_free_space() {
    let header = file_box(b"jp2h", &file_box(b"colr", b"\x01\0\0\0\0\0\x10"));
    let parts = [
        file_box(b"jP  ", b"\r\n\x87\n"),
        file_box(b"ftyp", b"jp2 \0\0\0\0jp2 "),
        header.clone(),
        file_box(b"xml ", b"<a>secret</a>"),
        file_box(b"uuid", b"0123456789abcdefsecret"),
        file_box(b"jp2c", &jpeg_2000()),
    ];
    let cleaned = cleaned(&[&parts.concat()], ONE_FRAME).expect("boxes").concat();
    assert!(!holds(&cleaned, "secret") && !holds(&cleaned, "xml ") && !holds(&cleaned, "uuid"));
    assert!(holds(&cleaned, "free") && holds(&cleaned, "data") && holds(&cleaned, "jp2c"));
    assert!(cleaned.windows(header.len()).any(|window| window == header));
}

#[test]
fn unknown_boxes_and_broken_streams_are_refused() {
    let unknown = [file_box(b"jP  ", b"\r\n\x87\n"), file_box(b"what", b"secret")].concat();
    let mut tile_part_too_long = jpeg_2000();
    let at = tile_part_too_long.windows(2).position(|window| window == b"\xFF\x90").expect("there") + 8;
    tile_part_too_long[at] = 0x7F;
    for bytes in [
        unknown,
        tile_part_too_long,
        vec![0, 0, 0, 0x0C, b'j', b'P', b' ', b' '],
        vec![0xFF, 0xD8, 0xFF, 0xFE, 0xFF, 0xFF, 1, 2],
        vec![0, 0, 1, 0xB3, 1, 2, 3, 4],
        jpeg(&[(0xDB, b"of JANEDOTTE")], &[], b""),
    ] {
        assert_eq!(cleaned(&[&bytes], ONE_FRAME), None, "{bytes:x?}");
    }
}

#[test]
fn unused_bytes_of_run_lengths_are_blanked() {
    let layout = Layout { is_rle: true, ..ONE_FRAME };
    let mut frame = [2_u32, 70, 78].into_iter().flat_map(u32::to_le_bytes).collect::<Vec<u8>>();
    frame.extend(b"secret");
    frame.resize(64, 0);
    frame.extend(b"gapgap");
    // Two planes of 16 pixels: a run of 16, then text; a run of 8, no run, eight literal bytes, then text.
    frame.extend([241, 9]);
    frame.extend(b"hidden");
    frame.extend([249, 7, 128, 7, 1, 2, 3, 4, 5, 6, 7, 8]);
    frame.extend(b"behind");
    let cleaned = cleaned(&[&frame], layout).expect("runs").concat();
    for gone in ["secret", "gap", "hidden", "behind"] {
        assert!(!holds(&cleaned, gone), "{gone}");
    }
    assert_eq!(cleaned[70..72], [241, 9]);
    assert_eq!(cleaned[78..90], frame[78..90]);
    assert_eq!(cleaned.len(), frame.len());
}

#[test]
fn hostile_streams_end() {
    // Every prefix and every single damaged byte is followed or refused, without a panic.
    for whole in [jpeg(&[(0xE1, b"Exif"), (0xC4, b"t")], &[(0xFE, b"x")], b"tail"), jpeg_2000()] {
        for at in 4..whole.len() {
            let _ = cleaned(&[&whole[..at]], ONE_FRAME);
            for value in [0x00, 0x7F, 0xD8, 0xFF] {
                let mut damaged = whole.clone();
                damaged[at] = value;
                if let Some(cleaned) = cleaned(&[&damaged], ONE_FRAME) {
                    assert_eq!(cleaned.concat().len(), whole.len());
                }
            }
        }
    }
}

//! Inside compressed pixels, profiles, documents and other values with a format of their own.

use super::{Place, alone, place};
use crate::copy::{Copy, bytes, sequence};
use crate::token::Token;
use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;
use std::io::Write;

const GROUP: &str = "streams";
const DOCUMENT: &str = "a document is withheld for review unless all of it can be proven clean";

/// A segment of a JPEG stream: marker, length, payload.
fn segment(marker: u8, payload: &[u8]) -> Vec<u8> {
    let mut segment = vec![0xFF, marker];
    segment.extend(u16::try_from(payload.len() + 2).expect("short").to_be_bytes());
    segment.extend(payload);
    segment
}

fn is_jpeg(stream: &[u8]) -> bool {
    stream.starts_with(&[0xFF, 0xD8, 0xFF])
}

/// Where the end marker stands in a fragment that ends with it and with padding at most.
fn end_of_jpeg(fragment: &[u8]) -> Option<usize> {
    let end = fragment.windows(2).rposition(|window| window == [0xFF, 0xD9])?;
    fragment[end + 2..].iter().all(|&byte| byte == 0).then_some(end)
}

/// Inserts segments behind the start of a JPEG or JPEG-LS image.
fn into_jpeg(copy: &mut Copy, marker: u8, payload: &str) {
    copy.fragment(|stream| {
        is_jpeg(stream).then(|| [&stream[..2], &segment(marker, payload.as_bytes()), &stream[2..]].concat())
    });
}

/// Where the first tile of a JPEG 2000 stream begins.
fn first_tile(stream: &[u8]) -> Option<usize> {
    let start = stream.windows(4).position(|window| window == [0xFF, 0x4F, 0xFF, 0x51])?;
    let mut position = start + 2;
    loop {
        let header = stream.get(position..position + 4)?;
        if header[0] != 0xFF {
            return None;
        }
        if header[1] == 0x90 {
            return Some(position);
        }
        position += 2 + usize::from(u16::from_be_bytes([header[2], header[3]]));
    }
}

fn into_jpeg_2000(copy: &mut Copy, comment: &str) {
    copy.fragment(|stream| {
        let tile = first_tile(stream)?;
        let payload = [&[0, 1], comment.as_bytes()].concat();
        Some([&stream[..tile], &segment(0x64, &payload), &stream[tile..]].concat())
    });
}

/// A comment in the header of the first tile part, whose length grows by it.
fn into_tile(copy: &mut Copy, comment: &str) {
    copy.fragment(|stream| {
        let tile = first_tile(stream)?;
        let comment = segment(0x64, &[&[0, 1], comment.as_bytes()].concat());
        let length = u32::from_be_bytes(stream.get(tile + 6..tile + 10)?.try_into().ok()?);
        let mut head = stream[..tile + 12].to_vec();
        if length != 0 {
            let longer = length + u32::try_from(comment.len()).ok()?;
            head[tile + 6..tile + 10].copy_from_slice(&longer.to_be_bytes());
        }
        Some([&head, &comment, &stream[tile + 12..]].concat())
    });
}

/// A JPEG 2000 codestream as a file with a box of XML (ITU-T T.800 annex I).
fn jpeg_2000_file(stream: &[u8], xml: &str) -> Option<Vec<u8>> {
    first_tile(stream)?;
    let sizes = stream.get(8..42)?;
    let number = |at: usize| Some(u32::from_be_bytes(sizes.get(at..at + 4)?.try_into().ok()?));
    let (width, height) = (number(0)?.checked_sub(number(8)?)?, number(4)?.checked_sub(number(12)?)?);
    let depth = *stream.get(42)?;
    let enumerated_colours = if sizes[32..34] == [0, 1] { 17_u32 } else { 16 };
    let boxed = |kind: &[u8; 4], content: &[u8]| {
        let length = u32::try_from(content.len() + 8).expect("a small image");
        [&length.to_be_bytes(), kind.as_slice(), content].concat()
    };
    let header = [&height.to_be_bytes(), &width.to_be_bytes(), &sizes[32..34], &[depth, 7, 0, 0]].concat();
    let colours = [&[1, 0, 0], enumerated_colours.to_be_bytes().as_slice()].concat();
    Some(
        [
            boxed(b"jP  ", b"\r\n\x87\n"),
            boxed(b"ftyp", b"jp2 \0\0\0\0jp2 "),
            boxed(b"jp2h", &[boxed(b"ihdr", &header), boxed(b"colr", &colours)].concat()),
            boxed(b"xml ", xml.as_bytes()),
            boxed(b"jp2c", stream),
        ]
        .concat(),
    )
}

/// A colour profile with a description, a copyright and a localized text (ICC.1:2010 sections 7 and 10).
fn profile(description: &str, copyright: &str, localized: &str) -> Vec<u8> {
    let desc = {
        let mut tag = b"desc\0\0\0\0".to_vec();
        tag.extend(u32::try_from(description.len() + 1).expect("short").to_be_bytes());
        tag.extend(description.as_bytes());
        tag.resize(tag.len() + 1 + 4 + 4 + 2 + 1 + 67, 0);
        tag
    };
    let text = [b"text\0\0\0\0", copyright.as_bytes(), b"\0"].concat();
    let wide: Vec<u8> = localized.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let mut mluc = b"mluc\0\0\0\0\0\0\0\x01\0\0\0\x0CenUS".to_vec();
    mluc.extend(u32::try_from(wide.len()).expect("short").to_be_bytes());
    mluc.extend(28_u32.to_be_bytes());
    mluc.extend(&wide);
    let tags = [(b"desc", desc), (b"cprt", text), (b"dmdd", mluc)];
    let mut table = u32::try_from(tags.len()).expect("three").to_be_bytes().to_vec();
    let mut body = Vec::new();
    let begin = 128 + 4 + 12 * tags.len();
    for (signature, mut tag) in tags {
        tag.resize(tag.len().next_multiple_of(4), 0);
        table.extend(signature.as_slice());
        table.extend(u32::try_from(begin + body.len()).expect("short").to_be_bytes());
        table.extend(u32::try_from(tag.len()).expect("short").to_be_bytes());
        body.extend(tag);
    }
    let mut header = vec![0_u8; 128];
    let size = u32::try_from(begin + body.len()).expect("short");
    header[..4].copy_from_slice(&size.to_be_bytes());
    header[8..12].copy_from_slice(&[2, 0x40, 0, 0]);
    header[12..24].copy_from_slice(b"scnrRGB XYZ ");
    header[36..40].copy_from_slice(b"acsp");
    [header, table, body].concat()
}

/// Puts a document, as an instance of an encapsulated document does.
fn document(copy: &mut Copy, kind: &str, content: &[u8]) {
    copy.text(Tag(0x0042, 0x0012), VR::LO, kind);
    copy.put(bytes(tags::ENCAPSULATED_DOCUMENT, VR::OB, content));
}

fn pdf(token: &Token, compressed: bool) -> Vec<u8> {
    let page = format!("BT /F1 12 Tf ({} {}) Tj ET", token.spoken(), token.number());
    let (filter, page) = if compressed {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(page.as_bytes()).expect("writing to memory does not fail");
        ("/Filter /FlateDecode ", encoder.finish().expect("writing to memory does not fail"))
    } else {
        ("", page.into_bytes())
    };
    let mut pdf = b"%PDF-1.4\n1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj\n".to_vec();
    if !compressed {
        pdf.extend(format!("5 0 obj << /Author ({}) >> endobj\n", token.spoken()).as_bytes());
    }
    pdf.extend(format!("4 0 obj << {filter}/Length {} >> stream\n", page.len()).as_bytes());
    pdf.extend(page);
    pdf.extend(b"\nendstream endobj\ntrailer << /Root 1 0 R /Info 5 0 R >>\n%%EOF\n");
    pdf
}

pub(super) const PLACES: &[Place] = &[
    alone("a comment in a JPEG or JPEG-LS image", |copy, token| {
        into_jpeg(copy, 0xFE, &format!("exported for {}", token.spoken()));
    }),
    alone("application segments of a JPEG image", |copy, token| {
        into_jpeg(copy, 0xE1, &format!("Exif\0\0{}", token.spoken()));
        into_jpeg(copy, 0xED, &format!("Photoshop 3.0\0{}", token.family()));
        into_jpeg(copy, 0xEF, &token.number());
    }),
    alone("the JFIF and Adobe segments of a JPEG image", |copy, token| {
        into_jpeg(copy, 0xE0, &format!("JFIF\0\x01\x01\x01\0\x60\0\x60\0\0{}", token.spoken()));
        into_jpeg(copy, 0xEE, &format!("Adobe\0\x64\0\0\0\0\0{}", token.family()));
    }),
    alone("a colour profile in a JPEG image", |copy, token| {
        let profile = profile(&token.spoken(), &token.family(), &token.given());
        copy.fragment(|stream| {
            let payload = [b"ICC_PROFILE\0\x01\x01", profile.as_slice()].concat();
            is_jpeg(stream).then(|| [&stream[..2], &segment(0xE2, &payload), &stream[2..]].concat())
        });
    }),
    alone("bytes behind the end of a JPEG image", |copy, token| {
        if copy.is_jpeg() {
            copy.fragment(|stream| end_of_jpeg(stream).map(|_| [stream, token.name().as_bytes()].concat()));
        }
    }),
    alone("bytes behind the pixels of a JPEG image without an end", |copy, token| {
        if copy.is_jpeg() {
            copy.fragment(|stream| end_of_jpeg(stream).map(|end| [&stream[..end], token.name().as_bytes()].concat()));
        }
    })
    .stopped("what follows the pixels would pass for more of them: the file waits for a person"),
    alone("a comment in front of a later scan of a JPEG image", |copy, token| {
        copy.fragment(|stream| {
            let end = stream.windows(2).rposition(|window| window == [0xFF, 0xD9])?;
            let comment = segment(0xFE, token.spoken().as_bytes());
            is_jpeg(stream).then(|| [&stream[..end], &comment, &stream[end..]].concat())
        });
    }),
    alone("a comment in a JPEG 2000 image", |copy, token| {
        into_jpeg_2000(copy, &format!("made for {}", token.spoken()));
    }),
    alone("a comment in the header of a JPEG 2000 tile", |copy, token| into_tile(copy, &token.spoken())),
    alone("bytes behind the end of a JPEG 2000 image", |copy, token| {
        copy.fragment(|stream| first_tile(stream).map(|_| [stream, token.name().as_bytes()].concat()));
    }),
    alone("boxes of a JPEG 2000 file", |copy, token| {
        copy.fragment(|stream| jpeg_2000_file(stream, &format!("<patient>{}</patient>", token.spoken())));
    }),
    alone("bytes behind the last segment of an RLE image", |copy, token| {
        if copy.meta.transfer_syntax.trim_end_matches('\0') == "1.2.840.10008.1.2.5" {
            copy.fragment(|stream| Some([stream, token.name().as_bytes()].concat()));
        }
    }),
    alone("the unused entries of an RLE header", |copy, token| {
        if copy.meta.transfer_syntax.trim_end_matches('\0') == "1.2.840.10008.1.2.5" {
            copy.fragment(|stream| {
                let n_segments = u32::from_le_bytes(stream.get(..4)?.try_into().ok()?);
                let unused = 4 + 4 * usize::try_from(n_segments).ok()?;
                let name = token.family();
                let mut stream = stream.to_vec();
                stream.get_mut(unused + 4..unused + 4 + name.len())?.copy_from_slice(name.as_bytes());
                (unused + 4 + name.len() <= 64).then_some(stream)
            });
        }
    }),
    alone("a fragment of compressed pixels that is no image", |copy, token| {
        let Some(element) = copy.data_set.get(tags::PIXEL_DATA) else { return };
        let dicom_core::value::Value::PixelSequence(sequence) = element.value() else { return };
        let mut fragments = sequence.fragments().to_vec();
        fragments.push(token.name().into_bytes());
        if fragments.last().is_some_and(|last| last.len() % 2 == 1) {
            fragments.last_mut().expect("one was pushed").push(b' ');
        }
        let sequence = dicom_core::value::PixelFragmentSequence::new_fragments(fragments);
        let value = dicom_core::value::Value::PixelSequence(sequence);
        copy.put(dicom_core::DataElement::new(tags::PIXEL_DATA, VR::OB, value));
    }),
    alone("the offset table of compressed pixels", |copy, token| {
        let Some(element) = copy.data_set.get(tags::PIXEL_DATA) else { return };
        let dicom_core::value::Value::PixelSequence(sequence) = element.value() else { return };
        let table: Vec<u32> = format!("{:<24}", token.name())
            .as_bytes()
            .chunks_exact(4)
            .map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]]))
            .collect();
        let fragments = sequence.fragments().to_vec();
        let sequence = dicom_core::value::PixelFragmentSequence::new(table, fragments);
        let value = dicom_core::value::Value::PixelSequence(sequence);
        copy.put(dicom_core::DataElement::new(tags::PIXEL_DATA, VR::OB, value));
    })
    .stopped("a table that points to no fragment: the file waits for a person"),
    place(GROUP, "a colour profile's description, copyright and localized text", |copy, token| {
        copy.knows_name(&token.name());
        let profile = profile(&token.spoken(), &format!("(c) {}", token.family()), &token.given());
        copy.put(bytes(tags::ICC_PROFILE, VR::OB, &profile));
    }),
    place(GROUP, "a colour profile in an optical path", |copy, token| {
        let profile = profile("sRGB", &token.spoken(), &token.family());
        copy.put(sequence(Tag(0x0048, 0x0105), [vec![bytes(tags::ICC_PROFILE, VR::OB, &profile)]]));
    }),
    place(GROUP, "a waveform's samples", |copy, token| {
        copy.knows_name(&token.name());
        copy.put(sequence(
            tags::WAVEFORM_SEQUENCE,
            [vec![bytes(Tag(0x5400, 0x1010), VR::OW, format!("{:<32}", token.spoken()).as_bytes())]],
        ));
    }),
    alone("a PDF: its pages and its author", |copy, token| document(copy, "application/pdf", &pdf(token, false)))
        .stopped(DOCUMENT),
    alone("a PDF: a compressed page", |copy, token| {
        // What is compressed is not in the bytes as it is: the title says it as well.
        copy.text(tags::DOCUMENT_TITLE, VR::ST, &format!("letter on {}", token.spoken()));
        document(copy, "application/pdf", &pdf(token, true));
    })
    .stopped(DOCUMENT),
    alone("a CDA document", |copy, token| {
        let text = format!(
            "<ClinicalDocument xmlns=\"urn:hl7-org:v3\"><recordTarget><patientRole><id extension=\"{}\"/><patient>\
             <name><given>{}</given><family>{}</family></name></patient></patientRole></recordTarget>\
             </ClinicalDocument>",
            token.number(),
            token.given(),
            token.family()
        );
        document(copy, "text/xml", text.as_bytes());
    })
    .stopped(DOCUMENT),
    alone("a mesh (STL): its header", |copy, token| {
        let mut mesh = format!("{:<80}", token.spoken()).into_bytes();
        mesh.extend(0_u32.to_le_bytes());
        document(copy, "model/stl", &mesh);
    })
    .stopped(DOCUMENT),
];

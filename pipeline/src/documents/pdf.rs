//! PDF: proven clean only where every object is of a kind that shows nothing but text in the standard fonts.
//!
//! Images, drawings, attachments, scripts, forms, annotations, embedded fonts, encryption, earlier revisions and bytes
//! that belong to no object all may show or hide what is not read here. Source: ISO 32000-1.

use super::{NotUnderstood, Texts, Understood, markup};
use lopdf::content::{Content, Operation};
use lopdf::{Dictionary, Document, LoadOptions, Object, ObjectId, Stream, decode_text_string};
use std::collections::BTreeSet;

/// No stream of a document of text inflates to more.
const MAX_STREAM_BYTES: usize = 4 * 1024 * 1024;
/// Documents of more objects are not walked.
const MAX_OBJECTS: usize = 50_000;
/// Lines and rectangles of a page beyond these could be letters.
const MAX_STROKES: usize = 64;
/// A space narrower than this, in thousandths of the font's size, parts no words.
const WORD_GAP: f32 = -200.0;

/// Keys of dictionaries whose values are understood: pages, resources, standard fonts, information, the file's own
/// structure.
const KEYS: &[&str] = &[
    "Ascent",
    "Author",
    "AvgWidth",
    "ArtBox",
    "BM",
    "BaseFont",
    "BitsPerComponent",
    "BleedBox",
    "CA",
    "CS",
    "CapHeight",
    "ColorSpace",
    "Colors",
    "Columns",
    "Contents",
    "Count",
    "CreationDate",
    "Creator",
    "CropBox",
    "DecodeParms",
    "Descent",
    "Encoding",
    "ExtGState",
    "Filter",
    "First",
    "FirstChar",
    "Flags",
    "Font",
    "FontBBox",
    "FontDescriptor",
    "FontFamily",
    "FontName",
    "FontStretch",
    "FontWeight",
    "Group",
    "I",
    "ID",
    "Index",
    "Info",
    "ItalicAngle",
    "K",
    "Keywords",
    "Kids",
    "LW",
    "Lang",
    "LastChar",
    "Leading",
    "Length",
    "MaxWidth",
    "MediaBox",
    "Metadata",
    "MissingWidth",
    "ModDate",
    "N",
    "Name",
    "OP",
    "OPM",
    "PageLayout",
    "PageMode",
    "Pages",
    "Parent",
    "Predictor",
    "ProcSet",
    "Producer",
    "Resources",
    "Root",
    "Rotate",
    "S",
    "SA",
    "SMask",
    "Size",
    "StemH",
    "StemV",
    "Subject",
    "Subtype",
    "Title",
    "Trapped",
    "TrimBox",
    "Type",
    "UserUnit",
    "Version",
    "ViewerPreferences",
    "W",
    "Widths",
    "XHeight",
    "ca",
    "op",
];
/// Names that are words of the format, beside its keys.
const NAMES: &[&str] = &[
    "Catalog",
    "DeviceCMYK",
    "DeviceGray",
    "DeviceRGB",
    "FlateDecode",
    "ImageB",
    "ImageC",
    "ImageI",
    "None",
    "Normal",
    "ObjStm",
    "PDF",
    "Page",
    "SinglePage",
    "Text",
    "Transparency",
    "Type1",
    "UseNone",
    "XML",
    "XRef",
];
/// Dictionaries of these keys name their entries as they like.
const NAMESPACES: &[&str] = &["Font", "ExtGState", "ColorSpace"];
/// The standard fonts whose characters are letters.
const FONTS: &[&str] = &[
    "Courier",
    "Courier-Bold",
    "Courier-BoldOblique",
    "Courier-Oblique",
    "Helvetica",
    "Helvetica-Bold",
    "Helvetica-BoldOblique",
    "Helvetica-Oblique",
    "Times-Bold",
    "Times-BoldItalic",
    "Times-Italic",
    "Times-Roman",
];
const ENCODINGS: &[&str] = &["WinAnsiEncoding", "MacRomanEncoding", "StandardEncoding"];
/// Operators that set a state and show nothing.
const SILENT: &[&str] = &[
    "q", "Q", "cm", "w", "J", "j", "M", "d", "ri", "i", "gs", "g", "G", "rg", "RG", "k", "K", "cs", "CS", "sc", "SC",
    "BT", "ET", "Tf", "Tc", "Tw", "Tz", "TL", "Tr", "Ts", "h", "n", "W", "W*", "f", "f*", "F", "S", "s", "B", "B*",
    "b", "b*", "BMC", "EMC",
];

/// Reads all text of a document.
///
/// # Errors
/// [`NotUnderstood`] when any part of it is of another kind than text in standard fonts.
pub(super) fn read(document: &[u8], texts: &mut Texts) -> Understood {
    let options = LoadOptions { strict: true, max_decompressed_size: Some(MAX_STREAM_BYTES), ..LoadOptions::default() };
    let parsed = Document::load_mem_with_options(document, options).map_err(|_| NotUnderstood)?;
    if parsed.objects.len() > MAX_OBJECTS {
        return Err(NotUnderstood);
    }
    let pages: Vec<ObjectId> = parsed.page_iter().take(MAX_OBJECTS).collect();
    let contents: BTreeSet<ObjectId> = pages.iter().flat_map(|page| parsed.get_page_contents(*page)).collect();
    // All text is read first, so that a person learns what was found even in a document that is not understood.
    let mut understood = if pages.is_empty() || parsed.is_encrypted() || parsed.revision_count() > 1 {
        Err(NotUnderstood)
    } else {
        bytes_outside_objects(document, &parsed)
    };
    for (id, object) in &parsed.objects {
        understood = understood.and(walk(object, 0, texts));
        if let Object::Stream(stream) = object {
            understood = understood.and(read_stream(stream, contents.contains(id), texts));
        }
    }
    understood.and(walk(&Object::Dictionary(parsed.trailer.clone()), 0, texts))
}

/// Collects the strings and names of an object, and tells whether its dictionaries are of known kinds.
fn walk(object: &Object, depth: usize, texts: &mut Texts) -> Understood {
    // The parser's own bound is lower.
    if depth > 200 {
        return Err(NotUnderstood);
    }
    match object {
        Object::String(bytes, _) => {
            let text = decode_text_string(object).unwrap_or_else(|_| latin(bytes));
            // The identifier of a file is a hash.
            if bytes.len() == 16 && !bytes.is_ascii() { Ok(()) } else { texts.add_prose(&text) }
        }
        Object::Name(name) => match latin(name).as_str() {
            name if KEYS.contains(&name) || NAMES.contains(&name) || FONTS.contains(&name) => Ok(()),
            name if ENCODINGS.contains(&name) => Ok(()),
            name => texts.add(name),
        },
        Object::Array(objects) => all(objects.iter().map(|object| walk(object, depth + 1, texts))),
        Object::Dictionary(dictionary) => walk_dictionary(dictionary, depth, texts),
        Object::Stream(stream) => walk_dictionary(&stream.dict, depth, texts),
        Object::Null | Object::Boolean(_) | Object::Integer(_) | Object::Real(_) | Object::Reference(_) => Ok(()),
    }
}

/// Whether all parts are understood; each is read, whatever was found before.
fn all(parts: impl Iterator<Item = Understood>) -> Understood {
    let n_failed = parts.filter(Result::is_err).count();
    if n_failed == 0 { Ok(()) } else { Err(NotUnderstood) }
}

fn walk_dictionary(dictionary: &Dictionary, depth: usize, texts: &mut Texts) -> Understood {
    let mut understood = if is_font(dictionary) { font(dictionary) } else { Ok(()) };
    for (key, value) in dictionary.iter() {
        let key = latin(key);
        if !KEYS.contains(&key.as_str()) {
            understood = Err(NotUnderstood);
            texts.add(&key)?;
        }
        understood = understood.and(match value {
            Object::Dictionary(entries) if NAMESPACES.contains(&key.as_str()) => namespace(entries, depth, texts),
            value => walk(value, depth + 1, texts),
        });
    }
    understood
}

/// Walks a dictionary whose keys are names that the document gives.
fn namespace(entries: &Dictionary, depth: usize, texts: &mut Texts) -> Understood {
    all(entries.iter().map(|(key, value)| texts.add(&latin(key)).and(walk(value, depth + 1, texts))))
}

fn is_font(dictionary: &Dictionary) -> bool {
    dictionary.has_type(b"Font") || dictionary.has(b"BaseFont")
}

/// Whether the characters of a font are what their codes say.
fn font(dictionary: &Dictionary) -> Understood {
    let name = |key: &[u8]| dictionary.get(key).and_then(Object::as_name).map(latin).unwrap_or_default();
    let known_encoding = !dictionary.has(b"Encoding") || ENCODINGS.contains(&name(b"Encoding").as_str());
    let is_standard = name(b"Subtype") == "Type1" && FONTS.contains(&name(b"BaseFont").as_str());
    if known_encoding && is_standard { Ok(()) } else { Err(NotUnderstood) }
}

/// Reads a stream: a page's content, metadata, or the file's own tables.
fn read_stream(stream: &Stream, is_content: bool, texts: &mut Texts) -> Understood {
    let is_of = |kind: &[u8]| stream.dict.has_type(kind);
    if is_of(b"XRef") || is_of(b"ObjStm") {
        return Ok(());
    }
    let content = stream.get_plain_content_with_limit(MAX_STREAM_BYTES).map_err(|_| NotUnderstood)?;
    if is_of(b"Metadata") {
        return metadata(&content, texts);
    }
    if is_content {
        return read_content(&content, texts);
    }
    texts.add(&latin(&content).replace('\0', " "))?;
    Err(NotUnderstood)
}

/// Reads a packet of metadata, whose processing instructions are its envelope.
fn metadata(content: &[u8], texts: &mut Texts) -> Understood {
    let text = std::str::from_utf8(content).map_err(|_| NotUnderstood)?;
    let body = match (text.find("<x:xmpmeta"), text.rfind("</x:xmpmeta>")) {
        (Some(start), Some(end)) if start < end => &text[start..end + "</x:xmpmeta>".len()],
        _ => text,
    };
    texts.add(text)?;
    markup::read(body.as_bytes(), texts)
}

/// Reads what a page shows: as words where the page parts them, and glued as a reader's eye may join them.
fn read_content(content: &[u8], texts: &mut Texts) -> Understood {
    // A comment would be passed over.
    let mut understood = if content.contains(&b'%') { Err(NotUnderstood) } else { Ok(()) };
    let parsed = Content::decode_strict(content).map_err(|_| NotUnderstood)?;
    let mut shown = Shown::default();
    for operation in &parsed.operations {
        understood = understood.and(shown.operation(operation, texts));
    }
    texts.add_prose(&shown.parted)?;
    texts.add(&shown.glued)?;
    understood
}

/// The text of a page, in the order in which it is painted.
#[derive(Default)]
struct Shown {
    parted: String,
    glued: String,
    n_strokes: usize,
}

impl Shown {
    fn operation(&mut self, operation: &Operation, texts: &mut Texts) -> Understood {
        let operands = &operation.operands;
        match operation.operator.as_str() {
            "Tj" | "TJ" => operands.iter().for_each(|operand| self.show(operand)),
            "'" | "\"" => {
                self.part('\n');
                operands.iter().for_each(|operand| self.show(operand));
            }
            "Td" | "TD" | "Tm" | "T*" => self.part('\n'),
            "re" | "m" | "l" => {
                self.n_strokes += 1;
                if self.n_strokes > MAX_STROKES {
                    return Err(NotUnderstood);
                }
            }
            operator if SILENT.contains(&operator) => {}
            // Images, shadings, curves, and text that stands beside what is shown.
            _ => {
                return all(operands.iter().map(|operand| walk(operand, 0, texts))).and(Err(NotUnderstood));
            }
        }
        if self.parted.len() + self.glued.len() > 2 * super::MAX_TEXT_BYTES { Err(NotUnderstood) } else { Ok(()) }
    }

    fn show(&mut self, operand: &Object) {
        match operand {
            Object::String(bytes, _) => {
                let text = latin(bytes);
                self.parted.push_str(&text);
                self.glued.push_str(text.trim());
            }
            Object::Array(parts) => {
                for part in parts {
                    if part.as_float().is_ok_and(|gap| gap < WORD_GAP) {
                        self.part(' ');
                    }
                    if matches!(part, Object::String(..)) {
                        self.show(part);
                    }
                }
            }
            _ => {}
        }
    }

    fn part(&mut self, separator: char) {
        if !self.parted.ends_with(separator) {
            self.parted.push(separator);
        }
    }
}

/// Bytes as characters of the encoding that the standard fonts use on Windows.
fn latin(bytes: &[u8]) -> String {
    encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned()
}

/// Whether every byte outside the streams belongs to an object or to the file's own structure: no comments, no
/// objects that the table of references leaves out, nothing between objects and behind the end.
fn bytes_outside_objects(document: &[u8], parsed: &Document) -> Understood {
    let mut outside = document.to_vec();
    for object in parsed.objects.values() {
        if let Object::Stream(stream) = object
            && let Some(start) = stream.start_position
        {
            let end = start.saturating_add(stream.content.len()).min(outside.len());
            outside.get_mut(start..end).ok_or(NotUnderstood)?.fill(b'0');
        }
    }
    let text: String = outside.iter().map(|&byte| char::from(byte)).collect();
    let mut lines = text.split(['\r', '\n']).filter(|line| !line.trim().is_empty()).peekable();
    let header = lines.next().is_some_and(|line| line.starts_with("%PDF-") && line.trim().len() == "%PDF-1.7".len());
    // The second line tells programs that the file is no text.
    lines.next_if(|line| line.starts_with('%') && line.chars().skip(1).all(|character| character > '\u{7F}'));
    let rest: Vec<&str> = lines.collect();
    let n_comments: usize = rest.iter().map(|line| line.matches('%').count()).sum();
    let ends = rest.last().is_some_and(|line| line.trim_matches([' ', '\0']) == "%%EOF");
    let n_objects = parsed.reference_table.entries.values().filter(|entry| entry.is_normal()).count();
    let joined = rest.join("\n");
    let followed = joined.split("endobj").skip(1).all(|after| {
        let after = after.trim_start();
        after.starts_with(|character: char| character.is_ascii_digit())
            || after.starts_with("xref")
            || after.starts_with("startxref")
    });
    let counts = joined.matches(" obj").count() == n_objects && joined.matches("endobj").count() == n_objects;
    if header && ends && n_comments == 2 && counts && followed { Ok(()) } else { Err(NotUnderstood) }
}

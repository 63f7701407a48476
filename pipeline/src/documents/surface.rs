//! Surfaces and their materials for printing: STL, OBJ and MTL files.
//!
//! Numbers are geometry; names, comments and file names are searched. Whether a surface shows a face is not judged
//! here.

use super::{NotUnderstood, Texts, Understood};

/// Bytes of a binary STL file before its count of triangles.
const HEADER_BYTES: usize = 80;
/// Bytes of a triangle: a normal, three corners, two bytes of attributes.
const TRIANGLE_BYTES: usize = 50;

/// Words that begin a line of numbers or indices in STL, OBJ and MTL files.
const NUMERIC: &[&str] = &[
    "v", "vt", "vn", "vp", "f", "l", "p", "s", "Ka", "Kd", "Ks", "Ke", "Ns", "Ni", "d", "Tr", "Tf", "illum", "facet",
    "vertex",
];
/// Words that stand alone, or before another such word.
const STRUCTURAL: &[&str] = &["normal", "outer", "loop", "endloop", "endfacet", "off"];
/// Words that begin a line of text: names, comments and files.
const TEXTUAL: &[&str] = &["solid", "endsolid", "#", "o", "g", "usemtl", "newmtl", "mtllib"];

/// Reads a file.
///
/// # Errors
/// [`NotUnderstood`] when it holds anything but geometry, names and comments.
pub(super) fn read(document: &[u8], texts: &mut Texts) -> Understood {
    if let Some(n_triangles) = triangles(document) {
        return read_binary(document, n_triangles, texts);
    }
    let text = std::str::from_utf8(document).map_err(|_| NotUnderstood)?;
    let text = text.trim_end_matches(['\0', ' ']);
    let mut understood = if text.trim().is_empty() { Err(NotUnderstood) } else { Ok(()) };
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        if TEXTUAL.contains(&word) {
            texts.add_prose(rest)?;
        } else if word.starts_with('#') {
            texts.add_prose(line)?;
        } else if NUMERIC.contains(&word) || STRUCTURAL.contains(&word) {
            let mut words = rest.split_whitespace();
            if !words.all(|word| is_number(word) || STRUCTURAL.contains(&word)) {
                texts.add(rest)?;
                understood = Err(NotUnderstood);
            }
        } else {
            texts.add_prose(line)?;
            understood = Err(NotUnderstood);
        }
    }
    understood
}

/// How many triangles a binary STL file has, if its length is that of one.
fn triangles(document: &[u8]) -> Option<usize> {
    let count = document.get(HEADER_BYTES..HEADER_BYTES + 4)?;
    let count = usize::try_from(u32::from_le_bytes(count.try_into().ok()?)).ok()?;
    let n_bytes = count.checked_mul(TRIANGLE_BYTES)?.checked_add(HEADER_BYTES + 4)?;
    (document.len() == n_bytes || document.len() == n_bytes + 1).then_some(count)
}

fn read_binary(document: &[u8], n_triangles: usize, texts: &mut Texts) -> Understood {
    let header: String = document[..HEADER_BYTES].iter().map(|&byte| char::from(byte)).collect();
    let header = header.replace('\0', " ");
    texts.add_prose(header.trim())?;
    // Nobody reads the header; a word in it that nothing explains may name somebody.
    if crate::icc::has_unknown_words(&header) {
        return Err(NotUnderstood);
    }
    let triangles = document[HEADER_BYTES + 4..].chunks_exact(TRIANGLE_BYTES).take(n_triangles);
    // Colours stand in the attributes at times, and other bytes at others.
    if triangles.clone().any(|triangle| triangle[48..] != [0, 0]) { Err(NotUnderstood) } else { Ok(()) }
}

/// A number, or indices parted by slashes.
fn is_number(word: &str) -> bool {
    word.parse::<f64>().is_ok_and(f64::is_finite)
        || word.split('/').all(|part| part.is_empty() || part.parse::<i64>().is_ok())
}

//! Documents inside of attributes.

use super::{Phrase, Secret};
use lopdf::content::{Content, Operation};
use lopdf::{Document, Object, StringFormat, dictionary};

/// A PDF of one page with lines of text in a standard font, uncompressed, and the subject as its title.
///
/// Texts are written in WinAnsiEncoding; what has no place there must not be asked for (see [`is_writable`]).
pub(super) fn pdf(title: &Secret, lines: &[&Phrase]) -> Vec<u8> {
    let mut document = Document::with_version("1.5");
    let pages = document.new_object_id();
    let font = document.add_object(dictionary! {
        "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica", "Encoding" => "WinAnsiEncoding",
    });
    let resources = document.add_object(dictionary! { "Font" => dictionary! { "F1" => font } });
    let content = Content { operations: operations(lines) };
    let stream = lopdf::Stream::new(dictionary! {}, content.encode().expect("numbers and strings can be encoded"));
    let content = document.add_object(stream);
    let page = document.add_object(dictionary! {
        "Type" => "Page", "Parent" => pages, "Contents" => content, "Resources" => resources,
        "MediaBox" => vec![0.into(), 0.into(), 595.into(), 842.into()],
    });
    let tree = dictionary! { "Type" => "Pages", "Kids" => vec![page.into()], "Count" => 1 };
    document.objects.insert(pages, Object::Dictionary(tree));
    let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => pages });
    let information =
        document.add_object(dictionary! { "Title" => string(title.text()), "Producer" => string("efface-synth") });
    document.trailer.set("Root", catalog);
    document.trailer.set("Info", information);
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).expect("writing into memory does not fail");
    bytes
}

/// Whether a text can be written: WinAnsiEncoding is Latin-1 but for its control characters, and a bracket or a
/// backslash would stand escaped, where a search for the text as it is read fails.
pub(super) fn is_writable(text: &str) -> bool {
    text.chars().all(|character| matches!(u32::from(character), 32..=126 | 160..=255) && !"()\\".contains(character))
}

fn operations(lines: &[&Phrase]) -> Vec<Operation> {
    let mut operations = vec![
        Operation::new("BT", vec![]),
        Operation::new("Tf", vec!["F1".into(), 11.into()]),
        Operation::new("TL", vec![16.into()]),
        Operation::new("Td", vec![60.into(), 780.into()]),
    ];
    for line in lines {
        operations.push(Operation::new("Tj", vec![string(&line.text())]));
        operations.push(Operation::new("T*", vec![]));
    }
    operations.push(Operation::new("ET", vec![]));
    operations
}

fn string(text: &str) -> Object {
    let bytes = text.chars().map(|character| u8::try_from(u32::from(character)).unwrap_or(b'?')).collect();
    Object::String(bytes, StringFormat::Literal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use efface_schema::PhiLabel;

    #[test]
    fn a_reader_finds_the_lines_on_the_page() {
        let name = Secret::new(PhiLabel::Name, "Jos\u{e9} Example");
        let line = Phrase::default().filler("Re: ").secret(&name);
        let bytes = pdf(&name, &[&line]);
        let document = Document::load_mem(&bytes).expect("the document is well-formed");
        assert_eq!(document.get_pages().len(), 1);
        assert_eq!(document.extract_text(&[1]).expect("there is text").trim(), "Re: Jos\u{e9} Example");
    }
}

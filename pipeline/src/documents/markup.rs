//! XML, such as the Clinical Document Architecture: every text, attribute value, comment and instruction.

use super::{NotUnderstood, Texts, Understood};
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

/// Object identifiers that name HL7's own tables, as every document holds them.
const HL7_ROOT: &str = "2.16.840.1.113883.";
/// Elements and attribute values that announce content of another form.
const EMBEDDED: &[&str] = &["nonXMLBody", "observationMedia", "regionOfInterest", "B64"];

/// Reads a document in UTF-8.
///
/// # Errors
/// [`NotUnderstood`] when it is not well formed, has entities or a document type of its own, or embeds other content.
pub(super) fn read(document: &[u8], texts: &mut Texts) -> Understood {
    let text = std::str::from_utf8(document).map_err(|_| NotUnderstood)?;
    let mut understood = Ok(());
    let mut reader = Reader::from_str(text.trim_start_matches('\u{FEFF}'));
    // Characters given as references belong to the text around them.
    let mut run = String::new();
    loop {
        let event = reader.read_event().map_err(|_| NotUnderstood)?;
        match &event {
            Event::Text(part) => {
                run.push_str(part);
                continue;
            }
            Event::CData(part) => {
                run.push_str(part);
                continue;
            }
            Event::GeneralRef(reference) => {
                match quick_xml::escape::unescape(&format!("&{};", &**reference)) {
                    Ok(characters) => run.push_str(&characters),
                    Err(_) => understood = Err(NotUnderstood),
                }
                continue;
            }
            _ => {}
        }
        texts.add_prose(run.trim())?;
        run.clear();
        match event {
            Event::Start(element) | Event::Empty(element) => understood = understood.and(attributes(&element, texts)?),
            Event::Comment(comment) => texts.add_prose(&comment)?,
            Event::Decl(declaration) => understood = understood.and(declared_encoding(&declaration)),
            Event::PI(instruction) => {
                texts.add(&instruction)?;
                // A style sheet is another file, and shows what it likes.
                understood = Err(NotUnderstood);
            }
            Event::DocType(_) => understood = Err(NotUnderstood),
            Event::Eof => return understood,
            _ => {}
        }
    }
}

/// Adds the values of an element's attributes; the inner result tells whether the element is understood.
fn attributes(element: &BytesStart<'_>, texts: &mut Texts) -> Result<Understood, NotUnderstood> {
    let is_embedded = |word: &str| EMBEDDED.contains(&word);
    let local_name = element.split(|character: char| character.is_whitespace()).next().unwrap_or_default();
    let mut understood =
        if is_embedded(local_name.rsplit(':').next().unwrap_or_default()) { Err(NotUnderstood) } else { Ok(()) };
    // The check for attributes of one name would cost the square of their number.
    for attribute in element.attributes().with_checks(false) {
        let attribute = attribute.map_err(|_| NotUnderstood)?;
        let value = attribute.normalized_value(XmlVersion::Explicit1_0).map_err(|_| NotUnderstood)?;
        if is_embedded(&value) {
            understood = Err(NotUnderstood);
        }
        if is_object_identifier_of_hl7(&value) || is_namespace(&value) {
            continue;
        }
        // Values of several words are names and titles; others are codes and numbers.
        if value.trim().contains(char::is_whitespace) { texts.add_prose(&value) } else { texts.add(&value) }?;
    }
    Ok(understood)
}

fn is_object_identifier_of_hl7(value: &str) -> bool {
    // Components of the standard are short; an organization's own begin with 3.
    value.strip_prefix(HL7_ROOT).is_some_and(|rest| {
        !rest.starts_with("3.") && rest.len() <= 24 && rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
    })
}

fn is_namespace(value: &str) -> bool {
    matches!(value, "urn:hl7-org:v3" | "http://www.w3.org/2001/XMLSchema-instance" | "urn:hl7-org:sdtc")
        || value.starts_with("http://ns.adobe.com/")
        || value.starts_with("http://www.w3.org/1999/")
        || value.starts_with("http://purl.org/dc/")
}

/// The encoding that a declaration gives must be the one that was read.
fn declared_encoding(declaration: &str) -> Understood {
    let Some((_, after)) = declaration.split_once("encoding") else { return Ok(()) };
    let name = after.trim_start_matches(['=', ' ', '"', '\'']).split(['"', '\'']).next().unwrap_or_default();
    if name.eq_ignore_ascii_case("utf-8") || name.eq_ignore_ascii_case("us-ascii") {
        Ok(())
    } else {
        Err(NotUnderstood)
    }
}

use super::*;
use crate::tier2::{LexiconBuilder, Recognizers};
use efface_schema::PhiLabel;
use lopdf::{Document, Object, Stream, dictionary};
use std::sync::LazyLock;

static RECOGNIZERS: LazyLock<Recognizers> = LazyLock::new(Recognizers::new);
static SEARCH: LazyLock<TextSearch<'static>> = LazyLock::new(|| {
    let mut builder = LexiconBuilder::default();
    builder.add_name("DOE^JANEDOTTE");
    builder.add_phrase("7712345", PhiLabel::Mrn);
    TextSearch::new(builder.build(&RECOGNIZERS), &RECOGNIZERS)
});

fn verdict(document: &[u8]) -> Vec<&'static str> {
    judge(document, &SEARCH, None).review
}

/// A page that shows text by operators, with further entries in its catalogue.
fn pdf(content: &str, change: impl FnOnce(&mut Document)) -> Vec<u8> {
    let mut document = Document::with_version("1.5");
    let pages = document.new_object_id();
    let font = document.add_object(dictionary! { "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica" });
    let resources = document.add_object(dictionary! { "Font" => dictionary! { "F1" => font } });
    let content = document.add_object(Stream::new(dictionary! {}, content.as_bytes().to_vec()));
    let page = document.add_object(dictionary! {
        "Type" => "Page", "Parent" => pages, "Contents" => content, "Resources" => resources,
        "MediaBox" => vec![0.into(), 0.into(), 595.into(), 842.into()],
    });
    let tree = dictionary! { "Type" => "Pages", "Kids" => vec![page.into()], "Count" => 1 };
    document.objects.insert(pages, Object::Dictionary(tree));
    let catalogue = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => pages });
    document.trailer.set("Root", catalogue);
    change(&mut document);
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).expect("memory takes all");
    bytes
}

const FINDINGS: &str = "BT /F1 12 Tf 72 700 Td (Lungs are clear.) Tj 0 -14 Td [(No eff) 20 (usion.)] TJ ET";

#[test]
fn a_page_of_harmless_text_is_clean() {
    let document = pdf(FINDINGS, |_| {});
    assert!(verdict(&document).is_empty(), "{}", String::from_utf8_lossy(&document));
    let compressed = pdf(FINDINGS, Document::compress);
    assert!(verdict(&compressed).is_empty());
    // An odd length is padded.
    assert!(verdict(&[document, vec![0]].concat()).is_empty());
}

#[test]
fn names_are_found_wherever_a_page_or_the_file_tells_them() {
    let of = |content: &str| pdf(content, |_| {});
    let title = |document: &mut Document| {
        let info = document.add_object(dictionary! { "Title" => Object::string_literal("Report on Janedotte Doe") });
        document.trailer.set("Info", info);
    };
    let metadata = |document: &mut Document| {
        let packet = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><dc>Janedotte Doe</dc></x:xmpmeta>".to_vec();
        let packet = document.add_object(Stream::new(dictionary! { "Type" => "Metadata", "Subtype" => "XML" }, packet));
        let catalogue = document.catalog_mut().expect("there is one");
        catalogue.set("Metadata", packet);
    };
    for document in [
        of("BT /F1 12 Tf (Report on Janedotte Doe) Tj ET"),
        of("BT /F1 12 Tf [(Jane) 15 (dot) -10 (te)] TJ ET"),
        of("BT /F1 12 Tf <4A616E65646F747465> Tj ET"),
        of("BT /F1 12 Tf (J) Tj 8 0 Td (a) Tj 8 0 Td (n) Tj 8 0 Td (e) Tj 8 0 Td (dotte) Tj ET"),
        of("BT /F1 12 Tf (call 415-555-2671) Tj ET"),
        pdf(FINDINGS, title),
        pdf(FINDINGS, metadata),
        pdf("BT /F1 12 Tf (Report on Janedotte Doe) Tj ET", Document::compress),
    ] {
        assert!(verdict(&document).contains(&"encapsulated-document"), "{}", String::from_utf8_lossy(&document));
    }
}

#[test]
fn what_is_not_plain_text_is_not_understood() {
    let font = |change: fn(&mut lopdf::Dictionary)| {
        move |document: &mut Document| {
            let objects = document.objects.values_mut().filter_map(|object| object.as_dict_mut().ok());
            objects.filter(|object| object.has_type(b"Font")).for_each(change);
        }
    };
    let documents = [
        ("an image", pdf("q 100 0 0 100 0 0 cm /Im1 Do Q", |_| {})),
        ("an inline image", pdf("q BI /W 1 /H 1 /BPC 8 /CS /G ID \0 EI Q", |_| {})),
        ("a curve", pdf("0 0 m 1 2 3 4 5 6 c S", |_| {})),
        ("many strokes", pdf(&"0 0 m 5 5 l S ".repeat(40), |_| {})),
        ("a comment in a page", pdf("BT ET % hidden", |_| {})),
        ("another font", pdf(FINDINGS, font(|font| font.set("BaseFont", "ABCDEF+Secret")))),
        ("another encoding", pdf(FINDINGS, font(|font| font.set("Encoding", "Identity-H")))),
        (
            "a script",
            pdf(FINDINGS, |document| {
                let action = dictionary! { "S" => "JavaScript", "JS" => Object::string_literal("x()") };
                document.catalog_mut().expect("there is one").set("OpenAction", action);
            }),
        ),
        (
            "an attachment",
            pdf(FINDINGS, |document| {
                document.add_object(Stream::new(dictionary! { "Type" => "EmbeddedFile" }, b"letter".to_vec()));
            }),
        ),
        ("bytes behind the end", [pdf(FINDINGS, |_| {}), b"\nsomething".to_vec()].concat()),
        ("nothing but a beginning", b"%PDF-1.7 (words)".to_vec()),
        ("no document", Vec::new()),
        ("a picture", b"\x89PNG\r\n\x1a\n".to_vec()),
    ];
    for (name, document) in documents {
        assert!(verdict(&document).contains(&"document-not-understood"), "{name}");
    }
}

#[test]
fn hidden_bytes_between_objects_are_seen() {
    let document = pdf(FINDINGS, |_| {});
    let at = document.windows(6).position(|window| window == b"endobj").expect("there is one") + 6;
    for hidden in ["\n% a comment", "\nstray words", "\n99 0 obj (orphan) endobj"] {
        let mut changed = document.clone();
        changed.splice(at..at, hidden.bytes());
        assert!(!verdict(&changed).is_empty(), "{hidden}");
    }
}

#[test]
fn damaged_documents_end_without_a_panic() {
    let document = pdf(FINDINGS, Document::compress);
    for at in (0..document.len()).step_by(7) {
        let _ = verdict(&document[..at]);
        let mut damaged = document.clone();
        damaged[at] ^= 0x55;
        let _ = verdict(&damaged);
    }
    let nested = format!("%PDF-1.7\n1 0 obj {} endobj", "[".repeat(200_000));
    assert!(!verdict(nested.as_bytes()).is_empty());
}

fn cda(body: &str) -> Vec<u8> {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ClinicalDocument xmlns=\"urn:hl7-org:v3\">\
         <typeId root=\"2.16.840.1.113883.1.3\" extension=\"POCD\"/>{body}</ClinicalDocument>"
    )
    .into_bytes()
}

#[test]
fn markup_is_searched_in_texts_and_attributes() {
    assert!(verdict(&cda("<title>Chest</title><text>Lungs are <b>clear</b> &amp; wide.</text>")).is_empty());
    for body in [
        "<text>Seen: Janedotte</text>",
        "<text>Seen: Jane&#100;otte</text>",
        "<text>Seen: Jane<![CDATA[dotte]]></text>",
        "<id extension=\"7712345\" root=\"2.16.840.1.113883.1.4\"/>",
        "<!-- for Janedotte -->",
        "<telecom value=\"tel:415-555-2671\"/>",
    ] {
        assert_eq!(verdict(&cda(body)), ["encapsulated-document"], "{body}");
    }
}

#[test]
fn markup_that_embeds_or_does_not_hold_is_not_understood() {
    let other_encoding = b"<?xml version=\"1.0\" encoding=\"UTF-16\"?><a/>".to_vec();
    for document in [
        cda("<component><nonXMLBody><text>abc</text></nonXMLBody></component>"),
        cda("<value representation=\"B64\">AAAA</value>"),
        cda("<text>&unknown;</text>"),
        cda("<text></b>"),
        b"<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>".to_vec(),
        b"<?xml-stylesheet href=\"a.xsl\"?><a/>".to_vec(),
        other_encoding,
        b"<a>\xFF\xFE</a>".to_vec(),
    ] {
        let review = verdict(&document);
        assert!(review.contains(&"document-not-understood"), "{}", String::from_utf8_lossy(&document));
    }
}

#[test]
fn surfaces_are_searched_in_names_and_comments() {
    let binary = |header: &str, attributes: [u8; 2]| {
        let mut bytes = header.as_bytes().to_vec();
        bytes.resize(80, b' ');
        bytes.extend(1_u32.to_le_bytes());
        bytes.extend([0; 48]);
        bytes.extend(attributes);
        bytes
    };
    assert!(verdict(&binary("binary surface", [0, 0])).is_empty());
    assert_eq!(
        verdict(&binary("skull of Janedotte Doe", [0, 0])),
        ["document-not-understood", "encapsulated-document"]
    );
    assert_eq!(verdict(&binary("binary surface", [7, 0])), ["document-not-understood"]);
    let object = "# surface\nmtllib bone.mtl\no bone\nv 0.1 0.2 -3e-2\nvn 0 0 1\nf 1//1 2//1 3//1\n";
    assert!(verdict(object.as_bytes()).is_empty());
    assert_eq!(verdict(format!("{object}g doe_janedotte\n").as_bytes()), ["encapsulated-document"]);
    assert_eq!(verdict(format!("{object}v 0.1 secret\n").as_bytes()), ["document-not-understood"]);
    let solid = "solid bone\nfacet normal 0 0 1\nouter loop\nvertex 0 0 0\nendloop\nendfacet\nendsolid bone\n";
    assert!(verdict(solid.as_bytes()).is_empty());
    assert!(verdict(b"newmtl bone\nKd 0.8 0.8 0.7\nd 1.0\nillum 2\n").is_empty());
}

#[test]
fn lines_for_people_know_their_first_characters() {
    let mut texts = Texts::default();
    for (text, is_prose) in [("/Fönt", false), ("Müller\nä--\n--\nlungs", true), ("x", false), ("clear", true)] {
        if is_prose { texts.add_prose(text) } else { texts.add(text) }.expect("there is room");
    }
    assert_eq!(texts.lines(), [(6, "Müller"), (13, "ä--"), (20, "lungs"), (28, "clear")]);
    let characters: Vec<char> = texts.text.chars().collect();
    for (start, line) in texts.lines() {
        assert!(characters[start..].iter().collect::<String>().starts_with(line), "{line}");
    }
}

#[test]
fn spans_are_cut_where_a_line_ends() {
    let span = |start, end| FoundSpan {
        start,
        end,
        label: PhiLabel::Name,
        source: Source::Tier2,
        rule: "lexicon",
        probability: Probability::ONE,
    };
    let line = |start, line: &str| -> Vec<(usize, usize)> {
        let spans = within(start, line, &[span(0, 3), span(8, 14), span(20, 22)]);
        spans.iter().map(|span| (span.start, span.end)).collect()
    };
    assert_eq!(line(5, "abcde"), [(3, 5)]);
    assert_eq!(line(10, "abcdefghijklmnop"), [(0, 4), (10, 12)]);
    assert!(line(3, "abcde").is_empty());
}

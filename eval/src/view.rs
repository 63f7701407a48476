//! One output file, read once, with every value as searchable text.

use crate::judge::AllTexts;
use crate::midi::choice::{Place, settled_vr};
use crate::midi::render::{Surroundings, value_text_as};
use crate::reader::text::latin1;
use crate::reader::{Charset, DataSet, Element, Instance, Tag, Value};
use efface_schema::{AttributePath, ElementReference, PathStep};

/// The text of an element as a person would read it: decoded by its character set; bytes as Latin-1.
pub(crate) fn element_text(element: &Element<'_>, place: Place<'_>, charset: &Charset) -> String {
    let Value::Bytes(bytes) = element.value else {
        return String::new();
    };
    let vr = match settled_vr(element, place) {
        // What pydicom leaves open is read as pixels are.
        "US or SS" => place.pixel_vr(),
        vr => vr,
    };
    match vr {
        "LO" | "LT" | "PN" | "SH" | "ST" | "UC" | "UT" => charset.decode(bytes),
        "AE" | "AS" | "CS" | "DA" | "DS" | "DT" | "IS" | "TM" | "UI" | "UR" => latin1(bytes),
        "FD" | "FL" | "SL" | "SS" | "SV" | "UL" | "US" | "UV" | "AT" => {
            let listed = value_text_as(vr, element, &Surroundings { place, charset });
            match listed.strip_prefix('[').and_then(|listed| listed.strip_suffix(']')) {
                Some(numbers) => numbers.replace(", ", "\\"),
                None => listed,
            }
        }
        _ => any_text(bytes, charset),
    }
}

/// Bytes of no stated kind may hold text in any encoding: what they say in UTF-8 or else in Latin-1, and in the character
/// set of the data set if that is something else.
fn any_text(bytes: &[u8], charset: &Charset) -> String {
    let text = std::str::from_utf8(bytes).map_or_else(|_| latin1(bytes), str::to_owned);
    let declared = charset.decode(bytes);
    if declared == text { text } else { format!("{text}\n{declared}") }
}

/// An element found by its path, with what is needed to read it.
pub(crate) struct Found<'i, 'a> {
    pub element: &'i Element<'a>,
    pub place: Place<'i>,
    pub charset: Charset,
}

/// Looks an attribute up; group 0002 is the file meta information. Below a sequence that nothing tells from other bytes, as a
/// private one in an implicit data set, it is somewhere in these bytes: then they are what is found.
pub(crate) fn find<'i, 'a>(instance: &'i Instance<'a>, path: &AttributePath) -> Option<Found<'i, 'a>> {
    let is_meta = matches!(path.steps().first(), Some(PathStep::Element(reference)) if reference.group() == 2);
    let root = if is_meta { &instance.meta } else { &instance.data_set };
    let mut place = Place::root(root, instance.big_endian);
    let mut data_set = root;
    let mut charset = charset_of(data_set, &Charset::default());
    let mut steps = path.steps().iter();
    loop {
        let Some(PathStep::Element(reference)) = steps.next() else { return None };
        let element = data_set.elements.iter().find(|element| matches_reference(element, reference, data_set))?;
        match steps.next() {
            None => return Some(Found { element, place, charset }),
            Some(PathStep::Item(item_idx)) => {
                let Value::Items(items) = &element.value else { return Some(Found { element, place, charset }) };
                data_set = items.get(*item_idx as usize)?;
                place = place.item(data_set);
                charset = charset_of(data_set, &charset);
            }
            Some(PathStep::Element(_)) => return None,
        }
    }
}

fn matches_reference(element: &Element<'_>, reference: &ElementReference, data_set: &DataSet<'_>) -> bool {
    match reference {
        ElementReference::Tag { group, element: number } => element.tag == Tag::new(*group, *number),
        ElementReference::Private { group, creator, element: low } => {
            element.tag.group == *group
                && element.tag.element & 0xff == u16::from(*low)
                && data_set.private_creator(element.tag).as_deref() == Some(creator.trim())
        }
    }
}

fn charset_of(data_set: &DataSet<'_>, parent: &Charset) -> Charset {
    data_set.bytes(Tag::CHARSET).map_or_else(|| parent.clone(), Charset::parse)
}

/// All text under an element, its items' included.
pub(crate) fn text_under(found: &Found<'_, '_>) -> String {
    match &found.element.value {
        Value::Bytes(_) => element_text(found.element, found.place, &found.charset),
        Value::Items(items) => {
            let mut texts = Vec::new();
            for item in items {
                visit(found.place.item(item), &found.charset, &mut |_, text| texts.push(text));
            }
            texts.join("\n")
        }
    }
}

/// Every value of a file but its pixels, ready to be searched.
pub(crate) fn all_texts(instance: &Instance<'_>) -> AllTexts {
    let mut texts = AllTexts::default();
    for data_set in [&instance.meta, &instance.data_set] {
        visit(Place::root(data_set, instance.big_endian), &Charset::default(), &mut |element, text| {
            if element.tag != Tag::PIXEL_DATA {
                texts.add(&text);
            }
        });
    }
    texts
}

fn visit(place: Place<'_>, parent: &Charset, see: &mut impl FnMut(&Element<'_>, String)) {
    let charset = charset_of(place.data_set, parent);
    for element in &place.data_set.elements {
        match &element.value {
            Value::Items(items) => items.iter().for_each(|item| visit(place.item(item), &charset, see)),
            Value::Bytes(_) if is_picture(element.tag) => {}
            Value::Bytes(_) => see(element, element_text(element, place, &charset)),
        }
    }
}

/// Pixels, overlay planes and float pixels: planted text there is not text any more.
fn is_picture(tag: Tag) -> bool {
    tag.group == 0x7fe0 || tag.group & 0xff00 == 0x6000 && tag.element == 0x3000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_of_no_stated_kind_are_read_in_the_declared_character_set_as_well() {
        let text = |charset: &[u8], bytes: &[u8]| any_text(bytes, &Charset::parse(charset));
        assert_eq!(text(b"ISO_IR 192", "é".as_bytes()), "é");
        assert_eq!(text(b"", b"\xe9"), "é");
        assert_eq!(text(b"ISO_IR 144", b"\xbb\xee"), "»î\nЛю");
        assert!(text(b"\\ISO 2022 IR 87", b"\x1b$B;3ED\x1b(B").ends_with("\n山田"));
    }

    #[test]
    fn numbers_of_the_dictionarys_choice_have_the_sign_of_the_pixels() {
        let representation = |signed: u8| Element {
            tag: Tag::new(0x0028, 0x0103),
            vr: None,
            value: Value::Bytes(if signed == 1 { &[1, 0] } else { &[0, 0] }),
            offset: 0,
            n_bytes: 2,
            undefined_length: false,
        };
        let palette = || Element {
            tag: Tag::new(0x0028, 0x1101),
            vr: None,
            value: Value::Bytes(&[0, 1, 0xff, 0xff, 16, 0]),
            offset: 0,
            n_bytes: 6,
            undefined_length: false,
        };
        for (signed, expected) in [(0, "256\\65535\\16"), (1, "256\\-1\\16")] {
            let data_set = DataSet { elements: vec![representation(signed), palette()] };
            let text = element_text(&data_set.elements[1], Place::root(&data_set, false), &Charset::default());
            assert_eq!(text, expected);
        }
    }
}

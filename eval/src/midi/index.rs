//! The index of one output file: every attribute by its lookup key, its value printed when it is asked for.

use super::choice::{Place, settle};
use super::key::QuickMap;
use super::render::{Surroundings, effective_vr, value_text};
use crate::reader::{Charset, DataSet, Element, Instance, Tag, Value, dictionary};
use md5::{Digest, Md5};
use std::cell::OnceCell;
use std::fmt::Write as _;
use std::ops::Range;

/// The printed value of pixel data and overlay data.
pub(crate) const BULK_MARK: &str = "<REMOVED>";

/// The header attributes that the official scorer cannot do without: modality, SOP class, patient, study,
/// series, instance.
const IDENTITY: [&str; 6] =
    ["<(0008,0060)>", "<(0008,0016)>", "<(0010,0020)>", "<(0020,000d)>", "<(0020,000e)>", "<(0008,0018)>"];

/// An attribute where it stands.
struct Indexed<'i> {
    element: &'i Element<'i>,
    place: Place<'i>,
    /// Which of the index's character sets holds here.
    charset_idx: usize,
    printed: OnceCell<String>,
}

/// The attributes of a file in their order, their lookup keys in one text.
pub(crate) struct ElementList<'i, 'a> {
    keys: String,
    elements: Vec<(Range<usize>, Indexed<'i>)>,
    charsets: Vec<Charset>,
    instance: &'i Instance<'a>,
    pixel_digest: OnceCell<String>,
    has_unsettled: bool,
}

impl<'i, 'a> ElementList<'i, 'a> {
    /// Lists a file that was taken apart; group 0002 is left out, as by the official scorer.
    pub(crate) fn new(instance: &'i Instance<'a>) -> Self {
        let mut list = Self {
            keys: String::new(),
            elements: Vec::with_capacity(2 * instance.data_set.elements.len()),
            charsets: vec![Charset::default()],
            instance,
            pixel_digest: OnceCell::new(),
            has_unsettled: false,
        };
        list.add(Place::root(&instance.data_set, instance.big_endian), 0..0, 0);
        list
    }

    fn add(&mut self, place: Place<'i>, parent: Range<usize>, parents_charset: usize) {
        let data_set = place.data_set;
        let charset_idx = match data_set.bytes(Tag::CHARSET) {
            Some(value) => {
                self.charsets.push(Charset::parse(value));
                self.charsets.len() - 1
            }
            None => parents_charset,
        };
        for element in &data_set.elements {
            let start = self.keys.len();
            self.keys.extend_from_within(parent.clone());
            push_lookup_key(&mut self.keys, element.tag, data_set);
            let key = start..self.keys.len();
            self.has_unsettled |= settle(element, place).is_err();
            let indexed = Indexed { element, place, charset_idx, printed: OnceCell::new() };
            self.elements.push((key.clone(), indexed));
            if let Value::Items(items) = &element.value {
                for (item_idx, item) in items.iter().enumerate() {
                    let start = self.keys.len();
                    self.keys.extend_from_within(key.clone());
                    write!(self.keys, "[<{item_idx:04}>]").expect("a String takes any text");
                    self.add(place.item(item), start..self.keys.len(), charset_idx);
                }
            }
        }
    }

    /// Where each lookup key stands; of attributes with the same key the last counts.
    pub(crate) fn places(&self) -> QuickMap<&str, usize> {
        self.elements.iter().enumerate().map(|(at, (key, _))| (&self.keys[key.clone()], at)).collect()
    }
}

/// What the scorer knows of one output file.
pub(crate) struct FileIndex<'l, 'i, 'a> {
    list: &'l ElementList<'i, 'a>,
    places: QuickMap<&'l str, usize>,
}

impl<'l, 'i, 'a> FileIndex<'l, 'i, 'a> {
    pub(crate) fn new(list: &'l ElementList<'i, 'a>) -> Self {
        Self { list, places: list.places() }
    }

    /// The lookup keys of all attributes.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &'l str> {
        self.places.keys().copied()
    }

    /// The printed value of an attribute, wrapped in `<` and `>`.
    pub(crate) fn value(&self, key: &str) -> Option<&'l str> {
        let (_, indexed) = &self.list.elements[*self.places.get(key)?];
        Some(indexed.printed.get_or_init(|| self.print(indexed)))
    }

    fn print(&self, indexed: &Indexed<'i>) -> String {
        let Indexed { element, place, .. } = indexed;
        if is_bulk(element) {
            return BULK_MARK.to_owned();
        }
        if matches!(element.value, Value::Bytes(_)) && effective_vr(element, place.data_set) == "SQ" {
            // An empty sequence of a file that states no representations.
            return "<[]>".to_owned();
        }
        let charset = &self.list.charsets[indexed.charset_idx];
        format!("<{}>", value_text(element, &Surroundings { place: *place, charset }))
    }

    /// MD5 of the pixel data as it stands, or the text `None`.
    pub(crate) fn pixel_digest(&self) -> &'l str {
        self.list.pixel_digest.get_or_init(|| pixel_digest(&self.list.instance.data_set))
    }

    /// Modality, SOP class, patient, study, series, instance: wrapped; absent attributes are absent.
    pub(crate) fn identity(&self) -> [Option<&'l str>; 6] {
        IDENTITY.map(|key| self.value(key))
    }

    /// Whether pydicom cannot read the file without an error: then the official scorer writes no result at all.
    pub(crate) fn is_fatal_to_official(&self) -> bool {
        self.list.has_unsettled || self.identity().iter().any(Option::is_none)
    }

    /// The file that is indexed.
    pub(crate) fn instance(&self) -> &'i Instance<'a> {
        self.list.instance
    }

    /// The attribute itself.
    pub(crate) fn element(&self, key: &str) -> Option<&'i Element<'i>> {
        self.places.get(key).map(|&at| self.list.elements[at].1.element)
    }
}

/// Pixel data and overlay data, which the official scorer knows by their names, at any depth.
pub(crate) fn is_bulk(element: &Element<'_>) -> bool {
    let tag = element.tag;
    !tag.is_private()
        && (tag.group == 0x7fe0 || tag.group & 0xff00 == 0x6000)
        && dictionary::element(tag).is_some_and(|entry| matches!(entry.name, "Pixel Data" | "Overlay Data"))
}

fn pixel_digest(data_set: &DataSet<'_>) -> String {
    match data_set.bytes(Tag::PIXEL_DATA) {
        Some(bytes) => Md5::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect(),
        None => "None".to_owned(),
    }
}

/// `<(gggg,eeee)>`, or `<(gggg,"CREATOR",ee)>` for a private attribute whose creator is there.
fn push_lookup_key(keys: &mut String, tag: Tag, data_set: &DataSet<'_>) {
    keys.push_str("<(");
    push_hex(keys, tag.group, 4);
    match data_set.private_creator(tag) {
        Some(creator) => {
            keys.push_str(",\"");
            keys.push_str(&creator.to_uppercase());
            keys.push_str("\",");
            push_hex(keys, tag.element & 0xff, 2);
        }
        None => {
            keys.push(',');
            push_hex(keys, tag.element, 4);
        }
    }
    keys.push_str(")>");
}

/// The last digits of a number, of which a file has hundreds: `write!` is too slow for them.
fn push_hex(text: &mut String, number: u16, n_digits: u32) {
    let digits = (0..n_digits).rev().map(|place| u32::from(number >> (4 * place) & 0xf));
    text.extend(digits.filter_map(|digit| char::from_digit(digit, 16)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reader::Source;
    use serde::Deserialize;
    use std::collections::BTreeMap;

    #[derive(Deserialize)]
    struct Fixture {
        cases: Vec<Case>,
    }

    /// A file and what pydicom 2.2.1 makes of it.
    #[derive(Deserialize)]
    struct Case {
        name: String,
        /// Hexadecimal, without preamble and prefix.
        file: String,
        /// By lookup key, pixel and overlay data left out.
        #[serde(default)]
        values: BTreeMap<String, String>,
        /// What reading it ends with.
        error: Option<String>,
    }

    impl Case {
        fn source(&self) -> Source {
            let byte = |at| u8::from_str_radix(&self.file[at..at + 2], 16).expect("hexadecimal");
            let mut bytes = vec![0; 128];
            bytes.extend(b"DICM");
            bytes.extend((0..self.file.len()).step_by(2).map(byte));
            Source::new(bytes).expect("a DICOM file")
        }
    }

    #[test]
    fn open_value_representations_are_settled_as_by_pydicom_or_end_its_reading() {
        let fixture: Fixture =
            serde_json::from_str(include_str!("../../tests/fixtures/midi/open_representations.json"))
                .expect("a fixture");
        let mut n_values = 0;
        for case in &fixture.cases {
            let source = case.source();
            let instance = source.parse();
            let list = ElementList::new(&instance);
            assert_eq!(list.has_unsettled, case.error.is_some(), "{}", case.name);
            if case.error.is_some() {
                continue;
            }
            let index = FileIndex::new(&list);
            let is_shown = |key: &str| index.value(key).is_some_and(|value| value != BULK_MARK);
            assert_eq!(index.keys().filter(|key| is_shown(key)).count(), case.values.len(), "{}", case.name);
            for (key, value) in &case.values {
                assert_eq!(index.value(key), Some(&*format!("<{value}>")), "{}: {key}", case.name);
            }
            n_values += case.values.len();
        }
        assert_eq!((fixture.cases.len(), n_values), (21, 406));
    }
}
